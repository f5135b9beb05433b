//! Volume-weighted average price of a span of time.

use feature_api::{MAX_RAW, Memory, Operator, RestoreError, StateReader, StateWriter};

use crate::arithmetic::{Scale, quotient};
use crate::bars::ClosedBar;
use crate::window::{Ring, Window, read_raw};

/// What was traded in a bar, raw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SessionBar {
    /// Start of the bar, in nanoseconds.
    pub ts: i64,
    /// Σ price·quantity, in steps of both grids.
    pub dollar: i128,
    /// Quantity.
    pub volume: i64,
    /// Last price.
    pub close: i64,
}

impl SessionBar {
    /// What was traded in that bar.
    #[inline]
    #[must_use]
    pub const fn of(bar: &ClosedBar) -> Self {
        Self { ts: bar.ts_open, dollar: bar.sums.dollar, volume: bar.sums.volume, close: bar.sums.close }
    }
}

/// Average price over a span of time up to the newest bar, weighted by quantity.
///
/// - **Formula**: `Σ dollar / Σ volume` over the bars that begin less than `span` before the newest one begins; exact
///   integer sums, one correct rounding. Bars without trades are not needed.
/// - **Parameters**: the span, at least 1; the bars it holds at most, which is span over length for bars of time; the scale of the
///   raw prices.
/// - **Warm-up**: that many bars less one. They may be spread over a longer time: whatever the span holds has then been
///   seen for certain.
/// - **Degenerate**: the newest close where no volume was traded. Of more bars than were declared the newest count.
/// - **Source**: definition.
#[derive(Debug, Clone)]
pub struct SessionVwap {
    span: i64,
    capacity: Window,
    steps: u128,
    /// Bars within the span, oldest first.
    ring: Ring<SessionBar>,
    dollar: i128,
    volume: i64,
    /// Bars that were seen, up to the capacity.
    seen: u32,
}

impl SessionVwap {
    /// An average over `span` nanoseconds, at most `capacity` bars, of raw prices of that scale.
    #[must_use]
    pub fn new(span: i64, capacity: Window, price: Scale) -> Self {
        let ring = Ring::new(capacity.len());
        let span = if span < 1 { 1 } else { span };
        Self { span, capacity, steps: price.steps(), ring, dollar: 0, volume: 0, seen: 0 }
    }

    #[inline]
    fn push(&mut self, bar: SessionBar) {
        self.dollar += bar.dollar;
        self.volume += bar.volume;
        if let Some(old) = self.ring.push(bar) {
            self.forget(old);
        }
        while let Some(old) = self.ring.oldest().filter(|old| bar.ts.saturating_sub(old.ts) >= self.span) {
            self.ring.pop_oldest();
            self.forget(old);
        }
    }

    #[inline]
    const fn forget(&mut self, old: SessionBar) {
        self.dollar -= old.dollar;
        self.volume -= old.volume;
    }
}

impl Operator for SessionVwap {
    type Input = SessionBar;
    type Output = f64;

    #[inline]
    fn update(&mut self, bar: SessionBar) -> Option<f64> {
        self.push(bar);
        if self.seen < self.capacity.get() {
            self.seen += 1;
        }
        if self.seen < self.capacity.get() {
            return None;
        }
        Some(if self.volume > 0 {
            quotient(self.dollar, self.steps * u128::from(self.volume.unsigned_abs()))
        } else {
            quotient(i128::from(bar.close), self.steps)
        })
    }

    fn warm_up(&self) -> usize {
        self.capacity.len() - 1
    }

    fn memory(&self) -> Memory {
        Memory::Finite { window: self.capacity.get() }
    }

    fn reset(&mut self) {
        self.ring.clear();
        self.dollar = 0;
        self.volume = 0;
        self.seen = 0;
    }

    fn save(&self, state: &mut StateWriter) {
        state.write_u64(u64::from(self.seen));
        self.ring.save(state, |state, bar| {
            state.write_i64(bar.ts);
            state.write_i128(bar.dollar);
            state.write_i64(bar.volume);
            state.write_i64(bar.close);
        });
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        let seen = u32::try_from(state.read_u64()?).ok().filter(|seen| *seen <= self.capacity.get());
        let seen = seen.ok_or(RestoreError::Invalid { what: "a count within the session" })?;
        let mut ring = Ring::new(self.capacity.len());
        ring.load(state, |state| {
            let (ts, dollar) = (state.read_i64()?, state.read_i128()?);
            let (volume, close) = (read_raw(state)?, read_raw(state)?);
            if volume >= 0 && dollar.unsigned_abs() <= u128::from(volume.unsigned_abs()) * MAX_RAW as u128 {
                Ok(SessionBar { ts, dollar, volume, close })
            } else {
                Err(RestoreError::Invalid { what: "a bar of possible prices" })
            }
        })?;
        if ring.len() > seen as usize {
            return Err(RestoreError::Invalid { what: "no more bars than were seen" });
        }
        ring.iter().for_each(|bar| self.push(bar));
        self.seen = seen;
        Ok(())
    }
}
