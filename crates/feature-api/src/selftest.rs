//! What the `selftest` binary of every feature version does: it computes the output hash on whatever machine it
//! runs on, and says what the version is, for programs that must not link it.

use core::fmt;
use std::process::ExitCode;

use crate::{FeatureVersion, Memory, Param, Schema};

/// The whole binary.
///
/// | called as | prints |
/// |---|---|
/// | `selftest` | name, version, architecture and the output hash; exit code 1 where it is not the golden one |
/// | `selftest describe` | the version as one JSON object: hashes, and every set with its schema and output |
/// | `selftest schema SET [NAME=VALUE …]` | the schema hash of a set with these parameters |
#[must_use]
pub fn main(version: &FeatureVersion) -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [] => {
            let found = (version.self_test)();
            println!("{version} {} {found}", std::env::consts::ARCH);
            if found == version.output_hash { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        ["describe"] => done(describe(version)),
        ["schema", set, params @ ..] => done(schema_hash(version, set, params)),
        _ => done(Err("usage: selftest [describe | schema SET [NAME=VALUE …]]".to_owned())),
    }
}

fn done(result: Result<String, String>) -> ExitCode {
    match result {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn schema_hash(version: &FeatureVersion, set: &str, params: &[&str]) -> Result<String, String> {
    let param = |text: &&str| {
        let (name, value) = text.split_once('=')?;
        Some(Param { name: name.to_owned(), value: value.parse().ok()? })
    };
    let params: Option<Vec<Param>> = params.iter().map(param).collect();
    let params = params.ok_or("expected parameters as NAME=VALUE, such as rsi=14")?;
    let set = version.open(set, &params).map_err(|error| error.to_string())?;
    Ok(set.schema().hash().to_string())
}

/// The version as a JSON object.
///
/// # Errors
/// A message where a set of the version cannot be opened.
pub fn describe(version: &FeatureVersion) -> Result<String, String> {
    let output = (version.canonical.output)();
    let mut sets = Vec::new();
    for name in version.sets {
        let set = version.open(name, &[]).map_err(|error| error.to_string())?;
        sets.push(set_text(set.schema(), version, &output));
    }
    Ok(object(&[
        ("name", text(version.name)),
        ("version", text(version.version)),
        ("source_hash", text(version.source_hash)),
        ("golden_output_hash", text(version.output_hash)),
        ("output_hash", text(output.hash)),
        ("sets", list(sets)),
    ]))
}

fn set_text(schema: &Schema, version: &FeatureVersion, output: &crate::Output) -> String {
    let params = schema.params().iter();
    let params =
        params.map(|param| object(&[("name", text(&param.name)), ("value", param.value.to_string())]));
    let features = schema.features().iter().map(|feature| {
        let name = format!("{}.{}", schema.set(), feature.name);
        let found = output.features.iter().find(|(set, of, _)| *set == schema.set() && *of == feature.name);
        let golden = version.canonical.golden.lines().filter_map(|line| line.split_once("  "));
        let golden = golden.filter(|(_, of)| *of == name).map(|(hash, _)| text(hash)).next();
        object(&[
            ("name", text(feature.name)),
            ("formula", text(&feature.formula)),
            ("doc", text(feature.doc)),
            ("degenerate", text(feature.degenerate)),
            ("range", text(feature.range)),
            ("warm_up", feature.warm_up.to_string()),
            ("memory", text(feature.memory)),
            (
                "convergence",
                match feature.memory {
                    Memory::Recursive { convergence } => convergence.to_string(),
                    Memory::Finite { .. } | Memory::SinceEntry | Memory::Book => "null".to_owned(),
                },
            ),
            ("output", found.map_or_else(|| "null".to_owned(), |(_, _, hash)| text(hash))),
            ("golden", golden.unwrap_or_else(|| "null".to_owned())),
        ])
    });
    object(&[
        ("name", text(schema.set())),
        ("schema_hash", text(schema.hash())),
        ("params", list(params)),
        ("features", list(features)),
    ])
}

fn object(fields: &[(&str, String)]) -> String {
    let fields: Vec<String> = fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", fields.join(","))
}

fn list(items: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", items.into_iter().collect::<Vec<_>>().join(","))
}

/// A JSON string (RFC 8259).
fn text(value: impl fmt::Display) -> String {
    let mut text = String::from("\"");
    for letter in value.to_string().chars() {
        match letter {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            control if control < ' ' => text.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => text.push(other),
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn texts_are_escaped() {
        assert_eq!(text("a \"b\" \\ c\nd ₋é"), "\"a \\\"b\\\" \\\\ c\\u000ad ₋é\"");
    }
}
