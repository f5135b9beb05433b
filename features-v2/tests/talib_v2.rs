//! What version 2 adds, against TA-Lib: full series of its outputs, and its own regression values.
//!
//! As tests/talib.rs says: u = 2^-53, M the largest price, below 2^9.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "tests")]
#![allow(clippy::print_stdout, reason = "how much of each tolerance is used")]

mod prices;
mod sheets;

use features_v2::arithmetic::Scale;
use features_v2::operators::{Adx, CloseVolume, HighLowClose, ObvDelta, Roc, RollingSum};
use features_v2::window::Window;
use prices::raws;
use sheets::{DECIMALS, Sheet, part, run};
use testkit::data::{Table, data_dir};

const SCALE: Scale = Scale::new(DECIMALS);

fn window(n: u32) -> Window {
    Window::new(n).unwrap()
}

fn full_sheets(left_out: &str) -> Vec<Sheet> {
    let Some(data) = data_dir(left_out) else { return Vec::new() };
    ["spy_2017_2018.csv", "regtest252.csv"]
        .map(|file| Sheet::read(&data.join("ref-talib-full").join(file), ["high", "low", "close"]))
        .into()
}

/// Movements and ranges, of up to 16, are off by 2·u·M = 1.2e-13 for prices that are decimals rounded to floats, and
/// their sums W by 28·u·16 = 5e-14 more (n = 14): together e = 1.7e-13. W(TR) stays above 0.4 in these sheets, which moves
/// ±DI by 2·100·e/0.4. The sum of ±DI stays above 10: DX is off by 200 times their error over that, and ADX by no more.
#[test]
fn directional_movement_agrees() {
    const ERROR: f64 = 1.7e-13;
    const DI: f64 = 200.0 * ERROR / 0.4;
    for sheet in full_sheets("TA-Lib's directional movement") {
        let lines = run(Adx::new(window(14), SCALE), sheet.bars.iter().copied());
        sheet.agrees("PLUS_DI", &part(&lines, |lines| lines.plus_di), |_| DI);
        sheet.agrees("MINUS_DI", &part(&lines, |lines| lines.minus_di), |_| DI);
        let index = |plus: f64, minus: f64| 100.0 * (plus - minus).abs() / (plus + minus);
        sheet.agrees("DX", &part(&lines, |lines| index(lines.plus_di, lines.minus_di)), |_| 20.0 * DI);
        let adx: Vec<_> = lines.iter().map(|lines| lines.and_then(|lines| lines.adx)).collect();
        sheet.agrees("ADX", &adx, |_| 20.0 * DI);
    }
}

/// TA-Lib has (p/p₋ₙ − 1)·100: prices rounded to floats and a quotient near 1, three roundings of u of it, 100 times.
/// Its sums are updated: two roundings of u·30·M a row over 502 rows.
#[test]
fn changes_and_sums_agree() {
    for sheet in full_sheets("TA-Lib's changes") {
        sheet.agrees("ROC", &run(Roc::new(window(10)), sheet.closes()), |_| 400.0 * f64::EPSILON);
        let sums = run(RollingSum::new(window(30)), sheet.closes());
        sheet
            .agrees("SUM", &part(&sums, |sum| sum as f64 / 10_000.0), |theirs| 502.0 * f64::EPSILON * theirs);
    }
}

/// Volumes are whole numbers, and so are TA-Lib's running totals: exact, below 2^53.
#[test]
fn on_balance_volume_agrees() {
    for sheet in full_sheets("TA-Lib's on-balance volume") {
        let volumes = raws(&sheet.table.text("volume"), 0);
        let bars = sheet.bars.iter().zip(&volumes);
        let bars = bars.map(|(bar, volume)| CloseVolume { close: bar.close, volume: *volume });
        let totals = sheet.table.numbers("OBV");
        for n in [1, 20] {
            let ours = run(ObvDelta::new(window(n), Scale::UNIT), bars.clone());
            for (row, ours) in ours.iter().enumerate() {
                let theirs = row.checked_sub(n as usize).map(|then| totals[row] - totals[then]);
                assert_eq!(*ours, theirs, "row {row}, {n} bars");
            }
        }
    }
}

/// The regression test's values of directional movement and of changes, by case.
struct Regression252 {
    bars: Vec<HighLowClose>,
}

impl Regression252 {
    /// The column of a case's function, `None` where it is of another convention.
    fn ours(&self, function: &str, params: &str) -> Option<Vec<Option<f64>>> {
        let param =
            |name: &str| params.split(';').find_map(|param| param.strip_prefix(name)?.strip_prefix('='));
        if param("unstablePeriod").is_some_and(|period| period != "0") {
            return None;
        }
        let period: u32 = param("optInTimePeriod")?.parse().ok()?;
        // Of one bar TA-Lib gives the indicators as shares.
        let percent = if period == 1 { 0.01 } else { 1.0 };
        let lines = || run(Adx::new(window(period), SCALE), self.bars.iter().copied());
        let adx = || lines().iter().map(|lines| lines.and_then(|lines| lines.adx)).collect::<Vec<_>>();
        let index = |plus: f64, minus: f64| 100.0 * (plus - minus).abs() / (plus + minus);
        let change = || run(Roc::new(window(period)), self.bars.iter().map(|bar| bar.close));
        match function {
            "TST_PLUS_DI" => Some(part(&lines(), |lines| percent * lines.plus_di)),
            "TST_MINUS_DI" => Some(part(&lines(), |lines| percent * lines.minus_di)),
            "TST_DX" => Some(part(&lines(), |lines| index(lines.plus_di, lines.minus_di))),
            "TST_ADX" => Some(adx()),
            // The mean with ADX n − 1 bars before.
            "TST_ADXR" => {
                let adx = adx();
                let before = |row: usize| adx[row.checked_sub(period as usize - 1)?];
                Some((0..adx.len()).map(|row| Some((adx[row]? + before(row)?) / 2.0)).collect())
            }
            "TA_ROC_TEST" => Some(change()),
            "TA_ROCR_TEST" => Some(part(&change(), |change| 1.0 + change / 100.0)),
            "TA_ROCR100_TEST" => Some(part(&change(), |change| 100.0 + change)),
            _ => None,
        }
    }
}

/// Values printed with up to six digits after the point, some cut instead of rounded; as in tests/talib.rs.
#[test]
fn regression_values_agree() {
    let Some(data) = data_dir("TA-Lib's regression values") else { return };
    let sheet = Sheet::read(&data.join("ref-talib-regtest/input_252bars.csv"), ["high", "low", "close"]);
    let input = Regression252 { bars: sheet.bars };
    let table = Table::read(&data.join("ref-talib-regtest/expected.csv"));
    let [function, params, expected] = ["function", "params", "expected_value"].map(|name| table.text(name));
    let [begin, index, count] = ["expected_beg_idx", "output_index", "expected_nb_element"]
        .map(|name| table.numbers(name).into_iter().map(|x| x as usize).collect::<Vec<_>>());
    let mut compared = std::collections::BTreeMap::<&str, usize>::new();
    for row in (0..table.len()).filter(|row| count[*row] > 0) {
        let Some(ours) = input.ours(function[row], params[row]) else { continue };
        let theirs: f64 = expected[row].parse().unwrap();
        let digits = expected[row].split_once('.').map_or(0, |(_, digits)| digits.len());
        let unit = 1.0 / 10_u64.pow(u32::try_from(digits).unwrap()) as f64;
        let found = ours[begin[row] + index[row]].unwrap();
        let close = (found - theirs).abs() <= 1.01 * unit;
        assert!(close, "row {row}, {} {}: {found} for {theirs}", function[row], params[row]);
        *compared.entry(function[row]).or_default() += 1;
    }
    println!("{compared:?}");
    let expected = [
        ("TA_ROCR100_TEST", 13),
        ("TA_ROCR_TEST", 13),
        ("TA_ROC_TEST", 13),
        ("TST_ADX", 4),
        ("TST_ADXR", 4),
        ("TST_DX", 5),
        ("TST_MINUS_DI", 4),
        ("TST_PLUS_DI", 5),
    ];
    assert_eq!(compared.into_iter().collect::<Vec<_>>(), expected);
}
