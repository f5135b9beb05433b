//! One-second bars that pandas made of the same trades.

use features_v2::arithmetic::Scale;
use features_v2::bars::{BarRule, TimeBars};

use crate::support::{SECOND, bars, read_reference, recorded};

#[test]
fn one_second_bars_are_those_of_the_reference() {
    for name in ["spot_btcusdt_20240808", "usdm_btcusdt_20240808"] {
        let Some(table) = read_reference(&format!("{name}_1s_bars.csv")) else { return };
        let tape = recorded().into_iter().find(|tape| tape.name == name).unwrap();
        let mut rule = TimeBars::new(SECOND);
        let mut found = bars(&mut rule, &tape.prints);
        found.extend(rule.clock(i64::MAX - 1));
        assert_eq!(found.len(), table.len(), "{name}");
        let (price, quantity) = (Scale::new(tape.grid.price_scale()), Scale::new(tape.grid.qty_scale()));
        let column = |column: &str| table.numbers(column);
        let times: Vec<_> = found.iter().map(|bar| (bar.ts_open / 1_000_000) as f64).collect();
        assert_eq!(times, column("open_time_ms"), "{name}");
        let trades: Vec<_> = found.iter().map(|bar| bar.sums.trades as f64).collect();
        assert_eq!(trades, column("trades"), "{name}");
        // A price is read, not computed: the nearest float on both sides.
        let prices = [
            ("open", found.iter().map(|bar| bar.sums.open).collect::<Vec<_>>()),
            ("high", found.iter().map(|bar| bar.sums.high).collect()),
            ("low", found.iter().map(|bar| bar.sums.low).collect()),
            ("close", found.iter().map(|bar| bar.sums.close).collect()),
        ];
        for (what, raw) in prices {
            let values: Vec<_> = raw.into_iter().map(|raw| price.divisor().divide_i64(raw)).collect();
            assert_eq!(values, column(what), "{name} {what}");
        }
        let [volume, taker, signed] = ["volume", "taker_buy_volume", "signed_volume"].map(column);
        let [quote, vwap] = ["quote_volume", "vwap"].map(column);
        for (row, bar) in found.iter().enumerate() {
            let sums = &bar.sums;
            let n = sums.trades as f64;
            // The reference adds n floats, each half a unit off at most, each addition half a unit of what is there by
            // then: no more than n units of 2^-53 of the sum of magnitudes, to first order; 1 % on top for the rest.
            let unit = 1.01 * f64::EPSILON / 2.0;
            let near = |found: f64, reference: f64, units: f64, of: f64, what: &str| {
                let error = (found - reference).abs();
                assert!(error <= units * unit * of, "{name} row {row} {what}: {found} for {reference}");
            };
            let q = |raw: i64| quantity.divisor().divide_i64(raw);
            near(q(sums.volume), volume[row], n + 1.0, volume[row], "volume");
            near(q(sums.buy), taker[row], n + 1.0, volume[row], "taker_buy_volume");
            near(q(sums.buy - sums.sell()), signed[row], 2.0 * n + 3.0, volume[row], "signed_volume");
            near(bar.dollar_volume(tape.grid), quote[row], n + 1.0, quote[row], "quote_volume");
            // The quotient of two such sums, rounded once more.
            near(bar.vwap(tape.grid), vwap[row], 2.0 * n + 4.0, vwap[row], "vwap");
        }
    }
}
