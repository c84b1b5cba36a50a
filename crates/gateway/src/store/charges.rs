//! Charges: payment attempts at providers.

use domain::charge::{Charge, Method, Money, Placement, Settle, State};
use domain::fee::BasisPoints;
use domain::ledger::Owner;
use domain::rate::Rate;
use domain::{AccountId, ChargeId, MerchantId, Time, Units};
use rails::provider::{Decline, Device, Memory, NeedsPayer};

use super::sql::Sql;
use super::tx::{Row, StoreError, Tx, Value, statements, values};

statements! {
    INSERT = "INSERT INTO charges (merchant_id, id, invoice_number, account_id, owner, provider, method, units, currency, due_minor,
                rate_price, rate_source, rate_at, settle_asset, settle_units, fee_bps, device, state, memory, held, holds,
                refunded_elsewhere, surplus, round, created_at, expires_at, changed_at, due_at, asked, version)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, '{}', 0, 0, '0', '0', 0, $19, $20,
                $19, $21, 0, 1)";
    UPDATE = "UPDATE charges SET state = $4, decline = $5, note = $6, reference = $7, memory = $8, todo = $9, rrn = $10,
                claimed_rrn = $11, card = $12, received_units = $13, received_currency = $14, placement = $15, held = $16,
                holds = $17, refunded_elsewhere = $18, round = $19, changed_at = $20, due_at = $21, asked = $22,
                surplus = $23, surplus_given_back = $24, held_at = $25, version = version + 1
              WHERE merchant_id = $1 AND id = $2 AND version = $3";
    BY_ID = "SELECT * FROM charges WHERE merchant_id = $1 AND id = $2";
    FIND = "SELECT * FROM charges WHERE id = $1";
    OF_INVOICE = "SELECT * FROM charges WHERE merchant_id = $1 AND invoice_number = $2 ORDER BY created_at, id";
    OF_SETTLEMENT = "SELECT * FROM charges WHERE merchant_id = $1 AND id IN
                     (SELECT i.charge_id FROM settlement_items i WHERE i.merchant_id = $1 AND i.number = $2)";
    /// A callback names our id or the provider's; whose the charge is, only the account says.
    BY_OUR_ID = "SELECT * FROM charges WHERE id = $2 AND account_id = $1";
    BY_REFERENCE = "SELECT * FROM charges WHERE account_id = $1 AND reference = $2";
    DUE = "SELECT * FROM charges WHERE due_at <= $1 ORDER BY due_at LIMIT $2";
    BY_RRN = "SELECT * FROM charges WHERE merchant_id = $1 AND account_id = $2 AND rrn = $3";
    RECENT = "SELECT * FROM charges WHERE merchant_id = $1 AND account_id = $2 AND created_at >= $3 ORDER BY created_at, id";
    TO_CONFIRM = "SELECT * FROM charges WHERE merchant_id = $1 AND account_id = $2 AND created_at >= $3
                  AND state IN ('needs_payer', 'claimed', 'lapsed') ORDER BY created_at, id";
    PARKED = "SELECT * FROM charges WHERE merchant_id = $1 AND placement <> 'credited' ORDER BY changed_at DESC LIMIT $2";
    /// What was taken beyond a charge and is not given back.
    SURPLUSES = "SELECT * FROM charges WHERE merchant_id = $1 AND surplus <> surplus_given_back ORDER BY changed_at DESC LIMIT $2";
    PARKED_PAGE = "SELECT * FROM charges WHERE merchant_id = $1 AND placement <> 'credited' AND changed_at <= $2
                   AND (changed_at, id) < ($2, $3) ORDER BY changed_at DESC, id DESC LIMIT $4";
    CLAIMED = "SELECT * FROM charges WHERE merchant_id = $1 AND state = 'claimed' AND (changed_at, id) > ($2, $3)
               ORDER BY changed_at, id LIMIT $4";
    TO_SETTLE = "SELECT * FROM charges WHERE merchant_id = $1 AND state = 'paid' AND placement = 'credited' AND settled = 0
                 ORDER BY created_at, id";
    MERCHANTS_TO_SETTLE = "SELECT DISTINCT merchant_id FROM charges WHERE state = 'paid' AND placement = 'credited' AND settled = 0
                           AND owner = 'operator' AND settle_asset IS NOT NULL AND merchant_id > $1 ORDER BY merchant_id LIMIT 100";
    SET_SETTLED = "UPDATE charges SET settled = $3 WHERE merchant_id = $1 AND id = $2";
    COUNT_ALL = "SELECT count(*) AS charges FROM charges";
}

/// A charge with what its connector and its worker need.
#[derive(Debug, Clone)]
pub struct ChargeRow {
    pub merchant_id: MerchantId,
    pub invoice_number: i64,
    pub charge: Charge,
    pub device: Device,
    pub decline: Option<Decline>,
    /// What was seen last, in words.
    pub note: Option<String>,
    /// The provider's id.
    pub reference: Option<String>,
    pub memory: Memory,
    pub todo: Option<NeedsPayer>,
    /// Of proven money alone.
    pub rrn: Option<String>,
    /// What the payer says.
    pub claimed_rrn: Option<String>,
    pub card: Option<domain::card::ShownCard>,
    /// How many times the provider began or ended holding it back.
    pub holds: u32,
    /// Since when it holds it back; nothing where it does not, or began before this was written down.
    pub held_at: Option<Time>,
    /// Minor units of `received` that somebody gave back at the provider, without a refund of ours.
    pub refunded_elsewhere: Units,
    /// Minor units that the provider took beyond `received`.
    pub surplus: Units,
    /// Minor units of the surplus that were given back there.
    pub surplus_given_back: Units,
    pub changed_at: Time,
    /// When the provider is to be asked next.
    pub due_at: Option<Time>,
    /// How often it was asked since the last change.
    pub asked: u32,
    pub version: i64,
}

impl ChargeRow {
    /// A charge that nobody was told of yet.
    pub fn begun(merchant_id: MerchantId, invoice_number: i64, charge: Charge, device: Device) -> Self {
        Self {
            merchant_id,
            invoice_number,
            changed_at: charge.created_at,
            charge,
            device,
            decline: None,
            note: None,
            reference: None,
            memory: Memory::new(),
            todo: None,
            rrn: None,
            claimed_rrn: None,
            card: None,
            holds: 0,
            held_at: None,
            refunded_elsewhere: Units::ZERO,
            surplus: Units::ZERO,
            surplus_given_back: Units::ZERO,
            due_at: None,
            asked: 0,
            version: 1,
        }
    }

    /// What was taken beyond the charge and is still parked.
    pub fn surplus_left(&self) -> Units {
        self.surplus.less(self.surplus_given_back)
    }
}

pub fn device_name(device: Device) -> &'static str {
    match device {
        Device::Phone => "phone",
        Device::Other => "other",
    }
}

pub fn insert(tx: &Tx<'_>, row: &ChargeRow) -> Result<(), StoreError> {
    let charge = &row.charge;
    let rate = charge.rate.as_ref();
    let (price, settle_units) =
        (rate.map(|rate| rate.price.to_string()), charge.settle.as_ref().map(|settle| settle.units.to_string()));
    tx.execute_one(
        INSERT,
        values![
            row.merchant_id.as_str(),
            charge.id.as_str(),
            row.invoice_number,
            charge.account_id.as_str(),
            charge.owner.name(),
            &charge.provider,
            charge.method.name(),
            &charge.asked.units.to_string(),
            &charge.asked.currency,
            &charge.due_minor.to_string(),
            price.as_ref(),
            rate.map(|rate| &rate.source),
            rate.map(|rate| rate.at),
            charge.settle.as_ref().map(|settle| &settle.asset),
            settle_units.as_ref(),
            i64::from(charge.fee.get()),
            device_name(row.device),
            charge.state.name(),
            charge.created_at,
            charge.expires_at,
            row.due_at,
        ],
    )
}

fn json<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Inconsistent(error.to_string()))
}

/// Writes back what may change; refused when somebody else has written since it was read.
pub fn update(tx: &Tx<'_>, row: &mut ChargeRow) -> Result<(), StoreError> {
    let charge = &row.charge;
    let decline = row.decline.as_ref().map(json).transpose()?;
    let (memory, todo) = (json(&row.memory)?, row.todo.as_ref().map(json).transpose()?);
    let card = row.card.as_ref().map(json).transpose()?;
    let received = charge.received.as_ref().map(|money| money.units.to_string());
    // the column holds all of it: so does a release before
    let refunded_elsewhere = row.refunded_elsewhere.plus(row.surplus_given_back);
    let refunded_elsewhere = refunded_elsewhere.map_err(|error| StoreError::Inconsistent(error.to_string()))?;
    tx.execute_one(
        UPDATE,
        values![
            row.merchant_id.as_str(),
            charge.id.as_str(),
            row.version,
            charge.state.name(),
            decline.as_deref(),
            row.note.as_deref(),
            row.reference.as_deref(),
            &memory,
            todo.as_deref(),
            row.rrn.as_deref(),
            row.claimed_rrn.as_deref(),
            card.as_deref(),
            received.as_deref(),
            charge.received.as_ref().map(|money| &money.currency),
            charge.placement.map(Placement::name),
            charge.held,
            i64::from(row.holds),
            &refunded_elsewhere.to_string(),
            i64::from(charge.round),
            row.changed_at,
            row.due_at,
            i64::from(row.asked),
            &row.surplus.to_string(),
            &row.surplus_given_back.to_string(),
            row.held_at.unwrap_or(Time(0)),
        ],
    )?;
    row.version += 1;
    Ok(())
}

pub(super) fn charge(row: &Row<'_>) -> Result<ChargeRow, StoreError> {
    const TABLE: &str = "charges";
    let id = row.parsed(TABLE, "id", "?", |text| ChargeId::parse(text).ok())?;
    let key = id.to_string();
    let damaged =
        |column: &'static str, value: String| StoreError::Damaged { table: TABLE, column, id: key.clone(), value };
    let units = |column| row.parsed(TABLE, column, &key, |text| Units::from_digits(text).ok());
    let opt_units = |column: &'static str| match row.opt_text(column)? {
        Some(text) => Units::from_digits(&text).map(Some).map_err(|_| damaged(column, text)),
        None => Ok(None),
    };
    let count = |column: &'static str| row.int(column).map(|count| u32::try_from(count).unwrap_or(u32::MAX));
    let rate = match (row.opt_text("rate_price")?, row.opt_text("rate_source")?, row.opt_int("rate_at")?) {
        (Some(price), Some(source), Some(at)) => {
            let price = price.parse().map_err(|_| damaged("rate_price", price))?;
            Some(Rate { price, source, at: Time(at) })
        }
        _ => None,
    };
    let settle = row.opt_text("settle_asset")?.zip(opt_units("settle_units")?);
    let received = opt_units("received_units")?.zip(row.opt_text("received_currency")?);
    let read = |column: &'static str| row.opt_text(column);
    let fee = row.int("fee_bps")?;
    let (elsewhere, surplus_given_back) = (units("refunded_elsewhere")?, units("surplus_given_back")?);
    let refunded_elsewhere = elsewhere.minus(surplus_given_back);
    let refunded_elsewhere = refunded_elsewhere.map_err(|_| damaged("refunded_elsewhere", elsewhere.to_string()))?;
    Ok(ChargeRow {
        merchant_id: row.parsed(TABLE, "merchant_id", &key, |text| MerchantId::parse(text).ok())?,
        invoice_number: row.int("invoice_number")?,
        charge: Charge {
            account_id: row.parsed(TABLE, "account_id", &key, |text| AccountId::parse(text).ok())?,
            owner: row.parsed(TABLE, "owner", &key, Owner::from_name)?,
            provider: row.text("provider")?,
            method: row.parsed(TABLE, "method", &key, Method::from_name)?,
            asked: Money { units: units("units")?, currency: row.text("currency")? },
            due_minor: units("due_minor")?,
            rate,
            settle: settle.map(|(asset, units)| Settle { asset, units }),
            fee: BasisPoints::new(fee).map_err(|_| damaged("fee_bps", fee.to_string()))?,
            created_at: row.time("created_at")?,
            expires_at: row.time("expires_at")?,
            state: row.parsed(TABLE, "state", &key, State::from_name)?,
            received: received.map(|(units, currency)| Money { units, currency }),
            placement: read("placement")?
                .map(|text| Placement::from_name(&text).ok_or_else(|| damaged("placement", text)))
                .transpose()?,
            held: row.flag("held")?,
            round: count("round")?,
            id,
        },
        device: if row.text("device")? == "phone" { Device::Phone } else { Device::Other },
        decline: parsed(read("decline")?).map_err(|text| damaged("decline", text))?,
        note: read("note")?,
        reference: read("reference")?,
        memory: row.parsed(TABLE, "memory", &key, |text| serde_json::from_str(text).ok())?,
        todo: parsed(read("todo")?).map_err(|text| damaged("todo", text))?,
        rrn: read("rrn")?,
        claimed_rrn: read("claimed_rrn")?,
        card: parsed(read("card")?).map_err(|text| damaged("card", text))?,
        holds: count("holds")?,
        held_at: Some(row.time("held_at")?).filter(|at| at.0 != 0),
        refunded_elsewhere,
        surplus: units("surplus")?,
        surplus_given_back,
        changed_at: row.time("changed_at")?,
        due_at: row.opt_int("due_at")?.map(Time),
        asked: count("asked")?,
        version: row.int("version")?,
    })
}

fn parsed<T: serde::de::DeserializeOwned>(text: Option<String>) -> Result<Option<T>, String> {
    text.map(|text| serde_json::from_str(&text).map_err(|_| text)).transpose()
}

fn all(tx: &Tx<'_>, sql: Sql, values: &[Value<'_>]) -> Result<Vec<ChargeRow>, StoreError> {
    tx.rows(sql, values, charge)
}

/// Oldest first.
pub fn of_invoice(tx: &Tx<'_>, merchant: &MerchantId, invoice: i64) -> Result<Vec<ChargeRow>, StoreError> {
    all(tx, OF_INVOICE, values![merchant.as_str(), invoice])
}

/// Those that a settlement has items of.
pub fn of_settlement(tx: &Tx<'_>, merchant: &MerchantId, settlement: i64) -> Result<Vec<ChargeRow>, StoreError> {
    all(tx, OF_SETTLEMENT, values![merchant.as_str(), settlement])
}

pub fn by_id(tx: &Tx<'_>, merchant: &MerchantId, id: &ChargeId) -> Result<Option<ChargeRow>, StoreError> {
    tx.row(BY_ID, values![merchant.as_str(), id.as_str()], charge)
}

pub fn existing(tx: &Tx<'_>, merchant: &MerchantId, id: &ChargeId) -> Result<ChargeRow, StoreError> {
    by_id(tx, merchant, id)?
        .ok_or_else(|| StoreError::Inconsistent(format!("charge {id} is referred to but not there")))
}

/// By its id alone, whichever merchant's it is.
pub fn find(tx: &Tx<'_>, id: &ChargeId) -> Result<Option<ChargeRow>, StoreError> {
    tx.row(FIND, values![id.as_str()], charge)
}

/// The charges of an account that a callback is about, by our id or the provider's.
pub fn about(tx: &Tx<'_>, account: &AccountId, name: &str) -> Result<Vec<ChargeRow>, StoreError> {
    let ours = all(tx, BY_OUR_ID, values![account.as_str(), name])?;
    if ours.is_empty() { all(tx, BY_REFERENCE, values![account.as_str(), name]) } else { Ok(ours) }
}

/// Those whose provider is to be asked, the longest due first.
pub fn due(tx: &Tx<'_>, now: Time, limit: i64) -> Result<Vec<ChargeRow>, StoreError> {
    all(tx, DUE, values![now, limit])
}

/// The charge that an RRN has settled on an account.
pub fn by_rrn(
    tx: &Tx<'_>,
    merchant: &MerchantId,
    account: &AccountId,
    rrn: &str,
) -> Result<Option<ChargeRow>, StoreError> {
    tx.row(BY_RRN, values![merchant.as_str(), account.as_str(), rrn], charge)
}

/// Charges made since `since` that a merchant may confirm.
pub fn to_confirm(
    tx: &Tx<'_>,
    merchant: &MerchantId,
    account: &AccountId,
    since: Time,
) -> Result<Vec<ChargeRow>, StoreError> {
    all(tx, TO_CONFIRM, values![merchant.as_str(), account.as_str(), since])
}

/// All charges of an account made since `since`, oldest first.
pub fn recent(
    tx: &Tx<'_>,
    merchant: &MerchantId,
    account: &AccountId,
    since: Time,
) -> Result<Vec<ChargeRow>, StoreError> {
    all(tx, RECENT, values![merchant.as_str(), account.as_str(), since])
}

/// Newest first.
pub fn parked(tx: &Tx<'_>, merchant: &MerchantId, limit: i64) -> Result<Vec<ChargeRow>, StoreError> {
    all(tx, PARKED, values![merchant.as_str(), limit])
}

/// Those of whose surplus something is still parked, newest first.
pub fn surpluses(tx: &Tx<'_>, merchant: &MerchantId, limit: i64) -> Result<Vec<ChargeRow>, StoreError> {
    all(tx, SURPLUSES, values![merchant.as_str(), limit])
}

/// Those of a merchant that count towards nothing, newest first: from before the last one of a page on.
pub fn parked_page(
    tx: &Tx<'_>,
    merchant: &MerchantId,
    (changed_at, id): (Time, &str),
    limit: i64,
) -> Result<Vec<ChargeRow>, StoreError> {
    all(tx, PARKED_PAGE, values![merchant.as_str(), changed_at, id, limit])
}

/// Those that their payers say they have paid, the longest ago first: from after the last one of a page on.
pub fn claimed(
    tx: &Tx<'_>,
    merchant: &MerchantId,
    (since, id): (Time, &str),
    limit: i64,
) -> Result<Vec<ChargeRow>, StoreError> {
    all(tx, CLAIMED, values![merchant.as_str(), since, id, limit])
}

/// A merchant's charges that count and are not settled through, oldest first.
pub fn to_settle(tx: &Tx<'_>, merchant: &MerchantId) -> Result<Vec<ChargeRow>, StoreError> {
    all(tx, TO_SETTLE, values![merchant.as_str()])
}

/// Merchants that have such charges, up to 100 after `last` (an id, or nothing).
pub fn merchants_to_settle(tx: &Tx<'_>, last: &str) -> Result<Vec<MerchantId>, StoreError> {
    tx.rows(MERCHANTS_TO_SETTLE, values![last], |row| {
        row.parsed("charges", "merchant_id", "?", |text| MerchantId::parse(text).ok())
    })
}

/// Says whether a charge is settled through.
pub fn set_settled(tx: &Tx<'_>, merchant: &MerchantId, id: &ChargeId, settled: bool) -> Result<(), StoreError> {
    tx.execute_one(SET_SETTLED, values![merchant.as_str(), id.as_str(), settled])
}

/// How many charges there are in all; reads every row.
pub fn count_all(tx: &Tx<'_>) -> Result<i64, StoreError> {
    Ok(tx.row(COUNT_ALL, values![], |row| row.int("charges"))?.unwrap_or(0))
}
