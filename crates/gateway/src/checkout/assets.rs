//! The style sheet and scripts, named by their content so that browsers may keep them for ever.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// For assets: their name changes with their content.
pub const ASSET_CACHE_CONTROL: &str = "public, max-age=31536000, immutable";

#[derive(Debug)]
pub struct Asset {
    /// Its file in `assets/`, for example `checkout.css`.
    pub file: &'static str,
    /// Absolute path, for example `/assets/checkout.0123456789ab.css`.
    pub path: String,
    /// Strong entity tag, with its quotes.
    pub etag: String,
    /// For the `integrity` attribute: nothing between us and the browser may put other words in.
    pub integrity: String,
    pub content_type: &'static str,
    pub body: &'static str,
}

pub const CSS: &str = "text/css; charset=utf-8";
pub const JS: &str = "text/javascript; charset=utf-8";

pub static STYLE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("checkout.css", include_str!("../../assets/checkout.css"), CSS));
/// On every page of an invoice.
pub static SCRIPT: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("checkout.js", include_str!("../../assets/checkout.js"), JS));
/// Only where there is a card form of ours.
pub static CARD_SCRIPT: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("checkout-card.js", include_str!("../../assets/checkout-card.js"), JS));
/// Only where there are Stripe's fields.
pub static STRIPE_SCRIPT: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("checkout-stripe.js", include_str!("../../assets/checkout-stripe.js"), JS));

impl Asset {
    pub fn new(file: &'static str, body: &'static str, content_type: &'static str) -> Self {
        let digest = Sha256::digest(body);
        let hash = hex::encode(&digest[..6]);
        let (name, extension) = file.rsplit_once('.').unwrap_or((file, ""));
        Self {
            file,
            path: format!("/assets/{name}.{hash}.{extension}"),
            etag: format!("\"{hash}\""),
            integrity: format!("sha256-{}", STANDARD.encode(digest)),
            content_type,
            body,
        }
    }
}

/// For the router.
pub fn all() -> [&'static Asset; 4] {
    [&STYLE, &SCRIPT, &CARD_SCRIPT, &STRIPE_SCRIPT]
}
