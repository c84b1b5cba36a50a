//! A merchant's pages.

mod acts;
mod api;
mod balances;
mod branding;
mod callbacks;
mod checklist;
mod countries;
mod create;
mod deliveries;
pub mod home;
mod invoices;
mod links;
pub(in crate::dashboard) mod money;
mod parked;
mod payouts;
mod pos;
mod profile;
mod samples;
mod team;
mod upi;

use domain::Time;
use domain::access::{Permission, Role};

use super::ask::Ask;
use super::frame::Item;
use super::live::follow;
use super::pages::Answer;
use super::route::Method::{Get, Post};
use super::route::Route;
#[cfg(test)]
use super::tests::Sample;
use crate::app::accounts::sessions::Desk;

pub use invoices::{LIST as INVOICES, path as invoice_path};
pub use parked::PATH as PARKED;
pub use payouts::FUNDS;
pub use upi::PATH as UPI;

pub use money::{amount, minor};

pub const HOME: &str = "/client/";
const TEAM: &str = "/client/team";
const ACTS: &str = "/client/acts";

/// The navigation, from top to bottom.
pub const NAV: &[Item] = &[
    Item { path: HOME, label: "nav-home", icon: "home", needs: Some(Permission::ViewInvoices) },
    Item { path: invoices::LIST, label: "nav-invoices", icon: "invoice", needs: Some(Permission::ViewInvoices) },
    Item { path: links::PATH, label: "nav-links", icon: "link", needs: Some(Permission::ViewInvoices) },
    Item { path: pos::PATH, label: "nav-pos", icon: "keypad", needs: Some(Permission::CreateInvoices) },
    Item { path: balances::PATH, label: "nav-balances", icon: "balance", needs: Some(Permission::ViewBalances) },
    Item { path: payouts::PATH, label: "nav-payouts", icon: "payout", needs: Some(Permission::ViewBalances) },
    Item { path: callbacks::PATH, label: "nav-callbacks", icon: "callback", needs: Some(Permission::ViewCallbacks) },
    Item { path: api::PATH, label: "nav-api", icon: "key", needs: Some(Permission::ViewApi) },
    Item { path: profile::PATH, label: "nav-profile", icon: "shop", needs: Some(Permission::ViewProfile) },
    Item { path: TEAM, label: "nav-team", icon: "team", needs: Some(Permission::ViewTeam) },
    Item { path: ACTS, label: "nav-acts", icon: "log", needs: Some(Permission::ViewActs) },
];

/// In a sandbox only, which adds the page (`sandbox::desk`).
pub const SANDBOX: Item =
    Item { path: "/client/sandbox", label: "nav-sandbox", icon: "settings", needs: Some(Permission::ViewInvoices) };

/// What says when the home's figures may have changed.
pub const LIVE: &str = "/client/live";

async fn live(ask: Ask, desk: Desk) -> Answer {
    follow(&ask, Some(desk.merchant.id))
}

pub fn routes() -> Vec<Route> {
    use Permission::{ManageTeam, ViewActs, ViewInvoices, ViewTeam};
    let mut routes = vec![
        Route::merchant(Get, HOME, ViewInvoices, home::page),
        Route::merchant(Get, LIVE, ViewInvoices, live),
        Route::merchant(Get, TEAM, ViewTeam, team::page),
        Route::merchant(Post, "/client/team/invite", ManageTeam, team::invite),
        Route::merchant(Post, "/client/team/members/{user}", ManageTeam, team::change),
        Route::merchant(Post, "/client/team/members/{user}/remove", ManageTeam, team::remove),
        Route::merchant(Post, "/client/team/invitations/{id}/withdraw", ManageTeam, team::withdraw),
        Route::merchant(Get, ACTS, ViewActs, acts::page),
        Route::merchant(Get, parked::PATH, ViewInvoices, parked::page),
    ];
    // parts with a table of their own
    routes.extend([create::routes(), invoices::routes(), links::routes(), pos::routes(), balances::routes()].concat());
    routes.extend(upi::routes());
    routes.extend(
        [profile::routes(), branding::routes(), api::routes(), callbacks::routes(), deliveries::routes()].concat(),
    );
    routes.extend(payouts::routes());
    routes
}

/// The message with a role's name.
pub fn role_key(role: Role) -> &'static str {
    match role {
        Role::Owner => "role-owner",
        Role::Admin => "role-admin",
        Role::Finance => "role-finance",
        Role::Developer => "role-developer",
        Role::Support => "role-support",
        Role::ReadOnly => "role-read-only",
    }
}

/// A count as messages take it.
pub fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Where a page of a list ended, as the address of the next one says it; `None` where it says nothing of ours.
fn place(text: &str) -> Option<(Time, &str)> {
    let (at, id) = text.split_once('.')?;
    let fits = id.len() <= 40 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    Some((Time(at.parse().ok()?), id)).filter(|_| fits)
}

fn ended_with(at: Time, id: &str) -> String {
    format!("{}.{id}", at.0)
}

/// A path for each row that has an id in it, with an id of that merchant's.
#[cfg(test)]
pub fn samples() -> Vec<(&'static str, Sample)> {
    let team: Vec<(&'static str, Sample)> = vec![
        ("/client/team/members/{user}", team::samples::member),
        ("/client/team/members/{user}/remove", team::samples::member_to_remove),
        ("/client/team/invitations/{id}/withdraw", team::samples::invitation),
    ];
    let sales = [invoices::samples(), links::samples(), pos::samples(), payouts::samples()].concat();
    [team, api::samples(), deliveries::samples(), sales].concat()
}
