//! The way between a live gateway and the sandbox it is joined to (`app::switch`). The row here is a live gateway's that has one; what the
//! sandbox makes of the ticket: `sandbox::entry`.

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use domain::access::{Access, Permission};

use super::account::{self, find, keys};
use super::ask::Ask;
use super::pages::{Answer, Failed};
use super::route::Method::Get;
use super::route::Route;
use super::{client, gate};
use crate::api::Web;
use crate::app::accounts::sessions::Desk;
use crate::app::switch::{LASTS, Ticket};

/// At the sandbox: begins the way in. Binds it to the browser, and sends it where [`give_path`] says.
pub const ENTER: &str = "/enter";
/// At the sandbox: takes the ticket.
pub const FINISH: &str = "/enter/finish";
/// At the live gateway: gives whoever is signed in a ticket, and sends him to [`FINISH`].
const GIVE: &str = "/client/sandbox/enter";
/// The team's page, which is the live gateway's.
const TEAM: &str = "/client/team";
const LONGEST_NAME: usize = 200;

/// A way in is open for so long at the sandbox: enough for a log-in at the live gateway.
pub const BEGUN_SECONDS: i64 = 600;

/// A state as the sandbox makes it.
pub const STATE_BYTES: usize = 32;

pub fn is_state(text: &str) -> bool {
    text.len() == 2 * STATE_BYTES && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

pub fn rows() -> Vec<Route> {
    vec![Route::merchant(Get, GIVE, Permission::ViewInvoices, give)]
}

/// Of a live gateway that has a sandbox; else there are none.
pub fn routes(web: &Web) -> Router {
    let rows = if web.app.switch.is_some() && !web.app.sandbox { rows() } else { Vec::new() };
    rows.into_iter().fold(Router::new(), |router, row| row.add_to(router)).with_state(web.clone())
}

/// Where the live gateway gives tickets for what this state binds to a browser.
pub fn give_path(state: &str) -> String {
    format!("{GIVE}?state={state}")
}

/// Leads to the configured sandbox and nowhere else.
async fn give(ask: Ask, desk: Desk) -> Answer {
    let app = ask.app();
    let sandbox = app.switch.as_ref().filter(|_| !app.sandbox).ok_or(Failed::NotFound)?;
    // an operator who looks on is nobody of the merchant's
    let Access::Member(role) = desk.access else { return Ok(ask.go_saying(client::HOME, "flash-bad-switch-support")) };
    let state = ask.query("state");
    if !is_state(state) {
        // from there it comes back with one
        return Ok(ask.go(&format!("{}{ENTER}", sandbox.url)));
    }
    let ticket = Ticket {
        to: sandbox.url.clone(),
        merchant: desk.merchant.id,
        merchant_name: desk.merchant.name.chars().take(LONGEST_NAME).collect(),
        email: desk.person.user.email,
        role,
        lang: ask.viewer.w.lang.code().to_owned(),
        state: state.to_owned(),
        nonce: hex::encode(app.random.token_bytes::<16>()),
        expires_at: app.now().plus(LASTS).0,
    };
    Ok(ask.go(&format!("{}{FINISH}?ticket={}", sandbox.url, sandbox.sign(&ticket))))
}

/// The link of the page's head: to the sandbox, for who looks at his own merchant; from there back.
pub(super) fn way(ask: &Ask, is_merchants: bool) -> Option<String> {
    let switch = ask.app().switch.as_ref()?;
    let is_member = ask.desk.as_ref().is_some_and(|desk| matches!(desk.access, Access::Member(_)));
    match ask.app().sandbox {
        true => Some(format!("{}{}", switch.url, client::HOME)),
        false => (is_merchants && is_member).then(|| format!("{}{ENTER}", switch.url)),
    }
}

/// What people have at the live gateway only: passwords, second factors, sessions, teams. In a sandbox that is joined to it these paths
/// lead there.
pub(super) fn page_at_live(path: &str) -> Option<&str> {
    const OWN: [&str; 4] = ["/logout", "/account/look", find::PATH, keys::PATH];
    let is_below = |area: &str| {
        let area = area.trim_end_matches('/');
        path.strip_prefix(area).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if OWN.contains(&path) {
        return None;
    }
    let areas = [TEAM, account::HOME, "/signup"];
    let links = [gate::LOG_IN, "/confirm", "/forgot", "/reset", "/join"];
    let found = areas.into_iter().find(|area| is_below(area));
    found.or_else(|| links.into_iter().any(is_below).then_some(gate::LOG_IN))
}

/// Browsers hold `form-action` against the redirects that follow a form, too: of a log-in on the way to the sandbox, of a log-out there.
pub(super) fn let_forms_lead(response: &mut Response, other: &str) {
    let headers = response.headers_mut();
    let policy = headers.get(header::CONTENT_SECURITY_POLICY).and_then(|policy| policy.to_str().ok());
    let policy = policy.map(|policy| policy.replace("form-action 'self'", &format!("form-action 'self' {other}")));
    if let Some(Ok(policy)) = policy.map(HeaderValue::try_from) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A new page of an account is one of the live gateway's, or it is said here that a sandbox has it too.
    #[test]
    fn no_page_about_a_password_is_a_joined_sandboxs() {
        let here: Vec<&str> =
            account::routes().iter().map(|row| row.path).filter(|path| page_at_live(path).is_none()).collect();
        assert_eq!(here, ["/logout", "/account/look", find::PATH, keys::PATH, keys::PATH]);
        let of_team = client::routes().into_iter().filter(|row| row.path.contains("team"));
        assert!(of_team.into_iter().all(|row| page_at_live(row.path) == Some(TEAM)));
        for (path, there) in [
            ("/login", Some("/login")),
            ("/login/code", Some("/login")),
            ("/signup", Some("/signup")),
            ("/reset", Some("/login")),
            ("/account/", Some("/account/")),
            ("/account/passkeys/{id}/remove", Some("/account/")),
            ("/client/", None),
            ("/client/teams", None),
            ("/client/sandbox", None),
            ("/loginx", None),
            ("/operator/", None),
        ] {
            assert_eq!(page_at_live(path), there, "{path}");
        }
    }
}
