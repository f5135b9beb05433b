//! The two subsets.

use anyhow::bail;
use feature_api::FeatureVersion;

/// Names of features, parted by commas on the command line.
pub type Names = Vec<String>;

/// What moves of the close are made of; none in units of price, which no tree can carry to a level it has not seen.
const MOMENTUM: [&str; 9] = [
    "close_change_1",
    "close_change_3",
    "rsi",
    "rsi_200",
    "rsi_from_recent_peak",
    "distance_from_recent_high_pct",
    "consecutive_up_candles",
    "bearish_candle_count",
    "body_to_range_ratio",
];

/// What was traded, and at which levels.
const VOLUME_AND_LEVELS: [&str; 9] = [
    "volume_ma_ratio",
    "volume_price_correlation",
    "taker_imbalance",
    "red_candle_volume_ratio",
    "distance_to_support_pct",
    "distance_to_resistance_pct",
    "vp_percentile",
    "vp_volume_imbalance",
    "vwap_distance_pct",
];

/// Two subsets of the features of a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subsets {
    /// A, then B.
    pub names: [Names; 2],
    /// Every feature of the set.
    pub all: Vec<String>,
}

/// Reads names parted by commas.
pub fn parse(text: &str) -> Result<Names, String> {
    let names: Names = text.split(',').map(|name| name.trim().to_owned()).collect();
    if names.iter().any(String::is_empty) {
        return Err("expected names of features parted by commas, such as rsi,macd".to_owned());
    }
    match names.iter().enumerate().find(|(index, name)| names.iter().take(*index).any(|other| other == *name))
    {
        Some((_, twice)) => Err(format!("{twice} is named more than once: name each feature once")),
        None => Ok(names),
    }
}

impl Subsets {
    /// The subsets given, or momentum beside volume and levels.
    ///
    /// # Errors
    /// Where the set has no such feature, looks at the open position, or both subsets are the same.
    pub fn of(version: &FeatureVersion, set: &str, given: Option<(&Names, &Names)>) -> anyhow::Result<Self> {
        let engine = version.open(set, &[])?;
        let schema = engine.schema();
        if schema.takes_position() {
            bail!("--set {set}: it looks at the open position, and bars alone have none; name another set");
        }
        let all: Vec<String> = schema.features().iter().map(|feature| feature.name.to_owned()).collect();
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Names>();
        let names = match given {
            Some((a, b)) => [a.clone(), b.clone()],
            None => [owned(&MOMENTUM), owned(&VOLUME_AND_LEVELS)],
        };
        for (option, names) in ["--a", "--b"].iter().zip(&names) {
            let unknown: Vec<&str> =
                names.iter().filter(|name| !all.contains(name)).map(String::as_str).collect();
            if !unknown.is_empty() {
                bail!(
                    "{option}: set {set} of {version} has no {}; name --a and --b of its features: {}",
                    unknown.join(", "),
                    all.join(", ")
                );
            }
        }
        let [a, b] = &names;
        if a.len() == b.len() && a.iter().all(|name| b.contains(name)) {
            bail!("--a and --b name the same features: there is nothing to compare");
        }
        Ok(Self { names, all })
    }

    /// What a model of these features does not see.
    pub fn without(&self, names: &Names) -> Vec<String> {
        self.all.iter().filter(|name| !names.contains(name)).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(set: &str, a: &str, b: &str) -> Result<Subsets, String> {
        let version = feature_registry::find("1").unwrap();
        let given = (&parse(a).unwrap(), &parse(b).unwrap());
        Subsets::of(version, set, Some(given)).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_not_named_is_not_seen() {
        let subsets = of("core", "rsi", "volume,close").unwrap();
        let [a, b] = &subsets.names;
        assert_eq!((subsets.all.len(), subsets.without(a).len(), subsets.without(b).len()), (19, 18, 17));
        assert!(!subsets.without(a).contains(&"rsi".to_owned()));
    }

    #[test]
    fn the_default_fits_every_version_there_is() {
        for version in feature_registry::VERSIONS {
            let [a, b] = Subsets::of(version, "entry", None).unwrap().names;
            assert!(a.iter().all(|name| !b.contains(name)));
        }
    }

    #[test]
    fn what_cannot_be_compared_is_said() {
        let unknown = of("core", "rsi,rsj", "volume").unwrap_err();
        assert!(unknown.starts_with("--a: set core of features-v1 "), "{unknown}");
        assert!(unknown.contains(" has no rsj; name --a and --b of its features: rsi, macd, "), "{unknown}");
        assert!(of("core", "rsi", "x,y").unwrap_err().contains("--b: set core of features-v1 "));
        assert_eq!(
            of("core", "rsi,macd", "macd,rsi").unwrap_err(),
            "--a and --b name the same features: there is nothing to compare"
        );
        assert_eq!(
            of("close", "rsi", "macd").unwrap_err(),
            "features-v1 has no set \"close\"; it has: core, entry, exit"
        );
        assert!(
            of("exit", "rsi", "atr").unwrap_err().starts_with("--set exit: it looks at the open position")
        );
    }

    #[test]
    fn names_are_read_or_refused() {
        assert_eq!(parse("rsi, macd"), Ok(vec!["rsi".to_owned(), "macd".to_owned()]));
        for text in ["", ",", "rsi,", ",rsi", "rsi,,macd"] {
            assert!(parse(text).unwrap_err().contains("such as rsi,macd"), "{text}");
        }
        assert_eq!(parse("rsi,atr,rsi").unwrap_err(), "rsi is named more than once: name each feature once");
    }
}
