//! Means, deviations and shares: exact sums and one rounding.

use feature_api::{Bar, Operator};
use features_v2::arithmetic::{Scale, to_real};
use features_v2::operators::{
    Deviations, Mean, MeanDeviation, Moments, PercentMean, RealDeviation, RedVolume, TypicalVolume, Vwap,
};
use testkit::expect::Expect;
use testkit::inputs::{SplitMix, Stream, Takers, bars};
use testkit::{BigInt, exact};

use crate::support::{
    Shown, conform_windows, every_window, quotient, scatter, signed_bars, steps, sum, typical_volume, window,
};

const DECIMALS: u8 = 2;
const SCALE: Scale = Scale::new(DECIMALS);

fn mean(x: &[i64]) -> Expect {
    Expect::Rounded(quotient(sum(x.iter().copied()), steps(DECIMALS) * x.len()))
}

/// The variance is rounded once, by at most u = 2^-53 of it; its root is then off by u/2, and rounded by half an
/// ulp more. An ulp is at least u: together at most one.
fn deviation(x: &[i64], ddof: usize) -> Expect {
    let n = x.len();
    if n <= ddof {
        return Expect::Exact(0.0);
    }
    Expect::SqrtRational(quotient(scatter(x, x), steps(2 * DECIMALS) * n * n * (n - ddof)))
}

#[test]
fn mean_is_correctly_rounded() {
    let naive = |_: u32, x: &[i64]| vec![mean(x)];
    let make = |n| Mean::new(window(n), SCALE);
    conform_windows("mean", make, Stream::raw, naive);
    every_window("mean", 1, make, |rows| Stream::Walk.raw(rows, 3), naive);
}

#[test]
fn moments_are_rounded_once() {
    let naive = |_: u32, x: &[i64]| vec![mean(x), deviation(x, 0), deviation(x, 1)];
    let make = |n| Shown::new(Moments::new(window(n), SCALE), |m| [m.mean, m.deviation, m.sample_deviation]);
    conform_windows("moments", make, Stream::raw, naive);
    every_window("moments", 1, make, |rows| Stream::Walk.raw(rows, 4), naive);
    every_window("moments", 1, make, |rows| Stream::Ties.raw(rows, 4), naive);
}

/// One deviation alone is the same bits as that of both.
#[test]
fn deviations_that_are_not_asked_for_change_nothing() {
    let parts = [Deviations::Both, Deviations::Population, Deviations::Sample];
    for stream in Stream::ALL {
        let mut all = parts.map(|part| Moments::with(window(20), SCALE, part));
        for raw in stream.raw(200, 9) {
            let [both, population, sample] = all.each_mut().map(|moments| moments.update(raw));
            let (Some(both), Some(population), Some(sample)) = (both, population, sample) else { continue };
            assert_eq!(population, MeanDeviation { sample_deviation: 0.0, ..both });
            assert_eq!(sample, MeanDeviation { deviation: 0.0, ..both });
        }
    }
}

/// Equal inputs have no deviation at all, whatever they are.
#[test]
fn flat_windows_have_no_deviation() {
    for raw in [0, 1, -1, 333, 9_007_199_254_740_991, -9_007_199_254_740_992] {
        let x = vec![raw; 60];
        let naive = |x: &[i64]| vec![mean(x), Expect::Exact(0.0), Expect::Exact(0.0)];
        let moments =
            Shown::new(Moments::new(window(20), SCALE), |m| [m.mean, m.deviation, m.sample_deviation]);
        crate::support::agrees("flat moments", moments, &x, 1, &naive);
    }
}

/// A multiple of 2^-64, nearest to `x`, ties to even: the definition, by rationals.
fn grid_of_reals(x: f64) -> i128 {
    let limit = exact::integer(1_i128 << 117);
    let scaled = exact::rational(x) * exact::integer(1_i128 << 64);
    let scaled = scaled.clamp(-limit.clone(), limit);
    let floor = scaled.floor();
    let rest = (&scaled - &floor) * exact::integer(2);
    let floor = i128::try_from(floor.to_integer()).unwrap();
    match rest.cmp(&exact::integer(1)) {
        std::cmp::Ordering::Less => floor,
        std::cmp::Ordering::Equal => floor + (floor & 1),
        std::cmp::Ordering::Greater => floor + 1,
    }
}

#[test]
fn reals_are_rounded_once_to_their_grid() {
    let mut random = SplitMix::new(64);
    for _ in 0..20_000 {
        let x = f64::from_bits(random.next_u64());
        let x = if x.is_finite() { x } else { 0.5 };
        // Exponents that matter, from far below the grid to beyond its limit.
        let near = f64::from_bits(
            random.next_u64() & ((1 << 52) - 1) | (1023 - 120 + random.next_u64() % 180) << 52,
        );
        for x in [x, near, -near] {
            assert_eq!(to_real(x), grid_of_reals(x), "{x:e}");
        }
    }
}

/// As [`deviation`], over inputs on the grid of 2^-64.
fn real_deviation(x: &[f64], ddof: usize) -> Expect {
    let n = x.len();
    if n <= ddof {
        return Expect::Exact(0.0);
    }
    let x: Vec<i128> = x.iter().map(|x| to_real(*x)).collect();
    let sum: i128 = x.iter().sum();
    let squares: BigInt = x.iter().map(|x| BigInt::from(*x) * *x).sum();
    let scatter = squares * n - BigInt::from(sum) * sum;
    Expect::SqrtRational(quotient(scatter, BigInt::from(n * (n - ddof)) << 128))
}

#[test]
fn deviation_of_reals_is_exact_on_its_grid() {
    for ddof in [0, 1] {
        let naive = |_: u32, x: &[f64]| vec![real_deviation(x, ddof)];
        let make = |n| RealDeviation::new(window(n), u32::try_from(ddof).unwrap());
        conform_windows("deviation of reals", make, Stream::floats, naive);
        // Returns, as the sets feed it.
        let returns = |rows| Stream::Walk.floats(rows, 5).iter().map(|x| x / 100.0 - 1.0).collect();
        every_window("deviation of reals", 1, make, returns, naive);
    }
}

/// What a percentage becomes: within half a step of 2^-43, but that the sum with one half is rounded too.
#[test]
fn percentages_are_rounded_once_to_their_grid() {
    let mut random = SplitMix::new(43);
    let step = 1.0 / (1_u64 << 43) as f64;
    for _ in 0..20_000 {
        let x = random.between(0, 1 << 53) as f64 / (1_i64 << 53) as f64 * 100.0;
        let found = PercentMean::on_grid(x);
        // Both are below 2^50 steps, so that this difference is exact.
        let off = (found as f64 * step - x).abs();
        assert!(off <= step / 2.0, "{x}: {found}");
    }
    for (x, expected) in
        [(0.0, 0), (-1.0, 0), (f64::NAN, 0), (128.0, 1 << 50), (1e300, 1 << 50), (100.0, 100 << 43)]
    {
        assert_eq!(PercentMean::on_grid(x), expected, "{x}");
    }
}

#[test]
fn mean_of_percentages_is_correctly_rounded_on_its_grid() {
    let naive = |_: u32, x: &[f64]| {
        let steps = sum(x.iter().map(|x| PercentMean::on_grid(*x)));
        vec![Expect::Rounded(quotient(steps, BigInt::from(x.len()) << 43))]
    };
    let make = |n| PercentMean::new(window(n));
    let inputs = |stream: Stream, rows, seed| {
        stream.non_negative(rows, seed).iter().map(|raw| (raw % 100_001) as f64 / 1000.0).collect()
    };
    conform_windows("mean of percentages", make, inputs, naive);
    every_window("mean of percentages", 1, make, |rows| inputs(Stream::Walk, rows, 6), naive);
}

fn vwap(bars: &[TypicalVolume]) -> Vec<Expect> {
    let volume = sum(bars.iter().map(|bar| bar.volume));
    let three = steps(DECIMALS) * 3;
    vec![Expect::Rounded(if volume == 0 {
        quotient(sum(bars.iter().map(|bar| bar.triple)), three * bars.len())
    } else {
        let traded: i128 = bars.iter().map(|bar| i128::from(bar.triple) * i128::from(bar.volume)).sum();
        quotient(traded, three * volume)
    })]
}

#[test]
fn vwap_is_correctly_rounded() {
    let make = |n| Vwap::new(window(n), SCALE);
    let naive = |_: u32, bars: &[TypicalVolume]| vwap(bars);
    for signed in [false, true] {
        let inputs = |stream: Stream, rows, seed| {
            let (bars, shift) = signed_bars(stream, rows, seed);
            bars.iter().map(|bar| typical_volume(bar, if signed { shift } else { 0 })).collect()
        };
        conform_windows("vwap", make, inputs, naive);
    }
    let bars = |rows| bars(Stream::Walk, rows, 7, Takers::Never);
    every_window(
        "vwap",
        1,
        make,
        |rows| bars(rows).iter().map(|bar| typical_volume(bar, 0)).collect(),
        naive,
    );
    // No volume but in one bar of forty: the plain mean while it is out of sight.
    let rare = |rows| {
        let thin = |(row, bar): (usize, &Bar)| {
            let TypicalVolume { triple, volume } = typical_volume(bar, 0);
            TypicalVolume { triple, volume: if row % 40 == 39 { volume } else { 0 } }
        };
        bars(rows).iter().enumerate().map(thin).collect()
    };
    every_window("vwap of rare volume", 1, make, rare, naive);
}

fn signed_volume(bar: &Bar) -> i64 {
    let volume = bar.volume().raw();
    if bar.close() < bar.open() { -volume } else { volume }
}

#[test]
fn red_volume_is_correctly_rounded() {
    let naive = |_: u32, volumes: &[i64]| {
        let red = -sum(volumes.iter().copied().filter(|volume| *volume < 0));
        let total = sum(volumes.iter().map(|volume| volume.abs()));
        vec![if total == 0 { Expect::Exact(0.0) } else { Expect::Rounded(quotient(red, total)) }]
    };
    let make = |n| RedVolume::new(window(n));
    let inputs = |stream: Stream, rows, seed| -> Vec<i64> {
        bars(stream, rows, seed, Takers::Never).iter().map(signed_volume).collect()
    };
    conform_windows("red volume", make, inputs, naive);
    conform_windows("red volume of anything", make, Stream::raw, naive);
    every_window("red volume", 1, make, |rows| inputs(Stream::Walk, rows, 8), naive);
}
