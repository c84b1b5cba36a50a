//! The link that a payer's UPI app opens; a QR code holds the same text (NPCI UPI Linking Specification 1.6).

use super::vpa::Vpa;
use domain::Units;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All but the unreserved signs of RFC 3986; a blank becomes `%20`, never `+`.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What the payer's app fills in. For a merchant's own address only: a link that a provider made is shown as the provider made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub payee_vpa: Vpa,
    /// As the payer knows the payee.
    pub payee_name: String,
    /// Paise, above zero.
    pub amount: Units,
    /// Unique per attempt: the key by which the money is found again.
    pub reference: String,
    /// Shown to the payer; no secret.
    pub note: Option<String>,
}

impl Link {
    /// `upi://pay?pa=…&pn=…&am=…&cu=INR&tr=…[&tn=…]`.
    ///
    /// Without `mc`, which belongs to merchant addresses and is never invented, and without `sign`, which needs a key at the bank.
    pub fn uri(&self) -> String {
        let escaped = |text: &str| utf8_percent_encode(text, ESCAPED).to_string();
        let mut uri = format!(
            // the address has nothing to escape: an @ may stand in a query
            "upi://pay?pa={}&pn={}&am={}&cu=INR&tr={}",
            self.payee_vpa,
            escaped(&self.payee_name),
            self.amount.decimal(2, 2),
            escaped(&self.reference),
        );
        if let Some(note) = &self.note {
            uri.push_str("&tn=");
            uri.push_str(&escaped(note));
        }
        uri
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn link(name: &str, paise: u128, reference: &str, note: Option<&str>) -> Link {
        Link {
            payee_vpa: Vpa::parse("shop.one@okbank").unwrap(),
            payee_name: name.into(),
            amount: Units(paise),
            reference: reference.into(),
            note: note.map(str::to_owned),
        }
    }

    #[test]
    fn links() {
        for (link, expected) in [
            (link("Shop", 40_971, "LG1736", None), "upi://pay?pa=shop.one@okbank&pn=Shop&am=409.71&cu=INR&tr=LG1736"),
            (
                link("Chai & Sons", 100, "a-1", Some("Order 7: 100%")),
                "upi://pay?pa=shop.one@okbank&pn=Chai%20%26%20Sons&am=1.00&cu=INR&tr=a-1&tn=Order%207%3A%20100%25",
            ),
            (
                link("चाय", 1, "r", None),
                "upi://pay?pa=shop.one@okbank&pn=%E0%A4%9A%E0%A4%BE%E0%A4%AF&am=0.01&cu=INR&tr=r",
            ),
        ] {
            assert_eq!(link.uri(), expected);
        }
    }

    proptest! {
        #[test]
        fn nobody_adds_a_parameter(name in any::<String>(), reference in any::<String>(), note in any::<String>(), paise in 1_u64..) {
            let uri = link(&name, paise.into(), &reference, Some(&note)).uri();
            let url = url::Url::parse(&uri).unwrap();
            let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
            let names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
            prop_assert_eq!(names, ["pa", "pn", "am", "cu", "tr", "tn"]);
            prop_assert_eq!((&pairs[1].1, &pairs[4].1, &pairs[5].1), (&name, &reference, &note));
            prop_assert!(uri.is_ascii() && !uri.contains(['+', ' ']));
        }
    }
}
