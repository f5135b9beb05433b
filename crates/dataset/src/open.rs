//! Reading the rows of a dataset and checking them against its manifest.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use feature_api::identity::{Hash, Hasher};
use feature_api::{BarKind, Columns, RowBlock};
use market_data::table::TableReader;

use crate::build::{LABEL, ROWS};
use crate::error::{Mismatch, time_text};
use crate::manifest::{MANIFEST, Part, Parts};
use crate::{DatasetError, LabelSpec, Labels, Manifest};

/// Reads `rows.parquet`: names, features, and the last column as labels. Its hash is checked first, so that what is
/// decoded is what was written.
pub(crate) fn read_rows(
    folder: &Path,
    manifest: &Manifest,
) -> Result<(Vec<String>, Columns, Labels), DatasetError> {
    let path = folder.join(ROWS);
    let found = hash_file(&path).map_err(|source| DatasetError::Read { path: path.clone(), source })?;
    if found != manifest.rows_hash {
        let expected = format!("{} as {MANIFEST} states", manifest.rows_hash);
        let problem = mismatch(ROWS, "sha256", expected, found.to_string());
        return Err(DatasetError::Mismatch { path: folder.to_owned(), problems: vec![problem] });
    }
    let mut reader = TableReader::open(&path)?;
    let names = reader.names().to_vec();
    let width = names.len().saturating_sub(1);
    let (mut features, mut labels) = (Columns::new(width), Labels::default());
    let mut chunk = Columns::new(names.len());
    let mut block = RowBlock::new(width);
    while reader.read(&mut chunk)? {
        for (row, (ts_event, ts_available)) in chunk.ts_event.iter().zip(&chunk.ts_available).enumerate() {
            let mut writer = block.begin(*ts_event, *ts_available);
            (0..width).for_each(|column| writer.put(chunk.get(row, column)));
            writer.finish();
            labels.push(chunk.get(row, width));
            if block.is_full() {
                features.extend(&block);
                block.clear();
            }
        }
        chunk.clear();
    }
    features.extend(&block);
    Ok((names, features, labels))
}

/// Checks what was read against the manifest, and the manifest against itself.
pub(crate) fn verify(
    folder: &Path,
    manifest: &Manifest,
    names: &[String],
    features: &Columns,
    labels: &Labels,
) -> Result<(), DatasetError> {
    let mut problems = Vec::new();
    let mut check = |file, field: &str, expected: String, found: String| {
        if expected != found {
            problems.push(mismatch(file, field, expected, found));
        }
    };
    let mut expected = manifest.names.clone();
    expected.push(LABEL.to_owned());
    check(ROWS, "names of columns", expected.join(", "), names.join(", "));
    check(ROWS, "number of rows", manifest.rows.to_string(), features.len().to_string());
    check(ROWS, "rows with a label", manifest.labelled.to_string(), labels.labelled().to_string());
    let interval = if let BarKind::Time { interval } = manifest.bars.kind { Some(interval) } else { None };
    // Rows of events may be of one moment.
    let least = interval.unwrap_or(0);
    let times = features.ts_event.iter().zip(features.ts_event.iter().skip(1)).enumerate();
    let mut differences = times.map(|(row, (ts, next))| (row + 1, i128::from(next.0) - i128::from(ts.0)));
    if let Some((row, found)) = differences.find(|(_, difference)| *difference < i128::from(least)) {
        // Bars may be missing, but none begins before the one before it ends.
        check(
            ROWS,
            &format!("ts_event of row {row}"),
            format!("{least} ns or more after the row before"),
            format!("{found} ns"),
        );
    }
    let (what, times) = match interval {
        Some(_) => ("ts_event of the last row", &features.ts_event),
        None => ("ts_available of the last row", &features.ts_available),
    };
    let last = times.last().map_or_else(String::new, |ts| time_text(*ts));
    check(ROWS, what, time_text(manifest.span.1), last);
    check_labels(&mut check, &manifest.label, labels);
    match Parts::of(&manifest.split, features, manifest.warm_up, manifest.label.horizon().get()) {
        Ok(parts) => {
            let stated = &manifest.parts;
            let parts = [
                ("parts.train", &parts.train, &stated.train),
                ("parts.validation", &parts.validation, &stated.validation),
                ("parts.test", &parts.test, &stated.test),
            ];
            for (field, part, stated) in parts {
                check(MANIFEST, field, part_text(part), part_text(stated));
            }
        }
        Err(error) => check(MANIFEST, "split", "three parts that have rows".to_owned(), error.to_string()),
    }
    if problems.is_empty() {
        check_finite(&manifest.names, features)
    } else {
        Err(DatasetError::Mismatch { path: folder.to_owned(), problems })
    }
}

/// A label must be one that its specification can give, and none may stand where the future is not whole.
fn check_labels(
    check: &mut impl FnMut(&'static str, &str, String, String),
    spec: &LabelSpec,
    labels: &Labels,
) {
    let horizon = usize::try_from(spec.horizon().get()).unwrap_or(usize::MAX);
    let whole = labels.len().saturating_sub(horizon);
    if let Some((row, label)) = labels.iter().enumerate().skip(whole).find_map(|(row, l)| Some((row, l?))) {
        check(
            ROWS,
            &format!("label of row {row}"),
            format!("none in the last {horizon} rows"),
            label.to_string(),
        );
    }
    let can_be = |label: f64| match spec {
        LabelSpec::ForwardReturn { .. } => label.is_finite(),
        LabelSpec::Direction { .. } => label == 0.0 || label == 1.0,
        LabelSpec::TripleBarrier(_) => label == -1.0 || label == 0.0 || label == 1.0,
    };
    let wrong = labels.iter().enumerate().filter_map(|(row, l)| Some((row, l?))).find(|(_, l)| !can_be(*l));
    if let Some((row, label)) = wrong {
        check(ROWS, &format!("label of row {row}"), format!("a value of {spec}"), label.to_string());
    }
}

/// Checks that every value is a finite number.
pub(crate) fn check_finite(names: &[String], features: &Columns) -> Result<(), DatasetError> {
    for (column, name) in names.iter().enumerate() {
        let (values, valid) = features.column(column);
        let wrong = values.iter().zip(valid).position(|(value, valid)| *valid && !value.is_finite());
        if let Some(row) = wrong {
            let found = values.get(row).copied().unwrap_or(f64::NAN);
            return Err(DatasetError::NotFinite { row, feature: name.clone(), found });
        }
    }
    Ok(())
}

fn mismatch(file: &'static str, field: &str, expected: String, found: String) -> Mismatch {
    Mismatch { file, field: field.to_owned(), expected, found }
}

fn part_text(part: &Part) -> String {
    let (first, last) = part.ts_available;
    format!("rows {} to {} (exclusive), available {first} to {last}", part.rows.start, part.rows.end)
}

/// sha256 of a file.
pub(crate) fn hash_file(path: &Path) -> io::Result<Hash> {
    let mut file = File::open(path)?;
    let mut hasher = Hasher::new();
    let mut bytes = vec![0; 1 << 16];
    loop {
        let count = match file.read(&mut bytes) {
            Ok(0) => return Ok(hasher.finish()),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hasher.update(bytes.get(..count).unwrap_or_default());
    }
}
