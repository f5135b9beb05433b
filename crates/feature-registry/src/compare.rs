//! Two versions, value by value: every feature that a set of the same name has in both, over the same events.
//!
//! Both versions are handed every event, one after the other. Rows are compared where both give one, cell by cell
//! and bit by bit. What cannot be compared is counted: rows that one version alone gives, events it refuses.

use feature_api::identity::{Hash, Hasher};
use feature_api::{Bar, Event, FeatureSet, FeatureVersion, Row, SetError};
use serde::Serialize;

/// What was compared, and what came out.
///
/// As JSON its fields are named as here. A float is a text: the shortest decimal that reads back as the same bits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// One entry for each input.
    pub inputs: Vec<InputComparison>,
}

/// Two versions over one input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InputComparison {
    /// What the input is, as a noun.
    pub input: String,
    /// What is to be known of it.
    pub notes: Vec<String>,
    /// Stretches of events, each for fresh sets.
    pub tapes: u64,
    /// Events in all tapes.
    pub events: u64,
    /// Those of them that tell a position.
    pub positions: u64,
    /// The sets that both versions have, in the older one's order.
    pub sets: Vec<SetComparison>,
}

/// A set of two versions over one input, with the catalogue's parameters of each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SetComparison {
    /// Name of the set.
    pub set: String,
    /// Rows that both give, which are compared.
    pub rows: u64,
    /// Rows that the old version alone gives.
    pub rows_of_old_alone: u64,
    /// Rows that the new version alone gives.
    pub rows_of_new_alone: u64,
    /// Rows of both whose times (`ts_event`, `ts_available`) differ.
    pub times_differ: u64,
    /// Events that one version takes and the other refuses.
    pub refused_by_one: u64,
    /// What the old version refuses.
    pub refused_by_old: Refused,
    /// What the new version refuses.
    pub refused_by_new: Refused,
    /// The features of the set in both versions, in the older one's order.
    pub features: Vec<FeatureComparison>,
}

/// Events a set refuses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// How many.
    pub events: u64,
    /// Why the first.
    pub reason: Option<String>,
}

/// A feature of two versions over one input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FeatureComparison {
    /// Name of the feature.
    pub feature: String,
    /// Rows whose bits differ, or that are valid in one version alone.
    pub differ: u64,
    /// Those of them that are valid in one version alone.
    pub validity_differs: u64,
    /// Rows that are valid in both.
    pub valid: u64,
    /// The largest |new − old| of rows that are valid in both and differ.
    pub largest_absolute: Option<String>,
    /// The largest distance in units in the last place of rows that are valid in both and differ; see [`ulps`].
    pub largest_ulps: Option<u64>,
    /// The first row that differs.
    pub first: Option<FirstDifference>,
}

/// The first row in which a feature differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FirstDifference {
    /// The tape, from 0.
    pub tape: u64,
    /// The row among those of the tape that both versions give, from 0.
    pub row: u64,
    /// Its `ts_event` in the old version, in nanoseconds since 1970.
    pub ts_event: i64,
    /// The value of the old version; `None` where it is not valid.
    pub old: Option<String>,
    /// The value of the new version; `None` where it is not valid.
    pub new: Option<String>,
}

/// Bars to compare on besides the canonical events: one tape.
#[derive(Debug, Clone)]
pub struct Bars<'a> {
    /// What they are called.
    pub name: &'a str,
    /// What the reader found out or decided.
    pub notes: Vec<String>,
    /// The bars.
    pub bars: &'a [Bar],
}

/// Compares two versions on the canonical events of both and on `bars`.
///
/// # Errors
/// [`SetError`] where a version does not open a set it says it has.
pub fn compare(
    old: &FeatureVersion,
    new: &FeatureVersion,
    bars: Option<&Bars<'_>>,
) -> Result<Comparison, SetError> {
    let over = |input, notes, events: Events<'_>| run(old, new, events).map(|run| run.finish(input, notes));
    let mut inputs = Vec::new();
    if old.name == new.name {
        inputs.push(over(
            format!("the canonical events of {}", old.name),
            Vec::new(),
            &old.canonical.events,
        )?);
    } else if fingerprint(old) == fingerprint(new) {
        let both = format!("the canonical events of {} and {}", old.name, new.name);
        let notes = vec!["both versions have the same canonical events".to_owned()];
        inputs.push(over(both, notes, &old.canonical.events)?);
    } else {
        for version in [old, new] {
            let name = format!("the canonical events of {}", version.name);
            inputs.push(over(name, Vec::new(), &version.canonical.events)?);
        }
    }
    if let Some(Bars { name, notes, bars }) = bars {
        let mut notes = notes.clone();
        notes.push(
            "the bars come without positions: features of an open position are valid in no row".to_owned(),
        );
        let events =
            |take: &mut dyn FnMut(usize, Event<'_>)| bars.iter().for_each(|bar| take(0, Event::Bar(bar)));
        inputs.push(over(format!("the bars of {name}"), notes, &events)?);
    }
    Ok(Comparison { inputs })
}

/// Units in the last place between two floats: how many steps from neighbour to neighbour lead from one to the
/// other. −0.0 and 0.0 are neighbours, so that the distance is 0 for the same bits alone.
#[must_use]
pub const fn ulps(old: f64, new: f64) -> u64 {
    ordered(old).abs_diff(ordered(new))
}

/// The bits as an integer that is ordered as the floats are; −0.0 is −1.
const fn ordered(value: f64) -> i64 {
    let bits = value.to_bits().cast_signed();
    if bits < 0 { !(bits & i64::MAX) } else { bits }
}

/// Hands out events, each with the index of its tape; see [`feature_api::Canonical::events`].
type Events<'a> = &'a dyn Fn(&mut dyn FnMut(usize, Event<'_>));

/// Equal where two versions have the same canonical events.
fn fingerprint(version: &FeatureVersion) -> Hash {
    let mut hasher = Hasher::new();
    (version.canonical.events)(&mut |tape, event| hasher.update(format!("{tape} {event:?}\n").as_bytes()));
    hasher.finish()
}

/// Drives every set of both versions over the events.
fn run(old: &FeatureVersion, new: &FeatureVersion, events: Events<'_>) -> Result<Run, SetError> {
    let mut pairs = Vec::new();
    for name in old.sets.iter().filter(|name| new.sets.contains(name)) {
        pairs.push(Pair::new(name, old.open(name, &[])?, new.open(name, &[])?));
    }
    let mut run = Run { tape: None, tapes: 0, events: 0, positions: 0, pairs };
    events(&mut |tape, event| run.take(tape, event));
    Ok(run)
}

/// Both versions on their way through the events.
struct Run {
    tape: Option<usize>,
    tapes: u64,
    events: u64,
    positions: u64,
    pairs: Vec<Pair>,
}

impl Run {
    fn take(&mut self, tape: usize, event: Event<'_>) {
        if self.tape != Some(tape) {
            self.tape = Some(tape);
            self.tapes += 1;
            self.pairs.iter_mut().for_each(Pair::begin_tape);
        }
        self.events += 1;
        self.positions += u64::from(matches!(event, Event::Position(_)));
        for pair in &mut self.pairs {
            pair.take(self.tapes - 1, event);
        }
    }

    fn finish(self, input: String, notes: Vec<String>) -> InputComparison {
        let Self { tape: _, tapes, events, positions, pairs } = self;
        let sets = pairs.into_iter().map(Pair::finish).collect();
        InputComparison { input, notes, tapes, events, positions, sets }
    }
}

/// A set of both versions.
struct Pair {
    old: Driven,
    new: Driven,
    row_of_tape: u64,
    tallies: Vec<Tally>,
    found: SetComparison,
}

/// A set of one version.
struct Driven {
    set: Box<dyn FeatureSet>,
    row: Row,
    refused: Refused,
}

/// What a set did with an event.
#[derive(PartialEq, Eq)]
enum Outcome {
    Row,
    NoRow,
    Refused,
}

impl Driven {
    fn new(set: Box<dyn FeatureSet>) -> Self {
        let row = Row::new(set.schema().width());
        Self { set, row, refused: Refused::default() }
    }

    fn take(&mut self, event: Event<'_>) -> Outcome {
        match self.set.update(event, &mut self.row) {
            Ok(true) => Outcome::Row,
            Ok(false) => Outcome::NoRow,
            Err(error) => {
                self.refused.events += 1;
                self.refused.reason.get_or_insert_with(|| error.to_string());
                Outcome::Refused
            }
        }
    }
}

impl Pair {
    fn new(name: &str, old: Box<dyn FeatureSet>, new: Box<dyn FeatureSet>) -> Self {
        let features = old.schema().features().iter().enumerate();
        let tally = |(index, feature): (usize, &feature_api::FeatureSpec)| {
            Some(Tally::new(feature.name, index, new.schema().index_of(feature.name)?))
        };
        let found = SetComparison {
            set: name.to_owned(),
            rows: 0,
            rows_of_old_alone: 0,
            rows_of_new_alone: 0,
            times_differ: 0,
            refused_by_one: 0,
            refused_by_old: Refused::default(),
            refused_by_new: Refused::default(),
            features: Vec::new(),
        };
        let tallies = features.filter_map(tally).collect();
        Self { old: Driven::new(old), new: Driven::new(new), row_of_tape: 0, tallies, found }
    }

    fn begin_tape(&mut self) {
        self.old.set.reset();
        self.new.set.reset();
        self.row_of_tape = 0;
    }

    fn take(&mut self, tape: u64, event: Event<'_>) {
        let (old, new) = (self.old.take(event), self.new.take(event));
        self.found.refused_by_one += u64::from((old == Outcome::Refused) != (new == Outcome::Refused));
        match (old == Outcome::Row, new == Outcome::Row) {
            (true, true) => self.compare(tape),
            (true, false) => self.found.rows_of_old_alone += 1,
            (false, true) => self.found.rows_of_new_alone += 1,
            (false, false) => {}
        }
    }

    fn compare(&mut self, tape: u64) {
        let (old, new) = (&self.old.row, &self.new.row);
        let times_differ = (old.ts_event, old.ts_available) != (new.ts_event, new.ts_available);
        self.found.times_differ += u64::from(times_differ);
        for tally in &mut self.tallies {
            let (old_value, new_value) = (old.get(tally.old_index), new.get(tally.new_index));
            if tally.take(old_value, new_value) && tally.found.first.is_none() {
                let (row, ts_event) = (self.row_of_tape, old.ts_event.0);
                let [old, new] = [old_value, new_value].map(|value| value.map(text));
                tally.found.first = Some(FirstDifference { tape, row, ts_event, old, new });
            }
        }
        self.found.rows += 1;
        self.row_of_tape += 1;
    }

    fn finish(self) -> SetComparison {
        SetComparison {
            refused_by_old: self.old.refused,
            refused_by_new: self.new.refused,
            features: self.tallies.into_iter().map(Tally::finish).collect(),
            ..self.found
        }
    }
}

/// What is known of a feature so far.
struct Tally {
    old_index: usize,
    new_index: usize,
    largest_absolute: f64,
    found: FeatureComparison,
}

impl Tally {
    fn new(name: &str, old_index: usize, new_index: usize) -> Self {
        let found = FeatureComparison {
            feature: name.to_owned(),
            differ: 0,
            validity_differs: 0,
            valid: 0,
            largest_absolute: None,
            largest_ulps: None,
            first: None,
        };
        Self { old_index, new_index, largest_absolute: 0.0, found }
    }

    /// Counts a row; whether it differs.
    fn take(&mut self, old: Option<f64>, new: Option<f64>) -> bool {
        let found = &mut self.found;
        let differs = old.map(f64::to_bits) != new.map(f64::to_bits);
        found.differ += u64::from(differs);
        if let (Some(old), Some(new)) = (old, new) {
            found.valid += 1;
            if differs {
                let absolute = (new - old).abs();
                // A NaN, which must not be, stays visible.
                if absolute.is_nan() || absolute > self.largest_absolute {
                    self.largest_absolute = absolute;
                }
                found.largest_ulps = found.largest_ulps.max(Some(ulps(old, new)));
            }
        } else {
            found.validity_differs += u64::from(differs);
        }
        differs
    }

    fn finish(self) -> FeatureComparison {
        let largest_absolute = self.found.largest_ulps.map(|_| text(self.largest_absolute));
        FeatureComparison { largest_absolute, ..self.found }
    }
}

/// The shortest decimal that reads back as the same bits.
fn text(value: f64) -> String {
    format!("{value:?}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn finite() -> impl Strategy<Value = f64> {
        any::<u64>().prop_map(f64::from_bits).prop_filter("finite", |value| value.is_finite())
    }

    proptest! {
        #[test]
        fn ulps_is_a_distance_over_bits(a in finite(), b in finite(), c in finite()) {
            prop_assert_eq!(ulps(a, b), ulps(b, a));
            prop_assert_eq!(ulps(a, b) == 0, a.to_bits() == b.to_bits());
            prop_assert_eq!(ulps(a, a), 0);
            prop_assert!(u128::from(ulps(a, c)) <= u128::from(ulps(a, b)) + u128::from(ulps(b, c)));
            prop_assert!(a >= b || b >= c || ulps(a, c) == ulps(a, b) + ulps(b, c));
        }

        #[test]
        fn neighbours_are_one_apart(value in finite().prop_filter("not zero", |value| *value != 0.0)) {
            // The neighbour of the smallest float on the way to zero is the zero of its sign.
            prop_assert_eq!(ulps(value, value.next_up()), 1);
            prop_assert_eq!(ulps(value, -value), 2 * ulps(0.0_f64.copysign(value), value) + 1);
        }
    }

    #[test]
    fn zeros_are_neighbours() {
        assert_eq!(ulps(-0.0, 0.0), 1);
        assert_eq!(ulps(0.0, f64::from_bits(1)), 1);
        assert_eq!(ulps(-0.0, -f64::from_bits(1)), 1);
        assert_eq!(ulps(-f64::from_bits(1), f64::from_bits(1)), 3);
        assert_eq!(ulps(f64::MIN, f64::MAX), 2 * f64::MAX.to_bits() + 1);
        assert_eq!(ulps(1.0, 1.0 + f64::EPSILON), 1);
    }

    #[test]
    fn a_nan_that_must_not_be_is_seen() {
        let mut tally = Tally::new("a", 0, 0);
        for (old, new, differs) in
            [(1.0, 2.0, true), (f64::NAN, 1.0, true), (3.0, 9.0, true), (4.0, 4.0, false)]
        {
            assert_eq!(tally.take(Some(old), Some(new)), differs);
        }
        let found = tally.finish();
        assert_eq!((found.differ, found.valid), (3, 4));
        assert_eq!(found.largest_absolute.as_deref(), Some("NaN"));
    }
}
