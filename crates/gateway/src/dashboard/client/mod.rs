//! A merchant's pages.

mod balances;
mod create;
mod home;
mod invoices;
mod links;
mod money;
mod pos;

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
    Item { path: invoices::LIST, label: "nav-invoices", icon: "invoice", needs: Some(Permission::ViewInvoices) },
    Item { path: links::PATH, label: "nav-links", icon: "link", needs: Some(Permission::ViewInvoices) },
    Item { path: pos::PATH, label: "nav-pos", icon: "keypad", needs: Some(Permission::CreateInvoices) },
    Item { path: balances::PATH, label: "nav-balances", icon: "balance", needs: Some(Permission::ViewBalances) },
];

pub fn routes() -> Vec<Route> {
    let home = vec![Route::merchant(Get, HOME, Permission::ViewInvoices, home::page)];
    [home, create::routes(), invoices::routes(), links::routes(), pos::routes(), balances::routes()].concat()
}

/// A count as messages take it.
pub fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A path for each row that has an id in it, with an id of that merchant's.
#[cfg(test)]
pub fn samples() -> Vec<(&'static str, Sample)> {
    [invoices::samples(), links::samples(), pos::samples()].concat()
}
