//! Pay-outs to cards, from `fixtures/checkout_com_payouts/`: the request to the byte's meaning, and what each answer means.

use std::collections::BTreeMap;

use domain::Units;
use domain::card::{CardNumber, Expiry};
use rails::provider::{Account, HttpResponse, Payout, PayoutCard, PayoutOutcome, Verb, list};
use serde_json::Value;
use zeroize::Zeroizing;

const ID: &str = "trf_01JXSH0000T0EST0TRANSFER01";

fn word(outcome: &PayoutOutcome) -> &'static str {
    match outcome {
        PayoutOutcome::Done { amount: Units(150), currency } if currency == "EUR" => "done",
        PayoutOutcome::Done { .. } => "done otherwise",
        PayoutOutcome::Pending => "pending",
        PayoutOutcome::Declined(_) => "declined",
        PayoutOutcome::NotSent(_) => "not_sent",
        PayoutOutcome::Unknown(_) => "unknown",
    }
}

#[test]
fn checkout_com() {
    let exchanges: Value =
        serde_json::from_str(include_str!("../../fixtures/checkout_com_payouts/exchanges.json")).unwrap();
    let flows = list::by_name("checkout_com").unwrap().payout.as_ref().unwrap();
    let fields: BTreeMap<_, _> =
        flows.fields.iter().map(|f| (f.name.to_owned(), Zeroizing::new(format!("test-{}", f.name)))).collect();
    let base_url = "https://api.checkout.com".to_owned();
    let account = Account { id: "acc_1".into(), base_url, fields, token: None };
    let payout = Payout {
        id: ID.into(),
        amount: Units(150),
        currency: "EUR".into(),
        description: "Payment 48".into(),
        first_name: "john".into(),
        last_name: "smith".into(),
        reference: None,
    };
    let card = PayoutCard {
        number: CardNumber::parse("4242424242424242").unwrap(),
        expiry: Expiry::parse("04/2030").unwrap(),
    };
    let request = (flows.create.request)(&account, &payout, &card);
    let wanted = &exchanges["request"];
    assert_eq!((request.verb, request.url.as_str()), (Verb::Post, wanted["url"].as_str().unwrap()));
    assert_eq!(serde_json::from_slice::<Value>(&request.body).unwrap(), wanted["body"]);
    let headers: BTreeMap<_, _> = request.headers.iter().map(|(name, text)| (*name, text.as_str())).collect();
    assert_eq!(serde_json::json!(headers), wanted["headers"]);
    assert!(!format!("{request:?}").contains("4242"));

    let asked = (flows.sync.request)(&account, &payout);
    assert_eq!(asked.url, format!("https://api.checkout.com/payments?reference={ID}&limit=100&skip=0"));
    for answer in exchanges["answers"].as_array().unwrap() {
        let body = if answer["body"].is_null() { Vec::new() } else { answer["body"].to_string().into_bytes() };
        let response = HttpResponse { status: u16::try_from(answer["status"].as_u64().unwrap()).unwrap(), body };
        let read = match answer["flow"].as_str().unwrap() {
            "create" => (flows.create.response)(&account, &payout, &response),
            _ => (flows.sync.response)(&account, &payout, &response),
        };
        assert_eq!(word(&read.outcome), answer["expect"].as_str().unwrap(), "{answer}: {read:?}");
    }
}
