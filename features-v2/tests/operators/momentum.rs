//! Oscillators over a window, sums and on-balance volume: exact integers, one rounding.

use feature_api::Operator;
use features_v2::arithmetic::Scale;
use features_v2::operators::{
    Cci, CloseVolume, HighLowClose, Mfi, ObvDelta, Roc, RollingSum, TypicalVolume, UltOsc, WillR,
};
use testkit::expect::Expect;
use testkit::inputs::{SplitMix, Stream};
use testkit::operator::{OperatorCase, conform};
use testkit::{BigInt, BigRational, exact};

use crate::support::{
    agrees, conform_windows, every_window, high_low_close, quotient, signed_bars, steps, sum, typical_volume,
    window,
};

pub const DECIMALS: u8 = 2;

fn zero() -> BigRational {
    exact::integer(0)
}

fn magnitude(x: BigRational) -> BigRational {
    if x < zero() { -x } else { x }
}

/// Every other seed with prices of either sign.
fn ranges(stream: Stream, rows: usize, seed: u64) -> Vec<HighLowClose> {
    let (bars, shift) = signed_bars(stream, rows, seed);
    bars.iter().map(|bar| high_low_close(bar, if seed.is_multiple_of(2) { shift } else { 0 })).collect()
}

fn typicals(stream: Stream, rows: usize, seed: u64) -> Vec<TypicalVolume> {
    let (bars, shift) = signed_bars(stream, rows, seed);
    bars.iter().map(|bar| typical_volume(bar, if seed.is_multiple_of(2) { shift } else { 0 })).collect()
}

pub fn roc(x: &[i64]) -> Vec<Expect> {
    let (before, close) = (x[0], x[x.len() - 1]);
    vec![if before == 0 {
        Expect::Exact(0.0)
    } else {
        Expect::Rounded(quotient(100 * i128::from(close - before), before))
    }]
}

#[test]
fn roc_is_correctly_rounded() {
    let make = |n| Roc::new(window(n));
    conform_windows("roc", make, Stream::raw, |_, x| roc(x));
    conform_windows("roc of little", make, Stream::non_negative, |_, x| roc(x));
    every_window("roc", 1, make, |rows| Stream::Walk.raw(rows, 1), |_, x| roc(x));
}

pub fn willr(bars: &[HighLowClose]) -> Vec<Expect> {
    let high = bars.iter().map(|bar| bar.high).max().unwrap();
    let low = bars.iter().map(|bar| bar.low).min().unwrap();
    let below = high - bars.last().unwrap().close;
    vec![if high == low || below == 0 {
        Expect::Exact(0.0)
    } else {
        Expect::Rounded(quotient(-100 * i128::from(below), high - low))
    }]
}

#[test]
fn willr_is_correctly_rounded() {
    let make = |n| WillR::new(window(n));
    conform_windows("willr", make, ranges, |_, bars| willr(bars));
    every_window("willr", 1, make, |rows| ranges(Stream::Walk, rows, 2), |_, bars| willr(bars));
}

/// By the definition, in rationals: mean, mean absolute deviation, and 0.015 of it.
pub fn cci(triples: &[i64]) -> Vec<Expect> {
    let typical: Vec<_> = triples.iter().map(|triple| exact::ratio(*triple, 3)).collect();
    let mean = exact::mean(&typical);
    let deviation =
        exact::mean(&typical.iter().map(|typical| magnitude(typical - &mean)).collect::<Vec<_>>());
    let distance = typical.last().unwrap() - &mean;
    vec![if deviation == zero() {
        Expect::Exact(0.0)
    } else {
        Expect::Rounded(distance / (deviation * exact::ratio(15, 1_000)))
    }]
}

#[test]
fn cci_is_correctly_rounded() {
    let make = |n| Cci::new(window(n));
    let inputs = |stream: Stream, rows, seed| -> Vec<i64> {
        typicals(stream, rows, seed).iter().map(|bar| bar.triple).collect()
    };
    conform_windows("cci", make, inputs, |_, x| cci(x));
    for n in (1..=40).chain([75, 150, 300]) {
        let triples = inputs(Stream::Walk, n as usize + 33, 3);
        agrees(&format!("cci {n}"), make(n), &triples, 1, &cci);
    }
}

/// Flows by the definition; none of a typical price that is not positive.
pub fn mfi(bars: &[TypicalVolume]) -> Vec<Expect> {
    let (mut rising, mut falling) = (BigInt::from(0), BigInt::from(0));
    for pair in bars.windows(2) {
        let flow = BigInt::from(pair[1].triple.max(0)) * pair[1].volume;
        match pair[1].triple.cmp(&pair[0].triple) {
            std::cmp::Ordering::Greater => rising += flow,
            std::cmp::Ordering::Less => falling += flow,
            std::cmp::Ordering::Equal => {}
        }
    }
    let total = &rising + falling;
    vec![if total == BigInt::from(0) {
        Expect::Exact(0.0)
    } else {
        Expect::Rounded(quotient(rising * 100, total))
    }]
}

#[test]
fn mfi_is_correctly_rounded() {
    let make = |n| Mfi::new(window(n));
    conform_windows("mfi", make, typicals, |_, bars| mfi(bars));
    every_window("mfi", 1, make, |rows| typicals(Stream::Walk, rows, 4), |_, bars| mfi(bars));
    every_window("mfi", 1, make, |rows| typicals(Stream::Walk, rows, 5), |_, bars| mfi(bars));
}

#[test]
fn mfi_tells_all_from_nothing() {
    let last = |triples: &[i64]| {
        let mut mfi = Mfi::new(window(3));
        triples.iter().filter_map(|triple| mfi.update(TypicalVolume { triple: *triple, volume: 5 })).last()
    };
    assert_eq!(last(&[1, 2, 3, 4]), Some(100.0));
    assert_eq!(last(&[4, 3, 2, 1]), Some(0.0));
    assert_eq!(last(&[4, 4, 4, 4]), Some(0.0), "nothing flowed");
    assert_eq!(last(&[-1, -2, -3, -4]), Some(0.0), "below zero nothing flows");
    assert_eq!(last(&[3, 4, 3, 3]), Some(100.0 * 4.0 / 7.0));
}

/// Each share is rounded once; so are two sums of positive terms, a product and a quotient: five times u = 2^-53 of
/// the value, six with the rounding of the expectation.
pub fn ultosc(bars: &[HighLowClose], mut periods: [u32; 3]) -> Vec<Expect> {
    periods.sort_unstable();
    let share = |n: u32| {
        let (mut pressure, mut range) = (0_i128, 0_i128);
        for pair in bars[bars.len() - 1 - n as usize..].windows(2) {
            let low = pair[1].low.min(pair[0].close);
            pressure += i128::from(pair[1].close - low);
            range += i128::from(pair[1].high.max(pair[0].close) - low);
        }
        if range == 0 { zero() } else { quotient(pressure, range) }
    };
    let [short, middle, long] = periods.map(share);
    let exact = (short * exact::integer(4) + middle * exact::integer(2) + long) * exact::ratio(100, 7);
    vec![Expect::Within { value: exact::round(&exact), abs: 0.0, rel: 3.000_1 * f64::EPSILON }]
}

#[test]
fn ultosc_follows_its_definition() {
    for periods in [[7, 14, 28], [28, 7, 14], [1, 1, 1], [1, 2, 3], [5, 5, 9], [50, 3, 288]] {
        for stream in Stream::ALL {
            for seed in [6, 7] {
                conform(&OperatorCase {
                    name: &format!("ultosc {periods:?} over {}", stream.name()),
                    make: &|| UltOsc::new(periods.map(window)),
                    inputs: &ranges(stream, 2 * periods.into_iter().max().unwrap() as usize + 60, seed),
                    converging: None,
                    naive: Some(&|bars| ultosc(bars, periods)),
                });
            }
        }
    }
}

#[test]
fn ultosc_of_one_direction_is_0_or_100() {
    let last = |closes: &[i64]| {
        let mut oscillator = UltOsc::new([1, 2, 3].map(window));
        let bar = |close: &i64| HighLowClose { high: *close, low: *close, close: *close };
        closes.iter().filter_map(|close| oscillator.update(bar(close))).last()
    };
    assert_eq!(last(&[1, 2, 3, 4, 5]), Some(100.0));
    assert_eq!(last(&[5, 4, 3, 2, 1]), Some(0.0));
    assert_eq!(last(&[5, 5, 5, 5, 5]), Some(0.0));
}

fn close_volumes(stream: Stream, rows: usize, seed: u64) -> Vec<CloseVolume> {
    let (bars, shift) = signed_bars(stream, rows, seed);
    let shift = if seed.is_multiple_of(2) { shift } else { 0 };
    let input =
        |bar: &feature_api::Bar| CloseVolume { close: bar.close().raw() - shift, volume: bar.volume().raw() };
    bars.iter().map(input).collect()
}

pub fn obv_delta(bars: &[CloseVolume]) -> Vec<Expect> {
    let signed = bars.windows(2).map(|pair| match pair[1].close.cmp(&pair[0].close) {
        std::cmp::Ordering::Greater => pair[1].volume,
        std::cmp::Ordering::Equal => 0,
        std::cmp::Ordering::Less => -pair[1].volume,
    });
    vec![Expect::Rounded(quotient(sum(signed), steps(DECIMALS)))]
}

#[test]
fn obv_delta_is_correctly_rounded() {
    let make = |n| ObvDelta::new(window(n), Scale::new(DECIMALS));
    conform_windows("obv delta", make, close_volumes, |_, bars| obv_delta(bars));
    every_window("obv delta", 1, make, |rows| close_volumes(Stream::Walk, rows, 8), |_, x| obv_delta(x));
}

/// What it is named after: the running total now, less the total then.
#[test]
fn obv_delta_is_the_difference_of_totals() {
    let bars = close_volumes(Stream::Ties, 500, 9);
    let mut total = vec![bars[0].volume];
    for pair in bars.windows(2) {
        let sign = (pair[1].close - pair[0].close).signum();
        total.push(total.last().unwrap() + sign * pair[1].volume);
    }
    let mut delta = ObvDelta::new(window(20), Scale::UNIT);
    for (row, bar) in bars.iter().enumerate() {
        let expected = row.checked_sub(20).map(|then| (total[row] - total[then]) as f64);
        assert_eq!(delta.update(*bar), expected, "row {row}");
    }
}

#[test]
fn rolling_sum_is_exact() {
    let naive = |_: u32, x: &[i64]| vec![Expect::Int(x.iter().sum())];
    let make = |n| RollingSum::new(window(n));
    conform_windows("sum", make, Stream::raw, naive);
    every_window("sum", 1, make, |rows| Stream::Walk.raw(rows, 10), naive);
}

/// Volumes and prices that no float holds, and denominators beyond 64 bits: still one rounding.
#[test]
fn wide_flows_are_exact() {
    let mut random = SplitMix::new(11);
    let bars: Vec<TypicalVolume> = (0..600)
        .map(|_| TypicalVolume { triple: 3 * random.between(1, 1 << 53), volume: random.between(0, 1 << 53) })
        .collect();
    agrees("mfi of wide flows", Mfi::new(window(14)), &bars, 1, &mfi);
    let triples: Vec<i64> = bars.iter().map(|bar| bar.triple).collect();
    agrees("cci of wide prices", Cci::new(window(20)), &triples, 1, &cci);
}
