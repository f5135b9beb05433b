//! Charts as inline SVG that stretches to any width.
//!
//! Across, everything is in per cent of the width; down, in pixels. Lines live in a nested SVG that is stretched, with
//! strokes that are not; labels and markers are placed in per cent beside it, so that text stays as large as the page's
//! on a phone. Labels of values stand left of the drawing, in the gutter that the page's style leaves free.

use core::fmt::Write;
use core::ops::RangeInclusive;

use feature_api::UnixNanos;

use super::number::fixed;
use super::text::escape;
use super::{calendar, thin};

/// Where times lie across a chart.
#[derive(Debug, Clone, Copy)]
pub(super) struct TimeAxis {
    from: i64,
    to: i64,
}

impl TimeAxis {
    pub(super) const fn new(from: UnixNanos, to: UnixNanos) -> Self {
        Self { from: from.0, to: to.0 }
    }

    /// Per cent from the left, 0 to 100.
    pub(super) fn x(self, ts: UnixNanos) -> f64 {
        let span = i128::from(self.to) - i128::from(self.from);
        if span <= 0 {
            return 50.0;
        }
        let x = (i128::from(ts.0) - i128::from(self.from)) as f64 / span as f64 * 100.0;
        x.is_sign_positive().then_some(x).filter(|x| *x <= 100.0).unwrap_or(if x > 0.0 { 100.0 } else { 0.0 })
    }

    /// Of so many columns of equal width, those that the time from one moment until another reaches into; where it is
    /// none, that which the moment lies in. Exact.
    pub(super) fn columns(self, from: UnixNanos, until: UnixNanos, count: usize) -> RangeInclusive<usize> {
        let last = count.saturating_sub(1);
        let span = i128::from(self.to) - i128::from(self.from);
        if span <= 0 {
            return 0..=last;
        }
        let place = |ts: UnixNanos| (i128::from(ts.0) - i128::from(self.from)) * count as i128;
        let column = |number: i128| usize::try_from(number.max(0)).unwrap_or(last).min(last);
        let first = column(place(from).div_euclid(span));
        // What ends where a column begins does not reach into it.
        first..=column((place(until) - 1).div_euclid(span)).max(first)
    }

    /// Ticks, each with its place and label.
    fn ticks(self) -> Vec<(f64, String)> {
        let all = calendar::ticks(self.from, self.to, 8);
        all.into_iter().map(|(ts, label)| (self.x(UnixNanos(ts)), label)).collect()
    }
}

/// Pixels from one label to the next below it, so that both can be read.
const LINE: f64 = 14.0;

/// Where values lie down a chart.
#[derive(Debug, Clone)]
pub(super) struct ValueAxis {
    low: f64,
    high: f64,
    height: f64,
    /// Round values, and the decimals they need.
    ticks: Vec<f64>,
    decimals: usize,
}

impl ValueAxis {
    /// An axis that holds all of the finite values with some air; `zero` makes it reach zero.
    pub(super) fn new(values: impl Iterator<Item = f64>, is_from_zero: bool, height: f64) -> Self {
        let start = is_from_zero.then_some((0.0, 0.0));
        let range = values.filter(|value| value.is_finite()).fold(start, |range, value| {
            let (low, high) = range.unwrap_or((value, value));
            Some((if value < low { value } else { low }, if value > high { value } else { high }))
        });
        let (low, high) = range.unwrap_or((0.0, 1.0));
        let air = match (high - low) * 0.06 {
            air if air > 0.0 => air,
            _ if low == 0.0 => 1.0,
            _ => low.abs() * 0.01,
        };
        let (low, high) = match is_from_zero {
            true if low >= 0.0 => (0.0, high + air),
            true if high <= 0.0 => (low - air, 0.0),
            _ => (low - air, high + air),
        };
        let (ticks, decimals) = round_values(low, high, (height / 44.0).floor() + 1.0);
        Self { low, high, height, ticks, decimals }
    }

    /// An axis of whole numbers from zero to the lowest and the highest; its scale is these three, where there is room.
    pub(super) fn whole(low: i64, high: i64, height: f64) -> Self {
        let ends = [low as f64, high as f64];
        let mut axis = Self::new(ends.into_iter(), true, height);
        let zero = axis.y(0.0);
        let has_room = |end: &f64| (axis.y(*end) - zero).abs() >= LINE;
        axis.ticks =
            [ends[1], 0.0, ends[0]].into_iter().filter(|tick| *tick == 0.0 || has_room(tick)).collect();
        // An end may be zero itself.
        axis.ticks.dedup();
        axis.decimals = 0;
        axis
    }

    /// Pixels from the top.
    pub(super) fn y(&self, value: f64) -> f64 {
        (self.high - value) / (self.high - self.low) * self.height
    }

    /// Letters of the longest label.
    pub(super) fn widest(&self) -> usize {
        self.ticks.iter().map(|tick| self.label(*tick).chars().count()).max().unwrap_or(0)
    }

    fn label(&self, tick: f64) -> String {
        let largest = if self.high > -self.low { self.high } else { -self.low };
        // What would take more room than there is on a phone.
        if tick != 0.0 && !(1e-6..1e10).contains(&largest) {
            format!("{tick:.1e}").replace('-', "−")
        } else {
            fixed(tick, self.decimals)
        }
    }
}

/// Round values from `low` to `high`, about `count`, and the decimals they need.
fn round_values(low: f64, high: f64, count: f64) -> (Vec<f64>, usize) {
    let rough = (high - low) / count;
    if !(rough.is_finite() && rough > 0.0) {
        return (Vec::new(), 0);
    }
    let (step, decimals) = round_step(rough);
    let (first, last) = ((low / step).ceil(), (high / step).floor());
    let steps = (0..=20).map(|index| first + f64::from(index)).take_while(|number| *number <= last);
    (steps.map(|number| number * step).collect(), decimals)
}

/// The number of 1, 2 and 5 times a power of ten that is nearest to `rough`, which is above 0, by ratio: from 0.63 to 1.59
/// times it. Also the decimals of its multiples.
pub(super) fn round_step(rough: f64) -> (f64, usize) {
    let exponent = libm::log10(rough).floor();
    let unit = libm::pow(10.0, exponent);
    let ratio = rough / unit;
    // Neighbours meet at their geometric means: √2, √10 and √50.
    let (factor, exponent) = match ratio * ratio {
        square if square < 2.0 => (1.0, exponent),
        square if square < 10.0 => (2.0, exponent),
        square if square < 50.0 => (5.0, exponent),
        _ => (10.0, exponent + 1.0),
    };
    (factor * unit, -exponent as usize)
}

/// One drawing: its axes and what is in it.
pub(super) struct Panel<'a> {
    /// What it shows, for those who do not see it.
    pub(super) label: &'a str,
    pub(super) values: &'a ValueAxis,
    pub(super) time: Option<TimeAxis>,
    /// Whether it is the first of a column of drawings over the same time, and whether the last: that one is dated.
    pub(super) is_first: bool,
    pub(super) is_last: bool,
    /// When the models begin to meet bars they had not seen: what was seen is shaded.
    pub(super) unseen_from: Option<UnixNanos>,
    /// What is stretched: paths by [`line`] and [`area`].
    pub(super) stretched: String,
    /// What is not: markers.
    pub(super) placed: String,
}

/// Pixels under a drawing for its dates.
pub(super) const DATES: f64 = 22.0;

impl Panel<'_> {
    pub(super) fn svg(&self) -> String {
        let height = self.values.height;
        let ticks = self.time.map_or_else(Vec::new, TimeAxis::ticks);
        let mut grid = String::new();
        for value in &self.values.ticks {
            let y = self.values.y(*value);
            let class = if *value == 0.0 { "zero" } else { "grid" };
            let label = self.values.label(*value);
            let _ = write!(
                grid,
                "<line class=\"{class}\" x1=\"0\" x2=\"100%\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
                 <text class=\"tick\" x=\"-8\" y=\"{y:.1}\" dy=\".32em\" text-anchor=\"end\">{label}</text>"
            );
        }
        for (index, (x, label)) in ticks.iter().enumerate() {
            let _ =
                write!(grid, "<line class=\"grid\" x1=\"{x:.2}%\" x2=\"{x:.2}%\" y1=\"0\" y2=\"{height}\"/>");
            if self.is_last {
                // On a phone every second label gives way.
                let class = if index % 2 == 0 { "tick" } else { "tick wide" };
                grid.push_str(&across(*x, height + 16.0, class, label));
            }
        }
        let whole = if self.is_last { height + DATES } else { height };
        let (shade, border) = self.sample();
        format!(
            "<svg class=\"chart\" role=\"img\" aria-label=\"{}\" width=\"100%\" height=\"{whole}\">{grid}{shade}{}{}\
             {border}</svg>\n",
            escape(self.label),
            stretch(height, &self.stretched),
            self.placed
        )
    }

    /// What lies behind the drawing and what lies on it, where some bars were seen in training.
    fn sample(&self) -> (String, String) {
        let Some((from, time)) = self.unseen_from.zip(self.time) else {
            return (String::new(), String::new());
        };
        let (x, height) = (time.x(from), self.values.height);
        let shade = format!("<rect class=\"seen\" x=\"0\" y=\"0\" width=\"{x:.2}%\" height=\"{height}\"/>");
        let mut border =
            format!("<line class=\"sample\" x1=\"{x:.2}%\" x2=\"{x:.2}%\" y1=\"0\" y2=\"{height}\"/>");
        if self.is_first {
            let (anchor, dx, label) = if x < 60.0 {
                ("start", 6, "out of sample →")
            } else {
                ("end", -6, "← seen in training")
            };
            let _ = write!(
                border,
                "<text class=\"tick strong\" x=\"{x:.2}%\" y=\"12\" dx=\"{dx}\" text-anchor=\"{anchor}\">{label}</text>"
            );
        }
        (shade, border)
    }
}

/// Drawings in coordinates of 1,000 across and of pixels down, stretched to the width there is.
pub(super) fn stretch(height: f64, body: &str) -> String {
    format!(
        "<svg width=\"100%\" height=\"{height}\" viewBox=\"0 0 1000 {height}\" preserveAspectRatio=\"none\" \
         aria-hidden=\"true\">{body}</svg>"
    )
}

/// A label under or in a drawing, at so many per cent; at the edges it turns inwards.
pub(super) fn across(x: f64, y: f64, class: &str, label: &str) -> String {
    let anchor = match x {
        x if x < 4.0 => "start",
        x if x > 96.0 => "end",
        _ => "middle",
    };
    format!(
        "<text class=\"{class}\" x=\"{x:.2}%\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>",
        escape(label)
    )
}

/// A line through points (per cent, value), thinned.
pub(super) fn line(points: impl Iterator<Item = (f64, f64)>, values: &ValueAxis, class: &str) -> String {
    format!("<path class=\"{class}\" d=\"{}\"/>", through(&thin::thin(points), values))
}

/// The area between points and a value, thinned.
pub(super) fn area(
    points: impl Iterator<Item = (f64, f64)>,
    values: &ValueAxis,
    base: f64,
    class: &str,
) -> String {
    let points = thin::thin(points);
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return String::new() };
    let base = values.y(base);
    format!(
        "<path class=\"{class}\" d=\"{}L{:.1} {base:.1}L{:.1} {base:.1}Z\"/>",
        through(&points, values),
        last.0 * 10.0,
        first.0 * 10.0
    )
}

fn through(points: &[(f64, f64)], values: &ValueAxis) -> String {
    let mut path = String::new();
    for (index, (x, y)) in points.iter().enumerate() {
        let command = if index == 0 { 'M' } else { 'L' };
        let _ = write!(path, "{command}{:.1} {:.1}", x * 10.0, values.y(*y));
    }
    // One point alone is drawn as a dot: a line of no length with round ends.
    if let [(x, y)] = points {
        let _ = write!(path, "L{:.1} {:.1}", x * 10.0, values.y(*y));
    }
    path
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn axis(values: &[f64]) -> ValueAxis {
        ValueAxis::new(values.iter().copied(), false, 240.0)
    }

    #[test]
    fn round_ticks() {
        let found = axis(&[9_700.0, 10_400.0]);
        assert_eq!(
            found.ticks,
            [9_700.0, 9_800.0, 9_900.0, 10_000.0, 10_100.0, 10_200.0, 10_300.0, 10_400.0]
        );
        assert_eq!((found.label(9_800.0).as_str(), found.widest()), ("9,800", 6));
        let found = axis(&[0.1, 0.2]);
        assert_eq!(
            found.ticks.iter().map(|tick| found.label(*tick)).collect::<Vec<_>>(),
            ["0.10", "0.12", "0.14", "0.16", "0.18", "0.20"]
        );
    }

    #[test]
    fn columns_that_a_time_reaches_into() {
        let axis = TimeAxis::new(UnixNanos(10), UnixNanos(20));
        let of = |from, until| axis.columns(UnixNanos(from), UnixNanos(until), 5);
        assert_eq!([of(10, 12), of(10, 13), of(11, 14)], [0..=0, 0..=1, 0..=1]);
        assert_eq!([of(12, 12), of(20, 20), of(18, 20)], [1..=1, 4..=4, 4..=4]);
        assert_eq!([of(0, 5), of(0, 99), of(30, 40)], [0..=0, 0..=4, 4..=4]);
        let widest = TimeAxis::new(UnixNanos(i64::MIN), UnixNanos(i64::MAX));
        assert_eq!(widest.columns(UnixNanos(i64::MIN), UnixNanos(i64::MAX), 1000), 0..=999);
        assert_eq!(TimeAxis::new(UnixNanos(5), UnixNanos(5)).columns(UnixNanos(5), UnixNanos(5), 7), 0..=6);
    }

    #[test]
    fn values_that_never_vary() {
        for value in [0.0, 1.0, -5e-9, 1e15] {
            let found = axis(&[value]);
            assert_eq!(found.y(value), 120.0, "{value}");
        }
        assert!(axis(&[]).y(0.5).is_finite());
    }

    #[test]
    fn a_moment_of_no_span() {
        let axis = TimeAxis::new(UnixNanos(5), UnixNanos(5));
        assert_eq!(axis.x(UnixNanos(5)), 50.0);
        let axis = TimeAxis::new(UnixNanos(i64::MIN), UnixNanos(i64::MAX));
        assert_eq!((axis.x(UnixNanos(i64::MIN)), axis.x(UnixNanos(i64::MAX))), (0.0, 100.0));
        let axis = TimeAxis::new(UnixNanos(10), UnixNanos(20));
        assert_eq!([5, 12, 25].map(|ts| axis.x(UnixNanos(ts))), [0.0, 20.0, 100.0]);
    }

    proptest! {
        #[test]
        fn values_lie_inside(values in proptest::collection::vec(-1e20..1e20, 1..50), zero in any::<bool>()) {
            let axis = ValueAxis::new(values.iter().copied(), zero, 100.0);
            for value in values {
                let y = axis.y(value);
                prop_assert!((0.0..=100.0).contains(&y), "{value} at {y}");
            }
            prop_assert!(axis.ticks.len() <= 21);
            for tick in &axis.ticks {
                prop_assert!((-1e-6..=100.0 + 1e-6).contains(&axis.y(*tick)));
            }
        }
    }
}
