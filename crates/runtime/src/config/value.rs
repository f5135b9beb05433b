//! Values of a configuration: what a TOML value is read as. `None`: it is no such thing.

use feature_api::{BarKind, BarSpec};
use observation::Limit;
use toml::de::{DeInteger, DeValue};

/// Nanoseconds of the units of an interval.
const UNITS: [(char, i64); 4] =
    [('d', 86_400_000_000_000), ('h', 3_600_000_000_000), ('m', 60_000_000_000), ('s', 1_000_000_000)];

/// The furthest a decimal point is moved by an exponent: more than any amount or step needs.
const MOST_ZEROS: i64 = 64;

/// A text.
pub fn text(value: &DeValue<'_>) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// A text that is not empty.
pub fn some_text(value: &DeValue<'_>) -> Option<String> {
    text(value).filter(|text| !text.is_empty())
}

/// One text or more, none of them empty.
pub fn some_texts(value: &DeValue<'_>) -> Option<Vec<String>> {
    let items = value.as_array()?;
    if items.is_empty() { None } else { items.iter().map(|item| some_text(item.get_ref())).collect() }
}

/// A whole number that a 64-bit integer holds.
pub fn integer(value: &DeValue<'_>) -> Option<i64> {
    value.as_integer().and_then(of_digits)
}

fn of_digits(integer: &DeInteger<'_>) -> Option<i64> {
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}

/// A whole number from `least` on that 32 bits hold.
pub fn count(value: &DeValue<'_>, least: u32) -> Option<u32> {
    integer(value).and_then(|value| u32::try_from(value).ok()).filter(|value| *value >= least)
}

/// A finite number, whole or not.
pub fn float(value: &DeValue<'_>) -> Option<f64> {
    let number = match (value.as_float(), value.as_integer()) {
        (Some(float), _) => float.as_str().parse().ok()?,
        // Digits are read as the nearest float, as those of a float are, however many there are.
        (None, Some(integer)) if integer.radix() == 10 => integer.as_str().parse().ok()?,
        (None, _) => integer_float(value)?,
    };
    Some(number).filter(|number: &f64| number.is_finite())
}

fn integer_float(value: &DeValue<'_>) -> Option<f64> {
    integer(value).map(|value| value as f64)
}

/// A number's decimal digits as they are written, exactly, as text without an exponent; a text is taken as it is written
/// too. Whether they are a decimal is for the type that parses them.
pub fn decimal(value: &DeValue<'_>) -> Option<String> {
    let written = match (value.as_float(), value.as_integer()) {
        (Some(float), _) => float.as_str(),
        (None, Some(integer)) if integer.radix() == 10 => integer.as_str(),
        (None, _) => value.as_str()?,
    };
    without_exponent(written.strip_prefix('+').unwrap_or(written))
}

/// The same decimal without an exponent.
fn without_exponent(written: &str) -> Option<String> {
    let Some((mantissa, exponent)) = written.split_once(['e', 'E']) else { return Some(written.to_owned()) };
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |digits| ("-", digits));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let digits = format!("{whole}{fraction}");
    let point = i64::try_from(whole.len()).ok()?.checked_add(exponent.parse().ok()?)?;
    let after = i64::try_from(digits.len()).ok()?.checked_sub(point)?;
    if point.abs() > MOST_ZEROS || after.abs() > MOST_ZEROS {
        return None;
    }
    let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or(0));
    Some(match usize::try_from(point).ok().and_then(|point| digits.split_at_checked(point)) {
        Some(("", fraction)) => format!("{sign}0.{fraction}"),
        Some((whole, "")) => format!("{sign}{whole}"),
        Some((whole, fraction)) => format!("{sign}{whole}.{fraction}"),
        None if point < 0 => format!("{sign}0.{}{digits}", zeros(-point)),
        None => format!("{sign}{digits}{}", zeros(-after)),
    })
}

/// A limit, or the text "unlimited".
pub fn limit<T>(value: &DeValue<'_>, at: impl FnOnce(&DeValue<'_>) -> Option<T>) -> Option<Limit<T>> {
    if value.as_str() == Some("unlimited") { Some(Limit::Unlimited) } else { at(value).map(Limit::At) }
}

/// Length of a bar: a whole number and a unit.
pub fn interval(value: &DeValue<'_>) -> Option<BarKind> {
    let text = value.as_str()?;
    UNITS.iter().find_map(|(unit, size)| {
        let digits = text.strip_suffix(*unit)?;
        let is_count = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let count = if is_count { digits.parse::<i64>().ok()? } else { 0 };
        let interval = count.checked_mul(*size).filter(|interval| *interval > 0)?;
        Some(BarKind::Time { interval })
    })
}

/// Whether bars carry volume.
pub fn volume(value: &DeValue<'_>) -> Option<bool> {
    match value.as_str()? {
        "required" => Some(true),
        "none" => Some(false),
        _ => None,
    }
}

/// What bars of that length and volume are.
pub fn spec(kind: Option<BarKind>, volume: Option<bool>) -> Option<BarSpec> {
    Some(BarSpec { kind: kind?, volume: volume? })
}

/// What stands there, for messages.
pub fn describe(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("{text:?}"),
        DeValue::Integer(integer) => integer.to_string(),
        DeValue::Float(float) => float.to_string(),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(time) => format!("the time {time}"),
        DeValue::Array(items) if items.is_empty() => "an empty list".to_owned(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with<T>(text: &str, read: impl FnOnce(&DeValue<'_>) -> Option<T>) -> Option<T> {
        read(DeValue::parse(text).unwrap().get_ref())
    }

    #[test]
    fn decimals_are_taken_as_written() {
        for (written, exact) in [
            ("0.1", "0.1"),
            ("1_000.5", "1000.5"),
            ("+7", "7"),
            ("-7.25", "-7.25"),
            ("1e3", "1000"),
            ("-1.5E+3", "-1500"),
            ("1e-8", "0.00000001"),
            ("12.5e-1", "1.25"),
            ("12.5e-2", "0.125"),
            ("12.5e1", "125"),
            ("123456789012345678901", "123456789012345678901"),
            ("0.12345678901234567890", "0.12345678901234567890"),
            ("\"0.10\"", "0.10"),
            ("\"1e2\"", "100"),
        ] {
            assert_eq!(with(written, decimal).as_deref(), Some(exact), "{written}");
        }
        for refused in ["true", "[1]", "0x10", "1e65", "1e-99", "1e99999999999999999999", "\"e5\"", "\"1.e\""]
        {
            assert_eq!(with(refused, decimal), None, "{refused}");
        }
    }

    #[test]
    fn floats_are_finite() {
        for (written, value) in [("0.1", 0.1), ("2", 2.0), ("0x10", 16.0), ("-1e3", -1000.0), ("1_0", 10.0)] {
            assert_eq!(with(written, float), Some(value), "{written}");
        }
        for refused in ["nan", "-nan", "inf", "-inf", "+inf", "1e999", "\"1\"", "true", "[]"] {
            assert_eq!(with(refused, float), None, "{refused}");
        }
    }

    #[test]
    fn whole_numbers_are_whole_and_fit() {
        assert_eq!(with("0", |value| count(value, 0)), Some(0));
        assert_eq!(with("0", |value| count(value, 1)), None);
        assert_eq!(with("4294967295", |value| count(value, 1)), Some(u32::MAX));
        for refused in ["4294967296", "-1", "1.0", "\"1\"", "99999999999999999999"] {
            assert_eq!(with(refused, |value| count(value, 0)), None, "{refused}");
        }
        assert_eq!(with("9223372036854775807", integer), Some(i64::MAX));
    }

    #[test]
    fn intervals_have_a_unit() {
        for (written, nanos) in [
            ("30s", 30_000_000_000),
            ("1m", 60_000_000_000),
            ("5m", 300_000_000_000),
            ("1d", 86_400_000_000_000),
        ] {
            let text = format!("{written:?}");
            assert_eq!(with(&text, interval), Some(BarKind::Time { interval: nanos }), "{written}");
        }
        for refused in ["", "m", "0m", "-1m", "+1m", "1.5h", "1w", "60", "1 m", "9999999999d", "é"] {
            assert_eq!(with(&format!("{refused:?}"), interval), None, "{refused}");
        }
    }
}
