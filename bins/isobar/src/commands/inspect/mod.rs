//! `isobar inspect`: what is in an artifact.

mod document;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use artifact::{Artifact, Inspected, Manifest, Metric, Reference};
use clap::Args;
use preprocess::{Nulls, ScalerKind};

use crate::external::ExternalOptions;
use crate::print::{self, Align};
use crate::trust_options;

/// Show what is in an artifact: where it comes from, how it was trained, how it did
///
/// Bytes, signature and format are checked, nothing else: `isobar verify` says whether it may be used.
#[derive(Debug, Args)]
pub struct Options {
    /// The artifact
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// One JSON object instead of text
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    external: ExternalOptions,
}

/// Prints what is in it.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let inspected = trust_options::inspect(&options.file, &options.external)?;
    if options.json {
        print::json(&document::Document::of(&inspected))?;
    } else {
        print::result(&text(&inspected))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn text(Inspected { artifact, signer, hash }: &Inspected) -> String {
    let signer = signer.as_ref().map_or_else(|| "nobody".to_owned(), ToString::to_string);
    let mut text = String::new();
    let lines = [
        vec![("content", hash.to_string()), ("signed by", signer)],
        identity(&artifact.manifest),
        preprocessing(artifact),
        models(artifact),
    ];
    for (name, value) in lines.into_iter().flatten() {
        let _ = writeln!(text, "{name:<14}{value}");
    }
    let metrics: Vec<_> = artifact.manifest.metrics.iter().map(metric_row).collect();
    let columns = [("rows", Align::Left), ("metric", Align::Left), ("value", Align::Right)];
    let _ = write!(text, "\n{}\n", print::table(columns, &metrics));
    let references: Vec<_> = artifact.reference.iter().map(reference_row).collect();
    let columns = [
        ("in training", Align::Left),
        ("null", Align::Right),
        ("min", Align::Right),
        ("5 %", Align::Right),
        ("median", Align::Right),
        ("95 %", Align::Right),
        ("max", Align::Right),
    ];
    text + &print::table(columns, &references)
}

fn identity(manifest: &Manifest) -> Vec<(&'static str, String)> {
    let params: Vec<_> =
        manifest.params.iter().map(|param| format!("{}={}", param.name, param.value)).collect();
    let (from, until) = manifest.train_span;
    vec![
        ("created", print::time(manifest.created)),
        ("commit", manifest.code_commit.clone()),
        ("toolchain", manifest.toolchain.clone()),
        ("features", format!("{} {}, set {}", manifest.features, manifest.version, manifest.set)),
        ("parameters", params.join(" ")),
        ("source hash", manifest.source_hash.to_string()),
        ("output hash", manifest.output_hash.to_string()),
        ("schema hash", manifest.schema_hash.to_string()),
        ("bars", manifest.bars.to_string()),
        ("data hash", manifest.data_hash.to_string()),
        ("label", manifest.label.clone()),
        (
            "trained on",
            format!(
                "{}, {} to {}",
                print::plural(manifest.train_rows, "row"),
                print::time(from),
                print::time(until)
            ),
        ),
    ]
}

fn preprocessing(artifact: &Artifact) -> Vec<(&'static str, String)> {
    let parts = artifact.preprocess.parts();
    let dropped: Vec<&str> =
        parts.features.iter().filter(|name| !parts.kept.contains(name)).map(String::as_str).collect();
    let dropped =
        if dropped.is_empty() { String::new() } else { format!(", without {}", dropped.join(", ")) };
    let [mut refuse, mut median, mut missing] = [0_u64; 3];
    for nulls in &parts.nulls {
        match nulls {
            Nulls::Refuse => refuse += 1,
            Nulls::Median(_) => median += 1,
            Nulls::Missing => missing += 1,
        }
    }
    let inputs = format!(
        "{} of {}, {}{dropped}",
        print::plural(parts.kept.len() as u64, "feature"),
        parts.features.len(),
        if parts.sequence.get() == 1 { "one row".to_owned() } else { format!("{} rows", parts.sequence) },
    );
    vec![
        ("inputs", inputs),
        ("nulls", format!("refused for {refuse}, median for {median}, missing for {missing}")),
        ("clip", if parts.clip.is_some() { "at training quantiles" } else { "none" }.to_owned()),
        ("scaler", scaler(artifact).to_owned()),
    ]
}

fn scaler(artifact: &Artifact) -> &'static str {
    match artifact.preprocess.parts().scaler.as_ref().map(|scaler| scaler.kind) {
        Some(ScalerKind::None) => "none",
        Some(ScalerKind::Standard) => "standard",
        Some(ScalerKind::MinMax) => "minmax",
        Some(ScalerKind::Robust) => "robust",
        None => "missing",
    }
}

fn models(artifact: &Artifact) -> Vec<(&'static str, String)> {
    let mut lines = vec![("model", artifact.manifest.model.clone())];
    for member in artifact.ensemble.members() {
        let model = member.model.as_model().describe();
        lines.push(("member", format!("weight {}, horizon {}: {model}", member.weight, member.horizon)));
    }
    for filter in &artifact.filters {
        lines.push(("blocked where", filter.to_string()));
    }
    lines.push(("probes", artifact.probes.len().to_string()));
    lines
}

fn metric_row(metric: &Metric) -> [String; 3] {
    [metric.part.clone(), metric.name.clone(), print::significant(metric.value)]
}

fn reference_row(reference: &Reference) -> [String; 7] {
    let rows = reference.valid + reference.null;
    let null = if rows == 0 {
        "–".to_owned()
    } else {
        format!("{:.2} %", reference.null as f64 * 100.0 / rows as f64)
    };
    let quantile = |index: usize| {
        reference.quantiles.get(index).map_or_else(|| "–".to_owned(), |x| print::significant(*x))
    };
    [reference.feature.clone(), null, quantile(0), quantile(1), quantile(10), quantile(19), quantile(20)]
}
