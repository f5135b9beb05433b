//! Times written as text: ISO by hand, since millions of them are read; other formats through jiff.

use jiff::fmt::strtime::BrokenDownTime;
use jiff::{Timestamp, tz};

const NANOS_PER_SECOND: i128 = 1_000_000_000;

/// Nanoseconds since 1970 of ISO text: a date, or a date and a time of day parted by `T` or a space, with
/// seconds, a fraction and an offset where wanted; UTC without an offset. `None` for any other text.
pub(crate) fn iso(text: &[u8]) -> Option<i128> {
    let mut left = text;
    let year = number(&mut left, 4)?;
    expect(&mut left, b'-')?;
    let month = number(&mut left, 2)?;
    expect(&mut left, b'-')?;
    let day = number(&mut left, 2)?;
    if !(1..=12).contains(&month) || day < 1 || day > days_in_month(year, month) {
        return None;
    }
    let mut seconds = days_from_civil(year, month, day) * 86_400;
    let mut nanos = 0;
    if let Some(rest) = left.strip_prefix(b"T").or(left.strip_prefix(b"t")).or(left.strip_prefix(b" ")) {
        left = rest;
        let hour = number(&mut left, 2)?;
        expect(&mut left, b':')?;
        let minute = number(&mut left, 2)?;
        let second = if expect(&mut left, b':').is_some() { number(&mut left, 2)? } else { 0 };
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        seconds += hour * 3600 + minute * 60 + second;
        if let Some(rest) = left.strip_prefix(b".").or(left.strip_prefix(b",")) {
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let (fraction, rest) = rest.split_at(digits);
            nanos = fraction_nanos(fraction)?;
            left = rest;
        }
        seconds -= offset_seconds(left)?;
        left = &[];
    }
    left.is_empty().then(|| i128::from(seconds) * NANOS_PER_SECOND + i128::from(nanos))
}

/// The offset at the end of a time; 0 where there is none.
fn offset_seconds(text: &[u8]) -> Option<i64> {
    let mut left = text.strip_prefix(b" ").unwrap_or(text);
    if matches!(left, b"" | b"Z" | b"z" | b"UTC") {
        // A space with nothing behind it was trimmed before.
        return Some(0);
    }
    let sign = if expect(&mut left, b'+').is_some() {
        1
    } else {
        expect(&mut left, b'-')?;
        -1
    };
    let hours = number(&mut left, 2)?;
    let _ = expect(&mut left, b':');
    let minutes = if left.is_empty() { 0 } else { number(&mut left, 2)? };
    (left.is_empty() && hours <= 25 && minutes <= 59).then_some(sign * (hours * 3600 + minutes * 60))
}

/// One to nine digits behind the point, or more where the further ones are zero.
fn fraction_nanos(digits: &[u8]) -> Option<i64> {
    if digits.is_empty() {
        return None;
    }
    let (kept, beyond) = digits.split_at(digits.len().min(9));
    if beyond.iter().any(|&byte| byte != b'0') {
        return None;
    }
    let value = kept.iter().fold(0, |value, byte| value * 10 + i64::from(byte - b'0'));
    Some((kept.len()..9).fold(value, |value, _| value * 10))
}

/// Takes exactly `count` digits.
fn number(left: &mut &[u8], count: usize) -> Option<i64> {
    let (digits, rest) = left.split_at_checked(count)?;
    let mut value = 0;
    for byte in digits {
        if !byte.is_ascii_digit() {
            return None;
        }
        value = value * 10 + i64::from(byte - b'0');
    }
    *left = rest;
    Some(value)
}

fn expect(left: &mut &[u8], byte: u8) -> Option<()> {
    let (first, rest) = left.split_first()?;
    (*first == byte).then(|| *left = rest)
}

pub(crate) fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a date of the Gregorian calendar. Years count from March, so that the day that
/// leaps is the last of its year.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Nanoseconds since 1970 of text of a strptime format.
pub(crate) fn pattern(format: &str, text: &[u8]) -> Result<i128, String> {
    let parsed = BrokenDownTime::parse(format, text).map_err(|error| error.to_string())?;
    if let Ok(timestamp) = parsed.to_timestamp() {
        return Ok(timestamp.as_nanosecond());
    }
    let date = parsed.to_date().map_err(|error| error.to_string())?;
    // A format without a time of day is midnight.
    let datetime = match parsed.hour() {
        Some(_) => date.to_datetime(parsed.to_time().map_err(|error| error.to_string())?),
        None => date.at(0, 0, 0, 0),
    };
    tz::Offset::UTC.to_timestamp(datetime).map(Timestamp::as_nanosecond).map_err(|error| error.to_string())
}

/// Checks that a strptime format is one.
pub(crate) fn check_pattern(format: &str) -> Result<(), String> {
    let epoch = Timestamp::UNIX_EPOCH.to_zoned(tz::TimeZone::UTC);
    jiff::fmt::strtime::format(format, &epoch).map(drop).map_err(|error| error.to_string())
}

/// A time for a message: ISO text.
pub(crate) fn show(nanos: i64) -> String {
    Timestamp::from_nanosecond(i128::from(nanos))
        .map_or_else(|_| format!("{nanos} ns since 1970"), |timestamp| timestamp.to_string())
}

/// The strptime format that text of a usual shape probably has, quoted for a shell; both where day and month
/// cannot be told apart.
pub(crate) fn suggestion(text: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(text).ok()?;
    let split = text.find([' ', 'T']).unwrap_or(text.len());
    let (date, time) = text.split_at(split);
    let time = if time.is_empty() { String::new() } else { time_of_day(time)? };
    let quoted = |date: &str| format!("'{date}{time}'");
    if !date.is_empty() && date.bytes().all(|byte| byte.is_ascii_digit()) {
        return (date.len() == 8).then(|| quoted("%Y%m%d"));
    }
    let separator = date.chars().find(|c| matches!(c, '/' | '.' | '-'))?;
    let parts: Vec<&str> = date.split(separator).collect();
    let [a, b, c] = parts.as_slice() else { return None };
    if [a, b, c].iter().any(|part| part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit())) {
        return None;
    }
    if a.len() == 4 {
        return Some(quoted(&format!("%Y{separator}%m{separator}%d")));
    }
    let year = match c.len() {
        4 => "%Y",
        2 => "%y",
        _ => return None,
    };
    let month_first = quoted(&format!("%m{separator}%d{separator}{year}"));
    let day_first = quoted(&format!("%d{separator}%m{separator}{year}"));
    Some(match (a.parse::<u8>().ok()?, b.parse::<u8>().ok()?) {
        (13.., _) => day_first,
        (_, 13..) => month_first,
        (..13, ..13) => format!("{month_first} where the month comes first, or {day_first}"),
    })
}

/// The format of a time of day, with what parts it from the date.
fn time_of_day(text: &str) -> Option<String> {
    let (separator, rest) = text.split_at_checked(1)?;
    let (clock, half) = match rest.split_once(' ') {
        Some((clock, half)) if matches!(half.to_ascii_lowercase().as_str(), "am" | "pm") => (clock, " %p"),
        Some(_) => return None,
        None => (rest, ""),
    };
    let hour = if half.is_empty() { "%H" } else { "%I" };
    let numeric = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = clock.split(':').collect();
    let format = match parts.as_slice() {
        [digits] if numeric(digits) && digits.len() == 6 => format!("{hour}%M%S"),
        [digits] if numeric(digits) && digits.len() == 4 => format!("{hour}%M"),
        [h, m] if numeric(h) && numeric(m) => format!("{hour}:%M"),
        [h, m, s] if numeric(h) && numeric(m) && numeric(s) => format!("{hour}:%M:%S"),
        [h, m, s] if numeric(h) && numeric(m) && numeric(&s.replacen('.', "", 1)) => {
            format!("{hour}:%M:%S%.f")
        }
        _ => return None,
    };
    Some(format!("{separator}{format}{half}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn iso_texts() {
        for (text, nanos) in [
            ("1970-01-01", 0),
            ("2021-12-31 23:01:00.000000", 1_640_991_660_000_000_000),
            ("2012-02-01 00:00:00+00:00", 1_328_054_400_000_000_000),
            ("2020-12-15 09:30", 1_608_024_600_000_000_000),
            ("2017-01-03", 1_483_401_600_000_000_000),
            ("2025-03-25T23:07:00.840478284Z", 1_742_944_020_840_478_284),
            ("2025-03-25t23:07:00.5z", 1_742_944_020_500_000_000),
            ("2012-02-01 01:30:00 +01:30", 1_328_054_400_000_000_000),
            ("2012-02-01 00:00:00-0100", 1_328_058_000_000_000_000),
            ("2012-02-01 00:00:00+00", 1_328_054_400_000_000_000),
            ("2012-02-01 00:00:00 UTC", 1_328_054_400_000_000_000),
            ("1969-12-31 23:59:59.999999999", -1),
            ("2000-02-29", 951_782_400_000_000_000),
        ] {
            assert_eq!(iso(text.as_bytes()), Some(nanos), "{text}");
        }
        for text in [
            "",
            "2021",
            "2021-1-1",
            "2021-13-01",
            "2021-02-29",
            "1900-02-29",
            "2021-01-00",
            "2021-01-01x",
            "2021-01-01 24:00",
            "2021-01-01 10",
            "2021-01-01 10:60",
            "2021-01-01 10:00:60",
            "2021-01-01 10:00.5x",
            "2021-01-01 10:00:00.",
            "2021-01-01 10:00:00.0000000001",
            "2021-01-01 10:00 CET",
            "2021-01-01 10:00+1",
            "2021-01-01 10:00+01:60",
            "01/03/2017",
            "20210101",
        ] {
            assert_eq!(iso(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn other_texts_need_their_format() {
        for (format, text, nanos) in [
            ("%m/%d/%Y", "01/03/2017", 1_483_401_600_000_000_000),
            ("%m/%d/%y", "01/03/17", 1_483_401_600_000_000_000),
            ("%m/%d/%Y %H:%M", "11/5/2019 9:30", 1_572_946_200_000_000_000),
            ("%Y%m%d %H:%M", "20141201 00:00", 1_417_392_000_000_000_000),
            ("%Y-%m-%d %H:%M:%S %z", "2012-02-01 01:00:00 +0100", 1_328_054_400_000_000_000),
            ("%s", "1483401600", 1_483_401_600_000_000_000),
        ] {
            assert_eq!(pattern(format, text.as_bytes()), Ok(nanos), "{format}");
            assert_eq!(check_pattern(format), Ok(()));
        }
        assert!(pattern("%m/%d/%Y", b"13/13/2017").is_err());
        assert!(pattern("%m/%d", b"01/03").is_err());
        assert!(check_pattern("%!").is_err());
    }

    #[test]
    fn shapes_are_told() {
        for (text, format) in [
            ("01/03/2017", "'%m/%d/%Y' where the month comes first, or '%d/%m/%Y'"),
            ("01/13/17", "'%m/%d/%y'"),
            ("13.01.2017 10:00:00", "'%d.%m.%Y %H:%M:%S'"),
            ("1/31/2019 9:30 PM", "'%m/%d/%Y %I:%M %p'"),
            ("20141201 00:00", "'%Y%m%d %H:%M'"),
            ("20141201 170000", "'%Y%m%d %H%M%S'"),
            ("2021/01/02 10:00:00.125", "'%Y/%m/%d %H:%M:%S%.f'"),
        ] {
            assert_eq!(suggestion(text.as_bytes()).as_deref(), Some(format));
        }
        assert_eq!(suggestion(b"yesterday"), None);
        assert_eq!(suggestion(b""), None);
    }

    proptest! {
        #[test]
        fn iso_agrees_with_jiff(seconds in -8_000_000_000_i64..8_000_000_000, nanos in 0..1_000_000_000_i32) {
            let stamp = Timestamp::new(seconds, 0).unwrap() + jiff::SignedDuration::new(0, nanos);
            prop_assert_eq!(iso(stamp.to_string().as_bytes()), Some(stamp.as_nanosecond()));
        }

        #[test]
        fn no_text_panics(text in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = iso(&text);
            let _ = suggestion(&text);
            let _ = pattern("%Y-%m-%d", &text);
        }

        #[test]
        fn no_date_like_text_panics(text in "[0-9]{1,5}[-/.][0-9]{1,3}[-/.][0-9]{1,5}[ T][0-9:.+Z ]{0,20}") {
            let _ = iso(text.as_bytes());
            let _ = suggestion(text.as_bytes());
        }
    }
}
