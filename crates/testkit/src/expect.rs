//! What comes out of an operator, cell by cell, and what was expected.

use std::fmt;

use num_rational::BigRational;

use crate::exact;
use crate::report::float;

/// One number of an output.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell {
    /// A float, which must be finite.
    Float(f64),
    /// An integer.
    Int(i64),
    /// A flag.
    Flag(bool),
    /// A part that is not there: a `None` inside an output.
    Absent,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Float(value) => f.write_str(&float(*value)),
            Self::Int(value) => value.fmt(f),
            Self::Flag(value) => value.fmt(f),
            Self::Absent => f.write_str("absent"),
        }
    }
}

/// The numbers of an output, in order. An operator with an output of its own implements it in its tests.
pub trait Cells {
    /// Appends the numbers.
    fn cells(&self, to: &mut Vec<Cell>);
}

impl Cells for f64 {
    fn cells(&self, to: &mut Vec<Cell>) {
        to.push(Cell::Float(*self));
    }
}

impl Cells for i64 {
    fn cells(&self, to: &mut Vec<Cell>) {
        to.push(Cell::Int(*self));
    }
}

impl Cells for bool {
    fn cells(&self, to: &mut Vec<Cell>) {
        to.push(Cell::Flag(*self));
    }
}

impl<T: Cells> Cells for Option<T> {
    fn cells(&self, to: &mut Vec<Cell>) {
        match self {
            None => to.push(Cell::Absent),
            Some(value) => value.cells(to),
        }
    }
}

impl<T: Cells, const N: usize> Cells for [T; N] {
    fn cells(&self, to: &mut Vec<Cell>) {
        self.iter().for_each(|value| value.cells(to));
    }
}

/// An expected number, and how near to it is near enough.
#[derive(Debug, Clone, PartialEq)]
pub enum Expect {
    /// These bits; 0.0 is not −0.0.
    Exact(f64),
    /// This integer.
    Int(i64),
    /// This flag.
    Flag(bool),
    /// No number.
    Absent,
    /// Within one ulp of the exact value.
    Rational(BigRational),
    /// The float nearest to the exact value. Zero of either sign is zero.
    Rounded(BigRational),
    /// Within one ulp of the square root of the exact value.
    SqrtRational(BigRational),
    /// The float nearest to the square root of the exact value.
    SqrtRounded(BigRational),
    /// Within `ulps` ulps of the exact value.
    Ulps {
        /// The exact value.
        exact: BigRational,
        /// The largest distance accepted.
        ulps: u32,
    },
    /// `|found − value| ≤ abs + rel · |value|`.
    Within {
        /// The value.
        value: f64,
        /// Absolute tolerance.
        abs: f64,
        /// Tolerance as a fraction of the value.
        rel: f64,
    },
}

impl Expect {
    /// Whether `found` is what was expected.
    #[must_use]
    pub fn is_met_by(&self, found: Cell) -> bool {
        let one = exact::integer(1);
        match (self, found) {
            (Self::Exact(value), Cell::Float(found)) => value.to_bits() == found.to_bits(),
            (Self::Int(value), Cell::Int(found)) => *value == found,
            (Self::Flag(value), Cell::Flag(found)) => *value == found,
            (Self::Absent, Cell::Absent) => true,
            (Self::Rational(value), Cell::Float(found)) => exact::within_ulps(found, value, &one),
            (Self::Rounded(value), Cell::Float(found)) => exact::round(value) == found,
            (Self::SqrtRational(value), Cell::Float(found)) => exact::sqrt_within_ulps(found, value, &one),
            (Self::SqrtRounded(value), Cell::Float(found)) => exact::round_sqrt(value) == found,
            (Self::Ulps { exact, ulps }, Cell::Float(found)) => {
                exact::within_ulps(found, exact, &exact::integer(*ulps))
            }
            (Self::Within { value, abs, rel }, Cell::Float(found)) => {
                found.is_finite() && (found - value).abs() <= abs + rel * value.abs()
            }
            (_, Cell::Float(_) | Cell::Int(_) | Cell::Flag(_) | Cell::Absent) => false,
        }
    }
}

impl fmt::Display for Expect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(value) => write!(f, "exactly {}", float(*value)),
            Self::Int(value) => value.fmt(f),
            Self::Flag(value) => value.fmt(f),
            Self::Absent => f.write_str("absent"),
            Self::Rational(value) => write!(f, "within 1 ulp of {}", float(exact::round(value))),
            Self::Rounded(value) => write!(f, "correctly rounded {}", float(exact::round(value))),
            Self::SqrtRational(value) => write!(f, "within 1 ulp of {}", float(exact::round_sqrt(value))),
            Self::SqrtRounded(value) => write!(f, "correctly rounded {}", float(exact::round_sqrt(value))),
            Self::Ulps { exact, ulps } => write!(f, "within {ulps} ulp of {}", float(exact::round(exact))),
            Self::Within { value, abs, rel } => {
                write!(f, "{} within {abs:e} + {rel:e} of it", float(*value))
            }
        }
    }
}

/// The numbers of an output.
pub fn cells_of(value: &impl Cells) -> Vec<Cell> {
    let mut cells = Vec::new();
    value.cells(&mut cells);
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_expectation_accepts_what_it_says_and_nothing_else() {
        let third = exact::ratio(1, 3);
        let near = 1.0_f64 / 3.0;
        let met = |expect: &Expect, value: f64| expect.is_met_by(Cell::Float(value));
        assert!(met(&Expect::Exact(0.0), 0.0) && !met(&Expect::Exact(0.0), -0.0));
        assert!(met(&Expect::Rational(third.clone()), near.next_up()));
        assert!(!met(&Expect::Rational(third.clone()), near.next_up().next_up()));
        assert!(!met(&Expect::Rational(third.clone()), near.next_down()));
        assert!(met(&Expect::Rounded(third.clone()), near));
        assert!(!met(&Expect::Rounded(third.clone()), near.next_up()));
        assert!(met(&Expect::Ulps { exact: third.clone(), ulps: 3 }, near.next_down().next_down()));
        assert!(!met(&Expect::Ulps { exact: third, ulps: 1 }, near.next_down().next_down()));
        let two = exact::integer(2);
        assert!(met(&Expect::SqrtRounded(two.clone()), 2.0_f64.sqrt()));
        assert!(!met(&Expect::SqrtRounded(two.clone()), 2.0_f64.sqrt().next_up()));
        assert!(!met(&Expect::SqrtRational(two), 2.0_f64.sqrt().next_up().next_up()));
        let within = Expect::Within { value: -2.0, abs: 0.5, rel: 0.25 };
        assert!(met(&within, -3.0) && met(&within, -1.0));
        assert!(!met(&within, -3.1) && !met(&within, -0.9) && !met(&within, f64::NAN));
        let all = Expect::Within { value: 0.0, abs: f64::INFINITY, rel: 0.0 };
        assert!(!met(&all, f64::INFINITY));
        assert!(!Expect::Int(1).is_met_by(Cell::Float(1.0)) && Expect::Int(1).is_met_by(Cell::Int(1)));
        assert!(!Expect::Absent.is_met_by(Cell::Flag(false)) && !Expect::Exact(1.0).is_met_by(Cell::Absent));
    }
}
