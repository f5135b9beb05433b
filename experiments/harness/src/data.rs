//! The bars an experiment looks at, and the feature version it takes.

use std::fmt;
use std::path::PathBuf;

use clap::Args;
use feature_api::{BarKind, BarSpec, FeatureVersion};
use feature_registry::{VERSIONS, newest, number};
use market_data::synth::{self, SynthOptions};
use market_data::{BarFileOptions, BarSeries, VolumePolicy};

/// The options that say which bars, and which feature version.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Data")]
pub struct DataOptions {
    /// The bars: .csv or .txt, also with .gz or .zst behind, or .parquet; else they are made up
    #[arg(long, value_name = "FILE", conflicts_with_all = ["rows", "seed"])]
    bars: Option<PathBuf>,
    /// The file has no volume
    #[arg(long, requires = "bars")]
    no_volume: bool,
    /// Without a file: how many bars of a minute are made up
    #[arg(long, value_name = "N", default_value_t = 20_000, value_parser = clap::value_parser!(u64).range(1..=5_000_000))]
    rows: u64,
    /// Without a file: the seed of the bars that are made up
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Feature version, such as 1, a draft too; else the newest
    #[arg(long, value_name = "VERSION", value_parser = parse_version)]
    features: Option<&'static FeatureVersion>,
}

/// Bars, and where they come from.
#[derive(Debug, Clone)]
pub struct Data {
    /// The bars.
    pub series: BarSeries,
    /// What they are.
    pub spec: BarSpec,
    /// The file's name, or how they were made up.
    pub origin: String,
}

impl DataOptions {
    /// Reads the bars, or makes them up as `isobar synth` does.
    ///
    /// # Errors
    /// Where the file cannot be read or its rows are not as they must be.
    pub fn read(&self) -> anyhow::Result<Data> {
        let Some(path) = &self.bars else {
            let options = SynthOptions { rows: self.rows, seed: self.seed, ..SynthOptions::default() };
            return Ok(Data::of(synth::bars(&options), true, format!("made up from seed {}", self.seed)));
        };
        let volume = if self.no_volume { VolumePolicy::None } else { VolumePolicy::Required };
        let series = market_data::read_bars(path, &BarFileOptions { volume, ..BarFileOptions::default() })?;
        Ok(Data::of(series, !self.no_volume, path.display().to_string()))
    }

    /// The feature version.
    #[must_use]
    pub fn version(&self) -> &'static FeatureVersion {
        self.features.unwrap_or_else(newest)
    }
}

impl Data {
    /// Bars from somewhere else, such as a test.
    #[must_use]
    pub const fn of(series: BarSeries, volume: bool, origin: String) -> Self {
        let spec = BarSpec { kind: BarKind::Time { interval: series.interval }, volume };
        Self { series, spec, origin }
    }
}

impl fmt::Display for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}, {}", self.series.bars.len(), self.spec, self.origin)
    }
}

/// Reads a feature version: by its number (`1`), its short name (`v1`) or the name of its crate (`features-v1`).
///
/// # Errors
/// A message that lists the versions there are.
pub fn parse_version(text: &str) -> Result<&'static FeatureVersion, String> {
    let known = || VERSIONS.iter().map(|version| number(version)).collect::<Vec<_>>().join(", ");
    feature_registry::find(text).ok_or_else(|| format!("expected a feature version there is: {}", known()))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Cli {
        #[command(flatten)]
        data: DataOptions,
    }

    fn options(args: &[&str]) -> Result<DataOptions, String> {
        let parsed = Cli::try_parse_from([&["test"], args].concat());
        parsed.map(|cli| cli.data).map_err(|error| error.to_string())
    }

    #[test]
    fn without_a_file_bars_are_made_up_and_the_version_is_the_newest() {
        let options = options(&["--rows", "100", "--seed", "3"]).unwrap();
        let data = options.read().unwrap();
        assert_eq!(data.to_string(), "100 time bars of 1m with volume, made up from seed 3");
        assert_eq!(options.version().name, newest().name);
    }

    #[test]
    fn a_file_gives_the_bars_it_holds() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bars.csv");
        let made = options(&["--rows", "50"]).unwrap().read().unwrap();
        market_data::write_bars(&path, &made.series).unwrap();
        let read = options(&["--bars", path.to_str().unwrap()]).unwrap().read().unwrap();
        assert_eq!(read.series.bars, made.series.bars);
        let without = options(&["--bars", path.to_str().unwrap(), "--no-volume"]).unwrap().read().unwrap();
        assert_eq!(without.spec.to_string(), "time bars of 1m without volume");
        assert!(without.series.bars.iter().all(|bar| bar.volume().raw() == 0));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for args in [
            &["--rows", "0"][..],
            &["--rows", "x"],
            &["--bars", "a.csv", "--rows", "5"],
            &["--bars", "a.csv", "--seed", "5"],
            &["--no-volume"],
        ] {
            assert!(options(args).is_err(), "{args:?}");
        }
        let numbers: Vec<&str> = VERSIONS.iter().map(|version| number(version)).collect();
        let refused = options(&["--features", "0"]).unwrap_err();
        let expected = format!("expected a feature version there is: {}", numbers.join(", "));
        assert!(refused.contains(&expected), "{refused}");
        let missing = options(&["--bars", "missing.csv"]).unwrap().read().unwrap_err().to_string();
        assert!(missing.contains("missing.csv"), "{missing}");
    }
}
