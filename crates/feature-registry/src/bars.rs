//! Bars from trades, as the newest version builds them: for looking at, and as bars of a file.

use feature_api::{Event, Grid, MAX_RAW, Price, Qty, Trade, UnixNanos, UpdateError};
use features_v2::bars::{AnyBars, BarRule as _, ClosedBar, Statistics};
use features_v2::market::Tape;

/// Names of the kinds of bars; see [`Bars::new`].
pub const KINDS: [&str; 7] = AnyBars::KINDS;

/// Builds bars of a kind from trades: the very code of `features-v2`.
#[derive(Debug)]
pub struct Bars {
    tape: Tape,
    rule: AnyBars,
    grid: Grid,
}

/// A closed bar with everything that is known of its trades.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BuiltBar {
    /// Start of the interval; of bars that no clock closes the time of the first trade.
    pub ts_open: UnixNanos,
    /// End of the interval; of bars that no clock closes the time of the last trade.
    pub ts_close: UnixNanos,
    /// When the bar could first be known.
    pub ts_available: UnixNanos,
    /// First price.
    pub open: Price,
    /// Highest price.
    pub high: Price,
    /// Lowest price.
    pub low: Price,
    /// Last price.
    pub close: Price,
    /// Quantity.
    pub volume: Qty,
    /// Quantity that takers bought.
    pub taker_buy: Qty,
    /// Trades.
    pub trades: u64,
    /// Empty intervals before it.
    pub skipped: u64,
    /// Σ price·quantity, in quote units, correctly rounded.
    pub dollar_volume: f64,
    /// Volume-weighted price; the close where nothing was traded.
    pub vwap: f64,
    /// The intra-bar statistics, by name.
    pub statistics: [(&'static str, f64); 7],
}

impl Bars {
    /// Bars of the kind of that name in [`KINDS`], of a size in its unit: milliseconds (time), trades (tick), units of
    /// quantity (volume), quote units (dollar), expected trades (imbalance). `None` for another name or a size of 0.
    #[must_use]
    pub fn new(kind: &str, size: u32, grid: Grid) -> Option<Self> {
        let number = KINDS.iter().position(|name| *name == kind)? + 1;
        let rule = AnyBars::by_kind(u32::try_from(number).ok()?, size, grid)?;
        Some(Self { tape: Tape::default(), rule, grid })
    }

    /// Takes a trade, or hears the venue's clock; other events are no matter here. `None` where no bar closed. A trade
    /// that comes twice or late is dropped and counted.
    ///
    /// # Errors
    /// [`UpdateError::Grid`] and [`UpdateError::Volume`], as from a feature set; nothing is changed then.
    #[allow(clippy::wildcard_enum_match_arm, reason = "bars are made of trades alone")]
    pub fn update(&mut self, event: &Event<'_>) -> Result<Option<BuiltBar>, UpdateError> {
        let closed = match event {
            Event::Trade(trade) => self.trade(trade)?,
            Event::Clock(time) if self.tape.clock(*time) => self.rule.clock(time.0),
            _ => None,
        };
        Ok(closed.map(|bar| self.built(&bar)))
    }

    fn trade(&mut self, trade: &Trade) -> Result<Option<ClosedBar>, UpdateError> {
        if trade.grid != self.grid {
            return Err(UpdateError::Grid { expected: self.grid, found: trade.grid });
        }
        if self.rule.volume() + trade.quantity.raw() > MAX_RAW {
            return Err(UpdateError::Volume);
        }
        Ok(self.tape.take(trade).and_then(|print| self.rule.update(&print)))
    }

    /// What was dropped, and how many were taken, by name.
    #[must_use]
    pub fn counters(&self) -> Vec<(&'static str, u64)> {
        self.tape.counters().to_vec()
    }

    fn built(&self, bar: &ClosedBar) -> BuiltBar {
        let sums = &bar.sums;
        let price = |raw| Price::from_raw(raw).unwrap_or_default();
        let quantity = |raw| Qty::from_raw(raw).unwrap_or_default();
        let Statistics {
            trade_imbalance,
            tick_volatility,
            taker_ratio,
            tick_skew,
            tick_kurtosis,
            price_changes,
            direction_changes,
        } = Statistics::of(sums);
        BuiltBar {
            ts_open: UnixNanos(bar.ts_open),
            ts_close: UnixNanos(bar.ts_close),
            ts_available: self.tape.available(),
            open: price(sums.open),
            high: price(sums.high),
            low: price(sums.low),
            close: price(sums.close),
            volume: quantity(sums.volume),
            taker_buy: quantity(sums.buy),
            trades: sums.trades,
            skipped: bar.skipped,
            dollar_volume: bar.dollar_volume(self.grid),
            vwap: bar.vwap(self.grid),
            statistics: [
                ("trade_imbalance", trade_imbalance),
                ("tick_volatility", tick_volatility),
                ("taker_ratio", taker_ratio),
                ("tick_skew", tick_skew),
                ("tick_kurtosis", tick_kurtosis),
                ("price_changes", price_changes),
                ("direction_changes", direction_changes),
            ],
        }
    }
}
