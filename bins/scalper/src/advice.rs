//! What a message of the reader of events advises, in the terms of this program.

/// What the reader writes, and what is written here in its place, in this order: what is longer first.
const TERMS: [(&str, &str); 8] = [
    (
        "pass --price-decimals and --qty-decimals",
        "set [events] price_decimals and quantity_decimals in the configuration",
    ),
    ("use --price-decimals ", "set [events] price_decimals in the configuration to "),
    ("use --qty-decimals ", "set [events] quantity_decimals in the configuration to "),
    ("--price-decimals", "[events] price_decimals in the configuration"),
    ("--qty-decimals", "[events] quantity_decimals in the configuration"),
    ("say which with --symbol", "feed that of [instrument] symbol in the configuration alone"),
    ("--symbol", "[instrument] symbol in the configuration"),
    (", or leave these rows out with --skip-problems", ""),
];

/// The message with the advice that can be followed here.
pub(crate) fn of_this_program(message: &str) -> String {
    production::advice::in_terms(message, &TERMS)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use market_data::MarketDataError;

    use super::*;

    #[test]
    fn no_message_names_an_option_that_there_is_not() {
        let path = PathBuf::from("trades.csv");
        let grid = MarketDataError::EventGrid { path: path.clone() };
        let nothing = MarketDataError::NothingAskedFor { paths: vec![path], skipped: 1, others: 2 };
        for message in [
            grid.to_string(),
            nothing.to_string(),
            "price finer than the grid of 2 decimals; use --price-decimals 4".to_owned(),
            "the events before are of A; say which with --symbol".to_owned(),
        ] {
            let found = of_this_program(&message);
            assert!(
                message.contains("--") && !found.contains("--") && found.contains("configuration"),
                "{found}"
            );
        }
    }
}
