//! A live gateway on an anvil chain: configuration, merchant, process, callbacks.

use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::peer::{Anvil, GAS_KEY};

pub const MERCHANT_WALLET: &str = "0x1111111111111111111111111111111111111111";
pub const FEE_WALLET: &str = "0x2222222222222222222222222222222222222222";
const PASSPHRASE: &str = "a passphrase for tests only";
/// Anvil's well-known third account.
pub const TREASURY_KEY: &str = "5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a";
const MASTER_KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
/// What the tests' chain calls final: 3 blocks up to 100 USD, 6 beyond and for flushes.
pub const DEEPEST: u64 = 6;

pub struct Gateway {
    dir: PathBuf,
    config: PathBuf,
    base_url: String,
    pub api_key: String,
    process: Option<Child>,
    http: reqwest::Client,
    received: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.kill();
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

impl Gateway {
    /// Sets everything up by the commands an operator would use. Nothing is served yet.
    pub async fn set_up(anvil: &Anvil, name: &str) -> Gateway {
        let dir = std::env::temp_dir().join(format!("lockgate-anvil-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).unwrap();
        crate::harness::postgres::prepare(&dir.join("data"));
        let (config, port) = (dir.join("lockgate.toml"), crate::harness::quiet_port());
        let text = format!(
            r#"
            listen = "127.0.0.1:{port}"
            base_url = "http://127.0.0.1:{port}"
            data_dir = "data"
            fee_wallet = "{FEE_WALLET}"
            allow_private_targets = true
            [[chains]]
            name = "polygon"
            rpc = ["{}"]
            assets = ["USDT_polygon", "USDC_polygon"]
            deepest = {DEEPEST}
            flush_at_once_usd = 0
            bump_after_seconds = 2
            [[chains.confirmations]]
            up_to_usd = "100"
            blocks = 3
            # nobody answers there: a chain that is down must hold up only itself
            [[chains]]
            name = "ethereum"
            rpc = ["http://127.0.0.1:9"]
            assets = ["USDC_ethereum"]
            "#,
            anvil.url
        );
        std::fs::write(&config, text).unwrap();
        let http = gateway::net::plain::client().unwrap();
        let received = Arc::default();
        let mut gateway = Gateway {
            dir,
            config,
            base_url: format!("http://127.0.0.1:{port}"),
            api_key: String::new(),
            process: None,
            http,
            received,
        };
        let deployed = gateway.command(&["chain", "deploy", "polygon", "--yes"]);
        assert!(deployed.contains("is there"), "{deployed}");
        let wallet =
            ["merchant", "create", "--name", "Shop", "--email", "shop@example.com", "--s2s", "--fee-bps", "250"];
        let made = gateway.command(&[&wallet[..], &["--wallet", MERCHANT_WALLET]].concat());
        gateway.api_key = made.lines().find_map(|line| line.strip_prefix("API key, shown only now: ")).unwrap().into();
        gateway.command(&["merchant", "ip", "add", "1", "127.0.0.1"]);
        let inbox = gateway.receive().await;
        gateway.command(&["merchant", "callback", "set", "1", &inbox]);
        gateway
    }

    /// Gives the gateway a treasury; answers its address.
    pub fn add_treasury(&self) -> String {
        self.add_treasuries(&["polygon"])
    }

    /// Gives the gateway the same treasury on several chains; answers its address.
    pub fn add_treasuries(&self, chains: &[&str]) -> String {
        let path = self.dir.join("treasury.json");
        let made = rails::evm::keystore::seal(&path, TREASURY_KEY, PASSPHRASE).unwrap();
        for chain in chains {
            self.configure(&format!(
                r#"
            [[treasury]]
            chain = "{chain}"
            signer = "hot"
            key_file = "treasury.json"
            daily_cap = 10000
            transfer_cap = 1000
            "#
            ));
        }
        made.address().to_string()
    }

    /// Gives the gateway a treasury whose key is in a file that it does not read; answers its address.
    pub fn add_offline_treasury(&self) -> String {
        let address = self.add_treasury();
        let text = std::fs::read_to_string(&self.config).unwrap();
        let offline = format!("signer = \"offline\"\n            address = \"{address}\"");
        let from = "signer = \"hot\"\n            key_file = \"treasury.json\"";
        assert!(text.contains(from));
        std::fs::write(&self.config, text.replace(from, &offline)).unwrap();
        address
    }

    /// Where a file of the operator's is.
    pub fn path(&self, name: &str) -> String {
        self.dir.join(name).to_str().unwrap().to_owned()
    }

    /// `lockgate sign`, as on the other machine: without configuration and secrets of the gateway's.
    pub fn sign(&self, from: &str, to: &str) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lockgate"));
        let (from, to, key) = (self.path(from), self.path(to), self.path("treasury.json"));
        command.args(["sign", "--bundle", &from, "--key-file", &key, "--out", &to, "--yes"]);
        let output = command.env_clear().env("LOCKGATE_TREASURY_PASSPHRASE", PASSPHRASE).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }

    /// Adds to the configuration.
    pub fn configure(&self, text: &str) {
        let whole = std::fs::read_to_string(&self.config).unwrap() + text;
        std::fs::write(&self.config, whole).unwrap();
    }

    /// The part of the configuration where nobody answers is a chain that does.
    pub fn ethereum_at(&self, url: &str) {
        let text = std::fs::read_to_string(&self.config).unwrap().replace("http://127.0.0.1:9\"", &format!("{url}\""));
        std::fs::write(&self.config, text).unwrap();
    }

    /// The status and body of a call of the merchant's API.
    pub async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let request = self.http.post(format!("{}{path}", self.base_url)).header("API-KEY", &self.api_key);
        let answer = request.header("content-type", "application/json").body(body.to_string()).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap())
    }

    pub async fn get(&self, path: &str) -> Value {
        let request = self.http.get(format!("{}{path}", self.base_url)).header("API-KEY", &self.api_key);
        serde_json::from_str(&request.send().await.unwrap().text().await.unwrap()).unwrap()
    }

    /// The bodies told of a fund or a payment, each repeat once; every signature is checked.
    pub fn bodies(&self, prefix: &str, id: i64) -> Vec<Value> {
        use gateway::wire::signature::{Scheme, verify_x_signature};
        let mut told: Vec<Value> = Vec::new();
        for (headers, body) in self.received.lock().unwrap().iter() {
            let signature = headers["x-signature"].to_str().unwrap();
            assert!(verify_x_signature(Scheme::default(), self.api_key.as_bytes(), body, signature));
            let body: Value = serde_json::from_slice(body).unwrap();
            if body["id"] == id && body["status"].as_str().unwrap().starts_with(prefix) && !told.contains(&body) {
                told.push(body);
            }
        }
        told
    }

    /// The program's parts in the test's process, on the same database.
    pub async fn parts(&self) -> gateway::app::SharedApp {
        let env = |name: &str| match name {
            "LOCKGATE_MASTER_KEY" => Some(MASTER_KEY.to_owned()),
            "LOCKGATE_GAS_KEY" => Some(GAS_KEY.to_owned()),
            "LOCKGATE_TREASURY_PASSPHRASE" => Some(PASSPHRASE.to_owned()),
            _ => None,
        };
        let config = gateway::config::Config::load(&self.config, &env).unwrap();
        let store = gateway::store::Store::open(&config.database).unwrap();
        gateway::live::app(&config, store, &self.http).await.unwrap()
    }

    fn lockgate(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lockgate"));
        command.args(arguments).arg("--config").arg(&self.config);
        command.env("LOCKGATE_TREASURY_PASSPHRASE", PASSPHRASE);
        command.env("LOCKGATE_MASTER_KEY", MASTER_KEY).env("LOCKGATE_GAS_KEY", GAS_KEY).env("LOCKGATE_LOG", "error");
        command
    }

    pub fn output(&self, arguments: &[&str]) -> Output {
        self.lockgate(arguments).stdin(Stdio::null()).output().unwrap()
    }

    /// Runs a command that must succeed, and answers what it printed.
    pub fn command(&self, arguments: &[&str]) -> String {
        let output = self.output(arguments);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{arguments:?}: {said}{}", String::from_utf8_lossy(&output.stderr));
        said
    }

    /// Takes callbacks on a port of its own.
    async fn receive(&self) -> String {
        let received = self.received.clone();
        let take = move |headers: HeaderMap, body: Bytes| {
            received.lock().unwrap().push((headers, body));
            async { "ok" }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/callbacks", listener.local_addr().unwrap());
        let router = axum::Router::new().route("/callbacks", axum::routing::post(take));
        tokio::spawn(async move { axum::serve(listener, router).await });
        url
    }

    /// Serves; with `crash_at`, until that point of the program is reached.
    pub async fn start(&mut self, crash_at: Option<&str>) {
        let mut command = self.lockgate(&["serve"]);
        if let Some(point) = crash_at {
            command.env("LOCKGATE_CRASH_AT", point);
        }
        self.process = Some(command.stdout(Stdio::null()).spawn().unwrap());
        let ready = async || {
            let answer = self.http.get(format!("{}/readyz", self.base_url)).send().await.ok()?;
            answer.status().is_success().then_some(())
        };
        super::until("the gateway is ready", ready).await;
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Waits until the process has ended by itself.
    pub async fn crashed(&mut self) {
        let process = Mutex::new(self.process.take().unwrap());
        super::until("the gateway crashed", async || process.lock().unwrap().try_wait().unwrap().map(|_| ())).await;
    }

    pub async fn create(&self, amount: &str, currency: &str) -> (i64, String) {
        let body =
            json!({ "email": "a@example.com", "amount": amount, "devise": "USD", "payableCurrencies": currency });
        // a gateway that has just started may not have looked at its chain yet, and says so
        let answer = super::until("the gateway sells", async || {
            let request = self.http.post(format!("{}/api/btn-create-invoice/get/", self.base_url));
            let request = request.header("API-KEY", &self.api_key).header("content-type", "application/json");
            let answer = request.body(body.to_string()).send().await.unwrap();
            if answer.status() == 503 { None } else { Some(answer.text().await.unwrap()) }
        });
        let answer: Value = serde_json::from_str(&answer.await).unwrap();
        assert_eq!(answer["errorCode"], 0, "{answer}");
        (answer["ID"].as_i64().unwrap(), answer["redirectUrl"].as_str().unwrap().to_owned())
    }

    /// Names a transaction that brought whole USDT to the treasury; answers the fund's number.
    pub async fn fund(&self, hash: &str, amount: &str) -> i64 {
        let body = json!({ "amount": amount, "blockchain": "polygon", "crypto": "USDT", "tx_hash": hash });
        let request = self.http.post(format!("{}/api/payout/funds/add", self.base_url));
        let request = request.header("API-KEY", &self.api_key).header("content-type", "application/json");
        let answer = request.body(body.to_string()).send().await.unwrap().text().await.unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        answer["fund_id"].as_i64().unwrap_or_else(|| panic!("{answer}"))
    }

    /// The address the page shows.
    pub async fn address(&self, page: &str) -> String {
        let html = self.page(page).await;
        // not the first `0x`: a page's token may hold one by chance
        let at = html.find("value=\"0x").unwrap_or_else(|| panic!("no address on the page: {html}")) + 7;
        html[at..at + 42].to_owned()
    }

    pub async fn page(&self, url: &str) -> String {
        self.http.get(url).send().await.unwrap().text().await.unwrap()
    }

    pub async fn status(&self, id: i64) -> String {
        let url = format!("{}/api/invoice/status/?id={id}", self.base_url);
        let answer = self.http.get(url).header("API-KEY", &self.api_key).send().await.unwrap().text().await.unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        answer["invoice"]["status"].as_str().unwrap_or_default().to_owned()
    }

    pub async fn history(&self) -> Vec<Value> {
        let url = format!("{}/api/client-invoice-history/get/", self.base_url);
        let answer = self.http.get(url).header("API-KEY", &self.api_key).send().await.unwrap().text().await.unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        answer["list"].as_array().unwrap().clone()
    }

    /// The statuses told of an invoice, in order of arrival, each repeat once; every signature is checked.
    pub fn told(&self, id: i64) -> Vec<String> {
        use gateway::wire::signature::{Scheme, verify_x_signature};
        let mut told = Vec::new();
        for (headers, body) in self.received.lock().unwrap().iter() {
            let signature = headers["x-signature"].to_str().unwrap();
            assert!(verify_x_signature(Scheme::default(), self.api_key.as_bytes(), body, signature));
            let body: Value = serde_json::from_slice(body).unwrap();
            let status = body["status"].as_str().unwrap().to_owned();
            if body["id"] == id && !told.contains(&status) {
                told.push(status);
            }
        }
        told
    }

    /// Mines until the invoice has a status.
    pub async fn mine_until(&self, anvil: &Anvil, id: i64, status: &str) {
        for _ in 0..900 {
            if self.status(id).await == status {
                return;
            }
            anvil.mine(1).await;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("invoice {id} is {} instead of {status}", self.status(id).await);
    }

    pub fn audit(&self) {
        let said = self.command(&["audit"]);
        assert!(said.contains("the books are proven"), "{said}");
    }
}
