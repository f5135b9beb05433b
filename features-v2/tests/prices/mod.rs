//! Numbers of recorded files as integers of a grid.

/// A column's decimal texts as raw integers of a grid with `decimals` decimals.
///
/// A text such as `212.61000000000001` is a float printed with 17 digits: the shortest decimal that names the
/// same float, `212.61`, is what was meant.
///
/// # Panics
/// Where a text is no number, or has more decimals than the grid.
pub fn raws(texts: &[&str], decimals: usize) -> Vec<i64> {
    texts.iter().map(|text| raw(text, decimals)).collect()
}

fn raw(text: &str, decimals: usize) -> i64 {
    let value: f64 = text.parse().unwrap_or_else(|error| panic!("{text:?}: {error}"));
    let shortest = value.to_string();
    let (whole, fraction) = shortest.split_once('.').unwrap_or((&shortest, ""));
    assert!(fraction.len() <= decimals, "{text} has more than {decimals} decimals");
    let digits = format!("{whole}{fraction:0<decimals$}");
    digits.parse().unwrap_or_else(|error| panic!("{text:?} as {digits}: {error}"))
}
