//! A merchant's callback server: keeps what it gets and answers as told.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::task::JoinHandle;

use super::{json, wait_until};

/// How the receiver answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    Status(u16),
    /// A redirect to another path of the receiver.
    Redirect,
}

#[derive(Debug, Clone)]
pub struct Received {
    pub path: String,
    pub headers: HeaderMap,
    pub body: String,
}

impl Received {
    pub fn status(&self) -> String {
        self.json()["status"].as_str().unwrap().into()
    }

    pub fn json(&self) -> Value {
        json(&self.body)
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name}: {self:?}")).to_str().unwrap()
    }
}

type Rule = dyn Fn(&Received) -> Reply + Send + Sync;

struct Kept {
    received: Mutex<Vec<Received>>,
    rule: Mutex<Arc<Rule>>,
}

pub struct Receiver {
    kept: Arc<Kept>,
    pub url: String,
    server: JoinHandle<()>,
}

impl Receiver {
    pub async fn start(rule: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> Receiver {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/callbacks", listener.local_addr().unwrap());
        let kept = Arc::new(Kept { received: Mutex::default(), rule: Mutex::new(Arc::new(rule)) });
        let router = Router::new().fallback(take).with_state(kept.clone());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Receiver { kept, url, server }
    }

    /// From now on, answer like this.
    pub fn answer_by(&self, rule: impl Fn(&Received) -> Reply + Send + Sync + 'static) {
        *self.kept.rule.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(rule);
    }

    pub fn received(&self) -> Vec<Received> {
        self.kept.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What came, once it is so many.
    pub async fn wait_for(&self, count: usize) -> Vec<Received> {
        let look = || async { self.received() };
        wait_until(&format!("{count} callbacks"), look, |seen| seen.len() >= count).await
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn take(State(kept): State<Arc<Kept>>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let body = String::from_utf8(body.to_vec()).unwrap();
    let received = Received { path: uri.path().into(), headers, body };
    let rule = kept.rule.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let reply = rule(&received);
    kept.received.lock().unwrap_or_else(PoisonError::into_inner).push(received);
    match reply {
        Reply::Status(status) => (StatusCode::from_u16(status).unwrap(), "thank you").into_response(),
        Reply::Redirect => (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, "/elsewhere")]).into_response(),
    }
}
