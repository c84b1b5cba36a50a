//! The process dies at each step of a payment: paid once, and the books agree.

use super::*;

async fn died_at(point: &str) {
    let mut sandbox = Sandbox::start().await;
    credited(&sandbox, 100, 1).await;
    sandbox.restart_with(&[("LOCKGATE_CRASH_AT", point)]).await;
    let request = sandbox.client.request(reqwest::Method::POST, SEND).header("Content-Type", "application/json");
    let request = request.header("Idempotency-Key", "one").body(payment("10", APPROVED).to_string());
    let _ = sandbox.client.try_send(request).await;
    assert!(!sandbox.ended().await.success(), "{point}");
    sandbox.start_again().await;
    let client = &sandbox.client;
    let look = || async {
        client.advance(120).await;
        detail(client, "payment", 1).await
    };
    let paid = wait_until("it is paid", look, |data| data["status"] == "payment:success").await;
    assert_eq!(paid["amount_reached"], "10 EUR", "{point}");
    assert_eq!(detail(client, "funds", 1).await["balance"], "82 EUR", "{point}");
    let database = sandbox.database();
    let records = database.store.read(gateway::store::sandbox::payments).await.unwrap();
    let paid = records.iter().filter(|record| record.contains(r#""record":"payout""#)).collect::<Vec<_>>();
    assert_eq!(paid.len(), 1, "{point}: the processor paid once: {paid:?}");
    sandbox.audit();
}

#[tokio::test]
async fn before_the_bytes_are_stored() {
    died_at("card_payout.before_store").await;
}

#[tokio::test]
async fn before_it_is_sent() {
    died_at("card_payout.before_send").await;
}

#[tokio::test]
async fn after_it_is_sent() {
    died_at("card_payout.after_send").await;
}

#[tokio::test]
async fn after_it_is_recorded() {
    died_at("card_payout.after_record").await;
}
