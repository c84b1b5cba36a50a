//! Dates as banks write them.

use jiff::civil::Date;

/// In which order a date is written. A date that begins with a four-digit year is read as year, month, day in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DayOrder {
    /// As all Indian banks do.
    #[default]
    DayMonthYear,
    MonthDayYear,
    YearMonthDay,
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Reads `31/01/24`, `31-01-2024`, `31 Jan 2024`, `31-Jan-24`, `2024-01-31`, also with a time of day behind. Years 2000 to 2099.
pub(super) fn read(text: &str, order: DayOrder) -> Option<Date> {
    let mut parts = text.split(['/', '-', '.', ' ', 'T', ',']).filter(|part| !part.is_empty());
    let parts = [parts.next()?, parts.next()?, parts.next()?];
    let order = if parts[0].len() == 4 { DayOrder::YearMonthDay } else { order };
    let [year, month, day] = match order {
        DayOrder::DayMonthYear => [parts[2], parts[1], parts[0]],
        DayOrder::MonthDayYear => [parts[2], parts[0], parts[1]],
        DayOrder::YearMonthDay => parts,
    };
    let year = match year.len() {
        2 => 2000 + number(year)?,
        4 => number(year)?,
        _ => return None,
    };
    date(year, number(month).or_else(|| named(month))?, number(day)?)
}

/// The six digits `YYMMDD` of SWIFT.
pub(super) fn six_digits(text: &str) -> Option<Date> {
    let part = |from: usize| number(text.get(from..from + 2)?);
    date(2000 + part(0)?, part(2)?, part(4)?)
}

fn date(year: i16, month: i16, day: i16) -> Option<Date> {
    let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    (2000..2100).contains(&year).then_some(date)
}

fn number(text: &str) -> Option<i16> {
    let is_number = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

fn named(text: &str) -> Option<i16> {
    let text = text.to_ascii_lowercase();
    let at = MONTHS.iter().position(|month| text.starts_with(month))?;
    text.bytes().all(|byte| byte.is_ascii_alphabetic()).then(|| i16::try_from(at + 1).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        use DayOrder::{DayMonthYear, MonthDayYear, YearMonthDay};
        for (text, order, expected) in [
            ("31/01/24", DayMonthYear, Some("2024-01-31")),
            ("31-01-2024", DayMonthYear, Some("2024-01-31")),
            ("1.2.2024", DayMonthYear, Some("2024-02-01")),
            ("15 Jan 2024", DayMonthYear, Some("2024-01-15")),
            ("15-JANUARY-24", DayMonthYear, Some("2024-01-15")),
            ("2024-01-31", DayMonthYear, Some("2024-01-31")),
            ("2024-01-31T10:11:12+05:30", DayMonthYear, Some("2024-01-31")),
            ("31/01/2024 10:11:12", DayMonthYear, Some("2024-01-31")),
            ("01/31/2024", MonthDayYear, Some("2024-01-31")),
            ("24/01/31", YearMonthDay, Some("2024-01-31")),
            ("29/02/2024", DayMonthYear, Some("2024-02-29")),
            ("29/02/2023", DayMonthYear, None),
            ("31/04/2024", DayMonthYear, None),
            ("01/13/2024", DayMonthYear, None),
            ("00/01/2024", DayMonthYear, None),
            ("31/01/1999", DayMonthYear, None),
            ("31/01/124", DayMonthYear, None),
            ("31/01", DayMonthYear, None),
            ("31/x/2024", DayMonthYear, None),
            ("Opening Balance", DayMonthYear, None),
            ("45292", DayMonthYear, None),
            ("", DayMonthYear, None),
        ] {
            assert_eq!(read(text, order).map(|date| date.to_string()).as_deref(), expected, "{text}");
        }
        assert_eq!(six_digits("240131").map(|date| date.to_string()).as_deref(), Some("2024-01-31"));
        assert_eq!((six_digits("240132"), six_digits("24013"), six_digits("2401x1")), (None, None, None));
    }
}
