//! From a configuration to a bot, with every model verified first.

use std::io;
use std::path::{Path, PathBuf};

use artifact::{Check, KeyError, Problem, PublicKey, Trust, Verified};
use execution::{Account, ExecutionError, Market, PaperExchange};
use feature_api::{FeatureVersion, Grid};
use model::Loaders;
use observation::{ActionMapper, ObservationError, RewardCalculator};
use strategy::{Ingredients, StrategyError, StrategyFactory};

use crate::identity::identity;
use crate::{ArtifactsConfig, Config, Core, Setup, file};

/// Longest file that can be an artifact.
const ARTIFACT_BYTES_MAX: u64 = 256 << 20;
/// Longest file that can be a key, which is a line.
const KEY_BYTES_MAX: u64 = 4096;

/// A bot that is ready for its first bar.
pub struct Bot {
    /// What is stepped.
    pub core: Core,
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
        let (entry, exit) = legs(config, version, loaders)?;
        let strategy = StrategyFactory::create(
            &config.strategy.name,
            &Ingredients {
                entry: entry.as_ref().map(|leg| &leg.verified),
                exit: exit.as_ref().map(|leg| &leg.verified),
                options: config.strategy.options,
                round_trip: config.costs.round_trip(),
            },
        )?;
        let market = Market::new(config.instrument.clone(), grid)?;
        let core = Core::new(Setup {
            bars: config.bars.spec,
            strategy,
            mapper: ActionMapper::new(market.clone(), config.sizing, config.limits, config.cash)?,
            exchange: PaperExchange::new(market, config.costs, config.bars.spec.volume)?,
            account: Account::new(config.cash)?,
            reward: RewardCalculator::new(config.reward, config.cash)?,
        });
        let identity = identity(config, version, entry.as_ref(), exit.as_ref());
        Ok(Self { core, entry, exit, identity })
    }
}

/// Reads both models, then verifies both.
fn legs(
    config: &Config,
    version: &FeatureVersion,
    loaders: Loaders<'_>,
) -> Result<(Option<Leg>, Option<Leg>), BotError> {
    let Some(ArtifactsConfig { entry, exit, trusted_keys }) = &config.artifacts else {
        return Ok((None, None));
    };
    let keys: Option<Vec<PublicKey>> =
        trusted_keys.as_ref().map(|keys| keys.iter().map(|path| key(path)).collect()).transpose()?;
    let check = Check {
        version,
        trust: keys.as_deref().map_or(Trust::Unsigned, Trust::Keys),
        set: None,
        params: None,
        bars: Some(config.bars.spec),
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
