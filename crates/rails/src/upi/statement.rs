//! Bank statements, so that money at a merchant's own address is proved by the bank and not by the payer (docs/decisions/0023).
//!
//! A line that cannot be read is listed with its reason, never dropped. What is in the file twice is answered twice: whoever matches
//! decides.

mod amount;
mod camt053;
mod csv;
mod day;
mod mt940;
mod narration;
mod reading;
mod text;

pub use csv::{AmountColumns, CsvColumns};
pub use day::DayOrder;

use super::rrn::Rrn;
use domain::Units;
use jiff::civil::Date;

/// Largest file read, in bytes.
pub const MAX_BYTES: usize = 10 << 20;
/// Most lines of a file, or entries of an XML file.
pub const MAX_LINES: usize = 100_000;

/// How a statement is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// With these columns, or with those of the usual names if there is `None`.
    Csv(Option<CsvColumns>),
    /// SWIFT MT940 customer statement.
    Mt940,
    /// ISO 20022 `camt.053`, any version.
    Camt053,
}

/// What a bank says happened on one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// As the bank writes it, if the file says it. Lines of another account than the merchant's prove nothing.
    pub account: Option<String>,
    /// ISO 4217, upper case.
    pub currency: String,
    pub lines: Vec<Line>,
    pub rejected: Vec<Rejected>,
}

/// Money that came or went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// `None` when the line names no reference, or more than one that could be it.
    pub rrn: Option<Rrn>,
    /// In the currency's minor unit, above zero.
    pub amount: Units,
    /// Whether it came. Reversals are neither: they are rejected, for a person to look at.
    pub credit: bool,
    /// The bank's day, which has no time and no zone.
    pub day: Date,
    /// The bank's words on one line, card numbers masked.
    pub text: String,
    /// Counts the entries of the file from 1, rejected ones included.
    pub position: u32,
}

/// A line that was not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rejected {
    /// Counts the lines of the file from 1.
    pub line_number: u32,
    pub why: LineError,
}

/// Why one line was rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    #[error("the line has not the columns of the header")]
    Columns,
    #[error("no readable date")]
    Day,
    #[error("no amount")]
    NoAmount,
    #[error("the amount is not a plain number with at most the currency's decimals")]
    Amount,
    #[error("money came and went in one line")]
    BothAmounts,
    #[error("it does not say whether money came or went")]
    Direction,
    #[error("the entry is in another currency than the account")]
    Currency,
    #[error("not booked yet")]
    NotBooked,
    #[error("a reversal: look at it by hand")]
    Reversal,
    #[error("the parts of the entry do not add up to it")]
    Batch,
    #[error("not a line of a statement")]
    Unreadable,
}

/// Why a file was refused as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    #[error("the file is larger than {} MiB", MAX_BYTES >> 20)]
    TooLarge,
    #[error("the file has more than {} lines", MAX_LINES)]
    TooManyLines,
    #[error("the file is empty")]
    Empty,
    #[error("no line names the columns: a date, an amount or credit and debit, and a reference or a text are needed")]
    NoHeader,
    #[error("a quotation mark is opened in line {0} and not closed where its row ends")]
    OpenQuote(u32),
    #[error("this is not a statement in the format named")]
    WrongFormat,
    #[error("the XML is malformed (line {0})")]
    Xml(u32),
    #[error("the XML has a document type, which could declare entities")]
    DocumentType,
    #[error("the statement does not say its currency, or one that is not in ISO 4217")]
    NoCurrency,
    #[error("the file holds statements of several accounts: import each by itself")]
    SeveralAccounts,
    #[error("the file holds statements in several currencies: import each by itself")]
    SeveralCurrencies,
    #[error("the entries do not add up from the opening to the closing balance (line {0})")]
    Balance(u32),
}

/// Reads a statement in UTF-8 or UTF-16 with a byte order mark, plain UTF-8, or Windows-1252.
///
/// # Errors
/// [`StatementError`] when the file as a whole cannot be trusted; single lines are in `rejected`.
pub fn read(format: &Format, bytes: &[u8]) -> Result<Statement, StatementError> {
    if bytes.len() > MAX_BYTES {
        return Err(StatementError::TooLarge);
    }
    let text = text::decode(bytes);
    if text.trim().is_empty() {
        return Err(StatementError::Empty);
    }
    match format {
        Format::Csv(columns) => csv::read(columns.as_ref(), &text),
        Format::Mt940 => mt940::read(&text),
        Format::Camt053 => camt053::read(&text),
    }
}

/// The format that a file looks like. What looks like none of the others is taken for CSV with the usual columns.
pub fn guess(bytes: &[u8]) -> Format {
    let text = text::decode(bytes);
    let begin = text.trim_start();
    match begin {
        xml if xml.starts_with('<') => Format::Camt053,
        // a bank's frame of the message, or its first field
        swift if swift.starts_with("{1:") || swift.lines().take(9).any(|line| line.starts_with(":20:")) => {
            Format::Mt940
        }
        _ => Format::Csv(None),
    }
}

#[cfg(test)]
mod tests;
