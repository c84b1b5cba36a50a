//! Transfers: money on its way out.

use domain::ledger::Kind as AccountKind;
use domain::transfer::{Kind, State};
use domain::{AccountId, MerchantId, Time, TransferId, Units};

use super::payments::stored;
use super::tx::{Row, StoreError, Tx, statements, values};

statements! {
    INSERT = "INSERT INTO transfers (merchant_id, id, kind, subject, invoice_number, taken_from, asset, units, chain, account_id,
                destination, state, approval, round, fence, leased_until, due_at, asked, note, created_at, changed_at)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'reserved', $12, 0, 1, 0, $13, 0, $14, $15, $15)";
    UPDATE = "UPDATE transfers SET state = $4, approval = $5, approved_by = $6, round = $7, fence = fence + 1, leased_until = $8,
                due_at = $9, asked = $10, reference = $11, request_hash = $12, sender = $13, nonce = $14, tx_hash = $15,
                parked = $16, note = $17, sent_at = $18, changed_at = $19, destination = $20, alone = $21, called_off = $22
              WHERE merchant_id = $1 AND id = $2 AND fence = $3";
    LEASE = "UPDATE transfers SET fence = fence + 1, leased_until = $5
             WHERE merchant_id = $1 AND id = $2 AND fence = $3 AND (leased_until <= $4 OR leased_until > $6)";
    BY_ID = "SELECT * FROM transfers WHERE merchant_id = $1 AND id = $2";
    FIND = "SELECT * FROM transfers WHERE id = $1";
    OPEN = "SELECT * FROM transfers WHERE state IN ('reserved', 'signing', 'sending', 'pending') ORDER BY created_at, id LIMIT $1";
    OF_SUBJECT = "SELECT * FROM transfers WHERE merchant_id = $1 AND kind = $2 AND subject = $3 ORDER BY created_at, id";
    OF_MERCHANT = "SELECT * FROM transfers WHERE merchant_id = $1 AND id > $2 ORDER BY id LIMIT 500";
    BY_NONCE = "SELECT * FROM transfers WHERE chain = $1 AND sender = $2 AND nonce = $3 ORDER BY merchant_id, id";
    /// What may have been sent with bytes that are not here.
    OUT_ALIKE = "SELECT * FROM transfers WHERE chain = $1 AND sender = $2 AND asset = $3 AND units = $4 AND sent_at <= $5
                 AND state IN ('signing', 'sending', 'pending') ORDER BY nonce, merchant_id, id";
    DONE_ALIKE = "SELECT * FROM transfers WHERE chain = $1 AND sender = $2 AND asset = $3 AND units = $4 AND changed_at >= $5
                  AND state = 'done' AND sent_at IS NOT NULL ORDER BY nonce, merchant_id, id";
    ON_ITS_WAY = "SELECT units FROM transfers WHERE chain = $1 AND asset = $2 AND state IN ('signing', 'sending', 'pending')";
    ACCOUNTS_DUE = "SELECT account_id, min(due_at) AS longest FROM transfers WHERE account_id IS NOT NULL AND due_at <= $1
                    AND (leased_until <= $1 OR leased_until > $2) GROUP BY account_id ORDER BY longest, account_id";
    DUE = "SELECT * FROM transfers WHERE account_id = $1 AND due_at <= $2 AND (leased_until <= $2 OR leased_until > $3)
           ORDER BY due_at LIMIT $4";
    TO_SIGN = "SELECT * FROM transfers WHERE chain = $1 AND state = 'reserved' AND approval <> 'wanted' AND parked IS NULL
               AND due_at <= $2 ORDER BY created_at, id LIMIT $3";
    SENT_SINCE = "SELECT units FROM transfers WHERE chain = $1 AND asset = $2 AND sent_at >= $3
                  AND state IN ('signing', 'sending', 'pending', 'done')";
    PARKED = "SELECT * FROM transfers WHERE parked IS NOT NULL ORDER BY changed_at LIMIT $1";
    WANTED = "SELECT * FROM transfers WHERE approval = 'wanted' AND state = 'reserved' ORDER BY created_at LIMIT $1";
    WANTED_OF = "SELECT * FROM transfers WHERE merchant_id = $1 AND approval = 'wanted' AND state = 'reserved'
                 ORDER BY created_at LIMIT $2";
    HURRY = "UPDATE transfers SET due_at = $4 WHERE merchant_id = $1 AND kind = $2 AND subject = $3
             AND state IN ('sending', 'pending', 'done') AND account_id IS NOT NULL";
    HURRY_ID = "UPDATE transfers SET due_at = $3 WHERE id = $2 AND account_id = $1 AND state IN ('sending', 'pending', 'done')";
    HURRY_REFERENCE = "UPDATE transfers SET due_at = $3 WHERE account_id = $1 AND reference = $2 AND id <> $2
                       AND state IN ('sending', 'pending', 'done')";
    COUNT_ALL = "SELECT count(*) AS transfers FROM transfers";
}

/// Whether a second person must agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approval {
    NotNeeded,
    Wanted,
    Given,
}

impl Approval {
    const ALL: [(Approval, &'static str); 3] =
        [(Approval::NotNeeded, "not_needed"), (Approval::Wanted, "wanted"), (Approval::Given, "given")];

    pub fn name(self) -> &'static str {
        Approval::ALL.iter().find(|(approval, _)| *approval == self).map_or("", |(_, name)| name)
    }

    fn from_name(name: &str) -> Option<Approval> {
        Approval::ALL.iter().find(|(_, known)| *known == name).map(|(approval, _)| *approval)
    }
}

/// A transfer. What was decided never changes: kind, subject, amount, rail.
#[derive(Debug, Clone)]
pub struct TransferRow {
    pub merchant_id: MerchantId,
    pub id: TransferId,
    pub kind: Kind,
    /// What it is for: a settlement's or pay-out's number, a charge's id, a coin refund's id.
    pub subject: String,
    pub invoice_number: Option<i64>,
    /// The merchant's account it was taken from.
    pub taken_from: AccountKind,
    /// An asset's or a currency's code.
    pub asset: String,
    pub units: Units,
    /// One of the two is there: the chain it goes over, or the account it is asked of.
    pub chain: Option<String>,
    pub account_id: Option<AccountId>,
    /// A wallet (0x, checksummed), or words that name no card number. Changes only before anything is signed.
    pub destination: String,
    pub state: State,
    pub approval: Approval,
    pub approved_by: Option<String>,
    /// How many times it arrived.
    pub round: u32,
    /// Counts up with each change; a write needs the newest.
    pub fence: i64,
    pub leased_until: Time,
    /// When to look at it next. Never for one that is over, but for what arrived through a provider: for some time that is asked about,
    /// since it may come back.
    pub due_at: Option<Time>,
    /// How often it was asked about in its state; of one set aside for a chain: how often one tried to send it in vain.
    pub asked: u32,
    pub reference: Option<String>,
    /// Lower-case hex SHA-256 of the request that was sent.
    pub request_hash: Option<String>,
    /// On chain: lower-case hex wallet and its nonce.
    pub sender: Option<String>,
    pub nonce: Option<u64>,
    pub tx_hash: Option<String>,
    /// Over a chain: it goes in a transaction of its own, since one that carried it with others failed.
    pub alone: bool,
    /// Over a chain: a person called it off. It ends when its nonce is used by what does not move it; until then it may arrive.
    pub called_off: bool,
    /// Why it needs a person; it may arrive all the same.
    pub parked: Option<String>,
    pub note: Option<String>,
    /// When it may first have been sent.
    pub sent_at: Option<Time>,
    pub created_at: Time,
    /// When its state changed last.
    pub changed_at: Time,
}

pub fn insert(tx: &Tx<'_>, row: &TransferRow) -> Result<(), StoreError> {
    tx.execute_one(
        INSERT,
        values![
            row.merchant_id.as_str(),
            row.id.as_str(),
            row.kind.name(),
            &row.subject,
            row.invoice_number,
            row.taken_from.name(),
            &row.asset,
            &row.units.to_string(),
            row.chain.as_deref(),
            row.account_id.as_ref().map(AccountId::as_str),
            &row.destination,
            row.approval.name(),
            row.due_at,
            row.note.as_deref(),
            row.created_at,
        ],
    )
}

/// Writes what may change. Fails when somebody else has changed the row since it was read: then nothing of the transaction stands.
pub fn update(tx: &Tx<'_>, row: &mut TransferRow) -> Result<(), StoreError> {
    tx.execute_one(
        UPDATE,
        values![
            row.merchant_id.as_str(),
            row.id.as_str(),
            row.fence,
            row.state.name(),
            row.approval.name(),
            row.approved_by.as_deref(),
            i64::from(row.round),
            row.leased_until,
            row.due_at,
            i64::from(row.asked),
            row.reference.as_deref(),
            row.request_hash.as_deref(),
            row.sender.as_deref(),
            row.nonce.map(stored).transpose()?,
            row.tx_hash.as_deref(),
            row.parked.as_deref(),
            row.note.as_deref(),
            row.sent_at,
            row.changed_at,
            &row.destination,
            row.alone,
            row.called_off,
        ],
    )?;
    row.fence += 1;
    Ok(())
}

/// How far the clocks of two nodes may be apart.
pub const CLOCKS_APART_MILLIS: i64 = 60_000;

/// Takes a transfer until `until`; false when somebody else has it, or has changed it since. A lease that ends long after `until` was taken
/// by a clock that was ahead, and holds nobody up: the fence tells the two apart.
pub fn lease(tx: &Tx<'_>, row: &mut TransferRow, now: Time, until: Time) -> Result<bool, StoreError> {
    let (merchant, id) = (row.merchant_id.as_str(), row.id.as_str());
    let taken = tx.execute(LEASE, values![merchant, id, row.fence, now, until, until.plus(CLOCKS_APART_MILLIS)])? == 1;
    if taken {
        row.fence += 1;
        row.leased_until = until;
    }
    Ok(taken)
}

pub(super) fn read(row: &Row<'_>) -> Result<TransferRow, StoreError> {
    const TABLE: &str = "transfers";
    let id = row.parsed(TABLE, "id", "?", |text| TransferId::parse(text).ok())?;
    let name = id.as_str();
    let account_id = row.opt_text("account_id")?;
    let account_id = account_id.map(|text| {
        AccountId::parse(&text).map_err(|_| StoreError::Damaged {
            table: TABLE,
            column: "account_id",
            id: name.to_owned(),
            value: text,
        })
    });
    let small = |value: i64| u32::try_from(value).unwrap_or(u32::MAX);
    Ok(TransferRow {
        merchant_id: row.parsed(TABLE, "merchant_id", name, |text| MerchantId::parse(text).ok())?,
        kind: row.parsed(TABLE, "kind", name, Kind::from_name)?,
        subject: row.text("subject")?,
        invoice_number: row.opt_int("invoice_number")?,
        taken_from: row.parsed(TABLE, "taken_from", name, AccountKind::from_name)?,
        asset: row.text("asset")?,
        units: row.parsed(TABLE, "units", name, |text| Units::from_digits(text).ok())?,
        chain: row.opt_text("chain")?,
        account_id: account_id.transpose()?,
        destination: row.text("destination")?,
        state: row.parsed(TABLE, "state", name, State::from_name)?,
        approval: row.parsed(TABLE, "approval", name, Approval::from_name)?,
        approved_by: row.opt_text("approved_by")?,
        round: small(row.int("round")?),
        fence: row.int("fence")?,
        leased_until: row.time("leased_until")?,
        due_at: row.opt_int("due_at")?.map(Time),
        asked: small(row.int("asked")?),
        reference: row.opt_text("reference")?,
        request_hash: row.opt_text("request_hash")?,
        sender: row.opt_text("sender")?,
        nonce: row.opt_int("nonce")?.and_then(|nonce| u64::try_from(nonce).ok()),
        tx_hash: row.opt_text("tx_hash")?,
        alone: row.int("alone")? != 0,
        called_off: row.int("called_off")? != 0,
        parked: row.opt_text("parked")?,
        note: row.opt_text("note")?,
        sent_at: row.opt_int("sent_at")?.map(Time),
        created_at: row.time("created_at")?,
        changed_at: row.time("changed_at")?,
        id,
    })
}

pub fn by_id(tx: &Tx<'_>, merchant: &MerchantId, id: &TransferId) -> Result<Option<TransferRow>, StoreError> {
    tx.row(BY_ID, values![merchant.as_str(), id.as_str()], read)
}

/// One of whatever merchant, for the operator.
pub fn find(tx: &Tx<'_>, id: &TransferId) -> Result<Option<TransferRow>, StoreError> {
    tx.row(FIND, values![id.as_str()], read)
}

/// All that are not over, oldest first.
pub fn open(tx: &Tx<'_>, limit: i64) -> Result<Vec<TransferRow>, StoreError> {
    tx.rows(OPEN, values![limit], read)
}

pub fn existing(tx: &Tx<'_>, merchant: &MerchantId, id: &TransferId) -> Result<TransferRow, StoreError> {
    by_id(tx, merchant, id)?
        .ok_or_else(|| StoreError::Inconsistent(format!("transfer {id} is referred to but not there")))
}

/// Oldest first: what was done for one thing.
pub fn of_subject(
    tx: &Tx<'_>,
    merchant: &MerchantId,
    kind: Kind,
    subject: &str,
) -> Result<Vec<TransferRow>, StoreError> {
    tx.rows(OF_SUBJECT, values![merchant.as_str(), kind.name(), subject], read)
}

/// A merchant's, up to 500 after `last` (an id, or nothing).
pub fn after(tx: &Tx<'_>, merchant: &MerchantId, last: &str) -> Result<Vec<TransferRow>, StoreError> {
    tx.rows(OF_MERCHANT, values![merchant.as_str(), last], read)
}

/// Those that a wallet's transaction carries.
pub fn by_nonce(tx: &Tx<'_>, chain: &str, sender: &str, nonce: u64) -> Result<Vec<TransferRow>, StoreError> {
    tx.rows(BY_NONCE, values![chain, sender, stored(nonce)?], read)
}

/// What one wallet has on its way of an asset and amount and had given out by `until`, lowest nonce first.
pub fn out_alike(
    tx: &Tx<'_>,
    (chain, sender): (&str, &str),
    (asset, units): (&str, Units),
    until: Time,
) -> Result<Vec<TransferRow>, StoreError> {
    tx.rows(OUT_ALIKE, values![chain, sender, asset, &units.to_string(), until], read)
}

/// What one wallet paid of an asset and amount and arrived since a moment, lowest nonce first.
pub fn done_alike(
    tx: &Tx<'_>,
    (chain, sender): (&str, &str),
    (asset, units): (&str, Units),
    since: Time,
) -> Result<Vec<TransferRow>, StoreError> {
    tx.rows(DONE_ALIKE, values![chain, sender, asset, &units.to_string(), since], read)
}

/// The amounts of an asset that are signed for over `chain`, or are to be, and are not over.
pub fn on_its_way(tx: &Tx<'_>, chain: &str, asset: &str) -> Result<Vec<Units>, StoreError> {
    tx.rows(ON_ITS_WAY, values![chain, asset], |row| {
        row.parsed("transfers", "units", chain, |text| Units::from_digits(text).ok())
    })
}

/// The accounts at providers and processors where something is to be sent or asked now, longest due first. `until` is when a lease taken
/// now would end.
pub fn accounts_due(tx: &Tx<'_>, now: Time, until: Time) -> Result<Vec<AccountId>, StoreError> {
    tx.rows(ACCOUNTS_DUE, values![now, until], |row| {
        row.parsed("transfers", "account_id", "?", |text| AccountId::parse(text).ok())
    })
}

/// What is to be sent to, or asked of, an account now, and is nobody's at the moment.
pub fn due(
    tx: &Tx<'_>,
    account: &AccountId,
    now: Time,
    until: Time,
    limit: i64,
) -> Result<Vec<TransferRow>, StoreError> {
    tx.rows(DUE, values![account.as_str(), now, until, limit], read)
}

/// What waits for a transaction on `chain`, oldest first.
pub fn to_sign(tx: &Tx<'_>, chain: &str, now: Time, limit: i64) -> Result<Vec<TransferRow>, StoreError> {
    tx.rows(TO_SIGN, values![chain, now, limit], read)
}

/// The amounts of an asset that went over `chain` since a moment, or may have.
pub fn sent_since(tx: &Tx<'_>, chain: &str, asset: &str, since: Time) -> Result<Vec<Units>, StoreError> {
    tx.rows(SENT_SINCE, values![chain, asset, since], |row| {
        row.parsed("transfers", "units", chain, |text| Units::from_digits(text).ok())
    })
}

/// What needs a person, longest first.
pub fn parked(tx: &Tx<'_>, limit: i64) -> Result<Vec<TransferRow>, StoreError> {
    tx.rows(PARKED, values![limit], read)
}

/// What of a merchant's waits for a second person, longest first.
pub fn wanted_of(tx: &Tx<'_>, merchant: &MerchantId, limit: i64) -> Result<Vec<TransferRow>, StoreError> {
    tx.rows(WANTED_OF, values![merchant.as_str(), limit], read)
}

/// What waits for a second person, longest first.
pub fn wanted(tx: &Tx<'_>, limit: i64) -> Result<Vec<TransferRow>, StoreError> {
    tx.rows(WANTED, values![limit], read)
}

/// Something was heard about what is on its way: it is asked about at once. The fence stays: whoever drives it now goes on.
pub fn hurry(tx: &Tx<'_>, merchant: &MerchantId, kind: Kind, subject: &str, now: Time) -> Result<(), StoreError> {
    tx.execute(HURRY, values![merchant.as_str(), kind.name(), subject, now]).map(|_| ())
}

/// As [`hurry`], for what an account's provider calls by our id or its own. Answers how many there are.
pub fn hurry_about(tx: &Tx<'_>, account: &AccountId, name: &str, now: Time) -> Result<i64, StoreError> {
    let mut found = 0;
    for sql in [HURRY_ID, HURRY_REFERENCE] {
        found += tx.execute(sql, values![account.as_str(), name, now])?;
    }
    Ok(i64::try_from(found).unwrap_or(i64::MAX))
}

/// How many there are in all; reads every row.
pub fn count_all(tx: &Tx<'_>) -> Result<i64, StoreError> {
    tx.row(COUNT_ALL, values![], |row| row.int("transfers")).map(|count| count.unwrap_or(0))
}
