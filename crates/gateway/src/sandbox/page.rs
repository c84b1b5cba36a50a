//! `/sandbox/`: the controls as buttons, and their description as OpenAPI.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};

use super::Sandbox;

/// A file of the page.
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    pub path: &'static str,
    content_type: &'static str,
    body: &'static str,
}

pub fn assets() -> [Asset; 2] {
    [
        Asset {
            path: "/sandbox/sandbox.css",
            content_type: "text/css; charset=utf-8",
            body: include_str!("../../assets/sandbox.css"),
        },
        Asset {
            path: "/sandbox/sandbox.js",
            content_type: "text/javascript; charset=utf-8",
            body: include_str!("../../assets/sandbox.js"),
        },
    ]
}

pub fn serve(asset: Asset) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static(asset.content_type))], asset.body).into_response()
}

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

pub async fn page(State(_): State<Sandbox>) -> Response {
    let policy = [(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY))];
    (policy, Html(include_str!("../../assets/sandbox.html"))).into_response()
}

pub async fn openapi(State(_): State<Sandbox>) -> Response {
    let json = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    (json, include_str!("../../assets/sandbox.openapi.json")).into_response()
}
