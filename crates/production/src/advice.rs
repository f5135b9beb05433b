//! What a message of a reader advises, in the terms of the program: the readers name options of `isobar`, and what several
//! of these say is said by the configuration of a bot.

/// The message with each text of the left side in the terms of the right one, in this order: what is longer first.
#[must_use]
pub fn in_terms(message: &str, terms: &[(&str, &str)]) -> String {
    terms.iter().fold(message.to_owned(), |message, (from, to)| message.replace(from, to))
}
