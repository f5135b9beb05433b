//! What several sections of the page need of a run.

use execution::Money;
use feature_api::{Price, UnixNanos};

use super::plot::TimeAxis;
use super::{Report, number};
use crate::{Interval, Metric, Point};

/// A report and what follows from it.
pub(super) struct View<'a> {
    pub(super) report: &'a Report<'a>,
    /// Cash at the start; above 0 in any run there is.
    pub(super) start: f64,
    /// Decimals that money is shown with.
    pub(super) decimals: usize,
    /// Decimals of a price.
    pub(super) price_decimals: usize,
    pub(super) time: TimeAxis,
}

impl<'a> View<'a> {
    pub(super) fn new(report: &'a Report<'a>) -> Self {
        let points = &report.run.points;
        let ts = |point: Option<&Point>| point.map_or(UnixNanos(0), |point| point.ts_close);
        Self {
            report,
            start: report.run.start.to_f64(),
            decimals: number::money_decimals(report.run.start),
            price_decimals: usize::from(report.run.market.instrument().tick().scale()),
            time: TimeAxis::new(ts(points.first()), ts(points.last())),
        }
    }

    pub(super) fn points(&self) -> &'a [Point] {
        &self.report.run.points
    }

    /// Points as (per cent across, value).
    pub(super) fn series<F: Fn(&Point) -> f64>(&self, value: F) -> impl Iterator<Item = (f64, f64)> {
        self.points().iter().map(move |point| (self.time.x(point.ts_close), value(point)))
    }

    /// A price as a float.
    pub(super) fn price(&self, price: Price) -> f64 {
        // Both are exact: the quotient is rounded once.
        price.raw() as f64 / libm::pow(10.0, f64::from(self.report.run.market.grid().price_scale()))
    }

    /// A price as text.
    pub(super) fn price_text(&self, price: Price) -> String {
        number::fixed(self.price(price), self.price_decimals)
    }

    /// Money as text, with its sign.
    pub(super) fn signed_money(&self, amount: Money) -> String {
        number::signed_money(amount, self.decimals)
    }

    /// Money as text.
    pub(super) fn money(&self, amount: Money) -> String {
        number::money(amount, self.decimals)
    }

    /// Equity at the end; cash at the start where there are no bars.
    pub(super) fn end(&self) -> Money {
        self.points().last().map_or(self.report.run.start, |point| point.equity)
    }

    /// The first close, where holding from it on has a meaning.
    pub(super) fn first_close(&self) -> Option<f64> {
        self.points().first().map(|point| self.price(point.close)).filter(|close| *close > 0.0)
    }

    /// The figure of that name.
    pub(super) fn metric(&self, name: &str) -> Option<&'a Metric> {
        self.report.metrics.all.iter().find(|metric| metric.name == name)
    }

    /// The interval of the figure of that name.
    pub(super) fn interval(&self, name: &str) -> Option<&'a Interval> {
        let intervals = self.report.intervals?;
        let is_sound = |interval: &&Interval| interval.low.is_finite() && interval.high.is_finite();
        intervals.all.iter().find(|interval| interval.name == name).filter(is_sound)
    }

    /// The first bar that the models had not seen, where some had been seen before it.
    pub(super) fn out_of_sample(&self) -> Option<(usize, &'a Point)> {
        let from = self.report.out_of_sample_from.filter(|from| *from > 0)?;
        self.points().get(from).map(|point| (from, point))
    }

    /// Its close.
    pub(super) fn unseen_from(&self) -> Option<UnixNanos> {
        self.out_of_sample().map(|(_, point)| point.ts_close)
    }
}

/// What became of `from`, as a fraction of it; `None` where it is not above 0.
pub(super) fn growth(from: f64, to: f64) -> Option<f64> {
    (from > 0.0).then(|| (to - from) / from).filter(|growth| growth.is_finite())
}
