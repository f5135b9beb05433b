//! The 24 features of `flow`.

use feature_api::Range::{Any, AtLeast, Between};

use super::FlowParams;
use super::ranks::BarFlow;
use crate::arithmetic::{Divisor, quotient, ratio};
use crate::sets::book::Touch;
use crate::sets::table::{BOOK, Look, features, finite, finite_on};

/// What is known when a bar closes.
pub(super) struct Inputs {
    pub(super) touch: Option<Touch>,
    /// Σ quantity over 10 levels a side.
    pub(super) depth: Option<f64>,
    /// Over 1, 5 and 10 levels.
    pub(super) imbalance: [Option<f64>; 3],
    pub(super) flow: BarFlow,
    pub(super) quantity: Divisor,
    pub(super) buy: i64,
    pub(super) sell: i64,
    pub(super) trades: u64,
    /// Steps of quantity in a unit.
    pub(super) unit: u128,
    pub(super) vpin: Option<f64>,
    pub(super) signed_volume: Option<f64>,
    pub(super) kyle: Option<f64>,
    pub(super) amihud: Option<f64>,
    pub(super) roll: Option<f64>,
    /// Realized variance.
    pub(super) realized: Option<f64>,
    pub(super) bipower: Option<f64>,
    pub(super) parkinson: Option<f64>,
    pub(super) garman_klass: Option<f64>,
    pub(super) rogers_satchell: Option<f64>,
    pub(super) yang_zhang: Option<f64>,
}

/// Looks at two states of the book; not valid while it cannot be used.
const CHANGE: Look = Look { warm_up: 1, clock: Some("book events"), ..BOOK };

/// Looks at the last `n` buckets before the one that is being filled.
const fn buckets(n: u32) -> Look {
    finite_on("volume buckets", n + 1)
}

/// A window after the first bar of the stream, which may be a part of one.
const fn after_first(window: u32) -> Look {
    finite(window + 1)
}

features! {
    p: FlowParams, x: &Inputs,
    spread_bps: Some(x.touch?.spread_bps) => "10,000·(ask − bid)/mid", BOOK,
        AtLeast(0.0), "0 where mid is not positive", "Quoted spread. The book is that after the last event before the one which closes the bar, as in all features of the book.";
    book_imbalance_1: x.imbalance[0] => "(qbid − qask)/(qbid + qask)", BOOK,
        Between(-1.0, 1.0), "", "Of the best level.";
    book_imbalance_5: x.imbalance[1] => "(Σqbid − Σqask)/(Σqbid + Σqask), 5 levels", BOOK,
        Between(-1.0, 1.0), "", "Not valid where fewer than 5 levels of a side are known: levels beyond those known need not be empty.";
    book_imbalance_10: x.imbalance[2] => "(Σqbid − Σqask)/(Σqbid + Σqask), 10 levels", BOOK,
        Between(-1.0, 1.0), "", "Not valid where fewer than 10 levels of a side are known.";
    microprice_offset_bps: Some(x.touch?.microprice_offset_bps) => "10,000·(microprice/mid − 1), microprice = (bid·qask + ask·qbid)/(qask + qbid)", BOOK,
        Any, "0 where mid is not positive", "Where the side with less behind it pulls the price; at most half the spread.";
    depth_10_log: Some(libm::log1p(x.depth?)) => "ln(1 + Σq), 10 levels on both sides", BOOK,
        AtLeast(0.0), "", "Quantity at hand. Not valid where fewer than 10 levels of a side are known.";
    ofi_1: Some(x.quantity.divide(x.flow.best?)) => "Σ e over the bar, e = 1[Pb ≥ Pb₋]·qb − 1[Pb ≤ Pb₋]·qb₋ − 1[Pa ≤ Pa₋]·qa + 1[Pa ≥ Pa₋]·qa₋", CHANGE,
        Any, "0 for a bar without a book event", "Order flow imbalance at the best level over the book events since the last close (Cont, Kukanov and Stoikov, 2014). The first state after a synchronisation is no change, and until there is one the feature is not valid.";
    ofi_1_norm: x.flow.best_norm => "ofi_1 / mean of (qb + qa)/2 over the book events of the bar", CHANGE,
        Any, "0 for a bar without a book event", "Over the mean depth of the best level: every state of the book in the bar counts once, however long it stood.";
    ofi_multi_5: x.flow.multi => "Σ over levels 1–5 of that level's Σ e / its mean depth", CHANGE,
        Any, "0 for a bar without a book event", "Levels by rank. Not valid where fewer than 5 levels of a side are known.";
    trade_imbalance: Some(ratio(i128::from(x.buy - x.sell), x.buy + x.sell).unwrap_or(0.0)) => "(B − S)/(B + S)", finite(1),
        Between(-1.0, 1.0), "0 where nothing was traded", "What takers bought less what they sold in the bar.";
    signed_volume_20: x.signed_volume => format!("Σ{0}(B − S) / Σ{0}(B + S)", p.signed_volume), finite(p.signed_volume.get()),
        Between(-1.0, 1.0), "0 where nothing was traded", "The same over more bars: of their sums, no mean of ratios.";
    vpin_50: x.vpin => format!("Σ{} |B − S| / ({0}·{1}/1000)", p.vpin, p.vpin_bucket), buckets(p.vpin.get()),
        Between(0.0, 1.0), "", "Over the last full buckets of volume; trades are split at their edges, sides are those of the aggressor (Easley, López de Prado and O'Hara, 2012). Edges lie where the stream's first trade puts them.";
    kyle_lambda_50: x.kyle => format!("cov(ΔC, B − S)/var(B − S), {} bars", p.kyle), after_first(p.kyle + 1),
        Any, "0 where every B − S is equal", "What a unit of signed volume moves the price by. The first bar of the stream, which may be a part of one, is left out.";
    amihud_50: x.amihud => format!("mean of |ln(C/C₋₁)|/dollar volume, {} bars", p.amihud), after_first(p.amihud.get() + 1),
        AtLeast(0.0), "0 for a bar without dollar volume", "Illiquidity (Amihud, 2002). The first bar of the stream is left out.";
    roll_spread_50: x.roll => format!("2·√max(0, −cov(ΔC, ΔC₋₁)), {} pairs", p.roll), after_first(p.roll + 2),
        AtLeast(0.0), "0 where the covariance is not negative", "Spread implied by bouncing closes, ddof 0 (Roll, 1984). The first bar of the stream is left out.";
    realized_vol_20: Some(x.realized?.sqrt()) => format!("√Σ{} r², r = ln(C/C₋₁)", p.volatility), finite(p.volatility.get() + 1),
        AtLeast(0.0), "a return is 0 where a close is not positive", "Realized volatility.";
    bipower_20: x.bipower => format!("(π/2)·Σ{} |r|·|r₋₁|", p.volatility), finite(p.volatility.get() + 2),
        AtLeast(0.0), "as realized_vol_20", "Variance without its jumps (Barndorff-Nielsen and Shephard, 2004).";
    jump_20: Some(x.realized? - x.bipower?).map(|jump| if jump > 0.0 { jump } else { 0.0 }) => format!("max(Σ{} r² − bipower_20, 0)", p.volatility), finite(p.volatility.get() + 2),
        AtLeast(0.0), "as realized_vol_20", "Variance that came in jumps.";
    parkinson_20: x.parkinson => format!("mean of ln²(H/L)/(4·ln 2), {} bars", p.ranges), finite(p.ranges),
        AtLeast(0.0), "0 for a bar whose low is not positive", "Variance from ranges (Parkinson, 1980).";
    garman_klass_20: x.garman_klass => format!("mean of ½·ln²(H/L) − (2·ln 2 − 1)·ln²(C/O), {} bars", p.ranges), finite(p.ranges),
        AtLeast(0.0), "0 for a bar whose low is not positive", "Variance from ranges and bodies (Garman and Klass, 1980).";
    rogers_satchell_20: x.rogers_satchell => format!("mean of ln(H/C)·ln(H/O) + ln(L/C)·ln(L/O), {} bars", p.ranges), finite(p.ranges),
        AtLeast(0.0), "0 for a bar whose low is not positive", "Variance whatever the drift (Rogers and Satchell, 1991).";
    yang_zhang_20: x.yang_zhang => format!("σo² + k·σc² + (1 − k)·RS, {0} bars; k = 0.34/(1.34 + ({0} + 1)/({0} − 1))", p.ranges), finite(p.ranges + 1),
        AtLeast(0.0), "logarithms of what is not positive are 0", "Variance with the gaps between bars: σo² of ln(O/C₋₁) and σc² of ln(C/O), ddof 1, RS as rogers_satchell_20 (Yang and Zhang, 2000).";
    trade_rate_log: Some(libm::log1p(x.trades as f64)) => "ln(1 + trades)", finite(1),
        AtLeast(0.0), "", "Trades of the bar.";
    avg_trade_size: Some(quotient(i128::from(x.buy + x.sell), u128::from(x.trades.max(1)) * x.unit)) => "quantity/trades", finite(1),
        AtLeast(0.0), "", "Mean quantity of the bar's trades.";
}
