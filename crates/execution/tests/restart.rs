//! A saved state goes on as if there had been no pause, and bytes that are no state are refused without a panic.

#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(clippy::inconsistent_digit_grouping, reason = "prices in cents: 100_05 is 100.05")]

mod common;

use common::scenario::{Scenario, scenario};
use common::{Desk, free, market, money, order, rate};
use execution::{Account, Costs, PaperExchange};
use feature_api::{Bar, RestoreError, StateReader, StateWriter};
use proptest::prelude::*;
use proptest::test_runner::Config;

const CASH: &str = "1000000";

/// The bytes of both.
fn save(account: &Account, exchange: &PaperExchange) -> Vec<u8> {
    let mut state = StateWriter::new();
    account.save(&mut state);
    exchange.save(&mut state);
    state.into_bytes()
}

/// Fresh ones that go on from there.
fn load(bytes: &[u8], like: &PaperExchange, cash: &str) -> Result<(Account, PaperExchange), RestoreError> {
    let mut state = StateReader::new(bytes);
    let mut account = Account::new(money(cash)).unwrap();
    let mut exchange = PaperExchange::new(like.market().clone(), *like.costs(), true).unwrap();
    account.load(&mut state)?;
    exchange.load(&mut state, &account)?;
    state.finish()?;
    Ok((account, exchange))
}

/// Everything that a run did, restarted after every bar or never.
fn run(scenario: &Scenario, restarts: bool) -> (String, Vec<u8>) {
    let mut exchange = PaperExchange::new(scenario.market((0, 0)), scenario.costs, true).unwrap();
    let mut account = Account::new(money(CASH)).unwrap();
    let (mut fills, mut trades, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    for (index, bar) in scenario.bars((0, 0)).iter().enumerate() {
        exchange.fill(bar, &mut account, &mut fills, &mut trades).unwrap();
        if let Some(order) = scenario.order(index, bar, account.lots(), (0, 0)) {
            refused.extend(exchange.submit(order, &account).err());
        }
        if restarts {
            let (next_account, next_exchange) = load(&save(&account, &exchange), &exchange, CASH).unwrap();
            assert_eq!((&next_account, &next_exchange), (&account, &exchange));
            (account, exchange) = (next_account, next_exchange);
        }
    }
    (format!("{fills:?} {trades:?} {refused:?}"), save(&account, &exchange))
}

/// What was loaded keeps the books, and goes on without a panic.
fn goes_on(mut account: Account, mut exchange: PaperExchange, bars: &[Bar]) {
    let (mut fills, mut trades) = (Vec::new(), Vec::new());
    for bar in bars {
        let market = exchange.market().clone();
        if let (Ok(equity), Ok(unrealised)) =
            (account.equity(&market, bar.close()), account.unrealised(&market, bar.close()))
        {
            let parts = account.start().units() + account.realised().units() - account.fees().units();
            assert_eq!(equity.units(), parts + unrealised.units());
        }
        assert_eq!(account.position(&market).map_or(0, |view| view.lots), account.lots());
        if exchange.fill(bar, &mut account, &mut fills, &mut trades).is_err() {
            return;
        }
    }
}

proptest! {
    #![proptest_config(Config::with_cases(500))]

    #[test]
    fn restarted_after_every_bar_nothing_differs(scenario in scenario(40)) {
        prop_assert_eq!(run(&scenario, true), run(&scenario, false));
    }

    #[test]
    fn damaged_bytes_do_not_panic(
        scenario in scenario(20),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let (_, bytes) = run(&scenario, false);
        let like = PaperExchange::new(scenario.market((0, 0)), scenario.costs, true).unwrap();
        prop_assert_eq!(load(&bytes[..cut.index(bytes.len())], &like, CASH), Err(RestoreError::Truncated));
        let mut damaged = bytes.clone();
        for (index, byte) in damage {
            damaged[index.index(bytes.len())] = byte;
        }
        if let Ok((account, exchange)) = load(&damaged, &like, CASH) {
            goes_on(account, exchange, &scenario.bars((0, 0)));
        }
    }

    #[test]
    fn random_bytes_do_not_panic(bytes in prop::collection::vec(prop_oneof![Just(0), Just(1), any::<u8>()], 0..250)) {
        let desk = in_the_middle();
        // An account that has neither paid nor earned, and says that a position is open.
        let mut state = StateWriter::new();
        for units in [money("1000").units(), money("1000").units(), 0, 0] {
            state.write_i128(units);
        }
        state.write_bool(true);
        state.write_bytes(&bytes);
        let mut account = Account::new(money("1000")).unwrap();
        if account.load(&mut StateReader::new(&state.into_bytes())).is_ok() {
            goes_on(account, PaperExchange::new(market(), free(), true).unwrap(), &touching());
        }
        let Desk { account, mut exchange, .. } = desk;
        if exchange.load(&mut StateReader::new(&bytes), &account).is_ok() {
            goes_on(account, exchange, &touching());
        }
    }
}

/// A position of which a part was closed again, and to which an order in flight is to add.
fn in_the_middle() -> Desk {
    let costs =
        Costs { taker_fee: rate(0.001), max_volume_share: Some(rate(1.0)), latency_bars: 1, ..free() };
    let mut desk = Desk::new(market(), costs);
    desk.submit(order(1, 9, Some(95_00), Some(105_00)));
    for volume in [0, 9] {
        desk.step([100_00; 4], volume);
    }
    desk.submit(order(2, -2, None, None));
    desk.step([100_00, 105_00, 100_00, 104_00], 3);
    desk.step([102_00; 4], 9);
    desk.submit(order(3, 4, Some(96_00), None));
    assert_eq!((desk.account.lots(), desk.fills.len(), desk.exchange.working().is_some()), (4, 3, true));
    desk
}

/// Bars that touch every level of [`in_the_middle`].
fn touching() -> Vec<Bar> {
    let bar = |minute| common::bar_on(market().grid(), minute, [96_00, 106_00, 94_00, 95_00], 5);
    (0..4).map(bar).collect()
}

#[test]
fn every_bit_of_a_state_is_read() {
    let desk = in_the_middle();
    let bytes = save(&desk.account, &desk.exchange);
    let (account, exchange) = load(&bytes, &desk.exchange, "1000").unwrap();
    assert_eq!((&account, &exchange), (&desk.account, &desk.exchange));
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let Ok((account, exchange)) = load(&flipped, &desk.exchange, "1000") else { continue };
        // Cash at the start and now, fees and realised profit, 16 bytes each: the books do not close.
        assert!(bit >= 64 * 8, "bit {bit} of the books");
        assert_eq!(save(&account, &exchange), flipped, "bit {bit}");
        goes_on(account, exchange, &touching());
    }
    for length in 0..bytes.len() {
        assert_eq!(
            load(&bytes[..length], &desk.exchange, "1000"),
            Err(RestoreError::Truncated),
            "{length} bytes"
        );
    }
}

#[test]
fn a_state_of_something_else_says_so() {
    let desk = in_the_middle();
    let bytes = save(&desk.account, &desk.exchange);
    assert_eq!(
        load(&bytes, &desk.exchange, "2000").unwrap_err().to_string(),
        "the state is of another account: expected one that began with 2000, found one that began with 1000; replay the \
         history instead"
    );
    // The exchange of another position: it has levels, but there is nothing to close.
    let mut state = StateWriter::new();
    Account::new(money("1000")).unwrap().save(&mut state);
    desk.exchange.save(&mut state);
    assert_eq!(
        load(&state.into_bytes(), &desk.exchange, "1000").unwrap_err().to_string(),
        "the state is damaged: expected orders at work that fit the position"
    );
}

#[test]
fn what_cannot_be_restored_changes_nothing() {
    let mut desk = in_the_middle();
    let before = desk.clone();
    let bytes = save(&desk.account, &desk.exchange);
    let mut damaged = bytes.clone();
    damaged[16] ^= 1;
    assert!(desk.account.load(&mut StateReader::new(&damaged)).is_err());
    assert!(desk.exchange.load(&mut StateReader::new(&[1, 2, 3]), &desk.account).is_err());
    assert_eq!(desk, before);
}

#[test]
fn positions_that_no_fills_lead_to_are_refused() {
    let refused = |desk: &Desk, forge: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = save(&desk.account, &desk.exchange);
        forge(&mut bytes);
        let mut account = Account::new(money("1000")).unwrap();
        account.load(&mut StateReader::new(&bytes)).is_err()
    };
    let count = |at: usize, value: i64| {
        move |bytes: &mut Vec<u8>| bytes[at..at + 8].copy_from_slice(&value.to_le_bytes())
    };
    let amount = |at: usize, units: i128| {
        move |bytes: &mut Vec<u8>| bytes[at..at + 16].copy_from_slice(&units.to_le_bytes())
    };
    // Behind four amounts and a flag: lots 4, those of the average 9, all that were opened 9, then the time, the age,
    // and seven amounts: basis, average, in, out, fees, spread, slippage.
    let (lots, of_average, opened, age, amounts) = (65, 73, 81, 97, 105);
    let desk = in_the_middle();
    assert!(!refused(&desk, &count(lots, 4)) && !refused(&desk, &count(of_average, 9)));
    assert!(!refused(&desk, &count(opened, 9)) && !refused(&desk, &count(age, 3)));
    for lots_found in [0, -4, 10, i64::MIN] {
        assert!(refused(&desk, &count(lots, lots_found)), "{lots_found}");
    }
    assert!(refused(&desk, &count(of_average, 3)) && refused(&desk, &count(of_average, 10)));
    assert!(refused(&desk, &count(opened, 3)) && refused(&desk, &count(opened, -9)));
    assert!(refused(&desk, &count(age, 1 << 32)));
    for (index, units) in [(0, 1), (1, 1), (1, -1), (4, -1), (4, i128::MAX), (5, -1), (6, -1)] {
        assert!(refused(&desk, &amount(amounts + 16 * index, units)), "{index} {units}");
    }
    // Nothing was closed yet: what is open is all that was opened.
    let mut desk = Desk::new(market(), free());
    desk.submit(order(1, 9, None, None));
    desk.step([100_00; 4], 0);
    assert!(!refused(&desk, &count(lots, 9)));
    for index in 0..4 {
        assert!(refused(&desk, &amount(amounts + 16 * index, 89_999_999_999_999_999_999)), "{index}");
    }
}
