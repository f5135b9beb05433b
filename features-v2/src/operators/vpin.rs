//! Volume-synchronised probability of informed trading.

use feature_api::{RestoreError, StateReader, StateWriter};

use crate::arithmetic::quotient;
use crate::window::{Ring, Window};

/// Imbalance of the last `n` buckets of volume, 0 to 1.
///
/// - **Formula**: `Σ |B − S| / (n·size)` over the last `n` buckets that are full. A trade is split where a bucket is
///   full, exactly; B and S are by the aggressor's side, not by bulk classification. An exact sum, one correct rounding.
/// - **Parameters**: window `n`, in buckets; their size; the scale of the quantity.
/// - **Warm-up**: n buckets. Where their edges lie hangs on the first trade of the stream.
/// - **Degenerate**: none.
/// - **Source**: D. Easley, M. López de Prado and M. O'Hara, Flow Toxicity and Liquidity in a High-Frequency World (2012).
///
/// It is no [`Operator`](feature_api::Operator): a trade may fill no bucket or many.
#[derive(Debug, Clone)]
pub struct Vpin {
    window: Window,
    /// Units to a step of the quantity.
    step: i128,
    /// Units to a bucket.
    size: i128,
    /// |B − S| of the full buckets.
    buckets: Ring<i128>,
    sum: i128,
    /// Of the bucket that is not full.
    filled: i128,
    signed: i128,
}

impl Vpin {
    /// Decimals of the size of a bucket.
    const DECIMALS: u8 = 3;

    /// A sum over `window` buckets of `size` thousandths of a unit of quantity, at least one, for raw quantities of
    /// `decimals`.
    #[must_use]
    pub fn new(window: Window, size: u32, decimals: u8) -> Self {
        let power = |decimals: u8| 10_i128.pow(u32::from(decimals));
        // A unit is the finer of a step and a thousandth.
        let units = decimals.clamp(Self::DECIMALS, 16);
        Self {
            window,
            step: power(units - decimals.min(units)),
            size: i128::from(size.max(1)) * power(units - Self::DECIMALS),
            buckets: Ring::new(window.len()),
            sum: 0,
            filled: 0,
            signed: 0,
        }
    }

    /// Takes a trade: its raw quantity, negative where the aggressor sold.
    #[inline]
    pub fn add(&mut self, signed: i64) {
        let mut left = i128::from(signed.unsigned_abs()) * self.step;
        let direction = if signed < 0 { -1 } else { 1 };
        while left > 0 {
            let room = self.size - self.filled;
            if left < room {
                self.filled += left;
                self.signed += direction * left;
                return;
            }
            left -= room;
            let imbalance = (self.signed + direction * room).abs();
            self.push(imbalance);
            (self.filled, self.signed) = (0, 0);
            // Of buckets that it fills alone, those that would be forgotten again need not be filled.
            let whole = left / self.size;
            let forgotten = whole - i128::from(self.window.get());
            if forgotten > 0 {
                left -= forgotten * self.size;
            }
        }
    }

    fn push(&mut self, imbalance: i128) {
        self.sum += imbalance;
        self.sum -= self.buckets.push(imbalance).unwrap_or(0);
    }

    /// The value; `None` before there are `n` full buckets.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        let volume = self.size * i128::from(self.window.get());
        self.buckets.is_full().then(|| quotient(self.sum, volume.unsigned_abs()))
    }

    /// Forgets every trade.
    pub fn reset(&mut self) {
        self.buckets.clear();
        (self.sum, self.filled, self.signed) = (0, 0, 0);
    }

    /// Writes the buckets.
    pub fn save(&self, state: &mut StateWriter) {
        self.buckets.save(state, StateWriter::write_i128);
        state.write_i128(self.filled);
        state.write_i128(self.signed);
    }

    /// Reads what [`Vpin::save`] wrote.
    ///
    /// # Errors
    /// [`RestoreError`] where the bytes are no such state; it is then as new.
    pub fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        const WHAT: RestoreError = RestoreError::Invalid { what: "buckets of no more than their size" };
        self.reset();
        let (size, step) = (self.size, self.step);
        let mut buckets = Ring::new(self.window.len());
        buckets.load(state, |state| {
            let imbalance = state.read_i128()?;
            // Both together are a bucket, so their difference is odd where the bucket is.
            let is_possible = (0..=size).contains(&imbalance) && (size - imbalance) % 2 == 0;
            if is_possible { Ok(imbalance) } else { Err(WHAT) }
        })?;
        let (filled, signed) = (state.read_i128()?, state.read_i128()?);
        let is_possible =
            (0..size).contains(&filled) && (-filled..=filled).contains(&signed) && (filled - signed) % 2 == 0;
        if !is_possible || (size % step == 0 && filled % step != 0) {
            return Err(WHAT);
        }
        buckets.iter().for_each(|imbalance| self.push(imbalance));
        (self.filled, self.signed) = (filled, signed);
        Ok(())
    }
}
