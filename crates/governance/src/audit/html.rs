//! The page as HTML: one file that opens offline.
//!
//! Nothing is loaded from elsewhere and no script runs, and the page's own policy forbids both. It reads on a phone, in
//! the dark (`prefers-color-scheme`) and on paper. The same audit gives the same bytes.

use super::Page;
use super::page::{Block, Cell, Section, TITLE};
use super::terminal::plain;

/// What a browser may load or run for this page: its own style, and nothing else.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/// Letters from which on a cell may be broken into lines.
const LONG: usize = 24;

impl Page {
    /// The page as HTML.
    #[must_use]
    pub fn html(&self) -> String {
        let contents: String = self.sections.iter().map(content).collect();
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
             <link rel=\"icon\" href=\"data:,\">\n<title>{TITLE}</title>\n<style>\n{}</style>\n</head>\n<body>\n\
             <header>\n<h1>{TITLE}</h1>\n<p class=\"verdict\">{}</p>\n{}{}</header>\n\
             <nav aria-label=\"Contents\"><ul>\n{contents}</ul></nav>\n<main>\n{}</main>\n</body>\n</html>\n",
            include_str!("style.css"),
            escape(&self.verdict),
            notices(&self.notices),
            pairs(&self.state),
            self.sections.iter().map(section).collect::<String>()
        )
    }
}

/// Text as it may stand in HTML, in an attribute too.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in plain(text).chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

fn content(section: &Section) -> String {
    format!("<li><a href=\"#{}\">{}</a></li>\n", section.id, section.title)
}

fn notices(notices: &[String]) -> String {
    if notices.is_empty() {
        return String::new();
    }
    let items: String = notices.iter().map(|notice| format!("<li>{}</li>\n", escape(notice))).collect();
    format!("<div class=\"notices\" role=\"note\"><strong>Read this first</strong><ul>\n{items}</ul></div>\n")
}

fn section(section: &Section) -> String {
    let Section { id, title, blocks } = section;
    let blocks: String = blocks.iter().map(block).collect();
    format!(
        "<section id=\"{id}\" aria-labelledby=\"h-{id}\">\n<h2 id=\"h-{id}\">{title}</h2>\n{blocks}</section>\n"
    )
}

fn block(block: &Block) -> String {
    match block {
        Block::Heading(text) => format!("<h3>{}</h3>\n", escape(text)),
        Block::Text(text) => format!("<p>{}</p>\n", escape(text)),
        Block::Pairs(items) => pairs(items),
        Block::Table { caption, columns, rows } => table(caption, columns, rows),
        Block::Faults(faults) => {
            let items: String = faults.iter().map(|(head, lines)| fault(head, lines)).collect();
            format!("<ul class=\"faults\">\n{items}</ul>\n")
        }
    }
}

fn fault(head: &str, lines: &[String]) -> String {
    let lines: String = lines.iter().map(|line| format!("<span>{}</span>", escape(line))).collect();
    format!("<li><strong>{}</strong>{lines}</li>\n", escape(head))
}

fn inline(cell: &Cell) -> String {
    let text = escape(cell.text());
    match cell {
        Cell::Text(_) => text,
        Cell::Code(_) => format!("<code>{text}</code>"),
        Cell::Good(_) => format!("<span class=\"good\">{text}</span>"),
        Cell::Bad(_) => format!("<span class=\"bad\">{text}</span>"),
    }
}

fn pairs(items: &[(String, Cell)]) -> String {
    let items: String = items
        .iter()
        .map(|(name, cell)| format!("<div><dt>{}</dt><dd>{}</dd></div>\n", escape(name), inline(cell)))
        .collect();
    format!("<dl>\n{items}</dl>\n")
}

/// A table in a container of its own that scrolls where the page is narrow.
fn table(caption: &str, columns: &[&str], rows: &[Vec<Cell>]) -> String {
    let heads: String = columns.iter().map(|column| format!("<th scope=\"col\">{column}</th>")).collect();
    let rows: String = rows.iter().map(|row| self::row(row)).collect();
    format!(
        "<div class=\"scroll\" role=\"region\" aria-label=\"{caption}\" tabindex=\"0\"><table>\
         <caption>{caption}</caption>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n"
    )
}

fn row(cells: &[Cell]) -> String {
    let cells = cells.iter().enumerate().map(|(index, cell)| {
        let class = if cell.text().chars().count() > LONG { " class=\"long\"" } else { "" };
        match index {
            0 => format!("<th scope=\"row\"{class}>{}</th>", inline(cell)),
            _ => format!("<td{class}>{}</td>", inline(cell)),
        }
    });
    format!("<tr>{}</tr>\n", cells.collect::<String>())
}
