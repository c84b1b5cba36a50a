//! `/client/invoices/new`: an invoice made by a person, by the contract's rules.

use askama::Template;
use domain::access::Permission::CreateInvoices;
use domain::fiat::DEVISES;

use super::invoices::{LIST, path};
use crate::api::nonstopay::create_invoice::{hosted, offered};
use crate::app::accounts::sessions::Desk;
use crate::app::acts::Actor;
use crate::app::invoices::{CreateFailed, create_by};
use crate::checkout::text::Text;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::{Answer, Failed};
use crate::dashboard::route::Method::{Get, Post};
use crate::dashboard::route::Route;
use crate::wire::create::SolutionType;
use crate::wire::errors::CreateError;
use crate::wire::params::{ParamValue, Params};

pub const PATH: &str = "/client/invoices/new";

pub fn routes() -> Vec<Route> {
    vec![Route::merchant(Get, PATH, CreateInvoices, page), Route::merchant(Post, PATH, CreateInvoices, make)]
}

/// What is wrong, and in which field; of none of them, the whole.
#[derive(Debug, Clone, Default)]
pub struct Wrong {
    pub field: &'static str,
    pub why: String,
}

impl Wrong {
    pub fn at(&self, field: &str) -> &str {
        if self.field == field { &self.why } else { "" }
    }
}

#[derive(Template)]
#[template(path = "dashboard/client/create.html")]
struct Page {
    f: Frame,
    amount: String,
    email: String,
    devise: String,
    devises: [&'static str; 5],
    way: String,
    /// The ways that this merchant's payers have: word of the wire, word.
    ways: Vec<(&'static str, Text)>,
    wrong: Wrong,
}

pub async fn page(ask: Ask, desk: Desk) -> Answer {
    show(&ask, &desk, None).await
}

async fn show(ask: &Ask, desk: &Desk, wrong: Option<Wrong>) -> Answer {
    let w = ask.w();
    let types = offered(ask.app(), &desk.merchant).await?.types;
    let name = |kind: &SolutionType| match kind {
        SolutionType::Card => "way-card",
        SolutionType::Upi => "way-upi",
        SolutionType::Crypto => "way-crypto",
    };
    let is_again = wrong.is_some();
    let form = |name: &str| ask.form.text(name).chars().take(300).collect::<String>();
    let page = Page {
        f: ask.frame(w.text("create-title").plain()).under(w.text("nav-invoices").plain(), LIST),
        amount: form("amount"),
        email: form("email"),
        devise: form("devise"),
        devises: DEVISES,
        way: form("way"),
        ways: types.iter().map(|kind| (kind.word(), w.text(name(kind)))).collect(),
        wrong: wrong.unwrap_or_default(),
    };
    if is_again { ask.show_again(&page) } else { ask.show(&page) }
}

pub async fn make(ask: Ask, desk: Desk) -> Answer {
    let fields = [("amount", "amount"), ("devise", "devise"), ("email", "email"), ("payment_solution_type", "way")];
    let params = fields.map(|(param, field)| (param, ask.form.text(field).to_owned()));
    match create(&ask, &desk, params).await? {
        Ok(number) => Ok(ask.go_saying(&path(number), "flash-invoice-made")),
        Err(wrong) => show(&ask, &desk, Some(wrong)).await,
    }
}

/// An invoice of these parameters of the wire: its number, or what is wrong with them.
pub async fn create<const N: usize>(
    ask: &Ask,
    desk: &Desk,
    params: [(&str, String); N],
) -> Result<Result<i64, Wrong>, Failed> {
    let given = params.into_iter().filter(|(_, value)| !value.is_empty());
    let params = Params::of(given.map(|(name, value)| (name.to_owned(), ParamValue::from_text(value))));
    let new = match hosted(ask.app(), &desk.merchant, &params).await {
        Ok(new) => new,
        Err(Ok(refused)) => return Ok(Err(in_words(ask, refused))),
        Err(Err(error)) => return Err(error.into()),
    };
    let actor = Actor(desk.person.user.email.clone());
    match create_by(ask.app(), desk.merchant.clone(), new, actor).await {
        Ok(number) => Ok(Ok(number)),
        Err(CreateFailed::Store(error)) => Err(error.into()),
        Err(CreateFailed::Stopped(_)) => Ok(Err(wrong(ask, "", "create-stopped"))),
        Err(_) => Ok(Err(wrong(ask, "", "create-not-now"))),
    }
}

fn wrong(ask: &Ask, field: &'static str, key: &str) -> Wrong {
    Wrong { field, why: ask.w().text(key).plain() }
}

fn in_words(ask: &Ask, refused: CreateError) -> Wrong {
    match refused {
        CreateError::Stopped => wrong(ask, "", "create-stopped"),
        CreateError::WalletNotActive => wrong(ask, "", "create-no-wallet"),
        CreateError::EmailRequired => wrong(ask, "email", "create-email-missing"),
        CreateError::EmailInvalid => wrong(ask, "email", "create-email-wrong"),
        CreateError::AmountRequired => wrong(ask, "amount", "create-amount-wrong"),
        CreateError::AboveMaximum => wrong(ask, "amount", "create-amount-high"),
        CreateError::BelowMinimum => wrong(ask, "amount", "create-amount-low"),
        CreateError::DeviseRequired | CreateError::DeviseInvalid => wrong(ask, "devise", "create-devise-wrong"),
        _ => wrong(ask, "", "create-not-now"),
    }
}
