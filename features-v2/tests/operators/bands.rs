//! Bands of the typical price: exact sums and one rounding of mean and variance.

use features_v2::arithmetic::Scale;
use features_v2::operators::{BandLines, Bands};
use testkit::expect::Expect;
use testkit::inputs::Stream;

use crate::support::{
    Shown, agrees, conform_windows, every_window, quotient, scatter, signed_bars, steps, sum, typical_volume,
    window,
};

const DECIMALS: u8 = 2;

/// Every other seed with prices of either sign.
fn triples(stream: Stream, rows: usize, seed: u64) -> Vec<i64> {
    let (bars, shift) = signed_bars(stream, rows, seed);
    bars.iter()
        .map(|bar| typical_volume(bar, if seed.is_multiple_of(2) { shift } else { 0 }).triple)
        .collect()
}

/// Mean and deviation of the typical prices. A third of the triple is taken where the quotients are.
fn lines(x: &[i64]) -> Vec<Expect> {
    let n = x.len();
    vec![
        Expect::Rounded(quotient(sum(x.iter().copied()), steps(DECIMALS) * 3 * n)),
        Expect::SqrtRational(quotient(scatter(x, x), steps(2 * DECIMALS) * 9 * n * n * n)),
    ]
}

fn make(n: u32) -> Shown<Bands, [f64; 2]> {
    Shown::new(Bands::new(window(n), Scale::new(DECIMALS)), |lines| [lines.middle, lines.deviation])
}

#[test]
fn bands_are_rounded_once() {
    conform_windows("bands", make, triples, |_, x| lines(x));
    every_window("bands", 1, make, |rows| triples(Stream::Walk, rows, 3), |_, x| lines(x));
}

#[test]
fn flat_prices_have_bands_of_no_width() {
    for price in [0, 1, -1, 333, 9_007_199_254_740_992, -9_007_199_254_740_992] {
        let mean = quotient(price, steps(DECIMALS));
        let naive = |_: &[i64]| vec![Expect::Rounded(mean.clone()), Expect::Exact(0.0)];
        agrees("flat bands", make(20), &[3 * price; 60], 1, &naive);
    }
}

#[test]
fn the_outer_bands_are_two_deviations_away() {
    let lines = BandLines { middle: 10.0, deviation: 0.25 };
    assert_eq!((lines.upper(), lines.lower()), (10.5, 9.5));
}

/// The longest window at the largest prices and the finest grid, where every sum is at its limit.
#[test]
fn the_longest_window_holds_the_widest_prices() {
    let limit = 3 << 53;
    let x: Vec<i64> = (0..700).map(|row| if row % 2 == 0 { limit } else { -limit }).collect();
    let bands =
        Shown::new(Bands::new(window(1_000), Scale::new(16)), |lines| [lines.middle, lines.deviation]);
    let naive = |x: &[i64]| {
        let n = x.len();
        assert_eq!(n, Bands::MAX as usize, "a longer window counts as the longest");
        vec![
            Expect::Rounded(quotient(sum(x.iter().copied()), steps(16) * 3 * n)),
            Expect::SqrtRational(quotient(scatter(x, x), steps(32) * 9 * n * n * n)),
        ]
    };
    agrees("bands at their limits", bands, &x, 7, &naive);
}
