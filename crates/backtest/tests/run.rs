//! Runs of real cores: what they hold is what the core said, and it adds up.

mod bot;

use std::sync::OnceLock;

use backtest::{Axis, BacktestError, Metrics, Run, grid, run, sweep};
use execution::{Costs, Money, Rate};
use feature_api::Side;
use market_data::BarSeries;
use runtime::CoreError;
use strategy::{AlwaysFlat, BuyAndHold};

use bot::Trained;

/// Bars and a model trained on them, made once.
fn made() -> &'static (BarSeries, Trained) {
    static MADE: OnceLock<(BarSeries, Trained)> = OnceLock::new();
    MADE.get_or_init(|| {
        let series = bot::random_walk(77, 3000);
        let trained = bot::train(&series, 20);
        (series, trained)
    })
}

fn sum(amounts: impl Iterator<Item = Money>) -> i128 {
    amounts.map(Money::units).sum()
}

#[test]
fn no_bars_are_refused() {
    let error = run(&mut bot::core(Box::new(AlwaysFlat)), &[], &mut |_| {}).unwrap_err();
    assert!(matches!(error, BacktestError::Empty), "{error}");
}

#[test]
fn a_bar_that_is_refused_is_named() {
    let mut bars = bot::random_walk(1, 10).bars;
    bars.swap(6, 7);
    let mut steps = 0;
    let error = run(&mut bot::core(Box::new(AlwaysFlat)), &bars, &mut |_| steps += 1).unwrap_err();
    // The eighth, which opens before the one in front of it has closed.
    assert_eq!(steps, 7);
    let message = error.to_string();
    let BacktestError::Step { bar, ts_close, source } = error else { panic!("{message}") };
    assert_eq!((bar, ts_close), (7, bars[7].ts_close().0));
    assert!(matches!(source, CoreError::Order { .. }), "{source}");
    assert!(
        message.starts_with("bar 7, which closes at 420000000000 (nanoseconds since 1970): "),
        "{message}"
    );
}

#[test]
fn a_run_is_what_the_core_said() {
    let (series, trained) = made();
    let mut told = 0;
    let mut core = bot::core(bot::model_driven(&trained.model));
    let found = run(&mut core, &series.bars, &mut |step| {
        assert_eq!(step.index, told);
        told += 1;
    })
    .unwrap();
    assert_eq!(told, series.bars.len() as u64);

    let mut core = bot::core(bot::model_driven(&trained.model));
    let (mut fills, mut trades, mut predictions) = (Vec::new(), Vec::new(), 0);
    assert_eq!(found.points.len(), series.bars.len());
    for (bar, point) in series.bars.iter().zip(&found.points) {
        let step = core.step(bar).unwrap();
        assert_eq!((point.ts_close, point.close), (bar.ts_close(), bar.close()));
        assert_eq!((point.lots, point.equity, point.reward), (step.lots, step.equity, step.reward));
        assert_eq!(point.prediction, step.signal.entry.value());
        predictions += usize::from(point.prediction.is_some());
        fills.extend_from_slice(step.fills);
        trades.extend_from_slice(step.trades);
    }
    assert_eq!((&found.fills, &found.trades), (&fills, &trades));
    assert_eq!((found.start, found.fees), (core.account().start(), core.account().fees()));
    assert_eq!(&found.market, core.exchange().market());
    assert!(predictions > 1000 && found.trades.len() > 100, "{predictions} {}", found.trades.len());
}

#[test]
fn what_a_run_holds_adds_up() {
    let (series, trained) = made();
    let mut core = bot::core(bot::model_driven(&trained.model));
    let mut net = 0;
    let found = run(&mut core, &series.bars, &mut |step| {
        net += step.trades.iter().map(|trade| trade.net().units()).sum::<i128>();
        if step.lots == 0 {
            let start = Money::parse("10000").unwrap();
            assert_eq!(step.equity.units() - start.units(), net, "bar {}", step.index);
        }
    })
    .unwrap();
    for side in [Side::Long, Side::Short] {
        assert!(found.trades.iter().filter(|trade| trade.side == side).count() > 10, "{side:?}");
    }
    assert_eq!(sum(found.fills.iter().map(|fill| fill.fee)), found.fees.units());

    let metrics = Metrics::of(&found);
    let hidden = sum(found.fills.iter().flat_map(|fill| [fill.spread, fill.slippage]));
    assert_eq!(metrics.get("spread_and_slippage"), Some(Money::from_units(hidden).to_f64()));
    assert_eq!(metrics.get("trades"), Some(found.trades.len() as f64));
    let open = found.points.iter().filter(|point| point.lots != 0).count();
    assert_eq!(metrics.get("exposure"), Some(open as f64 / 3000.0));
    let last = found.points.last().unwrap().equity.units();
    let costs = found.fees.units() + hidden;
    let before = last - found.start.units() + costs;
    let share = (before > 0).then(|| costs as f64 / before as f64);
    assert_eq!(metrics.get("cost_share"), share);
    // The reward without penalties is the gain in starting cash, added up bar by bar.
    let (reward, total) = (metrics.get("reward").unwrap(), metrics.get("total_return").unwrap());
    assert!((reward - total).abs() <= 3000.0 * f64::EPSILON, "{reward} {total}");
}

#[test]
fn buying_and_holding_is_the_price() {
    let zero = Rate::default();
    let free = Costs { taker_fee: zero, maker_fee: zero, spread: zero, slippage: zero, ..bot::costs() };
    let bars = bot::random_walk(5, 500).bars;
    let found = run(&mut bot::core_with(Box::new(BuyAndHold), free), &bars, &mut |_| {}).unwrap();
    // Bought at the open of the second bar, which is the close of the first: 0.1 of it or the lot below, held to the end.
    let lots = i128::from(found.points[1].lots);
    assert_eq!(lots, 100);
    let price = |index: usize| i128::from(bars[index].close().raw());
    // A lot of 0.001 at a step of 0.01 is 1e-5, 1e13 units.
    let gain = lots * (price(499) - price(0)) * 10_000_000_000_000;
    assert_eq!(found.points[499].equity.units() - found.start.units(), gain);
    let metrics = Metrics::of(&found);
    for name in ["fees", "spread_and_slippage", "trades"] {
        assert_eq!(metrics.get(name), Some(0.0), "{name}");
    }
    assert_eq!(metrics.get("exposure"), Some(499.0 / 500.0));
    let held = metrics.all.iter().find(|metric| metric.name == "total_return").unwrap().buy_and_hold.unwrap();
    let total = metrics.get("total_return").unwrap();
    // A tenth of the cash is in it, at 10,000: a tenth of the gain of the price.
    assert!((total - held / 10.0).abs() <= 4.0 * f64::EPSILON, "{total} {held}");
}

#[test]
fn a_sweep_of_bots_is_the_same_on_any_number_of_threads() {
    let (series, trained) = made();
    let one = |settings: &[(String, String)]| -> Result<Metrics, String> {
        let fee = settings[0].1.parse::<f64>().map_err(|error| error.to_string())?;
        let taker_fee = Rate::new("the fee", fee).map_err(|error| error.to_string())?;
        let mut core = bot::core_with(bot::model_driven(&trained.model), Costs { taker_fee, ..bot::costs() });
        let made: Run =
            run(&mut core, &series.bars[2000..], &mut |_| {}).map_err(|error| error.to_string())?;
        Ok(Metrics::of(&made))
    };
    let values = ["0", "0.0001", "2", "0.0002", "0.0004", "none"].map(str::to_owned).into();
    let settings = grid(&[Axis { key: "costs.taker_fee".to_owned(), values }]);
    let expected = sweep(settings.clone(), 1, one, |_| {});
    for threads in [2, 5] {
        assert_eq!(sweep(settings.clone(), threads, one, |_| {}), expected, "{threads} threads");
    }
    let fees = |index: usize| expected[index].outcome.as_ref().unwrap().get("fees").unwrap();
    assert!(fees(0) == 0.0 && fees(1) > 0.0 && fees(4) > fees(3), "fees are what was set");
    assert!(expected[2].outcome.is_err() && expected[5].outcome.is_err());
}
