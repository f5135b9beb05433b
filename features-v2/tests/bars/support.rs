//! Trades, generated and recorded.

use std::path::Path;

use feature_api::{Grid, StateReader, StateWriter};
use features_v2::bars::{BarRule, ClosedBar};
use features_v2::market::Print;
use proptest::prelude::*;
use testkit::data::{Table, data_dir};

pub const SECOND: i64 = 1_000_000_000;

/// Trades on a grid.
#[derive(Debug, Clone)]
pub struct Tape {
    pub name: String,
    pub grid: Grid,
    pub prints: Vec<Print>,
}

pub fn print(ts: i64, price: i64, quantity: i64, is_buy: bool) -> Print {
    Print { ts, price, quantity, is_buy }
}

/// Pseudo-random numbers; the same from the same seed.
pub struct Numbers(u64);

impl Numbers {
    pub fn new(seed: u64) -> Self {
        Self(seed ^ 0x9e37_79b9_7f4a_7c15)
    }

    /// From 0 to `below`, not included.
    pub fn below(&mut self, below: i64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) as i64) % below
    }

    pub fn one_in(&mut self, n: i64) -> bool {
        self.below(n) == 0
    }
}

/// Trades as an exchange has them: many in a millisecond, prices that stand, seconds without one, now and then a jump,
/// runs of one side, trades of nothing.
pub fn walk(seed: u64, len: usize) -> Tape {
    let mut numbers = Numbers::new(seed);
    let (mut ts, mut price, mut is_buy) = (1_700_000_000 * SECOND, 4_500_000_i64, true);
    let prints = (0..len).map(|_| {
        if numbers.one_in(3) {
            ts += numbers.below(200) * 1_000_000;
        }
        if numbers.one_in(97) {
            ts += numbers.below(10) * SECOND;
        }
        price += match numbers.below(60) {
            0 => numbers.below(2_001) - 1_000,
            1..20 => numbers.below(3) - 1,
            _ => 0,
        };
        if numbers.one_in(4) {
            is_buy = !is_buy;
        }
        let quantity = if numbers.one_in(40) { 0 } else { 1 + numbers.below(1_000) * numbers.below(100) };
        print(ts, price, quantity, is_buy)
    });
    Tape { name: format!("walk {seed}"), grid: Grid::new(2, 3).unwrap(), prints: prints.collect() }
}

/// Prices around zero and far from it.
pub fn oil(seed: u64, len: usize) -> Tape {
    let mut numbers = Numbers::new(seed);
    let mut tape = walk(seed, len);
    tape.name = format!("oil {seed}");
    for print in &mut tape.prints {
        print.price = match numbers.below(5) {
            0 => 0,
            1 => -1 - numbers.below(400),
            2 => 1 + numbers.below(5),
            3 => numbers.below(1_000_000_000),
            _ => 1 + numbers.below(400),
        };
    }
    tape
}

/// The recorded trades; none where there is no data folder, which is said.
pub fn recorded() -> Vec<Tape> {
    let Some(folder) = data_dir("bars of recorded trades") else { return Vec::new() };
    let binance = [
        ("cm_btcusd_perp_20240808", 1, 0),
        ("spot_btcusdt_20240808", 2, 5),
        ("spot_btcusdt_20240809", 2, 5),
        ("usdm_btcusdt_20240718", 2, 3),
        ("usdm_btcusdt_20240719", 2, 3),
        ("usdm_btcusdt_20240808", 2, 3),
    ];
    let mut tapes: Vec<_> = binance
        .map(|(name, price, qty)| {
            let table = Table::read(&folder.join("binance-trades").join(format!("{name}.csv.gz")));
            read(name, &table, ("time", 1_000_000), "qty", ("is_buyer_maker", "false"), [price, qty])
        })
        .into();
    let tardis = "binance-futures_trades_2020-02-22_BTCUSDT.csv.gz";
    let table = Table::read(&folder.join("tardis-samples").join(tardis));
    tapes.push(read("tardis", &table, ("timestamp", 1_000), "amount", ("side", "buy"), [2, 3]));
    tapes
}

fn read(
    name: &str,
    table: &Table,
    (time, unit): (&str, i64),
    quantity: &str,
    (side, buy): (&str, &str),
    [price_scale, qty_scale]: [u8; 2],
) -> Tape {
    let times = table.text(time).into_iter().map(|ts| ts.parse::<i64>().unwrap() * unit);
    let prices = table.text("price").into_iter().map(|text| raw(text, price_scale));
    let quantities = table.text(quantity).into_iter().map(|text| raw(text, qty_scale));
    let sides = table.text(side).into_iter().map(|text| text == buy);
    let parts = times.zip(prices).zip(quantities).zip(sides);
    let prints: Vec<_> = parts.map(|(((ts, price), qty), buy)| print(ts, price, qty, buy)).collect();
    assert!(prints.is_sorted_by_key(|print| print.ts), "{name}: in order of time");
    Tape { name: name.to_owned(), grid: Grid::new(price_scale, qty_scale).unwrap(), prints }
}

/// A decimal as an integer on a grid, exactly.
fn raw(text: &str, scale: u8) -> i64 {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let (kept, rest) = decimals.split_at(decimals.len().min(usize::from(scale)));
    assert!(rest.chars().all(|digit| digit == '0'), "{text} has more than {scale} decimals");
    format!("{whole}{kept:0<width$}", width = usize::from(scale)).parse().unwrap()
}

pub fn read_reference(name: &str) -> Option<Table> {
    let folder = data_dir("bars of a reference")?;
    Some(Table::read(&folder.join(Path::new("ref-microstructure")).join(name)))
}

/// Any trades, in order of time.
pub fn prints(max: usize) -> impl Strategy<Value = Vec<Print>> {
    let price = prop_oneof![6 => 95_i64..105, 1 => -3_i64..3, 1 => -(1_i64 << 53)..=1 << 53];
    let quantity = prop_oneof![6 => 0_i64..50, 1 => Just(0), 1 => 0_i64..1 << 46];
    let one = (0_i64..3 * SECOND, price, quantity, any::<bool>());
    proptest::collection::vec(one, 1..max).prop_map(|parts| {
        let mut ts = 0;
        let next = |(step, price, quantity, is_buy)| {
            ts += if step < SECOND { 0 } else { step - SECOND };
            print(ts, price, quantity, is_buy)
        };
        parts.into_iter().map(next).collect()
    })
}

/// The bars that a rule closes.
pub fn bars(rule: &mut impl BarRule, prints: &[Print]) -> Vec<ClosedBar> {
    prints.iter().filter_map(|print| rule.update(print)).collect()
}

pub fn saved(save: impl FnOnce(&mut StateWriter)) -> Vec<u8> {
    let mut state = StateWriter::new();
    save(&mut state);
    state.into_bytes()
}

/// Carries a state over to a rule.
pub fn restored<R: BarRule>(from: &R, mut to: R) -> R {
    let bytes = saved(|state| from.save(state));
    let mut state = StateReader::new(&bytes);
    to.load(&mut state).expect("its own state");
    state.finish().expect("all of it");
    to
}
