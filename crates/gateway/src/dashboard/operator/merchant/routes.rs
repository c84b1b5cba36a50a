//! `/operator/merchants/{number}/routes`: the accounts that a merchant's payers are sent to, and the order in which they are tried.

use askama::Template;
use domain::AccountId;
use domain::charge::Method;
use domain::merchant::Merchant;

use super::{named, path as merchant_path};
use crate::app::accounts::sessions::Person;
use crate::app::providers::routing::{ANY, RouteRefused, Routes, set};
use crate::checkout::text::Text;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::operator::providers::title;
use crate::dashboard::operator::{MERCHANTS, actor};
use crate::dashboard::pages::{Answer, Failed};
use crate::store::provider_accounts::{self, AccountRow};
use crate::store::{StoreError, Tx};

/// So many accounts can be named in the form.
const PLACES: usize = 4;

/// An order as it is kept.
struct Kept {
    method: &'static str,
    /// The method's message.
    label: String,
    currency: String,
    is_any: bool,
    /// Id and title of each account, and whether it is on.
    accounts: Vec<(String, String, bool)>,
}

/// An account that can be chosen.
struct Choice {
    id: String,
    title: String,
    method: String,
    is_own: bool,
    active: bool,
}

struct Place {
    name: String,
    label: &'static str,
    chosen: String,
}

#[derive(Template)]
#[template(path = "dashboard/operator/routes.html")]
struct Page {
    f: Frame,
    here: String,
    merchant: Merchant,
    kept: Vec<Kept>,
    choices: Vec<Choice>,
    places: Vec<Place>,
    currency: String,
    wrong: Option<Text>,
}

pub(super) fn path(number: i64) -> String {
    merchant_path(number) + "/routes"
}

pub async fn page(ask: Ask, _: Person) -> Answer {
    let merchant = named(&ask).await?;
    let page = compose(&ask, merchant, None).await?;
    ask.show(&page)
}

fn place(ask: &Ask, nth: usize) -> Place {
    let name = format!("account-{nth}");
    let label = if nth == 1 { "routes-first" } else { "routes-then" };
    Place { label, chosen: ask.form.text(&name).to_owned(), name }
}

async fn compose(ask: &Ask, merchant: Merchant, wrong: Option<Text>) -> Result<Page, Failed> {
    let read =
        |tx: &Tx<'_>| Ok::<_, StoreError>((provider_accounts::list(tx)?, provider_accounts::routes(tx, &merchant.id)?));
    let (all, routes) = ask.app().store.read(read).await?;
    let mut kept: Vec<Kept> = Vec::new();
    for route in routes {
        let row = all.iter().find(|row| row.id == route.account_id);
        let account =
            (route.account_id.to_string(), row.map_or(String::new(), title), row.is_some_and(|row| row.active));
        match kept.last_mut().filter(|last| last.method == route.method.name() && last.currency == route.currency) {
            Some(last) => last.accounts.push(account),
            None => kept.push(Kept {
                method: route.method.name(),
                label: format!("provider-{}", route.method.name()),
                is_any: route.currency == ANY,
                currency: route.currency,
                accounts: vec![account],
            }),
        }
    }
    let fits = |row: &&AccountRow| row.merchant_id.as_ref().is_none_or(|owner| *owner == merchant.id);
    let choices = all.iter().filter(fits).map(|row| Choice {
        id: row.id.to_string(),
        title: title(row),
        method: format!("provider-{}", row.method.name()),
        is_own: row.merchant_id.is_some(),
        active: row.active,
    });
    let w = ask.w();
    Ok(Page {
        f: ask
            .frame(w.text("routes-title").plain())
            .under(w.text("nav-merchants").plain(), MERCHANTS)
            .under(merchant.name.clone(), merchant_path(merchant.number)),
        here: path(merchant.number),
        choices: choices.collect(),
        places: (1..=PLACES).map(|nth| place(ask, nth)).collect(),
        currency: ask.form.text("currency").to_owned(),
        kept,
        merchant,
        wrong,
    })
}

/// What the form says: another order, or none for a method and currency.
async fn wanted(ask: &Ask) -> Result<Result<Routes, Text>, Failed> {
    let w = ask.w();
    let currency = match ask.form.text("currency").trim() {
        "" => ANY.to_owned(),
        some => some.to_uppercase(),
    };
    if ask.form.text("act") == "clear" {
        let method = Method::from_name(ask.form.text("method"));
        let none = |method| Routes { method, currency, accounts: Vec::new() };
        return Ok(method.map(none).ok_or_else(|| w.text("wrong-act")));
    }
    let names = (1..=PLACES).map(|nth| ask.form.text(&format!("account-{nth}")).to_owned());
    let ids = names.filter(|text| !text.is_empty()).map(|text| AccountId::parse(&text));
    let Ok(accounts) = ids.collect::<Result<Vec<AccountId>, _>>() else {
        return Ok(Err(w.text("wrong-route-account")));
    };
    let Some(first) = accounts.first() else { return Ok(Err(w.text("wrong-route-none"))) };
    let row = ask.app().store.read(|tx| provider_accounts::by_id(tx, first)).await?;
    let routes = |row: AccountRow| Routes { method: row.method, currency, accounts };
    Ok(row.map(routes).ok_or_else(|| w.text("wrong-route-account")))
}

/// `act`: `set` an order, or `clear` the one of a method and currency.
pub async fn post(ask: Ask, person: Person) -> Answer {
    let merchant = named(&ask).await?;
    let wrong = match wanted(&ask).await? {
        Err(wrong) => wrong,
        Ok(routes) => {
            let (now, id, actor) = (ask.app().now(), merchant.id.clone(), actor(&person));
            match ask.app().store.write(move |tx: &Tx<'_>| set(tx, now, &id, &routes, &actor)).await {
                Ok(()) => return Ok(ask.go_saying(&path(merchant.number), "flash-routes-set")),
                Err(RouteRefused::Store(error)) => return Err(error.into()),
                Err(refused) => said(&ask, &refused),
            }
        }
    };
    let page = compose(&ask, merchant, Some(wrong)).await?;
    ask.show_again(&page)
}

fn said(ask: &Ask, refused: &RouteRefused) -> Text {
    let w = ask.w();
    match refused {
        RouteRefused::Currency(text) => w.fill("wrong-route-currency", &[w.ltr("currency", text)]),
        RouteRefused::OtherMethod(id, _) => w.fill("wrong-route-method", &[w.ltr("account", id)]),
        RouteRefused::NotTaken(id, currency) => {
            w.fill("wrong-route-not-taken", &[w.ltr("account", id), w.ltr("currency", currency)])
        }
        RouteRefused::Twice(id) => w.fill("wrong-route-twice", &[w.ltr("account", id)]),
        RouteRefused::Foreign(id) => w.fill("wrong-route-foreign", &[w.ltr("account", id)]),
        RouteRefused::NoAccount(_) | RouteRefused::Store(_) => w.text("wrong-route-account"),
    }
}
