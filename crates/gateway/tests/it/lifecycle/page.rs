//! The payer's page: opening, choosing, canceling, running out of time, and tokens that lead nowhere.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::{CREATED, EXPIRED, FAILED, OPENED, PAID, RECEIVED, assert_paid_out, assert_told};
use crate::harness::{Answer, Pay, Sandbox, page_token, units};

const DAY: u64 = 86_400;

/// Creates a hosted invoice: its number, from history, and its page's token.
async fn hosted(sandbox: &Sandbox, amount: &str) -> (i64, String) {
    let parameters = json!({ "email": "a@b.example", "amount": amount, "devise": "USD" });
    let made = sandbox.client.create(&parameters).await.ok();
    let newest = sandbox.client.history("order=DESC").await["list"][0]["id"].clone();
    (newest.as_str().unwrap().parse().unwrap(), page_token(made["redirectUrl"].as_str().unwrap()))
}

fn assert_back_to_the_page(answer: &Answer) {
    assert_eq!(answer.status, 303, "{answer:?}");
    assert!(answer.headers["location"].to_str().unwrap().starts_with("/widget/sale/create/?token="), "{answer:?}");
}

#[tokio::test]
async fn opened_chosen_and_paid() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    let (id, token) = hosted(&sandbox, "12").await;
    assert_eq!(client.status(id).await, CREATED);
    for _ in 0..3 {
        let page = client.page(&token).await;
        assert_eq!(page.status, 200);
        assert!(page.headers["content-security-policy"].to_str().unwrap().contains("default-src 'none'"), "{page:?}");
    }
    assert_eq!(client.status(id).await, OPENED);
    assert_eq!(client.row(id).await["ip"], "127.0.0.1", "the first visitor's");

    assert_back_to_the_page(&client.press(&token, "select", "WRONG_polygon").await);
    assert!(client.page(&token).await.body.contains("USDT"), "still to be chosen");
    assert_back_to_the_page(&client.press(&token, "select", "POL_polygon").await);
    assert!(client.page(&token).await.body.contains("24"), "12 dollars at half a dollar");
    assert_back_to_the_page(&client.press(&token, "select", "USDC_polygon").await);
    client.pay(id, Pay { outcome: "paid", currency: Some("USDC_polygon"), ..Pay::default() }).await;
    assert_told(&sandbox, id, &[CREATED, OPENED, RECEIVED, PAID]).await;
    assert_paid_out(&sandbox, "USDC", units("11.88", 6), units("0.12", 6)).await;
    let page = client.page(&token).await;
    assert!(page.body.contains("Paid and completed") && page.body.contains("/service/pay/success/"), "{}", page.body);
    sandbox.audit();
}

#[tokio::test]
async fn canceled_by_many_at_once() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    let (id, token) = client.sell("10", "USDT_polygon").await;
    let answers = futures_util::future::join_all((0..10).map(|_| client.press(&token, "cancel", ""))).await;
    answers.iter().for_each(assert_back_to_the_page);
    assert_told(&sandbox, id, &[CREATED, OPENED, FAILED]).await;
    let infos = client.infos(id).await;
    assert_eq!(infos["description"], "The customer canceled the payment");
    assert_eq!(client.row(id).await["status"], "FAILED");
    assert!(client.page(&token).await.body.contains("You canceled this payment"));
    assert_back_to_the_page(&client.press(&token, "cancel", "").await);

    // it was on its way all the same: the merchant gets it, the invoice stays as it is
    client.pay(id, Pay { outcome: "paid", ..Pay::default() }).await;
    assert_paid_out(&sandbox, "USDT", units("9.9", 6), units("0.1", 6)).await;
    assert_told(&sandbox, id, &[CREATED, OPENED, FAILED]).await;
    sandbox.audit();
}

#[tokio::test]
async fn not_canceled_once_money_is_seen() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    let (id, token) = client.sell("10", "USDT_polygon").await;
    client.pay(id, Pay { outcome: "short", ..Pay::default() }).await;
    assert_paid_out(&sandbox, "USDT", units("4.95", 6), units("0.05", 6)).await;
    assert_back_to_the_page(&client.press(&token, "cancel", "").await);
    assert_told(&sandbox, id, &[CREATED, OPENED]).await;
}

#[tokio::test]
async fn fourteen_days_and_no_longer() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    let (created, page) = hosted(&sandbox, "10").await;
    let (opened, opened_page) = client.sell("10", "USDT_polygon").await;
    let (paid, _) = client.sell("10", "USDT_polygon").await;
    client.pay(paid, Pay { outcome: "paid", ..Pay::default() }).await;
    client.status_becomes(paid, PAID).await;
    client.advance(14 * DAY - 60).await;
    client.mine(2).await;
    assert_eq!(client.status(created).await, CREATED);
    assert_eq!(client.status(opened).await, OPENED);
    client.advance(61).await;
    assert_told(&sandbox, created, &[CREATED, EXPIRED]).await;
    assert_told(&sandbox, opened, &[CREATED, OPENED, EXPIRED]).await;
    assert_eq!(client.status(paid).await, PAID);
    assert_eq!(client.infos(opened).await["description"], "The invoice has expired without a payment");
    for token in [page, opened_page] {
        let page = client.page(&token).await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains("This invoice has expired"), "{}", page.body);
        assert!(!page.body.contains("id=\"address\""), "no address is shown any more: {}", page.body);
        for action in ["select", "quote", "cancel"] {
            assert_back_to_the_page(&client.press(&token, action, "USDT_polygon").await);
        }
    }
    assert_told(&sandbox, created, &[CREATED, EXPIRED]).await;
    sandbox.audit();
}

/// A price that is not at par holds for a while; then there is a new one, at the page's own request.
#[tokio::test]
async fn a_price_runs_out() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    let (id, token) = client.sell("10", "POL_polygon").await;
    assert!(!client.page(&token).await.body.contains("This price has run out"));
    client.advance(31 * 60).await;
    assert!(client.page(&token).await.body.contains("This price has run out"));
    assert_back_to_the_page(&client.press(&token, "quote", "").await);
    assert!(!client.page(&token).await.body.contains("This price has run out"));
    client.pay(id, Pay { outcome: "paid", ..Pay::default() }).await;
    assert_told(&sandbox, id, &[CREATED, OPENED, RECEIVED, PAID]).await;
    sandbox.audit();
}

#[tokio::test]
async fn made_up_tokens() {
    let shared = Sandbox::shared().await;
    let client = &shared.client;
    let (_, one) = client.sell("10", "USDT_polygon").await;
    let (_, two) = client.sell("10", "USDT_polygon").await;
    let other = shared.sandbox.ready_merchant(&shared.client, &["--s2s"]);
    let (_, theirs) = other.client.sell("10", "USDT_polygon").await;
    let bytes = |token: &str| STANDARD.decode(token).unwrap();
    let mixed = |head: &str, tail: &str| STANDARD.encode([&bytes(head)[..16], &bytes(tail)[16..]].concat());
    let mut turned = bytes(&one);
    turned[0] ^= 1;
    let tokens = [
        String::new(),
        "x".into(),
        "1".into(),
        STANDARD.encode([7_u8; 32]),
        STANDARD.encode(&bytes(&one)[..31]),
        STANDARD.encode(turned),
        mixed(&one, &two),
        mixed(&one, &theirs),
        mixed(&theirs, &one),
        "../../etc/passwd".into(),
        "' OR 1=1 --".into(),
    ];
    for token in &tokens {
        let page = client.page(token).await;
        assert_eq!(page.status, 404, "{token}");
        assert!(page.headers["content-type"].to_str().unwrap().starts_with("text/html"));
        for action in ["select", "quote", "cancel"] {
            assert_eq!(client.press(token, action, "USDT_polygon").await.status, 404, "{token} {action}");
        }
    }
    assert_eq!(client.get("/widget/sale/create/").await.status, 404);
    for token in [one, two, theirs] {
        assert_eq!(client.page(&token).await.status, 200);
    }
}

/// The pages a payer returns to when the merchant has none.
#[tokio::test]
async fn result_pages() {
    let shared = Sandbox::shared().await;
    for path in ["/service/pay/success/", "/service/pay/cancel/", "/service/pay/pending/", "/service/pay/success"] {
        let page = shared.client.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.body.contains("<html"), "{path}");
    }
}
