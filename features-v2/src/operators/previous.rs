//! What an operator said one input ago.

use feature_api::{Memory, Operator, RestoreError, StateReader, StateWriter};

/// The output of `O` at the input before: turns "the last n" into "the previous n".
///
/// - **Formula**: `y₋₁`.
/// - **Parameters**: those of `O`.
/// - **Warm-up**: one more than that of `O`.
/// - **Degenerate**: as `O`.
/// - **Source**: definition.
///
/// It keeps the newest input and hands it on one update later, so its state is that of `O` and one input.
#[derive(Debug, Clone)]
pub struct Previous<O: Operator> {
    operator: O,
    held: Option<O::Input>,
}

impl<O: Operator> Previous<O> {
    /// `operator`, one input late.
    #[must_use]
    pub const fn new(operator: O) -> Self {
        Self { operator, held: None }
    }
}

impl<O: Operator<Input = i64>> Operator for Previous<O> {
    type Input = i64;
    type Output = O::Output;

    #[inline]
    fn update(&mut self, input: i64) -> Option<O::Output> {
        let held = self.held.replace(input)?;
        self.operator.update(held)
    }

    fn warm_up(&self) -> usize {
        self.operator.warm_up() + 1
    }

    fn memory(&self) -> Memory {
        self.operator.memory().delayed(1)
    }

    fn reset(&mut self) {
        self.operator.reset();
        self.held = None;
    }

    fn save(&self, state: &mut StateWriter) {
        state.write_bool(self.held.is_some());
        state.write_i64(self.held.unwrap_or_default());
        self.operator.save(state);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        let held = state.read_bool()?.then_some(crate::window::read_raw(state)?);
        self.operator.load(state)?;
        self.held = held;
        Ok(())
    }
}
