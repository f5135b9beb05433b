//! The two newest swing points.

use feature_api::{Bits, Memory, Operator, RestoreError, StateReader, StateWriter};

use super::Swing;
use crate::window::{Ring, Window, read_raw};

/// The two newest swing lows; see [`SwingPair`].
pub type SwingLows = SwingPair<false>;

/// The two newest swing highs; see [`SwingPair`].
pub type SwingHighs = SwingPair<true>;

/// A swing point: its price, raw, and what an indicator said at its bar.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Point {
    /// Low or high, raw.
    pub price: i64,
    /// The indicator.
    pub value: f64,
}

/// Two swing points.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Pair {
    /// The one before the newest.
    pub earlier: Point,
    /// The newest.
    pub later: Point,
}

impl Bits for Pair {
    fn bits(&self, to: &mut Vec<u64>) {
        for point in [self.earlier, self.later] {
            point.price.bits(to);
            point.value.bits(to);
        }
    }
}

/// The two newest confirmed swing points of the previous `n` bars, where there are two.
///
/// - **Formula**: as [`Swing`]; a swing point counts where it and its k neighbours on either side lie within
///   the bars t − n … t.
/// - **Parameters**: window `n`, reach `k` of a swing point.
/// - **Warm-up**: n.
/// - **Degenerate**: none.
/// - **Source**: definition.
#[derive(Debug, Clone)]
pub struct SwingPair<const HIGH: bool> {
    window: Window,
    reach: Window,
    swing: Swing<HIGH>,
    /// The indicator at the last `reach` bars.
    values: Ring<f64>,
    seen: u64,
    /// The two newest swing points, with the index of their bar.
    points: Ring<(u64, Point)>,
}

impl<const HIGH: bool> SwingPair<HIGH> {
    /// The swing points of the previous `window` bars, of that reach.
    #[must_use]
    pub fn new(window: Window, reach: Window) -> Self {
        Self {
            window,
            reach,
            swing: Swing::new(reach),
            values: Ring::new(reach.len()),
            seen: 0,
            points: Ring::new(2),
        }
    }
}

impl<const HIGH: bool> Operator for SwingPair<HIGH> {
    type Input = Point;
    type Output = Option<Pair>;

    #[inline]
    fn update(&mut self, bar: Point) -> Option<Option<Pair>> {
        let (now, reach) = (self.seen, u64::from(self.reach.get()));
        self.seen += 1;
        let value = self.values.push(bar.value).unwrap_or_default();
        if let Some(Some(price)) = self.swing.update(bar.price) {
            // A damaged state may say that fewer bars were seen than a swing point takes.
            self.points.push((now.saturating_sub(reach), Point { price, value }));
        }
        let first = now.checked_sub(u64::from(self.window.get()))?;
        Some(match (self.points.back(1), self.points.back(0)) {
            (Some((index, earlier)), Some((_, later))) if index >= first + reach => {
                Some(Pair { earlier, later })
            }
            _ => None,
        })
    }

    fn warm_up(&self) -> usize {
        self.window.len()
    }

    fn memory(&self) -> Memory {
        Memory::Finite { window: self.window.get() + 1 }
    }

    fn reset(&mut self) {
        self.swing.reset();
        self.values.clear();
        self.seen = 0;
        self.points.clear();
    }

    fn save(&self, state: &mut StateWriter) {
        self.swing.save(state);
        self.values.save(state, StateWriter::write_f64);
        state.write_u64(self.seen);
        self.points.save(state, |state, (index, point)| {
            state.write_u64(index);
            state.write_i64(point.price);
            state.write_f64(point.value);
        });
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        let mut load = || {
            self.swing.load(state)?;
            self.values.load(state, StateReader::read_f64)?;
            self.seen = super::read_count(state)?;
            let seen = self.seen;
            self.points.load(state, |state| {
                let index = state.read_u64()?;
                let point = Point { price: read_raw(state)?, value: state.read_f64()? };
                if index < seen { Ok((index, point)) } else { Err(super::OF_THE_PAST) }
            })
        };
        let loaded = load();
        if loaded.is_err() {
            self.reset();
        }
        loaded
    }
}
