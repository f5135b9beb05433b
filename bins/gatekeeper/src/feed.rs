//! Where the bars come from.

use std::io::BufRead;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use feature_api::{Bar, Grid};
use market_data::file::Format;
use market_data::{BarSeries, BarStream, MarketDataError, read_bars};
use production::exit_code as ending;
use production::{Failure, WholeLines};
use runtime::Config;

use crate::{Options, causes};

/// Bars, one after the other.
pub(crate) enum Feed {
    /// As they come, in memory that does not grow.
    Stream(Box<BarStream>),
    /// A whole file.
    Whole(std::vec::IntoIter<Bar>),
}

/// The grid of the bars, and the bars themselves where they are not to be read again.
pub(crate) struct Opening {
    pub(crate) grid: Grid,
    whole: Option<BarSeries>,
}

impl Opening {
    /// The grid that is configured; where none is, that which the whole file tells, with as many decimals of prices as
    /// the tick has: the file's prices may need fewer than orders do.
    pub(crate) fn of(options: &Options, config: &Config) -> Result<Self, Failure> {
        if let Some(grid) = config.bars.grid {
            return Ok(Self { grid, whole: None });
        }
        match options.bars.as_deref().filter(|_| !options.is_stdin()) {
            Some(path) => {
                let series = read(path, options, config, None)?;
                let grid = holding_the_tick(series.grid, config)?;
                // On another grid, the bars are read again.
                let is_kept = is_parquet(path) && grid == series.grid;
                Ok(Self { grid, whole: Some(series).filter(|_| is_kept) })
            }
            None => {
                let message = format!(
                    "{}: bars.price_decimals and bars.volume_decimals: expected the decimals of the bars, found \
                     neither; without a file of bars nothing tells them",
                    options.config.display()
                );
                let failure = Failure::new(ending::CONFIGURATION, message);
                Err(failure.sides("bars.price_decimals and bars.volume_decimals", "neither"))
            }
        }
    }

    /// The bars. Waits for the first line of a stream.
    pub(crate) fn open(
        self,
        options: &Options,
        config: &Config,
        stdin: Box<dyn BufRead + Send>,
    ) -> Result<Feed, Failure> {
        if let Some(series) = self.whole {
            return Ok(Feed::Whole(series.bars.into_iter()));
        }
        let Some(path) = options.bars.as_deref() else {
            return Err(Failure::new(ending::USAGE, "expected --bars FILE, or --bars - for standard input"));
        };
        let reader = options.layout.to_reader(&config.bars, Some(self.grid));
        let symbol = Some(config.instrument.symbol());
        let stream = if options.is_stdin() {
            let source = Box::new(WholeLines::new(stdin));
            BarStream::from_reader(source, Path::new("standard input"), &reader, symbol)
        } else if is_parquet(path) {
            let series = read(path, options, config, Some(self.grid))?;
            return Ok(Feed::Whole(series.bars.into_iter()));
        } else {
            BarStream::open(path, &reader, symbol)
        };
        stream.map(|stream| Feed::Stream(Box::new(stream))).map_err(|error| causes::bars(&error))
    }
}

/// The same grid, with the decimals of the tick where those of the prices are fewer.
fn holding_the_tick(found: Grid, config: &Config) -> Result<Grid, Failure> {
    let price_scale = found.price_scale().max(config.instrument.tick().scale());
    Grid::new(price_scale, found.qty_scale()).map_err(|error| Failure::new(ending::INSTRUMENT, error))
}

fn is_parquet(path: &Path) -> bool {
    matches!(Format::of(path), Ok(Format::Parquet))
}

fn read(path: &Path, options: &Options, config: &Config, grid: Option<Grid>) -> Result<BarSeries, Failure> {
    let mut reader = options.layout.to_reader(&config.bars, grid);
    // The file tells how long its bars are, where it has enough of them to.
    let told = reader.interval.take();
    let series = match read_bars(path, &reader) {
        Err(MarketDataError::IntervalUnknown { .. }) => {
            read_bars(path, &market_data::BarFileOptions { interval: told, ..reader })
        }
        read => read,
    };
    let series = series.map_err(|error| causes::bars(&error))?;
    match told {
        Some(expected) if expected != series.interval => {
            let found = series.interval;
            let message = format!(
                "{}: expected bars of {expected} ns, as bars.interval of the configuration says, found bars of {found} ns; \
                 feed the bars that the models were trained on",
                path.display()
            );
            Err(Failure::new(ending::BAR_INTERVAL, message).sides(expected, found))
        }
        Some(_) | None => Ok(series),
    }
}

impl Feed {
    /// The next bar; `None` at the end.
    pub(crate) fn next_bar(&mut self) -> Result<Option<Bar>, Failure> {
        match self {
            Self::Stream(stream) => stream.next_bar().map_err(|error| causes::bars(&error)),
            Self::Whole(bars) => Ok(bars.next()),
        }
    }
}

/// The wall clock: the one place of the program that decides by it. What it refuses is a bar that cannot be closed yet;
/// which decision is made on a bar never depends on it.
#[derive(Debug, Default)]
pub(crate) struct WallClock {
    /// When it was read last, in nanoseconds since 1970.
    now: i64,
}

impl WallClock {
    /// Refuses a bar that is not closed, or not known, before now.
    pub(crate) fn check(&mut self, bar: &Bar) -> Result<(), Failure> {
        let available = bar.ts_available().0;
        if available > self.now {
            self.now = now();
        }
        if available <= self.now {
            return Ok(());
        }
        let (now, ts_close) = (self.now, bar.ts_close());
        let message = format!(
            "expected a closed bar, known by now ({now} nanoseconds since 1970), found one that closes at {ts_close} and \
             is known at {available}; feed closed bars alone, and set the clock of this machine right"
        );
        Err(Failure::new(ending::BAR_UNCLOSED, message).sides(format!("{now} or before"), available))
    }
}

/// Now, in nanoseconds since 1970; 0 for a clock before 1970, which lets no bar pass.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_nanos()).unwrap_or(0)
}
