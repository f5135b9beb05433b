//! Bars of a kind that is chosen at run time.

use feature_api::{Grid, RestoreError, StateReader, StateWriter};

use super::{
    BarRule, ClosedBar, DollarBars, DollarImbalanceBars, ImbalanceParams, TickBars, TickImbalanceBars,
    TimeBars, VolumeBars, VolumeImbalanceBars,
};
use crate::market::Print;

/// Bars of any kind, without a pointer in between.
///
/// | kind | name | size |
/// |---|---|---|
/// | 1 | `time` | milliseconds |
/// | 2 | `tick` | trades |
/// | 3 | `volume` | units of quantity |
/// | 4 | `dollar` | quote units |
/// | 5 | `tick-imbalance` | expected trades, see [`ImbalanceParams::of`] |
/// | 6 | `volume-imbalance` | the same |
/// | 7 | `dollar-imbalance` | the same |
#[derive(Debug, Clone)]
pub enum AnyBars {
    /// Of time.
    Time(TimeBars),
    /// Of trades.
    Tick(TickBars),
    /// Of volume.
    Volume(VolumeBars),
    /// Of traded value.
    Dollar(DollarBars),
    /// Of imbalance in trades.
    TickImbalance(TickImbalanceBars),
    /// Of imbalance in volume.
    VolumeImbalance(VolumeImbalanceBars),
    /// Of imbalance in traded value.
    DollarImbalance(DollarImbalanceBars),
}

impl AnyBars {
    /// Names of the kinds; the first is kind 1.
    pub const KINDS: [&str; 7] =
        ["time", "tick", "volume", "dollar", "tick-imbalance", "volume-imbalance", "dollar-imbalance"];

    /// Bars of that kind and size, of an instrument on that grid; `None` where there is no such kind or the size is 0.
    #[must_use]
    pub fn by_kind(kind: u32, size: u32, grid: Grid) -> Option<Self> {
        let imbalance = ImbalanceParams::of(size);
        match kind {
            _ if size == 0 => None,
            1 => Some(Self::Time(TimeBars::new(i64::from(size) * 1_000_000))),
            2 => Some(Self::Tick(TickBars::new(size))),
            3 => Some(Self::Volume(VolumeBars::new(size, grid))),
            4 => Some(Self::Dollar(DollarBars::new(size, grid))),
            5 => Some(Self::TickImbalance(TickImbalanceBars::new(&imbalance, grid))),
            6 => Some(Self::VolumeImbalance(VolumeImbalanceBars::new(&imbalance, grid))),
            7 => Some(Self::DollarImbalance(DollarImbalanceBars::new(&imbalance, grid))),
            _ => None,
        }
    }
}

/// The same call on whichever bars there are.
macro_rules! each {
    ($any:expr, $bars:ident => $call:expr) => {
        match $any {
            AnyBars::Time($bars) => $call,
            AnyBars::Tick($bars) => $call,
            AnyBars::Volume($bars) => $call,
            AnyBars::Dollar($bars) => $call,
            AnyBars::TickImbalance($bars) => $call,
            AnyBars::VolumeImbalance($bars) => $call,
            AnyBars::DollarImbalance($bars) => $call,
        }
    };
}

impl BarRule for AnyBars {
    #[inline]
    fn update(&mut self, print: &Print) -> Option<ClosedBar> {
        each!(self, bars => bars.update(print))
    }

    #[inline]
    fn clock(&mut self, ts: i64) -> Option<ClosedBar> {
        each!(self, bars => bars.clock(ts))
    }

    fn volume(&self) -> i64 {
        each!(self, bars => bars.volume())
    }

    fn reset(&mut self) {
        each!(self, bars => bars.reset());
    }

    fn save(&self, state: &mut StateWriter) {
        each!(self, bars => bars.save(state));
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        each!(self, bars => bars.load(state))
    }
}
