//! What is long over leaves for a file: killed at each step, nothing is lost and nothing is there twice; what is read of it stays the same.

use serde_json::Value;

use crate::harness::*;

const DAY: u64 = 86_400;
/// Later than anything here.
const BEFORE: &str = "2090-01-01";

/// Everything that a merchant can ask about these invoices.
async fn all_reads(client: &Client, ids: &[i64]) -> Vec<Value> {
    let mut all = vec![client.history("order=ASC").await];
    for id in ids {
        all.extend([client.infos(*id).await, client.row(*id).await, Value::from(client.status(*id).await)]);
    }
    all
}

struct Archive<'s> {
    sandbox: &'s Sandbox,
    file: String,
}

impl Archive<'_> {
    fn run(&self) -> String {
        self.sandbox.said(&["archive", "--before", BEFORE, "--to", &self.file])
    }

    fn killed(&self, at: &str) {
        let arguments = ["archive", "--before", BEFORE, "--to", &self.file];
        let output = self.sandbox.run_with(&arguments, &[("LOCKGATE_CRASH_AT", at)]);
        assert!(!output.status.success(), "it was to be killed at {at}");
        // whatever it was doing: the books are proven, with the file and without
        self.sandbox.audit();
        self.proven();
    }

    fn proven(&self) -> String {
        let said = self.sandbox.said(&["audit", "--archive", &self.file]);
        assert!(said.contains("the books are proven"), "{said}");
        said
    }

    /// The invoices of the events, deliveries or attempts in the file.
    fn numbers(&self, table: &str) -> Vec<i64> {
        let file = rusqlite::Connection::open(&self.file).unwrap();
        let mut rows = file.prepare(&format!("SELECT number FROM {table} ORDER BY number, seq")).unwrap();
        rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }
}

#[tokio::test]
async fn killed_at_each_step_nothing_is_lost_and_nothing_is_there_twice() {
    let mut sandbox = Sandbox::start().await;
    let client = sandbox.client.clone();
    let (paid, _) = client.sell("15.04", "USDT_polygon").await;
    client.pay(paid, Pay { outcome: "paid", ..Pay::default() }).await;
    client.status_becomes(paid, PAID).await;
    client.told(paid, 4).await;
    let file = sandbox.dir.join("old.archive").display().to_string();

    // its address is watched for 400 days: its payer may pay again
    let archive = Archive { sandbox: &sandbox, file: file.clone() };
    assert!(archive.run().contains("0 events"));
    client.advance(385 * DAY).await;
    assert!(archive.run().contains("0 events"));
    let (expired, _) = client.hosted_over("2").await;
    client.told(expired, 2).await;
    client.advance(16 * DAY).await;
    client.status_becomes(expired, EXPIRED).await;
    client.told(expired, 3).await;
    // one that is open, and one that is over whose merchant cannot be told yet
    let (open, _) = client.sell("3", "USDC_polygon").await;
    client.status_becomes(open, OPENED).await;
    client.told(open, 2).await;
    sandbox.said(&["merchant", "callback", "set", "1", "http://127.0.0.1:9/nobody"]);
    let (untold, token) = client.hosted_over("4").await;
    client.press(&token, "cancel", "").await;
    client.status_becomes(untold, FAILED).await;
    let failed = || async { sandbox.database().deliveries(untold).await[0].failed };
    wait_until("a callback has failed", failed, |failed| *failed > 0).await;

    let ids = [paid, expired, open];
    let before = all_reads(&client, &ids).await;
    let (mut events, mut deliveries) = (Vec::new(), Vec::new());
    for id in [paid, expired] {
        events.extend(sandbox.database().events(id).await.iter().map(|_| id));
        deliveries.extend(sandbox.database().deliveries(id).await.iter().map(|_| id));
    }
    assert_eq!((events.len(), deliveries.len()), (7, 7));
    sandbox.kill9();

    let archive = Archive { sandbox: &sandbox, file: file.clone() };
    archive.killed("before_archive_file");
    assert!(archive.numbers("events").is_empty());
    archive.killed("archive_file_written");
    assert_eq!(archive.numbers("events"), events);
    assert_eq!(sandbox.database().events(paid).await.len(), 4, "in the file, and still in the database");
    archive.killed("archive_taken_out");
    assert_eq!(sandbox.database().events(paid).await.len(), 0);
    let said = archive.run();
    assert!(said.contains("1 steps of an interrupted run were finished"), "{said}");
    assert!(archive.run().contains("0 events"), "a second time there is nothing to do");
    assert_eq!(archive.numbers("events"), events);
    assert_eq!(archive.numbers("deliveries"), deliveries);
    assert_eq!(archive.numbers("delivery_attempts"), deliveries, "each had one");
    for id in [paid, expired] {
        assert!(sandbox.database().events(id).await.is_empty() && sandbox.database().deliveries(id).await.is_empty());
    }
    assert_eq!(sandbox.database().events(open).await.len(), 2);
    assert_eq!(sandbox.database().deliveries(untold).await.len(), 3);
    sandbox.audit();
    let said = archive.proven();
    assert!(said.contains(&format!("{0} events are in archives: {0} of them looked at", events.len())), "{said}");

    // a gateway that starts on it answers as before, and goes on
    sandbox.start_again().await;
    assert_eq!(all_reads(&sandbox.client, &ids).await, before);
    sandbox.said(&["merchant", "callback", "set", "1", &format!("{}/sandbox/callbacks", sandbox.client.base)]);
    sandbox.client.pay(open, Pay { outcome: "paid", ..Pay::default() }).await;
    sandbox.client.status_becomes(open, PAID).await;
    sandbox.audit();
    what_was_changed_is_found(&sandbox, &file, open);
}

fn what_was_changed_is_found(sandbox: &Sandbox, file: &str, open: i64) {
    let wrong = |arguments: &[&str], what: &str| {
        let output = sandbox.run(arguments);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(!output.status.success() && said.contains(what), "{what}: {said}");
    };
    // a byte of a row in the file
    let archive = rusqlite::Connection::open(file).unwrap();
    assert_eq!(archive.execute("UPDATE events SET at = at + 1 WHERE seq = 1 AND number < ?1", [open]).unwrap(), 2);
    wrong(&["audit", "--archive", file], "its rows are not those that left the database");
    assert_eq!(archive.execute("UPDATE events SET at = at - 1 WHERE seq = 1", []).unwrap(), 2);
    sandbox.said(&["audit", "--archive", file]);
    // what was written down when it left
    assert_eq!(edit(&sandbox.dir, "UPDATE archived SET events = events + 1"), 1);
    wrong(&["audit"], "does not follow from the row before");
    assert_eq!(edit(&sandbox.dir, "UPDATE archived SET events = events - 1"), 1);
    // an event that did not leave
    assert_eq!(edit(&sandbox.dir, &format!("DELETE FROM events WHERE number = {open} AND seq = 1")), 1);
    wrong(&["audit"], "no archive has them");
}
