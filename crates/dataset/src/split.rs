//! Splits by time, behind the warm-up, with purge and embargo.
//!
//! The first `warm_up` rows of a dataset are in no part: some feature had not yet seen all the bars it needs. So nothing
//! is fitted on a row whose windows were not full, not even on those of its features that were already valid.
//!
//! Rows stand in order of time, one per bar, and a label looks `horizon` bars ahead. So the last `horizon` rows before
//! a later part are purged: their labels look into it. `embargo` further rows before each later part are left out
//! because neighbouring rows share most of their windows.

use std::ops::Range;

use crate::{Dataset, DatasetError};

/// Shares of the rows by time, and what is left out between the parts.
///
/// A part ends at the rounded share of all rows; the rows left out before the next part are its last ones, and the rows
/// of the warm-up the first ones of the training part. With 1,000 rows, a warm-up of 49, shares of 0.7, 0.15 and 0.15, a
/// horizon of 10 and an embargo of 5 the parts are the rows 49 to 684, 700 to 834 and 850 to 999.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SplitSpec {
    /// Share of the rows that comes first, to be trained on. Above 0, as the others.
    pub train: f64,
    /// Share that comes next, to choose by.
    pub validation: f64,
    /// Share that comes last, to be looked at once. The three sum to 1 or less; what is over is left out at the end.
    pub test: f64,
    /// Rows left out before each later part, beyond those purged.
    pub embargo: u32,
}

/// Walk-forward folds: test windows one after another, each trained on what lies before it alone.
///
/// The rows are cut into `folds + 1` blocks that differ by a row at most. The first is the initial training part, without
/// the rows of the warm-up, each further one a test window. They cover every row, those of a [`Split`]'s test part too: what was chosen by a walk
/// forward has seen them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WalkForward {
    /// Number of folds, above 0.
    pub folds: u32,
    /// What a fold is trained on.
    pub window: Window,
    /// Rows left out before a test window, beyond those purged.
    pub embargo: u32,
}

/// What a fold is trained on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// Everything before its test window, from the end of the warm-up on.
    Expanding,
    /// As many rows as the first fold's training has, the newest.
    Rolling,
}

/// Rows to train on. Made by a split alone: it has no public fields and no constructor, so that nothing is fitted on
/// the rows it is measured on by accident.
///
/// ```no_run
/// fn train_on(dataset: &dataset::Dataset) -> Result<dataset::TrainSplit<'_>, dataset::DatasetError> {
///     Ok(dataset.split()?.train)
/// }
/// ```
///
/// ```compile_fail,E0451
/// fn train_on(dataset: &dataset::Dataset) -> Result<dataset::TrainSplit<'_>, dataset::DatasetError> {
///     Ok(dataset::TrainSplit { dataset, rows: 0..dataset.labels().len() })
/// }
/// ```
#[derive(Debug, Clone)]
pub struct TrainSplit<'a> {
    dataset: &'a Dataset,
    rows: Range<usize>,
}

/// Rows to measure on, all later than those trained on.
#[derive(Debug, Clone)]
pub struct EvalSplit<'a> {
    dataset: &'a Dataset,
    rows: Range<usize>,
}

/// A dataset in three parts by time.
#[derive(Debug, Clone)]
pub struct Split<'a> {
    /// To be trained on.
    pub train: TrainSplit<'a>,
    /// To choose by.
    pub validation: EvalSplit<'a>,
    /// To be looked at once.
    pub test: EvalSplit<'a>,
}

/// A step of a walk forward.
#[derive(Debug, Clone)]
pub struct Fold<'a> {
    /// To be trained on.
    pub train: TrainSplit<'a>,
    /// The rows after it.
    pub test: EvalSplit<'a>,
}

impl<'a> TrainSplit<'a> {
    /// The dataset.
    #[must_use]
    pub const fn dataset(&self) -> &'a Dataset {
        self.dataset
    }

    /// The rows, oldest first, behind the warm-up and purged.
    #[must_use]
    pub fn rows(&self) -> Range<usize> {
        self.rows.clone()
    }
}

impl<'a> EvalSplit<'a> {
    /// The dataset.
    #[must_use]
    pub const fn dataset(&self) -> &'a Dataset {
        self.dataset
    }

    /// The rows, oldest first; those before a later part are purged.
    #[must_use]
    pub fn rows(&self) -> Range<usize> {
        self.rows.clone()
    }
}

impl<'a> Split<'a> {
    pub(crate) fn of(dataset: &'a Dataset) -> Result<Self, DatasetError> {
        let manifest = dataset.manifest();
        let rows = dataset.labels().len();
        let [train, validation, test] =
            parts(&manifest.split, rows, manifest.warm_up, manifest.label.horizon().get())?;
        Ok(Self {
            train: TrainSplit { dataset, rows: train },
            validation: EvalSplit { dataset, rows: validation },
            test: EvalSplit { dataset, rows: test },
        })
    }
}

impl<'a> Fold<'a> {
    pub(crate) fn all(dataset: &'a Dataset, spec: &WalkForward) -> Result<Vec<Self>, DatasetError> {
        let manifest = dataset.manifest();
        let folds = folds(spec, dataset.labels().len(), manifest.warm_up, manifest.label.horizon().get())?;
        Ok(folds
            .into_iter()
            .map(|FoldRows { train, test }| Self {
                train: TrainSplit { dataset, rows: train },
                test: EvalSplit { dataset, rows: test },
            })
            .collect())
    }
}

/// What is left out of the parts.
#[derive(Debug, Clone, Copy)]
struct Gap {
    rows: usize,
    warm_up: u32,
    horizon: u32,
    embargo: u32,
}

impl Gap {
    /// `part` without its last rows, which are left out before the next part, and without those of the warm-up.
    fn before_next(self, name: &str, part: Range<usize>) -> Result<Range<usize>, DatasetError> {
        self.without(name, part, (self.horizon as usize).saturating_add(self.embargo as usize))
    }

    /// `part` without its last `purged` rows and without those of the warm-up.
    fn without(self, name: &str, part: Range<usize>, purged: usize) -> Result<Range<usize>, DatasetError> {
        let Self { rows, warm_up, horizon, embargo } = self;
        let (share, end) = (part.len(), part.end.saturating_sub(purged));
        let start = part.start.max(warm_up as usize);
        if start < end {
            return Ok(start..end);
        }
        Err(DatasetError::EmptyPart { part: name.to_owned(), rows, share, purged, warm_up, horizon, embargo })
    }
}

/// How far above 1 the sum of three shares may lie because they are rounded.
const ROUNDING: f64 = 1e-9;

impl SplitSpec {
    /// Checks the shares.
    ///
    /// # Errors
    /// [`DatasetError::Share`] where one is not above 0 and finite, or they sum to more than 1.
    pub fn check(&self) -> Result<(), DatasetError> {
        for (what, found) in [("train", self.train), ("validation", self.validation), ("test", self.test)] {
            if !(found > 0.0 && found < 1.0) {
                return Err(DatasetError::Share { what, expected: "a number above 0 and below 1", found });
            }
        }
        let found = self.train + self.validation + self.test;
        if found > 1.0 + ROUNDING {
            return Err(DatasetError::Share {
                what: "the sum of train, validation and test",
                expected: "1 or less",
                found,
            });
        }
        Ok(())
    }
}

/// Rows of the three parts.
pub(crate) fn parts(
    spec: &SplitSpec,
    rows: usize,
    warm_up: u32,
    horizon: u32,
) -> Result<[Range<usize>; 3], DatasetError> {
    spec.check()?;
    // A share is below 1 and a cast saturates, so no end lies beyond the rows but by rounding.
    let end = |share: f64| ((rows as f64 * share).round() as usize).min(rows);
    let first = end(spec.train);
    let second = end(spec.train + spec.validation).max(first);
    let third = end(spec.train + spec.validation + spec.test).max(second);
    let gap = Gap { rows, warm_up, horizon, embargo: spec.embargo };
    Ok([
        gap.before_next("train", 0..first)?,
        gap.before_next("validation", first..second)?,
        gap.without("test", second..third, 0)?,
    ])
}

/// Rows of a fold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoldRows {
    pub(crate) train: Range<usize>,
    pub(crate) test: Range<usize>,
}

/// Rows trained on and tested on, fold by fold.
pub(crate) fn folds(
    spec: &WalkForward,
    rows: usize,
    warm_up: u32,
    horizon: u32,
) -> Result<Vec<FoldRows>, DatasetError> {
    if spec.folds == 0 {
        return Err(DatasetError::NoFolds);
    }
    let blocks = u128::from(spec.folds) + 1;
    let edge = |block: u32| (rows as u128 * u128::from(block) / blocks) as usize;
    let gap = Gap { rows, warm_up, horizon, embargo: spec.embargo };
    let initial = gap.before_next("the training of fold 1", 0..edge(1))?.len();
    let mut folds = Vec::new();
    for fold in 1..=spec.folds {
        let (begin, end) = (edge(fold), if fold == spec.folds { rows } else { edge(fold + 1) });
        let train = gap.before_next(&format!("the training of fold {fold}"), 0..begin)?;
        let train = match spec.window {
            Window::Expanding => train,
            Window::Rolling => train.end - initial..train.end,
        };
        let test = gap.without(&format!("the test of fold {fold}"), begin..end, 0)?;
        folds.push(FoldRows { train, test });
    }
    Ok(folds)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spec(train: f64, validation: f64, test: f64, embargo: u32) -> SplitSpec {
        SplitSpec { train, validation, test, embargo }
    }

    #[test]
    fn parts_are_as_the_documentation_says() {
        let split = spec(0.7, 0.15, 0.15, 5);
        assert_eq!(parts(&split, 1000, 49, 10).ok(), Some([49..685, 700..835, 850..1000]));
        assert_eq!(parts(&split, 1000, 0, 10).ok(), Some([0..685, 700..835, 850..1000]));
        // A sum that is 1 but for rounding loses no row, and one below leaves rows out at the end.
        assert_eq!(
            parts(&spec(0.7, 0.2, 0.1, 0), 10_000, 0, 1).ok(),
            Some([0..6999, 7000..8999, 9000..10_000])
        );
        assert_eq!(parts(&spec(0.5, 0.25, 0.125, 0), 80, 38, 1).ok(), Some([38..39, 40..59, 60..70]));
    }

    #[test]
    fn shares_that_cannot_be_are_refused() {
        for bad in [f64::NAN, f64::INFINITY, 0.0, -0.0, -0.5, 1.0, 7.0] {
            for split in [spec(bad, 0.2, 0.2, 0), spec(0.2, bad, 0.2, 0), spec(0.2, 0.2, bad, 0)] {
                assert!(matches!(parts(&split, 1000, 0, 1), Err(DatasetError::Share { .. })), "{split:?}");
            }
        }
        let error = parts(&spec(0.6, 0.3, 0.2, 0), 1000, 0, 1).err().map(|error| error.to_string());
        assert!(error.is_some_and(|text| text.contains("sum") && text.contains("expected 1 or less")));
    }

    #[test]
    fn an_empty_part_says_what_to_change() {
        for (rows, warm_up, horizon, embargo, part) in [
            (0, 0, 1, 0, "train"),
            (100, 0, 70, 0, "train"),
            (100, 0, 10, 60, "train"),
            (100, 0, 15, 0, "validation"),
            (2, 0, 1, 0, "train"),
            (100, 60, 10, 0, "train"),
            (100, u32::MAX, u32::MAX, u32::MAX, "train"),
        ] {
            let error = parts(&spec(0.7, 0.15, 0.15, embargo), rows, warm_up, horizon).err();
            let text = error.map(|error| error.to_string()).unwrap_or_default();
            assert!(text.contains(&format!("{part} has no rows left")), "{rows} {horizon} {embargo}: {text}");
            assert!(text.contains("more bars") && text.contains("shorter horizon"), "{text}");
            assert!(text.contains(&format!("warm-up of {warm_up}")), "{text}");
        }
        assert_eq!(parts(&spec(0.7, 0.15, 0.15, 0), 100, 59, 10).map(|[train, ..]| train).ok(), Some(59..60));
        let walk = |folds| WalkForward { folds, window: Window::Expanding, embargo: 0 };
        assert!(matches!(folds(&walk(0), 100, 0, 1), Err(DatasetError::NoFolds)));
        for (count, rows) in [(10, 100), (u32::MAX, 100), (1, 0), (1, 19)] {
            let error =
                folds(&walk(count), rows, 0, 10).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(
                error.contains("training of fold 1") && error.contains("fewer folds"),
                "{count}: {error}"
            );
        }
        let error = folds(&walk(3), 100, 20, 5).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains("training of fold 1") && error.contains("warm-up of 20"), "{error}");
    }

    #[test]
    fn folds_by_hand() {
        let fold = |train, test| FoldRows { train, test };
        let walk = |window| WalkForward { folds: 3, window, embargo: 2 };
        let (first, second, third) = (25..50, 50..75, 75..100);
        assert_eq!(
            folds(&walk(Window::Expanding), 100, 8, 3).ok(),
            Some(vec![fold(8..20, first.clone()), fold(8..45, second.clone()), fold(8..70, third.clone())])
        );
        assert_eq!(
            folds(&walk(Window::Rolling), 100, 8, 3).ok(),
            Some(vec![fold(8..20, first), fold(33..45, second), fold(58..70, third)])
        );
    }

    proptest! {
        #[test]
        fn no_label_looks_into_a_later_part(
            rows in 0..5000_usize,
            shares in prop::array::uniform4(1..1000_u32),
            warm_up in 0..200_u32,
            horizon in 1..200_u32,
            embargo in 0..100_u32,
        ) {
            let sum = f64::from(shares.iter().sum::<u32>());
            let [train, validation, test, _] = shares.map(|share| f64::from(share) / sum);
            let split = spec(train, validation, test, embargo);
            // Counts in exact arithmetic: half a row more, rounded down.
            let total = u64::from(shares.iter().sum::<u32>());
            let end = |share: u32| {
                let doubled = 2 * rows as u64 * u64::from(share);
                ((doubled + total) / (2 * total), (doubled + total).is_multiple_of(2 * total))
            };
            let ends = [end(shares[0]), end(shares[0] + shares[1]), end(shares[0] + shares[1] + shares[2])];
            let gap = (horizon + embargo) as usize;
            match parts(&split, rows, warm_up, horizon) {
                Ok(parts) => {
                    for (part, (end, is_tie)) in parts.iter().zip(ends) {
                        let end = if part.end == parts[2].end { end } else { end.saturating_sub(gap as u64) };
                        // A share that falls on half a row may go either way.
                        prop_assert!(part.end as u64 == end || is_tie && part.end as u64 + 1 == end, "{:?}", parts);
                    }
                    prop_assert_eq!(parts[0].start, warm_up as usize);
                    for (part, next) in parts.iter().zip(&parts[1..]) {
                        prop_assert!(part.start < part.end && next.start < next.end);
                        prop_assert_eq!(part.end + gap, next.start);
                        for row in part.clone() {
                            prop_assert!(row + (horizon as usize) < next.start);
                        }
                    }
                    prop_assert!(parts[2].end <= rows);
                }
                Err(DatasetError::EmptyPart { share, purged, .. }) => {
                    prop_assert!(share <= purged + warm_up as usize);
                }
                Err(error) => prop_assert!(false, "{}", error),
            }
        }

        #[test]
        fn folds_cover_what_lies_behind_the_first_training(
            rows in 0..3000_usize,
            count in 1..12_u32,
            rolling in any::<bool>(),
            warm_up in 0..100_u32,
            horizon in 1..50_u32,
            embargo in 0..20_u32,
        ) {
            let window = if rolling { Window::Rolling } else { Window::Expanding };
            match folds(&WalkForward { folds: count, window, embargo }, rows, warm_up, horizon) {
                Ok(folds) => {
                    prop_assert_eq!(folds.len(), count as usize);
                    let (gap, warm_up) = ((horizon + embargo) as usize, warm_up as usize);
                    let block = rows / (count as usize + 1);
                    let mut begin = folds[0].test.start;
                    prop_assert_eq!(begin, block);
                    for FoldRows { train, test } in &folds {
                        prop_assert_eq!(test.start, begin);
                        prop_assert!(test.len() == block || test.len() == block + 1, "{} {}", test.len(), block);
                        prop_assert_eq!(train.end + gap, test.start);
                        prop_assert!(train.start >= warm_up);
                        let length = if rolling { block } else { test.start } - gap - warm_up;
                        prop_assert_eq!(train.len(), length);
                        for row in train.clone() {
                            prop_assert!(row + (horizon as usize) < test.start);
                        }
                        begin = test.end;
                    }
                    prop_assert_eq!(begin, rows);
                }
                Err(error) => {
                    let is_empty = matches!(error, DatasetError::EmptyPart { .. });
                    prop_assert!(is_empty && rows / (count as usize + 1) <= (warm_up + horizon + embargo) as usize);
                }
            }
        }
    }
}
