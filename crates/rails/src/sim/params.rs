//! Reads the parameters of a call as strictly as go-ethereum does, so that a sloppy client is found here.

use alloy_primitives::{Address, B256, Bytes, U256};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::chain::SimChain;
use super::rpc::RpcError;
use super::{FINALIZED_DEPTH, SAFE_DEPTH};

/// The positional parameters of a call.
#[derive(Debug)]
pub(super) struct Params<'a>(&'a [Value]);

impl<'a> Params<'a> {
    pub(super) fn new(values: &'a [Value]) -> Self {
        Self(values)
    }

    pub(super) fn at_most(&self, count: usize) -> Result<(), RpcError> {
        if self.0.len() > count {
            return Err(RpcError::invalid_params(format!("too many arguments, want at most {count}")));
        }
        Ok(())
    }

    pub(super) fn optional(&self, index: usize) -> Option<&'a Value> {
        self.0.get(index).filter(|value| !value.is_null())
    }

    pub(super) fn required(&self, index: usize) -> Result<&'a Value, RpcError> {
        let missing = || RpcError::invalid_params(format!("missing value for required argument {index}"));
        self.optional(index).ok_or_else(missing)
    }

    /// A required parameter, read by `read`; what it complains about is said to be the argument's fault.
    pub(super) fn read<T>(
        &self,
        index: usize,
        read: impl FnOnce(&'a Value) -> Result<T, String>,
    ) -> Result<T, RpcError> {
        let value = self.required(index)?;
        read(value).map_err(|reason| RpcError::invalid_params(format!("invalid argument {index}: {reason}")))
    }

    pub(super) fn address(&self, index: usize) -> Result<Address, RpcError> {
        self.read(index, address)
    }

    pub(super) fn hash(&self, index: usize) -> Result<B256, RpcError> {
        self.read(index, hash)
    }

    pub(super) fn flag(&self, index: usize) -> Result<bool, RpcError> {
        self.read(index, |value| value.as_bool().ok_or_else(|| "not a boolean".to_owned()))
    }
}

pub(super) fn address(value: &Value) -> Result<Address, String> {
    fixed(value, 42, "20 bytes")
}

pub(super) fn hash(value: &Value) -> Result<B256, String> {
    fixed(value, 66, "32 bytes")
}

pub(super) fn data(value: &Value) -> Result<Bytes, String> {
    prefixed(value)?;
    serde_json::from_value(value.clone()).map_err(|_| "invalid hex string".to_owned())
}

pub(super) fn quantity(value: &Value) -> Result<U256, String> {
    let digits = prefixed(value)?;
    if digits.is_empty() {
        return Err("hex string \"0x\"".to_owned());
    }
    if digits.len() > 1 && digits.starts_with('0') {
        return Err("hex number with leading zero digits".to_owned());
    }
    U256::from_str_radix(digits, 16).map_err(|_| "invalid hex string".to_owned())
}

pub(super) fn quantity_u64(value: &Value) -> Result<u64, String> {
    u64::try_from(quantity(value)?).map_err(|_| "hex number > 64 bits".to_owned())
}

pub(super) fn quantity_u128(value: &Value) -> Result<u128, String> {
    u128::try_from(quantity(value)?).map_err(|_| "hex number > 128 bits".to_owned())
}

fn prefixed(value: &Value) -> Result<&str, String> {
    let text = value.as_str().ok_or_else(|| "json: not a string".to_owned())?;
    text.strip_prefix("0x").ok_or_else(|| "hex string without 0x prefix".to_owned())
}

fn fixed<T: DeserializeOwned>(value: &Value, length: usize, want: &str) -> Result<T, String> {
    if prefixed(value)?.len().saturating_add(2) != length {
        return Err(format!("hex string has wrong length, want {want}"));
    }
    serde_json::from_value(value.clone()).map_err(|_| "invalid hex string".to_owned())
}

impl SimChain {
    /// A block number or tag, as it stands. `Ok(None)`: no such block yet.
    pub(super) fn number_of(&self, value: &Value) -> Result<Option<u64>, String> {
        let head = self.head_number();
        Ok(match value.as_str() {
            Some("latest" | "pending") => Some(head),
            Some("earliest") => Some(0),
            Some("safe") => Some(head.saturating_sub(SAFE_DEPTH)),
            Some("finalized") => Some(head.saturating_sub(FINALIZED_DEPTH)),
            _ => Some(quantity_u64(value)?).filter(|number| *number <= head),
        })
    }

    /// The block whose state is asked for: a number, a tag or an EIP-1898 object; the latest without one.
    pub(super) fn state_number(&self, params: &Params<'_>, index: usize) -> Result<u64, RpcError> {
        let Some(value) = params.optional(index) else { return Ok(self.head_number()) };
        let invalid = |reason: String| RpcError::invalid_params(format!("invalid argument {index}: {reason}"));
        let number = match value {
            Value::Object(at) => match (at.get("blockHash"), at.get("blockNumber")) {
                (Some(wanted), None) => self.numbers.get(&hash(wanted).map_err(invalid)?).copied(),
                (None, Some(number)) => self.number_of(number).map_err(invalid)?,
                _ => return Err(invalid("specify either blockHash or blockNumber".to_owned())),
            },
            value => self.number_of(value).map_err(invalid)?,
        };
        number.ok_or_else(|| RpcError::server("header not found"))
    }
}
