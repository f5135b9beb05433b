//! Roll's spread.

use feature_api::{Memory, Operator, RestoreError, StateReader, StateWriter};

use crate::arithmetic::{Divisor, Scale};
use crate::window::{Ring, Window, read_raw};

/// The spread that trades bouncing between bid and ask would make of the closes, in units of price.
///
/// - **Formula**: `2·√max(0, −cov(ΔC, ΔC₋₁))` over `n` pairs of changes, the covariance of the population (ddof 0);
///   an exact integer numerator, one correct rounding, then the root.
/// - **Parameters**: window `n`, of which what is above [`RollSpread::MAX`] counts as that; the scale of the price.
/// - **Warm-up**: n + 1.
/// - **Degenerate**: 0 where the covariance is not negative.
/// - **Source**: R. Roll, A Simple Implicit Measure of the Effective Bid-Ask Spread in an Efficient Market (1984).
#[derive(Debug, Clone)]
pub struct RollSpread {
    window: Window,
    divisor: Divisor,
    /// Two closes more than the window has pairs.
    closes: Ring<i64>,
    products: i128,
}

impl RollSpread {
    /// The longest window: up to here every sum is exact in 128 bits.
    pub const MAX: u32 = 700;

    /// A spread over `window` raw prices of that scale.
    #[must_use]
    pub fn new(window: Window, price: Scale) -> Self {
        let window = if window.get() > Self::MAX { Window::clamped(Self::MAX) } else { window };
        let n = u128::from(window.get());
        Self {
            window,
            divisor: price.divisor_times(price.steps() * n * n),
            closes: Ring::new(window.len() + 2),
            products: 0,
        }
    }

    /// The product of the change to the close of that age and the change before it.
    #[inline]
    fn product(&self, age: usize) -> Option<i128> {
        let (last, middle) = (self.closes.back(age)?, self.closes.back(age + 1)?);
        let first = self.closes.back(age + 2)?;
        Some(i128::from(last - middle) * i128::from(middle - first))
    }

    fn add(&mut self, close: i64) {
        if self.closes.is_full() {
            self.products -= self.product(self.window.len() - 1).unwrap_or(0);
        }
        self.closes.push(close);
        self.products += self.product(0).unwrap_or(0);
    }
}

impl Operator for RollSpread {
    type Input = i64;
    type Output = f64;

    #[inline]
    fn update(&mut self, close: i64) -> Option<f64> {
        self.add(close);
        if !self.closes.is_full() {
            return None;
        }
        // Changes add up: the later ones of the pairs to C − C₋ₙ, the earlier ones to C₋₁ − C₋ₙ₋₁.
        let n = self.window.len();
        let later = i128::from(close - self.closes.back(n)?);
        let earlier = i128::from(self.closes.back(1)? - self.closes.back(n + 1)?);
        let covariance = i128::from(self.window.get()) * self.products - later * earlier;
        Some(if covariance < 0 { 2.0 * self.divisor.divide(-covariance).sqrt() } else { 0.0 })
    }

    fn warm_up(&self) -> usize {
        self.window.len() + 1
    }

    fn memory(&self) -> Memory {
        Memory::Finite { window: self.window.get() + 2 }
    }

    fn reset(&mut self) {
        self.closes.clear();
        self.products = 0;
    }

    fn save(&self, state: &mut StateWriter) {
        self.closes.save(state, StateWriter::write_i64);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        let mut closes = Ring::new(self.window.len() + 2);
        closes.load(state, read_raw)?;
        closes.iter().for_each(|close| self.add(close));
        Ok(())
    }
}
