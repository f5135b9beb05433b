//! Real captures: every value in its range, no feature constant, none equal to another.

use feature_api::FeatureSet as _;

use crate::support::{Run, capture};

const FILES: [&str; 2] = ["spot_btcusdt_20240808.gz", "usdm_btcusdt_20240808.gz"];

#[test]
fn no_feature_is_constant_or_equal_to_another() {
    for file in FILES {
        let Some(events) = capture(&[file], "flow on real captures") else { return };
        let mut run = Run::new(&[]);
        let features = run.set.schema().features().to_vec();
        let mut columns: Vec<Vec<Option<u64>>> = vec![Vec::new(); features.len()];
        let mut complete = 0;
        for event in &events {
            if !run.take(event.view()) {
                continue;
            }
            complete += u32::from(run.row.is_complete());
            for (index, (feature, column)) in features.iter().zip(&mut columns).enumerate() {
                let value = run.row.get(index);
                let is_in_range = value.is_none_or(|value| feature.range.contains(value));
                assert!(is_in_range, "{file} {}: {value:?} is not in {}", feature.name, feature.range);
                column.push(value.map(f64::to_bits));
            }
        }
        // Fifty buckets of the VPIN take half of the spot capture.
        assert!(complete > 150, "{file}: {complete}");
        for (index, column) in columns.iter().enumerate() {
            let values: Vec<_> = column.iter().flatten().collect();
            let distinct: std::collections::BTreeSet<_> = values.iter().collect();
            assert!(distinct.len() > 50, "{file} {}: {} values", features[index].name, distinct.len());
            for (other, column_of_other) in columns.iter().enumerate().skip(index + 1) {
                assert_ne!(
                    column, column_of_other,
                    "{file} {} and {}",
                    features[index].name, features[other].name
                );
            }
        }
        for name in ["duplicates", "book_gaps", "book_crossed", "book_unusable"] {
            assert_eq!(run.counter(name), 0, "{file} {name}");
        }
    }
}
