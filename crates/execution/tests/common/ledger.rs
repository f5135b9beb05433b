//! Books recomputed from the fills, and nothing else.

#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(dead_code, reason = "each test file uses a part")]

use execution::{Account, ExitReason, Fill, FillKind, Market, Trade};
use feature_api::{Price, Side};

/// The sum of what fills say, and nothing else: in units of 1e-18.
#[derive(Debug, Default)]
pub struct Ledger {
    pub lots: i64,
    /// Σ lots·price and Σ fees, of all fills.
    pub paid: i128,
    pub fees: i128,
    /// The fills since it was flat.
    pub open: Vec<Fill>,
    pub net_of_trades: i128,
}

pub fn value(unit: i128, fill: &Fill) -> i128 {
    i128::from(fill.price.raw()) * i128::from(fill.lots) * unit
}

/// Takes in a fill: the trade that it completes.
pub fn record(ledger: &mut Ledger, unit: i128, fill: &Fill) -> Option<Vec<Fill>> {
    let before = ledger.lots;
    ledger.lots += fill.lots;
    assert!(before.signum() * ledger.lots.signum() >= 0, "a fill crosses zero: {fill:?}");
    ledger.paid += value(unit, fill);
    ledger.fees += fill.fee.units();
    ledger.open.push(*fill);
    (ledger.lots == 0).then(|| core::mem::take(&mut ledger.open))
}

/// A trade is what its fills say.
pub fn check_trade(ledger: &mut Ledger, unit: i128, fills: &[Fill], trade: &Trade) {
    let (first, last) = (fills[0], fills[fills.len() - 1]);
    let sum = |of: &dyn Fn(&Fill) -> i128| fills.iter().map(of).sum::<i128>();
    let is_entry = |fill: &Fill| (fill.lots > 0) == (first.lots > 0);
    let entry = sum(&|fill| {
        if is_entry(fill) { value(unit, fill).abs() * i128::from(fill.price.raw().signum()) } else { 0 }
    });
    assert_eq!(trade.side, if first.lots > 0 { Side::Long } else { Side::Short });
    assert_eq!((trade.ts_entry, trade.ts_exit), (first.ts, last.ts));
    assert_eq!(i128::from(trade.lots), sum(&|fill| i128::from(fill.lots.abs())) / 2);
    assert_eq!(trade.entry_value.units(), entry);
    assert_eq!(trade.gross.units(), -sum(&|fill| value(unit, fill)));
    assert_eq!(trade.fees.units(), sum(&|fill| fill.fee.units()));
    assert_eq!(trade.spread.units(), sum(&|fill| fill.spread.units()));
    assert_eq!(trade.slippage.units(), sum(&|fill| fill.slippage.units()));
    assert_eq!(trade.net().units(), trade.gross.units() - trade.fees.units());
    let exit = match last.kind {
        FillKind::Market => ExitReason::Signal,
        FillKind::Stop => ExitReason::Stop,
        FillKind::Take => ExitReason::Take,
    };
    assert_eq!(trade.exit, exit);
    ledger.net_of_trades += trade.net().units();
}

/// The account says what the ledger says.
pub fn check_books(account: &Account, ledger: &Ledger, market: &Market, mark: Price, unit: i128) {
    let start = account.start().units();
    assert_eq!(account.lots(), ledger.lots);
    assert_eq!(account.fees().units(), ledger.fees);
    assert_eq!(account.cash().units(), start - ledger.paid - ledger.fees);
    let worth = i128::from(mark.raw()) * i128::from(ledger.lots) * unit;
    let equity = account.equity(market, mark).unwrap().units();
    assert_eq!(equity, account.cash().units() + worth);
    let unrealised = account.unrealised(market, mark).unwrap().units();
    assert_eq!(equity, start + account.realised().units() + unrealised - account.fees().units());
    let open: i128 = ledger.open.iter().map(|fill| -value(unit, fill) - fill.fee.units()).sum();
    assert_eq!(equity - start, ledger.net_of_trades + open + worth);
    match account.position(market) {
        Some(view) => {
            assert_eq!(view.lots, ledger.lots);
            assert_eq!(view.position.ts_entry, ledger.open[0].ts);
            let entries = ledger.open.iter().filter(|fill| (fill.lots > 0) == (ledger.lots > 0));
            let (least, most) =
                (entries.clone().map(|fill| fill.price).min(), entries.map(|fill| fill.price).max());
            assert!(least <= Some(view.position.entry_price) && Some(view.position.entry_price) <= most);
        }
        None => assert_eq!((ledger.lots, unrealised), (0, 0)),
    }
}
