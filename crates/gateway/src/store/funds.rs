//! Funds: coins that merchants say they sent to the treasury, and what of their worth is left.

use domain::ledger::EntryRate;
use domain::{MerchantId, Time, Units};

use super::events::Subject;
use super::payout_days::{self, Filter};
use super::tx::{Row, StoreError, Tx, statements, values};

statements! {
    INSERT = "INSERT INTO funds (merchant_id, number, asset, chain, units, tx_hash, merchant_data, state, rate_price, rate_source,
                rate_at, gross_minor, spread_minor, left_minor, created_at, created_day, status_at, due_at, deadline_at,
                last_event, version)
              VALUES ($1, $2, $3, $4, $5, $6, $7, 'pending', $8, $9, $10, $11, $12, '0', $13, $14, $13, $15, $16, $17, 1)";
    UPDATE = "UPDATE funds SET state = $4, failed_reason = $5, left_minor = $6, status_at = $7, credited_at = $8, due_at = $9,
                last_event = $10, rate_price = $11, rate_source = $12, rate_at = $13, gross_minor = $14, spread_minor = $15,
                version = version + 1
              WHERE merchant_id = $1 AND number = $2 AND version = $3";
    BY_NUMBER = "SELECT * FROM funds WHERE merchant_id = $1 AND number = $2";
    BY_TX = "SELECT * FROM funds WHERE chain = $1 AND tx_hash = $2 AND state <> 'failed'";
    CHAINS_DUE = "SELECT chain, min(due_at) AS longest FROM funds WHERE due_at <= $1 GROUP BY chain ORDER BY longest, chain";
    DUE = "SELECT * FROM funds WHERE chain = $1 AND due_at <= $2 ORDER BY due_at LIMIT $3";
    DUE_AND_THERE = "SELECT * FROM funds WHERE chain = $1 AND due_at <= $2
                       AND EXISTS (SELECT 1 FROM treasury_moves WHERE treasury_moves.chain = funds.chain
                         AND treasury_moves.tx_hash = funds.tx_hash AND direction = 'in' AND finality = 'final')
                     ORDER BY due_at LIMIT $3";
    LEFT_OVER = "SELECT * FROM funds WHERE merchant_id = $1 AND left_minor <> '0' ORDER BY number";
    CREDITED_BEFORE = "SELECT * FROM funds WHERE merchant_id = $1 AND state = 'success' AND number < $2 ORDER BY number DESC LIMIT 100";
    AFTER = "SELECT * FROM funds WHERE merchant_id = $1 AND number > $2 ORDER BY number LIMIT 500";
    DAY_ASC = "SELECT * FROM funds WHERE merchant_id = $1 AND created_day = $2 AND state IN ($3, $4, $5)
               ORDER BY number LIMIT $6 OFFSET $7";
    DAY_DESC = "SELECT * FROM funds WHERE merchant_id = $1 AND created_day = $2 AND state IN ($3, $4, $5)
                ORDER BY number DESC LIMIT $6 OFFSET $7";
    PENDING = "SELECT count(*) AS funds FROM funds WHERE merchant_id = $1 AND state = 'pending'";
    COUNT_ALL = "SELECT count(*) AS funds FROM funds";
}

/// Where a fund, or a payment out, stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Pending,
    Success,
    Failed,
}

impl State {
    pub const ALL: [State; 3] = [State::Pending, State::Success, State::Failed];

    pub fn name(self) -> &'static str {
        match self {
            State::Pending => "pending",
            State::Success => "success",
            State::Failed => "failed",
        }
    }

    pub fn from_name(name: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// A fund. What it is about never changes, only what becomes of it.
#[derive(Debug, Clone)]
pub struct FundRow {
    pub merchant_id: MerchantId,
    pub number: i64,
    /// An asset's code.
    pub asset: String,
    pub chain: String,
    pub units: Units,
    /// 0x and 64 hex digits, lower case.
    pub tx_hash: String,
    pub merchant_data: Option<String>,
    pub state: State,
    pub failed_reason: Option<String>,
    /// EUR for one coin, locked when it was made, or when it was credited if its coins came much later.
    pub rate: EntryRate,
    /// EUR cents that the coins are worth; the operator's part of it.
    pub gross: Units,
    pub spread: Units,
    /// EUR cents of it that are not paid out; zero unless it is credited.
    pub left: Units,
    pub created_at: Time,
    pub status_at: Time,
    pub credited_at: Option<Time>,
    /// When to look at it next: never for one that is over.
    pub due_at: Option<Time>,
    /// What has not come by then will not be waited for.
    pub deadline_at: Time,
    pub last_event: i64,
    pub version: i64,
}

impl FundRow {
    /// EUR cents that the merchant gets for it.
    pub fn net(&self) -> Units {
        self.gross.less(self.spread)
    }
}

/// Fails when a fund that has not failed has this transaction: look with [`by_tx`] first.
pub fn insert(tx: &Tx<'_>, row: &FundRow) -> Result<(), StoreError> {
    let day = row.created_at.day();
    tx.execute_one(
        INSERT,
        values![
            row.merchant_id.as_str(),
            row.number,
            &row.asset,
            &row.chain,
            &row.units.to_string(),
            &row.tx_hash,
            row.merchant_data.as_deref(),
            &row.rate.price,
            &row.rate.source,
            row.rate.at,
            &row.gross.to_string(),
            &row.spread.to_string(),
            row.created_at,
            day,
            row.due_at,
            row.deadline_at,
            row.last_event,
        ],
    )?;
    payout_days::count(tx, &row.merchant_id, Subject::Fund, day, row.state.name(), 1)
}

/// Writes what may change; `was` is the state that the counters have it in.
pub fn update(tx: &Tx<'_>, row: &mut FundRow, was: State) -> Result<(), StoreError> {
    tx.execute_one(
        UPDATE,
        values![
            row.merchant_id.as_str(),
            row.number,
            row.version,
            row.state.name(),
            row.failed_reason.as_deref(),
            &row.left.to_string(),
            row.status_at,
            row.credited_at,
            row.due_at,
            row.last_event,
            &row.rate.price,
            &row.rate.source,
            row.rate.at,
            &row.gross.to_string(),
            &row.spread.to_string(),
        ],
    )?;
    row.version += 1;
    if was != row.state {
        let day = row.created_at.day();
        payout_days::count(tx, &row.merchant_id, Subject::Fund, day, was.name(), -1)?;
        payout_days::count(tx, &row.merchant_id, Subject::Fund, day, row.state.name(), 1)?;
    }
    Ok(())
}

fn read(row: &Row<'_>) -> Result<FundRow, StoreError> {
    const TABLE: &str = "funds";
    let number = row.int("number")?;
    let id = number.to_string();
    let units = |column| row.parsed(TABLE, column, &id, |text| Units::from_digits(text).ok());
    Ok(FundRow {
        merchant_id: row.parsed(TABLE, "merchant_id", &id, |text| MerchantId::parse(text).ok())?,
        number,
        asset: row.text("asset")?,
        chain: row.text("chain")?,
        units: units("units")?,
        tx_hash: row.text("tx_hash")?,
        merchant_data: row.opt_text("merchant_data")?,
        state: row.parsed(TABLE, "state", &id, State::from_name)?,
        failed_reason: row.opt_text("failed_reason")?,
        rate: EntryRate { price: row.text("rate_price")?, source: row.text("rate_source")?, at: row.time("rate_at")? },
        gross: units("gross_minor")?,
        spread: units("spread_minor")?,
        left: units("left_minor")?,
        created_at: row.time("created_at")?,
        status_at: row.time("status_at")?,
        credited_at: row.opt_int("credited_at")?.map(Time),
        due_at: row.opt_int("due_at")?.map(Time),
        deadline_at: row.time("deadline_at")?,
        last_event: row.int("last_event")?,
        version: row.int("version")?,
    })
}

pub fn by_number(tx: &Tx<'_>, merchant: &MerchantId, number: i64) -> Result<Option<FundRow>, StoreError> {
    tx.row(BY_NUMBER, values![merchant.as_str(), number], read)
}

/// The fund, of any merchant, that has this transaction and has not failed.
pub fn by_tx(tx: &Tx<'_>, chain: &str, tx_hash: &str) -> Result<Option<FundRow>, StoreError> {
    tx.row(BY_TX, values![chain, tx_hash], read)
}

/// The chains that have something to look at now, longest due first.
pub fn chains_due(tx: &Tx<'_>, now: Time) -> Result<Vec<String>, StoreError> {
    tx.rows(CHAINS_DUE, values![now], |row| row.text("chain"))
}

/// What is to be looked at now on a chain.
pub fn due(tx: &Tx<'_>, chain: &str, now: Time, limit: i64) -> Result<Vec<FundRow>, StoreError> {
    tx.rows(DUE, values![chain, now, limit], read)
}

/// Those of them whose coins are there for good.
pub fn due_and_there(tx: &Tx<'_>, chain: &str, now: Time, limit: i64) -> Result<Vec<FundRow>, StoreError> {
    tx.rows(DUE_AND_THERE, values![chain, now, limit], read)
}

/// Those of which something is left, oldest first.
pub fn left_over(tx: &Tx<'_>, merchant: &MerchantId) -> Result<Vec<FundRow>, StoreError> {
    tx.rows(LEFT_OVER, values![merchant.as_str()], read)
}

/// Up to 100 credited ones before `number`, newest first.
pub fn credited_before(tx: &Tx<'_>, merchant: &MerchantId, number: i64) -> Result<Vec<FundRow>, StoreError> {
    tx.rows(CREDITED_BEFORE, values![merchant.as_str(), number], read)
}

/// Up to 500 after `number`: for walking through all.
pub fn after(tx: &Tx<'_>, merchant: &MerchantId, number: i64) -> Result<Vec<FundRow>, StoreError> {
    tx.rows(AFTER, values![merchant.as_str(), number], read)
}

/// A page, and how many match in all.
pub fn page(tx: &Tx<'_>, merchant: &MerchantId, filter: &Filter) -> Result<(Vec<FundRow>, i64), StoreError> {
    let (slices, total) = payout_days::slices(tx, merchant, Subject::Fund, filter)?;
    let (sql, mut page) = (if filter.newest_first { DAY_DESC } else { DAY_ASC }, Vec::new());
    let state = |index: usize| filter.states.get(index).copied();
    for part in slices {
        let id = merchant.as_str();
        let values = values![id, part.day, state(0), state(1), state(2), part.limit, part.skip];
        page.extend(tx.rows(sql, values, read)?);
    }
    Ok((page, total))
}

/// How many of a merchant's wait for the chain.
pub fn pending(tx: &Tx<'_>, merchant: &MerchantId) -> Result<i64, StoreError> {
    tx.row(PENDING, values![merchant.as_str()], |row| row.int("funds")).map(|count| count.unwrap_or(0))
}

/// How many there are in all; reads every row.
pub fn count_all(tx: &Tx<'_>) -> Result<i64, StoreError> {
    tx.row(COUNT_ALL, values![], |row| row.int("funds")).map(|count| count.unwrap_or(0))
}
