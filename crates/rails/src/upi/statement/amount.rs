//! Amounts as banks write them: exact decimals, never rounded.

use super::LineError;
use domain::Units;

/// An amount and whether the text says of it that money came (`Cr`) or went (`-`, `Dr`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Written {
    pub units: Units,
    pub went: Option<bool>,
}

/// Reads `1,00,000.00`, `100,000`, `₹ 1,500.00 Cr`, `-12.5`; `Ok(None)` for nothing.
pub(super) fn read(text: &str, decimals: u8) -> Result<Option<Written>, LineError> {
    let mut rest = text.trim();
    let mut went = None;
    if let Some((before, is_debit)) = marked(rest) {
        (rest, went) = (before, Some(is_debit));
    }
    for sign in ["₹", "INR", "Rs.", "Rs"] {
        rest = rest.strip_prefix(sign).unwrap_or(rest).trim_start();
    }
    for (sign, is_debit) in [("-", true), ("+", false)] {
        if let Some(unsigned) = rest.strip_prefix(sign) {
            if went.is_some() {
                return Err(LineError::Amount);
            }
            (rest, went) = (unsigned, Some(is_debit));
        }
    }
    if rest.is_empty() && went.is_none() {
        return Ok(None);
    }
    let units = Units::parse(&ungrouped(rest)?, decimals).map_err(|_| LineError::Amount)?;
    Ok(Some(Written { units, went }))
}

/// SWIFT: a comma and no groups, `1500,00` or `1500,`.
pub(super) fn swift(text: &str, decimals: u8) -> Result<Units, LineError> {
    let plain = text.strip_suffix(',').unwrap_or(text).replace(',', ".");
    Units::parse(&plain, decimals).map_err(|_| LineError::Amount)
}

/// The text before a `Cr` or `Dr` at its end, and whether it was `Dr`.
fn marked(text: &str) -> Option<(&str, bool)> {
    let mark = text.trim_end_matches('.');
    let (before, mark) = mark.split_at_checked(mark.len().checked_sub(2)?)?;
    let is_debit = is_debit(mark)?;
    before.ends_with(|c: char| c.is_ascii_digit() || c.is_whitespace()).then(|| (before.trim_end(), is_debit))
}

/// `Dr` and the like: true. `Cr` and the like: false.
pub(super) fn is_debit(mark: &str) -> Option<bool> {
    match mark.trim().trim_end_matches('.').to_ascii_lowercase().as_str() {
        "dr" | "d" | "debit" | "dbit" | "withdrawal" => Some(true),
        "cr" | "c" | "credit" | "crdt" | "deposit" => Some(false),
        _ => None,
    }
}

/// Without its thousands separators: three digits before the point, and groups of two (India) or three before them.
fn ungrouped(text: &str) -> Result<String, LineError> {
    let (whole, fraction) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut groups = whole.rsplit(',');
    let last = groups.next().unwrap_or_default();
    let rest: Vec<&str> = groups.collect();
    let Some((first, middle)) = rest.split_last() else { return Ok(text.to_owned()) };
    let width = middle.first().map_or(3, |group| group.len());
    let good = last.len() == 3 && matches!(width, 2 | 3) && middle.iter().all(|group| group.len() == width);
    if !good || first.is_empty() || first.len() > width {
        return Err(LineError::Amount);
    }
    Ok(format!("{}{fraction}", whole.replace(',', "")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts() {
        let bad = Err(LineError::Amount);
        for (text, expected) in [
            ("1500.00", Ok(Some((150_000, None)))),
            ("1,00,000.00", Ok(Some((10_000_000, None)))),
            ("12,34,56,789.01", Ok(Some((12_345_678_901, None)))),
            ("100,000.5", Ok(Some((10_000_050, None)))),
            ("1,500", Ok(Some((150_000, None)))),
            ("0.1", Ok(Some((10, None)))),
            ("99999999999999999999.99", Ok(Some((9_999_999_999_999_999_999_999, None)))),
            (" ₹ 1,500.00 ", Ok(Some((150_000, None)))),
            ("INR 12.5", Ok(Some((1250, None)))),
            ("Rs. 12.5", Ok(Some((1250, None)))),
            ("1,500.00 Cr", Ok(Some((150_000, Some(false))))),
            ("1,500.00DR.", Ok(Some((150_000, Some(true))))),
            ("-12.50", Ok(Some((1250, Some(true))))),
            ("+12.50", Ok(Some((1250, Some(false))))),
            ("", Ok(None)),
            ("  ", Ok(None)),
            ("0.00", Ok(Some((0, None)))),
            ("1.500,00", bad),
            ("1,50,00", bad),
            ("1,0000.00", bad),
            ("1000,000.00", bad),
            (",500", bad),
            ("1,,500", bad),
            ("1,00,0000,000", bad),
            ("12.345", bad),
            ("1e3", bad),
            ("--5", bad),
            ("-5 Dr", bad),
            ("-", bad),
            ("NaN", bad),
            ("१००", bad),
            ("(12.50)", bad),
        ] {
            let read = read(text, 2).map(|read| read.map(|written| (written.units.0, written.went)));
            assert_eq!(read, expected, "{text}");
        }
    }

    #[test]
    fn amounts_of_swift() {
        for (text, expected) in [
            ("1500,00", Ok(150_000)),
            ("1500,", Ok(150_000)),
            ("0,5", Ok(50)),
            ("1500.00", Ok(150_000)),
            ("1,500,00", Err(LineError::Amount)),
            ("", Err(LineError::Amount)),
            ("1500,001", Err(LineError::Amount)),
        ] {
            assert_eq!(swift(text, 2).map(|units| units.0), expected, "{text}");
        }
    }
}
