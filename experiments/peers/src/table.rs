//! The table: text, Markdown, JSON.

use serde_json::{Value, json};

use crate::check::Verdict;
use crate::measure::{Cell, Measured};
use crate::operators::{Column, Operator};

/// What is put beside what in the last columns.
const RATIOS: [(&str, Ratio); 4] = [
    ("ours/best", Ratio::Best { stream: false }),
    ("stream: ours/best", Ratio::Best { stream: true }),
    ("ours/TA-Lib C", Ratio::TalibC { stream: false }),
    ("stream: ours/TA-Lib C", Ratio::TalibC { stream: true }),
];

/// A quotient of two cells of a row.
#[derive(Clone, Copy)]
enum Ratio {
    /// Ours by the fastest peer that is called the same way.
    Best { stream: bool },
    /// Ours by TA-Lib C, called the same way.
    TalibC { stream: bool },
}

impl Measured {
    fn cell(&self, column: Column) -> Option<&Cell> {
        self.cells.iter().find(|cell| cell.column == column)
    }

    /// The fastest peer that computes the same function, called the same way.
    fn best(&self, stream: bool) -> Option<&Cell> {
        let peers =
            self.cells.iter().filter(|cell| !cell.column.is_ours() && cell.column.is_stream() == stream);
        peers.filter(|cell| cell.is_same_function()).min_by(|a, b| a.ns_per_bar.total_cmp(&b.ns_per_bar))
    }

    fn ratio(&self, ratio: Ratio) -> Option<f64> {
        let ours = |stream| self.cell(if stream { Column::OursStream } else { Column::OursBatch });
        let (ours, other) = match ratio {
            Ratio::Best { stream } => (ours(stream)?, self.best(stream)?),
            Ratio::TalibC { stream } => {
                (ours(stream)?, self.cell(if stream { Column::TalibCStream } else { Column::TalibC })?)
            }
        };
        Some(ours.ns_per_bar / other.ns_per_bar)
    }
}

impl Cell {
    fn is_same_function(&self) -> bool {
        matches!(self.verdict, Verdict::Same { .. } | Verdict::Lossy { .. })
    }

    fn text(&self) -> String {
        match self.verdict {
            Verdict::Same { .. } => format!("{:.2}", self.ns_per_bar),
            Verdict::Lossy { .. } => format!("~{:.2}", self.ns_per_bar),
            Verdict::Differs { .. } => format!("({:.2})", self.ns_per_bar),
        }
    }
}

/// Every row as text, headings first; columns without any value are left out.
fn lines(rows: &[Measured]) -> Vec<Vec<String>> {
    let used = |column: &Column| rows.iter().any(|row| row.cell(*column).is_some());
    let columns: Vec<Column> = Column::ALL.into_iter().filter(used).collect();
    let ratios: Vec<_> =
        RATIOS.iter().filter(|(_, ratio)| rows.iter().any(|row| row.ratio(*ratio).is_some())).collect();
    let names = columns.iter().map(|column| column.name()).chain(ratios.iter().map(|(name, _)| *name));
    let mut lines = vec![std::iter::once("ns/bar").chain(names).map(str::to_owned).collect::<Vec<_>>()];
    for row in rows {
        let cells = columns.iter().map(|column| row.cell(*column).map_or_else(String::new, Cell::text));
        let quotients = ratios.iter().map(|(_, ratio)| {
            row.ratio(*ratio).map_or_else(String::new, |quotient| format!("{quotient:.2}"))
        });
        lines.push(std::iter::once(row.operator.name().to_owned()).chain(cells).chain(quotients).collect());
    }
    lines
}

/// Columns aligned by blanks.
#[must_use]
pub fn text(rows: &[Measured]) -> String {
    let lines = lines(rows);
    let widths: Vec<usize> = (0..lines[0].len())
        .map(|column| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default())
        .collect();
    let mut text = String::new();
    for line in lines {
        for (index, (cell, width)) in line.iter().zip(&widths).enumerate() {
            text += &if index == 0 { format!("{cell:<width$}") } else { format!("  {cell:>width$}") };
        }
        text += "\n";
    }
    text
}

/// A Markdown table.
#[must_use]
pub fn markdown(rows: &[Measured]) -> String {
    let lines = lines(rows);
    let mut text = String::new();
    for (index, line) in lines.iter().enumerate() {
        text += &format!("| {} |\n", line.join(" | "));
        if index == 0 {
            text += &format!("|---|{}\n", "---:|".repeat(line.len() - 1));
        }
    }
    text
}

/// What the check found beside agreement, one line each.
#[must_use]
pub fn remarks(rows: &[Measured]) -> Vec<String> {
    let mut remarks = Vec::new();
    for row in rows {
        for cell in &row.cells {
            let who = format!("{} by {}", row.operator.name(), cell.column.name());
            match cell.verdict {
                Verdict::Same { .. } => {}
                Verdict::Lossy { deviation } => {
                    remarks.push(format!("~ {who}: same formula, off by up to {deviation:.1e}"));
                }
                Verdict::Differs { deviation } => remarks.push(format!(
                    "() {who}: different convention (deviation {deviation:.1e}){}; not in ours/best",
                    why(row.operator, cell.column)
                )),
            }
        }
    }
    remarks
}

/// What is known about a difference.
const fn why(operator: Operator, column: Column) -> &'static str {
    match (operator, column) {
        (
            Operator::Median,
            Column::TalibC | Column::TalibCStream | Column::TalibRust | Column::TalibRustStream,
        ) => ": PERCENTILE takes the lower of the two in the middle, not their mean",
        _ => "",
    }
}

/// Everything, for a program.
#[must_use]
pub fn json(
    rows: &[Measured],
    libraries: &[String],
    left_out: &[String],
    bars: usize,
    rounds: usize,
) -> Value {
    let cell = |cell: &Cell| {
        let deviation = cell.verdict.deviation();
        json!({
            "column": cell.column.name(),
            "ns_per_bar": cell.ns_per_bar,
            "verdict": match cell.verdict {
                Verdict::Same { .. } => "same",
                Verdict::Lossy { .. } => "lossy",
                Verdict::Differs { .. } => "different convention",
            },
            "deviation_max": deviation.is_finite().then_some(deviation),
        })
    };
    let rows: Vec<Value> = rows
        .iter()
        .map(|row| {
            let ratios = RATIOS.iter().map(|(name, ratio)| ((*name).to_owned(), json!(row.ratio(*ratio))));
            json!({
                "operator": row.operator.name(),
                "cells": row.cells.iter().map(cell).collect::<Vec<_>>(),
                "ratios": ratios.collect::<serde_json::Map<_, _>>(),
            })
        })
        .collect();
    json!({ "bars": bars, "rounds": rounds, "libraries": libraries, "left_out": left_out, "rows": rows })
}
