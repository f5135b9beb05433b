//! The configuration of a bot that is fed with the events of a market: `[events]` and `[costs]` of it.

use std::num::NonZeroU32;
use std::path::Path;

use execution::{CancelModel, EventCosts, Instrument, LatencyMs, TakerFills};
use feature_api::{BarKind, BarSpec, Grid};
use toml::de::DeValue;

use super::document::Document;
use super::section::Section;
use super::tables::{self, DECIMALS, FEE, decimals, fee};
use super::{BotConfig, ConfigError, Feed, parse, text, value};
use crate::ConfigProblem;

/// The configuration of a bot that is fed with the events of a market. `bins/scalper/scalper.example.toml` documents every
/// key; but for `[events]` and `[costs]` they are those of [`Config`](crate::Config).
#[derive(Debug, Clone, PartialEq)]
pub struct EventConfig {
    /// The other tables.
    pub bot: BotConfig,
    /// `[events]`.
    pub events: EventsConfig,
    /// `[costs]`.
    pub costs: EventCostsConfig,
}

/// What trading on events costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventCostsConfig {
    /// What it costs, and what fills come from.
    pub market: EventCosts,
    /// `entry_order_ms`: how long an order that opens works before what is left of it is cancelled.
    pub entry_order_ms: NonZeroU32,
}

/// What events a bot is fed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventsConfig {
    /// What the models were trained on: `kind = "trades"` or `"trades and book"`.
    pub spec: BarSpec,
    /// `price_decimals` and `quantity_decimals`.
    pub grid: Grid,
}

impl EventConfig {
    /// Reads a file. Paths in it are relative to its folder.
    ///
    /// # Errors
    /// [`ConfigError`], with every problem.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        Self::parse(&text(path)?, path, &[])
    }

    /// Reads a text that stands for the file at `path`, as [`Config::parse`](crate::Config::parse).
    ///
    /// # Errors
    /// [`ConfigError`], with every problem.
    pub fn parse(text: &str, path: &Path, overrides: &[(String, String)]) -> Result<Self, ConfigError> {
        let (bot, (events, costs)) = parse::<EventTables>(text, path, overrides)?;
        Ok(Self { bot, events, costs })
    }
}

/// `[events]` and `[costs]`.
struct EventTables {
    events: Option<EventsConfig>,
    costs: Option<EventCostsConfig>,
    grid_line: Option<usize>,
    fills_line: Option<usize>,
}

impl Feed for EventTables {
    type Read = (EventsConfig, EventCostsConfig);

    fn read(document: &mut Document<'_>) -> Self {
        let (mut grid_line, mut fills_line) = (None, None);
        let events = document.table("events", |table| {
            grid_line = table.line_of("price_decimals");
            events(table)
        });
        let costs = document.table("costs", |table| {
            fills_line = table.line_of("fills");
            costs(table)
        });
        Self { events, costs, grid_line, fills_line }
    }

    fn problems(&self, instrument: Option<&Instrument>) -> [Option<ConfigProblem>; 2] {
        let Self { events, costs, grid_line, fills_line } = self;
        let both = events.as_ref().zip(costs.as_ref());
        let grid = instrument.zip(events.as_ref().map(|events| events.grid));
        [
            both.and_then(|(events, costs)| without_book(events, costs, *fills_line)),
            grid.and_then(|(instrument, grid)| tables::grid(instrument, "events", grid, *grid_line)),
        ]
    }

    fn both(self) -> Option<Self::Read> {
        self.events.zip(self.costs)
    }
}

fn events(table: &mut Section<'_>) -> Option<EventsConfig> {
    let expected = "\"trades\" or \"trades and book\", as the models were trained on";
    let kind = table.required("kind", expected, kind);
    let price = table.required("price_decimals", DECIMALS, decimals);
    let quantity = table.required("quantity_decimals", DECIMALS, decimals);
    let grid = Grid::new(price?, quantity?).ok()?;
    Some(EventsConfig { spec: BarSpec { kind: kind?, volume: true }, grid })
}

fn costs(table: &mut Section<'_>) -> Option<EventCostsConfig> {
    let milliseconds = "a whole number of milliseconds, 0 or above";
    let count = |value: &DeValue<'_>| value::count(value, 0);
    let taker_fee = table.required("taker_fee", FEE, fee);
    let maker_fee = table.required("maker_fee", FEE, fee);
    let slippage = table.required("slippage_ticks", "a whole number of ticks, 0 or above", count);
    let order = table.required("order_latency_ms", milliseconds, count);
    let cancel = table.required("cancel_latency_ms", milliseconds, count);
    let expected = "a whole number of milliseconds above 0";
    let entry = table.required("entry_order_ms", expected, |value| value::count(value, 1));
    let fills = table.required("fills", "\"book\" or \"trades\"", fills);
    let of_trades = fills == Some(Fills::Trades);
    let spread = table.required_if(of_trades, "spread", FEE, fee);
    if let (Some(Fills::Book), Some(spread)) = (fills, spread) {
        let line = table.line_of("spread");
        let expected = "no such key where fills = \"book\", for the book has the spread";
        table.refuse("spread", line, expected, &spread.to_f64().to_string());
    }
    let cancels = table.required("cancels", "\"behind\" or \"proportional\"", cancels);
    let market = EventCosts {
        taker_fee: taker_fee?,
        maker_fee: maker_fee?,
        slippage_ticks: slippage?,
        latency: LatencyMs { order_ms: order?, cancel_ms: cancel? },
        takers: match fills? {
            Fills::Book => TakerFills::Book,
            Fills::Trades => TakerFills::Trades { spread: spread? },
        },
        cancels: cancels?,
    };
    Some(EventCostsConfig { market, entry_order_ms: NonZeroU32::new(entry?)? })
}

/// A book that the models see is there to be filled from.
fn without_book(
    events: &EventsConfig,
    costs: &EventCostsConfig,
    line: Option<usize>,
) -> Option<ConfigProblem> {
    let is_wrong = events.spec.kind == BarKind::TradesAndBook
        && matches!(costs.market.takers, TakerFills::Trades { .. });
    is_wrong.then(|| ConfigProblem {
        line,
        key: "costs.fills".to_owned(),
        expected: "\"book\", for events.kind = \"trades and book\" says that there is one".to_owned(),
        found: "\"trades\"".to_owned(),
    })
}

/// What takers are filled from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fills {
    Book,
    Trades,
}

fn fills(value: &DeValue<'_>) -> Option<Fills> {
    match value.as_str()? {
        "book" => Some(Fills::Book),
        "trades" => Some(Fills::Trades),
        _ => None,
    }
}

fn cancels(value: &DeValue<'_>) -> Option<CancelModel> {
    match value.as_str()? {
        "behind" => Some(CancelModel::Behind),
        "proportional" => Some(CancelModel::Proportional),
        _ => None,
    }
}

fn kind(value: &DeValue<'_>) -> Option<BarKind> {
    BarKind::from_parts(value.as_str()?, 0)
}
