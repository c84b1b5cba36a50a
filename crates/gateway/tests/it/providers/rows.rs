//! The gateway's database, beside the running gateway.

use domain::MerchantId;
use gateway::app::charges::refunds;
use gateway::store::charges::{self, ChargeRow};
use gateway::store::disputes::{self, DisputeRow};
use gateway::store::transfers::{self, TransferRow};
use gateway::store::{Store, StoreError, merchants};

use super::payer::Invoice;
use super::psp::now;
use super::shop::Shop;

pub struct Rows {
    store: Store,
    merchant: MerchantId,
}

impl Rows {
    pub async fn of(shop: &Shop) -> Rows {
        let store = Store::open(&gateway::store::Database::of(&shop.dir.join("data")).unwrap()).unwrap();
        let merchant = store.read(|tx| merchants::by_number(tx, 1)).await.unwrap().unwrap().id;
        Rows { store, merchant }
    }

    pub async fn charges(&self, invoice: &Invoice) -> Vec<ChargeRow> {
        self.store.read(|tx| charges::of_invoice(tx, &self.merchant, invoice.id)).await.unwrap()
    }

    /// The gateway's clock cannot be moved: everything about an invoice's charges happened so long ago instead, and is due. Only
    /// while no gateway runs.
    pub async fn age(&self, invoice: &Invoice, millis: i64) {
        let (merchant, number) = (self.merchant.clone(), invoice.id);
        let aged = self.store.write(move |tx| {
            for mut row in charges::of_invoice(tx, &merchant, number)? {
                row.changed_at = row.changed_at.plus(-millis);
                row.due_at = Some(row.changed_at);
                charges::update(tx, &mut row)?;
                for mut refund in refunds::of_charge(tx, &merchant, &row.charge.id)? {
                    refund.changed_at = refund.changed_at.plus(-millis);
                    refund.due_at = refund.due_at.map(|_| refund.changed_at);
                    refund.sent_at = refund.sent_at.map(|at| at.plus(-millis));
                    refund.leased_until = domain::Time(0);
                    transfers::update(tx, &mut refund)?;
                }
            }
            Ok::<_, StoreError>(())
        });
        aged.await.unwrap();
    }

    /// The gateway does not ask about an invoice's charges of its own accord for an hour: if it asks, somebody told it to.
    pub async fn rest(&self, invoice: &Invoice) {
        let (merchant, number) = (self.merchant.clone(), invoice.id);
        let later = domain::Time((now() + 3_600) * 1_000);
        let rested = self.store.write(move |tx| {
            for mut row in charges::of_invoice(tx, &merchant, number)? {
                row.due_at = Some(later);
                charges::update(tx, &mut row)?;
            }
            Ok::<_, StoreError>(())
        });
        rested.await.unwrap();
    }

    pub async fn refunds(&self, charge: &ChargeRow) -> Vec<TransferRow> {
        self.store.read(|tx| refunds::of_charge(tx, &self.merchant, &charge.charge.id)).await.unwrap()
    }

    pub async fn disputes(&self, charge: &ChargeRow) -> Vec<DisputeRow> {
        self.store.read(|tx| disputes::of_charge(tx, &self.merchant, &charge.charge.id)).await.unwrap()
    }
}
