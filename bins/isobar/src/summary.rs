//! Lines that several commands print.

use market_data::BarSeries;

use crate::{interval, print};

/// What was read, and what the reader found out.
pub fn bars(series: &BarSeries) {
    let rows = print::plural(series.bars.len() as u64, "bar");
    let length = interval::text(series.interval);
    let span = match (series.bars.first(), series.bars.last()) {
        (Some(first), Some(last)) => {
            format!(", {} to {}", print::time(first.ts_open()), print::time(last.ts_close()))
        }
        _ => String::new(),
    };
    print::status(&format!("  rows       {rows} of {length}{span}"));
    let gaps = match series.gaps.len() as u64 {
        0 => "none".to_owned(),
        count => {
            let missing = series.gaps.iter().map(|gap| gap.missing).sum();
            format!("{}, {} missing", print::plural(count, "gap"), print::plural(missing, "bar"))
        }
    };
    print::status(&format!("  gaps       {gaps}"));
    let left_out = series.rows_read.saturating_sub(series.bars.len() as u64);
    if left_out > 0 {
        print::status(&format!(
            "  left out   {}; isobar inspect-data says why",
            print::plural(left_out, "row")
        ));
    }
    for note in &series.notes {
        print::status(&format!("  note       {note}"));
    }
}
