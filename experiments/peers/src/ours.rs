//! Isobar's operators and its set `core`.
//!
//! Each operator is one line of [`contenders`]: how it is made, and its values for one bar. The line gives both
//! columns, batch (one loop over whole arrays) and stream (bar by bar). Prices and volumes go in as integers on
//! the grid, as they do in the sets; EMA, MACD and median take floats.

use std::hint::black_box;

use feature_api::{Event, FeatureSet as _, Operator as _, Row};
use features_v1::Core;
use features_v1::arithmetic::Scale;
use features_v1::operators::{
    Atr, Correlation, Deviations, Ema, HighLowClose, Macd, Mean, Median, Moments, Regression, RollingMax,
    RollingMin, Rsi, Stochastic, TypicalVolume, Vwap,
};
use features_v1::window::Window;

use crate::bars::{Bars, PRICE_SCALE, QTY_SCALE};
use crate::contender::{Contender, batch, stream};
use crate::operators::{Column, Operator};

const PRICE: Scale = Scale::new(PRICE_SCALE);
const QTY: Scale = Scale::new(QTY_SCALE);

const fn window(len: u32) -> Window {
    Window::clamped(len)
}

/// Every operator and the set, in batch and in stream.
pub fn contenders() -> Vec<Contender> {
    let mut contenders = Vec::new();
    macro_rules! of {
        ($operator:ident, $new:expr, |$op:ident, $bars:ident, $i:ident| $values:expr) => {
            contenders.push(Contender::new(Operator::$operator, Column::OursBatch, |$bars, out| {
                let mut $op = $new;
                out.begin(0);
                batch(out, $bars.len(), |$i| $values);
            }));
            contenders.push(Contender::new(Operator::$operator, Column::OursStream, |$bars, out| {
                let mut $op = $new;
                out.begin(0);
                stream(out, 0, $bars.len(), |$i| $values);
            }));
        };
    }
    of!(Sma, Mean::new(window(20), PRICE), |op, bars, i| op.update(bars.close.raw[i]).map(|mean| [mean]));
    of!(StdDev, Moments::with(window(20), PRICE, Deviations::Population), |op, bars, i| {
        op.update(bars.close.raw[i]).map(|moments| [moments.deviation])
    });
    of!(Bbands, Moments::with(window(20), PRICE, Deviations::Population), |op, bars, i| {
        op.update(bars.close.raw[i]).map(|m| [m.mean + 2.0 * m.deviation, m.mean, m.mean - 2.0 * m.deviation])
    });
    of!(Ema, Ema::new(window(20)), |op, bars, i| op.update(bars.close.real[i]).map(|mean| [mean]));
    of!(Rsi, Rsi::new(window(14), PRICE), |op, bars, i| op.update(bars.close.raw[i]).map(|rsi| [rsi]));
    of!(Macd, Macd::new(window(12), window(26), window(9)), |op, bars, i| {
        op.update(bars.close.real[i]).map(|lines| [lines.macd, lines.signal])
    });
    of!(Atr, Atr::new(window(14), PRICE), |op, bars, i| op.update(high_low_close(bars, i)).map(|atr| [atr]));
    of!(Stoch, Stochastic::new(window(14), window(3), window(3)), |op, bars, i| {
        op.update(high_low_close(bars, i)).map(|lines| [lines.k, lines.d.unwrap_or(f64::NAN)])
    });
    of!(Max, (RollingMax::new(window(14)), PRICE.divisor()), |op, bars, i| {
        op.0.update(bars.close.raw[i]).map(|max| [op.1.divide_i64(max)])
    });
    of!(Min, (RollingMin::new(window(14)), PRICE.divisor()), |op, bars, i| {
        op.0.update(bars.close.raw[i]).map(|min| [op.1.divide_i64(min)])
    });
    of!(Vwap, Vwap::new(window(14), PRICE), |op, bars, i| {
        let triple = bars.high.raw[i] + bars.low.raw[i] + bars.close.raw[i];
        op.update(TypicalVolume { triple, volume: bars.volume.raw[i] }).map(|vwap| [vwap])
    });
    of!(Correl, Correlation::new(window(20), PRICE, QTY), |op, bars, i| {
        op.update((bars.close.raw[i], bars.volume.raw[i])).map(|correlation| [correlation])
    });
    of!(Slope, Regression::new(window(50), PRICE), |op, bars, i| {
        op.update(bars.close.raw[i]).map(|line| [line.slope])
    });
    of!(Median, Median::new(window(50)), |op, bars, i| op.update(bars.close.real[i]).map(|median| [median]));
    contenders.push(Contender::new(Operator::Core, Column::OursBatch, |bars, out| {
        out.rows.clear();
        // A refused bar leaves rows missing, which the check reports.
        let _ = Core::new(&[]).map(|mut core| core.update_bars(&bars.bars, &mut out.rows));
    }));
    contenders.push(Contender::new(Operator::Core, Column::OursStream, |bars, out| {
        let Ok(mut core) = Core::new(&[]) else { return };
        let mut row = Row::new(core.schema().width());
        for bar in &bars.bars {
            let complete = core.update(Event::Bar(black_box(bar)), black_box(&mut row));
            if out.keep && complete.is_ok_and(|complete| complete) {
                out.rows.push(&row);
            }
            black_box(&row);
        }
    }));
    contenders
}

fn high_low_close(bars: &Bars, index: usize) -> HighLowClose {
    HighLowClose { high: bars.high.raw[index], low: bars.low.raw[index], close: bars.close.raw[index] }
}
