//! From rows to a series, part two: what only the whole file can tell. Interval, overlaps, grid, gaps.

use std::collections::BTreeMap;

use feature_api::{Bar, BarFields, Grid, Price, Qty, TakerVolume, UnixNanos};

use crate::assemble::{Assembler, FirstRounded, TakerColumns};
use crate::decimal::Decimal;
use crate::problem::PROBLEMS_LISTED_MAX;
use crate::row::{Draft, Field};
use crate::time_text::show;
use crate::{
    BarSeries, Gap, MarketDataError, NoisePolicy, ProblemKind, ProblemPolicy, RowOrder, TimestampOf, number,
};

impl Assembler<'_> {
    /// The series of the rows taken.
    ///
    /// # Errors
    /// [`MarketDataError::Problems`], [`MarketDataError::Empty`], [`MarketDataError::IntervalUnknown`],
    /// [`MarketDataError::NoCommonGrid`].
    pub(crate) fn finish(mut self) -> Result<BarSeries, MarketDataError> {
        if self.options.order == RowOrder::NewestFirst {
            self.pieces.reverse();
            self.pieces.iter_mut().for_each(|piece| piece.reverse());
            self.notes.push("rows were reversed, newest first as asked for".to_owned());
        }
        if self.interval.is_none() {
            self.interval = self.most_frequent_difference();
            if let Some(interval) = self.interval {
                self.notes.push(format!("bars are {} long, the most frequent difference", length(interval)));
            }
        }
        if let Some(interval) = self.interval {
            self.make_ends_exclusive(interval);
            self.leave_out_overlaps(interval);
        }
        self.refuse_problems()?;
        if self.pieces.iter().all(Vec::is_empty) {
            return Err(MarketDataError::Empty {
                path: self.path.to_owned(),
                rows_read: self.rows_read,
                problems: self.problems.total,
            });
        }
        let Some(interval) = self.interval else {
            return Err(MarketDataError::IntervalUnknown { path: self.path.to_owned() });
        };
        let grid = match self.options.grid {
            Some(grid) => grid,
            None => self.coarsest_grid()?,
        };
        let pieces = std::mem::take(&mut self.pieces);
        let mut bars = Vec::with_capacity(pieces.iter().map(Vec::len).sum());
        for piece in pieces {
            for draft in &piece {
                bars.extend(self.bar(draft, grid, interval));
            }
        }
        let gaps = gaps(&bars, interval);
        self.conclude(&gaps);
        Ok(BarSeries {
            bars,
            grid,
            interval,
            gaps,
            problems: self.problems.listed,
            notes: self.notes,
            rows_read: self.rows_read,
        })
    }

    /// The most frequent difference between consecutive times, the smaller on a tie.
    fn most_frequent_difference(&self) -> Option<i64> {
        let mut counts = BTreeMap::<i64, u64>::new();
        let times = self.pieces.iter().flatten().map(|draft| draft.time);
        for (time, next) in times.clone().zip(times.skip(1)) {
            // A difference beyond 292 years is no interval.
            if let Some(difference) = next.checked_sub(time) {
                *counts.entry(difference).or_default() += 1;
            }
        }
        // The last maximum in reverse order is the smallest difference.
        counts.into_iter().rev().max_by_key(|(_, count)| *count).map(|(difference, _)| difference)
    }

    /// Where times are closes and every one is the last millisecond, microsecond or nanosecond of a second, moves
    /// them to the end of that second, which is the end of the bar as every file of ours has it.
    fn make_ends_exclusive(&mut self, interval: i64) {
        const SECOND: i64 = 1_000_000_000;
        if self.options.timestamp == TimestampOf::Open || interval % SECOND != 0 {
            return;
        }
        for (unit, name) in [(1_000_000, "millisecond"), (1000, "microsecond"), (1, "nanosecond")] {
            let mut times = self.pieces.iter().flatten().map(|draft| draft.time).peekable();
            if times.peek().is_none() || !times.all(|time| time.rem_euclid(SECOND) == SECOND - unit) {
                continue;
            }
            for draft in self.pieces.iter_mut().flatten() {
                // The last such time of the year 2262 is below the largest by more than this.
                draft.time = draft.time.saturating_add(unit);
            }
            self.notes.push(format!(
                "every close is the last {name} of a second, the end inclusive: bars end one {name} later"
            ));
            return;
        }
    }

    /// Leaves out rows that begin before the one before has ended, or whose ends are out of range.
    fn leave_out_overlaps(&mut self, interval: i64) {
        let is_close = self.options.timestamp == TimestampOf::Close;
        let Self { pieces, problems, .. } = self;
        let mut last = None::<(i64, u64)>;
        for piece in pieces {
            piece.retain(|draft| {
                let end = if is_close { draft.time.checked_sub(interval) } else { draft.time.checked_add(interval) };
                if end.is_none() {
                    problems.add(draft.line, Some("time"), ProblemKind::OutOfRange, || {
                        "the bar reaches outside the years 1677 to 2262; correct the row".to_owned()
                    });
                    return false;
                }
                if let Some((time, line)) = last
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
                last = Some((draft.time, draft.line));
                true
            });
        }
        problems.listed.sort_by_key(|problem| problem.line);
    }

    fn refuse_problems(&mut self) -> Result<(), MarketDataError> {
        match self.options.problems {
            ProblemPolicy::Refuse if self.problems.total > 0 => Err(MarketDataError::Problems {
                path: self.path.to_owned(),
                total: self.problems.total,
                problems: std::mem::take(&mut self.problems.listed),
            }),
            ProblemPolicy::Refuse | ProblemPolicy::Skip => Ok(()),
        }
    }

    /// The coarsest grid that holds every number exactly.
    fn coarsest_grid(&self) -> Result<Grid, MarketDataError> {
        let price = self.coarsest_scale("price", true)?;
        let qty = self.coarsest_scale("quantity", false)?;
        // Neither is above the finest: a decimal has no more.
        Ok(Grid::new(price, qty).unwrap_or_default())
    }

    fn coarsest_scale(&self, what: &'static str, is_price: bool) -> Result<u8, MarketDataError> {
        let numbers = || {
            self.pieces.iter().flatten().flat_map(move |draft| {
                let used =
                    Field::ALL.into_iter().zip(draft.numbers).filter(move |(f, _)| f.is_price() == is_price);
                used.map(|(_, number)| (draft.line, number))
            })
        };
        let mut finest = (0, Decimal::default());
        for (line, number) in numbers() {
            if number.scale() > finest.1.scale() || finest.0 == 0 {
                finest = (line, number);
            }
        }
        let scale = finest.1.scale();
        if numbers().all(|(_, number)| number.raw(scale).is_some()) {
            return Ok(scale);
        }
        let largest = numbers().max_by_key(|(_, number)| number.finest().unsigned_abs()).unwrap_or(finest);
        Err(MarketDataError::NoCommonGrid {
            path: self.path.to_owned(),
            what,
            finest_line: finest.0,
            finest: finest.1.text().into(),
            decimals: scale,
            largest_line: largest.0,
            largest: largest.1.text().into(),
            rounded: match self.options.noise {
                NoisePolicy::Refuse => number::without_noise(finest.1).map(|value| value.text().into()),
                NoisePolicy::Round => None,
            },
        })
    }

    /// The bar of a row; every rule of a bar has been checked by now.
    fn bar(&self, draft: &Draft, grid: Grid, interval: i64) -> Option<Bar> {
        let ts_open = match self.options.timestamp {
            TimestampOf::Open => draft.time,
            TimestampOf::Close => draft.time.checked_sub(interval)?,
        };
        let ts_close = ts_open.checked_add(interval)?;
        let number = |field: Field| draft.numbers.get(field as usize).copied().unwrap_or_default();
        let price = |field| Price::from_raw(number(field).raw(grid.price_scale())?).ok();
        let qty = |field| number(field).raw(grid.qty_scale());
        let volume = qty(Field::Volume)?;
        let taker = match self.taker {
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

    /// Writes down what the caller should know.
    fn conclude(&mut self, gaps: &[Gap]) {
        if self.shortened > 0 {
            self.notes.push(format!(
                "{} printed from a float; the shortest decimal of each was taken",
                plural(self.shortened, "number")
            ));
        }
        if let Some(FirstRounded { line, field, text, value }) = &self.rounded.first {
            self.notes.push(format!(
                "{} and {} of more than 15 digits were rounded to 15, as asked for; the first is on line {line}, \
                 {field}: {text} to {}",
                plural(self.rounded.prices, "price"),
                plural(self.rounded.volumes, "volume"),
                value.text()
            ));
        }
        if self.negative > 0 {
            self.notes.push(format!("{} with a price below zero", plural(self.negative, "bar")));
        }
        if !gaps.is_empty() {
            let missing: u64 = gaps.iter().map(|gap| gap.missing).sum();
            let (gaps, bars) = (plural(gaps.len() as u64, "gap"), plural(missing, "bar"));
            self.notes.push(format!("{gaps}, {bars} missing; nothing is filled"));
        }
        if self.problems.total > PROBLEMS_LISTED_MAX as u64 {
            self.notes.push(format!(
                "{} problems, of which the first {PROBLEMS_LISTED_MAX} are listed",
                self.problems.total
            ));
        }
    }
}

/// Where the next bar does not begin at the end of the one before.
pub(crate) fn gaps(bars: &[Bar], interval: i64) -> Vec<Gap> {
    bars.iter()
        .zip(bars.iter().skip(1))
        .map(|(bar, next)| (bar.ts_close(), next.ts_open()))
        .filter(|(after, until)| after < until)
        .map(|(after, until)| Gap {
            after,
            until,
            // The difference of two i64 fits u64; an interval is above 0.
            missing: until.0.abs_diff(after.0) / interval.unsigned_abs().max(1),
        })
        .collect()
}

fn plural(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// A length of time in its largest whole unit.
fn length(nanos: i64) -> String {
    for (unit, size) in
        [("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("min", 60_000_000_000), ("s", 1_000_000_000)]
    {
        if nanos != 0 && nanos % size == 0 {
            return format!("{} {unit}", nanos / size);
        }
    }
    format!("{nanos} ns")
}
