//! What exactly ran: versions, hashes, data, parameters.

use super::text::{empty, escape, section};
use super::view::View;

pub(super) fn identity(view: &View<'_>) -> String {
    let groups: String = view
        .report
        .identity
        .iter()
        .map(|(group, entries)| {
            let entries: String = entries
                .iter()
                .map(|(name, value)| {
                    format!("<div><dt>{}</dt><dd>{}</dd></div>\n", escape(name), escape(value))
                })
                .collect();
            format!(
                "<div class=\"group\"><h3>{}</h3>\n<dl class=\"identity\">\n{entries}</dl></div>\n",
                escape(group)
            )
        })
        .collect();
    let body = if groups.is_empty() {
        empty("Nothing was said of what ran.")
    } else {
        format!("<div class=\"groups\">\n{groups}</div>\n")
    };
    section("identity", "Identity", &body)
}
