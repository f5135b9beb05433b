//! What a feature set gives back: rows, and rows by column.

use crate::UnixNanos;

/// One row of features: shape `[width]`, each cell an `f64` or not valid.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The last event inside what the row describes; for bars, their close.
    pub ts_event: UnixNanos,
    /// When the row could first be known.
    pub ts_available: UnixNanos,
    values: Box<[f64]>,
    valid: Box<[u64]>,
}

impl Row {
    /// A row of `width` cells, none of them valid.
    #[must_use]
    pub fn new(width: usize) -> Self {
        Self {
            ts_event: UnixNanos::default(),
            ts_available: UnixNanos::default(),
            values: vec![f64::NAN; width].into_boxed_slice(),
            valid: vec![0; width.div_ceil(64)].into_boxed_slice(),
        }
    }

    /// Number of cells.
    #[inline]
    #[must_use]
    pub const fn width(&self) -> usize {
        self.values.len()
    }

    /// The cell at `index`; `None` where it is not valid or there is no such cell.
    #[inline]
    #[must_use]
    pub fn get(&self, index: usize) -> Option<f64> {
        if self.is_valid(index) { self.values.get(index).copied() } else { None }
    }

    /// Whether the cell at `index` holds a value.
    #[inline]
    #[must_use]
    pub fn is_valid(&self, index: usize) -> bool {
        self.valid.get(index / 64).is_some_and(|word| word >> (index % 64) & 1 == 1)
    }

    /// Whether every cell holds a value.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        (0..self.width()).all(|index| self.is_valid(index))
    }

    /// All cells in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Option<f64>> + '_ {
        (0..self.width()).map(|index| self.get(index))
    }

    /// Writes every cell in order, as [`RowWriter::put`] is called.
    #[inline]
    pub fn writer(&mut self) -> RowWriter<'_> {
        RowWriter { values: self.values.iter_mut(), valid: self.valid.iter_mut(), word: 0, bit: 0 }
    }

    /// Writes the cell at `index`, valid or not. Ignores an index outside the row.
    ///
    /// A cell that is not valid stores NaN, so a reader that forgets to ask cannot take a number for real.
    #[inline]
    pub fn set(&mut self, index: usize, value: Option<f64>) {
        let (Some(cell), Some(word)) = (self.values.get_mut(index), self.valid.get_mut(index / 64)) else {
            return;
        };
        let bit = 1_u64 << (index % 64);
        if let Some(value) = value {
            *cell = value;
            *word |= bit;
        } else {
            *cell = f64::NAN;
            *word &= !bit;
        }
    }
}

/// Writes a row from its first cell on; see [`Row::writer`]. Cells not written keep their value, but
/// [`RowWriter::finish`] makes them not valid.
#[derive(Debug)]
pub struct RowWriter<'a> {
    values: core::slice::IterMut<'a, f64>,
    valid: core::slice::IterMut<'a, u64>,
    word: u64,
    bit: u32,
}

impl RowWriter<'_> {
    /// Writes the next cell; ignored past the last.
    #[inline(always)]
    pub fn put(&mut self, value: Option<f64>) {
        let Some(cell) = self.values.next() else { return };
        *cell = value.unwrap_or(f64::NAN);
        self.word |= u64::from(value.is_some()) << self.bit;
        self.bit += 1;
        if self.bit == 64 {
            self.flush();
        }
    }

    #[inline(always)]
    fn flush(&mut self) {
        if let Some(valid) = self.valid.next() {
            *valid = self.word;
        }
        self.word = 0;
        self.bit = 0;
    }

    /// Ends the row.
    #[inline]
    pub fn finish(mut self) {
        while !self.valid.as_slice().is_empty() {
            self.flush();
        }
    }
}

/// A few rows, stored row by row on their way into [`Columns`]: shape `[len][width]`.
#[derive(Debug, Clone)]
pub struct RowBlock {
    width: usize,
    ts_event: Vec<UnixNanos>,
    ts_available: Vec<UnixNanos>,
    values: Box<[f64]>,
    valid: Box<[u64]>,
}

impl RowBlock {
    /// Rows a block holds.
    pub const CAPACITY: usize = 64;

    /// An empty block of that width.
    #[must_use]
    pub fn new(width: usize) -> Self {
        Self {
            width,
            ts_event: Vec::with_capacity(Self::CAPACITY),
            ts_available: Vec::with_capacity(Self::CAPACITY),
            values: vec![f64::NAN; width * Self::CAPACITY].into_boxed_slice(),
            valid: vec![0; width.div_ceil(64).max(1) * Self::CAPACITY].into_boxed_slice(),
        }
    }

    const fn words(&self) -> usize {
        let words = self.width.div_ceil(64);
        if words == 0 { 1 } else { words }
    }

    /// Number of rows.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.ts_event.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.ts_event.is_empty()
    }

    /// Whether there is no room for another row.
    #[inline]
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.ts_event.len() >= Self::CAPACITY
    }

    /// Whether every cell of every row is valid.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let words = self.words();
        let full = |(index, word): (usize, &u64)| {
            let cells = (self.width - (index % words * 64).min(self.width)).min(64);
            word.count_ones() as usize == cells
        };
        self.valid.iter().take(self.len() * words).enumerate().all(full)
    }

    /// Begins the next row and gives what writes it. A full block gives a writer that writes nothing.
    #[inline]
    pub fn begin(&mut self, ts_event: UnixNanos, ts_available: UnixNanos) -> RowWriter<'_> {
        let (row, words) = (self.len(), self.words());
        if !self.is_full() {
            self.ts_event.push(ts_event);
            self.ts_available.push(ts_available);
        }
        let values = self.values.get_mut(row * self.width..(row + 1) * self.width).unwrap_or_default();
        let valid = self.valid.get_mut(row * words..(row + 1) * words).unwrap_or_default();
        RowWriter { values: values.iter_mut(), valid: valid.iter_mut(), word: 0, bit: 0 }
    }

    /// Drops every row.
    pub fn clear(&mut self) {
        self.ts_event.clear();
        self.ts_available.clear();
    }
}

/// Many rows, stored by column: shape `[width][len]`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Columns {
    /// `ts_event` of each row.
    pub ts_event: Vec<UnixNanos>,
    /// `ts_available` of each row.
    pub ts_available: Vec<UnixNanos>,
    values: Vec<Vec<f64>>,
    valid: Vec<Vec<bool>>,
}

impl Columns {
    /// No rows of `width` columns.
    #[must_use]
    pub fn new(width: usize) -> Self {
        Self {
            ts_event: Vec::new(),
            ts_available: Vec::new(),
            values: vec![Vec::new(); width],
            valid: vec![Vec::new(); width],
        }
    }

    /// Makes room for `rows` more rows.
    pub fn reserve(&mut self, rows: usize) {
        self.ts_event.reserve(rows);
        self.ts_available.reserve(rows);
        self.values.iter_mut().for_each(|column| column.reserve(rows));
        self.valid.iter_mut().for_each(|column| column.reserve(rows));
    }

    /// Number of rows.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.ts_event.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.ts_event.is_empty()
    }

    /// Number of columns.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.values.len()
    }

    /// Appends a row of the same width; further cells are ignored, missing ones are not valid.
    pub fn push(&mut self, row: &Row) {
        self.ts_event.push(row.ts_event);
        self.ts_available.push(row.ts_available);
        for (index, (values, valid)) in self.values.iter_mut().zip(&mut self.valid).enumerate() {
            let cell = row.get(index);
            values.push(cell.unwrap_or(f64::NAN));
            valid.push(cell.is_some());
        }
    }

    /// Appends the rows of a block of the same width.
    pub fn extend(&mut self, block: &RowBlock) {
        let len = block.len();
        self.ts_event.extend_from_slice(&block.ts_event);
        self.ts_available.extend_from_slice(&block.ts_available);
        let (width, words, complete) = (block.width.max(1), block.words(), block.is_complete());
        for (index, (values, valid)) in self.values.iter_mut().zip(&mut self.valid).enumerate() {
            let rows = block.values.chunks_exact(width).take(len);
            values.extend(rows.map(|row| row.get(index).copied().unwrap_or(f64::NAN)));
            if complete {
                valid.resize(values.len(), true);
            } else {
                let rows = block.valid.chunks_exact(words).take(len);
                let bit = |row: &[u64]| row.get(index / 64).map_or(0, |word| word >> (index % 64) & 1);
                valid.extend(rows.map(|row| bit(row) == 1));
            }
        }
    }

    /// Appends a column of as many cells as there are rows, its values and their validity; `false`, and nothing is
    /// done, where there are more or fewer.
    #[must_use]
    pub fn add_column(&mut self, values: Vec<f64>, valid: Vec<bool>) -> bool {
        if values.len() != self.len() || valid.len() != self.len() {
            return false;
        }
        self.values.push(values);
        self.valid.push(valid);
        true
    }

    /// Writes the row at `index` into a row of the same width, times and cells; `false` where there is no such row.
    pub fn copy_row(&self, index: usize, row: &mut Row) -> bool {
        let (Some(ts_event), Some(ts_available)) = (self.ts_event.get(index), self.ts_available.get(index))
        else {
            return false;
        };
        row.ts_event = *ts_event;
        row.ts_available = *ts_available;
        let mut writer = row.writer();
        (0..self.width()).for_each(|column| writer.put(self.get(index, column)));
        writer.finish();
        true
    }

    /// Removes every row and keeps the memory.
    pub fn clear(&mut self) {
        self.ts_event.clear();
        self.ts_available.clear();
        self.values.iter_mut().for_each(Vec::clear);
        self.valid.iter_mut().for_each(Vec::clear);
    }

    /// The values of a column, NaN where not valid, and their validity; empty for a column that is not there.
    #[must_use]
    pub fn column(&self, index: usize) -> (&[f64], &[bool]) {
        match (self.values.get(index), self.valid.get(index)) {
            (Some(values), Some(valid)) => (values, valid),
            _ => (&[], &[]),
        }
    }

    /// The cell of a row and a column; `None` where it is not valid or not there.
    #[must_use]
    pub fn get(&self, row: usize, column: usize) -> Option<f64> {
        let (values, valid) = self.column(column);
        if *valid.get(row)? { values.get(row).copied() } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copying_a_row_and_adding_a_column_keep_every_cell() {
        let mut columns = Columns::new(2);
        for index in 0..3 {
            let mut row = Row::new(2);
            row.ts_event = UnixNanos(index);
            row.ts_available = UnixNanos(index + 1);
            row.set(0, (index != 1).then_some(index as f64));
            row.set(1, Some(-0.0));
            columns.push(&row);
        }
        assert!(!columns.add_column(vec![1.0; 2], vec![true; 2]));
        assert!(!columns.add_column(vec![1.0; 3], vec![true; 2]));
        assert!(columns.add_column(vec![1.0, f64::NAN, 3.0], vec![true, false, true]));
        let mut row = Row::new(3);
        for index in 0..3 {
            assert!(columns.copy_row(index, &mut row));
            assert_eq!(row.ts_available, UnixNanos(index as i64 + 1));
            let expected: Vec<_> = (0..3).map(|column| columns.get(index, column)).collect();
            assert_eq!(row.iter().collect::<Vec<_>>(), expected);
        }
        assert_eq!(columns.get(1, 2), None);
        assert!(!columns.copy_row(3, &mut row));
    }

    #[test]
    fn a_cell_is_valid_only_once_set() {
        let mut row = Row::new(130);
        assert_eq!(row.get(129), None);
        row.set(129, Some(-0.0));
        assert_eq!(row.get(129).map(f64::to_bits), Some((-0.0_f64).to_bits()));
        assert!(!row.is_complete());
        row.set(129, None);
        assert_eq!(row.get(129), None);
        row.set(130, Some(1.0));
        assert_eq!(row.get(130), None);
        for index in 0..130 {
            row.set(index, Some(0.0));
        }
        assert!(row.is_complete());
    }

    #[test]
    fn a_writer_goes_from_cell_to_cell() {
        for width in [0, 1, 63, 64, 65, 130] {
            let mut row = Row::new(width);
            (0..width).for_each(|index| row.set(index, Some(9.0)));
            let mut writer = row.writer();
            (0..width + 2).for_each(|index| writer.put((index % 3 != 0).then_some(index as f64)));
            writer.finish();
            for index in 0..width {
                assert_eq!(row.get(index), (index % 3 != 0).then_some(index as f64), "{index} of {width}");
            }
            let mut writer = row.writer();
            writer.put(Some(1.0));
            writer.finish();
            assert!((1..width).all(|index| row.get(index).is_none()));
        }
    }

    #[test]
    fn a_block_gives_the_columns_that_its_rows_would() {
        for (width, rows) in [(0, 3), (1, 64), (64, 5), (65, 64), (130, 7)] {
            for full in [true, false] {
                let (mut block, mut by_row) = (RowBlock::new(width), Columns::new(width));
                let mut by_block = Columns::new(width);
                for round in 0..2 {
                    for row in 0..rows {
                        let mut one = Row::new(width);
                        one.ts_event = UnixNanos(row);
                        one.ts_available = UnixNanos(row + round);
                        let mut writer = block.begin(one.ts_event, one.ts_available);
                        for index in 0..width {
                            let cell = (full || (index as i64 + row + round) % 3 != 0).then_some(row as f64);
                            writer.put(cell);
                            one.set(index, cell);
                        }
                        writer.finish();
                        by_row.push(&one);
                    }
                    assert!(width == 0 || block.is_complete() == full);
                    by_block.extend(&block);
                    block.clear();
                }
                assert_eq!(by_block.len(), by_row.len());
                for row in 0..by_row.len() {
                    assert_eq!(by_block.ts_available[row], by_row.ts_available[row]);
                    for column in 0..width {
                        assert_eq!(by_block.get(row, column), by_row.get(row, column));
                    }
                }
            }
        }
    }

    #[test]
    fn a_full_block_takes_no_more() {
        let mut block = RowBlock::new(1);
        for row in 0..70 {
            let mut writer = block.begin(UnixNanos(row), UnixNanos(row));
            writer.put(Some(1.0));
            writer.finish();
        }
        assert_eq!(block.len(), RowBlock::CAPACITY);
        assert!(block.is_full());
    }

    #[test]
    fn columns_hold_rows() {
        let mut columns = Columns::new(2);
        let mut row = Row::new(2);
        row.ts_event = UnixNanos(7);
        row.set(1, Some(2.5));
        columns.push(&row);
        assert_eq!((columns.len(), columns.width()), (1, 2));
        assert_eq!((columns.get(0, 0), columns.get(0, 1), columns.get(0, 2)), (None, Some(2.5), None));
        assert!(columns.column(0).0[0].is_nan());
        columns.clear();
        assert!(columns.is_empty());
    }
}
