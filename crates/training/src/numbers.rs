//! Sums and quantiles, in a fixed order.

/// A sum that carries what rounding loses (Neumaier 1974): the error does not grow with the number of terms as long
/// as they do not cancel, and the same terms in the same order give the same bits on every machine.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sum {
    sum: f64,
    lost: f64,
}

impl Sum {
    pub(crate) fn add(&mut self, term: f64) {
        let sum = self.sum + term;
        self.lost +=
            if self.sum.abs() >= term.abs() { (self.sum - sum) + term } else { (term - sum) + self.sum };
        self.sum = sum;
    }

    pub(crate) const fn value(self) -> f64 {
        self.sum + self.lost
    }

    pub(crate) fn of(terms: impl IntoIterator<Item = f64>) -> f64 {
        let mut sum = Self::default();
        terms.into_iter().for_each(|term| sum.add(term));
        sum.value()
    }
}

/// Mean and standard deviation (ddof 0) by two passes over the values, in order; `None` without values. Values that
/// are all equal have that mean and a deviation of exactly 0.
pub(crate) fn mean_and_deviation<I: Iterator<Item = f64>>(values: impl Fn() -> I) -> Option<(f64, f64)> {
    let first = values().next()?;
    // Not left to rounding: the mean of equal values may be off by a unit in the last place.
    if values().all(|value| value == first) {
        return Some((first + 0.0, 0.0));
    }
    let count = values().count() as f64;
    let mean = Sum::of(values()) / count;
    let squares = Sum::of(values().map(|value| (value - mean) * (value - mean)));
    // The mean is rounded: what its error adds is taken off (Chan, Golub and LeVeque 1983).
    let rest = Sum::of(values().map(|value| value - mean));
    let variance = (squares - rest * rest / count) / count;
    // Never NaN to 0: what overflows must be seen.
    Some((mean, if variance <= 0.0 { 0.0 } else { variance.sqrt() }))
}

/// Sorted by value; −0.0 before 0.0.
pub(crate) fn sorted(values: impl IntoIterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// The quantile of sorted values, linear between ranks (numpy's default, Hyndman and Fan's type 7); `None` without
/// values. `quantile` is 0 to 1.
pub(crate) fn quantile(sorted: &[f64], quantile: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let rank = quantile * last as f64;
    let below = (rank.floor() as usize).min(last);
    let low = *sorted.get(below)?;
    let high = sorted.get(below + 1).copied().unwrap_or(low);
    let share = rank - below as f64;
    let step = high - low;
    // From the nearer end, as numpy does. Adding 0.0 turns −0.0 into 0.0.
    Some(if share == 0.0 || low == high {
        low + 0.0
    } else if share < 0.5 {
        low + step * share + 0.0
    } else {
        high - step * (1.0 - share) + 0.0
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use testkit::exact;

    use super::*;

    #[test]
    fn a_sum_keeps_what_rounding_loses() {
        assert_eq!(Sum::of([1.0, 1e100, 1.0, -1e100]), 2.0);
        assert_eq!(Sum::of([0.1; 10]), 1.0);
        assert_eq!(Sum::of([]), 0.0);
    }

    #[test]
    fn quantiles_are_linear_between_ranks() {
        let values = [1.0, 2.0, 4.0, 8.0];
        let found = [0.0, 0.1, 0.25, 0.5, 0.75, 0.95, 1.0].map(|q| quantile(&values, q).unwrap());
        // numpy.quantile([1, 2, 4, 8], …)
        assert_eq!(found, [1.0, 1.3, 1.75, 3.0, 5.0, 7.399999999999999, 8.0]);
        assert_eq!(quantile(&[3.0], 0.3), Some(3.0));
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(quantile(&[-0.0, -0.0], 0.5).map(f64::to_bits), Some(0));
    }

    #[test]
    fn equal_values_have_no_deviation() {
        for value in [0.1, 1e-300, -7.3, 1e300, 0.0] {
            for count in [1, 2, 3, 7, 1000] {
                let values = vec![value; count];
                assert_eq!(mean_and_deviation(|| values.iter().copied()), Some((value, 0.0)));
            }
        }
        assert_eq!(mean_and_deviation(|| [].into_iter()), None);
    }

    proptest! {
        #[test]
        fn mean_and_deviation_are_exact_to_rounding(
            values in proptest::collection::vec(-1e3..1e3, 2..60),
            offset in prop_oneof![Just(0.0), Just(45_000.0), Just(1e9)],
        ) {
            let values: Vec<f64> = values.into_iter().map(|value| value + offset).collect();
            let (mean, deviation) = mean_and_deviation(|| values.iter().copied()).unwrap();
            let rationals: Vec<_> = values.iter().map(|value| exact::rational(*value)).collect();
            // One rounding of the sum and one of the quotient; with cancellation, of the largest term besides.
            let n = values.len() as f64;
            let largest = values.iter().fold(0.0, |most: f64, value| if value.abs() > most { value.abs() } else { most });
            let bound = f64::EPSILON * (mean.abs() + largest * n * n * f64::EPSILON);
            prop_assert!((mean - exact::round(&exact::mean(&rationals))).abs() <= bound);
            // Each difference and each square is rounded once, the sum twice, quotient and root once each: relative
            // to the variance 2 · (½ + ½) + 4 units at most, half of that in its root, and one for the reference.
            let expected = exact::round_sqrt(&exact::variance(&rationals, 0));
            prop_assert!((deviation - expected).abs() <= 5.0 * f64::EPSILON * expected, "{deviation} {expected}");
        }

        #[test]
        fn quantiles_lie_between_their_neighbours(
            values in proptest::collection::vec(-1e3..1e3, 1..40),
            q in 0.0..=1.0,
        ) {
            let values = sorted(values);
            let found = quantile(&values, q).unwrap();
            let rank = q * (values.len() - 1) as f64;
            let (low, high) = (values[rank.floor() as usize], values[rank.ceil() as usize]);
            prop_assert!(low <= found && found <= high);
        }
    }
}
