//! Cookies: the session's, the browser's mark, and small ones that hold no secret.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;

use crate::app::App;

/// The session's token.
pub const SESSION: &str = "lockgate";
/// Of a browser that has signed in before (`app::accounts::known_browser`).
pub const MARK: &str = "lockgate-known";
/// Binds the forms of who is not signed in to his browser.
pub const FORM: &str = "lockgate-form";
/// The key of a message to be shown once.
pub const FLASH: &str = "lockgate-flash";
/// `off` where single keys lead nowhere.
pub const KEYS: &str = "lockgate-keys";
pub const LANGUAGE: &str = "lockgate-lang";
/// The viewer's time zone, written by `assets/dashboard.js`, which cannot know of a prefix.
pub const ZONE: &str = "lockgate-zone";

fn is_secure(app: &App) -> bool {
    app.base_url.starts_with("https://")
}

/// With `__Host-` no other host and no plain connection can put one in its place.
fn full_name(app: &App, name: &str) -> String {
    if is_secure(app) && name != ZONE { format!("__Host-{name}") } else { name.to_owned() }
}

/// The cookie's value as it came; of two of one name the first.
pub fn get<'h>(app: &App, headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let name = full_name(app, name);
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(';')).find_map(|pair| {
        let (found, value) = pair.trim().split_once('=')?;
        (found == name && !value.is_empty()).then_some(value)
    })
}

/// Sets one for so many seconds; 0 takes it away. Values are ours: hex digits, dots, keys.
pub fn set(app: &App, response: &mut Response, name: &str, value: &str, seconds: i64) {
    let secure = if is_secure(app) { "; Secure" } else { "" };
    let name = full_name(app, name);
    let line = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    if let Ok(line) = HeaderValue::try_from(line) {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
}
