//! A dataset is what was computed, and opens only where it still is.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails by panicking")]

mod common;

use std::fs;
use std::path::Path;

use common::{first, label, options, refused, synth, text_of};
use dataset::{BuildOptions, Dataset, Manifest, Profile, SplitSpec, WalkForward, Window, build, data_hash};
use feature_api::identity::sha256;
use feature_api::{Bar, Columns, Param};
use features_v1::FEATURES;
use market_data::BarSeries;

fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn what_was_built_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/dataset");
    let series = synth(1000);
    for set in ["core", "entry"] {
        let params = [Param { name: "rsi".to_owned(), value: 9 }];
        let params = if set == "core" { &params[..] } else { &[] };
        let built = build(&path, &series, &BuildOptions { params, ..options(&FEATURES, set) }).unwrap();
        assert_eq!(names_in(&path), ["manifest.json", "rows.parquet"]);

        let dataset = Dataset::open(&path).unwrap();
        assert_eq!(*dataset.manifest(), built.manifest);
        assert_eq!(Manifest::read(&path).unwrap(), built.manifest);
        let mut engine = FEATURES.open(set, params).unwrap();
        let mut expected = Columns::new(engine.schema().width());
        engine.update_bars(&series.bars, &mut expected).unwrap();
        assert_same(dataset.features(), &expected);
        let labels = label("return:horizon=5").label(&series.bars, None);
        assert!(dataset.labels().iter().eq(labels.iter()));

        let manifest = dataset.manifest();
        assert_eq!(
            (manifest.features.as_str(), manifest.version.as_str()),
            ("features-v1", FEATURES.version)
        );
        assert_eq!(
            (manifest.source_hash, manifest.output_hash),
            (FEATURES.source_hash, FEATURES.output_hash)
        );
        assert_eq!((manifest.set.as_str(), manifest.schema_hash), (set, engine.schema().hash()));
        assert_eq!(manifest.params, engine.schema().params());
        assert_eq!((manifest.rows, manifest.labelled), (1000, 995));
        assert_eq!(manifest.data_hash, data_hash(&series));
        assert_eq!(manifest.finer_hash, None);
        assert_eq!(manifest.bars.to_string(), "time bars of 1m with volume");
        assert_eq!(manifest.span, (series.bars[0].ts_open(), series.bars[999].ts_close()));
        assert_eq!(manifest.rows_hash, sha256(&fs::read(path.join("rows.parquet")).unwrap()));
        let features = engine.schema().features();
        assert!(manifest.names.iter().eq(features.iter().map(|feature| feature.name)));
    }
}

/// Holds every cell against the other, bit by bit.
fn assert_same(found: &Columns, expected: &Columns) {
    assert_eq!((&found.ts_event, &found.ts_available), (&expected.ts_event, &expected.ts_available));
    assert_eq!(found.width(), expected.width());
    for column in 0..found.width() {
        for row in 0..found.len() {
            let [one, other] = [found, expected].map(|columns| columns.get(row, column).map(f64::to_bits));
            assert_eq!(one, other, "row {row}, column {column}");
        }
    }
}

#[test]
fn the_parts_of_the_manifest_are_those_of_the_split() {
    let folder = tempfile::tempdir().unwrap();
    let series = synth(1000);
    let split = SplitSpec { train: 0.7, validation: 0.15, test: 0.15, embargo: 5 };
    let options = BuildOptions { split, label: label("return:horizon=10"), ..options(&FEATURES, "core") };
    build(folder.path(), &series, &options).unwrap();
    let dataset = Dataset::open(folder.path()).unwrap();
    assert_eq!(dataset.manifest().warm_up, FEATURES.open("core", &[]).unwrap().schema().warm_up());
    let parts = &dataset.manifest().parts;
    let split = dataset.split().unwrap();
    for (part, rows, expected) in [
        (&parts.train, split.train.rows(), 33..685),
        (&parts.validation, split.validation.rows(), 700..835),
        (&parts.test, split.test.rows(), 850..1000),
    ] {
        assert_eq!((&rows, part.rows.start as usize..part.rows.end as usize), (&expected, expected.clone()));
        let times = [expected.start, expected.end - 1].map(|row| series.bars[row].ts_available());
        assert_eq!(part.ts_available, (times[0], times[1]));
    }
    assert!(std::ptr::eq(split.train.dataset(), &dataset));
    // No label trained on changes when the bars of the later parts do.
    let spec = &dataset.manifest().label;
    let known = spec.label(&series.bars[..700], None);
    assert!(
        split.train.rows().all(|row| known.get(row) == dataset.labels().get(row) && known.get(row).is_some())
    );

    // From the first row of the training part on, and no earlier, every feature is valid.
    let full = |row| (0..19).all(|column| dataset.features().get(row, column).is_some());
    assert!(split.train.rows().all(full) && !full(32));

    let walk = WalkForward { folds: 4, window: Window::Rolling, embargo: 5 };
    let folds = dataset.walk_forward(&walk).unwrap();
    assert_eq!(
        folds.iter().map(|fold| fold.train.rows()).collect::<Vec<_>>(),
        [33..185, 233..385, 433..585, 633..785]
    );
    assert_eq!(
        folds.iter().map(|fold| fold.test.rows()).collect::<Vec<_>>(),
        [200..400, 400..600, 600..800, 800..1000]
    );
}

#[test]
fn the_manifest_is_plain_json() {
    let folder = tempfile::tempdir().unwrap();
    let label = label("direction:horizon=3,above=0.0005");
    build(folder.path(), &synth(100), &BuildOptions { label, ..options(&FEATURES, "core") }).unwrap();
    let text = fs::read_to_string(folder.path().join("manifest.json")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["format"], 1);
    assert_eq!(json["label"], "direction:horizon=3,above=0.0005");
    assert_eq!(json["bars"], serde_json::json!({"kind": "time", "size": 60_000_000_000_i64, "volume": true}));
    assert_eq!(json["names"][0], FEATURES.open("core", &[]).unwrap().schema().features()[0].name);
    assert_eq!(json["finer_hash"], serde_json::Value::Null);
    assert_eq!(json["warm_up"], 33);
    assert_eq!(json["source_hash"], FEATURES.source_hash.to_string());
    assert_eq!(
        json["split"],
        serde_json::json!({"train": 0.6, "validation": 0.2, "test": 0.2, "embargo": 0})
    );
    assert_eq!(
        (&json["parts"]["validation"]["from"], &json["parts"]["validation"]["to"]),
        (&60.into(), &77.into())
    );
    assert_eq!(
        json["parts"]["test"]["ts_available"][1],
        1_704_067_200_000_000_000_i64 + 100 * common::MINUTE
    );
    assert!(text.ends_with("}\n"));
}

#[test]
fn a_dataset_replaces_another_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("notes.txt"), "mine").unwrap();
    let series = synth(300);
    let with_profile = BuildOptions { profile: true, ..options(&FEATURES, "core") };
    build(folder.path(), &series, &with_profile).unwrap();
    let all = ["manifest.json", "notes.txt", "profile.json", "rows.parquet"];
    assert_eq!(names_in(folder.path()), all);
    let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
    let before = all.map(read);

    // The same again gives the same bytes; what is refused changes nothing.
    build(folder.path(), &series, &with_profile).unwrap();
    assert_eq!(all.map(read), before);
    let too_long = BuildOptions { label: label("return:horizon=200"), ..options(&FEATURES, "core") };
    build(folder.path(), &series, &too_long).unwrap_err();
    assert_eq!(all.map(read), before);
    assert_eq!(names_in(folder.path()), all);

    // One without a profile leaves none of other rows behind.
    build(folder.path(), &first(&series, 200), &options(&FEATURES, "core")).unwrap();
    assert_eq!(names_in(folder.path()), ["manifest.json", "notes.txt", "rows.parquet"]);
    assert_eq!(Dataset::open(folder.path()).unwrap().features().len(), 200);
    assert_eq!(read("notes.txt"), b"mine");
}

#[test]
fn a_half_replaced_dataset_is_refused() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let options = BuildOptions { profile: true, ..options(&FEATURES, "core") };
    build(one.path(), &synth(300), &options).unwrap();
    build(other.path(), &synth(310), &options).unwrap();
    let manifest = Manifest::read(one.path()).unwrap();
    assert!(Profile::read(one.path(), &manifest).unwrap().is_some());
    // As after a crash between two renames.
    fs::copy(other.path().join("rows.parquet"), one.path().join("rows.parquet")).unwrap();
    let text = text_of(Dataset::open(one.path()));
    assert!(text.contains("rows.parquet, sha256: expected") && text.contains("half replaced"), "{text}");
    fs::copy(other.path().join("manifest.json"), one.path().join("manifest.json")).unwrap();
    let dataset = Dataset::open(one.path()).unwrap();
    let text = text_of(Profile::read(one.path(), dataset.manifest()));
    assert!(text.contains("profile.json, rows_hash"), "{text}");
}

#[test]
fn what_cannot_become_a_dataset_is_refused() {
    let base = || options(&FEATURES, "core");
    let series = synth(300);
    for (series, options, expected) in [
        (first(&series, 0), base(), "no bars"),
        (first(&series, 20), base(), "has no rows left"),
        (BarSeries { interval: 0, ..series.clone() }, base(), "bars of 0 ns; expected an interval above 0"),
        (
            BarSeries { grid: feature_api::Grid::default(), ..series.clone() },
            base(),
            "bar 0 has 2 price decimals",
        ),
        (
            BarSeries { interval: 2 * common::MINUTE, ..series.clone() },
            base(),
            "bar 0 lasts 60000000000 ns, its series has bars of 120000000000 ns",
        ),
        (series.clone(), BuildOptions { volume: false, ..base() }, "bar 0 has a volume"),
        (
            series.clone(),
            BuildOptions { set: "cor", ..base() },
            "has no set \"cor\"; it has: core, entry, exit",
        ),
        (series.clone(), BuildOptions { set: "exit", ..base() }, "looks at the open position"),
        (series.clone(), BuildOptions { set: "exit", ..base() }, "use core, entry"),
        (
            series.clone(),
            BuildOptions { params: &[Param { name: "nothing".to_owned(), value: 1 }], ..base() },
            "no parameter \"nothing\"",
        ),
        (
            BarSeries { bars: [&series.bars[..150], &series.bars[100..]].concat(), ..series.clone() },
            base(),
            "bar 150: the bar closes at",
        ),
        (
            series.clone(),
            BuildOptions { profile: true, time_shares: &[("nothing", 0.5)], ..base() },
            "there is no such feature",
        ),
        (
            series.clone(),
            BuildOptions { profile: true, time_shares: &[("rsi", f64::NAN)], ..base() },
            "its share is NaN",
        ),
        (
            series.clone(),
            BuildOptions { profile: true, time_shares: &[("rsi", 0.5), ("rsi", 0.5)], ..base() },
            "twice",
        ),
    ] {
        let text = refused(&series, &options);
        assert!(text.contains(expected), "{text:?} should say {expected:?}");
    }
    let nan = BuildOptions {
        label: dataset::LabelSpec::Direction { horizon: std::num::NonZeroU32::MIN, above: f64::NAN },
        ..base()
    };
    assert!(refused(&series, &nan).contains("above is NaN"));
}

#[test]
fn bars_without_volume_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let prices: Vec<[i64; 4]> = (0..200).map(|index| [10_000 + index % 7; 4]).collect();
    let without = |bar: &Bar| {
        let mut fields = *bar.fields();
        fields.volume = feature_api::Qty::default();
        Bar::new(fields).unwrap()
    };
    let bars: Vec<_> = common::bars(&prices).iter().map(without).collect();
    let series = BarSeries { grid: bars[0].grid(), bars, ..synth(0) };
    let built =
        build(folder.path(), &series, &BuildOptions { volume: false, ..options(&FEATURES, "core") }).unwrap();
    assert!(!built.manifest.bars.volume);
    assert!(!Dataset::open(folder.path()).unwrap().manifest().bars.volume);
}
