//! Several gateways on one PostgreSQL database, on machines whose clocks disagree: under load, killed, frozen.

mod chain;
mod money;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::StreamExt;
use serde_json::json;

use crate::harness::{Client, Receiver, Reply, WALLET, postgres, quiet_port, skew, wait_until};

const NODES: usize = 3;
const ALL: usize = 900;
/// By how many seconds the machines of the nodes have the wrong time: longer than any lease of a sender.
const SKEW: [i64; NODES] = [0, 95, -95];

/// The gateways, each with a directory and a port of its own, and what they share.
struct Cluster {
    dir: PathBuf,
    database: String,
    more: Vec<(String, String)>,
    bases: Vec<String>,
    running: Mutex<BTreeMap<usize, Child>>,
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for (_, mut node) in std::mem::take(self.running.get_mut().unwrap()) {
            let _ = node.kill();
            let _ = node.wait();
        }
        if std::thread::panicking() {
            for node in 0..NODES {
                let log = std::fs::read_to_string(self.dir.join(format!("log-{node}"))).unwrap_or_default();
                let from = log.len().saturating_sub(2_000);
                eprintln!("the end of the log of node {node}: {}", log.get(from..).unwrap_or(&log));
            }
        }
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

impl Cluster {
    /// Nodes that sell over a chain that is not there.
    fn new(database: String) -> Cluster {
        let nobody = "[[chains]]\nname = \"polygon\"\nrpc = [\"http://127.0.0.1:9\"]\nassets = [\"USDC_polygon\"]\n";
        Cluster::with("alone", database, nobody, &[])
    }

    /// Nodes with more in their configurations and environments.
    fn with(name: &str, database: String, configuration: &str, environment: &[(&str, &str)]) -> Cluster {
        let dir = std::env::temp_dir().join(format!("lockgate-nodes-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).unwrap();
        let mut bases = Vec::new();
        for node in 0..NODES {
            let port = quiet_port();
            let text = format!(
                "listen = \"127.0.0.1:{port}\"\nbase_url = \"http://127.0.0.1:{port}\"\ndata_dir = \"data-{node}\"\n\
                 fee_wallet = \"0x2222222222222222222222222222222222222222\"\nallow_private_targets = true\n\
                 [limits]\nper_key_per_minute = 600000\nper_ip_per_minute = 600000\n{configuration}"
            );
            std::fs::write(dir.join(format!("{node}.toml")), text).unwrap();
            bases.push(format!("http://127.0.0.1:{port}"));
        }
        let more = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Cluster { dir, database, more, bases, running: Mutex::default() }
    }

    fn environment(&self) -> Vec<(String, String)> {
        let own = [("LOCKGATE_MASTER_KEY", "ab".repeat(32)), ("LOCKGATE_DATABASE_URL", self.database.clone())];
        own.map(|(name, value)| (name.to_owned(), value)).into_iter().chain(self.more.clone()).collect()
    }

    fn lockgate(&self, node: usize, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lockgate"));
        command.args(arguments).arg("--config").arg(self.dir.join(format!("{node}.toml"))).stdin(Stdio::null());
        command.envs(self.environment()).env("LOCKGATE_LOG", "warn");
        command
    }

    fn said(&self, arguments: &[&str]) -> String {
        let output = self.lockgate(0, arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    async fn start(&self, node: usize) {
        let log = self.dir.join(format!("log-{node}"));
        let log = std::fs::OpenOptions::new().create(true).append(true).open(log).unwrap();
        let mut command = self.lockgate(node, &["serve"]);
        let is_off = skew::set_off(&mut command, SKEW[node]);
        let child = command.stdout(Stdio::null()).stderr(log).spawn().unwrap();
        self.running.lock().unwrap().insert(node, child);
        let client = Client::new(&self.bases[node], "");
        let serves = || client.try_send(client.request(reqwest::Method::GET, "/healthz"));
        wait_until("a node serves", serves, Result::is_ok).await.unwrap();
        let log = std::fs::read_to_string(self.dir.join(format!("log-{node}"))).unwrap();
        assert_eq!(log.contains("The database's clock is ahead of this machine's"), is_off, "{log}");
    }

    fn kill(&self, node: usize) {
        let mut child = self.running.lock().unwrap().remove(&node).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    fn signal(&self, node: usize, signal: &str) {
        let id = self.running.lock().unwrap()[&node].id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    fn sql(&self, text: &str) -> Vec<String> {
        let output = Command::new("psql").args([&self.database, "-qAtc", text]).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
    }

    /// Which node follows the chain.
    fn follower(&self) -> Option<usize> {
        self.holder("follow polygon")
    }

    /// Which node does a piece of work.
    fn holder(&self, work: &str) -> Option<usize> {
        let holder = self.sql(&format!("SELECT holder FROM leases WHERE name = '{work}'")).pop()?;
        let name = |node: &usize| std::fs::read_to_string(self.dir.join(format!("data-{node}/node"))).ok();
        (0..NODES).find(|node| name(node).is_some_and(|name| name.trim() == holder))
    }
}

/// Asks one node after the other under one key until somebody answers, as a careful shop does. Its answer's page.
async fn create(clients: &[Client], n: usize) -> String {
    let sale = json!({ "email": "a@example.com", "amount": "1", "devise": "USD", "callbackJson": n.to_string() });
    for again in 0.. {
        let client = &clients[(n + again) % NODES];
        let request = client.request(reqwest::Method::POST, "/api/btn-create-invoice/get/");
        let request =
            request.header("Content-Type", "application/json").header("Idempotency-Key", format!("order-{n}"));
        let request = request.timeout(std::time::Duration::from_secs(3)).body(sale.to_string());
        if let Ok(answer) = client.try_send(request).await
            && answer.status == 200
        {
            let answer = answer.ok();
            assert_eq!(answer["errorCode"], 0, "{answer}");
            return answer["redirectUrl"].as_str().unwrap().to_owned();
        }
        assert!(again < 200, "nobody answers invoice {n}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    unreachable!()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_on_one_database_killed_and_frozen() {
    let Some(database) = postgres::fresh() else { return };
    let cluster = Cluster::new(database);
    let receiver = Receiver::start(|_| Reply::Status(200)).await;
    let made = cluster.said(&["merchant", "create", "--name", "Shop", "--email", "s@example.com", "--wallet", WALLET]);
    let key = made.lines().find_map(|line| line.strip_prefix("API key, shown only now: ")).unwrap().to_owned();
    cluster.said(&["merchant", "ip", "add", "1", "127.0.0.1"]);
    cluster.said(&["merchant", "callback", "set", "1", &receiver.url]);
    for node in 0..NODES {
        cluster.start(node).await;
    }
    let clients: Vec<Client> = cluster.bases.iter().map(|base| Client::new(base, &key)).collect();
    let done = AtomicUsize::new(0);
    let one = |n: usize| {
        let (clients, done) = (&clients, &done);
        async move {
            let page = create(clients, n).await;
            done.fetch_add(1, Ordering::SeqCst);
            page
        }
    };
    let load = futures_util::stream::iter(0..ALL).map(one).buffer_unordered(24).collect::<Vec<_>>();
    let so_far = || async { done.load(Ordering::SeqCst) };
    let trouble = async {
        wait_until("some are done", so_far, |now| *now > ALL / 10).await;
        // who follows the chain stands still, whatever it is in the middle of: another takes over, and the load goes on
        let frozen = cluster.follower().expect("somebody follows the chain");
        cluster.signal(frozen, "-STOP");
        wait_until("another follows the chain", || async { cluster.follower() }, |now| *now != Some(frozen)).await;
        cluster.signal(frozen, "-CONT");
        for round in 1..=4 {
            let (node, before) = (round % NODES, done.load(Ordering::SeqCst));
            cluster.kill(node);
            wait_until("the load goes on", so_far, |now| *now >= (before + 60).min(ALL)).await;
            cluster.start(node).await;
        }
    };
    let (pages, ()) = futures_util::future::join(load, trouble).await;

    // each is there once, whoever was asked how often
    let mut stored: Vec<usize> =
        cluster.sql("SELECT callback_json FROM invoices").iter().map(|n| n.parse().unwrap()).collect();
    stored.sort_unstable();
    assert_eq!(stored, (0..ALL).collect::<Vec<_>>());
    let distinct: std::collections::BTreeSet<_> = pages.iter().collect();
    assert_eq!(distinct.len(), ALL, "no two got the same page");
    // each is told of, at least once, and nothing waits
    let waiting = || async { cluster.sql("SELECT count(*) FROM deliveries WHERE state <> 'delivered'")[0].clone() };
    wait_until("all callbacks are delivered", waiting, |count| count == "0").await;
    let told: std::collections::BTreeSet<String> =
        receiver.received().iter().map(|callback| callback.json()["callbackJson"].to_string()).collect();
    assert_eq!(told.len(), ALL);
    let said = cluster.said(&["audit"]);
    assert!(said.contains("the books are proven"), "{said}");
}
