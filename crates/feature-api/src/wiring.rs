//! A set is written once, over a [`Wiring`] of its operators. Wired [`Plain`]ly, they are themselves and nothing else
//! is there. Wired [`Metered`], a [`Meter`] reads the caller's clock around each of them.

use core::hint::black_box;
use core::marker::PhantomData;

use crate::meter::Lap;
use crate::{Memory, Meter, Operator, RestoreError, StateReader, StateWriter};

/// How the operators of a set are wired up. The same values come out of every wiring.
pub trait Wiring {
    /// What stands in an operator's place.
    type Of<O: Operator>: Operator<Input = O::Input, Output = O::Output>;
}

/// Every operator as it is.
#[derive(Debug, Clone, Copy)]
pub struct Plain;

impl Wiring for Plain {
    type Of<O: Operator> = O;
}

/// Every operator under a [`Meter`].
#[derive(Debug, Clone, Copy)]
pub struct Metered<'m>(PhantomData<&'m ()>);

impl<'m> Wiring for Metered<'m> {
    type Of<O: Operator> = MeteredOperator<'m, O>;
}

/// An operator under a [`Meter`]; see [`Meter::wire`].
#[derive(Debug)]
pub struct MeteredOperator<'m, O> {
    operator: O,
    meter: &'m Meter<'m>,
    index: usize,
}

impl<'m, O> MeteredOperator<'m, O> {
    pub(crate) const fn new(operator: O, meter: &'m Meter<'m>, index: usize) -> Self {
        Self { operator, meter, index }
    }
}

impl<O: Operator> Operator for MeteredOperator<'_, O> {
    type Input = O::Input;
    type Output = O::Output;

    fn update(&mut self, input: O::Input) -> Option<O::Output> {
        self.meter.lap(Lap::Shared);
        // All of the work lies between the two laps.
        let output = black_box(self.operator.update(black_box(input)));
        self.meter.lap(Lap::Operator(self.index));
        if self.meter.is_hidden(self.index) { None } else { output }
    }

    fn warm_up(&self) -> usize {
        self.operator.warm_up()
    }

    fn memory(&self) -> Memory {
        self.operator.memory()
    }

    fn reset(&mut self) {
        self.operator.reset();
    }

    fn save(&self, state: &mut StateWriter) {
        self.operator.save(state);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.operator.load(state)
    }
}
