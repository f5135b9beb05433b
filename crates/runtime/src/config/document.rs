//! A configuration's text as tables, with overrides in place.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use super::section::{Entry, Section, meant};
use super::value;
use crate::ConfigProblem;

/// The tables of a configuration.
#[derive(Default)]
pub struct Document<'a> {
    sections: BTreeMap<String, Section<'a>>,
    /// Tables that were asked for: all there are.
    known: Vec<&'static str>,
    problems: Vec<ConfigProblem>,
}

impl<'a> Document<'a> {
    /// The tables of a text.
    ///
    /// # Errors
    /// Every place where it is no TOML.
    pub fn parse(text: &'a str) -> Result<Self, Vec<ConfigProblem>> {
        let line = |at: usize| {
            let before = text.as_bytes().iter().take(at);
            before.filter(|byte| **byte == b'\n').count() + 1
        };
        let (table, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            let problem = |error: &toml::de::Error| ConfigProblem {
                line: error.span().map(|span| line(span.start)),
                key: "the configuration".to_owned(),
                expected: "TOML".to_owned(),
                found: format!("text that is none: {}", error.message()),
            };
            return Err(errors.iter().map(problem).collect());
        }
        let mut document = Self::default();
        for (name, value) in table.into_inner() {
            let at = Some(line(name.span().start));
            document.add(name.get_ref(), at, value.into_inner(), line);
        }
        Ok(document)
    }

    fn add(&mut self, name: &str, at: Option<usize>, value: DeValue<'a>, line: impl Fn(usize) -> usize) {
        let found = value::describe(&value);
        let DeValue::Table(table) = value else {
            let expected = format!("tables alone at the top, such as [{}]", name.escape_debug());
            let key = name.escape_debug().to_string();
            self.problems.push(ConfigProblem { line: at, key, expected, found });
            return;
        };
        let mut section = Section::new(name, at);
        for (key, value) in table {
            let line = Some(line(key.span().start));
            section.set(key.get_ref(), Entry { line, value: value.into_inner() });
        }
        self.sections.insert(name.to_owned(), section);
    }

    /// Sets `table.key` to a value: TOML, or a bare word as text.
    pub fn set(&mut self, name: &str, written: &'a str) {
        let mut refuse = |expected: &str, found: String| {
            let (line, key) = (None, name.escape_debug().to_string());
            self.problems.push(ConfigProblem { line, key, expected: expected.to_owned(), found });
        };
        let Some((table, key)) =
            name.split_once('.').filter(|(table, key)| !table.is_empty() && !key.is_empty())
        else {
            refuse("a table and a key to set, such as strategy.threshold", format!("{name:?}"));
            return;
        };
        let value = match DeValue::parse(written) {
            Ok(value) => value.into_inner(),
            Err(_) if !written.starts_with(['"', '\'', '[', '{']) => DeValue::String(written.into()),
            Err(error) => {
                refuse("a value to set it to, in TOML", format!("{written:?}: {}", error.message()));
                return;
            }
        };
        let section = self.sections.entry(table.to_owned()).or_insert_with(|| Section::new(table, None));
        section.set(key, Entry { line: None, value });
    }

    /// Takes a table, reads it, and keeps its problems.
    pub fn table<T>(&mut self, name: &'static str, read: impl FnOnce(&mut Section<'a>) -> T) -> T {
        self.known.push(name);
        let mut section = self.sections.remove(name).unwrap_or_else(|| Section::new(name, None));
        let read = read(&mut section);
        self.problems.extend(section.finish());
        read
    }

    /// Notes a problem of several tables together, if there is one.
    pub fn refuse(&mut self, problem: Option<ConfigProblem>) {
        self.problems.extend(problem);
    }

    /// Every problem, by line; those of no line are last.
    pub fn finish(mut self) -> Vec<ConfigProblem> {
        let expected = format!("one of the tables {}", self.known.join(", "));
        for (name, section) in &self.sections {
            self.problems.push(ConfigProblem {
                line: section.line(),
                key: format!("[{}]", name.escape_debug()),
                expected: expected.clone(),
                found: format!("an unknown table{}", meant(name, &self.known)),
            });
        }
        self.problems.sort_by_key(|problem| problem.line.unwrap_or(usize::MAX));
        self.problems
    }
}
