//! `/operator/log`: what people did, the last first, its chain computed again.

use askama::Template;

use crate::app::accounts::sessions::Person;
use crate::app::acts::{Read, page as acts_page};
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::Answer;
use crate::dashboard::viewer::Stamp;

pub const PATH: &str = "/operator/log";
const ROWS: i64 = 60;

struct Line {
    seq: i64,
    at: Stamp,
    actor: String,
    act: String,
    about: String,
    detail: String,
    is_wrong: bool,
}

#[derive(Template)]
#[template(path = "dashboard/operator/log.html")]
struct Page {
    f: Frame,
    lines: Vec<Line>,
    is_wrong: bool,
    is_first: bool,
    /// The page of what was done before.
    older: Option<i64>,
}

pub async fn page(ask: Ask, _: Person) -> Answer {
    let until = ask.query("until").parse().ok();
    let acts = ask.app().store.read(|tx| acts_page(tx, until, ROWS)).await?;
    let line = |read: Read| Line {
        seq: read.seq,
        at: ask.viewer.time(read.act.at),
        actor: read.act.actor,
        act: read.act.act,
        about: read.act.about,
        detail: read.act.detail,
        is_wrong: read.wrong.is_some(),
    };
    let older = acts.first().map(|read| read.seq.saturating_sub(1)).filter(|older| *older > 0);
    let lines: Vec<Line> = acts.into_iter().rev().map(line).collect();
    ask.show(&Page {
        f: ask.frame(ask.w().text("nav-log").plain()),
        is_wrong: lines.iter().any(|line| line.is_wrong),
        is_first: until.is_none(),
        lines,
        older,
    })
}
