//! Volume by price.

use feature_api::{Bits, Memory, Operator, RestoreError, StateReader, StateWriter};

use super::{RollingMax, RollingMin};
use crate::arithmetic::Int;
use crate::window::{Ring, Window, read_raw};

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

/// What a [`BinnedProfile`] gives. Prices are exact, in fractions of a grid step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Profile {
    /// Lowest price of the window, raw.
    pub lowest: i64,
    /// Highest price of the window, raw.
    pub highest: i64,
    /// Middle of the fullest bin, in steps over twice the number of bins.
    pub poc: i64,
    /// Top of the value area, in steps over the number of bins.
    pub value_area_high: i64,
    /// Bottom of the value area, in steps over the number of bins.
    pub value_area_low: i64,
    /// Share of the volume in the bins at or above the fullest, less the share below it: −1 to 1.
    pub imbalance: f64,
}

impl Bits for Profile {
    fn bits(&self, to: &mut Vec<u64>) {
        [self.lowest, self.highest, self.poc, self.value_area_high, self.value_area_low].bits(to);
        self.imbalance.bits(to);
    }
}

/// The profile over 20 bins.
pub type VolumeProfile = BinnedProfile<20, 2>;

/// The profile over 50 bins.
pub type FineVolumeProfile = BinnedProfile<50, 3>;

/// Volume profile of the last `n` bars over so many equal bins from their lowest low to their highest high.
///
/// - **Formula**: each bar's volume is spread evenly over the bins its range touches. The point of control is
///   the middle of the fullest bin, the lowest of equals. The value area grows from that bin by the larger
///   neighbour, the lower of equals, until it holds 70 % of the volume.
/// - **Parameters**: window `n`; the number of bins, up to 50, and the 64-bit words in which a sum of shares has room.
/// - **Warm-up**: n − 1.
/// - **Degenerate**: with no volume in the window every bar weighs the same; with no range everything lies in
///   the lowest bin, of width zero.
/// - **Bins**: a bin includes its lower edge, the last one its upper edge too.
/// - **Cost**: constant while the range stands; O(n) when it moves, or while the window has no volume. Shares are exact
///   multiples of a volume step over the least common multiple of all counts of bins (232,792,560 for 20), so adding and
///   taking back leaves no trace.
/// - **Source**: J. P. Steidlmayer's market profile; the 70 % value area is its convention.
#[derive(Debug, Clone)]
pub struct BinnedProfile<const BINS: usize, const WORDS: usize> {
    window: Window,
    highest: RollingMax,
    lowest: RollingMin,
    ring: Ring<RangeVolume>,
    /// The range for which `steps` holds.
    range: (i64, i64),
    /// What each bin holds more than the bin below it.
    steps: [Int<WORDS>; BINS],
    volume: i64,
}

impl<const BINS: usize, const WORDS: usize> BinnedProfile<BINS, WORDS> {
    /// Number of bins.
    pub const BINS: i64 = BINS as i64;

    /// Least common multiple of 1 to the number of bins.
    const SHARES: i128 = {
        let (mut shares, mut count) = (1, 2);
        while count <= BINS as i128 {
            let (mut a, mut b) = (shares, count);
            while b != 0 {
                (a, b) = (b, a % b);
            }
            shares *= count / a;
            count += 1;
        }
        // A weight of 2^53, and ten times the sum of 1,000 of them.
        assert!(BINS >= 1 && shares < 1 << (127 - 53) && (WORDS > 2 || shares < 1 << (64 * WORDS - 69)));
        shares
    };

    /// A profile of `window` bars.
    #[must_use]
    pub fn new(window: Window) -> Self {
        Self {
            window,
            highest: RollingMax::new(window),
            lowest: RollingMin::new(window),
            ring: Ring::new(window.len()),
            range: (0, 0),
            steps: [Int::ZERO; BINS],
            volume: 0,
        }
    }

    /// The bin of `price`.
    #[inline]
    fn bin(&self, price: i64) -> usize {
        let (lowest, highest) = self.range;
        if highest == lowest {
            return 0;
        }
        let bin = (price - lowest) * Self::BINS / (highest - lowest);
        (bin as usize).min(BINS - 1)
    }

    /// Adds a bar of that weight.
    #[inline]
    fn spread(&mut self, bar: RangeVolume, weight: i64) {
        let (first, last) = (self.bin(bar.low), self.bin(bar.high));
        let share = Int::from(i128::from(weight) * (Self::SHARES / (last as i128 - first as i128 + 1)));
        if let Some(step) = self.steps.get_mut(first) {
            *step = step.plus(&share);
        }
        if let Some(step) = self.steps.get_mut(last + 1) {
            *step = step.minus(&share);
        }
    }

    fn rebuild(&mut self) {
        self.steps = [Int::ZERO; BINS];
        for age in (0..self.ring.len()).rev() {
            if let Some(bar) = self.ring.back(age) {
                self.spread(bar, if self.volume == 0 { 1 } else { bar.volume });
            }
        }
    }

    fn shape(&self) -> Profile {
        let mut bins = [Int::ZERO; BINS];
        let (mut held, mut total, mut below) = (Int::ZERO, Int::ZERO, Int::ZERO);
        let (mut fullest, mut most) = (0, Int::ZERO);
        for (index, (bin, step)) in bins.iter_mut().zip(&self.steps).enumerate() {
            held = held.plus(step);
            *bin = held;
            if held > most {
                (fullest, most, below) = (index, held, total);
            }
            total = total.plus(&held);
        }
        let (first, last) = value_area(&bins, fullest, &total);
        let (lowest, highest) = self.range;
        let edge = |index: usize| Self::BINS * lowest + index as i64 * (highest - lowest);
        Profile {
            lowest,
            highest,
            poc: 2 * edge(fullest) + (highest - lowest),
            value_area_high: edge(last + 1),
            value_area_low: edge(first),
            imbalance: total.minus(&below.shifted(1)).ratio(&total),
        }
    }
}

/// First and last bin of the value area.
fn value_area<const BINS: usize, const WORDS: usize>(
    bins: &[Int<WORDS>; BINS],
    fullest: usize,
    total: &Int<WORDS>,
) -> (usize, usize) {
    let at = |index: usize| bins.get(index);
    let ten = |x: &Int<WORDS>| {
        let two = x.plus(x);
        let four = two.plus(&two);
        four.plus(&four).plus(&two)
    };
    let (mut first, mut last) = (fullest, fullest);
    // Seven tenths of the total, less what is held.
    let mut lacking = total.shifted(3).minus(total);
    if let Some(held) = at(fullest) {
        lacking = lacking.minus(&ten(held));
    }
    while lacking > Int::ZERO {
        let (below, above) = (first.checked_sub(1).and_then(at), at(last + 1));
        let taken = match (below, above) {
            (Some(below), above) if above.is_none_or(|above| below >= above) => {
                first -= 1;
                below
            }
            (_, Some(above)) => {
                last += 1;
                above
            }
            (_, None) => break,
        };
        lacking = lacking.minus(&ten(taken));
    }
    (first, last)
}

impl<const BINS: usize, const WORDS: usize> Operator for BinnedProfile<BINS, WORDS> {
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
                self.spread(old, -old.volume);
                self.spread(bar, bar.volume);
            }
            _ => {
                self.range = range;
                self.rebuild();
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
        self.steps = [Int::ZERO; BINS];
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
