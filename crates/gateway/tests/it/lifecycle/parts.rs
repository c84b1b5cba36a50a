//! One invoice paid in several parts, and many invoices at once.

use serde_json::Value;

use super::{CREATED, OPENED, PAID, RECEIVED, assert_paid_out, assert_told};
use crate::harness::{Pay, Sandbox, units, wait_until};

#[tokio::test]
async fn three_parts() {
    let sandbox = Sandbox::start().await;
    let (id, token) = sandbox.client.sell("15.04", "USDC_polygon").await;
    let database = sandbox.database();
    for (part, left) in [("5", "10.04"), ("0.000001", "10.039999"), ("10.039999", "")] {
        assert_eq!(sandbox.client.status(id).await, OPENED);
        let before = database.payments(id).await.len();
        sandbox.client.pay(id, Pay { outcome: "paid", amount: Some(part), ..Pay::default() }).await;
        wait_until("the part is seen", || database.payments(id), |seen| seen.len() == before + 1).await;
        let page = sandbox.client.page(&token).await;
        assert_eq!(page.status, 200);
        if !left.is_empty() {
            assert!(page.body.contains(left), "{left}: {}", page.body);
        }
    }
    assert_told(&sandbox, id, &[CREATED, OPENED, RECEIVED, PAID]).await;
    let row = sandbox.client.row(id).await;
    assert_eq!(row["paid_amount"], "15.04");
    // each part's fee is rounded down where it is flushed: of one unit nothing is left to take
    let look = || async { crate::harness::Chain::of(&sandbox).paid_out("USDC").await };
    let (merchant, operator) =
        wait_until("all is paid out", look, |(merchant, operator)| merchant + operator == units("15.04", 6)).await;
    assert!((149_900..=150_400).contains(&operator), "{operator}");
    assert_eq!(merchant + operator, 15_040_000);
    sandbox.audit();
}

#[tokio::test]
async fn thirty_invoices_at_once() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    let coins = ["USDT_polygon", "USDC_polygon", "POL_polygon"];
    let sold = futures_util::future::join_all((0..30).map(|n| client.sell("10", coins[n % 3]))).await;
    let pay = |(id, _): &(i64, String)| client.pay(*id, Pay { outcome: "paid", wait: true, ..Pay::default() });
    futures_util::future::join_all(sold.iter().map(pay)).await;
    for (id, _) in &sold {
        client.status_becomes(*id, PAID).await;
    }
    assert_paid_out(&sandbox, "USDT", units("99", 6), units("1", 6)).await;
    assert_paid_out(&sandbox, "USDC", units("99", 6), units("1", 6)).await;
    assert_paid_out(&sandbox, "POL", units("198", 18), units("2", 18)).await;
    let list = client.history("status=PAID").await;
    assert_eq!(list["total"], "30");
    let hashes: std::collections::BTreeSet<&str> =
        list["list"].as_array().unwrap().iter().map(|row| row["tx_hash"].as_str().unwrap()).collect();
    assert!(hashes.len() < 30, "flushes are batched");
    assert_eq!(client.history("status=WAITING").await["list"], Value::Array(Vec::new()));
    for (id, _) in &sold {
        assert_eq!(client.told(*id, 4).await, [CREATED, OPENED, RECEIVED, PAID]);
    }
    sandbox.audit();
}
