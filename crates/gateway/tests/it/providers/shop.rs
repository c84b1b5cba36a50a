//! A live gateway with a merchant who sells by card and UPI: the program itself, set up by an operator's commands.

use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Mutex;

use reqwest::Method;

use super::payer::Invoice;
use super::psp::{Kind, Payment, Psp, field, now};
use crate::harness::{Client, Receiver, Reply, WALLET, assert_signed, quiet_port, wait_until};

pub struct Shop {
    pub dir: PathBuf,
    pub client: Client,
    webhook_secret: String,
    receiver: Receiver,
    process: Option<Child>,
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("the gateway's log: {}", std::fs::read_to_string(self.dir.join("log")).unwrap_or_default());
        }
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

impl Shop {
    /// A merchant with callbacks; no chain. Nothing is served yet.
    pub async fn open(name: &str) -> Shop {
        let dir = std::env::temp_dir().join(format!("lockgate-providers-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).unwrap();
        crate::harness::postgres::prepare(&dir.join("data"));
        let port = quiet_port();
        let base_url = format!("http://127.0.0.1:{port}");
        let text = format!(
            "listen = \"127.0.0.1:{port}\"\nbase_url = \"{base_url}\"\ndata_dir = \"data\"\n\
             fee_wallet = \"0x2222222222222222222222222222222222222222\"\nallow_private_targets = true\n\
             [rates.fixed]\nINR = \"83.5\"\n[limits]\nper_key_per_minute = 60000\nper_ip_per_minute = 60000\n\
             # a gateway needs a chain; nobody answers there, which holds up nothing here\n\
             [[chains]]\nname = \"polygon\"\nrpc = [\"http://127.0.0.1:9\"]\nassets = [\"USDC_polygon\"]\n"
        );
        std::fs::write(dir.join("lockgate.toml"), text).unwrap();
        let receiver = Receiver::start(|_| Reply::Status(200)).await;
        let client = Client::new(&base_url, "");
        let mut shop = Shop { dir, client, webhook_secret: String::new(), receiver, process: None };
        shop.said(&["migrate"]);
        let merchant = ["merchant", "create", "--name", "Test shop", "--email", "shop@example.com", "--wallet", WALLET];
        let made = shop.said(&merchant);
        let key = made.lines().find_map(|line| line.strip_prefix("API key, shown only now: ")).unwrap().to_owned();
        shop.client = shop.client.with_key(&key);
        shop.said(&["merchant", "ip", "add", "1", "127.0.0.1"]);
        shop.said(&["merchant", "callback", "set", "1", &shop.receiver.url]);
        shop.webhook_secret = shop.said(&["merchant", "callback", "secret", "1"]).trim().to_owned();
        shop
    }

    fn lockgate(&self, arguments: &[&str]) -> Command {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.dir.join("log")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_lockgate"));
        command.args(arguments).arg("--config").arg(self.dir.join("lockgate.toml")).stdin(Stdio::null()).stderr(log);
        command.env("LOCKGATE_MASTER_KEY", "ab".repeat(32)).env("LOCKGATE_LOG", "warn");
        command.env_remove("LOCKGATE_CRASH_AT");
        command
    }

    fn output(&self, arguments: &[&str], environment: &[(String, String)]) -> Output {
        self.lockgate(arguments).envs(environment.iter().cloned()).output().unwrap()
    }

    /// Runs a command that must succeed, and answers what it printed.
    pub fn said(&self, arguments: &[&str]) -> String {
        self.said_with(arguments, &[])
    }

    fn said_with(&self, arguments: &[&str], environment: &[(String, String)]) -> String {
        let output = self.output(arguments, environment);
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{arguments:?}: {said}");
        said
    }

    /// Runs a command that must be refused, and answers why.
    pub fn refused(&self, arguments: &[&str]) -> String {
        let output = self.lockgate(arguments).stderr(Stdio::piped()).output().unwrap();
        assert!(!output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    /// The merchant's account at a provider whose API is at `base_url`.
    pub fn account(&self, kind: &Kind, base_url: &str, value: impl Fn(&str) -> String) -> String {
        let mut arguments: Vec<String> =
            ["provider", "add", kind.name, "--merchant", "1", "--base-url", base_url].map(String::from).to_vec();
        for name in kind.settings {
            arguments.extend(["--set".into(), format!("{name}={}", value(name))]);
        }
        let mut environment = Vec::new();
        for name in kind.secrets {
            let variable = format!("TEST_{}", name.to_ascii_uppercase());
            arguments.extend(["--secret".into(), format!("{name}=env:{variable}")]);
            environment.push((variable, value(name)));
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let said = self.said_with(&arguments, &environment);
        said.strip_prefix("Account ").and_then(|rest| rest.split_once(' ')).unwrap().0.to_owned()
    }

    /// Payers by this method are sent to these accounts, in this order.
    pub fn route(&self, kind: &Kind, accounts: &[&str]) {
        let method = kind.method.to_ascii_lowercase();
        self.said(&[&["provider", "route", "1", &method], accounts].concat());
    }

    /// One account at one provider, and all payers are sent there.
    pub fn sell_by(&self, psp: &Psp) -> String {
        let account = self.account(psp.kind, &psp.base_url, field);
        self.route(psp.kind, &[&account]);
        account
    }

    fn spawn(&mut self, crash_at: Option<&str>) {
        let mut command = self.lockgate(&["serve"]);
        if let Some(point) = crash_at {
            command.env("LOCKGATE_CRASH_AT", point);
        }
        self.process = Some(command.stdout(Stdio::null()).spawn().unwrap());
    }

    /// Serves; with `crash_at`, until that point of the program is reached.
    pub async fn start(&mut self, crash_at: Option<&str>) {
        self.spawn(crash_at);
        // not /readyz: the chain is down
        let ready = || self.client.try_send(self.client.request(Method::GET, "/healthz"));
        wait_until("the gateway serves", ready, Result::is_ok).await.unwrap();
    }

    /// Runs until a point of the program that is reached without anybody's asking.
    pub async fn run_until(&mut self, crash_at: &str) {
        self.spawn(Some(crash_at));
        self.crashed().await;
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    pub async fn crashed(&mut self) {
        let process = Mutex::new(self.process.take().unwrap());
        let ended = || async { process.lock().unwrap().try_wait().unwrap() };
        wait_until("the gateway crashes", ended, Option::is_some).await;
    }

    pub fn audit(&self) {
        let said = self.said(&["audit"]);
        assert!(said.contains("the books are proven"), "{said}");
    }

    /// The statuses told of an invoice, in order, each repeat once: what was on its way when the gateway died is told again. Every
    /// signature is checked.
    pub fn told(&self, invoice: &Invoice) -> Vec<String> {
        let mut told = Vec::new();
        for callback in self.receiver.received().iter().filter(|callback| callback.json()["id"] == invoice.id) {
            assert_signed(&self.client.key, &self.webhook_secret, &callback.body, |name| callback.header(name));
            if !told.contains(&callback.status()) {
                told.push(callback.status());
            }
        }
        told
    }

    pub async fn is_told(&self, invoice: &Invoice, expected: &[&str]) {
        let told = || async { self.told(invoice) };
        wait_until(&format!("callbacks {expected:?}"), told, |told| told == expected).await;
    }

    /// A provider posts; the answer's status.
    pub async fn post(&self, account: &str, headers: &[(&'static str, String)], body: &str) -> u16 {
        let mut request = self.client.request_without_key(Method::POST, &format!("/provider/callbacks/{account}"));
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let request = request.header("content-type", "application/json").body(body.to_owned());
        self.client.send(request).await.status
    }

    /// A good callback about a payment.
    pub async fn hear(&self, account: &str, kind: &Kind, payment: &Payment) {
        let (headers, body) = (kind.event)(payment, now());
        assert_eq!(self.post(account, &headers, &body).await, 200, "{body}");
    }
}
