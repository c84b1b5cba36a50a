//! 3-D Secure: begun by S2S and on the page, answered at the bank, forged, left open.

use domain::charge::State;
use serde_json::json;

use crate::harness::*;

/// What the payer does at his bank, and what comes of it: the bank's words, our page, the charge, the end of the story, its
/// description, and where the page leads back to.
type Case = (&'static str, &'static str, &'static str, State, &'static str, &'static str, &'static str);

const CASES: [Case; 3] = [
    ("approve", "Paid", "received", State::Paid, RECEIVED, "The payment made by the customer is successful", "success"),
    (
        "reject_challenge",
        "You rejected this payment",
        "failed",
        State::Declined,
        FAILED,
        "The payment was declined",
        "failure",
    ),
    (
        "payer_cancels",
        "You canceled this payment",
        "canceled",
        State::Declined,
        FAILED,
        "The customer canceled the payment",
        "cancel",
    ),
];

#[tokio::test]
async fn every_answer_at_the_bank() {
    let sandbox = Sandbox::start().await;
    let (client, database) = (&sandbox.client, sandbox.database());
    for (act, said, state, charge, end, description, back) in CASES {
        for direct in [true, false] {
            let mut sale = card_sale(CHALLENGED);
            for name in ["success", "cancel", "pending", "failure"] {
                sale[format!("{name}_url")] = format!("https://shop.example/{name}").into();
            }
            let (id, bank) = if direct {
                let (made, id, url) = client.charge_card(&sale).await;
                assert_eq!(made["status"], OPENED);
                (id, url)
            } else {
                for name in ["card_number", "card_expiry_date", "card_ccv"] {
                    sale[name] = json!(null);
                }
                let (id, token) = client.hosted(&sale).await;
                (id, link(&client.pay_on_page(&token, CHALLENGED).await.body, "continue"))
            };
            let asked = client.visit(&bank).await;
            assert!(asked.body.contains("15.04 USD") && asked.body.contains("Visa ending in 3220"), "{}", asked.body);
            let page = client.follow(&client.press_at(&bank, act).await).await;
            assert_eq!(shown(&page), state, "{act}");
            assert_eq!(link(&page.body, "return"), format!("https://shop.example/{back}"));
            assert_told(&sandbox, id, &[CREATED, OPENED, end]).await;
            assert_eq!(client.infos(id).await["description"], description);
            // a second answer changes nothing, and the bank says so
            for again in ["approve", "reject_challenge", "payer_cancels"] {
                let page = client.follow(&client.press_at(&bank, again).await).await;
                assert!(page.body.contains(&format!("{said}</h1>")), "{act}, {again}: {}", page.body);
            }
            database.charges_become(id, &[charge]).await;
            assert_told(&sandbox, id, &[CREATED, OPENED, end]).await;
        }
    }
    database
        .assert_balances(&[
            ("operator provider USD", 3_008),
            ("merchant payable USD", -2_978),
            ("operator fee USD", -30),
        ])
        .await;
    sandbox.audit();
}

/// Whatever the address of the return says: what the acquirer says when asked is what counts.
#[tokio::test]
async fn a_forged_return_changes_nothing() {
    let sandbox = Sandbox::start().await;
    let (client, database) = (&sandbox.client, sandbox.database());
    let (id, token) = client.hosted_over("15.04").await;
    let bank = link(&client.pay_on_page(&token, CHALLENGED).await.body, "continue");
    let token = percent_encoded(&token);
    for invented in [
        "back=1",
        "back=1&status=paid",
        "back=1&redirect_status=succeeded&payment_intent=pi_1&payment_intent_client_secret=pi_1_secret",
        "back=1&transStatus=Y&cres=e30&state=paid&result=approved",
        "back=paid&charge=chg_1&amount=1504&currency=USD",
        "go=1&back=1&rrn=527013524405",
    ] {
        for request in [
            client.visit(&format!("/widget/sale/create/?token={token}&{invented}")).await,
            client
                .post("/widget/sale/create/", "application/x-www-form-urlencoded", format!("token={token}&{invented}"))
                .await,
        ] {
            assert!([200, 303].contains(&request.status), "{invented}: {request:?}");
        }
        let page = client.visit(&format!("/widget/sale/create/?token={token}&back=1")).await;
        assert_eq!(shown(&page), "card-continue", "{invented}");
    }
    assert_eq!(client.status(id).await, OPENED);
    database.charges_become(id, &[State::NeedsPayer]).await;
    database.assert_balances(&[]).await;
    // the very same return after the bank's yes; who came back so often makes us ask no more for a while
    client.advance(20).await;
    client.press_at(&bank, "approve").await;
    let page = client.visit(&format!("/widget/sale/create/?token={token}&back=1&status=failed")).await;
    assert_eq!(shown(&page), "received");
    assert_told(&sandbox, id, &[CREATED, OPENED, RECEIVED]).await;
    sandbox.audit();
}

/// Half an hour later the challenge is closed on both sides, and the payer may begin anew; what comes later changes nothing.
#[tokio::test]
async fn left_open_until_its_time_is_over() {
    let sandbox = Sandbox::start().await;
    let (client, database) = (&sandbox.client, sandbox.database());
    let (id, token) = client.hosted_over("15.04").await;
    let bank = link(&client.pay_on_page(&token, CHALLENGED).await.body, "continue");
    client.advance(29 * 60).await;
    assert_eq!(shown(&client.page(&token).await), "card-continue");
    client.advance(61).await;
    let over = |states: &Vec<State>| matches!(states[..], [State::Lapsed | State::Declined]);
    wait_until("the charge is over", || database.charge_states(id), over).await;
    assert_eq!(client.status(id).await, OPENED, "the invoice still has days");
    let page = client.page(&token).await;
    assert_eq!(shown(&page), "card");
    assert!(!page.body.contains("The card was declined"), "nobody declined it: {}", page.body);
    let page = client.follow(&client.press_at(&bank, "approve").await).await;
    assert!(page.body.contains("The time for this payment is over"), "{}", page.body);
    assert_eq!(shown(&client.pay_on_page(&token, APPROVED).await), "received");
    assert_told(&sandbox, id, &[CREATED, OPENED, RECEIVED]).await;
    sandbox.audit();
}

/// Coins were chosen first and the card's challenge was begun after that. Coins that cover the invoice close the challenge; coins that
/// come after the bank's yes are recorded and parked.
#[tokio::test]
async fn paid_in_coins_and_at_the_bank() {
    let sandbox = Sandbox::start().await;
    let (client, database) = (&sandbox.client, sandbox.database());
    for coins_first in [true, false] {
        let (id, token) = client.hosted_over("15.04").await;
        client.press(&token, "select", "USDT_polygon").await;
        let bank = link(&client.pay_on_page(&token, CHALLENGED).await.body, "continue");
        let coins = json!({ "outcome": "paid", "method": "crypto", "currency": "USDT_polygon" });
        let path = format!("/sandbox/invoices/{id}/pay");
        let pay_coins = client.post_json(&path, &coins);
        if coins_first {
            pay_coins.await.ok();
            client.status_becomes(id, PAID).await;
            database.charges_become(id, &[State::Declined]).await;
            let page = client.follow(&client.press_at(&bank, "approve").await).await;
            assert!(page.body.contains("The shop closed this payment"), "{}", page.body);
            assert_told(&sandbox, id, &[CREATED, OPENED, RECEIVED, PAID]).await;
            wait_until("the flush is booked", || database.balances(), |seen| seen.is_empty()).await;
        } else {
            let page = client.follow(&client.press_at(&bank, "approve").await).await;
            assert_eq!(shown(&page), "received");
            pay_coins.await.ok();
            let payments = || database.payments(id);
            let seen = wait_until("the coins are seen", payments, |seen| !seen.is_empty()).await;
            assert_eq!(seen[0].payment.placement, domain::payment::Placement::Extra);
            assert_told(&sandbox, id, &[CREATED, OPENED, RECEIVED]).await;
            assert!(client.page(&token).await.body.contains("more than was asked"), "the payer is told");
        }
    }
    sandbox.audit();
}

/// A coin chosen, or the whole payment canceled, while the challenge is open: it is closed at the acquirer, and no longer takes money.
#[tokio::test]
async fn another_way_closes_the_challenge() {
    let sandbox = Sandbox::start().await;
    let (client, database) = (&sandbox.client, sandbox.database());
    for (action, currency, state, story) in [
        ("select", "USDT_polygon", "pay", &[CREATED, OPENED][..]),
        ("cancel", "", "canceled", &[CREATED, OPENED, FAILED]),
    ] {
        let (id, token) = client.hosted_over("15.04").await;
        let bank = link(&client.pay_on_page(&token, CHALLENGED).await.body, "continue");
        let page = client.follow(&client.press(&token, action, currency).await).await;
        assert_eq!(shown(&page), state);
        let charge = database.charge(id).await.charge.id.to_string();
        let look = || async { client.payment(&charge).await.unwrap()["status"].clone() };
        wait_until("it is closed there", look, |status| status == "canceled").await;
        let page = client.follow(&client.press_at(&bank, "approve").await).await;
        assert!(page.body.contains("The shop closed this payment"), "{}", page.body);
        assert_told(&sandbox, id, story).await;
    }
    database.assert_balances(&[]).await;
    sandbox.audit();
}

/// Fourteen days are over while the bank still works on it: the invoice waits, and is paid when the bank says so.
#[tokio::test]
async fn an_invoice_does_not_expire_under_a_pending_charge() {
    let sandbox = Sandbox::start().await;
    let (client, database) = (&sandbox.client, sandbox.database());
    let (id, token) = client.hosted_over("15.04").await;
    let (other, _) = client.hosted_over("15.04").await;
    client.advance(13 * 86_400).await;
    client.order_next("pending").await;
    assert_eq!(shown(&client.pay_on_page(&token, APPROVED).await), "processing");
    client.advance(2 * 86_400).await;
    client.status_becomes(other, EXPIRED).await;
    assert_eq!(client.status(id).await, OPENED);
    client.act(database.charge(id).await.charge.id.as_str(), "approve").await;
    assert_told(&sandbox, id, &[CREATED, OPENED, RECEIVED]).await;
    sandbox.audit();
}
