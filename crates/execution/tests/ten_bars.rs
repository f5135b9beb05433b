//! Ten bars by hand: every kind of fill, with every number written out.
//!
//! Ticks of 0.05, lots of 0.1. A taker pays 0.1 %, a maker 0.02 %; half the spread is 0.1 % and slippage 0.05 %, so a
//! taker buys at 1.0015 and sells at 0.9985 of the reference, rounded to the tick against him. Half of a bar's volume
//! may be filled; an order that opens works for two bars. The account begins with 1000.

#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(clippy::inconsistent_digit_grouping, reason = "prices in cents: 100_05 is 100.05")]

mod common;

use common::{Desk, MINUTE, free, market, money, order, price, rate};
use execution::{Costs, ExitReason, Fill, FillKind, Trade};
use feature_api::{Side, UnixNanos};

fn costs() -> Costs {
    Costs {
        taker_fee: rate(0.001),
        maker_fee: rate(0.0002),
        spread: rate(0.002),
        slippage: rate(0.0005),
        max_volume_share: Some(rate(0.5)),
        ..free()
    }
}

/// A fill, with its time in minutes.
fn fill(order: u64, kind: FillKind, minute: i64, lots: i64, cents: i64, costs: [&str; 3]) -> Fill {
    let [fee, spread, slippage] = costs.map(money);
    Fill { order, kind, ts: UnixNanos(minute * MINUTE), lots, price: price(cents), fee, spread, slippage }
}

/// Feeds a bar and compares all that it leads to.
#[track_caller]
fn bar(
    desk: &mut Desk,
    prices: [i64; 4],
    volume: i64,
    fills: &[Fill],
    trades: &[Trade],
    [cash, equity]: [&str; 2],
) {
    let (found_fills, found_trades) = desk.step(prices, volume);
    assert_eq!(found_fills, fills);
    assert_eq!(found_trades, trades);
    assert_eq!(desk.account.cash().to_string(), cash);
    let found = desk.account.equity(desk.exchange.market(), price(prices[3])).unwrap();
    assert_eq!(found.to_string(), equity);
}

#[test]
fn ten_bars_by_hand() {
    use FillKind::{Market, Stop, Take};
    let mut desk = Desk::new(market(), costs());

    // Decided before the first bar: buy 1.0.
    desk.submit(order(1, 10, Some(97_00), Some(103_00)));

    // Bar 0. Volume 1.2 = 12 lots, of which 6 may be filled: a part of the order.
    // 100.00 × 1.0015 = 100.15. Value 0.6 × 100.15 = 60.09, fee 0.06009.
    // Half spread 0.6 × 100.00 × 0.001 = 0.06; the rest of 0.6 × 0.15 = 0.09 is slippage, 0.03.
    // Cash 1000 − 60.09 − 0.06009; equity + 0.6 × 100.50 = 60.30.
    let fills = [fill(1, Market, 0, 6, 100_15, ["0.06009", "0.06", "0.03"])];
    bar(&mut desk, [100_00, 101_00, 99_50, 100_50], 12, &fills, &[], ["939.84991", "1000.14991"]);

    // Bar 1. Volume 1.9 = 19 lots, of which 9 may be filled: the other 4 of the order, then 5 of the take.
    // 100.40 × 1.0015 = 100.5506, up to 100.60. Value 0.4 × 100.60 = 40.24, fee 0.04024.
    // Half spread 0.4 × 0.1004 = 0.04016; the rest of 0.4 × 0.20 = 0.08 is 0.03984.
    // The high touches 103.00: 0.5 × 103.00 = 51.50, fee × 0.0002 = 0.0103, inside the bar.
    // Cash 939.84991 − 40.24 − 0.04024 + 51.50 − 0.0103; equity + 0.5 × 102.80 = 51.40.
    let fills = [
        fill(1, Market, 1, 4, 100_60, ["0.04024", "0.04016", "0.03984"]),
        fill(1, Take, 2, -5, 103_00, ["0.0103", "0", "0"]),
    ];
    bar(&mut desk, [100_40, 103_00, 100_20, 102_80], 19, &fills, &[], ["951.05937", "1002.45937"]);
    // In for 60.09 + 40.24 = 100.33 per 1.0, nearest tick 100.35. Half of it, 50.165, was sold for 51.50.
    let position = desk.account.position(desk.exchange.market()).unwrap();
    assert_eq!((position.position.side, position.position.entry_price), (Side::Long, price(100_35)));
    assert_eq!((position.lots, position.bars_held, position.position.ts_entry), (5, 2, UnixNanos(0)));
    assert_eq!(desk.account.realised(), money("1.335"));
    // 51.40 − 50.165.
    assert_eq!(desk.account.unrealised(desk.exchange.market(), price(102_80)), Ok(money("1.235")));

    // Bar 2. Opens beyond the take, which fills at its level, not better: 0.5 × 103.00 = 51.50, fee 0.0103.
    // Cash 951.05937 + 51.50 − 0.0103. The trade: 103.00 − 100.33 = 2.67; fees 0.06009 + 0.04024 + 2 × 0.0103.
    let fills = [fill(1, Take, 2, -5, 103_00, ["0.0103", "0", "0"])];
    let trade = Trade {
        side: Side::Long,
        ts_entry: UnixNanos(0),
        ts_exit: UnixNanos(2 * MINUTE),
        lots: 10,
        entry_price: price(100_35),
        exit_price: price(103_00),
        entry_value: money("100.33"),
        gross: money("2.67"),
        fees: money("0.12093"),
        spread: money("0.10016"),
        slippage: money("0.06984"),
        bars_held: 2,
        exit: ExitReason::Take,
    };
    bar(&mut desk, [104_00, 104_50, 102_00, 102_50], 30, &fills, &[trade], ["1002.54907", "1002.54907"]);
    desk.submit(order(2, -8, Some(104_00), Some(98_00)));

    // Bar 3. A short: 102.30 × 0.9985 = 102.14655, down to 102.10. Value 0.8 × 102.10 = 81.68, fee 0.08168.
    // Half spread 0.8 × 0.1023 = 0.08184; the rest of 0.8 × 0.20 = 0.16 is 0.07816.
    // Cash 1002.54907 + 81.68 − 0.08168; equity − 0.8 × 103.00 = 82.40.
    let fills = [fill(2, Market, 3, -8, 102_10, ["0.08168", "0.08184", "0.07816"])];
    bar(&mut desk, [102_30, 103_50, 101_00, 103_00], 16, &fills, &[], ["1084.14739", "1001.74739"]);

    // Bar 4. Opens at 105.00, beyond the stop at 104.00: from the open, 105.00 × 1.0015 = 105.1575, up to 105.20.
    // Value 0.8 × 105.20 = 84.16, fee 0.08416. Half spread 0.8 × 0.105 = 0.084; the rest of 0.16 is 0.076.
    // Cash 1084.14739 − 84.16 − 0.08416. The trade: 81.68 − 84.16 = −2.48; fees 0.08168 + 0.08416.
    let fills = [fill(2, Stop, 4, 8, 105_20, ["0.08416", "0.084", "0.076"])];
    let trade = Trade {
        side: Side::Short,
        ts_entry: UnixNanos(3 * MINUTE),
        ts_exit: UnixNanos(4 * MINUTE),
        lots: 8,
        entry_price: price(102_10),
        exit_price: price(105_20),
        entry_value: money("81.68"),
        gross: money("-2.48"),
        fees: money("0.16584"),
        spread: money("0.16584"),
        slippage: money("0.15416"),
        bars_held: 1,
        exit: ExitReason::Stop,
    };
    bar(&mut desk, [105_00, 106_00, 104_50, 105_50], 50, &fills, &[trade], ["999.90323", "999.90323"]);
    desk.submit(order(3, 5, Some(104_00), Some(110_00)));

    // Bar 5. In: 105.60 × 1.0015 = 105.7584, up to 105.80. Value 0.5 × 105.80 = 52.90, fee 0.0529.
    // Half spread 0.5 × 0.1056 = 0.0528; the rest of 0.5 × 0.20 = 0.10 is 0.0472.
    // The low of the same bar touches the stop: from its level, 104.00 × 0.9985 = 103.844, down to 103.80.
    // Value 51.90, fee 0.0519. Half spread 0.5 × 0.104 = 0.052; the rest of 0.10 is 0.048.
    // Cash 999.90323 − 52.90 − 0.0529 + 51.90 − 0.0519.
    let fills = [
        fill(3, Market, 5, 5, 105_80, ["0.0529", "0.0528", "0.0472"]),
        fill(3, Stop, 6, -5, 103_80, ["0.0519", "0.052", "0.048"]),
    ];
    let trade = Trade {
        side: Side::Long,
        ts_entry: UnixNanos(5 * MINUTE),
        ts_exit: UnixNanos(6 * MINUTE),
        lots: 5,
        entry_price: price(105_80),
        exit_price: price(103_80),
        entry_value: money("52.9"),
        gross: money("-1"),
        fees: money("0.1048"),
        spread: money("0.1048"),
        slippage: money("0.0952"),
        bars_held: 0,
        exit: ExitReason::Stop,
    };
    bar(&mut desk, [105_60, 106_00, 103_80, 104_20], 40, &fills, &[trade], ["998.79843", "998.79843"]);
    desk.submit(order(4, 6, Some(103_00), Some(105_00)));

    // Bar 6. In: 104.00 × 1.0015 = 104.156, up to 104.20. Value 0.6 × 104.20 = 62.52, fee 0.06252.
    // Half spread 0.6 × 0.104 = 0.0624; the rest of 0.6 × 0.20 = 0.12 is 0.0576.
    // The bar touches both levels: the stop, 103.00 × 0.9985 = 102.8455, down to 102.80. Value 61.68, fee 0.06168.
    // Half spread 0.6 × 0.103 = 0.0618; the rest of 0.12 is 0.0582. Together they use all of the 12 lots of 24.
    // Cash 998.79843 − 62.52 − 0.06252 + 61.68 − 0.06168.
    let fills = [
        fill(4, Market, 6, 6, 104_20, ["0.06252", "0.0624", "0.0576"]),
        fill(4, Stop, 7, -6, 102_80, ["0.06168", "0.0618", "0.0582"]),
    ];
    let trade = Trade {
        side: Side::Long,
        ts_entry: UnixNanos(6 * MINUTE),
        ts_exit: UnixNanos(7 * MINUTE),
        lots: 6,
        entry_price: price(104_20),
        exit_price: price(102_80),
        entry_value: money("62.52"),
        gross: money("-0.84"),
        fees: money("0.1242"),
        spread: money("0.1242"),
        slippage: money("0.1158"),
        bars_held: 0,
        exit: ExitReason::Stop,
    };
    bar(&mut desk, [104_00, 105_50, 102_50, 105_20], 24, &fills, &[trade], ["997.83423", "997.83423"]);
    desk.submit(order(5, -6, None, None));

    // Bar 7. Volume 0.7 = 7 lots, of which 3 may be filled: 105.00 × 0.9985 = 104.8425, down to 104.80.
    // Value 0.3 × 104.80 = 31.44, fee 0.03144.
    // Half spread 0.3 × 0.105 = 0.0315; the rest of 0.3 × 0.20 = 0.06 is 0.0285.
    // Cash 997.83423 + 31.44 − 0.03144; equity − 0.3 × 104.40 = 31.32.
    let fills = [fill(5, Market, 7, -3, 104_80, ["0.03144", "0.0315", "0.0285"])];
    bar(&mut desk, [105_00, 105_60, 104_00, 104_40], 7, &fills, &[], ["1029.24279", "997.92279"]);
    assert_eq!(desk.exchange.working().map(|working| working.left), Some(-3));

    // Bar 8. 2 lots may be filled: 104.60 × 0.9985 = 104.4431, down to 104.40. Value 20.88, fee 0.02088.
    // Half spread 0.2 × 0.1046 = 0.02092; the rest of 0.2 × 0.20 = 0.04 is 0.01908.
    // Cash 1029.24279 + 20.88 − 0.02088; equity − 0.5 × 103.30 = 51.65. The sixth lot is cancelled after two bars.
    let fills = [fill(5, Market, 8, -2, 104_40, ["0.02088", "0.02092", "0.01908"])];
    bar(&mut desk, [104_60, 104_90, 103_00, 103_30], 4, &fills, &[], ["1050.10191", "998.45191"]);
    assert_eq!(desk.exchange.working(), None);
    desk.submit(order(6, 5, None, None));

    // Bar 9. Out by an order: 103.20 × 1.0015 = 103.3548, up to 103.40. Value 0.5 × 103.40 = 51.70, fee 0.0517.
    // Half spread 0.5 × 0.1032 = 0.0516; the rest of 0.10 is 0.0484. Cash 1050.10191 − 51.70 − 0.0517.
    // The trade: in for 31.44 + 20.88 = 52.32, on average 104.64, nearest tick 104.65.
    let fills = [fill(6, Market, 9, 5, 103_40, ["0.0517", "0.0516", "0.0484"])];
    let trade = Trade {
        side: Side::Short,
        ts_entry: UnixNanos(7 * MINUTE),
        ts_exit: UnixNanos(9 * MINUTE),
        lots: 5,
        entry_price: price(104_65),
        exit_price: price(103_40),
        entry_value: money("52.32"),
        gross: money("0.62"),
        fees: money("0.10402"),
        spread: money("0.10402"),
        slippage: money("0.09598"),
        bars_held: 2,
        exit: ExitReason::Signal,
    };
    bar(&mut desk, [103_20, 103_60, 102_80, 103_00], 20, &fills, &[trade], ["998.35021", "998.35021"]);

    // 2.54907 − 2.64584 − 1.1048 − 0.9642 + 0.51598 = 998.35021 − 1000.
    let nets: Vec<_> = desk.trades.iter().map(|trade| trade.net().to_string()).collect();
    assert_eq!(nets, ["2.54907", "-2.64584", "-1.1048", "-0.9642", "0.51598"]);
    // 2.67 − 2.48 − 1 − 0.84 + 0.62, and 0.12093 + 0.16584 + 0.1048 + 0.1242 + 0.10402.
    assert_eq!((desk.account.realised(), desk.account.fees()), (money("-1.03"), money("0.61979")));
}

#[test]
fn latency_by_hand() {
    let mut desk = Desk::new(market(), Costs { latency_bars: 2, ..costs() });
    desk.submit(order(1, 2, Some(90_00), None));
    // Two whole bars pass; the third may fill.
    bar(&mut desk, [100_00, 101_00, 80_00, 100_50], 100, &[], &[], ["1000", "1000"]);
    bar(&mut desk, [100_00, 101_00, 80_00, 100_50], 100, &[], &[], ["1000", "1000"]);
    // 98.00 × 1.0015 = 98.147, up to 98.15. Value 19.63, fee 0.01963; half spread 0.0196, the rest of 0.03 is 0.0104.
    // Cash 1000 − 19.63 − 0.01963; equity + 0.2 × 99.00 = 19.80.
    let fills = [fill(1, FillKind::Market, 2, 2, 98_15, ["0.01963", "0.0196", "0.0104"])];
    bar(&mut desk, [98_00, 99_00, 97_00, 99_00], 100, &fills, &[], ["980.35037", "1000.15037"]);
    // A bracket is at the exchange already: no latency. 90.00 × 0.9985 = 89.865, down to 89.85; 17.97, fee 0.01797;
    // half spread 0.018, the rest of 0.03 is 0.012. Cash 980.35037 + 17.97 − 0.01797.
    let fills = [fill(1, FillKind::Stop, 4, -2, 89_85, ["0.01797", "0.018", "0.012"])];
    let (found, _) = desk.step([99_00, 99_00, 90_00, 91_00], 100);
    assert_eq!(found, fills);
    assert_eq!(desk.account.cash(), money("998.3024"));
}
