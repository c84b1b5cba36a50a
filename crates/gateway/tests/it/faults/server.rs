//! PostgreSQL's server.

use std::time::Duration;

use crate::harness::cluster::Server;
use crate::harness::load::{Load, Sale, compare};
use crate::harness::*;

const LANES: usize = 12;

async fn ready_becomes(sandbox: &Sandbox, status: u16) {
    let ready = || sandbox.client.get("/readyz");
    wait_until(&format!("/readyz answers {status}"), ready, |answer| answer.status == status).await;
}

async fn goes_on(load: &Load) {
    let before = load.acknowledged().await;
    wait_until("the load goes on", || load.acknowledged(), |count| *count > before + 50).await;
}

fn slowest(sales: &[Sale]) -> Duration {
    sales.iter().map(|sale| sale.took).max().unwrap()
}

/// Started again under load, in an orderly way and as after a crash, then for a while read-only.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn started_again_under_load() {
    let Some(server) = Server::start("") else { return };
    let receiver = Receiver::start(|_| Reply::Status(200)).await;
    let sandbox = Sandbox::start_on_server(&server.url(&[])).await;
    sandbox.said(&["merchant", "callback", "set", "1", &receiver.url]);
    let load = Load::from(0);
    let trouble = async {
        for how in ["fast", "immediate"] {
            goes_on(&load).await;
            server.control(&["restart", "-m", how]);
        }
        goes_on(&load).await;
        // down for longer than anybody waits for
        server.control(&["stop", "-m", "immediate"]);
        ready_becomes(&sandbox, 503).await;
        let refused = load.refused().await;
        wait_until("requests are refused", || load.refused(), |count| *count > refused + 50).await;
        server.control(&["start"]);
        ready_becomes(&sandbox, 200).await;
        goes_on(&load).await;
        // what a failover tool does to the server that it takes out
        server.set("default_transaction_read_only=on\n");
        ready_becomes(&sandbox, 503).await;
        server.set("default_transaction_read_only=off\n");
        ready_becomes(&sandbox, 200).await;
        goes_on(&load).await;
        load.end();
    };
    let (sales, ()) = tokio::join!(load.run(&sandbox.client, LANES), trouble);
    let stored = server.stored();
    let count = compare(&sales, stored.iter().copied());
    eprintln!("{count} of {} acknowledged, the slowest answer took {:?}", sales.len(), slowest(&sales));
    assert!(slowest(&sales) < Duration::from_secs(30), "{:?}", slowest(&sales));
    // leases of callbacks whose end could not be recorded
    sandbox.client.advance(300).await;
    let waiting = || async { server.sql("SELECT count(*) FROM deliveries WHERE state <> 'delivered'") };
    wait_until("all callbacks are delivered", waiting, |count| count == "0").await;
    sandbox.audit();
    let log = std::fs::read_to_string(&sandbox.log).unwrap();
    assert!(log.lines().count() < 150, "{} lines of log: {log}", log.lines().count());
}

/// Replaced by a standby that confirms every commit: the first server is killed under load, in the middle of a commit that it has made for
/// itself and the standby never heard of; the standby is promoted. The first one was told, as some servers are, to wait for nobody.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_takes_over_under_load() {
    let Some(first) = Server::start("synchronous_commit=local\n") else { return };
    let second = first.standby("second");
    first.set("synchronous_standby_names='second'\n");
    let replicates = || async { first.sql("SELECT sync_state FROM pg_stat_replication") };
    wait_until("the standby confirms commits", replicates, |state| state == "sync").await;
    let receiver = Receiver::start(|_| Reply::Status(200)).await;
    let sandbox = Sandbox::start_on_server(&first.url(&[&second])).await;
    sandbox.said(&["merchant", "callback", "set", "1", &receiver.url]);
    let load = Load::from(0);
    let trouble = async {
        goes_on(&load).await;
        first.stop_sending();
        let waits = || async {
            first.sql(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND application_name = 'lockgate'",
            )
        };
        wait_until("a commit waits for the standby", waits, |count| count != "0").await;
        first.kill();
        ready_becomes(&sandbox, 503).await;
        second.control(&["promote"]);
        ready_becomes(&sandbox, 200).await;
        goes_on(&load).await;
        load.end();
    };
    let (sales, ()) = tokio::join!(load.run(&sandbox.client, LANES), trouble);
    let log = std::fs::read_to_string(&sandbox.log).unwrap();
    assert!(log.contains("The connection was lost during a commit"), "{log}");
    assert!(log.contains("Another server of the database takes writes now"), "{log}");
    let count = compare(&sales, second.stored());
    eprintln!("{count} of {} acknowledged, the slowest answer took {:?}", sales.len(), slowest(&sales));
    assert!(slowest(&sales) < Duration::from_secs(40), "{:?}", slowest(&sales));
    sandbox.client.advance(300).await;
    let waiting = || async { second.sql("SELECT count(*) FROM deliveries WHERE state <> 'delivered'") };
    wait_until("all callbacks are delivered", waiting, |count| count == "0").await;
    sandbox.audit();
}

/// Frozen with all its connections open: every answer comes within a bound, and on waking the books are right.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frozen_under_load() {
    let Some(server) = Server::start("") else { return };
    let sandbox = Sandbox::start_on_server(&server.url(&[])).await;
    let load = Load::from(0);
    let trouble = async {
        goes_on(&load).await;
        server.signal_all("-STOP");
        ready_becomes(&sandbox, 503).await;
        wait_until("requests are refused", || load.refused(), |count| *count >= LANES).await;
        server.signal_all("-CONT");
        ready_becomes(&sandbox, 200).await;
        goes_on(&load).await;
        load.end();
    };
    let (sales, ()) = tokio::join!(load.run(&sandbox.client, LANES), trouble);
    let count = compare(&sales, server.stored());
    eprintln!("{count} of {} acknowledged, the slowest answer took {:?}", sales.len(), slowest(&sales));
    assert!(slowest(&sales) < Duration::from_secs(50), "{:?}", slowest(&sales));
    sandbox.audit();
}
