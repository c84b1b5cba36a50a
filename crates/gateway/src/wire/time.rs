//! Times and days as the contract writes them. Always UTC.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// `YYYY-MM-DD HH:MM:SS` of a time in milliseconds since 1970. Times outside the years -9999 to 9999 give the nearest end.
pub fn written(time_ms: i64) -> String {
    let nearest_end = if time_ms < 0 { Timestamp::MIN } else { Timestamp::MAX };
    let time = Timestamp::from_millisecond(time_ms).unwrap_or(nearest_end);
    time.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Milliseconds since 1970 of `YYYY-MM-DD HH:MM:SS`; `None` for any other form.
pub fn read(text: &str) -> Option<i64> {
    let (day, clock) = text.split_at_checked(10)?;
    let clock = clock.strip_prefix(' ')?;
    let [h1, h2, b':', m1, m2, b':', s1, s2] = *clock.as_bytes() else { return None };
    let (hour, minute, second) = (number(&[h1, h2])?, number(&[m1, m2])?, number(&[s1, s2])?);
    let date = civil_date(day)?;
    // A leap second is not a time of ours.
    let time = DateTime::new(date.year(), date.month(), date.day(), hour, minute, second, 0).ok()?;
    Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond())
}

/// Days since 1970-01-01 of a strict `YYYY-MM-DD`; `None` for any other form and for days that do not exist.
pub fn read_day(text: &str) -> Option<i32> {
    (civil_date(text)? - epoch()).get_days().into()
}

/// `YYYY-MM-DD` of a day number.
pub fn written_day(day: i32) -> Option<String> {
    let date = epoch().checked_add(jiff::Span::new().try_days(day).ok()?).ok()?;
    Some(date.strftime("%Y-%m-%d").to_string())
}

fn epoch() -> Date {
    jiff::civil::date(1970, 1, 1)
}

fn civil_date(text: &str) -> Option<Date> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *text.as_bytes() else { return None };
    let year = i16::from(number(&[y1, y2])?) * 100 + i16::from(number(&[y3, y4])?);
    Date::new(year, number(&[m1, m2])?, number(&[d1, d2])?).ok()
}

fn number(digits: &[u8; 2]) -> Option<i8> {
    let [tens, ones] = *digits;
    if !(tens.is_ascii_digit() && ones.is_ascii_digit()) {
        return None;
    }
    i8::try_from((tens - b'0') * 10 + (ones - b'0')).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn times() {
        assert_eq!(written(0), "1970-01-01 00:00:00");
        assert_eq!(written(1_681_326_588_999), "2023-04-12 19:09:48");
        assert_eq!(read("2023-04-12 19:09:48"), Some(1_681_326_588_000));
        assert_eq!(written(i64::MAX), "9999-12-30 22:00:00");
        for bad in
            ["2023-04-12", "2023-04-12T19:09:48", "2023-04-12 19:09", "2023-04-12 24:00:00", "2023-04-12 19:09:60", "é"]
        {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn days() {
        let cases = [
            ("1970-01-01", Some(0)),
            ("2023-06-01", Some(19509)),
            ("2024-02-29", Some(19782)),
            ("1969-12-31", Some(-1)),
            ("2023-02-29", None),
            ("2023-13-01", None),
            ("2023-6-1", None),
            ("2023-06-01 ", None),
            ("+023-06-01", None),
            ("20230601", None),
            ("2023/06/01", None),
            ("", None),
        ];
        for (text, day) in cases {
            assert_eq!(read_day(text), day, "{text:?}");
            if let Some(day) = day {
                assert_eq!(written_day(day).as_deref(), Some(text));
            }
        }
        assert_eq!(written_day(i32::MAX), None);
    }

    proptest! {
        #[test]
        fn a_written_time_reads_back(seconds in -62_000_000_000_i64..250_000_000_000) {
            prop_assert_eq!(read(&written(seconds * 1000)), Some(seconds * 1000));
        }
    }
}
