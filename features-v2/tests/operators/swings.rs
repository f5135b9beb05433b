//! Swing points, pairs of them, and the levels made of them: exact, against loops over the window.

use features_v2::operators::{
    EdgeClose, Level, Pair, Point, Support, Swing, SwingHigh, SwingLow, SwingLows, SwingPair,
};
use testkit::expect::Expect;
use testkit::inputs::Stream;
use testkit::operator::{OperatorCase, conform};

use crate::support::{
    Numbers, Shown, WINDOWS, agrees, conform_windows, every_window, high_low_close, quotient, signed_bars,
    window,
};
use feature_api::Operator;

/// Whether the price at `at` is a swing point of reach `k`; only where all its neighbours are there.
fn is_swing(prices: &[i64], at: usize, k: usize, high: bool) -> bool {
    let sign = if high { -1 } else { 1 };
    at >= k
        && at + k < prices.len()
        && (at - k..at).all(|before| sign * prices[at] < sign * prices[before])
        && (at + 1..=at + k).all(|after| sign * prices[at] <= sign * prices[after])
}

fn swings(prices: &[i64], k: usize, high: bool) -> Vec<usize> {
    (0..prices.len()).filter(|at| is_swing(prices, *at, k, high)).collect()
}

fn swing<const HIGH: bool>(k: u32, prices: &[i64]) -> Vec<Expect> {
    let at = k as usize;
    vec![if is_swing(prices, at, at, HIGH) { Expect::Int(prices[at]) } else { Expect::Absent }]
}

#[test]
fn swing_points_stand_out_from_their_neighbours() {
    conform_windows("swing low", |k| Swing::<false>::new(window(k)), Stream::raw, swing::<false>);
    conform_windows("swing high", |k| Swing::<true>::new(window(k)), Stream::raw, swing::<true>);
    for stream in [Stream::Walk, Stream::Ties, Stream::Sawtooth] {
        every_window(
            "swing low",
            1,
            |k| Swing::<false>::new(window(k)),
            |rows| stream.raw(rows, 1),
            swing::<false>,
        );
        every_window(
            "swing high",
            1,
            |k| Swing::<true>::new(window(k)),
            |rows| stream.raw(rows, 1),
            swing::<true>,
        );
    }
}

/// Of equal lows the first counts, and each is said exactly k inputs later.
#[test]
fn a_swing_point_is_said_when_its_later_neighbours_are_there() {
    let prices = [9, 8, 7, 3, 5, 3, 6, 7, 8, 2, 2, 2, 9, 9];
    let said: Vec<_> = {
        let mut low = SwingLow::new(window(2));
        prices.iter().map(|price| low.update(*price)).collect()
    };
    // Row 5: the low of row 3, with rows 4 and 5 behind it. Its equal in row 5 is no swing point. Row 11: that of
    // row 9, the first of three.
    let later = [None, Some(3), None, None, None, None, None, Some(2), None, None];
    let expected: Vec<_> = [None; 4].into_iter().chain(later.map(Some)).collect();
    assert_eq!(said, expected);
    let mut high = SwingHigh::new(window(2));
    let mirrored: Vec<_> = prices.iter().map(|price| high.update(-price)).collect();
    assert_eq!(mirrored, said.iter().map(|o| o.map(|o| o.map(|p: i64| -p))).collect::<Vec<_>>());
}

fn points(stream: Stream, rows: usize, seed: u64) -> Vec<Point> {
    let values = Stream::Walk.floats(rows, seed + 1);
    stream.raw(rows, seed).into_iter().zip(values).map(|(price, value)| Point { price, value }).collect()
}

fn pair<const HIGH: bool>(k: usize, points: &[Point]) -> Vec<Expect> {
    let prices: Vec<i64> = points.iter().map(|point| point.price).collect();
    match swings(&prices, k, HIGH)[..] {
        [.., earlier, later] => {
            let (a, b) = (points[earlier], points[later]);
            vec![Expect::Int(a.price), Expect::Int(b.price), Expect::Exact(a.value), Expect::Exact(b.value)]
        }
        _ => vec![Expect::Absent],
    }
}

fn shown_pair(pair: Option<Pair>) -> Option<Numbers<2, 2>> {
    pair.map(|Pair { earlier, later }| Numbers([earlier.price, later.price], [earlier.value, later.value]))
}

fn pairs_conform<const HIGH: bool>() {
    for k in [1, 2, 3, 5, 9] {
        let make = |n| Shown::new(SwingPair::<HIGH>::new(window(n), window(k)), shown_pair);
        let naive = |_: u32, points: &[Point]| pair::<HIGH>(k as usize, points);
        for stream in [Stream::Walk, Stream::Ties, Stream::Sawtooth] {
            every_window("swing pair", 1, make, |rows| points(stream, rows + 60, 2), naive);
        }
    }
    let naive = |_: u32, points: &[Point]| pair::<HIGH>(3, points);
    conform_windows(
        "swing pair",
        |n| Shown::new(SwingPair::<HIGH>::new(window(n), window(3)), shown_pair),
        points,
        naive,
    );
}

#[test]
fn pairs_are_the_newest_two_of_the_window() {
    pairs_conform::<false>();
    pairs_conform::<true>();
}

/// A pair appears k bars after its later low, and goes when the first neighbour of its earlier low does.
#[test]
fn a_pair_lives_from_its_confirmation_to_the_edge_of_the_window() {
    let mut prices = vec![50_i64; 60];
    (prices[10], prices[20]) = (40, 41);
    let mut lows = SwingLows::new(window(20), window(3));
    let seen: Vec<bool> = prices
        .iter()
        .map(|price| lows.update(Point { price: *price, value: 0.0 }).flatten().is_some())
        .collect();
    // Confirmed at 20 + 3. The neighbourhood of the earlier begins at 10 − 3, which is in t − 20 … t up to t = 27.
    let expected: Vec<bool> = (0..60).map(|row| (23..=27).contains(&row)).collect();
    assert_eq!(seen, expected);
}

fn level<const HIGH: bool>(n: usize, k: usize, bars: &[EdgeClose]) -> Vec<Expect> {
    let edges: Vec<i64> = bars.iter().map(|bar| bar.edge).collect();
    let close = bars.last().unwrap().close;
    let prices: Vec<i64> = swings(&edges, k, HIGH).into_iter().map(|at| edges[at]).collect();
    let previous = edges[..n].iter().copied();
    let level = if HIGH {
        prices.iter().copied().filter(|price| *price > close).min().unwrap_or(previous.max().unwrap())
    } else {
        prices.iter().copied().filter(|price| *price < close).max().unwrap_or(previous.min().unwrap())
    };
    // ±0.5 % of the level: |price − level|/|level| <= 1/200.
    let near = |price: i64| 200 * i128::from(price - level).abs() <= i128::from(level).abs();
    let touches = prices.iter().filter(|price| near(**price)).count();
    let distance = 100 * i128::from(if HIGH { level - close } else { close - level });
    let distance = if close == 0 { Expect::Exact(0.0) } else { Expect::Rounded(quotient(distance, close)) };
    vec![Expect::Int(i64::try_from(touches).unwrap()), distance]
}

fn levels_conform<const HIGH: bool>() {
    let make = |n, k| {
        Shown::new(Level::<HIGH>::new(window(n), window(k)), |nearest| {
            Numbers([i64::from(nearest.touches)], [nearest.distance_pct])
        })
    };
    let inputs = |stream: Stream, rows, seed, signed: bool| -> Vec<EdgeClose> {
        let (bars, shift) = signed_bars(stream, rows, seed);
        let shift = if signed { shift } else { 0 };
        let input = |bar| {
            let bar = high_low_close(bar, shift);
            EdgeClose { edge: if HIGH { bar.high } else { bar.low }, close: bar.close }
        };
        bars.iter().map(input).collect()
    };
    for (k, signed) in [(2, true), (5, false)] {
        let naive = |n: u32, bars: &[EdgeClose]| level::<HIGH>(n as usize, k as usize, bars);
        for stream in [Stream::Walk, Stream::Ties] {
            let rows = |rows| inputs(stream, rows + 40, 4, signed);
            every_window("level", 1, |n| make(n, k), rows, naive);
        }
    }
    for (k, signed) in [(1, false), (5, true)] {
        let naive = |n: u32, bars: &[EdgeClose]| level::<HIGH>(n as usize, k as usize, bars);
        let inputs = |stream, rows, seed| inputs(stream, rows, seed, signed);
        conform_windows("level", |n| make(n, k), inputs, naive);
    }
    // Edges and closes that have nothing to do with each other.
    for n in WINDOWS {
        for stream in Stream::ALL {
            let rows = 2 * n as usize + 60;
            let edges = stream.raw(rows, 5).into_iter().zip(Stream::Extremes.raw(rows, 6));
            let edges: Vec<EdgeClose> = edges.map(|(edge, close)| EdgeClose { edge, close }).collect();
            conform(&OperatorCase {
                name: &format!("level {n} of anything over {}", stream.name()),
                make: &|| make(n, 2),
                inputs: &edges,
                converging: None,
                naive: Some(&|bars| level::<HIGH>(n as usize, 2, bars)),
            });
        }
    }
}

#[test]
fn support_is_the_nearest_confirmed_low_below_the_close() {
    levels_conform::<false>();
}

#[test]
fn resistance_is_the_nearest_confirmed_high_above_the_close() {
    levels_conform::<true>();
}

/// One low in a rise: the lowest low of the previous bars until the low is confirmed, the low while its
/// neighbourhood is in sight, and the lowest low again.
#[test]
fn a_level_lives_from_its_confirmation_to_the_edge_of_the_window() {
    let (n, k) = (12_usize, 2_usize);
    let mut edges: Vec<i64> = (0..50).map(|row| 1_000 + row).collect();
    edges[20] = 1_010;
    let bars: Vec<EdgeClose> = edges.iter().map(|edge| EdgeClose { edge: *edge, close: edge + 5 }).collect();
    let mut support = Support::new(window(12), window(2));
    for (row, bar) in bars.iter().enumerate() {
        let Some(found) = support.update(*bar) else { continue };
        // Swing at 20, said at 22, in sight while 20 − k >= row − n.
        let in_sight = (20 + k..=20 - k + n).contains(&row);
        assert_eq!(found.touches > 0, in_sight, "row {row}");
        let lowest = edges[row - n..row].iter().min().unwrap();
        let level = if in_sight { 1_010 } else { *lowest };
        let expected = Expect::Rounded(quotient(100 * (bar.close - level), bar.close));
        assert!(expected.is_met_by(testkit::expect::Cell::Float(found.distance_pct)), "row {row}");
    }
}

/// The edge of ±0.5 % is inclusive, on both sides, for levels of either sign.
#[test]
fn touches_count_to_the_edge() {
    for sign in [1, -1] {
        for (other, near) in [(1_005, true), (1_006, false), (995, true), (994, false)] {
            // Two lows, the later at ±1,000, and a close just above the later.
            let mut edges = [5_000_i64; 16];
            edges[4] = sign * other;
            edges[9] = sign * 1_000;
            let close = sign * 1_000 + 1;
            let bars: Vec<_> = edges.iter().map(|edge| EdgeClose { edge: *edge, close }).collect();
            let operator = Shown::new(Support::new(window(14), window(2)), |nearest| {
                Numbers([i64::from(nearest.touches)], [nearest.distance_pct])
            });
            agrees("touches", operator, &bars, 1, &|bars| level::<false>(14, 2, bars));
            let mut support = Support::new(window(14), window(2));
            let last = bars.iter().filter_map(|bar| support.update(*bar)).last().unwrap();
            assert_eq!(last.touches, 1 + u32::from(near), "{sign} {other}");
        }
    }
}
