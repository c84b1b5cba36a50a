//! Signing. The gas key pays for flushes and owns nothing but gas; a treasury's key owns its coins. The same request always gives the same bytes (RFC 6979), so
//! a transaction may be stored before it is sent, and sent again after a crash.

use super::fees::Fees;
use alloy_consensus::{SignableTransaction, Transaction, TxEip1559, TxEnvelope, TxLegacy};
use alloy_eips::eip2718::{Decodable2718, Encodable2718};
use alloy_primitives::{Address, B256, Bytes, TxKind, U256};
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use zeroize::Zeroizing;

/// A private key on the server: the one that pays for flushes, or a treasury's. Its `Debug` shows the address only; the key is wiped when dropped.
#[derive(Clone)]
pub struct GasKey {
    signer: PrivateKeySigner,
}

impl std::fmt::Debug for GasKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GasKey").field("address", &self.address()).finish_non_exhaustive()
    }
}

/// Why a text is not a key. Says nothing about the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not 64 hexadecimal digits.
    #[error("a private key is 64 hexadecimal digits, with or without 0x")]
    NotHex,
    /// Zero, or not below the order of the curve.
    #[error("the number is not a private key of secp256k1")]
    OutOfRange,
}

/// The signer failed. Does not happen with a key in memory, but is no reason to panic.
#[derive(Debug, thiserror::Error)]
#[error("cannot sign the transaction")]
pub struct SignError(#[from] alloy_signer::Error);

/// Everything that is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TxRequest {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// Of the key's account on this chain.
    pub nonce: u64,
    /// The contract or wallet called.
    pub to: Address,
    /// Native coin, in wei.
    pub value: u128,
    /// In units of gas.
    pub gas_limit: u64,
    /// Decides the transaction's type, too.
    pub fees: Fees,
    /// Call data.
    pub input: Bytes,
}

/// Ready to be stored and sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedTx {
    /// The transaction's hash on the chain.
    pub hash: B256,
    /// For `eth_sendRawTransaction`.
    pub raw: Bytes,
}

/// Whom signed bytes call; `None` when they are no transaction that calls anybody.
pub fn receiver_of(raw: &[u8]) -> Option<Address> {
    TxEnvelope::decode_2718(&mut &raw[..]).ok()?.to()
}

impl From<PrivateKeySigner> for GasKey {
    fn from(signer: PrivateKeySigner) -> Self {
        Self { signer }
    }
}

impl GasKey {
    /// Reads 64 hexadecimal digits, with or without `0x`, surrounding blanks allowed.
    ///
    /// # Errors
    /// When the text is not a private key.
    pub fn from_hex(text: &str) -> Result<Self, KeyError> {
        let digits = text.trim();
        let digits = digits.strip_prefix("0x").unwrap_or(digits);
        let mut bytes = Zeroizing::new([0u8; 32]);
        hex::decode_to_slice(digits, bytes.as_mut_slice()).map_err(|_| KeyError::NotHex)?;
        let signer = PrivateKeySigner::from_slice(bytes.as_slice()).map_err(|_| KeyError::OutOfRange)?;
        Ok(Self { signer })
    }

    /// The account that pays for gas.
    pub fn address(&self) -> Address {
        self.signer.address()
    }

    /// Signs; no I/O.
    ///
    /// # Errors
    /// When the signer fails.
    pub fn sign(&self, request: &TxRequest) -> Result<SignedTx, SignError> {
        let (to, value) = (TxKind::Call(request.to), U256::from(request.value));
        let envelope: TxEnvelope = match request.fees {
            Fees::Dynamic { max_fee, max_tip } => {
                let tx = TxEip1559 {
                    chain_id: request.chain_id,
                    nonce: request.nonce,
                    gas_limit: request.gas_limit,
                    max_fee_per_gas: max_fee,
                    max_priority_fee_per_gas: max_tip,
                    to,
                    value,
                    access_list: Default::default(),
                    input: request.input.clone(),
                };
                let signature = self.signer.sign_hash_sync(&tx.signature_hash())?;
                tx.into_signed(signature).into()
            }
            Fees::Legacy { gas_price } => {
                let tx = TxLegacy {
                    chain_id: Some(request.chain_id),
                    nonce: request.nonce,
                    gas_price,
                    gas_limit: request.gas_limit,
                    to,
                    value,
                    input: request.input.clone(),
                };
                let signature = self.signer.sign_hash_sync(&tx.signature_hash())?;
                tx.into_signed(signature).into()
            }
        };
        Ok(SignedTx { hash: *envelope.tx_hash(), raw: envelope.encoded_2718().into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::{address, hex, keccak256};
    use proptest::prelude::*;

    const KEY: &str = "0x4646464646464646464646464646464646464646464646464646464646464646";

    #[test]
    fn example_of_eip_155() {
        let request = TxRequest {
            chain_id: 1,
            nonce: 9,
            to: address!("3535353535353535353535353535353535353535"),
            value: 1_000_000_000_000_000_000,
            gas_limit: 21_000,
            fees: Fees::Legacy { gas_price: 20_000_000_000 },
            input: Bytes::new(),
        };
        let signed = GasKey::from_hex(KEY).unwrap().sign(&request).unwrap();
        let raw = "f86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83";
        assert_eq!(hex::encode(&signed.raw), raw);
    }

    #[test]
    fn debug_and_errors_do_not_show_the_key() {
        let key = GasKey::from_hex(&format!(" {KEY}\n")).unwrap();
        let shown = format!("{key:?}");
        assert!(
            !shown.contains("4646") && shown.to_lowercase().contains("9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f"),
            "{shown}"
        );
        assert_eq!(GasKey::from_hex("0x46").unwrap_err(), KeyError::NotHex);
        assert_eq!(GasKey::from_hex(&"zz".repeat(32)).unwrap_err(), KeyError::NotHex);
        assert_eq!(GasKey::from_hex(&"00".repeat(32)).unwrap_err(), KeyError::OutOfRange);
        assert_eq!(GasKey::from_hex(&"ff".repeat(32)).unwrap_err(), KeyError::OutOfRange);
    }

    prop_compose! {
        fn any_request()(
            chain_id in 1..u64::MAX / 4, nonce in 0..u64::MAX, to: [u8; 20], value: u128, gas_limit: u64,
            price: u128, tip: u128, legacy: bool, input: Vec<u8>,
        ) -> TxRequest {
            let fees = if legacy { Fees::Legacy { gas_price: price } } else { Fees::Dynamic { max_fee: price, max_tip: tip } };
            TxRequest { chain_id, nonce, to: to.into(), value, gas_limit, fees, input: input.into() }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn bytes_say_what_was_asked_and_who_signed(request in any_request(), secret in 1u64..) {
            let key = GasKey::from_hex(&format!("{secret:064x}")).unwrap();
            let signed = key.sign(&request).unwrap();
            prop_assert_eq!(&signed, &key.sign(&request).unwrap());
            prop_assert_eq!(signed.hash, keccak256(&signed.raw));
            let read = TxEnvelope::decode_2718(&mut signed.raw.as_ref()).unwrap();
            let signer = read.signature().recover_address_from_prehash(&read.signature_hash()).unwrap();
            prop_assert_eq!(signer, key.address());
            prop_assert_eq!((read.chain_id(), read.nonce(), read.gas_limit()), (Some(request.chain_id), request.nonce, request.gas_limit));
            prop_assert_eq!((read.to(), read.value(), read.input()), (Some(request.to), U256::from(request.value), &request.input));
            match request.fees {
                Fees::Dynamic { max_fee, max_tip } => {
                    prop_assert_eq!((read.max_fee_per_gas(), read.max_priority_fee_per_gas()), (max_fee, Some(max_tip)));
                }
                Fees::Legacy { gas_price } => prop_assert_eq!(read.gas_price(), Some(gas_price)),
            }
        }
    }
}
