//! What the open position looks like from here.

use feature_api::{
    Bits, Memory, Operator, Position, Price, RestoreError, Side, StateReader, StateWriter, UnixNanos,
};

use crate::arithmetic::{RealSums, ratio, to_real};
use crate::window::read_raw;

/// A close, raw, and the position at that close.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClosePosition {
    /// Close of the bar.
    pub close: i64,
    /// The position, where there is one.
    pub position: Option<Position>,
}

/// What [`OpenPosition`] gives while there is a position.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PositionState {
    /// Bars since the entry bar.
    pub time_held: f64,
    /// Profit in per cent of the entry price.
    pub pnl_pct: f64,
    /// Profit less its running maximum since entry, which starts at 0.
    pub pnl_from_peak: f64,
    /// Standard deviation of the returns since entry.
    pub volatility: f64,
}

impl Bits for PositionState {
    fn bits(&self, to: &mut Vec<u64>) {
        [self.time_held, self.pnl_pct, self.pnl_from_peak, self.volatility].bits(to);
    }
}

/// Time held, profit, profit from its peak and volatility since entry of the open position.
///
/// - **Formula**: a position is known by its side and its time of entry; the entry bar is the first bar that is given with the position. `time_held` counts the bars
///   after it; `pnl = 100·side·(C/entry − 1)`; the volatility is the standard deviation (ddof 0) of C/C₋₁ − 1
///   over the bars after the entry bar, returns rounded once to 2^-64 and summed exactly.
/// - **Parameters**: none.
/// - **Warm-up**: 0; `None` inside where there is no position.
/// - **Degenerate**: profit 0 where the entry price is 0, a return 0 where the close before is 0; volatility 0
///   with fewer than two bars. A return beyond ±2^20 counts as ±2^20.
/// - **Memory**: back to the entry bar.
/// - **Source**: definition.
#[derive(Debug, Clone, Default)]
pub struct OpenPosition {
    previous: Option<i64>,
    open: Option<Open>,
}

#[derive(Debug, Clone, Copy)]
struct Open {
    position: Position,
    bars: u32,
    peak: f64,
    sums: RealSums,
}

/// Where counting stops: 128 years of one-minute bars.
const BARS_MAX: u32 = 1 << 26;

/// Largest magnitude of a return since entry.
const RETURN_LIMIT: f64 = 1_048_576.0;

impl OpenPosition {
    /// No position so far.
    #[must_use]
    pub const fn new() -> Self {
        Self { previous: None, open: None }
    }
}

impl Open {
    const fn new(position: Position) -> Self {
        Self { position, bars: 0, peak: 0.0, sums: RealSums::ZERO }
    }

    fn pnl_pct(&self, close: i64) -> f64 {
        let entry = self.position.entry_price.raw();
        let gain = match self.position.side {
            Side::Long => close - entry,
            Side::Short => entry - close,
        };
        ratio(100 * i128::from(gain), entry).unwrap_or(0.0)
    }

    fn hold(&mut self, close: i64, previous: i64) {
        if self.bars < BARS_MAX {
            self.bars += 1;
            let change = ratio(i128::from(close - previous), previous).unwrap_or(0.0);
            self.sums.add(if change > RETURN_LIMIT {
                to_real(RETURN_LIMIT)
            } else if change < -RETURN_LIMIT {
                to_real(-RETURN_LIMIT)
            } else {
                to_real(change)
            });
        }
    }

    fn state(&mut self, close: i64) -> PositionState {
        let pnl_pct = self.pnl_pct(close);
        if pnl_pct > self.peak {
            self.peak = pnl_pct;
        }
        PositionState {
            time_held: f64::from(self.bars),
            pnl_pct,
            pnl_from_peak: pnl_pct - self.peak,
            volatility: if self.bars < 2 { 0.0 } else { self.sums.variance(self.bars, 0).sqrt() },
        }
    }
}

impl Operator for OpenPosition {
    type Input = ClosePosition;
    type Output = Option<PositionState>;

    #[inline]
    fn update(&mut self, input: ClosePosition) -> Option<Option<PositionState>> {
        let previous = self.previous.replace(input.close);
        let Some(position) = input.position else {
            self.open = None;
            return Some(None);
        };
        match (&mut self.open, previous) {
            (Some(open), Some(previous)) if is_same(&open.position, &position) => {
                open.position = position;
                open.hold(input.close, previous);
            }
            _ => self.open = Some(Open::new(position)),
        }
        Some(self.open.as_mut().map(|open| open.state(input.close)))
    }

    fn warm_up(&self) -> usize {
        0
    }

    fn memory(&self) -> Memory {
        Memory::SinceEntry
    }

    fn reset(&mut self) {
        *self = Self::new();
    }

    fn save(&self, state: &mut StateWriter) {
        state.write_bool(self.previous.is_some());
        state.write_i64(self.previous.unwrap_or_default());
        state.write_bool(self.open.is_some());
        if let Some(open) = &self.open {
            write_position(state, &open.position);
            state.write_u64(u64::from(open.bars));
            state.write_f64(open.peak);
            open.sums.save(state);
        }
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        let previous = state.read_bool()?.then_some(read_raw(state)?);
        let open = if state.read_bool()? {
            let position = read_position(state)?;
            let bars = u32::try_from(super::read_count(state)?).ok().filter(|bars| *bars <= BARS_MAX);
            let bars = bars.ok_or(RestoreError::Invalid { what: "a count of bars" })?;
            let peak = state.read_f64()?;
            let sums = RealSums::load(state, bars, to_real(RETURN_LIMIT))?;
            Some(Open { position, bars, peak, sums })
        } else {
            None
        };
        *self = Self { previous, open };
        Ok(())
    }
}

/// Whether two positions are one: entered on the same side at the same time, whatever the average price is now.
#[must_use]
pub fn is_same(one: &Position, other: &Position) -> bool {
    one.side == other.side && one.ts_entry == other.ts_entry
}

/// Writes a position.
pub fn write_position(state: &mut StateWriter, position: &Position) {
    state.write_bool(position.side == Side::Long);
    state.write_i64(position.entry_price.raw());
    state.write_i64(position.ts_entry.0);
}

/// Reads what [`write_position`] wrote.
///
/// # Errors
/// [`RestoreError`] where it is no position.
pub fn read_position(state: &mut StateReader<'_>) -> Result<Position, RestoreError> {
    Ok(Position {
        side: if state.read_bool()? { Side::Long } else { Side::Short },
        entry_price: Price::from_raw(state.read_i64()?)
            .map_err(|_| RestoreError::Invalid { what: "an entry price within 2^53 grid steps" })?,
        ts_entry: UnixNanos(state.read_i64()?),
    })
}
