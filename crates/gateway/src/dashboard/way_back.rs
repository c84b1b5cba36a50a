//! In a sandbox that is joined to a live gateway: where somebody was when his session had ended, for after the way in (`switch::ENTER`).

use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use url::Url;

use super::ask::{Ask, local_path};
use super::route::Method;
use super::switch::{BEGUN_SECONDS, ENTER};
use super::{client, cookies, gate};

/// Holds the page's path as hex digits, or [`UNDONE`].
const COOKIE: &str = "lockgate-back";
/// A form was sent, and nothing was done. No hex digits.
const UNDONE: &str = "undone";
const LONGEST: usize = 1_000;
const LOG_OUT: &str = "/logout";

/// Sends whoever is not signed in to the way in.
pub(super) fn enter(ask: &Ask, method: Method) -> Response {
    if is_in_background(ask) {
        return leave_page(ask);
    }
    if method == Method::Post && ask.path == LOG_OUT {
        // he is out
        return ask.go(gate::LOG_IN);
    }
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&ask.query).finish();
    let here = if query.is_empty() { ask.path.clone() } else { format!("{}?{query}", ask.path) };
    let kept = match (method, local_path(&here)) {
        (Method::Get, Some(here)) if here.len() <= LONGEST => hex::encode(here),
        (Method::Get, _) => String::new(),
        (Method::Post, _) => UNDONE.into(),
    };
    let mut response = ask.go(ENTER);
    if !kept.is_empty() {
        cookies::set(ask.app(), &mut response, COOKIE, &kept, BEGUN_SECONDS);
    }
    response
}

/// To where he was, once he is in.
pub fn lead(ask: &Ask) -> Response {
    let Some(kept) = cookies::get(ask.app(), &ask.headers, COOKIE) else { return ask.go(client::HOME) };
    let path = hex::decode(kept).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let mut response = match path.as_deref().and_then(local_path) {
        Some(path) => ask.go(path),
        None if kept == UNDONE => ask.go_saying(client::HOME, "flash-bad-switch-undone"),
        None => ask.go(client::HOME),
    };
    cookies::set(ask.app(), &mut response, COOKIE, "", 0);
    response
}

/// Asked for by a script of a page that is shown: nobody would see where that is led, and it must not be led to another site.
fn is_in_background(ask: &Ask) -> bool {
    let mode = ask.headers.get("sec-fetch-mode");
    ask.headers.contains_key("hx-request") || mode.is_some_and(|mode| mode != "navigate")
}

/// htmx then opens the page again that is shown, which leads the way in and back to it.
fn leave_page(ask: &Ask) -> Response {
    let shown = ask.headers.get("hx-current-url").and_then(|url| Url::parse(url.to_str().ok()?).ok());
    let shown = shown.map(|url| match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    });
    let to = shown.as_deref().and_then(local_path).unwrap_or(ENTER);
    (StatusCode::UNAUTHORIZED, [(HeaderName::from_static("hx-redirect"), to)]).into_response()
}
