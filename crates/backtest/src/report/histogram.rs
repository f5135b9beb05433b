//! How the results of trades are spread.

use core::fmt::Write;

use super::number::{fixed, signed, signed_percent};
use super::plot::{DATES, across, round_step};
use super::text::{figure, tone};
use super::trades::{net_return, number_of};
use super::view::View;

/// Pixels of the drawing.
const HEIGHT: f64 = 180.0;

/// About how many bars there are at most: the outermost hold what lies beyond them.
const BARS: f64 = 24.0;

/// The spread of net profit, in per cent of the value opened where each trade has one, else as money.
pub(super) fn histogram(view: &View<'_>) -> String {
    let trades = &view.report.run.trades;
    let returns: Vec<f64> = trades.iter().filter_map(net_return).map(|share| share * 100.0).collect();
    let is_share = returns.len() == trades.len();
    let values = if is_share { returns } else { trades.iter().map(|trade| trade.net().to_f64()).collect() };
    let bins = Bins::of(&values);
    let caption = if is_share {
        "Trades by net profit, per cent of the value opened"
    } else {
        "Trades by net profit, in the quote currency"
    };
    let body = format!("<div class=\"plot\" style=\"--gutter:40px\">{}</div>\n", bins.svg());
    let note = format!("{}{}", facts(view, &values, is_share), bins.beyond());
    figure(caption, &body, &note)
}

/// What the shape does not tell.
fn facts(view: &View<'_>, values: &[f64], is_share: bool) -> String {
    let text = |value: f64| {
        if is_share { signed_percent(value / 100.0) } else { signed(value, view.decimals) }
    };
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let (low, high) = sorted.split_at(sorted.len() / 2);
    let median = match (low.last(), high.first()) {
        (Some(low), Some(high)) if sorted.len().is_multiple_of(2) => (low + high) / 2.0,
        (_, Some(middle)) => *middle,
        (_, None) => return String::new(),
    };
    let ends = sorted.first().copied().zip(sorted.last().copied()).unwrap_or((median, median));
    format!(
        "{}: worst {}, median {}, best {}.",
        number_of(values.len()),
        text(ends.0),
        text(median),
        text(ends.1)
    )
}

/// Bins of a round width with an edge at zero.
struct Bins {
    /// Number of the first bin: it begins at `first · width`.
    first: f64,
    width: f64,
    decimals: usize,
    counts: Vec<u64>,
    /// Values below the first and above the last, counted in them.
    beyond: u64,
}

impl Bins {
    /// Bins for finite values, at least one.
    fn of(values: &[f64]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let at = |share: f64| sorted.get((share * (sorted.len().max(1) - 1) as f64) as usize).copied();
        // A few extremes do not flatten all else.
        let (low, high) = at(0.01).zip(at(0.99)).unwrap_or((0.0, 0.0));
        let wanted = 2.0 * (values.len() as f64).sqrt();
        let wanted = if wanted > BARS { BARS } else { wanted };
        let rough = (high - low) / wanted;
        // Values that hardly vary are one bar.
        let (width, decimals) =
            if rough.is_finite() && rough > 1e-12 { round_step(rough) } else { (0.01, 2) };
        let first = (low / width).floor();
        let bars = (high / width).floor() - first + 1.0;
        let bars = if bars > 0.0 && bars <= 2.0 * BARS { bars as usize } else { 1 };
        let mut bins = Self { first, width, decimals, counts: vec![0; bars], beyond: 0 };
        sorted.iter().for_each(|value| bins.add(*value));
        bins
    }

    fn add(&mut self, value: f64) {
        let number = (value / self.width).floor() - self.first;
        let last = self.counts.len() - 1;
        let place = if number <= 0.0 { 0 } else { (number as usize).min(last) };
        if number < 0.0 || number > last as f64 {
            self.beyond += 1;
        }
        if let Some(count) = self.counts.get_mut(place) {
            *count += 1;
        }
    }

    fn edge(&self, number: usize) -> f64 {
        (self.first + number as f64) * self.width
    }

    fn svg(&self) -> String {
        let most = self.counts.iter().copied().max().unwrap_or(0).max(1) as f64;
        let share = 100.0 / self.counts.len() as f64;
        let mut drawn = String::new();
        for (number, count) in self.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let height = *count as f64 / most * (HEIGHT - 16.0);
            let (from, to) = (self.edge(number), self.edge(number + 1));
            // Left of zero lies what was lost, and zero itself belongs to the right.
            let class = tone((from + to) / 2.0);
            let _ = write!(
                drawn,
                "<rect class=\"{class}\" x=\"{:.2}%\" y=\"{:.1}\" width=\"{:.2}%\" height=\"{height:.1}\"><title>{} to \
                 {}: {}</title></rect>",
                number as f64 * share + share * 0.05,
                HEIGHT - height,
                share * 0.9,
                fixed(from, self.decimals),
                fixed(to, self.decimals),
                number_of(usize::try_from(*count).unwrap_or(usize::MAX)),
            );
        }
        let edges = self.counts.len();
        let step = edges.div_ceil(8).max(1);
        // Labels so that zero, where it is an edge, is one of them.
        let offset = (-self.first).rem_euclid(step as f64) as usize;
        for number in (offset..=edges).step_by(step) {
            // On a phone every second label gives way, never zero.
            let is_even = ((number as f64 + self.first) / step as f64) % 2.0 == 0.0;
            let class = if is_even { "tick" } else { "tick wide" };
            let label = fixed(self.edge(number), self.decimals);
            drawn.push_str(&across(number as f64 * share, HEIGHT + 16.0, class, &label));
        }
        let zero = -self.first * share;
        if (0.0..=100.0).contains(&zero) {
            let _ = write!(
                drawn,
                "<line class=\"zero\" x1=\"{zero:.2}%\" x2=\"{zero:.2}%\" y1=\"0\" y2=\"{HEIGHT}\"/>"
            );
        }
        format!(
            "<svg class=\"chart\" role=\"img\" aria-label=\"How many trades came to which net profit\" width=\"100%\" \
             height=\"{}\"><line class=\"axis\" x1=\"0\" x2=\"100%\" y1=\"{HEIGHT}\" y2=\"{HEIGHT}\"/>\
             <text class=\"tick\" x=\"-8\" y=\"16\" dy=\".32em\" text-anchor=\"end\">{most}</text>\
             <text class=\"tick\" x=\"-8\" y=\"{HEIGHT}\" dy=\".32em\" text-anchor=\"end\">0</text>{drawn}</svg>",
            HEIGHT + DATES
        )
    }

    fn beyond(&self) -> String {
        if self.beyond == 0 {
            return String::new();
        }
        format!(
            " The outermost bars hold {} from beyond them.",
            number_of(usize::try_from(self.beyond).unwrap_or(0))
        )
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn zero_is_an_edge() {
        let found = Bins::of(&[-0.5, -0.1, 0.0, 0.1, 1.0]);
        assert_eq!(found.counts.iter().sum::<u64>(), 5);
        let zero = (-found.first) as usize;
        assert_eq!(found.edge(zero), 0.0);
        assert_eq!(found.counts[zero], 1, "zero begins the bin right of it");
        assert_eq!(found.counts[..zero].iter().sum::<u64>(), 2);
    }

    #[test]
    fn extremes_do_not_flatten_the_rest() {
        let mut values: Vec<f64> = (0..1000).map(|number| f64::from(number) / 1000.0).collect();
        values.push(1e6);
        let found = Bins::of(&values);
        assert!(found.counts.len() > 15, "{}", found.counts.len());
        assert_eq!(found.counts.iter().sum::<u64>(), 1001);
        assert!(found.beyond >= 1 && found.beyond <= 20, "{}", found.beyond);
    }

    proptest! {
        #[test]
        fn every_value_is_in_a_bin(values in proptest::collection::vec(-1e18..1e18, 1..50)) {
            let found = Bins::of(&values);
            prop_assert_eq!(found.counts.iter().sum::<u64>(), values.len() as u64);
            prop_assert!(found.counts.len() <= 48, "{}", found.counts.len());
        }

        #[test]
        fn equal_values_are_one_bar(value in -1e18..1e18) {
            let found = Bins::of(&[value; 5]);
            prop_assert_eq!(found.counts, [5]);
        }
    }
}
