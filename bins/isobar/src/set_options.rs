//! Which feature version, which set, which parameters.

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use feature_api::{FeatureSet, FeatureVersion, Param};

use crate::error::Usage;

/// A feature version this tool carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Version {
    /// features-v1.
    #[value(name = "1")]
    V1,
}

/// Every version this tool carries, oldest first.
pub const VERSIONS: [&FeatureVersion; 1] = [&features_v1::FEATURES];

impl Version {
    /// The version itself.
    pub const fn features(self) -> &'static FeatureVersion {
        match self {
            Self::V1 => &features_v1::FEATURES,
        }
    }
}

/// The options that choose a feature set.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Feature set")]
pub struct SetOptions {
    /// Feature version
    #[arg(long, value_name = "VERSION")]
    pub features: Version,
    /// Feature set
    #[arg(long, value_parser = PossibleValuesParser::new(features_v1::SETS))]
    pub set: String,
    /// A parameter of the set other than the catalogue's: a window in bars; may be repeated
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parse_param)]
    pub params: Vec<Param>,
}

impl SetOptions {
    /// A fresh engine.
    pub fn engine(&self) -> Result<Box<dyn FeatureSet>, Usage> {
        for (index, param) in self.params.iter().enumerate() {
            if self.params.iter().skip(index + 1).any(|other| other.name == param.name) {
                return Err(Usage(format!("--param {} is given more than once", param.name)));
            }
        }
        self.features.features().open(&self.set, &self.params).map_err(|error| Usage(error.to_string()))
    }

    /// Version and set, for people.
    pub fn title(&self) -> String {
        format!("{}, set {}", self.features.features(), self.set)
    }
}

/// Reads `NAME=VALUE`.
pub fn parse_param(text: &str) -> Result<Param, String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE, such as rsi=14")?;
    let value = value.parse().map_err(|_| "VALUE is a number of bars, such as 14".to_owned())?;
    Ok(Param { name: name.to_owned(), value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_or_refused() {
        assert_eq!(parse_param("rsi=7"), Ok(Param { name: "rsi".to_owned(), value: 7 }));
        for refused in ["rsi", "rsi=", "rsi=-1", "rsi=1.5", "rsi=4294967296"] {
            assert!(parse_param(refused).is_err(), "{refused}");
        }
    }
}
