//! Why the program ended, as a number.

pub use production::exit_code::Ending;
use production::exit_code::{self, BARS};

/// Every way to fail. 0 is success; 101 is a panic, which no input may cause.
pub const ENDINGS: [Ending; 67] = exit_code::table(&BARS);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_has_the_same_table() {
        let readme = include_str!("../README.md");
        let listed: Vec<_> = readme
            .lines()
            .filter(|line| line.starts_with("| ") && line.chars().nth(2).is_some_and(|c| c.is_ascii_digit()))
            .collect();
        assert_eq!(listed, exit_code::readme(&ENDINGS));
    }
}
