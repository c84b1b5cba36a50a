//! What a provider paid out to a merchant's own bank: asked for, matched with charges, booked. So an invoice that was paid on the
//! merchant's own account is settled. What does not match is kept with the reason, and shown.

use domain::card::contains_number;
use domain::charge::{Money, State};
use domain::ledger::{Owner, Reason, Unbalanced};
use domain::paid_out_books::{self as books, Line as BookLine};
use domain::time::{DAY, HOUR, MINUTE};
use domain::transfer::State as TransferState;
use domain::{AccountId, ChargeId, MerchantId, Time, Units};
use rails::provider::{Line, LineKind, Lines, LinesAsk, PaidOut, PaidOutState, Payouts, ReportAsk};

use super::acts::{self, Actor};
use super::charges::refunds;
use super::charges::review::about;
use super::lanes::Lanes;
use super::payments::invoice;
use super::providers::{OWN_VPA, Opened};
use super::transfers::acts::EVIDENCE_CHARS;
use super::{App, SharedApp};
use crate::store::charges::{self, ChargeRow};
use crate::store::disputes::{self, DisputeRow, DisputeState};
use crate::store::provider_payouts::{self, LineRow, LineState, PayoutRow};
use crate::store::{StoreError, Tx, ledger, provider_accounts};

/// Between two questions to an account.
const EVERY_MILLIS: i64 = HOUR;
/// After one that was not answered.
const AGAIN_MILLIS: i64 = 5 * MINUTE;
/// Payouts are looked at for so long: one that was paid may still fail.
const LOOK_BACK_MILLIS: i64 = 45 * DAY;
/// More pages than any honest list has.
const PAGES: usize = 200;

fn unbalanced(error: Unbalanced) -> StoreError {
    StoreError::Inconsistent(error.to_string())
}

/// So many accounts are asked at a time.
pub fn lanes() -> Lanes {
    Lanes::new(4, 1)
}

/// Begins to ask the accounts that are due. Each is put off first, so that of several nodes one asks it.
pub async fn look(app: &SharedApp, lanes: &mut Lanes) -> Result<(), StoreError> {
    let now = app.now();
    for (account, was) in app.store.read(|tx| provider_payouts::due(tx, now, 20)).await? {
        if lanes.free(account.as_str()) == 0 {
            continue;
        }
        let (id, next) = (account.clone(), now.plus(EVERY_MILLIS));
        if app.store.write(move |tx| provider_payouts::take(tx, &id, was, next)).await? {
            let (app, lane) = (app.clone(), account.to_string());
            lanes.start(&lane, &lane, async move { ask_one(&app, account, next).await });
        }
    }
    Ok(())
}

async fn ask_one(app: &SharedApp, account: AccountId, next: Time) {
    let Err(why) = ask(app, &account).await else { return };
    tracing::warn!(%account, why, "The provider's payouts could not be read");
    let (id, again) = (account.clone(), app.now().plus(AGAIN_MILLIS));
    if let Err(error) = app.store.write(move |tx| provider_payouts::take(tx, &id, next, again)).await {
        tracing::warn!(%account, %error, "The provider is asked again at its usual time only");
    }
}

async fn ask(app: &SharedApp, id: &AccountId) -> Result<(), String> {
    let row = app.store.read(|tx| provider_accounts::existing(tx, id)).await.map_err(|error| error.to_string())?;
    let Some(merchant) = row.merchant_id.clone().filter(|_| row.provider != OWN_VPA) else { return Ok(()) };
    let mut account = app.open_account(row).map_err(|error| error.to_string())?;
    if account.connector.report.is_none() {
        return Ok(());
    }
    let mut first_error = None;
    for payout in payouts(app, &mut account).await? {
        // one that cannot be read holds up no other
        if let Err(why) = take_in(app, &mut account, (&merchant, id), payout.clone()).await {
            let (worker, owner, id) = (app.clone(), merchant.clone(), id.clone());
            let note = format!("it could not be read: {why}");
            let write = move |tx: &Tx<'_>| put_down(&worker, tx, &owner, &id, &payout, Err(&note));
            if let Err(error) = app.store.write(write).await {
                tracing::error!(%merchant, %error, "A payout that could not be read could not be noted either");
            }
            first_error = first_error.or(Some(why));
        }
    }
    first_error.map_or(Ok(()), Err)
}

/// Reads what is in a payout, if it is not known yet, and records it.
async fn take_in(
    app: &SharedApp,
    account: &mut Opened,
    (merchant, id): (&MerchantId, &AccountId),
    payout: PaidOut,
) -> Result<(), String> {
    let known = app.store.read(|tx| provider_payouts::by_id(tx, merchant, id, &payout.id)).await;
    let known = known.map_err(|error: StoreError| error.to_string())?;
    // what did not fit may fit now: a charge that was not proven yet
    if known.is_some_and(|known| known.state == payout.state && !is_unfit(&known)) {
        return Ok(());
    }
    let lines = match payout.state {
        PaidOutState::Paid => lines(app, account, &payout.id).await?,
        PaidOutState::Pending | PaidOutState::Failed => Vec::new(),
    };
    let (worker, merchant, id) = (app.clone(), merchant.clone(), id.clone());
    let write = move |tx: &Tx<'_>| record(&worker, tx, &merchant, &id, &payout, &lines);
    app.store.write(write).await.map_err(|error| error.to_string())?;
    app.wake.deliveries.notify_one();
    app.wake.pages.notify_waiters();
    Ok(())
}

/// The account's payouts, all pages.
async fn payouts(app: &App, account: &mut Opened) -> Result<Vec<PaidOut>, String> {
    let Some(flows) = &account.connector.report else { return Ok(Vec::new()) };
    let since = app.now().plus(-LOOK_BACK_MILLIS);
    let (mut all, mut ask) = (Vec::new(), ReportAsk { since, after: None });
    for _ in 0..PAGES {
        let answer = account.ask(app, "payouts", |account| (flows.payouts.request)(account, &ask)).await;
        let answer = answer.map_err(|error| error.to_string())?;
        match (flows.payouts.response)(&account.account, &ask, &answer) {
            Payouts::Unknown(why) => return Err(why),
            Payouts::Seen { payouts, more } => {
                all.extend(payouts);
                if more.is_none() {
                    return Ok(all);
                }
                ask.after = more;
            }
        }
    }
    Err("the list of payouts does not end".into())
}

/// What is in a payout, all pages: a part of it would be booked as if it were all.
async fn lines(app: &App, account: &mut Opened, payout: &str) -> Result<Vec<Line>, String> {
    let Some(flows) = &account.connector.report else { return Ok(Vec::new()) };
    let (mut all, mut ask) = (Vec::new(), LinesAsk { payout: payout.to_owned(), after: None });
    for _ in 0..PAGES {
        let answer = account.ask(app, "payout", |account| (flows.lines.request)(account, &ask)).await;
        let answer = answer.map_err(|error| error.to_string())?;
        match (flows.lines.response)(&account.account, &ask, &answer) {
            Lines::Unknown(why) => return Err(why),
            Lines::Seen { lines, more } => {
                all.extend(lines);
                if more.is_none() {
                    return Ok(all);
                }
                ask.after = more;
            }
        }
    }
    Err(format!("payout {payout} does not end"))
}

/// Whether some of what was paid does not fit.
fn is_unfit(row: &PayoutRow) -> bool {
    row.state == PaidOutState::Paid && row.note.is_some()
}

/// Records what the provider says of a payout. The same said again changes nothing, but that lines which did not fit are looked at
/// again.
pub fn record(
    app: &App,
    tx: &Tx<'_>,
    merchant: &MerchantId,
    account: &AccountId,
    payout: &PaidOut,
    lines: &[Line],
) -> Result<(), StoreError> {
    put_down(app, tx, merchant, account, payout, Ok(lines))
}

/// `lines` is what is in it, or why that could not be read.
pub(super) fn put_down(
    app: &App,
    tx: &Tx<'_>,
    merchant: &MerchantId,
    account: &AccountId,
    payout: &PaidOut,
    lines: Result<&[Line], &str>,
) -> Result<(), StoreError> {
    let now = app.now();
    let known = provider_payouts::by_id(tx, merchant, account, &payout.id)?;
    if known.as_ref().is_some_and(|known| known.state == payout.state && !is_unfit(known)) {
        return Ok(());
    }
    let money = Money { units: payout.amount, currency: payout.currency.clone() };
    let was = known.as_ref().map(|known| known.state);
    let mut row = PayoutRow {
        merchant_id: merchant.clone(),
        account_id: account.clone(),
        payout_id: payout.id.clone(),
        state: payout.state,
        money: known.as_ref().map_or(money, |known| known.money.clone()),
        round: known.as_ref().map_or(0, |known| known.round),
        note: None,
        seen_at: known.as_ref().map_or(now, |known| known.seen_at),
        changed_at: now,
    };
    match payout.state {
        PaidOutState::Paid => {
            row.round += u32::from(was != Some(PaidOutState::Paid));
            provider_payouts::put(tx, &row)?;
            for line in lines.unwrap_or_default() {
                book(app, tx, &row, line, now)?;
            }
            let all = provider_payouts::lines(tx, &row)?;
            let parked = all.iter().filter(|line| line.state == LineState::Parked).count();
            row.note = match (parked, lines.map(<[Line]>::is_empty)) {
                (_, Err(why)) => Some(why.to_owned()),
                (0, Ok(false)) => None,
                (0, Ok(true)) => Some("the provider does not say what is in it".into()),
                (parked, _) => Some(format!("{parked} of {} lines do not fit", all.len())),
            };
        }
        PaidOutState::Failed if was == Some(PaidOutState::Paid) => {
            undo(tx, &row, now)?;
            row.note = Some("it had been paid, and failed: the money is at the provider again".into());
        }
        PaidOutState::Failed => row.note = Some("it failed".into()),
        PaidOutState::Pending if was == Some(PaidOutState::Paid) => undo(tx, &row, now)?,
        PaidOutState::Pending => {}
    }
    let known_note = known.and_then(|known| known.note);
    if let Some(why) = row.note.as_ref().filter(|why| known_note.as_ref() != Some(why)) {
        tracing::error!(%merchant, %account, payout = row.payout_id, why, "A payout of a provider needs somebody's eyes");
    }
    provider_payouts::put(tx, &row)
}

/// Books a line, or keeps it with the reason why not.
fn book(app: &App, tx: &Tx<'_>, payout: &PayoutRow, line: &Line, now: Time) -> Result<(), StoreError> {
    let earlier = provider_payouts::lines(tx, payout)?.into_iter().find(|known| known.line_id == line.id);
    let mut row = LineRow {
        merchant_id: payout.merchant_id.clone(),
        account_id: payout.account_id.clone(),
        payout_id: payout.payout_id.clone(),
        line_id: line.id.clone(),
        kind: line.kind,
        what: line.what.clone(),
        about: line.about.join(" "),
        money: Money { units: line.amount, currency: line.currency.clone() },
        charge_id: None,
        state: LineState::Other,
        round: earlier.as_ref().map_or(0, |known| known.round),
        note: None,
    };
    // the same line twice in one list
    if earlier.is_some_and(|known| known.state == LineState::Booked) {
        return Ok(());
    }
    if line.kind == LineKind::Other {
        return provider_payouts::put_line(tx, &row);
    }
    let charge = charge_of(tx, payout, line)?;
    row.charge_id = charge.as_ref().map(|row| row.charge.id.clone());
    let unfit = match &charge {
        None => Some("no charge of this gateway on this account".to_owned()),
        Some(charge) => unfit(tx, charge, &row)?,
    };
    let (Some(charge), None) = (charge, &unfit) else {
        (row.state, row.note) = (LineState::Parked, unfit);
        return provider_payouts::put_line(tx, &row);
    };
    (row.state, row.round) = (LineState::Booked, row.round + 1);
    provider_payouts::put_line(tx, &row)?;
    let entry = entry_of(&charge, &row, row.round, now).map_err(unbalanced)?;
    ledger::enter(tx, &row.merchant_id, &entry)?;
    invoice::update(app, tx, &row.merchant_id, charge.invoice_number, now)
}

/// The entry of a line's booking; the auditor makes the same.
pub fn entry_of(charge: &ChargeRow, row: &LineRow, round: u32, now: Time) -> Result<domain::ledger::Draft, Unbalanced> {
    let named = book_line(row, round);
    let back = matches!(row.kind, LineKind::Refund | LineKind::Dispute);
    books::entry(&charge.charge, &named, &row.money, back, charge.invoice_number, now)
}

/// What names a line in the books.
pub fn book_line(row: &LineRow, round: u32) -> BookLine<'_> {
    BookLine { account: row.account_id.as_str(), payout: &row.payout_id, line: &row.line_id, round }
}

fn charge_of(tx: &Tx<'_>, payout: &PayoutRow, line: &Line) -> Result<Option<ChargeRow>, StoreError> {
    let ours = |row: &ChargeRow| row.merchant_id == payout.merchant_id && row.charge.account_id == payout.account_id;
    for name in &line.about {
        let by_id = match ChargeId::parse(name) {
            Ok(id) => charges::by_id(tx, &payout.merchant_id, &id)?,
            Err(_) => None,
        };
        if let Some(found) = by_id.into_iter().chain(charges::about(tx, &payout.account_id, name)?).find(ours) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Why a line is not what the charge says.
fn unfit(tx: &Tx<'_>, charge: &ChargeRow, line: &LineRow) -> Result<Option<String>, StoreError> {
    let Some(received) = charge.charge.received.as_ref().filter(|_| charge.charge.state == State::Paid) else {
        return Ok(Some(format!("the charge is {} here", charge.charge.state.name())));
    };
    let booked = provider_payouts::of_charge(tx, &charge.merchant_id, &charge.charge.id)?;
    let booked = booked.into_iter().filter(|other| other.state == LineState::Booked && other.kind == line.kind);
    if line.money.currency != received.currency {
        return Ok(Some(format!("the report says {}, {} was received", line.money.currency, received.currency)));
    }
    if line.kind == LineKind::Charge {
        if let Some(other) = booked.into_iter().next() {
            return Ok(Some(format!("payout {} has this charge already", other.payout_id)));
        }
        let differs = line.money.units != received.units;
        return Ok(differs.then(|| format!("the report says {}, {} was received", line.money.units, received.units)));
    }
    let mut sum = line.money.units;
    for other in booked {
        sum = sum.plus(other.money.units).map_err(out_of_range)?;
    }
    let known = known(tx, charge, line.kind)?;
    Ok((sum > known).then(|| match line.kind {
        LineKind::Refund => format!("{sum} were kept for refunds, {known} were given back"),
        LineKind::RefundBack => format!("{sum} came for refunds that failed, {known} came back here"),
        LineKind::Dispute => format!("{sum} were kept for disputes, {known} were disputed"),
        LineKind::DisputeBack => format!("{sum} came for disputes that were won, {known} were won here"),
        LineKind::Charge | LineKind::Other => format!("{sum} came, {known} are known"),
    }))
}

fn out_of_range(error: domain::amount::AmountError) -> StoreError {
    StoreError::Inconsistent(error.to_string())
}

/// What the lines of a kind can come to at most, by what is known of the charge. What was given back, and came back, counts for both:
/// the provider keeps it first, and pays it out later.
pub(super) fn known(tx: &Tx<'_>, charge: &ChargeRow, kind: LineKind) -> Result<Units, StoreError> {
    let (merchant, id) = (&charge.merchant_id, &charge.charge.id);
    let mut known = if kind == LineKind::Refund { charge.refunded_elsewhere } else { Units::ZERO };
    let mut add = |units: Units, times: u32| {
        (0..times).try_for_each(|_| {
            known = known.plus(units).map_err(out_of_range)?;
            Ok::<_, StoreError>(())
        })
    };
    match kind {
        LineKind::Refund | LineKind::RefundBack => {
            for refund in refunds::of_charge(tx, merchant, id)? {
                let stands = kind == LineKind::RefundBack && refund.state == TransferState::Done;
                add(refund.units, refund.round.saturating_sub(u32::from(stands)))?;
            }
        }
        LineKind::Dispute | LineKind::DisputeBack => {
            for dispute in disputes::of_charge(tx, merchant, id)? {
                let stands = kind == LineKind::DisputeBack && dispute.state != DisputeState::Won;
                add(dispute.money.units, dispute.round.saturating_sub(u32::from(stands)))?;
            }
        }
        LineKind::Charge | LineKind::Other => {}
    }
    Ok(known)
}

/// The payout failed: what was booked of it lies at the provider again. An invoice that was settled by it stays so: the contract has
/// no way back.
fn undo(tx: &Tx<'_>, payout: &PayoutRow, now: Time) -> Result<(), StoreError> {
    for mut line in provider_payouts::lines(tx, payout)? {
        if line.state == LineState::Booked {
            undo_line(tx, &mut line, now)?;
        }
    }
    Ok(())
}

fn undo_line(tx: &Tx<'_>, line: &mut LineRow, now: Time) -> Result<(), StoreError> {
    let cause = books::cause(&book_line(line, line.round));
    let missing = || StoreError::Inconsistent(format!("the line {} has no entry {cause}", line.line_id));
    let entry = ledger::by_cause(tx, &line.merchant_id, &cause)?.ok_or_else(missing)?;
    let undone = entry.draft.reversal(format!("reversal:{cause}"), Reason::PaidOutReversed, now);
    ledger::enter(tx, &line.merchant_id, &undone)?;
    line.state = LineState::Undone;
    provider_payouts::put_line(tx, line)
}

/// A charge is about to be placed elsewhere: what was booked of it leaves the books until [`put_back`].
pub fn lift(tx: &Tx<'_>, charge: &ChargeRow, now: Time) -> Result<Vec<LineRow>, StoreError> {
    let mut lines = provider_payouts::of_charge(tx, &charge.merchant_id, &charge.charge.id)?;
    lines.retain(|line| line.state == LineState::Booked);
    for line in &mut lines {
        undo_line(tx, line, now)?;
    }
    Ok(lines)
}

/// Books again what was lifted, where the charge is placed now. What does not fit any more is parked.
pub fn put_back(tx: &Tx<'_>, charge: &ChargeRow, lines: Vec<LineRow>, now: Time) -> Result<(), StoreError> {
    for mut line in lines {
        let missing = || StoreError::Inconsistent(format!("the line {} is of no payout", line.line_id));
        let payout = provider_payouts::by_id(tx, &line.merchant_id, &line.account_id, &line.payout_id)?;
        let mut payout = payout.ok_or_else(missing)?;
        if let Some(why) = unfit(tx, charge, &line)? {
            // it was booked, and is not: as if its payout had failed
            let why = format!("the charge was placed anew, and {why}");
            tracing::error!(charge = %charge.charge.id, line = line.line_id, why, "A line of a payout needs somebody's eyes");
            (payout.note, line.note) = (Some(format!("line {}: {why}", line.line_id)), Some(why));
            provider_payouts::put(tx, &payout)?;
            provider_payouts::put_line(tx, &line)?;
            continue;
        }
        (line.state, line.round) = (LineState::Booked, line.round + 1);
        payout.round = payout.round.max(line.round);
        provider_payouts::put(tx, &payout)?;
        provider_payouts::put_line(tx, &line)?;
        let entry = entry_of(charge, &line, line.round, now).map_err(unbalanced)?;
        ledger::enter(tx, &line.merchant_id, &entry)?;
    }
    Ok(())
}

/// The merchant, or his bank's statement, said that a payment to his own VPA has come: it is at his bank, and no provider pays it out.
pub fn came_to_the_bank(app: &App, tx: &Tx<'_>, merchant: &MerchantId, charge: &ChargeId) -> Result<(), StoreError> {
    came(app, tx, merchant, charge, "confirmed")
}

fn came(app: &App, tx: &Tx<'_>, merchant: &MerchantId, charge: &ChargeId, what: &str) -> Result<(), StoreError> {
    let row = charges::existing(tx, merchant, charge)?;
    let Some(money) = row.charge.received.clone() else { return Ok(()) };
    let payout = PaidOut {
        id: format!("{what} {charge} {}", row.charge.round),
        state: PaidOutState::Paid,
        amount: money.units,
        currency: money.currency.clone(),
    };
    let line = Line {
        id: charge.to_string(),
        kind: LineKind::Charge,
        what: what.to_owned(),
        about: vec![charge.to_string()],
        amount: money.units,
        currency: money.currency,
    };
    record(app, tx, merchant, &row.charge.account_id, &payout, &[line])
}

#[derive(Debug, thiserror::Error)]
pub enum ArrivedRefused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("there is no charge {0}")]
    NoCharge(ChargeId),
    #[error(
        "say in {} to {} characters what shows that it arrived: a line of the bank's statement, for instance",
        EVIDENCE_CHARS.start(),
        EVIDENCE_CHARS.end()
    )]
    NoEvidence,
    #[error("the evidence holds a card number, and the log of acts is for ever: leave it out")]
    CardNumber,
    #[error("its money came to the operator's account: it reaches the merchant by a settlement")]
    Operators,
    #[error("it is {0}, not paid")]
    NotPaid(&'static str),
    #[error("it is booked as paid out already")]
    Already,
    #[error(
        "the provider holds it back, it is disputed, or money of it was given back: wait for the provider's report"
    )]
    Touched,
}

/// Somebody has seen that a charge on the merchant's own account has reached the merchant's bank, where no provider reports it. A charge
/// of which something was given back or disputed is refused: what the provider kept for that is not known. Whoever commits this wakes whoever
/// delivers callbacks.
pub fn arrived(app: &App, tx: &Tx<'_>, charge: &ChargeId, evidence: &str, actor: &Actor) -> Result<(), ArrivedRefused> {
    let evidence = evidence.trim();
    if !EVIDENCE_CHARS.contains(&evidence.chars().count()) {
        return Err(ArrivedRefused::NoEvidence);
    }
    if contains_number(evidence) {
        return Err(ArrivedRefused::CardNumber);
    }
    let row = charges::find(tx, charge)?.ok_or_else(|| ArrivedRefused::NoCharge(charge.clone()))?;
    if row.charge.owner != Owner::Merchant {
        return Err(ArrivedRefused::Operators);
    }
    if row.charge.state != State::Paid {
        return Err(ArrivedRefused::NotPaid(row.charge.state.name()));
    }
    if is_paid_out(tx, &row.merchant_id, charge)? {
        return Err(ArrivedRefused::Already);
    }
    let is_open = |dispute: &DisputeRow| dispute.state != DisputeState::Won;
    let given =
        refunds::given_back(tx, &row.merchant_id, charge)?.plus(row.refunded_elsewhere).map_err(out_of_range)?;
    if row.charge.held || !given.is_zero() || disputes::of_charge(tx, &row.merchant_id, charge)?.iter().any(is_open) {
        return Err(ArrivedRefused::Touched);
    }
    came(app, tx, &row.merchant_id, charge, "arrived")?;
    let said = (about(charge), evidence.to_owned());
    Ok(acts::record_for(app, tx, actor, &row.merchant_id, "provider.payout_arrived", said)?)
}

/// Whether a charge on the merchant's own account has reached the merchant's bank.
pub fn is_paid_out(tx: &Tx<'_>, merchant: &MerchantId, charge: &ChargeId) -> Result<bool, StoreError> {
    let lines = provider_payouts::of_charge(tx, merchant, charge)?;
    Ok(lines.iter().any(|line| line.kind == LineKind::Charge && line.state == LineState::Booked))
}
