//! Whether a contender computes what its row says.

use crate::contender::Outputs;

/// Bars after which recursive operators of any seed must agree, and no window is still filling.
const SETTLED: usize = 5_000;
/// Up to here two values are the same function of the same bars.
const SAME: f64 = 1e-9;
/// Up to here they are the same function computed with loss, as by running sums.
const LOSSY: f64 = 1e-4;

/// What the check found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// The same.
    Same {
        /// Largest relative deviation.
        deviation: f64,
    },
    /// The same formula, but digits are lost.
    Lossy {
        /// Largest relative deviation.
        deviation: f64,
    },
    /// Another convention.
    Differs {
        /// Largest relative deviation; infinite where a value is missing.
        deviation: f64,
    },
}

impl Verdict {
    /// Largest relative deviation from the reference.
    #[must_use]
    pub const fn deviation(self) -> f64 {
        match self {
            Self::Same { deviation } | Self::Lossy { deviation } | Self::Differs { deviation } => deviation,
        }
    }
}

/// Compares every value after the first 5,000 bars with the reference.
///
/// A deviation is relative to the value, or to the column's mean magnitude where the value is smaller: a MACD
/// that passes through zero has no digits of its own there.
#[must_use]
pub fn compare(outputs: &Outputs, reference: &[Vec<f64>]) -> Verdict {
    let worst = |(column, values): (usize, &Vec<f64>)| {
        let settled = values.get(SETTLED..).unwrap_or_default();
        let magnitude = settled.iter().map(|x| x.abs()).sum::<f64>() / settled.len() as f64;
        settled.iter().enumerate().fold(0.0, |worst: f64, (index, expected)| {
            let found = outputs.get(column, SETTLED + index);
            let deviation = (found - expected).abs() / expected.abs().max(magnitude);
            if deviation.is_nan() { f64::INFINITY } else { worst.max(deviation) }
        })
    };
    let deviation = reference.iter().enumerate().map(worst).fold(0.0, f64::max);
    if deviation <= SAME {
        Verdict::Same { deviation }
    } else if deviation <= LOSSY {
        Verdict::Lossy { deviation }
    } else {
        Verdict::Differs { deviation }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operators::Operator;

    /// Outputs and reference of 10,000 times 45,000, but for one value of the outputs.
    fn verdict(odd: f64) -> Verdict {
        let mut outputs = Outputs::new(Operator::Sma, 10_000);
        outputs.values[0].fill(45_000.0);
        outputs.values[0][7_000] = odd;
        compare(&outputs, &[vec![45_000.0; 10_000]])
    }

    #[test]
    fn one_value_decides() {
        assert!(matches!(verdict(45_000.0), Verdict::Same { deviation: 0.0 }));
        assert!(matches!(verdict(45_000.000_01), Verdict::Same { .. }));
        assert!(matches!(verdict(45_000.001), Verdict::Lossy { .. }));
        assert!(matches!(verdict(45_100.0), Verdict::Differs { .. }));
        assert!(matches!(verdict(f64::NAN), Verdict::Differs { deviation: f64::INFINITY }));
    }
}
