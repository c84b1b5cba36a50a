//! A transfer's life as the auditor sees it: whatever happens, the entries are those of the row; and what was edited is found.

use domain::Units;
use domain::ledger::{Account, Draft, Kind as AccountKind, Owner, Posting, Reason, Side};
use domain::merchant::Wallet;
use domain::transfer::State;

use super::{arrived, become_, ended, taken_back};
use crate::app::audit::audit;
use crate::app::testing::{app, reserved};
use crate::app::{SharedApp, acts};
use crate::store::tx::values;
use crate::store::{Tx, ledger, transfers};

async fn findings(app: &SharedApp) -> Vec<String> {
    let report = app.store.read(audit).await.unwrap();
    report.findings.into_iter().map(|finding| format!("{}: {}", finding.row, finding.what)).collect()
}

#[tokio::test]
async fn every_turn_has_its_entries() {
    let (app, merchant) = app("transfer-turns", Wallet::Missing).await;
    let id = reserved(&app, &merchant, false).await;
    assert_eq!(findings(&app).await, Vec::<String>::new());
    // arrived, taken back, arrived again, taken back, and failed for good
    for turn in 0..5 {
        let (worker, owner, id) = (app.clone(), merchant.id.clone(), id.clone());
        let step = move |tx: &Tx<'_>| {
            let (mut row, now) = (transfers::existing(tx, &owner, &id)?, worker.now());
            if row.state == State::Reserved {
                become_(&mut row, State::Sending, now);
            }
            match turn {
                0 | 2 => arrived(&worker, tx, &mut row, now),
                1 | 3 => taken_back(&worker, tx, &mut row, now),
                _ => ended(&worker, tx, &mut row, State::Failed, "its nonce went to another", now),
            }
        };
        app.store.write(step).await.unwrap();
        assert_eq!(findings(&app).await, Vec::<String>::new(), "turn {turn}");
    }
    let owner = merchant.id.clone();
    let row = app.store.read(|tx| transfers::existing(tx, &owner, &id)).await.unwrap();
    assert_eq!((row.state, row.round), (State::Failed, 2));
    let entries = app.store.read(|tx| ledger::entries_after(tx, &merchant.id, 0)).await.unwrap();
    let reasons: Vec<Reason> = entries.iter().map(|entry| entry.draft.reason).collect();
    use Reason::{TransferDone, TransferFailed, TransferReserved, TransferReversed};
    let expected = [TransferReserved, TransferDone, TransferReversed, TransferDone, TransferReversed, TransferFailed];
    assert_eq!(reasons, expected);
}

#[tokio::test]
async fn what_was_edited_is_found() {
    const EDITS: [(&str, &str); 6] = [
        ("UPDATE transfers SET units = '6'", "do not agree"),
        ("UPDATE transfers SET state = 'done', round = 1", "has no entry transfer:"),
        ("UPDATE transfers SET state = 'canceled'", "has no entry transfer:"),
        ("UPDATE transfers SET state = 'done'", "has arrived, but not once"),
        ("DELETE FROM transfers", "has no transfer that it is the entry of"),
        ("UPDATE transfers SET merchant_id = 'mer_00000000000000000000000009'", "transfers: 1 are there, 0 belong"),
    ];
    for (nth, (edit, expected)) in EDITS.into_iter().enumerate() {
        let (app, merchant) = app(&format!("transfer-edit-{nth}"), Wallet::Missing).await;
        reserved(&app, &merchant, false).await;
        app.store.write(move |tx| tx.execute(edit, values![])).await.unwrap();
        let found = findings(&app).await;
        assert!(found.iter().any(|line| line.contains(expected)), "{edit}: {found:?}");
    }
}

#[tokio::test]
async fn an_entry_of_no_transfer_is_found() {
    let (app, merchant) = app("transfer-stray", Wallet::Missing).await;
    let posting = |kind, side| Posting {
        account: Account { owner: Owner::Merchant, kind, asset: "EUR".into() },
        side,
        units: Units(1),
    };
    let postings = vec![posting(AccountKind::Parked, Side::Debit), posting(AccountKind::Paying, Side::Credit)];
    let stray = Draft::new("transfer:x:reserved".into(), Reason::TransferReserved, app.now(), postings).unwrap();
    app.store.write(move |tx| ledger::enter(tx, &merchant.id, &stray)).await.unwrap();
    let found = findings(&app).await;
    let [parked, stray] = &found[..] else { panic!("{found:?}") };
    assert!(stray.contains("has no transfer that it is the entry of"), "{found:?}");
    assert!(parked.contains("is 1 below zero, its charges explain 0"), "{found:?}");
}

#[tokio::test]
async fn the_log_of_acts_is_whole() {
    const EDITS: [&str; 3] = [
        "UPDATE audit_log SET actor = 'cli:somebody' WHERE seq = 2",
        "DELETE FROM audit_log WHERE seq = 2",
        "UPDATE audit_log SET seq = 9 WHERE seq = 3",
    ];
    for (nth, edit) in EDITS.into_iter().enumerate() {
        let (app, _) = app(&format!("acts-edit-{nth}"), Wallet::Missing).await;
        let worker = app.clone();
        let act = move |tx: &Tx<'_>| {
            (0..3).try_for_each(|nth| {
                acts::record(&worker, tx, &acts::Actor("cli:op".into()), "test", format!("{nth}"), String::new())
            })
        };
        app.store.write(act).await.unwrap();
        assert_eq!(findings(&app).await, Vec::<String>::new());
        app.store.write(move |tx| tx.execute(edit, values![])).await.unwrap();
        let found = findings(&app).await;
        assert!(found.iter().any(|line| line.starts_with("audit_log")), "{edit}: {found:?}");
    }
}
