//! Money flow index.

use feature_api::{MAX_RAW, Memory, Operator, RestoreError, StateReader, StateWriter};

use super::TypicalVolume;
use crate::arithmetic::quotient;
use crate::window::{Ring, Window};

/// Money that flowed in rising bars in per cent of all that flowed over the last `n` bars: 0 to 100.
///
/// - **Formula**: `100·Σ⁺/(Σ⁺ + Σ⁻)`, sums of `TP·V` over the bars whose typical price is above, respectively below,
///   that of the bar before; exact integer sums, one correct rounding.
/// - **Parameters**: window `n`; the scales cancel.
/// - **Warm-up**: n.
/// - **Degenerate**: 0 where nothing flowed. TA-Lib takes sums below 1 for nothing too; here only zero is, so that it
///   does not depend on the unit of the prices. A typical price below zero has no flow.
/// - **Source**: G. Quong and A. Soudack (1989); TA-Lib MFI, unstable period 0.
#[derive(Debug, Clone)]
pub struct Mfi {
    window: Window,
    previous: Option<i64>,
    /// `TP·V` with the sign of the move.
    ring: Ring<i128>,
    rising: i128,
    falling: i128,
}

/// The largest flow of a bar.
const MOST: i128 = 3 * (MAX_RAW as i128) * (MAX_RAW as i128);

impl Mfi {
    /// An index over `window` bars.
    #[must_use]
    pub fn new(window: Window) -> Self {
        Self { window, previous: None, ring: Ring::new(window.len()), rising: 0, falling: 0 }
    }

    #[inline]
    const fn add(&mut self, flow: i128) {
        if flow > 0 {
            self.rising += flow;
        } else {
            self.falling -= flow;
        }
    }

    #[inline]
    const fn remove(&mut self, flow: i128) {
        if flow > 0 {
            self.rising -= flow;
        } else {
            self.falling += flow;
        }
    }
}

impl Operator for Mfi {
    type Input = TypicalVolume;
    type Output = f64;

    #[inline]
    fn update(&mut self, bar: TypicalVolume) -> Option<f64> {
        let previous = self.previous.replace(bar.triple)?;
        let size = if bar.triple > 0 { i128::from(bar.triple) * i128::from(bar.volume) } else { 0 };
        let flow = size * i128::from((bar.triple - previous).signum());
        self.add(flow);
        if let Some(old) = self.ring.push(flow) {
            self.remove(old);
        } else if !self.ring.is_full() {
            return None;
        }
        Some(quotient(100 * self.rising, (self.rising + self.falling).unsigned_abs()))
    }

    fn warm_up(&self) -> usize {
        self.window.len()
    }

    fn memory(&self) -> Memory {
        Memory::Finite { window: self.window.get() + 1 }
    }

    fn reset(&mut self) {
        self.previous = None;
        self.ring.clear();
        self.rising = 0;
        self.falling = 0;
    }

    fn save(&self, state: &mut StateWriter) {
        state.write_bool(self.previous.is_some());
        state.write_i64(self.previous.unwrap_or_default());
        self.ring.save(state, StateWriter::write_i128);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        let (seen, previous) = (state.read_bool()?, state.read_i64()?);
        if previous.unsigned_abs() > 3 * MAX_RAW.unsigned_abs() {
            return Err(RestoreError::Invalid { what: "a typical price" });
        }
        let mut ring = Ring::new(self.window.len());
        ring.load(state, |state| {
            let flow = state.read_i128()?;
            if (-MOST..=MOST).contains(&flow) {
                Ok(flow)
            } else {
                Err(RestoreError::Invalid { what: "a flow of money" })
            }
        })?;
        ring.iter().for_each(|flow| self.add(flow));
        self.previous = seen.then_some(previous);
        self.ring = ring;
        Ok(())
    }
}
