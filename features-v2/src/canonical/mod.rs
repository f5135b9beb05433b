//! The canonical input and the output hash.
//!
//! The crate makes its own input, of integers only, so that nobody can lose or change it. Five tapes of bars on five
//! grids hold what real data hold and what they seldom do: gaps in time, flat stretches, bars without volume or
//! without range, one-sided bars, jumps, prices of 1e-14, prices at the limit of the grid and below zero, no
//! volume at all. Four tapes of trades and books do the same for events.
//! The output hash covers every bit of every row of every set over every tape of what it takes.

mod bars;
mod market;

use feature_api::identity::Hasher;
use feature_api::{Event, EventKind, FeatureSet, Output, Row};

use crate::{SETS, by_name};

pub use bars::{Step, TAPE_LEN, tapes};

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

/// Plays a tape of the market, by its index from 0.
fn play(index: usize, take: &mut dyn FnMut(Event<'_>)) {
    if let Some(tape) = market::TAPES.get(index) {
        market::play(tape, take);
    }
}

/// Plays a tape of bars.
fn play_bars(tape: &[Step], take: &mut dyn FnMut(Event<'_>)) {
    for step in tape {
        if let Some(position) = step.position {
            take(Event::Position(position));
        }
        take(Event::Bar(&step.bar));
    }
}

/// Hands out every event of every tape in order; see [`feature_api::Canonical::events`].
pub fn events(take: &mut dyn FnMut(usize, Event<'_>)) {
    let bars = tapes();
    for (index, tape) in bars.iter().enumerate() {
        play_bars(tape, &mut |event| take(index, event));
    }
    for index in 0..market::TAPES.len() {
        play(index, &mut |event| take(bars.len() + index, event));
    }
}

/// Computes every set over the canonical input.
#[must_use]
pub fn output() -> Output {
    let bars = tapes();
    let mut all = Hasher::new();
    let mut features = Vec::new();
    for set_name in SETS {
        let Ok(mut set) = by_name(set_name, &[]) else { continue };
        let names: Vec<_> = set.schema().features().iter().map(|feature| feature.name).collect();
        let mut hashers = vec![Hasher::new(); names.len()];
        all.update(set_name.as_bytes());
        let mut take = |row: &Row| {
            all.update(&row.ts_event.0.to_le_bytes());
            all.update(&row.ts_available.0.to_le_bytes());
            for (cell, hasher) in row.iter().zip(&mut hashers) {
                let bits = bits(cell).to_le_bytes();
                all.update(&bits);
                hasher.update(&bits);
            }
        };
        if set.takes().contains(&EventKind::Bar) {
            bars.iter().for_each(|tape| run(set.as_mut(), |each| play_bars(tape, each), &mut take));
        } else {
            let tapes = 0..market::TAPES.len();
            tapes.for_each(|index| run(set.as_mut(), |each| play(index, each), &mut take));
        }
        for (name, count) in set.counters() {
            all.update(name.as_bytes());
            all.update(&count.to_le_bytes());
        }
        features
            .extend(names.into_iter().zip(hashers).map(|(name, hasher)| (set_name, name, hasher.finish())));
    }
    Output { hash: all.finish(), features }
}

/// Drives a fresh set over a tape. Events that it does not take it refuses, and that is all.
fn run(set: &mut dyn FeatureSet, tape: impl FnOnce(&mut dyn FnMut(Event<'_>)), take: &mut impl FnMut(&Row)) {
    let mut row = Row::new(set.schema().width());
    set.reset();
    tape(&mut |event| {
        if set.update(event, &mut row) == Ok(true) {
            take(&row);
        }
    });
}

/// The bits of a cell; one NaN for every cell that is not valid.
const fn bits(cell: Option<f64>) -> u64 {
    match cell {
        Some(value) => value.to_bits(),
        None => 0x7ff8_0000_0000_0000,
    }
}
