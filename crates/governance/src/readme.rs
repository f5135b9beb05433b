//! The README of a version, made from its schemas.

use std::fmt::Write as _;

use crate::{Facts, SetFacts};

/// The text of `features-vN/README.md`.
#[must_use]
pub fn readme(facts: &Facts) -> String {
    let mut text = format!(
        "# {}\n\n\
         The features of version {} over closed OHLCV bars of one instrument. This file is made from the \
         schemas by `cargo xtask readme`; the tables in `src/sets` are where features are declared.\n\n\
         W is the number of bars that must have been seen before the bar at which the first value is valid. \
         Memory is the number of last bars a value depends on, or recursive. C, O, H, L, V are the bar's \
         close, open, high, low and volume; X₋ₙ is n bars earlier; the previous n bars do not include this \
         one. Ranges hold for positive prices.\n",
        facts.name,
        facts.version.split('.').next().unwrap_or_default(),
    );
    for set in &facts.sets {
        table(&mut text, set);
    }
    text
}

fn table(text: &mut String, set: &SetFacts) {
    let params: Vec<_> =
        set.params.iter().map(|param| format!("`{}` = {}", param.name, param.value)).collect();
    let params = if params.is_empty() {
        String::new()
    } else {
        format!("Parameters, in bars: {}.\n\n", params.join(", "))
    };
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "\n## {}: {} features\n\n{params}\
         | # | name | formula | W | memory | range | degenerate | note |\n|---|---|---|---|---|---|---|---|\n",
        set.name,
        set.features.len(),
    );
    for (index, f) in set.features.iter().enumerate() {
        let cell = |text: &str| text.replace('|', "\\|");
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            index + 1,
            f.name,
            cell(&f.formula),
            f.warm_up,
            f.memory,
            f.range,
            cell(&f.degenerate),
            cell(&f.doc)
        );
    }
}
