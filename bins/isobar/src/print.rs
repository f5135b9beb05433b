//! Text for people: output that survives a closed pipe, tables, times, counts.

use std::io::{self, Write as _};
use std::time::Duration;

use anyhow::Context as _;
use feature_api::UnixNanos;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Writes a result to stdout. A reader that has seen enough (`| head`) is no error.
pub fn result(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("cannot write to stdout"),
    }
}

/// Writes a value to stdout as JSON.
pub fn json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(value).context("cannot write JSON")?;
    result(&(text + "\n"))
}

/// Writes a line to stderr. Where nobody can read it, nothing can be done about it.
pub fn status(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// How the cells of a column are aligned.
#[derive(Clone, Copy)]
pub enum Align {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

/// A table with a header, columns parted by two spaces, each as wide as its widest cell.
pub fn table<const N: usize>(columns: [(&str, Align); N], rows: &[[String; N]]) -> String {
    let header = columns.map(|(name, _)| name.to_owned());
    let mut widths = [0; N];
    for row in rows.iter().chain([&header]) {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut text = String::new();
    for row in [&header].into_iter().chain(rows) {
        let mut line = String::new();
        for ((cell, width), (_, align)) in row.iter().zip(widths).zip(columns) {
            line += &match align {
                Align::Left => format!("{cell:<width$}  "),
                Align::Right => format!("{cell:>width$}  "),
            };
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

/// A point in time as UTC text.
pub fn time(ts: UnixNanos) -> String {
    jiff::Timestamp::from_nanosecond(i128::from(ts.0))
        .map_or_else(|_| format!("{ts} ns since 1970"), |timestamp| timestamp.to_string())
}

/// A count with its thousands parted by commas.
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count and what is counted, in the plural where it is.
pub fn plural(value: u64, what: &str) -> String {
    format!("{} {what}{}", count(value), if value == 1 { "" } else { "s" })
}

/// A number for people: five significant digits, an exponent where it is very large or very small.
pub fn significant(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || (1e-4..1e6).contains(&size) {
        let whole = if size >= 1.0 { format!("{size:.0}").len() } else { 1 };
        let text = format!("{value:.*}", 5_usize.saturating_sub(whole).max(usize::from(size < 1.0) * 6));
        return if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text
        };
    }
    format!("{value:.4e}")
}

/// A bar on a terminal, nothing elsewhere.
pub fn progress(length: u64, what: &str) -> ProgressBar {
    // The target hides itself where stderr is no terminal.
    let progress = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template(&format!(
        "{{wide_bar}} {{human_pos}}/{{human_len}} {what}, {{eta}} left"
    ));
    if let Ok(style) = style { progress.with_style(style) } else { progress }
}

/// A sign of life on a terminal, nothing elsewhere.
pub fn waiting(what: &str) -> ProgressBar {
    let waiting =
        ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()).with_message(what.to_owned());
    let style = ProgressStyle::with_template("{msg} {spinner} {elapsed}");
    let waiting = if let Ok(style) = style { waiting.with_style(style) } else { waiting };
    waiting.enable_steady_tick(Duration::from_millis(120));
    waiting
}

/// Seconds with two decimals.
pub fn seconds(duration: Duration) -> String {
    format!("{:.2} s", duration.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_commas() {
        for (value, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (12_345_678, "12,345,678")] {
            assert_eq!(count(value), text);
        }
        assert_eq!([plural(1, "row"), plural(2, "row")], ["1 row", "2 rows"]);
    }

    #[test]
    fn numbers_have_five_digits() {
        for (value, text) in [
            (0.0, "0"),
            (1.0, "1"),
            (-0.5, "-0.5"),
            (0.123_456_789, "0.123457"),
            (12.345_678, "12.346"),
            (99_999.6, "100000"),
            (45_123.4, "45123"),
            (1.5e-7, "1.5000e-7"),
            (2e15, "2.0000e15"),
        ] {
            assert_eq!(significant(value), text);
        }
    }

    #[test]
    fn tables_are_aligned_by_characters() {
        let rows = [["Σ₂₀".to_owned(), "7".to_owned()], ["a".to_owned(), "1000".to_owned()]];
        let text = table([("formula", Align::Left), ("n", Align::Right)], &rows);
        assert_eq!(text, "formula     n\nΣ₂₀         7\na        1000\n");
    }

    #[test]
    fn times_are_utc() {
        assert_eq!(time(UnixNanos(1_704_067_200_000_000_000)), "2024-01-01T00:00:00Z");
        assert_eq!(time(UnixNanos(i64::MIN)), "1677-09-21T00:12:43.145224192Z");
    }
}
