//! Sets that break the rules, and a profile whose numbers are known.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails by panicking")]

mod common;

use common::{options, synth};
use dataset::{BuildOptions, Correlated, Dataset, Profile, build};
use feature_api::identity::Hash;
use feature_api::{
    Canonical, Event, FeatureSet, FeatureSpec, FeatureVersion, Memory, Output, Param, ParamError, Range,
    RestoreError, Row, Schema, SetError, UpdateError,
};

/// What each set computes from the number of its bar, from 0.
type Compute = fn(u64, &mut Row);

const SETS: &[&str] = &["labelled", "lazy", "nan", "known", "breaking"];

const TOY: FeatureVersion = FeatureVersion {
    name: "toy",
    version: "1.0.0",
    source_hash: Hash([1; 32]),
    output_hash: Hash([2; 32]),
    sets: SETS,
    by_name,
    self_test: || Hash([2; 32]),
    canonical: Canonical {
        events: |_| (),
        output: || Output { hash: Hash([2; 32]), features: Vec::new() },
        golden: "",
    },
};

fn by_name(name: &str, _: &[Param]) -> Result<Box<dyn FeatureSet>, SetError> {
    let (names, compute): (&[&'static str], Compute) = match name {
        "labelled" => (&["one", "label"], |_, _| {}),
        "lazy" => (&["one"], |_, _| {}),
        "nan" => (&["one", "two"], |index, row| row.set(1, (index == 70).then_some(f64::NAN))),
        "known" => (&["rising", "falling", "constant", "never", "noisy", "sparse"], |index, row| {
            let x = index as f64;
            row.set(0, Some(x));
            row.set(1, Some(-2.0 * x + 5.0));
            row.set(2, Some(7.5));
            // 0, 1, 4, … modulo 101: hardly correlated with what rises.
            row.set(4, Some((index * index % 101) as f64));
            row.set(5, (index % 10 == 3).then_some(x * x));
        }),
        // The same for the first 100,000 rows alone.
        "breaking" => (&["one", "two"], |index, row| {
            let x = index as f64;
            row.set(0, Some(x));
            row.set(1, Some(if index < 100_000 { x } else { -x }));
        }),
        _ => return Err(SetError::Unknown { version: "toy", found: name.to_owned(), known: SETS }),
    };
    let spec = |name| FeatureSpec {
        name,
        formula: String::new(),
        doc: "",
        degenerate: "",
        range: Range::Any,
        warm_up: 0,
        memory: Memory::Finite { window: 1 },
        clock: None,
    };
    let schema = Schema::new("toy", Vec::new(), names.iter().copied().map(spec).collect());
    Ok(Box::new(Toy { schema, compute, bars: 0, is_lazy: name == "lazy" }))
}

struct Toy {
    schema: Schema,
    compute: Compute,
    bars: u64,
    is_lazy: bool,
}

impl FeatureSet for Toy {
    fn new(_: &[Param]) -> Result<Self, ParamError> {
        Err(ParamError::Rule { set: "toy", rule: "opened by name" })
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn update(&mut self, event: Event<'_>, row: &mut Row) -> Result<bool, UpdateError> {
        let Event::Bar(bar) = event else { return Err(UpdateError::Unsupported { expected: "bars" }) };
        (row.ts_event, row.ts_available) = (bar.ts_close(), bar.ts_available());
        (self.compute)(self.bars, row);
        self.bars += 1;
        Ok(!self.is_lazy || self.bars.is_multiple_of(2))
    }

    fn snapshot(&self) -> Vec<u8> {
        Vec::new()
    }

    fn restore(&mut self, _: &[u8]) -> Result<(), RestoreError> {
        Err(RestoreError::Truncated)
    }

    fn reset(&mut self) {
        self.bars = 0;
    }
}

#[test]
fn sets_that_do_not_fit_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (set, expected) in [
        ("labelled", "has a feature named \"label\""),
        ("lazy", "gave 50 rows for 100 bars"),
        ("nan", "row 70, two: NaN is not finite"),
    ] {
        let error = build(folder.path(), &synth(100), &options(&TOY, set)).unwrap_err().to_string();
        assert!(error.contains(expected), "{set}: {error}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_profile_says_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let shares = [("rising", 0.25), ("never", 0.0)];
    let options = BuildOptions { profile: true, time_shares: &shares, ..options(&TOY, "known") };
    let built = build(folder.path(), &synth(1001), &options).unwrap();
    let profile = built.profile.unwrap();
    assert_eq!(Profile::read(folder.path(), &built.manifest).unwrap().as_ref(), Some(&profile));
    let without = Dataset::open(folder.path()).unwrap().profile();
    assert_eq!(without.correlated, profile.correlated);

    assert_eq!((profile.rows, profile.sampled), (1001, 1001));
    let [rising, falling, constant, never, noisy, sparse] = &profile.features[..] else {
        panic!("six features")
    };
    assert_eq!((rising.valid, rising.null, rising.constant), (1001, 0, false));
    assert_eq!((rising.min, rising.max, rising.mean), (Some(0.0), Some(1000.0), Some(500.0)));
    assert_eq!(rising.quantiles, [10.0, 50.0, 250.0, 500.0, 750.0, 950.0, 990.0]);
    assert_eq!((rising.time_share, falling.time_share, never.time_share), (Some(0.25), None, Some(0.0)));
    assert_eq!((falling.min, falling.max), (Some(-1995.0), Some(5.0)));
    assert_eq!((constant.min, constant.max, constant.mean), (Some(7.5), Some(7.5), Some(7.5)));
    assert_eq!(constant.quantiles, [7.5; 7]);
    assert!(constant.constant && never.constant && !noisy.constant);
    assert_eq!((never.valid, never.null), (0, 1001));
    assert_eq!((never.min, never.mean, never.quantiles.len()), (None, None, 0));
    assert_eq!((sparse.valid, sparse.null), (100, 901));
    // 3², 13², … 993²: the median lies halfway between the 50th and the 51st.
    assert_eq!(sparse.quantiles[3], (493.0 * 493.0 + 503.0 * 503.0) / 2.0);
    assert!(profile.constant().eq(["constant", "never"]));

    let [Correlated { first, second, r }] = &profile.correlated[..] else {
        panic!("{:?}", profile.correlated)
    };
    assert_eq!((first.as_str(), second.as_str()), ("rising", "falling"));
    assert!((r + 1.0).abs() < 1e-12, "{r}");

    let text = profile.to_text();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 1 + 6 + 1 + 1 + 1);
    assert!(lines[0].starts_with("feature ") && lines[0].contains("50%"), "{text}");
    assert!(lines[1].starts_with("rising ") && lines[1].ends_with("25.0%"), "{text}");
    assert!(lines[..7].iter().all(|line| line.chars().count() == lines[0].chars().count()), "{text}");
    assert_eq!(lines[7..9], ["1001 rows", "constant: constant, never"]);
    assert_eq!(lines[9], "correlated over 1001 rows: rising, falling: -1.000000");
}

#[test]
fn a_long_matrix_is_sampled_evenly() {
    let folder = tempfile::tempdir().unwrap();
    let options = BuildOptions { profile: true, ..options(&TOY, "breaking") };
    let profile = build(folder.path(), &synth(150_000), &options).unwrap().profile.unwrap();
    assert_eq!((profile.rows, profile.sampled, profile.correlated.len()), (150_000, 100_000, 0));
    let profile = build(folder.path(), &synth(100_000), &options).unwrap().profile.unwrap();
    assert_eq!((profile.rows, profile.sampled, profile.correlated.len()), (100_000, 100_000, 1));
}
