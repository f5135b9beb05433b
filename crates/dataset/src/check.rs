//! Whether bars can become a dataset.

use feature_api::{Bar, BarKind, BarSpec, Side, UnixNanos};
use market_data::{BarSeries, PositionEvent};

use crate::label::Examined;
use crate::split::parts;
use crate::{BuildOptions, DatasetError, LabelSpec, Labels, Ties};

/// Checks everything that can be checked before anything is computed; what the bars are and when they begin and end.
pub(crate) fn check(
    series: &BarSeries,
    options: &BuildOptions<'_>,
    warm_up: u32,
) -> Result<(BarSpec, (UnixNanos, UnixNanos)), DatasetError> {
    options.label.check()?;
    options.split.check()?;
    let (Some(first), Some(last)) = (series.bars.first(), series.bars.last()) else {
        return Err(DatasetError::NoBars);
    };
    parts(&options.split, series.bars.len(), warm_up, options.label.horizon().get())?;
    let (name, _) = BarKind::Time { interval: series.interval }.parts();
    let kind = BarKind::from_parts(name, series.interval)
        .ok_or(DatasetError::Interval { found: series.interval })?;
    if let Some((bar, off)) = series.bars.iter().enumerate().find(|(_, bar)| bar.grid() != series.grid) {
        return Err(DatasetError::BarGrid { bar, expected: series.grid, found: off.grid() });
    }
    let expected = series.interval;
    if let Some((bar, off)) =
        series.bars.iter().enumerate().find(|(_, bar)| length(bar) != i128::from(expected))
    {
        return Err(DatasetError::BarLength { bar, expected, found: length(off) });
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
    if let Some(events) = options.positions {
        check_positions(events)?;
    }
    Ok((BarSpec { kind, volume: options.volume }, (first.ts_open(), last.ts_close())))
}

/// How long a bar lasts, in nanoseconds.
fn length(bar: &Bar) -> i128 {
    i128::from(bar.ts_close().0) - i128::from(bar.ts_open().0)
}

/// Labels bars, along the sides of the position that is open at each close where `sides` are given; finer bars must
/// make up at least one of the bars in which they are to decide, where there is one.
pub(crate) fn labels(
    series: &BarSeries,
    options: &BuildOptions<'_>,
    sides: Option<&[Option<Side>]>,
) -> Result<(Labels, Ties), DatasetError> {
    let Examined { labels, ties, unmatched } = options.label.examine(&series.bars, options.finer, sides);
    if sides.is_some() && labels.labelled() == 0 {
        let reason = format!(
            "no row has a label: at no close that has a full future is one open{}",
            match options.label {
                LabelSpec::TripleBarrier(_) => " on the side of the barriers",
                LabelSpec::ForwardReturn { .. } | LabelSpec::Direction { .. } => "",
            }
        );
        return Err(DatasetError::Positions { reason });
    }
    match unmatched {
        Some((bar, difference)) if options.finer.is_some() && ties.unmatched == ties.touched_both => {
            let reason = format!(
                "{} labels hang on a bar that touches both barriers, and not one such bar is made of the finer bars: {}",
                ties.touched_both,
                difference.text(bar.ts_open())
            );
            Err(DatasetError::Finer { reason })
        }
        Some(_) | None => Ok((labels, ties)),
    }
}

/// Checks that changes of position are in order of time.
fn check_positions(events: &[PositionEvent]) -> Result<(), DatasetError> {
    let mut pairs = events.iter().zip(events.iter().skip(1)).enumerate();
    match pairs.find(|(_, (event, next))| next.ts <= event.ts) {
        Some((index, (event, next))) => {
            let reason =
                format!("change {} is at {}, not after the one before at {}", index + 1, next.ts, event.ts);
            Err(DatasetError::Positions { reason })
        }
        None => Ok(()),
    }
}

/// Checks that finer bars are bars of the same time, finer, in order and on one grid.
fn check_finer(finer: &[Bar], series: &BarSeries, (first, last): (&Bar, &Bar)) -> Result<(), DatasetError> {
    let wrong = |reason: String| Err(DatasetError::Finer { reason });
    let Some(begin) = finer.first() else { return wrong("there are none".to_owned()) };
    for (index, bar) in finer.iter().enumerate() {
        let length = length(bar);
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
