//! `tick`: 23 features, a row per trade.

use feature_api::Range::{Any, AtLeast, Between};
use feature_api::{
    EventKind, FeatureSpec, Grid, Operator as _, RestoreError, StateReader, StateWriter, UnixNanos,
};

use super::book::imbalance;
use super::event_set::{EventEngine, Now};
use super::formula::change;
use super::table::{BOOK, features, finite, finite_on, params, recursive_on};
use crate::arithmetic::{Divisor, Scale, ratio};
use crate::bars::{BarRule as _, ClosedBar, TimeBars};
use crate::market::Print;
use crate::operators::{
    Atr, Ema, HighLowClose, LogReturn, RealDeviation, RealMean, RealizedVariance, RollingSum, Rsi,
    SessionBar, SessionVwap,
};
use crate::window::read_raw;

params! {
    /// Windows of `tick`.
    TickParams of "tick" {
        /// Shortest window of returns and volumes, in trades.
        short = 3,
        /// Middle window of returns and volumes, in trades.
        middle = 5,
        /// Longest window of returns and volumes, in trades.
        long = 10,
        /// Period of the fast EMA, in 1-second bars.
        ema_fast = 9,
        /// Period of the slow EMA, in 1-second bars.
        ema_slow = 21,
        /// Period of the RSI, in 1-second bars.
        rsi = 14,
        /// Period of the ATR, in 1-second bars.
        atr = 14,
        /// Length of the session of the VWAP, in seconds.
        session = 300,
        /// Window of the volatilities, in 1-second bars.
        volatility = 30,
        /// Window of the order flow, in trades.
        flow = 300,
    }
    "short must be below middle, middle below long, ema_fast below ema_slow":
        |p| p.short < p.middle && p.middle < p.long && p.ema_fast < p.ema_slow
}

const SECOND: i64 = 1_000_000_000;
/// The clock of the features over 1-second bars.
const BARS: &str = "1 s bars";
/// Levels a side that `ob_imbalance` looks at.
const LEVELS: usize = 5;

/// Values of the operators at one trade.
pub(super) struct Inputs {
    ret: Option<f64>,
    ret_log: Option<f64>,
    means: [Option<f64>; 3],
    deviations: [Option<f64>; 3],
    volumes: [Option<f64>; 3],
    second: Second,
    buys: Option<i64>,
    sells: Option<i64>,
    quantity: Divisor,
    imbalance: Option<f64>,
}

/// Values of the operators at the newest closed 1-second bar.
#[derive(Debug, Clone, Copy, Default)]
struct Second {
    ema_fast: Option<f64>,
    ema_slow: Option<f64>,
    rsi: Option<f64>,
    atr: Option<f64>,
    vwap: Option<f64>,
    deviation: Option<f64>,
    realized: Option<f64>,
}

impl Second {
    const fn values(&self) -> [Option<f64>; 7] {
        let Self { ema_fast, ema_slow, rsi, atr, vwap, deviation, realized } = *self;
        [ema_fast, ema_slow, rsi, atr, vwap, deviation, realized]
    }

    const fn values_mut(&mut self) -> [&mut Option<f64>; 7] {
        let Self { ema_fast, ema_slow, rsi, atr, vwap, deviation, realized } = self;
        [ema_fast, ema_slow, rsi, atr, vwap, deviation, realized]
    }
}

features! {
    p: TickParams, x: &Inputs,
    ret_1: x.ret => "p / p₋₁ − 1", finite(2),
        Any, "0 where the price before is 0", "Return from trade to trade.";
    ret_log_1: x.ret_log => "ln(p / p₋₁)", finite(2),
        Any, "0 where a price is not positive", "Logarithmic return from trade to trade.";
    ret_mean_3: x.means[0] => format!("mean of ret_1, {} trades", p.short), finite(p.short.get() + 1),
        Any, "", "Mean return.";
    ret_mean_5: x.means[1] => format!("mean of ret_1, {} trades", p.middle), finite(p.middle.get() + 1),
        Any, "", "Mean return.";
    ret_mean_10: x.means[2] => format!("mean of ret_1, {} trades", p.long), finite(p.long.get() + 1),
        Any, "", "Mean return.";
    ret_std_3: x.deviations[0] => format!("STD of ret_1, {} trades", p.short), finite(p.short.get() + 1),
        AtLeast(0.0), "0 where the returns are equal", "Standard deviation of returns, ddof 0.";
    ret_std_5: x.deviations[1] => format!("STD of ret_1, {} trades", p.middle), finite(p.middle.get() + 1),
        AtLeast(0.0), "0 where the returns are equal", "Standard deviation of returns, ddof 0.";
    ret_std_10: x.deviations[2] => format!("STD of ret_1, {} trades", p.long), finite(p.long.get() + 1),
        AtLeast(0.0), "0 where the returns are equal", "Standard deviation of returns, ddof 0.";
    vol_sum_3: x.volumes[0] => format!("Σ quantity, {} trades", p.short), finite(p.short.get()),
        AtLeast(0.0), "", "Quantity traded.";
    vol_sum_5: x.volumes[1] => format!("Σ quantity, {} trades", p.middle), finite(p.middle.get()),
        AtLeast(0.0), "", "Quantity traded.";
    vol_sum_10: x.volumes[2] => format!("Σ quantity, {} trades", p.long), finite(p.long.get()),
        AtLeast(0.0), "", "Quantity traded.";
    ema_9: x.second.ema_fast => format!("EMA{} of the close", p.ema_fast),
        recursive_on(BARS, p.ema_fast.get() - 1, Ema::convergence(p.ema_fast)),
        Any, "", "Of the newest closed 1-second bar, as all features over bars here; seconds without a trade make no bar.";
    ema_21: x.second.ema_slow => format!("EMA{} of the close", p.ema_slow),
        recursive_on(BARS, p.ema_slow.get() - 1, Ema::convergence(p.ema_slow)),
        Any, "", "Exponential moving average, seeded with the mean of its first inputs (TA-Lib EMA).";
    rsi_14: x.second.rsi => format!("RSI{} (Wilder) of the close", p.rsi),
        recursive_on(BARS, p.rsi.get(), Rsi::convergence(p.rsi)),
        Between(0.0, 100.0), "0 where the close never changed", "Relative strength index; TA-Lib RSI.";
    atr_14: x.second.atr => format!("ATR{} (Wilder)", p.atr), recursive_on(BARS, p.atr.get(), Atr::convergence(p.atr)),
        AtLeast(0.0), "", "Average true range (TA-Lib ATR).";
    vwap: x.second.vwap => format!("Σ p·q / Σ q over the bars of the last {} s", p.session), finite_on(BARS, p.session.get()),
        Any, "the newest close where nothing was traded", "Volume-weighted price of the trades of the 1-second bars within the session, which ends with the newest of them; valid once as many bars were seen as it can hold.";
    vol_std_30: x.second.deviation => format!("STD{} of the log return", p.volatility), finite_on(BARS, p.volatility.get() + 1),
        AtLeast(0.0), "0 where the returns are equal", "Standard deviation of the log returns of 1-second closes, ddof 0.";
    vol_rv_30: x.second.realized => format!("√Σ{} r², r the log return", p.volatility), finite_on(BARS, p.volatility.get() + 1),
        AtLeast(0.0), "", "Realised volatility of 1-second closes.";
    delta: Some(x.quantity.divide_i64(x.buys? - x.sells?)) => format!("Σ buy − Σ sell quantity, {} trades", p.flow), finite(p.flow.get()),
        Any, "", "Order flow by the side of the aggressor.";
    buy_volume: Some(x.quantity.divide_i64(x.buys?)) => format!("Σ buy quantity, {} trades", p.flow), finite(p.flow.get()),
        AtLeast(0.0), "", "What takers bought.";
    sell_volume: Some(x.quantity.divide_i64(x.sells?)) => format!("Σ sell quantity, {} trades", p.flow), finite(p.flow.get()),
        AtLeast(0.0), "", "What takers sold.";
    taker_ratio: Some(ratio(i128::from(x.buys?), x.buys? + x.sells?).unwrap_or(0.5)) => format!("buy/(buy + sell) quantity, {} trades", p.flow), finite(p.flow.get()),
        Between(0.0, 1.0), "0.5 where nothing was traded", "Share of the takers that bought.";
    ob_imbalance: x.imbalance => "(Σ bid − Σ ask)/(Σ bid + Σ ask), 5 levels", BOOK,
        Between(-1.0, 1.0), "", "Of the book before the trade; not valid without a usable book of 5 levels a side.";
}

/// The operators of `tick`.
#[derive(Debug)]
pub struct TickEngine {
    quantity: Divisor,
    last: Option<i64>,
    log_return: LogReturn,
    means: [RealMean; 3],
    deviations: [RealDeviation; 3],
    volumes: [RollingSum; 3],
    buys: RollingSum,
    sells: RollingSum,
    seconds: TimeBars,
    close: Divisor,
    ema_fast: Ema,
    ema_slow: Ema,
    rsi: Rsi,
    atr: Atr,
    session: SessionVwap,
    second_return: LogReturn,
    deviation: RealDeviation,
    realized: RealizedVariance,
    second: Second,
}

impl TickEngine {
    /// A closed 1-second bar moves the operators over bars on.
    fn close_second(&mut self, bar: &ClosedBar) {
        let sums = &bar.sums;
        let close = self.close.divide_i64(sums.close);
        let (high, low) = (sums.high, sums.low);
        let log_return = self.second_return.update(sums.close);
        self.second = Second {
            ema_fast: self.ema_fast.update(close),
            ema_slow: self.ema_slow.update(close),
            rsi: self.rsi.update(sums.close),
            atr: self.atr.update(HighLowClose { high, low, close: sums.close }),
            vwap: self.session.update(SessionBar::of(bar)),
            deviation: log_return.and_then(|r| self.deviation.update(r)),
            realized: log_return.and_then(|r| self.realized.update(r)).map(f64::sqrt),
        };
    }
}

impl EventEngine for TickEngine {
    const NAME: &'static str = "tick";
    const TAKES: &'static [EventKind] = &[EventKind::Trade, EventKind::Book, EventKind::Clock];
    type Params = TickParams;

    fn specs(params: &TickParams) -> Vec<FeatureSpec> {
        specs(params)
    }

    fn new(p: &TickParams, grid: Grid) -> Self {
        let (price, quantity) = (Scale::new(grid.price_scale()), Scale::new(grid.qty_scale()));
        let windows = [p.short, p.middle, p.long];
        Self {
            quantity: quantity.divisor(),
            last: None,
            log_return: LogReturn::new(),
            means: windows.map(RealMean::new),
            deviations: windows.map(|window| RealDeviation::new(window, 0)),
            volumes: windows.map(RollingSum::new),
            buys: RollingSum::new(p.flow),
            sells: RollingSum::new(p.flow),
            seconds: TimeBars::new(SECOND),
            close: price.divisor(),
            ema_fast: Ema::new(p.ema_fast),
            ema_slow: Ema::new(p.ema_slow),
            rsi: Rsi::new(p.rsi, price),
            atr: Atr::new(p.atr, price),
            session: SessionVwap::new(i64::from(p.session.get()) * SECOND, p.session, price),
            second_return: LogReturn::new(),
            deviation: RealDeviation::new(p.volatility, 0),
            realized: RealizedVariance::new(p.volatility),
            second: Second::default(),
        }
    }

    fn volume(&self) -> i64 {
        self.seconds.volume()
    }

    #[inline]
    fn trade(&mut self, print: &Print, now: &Now<'_>, put: impl FnMut(Option<f64>)) -> Option<UnixNanos> {
        if let Some(bar) = self.seconds.update(print) {
            self.close_second(&bar);
        }
        let ret = self.last.replace(print.price).map(|before| change(print.price, before));
        let (bought, sold) = if print.is_buy { (print.quantity, 0) } else { (0, print.quantity) };
        let inputs = Inputs {
            ret,
            ret_log: self.log_return.update(print.price),
            means: each(&mut self.means, |mean| mean.update(ret?)),
            deviations: each(&mut self.deviations, |deviation| deviation.update(ret?)),
            volumes: each(&mut self.volumes, |sum| {
                Some(self.quantity.divide_i64(sum.update(print.quantity)?))
            }),
            second: self.second,
            buys: self.buys.update(bought),
            sells: self.sells.update(sold),
            quantity: self.quantity,
            imbalance: imbalance(now.book, LEVELS),
        };
        evaluate(&inputs, put);
        Some(UnixNanos(print.ts))
    }

    fn clock(&mut self, ts: i64, _: &Now<'_>, _: impl FnMut(Option<f64>)) -> Option<UnixNanos> {
        if let Some(bar) = self.seconds.clock(ts) {
            self.close_second(&bar);
        }
        None
    }

    fn save(&self, state: &mut StateWriter) {
        state.write_bool(self.last.is_some());
        state.write_i64(self.last.unwrap_or_default());
        self.log_return.save(state);
        self.means.iter().for_each(|mean| mean.save(state));
        self.deviations.iter().for_each(|deviation| deviation.save(state));
        self.volumes.iter().for_each(|sum| sum.save(state));
        self.buys.save(state);
        self.sells.save(state);
        self.seconds.save(state);
        self.ema_fast.save(state);
        self.ema_slow.save(state);
        self.rsi.save(state);
        self.atr.save(state);
        self.session.save(state);
        self.second_return.save(state);
        self.deviation.save(state);
        self.realized.save(state);
        for value in self.second.values() {
            state.write_bool(value.is_some());
            state.write_f64(value.unwrap_or_default());
        }
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.last = state.read_bool()?.then_some(read_raw(state)?);
        self.log_return.load(state)?;
        self.means.iter_mut().try_for_each(|mean| mean.load(state))?;
        self.deviations.iter_mut().try_for_each(|deviation| deviation.load(state))?;
        self.volumes.iter_mut().try_for_each(|sum| sum.load(state))?;
        self.buys.load(state)?;
        self.sells.load(state)?;
        self.seconds.load(state)?;
        self.ema_fast.load(state)?;
        self.ema_slow.load(state)?;
        self.rsi.load(state)?;
        self.atr.load(state)?;
        self.session.load(state)?;
        self.second_return.load(state)?;
        self.deviation.load(state)?;
        self.realized.load(state)?;
        for value in self.second.values_mut() {
            *value = state.read_bool()?.then_some(state.read_f64()?);
        }
        Ok(())
    }
}

/// What each of three operators gives.
#[inline]
fn each<O, T>(operators: &mut [O; 3], update: impl Fn(&mut O) -> Option<T>) -> [Option<T>; 3] {
    operators.each_mut().map(update)
}
