//! Second captures, and money given back at the provider and through us, in the order of the test or at random. After each step the auditor
//! must find nothing.

use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use domain::charge::Money;
use domain::ledger::{Account, Kind, Owner};
use domain::merchant::{Merchant, Wallet};
use domain::transfer::State as TransferState;
use domain::{MerchantId, Units};
use proptest::prelude::*;

use crate::app::audit::audit;
use crate::app::charges::refunds::{self, RefundRefused};
use crate::app::invoices::create;
use crate::app::testing::{app, begun, new_invoice, says};
use crate::app::{SharedApp, refunds as any_refunds, transfers};
use crate::store::charges::{self, ChargeRow};
use crate::store::transfers::TransferRow;
use crate::store::tx::values;
use crate::store::{StoreError, Tx, attention, due, ledger, overviews};
use crate::wire::create::Devise;

/// What a charge is over, and of it the merchant's after a fee of 1 %.
const PAISE: u128 = 85_000;
const SHARE: u128 = 84_150;

/// A charge and its provider, which takes and gives back as the test says.
struct Desk {
    app: SharedApp,
    merchant: Merchant,
    row: ChargeRow,
    taken: u128,
    held: bool,
    elsewhere: u128,
    through_us: u128,
}

impl Desk {
    /// A charge that was paid, exactly or one minor unit short: that counts for nothing.
    async fn open(exact: bool) -> Desk {
        static DESKS: AtomicU32 = AtomicU32::new(0);
        let name = format!("elsewhere-{}", DESKS.fetch_add(1, Ordering::Relaxed));
        let (app, merchant) = app(&name, Wallet::Missing).await;
        let new = new_invoice("payer@example.com", 1_000, Devise::Usd);
        create(&app, Arc::new(merchant.clone()), new).await.unwrap();
        let row = begun(&app, &merchant, 1_000, None).await;
        let taken = PAISE - u128::from(!exact);
        let mut desk = Desk { app, merchant, row, taken, held: false, elsewhere: 0, through_us: 0 };
        desk.asked().await;
        desk
    }

    /// The provider is asked, and says what it did.
    async fn asked(&mut self) {
        let taken = Money { units: Units(self.taken), currency: "INR".into() };
        let back = Some(Units(self.elsewhere + self.through_us));
        self.row = says(&self.app, &self.row, taken, self.held, back).await;
        self.audited().await;
    }

    /// The provider has taken so much, and given so much back without us, and is asked.
    async fn did(&mut self, taken: u128, elsewhere: u128) {
        (self.taken, self.elsewhere) = (taken, elsewhere);
        self.asked().await;
    }

    /// A refund of ours is decided on; nothing if there is not so much left.
    async fn refunds(&self, units: u128) -> Option<TransferRow> {
        let (app, id, charge) = (self.app.clone(), self.merchant.id.clone(), self.row.charge.id.clone());
        let reserve = move |tx: &Tx<'_>| refunds::reserve(&app, tx, &id, &charge, Units(units));
        let made = match self.app.store.write(reserve).await {
            Ok(made) => Some(made),
            Err(RefundRefused::TooMuch { .. }) => None,
            Err(other) => panic!("{other}"),
        };
        self.audited().await;
        made
    }

    /// It is done, or the provider refuses it: it gives back no more than it took.
    async fn ends(&mut self, refund: TransferRow, done: bool) {
        let done = done && self.elsewhere + self.through_us + refund.units.0 <= self.taken;
        self.through_us += if done { refund.units.0 } else { 0 };
        let app = self.app.clone();
        let end = move |tx: &Tx<'_>| {
            let (mut row, now) = (refund, app.now());
            match done {
                true => transfers::arrived(&app, tx, &mut row, now),
                false => transfers::ended(&app, tx, &mut row, TransferState::Failed, "refused", now),
            }
        };
        self.app.store.write(end).await.unwrap();
        self.audited().await;
    }

    /// What an account is owed, or, where it owes or lies somewhere, what that is.
    async fn holds(&self, owner: Owner, kind: Kind) -> u128 {
        let id = &self.merchant.id;
        let rows = self.app.store.read(|tx| ledger::accounts(tx, id)).await.unwrap();
        let account = Account { owner, kind, asset: "INR".into() };
        rows.into_iter().find(|row| row.account == account).map_or(0, |row| row.debit.0.abs_diff(row.credit.0))
    }

    /// At the provider, owed, parked, and what the merchant owes.
    async fn stands(&self) -> [u128; 4] {
        let mut stands = [0; 4];
        let accounts = [
            (Owner::Operator, Kind::Provider),
            (Owner::Merchant, Kind::Payable),
            (Owner::Merchant, Kind::Parked),
            (Owner::Merchant, Kind::Debt),
        ];
        for (at, (owner, kind)) in accounts.into_iter().enumerate() {
            stands[at] = self.holds(owner, kind).await;
        }
        stands
    }

    async fn entries(&self) -> usize {
        let id = &self.merchant.id;
        self.app.store.read(|tx| ledger::entries_after(tx, id, 0)).await.unwrap().len()
    }

    /// How many surpluses the operator sees, and the merchant, and those who watch.
    async fn listed(&self) -> [i64; 3] {
        let id: &MerchantId = &self.merchant.id;
        let read = self.app.store.read(|tx| {
            let seen = overviews::surpluses(tx, 9)?;
            assert_eq!(seen.len(), charges::surpluses(tx, id, 9)?.len());
            let watched = due::parked(tx)?.into_iter().find(|(what, _)| *what == "charges").unwrap().1;
            Ok::<_, StoreError>([i64::try_from(seen.len()).unwrap(), attention::of(tx, id)?.parked_charges, watched])
        });
        read.await.unwrap()
    }

    /// The auditor finds nothing, nothing that is owed is below zero, and everything balances.
    async fn audited(&self) {
        let report = self.app.store.read(audit).await.unwrap();
        assert!(report.findings.is_empty(), "the auditor: {:?}", report.findings);
        let id = &self.merchant.id;
        let (mut debit, mut credit) = (0, 0);
        for row in self.app.store.read(|tx| ledger::accounts(tx, id)).await.unwrap() {
            debit += row.debit.0;
            credit += row.credit.0;
            let owed = row.account.owner == Owner::Merchant && row.account.kind != Kind::Debt;
            assert!(!owed || row.credit >= row.debit, "below zero: {row:?}");
        }
        assert_eq!(debit, credit);
    }
}

#[tokio::test]
async fn a_second_capture_that_is_given_back_takes_nothing_of_what_is_owed() {
    let mut desk = Desk::open(true).await;
    assert_eq!(desk.stands().await, [PAISE, SHARE, 0, 0]);
    assert_eq!(desk.listed().await, [0; 3]);
    desk.did(2 * PAISE, 0).await;
    assert_eq!(desk.stands().await, [2 * PAISE, SHARE, PAISE, 0]);
    assert_eq!(desk.listed().await, [1; 3]);
    desk.did(2 * PAISE, 1).await;
    assert_eq!(desk.stands().await, [2 * PAISE - 1, SHARE, PAISE - 1, 0]);
    assert_eq!(desk.listed().await, [1; 3]);
    desk.did(2 * PAISE, PAISE).await;
    assert_eq!(desk.stands().await, [PAISE, SHARE, 0, 0]);
    assert_eq!(desk.listed().await, [0; 3]);
    // nothing of the order was given back, and all of it still can be
    let (id, row) = (&desk.merchant.id, &desk.row);
    let read = desk.app.store.read(|tx| {
        let sum = tx.row("SELECT refunded_elsewhere AS sum FROM charges", values![], |row| row.text("sum"))?;
        let back = any_refunds::given_back(tx, id, row.invoice_number)?;
        Ok::<_, StoreError>((sum, back.len(), refunds::refundable(tx, row)?))
    });
    // the column holds it: a release before would book nothing
    assert_eq!(read.await.unwrap(), (Some(PAISE.to_string()), 0, Units(PAISE)));
    let entries = desk.entries().await;
    desk.asked().await;
    assert_eq!(desk.entries().await, entries, "the same said again");

    desk.did(2 * PAISE, 2 * PAISE - 1_000).await;
    assert_eq!(desk.stands().await, [1_000, SHARE - (PAISE - 1_000), 0, 0]);
    desk.did(2 * PAISE, 2 * PAISE).await;
    assert_eq!(desk.stands().await, [0, 0, 0, PAISE - SHARE], "the fee is not given back");
    let entries = desk.entries().await;
    desk.did(2 * PAISE, 2 * PAISE + 1).await;
    assert_eq!(desk.entries().await, entries, "more than was taken");
    assert!(desk.row.note.as_ref().is_some_and(|note| note.contains("more than was paid")));
    // a third one
    desk.did(3 * PAISE, 2 * PAISE).await;
    assert_eq!(desk.stands().await, [PAISE, 0, PAISE, PAISE - SHARE]);
    desk.did(3 * PAISE, 3 * PAISE).await;
    assert_eq!(desk.stands().await, [0, 0, 0, PAISE - SHARE]);
}

#[tokio::test]
async fn a_refund_of_ours_is_never_of_the_second_capture() {
    let mut desk = Desk::open(true).await;
    desk.did(2 * PAISE, 0).await;
    assert!(desk.refunds(PAISE + 1).await.is_none(), "the surplus cannot be reached");
    let refund = desk.refunds(PAISE).await.unwrap();
    desk.asked().await;
    assert_eq!(desk.stands().await, [2 * PAISE, 0, PAISE, PAISE - SHARE]);
    desk.ends(refund, true).await;
    desk.asked().await;
    assert_eq!(desk.stands().await, [PAISE, 0, PAISE, PAISE - SHARE]);
    desk.did(2 * PAISE, PAISE).await;
    assert_eq!(desk.stands().await, [0, 0, 0, PAISE - SHARE]);

    // given back there while ours was on its way: of the surplus; and of the payment once ours has failed
    let mut desk = Desk::open(true).await;
    desk.did(2 * PAISE, 0).await;
    let refund = desk.refunds(1_000).await.unwrap();
    desk.did(2 * PAISE, 2 * PAISE).await;
    assert_eq!((desk.row.surplus_given_back, desk.row.refunded_elsewhere), (Units(PAISE), Units(PAISE - 1_000)));
    desk.ends(refund, true).await;
    desk.asked().await;
    assert_eq!(desk.row.refunded_elsewhere, Units(PAISE));
    assert_eq!(desk.stands().await, [0, 0, 0, PAISE - SHARE]);
}

#[tokio::test]
async fn what_counts_for_nothing_goes_back_from_where_it_is_parked() {
    let mut desk = Desk::open(false).await;
    assert_eq!(desk.stands().await, [PAISE - 1, 0, PAISE - 1, 0]);
    desk.did(2 * PAISE, 0).await;
    assert_eq!(desk.stands().await, [2 * PAISE, 0, 2 * PAISE, 0]);
    assert_eq!(desk.listed().await, [1, 2, 2], "the payment itself is parked too");
    desk.did(2 * PAISE, 2 * PAISE).await;
    assert_eq!(desk.stands().await, [0; 4]);
    assert_eq!((desk.row.surplus_left(), desk.row.refunded_elsewhere), (Units::ZERO, Units(PAISE - 1)));
}

#[tokio::test]
async fn what_was_edited_is_found() {
    let mut desk = Desk::open(true).await;
    desk.did(2 * PAISE, PAISE + 5).await;
    for edit in [
        "UPDATE charges SET surplus_given_back = '84999'",
        "UPDATE charges SET refunded_elsewhere = '85004'",
        "UPDATE charges SET surplus = '84999'",
    ] {
        let findings = desk.app.store.write(move |tx| {
            tx.execute(edit, values![])?;
            let found = audit(tx)?.findings.len();
            // leaves nothing behind
            Err::<(), _>(StoreError::Inconsistent(format!("found {found}")))
        });
        let said = findings.await.unwrap_err().to_string();
        assert!(said.contains("found") && !said.contains("found 0"), "{edit}: {said}");
    }
    desk.audited().await;
}

#[derive(Debug, Clone)]
enum Step {
    Capture(u128),
    GiveBack(u128),
    Refund(u128),
    End(bool),
    Hold,
    Ask,
}

fn step() -> impl Strategy<Value = Step> {
    let units = prop_oneof![Just(PAISE), 1..2 * PAISE];
    prop_oneof![
        2 => units.clone().prop_map(Step::Capture),
        3 => units.clone().prop_map(Step::GiveBack),
        3 => units.prop_map(Step::Refund),
        3 => any::<bool>().prop_map(Step::End),
        1 => Just(Step::Hold),
        5 => Just(Step::Ask),
    ]
}

async fn play(exact: bool, steps: Vec<Step>) {
    let mut desk = Desk::open(exact).await;
    let mut waiting = Vec::new();
    for step in steps {
        match step {
            Step::Capture(units) => desk.taken += units,
            Step::GiveBack(units) => desk.elsewhere += units.min(desk.taken - desk.elsewhere - desk.through_us),
            Step::Refund(units) => waiting.extend(desk.refunds(units).await),
            Step::End(done) => {
                if let Some(refund) = waiting.pop() {
                    desk.ends(refund, done).await;
                }
            }
            // a parked one that is held back lies in another account than what is given back of it
            Step::Hold => desk.held = exact && !desk.held,
            Step::Ask => desk.asked().await,
        }
        assert!(desk.row.surplus_given_back <= desk.row.surplus);
    }
    // all of it is given back
    for refund in waiting {
        desk.ends(refund, false).await;
    }
    (desk.held, desk.elsewhere) = (false, desk.taken - desk.through_us);
    desk.asked().await;
    let fee = if exact { PAISE - SHARE } else { 0 };
    assert_eq!(desk.stands().await, [0, 0, 0, fee]);
    assert_eq!((desk.row.surplus_left(), desk.listed().await[0]), (Units::ZERO, 0));
    for kind in [Kind::Withheld, Kind::Refunding] {
        assert_eq!(desk.holds(Owner::Merchant, kind).await, 0, "{kind:?}");
    }
}

/// After this no further sequence is begun.
const AT_MOST: Duration = Duration::from_secs(8);

proptest! {
    // as many as the time allows
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_given_back_parked_money_ends_at_nothing(
        exact in prop::bool::weighted(0.7),
        steps in prop::collection::vec(step(), 1..16),
    ) {
        static BEGAN: OnceLock<Instant> = OnceLock::new();
        if BEGAN.get_or_init(Instant::now).elapsed() < AT_MOST {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(play(exact, steps));
        }
    }
}
