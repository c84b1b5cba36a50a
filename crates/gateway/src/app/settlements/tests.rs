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
use crate::app::invoices::create;
use crate::app::merchants::{NewMerchant, Office};
use crate::app::rates::RateBook;
use crate::app::testing::new_invoice;
use crate::app::transfers::{NewTransfer, Rail};
use crate::app::{App, CardIntake, SharedApp, Wake, audit, settlements, transfers as transfer_case};
use crate::clock::Clock;
use crate::net::{guard::Policy, plain};
use crate::random::Random;
use crate::secrets::MasterKey;
use crate::store::charges::{self, ChargeRow};
use crate::store::provider_accounts::{self, AccountRow};
use crate::store::settlement_terms::{self, TermsRow};
use crate::store::settlements::{ReserveState, SettlementRow, State};
use crate::store::transfers::TransferRow;
use crate::store::{StoreError, invoices, ledger, transfers};
use crate::wire::create::Devise;

mod paid_out;
mod paying;
mod processor;
mod random;
mod sequences;

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
        store: crate::store::testing::store(&dir),
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
        cards: CardIntake::Direct { check_expiry: false },
        settlement_coin: Some(COIN.into()),
        default_fee: domain::fee::BasisPoints::default(),
        operator_email: None,
        payee_wait_millis: crate::config::DEFAULT_PAYEE_WAIT_MILLIS,
        page_key: [3; 32],
        switch: None,
        wake: Wake::default(),
    })
}

/// The account at the provider whose money is the owner's.
fn account(owner: Owner) -> AccountId {
    AccountId::new(ulid::Ulid(if owner == Owner::Operator { 9 } else { 10 }))
}

async fn merchant(app: &SharedApp, wallet: Wallet) -> Merchant {
    let office = Office::of(app);
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
        let new = new_invoice("a@example.com", 1_000, Devise::Usd);
        create(&self.app, std::sync::Arc::new(self.merchant.clone()), new).await.unwrap();
        self.pays_last(owner).await
    }

    /// A charge of the latest invoice that is paid.
    async fn pays_last(&self, owner: Owner) -> ChargeRow {
        let (app, merchant) = (self.app.clone(), self.merchant.clone());
        let row = self.app.store.write(move |tx| {
            let now = app.now();
            if provider_accounts::by_id(tx, &account(owner))?.is_none() {
                let row = AccountRow {
                    id: account(owner),
                    merchant_id: (owner == Owner::Merchant).then(|| merchant.id.clone()),
                    provider: "sandbox_upi".into(),
                    method: Method::Upi,
                    owner,
                    base_url: "http://127.0.0.1:1".into(),
                    settings: "{}".into(),
                    sealed: String::new(),
                    active: true,
                    created_at: now,
                };
                provider_accounts::insert(tx, &row)?;
            }
            let invoice_number = invoices::latest_number(tx, &merchant.id)?.unwrap_or(0);
            let asked = Money { units: Units(PAISE), currency: "INR".into() };
            let charge = Charge {
                id: ChargeId::new(app.ulid()),
                account_id: account(owner),
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
            let mut row = ChargeRow::begun(merchant.id.clone(), invoice_number, charge, Device::Other);
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
            evidence_due: None,
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
