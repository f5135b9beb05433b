//! What features looked like in training.

use dataset::TrainSplit;

use crate::fit::FeatureRows;
use crate::numbers::{quantile, sorted};

/// What a feature looked like in the rows trained on.
#[derive(Debug, Clone, PartialEq)]
pub struct Distribution {
    /// Name of the feature.
    pub feature: String,
    /// Labelled rows in which it had a finite value.
    pub valid: u64,
    /// Labelled rows in which it had none.
    pub null: u64,
    /// Its quantiles at 0, 5 %, …, 100 %, linear between ranks (numpy's default), not decreasing: shape `[21]`, or
    /// `[0]` where it never had a value.
    pub quantiles: Vec<f64>,
}

/// A distribution for each feature of the set, in order, over the rows of a training split that have a label; before
/// preprocessing. Where the set looks at the open position, those are rows with one, as are those a model is asked
/// about later.
#[must_use]
pub fn distributions(train: &TrainSplit<'_>) -> Vec<Distribution> {
    let rows = FeatureRows::of(train);
    let of_feature = |(index, name): (usize, &String)| distribution(name, rows.cells(index));
    rows.names.iter().enumerate().map(of_feature).collect()
}

fn distribution(feature: &str, cells: impl Iterator<Item = Option<f64>>) -> Distribution {
    let (mut valid, mut null) = (Vec::new(), 0);
    for cell in cells {
        match cell.filter(|value| value.is_finite()) {
            Some(value) => valid.push(value),
            None => null += 1,
        }
    }
    let values = sorted(valid);
    let mut quantiles: Vec<f64> = Vec::new();
    for step in 0_u8..=20 {
        let Some(mut value) = quantile(&values, f64::from(step) / 20.0) else { continue };
        // Between the same two ranks, rounding may turn two quantiles round.
        if let Some(before) = quantiles.last()
            && value < *before
        {
            value = *before;
        }
        quantiles.push(value);
    }
    Distribution { feature: feature.to_owned(), valid: values.len() as u64, null, quantiles }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quantiles_in_steps_of_five_percent() {
        let cells =
            (0..=40).map(|value| Some(f64::from(40 - value) / 2.0)).chain([None, Some(f64::INFINITY)]);
        let found = distribution("a", cells);
        assert_eq!((found.feature.as_str(), found.valid, found.null), ("a", 41, 2));
        assert_eq!(found.quantiles, (0..=20).map(f64::from).collect::<Vec<_>>());
        assert_eq!(distribution("a", [Some(7.0)].into_iter()).quantiles, [7.0; 21]);
        let never = distribution("a", [None, None].into_iter());
        assert_eq!((never.valid, never.null, never.quantiles), (0, 2, Vec::new()));
    }

    proptest! {
        #[test]
        fn quantiles_do_not_decrease(values in proptest::collection::vec(-1.0..1.0, 1..50)) {
            let found = distribution("a", values.iter().copied().map(Some));
            prop_assert_eq!(found.quantiles.len(), 21);
            prop_assert!(found.quantiles.is_sorted());
            let values = sorted(values);
            prop_assert_eq!(found.quantiles.first(), values.first());
            prop_assert_eq!(found.quantiles.last(), values.last());
        }
    }
}
