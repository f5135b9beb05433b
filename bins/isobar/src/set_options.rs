//! Which feature version, which set, which parameters.

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use feature_api::identity::Hash;
use feature_api::{FeatureSet, Param};

use crate::error::Usage;

/// The features that look at the open position; every other feature is one of the market.
const POSITION_FEATURES: [&str; 4] =
    ["time_held", "current_pnl_pct", "pnl_from_peak", "volatility_since_entry"];

/// A feature version this tool carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FeatureVersion {
    /// features-v1.
    #[value(name = "1")]
    V1,
}

impl FeatureVersion {
    /// Name of the crate.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V1 => "features-v1",
        }
    }

    /// Exact version of the crate.
    pub const fn version(self) -> &'static str {
        match self {
            Self::V1 => features_v1::VERSION,
        }
    }

    /// Hash of the source that was compiled.
    pub const fn source_hash(self) -> Hash {
        match self {
            Self::V1 => features_v1::SOURCE_HASH,
        }
    }

    /// Hash of the output it must give on the canonical input.
    pub const fn output_hash(self) -> Hash {
        match self {
            Self::V1 => features_v1::OUTPUT_HASH,
        }
    }
}

/// The options that choose a feature set.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Feature set")]
pub struct SetOptions {
    /// Feature version
    #[arg(long, value_name = "VERSION")]
    pub features: FeatureVersion,
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
        match self.features {
            FeatureVersion::V1 => {
                features_v1::by_name(&self.set, &self.params).map_err(|error| Usage(error.to_string()))
            }
        }
    }

    /// Whether the set looks at the open position.
    pub fn takes_position(&self) -> bool {
        match self.features {
            FeatureVersion::V1 => self.set == "exit",
        }
    }

    /// Version and set, for people.
    pub fn title(&self) -> String {
        format!("{} {}, set {}", self.features.name(), self.features.version(), self.set)
    }
}

/// Whether a feature is one of the market, not of the open position.
pub fn is_market(name: &str) -> bool {
    !POSITION_FEATURES.contains(&name)
}

fn parse_param(text: &str) -> Result<Param, String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE, such as rsi=14")?;
    let value = value.parse().map_err(|_| "VALUE is a number of bars, such as 14".to_owned())?;
    Ok(Param { name: name.to_owned(), value })
}

#[cfg(test)]
mod tests {
    use feature_api::{Columns, Position, Side, UnixNanos};
    use market_data::synth;

    use super::*;

    #[test]
    fn the_features_of_the_position_are_those_that_need_one() {
        let bars = synth::bars(&synth::SynthOptions { rows: 1000, ..Default::default() }).bars;
        for set in features_v1::SETS {
            let mut engine = features_v1::by_name(set, &[]).unwrap();
            let mut rows = Columns::new(engine.schema().width());
            engine.update_bars(&bars, &mut rows).unwrap();
            for (index, feature) in engine.schema().features().iter().enumerate() {
                let name = feature.name;
                assert_eq!(rows.get(bars.len() - 1, index).is_some(), is_market(name), "{set}.{name}");
            }
        }
        let options = SetOptions { features: FeatureVersion::V1, set: "core".to_owned(), params: Vec::new() };
        let position = Position { side: Side::Long, entry_price: bars[0].close(), ts_entry: UnixNanos(0) };
        for set in features_v1::SETS {
            let options = SetOptions { set: set.to_owned(), ..options.clone() };
            let mut engine = options.engine().unwrap();
            let mut row = feature_api::Row::new(engine.schema().width());
            let taken = engine.update(feature_api::Event::Position(Some(position)), &mut row);
            assert_eq!(taken.is_ok(), options.takes_position(), "{set}");
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
