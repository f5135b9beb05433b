//! Every feature recomputed the plain way, in floats over whole windows, from the events themselves: its own bars, its
//! own buckets, the readers' order book.
#![allow(clippy::disallowed_methods, reason = "a second implementation may use the platform's logarithm")]

use core::f64::consts::{FRAC_PI_2, LN_2};

use feature_api::{AggressorSide, Trade};
use market_data::synth::{Market, MarketOptions};
use market_data::{MarketEvent, OrderBook};

use crate::support::{CAPTURES, Run, capture};

const SECOND: i64 = 1_000_000_000;

/// A bar of a second, in steps of the grid: floats, but whole numbers and so exact.
#[derive(Debug, Clone, Copy)]
struct Bar {
    second: i64,
    open: f64,
    high: f64,
    low: f64,
    close: f64,
    buy: f64,
    sell: f64,
    dollar: f64,
    trades: f64,
}

impl Bar {
    fn of(trade: &Trade) -> Self {
        let (price, quantity) = (trade.price.raw() as f64, trade.quantity.raw() as f64);
        let (buy, sell) = match trade.aggressor {
            AggressorSide::Buy => (quantity, 0.0),
            AggressorSide::Sell => (0.0, quantity),
        };
        Self {
            second: trade.ts_event.0.div_euclid(SECOND),
            open: price,
            high: price,
            low: price,
            close: price,
            buy,
            sell,
            dollar: price * quantity,
            trades: 1.0,
        }
    }

    fn push(&mut self, next: &Self) {
        self.high = if next.high > self.high { next.high } else { self.high };
        self.low = if next.low < self.low { next.low } else { self.low };
        self.close = next.close;
        self.buy += next.buy;
        self.sell += next.sell;
        self.dollar += next.dollar;
        self.trades += 1.0;
    }
}

/// Steps in one.
fn steps(decimals: u8) -> i64 {
    10_i64.pow(u32::from(decimals))
}

/// ln(to/from), which loses no digits of a small one.
fn log(to: f64, from: f64) -> f64 {
    ((to - from) / from).ln_1p()
}

fn mean(x: &[f64]) -> f64 {
    x.iter().sum::<f64>() / x.len() as f64
}

fn covariance(x: &[f64], y: &[f64], ddof: f64) -> f64 {
    let (mx, my) = (mean(x), mean(y));
    x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum::<f64>() / (x.len() as f64 - ddof)
}

/// A value, and how far from it is near enough.
type Near = Option<(f64, f64)>;

/// Sums of some twenty to fifty terms without cancellation: off by 50·2^-53 as floats; logarithms of one price step in
/// 60,000 on the grid of 2^-64 by 10^-12 of themselves.
fn relative(value: f64) -> (f64, f64) {
    (value, 1e-10 * value.abs())
}

/// The features of trades at the last of these bars, on a grid of so many steps in a unit of price and of quantity.
fn of_bars(bars: &[Bar], price: f64, quantity: f64) -> Vec<(&'static str, Near)> {
    let last = &bars[bars.len() - 1];
    let tail = |n: usize| bars.len().checked_sub(n).map(|from| &bars[from..]);
    // The first bar of the stream is left out.
    let after_first = |n: usize| (bars.len() > n).then(|| &bars[bars.len() - n..]);
    let changes =
        |bars: &[Bar]| bars.windows(2).map(|pair| pair[1].close - pair[0].close).collect::<Vec<_>>();
    let returns =
        |bars: &[Bar]| bars.windows(2).map(|pair| log(pair[1].close, pair[0].close)).collect::<Vec<_>>();
    let flows = |bars: &[Bar]| bars.iter().map(|bar| bar.buy - bar.sell).collect::<Vec<_>>();
    let squares = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>();
    let bipower = |r: &[f64]| FRAC_PI_2 * r.windows(2).map(|pair| (pair[0] * pair[1]).abs()).sum::<f64>();
    let per_bar = |bars: &[Bar], f: fn(&Bar) -> f64| mean(&bars.iter().map(f).collect::<Vec<_>>());
    let rogers_satchell = |bar: &Bar| {
        log(bar.high, bar.close) * log(bar.high, bar.open) + log(bar.low, bar.close) * log(bar.low, bar.open)
    };
    vec![
        ("trade_imbalance", Some(relative_to((last.buy - last.sell) / (last.buy + last.sell), 1.0))),
        (
            "signed_volume_20",
            tail(20).map(|bars| {
                let volume: f64 = bars.iter().map(|bar| bar.buy + bar.sell).sum();
                relative_to(flows(bars).iter().sum::<f64>() / volume, 1.0)
            }),
        ),
        (
            "kyle_lambda_50",
            after_first(51).map(|bars| {
                let (changes, flows) = (changes(bars), flows(&bars[1..]));
                let variance = covariance(&flows, &flows, 0.0);
                let deviation = covariance(&changes, &changes, 0.0).sqrt();
                let unit = quantity / price;
                relative_to(
                    unit * covariance(&changes, &flows, 0.0) / variance,
                    unit * deviation / variance.sqrt(),
                )
            }),
        ),
        (
            "amihud_50",
            after_first(51).map(|bars| {
                let ratio = |pair: &[Bar]| log(pair[1].close, pair[0].close).abs() / pair[1].dollar;
                relative(price * quantity * mean(&bars.windows(2).map(ratio).collect::<Vec<_>>()))
            }),
        ),
        (
            "roll_spread_50",
            after_first(52).map(|bars| {
                let changes = changes(bars);
                let (later, earlier) = (&changes[1..], &changes[..50]);
                let covariance_of = covariance(later, earlier, 0.0);
                let size = covariance(later, later, 0.0);
                // The root of what is near 0 moves by the root of the error.
                let spread = 2.0 * if covariance_of < 0.0 { (-covariance_of).sqrt() } else { 0.0 };
                let error = 1e-10 * size;
                let near = if spread * spread > error { 4.0 * error / spread } else { 4.0 * error.sqrt() };
                (spread / price, near / price)
            }),
        ),
        ("realized_vol_20", tail(21).map(|bars| relative(squares(&returns(bars)).sqrt()))),
        ("bipower_20", tail(22).map(|bars| relative(bipower(&returns(bars))))),
        (
            "jump_20",
            tail(22).map(|bars| {
                let returns = returns(bars);
                let (variance, bipower) = (squares(&returns[1..]), bipower(&returns));
                let jump = variance - bipower;
                relative_to(if jump > 0.0 { jump } else { 0.0 }, variance + bipower)
            }),
        ),
        (
            "parkinson_20",
            tail(20).map(|bars| relative(per_bar(bars, |bar| log(bar.high, bar.low).powi(2)) / (4.0 * LN_2))),
        ),
        (
            "garman_klass_20",
            tail(20).map(|bars| {
                relative(per_bar(bars, |bar| {
                    0.5 * log(bar.high, bar.low).powi(2)
                        - (2.0 * LN_2 - 1.0) * log(bar.close, bar.open).powi(2)
                }))
            }),
        ),
        ("rogers_satchell_20", tail(20).map(|bars| relative(per_bar(bars, rogers_satchell)))),
        (
            "yang_zhang_20",
            tail(21).map(|bars| {
                let gaps: Vec<_> = bars.windows(2).map(|pair| log(pair[1].open, pair[0].close)).collect();
                let bodies: Vec<_> = bars[1..].iter().map(|bar| log(bar.close, bar.open)).collect();
                let k = 0.34 / (1.34 + 21.0 / 19.0);
                relative(
                    covariance(&gaps, &gaps, 1.0)
                        + k * covariance(&bodies, &bodies, 1.0)
                        + (1.0 - k) * per_bar(&bars[1..], rogers_satchell),
                )
            }),
        ),
        ("trade_rate_log", Some(relative((1.0 + last.trades).ln()))),
        ("avg_trade_size", Some(relative((last.buy + last.sell) / last.trades / quantity))),
    ]
}

/// A difference, off by as much as what it is a difference of.
fn relative_to(value: f64, size: f64) -> (f64, f64) {
    (value, 1e-10 * size.abs())
}

/// |B − S| of the buckets, in steps; the last one is being filled.
struct Buckets {
    size: i64,
    full: Vec<i64>,
    buy: i64,
    sell: i64,
}

impl Buckets {
    fn add(&mut self, trade: &Trade) {
        let mut left = trade.quantity.raw();
        while left > 0 {
            let part = left.min(self.size - self.buy - self.sell);
            match trade.aggressor {
                AggressorSide::Buy => self.buy += part,
                AggressorSide::Sell => self.sell += part,
            }
            left -= part;
            if self.buy + self.sell == self.size {
                self.full.push((self.buy - self.sell).abs());
                (self.buy, self.sell) = (0, 0);
            }
        }
    }

    fn value(&self) -> Near {
        let from = self.full.len().checked_sub(50)?;
        Some(relative(self.full[from..].iter().sum::<i64>() as f64 / (50 * self.size) as f64))
    }
}

/// Price and quantity of the bid and the ask of a rank.
type Pair = [(f64, f64); 2];

/// Order flow of the bar at each rank, and the states of the book in it.
#[derive(Default)]
struct Flow {
    last: Vec<Pair>,
    flows: [f64; 5],
    sizes: [f64; 5],
    depths: [Vec<f64>; 5],
    has_changed: bool,
}

fn ladder(book: &OrderBook) -> Vec<Pair> {
    let value = |level: feature_api::Level| (level.price.raw() as f64, level.quantity.raw() as f64);
    book.bids().zip(book.asks()).map(|(bid, ask)| [value(bid), value(ask)]).take(10).collect()
}

impl Flow {
    fn see(&mut self, now: Vec<Pair>) {
        for (rank, &[bid, ask]) in now.iter().enumerate().take(5) {
            self.depths[rank].push((bid.1 + ask.1) / 2.0);
            let Some([old_bid, old_ask]) = self.last.get(rank).copied() else { continue };
            let when = |holds: bool, quantity: f64| if holds { quantity } else { 0.0 };
            self.flows[rank] += when(bid.0 >= old_bid.0, bid.1)
                - when(bid.0 <= old_bid.0, old_bid.1)
                - when(ask.0 <= old_ask.0, ask.1)
                + when(ask.0 >= old_ask.0, old_ask.1);
            self.sizes[rank] += bid.1 + old_bid.1 + ask.1 + old_ask.1;
            self.has_changed = true;
        }
        self.last = now;
    }

    /// The features at a close; the bar's sums begin anew.
    fn close(&mut self, unit: f64) -> Vec<(&'static str, Near)> {
        let mut features = Vec::new();
        let now = &self.last;
        let total = |levels: usize, side: usize| now[..levels].iter().map(|pair| pair[side].1).sum::<f64>();
        let imbalance = |levels| {
            let (bids, asks) = (total(levels, 0), total(levels, 1));
            relative_to((bids - asks) / (bids + asks), 1.0)
        };
        if now.is_empty() {
            return features;
        }
        let [(bid, bid_size), (ask, ask_size)] = now[0];
        let mid = (bid + ask) / 2.0;
        let microprice = (bid * ask_size + ask * bid_size) / (bid_size + ask_size);
        features.push(("spread_bps", Some(relative(10_000.0 * (ask - bid) / mid))));
        features.push(("book_imbalance_1", Some(imbalance(1))));
        features.push(("book_imbalance_5", Some(imbalance(5))));
        features.push(("book_imbalance_10", Some(imbalance(10))));
        features.push(("microprice_offset_bps", Some((10_000.0 * (microprice / mid - 1.0), 1e-11))));
        features.push(("depth_10_log", Some(relative(((total(10, 0) + total(10, 1)) / unit).ln_1p()))));
        let depth = |rank: usize| {
            let depths = &self.depths[rank];
            if depths.is_empty() { (now[rank][0].1 + now[rank][1].1) / 2.0 } else { mean(depths) }
        };
        let sizes: f64 = (0..5).map(|rank| self.sizes[rank] / depth(rank)).sum();
        let valid = |near: (f64, f64)| self.has_changed.then_some(near);
        let norm = |rank: usize| self.flows[rank] / depth(rank);
        features.push(("ofi_1", valid(relative_to(self.flows[0] / unit, self.sizes[0] / unit))));
        features.push(("ofi_1_norm", valid(relative_to(norm(0), sizes))));
        features.push(("ofi_multi_5", valid(relative_to((0..5).map(norm).sum(), sizes))));
        let has_changed = self.has_changed;
        *self = Self { last: std::mem::take(&mut self.last), has_changed, ..Self::default() };
        features
    }
}

/// Drives the set, and beside it everything above, over events without a gap; counts the rows.
fn holds(name: &str, events: impl Iterator<Item = MarketEvent>) -> usize {
    let mut run = Run::new(&[]);
    let (mut bars, mut forming) = (Vec::new(), None::<Bar>);
    let mut buckets: Option<Buckets> = None;
    let (mut book, mut flow) = (OrderBook::new(), Flow::default());
    let mut time = i64::MIN;
    for event in events {
        let took = run.take(event.view());
        let MarketEvent::Trade(trade) = event else {
            assert!(!took);
            book.apply(&event).unwrap();
            assert!(book.is_usable());
            flow.see(ladder(&book));
            continue;
        };
        if trade.ts_event.0 < time {
            continue;
        }
        time = trade.ts_event.0;
        let (price, quantity) =
            (steps(trade.grid.price_scale()) as f64, steps(trade.grid.qty_scale()) as f64);
        let buckets = buckets.get_or_insert_with(|| Buckets {
            size: steps(trade.grid.qty_scale()),
            full: Vec::new(),
            buy: 0,
            sell: 0,
        });
        let next = Bar::of(&trade);
        let closes = forming.is_some_and(|bar| bar.second != next.second);
        assert_eq!(took, closes, "{name}: a row at {time}");
        if closes {
            bars.extend(forming.take());
            let mut expected = of_bars(&bars, price, quantity);
            expected.push(("vpin_50", buckets.value()));
            expected.extend(flow.close(quantity));
            let from = if book.is_usable() { 0 } else { 9 };
            assert_eq!(expected.len(), 24 - from);
            for (feature, near) in expected {
                let found = run.get(feature);
                let what = format!("{name} row {} {feature}: {found:?}, expected {near:?}", bars.len());
                match near {
                    Some((value, error)) => {
                        assert!(found.is_some_and(|x| (x - value).abs() <= error), "{what}")
                    }
                    None => assert_eq!(found, None, "{what}"),
                }
            }
        }
        buckets.add(&trade);
        match &mut forming {
            Some(bar) => bar.push(&next),
            None => forming = Some(next),
        }
    }
    assert_eq!(run.counter("duplicates"), 0);
    bars.len()
}

#[test]
fn features_are_their_definitions_on_captures() {
    for (name, files) in CAPTURES {
        let Some(events) = capture(files, "flow against its definitions on real captures") else { return };
        let rows = holds(name, events.into_iter());
        assert!(rows > 200, "{name}: {rows}");
    }
}

#[test]
fn features_are_their_definitions_on_a_made_up_market() {
    for seed in 1..4 {
        let options =
            MarketOptions { trades: 20_000, seed, late: 5, same_time: 100, ..MarketOptions::default() };
        let rows = holds("made up", Market::new(options));
        assert!(rows > 800, "seed {seed}: {rows}");
    }
}
