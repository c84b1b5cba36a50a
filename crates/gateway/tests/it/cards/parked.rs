//! Money that does not fit: in two ways, over another amount, too late.

use domain::charge::{Placement, State};
use gateway::store::disputes::DisputeState;
use serde_json::json;

use crate::harness::*;

/// A part came in coins; the card pays the rest, and everything adds up.
#[tokio::test]
async fn a_part_in_coins_and_the_rest_by_card() {
    let sandbox = Sandbox::start().await;
    let (client, database) = (&sandbox.client, sandbox.database());
    let (id, token) = client.hosted_over("15.04").await;
    client.press(&token, "select", "USDT_polygon").await;
    let part = json!({ "outcome": "paid", "method": "crypto", "amount": "5" });
    client.post_json(&format!("/sandbox/invoices/{id}/pay"), &part).await.ok();
    let seen = |rows: &Vec<gateway::store::payments::PaymentRow>| {
        rows.iter()
            .any(|row| row.payment.finality == domain::payment::Finality::Final && row.payment.flushed_by.is_some())
    };
    client.mine(8).await;
    wait_until("the part is with the merchant", || database.payments(id), seen).await;
    assert_eq!(client.status(id).await, OPENED);
    let page = client.pay_on_page(&token, APPROVED).await;
    assert_eq!(shown(&page), "received");
    let charge = database.charge(id).await.charge;
    assert_eq!((charge.asked.units.0, charge.due_minor.0), (1_004, 1_004), "only the rest");
    let told = assert_told(&sandbox, id, &[CREATED, OPENED, RECEIVED]).await;
    let money = ["fiat_amount", "fiat_currency", "totalAmount", "totalCurrency"].map(|key| told[2][key].clone());
    assert_eq!(json!(money), json!([15.04, "USD", 14.89, "USD"]));
    let row = client.row(id).await;
    let found = ["paid_amount", "merchant_amount", "fee_amount"].map(|key| row[key].clone());
    assert_eq!(json!(found), json!(["15.04", "14.890", "0.150"]));
    database
        .assert_balances(&[("operator provider USD", 1_004), ("merchant payable USD", -994), ("operator fee USD", -10)])
        .await;
    sandbox.audit();
}

/// The acquirer took one cent less than was asked: kept, parked, disputed, and the invoice is not paid by it.
#[tokio::test]
async fn another_amount_than_asked() {
    let sandbox = Sandbox::start().await;
    let (client, database) = (&sandbox.client, sandbox.database());
    let (id, token) = client.hosted_over("15.04").await;
    client.pay_on_page(&token, WRONG_AMOUNT).await;
    database.charges_become(id, &[State::Paid]).await;
    let row = database.charge(id).await;
    assert_eq!(row.charge.placement, Some(Placement::Mismatch));
    assert_eq!(row.charge.received.as_ref().map(|money| money.units.0), Some(1_503));
    assert_told(&sandbox, id, &[CREATED, OPENED]).await;
    database.assert_balances(&[("operator provider USD", 1_503), ("merchant parked USD", -1_503)]).await;
    sandbox.audit();
    client.act(row.charge.id.as_str(), "open_dispute").await;
    let open = |rows: &Vec<gateway::store::disputes::DisputeRow>| matches!(&rows[..], [row] if row.state == DisputeState::Open);
    wait_until("the dispute is known", || database.disputes(id), open).await;
    assert_told(&sandbox, id, &[CREATED, OPENED]).await;
    database.assert_balances(&[("operator provider USD", 1_503), ("merchant disputed USD", -1_503)]).await;
    sandbox.audit();
}

/// The invoice's fourteen days end while its payer is at the bank: both end together, and nothing is taken afterwards.
#[tokio::test]
async fn nothing_outlives_the_invoice() {
    let sandbox = Sandbox::start().await;
    let (client, database) = (&sandbox.client, sandbox.database());
    let (id, token) = client.hosted_over("15.04").await;
    client.advance(14 * 86_400 - 60).await;
    let bank = link(&client.pay_on_page(&token, CHALLENGED).await.body, "continue");
    client.advance(61).await;
    client.status_becomes(id, EXPIRED).await;
    let page = client.follow(&client.press_at(&bank, "approve").await).await;
    assert!(page.body.contains("The time for this payment is over"), "{}", page.body);
    assert_eq!(shown(&client.page(&token).await), "expired");
    assert_told(&sandbox, id, &[CREATED, OPENED, EXPIRED]).await;
    database.assert_balances(&[]).await;
    sandbox.audit();
}

/// A bank that takes more than three days keeps no invoice from expiring: what it then pays is recorded as late, without a fee.
#[tokio::test]
async fn after_the_invoice_is_over() {
    let sandbox = Sandbox::start().await;
    let (client, database) = (&sandbox.client, sandbox.database());
    client.order_next("pending").await;
    let (_, id, _) = client.charge_card(&card_sale(APPROVED)).await;
    client.advance(14 * 86_400 + 1).await;
    client.status_becomes(id, EXPIRED).await;
    client.act(database.charge(id).await.charge.id.as_str(), "approve").await;
    database.charges_become(id, &[State::Paid]).await;
    assert_eq!(database.charge(id).await.charge.placement, Some(Placement::Late));
    assert_told(&sandbox, id, &[CREATED, OPENED, EXPIRED]).await;
    database.assert_balances(&[("operator provider USD", 1_504), ("merchant parked USD", -1_504)]).await;
    sandbox.audit();
}

/// What is pending at the bank leads to the merchant's own page for that, and is told once it is decided.
#[tokio::test]
async fn pending_at_the_bank() {
    let sandbox = Sandbox::start().await;
    let (client, database) = (&sandbox.client, sandbox.database());
    for (act, end, state) in [("approve", RECEIVED, "received"), ("", "", "processing")] {
        client.order_next("pending").await;
        let mut sale = card_sale(APPROVED);
        sale["pending_url"] = "https://shop.example/pending".into();
        let (made, id, url) = client.charge_card(&sale).await;
        assert_eq!(made["status"], OPENED, "there is no status for pending");
        let page = client.visit(&url).await;
        assert_eq!(shown(&page), "processing");
        assert_eq!(link(&page.body, "return"), "https://shop.example/pending");
        client.follow(&client.fill_in(&page_token(&url), &[("action", "cancel")]).await).await;
        assert_eq!(client.status(id).await, OPENED, "what the bank works on cannot be canceled here");
        if !act.is_empty() {
            client.act(database.charge(id).await.charge.id.as_str(), act).await;
            assert_told(&sandbox, id, &[CREATED, OPENED, end]).await;
        }
        assert_eq!(shown(&client.visit(&url).await), state);
    }
    sandbox.audit();
}

/// What counts towards no invoice is the merchant's to give back: he must be able to see it.
#[tokio::test]
async fn what_is_parked_is_listed() {
    let sandbox = Sandbox::start().await;
    let (_, id, _) = sandbox.client.charge_card(&card_sale(WRONG_AMOUNT)).await;
    sandbox.database().charges_become(id, &[State::Paid]).await;
    let charge = sandbox.database().charge(id).await.charge.id.to_string();
    let said = sandbox.said(&["payments", "parked"]);
    assert!(said.contains(&charge) && said.contains("15.03"), "{said}");
}

/// A payer whose card was charged, over another amount than asked, is not led to an empty form as if nothing had happened.
#[tokio::test]
async fn a_payer_who_was_charged_is_told_so() {
    let sandbox = Sandbox::start().await;
    let (_, token) = sandbox.client.hosted_over("15.04").await;
    let page = sandbox.client.pay_on_page(&token, WRONG_AMOUNT).await;
    let told = ["15.03", "do not pay again"].iter().any(|words| page.body.contains(words));
    assert!(told, "{}: {}", shown(&page), page.body.split("<main").nth(1).unwrap());
}
