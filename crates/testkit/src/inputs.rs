//! Streams of inputs that find faults, and bars made from them.
//!
//! Everything is made of integers by a fixed generator: the same rows on every machine, for ever.

mod bars;

pub use bars::{Takers, bars, walk_bars, walk_positions};
use feature_api::MAX_RAW;

/// The splitmix64 generator.
#[derive(Debug, Clone)]
pub struct SplitMix(u64);

impl SplitMix {
    /// A generator that starts at `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 random bits.
    pub const fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    /// An integer from `min` to `max`, both inclusive.
    ///
    /// # Panics
    /// Where `min > max` or they lie more than `i64::MAX` apart.
    pub fn between(&mut self, min: i64, max: i64) -> i64 {
        let span = max.checked_sub(min).and_then(|span| u64::try_from(span).ok()).expect("min <= max") + 1;
        min + (self.next_u64() % span).cast_signed()
    }

    /// True once in `count` times.
    pub fn one_in(&mut self, count: i64) -> bool {
        self.between(1, count) == 1
    }

    pub(crate) fn byte_above_zero(&mut self) -> u8 {
        u8::try_from(self.between(1, 255)).expect("fits a byte")
    }
}

/// A named kind of stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stream {
    /// A random walk with steps of up to 50 around 100,000.
    Walk,
    /// One value.
    Flat,
    /// Zero throughout; the smallest value where only positive values are asked for.
    Zero,
    /// The smallest and the largest value in turn.
    Extremes,
    /// Near the largest value, 2^53.
    Huge,
    /// Only 0 and 1; 1 and 2 where only positive values are asked for.
    Tiny,
    /// Flat but for rare jumps over several orders of magnitude.
    Jumps,
    /// Up by a random step each time.
    Rising,
    /// Down by a random step each time.
    Falling,
    /// Up and down in straight lines.
    Sawtooth,
    /// Few distinct values, so that many are equal.
    Ties,
    /// A walk over the first third, then one value.
    Settling,
}

impl Stream {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::Walk,
        Self::Flat,
        Self::Zero,
        Self::Extremes,
        Self::Huge,
        Self::Tiny,
        Self::Jumps,
        Self::Rising,
        Self::Falling,
        Self::Sawtooth,
        Self::Ties,
        Self::Settling,
    ];

    /// The name, for reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Walk => "walk",
            Self::Flat => "flat",
            Self::Zero => "zero",
            Self::Extremes => "extremes",
            Self::Huge => "huge",
            Self::Tiny => "tiny",
            Self::Jumps => "jumps",
            Self::Rising => "rising",
            Self::Falling => "falling",
            Self::Sawtooth => "sawtooth",
            Self::Ties => "ties",
            Self::Settling => "settling",
        }
    }

    /// Raw values of either sign, magnitude at most [`MAX_RAW`].
    #[must_use]
    pub fn raw(self, rows: usize, seed: u64) -> Vec<i64> {
        self.values(rows, seed, -MAX_RAW)
    }

    /// Raw values from 0 on, such as quantities.
    #[must_use]
    pub fn non_negative(self, rows: usize, seed: u64) -> Vec<i64> {
        self.values(rows, seed, 0)
    }

    /// Raw values from 1 on, such as prices.
    #[must_use]
    pub fn positive(self, rows: usize, seed: u64) -> Vec<i64> {
        self.values(rows, seed, 1)
    }

    /// Floats of either sign: the raw values over 1,000, most of which are no binary fractions.
    #[must_use]
    pub fn floats(self, rows: usize, seed: u64) -> Vec<f64> {
        self.raw(rows, seed).into_iter().map(thousandths).collect()
    }

    /// Floats above zero: [`positive`](Stream::positive) over 1,000.
    #[must_use]
    pub fn positive_floats(self, rows: usize, seed: u64) -> Vec<f64> {
        self.positive(rows, seed).into_iter().map(thousandths).collect()
    }

    fn values(self, rows: usize, seed: u64, min: i64) -> Vec<i64> {
        const BASE: i64 = 100_000;
        let mut random = SplitMix::new(seed);
        let mut value = if self == Self::Falling { MAX_RAW / 2 } else { BASE };
        let low = min.max(0);
        let count = i64::try_from(rows).expect("rows fit an i64");
        let mut next = |row: i64| match self {
            Self::Walk => {
                value = (value + random.between(-50, 50)).max(low);
                value
            }
            Self::Flat => BASE + 321,
            Self::Zero => low,
            Self::Extremes => [min, MAX_RAW][usize::from(row % 2 == 1)],
            Self::Huge => MAX_RAW - random.between(0, 1000),
            Self::Tiny => low + random.between(0, 1),
            Self::Jumps => {
                if random.one_in(16) {
                    let digits = u32::try_from(random.between(0, 15)).expect("at most 15");
                    value = 10_i64.pow(digits) * random.between(1, 9);
                }
                value
            }
            Self::Rising => {
                value += random.between(1, 200);
                value
            }
            Self::Falling => {
                value -= random.between(1, 200);
                value
            }
            Self::Sawtooth => BASE + 37 * (row % 23 - 11).abs(),
            Self::Ties => BASE + random.between(0, 3),
            Self::Settling => {
                if row < count / 3 {
                    value = (value + random.between(-50, 50)).max(low);
                }
                value
            }
        };
        (0..count).map(|row| next(row).clamp(min, MAX_RAW)).collect()
    }
}

#[expect(clippy::cast_precision_loss, reason = "a raw value is at most 2^53")]
fn thousandths(raw: i64) -> f64 {
    raw as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_keep_their_bounds_and_repeat() {
        for stream in Stream::ALL {
            for (min, values) in [
                (-MAX_RAW, stream.raw(500, 7)),
                (0, stream.non_negative(500, 7)),
                (1, stream.positive(500, 7)),
            ] {
                assert_eq!(values.len(), 500, "{}", stream.name());
                assert!(values.iter().all(|value| (min..=MAX_RAW).contains(value)), "{}", stream.name());
            }
            assert_eq!(stream.raw(500, 7), stream.raw(500, 7));
        }
        assert_eq!(Stream::Extremes.raw(2, 0), [-MAX_RAW, MAX_RAW]);
        assert!(Stream::Rising.raw(100, 1).is_sorted());
        assert!(Stream::Falling.raw(100, 1).iter().rev().is_sorted());
        assert_eq!(SplitMix::new(0).next_u64(), 0xe220_a839_7b1d_cdaf);
    }
}
