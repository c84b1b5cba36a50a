//! The books as rows: entries, postings, account totals.

use domain::debt::{self, Totals};
use domain::ledger::{Account, Draft, EntryRate, Kind, Owner, Posting, Reason, Side};
use domain::{MerchantId, Time, Units};

use super::tx::{Row, StoreError, Tx, statements, values};

statements! {
    LAST = "SELECT seq, hash FROM ledger_entries WHERE merchant_id = $1 ORDER BY seq DESC LIMIT 1";
    BY_CAUSE = "SELECT * FROM ledger_entries WHERE merchant_id = $1 AND cause = $2";
    INSERT_ENTRY = "INSERT INTO ledger_entries (merchant_id, seq, cause, reason, invoice_number, at, rate_price, rate_source,
                      rate_at, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    INSERT_POSTING = "INSERT INTO ledger_postings (merchant_id, seq, line, owner, kind, asset, side, units)
                      VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    ACCOUNT = "SELECT debit, credit FROM ledger_accounts WHERE merchant_id = $1 AND owner = $2 AND kind = $3 AND asset = $4";
    PUT_ACCOUNT = "INSERT INTO ledger_accounts (merchant_id, owner, kind, asset, debit, credit) VALUES ($1, $2, $3, $4, $5, $6)
                   ON CONFLICT (merchant_id, owner, kind, asset) DO UPDATE SET debit = excluded.debit, credit = excluded.credit";
    ACCOUNTS = "SELECT * FROM ledger_accounts WHERE merchant_id = $1 ORDER BY asset, owner, kind";
    ALL_ACCOUNTS = "SELECT * FROM ledger_accounts ORDER BY asset, owner, kind, merchant_id";
    ENTRIES = "SELECT * FROM ledger_entries WHERE merchant_id = $1 AND seq > $2 ORDER BY seq LIMIT 500";
    HASH_OF = "SELECT hash FROM ledger_entries WHERE merchant_id = $1 AND seq = $2";
    POSTINGS = "SELECT * FROM ledger_postings WHERE merchant_id = $1 AND seq = $2 ORDER BY line";
    STRAY = "SELECT count(*) AS strays FROM ledger_postings p WHERE p.merchant_id = $1 AND NOT EXISTS
             (SELECT 1 FROM ledger_entries e WHERE e.merchant_id = p.merchant_id AND e.seq = p.seq)";
    BOOKS = "SELECT merchant_id FROM ledger_entries UNION SELECT merchant_id FROM ledger_accounts
             UNION SELECT merchant_id FROM ledger_postings ORDER BY merchant_id";
}

/// An entry as it stands in its book.
#[derive(Debug, Clone)]
pub struct EntryRow {
    pub seq: i64,
    pub draft: Draft,
    pub hash: [u8; 32],
}

/// Totals of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRow {
    pub account: Account,
    pub debit: Units,
    pub credit: Units,
}

/// Enters a draft in a merchant's book, and what follows from it for the merchant's debt. A cause that is already there is left alone:
/// facts may be repeated.
///
/// Answers whether it was entered now.
pub fn enter(tx: &Tx<'_>, merchant: &MerchantId, draft: &Draft) -> Result<bool, StoreError> {
    let book = merchant.as_str();
    if tx.row(BY_CAUSE, values![book, &draft.cause], |_| Ok(()))?.is_some() {
        return Ok(false);
    }
    let seq = append(tx, book, draft)?;
    let mut covered: Vec<(Kind, &str)> = Vec::new();
    for Posting { account, .. } in &draft.postings {
        let at = (account.kind, account.asset.as_str());
        if account.owner == Owner::Merchant && debt::COVERED.contains(&account.kind) && !covered.contains(&at) {
            covered.push(at);
        }
    }
    for (kind, asset) in covered {
        let owed = totals(tx, book, Owner::Merchant, kind, asset)?;
        let owing = totals(tx, book, Owner::Merchant, Kind::Debt, asset)?;
        let entry = debt::follow_up(seq, kind, asset, owed, owing, draft.at)
            .map_err(|error| StoreError::Inconsistent(error.to_string()))?;
        if let Some(entry) = entry {
            append(tx, book, &Draft { invoice_number: draft.invoice_number, ..entry })?;
        }
    }
    Ok(true)
}

/// The number and hash of a book's last entry.
pub fn head(tx: &Tx<'_>, merchant: &MerchantId) -> Result<Option<(i64, String)>, StoreError> {
    tx.row(LAST, values![merchant.as_str()], |row| Ok((row.int("seq")?, row.text("hash")?)))
}

/// The hash of an entry.
pub fn hash_of(tx: &Tx<'_>, merchant: &MerchantId, seq: i64) -> Result<Option<String>, StoreError> {
    tx.row(HASH_OF, values![merchant.as_str(), seq], |row| row.text("hash"))
}

/// Puts an entry at the end of a book; answers its number.
fn append(tx: &Tx<'_>, book: &str, draft: &Draft) -> Result<i64, StoreError> {
    let last =
        tx.row(LAST, values![book], |row| Ok((row.int("seq")?, row.parsed("ledger_entries", "hash", book, hash)?)))?;
    let (last_seq, previous) = last.unwrap_or((0, [0; 32]));
    let seq = last_seq + 1;
    let rate = draft.rate.as_ref();
    tx.execute_one(
        INSERT_ENTRY,
        values![
            book,
            seq,
            &draft.cause,
            draft.reason.name(),
            draft.invoice_number,
            draft.at,
            rate.map(|rate| &rate.price),
            rate.map(|rate| &rate.source),
            rate.map(|rate| rate.at),
            &hex::encode(draft.hash(book, seq, &previous)),
        ],
    )?;
    for (line, posting) in (0i64..).zip(&draft.postings) {
        insert_posting(tx, book, seq, line, posting)?;
        add(tx, book, posting)?;
    }
    Ok(seq)
}

fn totals(tx: &Tx<'_>, book: &str, owner: Owner, kind: Kind, asset: &str) -> Result<Totals, StoreError> {
    let totals = tx.row(ACCOUNT, values![book, owner.name(), kind.name(), asset], |row| {
        Ok(Totals { debit: units(row, "debit", book)?, credit: units(row, "credit", book)? })
    })?;
    Ok(totals.unwrap_or_default())
}

/// What an account that normally has a credit balance holds; zero if it is below.
pub fn balance(tx: &Tx<'_>, merchant: &MerchantId, owner: Owner, kind: Kind, asset: &str) -> Result<Units, StoreError> {
    let Totals { debit, credit } = totals(tx, merchant.as_str(), owner, kind, asset)?;
    Ok(credit.less(debit))
}

/// What a merchant owes in an asset: more was taken back than it was owed.
pub fn debt(tx: &Tx<'_>, merchant: &MerchantId, asset: &str) -> Result<Units, StoreError> {
    let Totals { debit, credit } = totals(tx, merchant.as_str(), Owner::Merchant, Kind::Debt, asset)?;
    Ok(debit.less(credit))
}

fn insert_posting(tx: &Tx<'_>, book: &str, seq: i64, line: i64, posting: &Posting) -> Result<(), StoreError> {
    let Account { owner, kind, asset } = &posting.account;
    let (side, units) = (posting.side.name(), posting.units.to_string());
    tx.execute_one(INSERT_POSTING, values![book, seq, line, owner.name(), kind.name(), asset, side, &units])
}

fn add(tx: &Tx<'_>, book: &str, posting: &Posting) -> Result<(), StoreError> {
    let Account { owner, kind, asset } = &posting.account;
    let Totals { mut debit, mut credit } = totals(tx, book, *owner, *kind, asset)?;
    let total = if posting.side == Side::Debit { &mut debit } else { &mut credit };
    *total =
        total.plus(posting.units).map_err(|error| StoreError::Inconsistent(format!("account {kind:?}: {error}")))?;
    let (debit, credit) = (debit.to_string(), credit.to_string());
    tx.execute_one(PUT_ACCOUNT, values![book, owner.name(), kind.name(), asset, &debit, &credit])
}

fn units(row: &Row<'_>, column: &'static str, id: &str) -> Result<Units, StoreError> {
    row.parsed("ledger", column, id, |text| Units::from_digits(text).ok())
}

fn hash(text: &str) -> Option<[u8; 32]> {
    hex::decode(text).ok()?.try_into().ok()
}

fn account(row: &Row<'_>, id: &str) -> Result<Account, StoreError> {
    Ok(Account {
        owner: row.parsed("ledger", "owner", id, Owner::from_name)?,
        kind: row.parsed("ledger", "kind", id, Kind::from_name)?,
        asset: row.text("asset")?,
    })
}

pub fn accounts(tx: &Tx<'_>, merchant: &MerchantId) -> Result<Vec<AccountRow>, StoreError> {
    let id = merchant.as_str();
    tx.rows(ACCOUNTS, values![id], |row| {
        Ok(AccountRow {
            account: account(row, id)?,
            debit: units(row, "debit", id)?,
            credit: units(row, "credit", id)?,
        })
    })
}

/// The accounts of all books, by asset, owner and kind; reads every row.
pub fn all_accounts(tx: &Tx<'_>) -> Result<Vec<AccountRow>, StoreError> {
    tx.rows(ALL_ACCOUNTS, values![], |row| {
        let id = row.text("merchant_id")?;
        Ok(AccountRow {
            account: account(row, &id)?,
            debit: units(row, "debit", &id)?,
            credit: units(row, "credit", &id)?,
        })
    })
}

/// Entries after `seq`, in order, up to 500: for walking through a book.
pub fn entries_after(tx: &Tx<'_>, merchant: &MerchantId, seq: i64) -> Result<Vec<EntryRow>, StoreError> {
    tx.rows(ENTRIES, values![merchant.as_str(), seq], |row| entry(tx, merchant, row))
}

pub fn by_cause(tx: &Tx<'_>, merchant: &MerchantId, cause: &str) -> Result<Option<EntryRow>, StoreError> {
    tx.row(BY_CAUSE, values![merchant.as_str(), cause], |row| entry(tx, merchant, row))
}

fn entry(tx: &Tx<'_>, merchant: &MerchantId, row: &Row<'_>) -> Result<EntryRow, StoreError> {
    let mut entry = entry_of(merchant, row)?;
    let seq = entry.seq;
    entry.draft.postings = tx.rows(POSTINGS, values![merchant.as_str(), seq], |row| posting(merchant, seq, row))?;
    Ok(entry)
}

/// A posting of entry `seq`.
pub(super) fn posting(merchant: &MerchantId, seq: i64, row: &Row<'_>) -> Result<Posting, StoreError> {
    let id = format!("{merchant}/{seq}");
    let side = row.parsed("ledger_postings", "side", &id, Side::from_name)?;
    Ok(Posting { account: account(row, &id)?, side, units: units(row, "units", &id)? })
}

/// An entry without its postings.
pub(super) fn entry_of(merchant: &MerchantId, row: &Row<'_>) -> Result<EntryRow, StoreError> {
    let seq = row.int("seq")?;
    let id = format!("{merchant}/{seq}");
    let rate = match (row.opt_text("rate_price")?, row.opt_text("rate_source")?, row.opt_int("rate_at")?) {
        (Some(price), Some(source), Some(at)) => Some(EntryRate { price, source, at: Time(at) }),
        _ => None,
    };
    let draft = Draft {
        cause: row.text("cause")?,
        reason: row.parsed("ledger_entries", "reason", &id, Reason::from_name)?,
        invoice_number: row.opt_int("invoice_number")?,
        at: row.time("at")?,
        rate,
        postings: Vec::new(),
    };
    Ok(EntryRow { seq, draft, hash: row.parsed("ledger_entries", "hash", &id, hash)? })
}

/// Postings that belong to no entry.
pub fn stray_postings(tx: &Tx<'_>, merchant: &MerchantId) -> Result<i64, StoreError> {
    tx.row(STRAY, values![merchant.as_str()], |row| row.int("strays")).map(|strays| strays.unwrap_or(0))
}

/// Every merchant that has a book.
pub fn books(tx: &Tx<'_>) -> Result<Vec<MerchantId>, StoreError> {
    tx.rows(BOOKS, values![], |row| {
        row.parsed("ledger_entries", "merchant_id", "?", |text| MerchantId::parse(text).ok())
    })
}
