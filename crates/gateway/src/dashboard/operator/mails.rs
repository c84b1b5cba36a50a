//! `/operator/mails`: mails that failed, without their text, and trying them again.

use askama::Template;

use super::actor;
use crate::app::accounts::sessions::Person;
use crate::app::mails::again;
use crate::checkout::text::Text;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::{Answer, Failed};
use crate::dashboard::viewer::Stamp;
use crate::store::{Tx, mails};

pub const PATH: &str = "/operator/mails";
const ROWS: usize = 30;

struct Line {
    number: i64,
    at: Stamp,
    recipient: String,
    subject: String,
    tries: i64,
    why: Option<String>,
}

#[derive(Template)]
#[template(path = "dashboard/operator/mails.html")]
struct Page {
    f: Frame,
    here: &'static str,
    lines: Vec<Line>,
    is_first: bool,
    next: Option<String>,
    wrong: Option<Text>,
}

async fn compose(ask: &Ask, wrong: Option<Text>) -> Result<Page, Failed> {
    let before = ask.query("before").parse().unwrap_or(i64::MAX);
    let limit = i64::try_from(ROWS).unwrap_or(i64::MAX).saturating_add(1);
    let mut rows = ask.app().store.read(|tx| mails::failed(tx, before, limit)).await?;
    let more = rows.len() > ROWS;
    rows.truncate(ROWS);
    let next = rows.last().filter(|_| more).map(|row| format!("{PATH}?before={}", row.seq));
    let lines = rows.into_iter().map(|row| Line {
        number: row.seq,
        at: ask.viewer.time(row.created_at),
        recipient: row.recipient,
        subject: row.subject,
        tries: row.attempts,
        why: row.note,
    });
    let f = ask.frame(ask.w().text("nav-mails").plain());
    Ok(Page { f, here: PATH, lines: lines.collect(), is_first: before == i64::MAX, next, wrong })
}

pub async fn page(ask: Ask, _: Person) -> Answer {
    let page = compose(&ask, None).await?;
    ask.show(&page)
}

/// `mail`: the number of one that failed.
pub async fn post(ask: Ask, person: Person) -> Answer {
    if let Ok(seq) = ask.form.text("mail").parse::<i64>() {
        let (app, actor) = (ask.app().clone(), actor(&person));
        if ask.app().store.write(move |tx: &Tx<'_>| again(&app, tx, seq, &actor)).await? {
            return Ok(ask.go_saying(PATH, "flash-mail-again"));
        }
    }
    let page = compose(&ask, Some(ask.w().text("wrong-mail-not-failed"))).await?;
    ask.show_again(&page)
}
