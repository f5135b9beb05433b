//! What is running: the first line of the output.

use execution::Market;
use feature_api::BarSpec;
use runtime::{Bot, Leg};
use serde::Serialize;

/// The first line of the output.
#[derive(Debug, Serialize)]
pub(crate) struct IdentityLine {
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

#[derive(Debug, Serialize)]
struct Program {
    name: &'static str,
    version: &'static str,
    commit: &'static str,
    toolchain: &'static str,
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
    pub(crate) fn of(bot: &Bot, strategy: &str, market: &Market, bars: BarSpec) -> Self {
        let version = features_v1::FEATURES;
        let grid = market.grid();
        Self {
            identity: Identity {
                program: Program {
                    name: env!("CARGO_PKG_NAME"),
                    version: env!("CARGO_PKG_VERSION"),
                    commit: env!("ISOBAR_COMMIT"),
                    toolchain: env!("ISOBAR_TOOLCHAIN"),
                },
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
