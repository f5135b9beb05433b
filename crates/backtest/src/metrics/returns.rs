//! Mean and spread of returns, and what a year makes of them.

/// Nanoseconds of a year of 365.25 days.
const YEAR_NS: f64 = 365.25 * 86_400e9;

/// The shortest span that is made a year of: 30 days. Less, taken to the power of a year, says nothing.
const ANNUAL_NS: i128 = 30 * 86_400_000_000_000;

/// A deviation up to this part of the largest return is rounding: each return is a quotient of rounded numbers, off by a
/// few parts in 2^53.
const ROUNDING: f64 = 1e-14;

/// How much time a run spans: from the close of its first bar to that of its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) ns: i128,
}

impl Span {
    /// In years; `None` where it is not above 0.
    fn years(self) -> Option<f64> {
        (self.ns > 0).then(|| self.ns as f64 / YEAR_NS)
    }

    /// What grows by that factor in the span grows in a year by this fraction; `None` for a factor that is not above 0,
    /// a span below 30 days, and growth beyond what a float holds.
    pub(crate) fn annual(self, factor: f64) -> Option<f64> {
        if factor > 0.0 && self.ns >= ANNUAL_NS {
            finite(libm::pow(factor, 1.0 / self.years()?) - 1.0)
        } else {
            None
        }
    }
}

/// A number that is one.
pub(crate) fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

/// Sums over returns, about a number near their mean, so that what is subtracted is small.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Moments {
    shift: f64,
    count: u64,
    /// Σ (r − shift) and Σ (r − shift)².
    sum: f64,
    squares: f64,
    /// Σ min(r, 0)².
    below: f64,
    /// The largest |r|.
    largest: f64,
}

/// What returns come to; see the table of [`crate::Metrics`].
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Ratios {
    pub(crate) volatility: Option<f64>,
    pub(crate) sharpe: Option<f64>,
    pub(crate) sortino: Option<f64>,
}

impl Moments {
    /// Of no returns yet.
    pub(crate) const fn about(shift: f64) -> Self {
        Self { shift, count: 0, sum: 0.0, squares: 0.0, below: 0.0, largest: 0.0 }
    }

    /// Of all of them, about their mean.
    pub(crate) fn of(returns: &[f64]) -> Self {
        let mut moments = Self::about(mean(returns));
        for value in returns {
            moments.push(*value);
        }
        moments
    }

    pub(crate) fn push(&mut self, value: f64) {
        let off = value - self.shift;
        self.count += 1;
        self.sum += off;
        self.squares += off * off;
        if value < 0.0 {
            self.below += value * value;
        }
        if value.abs() > self.largest {
            self.largest = value.abs();
        }
    }

    /// The figures of returns that cover that span; all `None` for fewer than 2 returns or an empty span.
    pub(crate) fn ratios(&self, span: Span) -> Ratios {
        let Some(years) = span.years().filter(|_| self.count >= 2) else { return Ratios::default() };
        let count = self.count as f64;
        let year = (count / years).sqrt();
        let mean = self.shift + self.sum / count;
        let (deviation, downside) = (self.deviation(), (self.below / count).sqrt());
        let over = |spread: f64| if spread > 0.0 { finite(mean / spread * year) } else { None };
        Ratios { volatility: finite(deviation * year), sharpe: over(deviation), sortino: over(downside) }
    }

    /// Standard deviation, ddof 1; 0 where it is no more than rounding.
    fn deviation(&self) -> f64 {
        let count = self.count as f64;
        let variance = (self.squares - self.sum * self.sum / count) / (count - 1.0);
        let deviation = if variance > 0.0 { variance.sqrt() } else { 0.0 };
        if deviation > ROUNDING * self.largest { deviation } else { 0.0 }
    }
}

/// The mean; 0 of nothing.
pub(crate) fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}
