//! The payer's pages over HTTP.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Form, Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use serde::Deserialize;
use tokio_stream::Stream;

use super::load::{Loaded, arrive, load};
use super::messages::{Lang, pick};
use super::render::{EVENTS_PATH, PAGE_PATH};
use super::view::PlainPage;
use super::{assets, render, render_plain};
use crate::api::Web;
use crate::app::{attempts, invoices};
use crate::store::StoreError;
use crate::wire::paths;

pub fn routes() -> Router<Web> {
    let mut router = Router::new();
    for (path, call) in [(PAGE_PATH, get(page).post(act)), (EVENTS_PATH, get(events))] {
        router = router.route(path.trim_end_matches('/'), call.clone()).route(path, call);
    }
    let results = [
        (paths::SUCCESS_PAGE, PlainPage::Success),
        (paths::CANCEL_PAGE, PlainPage::Cancel),
        (paths::PENDING_PAGE, PlainPage::Pending),
    ];
    for (path, which) in results {
        let show = move |State(web): State<Web>, Query(query): Query<PageQuery>, headers: HeaderMap| async move {
            plain(&web, which, StatusCode::OK, language(&headers, query.lang.as_deref()))
        };
        router = router.route(path.trim_end_matches('/'), get(show)).route(path, get(show));
    }
    for asset in assets::all() {
        router = router.route(&asset.path, get(move |headers: HeaderMap| async move { serve(asset, &headers) }));
    }
    router
}

#[derive(Debug, Deserialize)]
struct PageQuery {
    #[serde(default)]
    token: String,
    lang: Option<String>,
    stay: Option<String>,
    no_price: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Action {
    #[serde(default)]
    token: String,
    #[serde(default)]
    action: String,
    #[serde(default)]
    currency: String,
    lang: Option<String>,
}

fn language(headers: &HeaderMap, asked: Option<&str>) -> Lang {
    pick(headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()), asked)
}

fn with_headers(status: StatusCode, html: String) -> Response {
    let mut response = (status, Html(html)).into_response();
    for (name, value) in assets::PAGE_HEADERS {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}

fn plain(web: &Web, which: PlainPage, status: StatusCode, lang: Lang) -> Response {
    with_headers(status, render_plain(which, web.app.sandbox, lang))
}

fn broken(error: &StoreError) -> Response {
    tracing::error!(%error, "A payer's page failed in the store");
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "5")], "Please try again in a moment.").into_response()
}

async fn page(
    State(web): State<Web>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Query(query): Query<PageQuery>,
) -> Response {
    let lang = language(&headers, query.lang.as_deref());
    let visitor = web.client_ip(peer.ip(), &headers);
    if let Err(refused) = web.limits.check_ip(visitor) {
        let mut response = plain(&web, PlainPage::TooManyRequests, StatusCode::TOO_MANY_REQUESTS, lang);
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(refused.seconds()));
        return response;
    }
    match arrive(&web.app, &query.token, visitor).await {
        Ok(Some(loaded)) => {
            let mut view = loaded.view(&web.app, &query.token, query.stay.is_some());
            view.no_price |= query.no_price.is_some();
            with_headers(StatusCode::OK, render(&view, lang))
        }
        Ok(None) => plain(&web, PlainPage::NotFound, StatusCode::NOT_FOUND, lang),
        Err(error) => broken(&error),
    }
}

/// The page's buttons. Whatever came of it, the payer is sent back to the page, which shows how things are.
async fn act(
    State(web): State<Web>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Form(form): Form<Action>,
) -> Response {
    let lang = language(&headers, form.lang.as_deref());
    if web.limits.check_ip(web.client_ip(peer.ip(), &headers)).is_err() {
        return plain(&web, PlainPage::TooManyRequests, StatusCode::TOO_MANY_REQUESTS, lang);
    }
    let loaded = match load(&web.app, &form.token).await {
        Ok(Some(loaded)) => loaded,
        Ok(None) => return plain(&web, PlainPage::NotFound, StatusCode::NOT_FOUND, lang),
        Err(error) => return broken(&error),
    };
    let done = match form.action.as_str() {
        "select" => open(&web, &form.token, &form.currency).await,
        "quote" => open(&web, &form.token, &quoted(&loaded)).await,
        "cancel" => match invoices::cancel(&web.app, &form.token).await {
            Err(invoices::CommandFailed::Store(error)) => Err(error),
            _ => Ok(Opened::AsThePageShows),
        },
        _ => Ok(Opened::AsThePageShows),
    };
    let opened = match done {
        Ok(opened) => opened,
        Err(error) => return broken(&error),
    };
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("token", &form.token);
    if let Some(lang) = &form.lang {
        query.append_pair("lang", lang);
    }
    if opened == Opened::NoPrice {
        query.append_pair("no_price", "1");
    }
    Redirect::to(&format!("{PAGE_PATH}?{}", query.finish())).into_response()
}

/// The coin of the price that ran out.
fn quoted(loaded: &Loaded) -> String {
    loaded.attempts.last().map(|attempt| attempt.asset.clone()).unwrap_or_default()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opened {
    /// The page needs no telling: it shows the attempt, or the state that allows none.
    AsThePageShows,
    /// No row tells of this, so the redirect must.
    NoPrice,
}

async fn open(web: &Web, token: &str, currency: &str) -> Result<Opened, StoreError> {
    match attempts::open(&web.app, token, currency).await {
        Err(attempts::OpenFailed::Store(error)) => Err(error),
        Err(error) => {
            tracing::info!(%error, "An attempt was refused");
            Ok(if error.is_for_want_of_a_price() { Opened::NoPrice } else { Opened::AsThePageShows })
        }
        Ok(()) => Ok(Opened::AsThePageShows),
    }
}

/// Says when the page has changed: `{"version":N}` at once, and again whenever N is another.
async fn events(
    State(web): State<Web>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Query(query): Query<PageQuery>,
) -> Response {
    if let Err(refused) = web.limits.check_ip(web.client_ip(peer.ip(), &headers)) {
        return refused.into_response();
    }
    match load(&web.app, &query.token).await {
        Ok(Some(_)) => Sse::new(versions(web, query.token)).keep_alive(KeepAlive::default()).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => broken(&error),
    }
}

/// How often the rows are looked at without a nudge.
const LOOK_EVERY: Duration = Duration::from_secs(3);

fn versions(web: Web, token: String) -> impl Stream<Item = Result<Event, Infallible>> {
    futures_util::stream::unfold((web, token, None), |(web, token, mut last)| async move {
        loop {
            let app = web.app.clone();
            let nudge = app.wake.pages.notified();
            let loaded = load(&app, &token).await.ok().flatten()?;
            let version = loaded.view(&app, &token, false).version;
            if last != Some(version) {
                last = Some(version);
                let event = Event::default().data(format!("{{\"version\":{version}}}"));
                return Some((Ok(event), (web, token, last)));
            }
            tokio::select! {
                () = web.stop.cancelled() => return None,
                () = nudge => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    })
}

fn serve(asset: &'static assets::Asset, headers: &HeaderMap) -> Response {
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|etag| etag.as_bytes() == asset.etag.as_bytes());
    let cached = [
        (header::ETAG, asset.etag.as_str()),
        (header::CACHE_CONTROL, assets::ASSET_CACHE_CONTROL),
        (header::CONTENT_TYPE, asset.content_type),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    if known { (StatusCode::NOT_MODIFIED, cached).into_response() } else { (cached, asset.body).into_response() }
}
