//! Sites of the merchant's own that may show its payers' pages in a frame. Everybody else is refused by the browser (`frame-ancestors`).

use url::{Host, Url};

use crate::app::App;
use crate::app::accounts::sessions::Desk;
use crate::app::merchant_setup::wrote;
use crate::store::{StoreError, Tx, storefronts};

/// The header that names them is sent with each page.
pub const MOST: usize = 10;

#[derive(Debug, PartialEq, Eq)]
pub enum Unfit {
    /// These words are no origin.
    NotAnOrigin(String),
    TooMany,
}

/// Scheme, host and port of a site: `https://shop.example`. `http` only where no money is real. A star and a path are refused, for a browser
/// would read them as more than one site, or not at all.
pub fn origin(text: &str, with_http: bool) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let is_nobodys = url.username().is_empty() && url.password().is_none();
    let has_host = match url.host()? {
        // a host may hold a semicolon or a star, which mean something in a policy
        Host::Domain(name) => name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte)),
        Host::Ipv4(_) => true,
        // no browser takes one in this header
        Host::Ipv6(_) => false,
    };
    let is_safe = url.scheme() == "https" || (with_http && url.scheme() == "http");
    (is_bare && is_nobodys && has_host && is_safe).then(|| url.origin().ascii_serialization())
}

/// What was typed, one to a line or with blanks between.
pub fn read(typed: &str, with_http: bool) -> Result<Vec<String>, Unfit> {
    let mut origins = Vec::new();
    for word in typed.split_whitespace() {
        let origin = origin(word, with_http).ok_or_else(|| Unfit::NotAnOrigin(word.chars().take(200).collect()))?;
        if !origins.contains(&origin) {
            origins.push(origin);
        }
    }
    if origins.len() > MOST { Err(Unfit::TooMany) } else { Ok(origins) }
}

/// Puts these in the place of those before.
pub fn set(app: &App, tx: &Tx<'_>, desk: &Desk, origins: &[String]) -> Result<(), StoreError> {
    let old = storefronts::of(tx, &desk.merchant.id)?.frames;
    if old == origins {
        return Ok(());
    }
    storefronts::set_frames(tx, &desk.merchant.id, origins)?;
    let said = |origins: &[String]| if origins.is_empty() { "none".to_owned() } else { origins.join(", ") };
    wrote(app, tx, desk, "frames.set", format!("{} to {}", said(&old), said(origins)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_and_nothing_else() {
        let cases = [
            ("https://shop.example", Some("https://shop.example")),
            ("https://Shop.Example/", Some("https://shop.example")),
            ("https://shop.example:8443", Some("https://shop.example:8443")),
            ("https://shop.example:443", Some("https://shop.example")),
            ("https://bücher.example", Some("https://xn--bcher-kva.example")),
            ("https://203.0.113.7", Some("https://203.0.113.7")),
            ("http://shop.example", None),
            ("https://*.shop.example", None),
            ("https://shop.example/pay", None),
            ("https://shop.example?a", None),
            ("https://shop.example#a", None),
            ("https://me@shop.example", None),
            ("https://[2001:db8::1]", None),
            ("https://a;script-src.example", None),
            ("https://a,b.example", None),
            ("javascript:alert(1)", None),
            ("data:text/html,a", None),
            ("shop.example", None),
            ("*", None),
            ("'self'", None),
        ];
        for (typed, expected) in cases {
            assert_eq!(origin(typed, false).as_deref(), expected, "{typed}");
        }
        assert_eq!(origin("http://127.0.0.1:8080", true).as_deref(), Some("http://127.0.0.1:8080"));
        let two = "https://a.example\n https://b.example\r\nhttps://A.example/";
        assert_eq!(read(two, false), Ok(vec!["https://a.example".into(), "https://b.example".into()]));
        assert_eq!(read("", false), Ok(Vec::new()));
        assert_eq!(read("https://a.example b.example", false), Err(Unfit::NotAnOrigin("b.example".into())));
        let many: String = (0..=MOST).map(|nth| format!("https://{nth}.example ")).collect();
        assert_eq!(read(&many, false), Err(Unfit::TooMany));
    }
}
