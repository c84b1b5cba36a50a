//! The program as a child process on a directory of its own.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use serde_json::Value;

use super::disk::SmallDisk;
use super::{Client, Database, wait_until};

const PROGRAM: &str = env!("CARGO_BIN_EXE_lockgate");

/// A running `lockgate sandbox`. Dropping it kills the process and removes its directory.
#[derive(Debug)]
pub struct Sandbox {
    child: Mutex<Child>,
    pub dir: PathBuf,
    listen: String,
    pub client: Client,
    pub file: Value,
    /// Where the program's standard error goes.
    pub log: PathBuf,
    /// The command that runs the program, if it is not run as it is.
    inside: Vec<String>,
}

/// The shared sandbox, and a client of the test's own: connections belong to the test that made them.
#[derive(Debug)]
pub struct Shared {
    pub sandbox: Arc<Sandbox>,
    pub client: Client,
}

static NEXT: AtomicU32 = AtomicU32::new(0);
static SHARED: Mutex<Weak<Sandbox>> = Mutex::new(Weak::new());
static STARTING_SHARED: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// A port nobody listens on, below those the system hands out by itself: it is free again for a restart.
pub fn quiet_port() -> u16 {
    loop {
        let step = std::process::id().wrapping_mul(97).wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = u16::try_from(14_000 + step % 18_000).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

fn new_dir() -> PathBuf {
    let name = format!("lockgate-it-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let dir = std::env::temp_dir().join(name);
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).unwrap();
    super::postgres::prepare(&dir);
    dir
}

impl Sandbox {
    /// A sandbox of one's own, on a port it keeps when it is started again.
    pub async fn start() -> Sandbox {
        Self::start_on(new_dir(), format!("127.0.0.1:{}", quiet_port()), &[]).await
    }

    /// As [`Sandbox::start`], with environment variables, and options (`--treasury`).
    pub async fn start_with(environment: &[(&str, &str)]) -> Sandbox {
        Self::start_on(new_dir(), format!("127.0.0.1:{}", quiet_port()), environment).await
    }

    /// As [`Sandbox::start_with`], whatever database the suite runs on.
    pub async fn start_with_new_dir(environment: &[(&str, &str)]) -> Sandbox {
        let dir = new_dir();
        let _ = std::fs::remove_file(dir.join("database.url"));
        Self::start_on(dir, format!("127.0.0.1:{}", quiet_port()), environment).await
    }

    /// As [`Sandbox::start`], on this PostgreSQL database.
    pub async fn start_on_server(url: &str) -> Sandbox {
        let dir = new_dir();
        std::fs::write(dir.join("database.url"), url).unwrap();
        Self::start_on(dir, format!("127.0.0.1:{}", quiet_port()), &[]).await
    }

    /// The sandbox of all tests that only add invoices: started by the first, killed by the last of those that run.
    pub async fn shared() -> Shared {
        let _one_at_a_time = STARTING_SHARED.lock().await;
        let known = SHARED.lock().unwrap_or_else(PoisonError::into_inner).upgrade();
        let sandbox = match known {
            Some(sandbox) => sandbox,
            None => Arc::new(Self::start_on(new_dir(), "127.0.0.1:0".into(), &[]).await),
        };
        *SHARED.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(&sandbox);
        let client = client_of(&sandbox.file);
        Shared { sandbox, client }
    }

    async fn start_on(dir: PathBuf, listen: String, environment: &[(&str, &str)]) -> Sandbox {
        let log = dir.join("log");
        Self::start_inside(Vec::new(), dir, log, listen, environment).await
    }

    /// As [`Sandbox::start`], in a file whatever database the suite runs on.
    pub async fn start_in_file() -> Sandbox {
        let dir = new_dir();
        let _ = std::fs::remove_file(dir.join("database.url"));
        Self::start_on(dir, format!("127.0.0.1:{}", quiet_port()), &[]).await
    }

    /// As [`Sandbox::start`], in a file on a small disk, its log elsewhere.
    pub async fn start_on_disk(disk: &SmallDisk) -> Sandbox {
        let dir = disk.path.join("data");
        std::fs::create_dir_all(&dir).unwrap();
        let (log, listen) = (new_dir().join("log"), format!("127.0.0.1:{}", quiet_port()));
        Self::start_inside(disk.inside.clone(), dir, log, listen, &[]).await
    }

    async fn start_inside(
        inside: Vec<String>,
        dir: PathBuf,
        log: PathBuf,
        listen: String,
        environment: &[(&str, &str)],
    ) -> Sandbox {
        let child = spawn(&inside, &dir, &log, &listen, environment);
        let file = announced(&dir, &log, &child).await;
        let client = client_of(&file);
        let sandbox = Sandbox { child, dir, listen, client, file, log, inside };
        sandbox.ready().await;
        sandbox
    }

    async fn ready(&self) {
        wait_until("/readyz", || self.client.get("/readyz"), |answer| answer.status == 200).await;
    }

    /// Starts again on the same directory and address, after [`Sandbox::kill9`] or [`Sandbox::sigterm`].
    pub async fn start_again(&mut self) {
        self.start_again_on(&self.listen.clone()).await;
    }

    /// As [`Sandbox::start_again`], on another address.
    pub async fn start_again_on(&mut self, listen: &str) {
        self.start_again_as(listen, &[]).await;
    }

    /// Killed, and started again with these variables.
    pub async fn restart_with(&mut self, environment: &[(&str, &str)]) {
        self.start_again_as(&self.listen.clone(), environment).await;
    }

    async fn start_again_as(&mut self, listen: &str, environment: &[(&str, &str)]) {
        self.end();
        self.child = spawn(&self.inside, &self.dir, &self.log, listen, environment);
        self.file = announced(&self.dir, &self.log, &self.child).await;
        self.client = client_of(&self.file);
        self.ready().await;
    }

    /// Started again with these variables, after it was killed; false when it died before it could serve.
    pub async fn try_start_again(&mut self, environment: &[(&str, &str)]) -> bool {
        self.end();
        self.child = spawn(&self.inside, &self.dir, &self.log, &self.listen, environment);
        let look = || async {
            let ended = self.child.lock().unwrap_or_else(PoisonError::into_inner).try_wait().unwrap().is_some();
            let request = self.client.request(reqwest::Method::GET, "/readyz");
            let serves = !ended && self.client.try_send(request).await.is_ok_and(|answer| answer.status == 200);
            (ended, serves)
        };
        wait_until("it serves or has died", look, |(ended, serves)| *ended || *serves).await.1
    }

    /// Whether the process has ended by itself.
    pub fn is_over(&self) -> bool {
        self.child.lock().unwrap_or_else(PoisonError::into_inner).try_wait().unwrap().is_some()
    }

    /// As a power cut would.
    pub fn kill9(&mut self) {
        self.end();
    }

    pub async fn restart(&mut self) {
        self.kill9();
        self.start_again().await;
    }

    /// Asks the process to end and answers how it did.
    pub async fn sigterm(&self) -> ExitStatus {
        self.ask_to_end();
        self.ended().await
    }

    /// The process's number.
    pub fn id(&self) -> u32 {
        self.child.lock().unwrap_or_else(PoisonError::into_inner).id()
    }

    pub fn ask_to_end(&self) {
        let id = self.id();
        assert!(Command::new("sh").args(["-c", &format!("kill -TERM {id}")]).status().unwrap().success());
    }

    /// Waits for the process to end by itself.
    pub async fn ended(&self) -> ExitStatus {
        let look = || async { self.child.lock().unwrap_or_else(PoisonError::into_inner).try_wait().unwrap() };
        wait_until("the process ends", look, Option::is_some).await.unwrap()
    }

    /// Kills by id, as soon as it can be done; also while others hold a reference.
    pub fn kill_now(&self) {
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = child.kill();
        child.wait().unwrap();
    }

    fn end(&mut self) {
        let _ = std::fs::remove_file(self.dir.join("sandbox.json"));
        self.kill_now();
    }

    /// Runs another command of the program on this sandbox's directory.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.run_with(arguments, &[])
    }

    /// As [`Sandbox::run`], with environment variables.
    pub fn run_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
        let mut command = program(&self.inside);
        command.args(arguments).arg("--data").arg(&self.dir).env("LOCKGATE_LOG", "error");
        command.envs(environment.iter().copied()).output().unwrap()
    }

    /// Runs a command of the program that is about no gateway.
    pub fn run_apart(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
        let mut command = Command::new(PROGRAM);
        command.args(arguments).env("LOCKGATE_LOG", "error").envs(environment.iter().copied()).output().unwrap()
    }

    /// As [`Sandbox::run`], for commands that must succeed: what they print.
    pub fn said(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{arguments:?}: {said}{}", String::from_utf8_lossy(&output.stderr));
        said
    }

    /// The books are proven, says the program; what it walked through.
    pub fn audit(&self) -> String {
        let said = self.said(&["audit"]);
        assert!(said.contains("the books are proven"), "{said}");
        said
    }

    pub fn database(&self) -> Database {
        Database::of(&self.dir)
    }

    /// The secret of the merchant's Standard Webhooks headers.
    pub fn webhook_secret(&self) -> String {
        self.said(&["merchant", "callback", "secret", "1"]).trim().to_owned()
    }

    pub fn wallet(&self) -> String {
        self.file["merchant_wallet"].as_str().unwrap().to_owned()
    }

    pub fn fee_wallet(&self) -> String {
        self.file["fee_wallet"].as_str().unwrap().to_owned()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.end();
        if std::thread::panicking() {
            let log = std::fs::read_to_string(&self.log).unwrap_or_default();
            let from = log.len().saturating_sub(3_000);
            eprintln!("the end of the log of {}:\n{}", self.dir.display(), log.get(from..).unwrap_or(&log));
        }
        let _ = std::fs::remove_file(&self.log);
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

fn program(inside: &[String]) -> Command {
    let mut words = inside.iter().map(String::as_str).chain([PROGRAM]);
    let mut command = Command::new(words.next().unwrap());
    command.args(words);
    command
}

fn spawn(inside: &[String], dir: &Path, log: &Path, listen: &str, environment: &[(&str, &str)]) -> Mutex<Child> {
    let log = std::fs::OpenOptions::new().create(true).append(true).open(log).unwrap();
    let mut command = program(inside);
    command.args(["sandbox", "--listen", listen, "--data"]).arg(dir).env_remove("LOCKGATE_CRASH_AT");
    // names that begin like options are options
    for (name, value) in environment {
        match name.starts_with("--") {
            true => command.args([name, value]),
            false => command.env(name, value),
        };
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    Mutex::new(command.spawn().unwrap())
}

/// `sandbox.json`, once it is there.
async fn announced(dir: &Path, log: &Path, child: &Mutex<Child>) -> Value {
    let look = || async {
        let ended = child.lock().unwrap_or_else(PoisonError::into_inner).try_wait().unwrap();
        let log = || std::fs::read_to_string(log).unwrap_or_default();
        assert!(ended.is_none(), "the sandbox ended at once: {ended:?}\n{}", log());
        std::fs::read(dir.join("sandbox.json")).ok()
    };
    let text = wait_until("sandbox.json", look, Option::is_some).await.unwrap();
    serde_json::from_slice(&text).unwrap()
}

fn client_of(file: &Value) -> Client {
    Client::new(file["base_url"].as_str().unwrap(), file["api_key"].as_str().unwrap())
}
