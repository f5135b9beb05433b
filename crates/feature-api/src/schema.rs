//! What a feature is, and an ordered set of them.

use core::fmt;
use core::fmt::Write as _;

use crate::identity::{Hash, sha256};

/// How far back a value looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Memory {
    /// The value depends on the last `window` inputs, the newest among them, and on nothing else.
    Finite {
        /// Inputs looked at.
        window: u32,
    },
    /// The value depends on every input since the seed, ever less.
    Recursive {
        /// Measured: inputs after which two different histories give the same bits.
        convergence: u32,
    },
    /// The value depends on every input since the open position was entered; it is not valid without one.
    SinceEntry,
    /// The value is of the order book; it is not valid while there is none that can be used.
    Book,
}

impl Memory {
    /// The memory of a value that is looked at over `inputs` further inputs into the past.
    #[must_use]
    pub const fn delayed(self, inputs: u32) -> Self {
        match self {
            Self::Finite { window } => Self::Finite { window: window.saturating_add(inputs) },
            Self::Recursive { convergence } => {
                Self::Recursive { convergence: convergence.saturating_add(inputs) }
            }
            Self::SinceEntry => Self::SinceEntry,
            Self::Book => Self::Book,
        }
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Finite { window } => write!(f, "finite {window}"),
            Self::Recursive { .. } => f.write_str("recursive"),
            Self::SinceEntry => f.write_str("since entry"),
            Self::Book => f.write_str("book"),
        }
    }
}

/// The values a feature can take where prices are positive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Range {
    /// Any finite number.
    Any,
    /// From `min` on, inclusive.
    AtLeast(f64),
    /// Up to `max`, inclusive.
    AtMost(f64),
    /// From the first to the second, both inclusive.
    Between(f64, f64),
    /// 0.0 or 1.0.
    Flag,
    /// A whole number from 0 on.
    Count,
    /// −1.0, 0.0 or 1.0.
    Sign,
}

impl Range {
    /// The bounds, `None` where there is none.
    #[must_use]
    pub const fn bounds(self) -> (Option<f64>, Option<f64>) {
        match self {
            Self::Any => (None, None),
            Self::AtLeast(min) => (Some(min), None),
            Self::AtMost(max) => (None, Some(max)),
            Self::Between(min, max) => (Some(min), Some(max)),
            Self::Flag => (Some(0.0), Some(1.0)),
            Self::Count => (Some(0.0), None),
            Self::Sign => (Some(-1.0), Some(1.0)),
        }
    }

    /// Whether `value` lies in the range.
    #[must_use]
    pub fn contains(self, value: f64) -> bool {
        let (min, max) = self.bounds();
        let inside =
            value.is_finite() && min.is_none_or(|min| value >= min) && max.is_none_or(|max| value <= max);
        match self {
            Self::Flag | Self::Count | Self::Sign => inside && value == value.trunc(),
            Self::Any | Self::AtLeast(_) | Self::AtMost(_) | Self::Between(..) => inside,
        }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any"),
            Self::AtLeast(min) => write!(f, "≥ {min}"),
            Self::AtMost(max) => write!(f, "≤ {max}"),
            Self::Between(min, max) => write!(f, "{min} to {max}"),
            Self::Flag => f.write_str("flag"),
            Self::Count => f.write_str("count"),
            Self::Sign => f.write_str("−1, 0, 1"),
        }
    }
}

/// One feature of a set.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureSpec {
    /// Name, unique in its set.
    pub name: &'static str,
    /// Formula, with the parameters in force.
    pub formula: String,
    /// What it means, what was chosen where the formula leaves a choice, and its source.
    pub doc: &'static str,
    /// Its value where the formula has none.
    pub degenerate: &'static str,
    /// The values it can take.
    pub range: Range,
    /// Inputs that must have been seen before the input at which the first value is valid.
    pub warm_up: u32,
    /// How far back it looks.
    pub memory: Memory,
    /// What the inputs are that `warm_up` and `memory` count, where they are not the set's rows: such as "t4h bars". How
    /// many rows that takes hangs on the market, so only the validity of the cell tells when it is warm; from then on
    /// it stays valid.
    pub clock: Option<&'static str>,
}

impl FeatureSpec {
    /// Whether it is valid only while a position is open.
    #[must_use]
    pub fn is_of_position(&self) -> bool {
        self.memory == Memory::SinceEntry
    }
}

/// A parameter of a set: a window or a period, in inputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Param {
    /// Name.
    pub name: String,
    /// Value.
    pub value: u32,
}

/// An ordered set of features with its parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    set: &'static str,
    params: Vec<Param>,
    features: Vec<FeatureSpec>,
    hash: Hash,
}

impl Schema {
    /// The schema of a set.
    #[must_use]
    pub fn new(set: &'static str, params: Vec<Param>, features: Vec<FeatureSpec>) -> Self {
        let hash = sha256(canonical(set, &params, &features).as_bytes());
        Self { set, params, features, hash }
    }

    /// Name of the set.
    #[must_use]
    pub const fn set(&self) -> &'static str {
        self.set
    }

    /// Every parameter, in the set's order.
    #[must_use]
    pub fn params(&self) -> &[Param] {
        &self.params
    }

    /// Every feature, in order.
    #[must_use]
    pub fn features(&self) -> &[FeatureSpec] {
        &self.features
    }

    /// Number of features.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.features.len()
    }

    /// Index of the feature of that name.
    #[must_use]
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.features.iter().position(|feature| feature.name == name)
    }

    /// Whether the set looks at the open position.
    #[must_use]
    pub fn takes_position(&self) -> bool {
        self.features.iter().any(FeatureSpec::is_of_position)
    }

    /// Inputs that must have been seen before the input from which on every feature is valid, but for those on another
    /// clock; see [`clocked`](Schema::clocked).
    #[must_use]
    pub fn warm_up(&self) -> u32 {
        let of_rows = |feature: &&FeatureSpec| feature.clock.is_none();
        self.features.iter().filter(of_rows).map(|feature| feature.warm_up).max().unwrap_or(0)
    }

    /// Indices of the features whose warm-up is on another clock than the rows: warm from the row on in which each of
    /// them is valid.
    pub fn clocked(&self) -> impl Iterator<Item = usize> + '_ {
        let features = self.features.iter().enumerate();
        features.filter(|(_, feature)| feature.clock.is_some()).map(|(index, _)| index)
    }

    /// sha256 over names, order, types, formulas, degenerate values, ranges, warm-up, memory and parameters.
    #[must_use]
    pub const fn hash(&self) -> Hash {
        self.hash
    }
}

/// The text that is hashed: a line for each parameter and each feature, fields parted by tabs.
fn canonical(set: &str, params: &[Param], features: &[FeatureSpec]) -> String {
    let mut text = format!("set\t{set}\n");
    for Param { name, value } in params {
        let _ = writeln!(text, "param\t{name}\t{value}");
    }
    for f in features {
        let (min, max) = f.range.bounds();
        let memory = match f.memory {
            Memory::Finite { window } => format!("finite\t{window}"),
            // Convergence is a measurement, not a definition.
            Memory::Recursive { .. } => "recursive\t0".to_owned(),
            Memory::SinceEntry => "since entry\t0".to_owned(),
            Memory::Book => "book\t0".to_owned(),
        };
        let clock = f.clock.map_or_else(String::new, |clock| format!("\t{clock}"));
        let _ = writeln!(
            text,
            "feature\t{}\tf64\t{}\t{}\t{}\t{:x?}\t{:x?}\t{}\t{memory}{clock}",
            f.name,
            f.formula,
            f.degenerate,
            f.range,
            min.map(f64::to_bits),
            max.map(f64::to_bits),
            f.warm_up,
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> FeatureSpec {
        FeatureSpec {
            name: "a",
            formula: "C".to_owned(),
            doc: "",
            degenerate: "",
            range: Range::Any,
            warm_up: 3,
            memory: Memory::Finite { window: 4 },
            clock: None,
        }
    }

    #[test]
    fn the_hash_sees_what_defines_a_set_and_nothing_else() {
        let hash = |set, value, spec: FeatureSpec| {
            Schema::new(set, vec![Param { name: "n".to_owned(), value }], vec![spec]).hash()
        };
        let base = hash("s", 1, spec());
        assert_eq!(base, hash("s", 1, FeatureSpec { doc: "better words", ..spec() }));
        let different = [
            hash("t", 1, spec()),
            hash("s", 2, spec()),
            hash("s", 1, FeatureSpec { name: "b", ..spec() }),
            hash("s", 1, FeatureSpec { formula: "O".to_owned(), ..spec() }),
            hash("s", 1, FeatureSpec { degenerate: "0", ..spec() }),
            hash("s", 1, FeatureSpec { range: Range::AtLeast(0.0), ..spec() }),
            hash("s", 1, FeatureSpec { range: Range::AtLeast(1e-300), ..spec() }),
            hash("s", 1, FeatureSpec { warm_up: 4, ..spec() }),
            hash("s", 1, FeatureSpec { memory: Memory::Finite { window: 5 }, ..spec() }),
            hash("s", 1, FeatureSpec { memory: Memory::Recursive { convergence: 4 }, ..spec() }),
            hash("s", 1, FeatureSpec { memory: Memory::SinceEntry, ..spec() }),
            hash("s", 1, FeatureSpec { memory: Memory::Book, ..spec() }),
            hash("s", 1, FeatureSpec { clock: Some("t4h bars"), ..spec() }),
        ];
        for (index, other) in different.iter().enumerate() {
            assert_ne!(base, *other, "change {index} is not seen");
        }
    }

    #[test]
    fn ranges_hold_their_bounds() {
        assert!(Range::Between(0.0, 1.0).contains(1.0));
        assert!(!Range::Between(0.0, 1.0).contains(1.0 + f64::EPSILON));
        assert!(!Range::Any.contains(f64::NAN));
        assert!(!Range::Any.contains(f64::INFINITY));
        assert!(!Range::Flag.contains(0.5));
        assert!(Range::Sign.contains(-1.0));
        assert!(!Range::Count.contains(-1.0));
        assert!(!Range::AtMost(0.0).contains(0.1));
    }
}
