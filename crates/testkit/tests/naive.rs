//! The naive references against outputs of TA-Lib.
#![allow(clippy::panic, clippy::unwrap_used, reason = "tests")]

use testkit::data::{Table, data_dir};
use testkit::naive::{self, Series};

fn compare(file: &str, name: &str, expected: &[Option<f64>], found: &Series) {
    assert_eq!(expected.len(), found.len(), "{file} {name}");
    let mut compared = 0;
    for (row, (expected, found)) in expected.iter().zip(found).enumerate() {
        match (expected, found) {
            (None, None) => {}
            (Some(expected), Some(found)) => {
                let tolerance = 1e-9 * (expected.abs() + 1.0);
                assert!(
                    (expected - found).abs() <= tolerance,
                    "{file} {name} row {row}: expected {expected}, found {found}"
                );
                compared += 1;
            }
            (Some(_), None) | (None, Some(_)) => {
                panic!("{file} {name} row {row}: expected {expected:?}, found {found:?}")
            }
        }
    }
    assert!(compared > 100, "{file} {name}: only {compared} rows compared");
}

#[test]
fn references_agree_with_talib() {
    let Some(data) = data_dir("naive references against TA-Lib") else { return };
    for file in ["regtest252.csv", "spy_2017_2018.csv"] {
        let table = Table::read(&data.join("ref-talib-full").join(file));
        let [high, low, close] = ["high", "low", "close"].map(|name| table.numbers(name));
        let check = |name: &str, found: &Series| compare(file, name, &table.floats(name), found);
        check("SMA", &naive::sma(&close, 30));
        check("EMA", &naive::ema(&close, 30));
        check("RSI", &naive::rsi(&close, 14, 0.0));
        let (line, signal) = naive::macd(&close, 12, 26, 9);
        check("MACD.macd", &line);
        check("MACD.macdsignal", &signal);
        check("ATR", &naive::atr(&high, &low, &close, 14));
        check("TRANGE", &naive::true_range(&high, &low, &close));
        check("LINEARREG", &naive::linear_forecast(&close, 14, 0));
        check("LINEARREG_SLOPE", &naive::linear_slope(&close, 14));
        check("MAX", &naive::max(&close, 30));
        check("MIN", &naive::min(&close, 30));
        let (mean, deviation) = (naive::sma(&close, 20), naive::std(&close, 20, 0));
        let band: Series = mean.iter().zip(&deviation).map(|(m, s)| Some((*m)? + 2.0 * (*s)?)).collect();
        check("BBANDS.upperband", &band);
        let (k, d) = naive::stochastic([&high, &low, &close], [5, 3, 3], 0.0);
        let k: Series = k.iter().zip(&d).map(|(k, d)| d.and(*k)).collect();
        check("STOCH.slowk", &k);
        check("STOCH.slowd", &d);
        let typical: Series = naive::typical(&high, &low, &close).into_iter().map(Some).collect();
        check("TYPPRICE", &typical);
    }
}

#[test]
fn references_follow_their_definitions() {
    let values = [1.0, 5.0, 2.0, 2.0];
    assert_eq!(naive::sma(&values, 2), [None, Some(3.0), Some(3.5), Some(2.0)]);
    assert_eq!(naive::variance(&values, 2, 1), [None, Some(8.0), Some(4.5), Some(0.0)]);
    assert_eq!(naive::median(&values, 3), [None, None, Some(2.0), Some(2.0)]);
    assert_eq!(naive::median(&values, 2), [None, Some(3.0), Some(3.5), Some(2.0)]);
    assert_eq!(naive::min(&values, 3), [None, None, Some(1.0), Some(2.0)]);
    assert_eq!(naive::ema(&[1.0, 5.0, 3.0, 5.0], 3), [None, None, Some(3.0), Some(4.0)]);
    assert_eq!(naive::change(&values, 1), [None, Some(4.0), Some(-0.6), Some(0.0)]);
    assert_eq!(naive::log_return(&values)[0], None);
    assert_eq!(naive::log_return(&values)[3], Some(0.0));
    assert_eq!(
        naive::rolling_vwap(&values, &[0.0, 0.0, 1.0, 3.0], 2)[1..],
        [Some(3.0), Some(2.0), Some(2.0)]
    );
    assert_eq!(naive::correlation(&values, &[1.0, 5.0, 2.0, 2.0], 3)[2], Some(1.0));
    assert_eq!(naive::correlation(&[1.0, 1.0], &[1.0, 2.0], 2)[1], Some(0.0));
    assert_eq!(naive::linear_slope(&[1.0, 3.0, 5.0], 3)[2], Some(2.0));
    assert_eq!(naive::linear_forecast(&[1.0, 3.0, 5.0], 3, 1)[2], Some(7.0));
    let (k, d) = naive::stochastic([&[2.0, 3.0, 4.0], &[1.0, 1.0, 2.0], &[1.5, 3.0, 2.5]], [2, 1, 2], 0.0);
    assert_eq!(k, [None, Some(100.0), Some(50.0)]);
    assert_eq!(d, [None, None, Some(75.0)]);
    assert_eq!(naive::wilder(&values, 2), [None, Some(3.0), Some(2.5), Some(2.25)]);
}
