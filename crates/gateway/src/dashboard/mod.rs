//! The pages of merchants and operators. `route` is the one form of a page's row, `gate` the one place that lets somebody in; each part has
//! a table of rows in a file of its own: `account`, `client`, `operator`, `docs`.

pub mod account;
pub mod ask;
pub mod assets;
pub mod charts;
pub mod client;
pub mod cookies;
pub mod docs;
pub mod form;
pub mod frame;
pub mod gate;
pub mod live;
pub mod once;
pub mod operator;
pub mod pages;
pub mod route;
pub mod statements;
pub mod switch;
#[cfg(test)]
pub(crate) mod tests;
pub mod viewer;
pub mod way_back;
pub mod words;

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::get;

use crate::api::Web;
use crate::checkout::routes::serve;
use route::Route;

/// Every page and form there is.
pub fn table() -> Vec<Route> {
    [account::routes(), client::routes(), operator::routes(), docs::routes()].into_iter().flatten().collect()
}

pub fn routes() -> Router<Web> {
    let mut router = Router::new();
    for route in table() {
        router = route.add_to(router);
    }
    for area in ["/client", "/operator", "/account"] {
        router = router.route(&format!("{area}/{{*rest}}"), get(gate::no_such_page));
    }
    for asset in assets::all() {
        router = router.route(&asset.path, get(move |headers: HeaderMap| async move { serve(asset, &headers) }));
    }
    router
}
