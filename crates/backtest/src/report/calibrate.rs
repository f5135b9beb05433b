//! Predicted probabilities beside what happened.

use super::Calibration;

/// Bins of equal width.
const BINS: usize = 10;

/// Predictions beside what happened, in ten bins of equal width, the last with its upper end; bins without rows are left
/// out, and predictions that are not from 0 to 1. `hit` is whether what was predicted happened.
#[must_use]
pub fn calibration(scored: impl Iterator<Item = (f64, bool)>) -> Vec<Calibration> {
    let mut bins = [(0.0, 0_u64, 0_u64); BINS];
    for (predicted, hit) in scored.filter(|(predicted, _)| (0.0..=1.0).contains(predicted)) {
        let number = ((predicted * BINS as f64) as usize).min(BINS - 1);
        if let Some((sum, hits, rows)) = bins.get_mut(number) {
            *sum += predicted;
            *hits += u64::from(hit);
            *rows += 1;
        }
    }
    let of_bin = |(sum, hits, rows): (f64, u64, u64)| Calibration {
        predicted: sum / rows as f64,
        observed: hits as f64 / rows as f64,
        rows,
    };
    bins.into_iter().filter(|(_, _, rows)| *rows > 0).map(of_bin).collect()
}
