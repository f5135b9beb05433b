//! Whether finer bars are those that a bar is made of.
//!
//! Finer bars of another instrument, or with holes, would tell a wrong order of highs and lows, and a loss would become a
//! profit. So they decide only in a bar that they reproduce: the first open, the highest high, the lowest low and the
//! last close are its own, and their volumes sum up to its own, which shows that no trade is missing. Exchanges leave
//! out seconds without trades, so gaps alone say nothing; where there are no volumes to sum up, there may be none.

use feature_api::{Bar, UnixNanos};
use market_data::decimal_text;

/// A number on a decimal grid.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decimal {
    raw: i64,
    scale: u8,
}

/// In what finer bars are not those that a bar is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Difference {
    /// None lies inside.
    Absent,
    /// A price or the volume is another.
    Value { what: &'static str, bar: Decimal, finer: Decimal },
    /// They leave out some of its time, and volumes do not show that nothing was traded then.
    Hole,
}

/// The finer bars that lie wholly inside `bar`, in order of time.
pub(crate) fn inside<'a>(bar: &Bar, finer: &'a [Bar]) -> &'a [Bar] {
    let begin = finer.partition_point(|finer| finer.ts_open() < bar.ts_open());
    let rest = finer.get(begin..).unwrap_or_default();
    let count = rest.partition_point(|finer| finer.ts_close() <= bar.ts_close());
    rest.get(..count).unwrap_or_default()
}

/// In what `finer`, the bars inside `bar`, differ from it; `None` where it is made of them.
pub(crate) fn difference(bar: &Bar, finer: &[Bar]) -> Option<Difference> {
    let (Some(first), Some(last)) = (finer.first(), finer.last()) else { return Some(Difference::Absent) };
    let (high, low) = (finer.iter().map(Bar::high).max()?, finer.iter().map(Bar::low).min()?);
    for (what, one, other) in [
        ("open", bar.open(), first.open()),
        ("high", bar.high(), high),
        ("low", bar.low(), low),
        ("close", bar.close(), last.close()),
    ] {
        let [bar, finer] = [(bar, one), (first, other)]
            .map(|(bar, price)| Decimal { raw: price.raw(), scale: bar.grid().price_scale() });
        if bar.scaled() != finer.scaled() {
            return Some(Difference::Value { what, bar, finer });
        }
    }
    let volume = finer.iter().fold(0, |sum: i64, bar| sum.saturating_add(bar.volume().raw()));
    let [volume, traded] = [(first, volume), (bar, bar.volume().raw())]
        .map(|(bar, raw)| Decimal { raw, scale: bar.grid().qty_scale() });
    if volume.raw > 0 && traded.raw > 0 {
        let is_same = volume.scaled() == traded.scaled();
        return (!is_same).then_some(Difference::Value { what: "volume", bar: traded, finer: volume });
    }
    let mut ts = bar.ts_open();
    let is_whole = finer.iter().all(|finer| std::mem::replace(&mut ts, finer.ts_close()) == finer.ts_open());
    (!is_whole || ts != bar.ts_close()).then_some(Difference::Hole)
}

impl Decimal {
    /// In steps of the finest grid: at most 2^63 · 10^16, which fits.
    fn scaled(self) -> i128 {
        let finer = u32::from(feature_api::MAX_SCALE.saturating_sub(self.scale));
        i128::from(self.raw) * 10_i128.pow(finer)
    }

    fn text(self) -> String {
        decimal_text(self.raw, self.scale)
    }
}

impl Difference {
    /// Why the finer bars do not decide in the bar that opens at `ts_open`.
    pub(crate) fn text(self, ts_open: UnixNanos) -> String {
        match self {
            Self::Absent => format!("none lies inside the bar that opens at {ts_open}"),
            Self::Value { what, bar, finer } => format!(
                "the bar that opens at {ts_open} has the {what} {}, those inside it {}",
                bar.text(),
                finer.text()
            ),
            Self::Hole => {
                format!("those inside the bar that opens at {ts_open} leave a hole, and no volumes fill it")
            }
        }
    }
}
