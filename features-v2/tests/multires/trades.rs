//! Trades to feed the set with: generated ones, and those of the recorded captures.

use feature_api::{AggressorSide, Grid, Param, Price, Qty, Trade, UnixNanos};
use testkit::data::{Table, data_dir};
use testkit::inputs::SplitMix;

const MS: i64 = 1_000_000;

/// Two decimals of price, three of quantity.
pub fn grid() -> Grid {
    Grid::new(2, 3).unwrap()
}

/// A trade on [`grid`].
pub fn trade(id: u64, ts: i64, price: i64, quantity: i64, aggressor: AggressorSide) -> Trade {
    Trade {
        grid: grid(),
        ts_event: UnixNanos(ts),
        ts_recv: UnixNanos(ts),
        trade_id: id,
        price: Price::from_raw(price).unwrap(),
        quantity: Qty::from_raw(quantity).unwrap(),
        aggressor,
    }
}

/// A walk of prices around 45,000.00 over `days` from Thursday, 2 November 2023: some trades share a millisecond, the
/// step of the price changes with the hours, now and then nothing is traded for long, and the receiver's clock is uneven.
pub fn walk(count: usize, days: i64, seed: u64) -> Vec<Trade> {
    let mut random = SplitMix::new(seed);
    let gap = days * 86_400_000 / i64::try_from(count).unwrap();
    let (mut ts, mut price) = (1_698_883_200_000, 4_500_000);
    (0..count)
        .map(|index| {
            ts += match random.between(1, 500) {
                1 => 10 * gap,
                2..=100 => 0,
                _ => random.between(0, 5 * gap / 2),
            };
            let size = 1 + i64::try_from(index / 2_000 % 9).unwrap();
            let step = if random.one_in(3) { 0 } else { random.between(-12 * size, 12 * size) };
            price = (price + step).max(100_000);
            let buys = if step == 0 { random.one_in(2) } else { (step > 0) == random.between(1, 4).gt(&1) };
            let quantity = random.between(1, 100) * random.between(1, 40);
            let side = if buys { AggressorSide::Buy } else { AggressorSide::Sell };
            let ts_recv = UnixNanos((ts + random.between(-20, 60)) * MS);
            Trade { ts_recv, ..trade(index as u64 + 1, ts * MS, price, quantity, side) }
        })
        .collect()
}

/// `text` as a decimal of that many digits behind the point.
fn decimal(text: &str, digits: usize) -> i64 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let (part, rest) = part.split_at(part.len().min(digits));
    assert!(rest.bytes().all(|digit| digit == b'0'), "{text} has more than {digits} digits");
    format!("{whole}{part:0<digits$}").parse().unwrap()
}

/// The recorded trades: name of the file, and trades. None where there is no data folder.
pub fn captures() -> Vec<(&'static str, Vec<Trade>)> {
    let Some(folder) = data_dir("multires on recorded trades") else { return Vec::new() };
    let files = [
        ("spot_btcusdt_20240808", 2, 5),
        ("spot_btcusdt_20240809", 2, 5),
        ("usdm_btcusdt_20240718", 1, 3),
        ("usdm_btcusdt_20240719", 1, 3),
        ("usdm_btcusdt_20240808", 1, 3),
        ("cm_btcusd_perp_20240808", 1, 0),
    ];
    files
        .into_iter()
        .map(|(name, price_digits, quantity_digits)| {
            let table = Table::read(&folder.join(format!("binance-trades/{name}.csv.gz")));
            let columns = ["id", "price", "qty", "time", "is_buyer_maker", "local_ns"].map(|c| table.text(c));
            let scale = |digits: usize| u8::try_from(digits).unwrap();
            let trades = (0..table.len()).map(|row| Trade {
                grid: Grid::new(scale(price_digits), scale(quantity_digits)).unwrap(),
                trade_id: columns[0][row].parse().unwrap(),
                price: Price::from_raw(decimal(columns[1][row], price_digits)).unwrap(),
                quantity: Qty::from_raw(decimal(columns[2][row], quantity_digits)).unwrap(),
                ts_event: UnixNanos(decimal(columns[3][row], 0) * MS),
                aggressor: match columns[4][row] {
                    "true" => AggressorSide::Sell,
                    "false" => AggressorSide::Buy,
                    other => panic!("is_buyer_maker {other}"),
                },
                ts_recv: UnixNanos(columns[5][row].parse().unwrap()),
            });
            (name, trades.collect())
        })
        .collect()
}

/// What closes the bars.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    pub short_quote: u32,
    pub medium_shorts: u32,
    pub long_mediums: u32,
    pub seconds: [u32; 3],
}

impl Sizes {
    /// The catalogue's, with short bars of that size.
    pub fn of(short_quote: u32) -> Self {
        Self { short_quote, medium_shorts: 10, long_mediums: 16, seconds: [60, 900, 14_400] }
    }

    /// Small ones, for captures of five minutes.
    pub fn small() -> Self {
        Self { short_quote: 20_000, medium_shorts: 3, long_mediums: 4, seconds: [1, 5, 20] }
    }

    pub fn params(&self) -> Vec<Param> {
        [
            ("short_quote", self.short_quote),
            ("medium_shorts", self.medium_shorts),
            ("long_mediums", self.long_mediums),
            ("t1m_seconds", self.seconds[0]),
            ("t15m_seconds", self.seconds[1]),
            ("t4h_seconds", self.seconds[2]),
        ]
        .map(|(name, value)| Param { name: name.to_owned(), value })
        .into()
    }
}
