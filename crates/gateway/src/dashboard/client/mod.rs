//! A merchant's pages.

mod api;
mod callbacks;
mod checklist;
mod countries;
mod deliveries;
mod home;
mod profile;
mod samples;

use domain::access::Permission;

use super::frame::Item;
use super::route::Method::Get;
use super::route::Route;
#[cfg(test)]
use super::tests::Sample;

pub const HOME: &str = "/client/";

/// The navigation, from top to bottom.
pub const NAV: &[Item] = &[
    Item { path: HOME, label: "nav-home", icon: "home", needs: Some(Permission::ViewInvoices) },
    Item { path: callbacks::PATH, label: "nav-callbacks", icon: "callback", needs: Some(Permission::ViewCallbacks) },
    Item { path: api::PATH, label: "nav-api", icon: "key", needs: Some(Permission::ViewApi) },
    Item { path: profile::PATH, label: "nav-profile", icon: "shop", needs: Some(Permission::ViewProfile) },
];

pub fn routes() -> Vec<Route> {
    let home = vec![Route::merchant(Get, HOME, Permission::ViewInvoices, home::page)];
    [home, profile::routes(), api::routes(), callbacks::routes(), deliveries::routes()].concat()
}

/// A path for each row that has an id in it, with an id of that merchant's.
#[cfg(test)]
pub fn samples() -> Vec<(&'static str, Sample)> {
    [api::samples(), deliveries::samples()].concat()
}
