//! A merchant's or the operator's account at a provider: what its requests are made with.

use std::collections::BTreeMap;
use std::fmt;

use domain::Time;
use zeroize::Zeroizing;

/// Something an account must be set up with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Lower case, `_` between words.
    pub name: &'static str,
    /// For the person who enters it: what it is and where the provider shows it.
    pub help: &'static str,
    /// Sealed at rest and never shown again.
    pub secret: bool,
    pub required: bool,
}

/// A token that runs out.
#[derive(Clone)]
pub struct Token {
    pub text: Zeroizing<String>,
    pub expires_at: Time,
}

/// Its `Debug` form hides every value.
#[derive(Clone)]
pub struct Account {
    /// Ours: `acc_ULID`.
    pub id: String,
    /// Without a slash at the end.
    pub base_url: String,
    pub fields: BTreeMap<String, Zeroizing<String>>,
    /// From [`super::Login`], if the provider has one.
    pub token: Option<Token>,
}

impl Account {
    /// A field's value; empty when it is not set, which the provider will refuse.
    pub fn get(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", |value| value.as_str())
    }

    /// A field's value, if it is set.
    pub fn set(&self, name: &str) -> Option<&str> {
        Some(self.get(name)).filter(|value| !value.is_empty())
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("id", &self.id).finish_non_exhaustive()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}
