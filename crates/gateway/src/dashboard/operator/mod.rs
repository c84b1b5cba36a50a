//! The operator's pages.

mod home;

use super::frame::Item;
use super::route::Method::Get;
use super::route::Route;
#[cfg(test)]
use super::tests::Sample;

pub const HOME: &str = "/operator/";

/// The navigation, from top to bottom.
pub const NAV: &[Item] = &[Item { path: HOME, label: "nav-merchants", icon: "shop", needs: None }];

pub fn routes() -> Vec<Route> {
    vec![Route::operator(Get, HOME, home::page)]
}

/// A path for each row that has an id in it.
#[cfg(test)]
pub fn samples() -> Vec<(&'static str, Sample)> {
    Vec::new()
}
