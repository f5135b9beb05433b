//! Whether bars can become a dataset.

use feature_api::{Bar, BarKind, BarSpec, UnixNanos};
use market_data::BarSeries;

use crate::split::parts;
use crate::{BuildOptions, DatasetError, LabelSpec};

/// Checks everything that can be checked before anything is computed; what the bars are and when they begin and end.
pub(crate) fn check(
    series: &BarSeries,
    options: &BuildOptions<'_>,
) -> Result<(BarSpec, (UnixNanos, UnixNanos)), DatasetError> {
    options.label.check()?;
    options.split.check()?;
    let (Some(first), Some(last)) = (series.bars.first(), series.bars.last()) else {
        return Err(DatasetError::NoBars);
    };
    parts(&options.split, series.bars.len(), options.label.horizon().get())?;
    let (name, _) = BarKind::Time { interval: series.interval }.parts();
    let kind = BarKind::from_parts(name, series.interval)
        .ok_or(DatasetError::Interval { found: series.interval })?;
    if let Some((bar, off)) = series.bars.iter().enumerate().find(|(_, bar)| bar.grid() != series.grid) {
        return Err(DatasetError::BarGrid { bar, expected: series.grid, found: off.grid() });
    }
    let with_volume = || series.bars.iter().position(|bar| bar.volume().raw() > 0);
    if !options.volume
        && let Some(bar) = with_volume()
    {
        return Err(DatasetError::Volume { bar });
    }
    if let Some(finer) = options.finer {
        if !matches!(options.label, LabelSpec::TripleBarrier(_)) {
            let reason = format!("the label {} has no barriers for them to decide between", options.label);
            return Err(DatasetError::Finer { reason });
        }
        check_finer(finer, series, (first, last))?;
    }
    Ok((BarSpec { kind, volume: options.volume }, (first.ts_open(), last.ts_close())))
}

/// Checks that finer bars are bars of the same time, finer, in order and on one grid.
fn check_finer(finer: &[Bar], series: &BarSeries, (first, last): (&Bar, &Bar)) -> Result<(), DatasetError> {
    let wrong = |reason: String| Err(DatasetError::Finer { reason });
    let Some(begin) = finer.first() else { return wrong("there are none".to_owned()) };
    for (index, bar) in finer.iter().enumerate() {
        let length = i128::from(bar.ts_close().0) - i128::from(bar.ts_open().0);
        if length >= i128::from(series.interval) {
            return wrong(format!("bar {index} lasts {length} ns, the others {} ns", series.interval));
        }
        if bar.grid() != begin.grid() {
            return wrong(format!("bar {index} has {}, the first has {}", bar.grid(), begin.grid()));
        }
    }
    for (index, (bar, next)) in finer.iter().zip(finer.iter().skip(1)).enumerate() {
        if next.ts_open() < bar.ts_close() {
            let (open, close) = (next.ts_open(), bar.ts_close());
            return wrong(format!(
                "bar {} opens at {open}, before the bar before it closes at {close}",
                index + 1
            ));
        }
    }
    let is_inside = |bar: &Bar| bar.ts_open() >= first.ts_open() && bar.ts_close() <= last.ts_close();
    if finer.iter().any(is_inside) {
        return Ok(());
    }
    wrong(format!("none lies between {} and {}, where the bars are", first.ts_open(), last.ts_close()))
}
