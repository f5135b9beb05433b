//! A small feature version of its own, so that nothing here depends on a version that is still a draft.

use feature_api::identity::Hash;
use feature_api::{
    Bar, BarFields, Canonical, Event, FeatureSet, FeatureSpec, FeatureVersion, Grid, Memory, Output, Param,
    ParamError, Price, Qty, Range, RestoreError, Row, Schema, SetError, StateReader, StateWriter, UnixNanos,
    UpdateError,
};

pub const SETS: [&str; 2] = ["toy", "pair"];

/// The version. Its self-test costs nothing.
pub const TOY: FeatureVersion = FeatureVersion {
    name: "features-toy",
    version: "1.2.3",
    source_hash: Hash([0x51; 32]),
    output_hash: Hash([0x07; 32]),
    sets: &SETS,
    by_name,
    self_test: || Hash([0x07; 32]),
    canonical: Canonical {
        events: |_| (),
        output: || Output { hash: Hash([0x07; 32]), features: Vec::new() },
        golden: "",
    },
};

pub fn by_name(name: &str, params: &[Param]) -> Result<Box<dyn FeatureSet>, SetError> {
    let mut toy = Toy::new(params)?;
    match name {
        "toy" => {}
        "pair" => toy.schema = Schema::new("pair", toy.schema.params().to_vec(), features(toy.window, 2)),
        _ => {
            return Err(SetError::Unknown { version: "features-toy", found: name.to_owned(), known: &SETS });
        }
    }
    Ok(Box::new(toy))
}

/// close, range, change over `window` bars, direction.
#[derive(Debug, Clone)]
struct Toy {
    schema: Schema,
    window: u32,
    closes: Vec<f64>,
}

fn features(window: u32, count: usize) -> Vec<FeatureSpec> {
    let spec = |name, range, warm_up| FeatureSpec {
        name,
        formula: format!("{name}({window})"),
        doc: "",
        degenerate: "",
        range,
        warm_up,
        memory: Memory::Finite { window: warm_up + 1 },
        clock: None,
    };
    let mut features = vec![
        spec("close", Range::AtLeast(0.0), 0),
        spec("range", Range::AtLeast(0.0), 0),
        spec("change", Range::Any, window),
        spec("direction", Range::Sign, 1),
    ];
    features.truncate(count);
    features
}

fn value(price: Price) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "at most 2^53")]
    let raw = price.raw() as f64;
    raw / 100.0
}

impl FeatureSet for Toy {
    fn new(params: &[Param]) -> Result<Self, ParamError> {
        let mut window = 3;
        for Param { name, value } in params {
            if name != "window" {
                let (name, known) = (name.clone(), "window".to_owned());
                return Err(ParamError::Unknown { set: "toy", name, known });
            }
            if !(1..=100).contains(value) {
                let (min, max, found) = (1, 100, *value);
                return Err(ParamError::OutOfRange { set: "toy", name: "window", min, max, found });
            }
            window = *value;
        }
        let params = vec![Param { name: "window".to_owned(), value: window }];
        let schema = Schema::new("toy", params, features(window, 4));
        Ok(Self { schema, window, closes: Vec::new() })
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn update(&mut self, event: Event<'_>, row: &mut Row) -> Result<bool, UpdateError> {
        let Event::Bar(bar) = event else { return Err(UpdateError::Unsupported { expected: "bars" }) };
        let close = value(bar.close());
        let before = self.closes.last().copied();
        self.closes.push(close);
        let back = self.closes.len().checked_sub(self.window as usize + 1);
        row.ts_event = bar.ts_close();
        row.ts_available = bar.ts_available();
        let mut writer = row.writer();
        writer.put(Some(close));
        writer.put(Some(value(bar.high()) - value(bar.low())));
        writer.put(back.and_then(|back| self.closes.get(back)).map(|past| close - past));
        writer.put(before.map(|before| f64::from(i8::from(close > before) - i8::from(close < before))));
        writer.finish();
        Ok(true)
    }

    fn snapshot(&self) -> Vec<u8> {
        let mut writer = StateWriter::new();
        writer.write_u64(self.closes.len() as u64);
        self.closes.iter().for_each(|close| writer.write_f64(*close));
        writer.into_bytes()
    }

    fn restore(&mut self, snapshot: &[u8]) -> Result<(), RestoreError> {
        self.reset();
        let mut reader = StateReader::new(snapshot);
        let mut closes = Vec::new();
        for _ in 0..reader.read_u64()? {
            closes.push(reader.read_f64()?);
        }
        reader.finish()?;
        self.closes = closes;
        Ok(())
    }

    fn reset(&mut self) {
        self.closes.clear();
    }
}

/// The row of each of `count` bars, over the set of that name. Integers decide everything.
pub fn rows(set: &str, count: i64) -> Vec<Row> {
    let mut set = TOY.open(set, &[]).unwrap();
    let mut rows = Vec::new();
    for index in 0..count {
        let price = |raw| Price::from_raw(raw).unwrap();
        let wave = (index * index * 37 + index * 11) % 401;
        let [ts_open, ts_close] = [index, index + 1].map(|minute| UnixNanos(minute * 60_000_000_000));
        let bar = Bar::new(BarFields {
            grid: Grid::new(2, 3).unwrap(),
            ts_open,
            ts_close,
            ts_available: ts_close,
            open: price(10_000 + wave),
            high: price(10_010 + wave + index % 13),
            low: price(9_990 + wave - index % 7),
            close: price(9_995 + wave + index % 9),
            volume: Qty::from_raw(1_000).unwrap(),
            taker: None,
        });
        let mut row = Row::new(set.schema().width());
        set.update(Event::Bar(&bar.unwrap()), &mut row).unwrap();
        rows.push(row);
    }
    rows
}
