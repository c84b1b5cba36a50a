//! The contract's calls: one file each.

pub(crate) mod create_invoice;
mod invoice_history;
mod invoice_infos;
mod invoice_status;
mod lists;
mod payout_funds;
mod payout_payments;

use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};

use super::Web;
use super::body::json;
use super::call::Call;
use crate::wire::params::error_body;
use crate::wire::paths;

/// Every call and its path.
fn calls() -> [(&'static str, MethodRouter<Web>); 14] {
    [
        (paths::CREATE, post(create_invoice::handle)),
        (paths::STATUS, get(invoice_status::handle).post(invoice_status::handle)),
        (paths::INFOS, get(invoice_infos::handle).post(invoice_infos::handle)),
        (paths::HISTORY[0], get(invoice_history::handle).post(invoice_history::handle)),
        (paths::HISTORY[1], get(invoice_history::handle).post(invoice_history::handle)),
        (paths::PAYABLE_CURRENCIES, get(lists::payable_currencies)),
        (paths::SOLUTION_TYPES, get(lists::solution_types)),
        (paths::SOLUTION_NAMES, get(lists::solution_names)),
        (paths::FUNDS_ADD, post(payout_funds::add)),
        (paths::FUNDS_HISTORY, get(payout_funds::history).post(payout_funds::history)),
        (paths::FUNDS_DETAIL, get(payout_funds::detail).post(payout_funds::detail)),
        (paths::PAYMENT_SEND, post(payout_payments::send)),
        (paths::PAYMENT_HISTORY, get(payout_payments::history).post(payout_payments::history)),
        (paths::PAYMENT_DETAIL, get(payout_payments::detail).post(payout_payments::detail)),
    ]
}

/// Every path.
#[cfg(test)]
pub(super) fn paths() -> Vec<&'static str> {
    calls().into_iter().map(|(path, _)| path).collect()
}

pub fn routes() -> Router<Web> {
    let mut router = Router::new();
    for (path, call) in calls() {
        // both spellings are the call itself: a redirect would lose the body of a POST
        let call = call.fallback(wrong_method);
        router = router.route(path.trim_end_matches('/'), call.clone()).route(path, call);
    }
    router
}

pub(super) async fn wrong_method(call: Call) -> Response {
    let sentence = format!("{} does not take this method.", call.uri.path());
    json(StatusCode::METHOD_NOT_ALLOWED, error_body(&sentence))
}

pub async fn no_such_path() -> Response {
    json(StatusCode::NOT_FOUND, error_body("There is nothing at this path."))
}
