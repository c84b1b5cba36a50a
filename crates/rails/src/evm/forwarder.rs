//! Deposit addresses and the call that empties them. See `contracts/src/Forwarder.sol`.

use super::{abi, artifact};
use alloy_primitives::{Address, B256, Bytes, keccak256};
use alloy_sol_types::SolCall;

/// Basis points in a whole.
pub const BPS: u16 = 10_000;

/// Who a forwarder pays. Part of its code, so part of its address: other terms, other address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ForwarderTerms {
    /// Gets the balance less the fee. Not zero.
    pub merchant: Address,
    /// Gets the fee. May be zero only when `fee_bps` is.
    pub fee_wallet: Address,
    /// The fee in basis points, 0 to 10,000.
    pub fee_bps: u16,
}

/// Terms the factory refuses. Money sent to the address of such terms could never be flushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TermsError {
    /// More than the whole.
    #[error("a fee of {0} basis points is more than the whole")]
    FeeTooHigh(u16),
    /// A wallet that would be paid is the zero address.
    #[error("the merchant's wallet, or the wallet of a fee, is the zero address")]
    NoWallet,
}

impl ForwarderTerms {
    /// Refuses what the factory refuses. Check before the address is shown to anyone.
    pub fn check(&self) -> Result<(), TermsError> {
        if self.fee_bps > BPS {
            return Err(TermsError::FeeTooHigh(self.fee_bps));
        }
        if self.merchant.is_zero() || (self.fee_wallet.is_zero() && self.fee_bps != 0) {
            return Err(TermsError::NoWallet);
        }
        Ok(())
    }
}

/// The address of the forwarder with these terms and this salt, on every chain; equal to the factory's `addressOf`.
/// Terms must have passed [`ForwarderTerms::check`].
pub fn deposit_address(terms: &ForwarderTerms, salt: B256) -> Address {
    artifact::factory_address().create2(salt, keccak256(clone_creation_code(terms)))
}

/// OpenZeppelin's `Clones` with immutable arguments: creation prefix, EIP-1167 proxy, `merchant ++ feeWallet ++ feeBps`.
fn clone_creation_code(terms: &ForwarderTerms) -> [u8; 97] {
    const CREATE: [u8; 10] = alloy_primitives::hex!("6100573d81600a3d39f3");
    const PROXY_HEAD: [u8; 10] = alloy_primitives::hex!("363d3d373d3d3d363d73");
    const PROXY_TAIL: [u8; 15] = alloy_primitives::hex!("5af43d82803e903d91602b57fd5bf3");
    let mut code = [0; 97];
    let mut at = 0;
    for part in [
        CREATE.as_slice(),
        PROXY_HEAD.as_slice(),
        artifact::implementation_address().as_slice(),
        PROXY_TAIL.as_slice(),
        terms.merchant.as_slice(),
        terms.fee_wallet.as_slice(),
        &terms.fee_bps.to_be_bytes(),
    ] {
        code[at..at + part.len()].copy_from_slice(part);
        at += part.len();
    }
    code
}

/// One forwarder to flush. [`Address::ZERO`] among the tokens is the native coin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlushItem {
    /// The salt its address was computed with.
    pub salt: B256,
    /// The terms its address was computed with.
    pub terms: ForwarderTerms,
    /// What to pay out.
    pub tokens: Vec<Address>,
}

/// The input of a transaction to [`artifact::factory_address`] that flushes these. Its gas limit must come from an
/// estimate: the factory refuses to start a flush with less than 630,000 gas left, though it uses far less.
pub fn flush_call(items: &[FlushItem]) -> Bytes {
    let flushes = items.iter().map(|item| abi::Flush {
        salt: item.salt,
        merchant: item.terms.merchant,
        feeWallet: item.terms.fee_wallet,
        feeBps: item.terms.fee_bps,
        tokens: item.tokens.clone(),
    });
    abi::ForwarderFactory::flushCall { flushes: flushes.collect() }.abi_encode().into()
}

/// `(merchant, fee)` of a balance in base units, as the forwarder splits it: the fee is `floor(balance * bps / 10,000)`,
/// the merchant gets the rest. `fee_bps` above 10,000 counts as 10,000.
pub fn split(balance: u128, fee_bps: u16) -> (u128, u128) {
    let (whole, bps) = (u128::from(BPS), u128::from(fee_bps.min(BPS)));
    // In two parts, as in the contract, so that the product cannot overflow.
    let fee = balance / whole * bps + balance % whole * bps / whole;
    (balance - fee, fee)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::U256;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn split_is_the_floor_and_loses_nothing(balance: u128, fee_bps in 0..=BPS) {
            let (merchant, fee) = split(balance, fee_bps);
            prop_assert_eq!(merchant.checked_add(fee), Some(balance));
            prop_assert_eq!(U256::from(fee), U256::from(balance) * U256::from(fee_bps) / U256::from(BPS));
        }

        #[test]
        fn other_terms_other_address(merchant: [u8; 20], fee_wallet: [u8; 20], fee_bps in 0..BPS, salt: [u8; 32]) {
            let terms = ForwarderTerms { merchant: merchant.into(), fee_wallet: fee_wallet.into(), fee_bps };
            let dearer = ForwarderTerms { fee_bps: fee_bps + 1, ..terms };
            let swapped = ForwarderTerms { merchant: terms.fee_wallet, fee_wallet: terms.merchant, fee_bps };
            let address = deposit_address(&terms, salt.into());
            prop_assert_ne!(address, deposit_address(&dearer, salt.into()));
            prop_assert!(merchant == fee_wallet || address != deposit_address(&swapped, salt.into()));
            prop_assert_ne!(address, deposit_address(&terms, keccak256(salt)));
        }
    }

    #[test]
    fn refuses_what_the_factory_refuses() {
        let terms =
            ForwarderTerms { merchant: Address::repeat_byte(1), fee_wallet: Address::repeat_byte(2), fee_bps: 10_000 };
        assert_eq!(terms.check(), Ok(()));
        assert_eq!(ForwarderTerms { fee_wallet: Address::ZERO, fee_bps: 0, ..terms }.check(), Ok(()));
        assert_eq!(ForwarderTerms { fee_bps: 10_001, ..terms }.check(), Err(TermsError::FeeTooHigh(10_001)));
        assert_eq!(ForwarderTerms { merchant: Address::ZERO, ..terms }.check(), Err(TermsError::NoWallet));
        assert_eq!(ForwarderTerms { fee_wallet: Address::ZERO, ..terms }.check(), Err(TermsError::NoWallet));
    }
}
