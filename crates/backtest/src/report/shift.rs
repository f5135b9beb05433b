//! How far a feature has moved since training.

use super::FeatureShift;

/// Places of the quantiles: 0, 5 %, …, 100 %.
const PLACES: usize = 21;

/// The least share of a bin, of either side: an empty bin adds much, but not infinity.
const FLOOR: f64 = 1e-4;

/// A feature in training beside its valid values in this run. `train` are its quantiles at 0, 5 %, …, 100 %, `values` the
/// valid values of this run in any order (sorted afterwards, what is not finite removed), `rows` all rows, valid or not.
///
/// Quantiles of the run are linear between ranks (type 7 of Hyndman and Fan 1996). The index is Σ (r − t) · ln(r / t) over
/// bins with shares t in training and r in this run, each at least 0.0001:
/// - Bins end at the quantiles from 5 % to 95 %, that value in them; the last has no end. Each holds 5 % of training.
/// - Quantiles that are equal are one end. How much of training lies at or below such a value is then known to within one
///   place only; of what is possible, the nearest to the run's own share is taken, so that a feature that is mostly one
///   value is not called shifted for want of finer quantiles.
/// - Where the lowest quantiles are equal, what is below them is a bin of its own that was empty in training.
///
/// It is not defined where `train` is not 21 finite quantiles that do not decrease, or the run has no valid value. Of n
/// rows, chance alone gives about 19/n. The run's share of rows that were not valid is 1 where there are no rows.
#[must_use]
pub fn feature_shift(
    name: &str,
    train: &[f64],
    train_null: f64,
    values: &mut Vec<f64>,
    rows: usize,
) -> FeatureShift {
    values.retain(|value| value.is_finite());
    values.sort_unstable_by(f64::total_cmp);
    let valid = values.len().min(rows);
    let null = if rows == 0 { 1.0 } else { (rows - valid) as f64 / rows as f64 };
    FeatureShift {
        name: name.to_owned(),
        train: train.to_vec(),
        run: quantiles(values),
        psi: stability_index(train, values),
        null: (train_null, null),
    }
}

/// Quantiles at 0, 5 %, …, 100 %, not decreasing; none of no values.
fn quantiles(sorted: &[f64]) -> Vec<f64> {
    let Some(last) = sorted.len().checked_sub(1) else { return Vec::new() };
    let mut found: Vec<f64> = Vec::with_capacity(PLACES);
    for place in 0..PLACES {
        // In integers, so that a whole rank is hit exactly.
        let (below, rest) = (place * last / (PLACES - 1), place * last % (PLACES - 1));
        let Some(low) = sorted.get(below).copied() else { continue };
        let high = sorted.get(below + 1).copied().unwrap_or(low);
        let share = rest as f64 / (PLACES - 1) as f64;
        // Each side by itself: the difference of large numbers may not fit.
        let value = if low == high { low } else { low * (1.0 - share) + high * share };
        // Adding 0.0 turns −0.0 into 0.0.
        found.push(found.last().copied().filter(|before| *before > value).unwrap_or(value) + 0.0);
    }
    found
}

fn stability_index(train: &[f64], sorted: &[f64]) -> Option<f64> {
    let is_defined = train.len() == PLACES
        && train.iter().all(|value| value.is_finite())
        && train.is_sorted()
        && !sorted.is_empty();
    if !is_defined {
        return None;
    }
    let rows = sorted.len() as f64;
    let mut index = 0.0;
    let mut before = (0.0, 0.0);
    let mut bin = |up_to: (f64, f64)| {
        let floor = |share: f64| if share < FLOOR { FLOOR } else { share };
        let (in_train, in_run) = (floor(up_to.0 - before.0), floor(up_to.1 - before.1));
        index += (in_run - in_train) * libm::log(in_run / in_train);
        before = up_to;
    };
    let lowest = train.first().copied()?;
    if train.get(1) == Some(&lowest) {
        bin((0.0, sorted.partition_point(|value| *value < lowest) as f64 / rows));
    }
    let mut first = 0;
    for ties in train.chunk_by(|a, b| a == b) {
        let last = first + ties.len() - 1;
        // An end that is the minimum or the maximum alone is none: its bin goes on.
        if let Some(end) = ties.first().filter(|_| last > 0 && first < PLACES - 1) {
            let in_run = sorted.partition_point(|value| value <= end) as f64 / rows;
            bin((share_up_to(last, ties.len() > 1, in_run), in_run));
        }
        first += ties.len();
    }
    bin((1.0, 1.0));
    Some(index)
}

/// Share of training at or below the quantile at that place.
fn share_up_to(place: usize, is_tied: bool, in_run: f64) -> f64 {
    let share = |place: usize| place.min(PLACES - 1) as f64 / (PLACES - 1) as f64;
    let (least, most) = (share(place), share(place + 1));
    if !is_tied || in_run < least {
        least
    } else if in_run > most {
        most
    } else {
        in_run
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quantiles_are_linear_between_ranks() {
        let found = quantiles(&[1.0, 2.0, 4.0, 8.0]);
        // numpy.quantile([1, 2, 4, 8], …) at 0, 10 %, 25 %, 50 %, 75 %, 95 %, 1
        let at = [0, 2, 5, 10, 15, 19, 20].map(|place| found[place]);
        for (found, expected) in at.into_iter().zip([1.0, 1.3, 1.75, 3.0, 5.0, 7.4, 8.0]) {
            assert!((found - expected).abs() < 1e-14, "{found} {expected}");
        }
        assert_eq!(quantiles(&[7.0]), [7.0; 21]);
        assert!(quantiles(&[]).is_empty());
        assert_eq!(quantiles(&[-f64::MAX, f64::MAX])[10], 0.0);
    }

    proptest! {
        #[test]
        fn quantiles_do_not_decrease(values in proptest::collection::vec(-1.0..1.0, 1..50)) {
            let mut values = values;
            let found = feature_shift("a", &[], 0.0, &mut values, 50).run;
            prop_assert_eq!(found.len(), 21);
            prop_assert!(found.is_sorted());
            prop_assert_eq!((found.first(), found.last()), (values.first(), values.last()));
        }

        #[test]
        fn the_index_is_finite_and_not_negative(
            train in proptest::collection::vec(-3_i8..3, 1..60),
            run in proptest::collection::vec(-4_i8..4, 1..60),
        ) {
            let sorted = |values: Vec<i8>| {
                let mut values: Vec<f64> = values.into_iter().map(f64::from).collect();
                values.sort_unstable_by(f64::total_cmp);
                values
            };
            let found = stability_index(&quantiles(&sorted(train)), &sorted(run)).unwrap();
            prop_assert!((0.0..50.0).contains(&found), "{found}");
        }

        /// However rare a value is, the very rows trained on have not shifted.
        #[test]
        fn rows_trained_on_have_not_shifted(rare in 0_usize..200, common in 500_usize..2000) {
            let mut values: Vec<f64> = [vec![0.0; common], vec![1.0; rare]].concat();
            let train = quantiles(&values);
            let found = feature_shift("a", &train, 0.0, &mut values, common + rare);
            prop_assert!(found.psi.unwrap() < 0.01, "{:?}", found.psi);
        }
    }
}
