use super::*;
use crate::provider::NeedsPayer;

fn begun() -> (Shop, Charge) {
    let (mut shop, mut charge) = (Shop::new(&SANDBOX_UPI), charge("chg_1", 150_400, "INR"));
    charge.reference = shop.create(&charge).unwrap().reference;
    (shop, charge)
}

#[test]
fn the_payer_gets_a_link_and_the_same_as_qr() {
    let (mut shop, charge) = (Shop::new(&SANDBOX_UPI), charge("chg_1", 150_400, "INR"));
    let answer = shop.create(&charge).unwrap();
    let link = "upi://pay?pa=shop%40sandbox&pn=Shop%20%26%20S%C3%B6hne&am=1504.00&cu=INR&tr=chg_1&tn=Invoice%207";
    let shown = NeedsPayer::Upi { link: Some(link.into()), qr_text: Some(link.into()), qr_image: None };
    assert_eq!(answer.outcome, Outcome::NeedsPayer(shown));
    let app = format!("{BASE}/upi/{}", answer.reference.unwrap());
    assert_eq!(answer.memory.get("upi_app_url"), Some(&app));
}

#[test]
fn paid_with_a_bank_reference_that_is_unique() {
    let mut shop = Shop::new(&SANDBOX_UPI);
    let mut seen = std::collections::BTreeSet::new();
    for n in 0..50 {
        let charge = charge(&format!("chg_{n}"), 150_400, "INR");
        shop.create(&charge);
        shop.act(&charge, Act::UpiPay);
        let paid = proof(shop.sync(&charge));
        assert_eq!((paid.amount, paid.currency.as_str(), &paid.card), (Units(150_400), "INR", &None));
        let rrn = paid.rrn.unwrap();
        assert!(rrn.len() == 12 && rrn.bytes().all(|byte| byte.is_ascii_digit()), "{rrn}");
        assert!(seen.insert(rrn));
    }
}

#[test]
fn pending_confirms_late_or_reverses() {
    let (mut shop, charge) = begun();
    shop.act(&charge, Act::UpiPend);
    assert_eq!(shop.sync(&charge), Outcome::Pending);
    // past its end, and nobody can close it any more
    shop.wait(domain::time::DAY);
    assert_eq!(shop.cancel(&charge), Outcome::Pending);
    shop.act(&charge, Act::UpiConfirm);
    let rrn = proof(shop.sync(&charge)).rrn;
    shop.act(&charge, Act::UpiReverse);
    let taken_back = proof(shop.sync(&charge));
    assert!(taken_back.reversed && taken_back.rrn == rrn && rrn.is_some());

    let (mut shop, charge) = begun();
    shop.act(&charge, Act::UpiPend);
    shop.act(&charge, Act::UpiReverse);
    assert_eq!(shop.sync(&charge), Outcome::Declined(Decline::Refused));
}

#[test]
fn failed_canceled_or_too_late() {
    for (act, decline) in [(Act::UpiFail, Decline::Refused), (Act::PayerCancels, Decline::Canceled)] {
        let (mut shop, charge) = begun();
        shop.act(&charge, act);
        assert_eq!(shop.sync(&charge), Outcome::Declined(decline));
        assert!(shop.acquirer.act("chg_1", Act::UpiPay, shop.now).is_err());
    }
    let (mut shop, charge) = begun();
    shop.wait(domain::time::HOUR);
    assert!(shop.acquirer.act("chg_1", Act::UpiPay, shop.now).is_err());
    assert_eq!(shop.sync(&charge), Outcome::Declined(Decline::TimedOut));
    let (mut shop, charge) = begun();
    assert_eq!(shop.cancel(&charge), Outcome::Declined(Decline::Canceled));
}

#[test]
fn the_payer_does_what_was_ordered_a_moment_later() {
    for (behaviour, expected) in [
        (Behaviour::Pending, Outcome::Pending),
        (Behaviour::Decline, Outcome::Declined(Decline::Refused)),
        (Behaviour::InsufficientFunds, Outcome::Declined(Decline::Refused)),
    ] {
        let (mut shop, charge) = (Shop::new(&SANDBOX_UPI), charge("chg_1", 150_400, "INR"));
        shop.order("chg_1", behaviour);
        assert!(matches!(shop.create(&charge).unwrap().outcome, Outcome::NeedsPayer(_)));
        shop.wait(1_000);
        assert_eq!(shop.sync(&charge), expected, "{behaviour:?}");
    }
    for (behaviour, units) in [(Behaviour::Approve, 150_400), (Behaviour::WrongAmount, 150_399)] {
        let (mut shop, charge) = (Shop::new(&SANDBOX_UPI), charge("chg_1", 150_400, "INR"));
        shop.order("chg_1", behaviour);
        shop.create(&charge);
        shop.wait(1_000);
        assert_eq!(proof(shop.sync(&charge)).amount, Units(units));
    }
}

#[test]
fn a_link_that_was_lost_is_found_by_asking() {
    let (mut shop, charge) = (Shop::new(&SANDBOX_UPI), charge("chg_1", 150_400, "INR"));
    shop.order("chg_1", Behaviour::TimeoutThenCharged);
    assert_eq!(shop.create(&charge), None);
    assert!(matches!(shop.sync(&charge), Outcome::NeedsPayer(NeedsPayer::Upi { .. })));
    shop.wait(1_000);
    proof(shop.sync(&charge));
}

#[test]
fn other_currencies_and_nonsense_are_turned_away() {
    let mut shop = Shop::new(&SANDBOX_UPI);
    for charge in [
        charge("chg_1", 1504, "USD"),
        charge("chg_1", 0, "INR"),
        charge("chg_1", u128::MAX, "INR"),
        charge("chg 1", 1504, "INR"),
        charge("chg_1234567890123456789012345678901234567890", 1504, "INR"),
    ] {
        assert!(matches!(shop.create(&charge).unwrap().outcome, Outcome::NotSent(_)), "{charge:?}");
    }
    assert_eq!(shop.acquirer.newest(9).count(), 0);
}
