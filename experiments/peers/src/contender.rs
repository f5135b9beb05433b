//! One library computing one operator, and where its values go.

use std::hint::black_box;
use std::time::Duration;

use feature_api::Columns;

use crate::bars::Bars;
use crate::operators::{Column, Operator};

/// A computation over all bars, from a fresh state.
pub type Run = Box<dyn FnMut(&Bars, &mut Outputs)>;

/// One cell of the table.
pub struct Contender {
    /// What is computed.
    pub operator: Operator,
    /// By whom.
    pub column: Column,
    /// How.
    pub run: Run,
}

impl Contender {
    /// `run` computes `operator` the way of `column`.
    pub fn new(operator: Operator, column: Column, run: impl FnMut(&Bars, &mut Outputs) + 'static) -> Self {
        Self { operator, column, run: Box::new(run) }
    }
}

/// Memory for the values of an operator, allocated once and used by every contender in turn.
#[derive(Debug)]
pub struct Outputs {
    /// The values, by column; what stands at `index` belongs to bar `first[column] + index`.
    pub values: Vec<Vec<f64>>,
    /// The bar of the first value of each column.
    pub first: Vec<usize>,
    /// Arrays for values that a library gives besides, or works with.
    pub scratch: [Vec<f64>; 7],
    /// The values, where a feature set gives them; `values` is not used then.
    pub rows: Columns,
    /// Whether streams keep their values, to be checked. When timed they do not: a live program uses a value
    /// and forgets it.
    pub keep: bool,
    /// What a contender in another process says it has taken.
    pub taken: Option<Duration>,
}

impl Outputs {
    /// Memory for an operator over `bars` bars.
    #[must_use]
    pub fn new(operator: Operator, bars: usize) -> Self {
        let width = operator.columns();
        Self {
            values: vec![vec![f64::NAN; bars]; width],
            first: vec![0; width],
            scratch: std::array::from_fn(|_| vec![f64::NAN; bars]),
            rows: Columns::new(width),
            keep: true,
            taken: None,
        }
    }

    /// Forgets every value.
    pub fn clear(&mut self) {
        self.values.iter_mut().for_each(|column| column.fill(f64::NAN));
        self.first.fill(0);
        self.rows.clear();
    }

    /// The value of a bar; NaN where there is none.
    #[must_use]
    pub fn get(&self, column: usize, bar: usize) -> f64 {
        if !self.rows.is_empty() {
            return self.rows.get(bar, column).unwrap_or(f64::NAN);
        }
        let (Some(values), Some(&first)) = (self.values.get(column), self.first.get(column)) else {
            return f64::NAN;
        };
        bar.checked_sub(first).and_then(|index| values.get(index)).copied().unwrap_or(f64::NAN)
    }

    /// The first column and the bar of its first value.
    pub fn one(&mut self) -> (&mut [f64], &mut usize) {
        (&mut self.values[0], &mut self.first[0])
    }

    /// The first `N` columns.
    pub fn columns<const N: usize>(&mut self) -> [&mut [f64]; N] {
        let mut columns = self.values.iter_mut();
        std::array::from_fn(|_| columns.next().map(Vec::as_mut_slice).unwrap_or_default())
    }

    /// All columns begin at the same bar.
    pub fn begin(&mut self, bar: usize) {
        self.first.fill(bar);
    }
}

/// Runs `step` bar by bar as a live program does: the compiler sees neither the bar before nor the next.
#[inline]
pub fn stream<const N: usize>(
    out: &mut Outputs,
    from: usize,
    bars: usize,
    mut step: impl FnMut(usize) -> Option<[f64; N]>,
) {
    let keep = out.keep;
    let mut columns = out.columns::<N>();
    for bar in from..bars {
        let values = black_box(step(black_box(bar)));
        if keep && let Some(values) = values {
            for (column, value) in columns.iter_mut().zip(values) {
                column[bar] = value;
            }
        }
    }
}

/// Runs `step` over all bars in one loop that the compiler may optimise as a whole.
#[inline]
pub fn batch<const N: usize>(
    out: &mut Outputs,
    bars: usize,
    mut step: impl FnMut(usize) -> Option<[f64; N]>,
) {
    let mut columns = out.columns::<N>();
    for bar in 0..bars {
        if let Some(values) = step(bar) {
            for (column, value) in columns.iter_mut().zip(values) {
                column[bar] = value;
            }
        }
    }
}
