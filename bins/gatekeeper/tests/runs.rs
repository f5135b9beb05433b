//! What a run writes, and where.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use support::{Lab, decisions, line};

#[test]
fn a_dry_run_says_what_it_is_and_writes_nothing_else() {
    let lab = Lab::new(200);
    let before = lab.names();
    for arguments in ["--dry-run", "--dry-run --bars $none.csv --state $bot.state --out $decisions.jsonl"] {
        let ended = lab.spawn(arguments);
        assert_eq!((ended.code, ended.stdout.lines().count()), (Some(0), 1), "{}", ended.stderr);
        let identity = line(&ended.stdout, "identity");
        let features = &identity["features"];
        assert_eq!(features["name"], "features-v1");
        assert_eq!(features["version"], features_v1::VERSION);
        assert_eq!(features["source_hash"], features_v1::SOURCE_HASH.to_string());
        assert_eq!(features["output_hash"], features_v1::OUTPUT_HASH.to_string());
        assert_eq!(identity["symbol"], "TOYUSD");
        assert_eq!(identity["bars"], "time bars of 1m with volume");
        let (entry, exit) = (&identity["entry"], &identity["exit"]);
        assert_eq!((&entry["set"], &exit["set"]), (&"core".into(), &"exit".into()));
        assert_eq!(entry["label"], "direction:horizon=5");
        assert_eq!(entry["signer"], serde_json::Value::Null);
        for hash in [&entry["hash"], &entry["schema_hash"], &exit["data_hash"], &identity["bot"]] {
            assert_eq!(hash.as_str().unwrap().len(), 64);
        }
        assert_eq!(lab.names(), before);
    }
}

#[test]
fn standard_input_and_a_file_give_the_same_lines() {
    let lab = Lab::new(300);
    let file = lab.spawn("--bars $bars.csv");
    let pipe = lab.pipe("--bars -", &lab.read("bars.csv"));
    assert_eq!((file.code, pipe.code), (Some(0), Some(0)), "{}", pipe.stderr);
    assert_eq!(decisions(&file.stdout).len(), 300);
    assert_eq!(decisions(&file.stdout), decisions(&pipe.stdout));
    assert_eq!(line(&file.stdout, "identity"), line(&pipe.stdout, "identity"));
    let out = lab.spawn("--bars $bars.csv --out $decisions.jsonl");
    assert_eq!(out.stdout.lines().count(), 2, "identity and summary");
    assert_eq!(lab.read("decisions.jsonl").lines().collect::<Vec<_>>(), decisions(&file.stdout));
}

#[test]
fn the_summary_adds_up() {
    let lab = Lab::new(300);
    let (result, stdout) = lab.run("--bars $bars.csv", "");
    let (summary, written) = (result.unwrap(), line(&stdout, "summary"));
    assert_eq!(written, serde_json::to_value(&summary).unwrap());
    let values: Vec<serde_json::Value> =
        decisions(&stdout).iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let fills: usize = values.iter().map(|value| value["fills"].as_array().unwrap().len()).sum();
    assert_eq!((summary.bars, summary.fills), (300, fills as u64));
    assert!(summary.trades > 10, "{summary:?}");
    let equities: Vec<f64> =
        values.iter().map(|value| value["equity"].as_str().unwrap().parse().unwrap()).collect();
    let (mut peak, mut drawdown) = (10_000.0_f64, 0.0_f64);
    for equity in &equities {
        peak = if *equity > peak { *equity } else { peak };
        let fall = (peak - equity) / peak;
        drawdown = if fall > drawdown { fall } else { drawdown };
    }
    // Sums of exact decimals against sums of floats near 10,000: an ulp of them, relative to it.
    assert!((summary.max_drawdown - drawdown).abs() < 1e-15, "{} {drawdown}", summary.max_drawdown);
    assert_eq!(values.last().unwrap()["equity"], summary.equity);
    let expected = (equities.last().unwrap() - 10_000.0) / 10_000.0;
    assert!((summary.total_return - expected).abs() < 1e-15);
    let latency = summary.latency_us.unwrap();
    assert!(latency.p50 <= latency.p99 && latency.p99 <= latency.p99_9 && latency.p99_9 <= latency.max);
}

#[test]
fn the_log_is_json_or_text_and_quiet_from_bar_to_bar() {
    let lab = Lab::new(300);
    let json = lab.spawn("--bars $bars.csv");
    let messages: Vec<String> = json
        .stderr
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["message"].to_string())
        .collect();
    assert_eq!(messages, ["\"started\"", "\"ended\""]);
    let text = lab.spawn("--bars $bars.csv --log text");
    assert!(text.stderr.lines().all(|line| line.contains(" INFO ")), "{}", text.stderr);
    assert_eq!(lab.spawn("--bars $bars.csv --log-level error").stderr, "");
}

#[test]
fn a_strategy_without_models_runs_too() {
    let lab = Lab::new(200);
    let config = lab.read("gatekeeper.toml");
    let (head, _) = config.split_once("[strategy]").unwrap();
    lab.write("gatekeeper.toml", format!("{head}[strategy]\nname = \"buy-and-hold\"\n"));
    let (result, stdout) = lab.run("--bars $bars.csv", "");
    assert_eq!(result.unwrap().fills, 1);
    assert_eq!(line(&stdout, "identity")["entry"], serde_json::Value::Null);
}

#[test]
fn help_has_every_exit_code() {
    let help = Lab::new(200).spawn("--help");
    assert_eq!(help.code, Some(0));
    for ending in gatekeeper::exit_code::ENDINGS {
        assert!(
            help.stdout.contains(&format!("{:>4}  {}: ", ending.exit_code, ending.code)),
            "{}",
            ending.code
        );
    }
}
