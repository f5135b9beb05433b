//! What is running: the first line of the output.

use feature_api::{BarSpec, FeatureVersion};
use runtime::{Bot, Leg, Stepper};
use serde::Serialize;

/// The first line of the output.
#[derive(Debug, Serialize)]
pub struct IdentityLine {
    identity: Identity,
}

#[derive(Debug, Serialize)]
struct Identity {
    program: Program,
    features: Features,
    /// sha256 over features, artifacts and configuration: whose state it is.
    bot: String,
    strategy: String,
    symbol: String,
    bars: String,
    price_decimals: u8,
    volume_decimals: u8,
    entry: Option<Model>,
    exit: Option<Model>,
}

/// The program.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Program {
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// The commit that it comes from.
    pub commit: &'static str,
    /// The compiler that made it.
    pub toolchain: &'static str,
}

#[derive(Debug, Serialize)]
struct Features {
    name: &'static str,
    version: &'static str,
    source_hash: String,
    output_hash: String,
}

#[derive(Debug, Serialize)]
struct Model {
    path: String,
    /// sha256 of the file's content.
    hash: String,
    set: String,
    schema_hash: String,
    label: String,
    model: String,
    signer: Option<String>,
    /// `ts_available` of the first and the last row trained on.
    train_span: [i64; 2],
    data_hash: String,
    code_commit: String,
    toolchain: String,
    /// When it was sealed.
    created: i64,
}

impl IdentityLine {
    /// What that program with that version of the features runs.
    #[must_use]
    pub fn of<C: Stepper>(
        program: Program,
        version: &FeatureVersion,
        bot: &Bot<C>,
        strategy: &str,
        bars: BarSpec,
    ) -> Self {
        let market = bot.core.market();
        let grid = market.grid();
        Self {
            identity: Identity {
                program,
                features: Features {
                    name: version.name,
                    version: version.version,
                    source_hash: version.source_hash.to_string(),
                    output_hash: version.output_hash.to_string(),
                },
                bot: bot.identity.to_string(),
                strategy: strategy.to_owned(),
                symbol: market.instrument().symbol().to_owned(),
                bars: bars.to_string(),
                price_decimals: grid.price_scale(),
                volume_decimals: grid.qty_scale(),
                entry: bot.entry.as_ref().map(Model::of),
                exit: bot.exit.as_ref().map(Model::of),
            },
        }
    }
}

impl Model {
    fn of(leg: &Leg) -> Self {
        let manifest = &leg.verified.artifact().manifest;
        let (first, last) = manifest.train_span;
        Self {
            path: leg.path.display().to_string(),
            hash: leg.verified.hash().to_string(),
            set: manifest.set.clone(),
            schema_hash: manifest.schema_hash.to_string(),
            label: manifest.label.clone(),
            model: manifest.model.clone(),
            signer: leg.verified.signer().map(ToString::to_string),
            train_span: [first.0, last.0],
            data_hash: manifest.data_hash.to_string(),
            code_commit: manifest.code_commit.clone(),
            toolchain: manifest.toolchain.clone(),
            created: manifest.created.0,
        }
    }
}
