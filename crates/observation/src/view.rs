//! What is held and what is at work, as far as an action is concerned.

use execution::{Account, ExecutionError};

use crate::AtWork;

/// What is held and what is at work.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View {
    /// Lots held, signed.
    pub(crate) lots: i64,
    /// Lots held once what is at work is filled, signed.
    pub(crate) after: i64,
    /// Whether nothing is at work: what opens waits for that.
    pub(crate) is_idle: bool,
    /// Whether an order that closes would be taken. While one is in flight, or closes already, it would not.
    pub(crate) can_close: bool,
}

impl View {
    pub(crate) fn of(account: &Account, working: Option<AtWork>) -> Result<Self, ExecutionError> {
        let lots = account.lots();
        let after = match working {
            None => lots,
            // It closes at most what is open.
            Some(working) if working.is_closing && working.left.unsigned_abs() >= lots.unsigned_abs() => 0,
            Some(working) => lots
                .checked_add(working.left)
                .ok_or(ExecutionError::Overflow { what: "the position once its order is filled" })?,
        };
        let can_close = working.is_none_or(|working| !working.is_closing && !working.is_in_flight);
        Ok(Self { lots, after, is_idle: working.is_none(), can_close })
    }
}
