//! `/client/acts`: what people did with this merchant's business, the last first.

use askama::Template;

use crate::app::accounts::sessions::Desk;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::Answer;
use crate::dashboard::viewer::Stamp;
use crate::store::audit_log;

const PAGE: usize = 50;

struct Act {
    at: Stamp,
    actor: String,
    act: String,
    about: String,
    detail: String,
}

#[derive(Template)]
#[template(path = "dashboard/client/acts.html")]
struct Page {
    f: Frame,
    acts: Vec<Act>,
    /// The number that the next page lies before.
    older: Option<i64>,
}

pub async fn page(ask: Ask, desk: Desk) -> Answer {
    let before = ask.query("before").parse().unwrap_or(i64::MAX);
    let merchant = desk.merchant.id.clone();
    let limit = i64::try_from(PAGE).unwrap_or(i64::MAX);
    let rows = ask.app().store.read(|tx| audit_log::of_merchant(tx, &merchant, before, limit)).await?;
    let older = (rows.len() == PAGE).then(|| rows.last().map(|(seq, _)| *seq)).flatten();
    let viewer = ask.viewer.clone();
    let acts = rows.into_iter().map(|(_, row)| Act {
        at: viewer.time(row.at),
        actor: row.actor,
        act: row.act,
        about: row.about,
        detail: row.detail,
    });
    ask.show(&Page { f: ask.frame(ask.w().text("nav-acts").plain()), acts: acts.collect(), older })
}
