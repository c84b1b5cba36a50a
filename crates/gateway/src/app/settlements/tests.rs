//! Card and UPI money comes, is given back, disputed, settled, in the order of the test or at random. After each step the auditor must
//! find nothing.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use domain::asset::{Asset, Kind as AssetKind};
use domain::charge::{Charge, Method, Money, Settle, State as ChargeState};
use domain::fee::BasisPoints;
use domain::invoice::State as InvoiceState;
use domain::ledger::{Kind, Owner};
use domain::merchant::{Merchant, Wallet};
use domain::settlement::{Schedule, Terms};
use domain::time::DAY;
use domain::transfer::{Kind as TransferKind, State as TransferState};
use domain::{AccountId, ChargeId, MerchantId, Units};
use rails::provider::{Answer, Device, DisputeSeen, DisputeState, Memory, Outcome, Proof};

use super::statement::statement;
use crate::app::charges::{disputes::record as record_disputes, record};
use crate::app::invoices::{NewInvoice, create};
use crate::app::merchants::{NewMerchant, Office};
use crate::app::rates::RateBook;
use crate::app::transfers::{NewTransfer, Rail};
use crate::app::{App, CardIntake, SharedApp, Wake, audit, settlements, transfers as transfer_case};
use crate::clock::Clock;
use crate::net::{guard::Policy, plain};
use crate::random::Random;
use crate::secrets::MasterKey;
use crate::store::charges::{self, ChargeRow};
use crate::store::settlement_terms::{self, TermsRow};
use crate::store::settlements::{ReserveState, SettlementRow, State};
use crate::store::transfers::TransferRow;
use crate::store::{Store, StoreError, invoices, ledger, transfers};
use crate::wire::create::{CreateRequest, Devise, Flow};

mod random;

const COIN: &str = "USDC_polygon";
/// Coins for an invoice over 10.00 USD, and the rupees its payer is charged.
const COINS: u128 = 10_000_000;
const PAISE: u128 = 85_000;
/// The merchant's of it, after a fee of 2 %.
const SHARE: u128 = 83_300;

struct Desk {
    app: SharedApp,
    merchant: Merchant,
}

fn asset() -> Asset {
    Asset {
        code: COIN.into(),
        symbol: "USDC".into(),
        chain: "polygon".into(),
        name: "USD Coin".into(),
        kind: AssetKind::Token([0x70; 20]),
        decimals: 6,
        at_par: true,
        payable: true,
        aliases: Vec::new(),
    }
}

/// A gateway without anything running, its clock a little after noon.
fn gateway() -> SharedApp {
    static GATEWAYS: AtomicU32 = AtomicU32::new(0);
    let nth = GATEWAYS.fetch_add(1, Ordering::Relaxed);
    let dir = std::env::temp_dir().join(format!("lockgate-settlements-{}-{nth}", std::process::id()));
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).unwrap();
    Arc::new(App {
        store: Store::open(&dir.join("lockgate.db")).unwrap(),
        clock: Clock::manual(19_675 * DAY + DAY / 2),
        random: Random::seeded(7),
        master_key: MasterKey::new([1; 32]),
        policy: Policy::Sandbox,
        sandbox: true,
        base_url: "http://127.0.0.1".into(),
        assets: vec![asset()],
        chains: HashMap::new(),
        rates: RateBook::default(),
        providers: crate::app::providers::Providers::new(plain::client().unwrap()),
        cards: CardIntake::ProviderOnly,
        settlement_coin: Some(COIN.into()),
        page_key: [3; 32],
        wake: Wake::default(),
    })
}

async fn merchant(app: &SharedApp, wallet: Wallet) -> Merchant {
    let office = Office { clock: app.clock.clone(), random: app.random.clone(), master_key: app.master_key.clone() };
    let new = NewMerchant {
        name: "Shop".into(),
        email: "shop@example.com".into(),
        wallet,
        fee: BasisPoints::new(200).unwrap(),
        min_amount: Units(1),
        max_amount: Units(1_000_000),
        s2s: true,
        callback_url: None,
    };
    app.store.write(move |tx| office.create(tx, new)).await.unwrap().0
}

fn wallet(byte: u8) -> Wallet {
    Wallet::Active(alloy_primitives::Address::repeat_byte(byte).to_string())
}

impl Desk {
    async fn open(terms: Terms) -> Desk {
        let app = gateway();
        let merchant = merchant(&app, wallet(1)).await;
        let desk = Desk { app, merchant };
        desk.agree(terms).await;
        desk
    }

    async fn agree(&self, terms: Terms) {
        let id = self.merchant.id.clone();
        self.app.store.write(move |tx| settlement_terms::put(tx, &id, &TermsRow { terms, last_day: 0 })).await.unwrap();
    }

    /// An invoice over 10.00 USD, and a charge of it that is paid.
    async fn paid(&self) -> ChargeRow {
        self.paid_to(Owner::Operator).await
    }

    async fn paid_to(&self, owner: Owner) -> ChargeRow {
        let request = CreateRequest {
            flow: Flow::Hosted { only: None, payable_currency: None },
            email: "a@example.com".into(),
            amount_minor: 1_000,
            devise: Devise::Usd,
            name: None,
            phone: None,
            customer_ip: None,
            country: None,
            personal_id: None,
            billing: None,
            success_url: None,
            cancel_url: None,
            pending_url: None,
            failure_url: None,
            callback_json: None,
            solution_name: None,
        };
        let new = NewInvoice { request, asset: None, solution: None, direct: false, card: None, idempotency: None };
        create(&self.app, self.merchant.clone(), new).await.unwrap();
        let (app, merchant) = (self.app.clone(), self.merchant.clone());
        let row = self.app.store.write(move |tx| {
            let now = app.now();
            let invoice_number = invoices::latest_number(tx, &merchant.id)?.unwrap_or(0);
            let asked = Money { units: Units(PAISE), currency: "INR".into() };
            let charge = Charge {
                id: ChargeId::new(app.ulid()),
                account_id: AccountId::new(ulid::Ulid(9)),
                owner,
                provider: "sandbox_upi".into(),
                method: Method::Upi,
                asked: asked.clone(),
                due_minor: Units(1_000),
                rate: None,
                settle: (owner == Owner::Operator).then(|| Settle { asset: COIN.into(), units: Units(COINS) }),
                fee: merchant.fee,
                created_at: now,
                expires_at: now.plus(DAY),
                state: ChargeState::Created,
                received: None,
                placement: None,
                held: false,
                round: 0,
            };
            let mut row = ChargeRow {
                merchant_id: merchant.id.clone(),
                invoice_number,
                charge,
                device: Device::Other,
                decline: None,
                note: None,
                reference: None,
                memory: Memory::new(),
                todo: None,
                rrn: None,
                claimed_rrn: None,
                card: None,
                holds: 0,
                refunded_elsewhere: Units::ZERO,
                surplus: Units::ZERO,
                changed_at: now,
                due_at: None,
                asked: 0,
                version: 1,
            };
            charges::insert(tx, &row)?;
            record::confirmed(&app, tx, &mut row, asked, now)?;
            Ok::<_, StoreError>(row)
        });
        let row = row.await.unwrap();
        self.audited().await;
        row
    }

    /// The provider says what became of a charge.
    async fn says(&self, charge: &ChargeRow, held: bool, reversed: bool) {
        let (app, merchant, id) = (self.app.clone(), self.merchant.id.clone(), charge.charge.id.clone());
        let written = self.app.store.write(move |tx| {
            let mut row = charges::existing(tx, &merchant, &id)?;
            let proof = Proof {
                amount: Units(PAISE),
                currency: "INR".into(),
                rrn: None,
                card: None,
                held,
                reversed,
                refunded: None,
            };
            let answer = Answer { reference: None, memory: Memory::new(), outcome: Outcome::Final(Box::new(proof)) };
            let now = app.now();
            record::answer(&app, tx, &mut row, answer, record::Asked::Sync, now)
        });
        written.await.unwrap();
        self.audited().await;
    }

    /// A refund is set aside; nothing if there is not so much left.
    async fn refund(&self, charge: &ChargeRow, units: u128) -> Option<TransferRow> {
        let (app, merchant, id) = (self.app.clone(), self.merchant.id.clone(), charge.charge.id.clone());
        let made = self.app.store.write(move |tx| {
            let row = charges::existing(tx, &merchant, &id)?;
            if Units(units) > crate::app::charges::refunds::refundable(tx, &row)? {
                return Ok(None);
            }
            let new = NewTransfer {
                merchant,
                kind: TransferKind::ChargeRefund,
                subject: id.to_string(),
                invoice_number: Some(row.invoice_number),
                taken_from: Kind::Payable,
                asset: "INR".into(),
                units: Units(units),
                rail: Rail::Account(row.charge.account_id),
                destination: "the payer's UPI account".into(),
                needs_approval: false,
            };
            transfer_case::reserve(&app, tx, new).map(Some)
        });
        let made = made.await.unwrap();
        self.audited().await;
        made
    }

    async fn end_refund(&self, refund: TransferRow, done: bool) {
        let app = self.app.clone();
        let ended = self.app.store.write(move |tx| {
            let (mut row, now) = (refund, app.now());
            match done {
                true => transfer_case::arrived(&app, tx, &mut row, now),
                false => transfer_case::ended(&app, tx, &mut row, TransferState::Failed, "refused", now),
            }
        });
        ended.await.unwrap();
        self.audited().await;
    }

    async fn dispute(&self, charge: &ChargeRow, state: DisputeState) {
        let seen = DisputeSeen {
            reference: format!("dp-{}", charge.charge.id),
            amount: Units(PAISE),
            currency: "INR".into(),
            state,
        };
        record_disputes(&self.app, charge, vec![seen]).await.unwrap();
        self.audited().await;
    }

    async fn settle_due(&self) -> usize {
        let made = settlements::settle_due(&self.app).await.unwrap();
        self.audited().await;
        made
    }

    async fn settlements(&self) -> Vec<SettlementRow> {
        let id = &self.merchant.id;
        self.app.store.read(|tx| crate::store::settlements::after(tx, id, 0)).await.unwrap()
    }

    /// The transfer of a settlement moves on, as the chain says.
    async fn transfer(&self, settlement: &SettlementRow, to: TransferState) {
        let (app, row) = (self.app.clone(), settlement.clone());
        let moved = self.app.store.write(move |tx| {
            let (mut transfer, now) = (transfers::existing(tx, &row.merchant_id, &row.transfer_id)?, app.now());
            match to {
                TransferState::Done => {
                    transfer.tx_hash = Some(format!("0x{:064x}", row.number * 100 + i64::from(transfer.round)));
                    transfer_case::arrived(&app, tx, &mut transfer, now)
                }
                TransferState::Pending => transfer_case::taken_back(&app, tx, &mut transfer, now),
                end => transfer_case::ended(&app, tx, &mut transfer, end, "as the test says", now),
            }
        });
        moved.await.unwrap();
    }

    async fn arrive(&self) {
        for row in self.settlements().await {
            if row.state == State::UnderWay {
                self.transfer(&row, TransferState::Done).await;
            }
        }
        self.audited().await;
    }

    /// What the merchant's account holds: above zero on its normal side.
    async fn held(&self, kind: Kind, asset: &str) -> u128 {
        let id = &self.merchant.id;
        let rows = self.app.store.read(|tx| ledger::accounts(tx, id)).await.unwrap();
        let found = rows.into_iter().find(|row| row.account.kind == kind && row.account.asset == asset);
        found.map_or(0, |row| row.debit.0.abs_diff(row.credit.0))
    }

    async fn state(&self, charge: &ChargeRow) -> (InvoiceState, Option<String>) {
        let (id, number) = (&self.merchant.id, charge.invoice_number);
        let row = self.app.store.read(|tx| invoices::existing(tx, id, number)).await.unwrap();
        (row.invoice.state, row.settle_tx_hash)
    }

    async fn audited(&self) {
        let report = self.app.store.read(audit::audit).await.unwrap();
        assert!(report.findings.is_empty(), "the auditor: {:?}", report.findings);
        let id = &self.merchant.id;
        for row in self.settlements().await {
            let proven = self.app.store.read(|tx| statement(tx, id, row.number)).await.unwrap();
            assert_eq!(proven.settlement, row);
        }
    }

    fn days(&self, days: u64) {
        self.app.clock.advance(days * u64::try_from(DAY).unwrap());
    }
}

fn terms(schedule: Schedule) -> Terms {
    Terms { schedule, ..Terms::default() }
}

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
    desk.arrive().await;
    assert_eq!(desk.held(Kind::Payable, "INR").await, 0);
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
