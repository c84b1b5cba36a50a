//! Whatever is posted to "create invoice" is a checked request or a refusal with a code; the checked ones keep their bounds.
#![no_main]

use domain::Time;
use gateway::net::guard::Policy;
use gateway::wire::create::{CardData, CreateRules, Devise, DeviseRule, Flow, PayableCurrency, SolutionType, parse};
use gateway::wire::errors::ContractError;
use gateway::wire::params::{MAX_NAME_BYTES, MAX_PARAMS, decode};
use libfuzzer_sys::fuzz_target;

const TYPES: [Option<&str>; 4] =
    [None, Some("application/json"), Some("application/x-www-form-urlencoded"), Some("text/json; charset=utf-8")];

fuzz_target!(|input: (u8, &[u8])| {
    let (choice, body) = input;
    let params = match decode(TYPES[usize::from(choice) % TYPES.len()], body) {
        Ok(params) => params,
        Err(error) => {
            assert!(matches!(error.http_status(), 400 | 413 | 415));
            assert!(error.body().starts_with("{\"error\":"));
            return;
        }
    };
    assert!(params.iter().count() <= MAX_PARAMS);
    assert!(params.iter().all(|(name, _)| name.len() <= MAX_NAME_BYTES));
    let usdt = PayableCurrency {
        value: "USDT_polygon".into(),
        symbol: "USDT".into(),
        network: "polygon".into(),
        name: "Tether USD (Polygon)".into(),
        aliases: vec!["USDT_matic".into()],
    };
    let usd = DeviseRule { devise: Devise::Usd, minimum: 100, maximum: 1_000_000 };
    let rules = CreateRules {
        devises: &[usd],
        solution_types: &[SolutionType::Card, SolutionType::Upi, SolutionType::Crypto],
        solution_names: &[],
        payable_currencies: &[usdt],
        s2s: choice & 128 != 0,
        cards: if choice & 32 == 0 { CardData::Direct { check_expiry: None } } else { CardData::Redirect },
        now: Time(1_795_176_000_000),
        policy: if choice & 64 == 0 { Policy::Live } else { Policy::Sandbox },
    };
    match parse(&params, &rules) {
        Ok(parsed) => {
            let request = &parsed.request;
            assert!((100..=1_000_000).contains(&request.amount_minor));
            assert!(request.callback_json.as_ref().is_none_or(|text| text.len() <= 4_096));
            assert_eq!(request.billing.is_some(), request.flow == Flow::CardS2s);
            assert!(parsed.card.is_none() || request.flow == Flow::CardS2s && choice & 32 == 0);
            if let Some(card) = &parsed.card {
                assert!(!format!("{request:?}").contains(card.number.expose()), "a card number would be kept");
            }
        }
        Err(refused) => assert!(refused.answer().contains("500"), "{}", refused.answer()),
    }
});
