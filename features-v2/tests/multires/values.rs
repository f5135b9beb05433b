//! Every cell of every row against the definition of its feature.

use feature_api::{FeatureSet as _, Trade};

use crate::definitions::{by_definition, power_of_ten};
use crate::reference::{bars_of, fresh, newest, rows_of};
use crate::trades::{Sizes, captures, walk};

/// Holds every cell of every row to its definition; how many features were valid at the end.
fn agrees(what: &str, trades: &[Trade], sizes: &Sizes) -> usize {
    let bars = bars_of(trades, sizes);
    let definitions = by_definition(trades, &bars);
    let mut set = fresh(sizes);
    let rows = rows_of(&mut set, trades);
    assert_eq!(rows.len(), bars[0].len(), "{what}: a row for each short bar");
    let mut valid = 0;
    for (column, feature) in set.schema().features().iter().enumerate() {
        let Some((clock, series)) = definitions.get(feature.name) else {
            assert!(feature.name.ends_with("_age_s"), "{}: a definition", feature.name);
            continue;
        };
        let largest =
            series.iter().flatten().fold(0.0, |most: f64, x| if x.abs() > most { x.abs() } else { most });
        // The MACD is a difference of averages that are as large as prices.
        let price = trades[0].price.raw() as f64 / power_of_ten(trades[0].grid.price_scale());
        let rounding = if feature.name.contains("macd") { 1e-14 * price } else { 0.0 };
        let tolerance = 1e-11 * largest + rounding;
        for (row, short) in bars[0].iter().enumerate() {
            let bar = newest(&bars[*clock], short.closed_by);
            let (found, expected) = (rows.get(row, column), bar.and_then(|bar| series[bar]));
            let warm = bar.is_some_and(|bar| bar >= feature.warm_up as usize);
            let close = match (found, expected) {
                (Some(found), Some(expected)) => {
                    (found - expected).abs() <= 1e-9 * expected.abs() + tolerance
                }
                (None, None) => true,
                _ => false,
            };
            assert!(
                close && found.is_some() == warm,
                "{what}, row {row}, {}: {found:?}, by definition {expected:?}",
                feature.name
            );
        }
        valid += usize::from(rows.get(rows.len() - 1, column).is_some());
    }
    valid
}

#[test]
fn every_feature_is_what_its_definition_says() {
    let trades = walk(120_000, 12, 5);
    assert_eq!(agrees("generated trades", &trades, &Sizes::of(600_000)), 280);
}

#[test]
fn on_recorded_trades_too() {
    for (name, trades) in captures() {
        let valid = agrees(name, &trades, &Sizes::small());
        assert!(valid > 200, "{name}: {valid}");
    }
}
