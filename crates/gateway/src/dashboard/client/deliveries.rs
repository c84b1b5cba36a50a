//! What was sent to a merchant's callback URL: the list in `/client/callbacks`, one delivery with its attempts, and sending again.

use askama::Template;
use domain::Time;
use domain::access::Permission::{ManageCallbacks, ResendCallbacks, ViewCallbacks};

use super::callbacks::{self, shown_url};
use crate::app::accounts::sessions::Desk;
use crate::app::acts::Actor;
use crate::app::deliveries::{resend_by, resend_range};
use crate::checkout::text::Text;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::{Answer, Failed};
use crate::dashboard::route::Method::{Get, Post};
use crate::dashboard::route::Route;
use crate::dashboard::viewer::Stamp;
use crate::store::deliveries::{self as rows, AttemptRow, Listed};
use crate::store::events::{About, Subject};
use crate::store::{StoreError, Tx};

const ONE: &str = "/client/callbacks/{subject}/{number}/{seq}";
const AGAIN: &str = "/client/callbacks/{subject}/{number}/{seq}/resend";
/// Of a page.
const LINES: i64 = 25;

pub fn routes() -> Vec<Route> {
    vec![
        Route::merchant(Get, ONE, ViewCallbacks, page),
        Route::merchant(Post, AGAIN, ResendCallbacks, again),
        Route::merchant(Post, "/client/callbacks/resend", ResendCallbacks, again_range),
    ]
}

/// Which deliveries are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    Of(Subject),
    /// Not accepted and tried again, about anything.
    Failing,
    /// Given up, about anything.
    Parked,
}

impl Which {
    /// What the address says of it, if it says anything of ours.
    fn named(name: &str) -> Which {
        match name {
            "failing" => Which::Failing,
            "parked" => Which::Parked,
            name => Which::Of(Subject::from_name(name).unwrap_or(Subject::Invoice)),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Which::Of(subject) => subject.name(),
            Which::Failing => "failing",
            Which::Parked => "parked",
        }
    }
}

/// What the list shows, as its address says it.
#[derive(Debug, Clone)]
pub struct Filter {
    which: Which,
    /// Begins with this number.
    pub number: Option<i64>,
    /// Where a further page begins.
    after: Option<(Time, About, i64)>,
}

impl Filter {
    pub fn of(ask: &Ask) -> Filter {
        let number = ask.query("number").parse().ok().filter(|n| *n > 0);
        Filter { which: Which::named(ask.query("about")), number, after: read(ask.query("after")) }
    }

    pub fn is(&self, name: &str) -> bool {
        self.which.name() == name
    }

    pub fn number_text(&self) -> String {
        self.number.map(|number| number.to_string()).unwrap_or_default()
    }

    pub fn is_first_page(&self) -> bool {
        self.after.is_none()
    }
}

/// `millis.subject.number.seq`
fn read(text: &str) -> Option<(Time, About, i64)> {
    let mut parts = text.splitn(4, '.');
    let time = Time(parts.next()?.parse().ok()?);
    let subject = Subject::from_name(parts.next()?)?;
    let number = parts.next()?.parse().ok()?;
    Some((time, About { subject, number }, parts.next()?.parse().ok()?))
}

/// A delivery in the list.
pub struct Line {
    pub path: String,
    pub number: i64,
    pub status: String,
    pub at: Stamp,
    pub state: State,
    pub failed: u32,
}

/// How a delivery stands, as a badge.
pub struct State {
    pub tone: &'static str,
    pub label: Text,
}

fn state(ask: &Ask, found: &Listed) -> State {
    let (tone, key) = match (found.row.state.as_str(), found.row.failed) {
        ("delivered", _) => ("good", "delivery-delivered"),
        ("parked", _) => ("bad", "delivery-parked"),
        ("due", 0) | ("waiting", _) => ("plain", "delivery-waiting"),
        _ => ("wait", "delivery-retrying"),
    };
    State { tone, label: ask.w().text(key) }
}

fn path_of(row: &rows::DeliveryRow) -> String {
    format!("{}/{}/{}/{}", callbacks::PATH, row.about.subject.name(), row.about.number, row.seq)
}

/// A page of the list, and the query of the next one.
pub async fn list(ask: &Ask, desk: &Desk, filter: &Filter) -> Result<(Vec<Line>, Option<String>), Failed> {
    let (id, after) = (&desk.merchant.id, filter.after);
    let first = (Time(i64::MIN), About { subject: Subject::Fund, number: 0 }, 0);
    let last = (Time(i64::MAX), About { subject: Subject::Payment, number: i64::MAX }, i64::MAX);
    let found = ask.app().store.read(|tx| match filter.which {
        Which::Of(subject) => {
            let begin = match (after, filter.number) {
                (Some((_, about, seq)), _) => (about.number, seq),
                (None, Some(number)) => (number, i64::MAX),
                (None, None) => (i64::MAX, i64::MAX),
            };
            rows::page(tx, id, subject, begin, LINES + 1)
        }
        Which::Failing => rows::failing_page(tx, id, after.unwrap_or(first), LINES + 1),
        Which::Parked => rows::parked_page(tx, id, after.unwrap_or(last), LINES + 1),
    });
    let mut found = found.await?;
    let has_more = i64::try_from(found.len()).unwrap_or(i64::MAX) > LINES;
    found.truncate(usize::try_from(LINES).unwrap_or(usize::MAX));
    let next = found.last().filter(|_| has_more).map(|Listed { row, .. }| {
        let about = filter.which.name();
        let (subject, number) = (row.about.subject.name(), row.about.number);
        format!("?about={about}&after={}.{subject}.{number}.{}", row.due_at.0, row.seq)
    });
    let line = |found: Listed| Line {
        path: path_of(&found.row),
        number: found.row.about.number,
        at: ask.viewer.time(found.at),
        state: state(ask, &found),
        failed: found.row.failed,
        status: found.status,
    };
    Ok((found.into_iter().map(line).collect(), next))
}

struct AttemptLine {
    number: i64,
    at: Stamp,
    status: Option<i64>,
    is_good: bool,
    outcome: String,
    millis: i64,
    answer: Option<String>,
}

#[derive(Template)]
#[template(path = "dashboard/client/delivery.html")]
struct Page {
    f: Frame,
    may_resend: bool,
    path: String,
    url: String,
    event: String,
    status: String,
    at: Stamp,
    signature: String,
    body: String,
    state: State,
    /// When it is tried again.
    next: Option<Stamp>,
    attempts: Vec<AttemptLine>,
}

fn named(ask: &Ask) -> Result<(About, i64), Failed> {
    let subject = Subject::from_name(ask.id("subject")).ok_or(Failed::NotFound)?;
    Ok((About { subject, number: ask.number("number")? }, ask.number("seq")?))
}

async fn page(ask: Ask, desk: Desk) -> Answer {
    let ((about, seq), id) = (named(&ask)?, &desk.merchant.id);
    let read = |tx: &Tx<'_>| {
        let Some(found) = rows::one(tx, id, about, seq)? else { return Ok(None) };
        let attempts = rows::attempts(tx, &found.row)?;
        Ok::<_, StoreError>(Some((found, attempts)))
    };
    let (found, attempts) = ask.app().store.read(read).await?.ok_or(Failed::NotFound)?;
    let (w, may_resend) = (ask.w(), desk.access.may(ResendCallbacks));
    let line = |attempt: AttemptRow| AttemptLine {
        number: attempt.attempt,
        at: ask.viewer.time(attempt.at),
        status: attempt.http_status,
        is_good: matches!(attempt.http_status, Some(200..=299)),
        outcome: attempt.outcome,
        millis: attempt.millis,
        answer: attempt.answer,
    };
    let is_over = matches!(found.row.state.as_str(), "delivered" | "parked");
    ask.show(&Page {
        f: ask.frame(w.text("delivery-title").plain()).under(w.text("nav-callbacks").plain(), callbacks::PATH),
        may_resend: may_resend && is_over,
        path: path_of(&found.row),
        url: shown_url(&found.row.url, desk.access.may(ManageCallbacks)),
        next: (found.row.state == "due").then(|| ask.viewer.time(found.row.due_at)),
        state: state(&ask, &found),
        event: found.row.event_id.to_string(),
        status: found.status,
        at: ask.viewer.time(found.at),
        signature: found.row.signature,
        body: found.row.body,
        attempts: attempts.into_iter().map(line).collect(),
    })
}

async fn again(ask: Ask, desk: Desk) -> Answer {
    let ((about, seq), app) = (named(&ask)?, ask.app().clone());
    let (worker, actor) = (app.clone(), Actor(desk.person.user.email.clone()));
    let write = move |tx: &Tx<'_>| {
        let Some(found) = rows::one(tx, &desk.merchant.id, about, seq)? else { return Ok(None) };
        let resent = resend_by(&worker, tx, &desk.merchant.id, about, Some(seq), &actor)?;
        Ok::<_, StoreError>(Some((path_of(&found.row), resent)))
    };
    let (path, resent) = ask.app().store.write(write).await?.ok_or(Failed::NotFound)?;
    app.wake.deliveries.notify_one();
    Ok(ask.go_saying(&path, if resent > 0 { "flash-resent" } else { "flash-bad-on-its-way" }))
}

async fn again_range(ask: Ask, desk: Desk) -> Answer {
    let number = |name: &str| ask.form.text(name).parse::<i64>().ok().filter(|number| *number > 0);
    let subject = Subject::from_name(ask.form.text("subject"));
    let (Some(subject), Some(first), Some(last)) = (subject, number("first"), number("last")) else {
        return Ok(ask.go_saying(callbacks::PATH, "flash-bad-range"));
    };
    if first > last {
        return Ok(ask.go_saying(callbacks::PATH, "flash-bad-range"));
    }
    let (only_parked, actor) = (!ask.form.is_ticked("all"), Actor(desk.person.user.email.clone()));
    let resent = resend_range(ask.app(), &desk.merchant.id, subject, (first, last), only_parked, actor).await?;
    let key = match resent {
        None => "flash-bad-range-large",
        Some(0) => "flash-bad-none-to-resend",
        Some(_) => "flash-resent",
    };
    Ok(ask.go_saying(&format!("{}?about={}", callbacks::PATH, subject.name()), key))
}

/// A delivery of the merchant's.
#[cfg(test)]
pub fn samples() -> Vec<(&'static str, crate::dashboard::tests::Sample)> {
    use crate::app::events::{Told, tell};
    use crate::app::{App, SharedApp};
    use crate::store::settings;
    use domain::merchant::Merchant;

    fn told(app: &App, tx: &Tx<'_>, mut merchant: Merchant) -> Result<i64, StoreError> {
        merchant.callback_url = Some("https://shop.example/callback?token=of-the-shop".into());
        // beside the invoices that other samples make
        let number = 1_000_000 + settings::next_number(tx, "sample")?;
        let body = format!(r#"{{"callbackJson":{:?}}}"#, crate::dashboard::tests::HOSTILE);
        let told = Told { about: About::invoice(number), seq: 1, status: "invoice:created", body, silent: false };
        tell(app, tx, &merchant, told, app.now()).map(|()| number)
    }
    async fn made(app: SharedApp, merchant: Merchant) -> String {
        let (worker, id) = (app.clone(), merchant);
        let number = app.store.write(move |tx| told(&worker, tx, id.clone())).await.unwrap();
        format!("{}/invoice/{number}/1", callbacks::PATH)
    }
    let one: crate::dashboard::tests::Sample = |app, merchant| Box::pin(made(app, merchant));
    let again: crate::dashboard::tests::Sample =
        |app, merchant| Box::pin(async move { format!("{}/resend", made(app, merchant).await) });
    vec![(ONE, one), (AGAIN, again)]
}
