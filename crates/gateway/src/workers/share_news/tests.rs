//! Two and three nodes in one process, on one PostgreSQL.

use std::num::NonZeroU32;

use domain::Time;
use domain::merchant::Wallet;
use futures_util::FutureExt;
use tokio::task::JoinHandle;

use super::*;
use crate::app::limits::PerMinute;
use crate::app::testing::app_on;
use crate::clock::Clock;
use crate::random::Random;
use crate::store::testing::postgres;
use crate::store::{Database, Store, settings};

const PER_MINUTE: u32 = 60;
const PATIENCE: Duration = Duration::from_secs(20);

struct Node {
    app: SharedApp,
    limits: Arc<Limits>,
    stop: CancellationToken,
    talking: JoinHandle<()>,
}

async fn node(store: &Store, name: &str) -> Node {
    let (app, _) = app_on(store.clone(), Wallet::Missing, Random::system()).await;
    let limit = NonZeroU32::new(PER_MINUTE).unwrap();
    let limits = Arc::new(Limits::new(PerMinute { per_key: limit, per_ip: limit }));
    let stop = CancellationToken::new();
    let (is_ours, line) = enter(&app, name).await.unwrap();
    assert!(is_ours);
    let talking = tokio::spawn(run(app.clone(), limits.clone(), name.to_owned(), line, stop.clone()));
    // each begins by looking at everything
    heard(&app.wake.settlements).await;
    let node = Node { app, limits, stop, talking };
    node.quiet();
    node
}

impl Node {
    /// Forgets what was rung.
    fn quiet(&self) {
        let wake = &self.app.wake;
        for bell in [&wake.deliveries, &wake.treasury, &wake.refunds, &wake.settlements] {
            bell.notified().now_or_never();
        }
    }
}

async fn heard(bell: &crate::app::wake::Bell) {
    tokio::time::timeout(PATIENCE, bell.notified()).await.expect("nobody rang");
}

async fn nodes<const N: usize>(url: &str) -> [Node; N] {
    let store = Store::open(&Database::at(url).unwrap()).unwrap();
    let mut all = Vec::new();
    for n in 0..N {
        all.push(node(&store, &format!("node {n}")).await);
    }
    all.try_into().unwrap_or_else(|_| unreachable!())
}

/// What one node commits, another looks for because it is told to, not because its time has come. Nobody is told what he said himself, and
/// a line that was cut is made anew.
#[tokio::test(flavor = "multi_thread")]
async fn work_is_heard_of_on_other_nodes() {
    let Some(url) = postgres::fresh() else { return };
    let [here, there] = nodes(&url).await;
    let committed = here.app.store.write(|tx| settings::put(tx, "work", "to do"));
    committed.await.map_err(|error: StoreError| error).unwrap();
    here.app.wake.deliveries.notify_one();
    here.app.wake.treasury.notify_one();
    heard(&there.app.wake.deliveries).await;
    heard(&there.app.wake.treasury).await;
    let seen = there.app.store.read(|tx| settings::get(tx, "work")).await.map_err(|error: StoreError| error).unwrap();
    assert_eq!(seen.as_deref(), Some("to do"), "it is there when the bell rings");
    // the own bell rang once, here; then an answer comes, after whatever came back of the own words
    assert!(here.app.wake.deliveries.notified().now_or_never().is_some());
    there.app.wake.refunds.notify_one();
    heard(&here.app.wake.refunds).await;
    assert!(here.app.wake.deliveries.notified().now_or_never().is_none(), "its own word came back to it");
    // what is told to all who wait, too
    let (mut page, app) = (Box::pin(there.app.wake.pages.notified()), here.app.clone());
    page.as_mut().enable();
    app.wake.pages.notify_waiters();
    tokio::time::timeout(PATIENCE, page).await.expect("the page was not told");

    here.quiet();
    there.quiet();
    let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let cut = std::process::Command::new("psql").args([&url, "-qAtc", cut]).output().unwrap();
    assert!(cut.status.success(), "{cut:?}");
    // whatever was missed meanwhile is looked for, once
    for node in [&here, &there] {
        heard(&node.app.wake.settlements).await;
        heard(&node.app.wake.refunds).await;
        node.quiet();
    }
    here.app.wake.deliveries.notify_one();
    heard(&there.app.wake.deliveries).await;
    for node in [here, there] {
        node.stop.cancel();
        node.talking.await.unwrap();
    }
}

/// What passes at each of three nodes until none lets the caller through any more.
async fn passed(nodes: &[Node; 3], key: &str) -> [u32; 3] {
    let mut passed = [0; 3];
    for (node, passed) in nodes.iter().zip(&mut passed) {
        while node.limits.check_key(key).is_ok() {
            *passed += 1;
        }
    }
    passed
}

/// A caller that keeps to one node has all that it may do there, and nothing elsewhere afterwards. One that is quicker than the nodes' words has
/// once what it may do at each of them, and pays for it with minutes in which it may do nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_limit_is_one_limit_for_all_nodes() {
    let Some(url) = postgres::fresh() else { return };
    let nodes: [Node; 3] = nodes(&url).await;
    let faithful = "a1".repeat(32);
    for _ in 0..PER_MINUTE {
        nodes[0].limits.check_key(&faithful).unwrap();
    }
    // far fewer than its whole minute pass at each of the others before they hear of it: a few, so that looking does not use them up
    for node in &nodes[1..] {
        let mut passed = 0;
        while node.limits.check_key(&faithful).is_ok() {
            passed += 1;
            assert!(passed < PER_MINUTE / 2, "the others do not hear of it");
            tokio::time::sleep(COUNTS / 2).await;
        }
    }

    // it has once what it may do at each, if none hears of the others meanwhile: they tell each other four times a second
    let mut spread = String::new();
    let mut at_once = [0; 3];
    for nth in 0..20 {
        spread = format!("b{nth:063}");
        at_once = passed(&nodes, &spread).await;
        assert!(at_once.iter().all(|passed| *passed <= PER_MINUTE + 2), "{at_once:?}");
        if at_once.iter().all(|passed| *passed >= PER_MINUTE) {
            break;
        }
    }
    assert!(at_once.iter().all(|passed| *passed >= PER_MINUTE), "{at_once:?}");
    // each owes what the two others let through: two minutes
    for node in &nodes {
        let owes = || node.limits.check_key(&spread).unwrap_err().0;
        let began = Instant::now();
        while owes() < Duration::from_secs(110) {
            assert!(began.elapsed() < PATIENCE, "{:?}", owes());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert!(owes() <= Duration::from_secs(125), "{:?}", owes());
    }
}

/// Nodes whose machines' clocks are five minutes apart have one time: the database's.
#[tokio::test(flavor = "multi_thread")]
async fn clocks_that_are_apart_agree() {
    let Some(url) = postgres::fresh() else { return };
    let store = Store::open(&Database::at(&url).unwrap()).unwrap();
    let clocks = [0, 5 * 60_000, -5 * 60_000].map(Clock::system_ahead_by);
    for clock in &clocks {
        crate::app::clocks::agree(&store, clock).await.unwrap();
    }
    let times = clocks.each_ref().map(Clock::now);
    let apart = times.iter().max().unwrap() - times.iter().min().unwrap();
    assert!(apart < 2_000, "{times:?}");
    // a clock that tests move is left alone
    let still = Clock::manual(7);
    crate::app::clocks::agree(&store, &still).await.unwrap();
    assert_eq!(Time(still.now()), Time(7));
}

/// A directory that was copied: its name is taken.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_one_processs() {
    let Some(url) = postgres::fresh() else { return };
    let store = Store::open(&Database::at(&url).unwrap()).unwrap();
    let (app, _) = app_on(store, Wallet::Missing, Random::system()).await;
    let (first, line) = enter(&app, "a node").await.unwrap();
    let (second, other) = enter(&app, "a node").await.unwrap();
    assert_eq!((first, second), (true, false));
    assert!(other.unwrap().claim("another node").await.unwrap());
    // killed, and started again at once
    drop(line);
    let (third, _line) = enter(&app, "a node").await.unwrap();
    assert!(third);
}
