//! Moving average convergence/divergence.

use feature_api::{Bits, Memory, Operator, RestoreError, StateReader, StateWriter};

use super::Ema;
use crate::window::Window;

/// What [`Macd`] gives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MacdLines {
    /// Fast less slow average.
    pub macd: f64,
    /// Average of the former.
    pub signal: f64,
}

impl Bits for MacdLines {
    fn bits(&self, to: &mut Vec<u64>) {
        [self.macd, self.signal].bits(to);
    }
}

/// Difference of a fast and a slow exponential average, and its own average, the signal.
///
/// - **Formula**: `macd = EMA(fast) − EMA(slow)`, `signal = EMA(macd)`. Both averages start at the bar of the
///   slow one: the fast one is seeded with the last `fast` of the first `slow` inputs.
/// - **Parameters**: periods `fast` < `slow`, `signal`.
/// - **Warm-up**: slow − 1 + signal − 1; both lines become valid together.
/// - **Degenerate**: none.
/// - **Convergence**: measured at 12-26-9 and its multiples, two histories whose prices differ tenfold give the
///   same bits after 25·slow inputs at worst (walks, recorded bars); declared is that of the longer of slow and
///   signal, and 12 times the shorter. See [`Ema`].
/// - **Source**: TA-Lib MACD, unstable period 0.
#[derive(Debug, Clone)]
pub struct Macd {
    skip: u32,
    skipped: u32,
    periods: [Window; 3],
    fast: Ema,
    slow: Ema,
    signal: Ema,
}

impl Macd {
    /// Lines of these periods. Where `fast` is above `slow`, they change places, as in TA-Lib.
    #[must_use]
    pub fn new(fast: Window, slow: Window, signal: Window) -> Self {
        let (fast, slow) = if fast.get() > slow.get() { (slow, fast) } else { (fast, slow) };
        Self {
            skip: slow.get().saturating_sub(fast.get()),
            skipped: 0,
            periods: [fast, slow, signal],
            fast: Ema::new(fast),
            slow: Ema::new(slow),
            signal: Ema::new(signal),
        }
    }

    /// Inputs after which two histories give the same bits.
    #[must_use]
    pub const fn convergence(slow: Window, signal: Window) -> u32 {
        let (longer, shorter) = if slow.get() > signal.get() { (slow, signal) } else { (signal, slow) };
        Ema::convergence(longer) + 12 * shorter.get()
    }
}

impl Operator for Macd {
    type Input = f64;
    type Output = MacdLines;

    #[inline(always)]
    fn update(&mut self, close: f64) -> Option<MacdLines> {
        let slow = self.slow.update(close);
        let fast = if self.skipped < self.skip {
            self.skipped += 1;
            None
        } else {
            self.fast.update(close)
        };
        let macd = fast? - slow?;
        let signal = self.signal.update(macd)?;
        Some(MacdLines { macd, signal })
    }

    fn warm_up(&self) -> usize {
        self.periods[1].len() + self.periods[2].len() - 2
    }

    fn memory(&self) -> Memory {
        Memory::Recursive { convergence: Self::convergence(self.periods[1], self.periods[2]) }
    }

    fn reset(&mut self) {
        self.skipped = 0;
        self.fast.reset();
        self.slow.reset();
        self.signal.reset();
    }

    fn save(&self, state: &mut StateWriter) {
        state.write_u64(u64::from(self.skipped));
        self.fast.save(state);
        self.slow.save(state);
        self.signal.save(state);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        let skipped = u32::try_from(state.read_u64()?).ok().filter(|skipped| *skipped <= self.skip);
        let skipped = skipped.ok_or(RestoreError::Invalid { what: "a count within the skipped inputs" })?;
        let averages = [&mut self.fast, &mut self.slow, &mut self.signal];
        let loaded = averages.into_iter().try_for_each(|average| average.load(state));
        if loaded.is_ok() {
            self.skipped = skipped;
        } else {
            self.reset();
        }
        loaded
    }
}
