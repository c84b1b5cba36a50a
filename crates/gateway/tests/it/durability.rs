//! What was answered is kept: through `kill -9` under load, and through an orderly end.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use futures_util::StreamExt;
use serde_json::{Value, json};

use crate::harness::{Client, Sandbox, wait_until};

/// Requests under way at the same time.
const AT_ONCE: usize = 64;

fn sale(n: usize) -> Value {
    json!({
        "email": format!("customer{n}@shop.example"), "amount": "10", "devise": "USD",
        "payableCurrencies": "USDT_polygon", "callbackJson": n.to_string(),
    })
}

/// How a request ended.
#[derive(Debug)]
enum End {
    /// Answered with the invoice's number.
    Acknowledged(i64),
    /// Never sent: there was nobody to connect to.
    NotAccepted,
    /// The connection broke after it was made.
    Broken(#[expect(dead_code, reason = "shown when a test fails")] String),
}

async fn create(client: &Client, n: usize) -> End {
    let request = client.request(reqwest::Method::POST, "/api/btn-create-invoice/get/");
    let request = request.header("Content-Type", "application/json").body(sale(n).to_string());
    match client.try_send(request).await {
        Ok(answer) => End::Acknowledged(answer.ok()["ID"].as_i64().unwrap_or_else(|| panic!("{answer:?}"))),
        Err(error) if error.is_connect() => End::NotAccepted,
        Err(error) => End::Broken(format!("{error:?}")),
    }
}

/// Creates invoices `numbers`, 64 at a time, and counts the answers as they come.
async fn load(client: &Client, numbers: std::ops::Range<usize>, answered: &AtomicUsize) -> Vec<(usize, End)> {
    let one = |n: usize| async move {
        let end = create(client, n).await;
        answered.fetch_add(1, Ordering::SeqCst);
        (n, end)
    };
    futures_util::stream::iter(numbers).map(one).buffer_unordered(AT_ONCE).collect().await
}

/// Every invoice in the database, by its `callbackJson`, which is the number the load gave it.
async fn stored(sandbox: &Sandbox) -> BTreeMap<i64, usize> {
    let database = sandbox.database();
    let (mut all, mut last) = (BTreeMap::new(), 0);
    loop {
        let rows =
            database.store.read(|tx| gateway::store::invoices::after(tx, &database.merchant, last)).await.unwrap();
        let Some(newest) = rows.last() else { return all };
        last = newest.invoice.number;
        all.extend(rows.iter().map(|row| (row.invoice.number, row.callback_json.as_ref().unwrap().parse().unwrap())));
    }
}

async fn assert_each_is_told_of_once(sandbox: &Sandbox, ids: impl Iterator<Item = i64>) {
    let database = sandbox.database();
    for id in ids {
        let events: Vec<String> = database.events(id).await.into_iter().map(|event| event.status).collect();
        assert_eq!(events, ["invoice:created", "invoice:opened"], "invoice {id}");
        let deliveries: Vec<i64> = database.deliveries(id).await.iter().map(|row| row.seq).collect();
        assert_eq!(deliveries, [1, 2], "invoice {id}");
    }
}

/// Ten thousand (on a server, where tests are slower, one), killed in the middle; what was acknowledged before is there afterwards, once, and so is its story.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_under_load() {
    let mut sandbox = Sandbox::start().await;
    let all = if sandbox.dir.join("database.url").exists() { 1_000 } else { 10_000 };
    let answered = AtomicUsize::new(0);
    let client = sandbox.client.clone();
    let killer = async {
        // however long a slow machine takes, as long as it goes on
        let so_far = || async { answered.load(Ordering::SeqCst) };
        while so_far().await < all / 2 {
            let before = so_far().await;
            wait_until("the load goes on", so_far, |done| *done > before).await;
        }
        sandbox.kill_now();
    };
    let (first_half, ()) = tokio::join!(load(&client, 0..all, &answered), killer);
    let acknowledged = |ends: &[(usize, End)]| -> BTreeMap<i64, usize> {
        let number = |(n, end): &(usize, End)| match end {
            End::Acknowledged(id) => Some((*id, *n)),
            _ => None,
        };
        ends.iter().filter_map(number).collect()
    };
    let mut kept = acknowledged(&first_half);
    assert!((all / 2..all).contains(&kept.len()), "{} were acknowledged before the kill", kept.len());

    sandbox.start_again().await;
    let client = sandbox.client.clone();
    let rest = load(&client, kept.len()..all, &answered).await;
    let more = acknowledged(&rest);
    assert_eq!(more.len(), rest.len(), "all are acknowledged after the restart");
    assert!(more.keys().all(|id| !kept.contains_key(id)), "no number is given twice");
    kept.extend(more);

    let there = stored(&sandbox).await;
    for (id, n) in &kept {
        assert_eq!(there.get(id), Some(n), "invoice {id} was acknowledged");
    }
    // what was under way when the process died may have been stored without its answer
    assert!(there.len() - kept.len() <= AT_ONCE, "{} are there, {} acknowledged", there.len(), kept.len());
    assert_eq!(sandbox.client.history("").await["total"], there.len().to_string());
    assert_each_is_told_of_once(&sandbox, there.keys().copied()).await;
    let said = sandbox.audit();
    assert!(said.contains(&format!(" {} invoices", there.len())), "{said}");
}

/// SIGTERM under load: `/readyz` says so while requests are still served; those who turn away then, as a load balancer does,
/// have had every request answered, and whatever was answered is there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ended_under_load() {
    let sandbox = Sandbox::start().await;
    let (answered, over) = (AtomicUsize::new(0), Arc::new(AtomicBool::new(false)));
    let clients = (0..AT_ONCE).map(|lane| {
        let (client, answered, over) = (sandbox.client.clone(), &answered, over.clone());
        async move {
            let mut ends = Vec::new();
            for n in (lane..).step_by(AT_ONCE) {
                let end = create(&client, n).await;
                answered.fetch_add(1, Ordering::SeqCst);
                let unanswered = !matches!(end, End::Acknowledged(_));
                ends.push((n, end));
                if unanswered || over.load(Ordering::SeqCst) {
                    break;
                }
            }
            ends
        }
    });
    let ending = async {
        wait_until("the load runs", || async { answered.load(Ordering::SeqCst) }, |done| *done >= 1_000).await;
        sandbox.ask_to_end();
        let ready = || sandbox.client.get("/readyz");
        let draining = wait_until("it says that it ends", ready, |answer| answer.status == 503).await;
        assert_eq!(
            (draining.body.as_str(), &draining.headers["connection"]),
            ("draining\n", &"close".parse().unwrap())
        );
        over.store(true, Ordering::SeqCst);
        sandbox.ended().await
    };
    let (ends, status) = tokio::join!(futures_util::future::join_all(clients), ending);
    assert!(status.success(), "{status}");
    let ends: Vec<(usize, End)> = ends.into_iter().flatten().collect();
    let lost: Vec<&End> = ends.iter().map(|(_, end)| end).filter(|end| !matches!(end, End::Acknowledged(_))).collect();
    assert!(lost.is_empty(), "{} of {} requests were not answered: {lost:#?}", lost.len(), ends.len());

    let there = stored(&sandbox).await;
    let mut acknowledged = 0;
    for (n, end) in &ends {
        if let End::Acknowledged(id) = end {
            acknowledged += 1;
            assert_eq!(there.get(id), Some(n));
        }
    }
    assert_eq!(there.len(), acknowledged, "nothing was done that was not answered");
    assert_each_is_told_of_once(&sandbox, there.keys().copied()).await;
    sandbox.audit();
}

/// Two gateways on one directory would pay twice: the second refuses to start.
#[tokio::test]
async fn one_gateway_a_directory() {
    let sandbox = Sandbox::start().await;
    let second = sandbox.run(&["sandbox", "--listen", "127.0.0.1:0"]);
    assert!(!second.status.success());
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(said.contains("another gateway works on"), "{said}");
    assert_eq!(sandbox.client.get("/readyz").await.status, 200);
}

/// Everything a merchant can see is the same after a restart.
#[tokio::test]
async fn a_restart_changes_nothing() {
    let mut sandbox = Sandbox::start().await;
    let (id, token) = sandbox.client.sell("10", "POL_polygon").await;
    sandbox.client.advance(3 * 86_400).await;
    sandbox.client.told(id, 2).await;
    sandbox.client.press(&token, "quote", "").await;
    let look = async |client: &Client| {
        let page = client.page(&token).await.body;
        let address = page.split("value=\"0x").nth(1).unwrap()[..40].to_owned();
        (client.infos(id).await, client.row(id).await, client.callbacks().await.len(), address)
    };
    let before = look(&sandbox.client).await;
    assert!(sandbox.sigterm().await.success());
    sandbox.start_again().await;
    assert_eq!(look(&sandbox.client).await, before);
    sandbox.restart().await;
    assert_eq!(look(&sandbox.client).await, before);
    let (newer, _) = sandbox.client.sell("1", "USDT_polygon").await;
    let day = |row: &Value| row["create_date"].as_str().unwrap()[..10].to_owned();
    assert!(day(&sandbox.client.row(newer).await) > day(&before.1), "the clock stays ahead");
}
