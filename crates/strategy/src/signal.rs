//! What a strategy wants, and why.

use observation::Action;

/// What a strategy wants at the close of a bar, and why.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Signal {
    /// What it wants.
    pub action: Action,
    /// Why.
    pub why: Why,
    /// What the entry model said.
    pub entry: Reading,
    /// What the exit model said.
    pub exit: Reading,
    /// Expected gain of the entry as a fraction of the price, before costs; `None` where none was weighed.
    pub edge: Option<f64>,
}

/// What a model said.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reading {
    /// It was not asked, or there is none.
    None,
    /// Its prediction.
    Value(f64),
    /// A block filter stands.
    Blocked,
    /// A value is missing or a sequence not full.
    NotReady,
    /// Windows are not full.
    WarmUp,
}

impl Reading {
    /// The prediction, if there is one.
    #[must_use]
    pub const fn value(self) -> Option<f64> {
        match self {
            Self::Value(value) => Some(value),
            Self::None | Self::Blocked | Self::NotReady | Self::WarmUp => None,
        }
    }
}

/// Why a strategy wants what it wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// The strategy does so always.
    Always,
    /// Flat, and the entry model's windows are not full.
    WarmUp,
    /// Flat, and the entry model has no input.
    NotReady,
    /// Flat, and a filter blocks.
    Blocked,
    /// Flat, and bars must pass since the last exit.
    Cooldown,
    /// Flat, and the prediction is below its threshold, or for a side that is not allowed.
    BelowThreshold,
    /// Flat, and the expected gain does not exceed costs.
    BelowCosts,
    /// The prediction beats its threshold and the gain its costs.
    Entry,
    /// Open, and nothing says to close.
    Holding,
    /// Open, and the exit model says close.
    ExitModel,
    /// Open for as long as it may be.
    ExitTime,
}

impl Why {
    /// Its name in logs and records, such as `below-costs`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::WarmUp => "warm-up",
            Self::NotReady => "not-ready",
            Self::Blocked => "blocked",
            Self::Cooldown => "cooldown",
            Self::BelowThreshold => "below-threshold",
            Self::BelowCosts => "below-costs",
            Self::Entry => "entry",
            Self::Holding => "holding",
            Self::ExitModel => "exit-model",
            Self::ExitTime => "exit-time",
        }
    }
}
