//! Provider accounts: off, taken away, wrongly set up, and what of them may be seen.

use domain::charge::State;
use serde_json::json;

use super::routing::{Routed, account_of};
use crate::harness::*;

#[tokio::test]
async fn accounts_that_are_off_or_none() {
    let routed = Routed::start().await;
    let (client, sandbox) = (&routed.sandbox.client, &routed.sandbox);
    let second = routed.add_working(&["--operator"]);
    routed.route("card", &[&routed.card, &second]);
    let (_, begun, bank) = client.charge_card(&card_sale(CHALLENGED)).await;
    sandbox.said(&["provider", "off", &routed.card]);
    let (_, id, _) = client.charge_card(&card_sale(APPROVED)).await;
    assert_eq!(routed.tried(id).await, [(second.clone(), State::Paid)]);
    sandbox.said(&["provider", "off", &second]);
    let sale = json!({ "email": "a@b.example", "amount": "5", "devise": "USD" });
    let (_, token) = client.hosted(&sale).await;
    assert!(!client.page(&token).await.body.contains("value=\"card\""), "card is not offered");
    client.choose(&token, "card").await;
    assert_eq!(shown(&client.pay_on_page(&token, APPROVED).await), "choose", "nor taken by who asks all the same");
    assert_eq!(client.create(&card_sale(APPROVED)).await.ok()["errorCode"], 50015);
    let mut euros = sale.clone();
    euros["devise"] = "EUR".into();
    assert_eq!(client.create(&euros).await.ok()["errorCode"], 50009, "without cards only dollars");
    // what was begun there is finished there
    client.follow(&client.press_at(&bank, "approve").await).await;
    assert_told(sandbox, begun, &[CREATED, OPENED, RECEIVED]).await;
    sandbox.said(&["provider", "on", &second]);
    let (made, _, _) = client.charge_card(&card_sale(APPROVED)).await;
    assert_eq!(made["status"], RECEIVED);
    for method in ["card", "upi"] {
        routed.route(method, &[]);
    }
    let page = client.hosted(&sale).await.1;
    let page = client.page(&page).await;
    assert!(!page.body.contains("value=\"card\"") && !page.body.contains("value=\"upi\""), "{}", page.body);
    sandbox.audit();
}

#[tokio::test]
async fn what_cannot_be_set_up() {
    let routed = Routed::start().await;
    let sandbox = &routed.sandbox;
    let other = sandbox.ready_merchant(&sandbox.client, &["--s2s"]);
    let theirs = routed.add_working(&["--merchant", &other.number]);
    let upi = account_of(sandbox, "sandbox_upi");
    let route = |accounts: &[&str]| sandbox.run(&[&["provider", "route", "1", "card"], accounts].concat());
    for (accounts, said) in [
        (&[theirs.as_str()][..], "belongs to another merchant"),
        (&[&routed.card, &theirs], "belongs to another merchant"),
        (&[upi.as_str()], "is for upi"),
        (&["acc_01M7XAD751VPPKT6AC909MMTF3"], "there is no account"),
        (&["1"], ""),
        (&[&routed.card, "--currency", "eur"], "no currency of ISO 4217"),
    ] {
        let output = route(accounts);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && text.contains(said), "{accounts:?}: {text}");
    }
    let file = format!("api_key=file:{}", sandbox.dir.join("api_key").display());
    for arguments in [
        &["nobody", "--merchant", "1"][..],
        &["sandbox_card", "--merchant", "1"],
        &["sandbox_card", "--merchant", "1", "--secret", &file],
        &["sandbox_card", "--merchant", "1", "--set", "api_key=x", "--set", "webhook_secret=x"],
        &["sandbox_card", "--merchant", "1", "--operator"],
        &["sandbox_card"],
        &["sandbox_card", "--merchant", "77", "--secret", &file, "--secret", "webhook_secret=env:PATH"],
        &[
            "sandbox_card",
            "--operator",
            "--secret",
            &file,
            "--secret",
            "webhook_secret=env:PATH",
            "--base-url",
            "http://192.0.2.1/",
        ],
        &["sandbox_card", "--operator", "--secret", &file, "--secret", "webhook_secret=env:PATH", "--set", "more=1"],
        &["own_vpa", "--operator", "--set", "vpa=shop@okbank", "--set", "payee_name=Shop"],
        &["own_vpa", "--merchant", "1", "--set", "vpa=shop", "--set", "payee_name=Shop"],
    ] {
        assert!(!sandbox.run(&[&["provider", "add"], arguments].concat()).status.success(), "{arguments:?}");
    }
    // the other merchant's payers do not reach the operator's accounts unless routed there, and ours not his
    assert_eq!(other.client.create(&card_sale(APPROVED)).await.ok()["errorCode"], 50015);
    let (_, id, _) = sandbox.client.charge_card(&card_sale(APPROVED)).await;
    assert_eq!(routed.tried(id).await, [(routed.card.clone(), State::Paid)]);
    // secrets are sealed, and no list shows them
    let database = contents(&sandbox.dir);
    let (database, list) = (String::from_utf8_lossy(&database), sandbox.said(&["provider", "list"]));
    for secret in sandbox.database().acquirer_secrets().await {
        assert!(!list.contains(&secret) && !database.contains(&secret));
    }
    assert!(database.contains(&theirs), "the search would have found them");
}
