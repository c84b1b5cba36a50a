//! The simulated switch: the payer's app, banks that take their time, money that goes back.

use domain::charge::State;
use serde_json::{Value, json};

use crate::harness::*;

/// What payer and banks do in turn, what the page shows after each, the charge in the end, and what the merchant is told after
/// *opened*.
type Case = (&'static [(&'static str, &'static str)], State, &'static [&'static str]);

const CASES: &[Case] = &[
    (&[("upi_pay", "received")], State::Paid, &[RECEIVED]),
    (&[("upi_pend", "processing"), ("upi_confirm", "received")], State::Paid, &[RECEIVED]),
    (&[("upi_pend", "processing"), ("upi_reverse", "failed")], State::Declined, &[FAILED]),
    (&[("upi_pend", "processing"), ("upi_fail", "failed")], State::Declined, &[FAILED]),
    (&[("upi_fail", "failed")], State::Declined, &[FAILED]),
    (&[("payer_cancels", "canceled")], State::Declined, &[FAILED]),
    (&[("upi_pay", "received"), ("upi_reverse", "failed")], State::Reversed, &[RECEIVED, FAILED]),
];

/// 5 USD by UPI: number, token, our charge's id, and the payer's app.
async fn begun(sandbox: &Sandbox) -> (i64, String, String, String) {
    let (id, token) = sandbox.client.hosted_over("5").await;
    let page = sandbox.client.choose(&token, "upi").await;
    assert_eq!(shown(&page), "upi");
    let charge = sandbox.database().charges(id).await.pop().unwrap().charge.id.to_string();
    (id, token, charge, link(&page.body, "upi-simulated"))
}

fn money_of(body: &Value) -> [Value; 4] {
    ["fiat_amount", "fiat_currency", "totalAmount", "totalCurrency"].map(|key| body[key].clone())
}

#[tokio::test]
async fn everything_that_happens_in_the_app() {
    let sandbox = Sandbox::start().await;
    let (client, database) = (&sandbox.client, sandbox.database());
    let (mut paid, mut rrns) = (0, std::collections::BTreeSet::new());
    for (acts, end, story) in CASES {
        let (id, _, charge, app) = begun(&sandbox).await;
        let page = client.visit(&app).await;
        assert!(page.body.contains("409.71 INR") && page.body.contains("Pay this shop?"), "{}", page.body);
        for (act, state) in *acts {
            let page = client.follow(&client.press_at(&app, act).await).await;
            let back = attribute(page.body.split("class=\"page\"").nth(1).unwrap(), "href").replace("&#38;", "&");
            let told = client.visit(&back).await;
            if *act == "upi_reverse" && *end == State::Reversed {
                // an invoice that is paid asks nobody by being looked at: the switch tells us, or we ask by and by
                client.status_becomes(id, FAILED).await;
                assert_eq!(shown(&client.visit(&back).await), *state, "{acts:?}");
            } else {
                assert_eq!(shown(&told), *state, "{acts:?}");
            }
        }
        database.charges_become(id, &[*end]).await;
        let whole = [&[CREATED, OPENED], *story].concat();
        let bodies = assert_told(&sandbox, id, &whole).await;
        for body in &bodies {
            let expected = match body["status"] == RECEIVED {
                true => json!([409.71, "INR", 4.95, "USDC"]),
                false => json!([null, null, null, null]),
            };
            assert_eq!(json!(money_of(body)), expected, "{acts:?}: {body}");
        }
        let row = database.charge(id).await;
        let proven = matches!(end, State::Paid | State::Reversed);
        assert_eq!(row.rrn.is_some(), proven, "{acts:?}");
        assert!(row.rrn.iter().all(|rrn| rrn.len() == 12 && rrns.insert(rrn.clone())), "each has its own: {rrns:?}");
        assert_eq!(client.payment(&charge).await.unwrap()["rrn"].as_str(), row.rrn.as_deref());
        paid += i128::from(*end == State::Paid);
        sandbox.audit();
    }
    // 409.71, of which 4.09 are the fee; what was reversed is not there any more
    database
        .assert_balances(&[
            ("operator provider INR", 40_971 * paid),
            ("merchant payable INR", -40_562 * paid),
            ("operator fee INR", -409 * paid),
        ])
        .await;
}

/// The link names payee, amount and our charge, and the QR code is of the same text.
#[tokio::test]
async fn the_page_shows_what_the_switch_gave() {
    let sandbox = Sandbox::start().await;
    let (client, database) = (&sandbox.client, sandbox.database());
    let (id, token, charge, _) = begun(&sandbox).await;
    let page = client.page(&token).await;
    let expected = format!(
        "upi://pay?pa=shop@sandbox&pn=Sandbox%20shop&am=409.71&cu=INR&tr={charge}&tn=Sandbox%20shop%20invoice%20{id}"
    );
    assert_eq!(link(&page.body, "upi").replace("%40", "@"), expected);
    assert!(page.body.contains("<svg"), "a QR code");
    assert_eq!(attribute(page.body.split("id=\"amount\"").nth(1).unwrap(), "value"), "409.71");
    let row = database.charge(id).await;
    let rate = row.charge.rate.clone().unwrap();
    assert_eq!((rate.price.to_string().as_str(), rate.source.as_str()), ("81.942", "fixed"));
    // looking again, and choosing again, is not asking again
    assert_eq!(shown(&client.choose(&token, "upi").await), "upi");
    assert_eq!(client.payments().await.len(), 1);

    let phone =
        client.request(reqwest::Method::GET, &format!("/widget/sale/create/?token={}", percent_encoded(&token)));
    let phone = client.send(phone.header("User-Agent", "Mozilla/5.0 (Android 15; Mobile) Mobi")).await;
    assert_eq!(link(&phone.body, "upi").replace("%40", "@"), expected);
    sandbox.audit();
}

/// A price holds for half an hour. After it the old request is closed at the switch, and there is a fresh one at the rate of then.
#[tokio::test]
async fn a_price_runs_out_and_there_is_a_fresh_one() {
    let sandbox = Sandbox::start().await;
    let (client, database) = (&sandbox.client, sandbox.database());
    let (id, token, charge, app) = begun(&sandbox).await;
    client.advance(30 * 60 + 1).await;
    let over = |states: &Vec<State>| matches!(states[..], [State::Lapsed | State::Declined]);
    wait_until("the charge is over", || database.charge_states(id), over).await;
    assert_eq!(client.status(id).await, OPENED);
    let page = client.choose(&token, "upi").await;
    assert_eq!(shown(&page), "upi");
    let rows = database.charges(id).await;
    assert_eq!(rows.len(), 2);
    assert_ne!(rows[1].charge.id.to_string(), charge);
    assert!(rows[1].charge.created_at.0 > rows[0].charge.expires_at.0);
    assert!(rows[1].charge.rate.as_ref().unwrap().at.0 > rows[0].charge.expires_at.0, "the rate is fetched anew");
    // the old one takes nothing any more
    client.follow(&client.press_at(&app, "upi_pay").await).await;
    assert_eq!(client.payment(&charge).await.unwrap()["status"], "canceled");
    client.press_at(&link(&page.body, "upi-simulated"), "upi_pay").await;
    assert_told(&sandbox, id, &[CREATED, OPENED, RECEIVED]).await;
    sandbox.audit();
}

/// The merchant named UPI: the payer lands on the code at once. An invoice in rupees is charged as it is written.
#[tokio::test]
async fn named_by_the_merchant_and_in_rupees() {
    let sandbox = Sandbox::start().await;
    let (client, database) = (&sandbox.client, sandbox.database());
    let sale = |devise: &str, kind: Option<&str>| json!({ "email": "a@b.example", "amount": "15.04", "devise": devise, "payment_solution_type": kind });
    let (id, token) = client.hosted(&sale("USD", Some("UPI"))).await;
    let page = client.page(&token).await;
    assert_eq!(shown(&page), "upi");
    for other in ["value=\"card\"", "value=\"select\""] {
        assert!(!page.body.contains(other), "{other}");
    }
    // 15.04 at 81.942 is 1232.40768: the payer is never asked for less
    assert_eq!(database.charge(id).await.charge.asked.units.0, 123_241);

    assert_eq!(client.create(&sale("INR", Some("UPI"))).await.ok()["errorCode"], 50009, "UPI is invoiced in USD");
    let (id, token) = client.hosted(&sale("INR", None)).await;
    let page = client.page(&token).await;
    assert!(page.body.contains("value=\"upi\"") && page.body.contains("value=\"card\""), "{}", page.body);
    assert!(!page.body.contains("value=\"select\""), "coins are priced in dollars only");
    let page = client.choose(&token, "upi").await;
    assert_eq!(shown(&page), "upi");
    client.press_at(&link(&page.body, "upi-simulated"), "upi_pay").await;
    let bodies = assert_told(&sandbox, id, &[CREATED, OPENED, RECEIVED]).await;
    // 15.04 INR are 0.183544 USDC, less 0.001835
    assert_eq!(json!(money_of(&bodies[2])), json!([15.04, "INR", 0.181709, "USDC"]));
    assert_eq!(client.infos(id).await["amount"], json!(15.04));
    sandbox.audit();
}

/// Chosen in several windows at once: one request to pay.
#[tokio::test]
async fn chosen_many_times_at_once() {
    let sandbox = Sandbox::start().await;
    let (client, database) = (&sandbox.client, sandbox.database());
    let (id, token) = client.hosted_over("5").await;
    let fields = [("action", "method"), ("method", "upi")];
    let all = futures_util::future::join_all((0..8).map(|_| client.fill_in(&token, &fields))).await;
    assert!(all.iter().all(|answer| answer.status == 303), "{all:?}");
    database.charges_become(id, &[State::NeedsPayer]).await;
    assert_eq!(client.payments().await.len(), 1);
    // a card instead: the request is closed at the switch before it can be paid as well
    let page = client.pay_on_page(&token, APPROVED).await;
    assert_eq!(shown(&page), "received");
    let upi = database.charges(id).await[0].charge.id.to_string();
    let look = || async { client.payment(&upi).await.unwrap()["status"].clone() };
    wait_until("it is closed there", look, |status| status == "canceled").await;
    assert_told(&sandbox, id, &[CREATED, OPENED, RECEIVED]).await;
    sandbox.audit();
}

/// Held back, and then taken back altogether: nothing is left in the books.
#[tokio::test]
async fn held_and_reversed() {
    let sandbox = Sandbox::start().await;
    let (client, database) = (&sandbox.client, sandbox.database());
    let (id, _, charge, app) = begun(&sandbox).await;
    client.press_at(&app, "upi_pay").await;
    client.status_becomes(id, RECEIVED).await;
    client.act(&charge, "hold").await;
    client.status_becomes(id, WITHHELD).await;
    database
        .assert_balances(&[
            ("operator provider INR", 40_971),
            ("merchant withheld INR", -40_562),
            ("operator fee INR", -409),
        ])
        .await;
    client.act(&charge, "upi_reverse").await;
    assert_told(&sandbox, id, &[CREATED, OPENED, RECEIVED, WITHHELD, FAILED]).await;
    assert_eq!(client.infos(id).await["description"], "The payment was reversed by the bank");
    database.charges_become(id, &[State::Reversed]).await;
    database.assert_balances(&[]).await;
    sandbox.audit();
}
