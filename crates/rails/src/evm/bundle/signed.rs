//! Signing what went out, and comparing what came back with it.

use alloy_consensus::{Transaction, TxEnvelope};
use alloy_eips::eip2718::Decodable2718;
use alloy_primitives::{Address, B256, Bytes, hex};

use super::{Asked, BundleError, Signed, Unsigned, VERSION};
use crate::evm::fees::Fees;
use crate::evm::sign::{GasKey, SignError, SignedTx};

/// Signs everything in it. The transactions are made here from the fields a person sees: there are no other bytes that could be signed.
///
/// # Errors
/// When the key is another wallet's, a number is none, or the words are not those of the bytes.
pub fn sign(bundle: &Unsigned, key: &GasKey) -> Result<Signed, BundleError> {
    if key.address() != bundle.wallet {
        return Err(BundleError::AnotherWallet { key: key.address(), wallet: bundle.wallet });
    }
    bundle.check_words()?;
    let signed =
        bundle.asked()?.iter().map(|asked| Ok(key.sign(&asked.request)?.raw)).collect::<Result<_, SignError>>();
    Ok(Signed { lockgate_signed: VERSION, chain_id: bundle.chain_id, transactions: signed? })
}

/// A signed transaction, its signer recovered.
struct Found {
    envelope: TxEnvelope,
    signer: Address,
    raw: Bytes,
}

fn decode(at: usize, raw: &Bytes) -> Result<Found, BundleError> {
    let mut rest = raw.as_ref();
    let envelope = TxEnvelope::decode_2718(&mut rest).ok().filter(|_| rest.is_empty());
    let envelope = envelope.ok_or(BundleError::NotATransaction { at })?;
    // the same signature in its other form: recovered all the same, and no node takes it
    if envelope.signature().normalize_s().is_some() {
        return Err(BundleError::HighS { at });
    }
    let signer = envelope.signature().recover_address_from_prehash(&envelope.signature_hash());
    let signer = signer.map_err(|_| BundleError::NotATransaction { at })?;
    Ok(Found { envelope, signer, raw: raw.clone() })
}

/// Who signed each transaction of a file, and its nonce, in the file's order.
///
/// # Errors
/// [`BundleError::NotATransaction`].
pub fn signers(signed: &Signed) -> Result<Vec<(Address, u64)>, BundleError> {
    let found = (1..).zip(&signed.transactions).map(|(at, raw)| decode(at, raw));
    found.map(|found| found.map(|found| (found.signer, found.envelope.nonce()))).collect()
}

/// Compares what came back with what went out to be signed by `wallet`; answers each that is signed with its bytes. Some may be missing.
/// `asked` may hold a nonce several times: then the one that fits is answered.
///
/// # Errors
/// The first thing that differs: chain, signer, nonce, contract, value, receiver and amount, gas and its price. Of a nonce that went out
/// several times it is compared with the last.
pub fn check<'a>(
    wallet: Address,
    asked: &'a [Asked],
    signed: &Signed,
) -> Result<Vec<(&'a Asked, SignedTx)>, BundleError> {
    let mut left: Vec<&Asked> = asked.iter().collect();
    let mut checked = Vec::new();
    for (at, raw) in (1..).zip(&signed.transactions) {
        let found = decode(at, raw)?;
        let nonce = found.envelope.nonce();
        let mut fits = Err(BundleError::NotAskedFor { nonce });
        for (place, one) in left.iter().enumerate().rev().filter(|(_, one)| one.request.nonce == nonce) {
            match (compare(wallet, one, &found), &fits) {
                (Ok(()), _) => {
                    fits = Ok(place);
                    break;
                }
                (Err(error), Err(BundleError::NotAskedFor { .. })) => fits = Err(error),
                (Err(_), _) => {}
            }
        }
        let hash = B256::from(*found.envelope.tx_hash());
        checked.push((left.remove(fits?), SignedTx { hash, raw: found.raw }));
    }
    Ok(checked)
}

fn compare(wallet: Address, asked: &Asked, found: &Found) -> Result<(), BundleError> {
    let (request, signer, found) = (&asked.request, found.signer, &found.envelope);
    let same = |field: &'static str, found: String, went_out: String| match found == went_out {
        true => Ok(()),
        false => Err(BundleError::Changed { id: asked.id.clone(), field, found, asked: went_out }),
    };
    let fees = match found {
        TxEnvelope::Legacy(_) => found.gas_price().map(|gas_price| Fees::Legacy { gas_price }),
        TxEnvelope::Eip1559(_) => {
            found.max_priority_fee_per_gas().map(|max_tip| Fees::Dynamic { max_fee: found.max_fee_per_gas(), max_tip })
        }
        _ => None,
    };
    let id = |id: Option<u64>| id.map_or("none".to_owned(), |id| id.to_string());
    let to = |to: Option<Address>| to.map_or("none".to_owned(), |to| to.to_string());
    same("signer", signer.to_string(), wallet.to_string())?;
    same("chain id", id(found.chain_id()), id(Some(request.chain_id)))?;
    same("contract", to(found.to()), to(Some(request.to)))?;
    same("value", found.value().to_string(), request.value.to_string())?;
    same("receiver or amount", hex::encode(found.input()), hex::encode(&request.input))?;
    same("gas limit", found.gas_limit().to_string(), request.gas_limit.to_string())?;
    same("gas price", format!("{fees:?}"), format!("{:?}", Some(request.fees)))?;
    same("access list", found.access_list().map_or(0, |list| list.len()).to_string(), "0".into())
}
