//! Who posts invoices, from where, and where the money goes.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::amount::Units;
use crate::fee::BasisPoints;
use crate::ids::MerchantId;
use crate::time::Time;

/// The settlement wallet's state. Sales are refused until it is active (contract, 50008).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wallet {
    Missing,
    /// Entered, not yet validated by the operator.
    Pending(String),
    /// 0x-prefixed EIP-55 address, the same on each EVM chain.
    Active(String),
}

/// Ways to pay that a merchant has turned off for its payers. Which there are is the operator's to decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WaysOff {
    pub card: bool,
    pub upi: bool,
    pub coins: bool,
}

impl WaysOff {
    /// The words of those that are off, with blanks between them.
    pub fn text(self) -> String {
        let words = [("card", self.card), ("upi", self.upi), ("coins", self.coins)];
        words.into_iter().filter(|(_, off)| *off).map(|(word, _)| word).collect::<Vec<_>>().join(" ")
    }

    /// Reads [`WaysOff::text`].
    pub fn parse(text: &str) -> Option<Self> {
        let mut off = WaysOff::default();
        for word in text.split_ascii_whitespace() {
            match word {
                "card" => off.card = true,
                "upi" => off.upi = true,
                "coins" => off.coins = true,
                _ => return None,
            }
        }
        Some(off)
    }
}

/// Nothing new begins for a merchant: the operator has said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    pub at: Time,
    /// In the operator's words; the merchant reads it.
    pub reason: String,
}

/// What the rules need to know of a merchant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merchant {
    pub id: MerchantId,
    /// The contract's `merchant_id`.
    pub number: i64,
    pub name: String,
    pub email: String,
    pub wallet: Wallet,
    /// The operator's fee on new attempts; open attempts keep the fee they were made with.
    pub fee: BasisPoints,
    /// Bounds of an invoice's amount, minor units, inclusive.
    pub min_amount: Units,
    pub max_amount: Units,
    /// Whether crypto S2S answers (`status`, `ID`) are enabled.
    pub s2s: bool,
    pub callback_url: Option<String>,
    /// Whether `invoice:expired` is sent.
    pub callback_on_expiry: bool,
    pub ways_off: WaysOff,
    pub stopped: Option<Stopped>,
}

impl Merchant {
    /// Ways to pay on which no payer may begin now.
    pub fn off(&self) -> WaysOff {
        match self.stopped {
            Some(_) => WaysOff { card: true, upi: true, coins: true },
            None => self.ways_off,
        }
    }
}

/// Addresses a merchant's key may be used from: single addresses and CIDR ranges, v4 and v6.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IpList(pub Vec<IpNet>);

impl IpList {
    /// Whether `address` is listed. A v4-mapped v6 address counts as the v4 address it carries.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|net| net.contains(&address))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Reads an entry of the list: `203.0.113.7`, `203.0.113.0/24`, `2001:db8::/48`. Host bits of a range are cleared.
pub fn parse_ip_entry(text: &str) -> Option<IpNet> {
    let text = text.trim();
    let net = match text.parse::<IpAddr>() {
        Ok(address) => IpNet::from(address.to_canonical()),
        Err(_) => text.parse::<IpNet>().ok()?.trunc(),
    };
    Some(net)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_that_are_off_are_read_as_they_were_written() {
        for (card, upi, coins, text) in [
            (false, false, false, ""),
            (true, false, false, "card"),
            (false, true, true, "upi coins"),
            (true, true, true, "card upi coins"),
        ] {
            let off = WaysOff { card, upi, coins };
            assert_eq!((off.text().as_str(), WaysOff::parse(text)), (text, Some(off)));
        }
        assert_eq!(WaysOff::parse("card cash"), None);
    }

    #[test]
    fn addresses_and_ranges() {
        let list = IpList(
            ["203.0.113.7", "198.51.100.9/24", "2001:db8:1::/48", "::ffff:192.0.2.1"]
                .iter()
                .filter_map(|text| parse_ip_entry(text))
                .collect(),
        );
        assert_eq!(list.0.len(), 4);
        let cases = [
            ("203.0.113.7", true),
            ("203.0.113.8", false),
            ("198.51.100.200", true),
            ("::ffff:198.51.100.200", true),
            ("2001:db8:1:2::3", true),
            ("2001:db8:2::3", false),
            ("192.0.2.1", true),
        ];
        for (address, expected) in cases {
            assert_eq!(list.contains(address.parse().unwrap()), expected, "{address}");
        }
        for text in ["", "300.1.1.1", "10.0.0.0/33", "example.com", "10.0.0.0/-1"] {
            assert_eq!(parse_ip_entry(text), None, "{text}");
        }
    }
}
