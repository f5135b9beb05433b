//! Kyle's lambda: what a unit of signed volume moves the price by.

use feature_api::{Memory, Operator, RestoreError, StateReader, StateWriter};

use crate::arithmetic::{Divisor, Scale};
use crate::window::{Ring, Window, read_raw};

/// Close of a bar, and the quantity that takers bought less what they sold in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CloseFlow {
    /// Raw close.
    pub close: i64,
    /// Raw signed volume.
    pub flow: i64,
}

/// Slope of price changes over signed volumes in the last `n` bars, in units of price for a unit of quantity.
///
/// - **Formula**: `cov(ΔC, B − S) / var(B − S)`; each from an exact integer numerator with one correct rounding.
/// - **Parameters**: window `n`; the scales of price and quantity.
/// - **Warm-up**: n.
/// - **Degenerate**: 0 where all signed volumes are equal.
/// - **Source**: A. Kyle, Continuous Auctions and Insider Trading (1985); M. López de Prado, Advances in Financial
///   Machine Learning (2018), 19.4.1.
#[derive(Debug, Clone)]
pub struct Kyle {
    window: Window,
    covariance: Divisor,
    variance: Divisor,
    /// One bar more than the window has, for the first change.
    bars: Ring<CloseFlow>,
    sums: Sums,
}

/// Over the window's bars. Changes are at most 2^54, signed volumes 2^53, windows 1,000: every product of sums is below
/// 2^127.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    flow: i64,
    squares: i128,
    products: i128,
}

impl Sums {
    #[inline]
    fn add(&mut self, before: i64, bar: CloseFlow, sign: i64) {
        let flow = sign * bar.flow;
        self.flow += flow;
        self.squares += i128::from(flow) * i128::from(bar.flow);
        self.products += i128::from(flow) * i128::from(bar.close - before);
    }
}

impl Kyle {
    /// A slope over `window` bars of raw prices and quantities of those scales.
    #[must_use]
    pub fn new(window: Window, price: Scale, quantity: Scale) -> Self {
        Self {
            window,
            covariance: price.divisor_times(quantity.steps()),
            variance: quantity.divisor_times(quantity.steps()),
            bars: Ring::new(window.len() + 1),
            sums: Sums::default(),
        }
    }

    fn add(&mut self, bar: CloseFlow) {
        if let Some(before) = self.bars.back(0) {
            self.sums.add(before.close, bar, 1);
        }
        if let Some(dropped) = self.bars.push(bar)
            && let Some(oldest) = self.bars.oldest()
        {
            self.sums.add(dropped.close, oldest, -1);
        }
    }
}

impl Operator for Kyle {
    type Input = CloseFlow;
    type Output = f64;

    #[inline]
    fn update(&mut self, bar: CloseFlow) -> Option<f64> {
        self.add(bar);
        if !self.bars.is_full() {
            return None;
        }
        let n = i128::from(self.window.get());
        let flow = i128::from(self.sums.flow);
        let scatter = n * self.sums.squares - flow * flow;
        if scatter == 0 {
            return Some(0.0);
        }
        // The changes add up to the change over the window. Both moments are n² times what they are called.
        let change = i128::from(bar.close - self.bars.oldest()?.close);
        let covariance = self.covariance.divide(n * self.sums.products - change * flow);
        Some(covariance / self.variance.divide(scatter))
    }

    fn warm_up(&self) -> usize {
        self.window.len()
    }

    fn memory(&self) -> Memory {
        Memory::Finite { window: self.window.get() + 1 }
    }

    fn reset(&mut self) {
        self.bars.clear();
        self.sums = Sums::default();
    }

    fn save(&self, state: &mut StateWriter) {
        self.bars.save(state, |state, bar| {
            state.write_i64(bar.close);
            state.write_i64(bar.flow);
        });
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        let mut bars = Ring::new(self.window.len() + 1);
        bars.load(state, |state| Ok(CloseFlow { close: read_raw(state)?, flow: read_raw(state)? }))?;
        bars.iter().for_each(|bar| self.add(bar));
        Ok(())
    }
}
