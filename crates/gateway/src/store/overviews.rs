//! What an operator looks through, over all merchants. Each list is bounded, and answered from an index or from the merchants alone.

use domain::Time;
use domain::merchant::Merchant;

use super::charges::ChargeRow;
use super::payments::PaymentRow;
use super::tx::{Row, StoreError, Tx, statements, values};
use super::wallet_changes::ChangeRow;
use super::{charges, merchants, payments, wallet_changes};

statements! {
    MERCHANTS = "SELECT * FROM merchants WHERE number > $1 ORDER BY number LIMIT $2";
    MERCHANTS_LIKE = "SELECT * FROM merchants WHERE number > $1 AND (lower(name) LIKE $2 ESCAPE '!' OR lower(email) LIKE $2 ESCAPE '!')
                      ORDER BY number LIMIT $3";
    NEWEST_MERCHANTS = "SELECT * FROM merchants ORDER BY number DESC LIMIT $1";
    WALLETS_TO_VALIDATE = "SELECT * FROM merchants WHERE wallet_state = 'pending' ORDER BY number LIMIT $1";
    WALLET_CHANGES = "SELECT * FROM wallet_changes WHERE state = 'waiting' ORDER BY effective_at LIMIT $1";
    PARKED_PAYMENTS = "SELECT * FROM payments WHERE placement <> 'credited' ORDER BY seen_at DESC LIMIT $1";
    PARKED_CHARGES = "SELECT * FROM charges WHERE placement <> 'credited' ORDER BY changed_at DESC LIMIT $1";
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
