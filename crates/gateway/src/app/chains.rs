//! A chain the gateway works on: how to reach it, what is final on it, and which addresses on it are ours.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError, RwLock};

use alloy_primitives::Address;
use domain::asset::{Asset, Kind};
use domain::confirmations::ConfirmationPolicy;
use domain::{AttemptId, MerchantId};
use rails::evm::rpc::{Observer, RpcClient};
use rails::evm::sign::GasKey;

use crate::store::attempts::{Known, Watched};
use crate::telemetry::metrics::METRICS;

/// When money is moved out of forwarders.
#[derive(Debug, Clone, Copy)]
pub struct FlushPolicy {
    /// Worth at least this much (minor units of the invoice currency): at once.
    pub at_once_minor: u128,
    /// Anything else after this long.
    pub after_millis: i64,
    /// No transaction is sent above this price, in wei of the chain's coin a unit of gas.
    pub max_fee_per_gas: u128,
    /// Without a receipt for this long, the same nonce is sent again with a higher fee.
    pub bump_after_millis: i64,
}

/// The operator's wallet on a chain from which merchants and payers are paid.
#[derive(Debug, Clone)]
pub struct Treasury {
    pub signer: Signer,
    pub caps: Caps,
    /// If there is a list, nothing goes to a wallet that is not on it.
    pub allow: Option<Vec<Address>>,
}

/// Who signs for a treasury.
#[derive(Debug, Clone)]
pub enum Signer {
    /// A key on the server: whoever takes the server takes what the caps do not hold back.
    Hot(GasKey),
    /// A key that is never here: what is to be signed goes out as a file, and comes back as one (`lockgate treasury export`, `import`).
    Offline(Address),
}

/// What is signed for at most, in whole coins of each asset that counts as one US dollar. Other coins are not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caps {
    /// In one UTC day.
    pub daily: u64,
    /// In one transfer.
    pub transfer: u64,
}

impl Signer {
    pub fn address(&self) -> Address {
        match self {
            Signer::Hot(key) => key.address(),
            Signer::Offline(address) => *address,
        }
    }
}

impl Treasury {
    pub fn address(&self) -> Address {
        self.signer.address()
    }

    /// The key, if it is here.
    pub fn key(&self) -> Option<&GasKey> {
        match &self.signer {
            Signer::Hot(key) => Some(key),
            Signer::Offline(_) => None,
        }
    }
}

#[derive(Debug)]
pub struct Chain {
    pub name: String,
    /// For people: `Polygon`.
    pub title: String,
    pub chain_id: u64,
    pub rpc: RpcClient,
    pub confirmations: ConfirmationPolicy,
    /// The tokens that are watched; the native coin is watched if an asset says so.
    pub assets: Vec<Asset>,
    pub gas_key: Option<GasKey>,
    pub treasury: Option<Treasury>,
    pub fee_wallet: Address,
    pub flush: FlushPolicy,
    /// Where people look up a transaction: followed by its hash.
    pub explorer_tx_url: Option<String>,
    pub addresses: Addresses,
    pub health: Mutex<Health>,
}

/// What the watcher last saw, for `doctor`, readiness and logs.
#[derive(Debug, Clone, Default)]
pub struct Health {
    pub head: Option<u64>,
    pub read_up_to: Option<u64>,
    /// When the newest block that was read was made, and how long after the one before it; seconds.
    pub newest_block: Option<(u64, u64)>,
    pub trouble: Option<String>,
}

/// Our deposit addresses on a chain, in memory: a block's transfers are matched against them without a query.
#[derive(Debug, Default)]
pub struct Addresses(RwLock<Book>);

#[derive(Debug, Default)]
struct Book {
    of: HashMap<[u8; 20], Packed>,
    /// Each once, however many addresses are theirs.
    merchants: Vec<MerchantId>,
    /// Where in `merchants` each is.
    places: HashMap<MerchantId, u32>,
    /// Of the newest that was read from the database.
    newest: i64,
}

/// What is known of an address, in 28 bytes: there may be millions.
#[derive(Debug, Clone, Copy)]
struct Packed {
    merchant: u32,
    attempt: [u8; 16],
    invoice: [u8; 8],
}

impl Book {
    fn insert(&mut self, address: [u8; 20], watched: &Watched) {
        let merchant = match self.places.get(&watched.merchant_id) {
            Some(place) => *place,
            None => {
                // four thousand million merchants do not fit into memory
                let place = u32::try_from(self.merchants.len()).unwrap_or(u32::MAX);
                self.merchants.push(watched.merchant_id.clone());
                self.places.insert(watched.merchant_id.clone(), place);
                place
            }
        };
        let attempt = watched.attempt_id.ulid().to_bytes();
        self.of.insert(address, Packed { merchant, attempt, invoice: watched.invoice_number.to_be_bytes() });
    }

    fn get(&self, address: &Address) -> Option<Watched> {
        let packed = self.of.get(&address.0.0)?;
        Some(Watched {
            merchant_id: self.merchants.get(usize::try_from(packed.merchant).ok()?)?.clone(),
            attempt_id: AttemptId::new(ulid::Ulid::from_bytes(packed.attempt)),
            invoice_number: i64::from_be_bytes(packed.invoice),
        })
    }
}

impl Addresses {
    pub fn insert(&self, address: [u8; 20], watched: &Watched) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(address, watched);
    }

    /// Takes in what was read from the database.
    pub fn extend(&self, more: Vec<Known>) {
        if more.is_empty() {
            return;
        }
        let mut book = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for known in more {
            book.newest = book.newest.max(known.seq);
            book.insert(known.address, &known.watched);
        }
    }

    /// The `seq` of the newest attempt that was read from the database: other nodes may have stored newer ones.
    pub fn newest(&self) -> i64 {
        self.0.read().unwrap_or_else(PoisonError::into_inner).newest
    }

    pub fn contains(&self, address: &Address) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).of.contains_key(&address.0.0)
    }

    pub fn get(&self, address: &Address) -> Option<Watched> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(address)
    }

    pub fn len(&self) -> usize {
        self.0.read().unwrap_or_else(PoisonError::into_inner).of.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Counts a chain's questions to its nodes.
pub fn counted(chain: &str) -> Observer {
    let chain: std::sync::Arc<str> = chain.into();
    Observer::new(move |method, end, took| METRICS.asked_chain(&chain, method, end, took))
}

impl Chain {
    /// The asset a transfer was in: a token by its contract, the native coin without one.
    pub fn asset_of(&self, token: Option<Address>) -> Option<&Asset> {
        self.assets.iter().find(|asset| match (&asset.kind, token) {
            (Kind::Native, None) => true,
            (Kind::Token(contract), Some(token)) => token.0.0 == *contract,
            _ => false,
        })
    }

    /// The contracts of the watched tokens.
    pub fn tokens(&self) -> Vec<Address> {
        let token = |asset: &Asset| match asset.kind {
            Kind::Token(contract) => Some(Address::from(contract)),
            Kind::Native => None,
        };
        self.assets.iter().filter_map(token).collect()
    }

    pub fn watches_native(&self) -> bool {
        self.assets.iter().any(|asset| asset.kind == Kind::Native)
    }

    pub fn health(&self) -> Health {
        self.health.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn set_health(&self, change: impl FnOnce(&mut Health)) {
        change(&mut self.health.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
