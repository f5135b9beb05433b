//! A pure random walk earns nothing: what a model finds in one is chance, and costs are not.
#![allow(clippy::unwrap_used, reason = "tests")]

mod bot;

use backtest::{Metrics, Run, run};
use execution::{Costs, ExitReason};
use feature_api::Bar;

use bot::Trained;

/// What a run earned and cost, as fractions of its starting cash, and how often it traded.
#[derive(Debug)]
struct Earned {
    net: f64,
    costs: f64,
    trades: usize,
}

impl Earned {
    fn on(bars: &[Bar], trained: &Trained) -> Self {
        let mut core = bot::core(bot::model_driven(&trained.model));
        Self::of(&run(&mut core, bars, &mut |_| {}).unwrap())
    }

    fn of(run: &Run) -> Self {
        let metrics = Metrics::of(run);
        let costs = metrics.get("fees").unwrap() + metrics.get("spread_and_slippage").unwrap();
        let net = metrics.get("total_return").unwrap();
        Self { net, costs: costs / run.start.to_f64(), trades: run.trades.len() }
    }

    fn gross(&self) -> f64 {
        self.net + self.costs
    }
}

/// The mean, and the standard error of it.
fn mean(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let values: Vec<f64> = values.collect();
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    (mean, (squares / (count - 1.0) / count).sqrt())
}

/// Thirty walks of 5,000 bars; a model of each, trained on its first 3,000 and run on the 2,000 after them.
#[test]
fn nothing_is_earned_on_a_random_walk() {
    let (mut seen, mut unseen) = (Vec::new(), Vec::new());
    for seed in 1..=30 {
        let series = bot::random_walk(seed, 5000);
        let trained = bot::train(&series, 30);
        let (before, after) = series.bars.split_at(trained.unseen_from);
        seen.push(Earned::on(before, &trained));
        unseen.push(Earned::on(after, &trained));
    }
    let often = unseen.iter().filter(|one| one.trades >= 50).count();
    assert!(often >= 25, "it hardly trades: {unseen:?}");

    // Before costs it is a fair game. Three standard errors: so far off by chance in one of 300 such tests.
    let (gross, error) = mean(unseen.iter().map(Earned::gross));
    assert!(gross.abs() <= 3.0 * error, "before costs {gross} ± {error} of the cash");
    // On the bars it was trained on the same model does earn: what is wrong with a backtest would show.
    let (known, error) = mean(seen.iter().map(Earned::gross));
    assert!(known > 10.0 * error, "before costs {known} ± {error} of the cash on bars it was trained on");

    // Each trade costs 12 parts in 10,000 of a tenth of the cash, less at most a hundredth of it, since lots are whole,
    // and more by ticks and the moves of the walk; a position open at the end has cost half of that.
    for one in &unseen {
        let expected = one.trades as f64 * 0.0012 * 0.1;
        let found = one.costs / expected;
        assert!(found > 0.98 && found < 1.02 + 0.5 / one.trades as f64, "{one:?}: {found}");
    }
    // So after costs it loses: the upper end of the 99 % interval of the mean (Student's t with 29 degrees of freedom:
    // 2.76 standard errors) is below 0.
    let (net, error) = mean(unseen.iter().map(|one| one.net));
    assert!(net + 2.76 * error < 0.0, "after costs {net} ± {error} of the cash");
    let trades: usize = unseen.iter().map(|one| one.trades).sum();
    println!("{trades} trades: before costs {gross}, after {net} ± {error} of the cash; known bars {known}");
}

/// Stops, takes and orders that are a bar late: the walk goes in steps of the tick, so every level that it crosses it
/// touches, and what is filled there is fair. A bar that touches both levels counts as the stop, which is careful: so
/// before costs at most nothing is earned.
#[test]
fn nothing_is_earned_on_a_random_walk_by_stops_and_takes() {
    let (mut unseen, mut stops, mut takes) = (Vec::new(), 0, 0);
    for seed in 31..=60 {
        let series = bot::random_walk(seed, 5000);
        let trained = bot::train(&series, 30);
        let strategy = bot::with_levels(&trained.model, 0.003);
        let costs = Costs { latency_bars: 1, ..bot::costs() };
        let mut core = bot::core_on(strategy, costs, "2.5");
        let run = run(&mut core, &series.bars[trained.unseen_from..], &mut |_| {}).unwrap();
        let ended = |reason| run.trades.iter().filter(|trade| trade.exit == reason).count();
        stops += ended(ExitReason::Stop);
        takes += ended(ExitReason::Take);
        unseen.push(Earned::of(&run));
    }
    assert!(stops > 500 && takes > 500, "{stops} stops, {takes} takes");
    let (gross, error) = mean(unseen.iter().map(Earned::gross));
    assert!(gross <= 3.0 * error, "before costs {gross} ± {error} of the cash");
    let (net, error) = mean(unseen.iter().map(|one| one.net));
    assert!(net + 2.76 * error < 0.0, "after costs {net} ± {error} of the cash");
    println!("{stops} stops, {takes} takes: before costs {gross}, after {net} ± {error} of the cash");
}
