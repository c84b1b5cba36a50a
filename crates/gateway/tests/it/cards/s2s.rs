//! S2S by card: what each test card answers, and what merchant, books and acquirer say of it afterwards.

use domain::charge::State;
use serde_json::{Value, json};

use crate::harness::*;

/// What follows a test card.
struct Case {
    card: &'static str,
    /// In the answer.
    status: &'static str,
    /// Where the payer is sent, when the merchant has named pages and when he has not.
    redirects: (&'static str, &'static str),
    charge: State,
    story: &'static [&'static str],
}

const SUCCESS: (&str, &str) = ("https://shop.example/success", "/service/pay/success/");
const FAILURE: (&str, &str) = ("https://shop.example/failure", "/widget/sale/create/?token=");
const PAGE: (&str, &str) = ("/widget/sale/create/?token=", "/widget/sale/create/?token=");
const BANK: (&str, &str) = ("/sandbox/acquirer/challenge/", "/sandbox/acquirer/challenge/");
const GOOD: &[&str] = &[CREATED, OPENED, RECEIVED];
const BAD: &[&str] = &[CREATED, OPENED, FAILED];

const CASES: &[Case] = &[
    Case { card: APPROVED, status: RECEIVED, redirects: SUCCESS, charge: State::Paid, story: GOOD },
    Case { card: "5555555555554444", status: RECEIVED, redirects: SUCCESS, charge: State::Paid, story: GOOD },
    Case { card: "6011111111111117", status: RECEIVED, redirects: SUCCESS, charge: State::Paid, story: GOOD },
    Case { card: AMEX, status: RECEIVED, redirects: SUCCESS, charge: State::Paid, story: GOOD },
    Case { card: "4242 4242-4242 4242", status: RECEIVED, redirects: SUCCESS, charge: State::Paid, story: GOOD },
    Case { card: DECLINED, status: FAILED, redirects: FAILURE, charge: State::Declined, story: BAD },
    Case { card: NO_FUNDS, status: FAILED, redirects: FAILURE, charge: State::Declined, story: BAD },
    Case { card: WRONG_CODE, status: FAILED, redirects: FAILURE, charge: State::Declined, story: BAD },
    Case { card: RUN_OUT, status: FAILED, redirects: FAILURE, charge: State::Declined, story: BAD },
    Case { card: SOFT_DECLINE, status: FAILED, redirects: FAILURE, charge: State::Declined, story: BAD },
    // no test card: what could be somebody's is never taken
    Case { card: "4111111111111111", status: FAILED, redirects: FAILURE, charge: State::Declined, story: BAD },
    Case { card: CHALLENGED, status: OPENED, redirects: BANK, charge: State::NeedsPayer, story: &[CREATED, OPENED] },
    // the answer is lost: the payer is led to the page, which says what became of it
    Case { card: ANSWER_LOST, status: OPENED, redirects: PAGE, charge: State::Paid, story: GOOD },
    Case { card: WRONG_AMOUNT, status: OPENED, redirects: PAGE, charge: State::Paid, story: &[CREATED, OPENED] },
];

fn with_pages(mut parameters: Value) -> Value {
    for name in ["success", "cancel", "pending", "failure"] {
        parameters[format!("{name}_url")] = format!("https://shop.example/{name}").into();
    }
    parameters
}

/// The four money keys, when the invoice is paid: what was charged, and what the merchant is settled after a fee of one percent.
fn assert_money(body: &Value, paid: bool) {
    let expected = match paid {
        true => json!([15.04, "USD", 14.8896, "USDC"]),
        false => json!([null, null, null, null]),
    };
    let found = ["fiat_amount", "fiat_currency", "totalAmount", "totalCurrency"].map(|key| body[key].clone());
    assert_eq!(json!(found), expected, "{body}");
}

#[tokio::test]
async fn every_test_card() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    let database = sandbox.database();
    for case in CASES {
        for named in [true, false] {
            let parameters = card_sale(case.card);
            let parameters = if named { with_pages(parameters) } else { parameters };
            let (made, id, url) = client.charge_card(&parameters).await;
            let keys: Vec<&String> = made.as_object().unwrap().keys().collect();
            assert_eq!(keys, ["errorCode", "redirectUrl", "status", "ID"], "no html in S2S");
            assert_eq!((&made["errorCode"], &made["status"]), (&json!(0), &json!(case.status)), "{}", case.card);
            let expected = if named { case.redirects.0 } else { case.redirects.1 };
            let whole = expected.starts_with("https://");
            assert!(if whole { url == expected } else { url.contains(expected) }, "{}: {url}", case.card);
            if !whole {
                assert_eq!(client.visit(&url).await.status, 200, "{}: {url} is a page", case.card);
            }
            database.charges_become(id, &[case.charge]).await;
            let bodies = assert_told(&sandbox, id, case.story).await;
            for body in &bodies {
                assert_money(body, body["status"] == RECEIVED);
            }
            assert_story_is_shown(client, id, case).await;
        }
    }
    sandbox.audit();
    // of 28 charges 12 were approved; the two over another amount are parked, without a fee
    let paid = 12;
    database
        .assert_balances(&[
            ("operator provider USD", 1_504 * paid + 1_503 * 2),
            ("merchant payable USD", -1_489 * paid),
            ("merchant parked USD", -1_503 * 2),
            ("operator fee USD", -15 * paid),
        ])
        .await;
    assert_eq!(database.unplaced().await, [], "every webhook of the acquirer found its charge");
}

/// Infos and history say what the callbacks said, and their amounts add up.
async fn assert_story_is_shown(client: &Client, id: i64, case: &Case) {
    let last = *case.story.last().unwrap();
    let infos = client.infos(id).await;
    assert_eq!((&infos["status"], &infos["devise"], &infos["amount"]), (&json!(last), &json!("USD"), &json!(15.04)));
    assert_money(&infos, last == RECEIVED);
    if last == FAILED {
        assert_eq!(infos["description"], "The payment was declined");
    }
    let row = client.row(id).await;
    let amounts = ["paid_amount", "merchant_amount", "fee_amount", "exchange_currency_symbol", "tx_hash"];
    let found = amounts.map(|key| row[key].clone());
    let expected = match last == RECEIVED {
        true => json!(["15.04", "14.8896", "0.1504", "USDC", null]),
        false => json!([null, null, null, null, null]),
    };
    assert_eq!(json!(found), expected, "{}: {row}", case.card);
    assert_eq!((&row["ip"], &row["country"]), (&json!("127.0.0.1"), &json!("Germany")));
}

/// What the merchant is settled in USDC for 10 of each currency, less one percent: 10 divided by what a dollar is in it (1, 0.92, 0.79,
/// 81.942, 18.5), rounded down to six places, less a hundredth of that, rounded down.
const DEVISES: [(&str, &str); 5] =
    [("USD", "9.9"), ("EUR", "10.76087"), ("GBP", "12.531645"), ("INR", "0.120817"), ("ZAR", "0.535135")];

#[tokio::test]
async fn every_devise() {
    let sandbox = Sandbox::start().await;
    let mut expected = Vec::new();
    for (devise, total) in DEVISES {
        let mut parameters = card_sale(APPROVED);
        (parameters["devise"], parameters["amount"]) = (devise.into(), "10".into());
        let (_, id, _) = sandbox.client.charge_card(&parameters).await;
        let bodies = assert_told(&sandbox, id, GOOD).await;
        let paid = &bodies[2];
        assert_eq!((&paid["devise"], &paid["amount"]), (&json!(devise), &json!(10)));
        let found = ["fiat_amount", "fiat_currency", "totalAmount", "totalCurrency"].map(|key| paid[key].to_string());
        assert_eq!(found, ["10".into(), format!("\"{devise}\""), total.into(), "\"USDC\"".into()], "{devise}");
        let row = sandbox.client.row(id).await;
        let amount = |key: &str| domain::Units::parse(row[key].as_str().unwrap(), 6).unwrap().0;
        assert_eq!(amount("merchant_amount") + amount("fee_amount"), amount("paid_amount"), "{row}");
        expected.push((format!("operator provider {devise}"), 1_000));
        expected.push((format!("merchant payable {devise}"), -990));
        expected.push((format!("operator fee {devise}"), -10));
    }
    let expected: Vec<(&str, i128)> = expected.iter().map(|(name, sum)| (name.as_str(), *sum)).collect();
    sandbox.database().assert_balances(&expected).await;
    sandbox.audit();
    for devise in ["JPY", "usd", "XXX"] {
        let mut parameters = card_sale(APPROVED);
        parameters["devise"] = devise.into();
        assert_eq!(sandbox.client.create(&parameters).await.ok()["errorCode"], 50009, "{devise}");
    }
}

async fn keyed(client: &Client, key: &str, parameters: &Value) -> Answer {
    let request = client.request(reqwest::Method::POST, "/api/btn-create-invoice/get/");
    let request = request.header("Content-Type", "application/json").header("Idempotency-Key", key);
    client.send(request.body(parameters.to_string())).await
}

/// Repeats, one after the other and all at once, charge once.
#[tokio::test]
async fn one_key_charges_once() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    for (key, card) in [("paid", APPROVED), ("declined", DECLINED), ("challenge", CHALLENGED)] {
        let first = keyed(client, key, &card_sale(card)).await;
        for _ in 0..3 {
            assert_eq!(keyed(client, key, &card_sale(card)).await.both(), first.both());
        }
        // of the code nothing is kept to compare with, not even a hash
        let mut other_code = card_sale(card);
        other_code["card_ccv"] = "111".into();
        assert_eq!(keyed(client, key, &other_code).await.both(), first.both());
        for (name, value) in [("amount", "15.05"), ("card_number", "5555555555554444"), ("city", "Paris")] {
            let mut other = card_sale(card);
            other[name] = value.into();
            assert_eq!(keyed(client, key, &other).await.ok()["errorCode"], 50016, "{key} with another {name}");
        }
    }
    assert_eq!(client.history("").await["total"], "3");
    assert_eq!(client.payments().await.len(), 3);

    let sale = card_sale(APPROVED);
    let all = futures_util::future::join_all((0..12).map(|_| keyed(client, "at once", &sale))).await;
    let ids: std::collections::BTreeSet<i64> = all.iter().map(|answer| answer.ok()["ID"].as_i64().unwrap()).collect();
    assert_eq!(ids.len(), 1, "{all:?}");
    assert_eq!(client.payments().await.len(), 4);
    let again = keyed(client, "at once", &sale).await.ok();
    assert_eq!(again["status"], RECEIVED, "once all is done, the answer is the final one");
    sandbox.audit();
}
