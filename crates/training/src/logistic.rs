//! Logistic regression.
//!
//! Newton's method (iteratively reweighted least squares) on inputs that are centred and scaled inside, which changes
//! the sum that is minimised in no way and makes it solvable in f64 whatever the units. Every sum runs in the order
//! of the rows: the same examples give the same bits on every machine.

use model::{Linear, LinearParts, Link};

use crate::numbers::{Sum, mean_and_deviation};
use crate::spd::{Dependent, Spd};
use crate::{Examples, Objective, TrainExamples, TrainingError};

const NAME: &str = "logistic regression";

/// Converged where a full step moves no margin of a training row by more than this: steps shrink quadratically, so the
/// one that is then taken leaves an error far below rounding. In units of the largest margin, where that is above 1.
const MOVED_MAX: f64 = 1e-8;

/// A step that moves no margin by more than 1 lowers the sum for sure: the third derivative of the loss is at most
/// its second, so the sum falls by at least (1 − (e − 2)) of the decrement (Bach 2010, proposition 1).
const SAFE: f64 = 1.0;

/// How a logistic regression is fitted.
#[derive(Debug, Clone, PartialEq)]
pub struct LogisticOptions {
    /// L2 penalty on the weights, not on the bias; 0 or more. It stands beside the sum, not the mean, of the losses:
    /// 1 / C of scikit-learn.
    pub l2: f64,
    /// Most steps of Newton's method, above 0; ten or so suffice unless the labels can be separated.
    pub steps_max: u32,
}

/// Fits a logistic regression: the weights w and the bias b at the least `Σ ln(1 + exp(∓(b + w·x))) + l2/2 · w·w`,
/// minus for hits and plus for misses. The weights apply to the inputs as given. An input that is constant over the
/// training rows has weight 0.
///
/// # Errors
/// [`TrainingError`] where the objective is another, an option is outside its limits, an input is missing or
/// infinite, all labels are the same, or no weights are best: inputs that depend on each other, or labels that a
/// weighted sum separates, without a penalty.
pub fn train_logistic(
    train: &TrainExamples,
    objective: Objective,
    options: &LogisticOptions,
) -> Result<Linear, TrainingError> {
    match objective {
        Objective::Logistic => {}
        Objective::Squared => {
            return Err(TrainingError::Objective {
                trainer: NAME,
                expected: Objective::Logistic,
                found: objective,
            });
        }
    }
    check_options(options)?;
    let problem = Problem::new(train.examples(), options.l2)?;
    let point = problem.minimise(options.steps_max)?;
    Ok(Linear::new(problem.as_given(&point))?)
}

fn check_options(options: &LogisticOptions) -> Result<(), TrainingError> {
    if !(options.l2 >= 0.0 && options.l2.is_finite()) {
        let found = options.l2.to_string();
        return Err(TrainingError::Option { option: "l2", expected: "a finite number, 0 or above", found });
    }
    if options.steps_max == 0 {
        let found = "0".to_owned();
        return Err(TrainingError::Option { option: "steps_max", expected: "1 or more", found });
    }
    Ok(())
}

/// An input's mean and standard deviation over the training rows; constant ones have weight 0.
struct Column {
    index: usize,
    mean: f64,
    deviation: f64,
}

/// The sum to be minimised, over standardised inputs that are not constant.
///
/// A point is a vector `[bias, weight…]` over `[1, (x − mean) / deviation…]`.
struct Problem<'a> {
    examples: &'a Examples,
    /// 1 for a hit, −1 for a miss.
    signs: Vec<f64>,
    columns: Vec<Column>,
    /// The penalty of each coordinate of a point; 0 for the bias.
    penalties: Vec<f64>,
    l2: f64,
}

/// A point with the margin of each training row and the sum there.
struct Point {
    at: Vec<f64>,
    margins: Vec<f64>,
    sum: f64,
}

impl<'a> Problem<'a> {
    fn new(examples: &'a Examples, l2: f64) -> Result<Self, TrainingError> {
        check_inputs(examples)?;
        let target = |label: &f64| Objective::Logistic.target(*label);
        let signs: Vec<f64> = examples.labels().iter().map(|label| 2.0 * target(label) - 1.0).collect();
        if let Some(first) = examples.labels().first().map(target)
            && examples.labels().iter().all(|label| target(label) == first)
        {
            return Err(TrainingError::OneClass { rows: examples.len(), target: first });
        }
        let mut columns = Vec::new();
        let mut penalties = vec![0.0];
        for index in 0..examples.inputs().width() {
            let values: Vec<f64> =
                examples.inputs().iter().filter_map(|input| input.get(index).copied()).collect();
            let (mean, deviation) = mean_and_deviation(|| values.iter().copied()).unwrap_or_default();
            let penalty = l2 / (deviation * deviation);
            if values.iter().all(|value| *value == mean) {
                continue;
            }
            let usable = deviation > 0.0 && deviation.is_finite() && mean.is_finite();
            if !(usable && penalty.is_finite()) {
                return Err(TrainingError::Magnitude { index, mean, deviation });
            }
            columns.push(Column { index, mean, deviation });
            penalties.push(penalty);
        }
        Ok(Self { examples, signs, columns, penalties, l2 })
    }

    /// Calls `row` for each training row, in order, with its index and its standardised input, 1 first.
    fn each_row(&self, mut row: impl FnMut(usize, &[f64])) {
        let mut standardised = vec![1.0; self.columns.len() + 1];
        for (index, input) in self.examples.inputs().iter().enumerate() {
            for (value, column) in standardised.iter_mut().skip(1).zip(&self.columns) {
                let given = input.get(column.index).copied().unwrap_or(column.mean);
                *value = (given - column.mean) / column.deviation;
            }
            row(index, &standardised);
        }
    }

    /// The product of each row and a vector.
    fn products(&self, vector: &[f64]) -> Vec<f64> {
        let mut products = Vec::with_capacity(self.examples.len());
        self.each_row(|_, row| products.push(row.iter().zip(vector).map(|(x, v)| x * v).sum()));
        products
    }

    fn point(&self, at: Vec<f64>) -> Point {
        let margins = self.products(&at);
        let sum = self.sum(&at, &margins);
        Point { at, margins, sum }
    }

    fn sum(&self, at: &[f64], margins: &[f64]) -> f64 {
        let losses = margins.iter().zip(&self.signs).map(|(margin, sign)| loss(margin * sign));
        let penalty = Sum::of(self.penalties.iter().zip(at).map(|(penalty, w)| penalty * w * w));
        Sum::of(losses) + penalty / 2.0
    }

    fn minimise(&self, steps_max: u32) -> Result<Point, TrainingError> {
        let mut point = self.point(self.base_rate());
        let mut moved = 0.0;
        for _ in 0..steps_max {
            let (step, slope) = self.newton_step(&point)?;
            let moves = self.products(&step);
            moved = largest(&moves);
            let margin = largest(&point.margins);
            if moved <= MOVED_MAX * if margin > 1.0 { margin } else { 1.0 } {
                return Ok(self.point(along(&point.at, &step, 1.0)));
            }
            point = self.shortened(&point, &step, &moves, slope);
            if self.l2 == 0.0 && self.separates(&point) {
                return Err(TrainingError::Separable { rows: self.examples.len() });
            }
        }
        Err(TrainingError::NotConverged { steps: steps_max, moved })
    }

    /// Where Newton's method begins: no weights, and the bias of the share of hits.
    fn base_rate(&self) -> Vec<f64> {
        let hits = self.signs.iter().filter(|sign| **sign > 0.0).count() as f64;
        let mut at = vec![0.0; self.penalties.len()];
        if let Some(bias) = at.first_mut() {
            *bias = libm::log(hits / (self.signs.len() as f64 - hits));
        }
        at
    }

    /// Whether every row is on its side by more than the margins are rounded.
    fn separates(&self, point: &Point) -> bool {
        let rounding = self.penalties.len() as f64 * f64::EPSILON * largest(&point.margins);
        point.margins.iter().zip(&self.signs).all(|(margin, sign)| margin * sign > rounding)
    }

    /// The step, and how fast the sum falls along it: the square of Newton's decrement.
    fn newton_step(&self, point: &Point) -> Result<(Vec<f64>, f64), TrainingError> {
        let mut descent = vec![Sum::default(); self.penalties.len()];
        let mut hessian = Spd::new(self.penalties.len());
        self.each_row(|index, row| {
            let (Some(margin), Some(sign)) = (point.margins.get(index), self.signs.get(index)) else {
                return;
            };
            // From the tail that is small: neither cancels.
            let tail = libm::exp(-margin.abs());
            let wrong = if margin * sign > 0.0 { tail / (1.0 + tail) } else { 1.0 / (1.0 + tail) };
            descent.iter_mut().zip(row).for_each(|(sum, x)| sum.add(sign * wrong * x));
            hessian.add(tail / ((1.0 + tail) * (1.0 + tail)), row);
        });
        let penalised = self.penalties.iter().zip(&point.at).map(|(penalty, w)| penalty * w);
        let descent: Vec<f64> = descent.iter().zip(penalised).map(|(sum, p)| sum.value() - p).collect();
        hessian.add_diagonal(&self.penalties);
        // What the sum of as many terms, and the elimination of as many columns, may be wrong by.
        let rounding = (self.examples.len() + self.penalties.len()) as f64 * f64::EPSILON;
        match hessian.solve(&descent, rounding) {
            Ok(step) => {
                let slope = Sum::of(descent.iter().zip(&step).map(|(d, s)| d * s));
                Ok((step, slope))
            }
            Err(Dependent { row }) => match row.checked_sub(1).and_then(|row| self.columns.get(row)) {
                Some(column) => Err(TrainingError::Dependent { index: column.index }),
                // The bias stands first: it depends on nothing unless no row has any weight left.
                None => Err(TrainingError::Separable { rows: self.examples.len() }),
            },
        }
    }

    /// The step, or the first of its halves that lowers the sum enough.
    fn shortened(&self, point: &Point, step: &[f64], moves: &[f64], slope: f64) -> Point {
        let mut share = 1.0;
        while largest(moves) * share > SAFE {
            let at = along(&point.at, step, share);
            let sum = self.sum(&at, &along(&point.margins, moves, share));
            if sum <= point.sum - 1e-4 * share * slope {
                return self.point(at);
            }
            share /= 2.0;
        }
        self.point(along(&point.at, step, share))
    }

    /// The weights on the inputs as they were given.
    fn as_given(&self, point: &Point) -> LinearParts {
        let mut weights = vec![0.0; self.examples.inputs().width()];
        let mut bias = Sum::default();
        bias.add(point.at.first().copied().unwrap_or_default());
        for (column, scaled) in self.columns.iter().zip(point.at.iter().skip(1)) {
            let weight = scaled / column.deviation;
            bias.add(-weight * column.mean);
            if let Some(slot) = weights.get_mut(column.index) {
                *slot = weight;
            }
        }
        LinearParts { weights, bias: bias.value(), link: Link::Logistic { steepness: 1.0 } }
    }
}

fn check_inputs(examples: &Examples) -> Result<(), TrainingError> {
    for (input, row) in examples.inputs().iter().zip(examples.rows()) {
        if let Some((index, found)) = input.iter().enumerate().find(|(_, value)| !value.is_finite()) {
            return Err(TrainingError::Input { trainer: NAME, row: *row, index, found: *found });
        }
    }
    Ok(())
}

/// `ln(1 + exp(−x))`, without overflow.
fn loss(x: f64) -> f64 {
    libm::log1p(libm::exp(-x.abs())) + if x < 0.0 { -x } else { 0.0 }
}

fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |most, value| if value.abs() > most { value.abs() } else { most })
}

fn along(from: &[f64], step: &[f64], share: f64) -> Vec<f64> {
    from.iter().zip(step).map(|(from, step)| from + share * step).collect()
}

#[cfg(test)]
mod tests;
