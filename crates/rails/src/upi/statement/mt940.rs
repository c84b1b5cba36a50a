//! SWIFT MT940 (customer statement message): fields `:61:` and the `:86:` after each, between the balances `:60a:` and `:62a:`.

use super::reading::{Entry, Reading};
use super::{LineError, MAX_LINES, Statement, StatementError, amount, day};
use domain::Units;

/// The fields of the message, and of MT942 that some banks mix in. Only these begin a field: a payer's words may look like others.
const TAGS: [&str; 19] = [
    "20", "21", "25", "25P", "28", "28C", "60F", "60M", "61", "86", "62F", "62M", "64", "65", "13D", "34F", "90C",
    "90D", "NS",
];

struct Field<'a> {
    tag: &'a str,
    lines: Vec<&'a str>,
    line_number: u32,
}

pub(super) fn read(text: &str) -> Result<Statement, StatementError> {
    if text.lines().count() > MAX_LINES {
        return Err(StatementError::TooManyLines);
    }
    let mut reading = Reading::default();
    let fields = fields(text, &mut reading)?;
    if !fields.iter().any(|field| field.tag.starts_with("60")) {
        return Err(StatementError::WrongFormat);
    }
    let mut decimals = None;
    // What the balance should be; unknown once an amount was unreadable.
    let mut running: Option<i128> = None;
    for (at, field) in fields.iter().enumerate() {
        let first = field.lines.first().copied().unwrap_or_default();
        match field.tag {
            "25" | "25P" => reading.of_account(first)?,
            "60F" | "60M" => {
                let balance = Balance::read(first).ok_or(StatementError::WrongFormat)?;
                let places = reading.in_currency(balance.currency)?;
                // entries are only believed between two balances that can be read
                let opening = balance.signed(places).ok_or(StatementError::WrongFormat)?;
                (decimals, running) = (Some(places), Some(opening));
            }
            "62F" | "62M" => {
                let balance = Balance::read(first).ok_or(StatementError::WrongFormat)?;
                let closing = balance.signed(reading.in_currency(balance.currency)?);
                let differs = |running: i128| closing != Some(running);
                if closing.is_none() || running.is_some_and(differs) {
                    return Err(StatementError::Balance(field.line_number));
                }
                (decimals, running) = (None, None);
            }
            "61" => {
                let words = fields.get(at + 1).filter(|next| next.tag == "86");
                let movement =
                    decimals.ok_or(LineError::Unreadable).and_then(|decimals| Movement::read(field, decimals));
                running =
                    running.zip(movement.as_ref().ok()).and_then(|(sum, movement)| sum.checked_add(movement.signed()?));
                let entry = movement.and_then(|movement| movement.entry(field, words));
                reading.add(field.line_number, entry)?;
            }
            _ => {}
        }
    }
    reading.finish()
}

fn fields<'a>(text: &'a str, reading: &mut Reading) -> Result<Vec<Field<'a>>, StatementError> {
    let mut fields: Vec<Field<'a>> = Vec::new();
    let mut is_between = true;
    for (line, line_number) in text.lines().zip(1..) {
        // The blocks around a message: `{1:…}{2:…}{4:` before it, `-}` after it.
        let line = if is_between { line.rsplit_once("{4:").map_or(line, |(_, after)| after) } else { line };
        if let Some((tag, rest)) = tag(line) {
            fields.push(Field { tag, lines: vec![rest], line_number });
            is_between = false;
        } else if line.starts_with("-}") || line.trim_end() == "-" {
            is_between = true;
        } else if let Some(field) = fields.last_mut().filter(|_| !is_between) {
            field.lines.push(line);
        } else if !line.trim().is_empty() && !line.starts_with('{') {
            reading.add(line_number, Err(LineError::Unreadable))?;
        }
    }
    Ok(fields)
}

fn tag(line: &str) -> Option<(&str, &str)> {
    let (tag, rest) = line.strip_prefix(':')?.split_once(':')?;
    TAGS.contains(&tag).then_some((tag, rest))
}

/// `C240115INR1500,00`
struct Balance<'a> {
    is_debit: bool,
    currency: &'a str,
    amount: &'a str,
}

impl<'a> Balance<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let text = text.trim();
        day::six_digits(text.get(1..7)?)?;
        let is_debit = amount::is_debit(text.get(..1)?)?;
        Some(Self { is_debit, currency: text.get(7..10)?, amount: text.get(10..)? })
    }

    fn signed(&self, decimals: u8) -> Option<i128> {
        signed(amount::swift(self.amount, decimals).ok()?, !self.is_debit)
    }
}

fn signed(units: Units, credit: bool) -> Option<i128> {
    let units = i128::try_from(units.0).ok()?;
    Some(if credit { units } else { -units })
}

/// `:61:`, in its parts: value date, entry date, direction, letter of the currency, amount, kind, and references.
struct Movement<'a> {
    day: jiff::civil::Date,
    credit: bool,
    is_reversal: bool,
    amount: Units,
    customers: &'a str,
    banks: &'a str,
}

impl<'a> Movement<'a> {
    fn read(field: &Field<'a>, decimals: u8) -> Result<Self, LineError> {
        let line = field.lines.first().copied().unwrap_or_default();
        let day = line.get(..6).and_then(day::six_digits).ok_or(LineError::Day)?;
        let rest = &line[6..];
        let entry_date = rest.get(..4).filter(|date| date.bytes().all(|byte| byte.is_ascii_digit()));
        let rest = &rest[entry_date.map_or(0, str::len)..];
        let marks = [("RC", false, true), ("RD", true, true), ("C", true, false), ("D", false, false)];
        let mark = marks.into_iter().find_map(|mark| Some((rest.strip_prefix(mark.0)?, mark)));
        let (rest, (_, credit, is_reversal)) = mark.ok_or(LineError::Direction)?;
        // the last letter of the currency may stand before the amount
        let rest = rest.strip_prefix(|c: char| c.is_ascii_alphabetic()).unwrap_or(rest);
        let end = rest.find(|c: char| !c.is_ascii_digit() && !matches!(c, ',' | '.')).unwrap_or(rest.len());
        let amount = amount::swift(&rest[..end], decimals)?;
        // four signs of kind, then the customer's reference, then the bank's
        let references = rest.get(end + 4..).unwrap_or_default();
        let (customers, banks) = references.split_once("//").unwrap_or((references, ""));
        Ok(Self { day, credit, is_reversal, amount, customers, banks })
    }

    fn signed(&self) -> Option<i128> {
        signed(self.amount, self.credit)
    }

    fn entry(self, field: &Field<'a>, words: Option<&Field<'a>>) -> Result<Entry<'a>, LineError> {
        if self.is_reversal {
            return Err(LineError::Reversal);
        }
        let mut words = words.map(words_of).unwrap_or_default();
        words.splice(0..0, field.lines[1..].iter().copied());
        Ok(Entry {
            references: vec![self.customers, self.banks],
            rejoined: Some(rejoined(&words)),
            words,
            amount: self.amount,
            credit: self.credit,
            day: self.day,
        })
    }
}

/// The words of `:86:`. Structured ones begin with a code of three digits and are numbered, `166?20…?21…`; those numbers are not part
/// of them.
fn words_of<'a>(field: &Field<'a>) -> Vec<&'a str> {
    let first = field.lines.first().copied().unwrap_or_default();
    let code =
        first.split('?').next().filter(|code| first.contains('?') && code.bytes().all(|byte| byte.is_ascii_digit()));
    let Some(code) = code.filter(|code| matches!(code.len(), 0 | 3)) else { return field.lines.clone() };
    let without_number = |part: &'a str| match part.get(..2) {
        Some(number) if number.bytes().all(|byte| byte.is_ascii_digit()) => &part[2..],
        _ => part,
    };
    let mut words = Vec::new();
    for (line, at) in field.lines.iter().zip(0..) {
        let line = if at == 0 { &line[code.len()..] } else { line };
        let mut parts = line.split('?');
        // what stands before the first mark goes on from the line before
        words.extend(parts.next().filter(|rest| !rest.is_empty()));
        words.extend(parts.map(without_number));
    }
    words
}

/// Lines are cut at 65 signs and parts at 27, in the middle of a number if need be.
fn rejoined(words: &[&str]) -> String {
    let mut text = String::new();
    for part in words {
        let cuts_a_number =
            text.ends_with(|c: char| c.is_ascii_digit()) && part.starts_with(|c: char| c.is_ascii_digit());
        text.push_str(if cuts_a_number { "" } else { " " });
        text.push_str(part);
    }
    text
}
