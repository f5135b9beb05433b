//! Order flow and price impact, against exact integers.

use feature_api::{StateReader, StateWriter};
use features_v2::arithmetic::{self, Scale};
use features_v2::market::RawLevel;
use features_v2::operators::{
    AfterFirst, Amihud, BidAsk, BuySell, CloseDollar, CloseFlow, Kyle, OrderFlow, RollSpread, SignedVolume,
    Vpin, log_return,
};
use testkit::expect::Expect;
use testkit::inputs::{SplitMix, Stream};
use testkit::operator::{OperatorCase, conform};
use testkit::{BigInt, BigRational, exact};

use crate::support::{
    agrees, conform_windows, every_window, quotient, scatter, some_windows, steps, sum, window,
};

const PRICE: Scale = Scale::new(2);
const QUANTITY: Scale = Scale::new(5);

fn changes(closes: &[i64]) -> Vec<i64> {
    closes.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

/// Closes of a stream and volumes of either sign.
fn close_flow(stream: Stream, rows: usize, seed: u64) -> Vec<CloseFlow> {
    let flows = match stream {
        Stream::Extremes | Stream::Huge | Stream::Zero => stream.raw(rows, seed + 1),
        Stream::Walk
        | Stream::Flat
        | Stream::Tiny
        | Stream::Jumps
        | Stream::Rising
        | Stream::Falling
        | Stream::Sawtooth
        | Stream::Ties
        | Stream::Settling => {
            Stream::Walk.raw(rows, seed + 1).iter().map(|raw| (raw - 100_000) * 7).collect()
        }
    };
    let closes = stream.raw(rows, seed);
    closes.into_iter().zip(flows).map(|(close, flow)| CloseFlow { close, flow }).collect()
}

/// Covariance and variance are each rounded, and so is their quotient: each by 2^-53 at most, which an ulp is at least.
fn kyle(bars: &[CloseFlow]) -> Vec<Expect> {
    let changes = changes(&bars.iter().map(|bar| bar.close).collect::<Vec<_>>());
    let flows: Vec<i64> = bars[1..].iter().map(|bar| bar.flow).collect();
    let variance = scatter(&flows, &flows);
    if variance == BigInt::from(0) {
        return vec![Expect::Exact(0.0)];
    }
    let exact = quotient(scatter(&changes, &flows) * steps(5), variance * steps(2));
    vec![Expect::Ulps { exact, ulps: 3 }]
}

#[test]
fn kyle_lambda_is_within_three_ulps() {
    let naive = |_: u32, bars: &[CloseFlow]| kyle(bars);
    let make = |n| Kyle::new(window(n), PRICE, QUANTITY);
    conform_windows("Kyle's lambda", make, close_flow, naive);
    some_windows("Kyle's lambda", make, |rows| close_flow(Stream::Walk, rows, 3), naive);
}

/// The longest window at the largest numbers: nothing overflows.
#[test]
fn the_longest_windows_hold_the_largest_numbers() {
    let most = 1_i64 << 53;
    let bars: Vec<_> = (0..1_010)
        .map(|row| CloseFlow { close: [most, -most][row % 2], flow: [-most, most][row / 3 % 2] })
        .collect();
    agrees("Kyle's lambda", Kyle::new(window(1_000), PRICE, QUANTITY), &bars, 1, &kyle);
    let closes: Vec<_> = bars.iter().map(|bar| bar.close).collect();
    agrees("Roll's spread", RollSpread::new(window(1_000), PRICE), &closes, 1, &|closes| roll(700, closes));
}

#[test]
fn an_operator_after_the_first_input_has_not_seen_it() {
    let make = || AfterFirst::new(Kyle::new(window(14), PRICE, QUANTITY));
    for stream in Stream::ALL {
        conform(&OperatorCase {
            name: &format!("after the first over {}", stream.name()),
            make: &make,
            inputs: &close_flow(stream, 80, 5),
            converging: None,
            naive: Some(&|bars| kyle(&bars[1..])),
        });
    }
}

/// The variance is rounded once and so is its root, together by one ulp at most; twice that is exact.
fn roll(n: u32, closes: &[i64]) -> Vec<Expect> {
    let changes = changes(closes);
    let (later, earlier) = (&changes[1..], &changes[..changes.len() - 1]);
    let covariance = scatter(later, earlier);
    if covariance >= BigInt::from(0) {
        return vec![Expect::Exact(0.0)];
    }
    // n³ times the covariance; the spread is the root of four times it.
    vec![Expect::SqrtRational(quotient(-covariance * 4, steps(4) * n * n * n))]
}

#[test]
fn roll_spread_is_within_an_ulp() {
    let make = |n| RollSpread::new(window(n), PRICE);
    conform_windows("Roll's spread", make, Stream::raw, roll);
    some_windows("Roll's spread", make, |rows| Stream::Walk.raw(rows, 4), roll);
}

fn close_dollar(stream: Stream, rows: usize, seed: u64) -> Vec<CloseDollar> {
    let mut random = SplitMix::new(seed);
    let quantity = |random: &mut SplitMix| match random.between(0, 9) {
        0 => 0,
        1 => 1 << 53,
        _ => random.between(1, 5_000_000),
    };
    let closes = if seed.is_multiple_of(3) { stream.raw(rows, seed) } else { stream.positive(rows, seed) };
    let dollar = |close: i64, random: &mut SplitMix| i128::from(close) * i128::from(quantity(random));
    closes.into_iter().map(|close| CloseDollar { close, dollar: dollar(close, &mut random) }).collect()
}

/// A float in units of 2^-216.
fn units(x: f64) -> BigInt {
    let bits = x.to_bits();
    let (exponent, fraction) = (bits >> 52, bits & ((1 << 52) - 1));
    if exponent == 0 { BigInt::from(0) } else { BigInt::from(fraction | 1 << 52) << (exponent + 216 - 1075) }
}

/// Return over dollar volume of each bar, of `decimals` in all, as floats; their sum and mean without rounding.
fn amihud(bars: &[CloseDollar], decimals: u8) -> Vec<Expect> {
    let ratio = |pair: &[CloseDollar]| {
        let dollar = arithmetic::quotient(pair[1].dollar, 10_u128.pow(u32::from(decimals)));
        let change = log_return(pair[0].close, pair[1].close).abs();
        if pair[1].dollar > 0 { change / dollar } else { 0.0 }
    };
    let total: BigInt = bars.windows(2).map(|pair| units(ratio(pair))).sum();
    vec![Expect::Rounded(quotient(total, BigInt::from(bars.len() - 1) << 216))]
}

#[test]
fn amihud_is_correctly_rounded_over_its_ratios() {
    let naive = |_: u32, bars: &[CloseDollar]| amihud(bars, 7);
    let make = |n| Amihud::new(window(n), PRICE, QUANTITY);
    conform_windows("Amihud", make, close_dollar, naive);
    some_windows("Amihud", make, |rows| close_dollar(Stream::Walk, rows, 1), naive);
}

/// From the smallest ratio there is to the largest, in one window: no bit is lost.
#[test]
fn ratios_of_every_size_are_summed_exactly() {
    let most = 1_i64 << 53;
    let bars: Vec<_> = (0..60)
        .map(|row| {
            let close = [most - 1, most, 1][row % 3];
            let dollar = [1, i128::from(most) * i128::from(most)][row % 2];
            CloseDollar { close, dollar }
        })
        .collect();
    for decimals in [0, 16] {
        let scale = Scale::new(decimals);
        agrees("Amihud", Amihud::new(window(5), scale, scale), &bars, 1, &|bars| amihud(bars, 2 * decimals));
    }
}

fn buy_sell(stream: Stream, rows: usize, seed: u64) -> Vec<BuySell> {
    let mut random = SplitMix::new(seed);
    let volumes = stream.non_negative(rows, seed);
    let mut split = |volume: i64| {
        let buy = if random.one_in(5) { volume } else { random.between(0, volume) };
        BuySell { buy, sell: volume - buy }
    };
    volumes.into_iter().map(&mut split).collect()
}

#[test]
fn signed_volume_is_correctly_rounded() {
    let naive = |_: u32, bars: &[BuySell]| {
        let (buy, sell) = (sum(bars.iter().map(|bar| bar.buy)), sum(bars.iter().map(|bar| bar.sell)));
        vec![if buy + sell == 0 {
            Expect::Exact(0.0)
        } else {
            Expect::Rounded(quotient(buy - sell, buy + sell))
        }]
    };
    let make = |n| SignedVolume::new(window(n));
    conform_windows("signed volume", make, buy_sell, naive);
    every_window("signed volume", 1, make, |rows| buy_sell(Stream::Walk, rows, 3), naive);
}

/// Bids and asks that move by few steps, so that prices often stay.
fn quotes(rows: usize, seed: u64) -> Vec<BidAsk> {
    let mut random = SplitMix::new(seed);
    let mut price = 100;
    let mut next = || {
        price += random.between(-1, 1);
        let ask = price + random.between(1, 2);
        let mut quantity = || if random.one_in(9) { 1 << 53 } else { random.between(1, 40) };
        BidAsk {
            bid: RawLevel { price, quantity: quantity() },
            ask: RawLevel { price: ask, quantity: quantity() },
        }
    };
    (0..rows).map(|_| next()).collect()
}

/// By cases: a better price adds all that rests there, a worse one takes all that rested, the same the difference.
#[test]
fn order_flow_is_what_came_to_bid_and_ask() {
    let came = |better: bool, worse: bool, now: i64, before: i64| match (better, worse) {
        (true, false) => now,
        (false, true) => -before,
        _ => now - before,
    };
    let naive = |states: &[BidAsk]| {
        let [before, now] = *states else { panic!("two states") };
        let bid = came(
            now.bid.price > before.bid.price,
            now.bid.price < before.bid.price,
            now.bid.quantity,
            before.bid.quantity,
        );
        let ask = came(
            now.ask.price < before.ask.price,
            now.ask.price > before.ask.price,
            now.ask.quantity,
            before.ask.quantity,
        );
        vec![Expect::Int(bid - ask)]
    };
    for seed in 0..8 {
        conform(&OperatorCase {
            name: "order flow",
            make: &OrderFlow::new,
            inputs: &quotes(600, seed),
            converging: None,
            naive: Some(&naive),
        });
    }
}

/// Each bucket's imbalance from where the volume before each trade begins and ends.
fn vpin(n: usize, size: BigRational, trades: &[i64], decimals: u8) -> Option<BigRational> {
    let zero = exact::integer(0);
    let mut edges = vec![zero.clone()];
    for signed in trades {
        let size = quotient(signed.abs(), steps(decimals));
        edges.push(edges.last().unwrap() + size);
    }
    let full = (edges.last().unwrap() / &size).floor().to_integer();
    let first = full.clone() - BigInt::from(n);
    if first < BigInt::from(0) {
        return None;
    }
    let mut total = zero.clone();
    for bucket in 0..n {
        let from = exact::integer(first.clone() + bucket) * &size;
        let to = &from + &size;
        let mut signed = zero.clone();
        for (index, trade) in trades.iter().enumerate() {
            let (start, end) = (&edges[index], &edges[index + 1]);
            let overlap = end.clone().min(to.clone()) - start.clone().max(from.clone());
            if overlap > zero {
                signed += if *trade < 0 { -overlap } else { overlap };
            }
        }
        total += if signed < zero { -signed } else { signed };
    }
    Some(total / (size * exact::integer(n)))
}

fn bytes(vpin: &Vpin) -> Vec<u8> {
    let mut state = StateWriter::new();
    vpin.save(&mut state);
    state.into_bytes()
}

/// Trades far below a bucket, of many buckets, of nothing; grids coarser and finer than thousandths; a restart at
/// every trade.
#[test]
fn vpin_splits_trades_at_the_edges_of_its_buckets() {
    let mut random = SplitMix::new(9);
    for (n, thousandths, decimals, most) in [
        (1, 1_000, 0, 3),
        (5, 1_500, 0, 4),
        (5, 700, 2, 90),
        (7, 1_000, 3, 900),
        (4, 3, 5, 4_000),
        (50, 10, 8, 3_000_000),
    ] {
        let fresh = || Vpin::new(window(n), thousandths, decimals);
        let mut found = fresh();
        let mut trades = Vec::new();
        let mut warm = 0;
        for row in 0..160 {
            let size = if row % 40 == 39 { most * 60 } else { random.between(0, most) };
            let signed = if random.one_in(2) { size } else { -size };
            trades.push(signed);
            found.add(signed);
            let expected = vpin(n as usize, quotient(thousandths, 1_000), &trades, decimals);
            let expected = expected.map(|exact| exact::round(&exact));
            assert_eq!(found.value(), expected, "n {n}, size {thousandths}, trade {row}");
            warm += usize::from(expected.is_some());
            let mut other = fresh();
            other.load(&mut StateReader::new(&bytes(&found))).unwrap();
            assert_eq!(bytes(&other), bytes(&found));
            found = other;
        }
        assert!(warm > 50, "n {n}: {warm}");
    }
}

/// The same quantities with more decimals are the same buckets.
#[test]
fn vpin_is_the_same_on_a_finer_grid() {
    let mut random = SplitMix::new(10);
    let [mut coarse, mut fine] = [1, 9].map(|decimals| Vpin::new(window(20), 250, decimals));
    for _ in 0..500 {
        let signed = random.between(-20, 20);
        coarse.add(signed);
        fine.add(signed * 100_000_000);
        assert_eq!(coarse.value().map(f64::to_bits), fine.value().map(f64::to_bits));
    }
    assert!(coarse.value().is_some());
}

#[test]
fn a_state_of_vpin_that_cannot_be_is_refused() {
    let mut vpin = Vpin::new(window(3), 1_000, 3);
    [700, -600, 900, 200].iter().for_each(|signed| vpin.add(*signed));
    let good = bytes(&vpin);
    // Count, two buckets, what fills the third, its imbalance.
    assert_eq!(good.len(), 8 + 2 * 16 + 16 + 16);
    let with = |at: usize, value: i128| {
        let mut bytes = good.clone();
        bytes[at..at + 16].copy_from_slice(&value.to_le_bytes());
        Vpin::new(window(3), 1_000, 3).load(&mut StateReader::new(&bytes)).is_ok()
    };
    assert!(with(8, 400) && !with(8, 401) && !with(8, 1_002) && !with(8, -2));
    assert!(with(40, 600) && !with(40, 1_000) && !with(40, -2) && !with(40, 201));
    assert!(with(56, 0) && !with(56, 402) && !with(56, 1));
}
