//! `/client/links`: payment links, made, listed, switched off, and their codes to print.

use askama::Template;
use domain::access::Permission::{CreateInvoices, ViewInvoices};
use domain::fiat::DEVISES;

use super::create::Wrong;
use super::money::minor;
use crate::app::accounts::sessions::Desk;
use crate::app::acts::Actor;
use crate::app::payment_links::{self as links, LinkFailed, NewLink};
use crate::checkout::qr;
use crate::checkout::text::Text;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::{Answer, Failed};
use crate::dashboard::route::Method::{Get, Post};
use crate::dashboard::route::Route;
#[cfg(test)]
use crate::dashboard::tests::Sample;
use crate::dashboard::viewer::Stamp;
use crate::dashboard::words::Words;
use crate::store::payment_links::{self, Asks, LinkRow};
use crate::wire::params::{ParamValue, Params};
use crate::wire::v1::{V1Error, link_request};

pub const PATH: &str = "/client/links";
/// Rows of a page.
const ROWS: i64 = 30;

pub fn routes() -> Vec<Route> {
    vec![
        Route::merchant(Get, PATH, ViewInvoices, page),
        Route::merchant(Post, PATH, CreateInvoices, make),
        Route::merchant(Get, "/client/links/{number}", ViewInvoices, one),
        Route::merchant(Post, "/client/links/{number}/off", CreateInvoices, switch_off),
    ]
}

fn path(number: i64) -> String {
    format!("{PATH}/{number}")
}

struct Row {
    number: i64,
    path: String,
    title: String,
    asks: Text,
    active: bool,
    reusable: bool,
    expires: Option<Stamp>,
    invoices: i64,
}

fn asks(w: Words, row: &LinkRow) -> Text {
    let units = |name, units| w.ltr(name, minor(units, &row.devise));
    match row.asks {
        Asks::Fixed(amount) => w.fill("link-fixed", &[units("amount", amount)]),
        Asks::Open { min: Some(min), max: Some(max) } => {
            w.fill("link-open-between", &[units("min", min), units("max", max)])
        }
        Asks::Open { min: Some(min), max: None } => w.fill("link-open-from", &[units("min", min)]),
        Asks::Open { min: None, max: Some(max) } => w.fill("link-open-to", &[units("max", max)]),
        Asks::Open { min: None, max: None } => w.fill("link-open-any", &[w.ltr("currency", &row.devise)]),
    }
}

fn shown(ask: &Ask, row: LinkRow) -> Row {
    let is_over = row.expires_at.is_some_and(|end| ask.app().now() >= end);
    Row {
        number: row.number,
        path: path(row.number),
        asks: asks(ask.w(), &row),
        active: row.active && !is_over,
        reusable: row.reusable,
        expires: row.expires_at.map(|at| ask.viewer.time(at)),
        invoices: row.invoices,
        title: row.title,
    }
}

#[derive(Template)]
#[template(path = "dashboard/client/links.html")]
struct Page {
    f: Frame,
    rows: Vec<Row>,
    older: Option<String>,
    may_create: bool,
    devises: [&'static str; 5],
    typed: Typed,
    wrong: Wrong,
}

/// The form as it was sent.
#[derive(Default)]
struct Typed {
    title: String,
    description: String,
    devise: String,
    amount: String,
    min_amount: String,
    max_amount: String,
    expires: String,
    open: bool,
    reusable: bool,
}

pub async fn page(ask: Ask, desk: Desk) -> Answer {
    show(&ask, &desk, None).await
}

async fn show(ask: &Ask, desk: &Desk, wrong: Option<Wrong>) -> Answer {
    let (w, below) = (ask.w(), ask.query("before").parse().unwrap_or(i64::MAX));
    let rows = ask.app().store.read(|tx| payment_links::before(tx, &desk.merchant.id, below, ROWS + 1)).await?;
    let mut rows: Vec<Row> = rows.into_iter().map(|row| shown(ask, row)).collect();
    let keep = usize::try_from(ROWS).unwrap_or(usize::MAX);
    let more = rows.len() > keep;
    rows.truncate(keep);
    let older = rows.last().filter(|_| more).map(|row| format!("{PATH}?before={}", row.number));
    let text = |name: &str| ask.form.text(name).chars().take(600).collect::<String>();
    let is_again = wrong.is_some();
    let typed = Typed {
        title: text("title"),
        description: text("description"),
        devise: text("devise"),
        amount: text("amount"),
        min_amount: text("min_amount"),
        max_amount: text("max_amount"),
        expires: text("expires"),
        open: ask.form.text("asks") == "open",
        reusable: ask.form.is_ticked("reusable"),
    };
    let page = Page {
        f: ask.frame(w.text("nav-links").plain()),
        rows,
        older,
        may_create: desk.access.may(CreateInvoices),
        devises: DEVISES,
        typed,
        wrong: wrong.unwrap_or_default(),
    };
    if is_again { ask.show_again(&page) } else { ask.show(&page) }
}

/// The form as the call that makes links has it.
fn params(ask: &Ask) -> Params {
    let open = ask.form.text("asks") == "open";
    let text = |name: &str| ask.form.text(name).to_owned();
    let amounts: &[&str] = if open { &["min_amount", "max_amount"] } else { &["amount"] };
    let mut given: Vec<(&str, String)> = vec![("title", text("title")), ("devise", text("devise"))];
    given.push(("description", text("description")));
    given.extend(amounts.iter().map(|name| (*name, text(name))));
    if ask.form.is_ticked("reusable") {
        given.push(("reusable", "true".into()));
    }
    if !text("expires").is_empty() {
        given.push(("expires_at", format!("{} 23:59:59", text("expires"))));
    }
    let some = given.into_iter().filter(|(_, value)| !value.is_empty());
    Params::of(some.map(|(name, value)| (name.to_owned(), ParamValue::from_text(value))))
}

pub async fn make(ask: Ask, desk: Desk) -> Answer {
    let w = ask.w();
    let is_fixed = ask.form.text("asks") != "open";
    let wrong = |field: &'static str, key: &str| Some(Wrong { field, why: w.text(key).plain() });
    let request = match link_request(&params(&ask), ask.app().now()) {
        Ok(request) if is_fixed && request.amount.is_none() => {
            return show(&ask, &desk, wrong("amount", "create-amount-wrong")).await;
        }
        Ok(request) => request,
        Err(refused) => {
            let wrong = match refused {
                V1Error::Required("title") => wrong("title", "link-title-missing"),
                V1Error::Invalid("title") => wrong("title", "link-title-wrong"),
                V1Error::Invalid("description") => wrong("description", "link-title-wrong"),
                V1Error::Invalid("amount") => wrong("amount", "create-amount-wrong"),
                V1Error::Invalid("min_amount") => wrong("min_amount", "create-amount-wrong"),
                V1Error::Invalid("max_amount") => wrong("max_amount", "link-max-wrong"),
                V1Error::Invalid("expires_at") => wrong("expires", "link-expires-wrong"),
                _ => wrong("devise", "create-devise-wrong"),
            };
            return show(&ask, &desk, wrong).await;
        }
    };
    let new = NewLink {
        devise: request.devise.code().to_owned(),
        asks: match request.amount {
            Some(amount) => Asks::Fixed(amount),
            None => Asks::Open { min: request.min_amount, max: request.max_amount },
        },
        title: request.title,
        description: request.description,
        reusable: request.reusable,
        expires_at: request.expires_at,
    };
    let row = links::create(ask.app(), desk.merchant.id.clone(), new, None, actor(&desk)).await.map_err(failed)?;
    Ok(ask.go_saying(&path(row.number), "flash-link-made"))
}

fn actor(desk: &Desk) -> Actor {
    Actor(desk.person.user.email.clone())
}

fn failed(error: LinkFailed) -> Failed {
    match error {
        LinkFailed::Store(error) => error.into(),
        LinkFailed::NotFound | LinkFailed::KeyReused => Failed::NotFound,
    }
}

#[derive(Template)]
#[template(path = "dashboard/client/link.html")]
struct One {
    f: Frame,
    row: Row,
    description: Option<String>,
    merchant: String,
    url: String,
    qr: Option<String>,
    created: Stamp,
    last_invoice: Option<(String, i64)>,
    may_switch_off: bool,
}

pub async fn one(ask: Ask, desk: Desk) -> Answer {
    let (number, w) = (ask.number("number")?, ask.w());
    let row = ask.app().store.read(|tx| payment_links::by_number(tx, &desk.merchant.id, number)).await?;
    let row = row.ok_or(Failed::NotFound)?;
    let url = links::url(ask.app(), &desk.merchant, &row);
    let page = One {
        f: ask.frame(row.title.clone()).under(w.text("nav-links").plain(), PATH),
        description: row.description.clone(),
        merchant: desk.merchant.name.clone(),
        qr: qr::svg(&url, &w.text("link-qr").plain()),
        url,
        created: ask.viewer.time(row.created_at),
        last_invoice: row.invoice_number.map(|number| (super::invoices::path(number), number)),
        may_switch_off: row.active && desk.access.may(CreateInvoices),
        row: shown(&ask, row),
    };
    ask.show(&page)
}

pub async fn switch_off(ask: Ask, desk: Desk) -> Answer {
    let number = ask.number("number")?;
    links::deactivate(ask.app(), desk.merchant.id.clone(), number, actor(&desk)).await.map_err(failed)?;
    Ok(ask.go_saying(&path(number), "flash-link-off"))
}

#[cfg(test)]
pub fn samples() -> Vec<(&'static str, Sample)> {
    use crate::app::SharedApp;
    use crate::dashboard::tests::HOSTILE;
    use domain::Units;
    use domain::merchant::Merchant;

    async fn made(app: SharedApp, merchant: Merchant) -> String {
        let new = NewLink {
            devise: "USD".into(),
            asks: Asks::Fixed(Units(1504)),
            title: HOSTILE.into(),
            description: Some(HOSTILE.into()),
            reusable: true,
            expires_at: None,
        };
        path(links::create(&app, merchant.id, new, None, Actor("nobody".into())).await.unwrap().number)
    }
    vec![
        ("/client/links/{number}", |app, merchant| Box::pin(made(app, merchant))),
        ("/client/links/{number}/off", |app, merchant| Box::pin(async { made(app, merchant).await + "/off" })),
    ]
}
