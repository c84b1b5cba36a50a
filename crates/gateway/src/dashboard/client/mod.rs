//! A merchant's pages.

mod home;

use domain::access::Permission;

use super::frame::Item;
use super::route::Method::Get;
use super::route::Route;
#[cfg(test)]
use super::tests::Sample;

pub const HOME: &str = "/client/";

/// The navigation, from top to bottom.
pub const NAV: &[Item] = &[Item { path: HOME, label: "nav-home", icon: "home", needs: Some(Permission::ViewInvoices) }];

pub fn routes() -> Vec<Route> {
    vec![Route::merchant(Get, HOME, Permission::ViewInvoices, home::page)]
}

/// A path for each row that has an id in it, with an id of that merchant's.
#[cfg(test)]
pub fn samples() -> Vec<(&'static str, Sample)> {
    Vec::new()
}
