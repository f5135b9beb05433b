//! Figures of a curve: of equity, or of a price that is held.

use super::returns::{Moments, Ratios, Span, finite};

/// A curve of exact values in one unit: at the start, and at the close of each bar.
pub(crate) struct Curve {
    pub(crate) start: i128,
    pub(crate) values: Vec<i128>,
    pub(crate) span: Span,
}

/// What a curve comes to; see the table of [`crate::Metrics`].
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Figures {
    pub(crate) total_return: Option<f64>,
    pub(crate) annual_return: Option<f64>,
    pub(crate) ratios: Ratios,
    pub(crate) calmar: Option<f64>,
    pub(crate) max_drawdown: Option<f64>,
    pub(crate) max_drawdown_bars: Option<f64>,
}

impl Curve {
    /// Every figure; all `None` for a curve that does not begin above 0.
    pub(crate) fn figures(&self) -> Figures {
        let Some(last) = self.values.last().copied().filter(|_| self.start > 0) else {
            return Figures::default();
        };
        let annual_return = quotient(last, self.start).and_then(|factor| self.span.annual(factor));
        let (max_drawdown, bars) = self.drawdown();
        let calmar = match (annual_return, max_drawdown) {
            (Some(annual), Some(drawdown)) if drawdown > 0.0 => finite(annual / drawdown),
            (None | Some(_), None | Some(_)) => None,
        };
        Figures {
            total_return: change(self.start, last),
            annual_return,
            ratios: self
                .returns()
                .map_or_else(Ratios::default, |returns| Moments::of(&returns).ratios(self.span)),
            calmar,
            max_drawdown,
            max_drawdown_bars: Some(bars as f64),
        }
    }

    /// The simple return of each bar but the first; `None` where one has no meaning because the value before it is not
    /// above 0.
    pub(crate) fn returns(&self) -> Option<Vec<f64>> {
        self.values
            .windows(2)
            .map(|pair| if let [from, to] = pair { change(*from, *to) } else { None })
            .collect()
    }

    /// The deepest fall below the highest value so far, as a fraction of it, and the most bars from a highest value to
    /// the next as high, or to the end. The start stands before the first bar and is above 0.
    fn drawdown(&self) -> (Option<f64>, usize) {
        let (mut peak, mut peak_at) = (self.start, 0);
        let (mut deepest, mut longest) = (Some(0.0), 0);
        for (at, value) in (1..).zip(&self.values) {
            if *value < peak {
                longest = longest.max(at - peak_at);
                let depth = change(peak, *value).map(|change| -change);
                deepest = match (deepest, depth) {
                    (Some(deepest), Some(depth)) => Some(if depth > deepest { depth } else { deepest }),
                    (None, _) | (_, None) => None,
                };
                continue;
            }
            if at - peak_at > 1 {
                longest = longest.max(at - peak_at);
            }
            (peak, peak_at) = (*value, at);
        }
        (deepest, longest)
    }
}

/// `to / from`; `None` unless `from` is above 0.
fn quotient(to: i128, from: i128) -> Option<f64> {
    if from > 0 { finite(to as f64 / from as f64) } else { None }
}

/// `(to − from) / from`, the difference exact; `None` unless `from` is above 0.
fn change(from: i128, to: i128) -> Option<f64> {
    quotient(to.checked_sub(from)?, from)
}
