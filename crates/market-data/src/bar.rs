//! From a row that was checked to a bar: its end, its distance to the row before, its numbers on a grid. The same
//! for a file that is read whole and for one that is read as it comes.

use feature_api::{Bar, BarFields, Grid, Price, Qty, TakerVolume, UnixNanos};

use crate::problem::Problems;
use crate::row::{Draft, Field};
use crate::row_checks::TakerColumns;
use crate::time_text::show;
use crate::{ProblemKind, TimestampOf};

/// How a close that is the end inclusive is written: the last such unit of a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InclusiveEnd {
    /// The unit in nanoseconds: the bar ends so much later.
    pub(crate) unit: i64,
    pub(crate) name: &'static str,
}

impl InclusiveEnd {
    const ALL: [Self; 3] = [
        Self { unit: 1_000_000, name: "millisecond" },
        Self { unit: 1000, name: "microsecond" },
        Self { unit: 1, name: "nanosecond" },
    ];
    const SECOND: i64 = 1_000_000_000;

    /// How the times of a file are written whose first row has this time; `None` where they are opens, or the end
    /// exclusive, or bars are no whole seconds long.
    pub(crate) fn of(timestamp: TimestampOf, interval: i64, first: i64) -> Option<Self> {
        if timestamp == TimestampOf::Open || interval % Self::SECOND != 0 {
            return None;
        }
        Self::ALL.into_iter().find(|end| end.is(first))
    }

    /// Whether a time is the last such unit of a second.
    pub(crate) const fn is(self, time: i64) -> bool {
        time.rem_euclid(Self::SECOND) == Self::SECOND - self.unit
    }

    /// The end exclusive. The last such time of the year 2262 is below the largest by more than a unit.
    pub(crate) const fn exclusive(self, time: i64) -> i64 {
        time.saturating_add(self.unit)
    }
}

/// Refuses rows that begin before the one before has ended, or whose ends are out of range.
#[derive(Debug)]
pub(crate) struct Overlaps {
    is_close: bool,
    interval: i64,
    last: Option<(i64, u64)>,
}

impl Overlaps {
    pub(crate) fn new(timestamp: TimestampOf, interval: i64) -> Self {
        Self { is_close: timestamp == TimestampOf::Close, interval, last: None }
    }

    /// Whether the row is kept; its problem is noted where not.
    pub(crate) fn is_clear(&mut self, draft: &Draft, problems: &mut Problems) -> bool {
        let interval = self.interval;
        let end =
            if self.is_close { draft.time.checked_sub(interval) } else { draft.time.checked_add(interval) };
        if end.is_none() {
            problems.add(draft.line, Some("time"), ProblemKind::OutOfRange, || {
                "the bar reaches outside the years 1677 to 2262; correct the row".to_owned()
            });
            return false;
        }
        if let Some((time, line)) = self.last
            && let Some(difference) = draft.time.checked_sub(time)
            && difference < interval
        {
            problems.add(draft.line, Some("time"), ProblemKind::Overlap, || {
                format!(
                    "{} is {} from line {line}, less than a bar of {}; correct the row, or pass --interval",
                    show(draft.time),
                    length(difference),
                    length(interval)
                )
            });
            return false;
        }
        self.last = Some((draft.time, draft.line));
        true
    }
}

/// What makes a bar of a row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BarRule {
    pub(crate) grid: Grid,
    pub(crate) interval: i64,
    pub(crate) timestamp: TimestampOf,
    pub(crate) taker: TakerColumns,
}

impl BarRule {
    /// The bar of a row; every rule of a bar has been checked by now.
    pub(crate) fn bar(&self, draft: &Draft) -> Option<Bar> {
        let Self { grid, interval, timestamp, taker } = *self;
        let ts_open = match timestamp {
            TimestampOf::Open => draft.time,
            TimestampOf::Close => draft.time.checked_sub(interval)?,
        };
        let ts_close = ts_open.checked_add(interval)?;
        let number = |field: Field| draft.numbers.get(field as usize).copied().unwrap_or_default();
        let price = |field| Price::from_raw(number(field).raw(grid.price_scale())?).ok();
        let qty = |field| number(field).raw(grid.qty_scale());
        let volume = qty(Field::Volume)?;
        let taker = match taker {
            TakerColumns::Neither => None,
            TakerColumns::Buy => Some((qty(Field::TakerBuy)?, volume - qty(Field::TakerBuy)?)),
            TakerColumns::Sell => Some((volume - qty(Field::TakerSell)?, qty(Field::TakerSell)?)),
            TakerColumns::Both => Some((qty(Field::TakerBuy)?, qty(Field::TakerSell)?)),
        };
        let taker = match taker {
            None => None,
            Some((buy, sell)) => {
                Some(TakerVolume { buy: Qty::from_raw(buy).ok()?, sell: Qty::from_raw(sell).ok()? })
            }
        };
        let bar = Bar::new(BarFields {
            grid,
            ts_open: UnixNanos(ts_open),
            ts_close: UnixNanos(ts_close),
            ts_available: UnixNanos(ts_close.max(draft.ts_available)),
            open: price(Field::Open)?,
            high: price(Field::High)?,
            low: price(Field::Low)?,
            close: price(Field::Close)?,
            volume: Qty::from_raw(volume).ok()?,
            taker,
        });
        debug_assert!(bar.is_ok(), "a rule of bars is not checked: {bar:?}");
        bar.ok()
    }
}

/// A length of time in its largest whole unit.
pub(crate) fn length(nanos: i64) -> String {
    for (unit, size) in
        [("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("min", 60_000_000_000), ("s", 1_000_000_000)]
    {
        if nanos != 0 && nanos % size == 0 {
            return format!("{} {unit}", nanos / size);
        }
    }
    format!("{nanos} ns")
}
