//! Volume by price.

use feature_api::{Bits, Memory, Operator, RestoreError, StateReader, StateWriter};

use super::{RollingMax, RollingMin};
use crate::arithmetic::quotient;
use crate::window::{Ring, Window, read_raw};

/// Bins of a profile.
pub const BINS: usize = 20;

/// A bar's range and volume, raw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RangeVolume {
    /// Highest price.
    pub high: i64,
    /// Lowest price.
    pub low: i64,
    /// Volume.
    pub volume: i64,
}

/// What [`VolumeProfile`] gives. Prices are exact, in fractions of a grid step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Profile {
    /// Lowest price of the window, raw.
    pub lowest: i64,
    /// Highest price of the window, raw.
    pub highest: i64,
    /// Middle of the fullest bin, in 1/40 of a step.
    pub poc_40: i64,
    /// Top of the value area, in 1/20 of a step.
    pub value_area_high_20: i64,
    /// Bottom of the value area, in 1/20 of a step.
    pub value_area_low_20: i64,
    /// Share of the volume in the bins at or above the fullest, less the share below it: −1 to 1.
    pub imbalance: f64,
}

impl Bits for Profile {
    fn bits(&self, to: &mut Vec<u64>) {
        [self.lowest, self.highest, self.poc_40, self.value_area_high_20, self.value_area_low_20].bits(to);
        self.imbalance.bits(to);
    }
}

/// Volume profile of the last `n` bars over 20 equal bins from their lowest low to their highest high.
///
/// - **Formula**: each bar's volume is spread evenly over the bins its range touches. The point of control is
///   the middle of the fullest bin, the lowest of equals. The value area grows from that bin by the larger
///   neighbour, the lower of equals, until it holds 70 % of the volume.
/// - **Parameters**: window `n`.
/// - **Warm-up**: n − 1.
/// - **Degenerate**: with no volume in the window every bar weighs the same; with no range everything lies in
///   the lowest bin, of width zero.
/// - **Bins**: a bin includes its lower edge, the last one its upper edge too.
/// - **Cost**: constant while the range stands; O(n) when it moves, or while the window has no volume. Shares
///   are exact multiples of 1/232,792,560 of a volume step, so adding and taking back leaves no trace.
/// - **Source**: J. P. Steidlmayer's market profile; the 70 % value area is its convention.
#[derive(Debug, Clone)]
pub struct VolumeProfile {
    window: Window,
    highest: RollingMax,
    lowest: RollingMin,
    ring: Ring<RangeVolume>,
    /// The range for which `steps` holds.
    range: (i64, i64),
    /// What each bin holds more than the bin below it.
    steps: [i128; BINS + 1],
    volume: i64,
}

/// Least common multiple of 1 to 20.
const SHARES: i128 = 232_792_560;

/// The bin of `price` in a range.
#[inline]
fn bin(price: i64, (lowest, highest): (i64, i64)) -> usize {
    if highest == lowest {
        return 0;
    }
    let bin = (price - lowest) * BINS as i64 / (highest - lowest);
    (bin as usize).min(BINS - 1)
}

/// Adds a bar of that weight to the steps.
#[inline]
fn spread(steps: &mut [i128; BINS + 1], range: (i64, i64), bar: RangeVolume, weight: i64) {
    let (first, last) = (bin(bar.low, range), bin(bar.high, range));
    let share = i128::from(weight) * (SHARES / (last as i128 - first as i128 + 1));
    if let Some(step) = steps.get_mut(first) {
        *step += share;
    }
    if let Some(step) = steps.get_mut(last + 1) {
        *step -= share;
    }
}

impl VolumeProfile {
    /// A profile of `window` bars.
    #[must_use]
    pub fn new(window: Window) -> Self {
        Self {
            window,
            highest: RollingMax::new(window),
            lowest: RollingMin::new(window),
            ring: Ring::new(window.len()),
            range: (0, 0),
            steps: [0; BINS + 1],
            volume: 0,
        }
    }

    fn rebuild(&mut self, weigh: impl Fn(RangeVolume) -> i64) {
        self.steps = [0; BINS + 1];
        for bar in self.ring.iter() {
            spread(&mut self.steps, self.range, bar, weigh(bar));
        }
    }

    fn shape(&self) -> Profile {
        let mut bins = [0_i128; BINS];
        let (mut held, mut total, mut fullest, mut most) = (0, 0, 0, -1);
        for (index, (bin, step)) in bins.iter_mut().zip(self.steps).enumerate() {
            held += step;
            *bin = held;
            total += held;
            if held > most {
                (fullest, most) = (index, held);
            }
        }
        let (first, last) = value_area(&bins, fullest, total);
        let below: i128 = bins.iter().take(fullest).sum();
        let (lowest, highest) = self.range;
        let edge = |index: usize| BINS as i64 * lowest + index as i64 * (highest - lowest);
        Profile {
            lowest,
            highest,
            poc_40: 2 * edge(fullest) + (highest - lowest),
            value_area_high_20: edge(last + 1),
            value_area_low_20: edge(first),
            imbalance: quotient(total - 2 * below, total.unsigned_abs()),
        }
    }
}

/// First and last bin of the value area.
fn value_area(bins: &[i128; BINS], fullest: usize, total: i128) -> (usize, usize) {
    let at = |index: usize| bins.get(index).copied().unwrap_or(-1);
    let (mut first, mut last, mut held) = (fullest, fullest, at(fullest));
    while 10 * held < 7 * total {
        let below = first.checked_sub(1).map_or(-1, at);
        let above = at(last + 1);
        if below >= above && below >= 0 {
            first -= 1;
            held += below;
        } else if above >= 0 {
            last += 1;
            held += above;
        } else {
            break;
        }
    }
    (first, last)
}

impl Operator for VolumeProfile {
    type Input = RangeVolume;
    type Output = Profile;

    fn update(&mut self, bar: RangeVolume) -> Option<Profile> {
        // A range given upside down is turned, so that no input can reach a bin above its last.
        let bar = RangeVolume { high: bar.high.max(bar.low), low: bar.low.min(bar.high), ..bar };
        let (highest, lowest) = (self.highest.update(bar.high), self.lowest.update(bar.low));
        let old = self.ring.push(bar);
        let had_volume = self.volume > 0;
        self.volume += bar.volume - old.map_or(0, |old| old.volume);
        let range = (lowest?, highest?);
        match old {
            Some(old) if range == self.range && had_volume && self.volume > 0 => {
                spread(&mut self.steps, range, old, -old.volume);
                spread(&mut self.steps, range, bar, bar.volume);
            }
            _ => {
                self.range = range;
                let empty = self.volume == 0;
                self.rebuild(|bar| if empty { 1 } else { bar.volume });
            }
        }
        Some(self.shape())
    }

    fn warm_up(&self) -> usize {
        self.window.len() - 1
    }

    fn memory(&self) -> Memory {
        Memory::Finite { window: self.window.get() }
    }

    fn reset(&mut self) {
        self.highest.reset();
        self.lowest.reset();
        self.ring.clear();
        self.range = (0, 0);
        self.steps = [0; BINS + 1];
        self.volume = 0;
    }

    fn save(&self, state: &mut StateWriter) {
        self.ring.save(state, |state, bar| {
            state.write_i64(bar.high);
            state.write_i64(bar.low);
            state.write_i64(bar.volume);
        });
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        let mut bars = Ring::new(self.window.len());
        self.reset();
        bars.load(state, |state| {
            let bar = RangeVolume { high: read_raw(state)?, low: read_raw(state)?, volume: read_raw(state)? };
            if bar.low <= bar.high && bar.volume >= 0 {
                Ok(bar)
            } else {
                Err(RestoreError::Invalid { what: "a bar with low <= high and volume >= 0" })
            }
        })?;
        for bar in bars.iter() {
            self.update(bar);
        }
        Ok(())
    }
}
