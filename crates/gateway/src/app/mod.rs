//! Use cases: each is one decision in one transaction. Handlers and workers call these; nothing here knows of HTTP.

pub mod accounts;
pub mod acts;
pub mod announcement;
pub mod archive;
pub mod attempts;
pub mod audit;
mod audit_charges;
mod audit_coin_refunds;
mod audit_events;
mod audit_invoices;
pub mod audit_job;
mod audit_payouts;
mod audit_provider_payouts;
mod audit_settlements;
mod audit_transfers;
mod audit_treasury;
pub mod balances;
pub mod branding;
pub mod callback_test;
pub mod chains;
pub mod charges;
pub mod claims;
pub(crate) mod clocks;
pub mod coin_refunds;
pub mod deliveries;
pub mod deploy;
pub mod events;
pub mod export;
pub mod figures;
pub mod funds;
pub mod gas_market;
pub mod invoice_lists;
pub mod invoices;
pub mod lanes;
pub mod limits;
pub mod mails;
pub mod master_key;
pub mod merchant_setup;
pub mod merchant_stop;
pub mod merchant_terms;
pub mod merchants;
pub mod news;
pub mod offers;
pub mod page_token;
pub mod payer_mails;
pub mod payment_links;
pub mod payments;
pub mod payouts;
pub mod provider_payouts;
pub mod providers;
pub mod rates;
pub mod refunds;
pub mod saved_views;
pub mod search;
pub mod settlement;
pub mod settlements;
pub mod switch;
#[cfg(test)]
pub(crate) mod testing;
pub mod timeline;
pub mod transfers;
pub mod treasury;
pub mod wake;
pub mod wallets;

use std::collections::HashMap;
use std::sync::Arc;

use domain::asset::Asset;
pub use wake::Wake;

use crate::clock::Clock;
use crate::net::guard::Policy;
use crate::random::Random;
use crate::secrets::MasterKey;
use crate::store::{Store, StoreError, settings};

/// Everything a running gateway shares. One for live, one for the sandbox: each with its own database, rails and clock.
#[derive(Debug)]
pub struct App {
    pub store: Store,
    pub clock: Clock,
    pub random: Random,
    pub master_key: MasterKey,
    /// What the guard lets merchants name as targets: callback and redirect URLs.
    pub policy: Policy,
    /// Nothing here is real money, and the pages say so.
    pub sandbox: bool,
    /// What `redirectUrl` begins with; no slash at the end.
    pub base_url: String,
    pub assets: Vec<Asset>,
    pub chains: HashMap<String, chains::Chain>,
    pub rates: rates::RateBook,
    pub providers: providers::Providers,
    /// Whether card numbers are taken in here, and how strictly.
    pub cards: CardIntake,
    /// The coin in which money of card and UPI payments on the operator's accounts is settled: an asset's code.
    pub settlement_coin: Option<String>,
    /// The operator's share that a merchant who signs up begins with.
    pub default_fee: domain::fee::BasisPoints,
    /// Who is told when the treasury is to change, if anybody.
    pub operator_email: Option<String>,
    /// How long another wallet for a merchant waits.
    pub payee_wait_millis: i64,
    /// Masks the numbers in page tokens; kept in the database.
    pub page_key: [u8; 32],
    /// Of a live gateway its sandbox, of a sandbox its live gateway, if the two are joined.
    pub switch: Option<switch::Switch>,
    pub wake: Wake,
}

/// Who may see card numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardIntake {
    /// Never us: payers enter them at the provider's.
    ProviderOnly,
    /// We do, and pass them on in memory. `check_expiry` is off in the sandbox, whose documented sample card is long expired.
    Direct { check_expiry: bool },
}

impl App {
    pub fn now(&self) -> domain::Time {
        domain::Time(self.clock.now())
    }

    /// The live gateway from which a sandbox's people come. They have no passwords here, and nothing is open to all.
    pub fn joined_to(&self) -> Option<&switch::Switch> {
        self.switch.as_ref().filter(|_| self.sandbox)
    }

    /// A sandbox whose controls are open to everybody who reaches it.
    pub fn is_open_sandbox(&self) -> bool {
        self.sandbox && self.switch.is_none()
    }

    pub fn asset(&self, code: &str) -> Option<&Asset> {
        self.assets.iter().find(|asset| asset.code == code)
    }

    pub fn settlement_asset(&self) -> Option<&Asset> {
        self.settlement_coin.as_deref().and_then(|code| self.asset(code))
    }

    /// What payers may choose, in the order of the configuration.
    pub fn payable_assets(&self) -> impl Iterator<Item = &Asset> {
        self.assets.iter().filter(|asset| asset.payable && self.chains.contains_key(&asset.chain))
    }

    /// Puts the clock by the database's, which all nodes on it share. A file's is this machine's.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn agree_on_time(&self) -> Result<(), StoreError> {
        clocks::agree(&self.store, &self.clock).await
    }

    fn ulid(&self) -> ulid::Ulid {
        self.random.ulid(self.clock.now())
    }
}

pub type SharedApp = Arc<App>;

/// The database's page key, made at its first start.
pub async fn page_key(store: &Store, random: &Random) -> Result<[u8; 32], StoreError> {
    let fresh = hex::encode(random.token_bytes::<32>());
    let kept = store
        .write(move |tx| match settings::get(tx, "page_key")? {
            Some(kept) => Ok(kept),
            None => settings::put(tx, "page_key", &fresh).map(|()| fresh),
        })
        .await?;
    let bytes = hex::decode(&kept).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or(StoreError::Damaged {
        table: "settings",
        column: "value",
        id: "page_key".into(),
        value: "(hidden)".into(),
    })
}
