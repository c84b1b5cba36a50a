//! Funds and payments beside what is settled: coins that come, or leave their chain again, euros that go to cards, or come back.

use domain::Time;
use domain::card::CardNumber;
use domain::ledger::house;
use domain::payment::{Finality, OnChain};
use domain::rate::Quote;

use super::*;
use crate::app::acts::Actor;
use crate::app::funds::{self as funds_case, verify};
use crate::app::payouts::{NewPayment, SendFailed, send};
use crate::app::treasury::moves;
use crate::store::funds::{self, FundRow, State as FundState};
use crate::store::payouts::{self, PayoutRow};
use crate::store::treasury_moves::{self, Direction, MoveRow};
use crate::wire::payout::request::{AddFund, SendPayment};

/// What became of a payment.
#[derive(Debug, Clone, Copy)]
pub enum Paid {
    Sent,
    Arrived,
    Declined,
    CameBack,
}

pub fn hash(nth: u64) -> String {
    format!("0x{nth:064x}")
}

impl Desk {
    /// A dollar is so many thousandths of a euro.
    pub fn euro(&self, thousandths: i64) {
        let price = rust_decimal::Decimal::new(thousandths, 3);
        self.app.rates.quote("USD/EUR", Quote { source: "the test".into(), price, at: self.app.now() });
    }

    /// The merchant names a transaction; nothing if the gateway does not take it.
    pub async fn reports(&self, nth: u64, units: u128) -> Option<i64> {
        let request = AddFund { asset: COIN.into(), units, tx_hash: hash(nth), merchant_data: None };
        let number = funds_case::add(&self.app, self.merchant.clone(), request, None).await.ok();
        self.audited().await;
        number
    }

    /// Coins come to the treasury, in block `block`: seen, not final.
    pub async fn come(&self, nth: u64, units: u128, block: u64) {
        let now = self.app.now();
        // a block that takes another one's place is another block
        let made = self.app.store.read(treasury_moves::count_all).await.unwrap();
        let row = MoveRow {
            on_chain: OnChain {
                chain: "polygon".into(),
                tx_hash: hash(nth),
                log_index: 0,
                block_number: block,
                block_hash: hash(1_000_000 + u64::try_from(made).unwrap()),
                block_time: now,
            },
            wallet: alloy_primitives::Address::repeat_byte(7).to_string(),
            direction: Direction::In,
            counterparty: alloy_primitives::Address::repeat_byte(8).to_string(),
            asset: COIN.into(),
            units: Units(units),
            finality: Finality::Seen,
            round: 0,
            transfer: None,
            claimed_by: None,
            fund_number: None,
            internal: false,
            seen_at: now,
        };
        self.app.store.write(move |tx| treasury_moves::insert(tx, &row)).await.unwrap();
        self.audited().await;
    }

    /// Whatever was seen is final, as the watcher of the chain would say.
    pub async fn finish(&self) {
        let now = self.app.now();
        let finished = self.app.store.write(move |tx| {
            for mut row in treasury_moves::seen(tx, "polygon", u64::MAX >> 1)? {
                (row.finality, row.round) = (Finality::Final, row.round + 1);
                let entry = domain::treasury_books::received(&moves::moved(&row), now);
                ledger::enter(tx, &house(), &entry.map_err(|error| StoreError::Inconsistent(error.to_string()))?)?;
                treasury_moves::update(tx, &row)?;
            }
            Ok::<_, StoreError>(())
        });
        finished.await.unwrap();
        self.audited().await;
    }

    /// The chain parts after block `back_to`.
    pub async fn parts(&self, back_to: u64) {
        let app = self.app.clone();
        let parted = self.app.store.write(move |tx| moves::reverse_above(&app, tx, "polygon", back_to, app.now()));
        parted.await.unwrap();
        self.audited().await;
    }

    /// The gateway looks for its funds.
    pub async fn looks(&self) {
        let mut lanes = verify::lanes();
        loop {
            let began = verify::look(&self.app, &mut lanes).await.unwrap();
            lanes.drain().await;
            if began == 0 {
                break;
            }
        }
        self.audited().await;
    }

    pub async fn pays(&self, minor: u128) -> Result<(), SendFailed> {
        let request = SendPayment {
            minor,
            first_name: "john".into(),
            last_name: "smith".into(),
            expiry: "04/2025".into(),
            shown: "4242XXXXXXXX4242".into(),
            merchant_data: None,
        };
        let card = CardNumber::parse("4242424242424242").unwrap();
        let new = NewPayment { request, card, idempotency: None, asked_by: Actor("api:key 1234…".into()) };
        let sent = send(&self.app, self.merchant.clone(), new).await.map(|_| ());
        self.audited().await;
        sent
    }

    pub async fn funds(&self) -> Vec<FundRow> {
        self.app.store.read(|tx| funds::after(tx, &self.merchant.id, 0)).await.unwrap()
    }

    pub async fn payouts(&self) -> Vec<PayoutRow> {
        self.app.store.read(|tx| payouts::after(tx, &self.merchant.id, 0)).await.unwrap()
    }

    /// The processor's word about a payment; nothing if that cannot follow.
    pub async fn hears(&self, payout: &PayoutRow, paid: Paid) {
        let (app, merchant, id) = (self.app.clone(), self.merchant.id.clone(), payout.transfer_id.clone());
        let heard = self.app.store.write(move |tx| {
            let (mut row, now) = (transfers::existing(tx, &merchant, &id)?, app.now());
            match paid {
                Paid::Sent if row.state == TransferState::Reserved => {
                    transfer_case::become_(&mut row, TransferState::Sending, now);
                    transfers::update(tx, &mut row)
                }
                Paid::Sent => Ok(()),
                Paid::Arrived => transfer_case::arrived(&app, tx, &mut row, now),
                Paid::Declined if row.state == TransferState::Done => Ok(()),
                Paid::Declined => {
                    transfer_case::ended(&app, tx, &mut row, TransferState::Failed, "Card declined by the issuer", now)
                }
                Paid::CameBack => transfer_case::returned(&app, tx, &mut row, "The card's bank sent it back", now),
            }
        });
        heard.await.unwrap();
        self.audited().await;
    }

    /// A refund that had arrived comes back.
    pub async fn refund_comes_back(&self, nth: usize) {
        let (app, id) = (self.app.clone(), self.merchant.id.clone());
        let back = self.app.store.write(move |tx| {
            let is_given =
                |row: &TransferRow| row.kind == TransferKind::ChargeRefund && row.state == TransferState::Done;
            match transfers::after(tx, &id, "")?.into_iter().filter(is_given).nth(nth) {
                Some(mut row) => {
                    transfer_case::returned(&app, tx, &mut row, "The payer's bank sent it back", app.now())
                }
                None => Ok(()),
            }
        });
        back.await.unwrap();
        self.audited().await;
    }

    /// By the rows alone, without the ledger: what merchants were given in euros, less what reached cards, is what the accounts hold; and
    /// every coin that came and stayed is in the treasury, but for those that settled card money.
    pub async fn nothing_is_lost(&self) {
        let sum = |units: Vec<Units>| units.iter().map(|units| units.0).sum::<u128>();
        let funds = self.funds().await;
        let given = sum(funds.iter().filter(|row| row.state == FundState::Success).map(FundRow::net).collect());
        let payouts = self.payouts().await;
        let paid = sum(payouts.iter().filter(|row| row.state == FundState::Success).map(|row| row.minor).collect());
        let set_aside =
            sum(payouts.iter().filter(|row| row.state == FundState::Pending).map(|row| row.minor).collect());
        let (free, held, debt) = (
            self.held(Kind::Funds, "EUR").await,
            self.held(Kind::Paying, "EUR").await,
            self.held(Kind::Debt, "EUR").await,
        );
        assert_eq!(held, set_aside, "what is set aside for payments");
        assert_eq!(free + held + paid, given + debt, "euros");
        let (merchant, mut treasury) = (self.merchant.id.clone(), 0i128);
        let signed = |units: Units| i128::try_from(units.0).unwrap();
        for book in [merchant, house()] {
            for row in self.app.store.read(|tx| ledger::accounts(tx, &book)).await.unwrap() {
                if row.account.kind == Kind::Treasury && row.account.asset == COIN {
                    treasury += signed(row.debit) - signed(row.credit);
                }
            }
        }
        let came = self.app.store.read(|tx| {
            let mut came = 0i128;
            for (chain, hash) in treasury_moves::txs_after(tx, "", "")? {
                let rows = treasury_moves::of_tx(tx, &chain, &hash)?;
                came += rows
                    .iter()
                    .filter(|row| row.finality == Finality::Final)
                    .map(|row| signed(row.units))
                    .sum::<i128>();
            }
            Ok::<_, StoreError>(came)
        });
        let mut settled = 0i128;
        for row in self.settlements().await.into_iter().filter(|row| row.state == State::Done) {
            let transfer =
                self.app.store.read(|tx| transfers::existing(tx, &row.merchant_id, &row.transfer_id)).await.unwrap();
            settled += signed(transfer.units);
        }
        assert_eq!(treasury, came.await.unwrap() - settled, "coins");
    }
}

#[tokio::test]
async fn a_rate_holds_for_an_hour_only() {
    let desk = Desk::open(terms(Schedule::Daily)).await;
    let row = async |desk: &Desk, nth: usize| desk.funds().await[nth].clone();
    assert_eq!(desk.reports(1, 100_000_000).await, None, "no rate, no fund");
    desk.euro(920);
    let minute = 60_000;
    // three reports of 100 USDC; the first comes at once, the second in time, the third too late, and the dollar rises
    for nth in 1..=3 {
        desk.reports(nth, 100_000_000).await.unwrap();
    }
    desk.come(1, 100_000_000, 1).await;
    desk.app.clock.advance(60 * minute);
    desk.come(2, 100_000_000, 2).await;
    desk.app.clock.advance(1);
    desk.come(3, 100_000_000, 3).await;
    desk.euro(950);
    desk.finish().await;
    desk.looks().await;
    let prices =
        [row(&desk, 0).await, row(&desk, 1).await, row(&desk, 2).await].map(|row| (row.rate.price, row.left.0));
    assert_eq!(prices, [("0.92".into(), 9_200), ("0.92".into(), 9_200), ("0.95".into(), 9_500)]);
    // too late, and no rate at that moment: it waits for one
    desk.reports(4, 100_000_000).await.unwrap();
    desk.app.clock.advance(6 * 3_600_000);
    desk.come(4, 100_000_000, 4).await;
    desk.finish().await;
    desk.app.clock.advance(5 * u64::try_from(DAY).unwrap());
    desk.looks().await;
    assert_eq!(row(&desk, 3).await.state, FundState::Pending);
    desk.euro(900);
    desk.app.clock.advance(minute);
    desk.looks().await;
    let late = row(&desk, 3).await;
    assert_eq!((late.state, late.rate.price.as_str(), late.left), (FundState::Success, "0.9", Units(9_000)));
    assert_eq!(late.rate.at, Time(desk.app.now().0 - 60_000));
    desk.nothing_is_lost().await;
}

#[tokio::test]
async fn what_left_the_chain_after_it_was_paid_out_is_a_debt() {
    let desk = Desk::open(terms(Schedule::Daily)).await;
    crate::app::testing::pays_out(&desk.app, &desk.merchant, None).await;
    desk.euro(920);
    for nth in [1, 2] {
        desk.reports(nth, 100_000_000).await.unwrap();
        desk.come(nth, 100_000_000, nth).await;
    }
    desk.finish().await;
    desk.looks().await;
    desk.pays(15_000).await.unwrap();
    let payout = desk.payouts().await.remove(0);
    desk.hears(&payout, Paid::Sent).await;
    desk.hears(&payout, Paid::Arrived).await;
    // 184 EUR came, 150 are gone, and the second 92 were never there
    desk.parts(1).await;
    assert_eq!((desk.held(Kind::Funds, "EUR").await, desk.held(Kind::Debt, "EUR").await), (0, 5_800));
    let lost = desk.funds().await.remove(1);
    assert_eq!(lost.failed_reason.as_deref(), Some("The transaction left the chain after it was credited"));
    assert!(matches!(desk.pays(1).await, Err(SendFailed::Insufficient)));
    desk.nothing_is_lost().await;
    // the card's bank sends the payment back: first the debt is paid
    desk.hears(&payout, Paid::CameBack).await;
    assert_eq!((desk.held(Kind::Funds, "EUR").await, desk.held(Kind::Debt, "EUR").await), (9_200, 0));
    let back = desk.payouts().await.remove(0);
    assert_eq!((back.state, back.failed_reason.as_deref()), (FundState::Failed, Some("The card's bank sent it back")));
    desk.nothing_is_lost().await;
}
