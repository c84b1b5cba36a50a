//! A refund from the merchant's own wallet from the first click to the last: nobody sits at a command line.

use domain::Time;
use domain::access::Role;
use domain::coin_refund::State;
use gateway::store::{StoreError, Tx, memberships, merchants, users};
use rails::evm::sign::GasKey;
use reqwest::Method;
use serde_json::{Value, json};

use super::wallet::pay;
use super::{Desk, OTHER};
use crate::harness::*;
use crate::treasury::PAYER;

/// What the page shows to be copied.
fn copied(page: &Answer, id: &str) -> String {
    let start = format!("<code id=\"{id}\" dir=\"ltr\">");
    let (_, rest) = page.body.split_once(&start).unwrap_or_else(|| panic!("no {id}: {}", page.body));
    rest.split('<').next().unwrap().to_owned()
}

/// The sandbox's person works for this merchant too, and looks at it.
async fn works_for(sandbox: &Sandbox, number: &str) -> Visitor {
    let email = sandbox.file["merchant_login"]["email"].as_str().unwrap().to_owned();
    let nth: i64 = number.parse().unwrap();
    let join = move |tx: &Tx<'_>| {
        let (user, shop) = (users::by_email(tx, &email)?.unwrap(), merchants::by_number(tx, nth)?.unwrap());
        memberships::insert(tx, &shop.id, &user.id, Role::Owner, Time(0))
    };
    let joined = sandbox.database().store.write(join).await;
    assert!(joined.map_err(|error: StoreError| error).unwrap());
    let person = Visitor::signed_in(&sandbox.client, &sandbox.file, "merchant_login").await;
    assert_eq!(person.post("/client/", "/account/look", &[("merchant", number)]).await.location(), "/client/");
    person
}

#[tokio::test]
async fn asked_paid_and_named_in_the_browser() {
    let sandbox = Sandbox::start().await;
    let (key, chain) = (GasKey::from_hex(&"52".repeat(32)).unwrap(), Chain::of(&sandbox));
    let wallet = key.address().to_string();
    let merchant = sandbox.new_merchant(&sandbox.client, &["--s2s", "--wallet", &wallet]);
    sandbox.allow(&merchant, "127.0.0.1");
    // coins for gas, and more than what is given back
    let mut sold = Vec::new();
    for coin in ["POL_polygon", "USDC_polygon"] {
        let (id, _) = merchant.client.sell("10", coin).await;
        merchant.client.pay(id, Pay { outcome: "over", ..Pay::default() }).await;
        merchant.client.status_becomes(id, PAID).await;
        sold.push(id);
    }
    let (desk, person) = (Desk::of(&sandbox), works_for(&sandbox, &merchant.number).await);
    let here = format!("/client/invoices/{}", sold[1]);
    let wanted = [("of", "coins:USDC_polygon:merchant_wallet"), ("amount", "1")];
    assert_eq!(person.post(&here, &format!("{here}/refund"), &wanted).await.location(), here);
    let (link, refund) = desk.link().await;
    let path = format!("{here}/refunds/{refund}");
    assert!(person.get(&here).await.body.contains(&format!("href=\"{path}\"")));
    assert!(!person.get(&path).await.body.contains("id=\"pay-to\""), "the payer has not said where to");
    // his server mails the link again, once under its key
    let again = || {
        let at = format!("/api/v1/invoices/{}/refunds/{refund}/mail/", sold[1]);
        let request = merchant.client.request(Method::POST, &at).header("Idempotency-Key", "again");
        merchant.client.send(request.header("Content-Type", "application/json").body("{}"))
    };
    for _ in 0..2 {
        let answer = again().await.ok();
        assert_eq!(answer["refund"]["state"], "asked", "{answer}");
    }
    let mails = sandbox.client.get("/sandbox/mails").await.ok()["mails"].as_array().unwrap().clone();
    assert_eq!(mails.iter().filter(|mail| mail["body"].as_str().unwrap().contains("/refund/")).count(), 2);
    assert_eq!(desk.visit(&link).await.status, 404, "replaced");
    let (link, same) = desk.link().await;
    assert_eq!(same, refund);
    assert_eq!(desk.post(&link, "confirm", PAYER).await.status, 303);

    let page = person.get(&path).await;
    assert!(page.body.contains("class=\"qr\"") && page.body.contains("href=\"ethereum:0x"), "{page:?}");
    let (to, contract) = (copied(&page, "pay-to"), copied(&page, "pay-contract"));
    assert_eq!((to.as_str(), copied(&page, "pay-from")), (PAYER, wallet));
    assert_eq!(contract, Chain::token("USDC"));
    let units = units(&copied(&page, "pay-amount"), 6);
    assert_eq!(units, 1_000_000);
    let call = |to: &str| -> Value {
        let data = rails::evm::token::transfer_call(to.parse().unwrap(), units);
        json!({ "chainId": "0x7a69", "to": contract, "value": "0x0", "data": data.to_string() })
    };
    // the same by API, and for nobody else
    let listed = merchant.client.get(&format!("/api/v1/invoices/{}/refunds/", sold[1])).await.ok();
    let one = &listed["refunds"][0];
    assert_eq!((&one["state"], &one["to"]), (&json!("confirmed"), &json!(PAYER)), "{listed}");
    assert_eq!(one["pay"]["data"], call(PAYER)["data"]);
    for act in ["mail", "cancel", "paid"] {
        let of = |number: i64| format!("/api/v1/invoices/{number}/refunds/{refund}/{act}/");
        let body = json!({ "tx_hash": format!("0x{}", "ab".repeat(32)) });
        for answer in
            [sandbox.client.post_json(&of(sold[1]), &body).await, merchant.client.post_json(&of(sold[0]), &body).await]
        {
            assert_eq!(answer.ok()["errorCode"], 50011, "{act}");
        }
    }
    let early = format!("/api/v1/invoices/{}/refunds/{refund}/cancel/", sold[1]);
    assert_eq!(merchant.client.post_json(&early, &json!({})).await.ok()["errorCode"], 50017);

    let name = async |hash: &str| person.post(&path, &format!("{path}/paid"), &[("tx", hash)]).await;
    let refused = name("0x12").await;
    assert!(refused.status == 422 && refused.body.contains("This is no transaction hash"), "{refused:?}");
    // a transaction that pays somebody else
    let wrong = pay(&chain, &key, 0, &call(OTHER)).await;
    assert_eq!(name(&wrong).await.location(), path);
    sandbox.client.mine(20).await;
    let look = || async { person.get(&path).await.body };
    let page = wait_until("it is no proof", look, |body: &String| body.contains("does not count")).await;
    assert!(page.contains(&wrong) && page.contains("exactly this amount from your wallet"), "{page}");
    let right = pay(&chain, &key, 1, &call(PAYER)).await;
    assert_eq!(name(&right).await.location(), path);
    sandbox.client.mine(20).await;
    let row = desk.becomes(&refund, State::Done).await;
    assert_eq!((row.tx_hash.as_deref(), row.note), (Some(right.as_str()), None));
    let page = person.get(&path).await;
    assert!(page.body.contains("The coins have arrived.") && page.body.contains(&right), "{page:?}");
    assert_eq!(name(&right).await.status, 303, "the same again is no news");
    assert_eq!(name(&wrong).await.status, 422, "it is over");
    let page = desk.visit(&link).await;
    assert_eq!((page.status, shown(&page)), (200, "refund-done"));
    sandbox.audit();
}
