//! The page for a terminal.

use super::Page;
use super::page::{Block, Cell, TITLE};

impl Page {
    /// The page as plain text. Its first line is what it comes to.
    #[must_use]
    pub fn terminal(&self) -> String {
        let mut text = format!("{TITLE}: {}\n\n{}", plain(&self.verdict), pairs(&self.state));
        if !self.notices.is_empty() {
            text.push_str("\nRead this first\n");
            text.extend(self.notices.iter().map(|notice| format!("  - {}\n", plain(notice))));
        }
        for section in &self.sections {
            text.push_str(&format!("\n{}\n", section.title.to_uppercase()));
            text.extend(section.blocks.iter().map(block));
        }
        text
    }
}

/// A text on one line that moves no cursor and hides nothing.
pub(super) fn plain(text: &str) -> String {
    let is_hidden = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
    };
    let letter = |letter: char| match letter {
        '\n' | '\t' => ' ',
        letter if is_hidden(letter) => char::REPLACEMENT_CHARACTER,
        letter => letter,
    };
    text.replace("\r\n", "\n").chars().map(letter).collect()
}

fn block(block: &Block) -> String {
    match block {
        Block::Heading(text) => format!("\n{}\n", plain(text)),
        Block::Text(text) => format!("{}\n", plain(text)),
        Block::Pairs(items) => pairs(items),
        Block::Table { columns, rows, .. } => table(columns, rows),
        Block::Faults(faults) => faults.iter().map(|(head, lines)| fault(head, lines)).collect(),
    }
}

fn fault(head: &str, lines: &[String]) -> String {
    let lines: String = lines.iter().map(|line| format!("    {}\n", plain(line))).collect();
    format!("{}\n{lines}", plain(head))
}

fn pairs(items: &[(String, Cell)]) -> String {
    let width = items.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    items.iter().map(|(name, cell)| format!("  {:width$}  {}\n", plain(name), plain(cell.text()))).collect()
}

fn table(columns: &[&str], rows: &[Vec<Cell>]) -> String {
    let heads: Vec<String> = columns.iter().map(|column| (*column).to_owned()).collect();
    let cells = rows.iter().map(|row| row.iter().map(|cell| plain(cell.text())).collect());
    let lines: Vec<Vec<String>> = std::iter::once(heads).chain(cells).collect();
    let mut widths = vec![0; columns.len()];
    for line in &lines {
        for (width, text) in widths.iter_mut().zip(line) {
            *width = (*width).max(text.chars().count());
        }
    }
    let draw = |line: &Vec<String>| {
        let padded: String =
            line.iter().zip(&widths).map(|(text, width)| format!("{text:width$}  ")).collect();
        format!("  {}\n", padded.trim_end())
    };
    lines.iter().map(draw).collect()
}
