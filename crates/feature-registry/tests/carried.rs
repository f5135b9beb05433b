//! What features-v2 carries over from features-v1 has the same names, the same schema and the same bits: on the
//! canonical bars of both, on every bar file, under positions, and on a million bars made up.
#![allow(clippy::unwrap_used, reason = "a helper of tests fails by panicking")]

use feature_api::{Bar, Event, EventKind, FeatureSet, Param, Row};
use market_data::synth::{SynthOptions, bars};
use market_data::{BarFileOptions, NoisePolicy, ProblemPolicy, read_bars};
use testkit::bar_files::readable;
use testkit::data::data_dir;
use testkit::inputs::walk_positions;

const CARRIED: [&str; 3] = ["core", "entry", "exit"];

fn both(set: &str, params: &[Param]) -> [Box<dyn FeatureSet>; 2] {
    [features_v1::by_name(set, params).unwrap(), features_v2::by_name(set, params).unwrap()]
}

/// Drives the set of both versions over the bars, with positions where it takes them.
fn same_bits(name: &str, set: &str, bars: &[Bar]) {
    let [mut old, mut new] = both(set, &[]);
    let width = old.schema().width();
    let (mut of_old, mut of_new) = (Row::new(width), Row::new(width));
    let positions = if old.schema().takes_position() { walk_positions(bars, 1) } else { Vec::new() };
    let mut ahead = positions.iter().peekable();
    for (index, bar) in bars.iter().enumerate() {
        while let Some((_, position)) = ahead.next_if(|(at, _)| *at == index) {
            old.update(Event::Position(*position), &mut of_old).unwrap();
            new.update(Event::Position(*position), &mut of_new).unwrap();
        }
        assert_eq!(old.update(Event::Bar(bar), &mut of_old), Ok(true), "{name} {set} bar {index}");
        assert_eq!(new.update(Event::Bar(bar), &mut of_new), Ok(true), "{name} {set} bar {index}");
        assert_eq!((of_old.ts_event, of_old.ts_available), (of_new.ts_event, of_new.ts_available));
        for (column, (one, other)) in of_old.iter().zip(of_new.iter()).enumerate() {
            assert_eq!(
                one.map(f64::to_bits),
                other.map(f64::to_bits),
                "{name} {set} bar {index} column {column}: v1 {one:?}, v2 {other:?}"
            );
        }
    }
}

#[test]
fn the_schemas_are_the_same() {
    let changed = [Param { name: "rsi".to_owned(), value: 21 }];
    for set in CARRIED {
        for params in [&[][..], &changed] {
            let [old, new] = both(set, params);
            assert_eq!(old.schema(), new.schema(), "{set}");
            assert_eq!(old.schema().hash(), new.schema().hash(), "{set}");
            assert_eq!(old.takes(), new.takes(), "{set}");
        }
    }
    let others: Vec<_> = features_v2::SETS.into_iter().filter(|set| !CARRIED.contains(set)).collect();
    assert_eq!(others, ["tick", "flow", "multires"]);
}

#[test]
fn the_canonical_bars_of_both_give_the_same_bits() {
    for version in [&features_v1::FEATURES, &features_v2::FEATURES] {
        for set in CARRIED {
            let mut sets = both(set, &[]);
            let mut rows = [0; 2].map(|_| Row::new(sets[0].schema().width()));
            let (mut last, mut compared) = (None, 0_u32);
            (version.canonical.events)(&mut |tape, event| {
                if last.replace(tape) != Some(tape) {
                    sets.iter_mut().for_each(|set| set.reset());
                }
                let [old, new] = &mut sets;
                let made = [old.update(event, &mut rows[0]), new.update(event, &mut rows[1])];
                assert_eq!(made[0].is_ok(), made[1].is_ok(), "{version} {set}: {made:?}");
                if made == [Ok(true), Ok(true)] {
                    compared += 1;
                    let bits = |row: &Row| row.iter().map(|cell| cell.map(f64::to_bits)).collect::<Vec<_>>();
                    assert_eq!(bits(&rows[0]), bits(&rows[1]), "{version} {set}");
                }
            });
            assert_eq!(compared, 7_500, "{version} {set}");
        }
    }
}

#[test]
fn every_bar_file_gives_the_same_bits() {
    let Some(data) = data_dir("features-v2 = features-v1 on every bar file") else { return };
    let rounded = BarFileOptions { noise: NoisePolicy::Round, ..BarFileOptions::default() };
    let skipped = BarFileOptions { problems: ProblemPolicy::Skip, ..BarFileOptions::default() };
    let mut files: Vec<_> = readable().into_iter().map(|(file, options, ..)| (file, options)).collect();
    files.push(("bars-crypto-1m/btc-perp-20211231-20220201_1m.csv.gz", rounded));
    files.push(("mplfinance/yahoofinance-SPY-20080101-20180101.csv", skipped));
    assert_eq!(files.len(), 42);
    for (file, options) in files {
        let bars = read_bars(&data.join(file), &options).unwrap().bars;
        CARRIED.into_iter().for_each(|set| same_bits(file, set, &bars));
    }
}

#[test]
fn made_up_bars_give_the_same_bits() {
    let series = bars(&SynthOptions { rows: 100_000, seed: 3, ..SynthOptions::default() });
    CARRIED.into_iter().for_each(|set| same_bits("made-up bars", set, &series.bars));
}

#[test]
fn sets_of_bars_refuse_the_market_and_sets_of_events_bars() {
    let series = bars(&SynthOptions { rows: 1, seed: 1, ..SynthOptions::default() });
    for set in features_v2::SETS {
        let mut set = features_v2::by_name(set, &[]).unwrap();
        let mut row = Row::new(set.schema().width());
        let takes_bars = set.takes().contains(&EventKind::Bar);
        assert_eq!(set.update(Event::Bar(&series.bars[0]), &mut row).is_ok(), takes_bars);
        let clock = Event::Clock(feature_api::UnixNanos(1));
        assert_eq!(set.update(clock, &mut row).is_ok(), !takes_bars);
    }
}
