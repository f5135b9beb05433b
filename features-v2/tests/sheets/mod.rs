//! Reference sheets: their bars as raw integers, and columns compared with an operator's output.

use std::path::Path;

use feature_api::Operator;
use features_v2::operators::HighLowClose;
use testkit::data::Table;

use crate::prices::raws;

/// Decimals of every sheet's prices.
pub const DECIMALS: u8 = 4;

/// A sheet and its bars.
pub struct Sheet {
    pub table: Table,
    pub bars: Vec<HighLowClose>,
    name: String,
}

impl Sheet {
    /// A sheet with columns for high, low and close.
    pub fn read(path: &Path, columns: [&str; 3]) -> Self {
        let table = Table::read(path);
        let [high, low, close] = columns.map(|column| raws(&table.text(column), DECIMALS.into()));
        let bars = (0..table.len())
            .map(|row| HighLowClose { high: high[row], low: low[row], close: close[row] })
            .collect();
        Self { table, bars, name: path.file_name().unwrap().to_string_lossy().into_owned() }
    }

    /// Closes, raw.
    pub fn closes(&self) -> Vec<i64> {
        self.bars.iter().map(|bar| bar.close).collect()
    }

    /// Closes as floats.
    #[allow(dead_code, reason = "not every test that reads sheets needs them")]
    pub fn close_values(&self) -> Vec<f64> {
        self.bars.iter().map(|bar| bar.close as f64 / 10_000.0).collect()
    }

    /// Compares a column with what an operator says, row by row: warm-up and values, each within `tolerance` of
    /// the sheet's value.
    pub fn agrees(&self, column: &str, ours: &[Option<f64>], tolerance: impl Fn(f64) -> f64) {
        agrees(&format!("{} {column}", self.name), ours, &self.table.floats(column), tolerance);
    }
}

/// Output of an operator over inputs.
pub fn run<O: Operator>(
    mut operator: O,
    inputs: impl IntoIterator<Item = O::Input>,
) -> Vec<Option<O::Output>> {
    inputs.into_iter().map(|input| operator.update(input)).collect()
}

/// One number of each output.
pub fn part<T: Copy>(outputs: &[Option<T>], part: impl Fn(T) -> f64) -> Vec<Option<f64>> {
    outputs.iter().map(|output| output.map(&part)).collect()
}

/// Compares two columns: both valid in the same rows, and within `tolerance` of the second.
pub fn agrees(name: &str, ours: &[Option<f64>], theirs: &[Option<f64>], tolerance: impl Fn(f64) -> f64) {
    assert_eq!(ours.len(), theirs.len(), "{name}: rows");
    assert!(theirs.iter().any(Option::is_some), "{name}: the sheet says nothing");
    let (mut problems, mut nearest) = (Vec::new(), 0.0_f64);
    for (row, pair) in ours.iter().zip(theirs).enumerate() {
        match pair {
            (Some(ours), Some(theirs)) => {
                let share = (ours - theirs).abs() / tolerance(*theirs);
                nearest = if share > nearest { share } else { nearest };
                if share.is_nan() || share > 1.0 {
                    problems.push(format!("row {row}: {ours:e} for {theirs:e}, {share:.3} of the tolerance"));
                }
            }
            (None, None) => {}
            (ours, theirs) => problems.push(format!("row {row}: {ours:?} for {theirs:?}")),
        }
    }
    println!("{name}: at most {nearest:.4} of the tolerance");
    assert!(problems.is_empty(), "{name}: {} rows differ: {problems:#?}", problems.len());
}
