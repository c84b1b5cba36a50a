//! `/client/pos`: a point of sale. An amount is keyed in, an invoice is made, its code is shown, and the page says when it is paid.

use askama::Template;
use domain::access::Permission::CreateInvoices;
use domain::fiat::DEVISES;
use domain::invoice::State;

use super::create::{Wrong, create};
use super::money::{Badge, badge, minor};
use crate::app::accounts::sessions::Desk;
use crate::app::invoices as cases;
use crate::checkout::qr;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::{Answer, Failed};
use crate::dashboard::route::Method::{Get, Post};
use crate::dashboard::route::Route;
#[cfg(test)]
use crate::dashboard::tests::Sample;
use crate::store::invoices;

pub const PATH: &str = "/client/pos";
/// In the order of a telephone; `back` takes the last one away.
const KEYS: [&str; 12] = ["1", "2", "3", "4", "5", "6", "7", "8", "9", ".", "0", "back"];
/// Digits before the point.
const LONGEST: usize = 12;

pub fn routes() -> Vec<Route> {
    vec![
        Route::merchant(Get, PATH, CreateInvoices, page),
        Route::merchant(Post, PATH, CreateInvoices, charge),
        Route::merchant(Get, "/client/pos/{number}", CreateInvoices, sale),
    ]
}

#[derive(Template)]
#[template(path = "dashboard/client/pos.html")]
struct Page {
    f: Frame,
    amount: String,
    devise: String,
    devises: [&'static str; 5],
    email: String,
    keys: [&'static str; 12],
    wrong: Wrong,
}

/// What is keyed in after one more key: at most one point, at most two digits behind it.
fn keyed(typed: &str, key: &str) -> String {
    let mut text: String = typed.chars().filter(|c| c.is_ascii_digit() || *c == '.').take(LONGEST + 3).collect();
    match key {
        "back" => drop(text.pop()),
        "." if text.is_empty() => text.push_str("0."),
        "." if !text.contains('.') => text.push('.'),
        digit if digit.len() == 1 && digit.bytes().all(|byte| byte.is_ascii_digit()) => {
            let behind = text.split_once('.').map(|(_, behind)| behind.len());
            if behind.map_or(text.len() < LONGEST, |behind| behind < 2) {
                text.push_str(digit);
            }
        }
        _ => {}
    }
    text
}

fn form(ask: &Ask, (amount, devise, email): (String, &str, &str), wrong: Wrong) -> Page {
    Page {
        f: ask.frame(ask.w().text("nav-pos").plain()),
        amount,
        devise: devise.to_owned(),
        devises: DEVISES,
        email: email.chars().take(300).collect(),
        keys: KEYS,
        wrong,
    }
}

/// The keypad. Without a script each key is asked for: `?typed=12&key=3`.
pub async fn page(ask: Ask, _: Desk) -> Answer {
    let amount = keyed(ask.query("typed"), ask.query("key"));
    let page = form(&ask, (amount, ask.query("devise"), ""), Wrong::default());
    ask.show(&page)
}

pub async fn charge(ask: Ask, desk: Desk) -> Answer {
    let (amount, devise, email) = (ask.form.text("amount"), ask.form.text("devise"), ask.form.text("email"));
    // a payer at the counter need not say who he is: the contract wants an address, and the shop has one
    let payer = if email.is_empty() { &desk.merchant.email } else { email };
    let params = [("amount", amount.to_owned()), ("devise", devise.to_owned()), ("email", payer.to_owned())];
    match create(&ask, &desk, params).await? {
        Ok(number) => Ok(ask.go(&format!("{PATH}/{number}"))),
        Err(wrong) => {
            let amount = amount.chars().take(40).collect();
            ask.show_again(&form(&ask, (amount, devise, email), wrong))
        }
    }
}

#[derive(Template)]
#[template(path = "dashboard/client/pos_sale.html")]
struct Sale {
    f: Frame,
    here: String,
    invoice: String,
    amount: String,
    state: Badge,
    /// Looks again by itself until it is over.
    waits: bool,
    is_paid: bool,
    url: String,
    qr: Option<String>,
}

pub async fn sale(ask: Ask, desk: Desk) -> Answer {
    let (number, w) = (ask.number("number")?, ask.w());
    let row = ask.app().store.read(|tx| invoices::by_number(tx, &desk.merchant.id, number)).await?;
    let row = row.ok_or(Failed::NotFound)?;
    let url = cases::own_page_url(ask.app(), &desk.merchant, &row)?;
    let waits = row.invoice.state.is_open();
    let page = Sale {
        f: ask.frame(w.text("nav-pos").plain()).under(w.text("nav-pos").plain(), PATH),
        here: format!("{PATH}/{number}"),
        invoice: super::invoices::path(number),
        amount: minor(row.invoice.amount, &row.invoice.devise),
        state: badge(w, row.invoice.state),
        waits,
        is_paid: matches!(row.invoice.state, State::Received | State::Settled),
        qr: if waits { qr::svg(&url, &w.text("pos-qr").plain()) } else { None },
        url,
    };
    ask.show(&page)
}

#[cfg(test)]
pub fn samples() -> Vec<(&'static str, Sample)> {
    let at_the_till: Sample = |app, merchant| {
        Box::pin(async {
            let invoices = super::invoices::samples();
            let (_, sample) = invoices.iter().find(|(path, _)| *path == "/client/invoices/{number}").unwrap();
            sample(app, merchant).await.replace("/client/invoices/", "/client/pos/")
        })
    };
    vec![("/client/pos/{number}", at_the_till)]
}

#[cfg(test)]
mod tests {
    use super::keyed;

    #[test]
    fn keys() {
        let typed = |keys: &[&str]| keys.iter().fold(String::new(), |typed, key| keyed(&typed, key));
        assert_eq!(typed(&["1", "2", ".", "5", "0", "7"]), "12.50");
        assert_eq!(typed(&[".", "5", ".", "back", "9"]), "0.9");
        assert_eq!(typed(&["back", "x", "12", "<"]), "");
        assert_eq!(typed(&["9"; 20]), "9".repeat(12));
        assert_eq!(keyed("<script>1", "2"), "12");
    }
}
