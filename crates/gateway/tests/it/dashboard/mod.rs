//! The dashboard of the real program. Each page by each role: `crates/gateway/src/dashboard/tests/`.

mod payouts;

use crate::harness::{Sandbox, Visitor};

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
