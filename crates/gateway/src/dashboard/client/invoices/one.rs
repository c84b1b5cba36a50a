//! One invoice: what it is, what may be done with it now, and all that happened to it.

use askama::Template;
use axum::http::StatusCode;
use domain::access::Permission;
use domain::charge::State as ChargeState;

use super::coin_refund::{self, Line};
use super::happened::{Happened, line};
use super::refund::{Choice, choices};
use super::{LIST, path};
use crate::app::accounts::sessions::Desk;
use crate::app::payer_mails::{Kind, to_send};
use crate::app::providers::OWN_VPA;
use crate::app::timeline::What;
use crate::app::{App, invoices as cases, timeline};
use crate::checkout::text::Text;
use crate::dashboard::ask::Ask;
use crate::dashboard::client::money::{Badge, amount, badge, minor};
use crate::dashboard::frame::Frame;
use crate::dashboard::once;
use crate::dashboard::pages::{Answer, Failed};
use crate::dashboard::viewer::Stamp;
use crate::store::events::About;
use crate::store::invoices::{InvoiceRow, Paid};
use crate::store::{StoreError, Tx, charges, deliveries};

/// Why an act of this page was refused.
#[derive(Debug, Clone)]
pub struct Wrong {
    /// `cancel`, `refund`, `upi`, `callbacks`, `mail`.
    pub about: &'static str,
    pub why: Text,
}

/// A payment to the merchant's own VPA that only the merchant can confirm.
pub struct Waiting {
    charge: String,
    amount: String,
    reference: String,
    claimed: Option<String>,
}

/// What may be done now, by whoever looks.
#[derive(Default)]
pub struct Acts {
    cancel: bool,
    refund: Vec<Choice>,
    upi: Vec<Waiting>,
    callbacks: bool,
    /// `receipt` or `invoice`: what the payer can be sent.
    mail: Option<&'static str>,
}

impl Acts {
    fn is_none(&self) -> bool {
        !self.cancel && self.refund.is_empty() && self.upi.is_empty() && !self.callbacks && self.mail.is_none()
    }
}

#[derive(Template)]
#[template(path = "dashboard/client/invoice.html")]
struct Page {
    f: Frame,
    number: i64,
    here: String,
    id: String,
    state: Badge,
    amount: String,
    paid: Vec<(Text, String)>,
    email: String,
    created: Stamp,
    changed: Stamp,
    way: Option<Text>,
    settle_tx: Option<String>,
    /// Name and value of what the merchant said of the payer.
    customer: Vec<(String, String)>,
    own_data: Option<String>,
    urls: Vec<(Text, String)>,
    /// The payer's page, while it may be paid.
    payer_page: String,
    /// Tells this page's refund form from that of the next.
    once: String,
    is_open: bool,
    has_receipt: bool,
    acts: Acts,
    wrong: Option<Wrong>,
    /// Which of the choices, and whether all of it.
    refund_of: (usize, bool),
    typed_amount: String,
    typed_rrn: String,
    /// Open disputes: until when evidence is due, where that is known.
    disputes: Vec<Option<Stamp>>,
    /// Refunds of coins, each with a page of its own.
    coins_back: Vec<Line>,
    happened: Vec<Happened>,
}

pub async fn page(ask: Ask, desk: Desk) -> Answer {
    let number = ask.number("number")?;
    show(&ask, &desk, number, None).await
}

/// The page; after a refusal with why.
pub async fn show(ask: &Ask, desk: &Desk, number: i64, wrong: Option<Wrong>) -> Answer {
    let (app, merchant) = (ask.app(), &desk.merchant);
    let read = |tx: &Tx<'_>| {
        let Some((row, items)) = timeline::timeline(tx, &merchant.id, number)? else { return Ok(None) };
        let (acts, coins_back) = (acts(ask, desk, tx, &row)?, coin_refund::lines(ask, tx, &merchant.id, number)?);
        Ok::<_, StoreError>(Some((row, items, acts, coins_back)))
    };
    let (row, items, acts, coins_back) = app.store.read(read).await?.ok_or(Failed::NotFound)?;
    let w = ask.w();
    let title = w.fill("inv-title", &[w.ltr("number", number)]);
    let url = |key: &str, value: &Option<String>| value.clone().map(|value| (w.text(key), value));
    let page = Page {
        f: ask.frame(title.plain()).under(w.text("nav-invoices").plain(), LIST),
        number,
        here: path(number),
        id: row.invoice.id.to_string(),
        state: badge(w, row.invoice.state),
        amount: minor(row.invoice.amount, &row.invoice.devise),
        paid: row.paid.as_ref().map(|paid| paid_lines(ask, app, paid)).unwrap_or_default(),
        created: ask.viewer.time(row.invoice.created_at),
        changed: ask.viewer.time(row.invoice.status_at),
        way: row.chosen.or(row.solution).map(|way| w.text(&format!("way-{}", way.name()))),
        customer: customer(&row),
        urls: [
            url("inv-success-url", &row.success_url),
            url("inv-cancel-url", &row.cancel_url),
            url("inv-pending-url", &row.pending_url),
            url("inv-failure-url", &row.failure_url),
        ]
        .into_iter()
        .flatten()
        .collect(),
        payer_page: cases::own_page_url(app, merchant, &row)?,
        once: once::fresh(app),
        is_open: row.invoice.state.is_open(),
        has_receipt: Kind::of(&row) == Some(Kind::Receipt),
        settle_tx: row.settle_tx_hash,
        own_data: row.callback_json,
        email: row.email,
        // as it was typed
        refund_of: (
            acts.refund.iter().position(|choice| choice.value == ask.form.text("of")).unwrap_or_default(),
            ask.form.is_ticked("all"),
        ),
        acts,
        coins_back,
        typed_amount: ask.form.text("amount").chars().take(80).collect(),
        typed_rrn: ask.form.text("rrn").chars().take(80).collect(),
        disputes: items.iter().filter_map(|item| open_dispute(ask, &item.what)).collect(),
        happened: items.into_iter().rev().map(|item| line(app, &ask.viewer, item)).collect(),
        wrong,
    };
    let status = if page.wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    ask.show_as(status, &page)
}

fn open_dispute(ask: &Ask, what: &What) -> Option<Option<Stamp>> {
    match what {
        What::Disputed { is_open: true, evidence_due, .. } => Some(evidence_due.map(|at| ask.viewer.time(at))),
        _ => None,
    }
}

fn acts(ask: &Ask, desk: &Desk, tx: &Tx<'_>, row: &InvoiceRow) -> Result<Acts, StoreError> {
    let (may, merchant, number) = (|what| desk.access.may(what), &desk.merchant.id, row.invoice.number);
    let cancel = may(Permission::CancelInvoices) && row.invoice.state.is_open();
    let mut acts = Acts { cancel, ..Acts::default() };
    if may(Permission::CreateInvoices) {
        acts.mail = to_send(tx, row)?.map(|(kind, _)| match kind {
            Kind::Receipt => "receipt",
            Kind::Invoice => "invoice",
        });
    }
    if may(Permission::Refund) {
        acts.refund = choices(ask, tx, merchant, number)?;
    }
    if may(Permission::ConfirmUpi) {
        let waits = |state| matches!(state, ChargeState::NeedsPayer | ChargeState::Claimed | ChargeState::Lapsed);
        let rows = charges::of_invoice(tx, merchant, number)?;
        let own = rows.into_iter().filter(|row| row.charge.provider == OWN_VPA && waits(row.charge.state));
        let waiting = own.map(|row| Waiting {
            charge: row.charge.id.to_string(),
            amount: minor(row.charge.asked.units, &row.charge.asked.currency),
            reference: row.reference.unwrap_or_default(),
            claimed: row.claimed_rrn.filter(|_| row.charge.state == ChargeState::Claimed),
        });
        acts.upi = waiting.collect();
    }
    acts.callbacks =
        may(Permission::ResendCallbacks) && !deliveries::of(tx, merchant, About::invoice(number))?.is_empty();
    Ok(acts)
}

fn paid_lines(ask: &Ask, app: &App, paid: &Paid) -> Vec<(Text, String)> {
    let w = ask.w();
    let units = |units| match &paid.charged {
        None if app.asset(&paid.asset).is_none() => {
            format!("{} {}", domain::Units::decimal(units, paid.decimals, paid.decimals.min(2)), paid.symbol)
        }
        _ => amount(app, units, &paid.asset),
    };
    vec![
        (w.text("inv-paid"), units(paid.units)),
        (w.text("inv-merchant-gets"), units(paid.merchant_units)),
        (w.text("inv-fee"), units(paid.fee_units)),
    ]
}

/// What is kept of the payer, by the wire's names.
fn customer(row: &InvoiceRow) -> Vec<(String, String)> {
    let kept = row.customer.as_deref().and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok());
    let mut known: Vec<(String, String)> = match kept {
        Some(serde_json::Value::Object(fields)) => fields
            .into_iter()
            .map(|(name, value)| (name, value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)))
            .collect(),
        _ => Vec::new(),
    };
    known.extend(row.customer_ip.clone().map(|ip| ("customer_ip".to_owned(), ip)));
    known
}
