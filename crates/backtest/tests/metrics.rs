//! The figures of runs, by hand and by numpy.
#![allow(clippy::unwrap_used, reason = "tests")]

mod runs;

use backtest::{Metric, Metrics, Run};
use execution::Money;
use feature_api::{Side, UnixNanos};

use runs::{DAY, fill, money, of_equity, price, run_of, trade};

fn metric(run: &Run, name: &str) -> Metric {
    *Metrics::of(run).all.iter().find(|metric| metric.name == name).unwrap()
}

fn value(run: &Run, name: &str) -> Option<f64> {
    metric(run, name).value
}

/// Equal but for rounding: `parts` of 2^-52.
#[track_caller]
fn near(found: Option<f64>, expected: f64, parts: f64) {
    let found = found.unwrap();
    assert!((found - expected).abs() <= parts * f64::EPSILON * expected.abs(), "{found} for {expected}");
}

#[test]
fn by_hand() {
    // Returns of 0.1, −0.1, 0.2 and 0: mean 0.05, Σ of squared deviations 0.05, so s² = 0.05/3 = 1/60, and
    // d² = 0.1²/4. Four returns in four days: a year has 365.25.
    let run = run_of(1000, &[1000, 1100, 990, 1188, 1188], &[100, 110, 99, 108, 90]);
    let year = 365.25_f64.sqrt();
    near(value(&run, "total_return"), 0.188, 4.0);
    assert_eq!((value(&run, "annual_return"), value(&run, "calmar")), (None, None));
    near(value(&run, "volatility"), year / 60.0_f64.sqrt(), 16.0);
    near(value(&run, "sharpe"), 0.05 * 60.0_f64.sqrt() * year, 16.0);
    near(value(&run, "sortino"), year, 16.0);
    near(value(&run, "max_drawdown"), 0.1, 1.0);
    // From the second bar to the fourth.
    assert_eq!(value(&run, "max_drawdown_bars"), Some(2.0));
    // The same over forty days. 1.188^9.13125: an error of the base counts 9 times.
    let mut slow = run.clone();
    slow.points.iter_mut().for_each(|point| point.ts_close.0 *= 10);
    near(value(&slow, "annual_return"), libm::pow(1.188, 365.25 / 40.0) - 1.0, 20.0);
    near(value(&slow, "calmar"), (libm::pow(1.188, 365.25 / 40.0) - 1.0) / 0.1, 20.0);
    assert_eq!(value(&run, "final_equity"), Some(1188.0));

    let held = |name| metric(&run, name).buy_and_hold;
    near(held("total_return"), -0.1, 4.0);
    near(held("max_drawdown"), 20.0 / 110.0, 1.0);
    assert_eq!(held("max_drawdown_bars"), Some(3.0));
    near(held("final_equity"), 900.0, 2.0);
    let with: Vec<_> =
        Metrics::of(&slow).all.iter().filter(|m| m.buy_and_hold.is_some()).map(|m| m.name).collect();
    let curves = ["total_return", "annual_return", "volatility", "sharpe", "sortino", "calmar"];
    assert_eq!(with, [&curves[..], &["max_drawdown", "max_drawdown_bars", "final_equity"]].concat());
}

/// Daily equity and daily closes, made up, and what numpy 2.4 makes of them:
///
/// ```python
/// s = np.array(series, dtype="float64"); r = s[1:] / s[:-1] - 1
/// years = len(r) / 365.25; year = np.sqrt(len(r) / years)
/// annual = (s[-1] / s[0]) ** (1 / years) - 1
/// sharpe = r.mean() / r.std(ddof=1) * year
/// sortino = r.mean() / np.sqrt((np.minimum(r, 0) ** 2).mean()) * year
/// drawdown = (1 - s / np.maximum.accumulate(s)).max()
/// calmar = annual / drawdown
/// ```
#[test]
fn as_numpy_has_it() {
    #[rustfmt::skip]
    let equity = [
        10000, 10008, 10076, 10029, 9858, 9776, 9590, 9609, 9874, 9785, 9671, 9773, 9851, 9880, 9704, 9706, 9849,
        9592, 9512, 9158, 8929, 8607, 8573, 8363, 8415, 8448, 8423, 8006, 7926, 7925, 7949, 7712, 7644, 7501, 7386,
        7549, 7433, 7434, 7571, 7489,
    ];
    #[rustfmt::skip]
    let closes = [
        5000, 4993, 5002, 5008, 4917, 4924, 5025, 4909, 4973, 4983, 4936, 5085, 5144, 5052, 5059, 5104, 5091, 5144,
        5140, 5192, 5305, 5252, 5269, 5233, 5244, 5152, 5108, 5094, 5164, 5254, 5151, 5091, 5141, 4988, 4954, 4948,
        5042, 5095, 5071, 5044,
    ];
    let run = run_of(10_000, &equity, &closes);
    // numpy's `s[1:] / s[:-1] - 1` is off by 2^-53 of 1, so its mean return (-0.0072 and 0.00034) by up to 3.3e-13 of
    // itself; all else rounds to less.
    let relative = 1e-12;
    let expected = [
        ("total_return", -0.2511, 0.008799999999999919),
        ("annual_return", -0.93332993555655, 0.0855153708537888),
        ("volatility", 0.31724659767152336, 0.2557353540213522),
        ("sharpe", -8.348179878266789, 0.4455249381359176),
        ("sortino", -8.478137869251231, 0.6461591870908399),
        ("calmar", -3.495997186121858, 1.2707536201102227),
        ("max_drawdown", 0.2669710202461294, 0.06729500471253536),
        ("max_drawdown_bars", 37.0, 19.0),
    ];
    for (name, bot, held) in expected {
        let found = metric(&run, name);
        for (found, expected) in [(found.value, bot), (found.buy_and_hold, held)] {
            let found = found.unwrap();
            assert!((found - expected).abs() <= relative * expected.abs(), "{name}: {found} for {expected}");
        }
    }
}

#[test]
fn trades_by_hand() {
    let mut run = of_equity(&[1000, 1000]);
    // Nets of 30, −10, 0 and −20, on entry values of 100, 200, 400 and 50.
    run.trades = vec![
        trade(Side::Long, 100, 32, 2, 3),
        trade(Side::Short, 200, -9, 1, 1),
        trade(Side::Short, 400, 3, 3, 5),
        trade(Side::Long, 50, -20, 0, 2),
    ];
    assert_eq!(value(&run, "trades"), Some(4.0));
    assert_eq!(value(&run, "hit_rate"), Some(0.25));
    assert_eq!(value(&run, "profit_factor"), Some(1.0));
    near(value(&run, "average_trade"), (0.3 - 0.05 + 0.0 - 0.4) / 4.0, 8.0);
    assert_eq!(value(&run, "average_bars_held"), Some(2.75));

    run.trades.truncate(1);
    assert_eq!(value(&run, "profit_factor"), None, "no trade lost");
    run.trades = vec![trade(Side::Long, 100, 0, 4, 1)];
    assert_eq!(value(&run, "profit_factor"), Some(0.0));
    assert_eq!(value(&run, "hit_rate"), Some(0.0));
    run.trades = vec![trade(Side::Long, 0, 1, 0, 1)];
    assert_eq!(value(&run, "average_trade"), None, "an entry at 0");
    run.trades.clear();
    for name in ["hit_rate", "profit_factor", "average_trade", "average_bars_held"] {
        assert_eq!(value(&run, name), None, "{name} without trades");
    }
    assert_eq!(value(&run, "trades"), Some(0.0));
}

#[test]
fn costs_by_hand() {
    let mut run = of_equity(&[1000, 1000, 1070, 1065]);
    // Bought 3 at 100, sold 5 at 90: 750 traded. Earned 65 after 10 of fees and 25 of the rest, so 100 before.
    run.fills = vec![fill(3, 100, 4, 5, 0), fill(-5, 90, 6, 12, 8)];
    run.fees = money(10);
    for (index, lots) in [0, 3, -2, 0].into_iter().enumerate() {
        run.points[index].lots = lots;
        run.points[index].reward = [0.0, 0.25, -0.5, 0.125][index];
    }
    assert_eq!(value(&run, "exposure"), Some(0.5));
    assert_eq!(value(&run, "turnover"), Some(0.75));
    assert_eq!(value(&run, "fees"), Some(10.0));
    assert_eq!(value(&run, "spread_and_slippage"), Some(25.0));
    assert_eq!(value(&run, "cost_share"), Some(0.35));
    assert_eq!(value(&run, "reward"), Some(-0.125));

    run.points[3].equity = money(965);
    assert_eq!(value(&run, "cost_share"), None, "nothing earned before costs");
    run.points[3].equity = money(966);
    assert_eq!(value(&run, "cost_share"), Some(35.0));
}

#[test]
fn drawdowns_from_peak_to_recovery() {
    let bars = |equity: &[i64]| {
        let run = run_of(100, equity, &vec![1; equity.len()]);
        (value(&run, "max_drawdown").unwrap(), value(&run, "max_drawdown_bars").unwrap())
    };
    assert_eq!(bars(&[100, 110, 120]), (0.0, 0.0));
    assert_eq!(bars(&[100, 100, 100]), (0.0, 0.0));
    // The start counts as a peak.
    assert_eq!(bars(&[75, 80]), (0.25, 2.0));
    assert_eq!(bars(&[75, 100, 100]), (0.25, 2.0));
    // As high again ends it: the second one is from the last bar that stood at the peak.
    assert_eq!(bars(&[200, 150, 200, 200, 190, 195, 198]), (0.25, 3.0));
    // The deepest and the longest may be two.
    assert_eq!(bars(&[100, 50, 100, 99, 99, 99, 100]), (0.5, 4.0));
    // More than all can be lost.
    assert_eq!(bars(&[100, -50, 400]), (1.5, 2.0));
}

#[test]
fn what_is_not_defined_is_none() {
    let none = |run: &Run, names: &[&str]| {
        for name in names {
            assert_eq!(value(run, name), None, "{name}");
        }
    };
    let flat = of_equity(&[1000, 1000, 1000]);
    none(&flat, &["sharpe", "sortino", "calmar"]);
    assert_eq!(value(&flat, "volatility"), Some(0.0));
    let mut month = flat;
    month.points.iter_mut().for_each(|point| point.ts_close.0 *= 30);
    assert_eq!(value(&month, "annual_return"), Some(0.0));
    // It grows by exactly a tenth a bar: the returns differ by their rounding at most.
    let steady = of_equity(&[100_000, 110_000, 121_000, 133_100, 146_410, 161_051]);
    none(&steady, &["sharpe", "sortino", "calmar"]);
    assert_eq!(value(&steady, "volatility"), Some(0.0));
    // No loss.
    let rising = of_equity(&[100, 101, 103]);
    none(&rising, &["sortino", "calmar"]);
    assert!(value(&rising, "sharpe").is_some());

    none(&of_equity(&[100]), &["annual_return", "volatility", "sharpe", "sortino", "calmar"]);
    none(&of_equity(&[100, 101]), &["volatility", "sharpe", "sortino"]);
    // Ruin: no annual return, and none from a bar that begins with nothing.
    let ruined = of_equity(&[100, 50, 0]);
    none(&ruined, &["annual_return", "calmar"]);
    assert_eq!(value(&ruined, "total_return"), Some(-1.0));
    assert!(value(&ruined, "sharpe").is_some());
    none(&of_equity(&[100, 50, 0, 10]), &["volatility", "sharpe", "sortino"]);
    none(&of_equity(&[100, 50, -10, 10]), &["volatility", "sharpe", "sortino"]);

    // Within thirty days nothing is made a year of; at thirty it is.
    let mut short = of_equity(&[100, 101]);
    let first = short.points[0].ts_close.0;
    short.points[1].ts_close = UnixNanos(first + 30 * DAY - 1);
    none(&short, &["annual_return", "calmar"]);
    short.points[1].ts_close = UnixNanos(first + 30 * DAY);
    assert!(value(&short, "annual_return").is_some());
    // A year of months that each are worth 1e26 of the one before is beyond a float.
    let mut vast = of_equity(&[1, 2]);
    vast.points[1].equity = Money::from_units(100_000_000_000_000_000_000_000_000_000_000_000_000);
    vast.points[0].equity = Money::from_units(1_000);
    vast.start = Money::from_units(1_000);
    vast.points[1].ts_close = UnixNanos(first + 30 * DAY);
    none(&vast, &["annual_return"]);
    // Points without time between them.
    let mut still = of_equity(&[100, 101, 99]);
    still.points.iter_mut().for_each(|point| point.ts_close = UnixNanos(0));
    none(&still, &["annual_return", "volatility", "sharpe", "sortino", "calmar"]);

    let mut empty = of_equity(&[100]);
    empty.points.clear();
    for metric in Metrics::of(&empty).all {
        let is_sum = ["trades", "turnover", "fees", "spread_and_slippage"].contains(&metric.name);
        assert_eq!(metric.value, is_sum.then_some(0.0), "{}", metric.name);
        assert_eq!(metric.buy_and_hold, None, "{}", metric.name);
    }
}

#[test]
fn holding_what_costs_nothing_has_no_figures() {
    let mut run = run_of(100, &[100, 101, 102], &[0, 5, 6]);
    assert!(Metrics::of(&run).all.iter().all(|metric| metric.buy_and_hold.is_none()));
    // A price that falls below 0 later has a return, but no volatility.
    run.points[0].close = price(10);
    run.points[1].close = price(-5);
    let held = |name| metric(&run, name).buy_and_hold;
    assert_eq!(held("max_drawdown"), Some(1.5));
    near(held("total_return"), -0.4, 2.0);
    assert_eq!([held("volatility"), held("sharpe"), held("sortino")], [None; 3]);
}

#[test]
fn names_are_one_of_a_kind_and_found() {
    let run = of_equity(&[100, 103, 101]);
    let metrics = Metrics::of(&run);
    let mut names: Vec<_> = metrics.all.iter().map(|metric| metric.name).collect();
    assert_eq!(names.len(), 20);
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 20);
    for metric in &metrics.all {
        assert_eq!(metrics.get(metric.name), metric.value);
    }
    assert_eq!(metrics.get("no_such"), None);
}
