use super::*;
use crate::provider::RefundOutcome;

fn paid(connector: &'static Connector, currency: &str) -> (Shop, Charge) {
    let (mut shop, mut charge) = (Shop::new(connector), charge("chg_1", 1504, currency));
    charge.reference = match connector.create_with_card {
        Some(_) => shop.pay_by("4242424242424242", &charge).unwrap().reference,
        None => {
            let reference = shop.create(&charge).unwrap().reference;
            shop.act(&charge, Act::UpiPay);
            reference
        }
    };
    (shop, charge)
}

fn done(units: u128, currency: &str) -> RefundOutcome {
    RefundOutcome::Done { amount: Units(units), currency: currency.into() }
}

#[test]
fn several_parts_and_never_more_than_the_rest() {
    for (connector, currency) in [(&SANDBOX_CARD, "KWD"), (&SANDBOX_CARD, "JPY"), (&SANDBOX_UPI, "INR")] {
        let (mut shop, charge) = paid(connector, currency);
        assert_eq!(shop.refund("rfd_1", 500, &charge).outcome, done(500, currency));
        assert!(matches!(shop.refund("rfd_2", 1005, &charge).outcome, RefundOutcome::Declined(_)));
        assert_eq!(shop.refund("rfd_3", 1004, &charge).outcome, done(1004, currency));
        assert!(matches!(shop.refund("rfd_4", 1, &charge).outcome, RefundOutcome::Declined(_)));
        assert_eq!(proof(shop.sync(&charge)).refunded, Some(Units(1504)));
        for (id, units) in [("rfd_1", 500), ("rfd_3", 1004)] {
            let found = shop.sync_refund(id, units, &charge);
            assert_eq!(found.outcome, done(units, currency));
            assert!(found.reference.unwrap().starts_with("ref_"));
        }
        assert!(matches!(shop.sync_refund("rfd_2", 1005, &charge).outcome, RefundOutcome::NotSent(_)));
    }
}

#[test]
fn a_repeat_refunds_once_and_another_under_its_name_is_refused() {
    let (mut shop, charge) = paid(&SANDBOX_CARD, "USD");
    let first = shop.refund("rfd_1", 500, &charge);
    assert_eq!(shop.refund("rfd_1", 500, &charge), first);
    assert!(matches!(shop.refund("rfd_1", 501, &charge).outcome, RefundOutcome::Unknown(_)));
    let other = super::charge("chg_2", 1504, "USD");
    shop.pay_by("4242424242424242", &other);
    assert!(matches!(shop.refund("rfd_1", 500, &other).outcome, RefundOutcome::Unknown(_)));
    assert_eq!(proof(shop.sync(&charge)).refunded, Some(Units(500)));
    assert_eq!(proof(shop.sync(&other)).refunded, Some(Units(0)));
}

#[test]
fn a_refund_waits_and_is_done_or_fails() {
    for (act, expected, left) in [
        (Act::FinishRefunds, done(500, "USD"), 1004),
        (Act::FailRefunds, RefundOutcome::Declined("the acquirer could not give it back".into()), 1504),
    ] {
        let (mut shop, charge) = paid(&SANDBOX_CARD, "USD");
        shop.act(&charge, Act::RefundsWait);
        assert_eq!(shop.refund("rfd_1", 500, &charge).outcome, RefundOutcome::Pending);
        assert!(matches!(shop.refund("rfd_2", 1005, &charge).outcome, RefundOutcome::Declined(_)));
        assert_eq!(proof(shop.sync(&charge)).refunded, Some(Units(0)));
        shop.act(&charge, act);
        assert_eq!(shop.sync_refund("rfd_1", 500, &charge).outcome, expected);
        assert_eq!(shop.acquirer.payment("chg_1").unwrap().rest(), Units(left));
    }
}

#[test]
fn a_hold_ends_when_all_was_given_back() {
    let (mut shop, charge) = paid(&SANDBOX_CARD, "USD");
    shop.act(&charge, Act::Hold);
    shop.refund("rfd_1", 500, &charge);
    assert!(proof(shop.sync(&charge)).held, "there is a rest to hold");
    shop.act(&charge, Act::RefundsWait);
    assert_eq!(shop.refund("rfd_2", 1004, &charge).outcome, RefundOutcome::Pending);
    assert!(proof(shop.sync(&charge)).held, "it may fail");
    shop.act(&charge, Act::FailRefunds);
    assert!(proof(shop.sync(&charge)).held, "it has failed");
    shop.refund("rfd_3", 1004, &charge);
    shop.act(&charge, Act::FinishRefunds);
    let now = proof(shop.sync(&charge));
    assert_eq!((now.held, now.refunded), (false, Some(Units(1504))));
    assert!(!Act::Hold.fits(shop.acquirer.payment("chg_1").unwrap()), "nothing is left to hold");

    // at once, too
    let (mut shop, charge) = paid(&SANDBOX_CARD, "USD");
    shop.act(&charge, Act::Hold);
    shop.refund("rfd_1", 1504, &charge);
    assert!(!proof(shop.sync(&charge)).held);
}

#[test]
fn what_is_not_paid_disputed_or_unknown_is_not_refunded() {
    let mut shop = Shop::new(&SANDBOX_CARD);
    let open = charge("chg_1", 1504, "USD");
    assert!(matches!(shop.refund("rfd_1", 1, &open).outcome, RefundOutcome::NotSent(_)));
    shop.pay_by("4000000000003220", &open);
    assert!(matches!(shop.refund("rfd_1", 1, &open).outcome, RefundOutcome::Declined(_)));

    let (mut shop, charge) = paid(&SANDBOX_CARD, "USD");
    shop.refund("rfd_1", 500, &charge);
    shop.act(&charge, Act::OpenDispute);
    assert!(matches!(shop.refund("rfd_2", 1, &charge).outcome, RefundOutcome::Declined(_)));
    let Disputes::Seen(seen) = shop.disputes(&charge) else { panic!("not seen") };
    assert_eq!(seen[0].amount, Units(1004), "what was given back is not disputed");
    shop.act(&charge, Act::WinDispute);
    assert_eq!(shop.refund("rfd_2", 1004, &charge).outcome, done(1004, "USD"));
}

#[test]
fn a_refused_question_about_a_refund_proves_nothing() {
    let (mut shop, charge) = paid(&SANDBOX_CARD, "USD");
    shop.account.fields.remove("api_key");
    assert!(matches!(shop.sync_refund("rfd_1", 1, &charge).outcome, RefundOutcome::Unknown(_)));
    assert!(matches!(shop.refund("rfd_1", 1, &charge).outcome, RefundOutcome::NotSent(_)));
}
