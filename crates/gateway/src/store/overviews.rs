//! What an operator looks through, over all merchants. Each list is bounded, and answered from an index or from the merchants alone.

use domain::merchant::Merchant;
use domain::transfer::{Kind, State};
use domain::{MerchantId, Time, Units};

use super::charges::ChargeRow;
use super::disputes::{DisputeRow, DisputeState};
use super::payments::PaymentRow;
use super::provider_events::EventRow;
use super::provider_payouts::{LineRow, PayoutRow};
use super::settlements::SettlementRow;
use super::transfers::TransferRow;
use super::tx::{Row, StoreError, Tx, statements, values};
use super::wallet_changes::ChangeRow;
use super::{
    charges, disputes, merchants, payments, provider_events, provider_payouts, settlements, transfers, wallet_changes,
};

statements! {
    MERCHANTS = "SELECT * FROM merchants WHERE number > $1 ORDER BY number LIMIT $2";
    MERCHANTS_LIKE = "SELECT * FROM merchants WHERE number > $1 AND (lower(name) LIKE $2 ESCAPE '!' OR lower(email) LIKE $2 ESCAPE '!')
                      ORDER BY number LIMIT $3";
    NEWEST_MERCHANTS = "SELECT * FROM merchants ORDER BY number DESC LIMIT $1";
    WALLETS_TO_VALIDATE = "SELECT * FROM merchants WHERE wallet_state = 'pending' ORDER BY number LIMIT $1";
    WALLET_CHANGES = "SELECT * FROM wallet_changes WHERE state = 'waiting' ORDER BY effective_at LIMIT $1";
    PARKED_PAYMENTS = "SELECT * FROM payments WHERE placement <> 'credited' ORDER BY seen_at DESC LIMIT $1";
    PARKED_CHARGES = "SELECT * FROM charges WHERE placement <> 'credited' ORDER BY changed_at DESC LIMIT $1";
    SURPLUSES = "SELECT * FROM charges WHERE surplus <> surplus_given_back ORDER BY changed_at DESC LIMIT $1";
    HELD_CHARGES = "SELECT * FROM charges WHERE held = 1 AND (held_at, id) > ($1, $2) ORDER BY held_at, id LIMIT $3";
    DISPUTES = "SELECT * FROM disputes WHERE state = $1 AND (opened_at, charge_id, reference) < ($2, $3, $4)
                ORDER BY opened_at DESC, charge_id DESC, reference DESC LIMIT $5";
    DISPUTES_DUE = "SELECT * FROM disputes WHERE state = 'open' AND evidence_due_at IS NOT NULL
                    AND (evidence_due_at, charge_id, reference) > ($1, $2, $3) ORDER BY evidence_due_at, charge_id, reference LIMIT $4";
    DISPUTES_UNDATED = "SELECT * FROM disputes WHERE state = 'open' AND evidence_due_at IS NULL
                        AND (opened_at, charge_id, reference) < ($1, $2, $3)
                        ORDER BY opened_at DESC, charge_id DESC, reference DESC LIMIT $4";
    TRANSFERS = "SELECT * FROM transfers WHERE id < $1 ORDER BY id DESC LIMIT $2";
    TRANSFERS_OF_IN = "SELECT * FROM transfers WHERE kind = $1 AND state = $2 AND id < $3 ORDER BY id DESC LIMIT $4";
    SETTLEMENTS = "SELECT * FROM settlements WHERE number < $1 ORDER BY number DESC LIMIT $2";
    SETTLEMENTS_IN = "SELECT * FROM settlements WHERE state <> 'done' AND state = $1 AND number < $2 ORDER BY number DESC LIMIT $3";
    PARKED_LINES = "SELECT * FROM provider_payout_lines WHERE state = 'parked'
                    AND (merchant_id, account_id, payout_id, line_id) > ($1, $2, $3, $4)
                    ORDER BY merchant_id, account_id, payout_id, line_id LIMIT $5";
    PROVIDER_PAYOUTS = "SELECT * FROM provider_payouts WHERE (seen_at, merchant_id, account_id, payout_id) < ($1, $2, $3, $4)
                        ORDER BY seen_at DESC, merchant_id DESC, account_id DESC, payout_id DESC LIMIT $5";
    NOTED_PAYOUTS = "SELECT * FROM provider_payouts WHERE note IS NOT NULL
                     AND (seen_at, merchant_id, account_id, payout_id) < ($1, $2, $3, $4)
                     ORDER BY seen_at DESC, merchant_id DESC, account_id DESC, payout_id DESC LIMIT $5";
    UNPLACED_EVENTS = "SELECT * FROM provider_events WHERE charges = 0
                       AND (received_at, merchant_id, account_id, event_id) < ($1, $2, $3, $4)
                       ORDER BY received_at DESC, merchant_id DESC, account_id DESC, event_id DESC LIMIT $5";
    GIVEN_UP = "SELECT merchant_id FROM deliveries WHERE state = 'parked' AND merchant_id > $1 ORDER BY merchant_id LIMIT $2";
    /// A row for each merchant that was ever paid in a coin.
    TREASURY_BOOKS = "SELECT asset, debit, credit FROM ledger_accounts WHERE owner = 'operator' AND kind = 'treasury' ORDER BY asset";
}

/// A merchant, and since when there is one.
#[derive(Debug, Clone)]
pub struct Listed {
    pub merchant: Merchant,
    pub created_at: Time,
}

fn listed(row: &Row<'_>) -> Result<Listed, StoreError> {
    Ok(Listed { merchant: merchants::merchant(row)?, created_at: row.time("created_at")? })
}

/// Up to `limit` after number `after` whose name or e-mail holds `part`, whatever its capitals; all for an empty one.
pub fn merchants(tx: &Tx<'_>, part: &str, after: i64, limit: i64) -> Result<Vec<Listed>, StoreError> {
    if part.is_empty() {
        return tx.rows(MERCHANTS, values![after, limit], listed);
    }
    tx.rows(MERCHANTS_LIKE, values![after, &like(part), limit], listed)
}

/// A pattern for what holds `part`. Both databases make small letters of A to Z; of others at least one does not.
fn like(part: &str) -> String {
    let mut pattern = String::from("%");
    for c in part.to_ascii_lowercase().chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern + "%"
}

pub fn newest_merchants(tx: &Tx<'_>, limit: i64) -> Result<Vec<Listed>, StoreError> {
    tx.rows(NEWEST_MERCHANTS, values![limit], listed)
}

/// Those whose first wallet waits for the operator.
pub fn wallets_to_validate(tx: &Tx<'_>, limit: i64) -> Result<Vec<Merchant>, StoreError> {
    tx.rows(WALLETS_TO_VALIDATE, values![limit], merchants::merchant)
}

/// Changes of wallets that wait for their time, the next first.
pub fn wallet_changes(tx: &Tx<'_>, limit: i64) -> Result<Vec<ChangeRow>, StoreError> {
    tx.rows(WALLET_CHANGES, values![limit], wallet_changes::read)
}

/// Coins that count towards no invoice, the newest first.
pub fn parked_payments(tx: &Tx<'_>, limit: i64) -> Result<Vec<PaymentRow>, StoreError> {
    tx.rows(PARKED_PAYMENTS, values![limit], payments::read)
}

/// Card and UPI payments that count towards no invoice, the newest first.
pub fn parked_charges(tx: &Tx<'_>, limit: i64) -> Result<Vec<ChargeRow>, StoreError> {
    tx.rows(PARKED_CHARGES, values![limit], charges::charge)
}

/// Payments of which the provider took more than once and has not given all of that back, the newest first.
pub fn surpluses(tx: &Tx<'_>, limit: i64) -> Result<Vec<ChargeRow>, StoreError> {
    tx.rows(SURPLUSES, values![limit], charges::charge)
}

/// Card and UPI payments that providers hold back, the longest first: those after the last one of a page.
pub fn held_charges(tx: &Tx<'_>, (since, id): (Time, &str), limit: i64) -> Result<Vec<ChargeRow>, StoreError> {
    tx.rows(HELD_CHARGES, values![since, id, limit], charges::charge)
}

/// The last one of a page of disputes: opened when, of which charge, under which reference.
pub type LastDispute<'a> = (Time, &'a str, &'a str);

/// Disputes in a state, the newest first.
pub fn disputes(
    tx: &Tx<'_>,
    state: DisputeState,
    (opened_at, charge, reference): LastDispute<'_>,
    limit: i64,
) -> Result<Vec<DisputeRow>, StoreError> {
    tx.rows(DISPUTES, values![state.name(), opened_at, charge, reference, limit], disputes::read)
}

/// Open disputes after `last`: what evidence is due for soonest first, then, newest first, those of which no date is known. `due` is whether
/// the last one had a date.
pub fn open_disputes(
    tx: &Tx<'_>,
    due: bool,
    (at, charge, reference): LastDispute<'_>,
    limit: i64,
) -> Result<Vec<DisputeRow>, StoreError> {
    if !due {
        return tx.rows(DISPUTES_UNDATED, values![at, charge, reference, limit], disputes::read);
    }
    let mut rows = tx.rows(DISPUTES_DUE, values![at, charge, reference, limit], disputes::read)?;
    let rest = limit.saturating_sub(i64::try_from(rows.len()).unwrap_or(i64::MAX));
    if rest > 0 {
        rows.extend(tx.rows(DISPUTES_UNDATED, values![Time(i64::MAX), "", "", rest], disputes::read)?);
    }
    Ok(rows)
}

/// Transfers of a kind and in a state, or of all, the newest first: those made before the one with this id. Of one kind, or in one state, they
/// are put together from each state or kind: an index by state alone would be taken for what workers look for.
pub fn transfers(
    tx: &Tx<'_>,
    kind: Option<Kind>,
    state: Option<State>,
    before: &str,
    limit: i64,
) -> Result<Vec<TransferRow>, StoreError> {
    if (kind, state) == (None, None) {
        return tx.rows(TRANSFERS, values![before, limit], transfers::read);
    }
    let mut rows = Vec::new();
    for (of, name) in Kind::ALL {
        for (its, state_name) in State::ALL {
            if kind.is_none_or(|kind| kind == of) && state.is_none_or(|state| state == its) {
                rows.extend(tx.rows(TRANSFERS_OF_IN, values![name, state_name, before, limit], transfers::read)?);
            }
        }
    }
    rows.sort_by(|one, other| other.id.cmp(&one.id));
    rows.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(rows)
}

/// Settlements of all merchants, the newest first: all, or those in a state that is not `Done`.
pub fn settlements(
    tx: &Tx<'_>,
    state: Option<settlements::State>,
    before: i64,
    limit: i64,
) -> Result<Vec<SettlementRow>, StoreError> {
    match state {
        None => tx.rows(SETTLEMENTS, values![before, limit], settlements::settlement),
        Some(state) => tx.rows(SETTLEMENTS_IN, values![state.name(), before, limit], settlements::settlement),
    }
}

/// The last one of a page of what providers say: whose it is, of which account, and its id. Of a line, its payout's.
pub type LastSaid<'a> = (&'a str, &'a str, &'a str);

/// Lines of providers' payouts that fit nothing, by merchant, account and payout: those after the last one of a page.
pub fn parked_lines(
    tx: &Tx<'_>,
    (merchant, account, payout): LastSaid<'_>,
    line: &str,
    limit: i64,
) -> Result<Vec<LineRow>, StoreError> {
    tx.rows(PARKED_LINES, values![merchant, account, payout, line, limit], provider_payouts::read_line)
}

/// Providers' payouts of all merchants, the newest first: all, or only those that need somebody's eyes.
pub fn provider_payouts(
    tx: &Tx<'_>,
    is_noted: bool,
    seen_at: Time,
    (merchant, account, payout): LastSaid<'_>,
    limit: i64,
) -> Result<Vec<PayoutRow>, StoreError> {
    let sql = if is_noted { NOTED_PAYOUTS } else { PROVIDER_PAYOUTS };
    tx.rows(sql, values![seen_at, merchant, account, payout, limit], provider_payouts::read)
}

/// Callbacks of providers with a right signature that are about no charge, the newest first.
pub fn unplaced_events(
    tx: &Tx<'_>,
    received_at: Time,
    (merchant, account, event): LastSaid<'_>,
    limit: i64,
) -> Result<Vec<EventRow>, StoreError> {
    tx.rows(UNPLACED_EVENTS, values![received_at, merchant, account, event, limit], provider_events::event)
}

/// Whose the callbacks are that were given up, from after a merchant on: its id once for each of them.
pub fn given_up(tx: &Tx<'_>, after: &str, limit: i64) -> Result<Vec<MerchantId>, StoreError> {
    tx.rows(GIVEN_UP, values![after, limit], |row| {
        row.parsed("deliveries", "merchant_id", "?", |text| MerchantId::parse(text).ok())
    })
}

/// What the treasury holds as each merchant's book has it: coin, debit, credit.
pub fn treasury_books(tx: &Tx<'_>) -> Result<Vec<(String, Units, Units)>, StoreError> {
    tx.rows(TREASURY_BOOKS, values![], |row| {
        let asset = row.text("asset")?;
        let units = |column| row.parsed("ledger_accounts", column, &asset, |text| Units::from_digits(text).ok());
        let (debit, credit) = (units("debit")?, units("credit")?);
        Ok((asset, debit, credit))
    })
}
