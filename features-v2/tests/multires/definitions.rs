//! The definitions of all features of all clocks, in plain floats over whole arrays of bars.

use std::collections::BTreeMap;

use feature_api::{AggressorSide, Trade};
use testkit::naive::{self, Series, rolling};

use crate::reference::{PREFIXES, RefBar};

/// The closed bars of a clock, by column. Prices are in steps: whole numbers, whose sums and differences are exact.
struct Bars {
    open: Vec<f64>,
    high: Vec<f64>,
    low: Vec<f64>,
    close: Vec<f64>,
    volume: Vec<f64>,
    buy: Vec<f64>,
    dollar: Vec<f64>,
    ts_close: Vec<i64>,
    /// Prices of each bar's trades.
    ticks: Vec<Vec<f64>>,
    /// Volumes in steps.
    steps: Vec<i64>,
    /// Steps of a price of 1.
    unit: f64,
}

fn float(x: i64) -> f64 {
    x as f64
}

/// 10 to that power.
pub fn power_of_ten(digits: u8) -> f64 {
    (0..digits).fold(1.0, |power, _| power * 10.0)
}

impl Bars {
    fn of(trades: &[Trade], bars: &[RefBar]) -> Self {
        let grid = trades[0].grid;
        let (unit, lot) = (power_of_ten(grid.price_scale()), power_of_ten(grid.qty_scale()));
        let own = |bar: &RefBar| trades[bar.trades.clone()].iter();
        let prices = |bar: &RefBar| own(bar).map(|trade| trade.price.raw()).collect::<Vec<_>>();
        let price =
            |f: fn(&[i64]) -> Option<&i64>| bars.iter().map(|bar| float(*f(&prices(bar)).unwrap())).collect();
        let sum = |f: &dyn Fn(&Trade) -> f64| bars.iter().map(|bar| own(bar).map(f).sum()).collect();
        let quantity = |trade: &Trade| float(trade.quantity.raw()) / lot;
        let bought =
            |trade: &Trade| if trade.aggressor == AggressorSide::Buy { quantity(trade) } else { 0.0 };
        Self {
            open: price(|prices| prices.first()),
            high: price(|prices| prices.iter().max()),
            low: price(|prices| prices.iter().min()),
            close: price(|prices| prices.last()),
            volume: sum(&quantity),
            buy: sum(&bought),
            dollar: sum(&|trade| float(trade.price.raw()) / unit * quantity(trade)),
            ts_close: bars.iter().map(|bar| bar.ts_close).collect(),
            ticks: bars.iter().map(|bar| prices(bar).into_iter().map(float).collect()).collect(),
            steps: bars.iter().map(|bar| own(bar).map(|trade| trade.quantity.raw()).sum()).collect(),
            unit,
        }
    }

    /// Prices, of steps.
    fn priced(&self, steps: Series) -> Series {
        steps.into_iter().map(|cell| cell.map(|price| price / self.unit)).collect()
    }

    fn len(&self) -> usize {
        self.close.len()
    }

    fn each(&self, f: impl Fn(usize) -> f64) -> Series {
        (0..self.len()).map(|row| Some(f(row))).collect()
    }

    fn from(&self, first: usize, f: impl Fn(usize) -> f64) -> Series {
        (0..self.len()).map(|row| (row >= first).then(|| f(row))).collect()
    }

    fn returns(&self) -> Vec<f64> {
        self.close.windows(2).map(|pair| (pair[1] - pair[0]) / pair[0]).collect()
    }

    /// `f` over the last `n` simple returns.
    fn of_returns(&self, n: usize, f: impl Fn(&[f64]) -> f64) -> Series {
        let mut series = vec![None];
        series.extend(rolling(&self.returns(), n, f));
        series.truncate(self.len());
        series
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The central moment of that power.
fn moment(values: &[f64], power: usize) -> f64 {
    // From the first value on, whose difference from the others loses no digits.
    let shifted: Vec<f64> = values.iter().map(|x| x - values[0]).collect();
    let mean = mean(&shifted);
    let terms = shifted.iter().map(|x| (0..power).fold(1.0, |product, _| product * (x - mean)));
    terms.sum::<f64>() / values.len() as f64
}

fn deviation(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { moment(values, 2).sqrt() }
}

fn is_flat(values: &[f64]) -> bool {
    values.iter().all(|x| *x == values[0])
}

fn skewness(values: &[f64]) -> f64 {
    if is_flat(values) { 0.0 } else { moment(values, 3) / (moment(values, 2) * moment(values, 2).sqrt()) }
}

fn kurtosis(values: &[f64]) -> f64 {
    if is_flat(values) { 0.0 } else { moment(values, 4) / (moment(values, 2) * moment(values, 2)) - 3.0 }
}

/// Rounded to the declared grid of 2^-52: where returns are nearly equal that is what tells them apart.
fn on_grid(x: f64) -> f64 {
    const GRID: f64 = (1_u64 << 52) as f64;
    (x * GRID).round_ties_even() / GRID
}

fn log_change(before: f64, after: f64) -> f64 {
    libm::log1p((after - before) / before)
}

fn common(bars: &Bars) -> Vec<(&'static str, Series)> {
    let log_returns = |prices: &[f64]| bars.from(1, |row| log_change(prices[row - 1], prices[row]));
    let range = |row: usize| bars.high[row] - bars.low[row];
    let of_range = |row: usize, part: f64| if range(row) == 0.0 { 0.0 } else { part / range(row) };
    let ticks = |row: usize| -> Vec<f64> {
        bars.ticks[row].windows(2).map(|pair| on_grid(log_change(pair[0], pair[1]))).collect()
    };
    let moves = |row: usize| -> Vec<f64> {
        let moves = bars.ticks[row].windows(2).map(|pair| pair[1] - pair[0]);
        moves.filter(|change| *change != 0.0).collect()
    };
    let of_ticks =
        |row: usize, f: fn(&[f64]) -> f64| if ticks(row).is_empty() { 0.0 } else { f(&ticks(row)) };
    vec![
        ("volume_log", bars.each(|row| libm::log1p(bars.volume[row]))),
        ("dollar_volume_log", bars.each(|row| libm::log1p(bars.dollar[row]))),
        ("log_return_close", log_returns(&bars.close)),
        ("log_return_high", log_returns(&bars.high)),
        ("log_return_low", log_returns(&bars.low)),
        ("price_change_pct", bars.each(|row| 100.0 * (bars.close[row] - bars.open[row]) / bars.open[row])),
        ("high_low_pct", bars.each(|row| 100.0 * range(row) / bars.low[row])),
        (
            "wick_vs_range",
            bars.each(|row| of_range(row, range(row) - (bars.close[row] - bars.open[row]).abs())),
        ),
        ("body_vs_range", bars.each(|row| of_range(row, bars.close[row] - bars.open[row]))),
        ("close_vs_high_pct", bars.each(|row| 100.0 * (bars.close[row] - bars.high[row]) / bars.high[row])),
        ("close_vs_low_pct", bars.each(|row| 100.0 * (bars.close[row] - bars.low[row]) / bars.low[row])),
        ("trade_imbalance", bars.each(|row| 2.0 * bars.buy[row] / bars.volume[row] - 1.0)),
        ("tick_volatility", bars.each(|row| of_ticks(row, deviation))),
        ("taker_ratio", bars.each(|row| bars.buy[row] / bars.volume[row])),
        ("tick_skew", bars.each(|row| of_ticks(row, skewness))),
        ("tick_kurtosis", bars.each(|row| of_ticks(row, kurtosis))),
        ("price_changes", bars.each(|row| moves(row).len() as f64)),
        (
            "direction_changes",
            bars.each(|row| moves(row).windows(2).filter(|pair| pair[0] * pair[1] < 0.0).count() as f64),
        ),
    ]
}

/// +DI, −DI and ADX as TA-Lib computes them: sums over n − 1 bars, of which an n-th part is forgotten at each bar.
fn direction(bars: &Bars, n: usize) -> [Series; 3] {
    let n_float = n as f64;
    let mut lines = [vec![], vec![], vec![]];
    let ranges = naive::true_range(&bars.high, &bars.low, &bars.close);
    let (mut plus, mut minus, mut range) = (0.0, 0.0, 0.0);
    let (mut indices, mut adx) = (Vec::new(), None);
    for (row, now) in ranges.into_iter().enumerate() {
        let mut lines_now = [None; 3];
        if row > 0 {
            let (up, down) = (bars.high[row] - bars.high[row - 1], bars.low[row - 1] - bars.low[row]);
            let forget = |sum: f64| if row >= n { sum - sum / n_float } else { sum };
            plus = forget(plus) + if up > down && up > 0.0 { up } else { 0.0 };
            minus = forget(minus) + if down > up && down > 0.0 { down } else { 0.0 };
            range = forget(range) + now.unwrap();
            if row >= n {
                let di = |sum: f64| if range == 0.0 { 0.0 } else { 100.0 * sum / range };
                let (up, down) = (di(plus), di(minus));
                if up + down > 0.0 {
                    indices.push(100.0 * (up - down).abs() / (up + down));
                } else if adx.is_none() {
                    indices.push(0.0);
                } else {
                    indices.push(adx.unwrap());
                }
                adx = match adx {
                    None if indices.len() == n => Some(mean(&indices)),
                    None => None,
                    Some(adx) => Some((adx * (n_float - 1.0) + indices[indices.len() - 1]) / n_float),
                };
                lines_now = [Some(up), Some(down), adx];
            }
        }
        lines.iter_mut().zip(lines_now).for_each(|(line, cell)| line.push(cell));
    }
    lines
}

fn cci(bars: &Bars, n: usize) -> Series {
    // Three times as much, for whole numbers: it cancels.
    let triple: Vec<f64> =
        (0..bars.len()).map(|row| bars.high[row] + bars.low[row] + bars.close[row]).collect();
    rolling(&triple, n, |window| {
        let mean = mean(window);
        let spread = window.iter().map(|x| (x - mean).abs()).sum::<f64>() / n as f64;
        if is_flat(window) { 0.0 } else { (window[n - 1] - mean) / (0.015 * spread) }
    })
}

fn mfi(bars: &Bars, n: usize) -> Series {
    // Three times as much, for whole numbers.
    let typical = |row: usize| bars.high[row] + bars.low[row] + bars.close[row];
    bars.from(n, |row| {
        let (mut rising, mut all) = (0.0, 0.0);
        for row in row + 1 - n..=row {
            let flow = typical(row) * bars.volume[row];
            rising += if typical(row) > typical(row - 1) { flow } else { 0.0 };
            all += if typical(row) == typical(row - 1) { 0.0 } else { flow };
        }
        if all == 0.0 { 0.0 } else { 100.0 * rising / all }
    })
}

fn ultosc(bars: &Bars) -> Series {
    let low =
        |row: usize| if bars.low[row] < bars.close[row - 1] { bars.low[row] } else { bars.close[row - 1] };
    let high =
        |row: usize| if bars.high[row] > bars.close[row - 1] { bars.high[row] } else { bars.close[row - 1] };
    bars.from(28, |row| {
        let share = |n: usize| {
            let rows = || row + 1 - n..=row;
            let range: f64 = rows().map(|row| high(row) - low(row)).sum();
            if range == 0.0 { 0.0 } else { rows().map(|row| bars.close[row] - low(row)).sum::<f64>() / range }
        };
        100.0 * (4.0 * share(7) + 2.0 * share(14) + share(28)) / 7.0
    })
}

fn obv_delta(bars: &Bars, n: usize) -> Series {
    bars.from(n, |row| {
        let signed = |row: usize| {
            let (now, before) = (bars.close[row], bars.close[row - 1]);
            if now > before {
                bars.volume[row]
            } else if now < before {
                -bars.volume[row]
            } else {
                0.0
            }
        };
        (row + 1 - n..=row).map(signed).sum()
    })
}

fn roc(bars: &Bars, n: usize) -> Series {
    bars.from(n, |row| 100.0 * (bars.close[row] - bars.close[row - n]) / bars.close[row - n])
}

fn ret_lag(bars: &Bars, lag: usize) -> Series {
    bars.from(lag + 1, |row| bars.close[row - lag] / bars.close[row - lag - 1] - 1.0)
}

fn shape(bars: &Bars, n: usize, f: fn(&[f64]) -> f64) -> Series {
    bars.of_returns(n, |returns| f(&returns.iter().map(|x| on_grid(*x)).collect::<Vec<_>>()))
}

fn stochastic(bars: &Bars, windows: [usize; 3]) -> (Series, Series) {
    naive::stochastic([&bars.high, &bars.low, &bars.close], windows, 0.0)
}

/// What short, medium and long bars have alike.
fn trend(bars: &Bars) -> Vec<(&'static str, Series)> {
    let (macd, signal) = naive::macd(&bars.close, 12, 26, 9);
    let histogram = macd.iter().zip(&signal).map(|(macd, signal)| Some((*macd)? - (*signal)?)).collect();
    let [.., adx] = direction(bars, 14);
    vec![
        ("sma_10", bars.priced(naive::sma(&bars.close, 10))),
        ("sma_20", bars.priced(naive::sma(&bars.close, 20))),
        ("ema_10", bars.priced(naive::ema(&bars.close, 10))),
        ("rsi_14", naive::rsi(&bars.close, 14, 0.0)),
        ("macd", bars.priced(macd)),
        ("macd_signal", bars.priced(signal)),
        ("macd_hist", bars.priced(histogram)),
        ("adx_14", adx),
        ("atr_14", bars.priced(naive::atr(&bars.high, &bars.low, &bars.close, 14))),
        ("obv_delta_20", obv_delta(bars, 20)),
        ("ret_std_20", bars.of_returns(20, deviation)),
        ("ret_lag_1", ret_lag(bars, 1)),
        ("ret_lag_2", ret_lag(bars, 2)),
        ("ret_lag_3", ret_lag(bars, 3)),
    ]
}

fn short(bars: &Bars) -> Vec<(&'static str, Series)> {
    let [plus_di, minus_di, _] = direction(bars, 14);
    let (stoch_k, stoch_d) = stochastic(bars, [5, 3, 3]);
    let typical = naive::typical(&bars.high, &bars.low, &bars.close);
    let band = |width: f64| rolling(&typical, 20, |window| mean(window) + width * deviation(window));
    let ranges: Vec<f64> = (0..bars.len()).map(|row| bars.high[row] / bars.low[row] - 1.0).collect();
    let (highest, lowest) = (naive::max(&bars.high, 14), naive::min(&bars.low, 14));
    let willr = bars.from(13, |row| {
        let (high, low) = (highest[row].unwrap(), lowest[row].unwrap());
        if high == low { 0.0 } else { -100.0 * (high - bars.close[row]) / (high - low) }
    });
    let mut features = trend(bars);
    features.extend([
        ("plus_di_14", plus_di),
        ("minus_di_14", minus_di),
        ("stoch_k", stoch_k),
        ("stoch_d", stoch_d),
        ("bb_upper", bars.priced(band(2.0))),
        ("bb_middle", bars.priced(band(0.0))),
        ("bb_lower", bars.priced(band(-2.0))),
        ("cci_14", cci(bars, 14)),
        ("mfi_14", mfi(bars, 14)),
        ("roc_10", roc(bars, 10)),
        ("ultosc_7_14_28", ultosc(bars)),
        ("willr_14", willr),
        ("volume_sma_20", naive::sma(&bars.volume, 20)),
        ("hl_ret_std_20", rolling(&ranges, 20, deviation)),
        ("ret_lag_5", ret_lag(bars, 5)),
        ("volume_lag_1", bars.from(1, |row| bars.volume[row - 1])),
        ("volume_lag_2", bars.from(2, |row| bars.volume[row - 2])),
        ("volume_lag_3", bars.from(3, |row| bars.volume[row - 3])),
        ("ret_mean_10", bars.of_returns(10, mean)),
        ("ret_std_10", bars.of_returns(10, deviation)),
        ("ret_skew_20", shape(bars, 20, skewness)),
        ("ret_kurt_20", shape(bars, 20, kurtosis)),
    ]);
    features
}

/// Sine and cosine of that share of a turn.
fn turn(share: f64) -> [f64; 2] {
    let angle = std::f64::consts::TAU * share;
    [libm::sin(angle), libm::cos(angle)]
}

const DAY: i64 = 86_400_000_000_000;

fn engulfing(bars: &Bars, row: usize) -> f64 {
    let body = |row: usize| bars.close[row] - bars.open[row];
    let larger = body(row).abs() > body(row - 1).abs();
    let (open, close, open_1, close_1) =
        (bars.open[row], bars.close[row], bars.open[row - 1], bars.close[row - 1]);
    if larger && body(row - 1) < 0.0 && body(row) > 0.0 && open <= close_1 && close >= open_1 {
        1.0
    } else if larger && body(row - 1) > 0.0 && body(row) < 0.0 && open >= close_1 && close <= open_1 {
        -1.0
    } else {
        0.0
    }
}

/// Body, upper and lower shadow as shares of the range.
fn candle(bars: &Bars, row: usize) -> [f64; 3] {
    let (open, high, low, close) = (bars.open[row], bars.high[row], bars.low[row], bars.close[row]);
    if high == low {
        return [0.0; 3];
    }
    let (top, bottom) = if open > close { (open, close) } else { (close, open) };
    [top - bottom, high - top, bottom - low].map(|part| part / (high - low))
}

/// The volume profile in exact integers: distance from the point of control, and whether in the value area.
fn profile(bars: &Bars, row: usize) -> [f64; 2] {
    const BINS: usize = 50;
    // A multiple of 1 to 50.
    let unit: i128 = 3_099_044_504_245_996_706_400;
    let whole = |column: &[f64], row: usize| column[row] as i64;
    let rows = || row - 49..=row;
    let lowest = rows().map(|row| whole(&bars.low, row)).min().unwrap();
    let span = rows().map(|row| whole(&bars.high, row)).max().unwrap() - lowest;
    let bin = |price: i64| {
        let bin = if span == 0 { 0 } else { (price - lowest) * 50 / span };
        usize::try_from(bin).unwrap().min(BINS - 1)
    };
    let mut bins = [0_i128; BINS];
    for row in rows() {
        let (first, last) = (bin(whole(&bars.low, row)), bin(whole(&bars.high, row)));
        let share = i128::from(bars.steps[row]) * unit / i128::try_from(last - first + 1).unwrap();
        bins[first..=last].iter_mut().for_each(|bin| *bin += share);
    }
    let fullest = (0..BINS).rev().max_by_key(|bin| bins[*bin]).unwrap();
    let total: i128 = bins.iter().sum();
    let (mut first, mut last) = (fullest, fullest);
    while 10 * bins[first..=last].iter().sum::<i128>() < 7 * total {
        let below = first.checked_sub(1).map(|bin| bins[bin]);
        let above = bins.get(last + 1).copied();
        if below.is_some() && (above.is_none() || below >= above) { first -= 1 } else { last += 1 }
    }
    // In hundredths of a step.
    let edge = |bin: usize| 100 * lowest + 2 * i64::try_from(bin).unwrap() * span;
    let (close, poc) = (100 * whole(&bars.close, row), edge(fullest) + span);
    let inside = edge(first) <= close && close <= edge(last + 1);
    [float(close - poc) / float(close), f64::from(u8::from(inside))]
}

fn time(bars: &Bars) -> Vec<(&'static str, Series)> {
    let [.., adx] = direction(bars, 14);
    let atr = naive::atr(&bars.high, &bars.low, &bars.close, 14);
    let natr = atr.iter().zip(&bars.close).map(|(atr, close)| Some(100.0 * (*atr)? / close)).collect();
    let (stoch_k, stoch_d) = stochastic(bars, [14, 3, 3]);
    let over_20 = |row: usize, column: &[f64]| column[row - 19..=row].iter().sum::<f64>();
    let minute = |row: usize| turn(float(bars.ts_close[row] % DAY) / 60e9 / 1_440.0);
    // Monday, 1 January 2024.
    let monday = 1_704_067_200_000_000_000;
    let day = |row: usize| turn(float((bars.ts_close[row] - monday).rem_euclid(7 * DAY)) / float(DAY) / 7.0);
    let flag = |holds: bool| f64::from(u8::from(holds));
    vec![
        (
            "signed_volume_ratio",
            bars.from(19, |row| 2.0 * over_20(row, &bars.buy) / over_20(row, &bars.volume) - 1.0),
        ),
        ("price_skew", rolling(&bars.close, 20, skewness)),
        ("volume_skew", rolling(&bars.volume, 20, skewness)),
        ("avg_trade_size", bars.each(|row| bars.volume[row] / bars.ticks[row].len() as f64)),
        ("sma_20", bars.priced(naive::sma(&bars.close, 20))),
        ("ema_20", bars.priced(naive::ema(&bars.close, 20))),
        ("rsi_7", naive::rsi(&bars.close, 7, 0.0)),
        ("rsi_14", naive::rsi(&bars.close, 14, 0.0)),
        ("rsi_21", naive::rsi(&bars.close, 21, 0.0)),
        ("adx_14", adx),
        ("atr_14", bars.priced(atr)),
        ("natr_14", natr),
        ("cci_14", cci(bars, 14)),
        ("cci_20", cci(bars, 20)),
        ("mfi_14", mfi(bars, 14)),
        ("roc_1", roc(bars, 1)),
        ("roc_5", roc(bars, 5)),
        ("roc_10", roc(bars, 10)),
        ("roc_20", roc(bars, 20)),
        ("stoch_k", stoch_k),
        ("stoch_d", stoch_d),
        ("ret_skew_20", shape(bars, 20, skewness)),
        ("ret_skew_50", shape(bars, 50, skewness)),
        ("ret_kurt_20", shape(bars, 20, kurtosis)),
        ("ret_kurt_50", shape(bars, 50, kurtosis)),
        ("minute_of_day_sin", bars.each(|row| minute(row)[0])),
        ("minute_of_day_cos", bars.each(|row| minute(row)[1])),
        ("day_of_week_sin", bars.each(|row| day(row)[0])),
        ("day_of_week_cos", bars.each(|row| day(row)[1])),
        ("bullish_engulfing", bars.from(1, |row| flag(engulfing(bars, row) > 0.0))),
        ("bearish_engulfing", bars.from(1, |row| flag(engulfing(bars, row) < 0.0))),
        ("hammer", bars.each(|row| flag(candle(bars, row)[0] < 0.3 && candle(bars, row)[2] > 0.6))),
        ("shooting_star", bars.each(|row| flag(candle(bars, row)[0] < 0.3 && candle(bars, row)[1] > 0.6))),
        ("doji", bars.each(|row| flag(candle(bars, row)[0] < 0.1))),
        ("vp_poc_distance", bars.from(49, |row| profile(bars, row)[0])),
        ("vp_in_value_area", bars.from(49, |row| profile(bars, row)[1])),
    ]
}

/// Every feature but the ages by its name: its clock, and a cell for each closed bar of it.
pub fn by_definition(trades: &[Trade], bars: &[Vec<RefBar>; 6]) -> BTreeMap<String, (usize, Series)> {
    let mut all = BTreeMap::new();
    for (clock, prefix) in PREFIXES.into_iter().enumerate() {
        let bars = Bars::of(trades, &bars[clock]);
        let own = match clock {
            0 => short(&bars),
            1 | 2 => trend(&bars),
            _ => time(&bars),
        };
        for (name, series) in common(&bars).into_iter().chain(own) {
            assert_eq!(series.len(), bars.len(), "{prefix}{name}");
            assert!(all.insert(format!("{prefix}{name}"), (clock, series)).is_none(), "{prefix}{name} twice");
        }
    }
    all
}
