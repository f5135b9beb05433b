//! Labels as text, and what a label must be.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use crate::{Barriers, DatasetError, LabelSpec, TradeSide};

/// The kinds there are.
const KINDS: [&str; 3] = ["return", "direction", "barriers"];
/// An example of each.
const RETURN: &str = "return:horizon=15";
const DIRECTION: &str = "direction:horizon=15,above=0.0005";
const BARRIERS: &str = "barriers:horizon=60,profit=0.01,loss=0.005,side=long";

impl LabelSpec {
    /// Checks the numbers of a label.
    ///
    /// # Errors
    /// [`DatasetError::Label`] where `above` is not finite and above −1, or a distance of a barrier not finite and
    /// above 0, or 1 and more below the entry, which no price above 0 reaches.
    pub fn check(&self) -> Result<(), DatasetError> {
        let reason = match self {
            Self::ForwardReturn { .. } => None,
            Self::Direction { above, .. } => (!(above.is_finite() && *above > -1.0))
                .then(|| format!("above is {above}; expected a finite number above -1")),
            Self::TripleBarrier(barriers) => check_barriers(barriers),
        };
        reason.map_or(Ok(()), |reason| {
            let example = if matches!(self, Self::Direction { .. }) { DIRECTION } else { BARRIERS };
            Err(DatasetError::Label { found: self.to_string(), reason, example })
        })
    }
}

fn check_barriers(barriers: &Barriers) -> Option<String> {
    let (below, above) = match barriers.side {
        TradeSide::Long => (("loss", barriers.loss), ("profit", barriers.profit)),
        TradeSide::Short => (("profit", barriers.profit), ("loss", barriers.loss)),
    };
    let (name, distance) = below;
    if !(distance > 0.0 && distance < 1.0) {
        return Some(format!(
            "{name} is {distance}; expected a number above 0 and below 1, as it lies below the entry of a {}",
            barriers.side
        ));
    }
    let (name, distance) = above;
    (!(distance > 0.0 && distance.is_finite()))
        .then(|| format!("{name} is {distance}; expected a finite number above 0"))
}

impl fmt::Display for TradeSide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Long => "long",
            Self::Short => "short",
        })
    }
}

impl fmt::Display for LabelSpec {
    /// Every field, floats as the shortest text that reads back to the same bits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ForwardReturn { horizon } => write!(f, "return:horizon={horizon}"),
            Self::Direction { horizon, above } => write!(f, "direction:horizon={horizon},above={above}"),
            Self::TripleBarrier(Barriers { horizon, profit, loss, side }) => {
                write!(f, "barriers:horizon={horizon},profit={profit},loss={loss},side={side}")
            }
        }
    }
}

impl FromStr for LabelSpec {
    type Err = DatasetError;

    /// Reads a label; see [`LabelSpec`] for the texts. Fields may stand in any order, each once.
    fn from_str(text: &str) -> Result<Self, DatasetError> {
        let (kind, fields) = text.split_once(':').unwrap_or((text, ""));
        let example = match kind {
            "return" => RETURN,
            "direction" => DIRECTION,
            _ => BARRIERS,
        };
        let parse = || -> Result<Self, String> {
            if !KINDS.contains(&kind) {
                return Err(format!("no such kind {kind:?}; the kinds are {}", KINDS.join(", ")));
            }
            let mut fields = Fields::of(fields)?;
            let label = match kind {
                "return" => Self::ForwardReturn { horizon: fields.horizon()? },
                "direction" => Self::Direction {
                    horizon: fields.horizon()?,
                    // Adding 0 makes a 0 of −0, which is written otherwise.
                    above: fields.float("above")?.unwrap_or(0.0) + 0.0,
                },
                _ => Self::TripleBarrier(Barriers {
                    horizon: fields.horizon()?,
                    profit: fields.float("profit")?.ok_or("profit is missing")?,
                    loss: fields.float("loss")?.ok_or("loss is missing")?,
                    side: fields.side()?,
                }),
            };
            fields.finish()?;
            Ok(label)
        };
        let label =
            parse().map_err(|reason| DatasetError::Label { found: text.to_owned(), reason, example })?;
        label.check()?;
        Ok(label)
    }
}

/// The fields that have not been taken yet, and the names that were asked for.
struct Fields<'a> {
    left: Vec<(&'a str, &'a str)>,
    known: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    fn of(text: &'a str) -> Result<Self, String> {
        let mut left: Vec<(&str, &str)> = Vec::new();
        for field in text.split(',').filter(|_| !text.is_empty()) {
            let (name, value) = field.split_once('=').ok_or_else(|| format!("{field:?} is no name=value"))?;
            if left.iter().any(|(other, _)| *other == name) {
                return Err(format!("{name} stands twice"));
            }
            left.push((name, value));
        }
        Ok(Self { left, known: Vec::new() })
    }

    fn take(&mut self, name: &'static str) -> Option<&'a str> {
        self.known.push(name);
        let index = self.left.iter().position(|(other, _)| *other == name)?;
        Some(self.left.remove(index).1)
    }

    fn horizon(&mut self) -> Result<NonZeroU32, String> {
        let text = self.take("horizon").ok_or("horizon is missing")?;
        text.parse().map_err(|_| {
            format!("horizon is {text:?}; expected a whole number of bars from 1 to {}", u32::MAX)
        })
    }

    fn float(&mut self, name: &'static str) -> Result<Option<f64>, String> {
        self.take(name)
            .map(|text| text.parse().map_err(|_| format!("{name} is {text:?}; expected a number")))
            .transpose()
    }

    fn side(&mut self) -> Result<TradeSide, String> {
        match self.take("side") {
            None | Some("long") => Ok(TradeSide::Long),
            Some("short") => Ok(TradeSide::Short),
            Some(other) => Err(format!("side is {other:?}; expected long or short")),
        }
    }

    fn finish(self) -> Result<(), String> {
        self.left.first().map_or(Ok(()), |(name, _)| {
            Err(format!("no such field {name:?}; the fields are {}", self.known.join(", ")))
        })
    }
}
