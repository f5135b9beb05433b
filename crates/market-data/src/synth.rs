//! Bars, trades and books that are made up, the same on every machine: for tests, benchmarks and demonstrations.
//!
//! Integers only. Prices move in parts per billion of themselves, so the shape does not depend on the level;
//! each regime lasts a random number of bars: drifting up or down, pulled back to where it began, in clusters of
//! high volatility, or quiet, with flat bars of which many have no volume. Now and then a price jumps.

mod market;

use feature_api::{Bar, BarFields, Grid, Price, Qty, TakerVolume, UnixNanos};

use crate::BarSeries;

pub use market::{Market, MarketCounts, MarketOptions};

/// Decimals: prices of 0.01, quantities of 0.00001.
const PRICE_SCALE: u8 = 2;
const QTY_SCALE: u8 = 5;
/// First price: 45,000.00.
const START: i64 = 4_500_000;
/// A move that would leave 450.00 to 4,500,000.00 is turned round, so no price comes near 0 or 2^53 steps.
const LOWEST: i64 = START / 100;
const HIGHEST: i64 = START * 100;
/// Moves inside a bar.
const MOVES: u64 = 6;
/// Parts per billion of a usual move: 0.02 %.
const VOLATILITY: i64 = 200_000;
/// A quantity of 1.
const ONE: i64 = 100_000;

/// What to make up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SynthOptions {
    /// Number of bars; fewer where the times would leave the year 2262.
    pub rows: u64,
    /// Seed: another seed, another series.
    pub seed: u64,
    /// Open time of the first bar.
    pub start: UnixNanos,
    /// Length of a bar in nanoseconds; below 1 it is 1.
    pub interval: i64,
}

impl Default for SynthOptions {
    /// One day of minutes from 2024-01-01 00:00:00 UTC, seed 1.
    fn default() -> Self {
        Self { rows: 1440, seed: 1, start: UnixNanos(1_704_067_200_000_000_000), interval: 60_000_000_000 }
    }
}

/// Bars that are made up: prices with 2 decimals that begin at 45,000 and stay between 450 and 4,500,000,
/// quantities with 5, taker volumes that sum up to the volume, no gaps. Fewer rows are a prefix of more.
#[must_use]
pub fn bars(options: &SynthOptions) -> BarSeries {
    let interval = options.interval.max(1);
    let grid = Grid::new(PRICE_SCALE, QTY_SCALE).unwrap_or_default();
    let mut market = BarMarket::new(options.seed);
    let mut bars = Vec::with_capacity(usize::try_from(options.rows).unwrap_or(0).min(1 << 24));
    let mut ts_open = options.start.0;
    for _ in 0..options.rows {
        let Some(ts_close) = ts_open.checked_add(interval) else { break };
        let Some(bar) = market.next_bar(grid, ts_open, ts_close) else { break };
        bars.push(bar);
        ts_open = ts_close;
    }
    BarSeries {
        rows_read: bars.len() as u64,
        bars,
        grid,
        interval,
        gaps: Vec::new(),
        problems: Vec::new(),
        notes: vec![format!("made up from seed {}", options.seed)],
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): one addition and three mixes a number.
#[derive(Debug)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 to `count` − 1, nearly uniform; 0 for no count.
    fn below(&mut self, count: u64) -> i64 {
        // The high half of a product: below `count`, which is small here.
        ((u128::from(self.next()) * u128::from(count)) >> 64) as i64
    }

    /// A bell from −1000 to 1000, standard deviation 289: the mean of four uniform numbers.
    fn bell(&mut self) -> i64 {
        let bits = self.next();
        let sum: u64 = (0..4).map(|part| bits >> (16 * part) & 0xffff).sum();
        (sum.cast_signed() - 2 * 0xffff) * 1000 / (2 * 0xffff)
    }
}

/// How prices move for a while.
#[derive(Clone, Copy)]
enum Regime {
    /// Up (1) or down (−1).
    Trend(i64),
    /// Back to a price.
    Reversion(i64),
    /// Wildly.
    Cluster,
    /// Hardly.
    Quiet,
}

struct BarMarket {
    random: Random,
    regime: Regime,
    /// Bars left in the regime.
    left: i64,
    price: i64,
    /// Parts per billion of a move.
    volatility: i64,
}

impl BarMarket {
    fn new(seed: u64) -> Self {
        Self { random: Random(seed), regime: Regime::Cluster, left: 0, price: START, volatility: VOLATILITY }
    }

    fn choose_regime(&mut self) {
        let (regime, shortest, spread) = match self.random.below(10) {
            0..3 => (Regime::Trend(1 - 2 * self.random.below(2)), 60, 600),
            3..7 => (Regime::Reversion(self.price), 60, 900),
            7..9 => (Regime::Cluster, 10, 120),
            _ => (Regime::Quiet, 5, 60),
        };
        self.regime = regime;
        self.left = shortest + self.random.below(spread);
    }

    /// The next bar; `None` never, unless a rule of bars were broken here.
    fn next_bar(&mut self, grid: Grid, ts_open: i64, ts_close: i64) -> Option<Bar> {
        if self.left == 0 {
            self.choose_regime();
        }
        self.left -= 1;
        let target = match self.regime {
            Regime::Trend(_) | Regime::Reversion(_) => VOLATILITY,
            Regime::Cluster => 6 * VOLATILITY,
            Regime::Quiet => VOLATILITY / 20,
        };
        // Volatility comes and goes over about sixteen bars, and shivers meanwhile.
        self.volatility += (target - self.volatility) / 16 + self.volatility * self.random.bell() / 10_000;
        self.volatility = self.volatility.clamp(VOLATILITY / 50, 20 * VOLATILITY);

        let is_flat = matches!(self.regime, Regime::Quiet) && self.random.below(4) > 0;
        if is_flat {
            // A flat bar: half of them without a trade, the others at one price.
            let volume =
                if self.random.below(2) == 0 { 0 } else { 1 + self.random.below(ONE.unsigned_abs()) };
            let buy = self.random.below(volume.unsigned_abs() + 1);
            return self.bar(grid, ts_open, ts_close, [self.price; 4], buy, volume - buy);
        }
        if self.random.below(2000) == 0 {
            // A jump of up to about 3 %, between the close before and this open.
            let jump = 30_000_000 * self.random.bell() / 289;
            self.step(jump);
        }
        let open = self.price;
        let (mut high, mut low, mut buy, mut sell) = (open, open, 0, 0);
        for _ in 0..MOVES {
            let drift = match self.regime {
                Regime::Trend(direction) => direction * VOLATILITY / 12,
                Regime::Reversion(mean) => {
                    // A five-hundredth of the way back, never more than a usual move.
                    let away = i128::from(mean - self.price) * 1_000_000_000 / i128::from(self.price);
                    (away / 500).clamp(i128::from(-VOLATILITY), i128::from(VOLATILITY)) as i64
                }
                Regime::Cluster | Regime::Quiet => 0,
            };
            let before = self.price;
            let shock = self.volatility * self.random.bell() / 289;
            self.step(drift + shock);
            high = high.max(self.price);
            low = low.min(self.price);
            // Wilder moves trade more; takers mostly push the way the price goes.
            let quantity = ONE / 20 + self.random.below(ONE.unsigned_abs()) * self.volatility / VOLATILITY;
            let with = quantity * (50 + self.random.below(46)) / 100;
            if self.price >= before {
                buy += with;
                sell += quantity - with;
            } else {
                sell += with;
                buy += quantity - with;
            }
        }
        self.bar(grid, ts_open, ts_close, [open, high, low, self.price], buy, sell)
    }

    /// Moves the price by parts per billion of itself; turns the move round at the bounds.
    fn step(&mut self, parts: i64) {
        let change = (i128::from(self.price) * i128::from(parts) / 1_000_000_000) as i64;
        let moved = self.price + change;
        let inside = LOWEST..=HIGHEST;
        self.price = if inside.contains(&moved) { moved } else { self.price - change };
    }

    fn bar(
        &self,
        grid: Grid,
        ts_open: i64,
        ts_close: i64,
        [open, high, low, close]: [i64; 4],
        buy: i64,
        sell: i64,
    ) -> Option<Bar> {
        let price = |raw| Price::from_raw(raw).ok();
        let qty = |raw| Qty::from_raw(raw).ok();
        Bar::new(BarFields {
            grid,
            ts_open: UnixNanos(ts_open),
            ts_close: UnixNanos(ts_close),
            ts_available: UnixNanos(ts_close),
            open: price(open)?,
            high: price(high)?,
            low: price(low)?,
            close: price(close)?,
            volume: qty(buy + sell)?,
            taker: Some(TakerVolume { buy: qty(buy)?, sell: qty(sell)? }),
        })
        .ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn make(rows: u64, seed: u64) -> BarSeries {
        bars(&SynthOptions { rows, seed, ..SynthOptions::default() })
    }

    /// FNV-1a over every number of every bar.
    fn digest(series: &BarSeries) -> u64 {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for bar in &series.bars {
            let taker = bar.taker().map_or([0; 2], |taker| [taker.buy.raw(), taker.sell.raw()]);
            let prices = [bar.open(), bar.high(), bar.low(), bar.close()].map(Price::raw);
            for value in [bar.ts_open().0, bar.ts_close().0].into_iter().chain(prices).chain(taker) {
                for byte in value.to_le_bytes() {
                    hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
                }
            }
        }
        hash
    }

    #[test]
    fn the_bars_are_these_on_every_machine() {
        assert_eq!(digest(&make(10_000, 1)), DIGEST_SEED_1);
        assert_ne!(digest(&make(10_000, 2)), DIGEST_SEED_1);
    }

    const DIGEST_SEED_1: u64 = 6_153_804_642_973_858_679;

    #[test]
    fn fewer_are_a_prefix_of_more() {
        let more = make(5000, 7);
        for rows in [0, 1, 2, 999, 5000] {
            assert_eq!(make(rows, 7).bars, more.bars[..usize::try_from(rows).unwrap()]);
        }
    }

    #[test]
    fn every_regime_shows() {
        let series = make(200_000, 3);
        assert_eq!(series.bars.len(), 200_000);
        let count = |is: &dyn Fn(&Bar) -> bool| series.bars.iter().filter(|bar| is(bar)).count();
        let flat = count(&|bar| bar.high() == bar.low());
        let silent = count(&|bar| bar.volume().raw() == 0);
        let wide = count(&|bar| (bar.high().raw() - bar.low().raw()) * 200 > bar.low().raw());
        assert!(silent > 200 && flat > silent, "{silent} silent, {flat} flat");
        assert!((500..20_000).contains(&wide), "{wide} wider than half a per cent");
        let jumps = series
            .bars
            .iter()
            .zip(&series.bars[1..])
            .filter(|(bar, next)| (next.open().raw() - bar.close().raw()).abs() * 200 > bar.close().raw())
            .count();
        assert!((20..200).contains(&jumps), "{jumps} jumps");
        assert!(crate::finish::gaps(&series.bars, series.interval).is_empty());
        assert!(
            series
                .bars
                .iter()
                .all(|bar| bar.taker().is_some_and(|t| t.buy.raw() + t.sell.raw() == bar.volume().raw()))
        );
    }

    #[test]
    fn prices_stay_inside_for_a_million_bars() {
        for seed in [0, 1, u64::MAX] {
            let series = make(1_000_000, seed);
            assert_eq!(series.bars.len(), 1_000_000);
            assert!(series.bars.iter().all(|bar| bar.low().raw() >= LOWEST && bar.high().raw() <= HIGHEST));
        }
    }

    #[test]
    fn times_end_where_they_must() {
        let late =
            SynthOptions { rows: 10, start: UnixNanos(i64::MAX - 5), interval: 2, ..SynthOptions::default() };
        assert_eq!(bars(&late).bars.len(), 2);
        let zero = SynthOptions { rows: 2, interval: 0, ..SynthOptions::default() };
        assert_eq!(bars(&zero).interval, 1);
    }
}
