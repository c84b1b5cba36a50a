//! The operator's pages.

mod announcement;
mod approvals;
mod audit;
mod claim;
mod disputes;
pub mod home;
mod log;
mod mails;
mod merchant;
mod merchants;
mod parked;
mod payouts;
mod providers;
mod rails;
mod settlements;
mod transfers;
mod users;
mod withheld;

use super::ask::Ask;
use super::frame::Item;
use super::live::follow;
use super::pages::Answer;
use super::route::Method::{Get, Post};
use super::route::Route;
#[cfg(test)]
use super::tests::Sample;
use crate::app::accounts::sessions::Person;
use crate::app::acts::Actor;

pub const HOME: &str = "/operator/";
pub const MERCHANTS: &str = "/operator/merchants";

/// The navigation, from top to bottom.
pub const NAV: &[Item] = &[
    Item { path: HOME, label: "nav-home", icon: "home", needs: None },
    Item { path: MERCHANTS, label: "nav-merchants", icon: "shop", needs: None },
    Item { path: approvals::PATH, label: "nav-approvals", icon: "person", needs: None },
    Item { path: transfers::PATH, label: "nav-transfers", icon: "payout", needs: None },
    Item { path: parked::PATH, label: "nav-parked", icon: "warning", needs: None },
    Item { path: withheld::PATH, label: "nav-withheld", icon: "lock", needs: None },
    Item { path: disputes::PATH, label: "nav-disputes", icon: "callback", needs: None },
    Item { path: settlements::PATH, label: "nav-settlements", icon: "invoice", needs: None },
    Item { path: rails::PATH, label: "nav-rails", icon: "chain", needs: None },
    Item { path: providers::PATH, label: "nav-providers", icon: "key", needs: None },
    Item { path: payouts::PATH, label: "nav-reports", icon: "rate", needs: None },
    Item { path: users::PATH, label: "nav-users", icon: "team", needs: None },
    Item { path: announcement::PATH, label: "nav-announcement", icon: "mail", needs: None },
    Item { path: mails::PATH, label: "nav-mails", icon: "mail", needs: None },
    Item { path: log::PATH, label: "nav-log", icon: "log", needs: None },
    Item { path: audit::PATH, label: "nav-audit", icon: "balance", needs: None },
];

/// What says when the home's figures may have changed.
pub const LIVE: &str = "/operator/live";

async fn live(ask: Ask, _: Person) -> Answer {
    follow(&ask, None)
}

pub fn routes() -> Vec<Route> {
    vec![
        Route::operator(Get, HOME, home::page),
        Route::operator(Get, LIVE, live),
        Route::operator(Get, MERCHANTS, merchants::page),
        Route::operator(Get, "/operator/merchants/{number}", merchant::page),
        Route::operator(Post, "/operator/merchants/{number}/wallet", merchant::wallet::post),
        Route::operator(Post, "/operator/merchants/{number}/terms", merchant::terms::post),
        Route::operator(Post, "/operator/merchants/{number}/payouts", merchant::payouts::post),
        Route::operator(Post, "/operator/merchants/{number}/senders", merchant::senders::post),
        Route::operator(Post, "/operator/merchants/{number}/keys", merchant::keys::post),
        Route::operator(Post, "/operator/merchants/{number}/stop", merchant::stop::post),
        Route::operator(Get, "/operator/merchants/{number}/routes", merchant::routes::page),
        Route::operator(Post, "/operator/merchants/{number}/routes", merchant::routes::post),
        Route::operator(Get, approvals::PATH, approvals::page),
        Route::operator(Get, transfers::PATH, transfers::page),
        Route::operator(Get, "/operator/transfers/{id}", transfers::one),
        Route::operator(Post, "/operator/transfers/{id}", transfers::post),
        Route::operator(Get, parked::PATH, parked::page),
        Route::operator(Get, withheld::PATH, withheld::page),
        Route::operator(Get, "/operator/withheld/{merchant}/{charge}", withheld::one),
        Route::operator(Post, "/operator/withheld/{merchant}/{charge}", withheld::post),
        Route::operator(Get, disputes::PATH, disputes::page),
        Route::operator(Get, settlements::PATH, settlements::page),
        Route::operator(Get, settlements::STATEMENT, |ask, _| settlements::file(ask, settlements::Format::Csv)),
        Route::operator(Get, "/operator/settlements/statement.pdf", |ask, _| {
            settlements::file(ask, settlements::Format::Pdf)
        }),
        Route::operator(Get, "/operator/settlements/statement.txt", |ask, _| {
            settlements::file(ask, settlements::Format::Text)
        }),
        Route::operator(Get, "/operator/merchants/{number}/settlement", settlements::of_merchant),
        Route::operator(Post, "/operator/merchants/{number}/settlement", settlements::post),
        Route::operator(Get, rails::PATH, rails::page),
        Route::operator(Get, providers::PATH, providers::page),
        Route::operator(Post, providers::PATH, providers::add),
        Route::operator(Get, "/operator/providers/new", providers::new),
        Route::operator(Get, "/operator/providers/{id}", providers::one),
        Route::operator(Post, "/operator/providers/{id}", providers::post),
        Route::operator(Get, payouts::PATH, payouts::page),
        Route::operator(Get, payouts::ONE, payouts::one),
        Route::operator(Get, payouts::ARRIVED, payouts::arrived),
        Route::operator(Post, payouts::ARRIVED, payouts::post),
        Route::operator(Get, claim::PATH, claim::page),
        Route::operator(Get, users::PATH, users::page),
        Route::operator(Post, "/operator/users/{id}", users::post),
        Route::operator(Get, announcement::PATH, announcement::page),
        Route::operator(Post, announcement::PATH, announcement::post),
        Route::operator(Get, mails::PATH, mails::page),
        Route::operator(Post, mails::PATH, mails::post),
        Route::operator(Get, log::PATH, log::page),
        Route::operator(Get, audit::PATH, audit::page),
        Route::operator(Post, audit::PATH, audit::post),
    ]
}

/// How the log of acts names him.
fn actor(person: &Person) -> Actor {
    Actor(person.user.email.clone())
}

/// A path for each row that has an id in it.
#[cfg(test)]
pub fn samples() -> Vec<(&'static str, Sample)> {
    [
        merchant::samples(),
        transfers::samples(),
        users::samples(),
        withheld::samples(),
        providers::samples(),
        settlements::samples(),
    ]
    .concat()
}
