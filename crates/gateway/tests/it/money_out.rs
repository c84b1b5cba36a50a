//! Everything that moves money out, with the process killed again and again on the way: at each named step, and at any other moment.
//! On the outside each thing happens once, in the books once, and nothing is left over.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;

use domain::transfer::{Kind, State};
use domain::{TransferId, Units};
use gateway::app::charges::refunds;
use gateway::store::transfers::{self, TransferRow};
use gateway::store::{StoreError, sandbox as records};
use serde_json::json;

use crate::harness::*;
use crate::payout::{SEND, payment};
use crate::treasury::{PAYER, beside_what_sleeps as beside};

/// How often it is killed.
const RUNS: usize = 200;
/// Where it dies; at none of these it is killed while it works.
const POINTS: [&str; 12] = [
    "transfer.before_store",
    "transfer.after_store",
    "transfer.after_send",
    "card_payout.before_store",
    "card_payout.before_send",
    "card_payout.after_send",
    "card_payout.after_record",
    "charge_refund.before_store",
    "charge_refund.before_send",
    "charge_refund.after_send",
    "charge_refund.after_record",
    "",
];
const COINS: u128 = 1_000_003;
/// So many refunds are decided at once: they go in one transaction.
const TOGETHER: usize = 6;

async fn all(sandbox: &Sandbox) -> Vec<TransferRow> {
    let beside = beside(sandbox).await;
    let mut rows: Vec<TransferRow> = Vec::new();
    loop {
        let last = rows.last().map(|row| row.id.to_string()).unwrap_or_default();
        let page = beside.app.store.read(|tx| transfers::after(tx, &beside.merchant, &last)).await;
        let page: Vec<TransferRow> = page.map_err(|error: StoreError| error).unwrap();
        if page.is_empty() {
            return rows;
        }
        rows.extend(page);
    }
}

/// One more thing to do, decided while nothing runs.
async fn decide(sandbox: &Sandbox, run: usize, waiting: &mut Vec<TransferId>) {
    let beside = beside(sandbox).await;
    match POINTS[run % POINTS.len()] {
        point if point.starts_with("card_payout") => {
            let id = waiting.pop().expect("a payment that waits for approval").to_string();
            sandbox.said(&["transfers", "approve", &id, "--by", "second"]);
        }
        point if point.starts_with("charge_refund") => {
            let charge = sandbox.database().charge(1).await;
            let app = beside.app.clone();
            let made = beside.app.store.write(move |tx| {
                refunds::reserve(&app, tx, &charge.merchant_id, &charge.charge.id, Units(1)).map(|_| ())
            });
            made.await.unwrap();
        }
        // some by themselves, some together
        _ => {
            let count = if (run / POINTS.len()).is_multiple_of(2) { TOGETHER } else { 1 };
            beside.refunds(&vec![(COINS, PAYER); count]).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_two_hundred_times() {
    let mut sandbox = Sandbox::start().await;
    let client = sandbox.client.clone();
    // a fund, payments from it that wait for a second person, a charge to give back from, one that will be settled
    let order = json!({ "asset": "USDC_polygon", "amount": "1000" });
    let hash =
        client.post_json("/sandbox/treasury/deposits", &order).await.ok()["tx_hash"].as_str().unwrap().to_owned();
    let fund = json!({ "amount": "1000", "blockchain": "polygon", "crypto": "USDC", "tx_hash": hash });
    let fund = client.post_json(crate::payout::ADD, &fund).await.ok()["fund_id"].as_i64().unwrap();
    client.mine(20).await;
    crate::payout::becomes(&client, "funds", fund, "fund:success").await;
    sandbox.said(&["merchant", "payout", "1", "--approval-above", "0"]);
    let payments = RUNS.div_ceil(POINTS.len()) * 4;
    for _ in 0..payments {
        client.post_json(SEND, &payment("1", APPROVED)).await.ok();
    }
    let mut waiting: Vec<TransferId> =
        all(&sandbox).await.into_iter().filter(|row| row.kind == Kind::CardPayout).map(|row| row.id).collect();
    assert_eq!(waiting.len(), payments);
    client.charge_card(&card_sale(APPROVED)).await;
    sandbox.database().charges_become(1, &[domain::charge::State::Paid]).await;
    sandbox.said(&["settlement", "set", "1", "--schedule", "per_payment"]);

    let mut died: BTreeMap<&str, usize> = BTreeMap::new();
    for run in 0..RUNS {
        let point = POINTS[run % POINTS.len()];
        sandbox.kill9();
        decide(&sandbox, run, &mut waiting).await;
        let serves = sandbox.try_start_again(&[("LOCKGATE_CRASH_AT", point)]).await;
        if serves {
            // leases of those that died are over
            let request = client.request(reqwest::Method::POST, "/sandbox/clock/advance");
            let _ =
                client.try_send(request.header("Content-Type", "application/json").body(r#"{"seconds":120}"#)).await;
        }
        // killed at another moment each time, if it does not die by itself before
        let patience = match point {
            "" => 7 * (run as u64 % 60),
            point if died.contains_key(point) => 1_500,
            _ => 20_000,
        };
        let until = tokio::time::Instant::now() + Duration::from_millis(patience);
        while !sandbox.is_over() && tokio::time::Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        *died.entry(if sandbox.is_over() { point } else { "killed on the way" }).or_default() += 1;
    }
    sandbox.restart().await;
    let look = || async {
        client.advance(700).await;
        all(&sandbox).await.into_iter().filter(|row| row.state != State::Done).collect::<Vec<_>>()
    };
    let open = wait_until("everything has arrived", look, |open| open.iter().all(|row| waiting.contains(&row.id)));
    assert_eq!(open.await.len(), waiting.len(), "only what nobody approved");
    once(&sandbox).await;
    // past the test runner's capture, which hides what a passing test prints
    let _ = writeln!(std::io::stderr(), "\nkilled {RUNS} times: {died:?}");
    assert!(died.len() > POINTS.len() / 2, "steps were never reached: {died:?}");
}

/// What the outside says of all of them, against the rows: exactly once.
async fn once(sandbox: &Sandbox) {
    sandbox.client.mine(20).await;
    let rows = all(sandbox).await;
    let of = |kind| rows.iter().filter(move |row| row.kind == kind && row.state == State::Done);
    assert!(rows.iter().all(|row| row.parked.is_none()), "{:?}", rows.iter().find(|row| row.parked.is_some()));
    let refunds = u128::try_from(of(Kind::CoinRefund).count()).unwrap();
    assert_eq!(Chain::of(sandbox).balance("USDC", PAYER).await, refunds * COINS, "coins");
    let mut carried: BTreeMap<_, usize> = BTreeMap::new();
    for row in of(Kind::CoinRefund).chain(of(Kind::Settlement)) {
        *carried.entry(row.tx_hash.clone()).or_default() += 1;
    }
    assert!(carried.values().any(|count| *count >= TOGETHER), "none went together: {carried:?}");
    assert_eq!(of(Kind::Settlement).count(), 1, "one charge, settled once");
    // what settled the card's money is what the merchant is told
    sandbox.client.status_becomes(1, PAID).await;
    let told = sandbox.client.row(1).await["tx_hash"].as_str().map(str::to_owned);
    assert_eq!(told, of(Kind::Settlement).next().and_then(|row| row.tx_hash.clone()));
    let kept = sandbox.database().store.read(records::payments).await.unwrap();
    let paid = kept.iter().filter(|record| record.contains(r#""record":"payout""#)).count();
    assert_eq!(paid, of(Kind::CardPayout).count(), "cards");
    let given: u64 = sandbox.client.payments().await.iter().map(|payment| payment["refunded"].as_u64().unwrap()).sum();
    assert_eq!(usize::try_from(given).unwrap(), of(Kind::ChargeRefund).count(), "a cent each");
    sandbox.audit();
    let said = sandbox.said(&["audit", "--chain"]);
    assert!(said.contains("the treasury's coins on the chain are those in the books"), "{said}");
}
