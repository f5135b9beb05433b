//! What is wanted, and what it came to.

use execution::{Account, Money, Order, Working};
use feature_api::{Bar, Grid, Price, Side, UnixNanos};

/// What is wanted: by a strategy or by an agent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Action {
    /// Leave everything as it is.
    Hold,
    /// Close what is open. An order at work that adds to it is replaced; where nothing is open yet, an order that opens
    /// cannot be taken back.
    Flat,
    /// Open a position of full size where there is none, with levels at these fractions of the mark.
    Enter {
        /// Which way.
        side: Side,
        /// Distance of the stop, above 0 (below 1 for a long).
        stop: Option<f64>,
        /// Distance of the take-profit, above 0 (below 1 for a short).
        take: Option<f64>,
    },
    /// Bring the position to this share of full size: −1 (short) to 1 (long), 0 is flat. Without levels. One step never
    /// crosses zero: the opposite share closes first. A share is the decimal that the float denotes, and its lots are
    /// rounded down.
    Exposure(f64),
}

/// How large a position of full size is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sizing {
    /// A fraction of equity; above 0. It is the decimal that the float denotes, exactly.
    EquityFraction(f64),
    /// A value in quote currency; above 0.
    Notional(Money),
    /// Lots; above 0.
    Lots(i64),
}

/// What the mapper looks at.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The market as it stands.
    pub mark: Mark,
    /// The books, after all fills until then.
    pub account: &'a Account,
    /// The order at work.
    pub working: Option<AtWork>,
}

/// The market at a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Grid of the price.
    pub grid: Grid,
    /// What a position is valued at, and what sizes and levels are made of: the close of a bar.
    pub price: Price,
    /// What the decision is made on happened until then.
    pub ts_event: UnixNanos,
    /// When it could be known, and so an order be sent.
    pub ts_available: UnixNanos,
}

/// The order at work, as far as an action is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AtWork {
    /// Lots still to be filled, signed.
    pub left: i64,
    /// Whether it closes a position.
    pub is_closing: bool,
    /// Whether it is on its way: it cannot be replaced then.
    pub is_in_flight: bool,
}

impl From<&Bar> for Mark {
    fn from(bar: &Bar) -> Self {
        Self {
            grid: bar.grid(),
            price: bar.close(),
            ts_event: bar.ts_close(),
            ts_available: bar.ts_available(),
        }
    }
}

impl From<&Working> for AtWork {
    fn from(working: &Working) -> Self {
        let Working { left, is_closing, latency_left, .. } = *working;
        Self { left, is_closing, is_in_flight: latency_left > 0 }
    }
}

/// What an action came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mapped {
    /// Lots held once the order is filled, or, without one, what is at work; signed.
    pub target: i64,
    /// The order to submit; `None` where none is needed or allowed.
    pub order: Option<Order>,
    /// Why the order is not what the action asked for; `None` where it is.
    pub reason: Option<Reason>,
    /// Equity at the mark.
    pub equity: Money,
}

/// Why an order is not what the action asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Made smaller, to stay within `max_position_notional`, `max_order_notional` or `max_leverage`; to nothing where not
    /// a lot is within.
    Clipped,
    /// The size comes to no whole lot.
    BelowLot,
    /// The order would be worth less than the instrument's minimum notional.
    BelowMinNotional,
    /// An order is at work that cannot be replaced, or not by this one.
    OrderAtWork,
    /// A position is open already.
    PositionOpen,
    /// The mark is not above 0: no size can be told. What closes all is ordered nevertheless.
    Price,
    /// A level of the bracket lies on the wrong side of the mark, on the mark, or not above 0, once rounded to the tick.
    Bracket,
    /// `max_entries_per_day` positions were opened today.
    EntriesPerDay,
    /// `max_daily_loss` is exceeded: flat until the next UTC day.
    DailyLoss,
    /// `max_drawdown` is exceeded: flat for good.
    Drawdown,
    /// Equity is not above 0: flat for good.
    Bankrupt,
    /// The exposure is not a number from −1 to 1, or a distance of the bracket is not a number: nothing is done.
    NotANumber,
}

impl Reason {
    /// Its name in logs and records, such as `below-min-notional`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Clipped => "clipped",
            Self::BelowLot => "below-lot",
            Self::BelowMinNotional => "below-min-notional",
            Self::OrderAtWork => "order-at-work",
            Self::PositionOpen => "position-open",
            Self::Price => "price",
            Self::Bracket => "bracket",
            Self::EntriesPerDay => "entries-per-day",
            Self::DailyLoss => "daily-loss",
            Self::Drawdown => "drawdown",
            Self::Bankrupt => "bankrupt",
            Self::NotANumber => "not-a-number",
        }
    }
}
