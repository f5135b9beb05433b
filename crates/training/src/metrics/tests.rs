use model::{Linear, LinearParts, Link};
use proptest::prelude::*;

use super::*;

fn scored(rows: &[(f64, f64)], baseline: f64) -> Vec<Scored> {
    rows.iter()
        .map(|(prediction, label)| Scored { prediction: *prediction, baseline, label: *label })
        .collect()
}

fn names(metrics: &Metrics) -> Vec<&'static str> {
    metrics.values.iter().map(|(name, _)| *name).collect()
}

#[track_caller]
fn near(metrics: &Metrics, name: &str, expected: f64, units: f64) {
    let found = metrics.get(name).unwrap();
    assert!((found - expected).abs() <= units * f64::EPSILON * expected.abs(), "{name}: {found} {expected}");
}

#[test]
fn probabilities_by_hand() {
    // A barrier's −1 is no hit.
    let rows = [(0.75, 1.0), (0.5, 1.0), (0.25, -1.0), (0.5, 0.0)];
    let found = Metrics::of(Objective::Logistic, &scored(&rows, 0.25)).unwrap();
    assert_eq!(found.rows, 4);
    // −(ln 3/4 + ln 1/2 + ln 3/4 + ln 1/2) / 4 and −(2 ln 1/4 + 2 ln 3/4) / 4: a rounding for each of a few steps.
    near(&found, "log_loss", -(libm::log(0.75) + libm::log(0.5)) / 2.0, 4.0);
    near(&found, "log_loss_of_base_rate", -(libm::log(0.25) + libm::log(0.75)) / 2.0, 4.0);
    assert_eq!(found.get("brier"), Some((0.0625 + 0.25 + 0.0625 + 0.25) / 4.0));
    // Of four pairs of a hit and a miss, three are in order and one is a tie.
    assert_eq!(found.get("auc"), Some(3.5 / 4.0));
    // 0.5 says no: the second row is wrong.
    assert_eq!(found.get("accuracy"), Some(0.75));
    assert_eq!((found.get("base_rate"), found.get("mean_prediction")), (Some(0.5), Some(0.5)));
    assert_eq!(
        names(&found),
        ["log_loss", "log_loss_of_base_rate", "brier", "auc", "accuracy", "base_rate", "mean_prediction"]
    );
}

#[test]
fn certainty_that_is_wrong_costs_much_and_not_everything() {
    let wrong = Metrics::of(Objective::Logistic, &scored(&[(0.0, 1.0), (1.0, 0.0)], 0.0)).unwrap();
    near(&wrong, "log_loss", 52.0 * libm::log(2.0), 4.0);
    let right = Metrics::of(Objective::Logistic, &scored(&[(1.0, 1.0), (0.0, 0.0)], 1.0)).unwrap();
    near(&right, "log_loss", f64::EPSILON, 2.0);
    assert_eq!((wrong.get("auc"), right.get("auc")), (Some(0.0), Some(1.0)));
}

#[test]
fn values_by_hand() {
    let rows = [(1.0, 2.0), (-1.0, 1.0), (3.0, 4.0), (2.0, 0.0)];
    let found = Metrics::of(Objective::Squared, &scored(&rows, 0.75)).unwrap();
    // Errors −1, −2, −1, 2; of the mean 0.75: −1.25, −0.25, −3.25, 0.75.
    assert_eq!(found.get("rmse"), Some(2.5_f64.sqrt()));
    assert_eq!(found.get("mae"), Some(1.5));
    let of_mean = (1.5625 + 0.0625 + 10.5625 + 0.5625) / 4.0;
    assert_eq!(found.get("rmse_of_mean"), Some(3.1875_f64.sqrt()));
    assert_eq!((of_mean, found.get("r2")), (3.1875, Some(1.0 - 2.5 / 3.1875)));
    // Means 1.25 and 1.75: products −0.0625 + 1.6875 + 3.9375 − 1.3125 = 4.25 over squares 8.75 and 8.75.
    near(&found, "pearson", 4.25 / 8.75, 4.0);
    // Ranks 2, 1, 4, 3 and 3, 2, 4, 1: products 2.5 from 2.5, of 5.
    near(&found, "spearman", 1.0 - 6.0 * (1.0 + 1.0 + 0.0 + 4.0) / (4.0 * 15.0), 4.0);
    // The label 0 has no sign; of the other three, one is wrong.
    near(&found, "sign_accuracy", 2.0 / 3.0, 1.0);
    assert_eq!(names(&found), ["rmse", "mae", "rmse_of_mean", "r2", "pearson", "spearman", "sign_accuracy"]);
}

#[test]
fn what_is_not_defined_is_left_out() {
    let hits = Metrics::of(Objective::Logistic, &scored(&[(0.5, 1.0), (0.25, 1.0)], 1.0)).unwrap();
    assert_eq!((hits.get("auc"), hits.get("base_rate"), hits.values.len()), (None, Some(1.0), 6));
    let flat = Metrics::of(Objective::Squared, &scored(&[(1.0, 0.0), (2.0, 0.0)], 0.0)).unwrap();
    assert_eq!(names(&flat), ["rmse", "mae", "rmse_of_mean"]);
    let constant =
        Metrics::of(Objective::Squared, &scored(&[(0.1, 1.0), (0.1, 2.0), (0.1, 3.0)], 0.0)).unwrap();
    assert_eq!((constant.get("pearson"), constant.get("spearman")), (None, None));
    assert!(constant.get("r2").is_some());
    for objective in [Objective::Logistic, Objective::Squared] {
        assert_eq!(Metrics::of(objective, &[]).unwrap(), Metrics { rows: 0, values: Vec::new() });
    }
    // A square that overflows is no error of infinity.
    let huge = Metrics::of(Objective::Squared, &scored(&[(1e200, 0.0), (0.0, 1.0)], 0.0)).unwrap();
    assert!(huge.values.iter().all(|(_, value)| value.is_finite()));
    assert_eq!((huge.get("rmse"), huge.get("r2")), (None, None));
}

#[test]
fn numbers_that_cannot_be_are_refused() {
    for (prediction, baseline, label, name) in [
        (1.5, 0.5, 1.0, "prediction"),
        (f64::NAN, 0.5, 1.0, "prediction"),
        (0.5, -0.1, 1.0, "baseline"),
        (0.5, 0.5, f64::NAN, "label"),
    ] {
        let rows =
            [Scored { prediction: 0.5, baseline: 0.5, label: 0.0 }, Scored { prediction, baseline, label }];
        let error = Metrics::of(Objective::Logistic, &rows).unwrap_err();
        assert!(matches!(error, TrainingError::Scored { index: 1, what, .. } if what == name), "{error}");
    }
    let infinite = scored(&[(f64::INFINITY, 1.0)], 0.0);
    assert!(Metrics::of(Objective::Squared, &infinite).is_err());
}

#[test]
fn a_model_is_measured_on_what_it_predicts() {
    let examples = Examples::made_up(&[vec![0.0], vec![2.0], vec![-2.0]], &[0.0, 1.0, 0.0]);
    let linear =
        |link, width| Linear::new(LinearParts { weights: vec![1.0; width], bias: 0.0, link }).unwrap();
    let logistic = Link::Logistic { steepness: 1.0 };
    let found = evaluate(&linear(logistic, 1), &examples, Objective::Logistic, 0.25).unwrap();
    assert_eq!((found.rows, found.get("auc"), found.get("accuracy")), (3, Some(1.0), Some(1.0)));
    let found = evaluate(&linear(Link::Identity, 1), &examples, Objective::Squared, 0.25).unwrap();
    assert_eq!(found.get("mae"), Some(1.0));

    let error = evaluate(&linear(logistic, 1), &examples, Objective::Squared, 0.0).unwrap_err();
    assert!(matches!(error, TrainingError::Output { .. }), "{error}");
    let error = evaluate(&linear(logistic, 3), &examples, Objective::Logistic, 0.0).unwrap_err();
    assert!(matches!(error, TrainingError::Width { expected: 3, found: 1 }), "{error}");
    let missing = Examples::made_up(&[vec![0.0], vec![f64::NAN]], &[0.0, 1.0]);
    let error = evaluate(&linear(logistic, 1), &missing, Objective::Logistic, 0.0).unwrap_err();
    assert!(matches!(error, TrainingError::Predict { row: 1, .. }), "{error}");
}

/// Few different values, so that many are equal; both zeros among them.
fn coarse() -> impl Strategy<Value = f64> {
    prop_oneof![(0_u8..=8).prop_map(|step| f64::from(step) / 8.0), Just(-0.0)]
}

proptest! {
    #[test]
    fn auc_is_the_share_of_pairs_in_order(
        rows in proptest::collection::vec((coarse(), any::<bool>()), 1..40),
    ) {
        let rows: Vec<(f64, f64)> = rows.into_iter().map(|(p, hit)| (p, f64::from(hit))).collect();
        let (mut pairs, mut in_order) = (0.0, 0.0);
        for (hit, _) in rows.iter().filter(|(_, label)| *label == 1.0) {
            for (miss, _) in rows.iter().filter(|(_, label)| *label == 0.0) {
                pairs += 1.0;
                in_order += if hit > miss { 1.0 } else if hit == miss { 0.5 } else { 0.0 };
            }
        }
        let found = Metrics::of(Objective::Logistic, &scored(&rows, 0.5)).unwrap().get("auc");
        // Both are quotients of the same two whole or half numbers.
        prop_assert_eq!(found, (pairs > 0.0).then(|| in_order / pairs));
    }

    #[test]
    fn ranks_count_what_is_below_and_half_of_what_is_equal(values in proptest::collection::vec(coarse(), 0..40)) {
        for (value, rank) in values.iter().zip(ranks(&values)) {
            let below = values.iter().filter(|other| *other < value).count() as f64;
            let equal = values.iter().filter(|other| *other == value).count() as f64;
            prop_assert_eq!(rank, below + (equal + 1.0) / 2.0);
        }
    }

    #[test]
    fn a_rising_line_correlates_fully(
        x in proptest::collection::vec(-1e3..1e3, 2..40),
        slope in prop_oneof![0.1..9.0, -9.0..-0.1],
    ) {
        let rows: Vec<(f64, f64)> = x.iter().map(|x| (*x, slope * x)).collect();
        let found = Metrics::of(Objective::Squared, &scored(&rows, 0.0)).unwrap();
        let sign = if slope > 0.0 { 1.0 } else { -1.0 };
        prop_assert_eq!(found.get("sign_accuracy"), Some(if slope > 0.0 { 1.0 } else { 0.0 }));
        // Values that differ have different products unless rounding joins them: then the ranks differ by a half.
        let distinct = |side: &dyn Fn(&(f64, f64)) -> u64| {
            rows.iter().map(side).collect::<std::collections::BTreeSet<_>>().len()
        };
        prop_assume!(distinct(&|row| row.0.to_bits()) == distinct(&|row| row.1.to_bits()));
        let spearman = found.get("spearman").unwrap();
        // Sums of 40 products of half ranks are exact; two roots and a quotient are rounded.
        prop_assert!((spearman - sign).abs() <= 4.0 * f64::EPSILON, "{}", spearman);
        prop_assert!(found.get("pearson").unwrap().abs() <= 1.0);
    }
}
