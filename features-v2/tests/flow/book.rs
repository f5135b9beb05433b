//! The book of the features against that of the readers, and by hand.

use feature_api::{StateReader, StateWriter, UpdateError};
use features_v2::market::{Book, RawLevel};
use market_data::{Change, MarketEvent, OrderBook};
use testkit::inputs::SplitMix;

use crate::support::{CAPTURES, capture, delta, levels, snapshot};

/// Every level and every state of both is the same.
fn assert_same(book: &Book, other: &OrderBook, what: &str) {
    assert_eq!(book.is_usable(), other.is_usable(), "{what}");
    let raw =
        |level: feature_api::Level| RawLevel { price: level.price.raw(), quantity: level.quantity.raw() };
    let bids = other.bids().map(raw).map(Some).chain([None]).enumerate();
    bids.for_each(|(rank, level)| assert_eq!(book.bid(rank), level, "{what}: bid {rank}"));
    let asks = other.asks().map(raw).map(Some).chain([None]).enumerate();
    asks.for_each(|(rank, level)| assert_eq!(book.ask(rank), level, "{what}: ask {rank}"));
    let counters = other.counters();
    let expected = [
        counters.snapshots,
        counters.deltas,
        counters.old,
        counters.gaps,
        counters.crossed,
        counters.unusable,
    ];
    assert_eq!(book.counters().map(|(_, count)| count), expected, "{what}");
}

fn bytes(book: &Book) -> Vec<u8> {
    let mut state = StateWriter::new();
    book.save(&mut state);
    state.into_bytes()
}

fn restored(book: &Book) -> Book {
    let mut other = Book::default();
    let saved = bytes(book);
    let mut reader = StateReader::new(&saved);
    other.load(&mut reader).unwrap();
    reader.finish().unwrap();
    assert_eq!(bytes(&other), saved);
    other
}

/// Few prices, so that levels come and go, cross and empty a side; deltas that overlap, come twice or are missing.
#[test]
fn random_updates_leave_the_same_book() {
    let mut seen = [0_u32; 7];
    for seed in 0..60 {
        let mut random = SplitMix::new(seed);
        let (mut book, mut other) = (Book::default(), OrderBook::new());
        let mut last = 10;
        for step in 0..400 {
            let side = |random: &mut SplitMix, from: i64, to: i64, most: i64| -> Vec<(i64, i64)> {
                let count = random.between(0, most);
                (0..count).map(|_| (random.between(from, to), random.between(0, 4))).collect()
            };
            let crossing = if random.one_in(20) { 6 } else { 0 };
            let bids = side(&mut random, -30, -1 + crossing, 6);
            let asks = side(&mut random, 0, 30, 6);
            let change = if step == 3 || random.one_in(25) || (!book.is_usable() && random.one_in(4)) {
                let sorted = |mut side: Vec<(i64, i64)>, sign: i64| {
                    side.sort_by_key(|(price, _)| price * sign);
                    side.dedup_by_key(|(price, _)| *price);
                    side.into_iter().map(|(price, quantity)| (price, quantity + 1)).collect::<Vec<_>>()
                };
                last = (last + random.between(0, 3).unsigned_abs()).saturating_sub(1);
                let (bids, asks) = (levels(&sorted(bids, -1)), levels(&sorted(asks, 1)));
                let view = snapshot(last, &bids, &asks);
                assert_eq!(book.snapshot(&view), Ok(true));
                other.snapshot(&view).unwrap()
            } else {
                let first = (last + 1 + random.between(0, 3).unsigned_abs())
                    .saturating_sub(1 + random.between(0, 2).unsigned_abs());
                let end = first + random.between(0, 2).unsigned_abs();
                let previous = random.one_in(2).then(|| {
                    (last + random.between(0, 9).unsigned_abs() / 9)
                        .saturating_sub(random.between(0, 9).unsigned_abs() / 9)
                });
                let (bids, asks) = (levels(&bids), levels(&asks));
                let view = delta((first, end, previous), &bids, &asks);
                let took = book.delta(&view).unwrap();
                let change = other.delta(&view).unwrap();
                assert_eq!(took, !matches!(change, Change::Old | Change::Dropped), "{change:?}");
                if change == Change::Updated {
                    last = end;
                }
                change
            };
            seen[change as usize] += 1;
            assert_same(&book, &other, &format!("seed {seed} step {step} {change:?}"));
            if random.one_in(10) {
                book = restored(&book);
            }
        }
    }
    // All but `Change::None`, which no update is.
    assert!(seen[0] == 0 && seen[1..].iter().all(|count| *count > 100), "{seen:?}");
}

/// Every update of every capture; every level after every hundredth of them and after the last.
#[test]
fn captures_leave_the_same_book() {
    for (name, files) in CAPTURES {
        let Some(events) = capture(files, "the book on real captures") else { return };
        let (mut book, mut other) = (Book::default(), OrderBook::new());
        let mut updates = 0_u32;
        for (index, event) in events.iter().enumerate() {
            match event {
                MarketEvent::Snapshot(snapshot) => assert_eq!(book.snapshot(&snapshot.view()), Ok(true)),
                MarketEvent::Delta(delta) => assert!(book.delta(&delta.view()).is_ok()),
                MarketEvent::Trade(_)
                | MarketEvent::Quote(_)
                | MarketEvent::Bar(_)
                | MarketEvent::Clock(_) => continue,
            }
            other.apply(event).unwrap();
            updates += 1;
            let best = |level: Option<RawLevel>| level.map(|level| (level.price, level.quantity));
            let raw = |level: Option<feature_api::Level>| {
                level.map(|level| (level.price.raw(), level.quantity.raw()))
            };
            assert_eq!(best(book.bid(0)), raw(other.best_bid()), "{name} event {index}");
            assert_eq!(best(book.ask(0)), raw(other.best_ask()), "{name} event {index}");
            if updates.is_multiple_of(100) {
                assert_same(&book, &other, &format!("{name} event {index}"));
                book = restored(&book);
            }
        }
        assert_same(&book, &other, name);
        assert!(updates > 1_000 && book.is_usable(), "{name}: {updates}");
        assert_eq!(book.counters().map(|(_, count)| count)[3..], [0, 0, 0], "{name}");
    }
}

/// A side that is full forgets its worst eighth, and knows no rank beyond what it kept.
#[test]
fn a_full_side_forgets_the_worst_and_does_not_guess() {
    let most = i64::try_from(Book::LEVELS).unwrap();
    let bids: Vec<_> = (0..most).map(|rank| (100_000 - 2 * rank, 1)).collect();
    let asks: Vec<_> = (0..most + 5).map(|rank| (100_001 + 2 * rank, 1)).collect();
    let (bids, asks) = (levels(&bids), levels(&asks));
    let mut book = Book::default();
    book.snapshot(&snapshot(1, &bids, &asks)).unwrap();
    let worst = |book: &Book| book.bid(Book::LEVELS - 1).map(|level| level.price);
    assert_eq!(worst(&book), Some(100_000 - 2 * (most - 1)));
    // Of the asks the last five are too many: nothing is known from there on.
    let mut update = 1;
    let mut set = |book: &mut Book, bids: &[(i64, i64)], asks: &[(i64, i64)]| {
        update += 1;
        assert_eq!(book.delta(&delta((update, update, None), &levels(bids), &levels(asks))), Ok(true));
    };
    let last_ask = 100_001 + 2 * (most - 1);
    set(&mut book, &[], &[(last_ask + 1, 9), (100_001, 0)]);
    assert_eq!(book.ask(Book::LEVELS - 2).map(|level| level.price), Some(last_ask));
    assert_eq!(book.ask(Book::LEVELS - 1), None);
    // One more bid than there is room for.
    set(&mut book, &[(99_999, 7)], &[]);
    let kept = Book::LEVELS - Book::LEVELS / 8;
    assert_eq!(book.bid(1), Some(RawLevel { price: 99_999, quantity: 7 }));
    assert_eq!(book.bid(kept).map(|level| level.price), Some(100_000 - 2 * (kept as i64 - 1)));
    assert_eq!(book.bid(kept + 1), None);
    // Below the floor nothing is taken, at it and above it everything is.
    let floor = 100_000 - 2 * (kept as i64 - 1);
    set(&mut book, &[(floor - 1, 5), (floor, 0)], &[]);
    assert_eq!(book.bid(kept), None);
    assert_eq!(book.bid(kept - 1).map(|level| level.price), Some(floor + 2));
    set(&mut book, &[(floor, 3)], &[]);
    assert_eq!(book.bid(kept), Some(RawLevel { price: floor, quantity: 3 }));
    let mut other = restored(&book);
    set(&mut other, &[(floor - 2, 5)], &[]);
    assert_eq!(other.bid(kept + 1), None, "the floor is part of the state");
    // A snapshot knows better.
    other.snapshot(&snapshot(9, &levels(&[(10, 1)]), &[])).unwrap();
    assert_eq!((other.bid(0), other.bid(1)), (Some(RawLevel { price: 10, quantity: 1 }), None));
    set(&mut book, &[(100_000, 0)], &[]);
}

#[test]
fn updates_that_cannot_be_are_refused_and_change_nothing() {
    let mut book = Book::default();
    let good = (levels(&[(5, 1), (4, 2)]), levels(&[(7, 1)]));
    book.snapshot(&snapshot(3, &good.0, &good.1)).unwrap();
    let before = bytes(&book);
    let order =
        Err(UpdateError::Book { reason: "the levels of a snapshot must stand best first, each price once" });
    let empty = Err(UpdateError::Book { reason: "a level of a snapshot has quantity 0" });
    for (bids, asks, expected) in [
        (vec![(4, 2), (5, 1)], vec![(7, 1)], order),
        (vec![(5, 1), (5, 1)], vec![(7, 1)], order),
        (vec![(5, 1)], vec![(8, 1), (7, 1)], order),
        (vec![(5, 1)], vec![(7, 1), (7, 2)], order),
        (vec![(5, 0)], vec![(7, 1)], empty),
        (vec![(5, 1)], vec![(7, 1), (8, 0)], empty),
    ] {
        assert_eq!(book.snapshot(&snapshot(4, &levels(&bids), &levels(&asks))), expected);
    }
    let reason = "the first update of the delta comes after its last";
    assert_eq!(book.delta(&delta((5, 4, None), &[], &[])), Err(UpdateError::Book { reason }));
    assert_eq!(bytes(&book), before);
}

/// Bytes that no run leaves behind.
#[test]
fn states_that_cannot_be_are_refused() {
    let mut book = Book::default();
    book.snapshot(&snapshot(3, &levels(&[(5, 1), (4, 2)]), &levels(&[(7, 1)]))).unwrap();
    let good = bytes(&book);
    let refused = |at: usize, value: i64| {
        let mut bytes = good.clone();
        bytes[at..at + 8].copy_from_slice(&value.to_le_bytes());
        Book::default().load(&mut StateReader::new(&bytes)).is_err()
    };
    // Flags, the last update, six counts, then a side: its floor, its number of levels, the worst level.
    let (counts, side) = (2 + 8, 2 + 8 + 6 * 8);
    let (count, worst) = (side + 9, side + 17);
    assert_eq!(good[worst..worst + 8], 4_i64.to_le_bytes());
    assert!(refused(counts, 0), "usable without a snapshot");
    assert!(refused(counts + 3 * 8, 1), "a gap after the only snapshot, and usable");
    assert!(refused(counts, 1 << 61), "a count that cannot be counted on from");
    assert!(refused(count, 8_193), "too many levels");
    assert!(refused(worst, 5), "not in order");
    assert!(refused(worst, 6), "worst above best");
    assert!(refused(worst + 8, 0), "an empty level");
    assert!(refused(worst + 8, (1 << 53) + 1), "too large a quantity");
    assert!(refused(worst + 16, 7), "crossed");
    let mut unusable = good.clone();
    unusable[0] = 0;
    assert!(Book::default().load(&mut StateReader::new(&unusable)).is_err(), "levels of a book that is lost");
    for cut in 0..good.len() {
        assert!(Book::default().load(&mut StateReader::new(&good[..cut])).is_err(), "cut at {cut}");
    }
}
