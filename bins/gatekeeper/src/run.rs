//! The way of a run: configuration, verification, identity, bars, decisions, state, summary.

use std::io::{BufRead, Write};
use std::time::Instant;

use execution::Market;
use feature_api::{Bar, UnixNanos};
use model::Loaders;
use runtime::{Bot, Config, Record};
use serde::Serialize;

use crate::failure::Failure;
use crate::feed::{Feed, Opening, WallClock};
use crate::identity::IdentityLine;
use crate::output::{DecisionFile, Done, Output};
use crate::state_file::StateFile;
use crate::summary::Tally;
use crate::{Options, Summary, causes};

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
        .map_err(|error| causes::bot(error, &config))?;
    let market = bot.core.exchange().market().clone();
    let mut output = Output::new(stdout, is_live(options));
    let identity = IdentityLine::of(&bot, &config.strategy.name, &market, config.bars.spec);
    if options.dry_run {
        output.say(&identity)?;
        tracing::info!(bot = %bot.identity, "verified; a dry run ends here");
        return Ok(Tally::new(&bot.core)?.summary(&bot.core, std::time::Duration::ZERO));
    }
    options.check_places()?;
    let begin = || {
        let mut session = Session::begin(bot, market, output, options)?;
        session.output.say(&identity)?;
        tracing::info!(bot = %session.bot.identity, bars = session.bot.core.bars(), "started");
        Ok::<_, Failure>(session)
    };
    // A file of bars is opened before anything is written; standard input may let wait for its first bar for long.
    if options.is_stdin() {
        let session = begin()?;
        session.run(opening.open(options, &config, stdin)?)
    } else {
        let feed = opening.open(options, &config, stdin)?;
        begin()?.run(feed)
    }
}

/// Whether someone waits for each line: bars that come through a pipe come one at a time.
fn is_live(options: &Options) -> bool {
    let is_file = |path: &std::path::Path| path.metadata().is_ok_and(|metadata| metadata.is_file());
    !options.bars.as_deref().is_some_and(is_file)
}

/// A bot at work.
struct Session<'a> {
    bot: Bot,
    market: Market,
    output: Output<'a>,
    state: Option<StateFile>,
    /// Close of the last bar that the restored state has seen.
    resumed_at: Option<UnixNanos>,
    clock: WallClock,
    tally: Tally,
}

/// Why the bars ended too early.
struct Stop {
    failure: Failure,
    /// Whether the bot is as it was after its last decision, so that its state can be saved.
    is_whole: bool,
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self { failure, is_whole: true }
    }
}

/// The last line of the output.
#[derive(Serialize)]
struct SummaryLine<'a> {
    summary: &'a Summary,
}

impl<'a> Session<'a> {
    /// Restores the state, where there is one, and opens the file of decisions, where one is named.
    fn begin(
        mut bot: Bot,
        market: Market,
        mut output: Output<'a>,
        options: &Options,
    ) -> Result<Self, Failure> {
        let mut state = StateFile::of(options)?;
        let restored = match &state {
            Some(state) => state.restore(&mut bot)?,
            None => None,
        };
        let (bars, last_close) = (bot.core.bars(), bot.core.last_close());
        if let Some(length) = restored {
            tracing::info!(bars, last_close = last_close.map(|close| close.0), length, "state restored");
        }
        if let Some(path) = options.out.as_deref() {
            match restored.flatten() {
                Some(length) => {
                    output.redirect(DecisionFile::resume(path, Done { length, bars, last_close })?);
                }
                None => {
                    DecisionFile::check_new(path)?;
                    // A file that begins is cut to nothing after a crash only where a state says so.
                    if let Some(state) = &mut state {
                        state.save(&bot, Some(0))?;
                    }
                    output.redirect(DecisionFile::create(path)?);
                }
            }
        } else if let (Some(state), None) = (&mut state, restored) {
            // Before the first decision, so that a place that cannot be written to is found out first.
            state.save(&bot, None)?;
        }
        let tally = Tally::new(&bot.core)?;
        let clock = WallClock::default();
        Ok(Self { bot, market, output, state, resumed_at: last_close, clock, tally })
    }

    /// Decides on every bar; sums up.
    fn run(mut self, mut feed: Feed) -> Result<Summary, Failure> {
        let begin = Instant::now();
        match self.take_all(&mut feed) {
            Ok(()) => self.save()?,
            Err(stop) => return Err(self.stop(stop)),
        }
        let summary = self.tally.summary(&self.bot.core, begin.elapsed());
        self.output.say(&SummaryLine { summary: &summary })?;
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
            if self.tally.bars == 0 && self.resumed_at.is_some_and(|close| bar.ts_close() <= close) {
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
        let (begin, last_close) = (Instant::now(), self.bot.core.last_close());
        let step = self.bot.core.step(bar).map_err(|error| {
            let (failure, is_whole) = causes::step(&error, bar.ts_close().0);
            Stop { failure, is_whole }
        })?;
        let unwhole = |failure| Stop { failure, is_whole: false };
        self.output.prepare(&Record::of(&step, &self.market)).map_err(unwhole)?;
        self.tally.latency(begin.elapsed());
        self.tally.step(&step, last_close);
        self.output.write().map_err(unwhole)?;
        if self.state.as_mut().is_some_and(StateFile::is_due) {
            self.save().map_err(unwhole)?;
        }
        Ok(())
    }

    /// Hands the decisions on, then saves the state that has seen them.
    fn save(&mut self) -> Result<(), Failure> {
        let Some(state) = &mut self.state else { return self.output.flush() };
        let length = self.output.sync()?;
        state.save(&self.bot, length)
    }

    /// Keeps what was decided until then.
    fn stop(&mut self, stop: Stop) -> Failure {
        let kept = if stop.is_whole { self.save() } else { self.output.flush() };
        if let Err(failure) = kept
            && failure != stop.failure
        {
            failure.log();
        }
        stop.failure
    }
}
