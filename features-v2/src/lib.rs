//! Version 2 of the features: `core` (19), `entry` (85) and `exit` (25) over closed bars of one instrument.
//!
//! Everything that decides a value is in this crate: the operators, the arithmetic under them, the tables of
//! the sets. It depends on `feature-api` (types and traits) and on `libm` at an exact version.
//!
//! ```
//! use feature_api::{Bar, BarFields, Event, FeatureSet as _, Grid, Price, Qty, Row, UnixNanos};
//!
//! let mut core = features_v2::Core::new(&[])?;
//! let mut row = Row::new(core.schema().width());
//! for minute in 0..60 {
//!     let price = |raw| Price::from_raw(raw);
//!     let bar = Bar::new(BarFields {
//!         grid: Grid::new(2, 3)?,
//!         ts_open: UnixNanos(minute * 60_000_000_000),
//!         ts_close: UnixNanos((minute + 1) * 60_000_000_000),
//!         ts_available: UnixNanos((minute + 1) * 60_000_000_000),
//!         open: price(10_000 + minute % 7)?,
//!         high: price(10_020)?,
//!         low: price(9_990)?,
//!         close: price(10_000 + minute % 11)?,
//!         volume: Qty::from_raw(1_500)?,
//!         taker: None,
//!     })?;
//!     core.update(Event::Bar(&bar), &mut row)?;
//! }
//! let rsi = row.get(core.schema().index_of("rsi").unwrap());
//! assert!(rsi.is_some_and(|rsi| (0.0..=100.0).contains(&rsi)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Promises
//! - **Same bits** in batch, stream, after a restart, in debug and release, on x86-64 and aarch64. Only
//!   + − × ÷, square root, comparisons and casts of the standard library are used; the logarithm is libm's.
//! - **Exact windows**: a finite-window feature depends on its window alone, to the bit.
//! - **The grid does not matter**: the same prices with more decimals give the same bits.

pub mod arithmetic;
pub mod bars;
pub mod canonical;
pub mod market;
pub mod operators;
pub mod sets;
pub mod window;

use feature_api::identity::Hash;
use feature_api::{Canonical, FeatureVersion};

pub use sets::{Core, Entry, Exit, Flow, Multires, SETS, by_name};

/// The exact version of these features.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// sha256 over every file that decides a value, made by the build script from what was compiled.
pub const SOURCE_HASH: Hash = parse(env!("ISOBAR_SOURCE_HASH"));

/// sha256 over every row of every set on the canonical input; see [`canonical`].
pub const OUTPUT_HASH: Hash = parse(include_str!("../goldens/OUTPUT_HASH"));

/// This version, for whatever works with any version.
pub const FEATURES: FeatureVersion = FeatureVersion {
    name: env!("CARGO_PKG_NAME"),
    version: VERSION,
    source_hash: SOURCE_HASH,
    output_hash: OUTPUT_HASH,
    sets: &SETS,
    by_name,
    self_test: || canonical::output().hash,
    canonical: Canonical {
        events: canonical::events,
        output: canonical::output,
        golden: include_str!("../goldens/FEATURES"),
    },
};

const fn parse(text: &str) -> Hash {
    let text = text.as_bytes();
    let mut bytes = [0; 32];
    let mut index = 0;
    while index < 32 {
        bytes[index] = digit(text[2 * index]) << 4 | digit(text[2 * index + 1]);
        index += 1;
    }
    Hash(bytes)
}

const fn digit(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        // At compile time: a build error.
        #[allow(clippy::panic, reason = "evaluated at compile time only")]
        _ => panic!("a hash is written in 64 lower-case hexadecimal digits"),
    }
}
