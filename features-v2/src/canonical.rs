//! The canonical input and the output hash.
//!
//! The crate makes its own input, of integers only, so that nobody can lose or change it. Five tapes on five
//! grids hold what real data hold and what they seldom do: gaps in time, flat stretches, bars without volume or
//! without range, one-sided bars, jumps, prices of 1e-14, prices at the limit of the grid and below zero, no
//! volume at all.
//! The output hash covers every bit of every row of every set over every tape.

use feature_api::identity::Hasher;
use feature_api::{
    Bar, BarFields, Event, FeatureSet, Grid, Output, Position, Price, Qty, Row, Side, TakerVolume, UnixNanos,
};

use crate::{SETS, by_name};

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

/// xorshift64*, by Marsaglia and Vigna.
struct Random(u64);

impl Random {
    const fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number from 0 to `most`.
    fn up_to(&mut self, most: i64) -> i64 {
        let span = most.unsigned_abs().saturating_add(1);
        ((u128::from(self.next()) * u128::from(span)) >> 64) as i64
    }

    /// A number from −`most` to `most`, small ones more often.
    fn around(&mut self, most: i64) -> i64 {
        self.up_to(most) - self.up_to(most)
    }
}

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

/// Hands out every event of every tape in order; see [`feature_api::Canonical::events`].
pub fn events(take: &mut dyn FnMut(usize, Event<'_>)) {
    for (index, tape) in tapes().iter().enumerate() {
        for step in tape {
            if let Some(position) = step.position {
                take(index, Event::Position(position));
            }
            take(index, Event::Bar(&step.bar));
        }
    }
}

/// Computes every set over the canonical input.
#[must_use]
pub fn output() -> Output {
    let tapes = tapes();
    let mut all = Hasher::new();
    let mut features = Vec::new();
    for set_name in SETS {
        let Ok(mut set) = by_name(set_name, &[]) else { continue };
        let names: Vec<_> = set.schema().features().iter().map(|feature| feature.name).collect();
        let mut hashers = vec![Hasher::new(); names.len()];
        all.update(set_name.as_bytes());
        for tape in &tapes {
            set.reset();
            run(set.as_mut(), tape, |row| {
                all.update(&row.ts_event.0.to_le_bytes());
                all.update(&row.ts_available.0.to_le_bytes());
                for (cell, hasher) in row.iter().zip(&mut hashers) {
                    let bits = bits(cell).to_le_bytes();
                    all.update(&bits);
                    hasher.update(&bits);
                }
            });
        }
        features
            .extend(names.into_iter().zip(hashers).map(|(name, hasher)| (set_name, name, hasher.finish())));
    }
    Output { hash: all.finish(), features }
}

/// Drives a set over a tape; a set that takes no position is given none.
fn run(set: &mut dyn FeatureSet, tape: &[Step], mut take: impl FnMut(&Row)) {
    let mut row = Row::new(set.schema().width());
    for step in tape {
        if let Some(position) = step.position {
            // Sets that look at no position refuse the event, and that is all.
            let _ = set.update(Event::Position(position), &mut row);
        }
        if set.update(Event::Bar(&step.bar), &mut row) == Ok(true) {
            take(&row);
        }
    }
}

/// The bits of a cell; one NaN for every cell that is not valid.
const fn bits(cell: Option<f64>) -> u64 {
    match cell {
        Some(value) => value.to_bits(),
        None => 0x7ff8_0000_0000_0000,
    }
}
