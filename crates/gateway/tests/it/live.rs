//! `lockgate serve` as an operator meets it, with a chain that is down: what needs no chain works all the same.

use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};

use crate::harness::wait_until;

pub struct Live {
    pub dir: PathBuf,
    pub base_url: String,
    /// More of what the program finds there.
    pub environment: Vec<(&'static str, String)>,
    process: Option<Child>,
}

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Live({})", self.dir.display())
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

impl Live {
    pub fn new(name: &str, more: &str) -> Live {
        let dir = std::env::temp_dir().join(format!("lockgate-live-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).unwrap();
        crate::harness::postgres::prepare(&dir.join("data"));
        let port = crate::harness::quiet_port();
        let base_url = format!("http://127.0.0.1:{port}");
        let text = format!(
            "listen = \"127.0.0.1:{port}\"\nbase_url = \"{base_url}\"\ndata_dir = \"data\"\n\
             fee_wallet = \"0x2222222222222222222222222222222222222222\"\n{more}\n\
             [[chains]]\nname = \"anvil\"\nrpc = [\"http://127.0.0.1:9\"]\n"
        );
        std::fs::write(dir.join("lockgate.toml"), text).unwrap();
        Live { dir, base_url, environment: Vec::new(), process: None }
    }

    fn command(&self, arguments: &[&str], master_key: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lockgate"));
        command.args(arguments).arg("--config").arg(self.dir.join("lockgate.toml")).stdin(Stdio::null());
        command.env("LOCKGATE_MASTER_KEY", master_key.repeat(32)).env("LOCKGATE_LOG", "error");
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments, "ab").output().unwrap()
    }

    pub fn said(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Serves until it dies at a named step.
    pub async fn serve_until_it_dies(&mut self, step: &str) {
        let mut serve = self.command(&["serve"], "ab");
        serve.env("LOCKGATE_CRASH_AT", step).stdout(Stdio::null()).stderr(Stdio::null());
        let process = std::sync::Mutex::new(self.process.insert(serve.spawn().unwrap()));
        wait_until("it has died", async || process.lock().unwrap().try_wait().unwrap(), Option::is_some).await;
    }

    pub async fn serve(&mut self) -> reqwest::Client {
        let log = std::fs::File::create(self.dir.join("log")).unwrap();
        let mut serve = self.command(&["serve"], "ab");
        serve.env("LOCKGATE_LOG", "trace").stdout(Stdio::null()).stderr(log);
        self.process = Some(serve.spawn().unwrap());
        let http = gateway::net::plain::client().unwrap();
        let ready = || async { http.get(format!("{}/readyz", self.base_url)).send().await.is_ok() };
        wait_until("the gateway is ready", ready, |ready| *ready).await;
        http
    }
}

#[tokio::test]
async fn limits_sandbox_controls_and_a_chain_that_is_down() {
    let mut live = Live::new("limits", "[limits]\nper_key_per_minute = 5\nper_ip_per_minute = 3");
    live.said(&["migrate"]);
    let wallet = "0x1111111111111111111111111111111111111111";
    let made = live.said(&["merchant", "create", "--name", "S", "--email", "s@example.com", "--wallet", wallet]);
    let key = made.lines().find_map(|line| line.strip_prefix("API key, shown only now: ")).unwrap().to_owned();
    live.said(&["merchant", "ip", "add", "1", "127.0.0.1"]);
    let http = live.serve().await;
    let create = async |key: &str| {
        let body = json!({ "email": "a@example.com", "amount": 5, "devise": "USD" }).to_string();
        let request = http.post(format!("{}/api/btn-create-invoice/get/", live.base_url)).header("API-KEY", key);
        let answer = request.header("content-type", "application/json").body(body).send().await.unwrap();
        let retry = answer.headers().get("retry-after").map(|value| value.to_str().unwrap().parse::<u64>().unwrap());
        let status = answer.status().as_u16();
        (status, retry, serde_json::from_str::<Value>(&answer.text().await.unwrap()).unwrap())
    };
    for _ in 0..5 {
        let (status, _, answer) = create(&key).await;
        assert_eq!((status, &answer["errorCode"]), (200, &json!(0)), "{answer}");
    }
    let (status, retry, answer) = create(&key).await;
    assert_eq!(status, 429);
    assert!((1..=60).contains(&retry.unwrap()), "{retry:?}");
    assert!(answer["error"].as_str().unwrap().starts_with("Too many requests. Try again in "), "{answer}");
    // guessing is counted by address, and does not use up the merchant's calls
    let guesses = [create("00").await.0, create("01").await.0, create("02").await.0, create("03").await.0];
    assert_eq!(guesses, [200, 200, 200, 429]);
    // nothing of the sandbox is there
    for path in [
        "/sandbox/",
        "/sandbox/callbacks",
        "/sandbox/about.json",
        "/sandbox/acquirer/payments",
        "/sandbox/acquirer/v1/payments",
    ] {
        assert_eq!(http.get(format!("{}{path}", live.base_url)).send().await.unwrap().status().as_u16(), 404, "{path}");
    }
}

#[test]
fn what_is_wrong_is_said_before_anything_runs() {
    let live = Live::new("wrong", "lisen = 1");
    let output = live.run(&["serve"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("lockgate.toml:5:1: lisen: unknown key"), "{said}");

    let live = Live::new("doctor", "");
    live.said(&["migrate"]);
    let output = live.run(&["doctor"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    for line in [
        "ok     database:",
        "ok     disk:",
        "WRONG  anvil: ",
        "note   merchants: none",
        "note   rates: every rate source for USD/INR is stale or silent: nobody can be charged in INR for an invoice in USD",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    live.said(&["merchant", "create", "--name", "S", "--email", "s@example.com"]);
    let other =
        live.command(&["merchant", "create", "--name", "S", "--email", "s@example.com"], "cd").output().unwrap();
    let said = String::from_utf8_lossy(&other.stderr).into_owned();
    assert!(!other.status.success() && said.contains("is not the key this database was made with"), "{said}");
}
