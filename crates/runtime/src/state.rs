//! The state of a bot as a file.
//!
//! Magic, format, identity, decimals of prices and quantities, note, length of the core's state, that state, and a sha256
//! over all of it; integers are little-endian.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use feature_api::identity::{Hash, sha256};
use feature_api::{Grid, RestoreError, StateReader, StateWriter};
use market_data::MarketDataError;
use market_data::file::AtomicFile;

use crate::{Bot, Stepper, file};

/// What every state begins with.
const MAGIC: &[u8; 16] = b"isobar bot state";
/// Of what follows.
const FORMAT: u64 = 1;
/// Longest file that can be a state.
const BYTES_MAX: u64 = 256 << 20;

/// The state of a bot as it stands in a file: identity of the bot, its grid, what the caller adds, the core's state, a
/// checksum.
#[derive(Debug, Clone, Copy)]
pub struct State;

/// Why a state cannot be saved or restored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// It cannot be read.
    #[error("cannot read the state {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It cannot be written; what stood there still does.
    #[error("cannot write the state: {source}; the state saved before is as it was")]
    Write {
        /// What the system says.
        source: MarketDataError,
    },
    /// It is damaged or no state at all.
    #[error("{}: {source}; delete it to begin anew, or put back a whole one", path.display())]
    Restore {
        /// The file.
        path: PathBuf,
        /// What is the matter.
        source: RestoreError,
    },
    /// It is of another bot.
    #[error(
        "{}: expected the state of bot {expected}, found that of {found}: models, configuration or features differ; \
         name another state file, or delete it to begin anew", path.display()
    )]
    Identity {
        /// The file.
        path: PathBuf,
        /// Identity of this bot.
        expected: Hash,
        /// Identity of the bot that saved it.
        found: Hash,
    },
    /// It is of this bot, fed bars on another grid: its prices would mean something else.
    #[error(
        "{}: expected a state of bars with {expected}, found one of bars with {found}; state price_decimals and \
         volume_decimals in [bars], or delete it to begin anew", path.display()
    )]
    Grid {
        /// The file.
        path: PathBuf,
        /// Grid of this bot.
        expected: Grid,
        /// Grid of the bot that saved it.
        found: Grid,
    },
}

impl State {
    /// Saves the bot's state: written beside its place, synced, renamed. `note` is the caller's own, such as how much of
    /// an output file is done.
    ///
    /// # Errors
    /// [`StateError::Write`]; what stood there before then still does.
    pub fn save(path: &Path, bot: &Bot<impl Stepper>, note: u64) -> Result<(), StateError> {
        let bytes = encode(bot, note);
        let place = || {
            let mut file = AtomicFile::create(path)?;
            file.write_all(&bytes)
                .map_err(|source| MarketDataError::Write { path: path.to_owned(), source })?;
            file.commit()
        };
        place().map_err(|source| StateError::Write { source })
    }

    /// Restores the bot's state and gives the caller's note; `None` where there is no such file.
    ///
    /// # Errors
    /// [`StateError`]; the bot must then not be used.
    pub fn restore(path: &Path, bot: &mut Bot<impl Stepper>) -> Result<Option<u64>, StateError> {
        let bytes = match file::read(path, BYTES_MAX) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(StateError::Read { path: path.to_owned(), source }),
        };
        let damaged = |source| StateError::Restore { path: path.to_owned(), source };
        let saved = decode(&bytes).map_err(damaged)?;
        if saved.identity != bot.identity {
            let (expected, found) = (bot.identity, saved.identity);
            return Err(StateError::Identity { path: path.to_owned(), expected, found });
        }
        let grid = bot.core.market().grid();
        if saved.grid != grid {
            return Err(StateError::Grid { path: path.to_owned(), expected: grid, found: saved.grid });
        }
        let mut core = StateReader::new(saved.core);
        bot.core.load(&mut core).and_then(|()| core.finish()).map_err(damaged)?;
        Ok(Some(saved.note))
    }
}

/// What a file holds.
struct Saved<'a> {
    identity: Hash,
    grid: Grid,
    note: u64,
    core: &'a [u8],
}

fn encode(bot: &Bot<impl Stepper>, note: u64) -> Vec<u8> {
    let mut core = StateWriter::new();
    bot.core.save(&mut core);
    let core = core.into_bytes();
    let grid = bot.core.market().grid();
    let mut state = StateWriter::new();
    state.write_bytes(MAGIC);
    state.write_u64(FORMAT);
    state.write_bytes(&bot.identity.0);
    state.write_u64(grid.price_scale().into());
    state.write_u64(grid.qty_scale().into());
    state.write_u64(note);
    state.write_u64(core.len() as u64);
    state.write_bytes(&core);
    let mut bytes = state.into_bytes();
    let checksum = sha256(&bytes);
    bytes.extend_from_slice(&checksum.0);
    bytes
}

fn decode(bytes: &[u8]) -> Result<Saved<'_>, RestoreError> {
    let mut state = StateReader::new(bytes);
    if state.read_bytes(MAGIC.len())? != MAGIC {
        return Err(RestoreError::Invalid { what: "the state of a bot, which begins otherwise" });
    }
    let format = state.read_u64()?;
    // Before the checksum, which another format need not have.
    if format != FORMAT {
        let (expected, found) = (FORMAT.to_string(), format.to_string());
        return Err(RestoreError::Mismatch { what: "format", expected, found });
    }
    let (content, checksum) = bytes.split_last_chunk::<32>().ok_or(RestoreError::Truncated)?;
    if sha256(content).0 != *checksum {
        return Err(RestoreError::Invalid {
            what: "content of the checksum at its end; it was cut off or altered",
        });
    }
    let identity = state.read_bytes(32)?.try_into().map_err(|_| RestoreError::Truncated)?;
    let scales = [state.read_u64()?, state.read_u64()?].map(u8::try_from);
    let grid = match scales {
        [Ok(price), Ok(qty)] => Grid::new(price, qty).ok(),
        [_, _] => None,
    };
    let grid = grid.ok_or(RestoreError::Invalid { what: "decimals of a grid" })?;
    let (note, length) = (state.read_u64()?, state.read_u64()?);
    let core = state.read_bytes(usize::try_from(length).map_err(|_| RestoreError::Truncated)?)?;
    state.read_bytes(checksum.len())?;
    state.finish()?;
    Ok(Saved { identity: Hash(identity), grid, note, core })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Config;

    #[test]
    fn every_bit_counts() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../bins/gatekeeper/gatekeeper.example.toml");
        let example = std::fs::read_to_string(path).unwrap();
        let (head, _) = example.split_once("[strategy]").unwrap();
        let text = format!("{head}[strategy]\nname = \"flat\"\n");
        let config = Config::parse(&text, Path::new("bot.toml"), &[]).unwrap();
        let grid = Grid::new(1, 3).unwrap();
        let bot = Bot::open(&config, &features_v1::FEATURES, grid, model::Loaders(&[])).unwrap();
        let whole = encode(&bot, 7);
        assert!(decode(&whole).is_ok_and(|saved| saved.note == 7 && saved.identity == bot.identity));
        assert!(whole.len() > 200, "{} bytes", whole.len());
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut bytes = whole.clone();
                bytes[at] ^= 1 << bit;
                assert!(decode(&bytes).is_err(), "byte {at}, bit {bit}");
            }
            assert!(decode(&whole[..at]).is_err(), "{at} bytes");
        }
        for tail in [&b"\0"[..], b"\n", &whole] {
            assert!(decode(&[&whole, tail].concat()).is_err());
        }
    }
}
