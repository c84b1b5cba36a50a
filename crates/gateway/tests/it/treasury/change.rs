//! Another treasury: it waits, it is announced, and what is under way from the old one is seen to its end.

use domain::transfer::State;
use serde_json::{Value, json};

use super::offline::{Desk, OFFLINE};
use super::{PAYER, assert_received, beside};
use crate::harness::{Sandbox, wait_until};

const DAY: u64 = 86_400;
const ANOTHER: &[(&str, &str)] = &[("--treasury", "hot:2")];

async fn deposit(sandbox: &Sandbox, amount: &str) -> Value {
    let order = json!({ "asset": "USDC_polygon", "amount": amount });
    sandbox.client.post_json("/sandbox/treasury/deposits", &order).await.ok()
}

#[tokio::test]
async fn another_treasury_waits_a_day() {
    let mut sandbox = Sandbox::start().await;
    let old = sandbox.file["treasury"].clone();
    let first = beside(&sandbox).await.refund(1_000_000, PAYER).await;
    beside(&sandbox).await.becomes(&first, State::Done).await;
    sandbox.restart_with(ANOTHER).await;
    assert_eq!(sandbox.file["treasury"], old, "merchants send to the old one");
    assert_eq!(deposit(&sandbox, "3").await["to"], old);
    let waiting = beside(&sandbox).await;
    let second = waiting.refund(2_000_000, PAYER).await;
    let noted = wait_until("it waits", || waiting.transfer(&second), |row| row.note.is_some()).await;
    assert!(noted.state == State::Reserved && noted.note.unwrap().contains("becomes the treasury on"));
    let shown = sandbox.said(&["treasury", "show"]);
    assert!(
        shown.contains("CHANGE: ") && shown.contains(&format!("the treasury is {}", old.as_str().unwrap())),
        "{shown}"
    );
    sandbox.said(&["treasury", "cancel-change"]);
    assert!(!sandbox.run(&["treasury", "cancel-change"]).status.success(), "nothing waits");
    sandbox.client.advance(DAY + 60).await;
    assert_received(&sandbox, 1_000_000).await;
    assert_eq!(deposit(&sandbox, "4").await["to"], old, "called off");

    // asked for anew, it waits anew
    sandbox.restart().await;
    sandbox.client.advance(DAY - 60).await;
    assert_eq!(deposit(&sandbox, "5").await["to"], old);
    sandbox.client.advance(120).await;
    let changed = wait_until("it is the treasury", || deposit(&sandbox, "6"), |made| made["to"] != old).await;
    assert_ne!(changed["to"], old);
    // what was set aside meanwhile goes from the new one, once it has coins
    deposit(&sandbox, "50").await;
    sandbox.client.mine(5).await;
    // refused if it is on its way already
    sandbox.run(&["transfers", "retry", second.as_str()]);
    let done = waiting.becomes(&second, State::Done).await;
    assert!(done.sender.unwrap().eq_ignore_ascii_case(changed["to"].as_str().unwrap()));
    assert_received(&sandbox, 3_000_000).await;
    let shown = sandbox.said(&["treasury", "show"]);
    assert!(shown.contains("was the treasury before, and is still followed"), "{shown}");
    let mails = sandbox.said(&["mails"]);
    assert!(mails.contains("The treasury is to change") && mails.contains("The treasury has changed"), "{mails}");
    let log = sandbox.said(&["log"]);
    for act in ["treasury.set", "treasury.change_asked", "treasury.change_canceled", "treasury.changed"] {
        assert!(log.contains(act), "{act}: {log}");
    }
}

/// Given out by the old one, and brought back when there is another already.
#[tokio::test]
async fn what_is_under_way_from_the_old_one_arrives() {
    let mut sandbox = Sandbox::start_with(OFFLINE).await;
    let old = sandbox.file["treasury"].clone();
    let (signed, sent) = {
        let beside = beside(&sandbox).await;
        let ids = (beside.refund(1_000_000, PAYER).await, beside.refund(2_000_000, PAYER).await);
        let desk = Desk(&sandbox);
        desk.export("out.json", &[]);
        desk.sign("out.json", "signed.json");
        ids
    };
    sandbox.restart_with(ANOTHER).await;
    sandbox.client.advance(DAY + 1).await;
    wait_until("another is the treasury", || deposit(&sandbox, "1"), |made| made["to"] != old).await;
    let beside = super::beside_what_sleeps(&sandbox).await;
    Desk(&sandbox).imported("signed.json");
    for id in [&signed, &sent] {
        let done = beside.becomes(id, State::Done).await;
        assert!(done.sender.unwrap().eq_ignore_ascii_case(old.as_str().unwrap()));
    }
    assert_received(&sandbox, 3_000_000).await;
}
