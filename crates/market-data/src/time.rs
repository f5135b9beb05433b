//! The time column: one format for the whole file.

use std::path::{Path, PathBuf};

use feature_api::UnixNanos;

use crate::number::{CellError, shown};
use crate::scan::Scan;
use crate::{MarketDataError, ProblemKind, TimeFormat, time_text};

/// Unit of a time since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Seconds,
    Millis,
    Micros,
    Nanos,
}

impl Unit {
    /// The unit that a time of this size is of: each reaches from 1973 to 5138 in the next coarser one.
    pub(crate) const fn of(whole: u128) -> Self {
        match whole {
            0..100_000_000_000 => Self::Seconds,
            100_000_000_000..100_000_000_000_000 => Self::Millis,
            100_000_000_000_000..100_000_000_000_000_000 => Self::Micros,
            _ => Self::Nanos,
        }
    }

    /// The unit as a power of ten of nanoseconds.
    const fn exponent(self) -> i32 {
        match self {
            Self::Seconds => 9,
            Self::Millis => 6,
            Self::Micros => 3,
            Self::Nanos => 0,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Seconds => "seconds",
            Self::Millis => "milliseconds",
            Self::Micros => "microseconds",
            Self::Nanos => "nanoseconds",
        }
    }

    /// The word of the option `--time` that says this unit.
    const fn option(self) -> &'static str {
        match self {
            Self::Seconds => "s",
            Self::Millis => "ms",
            Self::Micros => "us",
            Self::Nanos => "ns",
        }
    }

    /// Nanoseconds of so many of this unit.
    pub(crate) fn nanos(self, count: i128) -> i128 {
        count * 10_i128.pow(self.exponent().unsigned_abs())
    }
}

/// How the times of this file are written.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// A number of a unit that was asked for.
    Number(Unit),
    /// A number whose unit was told by its size at this line.
    Detected(Unit, u64),
    /// ISO text.
    Iso,
    /// Text of a strptime format.
    Pattern(String),
}

/// Reads the time column.
#[derive(Debug)]
pub(crate) struct Clock {
    path: PathBuf,
    kind: Option<Kind>,
}

impl Clock {
    /// A clock of that format.
    pub(crate) fn new(path: &Path, format: &TimeFormat) -> Result<Self, MarketDataError> {
        let kind = match format {
            TimeFormat::Auto => None,
            TimeFormat::Seconds => Some(Kind::Number(Unit::Seconds)),
            TimeFormat::Millis => Some(Kind::Number(Unit::Millis)),
            TimeFormat::Micros => Some(Kind::Number(Unit::Micros)),
            TimeFormat::Nanos => Some(Kind::Number(Unit::Nanos)),
            TimeFormat::Text(format) => {
                time_text::check_pattern(format)
                    .map_err(|reason| MarketDataError::TimePattern { format: format.clone(), reason })?;
                Some(Kind::Pattern(format.clone()))
            }
        };
        Ok(Self { path: path.to_owned(), kind })
    }

    /// What was found out about the column.
    pub(crate) fn note(&self) -> Option<String> {
        match &self.kind {
            Some(Kind::Detected(unit, _)) => {
                Some(format!("times are {} since 1970, told by their size", unit.name()))
            }
            Some(Kind::Iso) => Some("times are ISO text, UTC where there is no offset".to_owned()),
            Some(Kind::Number(_) | Kind::Pattern(_)) | None => None,
        }
    }

    /// The time of a cell of text; the outer error is for a file whose time format cannot be told.
    pub(crate) fn text(
        &mut self,
        line: u64,
        text: &[u8],
    ) -> Result<Result<UnixNanos, CellError>, MarketDataError> {
        let text = text.trim_ascii();
        if text.is_empty() {
            return Ok(Err(CellError {
                kind: ProblemKind::MissingCell,
                message: "the cell is empty; expected a time".to_owned(),
            }));
        }
        if self.kind.is_none() {
            match self.detect(line, text)? {
                Some(kind) => self.kind = Some(kind),
                None => return Ok(Err(unparsable(text, "a time"))),
            }
        }
        Ok(match &self.kind {
            Some(Kind::Number(unit)) => number(text, *unit),
            Some(Kind::Detected(unit, first)) => {
                same_unit(text, *unit, *first).and_then(|()| number(text, *unit))
            }
            Some(Kind::Iso) => match time_text::iso(text) {
                Some(nanos) => in_range(nanos, text),
                None => Err(unparsable(text, "ISO text, like the first row")),
            },
            Some(Kind::Pattern(format)) => match time_text::pattern(format, text) {
                Ok(nanos) => in_range(nanos, text),
                Err(reason) => Err(unparsable(text, &format!("the format {format:?}: {reason}"))),
            },
            None => Err(unparsable(text, "a time")),
        })
    }

    /// The format of the file, told by its first time; `None` where this is no time of any shape.
    fn detect(&self, line: u64, text: &[u8]) -> Result<Option<Kind>, MarketDataError> {
        let refuse = |reason, suggestion| {
            Err(MarketDataError::TimeFormat {
                path: self.path.clone(),
                line,
                found: shown(text),
                reason,
                suggestion,
            })
        };
        if let Ok(scan) = Scan::of(text) {
            let unit = Unit::of(whole(scan).unsigned_abs());
            if let Some(format) = date_of_digits(text) {
                let suggestion = format!("'{format}', or --time {}", unit.option());
                return refuse("may be a date without separators or a number since 1970", suggestion);
            }
            return Ok(Some(Kind::Detected(unit, line)));
        }
        if time_text::iso(text).is_some() {
            return Ok(Some(Kind::Iso));
        }
        match time_text::suggestion(text) {
            Some(suggestion) => refuse("is neither a number nor ISO text", suggestion),
            None => Ok(None),
        }
    }
}

/// The format of digits that read as a date of the years 1900 to 2199: `20141201` or `201412011730`.
fn date_of_digits(text: &[u8]) -> Option<&'static str> {
    let format = match text.len() {
        8 => "%Y%m%d",
        12 => "%Y%m%d%H%M",
        _ => return None,
    };
    let value: i64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    let (date, time) = if text.len() == 8 { (value, 0) } else { (value / 10_000, value % 10_000) };
    let (year, month, day) = (date / 10_000, date / 100 % 100, date % 100);
    let is_date = (1900..2200).contains(&year)
        && (1..=12).contains(&month)
        && (1..=time_text::days_in_month(year, month)).contains(&day)
        && time / 100 < 24
        && time % 100 < 60;
    is_date.then_some(format)
}

/// The whole part of a number, at the limits where it is beyond them.
fn whole(scan: Scan) -> i128 {
    let value = if scan.digits > Scan::DIGITS_MAX { i128::MAX } else { i128::from(scan.mantissa) };
    let whole = match u32::try_from(scan.exponent) {
        Ok(exponent) => 10_i128.checked_pow(exponent).and_then(|power| value.checked_mul(power)),
        Err(_) => Some(10_i128.checked_pow(scan.exponent.unsigned_abs()).map_or(0, |power| value / power)),
    };
    whole.unwrap_or(if value == 0 { 0 } else { i128::MAX })
}

/// Nanoseconds of a number of a unit.
fn number(text: &[u8], unit: Unit) -> Result<UnixNanos, CellError> {
    // Nanoseconds of today have 19 digits, one more than a number keeps; they are integers.
    if unit == Unit::Nanos
        && let Some(nanos) = std::str::from_utf8(text).ok().and_then(|text| text.parse().ok())
    {
        return Ok(UnixNanos(nanos));
    }
    let scan = Scan::of(text).map_err(|error| {
        if error.kind == ProblemKind::NotFinite {
            error
        } else {
            unparsable(text, &format!("{} since 1970", unit.name()))
        }
    })?;
    if scan.digits > Scan::DIGITS_MAX {
        return Err(out_of_range(text));
    }
    let exponent = scan.exponent.saturating_add(unit.exponent());
    let Ok(power) = u32::try_from(exponent) else {
        return Err(unparsable(text, "no more than nine decimals of a second"));
    };
    let nanos = if scan.mantissa == 0 {
        Some(0)
    } else {
        10_i128.checked_pow(power).and_then(|power| i128::from(scan.mantissa).checked_mul(power))
    };
    nanos.map_or_else(
        || Err(out_of_range(text)),
        |nanos| in_range(if scan.negative { -nanos } else { nanos }, text),
    )
}

/// Checks that a number is of the unit of the file.
fn same_unit(text: &[u8], unit: Unit, first: u64) -> Result<(), CellError> {
    let Ok(scan) = Scan::of(text) else { return Ok(()) };
    let found = Unit::of(whole(scan).unsigned_abs());
    if found == unit {
        return Ok(());
    }
    Err(CellError {
        kind: ProblemKind::TimeUnit,
        message: format!(
            "{} looks like {}, but line {first} like {}; a file has one unit: split it, or pass --time {}",
            shown(text),
            found.name(),
            unit.name(),
            unit.option()
        ),
    })
}

/// Checks that nanoseconds are in range.
pub(crate) fn in_range(nanos: i128, text: &[u8]) -> Result<UnixNanos, CellError> {
    i64::try_from(nanos).map(UnixNanos).map_err(|_| out_of_range(text))
}

fn out_of_range(text: &[u8]) -> CellError {
    CellError {
        kind: ProblemKind::OutOfRange,
        message: format!("{} is outside the years 1677 to 2262; check the unit with --time", shown(text)),
    }
}

fn unparsable(text: &[u8], expected: &str) -> CellError {
    CellError {
        kind: ProblemKind::Unparsable,
        message: format!("{:?} is no time; expected {expected}", shown(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(format: &TimeFormat, texts: &[&str]) -> Vec<Result<i64, ProblemKind>> {
        let mut clock = Clock::new(Path::new("a.csv"), format).unwrap();
        let mut line = 0;
        texts
            .iter()
            .map(|text| {
                line += 1;
                clock.text(line, text.as_bytes()).unwrap().map(|ts| ts.0).map_err(|error| error.kind)
            })
            .collect()
    }

    fn refused(text: &str) -> String {
        let mut clock = Clock::new(Path::new("a.csv"), &TimeFormat::Auto).unwrap();
        clock.text(2, text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn units_are_told_by_size() {
        const TS: i64 = 1_637_971_200_000_000_000;
        for text in [
            "1637971200",
            "1637971200000",
            "1637971200000000",
            "1637971200000000000",
            "1637971200.0",
            "1.6379712e9",
        ] {
            assert_eq!(read(&TimeFormat::Auto, &[text]), [Ok(TS)], "{text}");
        }
        assert_eq!(read(&TimeFormat::Auto, &["1637971200.25"]), [Ok(TS + 250_000_000)]);
        assert_eq!(read(&TimeFormat::Auto, &["-631152000"]), [Ok(-631_152_000_000_000_000)]);
        assert_eq!(read(&TimeFormat::Millis, &["0", "60000"]), [Ok(0), Ok(60_000_000_000)]);
        assert_eq!(read(&TimeFormat::Nanos, &["9223372036854775807"]), [Ok(i64::MAX)]);
    }

    #[test]
    fn a_file_has_one_unit_and_one_kind() {
        assert_eq!(
            read(&TimeFormat::Auto, &["1637971200000", "1637971200000000", "2021-01-01", "nan", "1e300", ""]),
            [
                Ok(1_637_971_200_000_000_000),
                Err(ProblemKind::TimeUnit),
                Err(ProblemKind::Unparsable),
                Err(ProblemKind::NotFinite),
                Err(ProblemKind::TimeUnit),
                Err(ProblemKind::MissingCell),
            ]
        );
        assert_eq!(
            read(&TimeFormat::Auto, &["what", "2021-01-01", "1637971200", "2500-01-01"]),
            [
                Err(ProblemKind::Unparsable),
                Ok(1_609_459_200_000_000_000),
                Err(ProblemKind::Unparsable),
                Err(ProblemKind::OutOfRange),
            ]
        );
        assert_eq!(
            read(&TimeFormat::Nanos, &["9223372036854775808", "0.5", "99999999999999999999999"]),
            [Err(ProblemKind::OutOfRange), Err(ProblemKind::Unparsable), Err(ProblemKind::OutOfRange)]
        );
    }

    #[test]
    fn what_may_be_two_things_is_asked_for() {
        assert!(refused("01/03/2017").ends_with(
            "is neither a number nor ISO text; pass --time-format '%m/%d/%Y' where the month comes first, or \
             '%d/%m/%Y'"
        ));
        assert!(refused("20141201 00:00").contains("--time-format '%Y%m%d %H:%M'"));
        assert!(refused("20141201").contains("--time-format '%Y%m%d', or --time s"));
        assert!(refused("201412011730").contains("--time-format '%Y%m%d%H%M', or --time ms"));
        let error = Clock::new(Path::new("a.csv"), &TimeFormat::Text("%!".to_owned())).unwrap_err();
        assert!(matches!(error, MarketDataError::TimePattern { .. }));
    }
}
