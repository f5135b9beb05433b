//! The volume profile, against a loop over bars and bins.

use feature_api::{MAX_RAW, Operator};
use features_v2::operators::{BinnedProfile, FineVolumeProfile, Profile, RangeVolume, VolumeProfile};
use testkit::BigInt;
use testkit::expect::Expect;
use testkit::inputs::{SplitMix, Stream};
use testkit::operator::{OperatorCase, conform};

use crate::support::{
    Numbers, Shown, agrees, conform_windows, every_window, high_low_close, quotient, signed_bars, window,
};

/// A multiple of every count of bins from 1 to so many, so that even shares are whole.
fn whole(bins: usize) -> BigInt {
    let bins = u32::try_from(bins).unwrap();
    let power =
        |prime: u32| (0..).map(|exponent| prime.pow(exponent)).take_while(|power| *power <= bins).last();
    let is_prime = |number: &u32| (2..*number).all(|other| !number.is_multiple_of(other));
    (2..=bins).filter(is_prime).filter_map(power).map(BigInt::from).product()
}

/// By the definition: edges, shares, fullest bin, value area. Prices times the number of bins are whole.
fn profile_of<const BINS: usize>(bars: &[RangeVolume]) -> Vec<Expect> {
    let whole = whole(BINS);
    let low = bars.iter().map(|bar| bar.low).min().unwrap();
    let high = bars.iter().map(|bar| bar.high).max().unwrap();
    let edge = |index: usize| BINS as i128 * i128::from(low) + index as i128 * i128::from(high - low);
    let without_volume = bars.iter().all(|bar| bar.volume == 0);
    let mut held = vec![BigInt::from(0); BINS];
    for bar in bars {
        // A bin holds its lower edge, the last one its upper edge too; without a range there is only the first.
        let touches = |index: usize| {
            let (first, last) = (BINS as i128 * i128::from(bar.low), BINS as i128 * i128::from(bar.high));
            let begins_below = if index + 1 == BINS { first <= edge(BINS) } else { first < edge(index + 1) };
            if high == low { index == 0 } else { last >= edge(index) && begins_below }
        };
        let touched: Vec<usize> = (0..BINS).filter(|index| touches(*index)).collect();
        let weight = if without_volume { 1 } else { bar.volume };
        let share = &whole / touched.len() * weight;
        for index in &touched {
            held[*index] += &share;
        }
    }
    let total: BigInt = held.iter().sum();
    let most = held.iter().max().unwrap();
    let fullest = held.iter().position(|held| held == most).unwrap();
    let (mut first, mut last) = (fullest, fullest);
    while held[first..=last].iter().sum::<BigInt>() * 10 < &total * 7 {
        let below = (first > 0).then(|| &held[first - 1]);
        let above = (last + 1 < BINS).then(|| &held[last + 1]);
        match (below, above) {
            (Some(below), Some(above)) if below >= above => first -= 1,
            (Some(_), None) => first -= 1,
            (_, Some(_)) => last += 1,
            (None, None) => unreachable!("all bins hold all of the volume"),
        }
    }
    let below: BigInt = held[..fullest].iter().sum();
    let imbalance = quotient(&total - below * 2, total);
    let whole = |value: i128| Expect::Int(i64::try_from(value).unwrap());
    vec![
        Expect::Int(low),
        Expect::Int(high),
        whole(edge(fullest) + edge(fullest + 1)),
        whole(edge(last + 1)),
        whole(edge(first)),
        Expect::Rounded(imbalance),
    ]
}

fn profile(bars: &[RangeVolume]) -> Vec<Expect> {
    profile_of::<20>(bars)
}

fn show(profile: Profile) -> Numbers<5, 1> {
    let Profile { lowest, highest, poc, value_area_high, value_area_low, imbalance } = profile;
    Numbers([lowest, highest, poc, value_area_high, value_area_low], [imbalance])
}

fn shown(n: u32) -> Shown<VolumeProfile, Numbers<5, 1>> {
    Shown::new(VolumeProfile::new(window(n)), show)
}

fn shown_fine(n: u32) -> Shown<FineVolumeProfile, Numbers<5, 1>> {
    Shown::new(FineVolumeProfile::new(window(n)), show)
}

fn inputs(stream: Stream, rows: usize, seed: u64, signed: bool) -> Vec<RangeVolume> {
    let (bars, shift) = signed_bars(stream, rows, seed);
    let shift = if signed { shift } else { 0 };
    let input = |bar: &feature_api::Bar| {
        let prices = high_low_close(bar, shift);
        RangeVolume { high: prices.high, low: prices.low, volume: bar.volume().raw() }
    };
    bars.iter().map(input).collect()
}

#[test]
fn profile_conforms() {
    let inputs = |stream, rows, seed| inputs(stream, rows, seed, true);
    conform_windows("volume profile", shown, inputs, |_, bars| profile(bars));
    for (n, stream) in [1, 2, 14, 50].into_iter().flat_map(|n| Stream::ALL.map(|stream| (n, stream))) {
        conform(&OperatorCase {
            name: &format!("volume profile of 50 bins, {n} over {}", stream.name()),
            make: &|| shown_fine(n),
            inputs: &inputs(stream, 2 * n as usize + 40, u64::from(n)),
            converging: None,
            naive: Some(&profile_of::<50>),
        });
    }
}

#[test]
fn profile_follows_its_definition_at_every_window() {
    every_window(
        "volume profile",
        1,
        shown,
        |rows| inputs(Stream::Walk, rows, 1, false),
        |_, bars| profile(bars),
    );
}

/// The range stands for most bars, so that shares are added and taken back; volume is rare, so that it comes and
/// goes; prices lie on the edges of bins, and many bins hold the same.
#[test]
fn adding_and_taking_back_leaves_no_trace() {
    for (seed, span) in [(1, 20), (2, 40), (3, 7), (4, 1), (5, 1_000)] {
        let mut random = SplitMix::new(seed);
        let mut quiet = 0;
        let make = |_| {
            quiet = if random.one_in(30) { 25 } else { (quiet - 1).max(0) };
            let (a, b) = (random.between(0, span), random.between(0, span));
            let volume = if quiet > 0 { 0 } else { random.between(0, 3) };
            RangeVolume { high: a.max(b), low: a.min(b), volume }
        };
        let bars: Vec<RangeVolume> = (0..3_000).map(make).collect();
        for n in [2, 10, 20, 100] {
            agrees("volume profile", shown(n), &bars, 1, &profile);
            agrees("volume profile of 50 bins", shown_fine(n), &bars, 7, &profile_of::<50>);
        }
        // One bar in a thousand makes a range that the others do not reach.
        let wide: Vec<RangeVolume> = bars
            .iter()
            .enumerate()
            .map(|(row, bar)| if row % 100 == 50 { RangeVolume { high: 9 * span, ..*bar } } else { *bar })
            .collect();
        agrees("volume profile in a standing range", shown(100), &wide, 1, &profile);
    }
}

#[test]
fn degenerate_windows_have_the_declared_values() {
    let last = |bars: &[RangeVolume]| {
        let mut operator = VolumeProfile::new(window(u32::try_from(bars.len()).unwrap()));
        bars.iter().filter_map(|bar| operator.update(*bar)).last().unwrap()
    };
    // No range: everything in the lowest bin, of width zero.
    let flat = last(&[RangeVolume { high: 7, low: 7, volume: 3 }; 4]);
    assert_eq!((flat.poc, flat.value_area_high, flat.value_area_low), (280, 140, 140));
    assert_eq!(flat.imbalance, 1.0);
    // No volume: every bar weighs the same.
    let bar = |low, high, volume| RangeVolume { high, low, volume };
    let weighed = last(&[bar(0, 20, 5), bar(3, 4, 5), bar(3, 4, 5)]);
    let quiet = last(&[bar(0, 20, 0), bar(3, 4, 0), bar(3, 4, 0)]);
    assert_eq!(weighed, quiet);
    // An upper edge belongs to the bin above, the highest price to the last bin. Of equal bins the lowest is the
    // fullest, and grows by the lower of equal neighbours.
    let edges = last(&[bar(0, 0, 1), bar(20, 20, 1), bar(10, 10, 1), bar(5, 5, 1)]);
    assert_eq!((edges.poc, edges.value_area_low), (20, 0));
    // Three of four bars are 75 %: up to the bin of 10, whose top is 11.
    assert_eq!(edges.value_area_high, 220);
    assert_eq!(edges.imbalance, 1.0);
    // Exactly 70 % is enough.
    let exact = last(&[bar(0, 0, 7), bar(20, 20, 3)]);
    assert_eq!((exact.value_area_low, exact.value_area_high), (0, 20));
    let short = last(&[bar(0, 0, 699), bar(20, 20, 301)]);
    assert_eq!((short.value_area_low, short.value_area_high), (0, 400));
}

/// The largest range and volume over the longest window: nothing overflows, and the values are the definition's.
#[test]
fn the_limits_of_the_grid_are_held() {
    let mut random = SplitMix::new(6);
    let make = |row: i64| RangeVolume {
        high: if row % 3 == 0 { MAX_RAW } else { random.between(0, MAX_RAW) },
        low: if row % 5 == 0 { -MAX_RAW } else { random.between(-MAX_RAW, 0) },
        volume: MAX_RAW - row % 2,
    };
    let bars: Vec<RangeVolume> = (0..2_100).map(make).collect();
    agrees("volume profile of extremes", shown(1_000), &bars, 97, &profile);
    agrees("volume profile of extremes, 50 bins", shown_fine(1_000), &bars, 97, &profile_of::<50>);
    assert_eq!(whole(20), BigInt::from(232_792_560));
}

/// A forged state can hand the profile a range upside down: it is turned, whatever bins its ends fall into.
#[test]
fn a_range_upside_down_is_turned() {
    let turned: Vec<RangeVolume> = (0..400)
        .map(|index| {
            let low = 10_000 + index * 37 % 500;
            RangeVolume { high: low + index * 13 % 90, low, volume: 1 + index % 7 }
        })
        .collect();
    let (mut straight, mut upside_down) = (VolumeProfile::new(window(20)), VolumeProfile::new(window(20)));
    for bar in turned {
        let flipped = RangeVolume { high: bar.low, low: bar.high, ..bar };
        assert_eq!(straight.update(bar), upside_down.update(flipped));
    }
}

/// Few bins, whose shares and edges can be followed by hand.
#[test]
fn other_numbers_of_bins() {
    let bar = |low, high, volume| RangeVolume { high, low, volume };
    let bars = [bar(0, 12, 6), bar(4, 5, 7), bar(9, 12, 3)];
    let mut one = BinnedProfile::<1, 2>::new(window(3));
    let mut three = BinnedProfile::<3, 2>::new(window(3));
    let last = |profiles: Vec<Option<Profile>>| profiles.last().copied().flatten().unwrap();
    let one = last(bars.map(|bar| one.update(bar)).to_vec());
    assert_eq!((one.poc, one.value_area_low, one.value_area_high, one.imbalance), (12, 0, 12, 1.0));
    // Bins of 4: they hold 2, 2 + 7 and 2 + 3 of 16; 70 % are 11.2.
    let three = last(bars.map(|bar| three.update(bar)).to_vec());
    assert_eq!((three.poc, three.value_area_low, three.value_area_high), (2 * 3 * 6, 3 * 4, 3 * 12));
    assert_eq!(three.imbalance, 12.0 / 16.0);
}
