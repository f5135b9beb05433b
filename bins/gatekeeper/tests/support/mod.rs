//! What the tests of the program share: bars, two small sealed models, a configuration, and ways to run.
#![allow(dead_code, clippy::unwrap_used, clippy::panic, reason = "tests; none uses all of it")]

pub mod models;

use std::fs;
use std::io::{BufReader, Cursor, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use clap::Parser as _;
use feature_api::{Bar, BarFields, Price, Qty};
use gatekeeper::exit_code::ENDINGS;
use gatekeeper::{Failure, Options, Summary};
use market_data::BarSeries;
use market_data::synth::{self, SynthOptions};
use models::{Draft, entry, exit};

/// A folder with a configuration and two models, the market they are for, and what is put there.
pub struct Lab {
    folder: tempfile::TempDir,
    pub series: BarSeries,
}

/// The configuration that the tests begin with.
const CONFIG: &str = r#"
[instrument]
symbol = "TOYUSD"
tick_size = 0.01
lot_size = 0.001
min_notional = 10

[account]
cash = 10000

[bars]
interval = "1m"
volume = "required"
price_decimals = 2
volume_decimals = 5

[costs]
taker_fee = 0.0002
maker_fee = 0.0001
spread = 0.0001
slippage = 0.00005
latency_bars = 0
max_volume_share = 0.1
entry_order_bars = 3

[sizing]
equity_fraction = 0.5

[risk]
max_position_notional = 20000
max_order_notional = 20000
max_leverage = 1
max_drawdown = 0.5
max_daily_loss = 0.2
max_entries_per_day = 200

[strategy]
name = "model-driven"
threshold = 0.55
min_edge = 0
expected_move = 0.02
exit_threshold = -0.02
stop = 0.004
take = 0.006
max_hold_bars = 8
sides = "both"
cooldown_bars = 1

[artifacts]
entry = "entry.iso"
exit = "exit.iso"
unsigned = "allow"
"#;

impl Lab {
    /// So many made-up bars of a minute, and models for them.
    pub fn new(bars: u64) -> Self {
        Self::of(synth::bars(&SynthOptions { rows: bars, seed: 7, ..SynthOptions::default() }))
    }

    pub fn of(series: BarSeries) -> Self {
        // In memory where the machine has a folder there: a state that is synced at every bar is tested for what it
        // holds, not for how long a disk takes.
        let folder = tempfile::tempdir_in("/dev/shm")
            .or_else(|_| tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")))
            .unwrap();
        let lab = Self { folder, series };
        for (name, draft) in [("entry.iso", entry()), ("exit.iso", exit())] {
            lab.write(name, Draft { interval: lab.series.interval, ..draft }.seal(&lab.series));
        }
        lab.write("gatekeeper.toml", CONFIG);
        lab.write("bars.csv", csv(&lab.series.bars));
        lab
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        path
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Names of everything in the folder, sorted.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Replaces a line of the configuration.
    #[track_caller]
    pub fn set(&self, from: &str, to: &str) -> &Self {
        let config = self.read("gatekeeper.toml");
        assert_eq!(config.matches(from).count(), 1, "{from:?} stands once in the configuration");
        self.write("gatekeeper.toml", config.replace(from, to));
        self
    }

    /// Arguments with `$` in front of names of this folder.
    fn arguments(&self, arguments: &str) -> Vec<String> {
        let expand = |argument: &str| match argument.strip_prefix('$') {
            Some(name) => self.path(name).to_str().unwrap().to_owned(),
            None => argument.to_owned(),
        };
        let config = ["--config".to_owned(), expand("$gatekeeper.toml")];
        config.into_iter().chain(arguments.split_whitespace().map(expand)).collect()
    }

    pub fn options(&self, arguments: &str) -> Options {
        let arguments = ["gatekeeper".to_owned()].into_iter().chain(self.arguments(arguments));
        Options::try_parse_from(arguments).unwrap()
    }

    /// Runs the library.
    pub fn run(&self, arguments: &str, stdin: &str) -> (Result<Summary, Failure>, String) {
        let mut stdout = Vec::new();
        let stdin = Box::new(BufReader::new(Cursor::new(stdin.to_owned())));
        let result = gatekeeper::run(&self.options(arguments), stdin, &mut stdout);
        (result, String::from_utf8(stdout).unwrap())
    }

    /// The decisions of a run of the library over the bars on standard input.
    #[track_caller]
    pub fn decide(&self, bars: &str) -> Vec<String> {
        let (result, stdout) = self.run("--bars -", bars);
        result.unwrap();
        decisions(&stdout)
    }

    /// The program, not started yet.
    pub fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gatekeeper"));
        command.args(self.arguments(arguments));
        command
    }

    /// Runs the program over bars on its standard input.
    pub fn pipe(&self, arguments: &str, stdin: &str) -> Ended {
        let piped = || Stdio::piped();
        let mut child =
            self.command(arguments).stdin(piped()).stdout(piped()).stderr(piped()).spawn().unwrap();
        let (mut input, stdin) = (child.stdin.take().unwrap(), stdin.to_owned());
        // From a thread of its own, for it writes while it reads. One that fails early does not read to the end.
        let feeder = std::thread::spawn(move || drop(input.write_all(stdin.as_bytes())));
        let ended = child.wait_with_output().unwrap().into();
        feeder.join().unwrap();
        ended
    }

    /// Runs the program.
    pub fn spawn(&self, arguments: &str) -> Ended {
        self.command(arguments).output().unwrap().into()
    }
}

/// How the program ended.
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ended {
    /// Failed with the code of that name, and a critical line of these texts.
    #[track_caller]
    pub fn assert_refused(&self, name: &str, texts: &[&str]) {
        assert_eq!(self.code, Some(code(name)), "{}", self.stderr);
        let critical = self.critical();
        let first = &critical[0];
        assert_eq!((&first["code"], &first["level"]), (&name.into(), &"ERROR".into()), "{first}");
        assert_eq!(first["exit_code"], code(name));
        for text in texts {
            assert!(
                critical.iter().any(|line| line["message"].as_str().unwrap().contains(text)),
                "{text:?} in {critical:?}"
            );
        }
    }

    /// The critical lines of the log.
    pub fn critical(&self) -> Vec<serde_json::Value> {
        let lines = self.stderr.lines().map(|line| serde_json::from_str(line).unwrap());
        lines.filter(|line: &serde_json::Value| line["severity"] == "critical").collect()
    }
}

/// The exit code of that name.
#[track_caller]
pub fn code(name: &str) -> i32 {
    ENDINGS.iter().find(|ending| ending.code == name).unwrap().exit_code.into()
}

/// The lines of the output that are decisions.
pub fn decisions(stdout: &str) -> Vec<String> {
    stdout.lines().filter(|line| line.starts_with("{\"bar\":")).map(str::to_owned).collect()
}

/// The value of the line of that name.
#[track_caller]
pub fn line(stdout: &str, name: &str) -> serde_json::Value {
    let values = stdout.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let mut named: Vec<_> = values.filter_map(|mut value| Some(value.get_mut(name)?.take())).collect();
    assert_eq!(named.len(), 1, "one line {name:?}");
    named.remove(0)
}

/// Bars as CSV text with a header.
pub fn csv(bars: &[Bar]) -> String {
    const HEADER: &str = "ts_open,ts_close,ts_available,open,high,low,close,volume\n";
    bars.iter().fold(HEADER.to_owned(), |text, bar| text + &row(bar))
}

/// A bar as a line of that text.
pub fn row(bar: &Bar) -> String {
    let price = |price: Price| market_data::decimal_text(price.raw(), bar.grid().price_scale());
    let volume = market_data::decimal_text(bar.volume().raw(), bar.grid().qty_scale());
    let times = format!("{},{},{}", bar.ts_open(), bar.ts_close(), bar.ts_available());
    let prices = [bar.open(), bar.high(), bar.low(), bar.close()].map(price).join(",");
    format!("{times},{prices},{volume}\n")
}

/// A bar with other prices, every one moved by so many steps, and another volume.
pub fn altered(bar: &Bar, prices: i64, volume: i64) -> Bar {
    let fields = *bar.fields();
    let moved = |price: Price| Price::from_raw((price.raw() + prices).max(1)).unwrap();
    Bar::new(BarFields {
        open: moved(fields.open),
        high: moved(fields.high),
        low: moved(fields.low),
        close: moved(fields.close),
        volume: Qty::from_raw((fields.volume.raw() + volume).max(0)).unwrap(),
        taker: None,
        ..fields
    })
    .unwrap()
}

/// Numbers that look random, the same ones for the same seed (SplitMix64 of Steele, Lea and Flood 2014).
pub struct Random(pub u64);

impl Random {
    /// A number from 0 to `count` − 1.
    pub fn below(&mut self, count: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % count
    }
}

/// Whether a check may be left out where the machine does not allow it: not on CI.
#[track_caller]
pub fn left_out(what: &str) {
    let ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(!ci, "{what}");
    // Not by eprintln!, which the test runner holds back from a test that passes.
    let _ = writeln!(std::io::stderr(), "LEFT OUT: {what}");
}

pub fn exists(path: &Path) -> bool {
    path.try_exists().unwrap()
}
