//! The file as written, with the places of what is checked later.

use std::num::NonZeroU32;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use std::collections::BTreeMap;

use toml::Spanned;

pub(super) type Text = Spanned<String>;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) listen: Option<Text>,
    pub(super) base_url: Option<Text>,
    pub(super) data_dir: Option<Text>,
    #[serde(default)]
    pub(super) trusted_proxies: Vec<Text>,
    #[serde(default)]
    pub(super) allow_private_targets: bool,
    pub(super) fee_wallet: Option<Text>,
    #[serde(default)]
    pub(super) limits: Limits,
    #[serde(default)]
    pub(super) fees: Fees,
    #[serde(default)]
    pub(super) rates: Rates,
    #[serde(default)]
    pub(super) cards: Cards,
    pub(super) settlement_coin: Option<Text>,
    pub(super) operator_email: Option<Text>,
    pub(super) smtp: Option<Smtp>,
    pub(super) sandbox: Option<Sandbox>,
    #[serde(default)]
    pub(super) payees: Payees,
    pub(super) drain_seconds: Option<Spanned<Number>>,
    pub(super) metrics: Option<Metrics>,
    pub(super) traces: Option<Traces>,
    pub(super) retention: Option<Retention>,
    #[serde(default)]
    pub(super) chains: Vec<Chain>,
    #[serde(default)]
    pub(super) treasury: Vec<Treasury>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Metrics {
    pub(super) listen: Text,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Traces {
    pub(super) endpoint: Text,
}

/// The operator's wallet on a chain, from which merchants and payers are paid.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Treasury {
    pub(super) chain: Text,
    pub(super) signer: Text,
    /// Of a hot signer.
    pub(super) key_file: Option<Text>,
    /// Of an offline signer.
    pub(super) address: Option<Text>,
    /// Whole coins.
    pub(super) daily_cap: Spanned<u64>,
    pub(super) transfer_cap: Spanned<u64>,
    pub(super) allow: Option<Vec<Text>>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Smtp {
    pub(super) host: Text,
    pub(super) port: Spanned<u16>,
    pub(super) tls: Text,
    pub(super) from: Text,
    pub(super) username: Option<Text>,
}

/// `lockgate sandbox` with `--live`, which this gateway's merchants may use.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sandbox {
    pub(super) base_url: Text,
}

#[derive(serde::Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct Cards {
    pub(super) pci_mode: Option<Text>,
}

/// What is older leaves the database.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Retention {
    pub(super) days: Spanned<i64>,
    pub(super) directory: Text,
}

#[derive(serde::Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct Payees {
    pub(super) wait_hours: Option<Spanned<i64>>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Limits {
    pub(super) per_key_per_minute: NonZeroU32,
    pub(super) per_ip_per_minute: NonZeroU32,
}

impl Default for Limits {
    fn default() -> Self {
        let super::Limits { per_key_per_minute, per_ip_per_minute } = super::Limits::default();
        Self { per_key_per_minute, per_ip_per_minute }
    }
}

#[derive(serde::Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct Fees {
    pub(super) default_bps: Option<Spanned<i64>>,
}

#[derive(serde::Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct Rates {
    #[serde(default)]
    pub(super) sources: Vec<Text>,
    /// How much of a currency one US dollar is, by its code.
    #[serde(default)]
    pub(super) fixed: BTreeMap<String, Text>,
}

/// An entry of the operator's file, or of the shipped table: what the first leaves out, the second gives.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Chain {
    pub(super) name: Text,
    pub(super) title: Option<String>,
    pub(super) chain_id: Option<Spanned<u64>>,
    pub(super) native: Option<Native>,
    pub(super) rpc: Option<Spanned<Vec<Text>>>,
    pub(super) explorer_tx_url: Option<Text>,
    pub(super) assets: Option<Vec<Text>>,
    #[serde(default)]
    pub(super) tokens: Vec<Token>,
    pub(super) confirmations: Option<Vec<Step>>,
    pub(super) deepest: Option<Spanned<u64>>,
    pub(super) flush_at_once_usd: Option<Spanned<Number>>,
    pub(super) flush_after_hours: Option<Spanned<u32>>,
    pub(super) max_fee_gwei: Option<Spanned<Number>>,
    pub(super) bump_after_seconds: Option<Spanned<u32>>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    pub(super) up_to_usd: Spanned<Number>,
    pub(super) blocks: u64,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Native {
    pub(super) code: Option<Text>,
    pub(super) symbol: Text,
    pub(super) name: String,
    /// 18 on every EVM chain that is known.
    pub(super) decimals: Option<Spanned<u8>>,
    #[serde(default)]
    pub(super) at_par: bool,
    #[serde(default = "yes")]
    pub(super) payable: bool,
    #[serde(default)]
    pub(super) aliases: Vec<String>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Token {
    pub(super) code: Option<Text>,
    pub(super) symbol: Text,
    pub(super) name: String,
    pub(super) contract: Text,
    /// No default: a wrong guess is a wrong price by powers of ten.
    pub(super) decimals: Spanned<u8>,
    #[serde(default)]
    pub(super) at_par: bool,
    #[serde(default = "yes")]
    pub(super) payable: bool,
    #[serde(default)]
    pub(super) aliases: Vec<String>,
}

fn yes() -> bool {
    true
}

/// A decimal as text: a whole number may stand without quotes, one with a point would have been a float.
pub(super) struct Number(pub(super) String);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl Visitor<'_> for Any {
            type Value = Number;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a whole number, or a decimal in quotes")
            }
            fn visit_i64<E: Error>(self, value: i64) -> Result<Number, E> {
                Ok(Number(value.to_string()))
            }
            fn visit_u64<E: Error>(self, value: u64) -> Result<Number, E> {
                Ok(Number(value.to_string()))
            }
            fn visit_str<E: Error>(self, value: &str) -> Result<Number, E> {
                Ok(Number(value.to_owned()))
            }
            fn visit_f64<E: Error>(self, _: f64) -> Result<Number, E> {
                Err(E::custom("write a decimal in quotes, e.g. \"0.5\", so that it is read exactly"))
            }
        }
        deserializer.deserialize_any(Any)
    }
}
