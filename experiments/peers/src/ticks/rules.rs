//! Bars that both libraries make, and what tells whether they are the same.

use std::hint::black_box;

use feature_api::Trade;
use features_v2::bars::{AnyBars, BarRule as _, ClosedBar};
use features_v2::market::{Print, Tape};
use market_data::synth::Market;

/// Time, open, high, low, close, volume.
pub type Bar = [i64; 6];

/// A kind of bars.
pub struct Rule {
    /// What the peer calls it.
    pub name: &'static str,
    /// The peer's size: minutes, trades, units of quantity, quote units.
    pub size: u32,
    /// Ours, by number, and our size.
    kind: (u32, u32),
}

/// A minute; bars of 20 trades, many enough for the indicators; and what is about a minute in quantity and in value.
pub const RULES: [Rule; 4] = [
    Rule { name: "time", size: 1, kind: (1, 60_000) },
    Rule { name: "tick", size: 20, kind: (2, 20) },
    Rule { name: "volume", size: 500, kind: (3, 500) },
    Rule { name: "value", size: 20_000_000, kind: (4, 20_000_000) },
];

impl Rule {
    /// Ours: every trade through the check for duplicates and late trades into the rule, one call a trade.
    pub fn build(&self, trades: &[Trade]) -> Vec<ClosedBar> {
        let mut tape = Tape::default();
        let mut made = Vec::new();
        let Some(mut rule) = AnyBars::by_kind(self.kind.0, self.kind.1, Market::grid()) else { return made };
        for trade in trades {
            made.extend(tape.take(black_box(trade)).and_then(|print| rule.update(&print)));
        }
        made
    }

    /// A bar as the peer shows it: a bar of time by its start, others by their last trade.
    pub fn shown(&self, bar: &ClosedBar) -> Bar {
        let time = if self.name == "time" { bar.ts_open } else { bar.ts_close };
        let sums = &bar.sums;
        [time, sums.open, sums.high, sums.low, sums.close, sums.volume]
    }

    /// What the two sets of bars have to do with each other.
    pub fn compare(&self, trades: &[Trade], ours: &[ClosedBar], theirs: &[Bar]) -> String {
        let ours: Vec<_> = ours.iter().map(|bar| self.shown(bar)).collect();
        if ours == theirs {
            return "the same bars: time, prices and volume, every digit".to_owned();
        }
        let grid = Market::grid();
        let steps = 10_i128.pow(u32::from(grid.qty_scale()));
        let (weigh, threshold): (fn(&Print) -> i128, _) = match self.name {
            "volume" => (|print| i128::from(print.quantity), i128::from(self.size) * steps),
            "value" => (
                |print| i128::from(print.price) * i128::from(print.quantity),
                i128::from(self.size) * steps * 10_i128.pow(u32::from(grid.price_scale())),
            ),
            _ => {
                let differ = ours.iter().zip(theirs).filter(|(a, b)| a != b).count();
                return format!("UNEXPECTED: {differ} of {} bars differ", ours.len());
            }
        };
        let expected = split(trades, weigh, threshold);
        let prices = |bar: &Bar| [bar[0], bar[1], bar[2], bar[3], bar[4]];
        let equal = expected.iter().zip(theirs).filter(|(a, b)| **a == prices(b)).count();
        format!(
            "another rule: the peer splits a trade at the threshold. {equal} of its {} bars have time and prices of \
             that rule recomputed in integers, which makes {}",
            theirs.len(),
            expected.len(),
        )
    }
}

/// Bars of exactly `threshold` each, a trade being split where it goes beyond: time and prices.
fn split(trades: &[Trade], weigh: impl Fn(&Print) -> i128, threshold: i128) -> Vec<[i64; 5]> {
    let (mut made, mut bar, mut filled) = (Vec::new(), None, 0);
    for print in trades.iter().map(Print::of) {
        let mut left = weigh(&print);
        while left > 0 {
            let [_, open, high, low, _] = bar.unwrap_or([print.price; 5]);
            let updated = [print.ts, open, print.price.max(high), print.price.min(low), print.price];
            if filled + left < threshold {
                (bar, filled) = (Some(updated), filled + left);
                break;
            }
            left -= threshold - filled;
            made.push(updated);
            (bar, filled) = (None, 0);
        }
    }
    made
}
