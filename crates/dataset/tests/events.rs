//! Datasets of trades and books, against rules written down a second time.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail by panicking")]

mod common;

use std::collections::BTreeSet;

use common::{label, options, text_of};
use dataset::{
    BuildOptions, Built, Dataset, DatasetError, EventHasher, EventUse, build, build_events, event_spec,
    kind_of,
};
use feature_api::identity::{Hash, sha256};
use feature_api::{AggressorSide, BarKind, EventKind, FeatureSet, Param, Price, Qty, Row, Trade, UnixNanos};
use features_v2::FEATURES;
use market_data::MarketEvent;
use market_data::synth::{Market, MarketOptions};
use tempfile::TempDir;

/// Sets over bars so short that every window is full after 1,500 trades.
const SETS: [(&str, &[(&str, u32)]); 3] = [
    ("tick", &[("session", 20), ("flow", 50)]),
    ("flow", &[("bar_kind", 2), ("bar_size", 7)]),
    (
        "multires",
        &[
            ("short_quote", 50_000),
            ("medium_shorts", 2),
            ("long_mediums", 2),
            ("t1m_seconds", 1),
            ("t15m_seconds", 1),
            ("t4h_seconds", 1),
        ],
    ),
];

fn params(of: &[(&str, u32)]) -> Vec<Param> {
    of.iter().map(|(name, value)| Param { name: (*name).to_owned(), value: *value }).collect()
}

fn events(trades: u64) -> Vec<MarketEvent> {
    let odd = MarketOptions { duplicates: 20, late: 20, same_time: 150, ..MarketOptions::default() };
    Market::new(MarketOptions { trades, ..odd }).collect()
}

fn try_build(
    events: &[MarketEvent],
    options: &BuildOptions<'_>,
) -> Result<(TempDir, Built, EventUse), DatasetError> {
    let folder = tempfile::tempdir().unwrap();
    let mut events = events.iter().cloned();
    let path = folder.path().join("data");
    let built = build_events(&path, || Ok(events.next()), options);
    // Nothing is left behind where it is refused.
    assert_eq!(path.exists(), built.is_ok());
    built.map(|(built, used)| (folder, built, used))
}

fn built(events: &[MarketEvent], options: &BuildOptions<'_>) -> (Dataset, EventUse) {
    let (folder, built, used) = try_build(events, options).unwrap_or_else(|error| panic!("{error}"));
    let dataset = Dataset::open(&folder.path().join("data")).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(*dataset.manifest(), built.manifest);
    (dataset, used)
}

/// Open, high, low and close of the trades since the row before, in steps; the last price where there are none.
type RowBar = [i64; 4];

/// The row bars, by which trades count: each id once, none before the last one that counts.
fn row_bars(set: &mut dyn FeatureSet, events: &[MarketEvent]) -> Vec<RowBar> {
    let mut row = Row::new(set.schema().width());
    let (mut ids, mut time, mut last) = (BTreeSet::new(), UnixNanos(i64::MIN), 0);
    let (mut since, mut bars) = (Vec::new(), Vec::new());
    let takes = set.takes();
    for event in events.iter().filter(|event| takes.contains(&kind_of(event))) {
        if let MarketEvent::Trade(trade) = event
            && trade.ts_event >= time
            && ids.insert(trade.trade_id)
        {
            (time, last) = (trade.ts_event, trade.price.raw());
            since.push(last);
        }
        if set.update(event.view(), &mut row).unwrap() {
            let (high, low) = (since.iter().max(), since.iter().min());
            bars.push([*since.first().unwrap_or(&last), *high.unwrap_or(&last), *low.unwrap_or(&last), last]);
            since.clear();
        }
    }
    bars
}

/// What a label is, in millionths.
#[derive(Clone, Copy)]
enum Rule {
    Return,
    Direction { above: i64 },
    Barriers { profit: i64, loss: i64, is_short: bool },
}

/// The label of a row, from the row bars alone.
fn naive(rule: Rule, entry: RowBar, future: &[RowBar]) -> f64 {
    let close = entry[3];
    let gain = future.last().unwrap()[3] - close;
    match rule {
        Rule::Return => gain as f64 / close as f64,
        Rule::Direction { above } => f64::from(u8::from(1_000_000 * gain > above * close)),
        Rule::Barriers { profit, loss, is_short } => {
            for [_, high, low, _] in future {
                let (up, down) = (1_000_000 * (high - close), 1_000_000 * (close - low));
                let (good, bad) = if is_short { (down, up) } else { (up, down) };
                // Where a row touches both, the loss came first.
                if bad >= loss * close {
                    return -1.0;
                }
                if good >= profit * close {
                    return 1.0;
                }
            }
            0.0
        }
    }
}

#[test]
fn labels_are_those_of_the_trades_between_rows() {
    let events = events(4000);
    for (set, of) in SETS {
        let params = params(of);
        let mut engine = FEATURES.open(set, &params).unwrap();
        let bars = row_bars(engine.as_mut(), &events);
        let mut seen = BTreeSet::new();
        for (text, rule) in [
            ("return:horizon=5", Rule::Return),
            ("direction:horizon=9", Rule::Direction { above: 0 }),
            ("direction:horizon=9,above=0.00001", Rule::Direction { above: 10 }),
            (
                "barriers:horizon=40,profit=0.00003,loss=0.00002,side=long",
                Rule::Barriers { profit: 30, loss: 20, is_short: false },
            ),
            (
                "barriers:horizon=40,profit=0.00002,loss=0.00003,side=short",
                Rule::Barriers { profit: 20, loss: 30, is_short: true },
            ),
        ] {
            let options = BuildOptions { params: &params, label: label(text), ..options(&FEATURES, set) };
            let (dataset, _) = built(&events, &options);
            assert_eq!(dataset.labels().len(), bars.len(), "{set}");
            let horizon = options.label.horizon().get() as usize;
            for (row, found) in dataset.labels().iter().enumerate() {
                let future = bars.get(row + 1..row + 1 + horizon);
                let expected = future.map(|future| naive(rule, bars[row], future));
                assert_eq!(found.map(f64::to_bits), expected.map(f64::to_bits), "{set}, {text}: row {row}");
                seen.extend(found.map(|label| (text.len(), i64::from(label > 0.0) - i64::from(label < 0.0))));
            }
        }
        // Every label there can be is there, but for a return of 0 or a barrier that is not reached.
        assert!(seen.len() >= 10, "{set}: {seen:?}");
    }
}

#[test]
fn events_are_counted_and_what_a_set_does_not_take_is_left_out() {
    let events = events(3000);
    let is_trade = |event: &&MarketEvent| matches!(event, MarketEvent::Trade(_));
    let trades: Vec<MarketEvent> = events.iter().filter(is_trade).cloned().collect();
    for (set, of) in SETS {
        let params = params(of);
        let options = BuildOptions { params: &params, ..options(&FEATURES, set) };
        let (dataset, used) = built(&events, &options);
        let takes_book = FEATURES.open(set, &params).unwrap().takes().contains(&EventKind::Book);
        let taken = if takes_book { events.len() } else { trades.len() };
        assert_eq!((used.taken, used.left_out), (taken as u64, (events.len() - taken) as u64), "{set}");
        let counted = |name| used.counters.iter().find(|(other, _)| *other == name).unwrap().1;
        assert_eq!(counted("trades"), 3000);
        assert_eq!(counted("duplicates") + counted("late") + 3000, trades.len() as u64);
        assert!(counted("duplicates") > 10 && counted("late") > 10);
        let manifest = dataset.manifest();
        let kind = if takes_book { BarKind::TradesAndBook } else { BarKind::Trades };
        assert_eq!((manifest.bars.kind, manifest.bars.volume), (kind, true));
        let last = *dataset.features().ts_available.last().unwrap();
        assert_eq!(manifest.span, (events[0].ts_known(), last));
        // What is left out is not hashed either.
        let (without, _) = built(if takes_book { &events } else { &trades }, &options);
        assert_eq!(without.manifest().rows_hash, manifest.rows_hash);
        assert_eq!(without.manifest().data_hash, manifest.data_hash);
        assert_eq!(manifest.data_hash, hash(if takes_book { &events } else { &trades }));
    }
}

fn hash(events: &[MarketEvent]) -> Hash {
    let mut hasher = EventHasher::new();
    events.iter().for_each(|event| hasher.update(event));
    hasher.finish()
}

#[test]
fn the_hash_is_what_its_documentation_says() {
    let events = events(20);
    let mut bytes = b"isobar events 1\n".to_vec();
    for event in &events {
        let put = |bytes: &mut Vec<u8>, numbers: &[i64]| {
            numbers.iter().for_each(|number| bytes.extend(number.to_le_bytes()));
        };
        let levels = |bytes: &mut Vec<u8>, bids: &[feature_api::Level], asks: &[feature_api::Level]| {
            put(bytes, &[bids.len() as i64, asks.len() as i64]);
            bids.iter().chain(asks).for_each(|level| put(bytes, &[level.price.raw(), level.quantity.raw()]));
        };
        let times = [event.ts_event().0, event.ts_recv().0];
        match event {
            MarketEvent::Trade(trade) => {
                bytes.extend([1, 2, 5]);
                put(&mut bytes, &times);
                let side = i64::from(trade.aggressor == AggressorSide::Buy);
                let Trade { trade_id, price, quantity, .. } = trade;
                put(&mut bytes, &[*trade_id as i64, price.raw(), quantity.raw(), side]);
            }
            MarketEvent::Snapshot(book) => {
                bytes.extend([2, 2, 5]);
                put(&mut bytes, &times);
                put(&mut bytes, &[book.update_id as i64]);
                levels(&mut bytes, &book.bids, &book.asks);
            }
            MarketEvent::Delta(delta) => {
                bytes.extend([3, 2, 5]);
                put(&mut bytes, &times);
                put(&mut bytes, &[delta.first_update_id as i64, delta.last_update_id as i64, 0]);
                levels(&mut bytes, &delta.bids, &delta.asks);
            }
            MarketEvent::Quote(_) | MarketEvent::Bar(_) | MarketEvent::Clock(_) => panic!("none is made up"),
        }
    }
    assert_eq!(hash(&events), sha256(&bytes));
}

#[test]
fn the_hash_sees_every_event_and_every_number() {
    let events = events(60);
    let whole = hash(&events);
    let mut hashes = BTreeSet::from([whole.0]);
    let mut count = 1;
    let mut see = |events: &[MarketEvent], what: &str| {
        hashes.insert(hash(events).0);
        count += 1;
        assert_eq!(hashes.len(), count, "{what} is not seen");
    };
    for index in 0..events.len() {
        let mut changed = events.clone();
        changed.remove(index);
        see(&changed, "an event that is missing");
        for number in 0..8 {
            let mut changed = events.clone();
            if change(&mut changed[index], number) {
                see(&changed, &format!("number {number} of event {index}"));
            }
        }
    }
    see(&[&events[..], &events[..1]].concat(), "an event more");
    see(&[], "no event");
    see(&[MarketEvent::Clock(UnixNanos(1))], "the clock");
    see(&[MarketEvent::Clock(UnixNanos(2))], "another time");
}

/// Changes a number of the event; `false` where it has no such.
fn change(event: &mut MarketEvent, number: usize) -> bool {
    let up = |price: &mut Price| *price = Price::from_raw(price.raw() + 1).unwrap();
    let more = |quantity: &mut Qty| *quantity = Qty::from_raw(quantity.raw() + 1).unwrap();
    match (event, number) {
        (MarketEvent::Trade(trade), 0) => trade.ts_event.0 += 1,
        (MarketEvent::Trade(trade), 1) => trade.ts_recv.0 += 1,
        (MarketEvent::Trade(trade), 2) => trade.trade_id += 1_000_000,
        (MarketEvent::Trade(trade), 3) => up(&mut trade.price),
        (MarketEvent::Trade(trade), 4) => more(&mut trade.quantity),
        (MarketEvent::Trade(trade), 5) => {
            trade.aggressor = match trade.aggressor {
                AggressorSide::Buy => AggressorSide::Sell,
                AggressorSide::Sell => AggressorSide::Buy,
            };
        }
        (MarketEvent::Snapshot(book), 0) => book.ts_event.0 += 1,
        (MarketEvent::Snapshot(book), 1) => book.ts_recv.0 += 1,
        (MarketEvent::Snapshot(book), 2) => book.update_id += 1,
        (MarketEvent::Snapshot(book), 3) => up(&mut book.bids[0].price),
        (MarketEvent::Snapshot(book), 4) => more(&mut book.asks[9].quantity),
        (MarketEvent::Snapshot(book), 5) => book.bids.truncate(9),
        (MarketEvent::Delta(delta), 0) => delta.ts_event.0 += 1,
        (MarketEvent::Delta(delta), 1) => delta.ts_recv.0 += 1,
        (MarketEvent::Delta(delta), 2) => delta.first_update_id += 1,
        (MarketEvent::Delta(delta), 3) => delta.last_update_id += 1,
        (MarketEvent::Delta(delta), 4) => delta.previous_update_id = Some(0),
        // What was a bid is an ask.
        (MarketEvent::Delta(delta), 5) if !delta.bids.is_empty() => {
            delta.asks.insert(0, delta.bids.remove(0))
        }
        (MarketEvent::Delta(delta), 6) if !delta.asks.is_empty() => more(&mut delta.asks[0].quantity),
        _ => return false,
    }
    true
}

#[test]
fn the_warm_up_lasts_until_every_other_clock_has_a_value() {
    let events = events(4000);
    for (set, of) in SETS {
        let params = params(of);
        let (dataset, _) = built(&events, &BuildOptions { params: &params, ..options(&FEATURES, set) });
        let engine = FEATURES.open(set, &params).unwrap();
        let rows = dataset.features();
        let mut first = engine.schema().warm_up() as usize;
        for feature in engine.schema().clocked() {
            let valid = (0..rows.len()).find(|row| rows.get(*row, feature).is_some()).unwrap();
            first = first.max(valid);
        }
        assert_eq!(dataset.manifest().warm_up as usize, first, "{set}");
        assert_eq!(dataset.split().unwrap().train.rows().start, first, "{set}");
        // 50 buckets of volume are full before 52 bars; the other clocks take longer than the rows.
        assert_eq!(first > engine.schema().warm_up() as usize, set != "flow", "{set}");
        // From there on no feature is missing, and the first row after it is whole.
        for row in first..rows.len() {
            for (column, feature) in engine.schema().features().iter().enumerate() {
                assert!(rows.get(row, column).is_some(), "{set}: row {row}, {}", feature.name);
            }
        }
    }
}

#[test]
fn later_events_change_no_row_and_no_label_that_is_whole() {
    let events = events(4500);
    for (set, of) in SETS {
        let params = params(of);
        let options =
            BuildOptions { params: &params, label: label("return:horizon=3"), ..options(&FEATURES, set) };
        let (whole, _) = built(&events, &options);
        for from in [events.len() * 3 / 4, events.len() * 3 / 4 + 1, events.len() - 7] {
            let mut other = events.clone();
            for event in &mut other[from..] {
                if let MarketEvent::Trade(trade) = event {
                    trade.price = Price::from_raw(trade.price.raw() * 2).unwrap();
                    trade.quantity = Qty::from_raw(trade.quantity.raw() + 1).unwrap();
                }
            }
            let (other, _) = built(&other, &options);
            let (cut, _) = built(&events[..from], &options);
            let until = cut.features().len();
            assert!(until > 300, "{set}: {until} rows");
            for row in 0..until {
                for dataset in [&other, &cut] {
                    let (a, b) = (dataset.features(), whole.features());
                    assert_eq!(
                        (a.ts_event[row], a.ts_available[row]),
                        (b.ts_event[row], b.ts_available[row])
                    );
                    for column in 0..a.width() {
                        let [a, b] = [a, b].map(|rows| rows.get(row, column).map(f64::to_bits));
                        assert_eq!(a, b, "{set}, from {from}: row {row}, column {column}");
                    }
                    let [a, b] = [dataset, &whole].map(|dataset| dataset.labels().get(row));
                    if row + 3 < until {
                        assert_eq!(a.map(f64::to_bits), b.map(f64::to_bits), "{set}: label of row {row}");
                    }
                }
            }
        }
    }
}

#[test]
fn what_is_no_dataset_of_events_is_refused() {
    let events = events(600);
    let refused = |events: &[MarketEvent], options: &BuildOptions<'_>| text_of(try_build(events, options));
    let of = |set| options(&FEATURES, set);
    let core = refused(&events, &of("core"));
    assert_eq!(
        core,
        format!(
            "events: the set core of {FEATURES} is driven by bars; pass bars, or name a set that takes trades"
        )
    );
    let finer = refused(
        &events,
        &BuildOptions {
            finer: Some(&[]),
            label: label("barriers:horizon=5,profit=0.1,loss=0.1"),
            ..of("tick")
        },
    );
    assert_eq!(finer, "events: finer bars decide between barriers within a bar; rows of events have none");
    let positions = refused(&events, &BuildOptions { positions: Some(&[]), ..of("tick") });
    assert_eq!(positions, "events: the set tick does not look at positions");
    assert_eq!(refused(&[], &of("tick")), "events: 0 were taken, and none completes a row");
    let few = refused(&events[..20], &of("multires"));
    assert!(few.starts_with("events: ") && few.ends_with(" were taken, and none completes a row"), "{few}");
    let short = refused(&events, &of("multires"));
    assert!(short.contains("warm-up"), "{short}");
    let folder = tempfile::tempdir().unwrap();
    let bars = text_of(build(&folder.path().join("d"), &common::synth(500), &of("tick")));
    assert_eq!(bars, format!("events: the set tick of {FEATURES} is driven by them, not by bars"));
    assert_eq!(event_spec(FEATURES.open("exit", &[]).unwrap().as_ref()), None);
}

#[test]
fn a_problem_of_the_source_ends_the_build() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    let mut events = events(600).into_iter();
    let mut left = 500;
    let source = || {
        left -= 1;
        if left == 0 {
            return Err(market_data::MarketDataError::StreamStopped { path: "a.txt".into(), line: 500 });
        }
        Ok(events.next())
    };
    let refused = text_of(build_events(&path, source, &options(&FEATURES, "tick")));
    assert_eq!(refused, "a.txt: reading stopped with an error on line 500; open the stream again");
    assert!(!path.exists());
}
