//! `isobar verify`: may this artifact be used?

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use feature_api::{BarKind, BarSpec, FeatureVersion, Param};

use crate::set_options::{parse_param, parse_version};
use crate::trust_options::{Expected, TrustOptions};
use crate::{interval, print};

/// Verify an artifact as a production binary does: bytes, signature, version, hashes, schema, preprocessing, probes
///
/// Exit code 0 where it may be used, 1 with every problem named where it may not.
#[derive(Debug, Args)]
pub struct Options {
    /// The artifact
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The feature version it must be for; else the one it names, where this program carries it
    #[arg(long, value_name = "VERSION", value_parser = parse_version)]
    features: Option<&'static FeatureVersion>,
    /// The set it must be for, with the catalogue's parameters but for those of --param
    #[arg(long)]
    set: Option<String>,
    /// A parameter other than the catalogue's that it must be for; may be repeated
    #[arg(long = "param", value_name = "NAME=VALUE", requires = "set", value_parser = parse_param)]
    params: Vec<Param>,
    /// The length of the bars it must be for, such as 1m
    #[arg(long, value_parser = interval::parse)]
    interval: Option<i64>,
    /// The bars it must be for have no volume
    #[arg(long, requires = "interval")]
    no_volume: bool,
    #[command(flatten)]
    trust: TrustOptions,
}

/// Verifies, and says what it is that was verified.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let Options { file, features, set, params, interval, no_volume, trust } = options;
    let bars = interval.map(|interval| BarSpec { kind: BarKind::Time { interval }, volume: !no_volume });
    let demanded = set.is_some().then_some(params.as_slice());
    let expected = Expected { version: *features, set: set.as_deref(), params: demanded, bars };
    let verified = trust.verify(file, expected)?;
    let artifact = verified.artifact();
    let manifest = &artifact.manifest;
    let signer = match verified.signer() {
        Some(key) if trust.demands_signature() => format!("{key}, trusted"),
        Some(key) => format!("{key}, not compared with any trusted key"),
        None => "nobody".to_owned(),
    };
    let probes = print::plural(artifact.probes.len() as u64, "probe");
    print::result(&format!(
        "{}: verified\n  content      {}\n  features     {} {}, set {}\n  bars         {}\n  model        {}\n  \
         probes       {probes}, the same bits\n  signed by    {signer}\n",
        file.display(),
        verified.hash(),
        manifest.features,
        manifest.version,
        manifest.set,
        manifest.bars,
        manifest.model,
    ))?;
    Ok(ExitCode::SUCCESS)
}
