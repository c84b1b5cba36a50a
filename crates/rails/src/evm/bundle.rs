//! Signing away from the server: a bundle of unsigned transfers goes out as a file, a bundle of signed ones comes back, and is compared with
//! what went out, field by field, before anything is sent.
//!
//! The words in a bundle (who gets how much) are for the person who signs. They are checked against the bytes on both machines: a bundle
//! whose words and bytes differ is refused before it is signed.

use alloy_consensus::{Transaction, TxEnvelope};
use alloy_eips::eip2718::Decodable2718;
use alloy_primitives::{Address, B256, Bytes, U256, hex};
use alloy_sol_types::SolCall;
use serde::{Deserialize, Serialize};

use super::abi::Erc20::transferCall;
use super::fees::Fees;
use super::sign::{GasKey, SignError, SignedTx, TxRequest};

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
    /// Whole coins, for people; not read.
    pub amount: String,
    /// Base units.
    pub units: String,
    /// In units of gas.
    pub gas_limit: u64,
    /// Most wei paid for a unit of gas.
    pub max_fee: String,
    /// Most wei of it for the block's maker; none on chains without a base fee.
    pub tip: Option<String>,
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
        let number = |field, text: &str| {
            text.parse::<u128>().map_err(|_| BundleError::NotANumber { id: self.id.clone(), field })
        };
        let max_fee = number("max_fee", &self.max_fee)?;
        let fees = match &self.tip {
            Some(tip) => Fees::Dynamic { max_fee, max_tip: number("tip", tip)? },
            None => Fees::Legacy { gas_price: max_fee },
        };
        let call = transferCall { to: self.receiver, amount: U256::from(number("units", &self.units)?) };
        Ok(TxRequest {
            chain_id,
            nonce: self.nonce,
            to: self.token,
            value: 0,
            gas_limit: self.gas_limit,
            fees,
            input: call.abi_encode().into(),
        })
    }
}

/// Reads an unsigned bundle.
///
/// # Errors
/// When it is malformed, of another version, or too long.
pub fn read_unsigned(text: &str) -> Result<Unsigned, BundleError> {
    let bundle: Unsigned = serde_json::from_str(text).map_err(|error| BundleError::Malformed(error.to_string()))?;
    check_form(bundle.lockgate_unsigned, bundle.transfers.len())?;
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

/// Signs every transfer. The transactions are made here from the fields a person sees: there are no other bytes that could be signed.
///
/// # Errors
/// When the key is another wallet's or a number is none.
pub fn sign(bundle: &Unsigned, key: &GasKey) -> Result<Signed, BundleError> {
    if key.address() != bundle.wallet {
        return Err(BundleError::AnotherWallet { key: key.address(), wallet: bundle.wallet });
    }
    let signed = bundle.transfers.iter().map(|transfer| Ok(key.sign(&transfer.request(bundle.chain_id)?)?.raw));
    let transactions = signed.collect::<Result<_, BundleError>>()?;
    Ok(Signed { lockgate_signed: VERSION, chain_id: bundle.chain_id, transactions })
}

/// Compares what came back with what went out; answers each transfer that is signed with its bytes. Some may be missing.
///
/// # Errors
/// The first thing that differs: chain, signer, nonce, contract, value, receiver and amount, gas and its price.
pub fn check<'u>(asked: &'u Unsigned, signed: &Signed) -> Result<Vec<(&'u Transfer, SignedTx)>, BundleError> {
    let mut left: Vec<&Transfer> = asked.transfers.iter().collect();
    let mut checked = Vec::new();
    for (at, raw) in (1..).zip(&signed.transactions) {
        let mut rest = raw.as_ref();
        let envelope = TxEnvelope::decode_2718(&mut rest).ok().filter(|_| rest.is_empty());
        let envelope = envelope.ok_or(BundleError::NotATransaction { at })?;
        let signer = envelope.signature().recover_address_from_prehash(&envelope.signature_hash());
        let signer = signer.map_err(|_| BundleError::NotATransaction { at })?;
        let nonce = envelope.nonce();
        let place = left.iter().position(|transfer| transfer.nonce == nonce);
        let transfer = left.remove(place.ok_or(BundleError::NotAskedFor { nonce })?);
        compare(asked, transfer, &envelope, signer)?;
        checked.push((transfer, SignedTx { hash: B256::from(*envelope.tx_hash()), raw: raw.clone() }));
    }
    Ok(checked)
}

fn compare(asked: &Unsigned, transfer: &Transfer, found: &TxEnvelope, signer: Address) -> Result<(), BundleError> {
    let request = transfer.request(asked.chain_id)?;
    let same = |field: &'static str, found: String, asked: String| match found == asked {
        true => Ok(()),
        false => Err(BundleError::Changed { id: transfer.id.clone(), field, found, asked }),
    };
    let fees = match found {
        TxEnvelope::Legacy(_) => found.gas_price().map(|gas_price| Fees::Legacy { gas_price }),
        TxEnvelope::Eip1559(_) => {
            found.max_priority_fee_per_gas().map(|max_tip| Fees::Dynamic { max_fee: found.max_fee_per_gas(), max_tip })
        }
        _ => None,
    };
    same("signer", signer.to_string(), asked.wallet.to_string())?;
    same("chain id", format!("{:?}", found.chain_id()), format!("{:?}", Some(request.chain_id)))?;
    same("contract", format!("{:?}", found.to()), format!("{:?}", Some(request.to)))?;
    same("value", found.value().to_string(), request.value.to_string())?;
    same("receiver or amount", hex::encode(found.input()), hex::encode(&request.input))?;
    same("gas limit", found.gas_limit().to_string(), request.gas_limit.to_string())?;
    same("gas price", format!("{fees:?}"), format!("{:?}", Some(request.fees)))?;
    same("access list", found.access_list().map_or(0, |list| list.len()).to_string(), "0".into())
}

#[cfg(test)]
mod tests;
