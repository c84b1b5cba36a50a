//! Statements as comma-separated values: no standard, only habits. The columns are named, or found by their usual names.

mod columns;

pub use columns::{AmountColumns, CsvColumns};

use super::amount::{self, Written};
use super::reading::{Entry, Reading};
use super::{LineError, MAX_LINES, Statement, StatementError, day};
use ::csv::{ReaderBuilder, StringRecord, Trim};
use columns::Layout;
use domain::Units;

/// Rows before the header: name, address and account of the customer.
const HEADER_WITHIN: usize = 60;
const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];

pub(super) fn read(columns: Option<&CsvColumns>, text: &str) -> Result<Statement, StatementError> {
    if text.lines().count() > MAX_LINES {
        return Err(StatementError::TooManyLines);
    }
    let chosen = columns.and_then(|columns| columns.delimiter);
    let delimiters = chosen.as_ref().map_or(&DELIMITERS[..], std::slice::from_ref);
    for delimiter in delimiters {
        let mut reader = ReaderBuilder::new();
        let reader = reader.has_headers(false).flexible(true).trim(Trim::All).delimiter(*delimiter);
        let rows: Result<Vec<StringRecord>, _> = reader.from_reader(text.as_bytes()).into_records().collect();
        let rows = rows.map_err(|_| StatementError::WrongFormat)?;
        let found =
            rows.iter().take(HEADER_WITHIN).zip(0..).find_map(|(row, at)| Some((Layout::of(columns, row)?, at)));
        if let Some((layout, at)) = found {
            return rows_of(&layout, &rows[..at], &rows[at + 1..]);
        }
    }
    Err(StatementError::NoHeader)
}

fn rows_of(layout: &Layout, before: &[StringRecord], rows: &[StringRecord]) -> Result<Statement, StatementError> {
    let mut reading = Reading::default();
    let decimals = reading.in_currency(&layout.currency)?;
    for account in before.iter().filter_map(account) {
        reading.of_account(&account)?;
    }
    for row in rows.iter().filter(|row| row.iter().any(|cell| !cell.is_empty())) {
        let line_number = row.position().map_or(0, |position| u32::try_from(position.line()).unwrap_or(u32::MAX));
        let fits = row.len() == layout.width || row.iter().skip(layout.width).all(str::is_empty);
        // A quotation mark that is not closed swallows rows, and nobody would miss them.
        if row.iter().any(|cell| cell.contains('\n')) && !(fits && row.len() >= layout.width) {
            return Err(StatementError::OpenQuote(line_number));
        }
        reading.add(line_number, if fits { entry(layout, row, decimals) } else { Err(LineError::Columns) })?;
    }
    reading.finish()
}

fn entry<'a>(layout: &Layout, row: &'a StringRecord, decimals: u8) -> Result<Entry<'a>, LineError> {
    let cell = |at: usize| row.get(at).ok_or(LineError::Columns);
    let day = day::read(cell(layout.date)?, layout.day_order).ok_or(LineError::Day)?;
    let (amount, credit) = match layout.amount {
        AmountColumns::Split { credit, debit } => split(cell(credit)?, cell(debit)?, decimals)?,
        AmountColumns::Marked { amount, mark } => {
            let written = amount::read(cell(amount)?, decimals)?.ok_or(LineError::NoAmount)?;
            let went = amount::is_debit(cell(mark)?).ok_or(LineError::Direction)?;
            if written.went.is_some_and(|said| said != went) {
                return Err(LineError::Direction);
            }
            (written.units, !went)
        }
        AmountColumns::Signed { amount } => {
            let written = amount::read(cell(amount)?, decimals)?.ok_or(LineError::NoAmount)?;
            (written.units, written.went != Some(true))
        }
    };
    let words = layout.text.iter().filter_map(|at| row.get(*at)).collect();
    let references = layout.reference.iter().filter_map(|at| row.get(*at)).collect();
    Ok(Entry { references, words, rejoined: None, amount, credit, day })
}

/// One of the two columns has an amount; a zero in the other is none. A sign in a column that has a direction already is a correction.
fn split(credit: &str, debit: &str, decimals: u8) -> Result<(Units, bool), LineError> {
    let column = |text: &str, is_debit: bool| match amount::read(text, decimals) {
        // some banks fill the other column with a dash
        Err(_) if matches!(text, "-" | "--" | "NA" | "N/A") => Ok(None),
        Ok(Some(Written { went: Some(went), .. })) if went != is_debit => Err(LineError::Direction),
        Ok(Some(Written { went: Some(true), .. })) if text.starts_with('-') => Err(LineError::Direction),
        Ok(written) => Ok(written.map(|written| written.units).filter(|units| !units.is_zero())),
        Err(error) => Err(error),
    };
    match (column(credit, false)?, column(debit, true)?) {
        (Some(units), None) => Ok((units, true)),
        (None, Some(units)) => Ok((units, false)),
        (Some(_), Some(_)) => Err(LineError::BothAmounts),
        (None, None) => Err(LineError::NoAmount),
    }
}

/// The account of a row such as `Account Number : 00012345678`, or with the number in the next cell.
fn account(row: &StringRecord) -> Option<String> {
    let is_label = |cell: &str| {
        let plain = columns::plain(cell);
        ["accountn", "acno", "acnumber", "acctn"].iter().any(|label| plain.starts_with(label))
    };
    let at = row.iter().position(is_label)?;
    let after_label = row.get(at)?.split_once([':', '-']).map_or("", |(_, after)| after);
    let candidates = std::iter::once(after_label).chain(row.iter().skip(at + 1));
    candidates.map(number).find(|number| number.bytes().filter(u8::is_ascii_digit).count() >= 4)
}

/// The first word that is a number, hidden digits included. Banks put an underscore or an apostrophe before it for spreadsheets.
fn number(text: &str) -> String {
    let words = text.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != '*'));
    words.filter(|word| word.bytes().any(|byte| byte.is_ascii_digit())).take(1).collect()
}
