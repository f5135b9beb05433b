//! `flow`: 24 features of order flow and order book, a row per closed bar of the set's own kind.

mod ranks;
mod table;

use feature_api::{
    EventKind, FeatureSpec, Grid, Operator, RestoreError, StateReader, StateWriter, UnixNanos,
};

use super::book::{Touch, depth, imbalance};
use super::event_set::{EventEngine, Now};
use super::table::params;
use crate::arithmetic::{Divisor, Scale};
use crate::bars::{AnyBars, BarRule as _, ClosedBar, TimeBars};
use crate::market::{Book, Print};
use crate::operators::{
    AfterFirst, Amihud, Bipower, BuySell, CloseDollar, CloseFlow, GarmanKlass, Kyle, LogReturn, Ohlc,
    Parkinson, RealizedVariance, RogersSatchell, RollSpread, SignedVolume, Vpin, YangZhang,
};
use crate::window::Window;
use ranks::Ranks;
use table::Inputs;

params! {
    /// Bars and windows of `flow`.
    FlowParams of "flow" {
        /// What closes a bar; see [`AnyBars`]: 1 time, 2 trades, 3 quantity, 4 money, 5 to 7 their imbalance.
        bar_kind = 1 in 1..=7,
        /// Size of a bar: milliseconds, trades, units of quantity or of money, or the trades that are expected.
        bar_size = 1_000 in 1..=4_294_967_295,
        /// Window of the signed volume, in bars.
        signed_volume = 20,
        /// Window of the VPIN, in buckets.
        vpin = 50,
        /// Size of a bucket of the VPIN, in thousandths of a unit of quantity: choose it for the instrument.
        vpin_bucket = 1_000 in 1..=4_294_967_295,
        /// Window of Kyle's lambda, in bars.
        kyle = 50 in 2..=1_000,
        /// Window of Amihud's illiquidity, in bars.
        amihud = 50,
        /// Window of Roll's spread, in pairs of changes of the close.
        roll = 50 in 2..=700,
        /// Window of realized volatility, bipower variation and jump, in returns.
        volatility = 20,
        /// Window of the variances estimated from ranges, in bars.
        ranges = 20 in 2..=1_000,
    }
    "bars of time (bar_kind 1) must be of one day (bar_size 86400000) at most": |p| p.bar_kind != 1 || p.bar_size <= 86_400_000
}

/// The operators of `flow`.
#[derive(Debug)]
pub struct FlowEngine {
    quantity: Divisor,
    /// Steps of quantity in a unit.
    unit: u128,
    bars: AnyBars,
    ranks: Ranks,
    vpin: Vpin,
    signed_volume: SignedVolume,
    kyle: AfterFirst<Kyle>,
    amihud: AfterFirst<Amihud>,
    roll: AfterFirst<RollSpread>,
    log_return: LogReturn,
    realized: RealizedVariance,
    bipower: Bipower,
    parkinson: Parkinson,
    garman_klass: GarmanKlass,
    rogers_satchell: RogersSatchell,
    yang_zhang: YangZhang,
}

impl FlowEngine {
    /// The row of a bar that closes now.
    fn close(&mut self, bar: &ClosedBar, now: &Now<'_>, put: impl FnMut(Option<f64>)) -> UnixNanos {
        let sums = &bar.sums;
        let (close, buy, sell) = (sums.close, sums.buy, sums.sell());
        let ohlc = Ohlc { open: sums.open, high: sums.high, low: sums.low, close };
        let log_return = self.log_return.update(close);
        let inputs = Inputs {
            touch: Touch::of(now.book),
            depth: depth(now.book, 10).map(|(bids, asks)| self.quantity.divide(bids + asks)),
            imbalance: [1, 5, 10].map(|levels| imbalance(now.book, levels)),
            flow: self.ranks.close(),
            quantity: self.quantity,
            buy,
            sell,
            trades: sums.trades,
            unit: self.unit,
            vpin: self.vpin.value(),
            signed_volume: self.signed_volume.update(BuySell { buy, sell }),
            kyle: self.kyle.update(CloseFlow { close, flow: buy - sell }),
            amihud: self.amihud.update(CloseDollar { close, dollar: sums.dollar }),
            roll: self.roll.update(close),
            realized: log_return.and_then(|r| self.realized.update(r)),
            bipower: log_return.and_then(|r| self.bipower.update(r)),
            parkinson: self.parkinson.update(ohlc),
            garman_klass: self.garman_klass.update(ohlc),
            rogers_satchell: self.rogers_satchell.update(ohlc),
            yang_zhang: self.yang_zhang.update(ohlc),
        };
        table::evaluate(&inputs, put);
        UnixNanos(sums.ts_last)
    }
}

impl EventEngine for FlowEngine {
    const NAME: &'static str = "flow";
    const TAKES: &'static [EventKind] = &[EventKind::Trade, EventKind::Book, EventKind::Clock];
    type Params = FlowParams;

    fn specs(params: &FlowParams) -> Vec<FeatureSpec> {
        table::specs(params)
    }

    fn new(p: &FlowParams, grid: Grid) -> Self {
        let (price, quantity) = (Scale::new(grid.price_scale()), Scale::new(grid.qty_scale()));
        let (kyle, roll, ranges) =
            (Window::clamped(p.kyle), Window::clamped(p.roll), Window::clamped(p.ranges));
        Self {
            quantity: quantity.divisor(),
            unit: quantity.steps(),
            // The parameters' limits are those of the kinds, so that there is always one.
            bars: AnyBars::by_kind(p.bar_kind, p.bar_size, grid).unwrap_or(AnyBars::Time(TimeBars::new(1))),
            ranks: Ranks::default(),
            vpin: Vpin::new(p.vpin, p.vpin_bucket, grid.qty_scale()),
            signed_volume: SignedVolume::new(p.signed_volume),
            kyle: AfterFirst::new(Kyle::new(kyle, price, quantity)),
            amihud: AfterFirst::new(Amihud::new(p.amihud, price, quantity)),
            roll: AfterFirst::new(RollSpread::new(roll, price)),
            log_return: LogReturn::new(),
            realized: RealizedVariance::new(p.volatility),
            bipower: Bipower::new(p.volatility),
            parkinson: Parkinson::new(ranges),
            garman_klass: GarmanKlass::new(ranges),
            rogers_satchell: RogersSatchell::new(ranges),
            yang_zhang: YangZhang::new(ranges),
        }
    }

    fn volume(&self) -> i64 {
        self.bars.volume()
    }

    /// A trade closes a bar that it does not belong to by its time, or else a bar that it completes: never both.
    #[inline]
    fn trade(&mut self, print: &Print, now: &Now<'_>, mut put: impl FnMut(Option<f64>)) -> Option<UnixNanos> {
        let before = self.clock(print.ts, now, &mut put);
        self.vpin.add(print.signed());
        match self.bars.update(print) {
            Some(bar) => Some(self.close(&bar, now, put)),
            None => before,
        }
    }

    #[inline]
    fn clock(&mut self, ts: i64, now: &Now<'_>, put: impl FnMut(Option<f64>)) -> Option<UnixNanos> {
        let bar = self.bars.clock(ts)?;
        Some(self.close(&bar, now, put))
    }

    #[inline]
    fn book(&mut self, book: &Book) {
        self.ranks.see(book);
    }

    fn save(&self, state: &mut StateWriter) {
        self.bars.save(state);
        self.ranks.save(state);
        self.vpin.save(state);
        self.signed_volume.save(state);
        self.kyle.save(state);
        self.amihud.save(state);
        self.roll.save(state);
        self.log_return.save(state);
        self.realized.save(state);
        self.bipower.save(state);
        self.parkinson.save(state);
        self.garman_klass.save(state);
        self.rogers_satchell.save(state);
        self.yang_zhang.save(state);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.bars.load(state)?;
        self.ranks.load(state)?;
        self.vpin.load(state)?;
        self.signed_volume.load(state)?;
        self.kyle.load(state)?;
        self.amihud.load(state)?;
        self.roll.load(state)?;
        self.log_return.load(state)?;
        self.realized.load(state)?;
        self.bipower.load(state)?;
        self.parkinson.load(state)?;
        self.garman_klass.load(state)?;
        self.rogers_satchell.load(state)?;
        self.yang_zhang.load(state)
    }
}
