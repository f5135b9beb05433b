//! The options that say where events come from.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use feature_api::{EventKind, FeatureSet, Grid};
use market_data::{EventCounts, EventFile, EventOrder, EventStream, MarketDataError, Select, open_events};

use crate::error::Usage;
use crate::{out_file, print};

/// Where a set over events gets them from.
#[derive(Debug, Args)]
#[command(next_help_heading = "Event files")]
pub struct EventOptions {
    /// Trades: an exchange's or Tardis's CSV, any CSV or Parquet with time, price, quantity and
    /// side, or recorded messages; repeated, files are read one after another, such as those of days
    #[arg(long, value_name = "FILE")]
    trades: Vec<PathBuf>,
    /// The order book: recorded messages, depth files, Tardis snapshots or quotes; repeated as --trades
    #[arg(long, value_name = "FILE")]
    book: Vec<PathBuf>,
    /// Recorded messages that hold trades and the book; repeated as --trades
    #[arg(long, value_name = "FILE")]
    events: Vec<PathBuf>,
    /// The instrument, where files hold more than one
    #[arg(long, value_name = "NAME")]
    symbol: Option<String>,
    /// By which clock files are merged: when events were received, or when they happened; ties go to the option named
    /// first here: --events, --trades, --book
    #[arg(long, value_enum, default_value_t = MergeBy::Recv)]
    merge_by: MergeBy,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum MergeBy {
    Recv,
    Event,
}

impl EventOptions {
    /// Whether any file is named.
    pub const fn is_given(&self) -> bool {
        !(self.trades.is_empty() && self.book.is_empty() && self.events.is_empty())
    }

    /// Every file named.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        [&self.events, &self.trades, &self.book].into_iter().flatten().map(PathBuf::as_path)
    }

    /// Checks that the files fit the set: `has_bars` says whether bars were given.
    pub fn check(&self, set: &dyn FeatureSet, has_bars: bool) -> anyhow::Result<()> {
        let name = set.schema().set();
        let takes = |kind| set.takes().contains(&kind);
        let refused = |text: String| Err(Usage(text).into());
        if takes(EventKind::Bar) {
            return match (self.is_given(), has_bars) {
                (true, _) => refused(format!(
                    "the set {name} is driven by bars: pass --bars FILE, not trades or a book"
                )),
                (false, true) => Ok(()),
                (false, false) => refused(format!("the set {name} is driven by bars: pass --bars FILE")),
            };
        }
        if has_bars {
            return refused(format!(
                "the set {name} is driven by trades: pass --trades FILE or --events FILE, not bars"
            ));
        }
        if self.trades.is_empty() && self.events.is_empty() {
            return refused(format!(
                "the set {name} is driven by trades: pass --trades FILE or --events FILE"
            ));
        }
        if !takes(EventKind::Book) && !self.book.is_empty() {
            return refused(format!("the set {name} does not look at the order book: leave --book out"));
        }
        self.check_inputs()
    }

    /// Checks that the files hold what bars are built from.
    pub fn check_trades(&self) -> anyhow::Result<()> {
        if self.trades.is_empty() && self.events.is_empty() {
            return Err(
                Usage("bars are made of trades: pass --trades FILE or --events FILE".to_owned()).into()
            );
        }
        if !self.book.is_empty() {
            return Err(Usage("bars are made of trades alone: leave --book out".to_owned()).into());
        }
        self.check_inputs()
    }

    fn check_inputs(&self) -> anyhow::Result<()> {
        self.paths().try_for_each(out_file::check_input)
    }

    /// The stream of events that the set takes; of a bar builder, for which there is no set, the trades.
    pub fn open(
        &self,
        set: Option<&dyn FeatureSet>,
        grid: Option<Grid>,
    ) -> Result<EventStream, MarketDataError> {
        let takes_book = set.is_some_and(|set| set.takes().contains(&EventKind::Book));
        let file = |part: usize, trades: bool, book: bool| {
            move |path: &PathBuf| EventFile {
                path: path.clone(),
                part,
                select: Some(Select { trades, quotes: false, book }),
            }
        };
        let files: Vec<EventFile> = (self.events.iter().map(file(0, true, takes_book)))
            .chain(self.trades.iter().map(file(1, true, false)))
            .chain(self.book.iter().filter(|_| takes_book).map(file(2, false, true)))
            .collect();
        let options = market_data::EventOptions {
            grid,
            symbol: self.symbol.clone(),
            order: match self.merge_by {
                MergeBy::Recv => EventOrder::Recv,
                MergeBy::Event => EventOrder::Event,
            },
            ..market_data::EventOptions::default()
        };
        open_events(&files, &options)
    }
}

/// What was read, for people.
pub fn summarize(stream: &EventStream, counters: &[(&str, u64)]) {
    let EventCounts { trades, quotes, snapshots, deltas, other_symbols, buffered, gaps, .. } =
        stream.counts();
    let symbol = stream.symbol().map_or_else(String::new, |symbol| format!(" of {symbol}"));
    print::status(&format!("  events     {}{symbol}", print::plural(trades, "trade")));
    if snapshots + deltas + quotes > 0 {
        print::status(&format!(
            "  book       {}, {}, {}; {} held back for a snapshot, {}",
            print::plural(snapshots, "snapshot"),
            print::plural(deltas, "change"),
            print::plural(quotes, "quote"),
            print::count(buffered),
            print::plural(gaps, "gap"),
        ));
    }
    if other_symbols > 0 {
        print::status(&format!(
            "  left out   {} of other instruments",
            print::plural(other_symbols, "event")
        ));
    }
    print::status(&format!("  grid       {}", stream.grid()));
    let counted: Vec<String> = counters
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| format!("{name} {}", print::count(*count)))
        .collect();
    if !counted.is_empty() {
        print::status(&format!("  counted    {}", counted.join(", ")));
    }
}
