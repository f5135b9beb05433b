//! A small feature set that can break each rule on demand.

use std::cell::RefCell;

use feature_api::{
    Bar, Columns, Event, FeatureSet, FeatureSpec, Grid, Memory, Param, ParamError, Position, Price, Range,
    RestoreError, Row, Schema, Side, StateReader, StateWriter, UnixNanos, UpdateError,
};

thread_local! {
    /// The file that a set which peeks has open.
    static FUTURE: RefCell<Vec<Bar>> = const { RefCell::new(Vec::new()) };
}

/// Lets sets that peek see these bars.
pub fn publish(bars: &[Bar]) {
    FUTURE.with_borrow_mut(|future| *future = bars.to_vec());
}

/// As [`publish`], but bars of later times stay as they were.
fn publish_over(bars: &[Bar]) {
    FUTURE.with_borrow_mut(|future| {
        let later = future.split_off(bars.len().min(future.len()));
        *future = [bars, &later].concat();
    });
}

macro_rules! faults {
    ($($fault:ident),*) => {
        /// What is wrong with the toy.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Fault { $($fault),* }
        const FAULTS: &[Fault] = &[$(Fault::$fault),*];
    };
}

faults!(
    Nothing,
    WithoutPositions,
    NameTwice,
    LateWarmUp,
    ZeroBeforeWarmUp,
    PositionAlwaysValid,
    PositionIgnored,
    NotANumber,
    OutOfRange,
    NegativeZero,
    WrongTimes,
    CellNotWritten,
    BatchDiffers,
    BatchValidityDiffers,
    BatchDropsRow,
    ResetForgetsNothing,
    OrderTaken,
    GridTaken,
    RefusedChangesState,
    RefusedChangesRow,
    SnapshotMissesField,
    NoChecksum,
    FailedRestoreKeepsState,
    PeeksAtNextBar,
    PeeksAtNextClose,
    RunningFloatSum,
    ConvergenceTooShort,
    DependsOnGrid
);

/// close, mean of three closes, exponential mean (α = 1/2), direction, and, with positions, profit.
pub struct Toy {
    schema: Schema,
    fault: Fault,
    state: State,
}

#[derive(Debug, Clone, Default)]
struct State {
    count: u64,
    grid: Option<Grid>,
    last: i64,
    closes: [f64; 3],
    running: f64,
    ema: f64,
    position: Option<Position>,
}

fn has_positions(fault: Fault) -> bool {
    use Fault::{PeeksAtNextBar, PeeksAtNextClose, PositionIgnored, WithoutPositions};
    ![WithoutPositions, PositionIgnored, PeeksAtNextBar, PeeksAtNextClose].contains(&fault)
}

fn spec(name: &'static str, range: Range, warm_up: u32, memory: Memory) -> FeatureSpec {
    FeatureSpec {
        name,
        formula: name.to_owned(),
        doc: "",
        degenerate: "",
        range,
        warm_up,
        memory,
        clock: None,
    }
}

fn price(price: Price, grid: Grid) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "at most 2^53")]
    let raw = price.raw() as f64;
    raw / 10_u64.pow(grid.price_scale().into()) as f64
}

impl Toy {
    fn has_positions(&self) -> bool {
        has_positions(self.fault)
    }

    fn check(&self, bar: &Bar) -> Result<(), UpdateError> {
        if let Some(expected) = self.state.grid {
            if expected != bar.grid() && self.fault != Fault::GridTaken {
                return Err(UpdateError::Grid { expected, found: bar.grid() });
            }
            if bar.ts_close().0 <= self.state.last && self.fault != Fault::OrderTaken {
                return Err(UpdateError::Order {
                    previous: UnixNanos(self.state.last),
                    found: bar.ts_close(),
                });
            }
        }
        Ok(())
    }

    fn peek(&self, bar: &Bar) -> Option<f64> {
        FUTURE.with_borrow(|future| {
            let next = future.iter().find(|next| next.ts_close() > bar.ts_close())?;
            Some(if self.fault == Fault::PeeksAtNextBar { 1.0 } else { price(next.close(), next.grid()) })
        })
    }

    fn take(&mut self, bar: &Bar, row: &mut Row) {
        let (fault, close) = (self.fault, price(bar.close(), bar.grid()));
        let before = self.state.closes[2];
        let state = &mut self.state;
        state.running += close - state.closes[0];
        state.closes = [state.closes[1], state.closes[2], close];
        state.ema = if state.count == 0 { close } else { (state.ema + close) / 2.0 };
        state.count += 1;
        state.grid = Some(bar.grid());
        state.last = bar.ts_close().0;
        let (count, [a, b, c]) = (state.count, state.closes);
        row.ts_event = if fault == Fault::WrongTimes { bar.ts_open() } else { bar.ts_close() };
        row.ts_available = bar.ts_available();
        let first = match fault {
            Fault::PeeksAtNextBar | Fault::PeeksAtNextClose => self.peek(bar).unwrap_or(close),
            #[allow(clippy::cast_precision_loss, reason = "at most 2^53")]
            Fault::DependsOnGrid => bar.close().raw() as f64,
            Fault::NotANumber if count == 50 => f64::NAN,
            _ => close,
        };
        row.set(0, Some(first));
        let mean =
            if fault == Fault::RunningFloatSum { self.state.running / 3.0 } else { ((a + b) + c) / 3.0 };
        let warm = match fault {
            Fault::LateWarmUp => count >= 4,
            _ => count >= 3,
        };
        let early = (fault == Fault::ZeroBeforeWarmUp).then_some(0.0);
        row.set(1, if warm { Some(mean) } else { early });
        row.set(2, Some(self.state.ema));
        let direction = match c.partial_cmp(&before) {
            _ if fault == Fault::NegativeZero && count == 50 => -0.0,
            Some(std::cmp::Ordering::Greater) if fault == Fault::OutOfRange => 0.5,
            Some(std::cmp::Ordering::Greater) => 1.0,
            Some(std::cmp::Ordering::Less) => -1.0,
            _ => 0.0,
        };
        if fault != Fault::CellNotWritten || count % 7 != 0 {
            row.set(3, (count >= 2).then_some(direction));
        }
        if self.has_positions() {
            let profit = self.state.position.map(|position| {
                let change = close / price(position.entry_price, bar.grid()) - 1.0;
                match position.side {
                    Side::Long => change + 0.0,
                    Side::Short => -change + 0.0,
                }
            });
            row.set(4, if fault == Fault::PositionAlwaysValid { profit.or(Some(0.0)) } else { profit });
        }
    }

    fn read(&mut self, bytes: &[u8]) -> Result<(), RestoreError> {
        let (body, sum) =
            bytes.split_at_checked(bytes.len().wrapping_sub(8)).ok_or(RestoreError::Truncated)?;
        if sum != checksum(body).to_le_bytes() && self.fault != Fault::NoChecksum {
            return Err(RestoreError::Invalid { what: "a matching checksum" });
        }
        let mut reader = StateReader::new(body);
        self.state.count = reader.read_u64()?;
        let scales = [reader.read_u64()?, reader.read_u64()?].map(|scale| u8::try_from(scale).unwrap_or(99));
        let some = reader.read_bool()?;
        let grid = Grid::new(scales[0], scales[1]).map_err(|_| RestoreError::Invalid { what: "a grid" })?;
        self.state.grid = some.then_some(grid);
        self.state.last = reader.read_i64()?;
        for close in &mut self.state.closes {
            *close = reader.read_f64()?;
        }
        self.state.running = reader.read_f64()?;
        self.state.ema = reader.read_f64()?;
        let [some, long] = [reader.read_bool()?, reader.read_bool()?];
        let raw = Price::from_raw(reader.read_i64()?);
        let entry_price = raw.map_err(|_| RestoreError::Invalid { what: "a price" })?;
        let ts_entry = UnixNanos(reader.read_i64()?);
        let side = if long { Side::Long } else { Side::Short };
        self.state.position = some.then_some(Position { side, entry_price, ts_entry });
        reader.finish()
    }
}

/// FNV-1a: sees every change of a single byte.
fn checksum(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

impl FeatureSet for Toy {
    fn new(params: &[Param]) -> Result<Self, ParamError> {
        let fault = FAULTS[params[0].value as usize];
        let convergence = if fault == Fault::ConvergenceTooShort { 10 } else { 200 };
        let finite = |window| Memory::Finite { window };
        let mut features = vec![
            spec("close", Range::AtLeast(0.0), 0, finite(1)),
            spec("mean", Range::Any, 2, finite(3)),
            spec("ema", Range::Any, 0, Memory::Recursive { convergence }),
            spec(if fault == Fault::NameTwice { "ema" } else { "direction" }, Range::Sign, 1, finite(2)),
            spec("pnl", Range::AtLeast(-1e17), 0, Memory::SinceEntry),
        ];
        if !has_positions(fault) {
            features.pop();
        }
        Ok(Self { schema: Schema::new("toy", params.to_vec(), features), fault, state: State::default() })
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn update(&mut self, event: Event<'_>, row: &mut Row) -> Result<bool, UpdateError> {
        match event {
            Event::Bar(bar) => {
                if let Err(error) = self.check(bar) {
                    if self.fault == Fault::RefusedChangesState {
                        self.state.count += 1;
                    }
                    if self.fault == Fault::RefusedChangesRow {
                        row.set(0, None);
                    }
                    return Err(error);
                }
                self.take(bar, row);
                Ok(true)
            }
            Event::Position(position) if self.has_positions() => {
                self.state.position = position;
                Ok(false)
            }
            Event::Position(_) if self.fault == Fault::PositionIgnored => Ok(false),
            Event::Position(_) | _ => Err(UpdateError::Unsupported { expected: "closed bars" }),
        }
    }

    fn update_bars(&mut self, bars: &[Bar], rows: &mut Columns) -> Result<(), UpdateError> {
        // A whole history in one batch has the future at hand: what a set that peeks takes it from.
        if self.state.count == 0 && bars.len() > 64 {
            match self.fault {
                Fault::PeeksAtNextBar => publish(bars),
                Fault::PeeksAtNextClose => publish_over(bars),
                _ => {}
            }
        }
        let mut row = Row::new(self.schema.width());
        for (index, bar) in bars.iter().enumerate() {
            self.update(Event::Bar(bar), &mut row)?;
            match self.fault {
                Fault::BatchDiffers if index == 50 => row.set(0, row.get(0).map(f64::next_up)),
                Fault::BatchValidityDiffers if index == 50 => row.set(0, None),
                Fault::BatchDropsRow if index == 50 => continue,
                _ => {}
            }
            rows.push(&row);
        }
        Ok(())
    }

    fn snapshot(&self) -> Vec<u8> {
        let (state, mut writer) = (&self.state, StateWriter::new());
        let grid = state.grid.unwrap_or_default();
        writer.write_u64(state.count);
        writer.write_u64(grid.price_scale().into());
        writer.write_u64(grid.qty_scale().into());
        writer.write_bool(state.grid.is_some());
        writer.write_i64(state.last);
        state.closes.iter().for_each(|close| writer.write_f64(*close));
        writer.write_f64(state.running);
        writer.write_f64(if self.fault == Fault::SnapshotMissesField { 0.0 } else { state.ema });
        let position = state.position;
        writer.write_bool(position.is_some());
        writer.write_bool(position.is_some_and(|position| position.side == Side::Long));
        writer.write_i64(position.map_or(0, |position| position.entry_price.raw()));
        writer.write_i64(position.map_or(0, |position| position.ts_entry.0));
        let mut bytes = writer.into_bytes();
        bytes.extend(checksum(&bytes).to_le_bytes());
        bytes
    }

    fn restore(&mut self, snapshot: &[u8]) -> Result<(), RestoreError> {
        let result = self.read(snapshot);
        if result.is_err() && self.fault != Fault::FailedRestoreKeepsState {
            self.state = State::default();
        }
        result
    }

    fn reset(&mut self) {
        if self.fault == Fault::ResetForgetsNothing {
            self.state.last = 0;
        } else {
            self.state = State::default();
        }
    }
}
