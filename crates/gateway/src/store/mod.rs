//! The database. Writes are synchronous closures that share commits; reads see a consistent snapshot.

pub mod attempts;
pub mod audit_log;
pub mod blocks;
pub mod chain_txs;
pub mod charges;
pub mod coin_refunds;
pub mod deliveries;
pub mod disputes;
pub mod events;
pub mod flushes;
pub mod funds;
pub mod history;
pub mod idempotency;
pub mod invoices;
pub mod ledger;
pub mod mails;
pub mod merchants;
mod open;
pub mod payments;
pub mod payout_days;
pub mod payout_senders;
pub mod payouts;
pub mod provider_accounts;
pub mod provider_events;
pub mod provider_payouts;
mod readers;
pub mod sandbox;
pub mod settings;
pub mod settlement_terms;
pub mod settlements;
#[cfg(test)]
mod tests;
pub mod transfers;
pub mod treasury_moves;
pub mod treasury_wallets;
pub mod treasury_watched;
pub(crate) mod tx;
pub mod unsigned_txs;
pub mod wallet_changes;
mod writer;

pub use open::{backup, check_whole, migrate};
pub use tx::{Row, StoreError, Tx, Value};

use std::path::Path;

/// An open database. Cloning shares it.
#[derive(Debug, Clone)]
pub struct Store {
    writer: writer::Writer,
    readers: readers::Readers,
}

/// Every statement of the store, by file: what the prepare test walks through.
#[cfg(test)]
const FILES: &[(&str, &[(&str, &str)])] = &[
    ("attempts", attempts::STATEMENTS),
    ("audit_log", audit_log::STATEMENTS),
    ("blocks", blocks::STATEMENTS),
    ("chain_txs", chain_txs::STATEMENTS),
    ("charges", charges::STATEMENTS),
    ("coin_refunds", coin_refunds::STATEMENTS),
    ("deliveries", deliveries::STATEMENTS),
    ("disputes", disputes::STATEMENTS),
    ("events", events::STATEMENTS),
    ("flushes", flushes::STATEMENTS),
    ("funds", funds::STATEMENTS),
    ("history", history::STATEMENTS),
    ("idempotency", idempotency::STATEMENTS),
    ("invoices", invoices::STATEMENTS),
    ("ledger", ledger::STATEMENTS),
    ("mails", mails::STATEMENTS),
    ("merchants", merchants::STATEMENTS),
    ("payments", payments::STATEMENTS),
    ("payout_days", payout_days::STATEMENTS),
    ("payout_senders", payout_senders::STATEMENTS),
    ("payouts", payouts::STATEMENTS),
    ("provider_accounts", provider_accounts::STATEMENTS),
    ("provider_events", provider_events::STATEMENTS),
    ("provider_payouts", provider_payouts::STATEMENTS),
    ("sandbox", sandbox::STATEMENTS),
    ("settings", settings::STATEMENTS),
    ("settlement_terms", settlement_terms::STATEMENTS),
    ("settlements", settlements::STATEMENTS),
    ("transfers", transfers::STATEMENTS),
    ("treasury_moves", treasury_moves::STATEMENTS),
    ("treasury_wallets", treasury_wallets::STATEMENTS),
    ("treasury_watched", treasury_watched::STATEMENTS),
    ("unsigned_txs", unsigned_txs::STATEMENTS),
    ("wallet_changes", wallet_changes::STATEMENTS),
];

impl Store {
    /// Opens the database file at `path`, creating and migrating it as needed.
    ///
    /// # Errors
    /// `Unusable`, in words for the operator, when the file is not a sound database of ours.
    pub fn open(path: &Path) -> Result<Store, StoreError> {
        let connection = open::writer_connection(path)?;
        let (writer, _thread) =
            writer::Writer::start(connection).map_err(|error| StoreError::Unusable(error.to_string()))?;
        Ok(Store { writer, readers: readers::Readers::new(path) })
    }

    /// Runs `write` in a transaction; the answer comes after the commit is durable. The closure cannot await,
    /// so it cannot make a network call inside the transaction.
    pub async fn write<T, E>(&self, write: impl FnOnce(&Tx<'_>) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.writer.write(write).await
    }

    /// Runs `read` on a consistent snapshot.
    pub async fn read<T, E>(&self, read: impl FnOnce(&Tx<'_>) -> Result<T, E>) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        self.readers.read(read)
    }
}
