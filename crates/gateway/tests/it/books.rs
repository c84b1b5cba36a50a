//! The database as a thing: backed up, restored, damaged, and edited by somebody who should not have.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::harness::{Pay, Sandbox};

fn lockgate(arguments: &[&str], dir: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lockgate"));
    command.args(arguments).arg("--data").arg(dir).env("LOCKGATE_LOG", "error").output().unwrap()
}

/// A sandbox with one settled invoice, and a backup of it.
async fn settled_and_backed_up() -> (Sandbox, i64, PathBuf) {
    let sandbox = Sandbox::start().await;
    let (id, _) = sandbox.client.sell("15.04", "USDT_polygon").await;
    sandbox.client.pay(id, Pay { outcome: "paid", ..Pay::default() }).await;
    sandbox.client.status_becomes(id, "invoice:paid").await;
    sandbox.client.told(id, 4).await;
    let copy = sandbox.dir.join("backup.db");
    let said = sandbox.said(&["backup", copy.to_str().unwrap()]);
    assert!(said.contains("is a complete, checked copy"), "{said}");
    (sandbox, id, copy)
}

/// A directory with nothing but this database.
fn directory_of(sandbox: &Sandbox, name: &str, database: &Path) -> PathBuf {
    let dir = sandbox.dir.join(name);
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::copy(database, dir.join("lockgate.db")).unwrap();
    dir
}

#[tokio::test]
async fn a_backup_made_under_way_can_be_restored() {
    let (mut sandbox, id, copy) = settled_and_backed_up().await;
    let (lost, _) = sandbox.client.sell("1", "USDT_polygon").await;
    let before = (sandbox.client.infos(id).await, sandbox.client.row(id).await);
    sandbox.kill9();
    // a backup is a file, whatever it is a backup of
    for file in ["lockgate.db", "lockgate.db-wal", "lockgate.db-shm", "database.url"] {
        let _ = std::fs::remove_file(sandbox.dir.join(file));
    }
    std::fs::copy(&copy, sandbox.dir.join("lockgate.db")).unwrap();
    sandbox.start_again().await;
    assert_eq!((sandbox.client.infos(id).await, sandbox.client.row(id).await), before);
    let lost = sandbox.client.get(&format!("/api/invoice/status/?id={lost}")).await;
    assert!(lost.body.contains("50011"), "made after the backup: {lost:?}");
    sandbox.audit();
    // and it goes on
    let (next, _) = sandbox.client.sell("2", "USDC_polygon").await;
    sandbox.client.pay(next, Pay { outcome: "paid", ..Pay::default() }).await;
    sandbox.client.status_becomes(next, "invoice:paid").await;
    sandbox.audit();
}

#[tokio::test]
async fn a_damaged_database_is_refused_in_words() {
    let (sandbox, _, copy) = settled_and_backed_up().await;
    let dir = directory_of(&sandbox, "damaged", &copy);
    let mut bytes = std::fs::read(dir.join("lockgate.db")).unwrap();
    let middle = bytes.len() / 2 / 4_096 * 4_096;
    bytes[middle..middle + 8_192].fill(0x5A);
    std::fs::write(dir.join("lockgate.db"), bytes).unwrap();
    for arguments in [&["sandbox", "--listen", "127.0.0.1:0"][..], &["audit"]] {
        let output = lockgate(arguments, &dir);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains("is damaged"), "{arguments:?}: {said}");
        assert!(said.contains("restore a backup"), "{said}");
    }
}

/// Each edit of a row that money hangs on is found, and the row is named.
#[tokio::test]
async fn the_auditor_finds_what_somebody_edited() {
    let (sandbox, _, copy) = settled_and_backed_up().await;
    let edits = [
        ("UPDATE ledger_postings SET units = '1' WHERE seq = 1 AND line = 0", "ledger_entries"),
        ("UPDATE ledger_accounts SET debit = '1' WHERE kind = 'clearing'", "ledger_accounts"),
        ("UPDATE ledger_entries SET at = at + 1 WHERE seq = 1", "its hash does not match"),
        ("UPDATE ledger_entries SET rate_price = '2' WHERE seq = 1", "its hash does not match"),
        ("DELETE FROM ledger_entries WHERE seq = 1", "entries are missing"),
        ("DELETE FROM ledger_postings WHERE seq = 2", "ledger_entries"),
        ("UPDATE payments SET units = '15040001'", "payments"),
        ("UPDATE payments SET placement = 'extra'", "payments"),
        ("UPDATE payments SET flushed_by = NULL", "flushes"),
        ("UPDATE payments SET flushed_by = '0x00'", "is marked as flushed by what is no final flush"),
        ("UPDATE payments SET invoice_number = 77", "payments"),
        ("DELETE FROM payments", "ledger_entries"),
        ("UPDATE flushes SET merchant_units = '1'", "moved another sum than its payments"),
        ("DELETE FROM flushes", "ledger_entries"),
        (
            "UPDATE attempts SET address = '00112233445566778899aabbccddeeff00112233'",
            "its address is not that of its wallets",
        ),
        ("UPDATE attempts SET merchant_wallet = '00112233445566778899aabbccddeeff00112233'", "attempts"),
        ("UPDATE attempts SET fee_bps = 9999", "attempts"),
        ("UPDATE invoices SET state = 'opened'", "is covered by final payments, but not received"),
        ("UPDATE invoices SET state = 'expired'", "is covered by final payments, but not received"),
        ("UPDATE invoices SET settle_tx_hash = '0x00'", "is settled by a transaction that moved nothing"),
        ("UPDATE invoice_days SET invoices = 5", "invoice_days"),
        ("DELETE FROM events WHERE seq = 4", "events"),
        ("DELETE FROM invoices", "invoices"),
    ];
    let clean = lockgate(&["audit"], &directory_of(&sandbox, "clean", &copy));
    assert!(clean.status.success(), "{}", String::from_utf8_lossy(&clean.stdout));
    for (number, (edit, named)) in edits.into_iter().enumerate() {
        let dir = directory_of(&sandbox, &format!("edited-{number}"), &copy);
        let changed = rusqlite::Connection::open(dir.join("lockgate.db")).unwrap().execute(edit, []).unwrap();
        assert!(changed > 0, "{edit}");
        let output = lockgate(&["audit"], &dir);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(1), "{edit}: {said}");
        assert!(said.contains(named), "{edit}: {said}");
    }
}
