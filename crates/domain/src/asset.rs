//! Coins a payer can pay with.

/// What an asset is on its chain.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The chain's own coin.
    Native,
    /// A token contract, as 20 bytes.
    Token([u8; 20]),
}

/// A coin on a chain. The table of them is configuration (contract, currencies.md).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// The contract's `payableCurrencies` value, e.g. `USDT_polygon`; also the ledger's asset name. Unique.
    pub code: String,
    /// e.g. `USDT`.
    pub symbol: String,
    /// The chain's name in configuration, e.g. `polygon`.
    pub chain: String,
    /// For people, e.g. `Tether USD (Polygon)`.
    pub name: String,
    pub kind: Kind,
    /// Decimal places of the coin's base unit: 0 ..= 30.
    pub decimals: u8,
    /// Counted as one US dollar each instead of asking the rate sources.
    pub at_par: bool,
    /// Offered to payers. An asset that is not payable is still watched, so that a mistaken payment is seen.
    pub payable: bool,
    /// Other spellings accepted on the wire, e.g. `MATIC_polygon`.
    pub aliases: Vec<String>,
}

impl Asset {
    /// Whether `wanted` names this asset, without regard to case.
    pub fn is_called(&self, wanted: &str) -> bool {
        self.code.eq_ignore_ascii_case(wanted) || self.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(wanted))
    }
}
