//! The one way in: who asks, whether he may, and whether a form is ours.
//!
//! A form must come from a page of ours (`Sec-Fetch-Site`, `Origin`), and hold the session's token in a field or, sent by htmx, in a header. Who
//! is not signed in has a cookie of his own for that, so that nobody can sign him in to another's account either.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, RawPathParams, Request, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use url::Url;

use super::ask::{Ask, local_path};
use super::cookies;
use super::form::{Form, MAX_BYTES};
use super::pages::{Answer, Failed};
use super::route::{Answers, Method, Needs, Route};
use super::switch;
use super::viewer::Viewer;
use super::way_back;
use crate::api::Web;
use crate::app::App;
use crate::app::accounts::sign_up::speak;
use crate::app::accounts::{mac, same, sessions};
use crate::app::announcement;
use crate::checkout::messages::Lang;

pub const LOG_IN: &str = "/login";
/// The field of every form.
pub const CSRF_FIELD: &str = "csrf";
const CSRF_HEADER: &str = "x-csrf-token";
const YEAR: i64 = 365 * 86_400;

pub async fn enter(route: &Route, web: Web, peer: SocketAddr, ids: &RawPathParams, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let ip = web.client_ip(peer.ip(), &parts.headers);
    let query: Vec<(String, String)> =
        form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned().take(100).collect();
    let asked = query.iter().find(|(name, _)| name == "lang").map(|(_, value)| value.clone());
    let app = web.app.clone();
    let mut ask = Ask {
        viewer: Viewer::of(&app, &parts.headers, asked.as_deref()),
        ip,
        path: parts.uri.path().to_owned(),
        form: Form::default().into(),
        ids: ids.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        query,
        csrf: String::new(),
        flash: cookies::get(&app, &parts.headers, cookies::FLASH).map(ToOwned::to_owned),
        announcement: None,
        person: None,
        half: None,
        desk: None,
        headers: parts.headers,
        web,
    };
    let shown = ask.flash.is_some();
    let fresh = form_cookie(&mut ask);
    let admitted = match axum::body::to_bytes(body, MAX_BYTES).await {
        Ok(body) => admit(route, &mut ask, body).await,
        Err(_) => Err(Failed::TooLarge),
    };
    let answer = match admitted {
        Ok(None) => run(route, ask.clone()).await,
        Ok(Some(elsewhere)) => Ok(elsewhere),
        Err(failed) => Err(failed),
    };
    let mut response = answer.unwrap_or_else(|failed| failed.page(&ask));
    if let Some(value) = fresh {
        cookies::set(&app, &mut response, cookies::FORM, &value, YEAR);
    }
    if shown && route.method == Method::Get && response.status().is_success() && !ask.is_partial() {
        cookies::set(&app, &mut response, cookies::FLASH, "", 0);
    }
    if let Some(other) = &app.switch {
        switch::let_forms_lead(&mut response, &other.url);
    }
    if let Some(lang) = asked.as_deref().and_then(Lang::from_tag) {
        cookies::set(&app, &mut response, cookies::LANGUAGE, lang.code(), YEAR);
    }
    response
}

/// Pages that are not there, below ours.
pub async fn no_such_page(
    State(web): State<Web>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    ids: RawPathParams,
    request: Request,
) -> Response {
    let route = Route::public(Method::Get, "", |_| async { Err(Failed::NotFound) });
    enter(&route, web, peer, &ids, request).await
}

/// What binds the forms of who is not signed in to his browser; answers the value when it must be set.
fn form_cookie(ask: &mut Ask) -> Option<String> {
    let app = ask.web.app.clone();
    let fits = |value: &&str| value.len() == 32 && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    let kept = cookies::get(&app, &ask.headers, cookies::FORM).filter(fits);
    let fresh = kept.is_none().then(|| hex::encode(app.random.token_bytes::<16>()));
    let value = kept.or(fresh.as_deref()).unwrap_or_default();
    ask.csrf = mac(&app, "dashboard form", value);
    fresh
}

/// Lets somebody in, or says where he has to go first.
async fn admit(route: &Route, ask: &mut Ask, body: bytes::Bytes) -> Result<Option<Response>, Failed> {
    let app = ask.web.app.clone();
    if let (Some(live), Some(page)) = (app.joined_to(), switch::page_at_live(route.path)) {
        return Ok(Some(ask.go(&format!("{}{page}", live.url))));
    }
    let token = cookies::get(&app, &ask.headers, cookies::SESSION).map(ToOwned::to_owned);
    let found = match token {
        Some(token) => sessions::find(&app, &token, ask.ip).await?,
        None => None,
    };
    if let Some(person) = &found {
        ask.csrf.clone_from(&person.session.csrf);
    } else {
        ask.web.limits.check_ip(ask.ip).map_err(|too_many| Failed::TooManyRequests(too_many.seconds()))?;
    }
    match found {
        Some(person) if person.session.is_complete => {
            // a language that is chosen is that of mails too
            let chosen = Lang::from_tag(ask.query("lang")).map(Lang::code);
            if let Some(chosen) = chosen.filter(|chosen| person.user.locale.as_deref() != Some(*chosen)) {
                speak(&app, &person.user.id, chosen).await?;
            }
            ask.person = Some(person);
        }
        half => ask.half = half,
    }
    if route.method == Method::Post {
        let has_ended = ask.person.is_none() && route.needs != Needs::Public && app.joined_to().is_some();
        // the token of its form ended with the session, and nothing is done
        if has_ended && is_from_here(&app, &ask.headers) {
            return Ok(Some(log_in_first(ask, route.method)));
        }
        own_form(ask, body).await?;
    }
    ask.announcement = app.store.read(|tx| announcement::shown(tx, app.now())).await?;
    if let Some(person) = ask.person.clone() {
        ask.desk = sessions::desk(&app, &person).await?;
    }
    match (route.needs, &ask.person) {
        (Needs::Public, _) => Ok(None),
        (_, None) => Ok(Some(log_in_first(ask, route.method))),
        (Needs::SignedIn, Some(_)) => Ok(None),
        (Needs::Operator, Some(person)) if person.user.is_operator => Ok(None),
        (Needs::Operator, Some(_)) => Err(Failed::Forbidden),
        (Needs::Merchant(permission), Some(person)) => match &ask.desk {
            Some(desk) if desk.access.may(permission) => Ok(None),
            Some(_) => Err(Failed::Forbidden),
            // an operator looks at merchants from his own pages
            None if person.user.is_operator && route.method == Method::Get => Ok(Some(ask.go(super::operator::HOME))),
            None => Err(Failed::Forbidden),
        },
    }
}

async fn run(route: &Route, ask: Ask) -> Answer {
    match &route.answers {
        Answers::Anybody(handler) => handler(ask).await,
        Answers::Person(handler) => {
            let person = ask.person.clone().ok_or(Failed::Forbidden)?;
            handler((ask, person)).await
        }
        Answers::Desk(handler) => {
            let desk = ask.desk.clone().ok_or(Failed::Forbidden)?;
            handler((ask, desk)).await
        }
    }
}

/// To the log-in page, and back here afterwards if this was to be shown.
fn log_in_first(ask: &Ask, method: Method) -> Response {
    if ask.app().joined_to().is_some() {
        return way_back::enter(ask, method);
    }
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&ask.query).finish();
    let here = if query.is_empty() { ask.path.clone() } else { format!("{}?{query}", ask.path) };
    match local_path(&here).filter(|_| method == Method::Get) {
        Some(here) => {
            let next = form_urlencoded::Serializer::new(String::new()).append_pair("next", here).finish();
            ask.go(&format!("{LOG_IN}?{next}"))
        }
        None => ask.go(LOG_IN),
    }
}

/// Reads a form that is ours.
async fn own_form(ask: &mut Ask, body: bytes::Bytes) -> Result<(), Failed> {
    if !is_from_here(&ask.web.app, &ask.headers) {
        return Err(Failed::ForeignForm);
    }
    let form = Form::read(&ask.headers, body).await.ok_or(Failed::ForeignForm)?;
    let sent = ask.headers.get(CSRF_HEADER).and_then(|value| value.to_str().ok());
    let is_ours = same(sent.unwrap_or_else(|| form.raw(CSRF_FIELD)), &ask.csrf);
    ask.form = form.into();
    if is_ours { Ok(()) } else { Err(Failed::ForeignForm) }
}

/// What the browser says of where a form came from. One that says nothing is old, or no browser: the token decides.
fn is_from_here(app: &App, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if text("sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return false;
    }
    let Some(origin) = text("origin") else { return true };
    let Ok(origin) = Url::parse(origin) else { return false };
    let ours = Url::parse(&app.base_url).is_ok_and(|ours| ours.origin() == origin.origin());
    // an open sandbox answers under several names of this machine
    let host = text(header::HOST.as_str()).and_then(|host| Url::parse(&format!("{}://{host}", origin.scheme())).ok());
    ours || (app.is_open_sandbox() && host.is_some_and(|host| host.origin() == origin.origin()))
}
