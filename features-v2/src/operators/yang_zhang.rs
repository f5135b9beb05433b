//! Yang and Zhang's estimator of the variance.

use feature_api::{Memory, Operator, RestoreError, StateReader, StateWriter};

use super::product_sum::{ProductSum, log_units};
use super::{Ohlc, RogersSatchell};
use crate::arithmetic::RealSums;
use crate::window::{Ring, Window, read_raw};

/// Variance of the return from close to close, estimated from the last `n` bars whatever their drift and the jumps
/// between them.
///
/// - **Formula**: `σo² + k·σc² + (1 − k)·RS`; σo² and σc² are the variances (ddof 1) of `ln(O/C₋₁)` and `ln(C/O)`, RS
///   as [`RogersSatchell`], `k = 0.34 / (1.34 + (n + 1)/(n − 1))`. Logarithms rounded once to 2^-64, exact sums, each
///   of the three rounded once.
/// - **Parameters**: window `n`.
/// - **Warm-up**: n.
/// - **Degenerate**: logarithms of what is not positive are 0; for n = 1 variances and k are 0.
/// - **Source**: D. Yang and Q. Zhang, Drift-Independent Volatility Estimation (2000).
#[derive(Debug, Clone)]
pub struct YangZhang {
    window: Window,
    k: f64,
    close: Option<i64>,
    ring: Ring<Logs>,
    gaps: RealSums,
    bodies: RealSums,
    terms: ProductSum,
}

#[derive(Debug, Clone, Copy, Default)]
struct Logs {
    gap: i128,
    body: i128,
}

impl YangZhang {
    /// An estimator over `window` bars.
    #[must_use]
    pub fn new(window: Window) -> Self {
        let n = f64::from(window.get());
        Self {
            window,
            k: 0.34 / (1.34 + (n + 1.0) / (n - 1.0)),
            close: None,
            ring: Ring::new(window.len()),
            gaps: RealSums::ZERO,
            bodies: RealSums::ZERO,
            terms: ProductSum::new(window),
        }
    }

    fn add(&mut self, logs: Logs) {
        self.gaps.add(logs.gap);
        self.bodies.add(logs.body);
        if let Some(old) = self.ring.push(logs) {
            self.gaps.remove(old.gap);
            self.bodies.remove(old.body);
        }
    }
}

/// Reads a logarithm of two prices.
fn read_log(state: &mut StateReader<'_>) -> Result<i128, RestoreError> {
    let log = state.read_i128()?;
    if (-37 << 64..=37 << 64).contains(&log) {
        Ok(log)
    } else {
        Err(RestoreError::Invalid { what: "a logarithm of two prices" })
    }
}

impl Operator for YangZhang {
    type Input = Ohlc;
    type Output = f64;

    #[inline]
    fn update(&mut self, bar: Ohlc) -> Option<f64> {
        let close = self.close.replace(bar.close)?;
        self.add(Logs { gap: log_units(bar.open, close), body: log_units(bar.close, bar.open) });
        let n = self.window.get();
        let rogers_satchell = self.terms.update(RogersSatchell::term(&bar), n)?;
        Some(
            self.gaps.variance(n, 1) + self.k * self.bodies.variance(n, 1) + (1.0 - self.k) * rogers_satchell,
        )
    }

    fn warm_up(&self) -> usize {
        self.window.len()
    }

    fn memory(&self) -> Memory {
        Memory::Finite { window: self.window.get() + 1 }
    }

    fn reset(&mut self) {
        self.close = None;
        self.ring.clear();
        self.gaps = RealSums::ZERO;
        self.bodies = RealSums::ZERO;
        self.terms.clear();
    }

    fn save(&self, state: &mut StateWriter) {
        state.write_bool(self.close.is_some());
        state.write_i64(self.close.unwrap_or_default());
        self.ring.save(state, |state, logs| {
            state.write_i128(logs.gap);
            state.write_i128(logs.body);
        });
        self.terms.save(state);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        let close = state.read_bool()?.then_some(read_raw(state)?);
        let mut ring = Ring::new(self.window.len());
        ring.load(state, |state| Ok(Logs { gap: read_log(state)?, body: read_log(state)? }))?;
        self.terms.load(state)?;
        if self.terms.len() != ring.len() || (close.is_none() && !ring.is_empty()) {
            self.reset();
            return Err(RestoreError::Invalid { what: "as many terms as bars after the first" });
        }
        ring.iter().for_each(|logs| self.add(logs));
        self.close = close;
        Ok(())
    }
}
