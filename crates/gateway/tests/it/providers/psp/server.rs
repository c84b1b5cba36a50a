//! The machine of a provider: takes requests, and breaks as told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::{Books, Call, Kind, Payment, now};

/// What happens to the next request that begins or gives back something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    None,
    /// Turned away at the door: 401, and nothing is begun.
    TurnAway,
    HangUpBefore,
    HangUpAfter,
    ErrorAfter,
    /// Held open until told, and worked on only then, even if nobody waits for the answer any more.
    HoldBefore,
    /// Worked on at once; the answer is held back until told.
    HoldAfter,
}

struct Inner {
    kind: &'static Kind,
    books: Mutex<Books>,
    faults: Mutex<VecDeque<Fault>>,
    told: watch::Sender<()>,
}

impl Inner {
    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn hold(&self) {
        let mut told = self.told.subscribe();
        self.books().held += 1;
        let _ = told.changed().await;
        self.books().held -= 1;
    }
}

pub struct Psp {
    pub kind: &'static Kind,
    pub base_url: String,
    inner: Arc<Inner>,
    server: JoinHandle<()>,
}

impl Drop for Psp {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Psp {
    pub async fn start(kind: &'static Kind) -> Psp {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}{}", listener.local_addr().unwrap(), kind.base);
        let (books, faults, told) = (Mutex::default(), Mutex::default(), watch::channel(()).0);
        let inner = Arc::new(Inner { kind, books, faults, told });
        let router = Router::new().fallback(take).with_state(inner.clone());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Psp { kind, base_url, inner, server }
    }

    /// What happens to the next requests that begin or give back something, one after the other.
    pub fn next(&self, faults: &[Fault]) {
        *self.inner.faults.lock().unwrap_or_else(PoisonError::into_inner) = faults.iter().copied().collect();
    }

    /// Goes on with all requests that are held.
    pub fn tell(&self) {
        self.inner.told.send_replace(());
    }

    pub fn read<T>(&self, look: impl FnOnce(&Books) -> T) -> T {
        look(&self.inner.books())
    }

    /// How many requests that begin or give back something have arrived.
    pub fn sends(&self) -> usize {
        self.read(|books| books.sends.len())
    }

    pub fn payments(&self) -> Vec<Payment> {
        self.read(|books| books.payments.clone())
    }

    pub fn last(&self) -> Payment {
        self.payments().pop().unwrap()
    }

    /// Something happens to the newest payment at the provider.
    pub fn change(&self, change: impl FnOnce(&mut Payment)) -> Payment {
        let mut books = self.inner.books();
        let last = books.payments.last_mut().unwrap();
        change(last);
        last.clone()
    }
}

/// As a machine that dies: no answer, the connection breaks.
fn hang_up() -> ! {
    std::panic::resume_unwind(Box::new("hung up"))
}

async fn take(State(psp): State<Arc<Inner>>, request: Request) -> Response {
    let call = read(psp.kind, request).await;
    let ends = |end: &str| call.path.ends_with(end);
    let mut fault = Fault::None;
    if call.verb == "POST" && !ends("/cancel") && !ends("/close") && !ends("/token") {
        psp.books().sends.push(call.path.clone());
        fault = psp.faults.lock().unwrap_or_else(PoisonError::into_inner).pop_front().unwrap_or(fault);
    } else if !ends("/token") {
        psp.books().questions += 1;
    }
    match fault {
        Fault::HangUpBefore => hang_up(),
        Fault::TurnAway => return (StatusCode::UNAUTHORIZED, "{}").into_response(),
        _ => {}
    }
    // goes on when the caller is gone
    let worked = tokio::spawn(work(psp, call, fault)).await.unwrap();
    match fault {
        Fault::HangUpAfter => hang_up(),
        Fault::ErrorAfter => (StatusCode::INTERNAL_SERVER_ERROR, "<html>Internal Server Error</html>").into_response(),
        _ => worked,
    }
}

async fn work(psp: Arc<Inner>, call: Call, fault: Fault) -> Response {
    if fault == Fault::HoldBefore {
        psp.hold().await;
    }
    let answer = {
        let mut books = psp.books();
        books.now = now();
        let answer = (psp.kind.serve)(&mut books, &call);
        if answer.is_none() {
            books.strange.push(format!("{call:?}"));
        }
        answer
    };
    if fault == Fault::HoldAfter {
        psp.hold().await;
    }
    let (status, body) = answer.unwrap_or((404, Value::from("no such page")));
    let json = [("content-type", "application/json")];
    (StatusCode::from_u16(status).unwrap(), json, Body::from(body.to_string())).into_response()
}

async fn read(kind: &Kind, request: Request) -> Call {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let pairs = |text: &[u8]| form_urlencoded::parse(text).into_owned().collect::<Vec<(String, String)>>();
    let is_form = head.headers.get("content-type").is_some_and(|value| value.as_bytes().ends_with(b"form-urlencoded"));
    let body = match is_form {
        true => pairs(&body).into_iter().map(|(name, value)| (name, Value::from(value))).collect(),
        false => serde_json::from_slice(&body).unwrap_or_default(),
    };
    let path = head.uri.path().strip_prefix(kind.base).unwrap_or(head.uri.path()).to_owned();
    let query = pairs(head.uri.query().unwrap_or_default().as_bytes()).into_iter().collect();
    Call { verb: head.method.to_string(), path, query, body }
}
