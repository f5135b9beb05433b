//! The grid is a way of writing: the same market on a grid with more decimals gives the same fills and the same money.

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::money;
use common::scenario::{Scenario, scenario};
use execution::{Account, Fill, PaperExchange, Trade};
use feature_api::Price;
use proptest::prelude::*;
use proptest::test_runner::Config;

/// Fills, trades, cash and equity after each bar, with prices in steps of the coarse grid, and floats as bits.
fn run(scenario: &Scenario, finer: (u8, u8)) -> (Vec<Fill>, Vec<Trade>, Vec<String>) {
    let market = scenario.market(finer);
    let mut exchange = PaperExchange::new(market.clone(), scenario.costs, true).unwrap();
    let mut account = Account::new(money("1000000")).unwrap();
    let (mut fills, mut trades, mut books) = (Vec::new(), Vec::new(), Vec::new());
    let steps = 10_i64.pow(finer.0.into());
    for (index, bar) in scenario.bars(finer).iter().enumerate() {
        exchange.fill(bar, &mut account, &mut fills, &mut trades).unwrap();
        if let Some(order) = scenario.order(index, bar, account.lots(), finer) {
            let refused = exchange.submit(order, &account).err();
            books.push(format!("{refused:?}"));
        }
        let entry = account.position(&market).map(|view| view.position.entry_price.raw() / steps);
        let at = market.price_at(bar.close(), 0.01 * f64::from(u32::try_from(index).unwrap()));
        books.push(format!(
            "{} {} {entry:?} {:?} {:x} {}",
            account.cash(),
            account.equity(&market, bar.close()).unwrap(),
            at.map(|at| at.raw() / steps),
            market.price_f64(bar.close()).to_bits(),
            market.lots_traded(bar),
        ));
    }
    let coarse = |price: &mut Price| {
        assert_eq!(price.raw() % steps, 0, "off the coarse grid");
        *price = Price::from_raw(price.raw() / steps).unwrap();
    };
    fills.iter_mut().for_each(|fill| coarse(&mut fill.price));
    for trade in &mut trades {
        coarse(&mut trade.entry_price);
        coarse(&mut trade.exit_price);
    }
    (fills, trades, books)
}

proptest! {
    #![proptest_config(Config::with_cases(300))]

    #[test]
    fn a_finer_grid_changes_nothing(scenario in scenario(40), prices in 0..8_u8, volumes in 0..8_u8) {
        // Down to 1e-18 for a step of price times a lot.
        let prices = prices.min(u8::try_from(scenario.kind.6.ilog10()).unwrap());
        prop_assert_eq!(run(&scenario, (prices, volumes)), run(&scenario, (0, 0)));
    }
}
