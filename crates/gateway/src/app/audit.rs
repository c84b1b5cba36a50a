//! Proof of the books from the rows alone. Nothing here trusts a total, a hash or a state: all are computed again.

use std::collections::BTreeMap;

use domain::debt::{self, Totals};
use domain::ledger::{Account, Draft, Kind, Owner, Reason, Side, check_balance};
use domain::{MerchantId, TransferId, Units};

use super::audit_charges;
use super::audit_coin_refunds::{self, check_coin_refunds};
use super::audit_events::{self, Archived};
pub use super::audit_events::{Looked, check_files};
use super::audit_invoices::check_invoices;
use super::audit_payouts::check_payouts;
use super::audit_provider_payouts::{self, check_provider_payouts};
use super::audit_settlements::{self, check_settlements};
use super::audit_transfers;
use super::audit_treasury::check_treasury;
use crate::store::ledger::{self, AccountRow, EntryRow};
use crate::store::{StoreError, Tx, charges, disputes, funds, invoices, merchants, payments, payouts, settings};

/// A row that contradicts another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Table and key.
    pub row: String,
    pub what: String,
}

/// What was walked through, and what was wrong with it.
#[derive(Debug, Clone, Default)]
pub struct Report {
    pub books: usize,
    pub entries: u64,
    pub accounts: usize,
    pub invoices: u64,
    pub payments: u64,
    pub charges: u64,
    pub refunds: u64,
    pub disputes: u64,
    pub moves: u64,
    pub transfers: u64,
    pub coin_refunds: u64,
    pub provider_payouts: u64,
    pub acts: u64,
    pub funds: u64,
    pub payouts: u64,
    /// Events that are in archives.
    pub archived: u64,
    pub(super) book_archived: Archived,
    /// What is said to have arrived from a treasury; each has its move.
    pub(super) paid_by_treasury: Vec<(MerchantId, TransferId)>,
    /// How far a book's parked money of a currency may be below zero: what was given back, disputed or paid out of charges that are parked.
    pub(super) parked_below: BTreeMap<(MerchantId, String), Units>,
    pub findings: Vec<Finding>,
}

impl Report {
    pub(super) fn find(&mut self, row: String, what: impl Into<String>) {
        self.findings.push(Finding { row, what: what.into() });
    }
}

/// Walks through every book and every invoice, on one snapshot.
pub fn audit(tx: &Tx<'_>) -> Result<Report, StoreError> {
    let mut report = Report::default();
    let mut books = ledger::books(tx)?;
    books.extend(merchants::list(tx)?.into_iter().map(|merchant| merchant.id));
    books.sort();
    books.dedup();
    let (mut settled, mut lines) = (audit_settlements::Seen::default(), 0);
    for book in &books {
        report.books += 1;
        check_book(tx, book, &mut report)?;
        audit_events::begin(tx, book, &mut report)?;
        check_invoices(tx, book, &mut report)?;
        audit_charges::check_parked(tx, book, &mut report)?;
        check_settlements(tx, book, &mut settled, &mut report)?;
        audit_transfers::check_transfers(tx, book, &mut report)?;
        check_coin_refunds(tx, book, &mut report)?;
        check_payouts(tx, book, &mut report)?;
        audit_events::end(book, &mut report);
        check_provider_payouts(tx, book, &mut lines, &mut report)?;
    }
    let there = (funds::count_all(tx)?, payouts::count_all(tx)?);
    if (i64::try_from(report.funds), i64::try_from(report.payouts)) != (Ok(there.0), Ok(there.1)) {
        let what = format!(
            "{} and {} are there, {} and {} of known merchants",
            there.0, there.1, report.funds, report.payouts
        );
        report.find("funds, payouts".into(), what);
    }
    audit_settlements::check_counts(tx, settled, &mut report)?;
    check_treasury(tx, &books, &mut report)?;
    let (there, made) = (invoices::count_all(tx)?, settings::last_number(tx, "invoice")?);
    if there != made || i64::try_from(report.invoices) != Ok(there) {
        report.find(
            "invoices".into(),
            format!("{made} were made, {there} are there, {} of known merchants", report.invoices),
        );
    }
    let (payments, visited) = (payments::count_all(tx)?, report.payments);
    if i64::try_from(visited) != Ok(payments) {
        report.find("payments".into(), format!("{payments} are there, {visited} belong to an invoice"));
    }
    let there = charges::count_all(tx)?;
    if i64::try_from(report.charges) != Ok(there) {
        report.find("charges".into(), format!("{there} are there, {} belong to an invoice", report.charges));
    }
    audit_transfers::check_whole(tx, &mut report)?;
    audit_coin_refunds::check_count(tx, &mut report)?;
    audit_provider_payouts::check_count(tx, lines, &mut report)?;
    let there = disputes::count_all(tx)?;
    if i64::try_from(report.disputes) != Ok(there) {
        report.find("disputes".into(), format!("{there} are there, {} belong to a charge", report.disputes));
    }
    Ok(report)
}

/// Entries balance and chain, and accounts are the sums of their postings.
fn check_book(tx: &Tx<'_>, book: &MerchantId, report: &mut Report) -> Result<(), StoreError> {
    let mut sums: BTreeMap<Account, (Units, Units)> = BTreeMap::new();
    let (mut last, mut previous) = (0, [0; 32]);
    loop {
        let entries = ledger::entries_after(tx, book, last)?;
        for entry in &entries {
            report.entries += 1;
            check_entry(book, entry, last, &previous, report);
            check_debt(book, entry, &sums, report);
            add_postings(entry, &mut sums, book, report);
            (last, previous) = (entry.seq, entry.hash);
        }
        if entries.is_empty() {
            break;
        }
    }
    let strays = ledger::stray_postings(tx, book)?;
    if strays > 0 {
        report.find(format!("ledger_postings {book}"), format!("{strays} postings belong to no entry"));
    }
    for row in ledger::accounts(tx, book)? {
        report.accounts += 1;
        check_covered(book, &row, report);
        let (debit, credit) = sums.remove(&row.account).unwrap_or_default();
        if (debit, credit) != (row.debit, row.credit) {
            let what = format!("has {} / {}, its postings are {debit} / {credit}", row.debit, row.credit);
            report.find(account_name(book, &row.account), what);
        }
    }
    for account in sums.keys() {
        report.find(account_name(book, account), "has postings but no row");
    }
    Ok(())
}

/// An entry about a debt is the one that follows from the entry before it and the balances then.
fn check_debt(book: &MerchantId, entry: &EntryRow, sums: &BTreeMap<Account, (Units, Units)>, report: &mut Report) {
    let draft = &entry.draft;
    if !matches!(draft.reason, Reason::DebtIncurred | Reason::DebtRepaid) {
        return;
    }
    let expected = debt::COVERED.into_iter().find_map(|kind| {
        let asset = &draft.postings.first()?.account.asset;
        let totals = |kind| {
            let account = Account { owner: Owner::Merchant, kind, asset: asset.clone() };
            sums.get(&account).map_or(Totals::default(), |(debit, credit)| Totals { debit: *debit, credit: *credit })
        };
        let seq: i64 = draft.cause.strip_prefix("debt:")?.split(':').next()?.parse().ok()?;
        let made = debt::follow_up(seq, kind, asset, totals(kind), totals(Kind::Debt), draft.at).ok()??;
        (made.cause == draft.cause).then_some(made)
    });
    if expected.is_none_or(|made| made.postings != draft.postings || made.reason != draft.reason) {
        report.find(
            format!("ledger_entries {book} {} ({})", entry.seq, draft.cause),
            "does not follow from what the merchant was owed",
        );
    }
}

/// At the end nothing that is owed to a merchant is below zero: the rest is a debt.
fn check_covered(book: &MerchantId, row: &AccountRow, report: &mut Report) {
    let Account { owner, kind, .. } = &row.account;
    let below = match kind {
        Kind::Debt => row.credit > row.debit,
        kind if debt::COVERED.contains(kind) => row.debit > row.credit,
        _ => false,
    };
    if *owner == Owner::Merchant && below {
        report.find(account_name(book, &row.account), "is below zero");
    }
}

fn account_name(book: &MerchantId, account: &Account) -> String {
    format!("ledger_accounts {book} {} {} {}", account.owner.name(), account.kind.name(), account.asset)
}

fn check_entry(book: &MerchantId, entry: &EntryRow, last: i64, previous: &[u8; 32], report: &mut Report) {
    let row = format!("ledger_entries {book} {} ({})", entry.seq, entry.draft.cause);
    if entry.seq != last + 1 {
        report.find(row.clone(), format!("follows entry {last}: entries are missing"));
    }
    if let Err(error) = check_balance(&entry.draft.postings) {
        report.find(row.clone(), format!("does not balance: {error}"));
    }
    if entry.draft.hash(book.as_str(), entry.seq, previous) != entry.hash {
        report.find(row, "its hash does not match: this entry or one before it was changed");
    }
}

fn add_postings(
    entry: &EntryRow,
    sums: &mut BTreeMap<Account, (Units, Units)>,
    book: &MerchantId,
    report: &mut Report,
) {
    for posting in &entry.draft.postings {
        let (debit, credit) = sums.entry(posting.account.clone()).or_default();
        let sum = if posting.side == Side::Debit { debit } else { credit };
        match sum.plus(posting.units) {
            Ok(total) => *sum = total,
            Err(_) => report.find(account_name(book, &posting.account), "the sum of its postings is out of range"),
        }
    }
}

/// A book's entries of these reasons, by cause.
pub(super) fn entries_of(
    tx: &Tx<'_>,
    book: &MerchantId,
    reasons: &[Reason],
) -> Result<BTreeMap<String, Draft>, StoreError> {
    let (mut found, mut last) = (BTreeMap::new(), 0);
    loop {
        let entries = ledger::entries_after(tx, book, last)?;
        let Some(end) = entries.last() else { return Ok(found) };
        last = end.seq;
        let drafts = entries.into_iter().map(|row| row.draft).filter(|draft| reasons.contains(&draft.reason));
        found.extend(drafts.map(|draft| (draft.cause.clone(), draft)));
    }
}
