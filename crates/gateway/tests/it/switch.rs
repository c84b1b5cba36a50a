//! A live gateway and its sandbox, as two processes that a secret joins: into the other and back, as a merchant's person does it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use reqwest::Method;

use crate::browser::run;
use crate::harness::{Answer, Client, Visitor, quiet_port, wait_until};
use crate::live::Live;

const SECRET: &str = "a-secret-that-joins-two-gateways-0001";
const EMAIL: &str = "owner@company.example";
const PASSWORD: &str = "a long enough password";

/// `lockgate sandbox --live`. Dropping it kills the process and removes its directory.
struct Joined {
    dir: PathBuf,
    port: u16,
    live: String,
    secret: &'static str,
    process: Option<Child>,
}

impl Drop for Joined {
    fn drop(&mut self) {
        self.kill();
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

impl Joined {
    fn new(name: &str, live: &str, port: u16) -> Joined {
        let dir = std::env::temp_dir().join(format!("lockgate-joined-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).unwrap();
        crate::harness::postgres::prepare(&dir);
        Joined { dir, port, live: live.into(), secret: SECRET, process: None }
    }

    fn command(&self, arguments: &[&str], secret: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lockgate"));
        command.args(["sandbox", "--listen", &format!("127.0.0.1:{}", self.port), "--data"]).arg(&self.dir);
        command.args(arguments).stdin(Stdio::null());
        command.env("LOCKGATE_SANDBOX_SECRET", secret).env("LOCKGATE_LOG", "trace");
        command
    }

    fn run(&self, arguments: &[&str], secret: &str) -> Output {
        self.command(arguments, secret).output().unwrap()
    }

    /// Whether a command about it went well, and what it said.
    fn asked(&self, arguments: &[&str]) -> (bool, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lockgate"));
        let output = command.args(arguments).arg("--data").arg(&self.dir).stdin(Stdio::null()).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&said).into_owned())
    }

    fn url(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    fn client(&self) -> Client {
        Client::new(&format!("http://127.0.0.1:{}", self.port), "")
    }

    async fn serve(&mut self) -> Client {
        let (log, client) = (File::create(self.log()).unwrap(), self.client());
        let mut serve = self.command(&["--base-url", &self.url(), "--live", &self.live], self.secret);
        self.process = Some(serve.stdout(Stdio::null()).stderr(log).spawn().unwrap());
        let ready = || async {
            let asked = client.try_send(client.request_without_key(Method::GET, "/readyz")).await;
            asked.is_ok_and(|answer| answer.status == 200)
        };
        wait_until("the sandbox is ready", ready, |ready| *ready).await;
        client
    }

    fn log(&self) -> PathBuf {
        self.dir.join("log")
    }

    fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// Both, serving; somebody has signed up at the live gateway.
async fn two(name: &str) -> (Live, Joined, Visitor) {
    let port = quiet_port();
    let mut live = Live::new(name, &format!("[sandbox]\nbase_url = \"http://localhost:{port}\"\n"));
    live.environment.push(("LOCKGATE_SANDBOX_SECRET", SECRET.into()));
    assert!(live.said(&["config", "check"]).contains(&format!("merchants switch to http://localhost:{port}")));
    live.serve().await;
    let person = Visitor::new(&Client::new(&live.base_url, ""));
    let fields = [("email", EMAIL), ("company", "Tea & more"), ("new-password", PASSWORD), ("again", PASSWORD)];
    assert_eq!(person.post("/signup", "/signup", &fields).await.status, 200);
    let mails = live.said(&["mails"]);
    let link = mails.split_whitespace().find(|word| word.contains("/confirm?token=")).unwrap();
    let (path, token) = (link.strip_prefix(&live.base_url).unwrap(), link.split_once("token=").unwrap().1);
    let confirmed = person.post(path, "/confirm", &[("token", token), ("password", PASSWORD)]).await;
    assert_eq!(confirmed.location(), "/client/");
    let joined = Joined::new(name, &live.base_url, port);
    (live, joined, person)
}

fn path_at<'a>(answer: &'a Answer, base: &str) -> &'a str {
    assert_eq!(answer.status, 303, "{answer:?}");
    answer.location().strip_prefix(base).unwrap_or_else(|| panic!("{answer:?}"))
}

#[tokio::test]
async fn a_person_switches_to_the_sandbox_sells_there_and_goes_back() {
    let (live, mut joined, person) = two("switch").await;
    let client = joined.serve().await;
    let home = person.get("/client/").await;
    assert!(home.body.contains(&format!("href=\"{}/enter\"", joined.url())), "{home:?}");
    let guest = Visitor::new(&client);
    let begun = guest.get("/enter").await;
    let given = person.get(path_at(&begun, &live.base_url)).await;
    let ticket = path_at(&given, &joined.url()).to_owned();
    assert_eq!(guest.get(&ticket).await.location(), "/client/");
    let home = guest.get("/client/").await;
    assert!(home.body.contains("Tea &#38; more") && home.body.contains("sandbox-mark"), "{home:?}");
    assert!(home.body.contains(&format!("href=\"{}/client/\"", live.base_url)), "the way back");
    assert_eq!(guest.get(&ticket).await.status, 403, "it was taken");

    // sold, and paid by card and by coins: the gateway speaks to its own acquirer and chain
    for (method, state) in [("card", "Received"), ("crypto", "Settled")] {
        let fields = [("amount", "15.04"), ("devise", "USD"), ("email", "payer@example.com")];
        let made = guest.post("/client/invoices/new", "/client/invoices/new", &fields).await;
        let page = made.location().to_owned();
        let number = page.strip_prefix("/client/invoices/").unwrap_or_else(|| panic!("{made:?}"));
        let fields = [("invoice", number), ("outcome", "paid"), ("method", method)];
        assert_eq!(guest.post("/client/sandbox", "/client/sandbox/pay", &fields).await.location(), page);
        let badge = format!(">{state}</span>");
        wait_until(state, || guest.get(&page), |shown| shown.body.contains(&badge)).await;
    }
    // nothing is open beside
    for path in ["/sandbox/rpc", "/sandbox/acquirer/v1/payments", "/sandbox/chain/mine", "/sandbox/clock/advance"] {
        let asked = client.send(client.request_without_key(Method::POST, path).body("{}")).await;
        assert_eq!(asked.status, 404, "{path}");
    }
    for path in ["/sandbox/about.json", "/sandbox/mails", "/sandbox/callbacks", "/sandbox/mailbox"] {
        assert_eq!(guest.get(path).await.status, 404, "{path}");
    }
    assert!(!joined.dir.join("sandbox.json").exists());
    assert_eq!(person.get("/client/").await.status, 200, "he is signed in there as before");
    // at its command line: nobody has a password here, and targets are as its own guard has them
    let (is_made, said) = joined.asked(&["user", "add-operator", "boss@company.example"]);
    assert!(is_made && said.contains("when he comes in") && !said.contains("token="), "{said}");
    let (is_set, said) = joined.asked(&["merchant", "callback", "set", "1", "http://127.0.0.1:9/hook"]);
    assert!(!is_set && said.contains("public addresses"), "{said}");
    secrets_are_not_in(&joined.log(), &ticket);
    secrets_are_not_in(&live.dir.join("log"), &ticket);

    // it goes on where it was, and only as what it was made
    joined.kill();
    for (arguments, secret, words) in [
        (&[][..], "", "the merchants of a live gateway use this sandbox"),
        (&[], SECRET, "is set, but not --live and --base-url"),
        (&["--live", "http://127.0.0.1:1"], SECRET, "--base-url"),
        (&["--live", "http://localhost:1", "--base-url", "http://localhost:2"], SECRET, "must be another host"),
        (&["--live", "http://127.0.0.1:1", "--base-url", "http://localhost:2"], "short", "is too short"),
        (&["--live", "http://127.0.0.1:1", "--base-url", "http://localhost:2"], "", "is not set"),
        (&["--live", "http://127.0.0.1:1", "--base-url", "http://localhost:2", "--seed", "7"], SECRET, "--seed"),
    ] {
        let output = joined.run(arguments, secret);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(words), "{arguments:?}: {said}");
    }
    joined.serve().await;
    let home = guest.get("/client/").await;
    assert!(home.status == 200 && home.body.contains("Tea &#38; more"), "{home:?}");

    // closed by another secret at this side: who was in is out, and nobody comes in
    joined.kill();
    joined.secret = "a-secret-that-joins-two-gateways-0002";
    joined.serve().await;
    let begun = guest.get("/client/").await;
    assert_eq!((begun.status, begun.location()), (303, "/enter"));
    let given = person.get(path_at(&guest.get("/enter").await, &live.base_url)).await;
    assert_eq!(guest.get(path_at(&given, &joined.url())).await.status, 403);
}

fn secrets_are_not_in(log: &Path, ticket: &str) {
    let text = std::fs::read_to_string(log).unwrap();
    let (_, ticket) = ticket.split_once("ticket=").unwrap();
    assert!(text.len() > 100 && !text.contains(SECRET) && !text.contains(ticket), "{}", log.display());
}

/// With a log-in on the way, by the rules of a real browser: cookies of two sites, and policies of forms that are led on.
#[tokio::test]
async fn a_browser_switches_and_goes_back() {
    if !run::can_run() {
        return;
    }
    let (live, mut joined, _) = two("switch-browser").await;
    joined.serve().await;
    let about =
        serde_json::json!({ "live": live.base_url, "sandbox": joined.url(), "email": EMAIL, "password": PASSWORD });
    let file = joined.dir.join("about.json");
    std::fs::write(&file, about.to_string()).unwrap();
    let shots = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../artifacts/browser/switch");
    run::node("switch.mjs", &[file.as_os_str(), shots.as_os_str()]);
}
