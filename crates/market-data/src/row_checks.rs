//! Each row by itself and against the row before: the same for a file that is read whole and for one that is
//! read as it comes.

use crate::decimal::Decimal;
use crate::number::{CellError, Number, Taken, shown};
use crate::problem::Problems;
use crate::row::{Draft, Field, Row};
use crate::{BarFileOptions, MarketDataError, ProblemKind, RowOrder};

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

/// Checks rows, in the order of the file.
#[derive(Debug)]
pub(crate) struct RowChecks {
    pub(crate) options: BarFileOptions,
    pub(crate) problems: Problems,
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
    /// The instrument of every row, and the line that says it; no line where the caller does.
    symbol: Option<(Vec<u8>, Option<u64>)>,
    /// Problems before the current row.
    before: u64,
    last: Option<(i64, u64)>,
}

impl RowChecks {
    /// Checks for a file with these columns of numbers; `symbol` is the instrument that a column of it must name.
    ///
    /// # Errors
    /// [`MarketDataError::Interval`] where the interval asked for is none.
    pub(crate) fn new(
        options: &BarFileOptions,
        columns: &[Option<usize>; Field::COUNT],
        symbol: Option<&str>,
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
            options: options.clone(),
            problems: Problems::default(),
            rows_read: 0,
            interval: options.interval,
            taker,
            shortened: 0,
            rounded: Rounded::default(),
            negative: 0,
            symbol: symbol.map(|symbol| (symbol.as_bytes().to_vec(), None)),
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

    /// Whether the row is of the instrument of the file, which the first row says unless the caller did; a row
    /// of another has its problem noted, and nothing else of it can be judged.
    pub(crate) fn is_of_instrument(&mut self, line: u64, cell: &[u8]) -> bool {
        let found = cell.trim_ascii();
        let (expected, said_by) = self.symbol.get_or_insert_with(|| (found.to_vec(), Some(line)));
        if found == expected.as_slice() {
            return true;
        }
        let expected = match said_by {
            Some(line) => format!("{:?} as on line {line}", shown(expected)),
            None => format!("{:?}", shown(expected)),
        };
        self.problem(line, Some("symbol"), ProblemKind::Instrument, || {
            format!("{:?}; expected {expected}: bars are of one instrument; split the file", shown(found))
        });
        false
    }

    /// Whether the row says that its bar is closed; one that does not has its problem noted, and its numbers are
    /// not final.
    pub(crate) fn is_closed(&mut self, line: u64, cell: &[u8]) -> bool {
        let cell = cell.trim_ascii();
        let is = |words: [&str; 2]| words.iter().any(|word| cell.eq_ignore_ascii_case(word.as_bytes()));
        if is(["true", "1"]) {
            return true;
        }
        if is(["false", "0"]) {
            self.problem(line, Some("closed"), ProblemKind::Unclosed, || {
                format!(
                    "{}; expected true: a bar that is not closed may still change; leave it out",
                    shown(cell)
                )
            });
        } else {
            self.problem(line, Some("closed"), ProblemKind::Unparsable, || {
                format!(
                    "{:?}; expected true, false, 1 or 0; where the column says something else, name the columns with \
                     --columns (_ ignores one)",
                    shown(cell)
                )
            });
        }
        false
    }

    /// Ends the row: it is kept unless it has a problem.
    pub(crate) fn end_row(&mut self, row: &Row) -> Option<Draft> {
        self.check_prices(row);
        self.check_volumes(row);
        self.check_end(row);
        self.check_order(row);
        let time = row.time.filter(|_| self.problems.total == self.before)?;
        self.last = Some((time, row.line));
        let numbers = row.numbers.map(Option::unwrap_or_default);
        let prices = &numbers[..Field::Volume as usize];
        self.negative += u64::from(prices.iter().any(|price| price.mantissa() < 0));
        Some(Draft { line: row.line, time, ts_available: row.ts_available.unwrap_or(i64::MIN), numbers })
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
