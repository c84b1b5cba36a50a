//! Chosen sequences, each balance worked out by hand.

use super::*;

#[tokio::test]
async fn per_payment() {
    let desk = Desk::open(terms(Schedule::PerPayment)).await;
    let charge = desk.paid().await;
    assert_eq!((desk.settle_due().await, desk.settle_due().await), (1, 0));
    assert_eq!(desk.state(&charge).await, (InvoiceState::Received, None));
    assert_eq!((desk.held(Kind::Payable, "INR").await, desk.held(Kind::Settling, COIN).await), (0, 9_800_000));
    desk.arrive().await;
    let [settled] = &desk.settlements().await[..] else { panic!("one settlement") };
    assert_eq!(
        (settled.units.0, settled.wallet.clone()),
        (9_800_000, alloy_primitives::Address::repeat_byte(1).to_string())
    );
    assert_eq!(desk.state(&charge).await, (InvoiceState::Settled, settled.tx_hash.clone()));
    assert_eq!((desk.held(Kind::Settling, COIN).await, desk.held(Kind::Treasury, COIN).await), (0, 9_800_000));
    assert_eq!((desk.held(Kind::Fx, "INR").await, desk.held(Kind::Fx, COIN).await), (SHARE, 9_800_000));
}

#[tokio::test]
async fn daily_is_once_a_day_after_midnight() {
    let desk = Desk::open(Terms::default()).await;
    desk.paid().await;
    assert_eq!(desk.settle_due().await, 0, "not on the day it was paid");
    desk.days(1);
    desk.paid().await;
    assert_eq!(desk.settle_due().await, 1);
    assert_eq!(desk.settlements().await[0].units.0, 9_800_000, "of the day before");
    desk.app.clock.advance(3_600_000);
    assert_eq!(desk.settle_due().await, 0);
    desk.days(1);
    assert_eq!(desk.settle_due().await, 1);
    let (app, id) = (desk.app.clone(), desk.merchant.id.clone());
    desk.paid().await;
    let asked = desk.app.store.write(move |tx| settlements::settle(&app, tx, &id, true)).await.unwrap();
    assert_eq!(asked.len(), 1, "a person may ask for it at any time");
    desk.arrive().await;
}

#[tokio::test]
async fn from_a_threshold_on() {
    let desk = Desk::open(terms(Schedule::Threshold(20))).await;
    desk.paid().await;
    desk.paid().await;
    assert_eq!(desk.settle_due().await, 0, "19.6 coins");
    desk.paid().await;
    assert_eq!(desk.settle_due().await, 1);
    assert_eq!(desk.settlements().await[0].units.0, 3 * 9_800_000);
}

#[tokio::test]
async fn a_reserve_is_kept_and_released() {
    let reserve = BasisPoints::new(1_000).unwrap();
    let spread = BasisPoints::new(50).unwrap();
    let desk = Desk::open(Terms { reserve, reserve_days: 30, spread, ..terms(Schedule::PerPayment) }).await;
    let charge = desk.paid().await;
    desk.settle_due().await;
    assert_eq!(desk.held(Kind::Reserve, "INR").await, 8_330);
    // 74,970 paise are 8.82 coins, of which 0.0441 are the spread
    assert_eq!(desk.settlements().await[0].units.0, 8_820_000 - 44_100);
    desk.days(31);
    assert_eq!(desk.settle_due().await, 0, "one that has not arrived keeps its reserve");
    desk.arrive().await;
    let hash = desk.state(&charge).await.1;
    assert_eq!(desk.settle_due().await, 1);
    assert_eq!((desk.held(Kind::Reserve, "INR").await, desk.held(Kind::Payable, "INR").await), (0, 0));
    desk.arrive().await;
    let rows = desk.settlements().await;
    assert_eq!(rows[1].units.0, 980_000 - 4_900);
    assert_eq!(desk.state(&charge).await, (InvoiceState::Settled, hash), "what settled it stays");
    assert_eq!(desk.settle_due().await, 0);
}

#[tokio::test]
async fn refunds_before_and_after() {
    let desk = Desk::open(terms(Schedule::PerPayment)).await;
    let first = desk.paid().await;
    let refund = desk.refund(&first, 43_300).await.unwrap();
    desk.settle_due().await;
    assert_eq!(desk.settlements().await[0].units.0, 40_000 * COINS / PAISE, "what is left of the share");
    desk.arrive().await;
    desk.end_refund(refund, true).await;
    // after it was settled, a refund is a debt, netted from the next
    let late = desk.refund(&first, 10_000).await.unwrap();
    assert_eq!(desk.held(Kind::Debt, "INR").await, 10_000);
    let second = desk.paid().await;
    assert_eq!((desk.held(Kind::Debt, "INR").await, desk.held(Kind::Payable, "INR").await), (0, SHARE - 10_000));
    desk.settle_due().await;
    desk.arrive().await;
    assert_eq!(desk.settlements().await[1].units.0, (SHARE - 10_000) * COINS / PAISE);
    assert_eq!(desk.state(&second).await.0, InvoiceState::Settled);
    // it failed after all: what was netted is owed again, and settled as a further item of the charge it was taken from
    desk.end_refund(late, false).await;
    assert_eq!(desk.held(Kind::Payable, "INR").await, 10_000);
    assert_eq!(desk.settle_due().await, 1);
    desk.arrive().await;
    assert_eq!(desk.held(Kind::Payable, "INR").await, 0);
    assert_eq!(desk.settlements().await[2].units.0, 10_000 * COINS / PAISE);
}

#[tokio::test]
async fn a_refund_that_fails_after_its_charge_was_settled_is_settled_too() {
    let desk = Desk::open(terms(Schedule::PerPayment)).await;
    let charge = desk.paid().await;
    let refund = desk.refund(&charge, 43_300).await.unwrap();
    desk.settle_due().await;
    desk.arrive().await;
    desk.end_refund(refund, false).await;
    assert_eq!(desk.settle_due().await, 1);
    assert_eq!(desk.held(Kind::Payable, "INR").await, 0);
}

#[tokio::test]
async fn disputes_and_holds() {
    let desk = Desk::open(terms(Schedule::PerPayment)).await;
    let (held, disputed, good) = (desk.paid().await, desk.paid().await, desk.paid().await);
    desk.says(&held, true, false).await;
    desk.dispute(&disputed, DisputeState::Open).await;
    assert_eq!(desk.state(&held).await.0, InvoiceState::Withheld);
    assert_eq!(desk.settle_due().await, 1);
    // a dispute takes the whole payment, the fee with it
    assert_eq!(desk.settlements().await[0].units.0, (SHARE - 1_700) * COINS / PAISE, "only the one nobody touches");
    desk.arrive().await;
    assert_eq!(desk.state(&good).await.0, InvoiceState::Settled);
    desk.dispute(&good, DisputeState::Open).await;
    assert_eq!(desk.state(&good).await.0, InvoiceState::Chargeback);
    assert_eq!(desk.held(Kind::Debt, "INR").await, PAISE);
    desk.dispute(&good, DisputeState::Lost).await;
    assert_eq!(desk.settle_due().await, 0);
    desk.says(&held, false, false).await;
    assert_eq!(desk.held(Kind::Debt, "INR").await, PAISE - SHARE);
    // the dispute is won: what it took with it, and what it was short for, is settled
    desk.dispute(&disputed, DisputeState::Won).await;
    assert_eq!(desk.held(Kind::Debt, "INR").await, 0);
    assert_eq!(desk.settle_due().await, 1);
    assert_eq!(desk.state(&held).await.0, InvoiceState::Withheld, "released, it waits there for its settlement");
    desk.arrive().await;
    assert_eq!(desk.held(Kind::Payable, "INR").await, 0);
    let settled = desk.settlements().await.pop().unwrap();
    assert_eq!(desk.state(&held).await, (InvoiceState::Settled, settled.tx_hash));
}

/// What was given back while it was held is not told as paid once the provider has nothing to hold any more.
#[tokio::test]
async fn given_back_while_it_was_held_is_never_paid() {
    let desk = Desk::open(terms(Schedule::PerPayment)).await;
    let (whole, part, good) = (desk.paid().await, desk.paid().await, desk.paid().await);
    let mut refunds = Vec::new();
    for (charge, units) in [(&whole, PAISE), (&part, 40_000)] {
        desk.says(charge, true, false).await;
        refunds.push(desk.refund(charge, units).await.unwrap());
    }
    let states = || async {
        let mut states = Vec::new();
        for charge in [&whole, &part, &good] {
            states.push(desk.state(charge).await.0);
        }
        states
    };
    for charge in [&whole, &part] {
        desk.says(charge, false, false).await;
    }
    assert_eq!(desk.settle_due().await, 1, "while the refunds are on their way");
    desk.arrive().await;
    let withheld = [InvoiceState::Withheld, InvoiceState::Settled, InvoiceState::Settled];
    assert_eq!(states().await, withheld);
    for refund in refunds {
        desk.end_refund(refund, true).await;
    }
    desk.paid().await;
    desk.settle_due().await;
    desk.arrive().await;
    assert_eq!(states().await, withheld);
    assert_eq!(desk.held(Kind::Withheld, "INR").await, 0);
}

/// One that was refused by the provider leaves the money where it was: it is settled, and told as paid.
#[tokio::test]
async fn given_back_in_vain_it_is_settled() {
    let desk = Desk::open(terms(Schedule::PerPayment)).await;
    let charge = desk.paid().await;
    desk.says(&charge, true, false).await;
    let refund = desk.refund(&charge, PAISE).await.unwrap();
    desk.says(&charge, false, false).await;
    desk.end_refund(refund, false).await;
    assert_eq!(desk.settle_due().await, 1);
    desk.arrive().await;
    assert_eq!(desk.state(&charge).await.0, InvoiceState::Settled);
}

#[tokio::test]
async fn what_is_held_while_its_settlement_is_under_way_is_settled_once_it_is_free() {
    let desk = Desk::open(terms(Schedule::PerPayment)).await;
    let charge = desk.paid().await;
    desk.settle_due().await;
    desk.says(&charge, true, false).await;
    desk.arrive().await;
    assert_eq!(desk.state(&charge).await.0, InvoiceState::Withheld);
    desk.says(&charge, false, false).await;
    let settled = desk.settlements().await.pop().unwrap();
    assert_eq!(desk.state(&charge).await, (InvoiceState::Settled, settled.tx_hash));
}

#[tokio::test]
async fn a_canceled_settlement_is_undone_and_decided_anew_the_next_day() {
    let reserve = BasisPoints::new(500).unwrap();
    let desk = Desk::open(Terms { reserve, reserve_days: 1, ..terms(Schedule::PerPayment) }).await;
    let charge = desk.paid().await;
    desk.settle_due().await;
    let row = desk.settlements().await.remove(0);
    desk.transfer(&row, TransferState::Canceled).await;
    desk.audited().await;
    assert_eq!((desk.held(Kind::Payable, "INR").await, desk.held(Kind::Settling, COIN).await), (SHARE, 0));
    assert_eq!((desk.held(Kind::Reserve, "INR").await, desk.settle_due().await), (0, 0));
    let id = &desk.merchant.id;
    let kept = desk.app.store.read(|tx| crate::store::settlements::reserves(tx, id, row.number)).await.unwrap();
    assert_eq!(kept[0].state, ReserveState::Void);
    desk.days(1);
    assert_eq!(desk.settle_due().await, 1);
    desk.arrive().await;
    assert_eq!(desk.state(&charge).await.0, InvoiceState::Settled);
}

#[tokio::test]
async fn what_the_chain_takes_back_stays_paid_and_is_shown() {
    let desk = Desk::open(terms(Schedule::PerPayment)).await;
    let charge = desk.paid().await;
    desk.settle_due().await;
    desk.arrive().await;
    let row = desk.settlements().await.remove(0);
    desk.transfer(&row, TransferState::Pending).await;
    assert_eq!(desk.state(&charge).await.0, InvoiceState::Settled);
    assert_eq!(desk.settlements().await[0].state, State::TakenBack);
    let report = desk.app.store.read(audit::audit).await.unwrap();
    assert!(report.findings.iter().all(|found| found.what.ends_with("left the chain")), "{:?}", report.findings);
    assert_eq!(report.findings.len(), 1);
    desk.transfer(&row, TransferState::Done).await;
    desk.audited().await;
    let again = desk.settlements().await.remove(0);
    assert_ne!(again.tx_hash, row.tx_hash);
    assert_eq!(desk.state(&charge).await, (InvoiceState::Settled, again.tx_hash));
}

#[tokio::test]
async fn one_that_never_comes_back_is_undone_with_its_reserve() {
    let reserve = BasisPoints::new(1_000).unwrap();
    let desk = Desk::open(Terms { reserve, reserve_days: 1, ..terms(Schedule::PerPayment) }).await;
    let charge = desk.paid().await;
    desk.settle_due().await;
    desk.arrive().await;
    desk.days(1);
    assert_eq!(desk.settle_due().await, 1, "what was kept in reserve");
    desk.arrive().await;
    let row = desk.settlements().await.remove(0);
    desk.transfer(&row, TransferState::Pending).await;
    desk.transfer(&row, TransferState::Failed).await;
    // the first is undone with the release of its reserve; the second has paid that out already
    assert_eq!((desk.held(Kind::Reserve, "INR").await, desk.held(Kind::Payable, "INR").await), (0, SHARE - 8_330));
    desk.days(1);
    assert_eq!(desk.settle_due().await, 1);
    desk.arrive().await;
    let paid: u128 =
        desk.settlements().await.iter().filter(|row| row.state == State::Done).map(|row| row.units.0).sum();
    assert_eq!(paid + desk.held(Kind::Reserve, "INR").await * COINS / PAISE, 9_800_000);
    assert_eq!(desk.state(&charge).await.0, InvoiceState::Settled);
}

#[tokio::test]
async fn what_was_charged_back_by_the_provider_after_it_was_settled_is_a_debt() {
    let desk = Desk::open(terms(Schedule::PerPayment)).await;
    let charge = desk.paid().await;
    desk.settle_due().await;
    desk.arrive().await;
    desk.says(&charge, false, true).await;
    assert_eq!(desk.held(Kind::Debt, "INR").await, SHARE);
    assert_eq!(desk.state(&charge).await.0, InvoiceState::Settled);
}

#[tokio::test]
async fn two_merchants_a_paused_one_and_one_without_a_wallet() {
    let desk = Desk::open(terms(Schedule::PerPayment)).await;
    let other = Desk { app: desk.app.clone(), merchant: merchant(&desk.app, wallet(2)).await };
    let without = Desk { app: desk.app.clone(), merchant: merchant(&desk.app, Wallet::Missing).await };
    other.agree(Terms { paused: true, ..terms(Schedule::PerPayment) }).await;
    without.agree(terms(Schedule::PerPayment)).await;
    for desk in [&desk, &other, &without] {
        desk.paid().await;
    }
    assert_eq!(desk.settle_due().await, 1);
    assert_eq!(other.held(Kind::Payable, "INR").await, SHARE);
    other.agree(terms(Schedule::PerPayment)).await;
    assert_eq!(desk.settle_due().await, 1);
    assert_eq!(other.settlements().await[0].number, 2);
    desk.arrive().await;
    other.arrive().await;
    assert_eq!(without.held(Kind::Payable, "INR").await, SHARE);
}

#[tokio::test]
async fn money_on_the_merchants_own_account_is_not_ours_to_settle() {
    let desk = Desk::open(terms(Schedule::PerPayment)).await;
    desk.paid_to(Owner::Merchant).await;
    assert_eq!(desk.settle_due().await, 0);
    let ours = desk.paid().await;
    assert_eq!(desk.settle_due().await, 1);
    assert_eq!((desk.settlements().await[0].units.0, desk.held(Kind::Payable, "INR").await), (9_800_000, SHARE));
    // what the merchant's own account is owed does not pay the operator's debts
    desk.arrive().await;
    desk.refund(&ours, 5_000).await;
    desk.paid().await;
    desk.settle_due().await;
    assert_eq!(desk.settlements().await[1].units.0, (SHARE - 5_000) * COINS / PAISE);
}
