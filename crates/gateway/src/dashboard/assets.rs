//! The dashboard's style sheet and scripts. htmx is vendored from npm as it is (version and licence: `docs/decisions/0059-server-rendered-pages.md`).

use std::sync::LazyLock;

pub use crate::checkout::assets::Asset;
use crate::checkout::assets::{CSS, JS};

pub static STYLE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("dashboard.css", include_str!("../../assets/dashboard.css"), CSS));
pub static SCRIPT: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("dashboard.js", include_str!("../../assets/dashboard.js"), JS));
pub static PALETTE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("palette.js", include_str!("../../assets/palette.js"), JS));
/// Only where calls of the API are described.
pub static DOCS: LazyLock<Asset> = LazyLock::new(|| Asset::new("docs.js", include_str!("../../assets/docs.js"), JS));
pub static HTMX: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("htmx.min.js", include_str!("../../assets/htmx.min.js"), JS));
/// Of the pages that ask for a passkey, and no other.
pub static PASSKEY: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("passkey.js", include_str!("../../assets/passkey.js"), JS));

/// For the router.
pub fn all() -> [&'static Asset; 6] {
    [&STYLE, &SCRIPT, &PALETTE, &HTMX, &DOCS, &PASSKEY]
}
