//! The information coefficient: Spearman's rank correlation of a feature with the return that follows.

use anyhow::bail;
use harness::Estimate;

/// The rank correlation of pairs in order of time, with its standard error where there is none: the mean of the products
/// of standardized ranks. `horizon`: bars that the second of a pair looks ahead.
///
/// # Errors
/// Where there are too few pairs, or one side is constant.
pub fn information_coefficient(pairs: &[(f64, f64)], horizon: u32) -> anyhow::Result<Estimate> {
    let feature = standardized_ranks(pairs.iter().map(|(feature, _)| *feature).collect());
    let returns = standardized_ranks(pairs.iter().map(|(_, later)| *later).collect());
    let (Some(feature), Some(returns)) = (feature, returns) else {
        if pairs.is_empty() {
            return Estimate::of(&[], horizon);
        }
        bail!("the feature or the return is the same in every row: there is nothing to correlate");
    };
    let products: Vec<f64> = feature.iter().zip(&returns).map(|(one, other)| one * other).collect();
    Estimate::of(&products, horizon)
}

/// Ranks with mean 0 and variance 1, equal values with the mean of their ranks; `None` where all are equal.
fn standardized_ranks(values: Vec<f64>) -> Option<Vec<f64>> {
    let mut order: Vec<(f64, usize)> = values.into_iter().zip(0..).collect();
    order.sort_unstable_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
    let middle = (order.len() as f64 + 1.0) / 2.0;
    let (mut ranked, mut before, mut squares) = (Vec::with_capacity(order.len()), 0, 0.0);
    for ties in order.chunk_by(|one, other| one.0 == other.0) {
        let rank = before as f64 + (ties.len() as f64 + 1.0) / 2.0 - middle;
        ranked.extend(ties.iter().map(|(_, row)| (*row, rank)));
        squares += rank * rank * ties.len() as f64;
        before += ties.len();
    }
    ranked.sort_unstable_by_key(|(row, _)| *row);
    let deviation = (squares / ranked.len() as f64).sqrt();
    (deviation > 0.0).then(|| ranked.into_iter().map(|(_, rank)| rank / deviation).collect())
}

#[cfg(test)]
mod tests {
    use harness::walk::Random;

    use super::*;

    #[test]
    fn it_is_spearmans() {
        let mut random = Random::new(9);
        // Few different values, so that there are ties.
        let pairs: Vec<(f64, f64)> =
            (0..500).map(|_| (random.around(9) as f64, random.around(4) as f64)).collect();
        let scored: Vec<training::Scored> = pairs
            .iter()
            .map(|(feature, later)| training::Scored { prediction: *feature, baseline: 0.0, label: *later })
            .collect();
        let expected = training::Metrics::of(training::Objective::Squared, &scored).unwrap();
        let found = information_coefficient(&pairs, 1).unwrap();
        assert!((found.mean - expected.get("spearman").unwrap()).abs() < 1e-12);
        // Of independent pairs the error is 1/√n.
        assert!((found.error * 500_f64.sqrt() - 1.0).abs() < 0.15, "{}", found.error);
    }

    #[test]
    fn the_order_alone_counts() {
        let pairs: Vec<(f64, f64)> = (0..100_i32).map(|x| (f64::from(x), f64::from(x * x * x))).collect();
        assert!((information_coefficient(&pairs, 1).unwrap().mean - 1.0).abs() < 1e-12);
        let falling: Vec<(f64, f64)> = pairs.iter().map(|(x, y)| (*x, -y)).collect();
        assert!((information_coefficient(&falling, 1).unwrap().mean + 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_constant_and_too_few_rows_are_refused() {
        let constant = information_coefficient(&[(1.0, 2.0); 50], 1).unwrap_err().to_string();
        assert!(constant.contains("the same in every row"), "{constant}");
        assert!(information_coefficient(&[], 1).is_err());
        let few: Vec<(f64, f64)> = (0..19_i32).map(|x| (f64::from(x), f64::from(x))).collect();
        assert!(information_coefficient(&few, 1).unwrap_err().to_string().starts_with("19 rows are too few"));
    }
}
