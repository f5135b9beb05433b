//! Bars of imbalance: a second implementation, and what the clamp and the floor are for.

use feature_api::Grid;
use features_v2::bars::{
    BarRule, ClosedBar, DollarImbalanceBars, ImbalanceParams, TickImbalanceBars, VolumeImbalanceBars,
};
use features_v2::market::Print;

use crate::naive::check_sums;
use crate::support::{Numbers, Tape, bars, oil, print, recorded, walk};

/// A decimal as the float nearest to it: by writing it down and reading it.
fn float(raw: i128, decimals: u8) -> f64 {
    format!("{raw}e-{decimals}").parse().unwrap()
}

/// Numbers of trades in each bar, by the definition.
fn naive(prints: &[Print], p: &ImbalanceParams, decimals: u8, w: impl Fn(&Print) -> i128) -> Vec<usize> {
    let share = 2.0 / (f64::from(p.span) + 1.0);
    let mut expected_trades = f64::from(p.expected_trades);
    let mut signed = p.expected_imbalance;
    let mut weight = p.expected_imbalance.map(f64::abs);
    let (mut lengths, mut bar) = (Vec::new(), Vec::new());
    for print in prints {
        bar.push(*print);
        let theta: i128 = bar.iter().map(|print| if print.is_buy { w(print) } else { -w(print) }).sum();
        let total: i128 = bar.iter().map(&w).sum();
        let is_full = match (signed, weight) {
            (Some(signed), Some(weight)) => {
                let chance = p.floor * expected_trades.sqrt() * weight.abs();
                theta != 0
                    && float(theta.abs(), decimals) >= expected_trades * signed.abs()
                    && float(theta.abs(), decimals) >= chance
            }
            _ => bar.len() == p.expected_trades as usize,
        };
        if is_full {
            let n = bar.len() as f64;
            let (mean, mean_weight) = (float(theta, decimals) / n, float(total, decimals) / n);
            expected_trades += (n - expected_trades) * share;
            if expected_trades < f64::from(p.min_trades) {
                expected_trades = f64::from(p.min_trades);
            }
            if expected_trades > f64::from(p.max_trades) {
                expected_trades = f64::from(p.max_trades);
            }
            signed = Some(signed.map_or(mean, |old| old + (mean - old) * share));
            weight = Some(weight.map_or(mean_weight, |old| old + (mean_weight - old) * share));
            lengths.push(bar.len());
            bar.clear();
        }
    }
    lengths
}

fn check(found: &[ClosedBar], expected: &[usize], prints: &[Print], what: &str) {
    let lengths: Vec<_> = found.iter().map(|bar| bar.sums.trades as usize).collect();
    assert_eq!(lengths, expected, "{what}");
    assert!(lengths.len() > 3, "{what}: {} bars", lengths.len());
    let mut from = 0;
    for bar in found {
        let part = &prints[from..from + bar.sums.trades as usize];
        check_sums(&bar.sums, part, what);
        from += part.len();
    }
}

#[test]
fn they_close_where_the_definition_says() {
    let mut tapes = recorded();
    tapes.extend([walk(1, 6_000), oil(2, 3_000)]);
    let params = [
        ImbalanceParams::of(30),
        ImbalanceParams { floor: 0.0, ..ImbalanceParams::of(50) },
        ImbalanceParams { expected_imbalance: Some(0.4), span: 1, ..ImbalanceParams::of(20) },
        ImbalanceParams { min_trades: 5, max_trades: 300, span: 100, floor: 0.5, ..ImbalanceParams::of(20) },
    ];
    for tape in &tapes {
        let (price, qty) = (tape.grid.price_scale(), tape.grid.qty_scale());
        let prints = &tape.prints[..tape.prints.len().min(6_000)];
        for p in &params {
            let found = bars(&mut TickImbalanceBars::new(p, tape.grid), prints);
            check(&found, &naive(prints, p, 0, |_| 1), prints, &format!("{} trades {p:?}", tape.name));
            let found = bars(&mut VolumeImbalanceBars::new(p, tape.grid), prints);
            let quantity = |print: &Print| i128::from(print.quantity);
            check(&found, &naive(prints, p, qty, quantity), prints, &format!("{} volume {p:?}", tape.name));
            let found = bars(&mut DollarImbalanceBars::new(p, tape.grid), prints);
            let value = |print: &Print| i128::from(print.price) * i128::from(print.quantity);
            check(
                &found,
                &naive(prints, p, price + qty, value),
                prints,
                &format!("{} value {p:?}", tape.name),
            );
        }
    }
}

#[test]
fn the_grid_is_a_way_of_writing() {
    let tape = walk(3, 5_000);
    let finer = Grid::new(5, 5).unwrap();
    let rewritten: Vec<_> = tape
        .prints
        .iter()
        .map(|print| Print { price: print.price * 1_000, quantity: print.quantity * 100, ..*print })
        .collect();
    let p = ImbalanceParams::of(40);
    let lengths = |bars: Vec<ClosedBar>| bars.iter().map(|bar| bar.sums.trades).collect::<Vec<_>>();
    assert_eq!(
        lengths(bars(&mut DollarImbalanceBars::new(&p, tape.grid), &tape.prints)),
        lengths(bars(&mut DollarImbalanceBars::new(&p, finer), &rewritten))
    );
    assert_eq!(
        lengths(bars(&mut VolumeImbalanceBars::new(&p, tape.grid), &tape.prints)),
        lengths(bars(&mut VolumeImbalanceBars::new(&p, finer), &rewritten))
    );
}

/// Trades of 1 whose sides come by chance, `buys` of 100 of them bought.
fn flow(numbers: &mut Numbers, len: usize, buys: i64) -> Vec<Print> {
    (0..len).map(|_| print(0, 100, 1, numbers.below(100) < buys)).collect()
}

fn lengths(p: &ImbalanceParams, prints: &[Print]) -> Vec<u64> {
    bars(&mut TickImbalanceBars::new(p, Grid::default()), prints).iter().map(|bar| bar.sums.trades).collect()
}

const UNBOUND: ImbalanceParams = ImbalanceParams {
    expected_trades: 100,
    min_trades: 1,
    max_trades: u32::MAX,
    expected_imbalance: None,
    floor: 0.0,
    span: 20,
};

#[test]
fn without_clamp_and_floor_bars_collapse_and_with_them_they_do_not() {
    let prints = flow(&mut Numbers::new(4), 100_000, 50);
    let collapsed = lengths(&UNBOUND, &prints);
    let end = &collapsed[collapsed.len() - 1_000..];
    assert!(end.iter().all(|trades| *trades == 1), "every trade is a bar");
    let bound = lengths(&ImbalanceParams::of(100), &prints);
    let mean = prints.len() / bound.len();
    assert!((25..=400).contains(&mean), "{mean} trades a bar");
}

#[test]
fn without_clamp_bars_explode_and_with_it_they_do_not() {
    // One side for a while, then neither. What was to be expected of 100 one-sided trades takes flow in balance the square
    // of that, which is then expected of the next bar.
    let mut numbers = Numbers::new(5);
    let mut prints = flow(&mut numbers, 10_000, 95);
    prints.extend(flow(&mut numbers, 3_000_000, 50));
    let in_last_million = |lengths: &[u64]| {
        let mut end = 0;
        let ends = lengths.iter().map(|trades| {
            end += trades;
            end
        });
        ends.filter(|end| *end > 2_000_000).count()
    };
    let exploded = lengths(&ImbalanceParams { floor: 1.0, ..UNBOUND }, &prints);
    assert_eq!(in_last_million(&exploded), 0, "no bar ever again");
    let bound = in_last_million(&lengths(&ImbalanceParams::of(100), &prints));
    assert!(bound > 1_000_000 / 400, "{bound} bars");
}

#[test]
fn sides_in_perfect_balance_close_no_bar() {
    // Bought, sold, bought, sold: E[b·w] is 0 after the first bar. Without a floor every bar ends as soon as θ is not 0.
    let prints: Vec<_> = (0..10_000).map(|i| print(i, 100, 1, i % 2 == 0)).collect();
    let no_floor = lengths(&UNBOUND, &prints);
    assert!(no_floor[1..].iter().all(|trades| *trades == 1), "{no_floor:?}");
    assert_eq!(lengths(&ImbalanceParams::of(100), &prints), [100], "and with one none does");
    // Trades of nothing move nothing, whatever is expected.
    let nothing: Vec<_> = (0..1_000).map(|i| print(i, 100, 0, true)).collect();
    let found = bars(&mut VolumeImbalanceBars::new(&ImbalanceParams::of(100), Grid::default()), &nothing);
    assert_eq!(found.len(), 1);
}

#[test]
fn parameters_outside_their_limits_count_as_the_limit() {
    let prints = walk(6, 2_000).prints;
    let same =
        |a: ImbalanceParams, b: ImbalanceParams| assert_eq!(lengths(&a, &prints), lengths(&b, &prints));
    let p = ImbalanceParams::of(20);
    same(ImbalanceParams { floor: f64::NAN, ..p }, ImbalanceParams { floor: 0.0, ..p });
    same(ImbalanceParams { floor: 1e9, ..p }, ImbalanceParams { floor: 100.0, ..p });
    same(ImbalanceParams { span: 0, ..p }, ImbalanceParams { span: 1, ..p });
    same(ImbalanceParams { expected_imbalance: Some(f64::INFINITY), ..p }, p);
    same(
        ImbalanceParams { min_trades: 50, max_trades: 10, ..p },
        ImbalanceParams { min_trades: 50, max_trades: 50, expected_trades: 50, ..p },
    );
    same(ImbalanceParams { min_trades: 0, ..p }, ImbalanceParams { min_trades: 1, ..p });
}

#[test]
fn a_reset_rule_is_a_new_one() {
    let Tape { prints, grid, .. } = walk(7, 2_000);
    let mut rule = DollarImbalanceBars::new(&ImbalanceParams::of(20), grid);
    let first = bars(&mut rule, &prints);
    rule.reset();
    assert_eq!(bars(&mut rule, &prints), first);
}
