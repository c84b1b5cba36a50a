//! The process dies between "sent to the acquirer" and "answer stored": the payer is charged once or not at all, and our books agree
//! with the acquirer's.

use domain::charge::State;
use domain::transfer::State as RefundState;
use futures_util::future::join_all;
use gateway::store::transfers::TransferRow;
use serde_json::Value;

use crate::harness::*;

/// Sends S2S under a key; the process may be gone before it answers.
async fn try_charge(client: &Client, key: &str, card: &str) -> Option<Answer> {
    let request = client.request(reqwest::Method::POST, "/api/btn-create-invoice/get/");
    let request = request.header("Content-Type", "application/json").header("Idempotency-Key", key);
    client.try_send(request.body(card_sale(card).to_string())).await.ok()
}

/// Every charge of ours stands as the acquirer says, and the money at the provider is what it took and did not give back.
async fn assert_agrees(sandbox: &Sandbox) {
    let (client, database) = (&sandbox.client, sandbox.database());
    let there = client.payments().await;
    assert!(there.len() < 20, "the list shows the newest twenty");
    let invoices: i64 = client.history("").await["total"].as_str().unwrap().parse().unwrap();
    let mut ours = Vec::new();
    for id in 1..=invoices {
        ours.extend(database.charges(id).await);
    }
    for row in &ours {
        let known = there.iter().find(|payment| payment["reference"] == row.charge.id.as_str());
        let status = known.map(|payment| payment["status"].as_str().unwrap());
        let expected: &[Option<&str>] = match row.charge.state {
            State::Paid => &[Some("paid")],
            State::Declined => &[Some("declined"), Some("canceled")],
            State::NeedsPayer => &[Some("challenge")],
            State::NotSent => &[None],
            other => panic!("{} is still {other:?}", row.charge.id),
        };
        assert!(expected.contains(&status), "{:?}, and there it is {status:?}", row.charge.state);
    }
    assert!(there.iter().all(|payment| ours.iter().any(|row| payment["reference"] == row.charge.id.as_str())));
    let sum = |key: &str| there.iter().map(|payment: &Value| i128::from(payment[key].as_u64().unwrap())).sum::<i128>();
    let balances = database.balances().await;
    let provider = balances.iter().find(|(name, _)| name == "operator provider USD").map_or(0, |(_, sum)| *sum);
    assert_eq!(provider, sum("taken") - sum("refunded"));
    sandbox.audit();
}

/// Dies at `point` while `card` is charged, and is started again.
async fn died_at(point: &str, card: &str) -> Sandbox {
    let mut sandbox = Sandbox::start_with(&[("LOCKGATE_CRASH_AT", point)]).await;
    assert!(try_charge(&sandbox.client, "order", card).await.is_none(), "{point}: it died before it answered");
    assert!(!sandbox.ended().await.success());
    // looked at while nothing runs: after the start the acquirer's webhook may make it ask at once
    assert_eq!(sandbox.database().charge_states(1).await, [State::Unknown]);
    sandbox.start_again().await;
    sandbox
}

#[tokio::test]
async fn before_it_is_sent() {
    let sandbox = died_at("before_provider_send", APPROVED).await;
    let (client, database) = (&sandbox.client, sandbox.database());
    // the merchant repeats his request: no second charge, and the page says to wait
    let again = try_charge(client, "order", APPROVED).await.unwrap().ok();
    assert_eq!((&again["status"], &again["ID"]), (&OPENED.into(), &1.into()));
    let page = client.visit(again["redirectUrl"].as_str().unwrap()).await;
    assert_eq!(shown(&page), "processing");
    assert!(page.body.contains("Please do not pay again."));
    client.advance(61).await;
    wait_until("it is asked about", || database.charge(1), |row| row.asked > 0).await;
    assert_eq!(database.charge(1).await.charge.state, State::Unknown, "it might still be on its way");
    client.advance(11 * 60).await;
    database.charges_become(1, &[State::NotSent]).await;
    assert_eq!(client.payments().await.len(), 0, "nobody was charged");
    client.advance(5 * 60).await;
    let token = page_token(again["redirectUrl"].as_str().unwrap());
    assert_eq!(shown(&client.pay_on_page(&token, APPROVED).await), "received");
    assert_told_at_least_once(&sandbox, 1, &[CREATED, OPENED, RECEIVED]).await;
    assert_agrees(&sandbox).await;
}

#[tokio::test]
async fn after_it_is_sent() {
    for (card, state, story) in [
        (APPROVED, State::Paid, &[CREATED, OPENED, RECEIVED][..]),
        (DECLINED, State::Declined, &[CREATED, OPENED, FAILED]),
        (CHALLENGED, State::NeedsPayer, &[CREATED, OPENED]),
        (WRONG_AMOUNT, State::Paid, &[CREATED, OPENED]),
    ] {
        let sandbox = died_at("after_provider_send", card).await;
        let again = try_charge(&sandbox.client, "order", card).await.unwrap().ok();
        assert_eq!(again["ID"], 1);
        sandbox.client.advance(61).await;
        sandbox.database().charges_become(1, &[state]).await;
        assert_eq!(sandbox.client.payments().await.len(), 1, "charged once");
        assert_told_at_least_once(&sandbox, 1, story).await;
        if state == State::NeedsPayer {
            let page = sandbox.client.visit(again["redirectUrl"].as_str().unwrap()).await;
            sandbox.client.follow(&sandbox.client.press_at(&link(&page.body, "continue"), "approve").await).await;
            assert_told_at_least_once(&sandbox, 1, &[CREATED, OPENED, RECEIVED]).await;
        }
        assert_agrees(&sandbox).await;
    }
}

#[tokio::test]
async fn after_it_is_asked_about() {
    let mut sandbox = Sandbox::start_with(&[("LOCKGATE_CRASH_AT", "after_provider_sync")]).await;
    let (_, id, bank) = sandbox.client.charge_card(&card_sale(CHALLENGED)).await;
    let _ = sandbox
        .client
        .try_send(
            sandbox
                .client
                .request(reqwest::Method::POST, bank.strip_prefix(&sandbox.client.base).unwrap())
                .body("act=approve"),
        )
        .await;
    assert!(!sandbox.ended().await.success());
    let charge = sandbox.database().charge(id).await;
    assert_eq!(charge.charge.state, State::NeedsPayer, "what it heard is forgotten");
    sandbox.start_again().await;
    assert_told_at_least_once(&sandbox, id, &[CREATED, OPENED, RECEIVED]).await;
    sandbox.database().charges_become(id, &[State::Paid]).await;
    assert_agrees(&sandbox).await;
}

/// Whatever step the process dies at, the payer has his money once.
#[tokio::test]
async fn around_a_refund() {
    use RefundState::{Done, Reserved, Sending};
    for (point, then, arrived) in [
        ("charge_refund.before_store", Reserved, 0),
        ("charge_refund.before_send", Sending, 0),
        ("charge_refund.after_send", Sending, 1_000),
        ("charge_refund.after_record", Done, 1_000),
    ] {
        let mut sandbox = Sandbox::start_with(&[("LOCKGATE_CRASH_AT", point)]).await;
        let (_, id, _) = sandbox.client.charge_card(&card_sale(APPROVED)).await;
        let database = sandbox.database();
        let order = ["refund", "1", &id.to_string(), "--amount", "10"];
        sandbox.said(&order);
        assert!(!sandbox.ended().await.success());
        sandbox.start_again().await;
        let states = || async { database.refunds(id).await.iter().map(|row| row.state).collect::<Vec<_>>() };
        let given_back = async || sandbox.client.payments().await[0]["refunded"].clone();
        assert_eq!((states().await, given_back().await), (vec![then], arrived.into()), "{point}");
        assert!(!sandbox.run(&order).status.success(), "{point}: its amount is set aside");
        // its lease runs out, and it is asked about
        sandbox.client.advance(91).await;
        let asked = |rows: &Vec<TransferRow>| rows[0].asked > 0 || rows[0].state == Done;
        wait_until("it is asked about", || database.refunds(id), asked).await;
        // what the acquirer does not know after ten minutes was never sent: the very same goes again, a minute later
        for seconds in [11 * 60, 61] {
            sandbox.client.advance(seconds).await;
            let settled = |rows: &Vec<TransferRow>| rows[0].state == Done || rows[0].state == Reserved;
            wait_until("it is clear", || database.refunds(id), settled).await;
        }
        wait_until(point, states, |seen| *seen == [Done]).await;
        assert_eq!(given_back().await, 1_000, "{point}");
        assert_agrees(&sandbox).await;
    }
}

/// Killed from outside, four times, while several charges are on their way.
#[tokio::test]
async fn killed_under_several_charges() {
    let mut sandbox = Sandbox::start().await;
    let cards = [APPROVED, ANSWER_LOST, DECLINED, CHALLENGED];
    for round in 0..4_u64 {
        let client = sandbox.client.clone();
        let keys: Vec<String> = (0..4).map(|nth| format!("order {round} {nth}")).collect();
        let charges = join_all(keys.iter().zip(cards).map(|(key, card)| try_charge(&client, key, card)));
        let killing = async {
            tokio::time::sleep(std::time::Duration::from_millis(5 + round * 9)).await;
            sandbox.kill_now();
        };
        tokio::join!(charges, killing);
        sandbox.restart().await;
        // the merchant repeats what was not answered; one key, one charge
        for (key, card) in keys.iter().zip(cards) {
            assert_eq!(try_charge(&sandbox.client, key, card).await.unwrap().ok()["errorCode"], 0);
        }
    }
    let client = &sandbox.client;
    assert_eq!(client.history("").await["total"], "16");
    for seconds in [61, 11 * 60] {
        client.advance(seconds).await;
    }
    let database = sandbox.database();
    let unresolved = || async {
        let mut states = Vec::new();
        for id in 1..=16 {
            states.extend(database.charge_states(id).await);
        }
        states.into_iter().filter(|state| state.is_unresolved()).count()
    };
    wait_until("all is clear", unresolved, |count| *count == 0).await;
    assert_agrees(&sandbox).await;
}
