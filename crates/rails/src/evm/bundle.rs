//! Signing away from the server: a bundle of unsigned transfers goes out as a file, a bundle of signed ones comes back, and is compared with
//! what went out, field by field, before anything is sent.
//!
//! The words in a bundle (who gets how much) are for the person who signs. They are checked against the bytes on both machines: a bundle
//! whose words and bytes differ is refused before it is signed.

mod signed;

use alloy_primitives::{Address, Bytes, U256};
use alloy_sol_types::SolCall;
use serde::{Deserialize, Serialize};

use super::abi::Erc20::transferCall;
use super::fees::Fees;
use super::sign::{SignError, TxRequest};

pub use signed::{check, sign, signers};

/// The one form there is.
pub const VERSION: u32 = 1;
/// The most transfers in a file.
pub const MOST: usize = 1_000;

/// What is to be signed: transfers of one wallet on one chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unsigned {
    /// [`VERSION`].
    pub lockgate_unsigned: u32,
    /// The chain's name, for people.
    pub chain: String,
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// The wallet that pays.
    pub wallet: Address,
    /// In the order of their nonces.
    pub transfers: Vec<Transfer>,
    /// Transfers that are to be called off: their nonces are used up by transactions that move nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls_off: Vec<CallOff>,
}

/// One token transfer. All numbers are decimal text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    /// Our id.
    pub id: String,
    /// Of the wallet.
    pub nonce: u64,
    /// The coin's code, for people.
    pub asset: String,
    /// The token's contract.
    pub token: Address,
    /// Who gets it.
    pub receiver: Address,
    /// Whole coins, for people: `units` with the point put in.
    pub amount: String,
    /// Where the point is.
    pub decimals: u8,
    /// Base units: this is what is signed.
    pub units: String,
    /// In units of gas.
    pub gas_limit: u64,
    /// Most wei paid for a unit of gas.
    pub max_fee: String,
    /// Most wei of it for the block's maker; none on chains without a base fee.
    pub tip: Option<String>,
}

/// An empty transaction of the wallet to itself. All numbers are decimal text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallOff {
    /// Our id of the transfer.
    pub id: String,
    /// Of the wallet: the transfer's.
    pub nonce: u64,
    /// In units of gas.
    pub gas_limit: u64,
    /// Most wei paid for a unit of gas.
    pub max_fee: String,
    /// Most wei of it for the block's maker; none on chains without a base fee.
    pub tip: Option<String>,
}

/// A transaction that went out to be signed. One nonce may have gone out several times, each time better paid or to call it off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Our id of the transfer.
    pub id: String,
    /// Counts the times its nonce went out.
    pub revision: i64,
    /// All that is signed.
    pub request: TxRequest,
}

/// What comes back: the signed bytes, in any order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    /// [`VERSION`].
    pub lockgate_signed: u32,
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// 0x-prefixed hex, for `eth_sendRawTransaction`.
    pub transactions: Vec<Bytes>,
}

/// Why a bundle is refused. Nothing of a refused bundle is used.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// Not such a file.
    #[error("this is no bundle: {0}")]
    Malformed(String),
    /// A number that is none.
    #[error("transfer {id}: {field} is not a whole number")]
    NotANumber {
        /// Which transfer.
        id: String,
        /// Which field.
        field: &'static str,
    },
    /// What a person reads is not what is signed.
    #[error("transfer {id}: {field} says {said}, and {signed} would be signed")]
    Words {
        /// Which transfer.
        id: String,
        /// Which field.
        field: &'static str,
        /// For people.
        said: String,
        /// In the bytes.
        signed: String,
    },
    /// Signed by, or for, another wallet.
    #[error("the key is that of {key}, the bundle is for {wallet}")]
    AnotherWallet {
        /// Whose key it is.
        key: Address,
        /// Whose bundle it is.
        wallet: Address,
    },
    /// The bytes are no transaction, or their signature is none.
    #[error("transaction {at} of the file is not a signed transaction")]
    NotATransaction {
        /// From 1.
        at: usize,
    },
    /// A signature in its second form (EIP-2): its signer never made it like this, and no node takes it.
    #[error("the signature of transaction {at} of the file was changed on its way: its s is above half of the order")]
    HighS {
        /// From 1.
        at: usize,
    },
    /// A transaction nobody asked for.
    #[error("nonce {nonce} was not asked for, or is there twice")]
    NotAskedFor {
        /// Its nonce.
        nonce: u64,
    },
    /// A field is not as it went out.
    #[error("transfer {id}: {field} is {found}, and {asked} went out")]
    Changed {
        /// Which transfer.
        id: String,
        /// Which field.
        field: &'static str,
        /// What is signed.
        found: String,
        /// What was asked for.
        asked: String,
    },
    /// The signer failed.
    #[error(transparent)]
    Sign(#[from] SignError),
}

impl Transfer {
    /// The very transaction that is asked for.
    ///
    /// # Errors
    /// [`BundleError::NotANumber`].
    pub fn request(&self, chain_id: u64) -> Result<TxRequest, BundleError> {
        let call = transferCall { to: self.receiver, amount: U256::from(self.base_units()?) };
        Ok(TxRequest {
            chain_id,
            nonce: self.nonce,
            to: self.token,
            value: 0,
            gas_limit: self.gas_limit,
            fees: fees(&self.id, &self.max_fee, self.tip.as_deref())?,
            input: call.abi_encode().into(),
        })
    }

    /// What is signed for, in base units.
    ///
    /// # Errors
    /// [`BundleError::NotANumber`].
    pub fn base_units(&self) -> Result<u128, BundleError> {
        number(&self.id, "units", &self.units)
    }

    /// Whether the amount that a person reads is the one that is signed.
    fn check_words(&self) -> Result<(), BundleError> {
        let signed = domain::Units(self.base_units()?).decimal(self.decimals, 0);
        if self.decimals <= MOST_DECIMALS && signed == self.amount {
            return Ok(());
        }
        Err(BundleError::Words { id: self.id.clone(), field: "amount", said: self.amount.clone(), signed })
    }
}

impl CallOff {
    /// The very transaction that is asked for.
    ///
    /// # Errors
    /// [`BundleError::NotANumber`].
    pub fn request(&self, chain_id: u64, wallet: Address) -> Result<TxRequest, BundleError> {
        Ok(TxRequest {
            chain_id,
            nonce: self.nonce,
            to: wallet,
            value: 0,
            gas_limit: self.gas_limit,
            fees: fees(&self.id, &self.max_fee, self.tip.as_deref())?,
            input: Bytes::new(),
        })
    }
}

impl Unsigned {
    /// The transactions that are asked for, and nothing else that could be signed.
    ///
    /// # Errors
    /// [`BundleError::NotANumber`].
    pub fn asked(&self) -> Result<Vec<Asked>, BundleError> {
        let transfers = self.transfers.iter().map(|one| (&one.id, one.request(self.chain_id)));
        let calls_off = self.calls_off.iter().map(|one| (&one.id, one.request(self.chain_id, self.wallet)));
        let asked = transfers.chain(calls_off);
        asked.map(|(id, request)| Ok(Asked { id: id.clone(), revision: 0, request: request? })).collect()
    }

    /// Whether what a person reads is what is signed. A token's number of decimals is for the caller to compare with what it knows.
    ///
    /// # Errors
    /// [`BundleError::Words`] and [`BundleError::NotANumber`]; `Malformed` when a name is none.
    pub fn check_words(&self) -> Result<(), BundleError> {
        let names =
            self.transfers.iter().flat_map(|one| [&one.id, &one.asset]).chain(self.calls_off.iter().map(|one| &one.id));
        if let Some(name) = names.chain([&self.chain]).find(|name| !is_name(name)) {
            return Err(BundleError::Malformed(format!("{name:?} is no name")));
        }
        self.transfers.iter().try_for_each(Transfer::check_words)
    }
}

/// What is shown to a person holds nothing that a terminal would act on.
fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

/// No token has more; above it there is nothing to read.
const MOST_DECIMALS: u8 = 36;

fn number(id: &str, field: &'static str, text: &str) -> Result<u128, BundleError> {
    text.parse::<u128>().map_err(|_| BundleError::NotANumber { id: id.to_owned(), field })
}

fn fees(id: &str, max_fee: &str, tip: Option<&str>) -> Result<Fees, BundleError> {
    let max_fee = number(id, "max_fee", max_fee)?;
    Ok(match tip {
        Some(tip) => Fees::Dynamic { max_fee, max_tip: number(id, "tip", tip)? },
        None => Fees::Legacy { gas_price: max_fee },
    })
}

/// Reads an unsigned bundle.
///
/// # Errors
/// When it is malformed, of another version, or too long.
pub fn read_unsigned(text: &str) -> Result<Unsigned, BundleError> {
    let bundle: Unsigned = serde_json::from_str(text).map_err(|error| BundleError::Malformed(error.to_string()))?;
    check_form(bundle.lockgate_unsigned, bundle.transfers.len() + bundle.calls_off.len())?;
    Ok(bundle)
}

/// Reads a signed bundle.
///
/// # Errors
/// As [`read_unsigned`].
pub fn read_signed(text: &str) -> Result<Signed, BundleError> {
    let bundle: Signed = serde_json::from_str(text).map_err(|error| BundleError::Malformed(error.to_string()))?;
    check_form(bundle.lockgate_signed, bundle.transactions.len())?;
    Ok(bundle)
}

fn check_form(version: u32, length: usize) -> Result<(), BundleError> {
    if version != VERSION {
        return Err(BundleError::Malformed(format!("its version is {version}, this program knows {VERSION}")));
    }
    if length > MOST {
        return Err(BundleError::Malformed(format!("{length} transactions, {MOST} at most")));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
