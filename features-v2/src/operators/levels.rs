//! Support and resistance from swing points.

use feature_api::{Bits, Memory, Operator, RestoreError, StateReader, StateWriter};

use super::{Extremum, Swing};
use crate::arithmetic::ratio;
use crate::window::{Ring, Window, read_raw};

/// Support: swing lows below the close; see [`Level`].
pub type Support = Level<false>;

/// Resistance: swing highs above the close; see [`Level`].
pub type Resistance = Level<true>;

/// What [`Level`] gives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NearestLevel {
    /// Distance of the close from the level in per cent of the close; positive where the level lies on its own
    /// side of the close.
    pub distance_pct: f64,
    /// Number of confirmed swing points within ±0.5 % of the level.
    pub touches: u32,
}

impl Bits for NearestLevel {
    fn bits(&self, to: &mut Vec<u64>) {
        self.distance_pct.bits(to);
        to.push(u64::from(self.touches));
    }
}

/// The low (for support) or the high (for resistance) of a bar, and its close, raw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EdgeClose {
    /// Low or high.
    pub edge: i64,
    /// Close.
    pub close: i64,
}

/// The nearest level beyond the close, from the swing points of the previous `n` bars.
///
/// - **Formula**: support is the highest confirmed swing low strictly below the close; where there is none, the
///   lowest low of the previous n bars. `100·(C − S)/C`. Resistance mirrors it: `100·(R − C)/C`. A swing point
///   counts where it and its k neighbours on either side lie within the bars t − n … t.
/// - **Parameters**: window `n`, reach `k` of a swing point.
/// - **Warm-up**: n.
/// - **Degenerate**: distance 0 where the close is 0.
/// - **Cost**: a binary search in the sorted swing points; they lie more than k bars apart, so there are at
///   most n/(k + 1), and one comes or goes at most every k + 1 bars.
/// - **Source**: definition.
#[derive(Debug, Clone)]
pub struct Level<const HIGH: bool> {
    window: Window,
    reach: Window,
    swing: Swing<HIGH>,
    /// Of the previous bars, one bar late.
    extremum: Extremum<HIGH>,
    previous: Option<i64>,
    seen: u64,
    /// Swing points in order of time: index of the bar and price.
    points: Ring<(u64, i64)>,
    /// Their prices, sorted.
    sorted: Vec<i64>,
}

impl<const HIGH: bool> Level<HIGH> {
    /// The level of the previous `window` bars, from swing points of that reach.
    #[must_use]
    pub fn new(window: Window, reach: Window) -> Self {
        let most = window.len() / (reach.len() + 1) + 2;
        Self {
            window,
            reach,
            swing: Swing::new(reach),
            extremum: Extremum::new(window),
            previous: None,
            seen: 0,
            points: Ring::new(most),
            sorted: Vec::with_capacity(most + 1),
        }
    }

    fn insert(&mut self, index: u64, price: i64) {
        if let Some((_, old)) = self.points.push((index, price)) {
            self.forget(old);
        }
        let place = self.sorted.partition_point(|other| *other < price);
        self.sorted.insert(place, price);
    }

    fn forget(&mut self, price: i64) {
        if let Ok(place) = self.sorted.binary_search(&price) {
            self.sorted.remove(place);
        }
    }

    /// Drops swing points whose neighbourhood begins before bar `first`.
    fn expire(&mut self, first: u64) {
        while let Some((index, price)) = self.points.oldest() {
            if index >= first + u64::from(self.reach.get()) {
                break;
            }
            self.points.pop_oldest();
            self.forget(price);
        }
    }

    fn nearest(&self, close: i64) -> Option<i64> {
        if HIGH {
            self.sorted.get(self.sorted.partition_point(|price| *price <= close)).copied()
        } else {
            let below = self.sorted.partition_point(|price| *price < close);
            self.sorted.get(below.checked_sub(1)?).copied()
        }
    }

    fn touches(&self, level: i64) -> u32 {
        let near = |price: &i64| 200 * (price - level).unsigned_abs() <= level.unsigned_abs();
        let first = self.sorted.partition_point(|price| *price < level && !near(price));
        let rest = self.sorted.get(first..).unwrap_or_default();
        rest.partition_point(near) as u32
    }
}

impl<const HIGH: bool> Operator for Level<HIGH> {
    type Input = EdgeClose;
    type Output = NearestLevel;

    #[inline]
    fn update(&mut self, bar: EdgeClose) -> Option<NearestLevel> {
        let now = self.seen;
        self.seen += 1;
        let first = now.saturating_sub(u64::from(self.window.get()));
        if let Some(Some(price)) = self.swing.update(bar.edge) {
            // A damaged state may say that fewer bars were seen than a swing point takes.
            self.insert(now.saturating_sub(u64::from(self.reach.get())), price);
        }
        self.expire(first);
        let extremum = match self.previous.replace(bar.edge) {
            Some(previous) => self.extremum.update(previous),
            None => None,
        };
        let level = match (extremum, self.nearest(bar.close)) {
            (None, _) => return None,
            (Some(_), Some(swing)) => swing,
            (Some(extremum), None) => extremum,
        };
        let distance = if HIGH { level - bar.close } else { bar.close - level };
        Some(NearestLevel {
            distance_pct: ratio(100 * i128::from(distance), bar.close).unwrap_or(0.0),
            touches: self.touches(level),
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
        self.extremum.reset();
        self.previous = None;
        self.seen = 0;
        self.points.clear();
        self.sorted.clear();
    }

    fn save(&self, state: &mut StateWriter) {
        self.swing.save(state);
        self.extremum.save(state);
        state.write_bool(self.previous.is_some());
        state.write_i64(self.previous.unwrap_or_default());
        state.write_u64(self.seen);
        self.points.save(state, |state, (index, price)| {
            state.write_u64(index);
            state.write_i64(price);
        });
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        let mut load = || {
            self.swing.load(state)?;
            self.extremum.load(state)?;
            self.previous = state.read_bool()?.then_some(read_raw(state)?);
            self.seen = super::read_count(state)?;
            let seen = self.seen;
            self.points.load(state, |state| {
                let (index, price) = (state.read_u64()?, read_raw(state)?);
                if index < seen { Ok((index, price)) } else { Err(super::OF_THE_PAST) }
            })
        };
        let loaded = load();
        if loaded.is_err() {
            self.reset();
        }
        self.sorted.extend(self.points.iter().map(|(_, price)| price));
        self.sorted.sort_unstable();
        loaded
    }
}
