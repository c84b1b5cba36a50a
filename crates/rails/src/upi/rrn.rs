//! The number by which banks know a UPI transfer.

use std::fmt;

/// A retrieval reference number: twelve digits, issued for the interbank transfer (also called UTR or bank reference).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rrn(String);

/// Why a text is no RRN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadRrn {
    #[error("a UPI reference number (RRN or UTR) has twelve digits")]
    Form,
    #[error("this is not a reference number any bank gives: all its digits are the same")]
    Nonsense,
}

impl Rrn {
    /// Reads exactly twelve ASCII digits, with blanks around them at most.
    ///
    /// Twelve equal digits are refused: they are what people type to get past a form. That the first four look like a year's last
    /// digit and a day of the year is not sure enough to refuse anything.
    ///
    /// # Errors
    /// `Form` for anything but twelve digits, `Nonsense` for twelve equal ones.
    pub fn parse(text: &str) -> Result<Self, BadRrn> {
        let text = text.trim();
        if text.len() != 12 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(BadRrn::Form);
        }
        let first = text.as_bytes()[0];
        if text.bytes().all(|byte| byte == first) { Err(BadRrn::Nonsense) } else { Ok(Self(text.to_owned())) }
    }

    /// The twelve digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Rrn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_digits() {
        for (text, expected) in [
            ("527013524405", Ok("527013524405")),
            (" 527013524405\n", Ok("527013524405")),
            // day 400 of a year: unlikely, not refused
            ("540013524405", Ok("540013524405")),
            ("000000000001", Ok("000000000001")),
            ("000000000000", Err(BadRrn::Nonsense)),
            ("999999999999", Err(BadRrn::Nonsense)),
            ("52701352440", Err(BadRrn::Form)),
            ("5270135244050", Err(BadRrn::Form)),
            ("5270 1352 4405", Err(BadRrn::Form)),
            ("52701352440a", Err(BadRrn::Form)),
            ("५२७०१३५२४४०५", Err(BadRrn::Form)),
            ("", Err(BadRrn::Form)),
        ] {
            assert_eq!(Rrn::parse(text).map(|rrn| rrn.to_string()), expected.map(str::to_owned), "{text}");
        }
    }
}
