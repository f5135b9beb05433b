//! Small datasets of made-up bars.

#![allow(
    clippy::unwrap_used,
    dead_code,
    reason = "helpers of tests fail by panicking, and not every test uses each"
)]

use std::num::NonZeroU32;

use dataset::{BuildOptions, Dataset, LabelSpec, SplitSpec, build};
use market_data::BarSeries;
use market_data::synth::{self, SynthOptions};

pub const SPLIT: SplitSpec = SplitSpec { train: 0.6, validation: 0.2, test: 0.2, embargo: 3 };
pub const HORIZON: u32 = 5;

pub fn series(rows: u64, seed: u64) -> BarSeries {
    synth::bars(&SynthOptions { rows, seed, ..SynthOptions::default() })
}

pub fn direction() -> LabelSpec {
    LabelSpec::Direction { horizon: NonZeroU32::new(HORIZON).unwrap(), above: 0.0 }
}

pub fn forward_return() -> LabelSpec {
    LabelSpec::ForwardReturn { horizon: NonZeroU32::new(HORIZON).unwrap() }
}

/// The set `core` over these bars.
pub fn dataset(series: &BarSeries, label: LabelSpec) -> Dataset {
    let folder = tempfile::tempdir().unwrap();
    let options = BuildOptions {
        version: &features_v1::FEATURES,
        set: "core",
        params: &[],
        volume: true,
        label,
        finer: None,
        positions: None,
        split: SPLIT,
        cache: None,
        profile: false,
        time_shares: &[],
    };
    build(folder.path(), series, &options).unwrap();
    Dataset::open(folder.path()).unwrap()
}
