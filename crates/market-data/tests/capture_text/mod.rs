//! Made-up captures: a book that changes at random, as the exchange would tell it.
#![allow(dead_code, clippy::unwrap_used, reason = "tests, each of which uses a part")]

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::io::{BufRead, Cursor, Read};
use std::path::Path;

use feature_api::Grid;
use market_data::{EventCounts, EventOptions, EventStream, MarketDataError, MarketEvent, Select};

/// When the capture begins, by the receiver's clock, in nanoseconds.
pub const BEGIN: i64 = 1_700_000_000_000_000_000;

/// The grid of made-up captures.
pub fn grid() -> Grid {
    Grid::new(1, 3).unwrap()
}

/// Options for one: its grid, and all it holds.
pub fn everything() -> EventOptions {
    EventOptions { select: Select { trades: true, quotes: true, book: true }, ..options() }
}

/// Options for one: its grid.
pub fn options() -> EventOptions {
    EventOptions { grid: Some(grid()), ..EventOptions::default() }
}

/// The lines of a capture of so many steps: at each one depth update, and at some a quote, a trade, or a depth snapshot
/// that is several updates old.
pub fn lines(seed: u64, steps: usize, is_futures: bool) -> Vec<String> {
    let mut venue = Venue {
        random: seed,
        is_futures,
        id: 1000,
        time: BEGIN,
        bids: (0..30).map(|i| (450_000 - i, 1000 + i)).collect(),
        asks: (1..31).map(|i| (450_000 + i, 2000 + i)).collect(),
        past: VecDeque::new(),
        lines: Vec::new(),
    };
    for step in 0..steps {
        venue.depth_update();
        if step % 3 == 0 {
            venue.quote();
        }
        if step % 4 == 1 {
            venue.trade(step);
        }
        if step % 60 == 20 {
            venue.snapshot();
        }
    }
    venue.lines
}

struct Venue {
    random: u64,
    is_futures: bool,
    id: u64,
    time: i64,
    /// Tenths to thousandths.
    bids: BTreeMap<i64, i64>,
    asks: BTreeMap<i64, i64>,
    /// The last snapshots that could be fetched, the oldest first.
    past: VecDeque<String>,
    lines: Vec<String>,
}

impl Venue {
    fn below(&mut self, end: i64) -> i64 {
        self.random =
            self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(self.random >> 33).unwrap() % end
    }

    fn line(&mut self, json: &str) {
        self.time += 1_000_000;
        self.lines.push(format!("{} {json}", self.time));
    }

    fn ms(&self) -> i64 {
        self.time / 1_000_000 + 1500
    }

    fn depth_update(&mut self) {
        let (first, previous) = (self.id + 1, self.id);
        let (mut bids, mut asks) = (Vec::new(), Vec::new());
        for _ in 0..=self.below(3) {
            let best_bid = *self.bids.last_key_value().unwrap().0;
            let best_ask = *self.asks.first_key_value().unwrap().0;
            let quantity = if self.below(3) == 0 { 0 } else { 1 + self.below(9000) };
            let depth = self.below(12);
            if self.below(2) == 0 {
                let price = best_ask - 1 - depth;
                change(&mut self.bids, price, quantity);
                bids.push(level(price, quantity));
            } else {
                let price = best_bid + 1 + depth;
                change(&mut self.asks, price, quantity);
                asks.push(level(price, quantity));
            }
            self.id += 1;
        }
        let (ms, last) = (self.ms(), self.id);
        let futures = if self.is_futures { format!(r#","T":{ms},"pu":{previous}"#) } else { String::new() };
        self.line(&format!(
            r#"{{"stream":"btcusdt@depth@100ms","data":{{"e":"depthUpdate","E":{ms},"s":"BTCUSDT","U":{first},"u":{last}{futures},"b":[{}],"a":[{}]}}}}"#,
            bids.join(","),
            asks.join(",")
        ));
        let side = |levels: &mut dyn Iterator<Item = (&i64, &i64)>| {
            levels.map(|(price, quantity)| level(*price, *quantity)).collect::<Vec<_>>().join(",")
        };
        let (bids, asks) = (side(&mut self.bids.iter().rev()), side(&mut self.asks.iter()));
        self.past.push_back(format!(r#"{{"lastUpdateId":{last},"bids":[{bids}],"asks":[{asks}]}}"#));
        if self.past.len() > 5 {
            self.past.pop_front();
        }
    }

    fn quote(&mut self) {
        let (bid, ask) = (self.bids.last_key_value().unwrap(), self.asks.first_key_value().unwrap());
        let mut json = format!(r#"{{"u":{},"s":"BTCUSDT""#, self.id);
        let _ = write!(json, r#","b":"{}","B":"{}""#, tenths(*bid.0), thousandths(*bid.1));
        let _ = write!(json, r#","a":"{}","A":"{}"}}"#, tenths(*ask.0), thousandths(*ask.1));
        self.line(&json);
    }

    fn trade(&mut self, step: usize) {
        let (ms, maker) = (self.ms(), self.below(2) == 0);
        self.line(&format!(
            r#"{{"e":"trade","E":{ms},"s":"BTCUSDT","t":{step},"p":"45000.5","q":"0.010","T":{ms},"m":{maker}}}"#
        ));
    }

    fn snapshot(&mut self) {
        let oldest = self.past.front().unwrap().clone();
        self.line(&oldest);
    }
}

fn change(side: &mut BTreeMap<i64, i64>, price: i64, quantity: i64) {
    // A side is never left without a level.
    if quantity > 0 || side.len() > 3 {
        side.insert(price, quantity);
        side.retain(|_, quantity| *quantity > 0);
    }
}

fn level(price: i64, quantity: i64) -> String {
    format!(r#"["{}","{}"]"#, tenths(price), thousandths(quantity))
}

fn tenths(price: i64) -> String {
    format!("{}.{}0", price / 10, price % 10)
}

fn thousandths(quantity: i64) -> String {
    format!("{}.{:03}", quantity / 1000, quantity % 1000)
}

/// A stream over text.
pub fn stream(text: &str, options: &EventOptions) -> Result<EventStream, MarketDataError> {
    EventStream::from_reader(Box::new(Cursor::new(text.to_owned())), Path::new("a.txt"), options)
}

/// All events, and what was counted.
pub fn events(mut stream: EventStream) -> Result<(Vec<MarketEvent>, EventCounts), MarketDataError> {
    let mut events = Vec::new();
    while let Some(event) = stream.next_event()? {
        events.push(event);
    }
    Ok((events, stream.counts()))
}

/// Gives so many bytes at a time, then one more, and so on up to `most`, and again.
pub struct Drip {
    pub text: Vec<u8>,
    pub at: usize,
    pub size: usize,
    pub most: usize,
}

impl Read for Drip {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Drip {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        let end = self.text.len().min(self.at + self.size);
        Ok(&self.text[self.at..end])
    }

    fn consume(&mut self, count: usize) {
        self.at += count;
        self.size = if self.size >= self.most { 1 } else { self.size + 1 };
    }
}
