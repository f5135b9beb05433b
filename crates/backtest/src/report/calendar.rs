//! Dates in UTC, for axes and tables.

use feature_api::UnixNanos;

const SECOND: i64 = 1_000_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
/// Nanoseconds of a day.
pub(super) const DAY: i64 = 24 * HOUR;

/// Short names of the months.
pub(super) const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A day of the proleptic Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Date {
    pub(super) year: i64,
    /// 1 to 12.
    pub(super) month: i64,
    /// 1 to 31.
    pub(super) day: i64,
}

impl Date {
    /// The day that is so many days after 1970-01-01.
    pub(super) const fn of_day(day: i64) -> Self {
        // Years begin in March here, so that the leap day is the last of a year; 400 years are an era.
        let day = day + 719_468;
        let (era, of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let march = (5 * of_year + 2) / 153;
        let month = if march < 10 { march + 3 } else { march - 9 };
        Self { year: era * 400 + year + (month <= 2) as i64, month, day: of_year - (153 * march + 2) / 5 + 1 }
    }

    /// Days from 1970-01-01 to it.
    pub(super) const fn day_number(self) -> i64 {
        let year = if self.month <= 2 { self.year - 1 } else { self.year };
        let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let march = if self.month > 2 { self.month - 3 } else { self.month + 9 };
        let of_year = (153 * march + 2) / 5 + self.day - 1;
        era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
    }

    /// Short name of its month.
    pub(super) fn month_name(self) -> &'static str {
        usize::try_from(self.month - 1).ok().and_then(|index| MONTHS.get(index)).copied().unwrap_or("")
    }

    /// `2024-03-01`.
    pub(super) fn iso(self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// `2024-03-01 10:00`, with seconds where there are any.
pub(super) fn minute(ts: UnixNanos) -> String {
    format!("{}\u{a0}{}", Date::of_day(ts.0.div_euclid(DAY)).iso(), clock(ts.0))
}

/// The same as HTML that is not broken over lines.
pub(super) fn stamp(ts: UnixNanos) -> String {
    let text = minute(ts);
    format!("<time datetime=\"{}Z\">{text}</time>", text.replace('\u{a0}', "T"))
}

fn clock(ts: i64) -> String {
    let of_day = ts.rem_euclid(DAY);
    let (hour, minute, second) =
        (of_day / HOUR, of_day.rem_euclid(HOUR) / MINUTE, of_day.rem_euclid(MINUTE) / SECOND);
    if second == 0 { format!("{hour:02}:{minute:02}") } else { format!("{hour:02}:{minute:02}:{second:02}") }
}

/// A length of time in words: `13.9 days`.
pub(super) fn length(nanos: i64) -> String {
    let (unit, name) = [(DAY, "days"), (HOUR, "hours"), (MINUTE, "minutes")]
        .into_iter()
        .find(|(unit, _)| nanos >= 2 * unit)
        .unwrap_or((SECOND, "seconds"));
    let amount = nanos as f64 / unit as f64;
    let decimals = usize::from(amount < 100.0 && nanos.rem_euclid(unit) != 0);
    format!("{}\u{a0}{name}", super::number::fixed(amount, decimals))
}

/// At most about `count` round moments from `from` to `to`, each with its label.
pub(super) fn ticks(from: i64, to: i64, count: i64) -> Vec<(i64, String)> {
    let span = i128::from(to) - i128::from(from);
    let fits = |step: i64| span / i128::from(step) <= i128::from(count);
    const STEPS: [i64; 18] = [
        SECOND,
        5 * SECOND,
        15 * SECOND,
        30 * SECOND,
        MINUTE,
        2 * MINUTE,
        5 * MINUTE,
        15 * MINUTE,
        30 * MINUTE,
        HOUR,
        2 * HOUR,
        3 * HOUR,
        6 * HOUR,
        12 * HOUR,
        DAY,
        2 * DAY,
        4 * DAY,
        7 * DAY,
    ];
    if let Some(step) = STEPS.into_iter().find(|step| fits(*step)) {
        return even(from, to, step);
    }
    const MONTH: i64 = 30 * DAY;
    let months = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600];
    months
        .into_iter()
        .find(|months| fits(months * MONTH))
        .map_or_else(Vec::new, |step| monthly(from, to, step))
}

/// Every `step` nanoseconds. Weeks begin on Monday: 1970-01-05 was one.
fn even(from: i64, to: i64, step: i64) -> Vec<(i64, String)> {
    let origin = if step == 7 * DAY { 4 * DAY } else { 0 };
    let first = from.saturating_sub(origin).div_euclid(step).saturating_mul(step).saturating_add(origin);
    let label = |ts: i64| {
        let date = Date::of_day(ts.div_euclid(DAY));
        if ts.rem_euclid(DAY) == 0 { format!("{}\u{a0}{}", date.day, date.month_name()) } else { clock(ts) }
    };
    let all = core::iter::successors(Some(first), |ts| ts.checked_add(step));
    all.take_while(|ts| *ts <= to).filter(|ts| *ts >= from).map(|ts| (ts, label(ts))).collect()
}

/// Every `step` months, counted from a January.
fn monthly(from: i64, to: i64, step: i64) -> Vec<(i64, String)> {
    let date = Date::of_day(from.div_euclid(DAY));
    let first = (date.year * 12 + date.month - 1).div_euclid(step) * step;
    let moment = |month: i64| {
        let date = Date { year: month.div_euclid(12), month: month.rem_euclid(12) + 1, day: 1 };
        let label = if step % 12 == 0 {
            date.year.to_string()
        } else {
            format!("{}\u{a0}{}", date.month_name(), date.year)
        };
        date.day_number().checked_mul(DAY).map(|ts| (ts, label))
    };
    // The step was chosen so that fewer fit.
    let all = (0..64).filter_map(|index| moment(first + index * step));
    all.filter(|(ts, _)| (from..=to).contains(ts)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MARCH: i64 = 1_709_251_200 * SECOND;

    #[test]
    fn dates() {
        assert_eq!(Date::of_day(0).iso(), "1970-01-01");
        assert_eq!(Date::of_day(-1).iso(), "1969-12-31");
        assert_eq!(Date::of_day(19_782).iso(), "2024-02-29");
        assert_eq!(Date::of_day(i64::MIN / DAY).year, 1677);
        assert_eq!(minute(UnixNanos(MARCH + 61 * SECOND)), "2024-03-01\u{a0}00:01:01");
        assert_eq!(minute(UnixNanos(MARCH + HOUR)), "2024-03-01\u{a0}01:00");
    }

    #[test]
    fn lengths() {
        assert_eq!(length(3 * DAY), "3\u{a0}days");
        assert_eq!(length(3 * DAY + 12 * HOUR), "3.5\u{a0}days");
        assert_eq!(length(DAY), "24\u{a0}hours");
        assert_eq!(length(0), "0\u{a0}seconds");
    }

    #[test]
    fn round_moments() {
        let labels = |span: i64| -> Vec<String> {
            ticks(MARCH, MARCH + span, 6).into_iter().map(|(_, label)| label.replace('\u{a0}', " ")).collect()
        };
        assert_eq!(labels(5 * HOUR), ["1 Mar", "01:00", "02:00", "03:00", "04:00", "05:00"]);
        assert_eq!(labels(14 * DAY), ["2 Mar", "6 Mar", "10 Mar", "14 Mar"]);
        assert_eq!(labels(30 * DAY), ["4 Mar", "11 Mar", "18 Mar", "25 Mar"]);
        assert_eq!(labels(100 * DAY), ["Mar 2024", "Apr 2024", "May 2024", "Jun 2024"]);
        assert_eq!(labels(2000 * DAY), ["2025", "2026", "2027", "2028", "2029"]);
        assert_eq!(labels(0), ["1 Mar"]);
    }

    proptest! {
        #[test]
        fn a_date_and_its_number(day in (i64::MIN / DAY)..(i64::MAX / DAY)) {
            prop_assert_eq!(Date::of_day(day).day_number(), day);
        }

        #[test]
        fn ticks_are_few_and_inside(from in any::<i64>(), to in any::<i64>()) {
            let (from, to) = (from.min(to), from.max(to));
            let found = ticks(from, to, 8);
            prop_assert!(found.len() <= 14, "{}", found.len());
            prop_assert!(found.iter().all(|(ts, _)| (from..=to).contains(ts)));
            prop_assert!(found.is_sorted());
        }
    }
}
