//! Text for people.

use feature_api::UnixNanos;

/// Columns as wide as they must be, the first to the left, the others to the right. The first row is the head.
#[must_use]
pub fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width =
        |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| match column {
            0 => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        });
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

/// A time as ISO text, UTC.
#[must_use]
pub fn time(ts: UnixNanos) -> String {
    jiff::Timestamp::from_nanosecond(i128::from(ts.0))
        .map_or_else(|_| format!("{ts} ns since 1970"), |time| time.to_string())
}

/// A probability: three decimals, or that it is below.
#[must_use]
pub fn probability(p: f64) -> String {
    if p < 0.001 { "p < 0.001".to_owned() } else { format!("p = {p:.3}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let rows = [["", "µ", "b"], ["first", "1.25", ""], ["x", "10", "3"]];
        let rows: Vec<Vec<String>> = rows.iter().map(|row| row.map(str::to_owned).to_vec()).collect();
        assert_eq!(table(&rows), "          µ  b\nfirst  1.25\nx        10  3\n");
        assert_eq!(table(&[]), "");
    }

    #[test]
    fn times_and_probabilities_are_readable() {
        assert_eq!(time(UnixNanos(1_704_067_200_000_000_000)), "2024-01-01T00:00:00Z");
        assert_eq!(probability(0.0009), "p < 0.001");
        assert_eq!(probability(0.0412), "p = 0.041");
    }
}
