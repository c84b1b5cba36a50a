//! Cards at a live gateway: without the operator's named PCI mode nobody's number is taken, with it only the provider sees it.

use serde_json::json;

use super::nowhere::{CODE, assert_is_clean};
use crate::harness::*;
use crate::live::Live;

const WALLET_OF_SHOP: &str = "0x1111111111111111111111111111111111111111";

/// A live gateway whose merchant has an account at the provider behind `url`.
async fn shop(name: &str, more: &str, url: &str) -> (Live, Client) {
    let mut live = Live::new(name, more);
    live.said(&["migrate"]);
    let make = ["merchant", "create", "--name", "S", "--email", "s@example.com", "--s2s", "--wallet", WALLET_OF_SHOP];
    let made = live.said(&make);
    let key = made.lines().find_map(|line| line.strip_prefix("API key, shown only now: ")).unwrap().to_owned();
    live.said(&["merchant", "ip", "add", "1", "127.0.0.1"]);
    std::fs::write(live.dir.join("secret"), "sk_test_0123456789").unwrap();
    let secret = format!("secret_key=file:{}", live.dir.join("secret").display());
    let public = "publishable_key=pk_test_0123456789";
    let add = ["provider", "add", "stripe", "--merchant", "1", "--secret", &secret, "--set", public, "--base-url", url];
    let said = live.said(&add);
    let account = said.strip_prefix("Account ").and_then(|rest| rest.split(' ').next()).unwrap().to_owned();
    live.said(&["provider", "route", "1", "card", &account]);
    live.serve().await;
    let client = Client::new(&live.base_url, &key);
    (live, client)
}

fn sale() -> serde_json::Value {
    let mut sale = card_sale(APPROVED);
    (sale["card_expiry_date"], sale["card_ccv"]) = ("12/2040".into(), CODE.into());
    sale
}

fn assert_left_nothing(live: &Live) {
    assert_is_clean("the database", &contents(&live.dir.join("data")));
    assert_is_clean("log", &std::fs::read(live.dir.join("log")).unwrap());
}

/// A live gateway checks the month, also where the card is dropped afterwards.
async fn assert_checks_the_month(client: &Client) {
    let mut past = sale();
    past["card_expiry_date"] = "02/2025".into();
    let answer = client.create(&past).await.ok();
    assert_eq!((&answer["errorCode"], &answer["errorMessage"]), (&json!(50014), &json!("invalid card_expiry_date")));
}

#[tokio::test]
async fn without_the_pci_mode_the_payer_goes_to_the_provider() {
    let provider = Receiver::start(|_| Reply::Status(500)).await;
    let (live, client) = shop("cards", "", &provider.url).await;
    assert_checks_the_month(&client).await;
    let made = client.create(&sale()).await.ok();
    assert_eq!((&made["errorCode"], &made["status"], &made["ID"]), (&json!(0), &json!(OPENED), &json!(1)), "{made}");
    let url = made["redirectUrl"].as_str().unwrap();
    let page = client.visit(url).await;
    assert_eq!(shown(&page), "card-start", "{}", page.body);
    assert!(!page.body.contains("name=\"number\""), "no card is asked for here");
    // who posts one all the same is not read
    let entry = [("action", "pay-card"), ("number", APPROVED), ("expiry", "12/40"), ("code", CODE), ("holder", "J S")];
    client.follow(&client.fill_in(&page_token(url), &entry).await).await;
    let asked = provider.wait_for(1).await;
    assert!(asked.iter().all(|request| !request.body.contains(APPROVED)), "{asked:?}");
    assert_left_nothing(&live);
}

#[tokio::test]
async fn with_the_pci_mode_only_the_provider_sees_it() {
    let provider = Receiver::start(|_| Reply::Status(500)).await;
    let (live, client) = shop("pci", "[cards]\npci_mode = \"pci-dss-saq-d-service-provider\"", &provider.url).await;
    assert_checks_the_month(&client).await;
    let made = client.create(&sale()).await.ok();
    assert_eq!((&made["status"], &made["ID"]), (&json!(OPENED), &json!(1)), "{made}");
    let sent = |request: &Received| request.body.contains(APPROVED);
    let asked = provider.received().into_iter().find(sent).expect("the search would find it");
    assert!(asked.body.contains(CODE));
    // the provider's answer says nothing of what it did: nobody pays again
    let page = client.visit(made["redirectUrl"].as_str().unwrap()).await;
    assert_eq!(shown(&page), "processing");
    assert_eq!(provider.received().iter().filter(|request| sent(request)).count(), 1);
    let mut wrong = sale();
    wrong["name"] = APPROVED.into();
    client.create(&wrong).await.ok();
    assert_left_nothing(&live);
}
