//! The page as Markdown, as GitHub draws it.

use super::Page;
use super::page::{Block, Cell, TITLE};
use super::terminal::plain;

impl Page {
    /// The page as Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut text = format!("# {TITLE}\n\n**{}**\n\n{}", escape(&self.verdict), pairs(&self.state));
        if !self.notices.is_empty() {
            text.push_str("\n**Read this first**\n\n");
            text.extend(self.notices.iter().map(|notice| format!("- {}\n", escape(notice))));
        }
        for section in &self.sections {
            text.push_str(&format!("\n## {}\n", section.title));
            text.extend(section.blocks.iter().map(block));
        }
        text
    }
}

/// Text that says what it says: no markup, no HTML, no cell's end.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in plain(text).chars() {
        match letter {
            '<' => escaped.push_str("&lt;"),
            '&' => escaped.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' => escaped.extend(['\\', letter]),
            letter => escaped.push(letter),
        }
    }
    escaped
}

fn inline(cell: &Cell) -> String {
    match cell {
        // In code nothing is escaped, so what would end it or the cell stands as text.
        Cell::Code(code) if !code.contains(['`', '|']) && !code.trim().is_empty() => {
            format!("`{}`", plain(code))
        }
        Cell::Bad(text) => format!("**{}**", escape(text)),
        Cell::Text(_) | Cell::Code(_) | Cell::Good(_) => escape(cell.text()),
    }
}

fn block(block: &Block) -> String {
    match block {
        Block::Heading(text) => format!("\n### {}\n", escape(text)),
        Block::Text(text) => format!("\n{}\n", escape(text)),
        Block::Pairs(items) => format!("\n{}", pairs(items)),
        Block::Table { columns, rows, .. } => format!("\n{}", table(columns, rows)),
        Block::Faults(faults) => {
            let items = faults.iter().map(|(head, lines)| {
                let lines: String = lines.iter().map(|line| format!("  - {}\n", escape(line))).collect();
                format!("- **{}**\n{lines}", escape(head))
            });
            format!("\n{}", items.collect::<String>())
        }
    }
}

fn pairs(items: &[(String, Cell)]) -> String {
    let rows: String =
        items.iter().map(|(name, cell)| format!("| {} | {} |\n", escape(name), inline(cell))).collect();
    format!("| | |\n|---|---|\n{rows}")
}

fn table(columns: &[&str], rows: &[Vec<Cell>]) -> String {
    let rows =
        rows.iter().map(|row| format!("| {} |\n", row.iter().map(inline).collect::<Vec<_>>().join(" | ")));
    format!("| {} |\n|{}\n{}", columns.join(" | "), "---|".repeat(columns.len()), rows.collect::<String>())
}
