//! Closed bars.

use crate::{Grid, Price, Qty, UnixNanos};

/// Volume by aggressor: what takers bought and what they sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TakerVolume {
    /// Quantity bought by takers.
    pub buy: Qty,
    /// Quantity sold by takers.
    pub sell: Qty,
}

/// What a [`Bar`] is made from; see [`Bar::new`] for the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BarFields {
    /// Grid of every price and quantity below.
    pub grid: Grid,
    /// Start of the interval, inclusive.
    pub ts_open: UnixNanos,
    /// End of the interval, exclusive.
    pub ts_close: UnixNanos,
    /// When the closed bar could first be known; at or after `ts_close`.
    pub ts_available: UnixNanos,
    /// First price.
    pub open: Price,
    /// Highest price.
    pub high: Price,
    /// Lowest price.
    pub low: Price,
    /// Last price.
    pub close: Price,
    /// Quantity traded.
    pub volume: Qty,
    /// Quantity by aggressor, where the source tells it.
    pub taker: Option<TakerVolume>,
}

/// A closed bar of one instrument. Only bars that keep the rules of [`Bar::new`] exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Bar(BarFields);

impl Bar {
    /// A bar from its fields.
    ///
    /// # Errors
    /// [`BarError`] unless `ts_open < ts_close <= ts_available`, `low <= open, close <= high`, and taker
    /// volumes, where given, do not exceed the volume together.
    #[inline]
    pub fn new(fields: BarFields) -> Result<Self, BarError> {
        let f = &fields;
        if f.ts_open >= f.ts_close {
            return Err(BarError::Interval { ts_open: f.ts_open, ts_close: f.ts_close });
        }
        if f.ts_available < f.ts_close {
            return Err(BarError::Available { ts_close: f.ts_close, ts_available: f.ts_available });
        }
        if f.high < f.low {
            return Err(BarError::HighBelowLow);
        }
        if f.open < f.low || f.open > f.high {
            return Err(BarError::OpenOutside);
        }
        if f.close < f.low || f.close > f.high {
            return Err(BarError::CloseOutside);
        }
        if let Some(taker) = f.taker
            && taker.buy.raw() + taker.sell.raw() > f.volume.raw()
        {
            return Err(BarError::TakerVolume);
        }
        Ok(Self(fields))
    }

    /// All fields.
    #[inline]
    #[must_use]
    pub const fn fields(&self) -> &BarFields {
        &self.0
    }

    /// The grid of the bar's numbers.
    #[inline]
    #[must_use]
    pub const fn grid(&self) -> Grid {
        self.0.grid
    }

    /// Start of the interval, inclusive.
    #[inline]
    #[must_use]
    pub const fn ts_open(&self) -> UnixNanos {
        self.0.ts_open
    }

    /// End of the interval, exclusive.
    #[inline]
    #[must_use]
    pub const fn ts_close(&self) -> UnixNanos {
        self.0.ts_close
    }

    /// When the closed bar could first be known.
    #[inline]
    #[must_use]
    pub const fn ts_available(&self) -> UnixNanos {
        self.0.ts_available
    }

    /// First price.
    #[inline]
    #[must_use]
    pub const fn open(&self) -> Price {
        self.0.open
    }

    /// Highest price.
    #[inline]
    #[must_use]
    pub const fn high(&self) -> Price {
        self.0.high
    }

    /// Lowest price.
    #[inline]
    #[must_use]
    pub const fn low(&self) -> Price {
        self.0.low
    }

    /// Last price.
    #[inline]
    #[must_use]
    pub const fn close(&self) -> Price {
        self.0.close
    }

    /// Quantity traded.
    #[inline]
    #[must_use]
    pub const fn volume(&self) -> Qty {
        self.0.volume
    }

    /// Quantity by aggressor, where the source tells it.
    #[inline]
    #[must_use]
    pub const fn taker(&self) -> Option<TakerVolume> {
        self.0.taker
    }
}

/// Why fields are no bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BarError {
    /// The interval is empty or reversed.
    #[error("close time {ts_close} is not after open time {ts_open}")]
    Interval {
        /// Open time found.
        ts_open: UnixNanos,
        /// Close time found.
        ts_close: UnixNanos,
    },
    /// Known before it was closed.
    #[error("available at {ts_available}, before its close at {ts_close}: only closed bars are used")]
    Available {
        /// Close time found.
        ts_close: UnixNanos,
        /// Time of availability found.
        ts_available: UnixNanos,
    },
    /// The highest price is below the lowest.
    #[error("high is below low")]
    HighBelowLow,
    /// The open lies outside the range.
    #[error("open is outside [low, high]")]
    OpenOutside,
    /// The close lies outside the range.
    #[error("close is outside [low, high]")]
    CloseOutside,
    /// Taker volumes exceed the volume.
    #[error("taker buy and sell volume together exceed the volume")]
    TakerVolume,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields() -> BarFields {
        let price = |raw| Price::from_raw(raw).unwrap_or_default();
        BarFields {
            grid: Grid::default(),
            ts_open: UnixNanos(0),
            ts_close: UnixNanos(60),
            ts_available: UnixNanos(60),
            open: price(10),
            high: price(12),
            low: price(9),
            close: price(11),
            volume: Qty::from_raw(5).unwrap_or_default(),
            taker: None,
        }
    }

    #[test]
    fn a_valid_bar_keeps_its_fields() {
        assert_eq!(Bar::new(fields()).map(|bar| *bar.fields()), Ok(fields()));
    }

    #[test]
    fn every_broken_rule_has_its_error() {
        let with = |change: &dyn Fn(&mut BarFields)| {
            let mut fields = fields();
            change(&mut fields);
            Bar::new(fields).err()
        };
        let raw = |raw| Price::from_raw(raw).unwrap_or_default();
        assert_eq!(
            with(&|f| f.ts_close = UnixNanos(0)),
            Some(BarError::Interval { ts_open: UnixNanos(0), ts_close: UnixNanos(0) })
        );
        assert_eq!(
            with(&|f| f.ts_available = UnixNanos(59)),
            Some(BarError::Available { ts_close: UnixNanos(60), ts_available: UnixNanos(59) })
        );
        assert_eq!(with(&|f| f.high = raw(8)), Some(BarError::HighBelowLow));
        assert_eq!(with(&|f| f.open = raw(13)), Some(BarError::OpenOutside));
        assert_eq!(with(&|f| f.open = raw(8)), Some(BarError::OpenOutside));
        assert_eq!(with(&|f| f.close = raw(13)), Some(BarError::CloseOutside));
        assert_eq!(with(&|f| f.close = raw(8)), Some(BarError::CloseOutside));
        let qty = |raw| Qty::from_raw(raw).unwrap_or_default();
        assert_eq!(
            with(&|f| f.taker = Some(TakerVolume { buy: qty(3), sell: qty(3) })),
            Some(BarError::TakerVolume)
        );
    }
}
