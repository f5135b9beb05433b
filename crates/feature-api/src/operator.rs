//! What every operator of a feature version can do.

use crate::{Memory, RestoreError, StateReader, StateWriter};

/// A streaming operator: one input in, at most one output out, in (amortised) constant or logarithmic time.
///
/// # Invariants, which the conformance suite holds every operator to
/// - `None` for the first [`warm_up`](Operator::warm_up) inputs, `Some` ever after.
/// - The output depends on the inputs alone: not on chunking, not on [`save`](Operator::save).
/// - Where [`memory`](Operator::memory) is [`Memory::Finite`], on the last `window` inputs alone.
/// - A fresh operator of the same parameters that has loaded a saved state continues with the same bits.
/// - No allocation after construction.
pub trait Operator {
    /// What goes in.
    type Input: Copy;
    /// What comes out.
    type Output: Copy + Bits;

    /// Takes the next input; `None` until warm.
    fn update(&mut self, input: Self::Input) -> Option<Self::Output>;

    /// Inputs that must have been seen before the input that gives the first output.
    fn warm_up(&self) -> usize;

    /// How far back the output looks.
    fn memory(&self) -> Memory;

    /// Forgets every input.
    fn reset(&mut self);

    /// Writes the state, not the parameters.
    fn save(&self, state: &mut StateWriter);

    /// Reads what [`save`](Operator::save) wrote into an operator of the same parameters.
    ///
    /// # Errors
    /// [`RestoreError`] where the bytes are no state of such an operator. The operator is then reset.
    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError>;
}

/// The bits of a value, for comparisons that tell 0.0 from −0.0.
pub trait Bits {
    /// Appends the value's bits.
    fn bits(&self, to: &mut Vec<u64>);
}

impl Bits for f64 {
    fn bits(&self, to: &mut Vec<u64>) {
        to.push(self.to_bits());
    }
}

impl Bits for i64 {
    fn bits(&self, to: &mut Vec<u64>) {
        to.push(self.cast_unsigned());
    }
}

impl Bits for bool {
    fn bits(&self, to: &mut Vec<u64>) {
        to.push(u64::from(*self));
    }
}

impl<T: Bits> Bits for Option<T> {
    fn bits(&self, to: &mut Vec<u64>) {
        match self {
            None => to.push(0),
            Some(value) => {
                to.push(1);
                value.bits(to);
            }
        }
    }
}

impl<T: Bits, const N: usize> Bits for [T; N] {
    fn bits(&self, to: &mut Vec<u64>) {
        self.iter().for_each(|value| value.bits(to));
    }
}
