//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use execution::TakerFills;
use market_data::{EventOptions, EventOrder, Select};
use production::exit_code::help;
use production::{LogOptions, Places, TimeOptions};
use runtime::EventConfig;

use crate::exit_code::ENDINGS;

/// What its decisions are made on, in the help of options that it shares.
const OUT: &str = "Where the decisions go, a line of JSON for each row; else standard output";
const STATE_EVERY: &str =
    "Save the state after this many decisions, and at the end; a restart decides again on the events since";

/// The event-driven bot: verifies its models against the features it carries, then trades on paper, event by event.
#[derive(Debug, Clone, Parser)]
#[command(name = "scalper", version, after_help = help(&ENDINGS))]
#[command(mut_arg("out", |out| out.help(OUT)))]
#[command(mut_arg("state_every", |every| every.help(STATE_EVERY).default_value("1000")))]
pub struct Options {
    /// The configuration of the bot, a TOML file; scalper.example.toml explains every key
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// Trades and order books of the instrument: files of one feed, in the order of time, with a comma between; or - for
    /// text on standard input. Given again, for another feed that is merged with the first
    #[arg(long, value_name = "FILE[,FILE]", required_unless_present = "dry_run")]
    pub events: Vec<String>,
    /// The events go on where those of the restored state ended: none of them was seen
    #[arg(long, requires = "state")]
    pub continues: bool,
    /// Where decisions and state go.
    #[command(flatten)]
    pub places: Places,
    /// By which clock feeds are merged: when events were received, or when they happened
    #[arg(long, value_enum, default_value_t = Order::Recv, help_heading = "Events")]
    order: Order,
    /// How times are written.
    #[command(flatten, next_help_heading = "Events")]
    time: TimeOptions,
    /// What the program says of itself. The library does not look at it.
    #[command(flatten)]
    pub log: LogOptions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Order {
    Recv,
    Event,
}

impl Options {
    /// Whether the events come on standard input.
    pub(crate) fn is_stdin(&self) -> bool {
        self.events.iter().any(|files| files == "-")
    }

    /// How the events that the configuration demands are read.
    pub(crate) fn to_reader(&self, config: &EventConfig) -> EventOptions {
        EventOptions {
            grid: Some(config.events.grid),
            symbol: Some(config.bot.instrument.symbol().to_owned()),
            time: self.time.format(),
            order: match self.order {
                Order::Recv => EventOrder::Recv,
                Order::Event => EventOrder::Event,
            },
            select: Select { book: config.costs.market.takers == TakerFills::Book, ..Select::default() },
            continues: self.continues,
            ..EventOptions::default()
        }
    }
}
