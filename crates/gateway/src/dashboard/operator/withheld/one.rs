//! One payment that is held back, or was: what led to it, and what may be done now.

use askama::Template;
use domain::charge::{Placement, State};
use domain::ledger::Owner;

use super::{PATH, named, path, taken};
use crate::app::accounts::sessions::Person;
use crate::app::charges::refunds::{of_charge, refundable};
use crate::app::charges::review::about;
use crate::app::provider_payouts::is_paid_out;
use crate::checkout::text::Text;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::operator::merchant::{Act, act_line};
use crate::dashboard::operator::payouts;
use crate::dashboard::operator::transfers::{Line as Refund, amount, line};
use crate::dashboard::pages::{Answer, Failed};
use crate::dashboard::viewer::Stamp;
use crate::store::charges::ChargeRow;
use crate::store::disputes::DisputeState;
use crate::store::invoices::state_columns;
use crate::store::{StoreError, Tx, audit_log, disputes, events, invoices};

const ACTS: usize = 30;

#[derive(Template)]
#[template(path = "dashboard/operator/withheld_one.html")]
struct Page {
    f: Frame,
    here: String,
    merchant: (i64, String),
    invoice: i64,
    invoice_state: Text,
    amount: String,
    is_held: bool,
    provider: String,
    /// Labels, and what stands beside them.
    facts: Vec<(&'static str, String)>,
    times: Vec<(&'static str, Stamp)>,
    note: Option<String>,
    /// What merchants and payers were told of the invoice, in order.
    told: Vec<(Stamp, String)>,
    lines: Vec<Refund>,
    /// State, amount, since when, and until when evidence is due while one is open.
    disputes: Vec<(String, String, Stamp, Option<Stamp>)>,
    /// What can still be given back, if the provider does that.
    left: Option<String>,
    /// Where somebody says that it has reached the merchant's bank, if that is not known yet.
    arrived: Option<String>,
    acts: Vec<Act>,
    reason: String,
    wrong: Option<Text>,
}

pub async fn page(ask: Ask, _: Person) -> Answer {
    let page = compose(&ask, None).await?;
    ask.show(&page)
}

/// The page once more, with why it was refused.
pub(super) async fn again(ask: &Ask, wrong: Text) -> Answer {
    let page = compose(ask, Some(wrong)).await?;
    ask.show_again(&page)
}

async fn compose(ask: &Ask, wrong: Option<Text>) -> Result<Page, Failed> {
    let (row, merchant) = named(ask).await?;
    let (app, w, id) = (ask.app(), ask.w(), row.charge.id.clone());
    let read = |tx: &Tx<'_>| {
        let invoice = invoices::existing(tx, &merchant.id, row.invoice_number)?.invoice;
        let told = events::of(tx, &merchant.id, events::About::invoice(row.invoice_number))?;
        let (left, refunds) = (refundable(tx, &row)?, of_charge(tx, &merchant.id, &id)?);
        let disputed = disputes::of_charge(tx, &merchant.id, &id)?;
        let acts = audit_log::about(tx, &about(&id))?;
        Ok::<_, StoreError>((invoice, told, left, refunds, disputed, is_paid_out(tx, &merchant.id, &id)?, acts))
    };
    let (invoice, told, left, refunds, disputed, is_out, acts) = app.store.read(read).await?;
    let gives = rails::provider::list::by_name(&row.charge.provider).is_some_and(|found| found.refund.is_some());
    let (name, failure) = state_columns(invoice.state);
    let amount_taken = taken(ask, &row);
    Ok(Page {
        f: ask.frame(format!("{amount_taken}, {}", row.charge.provider)).under(w.text("nav-withheld").plain(), PATH),
        here: path(merchant.number, &id),
        invoice: row.invoice_number,
        invoice_state: w.text(&format!("state-{}", failure.unwrap_or(name))),
        is_held: row.charge.held,
        provider: row.charge.provider.clone(),
        facts: facts(ask, &row),
        times: times(ask, &row),
        note: row.note.clone(),
        told: told.iter().map(|event| (ask.viewer.time(event.at), event.status.clone())).collect(),
        lines: refunds.into_iter().map(|refund| line(ask, refund, merchant.number, merchant.name.clone())).collect(),
        disputes: disputed
            .into_iter()
            .map(|dispute| {
                let money = amount(app, &dispute.money.currency, dispute.money.units);
                let due = dispute.evidence_due_at.filter(|_| dispute.state == DisputeState::Open);
                let state = format!("dispute-{}", dispute.state.name());
                (state, money, ask.viewer.time(dispute.opened_at), due.map(|at| ask.viewer.time(at)))
            })
            .collect(),
        left: (row.charge.held && gives && !left.is_zero()).then(|| {
            let currency = row.charge.received.as_ref().map_or("", |money| money.currency.as_str());
            amount(app, currency, left)
        }),
        arrived: (row.charge.owner == Owner::Merchant
            && row.charge.state == State::Paid
            && !row.charge.held
            && !is_out)
            .then(|| format!("{}?charge={id}", payouts::ARRIVED)),
        acts: acts.into_iter().rev().take(ACTS).map(|act| act_line(ask, act)).collect(),
        reason: ask.form.text("reason").to_owned(),
        merchant: (merchant.number, merchant.name),
        amount: amount_taken,
        wrong,
    })
}

fn times(ask: &Ask, row: &ChargeRow) -> Vec<(&'static str, Stamp)> {
    let times = [
        ("withheld-begun", Some(row.charge.created_at)),
        ("transfer-changed-at", Some(row.changed_at)),
        // since when
        ("nav-withheld", row.held_at.filter(|_| row.charge.held)),
    ];
    times.into_iter().filter_map(|(label, at)| Some((label, ask.viewer.time(at?)))).collect()
}

fn facts(ask: &Ask, row: &ChargeRow) -> Vec<(&'static str, String)> {
    let charge = &row.charge;
    let state = match charge.state {
        State::Paid => charge.placement.map_or("paid", Placement::name),
        other => other.name(),
    };
    // what was taken may be in another currency than was asked
    let taken = charge.received.as_ref().unwrap_or(&charge.asked);
    let elsewhere =
        (!row.refunded_elsewhere.is_zero()).then(|| amount(ask.app(), &taken.currency, row.refunded_elsewhere));
    let facts = [
        ("withheld-charge", Some(charge.id.to_string())),
        ("transfer-reference", row.reference.clone()),
        ("withheld-rrn", row.rrn.clone()),
        ("withheld-card", row.card.as_ref().map(|card| format!("{} …{}", card.brand.title(), card.last4))),
        ("withheld-asked", Some(amount(ask.app(), &charge.asked.currency, charge.asked.units))),
        ("withheld-booked", Some(state.replace('_', " "))),
        ("withheld-holds", Some(row.holds.to_string())),
        ("withheld-elsewhere", elsewhere),
    ];
    facts.into_iter().filter_map(|(label, fact)| Some((label, fact?))).collect()
}
