//! Bars of imbalance: they close when one side has taken more than was to be expected.

use core::marker::PhantomData;

use feature_api::{Grid, RestoreError, StateReader, StateWriter};

use super::rule::{load_bar, save_bar};
use super::{BarRule, BarSums, ClosedBar};
use crate::arithmetic::Divisor;
use crate::market::Print;

/// Imbalance of trades: w = 1.
pub type TickImbalanceBars = ImbalanceBars<OfTrades>;
/// Imbalance of volume: w = quantity.
pub type VolumeImbalanceBars = ImbalanceBars<OfVolume>;
/// Imbalance of traded value: w = price·quantity.
pub type DollarImbalanceBars = ImbalanceBars<OfValue>;

/// What is expected before any bar, and within which limits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ImbalanceParams {
    /// `E[T]` before any bar is closed.
    pub expected_trades: u32,
    /// Least `E[T]`, at least 1.
    pub min_trades: u32,
    /// Greatest `E[T]`.
    pub max_trades: u32,
    /// `E[b·w]` before any bar is closed, in units of w. Without it the first bar closes after `expected_trades` trades, and
    /// what they say is what is expected of the second.
    pub expected_imbalance: Option<f64>,
    /// Least imbalance that closes a bar, in multiples of `√E[T]·|E[w]|`, which is what flow in balance comes to by chance
    /// in `E[T]` trades; 0 to 100. 0 is the definition without a floor, whose bars close early where sides are in balance.
    pub floor: f64,
    /// Span of the averages over closed bars: the weight of the last is 2/(span + 1).
    pub span: u32,
}

impl ImbalanceParams {
    /// Expectations that begin with `expected_trades`, stay between a quarter and four times as many, and average about 20
    /// bars; floor 1, so that a bar of flow in balance takes about `E[T]` trades.
    #[must_use]
    pub fn of(expected_trades: u32) -> Self {
        let expected_trades = expected_trades.max(1);
        Self {
            expected_trades,
            min_trades: expected_trades / 4,
            max_trades: expected_trades.saturating_mul(4),
            expected_imbalance: None,
            floor: 1.0,
            span: 20,
        }
    }
}

/// Bars that close when the imbalance of their trades reaches what was expected of a bar.
///
/// - **Closes** with the trade at which θ ≠ 0 and `|θ| ≥ max(E[T]·|E[b·w]|, floor·√E[T]·|E[w]|)`, where θ = Σ b·w, b = 1 where
///   the aggressor bought and −1 where he sold. θ is an exact integer and is compared as the float nearest to its value, so
///   the grid does not matter. That trade belongs to the bar whole, and the next bar starts at 0.
/// - **Expectations**: of T, the trades of a bar; of b·w and of w, their means over its trades. Each is
///   `E ← E + (x − E)·2/(span + 1)` over closed bars; `E[T]` is then clamped.
/// - **Parameters**: [`ImbalanceParams`].
/// - **Clamp and floor**: without them the threshold feeds on itself. Long bars raise `E[T]`, which makes bars longer still,
///   until none closes. Short ones lower it and look one-sided; at one trade a bar, `|E[b·w]|` is w and `E[T]` is 1, so every
///   trade closes one for ever. And where the sides are in balance, `E[b·w]` = 0 would close one at every trade.
/// - **Degenerate**: trades of nothing, or at a price of 0 in [`DollarImbalanceBars`], do not move θ.
/// - **Source**: M. López de Prado, Advances in Financial Machine Learning (2018), 2.3.2.1 and 2.3.2.2; b from the
///   aggressor, not from the tick rule; averages, clamp and floor are ours.
#[derive(Debug, Clone)]
pub struct ImbalanceBars<W> {
    params: ImbalanceParams,
    /// Turns sums of w into units.
    units: Divisor,
    expected: Expected,
    /// The |θ| that closes the bar, in units.
    threshold: f64,
    bar: Option<BarSums>,
    theta: i128,
    weight: PhantomData<W>,
}

/// What a trade weighs.
pub trait Weight {
    /// Decimals of a weight.
    fn decimals(grid: Grid) -> u8;
    /// Of a trade.
    fn of(print: &Print) -> i128;
    /// Of all trades of a bar.
    fn total(sums: &BarSums) -> i128;
    /// Whether Σ b·w of such a bar can be `theta`.
    fn can_be(theta: i128, sums: &BarSums) -> bool;
}

/// Every trade weighs 1.
#[derive(Debug, Clone, Copy)]
pub struct OfTrades;

impl Weight for OfTrades {
    fn decimals(_: Grid) -> u8 {
        0
    }

    fn of(_: &Print) -> i128 {
        1
    }

    fn total(sums: &BarSums) -> i128 {
        i128::from(sums.trades)
    }

    fn can_be(theta: i128, sums: &BarSums) -> bool {
        let trades = i128::from(sums.trades);
        (-trades..=trades).contains(&theta) && (trades - theta) % 2 == 0
    }
}

/// A trade weighs its quantity.
#[derive(Debug, Clone, Copy)]
pub struct OfVolume;

impl Weight for OfVolume {
    fn decimals(grid: Grid) -> u8 {
        grid.qty_scale()
    }

    fn of(print: &Print) -> i128 {
        i128::from(print.quantity)
    }

    fn total(sums: &BarSums) -> i128 {
        i128::from(sums.volume)
    }

    fn can_be(theta: i128, sums: &BarSums) -> bool {
        theta == i128::from(sums.buy - sums.sell())
    }
}

/// A trade weighs its price times its quantity.
#[derive(Debug, Clone, Copy)]
pub struct OfValue;

impl Weight for OfValue {
    fn decimals(grid: Grid) -> u8 {
        grid.price_scale() + grid.qty_scale()
    }

    fn of(print: &Print) -> i128 {
        i128::from(print.price) * i128::from(print.quantity)
    }

    fn total(sums: &BarSums) -> i128 {
        sums.dollar
    }

    fn can_be(theta: i128, sums: &BarSums) -> bool {
        // θ = bought − sold and dollar = bought + sold, each between its quantity at the lowest and at the highest price.
        let at = |price: i64, quantity: i64| i128::from(price) * i128::from(quantity);
        let within = |twice: i128, quantity| {
            twice % 2 == 0 && (at(sums.low, quantity)..=at(sums.high, quantity)).contains(&(twice / 2))
        };
        theta.unsigned_abs() < 1 << 107
            && within(sums.dollar + theta, sums.buy)
            && within(sums.dollar - theta, sums.sell())
    }
}

/// Above every weight: 2^53 steps of quantity at 2^53 steps of price.
const LIMIT: f64 = 1e32;

/// The expectations.
#[derive(Debug, Clone, Copy)]
struct Expected {
    trades: f64,
    /// `E[b·w]` and `E[w]`; `None` until a bar has said.
    flow: Option<Flow>,
}

#[derive(Debug, Clone, Copy)]
struct Flow {
    signed: f64,
    weight: f64,
}

impl<W: Weight> ImbalanceBars<W> {
    /// Bars of an instrument on that grid. Parameters outside their limits count as the limit.
    #[must_use]
    pub fn new(params: &ImbalanceParams, grid: Grid) -> Self {
        let mut params = *params;
        params.min_trades = params.min_trades.max(1);
        params.max_trades = params.max_trades.max(params.min_trades);
        params.expected_trades = params.expected_trades.clamp(params.min_trades, params.max_trades);
        params.span = params.span.max(1);
        // As comparisons, so that what is no number counts as 0.
        params.floor = if params.floor > 100.0 {
            100.0
        } else if params.floor > 0.0 {
            params.floor
        } else {
            0.0
        };
        params.expected_imbalance = params.expected_imbalance.filter(|x| x.abs() <= LIMIT);
        let mut bars = Self {
            params,
            units: Divisor::new(10_u128.pow(u32::from(W::decimals(grid)))),
            expected: Expected { trades: 0.0, flow: None },
            threshold: 0.0,
            bar: None,
            theta: 0,
            weight: PhantomData,
        };
        bars.reset();
        bars
    }

    /// Whether the bar in progress is full.
    #[inline]
    fn is_full(&self, bar: &BarSums) -> bool {
        match self.expected.flow {
            Some(_) => self.theta != 0 && self.units.divide(self.theta).abs() >= self.threshold,
            None => bar.trades >= u64::from(self.params.expected_trades),
        }
    }

    /// Learns from a closed bar, which begins the next.
    fn learn(&mut self, bar: &BarSums) {
        let trades = bar.trades as f64;
        let mean = Flow {
            signed: self.units.divide(self.theta) / trades,
            weight: self.units.divide(W::total(bar)) / trades,
        };
        let share = 2.0 / (f64::from(self.params.span) + 1.0);
        let average = |old: f64, new: f64| {
            let average = old + (new - old) * share;
            if average.abs() < f64::MIN_POSITIVE { 0.0 } else { average }
        };
        let (least, most) = (f64::from(self.params.min_trades), f64::from(self.params.max_trades));
        let trades = average(self.expected.trades, trades);
        let trades = if trades < least { least } else { trades };
        let flow = self.expected.flow.map_or(mean, |old| Flow {
            signed: average(old.signed, mean.signed),
            weight: average(old.weight, mean.weight),
        });
        self.theta = 0;
        self.expect(Expected { trades: if trades > most { most } else { trades }, flow: Some(flow) });
    }

    fn expect(&mut self, expected: Expected) {
        self.expected = expected;
        self.threshold = expected.flow.map_or(0.0, |flow| {
            let signed = expected.trades * flow.signed.abs();
            let floor = self.params.floor * expected.trades.sqrt() * flow.weight.abs();
            if signed < floor { floor } else { signed }
        });
    }

    fn read(&self, state: &mut StateReader<'_>) -> Result<(Expected, Option<BarSums>, i128), RestoreError> {
        let trades = state.read_f64()?;
        let flow = if state.read_bool()? {
            Some(Flow { signed: state.read_f64()?, weight: state.read_f64()? })
        } else {
            None
        };
        let bar = load_bar(state)?;
        let theta = state.read_i128()?;
        let limits = f64::from(self.params.min_trades)..=f64::from(self.params.max_trades);
        let possible = limits.contains(&trades)
            && flow.is_none_or(|flow| flow.signed.abs() <= LIMIT && flow.weight.abs() <= LIMIT)
            && bar.as_ref().map_or(theta == 0, |bar| W::can_be(theta, bar));
        if possible {
            Ok((Expected { trades, flow }, bar, theta))
        } else {
            Err(RestoreError::Invalid { what: "expectations of bars of imbalance and a bar in progress" })
        }
    }
}

impl<W: Weight> BarRule for ImbalanceBars<W> {
    #[inline]
    fn update(&mut self, print: &Print) -> Option<ClosedBar> {
        let weight = W::of(print);
        self.theta += if print.is_buy { weight } else { -weight };
        match &mut self.bar {
            Some(bar) => bar.push(print),
            None => self.bar = Some(BarSums::of(print)),
        }
        if !self.bar.as_ref().is_some_and(|bar| self.is_full(bar)) {
            return None;
        }
        let bar = self.bar.take()?;
        self.learn(&bar);
        Some(ClosedBar::of_trades(bar))
    }

    fn volume(&self) -> i64 {
        self.bar.as_ref().map_or(0, |bar| bar.volume)
    }

    fn reset(&mut self) {
        self.bar = None;
        self.theta = 0;
        let flow = self.params.expected_imbalance.map(|signed| Flow { signed, weight: signed.abs() });
        self.expect(Expected { trades: f64::from(self.params.expected_trades), flow });
    }

    fn save(&self, state: &mut StateWriter) {
        state.write_f64(self.expected.trades);
        state.write_bool(self.expected.flow.is_some());
        if let Some(flow) = self.expected.flow {
            state.write_f64(flow.signed);
            state.write_f64(flow.weight);
        }
        save_bar(self.bar.as_ref(), state);
        state.write_i128(self.theta);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        let (expected, bar, theta) = self.read(state)?;
        self.expect(expected);
        self.theta = theta;
        if bar.as_ref().is_some_and(|bar| self.is_full(bar)) {
            self.reset();
            return Err(RestoreError::Invalid { what: "a bar in progress" });
        }
        self.bar = bar;
        Ok(())
    }
}
