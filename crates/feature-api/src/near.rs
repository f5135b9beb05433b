//! Names that may have been meant.

/// Up to three of `names` that may have been meant by `name`, the nearest first: those a letter in three or fewer
/// apart, and those that contain the other. For messages.
#[must_use]
pub fn near<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = name.to_lowercase();
    let furthest = 1 + wanted.chars().count() / 3;
    let mut found: Vec<(usize, &str)> = Vec::new();
    for other in names {
        let lower = other.to_lowercase();
        let contained = !wanted.is_empty() && (lower.contains(&wanted) || wanted.contains(&lower));
        let edits = edits(&wanted, &lower);
        if contained || edits <= furthest {
            found.push((edits, other));
        }
    }
    found.sort();
    found.into_iter().take(3).map(|(_, name)| name).collect()
}

/// Letters to insert, remove or replace to make one text the other (Levenshtein 1966).
fn edits(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (removed, letter) in from.chars().enumerate() {
        let mut next = vec![removed + 1];
        let mut left = removed + 1;
        for (pair, other) in row.windows(2).zip(&to) {
            let &[diagonal, above] = pair else { continue };
            left = (diagonal + usize::from(letter != *other)).min(above + 1).min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted() {
        for (from, to, count) in
            [("", "", 0), ("", "abc", 3), ("abc", "", 3), ("kitten", "sitting", 3), ("rsi14", "rsi_14", 1)]
        {
            assert_eq!(edits(from, to), count, "{from} {to}");
        }
    }

    #[test]
    fn near_names_come_first() {
        let names = ["rsi_14", "rsi_28", "atr_14", "macd_signal"];
        assert_eq!(near("RSI14", names), ["rsi_14"]);
        assert_eq!(near("rsi", names), ["rsi_14", "rsi_28"]);
        assert_eq!(near("macd", names), ["macd_signal"]);
        assert_eq!(near("volume_ratio", names), [""; 0]);
        assert_eq!(near("", names), [""; 0]);
    }
}
