//! `/sandbox/`: the controls as buttons, and their description as OpenAPI.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use rails::sim::SimChain;

use super::Sandbox;
use super::chain::CHAIN_ID;
use super::controls::{Answer, answered};
use crate::wire::time::written;

const OPENAPI: &str = include_str!("../../assets/sandbox.openapi.json");

pub const STYLE: &str = "/sandbox/sandbox.css";

/// A file of the page.
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    pub path: &'static str,
    content_type: &'static str,
    body: &'static str,
}

pub fn assets() -> [Asset; 2] {
    [
        Asset { path: STYLE, content_type: "text/css; charset=utf-8", body: include_str!("../../assets/sandbox.css") },
        Asset {
            path: "/sandbox/sandbox.js",
            content_type: "text/javascript; charset=utf-8",
            body: include_str!("../../assets/sandbox.js"),
        },
    ]
}

pub fn serve(asset: Asset) -> Response {
    file(asset.content_type, asset.body)
}

/// Always asked for again: a newer program on the same address has newer files.
fn file(content_type: &'static str, body: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, body).into_response()
}

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

pub async fn page(State(_): State<Sandbox>) -> Response {
    let policy = [(header::CONTENT_SECURITY_POLICY, POLICY), (header::REFERRER_POLICY, "same-origin")];
    (policy, file("text/html; charset=utf-8", include_str!("../../assets/sandbox.html"))).into_response()
}

pub async fn openapi(State(_): State<Sandbox>) -> Response {
    file("application/json", OPENAPI)
}

/// `sandbox.json`, and how the clock and the chain stand.
pub async fn about(State(sandbox): State<Sandbox>) -> Answer {
    let mut about = serde_json::to_value(sandbox.file.as_deref()).unwrap_or_default();
    about["now"] = written(sandbox.app.clock.now()).into();
    about["chain_id"] = CHAIN_ID.into();
    about["head"] = sandbox.chain.look(SimChain::head_number).await.into();
    about["halted"] = sandbox.chain.is_halted().into();
    Ok(answered(&about))
}
