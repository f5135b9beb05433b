//! An operator that leaves out the first input of a stream.

use feature_api::{Memory, Operator, RestoreError, StateReader, StateWriter};

/// `O` from the second input on: a stream may begin in the middle of a bar, whose volume is then not that of a bar.
///
/// - **Formula**: that of `O`.
/// - **Parameters**: those of `O`.
/// - **Warm-up**: one more than that of `O`.
/// - **Degenerate**: as `O`.
/// - **Source**: definition.
#[derive(Debug, Clone)]
pub struct AfterFirst<O> {
    operator: O,
    has_begun: bool,
}

impl<O: Operator> AfterFirst<O> {
    /// `operator`, which must be fresh.
    #[must_use]
    pub const fn new(operator: O) -> Self {
        Self { operator, has_begun: false }
    }
}

impl<O: Operator> Operator for AfterFirst<O> {
    type Input = O::Input;
    type Output = O::Output;

    #[inline]
    fn update(&mut self, input: O::Input) -> Option<O::Output> {
        if self.has_begun {
            return self.operator.update(input);
        }
        self.has_begun = true;
        None
    }

    fn warm_up(&self) -> usize {
        self.operator.warm_up() + 1
    }

    fn memory(&self) -> Memory {
        self.operator.memory().delayed(1)
    }

    fn reset(&mut self) {
        self.operator.reset();
        self.has_begun = false;
    }

    fn save(&self, state: &mut StateWriter) {
        state.write_bool(self.has_begun);
        if self.has_begun {
            self.operator.save(state);
        }
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        if state.read_bool()? {
            self.operator.load(state)?;
            self.has_begun = true;
        }
        Ok(())
    }
}
