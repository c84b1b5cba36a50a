//! Money on the merchant's own account that its provider pays out, beside money at the operator's.

use domain::ledger::Account;
use rails::provider::{Line, LineKind, PaidOut, PaidOutState};

use super::*;
use crate::app::coin_refunds::funding;
use crate::app::provider_payouts::{self as reports, known};
use crate::store::provider_payouts::{self, LineState, PayoutRow, of_merchant};

impl Desk {
    async fn reported(&self, id: &str, state: PaidOutState, lines: Vec<Line>) {
        let (app, merchant) = (self.app.clone(), self.merchant.id.clone());
        let payout = PaidOut { id: id.into(), state, amount: Units(1), currency: "INR".into() };
        let write = self
            .app
            .store
            .write(move |tx| reports::record(&app, tx, &merchant, &account(Owner::Merchant), &payout, &lines));
        write.await.unwrap();
        self.audited().await;
    }

    async fn provider_payouts(&self) -> Vec<PayoutRow> {
        let id = &self.merchant.id;
        self.app.store.read(|tx| of_merchant(tx, id)).await.unwrap()
    }

    /// The own account's provider pays out what it has not yet, and keeps and gives again what was refunded and disputed since.
    pub async fn pays_out(&self) {
        let id = &self.merchant.id;
        let lines = self.app.store.read(|tx| {
            let mut lines = Vec::new();
            for row in charges::to_settle(tx, id)? {
                if row.charge.owner != Owner::Merchant {
                    continue;
                }
                let booked = provider_payouts::of_charge(tx, id, &row.charge.id)?;
                let booked = |kind| {
                    let ours = booked.iter().filter(move |line| line.kind == kind && line.state == LineState::Booked);
                    ours.map(|line| line.money.units.0).sum::<u128>()
                };
                for (nth, kind) in
                    [LineKind::Charge, LineKind::Refund, LineKind::RefundBack, LineKind::Dispute, LineKind::DisputeBack]
                        .into_iter()
                        .enumerate()
                {
                    let all = if kind == LineKind::Charge { PAISE } else { known(tx, &row, kind)?.0 };
                    if all > booked(kind) {
                        lines.push(line(&row, nth, kind, all - booked(kind)));
                    }
                }
            }
            Ok::<_, StoreError>(lines)
        });
        let lines = lines.await.unwrap();
        if !lines.is_empty() {
            let nth = self.provider_payouts().await.len();
            self.reported(&format!("po_{nth}"), PaidOutState::Paid, lines).await;
            let last = self.provider_payouts().await.into_iter().find(|row| row.payout_id == format!("po_{nth}"));
            assert_eq!(last.unwrap().note, None, "every line fits");
        }
    }

    pub async fn payout_fails(&self, nth: usize) {
        let paid = self.provider_payouts().await.into_iter().filter(|row| row.state == PaidOutState::Paid);
        if let Some(row) = paid.collect::<Vec<_>>().get(nth) {
            self.reported(&row.payout_id, PaidOutState::Failed, Vec::new()).await;
        }
    }

    /// What lies at the merchant's own account; below zero it owes the provider.
    pub async fn at_own_provider(&self) -> i128 {
        let id = &self.merchant.id;
        let rows = self.app.store.read(|tx| ledger::accounts(tx, id)).await.unwrap();
        let own = Account { owner: Owner::Merchant, kind: Kind::Provider, asset: "INR".into() };
        let row = rows.into_iter().find(|row| row.account == own);
        row.map_or(0, |row| i128::try_from(row.debit.0).unwrap() - i128::try_from(row.credit.0).unwrap())
    }

    async fn treasury_may_give(&self) -> u128 {
        let id = &self.merchant.id;
        let held = self.app.store.read(|tx| funding::held(tx, id)).await.unwrap();
        held.iter().map(|(_, units)| units.0).sum()
    }
}

fn line(row: &ChargeRow, nth: usize, kind: LineKind, units: u128) -> Line {
    Line {
        id: format!("{} {nth}", row.charge.id),
        kind,
        what: "as the test says".into(),
        about: vec![row.charge.id.to_string()],
        amount: Units(units),
        currency: "INR".into(),
    }
}

const FEE: u128 = PAISE - SHARE;

#[tokio::test]
async fn what_a_provider_paid_out_is_not_taken_from_what_the_operator_owes() {
    let desk = Desk::open(terms(Schedule::PerPayment)).await;
    desk.paid_to(Owner::Merchant).await;
    desk.pays_out().await;
    let charge = desk.paid().await;
    // only the operator's fee of the own charge
    assert_eq!(desk.settle_due().await, 1);
    desk.arrive().await;
    let [settled] = &desk.settlements().await[..] else { panic!("one settlement") };
    assert_eq!(settled.units.0, 9_600_000);
    assert_eq!(desk.state(&charge).await.0, InvoiceState::Settled);
    let second = desk.paid().await;
    assert_eq!(desk.settle_due().await, 1);
    desk.arrive().await;
    assert_eq!(desk.settlements().await[1].units.0, 9_800_000);
    assert_eq!(desk.state(&second).await.0, InvoiceState::Settled);
    assert_eq!((desk.held(Kind::Payable, "INR").await, desk.at_own_provider().await), (0, 0));
}

#[tokio::test]
async fn an_extra_that_was_paid_out_moves_with_its_charge() {
    let desk = Desk::open(terms(Schedule::PerPayment)).await;
    let first = desk.paid().await;
    desk.pays_last(Owner::Merchant).await;
    assert_eq!(desk.held(Kind::Parked, "INR").await, PAISE);
    let extra = {
        let (id, number) = (&desk.merchant.id, first.invoice_number);
        let rows = desk.app.store.read(|tx| charges::of_invoice(tx, id, number)).await.unwrap();
        rows.into_iter().find(|row| row.charge.owner == Owner::Merchant).unwrap()
    };
    desk.reported("po_1", PaidOutState::Paid, vec![line(&extra, 0, LineKind::Charge, PAISE)]).await;
    assert_eq!((desk.held(Kind::Parked, "INR").await, desk.at_own_provider().await), (0, 0));
    // the operator's is reversed: the extra counts now, and stays paid out
    desk.says(&first, false, true).await;
    assert_eq!((desk.held(Kind::Parked, "INR").await, desk.held(Kind::Payable, "INR").await), (0, 0));
    assert_eq!((desk.held(Kind::Debt, "INR").await, desk.at_own_provider().await), (FEE, 0));
    assert_eq!(desk.treasury_may_give().await, 0);
    desk.reported("po_1", PaidOutState::Failed, Vec::new()).await;
    assert_eq!((desk.held(Kind::Payable, "INR").await, desk.at_own_provider().await), (SHARE, 85_000));
}

#[tokio::test]
async fn a_dispute_of_what_was_paid_out_is_between_the_merchant_and_the_provider() {
    for end in [DisputeState::Lost, DisputeState::Won] {
        let desk = Desk::open(Terms { paused: true, ..terms(Schedule::PerPayment) }).await;
        let own = desk.paid_to(Owner::Merchant).await;
        desk.pays_out().await;
        desk.paid().await;
        let owed = SHARE - FEE;
        assert_eq!(desk.held(Kind::Payable, "INR").await, owed);
        desk.dispute(&own, DisputeState::Open).await;
        // the provider keeps it from the next payout, whatever becomes of the dispute
        desk.pays_out().await;
        assert_eq!(desk.held(Kind::Payable, "INR").await, owed);
        desk.dispute(&own, end).await;
        desk.pays_out().await;
        assert_eq!((desk.held(Kind::Payable, "INR").await, desk.held(Kind::Debt, "INR").await), (owed, 0));
        assert_eq!((desk.held(Kind::Disputed, "INR").await, desk.at_own_provider().await), (0, 0));
        // more than was disputed is kept for nothing that is known
        desk.reported("po_x", PaidOutState::Paid, vec![line(&own, 9, LineKind::Dispute, 1)]).await;
        let odd = desk.provider_payouts().await.into_iter().find(|row| row.payout_id == "po_x").unwrap();
        assert_eq!(odd.note.as_deref(), Some("1 of 1 lines do not fit"));
    }
}

#[tokio::test]
async fn a_refund_that_failed_after_it_was_kept_is_paid_out_again() {
    let desk = Desk::open(terms(Schedule::PerPayment)).await;
    let own = desk.paid_to(Owner::Merchant).await;
    desk.pays_out().await;
    let refund = desk.refund(&own, 5_000).await.unwrap();
    desk.end_refund(refund, true).await;
    desk.pays_out().await;
    assert_eq!((desk.held(Kind::Debt, "INR").await, desk.at_own_provider().await), (FEE, 0));
    desk.refund_comes_back(0).await;
    assert_eq!(desk.at_own_provider().await, 5_000);
    desk.pays_out().await;
    assert_eq!((desk.held(Kind::Debt, "INR").await, desk.held(Kind::Payable, "INR").await), (FEE, 0));
    assert_eq!(desk.at_own_provider().await, 0);
}

#[tokio::test]
async fn the_treasury_gives_nothing_for_what_lies_at_the_own_account() {
    let desk = Desk::open(Terms { paused: true, ..terms(Schedule::PerPayment) }).await;
    let first = desk.paid().await;
    let extra = desk.pays_last(Owner::Merchant).await;
    assert_eq!(desk.treasury_may_give().await, 0, "it is at the own account");
    desk.reported("po_1", PaidOutState::Paid, vec![line(&extra, 0, LineKind::Charge, PAISE)]).await;
    assert_eq!(desk.treasury_may_give().await, SHARE);
    let (app, merchant, id) = (desk.app.clone(), desk.merchant.id.clone(), extra.charge.id.clone());
    let reserved =
        desk.app.store.write(move |tx| crate::app::charges::refunds::reserve(&app, tx, &merchant, &id, Units(PAISE)));
    let refund = reserved.await.unwrap();
    desk.end_refund(refund, true).await;
    // given back of parked money that is at the bank; then as much comes to the own account
    desk.paid_to(Owner::Merchant).await;
    assert_eq!(desk.at_own_provider().await, 0);
    assert_eq!(desk.held(Kind::Payable, "INR").await, 2 * SHARE);
    assert!(desk.treasury_may_give().await <= SHARE, "{}", desk.treasury_may_give().await);
    assert_eq!(desk.state(&first).await.0, InvoiceState::Received);
}

#[tokio::test]
async fn a_person_says_that_it_arrived() {
    use crate::app::acts::Actor;
    use reports::{ArrivedRefused, arrived};
    let desk = Desk::open(terms(Schedule::PerPayment)).await;
    let (own, operators) = (desk.paid_to(Owner::Merchant).await, desk.paid().await);
    let says = |charge: &ChargeRow, evidence: &'static str| {
        let (app, id) = (desk.app.clone(), charge.charge.id.clone());
        desk.app.store.write(move |tx| arrived(&app, tx, &id, evidence, &Actor("cli:alice".into())))
    };
    assert!(matches!(says(&operators, "statement").await, Err(ArrivedRefused::Operators)));
    assert!(matches!(says(&own, " ").await, Err(ArrivedRefused::NoEvidence)));
    let refund = desk.refund(&own, 1).await.unwrap();
    assert!(matches!(says(&own, "statement").await, Err(ArrivedRefused::Touched)));
    desk.end_refund(refund, false).await;
    says(&own, "statement of 3 May, line 7").await.unwrap();
    desk.audited().await;
    assert_eq!((desk.state(&own).await.0, desk.at_own_provider().await), (InvoiceState::Settled, 0));
    assert!(matches!(says(&own, "statement").await, Err(ArrivedRefused::Already)));
    let about = format!("charges {}", own.charge.id);
    let acts = desk.app.store.read(|tx| crate::store::audit_log::about(tx, &about)).await.unwrap();
    assert_eq!((acts.len(), acts[0].detail.as_str()), (1, "statement of 3 May, line 7"));
}

#[tokio::test]
async fn a_payout_that_could_not_be_read_is_a_row_until_it_can() {
    let desk = Desk::open(terms(Schedule::PerPayment)).await;
    let own = desk.paid_to(Owner::Merchant).await;
    for _ in 0..2 {
        let (app, merchant) = (desk.app.clone(), desk.merchant.id.clone());
        let written = desk.app.store.write(move |tx| {
            let payout =
                PaidOut { id: "po_1".into(), state: PaidOutState::Paid, amount: Units(1), currency: "INR".into() };
            reports::put_down(&app, tx, &merchant, &account(Owner::Merchant), &payout, Err("no such line"))
        });
        written.await.unwrap();
        desk.audited().await;
        let [row] = &desk.provider_payouts().await[..] else { panic!("one payout") };
        assert_eq!((row.note.as_deref(), row.round), (Some("no such line"), 1));
    }
    desk.reported("po_1", PaidOutState::Paid, vec![line(&own, 0, LineKind::Charge, PAISE)]).await;
    let [row] = &desk.provider_payouts().await[..] else { panic!("one payout") };
    assert_eq!((row.note.as_deref(), desk.state(&own).await.0), (None, InvoiceState::Settled));
}
