//! Signed integers of 64·N bits, for sums of powers.

use core::cmp::Ordering;

/// A signed integer in two's complement, `N` words of 64 bits, the lowest first. Arithmetic wraps; who uses it shows
/// that it cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Int<const N: usize>([u64; N]);

impl<const N: usize> Default for Int<N> {
    fn default() -> Self {
        Self([0; N])
    }
}

impl<const N: usize> Int<N> {
    /// Below, at or above zero.
    #[must_use]
    pub fn sign(&self) -> Ordering {
        self.0.iter().copied().max().unwrap_or(0).cmp(&0)
    }
}
