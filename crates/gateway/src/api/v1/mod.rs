//! The gateway's own calls, for what merchants do in the dashboard: the same keys and address lists as the contract's calls, errors in its style.

mod balances;
mod callbacks;
mod coin_refunds;
mod payment_links;
mod refunds;

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};

use super::Web;
use super::access::Stop;
use super::body::json;
use super::nonstopay::wrong_method;
use crate::wire::idempotency::{self, IDEMPOTENCY_KEY, request_hash};
use crate::wire::params::Params;
use crate::wire::v1::V1Error;

type Refused = Stop<V1Error>;

/// Every call: its path.
pub const PATHS: [&str; 10] = [
    "/api/v1/payment-links/",
    "/api/v1/payment-links/{id}/deactivate/",
    "/api/v1/balances/",
    "/api/v1/invoices/{id}/refund/",
    "/api/v1/invoices/{id}/refunds/",
    "/api/v1/invoices/{id}/refunds/{refund}/mail/",
    "/api/v1/invoices/{id}/refunds/{refund}/cancel/",
    "/api/v1/invoices/{id}/refunds/{refund}/paid/",
    "/api/v1/invoices/{id}/callbacks/resend/",
    OPENAPI,
];

pub const OPENAPI: &str = "/api/v1/openapi.json";
pub const DOCUMENT: &str = include_str!("../../../assets/api.openapi.json");

pub fn routes() -> Router<Web> {
    let calls: [MethodRouter<Web>; 10] = [
        get(payment_links::list).post(payment_links::create),
        post(payment_links::deactivate),
        get(balances::list),
        post(refunds::refund),
        get(refunds::list),
        post(coin_refunds::mail),
        post(coin_refunds::cancel),
        post(coin_refunds::paid),
        post(callbacks::resend),
        get(document),
    ];
    PATHS.into_iter().zip(calls).fold(Router::new(), |router, (path, call)| {
        let call = call.fallback(wrong_method);
        match path.trim_end_matches('/') {
            bare if bare == path => router.route(path, call),
            bare => router.route(bare, call.clone()).route(path, call),
        }
    })
}

async fn document() -> Response {
    json(StatusCode::OK, DOCUMENT.to_owned())
}

/// The number in a path. One that is none names nothing of this merchant's.
fn number(id: &str, what: &'static str) -> Result<i64, Refused> {
    let plain = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    id.parse().ok().filter(|_| plain).ok_or(Stop::Refused(V1Error::AnotherMerchant(what)))
}

/// The `Idempotency-Key`, if there is one, and what it came with: `call` keeps the calls' keys apart, which share one table.
fn idempotency(headers: &HeaderMap, call: &str, params: &Params) -> Result<Option<(String, String)>, Refused> {
    let key = headers.get(IDEMPOTENCY_KEY).map(|value| idempotency::key(value.as_bytes())).transpose()?;
    Ok(key.map(|key| (key, format!("{call}:{}", request_hash(params)))))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_call_is_described_and_nothing_else() {
        let document: serde_json::Value = serde_json::from_str(DOCUMENT).unwrap();
        let described: BTreeSet<&str> = document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(described, PATHS.into_iter().collect());
        for (path, calls) in document["paths"].as_object().unwrap() {
            for (method, call) in calls.as_object().unwrap() {
                assert!(call["summary"].is_string() && call["responses"]["200"].is_object(), "{method} {path}");
                let names = call["parameters"].as_array().into_iter().flatten();
                let ids = names.filter(|parameter| parameter["name"] == "id").count();
                assert_eq!(ids, usize::from(path.contains("{id}")), "{method} {path}");
            }
        }
    }

    #[test]
    fn ids_are_plain_numbers() {
        assert!(matches!(number("12", "invoice"), Ok(12)));
        for id in ["", "-1", "+1", "x", "1.0", "99999999999999999999", " 1"] {
            assert!(number(id, "invoice").is_err(), "{id}");
        }
    }
}
