//! The volume-weighted price of a span of time, against a loop over the bars that lie in it.

use feature_api::Operator;
use features_v2::arithmetic::Scale;
use features_v2::operators::{SessionBar, SessionVwap};
use testkit::BigInt;
use testkit::expect::Expect;
use testkit::inputs::{SplitMix, Stream};

use crate::support::{conform_windows, every_window, quotient, steps, window};

const DECIMALS: u8 = 2;
const SECOND: i64 = 1_000_000_000;

/// One-second bars with gaps; prices of either sign, and now and then no volume.
fn bars(stream: Stream, rows: usize, seed: u64) -> Vec<SessionBar> {
    let mut random = SplitMix::new(seed);
    let (closes, volumes) = (stream.raw(rows, seed), Stream::Jumps.non_negative(rows, seed));
    let mut ts = 1_700_000_000 * SECOND;
    let bar = |(close, volume): (i64, i64)| {
        ts += SECOND * if random.one_in(5) { random.between(1, 60) } else { 1 };
        let volume = if random.one_in(7) { 0 } else { volume };
        SessionBar { ts, dollar: i128::from(close) * i128::from(volume), volume, close }
    };
    closes.into_iter().zip(volumes).map(bar).collect()
}

/// `n` bars of a second fit in.
fn vwap(n: u32, bars: &[SessionBar]) -> Vec<Expect> {
    let newest = bars.last().unwrap();
    let within = bars.iter().filter(|bar| newest.ts - bar.ts < i64::from(n) * SECOND);
    let (mut dollar, mut volume) = (BigInt::from(0), 0);
    for bar in within {
        dollar += bar.dollar;
        volume += bar.volume;
    }
    vec![Expect::Rounded(if volume == 0 {
        quotient(newest.close, steps(DECIMALS))
    } else {
        quotient(dollar, steps(DECIMALS) * volume)
    })]
}

fn make(n: u32) -> SessionVwap {
    SessionVwap::new(i64::from(n) * SECOND, window(n), Scale::new(DECIMALS))
}

#[test]
fn session_vwap_is_correctly_rounded() {
    conform_windows("session vwap", make, bars, vwap);
    every_window("session vwap", 1, make, |rows| bars(Stream::Walk, rows, 1), vwap);
}

fn bar(ts: i64, price: i64, volume: i64) -> SessionBar {
    SessionBar { ts, dollar: i128::from(price) * i128::from(volume), volume, close: price }
}

/// The span is open at its far end; what has left it does not come back; with nothing traded the close counts.
#[test]
fn the_span_is_one_of_time() {
    let mut session = SessionVwap::new(10, window(3), Scale::UNIT);
    assert_eq!(session.update(bar(0, 100, 1)), None);
    assert_eq!(session.update(bar(2, 200, 1)), None);
    assert_eq!(session.update(bar(4, 300, 1)), Some(200.0));
    assert_eq!(
        session.update(bar(6, 500, 1)),
        Some(1_000.0 / 3.0),
        "of four bars in the span the newest three"
    );
    assert_eq!(
        session.update(bar(14, 600, 3)),
        Some(2_300.0 / 4.0),
        "ten after the bar of 4, eight after that of 6"
    );
    assert_eq!(session.update(bar(40, 700, 0)), Some(700.0), "alone and without volume");
    assert_eq!(session.update(bar(41, 800, 2)), Some(800.0));
}

/// The largest dollar volumes over the longest window.
#[test]
fn session_vwap_holds_the_largest_inputs() {
    use feature_api::MAX_RAW;
    for price in [MAX_RAW, -MAX_RAW] {
        let mut session = SessionVwap::new(i64::MAX, window(1_000), Scale::new(16));
        let last = (0..2_100).filter_map(|row| session.update(bar(row, price, MAX_RAW))).last();
        assert_eq!(last, Some(testkit::exact::round(&quotient(price, steps(16)))));
    }
}
