//! `/operator/providers`: accounts at payment providers, how they fare, and their credentials, which are entered and never shown.

mod act;
mod new;
mod one;

pub use act::post;
use askama::Template;
use domain::AccountId;
pub use new::{page as new, post as add};
pub use one::page as one;
use rails::provider::Field;

use crate::app::accounts::passwords::prove;
use crate::app::accounts::sessions::Person;
use crate::app::accounts::sign_in::Refused;
use crate::app::providers::desk::{SETS, about};
use crate::app::providers::heard::{Heard, MANY};
use crate::app::providers::{Provider, SetUpFailed};
use crate::checkout::text::Text;
use crate::dashboard::account;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::{Answer, Failed};
#[cfg(test)]
use crate::dashboard::tests::Sample;
use crate::dashboard::viewer::Stamp;
use crate::store::audit_log::ActRow;
use crate::store::provider_accounts::AccountRow;
use crate::store::{StoreError, Tx, audit_log, merchants, provider_accounts};

pub const PATH: &str = "/operator/providers";

struct Line {
    id: String,
    title: String,
    method: String,
    /// Number and name of the merchant whose it is; `None` for the operator's own.
    merchant: Option<(i64, String)>,
    is_active: bool,
    health: Health,
    set: (Stamp, Option<String>),
}

/// What this process heard of an account.
struct Health {
    tone: &'static str,
    label: String,
    answered: Option<Stamp>,
    trouble: Option<(Stamp, String)>,
    /// Failures in a row, where there are several.
    in_a_row: Option<u32>,
    forged: Option<Stamp>,
}

#[derive(Template)]
#[template(path = "dashboard/operator/providers.html")]
struct Page {
    f: Frame,
    lines: Vec<Line>,
}

/// A field of a form; what is secret is empty, whatever is kept.
pub(super) struct Entry {
    name: String,
    label: String,
    help: &'static str,
    value: String,
    is_secret: bool,
    is_required: bool,
}

/// The fields of a provider, with what was typed or is kept of those that are not secret.
fn entries(ask: &Ask, fields: &[Field], kept: impl Fn(&str) -> String) -> Vec<Entry> {
    let entry = |field: &Field| {
        let name = format!("field-{}", field.name);
        let typed = ask.form.is_ticked(&name).then(|| ask.form.text(&name).to_owned());
        Entry {
            value: if field.secret { String::new() } else { typed.unwrap_or_else(|| kept(field.name)) },
            name,
            label: field.name.replace('_', " "),
            help: field.help,
            is_secret: field.secret,
            is_required: field.required,
        }
    };
    fields.iter().map(entry).collect()
}

pub(super) fn title(row: &AccountRow) -> String {
    Provider::by_name(&row.provider).map_or(row.provider.clone(), |provider| provider.title().to_owned())
}

fn method_key(row: &AccountRow) -> String {
    format!("provider-{}", row.method.name())
}

fn health(ask: &Ask, row: &AccountRow) -> Health {
    let heard: Heard = ask.app().providers.heard.of(&row.id);
    let (tone, label) = match (heard.answered_at, heard.is_bad()) {
        (_, true) if heard.in_a_row >= MANY => ("bad", "provider-fails"),
        (_, true) => ("bad", "provider-trouble"),
        (Some(_), false) => ("good", "provider-answers"),
        (None, false) => ("plain", "provider-not-asked"),
    };
    Health {
        tone,
        label: label.to_owned(),
        answered: heard.answered_at.map(|at| ask.viewer.time(at)),
        in_a_row: (heard.in_a_row > 1).then_some(heard.in_a_row),
        forged: heard.forged_at.map(|at| ask.viewer.time(at)),
        trouble: heard.trouble.map(|(at, trouble)| (ask.viewer.time(at), format!("provider-is-{}", trouble.name()))),
    }
}

/// Since when the credentials are what they are, and who set them; one that was added by command has no act.
fn set(ask: &Ask, row: &AccountRow, acts: &[ActRow]) -> (Stamp, Option<String>) {
    match acts.iter().rev().find(|act| SETS.contains(&act.act.as_str())) {
        Some(act) => (ask.viewer.time(act.at), Some(act.actor.clone())),
        None => (ask.viewer.time(row.created_at), None),
    }
}

/// The account that the path names.
async fn named(ask: &Ask) -> Result<AccountRow, Failed> {
    let id = AccountId::parse(ask.id("id")).map_err(|_| Failed::NotFound)?;
    ask.app().store.read(|tx| provider_accounts::by_id(tx, &id)).await?.ok_or(Failed::NotFound)
}

/// Why nothing was set up.
enum Wrong {
    Failed(Failed),
    Said(Text),
}

/// Whether it is he: who found a browser open does not put his own credentials in.
async fn proven(ask: &Ask, person: &Person) -> Result<(), Wrong> {
    match prove(ask.app(), person, ask.form.secret("password")).await {
        Ok(()) => Ok(()),
        Err(Refused::Store(error)) => Err(Wrong::Failed(error.into())),
        Err(refused) => Err(Wrong::Said(account::refused(ask, &refused, "password-wrong"))),
    }
}

/// Why not, in words; the names of fields are the provider's.
fn said(ask: &Ask, why: SetUpFailed) -> Wrong {
    let w = ask.w();
    match why {
        SetUpFailed::Store(error) => Wrong::Failed(error.into()),
        SetUpFailed::Nothing => Wrong::Said(w.text("wrong-nothing-entered")),
        SetUpFailed::Missing(name, _) => Wrong::Said(w.fill("wrong-field-missing", &[w.ltr("name", name)])),
        SetUpFailed::Unknown(name, _) => Wrong::Said(w.fill("wrong-field-unknown", &[w.ltr("name", name)])),
        SetUpFailed::Unfit(why) => Wrong::Said(w.fill("wrong-account-unfit", &[w.name("why", why)])),
    }
}

pub async fn page(ask: Ask, _: Person) -> Answer {
    let read = |tx: &Tx<'_>| {
        let with = |row: AccountRow| {
            let merchant = row.merchant_id.as_ref().map(|id| merchants::existing(tx, id)).transpose()?;
            let acts = audit_log::about(tx, &about(&row.id))?;
            Ok((row, merchant, acts))
        };
        provider_accounts::list(tx)?.into_iter().map(with).collect::<Result<Vec<_>, StoreError>>()
    };
    let rows = ask.app().store.read(read).await?;
    let lines = rows.into_iter().map(|(row, merchant, acts)| Line {
        title: title(&row),
        method: method_key(&row),
        merchant: merchant.map(|merchant| (merchant.number, merchant.name)),
        is_active: row.active,
        health: health(&ask, &row),
        set: set(&ask, &row, &acts),
        id: row.id.to_string(),
    });
    ask.show(&Page { f: ask.frame(ask.w().text("nav-providers").plain()), lines: lines.collect() })
}

#[cfg(test)]
pub fn samples() -> Vec<(&'static str, Sample)> {
    let sample: Sample = |app, merchant| {
        Box::pin(async move {
            let row = crate::app::testing::charged(&app, &merchant, true).await;
            format!("{PATH}/{}", row.charge.account_id)
        })
    };
    vec![("/operator/providers/{id}", sample)]
}
