//! Directional movement and its index.

use feature_api::{Bits, Memory, Operator, RestoreError, StateReader, StateWriter};

use super::{HighLowClose, Wilder};
use crate::arithmetic::{Divisor, Scale};
use crate::window::{Window, read_raw};

/// What [`Adx`] gives, from 0 to 100. `adx` follows the others by its own warm-up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DirectionalLines {
    /// +DI: upward movement in per cent of the range.
    pub plus_di: f64,
    /// −DI: downward movement in per cent of the range.
    pub minus_di: f64,
    /// Average directional index.
    pub adx: Option<f64>,
}

impl Bits for DirectionalLines {
    fn bits(&self, to: &mut Vec<u64>) {
        [self.plus_di, self.minus_di].bits(to);
        self.adx.bits(to);
    }
}

/// Wilder's directional indicators +DI and −DI of period `n`, and ADX, the average of the index made of them.
///
/// - **Formula**: `+DM = H − H₋₁` where that is positive and above `L₋₁ − L`, else 0; `−DM` mirrored;
///   `±DI = 100·W(±DM)/W(TR)`; `DX = 100·|+DI − −DI|/(+DI + −DI)`; `ADX = Wilder(n)` of DX. W is [`Wilder`], for
///   which the first bar counts as one without movement and range: TA-Lib's sums over n − 1 bars, over n.
/// - **Parameters**: period `n`; the scale of the raw prices.
/// - **Warm-up**: n for ±DI; n − 1 more for ADX.
/// - **Degenerate**: ±DI are 0 where W(TR) is 0. Where +DI + −DI is 0 there is no DX: in the seed of ADX it counts as
///   0, afterwards ADX stays what it was; both as in TA-Lib, which takes sums below 1e-14 for 0 too. For n = 1 TA-Lib
///   gives ±DI as shares; here they are percentages for every n.
/// - **Convergence**: measured, two histories whose moves differ tenfold give the same bits after 45·n inputs as a rule
///   and 55·n at worst (walks, recorded bars); 86·n + 20 is declared. Over bars without movement ADX does not change, so
///   that two histories stay apart until prices move again. See [`Wilder`].
/// - **Source**: J. W. Wilder (1978); TA-Lib PLUS_DI, MINUS_DI, DX, ADX, unstable period 0.
#[derive(Debug, Clone)]
pub struct Adx {
    period: Window,
    divisor: Divisor,
    previous: Option<HighLowClose>,
    plus: Wilder,
    minus: Wilder,
    range: Wilder,
    index: Wilder,
}

impl Adx {
    /// Lines of that period over raw prices of that scale.
    #[must_use]
    pub fn new(period: Window, scale: Scale) -> Self {
        Self {
            period,
            divisor: scale.divisor(),
            previous: None,
            plus: Wilder::new(period),
            minus: Wilder::new(period),
            range: Wilder::new(period),
            index: Wilder::new(period),
        }
    }

    /// Inputs after which two histories give the same bits.
    #[must_use]
    pub const fn convergence(period: Window) -> u32 {
        86 * period.get() + 20
    }

    /// Upward movement, downward movement and true range of a bar; nothing for the first.
    #[inline]
    fn movement(&mut self, bar: HighLowClose) -> (i64, i64, i64) {
        let Some(before) = self.previous.replace(bar) else { return (0, 0, 0) };
        let (up, down) = (bar.high - before.high, before.low - bar.low);
        let range = bar.high.max(before.close) - bar.low.min(before.close);
        (if up > 0 && up > down { up } else { 0 }, if down > 0 && down > up { down } else { 0 }, range)
    }

    /// ADX after a bar of these indicators.
    #[inline]
    fn index(&mut self, plus_di: f64, minus_di: f64) -> Option<f64> {
        let total = plus_di + minus_di;
        let index = if total > 0.0 {
            percent((plus_di - minus_di).abs(), total)
        } else {
            // An average that is handed itself stays what it is.
            self.index.current().unwrap_or(0.0)
        };
        self.index.update(index)
    }
}

/// `100·part/whole`, 0 where the whole is 0. No movement exceeds the range, but its rounded average may by an ulp,
/// and that of a forged state by any factor.
#[inline]
fn percent(part: f64, whole: f64) -> f64 {
    if part > 0.0 && whole > 0.0 { if part < whole { 100.0 * (part / whole) } else { 100.0 } } else { 0.0 }
}

impl Operator for Adx {
    type Input = HighLowClose;
    type Output = DirectionalLines;

    #[inline]
    fn update(&mut self, bar: HighLowClose) -> Option<DirectionalLines> {
        // The averages are there one bar before the lines: that of the first n − 1 movements says less than W.
        let seeded = self.range.current().is_some();
        let (up, down, range) = self.movement(bar);
        let plus = self.plus.update(self.divisor.divide_i64(up));
        let minus = self.minus.update(self.divisor.divide_i64(down));
        let range = self.range.update(self.divisor.divide_i64(range));
        if !seeded {
            return None;
        }
        let (plus_di, minus_di) = (percent(plus?, range?), percent(minus?, range?));
        Some(DirectionalLines { plus_di, minus_di, adx: self.index(plus_di, minus_di) })
    }

    fn warm_up(&self) -> usize {
        self.period.len()
    }

    fn memory(&self) -> Memory {
        Memory::Recursive { convergence: Self::convergence(self.period) }
    }

    fn reset(&mut self) {
        self.previous = None;
        for average in [&mut self.plus, &mut self.minus, &mut self.range, &mut self.index] {
            average.reset();
        }
    }

    fn save(&self, state: &mut StateWriter) {
        let bar = self.previous.unwrap_or_default();
        state.write_bool(self.previous.is_some());
        [bar.high, bar.low, bar.close].into_iter().for_each(|raw| state.write_i64(raw));
        for average in [&self.plus, &self.minus, &self.range, &self.index] {
            average.save(state);
        }
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        let seen = state.read_bool()?;
        let bar = HighLowClose { high: read_raw(state)?, low: read_raw(state)?, close: read_raw(state)? };
        let averages = [&mut self.plus, &mut self.minus, &mut self.range, &mut self.index];
        let loaded = averages.into_iter().try_for_each(|average| average.load(state));
        if loaded.is_ok() {
            self.previous = seen.then_some(bar);
        } else {
            self.reset();
        }
        loaded
    }
}
