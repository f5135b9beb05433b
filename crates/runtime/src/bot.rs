//! From a configuration to a bot, with every model verified first.

use std::io;
use std::path::{Path, PathBuf};

use artifact::{Check, KeyError, Problem, PublicKey, Trust, Verified};
use execution::{Account, EventExchange, ExecutionError, Market, PaperExchange};
use feature_api::{BarSpec, FeatureVersion, Grid};
use model::Loaders;
use observation::{ActionMapper, ObservationError, RewardCalculator};
use strategy::{Ingredients, Strategy, StrategyError, StrategyFactory};

use crate::event_core::round_trip;
use crate::{
    ArtifactsConfig, BotConfig, Config, Core, EventConfig, EventCore, EventSetup, Setup, StrategyConfig,
    file, identity,
};

/// Longest file that can be an artifact.
const ARTIFACT_BYTES_MAX: u64 = 256 << 20;
/// Longest file that can be a key, which is a line.
const KEY_BYTES_MAX: u64 = 4096;

/// A bot that is ready for what it is fed with: bars, unless its core is another.
pub struct Bot<C = Core> {
    /// What is stepped.
    pub core: C,
    /// The entry model.
    pub entry: Option<Leg>,
    /// The exit model.
    pub exit: Option<Leg>,
    /// sha256 of what the bot is: feature version with its hashes, artifacts, configuration. A state belongs to a bot.
    pub identity: feature_api::identity::Hash,
}

/// A verified model and where it was read.
pub struct Leg {
    /// Its file.
    pub path: PathBuf,
    /// What was verified.
    pub verified: Verified,
}

/// Why there is no bot.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BotError {
    /// A model or a key cannot be read.
    #[error("cannot read {}: {source}; name it in [artifacts] of the configuration", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A key that is none.
    #[error("{}: {source}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// Why it is none.
        source: KeyError,
    },
    /// Models that must not be used: every problem of every model.
    #[error("{}", refused(problems))]
    Refused {
        /// The file and its problems, for each model that has any.
        problems: Vec<(PathBuf, Vec<Problem>)>,
    },
    /// A strategy that does not fit its models.
    #[error(transparent)]
    Strategy(#[from] StrategyError),
    /// An instrument, costs or cash that do not fit the bars.
    #[error(transparent)]
    Execution(#[from] ExecutionError),
    /// Limits that cannot be.
    #[error(transparent)]
    Observation(#[from] ObservationError),
}

fn refused(problems: &[(PathBuf, Vec<Problem>)]) -> String {
    let of_file = |(path, problems): &(PathBuf, Vec<Problem>)| {
        let lines: String =
            problems.iter().map(|problem| format!("\n  {}: {problem}", problem.code())).collect();
        format!("{}: refused{lines}", path.display())
    };
    problems.iter().map(of_file).collect::<Vec<_>>().join("\n")
}

impl Bot {
    /// Reads and verifies the models, in the design's order, and makes the bot. `version` is the feature version compiled
    /// into this program; `grid` that of the bars it will be fed.
    ///
    /// # Errors
    /// [`BotError`]: every problem of every model.
    pub fn open(
        config: &Config,
        version: &FeatureVersion,
        grid: Grid,
        loaders: Loaders<'_>,
    ) -> Result<Self, BotError> {
        let Config { instrument, cash, bars, costs, sizing, limits, strategy, artifacts, reward } = config;
        let (entry, exit) = legs(artifacts.as_ref(), bars.spec, version, loaders)?;
        let strategy = strategy_of(strategy, entry.as_ref(), exit.as_ref(), costs.round_trip())?;
        let market = Market::new(instrument.clone(), grid)?;
        let core = Core::new(Setup {
            bars: bars.spec,
            strategy,
            mapper: ActionMapper::new(market.clone(), *sizing, *limits, *cash)?,
            exchange: PaperExchange::new(market, *costs, bars.spec.volume)?,
            account: Account::new(*cash)?,
            reward: RewardCalculator::new(*reward, *cash)?,
        });
        let identity = identity::of_bars(config, version, entry.as_ref(), exit.as_ref());
        Ok(Self { core, entry, exit, identity })
    }
}

impl Bot<EventCore> {
    /// The same for a bot that is fed with the events of a market, on the grid of its configuration.
    ///
    /// The costs of a round trip that an edge must exceed are twice the taker's fee and, without a book, the spread: what
    /// the book's spread and slippage of ticks cost is for `min_edge` to say.
    ///
    /// # Errors
    /// [`BotError`]: every problem of every model.
    pub fn open_events(
        config: &EventConfig,
        version: &FeatureVersion,
        loaders: Loaders<'_>,
    ) -> Result<Self, BotError> {
        let EventConfig { bot, events, costs } = config;
        let BotConfig { instrument, cash, sizing, limits, strategy, artifacts, reward } = bot;
        let (entry, exit) = legs(artifacts.as_ref(), events.spec, version, loaders)?;
        let strategy = strategy_of(strategy, entry.as_ref(), exit.as_ref(), round_trip(&costs.market))?;
        let market = Market::new(instrument.clone(), events.grid)?;
        let core = EventCore::new(EventSetup {
            strategy,
            mapper: ActionMapper::new(market.clone(), *sizing, *limits, *cash)?,
            exchange: EventExchange::new(market, costs.market),
            account: Account::new(*cash)?,
            reward: RewardCalculator::new(*reward, *cash)?,
            entry_order_ms: costs.entry_order_ms,
        });
        let identity = identity::of_events(config, version, entry.as_ref(), exit.as_ref());
        Ok(Self { core, entry, exit, identity })
    }
}

/// The strategy of that name over these models.
fn strategy_of(
    config: &StrategyConfig,
    entry: Option<&Leg>,
    exit: Option<&Leg>,
    round_trip: f64,
) -> Result<Box<dyn Strategy>, StrategyError> {
    let [entry, exit] = [entry, exit].map(|leg| leg.map(|leg| &leg.verified));
    StrategyFactory::create(&config.name, &Ingredients { entry, exit, options: config.options, round_trip })
}

/// Reads both models, then verifies both.
fn legs(
    artifacts: Option<&ArtifactsConfig>,
    bars: BarSpec,
    version: &FeatureVersion,
    loaders: Loaders<'_>,
) -> Result<(Option<Leg>, Option<Leg>), BotError> {
    let Some(ArtifactsConfig { entry, exit, trusted_keys }) = artifacts else {
        return Ok((None, None));
    };
    let keys: Option<Vec<PublicKey>> =
        trusted_keys.as_ref().map(|keys| keys.iter().map(|path| key(path)).collect()).transpose()?;
    let check = Check {
        version,
        trust: keys.as_deref().map_or(Trust::Unsigned, Trust::Keys),
        set: None,
        params: None,
        bars: Some(bars),
        loaders,
    };
    let entry = (entry, read(entry, ARTIFACT_BYTES_MAX)?);
    let exit = match exit {
        Some(path) => Some((path, read(path, ARTIFACT_BYTES_MAX)?)),
        None => None,
    };
    let mut refused = Vec::new();
    let mut verify = |(path, bytes): (&PathBuf, Vec<u8>)| match artifact::verify(&bytes, &check) {
        Ok(verified) => Some(Leg { path: path.clone(), verified }),
        Err(problems) => {
            refused.push((path.clone(), problems));
            None
        }
    };
    let legs = (verify(entry), exit.and_then(verify));
    if refused.is_empty() { Ok(legs) } else { Err(BotError::Refused { problems: refused }) }
}

fn key(path: &Path) -> Result<PublicKey, BotError> {
    let wrap = |source| BotError::Read { path: path.to_owned(), source };
    let text =
        String::from_utf8(read(path, KEY_BYTES_MAX)?).map_err(|error| wrap(io::Error::other(error)))?;
    text.parse().map_err(|source| BotError::Key { path: path.to_owned(), source })
}

fn read(path: &Path, most: u64) -> Result<Vec<u8>, BotError> {
    file::read(path, most).map_err(|source| BotError::Read { path: path.to_owned(), source })
}
