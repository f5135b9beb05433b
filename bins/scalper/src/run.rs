//! The way of a run: configuration, verification, identity, events, decisions, state, summary.

use std::io::{BufRead, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use execution::Market;
use market_data::{EventCounts, EventStream, MarketEvent};
use model::Loaders;
use production::exit_code as ending;
use production::{Failure, IdentityLine, Output, Program, Session, Stop, Unit, causes};
use runtime::{Bot, Cursor, EventConfig, EventCore, EventRecord, Stepper as _};

use crate::summary::Tally;
use crate::{Options, Summary, feed};

/// What runs.
const PROGRAM: Program = Program {
    name: env!("CARGO_PKG_NAME"),
    version: env!("CARGO_PKG_VERSION"),
    commit: env!("ISOBAR_COMMIT"),
    toolchain: env!("ISOBAR_TOOLCHAIN"),
};

/// Runs the bot: everything the program does but for parsing its command line and starting its log.
///
/// To `stdout` goes a line of JSON with the identity, then a line for each decision unless they go to a file, then one
/// with the summary. `stdin` is read where the options say so. With `dry_run` the identity is all, and the summary is
/// that of no event.
///
/// # Errors
/// [`Failure`], which was logged. What was decided until then is out, and saved where there is a state.
pub fn run(
    options: &Options,
    stdin: Box<dyn BufRead + Send>,
    stdout: &mut dyn Write,
) -> Result<Summary, Failure> {
    go(options, stdin, stdout).inspect_err(Failure::log)
}

fn go(options: &Options, stdin: Box<dyn BufRead + Send>, stdout: &mut dyn Write) -> Result<Summary, Failure> {
    let config = EventConfig::read(&options.config).map_err(causes::config)?;
    let version = &features_v2::FEATURES;
    // Production loads no models of others: what it predicts with is compiled into it.
    let bot = Bot::<EventCore>::open_events(&config, version, Loaders(&[]))
        .map_err(|error| causes::bot(error, config.bot.artifacts.as_ref()))?;
    let mut output = Output::new(stdout, is_live(options));
    let identity = IdentityLine::of(PROGRAM, version, &bot, &config.bot.strategy.name, config.events.spec);
    if options.places.dry_run {
        output.say(&identity)?;
        tracing::info!(bot = %bot.identity, "verified; a dry run ends here");
        let (tally, counts) = (Tally::new(&bot.core)?, EventCounts::default());
        return Ok(tally.summary(&bot.core, &counts, Duration::ZERO));
    }
    options.places.check()?;
    let begin = || Run::begin(bot, output, options, &identity);
    // Files are opened before anything is written; standard input may let wait for its first event for long.
    if options.is_stdin() {
        let run = begin()?;
        run.over(feed::open(options, &config, stdin)?)
    } else {
        let feed = feed::open(options, &config, stdin)?;
        begin()?.over(feed)
    }
}

/// Whether someone waits for each line: events that come through a pipe come one at a time.
fn is_live(options: &Options) -> bool {
    let is_file = |path: &str| Path::new(path).metadata().is_ok_and(|metadata| metadata.is_file());
    !options.events.iter().flat_map(|feed| feed.split(',')).all(is_file)
}

/// A bot at work.
struct Run<'a> {
    session: Session<'a, EventCore>,
    market: Market,
    skip: Option<Skip>,
    tally: Tally,
}

/// Leaves out the events that the restored state has seen.
struct Skip {
    until: Cursor,
    here: Cursor,
}

impl<'a> Run<'a> {
    /// Restores the state, where there is one, opens the file of decisions, where one is named, and says what is running.
    fn begin(
        bot: Bot<EventCore>,
        output: Output<'a>,
        options: &Options,
        identity: &IdentityLine,
    ) -> Result<Self, Failure> {
        let mut session = Session::restore(bot, output, &options.places)?;
        let core = &session.bot.core;
        let (rows, cursor) = (core.decisions(), core.cursor());
        if let Some(length) = session.restored() {
            let last = cursor.known().map(|known| known.0);
            tracing::info!(rows, last_known = last, length, "state restored");
        }
        session.open(Unit::Row)?;
        session.output.say(identity)?;
        tracing::info!(bot = %session.bot.identity, rows, "started");
        let (tally, market) = (Tally::new(&session.bot.core)?, session.bot.core.market().clone());
        let skip = (!options.continues).then(|| Skip { until: cursor, here: Cursor::default() });
        Ok(Self { session, market, skip, tally })
    }

    /// Decides on every row; sums up.
    fn over(mut self, mut feed: EventStream) -> Result<Summary, Failure> {
        let begin = Instant::now();
        match self.take_all(&mut feed) {
            Ok(()) => self.session.save()?,
            Err(stop) => return Err(self.session.stop(stop)),
        }
        let summary = self.tally.summary(&self.session.bot.core, &feed.counts(), begin.elapsed());
        self.session.sum_up(&summary)?;
        tracing::info!(
            events = summary.events,
            skipped = summary.skipped,
            rows = summary.rows,
            halted = summary.halted,
            trades = summary.trades,
            equity = summary.equity,
            "ended"
        );
        Ok(summary)
    }

    fn take_all(&mut self, feed: &mut EventStream) -> Result<(), Stop> {
        while let Some(event) = feed.next_event().map_err(|error| crate::causes::events(&error))? {
            if let Some(skip) = &mut self.skip {
                skip.here.pass(&event.view());
                if skip.here <= skip.until {
                    self.tally.skipped += 1;
                    continue;
                }
                // What lies between would be missing, and no trade tells of it.
                if self.tally.skipped == 0 && skip.until.known().is_some() {
                    let message = "the events begin after those that the state has seen; give the history from its \
                                   beginning, or say --continues where they go on exactly where it ended";
                    return Err(Failure::new(ending::EVENT_STEP, message).into());
                }
                self.skip = None;
            }
            self.take(&event)?;
        }
        if self.tally.events == 0 && self.tally.skipped == 0 {
            let message = "there are no events of this instrument; check the files and [instrument] symbol";
            return Err(Failure::new(ending::EVENTS_EMPTY, message).into());
        }
        Ok(())
    }

    /// Takes an event; decides where it completes a row.
    fn take(&mut self, event: &MarketEvent) -> Result<(), Stop> {
        let Session { bot, output, .. } = &mut self.session;
        let (begin, refused) = (Instant::now(), bot.core.refused());
        let step =
            bot.core.step(&event.view()).map_err(|error| crate::causes::step(&error, event.ts_event().0))?;
        self.tally.events += 1;
        let Some(step) = step else {
            if refused == 0 && bot.core.refused() > 0 {
                tracing::warn!(
                    code = "refused",
                    ts_event = event.ts_event().0,
                    "an event cannot be taken: an order book that cannot be one, or that nothing is filled from; further \
                     ones are in the summary alone"
                );
            }
            return Ok(());
        };
        output.prepare(&EventRecord::of(&step, &self.market)).map_err(Stop::unwhole)?;
        self.tally.step(&step, begin.elapsed());
        output.write().map_err(Stop::unwhole)?;
        self.session.decided().map_err(Stop::unwhole)
    }
}
