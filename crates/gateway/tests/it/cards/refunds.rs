//! Money given back: through `lockgate refund`, at the acquirer itself, and not at all. Every balance is worked out by hand.

use domain::charge::State;
use domain::ledger::Reason;
use domain::transfer::State as RefundState;
use serde_json::json;

use crate::harness::*;

/// 15.04 USD by card, paid: a fee of 0.15, and 14.89 owed to the merchant.
async fn paid(sandbox: &Sandbox, card: &str) -> (i64, String) {
    let (_, id, _) = sandbox.client.charge_card(&card_sale(card)).await;
    let database = sandbox.database();
    database.charges_become(id, &[State::Paid]).await;
    (id, database.charge(id).await.charge.id.to_string())
}

fn refund(sandbox: &Sandbox, id: i64, amount: &str) -> Result<String, String> {
    let output = sandbox.run(&["refund", "1", &id.to_string(), "--amount", amount]);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

async fn refunds_become(sandbox: &Sandbox, id: i64, states: &[RefundState]) {
    let database = sandbox.database();
    let look = || async { database.refunds(id).await.iter().map(|row| row.state).collect::<Vec<_>>() };
    wait_until(&format!("the refunds are {states:?}"), look, |seen| *seen == states).await;
}

/// What the acquirer says was given back.
async fn given_back(sandbox: &Sandbox, charge: &str) -> u64 {
    sandbox.client.payment(charge).await.unwrap()["refunded"].as_u64().unwrap()
}

async fn assert_provider_payable(sandbox: &Sandbox, provider: i128, payable: i128, refunding: i128) {
    let expected = [
        ("operator provider USD", provider),
        owed_usd(payable),
        ("merchant refunding USD", refunding),
        ("operator fee USD", -15),
    ];
    let there: Vec<_> = expected.into_iter().filter(|(_, sum)| *sum != 0).collect();
    sandbox.database().assert_balances(&there).await;
    sandbox.audit();
}

#[tokio::test]
async fn in_parts_and_never_above_the_rest() {
    let sandbox = Sandbox::start().await;
    let (id, charge) = paid(&sandbox, APPROVED).await;
    let look = sandbox.said(&["refund", "1", &id.to_string()]);
    assert!(look.contains("15.04 USD paid, 15.04 can be given back"), "{look}");
    for amount in ["15.05", "0", "-1", "1.001", "x", "", "340282366920938463463374607431768211456"] {
        assert!(refund(&sandbox, id, amount).is_err(), "{amount}");
    }
    assert!(sandbox.database().refunds(id).await.is_empty(), "nothing was set aside");

    use RefundState::Done;
    refund(&sandbox, id, "5").unwrap();
    refunds_become(&sandbox, id, &[Done]).await;
    assert_eq!(given_back(&sandbox, &charge).await, 500);
    assert_provider_payable(&sandbox, 1_004, -989, 0).await;
    let refused = refund(&sandbox, id, "10.05").unwrap_err();
    assert!(refused.contains("1004 minor units"), "{refused}");
    refund(&sandbox, id, "0.01").unwrap();
    refunds_become(&sandbox, id, &[Done, Done]).await;
    refund(&sandbox, id, "all").unwrap();
    refunds_become(&sandbox, id, &[Done, Done, Done]).await;
    assert_eq!(given_back(&sandbox, &charge).await, 1_504);
    // the fee is not given back: the merchant owes it now
    assert_provider_payable(&sandbox, 0, 15, 0).await;
    assert!(refund(&sandbox, id, "0.01").is_err());
    assert!(refund(&sandbox, id, "all").is_err(), "all of nothing");
    use Reason::{ChargePaid, DebtIncurred, TransferDone, TransferReserved};
    let reasons = [
        ChargePaid,
        TransferReserved,
        TransferDone,
        TransferReserved,
        TransferDone,
        TransferReserved,
        DebtIncurred,
        TransferDone,
    ];
    assert_eq!(sandbox.database().reasons(id).await, reasons);
    // the contract has no word for a refund
    assert_told(&sandbox, id, &[CREATED, OPENED, RECEIVED]).await;
}

#[tokio::test]
async fn what_fails_is_free_again() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    let (id, charge) = paid(&sandbox, APPROVED).await;
    use RefundState::{Done, Failed, Pending};
    client.act(&charge, "refunds_wait").await;
    refund(&sandbox, id, "10").unwrap();
    refunds_become(&sandbox, id, &[Pending]).await;
    assert_provider_payable(&sandbox, 1_504, -489, -1_000).await;
    assert!(refund(&sandbox, id, "5.05").is_err(), "what is on its way is not there to be given");
    refund(&sandbox, id, "5.04").unwrap();
    refunds_become(&sandbox, id, &[Pending, Pending]).await;
    assert_provider_payable(&sandbox, 1_504, 15, -1_504).await;
    client.act(&charge, "fail_refunds").await;
    client.advance(20).await;
    refunds_become(&sandbox, id, &[Failed, Failed]).await;
    assert_provider_payable(&sandbox, 1_504, -1_489, 0).await;
    assert_eq!(given_back(&sandbox, &charge).await, 0);
    refund(&sandbox, id, "all").unwrap();
    refunds_become(&sandbox, id, &[Failed, Failed, Pending]).await;
    client.act(&charge, "finish_refunds").await;
    client.advance(20).await;
    refunds_become(&sandbox, id, &[Failed, Failed, Done]).await;
    assert_provider_payable(&sandbox, 0, 15, 0).await;
}

/// Two clerks at once: together they give no more than there is.
#[tokio::test]
async fn at_once() {
    let sandbox = Sandbox::start().await;
    let (id, charge) = paid(&sandbox, APPROVED).await;
    let done: Vec<bool> = std::thread::scope(|scope| {
        let clerks: Vec<_> = (0..4).map(|_| scope.spawn(|| refund(&sandbox, id, "6").is_ok())).collect();
        clerks.into_iter().map(|clerk| clerk.join().unwrap()).collect()
    });
    assert_eq!(done.iter().filter(|done| **done).count(), 2, "{done:?}");
    refunds_become(&sandbox, id, &[RefundState::Done, RefundState::Done]).await;
    assert_eq!(given_back(&sandbox, &charge).await, 1_200);
    assert_provider_payable(&sandbox, 304, -289, 0).await;
}

#[tokio::test]
async fn what_cannot_be_given_back() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    let (_, declined, _) = client.charge_card(&card_sale(DECLINED)).await;
    let (_, waiting, _) = client.charge_card(&card_sale(CHALLENGED)).await;
    let (coins, _) = client.sell("10", "USDT_polygon").await;
    for id in [declined, waiting, coins, 999] {
        let refused = refund(&sandbox, id, "1").unwrap_err();
        assert!(refused.contains("no charge of this invoice is paid"), "{refused}");
    }
    // what was parked can be given back too: 15.03 came instead of 15.04
    let (id, charge) = paid(&sandbox, WRONG_AMOUNT).await;
    assert!(refund(&sandbox, id, "15.04").is_err());
    refund(&sandbox, id, "15.03").unwrap();
    refunds_become(&sandbox, id, &[RefundState::Done]).await;
    assert_eq!(given_back(&sandbox, &charge).await, 1_503);
    sandbox.database().assert_balances(&[]).await;
    sandbox.audit();
}

#[tokio::test]
async fn rupees() {
    let sandbox = Sandbox::start().await;
    let (id, _) = sandbox.client.hosted_over("5").await;
    sandbox.client.pay_by(id, "upi", "paid").await;
    sandbox.client.status_becomes(id, RECEIVED).await;
    refund(&sandbox, id, "400.00").unwrap();
    refunds_become(&sandbox, id, &[RefundState::Done]).await;
    sandbox
        .database()
        .assert_balances(&[("operator provider INR", 971), ("merchant payable INR", -562), ("operator fee INR", -409)])
        .await;
    sandbox.audit();
}

/// Somebody gives money back in the acquirer's own back office: it is booked, once, beside our own.
#[tokio::test]
async fn at_the_acquirer_itself() {
    let sandbox = Sandbox::start().await;
    let (client, database) = (&sandbox.client, sandbox.database());
    let (id, charge) = paid(&sandbox, APPROVED).await;
    let [api_key, _] = database.acquirer_secrets().await;
    let there = async |reference: &str, amount: u64| {
        let payment = client.payment(&charge).await.unwrap()["id"].as_str().unwrap().to_owned();
        let path = format!("/sandbox/acquirer/v1/payments/{payment}/refunds");
        let request = client.request_without_key(reqwest::Method::POST, &path).bearer_auth(&api_key);
        let body = json!({ "reference": reference, "amount": amount }).to_string();
        let answer = client.send(request.header("idempotency-key", reference).body(body)).await;
        assert_eq!(answer.status, 201, "{answer:?}");
    };
    there("by hand 1", 300).await;
    let elsewhere = async |sum: u128| {
        let what = format!("{sum} is booked");
        wait_until(&what, || database.charge(id), |row| row.refunded_elsewhere.0 == sum).await;
    };
    elsewhere(300).await;
    assert_provider_payable(&sandbox, 1_204, -1_189, 0).await;
    refund(&sandbox, id, "5").unwrap();
    refunds_become(&sandbox, id, &[RefundState::Done]).await;
    there("by hand 2", 4).await;
    elsewhere(304).await;
    assert_provider_payable(&sandbox, 700, -685, 0).await;
    assert!(refund(&sandbox, id, "7.01").is_err());
    refund(&sandbox, id, "7").unwrap();
    refunds_become(&sandbox, id, &[RefundState::Done, RefundState::Done]).await;
    assert_eq!(given_back(&sandbox, &charge).await, 1_504);
    assert_provider_payable(&sandbox, 0, 15, 0).await;
    assert_eq!(database.charge(id).await.refunded_elsewhere.0, 304);
}

/// Two charges of one invoice are paid: the clerk has to say which one he means.
#[tokio::test]
async fn which_one() {
    let sandbox = Sandbox::start().await;
    let (client, database) = (&sandbox.client, sandbox.database());
    let (id, token) = client.hosted_over("15.04").await;
    client.pay_on_page(&token, WRONG_AMOUNT).await;
    client.pay_on_page(&token, APPROVED).await;
    database.charges_become(id, &[State::Paid, State::Paid]).await;
    let refused = refund(&sandbox, id, "1").unwrap_err();
    assert!(refused.contains("several charges are paid"), "{refused}");
    let second = database.charges(id).await[1].charge.id.to_string();
    sandbox.said(&["refund", "1", &id.to_string(), "--charge", &second, "--amount", "all"]);
    refunds_become(&sandbox, id, &[RefundState::Done]).await;
    assert_eq!(given_back(&sandbox, &second).await, 1_504);
    assert!(!sandbox.run(&["refund", "1", &id.to_string(), "--charge", &second, "--amount", "0.01"]).status.success());
    database
        .assert_balances(&[
            ("operator provider USD", 1_503),
            ("merchant parked USD", -1_503),
            ("merchant debt USD", 15),
            ("operator fee USD", -15),
        ])
        .await;
    sandbox.audit();
}
