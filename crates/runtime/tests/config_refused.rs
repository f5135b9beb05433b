//! The configuration: every kind of problem, and how it is told.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use observation::Sizing;
use support::config::{edited, money, parse, problems, problems_with};
use support::{example, example_with, without_models};

#[test]
fn unknown_keys_are_refused_with_what_may_have_been_meant() {
    let (text, line) = edited("threshold", "treshold = 0.6");
    assert_eq!(
        problems(&text),
        [format!(
            "line {line}: strategy.treshold: expected a key of [strategy]: name, threshold, min_edge, expected_move, \
             exit_threshold, stop, take, max_hold_bars, sides, cooldown_bars, found an unknown key; did you mean \
             threshold?"
        )]
    );
    let (text, line) = edited("[reward]", "[rewards]");
    assert_eq!(
        problems(&text),
        [format!(
            "line {line}: [rewards]: expected one of the tables instrument, account, bars, costs, sizing, risk, \
             strategy, artifacts, reward, found an unknown table; did you mean reward?"
        )]
    );
    assert_eq!(
        problems(&format!("cash = 5\n{}", example())),
        ["line 1: cash: expected tables alone at the top, such as [cash], found 5"]
    );
    assert_eq!(
        problems(&format!("{}threshold = 0.6\n", without_models("flat"))).len(),
        1,
        "an option of another strategy"
    );
    let found = problems(&format!("{}threshold = 0.6\n", without_models("flat")));
    assert!(
        found[0].ends_with(
            ": strategy.threshold: expected name alone, for strategy \"flat\" has no options, found an unknown key"
        ),
        "{found:?}"
    );
}

/// Lines of the example in place of others, with what is said of them.
const REFUSED: &[(&str, &str, &str)] = &[
    ("symbol", "symbol = \"\"", "symbol: expected a name, such as \"BTCUSDT\", found \"\""),
    ("symbol", "symbol = 5", "symbol: expected a name, such as \"BTCUSDT\", found 5"),
    ("tick_size", "tick_size = 0", "found 0"),
    ("tick_size", "tick_size = -0.1", "found -0.1"),
    (
        "tick_size",
        "tick_size = nan",
        "tick_size: expected a decimal above 0 with up to 16 decimals, such as 0.01, found nan",
    ),
    ("tick_size", "tick_size = \"a tick\"", "found \"a tick\""),
    ("lot_size", "lot_size = 1e-17", "found 1e-17"),
    ("lot_size", "lot_size = inf", "found inf"),
    ("min_notional", "min_notional = -1", "0 or above, to 1e-18, found -1"),
    (
        "cash",
        "cash = 0",
        "account.cash: expected an amount of the quote currency above 0, to 1e-18, such as 10000, found 0",
    ),
    ("cash", "cash = 1e30", "found 1e30"),
    ("cash", "cash = 0.0000000000000000001", "found 0.0000000000000000001"),
    ("cash", "cash = true", "found true"),
    (
        "interval",
        "interval = \"1w\"",
        "bars.interval: expected a whole number above 0 and a unit (s, m, h or d), such as \"1m\", \"5m\", \"1h\" or \"1d\", found \"1w\"",
    ),
    ("interval", "interval = 60", "found 60"),
    ("volume", "volume = \"maybe\"", "bars.volume: expected \"required\" or \"none\", found \"maybe\""),
    (
        "price_decimals",
        "price_decimals = 17",
        "bars.price_decimals: expected a whole number from 0 to 16, found 17",
    ),
    ("price_decimals", "price_decimals = 1.0", "found 1.0"),
    ("taker_fee", "taker_fee = 1", "found 1"),
    ("taker_fee", "taker_fee = -0.0001", "found -0.0001"),
    (
        "maker_fee",
        "maker_fee = 1e-10",
        "costs.maker_fee: expected a fraction from 0 up to 1 (excluded) in steps of 1e-9, such as 0.0005 for 0.05 %, found 1e-10",
    ),
    ("spread", "spread = nan", "found nan"),
    ("slippage", "slippage = -inf", "found -inf"),
    (
        "latency_bars",
        "latency_bars = -1",
        "costs.latency_bars: expected a whole number of bars, 0 or above, found -1",
    ),
    ("latency_bars", "latency_bars = 4294967296", "found 4294967296"),
    (
        "max_volume_share",
        "max_volume_share = 0",
        "costs.max_volume_share: expected a fraction above 0 and up to 1 in steps of 1e-9, or \"unlimited\", found 0",
    ),
    ("max_volume_share", "max_volume_share = \"none\"", "found \"none\""),
    (
        "entry_order_bars",
        "entry_order_bars = 0",
        "costs.entry_order_bars: expected a whole number of bars above 0, found 0",
    ),
    (
        "equity_fraction",
        "equity_fraction = 0.0",
        "sizing.equity_fraction: expected a fraction of equity above 0, such as 0.5, found 0.0",
    ),
    ("equity_fraction", "equity_fraction = nan", "found nan"),
    ("equity_fraction", "notional = 0", "found 0"),
    ("equity_fraction", "lots = 1.5", "sizing.lots: expected a whole number of lots above 0, found 1.5"),
    (
        "max_position_notional",
        "max_position_notional = nan",
        "risk.max_position_notional: expected an amount of the quote currency above 0, or \"unlimited\" for no such limit, found nan",
    ),
    ("max_order_notional", "max_order_notional = \"none\"", "found \"none\""),
    (
        "max_leverage",
        "max_leverage = nan",
        "risk.max_leverage: expected a multiple of equity above 0, or \"unlimited\" for no such limit, found nan",
    ),
    ("max_leverage", "max_leverage = inf", "found inf"),
    ("max_leverage", "max_leverage = 0", "found 0"),
    (
        "max_drawdown",
        "max_drawdown = 1",
        "risk.max_drawdown: expected a fraction above 0 and below 1, or \"unlimited\" for no such limit, found 1",
    ),
    ("max_drawdown", "max_drawdown = nan", "found nan"),
    ("max_daily_loss", "max_daily_loss = 0", "found 0"),
    ("max_daily_loss", "max_daily_loss = -nan", "found -nan"),
    (
        "max_entries_per_day",
        "max_entries_per_day = 0",
        "risk.max_entries_per_day: expected a whole number above 0, or \"unlimited\" for no such limit, found 0",
    ),
    ("max_entries_per_day", "max_entries_per_day = 2.5", "found 2.5"),
    (
        "threshold",
        "threshold = 1.0",
        "strategy.threshold: expected a probability from 0.5 up to 1 (excluded), such as 0.6, found 1.0",
    ),
    ("threshold", "threshold = 0.49", "found 0.49"),
    ("threshold", "threshold = nan", "found nan"),
    ("min_edge", "min_edge = -0.1", "found -0.1"),
    ("min_edge", "min_edge = nan", "found nan"),
    ("expected_move", "expected_move = 0", "found 0"),
    ("exit_threshold", "exit_threshold = nan", "found nan"),
    ("exit_threshold", "exit_threshold = \"low\"", "found \"low\""),
    (
        "stop",
        "stop = 1",
        "strategy.stop: expected a fraction of the price above 0 and below 1, such as 0.02, found 1",
    ),
    ("stop", "stop = nan", "found nan"),
    ("take =", "take = 0", "found 0"),
    ("max_hold_bars", "max_hold_bars = 0", "found 0"),
    ("sides", "sides = \"up\"", "strategy.sides: expected \"long\", \"short\" or \"both\", found \"up\""),
    ("cooldown_bars", "cooldown_bars = -1", "found -1"),
    (
        "entry =",
        "entry = \"\"",
        "artifacts.entry: expected the path of a sealed model, such as \"entry.iso\", found \"\"",
    ),
    ("exit =", "exit = []", "found an empty list"),
    (
        "trusted_keys",
        "trusted_keys = []",
        "artifacts.trusted_keys: expected a list of one path of a public key or more, found an empty list",
    ),
    ("trusted_keys", "trusted_keys = [5]", "found a list"),
    ("trusted_keys", "trusted_keys = \"a.pub\"", "found \"a.pub\""),
    ("trusted_keys", "unsigned = \"yes\"", "artifacts.unsigned: expected \"allow\", found \"yes\""),
    ("trusted_keys", "unsigned = true", "found true"),
    (
        "drawdown_penalty",
        "drawdown_penalty = -1",
        "reward.drawdown_penalty: expected a finite number, 0 or above, found -1",
    ),
    ("turnover_penalty", "turnover_penalty = inf", "found inf"),
    ("turnover_penalty", "turnover_penalty = 2020-01-01", "found the time 2020-01-01"),
    ("turnover_penalty", "turnover_penalty = {}", "found a table"),
];

#[test]
fn what_cannot_be_is_refused_by_its_line() {
    for (begins, line, expected) in REFUSED {
        let (text, number) = edited(begins, line);
        let found = problems(&text);
        assert_eq!(found.len(), 1, "{line}: {found:?}");
        let key = line.split_once(" = ").unwrap().0;
        assert!(found[0].starts_with(&format!("line {number}: ")), "{line}: {found:?}");
        assert!(found[0].contains(&format!(".{key}: expected ")), "{line}: {found:?}");
        assert!(found[0].ends_with(expected), "{line}: {found:?}");
    }
}

#[test]
fn one_way_of_sizing() {
    let expected = "exactly one of equity_fraction, notional, lots";
    let line = example().lines().position(|line| line == "[sizing]").unwrap() + 1;
    let (none, _) = edited("equity_fraction", "");
    assert_eq!(problems(&none), [format!("line {line}: sizing: expected {expected}, found none of them")]);
    let (two, _) = edited("equity_fraction", "equity_fraction = 0.5\nlots = 5");
    assert_eq!(
        problems(&two),
        [format!("line {line}: sizing: expected {expected}, found equity_fraction and lots")]
    );
    let (lots, _) = edited("equity_fraction", "lots = 5");
    assert_eq!(parse(&lots, &[]).unwrap().sizing, Sizing::Lots(5));
    let (notional, _) = edited("equity_fraction", "notional = 0.1");
    assert_eq!(parse(&notional, &[]).unwrap().sizing, Sizing::Notional(money("0.1")));
}

#[test]
fn who_is_trusted_is_said_once() {
    let expected =
        "artifacts: expected exactly one of trusted_keys = [\"key.pub\"] and unsigned = \"allow\", found";
    let table = example().lines().position(|line| line == "[artifacts]").unwrap() + 1;
    let (neither, _) = edited("trusted_keys", "");
    assert_eq!(problems(&neither), [format!("line {table}: {expected} neither")]);
    let (both, line) = edited("trusted_keys", "unsigned = \"allow\"\ntrusted_keys = [\"a.pub\"]");
    assert_eq!(problems(&both), [format!("line {line}: {expected} both")]);
    let (unsigned, _) = edited("trusted_keys", "unsigned = \"allow\"");
    assert_eq!(parse(&unsigned, &[]).unwrap().artifacts.unwrap().trusted_keys, None);
}

#[test]
fn what_does_not_go_together_is_refused() {
    let (one, _) = edited("volume_decimals", "");
    let line = example().lines().position(|line| line.starts_with("price_decimals")).unwrap() + 1;
    let found = problems(&one);
    assert_eq!(
        found,
        [format!(
            "line {line}: bars.volume_decimals: expected both price_decimals and volume_decimals, or neither, found \
             price_decimals alone"
        )]
    );
    let (neither, _) = edited("volume_decimals", "");
    let neither = neither.replace("price_decimals = 1\n", "");
    assert_eq!(parse(&neither, &[]).unwrap().bars.grid, None);

    let (none, _) = edited("volume = ", "volume = \"none\"");
    let share = example().lines().position(|line| line.starts_with("max_volume_share")).unwrap() + 1;
    assert_eq!(
        problems(&none),
        [format!(
            "line {share}: costs.max_volume_share: expected \"unlimited\", for bars.volume = \"none\" says that there \
             is none to share, found 0.05"
        )]
    );
    assert!(!parse(&none, &[("costs.max_volume_share", "unlimited")]).unwrap().bars.spec.volume);

    let found = problems_with(example(), &[("instrument.tick_size", "0.01")]);
    assert!(
        found.len() == 1 && found[0].contains("bars.price_decimals: expected decimals that hold"),
        "{found:?}"
    );
    let found = problems_with(example(), &[("costs.spread", "0.9"), ("costs.slippage", "0.55")]);
    assert!(found.len() == 1 && found[0].contains("costs.spread: expected half of it"), "{found:?}");
    let found = problems_with(example(), &[("instrument.symbol", "\"BTC\\u0007\"")]);
    assert!(
        found.len() == 1 && found[0].contains("instrument.symbol: expected a name of visible"),
        "{found:?}"
    );
}

#[test]
fn a_strategy_has_its_options_and_its_models() {
    let config = parse(&without_models("buy-and-hold"), &[]).unwrap();
    assert_eq!((config.strategy.options, config.artifacts), (None, None));
    let text = example_with("[strategy]\nname = \"model-driven\"\n");
    let (strategy, found) = (text.lines().count() - 1, problems(&text));
    assert_eq!(
        found,
        [
            format!(
                "line {strategy}: strategy.min_edge: expected a fraction of the price from 0 up to 1 (excluded), such \
                 as 0.0005, found nothing"
            ),
            format!(
                "line {strategy}: strategy.sides: expected \"long\", \"short\" or \"both\", found nothing"
            ),
            format!(
                "line {strategy}: strategy.cooldown_bars: expected a whole number of bars, 0 or above, found nothing"
            ),
        ]
    );
    let options = "min_edge = 0\nsides = \"long\"\ncooldown_bars = 0\n";
    let text = example_with(&format!("[strategy]\nname = \"model-driven\"\n{options}"));
    assert_eq!(
        problems(&text),
        [
            "artifacts.entry: expected the path of a sealed model, such as \"entry.iso\", found nothing",
            "artifacts: expected exactly one of trusted_keys = [\"key.pub\"] and unsigned = \"allow\", found neither",
        ]
    );
    let found = problems(&without_models("hodl"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].ends_with(
            "strategy.name: expected the name of a strategy: model-driven, buy-and-hold, flat, found \"hodl\""
        ),
        "{found:?}"
    );
}

#[test]
fn an_empty_file_lacks_everything_that_could_cost_money() {
    let found = problems("");
    let keys: Vec<&str> = found.iter().map(|problem| problem.split_once(':').unwrap().0).collect();
    assert_eq!(
        keys,
        [
            "instrument.symbol",
            "instrument.tick_size",
            "instrument.lot_size",
            "instrument.min_notional",
            "account.cash",
            "bars.interval",
            "bars.volume",
            "costs.taker_fee",
            "costs.maker_fee",
            "costs.spread",
            "costs.slippage",
            "costs.latency_bars",
            "costs.max_volume_share",
            "costs.entry_order_bars",
            "sizing",
            "risk.max_position_notional",
            "risk.max_order_notional",
            "risk.max_leverage",
            "risk.max_drawdown",
            "risk.max_daily_loss",
            "risk.max_entries_per_day",
            "strategy.name",
        ]
    );
}

#[test]
fn what_is_no_toml_is_named_by_its_line() {
    for (text, line) in [
        ("[instrument\nsymbol = 5", 1),
        ("[instrument]\nsymbol = \"a\"\nsymbol = \"b\"", 3),
        ("[bars]\ninterval =\n", 2),
        ("[bars]\nprice_decimals = 1.\n", 2),
        ("[bars]\n\ninterval = 1m\n", 3),
    ] {
        let found = problems(text);
        let start = format!("line {line}: the configuration: expected TOML, found text that is none: ");
        assert!(found.iter().any(|problem| problem.starts_with(&start)), "{text:?}: {found:?}");
    }
}

#[test]
fn every_problem_is_told_at_once_by_line() {
    let text = example()
        .replace("tick_size = 0.1", "tick_size = nan")
        .replace("maker_fee = 0.0002", "maker_fee = 2")
        .replace("sides = \"both\"", "side = \"both\"");
    let error = parse(&text, &[]).unwrap_err().to_string();
    let at = |line: &str| text.lines().position(|found| found == line).unwrap() + 1;
    let expected = [
        "folder/bot.toml: ".to_owned(),
        format!("  line {}: instrument.tick_size: expected a decimal above 0", at("tick_size = nan")),
        format!("  line {}: costs.maker_fee: expected a fraction", at("maker_fee = 2")),
        format!(
            "  line {}: strategy.sides: expected \"long\", \"short\" or \"both\", found nothing",
            at("[strategy]")
        ),
        format!("  line {}: strategy.side: expected a key of [strategy]", at("side = \"both\"")),
    ];
    let lines: Vec<&str> = error.split('\n').collect();
    assert_eq!(lines.len(), expected.len(), "{error}");
    for (line, expected) in lines.iter().zip(&expected) {
        assert!(line.starts_with(expected), "{line:?} should begin with {expected:?}");
    }
}
