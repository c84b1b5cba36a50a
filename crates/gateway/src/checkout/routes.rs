//! The payer's pages over HTTP.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use domain::card::Card;
use domain::charge::Method;
use domain::invoice::{Failure, State as InvoiceState};
use rails::provider::Device;
use serde::Deserialize;
use tokio_stream::Stream;

use super::begin::{Begun, begin};
use super::brand::Shop;
use super::headers::{Headers, in_frames, page_headers};
use super::load::{Loaded, Visitor, arrive, load};
use super::messages::{Lang, pick, pick_or};
use super::refund::limited;
use super::render::{EVENTS_PATH, PAGE_PATH};
use super::view::{CardStep, PlainPage, State as ViewState};
use super::{assets, card_entry, render, render_plain};
use crate::api::Web;
use crate::api::body::{bytes, params};
use crate::app::charges::own_vpa;
use crate::app::{CardIntake, attempts, invoices};
use crate::store::StoreError;
use crate::store::invoices::Solution;
use crate::store::storefronts::{self, Storefront};
use crate::wire::field::{Field, field};
use crate::wire::paths;

pub fn routes() -> Router<Web> {
    let mut router = super::refund::routes().merge(super::pay_link::routes()).merge(super::brand::routes());
    for (path, call) in [(PAGE_PATH, get(page).post(act)), (EVENTS_PATH, get(events))] {
        router = router.route(path.trim_end_matches('/'), call.clone()).route(path, call);
    }
    let results = [
        (paths::SUCCESS_PAGE, PlainPage::Success),
        (paths::CANCEL_PAGE, PlainPage::Cancel),
        (paths::PENDING_PAGE, PlainPage::Pending),
    ];
    for (path, which) in results {
        let show =
            move |State(web): State<Web>,
                  ConnectInfo(peer): ConnectInfo<SocketAddr>,
                  Query(query): Query<PageQuery>,
                  headers: HeaderMap| async move { result(&web, which, peer, &query, &headers).await };
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
    /// The payer comes back from a provider. Whatever else a provider adds to the address is not read.
    back: Option<String>,
    /// The payer has just pressed what leads to another page.
    go: Option<String>,
    /// The way the payer has just chosen is not possible now.
    unavailable: Option<String>,
    /// Why the reference number just entered was not taken.
    rrn: Option<String>,
}

pub(super) fn language(headers: &HeaderMap, asked: Option<&str>) -> Lang {
    pick(headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()), asked)
}

/// As [`language`], and the merchant's where the payer's is none of ours.
pub(super) fn language_of(storefront: &Storefront, headers: &HeaderMap, asked: Option<&str>) -> Lang {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    pick_or(accepted, asked, storefront.lang.as_deref().and_then(Lang::from_tag))
}

pub(super) fn with_headers(status: StatusCode, html: String, headers: Headers) -> Response {
    (status, headers, Html(html)).into_response()
}

pub(super) fn plain(web: &Web, which: PlainPage, status: StatusCode, lang: Lang) -> Response {
    with_headers(status, render_plain(which, web.app.sandbox, lang, None, ""), page_headers(None))
}

/// Whether a page that says what came of a payment is true of an invoice in this state. From no state do we lead to the one for what is
/// pending: the payer's page says more.
fn fits(which: PlainPage, state: InvoiceState) -> bool {
    match which {
        PlainPage::Success => matches!(state, InvoiceState::Received | InvoiceState::Settled),
        PlainPage::Cancel => state == InvoiceState::Failed(Failure::Canceled),
        _ => false,
    }
}

/// The payer's page, in the language that was asked for.
fn to_page(token: &str, asked: Option<Lang>, more: Option<(&str, &str)>) -> Response {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("token", token);
    // ours, not what was posted: an address is kept in many places
    if let Some(lang) = asked {
        query.append_pair("lang", lang.code());
    }
    query.extend_pairs(more);
    Redirect::to(&format!("{PAGE_PATH}?{}", query.finish())).into_response()
}

/// Where payers go on to when the merchant has said nothing else. One who comes from an invoice's page brings its token: it shows whose
/// this is, and nothing that is not true of the invoice.
async fn result(web: &Web, which: PlainPage, peer: SocketAddr, query: &PageQuery, headers: &HeaderMap) -> Response {
    let (token, asked) = (query.token.as_str(), query.lang.as_deref());
    let lang = language(headers, asked);
    if token.is_empty() {
        return plain(web, which, StatusCode::OK, lang);
    }
    if let Some(limited) = limited(web, peer, headers, lang) {
        return limited;
    }
    let of = web.app.store.read(|tx| {
        let Some((merchant, row)) = invoices::by_token(&web.app, tx, token)? else { return Ok(None) };
        let storefront = storefronts::of(tx, &merchant.id)?;
        Ok::<_, StoreError>(Some((merchant, row.invoice.state, storefront)))
    });
    match of.await {
        Ok(Some((_, state, _))) if !fits(which, state) => to_page(token, asked.map(|_| lang), None),
        Ok(Some((merchant, _, storefront))) => {
            let lang = language_of(&storefront, headers, asked);
            let again = form_urlencoded::Serializer::new(String::new()).append_pair("token", token).finish() + "&";
            let shop = Shop::of(&merchant, &storefront);
            let html = render_plain(which, web.app.sandbox, lang, Some(shop), &again);
            with_headers(StatusCode::OK, html, in_frames(page_headers(None), &storefront.frames))
        }
        Ok(None) => plain(web, which, StatusCode::OK, lang),
        Err(error) => broken(&error),
    }
}

pub(super) fn broken(error: &StoreError) -> Response {
    error.log("A payer's page failed in the store");
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
    if let Some(limited) = limited(&web, peer, &headers, lang) {
        return limited;
    }
    let visitor = Visitor { ip: visitor, device: device(&headers), is_back: query.back.is_some() };
    match arrive(&web.app, &query.token, visitor).await {
        Ok(Some(loaded)) => {
            let lang = language_of(&loaded.storefront, &headers, query.lang.as_deref());
            let mut view = loaded.view(&web.app, &query.token, query.stay.is_some());
            view.no_price |= query.no_price.is_some();
            view.go = query.go.is_some();
            let may_choose = matches!(view.state, ViewState::Choose { .. } | ViewState::Card(_) | ViewState::Pay(_));
            view.unavailable = query.unavailable.is_some() && may_choose;
            view.refuse_rrn(query.rrn.as_deref());
            let headers = in_frames(page_headers(Some(&view)), &loaded.storefront.frames);
            with_headers(StatusCode::OK, render(&view, lang), headers)
        }
        Ok(None) => plain(&web, PlainPage::NotFound, StatusCode::NOT_FOUND, lang),
        Err(error) => broken(&error),
    }
}

/// A phone shows a UPI link, anything else its QR first.
fn device(headers: &HeaderMap) -> Device {
    let says = |name: &str, word: &str| {
        headers.get(name).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains(word))
    };
    if says("sec-ch-ua-mobile", "?1") || says("user-agent", "Mobi") { Device::Phone } else { Device::Other }
}

/// The page's buttons. Whatever came of it, the payer is sent back to the page, which shows how things are; only a card entry with
/// errors is answered with the page itself. The body may hold a card's number, and is wiped after reading.
async fn act(
    State(web): State<Web>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Ok(body) = bytes(body).await else { return StatusCode::PAYLOAD_TOO_LARGE.into_response() };
    let Ok(params) = params(&headers, &body).await else { return StatusCode::BAD_REQUEST.into_response() };
    let text = |name: &str| match field(&params, name) {
        Field::Text(text) => text,
        Field::Absent | Field::NotText => "",
    };
    let (token, asked) = (text("token"), Some(text("lang")).filter(|lang| !lang.is_empty()));
    let lang = language(&headers, asked);
    if web.limits.check_ip(web.client_ip(peer.ip(), &headers)).is_err() {
        return plain(&web, PlainPage::TooManyRequests, StatusCode::TOO_MANY_REQUESTS, lang);
    }
    let loaded = match load(&web.app, token).await {
        Ok(Some(loaded)) => loaded,
        Ok(None) => return plain(&web, PlainPage::NotFound, StatusCode::NOT_FOUND, lang),
        Err(error) => return broken(&error),
    };
    let device = device(&headers);
    let done = match text("action") {
        "select" => open(&web, token, text("currency")).await,
        "quote" => open(&web, token, &quoted(&loaded)).await,
        "method" => choose(&web, &loaded, token, Method::from_name(text("method")), device).await,
        "pay-card" if loaded.offers.takes_cards_from_us(&web.app) => {
            let check_expiry = web.app.cards != CardIntake::Direct { check_expiry: false };
            let now = web.app.now();
            match card_entry::read(&params, check_expiry.then_some(now)) {
                Ok(card) => charge(&web, token, Method::Card, device, Some(card)).await,
                Err(refused) => return refused_card(&web, &loaded, token, lang, refused),
            }
        }
        "pay-card" => charge(&web, token, Method::Card, device, None).await,
        "claim" => claim(&web, token, text("rrn")).await,
        "cancel" => match invoices::cancel(&web.app, token).await {
            Err(invoices::CommandFailed::Store(error)) => Err(error),
            _ => Ok(""),
        },
        _ => Ok(""),
    };
    let flag = match done {
        Ok(flag) => flag,
        Err(error) => return broken(&error),
    };
    to_page(token, asked.map(|_| lang), flag.split_once('='))
}

/// The form again, with what was wrong. Number and code are not in it.
fn refused_card(web: &Web, loaded: &Loaded, token: &str, lang: Lang, refused: card_entry::Refused) -> Response {
    let mut view = loaded.view(&web.app, token, false);
    if !matches!(view.state, ViewState::Card(_)) {
        return Redirect::to(&format!("{PAGE_PATH}?{}", token_query(token))).into_response();
    }
    let card_entry::Refused { errors, holder, expiry } = refused;
    let test_cards = web.app.cards == CardIntake::Direct { check_expiry: false };
    let step = CardStep::Form { errors, holder, expiry, test_cards };
    view.state = ViewState::Card(Box::new(loaded.card_pay(&web.app, web.app.now(), Some(step))));
    let headers = in_frames(page_headers(Some(&view)), &loaded.storefront.frames);
    with_headers(StatusCode::UNPROCESSABLE_ENTITY, render(&view, lang), headers)
}

fn token_query(token: &str) -> String {
    form_urlencoded::Serializer::new(String::new()).append_pair("token", token).finish()
}

/// The payer taps a method: it is remembered, and unless he has to enter his card here first, begun at its provider.
async fn choose(
    web: &Web,
    loaded: &Loaded,
    token: &str,
    method: Option<Method>,
    device: Device,
) -> Result<&'static str, StoreError> {
    let Some(method) = method.filter(|method| !loaded.offers.accounts(*method).is_empty()) else { return Ok("") };
    if method == Method::Card && loaded.offers.takes_cards_from_us(&web.app) {
        let (merchant, number) = (loaded.merchant.id.clone(), loaded.row.invoice.number);
        web.app
            .store
            .write(move |tx| crate::store::invoices::set_chosen(tx, &merchant, number, Solution::Card))
            .await?;
        web.app.wake.pages.notify_waiters();
        return Ok("");
    }
    charge(web, token, method, device, None).await
}

async fn charge(
    web: &Web,
    token: &str,
    method: Method,
    device: Device,
    card: Option<Card>,
) -> Result<&'static str, StoreError> {
    Ok(match begin(&web.app, token, method, device, card).await? {
        Begun::AsThePageShows => "go=1",
        Begun::NoPrice => "no_price=1",
        Begun::NotPossible => "unavailable=1",
    })
}

/// No row tells of a number that was not taken, so the redirect must.
async fn claim(web: &Web, token: &str, rrn: &str) -> Result<&'static str, StoreError> {
    match own_vpa::claim(&web.app, token, rrn).await {
        Ok(()) => Ok(""),
        Err(own_vpa::Refused::Store(error)) => Err(error),
        Err(own_vpa::Refused::AlreadyUsed) => Ok("rrn=used"),
        Err(own_vpa::Refused::Rrn(_)) => Ok("rrn=malformed"),
        Err(own_vpa::Refused::NothingWaits) => Ok(""),
    }
}

/// The coin of the price that ran out.
fn quoted(loaded: &Loaded) -> String {
    loaded.attempts.last().map(|attempt| attempt.asset.clone()).unwrap_or_default()
}

async fn open(web: &Web, token: &str, currency: &str) -> Result<&'static str, StoreError> {
    match attempts::open(&web.app, token, currency).await {
        Err(attempts::OpenFailed::Store(error)) => Err(error),
        Err(error) => {
            tracing::info!(%error, "An attempt was refused");
            Ok(if error.is_for_want_of_a_price() { "no_price=1" } else { "" })
        }
        Ok(()) => Ok(""),
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

pub fn serve(asset: &'static assets::Asset, headers: &HeaderMap) -> Response {
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|etag| etag.as_bytes() == asset.etag.as_bytes());
    let cached = [
        (header::ETAG, asset.etag.as_str()),
        (header::CACHE_CONTROL, assets::ASSET_CACHE_CONTROL),
        (header::CONTENT_TYPE, asset.content_type),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    if known { (StatusCode::NOT_MODIFIED, cached).into_response() } else { (cached, asset.body).into_response() }
}
