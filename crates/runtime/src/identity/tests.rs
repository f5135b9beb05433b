use std::path::Path;
use std::sync::LazyLock;

use super::*;

/// The example that documents every key.
fn example() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../bins/gatekeeper/gatekeeper.example.toml");
        std::fs::read_to_string(path).unwrap()
    });
    &TEXT
}

fn facts(set: &[(&str, &str)]) -> String {
    let set: Vec<_> = set.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let config = Config::parse(example(), Path::new("bot.toml"), &set).unwrap();
    text(&config, &features_v1::FEATURES, None, None)
}

/// Keys of the example with other values, several where one alone cannot be.
const DECIDES: &[&[(&str, &str)]] = &[
    &[("instrument.symbol", "ETHUSDT")],
    &[("instrument.tick_size", "0.2")],
    &[("instrument.lot_size", "0.002")],
    &[("instrument.min_notional", "100.000000000000000001")],
    &[("account.cash", "10000.000000000000000001")],
    &[("bars.interval", "1h")],
    &[("costs.max_volume_share", "unlimited")],
    &[("bars.volume", "none"), ("costs.max_volume_share", "unlimited")],
    &[("costs.taker_fee", "0.000500001")],
    &[("costs.maker_fee", "0.000200001")],
    &[("costs.spread", "0.000020001")],
    &[("costs.slippage", "0.000100001")],
    &[("costs.latency_bars", "1")],
    &[("costs.entry_order_bars", "4")],
    &[("sizing.equity_fraction", "0.5000000000000001")],
    &[("risk.max_position_notional", "unlimited")],
    &[("risk.max_order_notional", "unlimited")],
    &[("risk.max_leverage", "1.0000000000000002")],
    &[("risk.max_drawdown", "unlimited")],
    &[("risk.max_daily_loss", "unlimited")],
    &[("risk.max_entries_per_day", "21")],
    &[("strategy.threshold", "0.6000000000000001")],
    &[("strategy.min_edge", "0.0006")],
    &[("strategy.expected_move", "0.02")],
    &[("strategy.exit_threshold", "0.5")],
    &[("strategy.stop", "0.02")],
    &[("strategy.take", "0.03")],
    &[("strategy.max_hold_bars", "241")],
    &[("strategy.sides", "long")],
    &[("strategy.sides", "short")],
    &[("strategy.cooldown_bars", "6")],
    &[("reward.drawdown_penalty", "0.1")],
    &[("reward.turnover_penalty", "0.1")],
];

/// Where it is read, who is trusted, how bars are written.
const DECIDES_NOT: &[&[(&str, &str)]] = &[
    &[("bars.price_decimals", "2")],
    &[("bars.volume_decimals", "4")],
    &[("artifacts.entry", "elsewhere/entry.iso")],
    &[("artifacts.exit", "elsewhere/exit.iso")],
    &[("artifacts.trusted_keys", "[\"another.pub\"]")],
];

#[test]
fn every_key_is_in_it_or_said_not_to_be() {
    let same = facts(&[]);
    let mut texts = vec![same.clone()];
    texts.extend(DECIDES.iter().map(|set| facts(set)));
    for (index, one) in texts.iter().enumerate() {
        let other = texts[..index].iter().position(|other| other == one);
        assert_eq!(other, None, "{:?}", DECIDES.get(index.wrapping_sub(1)));
    }
    for set in DECIDES_NOT {
        assert_eq!(facts(set), same, "{set:?}");
    }
    let mut table = "";
    for line in example().lines().filter(|line| !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[') {
            table = name.trim_end_matches(']');
        } else if let Some((key, _)) = line.split_once(" = ") {
            let key = format!("{table}.{key}");
            let is_here =
                DECIDES.iter().chain(DECIDES_NOT).flat_map(|set| *set).any(|(name, _)| *name == key);
            assert!(is_here || key == "strategy.name", "{key}");
        }
    }
}

#[test]
fn other_ways_of_sizing_and_other_strategies_are_other_bots() {
    let of = |text: &str| {
        let config = Config::parse(text, Path::new("bot.toml"), &[]).unwrap();
        self::text(&config, &features_v1::FEATURES, None, None)
    };
    let sized = |size: &str| of(&example().replace("equity_fraction = 0.5", size));
    let (head, _) = example().split_once("[strategy]").unwrap();
    let named = |name: &str| of(&format!("{head}[strategy]\nname = {name:?}\n"));
    let texts = [
        of(example()),
        sized("notional = 5"),
        sized("notional = 5.000000000000000001"),
        sized("lots = 5"),
        sized("lots = 6"),
        named("flat"),
        named("buy-and-hold"),
    ];
    for (index, one) in texts.iter().enumerate() {
        assert!(!texts[..index].contains(one), "{index}");
    }
    let other = FeatureVersion { source_hash: sha256(b"other"), ..features_v1::FEATURES };
    let config = Config::parse(example(), Path::new("bot.toml"), &[]).unwrap();
    assert_ne!(text(&config, &other, None, None), texts[0]);
    let other = FeatureVersion { output_hash: sha256(b"other"), ..features_v1::FEATURES };
    assert_ne!(text(&config, &other, None, None), texts[0]);
}

/// As for bars; the tables that both have are tested there.
#[test]
fn every_key_of_events_is_in_it_or_said_not_to_be() {
    const DECIDES: &[&[(&str, &str)]] = &[
        &[("instrument.symbol", "ETHUSDT")],
        &[("account.cash", "10000.000000000000000001")],
        &[("events.kind", "trades")],
        &[("costs.taker_fee", "0.000500001")],
        &[("costs.maker_fee", "0.000200001")],
        &[("costs.slippage_ticks", "2")],
        &[("costs.order_latency_ms", "21")],
        &[("costs.cancel_latency_ms", "21")],
        &[("costs.entry_order_ms", "5001")],
        &[("costs.cancels", "proportional")],
        &[("events.kind", "trades"), ("costs.fills", "trades"), ("costs.spread", "0.001")],
        &[("events.kind", "trades"), ("costs.fills", "trades"), ("costs.spread", "0.002")],
        &[("sizing.equity_fraction", "0.5000000000000001")],
        &[("risk.max_leverage", "1.0000000000000002")],
        &[("strategy.min_edge", "0.0006")],
        &[("reward.drawdown_penalty", "0.1")],
    ];
    const DECIDES_NOT: &[&[(&str, &str)]] =
        &[&[("events.price_decimals", "4")], &[("events.quantity_decimals", "4")]];
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../bins/scalper/scalper.example.toml");
    let example = std::fs::read_to_string(path).unwrap();
    let facts = |set: &[(&str, &str)]| {
        let set: Vec<_> = set.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let config = EventConfig::parse(&example, Path::new("bot.toml"), &set).unwrap();
        event_text(&config, &features_v1::FEATURES, None, None)
    };
    let same = facts(&[]);
    assert!(same.contains("\nevents = trades and book\ncosts.taker_fee = 500000\n"), "{same}");
    let mut texts = vec![same.clone()];
    texts.extend(DECIDES.iter().map(|set| facts(set)));
    for (index, one) in texts.iter().enumerate() {
        assert!(!texts[..index].contains(one), "{:?}", DECIDES.get(index.wrapping_sub(1)));
    }
    for set in DECIDES_NOT {
        assert_eq!(facts(set), same, "{set:?}");
    }
    let mut table = "";
    for line in example.lines() {
        if let Some(name) = line.strip_prefix('[') {
            table = name.trim_end_matches(']');
        } else if let Some((key, _)) = line.trim_start_matches("# ").split_once(" = ")
            && ["events", "costs"].contains(&table)
            && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        {
            let key = format!("{table}.{key}");
            let mut sets = DECIDES.iter().chain(DECIDES_NOT).flat_map(|set| *set);
            assert!(sets.any(|(name, _)| *name == key), "{key}");
        }
    }
}

/// Whoever changes this text makes every state a stranger's.
#[test]
fn it_is_written_like_this() {
    let (head, _) = example().split_once("[strategy]").unwrap();
    let toml = format!("{head}[strategy]\nname = \"flat\"\n");
    let config = Config::parse(&toml, Path::new("bot.toml"), &[]).unwrap();
    let (source_hash, output_hash) = (sha256(b"source"), sha256(b"output"));
    let version = FeatureVersion { version: "1.2.3", source_hash, output_hash, ..features_v1::FEATURES };
    let text = text(&config, &version, None, None);
    let expected = [
        concat!("runtime = ", env!("CARGO_PKG_VERSION")),
        "features = features-v1 1.2.3",
        "features.source = 41cf6794ba4200b839c53531555f0f3998df4cbb01a4d5cb0b94e3ca5e23947d",
        "features.output = e0ee8bb50685e05fa0f47ed04203ae953fdfd055f5bd2892ea186504254f8c3a",
        "artifacts.entry = none",
        "artifacts.exit = none",
        "instrument.symbol = BTCUSDT",
        "instrument.tick_size = 0.1",
        "instrument.lot_size = 0.001",
        "instrument.min_notional = 100000000000000000000",
        "account.cash = 10000000000000000000000",
        "bars = time bars of 1m with volume",
        "costs.taker_fee = 500000",
        "costs.maker_fee = 200000",
        "costs.spread = 20000",
        "costs.slippage = 100000",
        "costs.latency_bars = 0",
        "costs.max_volume_share = 50000000",
        "costs.entry_order_bars = 3",
        "sizing.equity_fraction = 4602678819172646912",
        "risk.max_position_notional = 20000000000000000000000",
        "risk.max_order_notional = 10000000000000000000000",
        "risk.max_leverage = 4607182418800017408",
        "risk.max_drawdown = 4596373779694328218",
        "risk.max_daily_loss = 4584304132692975288",
        "risk.max_entries_per_day = 20",
        "strategy.name = flat",
        "reward.drawdown_penalty = 0",
        "reward.turnover_penalty = 0",
        "",
    ];
    assert_eq!(text.split('\n').collect::<Vec<_>>(), expected);
}
