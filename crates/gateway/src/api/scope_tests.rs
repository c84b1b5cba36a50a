//! Every call by a key of every scope: what it needs opens it, and nothing else does.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::Request;
use domain::merchant::Wallet;
use domain::scope::{Scope, Scopes};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::{nonstopay, v1};
use crate::app::merchants::Office;
use crate::app::{events, testing};
use crate::store::merchants;
use crate::wire::paths;
use crate::wire::signature::{Scheme, x_signature};

/// What each call needs. `None`: any key.
const NEEDS: [(&str, &str, Option<Scope>); 32] = [
    ("POST", paths::CREATE, Some(Scope::Sell)),
    ("GET", paths::STATUS, Some(Scope::Read)),
    ("POST", paths::STATUS, Some(Scope::Read)),
    ("GET", paths::INFOS, Some(Scope::Read)),
    ("POST", paths::INFOS, Some(Scope::Read)),
    ("GET", paths::HISTORY[0], Some(Scope::Read)),
    ("POST", paths::HISTORY[0], Some(Scope::Read)),
    ("GET", paths::HISTORY[1], Some(Scope::Read)),
    ("POST", paths::HISTORY[1], Some(Scope::Read)),
    ("GET", paths::PAYABLE_CURRENCIES, None),
    ("GET", paths::SOLUTION_TYPES, None),
    ("GET", paths::SOLUTION_NAMES, None),
    ("POST", paths::FUNDS_ADD, Some(Scope::PayOut)),
    ("GET", paths::FUNDS_HISTORY, Some(Scope::Read)),
    ("POST", paths::FUNDS_HISTORY, Some(Scope::Read)),
    ("GET", paths::FUNDS_DETAIL, Some(Scope::Read)),
    ("POST", paths::FUNDS_DETAIL, Some(Scope::Read)),
    ("POST", paths::PAYMENT_SEND, Some(Scope::PayOut)),
    ("GET", paths::PAYMENT_HISTORY, Some(Scope::Read)),
    ("POST", paths::PAYMENT_HISTORY, Some(Scope::Read)),
    ("GET", paths::PAYMENT_DETAIL, Some(Scope::Read)),
    ("POST", paths::PAYMENT_DETAIL, Some(Scope::Read)),
    ("GET", "/api/v1/payment-links/", Some(Scope::Read)),
    ("POST", "/api/v1/payment-links/", Some(Scope::Sell)),
    ("POST", "/api/v1/payment-links/{id}/deactivate/", Some(Scope::Sell)),
    ("GET", "/api/v1/balances/", Some(Scope::Read)),
    ("POST", "/api/v1/invoices/{id}/refund/", Some(Scope::PayOut)),
    ("GET", "/api/v1/invoices/{id}/refunds/", Some(Scope::Read)),
    ("POST", "/api/v1/invoices/{id}/refunds/{refund}/mail/", Some(Scope::PayOut)),
    ("POST", "/api/v1/invoices/{id}/refunds/{refund}/cancel/", Some(Scope::PayOut)),
    ("POST", "/api/v1/invoices/{id}/refunds/{refund}/paid/", Some(Scope::PayOut)),
    ("POST", "/api/v1/invoices/{id}/callbacks/resend/", Some(Scope::Callbacks)),
];

#[tokio::test]
async fn every_call_by_a_key_of_every_scope() {
    let known: BTreeSet<&str> = NEEDS.iter().map(|(_, path, _)| *path).collect();
    let all = nonstopay::paths().into_iter().chain(v1::PATHS).filter(|path| !path.ends_with(".json"));
    assert_eq!(known, all.collect(), "say what the call needs");
    let (app, merchant) = testing::app("scopes", Wallet::Missing).await;
    let office = Office::of(&app);
    let id = merchant.id.clone();
    let make = move |tx: &crate::store::Tx<'_>| {
        merchants::add_ip(tx, &id, &"127.0.0.1/32".parse().unwrap())?;
        let mut keys = vec![(Scopes::ALL, office.add_key(tx, &id)?.0)];
        for scope in Scope::ALL {
            let scopes = Scopes::of([scope]).unwrap();
            keys.push((scopes, office.add_scoped_key(tx, &id, scopes)?.0));
        }
        Ok::<_, crate::store::StoreError>(keys)
    };
    let keys = app.store.write(make).await.unwrap();
    let web = crate::server::web(app, crate::sandbox::limits(), Vec::new(), CancellationToken::new());
    let router = super::routes().with_state(web);
    for (method, path, needs) in NEEDS {
        for (scopes, key) in &keys {
            let path = path.replace("{id}", "999999").replace("{refund}", "ref_01J00000000000000000000000");
            let mut request = Request::builder()
                .method(method)
                .uri(&path)
                .header("API-KEY", key.expose())
                .header("content-type", "application/json")
                .body(Body::from(if method == "POST" { "{}" } else { "" }))
                .unwrap();
            request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 4))));
            let response = router.clone().oneshot(request).await.unwrap();
            let status = response.status();
            let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
            let answer: Value = serde_json::from_slice(&body).unwrap();
            let may = needs.is_none_or(|scope| scopes.has(scope));
            assert_eq!(answer["errorCode"] != 50018, may, "{method} {path} with {}: {answer}", scopes.text());
            // what is let in may be an empty body that is none
            assert!(may && !status.is_server_error() || status == 200, "{method} {path}: {status}");
            let says = answer["errorMessage"] == "this API-KEY can not be used for this API: it was made for others";
            assert_eq!(says, !may, "{method} {path}: {answer}");
        }
    }
}

/// Whoever holds a newer key that is not for callbacks cannot sign in our name with it.
#[tokio::test]
async fn callbacks_are_signed_by_keys_for_callbacks_alone() {
    let (app, merchant) = testing::app("scopes-signature", Wallet::Missing).await;
    let office = Office::of(&app);
    let (id, body) = (merchant.id.clone(), b"{}");
    let add = move |scope| {
        let (office, id) = (office.clone(), id.clone());
        move |tx: &crate::store::Tx<'_>| {
            Ok::<_, crate::store::StoreError>(office.add_scoped_key(tx, &id, Scopes::of([scope]).unwrap())?.0)
        }
    };
    let signed = async || app.store.read(|tx| events::signature(&app, tx, &merchant, body, app.now())).await.unwrap();
    // after the merchant's first key, which is for everything
    app.clock.advance(1_000);
    let first = app.store.write(add(Scope::Callbacks)).await.unwrap();
    app.clock.advance(1_000);
    app.store.write(add(Scope::PayOut)).await.unwrap();
    assert_eq!(signed().await, x_signature(Scheme::default(), first.expose().as_bytes(), body));
    app.clock.advance(1_000);
    let second = app.store.write(add(Scope::Callbacks)).await.unwrap();
    assert_eq!(signed().await, x_signature(Scheme::default(), second.expose().as_bytes(), body), "the newest of these");
}
