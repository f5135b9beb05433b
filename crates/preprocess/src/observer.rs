//! From rows to inputs, from the first row of a market on.

use feature_api::{Columns, RestoreError, Row, Schema, StateReader, StateWriter};

use crate::{Inputs, NotReady, Preprocess, PreprocessError, Transform};

/// Why a row is no input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unready {
    /// The set's windows are not full yet: those that count rows, or those on another clock
    /// ([`Schema::clocked`]), of which nobody can say how many rows they take.
    WarmUp {
        /// Rows so far, this one among them.
        rows: u64,
        /// Rows of the warm-up.
        warm_up: u64,
    },
    /// A value is not valid, or a sequence not full.
    NotReady(NotReady),
}

/// Turns the rows of one instrument into inputs: none during the set's warm-up, whatever the preprocessing does with
/// values that are not valid, so that no model is asked about windows that are not full.
///
/// The preprocessing takes every row after the warm-up, whether or not its input is used, so a row that is not
/// predicted does not break a sequence. Where features are on other clocks, the warm-up lasts until each of them has a
/// value.
#[derive(Debug, Clone)]
pub struct Observer {
    width: usize,
    warm_up: u64,
    /// Features on another clock.
    clocked: Box<[usize]>,
    /// Whether all of these have had a value.
    has_clocks: bool,
    transform: Transform,
    /// Rows taken.
    rows: u64,
}

impl Observer {
    /// An observer of rows of that schema.
    ///
    /// # Errors
    /// As [`Preprocess::bind`].
    pub fn new(preprocess: &Preprocess, schema: &Schema) -> Result<Self, PreprocessError> {
        let clocked: Box<[usize]> = schema.clocked().collect();
        Ok(Self {
            width: schema.width(),
            warm_up: schema.warm_up().into(),
            has_clocks: clocked.is_empty(),
            clocked,
            transform: preprocess.bind(schema)?,
            rows: 0,
        })
    }

    /// Features of the rows it takes.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Values of an input.
    #[must_use]
    pub const fn input_width(&self) -> usize {
        self.transform.width()
    }

    /// Rows taken since it was made or reset.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.rows
    }

    /// Takes the next row and gives the input it completes: shape `[sequence × kept features]`. Allocates nothing.
    ///
    /// # Errors
    /// [`Unready`] where it completes none. The row is taken all the same, but for one of another width.
    pub fn push(&mut self, row: &Row) -> Result<&[f64], Unready> {
        let (expected, found) = (self.width, row.width());
        if expected != found {
            return Err(Unready::NotReady(NotReady::Width { expected, found }));
        }
        let index = self.rows;
        // A state may say that there were as many rows as there can be.
        self.rows = self.rows.saturating_add(1);
        self.has_clocks = self.has_clocks || self.clocked.iter().all(|feature| row.is_valid(*feature));
        if index < self.warm_up || !self.has_clocks {
            return Err(Unready::WarmUp { rows: self.rows, warm_up: self.warm_up });
        }
        self.transform.push(row).map_err(Unready::NotReady)
    }

    /// Takes many rows and appends the inputs they complete: the same bits as one [`push`](Observer::push) after
    /// another. Rows of the warm-up count among [`Inputs::rows_seen`].
    ///
    /// # Errors
    /// [`PreprocessError`] where rows or inputs are of another width; nothing is taken then.
    pub fn extend(&mut self, rows: &Columns, inputs: &mut Inputs) -> Result<(), PreprocessError> {
        let warming = usize::try_from(self.warm_up.saturating_sub(self.rows)).unwrap_or(usize::MAX);
        let is_started = |row: &usize| self.clocked.iter().all(|feature| rows.get(*row, *feature).is_some());
        let first = if self.has_clocks { Some(0) } else { (0..rows.len()).find(is_started) };
        let warming = warming.max(first.unwrap_or(rows.len())).min(rows.len());
        // Takes nothing, but tells what does not fit.
        self.transform.extend_range(rows, 0..0, inputs)?;
        self.has_clocks = first.is_some();
        (0..warming).for_each(|_| inputs.push(None));
        self.transform.extend_range(rows, warming..rows.len(), inputs)?;
        self.rows = self.rows.saturating_add(rows.len() as u64);
        Ok(())
    }

    /// Forgets every row.
    pub const fn reset(&mut self) {
        self.transform.reset();
        self.rows = 0;
        self.has_clocks = self.clocked.is_empty();
    }

    /// Forgets every row but for the warm-up: what comes next is taken as rows of full windows, as those of a probe
    /// are.
    pub const fn reset_warm(&mut self) {
        self.transform.reset();
        self.rows = self.warm_up;
        self.has_clocks = true;
    }

    /// Writes the rows it holds. What it was made from is not written: whoever stores the state must store which
    /// artifact it is of.
    pub fn save(&self, state: &mut StateWriter) {
        state.write_u64(self.rows);
        if !self.clocked.is_empty() {
            state.write_bool(self.has_clocks);
        }
        self.transform.save(state);
    }

    /// Continues from what [`save`](Observer::save) wrote: the same bits as without a pause.
    ///
    /// # Errors
    /// [`RestoreError`] where the bytes are no such state; it is then as new.
    pub fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        let rows = state.read_u64()?;
        let has_clocks = self.clocked.is_empty() || state.read_bool()?;
        self.transform.load(state)?;
        self.rows = rows;
        self.has_clocks = has_clocks;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use feature_api::{FeatureSpec, Memory, Range};

    use super::*;
    use crate::{Nulls, Parts, Scaler, ScalerKind};

    const WARM_UP: u32 = 3;

    /// An observer of one feature, in sequences of two.
    fn observer() -> Observer {
        let spec = FeatureSpec {
            name: "a",
            formula: String::new(),
            doc: "",
            degenerate: "",
            range: Range::Any,
            warm_up: WARM_UP,
            memory: Memory::Finite { window: 4 },
            clock: None,
        };
        let preprocess = Preprocess::new(Parts {
            features: vec!["a".to_owned()],
            kept: vec!["a".to_owned()],
            nulls: vec![Nulls::Refuse],
            clip: None,
            scaler: Some(Scaler { kind: ScalerKind::None, scales: Vec::new() }),
            sequence: NonZeroU32::new(2).unwrap(),
        });
        Observer::new(&preprocess.unwrap(), &Schema::new("test", Vec::new(), vec![spec])).unwrap()
    }

    fn rows(cells: impl IntoIterator<Item = Option<f64>>) -> Columns {
        let mut columns = Columns::new(1);
        let mut row = Row::new(1);
        for cell in cells {
            row.set(0, cell);
            columns.push(&row);
        }
        columns
    }

    fn saved(observer: &Observer) -> Vec<u8> {
        let mut state = StateWriter::new();
        observer.save(&mut state);
        state.into_bytes()
    }

    #[test]
    fn many_rows_are_one_after_another_wherever_they_are_cut() {
        let cells: Vec<_> = (0..9).map(|index| (index != 6).then_some(f64::from(index))).collect();
        let mut by_row = observer();
        let mut expected = Vec::new();
        let mut row = Row::new(1);
        for (index, cell) in cells.iter().enumerate() {
            row.set(0, *cell);
            if let Ok(input) = by_row.push(&row) {
                expected.push((index, input.to_vec()));
            }
        }
        // Three rows of the warm-up, one that fills; the sixth breaks the sequence.
        assert_eq!(expected, [(4, vec![3.0, 4.0]), (5, vec![4.0, 5.0]), (8, vec![7.0, 8.0])]);
        for cut in 0..=cells.len() {
            let mut by_many = observer();
            let mut inputs = Inputs::new(by_many.input_width());
            for part in [&cells[..cut], &cells[cut..]] {
                by_many.extend(&rows(part.iter().copied()), &mut inputs).unwrap();
            }
            let found: Vec<_> =
                inputs.rows().iter().copied().zip(inputs.iter().map(<[f64]>::to_vec)).collect();
            assert_eq!((found, inputs.rows_seen()), (expected.clone(), cells.len()), "{cut}");
            assert_eq!(saved(&by_many), saved(&by_row), "{cut}");
        }
    }

    /// An observer of two features, the second on another clock.
    fn clocked() -> Observer {
        let spec = |name, clock| FeatureSpec {
            name,
            formula: String::new(),
            doc: "",
            degenerate: "",
            range: Range::Any,
            warm_up: 1,
            memory: Memory::Finite { window: 2 },
            clock,
        };
        let names = vec!["a".to_owned(), "b".to_owned()];
        let preprocess = Preprocess::new(Parts {
            features: names.clone(),
            kept: names,
            nulls: vec![Nulls::Refuse, Nulls::Median(Some(7.0))],
            clip: None,
            scaler: Some(Scaler { kind: ScalerKind::None, scales: Vec::new() }),
            sequence: NonZeroU32::MIN,
        });
        let specs = vec![spec("a", None), spec("b", Some("hours"))];
        Observer::new(&preprocess.unwrap(), &Schema::new("test", Vec::new(), specs)).unwrap()
    }

    #[test]
    fn the_warm_up_lasts_until_every_other_clock_has_a_value() {
        let cells = [None, None, None, Some(5.0), None, Some(6.0)];
        let mut columns = Columns::new(2);
        let mut row = Row::new(2);
        let mut by_row = clocked();
        let mut inputs_by_row = Vec::new();
        for (index, cell) in cells.iter().enumerate() {
            row.set(0, Some(index as f64));
            row.set(1, *cell);
            columns.push(&row);
            match by_row.push(&row) {
                Ok(input) => inputs_by_row.push((index, input.to_vec())),
                Err(Unready::WarmUp { rows, warm_up: 1 }) => assert!(rows <= 3 && index < 3),
                Err(other) => panic!("{other:?}"),
            }
        }
        // No filling-in before the clock's first value; behind it as the preprocessing says.
        assert_eq!(inputs_by_row, [(3, vec![3.0, 5.0]), (4, vec![4.0, 7.0]), (5, vec![5.0, 6.0])]);
        for cut in 0..=cells.len() {
            let mut by_many = clocked();
            let mut inputs = Inputs::new(2);
            for part in [0..cut, cut..cells.len()] {
                let mut some = Columns::new(2);
                for index in part {
                    assert!(columns.copy_row(index, &mut row));
                    some.push(&row);
                }
                by_many.extend(&some, &mut inputs).unwrap();
                let state = saved(&by_many);
                by_many = clocked();
                by_many.load(&mut StateReader::new(&state)).unwrap();
            }
            let found: Vec<_> =
                inputs.rows().iter().copied().zip(inputs.iter().map(<[f64]>::to_vec)).collect();
            assert_eq!(found, inputs_by_row, "{cut}");
            assert_eq!(saved(&by_many), saved(&by_row), "{cut}");
        }
    }

    #[test]
    fn rows_and_inputs_of_another_width_take_nothing() {
        let mut observer = observer();
        let fresh = saved(&observer);
        let mut inputs = Inputs::new(3);
        assert!(observer.extend(&rows([Some(1.0)]), &mut inputs).is_err());
        assert_eq!(inputs, Inputs::new(3));
        let mut inputs = Inputs::new(2);
        let mut wide = Columns::new(2);
        wide.push(&Row::new(2));
        assert!(observer.extend(&wide, &mut inputs).is_err());
        assert_eq!((inputs, saved(&observer)), (Inputs::new(2), fresh));
    }

    #[test]
    fn a_state_of_as_many_rows_as_there_can_be_goes_on() {
        let mut state = saved(&observer());
        state[..8].fill(0xff);
        let mut observer = observer();
        observer.load(&mut StateReader::new(&state)).unwrap();
        let mut row = Row::new(1);
        row.set(0, Some(1.0));
        assert!(matches!(observer.push(&row), Err(Unready::NotReady(NotReady::Filling { .. }))));
        assert_eq!(observer.push(&row), Ok([1.0, 1.0].as_slice()));
        let mut inputs = Inputs::new(2);
        observer.extend(&rows([Some(2.0)]), &mut inputs).unwrap();
        assert_eq!((inputs.values(), observer.rows()), ([1.0, 2.0].as_slice(), u64::MAX));
    }
}
