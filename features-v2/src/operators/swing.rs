//! Swing points.

use feature_api::{Memory, Operator, RestoreError, StateReader, StateWriter};

use super::Extremum;
use crate::window::{Ring, Window, read_raw};

/// A low that stands below its neighbours; see [`Swing`].
pub type SwingLow = Swing<false>;

/// A high that stands above its neighbours; see [`Swing`].
pub type SwingHigh = Swing<true>;

/// Whether the input `k` inputs ago is a swing point, and its price.
///
/// - **Formula**: a swing low is lower than each of the k inputs before it and not higher than any of the k
///   after it, so that of equal lows the first counts; a swing high mirrors it. It is said when its k later
///   inputs are there, never earlier.
/// - **Parameters**: reach `k`.
/// - **Warm-up**: 2·k.
/// - **Degenerate**: a flat stretch has no swing points.
/// - **Source**: definition; the pivot points of charting programs.
#[derive(Debug, Clone)]
pub struct Swing<const HIGH: bool> {
    reach: Window,
    extremum: Extremum<HIGH>,
    /// The extremum of the `reach` inputs before the newest.
    before: Option<i64>,
    /// The last `reach` inputs, and whether each stands out from those before it.
    pending: Ring<(i64, Side)>,
}

/// How an input compares with the inputs before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Side {
    /// Fewer than `reach` inputs came before it.
    #[default]
    Unknown,
    /// It does not stand out.
    Within,
    /// It stands out.
    Beyond,
}

impl<const HIGH: bool> Swing<HIGH> {
    /// Swing points with that many neighbours on either side.
    #[must_use]
    pub fn new(reach: Window) -> Self {
        Self { reach, extremum: Extremum::new(reach), before: None, pending: Ring::new(reach.len()) }
    }
}

impl<const HIGH: bool> Operator for Swing<HIGH> {
    type Input = i64;
    type Output = Option<i64>;

    #[inline]
    fn update(&mut self, price: i64) -> Option<Option<i64>> {
        let side = match self.before {
            None => Side::Unknown,
            Some(before) if (if HIGH { price > before } else { price < before }) => Side::Beyond,
            Some(_) => Side::Within,
        };
        let after = self.extremum.update(price);
        self.before = after;
        let (candidate, side) = self.pending.push((price, side))?;
        match (side, after) {
            (Side::Unknown, _) | (_, None) => None,
            (Side::Within, Some(_)) => Some(None),
            (Side::Beyond, Some(after)) => {
                let holds = if HIGH { candidate >= after } else { candidate <= after };
                Some(holds.then_some(candidate))
            }
        }
    }

    fn warm_up(&self) -> usize {
        2 * self.reach.len()
    }

    fn memory(&self) -> Memory {
        Memory::Finite { window: 2 * self.reach.get() + 1 }
    }

    fn reset(&mut self) {
        self.extremum.reset();
        self.before = None;
        self.pending.clear();
    }

    fn save(&self, state: &mut StateWriter) {
        self.extremum.save(state);
        state.write_bool(self.before.is_some());
        state.write_i64(self.before.unwrap_or_default());
        self.pending.save(state, |state, (price, side)| {
            state.write_i64(price);
            state.write_u64(match side {
                Side::Unknown => 0,
                Side::Within => 1,
                Side::Beyond => 2,
            });
        });
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        let mut load = || {
            self.extremum.load(state)?;
            self.before = state.read_bool()?.then_some(read_raw(state)?);
            self.pending.load(state, |state| {
                let price = read_raw(state)?;
                match state.read_u64()? {
                    0 => Ok((price, Side::Unknown)),
                    1 => Ok((price, Side::Within)),
                    2 => Ok((price, Side::Beyond)),
                    _ => Err(RestoreError::Invalid { what: "a side of 0 to 2" }),
                }
            })
        };
        let loaded = load();
        if loaded.is_err() {
            self.reset();
        }
        loaded
    }
}
