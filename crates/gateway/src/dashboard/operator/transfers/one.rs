//! One transfer: everything about it, and what may be done now.

use askama::Template;
use domain::TransferId;

use super::{Line, PATH, line, with_merchants};
use crate::app::accounts::sessions::Person;
use crate::app::transfers::acts::about;
use crate::app::transfers::acts::allowed::{Allowed, allowed};
use crate::checkout::text::Text;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::operator::merchant::{Act, act_line};
use crate::dashboard::pages::{Answer, Failed};
use crate::dashboard::viewer::Stamp;
use crate::store::transfers::{self, TransferRow};
use crate::store::{StoreError, Tx, audit_log};

const ACTS: usize = 50;

#[derive(Template)]
#[template(path = "dashboard/operator/transfer.html")]
struct Page {
    f: Frame,
    here: String,
    line: Line,
    /// Labels, and what stands beside them.
    facts: Vec<(&'static str, String)>,
    times: Vec<(&'static str, Stamp)>,
    note: Option<String>,
    may: Allowed,
    acts: Vec<Act>,
    evidence: String,
    wrong: Option<Text>,
}

pub(super) fn named(ask: &Ask) -> Result<TransferId, Failed> {
    TransferId::parse(ask.id("id")).map_err(|_| Failed::NotFound)
}

pub async fn page(ask: Ask, _: Person) -> Answer {
    let page = compose(&ask, None).await?;
    ask.show(&page)
}

/// The page once more, with why the act was refused.
pub(super) async fn again(ask: &Ask, wrong: Text) -> Answer {
    let page = compose(ask, Some(wrong)).await?;
    ask.show_again(&page)
}

async fn compose(ask: &Ask, wrong: Option<Text>) -> Result<Page, Failed> {
    let id = named(ask)?;
    let read = |tx: &Tx<'_>| {
        let found = transfers::find(tx, &id)?.into_iter().collect();
        Ok::<_, StoreError>((with_merchants(tx, found)?, audit_log::about(tx, &about(&id))?))
    };
    let (found, acts) = ask.app().store.read(read).await?;
    let (row, number, name) = found.into_iter().next().ok_or(Failed::NotFound)?;
    let list = ask.w().text("nav-transfers").plain();
    Ok(Page {
        f: ask.frame(format!("{} {}", ask.w().text(&super::kind_key(&row)).plain(), row.id)).under(list, PATH),
        here: format!("{PATH}/{id}"),
        facts: facts(&row),
        times: times(ask, &row),
        note: row.note.clone(),
        may: allowed(&row, ask.app().now()),
        acts: acts.into_iter().rev().take(ACTS).map(|act| act_line(ask, act)).collect(),
        evidence: ask.form.text("evidence").to_owned(),
        line: line(ask, row, number, name),
        wrong,
    })
}

fn facts(row: &TransferRow) -> Vec<(&'static str, String)> {
    let over = row.chain.clone().or_else(|| row.account_id.as_ref().map(ToString::to_string));
    let facts = [
        ("transfer-for", Some(row.subject.clone())),
        ("transfer-invoice", row.invoice_number.map(|number| number.to_string())),
        ("transfer-over", over),
        ("transfer-reference", row.reference.clone()),
        ("transfer-tx", row.tx_hash.clone()),
        ("transfer-sender", row.sender.clone()),
        ("transfer-nonce", row.nonce.map(|nonce| nonce.to_string())),
        ("transfer-approved-by", row.approved_by.clone()),
    ];
    facts.into_iter().filter_map(|(label, fact)| Some((label, fact?))).collect()
}

fn times(ask: &Ask, row: &TransferRow) -> Vec<(&'static str, Stamp)> {
    let times = [
        ("transfer-asked-at", Some(row.created_at)),
        ("transfer-sent-at", row.sent_at),
        ("transfer-changed-at", Some(row.changed_at)),
        ("transfer-due-at", row.due_at),
    ];
    times.into_iter().filter_map(|(label, at)| Some((label, ask.viewer.time(at?)))).collect()
}
