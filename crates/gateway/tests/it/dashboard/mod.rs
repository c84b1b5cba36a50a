//! The dashboard of the real program. Each page by each role: `crates/gateway/src/dashboard/tests/`.

mod payouts;
mod stopped;
mod ways_to_pay;

use crate::harness::{Pay, Sandbox, Visitor, wait_until};

#[tokio::test]
async fn the_sandboxs_people_sign_in_and_out() {
    let shared = Sandbox::shared().await;
    let file = &shared.sandbox.file;
    let merchant = Visitor::signed_in(&shared.client, file, "merchant_login").await;
    let home = merchant.get("/client/").await;
    assert!(home.status == 200 && home.body.contains("Sandbox shop"), "{home:?}");
    assert_eq!(merchant.get("/operator/").await.status, 403);
    let operator = Visitor::signed_in(&shared.client, file, "operator_login").await;
    assert_eq!(operator.get("/operator/").await.status, 200);
    let merchants = operator.get("/operator/merchants").await;
    assert!(merchants.status == 200 && merchants.body.contains("Sandbox shop"), "{merchants:?}");
    let number = file["merchant_number"].to_string();
    let look = operator.post("/operator/", "/account/look", &[("merchant", &number)]).await;
    assert_eq!(look.location(), "/client/");
    assert!(operator.get("/client/").await.body.contains("support-mark"));
    assert_eq!(merchant.post("/client/", "/logout", &[]).await.location(), "/login");
    assert_eq!(merchant.get("/client/").await.location(), "/login?next=%2Fclient%2F");
}

#[tokio::test]
async fn somebody_signs_up_and_confirms_from_the_mailbox() {
    let shared = Sandbox::shared().await;
    let visitor = Visitor::new(&shared.client);
    let email = format!("new-{}@company.example", std::process::id());
    let fields = [
        ("email", email.as_str()),
        ("company", "Tea & more"),
        ("new-password", "a long enough password"),
        ("again", "a long enough password"),
    ];
    assert_eq!(visitor.post("/signup", "/signup", &fields).await.status, 200);
    let mails = shared.client.get("/sandbox/mails").await.ok();
    let mail =
        mails["mails"].as_array().unwrap().iter().rev().find(|mail| mail["to"] == email.as_str()).unwrap().clone();
    let mailbox = visitor.get("/sandbox/mailbox").await;
    assert!(mailbox.status == 200 && mailbox.body.contains("/confirm?token="), "{mailbox:?}");
    let body = mail["body"].as_str().unwrap();
    let link = body.split_whitespace().find(|word| word.contains("/confirm?token=")).unwrap();
    let path = link.strip_prefix(&shared.client.base).unwrap();
    let token = path.split_once("token=").unwrap().1.to_owned();
    let fields = [("token", token.as_str()), ("password", "a long enough password")];
    assert_eq!(visitor.post(path, "/confirm", &fields).await.location(), "/client/");
    assert!(visitor.get("/client/").await.body.contains("Tea &#38; more"));
}

#[tokio::test]
async fn an_operator_is_made_at_the_command_line() {
    let shared = Sandbox::shared().await;
    let email = format!("boss-{}@lockgate.example", std::process::id());
    let made = shared.sandbox.said(&["user", "add-operator", &email]);
    let link = made.split_whitespace().find(|word| word.contains("/reset?token=")).unwrap_or_else(|| panic!("{made}"));
    let path = link.strip_prefix(&shared.client.base).unwrap();
    let (visitor, token) = (Visitor::new(&shared.client), path.split_once("token=").unwrap().1);
    let fields = [("token", token), ("new-password", "a long enough password"), ("again", "a long enough password")];
    assert_eq!(visitor.post(path, "/reset", &fields).await.location(), "/login");
    assert_eq!(visitor.log_in(&email, "a long enough password").await.location(), "/operator/");
}

/// What payers may choose, and the receipt that goes out by itself, with the program's own worker.
#[tokio::test]
async fn payers_see_the_coins_that_are_on_and_get_a_receipt_when_they_have_paid() {
    // one of its own: others have receipts and coins as they were
    let sandbox = Sandbox::start().await;
    let (client, page) = (&sandbox.client, "/client/profile/branding");
    let merchant = Visitor::signed_in(client, &sandbox.file, "merchant_login").await;
    let shown = merchant.get(page).await;
    let codes: Vec<&str> =
        shown.body.split("name=\"coin\" value=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(codes.len() > 1 && codes.contains(&"USDT_polygon"), "{codes:?}");
    let rest: Vec<(&str, &str)> =
        codes.iter().filter(|code| **code != "USDT_polygon").map(|code| ("coin", *code)).collect();
    let on = [&["card", "upi", "coins"].map(|way| ("way", way))[..], &rest].concat();
    assert_eq!(merchant.post_shown(&shown, &format!("{page}/ways"), &on).await.status, 303);
    let ways = [("lang", "es"), ("receipts", "1")];
    assert_eq!(merchant.post_shown(&shown, &format!("{page}/payers"), &ways).await.status, 303);

    let (hosted, token) = client.hosted_over("15.04").await;
    let offers = client.page(&token).await;
    assert!(
        !offers.body.contains("value=\"USDT_polygon\"") && offers.body.contains(&format!("value=\"{}\"", rest[0].1))
    );
    // whatever a page posts
    client.press(&token, "select", "USDT_polygon").await;
    assert!(!client.page(&token).await.body.contains("id=\"address\""));
    client.press(&token, "select", rest[0].1).await;
    assert!(client.page(&token).await.body.contains("id=\"address\""));
    // the merchant itself names the coin of this one
    let (id, token) = client.sell("15.04", "USDT_polygon").await;
    assert!(client.page(&token).await.body.contains("id=\"address\""));

    client.pay(id, Pay { outcome: "paid", ..Pay::default() }).await;
    let mails = || async {
        let all = client.get("/sandbox/mails").await.ok()["mails"].as_array().unwrap().clone();
        all.into_iter().filter(|mail| mail["to"] == "customer@shop.example").collect::<Vec<_>>()
    };
    let sent = wait_until("a receipt", mails, |sent: &Vec<serde_json::Value>| !sent.is_empty()).await;
    assert_eq!(sent[0]["subject"], format!("Recibo de la factura {id} de Sandbox shop"), "{sent:?}");
    assert_eq!(sent[0]["file"], format!("receipt-{id}.pdf"));
    let file = merchant.get(&format!("/sandbox/mailbox/{}", sent[0]["seq"])).await;
    assert!(file.status == 200 && file.headers["content-type"] == "application/pdf", "{:?}", file.headers);
    let invoice = merchant.get(&format!("/client/invoices/{id}")).await;
    assert!(invoice.body.contains("sent the receipt to the payer"));
    // the open one: by hand, and it is not paid, so that nothing else was sent
    let path = format!("/client/invoices/{hosted}");
    assert_eq!(merchant.post(&path, &format!("{path}/mail"), &[]).await.location(), path);
    let sent = mails().await;
    let subjects: Vec<&str> = sent.iter().map(|mail| mail["subject"].as_str().unwrap()).collect();
    assert_eq!(subjects[1..], [format!("Factura {hosted} de Sandbox shop")]);
    let body = sent[1]["body"].as_str().unwrap();
    let link = body.lines().find(|line| line.starts_with("http")).unwrap();
    assert!(merchant.get(link.strip_prefix(&client.base).unwrap()).await.body.contains("<html lang=\"es\""));
}
