//! The rules, one file each: pure functions over what was read.

pub mod deny;
pub mod escapes;
pub mod frozen;
pub mod imports;
pub mod pins;
pub mod registry;
pub mod self_contained;
