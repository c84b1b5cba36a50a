//! `lockgate transfers` and `lockgate log`, on refunds that wait at the acquirer.

use domain::charge::State;
use domain::transfer::State as Transfer;

use crate::harness::*;

#[tokio::test]
async fn an_operator_acts() {
    let sandbox = Sandbox::start().await;
    let (client, database) = (&sandbox.client, sandbox.database());
    let (_, invoice, _) = client.charge_card(&card_sale(APPROVED)).await;
    database.charges_become(invoice, &[State::Paid]).await;
    client.act(database.charge(invoice).await.charge.id.as_str(), "refunds_wait").await;
    assert!(sandbox.said(&["transfers", "list"]).contains("No such transfers."));
    sandbox.said(&["refund", "1", &invoice.to_string(), "--amount", "10"]);
    let pending = |rows: &Vec<gateway::store::transfers::TransferRow>| rows[0].state == Transfer::Pending;
    let id = wait_until("it is on its way", || database.refunds(invoice), pending).await[0].id.to_string();
    let list = sandbox.said(&["transfers", "list"]);
    assert!(
        list.contains(&id) && list.contains("charge refund of 10.00 USD to the payer's card: on its way"),
        "{list}"
    );
    assert!(sandbox.said(&["transfers", "list", "--parked"]).contains("No such transfers."));
    assert!(sandbox.said(&["transfers", "list", "--waiting"]).contains("No such transfers."));
    let show = sandbox.said(&["transfers", "show", &id]);
    assert!(show.contains("transfer.asked") && show.contains("their id: "), "{show}");

    let refused = |args: &[&str]| {
        let output = sandbox.run(&[&["transfers"], args].concat());
        assert!(!output.status.success(), "{args:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(refused(&["cancel", &id]).contains("it has nothing under"), "what proof is needed");
    assert!(refused(&["approve", &id, "--by", "somebody"]).contains("does not wait for anybody's approval"));
    let evidence = ["--evidence", "letter of the acquirer, number 77"];
    assert!(refused(&[&["mark", &id, "--arrived"], &evidence[..]].concat()).contains("older than an hour"));
    assert!(refused(&[&["mark", &id], &evidence[..]].concat()).contains("--arrived"), "one of the two ends");
    assert!(refused(&["show", "trf_01ARZ3NDEKTSV4RRFFQ69G5FAV"]).contains("there is no transfer"));

    sandbox.client.advance(2 * 3_600).await;
    // a worker may hold it for the moment of a question
    let marked =
        || async { sandbox.run(&[&["transfers", "mark", &id, "--failed"], &evidence[..]].concat()).status.success() };
    wait_until("it is marked", marked, |done| *done).await;
    let states: Vec<Transfer> = database.refunds(invoice).await.iter().map(|row| row.state).collect();
    assert_eq!(states, [Transfer::Failed]);
    let log = sandbox.said(&["log"]);
    assert!(log.contains("transfer.mark_failed") && log.contains("letter of the acquirer"), "{log}");
    // beside them are those of the sandbox's treasury
    let of_transfers = log.lines().filter(|line| line.contains(" transfer.")).count();
    assert!(of_transfers == 2 && log.contains("acts, each chained"), "{log}");
    sandbox.audit();
}
