//! E-mail addresses, international ones included.

use super::field::has_forbidden;
use email_address::{EmailAddress, Options};

/// Longest address in bytes: RFC 5321 allows a path of 256 with its two angle brackets.
pub const MAX_BYTES: usize = 254;

/// Whether it is the address of a mailbox at a domain name of at least two labels.
///
/// RFC 6531 lets any character beyond ASCII stand where a letter may. The library knows only those that Unicode calls
/// alphanumeric, which leaves out vowel signs of Indian scripts, so its check of the form sees a letter in their place;
/// that the domain is a valid international name is checked separately.
pub fn is_valid(address: &str) -> bool {
    if address.len() > MAX_BYTES || has_forbidden(address) {
        return false;
    }
    let Some((local, domain)) = address.rsplit_once('@') else { return false };
    let Ok(domain) = idna_ascii(domain) else { return false };
    let local: String = local.chars().map(|c| if c.is_ascii() { c } else { 'x' }).collect();
    let options = Options::default().with_required_tld().without_domain_literal().without_display_text();
    EmailAddress::parse_with_options(&format!("{local}@{domain}"), options).is_ok()
}

fn idna_ascii(domain: &str) -> Result<String, url::ParseError> {
    match url::Host::parse(domain)? {
        url::Host::Domain(ascii) if !domain.contains('%') => Ok(ascii),
        _ => Err(url::ParseError::InvalidDomainCharacter),
    }
}

#[cfg(test)]
mod tests {
    use super::is_valid;

    #[test]
    fn addresses() {
        let long_local = format!("{}@b.example", "a".repeat(65));
        let long = format!("a@{}example", "b23456789.".repeat(25));
        let cases = [
            ("a@b.example", true),
            ("first.last+tag@sub.shop.example", true),
            ("o'neil@b.example", true),
            ("\"a b\"@b.example", true),
            ("jörg@bücher.example", true),
            ("用户@例子.广告", true),
            ("संपर्क@हिन्दी.भारत", true),
            ("😀@b.example", true),
            ("A@B.EXAMPLE", true),
            ("a@127.0.0.1", false),
            ("a@[127.0.0.1]", false),
            ("a@localhost", false),
            ("a@b..example", false),
            ("a@-b.example", false),
            ("a@b.example.", false),
            ("a@b_c d.example", false),
            ("a@%62.example", false),
            (".a@b.example", false),
            ("a..b@b.example", false),
            ("a b@b.example", false),
            ("a@b@c.example", false),
            ("@b.example", false),
            ("a@", false),
            ("a", false),
            ("", false),
            ("A <a@b.example>", false),
            ("<a@b.example>", false),
            ("a@b.example\r\nBcc: x@y.example", false),
            ("a\0@b.example", false),
            ("a\u{202e}@b.example", false),
            ("a@b.example, c@d.example", false),
            (&long_local, false),
            (&long, false),
        ];
        for (address, valid) in cases {
            assert_eq!(is_valid(address), valid, "{address:?}");
        }
    }
}
