//! `sandbox.openapi.json` against the controls themselves: every path and method, every example, every field of an answer.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::{Reach, Sandbox, SandboxAcquirer, SandboxChain, SandboxFile, acquirer, controls, seed};
use crate::clock::Clock;
use crate::random::Random;
use crate::wire::paths;

fn document() -> Value {
    serde_json::from_str(include_str!("../../assets/sandbox.openapi.json")).unwrap()
}

/// The controls of a sandbox without workers, with one invoice and one payment at the acquirer.
async fn sandbox(name: &str) -> Router {
    let dir = std::env::temp_dir().join(format!("lockgate-openapi-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).unwrap();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let store = crate::store::testing::store(&dir);
    let (clock, base_url) = (Clock::system(), "http://127.0.0.1:1");
    let chain = Arc::new(SandboxChain::resume(&store, &clock, 1).await.unwrap());
    let made =
        seed::gateway(&store, &clock, &Random::seeded(1), &chain, &Reach::open(base_url), (1, Default::default()))
            .await
            .unwrap();
    let file = SandboxFile::of(base_url, &made).map(Arc::new);
    let shop = made.shop.clone().unwrap();
    let acquirer = Arc::new(SandboxAcquirer::resume(&store, &clock, 1, &Reach::open(base_url)).await.unwrap());
    acquirer::tests::paid(&acquirer, "chg_1", "4242424242424242").await;
    let payout = payout(&shop.merchant.id);
    let kept = store.write(move |tx| crate::store::payouts::insert(tx, &payout)).await;
    kept.map_err(|error: crate::store::StoreError| error).unwrap();
    let sandbox = Sandbox { app: made.app.clone(), chain, acquirer, file };
    let web = crate::server::web(made.app, seed::limits(), Vec::new(), CancellationToken::new());
    let router = crate::api::routes().with_state(web).merge(controls::routes(sandbox));
    let invoice = json!({ "email": "customer@example.com", "amount": "15.04", "devise": "USD" });
    let mut request = json_request(Method::POST, paths::CREATE, Some(&invoice));
    request.headers_mut().insert(paths::API_KEY_HEADER, shop.api_key.parse().unwrap());
    request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 9))));
    assert_eq!(read(router.clone().oneshot(request).await.unwrap()).await.1["errorCode"], 0);
    router
}

/// A payment out that has not come to the processor.
fn payout(merchant: &domain::MerchantId) -> crate::store::payouts::PayoutRow {
    crate::store::payouts::PayoutRow {
        merchant_id: merchant.clone(),
        number: 1,
        minor: domain::Units(100),
        currency: "EUR".into(),
        first_name: "john".into(),
        last_name: "smith".into(),
        card_shown: "4242XXXXXXXX4242".into(),
        card_expiry: "04/2025".into(),
        card_sealed: None,
        merchant_data: None,
        state: crate::store::funds::State::Pending,
        failed_reason: None,
        transfer_id: domain::TransferId::new(ulid::Ulid(1)),
        asked_by: None,
        created_at: domain::Time(0),
        status_at: domain::Time(0),
        last_event: 1,
        version: 1,
    }
}

fn json_request(method: Method, path: &str, body: Option<&Value>) -> Request<Body> {
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    Request::builder().method(method).uri(path).header("content-type", "application/json").body(body).unwrap()
}

async fn read(response: Response<Body>) -> (StatusCode, Value) {
    let status = response.status();
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

async fn send(router: &Router, method: &str, path: &str, body: Option<&Value>) -> (StatusCode, Value) {
    let path =
        path.replace("{id}", "1").replace("{reference}", "chg_1").replace("{act}", "hold").replace("{payment_id}", "1");
    let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
    read(router.clone().oneshot(json_request(method, &path, body)).await.unwrap()).await
}

fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    schema["$ref"].as_str().map_or(schema, |path| document.pointer(path.trim_start_matches('#')).unwrap())
}

fn keys(object: &Value) -> BTreeSet<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

fn words<'a>(document: &'a Value, pointer: &str) -> BTreeSet<&'a str> {
    document.pointer(pointer).and_then(Value::as_array).unwrap().iter().filter_map(Value::as_str).collect()
}

#[test]
fn every_control_is_described_and_nothing_else() {
    let served: BTreeSet<&str> = controls::calls().iter().map(|(path, _)| *path).chain([controls::RPC]).collect();
    assert_eq!(keys(&document()["paths"]), served);
}

#[tokio::test]
async fn every_method_is_described_and_no_other_works() {
    let (document, router) = (document(), sandbox("methods").await);
    for (path, calls) in document["paths"].as_object().unwrap() {
        for method in ["get", "post", "put", "delete"].iter().filter(|method| calls.get(**method).is_none()) {
            let (status, _) = send(&router, method, path, None).await;
            assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn every_example_is_accepted_and_answered_as_described() {
    let (document, router) = (document(), sandbox("examples").await);
    for (path, calls) in document["paths"].as_object().unwrap() {
        for (method, call) in calls.as_object().unwrap() {
            let examples = call.pointer("/requestBody/content/application~1json/examples").and_then(Value::as_object);
            let bodies: Vec<Option<&Value>> = match examples {
                Some(examples) => examples.values().map(|example| Some(&example["value"])).collect(),
                None => vec![None],
            };
            for body in bodies {
                let (status, answer) = send(&router, method, path, body).await;
                let at = format!("{method} {path} {body:?}: {status} {answer}");
                assert!(status.is_success() || status == StatusCode::SEE_OTHER, "{at}");
                let described = &call["responses"][status.as_str()];
                assert!(described.is_object(), "{at}");
                let Some(schema) = described.pointer("/content/application~1json/schema") else { continue };
                let one_of = schema["oneOf"].as_array().map_or_else(|| std::slice::from_ref(schema), Vec::as_slice);
                let schemas: Vec<&Value> = one_of.iter().map(|schema| resolved(&document, schema)).collect();
                if schemas.iter().all(|schema| schema.get("properties").is_none()) {
                    continue;
                }
                let fits = |schema: &&Value| keys(&answer) == keys(&schema["properties"]);
                let schema = schemas.into_iter().find(fits).unwrap_or_else(|| panic!("not as described: {at}"));
                assert_eq!(schema["required"].as_array().unwrap().len(), keys(&schema["properties"]).len(), "{at}");
            }
        }
    }
}

#[tokio::test]
async fn what_does_not_fit_is_refused_as_described() {
    let (document, router) = (document(), sandbox("refusals").await);
    for (path, calls) in document["paths"].as_object().unwrap() {
        let Some(schema) = calls.pointer("/post/requestBody/content/application~1json/schema") else { continue };
        if resolved(&document, schema)["additionalProperties"] != false {
            continue;
        }
        let (status, answer) = send(&router, "post", path, Some(&json!({ "nonsense": 1 }))).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{path}");
        assert!(answer["error"].as_str().unwrap().contains("nonsense"), "{path}: {answer}");
    }
    for (method, path) in [
        ("post", "/sandbox/invoices/2/pay"),
        ("get", "/sandbox/invoices/x/page"),
        ("post", "/sandbox/acquirer/payments/chg_1/nonsense"),
        ("post", "/sandbox/acquirer/payments/chg_2/hold"),
    ] {
        let (status, answer) = send(&router, method, path, Some(&json!({ "outcome": "paid" }))).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        assert!(answer["error"].is_string(), "{path}: {answer}");
    }
    for (path, field, schema) in
        [("/sandbox/invoices/1/pay", "outcome", "Outcome"), ("/sandbox/acquirer/orders", "behaviour", "Behaviour")]
    {
        let (_, answer) = send(&router, "post", path, Some(&json!({ field: "nonsense" }))).await;
        let known: BTreeSet<&str> = answer["error"].as_str().unwrap().split('`').skip(3).step_by(2).collect();
        assert_eq!(words(&document, &format!("/components/schemas/{schema}/enum")), known);
    }
    let acts: BTreeSet<&str> = rails::sim::acquirer::Act::ALL.iter().map(|(_, name)| *name).collect();
    assert_eq!(words(&document, "/components/schemas/Act/enum"), acts);
}
