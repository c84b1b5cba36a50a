//! Every currency on every flow.

use super::*;

fn flow(changes: &Value, devise: Devise, devises: &[DeviseRule]) -> Result<Flow, CreateError> {
    let mut body = json!({
        "email": "a@b.example", "amount": "15.04", "name": "John Smith", "phone": "020 7946 0018", "customer_ip": "127.0.0.1",
        "address1": "1000 Lombard St", "address2": "-", "city": "San Francisco", "country": "DE", "postcode": "90210",
        "date_of_birth": "1990-12-31", "card_expiry_date": "02/2025", "card_ccv": "000", "devise": devise.code(),
    });
    for (name, value) in changes.as_object().expect("object") {
        body[name] = value.clone();
    }
    let params = decode(None, body.to_string().as_bytes()).expect("json");
    let parsed = parse(&params, &CreateRules { devises, s2s: true, solution_types: ALL_TYPES, ..rules(&currencies()) });
    parsed.map(|parsed| parsed.request.flow)
}

#[test]
fn five_for_cards_and_pages_one_for_the_rest() {
    let all = Devise::ALL.map(|devise| DeviseRule { devise, minimum: 1, maximum: 100_000 });
    let hosted = |only| Flow::Hosted { only, payable_currency: None };
    let usdt = Flow::CryptoS2s { payable_currency: "USDT_polygon".to_owned() };
    let cases = [
        (json!({}), true, hosted(None)),
        (json!({"card_number": "4242424242424242"}), true, Flow::CardS2s),
        (json!({"card_number": "4242424242424242", "payment_solution_type": "CARD"}), true, Flow::CardS2s),
        (
            json!({"payment_solution_type": "CARD", "card_expiry_date": null, "card_ccv": null}),
            true,
            hosted(Some(SolutionType::Card)),
        ),
        (json!({"payment_solution_type": "UPI"}), false, hosted(Some(SolutionType::Upi))),
        (
            json!({"payment_solution_type": "UPI", "card_number": "4242424242424242"}),
            false,
            hosted(Some(SolutionType::Upi)),
        ),
        (json!({"payment_solution_type": "CRYPTO"}), false, hosted(Some(SolutionType::Crypto))),
        (json!({"payableCurrencies": "USDT_polygon"}), false, usdt),
        (json!({"checkoutMode": "onramp"}), false, hosted(None)),
    ];
    for (changes, any, expected) in cases {
        for devise in Devise::ALL {
            let taken = any || devise == Devise::Usd;
            let expected = if taken { Ok(expected.clone()) } else { Err(CreateError::DeviseInvalid) };
            assert_eq!(flow(&changes, devise, &all), expected, "{changes} {devise:?}");
            // what the merchant does not have is nobody's
            let others: Vec<DeviseRule> = all.iter().filter(|rule| rule.devise != devise).copied().collect();
            assert_eq!(flow(&changes, devise, &others), Err(CreateError::DeviseInvalid), "{changes} {devise:?}");
        }
    }
}
