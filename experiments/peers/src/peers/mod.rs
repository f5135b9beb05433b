//! The Rust crates, each called the way its documentation calls it.

mod kand;
mod ta;
#[cfg(feature = "vector-ta")]
mod vector_ta;
mod yata;

use crate::contender::Contender;

/// Every operator of every crate.
pub fn contenders() -> Vec<Contender> {
    let mut contenders = ta::contenders();
    contenders.extend(yata::contenders());
    contenders.extend(kand::contenders());
    #[cfg(feature = "vector-ta")]
    contenders.extend(vector_ta::contenders());
    contenders
}
