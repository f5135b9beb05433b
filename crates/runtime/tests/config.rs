//! The configuration: what it reads.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::path::{Path, PathBuf};

use execution::Money;
use feature_api::{BarKind, BarSpec, Grid};
use observation::{Limit, Sizing};
use proptest::prelude::*;
use runtime::{ArtifactsConfig, Config, ConfigError};
use strategy::{ModelDrivenOptions, Sides};
use support::config::{edited, money, parse, problems, problems_with};
use support::{MINUTE, example, without_models};

#[test]
fn the_example_is_a_configuration() {
    let config = parse(example(), &[]).unwrap();
    let instrument = &config.instrument;
    assert_eq!(instrument.symbol(), "BTCUSDT");
    assert_eq!((instrument.tick().raw(), instrument.tick().scale()), (1, 1));
    assert_eq!((instrument.lot().raw(), instrument.lot().scale()), (1, 3));
    assert_eq!((instrument.min_notional(), config.cash), (money("100"), money("10000")));
    assert_eq!(config.bars.spec, BarSpec { kind: BarKind::Time { interval: MINUTE }, volume: true });
    assert_eq!(config.bars.grid, Some(Grid::new(1, 3).unwrap()));
    let costs = config.costs;
    let rates = [costs.taker_fee, costs.maker_fee, costs.spread, costs.slippage];
    assert_eq!(rates.map(|rate| rate.billionths()), [500_000, 200_000, 20_000, 100_000]);
    assert_eq!(costs.max_volume_share.map(|share| share.billionths()), Some(50_000_000));
    assert_eq!((costs.latency_bars, costs.entry_order_bars), (0, 3));
    assert_eq!(config.sizing, Sizing::EquityFraction(0.5));
    let limits = config.limits;
    assert_eq!(limits.max_position_notional, Limit::At(money("20000")));
    assert_eq!(limits.max_order_notional, Limit::At(money("10000")));
    assert_eq!((limits.max_leverage, limits.max_drawdown), (Limit::At(1.0), Limit::At(0.2)));
    assert_eq!((limits.max_daily_loss, limits.max_entries_per_day), (Limit::At(0.03), Limit::At(20)));
    let options = ModelDrivenOptions {
        threshold: Some(0.6),
        min_edge: 0.0005,
        expected_move: Some(0.01),
        exit_threshold: Some(0.3),
        stop: Some(0.01),
        take: Some(0.02),
        max_hold_bars: Some(240),
        sides: Sides::Both,
        cooldown_bars: 5,
    };
    assert_eq!((config.strategy.name.as_str(), config.strategy.options), ("model-driven", Some(options)));
    let artifacts = ArtifactsConfig {
        entry: PathBuf::from("folder/entry.iso"),
        exit: Some(PathBuf::from("folder/exit.iso")),
        trusted_keys: Some(vec![PathBuf::from("folder/trusted.pub")]),
    };
    assert_eq!(config.artifacts, Some(artifacts));
    assert_eq!((config.reward.drawdown_penalty, config.reward.turnover_penalty), (0.0, 0.0));
}

#[test]
fn the_example_documents_every_key_there_is() {
    // A table says which keys it has when it is asked for one that it has not.
    for table in
        ["instrument", "account", "bars", "costs", "sizing", "risk", "strategy", "artifacts", "reward"]
    {
        let found = problems_with(example(), &[(&format!("{table}.zzz"), "1")]);
        let [problem] = &found[..] else { panic!("{found:?}") };
        let keys = problem.strip_prefix(&format!("{table}.zzz: expected a key of [{table}]: ")).unwrap();
        let keys = keys.strip_suffix(", found an unknown key").unwrap();
        let (_, rest) = example().split_once(&format!("\n[{table}]\n")).unwrap();
        let section: Vec<&str> = rest.lines().take_while(|line| !line.starts_with('[')).collect();
        for key in keys.split(", ") {
            let is_key = |line: &str| line.trim_start_matches("# ").starts_with(&format!("{key} = "));
            let at = section.iter().position(|line| is_key(line)).unwrap_or_else(|| panic!("{table}.{key}"));
            assert!(at > 0 && section[at - 1].starts_with("# "), "{table}.{key} says nothing of itself");
        }
    }
    let found = problems_with(example(), &[("zzz.key", "1")]);
    let tables = "instrument, account, bars, costs, sizing, risk, strategy, artifacts, reward";
    assert_eq!(found, [format!("[zzz]: expected one of the tables {tables}, found an unknown table")]);
}

#[test]
fn a_number_may_be_written_in_any_way() {
    for (key, values) in [
        ("instrument.tick_size", vec!["0.10", "1e-1", "\"0.1\"", "+0.1", "0.01e1"]),
        ("account.cash", vec!["10_000", "10000.0", "1e4", "\"10000\"", "1.0E+4"]),
        ("costs.taker_fee", vec!["5e-4", "0.00050"]),
        ("risk.max_leverage", vec!["1.0", "1", "0x1"]),
        ("strategy.cooldown_bars", vec!["0x5", "0b101", "+5"]),
        ("reward.drawdown_penalty", vec!["0.0", "0"]),
    ] {
        for value in values {
            assert_eq!(
                parse(example(), &[(key, value)]).unwrap(),
                parse(example(), &[]).unwrap(),
                "{key} = {value}"
            );
        }
    }
    // Never by way of a float, which would make it 100000000.00000001490116…
    let (text, _) = edited("cash", "cash = 100000000.000000010000000001");
    assert_eq!(parse(&text, &[]).unwrap().cash, money("100000000.000000010000000001"));
}

#[test]
fn limits_are_loosened_in_so_many_words() {
    let keys = [
        "max_position_notional",
        "max_order_notional",
        "max_leverage",
        "max_drawdown",
        "max_daily_loss",
        "max_entries_per_day",
    ];
    let mut text = example().to_owned();
    for key in keys {
        let (without, _) = edited(&format!("{key} = "), "");
        let table = example().lines().position(|line| line == "[risk]").unwrap() + 1;
        let found = problems(&without);
        assert_eq!(found.len(), 1, "{key}: {found:?}");
        assert!(found[0].starts_with(&format!("line {table}: risk.{key}: expected ")), "{found:?}");
        assert!(found[0].ends_with("or \"unlimited\" for no such limit, found nothing"), "{found:?}");
        let line = example().lines().find(|line| line.starts_with(&format!("{key} = "))).unwrap();
        text = text.replace(line, &format!("{key} = \"unlimited\""));
    }
    let limits = parse(&text, &[]).unwrap().limits;
    assert_eq!(
        (limits.max_position_notional, limits.max_order_notional),
        (Limit::Unlimited, Limit::Unlimited)
    );
    assert_eq!((limits.max_leverage, limits.max_drawdown), (Limit::Unlimited, Limit::Unlimited));
    assert_eq!((limits.max_daily_loss, limits.max_entries_per_day), (Limit::Unlimited, Limit::Unlimited));
    let costs = parse(example(), &[("costs.max_volume_share", "unlimited")]).unwrap().costs;
    assert_eq!(costs.max_volume_share, None);
}

#[test]
fn keys_are_set_before_anything_is_checked() {
    let (broken, _) = edited("threshold", "threshold = nan");
    let config = parse(&broken, &[("strategy.threshold", "0.7"), ("instrument.symbol", "ETH-USDT")]).unwrap();
    assert_eq!(config.strategy.options.and_then(|options| options.threshold), Some(0.7));
    assert_eq!(config.instrument.symbol(), "ETH-USDT");
    let set = [("artifacts.entry", "sub/a.iso"), ("artifacts.trusted_keys", "[\"a.pub\", \"b.pub\"]")];
    let artifacts = parse(example(), &set).unwrap().artifacts.unwrap();
    assert_eq!(artifacts.entry, Path::new("folder/sub/a.iso"));
    assert_eq!(artifacts.trusted_keys.map(|keys| keys.len()), Some(2));
    // A table that is not in the file, and the last of two.
    let text = without_models("flat");
    let set = [("reward.turnover_penalty", "1"), ("reward.turnover_penalty", "0.5")];
    assert_eq!(parse(&text, &set).unwrap().reward.turnover_penalty, 0.5);

    for (key, value, expected) in [
        ("strategy.threshold", "nan", "strategy.threshold: expected a probability"),
        ("strategy.threshold", "high", "such as 0.6, found \"high\""),
        ("strategy.threshold", "0.6 0.7", "found \"0.6 0.7\""),
        ("strategy.threshold", "", "found \"\""),
        ("strategy.treshold", "0.6", "found an unknown key; did you mean threshold?"),
        ("strateg.threshold", "0.6", "found an unknown table; did you mean strategy?"),
        (
            "threshold",
            "0.6",
            "threshold: expected a table and a key to set, such as strategy.threshold, found \"threshold\"",
        ),
        (".threshold", "0.6", "found \".threshold\""),
        ("strategy.", "0.6", "found \"strategy.\""),
        ("strategy.a.b", "0.6", "found an unknown key"),
        (
            "instrument.symbol",
            "\"BTC",
            "instrument.symbol: expected a value to set it to, in TOML, found \"\\\"BTC\"",
        ),
        ("artifacts.trusted_keys", "[1, ", "artifacts.trusted_keys: expected a value to set it to"),
    ] {
        let found = problems_with(example(), &[(key, value)]);
        assert_eq!(found.len(), 1, "{key}={value}: {found:?}");
        assert!(found[0].contains(expected) && !found[0].starts_with("line"), "{key}={value}: {found:?}");
    }
}

#[test]
fn a_file_is_read_with_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bot.toml");
    std::fs::write(&path, example()).unwrap();
    let entry = Config::read(&path).unwrap().artifacts.unwrap().entry;
    assert_eq!(entry, folder.path().join("entry.iso"));
    let message = |path: &Path| Config::read(path).unwrap_err().to_string();
    let start = |path: &Path| format!("cannot read {}: ", path.display());
    assert!(message(folder.path()).starts_with(&start(folder.path())));
    let missing = folder.path().join("no.toml");
    assert!(message(&missing).starts_with(&start(&missing)));
    assert!(message(&missing).ends_with("; name a configuration such as gatekeeper.example.toml"));
    std::fs::write(&path, b"[bars]\ninterval = \"\xff\"").unwrap();
    assert!(message(&path).contains("utf-8"), "{}", message(&path));
    std::fs::write(&path, vec![b'#'; (1 << 20) + 1]).unwrap();
    assert!(message(&path).contains("longer than 1048576 bytes"), "{}", message(&path));
    std::fs::write(&path, format!("\u{feff}{}", example()).replace('\n', "\r\n")).unwrap();
    assert_eq!(Config::read(&path).unwrap().cash, money("10000"));
}

proptest! {
    #[test]
    fn any_text_is_a_configuration_or_has_problems(
        at in 0..example().len(),
        length in 0..40_usize,
        insert in "[\\x00-\\x7fé]{0,12}",
        key in "[a-z_.\"]{0,20}",
        value in "\\PC{0,12}",
    ) {
        let mut bytes = example().as_bytes().to_vec();
        bytes.splice(at..(at + length).min(example().len()), insert.bytes());
        let text = String::from_utf8_lossy(&bytes);
        for set in [&[][..], &[(key.as_str(), value.as_str())][..]] {
            match parse(&text, set) {
                Ok(config) => prop_assert!(config.cash > Money::ZERO),
                Err(ConfigError::Problems { problems, .. }) => prop_assert!(!problems.is_empty()),
                Err(error) => prop_assert!(false, "{}", error),
            }
        }
    }
}
