//! Bars made from streams, and realistic ones.

use feature_api::{Bar, BarFields, Grid, MAX_RAW, Position, Price, Qty, Side, TakerVolume, UnixNanos};

use super::{SplitMix, Stream};

/// One minute.
const INTERVAL: i64 = 60_000_000_000;
/// 2024-01-01 00:00:00 UTC.
const START: i64 = 1_704_067_200_000_000_000;

/// Which bars carry taker volumes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Takers {
    /// Every bar.
    Always,
    /// None.
    Never,
    /// Some, at random.
    Mixed,
}

/// Valid bars whose closes follow `stream`, with what real feeds hold: zero volume, no range, taker volume on
/// one side, the smallest and the largest sizes, gaps in time, late availability. Prices are above zero.
#[must_use]
pub fn bars(stream: Stream, rows: usize, seed: u64, takers: Takers) -> Vec<Bar> {
    let mut random = SplitMix::new(seed ^ 0x0ba5_ba55);
    let grid = Grid::new(2, 3).expect("a grid within its limits");
    let closes = stream.positive(rows, seed);
    let mut previous = closes.first().copied().unwrap_or(1);
    let mut ts_open = START;
    let moving = !matches!(stream, Stream::Flat | Stream::Zero);
    let mut make = |close: i64| {
        let pointlike = !moving || random.one_in(12);
        let open = if pointlike { close } else { previous };
        let (mut low, mut high) = (open.min(close), open.max(close));
        if !pointlike {
            let reach = (high - low).max(4);
            high = (high + random.between(0, reach)).min(MAX_RAW);
            low = (low - random.between(0, reach)).max(1);
        }
        previous = close;
        if random.one_in(40) {
            ts_open += INTERVAL * random.between(1, 500);
        }
        let volume = match random.between(0, 63) {
            0..=3 => 0,
            4 => MAX_RAW,
            5 => 1,
            _ => random.between(1, 5_000_000),
        };
        let carries = match takers {
            Takers::Always => true,
            Takers::Never => false,
            Takers::Mixed => random.one_in(2),
        };
        let taker = carries.then(|| match random.between(0, 9) {
            0 => split(volume, volume),
            1 => split(volume, 0),
            _ => split(volume, random.between(0, volume)),
        });
        let ts_close = ts_open + INTERVAL;
        let late = if random.one_in(4) { random.between(0, 2_000_000_000) } else { 0 };
        let bar = bar(grid, [ts_open, ts_close, ts_close + late], [open, high, low, close], volume, taker);
        ts_open = ts_close;
        bar
    };
    closes.into_iter().map(&mut make).collect()
}

/// Realistic one-minute bars: a price near 60,000.00 on a grid of cents, a volume that comes in bursts, taker
/// volumes throughout, no gaps.
#[must_use]
pub fn walk_bars(rows: usize, seed: u64) -> Vec<Bar> {
    let mut random = SplitMix::new(seed);
    let grid = Grid::new(2, 3).expect("a grid within its limits");
    let mut price = 6_000_000;
    let mut activity = 40;
    let make = |row: usize| {
        activity = (activity + random.between(-6, 6)).clamp(5, 120);
        let open = price;
        let (mut high, mut low, mut volume, mut buy) = (open, open, 0, 0);
        for _ in 0..random.between(4, 12) {
            price = (price + random.between(-25 * activity, 25 * activity)).clamp(1_000_000, 40_000_000);
            high = high.max(price);
            low = low.min(price);
            let size = random.between(1, 200 * activity);
            volume += size;
            if random.one_in(2) {
                buy += size;
            }
        }
        let ts_open = START + INTERVAL * i64::try_from(row).expect("rows fit an i64");
        let times = [ts_open, ts_open + INTERVAL, ts_open + INTERVAL];
        bar(grid, times, [open, high, low, price], volume, Some(split(volume, buy)))
    };
    (0..rows).map(make).collect()
}

/// Positions over `bars`, one after another with pauses, long and short in turn, entered at the close before:
/// `(index of the bar before which it is told, position)`. The entry bar of each is that very bar.
#[must_use]
pub fn walk_positions(bars: &[Bar], seed: u64) -> Vec<(usize, Option<Position>)> {
    let mut random = SplitMix::new(seed);
    let mut told = Vec::new();
    let mut at = 3;
    let mut side = Side::Long;
    let mut step = |limit: i64| usize::try_from(random.between(1, limit)).expect("positive");
    while let (Some(before), Some(_)) = (bars.get(at - 1), bars.get(at)) {
        told.push((
            at,
            Some(Position {
                side,
                entry_price: before.close(),
                ts_entry: UnixNanos(before.ts_close().0 + 1),
            }),
        ));
        at += step(60);
        if at >= bars.len() {
            break;
        }
        // A position is closed, or turned into another without a pause.
        if !at.is_multiple_of(4) {
            told.push((at, None));
            at += step(30);
        }
        side = match side {
            Side::Long => Side::Short,
            Side::Short => Side::Long,
        };
    }
    told
}

fn split(volume: i64, buy: i64) -> TakerVolume {
    TakerVolume { buy: qty(buy), sell: qty(volume - buy) }
}

fn qty(raw: i64) -> Qty {
    Qty::from_raw(raw).expect("a quantity within its limits")
}

fn bar(
    grid: Grid,
    [ts_open, ts_close, ts_available]: [i64; 3],
    prices: [i64; 4],
    volume: i64,
    taker: Option<TakerVolume>,
) -> Bar {
    let [open, high, low, close] = prices.map(|raw| Price::from_raw(raw).expect("a price within its limits"));
    let fields = BarFields {
        grid,
        ts_open: UnixNanos(ts_open),
        ts_close: UnixNanos(ts_close),
        ts_available: UnixNanos(ts_available),
        open,
        high,
        low,
        close,
        volume: qty(volume),
        taker,
    };
    Bar::new(fields).expect("a valid bar")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_hold_every_oddity() {
        let all = bars(Stream::Walk, 2000, 5, Takers::Mixed);
        let any = |what: &str, test: &dyn Fn(&Bar) -> bool| assert!(all.iter().any(test), "{what}");
        any("zero volume", &|bar| bar.volume().raw() == 0);
        any("largest volume", &|bar| bar.volume().raw() == MAX_RAW);
        any("no range", &|bar| bar.high() == bar.low());
        any("without taker volumes", &|bar| bar.taker().is_none());
        let taker = |bar: &Bar, side: fn(TakerVolume) -> Qty| bar.taker().is_some_and(|t| side(t).raw() == 0);
        any("no buyers", &|bar| bar.volume().raw() > 0 && taker(bar, |t| t.buy));
        any("no sellers", &|bar| bar.volume().raw() > 0 && taker(bar, |t| t.sell));
        any("late", &|bar| bar.ts_available() > bar.ts_close());
        assert!(all.windows(2).any(|pair| pair[1].ts_open() > pair[0].ts_close()));
        assert!(all.windows(2).all(|pair| pair[1].ts_open() >= pair[0].ts_close()));
        assert_eq!(all, bars(Stream::Walk, 2000, 5, Takers::Mixed));
    }

    #[test]
    fn every_stream_makes_bars() {
        for stream in Stream::ALL {
            for takers in [Takers::Always, Takers::Never] {
                let made = bars(stream, 300, 9, takers);
                assert_eq!(made.len(), 300, "{}", stream.name());
                assert!(made.iter().all(|bar| bar.taker().is_some() == (takers == Takers::Always)));
            }
        }
        assert_eq!(walk_bars(500, 1).len(), 500);
    }

    #[test]
    fn positions_are_entered_at_the_bar_they_are_told_before() {
        let made = bars(Stream::Walk, 500, 3, Takers::Always);
        let told = walk_positions(&made, 4);
        assert!(told.len() > 8);
        assert!(told.windows(2).all(|pair| pair[0].0 < pair[1].0));
        for (at, position) in told {
            if let Some(position) = position {
                assert!(
                    made[at - 1].ts_close() < position.ts_entry && position.ts_entry <= made[at].ts_close()
                );
            }
        }
    }
}
