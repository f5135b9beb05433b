//! Positions from a file.

use std::io::BufRead;
use std::path::Path;

use feature_api::{Grid, Position, Price, Side, UnixNanos};

use crate::file::{self, Format};
use crate::lines::Lines;
use crate::number::{self, NumberRule, shown};
use crate::problem::Problems;
use crate::time::Clock;
use crate::{MarketDataError, ProblemKind, TimeFormat};

/// The columns, in the order of the fields below.
const COLUMNS: [&str; 3] = ["ts", "side", "price"];

/// A change of position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PositionEvent {
    /// When it was changed.
    pub ts: UnixNanos,
    /// What is open from then on; `None` for nothing.
    pub position: Option<Position>,
}

/// Reads changes of position from `.csv` or `.txt`, also with `.gz` or `.zst` behind.
///
/// A header with `ts`, `side` and `price`, in any order; other columns are ignored. `ts` is a number since 1970
/// or ISO text, as in a bar file with [`TimeFormat::Auto`], strictly increasing. `side` is `1` or `long`, `-1` or
/// `short`, `0` or `flat`. `price` is the entry price, exact on `grid`; it may be empty where the side is 0. A row of
/// the same side as the row before tells the same position at another average price, so its time of entry stays.
///
/// # Errors
/// [`MarketDataError::Problems`] with every row that is not so; the other variants where the file as a whole
/// cannot be read. A file without rows is no error: nothing was ever open.
pub fn read_positions(path: &Path, grid: Grid) -> Result<Vec<PositionEvent>, MarketDataError> {
    let Format::Csv(packing) = Format::of(path)? else {
        return Err(MarketDataError::Extension { path: path.to_owned() });
    };
    read_positions_from(&mut *file::open_text(path, packing)?, path, grid)
}

/// Reads changes of position from CSV text that is not packed; `path` stands for it in messages.
///
/// # Errors
/// As [`read_positions`].
pub fn read_positions_from(
    source: &mut dyn BufRead,
    path: &Path,
    grid: Grid,
) -> Result<Vec<PositionEvent>, MarketDataError> {
    let mut lines = Lines::new(source, path);
    let names: Vec<String> = if lines.advance()? {
        (0..lines.len())
            .map(|index| String::from_utf8_lossy(lines.cell(index)).trim().to_ascii_lowercase())
            .collect()
    } else {
        Vec::new()
    };
    let width = names.len();
    let found = COLUMNS.map(|column| names.iter().position(|name| name == column));
    let [Some(ts_at), Some(side_at), Some(price_at)] = found else {
        let missing = COLUMNS
            .into_iter()
            .zip(found)
            .filter(|(_, index)| index.is_none())
            .map(|(name, _)| name)
            .collect();
        return Err(MarketDataError::MissingColumns { path: path.to_owned(), found: names, missing });
    };
    let mut clock = Clock::new(path, &TimeFormat::Auto)?;
    let rule = NumberRule {
        what: "price",
        option: "--price-decimals",
        scale: Some(grid.price_scale()),
        // A bar file may say how to read noise; here there is nothing to say it with.
        noise: None,
    };
    let mut problems = Problems::default();
    let mut events: Vec<PositionEvent> = Vec::new();
    while lines.advance()? {
        let line = lines.line();
        let before = problems.total;
        if lines.len() != width {
            let kind = if lines.len() < width { ProblemKind::MissingCell } else { ProblemKind::ExtraCell };
            problems.add(line, None, kind, || format!("{} cells; expected {width}", lines.len()));
            continue;
        }
        let time = match clock.text(line, lines.cell(ts_at))? {
            Ok(time) => Some(time),
            Err(error) => {
                problems.add(line, Some("ts"), error.kind, || error.message);
                None
            }
        };
        if let (Some(time), Some(last)) = (time, events.last())
            && time <= last.ts
        {
            let kind = if time == last.ts { ProblemKind::DuplicateTime } else { ProblemKind::TimeBackwards };
            problems.add(line, Some("ts"), kind, || {
                format!("{time} is not after {}; sort the file, one row for a time", last.ts)
            });
        }
        let side = side_of(lines.cell(side_at));
        if side.is_none() {
            problems.add(line, Some("side"), ProblemKind::Position, || {
                format!("{:?} is no side; expected 1, -1, 0, long, short or flat", shown(lines.cell(side_at)))
            });
        }
        let text = lines.cell(price_at);
        let price = match (side, text.trim_ascii().is_empty()) {
            // A position that is closed needs no price, and one that is there says nothing about it.
            (Some(None), _) => None,
            (Some(Some(_)), true) => {
                problems.add(line, Some("price"), ProblemKind::Position, || {
                    "no entry price; a position that is open has one".to_owned()
                });
                None
            }
            (Some(Some(_)), false) | (None, _) => match number::from_text(text, &rule) {
                Ok(number) => number.value.raw(grid.price_scale()).and_then(|raw| Price::from_raw(raw).ok()),
                Err(error) if side.is_some() => {
                    problems.add(line, Some("price"), error.kind, || error.message);
                    None
                }
                Err(_) => None,
            },
        };
        let (Some(ts), Some(side), true) = (time, side, problems.total == before) else { continue };
        let position = match (side, price) {
            (Some(side), Some(entry_price)) => {
                let before = events.last().and_then(|event| event.position);
                let same = before.filter(|before| before.side == side);
                let ts_entry = same.map_or(ts, |before| before.ts_entry);
                Some(Position { side, entry_price, ts_entry })
            }
            _ => None,
        };
        events.push(PositionEvent { ts, position });
    }
    if problems.total > 0 {
        return Err(MarketDataError::Problems {
            path: path.to_owned(),
            total: problems.total,
            problems: problems.listed,
            can_skip: false,
        });
    }
    Ok(events)
}

/// The side of a cell: the outer `None` for what is none, the inner for nothing open.
fn side_of(text: &[u8]) -> Option<Option<Side>> {
    match text.trim_ascii().to_ascii_lowercase().as_slice() {
        b"1" | b"+1" | b"long" => Some(Some(Side::Long)),
        b"-1" | b"short" => Some(Some(Side::Short)),
        b"0" | b"flat" => Some(None),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<PositionEvent>, MarketDataError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.csv");
        std::fs::write(&path, text).unwrap();
        read_positions(&path, Grid::new(2, 0).unwrap())
    }

    #[test]
    fn changes_are_read() {
        let events = read(
            "ts,note,side,price\n2024-01-01 00:01,a,long,45000.5\n2024-01-01 00:02,b,-1,45001\n2024-01-01 00:03,c,0,\n",
        )
        .unwrap();
        let position = |side, raw, ts| Position {
            side,
            entry_price: Price::from_raw(raw).unwrap(),
            ts_entry: UnixNanos(ts),
        };
        const MINUTE: i64 = 60_000_000_000;
        const START: i64 = 1_704_067_200_000_000_000;
        let expected = [
            (START + MINUTE, Some(position(Side::Long, 4_500_050, START + MINUTE))),
            (START + 2 * MINUTE, Some(position(Side::Short, 4_500_100, START + 2 * MINUTE))),
            (START + 3 * MINUTE, None),
        ]
        .map(|(ts, position)| PositionEvent { ts: UnixNanos(ts), position });
        assert_eq!(events, expected);
        assert_eq!(read("ts,side,price\n").unwrap(), []);
    }

    #[test]
    fn another_price_on_the_same_side_is_the_same_position() {
        let events = read(
            "ts,side,price\n1704067200,1,10\n1704067260,1,11\n1704067320,0,\n1704067380,1,11\n1704067440,-1,11\n",
        );
        let entries: Vec<_> = events
            .unwrap()
            .iter()
            .map(|event| event.position.map(|open| (open.entry_price.raw(), open.ts_entry.0 / 1_000_000_000)))
            .collect();
        let expected = [
            Some((1000, 1_704_067_200)),
            Some((1100, 1_704_067_200)),
            None,
            Some((1100, 1_704_067_380)),
            Some((1100, 1_704_067_440)),
        ];
        assert_eq!(entries, expected);
    }

    #[test]
    fn every_wrong_row_is_listed() {
        let error = read(
            "ts,side,price\n1704067200,1,1\n1704067200,2,1\n1704067100,long,\n1704067300,short,1.234\n\
             x,0,\n1704067400,1\n",
        )
        .unwrap_err();
        let MarketDataError::Problems { problems, total: 7, .. } = error else { panic!("{error}") };
        let found: Vec<_> = problems.iter().map(|problem| (problem.line, problem.kind)).collect();
        assert_eq!(
            found,
            [
                (3, ProblemKind::DuplicateTime),
                (3, ProblemKind::Position),
                (4, ProblemKind::TimeBackwards),
                (4, ProblemKind::Position),
                (5, ProblemKind::FinerThanGrid),
                (6, ProblemKind::Unparsable),
                (7, ProblemKind::MissingCell),
            ]
        );
        assert!(matches!(read("time,side\n"), Err(MarketDataError::MissingColumns { .. })));
        assert!(matches!(read(""), Err(MarketDataError::MissingColumns { .. })));
    }
}
