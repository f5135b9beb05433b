//! Means and forms of distributions: exact sums of powers, against the moments by their definition.

use feature_api::{MAX_RAW, Operator};
use features_v2::arithmetic::to_real;
use features_v2::bars::ReturnMoments;
use features_v2::operators::{RealMean, ReturnShape, Shape, ShapeLines};
use testkit::expect::Expect;
use testkit::inputs::{SplitMix, Stream};
use testkit::operator::{OperatorCase, conform};
use testkit::{BigInt, BigRational, exact};

use crate::support::{Numbers, Shown, agrees, conform_windows, quotient, window};

#[test]
fn mean_of_reals_is_correctly_rounded() {
    let naive = |_: u32, x: &[f64]| {
        let total: BigInt = x.iter().map(|x| BigInt::from(to_real(*x))).sum();
        vec![Expect::Rounded(quotient(total, BigInt::from(x.len()) << 64))]
    };
    conform_windows("mean of reals", |n| RealMean::new(window(n)), Stream::floats, naive);
    let returns = |n: u32| -> Vec<f64> {
        Stream::Walk.floats(n as usize + 33, 5).iter().map(|x| x / 100.0 - 1.0).collect()
    };
    for n in 1..=300 {
        agrees("mean of reals", RealMean::new(window(n)), &returns(n), 1, &|x| naive(n, x));
    }
    // The largest that the grid holds, a thousand of them.
    for x in [f64::MAX, f64::MIN, f64::INFINITY, f64::NAN] {
        let mut mean = RealMean::new(window(1_000));
        let last = (0..2_100).filter_map(|_| mean.update(x)).last().unwrap();
        let most = (1_u64 << 53) as f64;
        assert_eq!(last, if x.is_nan() { 0.0 } else { most.copysign(x) });
    }
}

/// The sign of the skewness, its magnitude, and the excess kurtosis.
type Signed = Numbers<1, 2>;

fn signed(lines: ShapeLines) -> Signed {
    let sign = if lines.skewness > 0.0 { 1 } else { -i64::from(lines.skewness < 0.0) };
    Numbers([sign], [lines.skewness.abs(), lines.kurtosis])
}

/// m₃²/m₂³ and (m₄ − 3·m₂²)/m₂² of integers, with the sign of m₃; `None` where they are equal. In integers
/// n·x − Σx, whose factors of n cancel.
fn moments(x: &[i64]) -> Option<(i64, BigRational, BigRational)> {
    let n = BigInt::from(x.len());
    let total: BigInt = x.iter().map(|x| BigInt::from(*x)).sum();
    let mut powers = [BigInt::from(0), BigInt::from(0), BigInt::from(0)];
    for x in x {
        let deviation = &n * x - &total;
        let square = &deviation * &deviation;
        powers[1] += &square * deviation;
        powers[2] += &square * &square;
        powers[0] += square;
    }
    let [m2, m3, m4] = powers;
    if m2 == BigInt::from(0) {
        return None;
    }
    let sign = i64::from(m3 > BigInt::from(0)) - i64::from(m3 < BigInt::from(0));
    // Means of the powers: each has a divisor n.
    let skewness = quotient(&m3 * &m3 * &n, &m2 * &m2 * &m2);
    let kurtosis = quotient(n * m4, &m2 * &m2) - exact::integer(3);
    Some((sign, skewness, kurtosis))
}

/// The root of a quotient that is rounded once is within an ulp, the kurtosis the nearest float.
fn shape(x: &[i64]) -> Vec<Expect> {
    match moments(x) {
        None => vec![Expect::Int(0), Expect::Exact(0.0), Expect::Exact(0.0)],
        Some((sign, square, kurtosis)) => {
            vec![Expect::Int(sign), Expect::SqrtRational(square), Expect::Rounded(kurtosis)]
        }
    }
}

#[test]
fn shape_of_market_numbers_is_rounded_once() {
    let make = |n| Shown::new(Shape::new(window(n)), signed);
    for (n, stream) in [1, 2, 3, 20, 50].into_iter().flat_map(|n| Stream::ALL.map(|stream| (n, stream))) {
        conform(&OperatorCase {
            name: &format!("shape {n} over {}", stream.name()),
            make: &|| make(n),
            inputs: &stream.raw(2 * n as usize + 40, u64::from(n)),
            converging: None,
            naive: Some(&shape),
        });
    }
    for n in (1..=40).chain([100, 300]) {
        for stream in [Stream::Walk, Stream::Ties, Stream::Jumps] {
            agrees(&format!("shape {n}"), make(n), &stream.raw(n as usize + 40, 6), 1, &shape);
        }
    }
}

/// The largest sums that a window can have: nothing overflows.
#[test]
fn shape_holds_the_largest_inputs() {
    let mut random = SplitMix::new(7);
    let kinds: [&mut dyn FnMut(i64) -> i64; 4] = [
        &mut |row| if row % 2 == 0 { MAX_RAW } else { -MAX_RAW },
        &mut |row| if row % 1_000 == 7 { -MAX_RAW } else { MAX_RAW },
        &mut |row| if row % 1_000 < 500 { MAX_RAW } else { MAX_RAW - 1 },
        &mut |_| random.between(-MAX_RAW, MAX_RAW),
    ];
    for kind in kinds {
        let x: Vec<i64> = (0..2_060).map(kind).collect();
        agrees("shape of extremes", Shown::new(Shape::new(window(1_000)), signed), &x, 131, &shape);
    }
}

/// Returns are on a grid of 2^-52; the form of what is on it is within an ulp.
fn return_shape(x: &[f64]) -> Vec<Expect> {
    let on_grid: Vec<i64> = x.iter().map(|x| ReturnMoments::on_grid(*x)).collect();
    match moments(&on_grid) {
        None => vec![Expect::Int(0), Expect::Exact(0.0), Expect::Exact(0.0)],
        Some((sign, square, kurtosis)) => {
            vec![Expect::Int(sign), Expect::SqrtRational(square), Expect::Rational(kurtosis)]
        }
    }
}

#[test]
fn shape_of_returns_is_within_an_ulp() {
    let make = |n| Shown::new(ReturnShape::new(window(n)), signed);
    conform_windows("shape of returns", make, Stream::floats, |_, x| return_shape(x));
    // As the sets feed it: returns of a hundredth of a per cent, and of half.
    for n in (2..=60).chain([100, 300]) {
        for size in [100_000.0, 100.0] {
            let returns: Vec<f64> =
                Stream::Ties.floats(n as usize + 60, 8).iter().map(|x| (x - 100.0) / size).collect();
            agrees(&format!("shape of returns {n}"), make(n), &returns, 1, &return_shape);
        }
    }
}

#[test]
fn known_shapes() {
    let run = |x: &[i64]| {
        let mut shape = Shape::new(window(u32::try_from(x.len()).unwrap()));
        x.iter().filter_map(|x| shape.update(*x)).last().unwrap()
    };
    // Two values, half of each: no skewness, the least kurtosis there is.
    assert_eq!(run(&[0, 1, 0, 1]), ShapeLines { skewness: 0.0, kurtosis: -2.0 });
    assert_eq!(run(&[-5, 5]), ShapeLines { skewness: 0.0, kurtosis: -2.0 });
    // One of n apart: skewness (n − 2)/√(n − 1), kurtosis of that squared + 1 − 3.
    assert_eq!(run(&[0, 0, 0, 0, 9]), ShapeLines { skewness: 1.5, kurtosis: 0.25 });
    assert_eq!(run(&[9, 9, 9, 9, 0]), ShapeLines { skewness: -1.5, kurtosis: 0.25 });
    assert_eq!(run(&[7]), ShapeLines { skewness: 0.0, kurtosis: 0.0 });
    assert_eq!(run(&[7, 7, 7]), ShapeLines { skewness: 0.0, kurtosis: 0.0 });
    let mut returns = ReturnShape::new(window(5));
    let last = [0.0, 0.0, 0.0, 0.0, 0.125].into_iter().filter_map(|r| returns.update(r)).last();
    assert_eq!(last, Some(ShapeLines { skewness: 1.5, kurtosis: 0.25 }));
}
