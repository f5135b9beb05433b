//! Quantiles and correlation.

/// The quantile at `share` (0 to 1) of values in order: linear between the ranks `(n − 1) · share`, as type 7 of
/// Hyndman and Fan 1996. `None` without values.
pub(crate) fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let rank = sorted.len().checked_sub(1)? as f64 * share;
    let below = *sorted.get(rank.floor() as usize)?;
    let above = *sorted.get(rank.ceil() as usize)?;
    let part = rank - rank.floor();
    let value = below * (1.0 - part) + above * part;
    // Rounding must not leave the two it lies between.
    Some(if value < below {
        below
    } else if value > above {
        above
    } else {
        value
    })
}

/// Pearson's coefficient over the places where both have a value, in two passes; `None` where one of them does not
/// vary there.
pub(crate) fn correlation(one: &[Option<f64>], other: &[Option<f64>]) -> Option<f64> {
    let pairs = || one.iter().zip(other).filter_map(|(x, y)| Some(((*x)?, (*y)?)));
    let (mut count, mut x_sum, mut y_sum) = (0.0, 0.0, 0.0);
    for (x, y) in pairs() {
        count += 1.0;
        x_sum += x;
        y_sum += y;
    }
    let (x_mean, y_mean) = (x_sum / count, y_sum / count);
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (x, y) in pairs() {
        let (x, y) = (x - x_mean, y - y_mean);
        xx += x * x;
        yy += y * y;
        xy += x * y;
    }
    let coefficient = xy / (xx.sqrt() * yy.sqrt());
    coefficient.is_finite().then_some(coefficient)
}
