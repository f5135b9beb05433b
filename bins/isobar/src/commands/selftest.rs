//! `isobar selftest`: does this build give the output the feature version was released with?

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::Args;
use feature_api::FeatureVersion;
use serde::Serialize;

use crate::print;
use crate::set_options::parse_version;

/// Recompute a feature version's output on its canonical input and compare it with the released hash
///
/// Exit code 0 where they are the same, 1 where they are not.
#[derive(Debug, Args)]
pub struct Options {
    /// Feature version, such as 1; else the newest
    #[arg(long, value_name = "VERSION", value_parser = parse_version)]
    features: Option<&'static FeatureVersion>,
    /// One JSON object instead of text
    #[arg(long)]
    json: bool,
}

/// What the self-test found.
#[derive(Debug, Serialize)]
struct Report {
    name: &'static str,
    version: &'static str,
    matches: bool,
    expected: String,
    found: String,
    /// The features whose output differs, as `set.feature`.
    differing: Vec<String>,
}

/// Recomputes and compares.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let version = options.features.unwrap_or_else(feature_registry::newest);
    let output = (version.canonical.output)();
    let report = Report {
        name: version.name,
        version: version.version,
        matches: output.hash == version.output_hash,
        expected: version.output_hash.to_string(),
        found: output.hash.to_string(),
        differing: output.differing(version.canonical.golden),
    };
    if options.json {
        print::json(&report)?;
    } else if report.matches {
        print::result(&format!("{}\n", text(&report)))?;
    } else {
        print::status(&format!("error: {}", text(&report)));
    }
    Ok(if report.matches { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn text(report: &Report) -> String {
    let Report { name, version, expected, found, .. } = report;
    if report.matches {
        return format!("{name} {version}: output hash matches {expected}");
    }
    let mut text = format!(
        "{name} {version}: the output is not the released one; do not use this build\n  expected {expected}\n  \
         found    {found}"
    );
    let mut sets = BTreeMap::<&str, Vec<&str>>::new();
    for (set, feature) in report.differing.iter().filter_map(|feature| feature.split_once('.')) {
        sets.entry(set).or_default().push(feature);
    }
    for (set, features) in sets {
        let count = print::plural(features.len() as u64, "feature");
        text += &format!("\n  differing in {set}, {count}: {}", features.join(", "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(matches: bool, differing: &[&str]) -> Report {
        Report {
            name: "features-v1",
            version: "1.0.0",
            matches,
            expected: "aa".to_owned(),
            found: if matches { "aa" } else { "bb" }.to_owned(),
            differing: differing.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    #[test]
    fn a_match_is_one_line() {
        assert_eq!(text(&report(true, &[])), "features-v1 1.0.0: output hash matches aa");
    }

    #[test]
    fn a_mismatch_names_both_hashes_and_what_differs() {
        assert_eq!(
            text(&report(false, &["core.rsi", "core.macd", "exit.rsi"])),
            "features-v1 1.0.0: the output is not the released one; do not use this build\n  expected aa\n  \
             found    bb\n  differing in core, 2 features: rsi, macd\n  differing in exit, 1 feature: rsi"
        );
    }
}
