//! Tapes of bars.

use feature_api::{Bar, BarFields, Grid, Position, Price, Qty, Side, TakerVolume, UnixNanos};

use super::Random;

/// Bars of a tape.
pub const TAPE_LEN: usize = 1_500;

/// What happens at one bar of a tape: the position from here on where it changes, then the bar.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// `Some` where the position changes before this bar.
    pub position: Option<Option<Position>>,
    /// The bar.
    pub bar: Bar,
}

/// What a tape is like.
struct Tape {
    seed: u64,
    grid: (u8, u8),
    price: i64,
    /// Lowest price.
    lowest: i64,
    /// Largest move from bar to bar.
    swing: i64,
    volume: i64,
    taker: bool,
}

const TAPES: [Tape; 5] = [
    // An index-like price with cents, and takers.
    Tape {
        seed: 1,
        grid: (2, 5),
        price: 4_500_000,
        lowest: 1,
        swing: 3_000,
        volume: 90_000_000,
        taker: true,
    },
    // A token at 1e-14 with a volume of 1e15.
    Tape {
        seed: 2,
        grid: (16, 0),
        price: 100,
        lowest: 1,
        swing: 2,
        volume: 1_000_000_000_000_000,
        taker: true,
    },
    // Near the limits of the types.
    Tape {
        seed: 3,
        grid: (0, 8),
        price: 8_000_000_000_000_000,
        lowest: 1,
        swing: 400_000_000_000_000,
        volume: 8_500_000_000_000_000,
        taker: false,
    },
    // A spread around zero.
    Tape { seed: 5, grid: (3, 2), price: 0, lowest: -50_000, swing: 900, volume: 7_000, taker: false },
    // Quotes without volume.
    Tape { seed: 4, grid: (5, 0), price: 108_500, lowest: 1, swing: 12, volume: 0, taker: false },
];

/// Every tape, in order. Each is for a fresh set: grids differ.
#[must_use]
pub fn tapes() -> Vec<Vec<Step>> {
    TAPES.iter().map(make).collect()
}

fn make(tape: &Tape) -> Vec<Step> {
    const MINUTE: i64 = 60_000_000_000;
    let mut random = Random(tape.seed);
    let clip = |price: i64| price.clamp(tape.lowest, feature_api::MAX_RAW);
    let mut steps = Vec::with_capacity(TAPE_LEN);
    let (mut price, mut open_time, mut position) = (tape.price, 1_700_000_000_000_000_000, None);
    for index in 0..TAPE_LEN {
        let mood = index / 125 % 6;
        let jump = if index % 211 == 210 { 12 } else { 1 };
        let flat = mood == 3 && index % 125 < 40;
        let open = clip(price + if flat { 0 } else { random.around(tape.swing / 8) });
        let drift = match mood {
            1 => tape.swing / 6,
            2 => -(tape.swing / 6),
            4 => (tape.price - price) / 16,
            _ => 0,
        };
        let close = clip(if flat { open } else { open + jump * (drift + random.around(tape.swing)) });
        let (wick_up, wick_down) = if flat || mood == 5 && index % 3 == 0 {
            (0, 0)
        } else {
            (random.up_to(tape.swing), random.up_to(tape.swing))
        };
        let quiet = flat && index % 2 == 0 || index % 97 == 0;
        let volume = if quiet { 0 } else { tape.volume / 16 + random.up_to(tape.volume - tape.volume / 16) };
        let buy = match index % 11 {
            0 => 0,
            1 => volume,
            _ => random.up_to(volume),
        };
        if index % 173 == 172 {
            open_time += 7 * MINUTE;
        }
        let change = (index % 61 == 60).then(|| {
            let side = if index % 2 == 0 { Side::Long } else { Side::Short };
            let entry = Position {
                side,
                entry_price: Price::from_raw(close).unwrap_or_default(),
                ts_entry: UnixNanos(open_time),
            };
            position = if position.is_none() { Some(entry) } else { None };
            position
        });
        let raw = |raw| Price::from_raw(raw).unwrap_or_default();
        let quantity = |raw| Qty::from_raw(raw).unwrap_or_default();
        let bar = Bar::new(BarFields {
            grid: Grid::new(tape.grid.0, tape.grid.1).unwrap_or_default(),
            ts_open: UnixNanos(open_time),
            ts_close: UnixNanos(open_time + MINUTE),
            ts_available: UnixNanos(open_time + MINUTE + if index % 5 == 0 { 250_000_000 } else { 0 }),
            open: raw(open),
            high: raw(clip(open.max(close) + wick_up)),
            low: raw(clip(open.min(close) - wick_down)),
            close: raw(close),
            volume: quantity(volume),
            taker: tape.taker.then(|| TakerVolume { buy: quantity(buy), sell: quantity(volume - buy) }),
        });
        if let Ok(bar) = bar {
            steps.push(Step { position: change, bar });
        }
        price = close;
        open_time += MINUTE;
    }
    steps
}
