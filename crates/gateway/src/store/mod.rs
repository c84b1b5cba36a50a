//! The database. Writes are synchronous closures that share commits; reads see a consistent snapshot.

pub mod archive;
pub mod attempts;
pub mod attention;
pub mod audit_log;
pub mod blocks;
pub mod chain_txs;
pub mod charges;
pub mod coin_refunds;
pub mod copy;
mod database;
pub mod deliveries;
pub mod disputes;
pub mod due;
mod error;
pub mod events;
pub mod flushes;
pub mod funds;
mod group;
mod health;
pub mod history;
pub mod idempotency;
pub mod invitations;
pub mod invoice_pages;
pub mod invoices;
mod job;
pub mod leases;
pub mod ledger;
pub mod ledger_pages;
pub mod login_failures;
pub mod mail_tokens;
pub mod mails;
pub mod memberships;
pub mod merchants;
mod migrations;
pub mod overviews;
#[cfg(test)]
mod parity_tests;
pub mod passkeys;
pub mod payer_mails;
pub mod payment_links;
pub mod payments;
pub mod payout_days;
pub mod payout_senders;
pub mod payouts;
pub mod postgres;
pub mod provider_accounts;
pub mod provider_events;
pub mod provider_payouts;
#[cfg(test)]
pub(crate) mod query_plans;
pub mod recovery_codes;
pub mod sandbox;
pub mod saved_views;
pub mod search;
pub mod sessions;
pub mod settings;
pub mod settlement_terms;
pub mod settlements;
#[cfg(test)]
mod sharding;
mod sql;
mod sqlite;
pub mod storefronts;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
pub mod transfers;
pub mod treasury_moves;
pub mod treasury_wallets;
pub mod treasury_watched;
pub(crate) mod tx;
pub mod unsigned_txs;
pub mod users;
pub mod volume;
pub mod wallet_changes;

pub use database::Database;
pub use error::{Refusal, StoreError};
pub use postgres::Line;
pub use tx::{Row, Tx, Value};

use std::sync::mpsc;

use tracing::Instrument;

use crate::telemetry::traces;

/// An open database. Cloning shares it.
#[derive(Debug, Clone)]
pub struct Store {
    queue: mpsc::SyncSender<job::Boxed>,
    readers: Readers,
    health: health::Health,
}

/// A database that has kept something so lately is not tried again to find out whether it does.
const LATELY: std::time::Duration = std::time::Duration::from_secs(5);

#[derive(Debug, Clone)]
enum Readers {
    Sqlite(sqlite::readers::Readers),
    Postgres(postgres::Readers),
}

/// Every statement of the store, by file: what the prepare test walks through.
#[cfg(test)]
const FILES: &[(&str, &[(&str, &str)])] = &[
    ("archive", archive::STATEMENTS),
    ("attention", attention::STATEMENTS),
    ("attempts", attempts::STATEMENTS),
    ("audit_log", audit_log::STATEMENTS),
    ("blocks", blocks::STATEMENTS),
    ("chain_txs", chain_txs::STATEMENTS),
    ("charges", charges::STATEMENTS),
    ("coin_refunds", coin_refunds::STATEMENTS),
    ("deliveries", deliveries::STATEMENTS),
    ("disputes", disputes::STATEMENTS),
    ("due", due::STATEMENTS),
    ("events", events::STATEMENTS),
    ("flushes", flushes::STATEMENTS),
    ("funds", funds::STATEMENTS),
    ("group", group::STATEMENTS),
    ("history", history::STATEMENTS),
    ("idempotency", idempotency::STATEMENTS),
    ("invitations", invitations::STATEMENTS),
    ("invoices", invoices::STATEMENTS),
    ("leases", leases::STATEMENTS),
    ("ledger", ledger::STATEMENTS),
    ("login_failures", login_failures::STATEMENTS),
    ("mail_tokens", mail_tokens::STATEMENTS),
    ("invoice_pages", invoice_pages::STATEMENTS),
    ("ledger_pages", ledger_pages::STATEMENTS),
    ("mails", mails::STATEMENTS),
    ("memberships", memberships::STATEMENTS),
    ("merchants", merchants::STATEMENTS),
    ("passkeys", passkeys::STATEMENTS),
    ("payer_mails", payer_mails::STATEMENTS),
    ("payment_links", payment_links::STATEMENTS),
    ("overviews", overviews::STATEMENTS),
    ("payments", payments::STATEMENTS),
    ("payout_days", payout_days::STATEMENTS),
    ("payout_senders", payout_senders::STATEMENTS),
    ("payouts", payouts::STATEMENTS),
    ("provider_accounts", provider_accounts::STATEMENTS),
    ("provider_events", provider_events::STATEMENTS),
    ("provider_payouts", provider_payouts::STATEMENTS),
    ("recovery_codes", recovery_codes::STATEMENTS),
    ("sandbox", sandbox::STATEMENTS),
    ("saved_views", saved_views::STATEMENTS),
    ("sessions", sessions::STATEMENTS),
    ("search", search::STATEMENTS),
    ("settings", settings::STATEMENTS),
    ("settlement_terms", settlement_terms::STATEMENTS),
    ("settlements", settlements::STATEMENTS),
    ("storefronts", storefronts::STATEMENTS),
    ("transfers", transfers::STATEMENTS),
    ("treasury_moves", treasury_moves::STATEMENTS),
    ("treasury_wallets", treasury_wallets::STATEMENTS),
    ("treasury_watched", treasury_watched::STATEMENTS),
    ("unsigned_txs", unsigned_txs::STATEMENTS),
    ("users", users::STATEMENTS),
    ("volume", volume::STATEMENTS),
    ("wallet_changes", wallet_changes::STATEMENTS),
];

impl Store {
    /// Opens a database, creating the file and migrating as needed.
    ///
    /// # Errors
    /// `Unusable`, in words for the operator, when the file is not a sound database of ours, or the server cannot be reached.
    pub fn open(database: &Database) -> Result<Store, StoreError> {
        let health = health::Health::default();
        match database {
            Database::File(path) => {
                let connection = sqlite::open::writer_connection(path)?;
                let queue = sqlite::writer::start(connection, health.clone());
                let queue = queue.map_err(|error| StoreError::Unusable(error.to_string()))?;
                Ok(Store { queue, readers: Readers::Sqlite(sqlite::readers::Readers::new(path)), health })
            }
            Database::Server(address) => {
                let (queue, readers) = postgres::open(address, health.clone())?;
                Ok(Store { queue, readers: Readers::Postgres(readers), health })
            }
        }
    }

    /// Whether other nodes may work on the same database.
    pub fn is_shared(&self) -> bool {
        matches!(self.readers, Readers::Postgres(_))
    }

    /// A line to the other nodes on this database; `None` where there are none: on a file.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub async fn line(&self) -> Result<Option<Line>, StoreError> {
        match &self.readers {
            Readers::Sqlite(_) => Ok(None),
            Readers::Postgres(readers) => readers.address().line().await.map(Some),
        }
    }

    /// The server's time in milliseconds since 1970, UTC, which all nodes on it share; `None` on a file, which has this machine's.
    ///
    /// # Errors
    /// When the server cannot be asked.
    pub async fn server_time(&self) -> Result<Option<i64>, StoreError> {
        match &self.readers {
            Readers::Sqlite(_) => Ok(None),
            Readers::Postgres(readers) => readers.read(postgres::time).await.map(Some),
        }
    }

    /// Runs `write` in a transaction; the answer comes after the commit is durable. The closure cannot await,
    /// so it cannot make a network call inside the transaction. It may be run more than once: only the last run counts.
    pub async fn write<W, T, E>(&self, write: W) -> Result<T, E>
    where
        W: FnOnce(&Tx<'_>) -> Result<T, E> + Clone + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let span = tracing::info_span!("commit", use_case = traces::use_case::<W>());
        let work = async {
            let (job, answer) = job::job(write);
            self.enqueue(job).await?;
            answer.await.unwrap_or(Err(StoreError::Closed.into()))
        };
        work.instrument(span).await
    }

    /// Waits for room in the queue without blocking the runtime's thread.
    async fn enqueue(&self, mut job: job::Boxed) -> Result<(), StoreError> {
        loop {
            match self.queue.try_send(job) {
                Ok(()) => return Ok(()),
                Err(mpsc::TrySendError::Disconnected(_)) => return Err(StoreError::Closed),
                Err(mpsc::TrySendError::Full(back)) => job = back,
            }
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    }

    /// Whether it can be read, and keeps what it is given: tried with a small write, unless it has kept something lately.
    ///
    /// # Errors
    /// When it does not.
    pub async fn works(&self) -> Result<(), StoreError> {
        self.read(|tx| settings::get(tx, "page_key").map(|_| ())).await?;
        if self.health.is_known_good(LATELY) {
            return Ok(());
        }
        self.write(|tx| settings::put(tx, "last_tried", "")).await
    }

    /// Runs `read` on a consistent snapshot. It may be run more than once.
    pub async fn read<T, E>(&self, read: impl FnOnce(&Tx<'_>) -> Result<T, E> + Clone) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        match &self.readers {
            Readers::Sqlite(readers) => readers.read(read),
            Readers::Postgres(readers) => readers.read(read).await,
        }
    }
}
