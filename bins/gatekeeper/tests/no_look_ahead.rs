//! No decision depends on a later bar: through the whole program, at every row of a small sample.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::thread;

use feature_api::{Bar, Grid};
use market_data::synth::{self, SynthOptions};
use market_data::{BarFileOptions, BarSeries, read_bars};
use support::{Lab, Random, altered, csv};
use testkit::bar_files::lean;
use testkit::data::data_dir;

/// Enough for the warm-up of `exit`, which is the longer one, and positions after it.
const ROWS: usize = 200;

/// Hours of a fund; made up where there is no recorded data, which is then said.
fn sample() -> BarSeries {
    let grid = Some(Grid::new(2, 2).unwrap());
    let file = "lean-equity/hour_spy.csv.gz";
    let mut series = match data_dir("the absence of look-ahead over recorded bars") {
        Some(folder) => {
            let options = BarFileOptions { grid, interval: Some(testkit::bar_files::HOUR), ..lean(file) };
            read_bars(&folder.join(file), &options).unwrap()
        }
        None => synth::bars(&SynthOptions { interval: testkit::bar_files::HOUR, ..SynthOptions::default() }),
    };
    series.bars.truncate(ROWS);
    series
}

fn lab(series: BarSeries) -> Lab {
    let scale = series.grid.qty_scale();
    let lab = Lab::of(series);
    lab.set("interval = \"1m\"", "interval = \"1h\"")
        .set("volume_decimals = 5", &format!("volume_decimals = {scale}"))
        // Prices are in units of 0.0001 dollars.
        .set("cash = 10000", "cash = 100000000")
        .set("max_position_notional = 20000", "max_position_notional = \"unlimited\"")
        .set("max_order_notional = 20000", "max_order_notional = \"unlimited\"");
    lab
}

/// The bars up to a row, and after it others: up to 3 % away, with all decimals of the grid.
fn with_another_future(bars: &[Bar], row: usize, random: &mut Random) -> Vec<Bar> {
    let mut change = |bar: &Bar| {
        let reach = bar.close().raw().cast_unsigned() / 33;
        let step = 1 + i64::try_from(random.below(reach)).unwrap();
        let volume = i64::try_from(random.below(100_000)).unwrap();
        altered(bar, if random.below(2) == 0 { step } else { -step }, volume - 50_000)
    };
    let later: Vec<Bar> = bars[row + 1..].iter().map(&mut change).collect();
    [&bars[..=row], &later].concat()
}

#[test]
fn no_later_bar_changes_a_decision() {
    let lab = lab(sample());
    let bars = &lab.series.bars;
    let expected = lab.decide(&csv(bars));
    assert_eq!(expected.len(), ROWS);
    assert!(expected.iter().filter(|line| line.contains("\"why\":\"entry\"")).count() > 3);
    assert!(expected.iter().any(|line| line.contains("\"exit\":0.") || line.contains("\"exit\":-")));
    // Each row by one of two threads.
    let check = |parity: usize| {
        let mut random = Random(parity as u64);
        for row in (0..ROWS).filter(|row| row % 2 == parity) {
            let found = lab.decide(&csv(&with_another_future(bars, row, &mut random)));
            assert_eq!(found[..=row], expected[..=row], "row {row}");
            // The bars after it were indeed others, and were decided on.
            assert!(found[row + 1..].iter().zip(&expected[row + 1..]).all(|(found, old)| found != old));
        }
    };
    thread::scope(|scope| {
        let other = scope.spawn(|| check(1));
        check(0);
        other.join().unwrap();
    });
}
