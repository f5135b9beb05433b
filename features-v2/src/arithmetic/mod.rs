//! The arithmetic under every operator: exact integers, one correct rounding at the end.

mod int;
mod int_ratio;
mod quotient;
mod real;
mod scale;
mod wide;

pub use int::Int;
pub use quotient::{Divisor, quotient, ratio};
pub use real::{REAL_LIMIT, RealSums, to_real};
pub use scale::Scale;
pub use wide::U256;
