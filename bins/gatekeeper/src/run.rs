//! The way of a run: configuration, verification, identity, bars, decisions, state, summary.

use std::io::{BufRead, Write};
use std::time::Instant;

use execution::Market;
use feature_api::{Bar, UnixNanos};
use model::Loaders;
use production::{Failure, IdentityLine, Output, Program, Session, Stop, Unit, causes};
use runtime::{Bot, Config, Core, Record};

use crate::feed::{Feed, Opening, WallClock};
use crate::summary::Tally;
use crate::{Options, Summary};

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
/// that of no bar.
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
    let config = Config::read(&options.config).map_err(causes::config)?;
    let opening = Opening::of(options, &config)?;
    // Production loads no models of others: what it predicts with is compiled into it.
    let bot = Bot::open(&config, &features_v1::FEATURES, opening.grid, Loaders(&[]))
        .map_err(|error| causes::bot(error, config.artifacts.as_ref()))?;
    let mut output = Output::new(stdout, is_live(options));
    let version = &features_v1::FEATURES;
    let identity = IdentityLine::of(PROGRAM, version, &bot, &config.strategy.name, config.bars.spec);
    if options.places.dry_run {
        output.say(&identity)?;
        tracing::info!(bot = %bot.identity, "verified; a dry run ends here");
        return Ok(Tally::new(&bot.core)?.summary(&bot.core, std::time::Duration::ZERO));
    }
    options.places.check()?;
    let begin = || Run::begin(bot, output, options, &identity);
    // A file of bars is opened before anything is written; standard input may let wait for its first bar for long.
    if options.is_stdin() {
        let run = begin()?;
        run.over(opening.open(options, &config, stdin)?)
    } else {
        let feed = opening.open(options, &config, stdin)?;
        begin()?.over(feed)
    }
}

/// Whether someone waits for each line: bars that come through a pipe come one at a time.
fn is_live(options: &Options) -> bool {
    let is_file = |path: &std::path::Path| path.metadata().is_ok_and(|metadata| metadata.is_file());
    !options.bars.as_deref().is_some_and(is_file)
}

/// A bot at work.
struct Run<'a> {
    session: Session<'a, Core>,
    market: Market,
    /// Close of the last bar that the restored state has seen.
    resumed_at: Option<UnixNanos>,
    clock: WallClock,
    tally: Tally,
}

impl<'a> Run<'a> {
    /// Restores the state, where there is one, opens the file of decisions, where one is named, and says what is running.
    fn begin(
        bot: Bot,
        output: Output<'a>,
        options: &Options,
        identity: &IdentityLine,
    ) -> Result<Self, Failure> {
        let mut session = Session::restore(bot, output, &options.places)?;
        let core = &session.bot.core;
        let (bars, last_close) = (core.bars(), core.last_close());
        if let Some(length) = session.restored() {
            tracing::info!(bars, last_close = last_close.map(|close| close.0), length, "state restored");
        }
        session.open(Unit::Bar)?;
        session.output.say(identity)?;
        tracing::info!(bot = %session.bot.identity, bars, "started");
        let tally = Tally::new(&session.bot.core)?;
        let market = session.bot.core.exchange().market().clone();
        Ok(Self { session, market, resumed_at: last_close, clock: WallClock::default(), tally })
    }

    /// Decides on every bar; sums up.
    fn over(mut self, mut feed: Feed) -> Result<Summary, Failure> {
        let begin = Instant::now();
        match self.take_all(&mut feed) {
            Ok(()) => self.session.save()?,
            Err(stop) => return Err(self.session.stop(stop)),
        }
        let summary = self.tally.summary(&self.session.bot.core, begin.elapsed());
        self.session.sum_up(&summary)?;
        tracing::info!(
            bars = summary.bars,
            skipped = summary.skipped,
            gaps = summary.gaps,
            halted = summary.halted,
            trades = summary.trades,
            equity = summary.equity,
            "ended"
        );
        Ok(summary)
    }

    fn take_all(&mut self, feed: &mut Feed) -> Result<(), Stop> {
        while let Some(bar) = feed.next_bar()? {
            if self.tally.bars() == 0 && self.resumed_at.is_some_and(|close| bar.ts_close() <= close) {
                self.tally.skipped += 1;
                continue;
            }
            self.take(&bar)?;
        }
        Ok(())
    }

    /// Decides on a bar.
    fn take(&mut self, bar: &Bar) -> Result<(), Stop> {
        self.clock.check(bar)?;
        let Session { bot, output, .. } = &mut self.session;
        let (begin, last_close) = (Instant::now(), bot.core.last_close());
        let step = bot.core.step(bar).map_err(|error| crate::causes::step(&error, bar.ts_close().0))?;
        output.prepare(&Record::of(&step, &self.market)).map_err(Stop::unwhole)?;
        self.tally.step(&step, last_close, begin.elapsed());
        output.write().map_err(Stop::unwhole)?;
        self.session.decided().map_err(Stop::unwhole)
    }
}
