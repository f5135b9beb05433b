//! Rolling maximum and minimum.

use feature_api::{Memory, Operator, RestoreError, StateReader, StateWriter};

use crate::window::{Window, read_raw};

/// Largest of the last `n` inputs, raw.
///
/// - **Formula**: `max x` over the window, by blocks of n: a running maximum of the block that fills, and for
///   each place the maximum of what is left of the block before (van Herk, Gil and Werman). Two comparisons
///   an input, amortised.
/// - **Parameters**: window `n`.
/// - **Warm-up**: n − 1.
/// - **Degenerate**: none.
/// - **Source**: TA-Lib MAX.
pub type RollingMax = Extremum<true>;

/// Smallest of the last `n` inputs, raw; otherwise as [`RollingMax`].
pub type RollingMin = Extremum<false>;

/// [`RollingMax`] or [`RollingMin`].
#[derive(Debug, Clone)]
pub struct Extremum<const MAX: bool> {
    window: Window,
    /// Up to `filled` the block that fills; from there on, for each place, the extremum of the block before
    /// from that place to its end.
    block: Box<[i64]>,
    filled: usize,
    running: i64,
    warm: bool,
}

impl<const MAX: bool> Extremum<MAX> {
    const NEUTRAL: i64 = if MAX { i64::MIN } else { i64::MAX };

    /// An extremum over `window` inputs.
    #[must_use]
    pub fn new(window: Window) -> Self {
        let block = vec![Self::NEUTRAL; window.len()].into_boxed_slice();
        Self { window, block, filled: 0, running: Self::NEUTRAL, warm: false }
    }

    #[inline]
    fn better(a: i64, b: i64) -> i64 {
        if MAX { a.max(b) } else { a.min(b) }
    }

    fn save_with(&self, state: &mut StateWriter, write: impl Fn(&mut StateWriter, i64)) {
        state.write_bool(self.warm);
        state.write_u64(self.filled as u64);
        let written = if self.warm { self.block.len() } else { self.filled };
        self.block.iter().take(written).for_each(|x| write(state, *x));
    }

    /// Reads a state whose items `read` accepts.
    fn load_with<'a>(
        &mut self,
        state: &mut StateReader<'a>,
        read: impl Fn(&mut StateReader<'a>) -> Result<i64, RestoreError>,
    ) -> Result<(), RestoreError> {
        self.reset();
        let warm = state.read_bool()?;
        let filled = usize::try_from(state.read_u64()?).ok().filter(|filled| *filled <= self.block.len());
        let filled = filled.ok_or(RestoreError::Invalid { what: "a block within the window" })?;
        let written = if warm { self.block.len() } else { filled };
        let loaded = self.block.iter_mut().take(written).try_for_each(|place| {
            *place = read(state)?;
            Ok(())
        });
        if loaded.is_err() {
            self.reset();
            return loaded;
        }
        self.running = self.block.iter().take(filled).copied().fold(Self::NEUTRAL, Self::better);
        self.filled = filled;
        self.warm = warm;
        Ok(())
    }

    fn next_block(&mut self) {
        let mut suffix = Self::NEUTRAL;
        for place in self.block.iter_mut().rev() {
            suffix = Self::better(suffix, *place);
            *place = suffix;
        }
        self.filled = 0;
        self.running = Self::NEUTRAL;
        self.warm = true;
    }
}

impl<const MAX: bool> Operator for Extremum<MAX> {
    type Input = i64;
    type Output = i64;

    #[inline(always)]
    fn update(&mut self, x: i64) -> Option<i64> {
        if self.filled == self.block.len() {
            self.next_block();
        }
        self.running = Self::better(self.running, x);
        if let Some(place) = self.block.get_mut(self.filled) {
            *place = x;
        }
        self.filled += 1;
        let left = self.block.get(self.filled).copied().unwrap_or(Self::NEUTRAL);
        if self.warm || self.filled == self.block.len() {
            Some(Self::better(self.running, left))
        } else {
            None
        }
    }

    fn warm_up(&self) -> usize {
        self.window.len() - 1
    }

    fn memory(&self) -> Memory {
        Memory::Finite { window: self.window.get() }
    }

    fn reset(&mut self) {
        self.block.fill(Self::NEUTRAL);
        self.filled = 0;
        self.running = Self::NEUTRAL;
        self.warm = false;
    }

    fn save(&self, state: &mut StateWriter) {
        self.save_with(state, StateWriter::write_i64);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.load_with(state, read_raw)
    }
}

/// Rolling maximum of floats, by the order of their bits.
///
/// - **Formula**: `max x` over the window.
/// - **Parameters**: window `n`.
/// - **Warm-up**: n − 1.
/// - **Degenerate**: −0.0 is below 0.0.
/// - **Source**: TA-Lib MAX.
#[derive(Debug, Clone)]
pub struct RealMax(RollingMax);

impl RealMax {
    /// A maximum over `window` inputs.
    #[must_use]
    pub fn new(window: Window) -> Self {
        Self(RollingMax::new(window))
    }
}

/// An integer that orders as the float does; its own inverse.
#[inline]
const fn order(bits: i64) -> i64 {
    if bits < 0 { bits ^ i64::MAX } else { bits }
}

impl Operator for RealMax {
    type Input = f64;
    type Output = f64;

    #[inline(always)]
    fn update(&mut self, x: f64) -> Option<f64> {
        let largest = self.0.update(order(x.to_bits().cast_signed()))?;
        Some(f64::from_bits(order(largest).cast_unsigned()))
    }

    fn warm_up(&self) -> usize {
        self.0.warm_up()
    }

    fn memory(&self) -> Memory {
        self.0.memory()
    }

    fn reset(&mut self) {
        self.0.reset();
    }

    fn save(&self, state: &mut StateWriter) {
        self.0.save_with(state, |state, key| state.write_f64(f64::from_bits(order(key).cast_unsigned())));
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.0.load_with(state, |state| state.read_f64().map(|x| order(x.to_bits().cast_signed())))
    }
}
