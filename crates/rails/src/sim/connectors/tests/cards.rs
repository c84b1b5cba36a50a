use domain::card::{Brand, ShownCard};
use domain::time::DAY;

use super::*;
use crate::provider::{DisputeSeen, DisputeState, NeedsPayer};
use crate::sim::acquirer::card::TEST_CARDS;
use crate::sim::acquirer::{ANY, ActRefused};

#[test]
fn a_card_is_approved_in_its_currencys_minor_units() {
    for (units, currency) in [(1504, "USD"), (1504, "JPY"), (15_045, "KWD"), (u128::from(u64::MAX), "EUR")] {
        let (mut shop, charge) = (Shop::new(&SANDBOX_CARD), charge("chg_1", units, currency));
        let answer = shop.pay_by("4242424242424242", &charge).unwrap();
        assert!(answer.reference.unwrap().starts_with("pay_"));
        let paid = proof(answer.outcome);
        assert_eq!((paid.amount, paid.currency.as_str()), (Units(units), currency));
        assert_eq!(paid.card, Some(ShownCard { brand: Brand::Visa, last4: "4242".into() }));
        assert_eq!((paid.held, paid.reversed, paid.refunded, &paid.rrn), (false, false, Some(Units(0)), &None));
        assert_eq!(proof(shop.sync(&charge)), paid);
    }
}

#[test]
fn every_test_card_does_what_is_said_of_it() {
    let declined = Outcome::Declined;
    for (number, expected) in [
        ("4000000000000002", declined(Decline::Refused)),
        ("4000000000009995", declined(Decline::InsufficientFunds)),
        ("4000000000000341", declined(Decline::TryAgain)),
        ("4000000000000127", declined(Decline::WrongCode)),
        ("4000000000000069", declined(Decline::Expired)),
        // real numbers of no test card
        ("4111111111111111", declined(Decline::Refused)),
    ] {
        let (mut shop, charge) = (Shop::new(&SANDBOX_CARD), charge("chg_1", 1504, "USD"));
        assert_eq!(shop.paid_by(number, &charge), expected, "{number}");
        assert_eq!(shop.sync(&charge), expected, "{number}");
    }
    for (number, brand) in [
        ("5555555555554444", Brand::Mastercard),
        ("378282246310005", Brand::Amex),
        ("6011111111111117", Brand::Discover),
    ] {
        let paid = proof(Shop::new(&SANDBOX_CARD).paid_by(number, &charge("chg_1", 1504, "USD")));
        assert_eq!(paid.card.unwrap().brand, brand);
    }
    let mut shop = Shop::new(&SANDBOX_CARD);
    for (n, card) in TEST_CARDS.iter().enumerate() {
        let answer = shop.pay_by(card.number, &charge(&format!("chg_{n}"), 1504, "USD"));
        assert_eq!(answer.is_none(), card.behaviour == Behaviour::TimeoutThenCharged, "{}", card.number);
    }
}

#[test]
fn no_number_and_no_code_is_kept_nor_anything_of_a_real_card() {
    let mut shop = Shop::new(&SANDBOX_CARD);
    for (n, number) in TEST_CARDS.iter().map(|card| card.number).chain(["4111111111111111"]).enumerate() {
        shop.pay_by(number, &charge(&format!("chg_{n}"), 1504, "USD"));
    }
    let stored: String = shop.rows.values().map(String::as_str).collect();
    for digits in TEST_CARDS.iter().map(|card| card.number).chain(["1111", "123\"", "Ada"]) {
        assert!(!stored.contains(digits), "{digits}");
    }
    assert!(stored.contains("not_a_test_card") && !domain::card::contains_number(&stored));
}

#[test]
fn a_challenge_is_passed_or_not() {
    for (act, expected) in [
        (Act::Approve, None),
        (Act::RejectChallenge, Some(Decline::AuthenticationFailed)),
        (Act::PayerCancels, Some(Decline::Canceled)),
        (Act::Expire, Some(Decline::TimedOut)),
    ] {
        let (mut shop, charge) = (Shop::new(&SANDBOX_CARD), charge("chg_1", 1504, "USD"));
        let answer = shop.pay_by("4000000000003220", &charge).unwrap();
        let url = format!("{BASE}/challenge/{}", answer.reference.unwrap());
        let challenge = Outcome::NeedsPayer(NeedsPayer::Visit { url, challenge: true });
        assert_eq!(answer.outcome, challenge);
        assert_eq!(shop.sync(&charge), challenge);
        shop.act(&charge, act);
        match (expected, shop.sync(&charge)) {
            (Some(decline), outcome) => assert_eq!(outcome, Outcome::Declined(decline)),
            (None, outcome) => assert_eq!(proof(outcome).amount, Units(1504)),
        }
        let again = shop.acquirer.act(&charge.id, act, shop.now);
        assert!(matches!(again, Err(ActRefused::NotNow { .. })), "{act:?} twice");
    }
}

#[test]
fn a_challenge_runs_out_at_its_time() {
    let (mut shop, charge) = (Shop::new(&SANDBOX_CARD), charge("chg_1", 1504, "USD"));
    shop.pay_by("4000000000003220", &charge);
    shop.wait(domain::time::HOUR);
    assert_eq!(shop.sync(&charge), Outcome::Declined(Decline::TimedOut));
}

#[test]
fn a_soft_decline_is_followed_by_a_challenge_of_the_same_card_for_the_same_invoice() {
    let mut shop = Shop::new(&SANDBOX_CARD);
    let number = "4000000000000341";
    let first = charge("chg_1", 1504, "USD");
    assert_eq!(shop.paid_by(number, &first), Outcome::Declined(Decline::TryAgain));
    let other = Charge { description: "Invoice 8".into(), ..charge("chg_2", 1504, "USD") };
    assert_eq!(shop.paid_by(number, &other), Outcome::Declined(Decline::TryAgain));
    let again = charge("chg_3", 1504, "USD");
    assert!(matches!(shop.paid_by(number, &again), Outcome::NeedsPayer(_)));
    shop.act(&again, Act::Approve);
    assert_eq!(proof(shop.sync(&again)).amount, Units(1504));
}

#[test]
fn a_chargeback_comes_and_is_lost_or_won() {
    for win in [false, true] {
        let (mut shop, charge) = (Shop::new(&SANDBOX_CARD), charge("chg_1", 1504, "USD"));
        proof(shop.paid_by("4000000000000259", &charge));
        assert_eq!(shop.disputes(&charge), Disputes::Seen(vec![]));
        shop.wait(3_000);
        let Disputes::Seen(seen) = shop.disputes(&charge) else { panic!("not seen") };
        let [DisputeSeen { amount: Units(1504), state: DisputeState::Open, .. }] = &seen[..] else {
            panic!("{seen:?}")
        };
        assert_eq!(seen[0].currency, "USD");
        // it is lost when the time for evidence is over
        let due = seen[0].evidence_due.unwrap();
        assert_eq!(due.since(shop.now), 7 * DAY);
        if win {
            shop.act(&charge, Act::WinDispute);
        }
        shop.wait(7 * DAY - 1);
        let state = |shop: &mut Shop| match shop.disputes(&charge) {
            Disputes::Seen(seen) => seen[0].state,
            other => panic!("{other:?}"),
        };
        assert_eq!(state(&mut shop), if win { DisputeState::Won } else { DisputeState::Open });
        shop.wait(1);
        assert_eq!(state(&mut shop), if win { DisputeState::Won } else { DisputeState::Lost });
    }
}

#[test]
fn what_is_due_happens_at_its_own_time_in_one_step_of_the_clock() {
    let (mut shop, charge) = (Shop::new(&SANDBOX_CARD), charge("chg_1", 1504, "USD"));
    shop.paid_by("4000000000000259", &charge);
    shop.wait(30 * DAY);
    let told: Vec<String> = shop.acquirer.advance(shop.now).into_iter().map(|delivery| delivery.body).collect();
    assert_eq!(told.len(), 3, "{told:?}");
    let lost_at = START.0 + 3_000 + 7 * DAY;
    assert!(told[2].contains("dispute.lost") && told[2].contains(&format!("\"happened_at\":{lost_at}")), "{told:?}");
}

#[test]
fn a_payment_is_held_and_released() {
    let (mut shop, charge) = (Shop::new(&SANDBOX_CARD), charge("chg_1", 1504, "USD"));
    assert!(!proof(shop.paid_by("4000000000000077", &charge)).held);
    shop.wait(3_000);
    assert!(proof(shop.sync(&charge)).held);
    shop.wait(400 * DAY);
    assert!(proof(shop.sync(&charge)).held);
    shop.act(&charge, Act::Release);
    assert!(!proof(shop.sync(&charge)).held);
}

#[test]
fn a_lost_answer_is_found_by_asking_and_never_charges_twice() {
    let (mut shop, charge) = (Shop::new(&SANDBOX_CARD), charge("chg_1", 1504, "USD"));
    assert_eq!(shop.pay_by("4000000000000119", &charge), None);
    assert_eq!(proof(shop.sync(&charge)).amount, Units(1504));
    // sent again in spite of all: the same payment
    assert_eq!(proof(shop.paid_by("4000000000000119", &charge)).amount, Units(1504));
    assert_eq!(shop.acquirer.newest(9).count(), 1);
}

#[test]
fn nothing_is_found_where_nothing_was_done() {
    let mut shop = Shop::new(&SANDBOX_CARD);
    let charge = charge("chg_1", 1504, "USD");
    assert!(matches!(shop.sync(&charge), Outcome::NotSent(_)));
    assert!(matches!(shop.cancel(&charge), Outcome::NotSent(_)));
    shop.order("chg_1", Behaviour::Timeout);
    assert_eq!(shop.pay_by("4242424242424242", &charge), None);
    assert!(matches!(shop.sync(&charge), Outcome::NotSent(_)));
    shop.order(ANY, Behaviour::Busy);
    assert!(matches!(shop.paid_by("4242424242424242", &charge), Outcome::NotSent(_)));
    shop.order("Invoice 7", Behaviour::Unavailable);
    assert!(matches!(shop.paid_by("4242424242424242", &charge), Outcome::Unknown(_)));
    assert!(matches!(shop.sync(&charge), Outcome::NotSent(_)));
    // every order is used up
    proof(shop.paid_by("4242424242424242", &charge));
}

#[test]
fn a_wrong_amount_is_in_the_proof() {
    for (asked, taken) in [(1504, 1503), (1, 2)] {
        let (mut shop, charge) = (Shop::new(&SANDBOX_CARD), charge("chg_1", asked, "USD"));
        assert_eq!(proof(shop.paid_by("4000000000000101", &charge)).amount, Units(taken));
        assert_eq!(proof(shop.sync(&charge)).amount, Units(taken));
    }
}

#[test]
fn any_card_can_be_ordered_otherwise_but_no_real_one() {
    let mut shop = Shop::new(&SANDBOX_CARD);
    for behaviour in [Behaviour::Pending, Behaviour::Decline] {
        shop.order("chg_1", behaviour);
    }
    shop.order("chg_3", Behaviour::Approve);
    let (first, second) = (charge("chg_1", 1504, "USD"), charge("chg_2", 1504, "USD"));
    assert_eq!(shop.paid_by("4242424242424242", &first), Outcome::Pending);
    shop.act(&first, Act::Approve);
    proof(shop.sync(&first));
    proof(shop.paid_by("4242424242424242", &second));
    let third = charge("chg_3", 1504, "USD");
    assert_eq!(shop.paid_by("4111111111111111", &third), Outcome::Declined(Decline::Refused));
}

#[test]
fn a_repeat_gets_the_same_answer_and_anything_else_under_its_key_is_refused() {
    let (mut shop, first) = (Shop::new(&SANDBOX_CARD), charge("chg_1", 1504, "USD"));
    let answer = shop.pay_by("4242424242424242", &first);
    shop.wait(DAY);
    shop.refund("rfd_1", 504, &first);
    assert_eq!(shop.pay_by("4242424242424242", &first), answer);
    for other in [charge("chg_1", 1505, "USD"), charge("chg_1", 1504, "EUR")] {
        assert!(matches!(shop.paid_by("4242424242424242", &other), Outcome::Unknown(_)));
    }
    assert!(matches!(shop.paid_by("5555555555554444", &first), Outcome::Unknown(_)));
    assert_eq!(shop.acquirer.newest(9).count(), 1);
}

#[test]
fn without_card_data_or_the_key_nothing_is_begun() {
    let (mut shop, charge) = (Shop::new(&SANDBOX_CARD), charge("chg_1", 1504, "USD"));
    assert!(matches!(shop.create(&charge).unwrap().outcome, Outcome::NotSent(why) if why.contains("card's data")));
    shop.account.fields.remove("api_key");
    assert!(matches!(shop.paid_by("4242424242424242", &charge), Outcome::NotSent(_)));
    assert!(matches!(shop.sync(&charge), Outcome::Unknown(_)), "a refused question proves nothing");
    assert_eq!(shop.acquirer.newest(9).count(), 0);
}

#[test]
fn canceling_closes_what_is_not_paid_and_leaves_the_rest() {
    let (mut shop, open) = (Shop::new(&SANDBOX_CARD), charge("chg_1", 1504, "USD"));
    shop.pay_by("4000000000003220", &open);
    assert_eq!(shop.cancel(&open), Outcome::Declined(Decline::Canceled));
    assert!(shop.acquirer.act("chg_1", Act::Approve, shop.now).is_err());
    let paid = charge("chg_2", 1504, "USD");
    shop.pay_by("4242424242424242", &paid);
    proof(shop.cancel(&paid));
}
