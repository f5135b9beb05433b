//! What a message of the bar reader advises, in the terms of this program: the reader names options of `isobar`, and what
//! several of these say is said by the configuration here.

/// What the reader writes, and what is written here in its place, in this order: what is longer first.
const TERMS: [(&str, &str); 14] = [
    ("sort the file, or pass --order newest-first where it is reversed", "sort the file, oldest first"),
    (" with --order newest-first", ""),
    (", or leave these rows out with --skip-problems", ""),
    ("pass --volume none", "set [bars] volume = \"none\" in the configuration"),
    ("pass --interval", "set [bars] interval in the configuration"),
    ("use --price-decimals ", "set [bars] price_decimals in the configuration to "),
    ("use --volume-decimals ", "set [bars] volume_decimals in the configuration to "),
    ("--price-decimals, --volume-decimals", "[bars] price_decimals and volume_decimals in the configuration"),
    ("--price-decimals and --qty-decimals", "[bars] price_decimals and volume_decimals in the configuration"),
    ("--qty-decimals", "[bars] volume_decimals in the configuration"),
    ("--symbol", "[instrument] symbol in the configuration"),
    ("--price-decimals", "[bars] price_decimals in the configuration"),
    ("--volume-decimals", "[bars] volume_decimals in the configuration"),
    ("--interval", "[bars] interval in the configuration"),
];

/// The message with the advice that can be followed here.
pub(crate) fn of_this_program(message: &str) -> String {
    production::advice::in_terms(message, &TERMS)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use clap::CommandFactory as _;

    use super::*;
    use crate::Options;

    /// Texts of the sources of a crate that name an option: lines that are no comments, joined where a text goes on.
    fn texts(folder: &Path) -> Vec<String> {
        let mut texts = Vec::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                texts.extend(self::texts(&path));
                continue;
            }
            let source = fs::read_to_string(&path).unwrap();
            let code = source.split("#[cfg(test)]").next().unwrap();
            let lines: Vec<&str> =
                code.lines().map(str::trim).filter(|line| !line.starts_with("//")).collect();
            let joined = lines.join("\n").replace("\\\n", "");
            texts.extend(joined.lines().filter(|line| line.contains("--")).map(str::to_owned));
        }
        texts
    }

    /// Options named in a text.
    fn options(text: &str) -> Vec<&str> {
        let begins = |part: &str| part.starts_with(|c: char| c.is_ascii_lowercase());
        text.split("--")
            .skip(1)
            .filter(|part| begins(part))
            .filter_map(|part| part.split(|c: char| !c.is_ascii_lowercase() && c != '-').next())
            .collect()
    }

    #[test]
    fn no_message_of_the_reader_names_an_option_that_there_is_not() {
        let command = Options::command();
        let known: Vec<&str> = command.get_arguments().filter_map(clap::Arg::get_long).collect();
        let texts = texts(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/market-data/src"));
        let named: Vec<&str> = texts.iter().flat_map(|text| options(text)).collect();
        for option in ["columns", "interval", "skip-problems", "order", "volume", "price-decimals"] {
            assert!(named.contains(&option), "the search finds --{option}: {named:?}");
        }
        for text in &texts {
            let found = of_this_program(text);
            for option in options(&found) {
                assert!(known.contains(&option), "--{option} in {found}");
            }
        }
    }
}
