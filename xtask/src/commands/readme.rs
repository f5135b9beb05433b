//! `cargo xtask readme`: the README of each version, made from its schemas.

use std::fmt::Write as _;

use anyhow::Result;
use feature_api::Schema;

use super::replace;
use crate::version::{VERSIONS, Version};

/// Writes the READMEs.
pub fn run() -> Result<bool> {
    for version in VERSIONS {
        let path = version.folder().join("README.md");
        replace(&path, &text(&version)?)?;
        println!("{}", path.display());
    }
    Ok(true)
}

/// The README of a version.
pub fn text(version: &Version) -> Result<String> {
    let mut text = format!(
        "# features-{}\n\n\
         The features of version {} over closed OHLCV bars of one instrument. This file is made from the \
         schemas by `cargo xtask readme`; the tables in `src/sets` are where features are declared.\n\n\
         W is the number of bars that must have been seen before the bar at which the first value is valid. \
         Memory is the number of last bars a value depends on, or recursive. C, O, H, L, V are the bar's \
         close, open, high, low and volume; X₋ₙ is n bars earlier; the previous n bars do not include this \
         one. Ranges hold for positive prices.\n",
        version.name,
        version.version.split('.').next().unwrap_or_default(),
    );
    for name in version.sets {
        let set = (version.set)(name)?;
        table(&mut text, set.schema())?;
    }
    Ok(text)
}

fn table(text: &mut String, schema: &Schema) -> Result<()> {
    let params: Vec<_> =
        schema.params().iter().map(|param| format!("`{}` = {}", param.name, param.value)).collect();
    writeln!(
        text,
        "\n## {}: {} features\n\nParameters, in bars: {}.\n\n\
         | # | name | formula | W | memory | range | degenerate | note |\n|---|---|---|---|---|---|---|---|",
        schema.set(),
        schema.width(),
        params.join(", ")
    )?;
    for (index, f) in schema.features().iter().enumerate() {
        let cell = |text: &str| text.replace('|', "\\|");
        writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            index + 1,
            f.name,
            cell(&f.formula),
            f.warm_up,
            f.memory,
            f.range,
            cell(f.degenerate),
            cell(f.doc)
        )?;
    }
    Ok(())
}
