//! Numbers as people read them: thousands apart, a true minus, and `–` for what is not defined.

use execution::Money;

use crate::{Metric, Unit};

/// What stands for a figure that is not defined.
pub(super) const UNDEFINED: &str = "–";

/// From here on a number is written with an exponent.
const HUGE: f64 = 1e15;

/// A number with that many decimals, such as `−1,234.50`.
pub(super) fn fixed(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return UNDEFINED.to_owned();
    }
    let digits = if value.abs() >= HUGE {
        format!("{:.3e}", value.abs())
    } else {
        group(&format!("{:.decimals$}", value.abs()))
    };
    // What rounds to zero has no sign.
    let is_zero = !digits.bytes().any(|digit| digit.is_ascii_digit() && digit != b'0');
    if value < 0.0 && !is_zero { format!("−{digits}") } else { digits }
}

/// The same with a `+` where it is above zero: a sign is not left to colour.
pub(super) fn signed(value: f64, decimals: usize) -> String {
    let digits = fixed(value, decimals);
    let is_zero = !digits.bytes().any(|digit| digit.is_ascii_digit() && digit != b'0');
    if value > 0.0 && value.is_finite() && !is_zero { format!("+{digits}") } else { digits }
}

/// A fraction in per cent, such as `12.34 %`.
pub(super) fn percent(fraction: f64) -> String {
    with_percent(fixed(fraction * 100.0, 2))
}

/// The same with its sign.
pub(super) fn signed_percent(fraction: f64) -> String {
    with_percent(signed(fraction * 100.0, 2))
}

fn with_percent(digits: String) -> String {
    if digits == UNDEFINED { digits } else { format!("{digits}\u{a0}%") }
}

/// A whole number, such as `20,000`.
pub(super) fn count(value: u64) -> String {
    group(&value.to_string())
}

/// `1 trade`, `2 trades`.
pub(super) fn counted(value: u64, one: &str, many: &str) -> String {
    format!("{}\u{a0}{}", count(value), if value == 1 { one } else { many })
}

/// Four significant digits: for features, which have no common unit.
pub(super) fn significant(value: f64) -> String {
    if !value.is_finite() {
        return UNDEFINED.to_owned();
    }
    let scientific = format!("{value:.3e}");
    let exponent: i32 =
        scientific.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0);
    match exponent {
        _ if value == 0.0 => "0".to_owned(),
        -4..=6 => fixed(value, usize::try_from(3 - exponent).unwrap_or(0)),
        _ => scientific.replace('-', "−"),
    }
}

/// Money with that many decimals.
pub(super) fn money(amount: Money, decimals: usize) -> String {
    fixed(amount.to_f64(), decimals)
}

/// The same with its sign.
pub(super) fn signed_money(amount: Money, decimals: usize) -> String {
    signed(amount.to_f64(), decimals)
}

/// Decimals that suit an account of that size: at least six digits that mean something.
pub(super) fn money_decimals(start: Money) -> usize {
    let start = start.to_f64().abs();
    if start >= 1000.0 {
        2
    } else if start >= 1.0 {
        4
    } else {
        8
    }
}

/// A figure in its unit; a return with its sign.
pub(super) fn metric(metric: &Metric, value: Option<f64>, money_decimals: usize) -> String {
    let Some(value) = value.filter(|value| value.is_finite()) else { return UNDEFINED.to_owned() };
    match metric.unit {
        Unit::Fraction if metric.name.contains("return") => signed_percent(value),
        Unit::Fraction => percent(value),
        Unit::Ratio => fixed(value, 2),
        Unit::Count => fixed(value, 0),
        // A mean of bars may be a fraction.
        Unit::Bars => format!("{}\u{a0}bars", fixed(value, usize::from(value.fract() != 0.0))),
        Unit::Money => fixed(value, money_decimals),
    }
}

/// `1234.5` as `1,234.5`.
fn group(digits: &str) -> String {
    let (whole, rest) =
        digits.find('.').and_then(|point| digits.split_at_checked(point)).unwrap_or((digits, ""));
    let mut grouped = String::with_capacity(digits.len() + whole.len() / 3);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped.push_str(rest);
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_minus_and_zero() {
        assert_eq!(fixed(1_234_567.891, 2), "1,234,567.89");
        assert_eq!(fixed(-999.5, 1), "−999.5");
        assert_eq!(fixed(-0.004, 2), "0.00");
        assert_eq!(fixed(1000.0, 0), "1,000");
        assert_eq!(fixed(100.0, 0), "100");
        assert_eq!(fixed(f64::NAN, 2), "–");
        assert_eq!(fixed(f64::NEG_INFINITY, 2), "–");
        assert_eq!(fixed(-1.7e20, 2), "−1.700e20");
        assert_eq!(signed(0.25, 2), "+0.25");
        assert_eq!(signed(0.001, 2), "0.00");
        assert_eq!(signed(-3.0, 0), "−3");
        assert_eq!(signed(f64::INFINITY, 0), "–");
    }

    #[test]
    fn units() {
        assert_eq!(percent(0.123_45), "12.35\u{a0}%");
        assert_eq!(signed_percent(12.0), "+1,200.00\u{a0}%");
        assert_eq!(percent(f64::NAN), "–");
        assert_eq!(count(20_000), "20,000");
        assert_eq!(counted(1, "trade", "trades"), "1\u{a0}trade");
        assert_eq!(counted(0, "trade", "trades"), "0\u{a0}trades");
        assert_eq!(money(Money::from_units(-1_250_000_000_000_000_000_000), 2), "−1,250.00");
        let of = |name, unit| Metric { name, title: "", unit, value: None, buy_and_hold: None };
        assert_eq!(metric(&of("total_return", Unit::Fraction), Some(0.5), 2), "+50.00\u{a0}%");
        assert_eq!(metric(&of("hit_rate", Unit::Fraction), Some(0.5), 2), "50.00\u{a0}%");
        assert_eq!(metric(&of("sharpe", Unit::Ratio), None, 2), "–");
        assert_eq!(metric(&of("held", Unit::Bars), Some(12.34), 2), "12.3\u{a0}bars");
        assert_eq!(metric(&of("held", Unit::Bars), Some(12.0), 2), "12\u{a0}bars");
    }

    #[test]
    fn four_significant_digits() {
        assert_eq!(significant(0.0), "0");
        assert_eq!(significant(-0.012_345), "−0.01235");
        assert_eq!(significant(1234.5), "1,234");
        assert_eq!(significant(1_234_567.0), "1,234,567");
        assert_eq!(significant(1.5e-9), "1.500e−9");
        assert_eq!(significant(-1.5e300), "−1.500e300");
        assert_eq!(significant(f64::NAN), "–");
    }
}
