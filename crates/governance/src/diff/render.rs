//! A page as text for a terminal, and as Markdown.

use super::page::{Block, Change};

const BOLD: &str = "1";
const RED: &str = "31";
const GREEN: &str = "32";
const CYAN: &str = "36";

/// Lines up to which GitHub shows a patch unfolded.
const OPEN_LINES_MAX: usize = 40;

/// For a terminal; colours are ANSI sequences.
pub(super) fn terminal(page: &[Block], colours: bool) -> String {
    let painted = |text: &str, colour: &str| {
        let text = visible(text);
        if colours { format!("\x1b[{colour}m{text}\x1b[0m\n") } else { format!("{text}\n") }
    };
    let mut out = String::new();
    for block in page {
        match block {
            Block::Title(text) => out.push_str(&painted(text, BOLD)),
            Block::Section(text) => out.push_str(&format!("\n{}", painted(text, BOLD))),
            Block::Text(text) => out.push_str(&format!("{}\n", visible(text))),
            Block::List(items) => {
                items.iter().for_each(|item| out.push_str(&format!("  {}\n", visible(item))))
            }
            Block::Table { columns, rows } => out.push_str(&aligned(columns, rows)),
            Block::Changes { versions: _, changes } => {
                for Change { what, old, new } in changes {
                    if old == new {
                        let value = old.as_deref().unwrap_or_default();
                        out.push_str(&format!("  {}\n      {}\n", visible(what), visible(value)));
                        continue;
                    }
                    out.push_str(&format!("  {}\n", visible(what)));
                    old.iter().for_each(|old| out.push_str(&painted(&format!("    - {old}"), RED)));
                    new.iter().for_each(|new| out.push_str(&painted(&format!("    + {new}"), GREEN)));
                }
            }
            Block::Patch { title, patch } => {
                out.push_str(&format!("\n{}", painted(title, BOLD)));
                for line in patch.lines() {
                    out.push_str(&match line.as_bytes().first() {
                        Some(b'+') => painted(line, GREEN),
                        Some(b'-') => painted(line, RED),
                        Some(b'@') => painted(line, CYAN),
                        _ => format!("{}\n", visible(line)),
                    });
                }
            }
        }
    }
    out
}

/// A table with columns of equal width.
fn aligned(columns: &[String], rows: &[Vec<String>]) -> String {
    let width = |index: usize| {
        let cells = rows.iter().filter_map(|row| row.get(index)).chain(columns.get(index));
        cells.map(|cell| visible(cell).chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let line = |cells: &[String]| {
        let cells = cells.iter().zip(&widths).map(|(cell, width)| format!("{:width$}", visible(cell)));
        format!("  {}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    let mut out = line(columns);
    rows.iter().for_each(|row| out.push_str(&line(row)));
    out
}

/// Markdown, as GitHub shows it.
pub(super) fn markdown(page: &[Block]) -> String {
    let blocks = page.iter().map(|block| match block {
        Block::Title(text) => format!("# {}\n", escaped(text)),
        Block::Section(text) => format!("## {}\n", escaped(text)),
        Block::Text(text) => format!("{}\n", escaped(text)),
        Block::List(items) => items.iter().map(|item| format!("- {}\n", escaped(item))).collect(),
        Block::Table { columns, rows } => {
            table(columns, rows.iter().map(|row| row.iter().map(|cell| code(cell)).collect()))
        }
        Block::Changes { versions: [old, new], changes } => {
            let columns = [String::new(), old.clone(), new.clone()];
            let cell = |value: &Option<String>| value.as_deref().map(code).unwrap_or_default();
            let row = |change: &Change| vec![escaped(&change.what), cell(&change.old), cell(&change.new)];
            table(&columns, changes.iter().map(row))
        }
        Block::Patch { title, patch } => folded(title, patch),
    });
    blocks.collect::<Vec<_>>().join("\n")
}

fn table(columns: &[String], rows: impl Iterator<Item = Vec<String>>) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut out = line(columns.iter().map(|column| escaped(column)).collect());
    out.push_str(&line(columns.iter().map(|_| "---".to_owned()).collect()));
    rows.for_each(|row| out.push_str(&line(row)));
    out
}

/// A patch that can be folded; a long one is.
fn folded(title: &str, patch: &str) -> String {
    let patch = visible(patch);
    let open = if patch.lines().count() <= OPEN_LINES_MAX { " open" } else { "" };
    let fence = "`".repeat(longest_run(&patch).max(2) + 1);
    format!(
        "<details{open}><summary>{}</summary>\n\n{fence}diff\n{}\n{fence}\n\n</details>\n",
        html(&visible(title)),
        patch.trim_end_matches('\n')
    )
}

/// Text whose every letter stands for itself.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for letter in one_line(text).chars() {
        if "\\`*_[]#!|~$@".contains(letter) {
            out.push('\\');
        }
        out.push(letter);
    }
    html(&out)
}

/// Text as code, also within a table. Empty text stays empty.
fn code(text: &str) -> String {
    let text = one_line(text).replace('|', "\\|");
    if text.is_empty() {
        return text;
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn one_line(text: &str) -> String {
    visible(&text.replace('\n', " "))
}

/// Length of the longest run of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0)
}

/// Text without what a terminal or a reader cannot see: control characters, and those that reorder text, are written
/// as their numbers.
fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        let reorders =
            matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}');
        if letter.is_control() && !matches!(letter, '\n' | '\t') || reorders || letter == '\u{feff}' {
            out.extend(letter.escape_unicode());
        } else {
            out.push(letter);
        }
    }
    out
}
