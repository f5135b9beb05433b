//! What was filled since the last decision.

use execution::{ExitReason, Fill, FillKind, Money, Trade};
use feature_api::{Price, RestoreError, Side, StateReader, StateWriter, UnixNanos};

/// Room that is kept from the beginning: more than happens between two decisions, so that a fill allocates nothing.
const ROOM: usize = 16;

/// What was filled since the last decision: it is part of the next one, and so of a state that lies between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pending {
    pub(crate) fills: Vec<Fill>,
    pub(crate) trades: Vec<Trade>,
}

impl Pending {
    pub(crate) fn new() -> Self {
        Self { fills: Vec::with_capacity(ROOM), trades: Vec::with_capacity(ROOM) }
    }

    pub(crate) fn clear(&mut self) {
        self.fills.clear();
        self.trades.clear();
    }

    pub(crate) fn save(&self, state: &mut StateWriter) {
        state.write_u64(self.fills.len() as u64);
        self.fills.iter().for_each(|fill| save_fill(fill, state));
        state.write_u64(self.trades.len() as u64);
        self.trades.iter().for_each(|trade| save_trade(trade, state));
    }

    /// As [`save`](Pending::save) where there is nothing.
    pub(crate) fn save_none(state: &mut StateWriter) {
        state.write_u64(0);
        state.write_u64(0);
    }

    pub(crate) fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.clear();
        // A count beyond the bytes that are there ends with the first of them that is missing.
        for _ in 0..state.read_u64()? {
            self.fills.push(load_fill(state)?);
        }
        for _ in 0..state.read_u64()? {
            self.trades.push(load_trade(state)?);
        }
        Ok(())
    }
}

fn save_fill(fill: &Fill, state: &mut StateWriter) {
    let Fill { order, kind, ts, lots, price, fee, spread, slippage } = *fill;
    state.write_u64(order);
    state.write_u64(match kind {
        FillKind::Market => 0,
        FillKind::Stop => 1,
        FillKind::Take => 2,
    });
    [ts.0, lots, price.raw()].into_iter().for_each(|value| state.write_i64(value));
    [fee, spread, slippage].into_iter().for_each(|amount| state.write_i128(amount.units()));
}

fn load_fill(state: &mut StateReader<'_>) -> Result<Fill, RestoreError> {
    Ok(Fill {
        order: state.read_u64()?,
        kind: match state.read_u64()? {
            0 => FillKind::Market,
            1 => FillKind::Stop,
            2 => FillKind::Take,
            _ => return Err(RestoreError::Invalid { what: "a kind of fill" }),
        },
        ts: UnixNanos(state.read_i64()?),
        lots: state.read_i64()?,
        price: price(state)?,
        fee: money(state)?,
        spread: money(state)?,
        slippage: money(state)?,
    })
}

fn save_trade(trade: &Trade, state: &mut StateWriter) {
    let Trade { side, ts_entry, ts_exit, lots, entry_price, exit_price, .. } = *trade;
    let Trade { entry_value, gross, fees, spread, slippage, bars_held, exit, .. } = *trade;
    state.write_bool(side == Side::Long);
    let integers = [ts_entry.0, ts_exit.0, lots, entry_price.raw(), exit_price.raw()];
    integers.into_iter().for_each(|value| state.write_i64(value));
    let amounts = [entry_value, gross, fees, spread, slippage];
    amounts.into_iter().for_each(|amount| state.write_i128(amount.units()));
    state.write_u64(bars_held.into());
    state.write_u64(match exit {
        ExitReason::Signal => 0,
        ExitReason::Stop => 1,
        ExitReason::Take => 2,
    });
}

fn load_trade(state: &mut StateReader<'_>) -> Result<Trade, RestoreError> {
    Ok(Trade {
        side: if state.read_bool()? { Side::Long } else { Side::Short },
        ts_entry: UnixNanos(state.read_i64()?),
        ts_exit: UnixNanos(state.read_i64()?),
        lots: state.read_i64()?,
        entry_price: price(state)?,
        exit_price: price(state)?,
        entry_value: money(state)?,
        gross: money(state)?,
        fees: money(state)?,
        spread: money(state)?,
        slippage: money(state)?,
        bars_held: u32::try_from(state.read_u64()?)
            .map_err(|_| RestoreError::Invalid { what: "a count of bars below 2^32" })?,
        exit: match state.read_u64()? {
            0 => ExitReason::Signal,
            1 => ExitReason::Stop,
            2 => ExitReason::Take,
            _ => return Err(RestoreError::Invalid { what: "what closed a trade" }),
        },
    })
}

fn price(state: &mut StateReader<'_>) -> Result<Price, RestoreError> {
    Price::from_raw(state.read_i64()?).map_err(|_| RestoreError::Invalid { what: "a price" })
}

fn money(state: &mut StateReader<'_>) -> Result<Money, RestoreError> {
    Ok(Money::from_units(state.read_i128()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_read_back() {
        let amount = |units| Money::from_units(units);
        let price = |raw| Price::from_raw(raw).unwrap();
        let fill = |kind| Fill {
            order: 3,
            kind,
            ts: UnixNanos(-4),
            lots: -5,
            price: price(6),
            fee: amount(7),
            spread: amount(8),
            slippage: amount(1 << 100),
        };
        let trade = |side, exit| Trade {
            side,
            ts_entry: UnixNanos(1),
            ts_exit: UnixNanos(-2),
            lots: 3,
            entry_price: price(4),
            exit_price: price(-5),
            entry_value: amount(6),
            gross: amount(-7),
            fees: amount(8),
            spread: amount(9),
            slippage: amount(10),
            bars_held: 11,
            exit,
        };
        let pending = Pending {
            fills: [FillKind::Market, FillKind::Stop, FillKind::Take].map(fill).to_vec(),
            trades: vec![
                trade(Side::Long, ExitReason::Signal),
                trade(Side::Short, ExitReason::Stop),
                trade(Side::Long, ExitReason::Take),
            ],
        };
        let mut state = StateWriter::new();
        pending.save(&mut state);
        let bytes = state.into_bytes();
        let mut found = Pending::new();
        let mut reader = StateReader::new(&bytes);
        assert_eq!(found.load(&mut reader).and_then(|()| reader.finish()), Ok(()));
        assert_eq!(found, pending);
        for length in 0..bytes.len() {
            let refused = Pending::new().load(&mut StateReader::new(&bytes[..length]));
            assert_eq!(refused, Err(RestoreError::Truncated), "{length} bytes");
        }
    }
}
