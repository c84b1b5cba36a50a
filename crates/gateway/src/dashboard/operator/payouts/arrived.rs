//! `/operator/payouts/arrived`: a payment on a merchant's own account has reached the merchant's bank, and no report of the provider says so.

use askama::Template;
use domain::ChargeId;
use domain::charge::State;
use domain::ledger::Owner;

use super::{ALL, ARRIVED, PATH};
use crate::app::accounts::sessions::Person;
use crate::app::provider_payouts::{ArrivedRefused, arrived, is_paid_out};
use crate::checkout::text::Text;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::operator::transfers::amount;
use crate::dashboard::operator::{actor, withheld};
use crate::dashboard::pages::Answer;
use crate::dashboard::words::Words;
use crate::store::charges::{self, ChargeRow};
use crate::store::{StoreError, Tx, merchants};

#[derive(Template)]
#[template(path = "dashboard/operator/payout_arrived.html")]
struct Page {
    f: Frame,
    here: &'static str,
    merchant: String,
    invoice: String,
    /// The payments of the invoice that was asked for.
    found: Option<Vec<Payment>>,
    charge: String,
    evidence: String,
    wrong: Option<Text>,
}

struct Payment {
    id: String,
    path: String,
    amount: String,
    provider: String,
    /// On the merchant's own account, paid, and not known to be at the merchant's bank.
    may: bool,
    badge: (&'static str, &'static str),
}

pub async fn page(ask: Ask, _: Person) -> Answer {
    let mut page = blank(&ask);
    let (Ok(number), Ok(invoice)) = (page.merchant.parse::<i64>(), page.invoice.parse::<i64>()) else {
        if page.merchant.is_empty() && page.invoice.is_empty() {
            return ask.show(&page);
        }
        page.wrong = Some(ask.w().text("wrong-numbers"));
        return ask.show_again(&page);
    };
    let read = |tx: &Tx<'_>| {
        let Some(merchant) = merchants::by_number(tx, number)? else { return Ok(None) };
        let rows = charges::of_invoice(tx, &merchant.id, invoice)?.into_iter();
        let known = |row: ChargeRow| Ok((is_paid_out(tx, &row.merchant_id, &row.charge.id)?, row));
        Ok::<_, StoreError>(Some(rows.map(known).collect::<Result<Vec<_>, StoreError>>()?))
    };
    let Some(rows) = ask.app().store.read(read).await? else {
        page.wrong = Some(ask.w().text("wrong-no-merchant"));
        return ask.show_again(&page);
    };
    page.found = Some(rows.into_iter().map(|(is_out, row)| payment(&ask, number, &row, is_out)).collect());
    ask.show(&page)
}

/// The page, with what was asked for or typed.
fn blank(ask: &Ask) -> Page {
    let typed = ask.form.text("charge");
    Page {
        f: ask.frame(ask.w().text("arrived-title").plain()).under(ask.w().text("nav-reports").plain(), PATH),
        here: ARRIVED,
        merchant: ask.query("merchant").to_owned(),
        invoice: ask.query("invoice").to_owned(),
        found: None,
        charge: if typed.is_empty() { ask.query("charge") } else { typed }.to_owned(),
        evidence: ask.form.text("evidence").to_owned(),
        wrong: None,
    }
}

fn payment(ask: &Ask, merchant: i64, row: &ChargeRow, is_out: bool) -> Payment {
    let charge = &row.charge;
    let money = charge.received.as_ref().unwrap_or(&charge.asked);
    let (may, badge) = match (charge.owner, charge.state) {
        (Owner::Operator, _) => (false, ("plain", "arrived-operators")),
        (_, State::Paid) if is_out => (false, ("good", "arrived-already")),
        (_, State::Paid) => (true, ("wait", "arrived-waits")),
        _ => (false, ("plain", "arrived-not-paid")),
    };
    Payment {
        id: charge.id.to_string(),
        path: withheld::path(merchant, &charge.id),
        amount: amount(ask.app(), &money.currency, money.units),
        provider: charge.provider.clone(),
        may,
        badge,
    }
}

/// `charge`, and as `evidence` what was seen.
pub async fn post(ask: Ask, person: Person) -> Answer {
    let Ok(charge) = ChargeId::parse(ask.form.text("charge")) else {
        return again(&ask, ask.w().text("wrong-no-charge"));
    };
    let (app, actor, evidence) = (ask.app().clone(), actor(&person), ask.form.text("evidence").to_owned());
    let act = move |tx: &Tx<'_>| arrived(&app, tx, &charge, &evidence, &actor);
    match ask.app().store.write(act).await {
        Ok(()) => {
            ask.app().wake.deliveries.notify_one();
            ask.app().wake.pages.notify_waiters();
            Ok(ask.go_saying(ALL, "flash-payout-arrived"))
        }
        Err(ArrivedRefused::Store(error)) => Err(error.into()),
        Err(why) => again(&ask, refused(ask.w(), &why)),
    }
}

fn again(ask: &Ask, wrong: Text) -> Answer {
    ask.show_again(&Page { wrong: Some(wrong), ..blank(ask) })
}

fn refused(w: Words, why: &ArrivedRefused) -> Text {
    w.text(match why {
        ArrivedRefused::Store(_) | ArrivedRefused::NoCharge(_) => "wrong-no-charge",
        ArrivedRefused::NoEvidence => "refused-no-evidence",
        ArrivedRefused::CardNumber => "wrong-card-number",
        ArrivedRefused::Operators => "refused-operators",
        ArrivedRefused::NotPaid(_) => "refused-not-paid",
        ArrivedRefused::Already => "refused-paid-out-already",
        ArrivedRefused::Touched => "refused-touched",
    })
}
