//! Bollinger bands of the typical price.

use feature_api::{Bits, MAX_RAW, Memory, Operator, RestoreError, StateReader, StateWriter};

use crate::arithmetic::{Divisor, Scale};
use crate::window::{Ring, Window};

/// What [`Bands`] gives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BandLines {
    /// The middle band: the mean.
    pub middle: f64,
    /// Standard deviation, of which the outer bands are two away.
    pub deviation: f64,
}

impl BandLines {
    /// The upper band.
    #[inline]
    #[must_use]
    pub fn upper(&self) -> f64 {
        self.middle + 2.0 * self.deviation
    }

    /// The lower band.
    #[inline]
    #[must_use]
    pub fn lower(&self) -> f64 {
        self.middle - 2.0 * self.deviation
    }
}

impl Bits for BandLines {
    fn bits(&self, to: &mut Vec<u64>) {
        [self.middle, self.deviation].bits(to);
    }
}

/// Mean of the typical price over the last `n` bars, and two standard deviations to each side of it.
///
/// - **Formula**: `mean ± 2·√var`, `var = (n·Σx² − (Σx)²)/n²`: exact integer numerators, mean and variance each
///   rounded once; the deviation is within one unit in the last place.
/// - **Parameters**: window `n`, up to [`Bands::MAX`]; the scale of the raw prices. Inputs are high + low + close, raw:
///   three times the typical price.
/// - **Warm-up**: n − 1.
/// - **Degenerate**: all three are the mean where the typical prices are equal.
/// - **Source**: J. Bollinger; TA-Lib BBANDS of TYPPRICE, with simple averages and 2 deviations to each side.
#[derive(Debug, Clone)]
pub struct Bands {
    window: Window,
    mean: Divisor,
    variance: Divisor,
    ring: Ring<i64>,
    sum: i64,
    squares: i128,
}

impl Bands {
    /// The longest window: up to here the sums of tripled prices are exact in 128 bits.
    pub const MAX: u32 = 300;

    /// Bands over `window` bars of that price scale; a longer window counts as [`Bands::MAX`].
    #[must_use]
    pub fn new(window: Window, price: Scale) -> Self {
        let window = if window.get() > Self::MAX { Window::clamped(Self::MAX) } else { window };
        let triples = 3 * u128::from(window.get());
        Self {
            window,
            mean: price.divisor_times(triples),
            variance: price.divisor_times(price.steps() * triples * triples),
            ring: Ring::new(window.len()),
            sum: 0,
            squares: 0,
        }
    }

    const fn square(triple: i64) -> i128 {
        triple as i128 * triple as i128
    }
}

impl Operator for Bands {
    type Input = i64;
    type Output = BandLines;

    #[inline]
    fn update(&mut self, triple: i64) -> Option<BandLines> {
        if let Some(old) = self.ring.push(triple) {
            self.sum -= old;
            self.squares -= Self::square(old);
        }
        self.sum += triple;
        self.squares += Self::square(triple);
        if !self.ring.is_full() {
            return None;
        }
        let scatter = i128::from(self.window.get()) * self.squares - Self::square(self.sum);
        Some(BandLines {
            middle: self.mean.divide_i64(self.sum),
            deviation: self.variance.divide(scatter).sqrt(),
        })
    }

    fn warm_up(&self) -> usize {
        self.window.len() - 1
    }

    fn memory(&self) -> Memory {
        Memory::Finite { window: self.window.get() }
    }

    fn reset(&mut self) {
        self.ring.clear();
        self.sum = 0;
        self.squares = 0;
    }

    fn save(&self, state: &mut StateWriter) {
        self.ring.save(state, StateWriter::write_i64);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        self.ring.load(state, |state| {
            let triple = state.read_i64()?;
            if triple.unsigned_abs() <= 3 * MAX_RAW.unsigned_abs() {
                Ok(triple)
            } else {
                Err(RestoreError::Invalid { what: "a typical price" })
            }
        })?;
        self.sum = self.ring.iter().sum();
        self.squares = self.ring.iter().map(Self::square).sum();
        Ok(())
    }
}
