//! `isobar schema`: what a feature set is.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use feature_api::{Columns, FeatureSet, FeatureSpec, Param, Range, Schema};
use market_data::synth::{self, SynthOptions};
use serde::{Serialize, Serializer};

use crate::print::{self, Align};
use crate::set_options::SetOptions;

/// Bars after which the state is measured.
const STATE_BARS: u64 = 1000;

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
    let state_bytes = state_bytes(engine.as_mut())?;
    let schema = engine.schema();
    if options.json {
        print::json(&document(&options.set, schema, state_bytes))?;
    } else {
        print::result(&text(&options.set, schema, state_bytes))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Size of a snapshot once every window is full.
fn state_bytes(engine: &mut dyn FeatureSet) -> anyhow::Result<usize> {
    let bars = synth::bars(&SynthOptions { rows: STATE_BARS, ..SynthOptions::default() }).bars;
    let mut rows = Columns::new(engine.schema().width());
    engine.update_bars(&bars, &mut rows).context("the engine refuses synthetic bars")?;
    Ok(engine.snapshot().len())
}

fn text(set: &SetOptions, schema: &Schema, state_bytes: usize) -> String {
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
            feature.warm_up.to_string(),
            feature.memory.to_string(),
            feature.range.to_string(),
        ]
    };
    let rows: Vec<_> = features.map(row).collect();
    let params: Vec<_> =
        schema.params().iter().map(|param| format!("{}={}", param.name, param.value)).collect();
    format!(
        "{}: {}\n\n{}\nparameters   {}\nwarm-up      {} before the bar at which every feature of the market is \
         valid\nstate        {} bytes after {} bars\nsource hash  {}\noutput hash  {}\nschema hash  {}\n",
        set.title(),
        print::plural(schema.width() as u64, "feature"),
        print::table(columns, &rows),
        params.join(" "),
        print::plural(schema.warm_up().into(), "bar"),
        print::count(state_bytes as u64),
        print::count(STATE_BARS),
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
