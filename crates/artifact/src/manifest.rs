//! What a manifest may say.

use crate::{Manifest, Problem};

/// The longest name.
const NAME: usize = 64;
/// The longest statement for people.
const PROSE: usize = 1024;
/// Most parameters, and most metrics.
const COUNT: usize = 256;

impl Manifest {
    /// Everything in it that makes no sense.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut check = |field: &str, text: &str, limit| {
            if let Err((expected, found)) = plain(text, limit) {
                problems.push(Problem::Manifest { field: field.to_owned(), expected, found });
            }
        };
        check("features", &self.features, NAME);
        check("version", &self.version, NAME);
        check("set", &self.set, NAME);
        check("label", &self.label, PROSE);
        check("model", &self.model, PROSE);
        check("code_commit", &self.code_commit, PROSE);
        check("toolchain", &self.toolchain, PROSE);
        for (index, param) in self.params.iter().enumerate().take(COUNT) {
            check(&format!("params, {index}"), &param.name, NAME);
        }
        for (index, metric) in self.metrics.iter().enumerate().take(COUNT) {
            check(&format!("metrics, {index}, part"), &metric.part, NAME);
            check(&format!("metrics, {index}, name"), &metric.name, NAME);
        }
        self.numbers(&mut problems);
        problems
    }

    fn numbers(&self, problems: &mut Vec<Problem>) {
        let mut refuse = |field: &str, expected: &str, found: String| {
            problems.push(Problem::Manifest {
                field: field.to_owned(),
                expected: expected.to_owned(),
                found,
            });
        };
        for (field, count) in [("params", self.params.len()), ("metrics", self.metrics.len())] {
            if count > COUNT {
                refuse(field, &format!("at most {COUNT}"), count.to_string());
            }
        }
        let (from, to) = self.train_span;
        if from > to {
            refuse("train_span", "its first row not after its last", format!("{from} to {to}"));
        }
        if self.train_rows == 0 {
            refuse("train_rows", "at least 1", "0".to_owned());
        }
        for (index, metric) in self.metrics.iter().enumerate().take(COUNT) {
            if !metric.value.is_finite() {
                refuse(&format!("metrics, {index}, value"), "a finite number", metric.value.to_string());
            }
        }
        if semver::Version::parse(&self.version).is_err() {
            problems.push(Problem::MalformedVersion { found: self.version.chars().take(NAME).collect() });
        }
    }
}

/// Refuses what people would not see, and more than they would read. Gives what was expected and what was found.
pub(crate) fn plain(text: &str, limit: usize) -> Result<(), (String, String)> {
    if text.is_empty() {
        return Err(("a text".to_owned(), "an empty one".to_owned()));
    }
    if text.len() > limit {
        return Err((format!("at most {limit} bytes"), text.len().to_string()));
    }
    match text.chars().find(|letter| is_invisible(*letter)) {
        Some(letter) => Err((
            "letters that can be seen, on one line".to_owned(),
            format!("U+{:04X} in {text:?}", u32::from(letter)),
        )),
        None => Ok(()),
    }
}

/// Control characters, and those that break lines, change direction or take no space.
fn is_invisible(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_deceive_are_refused() {
        for text in
            ["", "a\nb", "a\0", "\u{1b}[2J", "a\u{202e}b", "\u{feff}a", "a\u{200b}", "\u{2028}", "\u{85}"]
        {
            assert!(plain(text, 100).is_err(), "{text:?}");
        }
        assert_eq!(plain("é — 100 % of “x”", 100), Ok(()));
        assert_eq!(plain("éé", 4), Ok(()));
        assert_eq!(plain("éé", 3), Err(("at most 3 bytes".to_owned(), "4".to_owned())));
    }
}
