//! Which addresses from outside may become links or pictures of a page.

use url::Url;

/// The address, if it is one a browser can only visit (never `javascript:` or `data:`).
pub(super) fn web_url(raw: &str) -> Option<String> {
    let url = Url::parse(raw).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.into())
}

/// The same, or a path of our own.
pub(super) fn web_url_or_own_path(raw: &str) -> Option<String> {
    let own = raw.starts_with('/') && !raw.starts_with("//") && !raw.contains('\\');
    if own { Some(raw.to_owned()) } else { web_url(raw) }
}

/// Schemes that wallets answer to.
pub(super) fn is_wallet_link(uri: &str) -> bool {
    ["ethereum:", "bitcoin:", "litecoin:", "tron:"].iter().any(|scheme| uri.starts_with(scheme))
}

/// A payment for a UPI app, and no other thing such an app may do.
pub(super) fn is_upi_link(uri: &str) -> bool {
    uri.starts_with("upi://pay?")
}

/// A picture that holds itself, so that nothing is asked of anybody.
pub(super) fn is_png(url: &str) -> bool {
    url.strip_prefix("data:image/png;base64,").is_some_and(|data| {
        !data.is_empty() && data.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_places_to_visit_become_links() {
        assert_eq!(web_url_or_own_path("/sandbox/upi/7").as_deref(), Some("/sandbox/upi/7"));
        assert_eq!(web_url_or_own_path("https://shop.example/a").as_deref(), Some("https://shop.example/a"));
        for bad in ["//evil.example/", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "sandbox", ""] {
            assert_eq!(web_url_or_own_path(bad), None, "{bad}");
        }
    }

    #[test]
    fn upi_links_pay_and_do_nothing_else() {
        assert!(is_upi_link("upi://pay?pa=shop@bank"));
        for bad in ["upi://mandate?pa=a", "upi:pay?pa=a", "UPI://pay?", "javascript:upi://pay?", " upi://pay?"] {
            assert!(!is_upi_link(bad), "{bad}");
        }
    }

    #[test]
    fn pictures_are_png_in_base64() {
        assert!(is_png("data:image/png;base64,iVBORw0KGgo="));
        for bad in [
            "data:image/svg+xml;base64,AAAA",
            "data:image/png;base64,",
            "https://a.example/q.png",
            "data:image/png;base64,A\"x",
        ] {
            assert!(!is_png(bad), "{bad}");
        }
    }
}
