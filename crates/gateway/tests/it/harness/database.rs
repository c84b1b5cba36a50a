//! The sandbox's database, read beside the running program by the program's own library.

use std::path::Path;
use std::process::Command;

use domain::MerchantId;
use domain::charge::State;
use domain::ledger::Reason;
use gateway::app::charges::refunds;
use gateway::store::charges::{self, ChargeRow};
use gateway::store::deliveries::{self, DeliveryRow};
use gateway::store::disputes::{self, DisputeRow};
use gateway::store::events::{self, About, EventRow};
use gateway::store::payments::{self, PaymentRow};
use gateway::store::provider_events;
use gateway::store::transfers::TransferRow;
use gateway::store::{Store, StoreError, ledger, merchants, settings};

use super::wait_until;

/// What the merchant is owed in dollars, as its account stands: below zero; what is above it owes, and that stands on another account.
pub fn owed_usd(sum: i128) -> (&'static str, i128) {
    (if sum > 0 { "merchant debt USD" } else { "merchant payable USD" }, sum)
}

/// All that a data directory's database holds, as bytes to search in: the files, with what is not merged into them yet, or a dump.
pub fn contents(dir: &Path) -> Vec<u8> {
    match std::fs::read_to_string(dir.join("database.url")) {
        Ok(url) => {
            let dump = Command::new("pg_dump").args(["--data-only", "--inserts", "-d", url.trim()]).output().unwrap();
            assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
            dump.stdout
        }
        Err(_) => ["lockgate.db", "lockgate.db-wal"]
            .map(|file| std::fs::read(dir.join(file)).unwrap_or_else(|error| panic!("{file}: {error}")))
            .concat(),
    }
}

/// Changes a data directory's database behind the program's back; how many rows.
pub fn edit(dir: &Path, sql: &str) -> usize {
    match std::fs::read_to_string(dir.join("database.url")) {
        Ok(url) => {
            let said = Command::new("psql").args([url.trim(), "-Atc", sql]).output().unwrap();
            let said = String::from_utf8(said.stdout).unwrap();
            said.trim().rsplit(' ').next().and_then(|rows| rows.parse().ok()).unwrap_or_else(|| panic!("{said}"))
        }
        Err(_) => rusqlite::Connection::open(dir.join("lockgate.db")).unwrap().execute(sql, []).unwrap(),
    }
}

/// The database of a data directory that is new: on the server if the suite runs on one.
pub fn prepared(dir: &Path) -> gateway::store::Database {
    super::postgres::prepare(dir);
    gateway::store::Database::of(dir).unwrap()
}

#[derive(Debug)]
pub struct Database {
    pub store: Store,
    pub merchant: MerchantId,
}

impl Database {
    pub(super) fn of(dir: &Path) -> Database {
        let store = Store::open(&gateway::store::Database::of(dir).unwrap()).unwrap();
        let merchant = futures_util::future::FutureExt::now_or_never(store.read(|tx| merchants::by_number(tx, 1)));
        let merchant: Result<_, StoreError> = merchant.unwrap();
        Database { store, merchant: merchant.unwrap().unwrap().id }
    }

    pub async fn events(&self, invoice: i64) -> Vec<EventRow> {
        self.store.read(|tx| events::of(tx, &self.merchant, About::invoice(invoice))).await.unwrap()
    }

    pub async fn deliveries(&self, invoice: i64) -> Vec<DeliveryRow> {
        self.store.read(|tx| deliveries::of(tx, &self.merchant, About::invoice(invoice))).await.unwrap()
    }

    pub async fn payments(&self, invoice: i64) -> Vec<PaymentRow> {
        self.store.read(|tx| payments::of_invoice(tx, &self.merchant, invoice)).await.unwrap()
    }

    pub async fn charges(&self, invoice: i64) -> Vec<ChargeRow> {
        self.store.read(|tx| charges::of_invoice(tx, &self.merchant, invoice)).await.unwrap()
    }

    /// The invoice's only charge.
    pub async fn charge(&self, invoice: i64) -> ChargeRow {
        let mut all = self.charges(invoice).await;
        assert_eq!(all.len(), 1, "{all:#?}");
        all.remove(0)
    }

    /// The states of an invoice's charges, oldest first.
    pub async fn charge_states(&self, invoice: i64) -> Vec<State> {
        self.charges(invoice).await.iter().map(|row| row.charge.state).collect()
    }

    pub async fn charges_become(&self, invoice: i64, states: &[State]) {
        let what = format!("the charges of {invoice} are {states:?}");
        wait_until(&what, || self.charge_states(invoice), |seen| *seen == states).await;
    }

    pub async fn refunds(&self, invoice: i64) -> Vec<TransferRow> {
        self.of_charges(invoice, refunds::of_charge).await
    }

    pub async fn disputes(&self, invoice: i64) -> Vec<DisputeRow> {
        self.of_charges(invoice, disputes::of_charge).await
    }

    async fn of_charges<T>(
        &self,
        invoice: i64,
        read: impl Fn(&gateway::store::Tx<'_>, &MerchantId, &domain::ChargeId) -> Result<Vec<T>, StoreError>,
    ) -> Vec<T> {
        let read = |tx: &gateway::store::Tx<'_>| {
            let mut found = Vec::new();
            for row in charges::of_invoice(tx, &self.merchant, invoice)? {
                found.extend(read(tx, &self.merchant, &row.charge.id)?);
            }
            Ok::<_, StoreError>(found)
        };
        self.store.read(read).await.unwrap()
    }

    /// What the simulated acquirer knows its caller by, and what it signs its webhooks with.
    pub async fn acquirer_secrets(&self) -> [String; 2] {
        let seed = self.store.read(|tx| settings::get(tx, gateway::sandbox::SEED)).await.unwrap().unwrap();
        gateway::sandbox::acquirer::fields(seed.parse().unwrap()).map(|(_, secret)| secret.to_string())
    }

    /// Callbacks of the operator's providers that are about no charge: event, and what it is about.
    pub async fn unplaced(&self) -> Vec<(String, String)> {
        let rows = self.store.read(|tx| provider_events::unplaced(tx, None, 100)).await.unwrap();
        rows.into_iter().map(|row| (row.event_id, row.about)).collect()
    }

    /// The reasons of all entries about an invoice, in order.
    pub async fn reasons(&self, invoice: i64) -> Vec<Reason> {
        let rows = self.store.read(|tx| ledger::entries_after(tx, &self.merchant, 0)).await.unwrap();
        let of_invoice = rows.into_iter().filter(|row| row.draft.invoice_number == Some(invoice));
        of_invoice.map(|row| row.draft.reason).collect()
    }

    /// What stands on each account, debit above zero and credit below, in minor units: `operator provider USD`. Without empty ones.
    pub async fn balances(&self) -> Vec<(String, i128)> {
        let rows = self.store.read(|tx| ledger::accounts(tx, &self.merchant)).await.unwrap();
        let signed = |units: domain::Units| i128::try_from(units.0).unwrap();
        let mut all: Vec<(String, i128)> = rows
            .iter()
            .map(|row| {
                let account = &row.account;
                let name = format!("{} {} {}", account.owner.name(), account.kind.name(), account.asset);
                (name, signed(row.debit) - signed(row.credit))
            })
            .filter(|(_, balance)| *balance != 0)
            .collect();
        all.sort();
        all
    }

    /// The accounts hold this and nothing else.
    pub async fn assert_balances(&self, expected: &[(&str, i128)]) {
        let mut expected: Vec<(String, i128)> = expected.iter().map(|(name, sum)| ((*name).to_owned(), *sum)).collect();
        expected.sort();
        assert_eq!(self.balances().await, expected);
    }
}
