//! No row hangs on an event that could not be known when the row was available.

use feature_api::{Level, Price, Qty, Trade, UnixNanos};
use market_data::MarketEvent;

use crate::support::{Bits, captures, event_sets, run, small, takes, tapes};

/// The event with another price, quantity or level, or nothing at all.
fn perturbed(event: &MarketEvent, way: usize) -> Option<MarketEvent> {
    let more = |level: &Level| Level {
        price: level.price,
        quantity: Qty::from_raw(level.quantity.raw() / 2 + 1).unwrap(),
    };
    match (event, way) {
        (_, 0) => None,
        (MarketEvent::Trade(trade), 1) => Some(MarketEvent::Trade(Trade {
            price: Price::from_raw(trade.price.raw() + trade.price.raw() / 50 + 1).unwrap(),
            quantity: Qty::from_raw(trade.quantity.raw() * 3 + 1).unwrap(),
            ..*trade
        })),
        (MarketEvent::Snapshot(snapshot), 1) => {
            let mut snapshot = snapshot.clone();
            snapshot.bids.iter_mut().chain(&mut snapshot.asks).for_each(|level| *level = more(level));
            Some(MarketEvent::Snapshot(snapshot))
        }
        (MarketEvent::Delta(delta), 1) => {
            let mut delta = delta.clone();
            delta.bids.iter_mut().chain(&mut delta.asks).for_each(|level| *level = more(level));
            Some(MarketEvent::Delta(delta))
        }
        (MarketEvent::Clock(time), 1) => Some(MarketEvent::Clock(UnixNanos(time.0 + 1))),
        (other, _) => Some(other.clone()),
    }
}

/// Perturbs every event in turn. Rows available before it could be known must be the same; that some row changes at all
/// shows that the perturbation is seen.
fn perturb_each(name: &str, events: &[MarketEvent], what: &str) {
    let expected = run(small(name).as_mut(), events);
    let mut changed = 0;
    for index in 0..events.len() {
        for way in 0..2 {
            let mut other = events.to_vec();
            match perturbed(&events[index], way) {
                Some(event) => other[index] = event,
                None => {
                    other.remove(index);
                }
            }
            let found = run(small(name).as_mut(), &other);
            // Rows come in the order of their availability.
            let known = events[index].ts_known();
            let early = expected.iter().take_while(|row| row.ts_available < known).count();
            let before = |rows: &[Bits]| -> Vec<_> {
                let early = rows.iter().take(early);
                early.map(|row| (row.ts_event, row.ts_available, row.cells.clone())).collect()
            };
            assert!(before(&found) == before(&expected), "{name} on {what}: event {index} is seen too early");
            let cells = |rows: &[Bits]| -> Vec<_> { rows.iter().map(|row| row.cells.clone()).collect() };
            changed += usize::from(cells(&found) != cells(&expected));
        }
    }
    // A token whose trades are worth next to nothing closes no bar of value in so few events.
    let is_quiet = expected.len() < 3;
    let set = small(name);
    let taken = events.iter().filter(|event| takes(set.as_ref(), event)).count();
    assert!(is_quiet || changed > taken / 4, "{name} on {what}: {changed} of {taken} matter");
}

#[test]
fn no_event_of_a_tape_is_seen_too_early() {
    for (index, tape) in tapes().iter().enumerate() {
        for name in event_sets() {
            perturb_each(name, &tape[..400], &format!("tape {index}"));
        }
    }
}

#[test]
fn no_event_of_a_capture_is_seen_too_early() {
    for (capture, events) in captures("look-ahead of sets in recorded events") {
        // A stretch with a synchronised book: from its snapshot on, with the levels near the touch alone.
        let begin = events.iter().position(|event| matches!(event, MarketEvent::Snapshot(_)));
        let Some(begin) = begin else { continue };
        let mut some: Vec<MarketEvent> = events[begin..].iter().take(700).cloned().collect();
        if let Some(MarketEvent::Snapshot(snapshot)) = some.first_mut() {
            snapshot.bids.truncate(50);
            snapshot.asks.truncate(50);
        }
        for name in event_sets() {
            perturb_each(name, &some, capture);
        }
    }
}
