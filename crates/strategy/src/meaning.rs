//! What a prediction means for an entry.

use dataset::{LabelSpec, TradeSide};
use feature_api::Side;

use crate::options::within;
use crate::{ModelDrivenOptions, Sides, StrategyError};

/// What the predictions of an entry model mean, from the label it was trained on.
///
/// | label | prediction | long | short | edge |
/// |---|---|---|---|---|
/// | `direction`, `above=0` | p = P(rise) | p ≥ threshold | 1 − p ≥ threshold | (2p − 1)·expected_move, of the side |
/// | `direction`, `above>0` | p = P(return > above) | p ≥ threshold | never | (2p − 1)·expected_move |
/// | `barriers`, `side=long` | p = P(profit first) | p ≥ threshold | never | p·profit − (1 − p)·loss |
/// | `barriers`, `side=short` | p = P(profit first) | never | p ≥ threshold | p·profit − (1 − p)·loss |
/// | `return` | r | r > 0 | r < 0 | \|r\| |
///
/// A direction of 0 counts a close that has not moved as no rise, so a short takes it for a fall: where closes often stand
/// still, train on `return` or `barriers`. A direction below 0 is refused.
///
/// An entry must also have an edge above costs. A time-out of barriers counts as a loss here, which is careful. Where a
/// side is never proposed, options that allow it are refused. A prediction that is no finite number, or no probability
/// where it should be one, proposes nothing. At `p = threshold = 0.5` both sides hold; the long is proposed, and its edge
/// of 0 exceeds no costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EntryMeaning(Rule);

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Rule {
    Direction { threshold: f64, expected_move: f64, sides: Sides },
    Barriers { threshold: f64, profit: f64, loss: f64, side: Side },
    Return { sides: Sides },
}

/// What a prediction proposes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Proposal {
    pub(crate) side: Side,
    pub(crate) edge: f64,
}

impl EntryMeaning {
    /// The meaning of predictions of that label.
    ///
    /// # Errors
    /// [`StrategyError::Option`] for options that are missing, cannot be or mean nothing for that label, such as shorts
    /// with a label that says nothing of them; [`StrategyError::Model`] for a label that cannot be.
    pub fn new(label: LabelSpec, options: ModelDrivenOptions) -> Result<Self, StrategyError> {
        label.check().map_err(|error| StrategyError::model("entry", error.to_string()))?;
        options.check()?;
        let ModelDrivenOptions { threshold, expected_move, sides, .. } = options;
        Ok(Self(match label {
            LabelSpec::Direction { above, .. } => {
                if above < 0.0 {
                    let problem = format!(
                        "its label {label} says when the price does not fall much, which is no gain; train it on a \
                         direction of 0 or above"
                    );
                    return Err(StrategyError::model("entry", problem));
                }
                if above > 0.0 {
                    one_way(&label, Sides::Long, sides)?;
                }
                Rule::Direction {
                    threshold: demand("threshold", threshold, &label)?,
                    expected_move: demand("expected_move", expected_move, &label)?,
                    sides,
                }
            }
            LabelSpec::TripleBarrier(barriers) => {
                refuse("expected_move", expected_move, &label, "tells its distances itself")?;
                let (side, only) = match barriers.side {
                    TradeSide::Long => (Side::Long, Sides::Long),
                    TradeSide::Short => (Side::Short, Sides::Short),
                };
                one_way(&label, only, sides)?;
                let threshold = demand("threshold", threshold, &label)?;
                Rule::Barriers { threshold, profit: barriers.profit, loss: barriers.loss, side }
            }
            LabelSpec::ForwardReturn { .. } => {
                refuse("threshold", threshold, &label, "is no probability; use min_edge")?;
                refuse("expected_move", expected_move, &label, "is the move itself")?;
                Rule::Return { sides }
            }
        }))
    }

    /// What a prediction proposes; `None` where it is below its threshold or for a side that is not allowed.
    pub(crate) fn propose(&self, prediction: f64) -> Option<Proposal> {
        let (side, edge) = match self.0 {
            Rule::Direction { threshold, expected_move, sides } => {
                let rise = probability(prediction)?;
                let (side, p) = [(Side::Long, rise), (Side::Short, 1.0 - rise)]
                    .into_iter()
                    .find(|(side, p)| sides.allow(*side) && *p >= threshold)?;
                (side, (2.0 * p - 1.0) * expected_move)
            }
            Rule::Barriers { threshold, profit, loss, side } => {
                let p = probability(prediction).filter(|p| *p >= threshold)?;
                (side, p * profit - (1.0 - p) * loss)
            }
            Rule::Return { sides } => {
                let side = if prediction > 0.0 { Side::Long } else { Side::Short };
                let holds = prediction.is_finite() && prediction != 0.0 && sides.allow(side);
                (side, holds.then_some(prediction.abs())?)
            }
        };
        Some(Proposal { side, edge })
    }
}

/// What closes by an exit model: its threshold, checked against the label it was trained on. `None` without a model.
///
/// # Errors
/// [`StrategyError::Option`] for a threshold that is missing, cannot be or means nothing; [`StrategyError::Model`] for a
/// label that cannot be.
pub(crate) fn exit_threshold(
    label: Option<&LabelSpec>,
    options: &ModelDrivenOptions,
) -> Result<Option<f64>, StrategyError> {
    const NAME: &str = "exit_threshold";
    let found = options.exit_threshold;
    let Some(label) = label else {
        return match found {
            None => Ok(None),
            Some(_) => Err(StrategyError::option(
                NAME,
                "means nothing without an exit model: leave it out, or name one",
            )),
        };
    };
    label.check().map_err(|error| StrategyError::model("exit", error.to_string()))?;
    let threshold = demand(NAME, found, label)?;
    if let LabelSpec::TripleBarrier(barriers) = label {
        let only = match barriers.side {
            TradeSide::Long => Sides::Long,
            TradeSide::Short => Sides::Short,
        };
        // It was never shown a position of the other side.
        one_way(label, only, options.sides)?;
    }
    match label {
        LabelSpec::Direction { .. } | LabelSpec::TripleBarrier(_) => {
            let holds = |threshold: f64| threshold > 0.0 && threshold <= 1.0;
            let expected = "a number above 0 and at most 1: the exit model predicts a probability, which is never below 0";
            within(NAME, found, holds, expected)?;
        }
        LabelSpec::ForwardReturn { .. } => within(NAME, found, f64::is_finite, "a finite number")?,
    }
    Ok(Some(threshold))
}

/// Whether what is predicted of that label is a probability.
pub(crate) const fn is_probability(label: &LabelSpec) -> bool {
    match label {
        LabelSpec::Direction { .. } | LabelSpec::TripleBarrier(_) => true,
        LabelSpec::ForwardReturn { .. } => false,
    }
}

fn probability(prediction: f64) -> Option<f64> {
    (0.0..=1.0).contains(&prediction).then_some(prediction)
}

fn demand(name: &'static str, value: Option<f64>, label: &LabelSpec) -> Result<f64, StrategyError> {
    value
        .ok_or_else(|| StrategyError::option(name, format!("missing; a model of {label} needs it: state it")))
}

fn refuse(
    name: &'static str,
    value: Option<f64>,
    label: &LabelSpec,
    because: &str,
) -> Result<(), StrategyError> {
    value.map_or(Ok(()), |_| {
        let problem =
            format!("means nothing for a model of {label}, whose prediction {because}: leave it out");
        Err(StrategyError::option(name, problem))
    })
}

/// Refuses sides of which a label says nothing.
fn one_way(label: &LabelSpec, only: Sides, found: Sides) -> Result<(), StrategyError> {
    if only == found {
        return Ok(());
    }
    let other = match only {
        Sides::Long => "shorts",
        Sides::Short | Sides::Both => "longs",
    };
    let problem = format!(
        "is {}, but a model of {label} says nothing of {other}: choose {}, or a model of another label",
        found.name(),
        only.name()
    );
    Err(StrategyError::option("sides", problem))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const OF_RETURN: ModelDrivenOptions = ModelDrivenOptions {
        threshold: None,
        min_edge: 0.0,
        expected_move: None,
        exit_threshold: None,
        stop: None,
        take: None,
        max_hold_bars: None,
        sides: Sides::Both,
        cooldown_bars: 0,
    };
    const OF_BARRIERS: ModelDrivenOptions =
        ModelDrivenOptions { threshold: Some(0.75), sides: Sides::Long, ..OF_RETURN };
    const OF_DIRECTION: ModelDrivenOptions =
        ModelDrivenOptions { expected_move: Some(0.25), sides: Sides::Both, ..OF_BARRIERS };

    const SIGN: &str = "direction:horizon=5";
    const ABOVE: &str = "direction:horizon=5,above=0.001";
    const LONG: &str = "barriers:horizon=5,profit=0.5,loss=0.25,side=long";
    const SHORT: &str = "barriers:horizon=5,profit=0.5,loss=0.25,side=short";
    const RETURN: &str = "return:horizon=5";

    fn meaning(label: &str, options: ModelDrivenOptions) -> Result<EntryMeaning, StrategyError> {
        EntryMeaning::new(label.parse().unwrap(), options)
    }

    fn one_way(options: ModelDrivenOptions, sides: Sides) -> ModelDrivenOptions {
        ModelDrivenOptions { sides, ..options }
    }

    /// Side and edge of a prediction, every number a sum of powers of 2.
    fn proposals(label: &str, options: ModelDrivenOptions, predictions: &[f64]) -> Vec<Option<(Side, f64)>> {
        let meaning = meaning(label, options).unwrap();
        let propose = |p: &f64| meaning.propose(*p).map(|Proposal { side, edge }| (side, edge));
        predictions.iter().map(propose).collect()
    }

    const JUST_BELOW: f64 = 0.75 - 1.0 / 1024.0;

    #[test]
    fn a_direction_goes_both_ways() {
        let predictions = [1.0, 0.875, 0.75, JUST_BELOW, 0.5, 1.0 - JUST_BELOW, 0.25, 0.125, 0.0];
        let expected = [
            Some((Side::Long, 0.25)),
            Some((Side::Long, 0.1875)),
            Some((Side::Long, 0.125)),
            None,
            None,
            None,
            Some((Side::Short, 0.125)),
            Some((Side::Short, 0.1875)),
            Some((Side::Short, 0.25)),
        ];
        assert_eq!(proposals(SIGN, OF_DIRECTION, &predictions), expected);
        let only = |side| expected.map(|proposal| proposal.filter(|(found, _)| *found == side));
        let long = proposals(SIGN, one_way(OF_DIRECTION, Sides::Long), &predictions);
        assert_eq!(long, only(Side::Long));
        let short = proposals(SIGN, one_way(OF_DIRECTION, Sides::Short), &predictions);
        assert_eq!(short, only(Side::Short));
    }

    #[test]
    fn at_a_half_nothing_is_gained() {
        let options = ModelDrivenOptions { threshold: Some(0.5), ..OF_DIRECTION };
        assert_eq!(proposals(SIGN, options, &[0.5]), [Some((Side::Long, 0.0))]);
        assert_eq!(proposals(SIGN, one_way(options, Sides::Short), &[0.5]), [Some((Side::Short, 0.0))]);
    }

    #[test]
    fn a_direction_above_something_goes_long_alone() {
        let options = one_way(OF_DIRECTION, Sides::Long);
        let expected = [Some((Side::Long, 0.125)), None, None, None];
        assert_eq!(proposals(ABOVE, options, &[0.75, JUST_BELOW, 0.25, 0.0]), expected);
    }

    #[test]
    fn barriers_go_the_way_of_their_side() {
        let predictions = [1.0, 0.75, JUST_BELOW, 0.25, 0.0];
        let of = |side| [Some((side, 0.5)), Some((side, 0.3125)), None, None, None];
        assert_eq!(proposals(LONG, OF_BARRIERS, &predictions), of(Side::Long));
        assert_eq!(proposals(SHORT, one_way(OF_BARRIERS, Sides::Short), &predictions), of(Side::Short));
        // A far stop and a near target: likely, and yet a loss on average.
        let near = "barriers:horizon=5,profit=0.125,loss=0.5,side=long";
        assert_eq!(proposals(near, OF_BARRIERS, &[0.75]), [Some((Side::Long, -0.03125))]);
    }

    #[test]
    fn a_return_goes_the_way_of_its_sign() {
        let predictions = [0.5, f64::MIN_POSITIVE, 0.0, -0.0, -f64::MIN_POSITIVE, -0.5];
        let expected = [
            Some((Side::Long, 0.5)),
            Some((Side::Long, f64::MIN_POSITIVE)),
            None,
            None,
            Some((Side::Short, f64::MIN_POSITIVE)),
            Some((Side::Short, 0.5)),
        ];
        assert_eq!(proposals(RETURN, OF_RETURN, &predictions), expected);
        for (sides, side) in [(Sides::Long, Side::Long), (Sides::Short, Side::Short)] {
            let only = expected.map(|proposal| proposal.filter(|(found, _)| *found == side));
            assert_eq!(proposals(RETURN, one_way(OF_RETURN, sides), &predictions), only);
        }
    }

    #[test]
    fn what_is_no_prediction_proposes_nothing() {
        let odd = [f64::NAN, -f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
        let short = one_way(OF_BARRIERS, Sides::Short);
        let long = one_way(OF_DIRECTION, Sides::Long);
        let probabilities = [(SIGN, OF_DIRECTION), (ABOVE, long), (LONG, OF_BARRIERS), (SHORT, short)];
        for (label, options) in probabilities {
            let odd = [odd.as_slice(), &[1.0 + f64::EPSILON, -f64::MIN_POSITIVE, 2.0, -1.0]].concat();
            assert_eq!(proposals(label, options, &odd), [None; 8], "{label}");
        }
        assert_eq!(proposals(RETURN, OF_RETURN, &odd), [None; 4]);
    }

    #[track_caller]
    fn refused(label: &str, options: ModelDrivenOptions, name: &str, text: &str) {
        let error = meaning(label, options).unwrap_err();
        assert!(matches!(&error, StrategyError::Option { name: found, .. } if *found == name), "{error:?}");
        assert!(error.to_string().contains(text), "{error}");
    }

    #[test]
    fn options_are_there_where_they_mean_something_and_nowhere_else() {
        let none = |options: ModelDrivenOptions| ModelDrivenOptions { threshold: None, ..options };
        let long = one_way(OF_DIRECTION, Sides::Long);
        for (label, options) in [(SIGN, OF_DIRECTION), (ABOVE, long), (LONG, OF_BARRIERS)] {
            refused(label, none(options), "threshold", "missing");
        }
        for label in [SIGN, ABOVE] {
            let options = ModelDrivenOptions { expected_move: None, ..long };
            refused(label, options, "expected_move", "missing");
        }
        refused(
            RETURN,
            ModelDrivenOptions { threshold: Some(0.6), ..OF_RETURN },
            "threshold",
            "leave it out",
        );
        for (label, options) in [(LONG, OF_BARRIERS), (RETURN, OF_RETURN)] {
            let options = ModelDrivenOptions { expected_move: Some(0.1), ..options };
            refused(label, options, "expected_move", "leave it out");
        }
        refused(RETURN, ModelDrivenOptions { stop: Some(f64::NAN), ..OF_RETURN }, "stop", "NaN");
    }

    #[test]
    fn sides_of_which_a_label_says_nothing_are_refused() {
        for sides in [Sides::Short, Sides::Both] {
            refused(ABOVE, one_way(OF_DIRECTION, sides), "sides", "says nothing of shorts: choose long");
            refused(LONG, one_way(OF_BARRIERS, sides), "sides", "says nothing of shorts: choose long");
        }
        for sides in [Sides::Long, Sides::Both] {
            refused(SHORT, one_way(OF_BARRIERS, sides), "sides", "says nothing of longs: choose short");
        }
    }

    #[test]
    fn a_label_that_cannot_be_is_refused() {
        let LabelSpec::Direction { horizon, .. } = SIGN.parse().unwrap() else { panic!("a direction") };
        let label = LabelSpec::Direction { horizon, above: f64::NAN };
        let error = EntryMeaning::new(label, OF_DIRECTION).unwrap_err();
        assert!(matches!(error, StrategyError::Model { leg: "entry", .. }), "{error:?}");
        let zero = LabelSpec::Direction { horizon, above: -0.0 };
        assert!(EntryMeaning::new(zero, OF_DIRECTION).is_ok(), "a zero is a zero");
    }

    proptest! {
        #[test]
        fn a_direction_is_the_same_seen_from_the_other_side(p in 0_u32..=1 << 20) {
            let p = f64::from(p) / f64::from(1 << 20);
            let flip = |(side, edge)| match side {
                Side::Long => (Side::Short, edge),
                Side::Short => (Side::Long, edge),
            };
            let found = proposals(SIGN, OF_DIRECTION, &[p, 1.0 - p]);
            prop_assert_eq!(found[0], found[1].map(flip));
            prop_assert_eq!(found[0].is_some(), !(p > 0.25 && p < 0.75));
            prop_assert!(found[0].is_none_or(|(_, edge)| edge >= 0.125));
        }
    }
}
