//! How a broken rule is reported, and which rows a costly rule looks at.

use std::fmt::Display;

/// Panics with the name of what was tested, the rule, the row, and what was expected and found.
pub(crate) fn broken(
    name: &str,
    rule: &str,
    row: impl Display,
    expected: impl Display,
    found: impl Display,
) -> ! {
    panic!("{name}: rule `{rule}` broken at row {row}: expected {expected}, found {found}")
}

/// Panics because a rule cannot be checked with what was given.
pub(crate) fn cannot_run(name: &str, rule: &str, why: impl Display) -> ! {
    panic!("{name}: rule `{rule}` cannot be checked: {why}")
}

/// A float with its bits.
pub(crate) fn float(value: f64) -> String {
    format!("{value:e} (0x{:016x})", value.to_bits())
}

/// A cell of a row with its bits.
pub(crate) fn cell(value: Option<f64>) -> String {
    value.map_or_else(|| "not valid".to_owned(), float)
}

/// About `count` of the rows `0..rows`, evenly spread, the first, `also` and the last among them.
pub(crate) fn spread(rows: usize, count: usize, also: &[usize]) -> Vec<usize> {
    let step = rows.div_ceil(count.max(1)).max(1);
    let mut chosen: Vec<usize> = (0..rows).step_by(step).collect();
    chosen.extend(also.iter().copied().filter(|row| *row < rows));
    chosen.extend(rows.checked_sub(1));
    chosen.sort_unstable();
    chosen.dedup();
    chosen
}

/// What a caught panic said.
pub(crate) fn panic_text(payload: &(dyn std::any::Any + Send)) -> String {
    payload
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "a panic without a text".to_owned())
}
