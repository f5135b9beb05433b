//! The hash of bars is fixed, and sees everything.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails by panicking")]

mod common;

use common::{first, synth};
use dataset::{DataHasher, data_hash};
use feature_api::{Bar, BarFields, Grid, Price, Qty, TakerVolume, UnixNanos};
use market_data::BarSeries;

/// Two bars, one of them with takers.
fn two() -> Vec<BarFields> {
    let bar = |ts, taker| BarFields {
        grid: Grid::new(2, 3).unwrap(),
        ts_open: UnixNanos(ts),
        ts_close: UnixNanos(ts + 60),
        ts_available: UnixNanos(ts + 61),
        open: Price::from_raw(-5).unwrap(),
        high: Price::from_raw(1000).unwrap(),
        low: Price::from_raw(-6).unwrap(),
        close: Price::from_raw(7).unwrap(),
        volume: Qty::from_raw(300).unwrap(),
        taker,
    };
    let taker = TakerVolume { buy: Qty::from_raw(100).unwrap(), sell: Qty::from_raw(50).unwrap() };
    vec![bar(1_000_000, None), bar(1_000_060, Some(taker))]
}

fn series(grid: Grid, fields: Vec<BarFields>) -> BarSeries {
    let bars = fields.into_iter().map(|fields| Bar::new(fields).unwrap()).collect();
    BarSeries {
        bars,
        grid,
        interval: 60,
        gaps: Vec::new(),
        problems: Vec::new(),
        notes: Vec::new(),
        rows_read: 2,
    }
}

#[test]
fn the_hash_is_fixed() {
    // By hashlib and struct of Python, from the documentation alone.
    for (count, expected) in [
        (0, "01457a62c4df6cbaa9bfa07097c5a5014775916ba81a2ebde213e0251e1ab1c6"),
        (1, "d687b05c219c5fe15160c9459427ea6b547860e663a80d905346a397b71bae8b"),
        (2, "56207b015a920236854d0431c4e6b282d57df55429db5e1d673a7b9afc04bab5"),
    ] {
        let grid = Grid::new(2, 3).unwrap();
        assert_eq!(data_hash(&series(grid, two()[..count].to_vec())).to_string(), expected);
    }
}

#[test]
fn every_field_is_seen() {
    let grid = Grid::new(2, 3).unwrap();
    let base = data_hash(&series(grid, two()));
    let price = |raw| Price::from_raw(raw).unwrap();
    let qty = |raw| Qty::from_raw(raw).unwrap();
    let changes: [&dyn Fn(&mut BarFields); 14] = [
        &|f| f.grid = Grid::new(3, 3).unwrap(),
        &|f| f.grid = Grid::new(2, 4).unwrap(),
        &|f| f.ts_open = UnixNanos(1_000_001),
        &|f| f.ts_close = UnixNanos(1_000_061),
        &|f| f.ts_available = UnixNanos(1_000_999),
        &|f| f.open = price(-4),
        &|f| f.high = price(1001),
        &|f| f.low = price(-7),
        &|f| f.close = price(8),
        &|f| f.volume = qty(301),
        &|f| f.taker = None,
        &|f| f.taker = Some(TakerVolume { buy: qty(101), sell: qty(50) }),
        &|f| f.taker = Some(TakerVolume { buy: qty(100), sell: qty(51) }),
        &|f| f.taker = Some(TakerVolume { buy: qty(0), sell: qty(0) }),
    ];
    for (index, change) in changes.iter().enumerate() {
        let mut fields = two();
        // The times of the first bar, the takers of the second.
        let at = usize::from(index >= 10);
        change(&mut fields[at]);
        assert_ne!(data_hash(&series(grid, fields)), base, "change {index} is not seen");
    }
    for other in [Grid::new(1, 3).unwrap(), Grid::new(2, 2).unwrap()] {
        assert_ne!(data_hash(&series(other, two())), base);
    }
    let mut swapped = two();
    swapped.swap(0, 1);
    assert_ne!(data_hash(&series(grid, swapped)), base);
    // No takers and takers of nothing are two things.
    let mut nothing = two();
    nothing[0].taker = Some(TakerVolume { buy: qty(0), sell: qty(0) });
    assert_ne!(data_hash(&series(grid, nothing)), base);
}

#[test]
fn a_hasher_gives_the_hash_of_every_prefix() {
    let series = synth(50);
    let mut hasher = DataHasher::new(series.grid);
    for (index, bar) in series.bars.iter().enumerate() {
        assert_eq!(hasher.clone().finish(), data_hash(&first(&series, index)));
        hasher.update(bar);
    }
    assert_eq!(hasher.finish(), data_hash(&series));
}
