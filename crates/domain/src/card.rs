//! Card numbers and what goes with them. The number and the code live in memory that is wiped, and have no way out but
//! [`CardNumber::expose`] and [`SecurityCode::expose`]: no `Display`, a masked `Debug`, no serialisation.

mod brand;
mod expiry;
mod mask;

pub use brand::Brand;
pub use expiry::{BadExpiry, Expiry};
pub use mask::{contains_number, mask_numbers};

use std::fmt;

use zeroize::Zeroizing;

/// A primary account number: 12 to 19 digits (ISO/IEC 7812-1) with a right check digit.
#[derive(Clone, PartialEq, Eq)]
pub struct CardNumber(Zeroizing<String>);

/// Why a text is no card number. Never holds the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadNumber {
    #[error("a card number has 12 to 19 digits")]
    Length,
    #[error("the check digit does not fit: a digit is wrong or two are swapped")]
    CheckDigit,
}

impl CardNumber {
    /// Reads digits, with blanks or hyphens between them.
    ///
    /// # Errors
    /// `Length` for anything but 12 to 19 digits, `CheckDigit` when the Luhn sum (ISO/IEC 7812-1 annex B) is not a multiple of ten.
    pub fn parse(text: &str) -> Result<Self, BadNumber> {
        // reserved at once: a string that grows would leave copies of the number behind
        let mut digits = Zeroizing::new(String::with_capacity(20));
        for c in text.chars().filter(|c| !matches!(c, ' ' | '-')) {
            if !c.is_ascii_digit() || digits.len() == 19 {
                return Err(BadNumber::Length);
            }
            digits.push(c);
        }
        if digits.len() < 12 {
            return Err(BadNumber::Length);
        }
        if is_luhn(digits.as_bytes()) { Ok(Self(digits)) } else { Err(BadNumber::CheckDigit) }
    }

    pub fn brand(&self) -> Brand {
        Brand::of(&self.0)
    }

    /// The last four digits: what may be stored and shown (PCI DSS 3.4.1).
    pub fn last4(&self) -> &str {
        &self.0[self.0.len() - 4..]
    }

    /// What may be kept of the card.
    pub fn shown(&self) -> ShownCard {
        ShownCard { brand: self.brand(), last4: self.last4().to_owned() }
    }

    /// The digits, for the provider's request alone.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for CardNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CardNumber(…{})", self.last4())
    }
}

/// Whether ASCII digits have a right check digit.
fn is_luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .zip([1, 2].iter().cycle())
        .map(|(digit, weight)| {
            let value = u32::from(digit - b'0') * weight;
            value / 10 + value % 10
        })
        .sum();
    sum.is_multiple_of(10)
}

/// The code printed on the card (CVV2, CVC2, CID): three digits, four for American Express. Never stored, not even sealed.
#[derive(Clone, PartialEq, Eq)]
pub struct SecurityCode(Zeroizing<String>);

/// A code of the wrong length or with other signs than digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the security code has {digits} digits")]
pub struct BadCode {
    pub digits: usize,
}

impl SecurityCode {
    /// Reads the code of a card of `brand`.
    ///
    /// # Errors
    /// [`BadCode`], with how many digits it should have.
    pub fn parse(text: &str, brand: Brand) -> Result<Self, BadCode> {
        let digits = brand.code_digits();
        match text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit()) {
            true => Ok(Self(Zeroizing::new(text.to_owned()))),
            false => Err(BadCode { digits }),
        }
    }

    /// The digits, for the provider's request alone.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecurityCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecurityCode(…)")
    }
}

/// A card as the payer entered it. Lives for one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    pub number: CardNumber,
    pub expiry: Expiry,
    pub code: SecurityCode,
    /// As on the card.
    pub holder: String,
}

/// What is stored and shown of a card.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ShownCard {
    pub brand: Brand,
    /// Four digits.
    pub last4: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_checked_and_hidden() {
        let number = CardNumber::parse("4242 4242-4242 4242").unwrap();
        assert_eq!((number.last4(), number.brand()), ("4242", Brand::Visa));
        assert_eq!(format!("{number:?}"), "CardNumber(…4242)");
        for (text, expected) in [
            ("4242424242424241", Err(BadNumber::CheckDigit)),
            ("2424242424242424", Err(BadNumber::CheckDigit)),
            ("42424242424", Err(BadNumber::Length)),
            ("42424242424242424242", Err(BadNumber::Length)),
            ("4242x42424242424242", Err(BadNumber::Length)),
            ("", Err(BadNumber::Length)),
            ("٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢", Err(BadNumber::Length)),
        ] {
            assert_eq!(CardNumber::parse(text).map(|_| ()), expected, "{text}");
        }
    }

    #[test]
    fn codes_have_three_digits_or_four() {
        assert!(SecurityCode::parse("123", Brand::Visa).is_ok());
        assert_eq!(SecurityCode::parse("1234", Brand::Visa), Err(BadCode { digits: 3 }));
        assert_eq!(SecurityCode::parse("123", Brand::Amex), Err(BadCode { digits: 4 }));
        assert!(SecurityCode::parse("0000", Brand::Amex).is_ok());
        assert!(SecurityCode::parse("12a", Brand::Visa).is_err());
        assert_eq!(format!("{:?}", SecurityCode::parse("123", Brand::Visa).unwrap()), "SecurityCode(…)");
    }
}
