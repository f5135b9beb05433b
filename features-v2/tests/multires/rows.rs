//! What holds of every row: ranges, no feature that is constant or another one again, windows and grids that do not
//! matter where they must not.

use std::collections::BTreeSet;

use feature_api::{
    AggressorSide, Columns, FeatureSet as _, Grid, MAX_RAW, Memory, Price, Qty, Trade, UnixNanos,
};
use testkit::inputs::Stream;

use crate::reference::{bars_of, fresh, rows_of};
use crate::trades::{Sizes, trade, walk};

/// Every valid value of a column, by row.
fn column(rows: &Columns, column: usize) -> Vec<Option<u64>> {
    (0..rows.len()).map(|row| rows.get(row, column).map(f64::to_bits)).collect()
}

#[test]
fn no_feature_is_constant_or_another_one_again() {
    let trades = walk(120_000, 12, 5);
    let mut set = fresh(&Sizes::of(600_000));
    let rows = rows_of(&mut set, &trades);
    let features = set.schema().features();
    let columns: Vec<_> = (0..features.len()).map(|index| column(&rows, index)).collect();
    for (feature, values) in features.iter().zip(&columns) {
        let distinct: BTreeSet<_> = values.iter().flatten().collect();
        assert!(distinct.len() > 1, "{} is constant", feature.name);
        let outside =
            values.iter().flatten().map(|x| f64::from_bits(*x)).find(|x| !feature.range.contains(*x));
        assert_eq!(outside, None, "{} is not {}", feature.name, feature.range);
    }
    for (index, values) in columns.iter().enumerate() {
        for (other, others) in columns.iter().enumerate().take(index) {
            let both = || values.iter().zip(others).filter(|(a, b)| a.is_some() && b.is_some());
            assert!(both().count() > 100);
            assert!(both().any(|(a, b)| a != b), "{} is {}", features[index].name, features[other].name);
        }
    }
}

#[test]
fn more_decimals_change_nothing() {
    let trades = walk(20_000, 3, 9);
    let finer: Vec<Trade> = trades
        .iter()
        .map(|trade| Trade {
            grid: Grid::new(6, 5).unwrap(),
            price: Price::from_raw(trade.price.raw() * 10_000).unwrap(),
            quantity: Qty::from_raw(trade.quantity.raw() * 100).unwrap(),
            ..*trade
        })
        .collect();
    let sizes = Sizes::of(200_000);
    let (expected, found) = (rows_of(&mut fresh(&sizes), &trades), rows_of(&mut fresh(&sizes), &finer));
    assert!(expected.len() > 1_000);
    for index in 0..expected.width() {
        assert!(column(&expected, index) == column(&found, index), "feature {index}");
    }
}

/// A set that begins with the first bar of a window gives a short bar's features their bits.
#[test]
fn a_finite_feature_of_the_short_bars_depends_on_its_window_alone() {
    let trades = walk(12_000, 2, 13);
    let sizes = Sizes::of(300_000);
    let bars = &bars_of(&trades, &sizes)[0];
    let mut set = fresh(&sizes);
    let expected = rows_of(&mut set, &trades);
    let features = set.schema().features().to_vec();
    for last in (40..bars.len()).step_by(23) {
        for (index, feature) in features.iter().enumerate() {
            let Memory::Finite { window } = feature.memory else { continue };
            if feature.clock.is_some() {
                continue;
            }
            let first = &bars[last + 1 - window as usize];
            set.reset();
            let found = rows_of(&mut set, &trades[first.trades.start..=bars[last].closed_by]);
            assert_eq!(found.len(), window as usize);
            assert_eq!(
                found.get(found.len() - 1, index).map(f64::to_bits),
                expected.get(last, index).map(f64::to_bits),
                "{} at row {last}, from its last {window} bars alone",
                feature.name
            );
        }
    }
}

/// Trades of every degenerate kind: prices that stand still, jump, are zero or negative; quantities of zero or close to
/// the limit; takers of one side.
fn degenerate(prices: Stream, quantities: Stream, seed: u64) -> Vec<Trade> {
    let prices = prices.raw(4_000, seed).into_iter();
    let quantities = quantities.non_negative(4_000, seed + 1);
    let side = |index: u64| {
        if seed.is_multiple_of(3) || index.is_multiple_of(2) {
            AggressorSide::Buy
        } else {
            AggressorSide::Sell
        }
    };
    let each = prices.zip(quantities).zip(1..);
    each.map(|((price, quantity), id)| {
        // Four minutes apart: days.
        let ts = i64::try_from(id).unwrap() * 240_000_000_000;
        Trade { ts_recv: UnixNanos(0), ..trade(id, ts, price, quantity.min(MAX_RAW / 64), side(id)) }
    })
    .collect()
}

#[test]
fn degenerate_trades_give_values_that_are_declared_and_finite() {
    let mut rows_made = 0;
    for (index, prices) in Stream::ALL.into_iter().enumerate() {
        for (other, quantities) in Stream::ALL.into_iter().enumerate() {
            let trades = degenerate(prices, quantities, (index * 31 + other) as u64);
            let positive = trades.iter().all(|trade| trade.price.raw() > 0);
            let mut set = fresh(&Sizes {
                short_quote: 1_000,
                medium_shorts: 2,
                long_mediums: 2,
                seconds: [60, 900, 14_400],
            });
            let mut row = feature_api::Row::new(set.schema().width());
            for trade in &trades {
                // The only refusal there is: quantities that do not fit a bar.
                match set.update(feature_api::Event::Trade(trade), &mut row) {
                    Ok(true) => rows_made += 1,
                    Ok(false) | Err(feature_api::UpdateError::Volume) => continue,
                    Err(error) => panic!("{error}"),
                }
                for (feature, cell) in set.schema().features().iter().zip(row.iter()) {
                    let Some(value) = cell else { continue };
                    let holds = if positive { feature.range.contains(value) } else { value.is_finite() };
                    assert!(
                        holds,
                        "{} is {value:e} of {} prices and {} quantities",
                        feature.name,
                        prices.name(),
                        quantities.name()
                    );
                }
            }
        }
    }
    assert!(rows_made > 100_000, "{rows_made}");
}
