//! The token: <https://developer.phonepe.com/payment-gateway-custom-checkout/custom-api-integration/authorization>.

use domain::Time;
use domain::time::SECOND;

use crate::provider::{Account, HttpRequest, HttpResponse, Token, read};

/// In production it has a prefix of its own; in the sandbox it has that of all calls.
const CALLS: &str = "/apis/pg";
const LOGIN: &str = "/apis/identity-manager";

pub(super) fn ask(account: &Account) -> HttpRequest {
    let base = match account.base_url.strip_suffix(CALLS) {
        Some(host) => format!("{host}{LOGIN}"),
        None => account.base_url.clone(),
    };
    let pairs = [
        ("client_id", account.get("client_id")),
        ("client_version", account.get("client_version")),
        ("client_secret", account.get("client_secret")),
        ("grant_type", "client_credentials"),
    ];
    HttpRequest::post_form(format!("{base}/v1/oauth/token"), &pairs)
}

/// `expires_at` is in seconds; `expires_in` is null.
pub(super) fn read(response: &HttpResponse, _: Time) -> Option<Token> {
    let value = read::json(response).filter(|_| response.status == 200)?;
    let seconds: i64 = read::text(&value, "/expires_at")?.parse().ok()?;
    let text = read::text(&value, "/access_token")?;
    Some(Token { text: text.into(), expires_at: Time(seconds.checked_mul(SECOND)?) })
}
