//! Sums over trades: against their definitions, and parted in any way.

use features_v2::bars::{BarSums, Statistics};
use features_v2::market::Print;
use proptest::prelude::*;

use crate::naive::{check_statistics, check_sums};
use crate::support::{oil, print, prints, recorded, walk};

fn pushed(prints: &[Print]) -> BarSums {
    let (first, rest) = prints.split_first().unwrap();
    let mut sums = BarSums::of(first);
    rest.iter().for_each(|print| sums.push(print));
    sums
}

fn merged(parts: &[BarSums]) -> BarSums {
    let (first, rest) = parts.split_first().unwrap();
    let mut sums = *first;
    rest.iter().for_each(|part| sums.merge(part));
    sums
}

fn check(prints: &[Print], what: &str) {
    let sums = pushed(prints);
    check_sums(&sums, prints, what);
    check_statistics(&Statistics::of(&sums), prints, what);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn sums_are_those_of_the_definitions(prints in prints(60)) {
        check(&prints, "generated");
    }

    #[test]
    fn any_parting_gives_the_same_sums(prints in prints(60), cuts in proptest::collection::vec(any::<bool>(), 60)) {
        let mut parts: Vec<Vec<Print>> = Vec::new();
        for (print, cut) in prints.iter().zip(cuts) {
            match parts.last_mut() {
                Some(part) if !cut => part.push(*print),
                Some(_) | None => parts.push(vec![*print]),
            }
        }
        let whole = pushed(&prints);
        let parts: Vec<_> = parts.iter().map(|part| pushed(part)).collect();
        prop_assert_eq!(merged(&parts), whole);
        // Bars of bars: pairs first, then all of them.
        let pairs: Vec<_> = parts.chunks(2).map(merged).collect();
        prop_assert_eq!(merged(&pairs), whole);
    }
}

#[test]
fn every_parting_of_a_few_trades_gives_the_same_sums() {
    // Prices that go up, stand, turn and turn back: every place to cut, at once.
    let prices = [10, 10, 12, 12, 11, 13, 13, 9, 9, 0, 10, -4];
    let prints: Vec<_> =
        prices.iter().zip(0_i64..).map(|(price, i)| print(i / 3, *price, i, i % 2 == 0)).collect();
    let whole = pushed(&prints);
    check(&prints, "few");
    for cuts in 0_u32..1 << (prints.len() - 1) {
        let mut parts = Vec::new();
        let mut from = 0;
        for at in 1..=prints.len() {
            if at == prints.len() || cuts >> (at - 1) & 1 == 1 {
                parts.push(pushed(&prints[from..at]));
                from = at;
            }
        }
        assert_eq!(merged(&parts), whole, "cuts {cuts:b}");
    }
}

#[test]
fn sums_over_recorded_and_generated_trades() {
    let mut tapes = recorded();
    tapes.extend([walk(1, 5_000), oil(2, 2_000)]);
    for tape in &tapes {
        for (len, few) in [(7, 300), (250, 20), (2_000, 3)] {
            for part in tape.prints.chunks(len).take(few) {
                check(part, &tape.name);
            }
        }
    }
}

#[test]
fn a_bar_of_one_trade_and_one_sided_bars() {
    let one = Statistics::of(&pushed(&[print(5, 100, 7, false)]));
    let expected = Statistics {
        trade_imbalance: -1.0,
        tick_volatility: 0.0,
        taker_ratio: 0.0,
        tick_skew: 0.0,
        tick_kurtosis: 0.0,
        price_changes: 0.0,
        direction_changes: 0.0,
    };
    assert_eq!(one, expected);
    let bought = Statistics::of(&pushed(&[print(5, 100, 7, true), print(5, 101, 1, true)]));
    assert_eq!((bought.trade_imbalance, bought.taker_ratio, bought.price_changes), (1.0, 1.0, 1.0));
    // A single return: no spread, no shape.
    assert_eq!((bought.tick_volatility, bought.tick_skew, bought.tick_kurtosis), (0.0, 0.0, 0.0));
    let nothing = Statistics::of(&pushed(&[print(5, 100, 0, true), print(6, 100, 0, false)]));
    assert_eq!((nothing.trade_imbalance, nothing.taker_ratio), (0.0, 0.5));
}

#[test]
fn the_grid_is_a_way_of_writing() {
    for tape in [walk(3, 3_000), oil(4, 3_000)] {
        let finer: Vec<_> = tape
            .prints
            .iter()
            .map(|print| Print { price: print.price * 1_000, quantity: print.quantity * 100, ..*print })
            .collect();
        for (part, finer) in tape.prints.chunks(100).zip(finer.chunks(100)) {
            assert_eq!(Statistics::of(&pushed(part)), Statistics::of(&pushed(finer)), "{}", tape.name);
        }
    }
}
