//! Two gateways behind a plain reverse proxy, restarted one after the other while payers and shops ask.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use serde_json::json;

use crate::harness::{Client, WALLET, postgres, quiet_port, wait_until};

/// Turns of requests from one to the next; what cannot be connected to is left out, and so is what says that it is not ready. A request
/// that was sent is never sent again.
struct Proxy {
    nodes: Vec<(String, AtomicBool)>,
    next: AtomicUsize,
    http: reqwest::Client,
    given_up: AtomicUsize,
}

/// How often the proxy looks, as those that are in use do in seconds.
const LOOK_EVERY: Duration = Duration::from_millis(50);

impl Proxy {
    async fn start(nodes: &[String]) -> (Arc<Proxy>, String) {
        let nodes = nodes.iter().map(|node| (node.clone(), AtomicBool::new(false))).collect();
        let (http, next, given_up) = (gateway::net::plain::client().unwrap(), AtomicUsize::new(0), AtomicUsize::new(0));
        let proxy = Arc::new(Proxy { nodes, next, http, given_up });
        for node in 0..proxy.nodes.len() {
            tokio::spawn(proxy.clone().look(node));
        }
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(pass_on).with_state(proxy.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (proxy, base)
    }

    async fn look(self: Arc<Self>, node: usize) {
        let (base, ready) = &self.nodes[node];
        loop {
            let answer = self.http.get(format!("{base}/readyz")).timeout(Duration::from_secs(5)).send().await;
            ready.store(answer.is_ok_and(|answer| answer.status() == 200), Ordering::SeqCst);
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    fn is_ready(&self, node: usize) -> bool {
        self.nodes[node].1.load(Ordering::SeqCst)
    }
}

async fn pass_on(State(proxy): State<Arc<Proxy>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let path = parts.uri.path_and_query().unwrap().as_str();
    let first = proxy.next.fetch_add(1, Ordering::SeqCst);
    for turn in 0..proxy.nodes.len() {
        let node = (first + turn) % proxy.nodes.len();
        if !proxy.is_ready(node) {
            continue;
        }
        let call = proxy.http.request(parts.method.clone(), format!("{}{path}", proxy.nodes[node].0));
        match call.headers(parts.headers.clone()).body(body.clone()).send().await {
            Ok(answer) => {
                let status = answer.status();
                return match answer.bytes().await {
                    Ok(bytes) => (status, Body::from(bytes)).into_response(),
                    Err(_) => break,
                };
            }
            Err(error) if error.is_connect() => continue,
            Err(_) => break,
        }
    }
    proxy.given_up.fetch_add(1, Ordering::SeqCst);
    StatusCode::BAD_GATEWAY.into_response()
}

/// Two nodes' files and processes.
struct Nodes {
    dir: PathBuf,
    database: String,
    bases: Vec<String>,
    running: Mutex<Vec<Option<Child>>>,
}

impl Drop for Nodes {
    fn drop(&mut self) {
        for mut child in self.running.get_mut().unwrap().drain(..).flatten() {
            let _ = child.kill();
            let _ = child.wait();
        }
        if std::thread::panicking() {
            eprintln!("{}", std::fs::read_to_string(self.dir.join("log")).unwrap_or_default());
        }
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

impl Nodes {
    fn new(database: String, drain: &str) -> Nodes {
        let dir = std::env::temp_dir().join(format!("lockgate-rolling-{drain}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).unwrap();
        let mut bases = Vec::new();
        for node in 0..2 {
            let base = format!("127.0.0.1:{}", quiet_port());
            let text = format!(
                "listen = \"{base}\"\nbase_url = \"http://127.0.0.1\"\ndata_dir = \"data-{node}\"\ndrain_seconds = \"{drain}\"\n\
                 fee_wallet = \"0x2222222222222222222222222222222222222222\"\nallow_private_targets = true\n\
                 [limits]\nper_key_per_minute = 600000\nper_ip_per_minute = 600000\n\
                 [[chains]]\nname = \"polygon\"\nrpc = [\"http://127.0.0.1:9\"]\nassets = [\"USDC_polygon\"]\n"
            );
            std::fs::write(dir.join(format!("{node}.toml")), text).unwrap();
            bases.push(format!("http://{base}"));
        }
        Nodes { dir, database, bases, running: Mutex::new(vec![None, None]) }
    }

    fn command(&self, node: usize, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lockgate"));
        command.args(arguments).arg("--config").arg(self.dir.join(format!("{node}.toml"))).stdin(Stdio::null());
        command.env("LOCKGATE_MASTER_KEY", "ab".repeat(32)).env("LOCKGATE_DATABASE_URL", &self.database);
        command
    }

    fn said(&self, arguments: &[&str]) -> String {
        let output = self.command(0, arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn start(&self, node: usize) {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.dir.join("log")).unwrap();
        let child = self.command(node, &["serve"]).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        self.running.lock().unwrap()[node] = Some(child);
    }

    /// As a service manager stops it, until it has ended by itself.
    async fn stop(&self, node: usize) {
        let id = self.running.lock().unwrap()[node].as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let look = || async { self.running.lock().unwrap()[node].as_mut().unwrap().try_wait().unwrap() };
        let ended = wait_until("a node ends", look, Option::is_some).await.unwrap();
        assert!(ended.success(), "{ended}");
        self.running.lock().unwrap()[node] = None;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn restarted_one_after_the_other_no_request_is_lost() {
    let Some(database) = postgres::fresh() else { return };
    let nodes = Nodes::new(database, "0.3");
    let made = nodes.said(&["merchant", "create", "--name", "Shop", "--email", "s@example.com", "--wallet", WALLET]);
    let key = made.lines().find_map(|line| line.strip_prefix("API key, shown only now: ")).unwrap().to_owned();
    nodes.said(&["merchant", "ip", "add", "1", "127.0.0.1"]);
    nodes.start(0);
    nodes.start(1);
    let (proxy, base) = Proxy::start(&nodes.bases).await;
    let ready = |node: usize| {
        let proxy = proxy.clone();
        wait_until(
            "the proxy sends to a node",
            move || {
                let proxy = proxy.clone();
                async move { proxy.is_ready(node) }
            },
            |ready| *ready,
        )
    };
    ready(0).await;
    ready(1).await;

    let (done, over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let client = Client::new(&base, &key);
    // eight who ask without a pause, and never twice
    let one = |caller: usize| {
        let (client, done, over) = (&client, &done, &over);
        async move {
            let mut made = 0;
            while !over.load(Ordering::SeqCst) {
                let mark = format!("{caller}-{made}");
                let sale = json!({ "email": "a@example.com", "amount": "1", "devise": "USD", "callbackJson": mark });
                let answer = client.create(&sale).await;
                assert_eq!((answer.status, &answer.json()["errorCode"]), (200, &json!(0)), "{mark}: {answer:?}");
                made += 1;
                done.fetch_add(1, Ordering::SeqCst);
            }
            made
        }
    };
    let load = futures_util::stream::iter((0..8).map(one)).buffer_unordered(8).collect::<Vec<_>>();
    let so_far = || async { done.load(Ordering::SeqCst) };
    let restarts = async {
        for node in [0, 1, 0] {
            let before = done.load(Ordering::SeqCst);
            wait_until("the load goes on", so_far, |now| *now >= before + 40).await;
            nodes.stop(node).await;
            let before = done.load(Ordering::SeqCst);
            wait_until("the other one serves", so_far, |now| *now >= before + 20).await;
            nodes.start(node);
            ready(node).await;
        }
        over.store(true, Ordering::SeqCst);
    };
    let (made, ()) = futures_util::future::join(load, restarts).await;

    assert_eq!(proxy.given_up.load(Ordering::SeqCst), 0);
    let output =
        Command::new("psql").args([&nodes.database, "-qAtc", "SELECT count(*) FROM invoices"]).output().unwrap();
    let stored: usize = String::from_utf8(output.stdout).unwrap().trim().parse().unwrap();
    assert_eq!(stored, made.iter().sum::<usize>(), "each was made once");
    assert!(nodes.said(&["audit"]).contains("the books are proven"));
}

/// From the signal on a node says that it is not ready, and goes on serving for its drain time.
#[tokio::test]
async fn not_ready_at_once_and_serving_meanwhile() {
    let Some(database) = postgres::fresh() else { return };
    let nodes = Nodes::new(database, "5");
    nodes.start(0);
    let client = Client::new(&nodes.bases[0], "");
    let get = |path: &'static str| client.try_send(client.request(reqwest::Method::GET, path));
    let first =
        wait_until("ready", || get("/readyz"), |answer| answer.as_ref().is_ok_and(|answer| answer.status == 200)).await;
    assert_eq!(first.unwrap().body, "ready\n");
    let id = nodes.running.lock().unwrap()[0].as_ref().unwrap().id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    let turned =
        wait_until("not ready", || get("/readyz"), |answer| !answer.as_ref().is_ok_and(|a| a.status == 200)).await;
    // it says so itself: the connection is not refused
    assert_eq!(turned.unwrap().both(), (503, "draining\n"));
    assert_eq!(get("/healthz").await.unwrap().status, 200);
    let look = || async { nodes.running.lock().unwrap()[0].as_mut().unwrap().try_wait().unwrap() };
    assert!(wait_until("it ends", look, Option::is_some).await.unwrap().success());
}
