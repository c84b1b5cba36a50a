//! `/client/`: what the business came to, and what should be looked at.

use askama::Template;
use domain::{MerchantId, Units};

use super::checklist::{self, Step};
use super::invoices::LIST;
use super::money::{day, minor};
use crate::app::accounts::sessions::Desk;
use crate::app::figures::{Day, Figures, Volume, figures, trouble};
use crate::checkout::text::Text;
use crate::dashboard::ask::Ask;
use crate::dashboard::charts::{Chart, Point, figure};
use crate::dashboard::frame::Frame;
use crate::dashboard::live;
use crate::dashboard::pages::{Answer, Failed};
use crate::dashboard::words::Words;
use crate::store::invoice_pages::counts;
use crate::store::{StoreError, Tx, attention};

/// Changes with what this page shows, but for what happens to invoices older than its longest span.
pub fn version(tx: &Tx<'_>, merchant: &MerchantId, today: i64) -> Result<u64, StoreError> {
    let longest = SPANS.iter().max().copied().map_or(0, super::count);
    Ok(live::digest(&(counts(tx, merchant, today - longest, today)?, attention::of(tx, merchant)?)))
}

const SPANS: [usize; 3] = [7, 30, 90];
/// More days than this are drawn by weeks.
const MOST_BARS: usize = 31;

struct Trouble {
    text: Text,
    path: Option<String>,
}

#[derive(Template)]
#[template(path = "dashboard/client/home.html")]
struct Page {
    f: Frame,
    merchant: String,
    /// Until all is done.
    checklist: Option<Vec<Step>>,
    may_create: bool,
    today: Tile,
    span: Tile,
    days: usize,
    span_title: Text,
    /// Days, in words, whether these are shown.
    spans: Vec<(usize, Text, bool)>,
    trouble: Vec<Trouble>,
    in_part: bool,
    /// Nothing was ever sold in this span.
    is_empty: bool,
    paid: String,
    volume: Option<String>,
    currency: String,
    currencies: Vec<(String, bool)>,
}

/// A day, or several together.
struct Tile {
    made: i64,
    paid: i64,
    awaiting: i64,
    settled: i64,
    volume: Vec<String>,
    awaiting_volume: Vec<String>,
    settled_volume: Vec<String>,
    rate: Option<String>,
}

fn tile(day: &Day) -> Tile {
    let amounts = |volume: &Volume| volume.iter().map(|(devise, units)| minor(*units, devise)).collect();
    let counts = &day.counts;
    Tile {
        made: counts.made,
        paid: counts.paid,
        awaiting: counts.awaiting,
        settled: counts.settled,
        volume: amounts(&day.volume),
        awaiting_volume: amounts(&day.awaiting),
        settled_volume: amounts(&day.settled),
        rate: counts.success_permille().map(|permille| format!("{}.{} %", permille / 10, permille % 10)),
    }
}

pub async fn page(ask: Ask, desk: Desk) -> Answer {
    let (app, merchant, w) = (ask.app(), &desk.merchant, ask.w());
    let days = ask.query("days").parse().ok().filter(|days| SPANS.contains(days)).unwrap_or(30);
    let (today, span) = (app.now().day(), i64::try_from(days).unwrap_or(30));
    let read = |tx: &Tx<'_>| Ok::<_, StoreError>((figures(tx, &merchant.id, today, span)?, trouble(tx, &merchant.id)?));
    let (figures, trouble) = app.store.read(read).await?;
    let total = figures.last(days)?;
    let currencies: Vec<String> = total.volume.keys().cloned().collect();
    let chosen = ask.query("currency");
    let currency = currencies
        .iter()
        .find(|known| *known == chosen)
        .or_else(|| currencies.iter().find(|known| *known == "USD"))
        .or(currencies.first())
        .cloned()
        .unwrap_or_default();
    let bars = bars(&figures)?;
    let failed = |error: askama::Error| Failed::Page(error.to_string());
    let volume = match currency.is_empty() {
        true => None,
        false => Some(figure(&volume_chart(w, &bars, &currency)).map_err(failed)?),
    };
    let page = Page {
        f: ask.frame(w.text("nav-home").plain()).light(),
        merchant: merchant.name.clone(),
        checklist: checklist::of(&ask, &desk).await?,
        may_create: desk.access.may(domain::access::Permission::CreateInvoices),
        today: tile(&figures.last(1)?),
        is_empty: total.counts.made == 0,
        span: tile(&total),
        days,
        span_title: w.fill("home-span", &[w.count("days", span)]),
        spans: SPANS
            .iter()
            .map(|known| (*known, w.fill("home-days", &[w.count("days", super::count(*known))]), *known == days))
            .collect(),
        trouble: troubles(w, &trouble),
        in_part: figures.in_part,
        paid: figure(&paid_chart(w, &bars)).map_err(failed)?,
        volume,
        currencies: currencies.into_iter().map(|code| (code.clone(), code == currency)).collect(),
        currency,
    };
    ask.show(&page)
}

/// What is drawn as one bar: its label, and what its days came to.
fn bars(figures: &Figures) -> Result<Vec<(String, Day)>, StoreError> {
    let at_once = if figures.days.len() > MOST_BARS { 7 } else { 1 };
    // the newest bar is whole
    let mut bars = Vec::new();
    for days in figures.days.rchunks(at_once) {
        let first = days.first().map_or(0, |day| day.day);
        let total = Figures { days: days.to_vec(), in_part: false }.last(days.len())?;
        bars.push((day(first).get(5..).unwrap_or_default().to_owned(), total));
    }
    bars.reverse();
    Ok(bars)
}

fn chart(w: Words, id: &str, points: Vec<Point>, bar_head: Text, axis: fn(u128) -> String) -> Chart {
    Chart {
        id: id.into(),
        title: String::new(),
        description: String::new(),
        table_title: w.text("chart-table").plain(),
        label_head: w.text("chart-day").plain(),
        bar_head: bar_head.plain(),
        line_head: String::new(),
        points,
        axis,
    }
}

fn paid_chart(w: Words, bars: &[(String, Day)]) -> Chart {
    let point = |(label, day): &(String, Day)| Point {
        label: label.clone(),
        value: u128::try_from(day.counts.paid).unwrap_or(0),
        shown: day.counts.paid.to_string(),
        permille: day.counts.success_permille().and_then(|permille| u32::try_from(permille).ok()),
    };
    Chart {
        title: w.text("chart-paid").plain(),
        description: w.text("chart-paid-help").plain(),
        line_head: w.text("home-rate").plain(),
        ..chart(w, "paid", bars.iter().map(point).collect(), w.text("home-paid"), |value| value.to_string())
    }
}

fn volume_chart(w: Words, bars: &[(String, Day)], currency: &str) -> Chart {
    let point = |(label, day): &(String, Day)| {
        let units = day.volume.get(currency).copied().unwrap_or(Units::ZERO);
        Point { label: label.clone(), value: units.0, shown: minor(units, currency), permille: None }
    };
    Chart {
        title: w.fill("chart-volume", &[w.ltr("currency", currency)]).plain(),
        description: w.text("chart-volume-help").plain(),
        // every currency of invoices has two digits
        ..chart(w, "volume", bars.iter().map(point).collect(), w.text("home-volume"), |value| {
            Units(value).decimal(2, 0)
        })
    }
}

fn troubles(w: Words, trouble: &crate::app::figures::Trouble) -> Vec<Trouble> {
    let state = |name: &str| Some(format!("{LIST}?state={name}"));
    let callbacks = |about: &str| Some(format!("{}?about={about}", super::callbacks::PATH));
    let waits = &trouble.waits;
    let lines = [
        ("trouble-claims", waits.claimed_charges, Some(super::upi::PATH.to_owned())),
        ("trouble-withheld", trouble.withheld, state("withheld")),
        ("trouble-chargebacks", trouble.chargebacks, state("chargeback")),
        ("trouble-parked-payments", waits.parked_payments, Some(super::parked::PATH.to_owned())),
        ("trouble-parked-charges", waits.parked_charges, Some(super::parked::CHARGES.to_owned())),
        ("trouble-failing-callbacks", waits.failing_callbacks, callbacks("failing")),
        ("trouble-given-up-callbacks", waits.given_up_callbacks, callbacks("parked")),
    ];
    let some = lines.into_iter().filter(|(_, count, _)| *count > 0);
    some.map(|(key, count, path)| Trouble { text: w.fill(key, &[w.count("count", count)]), path }).collect()
}
