//! JSON-RPC quantities: `0x` and hexadecimal digits. Leading zeros are accepted, since some nodes send them.

use alloy_primitives::U256;
use serde::{Deserialize, Deserializer, de::Error};
use std::borrow::Cow;

/// A quantity that fits `T`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quantity<T>(pub T);

pub(super) fn parse(text: &str) -> Result<U256, &'static str> {
    let digits = text.strip_prefix("0x").ok_or("a quantity starts with 0x")?;
    if digits.is_empty() || digits.len() > 64 {
        return Err("a quantity has 1 to 64 digits");
    }
    // `from_str_radix` would skip underscores.
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Err("a quantity has hexadecimal digits");
    }
    U256::from_str_radix(digits, 16).map_err(|_| "a quantity has hexadecimal digits")
}

impl<'de, T: TryFrom<U256>> Deserialize<'de> for Quantity<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        let number = parse(&text).map_err(D::Error::custom)?;
        T::try_from(number).map(Quantity).map_err(|_| D::Error::custom("the quantity is too large"))
    }
}

/// For `#[serde(deserialize_with)]`.
pub(super) fn read<'de, T: TryFrom<U256>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    Quantity::deserialize(deserializer).map(|quantity| quantity.0)
}

/// For fields that a chain may not have; with `#[serde(default)]`.
pub(super) fn read_optional<'de, T: TryFrom<U256>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    Ok(Option::<Quantity<T>>::deserialize(deserializer)?.map(|quantity| quantity.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn reads_what_fits_and_refuses_the_rest(value: u128, zeros in 0usize..8) {
            let json = format!("\"0x{}{value:x}\"", "0".repeat(zeros));
            prop_assert_eq!(serde_json::from_str::<Quantity<u128>>(&json).unwrap().0, value);
            prop_assert_eq!(serde_json::from_str::<Quantity<u64>>(&json).ok().map(|q| q.0), u64::try_from(value).ok());
        }

        #[test]
        fn never_panics(text in ".*") {
            let _ = parse(&text);
            let _ = parse(&format!("0x{text}"));
        }
    }

    #[test]
    fn refuses() {
        for text in ["", "0", "0x", "0xg", "0x+1", "0x-1", "0x_1", "0x 1", "10", "0X1"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse(&format!("0x{}", "0".repeat(65))).is_err());
        assert!(serde_json::from_str::<Quantity<u64>>("17").is_err());
    }
}
