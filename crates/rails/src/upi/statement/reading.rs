//! A statement while it is read.

use super::{Line, LineError, MAX_LINES, Rejected, Statement, StatementError, narration, text};
use domain::{Units, fiat};
use jiff::civil::Date;

/// One entry as its format gives it.
pub(super) struct Entry<'a> {
    pub references: Vec<&'a str>,
    /// What is shown.
    pub words: Vec<&'a str>,
    /// What is searched for a reference instead, where line ends may have cut a number.
    pub rejoined: Option<String>,
    pub amount: Units,
    pub credit: bool,
    pub day: Date,
}

#[derive(Default)]
pub(super) struct Reading {
    account: Option<String>,
    currency: Option<String>,
    lines: Vec<Line>,
    rejected: Vec<Rejected>,
}

impl Reading {
    /// The account, which must be one throughout the file, however it is spaced.
    pub fn of_account(&mut self, given: &str) -> Result<(), StatementError> {
        let plain =
            |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect::<String>();
        match &self.account {
            Some(known) if plain(known) != plain(given) => Err(StatementError::SeveralAccounts),
            Some(_) => Ok(()),
            None => {
                self.account = Some(text::on_one_line(&[given])).filter(|account| !account.is_empty());
                Ok(())
            }
        }
    }

    /// The currency, which must be one throughout the file. Answers how many decimals it has.
    pub fn in_currency(&mut self, code: &str) -> Result<u8, StatementError> {
        let decimals = fiat::minor_digits(code).ok_or(StatementError::NoCurrency)?;
        match &self.currency {
            Some(known) if known != code => Err(StatementError::SeveralCurrencies),
            _ => {
                self.currency = Some(code.to_owned());
                Ok(decimals)
            }
        }
    }

    pub fn add(&mut self, line_number: u32, entry: Result<Entry<'_>, LineError>) -> Result<(), StatementError> {
        let count = self.lines.len() + self.rejected.len() + 1;
        if count > MAX_LINES {
            return Err(StatementError::TooManyLines);
        }
        let position = u32::try_from(count).map_err(|_| StatementError::TooManyLines)?;
        match entry {
            Ok(entry) if entry.amount.is_zero() => {
                self.rejected.push(Rejected { line_number, why: LineError::NoAmount })
            }
            Ok(Entry { references, words, rejoined, amount, credit, day }) => {
                let searched = rejoined.as_deref().map_or_else(|| words.clone(), |rejoined| vec![rejoined]);
                let shown: Vec<&str> = references.iter().copied().chain(words.iter().copied()).collect();
                self.lines.push(Line {
                    rrn: narration::rrn(&references, &searched),
                    amount,
                    credit,
                    day,
                    text: narration::masked(&text::on_one_line(&shown)),
                    position,
                });
            }
            Err(why) => self.rejected.push(Rejected { line_number, why }),
        }
        Ok(())
    }

    pub fn finish(self) -> Result<Statement, StatementError> {
        let currency = self.currency.ok_or(StatementError::NoCurrency)?;
        Ok(Statement { account: self.account, currency, lines: self.lines, rejected: self.rejected })
    }
}
