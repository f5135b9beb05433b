//! The options that say how rows become inputs.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use clap::{Args, ValueEnum};
use preprocess::{ClipQuantiles, NullPolicy, Recipe, ScalerKind};

use crate::error::Usage;

/// How rows become the inputs of the model. Everything is fitted on the training rows alone.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Preprocessing")]
pub struct RecipeOptions {
    /// What becomes of a value that is not valid: the row is no input, the training median takes its place, or
    /// the model is told that it is missing
    #[arg(long, value_enum, default_value_t = Nulls::Refuse)]
    nulls: Nulls,
    /// The same for one feature, such as rsi=median; may be repeated
    #[arg(long = "nulls-of", value_name = "NAME=POLICY", value_parser = parse_nulls_of)]
    nulls_of: Vec<(String, NullPolicy)>,
    /// Features the model does not see
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    drop: Vec<String>,
    /// Cut values off at these quantiles of the training rows, such as 0.005,0.995
    #[arg(long, value_name = "LOW,HIGH", value_parser = parse_clip)]
    clip: Option<ClipQuantiles>,
    /// How values are scaled: by mean and standard deviation, by minimum and range, or by median and quartiles
    #[arg(long, value_enum, default_value_t = Scaler::None)]
    scaler: Scaler,
    /// How many rows, the newest among them, are one input
    #[arg(long, value_name = "ROWS", default_value = "1")]
    sequence: NonZeroU32,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Nulls {
    Refuse,
    Median,
    Missing,
}

impl From<Nulls> for NullPolicy {
    fn from(nulls: Nulls) -> Self {
        match nulls {
            Nulls::Refuse => Self::Refuse,
            Nulls::Median => Self::Median,
            Nulls::Missing => Self::Missing,
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Scaler {
    None,
    Standard,
    #[value(name = "minmax")]
    MinMax,
    Robust,
}

impl RecipeOptions {
    /// The same, as it is fitted.
    pub fn recipe(&self) -> Result<Recipe, Usage> {
        let mut nulls_of = BTreeMap::new();
        for (name, policy) in &self.nulls_of {
            if nulls_of.insert(name.clone(), *policy).is_some() {
                return Err(Usage(format!("--nulls-of {name} is given more than once")));
            }
        }
        Ok(Recipe {
            nulls: self.nulls.into(),
            nulls_of,
            drop: self.drop.clone(),
            clip: self.clip,
            scaler: match self.scaler {
                Scaler::None => ScalerKind::None,
                Scaler::Standard => ScalerKind::Standard,
                Scaler::MinMax => ScalerKind::MinMax,
                Scaler::Robust => ScalerKind::Robust,
            },
            sequence: self.sequence,
        })
    }
}

fn parse_nulls_of(text: &str) -> Result<(String, NullPolicy), String> {
    let (name, policy) = text.split_once('=').ok_or("expected NAME=POLICY, such as rsi=median")?;
    let policy =
        Nulls::from_str(policy, false).map_err(|_| "POLICY is refuse, median or missing".to_owned())?;
    Ok((name.to_owned(), policy.into()))
}

fn parse_clip(text: &str) -> Result<ClipQuantiles, String> {
    let quantiles =
        text.split_once(',').and_then(|(low, high)| Some((low.parse().ok()?, high.parse().ok()?)));
    match quantiles {
        Some((low, high)) if 0.0 <= low && low < high && high <= 1.0 => Ok(ClipQuantiles { low, high }),
        _ => Err("expected two quantiles from 0 to 1, the lower first, such as 0.005,0.995".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_and_policies_are_read_or_refused() {
        assert_eq!(parse_clip("0,0.99"), Ok(ClipQuantiles { low: 0.0, high: 0.99 }));
        for refused in ["", "0.5", "0.9,0.1", "0.5,0.5", "nan,1", "0,1.1", "-0.1,1", "0,1,2"] {
            assert!(parse_clip(refused).is_err(), "{refused}");
        }
        assert_eq!(parse_nulls_of("rsi=median"), Ok(("rsi".to_owned(), NullPolicy::Median)));
        for refused in ["rsi", "rsi=", "rsi=zero", "rsi=Median"] {
            assert!(parse_nulls_of(refused).is_err(), "{refused}");
        }
    }
}
