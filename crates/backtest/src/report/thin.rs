//! Long series in few points, with every extreme kept.

/// Columns that a chart is divided into; each keeps two points at most.
pub(super) const COLUMNS: usize = 480;

/// The lowest and the highest point of each of [`COLUMNS`] columns, in the order they come, besides the first and the last
/// point: at most 962. `x` runs from 0 to 100 and does not decrease; points that are not finite are left out.
pub(super) fn thin(points: impl Iterator<Item = (f64, f64)>) -> Vec<(f64, f64)> {
    let mut kept = Vec::new();
    let mut open: Option<Column> = None;
    let mut last = None;
    for point in points.filter(|(x, y)| x.is_finite() && y.is_finite()) {
        let number = (point.0 / 100.0 * COLUMNS as f64) as usize;
        if last.is_none() {
            kept.push(point);
        }
        last = Some(point);
        match &mut open {
            Some(column) if column.number == number => column.add(point),
            _ => {
                open.replace(Column { number, low: point, high: point, is_low_first: true })
                    .inspect(|column| column.close(&mut kept));
            }
        }
    }
    open.inspect(|column| column.close(&mut kept));
    kept.extend(last.filter(|last| kept.last() != Some(last)));
    kept
}

/// The extremes of a column.
struct Column {
    number: usize,
    low: (f64, f64),
    high: (f64, f64),
    is_low_first: bool,
}

impl Column {
    fn add(&mut self, point: (f64, f64)) {
        if point.1 < self.low.1 {
            (self.low, self.is_low_first) = (point, false);
        } else if point.1 > self.high.1 {
            (self.high, self.is_low_first) = (point, true);
        }
    }

    fn close(&self, kept: &mut Vec<(f64, f64)>) {
        let both = if self.is_low_first { [self.low, self.high] } else { [self.high, self.low] };
        for point in both {
            if kept.last() != Some(&point) {
                kept.push(point);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spread(values: &[f64]) -> impl Iterator<Item = (f64, f64)> {
        let last = (values.len().max(2) - 1) as f64;
        values.iter().enumerate().map(move |(index, value)| (index as f64 / last * 100.0, *value))
    }

    #[test]
    fn a_spike_of_one_bar_stays() {
        let mut values = vec![1.0; 20_000];
        values[12_345] = 9.0;
        values[777] = -9.0;
        let kept = thin(spread(&values));
        assert!(kept.len() <= 962);
        assert!(kept.iter().any(|(_, y)| *y == 9.0) && kept.iter().any(|(_, y)| *y == -9.0));
    }

    #[test]
    fn few_points_stay_as_they_are() {
        let points = [(0.0, 3.0), (50.0, 1.0), (100.0, 2.0)];
        assert_eq!(thin(points.into_iter()), points);
        assert_eq!(thin([(0.0, f64::NAN), (50.0, 1.0)].into_iter()), [(50.0, 1.0)]);
        assert_eq!(thin([].into_iter()), []);
    }

    proptest! {
        #[test]
        fn what_is_kept(values in proptest::collection::vec(-5_i8..5, 1..5000)) {
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let all: Vec<(f64, f64)> = spread(&values).collect();
            let kept = thin(all.iter().copied());
            prop_assert!(kept.len() <= 2 * COLUMNS + 4);
            prop_assert!(kept.is_sorted_by(|a, b| a.0 < b.0), "in order, none twice");
            prop_assert!(kept.iter().all(|point| all.contains(point)));
            prop_assert_eq!(kept.first(), all.first());
            prop_assert_eq!(kept.last(), all.last());
            let column = |point: &(f64, f64)| (point.0 / 100.0 * COLUMNS as f64) as usize;
            for number in 0..=COLUMNS {
                let extremes = |points: &[(f64, f64)]| {
                    let values = points.iter().filter(|point| column(point) == number).map(|point| point.1);
                    values.fold(None, |found: Option<(f64, f64)>, y| {
                        let (low, high) = found.unwrap_or((y, y));
                        Some((if y < low { y } else { low }, if y > high { y } else { high }))
                    })
                };
                prop_assert_eq!(extremes(&kept), extremes(&all));
            }
        }
    }
}
