//! The 19 features of `core` by TA-Lib. What it has no function for, the width of the bands and the two scores,
//! is plain arithmetic over its results.

use std::rc::Rc;

use super::{HISTORY, Talib, TalibStream, head, high_low_close, past, typical, typical_history};
use crate::contender::{Contender, stream};
use crate::operators::{Column, Operator};

/// STDDEV is of ddof 0; this many of its deviations are one of ddof 1.
fn sample() -> f64 {
    (20.0_f64 / 19.0).sqrt()
}

/// Over whole arrays.
pub fn batch<T: Talib + 'static>(t: Rc<T>, column: Column) -> Contender {
    Contender::new(Operator::Core, column, move |bars, out| {
        let (close, volume, all) = (&bars.close.real, &bars.volume.real, high_low_close(bars));
        let [
            rsi,
            macd,
            signal,
            upper,
            lower,
            ema,
            atr,
            log,
            k,
            d,
            vwap,
            width,
            score,
            volume_score,
            raw @ ..,
        ] = out.values.as_mut_slice()
        else {
            return;
        };
        let [histogram, middle, ratio, typical, deviation, volume_mean, volume_deviation] = &mut out.scratch;
        let first = &mut out.first;
        first[0] = t.rsi(close, 14, rsi);
        let lines = t.macd(close, [macd, signal, histogram]);
        let bands = t.bbands(close, 20, [upper, middle, lower]);
        first[5] = t.ema(close, 20, ema);
        first[6] = t.atr(all, 14, atr);
        let ratios = t.rocr(close, ratio);
        first[7] = ratios + t.ln(&ratio[..close.len().saturating_sub(ratios)], log);
        let oscillator = t.stoch(all, [k, d]);
        t.typprice(all, typical);
        first[10] = t.vwma(typical, volume, 14, vwap);
        t.stddev(close, 20, sample(), deviation);
        t.sma(volume, 20, volume_mean);
        t.stddev(volume, 20, sample(), volume_deviation);
        for (index, (close, volume)) in close.iter().zip(volume).skip(19).enumerate() {
            width[index] = (upper[index] - lower[index]) / close;
            score[index] = (close - middle[index]) / deviation[index];
            volume_score[index] = (volume - volume_mean[index]) / volume_deviation[index];
        }
        for (column, series) in
            raw.iter_mut().zip([close, &bars.open.real, &bars.high.real, &bars.low.real, volume])
        {
            column.copy_from_slice(series);
        }
        first[1..3].fill(lines);
        first[3..5].fill(bands);
        first[8..10].fill(oscillator);
        first[11..14].fill(19);
        first[14..].fill(0);
    })
}

/// Bar by bar.
pub fn streaming<T: TalibStream + 'static>(t: Rc<T>, column: Column) -> Contender {
    Contender::new(Operator::Core, column, move |bars, out| {
        let (close, volume) = (past(&bars.close), past(&bars.volume));
        let all = high_low_close(bars).map(head);
        let mut rsi = t.rsi(close, 14);
        let mut macd = t.macd(close);
        let mut bands = t.bbands(close, 20);
        let mut ema = t.ema(close, 20);
        let mut atr = t.atr(all, 14);
        let mut stochastic = t.stoch(all);
        let history = typical_history(bars);
        let mut vwap = t.vwma(&history, volume, 14);
        let mut deviation = t.stddev(close, 20, sample());
        let mut volume_mean = t.sma(volume, 20);
        let mut volume_deviation = t.stddev(volume, 20, sample());
        let mut last = close[HISTORY - 1];
        out.begin(0);
        stream(out, HISTORY, bars.len(), |i| {
            let [open, high, low, close, volume] =
                [&bars.open, &bars.high, &bars.low, &bars.close, &bars.volume].map(|series| series.real[i]);
            let [rsi] = rsi(close);
            let [macd, signal] = macd(close);
            let [upper, middle, lower] = bands(close);
            let [ema] = ema(close);
            let [atr] = atr(high, low, close);
            let log = (close / last).ln();
            last = close;
            let [k, d] = stochastic(high, low, close);
            let [vwap] = vwap(typical(bars, i), volume);
            let width = (upper - lower) / close;
            let score = (close - middle) / deviation(close)[0];
            let volume_score = (volume - volume_mean(volume)[0]) / volume_deviation(volume)[0];
            Some([
                rsi,
                macd,
                signal,
                upper,
                lower,
                ema,
                atr,
                log,
                k,
                d,
                vwap,
                width,
                score,
                volume_score,
                close,
                open,
                high,
                low,
                volume,
            ])
        });
    })
}
