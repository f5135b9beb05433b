//! Intervals by resampling.
#![allow(clippy::unwrap_used, reason = "tests")]

mod runs;

use backtest::{BacktestError, BootstrapOptions, Interval, Intervals, Metrics, Run, bootstrap};
use execution::Money;
use feature_api::Side;
use proptest::collection::vec;
use proptest::prelude::*;
use testkit::inputs::SplitMix;

use runs::{of_equity, trade};

fn options(block: Option<u32>) -> BootstrapOptions {
    BootstrapOptions { resamples: 500, block, confidence: 0.9, seed: 1 }
}

fn interval(intervals: &Intervals, name: &str) -> Option<Interval> {
    intervals.all.iter().find(|interval| interval.name == name).copied()
}

fn width(run: &Run, block: u32, name: &str) -> f64 {
    let found = interval(&bootstrap(run, &options(Some(block))).unwrap(), name).unwrap();
    found.high - found.low
}

/// Equity that begins at 1,000 and earns these returns.
fn earning(returns: impl IntoIterator<Item = f64>) -> Run {
    let mut equity = 1000.0;
    let mut path = vec![equity];
    for value in returns {
        equity *= 1.0 + value;
        path.push(equity);
    }
    let mut run = of_equity(&vec![1000; path.len()]);
    for (point, equity) in run.points.iter_mut().zip(path) {
        point.equity = Money::from_units((equity * 1e18) as i128);
    }
    run
}

/// Numbers of mean 0 and deviation 1: a sum of twelve uniform ones.
fn noise(seed: u64, count: usize) -> Vec<f64> {
    let mut words = SplitMix::new(seed);
    let mut uniform = || words.between(0, 1 << 30) as f64 / f64::from(1 << 30);
    (0..count).map(|_| (0..12).map(|_| uniform()).sum::<f64>() - 6.0).collect()
}

/// A second implementation in Python, on closes that are made up: SplitMix64 by its published algorithm, `numpy.quantile`
/// (type 7) over 200 resamples with blocks of 4, seed 42 and a confidence of 0.9.
///
/// ```python
/// seeds = SplitMix64(42); seeds = [seeds.next() for _ in range(200)]
/// for seed in seeds:
///     g = SplitMix64(seed); at = (g.next() * n) >> 64; index = []
///     for _ in range(n):
///         index.append(at)
///         at = (g.next() * n) >> 64 if g.next() <= (2**64 - 1) // 4 else (at + 1) % n
///     x = r[index]; equity = np.concatenate([[1.0], np.cumprod(1 + x)])
/// ```
#[test]
fn as_a_second_implementation_has_it() {
    #[rustfmt::skip]
    let closes = [
        5000, 4993, 5002, 5008, 4917, 4924, 5025, 4909, 4973, 4983, 4936, 5085, 5144, 5052, 5059, 5104, 5091, 5144,
        5140, 5192, 5305, 5252, 5269, 5233, 5244, 5152, 5108, 5094, 5164, 5254, 5151, 5091, 5141, 4988, 4954, 4948,
        5042, 5095, 5071, 5044,
    ];
    let options = BootstrapOptions { resamples: 200, block: Some(4), confidence: 0.9, seed: 42 };
    let found = bootstrap(&of_equity(&closes), &options).unwrap();
    let expected = [
        ("total_return", -0.08144780275745876, 0.10526758026072872),
        ("annual_return", -0.5487124757183875, 1.5532951936255228),
        ("volatility", 0.21090004670417292, 0.2903798185173284),
        ("sharpe", -3.1466337204480035, 3.789455326103772),
        ("sortino", -3.9743339347191338, 6.894156743971878),
        ("max_drawdown", 0.03725345529321776, 0.12002440922862884),
    ];
    assert_eq!(found.all.len(), expected.len());
    for (found, (name, low, high)) in found.all.iter().zip(expected) {
        assert_eq!(found.name, name);
        for (found, expected) in [(found.low, low), (found.high, high)] {
            // Sums and products of 39 numbers, and a power of 9.4: some 39·9.4·2^-53 of a number of up to 25.
            assert!((found - expected).abs() <= 1e-12, "{name}: {found} for {expected}");
        }
    }
}

#[test]
fn the_same_twice_and_other_with_another_seed() {
    let run = earning(noise(3, 200).iter().map(|noise| 0.01 * noise));
    let one = bootstrap(&run, &options(None)).unwrap();
    assert_eq!(one, bootstrap(&run, &options(None)).unwrap());
    let other = bootstrap(&run, &BootstrapOptions { seed: 2, ..options(None) }).unwrap();
    for (one, other) in one.all.iter().zip(&other.all) {
        assert_ne!((one.low, one.high), (other.low, other.high), "{}", one.name);
    }
    assert_eq!(one.options, options(None));
}

#[test]
fn returns_that_never_vary_have_no_width() {
    // It doubles with every bar, exactly.
    let run = of_equity(&(0..32).map(|bar| 1 << bar).collect::<Vec<_>>());
    let found = bootstrap(&run, &options(Some(3))).unwrap();
    let names: Vec<_> = found.all.iter().map(|interval| interval.name).collect();
    assert_eq!(names, ["total_return", "annual_return", "volatility", "max_drawdown"]);
    let metrics = Metrics::of(&run);
    for interval in found.all {
        assert_eq!(interval.low, interval.high, "{}", interval.name);
        assert_eq!(Some(interval.low), metrics.get(interval.name), "{}", interval.name);
    }
}

#[test]
fn blocks_longer_than_the_run_turn_it_round() {
    // Every resample is then the run, begun elsewhere: the same returns in the same order but for where it wraps.
    let run = of_equity(&[1000, 1100, 1045, 990, 1188, 1176]);
    let options = BootstrapOptions { resamples: 400, block: Some(u32::MAX), confidence: 0.999, seed: 5 };
    let found = bootstrap(&run, &options).unwrap();
    let metrics = Metrics::of(&run);
    for name in ["total_return", "volatility", "sharpe", "sortino"] {
        let interval = interval(&found, name).unwrap();
        let value = metrics.get(name).unwrap();
        for end in [interval.low, interval.high] {
            // Five returns, summed or multiplied in another order.
            assert!(
                (end - value).abs() <= 32.0 * f64::EPSILON * (1.0 + value.abs()),
                "{name}: {end} for {value}"
            );
        }
    }
    // What differs is the path. Of five beginnings each comes 80 times, so the ends are the least and the largest.
    let returns = [1100.0 / 1000.0, 1045.0 / 1100.0, 990.0 / 1045.0, 1188.0 / 990.0, 1176.0 / 1188.0];
    let drawdown = |begin: usize| {
        let (mut equity, mut peak, mut deepest): (f64, f64, f64) = (1.0, 1.0, 0.0);
        for at in 0..5 {
            equity *= returns[(begin + at) % 5];
            peak = if equity > peak { equity } else { peak };
            deepest = if 1.0 - equity / peak > deepest { 1.0 - equity / peak } else { deepest };
        }
        deepest
    };
    let mut drawdowns: Vec<f64> = (0..5).map(drawdown).collect();
    drawdowns.sort_unstable_by(f64::total_cmp);
    let interval = interval(&found, "max_drawdown").unwrap();
    assert!((interval.low - drawdowns[0]).abs() <= 16.0 * f64::EPSILON, "{interval:?} {drawdowns:?}");
    assert!((interval.high - drawdowns[4]).abs() <= 16.0 * f64::EPSILON, "{interval:?} {drawdowns:?}");
}

#[test]
fn the_interval_covers_what_is_true() {
    // Returns of mean 0.001 and deviation 0.01, each for itself: a Sharpe ratio of 0.1·√365.25. Of 100 intervals of 90 %,
    // 90 ± 3 cover it; four deviations, which 99.99 % of such draws keep.
    let truth = 0.1 * 365.25_f64.sqrt();
    let covers = |seed: &u64| {
        let run = earning(noise(*seed, 250).iter().map(|noise| 0.001 + 0.01 * noise));
        let found = interval(&bootstrap(&run, &options(Some(1))).unwrap(), "sharpe").unwrap();
        found.low <= truth && truth <= found.high
    };
    let covered = (0..100).filter(covers).count();
    assert!((78..100).contains(&covered), "{covered} of 100");
}

#[test]
fn a_wider_confidence_is_a_wider_interval() {
    let run = earning(noise(8, 300).iter().map(|noise| 0.01 * noise));
    let at = |confidence| bootstrap(&run, &BootstrapOptions { confidence, ..options(None) }).unwrap().all;
    for (narrow, wide) in at(0.5).iter().zip(&at(0.95)) {
        assert!(
            wide.low < narrow.low && narrow.low < narrow.high && narrow.high < wide.high,
            "{narrow:?} {wide:?}"
        );
    }
}

#[test]
fn blocks_keep_together_what_hangs_together() {
    // Each return holds 0.6 of the one before: a sum of many varies √((1 + 0.6)/(1 − 0.6)) = 2 times as much as of
    // returns each for itself. Blocks of mean 30 see 1.9 of it; the mean of ten intervals is off by a tenth at most.
    let autocorrelated = |seed| {
        let mut last = 0.0;
        let mut next = |noise: &f64| {
            last = 0.6 * last + 0.01 * noise;
            last
        };
        earning(noise(seed, 1000).iter().map(&mut next).collect::<Vec<_>>())
    };
    let ratio = |seed| {
        let run = autocorrelated(seed);
        width(&run, 30, "sharpe") / width(&run, 1, "sharpe")
    };
    let mean = (0..10).map(ratio).sum::<f64>() / 10.0;
    assert!((1.6..2.2).contains(&mean), "{mean}");
    // Of returns each for itself, blocks change little.
    let ratio = |seed| {
        let run = earning(noise(seed, 1000).iter().map(|noise| 0.01 * noise));
        width(&run, 30, "sharpe") / width(&run, 1, "sharpe")
    };
    let mean = (0..10).map(ratio).sum::<f64>() / 10.0;
    assert!((0.85..1.15).contains(&mean), "{mean}");
}

#[test]
fn a_block_holds_whole_trades() {
    let block = |bars: usize, held: &[u32]| {
        let mut run = earning(noise(1, bars - 1).iter().map(|noise| 0.01 * noise));
        run.trades = held.iter().map(|bars| trade(Side::Long, 100, 1, 0, *bars)).collect();
        bootstrap(&run, &BootstrapOptions { resamples: 100, ..options(None) }).unwrap().block
    };
    // The cube root of the number of returns.
    assert_eq!([block(1000, &[]), block(1001, &[]), block(28, &[])], [9, 10, 2]);
    assert_eq!(block(1001, &[3, 25, 4]), 25);
    // At most a tenth of them, and at least one.
    assert_eq!(block(1001, &[900]), 100);
    assert_eq!([block(11, &[]), block(5, &[])], [1, 1]);
    let run = earning(noise(1, 50).iter().map(|noise| 0.01 * noise));
    assert_eq!(bootstrap(&run, &options(Some(17))).unwrap().block, 17);
}

#[test]
fn what_is_not_defined_has_no_interval() {
    // One loss in ten returns: some resamples have none, so no Sortino ratio.
    let mut path: Vec<i64> = (0..11).map(|bar| 1000 + 10 * bar + bar * bar).collect();
    path[4] = 900;
    let found = bootstrap(&of_equity(&path), &options(Some(1))).unwrap();
    assert_eq!(interval(&found, "sortino"), None);
    assert!(interval(&found, "sharpe").is_some());
    // Ruin on the way: there are no returns to draw.
    assert_eq!(bootstrap(&of_equity(&[100, 50, -1, 50]), &options(None)).unwrap().all, vec![]);
}

#[test]
fn options_and_runs_that_cannot_be() {
    let run = of_equity(&[100, 101, 102]);
    let refused = |run: &Run, options: BootstrapOptions| bootstrap(run, &options).unwrap_err().to_string();
    let good = options(None);
    assert!(bootstrap(&run, &BootstrapOptions { resamples: 100, ..good }).is_ok());
    let few = refused(&run, BootstrapOptions { resamples: 99, ..good });
    assert_eq!(few, "the number of resamples is 99; expected 100 or more");
    let zero = refused(&run, BootstrapOptions { block: Some(0), ..good });
    assert_eq!(zero, "the mean length of a block is 0; expected 1 bar or more");
    for confidence in [0.0, 1.0, -0.5, 1.5, f64::NAN, f64::INFINITY] {
        let text = refused(&run, BootstrapOptions { confidence, ..good });
        let expected =
            format!("the confidence is {confidence}; expected a number above 0 and below 1, such as 0.95");
        assert_eq!(text, expected);
    }
    for short in [&[100][..], &[100, 101]] {
        let error = bootstrap(&of_equity(short), &good).unwrap_err();
        assert!(matches!(error, BacktestError::Invalid { what: "the number of bars", .. }), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn ends_are_numbers_in_order(
        equity in vec(prop_oneof![1..2000_i64, Just(1), -50..1_000_000_000_i64], 3..30),
        block in prop_oneof![Just(None), (1..40_u32).prop_map(Some)],
        (seed, confidence) in (any::<u64>(), 0.001..0.999_f64),
    ) {
        let options = BootstrapOptions { resamples: 100, block, confidence, seed };
        for interval in bootstrap(&of_equity(&equity), &options).unwrap().all {
            prop_assert!(interval.low.is_finite() && interval.high.is_finite(), "{interval:?}");
            prop_assert!(interval.low <= interval.high, "{interval:?}");
        }
    }
}
