//! The golden: the same bits as ever, in debug and in release.

use features_v2::canonical::{output, tapes};
use features_v2::{FEATURES, OUTPUT_HASH, SOURCE_HASH};

#[test]
fn the_output_is_the_golden() {
    let output = output();
    let differing = output.differing(FEATURES.canonical.golden);
    assert!(differing.is_empty(), "features whose output is not the golden: {}", differing.join(", "));
    assert_eq!(output.hash, OUTPUT_HASH);
    let widths = features_v2::SETS.map(|set| FEATURES.open(set, &[]).unwrap().schema().width());
    assert_eq!(widths[..5], [19, 85, 25, 23, 24]);
    assert_eq!(output.features.len(), widths.iter().sum());
    assert_eq!(FEATURES.canonical.golden.replace("\r\n", "\n"), output.features_text());
}

#[test]
fn the_source_hash_is_that_of_the_folder() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = feature_api::identity::Source::read(folder).unwrap();
    assert_eq!(source.hash(), SOURCE_HASH);
    assert!(source.files.len() > 40);
    for file in ["build.rs", "goldens/OUTPUT_HASH", "src/lib.rs", "src/operators/rsi.rs"] {
        assert!(source.files.iter().any(|(path, _)| path == file), "{file}");
    }
    let version = "package.version = ".to_owned() + features_v2::VERSION;
    assert!(source.manifest.lines().any(|line| line == version));
}

#[test]
fn the_tapes_hold_every_degenerate_case() {
    let tapes = tapes();
    assert_eq!(tapes.iter().map(Vec::len).collect::<Vec<_>>(), [features_v2::canonical::TAPE_LEN; 5]);
    let bars: Vec<_> = tapes.iter().flatten().map(|step| step.bar).collect();
    let some = |what: &str, holds: &dyn Fn(&feature_api::Bar) -> bool| {
        let count = bars.iter().filter(|bar| holds(bar)).count();
        assert!(count > 20, "{what}: {count} bars");
    };
    some("zero volume", &|bar| bar.volume().raw() == 0);
    some("zero range", &|bar| bar.high() == bar.low());
    some("one-sided takers", &|bar| {
        bar.taker().is_some_and(|taker| taker.buy.raw() == 0 && taker.sell.raw() > 0)
    });
    some("no takers", &|bar| bar.taker().is_none());
    some("late availability", &|bar| bar.ts_available() > bar.ts_close());
    some("prices of a few steps", &|bar| bar.close().raw() < 1_000);
    some("negative prices", &|bar| bar.close().raw() < 0);
    some("prices near the limit", &|bar| bar.close().raw() > feature_api::MAX_RAW / 2);
    let gaps = bars.windows(2).filter(|pair| pair[1].ts_open() > pair[0].ts_close()).count();
    assert!(gaps > 20, "gaps in time: {gaps}");
    assert!(tapes.iter().flatten().filter(|step| step.position.is_some()).count() > 20);
}

#[test]
fn every_feature_of_every_set_has_a_value_on_the_tapes() {
    for name in features_v2::SETS {
        let mut set = FEATURES.open(name, &[]).unwrap();
        let mut row = feature_api::Row::new(set.schema().width());
        let mut values = vec![Vec::<u64>::new(); row.width()];
        let mut last = None;
        (FEATURES.canonical.events)(&mut |tape, event| {
            if last.replace(tape) != Some(tape) {
                set.reset();
            }
            if set.update(event, &mut row) == Ok(true) {
                for (cell, values) in row.iter().zip(&mut values) {
                    if let Some(cell) = cell
                        && values.len() < 2
                        && !values.contains(&cell.to_bits())
                    {
                        values.push(cell.to_bits());
                    }
                }
            }
        });
        let constant: Vec<_> = set
            .schema()
            .features()
            .iter()
            .zip(&values)
            .filter(|(_, values)| values.len() < 2)
            .map(|(feature, _)| feature.name)
            .collect();
        assert!(constant.is_empty(), "{name}: without two values: {constant:?}");
    }
}
