//! What the tests of the program share: a market, a small sealed model, a configuration, and ways to run.
#![allow(dead_code, clippy::unwrap_used, clippy::panic, reason = "tests; none uses all of it")]

use std::fmt::Write as _;
use std::fs;
use std::io::{BufReader, Cursor, Write as _};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use artifact::{Artifact, Manifest, Pipeline, Reference};
use clap::Parser as _;
use feature_api::identity::sha256;
use feature_api::{BarKind, BarSpec, FeatureVersion, Level, Price, Qty, Row, UnixNanos};
use market_data::synth::{self, MarketOptions};
use market_data::{MarketEvent, decimal_text};
use model::{AnyModel, Ensemble, Linear, LinearParts, Link, Loaders, Member};
use preprocess::{Nulls, Parts, Preprocess, Scaler, ScalerKind};
use runtime::{Bot, EventConfig, EventCore, EventRecord, Stepper as _};
use scalper::exit_code::ENDINGS;
use scalper::{Failure, Options, Summary};

/// The features; their self-test, which the program runs each time, is not run to seal.
pub const VERSION: FeatureVersion =
    FeatureVersion { self_test: || features_v2::OUTPUT_HASH, ..features_v2::FEATURES };

/// A folder with a configuration, a model and a market.
pub struct Lab {
    folder: tempfile::TempDir,
    pub events: Vec<MarketEvent>,
}

/// The configuration that the tests begin with.
const CONFIG: &str = r#"
[instrument]
symbol = "TOYUSD"
tick_size = 0.01
lot_size = 0.001
min_notional = 10

[account]
cash = 100000

[events]
kind = "trades and book"
price_decimals = 2
quantity_decimals = 5

[costs]
taker_fee = 0.00001
maker_fee = 0
slippage_ticks = 1
order_latency_ms = 10
cancel_latency_ms = 10
entry_order_ms = 1000
fills = "book"
cancels = "behind"

[sizing]
equity_fraction = 0.2

[risk]
max_position_notional = 50000
max_order_notional = 50000
max_leverage = 1
max_drawdown = 0.5
max_daily_loss = 0.2
max_entries_per_day = 10000

[strategy]
name = "model-driven"
threshold = 0.55
min_edge = 0
expected_move = 0.01
stop = 0.000003
take = 0.000006
max_hold_bars = 15
sides = "both"
cooldown_bars = 2

[artifacts]
entry = "entry.iso"
unsigned = "allow"
"#;

impl Lab {
    /// A market of so many trades and a book around them, and a model over `tick` for it.
    pub fn new(trades: u64) -> Self {
        let options = MarketOptions {
            trades,
            seed: 5,
            duplicates: 5,
            late: 5,
            same_time: 50,
            interval: 500_000_000,
            ..MarketOptions::default()
        };
        let events: Vec<MarketEvent> = synth::Market::new(options).collect();
        let folder = tempfile::tempdir_in("/dev/shm")
            .or_else(|_| tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")))
            .unwrap();
        let lab = Self { folder, events };
        lab.write("entry.iso", seal(&VERSION, &lab.events));
        lab.write("scalper.toml", CONFIG);
        lab.write("events.txt", capture(&lab.events));
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
        let config = self.read("scalper.toml");
        assert_eq!(config.matches(from).count(), 1, "{from:?} stands once in the configuration");
        self.write("scalper.toml", config.replace(from, to));
        self
    }

    /// Arguments with `$` in front of names of this folder.
    fn arguments(&self, arguments: &str) -> Vec<String> {
        let place = |name: &str| self.path(name).to_str().unwrap().to_owned();
        let expand = |argument: &str| {
            let names = argument.split(',').map(|name| name.strip_prefix('$').map_or(name.to_owned(), place));
            names.collect::<Vec<_>>().join(",")
        };
        let config = ["--config".to_owned(), place("scalper.toml")];
        config.into_iter().chain(arguments.split_whitespace().map(expand)).collect()
    }

    /// Runs the library.
    pub fn run(&self, arguments: &str, stdin: &str) -> (Result<Summary, Failure>, String) {
        let mut stdout = Vec::new();
        let stdin = Box::new(BufReader::new(Cursor::new(stdin.to_owned())));
        let arguments = ["scalper".to_owned()].into_iter().chain(self.arguments(arguments));
        let result = scalper::run(&Options::try_parse_from(arguments).unwrap(), stdin, &mut stdout);
        (result, String::from_utf8(stdout).unwrap())
    }

    /// The decisions of a run of the library over events on standard input.
    #[track_caller]
    pub fn decide(&self, events: &str) -> Vec<String> {
        let (result, stdout) = self.run("--events -", events);
        result.unwrap();
        decisions(&stdout)
    }

    /// The decisions of the core itself, each with how many events had been taken then.
    pub fn decide_by_core(&self) -> Vec<(usize, String)> {
        let config = EventConfig::read(&self.path("scalper.toml")).unwrap();
        let mut bot = Bot::<EventCore>::open_events(&config, &VERSION, Loaders(&[])).unwrap();
        let market = bot.core.market().clone();
        let mut decide = |(index, event): (usize, &MarketEvent)| {
            let step = bot.core.step(&event.view()).unwrap()?;
            Some((index + 1, serde_json::to_string(&EventRecord::of(&step, &market)).unwrap()))
        };
        self.events.iter().enumerate().filter_map(&mut decide).collect()
    }

    /// The program, not started yet.
    pub fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scalper"));
        command.args(self.arguments(arguments));
        command
    }

    /// Runs the program over events on its standard input.
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
    /// Failed with the code of that name, and these texts in the log.
    #[track_caller]
    pub fn assert_refused(&self, name: &str, texts: &[&str]) {
        assert_eq!(self.code, Some(code(name)), "{}", self.stderr);
        for text in texts {
            assert!(self.stderr.contains(text), "{text:?} in {}", self.stderr);
        }
    }
}

/// The exit code of that name.
#[track_caller]
pub fn code(name: &str) -> i32 {
    ENDINGS.iter().find(|ending| ending.code == name).unwrap().exit_code.into()
}

/// The lines of the output that are decisions.
pub fn decisions(stdout: &str) -> Vec<String> {
    stdout.lines().filter(|line| line.starts_with("{\"row\":")).map(str::to_owned).collect()
}

/// The value of the line of that name.
#[track_caller]
pub fn line(stdout: &str, name: &str) -> serde_json::Value {
    let values = stdout.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let mut named: Vec<_> = values.filter_map(|mut value| Some(value.get_mut(name)?.take())).collect();
    assert_eq!(named.len(), 1, "one line {name:?}");
    named.remove(0)
}

/// Events as a recorded capture of the exchange.
pub fn capture(events: &[MarketEvent]) -> String {
    events.iter().map(message).collect()
}

/// A message of that text.
pub fn message(event: &MarketEvent) -> String {
    let price = |price: Price| decimal_text(price.raw(), 2);
    let quantity = |quantity: Qty| decimal_text(quantity.raw(), 5);
    let levels = |levels: &[Level]| {
        let level = |level: &Level| format!("[\"{}\",\"{}\"]", price(level.price), quantity(level.quantity));
        format!("[{}]", levels.iter().map(level).collect::<Vec<_>>().join(","))
    };
    let (recv, ms) = (event.ts_recv(), event.ts_event().0 / 1_000_000);
    let mut text = format!("{recv} ");
    match event {
        MarketEvent::Trade(trade) => {
            let is_maker = trade.aggressor == feature_api::AggressorSide::Sell;
            let (id, p, q) = (trade.trade_id, price(trade.price), quantity(trade.quantity));
            write!(
                text,
                "{{\"e\":\"trade\",\"E\":{ms},\"s\":\"TOYUSD\",\"t\":{id},\"p\":\"{p}\",\"q\":\"{q}\",\"T\":{ms},\
                 \"m\":{is_maker}}}"
            )
        }
        MarketEvent::Snapshot(book) => {
            let (id, bids, asks) = (book.update_id, levels(&book.bids), levels(&book.asks));
            write!(text, "{{\"lastUpdateId\":{id},\"bids\":{bids},\"asks\":{asks}}}")
        }
        MarketEvent::Delta(delta) => {
            let (first, last) = (delta.first_update_id, delta.last_update_id);
            let (bids, asks) = (levels(&delta.bids), levels(&delta.asks));
            write!(
                text,
                "{{\"e\":\"depthUpdate\",\"E\":{ms},\"s\":\"TOYUSD\",\"U\":{first},\"u\":{last},\"b\":{bids},\
                 \"a\":{asks}}}"
            )
        }
        MarketEvent::Quote(_) | MarketEvent::Bar(_) | MarketEvent::Clock(_) => panic!("not made up"),
    }
    .unwrap();
    text + "\n"
}

/// A logistic model over two features of `tick`: the probability that the price rises. Its probes are rows of these
/// events.
pub fn seal(version: &FeatureVersion, events: &[MarketEvent]) -> Vec<u8> {
    let mut set = version.open("tick", &[]).unwrap();
    let schema = set.schema().clone();
    let mut row = Row::new(schema.width());
    let mut rows = Vec::new();
    for event in events {
        if set.update(event.view(), &mut row).unwrap() {
            rows.push(row.clone());
        }
    }
    let features: Vec<String> = schema.features().iter().map(|spec| spec.name.to_owned()).collect();
    let kept = vec!["taker_ratio".to_owned(), "ob_imbalance".to_owned()];
    let preprocess = Preprocess::new(Parts {
        features: features.clone(),
        nulls: vec![Nulls::Refuse; kept.len()],
        kept,
        clip: None,
        scaler: Some(Scaler { kind: ScalerKind::None, scales: vec![] }),
        sequence: NonZeroU32::MIN,
    })
    .unwrap();
    let link = Link::Logistic { steepness: 1.0 };
    let linear = Linear::new(LinearParts { weights: vec![0.6, 0.4], bias: -0.3, link }).unwrap();
    let member = Member { model: AnyModel::Linear(linear), weight: 1.0, horizon: 5 };
    let ensemble = Ensemble::new(vec![member]).unwrap();
    let pipeline = Pipeline::new(&preprocess, &ensemble, &[], &schema).unwrap();
    let skipped = rows.iter().skip(rows.len() * 3 / 4);
    let probes: Vec<_> =
        skipped.filter_map(|row| pipeline.probe(std::slice::from_ref(row)).ok()).take(4).collect();
    assert_eq!(probes.len(), 4, "{} rows for a warm-up of {}", rows.len(), schema.warm_up());
    let reference = |feature| Reference { feature, valid: 0, null: 1, quantiles: vec![] };
    let manifest = Manifest {
        features: version.name.to_owned(),
        version: version.version.to_owned(),
        source_hash: version.source_hash,
        output_hash: version.output_hash,
        set: "tick".to_owned(),
        params: schema.params().to_vec(),
        schema_hash: schema.hash(),
        bars: BarSpec { kind: BarKind::TradesAndBook, volume: true },
        label: "direction:horizon=5".to_owned(),
        data_hash: sha256(b"made up"),
        train_span: (UnixNanos(0), UnixNanos(1)),
        train_rows: 2,
        model: "a toy".to_owned(),
        metrics: vec![],
        code_commit: "none".to_owned(),
        toolchain: "rustc".to_owned(),
        created: UnixNanos(1),
    };
    let reference = features.into_iter().map(reference).collect();
    let artifact = Artifact { manifest, preprocess, ensemble, filters: vec![], reference, probes };
    artifact::seal(&artifact, version, Loaders(&[]), None).unwrap()
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

/// Whole lines of a file.
pub fn whole_lines(path: &Path) -> u64 {
    fs::read(path).map_or(0, |content| content.iter().filter(|byte| **byte == b'\n').count() as u64)
}
