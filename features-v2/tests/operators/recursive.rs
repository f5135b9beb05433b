//! EMA, Wilder, RSI, ATR, MACD: against the same recursions in 106 bits, within a bound that runs beside them.

use feature_api::Operator;
use features_v2::arithmetic::Scale;
use features_v2::operators::{Atr, Ema, HighLowClose, Macd, Rsi, Wilder};
use testkit::exact;
use testkit::expect::{Cells, Expect};
use testkit::inputs::Stream;
use testkit::operator::{OperatorCase, conform};

use crate::double::Double;
use crate::support::{Shown, agrees, high_low_close, quotient, signed_bars, steps, window};

/// Half an ulp of 1: the largest relative error of one rounding.
pub const U: f64 = f64::EPSILON / 2.0;

/// Room for the second order and for the rounding of the bounds themselves.
pub const ROOM: f64 = 1.0 + 1e-6;

/// A value, and how far a float computation of it may be off.
#[derive(Debug, Clone, Copy)]
pub struct Near {
    pub value: Double,
    pub bound: f64,
}

impl Near {
    pub fn exact(value: f64) -> Self {
        Self { value: Double::from(value), bound: 0.0 }
    }

    pub fn size(self) -> f64 {
        self.value.high.abs()
    }

    pub fn expect(self) -> Expect {
        // The value itself is given to the nearest float.
        let abs = (self.bound + U * self.size()) * ROOM;
        Expect::Within { value: self.value.high, abs, rel: 0.0 }
    }

    /// `self − other` in one rounding.
    fn less(self, other: Self) -> Self {
        let value = self.value - other.value;
        Self { value, bound: (self.bound + other.bound + U * value.high.abs()) * ROOM }
    }
}

/// y ← y + (x − y)·w, seeded with the mean of n inputs.
///
/// With e the error of y, d that of x, and roundings of u each in x − y, in w, in the product and in the sum:
/// e' <= (1 − w)·e + w·d + 3·u·w·(|x − y| + e + d) + u·|y'|. The seed: u of each partial sum, and u of the
/// quotient. A state below the smallest normal float is taken for 0: that much more.
pub struct Average {
    n: usize,
    weight: Double,
    seen: usize,
    state: Near,
}

impl Average {
    fn new(n: usize, weight: Double) -> Self {
        Self { n, weight, seen: 0, state: Near::exact(0.0) }
    }

    fn ema(n: u32) -> Self {
        Self::new(n as usize, Double::from(2.0) / Double::from(f64::from(n) + 1.0))
    }

    pub fn wilder(n: u32) -> Self {
        Self::new(n as usize, Double::from(1.0) / Double::from(f64::from(n)))
    }

    pub fn update(&mut self, x: Near) -> Option<Near> {
        let Near { value, bound } = self.state;
        if self.seen == self.n {
            let distance = x.value - value;
            let weight = self.weight.high;
            let next = value + distance * self.weight;
            let carried = (1.0 - weight).abs() * bound + weight * x.bound;
            let rounded = 3.0 * U * weight * (distance.high.abs() + bound + x.bound) + U * next.high.abs();
            self.state = Near { value: next, bound: (carried + rounded) * ROOM + f64::MIN_POSITIVE };
        } else {
            self.seen += 1;
            let total = value + x.value;
            self.state = Near { value: total, bound: (bound + x.bound + U * total.high.abs()) * ROOM };
            if self.seen < self.n {
                return None;
            }
            let count = f64::from(u32::try_from(self.n).unwrap());
            let mean = total / Double::from(count);
            self.state = Near { value: mean, bound: (self.state.bound / count + U * mean.high.abs()) * ROOM };
        }
        Some(self.state)
    }
}

/// Periods of the whole suite.
const PERIODS: [u32; 8] = [1, 2, 3, 9, 14, 20, 50, 200];

/// The whole suite over every stream, and the definition alone at every period from 1 to 300. `expected` gives the
/// expectation of every row of all the inputs, the rows before the warm-up left out.
pub fn recursive<O: Operator>(
    name: &str,
    make: impl Fn(u32) -> O,
    inputs: impl Fn(Stream, usize) -> Vec<O::Input>,
    expected: impl Fn(u32, &[O::Input]) -> Vec<Vec<Expect>>,
) where
    O::Output: Cells,
{
    let row = |rows: &[Vec<Expect>], length: usize, warm_up: usize| rows[length - 1 - warm_up].clone();
    for n in PERIODS {
        let warm_up = make(n).warm_up();
        let feature_api::Memory::Recursive { convergence } = make(n).memory() else { panic!("recursive") };
        let converging = inputs(Stream::Walk, 3 * (warm_up + 40) + convergence as usize);
        for stream in Stream::ALL {
            let inputs = inputs(stream, 2 * warm_up + 120);
            let rows = expected(n, &inputs);
            conform(&OperatorCase {
                name: &format!("{name} {n} over {}", stream.name()),
                make: &|| make(n),
                inputs: &inputs,
                converging: Some(&converging),
                naive: Some(&|prefix| row(&rows, prefix.len(), warm_up)),
            });
        }
    }
    for n in 1..=300 {
        let warm_up = make(n).warm_up();
        for stream in [Stream::Walk, Stream::Jumps] {
            let inputs = inputs(stream, warm_up + 150);
            let rows = expected(n, &inputs);
            agrees(&format!("{name} {n}"), make(n), &inputs, 1, &|prefix| row(&rows, prefix.len(), warm_up));
        }
    }
}

fn floats(stream: Stream, rows: usize) -> Vec<f64> {
    stream.floats(rows, 1)
}

fn averages(mut average: Average, x: &[f64]) -> Vec<Vec<Expect>> {
    x.iter().filter_map(|x| average.update(Near::exact(*x))).map(|y| vec![y.expect()]).collect()
}

#[test]
fn ema_follows_its_recursion() {
    recursive("ema", |n| Ema::new(window(n)), floats, |n, x| averages(Average::ema(n), x));
}

#[test]
fn wilder_follows_its_recursion() {
    recursive("wilder", |n| Wilder::new(window(n)), floats, |n, x| averages(Average::wilder(n), x));
}

/// A constant is a fixed point of the recursion, to the bit, once the seed is exact.
#[test]
fn a_constant_stays_itself() {
    for n in 1..=300 {
        for x in [1.0, 6_000_012.0, 0.125] {
            let mut ema = Ema::new(window(n));
            let mut wilder = Wilder::new(window(n));
            for _ in 0..n + 50 {
                for found in [ema.update(x), wilder.update(x)].into_iter().flatten() {
                    assert_eq!(found.to_bits(), x.to_bits(), "period {n}");
                }
            }
        }
    }
}

/// What fades below the smallest normal float is 0: no slow subnormal numbers, and no endless ones.
#[test]
fn what_fades_ends_at_zero() {
    let mut wilder = Wilder::new(window(2));
    wilder.update(1.0);
    wilder.update(1.0);
    let faded: Vec<f64> = (0..1_100).filter_map(|_| wilder.update(0.0)).collect();
    assert!(faded.iter().all(|y| *y == 0.0 || *y >= f64::MIN_POSITIVE));
    assert_eq!(faded.iter().position(|y| *y == 0.0), Some(1_022));
}

const DECIMALS: u8 = 2;
pub const SCALE: Scale = Scale::new(DECIMALS);

/// A raw difference as a value, in one rounding.
pub fn value(raw: i64) -> Near {
    let value = exact::round(&quotient(raw, steps(DECIMALS)));
    Near { value: Double::from(raw as f64) / Double::from(100.0), bound: U * value.abs() }
}

/// With errors a and b of gain and loss, g/(g + l) is off by at most (l·a + g·b)/((g + l)(g + l − a − b)); the sum,
/// the quotient and the product with 100 add a rounding of u of at most 100 each. Where the errors exceed the sum,
/// the index may be anything from 0 to 100.
fn rsi(n: u32, closes: &[i64]) -> Vec<Vec<Expect>> {
    let (mut gains, mut losses) = (Average::wilder(n), Average::wilder(n));
    let mut rows = Vec::new();
    for pair in closes.windows(2) {
        let change = pair[1] - pair[0];
        let gain = gains.update(if change > 0 { value(change) } else { Near::exact(0.0) });
        let loss = losses.update(if change < 0 { value(-change) } else { Near::exact(0.0) });
        let (Some(gain), Some(loss)) = (gain, loss) else { continue };
        let total = gain.value + loss.value;
        let left = total.high - gain.bound - loss.bound;
        rows.push(vec![
            if total == Double::default() && gain.bound + loss.bound <= 3.0 * f64::MIN_POSITIVE {
                Expect::Exact(0.0)
            } else if left > 0.0 {
                let index = Double::from(100.0) * gain.value / total;
                let carried =
                    100.0 * (loss.size() * gain.bound + gain.size() * loss.bound) / (total.high * left);
                Near { value: index, bound: carried + 300.0 * U }.expect()
            } else {
                Expect::Within { value: 50.0, abs: 50.0, rel: 0.0 }
            },
        ]);
    }
    rows
}

#[test]
fn rsi_follows_its_definition() {
    recursive("rsi", |n| Rsi::new(window(n), SCALE), |stream, rows| stream.raw(rows, 2), rsi);
}

#[test]
fn rsi_is_0_without_moves_and_100_without_losses() {
    let run = |closes: &[i64]| {
        let mut rsi = Rsi::new(window(3), SCALE);
        closes.iter().filter_map(|close| rsi.update(*close)).last()
    };
    assert_eq!(run(&[5, 5, 5, 5, 5]), Some(0.0));
    assert_eq!(run(&[1, 2, 3, 3, 9]), Some(100.0));
    assert_eq!(run(&[9, 8, 7, 7, 1]), Some(0.0));
    // On the finest grid, where TA-Lib takes moves of 1e-16 for none.
    let mut fine = Rsi::new(window(3), Scale::new(16));
    assert_eq!([1, 2, 3, 4, 5].iter().filter_map(|close| fine.update(*close)).last(), Some(100.0));
}

fn atr(n: u32, bars: &[HighLowClose]) -> Vec<Vec<Expect>> {
    let mut average = Average::wilder(n);
    let range = |pair: &[HighLowClose]| {
        let (before, bar) = (pair[0].close, pair[1]);
        (bar.high - bar.low).max((bar.high - before).abs()).max((bar.low - before).abs())
    };
    bars.windows(2).filter_map(|pair| average.update(value(range(pair)))).map(|y| vec![y.expect()]).collect()
}

#[test]
fn atr_follows_its_definition() {
    let bars = |stream, rows, signed: bool| -> Vec<HighLowClose> {
        let (bars, shift) = signed_bars(stream, rows, 3);
        bars.iter().map(|bar| high_low_close(bar, if signed { shift } else { 0 })).collect()
    };
    recursive("atr", |n| Atr::new(window(n), SCALE), |stream, rows| bars(stream, rows, false), atr);
    for stream in Stream::ALL {
        let bars = bars(stream, 300, true);
        let rows = atr(14, &bars);
        agrees("atr of either sign", Atr::new(window(14), SCALE), &bars, 1, &|prefix| {
            rows[prefix.len() - 15].clone()
        });
    }
}

fn macd([fast, slow, signal]: [u32; 3], closes: &[f64]) -> Vec<Vec<Expect>> {
    // As TA-Lib: the smaller period is the fast one, and begins where both are seeded at the same bar.
    let (fast, slow) = (fast.min(slow), fast.max(slow));
    let mut averages = [Average::ema(fast), Average::ema(slow), Average::ema(signal)];
    let mut rows = Vec::new();
    for (row, close) in closes.iter().enumerate() {
        let slow_line = averages[1].update(Near::exact(*close));
        let fast_line =
            if row < (slow - fast) as usize { None } else { averages[0].update(Near::exact(*close)) };
        let (Some(fast_line), Some(slow_line)) = (fast_line, slow_line) else { continue };
        let line = fast_line.less(slow_line);
        if let Some(signal) = averages[2].update(line) {
            rows.push(vec![line.expect(), signal.expect()]);
        }
    }
    rows
}

#[test]
fn macd_follows_its_definition() {
    let shown = |fast, slow, signal| {
        let macd = Macd::new(window(fast), window(slow), window(signal));
        Shown::new(macd, |lines| [lines.macd, lines.signal])
    };
    // The slow period runs; the others are in proportion to 12-26-9.
    let others = |slow: u32| [(slow * 12 / 26).max(1), slow, (slow * 9 / 26).max(1)];
    recursive(
        "macd",
        |n| {
            let [f, s, g] = others(n);
            shown(f, s, g)
        },
        floats,
        |n, x| macd(others(n), x),
    );
    for periods in [[12, 26, 9], [26, 12, 9], [5, 5, 5], [1, 2, 1], [2, 1, 3], [3, 10, 40]] {
        let closes = Stream::Walk.floats(300, 4);
        let rows = macd(periods, &closes);
        let [fast, slow, signal] = periods;
        let warm_up = closes.len() - rows.len();
        agrees("macd", shown(fast, slow, signal), &closes, 1, &|prefix| {
            rows[prefix.len() - 1 - warm_up].clone()
        });
    }
}
