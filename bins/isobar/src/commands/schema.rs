//! `isobar schema`: what a feature set is.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use feature_api::{Columns, EventKind, FeatureSet, FeatureSpec, Param, Range, Row, Schema};
use market_data::synth::{self, Market, MarketOptions, SynthOptions};
use serde::{Serialize, Serializer};

use crate::print::{self, Align};
use crate::set_options::SetOptions;

/// Bars after which the state is measured.
const STATE_BARS: u64 = 1000;
/// Trades after which the state of a set over events is measured.
const STATE_TRADES: u64 = 20_000;

/// Show what a feature set is: names, formulas, warm-up, parameters, hashes
#[derive(Debug, Args)]
pub struct Options {
    /// One JSON object instead of text
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    set: SetOptions,
}

/// Prints the schema.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let mut engine = options.set.engine()?;
    let state = state(engine.as_mut())?;
    let schema = engine.schema();
    if options.json {
        print::json(&document(&options.set, schema, state.bytes))?;
    } else {
        print::result(&text(&options.set, schema, &state))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Size of a snapshot, and after how much of what it was taken.
struct State {
    bytes: usize,
    after: String,
    /// What the rows of the set are made of.
    row: &'static str,
}

fn state(engine: &mut dyn FeatureSet) -> anyhow::Result<State> {
    let takes = engine.takes();
    let (after, row) = if takes.contains(&EventKind::Bar) {
        let bars = synth::bars(&SynthOptions { rows: STATE_BARS, ..SynthOptions::default() }).bars;
        let mut rows = Columns::new(engine.schema().width());
        engine.update_bars(&bars, &mut rows).context("the engine refuses synthetic bars")?;
        (print::plural(STATE_BARS, "bar"), "bar")
    } else {
        let mut row = Row::new(engine.schema().width());
        let market = Market::new(MarketOptions { trades: STATE_TRADES, ..MarketOptions::default() });
        for event in market.filter(|event| takes.contains(&dataset::kind_of(event))) {
            engine.update(event.view(), &mut row).context("the engine refuses synthetic events")?;
        }
        (print::plural(STATE_TRADES, "trade"), "row")
    };
    Ok(State { bytes: engine.snapshot().len(), after, row })
}

fn text(set: &SetOptions, schema: &Schema, state: &State) -> String {
    let columns = [
        ("#", Align::Right),
        ("name", Align::Left),
        ("formula", Align::Left),
        ("warm-up", Align::Right),
        ("memory", Align::Left),
        ("range", Align::Left),
    ];
    let features = schema.features().iter().enumerate();
    let row = |(index, feature): (usize, &FeatureSpec)| {
        [
            index.to_string(),
            feature.name.to_owned(),
            feature.formula.clone(),
            feature
                .clock
                .map_or_else(|| feature.warm_up.to_string(), |clock| format!("{} {clock}", feature.warm_up)),
            feature.memory.to_string(),
            feature.range.to_string(),
        ]
    };
    let rows: Vec<_> = features.map(row).collect();
    let params: Vec<_> =
        schema.params().iter().map(|param| format!("{}={}", param.name, param.value)).collect();
    let clocked = if schema.clocked().next().is_some() {
        ", but for those on other clocks, which are valid once theirs has come so far"
    } else {
        ""
    };
    format!(
        "{}: {}\n\n{}\nparameters   {}\nwarm-up      {} before the {} at which every feature of the market is \
         valid{clocked}\nstate        {} bytes after {}\nsource hash  {}\noutput hash  {}\nschema hash  {}\n",
        set.title(),
        print::plural(schema.width() as u64, "feature"),
        print::table(columns, &rows),
        params.join(" "),
        print::plural(schema.warm_up().into(), state.row),
        state.row,
        print::count(state.bytes as u64),
        state.after,
        set.features.source_hash,
        set.features.output_hash,
        schema.hash(),
    )
}

#[derive(Serialize)]
struct Document<'a> {
    version: &'static str,
    set: &'static str,
    source_hash: String,
    output_hash: String,
    schema_hash: String,
    params: Params<'a>,
    warm_up: u32,
    state_bytes: usize,
    features: Vec<Feature<'a>>,
}

/// An object with a member for each parameter, in the set's order.
struct Params<'a>(&'a [Param]);

impl Serialize for Params<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|param| (&param.name, param.value)))
    }
}

#[derive(Serialize)]
struct Feature<'a> {
    index: usize,
    name: &'a str,
    formula: &'a str,
    warm_up: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    clock: Option<&'static str>,
    memory: String,
    range: Bounds,
    degenerate: &'a str,
    doc: &'a str,
}

#[derive(Serialize)]
struct Bounds {
    min: Option<f64>,
    max: Option<f64>,
    kind: &'static str,
}

fn document<'a>(set: &SetOptions, schema: &'a Schema, state_bytes: usize) -> Document<'a> {
    let feature = |(index, feature): (usize, &'a FeatureSpec)| {
        let (min, max) = feature.range.bounds();
        Feature {
            index,
            name: feature.name,
            formula: &feature.formula,
            warm_up: feature.warm_up,
            clock: feature.clock,
            memory: feature.memory.to_string(),
            range: Bounds { min, max, kind: kind(feature.range) },
            degenerate: feature.degenerate,
            doc: feature.doc,
        }
    };
    Document {
        version: set.features.version,
        set: schema.set(),
        source_hash: set.features.source_hash.to_string(),
        output_hash: set.features.output_hash.to_string(),
        schema_hash: schema.hash().to_string(),
        params: Params(schema.params()),
        warm_up: schema.warm_up(),
        state_bytes,
        features: schema.features().iter().enumerate().map(feature).collect(),
    }
}

const fn kind(range: Range) -> &'static str {
    match range {
        Range::Any => "any",
        Range::AtLeast(_) => "at_least",
        Range::AtMost(_) => "at_most",
        Range::Between(..) => "between",
        Range::Flag => "flag",
        Range::Count => "count",
        Range::Sign => "sign",
    }
}
