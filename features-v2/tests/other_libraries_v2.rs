//! What version 2 adds, against other libraries and printed sheets, where the convention is ours.
//!
//! Tolerances as in tests/other_libraries.rs: what is printed with d decimals is known to half a unit of the last, and
//! some sheets computed with numbers already rounded, so one unit.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "tests")]
#![allow(clippy::print_stdout, reason = "how much of each tolerance is used")]

mod prices;
mod sheets;

use features_v2::arithmetic::Scale;
use features_v2::operators::{
    Adx, Cci, CloseVolume, HighLowClose, Natr, ObvDelta, Roc, Shape, ShapeLines, WillR,
};
use features_v2::window::Window;
use prices::raws;
use sheets::{DECIMALS, Sheet, agrees, part, run};
use testkit::data::{Table, data_dir};

const SCALE: Scale = Scale::new(DECIMALS);

fn window(n: u32) -> Window {
    Window::new(n).unwrap()
}

fn triples(bars: &[HighLowClose]) -> impl Iterator<Item = i64> {
    bars.iter().map(|bar| bar.high + bar.low + bar.close)
}

/// The range of prices below 2^9 is above 0.5, their mean deviation above 0.1: some roundings of u·M, times 100 over
/// the former, or over 0.015 of the latter. The indicators of movement are off by what tests/talib_v2.rs derives.
#[test]
fn stock_indicators_agree() {
    let Some(data) = data_dir("the outputs of Stock.Indicators") else { return };
    let folder = data.join("ref-stock-indicators");
    let sheet = Sheet::read(&folder.join("input_default.csv"), ["high", "low", "close"]);
    let check = |file: &str, column: &str, ours: &[Option<f64>], tolerance: f64| {
        let theirs = Table::read(&folder.join(file)).floats(column);
        agrees(&format!("{file} {column}"), ours, &theirs, |_| tolerance);
    };
    let bars = || sheet.bars.iter().copied();
    check("willr.csv", "williamsR", &run(WillR::new(window(14)), bars()), 1e-10);
    check("cci.csv", "cci", &run(Cci::new(window(20)), triples(&sheet.bars)), 1e-9);
    check("atr.csv", "atrp", &run(Natr::new(window(14), SCALE), bars()), 1e-11);
    // Its sums begin with 14 movements, not 13. What is left of the seed shrinks by 1/14 a row: by 1e-15 and some over
    // 470 rows.
    let lines = run(Adx::new(window(14), SCALE), bars());
    let adx: Vec<_> = lines.iter().map(|lines| lines.and_then(|lines| lines.adx)).collect();
    let di = [part(&lines, |lines| lines.plus_di), part(&lines, |lines| lines.minus_di)];
    let theirs = Table::read(&folder.join("adx.csv"));
    for (column, ours) in ["pdi", "mdi", "adx"].into_iter().zip(di.into_iter().chain([adx])) {
        let theirs = theirs.floats(column);
        let first = (theirs[40].unwrap() - ours[40].unwrap()).abs();
        assert!(first > 1e-3, "{column}: the seeds agree; compare the values themselves");
        agrees(&format!("adx.csv {column}"), &ours[490..], &theirs[490..], |_| 1e-10);
    }
}

/// pandas corrects for the bias of small samples and keeps running sums in floats, compensated: some roundings of the
/// largest price to the third and fourth power over the least deviation to the same.
#[test]
fn pandas_agrees() {
    let Some(data) = data_dir("pandas' rolling skewness and kurtosis") else { return };
    for (file, n) in
        [("spy_2017_2018_w5.csv", 5), ("spy_2017_2018_w20.csv", 20), ("btcperp_1m_first5000_w60.csv.gz", 60)]
    {
        let table = Table::read(&data.join("ref-pandas-rolling").join(file));
        let closes = raws(&table.text("close"), DECIMALS.into());
        let shapes = run(Shape::new(window(n)), closes.iter().copied());
        let n = f64::from(n);
        let skew = |lines: ShapeLines| lines.skewness * (n * (n - 1.0)).sqrt() / (n - 2.0);
        let kurt =
            |lines: ShapeLines| (n - 1.0) * ((n + 1.0) * lines.kurtosis + 6.0) / ((n - 2.0) * (n - 3.0));
        agrees(&format!("{file} skew"), &part(&shapes, skew), &table.floats(&format!("skew_w{n}")), |_| 1e-9);
        agrees(&format!("{file} kurt"), &part(&shapes, kurt), &table.floats(&format!("kurt_w{n}")), |_| 1e-8);
    }
}

/// Sheets of Lean, from thinkorswim, which computes in single precision: prices below 256 are known to half an ulp,
/// e = 2^-17. A percentage of a range is moved by 100·e for each of three prices over the range; an index by e for each
/// of two over 0.015 of the mean deviation; a change by 100·2·e over the price. Six digits are printed.
#[test]
fn lean_agrees() {
    const ERROR: f64 = 1.0 / 131_072.0;
    let Some(data) = data_dir("Lean's sheets") else { return };
    let read = |file: &str| Sheet::read(&data.join("ref-lean").join(file), ["High", "Low", "Close"]);
    let sheet = read("spy_with_williamsR14.txt");
    let range = |bars: &[HighLowClose]| {
        let (high, low) = (bars.iter().map(|bar| bar.high).max(), bars.iter().map(|bar| bar.low).min());
        high.unwrap() - low.unwrap()
    };
    let narrowest = sheet.bars.windows(14).map(range).min().unwrap() as f64 / 10_000.0;
    let ours = run(WillR::new(window(14)), sheet.bars.iter().copied());
    sheet.agrees("Williams %R 14", &ours, |_| 300.0 * ERROR / narrowest + 1e-5);
    let sheet = read("spy_with_cci.txt");
    let typical: Vec<f64> = triples(&sheet.bars).map(|triple| triple as f64 / 30_000.0).collect();
    let deviation = |window: &[f64]| {
        let mean = window.iter().sum::<f64>() / 14.0;
        window.iter().map(|x| (x - mean).abs()).sum::<f64>() / 14.0
    };
    let least = typical.windows(14).map(deviation).min_by(f64::total_cmp).unwrap();
    let ours = run(Cci::new(window(14)), triples(&sheet.bars));
    sheet.agrees("Commodity Channel Index (CCI) 14", &ours, |_| 2.0 * ERROR / (0.015 * least) + 1e-3);
    let sheet = read("spy_with_rocp50.txt");
    sheet.agrees("Rate of Change % 50", &run(Roc::new(window(50)), sheet.closes()), |_| {
        200.0 * ERROR / 150.0 + 1e-5
    });
    // Totals of seven digits at most, of up to 1e10.
    let sheet = read("spy_with_obv.txt");
    let volumes = raws(&sheet.table.text("Volume"), 0);
    let bars = sheet.bars.iter().zip(volumes);
    let bars = bars.map(|(bar, volume)| CloseVolume { close: bar.close, volume });
    let totals = sheet.table.floats("OBV");
    let theirs: Vec<_> =
        (0..totals.len()).map(|row| Some(totals[row]? - totals[row.checked_sub(20)?]?)).collect();
    let mut ours = run(ObvDelta::new(window(20), Scale::UNIT), bars);
    ours[20] = None;
    agrees("spy_with_obv, 20 bars", &ours, &theirs, |_| 2e4);
}

/// Sheets of `ta`, worked examples of StockCharts.
#[test]
fn ta_python_agrees() {
    let Some(data) = data_dir("the sheets of ta") else { return };
    let folder = data.join("ref-ta-python");
    let sheet = Sheet::read(&folder.join("cs-cci.csv"), ["High", "Low", "Close"]);
    sheet.agrees("CCI", &run(Cci::new(window(20)), triples(&sheet.bars)), |_| 1e-3);
    let table = Table::read(&folder.join("cs-roc.csv"));
    let closes = raws(&table.text("Close"), DECIMALS.into());
    agrees("cs-roc ROC", &run(Roc::new(window(12)), closes), &table.floats("ROC"), |_| 1e-8);
}
