//! How far a feature has moved, against values worked out by hand.
#![allow(clippy::unwrap_used, reason = "tests")]

use backtest::report::feature_shift;

/// Quantiles 0, 1, …, 20: bins of width 1.
fn ramp() -> Vec<f64> {
    (0..=20).map(f64::from).collect()
}

fn psi(train: &[f64], mut values: Vec<f64>) -> Option<f64> {
    let rows = values.len();
    feature_shift("a", train, 0.0, &mut values, rows).psi
}

fn near(found: Option<f64>, expected: f64) {
    assert!((found.unwrap() - expected).abs() < 1e-12, "{found:?}, expected {expected}");
}

#[test]
fn the_same_shares_have_not_shifted() {
    near(psi(&ramp(), (0..20).map(|bin| f64::from(bin) + 0.5).collect()), 0.0);
    // An end belongs to the bin below it; what is beyond the extremes belongs to the outermost bins.
    let at_ends = (1..20).map(f64::from).chain([1e9]).collect();
    near(psi(&ramp(), at_ends), 0.0);
    let beyond = [-1e9].into_iter().chain((1..20).map(|bin| f64::from(bin) + 0.5)).collect();
    near(psi(&ramp(), beyond), 0.0);
}

#[test]
fn shifts_by_hand() {
    let ln = libm::log;
    // All in the last bin: 19 empty bins at the floor, one with all.
    let empty = (1e-4 - 0.05) * ln(1e-4 / 0.05);
    near(psi(&ramp(), vec![30.0; 7]), 19.0 * empty + 0.95 * ln(1.0 / 0.05));
    near(psi(&ramp(), vec![30.0; 7]), 8.738_015_597_990_37);
    // Evenly over the lower ten bins: 10 % each where there were 5 %.
    let lower = (0..10).map(|bin| f64::from(bin) + 0.5).collect();
    near(psi(&ramp(), lower), 10.0 * 0.05 * ln(2.0) + 10.0 * empty);
}

#[test]
fn equal_quantiles_are_one_end() {
    let ln = libm::log;
    // 0 up to 50 %, then 1, 2, …, 10: between 50 % and 55 % of training are 0.
    let train: Vec<f64> = (0..=20).map(|place| f64::from((place - 10).max(0))).collect();
    // 52 % are 0, 3 % up to 1, then 5 % each: as training may have been.
    let mut same = vec![0.0; 52];
    same.extend([0.5; 3]);
    same.extend((1..10).flat_map(|bin| [f64::from(bin) + 0.5; 5]));
    near(psi(&train, same), 0.0);
    // 80 % are 0: at most 55 % were. The bin up to 1 is empty on both sides, eight more here, the last holds 20 %.
    let mut more = vec![0.0; 80];
    more.extend([9.5; 20]);
    let empty = (1e-4 - 0.05) * ln(1e-4 / 0.05);
    near(psi(&train, more), 0.25 * ln(0.8 / 0.55) + 8.0 * empty + 0.15 * ln(4.0));
}

#[test]
fn a_constant_feature() {
    let train = [7.0; 21];
    near(psi(&train, vec![7.0; 30]), 0.0);
    // Half of it below: a bin that was empty.
    let half = [[6.0, 7.0]; 10].concat();
    near(psi(&train, half), (0.5 - 1e-4) * libm::log(0.5 / 1e-4) + (0.5 - 1.0) * libm::log(0.5));
    let above = [[7.0, 8.0]; 10].concat();
    near(psi(&train, above), (0.5 - 1e-4) * libm::log(0.5 / 1e-4) + (0.5 - 1.0) * libm::log(0.5));
}

#[test]
fn what_is_not_defined() {
    assert_eq!(psi(&ramp(), Vec::new()), None);
    assert_eq!(psi(&[], vec![1.0]), None);
    assert_eq!(psi(&ramp()[..20], vec![1.0]), None);
    let mut falling = ramp();
    falling.reverse();
    assert_eq!(psi(&falling, vec![1.0]), None);
    let mut broken = ramp();
    broken[20] = f64::INFINITY;
    assert_eq!(psi(&broken, vec![1.0]), None);
}

#[test]
fn shares_of_rows_without_a_value() {
    let mut values = vec![3.0, f64::NAN, 1.0, f64::INFINITY, 2.0];
    let found = feature_shift("a", &ramp(), 0.25, &mut values, 10);
    assert_eq!(values, [1.0, 2.0, 3.0]);
    assert_eq!((found.name.as_str(), found.null), ("a", (0.25, 0.7)));
    assert_eq!(found.train, ramp());
    let ends = (found.run.first(), found.run.get(10), found.run.last(), found.run.len());
    assert_eq!(ends, (Some(&1.0), Some(&2.0), Some(&3.0), 21));
    assert_eq!(feature_shift("a", &ramp(), 0.0, &mut Vec::new(), 0).null, (0.0, 1.0));
    assert_eq!(feature_shift("a", &ramp(), 0.0, &mut vec![1.0; 5], 3).null, (0.0, 0.0));
}
