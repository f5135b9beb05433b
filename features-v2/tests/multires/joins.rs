//! What a row sees of the other clocks: their newest closed bars, nothing that is forming, nothing that is to come.

use feature_api::{AggressorSide, Columns, Event, FeatureSet as _, Price, Qty, Row, Trade, UnixNanos};

use crate::reference::{PREFIXES, bars_of, bits, fresh, newest, rows_of};
use crate::trades::{Sizes, captures, trade, walk};

const SECOND: i64 = 1_000_000_000;

/// The part of a walk or of a capture that is small enough to be changed trade by trade.
fn samples() -> Vec<(&'static str, Vec<Trade>, Sizes)> {
    let mut samples = vec![("generated trades", walk(1_500, 1, 3), Sizes::of(150_000))];
    let recorded = captures().into_iter().filter(|(name, _)| name.ends_with("0808"));
    samples.extend(recorded.map(|(name, trades)| (name, trades[..600].to_vec(), Sizes::small())));
    samples
}

#[test]
fn every_age_is_counted_from_the_trade_that_closed_the_bar() {
    for (what, trades, sizes) in samples() {
        let (bars, mut set) = (bars_of(&trades, &sizes), fresh(&sizes));
        let rows = rows_of(&mut set, &trades);
        let mut available = i64::MIN;
        let known: Vec<i64> = trades
            .iter()
            .map(|trade| {
                available = available.max(trade.ts_known().0);
                available
            })
            .collect();
        for (row, short) in bars[0].iter().enumerate() {
            assert_eq!(rows.ts_event[row], trades[short.closed_by].ts_event, "{what}, row {row}");
            assert_eq!(rows.ts_available[row].0, known[short.closed_by], "{what}, row {row}");
            for (clock, prefix) in PREFIXES.into_iter().enumerate().skip(1) {
                let bar = newest(&bars[clock], short.closed_by).map(|bar| bars[clock][bar].closed_by);
                let expected = bar.map(|bar| (known[short.closed_by] - known[bar]) as f64 / 1e9);
                let column = set.schema().index_of(&format!("{prefix}age_s")).unwrap();
                assert_eq!(rows.get(row, column), expected, "{what}, row {row}, {prefix}age_s");
            }
        }
        let of_medium = set.schema().index_of("m_age_s").unwrap();
        let medium = sizes.medium_shorts as usize;
        assert_eq!(
            rows.get(medium - 1, of_medium),
            Some(0.0),
            "{what}: the row that closes the medium bar has it"
        );
        assert_eq!(rows.get(medium - 2, of_medium), None, "{what}");
    }
}

/// The same trade, bought where it was sold: no bar closes elsewhere, but its bars are others.
fn turned(trade: &Trade) -> Trade {
    let aggressor = match trade.aggressor {
        AggressorSide::Buy => AggressorSide::Sell,
        AggressorSide::Sell => AggressorSide::Buy,
    };
    Trade { aggressor, ..*trade }
}

#[test]
fn a_trade_is_seen_on_a_clock_once_its_bar_is_closed_and_not_before() {
    for (what, trades, sizes) in samples() {
        let bars = bars_of(&trades, &sizes);
        let mut set = fresh(&sizes);
        let expected = rows_of(&mut set, &trades);
        let mut seen = [0; 6];
        for index in (0..trades.len()).step_by(7) {
            let mut other = trades.clone();
            other[index] = turned(&trades[index]);
            set.reset();
            let found = rows_of(&mut set, &other);
            assert_eq!(found.len(), expected.len());
            for (clock, prefix) in PREFIXES.into_iter().enumerate() {
                let features = set.schema().features().iter().enumerate();
                let own: Vec<usize> =
                    features.filter(|(_, f)| f.name.starts_with(prefix)).map(|(column, _)| column).collect();
                let imbalance = set.schema().index_of(&format!("{prefix}trade_imbalance")).unwrap();
                let bar = bars[clock].iter().find(|bar| bar.trades.contains(&index));
                let closed_by = bar.map_or(usize::MAX, |bar| bar.closed_by);
                let cell = |rows: &Columns, row, column| rows.get(row, column).map(f64::to_bits);
                for (row, short) in bars[0].iter().enumerate() {
                    if short.closed_by < closed_by {
                        let same = own.iter().all(|c| cell(&found, row, *c) == cell(&expected, row, *c));
                        assert!(
                            same,
                            "{what}: row {row} sees trade {index} in a {prefix} bar that is forming"
                        );
                    } else if newest(&bars[clock], short.closed_by)
                        .is_some_and(|newest| Some(&bars[clock][newest]) == bar)
                        && trades[index].quantity.raw() > 0
                    {
                        seen[clock] += 1;
                        assert_ne!(
                            cell(&found, row, imbalance),
                            cell(&expected, row, imbalance),
                            "{what}: row {row} does not see trade {index} in the closed {prefix} bar"
                        );
                    }
                }
            }
        }
        assert!(seen.iter().all(|count| *count > 0), "{what}: {seen:?}");
    }
}

#[test]
fn a_trade_changes_no_row_that_was_available_before_it() {
    for (what, trades, sizes) in samples() {
        let trades = &trades[..trades.len().min(400)];
        let bars = bars_of(trades, &sizes);
        let mut set = fresh(&sizes);
        let expected = rows_of(&mut set, trades);
        assert!(expected.len() > 8, "{what}: {}", expected.len());
        for index in 0..trades.len() {
            let mut other = trades.to_vec();
            let (price, quantity) = (trades[index].price.raw(), trades[index].quantity.raw());
            other[index].price = Price::from_raw(price + price / 3).unwrap();
            other[index].quantity = Qty::from_raw(2 * quantity + 1).unwrap();
            set.reset();
            let found = rows_of(&mut set, &other);
            let before = bars[0].iter().filter(|bar| bar.closed_by < index).count();
            for row in 0..before {
                assert_eq!(bits(&found, row), bits(&expected, row), "{what}: row {row} sees trade {index}");
            }
        }
    }
}

#[test]
fn a_row_needs_nothing_that_comes_after_it() {
    for (what, trades, sizes) in samples() {
        let bars = bars_of(&trades, &sizes);
        let mut set = fresh(&sizes);
        let expected = rows_of(&mut set, &trades);
        for (row, bar) in bars[0].iter().enumerate().step_by(5) {
            set.reset();
            let found = rows_of(&mut set, &trades[..=bar.closed_by]);
            assert_eq!(found.len(), row + 1, "{what}");
            assert_eq!(bits(&found, row), bits(&expected, row), "{what}: row {row}");
        }
    }
}

/// A second after midnight, then every second: a short bar with each trade.
fn ticking(seconds: &[i64]) -> Vec<Trade> {
    let each = seconds.iter().zip(1..);
    each.map(|(second, id)| {
        trade(id, second * SECOND, 10_000 + i64::try_from(id).unwrap(), 1_000, AggressorSide::Buy)
    })
    .collect()
}

#[test]
fn a_bar_of_time_ends_before_the_trade_at_its_end() {
    let mut set = fresh(&Sizes { short_quote: 1, ..Sizes::of(1) });
    let rows = rows_of(&mut set, &ticking(&[0, 59, 60, 61, 120, 899, 900, 1_799, 1_800]));
    let cells = |name: &str| {
        let column = set.schema().index_of(name).unwrap();
        (0..rows.len()).map(|row| rows.get(row, column)).collect::<Vec<_>>()
    };
    // At 60 s the first minute ends: its two trades are seen, the one at 60 s is not in it.
    let (one, two) = (Some(libm::log1p(1.0)), Some(libm::log1p(2.0)));
    assert_eq!(cells("t1m_volume_log"), [None, None, two, two, two, one, one, one, one]);
    let ages = [None, None, Some(0.0), Some(1.0), Some(0.0), Some(0.0), Some(0.0), Some(0.0), Some(0.0)];
    assert_eq!(cells("t1m_age_s"), ages);
    let (six, no) = (Some(libm::log1p(6.0)), None);
    assert_eq!(cells("t15m_volume_log"), [no, no, no, no, no, no, six, six, two]);
    assert_eq!(cells("t15m_age_s").last(), Some(&Some(0.0)));
    assert_eq!(cells("t4h_volume_log"), [None; 9]);
}

#[test]
fn the_clock_closes_bars_of_time_and_makes_no_row() {
    let mut set = fresh(&Sizes { short_quote: 1, ..Sizes::of(1) });
    let mut row = Row::new(set.schema().width());
    let index = |set: &features_v2::Multires, name: &str| set.schema().index_of(name).unwrap();
    let (age, long_age) = (index(&set, "t1m_age_s"), index(&set, "t15m_age_s"));
    let trades = ticking(&[10, 70, 1_000]);
    let clock = |second: i64| Event::Clock(UnixNanos(second * SECOND));
    assert_eq!(set.update(clock(5), &mut row), Ok(false));
    assert_eq!(set.update(Event::Trade(&trades[0]), &mut row), Ok(true));
    assert_eq!(row.get(age), None);
    assert_eq!(set.update(clock(59), &mut row), Ok(false));
    assert_eq!(set.update(clock(64), &mut row), Ok(false));
    assert_eq!(set.update(clock(63), &mut row), Ok(false), "a clock that goes back is counted");
    assert_eq!(set.update(Event::Trade(&trades[1]), &mut row), Ok(true));
    assert_eq!((row.get(age), row.get(long_age)), (Some(6.0), None), "known when the clock said so");
    // No minute is forming at 900 s, but a quarter of an hour is.
    assert_eq!(set.update(clock(130), &mut row), Ok(false));
    assert_eq!(set.update(clock(905), &mut row), Ok(false));
    assert_eq!(set.update(Event::Trade(&trades[2]), &mut row), Ok(true));
    assert_eq!((row.get(age), row.get(long_age)), (Some(870.0), Some(95.0)));
    assert_eq!(set.counters(), [("trades", 3), ("duplicates", 0), ("late", 0), ("late_clocks", 1)]);
}
