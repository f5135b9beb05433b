//! The bars of every clock, by definition: which trades are in them, and with which trade they close.

use std::ops::Range;

use feature_api::{Columns, Event, FeatureSet, Row, Trade};
use features_v2::Multires;
use features_v2::bars::BarSums;
use features_v2::market::Print;

use crate::trades::Sizes;

/// The prefixes, in order.
pub const PREFIXES: [&str; 6] = ["s_", "m_", "l_", "t1m_", "t15m_", "t4h_"];

/// A closed bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefBar {
    /// Its trades.
    pub trades: Range<usize>,
    /// The trade with which it closed.
    pub closed_by: usize,
    /// When it ended; of a dollar bar the time of its last trade.
    pub ts_close: i64,
}

impl RefBar {
    /// The sums of its trades, pushed one by one.
    pub fn sums(&self, trades: &[Trade]) -> BarSums {
        let mut prints = trades[self.trades.clone()].iter().map(Print::of);
        let mut sums = BarSums::of(&prints.next().unwrap());
        prints.for_each(|print| sums.push(&print));
        sums
    }
}

/// The closed bars of every clock, in the order of [`PREFIXES`]. The trades are in order, each there once.
pub fn bars_of(trades: &[Trade], sizes: &Sizes) -> [Vec<RefBar>; 6] {
    let short = dollar_bars(trades, sizes.short_quote);
    let medium = bars_of_bars(&short, sizes.medium_shorts);
    let long = bars_of_bars(&medium, sizes.long_mediums);
    let [t1m, t15m, t4h] = sizes.seconds.map(|seconds| time_bars(trades, seconds));
    [short, medium, long, t1m, t15m, t4h]
}

fn dollar_bars(trades: &[Trade], quote: u32) -> Vec<RefBar> {
    let Some(first) = trades.first() else { return Vec::new() };
    let decimals = u32::from(first.grid.price_scale() + first.grid.qty_scale());
    let threshold = i128::from(quote) * 10_i128.pow(decimals);
    let (mut bars, mut start, mut sum) = (Vec::new(), 0, 0);
    for (index, trade) in trades.iter().enumerate() {
        sum += i128::from(trade.price.raw()) * i128::from(trade.quantity.raw());
        if sum >= threshold {
            bars.push(RefBar { trades: start..index + 1, closed_by: index, ts_close: trade.ts_event.0 });
            (start, sum) = (index + 1, 0);
        }
    }
    bars
}

fn bars_of_bars(finer: &[RefBar], count: u32) -> Vec<RefBar> {
    let whole = finer.chunks_exact(count as usize);
    whole
        .map(|bars| {
            let (first, last) = (&bars[0], &bars[bars.len() - 1]);
            RefBar { trades: first.trades.start..last.trades.end, ..last.clone() }
        })
        .collect()
}

fn time_bars(trades: &[Trade], seconds: u32) -> Vec<RefBar> {
    let len = i64::from(seconds) * 1_000_000_000;
    let interval = |index: usize| trades[index].ts_event.0.div_euclid(len);
    let starts: Vec<usize> =
        (0..trades.len()).filter(|index| *index == 0 || interval(*index) != interval(index - 1)).collect();
    // The last interval is still forming.
    starts
        .windows(2)
        .map(|pair| RefBar {
            trades: pair[0]..pair[1],
            closed_by: pair[1],
            ts_close: (interval(pair[0]) + 1) * len,
        })
        .collect()
}

/// A fresh set.
pub fn fresh(sizes: &Sizes) -> Multires {
    Multires::new(&sizes.params()).unwrap()
}

/// Every row the set makes of these trades.
pub fn rows_of(set: &mut Multires, trades: &[Trade]) -> Columns {
    let (mut row, mut rows) = (Row::new(set.schema().width()), Columns::new(set.schema().width()));
    for trade in trades {
        if set.update(Event::Trade(trade), &mut row).unwrap() {
            rows.push(&row);
        }
    }
    rows
}

/// The newest of `bars` that had closed with trade `index`, that trade included.
pub fn newest(bars: &[RefBar], index: usize) -> Option<usize> {
    bars.partition_point(|bar| bar.closed_by <= index).checked_sub(1)
}

/// The bits of every cell, to compare.
pub fn bits(rows: &Columns, row: usize) -> Vec<Option<u64>> {
    (0..rows.width()).map(|column| rows.get(row, column).map(f64::to_bits)).collect()
}
