//! Invoices, and how many of them are in which state by day.

use domain::charge::Method;
use domain::invoice::{Failure, Invoice, State};
use domain::{InvoiceId, MerchantId, Time, Units};

use super::tx::{Row, StoreError, Tx, statements, values};
use super::volume;

statements! {
    INSERT = "INSERT INTO invoices (merchant_id, number, id, token_secret, email, amount, devise, state, payable_currency,
                callback_json, success_url, cancel_url, pending_url, failure_url, customer, customer_ip,
                created_at, created_day, status_at, last_event, version, solution, solution_name)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $17, $21, $22, $19, $20)";
    BY_NUMBER = "SELECT * FROM invoices WHERE merchant_id = $1 AND number = $2";
    UPDATE = "UPDATE invoices SET state = $3, failure = $4, status_at = $5, paid = $6, settle_tx_hash = $7,
                last_event = $8, version = version + 1
              WHERE merchant_id = $1 AND number = $2 AND version = $9";
    /// Days on which invoices wait to expire: the counters say where to look, so no index of open invoices is kept.
    OPEN_DAYS = "SELECT DISTINCT merchant_id, day FROM invoice_days
                 WHERE day <= $1 AND state IN ('created', 'opened') AND invoices > 0";
    OPEN_OF_DAY = "SELECT * FROM invoices WHERE merchant_id = $1 AND created_day = $2
                   AND state IN ('created', 'opened') AND created_at <= $3 ORDER BY number LIMIT 500";
    SET_CHOSEN = "UPDATE invoices SET chosen = $3, version = version + 1 WHERE merchant_id = $1 AND number = $2";
    TOUCH = "UPDATE invoices SET version = version + 1 WHERE merchant_id = $1 AND number = $2";
    COUNT_ALL = "SELECT count(*) AS invoices FROM invoices";
    SET_CUSTOMER_IP = "UPDATE invoices SET customer_ip = $3 WHERE merchant_id = $1 AND number = $2";
    LATEST_NUMBER = "SELECT max(number) AS number FROM invoices WHERE merchant_id = $1";
    ALL = "SELECT * FROM invoices WHERE merchant_id = $1 AND number > $2 ORDER BY number LIMIT 1000";
}

/// An invoice with what the merchant sent and what came of it.
#[derive(Debug, Clone)]
pub struct InvoiceRow {
    pub invoice: Invoice,
    /// The secret half of the page's token.
    pub token_secret: String,
    pub email: String,
    /// The only way the payer may pay, if the merchant chose.
    pub solution: Option<Solution>,
    /// The only provider or chain, by its name, if the merchant chose.
    pub solution_name: Option<String>,
    /// The way the payer chose last.
    pub chosen: Option<Solution>,
    /// The only asset the payer may choose, if the merchant chose.
    pub payable_currency: Option<String>,
    pub callback_json: Option<String>,
    pub success_url: Option<String>,
    pub cancel_url: Option<String>,
    pub pending_url: Option<String>,
    pub failure_url: Option<String>,
    /// Further customer data as JSON, as the merchant sent it.
    pub customer: Option<String>,
    pub customer_ip: Option<String>,
    pub paid: Option<Paid>,
    pub settle_tx_hash: Option<String>,
    pub last_event: i64,
    pub version: i64,
}

/// What was paid, in the coin of the last credited payment; known once the invoice is received.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Paid {
    /// Asset code and symbol.
    pub asset: String,
    pub symbol: String,
    pub decimals: u8,
    #[serde(with = "digits")]
    pub units: Units,
    #[serde(with = "digits")]
    pub merchant_units: Units,
    #[serde(with = "digits")]
    pub fee_units: Units,
    /// What the payer was charged by card or UPI, where one charge paid all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charged: Option<Charged>,
}

/// What a payer was charged at a provider.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Charged {
    /// ISO 4217.
    pub currency: String,
    #[serde(with = "digits")]
    pub units: Units,
}

/// A way of paying (contract: `payment_solution_type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Solution {
    Card,
    Upi,
    Crypto,
}

impl Solution {
    pub fn name(self) -> &'static str {
        match self {
            Solution::Card => "card",
            Solution::Upi => "upi",
            Solution::Crypto => "crypto",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Solution::Card, Solution::Upi, Solution::Crypto].into_iter().find(|solution| solution.name() == name)
    }
}

impl From<Method> for Solution {
    fn from(method: Method) -> Self {
        match method {
            // no charge pays out
            Method::Card | Method::Payout => Solution::Card,
            Method::Upi => Solution::Upi,
        }
    }
}

mod digits {
    use domain::Units;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(units: &Units, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&units.to_string())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Units, D::Error> {
        let text = String::deserialize(deserializer)?;
        Units::from_digits(&text).map_err(serde::de::Error::custom)
    }
}

pub fn state_columns(state: State) -> (&'static str, Option<&'static str>) {
    match state {
        State::Created => ("created", None),
        State::Opened => ("opened", None),
        State::Received => ("received", None),
        State::Settled => ("settled", None),
        State::Failed(Failure::Canceled) => ("failed", Some("canceled")),
        State::Failed(Failure::PaymentReversed) => ("failed", Some("payment_reversed")),
        State::Failed(Failure::Declined) => ("failed", Some("declined")),
        State::Expired => ("expired", None),
        State::Withheld => ("withheld", None),
        State::Chargeback => ("chargeback", None),
    }
}

pub fn state_from(state: &str, failure: Option<&str>) -> Option<State> {
    Some(match (state, failure) {
        ("created", None) => State::Created,
        ("opened", None) => State::Opened,
        ("received", None) => State::Received,
        ("settled", None) => State::Settled,
        ("failed", Some("canceled")) => State::Failed(Failure::Canceled),
        ("failed", Some("payment_reversed")) => State::Failed(Failure::PaymentReversed),
        ("failed", Some("declined")) => State::Failed(Failure::Declined),
        ("expired", None) => State::Expired,
        ("withheld", None) => State::Withheld,
        ("chargeback", None) => State::Chargeback,
        _ => return None,
    })
}

fn count(tx: &Tx<'_>, merchant: &MerchantId, day: i64, state: State, change: i64) -> Result<(), StoreError> {
    let group = tx.group().ok_or_else(|| StoreError::Inconsistent("a read counts nothing".into()))?;
    group.count_invoices(merchant.as_str(), day, state_columns(state).0, change);
    Ok(())
}

pub fn insert(tx: &Tx<'_>, row: &InvoiceRow) -> Result<(), StoreError> {
    let invoice = &row.invoice;
    tx.execute_one(
        INSERT,
        values![
            invoice.merchant_id.as_str(),
            invoice.number,
            invoice.id.as_str(),
            &row.token_secret,
            &row.email,
            &invoice.amount.to_string(),
            &invoice.devise,
            state_columns(invoice.state).0,
            row.payable_currency.as_deref(),
            row.callback_json.as_deref(),
            row.success_url.as_deref(),
            row.cancel_url.as_deref(),
            row.pending_url.as_deref(),
            row.failure_url.as_deref(),
            row.customer.as_deref(),
            row.customer_ip.as_deref(),
            invoice.created_at,
            invoice.created_at.day(),
            row.solution.map(Solution::name),
            row.solution_name.as_deref(),
            row.last_event,
            row.version,
        ],
    )?;
    count(tx, &invoice.merchant_id, invoice.created_at.day(), invoice.state, 1)
}

/// Writes what may change of an invoice; `was` is the state it had. Fails when somebody else changed the row meanwhile.
pub fn update(tx: &Tx<'_>, row: &InvoiceRow, was: State) -> Result<(), StoreError> {
    let invoice = &row.invoice;
    let (state, failure) = state_columns(invoice.state);
    let paid = row.paid.as_ref().map(serde_json::to_string).transpose();
    let paid = paid.map_err(|error| StoreError::Inconsistent(error.to_string()))?;
    tx.execute_one(
        UPDATE,
        values![
            invoice.merchant_id.as_str(),
            invoice.number,
            state,
            failure,
            invoice.status_at,
            paid.as_deref(),
            row.settle_tx_hash.as_deref(),
            row.last_event,
            row.version,
        ],
    )?;
    if was != invoice.state {
        count(tx, &invoice.merchant_id, invoice.created_at.day(), was, -1)?;
        count(tx, &invoice.merchant_id, invoice.created_at.day(), invoice.state, 1)?;
        volume::moved(tx, invoice, was)?;
    }
    Ok(())
}

pub(super) fn read(row: &Row<'_>) -> Result<InvoiceRow, StoreError> {
    let id = row.parsed("invoices", "id", "?", |text| InvoiceId::parse(text).ok())?;
    let failure = row.opt_text("failure")?;
    let paid = row.opt_text("paid")?;
    let damaged = |value: String| StoreError::Damaged { table: "invoices", column: "paid", id: id.to_string(), value };
    Ok(InvoiceRow {
        invoice: Invoice {
            merchant_id: row.parsed("invoices", "merchant_id", id.as_str(), |text| MerchantId::parse(text).ok())?,
            number: row.int("number")?,
            amount: row.parsed("invoices", "amount", id.as_str(), |text| Units::from_digits(text).ok())?,
            devise: row.text("devise")?,
            state: row.parsed("invoices", "state", id.as_str(), |text| state_from(text, failure.as_deref()))?,
            created_at: row.time("created_at")?,
            status_at: row.time("status_at")?,
            id: id.clone(),
        },
        token_secret: row.text("token_secret")?,
        email: row.text("email")?,
        solution: row.opt_text("solution")?.as_deref().and_then(Solution::from_name),
        solution_name: row.opt_text("solution_name")?,
        chosen: row.opt_text("chosen")?.as_deref().and_then(Solution::from_name),
        payable_currency: row.opt_text("payable_currency")?,
        callback_json: row.opt_text("callback_json")?,
        success_url: row.opt_text("success_url")?,
        cancel_url: row.opt_text("cancel_url")?,
        pending_url: row.opt_text("pending_url")?,
        failure_url: row.opt_text("failure_url")?,
        customer: row.opt_text("customer")?,
        customer_ip: row.opt_text("customer_ip")?,
        paid: paid.map(|text| serde_json::from_str(&text).map_err(|_| damaged(text))).transpose()?,
        settle_tx_hash: row.opt_text("settle_tx_hash")?,
        last_event: row.int("last_event")?,
        version: row.int("version")?,
    })
}

pub fn by_number(tx: &Tx<'_>, merchant: &MerchantId, number: i64) -> Result<Option<InvoiceRow>, StoreError> {
    tx.row(BY_NUMBER, values![merchant.as_str(), number], read)
}

/// An invoice that other rows refer to.
pub fn existing(tx: &Tx<'_>, merchant: &MerchantId, number: i64) -> Result<InvoiceRow, StoreError> {
    by_number(tx, merchant, number)?
        .ok_or_else(|| StoreError::Inconsistent(format!("invoice {number} of {merchant} is referred to but not there")))
}

/// Open invoices made at or before `made_by`, a bounded number of them.
pub fn open_since(tx: &Tx<'_>, made_by: Time) -> Result<Vec<InvoiceRow>, StoreError> {
    let days = tx.rows(OPEN_DAYS, values![made_by.day()], |row| Ok((row.text("merchant_id")?, row.int("day")?)))?;
    let mut found = Vec::new();
    for (merchant, day) in days {
        found.extend(tx.rows(OPEN_OF_DAY, values![&merchant, day, made_by], read)?);
    }
    Ok(found)
}

pub fn set_customer_ip(tx: &Tx<'_>, row: &InvoiceRow, ip: &str) -> Result<(), StoreError> {
    tx.execute_one(SET_CUSTOMER_IP, values![row.invoice.merchant_id.as_str(), row.invoice.number, ip])
}

/// Keeps which way the payer chose.
pub fn set_chosen(tx: &Tx<'_>, merchant: &MerchantId, number: i64, chosen: Solution) -> Result<(), StoreError> {
    tx.execute_one(SET_CHOSEN, values![merchant.as_str(), number, chosen.name()])
}

/// Counts the version up: whoever decided on what was known before has to decide again.
pub fn touch(tx: &Tx<'_>, merchant: &MerchantId, number: i64) -> Result<(), StoreError> {
    tx.execute_one(TOUCH, values![merchant.as_str(), number])
}

/// How many invoices there are in all; reads every row.
pub fn count_all(tx: &Tx<'_>) -> Result<i64, StoreError> {
    Ok(tx.row(COUNT_ALL, values![], |row| row.int("invoices"))?.unwrap_or(0))
}

pub fn latest_number(tx: &Tx<'_>, merchant: &MerchantId) -> Result<Option<i64>, StoreError> {
    Ok(tx.row(LATEST_NUMBER, values![merchant.as_str()], |row| row.opt_int("number"))?.flatten())
}

/// A merchant's invoices after `number`, oldest first, up to 1,000: for walking through all of them.
pub fn after(tx: &Tx<'_>, merchant: &MerchantId, number: i64) -> Result<Vec<InvoiceRow>, StoreError> {
    tx.rows(ALL, values![merchant.as_str(), number], read)
}
