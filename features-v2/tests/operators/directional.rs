//! ADX and NATR, which are recursive: against the same recursions in 106 bits, within a bound that runs beside them;
//! see `recursive.rs`.

use feature_api::Operator;
use features_v2::operators::{Adx, HighLowClose, Natr};
use testkit::expect::Expect;
use testkit::inputs::Stream;

use crate::double::Double;
use crate::recursive::{Average, Near, ROOM, SCALE, U, recursive, value};
use crate::support::{Shown, agrees, high_low_close, signed_bars, window};

fn bars(stream: Stream, rows: usize, seed: u64, signed: bool) -> Vec<HighLowClose> {
    let (bars, shift) = signed_bars(stream, rows, seed);
    bars.iter().map(|bar| high_low_close(bar, if signed { shift } else { 0 })).collect()
}

/// `100·part/whole`, 0 to 100, of numbers that are not negative. With errors a and b, part/whole is off by at most
/// (whole·a + part·b)/(whole·(whole − b)); quotient and product add a rounding of u of at most 100 each. Where the
/// error reaches the whole, it may be anything.
fn percent(part: Near, whole: Near) -> Near {
    if whole.value == Double::default() {
        return Near::exact(0.0);
    }
    let left = whole.size() - whole.bound;
    if left <= 0.0 {
        return Near { value: Double::from(50.0), bound: 50.0 };
    }
    let carried = (whole.size() * part.bound + part.size() * whole.bound) / (whole.size() * left);
    let bound = (100.0 * carried + 200.0 * U) * ROOM;
    Near { value: Double::from(100.0) * part.value / whole.value, bound }
}

/// DX. With f = |p − m|/(p + m), ∂f/∂p is at most 2·m/(p + m)² and ∂f/∂m 2·p/(p + m)², taken where p + m is least;
/// difference, sum, quotient and product add u of at most 100 each.
fn index(plus: Near, minus: Near) -> Near {
    let total = plus.value + minus.value;
    let left = total.high - plus.bound - minus.bound;
    if left <= 0.0 {
        return Near { value: Double::from(50.0), bound: 50.0 };
    }
    let (p, m) = (plus.size() + plus.bound, minus.size() + minus.bound);
    let carried = 2.0 * (m * plus.bound + p * minus.bound) / (left * left);
    let apart = plus.value - minus.value;
    let apart = if apart.high < 0.0 { Double::default() - apart } else { apart };
    let bound = (100.0 * carried + 400.0 * U) * ROOM;
    Near { value: Double::from(100.0) * apart / total, bound }
}

/// Within its bound, and from 0 to 100.
fn within(near: Near) -> Expect {
    if near.bound < 50.0 { near.expect() } else { Expect::Within { value: 50.0, abs: 50.0, rel: 0.0 } }
}

/// As TA-Lib has it, divided by n: sums over the first n − 1 movements, then S ← S − S/n + x.
struct Sum {
    average: Average,
}

impl Sum {
    /// The first bar has no movement: it stands for the one that the sum does not have.
    fn new(n: u32) -> Self {
        let mut average = Average::wilder(n);
        average.update(Near::exact(0.0));
        Self { average }
    }

    fn update(&mut self, raw: i64) -> Option<Near> {
        self.average.update(value(raw))
    }
}

fn adx(n: u32, bars: &[HighLowClose]) -> Vec<Vec<Expect>> {
    let mut sums = [Sum::new(n), Sum::new(n), Sum::new(n)];
    let mut average = Average::wilder(n);
    let mut last = None;
    let mut rows = Vec::new();
    for (row, pair) in bars.windows(2).enumerate() {
        let (up, down) = (pair[1].high - pair[0].high, pair[0].low - pair[1].low);
        let before = pair[0].close;
        let range =
            (pair[1].high - pair[1].low).max((pair[1].high - before).abs()).max((pair[1].low - before).abs());
        let moved = [up.max(0) * i64::from(up > down), down.max(0) * i64::from(down > up), range];
        let [plus, minus, range] = [0, 1, 2].map(|part| sums[part].update(moved[part]));
        // Bar n is the n-th pair.
        if row + 1 < n as usize {
            continue;
        }
        let (plus, minus) = (percent(plus.unwrap(), range.unwrap()), percent(minus.unwrap(), range.unwrap()));
        let has_index = plus.value + minus.value != Double::default();
        if has_index {
            last = average.update(index(plus, minus));
        } else if last.is_none() {
            last = average.update(Near::exact(0.0));
        }
        rows.push(vec![within(plus), within(minus), last.map_or(Expect::Absent, within)]);
    }
    rows
}

fn shown(n: u32) -> Shown<Adx, [Option<f64>; 3]> {
    Shown::new(Adx::new(window(n), SCALE), |lines| [Some(lines.plus_di), Some(lines.minus_di), lines.adx])
}

#[test]
fn adx_follows_its_definition() {
    recursive("adx", shown, |stream, rows| bars(stream, rows, 3, false), adx);
    for stream in Stream::ALL {
        let bars = bars(stream, 300, 3, true);
        let rows = adx(14, &bars);
        agrees("adx of either sign", shown(14), &bars, 1, &|prefix| rows[prefix.len() - 15].clone());
    }
}

/// Bars given by high, low and close.
fn run(n: u32, bars: &[(i64, i64, i64)]) -> Vec<[Option<f64>; 3]> {
    let mut adx = shown(n);
    let bar = |(high, low, close): &(i64, i64, i64)| HighLowClose { high: *high, low: *low, close: *close };
    bars.iter().filter_map(|row| adx.update(bar(row))).collect()
}

#[test]
fn adx_where_nothing_moves() {
    // No range at all: 0, and so is the seed of ADX.
    assert_eq!(
        run(2, &[(5, 5, 5); 6])[..],
        [[Some(0.0), Some(0.0), None], [Some(0.0); 3], [Some(0.0); 3], [Some(0.0); 3]]
    );
    // A range but no movement, as of bars within the bar before: ADX stays what it was.
    let trend = (0..8).map(|step| (10 + step, 5 + step, 8 + step));
    let inside = (0..40).map(|step| (17 - (step + 1) / 2 % 2, 12, 15));
    let rows = run(1, &trend.chain(inside).collect::<Vec<_>>());
    assert_eq!(rows[5][2], Some(100.0));
    assert!(rows[8..].iter().any(|row| row[0] == Some(0.0) && row[1] == Some(0.0)));
    // A trend upward without exception.
    let rows = run(3, &(0..30).map(|step| (10 + step, 5 + step, 10 + step)).collect::<Vec<_>>());
    let last = rows.last().unwrap();
    assert!(last[1] == Some(0.0) && last[2] == Some(100.0), "{last:?}");
    // Equal movements both ways are none.
    let rows = run(1, &[(10, 8, 9), (12, 6, 9)]);
    assert_eq!(rows, [[Some(0.0), Some(0.0), Some(0.0)]]);
}

/// The index keeps its value, to the bit, over bars without movement in either direction.
#[test]
fn adx_without_direction_stays_itself() {
    let zigzag = (0..60_i64).map(|step| (100 + step * 7 % 13, 80 + step * 5 % 11, 90));
    let still = [(100, 80, 90); 30];
    let bars: Vec<_> = zigzag.chain(still).collect();
    let rows = run(1, &bars);
    let (first, last) = (rows[60], rows.last().unwrap());
    assert!(first[2].is_some_and(|adx| adx > 0.0));
    assert_eq!(first[2].map(f64::to_bits), last[2].map(f64::to_bits));
    assert_eq!((last[0], last[1]), (Some(0.0), Some(0.0)));
}

/// ATR over the close: three more roundings of u.
fn natr(n: u32, bars: &[HighLowClose]) -> Vec<Vec<Expect>> {
    let mut average = Average::wilder(n);
    let mut rows = Vec::new();
    for pair in bars.windows(2) {
        let before = pair[0].close;
        let range =
            (pair[1].high - pair[1].low).max((pair[1].high - before).abs()).max((pair[1].low - before).abs());
        let Some(atr) = average.update(value(range)) else { continue };
        rows.push(vec![if pair[1].close > 0 {
            let close = Double::from(pair[1].close as f64) / Double::from(100.0);
            let share = Double::from(100.0) * atr.value / close;
            let bound = (100.0 * atr.bound / close.high + 3.0 * U * share.high) * ROOM;
            Near { value: share, bound }.expect()
        } else {
            Expect::Exact(0.0)
        }]);
    }
    rows
}

#[test]
fn natr_follows_its_definition() {
    let make = |n| Natr::new(window(n), SCALE);
    recursive("natr", make, |stream, rows| bars(stream, rows, 4, false), natr);
    for stream in Stream::ALL {
        let bars = bars(stream, 300, 4, true);
        let rows = natr(14, &bars);
        agrees("natr of either sign", make(14), &bars, 1, &|prefix| rows[prefix.len() - 15].clone());
    }
}
