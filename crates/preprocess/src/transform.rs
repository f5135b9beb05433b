//! Carrying a preprocessing out.

use std::ops::Range;

use feature_api::{Columns, RestoreError, Row, StateReader, StateWriter};

use crate::{Bounds, Inputs, Nulls, Parts, PreprocessError, Scale};

/// A missing value of an input: the quiet NaN without a payload.
const MISSING: f64 = f64::from_bits(0x7ff8_0000_0000_0000);

/// Why a row is no input. Not an error, but for [`NotReady::Width`]: what a row is during a warm-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotReady {
    /// A feature that may not be imputed is not valid.
    Null {
        /// Index of the feature among those of the set.
        feature: usize,
    },
    /// Fewer ready rows in a run than a sequence holds.
    Filling {
        /// Ready rows so far, this one among them.
        rows: u32,
        /// Rows of a sequence.
        sequence: u32,
    },
    /// The row is not of the schema the transform is bound to. Nothing of it is imputed.
    Width {
        /// Features of the schema.
        expected: usize,
        /// Features of the row.
        found: usize,
    },
}

/// Turns rows into inputs. It holds the rows of a sequence; for a sequence of one it has no memory.
///
/// A row that is not ready breaks a sequence: it begins anew after it. Sequences count rows, not time.
///
/// For each kept feature, in f64: impute, clip, then `(x − center) / scale`. A value that is not valid, and one
/// that is NaN, is what [`Nulls`] says; a missing one is the NaN of bits `0x7ff8000000000000` whatever clip and
/// scaler. Zeros keep their sign. A result that overflows is infinite and stays so: models refuse infinities.
#[derive(Debug, Clone)]
pub struct Transform {
    /// Features of a row.
    features: usize,
    columns: Box<[Column]>,
    sequence: u32,
    /// Transformed rows. In a sequence of several each row stands twice, `sequence` rows apart, so that the newest
    /// `sequence` rows always stand in one piece, the oldest first.
    window: Box<[f64]>,
    /// The row of `window` that is written next; below `sequence`.
    next: usize,
    /// Ready rows in a run, at most `sequence`.
    run: u32,
}

/// What is done to one kept feature.
#[derive(Debug, Clone, Copy)]
struct Column {
    /// Its index among those of the set.
    feature: usize,
    nulls: Nulls,
    bounds: Option<Bounds>,
    scale: Option<Scale>,
}

impl Column {
    /// The value of an input, or `None` where the row is none.
    #[inline]
    fn apply(&self, cell: Option<f64>) -> Option<f64> {
        let value = match (cell, self.nulls) {
            (Some(value), _) if !value.is_nan() => value,
            // Never through arithmetic, which may change the bits of a NaN.
            (_, Nulls::Missing) => return Some(MISSING),
            (_, Nulls::Median(Some(median))) => median,
            (_, Nulls::Refuse | Nulls::Median(None)) => return None,
        };
        Some(self.clip_and_scale(value))
    }

    #[inline]
    fn clip_and_scale(&self, value: f64) -> f64 {
        let value = self.bounds.map_or(value, |bounds| bounds.clip(value));
        match self.scale {
            Some(Scale { center, scale }) => (value - center) / scale,
            None => value,
        }
    }

    /// Whether a run can have given that value.
    fn can_give(&self, value: f64) -> bool {
        if value.is_nan() {
            return self.nulls == Nulls::Missing && value.to_bits() == MISSING.to_bits();
        }
        // Rounding is monotonic, so the bounds of the raw values bound the scaled ones too.
        self.bounds.is_none_or(|Bounds { low, high }| {
            self.clip_and_scale(low) <= value && value <= self.clip_and_scale(high)
        })
    }
}

impl Transform {
    /// For parts that were checked.
    pub(crate) fn new(parts: &Parts) -> Self {
        let scales = parts.scaler.as_ref().map(|scaler| scaler.scales.as_slice()).unwrap_or_default();
        let bounds = parts.clip.as_deref().unwrap_or_default();
        let kept = parts.features.iter().enumerate().filter(|(_, name)| parts.kept.contains(name));
        let columns: Box<[Column]> = kept
            .enumerate()
            .map(|(index, (feature, _))| Column {
                feature,
                nulls: parts.nulls.get(index).copied().unwrap_or(Nulls::Refuse),
                bounds: bounds.get(index).copied(),
                scale: scales.get(index).copied(),
            })
            .collect();
        let sequence = parts.sequence.get();
        let rows = if sequence == 1 { 1 } else { 2 * sequence as usize };
        let window = vec![MISSING; rows * columns.len()].into_boxed_slice();
        Self { features: parts.features.len(), columns, sequence, window, next: 0, run: 0 }
    }

    /// Length of an input.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.columns.len() * self.sequence as usize
    }

    /// Takes a row and gives the input it completes: shape `[sequence][kept features]`, the oldest row first.
    /// Allocates nothing.
    ///
    /// # Errors
    /// [`NotReady`] where it completes none; but for [`NotReady::Filling`], a sequence begins anew after it.
    #[inline]
    pub fn push(&mut self, row: &Row) -> Result<&[f64], NotReady> {
        if row.width() != self.features {
            self.reset();
            return Err(NotReady::Width { expected: self.features, found: row.width() });
        }
        self.step(|feature| row.get(feature))
    }

    /// Takes many rows and appends the inputs they complete: the same bits as one [`push`](Transform::push) after
    /// another.
    ///
    /// # Errors
    /// [`PreprocessError`] where rows or inputs are of another width; nothing is taken then.
    pub fn extend(&mut self, rows: &Columns, inputs: &mut Inputs) -> Result<(), PreprocessError> {
        self.extend_range(rows, 0..rows.len(), inputs)
    }

    /// As [`extend`](Transform::extend), for a range of the rows.
    ///
    /// # Errors
    /// As [`extend`](Transform::extend), and where the range is not inside the rows.
    pub fn extend_range(
        &mut self,
        rows: &Columns,
        range: Range<usize>,
        inputs: &mut Inputs,
    ) -> Result<(), PreprocessError> {
        if rows.width() != self.features {
            return Err(PreprocessError::RowWidth { expected: self.features, found: rows.width() });
        }
        let Range { start, end } = range;
        if start > end || end > rows.len() {
            return Err(PreprocessError::RowRange { start, end, rows: rows.len() });
        }
        if !inputs.accepts(self.width()) {
            return Err(PreprocessError::InputWidth { expected: self.width(), found: inputs.width() });
        }
        for row in start..end {
            inputs.push(self.step(|feature| rows.get(row, feature)).ok());
        }
        Ok(())
    }

    /// Forgets the rows of the sequence so far.
    pub const fn reset(&mut self) {
        self.run = 0;
        self.next = 0;
    }

    /// Writes the rows of the sequence so far. The preprocessing itself is not written: whoever stores the state
    /// must store what identifies it.
    pub fn save(&self, state: &mut StateWriter) {
        state.write_u64(self.columns.len() as u64);
        state.write_u64(u64::from(self.sequence));
        // The oldest row of a full sequence is not looked at again.
        let rows = self.run.min(self.sequence - 1);
        state.write_u64(u64::from(rows));
        let kept = self.columns.len();
        let end = (self.next + self.sequence as usize) * kept;
        let values = self.window.get(end.saturating_sub(rows as usize * kept)..end).unwrap_or_default();
        values.iter().for_each(|value| state.write_f64(*value));
    }

    /// Continues from what [`save`](Transform::save) wrote: the same bits as without a pause.
    ///
    /// # Errors
    /// [`RestoreError`] where the bytes are no such state; the transform is then as new.
    pub fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        self.expect(state, "number of kept features", self.columns.len() as u64)?;
        self.expect(state, "sequence length", u64::from(self.sequence))?;
        let rows = state.read_u64()?;
        let rows = u32::try_from(rows)
            .ok()
            .filter(|rows| *rows < self.sequence)
            .ok_or(RestoreError::Invalid { what: "fewer rows than a sequence holds" })?;
        let kept = self.columns.len();
        for index in 0..rows as usize {
            let at = index * kept;
            for (column, slot) in self.columns.iter().zip(self.window.iter_mut().skip(at)) {
                // Not `read_f64`: a missing value is NaN, and an overflow is infinite.
                *slot = f64::from_bits(state.read_u64()?);
                if !column.can_give(*slot) {
                    return Err(RestoreError::Invalid { what: "a value that the preprocessing can give" });
                }
            }
            self.window.copy_within(at..at + kept, at + self.sequence as usize * kept);
        }
        self.run = rows;
        self.next = rows as usize;
        Ok(())
    }

    fn expect(
        &self,
        state: &mut StateReader<'_>,
        what: &'static str,
        expected: u64,
    ) -> Result<(), RestoreError> {
        let found = state.read_u64()?;
        if found == expected {
            return Ok(());
        }
        Err(RestoreError::Mismatch { what, expected: expected.to_string(), found: found.to_string() })
    }

    /// Takes a row, cell by cell: the one way for a row alone and for rows among many.
    #[inline]
    fn step(&mut self, cell: impl Fn(usize) -> Option<f64>) -> Result<&[f64], NotReady> {
        let (kept, sequence) = (self.columns.len(), self.sequence as usize);
        let at = self.next * kept;
        for (column, slot) in self.columns.iter().zip(self.window.iter_mut().skip(at)) {
            let Some(value) = column.apply(cell(column.feature)) else {
                let feature = column.feature;
                self.reset();
                return Err(NotReady::Null { feature });
            };
            *slot = value;
        }
        if sequence == 1 {
            return Ok(&self.window);
        }
        self.window.copy_within(at..at + kept, at + sequence * kept);
        self.next = if self.next + 1 == sequence { 0 } else { self.next + 1 };
        self.run = self.run.saturating_add(1).min(self.sequence);
        if self.run < self.sequence {
            return Err(NotReady::Filling { rows: self.run, sequence: self.sequence });
        }
        // An empty input, which no model takes, can only follow from a bug here.
        Ok(self.window.get(at + kept..at + kept + sequence * kept).unwrap_or_default())
    }
}
