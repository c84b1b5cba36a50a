//! Pay-outs on real EVM nodes: coins sent to the treasury, a fund, a payment at the processor, callbacks; and what the chain says of those
//! that are not funds.

use domain::charge::Method;
use domain::ledger::Kind as AccountKind;
use gateway::app::SharedApp;
use gateway::app::merchants::Office;
use gateway::app::providers::{NewAccount, Provider};
use gateway::store::{ledger, merchants};
use rails::sim::connectors::SANDBOX_CARD;
use serde_json::{Value, json};

use super::gateway::{DEEPEST, Gateway};
use super::peer::{self, Anvil, USDC, USDT};
use super::until;
use crate::harness::{APPROVED, DECLINED, Sandbox};

const ADD: &str = "/api/payout/funds/add";
const SEND: &str = "/api/payout/payment/send";

fn fund(amount: &str, chain: &str, hash: &str) -> Value {
    json!({ "amount": amount, "blockchain": chain, "crypto": "USDC", "tx_hash": hash, "merchant_data": "mine" })
}

fn payment(amount: f64, card: &str) -> Value {
    json!({ "amount": amount, "currency": "EUR", "firstname": "john", "lastname": "smith", "card_number": card,
        "expiry": "04/2099", "merchant_data": { "order": 7 } })
}

/// A gateway that pays out, with a treasury on both chains; the treasury's address.
async fn set_up(polygon: &Anvil, ethereum: &Anvil, name: &str, more: &str) -> (Gateway, String) {
    let gateway = Gateway::set_up(polygon, name).await;
    gateway.ethereum_at(&ethereum.url);
    let treasury = gateway.add_treasuries(&["polygon", "ethereum"]);
    gateway.configure(more);
    (gateway, treasury)
}

const RATE: &str = "\n[rates.fixed]\nEUR = \"0.92\"\n";
const CARDS: &str = "\n[cards]\npci_mode = \"pci-dss-saq-d-service-provider\"\n";

/// Both chains are read from now on.
async fn serve(gateway: &mut Gateway) {
    gateway.start(None).await;
    gateway.create("15.04", "USDT_polygon").await;
    gateway.create("15.04", "USDC_ethereum").await;
}

async fn reported(gateway: &Gateway, amount: &str, chain: &str, hash: &str) -> i64 {
    let (status, answer) = gateway.post(ADD, &fund(amount, chain, hash)).await;
    assert_eq!((status, &answer["errorCode"], &answer["success"]), (200, &json!(0), &json!(true)), "{answer}");
    answer["fund_id"].as_i64().unwrap()
}

async fn detail(gateway: &Gateway, what: &str, id: i64) -> Value {
    gateway.get(&format!("/api/payout/{what}/get-detail?id={id}")).await["data"].clone()
}

async fn becomes(gateway: &Gateway, chains: &[&Anvil], what: &str, id: i64, status: &str) -> Value {
    until(&format!("{what} {id} is {status}"), async || {
        for chain in chains {
            chain.mine(1).await;
        }
        let data = detail(gateway, what, id).await;
        (data["status"] == status).then_some(data)
    })
    .await
}

async fn told(gateway: &Gateway, prefix: &str, id: i64, story: &[&str]) -> Vec<Value> {
    until("the callbacks come", async || {
        let bodies = gateway.bodies(prefix, id);
        let statuses: Vec<&str> = bodies.iter().map(|body| body["status"].as_str().unwrap()).collect();
        (statuses == story).then(|| bodies.clone())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn from_coins_to_a_card() {
    let Some(polygon) = peer::start().await else { return };
    let mut gateway = Gateway::set_up(&polygon, "payout").await;
    let treasury = gateway.add_treasury();
    gateway.configure(&format!("{RATE}{CARDS}"));
    gateway.start(None).await;
    gateway.create("15.04", "USDT_polygon").await;
    let hash = polygon.transfer(USDC, &treasury, 100_000_000).await;
    // before there is a processor
    let (status, answer) = gateway.post(SEND, &payment(1.5, APPROVED)).await;
    assert_eq!(
        (status, answer),
        (503, json!({ "error": "Payments to cards are not set up on this gateway. Nothing was kept." }))
    );
    let processor = Sandbox::start().await;
    let app = gateway.parts().await;
    set_up_at(&app, &processor).await;

    let id = reported(&gateway, "100", "polygon", &hash).await;
    assert_eq!(detail(&gateway, "funds", id).await["status"], "fund:pending", "one block is not final");
    let row = becomes(&gateway, &[&polygon], "funds", id, "fund:success").await;
    assert_eq!(
        (&row["amount"], &row["balance"], &row["tx_hash"]),
        (&json!("100 usdc"), &json!("92 EUR"), &json!(hash))
    );
    let bodies = told(&gateway, "fund:", id, &["fund:created", "fund:pending", "fund:success"]).await;
    let credited = json!({ "status": "fund:success", "id": id, "devise": "USDC", "amount": 100, "description": "The fund has been credited",
        "merchant_data": "mine", "failed_reason": null });
    assert_eq!(bodies[2], credited);

    let (_, sent) = gateway.post(SEND, &payment(1.5, APPROVED)).await;
    assert_eq!(sent, json!({ "payment_id": 1, "errorCode": 0, "success": true }));
    let paid = becomes(&gateway, &[], "payment", 1, "payment:success").await;
    assert_eq!(
        (&paid["amount_reached"], &paid["card_number__expiry"]),
        (&json!("1.50 EUR"), &json!("4242XXXXXXXX4242 04/2099"))
    );
    let bodies = told(&gateway, "payment:", 1, &["payment:pending", "payment:success"]).await;
    assert_eq!(
        (&bodies[1]["amount"], &bodies[1]["devise"], &bodies[1]["merchant_data"]),
        (&json!(1.5), &json!("EUR"), &json!(r#"{"order":7}"#))
    );
    assert_eq!(detail(&gateway, "funds", id).await["balance"], "90.50 EUR");
    // declined: the euros are the merchant's again
    gateway.post(SEND, &payment(10.0, DECLINED)).await;
    let failed = becomes(&gateway, &[], "payment", 2, "payment:failed").await;
    assert_eq!(failed["failed_reason"], "Card declined by the issuer");
    told(&gateway, "payment:", 2, &["payment:pending", "payment:failed"]).await;
    assert_eq!(detail(&gateway, "funds", id).await["balance"], "90.50 EUR");
    let list = gateway.get("/api/payout/payment/get-history?status=FAILED").await;
    assert_eq!((&list["total"], &list["list"][0]["id"]), (&json!("1"), &json!("2")));
    let list = gateway.get("/api/payout/funds/get-history").await;
    assert_eq!(list["list"][0]["balance"], "90.50 EUR");
    gateway.audit();
    let said = gateway.command(&["audit", "--chain"]);
    assert!(said.contains("the treasury's coins on the chain are those in the books"), "{said}");

    // the chain parts below the coins, deeper than anything is final: what was paid out is a debt
    let head = polygon.head().await;
    let receipt = polygon.call("eth_getTransactionReceipt", json!([hash])).await;
    let depth = head - peer::quantity(&receipt["blockNumber"]) + 1;
    polygon.call("anvil_reorg", json!([depth, []])).await;
    polygon.mine(DEEPEST).await;
    let lost = becomes(&gateway, &[&polygon], "funds", id, "fund:failed").await;
    assert_eq!(lost["failed_reason"], "The transaction left the chain after it was credited");
    told(&gateway, "fund:", id, &["fund:created", "fund:pending", "fund:success", "fund:failed"]).await;
    let accounts = app.store.read(|tx| {
        let merchant = merchants::by_number(tx, 1)?.unwrap();
        ledger::accounts(tx, &merchant.id)
    });
    let accounts = accounts.await.unwrap().into_iter();
    let mut debts = accounts.filter(|row| row.account.kind == AccountKind::Debt && row.account.asset == "EUR");
    assert_eq!(debts.next().map(|row| row.debit.0 - row.credit.0), Some(150));
    let (_, refused) = gateway.post(SEND, &payment(1.0, APPROVED)).await;
    assert_eq!(refused, json!({ "errorCode": 50014, "errorMessage": "Insufficient funds", "success": false }));
    gateway.audit();
}

/// An account at the sandbox's processor, which no command opens for a live gateway.
async fn set_up_at(app: &SharedApp, processor: &Sandbox) {
    let [key, secret] = processor.database().acquirer_secrets().await;
    let fields = [("api_key", key), ("webhook_secret", secret)];
    let new = NewAccount {
        merchant_id: None,
        provider: Provider::Connected(&SANDBOX_CARD),
        method: Method::Payout,
        base_url: Some(format!("{}/sandbox/acquirer", processor.client.base)),
        fields: fields.map(|(name, text)| (name.to_owned(), text.into())).into_iter().collect(),
    };
    let office = Office::of(app);
    app.store.write(move |tx| office.add_account(tx, new)).await.unwrap();
}

/// Every reason the chain gives, to the letter.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_fund() {
    let (Some(polygon), Some(ethereum)) = (peer::start().await, peer::start_as(1).await) else { return };
    let (mut gateway, treasury) = set_up(&polygon, &ethereum, "no-fund", RATE).await;
    serve(&mut gateway).await;
    let stranger = "0x8888888888888888888888888888888888888888";
    let failing = polygon.transfer_in_vain(USDC, &treasury).await;
    let elsewhere = polygon.transfer(USDC, stranger, 5_000_000).await;
    let other_token = polygon.transfer(USDT, stranger, 5_000_000).await;
    let other_coin = polygon.transfer(USDT, &treasury, 5_000_000).await;
    let less = polygon.transfer(USDC, &treasury, 4_999_999).await;
    let on_polygon = polygon.transfer(USDC, &treasury, 6_000_000).await;
    let no_coins =
        polygon.call("eth_sendTransaction", json!([{ "from": peer::PAYER, "to": stranger, "value": "0x1" }])).await;
    let cases = [
        (failing.as_str(), "polygon", "The transaction failed on the chain"),
        (&elsewhere, "polygon", "The transaction sent USDC to another recipient"),
        (&other_token, "polygon", "The transaction moved another token, not USDC"),
        (&other_coin, "polygon", "The transaction brought USDT, not USDC"),
        (&less, "polygon", "The transaction brought 4.999999 usdc, not 5 usdc"),
        (no_coins.as_str().unwrap(), "polygon", "The transaction moved no USDC"),
        (&on_polygon, "etherum", "The transaction is on Polygon, not on Ethereum"),
    ];
    let mut ids = Vec::new();
    for (hash, chain, why) in cases {
        ids.push((reported(&gateway, "5", chain, hash).await, why));
    }
    // a hash that is claimed on Ethereum is claimed by both of the chain's names, and in any case
    let nowhere = format!("0x{:064x}", 0xabcdef);
    reported(&gateway, "5", "etherum", &nowhere).await;
    let used = json!({ "errorCode": 50013, "errorMessage": "tx_hash already used", "success": false });
    for (chain, hash) in [
        ("etherum", nowhere.clone()),
        ("ethereum", nowhere.clone()),
        ("ethereum", nowhere.to_uppercase().replace("0X", "0x")),
        ("etherum", nowhere.to_uppercase()),
    ] {
        assert_eq!(gateway.post(ADD, &fund("5", chain, &hash)).await, (200, used.clone()), "{chain} {hash}");
    }
    for (id, why) in ids {
        let data = becomes(&gateway, &[&polygon, &ethereum], "funds", id, "fund:failed").await;
        assert_eq!((&data["failed_reason"], &data["balance"]), (&json!(why), &json!("0 EUR")));
        let bodies = told(&gateway, "fund:", id, &["fund:created", "fund:pending", "fund:failed"]).await;
        assert_eq!(
            (&bodies[2]["failed_reason"], &bodies[2]["description"]),
            (&json!(why), &json!("An error occurred"))
        );
    }
    // where it is, it is a fund
    let id = reported(&gateway, "6", "polygon", &on_polygon).await;
    assert_eq!(becomes(&gateway, &[&polygon], "funds", id, "fund:success").await["balance"], "5.52 EUR");
    gateway.audit();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_rate_no_fund() {
    let (Some(polygon), Some(ethereum)) = (peer::start().await, peer::start_as(1).await) else { return };
    let (mut gateway, _) = set_up(&polygon, &ethereum, "no-rate", "").await;
    gateway.start(None).await;
    let (status, answer) = gateway.post(ADD, &fund("5", "polygon", &format!("0x{:064x}", 7))).await;
    let said = answer["error"].as_str().unwrap_or_default();
    assert!(
        status == 503 && said.starts_with("No price in EUR at the moment: ") && said.ends_with(" Try again."),
        "{status} {answer}"
    );
    assert_eq!(gateway.get("/api/payout/funds/get-history").await["total"], "0", "nothing was kept");
    // and no card numbers without the operator's named mode
    let (status, answer) = gateway.post(SEND, &payment(1.0, APPROVED)).await;
    let sentence = "This gateway takes no card numbers: its operator has not turned that on. Nothing was kept.";
    assert_eq!((status, answer), (503, json!({ "error": sentence })));
}

/// Nodes of another chain that take a question and never answer it: funds that nobody finds wait for them, those that came do not.
#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_hang_hold_up_no_fund() {
    let Some(polygon) = peer::start().await else { return };
    let hangs = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", hangs.local_addr().unwrap());
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((connection, _)) = hangs.accept().await {
            open.push(connection);
        }
    });
    let mut gateway = Gateway::set_up(&polygon, "hangs").await;
    gateway.ethereum_at(&url);
    let treasury = gateway.add_treasury();
    gateway.configure(RATE);
    gateway.start(None).await;
    gateway.create("15.04", "USDT_polygon").await;
    let hash = polygon.transfer(USDC, &treasury, 100_000_000).await;
    for n in 0..20 {
        reported(&gateway, "5", "polygon", &format!("0x{:064x}", 0xabc + n)).await;
    }
    let id = reported(&gateway, "100", "polygon", &hash).await;
    assert_eq!(becomes(&gateway, &[&polygon], "funds", id, "fund:success").await["balance"], "92 EUR");
    gateway.audit();
}
