//! No text makes the reader of configurations panic.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails by panicking")]

use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;
use runtime::Config;

/// The example that documents every key.
fn example() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../bins/gatekeeper/gatekeeper.example.toml");
        std::fs::read_to_string(path).unwrap()
    });
    &TEXT
}

/// What numbers and words of a configuration may be turned into.
const ODD: [&str; 14] = [
    "nan",
    "-inf",
    "1e308",
    "1e-308",
    "-0.0",
    "9223372036854775807",
    "-9223372036854775808",
    "0.1e-17",
    "\"\"",
    "\"unlimited\"",
    "[]",
    "{}",
    "1979-05-27",
    "\"\\u0000\"",
];

proptest! {
    #[test]
    fn an_example_with_odd_values_is_read_or_refused(
        edits in proptest::collection::vec((any::<prop::sample::Index>(), 0..ODD.len()), 1..6),
    ) {
        let mut lines: Vec<String> = example().lines().map(str::to_owned).collect();
        let keys: Vec<usize> =
            (0..lines.len()).filter(|line| !lines[*line].starts_with('#') && lines[*line].contains(" = ")).collect();
        for (at, odd) in &edits {
            let line = &mut lines[keys[at.index(keys.len())]];
            let key = line.split(" = ").next().unwrap_or_default().to_owned();
            *line = format!("{key} = {}", ODD[*odd]);
        }
        let _ = Config::parse(&lines.join("\n"), Path::new("a.toml"), &[]);
    }

    #[test]
    fn an_example_that_is_cut_up_is_read_or_refused(from in 0..example().len(), count in 0_usize..40, with in ".{0,8}") {
        let keep = |(index, letter): (usize, char)| (!(from..from + count).contains(&index)).then_some(letter);
        let mut text: String = example().char_indices().filter_map(keep).collect();
        let at = text.char_indices().map(|(index, _)| index).find(|index| *index >= from).unwrap_or(text.len());
        text.insert_str(at, &with);
        let _ = Config::parse(&text, Path::new("a.toml"), &[]);
    }

    #[test]
    fn an_override_of_any_text_is_taken_or_refused(key in "[a-z_.]{0,24}|costs.taker_fee|risk.max_leverage", value in ".{0,24}") {
        let _ = Config::parse(example(), Path::new("a.toml"), &[(key, value)]);
    }
}
