//! Configurations and what is said of them.

use std::path::Path;

use execution::Money;
use runtime::{Config, ConfigError};

use super::example;

pub fn parse(text: &str, set: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let set: Vec<_> = set.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    Config::parse(text, Path::new("folder/bot.toml"), &set)
}

pub fn money(text: &str) -> Money {
    Money::parse(text).unwrap()
}

/// Every problem of a text with some keys set, a line each.
pub fn problems_with(text: &str, set: &[(&str, &str)]) -> Vec<String> {
    match parse(text, set) {
        Err(ConfigError::Problems { problems, path }) => {
            assert_eq!(path, Path::new("folder/bot.toml"));
            problems.iter().map(ToString::to_string).collect()
        }
        other => unreachable!("{other:?}"),
    }
}

pub fn problems(text: &str) -> Vec<String> {
    problems_with(text, &[])
}

/// The example with one of its lines, found by its beginning, written otherwise, and the number of that line.
pub fn edited(begins: &str, line: &str) -> (String, usize) {
    let mut lines: Vec<&str> = example().lines().collect();
    let at = lines.iter().position(|line| line.starts_with(begins)).unwrap();
    lines[at] = line;
    (lines.join("\n"), at + 1)
}
