//! What is tried, and what comes of it.

use std::num::NonZeroU32;

use anyhow::{Context as _, bail};
use dataset::LabelSpec;
use feature_api::{Bar, Columns, FeatureVersion, Param};
use harness::Estimate;

use crate::correlation::information_coefficient;

/// Share of the rows by which a value is chosen, in per cent.
pub const FIRST_PER_CENT: usize = 60;

/// A parameter and the values to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name in the set.
    pub name: String,
    /// The values, each once.
    pub values: Vec<u32>,
}

impl Parameter {
    /// Reads `NAME=VALUE,VALUE,…`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let expected = || "expected NAME=VALUE,VALUE,… in bars, such as rsi=7,14,28".to_owned();
        let (name, values) =
            text.split_once('=').filter(|(name, _)| !name.is_empty()).ok_or_else(expected)?;
        let values: Vec<u32> = values
            .split(',')
            .map(|value| value.trim().parse().map_err(|_| expected()))
            .collect::<Result<_, _>>()?;
        match values.iter().enumerate().find(|(index, value)| values.iter().take(*index).any(|v| v == *value))
        {
            Some((_, twice)) => Err(format!("{twice} is given more than once: name each value once")),
            None => Ok(Self { name: name.to_owned(), values }),
        }
    }
}

/// What is tried.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'a> {
    /// The feature version.
    pub version: &'static FeatureVersion,
    /// The set.
    pub set: &'a str,
    /// The feature of the set.
    pub feature: &'a str,
    /// The parameter and its values.
    pub parameter: &'a Parameter,
    /// How many bars ahead the return looks.
    pub horizon: NonZeroU32,
}

/// What came of a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tried {
    /// The value.
    pub value: u32,
    /// The information coefficient of the first rows, by which a value is chosen.
    pub first: Estimate,
    /// Of the rest.
    pub rest: Estimate,
}

/// What came of all values, on the same rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Swept {
    /// Rows of the first part, and of the rest.
    pub rows: (usize, usize),
    /// Each value, in the order given.
    pub tried: Vec<Tried>,
}

/// Computes the feature with each value and correlates it with the return that follows. Every value is looked at on the
/// same rows: those where the feature is valid with all of them. No return of the first part looks into the rest.
pub fn sweep(bars: &[Bar], plan: &Plan<'_>) -> anyhow::Result<Swept> {
    let Plan { parameter, horizon, .. } = plan;
    let columns =
        parameter.values.iter().map(|value| column(bars, plan, *value)).collect::<Result<Vec<_>, _>>()?;
    let mut others = columns.iter().skip(1);
    if columns.len() > 1 && others.all(|column| Some(column) == columns.first()) {
        bail!(
            "--param {}: {} of set {} is the same with every value: name a parameter that it depends on",
            parameter.name,
            plan.feature,
            plan.set
        );
    }
    let labels = LabelSpec::ForwardReturn { horizon: *horizon }.label(bars, None);
    let rows: Vec<usize> = (0..bars.len())
        .filter(|row| labels.get(*row).is_some() && columns.iter().all(|column| at(column, *row).is_some()))
        .collect();
    let (first, rest) = rows.split_at(rows.len() * FIRST_PER_CENT / 100);
    let ahead = usize::try_from(horizon.get())?;
    let begin = rest.first().copied().unwrap_or(0);
    let first: Vec<usize> = first.iter().copied().filter(|row| row.saturating_add(ahead) < begin).collect();
    let tried = parameter.values.iter().zip(&columns).map(|(value, column)| {
        let of = |part: &str, rows: &[usize]| {
            let pairs = rows.iter().filter_map(|row| Some((at(column, *row)?, labels.get(*row)?)));
            information_coefficient(&pairs.collect::<Vec<_>>(), horizon.get())
                .with_context(|| format!("{}={value}, {part} of the bars", parameter.name))
        };
        Ok(Tried { value: *value, first: of("the first part", &first)?, rest: of("the rest", rest)? })
    });
    Ok(Swept { rows: (first.len(), rest.len()), tried: tried.collect::<anyhow::Result<_>>()? })
}

fn at(column: &[Option<f64>], row: usize) -> Option<f64> {
    column.get(row).copied().flatten()
}

/// The feature at each bar.
fn column(bars: &[Bar], plan: &Plan<'_>, value: u32) -> anyhow::Result<Vec<Option<f64>>> {
    let Plan { version, set, feature, parameter, .. } = plan;
    let mut engine = version.open(set, &[Param { name: parameter.name.clone(), value }])?;
    if engine.schema().takes_position() {
        bail!("--set {set}: it looks at the open position, and bars alone have none; name another set");
    }
    let Some(index) = engine.schema().index_of(feature) else {
        let names: Vec<&str> = engine.schema().features().iter().map(|feature| feature.name).collect();
        bail!(
            "--feature {feature}: set {set} of {version} has no such feature; it has: {}",
            names.join(", ")
        );
    };
    let mut columns = Columns::new(engine.schema().width());
    engine.update_bars(bars, &mut columns).with_context(|| format!("set {set} refuses the bars"))?;
    Ok((0..bars.len()).map(|row| columns.get(row, index)).collect())
}

#[cfg(test)]
mod tests {
    use harness::walk::walk;

    use super::*;

    fn parameter(text: &str) -> Parameter {
        Parameter::parse(text).unwrap()
    }

    fn plan<'a>(parameter: &'a Parameter, feature: &'a str, horizon: u32) -> Plan<'a> {
        let version = feature_registry::find("1").unwrap();
        Plan { version, set: "core", feature, parameter, horizon: NonZeroU32::new(horizon).unwrap() }
    }

    #[test]
    fn a_random_walk_tells_nothing() {
        let parameter = parameter("rsi=5,14,28");
        // What comes of one seed may be luck; what comes of twelve with three values and two parts is not.
        let scores: Vec<f64> = (1..=12)
            .flat_map(|seed| {
                let swept = sweep(&walk(4_000, seed, 0).series.bars, &plan(&parameter, "rsi", 10)).unwrap();
                swept.tried.into_iter().flat_map(|tried| [tried.first.score(), tried.rest.score()])
            })
            .collect();
        assert_eq!(scores.len(), 72);
        assert!(scores.iter().all(|score| score.abs() < 4.0), "{scores:?}");
        let beyond = scores.iter().filter(|score| score.abs() > 2.0).count();
        assert!(beyond < 12, "{beyond} of 72 beyond two errors");
    }

    #[test]
    fn an_echo_is_found_in_both_parts_and_by_the_shortest_best() {
        let parameter = parameter("rsi=3,14,28");
        let swept = sweep(&walk(8_000, 1, 30).series.bars, &plan(&parameter, "rsi", 1)).unwrap();
        for Tried { value, first, rest } in &swept.tried {
            assert!(
                first.mean > 0.0 && first.p_value() < 0.001 && rest.mean > 0.0 && rest.p_value() < 0.01,
                "{value}: {first:?} {rest:?}"
            );
        }
        let [short, _, long] = swept.tried.as_slice() else { panic!("three values") };
        assert!(short.first.mean > long.first.mean && short.rest.mean > long.rest.mean);
    }

    #[test]
    fn every_value_has_the_same_rows_and_no_return_looks_into_the_rest() {
        let bars = walk(3_000, 1, 0).series.bars;
        let short = parameter("rsi=5");
        let both = parameter("rsi=5,28");
        // The first 28 bars have no RSI of 28, the last 10 no return: 2,962 rows, the first 1,777 of them without the last 10.
        assert_eq!(sweep(&bars, &plan(&both, "rsi", 10)).unwrap().rows, (1_767, 1_185));
        assert_eq!(sweep(&bars, &plan(&short, "rsi", 10)).unwrap().rows, (1_781, 1_194));
    }

    #[test]
    fn what_cannot_be_swept_is_said() {
        let bars = walk(500, 1, 0).series.bars;
        let refused = |text: &str, set: &'static str, feature: &'static str, horizon| {
            let parameter = parameter(text);
            let error = sweep(&bars, &Plan { set, ..plan(&parameter, feature, horizon) }).unwrap_err();
            format!("{error:#}")
        };
        assert!(refused("rsi=14", "core", "rsj", 1).contains("no such feature; it has: rsi, macd, "));
        assert!(
            refused("rsy=14", "core", "rsi", 1).starts_with("set core has no parameter \"rsy\"; it has: rsi")
        );
        assert_eq!(refused("rsi=0", "core", "rsi", 1), "parameter rsi of set core is 0; expected 1 to 1000");
        assert_eq!(
            refused("rsi=9", "close", "rsi", 1),
            "features-v1 has no set \"close\"; it has: core, entry, exit"
        );
        assert_eq!(
            refused("rsi=9,10", "core", "close", 1),
            "--param rsi: close of set core is the same with every value: name a parameter that it depends on"
        );
        assert!(refused("rsi=9", "exit", "rsi", 1).starts_with("--set exit: it looks at the open position"));
        let few = refused("rsi=9", "core", "rsi", 60);
        assert!(
            few.starts_with("rsi=9, the first part of the bars: ") && few.contains("are too few"),
            "{few}"
        );
        assert!(refused("rsi=9", "core", "rsi", u32::MAX).contains(" 0 rows are too few"));
    }

    #[test]
    fn values_are_read_or_refused() {
        assert_eq!(parameter("rsi=7, 14"), Parameter { name: "rsi".to_owned(), values: vec![7, 14] });
        for text in ["rsi", "rsi=", "=7", "rsi=7,", "rsi=a", "rsi=-1", "rsi=1.5"] {
            assert!(Parameter::parse(text).unwrap_err().contains("such as rsi=7,14,28"), "{text}");
        }
        assert_eq!(
            Parameter::parse("rsi=7,14,7").unwrap_err(),
            "7 is given more than once: name each value once"
        );
    }
}
