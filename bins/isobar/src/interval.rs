//! Lengths of bars as text: `50ms`, `1s`, `5m`, `1h`, `1d`.

/// Units, longest first, with their length in nanoseconds.
const UNITS: [(&str, i64); 5] = [
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
];

/// Nanoseconds of a length such as `5m`.
pub fn parse(text: &str) -> Result<i64, String> {
    let nanos = UNITS.iter().find_map(|(unit, size)| {
        let digits = text.strip_suffix(unit)?;
        let is_count = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let count = if is_count { digits.parse::<i64>().ok()? } else { 0 };
        count.checked_mul(*size).filter(|nanos| *nanos > 0)
    });
    nanos.ok_or_else(|| {
        "expected a whole number above 0 and a unit (ms, s, m, h or d), such as 1s, 5m, 1h or 1d".to_owned()
    })
}

/// A length in its longest whole unit, as [`parse`] reads it; other lengths in nanoseconds.
pub fn text(nanos: i64) -> String {
    UNITS
        .iter()
        .find(|(_, size)| nanos != 0 && nanos % size == 0)
        .map_or_else(|| format!("{nanos} ns"), |(unit, size)| format!("{}{unit}", nanos / size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_and_written() {
        for (written, nanos) in [
            ("1s", 1_000_000_000),
            ("5m", 300_000_000_000),
            ("1h", 3_600_000_000_000),
            ("2d", 172_800_000_000_000),
            ("1500ms", 1_500_000_000),
        ] {
            assert_eq!(parse(written), Ok(nanos), "{written}");
            assert_eq!(text(nanos), written);
        }
        assert_eq!(text(1_500_000), "1500000 ns");
        for refused in ["", "m", "0m", "-1m", "+1m", "1.5h", "1w", "60", "1 m", "9999999999d"] {
            assert!(parse(refused).is_err(), "{refused}");
        }
    }
}
