//! What a run writes and refuses, and that it decides as the core does.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use support::{Lab, decisions, line};

/// Enough for the warm-up, and for positions of every end.
const TRADES: u64 = 1500;

#[test]
fn a_dry_run_says_what_it_is_and_writes_nothing_else() {
    let lab = Lab::new(700);
    let before = lab.names();
    for arguments in ["--dry-run", "--dry-run --events $none.txt --state $bot.state --out $decisions.jsonl"] {
        let ended = lab.spawn(arguments);
        assert_eq!((ended.code, ended.stdout.lines().count()), (Some(0), 1), "{}", ended.stderr);
        let identity = line(&ended.stdout, "identity");
        assert_eq!(identity["program"]["name"], "scalper");
        assert_eq!(identity["features"]["name"], "features-v2");
        assert_eq!(identity["features"]["source_hash"], features_v2::SOURCE_HASH.to_string());
        assert_eq!((&identity["symbol"], &identity["bars"]), (&"TOYUSD".into(), &"trades and book".into()));
        assert_eq!(
            (&identity["entry"]["set"], &identity["exit"]),
            (&"tick".into(), &serde_json::Value::Null)
        );
        assert_eq!(lab.names(), before);
    }
}

#[test]
fn it_decides_as_the_core_does() {
    let lab = Lab::new(TRADES);
    let expected: Vec<String> = lab.decide_by_core().into_iter().map(|(_, line)| line).collect();
    let ended = lab.spawn("--events $events.txt");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(decisions(&ended.stdout), expected);
    assert_eq!(lab.decide(&lab.read("events.txt")), expected, "the library, and standard input");
    let out = lab.spawn("--events $events.txt --out $decisions.jsonl");
    assert_eq!(out.stdout.lines().count(), 2, "identity and summary");
    assert_eq!(lab.read("decisions.jsonl").lines().collect::<Vec<_>>(), expected);
    // The comparison is of something.
    for text in [
        "\"why\":\"warm-up\"",
        "\"why\":\"below-threshold\"",
        "\"why\":\"entry\"",
        "\"why\":\"holding\"",
        "\"why\":\"exit-time\"",
        "\"kind\":\"market\"",
        "\"kind\":\"stop\"",
        "\"kind\":\"take\"",
    ] {
        let count = expected.iter().filter(|line| line.contains(text)).count();
        assert!(count > 0, "no decision has {text}; the last: {:?}", expected.last());
    }
    let summary = line(&ended.stdout, "summary");
    assert_eq!((&summary["rows"], &summary["events"]), (&expected.len().into(), &lab.events.len().into()));
    let counted = &summary["counted"];
    for (of, name) in
        [("exchange", "duplicates"), ("exchange", "late"), ("features", "duplicates"), ("features", "late")]
    {
        assert!(counted[of][name].as_u64().unwrap() > 0, "{of} {name}: {counted}");
    }
    assert_eq!(counted["exchange"]["duplicates"], counted["features"]["duplicates"]);
    assert_eq!(counted["exchange"]["late"], counted["features"]["late"]);
    assert_eq!((&counted["exchange"]["refused"], &counted["book"]["gaps"]), (&0.into(), &0.into()));
    let trades = lab.events.iter().filter(|event| matches!(event, market_data::MarketEvent::Trade(_)));
    assert_eq!(counted["reader"]["trades"], trades.count());
}

/// Without a change of the book the book is gapped: orders wait, nothing is made up, and it is counted.
#[test]
fn a_gap_is_counted() {
    let lab = Lab::new(700);
    let text = lab.read("events.txt");
    let mut messages: Vec<&str> = text.split_inclusive('\n').collect();
    let delta = messages.iter().rposition(|line| line.contains("depthUpdate") && line.contains("\"U\":200,"));
    messages.remove(delta.unwrap());
    let (result, _) = lab.run("--events -", &messages.concat());
    let summary = result.unwrap();
    assert_eq!(summary.counted.reader["gaps"], 1, "{:?}", summary.counted);
    assert!(summary.counted.reader["buffered"] > 0, "{:?}", summary.counted);
}

#[test]
fn events_that_are_refused() {
    let lab = Lab::new(700);
    let text = lab.read("events.txt");
    lab.pipe("--events -", &text[..text.len() - 9]).assert_refused("events-cut", &["expected a line end"]);
    lab.pipe("--events -", &(text.clone() + "1704067200000000001 {\"e\":\"tr\n"))
        .assert_refused("event-invalid", &[]);
    lab.pipe("--events -", "").assert_refused("events-empty", &[]);
    lab.spawn("--events $none.txt").assert_refused("events-unreadable", &["none.txt"]);
    lab.spawn("--events $events.txt,").assert_refused("usage", &["names of files"]);
    lab.spawn("--events $events.txt --events -").assert_refused("usage", &["no other feed"]);
    lab.set("symbol = \"TOYUSD\"", "symbol = \"OTHER\"");
    lab.pipe("--events -", &text).assert_refused("event-instrument", &["TOYUSD"]);
}

#[test]
fn configurations_and_models_that_are_refused() {
    let check = |from: &str, to: &str, name: &str, texts: &[&str]| {
        let lab = Lab::new(700);
        lab.set(from, to).spawn("--events $events.txt").assert_refused(name, texts);
        assert!(!lab.names().iter().any(|name| name.starts_with("bot")), "nothing was written");
    };
    check("kind = \"trades and book\"", "kind = \"bars\"", "configuration", &["events.kind"]);
    check("price_decimals = 2\n", "", "configuration", &["events.price_decimals"]);
    check("price_decimals = 2\n", "price_decimals = 1\n", "configuration", &["tick_size"]);
    check("fills = \"book\"", "fills = \"trades\"", "configuration", &["costs.spread", "nothing"]);
    let of_trades = "fills = \"trades\"\nspread = 0.0001";
    check("fills = \"book\"", of_trades, "configuration", &["costs.fills", "events.kind"]);
    check("entry_order_ms = 1000", "entry_order_ms = 0", "configuration", &["costs.entry_order_ms"]);
    check("taker_fee = 0.00001", "taker_fee = nan", "configuration", &["costs.taker_fee", "nan"]);
    // A model of another feed.
    check("kind = \"trades and book\"", "kind = \"trades\"", "bars", &["trades and book", "entry.iso"]);
    let lab = Lab::new(700);
    let mut bytes = std::fs::read(lab.path("entry.iso")).unwrap();
    bytes[100] ^= 1;
    lab.write("entry.iso", bytes);
    lab.spawn("--dry-run").assert_refused("checksum", &["entry.iso"]);
}

#[test]
fn help_has_every_exit_code() {
    let help = Lab::new(700).spawn("--help");
    assert_eq!(help.code, Some(0));
    for ending in scalper::exit_code::ENDINGS {
        let line = format!("{:>4}  {}: ", ending.exit_code, ending.code);
        assert!(help.stdout.contains(&line), "{}", ending.code);
    }
    assert!(help.stdout.contains("[default: 1000]"));
}
