//! Where bars end: every rule against its definition, which parts all the trades at once.

use feature_api::Grid;
use features_v2::bars::{
    AnyBars, BarRule, BarSums, Cascade, ClosedBar, DollarBars, Statistics, TickBars, TimeBars, TimeRollup,
    VolumeBars,
};
use features_v2::market::Print;
use testkit::BigRational;

use crate::naive::{check_statistics, check_sums, decimal, dollar, integer};
use crate::support::{SECOND, Tape, bars, oil, print, recorded, restored, walk};

fn tapes() -> Vec<Tape> {
    let mut tapes = recorded();
    tapes.extend([walk(1, 20_000), walk(2, 20_000), oil(3, 5_000)]);
    tapes
}

/// Parts trades: a part ends where `is_full`; what is left at the end is no bar.
fn parted(prints: &[Print], is_full: impl Fn(&[Print]) -> bool) -> Vec<&[Print]> {
    let (mut parts, mut from) = (Vec::new(), 0);
    for at in 1..=prints.len() {
        if is_full(&prints[from..at]) {
            parts.push(&prints[from..at]);
            from = at;
        }
    }
    parts
}

/// Holds bars that no clock closes to the parts of the trades.
fn check(found: &[ClosedBar], expected: &[&[Print]], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (bar, part) in found.iter().zip(expected) {
        let times = (part.first().unwrap().ts, part.last().unwrap().ts, 0);
        assert_eq!((bar.ts_open, bar.ts_close, bar.skipped), times, "{what}");
        check_sums(&bar.sums, part, what);
    }
    for (bar, part) in found.iter().zip(expected).take(20) {
        check_statistics(&Statistics::of(&bar.sums), part, what);
    }
}

#[test]
fn bars_of_trades() {
    for tape in tapes() {
        for n in [1, 2, 7, 250] {
            let found = bars(&mut TickBars::new(n), &tape.prints);
            check(&found, &parted(&tape.prints, |part| part.len() == n as usize), &tape.name);
        }
    }
}

/// Sums of a growing part, as exact numbers, without adding up the part anew at each trade.
fn parted_at(
    prints: &[Print],
    of: impl Fn(&Print) -> BigRational,
    threshold: &BigRational,
) -> Vec<Vec<Print>> {
    let (mut parts, mut part, mut sum) = (Vec::new(), Vec::new(), integer(0));
    for print in prints {
        part.push(*print);
        sum += of(print);
        if sum >= *threshold {
            parts.push(std::mem::take(&mut part));
            sum = integer(0);
        }
    }
    parts
}

#[test]
fn bars_of_volume_and_of_value() {
    for tape in tapes() {
        let (price, qty) = (tape.grid.price_scale(), tape.grid.qty_scale());
        for units in [1, 3, 40] {
            let found = bars(&mut VolumeBars::new(units, tape.grid), &tape.prints);
            let parts = parted_at(&tape.prints, |print| decimal(print.quantity, qty), &integer(units));
            check(&found, &parts.iter().map(Vec::as_slice).collect::<Vec<_>>(), &tape.name);
        }
        for quote in [1_000, 20_000, 2_000_000] {
            let found = bars(&mut DollarBars::new(quote, tape.grid), &tape.prints);
            let value =
                |print: &Print| decimal(i128::from(print.price) * i128::from(print.quantity), price + qty);
            let parts = parted_at(&tape.prints, value, &integer(quote));
            check(&found, &parts.iter().map(Vec::as_slice).collect::<Vec<_>>(), &tape.name);
            for bar in &found {
                assert!(decimal(bar.sums.dollar, price + qty) >= integer(quote));
            }
        }
    }
}

#[test]
fn the_trade_that_reaches_a_threshold_belongs_to_the_closing_bar_whole() {
    let grid = Grid::new(1, 2).unwrap();
    let mut rule = DollarBars::new(100, grid);
    // 99.9 is not enough; the next trade brings 999 more, of which nothing is carried on.
    assert_eq!(rule.update(&print(1, 999, 1_00, true)).map(|bar| bar.sums.dollar), None);
    assert_eq!(rule.update(&print(2, 9_990, 1_00, true)).map(|bar| bar.sums.dollar), Some(1_098_900));
    assert_eq!(rule.volume(), 0);
    assert_eq!(rule.update(&print(3, 999, 1_00, true)).map(|bar| bar.sums.dollar), None);
    // Exactly the threshold is enough.
    assert_eq!(rule.update(&print(4, 1, 1_00, true)).map(|bar| bar.sums.dollar), Some(100_000));
    // A trade larger than many bars is one bar; trades of nothing and at zero are none.
    assert_eq!(rule.update(&print(5, 100_000, 50_00, false)).map(|bar| bar.sums.trades), Some(1));
    assert_eq!(rule.update(&print(5, 100_000, 0, false)), None);
    assert_eq!(rule.update(&print(5, 0, 50_00, false)), None);
    // At a negative price the value falls.
    assert_eq!(rule.update(&print(6, -500, 1_00, true)), None);
    assert_eq!(rule.update(&print(6, 1_499, 1_00, true)), None);
    assert_eq!(
        rule.update(&print(6, 1, 1_00, true)).map(|bar| (bar.sums.trades, bar.sums.dollar)),
        Some((5, 100_000))
    );
}

/// Bars of time by definition: the trades of each interval, and the intervals between.
fn check_time(found: &[ClosedBar], prints: &[Print], interval: i64, what: &str) {
    let number = |print: &Print| print.ts.div_euclid(interval);
    let parts: Vec<_> = prints.chunk_by(|a, b| number(a) == number(b)).collect();
    assert_eq!(found.len() + 1, parts.len(), "{what}: the last is not closed");
    let mut last = None;
    for (bar, part) in found.iter().zip(parts) {
        let at = number(&part[0]);
        let skipped = last.map_or(0_i64, |last| at - last - 1);
        assert_eq!([bar.ts_open, bar.ts_close], [at * interval, (at + 1) * interval], "{what}");
        assert_eq!(bar.skipped, skipped.unsigned_abs(), "{what}");
        check_sums(&bar.sums, part, what);
        last = Some(at);
    }
}

#[test]
fn bars_of_time() {
    for tape in tapes() {
        for interval in [1, 1_000_000, SECOND, 60 * SECOND] {
            let found = bars(&mut TimeBars::new(interval), &tape.prints);
            check_time(&found, &tape.prints, interval, &tape.name);
        }
    }
    let gaps = bars(&mut TimeBars::new(SECOND), &walk(1, 20_000).prints);
    assert!(gaps.iter().any(|bar| bar.skipped > 2), "the walk has empty seconds");
}

#[test]
fn a_clock_closes_bars_of_time_as_a_trade_would() {
    let mut rule = TimeBars::new(10);
    assert_eq!(rule.clock(5), None, "nothing to close");
    assert_eq!(rule.update(&print(-17, 5, 1, true)), None);
    assert_eq!(rule.clock(-11), None);
    let first = rule.clock(-10).unwrap();
    assert_eq!((first.ts_open, first.ts_close, first.skipped), (-20, -10, 0));
    assert_eq!(rule.clock(100), None, "an empty interval makes no bar");
    assert_eq!(rule.volume(), 0);
    assert_eq!(rule.update(&print(104, 5, 1, true)), None);
    // A trade on the boundary belongs to the next bar.
    let second = rule.update(&print(110, 6, 2, true)).unwrap();
    assert_eq!((second.ts_open, second.ts_close, second.skipped), (100, 110, 11));
    assert_eq!((second.sums.trades, rule.volume()), (1, 2));
    rule.reset();
    assert_eq!((rule.volume(), rule.clock(i64::MAX)), (0, None));
}

#[test]
fn no_time_is_too_far() {
    for interval in [1, 10, SECOND, i64::MAX] {
        for ts in [i64::MIN, i64::MIN + 1, i64::MAX - 1, i64::MAX] {
            let mut rule = TimeBars::new(interval);
            rule.update(&print(ts, 5, 1, true));
            rule.update(&print(ts, 5, 1, true));
            let mut rule = restored(&rule, TimeBars::new(interval));
            let _ = rule.clock(i64::MAX);
            let _ = restored(&rule, TimeBars::new(interval));
        }
    }
}

#[test]
fn cascades_are_the_bars_of_their_trades() {
    for tape in tapes() {
        let mut short = DollarBars::new(20_000, tape.grid);
        let (mut medium, mut long) = (Cascade::of_bars(10), Cascade::of_bars(16));
        let mut value = Cascade::of_dollar(300_000, tape.grid);
        let mut parts: [Vec<Print>; 3] = Default::default();
        let mut closed = [0; 3];
        for print in &tape.prints {
            parts.iter_mut().for_each(|part| part.push(*print));
            let Some(bar) = short.update(print) else { continue };
            let middle = medium.update(&bar);
            let found = [middle, middle.and_then(|bar| long.update(&bar)), value.update(&bar)];
            for (index, bar) in found.into_iter().enumerate() {
                let Some(bar) = bar else { continue };
                let part = std::mem::take(&mut parts[index]);
                check(&[bar], &[&part], &tape.name);
                closed[index] += 1;
                if index == 2 {
                    assert!(dollar(&part, tape.grid) >= integer(300_000));
                }
            }
            // Closed neither late nor early: what is in progress is below the threshold.
            assert!(value.volume() == 0 || dollar(&parts[2], tape.grid) < integer(300_000));
        }
        assert!(closed[0] > 0, "{}: {closed:?}", tape.name);
        assert_eq!(closed[1], closed[0] / 16, "{}", tape.name);
    }
}

#[test]
fn rolled_up_time_is_time() {
    for tape in tapes() {
        for clock in [None, Some(700_000_000), Some(SECOND)] {
            let mut fine = TimeBars::new(SECOND);
            let (mut direct, mut rolled) = (TimeBars::new(15 * SECOND), TimeRollup::new(15 * SECOND));
            let mut closed = 0;
            let mut last_tick = tape.prints[0].ts;
            let mut step = |ts: i64, print: Option<&Print>| {
                let (finer, expected) = match print {
                    Some(print) => (fine.update(print), direct.update(print)),
                    None => (fine.clock(ts), direct.clock(ts)),
                };
                finer.iter().for_each(|bar| rolled.push(bar));
                let found = rolled.clock(ts);
                assert_eq!(found, expected, "{}", tape.name);
                closed += usize::from(found.is_some());
            };
            for print in &tape.prints {
                while let Some(step_of) = clock
                    && last_tick + step_of < print.ts
                {
                    last_tick += step_of;
                    step(last_tick, None);
                }
                step(print.ts, Some(print));
            }
            assert!(closed > 3, "{}", tape.name);
        }
    }
}

#[test]
fn bars_by_kind_are_the_bars_of_that_kind() {
    let tape = walk(5, 5_000);
    let grid = tape.grid;
    let direct: [Vec<ClosedBar>; 4] = [
        bars(&mut TimeBars::new(SECOND), &tape.prints),
        bars(&mut TickBars::new(1_000), &tape.prints),
        bars(&mut VolumeBars::new(1_000, grid), &tape.prints),
        bars(&mut DollarBars::new(1_000, grid), &tape.prints),
    ];
    for (kind, direct) in (1..).zip(direct) {
        assert!(!direct.is_empty());
        let mut rule = AnyBars::by_kind(kind, 1_000, grid).unwrap();
        assert_eq!(bars(&mut rule, &tape.prints), direct, "{}", AnyBars::KINDS[kind as usize - 1]);
    }
    assert!((1..=7).all(|kind| AnyBars::by_kind(kind, 0, grid).is_none()));
    assert!([0, 8, u32::MAX].into_iter().all(|kind| AnyBars::by_kind(kind, 1, grid).is_none()));
}

#[test]
fn sizes_of_nothing_count_as_one() {
    let tape = walk(6, 500);
    assert_eq!(bars(&mut TickBars::new(0), &tape.prints), bars(&mut TickBars::new(1), &tape.prints));
    assert_eq!(bars(&mut TimeBars::new(0), &tape.prints), bars(&mut TimeBars::new(1), &tape.prints));
    let one = BarSums::of(&tape.prints[0]);
    let bar = ClosedBar { ts_open: 0, ts_close: one.ts_last, skipped: 3, sums: one };
    assert_eq!(Cascade::of_bars(0).update(&bar), Some(bar));
}
