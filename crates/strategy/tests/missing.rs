//! What is missing, not a number or infinite opens nothing. The set of this test says so where a bar's volume does.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use feature_api::identity::Hash;
use feature_api::{
    Canonical, Event, FeatureSet, FeatureSpec, FeatureVersion, Memory, Output, Param, ParamError, Range,
    RestoreError, Row, Schema, SetError, UpdateError,
};
use observation::Action;
use strategy::{Reading, Strategy as _, StrategyError, Why};
use support::{Toy, bar_of, entry_return, make, of_return};

const VERSION: FeatureVersion = FeatureVersion {
    name: "features-gaps",
    version: "1.0.0",
    source_hash: Hash([1; 32]),
    output_hash: Hash([2; 32]),
    sets: &["gaps"],
    by_name,
    self_test: || Hash([2; 32]),
    canonical: Canonical {
        events: |_| (),
        output: || Output { hash: Hash([2; 32]), features: Vec::new() },
        golden: "",
    },
};

fn by_name(_: &str, params: &[Param]) -> Result<Box<dyn FeatureSet>, SetError> {
    Ok(Box::new(Gaps::new(params)?))
}

/// `close`, and `odd`: 1, but for bars of little volume.
struct Gaps(Schema);

const MISSING: i64 = 0;
const NAN: i64 = 1;
const INFINITE: i64 = 2;
const WHOLE: i64 = 3;

impl FeatureSet for Gaps {
    fn new(_: &[Param]) -> Result<Self, ParamError> {
        let spec = |name| FeatureSpec {
            name,
            formula: name.to_owned(),
            doc: "",
            degenerate: "",
            range: Range::Any,
            warm_up: 0,
            memory: Memory::Finite { window: 1 },
            clock: None,
        };
        Ok(Self(Schema::new("gaps", vec![], vec![spec("close"), spec("odd")])))
    }

    fn schema(&self) -> &Schema {
        &self.0
    }

    fn update(&mut self, event: Event<'_>, row: &mut Row) -> Result<bool, UpdateError> {
        let Event::Bar(bar) = event else { return Err(UpdateError::Unsupported { expected: "bars" }) };
        (row.ts_event, row.ts_available) = (bar.ts_close(), bar.ts_available());
        let mut writer = row.writer();
        writer.put(Some(bar.close().raw() as f64 / 100.0));
        writer.put(match bar.volume().raw() {
            MISSING => None,
            NAN => Some(f64::NAN),
            INFINITE => Some(f64::INFINITY),
            _ => Some(1.0),
        });
        writer.finish();
        Ok(true)
    }

    fn snapshot(&self) -> Vec<u8> {
        Vec::new()
    }

    fn restore(&mut self, _: &[u8]) -> Result<(), RestoreError> {
        Ok(())
    }

    fn reset(&mut self) {}
}

fn entry() -> Toy {
    let weights = vec![("close", 1.0 / 128.0), ("odd", 1.0)];
    Toy { set: "gaps", weights, bias: -100.0 / 128.0 - 1.0, ..entry_return() }
}

#[test]
fn what_is_no_number_opens_nothing() {
    let mut strategy = make(&entry().verified_in(&VERSION), None, of_return()).unwrap();
    for (minute, volume) in (0..).zip([WHOLE, MISSING, WHOLE, NAN, WHOLE]) {
        let signal = strategy.on_bar(&bar_of(minute, 12_000, 50, volume), None, false).unwrap();
        if volume == WHOLE {
            assert_eq!((signal.why, signal.entry), (Why::Entry, Reading::Value(20.0 / 128.0)));
        } else {
            assert_eq!((signal.action, signal.why), (Action::Hold, Why::NotReady));
            assert_eq!((signal.entry, signal.edge), (Reading::NotReady, None));
        }
    }
    let error = strategy.on_bar(&bar_of(5, 12_000, 50, INFINITE), None, false).unwrap_err();
    assert!(matches!(error, StrategyError::Predict { leg: "entry", .. }), "{error}");
}

#[test]
fn a_filter_that_cannot_be_evaluated_blocks() {
    let entry = Toy { weights: vec![("close", 1.0 / 128.0)], bias: -100.0 / 128.0, ..entry() };
    let entry = entry.with_filter("odd>5").verified_in(&VERSION);
    let mut strategy = make(&entry, None, of_return()).unwrap();
    let reasons = [MISSING, NAN, INFINITE, WHOLE].into_iter().zip(0..).map(|(volume, minute)| {
        strategy.on_bar(&bar_of(minute, 12_000, 50, volume), None, false).unwrap().why
    });
    assert_eq!(reasons.collect::<Vec<_>>(), [Why::Blocked, Why::Blocked, Why::Blocked, Why::Entry]);
}
