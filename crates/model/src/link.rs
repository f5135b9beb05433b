//! From margins to predictions.

use crate::{ModelError, Output};

/// What turns a margin into a prediction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Link {
    /// The margin is the prediction.
    Identity,
    /// `1 / (1 + exp(−steepness · margin))`, exp of libm: the same bits on every machine. Computed as `e / (1 + e)`
    /// with `e = exp(steepness · margin)` where the margin is negative, so that no exp overflows.
    Logistic {
        /// LightGBM's `sigmoid`; 1 elsewhere. Above 0.
        steepness: f64,
    },
}

impl Link {
    /// The prediction of a finite margin: 0 to 1 after a logistic link, never decreasing but in the last bits.
    #[inline]
    #[must_use]
    pub fn apply(self, margin: f64) -> f64 {
        match self {
            Self::Identity => margin,
            Self::Logistic { steepness } => logistic(steepness * margin),
        }
    }

    /// What the prediction is.
    #[must_use]
    pub const fn output(self) -> Output {
        match self {
            Self::Identity => Output::Value,
            Self::Logistic { .. } => Output::Probability,
        }
    }

    /// Refuses a steepness that is not finite and above 0.
    pub(crate) fn check(self) -> Result<(), ModelError> {
        match self {
            Self::Identity => Ok(()),
            Self::Logistic { steepness } if steepness > 0.0 && steepness.is_finite() => Ok(()),
            Self::Logistic { steepness } => Err(ModelError::invalid(
                "steepness of the logistic link",
                "a finite number above 0",
                steepness,
            )),
        }
    }
}

/// `steepness · margin` may be infinite; it is never NaN.
#[inline]
fn logistic(z: f64) -> f64 {
    if z >= 0.0 {
        1.0 / (1.0 + libm::exp(-z))
    } else {
        let e = libm::exp(z);
        e / (1.0 + e)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LOGISTIC: Link = Link::Logistic { steepness: 1.0 };

    #[test]
    fn known_values_to_the_bit() {
        assert_eq!(LOGISTIC.apply(0.0), 0.5);
        assert_eq!(LOGISTIC.apply(f64::MAX), 1.0);
        assert_eq!(LOGISTIC.apply(f64::MIN), 0.0);
        // exp(740) overflows; exp(-740) does not.
        assert!(LOGISTIC.apply(-740.0) > 0.0);
        // 1 / (1 + e), rounded from its decimal expansion 0.26894142136999512074…
        assert_eq!(LOGISTIC.apply(-1.0), 0.268_941_421_369_995_1);
        assert_eq!(LOGISTIC.apply(1.0), 0.731_058_578_630_004_9);
        assert_eq!(Link::Logistic { steepness: f64::MAX }.apply(1e300), 1.0);
        assert_eq!(Link::Identity.apply(-1.5), -1.5);
    }

    #[test]
    fn steepness_is_finite_and_above_zero() {
        for steepness in [0.0, -0.0, -1.0, f64::NAN, f64::INFINITY] {
            let error = Link::Logistic { steepness }.check().unwrap_err().to_string();
            assert!(error.contains("steepness") && error.contains("above 0"), "{error}");
        }
        assert_eq!(LOGISTIC.check(), Ok(()));
        assert_eq!(Link::Identity.check(), Ok(()));
    }

    proptest! {
        #[test]
        fn between_zero_and_one(margin in proptest::num::f64::NORMAL, steepness in 1e-9_f64..1e9) {
            let value = Link::Logistic { steepness }.apply(margin);
            prop_assert!((0.0..=1.0).contains(&value));
            prop_assert_eq!(value > 0.5, value != 0.5 && margin > 0.0);
        }
    }
}
