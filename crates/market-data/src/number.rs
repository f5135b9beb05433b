//! Reading numbers: a decimal as it is written, from text, from floats and from integers.

use std::io::Write as _;

use feature_api::MAX_SCALE;

use crate::decimal::{Decimal, POW10};
use crate::scan::Scan;
use crate::{NoisePolicy, ProblemKind};

/// Significant digits that every `f64` keeps: text with no more is a decimal, text with more may be the print
/// of a float.
const EXACT_DIGITS: u32 = 15;

/// What a number is for, and the grid it must be on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NumberRule {
    /// Price or quantity.
    pub(crate) what: &'static str,
    /// The option that says its decimals.
    pub(crate) option: &'static str,
    /// Decimals asked for; `None` for any that some grid holds.
    pub(crate) scale: Option<u8>,
    /// What is done with more than fifteen digits; `None` where nobody could say, and messages must not offer it.
    pub(crate) noise: Option<NoisePolicy>,
}

impl NumberRule {
    fn holds(&self, number: Decimal) -> bool {
        self.scale.is_none_or(|scale| number.raw(scale).is_some())
    }

    fn held(&self, scan: Scan) -> Option<Decimal> {
        scan.decimal().filter(|number| self.holds(*number))
    }
}

/// A number that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Number {
    pub(crate) value: Decimal,
    pub(crate) taken: Taken,
}

/// How a number was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Taken {
    /// As it stands.
    Exactly,
    /// It was the print of a float, and the shortest decimal of that float was taken.
    Shortened,
    /// It was rounded to fifteen digits; the text it was.
    Rounded(String),
}

/// Why a cell is no number or no time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CellError {
    pub(crate) kind: ProblemKind,
    pub(crate) message: String,
}

/// Reads a number from text: a decimal, or the print of a float where it has more digits than a decimal of its
/// grid.
pub(crate) fn from_text(text: &[u8], rule: &NumberRule) -> Result<Number, CellError> {
    let text = text.trim_ascii();
    let scan = Scan::of(text)?;
    if (scan.digits <= EXACT_DIGITS || rule.noise != Some(NoisePolicy::Round))
        && let Some(value) = rule.held(scan)
    {
        return Ok(Number { value, taken: Taken::Exactly });
    }
    if scan.digits <= EXACT_DIGITS {
        return Err(does_not_fit(&shown(text), scan, rule));
    }
    let Some(float) = printed_float(text, scan.digits) else {
        return many_digits(text, text, scan, rule);
    };
    let mut buffer = [0; PRINT_MAX];
    let shortest = print(&mut buffer, format_args!("{float:e}"));
    let short = Scan::of(shortest)?;
    if short.digits > EXACT_DIGITS {
        return many_digits(text, shortest, short, rule);
    }
    match rule.held(short) {
        Some(value) => Ok(Number { value, taken: Taken::Shortened }),
        None => Err(does_not_fit(&shown(text), short, rule)),
    }
}

/// A number of more than fifteen digits, `decimal`, that stood in the file as `text`.
fn many_digits(text: &[u8], decimal: &[u8], scan: Scan, rule: &NumberRule) -> Result<Number, CellError> {
    let rounded = scan.rounded(decimal, EXACT_DIGITS);
    match rule.noise {
        Some(NoisePolicy::Round) => match rule.held(rounded) {
            Some(value) => Ok(Number { value, taken: Taken::Rounded(shown(text)) }),
            None => Err(does_not_fit(&shown(text), rounded, rule)),
        },
        // Seventeen digits of a float's print may be sixteen of its shortest decimal.
        Some(NoisePolicy::Refuse) | None => match rule.held(scan) {
            Some(value) => Ok(Number { value, taken: Taken::Shortened }),
            None => Err(noise(does_not_fit(&shown(text), scan, rule), rounded, rule)),
        },
    }
}

/// The float that text of so many significant digits is the print of: the float nearest to the text, if that
/// float printed with as many digits gives the text again. Any other text of so many digits was never a float,
/// and taking it for one would round it.
fn printed_float(text: &[u8], digits: u32) -> Option<f64> {
    /// No float has more.
    const FLOAT_DIGITS_MAX: u32 = 767;
    if digits > FLOAT_DIGITS_MAX {
        return None;
    }
    let text = std::str::from_utf8(text).ok()?;
    let float = text.parse::<f64>().ok().filter(|float| float.is_finite())?;
    let print = format!("{float:.*e}", usize::try_from(digits).ok()? - 1);
    (significant(text) == significant(&print)).then_some(float)
}

/// The significant digits of a number, without trailing zeros.
fn significant(text: &str) -> String {
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    digits.trim_matches('0').to_owned()
}

/// Reads a number from a float: the shortest decimal that denotes it.
pub(crate) fn from_float(float: f64, rule: &NumberRule) -> Result<Number, CellError> {
    if !float.is_finite() {
        return Err(not_finite(&float.to_string()));
    }
    if let Some(value) = short(float)
        && rule.holds(value)
    {
        return Ok(Number { value, taken: Taken::Exactly });
    }
    let mut buffer = [0; PRINT_MAX];
    let shortest = print(&mut buffer, format_args!("{float:e}"));
    let scan = Scan::of(shortest)?;
    if scan.digits <= EXACT_DIGITS || (rule.noise != Some(NoisePolicy::Round) && rule.held(scan).is_some()) {
        return from_scan(scan, rule);
    }
    // As people write it: a message shows 0.1, not 1e-1, where that is no longer.
    let text = float.to_string();
    many_digits(text.as_bytes(), shortest, scan, rule)
}

/// The shortest decimal that denotes a float, where it has no more than fifteen digits; without printing.
///
/// An integer below 1e15 over a power of ten up to 1e16: both are floats, so their quotient is the float nearest
/// to that decimal, and no two decimals of so few digits share a float.
fn short(float: f64) -> Option<Decimal> {
    for (scale, power) in (0_u8..).zip(POW10) {
        let scaled = float * power as f64;
        if scaled.abs() >= 1e15 {
            return None;
        }
        let digits = scaled.round();
        if digits / power as f64 == float {
            return Decimal::new(digits as i64, scale);
        }
    }
    None
}

/// Reads a number from a float of 32 bits: the shortest decimal that denotes it at that width.
pub(crate) fn from_single(float: f32, rule: &NumberRule) -> Result<Number, CellError> {
    if !float.is_finite() {
        return Err(not_finite(&float.to_string()));
    }
    let mut buffer = [0; PRINT_MAX];
    from_scan(Scan::of(print(&mut buffer, format_args!("{float:e}")))?, rule)
}

/// Reads a number from an integer over a power of ten.
pub(crate) fn from_integer(mantissa: i128, scale: i32, rule: &NumberRule) -> Result<Number, CellError> {
    from_scan(Scan::of(format!("{mantissa}e{}", scale.saturating_neg()).as_bytes())?, rule)
}

fn from_scan(scan: Scan, rule: &NumberRule) -> Result<Number, CellError> {
    match scan.decimal() {
        Some(value) if rule.holds(value) => Ok(Number { value, taken: Taken::Exactly }),
        _ => {
            let sign = if scan.negative { "-" } else { "" };
            Err(does_not_fit(&format!("{sign}{}e{}", scan.mantissa, scan.exponent), scan, rule))
        }
    }
}

/// The longest print of a float in scientific notation is shorter.
const PRINT_MAX: usize = 32;

fn print<'a>(buffer: &'a mut [u8; PRINT_MAX], text: std::fmt::Arguments<'_>) -> &'a [u8] {
    let mut rest = &mut buffer[..];
    // It fits: 17 digits, a point, two signs, an e and three digits of exponent.
    let _ = rest.write_fmt(text);
    let left = rest.len();
    &buffer[..PRINT_MAX - left]
}

pub(crate) fn not_finite(text: &str) -> CellError {
    CellError { kind: ProblemKind::NotFinite, message: format!("{text} is not finite; expected a number") }
}

fn does_not_fit(text: &str, scan: Scan, rule: &NumberRule) -> CellError {
    let NumberRule { what, option, scale, noise: _ } = rule;
    let decimals = scan.exponent.min(0).unsigned_abs();
    match scale {
        Some(scale) if decimals > u32::from(*scale) => CellError {
            kind: ProblemKind::FinerThanGrid,
            message: if decimals <= u32::from(MAX_SCALE) {
                format!("{text}: {what} finer than the grid of {scale} decimals; use {option} {decimals}")
            } else {
                format!("{text}: {what} finer than the grid of {scale} decimals, and than any grid")
            },
        },
        Some(scale) => CellError {
            kind: ProblemKind::OutOfRange,
            message: format!(
                "{text}: {what} of more than 2^53 steps on the grid of {scale} decimals; use a smaller {option}"
            ),
        },
        None => CellError {
            kind: ProblemKind::OutOfRange,
            message: format!(
                "{text}: no grid holds this {what}: it has more than {MAX_SCALE} decimals or more than 2^53 \
                 steps; round it in the file"
            ),
        },
    }
}

/// For a number of more digits than a float keeps: says how to have it read, and as what. It is not rounded
/// unasked, since a reader that rounds would change data unseen.
fn noise(mut error: CellError, rounded: Scan, rule: &NumberRule) -> CellError {
    if rule.noise.is_some()
        && let Some(value) = rule.held(rounded)
    {
        error.message.push_str(&format!(
            "; it has more digits than a float keeps, as results of float arithmetic do: pass --float-noise round to \
             read {}",
            value.text()
        ));
    }
    error
}

/// The decimal rounded to fifteen digits, where it has more.
pub(crate) fn without_noise(decimal: Decimal) -> Option<Decimal> {
    let text = decimal.text();
    let scan = Scan::of(text.as_bytes()).ok().filter(|scan| scan.digits > EXACT_DIGITS)?;
    scan.rounded(text.as_bytes(), EXACT_DIGITS).decimal()
}

/// Text for a message, cut where it is long.
pub(crate) fn shown(text: &[u8]) -> String {
    const LENGTH_MAX: usize = 40;
    let text = String::from_utf8_lossy(text);
    if text.chars().count() <= LENGTH_MAX {
        return text.into_owned();
    }
    text.chars().take(LENGTH_MAX).chain("...".chars()).collect()
}

#[cfg(test)]
mod tests {
    use num_bigint::BigUint;
    use proptest::prelude::*;

    use feature_api::MAX_RAW;

    use super::*;
    use crate::decimal::decimal_text;

    const ANY: NumberRule = NumberRule {
        what: "price",
        option: "--price-decimals",
        scale: None,
        noise: Some(NoisePolicy::Refuse),
    };
    const ROUND: NumberRule = NumberRule { noise: Some(NoisePolicy::Round), ..ANY };

    fn on(scale: u8) -> NumberRule {
        NumberRule { scale: Some(scale), ..ANY }
    }

    fn read(text: &str, rule: &NumberRule) -> Result<(i64, u8, bool), ProblemKind> {
        from_text(text.as_bytes(), rule)
            .map(|number| (number.value.mantissa(), number.value.scale(), number.taken == Taken::Shortened))
            .map_err(|error| error.kind)
    }

    #[test]
    fn text_is_taken_as_written() {
        for (text, mantissa, scale) in [
            ("0", 0, 0),
            ("-0.00", 0, 0),
            ("46319.0", 46_319, 0),
            ("0.00002853", 2853, 8),
            ("+1.50", 15, 1),
            (".5", 5, 1),
            ("5.", 5, 0),
            ("1200", 1200, 0),
            ("1e3", 1000, 0),
            ("1.5E-3", 15, 4),
            ("12.5e1", 125, 0),
            ("-37.63", -3763, 2),
            (" 7 ", 7, 0),
            ("0e99999999999", 0, 0),
            ("9007199254740992", MAX_RAW, 0),
            ("900719925474099.2", MAX_RAW, 1),
            ("123456789012345", 123_456_789_012_345, 0),
            ("000000000000000000000001.10", 11, 1),
            ("100.000000000000000000000000", 100, 0),
        ] {
            assert_eq!(read(text, &ANY), Ok((mantissa, scale, false)), "{text}");
        }
    }

    #[test]
    fn the_print_of_a_float_is_its_shortest_decimal() {
        assert_eq!(read("212.61000000000001", &ANY), Ok((21_261, 2, true)));
        assert_eq!(read("0.10000000000000001", &ANY), Ok((1, 1, true)));
        assert_eq!(read("0.1000000000000000055511151231257827", &ANY), Ok((1, 1, true)));
        // Sixteen digits that a grid holds are taken as written, unless another grid was asked for.
        assert_eq!(read("212.6100000000001", &ANY), Ok((2_126_100_000_000_001, 13, false)));
        assert_eq!(read("212.61000000000001", &on(2)), Ok((21_261, 2, true)));
        assert_eq!(read("212.6100000000001", &on(2)), Err(ProblemKind::FinerThanGrid));
    }

    #[test]
    fn what_no_grid_holds_is_refused() {
        for (text, kind) in [
            ("9007199254740993", ProblemKind::OutOfRange),
            ("900719925474099.3", ProblemKind::OutOfRange),
            ("212.61000000000002", ProblemKind::OutOfRange),
            ("1e16", ProblemKind::OutOfRange),
            ("1e400", ProblemKind::OutOfRange),
            ("1e-17", ProblemKind::OutOfRange),
            ("0.30000000000000004", ProblemKind::OutOfRange),
            ("12345678901234567890123", ProblemKind::OutOfRange),
            ("", ProblemKind::MissingCell),
            ("-", ProblemKind::MissingCell),
            (".", ProblemKind::Unparsable),
            ("e5", ProblemKind::Unparsable),
            ("1e", ProblemKind::Unparsable),
            ("1e+", ProblemKind::Unparsable),
            ("1.2.3", ProblemKind::Unparsable),
            ("1,2", ProblemKind::Unparsable),
            ("0x10", ProblemKind::Unparsable),
            ("1_000", ProblemKind::Unparsable),
            ("nan", ProblemKind::NotFinite),
            ("-Infinity", ProblemKind::NotFinite),
            ("+inf", ProblemKind::NotFinite),
        ] {
            assert_eq!(read(text, &ANY), Err(kind), "{text}");
        }
    }

    #[test]
    fn float_arithmetic_is_named_not_rounded() {
        let error = from_text(b"218102.59507500002", &ANY).unwrap_err();
        assert_eq!(error.kind, ProblemKind::OutOfRange);
        assert!(
            error.message.ends_with(
                "it has more digits than a float keeps, as results of float arithmetic do: pass --float-noise round \
                 to read 218102.595075"
            ),
            "{error:?}"
        );
        let double = from_float(218_102.595_075_000_02, &ANY).unwrap_err();
        assert_eq!(double, error, "text and DOUBLE are the same");
        let error = from_text(b"0.30000000000000004", &on(2)).unwrap_err();
        assert_eq!(error.kind, ProblemKind::FinerThanGrid);
        assert!(error.message.ends_with("--float-noise round to read 0.3"), "{error:?}");
        // Not offered where it would not help, or cannot be chosen.
        for (text, rule) in [
            ("0.30000000000000004", NumberRule { noise: None, ..on(2) }),
            ("0.12345678901234567", on(2)),
            ("123456789012345678", ANY),
        ] {
            let error = from_text(text.as_bytes(), &rule).unwrap_err();
            assert!(!error.message.contains("--float-noise"), "{error:?}");
        }
    }

    #[test]
    fn noise_is_rounded_where_that_is_asked_for() {
        let rounded =
            |text: &str| from_text(text.as_bytes(), &ROUND).map(|number| (number.value.text(), number.taken));
        for (text, value) in [
            ("218102.59507500002", "218102.595075"),
            ("-0.30000000000000004", "-0.3"),
            // Held by a grid, and noise all the same: 0.7 + 0.1.
            ("0.7999999999999999", "0.8"),
            ("9.999999999999995e3", "10000"),
            ("9999999999999995", "10000000000000000"),
            // Half to even; and a half and a little more.
            ("0.1234567890123445", "0.123456789012344"),
            ("0.1234567890123455", "0.123456789012346"),
            ("0.12345678901234450000000000000000000001", "0.123456789012345"),
            // Text that was never a float.
            ("1523.123456789012345678", "1523.12345678901"),
            ("0.0000123456789012345678", "0.0000123456789012346"),
        ] {
            let found = rounded(text);
            if value.len() > 17 || value == "10000000000000000" {
                // No grid holds the rounded value either.
                assert_eq!(found.map_err(|error| error.kind), Err(ProblemKind::OutOfRange), "{text}");
                continue;
            }
            assert_eq!(found, Ok((value.to_owned(), Taken::Rounded(text.to_owned()))), "{text}");
        }
        assert_eq!(rounded("212.61000000000001"), Ok(("212.61".to_owned(), Taken::Shortened)));
        assert_eq!(rounded("123456789012.345"), Ok(("123456789012.345".to_owned(), Taken::Exactly)));
        assert_eq!(rounded("000.1000000000000000000"), Ok(("0.1".to_owned(), Taken::Exactly)));
        let double = from_float(0.1 + 0.2, &ROUND).map(|number| (number.value.text(), number.taken));
        assert_eq!(double, Ok(("0.3".to_owned(), Taken::Rounded("0.30000000000000004".to_owned()))));
        // An exact column is not float noise.
        let exact = from_integer(1_234_567_890_123_456, 3, &ROUND).map(|number| number.taken);
        assert_eq!(exact, Ok(Taken::Exactly));
    }

    #[test]
    fn a_grid_that_was_asked_for_is_kept() {
        assert_eq!(read("45000.12", &on(2)), Ok((4_500_012, 2, false)));
        let error = from_text(b"45000.1234", &on(2)).unwrap_err();
        assert_eq!(error.kind, ProblemKind::FinerThanGrid);
        assert_eq!(
            error.message,
            "45000.1234: price finer than the grid of 2 decimals; use --price-decimals 4"
        );
        assert_eq!(read("9007199254740992", &on(1)), Err(ProblemKind::OutOfRange));
    }

    #[test]
    fn floats_are_their_shortest_decimal() {
        let float = |value| from_float(value, &ANY).map(|number| number.value.text()).map_err(|e| e.kind);
        assert_eq!(float(212.61), Ok("212.61".to_owned()));
        assert_eq!(float(-1e-12), Ok("-0.000000000001".to_owned()));
        assert_eq!(float(-0.0), Ok("0".to_owned()));
        assert_eq!(float(1e300), Err(ProblemKind::OutOfRange));
        assert_eq!(float(5e-324), Err(ProblemKind::OutOfRange));
        assert_eq!(float(f64::NAN), Err(ProblemKind::NotFinite));
        assert_eq!(from_single(0.1, &ANY).map(|number| number.value.text()).ok().as_deref(), Some("0.1"));
        assert_eq!(
            from_integer(-12_345, 2, &ANY).map(|number| number.value.text()).ok().as_deref(),
            Some("-123.45")
        );
    }

    proptest! {
        #[test]
        fn a_decimal_survives_its_text(mantissa in -MAX_RAW..=MAX_RAW, scale in 0..=MAX_SCALE) {
            let text = decimal_text(mantissa, scale);
            let number = from_text(text.as_bytes(), &on(scale));
            prop_assert_eq!(number.map(|n| (n.value.raw(scale), n.taken)), Ok((Some(mantissa), Taken::Exactly)));
        }

        #[test]
        fn a_decimal_of_fifteen_digits_survives_a_float(
            mantissa in -999_999_999_999_999_i64..=999_999_999_999_999,
            scale in 0..=MAX_SCALE,
        ) {
            let float: f64 = decimal_text(mantissa, scale).parse().unwrap();
            prop_assert_eq!(from_float(float, &on(scale)).map(|n| n.value.raw(scale)), Ok(Some(mantissa)));
            // As printed with 17 digits, by programs that print floats so.
            let text = format!("{float:.16e}");
            prop_assert_eq!(from_text(text.as_bytes(), &on(scale)).map(|n| n.value.raw(scale)), Ok(Some(mantissa)));
        }

        #[test]
        fn up_to_fifteen_digits_are_never_rounded(
            mantissa in -999_999_999_999_999_i64..=999_999_999_999_999,
            scale in 0..=MAX_SCALE,
        ) {
            let text = decimal_text(mantissa, scale);
            prop_assert_eq!(from_text(text.as_bytes(), &ROUND), from_text(text.as_bytes(), &ANY));
            let float: f64 = text.parse().unwrap();
            prop_assert_eq!(from_float(float, &ROUND), from_float(float, &ANY));
            // As a float prints with 17 digits: the same value, however it was taken.
            let printed = format!("{float:.16e}");
            prop_assert_eq!(from_text(printed.as_bytes(), &ROUND).map(|n| n.value.text()), Ok(text));
        }

        #[test]
        fn rounding_moves_by_half_a_unit_at_most_and_once(digits in "[1-9][0-9]{15,40}", at in 0..40_usize, exponent in -12..12_i32) {
            let at = at.min(digits.len());
            let text = format!("{}.{}e{exponent}", &digits[..at], &digits[at..]);
            let scan = Scan::of(text.as_bytes()).unwrap();
            prop_assume!(scan.digits > EXACT_DIGITS);
            let rounded = scan.rounded(text.as_bytes(), EXACT_DIGITS);
            prop_assert!(rounded.digits <= EXACT_DIGITS);
            // In units of the last digit that was written, which is not zero.
            let units = |scan: Scan, mantissa: &BigUint| mantissa * BigUint::from(10_u8).pow((scan.exponent - lowest(&text)).unsigned_abs());
            let written: BigUint = digits.trim_end_matches('0').parse().unwrap();
            let (before, after) = (units(scan, &written), units(rounded, &BigUint::from(rounded.mantissa)));
            let unit = BigUint::from(10_u8).pow(scan.digits - EXACT_DIGITS);
            let moved = if before > after { &before - &after } else { &after - &before };
            prop_assert!(&moved * 2_u8 <= unit);
            // On a tie the fifteenth digit is even.
            prop_assert!(&moved * 2_u8 < unit || (&after / &unit) % 2_u8 == BigUint::ZERO);
            // Once rounded, nothing is left to round.
            if let Some(value) = rounded.decimal() {
                let again = from_text(value.text().as_bytes(), &ROUND);
                prop_assert_eq!(again, Ok(Number { value, taken: Taken::Exactly }));
            }
        }

        #[test]
        fn text_and_double_are_rounded_alike(float in prop_oneof![-1e9..1e9, (1..1_000_000_i32, 1..1_000_000_i32).prop_map(|(a, b)| f64::from(a) / 100.0 + f64::from(b) / 1000.0)]) {
            let double = from_float(float, &ROUND).map(|number| number.value);
            for text in [format!("{float}"), format!("{float:.16e}"), format!("{float:.25e}")] {
                prop_assert_eq!(&from_text(text.as_bytes(), &ROUND).map(|number| number.value).map_err(|e| e.kind), &double.clone().map_err(|e| e.kind), "{}", text);
            }
            // Sums of prices come out as the price.
            if let Ok(value) = double {
                prop_assert!(without_noise(value).is_none());
            }
        }

        #[test]
        fn the_short_way_is_the_long_way(
            float in prop_oneof![any::<f64>(), -1e9..1e9, (any::<i32>(), 0..12_usize).prop_map(|(m, s)| f64::from(m) / POW10[s] as f64)],
        ) {
            if let Some(value) = short(float) {
                let shortest = Scan::of(format!("{float:e}").as_bytes()).unwrap();
                prop_assert_eq!(shortest.decimal(), Some(value));
            }
        }

        #[test]
        fn no_text_panics(text in proptest::collection::vec(any::<u8>(), 0..40), scale in 0..=MAX_SCALE) {
            let _ = from_text(&text, &on(scale));
            let _ = from_text(&text, &ANY);
            let _ = from_text(&text, &ROUND);
        }

        #[test]
        fn no_number_like_text_panics(text in "[-+]?[0-9.]{0,50}(e[-+]?[0-9]{0,12})?") {
            let _ = from_text(text.as_bytes(), &ANY);
            let _ = from_text(text.as_bytes(), &ROUND);
        }
    }

    /// The power of ten of the last digit that is not zero.
    fn lowest(text: &str) -> i32 {
        Scan::of(text.as_bytes()).unwrap().exponent
    }
}
