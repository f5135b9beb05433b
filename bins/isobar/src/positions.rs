//! Changes of position: the file of `--positions`, and telling a set of them as its bars come. The reader's messages
//! name options of bar files where those help; here they do not.

use std::path::Path;

use anyhow::bail;
use dataset::PositionFeed;
use feature_api::{Bar, FeatureSet, Grid, Schema};
use market_data::{MarketDataError, PositionEvent};

use crate::error::Usage;

/// Problems a message shows, the first.
const SHOWN: usize = 20;

/// Refuses an option of positions for a set that does not look at any.
pub fn check(option: &str, schema: &Schema) -> Result<(), Usage> {
    if schema.takes_position() {
        return Ok(());
    }
    let set = schema.set();
    Err(Usage(format!("{option} is for the set exit: {set} does not look at the open position")))
}

/// Tells the set what changes before the first of `bars` closes; those that see the same position, and the rest.
pub fn tell<'b>(
    feed: &mut PositionFeed<'_>,
    set: &mut dyn FeatureSet,
    bars: &'b [Bar],
) -> anyhow::Result<(&'b [Bar], &'b [Bar])> {
    feed.tell(set, bars).map_err(|error| {
        anyhow::Error::new(error.source).context(format!("position at {}", crate::print::time(error.ts)))
    })
}

/// What a message calls bars.
pub fn bars_from(bars: &[Bar]) -> String {
    bars.first().map_or_else(String::new, |bar| format!("bars from {} on", crate::print::time(bar.ts_open())))
}

/// Reads changes of position; prices are on the grid of the bars.
pub fn read(path: &Path, grid: Grid) -> anyhow::Result<Vec<PositionEvent>> {
    let error = match market_data::read_positions(path, grid) {
        Ok(events) => return Ok(events),
        Err(error) => error,
    };
    let shown = path.display();
    if let MarketDataError::Extension { .. } = error {
        bail!(Usage(format!(
            "--positions {shown}: a file name must end in .csv or .txt, also with .gz or .zst behind"
        )));
    }
    if let MarketDataError::MissingColumns { missing, found, .. } = &error {
        bail!(
            "--positions {shown}: no column for {}; found {found:?}; the first line names the columns ts, side and price",
            missing.join(", ")
        );
    }
    if let MarketDataError::Problems { total, problems, .. } = &error {
        let mut lines: Vec<String> =
            problems.iter().take(SHOWN).map(|problem| format!("  {problem}")).collect();
        let more = total.saturating_sub(lines.len() as u64);
        if more > 0 {
            lines.push(format!("  and {more} more"));
        }
        let count = crate::print::plural(*total, "problem");
        bail!("--positions {shown}: {count}\n{}\ncorrect the file", lines.join("\n"));
    }
    Err(anyhow::Error::new(error).context("--positions"))
}
