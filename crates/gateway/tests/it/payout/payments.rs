//! Payments to cards: paid, declined, pending, unknown; never more than there is.

use futures_util::future::join_all;
use serde_json::json;

use super::*;

#[tokio::test]
async fn paid_and_declined_to_the_letter() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    credited(&sandbox, 1_000, 1).await;
    let mut good = payment("1", APPROVED);
    good["merchant_data"] = json!({ "order": 7 });
    assert_eq!(client.post_json(SEND, &good).await.body, r#"{"payment_id":1,"errorCode":0,"success":true}"#);
    let paid = becomes(client, "payment", 1, "payment:success").await;
    assert_eq!(paid["card_number__expiry"], "4242XXXXXXXX4242 04/2025");
    assert_eq!((&paid["amount"], &paid["amount_reached"]), (&json!("1 EUR"), &json!("1 EUR")));
    assert_eq!((&paid["card_holder"], &paid["merchant_data"]), (&json!("john smith"), &json!(r#"{"order":7}"#)));

    assert_eq!(client.post_json(SEND, &payment("1.5", DECLINED)).await.ok()["payment_id"], 2);
    let failed = becomes(client, "payment", 2, "payment:failed").await;
    assert_eq!(
        (&failed["failed_reason"], &failed["amount_reached"]),
        (&json!("Card declined by the issuer"), &json!(" "))
    );
    let told_of = told(&sandbox, "payment:", 2, &["payment:pending", "payment:failed"]).await;
    assert_eq!(told_of[1]["failed_reason"], "Card declined by the issuer");
    assert!(told_of[1].to_string().contains("\"amount\":1.5"));
    told(&sandbox, "payment:", 1, &["payment:pending", "payment:success"]).await;

    // what was declined is the merchant's again, and of its fund
    assert_eq!(detail(client, "funds", 1).await["balance"], "919 EUR");
    let database = sandbox.database();
    let funds = database.balances().await.into_iter().find(|(name, _)| name == "merchant funds EUR");
    assert_eq!(funds.map(|(_, sum)| sum), Some(-91_900));
    let row = database.store.read(|tx| gateway::store::payouts::existing(tx, &database.merchant, 1)).await.unwrap();
    assert_eq!(row.card_sealed, None, "the number is gone");
    let history = client.get("/api/payout/payment/get-history?status=SUCCESS&order=DESC").await;
    let expected = format!(
        r#"{{"errorCode":0,"status":"SUCCESS","from":null,"to":null,"page":1,"order":"DESC","list":[{}],"total":"1"}}"#,
        format_args!(
            r#"{{"id":"1","create_date":{},"card_holder":"john smith","card_number__expiry":"4242XXXXXXXX4242 04/2025","amount":"1 EUR","amount_reached":"1 EUR","status":"payment:success","status_date":{},"merchant_data":"{{\"order\":7}}"}}"#,
            paid["create_date"], paid["status_date"]
        )
    );
    assert_eq!(history.body, expected);
    sandbox.audit();
}

#[tokio::test]
async fn fifty_at_once_never_below_zero() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    credited(&sandbox, 100, 1).await;
    let all = (0..50).map(|_| async { client.post_json(SEND, &payment("10", APPROVED)).await.ok() });
    let answers = join_all(all).await;
    let sent = answers.iter().filter(|answer| answer["success"] == true).count();
    let refused = json!({ "errorCode": 50014, "errorMessage": "Insufficient funds", "success": false });
    assert_eq!(sent, 9, "92 EUR are enough for nine");
    assert_eq!(answers.iter().filter(|answer| **answer == refused).count(), 41);
    for id in 1..=9 {
        becomes(client, "payment", id, "payment:success").await;
    }
    assert_eq!(detail(client, "funds", 1).await["balance"], "2 EUR");
    sandbox.audit();
}

#[tokio::test]
async fn oldest_funds_first() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    let (first, second) = (credited(&sandbox, 100, 1).await, credited(&sandbox, 100, 2).await);
    client.post_json(SEND, &payment("100", CHALLENGED)).await.ok();
    assert_eq!(detail(client, "funds", first).await["balance"], "0 EUR");
    assert_eq!(detail(client, "funds", second).await["balance"], "84 EUR");
    // pending at the processor, and then paid
    let look = || async {
        client.advance(4).await;
        detail(client, "payment", 1).await
    };
    wait_until("it is paid", look, |data| data["status"] == "payment:success").await;
    sandbox.audit();
}

#[tokio::test]
async fn unknown_is_asked_about_and_paid_once() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    credited(&sandbox, 100, 1).await;
    client.post_json(SEND, &payment("10", ANSWER_LOST)).await.ok();
    let look = || async {
        client.advance(5).await;
        detail(client, "payment", 1).await
    };
    wait_until("it is asked about", look, |data| data["status"] == "payment:success").await;
    // another amount than was sent is for a person
    client.post_json(SEND, &payment("10", WRONG_AMOUNT)).await.ok();
    let database = sandbox.database();
    let parked = || async { database.store.read(|tx| gateway::store::transfers::parked(tx, 10)).await.unwrap() };
    let rows = wait_until("it is parked", parked, |rows: &Vec<_>| rows.len() == 1).await;
    assert!(rows[0].parked.as_ref().unwrap().contains("not what was sent"), "{rows:?}");
    assert_eq!(detail(client, "payment", 2).await["status"], "payment:pending");
    sandbox.audit();
}

#[tokio::test]
async fn a_key_makes_one() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    credited(&sandbox, 100, 1).await;
    let send = |body: Value| {
        let request = client.request(reqwest::Method::POST, SEND).header("Content-Type", "application/json");
        client.send(request.header("Idempotency-Key", "order 7").body(body.to_string()))
    };
    let answers = join_all((0..10).map(|_| send(payment("10", APPROVED)))).await;
    assert!(answers.iter().all(|answer| answer.ok() == json!({ "payment_id": 1, "errorCode": 0, "success": true })));
    assert_eq!(send(payment("11", APPROVED)).await.ok()["errorCode"], 50016);
    becomes(client, "payment", 1, "payment:success").await;
    assert_eq!(detail(client, "funds", 1).await["balance"], "82 EUR");
}

#[tokio::test]
async fn ordered_outcomes() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    credited(&sandbox, 100, 1).await;
    client.post_json(SEND, &payment("10", HELD)).await.ok();
    let database = sandbox.database();
    let row = || async {
        database.store.read(|tx| gateway::store::payouts::existing(tx, &database.merchant, 1)).await.unwrap()
    };
    wait_until("the processor has it", row, |row| row.card_sealed.is_none()).await;
    let order = json!({ "outcome": "decline", "reason": "The bank does not take it" });
    client.post_json("/sandbox/payouts/1/outcome", &order).await.ok();
    let look = || async {
        client.advance(5).await;
        detail(client, "payment", 1).await
    };
    let failed = wait_until("it fails", look, |data| data["status"] == "payment:failed").await;
    assert_eq!(failed["failed_reason"], "The bank does not take it");
    assert_eq!(detail(client, "funds", 1).await["balance"], "92 EUR");
    sandbox.audit();
}

#[tokio::test]
async fn no_number_is_kept_anywhere() {
    let sandbox = Sandbox::start_with(&[("LOCKGATE_LOG", "trace")]).await;
    let client = &sandbox.client;
    credited(&sandbox, 1_000, 1).await;
    let strangers = ["4111111111111111", "4012888888881881"];
    let cards = [APPROVED, DECLINED, CHALLENGED, HELD, ANSWER_LOST, AMEX].into_iter().chain(strangers);
    let mut said = Vec::new();
    for card in cards.clone() {
        said.push(client.post_json(SEND, &payment("1", card)).await.body);
        for name in ["amount", "currency", "firstname", "lastname", "expiry", "merchant_data"] {
            let mut wrong = payment("1", card);
            wrong[name] = card.into();
            said.push(client.post_json(SEND, &wrong).await.body);
        }
        let mut wrong = payment("1", card);
        wrong["merchant_data"] = json!({ "card": card });
        said.push(client.post_json(SEND, &wrong).await.body);
    }
    let database = sandbox.database();
    let open = || async {
        client.advance(10).await;
        let rows = database.store.read(|tx| gateway::store::payouts::after(tx, &database.merchant, 0)).await.unwrap();
        rows.into_iter().filter(|row| row.card_sealed.is_some()).count()
    };
    wait_until("no number is kept", open, |count| *count == 0).await;
    said.push(client.get("/api/payout/payment/get-history").await.body);
    said.push(format!("{:?}", client.callbacks().await));
    said.push(String::from_utf8_lossy(&contents(&sandbox.dir)).into_owned());
    for file in ["log", "sandbox.json"] {
        said.push(String::from_utf8_lossy(&std::fs::read(sandbox.dir.join(file)).unwrap_or_default()).into_owned());
    }
    for card in cards {
        assert!(said.iter().all(|text| !text.contains(card)), "{}… stands somewhere", &card[..4]);
    }
}
