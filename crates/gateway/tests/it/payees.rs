//! Another wallet for a merchant waits a day, is announced, and can be called off.

use crate::harness::*;

const NEW: &str = "0x2222222222222222222222222222222222222222";

#[tokio::test]
async fn another_wallet_waits_a_day() {
    let sandbox = Sandbox::start().await;
    let shown = || sandbox.said(&["merchant", "wallet", "show", "1"]);
    let before = shown();
    let old = before.trim().rsplit(' ').next().unwrap().to_owned();
    let said = sandbox.said(&["merchant", "wallet", "set", "1", NEW]);
    assert!(said.contains(&format!("{NEW}. Until then: {old}.")) && said.contains("nothing here sends mail"), "{said}");
    assert!(!sandbox.run(&["merchant", "wallet", "set", "1", NEW]).status.success(), "one at a time");
    assert!(!sandbox.run(&["merchant", "wallet", "set", "1", NEW, "--pending"]).status.success(), "no way around");
    sandbox.said(&["merchant", "wallet", "cancel", "1"]);
    assert_eq!(shown(), before);
    sandbox.said(&["merchant", "wallet", "set", "1", NEW]);
    sandbox.client.advance(86_400 - 60).await;
    assert!(shown().contains(&format!("is paid to {old}")));
    sandbox.client.advance(61).await;
    let changed = || async { shown() };
    wait_until("it takes effect", changed, |said| said.contains(&format!("is paid to {NEW}"))).await;

    let request = sandbox.client.request(reqwest::Method::GET, "/sandbox/mails");
    let mails = sandbox.client.send(request).await.json();
    let subjects: Vec<&str> =
        mails["mails"].as_array().unwrap().iter().map(|mail| mail["subject"].as_str().unwrap()).collect();
    assert_eq!(
        subjects,
        [
            "A treasury is set",
            "Your settlement wallet is to change",
            "The change of your settlement wallet was canceled",
            "Your settlement wallet is to change",
            "Your settlement wallet has changed",
        ]
    );
    let listed = sandbox.said(&["mails"]);
    assert!(listed.contains("5 mails.") && listed.contains(NEW), "{listed}");
    let log = sandbox.said(&["log"]);
    assert!(log.contains("lockgate wallet.changed merchants") && log.contains("acts, each chained"), "{log}");
    // beside them are those of the sandbox's treasury
    assert_eq!(log.lines().filter(|line| line.contains(" wallet.change")).count(), 4, "{log}");
    sandbox.audit();
}
