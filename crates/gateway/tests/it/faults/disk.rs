//! SQLite's disk.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use gateway::store::{Database as Place, Store, invoices};

use crate::harness::disk::SmallDisk;
use crate::harness::load::{Load, Sale, compare};
use crate::harness::*;
use crate::payout::{ADD, SEND, becomes, payment};

const LANES: usize = 12;

/// The numbers of the requests whose invoices are in a directory's database, and how many invoices have none. It is read from a copy: SQLite does not see the small disk from here.
async fn stored(dir: &Path) -> (Vec<usize>, usize) {
    let copy = std::env::temp_dir().join(format!("lockgate-copy-{}", dir.display().to_string().replace('/', "-")));
    let _ = std::fs::remove_dir_all(&copy);
    std::fs::create_dir_all(&copy).unwrap();
    for file in ["lockgate.db", "lockgate.db-wal"] {
        let _ = std::fs::copy(dir.join(file), copy.join(file));
    }
    let store = Store::open(&Place::File(copy.join("lockgate.db"))).unwrap();
    let (mut all, mut others, mut last) = (Vec::new(), 0, 0);
    loop {
        let rows = store
            .read(|tx| {
                let merchant = gateway::store::merchants::by_number(tx, 1)?.unwrap().id;
                invoices::after(tx, &merchant, last)
            })
            .await
            .unwrap();
        let Some(newest) = rows.last() else { break };
        last = newest.invoice.number;
        for row in rows {
            match &row.callback_json {
                Some(n) => all.push(n.parse().unwrap()),
                None => others += 1,
            }
        }
    }
    let _ = std::fs::remove_dir_all(copy);
    (all, others)
}

/// It is full, and free again: what the merchant's server sees of it, and the payer.
async fn fill_and_free(sandbox: &Sandbox, disk: &SmallDisk, load: &Load, known: i64) {
    let (client, before) = (&sandbox.client, load.acknowledged().await);
    wait_until("the load runs", || load.acknowledged(), |count| *count > before + 150).await;
    disk.fill();
    let ready = || client.get("/readyz");
    let full = wait_until("it says that it keeps nothing", ready, |answer| answer.status == 503).await;
    assert_eq!(full.body, "the database keeps nothing\n");
    let refused = load.refused().await;
    wait_until("requests are refused", || load.refused(), |count| *count >= refused + 60).await;
    // what needs no room works, and the process lives
    assert_eq!(client.status(known).await, "invoice:opened");
    assert_eq!(client.get("/healthz").await.status, 200);
    disk.free();
    wait_until("it is ready again", ready, |answer| answer.status == 200).await;
    let before = load.acknowledged().await;
    wait_until("the load goes on", || load.acknowledged(), |count| *count > before + 50).await;
}

/// What else was asked for meanwhile, and acknowledged.
#[derive(Debug, Default)]
struct Others {
    payouts: Vec<i64>,
    charges: usize,
    /// Charges of which it was not said that nothing was changed, though they were not acknowledged.
    unclear: usize,
}

/// Payouts and charges by card, one after the other, as long as the load runs, and three of each at least, however quickly that is over.
async fn others(client: &Client, load: &Load, done: &mut Others) {
    let least = (done.payouts.len() + 3, done.charges + 3);
    while !load.is_over() || done.payouts.len() < least.0 || done.charges < least.1 {
        let paid = client.post_json(SEND, &payment("1", APPROVED)).await;
        if paid.status == 200 {
            done.payouts.push(paid.json()["payment_id"].as_i64().unwrap_or_else(|| panic!("{paid:?}")));
        }
        let charged = client.create(&card_sale(APPROVED)).await;
        done.charges += usize::from(charged.status == 200);
        if charged.status != 200 {
            let said = charged.json()["error"].as_str().unwrap_or_else(|| panic!("{charged:?}")).to_owned();
            done.unclear += usize::from(!said.contains("Nothing was changed."));
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

async fn round(sandbox: &Sandbox, disk: &SmallDisk, load: Load, known: i64, done: &mut Others) -> Vec<Sale> {
    let trouble = async {
        fill_and_free(sandbox, disk, &load, known).await;
        load.end();
    };
    let client = &sandbox.client;
    let (sales, (), ()) = tokio::join!(load.run(client, LANES), others(client, &load, done), trouble);
    sales
}

/// A treasury with money of the merchant's to pay out, as he pays it in.
async fn fund(client: &Client) {
    let order = serde_json::json!({ "asset": "USDC_polygon", "amount": "1000" });
    let made = client.post_json("/sandbox/treasury/deposits", &order).await.ok();
    let hash = made["tx_hash"].as_str().unwrap();
    let fund = serde_json::json!({ "amount": "1000", "blockchain": "polygon", "crypto": "USDC", "tx_hash": hash });
    let fund = client.post_json(ADD, &fund).await.ok()["fund_id"].as_i64().unwrap();
    client.mine(20).await;
    becomes(client, "funds", fund, "fund:success").await;
}

/// Full under load, with payouts and charges under way; then again with the log on the same disk, and killed afterwards.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn full_and_free_again() {
    let Some(disk) = SmallDisk::mount(64) else { return };
    let receiver = Receiver::start(|_| Reply::Status(200)).await;
    let mut sandbox = Sandbox::start_on_disk(&disk).await;
    sandbox.said(&["merchant", "callback", "set", "1", &receiver.url]);
    fund(&sandbox.client).await;
    let (known, _) = sandbox.client.sell("7", "USDT_polygon").await;

    let mut done = Others::default();
    let mut sales = round(&sandbox, &disk, Load::from(0), known, &mut done).await;
    let log = std::fs::read_to_string(&sandbox.log).unwrap();
    assert!(log.contains("The database keeps nothing now") && log.contains("the disk is full"), "{log}");
    assert!(log.contains("The database keeps what it is given again"), "{log}");
    assert!(log.lines().count() < 60, "{} lines of log: {log}", log.lines().count());

    assert!(sandbox.sigterm().await.success());
    sandbox.log = sandbox.dir.join("log");
    sandbox.start_again().await;
    sales.extend(round(&sandbox, &disk, Load::from(sales.len()), known, &mut done).await);
    sandbox.restart().await;

    // leases of what could not be recorded are over
    sandbox.client.advance(300).await;
    // payouts that were acknowledged are made, once: nothing was sent whose bytes could not be stored
    assert!(done.payouts.len() > 5 && done.charges > 5, "{done:?}");
    for payout in &done.payouts {
        becomes(&sandbox.client, "payment", *payout, "payment:success").await;
    }
    // everybody is told of all that he was acknowledged, and of nothing else
    let acknowledged: Vec<String> =
        sales.iter().filter(|sale| sale.is_acknowledged()).map(|sale| sale.n.to_string()).collect();
    let opened = || async {
        let told = |callback: &Received| {
            let body = callback.json();
            let n = body["callbackJson"].as_str().map_or_else(|| body["callbackJson"].to_string(), str::to_owned);
            (body["status"] == "invoice:opened").then_some(n)
        };
        receiver.received().iter().filter_map(told).collect::<std::collections::BTreeSet<_>>()
    };
    let all_told = |told: &std::collections::BTreeSet<String>| acknowledged.iter().all(|n| told.contains(n));
    wait_until("everybody is told", opened, all_told).await;
    sandbox.audit();
    assert!(sandbox.sigterm().await.success());
    let (numbers, others) = stored(&sandbox.dir).await;
    let count = compare(&sales, numbers);
    eprintln!("{count} of {} acknowledged, and {done:?}", sales.len());
    // beside the one known from the beginning: all charges that were acknowledged, and of the others those that may be there
    assert!(
        (done.charges..=done.charges + done.unclear).contains(&(others - 1)),
        "{others} without a number; {done:?}"
    );
}

fn limit_files(sandbox: &Sandbox, bytes: &str) {
    let limit = format!("--fsize={bytes}:");
    let set = Command::new("prlimit").args(["--pid", &sandbox.id().to_string(), &limit]).status().unwrap();
    assert!(set.success());
}

/// A file system that turned read-only under its files, as Linux makes it after an error, refuses every write; so does the limit on a
/// file's size, which needs no rights, and which must not end the process.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_write_is_taken_for_a_while() {
    let mut sandbox = Sandbox::start_in_file().await;
    let load = Load::from(0);
    let (known, _) = sandbox.client.sell("7", "USDT_polygon").await;
    let trouble = async {
        for _ in 0..3 {
            let before = load.acknowledged().await;
            wait_until("the load runs", || load.acknowledged(), |count| *count > before + 100).await;
            limit_files(&sandbox, "0");
            let ready = || sandbox.client.get("/readyz");
            wait_until("it says that it keeps nothing", ready, |answer| answer.status == 503).await;
            let refused = load.refused().await;
            wait_until("requests are refused", || load.refused(), |count| *count >= refused + 30).await;
            assert_eq!(sandbox.client.status(known).await, "invoice:opened");
            limit_files(&sandbox, "unlimited");
            wait_until("it is ready again", ready, |answer| answer.status == 200).await;
        }
        load.end();
    };
    let (sales, ()) = tokio::join!(load.run(&sandbox.client, LANES), trouble);
    sandbox.restart().await;
    sandbox.audit();
    compare(&sales, stored(&sandbox.dir).await.0);
}

fn said(output: &Output) -> String {
    assert!(!output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Started where nothing can be written, it says so, and that is all it does.
#[tokio::test]
async fn a_start_on_a_disk_that_is_read_only_or_full() {
    let Some(disk) = SmallDisk::mount(8) else { return };
    let mut sandbox = Sandbox::start_on_disk(&disk).await;
    let (known, _) = sandbox.client.sell("7", "USDT_polygon").await;
    sandbox.kill9();
    disk.fill();
    let full = said(&sandbox.run(&["sandbox", "--listen", "127.0.0.1:0"]));
    assert!(full.contains("the disk is full") || full.contains("No space left on device"), "{full}");
    disk.free();
    disk.read_only(true);
    let read_only = said(&sandbox.run(&["sandbox", "--listen", "127.0.0.1:0"]));
    assert!(read_only.contains("Read-only file system") && !read_only.contains("another gateway"), "{read_only}");
    disk.read_only(false);
    sandbox.start_again().await;
    assert_eq!(sandbox.client.status(known).await, "invoice:opened");
}

/// A directory that the gateway's user may not write to.
#[tokio::test]
async fn a_start_in_a_directory_of_somebody_elses() {
    let dir = std::env::temp_dir().join(format!("lockgate-theirs-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::set_permissions(&dir, std::fs::Permissions::from_mode(0o555)).unwrap();
    // root may write anywhere, unless that right is taken away
    let program = env!("CARGO_BIN_EXE_lockgate");
    let mut command = Command::new(program);
    if rustix::process::getuid().is_root() {
        command = Command::new("setpriv");
        command.args(["--bounding-set=-dac_override,-dac_read_search", program]);
    }
    let ended = command.args(["sandbox", "--listen", "127.0.0.1:0", "--data"]).arg(&dir).output().unwrap();
    let said = said(&ended);
    assert!(said.contains("Permission denied") && said.contains(dir.to_str().unwrap()), "{said}");
    std::fs::remove_dir_all(&dir).unwrap();
}
