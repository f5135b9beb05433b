//! The same bars give the same signals: from a saved state on, and whatever comes later.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::sync::LazyLock;

use artifact::Verified;
use feature_api::{Bar, RestoreError, Side};
use proptest::prelude::*;
use strategy::{ModelDrivenOptions, ModelDrivenStrategy, Strategy as _, Why};
use support::{
    Fills, Toy, bar, bar_of, bits, entry_return, exit_profit, load, make, of_return, position, run, saved,
};

/// The close against its mean, over a few features and three bars.
static ENTRY: LazyLock<Verified> = LazyLock::new(|| {
    let weights = vec![("log_return", 0.75), ("normalized_close", -0.01), ("normalized_volume", 0.001)];
    Toy { weights, bias: 0.0, sequence: 3, ..entry_return() }.with_filter("volume>8").verified()
});

static EXIT: LazyLock<Verified> = LazyLock::new(|| {
    let weights =
        vec![("rsi", 0.001), ("time_held", -0.01), ("pnl_from_peak", 0.2), ("volatility_since_entry", 5.0)];
    Toy { weights, bias: 0.0, sequence: 2, ..exit_profit() }.verified()
});

fn fresh() -> ModelDrivenStrategy {
    let options = ModelDrivenOptions {
        min_edge: 0.002,
        exit_threshold: Some(-0.02),
        max_hold_bars: Some(5),
        cooldown_bars: 2,
        ..of_return()
    };
    ModelDrivenStrategy::new(&ENTRY, Some(&EXIT), options, 0.002).unwrap()
}

/// Bars of a walk: moves in cents, half a range, volume.
fn bars(moves: &[(i64, i64, i64)]) -> Vec<Bar> {
    let mut close = 10_000;
    let mut next = |(minute, (by, range, volume)): (usize, &(i64, i64, i64))| {
        close += by;
        bar_of(i64::try_from(minute).unwrap(), close, *range, *volume)
    };
    moves.iter().enumerate().map(&mut next).collect()
}

fn walk(count: usize) -> impl Strategy<Value = Vec<Bar>> {
    proptest::collection::vec((-30_i64..=30, 0_i64..40, 0_i64..9_000), count).prop_map(|moves| bars(&moves))
}

/// A walk that is always the same one; `seed` of 0 or above.
fn fixed(count: i64, seed: i64) -> Vec<Bar> {
    let step = |index: i64| {
        ((index * index * 37 + index * 11 + seed * 29) % 61 - 30, index % 40, index * 997 % 9_000)
    };
    bars(&(0..count).map(step).collect::<Vec<_>>())
}

#[test]
fn the_walk_has_every_reason() {
    let signals: Vec<_> = (0..8).flat_map(|seed| run(&mut fresh(), &fixed(600, seed))).collect();
    let reasons = [
        Why::WarmUp,
        Why::NotReady,
        Why::Blocked,
        Why::Cooldown,
        Why::BelowCosts,
        Why::Entry,
        Why::Holding,
        Why::ExitModel,
        Why::ExitTime,
    ];
    for why in reasons {
        assert!(signals.iter().any(|signal| signal.why == why), "{why:?} is missing");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn stopped_and_started_at_every_bar_it_says_the_same(bars in walk(220)) {
        let (mut whole, mut restarted) = (fresh(), fresh());
        let mut fills = Fills::default();
        for bar in &bars {
            let position = fills.at(bar);
            let expected = whole.on_bar(bar, position, false).unwrap();
            let bytes = saved(&restarted);
            restarted = fresh();
            load(&mut restarted, &bytes).unwrap();
            prop_assert_eq!(&saved(&restarted), &bytes);
            let found = restarted.on_bar(bar, position, false).unwrap();
            prop_assert_eq!(bits(&found), bits(&expected));
            fills.want(&expected);
        }
        prop_assert_eq!(saved(&restarted), saved(&whole));
    }

    #[test]
    fn later_bars_change_no_earlier_signal(bars in walk(220), others in walk(220), cut in 0_usize..220) {
        let mut changed = bars[..cut].to_vec();
        changed.extend_from_slice(&others[cut..]);
        let (whole, other) = (run(&mut fresh(), &bars), run(&mut fresh(), &changed));
        for (one, other) in whole.iter().zip(&other).take(cut) {
            prop_assert_eq!(bits(one), bits(other));
        }
    }
}

#[test]
fn no_bar_is_looked_ahead_at() {
    let whole = fixed(220, 0);
    let expected: Vec<String> = run(&mut fresh(), &whole).iter().map(bits).collect();
    let mut noticed = 0;
    for cut in 0..whole.len() {
        let mut changed = whole.clone();
        let fields = *changed[cut].fields();
        changed[cut] = bar_of(i64::try_from(cut).unwrap(), fields.close.raw() + 500, 40, 1);
        let found: Vec<String> = run(&mut fresh(), &changed).iter().map(bits).collect();
        assert_eq!(found[..cut], expected[..cut], "bar {cut}");
        noticed += usize::from(found[cut..] != expected[cut..]);
    }
    assert!(noticed > 180, "altered bars are seen from their own close on: {noticed}");
}

#[test]
fn what_is_known_does_not_hang_on_what_was_asked_or_decided() {
    let options = |min_edge, cooldown_bars, max_hold_bars| ModelDrivenOptions {
        min_edge,
        exit_threshold: Some(min_edge),
        max_hold_bars: Some(max_hold_bars),
        cooldown_bars,
        ..of_return()
    };
    let make = |options| make(&ENTRY, Some(&EXIT), options).unwrap();
    let (mut one, mut other) = (make(options(0.0, 0, 1)), make(options(0.5, 9, 99)));
    let mut differ = 0;
    for (minute, bar) in (0_i64..).zip(fixed(300, 3)) {
        let held = minute % 7;
        let open = position(Side::Long, minute - held, 10_000, u32::try_from(held).unwrap() + 1);
        let position = (minute / 7 % 2 == 1).then_some(&open);
        let signals =
            [one.on_bar(&bar, position, false).unwrap(), other.on_bar(&bar, position, false).unwrap()];
        differ += usize::from(signals[0].action != signals[1].action);
        assert_eq!(saved(&one), saved(&other), "minute {minute}");
    }
    assert!(differ > 20, "the two decide otherwise: {differ}");
}

#[test]
fn bytes_that_are_no_state_leave_it_as_new() {
    let new = saved(&fresh());
    let mut used = fresh();
    run(&mut used, &fixed(200, 0));
    let bytes = saved(&used);
    let refuse = |bytes: &[u8]| {
        let mut strategy = fresh();
        run(&mut strategy, &fixed(150, 1));
        let error = load(&mut strategy, bytes).unwrap_err();
        let is_trailing = matches!(error, RestoreError::Trailing { .. });
        assert_eq!(saved(&strategy), if is_trailing { saved(&used) } else { new.clone() });
        error
    };
    for count in [0, 7, 15, 16, 17, bytes.len() / 2, bytes.len() - 1] {
        assert!(
            matches!(refuse(&bytes[..count]), RestoreError::Truncated | RestoreError::Invalid { .. }),
            "{count}"
        );
    }
    assert_eq!(refuse(&[bytes.as_slice(), &[0]].concat()), RestoreError::Trailing { count: 1 });
    // Kind and bars of what is remembered of positions, 8 bytes each.
    for (kind, bars) in [(0_u64, 1_u64), (1, 1), (3, 0), (2, 1 << 32), (u64::MAX, 0)] {
        let past = [kind.to_le_bytes(), bars.to_le_bytes()].concat();
        let what = "what a strategy remembers of positions";
        assert_eq!(refuse(&[past.as_slice(), &bytes[16..]].concat()), RestoreError::Invalid { what });
    }
}

#[test]
fn a_state_with_an_exit_model_is_none_without() {
    let alone = || make(&ENTRY, None, of_return()).unwrap();
    for (mut from, mut to, expected, found) in [
        (alone(), fresh(), "entry and exit model", "entry model alone"),
        (fresh(), alone(), "entry model alone", "entry and exit model"),
    ] {
        run(&mut from, &fixed(50, 0));
        let error = load(&mut to, &saved(&from)).unwrap_err();
        let (expected, found) = (expected.to_owned(), found.to_owned());
        assert_eq!(error, RestoreError::Mismatch { what: "strategy", expected, found });
    }
}

#[test]
fn a_cooldown_survives_a_restart() {
    let options = ModelDrivenOptions { cooldown_bars: 4, ..of_return() };
    let entry = entry_return().verified();
    let mut strategy = make(&entry, None, options).unwrap();
    let mut step = |minute, open: Option<&execution::PositionView>| {
        let bytes = saved(&strategy);
        strategy = make(&entry, None, options).unwrap();
        load(&mut strategy, &bytes).unwrap();
        strategy.on_bar(&bar(minute, 10_100), open, false).unwrap().why
    };
    (0..50).for_each(|minute| {
        step(minute, None);
    });
    assert_eq!(step(50, Some(&position(Side::Long, 50, 10_100, 1))), Why::Holding);
    let reasons: Vec<Why> = (51..57).map(|minute| step(minute, None)).collect();
    assert_eq!(reasons[..4], [Why::Cooldown; 4]);
    assert_eq!(reasons[4..], [Why::Entry; 2]);
}
