//! The style sheet and script, named by their content so that browsers may keep them for ever, and the pages' headers.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

/// Only our own style sheet and script, nothing inline, no frames.
///
/// `form-action 'self'` is enough although payers leave for the merchant: every POST is answered with a redirect to our own
/// page, which then carries the link there (browsers apply the directive to redirects of a form too).
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
    img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The headers of every page here. The address holds the token, so nobody else may learn it from a `Referer`;
/// `same-origin` rather than `no-referrer`, because the latter would make our own forms send `Origin: null`.
pub const PAGE_HEADERS: [(&str, &str); 5] = [
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("referrer-policy", "same-origin"),
    ("x-content-type-options", "nosniff"),
    ("cache-control", "no-store"),
    ("x-robots-tag", "noindex"),
];

/// For assets: their name changes with their content.
pub const ASSET_CACHE_CONTROL: &str = "public, max-age=31536000, immutable";

#[derive(Debug)]
pub struct Asset {
    /// Absolute path, for example `/assets/checkout.0123456789ab.css`.
    pub path: String,
    /// Strong entity tag, with its quotes.
    pub etag: String,
    pub content_type: &'static str,
    pub body: &'static str,
}

pub static STYLE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new(include_str!("../../assets/checkout.css"), "css", "text/css; charset=utf-8"));
pub static SCRIPT: LazyLock<Asset> =
    LazyLock::new(|| Asset::new(include_str!("../../assets/checkout.js"), "js", "text/javascript; charset=utf-8"));

impl Asset {
    fn new(body: &'static str, extension: &str, content_type: &'static str) -> Self {
        let hash = hex::encode(&Sha256::digest(body)[..6]);
        Self { path: format!("/assets/checkout.{hash}.{extension}"), etag: format!("\"{hash}\""), content_type, body }
    }
}

/// Both assets, for the router.
pub fn all() -> [&'static Asset; 2] {
    [&STYLE, &SCRIPT]
}
