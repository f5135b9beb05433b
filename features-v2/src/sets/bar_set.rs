//! A set over closed bars: what core, entry and exit have in common.

use feature_api::identity::{Hash, sha256};
use feature_api::{
    Bar, Columns, Event, FeatureSet, FeatureSpec, Grid, Meter, Param, ParamError, Position, RestoreError,
    Row, RowBlock, Schema, Side, StateReader, StateWriter, UnixNanos, UpdateError,
};

use super::table::Params;
use crate::operators::{HighLowClose, is_same, read_position, write_position};

/// What is particular to a set: its operators and its table.
pub trait Engine: Operators {
    /// Name of the set.
    const NAME: &'static str;
    /// Whether it looks at the open position.
    const TAKES_POSITION: bool;
    /// Its parameters.
    type Params: Params;

    /// What each feature is, in order.
    fn specs(params: &Self::Params) -> Vec<FeatureSpec>;

    /// Fresh operators for an instrument on that grid.
    fn new(params: &Self::Params, grid: Grid) -> Self;
}

/// The way from a bar to its features, through operators of any [`feature_api::Wiring`].
pub trait Update {
    /// Takes a bar and hands the value of each feature to `put`, in order.
    fn update(&mut self, bar: &View, position: Option<Position>, put: impl FnMut(Option<f64>));
}

/// What is done with every operator of a set; made by `operators!`.
pub trait Operators: Update + Send + Sized {
    /// The same, each under a meter.
    type Metered<'m>: Update;

    /// Puts every operator under that meter.
    fn metered<'m>(self, meter: &'m Meter<'m>) -> Self::Metered<'m>;

    /// Writes the state of every operator.
    fn save(&self, state: &mut StateWriter);

    /// Reads what [`Operators::save`] wrote.
    ///
    /// # Errors
    /// [`RestoreError`] of the first operator that refuses its part.
    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError>;
}

/// A bar's raw numbers, at hand for the operators.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// First price.
    pub open: i64,
    /// Highest price.
    pub high: i64,
    /// Lowest price.
    pub low: i64,
    /// Last price.
    pub close: i64,
    /// Volume.
    pub volume: i64,
    /// Volume bought and sold by takers, where known.
    pub taker: Option<(i64, i64)>,
}

impl View {
    #[inline]
    fn of(bar: &Bar) -> Self {
        Self {
            open: bar.open().raw(),
            high: bar.high().raw(),
            low: bar.low().raw(),
            close: bar.close().raw(),
            volume: bar.volume().raw(),
            taker: bar.taker().map(|taker| (taker.buy.raw(), taker.sell.raw())),
        }
    }

    /// What ranges are made from.
    #[inline]
    #[must_use]
    pub const fn high_low_close(&self) -> HighLowClose {
        HighLowClose { high: self.high, low: self.low, close: self.close }
    }
}

/// A feature set over closed bars.
#[derive(Debug)]
pub struct BarSet<E: Engine> {
    params: E::Params,
    schema: Schema,
    /// Grid and operators, from the first bar on.
    engine: Option<(Grid, E)>,
    last_close: Option<UnixNanos>,
    position: Option<Position>,
    /// Rows on their way into columns; empty between calls.
    block: Option<RowBlock>,
}

impl<E: Engine> BarSet<E> {
    /// Whether `bar` can follow; its grid's operators.
    #[inline(always)]
    fn accept(&mut self, bar: &Bar) -> Result<&mut E, UpdateError> {
        if let Some((expected, _)) = &self.engine
            && *expected != bar.grid()
        {
            return Err(UpdateError::Grid { expected: *expected, found: bar.grid() });
        }
        if let Some(previous) = self.last_close
            && bar.ts_close() <= previous
        {
            return Err(UpdateError::Order { previous, found: bar.ts_close() });
        }
        if E::TAKES_POSITION
            && let Some(position) = self.position
        {
            let (from, until) = (self.last_close.unwrap_or(bar.ts_open()), bar.ts_close());
            let too_early = position.ts_entry > until;
            if too_early || self.last_close.is_none() && position.ts_entry < from {
                return Err(UpdateError::Entry { ts_entry: position.ts_entry, from, until });
            }
        }
        self.last_close = Some(bar.ts_close());
        let (_, engine) = self.engine.get_or_insert_with(|| (bar.grid(), E::new(&self.params, bar.grid())));
        Ok(engine)
    }

    /// The bytes before the state: what a snapshot must be of.
    fn identity(&self) -> [(&'static str, Hash); 2] {
        [("feature version", crate::SOURCE_HASH), ("set or parameters", self.schema.hash())]
    }

    fn load(&mut self, snapshot: &[u8]) -> Result<(), RestoreError> {
        let (body, checksum) = snapshot.split_last_chunk::<32>().ok_or(RestoreError::Truncated)?;
        let mut state = StateReader::new(body);
        if state.read_bytes(MAGIC.len())? != MAGIC {
            return Err(RestoreError::Invalid { what: "a snapshot of a feature set" });
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
        if state.read_bool()? {
            self.last_close = Some(UnixNanos(state.read_i64()?));
        }
        if state.read_bool()? {
            self.position = Some(read_position(&mut state)?);
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

const MAGIC: &[u8; 8] = b"ISOSNAP1";

/// −0.0 is 0.0 in every row.
#[inline]
fn canonical(value: Option<f64>) -> Option<f64> {
    value.map(|value| value + 0.0)
}

impl<E: Engine> FeatureSet for BarSet<E> {
    fn new(params: &[Param]) -> Result<Self, ParamError> {
        let params = E::Params::with(params)?;
        let schema = Schema::new(E::NAME, params.list(), E::specs(&params));
        Ok(Self { params, schema, engine: None, last_close: None, position: None, block: None })
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    #[allow(clippy::wildcard_enum_match_arm, reason = "an event this version does not know is refused")]
    #[inline]
    fn update(&mut self, event: Event<'_>, row: &mut Row) -> Result<bool, UpdateError> {
        match event {
            Event::Bar(bar) => {
                let position = self.position;
                let engine = self.accept(bar)?;
                row.ts_event = bar.ts_close();
                row.ts_available = bar.ts_available();
                let mut writer = row.writer();
                engine.update(&View::of(bar), position, |value| writer.put(canonical(value)));
                writer.finish();
                Ok(true)
            }
            Event::Position(position) if E::TAKES_POSITION => {
                if let (Some(position), Some(from)) = (position, self.last_close)
                    && position.ts_entry < from
                    && !self.position.is_some_and(|open| is_same(&open, &position))
                {
                    return Err(UpdateError::Entry { ts_entry: position.ts_entry, from, until: from });
                }
                self.position = position;
                Ok(false)
            }
            _ if E::TAKES_POSITION => Err(UpdateError::Unsupported { expected: "bars and positions" }),
            _ => Err(UpdateError::Unsupported { expected: "bars" }),
        }
    }

    fn update_bars(&mut self, bars: &[Bar], rows: &mut Columns) -> Result<(), UpdateError> {
        let position = self.position;
        let mut block = self.block.take().unwrap_or_else(|| RowBlock::new(self.schema.width()));
        let mut outcome = Ok(());
        for bar in bars {
            let engine = match self.accept(bar) {
                Ok(engine) => engine,
                Err(error) => {
                    outcome = Err(error);
                    break;
                }
            };
            let mut writer = block.begin(bar.ts_close(), bar.ts_available());
            engine.update(&View::of(bar), position, |value| writer.put(canonical(value)));
            writer.finish();
            if block.is_full() {
                rows.extend(&block);
                block.clear();
            }
        }
        rows.extend(&block);
        block.clear();
        self.block = Some(block);
        outcome
    }

    fn time_shares(&self, bars: &[Bar], clock: &dyn Fn() -> u64) -> Vec<(&'static str, f64)> {
        let Some(first) = bars.first() else { return Vec::new() };
        let features = self.schema.features();
        let meter = Meter::new(features.len(), clock);
        let mut engine = E::new(&self.params, first.grid()).metered(&meter);
        let position = E::TAKES_POSITION.then(|| Position {
            side: Side::Long,
            entry_price: first.close(),
            ts_entry: first.ts_close(),
        });
        let shares = meter.shares(self.schema.warm_up(), bars, |bar| {
            engine.update(&View::of(bar), position, |value| meter.put(canonical(value)));
        });
        features.iter().map(|feature| feature.name).zip(shares).collect()
    }

    fn snapshot(&self) -> Vec<u8> {
        let mut state = StateWriter::new();
        state.write_bytes(MAGIC);
        for (_, hash) in self.identity() {
            state.write_bytes(&hash.0);
        }
        state.write_bool(self.last_close.is_some());
        if let Some(last_close) = self.last_close {
            state.write_i64(last_close.0);
        }
        state.write_bool(self.position.is_some());
        if let Some(position) = &self.position {
            write_position(&mut state, position);
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
        self.engine = None;
        self.last_close = None;
        self.position = None;
    }
}
