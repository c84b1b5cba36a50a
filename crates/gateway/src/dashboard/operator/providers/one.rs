//! One account: whose it is, who is sent there, how it fares, and other credentials for it.

use askama::Template;

use super::{Entry, Health, PATH, entries, health, method_key, named, set, title};
use crate::app::accounts::sessions::Person;
use crate::app::charges::CALLBACK_PATH;
use crate::app::providers::desk::about;
use crate::app::providers::{Provider, provider_of, settings};
use crate::checkout::text::Text;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::operator::merchant::{Act, act_line};
use crate::dashboard::pages::{Answer, Failed};
use crate::dashboard::viewer::Stamp;
use crate::store::provider_accounts::{self, AccountRow, RouteTo};
use crate::store::{StoreError, Tx, audit_log, merchants, provider_events};

/// Merchants whose payers are sent there, of more only these.
const ROUTES: i64 = 50;
const ACTS: usize = 20;

#[derive(Template)]
#[template(path = "dashboard/operator/provider.html")]
struct Page {
    f: Frame,
    here: String,
    id: String,
    title: String,
    method: String,
    merchant: Option<(i64, String)>,
    base_url: String,
    callback: String,
    is_active: bool,
    health: Health,
    /// Whether it posts callbacks, and when the last one came.
    calls_back: Option<Option<Stamp>>,
    set: (Stamp, Option<String>),
    routes: Vec<RouteTo>,
    fields: Vec<Entry>,
    acts: Vec<Act>,
    wrong: Option<Text>,
}

pub async fn page(ask: Ask, _: Person) -> Answer {
    let page = compose(&ask, None).await?;
    ask.show(&page)
}

/// The page once more, with what is wrong.
pub(super) async fn again(ask: &Ask, wrong: Text) -> Answer {
    let page = compose(ask, Some(wrong)).await?;
    ask.show_again(&page)
}

/// Whether its provider tells by callbacks.
fn posts(row: &AccountRow) -> bool {
    matches!(Provider::by_name(&row.provider), Some(Provider::Connected(connector)) if connector.webhook.is_some())
}

async fn compose(ask: &Ask, wrong: Option<Text>) -> Result<Page, Failed> {
    let row = named(ask).await?;
    let read = |tx: &Tx<'_>| {
        let merchant = row.merchant_id.as_ref().map(|id| merchants::existing(tx, id)).transpose()?;
        let routes = provider_accounts::routes_to(tx, &row.id, ROUTES)?;
        let called = provider_events::last_of(tx, row.merchant_id.as_ref(), &row.id)?;
        Ok::<_, StoreError>((merchant, routes, audit_log::about(tx, &about(&row.id))?, called))
    };
    let (merchant, routes, acts, called) = ask.app().store.read(read).await?;
    let (kept, w) = (settings(&row)?, ask.w());
    let fields = provider_of(&row)?.fields_for(row.method).unwrap_or_default();
    Ok(Page {
        f: ask.frame(title(&row)).under(w.text("nav-providers").plain(), PATH),
        here: format!("{PATH}/{}", row.id),
        title: title(&row),
        method: method_key(&row),
        merchant: merchant.map(|merchant| (merchant.number, merchant.name)),
        base_url: row.base_url.clone(),
        callback: format!("{}{CALLBACK_PATH}/{}", ask.app().base_url, row.id),
        is_active: row.active,
        health: health(ask, &row),
        calls_back: posts(&row).then(|| called.map(|at| ask.viewer.time(at))),
        set: set(ask, &row, &acts),
        routes,
        fields: entries(ask, fields, |name| kept.get(name).cloned().unwrap_or_default()),
        acts: acts.into_iter().rev().take(ACTS).map(|act| act_line(ask, act)).collect(),
        id: row.id.to_string(),
        wrong,
    })
}
