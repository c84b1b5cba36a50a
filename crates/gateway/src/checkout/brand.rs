//! A merchant's look: the logo and the style sheet of its colour, at addresses that change with what is behind them.
//!
//! The style sheet is made of the colour in its address alone, so that serving it reads nothing: whoever asks for another colour gets it, and
//! only a page of ours decides which one it loads.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::merchant::Merchant;
use sha2::{Digest, Sha256};

use super::assets::{ASSET_CACHE_CONTROL, CSS};
use super::label::Label;
use super::routes::broken;
use crate::api::Web;
use crate::app::branding::colour::{Colour, Look, Palette};
use crate::app::branding::picture;
use crate::store::storefronts::Storefront;

/// What a page of the merchant's loads beside its own.
#[derive(Debug, Clone, Default)]
pub struct Brand {
    pub logo: Option<LogoLink>,
    pub style: Option<BrandStyle>,
}

#[derive(Debug, Clone)]
pub struct LogoLink {
    pub path: String,
    pub width: i64,
    pub height: i64,
}

/// Whose page it is, on one that knows of nothing else.
#[derive(Debug, Clone)]
pub struct Shop {
    pub merchant: Label,
    pub brand: Brand,
}

impl Shop {
    pub fn of(merchant: &Merchant, storefront: &Storefront) -> Shop {
        Shop { merchant: Label::name(&merchant.name), brand: Brand::of(merchant.number, storefront) }
    }
}

/// The style sheet of a colour.
#[derive(Debug, Clone)]
pub struct BrandStyle {
    pub path: String,
    pub integrity: String,
    pub body: String,
}

impl Brand {
    pub fn of(merchant: i64, storefront: &Storefront) -> Brand {
        let logo = storefront.logo.as_ref().map(|logo| LogoLink {
            path: format!("/brand/{merchant}/{}.png", logo.hash),
            width: logo.width,
            height: logo.height,
        });
        Brand { logo, style: storefront.colour.as_deref().and_then(Colour::parse).map(BrandStyle::of) }
    }
}

impl BrandStyle {
    pub fn of(colour: Colour) -> BrandStyle {
        let palette = Palette::of(colour);
        let vars = |look: Look| {
            format!(
                "--brand:#{};--brand-hover:#{};--on-brand:#{};--brand-link:#{};--brand-link-hover:#{}",
                palette.button, palette.button_hover, palette.on_button, look.link, look.link_hover
            )
        };
        let (light, dark) = (vars(palette.light), vars(palette.dark));
        let body = format!(
            ":root,.look-light{{{light}}}\n@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n.look-dark{{{dark}}}\n"
        );
        let digest = Sha256::digest(&body);
        BrandStyle {
            path: format!("/brand/{colour}.{}.css", hex::encode(&digest[..6])),
            integrity: format!("sha256-{}", STANDARD.encode(digest)),
            body,
        }
    }
}

pub fn routes() -> Router<Web> {
    Router::new().route("/brand/{file}", get(style)).route("/brand/{merchant}/{file}", get(logo))
}

/// Nothing in it may load, run or be framed, also when it is opened by itself.
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

fn kept_for_ever(content_type: &'static str, body: impl IntoResponse) -> Response {
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, ASSET_CACHE_CONTROL),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, NOTHING),
    ];
    let mut response = (headers, body).into_response();
    let policy = HeaderValue::from_static("same-origin");
    response.headers_mut().insert("cross-origin-resource-policy", policy);
    response
}

async fn style(Path(file): Path<String>) -> Response {
    let colour = file.split_once('.').and_then(|(colour, _)| Colour::parse(colour));
    match colour.map(BrandStyle::of) {
        Some(style) if style.path.strip_prefix("/brand/") == Some(&*file) => kept_for_ever(CSS, style.body),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn logo(
    State(web): State<Web>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path((merchant, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = web.limits.check_ip(web.client_ip(peer.ip(), &headers)) {
        return (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, refused.seconds())]).into_response();
    }
    let (Ok(merchant), Some(hash)) = (merchant.parse::<i64>(), file.strip_suffix(".png")) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match web.app.store.read(|tx| picture(tx, merchant, hash)).await {
        Ok(Some(png)) => kept_for_ever("image/png", png),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => broken(&error),
    }
}
