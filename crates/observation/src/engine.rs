//! From bars, or from the events of a market, to what a model sees.

use feature_api::{
    Bar, BarKind, BarSpec, Columns, Event, EventKind, FeatureSet, Position, RestoreError, Row, Schema,
    StateReader, StateWriter,
};
use preprocess::{Inputs, Observer, Preprocess, Unready};

use crate::ObservationError;

/// Features and preprocessing of one instrument behind one door.
///
/// Bar by bar ([`observe`](ObservationEngine::observe)), over many bars ([`observe_many`](ObservationEngine::observe_many))
/// and from a saved state on, the bits are the same. A set that is made of the events of a market is fed with them by
/// [`observe_event`](ObservationEngine::observe_event).
pub struct ObservationEngine {
    set: Box<dyn FeatureSet>,
    observer: Observer,
    /// What it is fed with.
    bars: BarSpec,
    /// The kinds of events among that.
    kinds: Vec<EventKind>,
    row: Row,
}

/// What is seen at the close of a bar, or with a row that an event completes.
#[derive(Debug, Clone, Copy)]
pub struct Observation<'a> {
    /// The raw features: shape `[features of the set]`.
    pub row: &'a Row,
    /// The model's input, shape `[sequence × kept features]`, or why there is none.
    pub input: Result<&'a [f64], Unready>,
    /// Index of the row since the engine began.
    pub index: u64,
}

/// What is seen at the close of each of many bars.
#[derive(Debug, Clone, PartialEq)]
pub struct Observations {
    /// The raw features of every bar.
    pub rows: Columns,
    /// The inputs of the bars that have one; [`Inputs::rows`] names their bars, counted from the first of `rows`.
    pub inputs: Inputs,
}

impl ObservationEngine {
    /// An engine for a fresh set, its preprocessing, and what it is to be fed.
    ///
    /// # Errors
    /// [`ObservationError::Preprocess`] where the preprocessing is not for that set; [`ObservationError::Invalid`] for a
    /// feed of which the set takes nothing.
    pub fn new(
        set: Box<dyn FeatureSet>,
        preprocess: &Preprocess,
        bars: BarSpec,
    ) -> Result<Self, ObservationError> {
        let fed = |kind: &EventKind| fed_with(bars.kind).contains(kind);
        let kinds: Vec<EventKind> = set.takes().iter().copied().filter(fed).collect();
        if kinds.is_empty() {
            let (what, expected) = ("what a set is fed with", "what the set is made of");
            return Err(ObservationError::Invalid { what, found: bars.to_string(), expected });
        }
        let observer = Observer::new(preprocess, set.schema())?;
        let row = Row::new(set.schema().width());
        Ok(Self { set, observer, bars, kinds, row })
    }

    /// The engine that a verified artifact demands.
    ///
    /// # Errors
    /// As [`new`](ObservationEngine::new), and [`ObservationError::Set`]; neither in fact, for the artifact was verified.
    pub fn of(verified: &artifact::Verified) -> Result<Self, ObservationError> {
        let artifact = verified.artifact();
        Self::new(verified.features()?, &artifact.preprocess, artifact.manifest.bars)
    }

    /// The features it computes.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        self.set.schema()
    }

    /// What it is fed with.
    #[must_use]
    pub const fn bars(&self) -> BarSpec {
        self.bars
    }

    /// Tells the position that is open from here on; `None` for none. Tell it before the bar that closes after its
    /// entry. It stands until another is told; told again, it is the same position. A set that does not look at
    /// positions is not told.
    ///
    /// # Errors
    /// [`ObservationError::Update`] for a position entered before the last bar closed.
    pub fn tell(&mut self, position: Option<Position>) -> Result<(), ObservationError> {
        if self.set.schema().takes_position() {
            self.set.update(Event::Position(position), &mut self.row)?;
        }
        Ok(())
    }

    /// Takes the next closed bar. Allocates nothing once warm.
    ///
    /// # Errors
    /// [`ObservationError::Interval`], [`ObservationError::Update`]; nothing is taken then.
    /// [`ObservationError::NoRow`] for a set that is driven by more than bars.
    pub fn observe(&mut self, bar: &Bar) -> Result<Observation<'_>, ObservationError> {
        self.check(bar)?;
        if !self.set.update(Event::Bar(bar), &mut self.row)? {
            return Err(self.no_row());
        }
        Ok(self.seen())
    }

    /// Takes the next event; what is seen where it completes a row. An event of a kind that is not of what it is fed with
    /// is left out: who trades on a book may watch trades alone. Allocates nothing once warm.
    ///
    /// # Errors
    /// As [`observe`](ObservationEngine::observe); nothing is taken then.
    pub fn observe_event(&mut self, event: Event<'_>) -> Result<Option<Observation<'_>>, ObservationError> {
        if let Event::Bar(bar) = event {
            return self.observe(bar).map(Some);
        }
        let is_fed = kind_of(&event).is_some_and(|kind| self.kinds.contains(&kind));
        if is_fed && self.set.update(event, &mut self.row)? { Ok(Some(self.seen())) } else { Ok(None) }
    }

    /// What the set has counted: events taken, and those dropped by a stated rule.
    #[must_use]
    pub fn counters(&self) -> Vec<(&'static str, u64)> {
        self.set.counters()
    }

    /// Takes many closed bars under the position told last, and gives what one [`observe`](ObservationEngine::observe)
    /// after another would have given, bit for bit. Replaces what `observations` held.
    ///
    /// # Errors
    /// As [`observe`](ObservationEngine::observe), at the first bar that is refused; those before it are taken.
    pub fn observe_many(
        &mut self,
        bars: &[Bar],
        observations: &mut Observations,
    ) -> Result<(), ObservationError> {
        self.clear(observations);
        let Observations { rows, inputs } = observations;
        let refused =
            bars.iter().enumerate().find_map(|(at, bar)| self.check(bar).err().map(|error| (at, error)));
        let taken = refused.as_ref().map_or(bars.len(), |(at, _)| *at);
        let updated = self.set.update_bars(bars.get(..taken).unwrap_or_default(), rows);
        self.observer.extend(rows, inputs)?;
        updated?;
        if rows.len() != taken {
            return Err(self.no_row());
        }
        refused.map_or(Ok(()), |(_, error)| Err(error))
    }

    /// Room for what [`observe_many`](ObservationEngine::observe_many) gives.
    #[must_use]
    pub fn observations(&self) -> Observations {
        Observations {
            rows: Columns::new(self.schema().width()),
            inputs: Inputs::new(self.observer.input_width()),
        }
    }

    /// Writes the whole state: features, with the position told, and the rows of a sequence. What it was made from is
    /// not written: whoever stores the state must store which artifact it is of.
    pub fn save(&self, state: &mut StateWriter) {
        let snapshot = self.set.snapshot();
        state.write_u64(snapshot.len() as u64);
        state.write_bytes(&snapshot);
        self.observer.save(state);
    }

    /// Continues from what [`save`](ObservationEngine::save) wrote: the same bits as without a pause.
    ///
    /// # Errors
    /// [`RestoreError`] where the bytes are no such state of this set; the engine is then as new.
    pub fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        let loaded = self.restore(state);
        if loaded.is_err() {
            self.reset();
        }
        loaded
    }

    /// Forgets every bar and the position.
    pub fn reset(&mut self) {
        self.set.reset();
        self.observer.reset();
    }

    fn restore(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        // A length beyond the bytes that are there is refused before anything is read.
        let length = usize::try_from(state.read_u64()?).map_err(|_| RestoreError::Truncated)?;
        self.set.restore(state.read_bytes(length)?)?;
        self.observer.load(state)
    }

    /// What is seen with the row that was completed.
    fn seen(&mut self) -> Observation<'_> {
        let index = self.observer.rows();
        let input = self.observer.push(&self.row);
        Observation { row: &self.row, input, index }
    }

    /// Whether the bar is as long as the bars must be.
    fn check(&self, bar: &Bar) -> Result<(), ObservationError> {
        // A length that does not fit is none that is expected.
        let found_ns = bar.ts_close().0.saturating_sub(bar.ts_open().0);
        if self.bars.kind == (BarKind::Time { interval: found_ns }) {
            Ok(())
        } else {
            Err(ObservationError::Interval { expected: self.bars, found_ns })
        }
    }

    fn no_row(&self) -> ObservationError {
        ObservationError::NoRow { set: self.schema().set().to_owned() }
    }

    /// Empties it, and gives it this engine's widths where it has others.
    fn clear(&self, observations: &mut Observations) {
        let Observations { rows, inputs } = observations;
        if (rows.width(), inputs.width()) == (self.schema().width(), self.observer.input_width()) {
            rows.clear();
            inputs.clear();
        } else {
            *observations = self.observations();
        }
    }
}

/// Kinds of events of which a feed of that kind consists.
const fn fed_with(kind: BarKind) -> &'static [EventKind] {
    match kind {
        BarKind::Time { .. } => &[EventKind::Bar],
        BarKind::Trades => &[EventKind::Trade, EventKind::Clock],
        BarKind::TradesAndBook => &[EventKind::Trade, EventKind::Book, EventKind::Clock],
        // A kind that is newer than this.
        _ => &[],
    }
}

/// The kind of an event; `None` of one that is newer than this.
const fn kind_of(event: &Event<'_>) -> Option<EventKind> {
    Some(match event {
        Event::Bar(_) => EventKind::Bar,
        Event::Position(_) => EventKind::Position,
        Event::Trade(_) => EventKind::Trade,
        Event::BookSnapshot(_) | Event::BookDelta(_) => EventKind::Book,
        Event::Clock(_) => EventKind::Clock,
        _ => return None,
    })
}
