//! `/operator/merchants/{number}/settlement`: what was agreed with a merchant, when it is settled next, and what it was settled.

use askama::Template;
use domain::fee::BasisPoints;
use domain::merchant::{Merchant, Wallet};
use domain::settlement::{Schedule, Terms};
use domain::time::DAY;
use domain::{Time, Units};

use super::{Line, PATH, cut, limit, line};
use crate::app::accounts::sessions::Person;
use crate::app::settlements::{agree, settle_now};
use crate::checkout::text::Text;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::operator::merchant::{named, percent};
use crate::dashboard::operator::{MERCHANTS, actor};
use crate::dashboard::pages::{Answer, Failed};
use crate::dashboard::viewer::Stamp;
use crate::store::settlement_terms::{self, TermsRow};
use crate::store::{StoreError, Tx, charges, settlements};

/// As the command line has it: about two years.
const MOST_DAYS: u32 = 730;
const SCHEDULES: [&str; 3] = ["per_payment", "daily", "threshold"];

pub(super) fn path(number: i64) -> String {
    format!("{MERCHANTS}/{number}/settlement")
}

struct Fields {
    schedule: String,
    threshold: String,
    reserve: String,
    reserve_days: String,
    spread: String,
    is_paused: bool,
}

#[derive(Template)]
#[template(path = "dashboard/operator/settlement_terms.html")]
struct Page {
    f: Frame,
    here: String,
    merchant: Merchant,
    /// Why nothing is settled now, or when: a message's key, and the time if there is one.
    next_due: (&'static str, Option<Stamp>),
    /// How many paid charges are not settled through.
    waiting: usize,
    schedules: [(&'static str, String); 3],
    v: Fields,
    lines: Vec<Line>,
    older: Option<String>,
    wrong: Option<Text>,
}

pub async fn page(ask: Ask, _: Person) -> Answer {
    let merchant = named(&ask).await?;
    let page = compose(&ask, merchant, None).await?;
    ask.show(&page)
}

async fn again(ask: &Ask, merchant: Merchant, wrong: &str) -> Answer {
    let page = compose(ask, merchant, Some(ask.w().text(wrong))).await?;
    ask.show_again(&page)
}

/// When the schedule comes to this merchant next.
fn next_due(ask: &Ask, merchant: &Merchant, agreed: &TermsRow, waiting: usize) -> (&'static str, Option<Stamp>) {
    let now = ask.app().now();
    let midnight = || now.day().checked_add(1)?.checked_mul(DAY).map(|at| ask.viewer.time(Time(at)));
    match agreed.terms.schedule {
        _ if agreed.terms.paused => ("due-paused", None),
        _ if !matches!(merchant.wallet, Wallet::Active(_)) => ("due-no-wallet", None),
        _ if waiting == 0 => ("due-nothing", None),
        Schedule::PerPayment => ("due-at-once", None),
        Schedule::Threshold(_) => ("due-threshold", None),
        Schedule::Daily if agreed.last_day != now.day() => ("due-today", None),
        Schedule::Daily => ("due-daily", midnight()),
    }
}

async fn compose(ask: &Ask, merchant: Merchant, wrong: Option<Text>) -> Result<Page, Failed> {
    let (id, w) = (merchant.id.clone(), ask.w());
    let before = ask.query("before").parse().unwrap_or(i64::MAX);
    let read = |tx: &Tx<'_>| {
        let mut rows = settlements::before(tx, &id, before, limit())?;
        let next = cut(&mut rows);
        Ok::<_, StoreError>((settlement_terms::of(tx, &id)?, charges::to_settle(tx, &id)?.len(), rows, next))
    };
    let (agreed, waiting, rows, next) = ask.app().store.read(read).await?;
    let lines = rows.into_iter().map(|row| line(ask, row, merchant.number, merchant.name.clone()));
    Ok(Page {
        f: ask
            .frame(format!("{} · {}", w.text("nav-settlements").plain(), merchant.name))
            .under(w.text("nav-settlements").plain(), PATH),
        here: path(merchant.number),
        next_due: next_due(ask, &merchant, &agreed, waiting),
        waiting,
        schedules: SCHEDULES.map(|name| (name, format!("schedule-{}", name.replace('_', "-")))),
        v: fields(ask, &agreed.terms),
        lines: lines.collect(),
        older: next.map(|next| format!("{}?before={next}", path(merchant.number))),
        merchant,
        wrong,
    })
}

/// As typed, or as kept.
fn fields(ask: &Ask, terms: &Terms) -> Fields {
    let is_typed = ask.form.is_ticked("schedule");
    let or = |name: &str, kept: String| if is_typed { ask.form.text(name).to_owned() } else { kept };
    let share = |share: BasisPoints| Units(share.get().into()).decimal(2, 0);
    let coins = match terms.schedule {
        Schedule::Threshold(coins) => coins.to_string(),
        Schedule::PerPayment | Schedule::Daily => String::new(),
    };
    Fields {
        schedule: or("schedule", terms.schedule.name().to_owned()),
        threshold: or("threshold", coins),
        reserve: or("reserve", share(terms.reserve)),
        reserve_days: or("reserve_days", terms.reserve_days.to_string()),
        spread: or("spread", share(terms.spread)),
        is_paused: if is_typed { ask.form.is_ticked("paused") } else { terms.paused },
    }
}

/// What the form says, or the key of what is wrong with it.
fn terms(ask: &Ask) -> Result<Terms, &'static str> {
    let coins = match ask.form.text("threshold") {
        "" => None,
        text => Some(text.parse::<u64>().map_err(|_| "wrong-threshold")?),
    };
    let schedule = match ask.form.text("schedule") {
        // what stands in a field that does not count is left out
        other if other != "threshold" => Schedule::from_name(other, None),
        threshold => Schedule::from_name(threshold, coins),
    };
    // a whole share would leave nothing to settle
    let share = |name| percent(ask.form.text(name)).filter(|share| share.get() < 10_000).ok_or("wrong-share");
    let days = ask.form.text("reserve_days").parse().ok().filter(|days| *days <= MOST_DAYS);
    Ok(Terms {
        schedule: schedule.ok_or("wrong-threshold")?,
        reserve: share("reserve")?,
        reserve_days: days.ok_or("wrong-days")?,
        spread: share("spread")?,
        paused: ask.form.is_ticked("paused"),
    })
}

/// `act`: `set` the terms, or settle `now`.
pub async fn post(ask: Ask, person: Person) -> Answer {
    let merchant = named(&ask).await?;
    let (app, id, actor) = (ask.app().clone(), merchant.id.clone(), actor(&person));
    let here = path(merchant.number);
    match ask.form.text("act") {
        "set" => {
            let terms = match terms(&ask) {
                Ok(terms) => terms,
                Err(wrong) => return again(&ask, merchant, wrong).await,
            };
            let now = app.now();
            ask.app().store.write(move |tx: &Tx<'_>| agree(tx, &id, terms, &actor.0, now)).await?;
            Ok(ask.go_saying(&here, "flash-terms-set"))
        }
        "now" => match ask.app().store.write(move |tx: &Tx<'_>| settle_now(&app, tx, &id, &actor)).await? {
            0 => again(&ask, merchant, "settle-nothing").await,
            _ => Ok(ask.go_saying(&here, "flash-settled-now")),
        },
        _ => again(&ask, merchant, "wrong-act").await,
    }
}
