//! What lines of more than one table have in common.

use crate::operators::{Adx, Atr, Ema, Macd, Rsi};
use crate::sets::table::{Look, recursive};
use crate::window::Window;

/// A window of `n` bars.
pub(super) const fn w(n: u32) -> Window {
    Window::clamped(n)
}

/// How far back EMAn looks.
pub(super) const fn ema(n: u32) -> Look {
    recursive(n - 1, Ema::convergence(w(n)))
}

/// How far back RSIn looks.
pub(super) const fn rsi(n: u32) -> Look {
    recursive(n, Rsi::convergence(w(n)))
}

/// How far back ATRn looks.
pub(super) const fn atr(n: u32) -> Look {
    recursive(n, Atr::convergence(w(n)))
}

/// How far back ±DIn look.
pub(super) const fn di(n: u32) -> Look {
    recursive(n, Adx::convergence(w(n)))
}

/// How far back ADXn looks.
pub(super) const fn adx(n: u32) -> Look {
    recursive(2 * n - 1, Adx::convergence(w(n)))
}

/// How far back the MACD of 12, 26 and 9 bars looks, its signal with it.
pub(super) const MACD: Look = recursive(33, Macd::convergence(w(26), w(9)));

pub(super) const NEVER: &str = "0 where the close never changed";
pub(super) const NO_CLOSE: &str = "0 where the close before is 0";
pub(super) const NO_RANGE: &str = "0 where the window has no range";
pub(super) const STILL: &str = "where nothing moves, 0 in the seed and what it was afterwards";
pub(super) const FLAT: &str = "0 where all are equal";

pub(super) const SMA_DOC: &str = "Simple moving average of the close (TA-Lib SMA).";
pub(super) const EMA_DOC: &str =
    "Exponential moving average of the close, seeded with the mean of its first inputs (TA-Lib EMA).";
pub(super) const RSI_DOC: &str = "Relative strength index (TA-Lib RSI).";
pub(super) const MACD_DOC: &str =
    "Moving average convergence/divergence; valid together with its signal (TA-Lib MACD).";
pub(super) const ATR_DOC: &str = "Average true range (TA-Lib ATR).";
pub(super) const ADX_DOC: &str = "Average directional index (TA-Lib ADX).";
pub(super) const OBV_DOC: &str = "Change of the on-balance volume over 20 bars: the volume of rising bars less that of falling ones (TA-Lib OBV).";
pub(super) const STD_DOC: &str =
    "Standard deviation (ddof 0) of the simple returns, each rounded once to 2^-64 (TA-Lib STDDEV).";
pub(super) const LAG_DOC: &str = "Simple return of an earlier bar.";
pub(super) const SKEW_DOC: &str =
    "Skewness of the population of the simple returns, each rounded once to 2^-52.";
pub(super) const KURTOSIS_DOC: &str =
    "Excess kurtosis (Fisher) of the population of the simple returns, each rounded once to 2^-52.";
