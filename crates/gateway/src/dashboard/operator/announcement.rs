//! `/operator/announcement`: a line over all pages, for a time.

use askama::Template;
use jiff::Timestamp;
use jiff::civil::DateTime;

use crate::app::accounts::sessions::Person;
use crate::app::announcement::{Announcement, AnnouncementRefused, kept, set};
use crate::checkout::text::Text;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::operator::actor;
use crate::dashboard::pages::{Answer, Failed};
use crate::dashboard::viewer::Stamp;
use crate::store::Tx;

pub const PATH: &str = "/operator/announcement";

#[derive(Template)]
#[template(path = "dashboard/operator/announcement.html")]
struct Page {
    f: Frame,
    kept: Option<(String, Stamp, Stamp)>,
    text: String,
    from: String,
    until: String,
    zone: String,
    wrong: Option<Text>,
}

/// As a browser writes the value of a date and time: in the viewer's zone.
fn written(ask: &Ask, millis: i64) -> String {
    let Ok(at) = Timestamp::from_millisecond(millis) else { return String::new() };
    at.to_zoned(ask.viewer.zone.clone()).strftime("%Y-%m-%dT%H:%M").to_string()
}

fn read(ask: &Ask, name: &str) -> Option<i64> {
    let typed: DateTime = ask.form.text(name).parse().ok()?;
    Some(typed.to_zoned(ask.viewer.zone.clone()).ok()?.timestamp().as_millisecond())
}

async fn compose(ask: &Ask, wrong: Option<Text>) -> Result<Page, Failed> {
    let kept = ask.app().store.read(kept).await?;
    let time = |millis| ask.viewer.time(domain::Time(millis));
    let now = ask.app().now().0;
    let or = |name: &str, else_: String| {
        if ask.form.is_ticked(name) { ask.form.text(name).to_owned() } else { else_ }
    };
    Ok(Page {
        f: ask.frame(ask.w().text("nav-announcement").plain()),
        text: or("text", kept.as_ref().map_or(String::new(), |kept| kept.text.clone())),
        from: or("from", written(ask, kept.as_ref().map_or(now, |kept| kept.from))),
        until: or(
            "until",
            written(ask, kept.as_ref().map_or(now.saturating_add(domain::time::DAY), |kept| kept.until)),
        ),
        kept: kept.map(|kept| (kept.text, time(kept.from), time(kept.until))),
        zone: ask.viewer.zone.iana_name().unwrap_or("UTC").to_owned(),
        wrong,
    })
}

pub async fn page(ask: Ask, _: Person) -> Answer {
    let page = compose(&ask, None).await?;
    ask.show(&page)
}

pub async fn post(ask: Ask, person: Person) -> Answer {
    let (new, said) = match ask.form.text("act") {
        "end" => (None, "flash-announcement-ended"),
        _ => {
            let (Some(from), Some(until)) = (read(&ask, "from"), read(&ask, "until")) else {
                let page = compose(&ask, Some(ask.w().text("wrong-times"))).await?;
                return ask.show_again(&page);
            };
            (Some(Announcement { text: ask.form.text("text").to_owned(), from, until }), "flash-announcement-set")
        }
    };
    let (app, actor) = (ask.app().clone(), actor(&person));
    let wrong = match ask.app().store.write(move |tx: &Tx<'_>| set(&app, tx, new, &actor)).await {
        Ok(()) => return Ok(ask.go_saying(PATH, said)),
        Err(AnnouncementRefused::Store(error)) => return Err(error.into()),
        Err(AnnouncementRefused::Length) => "wrong-announcement",
        Err(AnnouncementRefused::Times) => "wrong-times",
    };
    let page = compose(&ask, Some(ask.w().text(wrong))).await?;
    ask.show_again(&page)
}
