//! `/operator/audit`: the books proven from their rows, at the press of a button.

use askama::Template;

use super::{actor, log};
use crate::app::accounts::sessions::Person;
use crate::app::audit_job::{Ended, begin, run, standing};
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::Answer;
use crate::dashboard::viewer::Stamp;
use crate::store::Tx;

pub const PATH: &str = "/operator/audit";

#[derive(Template)]
#[template(path = "dashboard/operator/audit.html")]
struct Page {
    f: Frame,
    running_since: Option<Stamp>,
    last: Option<(Ended, Stamp)>,
}

pub async fn page(ask: Ask, _: Person) -> Answer {
    let now = ask.app().now();
    let standing = ask.app().store.read(|tx| standing(tx, now)).await?;
    ask.show(&Page {
        f: ask.frame(ask.w().text("nav-audit").plain()).under(ask.w().text("nav-log").plain(), log::PATH),
        running_since: standing.running_since.map(|since| ask.viewer.time(since)),
        last: standing.last.map(|last| {
            let at = ask.viewer.time(domain::Time(last.ended_at));
            (last, at)
        }),
    })
}

/// Begins one, unless one runs.
pub async fn post(ask: Ask, person: Person) -> Answer {
    let (app, actor) = (ask.app().clone(), actor(&person));
    let begun = ask.app().store.write(move |tx: &Tx<'_>| begin(&app, tx, &actor)).await?;
    let Some(begun) = begun else { return Ok(ask.go_saying(PATH, "flash-bad-audit-runs")) };
    let (app, here) = (ask.app().clone(), tokio::runtime::Handle::current());
    // on SQLite a read keeps its thread for as long as it takes
    tokio::task::spawn_blocking(move || {
        if let Err(error) = here.block_on(run(&app, begun)) {
            error.log("The result of an audit could not be kept");
        }
    });
    Ok(ask.go_saying(PATH, "flash-audit-begun"))
}
