//! The folder of a demo.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use market_data::file::AtomicFile;
use market_data::{BarFileOptions, BarSeries};

/// What the commands printed; a folder that has it is that of a demo.
pub const LOG: &str = "demo.log";
/// Everything else that a demo makes.
const MADE: [&str; 16] = [
    "bars.csv",
    "train.csv",
    "unseen.csv",
    "demo.key",
    "demo.pub",
    "entry-data",
    "exit-data",
    "entry.iso",
    "exit.iso",
    "bot.toml",
    "report.html",
    "backtest.jsonl",
    "trades.csv",
    "paper.jsonl",
    "paper.state",
    "paper.state.lock",
];

/// The folder of a demo.
pub struct Folder(PathBuf);

impl Folder {
    /// An empty folder; that of an earlier demo is emptied of what a demo makes, any other that holds something refused.
    pub fn prepare(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display();
        if path.exists() && !path.is_dir() {
            bail!("--out {shown}: it is no folder; name one that is not there yet");
        }
        fs::create_dir_all(path).with_context(|| format!("--out {shown}"))?;
        let is_demo = path.join(LOG).is_file();
        let is_empty = fs::read_dir(path).with_context(|| format!("--out {shown}"))?.next().is_none();
        if !is_empty && !is_demo {
            bail!("--out {shown}: it holds files that are no demo's; name a folder that is not there yet");
        }
        let folder = Self(path.to_owned());
        for name in MADE.iter().filter(|_| is_demo) {
            let made = path.join(name);
            let removed = if made.is_dir() { fs::remove_dir_all(&made) } else { fs::remove_file(&made) };
            match removed {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(error).with_context(|| format!("cannot remove {}", made.display()));
                }
                Ok(()) | Err(_) => {}
            }
        }
        Ok(folder)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn as_path(&self) -> &Path {
        &self.0
    }

    /// A file as a user may open it.
    pub fn shown(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    /// Writes the first three quarters of the bars to `train.csv`, the rest to `unseen.csv`.
    pub fn part_bars(&self) -> anyhow::Result<()> {
        let series = market_data::read_bars(&self.path("bars.csv"), &BarFileOptions::default())?;
        let (train, unseen) = series.bars.split_at(series.bars.len() / 4 * 3);
        for (name, bars) in [("train.csv", train), ("unseen.csv", unseen)] {
            let part = BarSeries { bars: bars.to_vec(), ..series.clone() };
            market_data::write_bars(&self.path(name), &part)?;
        }
        Ok(())
    }

    /// Writes `bot.toml`.
    pub fn write_config(&self) -> anyhow::Result<()> {
        let mut file = AtomicFile::create(&self.path("bot.toml"))?;
        file.write_all(include_bytes!("bot.toml"))?;
        Ok(file.commit()?)
    }

    /// Compares the decisions of the backtest and of gatekeeper, byte by byte; how many there are.
    pub fn same_decisions(&self) -> anyhow::Result<u64> {
        let lines = |name: &str| {
            let file = fs::File::open(self.path(name)).with_context(|| self.shown(name))?;
            // Beside decisions, gatekeeper writes who it is and how it ended.
            let is_decision =
                |line: &Result<String, _>| line.as_ref().map_or(true, |line| line.starts_with("{\"bar\":"));
            anyhow::Ok(BufReader::new(file).lines().filter(is_decision))
        };
        let (mut backtest, mut paper) = (lines("backtest.jsonl")?, lines("paper.jsonl")?);
        let mut same = 0;
        loop {
            match (backtest.next().transpose()?, paper.next().transpose()?) {
                (None, None) => return Ok(same),
                (Some(a), Some(b)) if a == b => same += 1,
                (a, b) => {
                    let [a, b] = [a, b].map(|line| line.unwrap_or_else(|| "no decision".to_owned()));
                    bail!(
                        "bar {same}: the backtest decided {a}, gatekeeper {b}; this is a fault of the program: report it"
                    )
                }
            }
        }
    }
}
