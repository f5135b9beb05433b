//! Once warm, no set over events allocates: counted, not believed.

use feature_api::{EventKind, Row};
use features_v2::{SETS, by_name};
use market_data::MarketEvent;
use market_data::synth::{Market, MarketOptions};

#[test]
fn no_set_over_events_allocates_once_warm() {
    let options = MarketOptions { trades: 12_000, duplicates: 5, late: 5, ..MarketOptions::default() };
    let events: Vec<MarketEvent> = Market::new(options).collect();
    let (warm_up, rest) = events.split_at(events.len() / 2);
    for name in SETS {
        let mut set = by_name(name, &[]).unwrap();
        if set.takes().contains(&EventKind::Bar) {
            continue;
        }
        let takes_book = set.takes().contains(&EventKind::Book);
        let is_taken = |event: &&MarketEvent| takes_book || matches!(event, MarketEvent::Trade(_));
        let mut row = Row::new(set.schema().width());
        for event in warm_up.iter().filter(is_taken) {
            set.update(event.view(), &mut row).unwrap();
        }
        let mut rows = 0;
        let counted = allocation_counter::measure(|| {
            for event in rest.iter().filter(is_taken) {
                rows += u32::from(set.update(event.view(), &mut row).unwrap());
            }
        });
        assert!(rows > 20, "{name}: {rows} rows");
        assert_eq!(counted.count_total, 0, "{name} allocates");
    }
}

/// The counter counts: without this, the test above could not fail.
#[test]
fn the_counter_sees_an_allocation() {
    let counted = allocation_counter::measure(|| drop(std::hint::black_box(vec![0_u8; 100])));
    assert_eq!(counted.count_total, 1);
}
