//! `/account/keys`: which keys lead where, and whether single ones do at all (WCAG 2.1.4). A cookie says so, for one browser.

use askama::Template;

use crate::app::accounts::sessions::Person;
use crate::dashboard::ask::Ask;
use crate::dashboard::cookies;
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::Answer;
use crate::dashboard::{account, client, operator};

pub const PATH: &str = "/account/keys";
const YEAR: i64 = 365 * 86_400;

/// What is typed after `g`, by the page it leads to.
pub const GO: &[(&str, char)] = &[
    (client::HOME, 'h'),
    ("/client/invoices", 'i'),
    ("/client/links", 'l'),
    ("/client/pos", 'p'),
    ("/client/balances", 'b'),
    ("/client/callbacks", 'c'),
    ("/client/api", 'a'),
    ("/client/profile", 'f'),
    ("/client/team", 't'),
    ("/client/acts", 'o'),
    ("/client/sandbox", 's'),
    (operator::HOME, 'h'),
    (operator::MERCHANTS, 'm'),
    ("/operator/approvals", 'a'),
    ("/operator/transfers", 't'),
    ("/operator/parked", 'p'),
    ("/operator/users", 'u'),
    ("/operator/announcement", 'n'),
    ("/operator/log", 'o'),
    ("/operator/audit", 'd'),
    (account::HOME, 'y'),
];

pub fn go(path: &str) -> Option<char> {
    GO.iter().find(|(known, _)| *known == path).map(|(_, key)| *key)
}

#[derive(Template)]
#[template(path = "dashboard/account/keys.html")]
struct Page {
    f: Frame,
}

/// What the dialog shows.
#[derive(Template)]
#[template(path = "dashboard/account/keys_dialog.html")]
struct Dialog {
    f: Frame,
}

pub async fn page(ask: Ask, _: Person) -> Answer {
    let f = ask.frame(ask.w().text("shortcuts-title").plain());
    if ask.is_partial() { ask.show(&Dialog { f }) } else { ask.show(&Page { f }) }
}

/// `on`: a tick.
pub async fn post(ask: Ask, _: Person) -> Answer {
    let mut response = ask.go_saying(PATH, "flash-shortcuts-set");
    let (value, lasts) = if ask.form.text("on").is_empty() { ("off", YEAR) } else { ("", 0) };
    cookies::set(ask.app(), &mut response, cookies::KEYS, value, lasts);
    Ok(response)
}
