//! From rows to a series, part one: each row by itself and against the row before.

use std::path::Path;

use crate::decimal::Decimal;
use crate::number::{CellError, Number, Taken};
use crate::problem::Problems;
use crate::row::{Draft, Field, Row};
use crate::{BarFileOptions, MarketDataError, ProblemKind, RowOrder};

/// Rows are kept in pieces, so that each piece is freed once its bars are made.
const PIECE: usize = 1 << 14;

/// Which taker volumes a file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TakerColumns {
    Neither,
    Buy,
    Sell,
    Both,
}

/// Numbers that were rounded because that was asked for.
#[derive(Debug, Default)]
pub(crate) struct Rounded {
    pub(crate) prices: u64,
    pub(crate) volumes: u64,
    pub(crate) first: Option<FirstRounded>,
}

/// The first number that was rounded.
#[derive(Debug)]
pub(crate) struct FirstRounded {
    pub(crate) line: u64,
    pub(crate) field: &'static str,
    pub(crate) text: String,
    pub(crate) value: Decimal,
}

/// Takes rows, checks them, and makes a series of them.
#[derive(Debug)]
pub(crate) struct Assembler<'a> {
    pub(crate) path: &'a Path,
    pub(crate) options: &'a BarFileOptions,
    pub(crate) pieces: Vec<Vec<Draft>>,
    pub(crate) problems: Problems,
    pub(crate) notes: Vec<String>,
    pub(crate) rows_read: u64,
    /// Length of a bar, where an option or the file says it.
    pub(crate) interval: Option<i64>,
    pub(crate) taker: TakerColumns,
    /// Numbers that were prints of floats.
    pub(crate) shortened: u64,
    /// Numbers that were rounded.
    pub(crate) rounded: Rounded,
    /// Rows that were taken and have a price below zero.
    pub(crate) negative: u64,
    /// Problems before the current row.
    before: u64,
    last: Option<(i64, u64)>,
}

impl<'a> Assembler<'a> {
    /// An assembler for a file with these columns of numbers.
    ///
    /// # Errors
    /// [`MarketDataError::Interval`] where the interval asked for is none.
    pub(crate) fn new(
        path: &'a Path,
        options: &'a BarFileOptions,
        columns: &[Option<usize>; Field::COUNT],
    ) -> Result<Self, MarketDataError> {
        if let Some(found) = options.interval
            && found <= 0
        {
            return Err(MarketDataError::Interval { found });
        }
        let has = |field: Field| columns.get(field as usize).is_some_and(Option::is_some);
        let taker = match (has(Field::TakerBuy), has(Field::TakerSell)) {
            (false, false) => TakerColumns::Neither,
            (true, false) => TakerColumns::Buy,
            (false, true) => TakerColumns::Sell,
            (true, true) => TakerColumns::Both,
        };
        Ok(Self {
            path,
            options,
            pieces: Vec::new(),
            problems: Problems::default(),
            notes: Vec::new(),
            rows_read: 0,
            interval: options.interval,
            taker,
            shortened: 0,
            rounded: Rounded::default(),
            negative: 0,
            before: 0,
            last: None,
        })
    }

    /// Begins a row.
    pub(crate) const fn begin_row(&mut self) {
        self.rows_read += 1;
        self.before = self.problems.total;
    }

    /// Takes note of a problem of the current row.
    pub(crate) fn problem(
        &mut self,
        line: u64,
        field: Option<&'static str>,
        kind: ProblemKind,
        message: impl FnOnce() -> String,
    ) {
        self.problems.add(line, field, kind, message);
    }

    /// The value of a cell, or `None` and its problem noted.
    pub(crate) fn cell<T>(
        &mut self,
        line: u64,
        field: &'static str,
        cell: Result<T, CellError>,
    ) -> Option<T> {
        match cell {
            Ok(value) => Some(value),
            Err(error) => {
                self.problem(line, Some(field), error.kind, || error.message);
                None
            }
        }
    }

    /// The number of a cell, or `None` and its problem noted.
    pub(crate) fn number(
        &mut self,
        line: u64,
        field: Field,
        cell: Result<Number, CellError>,
    ) -> Option<Decimal> {
        let number = self.cell(line, field.name(), cell)?;
        match number.taken {
            Taken::Exactly => {}
            Taken::Shortened => self.shortened += 1,
            Taken::Rounded(text) => {
                let count =
                    if field.is_price() { &mut self.rounded.prices } else { &mut self.rounded.volumes };
                *count += 1;
                if self.rounded.first.is_none() {
                    self.rounded.first =
                        Some(FirstRounded { line, field: field.name(), text, value: number.value });
                }
            }
        }
        Some(number.value)
    }

    /// Ends the row: it is kept unless it has a problem.
    pub(crate) fn end_row(&mut self, row: &Row) {
        self.check_prices(row);
        self.check_volumes(row);
        self.check_end(row);
        self.check_order(row);
        let (Some(time), true) = (row.time, self.problems.total == self.before) else {
            return;
        };
        self.last = Some((time, row.line));
        let numbers = row.numbers.map(Option::unwrap_or_default);
        let prices = &numbers[..Field::Volume as usize];
        self.negative += u64::from(prices.iter().any(|price| price.mantissa() < 0));
        let draft =
            Draft { line: row.line, time, ts_available: row.ts_available.unwrap_or(i64::MIN), numbers };
        match self.pieces.last_mut() {
            Some(piece) if piece.len() < PIECE => piece.push(draft),
            _ => {
                let mut piece = Vec::with_capacity(PIECE);
                piece.push(draft);
                self.pieces.push(piece);
            }
        }
    }

    fn check_prices(&mut self, row: &Row) {
        let [open, high, low, close, ..] = row.numbers;
        let (Some(high), Some(low)) = (high, low) else { return };
        if high < low {
            self.problem(row.line, Some("high"), ProblemKind::HighBelowLow, || {
                format!("high {} is below low {}; correct the row", high.text(), low.text())
            });
            // Nothing lies inside such a range: one problem, not three.
            return;
        }
        for (name, kind, price) in
            [("open", ProblemKind::OpenOutside, open), ("close", ProblemKind::CloseOutside, close)]
        {
            if let Some(price) = price
                && (price < low || price > high)
            {
                self.problem(row.line, Some(name), kind, || {
                    format!(
                        "{name} {} is outside low {} to high {}; correct the row",
                        price.text(),
                        low.text(),
                        high.text()
                    )
                });
            }
        }
    }

    fn check_volumes(&mut self, row: &Row) {
        let [.., volume, buy, sell] = row.numbers;
        for (field, value) in [(Field::Volume, volume), (Field::TakerBuy, buy), (Field::TakerSell, sell)] {
            if let Some(value) = value
                && value.mantissa() < 0
            {
                self.problem(row.line, Some(field.name()), ProblemKind::NegativeVolume, || {
                    format!("{} is negative; a volume is 0 or more", value.text())
                });
                return;
            }
        }
        let Some(volume) = volume else { return };
        let taken = buy.map_or(0, Decimal::finest) + sell.map_or(0, Decimal::finest);
        if taken > volume.finest() {
            let field = if buy.is_some() { Field::TakerBuy } else { Field::TakerSell };
            self.problem(row.line, Some(field.name()), ProblemKind::TakerVolume, || {
                let texts: Vec<String> = [buy, sell].iter().flatten().map(|value| value.text()).collect();
                format!(
                    "{} of takers exceeds the volume {}; correct the row",
                    texts.join(" + "),
                    volume.text()
                )
            });
        }
    }

    /// Checks the end of the bar, where the file says it; the first row that does says the interval.
    fn check_end(&mut self, row: &Row) {
        let (Some(time), Some(ts_close)) = (row.time, row.ts_close) else { return };
        let length = ts_close.checked_sub(time).filter(|length| *length > 0);
        let Some(length) = length else {
            self.problem(row.line, Some("ts_close"), ProblemKind::CloseTime, || {
                format!("{ts_close} is not after the open at {time}; a bar ends after it begins")
            });
            return;
        };
        let interval = *self.interval.get_or_insert(length);
        if length != interval {
            self.problem(row.line, Some("ts_close"), ProblemKind::CloseTime, || {
                format!("the bar is {length} ns long, but the interval is {interval} ns; correct the row")
            });
        }
        if let Some(available) = row.ts_available
            && available < ts_close
        {
            self.problem(row.line, Some("ts_available"), ProblemKind::CloseTime, || {
                format!("{available} is before the close at {ts_close}; a bar is known once it is closed")
            });
        }
    }

    /// Checks the time against that of the last row that was kept.
    fn check_order(&mut self, row: &Row) {
        let (Some(time), Some((last, last_line))) = (row.time, self.last) else { return };
        if time == last {
            self.problem(row.line, Some("time"), ProblemKind::DuplicateTime, || {
                format!("the same time as line {last_line}; keep one of the two")
            });
            return;
        }
        let (is_wrong, order, hint) = match self.options.order {
            RowOrder::OldestFirst => {
                (time < last, "before", "sort the file, or pass --order newest-first where it is reversed")
            }
            RowOrder::NewestFirst => (time > last, "after", "the file is not newest first throughout"),
        };
        if is_wrong {
            self.problem(row.line, Some("time"), ProblemKind::TimeBackwards, || {
                let show = |nanos| crate::time_text::show(nanos);
                format!("{} is {order} line {last_line} ({}); {hint}", show(time), show(last))
            });
        }
    }
}
