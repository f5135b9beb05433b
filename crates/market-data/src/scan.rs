//! The digits of a number in text.

use crate::ProblemKind;
use crate::decimal::{Decimal, POW10};
use crate::number::{CellError, not_finite, shown};

/// The digits of a number: `±mantissa × 10^exponent`, without trailing zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scan {
    pub(crate) negative: bool,
    /// The digits as an integer; meaningless where there are more than 18.
    pub(crate) mantissa: u64,
    pub(crate) exponent: i32,
    /// Number of significant digits.
    pub(crate) digits: u32,
}

impl Scan {
    /// The most digits of a mantissa.
    pub(crate) const DIGITS_MAX: u32 = 18;

    /// Takes text apart: sign, digits, point, digits, exponent.
    pub(crate) fn of(text: &[u8]) -> Result<Self, CellError> {
        let mut at = 0;
        let negative = text.first() == Some(&b'-');
        if negative || text.first() == Some(&b'+') {
            at = 1;
        }
        let mut mantissa = 0_u64;
        let mut digits = 0_u32;
        // Zeros since the last other digit: they count once another digit follows.
        let mut zeros = 0_u32;
        let mut decimals = None;
        // Places of the last digit that is not zero, behind the point; negative before it.
        let mut exponent = 0_i32;
        let mut any = false;
        while let Some(&byte) = text.get(at) {
            match byte {
                b'0'..=b'9' => {
                    any = true;
                    let digit = byte - b'0';
                    match &mut decimals {
                        None => exponent = exponent.saturating_add(i32::from(digits > 0 || digit > 0)),
                        Some(places) => *places += 1,
                    }
                    if digit == 0 {
                        zeros += u32::from(digits > 0);
                    } else {
                        digits = digits.saturating_add(zeros + 1);
                        if digits <= Self::DIGITS_MAX {
                            mantissa = mantissa * 10_u64.pow(zeros + 1) + u64::from(digit);
                        }
                        zeros = 0;
                        exponent = decimals.map_or(0, |places: i32| -places);
                    }
                }
                b'.' if decimals.is_none() => {
                    decimals = Some(0);
                }
                b'e' | b'E' if any => break,
                _ => return Err(no_number(text)),
            }
            at += 1;
        }
        if !any {
            return Err(no_number(text));
        }
        if at < text.len() {
            exponent = exponent.saturating_add(exponent_of(&text[at + 1..]).ok_or_else(|| no_number(text))?);
        }
        if digits == 0 {
            exponent = 0;
        }
        Ok(Self { negative, mantissa, exponent, digits })
    }

    /// The number rounded to `count` significant digits, half to even; `text` is what this is the scan of, and
    /// has more digits. `count` is 1 to 18.
    pub(crate) fn rounded(self, text: &[u8], count: u32) -> Self {
        let significant = text
            .iter()
            .take_while(|byte| !byte.eq_ignore_ascii_case(&b'e'))
            .filter(|byte| byte.is_ascii_digit())
            .map(|byte| u64::from(byte - b'0'))
            .skip_while(|digit| *digit == 0);
        let (mut mantissa, mut next) = (0, 0);
        for (digit, place) in significant.zip(0..=count) {
            if place < count {
                mantissa = mantissa * 10 + digit;
            } else {
                next = digit;
            }
        }
        let dropped = self.digits.saturating_sub(count);
        // The last digit is not zero, so digits behind the next one make more than a half.
        if next > 5 || (next == 5 && (dropped > 1 || mantissa % 2 == 1)) {
            mantissa += 1;
        }
        let mut exponent = self.exponent.saturating_add(i32::try_from(dropped).unwrap_or(i32::MAX));
        let mut digits = count;
        while mantissa != 0 && mantissa.is_multiple_of(10) {
            mantissa /= 10;
            exponent = exponent.saturating_add(1);
            digits = digits.saturating_sub(1);
        }
        // 9…95 becomes a one of no fewer than one digit.
        Self { negative: self.negative, mantissa, exponent, digits: digits.max(1) }
    }

    /// The number, where some grid holds it.
    pub(crate) fn decimal(self) -> Option<Decimal> {
        if self.digits > Self::DIGITS_MAX {
            return None;
        }
        let mut mantissa = i64::try_from(self.mantissa).ok()?;
        let mut scale = 0;
        if self.exponent > 0 {
            mantissa = mantissa.checked_mul(*POW10.get(usize::try_from(self.exponent).ok()?)?)?;
        } else {
            scale = u8::try_from(self.exponent.unsigned_abs()).ok()?;
        }
        Decimal::new(if self.negative { -mantissa } else { mantissa }, scale)
    }
}

/// The number behind an `e`.
fn exponent_of(text: &[u8]) -> Option<i32> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    if digits.is_empty() {
        return None;
    }
    let mut value = 0_i32;
    for byte in digits {
        if !byte.is_ascii_digit() {
            return None;
        }
        value = value.saturating_mul(10).saturating_add(i32::from(byte - b'0'));
    }
    Some(if negative { -value } else { value })
}

fn no_number(text: &[u8]) -> CellError {
    let lower = text.to_ascii_lowercase();
    let unsigned = lower.strip_prefix(b"-").or_else(|| lower.strip_prefix(b"+")).unwrap_or(&lower);
    match unsigned {
        b"" => CellError {
            kind: ProblemKind::MissingCell,
            message: "the cell is empty; expected a number".to_owned(),
        },
        b"nan" | b"inf" | b"infinity" => not_finite(&shown(text)),
        _ => CellError {
            kind: ProblemKind::Unparsable,
            message: format!("{:?} is no number; expected digits with an optional point", shown(text)),
        },
    }
}
