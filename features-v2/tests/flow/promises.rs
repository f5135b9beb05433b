//! Nothing is allocated once warm, and the grid is a way of writing.

use feature_api::{FeatureSet as _, Grid, Level, Price, Qty};
use market_data::MarketEvent;
use market_data::synth::{Market, MarketOptions};

use crate::support::Run;

#[test]
fn nothing_is_allocated_once_warm() {
    let events: Vec<_> = Market::new(MarketOptions { trades: 10_000, ..MarketOptions::default() }).collect();
    let (warm_up, rest) = events.split_at(events.len() / 2);
    let mut run = Run::new(&[]);
    warm_up.iter().for_each(|event| {
        run.take(event.view());
    });
    let mut rows = 0;
    let counted = allocation_counter::measure(|| {
        rest.iter().for_each(|event| rows += u32::from(run.take(event.view())));
    });
    assert!(rows > 100 && run.row.is_complete(), "{rows}");
    assert_eq!(counted.count_total, 0);
}

/// The event with three more decimals in prices and four in quantities.
fn finer(event: &MarketEvent) -> MarketEvent {
    let on = |grid: Grid| Grid::new(grid.price_scale() + 3, grid.qty_scale() + 4).unwrap();
    let price = |price: Price| Price::from_raw(price.raw() * 1_000).unwrap();
    let quantity = |quantity: Qty| Qty::from_raw(quantity.raw() * 10_000).unwrap();
    let side = |side: &mut Vec<Level>| {
        for level in side {
            *level = Level { price: price(level.price), quantity: quantity(level.quantity) };
        }
    };
    let mut event = event.clone();
    match &mut event {
        MarketEvent::Trade(trade) => {
            trade.grid = on(trade.grid);
            trade.price = price(trade.price);
            trade.quantity = quantity(trade.quantity);
        }
        MarketEvent::Snapshot(snapshot) => {
            snapshot.grid = on(snapshot.grid);
            side(&mut snapshot.bids);
            side(&mut snapshot.asks);
        }
        MarketEvent::Delta(delta) => {
            delta.grid = on(delta.grid);
            side(&mut delta.bids);
            side(&mut delta.asks);
        }
        MarketEvent::Quote(_) | MarketEvent::Bar(_) | MarketEvent::Clock(_) => {
            panic!("the market makes none")
        }
    }
    event
}

#[test]
fn more_decimals_change_no_bit() {
    let (mut coarse, mut fine) = (Run::new(&[]), Run::new(&[]));
    let names: Vec<_> = coarse.set.schema().features().iter().map(|feature| feature.name).collect();
    let mut complete = 0;
    for event in Market::new(MarketOptions { trades: 8_000, ..MarketOptions::default() }) {
        let row = coarse.take(event.view());
        assert_eq!(fine.take(finer(&event).view()), row);
        if row {
            complete += u32::from(coarse.row.is_complete());
            for name in &names {
                let bits = |run: &Run| run.get(name).map(f64::to_bits);
                assert_eq!(bits(&coarse), bits(&fine), "{name}");
            }
        }
    }
    assert!(complete > 200, "{complete}");
}
