use super::*;

fn rate(price: &str) -> Rate {
    Rate { price: price.parse().unwrap(), source: "test".into(), at: Time(0) }
}

#[test]
fn conversions_round_to_the_minor_unit() {
    use Rounding::{Down, Up};
    let out_of_range = Err(AmountError::OutOfRange);
    for (minor, from, to, price, rounding, expected) in [
        // the contract's sample: 5 USD are 409.71 INR
        (500, 2, 2, "81.942", Up, Ok(Units(40_971))),
        (1, 2, 2, "81.942", Up, Ok(Units(82))),
        (1, 2, 2, "81.942", Down, Ok(Units(81))),
        (100, 2, 0, "150.2", Up, Ok(Units(151))),
        (100, 2, 0, "150.2", Down, Ok(Units(150))),
        (100, 2, 3, "0.3072", Up, Ok(Units(308))),
        (1, 0, 3, "2", Up, Ok(Units(2_000))),
        (1_504, 2, 6, "1", Down, Ok(Units(15_040_000))),
        (1, 2, 2, "0", Up, out_of_range),
        (u128::MAX, 2, 2, "81.942", Down, out_of_range),
    ] {
        assert_eq!(convert(Units(minor), from, to, &rate(price), rounding), expected, "{minor} at {price}");
    }
}

#[test]
fn paid_is_only_ever_followed_by_reversed() {
    for (state, _) in State::ALL {
        assert_eq!(State::Paid.may_become(state), state == State::Reversed, "{state:?}");
        assert_eq!(state.may_become(State::Paid), state != State::Paid, "{state:?}");
        assert!(!state.may_become(State::Created), "{state:?}");
        assert_eq!(State::from_name(state.name()), Some(state));
        assert!(!state.may_become(state));
    }
    assert!(!State::Declined.may_become(State::Pending));
    assert!(!State::NeedsPayer.may_become(State::NotSent));
    assert!(State::Unknown.may_become(State::NotSent));
    assert!(State::Unknown.may_become(State::NeedsPayer));
}

pub fn charge() -> Charge {
    Charge {
        id: ChargeId::new(ulid::Ulid(1)),
        account_id: AccountId::new(ulid::Ulid(2)),
        owner: Owner::Operator,
        provider: "test".into(),
        method: Method::Upi,
        asked: Money { units: Units(40_971), currency: "INR".into() },
        due_minor: Units(500),
        rate: Some(rate("81.942")),
        settle: None,
        fee: BasisPoints::new(100).unwrap(),
        created_at: Time(0),
        expires_at: Time(1),
        state: State::Paid,
        received: None,
        placement: None,
        held: false,
        round: 1,
    }
}

#[test]
fn proven_money_is_placed() {
    let exact = charge().asked;
    let less = Money { units: Units(40_970), ..exact.clone() };
    let other = Money { currency: "USD".into(), ..exact.clone() };
    for (proven, invoice, complete, expected) in [
        (&exact, InvoiceState::Opened, false, Placement::Credited),
        (&exact, InvoiceState::Opened, true, Placement::Extra),
        (&exact, InvoiceState::Received, true, Placement::Extra),
        (&exact, InvoiceState::Received, false, Placement::Credited),
        (&exact, InvoiceState::Expired, false, Placement::Late),
        (&exact, InvoiceState::Chargeback, false, Placement::Late),
        (&less, InvoiceState::Opened, false, Placement::Mismatch),
        (&other, InvoiceState::Opened, false, Placement::Mismatch),
    ] {
        assert_eq!(charge().place(proven, invoice, complete), expected, "{invoice:?} {complete}");
    }
}
