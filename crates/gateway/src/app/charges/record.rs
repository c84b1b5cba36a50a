//! Recording what a provider says: state, entries, invoice, events and deliveries in one transaction. The only place where an answer
//! of a provider becomes a ledger entry.

use domain::attempt::QUOTE_GRACE_MILLIS;
use domain::charge::{Charge, Method, Money, Placement, State};
use domain::charge_books::{self, paid, paid_cause};
use domain::invoice::Failure;
use domain::ledger::{Draft, Reason, Unbalanced};
use domain::standing::Standing;
use domain::time::{DAY, MINUTE};
use domain::{MerchantId, Time};
use rails::provider::{Answer, Decline, Outcome, Proof};

use super::begin::lapse;
use super::{elsewhere, next_look, refunds};
use crate::app::invoices::{UNDECIDED_MILLIS, change_state};
use crate::app::payments::invoice as invoice_case;
use crate::app::providers::desk::changed_since;
use crate::app::{App, provider_payouts};
use crate::store::charges::{self, ChargeRow};
use crate::store::{StoreError, Tx, attempts, disputes, invoices, ledger, merchants, payments};
use crate::telemetry::decided::{Decided, decided};
use crate::telemetry::metrics;

/// A provider that knows nothing of a charge this long after it was sent will not know it later either.
const SURE_NOT_SENT_MILLIS: i64 = 10 * MINUTE;
/// How long after its price ran out an unpaid charge is still asked about.
const ASK_LAPSED_MILLIS: i64 = 3 * DAY;
/// How long a paid charge is asked about for refunds, disputes and reversals that nobody told us of, and how often.
const ASK_PAID_MILLIS: i64 = 180 * DAY;
const ASK_PAID_EVERY_MILLIS: i64 = DAY;

/// What was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// To begin the charge.
    Create,
    /// What became of it.
    Sync,
}

pub(super) fn unbalanced(error: Unbalanced) -> StoreError {
    StoreError::Inconsistent(error.to_string())
}

/// Records an answer about a charge.
pub fn answer(
    app: &App,
    tx: &Tx<'_>,
    row: &mut ChargeRow,
    answer: Answer,
    asked: Asked,
    now: Time,
) -> Result<(), StoreError> {
    if let Some(reference) = answer.reference {
        row.reference = Some(reference);
    }
    row.memory.extend(answer.memory);
    let was = row.charge.state;
    match answer.outcome {
        Outcome::Final(proof) if proof.reversed => reversed(tx, row, now)?,
        Outcome::Final(proof) => proven(app, tx, row, &proof, now)?,
        Outcome::NeedsPayer(todo) => {
            if become_(row, State::NeedsPayer, now) || row.charge.state == State::NeedsPayer {
                row.todo = Some(todo);
            }
        }
        Outcome::Pending => {
            become_(row, State::Pending, now);
        }
        Outcome::Declined(why) => {
            if become_(row, State::Declined, now) {
                row.decline = Some(why);
                row.todo = None;
            }
        }
        Outcome::NotSent(why) => not_sent(app, tx, row, why, asked, now)?,
        Outcome::Unknown(why) => row.note = Some(why),
        Outcome::Next => row.note = Some("begun at the provider; the payer has nothing to act on yet".into()),
    }
    if row.charge.state == was {
        row.asked = row.asked.saturating_add(1);
    }
    row.due_at = due_at(row, now);
    charges::update(tx, row)?;
    if row.charge.state != was {
        tracing::info!(
            invoice = row.invoice_number,
            charge = %row.charge.id,
            provider = row.charge.provider,
            state = row.charge.state.name(),
            "A charge has changed"
        );
    }
    after(app, tx, row, was, now)
}

/// Moves on, if that is a step there is.
fn become_(row: &mut ChargeRow, next: State, now: Time) -> bool {
    let may = row.charge.state.may_become(next);
    if may {
        row.charge.state = next;
        row.changed_at = now;
        row.asked = 0;
        row.note = None;
        let provider = row.charge.provider.clone();
        decided(Decided::Charge(metrics::Charge { provider, state: next.name() }));
    }
    may
}

/// From `create`: nothing was begun. From a sync it may only mean "not yet", as the request can still be on its way, or that other
/// credentials than those it was begun with open another account.
fn not_sent(
    app: &App,
    tx: &Tx<'_>,
    row: &mut ChargeRow,
    why: String,
    asked: Asked,
    now: Time,
) -> Result<(), StoreError> {
    let is_under_way = app.providers.is_sending(row.charge.id.as_str());
    let mut sure = asked == Asked::Create || (now.since(row.changed_at) >= SURE_NOT_SENT_MILLIS && !is_under_way);
    // nobody but the provider can say more: after so long the invoice is free again
    let in_doubt = asked == Asked::Sync && now.since(row.charge.created_at) < UNDECIDED_MILLIS;
    if sure && in_doubt && changed_since(tx, &row.charge.account_id, row.charge.created_at)? {
        sure = false;
    }
    if sure && row.charge.state != State::Lapsed {
        become_(row, State::NotSent, now);
    } else if sure {
        // a lapsed charge that the provider does not know is over for good
        row.charge.expires_at = row.charge.expires_at.min(now.plus(-ASK_LAPSED_MILLIS));
    }
    row.note = Some(why);
    Ok(())
}

/// When to ask next; `None` when nothing can come any more.
fn due_at(row: &ChargeRow, now: Time) -> Option<Time> {
    let look = next_look(now, row.asked);
    match row.charge.state {
        // a page may be open, and the payer in his app: never longer than a minute
        State::NeedsPayer => Some(look.min(now.plus(MINUTE))),
        State::Created | State::Unknown | State::Pending => Some(look.min(now.plus(5 * MINUTE))),
        State::Lapsed if now < row.charge.expires_at.plus(ASK_LAPSED_MILLIS) => Some(look),
        State::Paid if now < row.charge.created_at.plus(ASK_PAID_MILLIS) => {
            // soon after the payment there may be a review or a refund to learn of; later once a day
            Some(look.plus(if row.asked < 3 { 0 } else { ASK_PAID_EVERY_MILLIS }))
        }
        // UPI payments that failed may still come through
        State::Declined if row.charge.method == Method::Upi && now < row.charge.expires_at.plus(ASK_LAPSED_MILLIS) => {
            Some(look)
        }
        State::Declined if now < row.charge.expires_at => Some(look),
        _ => None,
    }
}

/// The provider says that the payer has paid.
fn proven(app: &App, tx: &Tx<'_>, row: &mut ChargeRow, proof: &Proof, now: Time) -> Result<(), StoreError> {
    let money = Money { units: proof.amount, currency: proof.currency.clone() };
    if row.card.is_none() {
        row.card.clone_from(&proof.card);
    }
    if row.charge.state != State::Paid {
        if money.units.is_zero() {
            row.note = Some("the provider says paid, and that nothing was taken".into());
            return Ok(());
        }
        keep_rrn(tx, row, proof.rrn.as_deref())?;
        credit(app, tx, row, money, now)?;
    } else if row.charge.received.as_ref() != Some(&money) {
        elsewhere::surplus(tx, row, &money, now)?;
    }
    if proof.held != row.charge.held {
        hold(tx, row, proof.held, now)?;
        row.asked = 0;
    }
    if let Some(total) = proof.refunded {
        elsewhere::refunded(tx, row, total, now)?;
    }
    Ok(())
}

/// Books proven money. The caller writes the row.
pub fn credit(app: &App, tx: &Tx<'_>, row: &mut ChargeRow, money: Money, now: Time) -> Result<(), StoreError> {
    let invoice = invoices::existing(tx, &row.merchant_id, row.invoice_number)?.invoice;
    let complete = standing(tx, row)?.covers(invoice.amount);
    let placement = row.charge.place(&money, invoice.state, complete);
    if placement != Placement::Credited {
        tracing::warn!(
            invoice = row.invoice_number,
            charge = %row.charge.id,
            placement = placement.name(),
            "A payment that counts towards no invoice was recorded and parked"
        );
    }
    // one that was reversed and is paid again may be placed elsewhere now
    let paid_out = if row.charge.round > 0 { provider_payouts::lift(tx, row, now)? } else { Vec::new() };
    become_(row, State::Paid, now);
    row.charge.received = Some(money);
    row.charge.placement = Some(placement);
    row.charge.round += 1;
    row.decline = None;
    row.todo = None;
    app.wake.providers.notify_one();
    app.wake.settlements.notify_one();
    enter(tx, row, &paid(&row.charge, row.invoice_number, now).map_err(unbalanced)?)?;
    provider_payouts::put_back(tx, row, paid_out, now)
}

/// Charges that were paid beyond the invoice count now that what covered it is gone: their entries are undone and made anew.
pub fn promote_extra(tx: &Tx<'_>, merchant: &MerchantId, invoice: i64, now: Time) -> Result<(), StoreError> {
    for mut row in charges::of_invoice(tx, merchant, invoice)? {
        let untouched = refunds::of_charge(tx, merchant, &row.charge.id)?.is_empty()
            && disputes::of_charge(tx, merchant, &row.charge.id)?.is_empty()
            && !row.charge.held;
        if row.charge.state == State::Paid && row.charge.placement == Some(Placement::Extra) && untouched {
            // what was booked as paid out left where the charge was placed: it moves with the charge
            let paid_out = provider_payouts::lift(tx, &row, now)?;
            undo_paid(tx, &row, now)?;
            row.charge.placement = Some(Placement::Credited);
            row.charge.round += 1;
            enter(tx, &row, &paid(&row.charge, row.invoice_number, now).map_err(unbalanced)?)?;
            provider_payouts::put_back(tx, &row, paid_out, now)?;
            charges::update(tx, &mut row)?;
        }
    }
    Ok(())
}

/// The opposite of the entry of a charge's last payment.
fn undo_paid(tx: &Tx<'_>, row: &ChargeRow, now: Time) -> Result<(), StoreError> {
    let cause = paid_cause(&row.charge.id, row.charge.round);
    let entry = ledger::by_cause(tx, &row.merchant_id, &cause)?
        .ok_or_else(|| StoreError::Inconsistent(format!("charge {} is paid but has no entry", row.charge.id)))?;
    let entry = entry.draft.reversal(format!("reversal:{cause}"), Reason::ChargeReversed, now);
    enter(tx, row, &entry)
}

/// Books what the merchant, or his bank's statement, confirms, and writes the row.
pub fn confirmed(app: &App, tx: &Tx<'_>, row: &mut ChargeRow, money: Money, now: Time) -> Result<(), StoreError> {
    let was = row.charge.state;
    credit(app, tx, row, money, now)?;
    charges::update(tx, row)?;
    after(app, tx, row, was, now)
}

/// An RRN is kept with the one charge it settles; a provider that names one twice is written down, not believed.
fn keep_rrn(tx: &Tx<'_>, row: &mut ChargeRow, rrn: Option<&str>) -> Result<(), StoreError> {
    let Some(rrn) = rrn else { return Ok(()) };
    let taken = charges::by_rrn(tx, &row.merchant_id, &row.charge.account_id, rrn)?;
    if taken.is_some_and(|other| other.charge.id != row.charge.id) {
        tracing::error!(charge = %row.charge.id, "A provider named an RRN that has settled another charge");
        row.note = Some("the provider named an RRN that has settled another charge".into());
    } else {
        row.rrn = Some(rrn.to_owned());
    }
    Ok(())
}

/// What the invoice's coins and its other charges come to.
fn standing(tx: &Tx<'_>, row: &ChargeRow) -> Result<Standing, StoreError> {
    let (merchant, number) = (&row.merchant_id, row.invoice_number);
    let attempts = attempts::of_invoice(tx, merchant, number)?;
    let seen: Vec<_> = payments::of_invoice(tx, merchant, number)?.into_iter().map(|row| row.payment).collect();
    let others: Vec<Charge> = super::of_invoice(tx, merchant, number)?;
    let others = others.iter().filter(|other| other.id != row.charge.id);
    Standing::of(&attempts, &seen)
        .and_then(|standing| standing.with_charges(others))
        .map_err(|error| StoreError::Inconsistent(error.to_string()))
}

fn reversed(tx: &Tx<'_>, row: &mut ChargeRow, now: Time) -> Result<(), StoreError> {
    if row.charge.state != State::Paid {
        if become_(row, State::Declined, now) {
            row.decline = Some(Decline::Refused);
        }
        return Ok(());
    }
    if row.charge.held {
        hold(tx, row, false, now)?;
    }
    undo_paid(tx, row, now)?;
    become_(row, State::Reversed, now);
    Ok(())
}

/// Moves the merchant's share to what is held back, or from there; nothing moves where the share is nothing.
fn hold(tx: &Tx<'_>, row: &mut ChargeRow, held: bool, now: Time) -> Result<(), StoreError> {
    row.holds += 1;
    row.charge.held = held;
    row.held_at = held.then_some(now);
    if charge_books::share(&row.charge).map_err(unbalanced)?.units.is_zero() {
        return Ok(());
    }
    let entry = charge_books::hold(&row.charge, held, row.holds, row.invoice_number, now).map_err(unbalanced)?;
    enter(tx, row, &entry)
}

/// Enters what cannot be there yet.
pub fn enter(tx: &Tx<'_>, row: &ChargeRow, entry: &Draft) -> Result<(), StoreError> {
    match ledger::enter(tx, &row.merchant_id, entry)? {
        true => Ok(()),
        false => Err(StoreError::Inconsistent(format!("the entry {} is there already", entry.cause))),
    }
}

/// What the invoice becomes of it.
fn after(app: &App, tx: &Tx<'_>, row: &ChargeRow, was: State, now: Time) -> Result<(), StoreError> {
    let state = row.charge.state;
    match state {
        State::Paid | State::Reversed => {
            // whoever is deciding on this invoice now, decides again
            invoices::touch(tx, &row.merchant_id, row.invoice_number)?;
            invoice_case::update(app, tx, &row.merchant_id, row.invoice_number, now)?;
            invoice_case::fail_lost(app, tx, &row.merchant_id, row.invoice_number, now)
        }
        // one that was given up, and then closed, says nothing of what the payer does instead
        State::Declined if !matches!(was, State::Declined | State::Lapsed) => match row.decline {
            Some(why) if !why.invites_another_try() => decline_invoice(app, tx, row, why, now),
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

/// The invoice is paid: what else was begun must not be paid too.
pub fn lapse_waiting(tx: &Tx<'_>, merchant: &MerchantId, invoice: i64, now: Time) -> Result<(), StoreError> {
    for mut row in charges::of_invoice(tx, merchant, invoice)? {
        if row.charge.state == State::NeedsPayer {
            lapse(tx, &mut row, "the invoice was paid another way", now)?;
        }
    }
    Ok(())
}

/// Fails the invoice of a declined charge, unless money was seen on it or another charge may still bring some.
pub fn decline_invoice(app: &App, tx: &Tx<'_>, row: &ChargeRow, why: Decline, now: Time) -> Result<(), StoreError> {
    let merchant = merchants::existing(tx, &row.merchant_id)?;
    let mut invoice = invoices::existing(tx, &merchant.id, row.invoice_number)?;
    let others = super::of_invoice(tx, &merchant.id, row.invoice_number)?;
    let open = |charge: &Charge| {
        charge.id != row.charge.id && (charge.state.is_unresolved() || charge.state == State::NeedsPayer)
    };
    // coins may be on their way to an address that was shown
    let shown = attempts::of_invoice(tx, &merchant.id, row.invoice_number)?;
    if shown.iter().any(|attempt| now <= attempt.quote_expires_at.plus(QUOTE_GRACE_MILLIS)) {
        return Ok(());
    }
    if !invoice.invoice.state.is_open() || !standing(tx, row)?.seen.is_zero() || others.iter().any(open) {
        return Ok(());
    }
    let failure = if why == Decline::Canceled { Failure::Canceled } else { Failure::Declined };
    if invoice.invoice.state == domain::invoice::State::Created {
        change_state(app, tx, &merchant, &mut invoice, domain::invoice::State::Opened, now)?;
    }
    change_state(app, tx, &merchant, &mut invoice, domain::invoice::State::Failed(failure), now)
}
