//! What events leave behind before any bar or feature: trades that were taken, the time that is known, the book.

mod book;
mod print;
mod tape;

pub use book::{Book, RawLevel};
pub use print::Print;
pub use tape::Tape;
