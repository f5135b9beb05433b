//! From rows to a series: what only the whole file can tell. Interval, overlaps, grid, gaps.

use std::collections::BTreeMap;
use std::path::Path;

use feature_api::{Bar, Grid};

use crate::bar::{BarRule, InclusiveEnd, Overlaps, length};
use crate::decimal::Decimal;
use crate::problem::PROBLEMS_LISTED_MAX;
use crate::row::{Draft, Field};
use crate::row_checks::{FirstRounded, RowChecks};
use crate::{BarSeries, Gap, MarketDataError, NoisePolicy, ProblemPolicy, RowOrder, number};

/// Rows are kept in pieces, so that each piece is freed once its bars are made.
const PIECE: usize = 1 << 14;

/// Rows that were checked, waiting for the end of the file.
#[derive(Debug, Default)]
pub(crate) struct Drafts {
    pieces: Vec<Vec<Draft>>,
}

impl Drafts {
    /// Keeps a row.
    pub(crate) fn keep(&mut self, draft: Draft) {
        match self.pieces.last_mut() {
            Some(piece) if piece.len() < PIECE => piece.push(draft),
            _ => {
                let mut piece = Vec::with_capacity(PIECE);
                piece.push(draft);
                self.pieces.push(piece);
            }
        }
    }

    /// The series of the rows kept, which `checks` let through; `notes` were made before.
    ///
    /// # Errors
    /// [`MarketDataError::Problems`], [`MarketDataError::Empty`], [`MarketDataError::IntervalUnknown`],
    /// [`MarketDataError::NoCommonGrid`].
    pub(crate) fn finish(
        self,
        path: &Path,
        checks: RowChecks,
        notes: Vec<String>,
    ) -> Result<BarSeries, MarketDataError> {
        Assembler { path, checks, notes, pieces: self.pieces }.finish()
    }
}

/// Makes a series of rows.
#[derive(Debug)]
struct Assembler<'a> {
    path: &'a Path,
    checks: RowChecks,
    notes: Vec<String>,
    pieces: Vec<Vec<Draft>>,
}

impl Assembler<'_> {
    fn finish(mut self) -> Result<BarSeries, MarketDataError> {
        if self.checks.options.order == RowOrder::NewestFirst {
            self.pieces.reverse();
            self.pieces.iter_mut().for_each(|piece| piece.reverse());
            self.notes.push("rows were reversed, newest first as asked for".to_owned());
        }
        if self.checks.interval.is_none() {
            self.checks.interval = self.most_frequent_difference();
            if let Some(interval) = self.checks.interval {
                self.notes.push(format!("bars are {} long, the most frequent difference", length(interval)));
            }
        }
        if let Some(interval) = self.checks.interval {
            self.make_ends_exclusive(interval);
            self.leave_out_overlaps(interval);
        }
        self.refuse_problems()?;
        if self.pieces.iter().all(Vec::is_empty) {
            return Err(MarketDataError::Empty {
                path: self.path.to_owned(),
                rows_read: self.checks.rows_read,
                problems: self.checks.problems.total,
            });
        }
        let Some(interval) = self.checks.interval else {
            return Err(MarketDataError::IntervalUnknown { path: self.path.to_owned() });
        };
        let grid = match self.checks.options.grid {
            Some(grid) => grid,
            None => self.coarsest_grid()?,
        };
        let (timestamp, taker) = (self.checks.options.timestamp, self.checks.taker);
        let rule = BarRule { grid, interval, timestamp, taker };
        let pieces = std::mem::take(&mut self.pieces);
        let mut bars = Vec::with_capacity(pieces.iter().map(Vec::len).sum());
        for piece in pieces {
            for draft in &piece {
                bars.extend(rule.bar(draft));
            }
        }
        let gaps = gaps(&bars, interval);
        self.conclude(&gaps);
        Ok(BarSeries {
            bars,
            grid,
            interval,
            gaps,
            problems: self.checks.problems.listed,
            notes: self.notes,
            rows_read: self.checks.rows_read,
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
        let mut times = self.pieces.iter().flatten().map(|draft| draft.time);
        let Some(first) = times.next() else { return };
        let Some(end) = InclusiveEnd::of(self.checks.options.timestamp, interval, first) else { return };
        if !times.all(|time| end.is(time)) {
            return;
        }
        for draft in self.pieces.iter_mut().flatten() {
            draft.time = end.exclusive(draft.time);
        }
        let name = end.name;
        self.notes.push(format!(
            "every close is the last {name} of a second, the end inclusive: bars end one {name} later"
        ));
    }

    fn leave_out_overlaps(&mut self, interval: i64) {
        let mut overlaps = Overlaps::new(self.checks.options.timestamp, interval);
        for piece in &mut self.pieces {
            piece.retain(|draft| overlaps.is_clear(draft, &mut self.checks.problems));
        }
        self.checks.problems.listed.sort_by_key(|problem| problem.line);
    }

    fn refuse_problems(&mut self) -> Result<(), MarketDataError> {
        match self.checks.options.problems {
            ProblemPolicy::Refuse if self.checks.problems.total > 0 => Err(MarketDataError::Problems {
                path: self.path.to_owned(),
                total: self.checks.problems.total,
                problems: std::mem::take(&mut self.checks.problems.listed),
                can_skip: true,
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
            rounded: match self.checks.options.noise {
                NoisePolicy::Refuse => number::without_noise(finest.1).map(|value| value.text().into()),
                NoisePolicy::Round => None,
            },
        })
    }

    /// Writes down what the caller should know.
    fn conclude(&mut self, gaps: &[Gap]) {
        if self.checks.shortened > 0 {
            self.notes.push(format!(
                "{} printed from a float; the shortest decimal of each was taken",
                plural(self.checks.shortened, "number")
            ));
        }
        if let Some(FirstRounded { line, field, text, value }) = &self.checks.rounded.first {
            self.notes.push(format!(
                "{} and {} of more than 15 digits were rounded to 15, as asked for; the first is on line {line}, \
                 {field}: {text} to {}",
                plural(self.checks.rounded.prices, "price"),
                plural(self.checks.rounded.volumes, "volume"),
                value.text()
            ));
        }
        if self.checks.negative > 0 {
            self.notes.push(format!("{} with a price below zero", plural(self.checks.negative, "bar")));
        }
        if !gaps.is_empty() {
            let missing: u64 = gaps.iter().map(|gap| gap.missing).sum();
            let (gaps, bars) = (plural(gaps.len() as u64, "gap"), plural(missing, "bar"));
            self.notes.push(format!("{gaps}, {bars} missing; nothing is filled"));
        }
        if self.checks.problems.total > PROBLEMS_LISTED_MAX as u64 {
            self.notes.push(format!(
                "{} problems, of which the first {PROBLEMS_LISTED_MAX} are listed",
                self.checks.problems.total
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
