//! One table of a configuration: its keys are taken one by one, and what is wrong is collected.

use std::collections::BTreeMap;

use feature_api::near;
use toml::de::DeValue;

use super::value;
use crate::ConfigProblem;

/// One table of a configuration. Whatever was not taken from it is unknown.
#[derive(Default)]
pub struct Section<'a> {
    name: String,
    /// Where it begins; `None` where it is not in the file.
    line: Option<usize>,
    entries: BTreeMap<String, Entry<'a>>,
    /// Keys that were asked for: all there are.
    known: Vec<&'static str>,
    /// What is expected in the place of a key that is not one of them; `None` names them.
    expected: Option<String>,
    problems: Vec<ConfigProblem>,
}

/// A value and the line it stands in; an override stands in none.
pub struct Entry<'a> {
    pub line: Option<usize>,
    pub value: DeValue<'a>,
}

impl<'a> Section<'a> {
    /// A table without keys.
    pub fn new(name: &str, line: Option<usize>) -> Self {
        Self { name: name.to_owned(), line, ..Self::default() }
    }

    /// Puts a value in the place of what is there, if anything is.
    pub fn set(&mut self, key: &str, entry: Entry<'a>) {
        self.entries.insert(key.to_owned(), entry);
    }

    /// Whether it has any key, or stands in the file.
    pub fn is_there(&self) -> bool {
        self.line.is_some() || !self.entries.is_empty()
    }

    /// Line of the table.
    pub const fn line(&self) -> Option<usize> {
        self.line
    }

    /// Whether it has that key.
    pub fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// Line of a key; that of the table where the key is not there.
    pub fn line_of(&self, key: &str) -> Option<usize> {
        self.entries.get(key).map_or(self.line, |entry| entry.line)
    }

    /// The value of a key that must be there. Without it, or where `read` gives nothing, it is a problem that `expected`
    /// was not found.
    pub fn required<T>(
        &mut self,
        key: &'static str,
        expected: &str,
        read: impl FnOnce(&DeValue<'_>) -> Option<T>,
    ) -> Option<T> {
        if !self.has(key) {
            self.refuse(key, self.line, expected, "nothing");
        }
        self.optional(key, expected, read)
    }

    /// The value of a key that must be there if so.
    pub fn required_if<T>(
        &mut self,
        is_required: bool,
        key: &'static str,
        expected: &str,
        read: impl FnOnce(&DeValue<'_>) -> Option<T>,
    ) -> Option<T> {
        if is_required { self.required(key, expected, read) } else { self.optional(key, expected, read) }
    }

    /// The value of a key that may be left out; a problem where it is there and `read` gives nothing.
    pub fn optional<T>(
        &mut self,
        key: &'static str,
        expected: &str,
        read: impl FnOnce(&DeValue<'_>) -> Option<T>,
    ) -> Option<T> {
        self.known.push(key);
        let Entry { line, value } = self.entries.remove(key)?;
        let read = read(&value);
        if read.is_none() {
            self.refuse(key, line, expected, &value::describe(&value));
        }
        read
    }

    /// Notes a problem of a key; of the whole table where the key is empty.
    pub fn refuse(&mut self, key: &str, line: Option<usize>, expected: &str, found: &str) {
        let dot = if key.is_empty() { "" } else { "." };
        self.problems.push(ConfigProblem {
            line,
            key: format!("{}{dot}{}", self.name.escape_debug(), key.escape_debug()),
            expected: expected.to_owned(),
            found: found.to_owned(),
        });
    }

    /// Says what is expected in the place of a key that is not asked for.
    pub fn expect(&mut self, expected: String) {
        self.expected = Some(expected);
    }

    /// Every problem: those noted, and every key that was not asked for.
    pub fn finish(mut self) -> Vec<ConfigProblem> {
        let keys = || format!("a key of [{}]: {}", self.name, self.known.join(", "));
        let expected = self.expected.take().unwrap_or_else(keys);
        for (key, entry) in std::mem::take(&mut self.entries) {
            let found = format!("an unknown key{}", meant(&key, &self.known));
            self.refuse(&key, entry.line, &expected, &found);
        }
        self.problems
    }
}

/// The end of a message about an unknown name: what may have been meant.
pub fn meant(name: &str, known: &[&str]) -> String {
    match near(name, known.iter().copied()).first() {
        Some(near) => format!("; did you mean {near}?"),
        None => String::new(),
    }
}
