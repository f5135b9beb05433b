//! Which feature version, which set, which parameters.

use clap::Args;
use feature_api::{FeatureSet, FeatureVersion, Param};
use feature_registry::{VERSIONS, number};

use crate::error::Usage;

/// The options that choose a feature set.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Feature set")]
pub struct SetOptions {
    /// Feature version, such as 1; an unknown one is answered with those there are
    #[arg(long, value_name = "VERSION", value_parser = parse_version)]
    pub features: &'static FeatureVersion,
    /// Feature set, such as core; an unknown one is answered with those the version has
    #[arg(long)]
    pub set: String,
    /// A parameter of the set other than the catalogue's: a window or a size; may be repeated
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
        self.features.open(&self.set, &self.params).map_err(|error| Usage(error.to_string()))
    }

    /// Version and set, for people.
    pub fn title(&self) -> String {
        format!("{}, set {}", self.features, self.set)
    }
}

/// Reads a feature version: by its number (`1`), its short name (`v1`) or the name of its crate (`features-v1`).
pub fn parse_version(text: &str) -> Result<&'static FeatureVersion, String> {
    let known = || VERSIONS.iter().map(|version| number(version)).collect::<Vec<_>>().join(", ");
    feature_registry::find(text)
        .ok_or_else(|| format!("expected a feature version that this program carries: {}", known()))
}

/// Reads `NAME=VALUE`.
pub fn parse_param(text: &str) -> Result<Param, String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE, such as rsi=14")?;
    let value = value.parse().map_err(|_| "VALUE is a whole number, such as 14".to_owned())?;
    Ok(Param { name: name.to_owned(), value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_is_read_by_each_of_its_names() {
        for version in VERSIONS {
            for name in [number(version), feature_registry::short(version), version.name] {
                assert_eq!(parse_version(name).map(|found| found.name), Ok(version.name), "{name}");
            }
        }
        let numbers: Vec<&str> = VERSIONS.iter().map(|version| number(version)).collect();
        let refused = format!("expected a feature version that this program carries: {}", numbers.join(", "));
        for unknown in ["0", "", "v", "1.0.0"] {
            assert_eq!(parse_version(unknown).err().as_deref(), Some(refused.as_str()), "{unknown:?}");
        }
    }

    #[test]
    fn a_set_is_looked_up_in_the_version() {
        for version in VERSIONS {
            let options = SetOptions { features: version, set: "close".to_owned(), params: Vec::new() };
            let refused = options.engine().err().map(|error| error.to_string());
            let expected =
                format!("{} has no set \"close\"; it has: {}", version.name, version.sets.join(", "));
            assert_eq!(refused, Some(expected));
        }
    }

    #[test]
    fn parameters_are_read_or_refused() {
        assert_eq!(parse_param("rsi=7"), Ok(Param { name: "rsi".to_owned(), value: 7 }));
        for refused in ["rsi", "rsi=", "rsi=-1", "rsi=1.5", "rsi=4294967296"] {
            assert!(parse_param(refused).is_err(), "{refused}");
        }
    }
}
