//! The sandbox's database, read beside the running program by the program's own library.

use std::path::Path;

use domain::MerchantId;
use gateway::store::deliveries::{self, DeliveryRow};
use gateway::store::events::{self, EventRow};
use gateway::store::payments::{self, PaymentRow};
use gateway::store::{Store, StoreError, merchants};

#[derive(Debug)]
pub struct Database {
    pub store: Store,
    pub merchant: MerchantId,
}

impl Database {
    pub(super) fn of(dir: &Path) -> Database {
        let store = Store::open(&dir.join("lockgate.db")).unwrap();
        let merchant = futures_util::future::FutureExt::now_or_never(store.read(|tx| merchants::by_number(tx, 1)));
        let merchant: Result<_, StoreError> = merchant.unwrap();
        Database { store, merchant: merchant.unwrap().unwrap().id }
    }

    pub async fn events(&self, invoice: i64) -> Vec<EventRow> {
        self.store.read(|tx| events::of_invoice(tx, &self.merchant, invoice)).await.unwrap()
    }

    pub async fn deliveries(&self, invoice: i64) -> Vec<DeliveryRow> {
        self.store.read(|tx| deliveries::of_invoice(tx, &self.merchant, invoice)).await.unwrap()
    }

    pub async fn payments(&self, invoice: i64) -> Vec<PaymentRow> {
        self.store.read(|tx| payments::of_invoice(tx, &self.merchant, invoice)).await.unwrap()
    }
}
