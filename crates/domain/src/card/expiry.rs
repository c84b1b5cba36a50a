//! The month a card runs out.

use crate::time::Time;

/// Month and year; the card is good until the month's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expiry {
    /// 1 ..= 12
    pub month: u8,
    /// Four digits.
    pub year: u16,
}

/// Not a month and a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an expiry date is MM/YYYY")]
pub struct BadExpiry;

impl Expiry {
    /// Reads `MM/YYYY` (contract, payin.md), and `MM/YY` or blanks around the stroke as payers type it.
    ///
    /// # Errors
    /// [`BadExpiry`] for anything else.
    pub fn parse(text: &str) -> Result<Self, BadExpiry> {
        let (month, year) = text.split_once('/').ok_or(BadExpiry)?;
        let number = |text: &str| match text.bytes().all(|byte| byte.is_ascii_digit()) {
            true => text.parse::<u16>().map_err(|_| BadExpiry),
            false => Err(BadExpiry),
        };
        let (month, year) = (month.trim(), year.trim());
        let month = match (month.len(), number(month)?) {
            (1 | 2, month @ 1..=12) => u8::try_from(month).map_err(|_| BadExpiry)?,
            _ => return Err(BadExpiry),
        };
        match year.len() {
            2 => Ok(Self { month, year: 2000 + number(year)? }),
            4 if number(year)? >= 1970 => Ok(Self { month, year: number(year)? }),
            _ => Err(BadExpiry),
        }
    }

    /// Whether the month is over everywhere: half a day of grace for the time zones behind UTC.
    pub fn is_past(self, now: Time) -> bool {
        let now = now.plus(-12 * crate::time::HOUR);
        let Ok(stamp) = jiff::Timestamp::from_millisecond(now.0) else { return true };
        let date = stamp.to_zoned(jiff::tz::TimeZone::UTC).date();
        let (year, month) = (i32::from(date.year()), i32::from(date.month()));
        (i32::from(self.year), i32::from(self.month)) < (year, month)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_read_and_compared() {
        assert_eq!(Expiry::parse("02/2025"), Ok(Expiry { month: 2, year: 2025 }));
        assert_eq!(Expiry::parse("2 / 25"), Ok(Expiry { month: 2, year: 2025 }));
        for text in ["", "2025", "13/2025", "00/2025", "02/025", "+2/2025", "02/20255", "02-2025", "02/-1"] {
            assert_eq!(Expiry::parse(text), Err(BadExpiry), "{text}");
        }
        let february = Expiry { month: 2, year: 2025 };
        // 2025-02-28 23:59:59 and 2025-03-01 12:00:00 UTC
        assert!(!february.is_past(Time(1_740_787_199_000)));
        assert!(february.is_past(Time(1_740_830_400_000)));
        assert!(!Expiry { month: 12, year: 2999 }.is_past(Time(1_740_830_400_000)));
    }
}
