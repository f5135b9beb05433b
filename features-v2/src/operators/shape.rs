//! Skewness and kurtosis of prices or quantities.

use feature_api::{Memory, Operator, RestoreError, StateReader, StateWriter};

use super::ShapeLines;
use crate::arithmetic::Int;
use crate::window::{Ring, Window, read_raw};

/// Skewness and excess kurtosis of the last `n` raw inputs.
///
/// - **Formula**: `m₃/m₂^1.5` and `m₄/m₂² − 3` with the central moments `m` of the n inputs. Sums of powers are exact
///   integers; so are n², n³ and n⁴ times the moments. The kurtosis is one correct rounding, the skewness the root of a
///   correctly rounded `m₃²/m₂³`: within one unit in the last place.
/// - **Parameters**: window `n`; the scale cancels.
/// - **Warm-up**: n − 1.
/// - **Degenerate**: both are 0 where all inputs are equal.
/// - **Source**: R. A. Fisher's g₁ and g₂, biased; for pandas' see [`ReturnShape`](super::ReturnShape).
#[derive(Debug, Clone)]
pub struct Shape {
    window: Window,
    ring: Ring<i64>,
    sums: Sums,
}

/// Σx to Σx⁴, below 2^63, 2^116, 2^169 and 2^222.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    first: i64,
    second: i128,
    third: Int<3>,
    fourth: Int<4>,
}

impl Sums {
    #[inline]
    fn of(x: i64) -> Self {
        let magnitude = u128::from(x.unsigned_abs());
        let cube = Int::product(magnitude * magnitude, magnitude);
        Self {
            first: x,
            second: i128::from(x) * i128::from(x),
            third: if x < 0 { cube.negated() } else { cube },
            fourth: Int::product(magnitude * magnitude, magnitude * magnitude),
        }
    }

    #[inline]
    fn add(&mut self, x: i64) {
        let powers = Self::of(x);
        self.first += powers.first;
        self.second += powers.second;
        self.third = self.third.plus(&powers.third);
        self.fourth = self.fourth.plus(&powers.fourth);
    }

    #[inline]
    fn remove(&mut self, x: i64) {
        let powers = Self::of(x);
        self.first -= powers.first;
        self.second -= powers.second;
        self.third = self.third.minus(&powers.third);
        self.fourth = self.fourth.minus(&powers.fourth);
    }

    /// The form of the distribution of `n` inputs with these sums.
    fn shape(&self, n: u32) -> ShapeLines {
        let (n, sum) = (i128::from(n), i128::from(self.first));
        // n²·m₂, below 2^126.
        let m2 = n * self.second - sum * sum;
        if m2 == 0 {
            return ShapeLines { skewness: 0.0, kurtosis: 0.0 };
        }
        let (n, sum, m2) = (Int::<1>::from(n), Int::<1>::from(sum), Int::<2>::from(m2));
        let second = Int::<2>::from(self.second);
        // n·S₃ and S₁·S₂ are of one size, and so on: what is left of them are moments, far smaller or at most that size.
        let inner: Int<4> = n.times::<3, 4>(&self.third).minus(&by(3, &sum.times(&second)));
        let square: Int<2> = sum.times(&sum);
        // n³·m₃ = n·(n·S₃ − 3·S₁·S₂) + 2·S₁³, below 2^189.
        let m3: Int<4> = n.times::<4, 4>(&inner).plus(&by(2, &square.times(&sum)));
        // n⁴·m₄ = n·(n·(n·S₄ − 4·S₁·S₃) + 6·S₁²·S₂) − 3·S₁⁴, below 2^252.
        let inner: Int<5> = n.times::<4, 5>(&self.fourth).minus(&by(4, &sum.times(&self.third)));
        let middle: Int<5> = n.times::<5, 5>(&inner).plus(&by(6, &square.times(&second)));
        let m4: Int<5> = n.times::<5, 5>(&middle).minus(&by(3, &square.times(&square)));
        let m2_squared: Int<5> = m2.times(&m2);
        let skewness = m3.times::<4, 7>(&m3).ratio(&m2.times(&m2_squared)).sqrt();
        ShapeLines {
            skewness: if m3.is_negative() { -skewness } else { skewness },
            kurtosis: m4.minus(&by(3, &m2_squared)).ratio(&m2_squared),
        }
    }
}

/// A small multiple.
#[inline]
fn by<const N: usize>(factor: i64, of: &Int<N>) -> Int<N> {
    Int::<1>::from(factor).times(of)
}

impl Shape {
    /// The form over `window` raw inputs.
    #[must_use]
    pub fn new(window: Window) -> Self {
        Self { window, ring: Ring::new(window.len()), sums: Sums::default() }
    }
}

impl Operator for Shape {
    type Input = i64;
    type Output = ShapeLines;

    #[inline]
    fn update(&mut self, raw: i64) -> Option<ShapeLines> {
        if let Some(old) = self.ring.push(raw) {
            self.sums.remove(old);
        }
        self.sums.add(raw);
        if self.ring.is_full() { Some(self.sums.shape(self.window.get())) } else { None }
    }

    fn warm_up(&self) -> usize {
        self.window.len() - 1
    }

    fn memory(&self) -> Memory {
        Memory::Finite { window: self.window.get() }
    }

    fn reset(&mut self) {
        self.ring.clear();
        self.sums = Sums::default();
    }

    fn save(&self, state: &mut StateWriter) {
        self.ring.save(state, StateWriter::write_i64);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        self.ring.load(state, read_raw)?;
        self.ring.iter().for_each(|raw| self.sums.add(raw));
        Ok(())
    }
}
