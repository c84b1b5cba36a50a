//! PostgreSQL: a business moved there and back, connections that are cut, a server that goes away.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use futures_util::StreamExt;

use crate::harness::*;

fn lockgate(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lockgate")).args(arguments).env("LOCKGATE_LOG", "error").output().unwrap()
}

fn said(output: Output) -> String {
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(output.status.success(), "{said}");
    said
}

fn place_of(dir: &Path) -> String {
    match std::fs::read_to_string(dir.join("database.url")) {
        Ok(url) => url.trim().to_owned(),
        Err(_) => format!("sqlite:{}", dir.join("lockgate.db").display()),
    }
}

/// What the server answered. Not what it warned of: that a connection it was told to cut is gone already, say.
fn sql(database: &str, command: &str) -> String {
    let output = Command::new("psql").args([database, "-qAtc", command]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Every row arrives, the books are proven there, and the business goes on; then back into a file.
#[tokio::test]
async fn a_business_moves_there_and_back() {
    let Some(server) = postgres::fresh() else { return };
    let mut sandbox = Sandbox::start().await;
    let (id, _) = sandbox.client.sell("15.04", "USDT_polygon").await;
    sandbox.client.pay(id, Pay { outcome: "paid", ..Pay::default() }).await;
    sandbox.client.status_becomes(id, "invoice:paid").await;
    sandbox.client.told(id, 4).await;
    let before = (sandbox.client.infos(id).await, sandbox.client.row(id).await);
    sandbox.kill9();
    let moved = said(lockgate(&["copy", "--from", &place_of(&sandbox.dir), "--to", &server]));
    assert!(moved.contains("1  invoices") && moved.contains("each compared"), "{moved}");
    // what is not empty is not written over
    let again = lockgate(&["copy", "--from", &place_of(&sandbox.dir), "--to", &server]);
    assert!(!again.status.success() && String::from_utf8_lossy(&again.stderr).contains("is not empty"), "{again:?}");

    for file in ["lockgate.db", "lockgate.db-wal", "lockgate.db-shm"] {
        let _ = std::fs::remove_file(sandbox.dir.join(file));
    }
    std::fs::write(sandbox.dir.join("database.url"), &server).unwrap();
    sandbox.start_again().await;
    assert_eq!((sandbox.client.infos(id).await, sandbox.client.row(id).await), before);
    sandbox.audit();
    let (next, _) = sandbox.client.sell("2", "USDC_polygon").await;
    sandbox.client.pay(next, Pay { outcome: "paid", ..Pay::default() }).await;
    sandbox.client.status_becomes(next, "invoice:paid").await;
    sandbox.audit();
    sandbox.kill9();

    let back = sandbox.dir.join("back");
    std::fs::create_dir_all(&back).unwrap();
    let file = format!("sqlite:{}", back.join("lockgate.db").display());
    let moved = said(lockgate(&["copy", "--from", &server, "--to", &file]));
    assert!(moved.contains("2  invoices"), "{moved}");
    said(lockgate(&["audit", "--data", back.to_str().unwrap()]));
}

/// The server cuts every connection again and again while invoices are created. What was answered with 200 is there, once; what was refused
/// is not; nothing is there that nobody sent.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_are_cut_under_load() {
    const ALL: usize = 1_500;
    const CUT: usize = 20;
    let Some(server) = postgres::fresh() else { return };
    let sandbox = Sandbox::start_on_server(&server).await;
    let (cut, done, over) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    let create = |n: usize| {
        let (client, done) = (&sandbox.client, &done);
        async move {
            let sale = serde_json::json!({"email": "a@example.com", "amount": "1", "devise": "USD", "callbackJson": n.to_string()});
            let request = client.request(reqwest::Method::POST, "/api/btn-create-invoice/get/");
            let answer = client.send(request.header("Content-Type", "application/json").body(sale.to_string())).await;
            done.fetch_add(1, Ordering::SeqCst);
            (n, answer)
        }
    };
    let cutting = async {
        while !over.load(Ordering::SeqCst) {
            let others = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                          WHERE datname = current_database() AND pid <> pg_backend_pid()";
            cut.fetch_add(sql(&server, others).trim().parse().unwrap(), Ordering::SeqCst);
            let so_far = done.load(Ordering::SeqCst);
            wait_until(
                "some more are done",
                || async { (done.load(Ordering::SeqCst), over.load(Ordering::SeqCst)) },
                |(now, over)| *over || *now >= so_far + 60,
            )
            .await;
        }
    };
    // it goes on until enough was cut, where requests are quick and `psql` is slow
    let wanted = |n: &usize| *n < ALL || (*n < 10 * ALL && cut.load(Ordering::SeqCst) <= CUT);
    let load = async {
        let sent = futures_util::stream::iter((0..).take_while(wanted)).map(create).buffer_unordered(32);
        let answers = sent.collect::<Vec<_>>().await;
        over.store(true, Ordering::SeqCst);
        answers
    };
    let (answers, ()) = futures_util::future::join(load, cutting).await;
    assert!(cut.load(Ordering::SeqCst) > CUT, "hardly anything was cut");

    let acknowledged: Vec<usize> = answers
        .iter()
        .filter(|(_, answer)| answer.status == 200 && answer.body.contains("redirectUrl"))
        .map(|(n, _)| *n)
        .collect();
    let mut stored: Vec<usize> =
        sql(&server, "SELECT callback_json FROM invoices").lines().map(|line| line.parse().unwrap()).collect();
    stored.sort_unstable();
    let twice: Vec<_> = stored.windows(2).filter(|pair| pair[0] == pair[1]).collect();
    assert!(twice.is_empty(), "{twice:?}");
    let lost: Vec<_> = acknowledged.iter().filter(|n| stored.binary_search(n).is_err()).collect();
    assert!(lost.is_empty(), "{lost:?}");
    let unasked: Vec<_> = stored.iter().filter(|n| !acknowledged.contains(n)).collect();
    assert!(unasked.is_empty(), "refused, and there all the same: {unasked:?}");
    eprintln!("{} connections cut, {} of {} created", cut.load(Ordering::SeqCst), acknowledged.len(), answers.len());
    sandbox.audit();
}

/// An operator who exported the live database's address gets no sandbox in it, by whatever variable; and no live gateway works on a sandbox's.
#[tokio::test]
async fn a_sandbox_and_a_live_gateway_keep_apart() {
    let (Some(live), Some(simulated)) = (postgres::fresh(), postgres::fresh()) else { return };
    let dir = std::env::temp_dir().join(format!("lockgate-apart-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).unwrap();
    let config = dir.join("lockgate.toml");
    let text = "listen = \"127.0.0.1:1\"\nbase_url = \"http://127.0.0.1:1\"\ndata_dir = \"data\"\n\
        fee_wallet = \"0x2222222222222222222222222222222222222222\"\n\
        [[chains]]\nname = \"polygon\"\nrpc = [\"http://127.0.0.1:9\"]\nassets = [\"USDC_polygon\"]\n";
    std::fs::write(&config, text).unwrap();
    let create = |url: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lockgate"));
        command.args([
            "merchant",
            "create",
            "--name",
            "Shop",
            "--email",
            "s@example.com",
            "--wallet",
            WALLET,
            "--config",
        ]);
        command.arg(&config).env("LOCKGATE_MASTER_KEY", "ab".repeat(32)).env("LOCKGATE_DATABASE_URL", url);
        command.env("LOCKGATE_LOG", "error").output().unwrap()
    };
    said(create(&live));
    let settings = "SELECT name, value FROM settings ORDER BY name";
    let before = sql(&live, settings);
    let data = dir.join("sandbox");
    let mut command = Command::new(env!("CARGO_BIN_EXE_lockgate"));
    command
        .args(["sandbox", "--listen", "127.0.0.1:0", "--data"])
        .arg(&data)
        .env("LOCKGATE_SANDBOX_DATABASE_URL", &live);
    let refused = command.output().unwrap();
    let words = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && words.contains("this is a live gateway's database"), "{words}");
    assert!(!data.join("database.url").exists(), "it is not remembered");
    assert_eq!(sql(&live, settings), before);
    assert_eq!(sql(&live, "SELECT count(*) FROM sandbox_chain").trim(), "0");

    // the live gateway's variable is not the sandbox's
    let environment = [("LOCKGATE_DATABASE_URL", live.as_str()), ("LOCKGATE_SANDBOX_DATABASE_URL", simulated.as_str())];
    let sandbox = Sandbox::start_with_new_dir(&environment).await;
    assert_eq!(sql(&live, settings), before);
    assert_eq!(sql(&simulated, "SELECT count(*) FROM settings WHERE name = 'sandbox_seed'").trim(), "1");
    drop(sandbox);
    let refused = create(&simulated);
    let words = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && words.contains("this is a sandbox's database"), "{words}");
    let _ = std::fs::remove_dir_all(&dir);
}
