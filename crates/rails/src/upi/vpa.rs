//! Addresses of UPI.

use std::fmt;
use std::hash::{Hash, Hasher};

/// Longest address taken, in bytes.
const MAX_BYTES: usize = 255;

/// A virtual payment address, `local@handle`. Well formed, which does not mean that it exists. Equal without regard to case.
#[derive(Debug, Clone)]
pub struct Vpa(String);

/// Not `local@handle`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a UPI address is letters, digits, dots, hyphens or underscores, an @, and the name of a payment app without a dot"
)]
pub struct BadVpa;

impl Vpa {
    /// Reads an address. The local part has ASCII letters, digits, dots, hyphens and underscores; the handle letters and digits,
    /// and no dot, which would make it an e-mail address.
    ///
    /// # Errors
    /// [`BadVpa`] for anything else, or for more than 255 bytes.
    pub fn parse(text: &str) -> Result<Self, BadVpa> {
        let (local, handle) = text.split_once('@').ok_or(BadVpa)?;
        let is_local = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        let good = !local.is_empty() && local.bytes().all(is_local);
        let good = good && !handle.is_empty() && handle.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if good && text.len() <= MAX_BYTES { Ok(Self(text.to_owned())) } else { Err(BadVpa) }
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq for Vpa {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Vpa {}

impl Hash for Vpa {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_ascii_lowercase().hash(state);
    }
}

impl fmt::Display for Vpa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn addresses() {
        let long = format!("{}@bank", "a".repeat(251));
        for (text, good) in [
            ("shop@bank", true),
            ("Shop.No-1_x@okBank1", true),
            ("9876543210@ybl", true),
            ("@bank", false),
            ("shop@", false),
            ("shop", false),
            ("shop@bank.example", false),
            ("shop@bank@bank", false),
            ("sh op@bank", false),
            ("shop@bank&am=1", false),
            ("दुकान@bank", false),
            ("", false),
            (&long, false),
        ] {
            assert_eq!(Vpa::parse(text).is_ok(), good, "{text}");
        }
    }

    #[test]
    fn case_does_not_matter_but_stays() {
        let (one, other) = (Vpa::parse("Shop@Bank").unwrap(), Vpa::parse("shop@bank").unwrap());
        assert_eq!(one, other);
        assert_eq!(HashSet::from([one.clone(), other]).len(), 1);
        assert_eq!(one.to_string(), "Shop@Bank");
        assert_ne!(one, Vpa::parse("shop@bank2").unwrap());
    }
}
