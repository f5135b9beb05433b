//! What makes no strategy, and what the message says.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use strategy::{
    AlwaysFlat, BuyAndHold, Ingredients, ModelDrivenOptions, ModelDrivenStrategy, Sides, StrategyError,
    StrategyFactory,
};
use support::{MINUTE, Toy, entry_direction, entry_return, exit_profit, make, of_direction, of_return};

/// The error, whose message has each of these texts.
#[track_caller]
fn refused<T>(made: Result<T, StrategyError>, texts: &[&str]) -> StrategyError {
    let error = made.map(|_| ()).unwrap_err();
    let message = error.to_string();
    for text in texts {
        assert!(message.contains(text), "{message:?} should have {text:?}");
    }
    error
}

#[track_caller]
fn model<T>(made: Result<T, StrategyError>, leg: &str, texts: &[&str]) {
    let error = refused(made, texts);
    assert!(matches!(&error, StrategyError::Model { leg: found, .. } if *found == leg), "{error:?}");
}

#[track_caller]
fn option<T>(made: Result<T, StrategyError>, name: &str, texts: &[&str]) {
    let error = refused(made, texts);
    assert!(matches!(&error, StrategyError::Option { name: found, .. } if *found == name), "{error:?}");
}

fn with_exit(threshold: f64) -> ModelDrivenOptions {
    ModelDrivenOptions { exit_threshold: Some(threshold), ..of_return() }
}

#[test]
fn a_model_serves_the_leg_it_was_trained_for() {
    let (entry, exit) = (entry_return().verified(), exit_profit().verified());
    assert!(make(&entry, Some(&exit), with_exit(0.0)).is_ok());
    model(make(&exit, None, of_return()), "entry", &["\"exit\"", "looks at the open position"]);
    model(
        make(&entry, Some(&entry), with_exit(0.0)),
        "exit",
        &["\"core\"", "does not look at the open position"],
    );
    let slow = Toy { interval: 5 * MINUTE, ..exit_profit() }.verified();
    model(
        make(&entry, Some(&slow), with_exit(0.0)),
        "exit",
        &["expected time bars of 1m", "found time bars of 5m"],
    );
}

#[test]
fn a_label_is_understood_and_the_model_predicts_it() {
    let prose = Toy { label: "up or down, five bars on", ..entry_return() }.verified();
    model(make(&prose, None, of_return()), "entry", &["up or down, five bars on", "no such kind"]);
    let entry = entry_return().verified();
    let prose = Toy { label: "direction", ..exit_profit() }.verified();
    model(make(&entry, Some(&prose), with_exit(0.5)), "exit", &["horizon is missing"]);

    let value = Toy { logistic: false, ..entry_direction() }.verified();
    model(make(&value, None, of_direction()), "entry", &["predicts a Value", "asks for a Probability"]);
    let barriers = "barriers:horizon=5,profit=0.01,loss=0.01";
    let value = Toy { label: barriers, ..exit_profit() }.verified();
    model(
        make(&entry, Some(&value), with_exit(0.5)),
        "exit",
        &["predicts a Value", "asks for a Probability"],
    );
    let probability = Toy { logistic: true, ..entry_return() }.verified();
    model(make(&probability, None, of_return()), "entry", &["predicts a Probability", "asks for a Value"]);
}

#[test]
fn an_exit_threshold_goes_with_an_exit_model() {
    let entry = entry_return().verified();
    option(make(&entry, None, with_exit(0.0)), "exit_threshold", &["without an exit model"]);
    let exit = exit_profit().verified();
    option(make(&entry, Some(&exit), of_return()), "exit_threshold", &["missing", "return:horizon=5"]);
    for threshold in [-2.5, 0.0, 7.0] {
        assert!(make(&entry, Some(&exit), with_exit(threshold)).is_ok());
    }
    for threshold in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        option(make(&entry, Some(&exit), with_exit(threshold)), "exit_threshold", &["finite"]);
    }
    for label in ["direction:horizon=5", "barriers:horizon=5,profit=0.01,loss=0.01"] {
        let exit = Toy { label, logistic: true, ..exit_profit() }.verified();
        for threshold in [0.001, 0.5, 1.0] {
            let options = ModelDrivenOptions { sides: Sides::Long, ..with_exit(threshold) };
            assert!(make(&entry, Some(&exit), options).is_ok());
        }
        for threshold in [-0.1, 0.0, 1.001, f64::NAN] {
            let options = ModelDrivenOptions { sides: Sides::Long, ..with_exit(threshold) };
            option(make(&entry, Some(&exit), options), "exit_threshold", &["expected"]);
        }
    }
}

#[test]
fn something_closes_a_position() {
    let (entry, exit) = (entry_return().verified(), exit_profit().verified());
    let never = ModelDrivenOptions { max_hold_bars: None, ..of_return() };
    option(make(&entry, None, never), "max_hold_bars", &["would never be closed"]);
    assert!(make(&entry, None, ModelDrivenOptions { stop: Some(0.1), ..never }).is_ok());
    // A take-profit closes no loss, and a model may have no answer.
    let profit = ModelDrivenOptions { take: Some(0.1), ..never };
    option(make(&entry, None, profit), "max_hold_bars", &["so is stop"]);
    assert!(make(&entry, None, ModelDrivenOptions { max_hold_bars: Some(1), ..never }).is_ok());
    let closes = ModelDrivenOptions { exit_threshold: Some(0.0), ..never };
    option(make(&entry, Some(&exit), closes), "max_hold_bars", &["so is stop"]);
    assert!(make(&entry, Some(&exit), ModelDrivenOptions { stop: Some(0.1), ..closes }).is_ok());
}

#[test]
fn an_exit_model_of_barriers_closes_the_positions_it_was_trained_on() {
    let entry = entry_return().verified();
    for (label, right) in [
        ("barriers:horizon=5,profit=0.01,loss=0.01,side=long", Sides::Long),
        ("barriers:horizon=5,profit=0.01,loss=0.01,side=short", Sides::Short),
    ] {
        let exit = Toy { label, logistic: true, ..exit_profit() }.verified();
        for sides in [Sides::Long, Sides::Short, Sides::Both] {
            let made = make(&entry, Some(&exit), ModelDrivenOptions { sides, ..with_exit(0.5) });
            if sides == right {
                assert!(made.is_ok());
            } else {
                option(made, "sides", &["says nothing of", right.name()]);
            }
        }
    }
}

#[test]
fn a_direction_below_zero_is_no_gain() {
    let entry = Toy { label: "direction:horizon=5,above=-0.005", ..entry_direction() }.verified();
    let options = ModelDrivenOptions { sides: Sides::Long, ..of_direction() };
    model(make(&entry, None, options), "entry", &["does not fall much"]);
}

#[test]
fn costs_are_finite_and_not_negative() {
    let entry = entry_return().verified();
    for round_trip in [-1e-9, f64::NAN, f64::INFINITY] {
        let made = ModelDrivenStrategy::new(&entry, None, of_return(), round_trip);
        option(made, "round_trip", &["0 or above"]);
    }
    let huge = ModelDrivenOptions { min_edge: f64::MAX, ..of_return() };
    option(ModelDrivenStrategy::new(&entry, None, huge, f64::MAX), "min_edge", &["finite"]);
}

#[test]
fn an_unknown_strategy_lists_the_known() {
    for name in ["", "Model-Driven", "modeldriven", "flat "] {
        let made = StrategyFactory::create(name, &Ingredients::default());
        let error = refused(made, &["model-driven, buy-and-hold, flat"]);
        let expected = StrategyError::Unknown { found: name.to_owned(), known: StrategyFactory::NAMES };
        assert_eq!(error, expected);
    }
}

#[test]
fn each_name_makes_the_strategy_of_that_name() {
    let (entry, exit) = (entry_return().verified(), exit_profit().verified());
    for name in StrategyFactory::NAMES {
        let models = Ingredients {
            entry: Some(&entry),
            exit: Some(&exit),
            options: Some(with_exit(0.0)),
            round_trip: 0.001,
        };
        let costs = Ingredients { round_trip: 0.001, ..Ingredients::default() };
        let ingredients = if *name == ModelDrivenStrategy::NAME { &models } else { &costs };
        assert_eq!(StrategyFactory::create(name, ingredients).unwrap().name(), *name);
    }
}

#[test]
fn what_is_missing_is_named() {
    let entry = entry_return().verified();
    let create = |ingredients| StrategyFactory::create(ModelDrivenStrategy::NAME, &ingredients);
    let none = Ingredients::default();
    model(create(none), "entry", &["missing", "artifact"]);
    model(create(Ingredients { options: Some(of_return()), ..none }), "entry", &["missing"]);
    option(create(Ingredients { entry: Some(&entry), ..none }), "options", &["missing"]);
    let whole = Ingredients { entry: Some(&entry), options: Some(of_return()), ..none };
    assert!(create(whole).is_ok());
    option(create(Ingredients { round_trip: f64::NAN, ..whole }), "round_trip", &["NaN"]);
    let shorts = ModelDrivenOptions { threshold: Some(0.6), sides: Sides::Short, ..of_return() };
    option(create(Ingredients { options: Some(shorts), ..whole }), "threshold", &["leave it out"]);
}

#[test]
fn what_means_nothing_is_named() {
    let (entry, exit) = (entry_return().verified(), exit_profit().verified());
    for name in [BuyAndHold::NAME, AlwaysFlat::NAME] {
        let create = |ingredients| StrategyFactory::create(name, &ingredients);
        let none = Ingredients::default();
        model(create(Ingredients { entry: Some(&entry), ..none }), "entry", &[name, "asks no model"]);
        model(create(Ingredients { exit: Some(&exit), ..none }), "exit", &[name, "asks no model"]);
        option(create(Ingredients { options: Some(of_return()), ..none }), "options", &[name, "has none"]);
    }
}
