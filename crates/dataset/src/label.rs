//! What a model is to predict: a number per row, from later bars alone.

use std::num::NonZeroU32;

use feature_api::{Bar, Side};

use crate::barriers::{Tie, first_touch, rise};
use crate::finer::Difference;

/// What a model is to predict. Looks at the bars after a row's bar, `horizon` of them, and at the row's close.
///
/// A row has a label only where all `horizon` bars after it exist, whichever of them decides it, and where its close
/// is above 0: the close of a spread need not be, and a return or a fraction of it means nothing then. Bars are
/// counted, not time: a gap between bars makes a horizon no longer in bars.
///
/// Every move is `(price − close) / close`, one division of integers that an f64 holds exactly, so the same prices on
/// another grid give the same label, and a price that stands exactly on a decimal barrier touches it.
///
/// Along a position ([`LabelSpec::label_along`]) a rise is a loss of a short: the return is mirrored for it, and so is
/// the direction. Barriers have a side of their own, since profit and loss may lie at different distances: they label
/// the positions of that side alone.
///
/// As text: `return:horizon=15`, `direction:horizon=15,above=0.0005`,
/// `barriers:horizon=60,profit=0.01,loss=0.005,side=long`. `above` may be left out, it is then 0; `side` too, it is
/// then long.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LabelSpec {
    /// `(close[t + horizon] − close[t]) / close[t]`; −1 or below where the later close is not above 0.
    ForwardReturn {
        /// Bars looked ahead.
        horizon: NonZeroU32,
    },
    /// 1 where the forward return is above `above`, else 0.
    Direction {
        /// Bars looked ahead.
        horizon: NonZeroU32,
        /// What the return must exceed, such as costs; 0 is the sign of the return. Above −1 and finite.
        above: f64,
    },
    /// 1 where the profit barrier is touched first, −1 where the loss barrier is, 0 where neither is within the
    /// horizon (López de Prado 2018, chapter 3). Entered at the close of the row's bar.
    TripleBarrier(Barriers),
}

/// The barriers around an entry at the close of a bar.
///
/// A long touches its profit barrier in a bar whose high lies `profit` of the entry or more above it, its loss barrier
/// in one whose low lies `loss` or more below it; a short the other way round. A bar that touches both counts as the
/// loss, unless finer bars that make up the bar tell which came first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Barriers {
    /// Bars until the time barrier.
    pub horizon: NonZeroU32,
    /// Distance of the profit barrier as a fraction of the entry price, above 0 (below 1 for a short).
    pub profit: f64,
    /// Distance of the loss barrier as a fraction of the entry price, above 0 (below 1 for a long).
    pub loss: f64,
    /// Which way the entry goes.
    pub side: TradeSide,
}

/// Which way an entry goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TradeSide {
    /// Profits from a rise.
    Long,
    /// Profits from a fall.
    Short,
}

impl LabelSpec {
    /// Bars looked ahead.
    #[must_use]
    pub const fn horizon(&self) -> NonZeroU32 {
        match self {
            Self::ForwardReturn { horizon } | Self::Direction { horizon, .. } => *horizon,
            Self::TripleBarrier(barriers) => barriers.horizon,
        }
    }

    /// Labels each bar of a series, oldest first, all on one grid.
    ///
    /// `finer`: bars of a shorter interval, all on one grid, in order of time, which decide what a bar that touches
    /// both barriers touched first. Of those inside the bar the first that touches exactly one barrier decides; where
    /// one touches both before that, it stays the loss. So it does where the bar is not made of them: their first open,
    /// highest high, lowest low and last close must be its own, and the sum of their volumes too; where either has no
    /// volume, they must follow each other without a gap from its open to its close instead.
    #[must_use]
    pub fn label(&self, bars: &[Bar], finer: Option<&[Bar]>) -> Labels {
        self.examine(bars, finer, None).labels
    }

    /// Labels each bar along the position that is open at its close, `sides` with one for each bar: what holding it for
    /// the whole horizon comes to, whenever it is closed in fact. The return of a short is minus the return, its
    /// direction 1 where that is above `above`. A row without a position has no label, nor has one whose position is
    /// not of the side of the barriers.
    #[must_use]
    pub fn label_along(&self, bars: &[Bar], sides: &[Option<Side>], finer: Option<&[Bar]>) -> Labels {
        self.examine(bars, finer, Some(sides)).labels
    }

    /// [`LabelSpec::label`], and how many of the labels hang on which barrier came first within a bar.
    #[must_use]
    pub fn label_with_ties(&self, bars: &[Bar], finer: Option<&[Bar]>) -> (Labels, Ties) {
        let Examined { labels, ties, .. } = self.examine(bars, finer, None);
        (labels, ties)
    }

    /// Along the sides of positions, where these are given.
    pub(crate) fn examine<'a>(
        &self,
        bars: &'a [Bar],
        finer: Option<&[Bar]>,
        sides: Option<&[Option<Side>]>,
    ) -> Examined<'a> {
        let horizon = usize::try_from(self.horizon().get()).unwrap_or(usize::MAX);
        let mut examined = Examined { labels: Labels::default(), ties: Ties::default(), unmatched: None };
        for (row, bar) in bars.iter().enumerate() {
            let begin = row + 1;
            let future = begin.checked_add(horizon).and_then(|end| bars.get(begin..end));
            let label = match sides.map(|sides| sides.get(row).copied().flatten()) {
                None => future.and_then(|future| self.of_bar(bar, future, finer, None)),
                Some(None) => None,
                Some(side) => future.and_then(|future| self.of_bar(bar, future, finer, side)),
            };
            examined.labels.push(label.map(|(label, _)| label));
            if let Some((_, Some(tie))) = label {
                examined.count(tie);
            }
        }
        examined
    }

    /// The label of a bar whose whole future is `future`, along a position of that side where one is given, and whether
    /// a bar that touches both barriers decided it.
    fn of_bar<'a>(
        &self,
        bar: &Bar,
        future: &'a [Bar],
        finer: Option<&[Bar]>,
        along: Option<Side>,
    ) -> Option<(f64, Option<Tie<'a>>)> {
        let last = future.last()?;
        if bar.close().raw() <= 0 {
            return None;
        }
        let forward = || match along {
            None | Some(Side::Long) => rise(bar, last, last.close()),
            // 0 stays 0, not −0.
            Some(Side::Short) => 0.0 - rise(bar, last, last.close()),
        };
        Some(match self {
            Self::ForwardReturn { .. } => (forward(), None),
            Self::Direction { above, .. } => (f64::from(u8::from(forward() > *above)), None),
            Self::TripleBarrier(barriers) => {
                let is_of_side = |side| match barriers.side {
                    TradeSide::Long => side == Side::Long,
                    TradeSide::Short => side == Side::Short,
                };
                if along.is_some_and(|side| !is_of_side(side)) {
                    return None;
                }
                first_touch(barriers, bar, future, finer)
            }
        })
    }
}

/// How many labels hang on which barrier came first within a bar: those of barriers whose first bar that touches any
/// touches both. `touched_both` is the sum of the other three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ties {
    /// Labels that a bar which touches both barriers decides.
    pub touched_both: u64,
    /// Of these, those where finer bars told which barrier came first: they are profits or losses.
    pub decided: u64,
    /// Those where one of the finer bars touches both barriers itself: they count as losses.
    pub undecided: u64,
    /// Those where the bar is not made of the finer bars, or there are none: they count as losses.
    pub unmatched: u64,
}

/// Labels, and what was found on the way.
pub(crate) struct Examined<'a> {
    pub(crate) labels: Labels,
    pub(crate) ties: Ties,
    /// The first bar that touches both barriers and is not made of the finer bars inside it.
    pub(crate) unmatched: Option<(&'a Bar, Difference)>,
}

impl<'a> Examined<'a> {
    fn count(&mut self, tie: Tie<'a>) {
        self.ties.touched_both += 1;
        match tie {
            Tie::Decided => self.ties.decided += 1,
            Tie::Undecided => self.ties.undecided += 1,
            Tie::Unmatched(bar, difference) => {
                self.ties.unmatched += 1;
                self.unmatched.get_or_insert((bar, difference));
            }
        }
    }
}

/// A label for each row, or none.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Labels {
    values: Vec<f64>,
    valid: Vec<bool>,
}

impl Labels {
    /// Number of rows.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.values.len()
    }

    /// The values, and whether each is a label.
    pub(crate) fn into_parts(self) -> (Vec<f64>, Vec<bool>) {
        (self.values, self.valid)
    }

    /// Whether there are no rows.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The label of a row; `None` where it has none.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<f64> {
        if self.valid.get(row).copied().unwrap_or(false) { self.values.get(row).copied() } else { None }
    }

    /// The label of each row in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Option<f64>> + '_ {
        (0..self.len()).map(|row| self.get(row))
    }

    /// Rows that have a label.
    #[must_use]
    pub fn labelled(&self) -> usize {
        self.valid.iter().filter(|valid| **valid).count()
    }

    /// Appends the label of the next row.
    pub(crate) fn push(&mut self, label: Option<f64>) {
        self.values.push(label.unwrap_or(f64::NAN));
        self.valid.push(label.is_some());
    }
}
