//! What a set is fed.

use core::fmt;

/// What a set is fed: bars of a kind, or the market's events. A model trained on one must not meet another, and a model
/// trained on volumes must not meet bars that have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BarSpec {
    /// What closes a bar.
    pub kind: BarKind,
    /// Whether the bars carry traded volumes; else every volume is 0. Trades do.
    pub volume: bool,
}

/// What closes a bar, or what there is in place of bars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BarKind {
    /// The clock: a bar every `interval` nanoseconds.
    Time {
        /// Length of a bar in nanoseconds, above 0.
        interval: i64,
    },
    /// No bars: the set is fed trades, and makes what bars it needs.
    Trades,
    /// No bars: the set is fed trades and the order book.
    TradesAndBook,
}

impl BarKind {
    /// Its name and its size, as they are stored.
    #[must_use]
    pub const fn parts(self) -> (&'static str, i64) {
        match self {
            Self::Time { interval } => ("time", interval),
            Self::Trades => ("trades", 0),
            Self::TradesAndBook => ("trades and book", 0),
        }
    }

    /// The kind of that name and size; `None` where there is none.
    #[must_use]
    pub fn from_parts(name: &str, size: i64) -> Option<Self> {
        match name {
            "time" if size > 0 => Some(Self::Time { interval: size }),
            "trades" if size == 0 => Some(Self::Trades),
            "trades and book" if size == 0 => Some(Self::TradesAndBook),
            _ => None,
        }
    }
}

impl fmt::Display for BarSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(i64, &str); 4] = [
            (86_400_000_000_000, "d"),
            (3_600_000_000_000, "h"),
            (60_000_000_000, "m"),
            (1_000_000_000, "s"),
        ];
        let BarKind::Time { interval } = self.kind else {
            return f.write_str(self.kind.parts().0);
        };
        let unit = UNITS.iter().find(|(size, _)| interval != 0 && interval % size == 0);
        match unit {
            Some((size, unit)) => write!(f, "time bars of {}{unit}", interval / size)?,
            None => write!(f, "time bars of {interval} ns")?,
        }
        f.write_str(if self.volume { " with volume" } else { " without volume" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_read_back_and_nothing_else_does() {
        let kind = BarKind::Time { interval: 60_000_000_000 };
        let (name, size) = kind.parts();
        assert_eq!(BarKind::from_parts(name, size), Some(kind));
        for kind in [BarKind::Trades, BarKind::TradesAndBook] {
            let (name, size) = kind.parts();
            assert_eq!(BarKind::from_parts(name, size), Some(kind));
            assert_eq!(BarSpec { kind, volume: true }.to_string(), name);
        }
        for (name, size) in [
            ("time", 0),
            ("trades", 1),
            ("trades and book", -1),
            ("time", -1),
            ("tick", 5),
            ("", 60),
            ("Time", 60),
        ] {
            assert_eq!(BarKind::from_parts(name, size), None, "{name} {size}");
        }
    }

    #[test]
    fn it_reads_as_people_say_it() {
        let text = |interval, volume| BarSpec { kind: BarKind::Time { interval }, volume }.to_string();
        assert_eq!(text(60_000_000_000, true), "time bars of 1m with volume");
        assert_eq!(text(5_400_000_000_000, false), "time bars of 90m without volume");
        assert_eq!(text(1_500_000, true), "time bars of 1500000 ns with volume");
    }
}
