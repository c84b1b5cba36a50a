//! The sandbox's controls over HTTP. They exist in no live gateway.

use std::str::FromStr;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{Sandbox, acquirer, clock, inbox, invoice_page, mails, page, pay, treasury};
use crate::api::provider_callbacks;
use crate::store::StoreError;
use crate::wire::params::error_body;
use crate::wire::time::written;

/// Why a control did nothing.
#[derive(Debug)]
pub enum Refused {
    /// What was asked cannot be done; the sentence says why.
    Bad(String),
    NotFound(String),
    Store(StoreError),
}

pub type Answer = Result<Response, Refused>;

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Refused::Store(error)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, sentence) = match self {
            Refused::Bad(sentence) => (StatusCode::BAD_REQUEST, sentence),
            Refused::NotFound(sentence) => (StatusCode::NOT_FOUND, sentence),
            Refused::Store(error) => {
                error.log("A sandbox control failed in the store");
                (StatusCode::INTERNAL_SERVER_ERROR, "The sandbox could not do this now.".into())
            }
        };
        with_json(status, error_body(&sentence))
    }
}

fn with_json(status: StatusCode, body: impl IntoResponse) -> Response {
    (status, [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response()
}

pub fn answered(value: &Value) -> Response {
    with_json(StatusCode::OK, value.to_string())
}

/// A JSON-RPC endpoint, which wallets may use from any page.
pub const RPC: &str = "/sandbox/rpc";

/// Every control, by its path without a last slash; each is served with one too.
pub fn calls() -> [(&'static str, MethodRouter<Sandbox>); 16] {
    [
        ("/sandbox/invoices/{id}/pay", post(pay::handle)),
        ("/sandbox/invoices/{id}/page", get(invoice_page::handle)),
        ("/sandbox/chain/mine", post(mine)),
        ("/sandbox/chain/reorg", post(reorg)),
        ("/sandbox/chain/halt", post(halt)),
        ("/sandbox/clock/advance", post(advance)),
        ("/sandbox/treasury/deposits", post(treasury::deposit)),
        ("/sandbox/acquirer/payments", get(acquirer::controls::list)),
        ("/sandbox/acquirer/payments/{reference}/{act}", post(acquirer::controls::act)),
        ("/sandbox/acquirer/orders", post(acquirer::controls::order)),
        ("/sandbox/payouts/{payment_id}/outcome", post(acquirer::payouts::outcome)),
        (inbox::PATH, get(inbox::list).post(inbox::take)),
        (mails::PATH, get(mails::list)),
        ("/sandbox/about.json", get(page::about)),
        ("/sandbox/openapi.json", get(page::openapi)),
        ("/sandbox", get(page::page)),
    ]
}

pub fn routes(sandbox: Sandbox) -> Router {
    let mut router = Router::new();
    for (path, call) in calls() {
        router = router.route(path, call.clone()).route(&format!("{path}/"), call);
    }
    for asset in page::assets() {
        router = router.route(asset.path, get(move || async move { page::serve(asset) }));
    }
    router
        .route(mails::PAGE_PATH, get(mails::page))
        .route(&format!("{}/{{seq}}", mails::PAGE_PATH), get(mails::file))
        .merge(acquirer::pages::routes())
        .layer(from_fn(own_pages_only))
        .route(RPC, post(rpc))
        .merge(acquirer::http::routes())
        .layer(DefaultBodyLimit::max(4 << 20))
        .with_state(sandbox)
}

/// Of a sandbox that is joined to a live gateway: what payers' browsers meet outside the gateway.
pub fn routes_for_payers(sandbox: Sandbox) -> Router {
    let mut router = Router::new();
    for asset in page::assets().into_iter().filter(|asset| asset.path == page::STYLE) {
        router = router.route(asset.path, get(move || async move { page::serve(asset) }));
    }
    let router = router.merge(acquirer::pages::routes()).layer(from_fn(own_pages_only));
    router.layer(DefaultBodyLimit::max(4 << 20)).with_state(sandbox)
}

/// What the gateway itself asks, the chain and the acquirer, and where the acquirer tells it of all merchants' payments.
pub fn inner_routes(sandbox: Sandbox) -> Router {
    let told = provider_callbacks::inner_routes(sandbox.app.clone());
    let router = Router::new().route(RPC, post(rpc)).merge(acquirer::http::routes());
    router.layer(DefaultBodyLimit::max(4 << 20)).with_state(sandbox).merge(told)
}

pub async fn serve_inner(listener: tokio::net::TcpListener, sandbox: Sandbox) {
    if let Err(error) = axum::serve(listener, inner_routes(sandbox)).await {
        tracing::error!(%error, "The simulated chain and acquirer answer no more");
    }
}

/// A page of another site may not press the sandbox's buttons from a visitor's browser.
async fn own_pages_only(request: Request<axum::body::Body>, next: Next) -> Response {
    let site = request.headers().get("sec-fetch-site").and_then(|value| value.to_str().ok());
    let foreign = matches!(site, Some("cross-site" | "same-site")) && request.method() != axum::http::Method::GET;
    if foreign {
        let sentence = "The sandbox's controls cannot be used from another site's page.";
        return with_json(StatusCode::FORBIDDEN, error_body(sentence));
    }
    next.run(request).await
}

/// Reads a control's JSON; an empty body is an empty object.
pub fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Refused> {
    let body = if body.trim_ascii().is_empty() { b"{}" } else { &body[..] };
    serde_json::from_slice(body).map_err(|error| Refused::Bad(format!("The body does not fit: {error}.")))
}

pub fn bounded<T: FromStr + PartialOrd + Copy + std::fmt::Display>(
    name: &str,
    value: T,
    (least, most): (T, T),
) -> Result<T, Refused> {
    if value < least || value > most {
        return Err(Refused::Bad(format!("{name} must be {least} to {most}.")));
    }
    Ok(value)
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Mine {
    #[serde(default = "one")]
    blocks: u64,
}

fn one() -> u64 {
    1
}

pub(super) async fn mine(State(sandbox): State<Sandbox>, body: Bytes) -> Answer {
    let Mine { blocks } = read(&body)?;
    let blocks = bounded("blocks", blocks, (1, 1_000))?;
    let head = sandbox.chain.mine(blocks).await?;
    sandbox.app.wake.chains.notify_one();
    Ok(answered(&json!({ "head": head })))
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Reorg {
    depth: u64,
    #[serde(default)]
    keep_transactions: bool,
}

pub(super) async fn reorg(State(sandbox): State<Sandbox>, body: Bytes) -> Answer {
    let Reorg { depth, keep_transactions } = read(&body)?;
    let depth = bounded("depth", depth, (1, 256))?;
    let head = sandbox.chain.reorg(depth, keep_transactions).await?;
    let head = head.map_err(|error| Refused::Bad(format!("{error}.")))?;
    sandbox.app.wake.chains.notify_one();
    Ok(answered(&json!({ "head": head, "dropped_blocks": depth, "kept_transactions": keep_transactions })))
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Halt {
    #[serde(default = "yes")]
    halted: bool,
}

fn yes() -> bool {
    true
}

pub(super) async fn halt(State(sandbox): State<Sandbox>, body: Bytes) -> Answer {
    let Halt { halted } = read(&body)?;
    sandbox.chain.halt(halted);
    Ok(answered(&json!({ "halted": halted })))
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    seconds: u64,
}

/// The clock goes forward only.
pub(super) async fn advance(State(sandbox): State<Sandbox>, body: Bytes) -> Answer {
    let Advance { seconds } = read(&body)?;
    let seconds = bounded("seconds", seconds, (1, 400 * 86_400))?;
    let app = &sandbox.app;
    clock::advance(&app.store, &app.clock, seconds * 1_000).await?;
    sandbox.chain.mine(1).await?;
    sandbox.acquirer.wake.notify_one();
    let wake = &app.wake;
    let workers = [
        &wake.providers,
        &wake.payees,
        &wake.expiry,
        &wake.deliveries,
        &wake.chains,
        &wake.flushes,
        &wake.settlements,
        &wake.treasury,
    ];
    for worker in workers {
        worker.notify_one();
    }
    sandbox.acquirer.wake.notify_one();
    app.wake.pages.notify_waiters();
    Ok(answered(&json!({ "now": written(app.clock.now()) })))
}

async fn rpc(State(sandbox): State<Sandbox>, _headers: HeaderMap, body: Bytes) -> Answer {
    let answer = sandbox.chain.handle(&body).await?;
    Ok(with_json(StatusCode::OK, answer))
}
