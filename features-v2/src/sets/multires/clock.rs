//! The six clocks, and what the tables of their features have in common.

use feature_api::{FeatureSpec, Grid, RestoreError, StateReader, StateWriter};

use crate::bars::ClosedBar;
use crate::operators::{CloseVolume, TypicalVolume};
use crate::sets::bar_set::View;

/// A clock: a kind of bars. The rows of the set are the closings of the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clock {
    /// Dollar bars.
    Short,
    /// Bars of short bars.
    Medium,
    /// Bars of medium bars.
    Long,
    /// Bars of a minute.
    Minute,
    /// Bars of a quarter of an hour.
    Quarter,
    /// Bars of four hours.
    FourHours,
}

/// The name of a feature on each clock, in order.
macro_rules! names {
    ($name:ident) => {
        [
            concat!("s_", stringify!($name)),
            concat!("m_", stringify!($name)),
            concat!("l_", stringify!($name)),
            concat!("t1m_", stringify!($name)),
            concat!("t15m_", stringify!($name)),
            concat!("t4h_", stringify!($name)),
        ]
    };
}
pub(super) use names;

impl Clock {
    /// Its own of what there is on each clock.
    pub(super) const fn pick<T: Copy>(self, [short, medium, long, minute, quarter, four_hours]: [T; 6]) -> T {
        match self {
            Self::Short => short,
            Self::Medium => medium,
            Self::Long => long,
            Self::Minute => minute,
            Self::Quarter => quarter,
            Self::FourHours => four_hours,
        }
    }

    /// What warm-up and memory are counted in on it: `None` where that is the set's rows.
    pub(super) const fn counted_in(self) -> Option<&'static str> {
        self.pick([
            None,
            Some("m bars"),
            Some("l bars"),
            Some("t1m bars"),
            Some("t15m bars"),
            Some("t4h bars"),
        ])
    }
}

/// A closed bar, at hand for the operators.
#[derive(Debug, Clone, Copy)]
pub(super) struct Closed<'a> {
    pub(super) bar: &'a ClosedBar,
    pub(super) view: View,
}

impl<'a> Closed<'a> {
    pub(super) const fn of(bar: &'a ClosedBar) -> Self {
        let sums = &bar.sums;
        let view = View {
            open: sums.open,
            high: sums.high,
            low: sums.low,
            close: sums.close,
            volume: sums.volume,
            taker: Some((sums.buy, sums.sell())),
        };
        Self { bar, view }
    }

    /// Three times the typical price, and the volume.
    pub(super) const fn typical(&self) -> TypicalVolume {
        let View { high, low, close, volume, .. } = self.view;
        TypicalVolume { triple: high + low + close, volume }
    }

    pub(super) const fn close_volume(&self) -> CloseVolume {
        CloseVolume { close: self.view.close, volume: self.view.volume }
    }
}

/// Features over the bars of a clock: a table and the operators under it.
pub(super) trait Features: Sized {
    /// What each feature is on that clock, in order.
    fn specs(clock: Clock) -> Vec<FeatureSpec>;

    /// Fresh operators for an instrument on that grid.
    fn new(grid: Grid) -> Self;

    /// Takes the next bar and hands the value of each feature to `put`, in order.
    fn update(&mut self, bar: &Closed<'_>, put: impl FnMut(Option<f64>));

    /// Writes the state of every operator.
    fn save(&self, state: &mut StateWriter);

    /// Reads what [`Features::save`] wrote.
    ///
    /// # Errors
    /// [`RestoreError`] of the first operator that refuses its part.
    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError>;
}

/// Declares the operators of a table after its constants, and with them all of [`Features`] but what is particular:
/// how they are made, and how they make the inputs of the table from a bar.
macro_rules! operators {
    ($(#[$doc:meta])* $Name:ident { $($constant:ident: $Constant:ty,)* } $($operator:ident: $Operator:ty,)+
     => new($grid:ident) $new:block
     => inputs($this:ident, $bar:ident) $inputs:block) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub(super) struct $Name { $($constant: $Constant,)* $($operator: $Operator,)+ }

        impl $crate::sets::multires::clock::Features for $Name {
            fn specs(clock: $crate::sets::multires::clock::Clock) -> Vec<feature_api::FeatureSpec> {
                specs(clock)
            }

            fn new($grid: feature_api::Grid) -> Self $new

            fn update(
                &mut self,
                $bar: &$crate::sets::multires::clock::Closed<'_>,
                put: impl FnMut(Option<f64>),
            ) {
                let $this = self;
                evaluate(&$inputs, put);
            }

            fn save(&self, state: &mut feature_api::StateWriter) {
                $(feature_api::Operator::save(&self.$operator, state);)+
            }

            fn load(
                &mut self,
                state: &mut feature_api::StateReader<'_>,
            ) -> Result<(), feature_api::RestoreError> {
                $(feature_api::Operator::load(&mut self.$operator, state)?;)+
                Ok(())
            }
        }
    };
}
pub(super) use operators;

/// Two tables as one: the features of `A`, then those of `B`.
#[derive(Debug)]
pub(super) struct Then<A, B>(A, B);

impl<A: Features, B: Features> Features for Then<A, B> {
    fn specs(clock: Clock) -> Vec<FeatureSpec> {
        let mut specs = A::specs(clock);
        specs.extend(B::specs(clock));
        specs
    }

    fn new(grid: Grid) -> Self {
        Self(A::new(grid), B::new(grid))
    }

    fn update(&mut self, bar: &Closed<'_>, mut put: impl FnMut(Option<f64>)) {
        self.0.update(bar, &mut put);
        self.1.update(bar, put);
    }

    fn save(&self, state: &mut StateWriter) {
        self.0.save(state);
        self.1.save(state);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.0.load(state)?;
        self.1.load(state)
    }
}
