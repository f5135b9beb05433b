//! `isobar inspect-data`: what is in a file of bars, and what is wrong with it.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use market_data::{BarSeries, Gap, PROBLEMS_LISTED_MAX, Problem, ProblemKind};
use serde::Serialize;

use crate::bar_options::BarOptions;
use crate::{interval, out_file, print};

/// Gaps that are shown, the longest.
const GAPS_SHOWN: usize = 5;
/// Problems of a kind that are shown, the first.
const PROBLEMS_SHOWN: usize = 5;

/// Look into a file of bars: span, interval, grid, gaps, problems
///
/// Exit code 0 where the file can be used as it is, 1 where rows have problems or it cannot be read.
#[derive(Debug, Args)]
pub struct Options {
    /// The bars: .csv or .txt, also with .gz or .zst behind, or .parquet
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// One JSON object instead of text
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    bar_options: BarOptions,
}

/// Reads the file and prints what it holds.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let reader = options.bar_options.to_reader()?;
    out_file::check_input(&options.file)?;
    let series = market_data::inspect_bars(&options.file, &reader)?;
    let findings = Findings::of(options.file.display().to_string(), &series);
    if options.json {
        print::json(&findings)?;
    } else {
        print::result(&findings.text())?;
    }
    Ok(if findings.usable { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

#[derive(Serialize)]
struct Findings {
    file: String,
    usable: bool,
    rows_read: u64,
    bars: u64,
    span: Option<Span>,
    interval: String,
    interval_ns: i64,
    grid: GridText,
    gaps: Gaps,
    problems: Problems,
    notes: Vec<String>,
}

/// From the open of the first bar to the close of the last.
#[derive(Serialize)]
struct Span {
    from: String,
    to: String,
}

#[derive(Serialize)]
struct GridText {
    price_decimals: u8,
    volume_decimals: u8,
}

#[derive(Serialize)]
struct Gaps {
    count: u64,
    bars_missing: u64,
    longest: Vec<GapText>,
}

#[derive(Serialize)]
struct GapText {
    after: String,
    until: String,
    bars_missing: u64,
}

#[derive(Serialize)]
struct Problems {
    rows_left_out: u64,
    /// Problems that are listed below; the reader keeps the first thousand.
    listed: u64,
    kinds: Vec<Kind>,
}

#[derive(Serialize)]
struct Kind {
    kind: &'static str,
    count: u64,
    first: Vec<ProblemText>,
}

#[derive(Serialize)]
struct ProblemText {
    line: u64,
    field: Option<&'static str>,
    message: String,
}

impl Findings {
    fn of(file: String, series: &BarSeries) -> Self {
        let bars = series.bars.len() as u64;
        let ends = series.bars.first().zip(series.bars.last());
        let rows_left_out = series.rows_read.saturating_sub(bars);
        Self {
            file,
            usable: series.problems.is_empty() && rows_left_out == 0,
            rows_read: series.rows_read,
            bars,
            span: ends.map(|(first, last)| Span {
                from: print::time(first.ts_open()),
                to: print::time(last.ts_close()),
            }),
            interval: interval::text(series.interval),
            interval_ns: series.interval,
            grid: GridText {
                price_decimals: series.grid.price_scale(),
                volume_decimals: series.grid.qty_scale(),
            },
            gaps: Gaps::of(&series.gaps),
            problems: Problems {
                rows_left_out,
                listed: series.problems.len() as u64,
                kinds: kinds(&series.problems),
            },
            notes: series.notes.clone(),
        }
    }

    fn text(&self) -> String {
        let Self { file, rows_read, bars, interval, grid, gaps, problems, .. } = self;
        let mut text = format!("{file}\n");
        // Writing to a string cannot fail.
        let mut line = |label: &str, value: String| {
            let _ = writeln!(text, "  {label:<9} {value}");
        };
        line("rows", format!("{} read, {} usable", print::count(*rows_read), print::count(*bars)));
        if let Some(Span { from, to }) = &self.span {
            line("span", format!("{from} to {to}"));
        }
        line("interval", interval.clone());
        let [price, volume] =
            [grid.price_decimals, grid.volume_decimals].map(|n| print::plural(n.into(), "decimal"));
        line("grid", format!("prices with {price}, volumes with {volume}"));
        if gaps.count == 0 {
            line("gaps", "none".to_owned());
        } else {
            let (count, missing) =
                (print::plural(gaps.count, "gap"), print::plural(gaps.bars_missing, "bar"));
            line("gaps", format!("{count}, {missing} missing; the longest:"));
        }
        for GapText { after, until, bars_missing } in &gaps.longest {
            line("", format!("{} from {after} to {until}", print::plural(*bars_missing, "bar")));
        }
        if self.usable {
            line("problems", "none".to_owned());
        } else {
            let rows = print::plural(problems.rows_left_out, "row");
            let first = if problems.listed >= PROBLEMS_LISTED_MAX as u64 { "the first " } else { "" };
            let listed = print::plural(problems.listed, "problem");
            line("problems", format!("{rows} not usable; {first}{listed} by kind:"));
        }
        for Kind { kind, count, first } in &problems.kinds {
            line("", format!("{} {}", print::count(*count), kind.replace('_', " ")));
            for ProblemText { line: at, field, message } in first {
                let field = field.map(|field| format!(", {field}")).unwrap_or_default();
                line("", format!("  line {at}{field}: {message}"));
            }
            let more = count - first.len() as u64;
            if more > 0 {
                line("", format!("  and {} more", print::count(more)));
            }
        }
        for note in &self.notes {
            line("note", note.clone());
        }
        text
    }
}

impl Gaps {
    fn of(gaps: &[Gap]) -> Self {
        let mut longest: Vec<&Gap> = gaps.iter().collect();
        longest.sort_by_key(|gap| (Reverse(gap.until.0.abs_diff(gap.after.0)), gap.after));
        longest.truncate(GAPS_SHOWN);
        let text = |gap: &Gap| GapText {
            after: print::time(gap.after),
            until: print::time(gap.until),
            bars_missing: gap.missing,
        };
        Self {
            count: gaps.len() as u64,
            bars_missing: gaps.iter().map(|gap| gap.missing).sum(),
            longest: longest.into_iter().map(text).collect(),
        }
    }
}

fn kinds(problems: &[Problem]) -> Vec<Kind> {
    let mut by_kind = BTreeMap::<ProblemKind, Vec<&Problem>>::new();
    for problem in problems {
        by_kind.entry(problem.kind).or_default().push(problem);
    }
    let text = |problem: &&Problem| ProblemText {
        line: problem.line,
        field: problem.field,
        message: problem.message.clone(),
    };
    by_kind
        .into_iter()
        .map(|(kind, problems)| Kind {
            kind: name(kind),
            count: problems.len() as u64,
            first: problems.iter().take(PROBLEMS_SHOWN).map(text).collect(),
        })
        .collect()
}

const fn name(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::MissingCell => "missing_cell",
        ProblemKind::ExtraCell => "extra_cell",
        ProblemKind::Unparsable => "unparsable",
        ProblemKind::NotFinite => "not_finite",
        ProblemKind::OutOfRange => "out_of_range",
        ProblemKind::FinerThanGrid => "finer_than_grid",
        ProblemKind::NegativeVolume => "negative_volume",
        ProblemKind::HighBelowLow => "high_below_low",
        ProblemKind::OpenOutside => "open_outside",
        ProblemKind::CloseOutside => "close_outside",
        ProblemKind::TakerVolume => "taker_volume",
        ProblemKind::TimeUnit => "time_unit",
        ProblemKind::TimeBackwards => "time_backwards",
        ProblemKind::DuplicateTime => "duplicate_time",
        ProblemKind::Overlap => "overlap",
        ProblemKind::CloseTime => "close_time",
        ProblemKind::Position => "position",
        ProblemKind::Instrument => "instrument",
        ProblemKind::Unclosed => "unclosed",
    }
}
