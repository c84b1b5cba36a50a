//! The way into a joined sandbox, like a log-in by another site: `/enter` binds it to this browser and sends that to the live gateway, which
//! knows who is signed in and sends it back with a ticket (`app::switch`).

use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use domain::Time;

use super::guests::{Entered, let_in};
use crate::api::Web;
use crate::app::accounts::same;
use crate::app::accounts::sessions::LASTS_JOINED;
use crate::app::switch::{BadTicket, Switch};
use crate::checkout::messages::Lang;
use crate::checkout::text::Text;
use crate::clock::Clock;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::{Answer, Failed};
use crate::dashboard::route::Method::Get;
use crate::dashboard::route::Route;
use crate::dashboard::switch::{BEGUN_SECONDS, ENTER, FINISH, STATE_BYTES, give_path, is_state};
use crate::dashboard::{cookies, way_back};

/// Holds the state of a way in that was begun.
const STATE: &str = "lockgate-enter";
const YEAR: i64 = 365 * 86_400;
/// Where an open sandbox has its controls, and every page's mark leads.
const ABOUT: &str = "/sandbox/";

/// `clock` tells the true time: tickets run out by it.
pub fn rows(clock: Clock) -> Vec<Route> {
    vec![
        Route::public(Get, ENTER, enter),
        Route::public(Get, FINISH, move |ask| finish(clock.clone(), ask)),
        Route::public(Get, ABOUT, about),
    ]
}

pub fn routes(clock: Clock, web: Web) -> Router {
    rows(clock).into_iter().fold(Router::new(), |router, row| row.add_to(router)).with_state(web)
}

fn live(ask: &Ask) -> Result<&Switch, Failed> {
    ask.app().joined_to().ok_or(Failed::NotFound)
}

/// All ways in that one browser has begun have one state: several tabs may come at once. It is a secret between that browser and the live
/// gateway, whichever way it binds; that a ticket is good once is its nonce's doing.
async fn enter(ask: Ask) -> Answer {
    let begun = cookies::get(ask.app(), &ask.headers, STATE).filter(|state| is_state(state)).map(ToOwned::to_owned);
    let state = begun.unwrap_or_else(|| hex::encode(ask.app().random.token_bytes::<STATE_BYTES>()));
    let mut response = ask.go(&format!("{}{}", live(&ask)?.url, give_path(&state)));
    cookies::set(ask.app(), &mut response, STATE, &state, BEGUN_SECONDS);
    Ok(response)
}

async fn finish(clock: Clock, ask: Ask) -> Answer {
    let (app, now) = (ask.app(), Time(clock.now()));
    let ticket = match live(&ask)?.read(ask.query("ticket"), &app.base_url, now.0) {
        Ok(ticket) => ticket,
        Err(BadTicket::Expired) => return refused(&ask, "switch-expired"),
        Err(BadTicket::Foreign) => return refused(&ask, "switch-foreign"),
    };
    // a ticket that somebody else was given, put into an address, signs nobody in
    let begun = cookies::get(app, &ask.headers, STATE);
    if !begun.is_some_and(|state| same(state, &ticket.state)) {
        return refused(&ask, "switch-elsewhere");
    }
    let lang = Lang::from_tag(&ticket.lang);
    let old = ask.person().map(|person| person.session.token_hash.clone());
    let token = match let_in(app, ticket, ask.browser(), old, now).await? {
        Entered::In(token) => token,
        Entered::Used => return refused(&ask, "switch-used"),
        Entered::Disabled => return refused(&ask, "switch-disabled"),
    };
    let mut response = way_back::lead(&ask);
    cookies::set(app, &mut response, cookies::SESSION, &token, LASTS_JOINED.div_euclid(1000));
    if let Some(lang) = lang {
        cookies::set(app, &mut response, cookies::LANGUAGE, lang.code(), YEAR);
    }
    Ok(response)
}

#[derive(Template)]
#[template(path = "dashboard/switch/refused.html")]
struct Refused {
    f: Frame,
    why: Text,
    again: &'static str,
}

fn refused(ask: &Ask, why: &str) -> Answer {
    let w = ask.w();
    let page = Refused { f: ask.frame(w.text("switch-refused").plain()), why: w.text(why), again: ENTER };
    ask.show_as(StatusCode::FORBIDDEN, &page)
}

#[derive(Template)]
#[template(path = "dashboard/switch/about.html")]
struct About {
    f: Frame,
}

/// Whoever follows the mark of a page, a payer too.
async fn about(ask: Ask) -> Answer {
    ask.show(&About { f: ask.frame(ask.w().text("sandbox-label").plain()) })
}

#[cfg(test)]
mod tests;
