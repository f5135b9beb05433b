//! The parameters of `multires`.

use crate::sets::table::params;

params! {
    /// What closes the bars of `multires`. The windows over them are in the features' names, and fixed.
    MultiresParams of "multires" {
        /// Quote units that make a short bar.
        short_quote = 2_000_000 in 1..=4_000_000_000,
        /// Short bars in a medium bar.
        medium_shorts = 10 in 1..=10_000,
        /// Medium bars in a long bar.
        long_mediums = 16 in 1..=10_000,
        /// Seconds of a t1m bar.
        t1m_seconds = 60 in 1..=86_400,
        /// Seconds of a t15m bar.
        t15m_seconds = 900 in 1..=604_800,
        /// Seconds of a t4h bar.
        t4h_seconds = 14_400 in 1..=604_800,
    }
    "t15m_seconds and t4h_seconds must be multiples of t1m_seconds": |p| {
        p.t15m_seconds.is_multiple_of(p.t1m_seconds) && p.t4h_seconds.is_multiple_of(p.t1m_seconds)
    }
}
