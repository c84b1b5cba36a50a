//! Identifiers: `prefix_ULID`, one type each, so that one cannot be passed for another.

use std::fmt;

/// A text that is not an identifier of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not an id of the form {prefix}_ULID")]
pub struct BadId {
    pub prefix: &'static str,
    pub text: String,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            pub const PREFIX: &'static str = $prefix;

            pub fn new(ulid: ulid::Ulid) -> Self {
                Self(format!("{}_{ulid}", $prefix))
            }

            /// Reads an identifier back from a row or a request.
            pub fn parse(text: &str) -> Result<Self, BadId> {
                let rest = text.strip_prefix($prefix).and_then(|rest| rest.strip_prefix('_'));
                // of the spellings that mean the same number, the one that `new` writes
                let is_written = |rest: &&str| {
                    let mut written = [0; ulid::ULID_LEN];
                    ulid::Ulid::from_string(rest).is_ok_and(|ulid| ulid.array_to_str(&mut written) == *rest)
                };
                match rest.filter(is_written) {
                    Some(_) => Ok(Self(text.to_owned())),
                    None => Err(BadId { prefix: $prefix, text: text.chars().take(64).collect() }),
                }
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The part after the prefix, in 16 bytes.
            pub fn ulid(&self) -> ulid::Ulid {
                // there is one: `new` and `parse` make sure of it
                self.0.get($prefix.len() + 1..).and_then(|text| ulid::Ulid::from_string(text).ok()).unwrap_or_default()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

ids! {
    /// A merchant: whoever posts invoices and is settled.
    MerchantId = "mer";
    /// An invoice. The contract's integer id is `Invoice::number`.
    InvoiceId = "inv";
    /// One way of paying an invoice: an asset, an address and a locked rate.
    AttemptId = "att";
    /// Money seen on a rail.
    PaymentId = "pay";
    /// Something a merchant is told about.
    EventId = "evt";
    /// An API key (not the key itself).
    KeyId = "key";
    /// An account at a payment provider.
    AccountId = "acc";
    /// A payment attempt at a provider: card or UPI.
    ChargeId = "chg";
    /// Money on its way out.
    TransferId = "trf";
    /// Coins that a payer is to get back.
    RefundId = "ref";
    /// A person who signs in.
    UserId = "usr";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_only_as_its_own_kind() {
        let id = InvoiceId::new(ulid::Ulid(7));
        assert_eq!(InvoiceId::parse(id.as_str()), Ok(id.clone()));
        assert_eq!(id.ulid(), ulid::Ulid(7));
        assert!(
            InvoiceId::parse("inv_0000000000000000000000000a").is_err(),
            "lower case would be another text for one id"
        );
        for text in [id.as_str().replace("inv", "mer"), "inv_".into(), "inv".into(), String::new(), "inv_U".into()] {
            assert!(InvoiceId::parse(&text).is_err(), "{text}");
        }
    }
}
