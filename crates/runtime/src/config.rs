//! The configuration of a bot: one TOML file.
//!
//! Amounts and steps are taken from the digits as they stand in the file, never by way of a float: `0.1` is exactly that.
//! They may be numbers, with or without an exponent, or texts. Every other number may be whole or not.

mod document;
mod events;
mod section;
mod tables;
mod value;

use std::path::{Path, PathBuf};

use execution::{Costs, Instrument, Money};
use feature_api::{BarSpec, Grid};
use observation::{RewardOptions, RiskLimits, Sizing};
use strategy::{ModelDrivenOptions, ModelDrivenStrategy};

use self::document::Document;
pub use self::events::{EventConfig, EventCostsConfig, EventsConfig};

/// Longest configuration that is read.
const BYTES_MAX: u64 = 1 << 20;

/// The configuration of a bot. `bins/gatekeeper/gatekeeper.example.toml` documents every key.
///
/// Nothing has a silent default that could cost money: every key of `instrument`, `account`, `costs`, `sizing` and `risk`
/// must be there. Unknown keys, NaN, infinities and numbers out of range are problems.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// `[instrument]`: symbol, tick_size, lot_size, min_notional.
    pub instrument: Instrument,
    /// `[account]` cash: what it begins with.
    pub cash: Money,
    /// `[bars]`: what it is fed.
    pub bars: BarsConfig,
    /// `[costs]`.
    pub costs: Costs,
    /// `[sizing]`: exactly one of equity_fraction, notional, lots.
    pub sizing: Sizing,
    /// `[risk]`: every limit a number or "unlimited".
    pub limits: RiskLimits,
    /// `[strategy]`.
    pub strategy: StrategyConfig,
    /// `[artifacts]`; none for a strategy without models.
    pub artifacts: Option<ArtifactsConfig>,
    /// `[reward]`; both penalties 0 where it is left out, for they move no money.
    pub reward: RewardOptions,
}

/// What every configuration of a bot has, whatever the bot is fed with. As in [`Config`].
#[derive(Debug, Clone, PartialEq)]
pub struct BotConfig {
    /// `[instrument]`.
    pub instrument: Instrument,
    /// `[account]` cash.
    pub cash: Money,
    /// `[sizing]`.
    pub sizing: Sizing,
    /// `[risk]`.
    pub limits: RiskLimits,
    /// `[strategy]`.
    pub strategy: StrategyConfig,
    /// `[artifacts]`.
    pub artifacts: Option<ArtifactsConfig>,
    /// `[reward]`.
    pub reward: RewardOptions,
}

/// What a bot is fed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BarsConfig {
    /// Length of a bar and whether it carries volume: `interval = "1m"`, `volume = "required"` or `"none"`.
    pub spec: BarSpec,
    /// Decimals of prices and volumes, `price_decimals` and `volume_decimals`: both or neither. A stream of bars needs
    /// them; a file read as a whole finds them out.
    pub grid: Option<Grid>,
}

/// `[strategy]`.
#[derive(Debug, Clone, PartialEq)]
pub struct StrategyConfig {
    /// `name`.
    pub name: String,
    /// The other keys, which are those of a model-driven strategy; `None` for other strategies.
    pub options: Option<ModelDrivenOptions>,
}

/// `[artifacts]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtifactsConfig {
    /// `entry`: the sealed entry model, relative to the configuration's folder.
    pub entry: PathBuf,
    /// `exit`: the sealed exit model.
    pub exit: Option<PathBuf>,
    /// `trusted_keys`: files of public keys, at least one; `None` where the configuration says `unsigned = "allow"`.
    pub trusted_keys: Option<Vec<PathBuf>>,
}

/// Why a configuration is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// It cannot be read.
    #[error("cannot read {}: {source}; name a configuration such as gatekeeper.example.toml", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// What is wrong with it, every problem.
    #[error("{}: {}", path.display(), lines(problems))]
    Problems {
        /// The file.
        path: PathBuf,
        /// Every problem.
        problems: Vec<ConfigProblem>,
    },
}

/// What is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{key}: expected {expected}, found {found}", line.map_or_else(String::new, |line| format!("line {line}: ")))]
pub struct ConfigProblem {
    /// Line, from 1, where it is known.
    pub line: Option<usize>,
    /// The key, such as `costs.taker_fee`, or what was being read.
    pub key: String,
    /// What must stand there, and what to do.
    pub expected: String,
    /// What stands there.
    pub found: String,
}

fn lines(problems: &[ConfigProblem]) -> String {
    problems.iter().map(|problem| format!("\n  {problem}")).collect()
}

impl Config {
    /// Reads a file. Paths in it are relative to its folder.
    ///
    /// # Errors
    /// [`ConfigError`], with every problem.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = text(path)?;
        Self::parse(&text, path, &[])
    }

    /// Reads a text that stands for the file at `path`, with some keys set to other values, as `--set
    /// strategy.threshold=0.6` does: each value is read as TOML, a bare word as text.
    ///
    /// # Errors
    /// As [`read`](Config::read); an override of a key that is not known is a problem too.
    pub fn parse(text: &str, path: &Path, overrides: &[(String, String)]) -> Result<Self, ConfigError> {
        let (bot, bars) = parse::<BarTables>(text, path, overrides)?;
        let BotConfig { instrument, cash, sizing, limits, strategy, artifacts, reward } = bot;
        let (bars, costs) = bars;
        Ok(Self { instrument, cash, bars, costs, sizing, limits, strategy, artifacts, reward })
    }
}

/// The tables that say what a bot is fed with and what trading costs there.
trait Feed: Sized {
    /// What they come to.
    type Read;

    /// Reads them.
    fn read(document: &mut Document<'_>) -> Self;

    /// What is wrong with several tables together.
    fn problems(&self, instrument: Option<&Instrument>) -> [Option<ConfigProblem>; 2];

    /// Both, where nothing is wrong with either.
    fn both(self) -> Option<Self::Read>;
}

/// `[bars]` and `[costs]` of a bot that is fed with bars.
struct BarTables {
    bars: Option<BarsConfig>,
    costs: Option<Costs>,
    grid_line: Option<usize>,
    share_line: Option<usize>,
}

impl Feed for BarTables {
    type Read = (BarsConfig, Costs);

    fn read(document: &mut Document<'_>) -> Self {
        let (mut grid_line, mut share_line) = (None, None);
        let bars = document.table("bars", |table| {
            grid_line = table.line_of("price_decimals");
            tables::bars(table)
        });
        let costs = document.table("costs", |table| {
            share_line = table.line_of("max_volume_share");
            tables::costs(table)
        });
        Self { bars, costs, grid_line, share_line }
    }

    fn problems(&self, instrument: Option<&Instrument>) -> [Option<ConfigProblem>; 2] {
        let Self { bars, costs, grid_line, share_line } = self;
        let share = bars.as_ref().zip(costs.as_ref());
        let grid = instrument.zip(bars.as_ref().and_then(|bars| bars.grid));
        [
            share.and_then(|(bars, costs)| tables::share_of_volume(bars, costs, *share_line)),
            grid.and_then(|(instrument, grid)| tables::grid(instrument, "bars", grid, *grid_line)),
        ]
    }

    fn both(self) -> Option<Self::Read> {
        self.bars.zip(self.costs)
    }
}

/// Reads a text that stands for the file at `path`, with some keys set to other values; or every problem.
fn parse<F: Feed>(
    text: &str,
    path: &Path,
    overrides: &[(String, String)],
) -> Result<(BotConfig, F::Read), ConfigError> {
    let refuse = |problems| ConfigError::Problems { path: path.to_owned(), problems };
    let mut document = Document::parse(text).map_err(refuse)?;
    for (key, value) in overrides {
        document.set(key, value);
    }
    of::<F>(document, path.parent().unwrap_or_else(|| Path::new(""))).map_err(refuse)
}

/// The configuration, or every problem.
fn of<F: Feed>(
    mut document: Document<'_>,
    folder: &Path,
) -> Result<(BotConfig, F::Read), Vec<ConfigProblem>> {
    let instrument = document.table("instrument", tables::instrument);
    let cash = document.table("account", tables::account);
    let feed = F::read(&mut document);
    let sizing = document.table("sizing", tables::sizing);
    let limits = document.table("risk", tables::risk);
    let strategy = document.table("strategy", tables::strategy);
    let needs_models = strategy.as_ref().is_some_and(|strategy| strategy.name == ModelDrivenStrategy::NAME);
    let artifacts = document.table("artifacts", |table| tables::artifacts(table, folder, needs_models));
    let reward = document.table("reward", tables::reward);
    for problem in feed.problems(instrument.as_ref()) {
        document.refuse(problem);
    }
    let problems = document.finish();
    if !problems.is_empty() {
        return Err(problems);
    }
    let config = || {
        let bot = BotConfig {
            instrument: instrument?,
            cash: cash?,
            sizing: sizing?,
            limits: limits?,
            strategy: strategy?,
            artifacts,
            reward,
        };
        Some((bot, feed.both()?))
    };
    // Whatever is not there is a problem already.
    config().ok_or(problems)
}

/// The text of a file.
fn text(path: &Path) -> Result<String, ConfigError> {
    let refuse = |source| ConfigError::Read { path: path.to_owned(), source };
    let bytes = crate::file::read(path, BYTES_MAX).map_err(refuse)?;
    String::from_utf8(bytes).map_err(|error| refuse(std::io::Error::other(error)))
}
