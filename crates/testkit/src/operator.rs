//! The rules every operator is held to.
//!
//! ```
//! use feature_api::Operator;
//! use testkit::{exact, expect::Expect, inputs::Stream, operator::{OperatorCase, conform}};
//!
//! /// Holds a mean of `window` integers to every rule, over every stream.
//! fn mean_conforms<O: Operator<Input = i64, Output = f64>>(new: impl Fn() -> O) {
//!     for stream in Stream::ALL {
//!         let naive = |window: &[i64]| {
//!             let values: Vec<_> = window.iter().map(|raw| exact::integer(*raw)).collect();
//!             vec![Expect::Rational(exact::mean(&values))]
//!         };
//!         conform(&OperatorCase {
//!             name: stream.name(),
//!             make: &new,
//!             inputs: &stream.raw(600, 1),
//!             converging: None,
//!             naive: Some(&naive),
//!         });
//!     }
//! }
//! ```

mod state;

use feature_api::{Bits, Memory, Operator};

use crate::expect::{Cells, Expect, cells_of};
use crate::report::{broken, cannot_run, spread};

/// A naive reference: what comes in is the window of a finite operator (fewer inputs before it is full), or
/// everything so far for a recursive one; what comes out is one expectation for each number of the output.
pub type Naive<'a, I> = &'a dyn Fn(&[I]) -> Vec<Expect>;

/// An operator, the inputs to run it over, and what should come out.
pub struct OperatorCase<'a, O: Operator> {
    /// Name of operator, parameters and stream, for the report.
    pub name: &'a str,
    /// Makes a fresh operator; always with the same parameters.
    pub make: &'a dyn Fn() -> O,
    /// The inputs; more than the warm-up, the window and the convergence take.
    pub inputs: &'a [O::Input],
    /// Another stream for the convergence of a recursive operator, where `inputs` is too short or too quiet:
    /// over inputs that stop moving, two histories may come to rest some ulps apart for ever. `None`: `inputs`.
    pub converging: Option<&'a [O::Input]>,
    /// The naive reference, compared at every row from the warm-up on.
    pub naive: Option<Naive<'a, O::Input>>,
}

/// Runs every rule.
///
/// # Panics
/// At the first rule that is broken, with the operator, the rule, the row, and what was expected and found;
/// and where the inputs are too few to check a rule.
pub fn conform<O: Operator>(case: &OperatorCase<'_, O>)
where
    O::Output: Cells,
{
    enough_inputs(case);
    let outputs = run(&mut (case.make)(), case.inputs);
    warm_up(case, &outputs);
    finite(case, &outputs);
    reset(case, &outputs);
    state::continues(case, &outputs);
    state::damage(case);
    prefix(case, &outputs);
    match (case.make)().memory() {
        Memory::Finite { window } => window_purity(case, &outputs, window as usize),
        Memory::Recursive { convergence } => converges(case, convergence as usize),
        // Neither a window nor a decay to check: the naive reference sees everything since the entry.
        Memory::SinceEntry | Memory::Book => {}
    }
    against_naive(case, &outputs);
}

/// Inputs after which two operators of different histories give the same bits for good: 0 where they agree
/// from the first of `common` on, `common.len()` where they do not agree at the last.
#[must_use]
pub fn measure_convergence<O: Operator>(
    make: &dyn Fn() -> O,
    histories: [&[O::Input]; 2],
    common: &[O::Input],
) -> usize {
    let [left, right] = histories.map(|history| {
        let mut operator = make();
        run(&mut operator, history);
        run(&mut operator, common)
    });
    left.iter().zip(&right).rposition(|(a, b)| !same(a, b)).map_or(0, |row| row + 1)
}

pub(crate) fn run<O: Operator>(operator: &mut O, inputs: &[O::Input]) -> Vec<Option<O::Output>> {
    inputs.iter().map(|input| operator.update(*input)).collect()
}

fn same<T: Bits>(a: &Option<T>, b: &Option<T>) -> bool {
    let bits = |value: &Option<T>| {
        let mut bits = Vec::with_capacity(4);
        value.bits(&mut bits);
        bits
    };
    bits(a) == bits(b)
}

fn show<T: Cells>(output: &Option<T>) -> String {
    match output {
        None => "None".to_owned(),
        Some(output) => {
            let cells: Vec<String> = cells_of(output).iter().map(ToString::to_string).collect();
            format!("Some({})", cells.join(", "))
        }
    }
}

/// Compares outputs with those expected; row 0 of both is row `first` of the case.
fn compare<T: Bits + Cells>(
    name: &str,
    rule: &str,
    first: usize,
    expected: &[Option<T>],
    found: &[Option<T>],
) {
    if expected.len() != found.len() {
        broken(name, rule, first, expected.len(), found.len());
    }
    for (row, (expected, found)) in expected.iter().zip(found).enumerate() {
        if !same(expected, found) {
            broken(name, rule, first + row, show(expected), show(found));
        }
    }
}

fn enough_inputs<O: Operator>(case: &OperatorCase<'_, O>) {
    let operator = (case.make)();
    let (warm_up, rows) = (operator.warm_up(), case.inputs.len());
    if rows < warm_up + 2 {
        cannot_run(
            case.name,
            "warm-up",
            format!("{rows} inputs, warm-up {warm_up}; give {} or more", warm_up + 2),
        );
    }
    match operator.memory() {
        Memory::Finite { window } => {
            let window = window as usize;
            if window <= warm_up {
                broken(case.name, "memory", warm_up, format!("a window above {warm_up}"), window);
            }
            if rows <= window {
                cannot_run(case.name, "window purity", format!("{rows} inputs, window {window}; give more"));
            }
        }
        Memory::Recursive { convergence } => {
            if (convergence as usize) <= warm_up {
                broken(case.name, "memory", warm_up, format!("a convergence above {warm_up}"), convergence);
            }
        }
        Memory::SinceEntry | Memory::Book => {}
    }
}

/// `None` for exactly `warm_up` inputs, `Some` ever after.
fn warm_up<O: Operator>(case: &OperatorCase<'_, O>, outputs: &[Option<O::Output>])
where
    O::Output: Cells,
{
    let warm_up = (case.make)().warm_up();
    for (row, output) in outputs.iter().enumerate() {
        if output.is_some() != (row >= warm_up) {
            let expected = if row < warm_up { "None" } else { "Some" };
            broken(
                case.name,
                "warm-up",
                row,
                format!("{expected} with a warm-up of {warm_up}"),
                show(output),
            );
        }
    }
}

/// Every float that comes out is finite.
fn finite<O: Operator>(case: &OperatorCase<'_, O>, outputs: &[Option<O::Output>])
where
    O::Output: Cells,
{
    use crate::expect::Cell;
    for (row, output) in outputs.iter().enumerate() {
        let finite = |cell: &Cell| match cell {
            Cell::Float(value) => value.is_finite(),
            Cell::Int(_) | Cell::Flag(_) | Cell::Absent => true,
        };
        if !cells_of(output).iter().all(finite) {
            broken(case.name, "finite", row, "finite numbers", show(output));
        }
    }
}

/// An operator that was reset is as new, whatever it had seen and whatever comes next.
fn reset<O: Operator>(case: &OperatorCase<'_, O>, outputs: &[Option<O::Output>])
where
    O::Output: Cells,
{
    let warm_up = (case.make)().warm_up();
    for row in spread(case.inputs.len(), 8, &[warm_up, warm_up + 1]) {
        let mut operator = (case.make)();
        let (seen, later) = case.inputs.split_at(row + 1);
        run(&mut operator, seen);
        operator.reset();
        let rule = format!("reset = new (reset after row {row})");
        compare(case.name, &rule, 0, outputs, &run(&mut operator, case.inputs));
        operator.reset();
        compare(case.name, &rule, row + 1, &run(&mut (case.make)(), later), &run(&mut operator, later));
    }
}

/// The past does not change when the future is cut off. Every row up to 2,000 inputs, then every so many.
fn prefix<O: Operator>(case: &OperatorCase<'_, O>, outputs: &[Option<O::Output>])
where
    O::Output: Cells,
{
    let rows = case.inputs.len();
    let step = (rows * rows).div_ceil(4_000_000).max(1);
    for row in (0..rows).step_by(step) {
        let mut operator = (case.make)();
        let (mut found, inputs) = (None, &case.inputs[..=row]);
        for input in inputs {
            found = operator.update(*input);
        }
        if !same(&outputs[row], &found) {
            broken(case.name, "prefix invariance", row, show(&outputs[row]), show(&found));
        }
    }
}

/// A fresh operator that saw only the window gives the bits of one that saw everything.
fn window_purity<O: Operator>(case: &OperatorCase<'_, O>, outputs: &[Option<O::Output>], window: usize)
where
    O::Output: Cells,
{
    for (last, inputs) in case.inputs.windows(window).enumerate() {
        let row = last + window - 1;
        let mut operator = (case.make)();
        let mut fresh = None;
        for input in inputs {
            fresh = operator.update(*input);
        }
        if !same(&fresh, &outputs[row]) {
            broken(
                case.name,
                "window purity",
                row,
                format!("{} as from the last {window} inputs alone", show(&fresh)),
                show(&outputs[row]),
            );
        }
    }
}

/// Different histories give the same bits after at most `convergence` common inputs, and stay together.
fn converges<O: Operator>(case: &OperatorCase<'_, O>, convergence: usize)
where
    O::Output: Cells,
{
    const STAY: usize = 64;
    let inputs = case.converging.unwrap_or(case.inputs);
    let Some(split) = inputs.len().checked_sub(convergence + STAY).filter(|split| *split >= 2) else {
        let needed = convergence + STAY + 2;
        cannot_run(case.name, "convergence", format!("{} inputs; give {needed} or more", inputs.len()));
    };
    let (history, common) = inputs.split_at(split);
    let reversed: Vec<O::Input> = history.iter().rev().copied().collect();
    let mut long = (case.make)();
    run(&mut long, history);
    let expected = run(&mut long, common);
    for (what, other) in [
        ("no history", &[][..]),
        ("half of the history", &history[split / 2..]),
        ("the history reversed", &reversed),
    ] {
        let mut operator = (case.make)();
        run(&mut operator, other);
        let found = run(&mut operator, common);
        let rule = format!("convergence within {convergence} inputs ({what})");
        compare(case.name, &rule, split + convergence, &expected[convergence..], &found[convergence..]);
    }
}

/// Every output is what the naive reference says.
fn against_naive<O: Operator>(case: &OperatorCase<'_, O>, outputs: &[Option<O::Output>])
where
    O::Output: Cells,
{
    let Some(naive) = case.naive else { return };
    let window = match (case.make)().memory() {
        Memory::Finite { window } => window as usize,
        Memory::Recursive { .. } | Memory::SinceEntry | Memory::Book => usize::MAX,
    };
    for (row, output) in outputs.iter().enumerate() {
        let Some(output) = output else { continue };
        let expected = naive(&case.inputs[(row + 1).saturating_sub(window)..=row]);
        let found = cells_of(output);
        if expected.len() != found.len() {
            broken(
                case.name,
                "naive reference",
                row,
                format!("{} numbers", expected.len()),
                format!("{} numbers", found.len()),
            );
        }
        for (index, (expected, found)) in expected.iter().zip(found).enumerate() {
            if !expected.is_met_by(found) {
                broken(case.name, "naive reference", format!("{row}, number {index}"), expected, found);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use feature_api::{RestoreError, StateReader, StateWriter};

    use super::*;
    use crate::report::panic_text;

    /// Gives back what it gets.
    struct Echo;

    impl Operator for Echo {
        type Input = f64;
        type Output = f64;

        fn update(&mut self, input: f64) -> Option<f64> {
            Some(input)
        }
        fn warm_up(&self) -> usize {
            0
        }
        fn memory(&self) -> Memory {
            Memory::Finite { window: 1 }
        }
        fn reset(&mut self) {}
        fn save(&self, _: &mut StateWriter) {}
        fn load(&mut self, _: &mut StateReader<'_>) -> Result<(), RestoreError> {
            Ok(())
        }
    }

    /// No operator on its own can break the rule: one that has been shown the future stands in for it.
    #[test]
    fn the_prefix_rule_sees_every_row() {
        let inputs = [1.0, 2.0, 3.0, 4.0];
        let case =
            OperatorCase { name: "echo", make: &|| Echo, inputs: &inputs, converging: None, naive: None };
        conform(&case);
        for row in 0..inputs.len() {
            let mut outputs = run(&mut Echo, &inputs);
            outputs[row] = Some(9.0);
            let caught = catch_unwind(AssertUnwindSafe(|| prefix(&case, &outputs))).unwrap_err();
            let text = panic_text(&*caught);
            assert!(text.contains(&format!("`prefix invariance` broken at row {row}")), "{text}");
        }
    }

    #[test]
    fn too_few_inputs_are_no_pass() {
        let case =
            OperatorCase { name: "echo", make: &|| Echo, inputs: &[1.0], converging: None, naive: None };
        let caught = catch_unwind(AssertUnwindSafe(|| conform(&case))).unwrap_err();
        assert!(panic_text(&*caught).contains("cannot be checked"));
    }

    #[test]
    fn convergence_is_the_last_difference() {
        let make = || Echo;
        assert_eq!(measure_convergence(&make, [&[1.0], &[2.0, 3.0]], &[4.0, 5.0]), 0);
    }
}
