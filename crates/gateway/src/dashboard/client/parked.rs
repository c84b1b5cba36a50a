//! `/client/parked`: money that came and counts towards no invoice, and why. What is done about it is done on the page of the invoice that it
//! was meant for.

use askama::Template;
use domain::Time;
use domain::charge::State;
use domain::payment::Finality;

use super::money::{Badge, amount};
use super::{count, ended_with, place};
use crate::app::accounts::sessions::Desk;
use crate::checkout::text::Text;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::Answer;
use crate::dashboard::viewer::Stamp;
use crate::store::charges::ChargeRow;
use crate::store::payments::{PaymentRow, placement_name};
use crate::store::{StoreError, Tx, charges, payments};

pub const PATH: &str = "/client/parked";
pub const CHARGES: &str = "/client/parked#charges";
/// Of a list.
const LINES: usize = 25;

#[derive(Template)]
#[template(path = "dashboard/client/parked.html")]
struct Page {
    f: Frame,
    coins: Vec<Line>,
    older_coins: Option<String>,
    charges: Vec<Line>,
    older_charges: Option<String>,
    is_first: bool,
}

struct Line {
    at: Stamp,
    /// Of the invoice that it was meant for.
    path: String,
    invoice: i64,
    why: Text,
    amount: String,
    /// What became of the money, where that is not what one expects.
    stands: Option<Badge>,
    /// The transaction, or the payment's id.
    code: String,
    /// Whom it came from, or through.
    by: String,
}

pub async fn page(ask: Ask, desk: Desk) -> Answer {
    let (app, id) = (ask.app(), &desk.merchant.id);
    let (coins_after, charges_after) = (place(ask.query("coins")), place(ask.query("charges")));
    let newest = (Time(i64::MAX), "");
    let limit = count(LINES + 1);
    let read = |tx: &Tx<'_>| {
        let coins = payments::parked_page(tx, id, coins_after.unwrap_or(newest), limit)?;
        // few, and on the first page alone
        let surpluses = if charges_after.is_none() { charges::surpluses(tx, id, limit)? } else { Vec::new() };
        Ok::<_, StoreError>((coins, charges::parked_page(tx, id, charges_after.unwrap_or(newest), limit)?, surpluses))
    };
    let (mut coins, mut charges, surpluses) = app.store.read(read).await?;
    let (more_coins, more_charges) = (coins.len() > LINES, charges.len() > LINES);
    coins.truncate(LINES);
    charges.truncate(LINES);
    let end_of_coins = coins.last().filter(|_| more_coins).map(|row| ended_with(row.seen_at, row.payment.id.as_str()));
    let end_of_charges =
        charges.last().filter(|_| more_charges).map(|row| ended_with(row.changed_at, row.charge.id.as_str()));
    let of_charges = charges.into_iter().filter_map(|row| of_charge(&ask, row));
    let page = Page {
        f: ask.frame(ask.w().text("parked-own").plain()).under(ask.w().text("nav-invoices").plain(), super::INVOICES),
        coins: coins.into_iter().map(|row| of_coins(&ask, row)).collect(),
        older_coins: end_of_coins.map(|end| format!("{PATH}?coins={end}#coins")),
        charges: surpluses.into_iter().filter_map(|row| of_surplus(&ask, row)).chain(of_charges).collect(),
        older_charges: end_of_charges.map(|end| format!("{PATH}?charges={end}#charges")),
        is_first: (coins_after, charges_after) == (None, None),
    };
    ask.show(&page)
}

fn why(ask: &Ask, placement: &str) -> Text {
    ask.w().text(&format!("why-parked-{}", placement.replace('_', "-")))
}

fn of_coins(ask: &Ask, row: PaymentRow) -> Line {
    let badge = |tone, key: &str| Some(Badge { tone, label: ask.w().text(key) });
    Line {
        at: ask.viewer.time(row.seen_at),
        path: super::invoice_path(row.invoice_number),
        invoice: row.invoice_number,
        why: why(ask, placement_name(row.payment.placement)),
        amount: amount(ask.app(), row.payment.units, &row.payment.asset),
        stands: match (row.payment.finality, &row.payment.flushed_by) {
            (Finality::Reversed, _) => badge("bad", "finality-reversed"),
            (_, Some(_)) => badge("good", "parked-in-wallet"),
            (Finality::Seen | Finality::Final, None) => badge("wait", "parked-to-wallet"),
        },
        code: row.payment.on_chain.tx_hash,
        by: row.sender,
    }
}

/// What was taken beyond a charge that counts.
fn of_surplus(ask: &Ask, row: ChargeRow) -> Option<Line> {
    let currency = &row.charge.received.as_ref()?.currency;
    Some(Line {
        at: ask.viewer.time(row.changed_at),
        path: super::invoice_path(row.invoice_number),
        invoice: row.invoice_number,
        why: why(ask, "surplus"),
        amount: amount(ask.app(), row.surplus_left(), currency),
        stands: None,
        code: row.charge.id.to_string(),
        by: row.charge.provider,
    })
}

/// What counts towards nothing was received: a row that says otherwise is not shown.
fn of_charge(ask: &Ask, row: ChargeRow) -> Option<Line> {
    let (money, placement) = (row.charge.received.as_ref()?, row.charge.placement?);
    let is_there = row.charge.state == State::Paid;
    Some(Line {
        at: ask.viewer.time(row.changed_at),
        path: super::invoice_path(row.invoice_number),
        invoice: row.invoice_number,
        why: why(ask, placement.name()),
        amount: amount(ask.app(), money.units, &money.currency),
        stands: (!is_there)
            .then(|| Badge { tone: "bad", label: ask.w().text(&format!("charge-{}", row.charge.state.name())) }),
        code: row.charge.id.to_string(),
        by: row.charge.provider,
    })
}
