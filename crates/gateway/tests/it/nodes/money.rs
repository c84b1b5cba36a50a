//! Money under three nodes that are killed and frozen: what was paid is told and flushed, what was to be sent is sent once. Counted at the chain, at
//! the processor and at the merchant's server, not in our own rows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use alloy_primitives::Address;
use domain::Units;
use domain::charge::Method;
use domain::ledger::Kind as AccountKind;
use domain::transfer::Kind;
use futures_util::StreamExt;
use gateway::app::SharedApp;
use gateway::app::merchants::Office;
use gateway::app::providers::{NewAccount, Provider};
use gateway::app::transfers::{NewTransfer, Rail, reserve};
use gateway::store::{StoreError, merchants};
use rails::sim::connectors::SANDBOX_CARD;
use serde_json::{Value, json};

use super::chain::{self, SharedChain};
use super::{Cluster, NODES};
use crate::harness::{APPROVED, Client, Receiver, Reply, Sandbox, WALLET, page_token, postgres, wait_until};

const PASSPHRASE: &str = "a passphrase for tests only";
const MERCHANTS_SHARE: u128 = 9_900;
/// Invoices, of which every third is paid; transfers over the chain; payments to cards.
const INVOICES: usize = 150;
const PAID: usize = INVOICES / 3;
const SENT: usize = 40;
const CARDS: usize = 40;

/// Asks one node after the other under one key until somebody answers.
async fn ask(clients: &[Client], n: usize, path: &str, key: &str, body: &Value) -> Value {
    for again in 0.. {
        let client = &clients[(n + again) % NODES];
        let request = client.request(reqwest::Method::POST, path).header("Content-Type", "application/json");
        let request = request.header("Idempotency-Key", format!("{key}-{n}"));
        let request = request.timeout(Duration::from_secs(3)).body(body.to_string());
        if let Ok(answer) = client.try_send(request).await
            && answer.status == 200
        {
            let answer = answer.ok();
            assert_eq!(answer["errorCode"], 0, "{answer}");
            return answer;
        }
        assert!(again < 300, "nobody answers {key} {n}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    unreachable!()
}

/// The address that an invoice's page shows, by whatever node.
async fn deposit_address(clients: &[Client], n: usize, token: &str) -> Address {
    for again in 0..300 {
        let client = &clients[(n + again) % NODES];
        let path = format!("/widget/sale/create/?token={}", crate::harness::percent_encoded(token));
        let request = client.request_without_key(reqwest::Method::GET, &path).timeout(Duration::from_secs(3));
        if let Ok(answer) = client.try_send(request).await
            && let Some(at) = answer.body.find("value=\"0x")
        {
            return answer.body[at + 7..at + 49].parse().unwrap();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("nobody shows page {n}");
}

/// An account at the processor, and transfers for which no call of the API asks, decided beside the nodes.
struct Beside(SharedApp);

impl Beside {
    async fn of(cluster: &Cluster) -> Beside {
        let variables: BTreeMap<String, String> = cluster.environment().into_iter().collect();
        let env = |name: &str| variables.get(name).cloned();
        let config = gateway::config::Config::load(&cluster.dir.join("0.toml"), &env).unwrap();
        let store = gateway::store::Store::open(&config.database).unwrap();
        Beside(gateway::live::app(&config, store, &gateway::net::plain::client().unwrap()).await.unwrap())
    }

    async fn open_account(&self, processor: &Sandbox) {
        let [key, secret] = processor.database().acquirer_secrets().await;
        let fields = [("api_key", key), ("webhook_secret", secret)];
        let new = NewAccount {
            merchant_id: None,
            provider: Provider::Connected(&SANDBOX_CARD),
            method: Method::Payout,
            base_url: Some(format!("{}/sandbox/acquirer", processor.client.base)),
            fields: fields.map(|(name, text)| (name.to_owned(), text.into())).into_iter().collect(),
        };
        let app = &self.0;
        let office = Office::of(app);
        app.store.write(move |tx| office.add_account(tx, new)).await.unwrap();
    }

    /// Decides to send so many base units of USDC to an address.
    async fn send(&self, to: Address, units: u128) {
        let worker = self.0.clone();
        let written = self.0.store.write(move |tx| {
            let merchant = merchants::by_number(tx, 1)?.ok_or(StoreError::Closed)?;
            let new = NewTransfer {
                merchant: merchant.id,
                kind: Kind::CoinRefund,
                subject: format!("of the test to {to}"),
                invoice_number: None,
                taken_from: AccountKind::Payable,
                asset: chain::ASSET.into(),
                units: Units(units),
                rail: Rail::Chain("polygon".into()),
                destination: to.to_string(),
                needs_approval: false,
            };
            reserve(&worker, tx, new).map(|_| ())
        });
        written.await.unwrap();
        self.0.wake.treasury.notify_one();
    }
}

fn receiver_of(n: usize) -> Address {
    Address::with_last_byte(u8::try_from(n + 1).unwrap())
}

/// The statuses told of each thing, by its first telling.
fn told(receiver: &Receiver) -> BTreeMap<String, Vec<String>> {
    let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for callback in receiver.received() {
        let status = callback.status();
        let kind = status.split(':').next().unwrap();
        let statuses = told.entry(format!("{kind} {}", callback.json()["id"])).or_default();
        if !statuses.contains(&status) {
            statuses.push(status);
        }
    }
    told
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_moves_once_while_nodes_are_killed_and_frozen() {
    let Some(database) = postgres::fresh() else { return };
    let (chain, processor, receiver) =
        tokio::join!(SharedChain::start(), Sandbox::start(), Receiver::start(|_| Reply::Status(200)));
    let more = format!(
        "[rates.fixed]\nEUR = \"0.92\"\n[cards]\npci_mode = \"pci-dss-saq-d-service-provider\"\n{}",
        chain.configuration()
    );
    let env = [("LOCKGATE_GAS_KEY", chain::GAS_KEY), ("LOCKGATE_TREASURY_PASSPHRASE", PASSPHRASE)];
    let cluster = Cluster::with("money", database, &more, &env);
    rails::evm::keystore::seal(&cluster.dir.join("treasury.json"), chain::TREASURY_KEY, PASSPHRASE).unwrap();
    cluster.said(&["chain", "deploy", "polygon", "--yes"]);
    let shop = ["merchant", "create", "--name", "Shop", "--email", "s@example.com", "--s2s", "--fee-bps", "100"];
    let made = cluster.said(&[&shop[..], &["--wallet", WALLET]].concat());
    let key = made.lines().find_map(|line| line.strip_prefix("API key, shown only now: ")).unwrap().to_owned();
    cluster.said(&["merchant", "ip", "add", "1", "127.0.0.1"]);
    cluster.said(&["merchant", "callback", "set", "1", &receiver.url]);
    for node in 0..NODES {
        cluster.start(node).await;
    }
    let clients: Vec<Client> = cluster.bases.iter().map(|base| Client::new(base, &key)).collect();
    let beside = Beside::of(&cluster).await;
    beside.open_account(&processor).await;
    // the chain is read from now on: what comes to the treasury is in the books
    wait_until("the chain is read", || async { cluster.sql("SELECT count(*) FROM blocks")[0].clone() }, |n| n != "0")
        .await;
    let treasury = chain::address_of(chain::TREASURY_KEY);
    let hash = chain.pay(treasury, 1_000_000_000);
    let fund = json!({ "amount": "1000", "blockchain": "polygon", "crypto": "USDC", "tx_hash": hash });
    ask(&clients, 0, "/api/payout/funds/add", "fund", &fund).await;
    let credited = || async { cluster.sql("SELECT state FROM funds").pop() };
    wait_until("the fund is there", credited, |state| state.as_deref() == Some("success")).await;

    let done = AtomicUsize::new(0);
    let (merchants_wallet, fee_wallet): (Address, Address) =
        (WALLET.parse().unwrap(), "0x2222222222222222222222222222222222222222".parse().unwrap());
    let invoice = |n: usize| {
        let (clients, chain, done) = (&clients, &chain, &done);
        async move {
            let sale = json!({ "email": "a@example.com", "amount": "2", "devise": "USD", "payableCurrencies": chain::ASSET,
                "callbackJson": n.to_string() });
            let made = ask(clients, n, "/api/btn-create-invoice/get/", "order", &sale).await;
            if n.is_multiple_of(3) {
                let token = page_token(made["redirectUrl"].as_str().unwrap());
                chain.pay(deposit_address(clients, n, &token).await, 2_000_000);
            }
            done.fetch_add(1, Ordering::SeqCst);
            made["ID"].as_i64().unwrap()
        }
    };
    let card = |n: usize| {
        let clients = &clients;
        async move {
            let payment = json!({ "amount": 1.5, "currency": "EUR", "firstname": "john", "lastname": "smith",
                "card_number": APPROVED, "expiry": "04/2099", "merchant_data": { "order": n } });
            let sent = ask(clients, n, "/api/payout/payment/send", "card", &payment).await;
            sent["payment_id"].as_i64().unwrap()
        }
    };
    let load = async {
        let invoices = futures_util::stream::iter(0..INVOICES).map(invoice).buffer_unordered(4).collect::<Vec<_>>();
        let cards = futures_util::stream::iter(0..CARDS).map(card).buffer_unordered(2).collect::<Vec<_>>();
        let sends = async {
            for n in 0..SENT {
                beside.send(receiver_of(n), 1_000 + n as u128).await;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        futures_util::future::join3(invoices, cards, sends).await
    };
    let so_far = || async { done.load(Ordering::SeqCst) };
    let trouble = async {
        wait_until("some are done", so_far, |now| *now > INVOICES / 10).await;
        // who sends from the treasury stands still past its lease, whatever it is in the middle of; meanwhile the others are killed in turn
        let frozen = cluster.holder("send polygon").expect("somebody sends");
        cluster.signal(frozen, "-STOP");
        let others: Vec<usize> = (0..NODES).filter(|node| *node != frozen).collect();
        let mut round = 0;
        while cluster.holder("send polygon") == Some(frozen) || round < 4 {
            let node = others[round % 2];
            cluster.kill(node);
            cluster.start(node).await;
            tokio::time::sleep(Duration::from_millis(1_500)).await;
            round += 1;
            assert!(round < 60, "nobody takes over");
        }
        cluster.signal(frozen, "-CONT");
        tokio::time::sleep(Duration::from_millis(500)).await;
        cluster.kill(frozen);
        cluster.start(frozen).await;
    };
    let ((mut ids, mut payments, ()), ()) = futures_util::future::join(load, trouble).await;

    // each that was acknowledged is there once
    let distinct: BTreeSet<i64> = ids.iter().copied().collect();
    assert_eq!((ids.len(), distinct.len()), (INVOICES, INVOICES));
    let mut stored: Vec<i64> =
        cluster.sql("SELECT number FROM invoices").iter().map(|number| number.parse().unwrap()).collect();
    for numbers in [&mut stored, &mut ids, &mut payments] {
        numbers.sort_unstable();
    }
    assert_eq!(stored, ids);
    // what was paid is settled, and every transfer is over
    let settled = || async { cluster.sql("SELECT count(*) FROM invoices WHERE state = 'settled'")[0].clone() };
    wait_until("all that was paid is settled", settled, |count| *count == PAID.to_string()).await;
    let moving = "SELECT id, state FROM transfers WHERE state <> 'done'
                  AND changed_at > (extract(epoch FROM clock_timestamp()) * 1000)::bigint - 10000";
    wait_until("every transfer has arrived or stands still", || async { cluster.sql(moving) }, Vec::is_empty).await;
    // those that a killed node had in its hands: a minute and a half passes for their leases, and ten until it is sure that they were not sent
    cluster.sql(
        "UPDATE transfers SET leased_until = 0, due_at = 0, sent_at = sent_at - 700000
         WHERE state IN ('reserved', 'sending') AND account_id IS NOT NULL",
    );
    let open = || async {
        // nor is the minute waited for after which one goes again that surely was not sent
        cluster
            .sql("UPDATE transfers SET due_at = 0 WHERE state = 'reserved' AND account_id IS NOT NULL AND due_at > 0");
        cluster.sql("SELECT id, state, note FROM transfers WHERE state <> 'done'")
    };
    wait_until("every transfer has arrived", open, Vec::is_empty).await;
    // on the chain: each payee has what was sent to it, once; the wallets have all that was paid, once
    for n in 0..SENT {
        assert_eq!(chain.balance(receiver_of(n)), 1_000 + n as u128, "payee {n}");
    }
    let paid = 2_000_000 * PAID as u128;
    let shares = (chain.balance(merchants_wallet), chain.balance(fee_wallet));
    assert_eq!(shares, (paid * MERCHANTS_SHARE / 10_000, paid - paid * MERCHANTS_SHARE / 10_000));
    let out: u128 = (0..SENT).map(|n| 1_000 + n as u128).sum();
    assert_eq!(chain.balance(treasury), 1_000_000_000 - out);
    // at the processor: each payment once, and no other
    let records = processor.database().store.read(gateway::store::sandbox::payments).await;
    let records = records.map_err(|error: StoreError| error).unwrap();
    let paid_to_cards =
        records.iter().filter(|record| record.contains("\"Paid\"") || record.contains("\"paid\"")).count();
    assert_eq!((payments.len(), paid_to_cards, records.len()), (CARDS, CARDS, CARDS), "{:?}", records.first());
    // every callback is delivered, in order about each thing
    let waiting = || async { cluster.sql("SELECT count(*) FROM deliveries WHERE state <> 'delivered'")[0].clone() };
    wait_until("all callbacks are delivered", waiting, |count| count == "0").await;
    let told = told(&receiver);
    for (n, id) in ids.iter().enumerate() {
        let statuses = &told[&format!("invoice {id}")];
        let story = ["invoice:created", "invoice:opened", "invoice:awaiting_approval", "invoice:paid"];
        assert!(statuses.len() == 4 || statuses.len() == 2, "{n}: {statuses:?}");
        assert_eq!(statuses[..], story[..statuses.len()], "invoice {id}");
    }
    let whole = told.values().filter(|statuses| statuses.contains(&"invoice:paid".to_owned())).count();
    assert_eq!(whole, PAID);
    for id in &payments {
        assert_eq!(told[&format!("payment {id}")], ["payment:pending", "payment:success"]);
    }
    let said = cluster.said(&["audit"]);
    assert!(said.contains("the books are proven"), "{said}");
    // Polygon's own coins are not on this chain, which the auditor does not like
    let said = cluster.lockgate(0, &["audit", "--chain"]).output().unwrap().stdout;
    let said = String::from_utf8(said).unwrap();
    let left = Units(1_000_000_000 - out).decimal(6, 0);
    let agreed = format!("{}: {left} in the books, {left} on the chain", chain::ASSET);
    assert!(said.contains(&agreed), "{agreed}: {said}");

    // what one changes holds at every node with the next request
    let refused = || async {
        let mut codes = Vec::new();
        for client in &clients {
            codes.push(client.get("/api/payable-currencies/get/").await.json()["errorCode"].clone());
        }
        codes
    };
    assert_eq!(refused().await, [0, 0, 0]);
    cluster.said(&["merchant", "ip", "remove", "1", "127.0.0.1"]);
    assert_eq!(refused().await, [50010, 50010, 50010]);
    cluster.said(&["merchant", "ip", "add", "1", "127.0.0.1"]);
    assert_eq!(refused().await, [0, 0, 0]);
    let keys = cluster.said(&["merchant", "key", "list", "1"]);
    let id = keys.lines().find(|line| line.contains(" valid")).unwrap().split(' ').next().unwrap();
    cluster.said(&["merchant", "key", "revoke", "1", id]);
    assert_eq!(refused().await, [50007, 50007, 50007]);
}
