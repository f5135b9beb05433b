//! Made-up markets: bars, orders and costs of every kind, prices around and below 0 too.

#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(dead_code, reason = "each test file uses a part")]

use execution::{Costs, Market, Order};
use feature_api::Bar;
use proptest::prelude::*;

use super::{bar_on, market_of, order, rate};

/// Tick, lot, price and quantity decimals; then, by hand, steps of the grid in a tick and in a lot, and 1e-18 of the
/// currency in a step of price times a lot.
pub type Kind = (&'static str, &'static str, u8, u8, i64, i64, i128);

pub const KINDS: [Kind; 6] = [
    ("0.05", "0.1", 2, 1, 5, 1, 1_000_000_000_000_000),
    ("0.01", "0.001", 2, 4, 1, 10, 10_000_000_000_000),
    ("5", "10", 1, 0, 50, 10, 1_000_000_000_000_000_000),
    ("0.25", "1", 4, 2, 2500, 100, 100_000_000_000_000),
    ("1", "1", 0, 0, 1, 1, 1_000_000_000_000_000_000),
    // Fees that come to no whole units.
    ("0.00000005", "0.0000001", 8, 7, 5, 1, 1_000),
];

/// What happens in a bar, and what is ordered at its close. Prices are fifths of a tick, volumes quarters of a lot.
#[derive(Debug, Clone)]
pub struct Step {
    pub gap: i64,
    pub up: i64,
    pub down: i64,
    pub close_percent: i64,
    pub volume: i64,
    pub order: Option<(i64, Option<i64>, Option<i64>)>,
}

/// A made-up market.
#[derive(Debug, Clone)]
pub struct Scenario {
    pub kind: Kind,
    pub costs: Costs,
    pub first: i64,
    pub steps: Vec<Step>,
}

/// Any scenario of up to that many bars.
pub fn scenario(bars: usize) -> impl Strategy<Value = Scenario> {
    let costs =
        (billionths(), billionths(), billionths(), billionths(), 0..3_u32, any::<Option<u32>>(), 1..4_u32)
            .prop_map(|(taker, maker, spread, slippage, latency_bars, share, entry_order_bars)| Costs {
                taker_fee: rate(taker),
                maker_fee: rate(maker),
                spread: rate(spread),
                slippage: rate(slippage),
                latency_bars,
                max_volume_share: share.map(|share| rate(f64::from(share % 1_000_000_000 + 1) / 1e9)),
                entry_order_bars,
            });
    let first = prop_oneof![3 => 500..20_000_i64, 1 => -20_000..-500_i64, 1 => -200..200_i64];
    let kind = prop::sample::select(KINDS.as_slice());
    let steps = prop::collection::vec(step(), 1..=bars);
    (kind, costs, first, steps).prop_map(|(kind, costs, first, steps)| Scenario { kind, costs, first, steps })
}

fn billionths() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.0), (0..20_000_000_u32).prop_map(|billionths| f64::from(billionths) / 1e9)]
}

fn step() -> impl Strategy<Value = Step> {
    let lots = prop_oneof![-25..0_i64, 1..=25_i64];
    let order = (lots, prop::option::of(0..120_i64), prop::option::of(0..120_i64));
    (-60..60_i64, 0..80_i64, 0..80_i64, 0..=100_i64, 0..240_i64, prop::option::weighted(0.7, order)).prop_map(
        |(gap, up, down, close_percent, volume, order)| Step { gap, up, down, close_percent, volume, order },
    )
}

impl Scenario {
    /// Its market, on a grid of more decimals.
    pub fn market(&self, finer: (u8, u8)) -> Market {
        let (tick, lot, price_scale, qty_scale, ..) = self.kind;
        market_of(tick, lot, price_scale + finer.0, qty_scale + finer.1)
    }

    /// Its bars, on a grid of more decimals.
    pub fn bars(&self, finer: (u8, u8)) -> Vec<Bar> {
        let (.., tick, lot, _) = self.kind;
        let (prices, volumes) = (10_i64.pow(finer.0.into()), 10_i64.pow(finer.1.into()));
        let grid = self.market(finer).grid();
        let mut last = self.first;
        let bars = self.steps.iter().enumerate().map(|(index, step)| {
            let open = last + step.gap;
            let (high, low) = (open + step.up, open - step.down);
            last = low + (high - low) * step.close_percent / 100;
            let ohlc = [open, high, low, last].map(|fifths| fifths * tick / 5 * prices);
            bar_on(grid, i64::try_from(index).unwrap(), ohlc, step.volume * lot / 4 * volumes)
        });
        bars.collect()
    }

    /// What is ordered at the close of that bar by one who holds so many lots; on a grid of more decimals.
    ///
    /// An order that closes is cut to the position and has no levels; else the stop is below the close of a long.
    pub fn order(&self, index: usize, bar: &Bar, held: i64, finer: (u8, u8)) -> Option<Order> {
        let (.., tick, _, _) = self.kind;
        let (lots, stop, take) = self.steps[index].order?;
        let id = u64::try_from(index).unwrap() + 1;
        if held * lots < 0 {
            return Some(order(id, lots.clamp(-held.abs(), held.abs()), None, None));
        }
        let prices = 10_i64.pow(finer.0.into());
        let close = bar.close().raw() / prices;
        let level = |fifths: i64| Some((close + fifths * tick / 5).div_euclid(tick) * tick * prices);
        let side = lots.signum();
        Some(order(
            id,
            lots,
            stop.and_then(|stop| level(-side * stop)),
            take.and_then(|take| level(side * take)),
        ))
    }
}
