//! Whether an address that a payer typed may get coins.

use alloy_primitives::Address;
use domain::asset::Kind;

use crate::app::App;
use crate::app::chains::Chain;
use crate::store::coin_refunds::CoinRefundRow;
use crate::store::{StoreError, Tx, attempts, merchants};

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// Not 0x and 40 hex digits.
    #[error("this is no address")]
    NotAnAddress,
    /// EIP-55: mixed case says which letters are capitals; one was mistyped.
    #[error("its capital letters do not fit: mistyped")]
    Checksum,
    /// It is nobody's wallet: zero, a contract of ours, a coin, a deposit address, or the one who pays.
    #[error("coins sent there would be lost, or come back to who sends them")]
    NotAPayers,
}

/// Below this are the zero address and those that chains keep for themselves.
const LOWEST: Address = {
    let mut bytes = [0; 20];
    bytes[17] = 1;
    Address::new(bytes)
};

/// Reads what was typed.
pub fn parse(text: &str) -> Result<Address, BadAddress> {
    let text = text.trim();
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).ok_or(BadAddress::NotAnAddress)?;
    if digits.len() != 40 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(BadAddress::NotAnAddress);
    }
    let has = |is: fn(&u8) -> bool| digits.as_bytes().iter().any(is);
    if has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) {
        return Address::parse_checksummed(format!("0x{digits}"), None).map_err(|_| BadAddress::Checksum);
    }
    format!("0x{digits}").parse().map_err(|_| BadAddress::NotAnAddress)
}

/// Reads an address and refuses those that cannot be a payer's.
pub fn payers(
    app: &App,
    tx: &Tx<'_>,
    row: &CoinRefundRow,
    text: &str,
) -> Result<Result<Address, BadAddress>, StoreError> {
    let address = match parse(text) {
        Ok(address) => address,
        Err(bad) => return Ok(Err(bad)),
    };
    let chain = app.chains.get(&row.chain);
    let is_merchants = row.wallet.parse() == Ok(address)
        || matches!(&merchants::existing(tx, &row.merchant_id)?.wallet,
            domain::merchant::Wallet::Active(wallet) if wallet.parse() == Ok(address));
    let is_ours = address < LOWEST
        || is_merchants
        || chain.is_some_and(|chain| is_of(chain, &address))
        || attempts::is_deposit_address(tx, &row.chain, &address.0.0)?;
    Ok(if is_ours { Err(BadAddress::NotAPayers) } else { Ok(address) })
}

/// Whether it is the operator's on a chain, a coin's contract, or a deposit address.
fn is_of(chain: &Chain, address: &Address) -> bool {
    let is_coin = chain.assets.iter().any(|asset| asset.kind == Kind::Token(address.0.0));
    let is_treasury = chain.treasury.as_ref().is_some_and(|treasury| treasury.address() == *address);
    let is_gas = chain.gas_key.as_ref().is_some_and(|key| key.address() == *address);
    is_coin || is_treasury || is_gas || chain.fee_wallet == *address || chain.addresses.contains(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mixed_case_is_a_checksum() {
        let good = "0x52908400098527886E0F7030069857D2E4169EE7";
        let mixed = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
        for text in [
            good.to_owned(),
            mixed.into(),
            mixed.to_lowercase(),
            format!("  {mixed}\n"),
            format!("0x{}", &mixed[2..].to_uppercase()),
        ] {
            assert!(parse(&text).is_ok(), "{text}");
        }
        assert_eq!(parse(&mixed.replace("aA", "AA")), Err(BadAddress::Checksum));
        for text in [
            "",
            "0x",
            "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe",
            "payer.eth",
            "0xg000000000000000000000000000000000000001",
        ] {
            assert_eq!(parse(text), Err(BadAddress::NotAnAddress), "{text}");
        }
    }
}
