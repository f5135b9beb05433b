//! A set over events: what tick, flow and multires have in common.

use feature_api::identity::{Hash, sha256};
use feature_api::{
    Event, EventKind, FeatureSet, FeatureSpec, Grid, Param, ParamError, RestoreError, Row, Schema,
    StateReader, StateWriter, UnixNanos, UpdateError,
};

use super::table::Params;
use crate::market::{Book, Print, Tape};

/// What is particular to a set over events: its bars, its operators and its table.
pub trait EventEngine: Send + Sized {
    /// Name of the set.
    const NAME: &'static str;
    /// The events it takes.
    const TAKES: &'static [EventKind];
    /// Its parameters.
    type Params: Params;

    /// What each feature is, in order.
    fn specs(params: &Self::Params) -> Vec<FeatureSpec>;

    /// Fresh operators for an instrument on that grid.
    fn new(params: &Self::Params, grid: Grid) -> Self;

    /// Quantity in the fullest bar in progress: with the next trade it must not exceed 2^53 steps.
    fn volume(&self) -> i64;

    /// Takes a trade. Where it completes a row, hands the value of each feature to `put`, in order, and gives the row's
    /// `ts_event`.
    fn trade(&mut self, print: &Print, now: &Now<'_>, put: impl FnMut(Option<f64>)) -> Option<UnixNanos>;

    /// Hears the venue's clock; otherwise as [`EventEngine::trade`]. The default is for sets whose bars no clock closes.
    fn clock(&mut self, ts: i64, now: &Now<'_>, put: impl FnMut(Option<f64>)) -> Option<UnixNanos> {
        let _ = (ts, now, put);
        None
    }

    /// Sees the book after a change. The default is for sets that look at it only when a row is made.
    fn book(&mut self, book: &Book) {
        let _ = book;
    }

    /// Writes the state: bars in progress and operators.
    fn save(&self, state: &mut StateWriter);

    /// Reads what [`EventEngine::save`] wrote.
    ///
    /// # Errors
    /// [`RestoreError`] where the bytes are no such state.
    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError>;
}

/// What is known at an event, beside the event.
#[derive(Debug, Clone, Copy)]
pub struct Now<'a> {
    /// The book after everything before; not usable in a set that takes none.
    pub book: &'a Book,
    /// When everything so far could be known: `ts_available` of a row made now.
    pub available: UnixNanos,
}

/// A feature set over events.
#[derive(Debug)]
pub struct EventSet<E: EventEngine> {
    params: E::Params,
    schema: Schema,
    tape: Tape,
    book: Book,
    /// Grid and operators, from the first event with a grid on.
    engine: Option<(Grid, E)>,
}

/// −0.0 is 0.0 in every row.
#[inline]
fn canonical(value: Option<f64>) -> Option<f64> {
    value.map(|value| value + 0.0)
}

const MAGIC: &[u8; 8] = b"ISOEVNT1";

/// The grid and the operators, made at the first event that is taken.
#[inline]
fn on_grid<'a, E: EventEngine>(
    engine: &'a mut Option<(Grid, E)>,
    params: &E::Params,
    grid: Grid,
) -> &'a mut (Grid, E) {
    engine.get_or_insert_with(|| (grid, E::new(params, grid)))
}

impl<E: EventEngine> EventSet<E> {
    /// Whether an event on that grid can follow.
    #[inline]
    fn check_grid(&self, found: Grid) -> Result<(), UpdateError> {
        match &self.engine {
            Some((expected, _)) if *expected != found => {
                Err(UpdateError::Grid { expected: *expected, found })
            }
            Some(_) | None => Ok(()),
        }
    }

    fn takes_kind(kind: EventKind) -> Result<(), UpdateError> {
        if E::TAKES.contains(&kind) {
            return Ok(());
        }
        let has = |kind| E::TAKES.contains(&kind);
        Err(UpdateError::Unsupported {
            expected: if has(EventKind::Book) {
                "trades, the order book and the clock"
            } else {
                "trades and the clock"
            },
        })
    }

    /// The bytes before the state: what a snapshot must be of.
    fn identity(&self) -> [(&'static str, Hash); 2] {
        [("feature version", crate::SOURCE_HASH), ("set or parameters", self.schema.hash())]
    }

    fn load(&mut self, snapshot: &[u8]) -> Result<(), RestoreError> {
        let (body, checksum) = snapshot.split_last_chunk::<32>().ok_or(RestoreError::Truncated)?;
        let mut state = StateReader::new(body);
        if state.read_bytes(MAGIC.len())? != MAGIC {
            return Err(RestoreError::Invalid { what: "a snapshot of a feature set over events" });
        }
        for (what, expected) in self.identity() {
            let found = state.read_bytes(32)?;
            if found != expected.0 {
                let found = found.try_into().map_or_else(|_| String::new(), |bytes| Hash(bytes).to_string());
                return Err(RestoreError::Mismatch { what, expected: expected.to_string(), found });
            }
        }
        if sha256(body).0 != *checksum {
            return Err(RestoreError::Invalid { what: "the checksum of the snapshot" });
        }
        self.tape.load(&mut state)?;
        if E::TAKES.contains(&EventKind::Book) {
            self.book.load(&mut state)?;
        }
        if state.read_bool()? {
            let scale = |x: u64| u8::try_from(x).unwrap_or(u8::MAX);
            let grid = Grid::new(scale(state.read_u64()?), scale(state.read_u64()?));
            let grid = grid.map_err(|_| RestoreError::Invalid { what: "a grid" })?;
            let mut engine = E::new(&self.params, grid);
            engine.load(&mut state)?;
            self.engine = Some((grid, engine));
        }
        state.finish()
    }
}

impl<E: EventEngine> FeatureSet for EventSet<E> {
    fn new(params: &[Param]) -> Result<Self, ParamError> {
        let params = E::Params::with(params)?;
        let schema = Schema::new(E::NAME, params.list(), E::specs(&params));
        Ok(Self { params, schema, tape: Tape::default(), book: Book::default(), engine: None })
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn takes(&self) -> &'static [EventKind] {
        E::TAKES
    }

    fn counters(&self) -> Vec<(&'static str, u64)> {
        let mut counters = self.tape.counters().to_vec();
        if E::TAKES.contains(&EventKind::Book) {
            counters.extend(self.book.counters());
        }
        counters
    }

    #[allow(clippy::wildcard_enum_match_arm, reason = "an event this version does not know is refused")]
    #[inline]
    fn update(&mut self, event: Event<'_>, row: &mut Row) -> Result<bool, UpdateError> {
        let ts_event = match event {
            Event::Trade(trade) => {
                Self::takes_kind(EventKind::Trade)?;
                self.check_grid(trade.grid)?;
                let volume = self.engine.as_ref().map_or(0, |(_, engine)| engine.volume());
                if volume + trade.quantity.raw() > feature_api::MAX_RAW {
                    return Err(UpdateError::Volume);
                }
                let Some(print) = self.tape.take(trade) else { return Ok(false) };
                let (_, engine) = on_grid(&mut self.engine, &self.params, trade.grid);
                let now = Now { book: &self.book, available: self.tape.available() };
                let mut writer = row.writer();
                let ts_event = engine.trade(&print, &now, |value| writer.put(canonical(value)));
                if ts_event.is_some() {
                    writer.finish();
                }
                ts_event
            }
            Event::Clock(time) => {
                Self::takes_kind(EventKind::Clock)?;
                if !self.tape.clock(time) {
                    return Ok(false);
                }
                let Some((_, engine)) = &mut self.engine else { return Ok(false) };
                let now = Now { book: &self.book, available: self.tape.available() };
                let mut writer = row.writer();
                let ts_event = engine.clock(time.0, &now, |value| writer.put(canonical(value)));
                if ts_event.is_some() {
                    writer.finish();
                }
                ts_event
            }
            Event::BookSnapshot(snapshot) => {
                Self::takes_kind(EventKind::Book)?;
                self.check_grid(snapshot.grid)?;
                if self.book.snapshot(&snapshot)? {
                    let (_, engine) = on_grid(&mut self.engine, &self.params, snapshot.grid);
                    engine.book(&self.book);
                }
                self.tape.know(snapshot.ts_event.max(snapshot.ts_recv));
                None
            }
            Event::BookDelta(delta) => {
                Self::takes_kind(EventKind::Book)?;
                self.check_grid(delta.grid)?;
                if self.book.delta(&delta)? {
                    let (_, engine) = on_grid(&mut self.engine, &self.params, delta.grid);
                    engine.book(&self.book);
                }
                self.tape.know(delta.ts_event.max(delta.ts_recv));
                None
            }
            _ => return Err(UpdateError::Unsupported { expected: "trades, the order book and the clock" }),
        };
        let Some(ts_event) = ts_event else { return Ok(false) };
        row.ts_event = ts_event;
        row.ts_available = self.tape.available();
        Ok(true)
    }

    fn snapshot(&self) -> Vec<u8> {
        let mut state = StateWriter::new();
        state.write_bytes(MAGIC);
        for (_, hash) in self.identity() {
            state.write_bytes(&hash.0);
        }
        self.tape.save(&mut state);
        if E::TAKES.contains(&EventKind::Book) {
            self.book.save(&mut state);
        }
        state.write_bool(self.engine.is_some());
        if let Some((grid, engine)) = &self.engine {
            state.write_u64(u64::from(grid.price_scale()));
            state.write_u64(u64::from(grid.qty_scale()));
            engine.save(&mut state);
        }
        let mut bytes = state.into_bytes();
        let checksum = sha256(&bytes);
        bytes.extend_from_slice(&checksum.0);
        bytes
    }

    fn restore(&mut self, snapshot: &[u8]) -> Result<(), RestoreError> {
        self.reset();
        let loaded = self.load(snapshot);
        if loaded.is_err() {
            self.reset();
        }
        loaded
    }

    fn reset(&mut self) {
        self.tape = Tape::default();
        self.book = Book::default();
        self.engine = None;
    }
}
