#![allow(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;

use super::*;
use crate::{Arithmetic, LinearParts, Link, Missing, Node, Split, TreesParts};

fn linear(weight: f64, link: Link) -> AnyModel {
    AnyModel::Linear(Linear::new(LinearParts { weights: vec![weight], bias: 0.0, link }).unwrap())
}

fn member(value: f64, weight: f64, horizon: u32) -> Member {
    Member { model: linear(value, Link::Identity), weight, horizon }
}

/// One split at 0; missing goes left.
fn stump(left: f64, right: f64) -> AnyModel {
    let split = Split { feature: 0, threshold: 0.0, missing: Missing { left: true, zero: false }, right: 2 };
    let parts = TreesParts {
        inputs: 1,
        arithmetic: Arithmetic::F64,
        inclusive: false,
        base: 0.0,
        link: Link::Identity,
        trees: vec![vec![Node::Split(split), Node::Leaf(left), Node::Leaf(right)]],
    };
    AnyModel::Trees(Trees::new(parts).unwrap())
}

#[test]
fn members_are_checked() {
    let text = |members: Vec<Member>| Ensemble::new(members).unwrap_err().to_string();
    assert!(text(vec![]).contains("at least one member"));
    for weight in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(text(vec![member(1.0, weight, 1)]).starts_with("member 0: weight"));
    }
    assert!(text(vec![member(1.0, f64::MAX, 1), member(1.0, f64::MAX, 1)]).starts_with("member 1: weight"));
    assert!(text(vec![member(1.0, 1.0, 0)]).starts_with("member 0: horizon"));
    let logistic = Member { model: linear(1.0, Link::Logistic { steepness: 1.0 }), weight: 1.0, horizon: 1 };
    assert!(text(vec![member(1.0, 1.0, 1), logistic]).contains("member 1: kind of prediction"));
    let wide = Linear::new(LinearParts { weights: vec![1.0; 2], bias: 0.0, link: Link::Identity }).unwrap();
    let wide = Member { model: AnyModel::Linear(wide), weight: 1.0, horizon: 1 };
    assert!(text(vec![member(1.0, 1.0, 1), wide]).contains("member 1: length of an input"));
}

#[test]
fn one_member_gives_its_own_bits_whatever_its_weight() {
    // 0.1 · 0.7 / 0.1 is not 0.7 in f64.
    let ensemble = Ensemble::new(vec![member(0.7, 0.1, 5)]).unwrap();
    let mut margins = vec![9.0; 3];
    assert_ne!(0.1 * 0.7 / 0.1, 0.7);
    assert_eq!(ensemble.predict(&[1.0], &mut margins), Ok(0.7));
    assert_eq!(margins, [0.7]);
    assert_eq!(ensemble.describe(), "linear (1 weights)");
}

#[test]
fn horizons_are_sorted_and_weighed_apart() {
    let members = vec![member(1.0, 1.0, 20), member(2.0, 0.1, 5), member(4.0, 3.0, 20)];
    let ensemble = Ensemble::new(members).unwrap();
    assert_eq!(ensemble.horizons(), [5, 20]);
    assert_eq!((ensemble.inputs(), ensemble.output(), ensemble.takes_missing()), (1, Output::Value, false));
    assert!(ensemble.describe().contains("linear (1 weights) of weight 0.1 for 5 bars"));
    let (mut predictions, mut values) = (Vec::new(), Vec::new());
    ensemble.predict_members(&[1.0], &mut predictions).unwrap();
    ensemble.by_horizon(&predictions, &mut values).unwrap();
    let expected = [HorizonValue { horizon: 5, value: 2.0 }, HorizonValue { horizon: 20, value: 3.25 }];
    assert_eq!(values, expected);
    let mean = ensemble.mean(&predictions).unwrap();
    assert_eq!(mean, (1.0 + 0.1 * 2.0 + 3.0 * 4.0) / (1.0 + 0.1 + 3.0));
    assert_eq!(ensemble.predict(&[1.0], &mut Vec::new()), Ok(mean));
    let error = PredictError::Members { expected: 3, found: 2 };
    assert_eq!(ensemble.mean(&predictions[..2]), Err(error.clone()));
    assert_eq!(ensemble.by_horizon(&predictions[..2], &mut values), Err(error));
}

#[test]
fn the_first_input_that_any_member_refuses_ends_many() {
    // Trees take a missing value, the linear model does not: it refuses the second input; both the last.
    let members = vec![Member { model: stump(1.0, 2.0), weight: 1.0, horizon: 1 }, member(1.0, 1.0, 1)];
    let ensemble = Ensemble::new(members).unwrap();
    let mut values = Vec::new();
    let error = ensemble.predict_many(&[-1.0, f64::NAN, 3.0, f64::INFINITY], &mut values);
    assert_eq!(error, Err(PredictError::Missing { index: 0 }));
    assert_eq!(values, [0.0]);
    assert!(ensemble.predict(&[f64::NAN], &mut Vec::new()).is_err());
}

#[test]
fn a_mean_that_overflows_is_refused() {
    let ensemble = Ensemble::new(vec![member(1.0, 4.0, 1), member(1.0, 4.0, 2)]).unwrap();
    let found = f64::INFINITY;
    assert_eq!(ensemble.predict(&[f64::MAX], &mut Vec::new()), Err(PredictError::NotFinite { found }));
    let mut values = Vec::new();
    let error = ensemble.predict_many(&[1.0, f64::MAX, 1.0], &mut values);
    assert_eq!((error, values), (Err(PredictError::NotFinite { found }), vec![1.0]));
}

proptest! {
    #[test]
    fn many_have_the_bits_of_one(
        members in proptest::collection::vec((-9.0_f64..9.0, 0.01_f64..9.0), 1..4),
        inputs in proptest::collection::vec(-9.0_f64..9.0, 0..40),
        copies in 1_usize..80,
    ) {
        let members = members.into_iter().enumerate().map(|(index, (value, weight))| {
            let model = if index == 1 { stump(value, 1.0) } else { linear(value, Link::Identity) };
            Member { model, weight, horizon: 1 }
        });
        let ensemble = Ensemble::new(members.collect()).unwrap();
        let inputs = inputs.repeat(copies);
        let (mut many, mut margins) = (Vec::new(), Vec::new());
        ensemble.predict_many(&inputs, &mut many).unwrap();
        let one: Vec<_> = inputs.iter().map(|x| ensemble.predict(&[*x], &mut margins).unwrap()).collect();
        prop_assert_eq!(many, one);
    }

    #[test]
    fn a_mean_of_probabilities_is_one(members in proptest::collection::vec((0.0_f64..=1.0, 1e-9_f64..1e9), 1..9)) {
        let mut mean = Mean::default();
        for (value, weight) in &members {
            mean.add(*value, *weight);
        }
        prop_assert!((0.0..=1.0).contains(&mean.value().unwrap()));
    }
}
