//! A mean, and how far it may be off.

use anyhow::bail;

/// The probability below which something is called more than noise, for one question asked once.
pub const SIGNIFICANT: f64 = 0.05;

/// Blocks that the rows are cut into by time; even, so that Student's distribution has a short formula.
const BLOCKS: usize = 20;

/// Horizons that a block holds at least.
const HORIZONS_PER_BLOCK: usize = 4;

/// A mean and its standard error.
///
/// Rows are not independent: labels share bars with those of their neighbours, and markets have moods that last. So the
/// rows are cut into 20 blocks by time, and the error is that of the mean of 20 block means (batch means, Conway 1963):
/// whatever rows of one block have in common is in it, whichever shape it has. What is left are the edges of blocks, 4 %
/// of the error at most, where labels alone overlap.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// Its standard error.
    pub error: f64,
}

impl Estimate {
    /// Of values in order of time, whose labels look `horizon` bars ahead.
    ///
    /// # Errors
    /// Where a block would be shorter than 4 horizons, or a value is not finite.
    pub fn of(values: &[f64], horizon: u32) -> anyhow::Result<Self> {
        let least = usize::try_from(horizon.max(1))?.saturating_mul(BLOCKS * HORIZONS_PER_BLOCK);
        if values.len() < least {
            bail!(
                "{} rows are too few to tell an error from: expected {least} or more, {BLOCKS} blocks of \
                 {HORIZONS_PER_BLOCK} horizons; use more bars, fewer folds or a shorter horizon",
                values.len()
            );
        }
        if let Some(value) = values.iter().find(|value| !value.is_finite()) {
            bail!("expected finite values, found {value}");
        }
        let mean_of = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let edge = |block: usize| block * values.len() / BLOCKS;
        let blocks = (0..BLOCKS).filter_map(|block| values.get(edge(block)..edge(block + 1)));
        let mean = mean_of(values);
        let squares: f64 = blocks.map(|block| mean_of(block) - mean).map(|away| away * away).sum();
        Ok(Self { mean, error: (squares / (BLOCKS * (BLOCKS - 1)) as f64).sqrt() })
    }

    /// The mean in units of its error; 0 for a mean of 0.
    #[must_use]
    pub fn score(&self) -> f64 {
        if self.mean == 0.0 { 0.0 } else { self.mean / self.error }
    }

    /// How probable a mean this far from 0, on either side, is where there is nothing but noise: by Student's
    /// distribution of 19 degrees of freedom (Abramowitz and Stegun 1964, 26.7.3).
    #[must_use]
    pub fn p_value(&self) -> f64 {
        let degrees = BLOCKS - 1;
        let angle = libm::atan(self.score().abs() / (degrees as f64).sqrt());
        let (sine, cosine) = libm::sincos(angle);
        let (mut term, mut sum) = (cosine, cosine);
        for power in (3..degrees).step_by(2) {
            term *= cosine * cosine * (power - 1) as f64 / power as f64;
            sum += term;
        }
        let p = 1.0 - std::f64::consts::FRAC_2_PI * (angle + sine * sum);
        // Below 0 by rounding alone.
        if p > 0.0 { p } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::walk::Random;

    /// Sums of `horizon` independent numbers, each of which shares all but one with the next.
    fn overlapping(rows: usize, horizon: usize, seed: u64) -> Vec<f64> {
        let mut random = Random::new(seed);
        let noise: Vec<f64> = (0..rows + horizon).map(|_| random.around(1_000_000) as f64).collect();
        noise.windows(horizon).take(rows).map(|window| window.iter().sum()).collect()
    }

    #[test]
    fn the_error_is_that_of_the_block_means() {
        // Blocks of 4 with the means 1 to 20: their mean is 10.5, the variance of the means 35.
        let values: Vec<f64> =
            (0..80).map(|index| f64::from(index / 4 + 1 + [-1, 1][index as usize % 2])).collect();
        let estimate = Estimate::of(&values, 1).unwrap();
        assert_eq!(estimate.mean, 10.5);
        assert!((estimate.error - (35.0_f64 / 20.0).sqrt()).abs() < 1e-12, "{}", estimate.error);
    }

    #[test]
    fn noise_is_called_more_than_noise_as_often_as_is_said() {
        for horizon in [1, 10, 25] {
            let found = (0..600).filter(|seed| {
                let values = overlapping(2_000, horizon, *seed);
                Estimate::of(&values, horizon as u32).unwrap().p_value() < SIGNIFICANT
            });
            let share = found.count() as f64 / 600.0;
            assert!((0.03..0.09).contains(&share), "horizon {horizon}: {share}");
        }
    }

    #[test]
    fn moods_that_last_many_horizons_do_not_pass_for_more_than_noise() {
        let found = (0..600)
            .filter(|seed| Estimate::of(&overlapping(8_000, 100, *seed), 1).unwrap().p_value() < SIGNIFICANT);
        let share = found.count() as f64 / 600.0;
        assert!((0.03..0.09).contains(&share), "{share}");
    }

    #[test]
    fn probabilities_are_those_of_the_tables() {
        for (score, p) in [(0.0, 1.0), (1.066, 0.3), (2.093, 0.05), (-2.861, 0.01), (3.883, 0.001)] {
            let found = Estimate { mean: score, error: 1.0 }.p_value();
            assert!((found - p).abs() < 0.001 * p.sqrt(), "{score}: {found}");
        }
        assert_eq!(Estimate { mean: 1.0, error: 0.0 }.p_value(), 0.0);
    }

    #[test]
    fn what_is_not_noise_is_found() {
        let values: Vec<f64> = overlapping(2_000, 10, 3).iter().map(|value| value + 1_000_000.0).collect();
        assert!(Estimate::of(&values, 10).unwrap().p_value() < 1e-4);
        let same = Estimate::of(&[2.0; 80], 1).unwrap();
        assert_eq!((same.mean, same.error, same.p_value()), (2.0, 0.0, 0.0));
        assert_eq!(Estimate::of(&[0.0; 80], 1).unwrap().p_value(), 1.0);
    }

    #[test]
    fn too_few_values_are_refused() {
        let refused = Estimate::of(&[1.0; 239], 3).unwrap_err().to_string();
        assert_eq!(
            refused,
            "239 rows are too few to tell an error from: expected 240 or more, 20 blocks of 4 horizons; use more bars, \
             fewer folds or a shorter horizon"
        );
        assert!(Estimate::of(&[], 0).is_err());
        let wrong = Estimate::of(&[f64::NAN; 80], 1).unwrap_err().to_string();
        assert_eq!(wrong, "expected finite values, found NaN");
    }
}
