//! Numbers of 106 bits, as the sum of two floats: the reference for recursions, where rationals would grow
//! without end. T. J. Dekker (1971). One operation is off by less than 2^-100 of its operands.

use std::ops::{Add, Div, Mul, Sub};

/// The sum of two floats, the second below half an ulp of the first.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Double {
    pub high: f64,
    low: f64,
}

impl Double {
    fn sum(a: f64, b: f64) -> Self {
        let high = a + b;
        let b_part = high - a;
        Self { high, low: (a - (high - b_part)) + (b - b_part) }
    }

    fn product(a: f64, b: f64) -> Self {
        let halves = |x: f64| {
            let shifted = 134_217_729.0 * x;
            let top = shifted - (shifted - x);
            (top, x - top)
        };
        let high = a * b;
        let ((a1, a0), (b1, b0)) = (halves(a), halves(b));
        Self { high, low: ((a1 * b1 - high) + a1 * b0 + a0 * b1) + a0 * b0 }
    }
}

impl From<f64> for Double {
    fn from(high: f64) -> Self {
        Self { high, low: 0.0 }
    }
}

impl Add for Double {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let (high, low) = (Self::sum(self.high, other.high), Self::sum(self.low, other.low));
        let middle = Self::sum(high.high, high.low + low.high);
        Self::sum(middle.high, middle.low + low.low)
    }
}

impl Sub for Double {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self + Self { high: -other.high, low: -other.low }
    }
}

impl Mul for Double {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        let product = Self::product(self.high, other.high);
        Self::sum(product.high, product.low + (self.high * other.low + self.low * other.high))
    }
}

impl Div for Double {
    type Output = Self;

    fn div(self, other: Self) -> Self {
        let first = self.high / other.high;
        let rest = self - other * Self::from(first);
        let second = rest.high / other.high;
        let rest = rest - other * Self::from(second);
        Self::sum(first, second) + Self::from(rest.high / other.high)
    }
}

#[test]
fn keeps_a_hundred_bits() {
    use testkit::exact;
    let mut random = testkit::inputs::SplitMix::new(1);
    let rational = |x: Double| exact::rational(x.high) + exact::rational(x.low);
    let tiny = exact::ratio(1, testkit::BigInt::from(1) << 100);
    for _ in 0..2_000 {
        let mut any = || {
            let whole = random.between(-(1 << 53), 1 << 53) as f64;
            Double::from(whole / 1e9) + Double::from(random.between(1, 1 << 30) as f64 * 1e-20)
        };
        let (a, b) = (any(), any());
        let (ra, rb) = (rational(a), rational(b));
        for (found, exact) in [(a + b, &ra + &rb), (a - b, &ra - &rb), (a * b, &ra * &rb), (a / b, &ra / &rb)]
        {
            let scale = (&ra * &ra + &rb * &rb) + &exact * &exact;
            let off = rational(found) - exact;
            // Squares, for the absolute value's sake: off² <= 2^-200·(a² + b² + exact²).
            assert!(&off * &off <= &tiny * &tiny * scale, "{a:?} {b:?}");
        }
    }
}
