//! One row of a bar file, whatever the file is.

use crate::BarFileOptions;
use crate::decimal::Decimal;
use crate::number::NumberRule;

/// A number of a bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    Open,
    High,
    Low,
    Close,
    Volume,
    TakerBuy,
    TakerSell,
}

impl Field {
    pub(crate) const COUNT: usize = 7;
    pub(crate) const ALL: [Self; Self::COUNT] =
        [Self::Open, Self::High, Self::Low, Self::Close, Self::Volume, Self::TakerBuy, Self::TakerSell];

    /// Its name in files of our own and in messages.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::High => "high",
            Self::Low => "low",
            Self::Close => "close",
            Self::Volume => "volume",
            Self::TakerBuy => "taker_buy_volume",
            Self::TakerSell => "taker_sell_volume",
        }
    }

    /// The names a column of it may have, in lower case.
    pub(crate) const fn column_names(self) -> &'static [&'static str] {
        match self {
            Self::Open => &["open", "o", "open_price"],
            Self::High => &["high", "h", "high_price"],
            Self::Low => &["low", "l", "low_price"],
            Self::Close => &["close", "c", "close_price"],
            Self::Volume => &["volume", "v", "vol", "base_volume"],
            Self::TakerBuy => &[
                "taker_buy_volume",
                "taker_buy_base",
                "taker_buy_base_volume",
                "taker_buy_base_asset_volume",
            ],
            Self::TakerSell => &[
                "taker_sell_volume",
                "taker_sell_base",
                "taker_sell_base_volume",
                "taker_sell_base_asset_volume",
            ],
        }
    }

    /// Whether it is a price; otherwise a quantity.
    pub(crate) const fn is_price(self) -> bool {
        match self {
            Self::Open | Self::High | Self::Low | Self::Close => true,
            Self::Volume | Self::TakerBuy | Self::TakerSell => false,
        }
    }

    /// What its number must be.
    pub(crate) fn rule(self, options: &BarFileOptions) -> NumberRule {
        if self.is_price() {
            NumberRule {
                what: "price",
                option: "--price-decimals",
                scale: options.grid.map(feature_api::Grid::price_scale),
                noise: Some(options.noise),
            }
        } else {
            NumberRule {
                what: "quantity",
                option: "--volume-decimals",
                scale: options.grid.map(feature_api::Grid::qty_scale),
                noise: Some(options.noise),
            }
        }
    }
}

/// A row as it was read: a cell that was a problem, or is not in the file, is `None`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Row {
    /// Line, from 1.
    pub(crate) line: u64,
    /// The time column.
    pub(crate) time: Option<i64>,
    /// The end of the bar, where the file says it.
    pub(crate) ts_close: Option<i64>,
    /// When the bar could be known, where the file says it.
    pub(crate) ts_available: Option<i64>,
    /// The numbers, in the order of [`Field::ALL`].
    pub(crate) numbers: [Option<Decimal>; Field::COUNT],
}

/// A row without a problem of its own, waiting for the rest of the file to tell grid and interval.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Draft {
    pub(crate) line: u64,
    pub(crate) time: i64,
    /// `i64::MIN` where the file does not say.
    pub(crate) ts_available: i64,
    pub(crate) numbers: [Decimal; Field::COUNT],
}
