//! localstripe, somebody else's stand-in for Stripe's API (GPL-3.0, a process of its own), and a small proxy of ours in front of it.
//! What it can and cannot do: `docs/decisions/0024-stripe-stand-in.md`. It has no disputes: `/v1/disputes` is answered by the proxy,
//! from the recorded exchange; everything else goes through as it is.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::psp::shape;
use crate::harness::wait_until;

pub const SECRET_KEY: &str = "sk_test_12345";

pub struct Localstripe {
    child: Child,
    url: String,
    /// Where the gateway finds it: the proxy.
    pub base_url: String,
    proxy: Arc<Proxy>,
    server: JoinHandle<()>,
}

struct Proxy {
    url: String,
    http: reqwest::Client,
    /// State of the dispute of each intent, if it has one.
    disputed: Mutex<Option<(String, &'static str)>>,
    /// What was sent to begin something.
    sends: Mutex<Vec<String>>,
}

impl Drop for Localstripe {
    fn drop(&mut self) {
        self.server.abort();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `LOCALSTRIPE`, or where `.ci/setup` puts it.
fn binary() -> Option<PathBuf> {
    let installed = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/localstripe/bin/localstripe"));
    let named = std::env::var_os("LOCALSTRIPE").map(PathBuf::from);
    named.into_iter().chain([installed]).find(|path| path.is_file())
}

/// The stand-in, or a loud word that it is missing.
pub async fn start() -> Option<Localstripe> {
    let Some(binary) = binary() else {
        let what = "SKIPPED: Stripe end to end: no localstripe; set LOCALSTRIPE, or run .ci/setup";
        assert!(std::env::var_os("LOCKGATE_REQUIRE_ALL").is_none_or(|value| value != "1"), "{what}");
        // past the test runner's capture, which hides what a passing test prints
        let _ = writeln!(std::io::stderr(), "\n{what}");
        return None;
    };
    let http = gateway::net::plain::client().unwrap();
    let port = crate::harness::quiet_port();
    let mut command = Command::new(binary);
    command.args(["--from-scratch", "--port", &port.to_string()]).current_dir(std::env::temp_dir());
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let url = format!("http://127.0.0.1:{port}");
    let (disputed, sends) = (Mutex::default(), Mutex::default());
    let proxy = Arc::new(Proxy { url: url.clone(), http: http.clone(), disputed, sends });
    let router = Router::new().fallback(pass).with_state(proxy.clone());
    let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let localstripe = Localstripe { child, url, base_url, proxy, server };
    let script = format!("{}/js.stripe.com/v3/", localstripe.url);
    wait_until("localstripe answers", || async { http.get(&script).send().await.is_ok() }, |answers| *answers).await;
    Some(localstripe)
}

async fn pass(State(proxy): State<Arc<Proxy>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    if head.uri.path() == "/v1/disputes" {
        return axum::Json(disputes(&proxy, head.uri.query().unwrap_or_default())).into_response();
    }
    if head.method == Method::POST && !head.uri.path().ends_with("/cancel") {
        proxy.sends.lock().unwrap_or_else(PoisonError::into_inner).push(head.uri.path().into());
    }
    let mut request = proxy.http.request(head.method, format!("{}{}", proxy.url, head.uri));
    for name in ["authorization", "content-type", "idempotency-key", "stripe-version"] {
        if let Some(value) = head.headers.get(name) {
            request = request.header(name, value);
        }
    }
    let answer = request.body(body).send().await.unwrap();
    (answer.status(), Body::from(answer.bytes().await.unwrap_or(Bytes::new()))).into_response()
}

fn disputes(proxy: &Proxy, query: &str) -> Value {
    let disputed = proxy.disputed.lock().unwrap_or_else(PoisonError::into_inner);
    match &*disputed {
        Some((intent, name)) if query.contains(intent) => {
            shape(name, &[("/data/0/payment_intent", json!(intent)), ("/data/0/amount", json!(1_504))])
        }
        _ => shape("stripe/disputes.none", &[]),
    }
}

impl Localstripe {
    /// The payer's bank disputes an intent; named is the recorded exchange that says how it stands.
    pub fn dispute(&self, intent: &str, recorded: &'static str) {
        *self.proxy.disputed.lock().unwrap_or_else(PoisonError::into_inner) = Some((intent.into(), recorded));
    }

    /// Requests of the gateway that begin or give back something.
    pub fn sends(&self) -> Vec<String> {
        self.proxy.sends.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Past the proxy, as others than the gateway do.
    pub async fn post(&self, path: &str, pairs: &[(&str, &str)]) -> (u16, Value) {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let request = self.proxy.http.post(format!("{}{path}", self.url)).bearer_auth(SECRET_KEY).body(body);
        let answer = request.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default())
    }

    pub async fn get(&self, path: &str) -> Value {
        let answer = self.proxy.http.get(format!("{}{path}", self.url)).bearer_auth(SECRET_KEY).send().await.unwrap();
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
    }

    /// The intents of a charge of ours.
    pub async fn intents(&self, charge: &str) -> Vec<Value> {
        let all = self.get("/v1/payment_intents?limit=100").await["data"].clone();
        all.as_array().unwrap().iter().filter(|intent| intent["metadata"]["charge"] == charge).cloned().collect()
    }

    /// What Stripe's script and the payer do in the fields: enter a card, and confirm. Answers the status of the confirmation.
    pub async fn pay(&self, intent: &str, number: &str) -> u16 {
        let card = [("type", "card"), ("card[number]", number), ("card[exp_month]", "12"), ("card[exp_year]", "2030")];
        let (_, method) = self.post("/v1/payment_methods", &[&card[..], &[("card[cvc]", "737")]].concat()).await;
        let path = format!("/v1/payment_intents/{intent}");
        let method = method["id"].as_str().unwrap_or_else(|| panic!("{method}"));
        assert_eq!(self.post(&path, &[("payment_method", method)]).await.0, 200);
        self.post(&format!("{path}/confirm"), &[]).await.0
    }

    /// The bank's page: the payer passes 3-D Secure, or does not.
    pub async fn authenticate(&self, intent: &Value, success: bool) {
        let path = format!("/v1/payment_intents/{}/_authenticate", intent["id"].as_str().unwrap());
        let secret = intent["client_secret"].as_str().unwrap();
        let success = if success { "true" } else { "false" };
        assert_eq!(self.post(&path, &[("client_secret", secret), ("success", success)]).await.0, 200);
    }
}
