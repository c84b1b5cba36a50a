//! What a merchant should look at, counted up to a bound from the indexes of what is parked, claimed or fails.

use domain::MerchantId;

use super::tx::{StoreError, Tx, statements, values};

statements! {
    PAYMENTS = "SELECT count(*) AS n FROM (SELECT 1 FROM payments WHERE merchant_id = $1 AND placement <> 'credited' LIMIT $2) AS few";
    CHARGES = "SELECT count(*) AS n FROM (SELECT 1 FROM charges WHERE merchant_id = $1 AND placement <> 'credited' LIMIT $2) AS few";
    SURPLUSES = "SELECT count(*) AS n FROM (SELECT 1 FROM charges WHERE merchant_id = $1 AND surplus <> surplus_given_back LIMIT $2) AS few";
    CLAIMED = "SELECT count(*) AS n FROM (SELECT 1 FROM charges WHERE merchant_id = $1 AND state = 'claimed' LIMIT $2) AS few";
    FAILING = "SELECT count(*) AS n FROM (SELECT 1 FROM deliveries WHERE merchant_id = $1 AND state = 'due' AND failed > 0 LIMIT $2) AS few";
    GIVEN_UP = "SELECT count(*) AS n FROM (SELECT 1 FROM deliveries WHERE merchant_id = $1 AND state = 'parked' LIMIT $2) AS few";
}

/// Counts stop here: a page says "1,000 or more".
pub const AT_MOST: i64 = 1_000;

/// How many there are of each, [`AT_MOST`] at most.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Attention {
    /// Coins that came and count towards no invoice.
    pub parked_payments: i64,
    /// Payments at providers that count towards no invoice, second captures on one charge among them.
    pub parked_charges: i64,
    /// UPI payments that their payers say they have made: only the merchant knows.
    pub claimed_charges: i64,
    /// Callbacks that were not accepted and are tried again.
    pub failing_callbacks: i64,
    /// Callbacks that are not tried any more.
    pub given_up_callbacks: i64,
}

pub fn of(tx: &Tx<'_>, merchant: &MerchantId) -> Result<Attention, StoreError> {
    let count =
        |sql| Ok::<_, StoreError>(tx.row(sql, values![merchant.as_str(), AT_MOST], |row| row.int("n"))?.unwrap_or(0));
    Ok(Attention {
        parked_payments: count(PAYMENTS)?,
        parked_charges: count(CHARGES)?.saturating_add(count(SURPLUSES)?).min(AT_MOST),
        claimed_charges: count(CLAIMED)?,
        failing_callbacks: count(FAILING)?,
        given_up_callbacks: count(GIVEN_UP)?,
    })
}
