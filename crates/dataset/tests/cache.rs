//! A build with a cache gives the bytes of one without, whatever the cache holds.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails by panicking")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{first, label, options, synth};
use dataset::{BuildOptions, Built, Cache, SplitSpec, build};
use feature_api::identity::Hash;
use feature_api::{Bar, FeatureVersion, Grid, Param, Price, Qty, TakerVolume};
use features_v1::FEATURES;
use market_data::BarSeries;

/// Builds, and gives the bytes of the rows and of the manifest.
fn bytes(series: &BarSeries, options: &BuildOptions<'_>) -> (Built, [Vec<u8>; 2]) {
    let folder = tempfile::tempdir().unwrap();
    let built = build(folder.path(), series, options).unwrap();
    let bytes = ["rows.parquet", "manifest.json"].map(|name| fs::read(folder.path().join(name)).unwrap());
    (built, bytes)
}

/// Rows read and computed, where nothing is to be noted.
fn used(built: &Built) -> (u64, u64) {
    assert_eq!(built.cache.notes, [] as [String; 0]);
    (built.cache.read, built.cache.computed)
}

/// Every file of a cache, sorted.
fn files(cache: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for key in fs::read_dir(cache).unwrap() {
        files.extend(fs::read_dir(key.unwrap().path()).unwrap().map(|file| file.unwrap().path()));
    }
    files.sort();
    files
}

#[test]
fn bars_that_are_appended_alone_are_computed_and_the_bytes_are_the_same() {
    for (set, rows, cuts) in [
        ("core", 90, (50..=90).collect::<Vec<_>>()),
        ("entry", 1100, (750..=1100).step_by(70).collect()),
        ("core", 5000, vec![61, 1000, 4999]),
        ("entry", 5000, vec![777, 4096]),
    ] {
        let series = synth(rows);
        // As few rows behind the warm-up as a dataset may have.
        let split = SplitSpec { train: 0.8, validation: 0.1, test: 0.1, embargo: 0 };
        let plain = BuildOptions { split, label: label("return:horizon=1"), ..options(&FEATURES, set) };
        let (_, expected) = bytes(&series, &plain);
        for cut in cuts {
            let folder = tempfile::tempdir().unwrap();
            let cache = Cache::new(folder.path());
            let cached = BuildOptions { cache: Some(&cache), ..plain.clone() };
            let (built, _) = bytes(&first(&series, cut), &cached);
            assert_eq!(used(&built), (0, cut as u64));
            let (built, found) = bytes(&series, &cached);
            assert_eq!(used(&built), (cut as u64, rows - cut as u64), "{set}, cut at {cut}");
            assert!(found == expected, "{set}, cut at {cut}: other bytes");
            // The third time nothing is left to compute.
            let (built, found) = bytes(&series, &cached);
            assert_eq!(used(&built), (rows, 0));
            assert!(found == expected, "{set}, all of it read: other bytes");
        }
    }
}

#[test]
fn the_longest_entry_wins_and_only_bars_that_are_the_same_count() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::new(folder.path());
    let cached = BuildOptions { cache: Some(&cache), ..options(&FEATURES, "core") };
    let series = synth(400);
    for count in [200, 350, 300] {
        bytes(&first(&series, count), &cached);
    }
    assert_eq!(files(folder.path()).len(), 9);

    // One step of one price, at bar 320: the entry of 350 is of other bars, that of 300 is not.
    let mut changed = series.clone();
    let mut fields = *changed.bars[320].fields();
    fields.high = Price::from_raw(fields.high.raw() + 1).unwrap();
    changed.bars[320] = Bar::new(fields).unwrap();
    let (_, expected) = bytes(&changed, &options(&FEATURES, "core"));
    let (built, found) = bytes(&changed, &cached);
    assert_eq!(used(&built), (300, 100));
    assert!(found == expected);
    // Fewer bars than an entry has.
    let (built, _) = bytes(&first(&series, 250), &cached);
    assert_eq!(used(&built), (200, 50));
    // A later begin shares no first bars.
    let later = BarSeries { bars: series.bars[1..].to_vec(), ..series.clone() };
    let (built, _) = bytes(&later, &cached);
    assert_eq!(used(&built), (0, 399));
}

#[test]
fn another_version_set_parameter_or_grid_never_hits() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::new(folder.path());
    let series = synth(1200);
    let base = BuildOptions { cache: Some(&cache), ..options(&FEATURES, "core") };
    bytes(&series, &base);
    assert_eq!(used(&bytes(&series, &base).0), (1200, 0));

    let other_source = FeatureVersion { source_hash: Hash([7; 32]), ..FEATURES };
    let other_version = FeatureVersion { version: "1.0.1", ..FEATURES };
    let other_name = FeatureVersion { name: "features-v9", ..FEATURES };
    let params = [Param { name: "rsi".to_owned(), value: 15 }];
    let other_grid = on_grid(&series, 3, 6);
    for (what, series, options) in [
        ("source", &series, BuildOptions { version: &other_source, ..base.clone() }),
        ("version", &series, BuildOptions { version: &other_version, ..base.clone() }),
        ("name", &series, BuildOptions { version: &other_name, ..base.clone() }),
        ("set", &series, BuildOptions { set: "entry", ..base.clone() }),
        ("parameter", &series, BuildOptions { params: &params, ..base.clone() }),
        ("grid", &other_grid, base.clone()),
    ] {
        let built = bytes(series, &options).0;
        assert_eq!((built.cache.read, built.cache.computed), (0, 1200), "{what}");
        assert_eq!(built.cache.notes.len(), usize::from(what == "grid"), "{what}: {:?}", built.cache.notes);
        assert_eq!(used(&bytes(series, &options).0), (1200, 0), "{what}: then its own");
    }
    // What labels and splits are made of is not what features are made of.
    let other_label = BuildOptions { label: label("direction:horizon=2"), ..base };
    assert_eq!(used(&bytes(&series, &other_label).0), (1200, 0));
}

/// The same bars on another grid.
fn on_grid(series: &BarSeries, price_scale: u8, qty_scale: u8) -> BarSeries {
    let grid = Grid::new(price_scale, qty_scale).unwrap();
    let steps = |scale: u8, from: u8| 10_i64.pow(u32::from(scale - from));
    let (price, qty) =
        (steps(price_scale, series.grid.price_scale()), steps(qty_scale, series.grid.qty_scale()));
    let of = |bar: &Bar| {
        let mut fields = *bar.fields();
        fields.grid = grid;
        for raw in [&mut fields.open, &mut fields.high, &mut fields.low, &mut fields.close] {
            *raw = Price::from_raw(raw.raw() * price).unwrap();
        }
        let volume = |raw: Qty| Qty::from_raw(raw.raw() * qty).unwrap();
        fields.volume = volume(fields.volume);
        fields.taker = fields.taker.map(|t| TakerVolume { buy: volume(t.buy), sell: volume(t.sell) });
        Bar::new(fields).unwrap()
    };
    BarSeries { grid, bars: series.bars.iter().map(of).collect(), ..series.clone() }
}

#[test]
fn bars_that_need_more_decimals_are_computed_anew_and_a_note_says_why() {
    let series = synth(300);
    let (_folder, cache) = filled(&series);
    let cached = BuildOptions { cache: Some(&cache), ..options(&FEATURES, "core") };
    // The high of bar 250 lies between two steps of the grid of the first 200.
    let mut finer = on_grid(&series, 3, 5);
    let mut fields = *finer.bars[250].fields();
    fields.high = Price::from_raw(fields.high.raw() + 1).unwrap();
    finer.bars[250] = Bar::new(fields).unwrap();
    let (_, expected) = bytes(&finer, &options(&FEATURES, "core"));
    let (built, found) = bytes(&finer, &cached);
    assert!(found == expected);
    assert_eq!((built.cache.read, built.cache.computed), (0, 300));
    let [note] = &built.cache.notes[..] else { panic!("{:?}", built.cache.notes) };
    for part in [
        "first 200 bars",
        "with 2 price decimals, 5 quantity decimals",
        "have 3 price decimals, 5 quantity decimals now",
        "--price-decimals, --volume-decimals",
    ] {
        assert!(note.contains(part), "{note:?} should say {part:?}");
    }
    // Once: they are kept on their grid. Both grids have their entries then.
    assert_eq!(used(&bytes(&finer, &cached).0), (300, 0));
    assert_eq!(used(&bytes(&first(&series, 220), &cached).0), (200, 20));
    // With the decimals stated from the first build on, what is appended alone is computed.
    let (stated, empty) = (on_grid(&series, 4, 6), tempfile::tempdir().unwrap());
    let cache = Cache::new(empty.path());
    let cached = BuildOptions { cache: Some(&cache), ..options(&FEATURES, "core") };
    assert_eq!(used(&bytes(&first(&stated, 200), &cached).0), (0, 200));
    assert_eq!(used(&bytes(&stated, &cached).0), (200, 100));
}

#[test]
fn other_bars_on_another_grid_are_not_noted() {
    let series = synth(300);
    let (_folder, cache) = filled(&series);
    let cached = BuildOptions { cache: Some(&cache), ..options(&FEATURES, "core") };
    let finer = on_grid(&series, 3, 7);
    // A step of the coarse grid, a step of the fine one, fewer bars than the entry has.
    for (step, count) in [(10, 300), (1, 300), (0, 199)] {
        let mut other = first(&finer, count);
        let mut fields = *other.bars[100].fields();
        fields.high = Price::from_raw(fields.high.raw() + step).unwrap();
        other.bars[100] = Bar::new(fields).unwrap();
        assert_eq!(used(&bytes(&other, &cached).0), (0, count as u64), "{step}");
    }
}

/// A cache with the entry of the first 200 bars.
fn filled(series: &BarSeries) -> (tempfile::TempDir, Cache) {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::new(folder.path());
    bytes(&first(series, 200), &BuildOptions { cache: Some(&cache), ..options(&FEATURES, "core") });
    (folder, cache)
}

#[test]
fn damaged_entries_are_never_trusted() {
    let series = synth(220);
    let (_, expected) = bytes(&series, &options(&FEATURES, "core"));
    let (folder, cache) = filled(&series);
    let cached = BuildOptions { cache: Some(&cache), ..options(&FEATURES, "core") };
    let originals: Vec<(PathBuf, Vec<u8>)> =
        files(folder.path()).into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect();
    assert_eq!(originals.len(), 3);
    let restore = || {
        for path in files(folder.path()) {
            fs::remove_file(path).unwrap();
        }
        for (path, content) in &originals {
            fs::write(path, content).unwrap();
        }
    };
    for (path, content) in &originals {
        let is_json = path.extension().is_some_and(|extension| extension == "json");
        let step = content.len() / 20;
        let mut damages: Vec<Vec<u8>> = (0..content.len())
            .step_by(step)
            .map(|index| {
                let mut damaged = content.clone();
                damaged[index] ^= 1;
                damaged
            })
            .collect();
        damages.extend([content[..content.len() / 2].to_vec(), Vec::new(), [content, &b"x"[..]].concat()]);
        for damaged in damages {
            restore();
            fs::write(path, &damaged).unwrap();
            let (built, found) = bytes(&series, &cached);
            assert!(found == expected, "{} damaged: other bytes", path.display());
            if built.cache.read > 0 {
                // White space between the fields of the description is the only thing that may change.
                assert!(is_json, "{} was trusted", path.display());
                let parse = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).unwrap();
                assert_eq!(parse(&damaged), parse(content));
            } else if !is_json {
                assert_eq!(built.cache.notes.len(), 1, "{:?}", built.cache.notes);
                assert!(built.cache.notes[0].contains("is not used"), "{:?}", built.cache.notes);
            }
            // It is mended by the build: the whole series is an entry now.
            let again = bytes(&series, &cached).0;
            assert_eq!((again.cache.read, again.cache.computed), (220, 0));
        }
        restore();
        fs::remove_file(path).unwrap();
        let (built, found) = bytes(&series, &cached);
        assert!(found == expected && built.cache.read == 0, "without {}", path.display());
    }
    restore();
    assert_eq!(used(&bytes(&series, &cached).0), (200, 20), "whole again, it is used");
}

#[test]
fn entries_of_others_are_never_trusted() {
    let series = synth(220);
    let (_, expected) = bytes(&series, &options(&FEATURES, "core"));
    let (folder, cache) = filled(&series);
    let core = files(folder.path());
    let params = [Param { name: "rsi".to_owned(), value: 15 }];
    let foreign = BuildOptions { params: &params, cache: Some(&cache), ..options(&FEATURES, "core") };
    bytes(&first(&series, 200), &foreign);
    // The files of another parameter under the names of this one: hashes that hold, features that do not.
    for path in files(folder.path()).iter().filter(|path| !core.contains(path)) {
        let name = path.file_name().unwrap();
        let target = core.iter().find(|path| path.file_name() == Some(name)).unwrap();
        fs::copy(path, target).unwrap();
    }
    let cached = BuildOptions { cache: Some(&cache), ..options(&FEATURES, "core") };
    let (built, found) = bytes(&series, &cached);
    assert!(found == expected);
    assert_eq!((built.cache.read, built.cache.computed), (0, 220));
    assert!(built.cache.notes[0].contains("another version, set or grid"), "{:?}", built.cache.notes);
}

#[test]
fn a_cache_that_cannot_be_written_does_not_stop_a_build() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "no folder").unwrap();
    let cache = Cache::new(&file);
    let (built, found) =
        bytes(&synth(100), &BuildOptions { cache: Some(&cache), ..options(&FEATURES, "core") });
    assert!(found == bytes(&synth(100), &options(&FEATURES, "core")).1);
    assert_eq!((built.cache.read, built.cache.computed), (0, 100));
    assert!(built.cache.notes.iter().any(|note| note.contains("not kept")), "{:?}", built.cache.notes);
}

#[test]
fn builds_at_once_do_no_harm() {
    let series = synth(600);
    let (_, expected) = bytes(&series, &options(&FEATURES, "core"));
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::new(folder.path());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let cached = BuildOptions { cache: Some(&cache), ..options(&FEATURES, "core") };
                for count in [300, 450, 600, 600] {
                    let (_, found) = bytes(&first(&series, count), &cached);
                    assert!(count < 600 || found == expected);
                }
            });
        }
    });
    assert_eq!(files(folder.path()).len(), 9, "three entries, nothing left over");
    let cached = BuildOptions { cache: Some(&cache), ..options(&FEATURES, "core") };
    assert_eq!(used(&bytes(&series, &cached).0), (600, 0));
}
