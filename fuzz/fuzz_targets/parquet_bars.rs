//! Any bytes as Parquet: the reader answers with bars or an error. The first byte chooses the options, the rest
//! is the file.
//!
//! A panic inside the Parquet library is an error to the reader, which catches it; so the hook that makes
//! libFuzzer stop at every panic is taken off here. One that is not caught still ends the run.
#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use market_data::{BarFileOptions, NoisePolicy, ProblemPolicy, TimestampOf, VolumePolicy, read_bars};

/// In memory where there is such a folder: the reader opens files by name.
static FILE: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = [PathBuf::from("/dev/shm")].into_iter().find(|folder| folder.is_dir());
    folder.unwrap_or_else(std::env::temp_dir).join(format!("isobar-fuzz-{}.parquet", std::process::id()))
});

fuzz_target!(
    init: std::panic::set_hook(Box::new(|_| {})),
    |bytes: &[u8]| {
        let [a, file @ ..] = bytes else { return };
        let options = BarFileOptions {
            volume: if a & 1 == 0 { VolumePolicy::Required } else { VolumePolicy::None },
            timestamp: if a & 2 == 0 { TimestampOf::Open } else { TimestampOf::Close },
            problems: if a & 4 == 0 { ProblemPolicy::Refuse } else { ProblemPolicy::Skip },
            noise: if a & 8 == 0 { NoisePolicy::Refuse } else { NoisePolicy::Round },
            ..BarFileOptions::default()
        };
        std::fs::write(&*FILE, file).expect("a file to write to");
        if let Ok(series) = read_bars(&FILE, &options) {
            assert!(!series.bars.is_empty());
            assert!(series.bars.len() as u64 <= series.rows_read);
            for (bar, next) in series.bars.iter().zip(series.bars.iter().skip(1)) {
                assert!(bar.ts_close() <= next.ts_open());
            }
            assert!(series.bars.iter().all(|bar| bar.grid() == series.grid));
            assert!(options.problems == ProblemPolicy::Skip || series.problems.is_empty());
        }
    }
);
