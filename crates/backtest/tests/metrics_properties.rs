//! The figures of any run: from their definitions, in other units, and never NaN.
#![allow(clippy::unwrap_used, reason = "tests")]

mod runs;

use backtest::{Metrics, Point, Run, Unit};
use execution::{Money, Trade};
use feature_api::{MAX_RAW, Price, Side, UnixNanos};
use proptest::collection::vec;
use proptest::prelude::*;

use runs::{DAY, fill, of_equity, run_of, trade};

/// Half a step of the last place of 1.
const U: f64 = f64::EPSILON / 2.0;

/// Figures from their definitions, and how far rounding may take them apart. Here the returns are quotients of exact
/// integers; there both numbers are first rounded to 53 bits: 4u of a return are between them.
struct Naive {
    returns: Vec<f64>,
}

impl Naive {
    fn of(equity: &[i64]) -> Self {
        let returns = equity.windows(2).map(|pair| (pair[1] - pair[0]) as f64 / pair[0] as f64).collect();
        Self { returns }
    }

    fn mean(&self) -> f64 {
        self.returns.iter().sum::<f64>() / self.returns.len() as f64
    }

    fn deviation(&self) -> f64 {
        let mean = self.mean();
        let squares: f64 = self.returns.iter().map(|value| (value - mean) * (value - mean)).sum();
        (squares / (self.returns.len() as f64 - 1.0)).sqrt()
    }

    fn downside(&self) -> f64 {
        let squares: f64 = self.returns.iter().filter(|value| **value < 0.0).map(|value| value * value).sum();
        (squares / self.returns.len() as f64).sqrt()
    }

    fn largest(&self) -> f64 {
        self.returns
            .iter()
            .fold(0.0, |largest, value| if value.abs() > largest { value.abs() } else { largest })
    }

    /// A mean of n terms is off by (n + 4)·u of the largest, and so is a spread; the few steps around them by some u of
    /// themselves. Four times that for the two that are compared, and what is left out.
    fn parts(&self) -> f64 {
        4.0 * (self.returns.len() as f64 + 8.0) * U
    }

    /// Of a mean over a spread.
    fn tolerance(&self, spread: f64, ratio: f64) -> f64 {
        self.parts() * self.largest() / spread * (365.25_f64.sqrt() + ratio.abs())
    }
}

fn drawdown(start: i64, equity: &[i64]) -> (f64, f64) {
    let all = [&[start], equity].concat();
    let (mut deepest, mut longest) = (0.0, 0);
    for (at, peak) in all.iter().enumerate() {
        // Peaks alone: none before is higher.
        if all[..at].iter().any(|before| before > peak) {
            continue;
        }
        let after = &all[at + 1..];
        for value in after {
            let depth = (peak - value) as f64 / *peak as f64;
            deepest = if depth > deepest { depth } else { deepest };
        }
        let below = after.iter().take_while(|value| *value < peak).count();
        // The bar in which it recovers counts too, where there is one.
        let bars = if below == 0 { 0 } else { (below + 1).min(after.len()) };
        longest = longest.max(bars);
    }
    (deepest, longest as f64)
}

proptest! {
    #[test]
    fn curves_are_as_defined(
        start in 900_000..1_100_000_i64,
        equity in vec(500_000..2_000_000_i64, 3..60),
    ) {
        let run = run_of(start, &equity, &equity);
        let metrics = Metrics::of(&run);
        let naive = Naive::of(&equity);
        let year = 365.25_f64.sqrt();
        prop_assume!(naive.deviation() > 0.0 && naive.downside() > 0.0);

        let check = |name: &str, expected: f64, tolerance: f64| {
            let found = metrics.get(name).unwrap();
            prop_assert!((found - expected).abs() <= tolerance, "{name}: {found} for {expected} ± {tolerance}");
            Ok(())
        };
        let sharpe = naive.mean() / naive.deviation() * year;
        check("sharpe", sharpe, naive.tolerance(naive.deviation(), sharpe))?;
        let sortino = naive.mean() / naive.downside() * year;
        check("sortino", sortino, naive.tolerance(naive.downside(), sortino))?;
        let volatility = naive.deviation() * year;
        check("volatility", volatility, naive.parts() * naive.largest() * year)?;
        let last = equity[equity.len() - 1];
        let total = (last - start) as f64 / start as f64;
        check("total_return", total, 4.0 * U * total.abs())?;
        let (deepest, longest) = drawdown(start, &equity);
        check("max_drawdown", deepest, 4.0 * U * deepest)?;
        check("max_drawdown_bars", longest, 0.0)?;

        // Holding the price that is the equity is the same curve, but for its start.
        let held = run_of(equity[0], &equity, &equity);
        for metric in Metrics::of(&held).all.iter().filter(|metric| metric.buy_and_hold.is_some()) {
            // Money is rounded to 53 bits before it is divided by 1e18.
            let tolerance = if metric.unit == Unit::Money { 4.0 * U * 2e6 } else { 1e-9 };
            let (bot, price) = (metric.value.unwrap(), metric.buy_and_hold.unwrap());
            prop_assert!((bot - price).abs() <= tolerance * (1.0 + bot.abs()), "{}: {bot} and {price}", metric.name);
        }
    }

    #[test]
    fn trades_are_as_defined(trades in vec((1..1000_i64, -500..500_i64, 0..50_i64, 1..90_u32, any::<bool>()), 1..40)) {
        let mut run = of_equity(&[1000, 1001]);
        let side = |is_long| if is_long { Side::Long } else { Side::Short };
        run.trades = trades
            .iter()
            .map(|(value, gross, fees, bars, long)| trade(side(*long), *value, *gross, *fees, *bars))
            .collect();
        let metrics = Metrics::of(&run);
        let nets: Vec<i64> = trades.iter().map(|(_, gross, fees, ..)| gross - fees).collect();
        let count = nets.len() as f64;
        let wins: i64 = nets.iter().filter(|net| **net > 0).sum();
        let losses: i64 = nets.iter().filter(|net| **net < 0).sum();
        prop_assert_eq!(metrics.get("trades"), Some(count));
        prop_assert_eq!(metrics.get("hit_rate"), Some(nets.iter().filter(|net| **net > 0).count() as f64 / count));
        // Three roundings: both sums to 53 bits, and their quotient.
        let factor = metrics.get("profit_factor");
        match losses {
            0 => prop_assert_eq!(factor, None),
            _ => {
                let expected = wins as f64 / -losses as f64;
                prop_assert!((factor.unwrap() - expected).abs() <= 8.0 * U * expected);
            }
        }
        let shares = nets.iter().zip(&trades).map(|(net, (value, ..))| *net as f64 / *value as f64);
        let (sum, size) = shares.fold((0.0, 0.0), |(sum, size), share| (sum + share, size + share.abs()));
        let found = metrics.get("average_trade").unwrap();
        prop_assert!((found - sum / count).abs() <= 4.0 * (count + 8.0) * U * size / count);
        let held: u32 = trades.iter().map(|(_, _, _, bars, _)| bars).sum();
        prop_assert_eq!(metrics.get("average_bars_held"), Some(f64::from(held) / count));
    }

    /// In a currency worth a power of two less, every ratio is the same to the bit.
    #[test]
    fn units_do_not_matter(
        equity in vec(1..1_000_000_i64, 2..40),
        (value, gross, fees) in (1..1000_i64, -500..500_i64, 0..50_i64),
        power in 1..8_u32,
    ) {
        let mut run = run_of(equity[0], &equity, &equity);
        run.trades = vec![trade(Side::Long, value, gross, fees, 3), trade(Side::Short, value, -gross, fees, 4)];
        run.fills = vec![fill(3, value, fees, 1, 2), fill(-3, value, fees, 2, 1)];
        run.fees = runs::money(2 * fees);
        let by = 1_i64 << power;
        let (one, other) = (Metrics::of(&run), Metrics::of(&scaled(&run, by)));
        for (one, other) in one.all.iter().zip(&other.all) {
            let by = if one.unit == Unit::Money { by as f64 } else { 1.0 };
            prop_assert_eq!(one.value.map(|value| (value * by).to_bits()), other.value.map(f64::to_bits), "{}", one.name);
            let held = one.buy_and_hold.map(|value| (value * by).to_bits());
            prop_assert_eq!(held, other.buy_and_hold.map(f64::to_bits), "{}", one.name);
        }
    }

    /// Whatever a run holds, no figure is NaN or infinite, and none panics.
    #[test]
    fn no_figure_is_no_number(
        start in any_money(),
        points in vec((any::<i64>(), -MAX_RAW..=MAX_RAW, any::<i64>(), any_money(), any::<f64>()), 0..20),
        trades in vec((any_money(), any_money(), any_money(), any::<u32>()), 0..5),
        fills in vec((any::<i64>(), -MAX_RAW..=MAX_RAW, any_money(), any_money(), any_money()), 0..5),
        fees in any_money(),
    ) {
        let mut run = of_equity(&[1]);
        (run.start, run.fees) = (start, fees);
        run.points = points.into_iter().map(|(ts, close, lots, equity, reward)| Point {
            ts_close: UnixNanos(ts), close: Price::from_raw(close).unwrap(), lots, equity, prediction: None, reward,
        }).collect();
        run.trades = trades.into_iter().map(|(entry_value, gross, fees, bars_held)| {
            Trade { entry_value, gross, fees, ..trade(Side::Long, 1, 1, 1, bars_held) }
        }).collect();
        run.fills = fills.into_iter().map(|(lots, price, fee, spread, slippage)| {
            let made = fill(1, 1, 1, 1, 1);
            execution::Fill { lots, price: Price::from_raw(price).unwrap(), fee, spread, slippage, ..made }
        }).collect();
        all_numbers(&run)?;
    }

    /// Paths of the kind that a bot makes: near its start, through 0 and below.
    #[test]
    fn no_figure_of_a_walk_is_no_number(steps in vec(-30..=30_i64, 1..200), close in -50..50_i64) {
        let mut equity = 100;
        let path: Vec<i64> = steps.iter().map(|step| { equity += step; equity }).collect();
        let mut run = run_of(100, &path, &vec![close; path.len()]);
        all_numbers(&run)?;
        run.points.iter_mut().zip(&path).for_each(|(point, equity)| point.close = runs::price(*equity));
        all_numbers(&run)?;
        let metrics = Metrics::of(&run);
        prop_assert!(metrics.get("max_drawdown").unwrap() >= 0.0);
        // A path that reaches 0 before its end has no returns; one that ends there has no year.
        let is_ruined = path.iter().rev().skip(1).any(|equity| *equity <= 0);
        prop_assert!(!is_ruined || metrics.get("volatility").is_none());
    }
}

fn any_money() -> impl Strategy<Value = Money> {
    prop_oneof![any::<i128>(), (-1_000_000..1_000_000_i128), Just(0), Just(i128::MAX), Just(i128::MIN),]
        .prop_map(Money::from_units)
}

fn all_numbers(run: &Run) -> Result<(), TestCaseError> {
    for metric in Metrics::of(run).all {
        let is_number = |value: Option<f64>| value.is_none_or(f64::is_finite);
        prop_assert!(is_number(metric.value) && is_number(metric.buy_and_hold), "{metric:?}");
    }
    Ok(())
}

fn scaled(run: &Run, by: i64) -> Run {
    let money = |money: Money| Money::from_units(money.units() * i128::from(by));
    let price = |price: Price| Price::from_raw(price.raw() * by).unwrap();
    let mut run = run.clone();
    (run.start, run.fees) = (money(run.start), money(run.fees));
    for point in &mut run.points {
        (point.equity, point.close) = (money(point.equity), price(point.close));
    }
    for trade in &mut run.trades {
        (trade.entry_value, trade.gross, trade.fees) =
            (money(trade.entry_value), money(trade.gross), money(trade.fees));
    }
    for fill in &mut run.fills {
        (fill.price, fill.fee) = (price(fill.price), money(fill.fee));
        (fill.spread, fill.slippage) = (money(fill.spread), money(fill.slippage));
    }
    run
}

#[test]
fn the_span_of_the_points_makes_the_year() {
    // The same returns in half the time: twice as many bars a year, so √2 of every figure of a year.
    let slow = of_equity(&[100, 103, 101, 104]);
    let mut fast = slow.clone();
    for (point, half_days) in fast.points.iter_mut().zip(0..) {
        point.ts_close = UnixNanos(half_days * (DAY / 2));
    }
    let (slow, fast) = (Metrics::of(&slow), Metrics::of(&fast));
    for name in ["volatility", "sharpe", "sortino"] {
        let (slow, fast) = (slow.get(name).unwrap(), fast.get(name).unwrap());
        assert!((fast / slow - 2.0_f64.sqrt()).abs() <= 8.0 * f64::EPSILON, "{name}");
    }
}
