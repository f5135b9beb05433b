//! From a configuration to a bot: what is verified, what is refused, whose state is whose.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use artifact::SecretKey;
use execution::ExecutionError;
use feature_api::{BarKind, BarSpec, Grid};
use model::Loaders;
use runtime::{Bot, BotError, Config};
use strategy::{StrategyError, Why};
use support::models::{ENTRY, EXIT, Toy, VERSION};
use support::{MINUTE, SPEC, bars, grid, with_toys, without_models};
use tempfile::TempDir;

/// A folder of both toys, signed by `key` where there is one.
fn folder(key: Option<&SecretKey>) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    ENTRY.write(&folder.path().join("entry.iso"), key);
    EXIT.write(&folder.path().join("exit.iso"), key);
    folder
}

fn config(text: &str, folder: &Path, set: &[(&str, &str)]) -> Config {
    let set: Vec<_> = set.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    Config::parse(text, &folder.join("bot.toml"), &set).unwrap()
}

fn open(text: &str, folder: &Path, set: &[(&str, &str)]) -> Result<Bot, BotError> {
    Bot::open(&config(text, folder, set), &VERSION, grid(), Loaders(&[]))
}

fn key(byte: &str) -> SecretKey {
    format!("isobar ed25519 secret {}", byte.repeat(32)).parse().unwrap()
}

fn refused(found: Result<Bot, BotError>) -> Vec<(PathBuf, Vec<&'static str>)> {
    match found.map(|_| ()) {
        Err(BotError::Refused { problems }) => problems
            .into_iter()
            .map(|(path, problems)| (path, problems.iter().map(artifact::Problem::code).collect()))
            .collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_bot_steps_what_its_configuration_says() {
    let folder = folder(None);
    let mut bot = open(&with_toys(), folder.path(), &[]).unwrap();
    let [entry, exit] = [&bot.entry, &bot.exit].map(|leg| leg.as_ref().unwrap());
    assert_eq!(
        [&entry.path, &exit.path],
        [&folder.path().join("entry.iso"), &folder.path().join("exit.iso")]
    );
    let sets = [entry, exit].map(|leg| leg.verified.artifact().manifest.set.as_str());
    assert_eq!((sets, bot.core.bar_spec()), (["core", "exit"], SPEC));
    assert_eq!(bot.core.exchange().market().grid(), grid());
    let mut predicted = 0;
    for bar in &bars(300, 2) {
        let step = bot.core.step(bar).unwrap();
        predicted += u32::from(step.signal.entry.value().or(step.signal.exit.value()).is_some());
    }
    assert!(predicted > 50, "{predicted}");

    // Options and costs reach the strategy: its stop is set, and a gain must exceed 60 % where a fee is 30 %.
    let signals = |set: &[(&str, &str)]| {
        let mut bot = open(&with_toys(), folder.path(), set).unwrap();
        let mut of = |bar| {
            let step = bot.core.step(bar).unwrap();
            let stop = step.mapped.order.is_some_and(|order| order.bracket.stop.is_some());
            (step.signal.why, stop, step.signal.edge.unwrap_or_default())
        };
        bars(900, 2).iter().map(&mut of).collect::<Vec<_>>()
    };
    assert!(signals(&[]).iter().any(|(why, stop, _)| *why == Why::Entry && *stop));
    let dear = signals(&[("costs.taker_fee", "0.3")]);
    assert!(dear.iter().any(|(why, _, edge)| *why == Why::BelowCosts && *edge > 0.01));
    assert!(dear.iter().all(|(why, _, edge)| *why != Why::Entry || *edge > 0.6));

    let hold = open(&without_models("buy-and-hold"), Path::new(""), &[]).unwrap();
    assert!(hold.entry.is_none() && hold.exit.is_none());
    let alone = with_toys().replace("exit = \"exit.iso\"\n", "").replace("exit_threshold = -0.4\n", "");
    assert!(open(&alone, folder.path(), &[]).unwrap().exit.is_none());
}

#[test]
fn nothing_is_allocated_once_models_are_warm() {
    let folder = folder(None);
    let limits = ["max_drawdown", "max_daily_loss", "max_entries_per_day"].map(|key| format!("risk.{key}"));
    let set = limits.each_ref().map(|key| (key.as_str(), "unlimited"));
    let mut bot = open(&with_toys(), folder.path(), &set).unwrap();
    let bars = bars(1200, 8);
    let (warm_up, rest) = bars.split_at(400);
    for bar in warm_up {
        bot.core.step(bar).unwrap();
    }
    let mut fills = 0;
    let info = allocation_counter::measure(|| {
        for bar in rest {
            fills += bot.core.step(bar).map_or(0, |step| step.fills.len());
        }
    });
    assert_eq!((info.count_total, bot.core.bars()), (0, 1200));
    assert!(fills > 20, "{fills} fills");
}

#[test]
fn every_problem_of_both_models_is_told() {
    let folder = folder(None);
    let hour = BarSpec { kind: BarKind::Time { interval: 60 * MINUTE }, volume: true };
    let exit = folder.path().join("exit.iso");
    Toy { bars: hour, ..EXIT }.write(&exit, None);
    let entry = folder.path().join("entry.iso");
    let mut bytes = fs::read(&entry).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&entry, bytes).unwrap();
    let found = refused(open(&with_toys(), folder.path(), &[]));
    assert_eq!(found[1], (exit.clone(), vec!["bars"]));
    assert_eq!((found[0].0.clone(), found[0].1.is_empty(), found.len()), (entry, false, 2));

    // One that is right does not hide the other.
    ENTRY.write(&folder.path().join("entry.iso"), None);
    let error = open(&with_toys(), folder.path(), &[]).map(|_| ()).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "{}: refused\n  bars: expected a model of time bars of 1m with volume, which this program feeds, found one \
             of time bars of 1h with volume; feed the same bars",
            exit.display()
        )
    );
}

#[test]
fn a_signature_is_demanded_of_one_of_the_keys() {
    let signer = key("a7");
    let folder = folder(Some(&signer));
    let path = |name: &str| folder.path().join(name);
    fs::write(path("signer.pub"), format!("{}\n", signer.public())).unwrap();
    fs::write(path("other.pub"), format!("{}\n", key("b1").public())).unwrap();
    let text = with_toys().replace("unsigned = \"allow\"", "trusted_keys = [\"other.pub\", \"signer.pub\"]");
    let bot = open(&text, folder.path(), &[]).unwrap();
    assert_eq!(bot.entry.unwrap().verified.signer(), Some(&signer.public()));
    // Who is trusted decides whether there is a bot, not which.
    assert_eq!(open(&with_toys(), folder.path(), &[]).unwrap().identity, bot.identity);

    let set = [("artifacts.trusted_keys", "[\"other.pub\"]")];
    let untrusted = vec!["untrusted-signer"];
    assert_eq!(
        refused(open(&text, folder.path(), &set)),
        [(path("entry.iso"), untrusted.clone()), (path("exit.iso"), untrusted)]
    );
    ENTRY.write(&path("entry.iso"), None);
    assert_eq!(refused(open(&text, folder.path(), &[])), [(path("entry.iso"), vec!["unsigned"])]);

    fs::write(path("other.pub"), "a key").unwrap();
    let error = open(&text, folder.path(), &[]).map(|_| ()).unwrap_err();
    let start = format!("{}: expected one line `isobar ed25519 public", path("other.pub").display());
    assert!(matches!(error, BotError::Key { .. }) && error.to_string().starts_with(&start), "{error}");
}

#[test]
fn what_cannot_be_read_is_named() {
    let folder = folder(None);
    let read = |set: &[(&str, &str)], text: &str| match open(text, folder.path(), set).map(|_| ()) {
        Err(error @ BotError::Read { .. }) => {
            let text = error.to_string();
            assert!(text.ends_with("; name it in [artifacts] of the configuration"), "{text}");
            text.replace(&folder.path().display().to_string(), "")
        }
        other => panic!("{other:?}"),
    };
    let text = with_toys();
    assert!(read(&[("artifacts.entry", "no.iso")], &text).starts_with("cannot read /no.iso: "));
    assert!(read(&[("artifacts.exit", "no.iso")], &text).starts_with("cannot read /no.iso: "));
    assert!(read(&[("artifacts.entry", ".")], &text).contains("it is no file"));
    let text = text.replace("unsigned = \"allow\"", "trusted_keys = [\"no.pub\"]");
    assert!(read(&[], &text).starts_with("cannot read /no.pub: "));
    // No key is as long as a model.
    fs::write(folder.path().join("long.pub"), "x".repeat(5000)).unwrap();
    assert!(read(&[("artifacts.trusted_keys", "[\"long.pub\"]")], &text).contains("longer than 4096 bytes"));
}

#[test]
fn what_does_not_fit_is_refused() {
    let folder = folder(None);
    let text = with_toys();
    // The exit model does not look at the market alone.
    let swapped = [("artifacts.entry", "exit.iso"), ("artifacts.exit", "entry.iso")];
    let found = open(&text, folder.path(), &swapped).map(|_| ());
    assert!(matches!(found, Err(BotError::Strategy(StrategyError::Model { leg: "entry", .. }))), "{found:?}");
    let found = open(&text, folder.path(), &[("strategy.threshold", "0.6")]).map(|_| ());
    assert!(matches!(found, Err(BotError::Strategy(StrategyError::Option { .. }))), "{found:?}");
    let artifacts = "[artifacts]\nentry = \"entry.iso\"\nunsigned = \"allow\"\n";
    let found = open(&format!("{}{artifacts}", without_models("flat")), folder.path(), &[]).map(|_| ());
    assert!(matches!(found, Err(BotError::Strategy(StrategyError::Model { .. }))), "{found:?}");
    let config = config(&without_models("flat"), folder.path(), &[]);
    let coarse = Grid::new(0, 3).unwrap();
    let found = Bot::open(&config, &VERSION, coarse, Loaders(&[])).map(|_| ());
    assert!(matches!(found, Err(BotError::Execution(ExecutionError::Grid { .. }))), "{found:?}");
}

#[test]
fn another_model_is_another_bot() {
    let folder = folder(None);
    let text = with_toys();
    let identity = |set: &[(&str, &str)]| open(&text, folder.path(), set).unwrap().identity;
    let first = identity(&[]);
    assert_eq!(identity(&[]), first);
    let copy = folder.path().join("copy.iso");
    fs::copy(folder.path().join("entry.iso"), &copy).unwrap();
    assert_eq!(identity(&[("artifacts.entry", "copy.iso")]), first, "the same model elsewhere");
    Toy { weight: ENTRY.weight.next_up(), ..ENTRY }.write(&copy, None);
    assert_ne!(identity(&[("artifacts.entry", "copy.iso")]), first);
    Toy { bias: 1e-300, ..EXIT }.write(&copy, None);
    assert_ne!(identity(&[("artifacts.exit", "copy.iso")]), first);
    assert_ne!(identity(&[("strategy.cooldown_bars", "6")]), first);
    let finer =
        Bot::open(&config(&text, folder.path(), &[]), &VERSION, Grid::new(3, 4).unwrap(), Loaders(&[]));
    assert_eq!(finer.unwrap().identity, first, "a grid is a way of writing");
}
