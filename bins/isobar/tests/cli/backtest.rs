//! `isobar backtest` and `isobar demo`: what they print, write and refuse.

use std::fmt::Write as _;

use testkit::data::data_dir;

use super::lab::{Done, Lab};

/// A bot of an entry model over the set `core`; `{}` stands for what a test adds.
const BOT: &str = r#"
[instrument]
symbol = "TEST"
tick_size = 0.01
lot_size = 0.001
min_notional = 5
[account]
cash = 10000
[bars]
interval = "1m"
volume = "required"
[costs]
taker_fee = 0.0005
maker_fee = 0.0002
spread = 0.0001
slippage = 0.0001
latency_bars = 0
max_volume_share = 0.1
entry_order_bars = 1
[sizing]
equity_fraction = 0.5
[risk]
max_position_notional = "unlimited"
max_order_notional = "unlimited"
max_leverage = 1.0
max_drawdown = 0.5
max_daily_loss = "unlimited"
max_entries_per_day = "unlimited"
[artifacts]
entry = "entry.iso"
unsigned = "allow"
[strategy]
name = "model-driven"
threshold = 0.52
expected_move = 0.05
min_edge = 0.0
stop = 0.01
take = 0.01
max_hold_bars = 30
sides = "both"
cooldown_bars = 2
"#;

impl Lab {
    /// A folder with 3,000 bars, a model trained on the first 1,800 and a bot.
    fn with_bot() -> Self {
        let lab = Self::with_bars(3_000);
        lab.must("build --features 1 --set core --bars bars.csv --label direction:horizon=10 --out data --no-cache");
        lab.must("train --data data --trees 20 --depth 3 --out entry.iso --timestamp 2026-01-01T00:00:00Z");
        lab.write("bot.toml", BOT);
        lab
    }
}

#[test]
fn a_backtest_leaves_what_it_says_and_the_same_twice() {
    let lab = Lab::with_bot();
    let run = "backtest --config bot.toml --bars bars.csv --out-of-sample --resamples 200";
    let files = "--report page.html --decisions d.jsonl --trades t.csv --positions p.csv";
    let done = lab.must(&format!("{run} {files}"));
    for expected in ["Total return", "buy and hold", "95 % interval", "Sharpe"] {
        assert!(done.stdout.contains(expected), "{expected}\n{}", done.stdout);
    }
    let decisions = lab.text("d.jsonl");
    let bars = decisions.lines().count();
    // Of 3,000 bars the first 1,800 are the training part, the last 10 of these what its labels look at.
    assert_eq!(bars, 1_200);
    let trades = lab.text("t.csv").lines().count() - 1;
    assert!(trades > 5, "{trades} trades");
    let fills = decisions.matches("\"kind\":").count();
    assert!(fills >= 2 * trades, "{fills} fills, {trades} trades");
    let page = lab.text("page.html");
    for expected in ["TEST, model-driven", "features-v1", "Bot identity", "direction:horizon=10"] {
        assert!(page.contains(expected), "{expected}");
    }
    // What was open when, in the form that a dataset of the exit set takes.
    let entries =
        lab.text("p.csv").lines().filter(|line| line.contains("long") || line.contains("short")).count();
    assert!(entries > 0 && lab.text("p.csv").starts_with("ts,side,price\n"));

    let names = lab.names();
    let files = "--report page2.html --decisions d2.jsonl --trades t2.csv --positions p2.csv";
    assert_eq!(lab.must(&format!("{run} {files}")).stdout, done.stdout);
    for (one, two) in
        [("page.html", "page2.html"), ("d.jsonl", "d2.jsonl"), ("t.csv", "t2.csv"), ("p.csv", "p2.csv")]
    {
        assert!(lab.read(one) == lab.read(two), "{one} and {two} differ");
    }
    assert_eq!(lab.names().len(), names.len() + 4, "{:?}", lab.names());
}

/// What the entry model said of each bar on which it was asked, by the bar's close.
fn predictions(decisions: &str) -> std::collections::BTreeMap<String, String> {
    let cell = |line: &str, name: &str| {
        let from = line.split(&format!("\"{name}\":")).nth(1).unwrap();
        from.split(',').next().unwrap().to_owned()
    };
    let said = |line: &&str| cell(line, "entry").starts_with(|first: char| first.is_ascii_digit());
    decisions.lines().filter(said).map(|line| (cell(line, "ts_event"), cell(line, "entry"))).collect()
}

#[test]
fn out_of_sample_features_are_those_of_the_whole_run() {
    let lab = Lab::with_bot();
    let run = "backtest --config bot.toml --bars bars.csv --resamples 0 --decisions";
    lab.must(&format!("{run} whole.jsonl"));
    lab.must(&format!("{run} unseen.jsonl --out-of-sample"));
    let (whole, unseen) = (predictions(&lab.text("whole.jsonl")), predictions(&lab.text("unseen.jsonl")));
    let both = unseen.keys().filter(|ts| whole.contains_key(*ts)).count();
    assert!(both > 30, "{both} bars on which both were asked");
    assert!(unseen.iter().all(|(ts, value)| whole.get(ts).is_none_or(|other| other == value)));
    // The first bar is decided on: nothing has to warm up.
    let first = lab.text("unseen.jsonl").lines().next().unwrap().to_owned();
    assert!(!first.contains("warm-up") && first.contains("\"bar\":0,"), "{first}");
}

#[test]
fn what_an_imported_model_has_seen_is_not_known() {
    let lab = Lab::with_bot();
    let model = include_str!("../fixtures/xgboost.json");
    lab.write("xgboost.json", model);
    lab.must(
        "build --features 1 --set core --bars bars.csv --label direction:horizon=10 --out data --no-cache",
    );
    lab.must("seal --data data --model xgboost.json --kind xgboost --nulls missing --out entry.iso");
    let done = lab
        .must("backtest --config bot.toml --bars bars.csv --out-of-sample --resamples 0 --report page.html");
    assert!(done.stderr.contains("trained elsewhere"), "{}", done.stderr);
    let page = lab.text("page.html");
    assert!(page.contains("trained elsewhere") && !page.contains("seen none of these bars"), "{page}");
}

#[test]
fn a_run_over_training_data_says_so_and_a_costless_one_earns_more() {
    let lab = Lab::with_bot();
    let done = lab.must("backtest --config bot.toml --bars bars.csv --resamples 0");
    assert!(done.stderr.contains("the entry model was trained on 1,"), "{}", done.stderr);
    let earned = |done: &Done| {
        let line = done.stdout.lines().find(|line| line.starts_with("Total return")).unwrap();
        line.split_whitespace().nth(2).unwrap().parse::<f64>().unwrap()
    };
    let free = "--set costs.taker_fee=0 --set costs.maker_fee=0 --set costs.spread=0 --set costs.slippage=0";
    let costless = lab.must(&format!("backtest --config bot.toml --bars bars.csv --resamples 0 {free}"));
    assert!(earned(&costless) > earned(&done), "{}\n{}", costless.stdout, done.stdout);
}

#[test]
fn what_a_reader_must_know_is_said_and_stands_on_the_page() {
    let lab = Lab::with_bot();
    let bars = lab.text("bars.csv");
    let lines: Vec<&str> = bars.lines().collect();
    lab.write("gap.csv", &(lines[..2_500].join("\n") + "\n" + &lines[2_510..].join("\n") + "\n"));
    let run = "backtest --config bot.toml --out-of-sample --resamples 0";
    let gap = lab.must(&format!("{run} --bars gap.csv --report gap.html"));
    let halted = lab.must(&format!("{run} --bars bars.csv --report halt.html --set risk.max_drawdown=0.001"));
    // Every other bar repeats the price of the one before: shorts would take a close that stands still for a fall.
    let mut still = vec![lines[0].to_owned()];
    for pair in lines[1..].chunks(2) {
        let [one, other] = pair else { continue };
        let (one, other): (Vec<&str>, Vec<&str>) = (one.split(',').collect(), other.split(',').collect());
        still.push(one.join(","));
        let flat = [&other[..3], &[one[6]; 4], &other[7..]].concat();
        still.push(flat.join(","));
    }
    lab.write("still.csv", &(still.join("\n") + "\n"));
    lab.must(
        "build --features 1 --set core --bars still.csv --label direction:horizon=1 --out data --no-cache",
    );
    lab.must("train --data data --trees 5 --depth 2 --out entry.iso");
    let stood = lab.must(&format!("{run} --bars still.csv --report still.html"));
    for (done, page, expected) in [
        (&gap, "gap.html", "1 gap in these bars, 10 bars missing"),
        (&halted, "halt.html", "drawdown ended trading for good at"),
        (&stood, "still.html", "of the bars the close 1 bars later is unchanged"),
    ] {
        assert!(lab.text(page).contains(expected), "{page}: {expected}");
        let is_said = done.stderr.contains(expected) || done.stderr.contains("limited: drawdown");
        assert!(is_said, "{expected}\n{}", done.stderr);
    }
    assert!(!lab.text("gap.html").contains("ended trading"), "a bot that was not halted");
}

#[test]
fn a_sweep_is_a_table_in_order_whatever_the_threads() {
    let lab = Lab::with_bot();
    let sweep = "backtest --config bot.toml --bars bars.csv --out-of-sample --sweep strategy.threshold=0.51,0.55,0.6 \
                 --sweep strategy.max_hold_bars=5,20 --threads";
    let one = lab.must(&format!("{sweep} 1"));
    assert_eq!(one.stdout, lab.must(&format!("{sweep} 4")).stdout);
    let lines: Vec<&str> = one.stdout.lines().collect();
    assert_eq!(lines.len(), 7, "{}", one.stdout);
    let settings = |line: &str| line.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    let order: Vec<String> = lines.iter().skip(1).map(|line| settings(line)).collect();
    assert_eq!(order, ["0.51 5", "0.51 20", "0.55 5", "0.55 20", "0.6 5", "0.6 20"]);
    // One run alone gives the figures of its line.
    let alone = lab.must(
        "backtest --config bot.toml --bars bars.csv --out-of-sample --resamples 0 --set strategy.threshold=0.55 \
         --set strategy.max_hold_bars=20",
    );
    let total = alone.stdout.lines().find(|line| line.starts_with("Total return")).unwrap();
    let total = total.split_whitespace().nth(2).unwrap();
    assert!(lines[4].contains(total), "{total}\n{}", one.stdout);
}

#[test]
fn what_cannot_be_meant_is_refused_and_nothing_is_left() {
    let lab = Lab::with_bot();
    lab.must("synth --kind bars --rows 500 --seed 7 --interval 5m --out five.csv");
    lab.write("nan.toml", &BOT.replace("max_leverage = 1.0", "max_leverage = nan"));
    lab.write("forgot.toml", &BOT.replace("max_drawdown = 0.5\n", ""));
    lab.write("typo.toml", &BOT.replace("min_edge", "min_egde"));
    lab.write("gone.toml", &BOT.replace("entry.iso", "gone.iso"));
    lab.write("name.toml", &BOT.replace("\"model-driven\"", "\"model-drivn\""));
    let before = lab.names();
    let run = "backtest --bars bars.csv --report page.html --config";
    let sweep = "backtest --bars bars.csv --config bot.toml --sweep";
    let many = (1..=400).map(|value| value.to_string()).collect::<Vec<_>>().join(",");
    let cases = [
        (format!("{run} nan.toml"), 1, "risk.max_leverage"),
        (format!("{run} forgot.toml"), 1, "unlimited"),
        (format!("{run} typo.toml"), 1, "min_egde"),
        (format!("{run} gone.toml"), 1, "gone.iso"),
        (format!("{run} name.toml"), 1, "model-driven, buy-and-hold, flat"),
        (format!("{run} nowhere.toml"), 1, "nowhere.toml"),
        (format!("{run} bot.toml --set strategy.treshold=0.6"), 1, "strategy.treshold"),
        (format!("{run} bot.toml --set threshold"), 2, "KEY=VALUE"),
        (format!("{run} bot.toml --decisions page.html"), 2, "two outputs"),
        ("backtest --bars five.csv --config bot.toml".to_owned(), 1, "expected bars of 1m"),
        ("backtest --bars bars.csv --config bot.toml --report page.txt".to_owned(), 2, ".html"),
        ("backtest --bars bars.csv --config bot.toml --volume none".to_owned(), 2, "--volume none"),
        ("backtest --bars bars.csv --config bot.toml --interval 5m".to_owned(), 2, "--interval 5m"),
        ("backtest --bars bars.csv --config bot.toml --sweep a=1,,2".to_owned(), 2, "KEY=VALUE"),
        (
            "backtest --bars bars.csv --config bot.toml --sweep strategy.treshold=1,2".to_owned(),
            1,
            "treshold",
        ),
        ("backtest --bars bars.csv --config bot.toml --resamples 5".to_owned(), 2, "100 and more"),
        (format!("{run} bot.toml --decisions ./page.html"), 2, "two outputs"),
        ("backtest --bars bars.csv --config bot.toml --decisions entry.iso".to_owned(), 2, "never replaced"),
        ("backtest --bars bars.csv --config bot.toml --trades ./bot.toml".to_owned(), 2, "never replaced"),
        (format!("{run} bot.toml --set strategy.stop=0.1 --set strategy.stop=0.2"), 2, "more than once"),
        (
            format!(
                "{run} bot.toml --price-decimals 2 --volume-decimals 5 --set bars.price_decimals=3 --set bars.volume_decimals=5"
            ),
            2,
            "change it there",
        ),
        (format!("{sweep} strategy.stop=0.1,0.2 --set strategy.stop=0.3"), 2, "more than once"),
        (format!("{sweep} strategy.stop=0.1,0.2 --sweep strategy.stop=0.3"), 2, "more than once"),
        (format!("{sweep} artifacts.entry=entry.iso,other.iso"), 2, "read once"),
        (
            format!("{sweep} account.cash={many} --sweep strategy.max_hold_bars={many}"),
            2,
            "more than 100,000",
        ),
    ];
    for (args, code, expected) in cases {
        let done = lab.run(&args);
        assert_eq!(done.code, code, "{args}\n{}", done.stderr);
        assert!(done.stderr.contains(expected), "{args}: {expected}\n{}", done.stderr);
        assert!(done.stderr.contains("error:"), "{args}\n{}", done.stderr);
        assert_eq!(lab.names(), before, "{args}");
    }
}

#[test]
fn later_bars_change_no_earlier_decision_whatever_grid_they_need() {
    let lab = Lab::with_bot();
    let run = |bars: &str, out: &str| {
        lab.must(&format!("backtest --config bot.toml --bars {bars} --resamples 0 --decisions {out}"));
        lab.text(out)
    };
    let all = lab.text("bars.csv");
    let lines: Vec<&str> = all.lines().collect();
    let open = lines[0].split(',').position(|name| name == "open").unwrap();
    let whole = run("bars.csv", "whole.jsonl");
    for cut in [100, 1_111, 2_500, 2_998] {
        let mut altered = lines[..=cut].join("\n") + "\n";
        for line in &lines[cut + 1..] {
            let cells: Vec<&str> = line.split(',').collect();
            // Prices a tenth higher, written with more decimals than the file had.
            let price = |cell: &str| format!("{:.4}", cell.parse::<f64>().unwrap() * 1.1 + 0.0003);
            let prices: Vec<String> = cells[open..open + 4].iter().map(|cell| price(cell)).collect();
            let (before, after) = (cells[..open].join(","), cells[open + 4..].join(","));
            let _ = writeln!(altered, "{before},{},{after}", prices.join(","));
        }
        lab.write("altered.csv", &altered);
        let other = run("altered.csv", "altered.jsonl");
        let same = whole.lines().zip(other.lines()).take_while(|(a, b)| a == b).count();
        assert!(same >= cut, "a bar after {cut} changed the decision on bar {same}");
        assert!(same < lines.len() - 1, "the altered bars changed nothing: the test would notice nothing");
    }
}

#[test]
fn the_demo_makes_a_verified_bot_and_a_page() {
    let lab = Lab::new();
    let done = lab.must("demo --out demo --rows 10000");
    for name in ["report.html", "entry.iso", "exit.iso", "bot.toml", "paper.jsonl", "demo.log"] {
        assert!(lab.path("demo").join(name).is_file(), "{name}");
    }
    for expected in ["Total return", "buy and hold"] {
        assert!(done.stdout.contains(expected), "{expected}\n{}", done.stdout);
    }
    for expected in ["gatekeeper --config bot.toml --dry-run", "bit for bit: 2,500 bars", "report.html"] {
        assert!(done.stderr.contains(expected), "{expected}\n{}", done.stderr);
    }
    // The same demo again is the same but for keys and times.
    let decisions = lab.read("demo/backtest.jsonl");
    lab.must("demo --out demo --rows 10000");
    assert!(decisions == lab.read("demo/backtest.jsonl"), "a second demo decides otherwise");

    lab.write("file", "mine");
    let refused = lab.run("demo --out file");
    assert!(refused.code == 1 && refused.stderr.contains("no folder"), "{}", refused.stderr);
    std::fs::create_dir(lab.path("mine")).unwrap();
    lab.write("mine/thesis.txt", "years of work");
    let refused = lab.run("demo --out mine");
    assert!(refused.code == 1 && refused.stderr.contains("no demo's"), "{}", refused.stderr);
    assert_eq!(lab.text("mine/thesis.txt"), "years of work");
}

/// The same bars, every one, through the production bot's code: the same decisions.
fn same_in_production(lab: &Lab, file: &str, options: &[&str], must: &dyn Fn(&str) -> Done) {
    must("backtest --config bot.toml --resamples 0 --decisions whole.jsonl");
    let [config, out] = ["bot.toml", "paper.jsonl"].map(|name| lab.path(name).display().to_string());
    let layout = options.iter().filter(|option| !option.starts_with("--volume")).copied();
    let args = ["gatekeeper", "--config", &config, "--bars", file, "--out", &out];
    let options =
        <gatekeeper::Options as clap::Parser>::try_parse_from(args.into_iter().chain(layout)).unwrap();
    gatekeeper::run(&options, Box::new(std::io::empty()), &mut Vec::new()).unwrap();
    let (backtest, paper) = (lab.text("whole.jsonl"), lab.text("paper.jsonl"));
    let different = backtest.lines().zip(paper.lines()).position(|(one, other)| one != other);
    assert_eq!((different, backtest.lines().count()), (None, paper.lines().count()), "{file}");
}

#[test]
fn the_chain_runs_on_recorded_bars() {
    let Some(data) = data_dir("backtests over recorded bars") else { return };
    let with_exit = BOT
        .replace("entry = \"entry.iso\"", "entry = \"entry.iso\"\nexit = \"exit.iso\"")
        .replace("threshold = 0.52", "threshold = 0.52\nexit_threshold = 0.4");
    let hour = with_exit.replace("\"1m\"", "\"1h\"").replace("lot_size = 0.001", "lot_size = 0.0001");
    let cases: [(&str, &[&str], String, &str); 3] = [
        (
            "bars-crypto-1m/btc-perp-20211231-20220201_1m.csv.gz",
            &["--float-noise=round"],
            with_exit.clone(),
            "60",
        ),
        (
            "lean-forex/oanda_hour_eurusd.csv.gz",
            &[
                "--volume=none",
                "--columns=time,open,high,low,close,_,_,_,_,_,_",
                "--time-format=%Y%m%d %H:%M",
            ],
            hour.replace("\"required\"", "\"none\"")
                .replace("max_volume_share = 0.1", "max_volume_share = \"unlimited\"")
                .replace("tick_size = 0.01", "tick_size = 0.00001"),
            "12",
        ),
        (
            "lean-equity/hour_spy.csv.gz",
            &["--columns=time,open,high,low,close,volume", "--time-format=%Y%m%d %H:%M"],
            hour,
            "7",
        ),
    ];
    for (file, options, config, horizon) in cases {
        let lab = Lab::new();
        lab.write("bot.toml", &config);
        let file = data.join(file).display().to_string();
        let must = |args: &str| {
            let args: Vec<&str> =
                args.split_whitespace().chain(["--bars", &file]).chain(options.iter().copied()).collect();
            let done = lab.run_args(&args);
            assert_eq!(done.code, 0, "{args:?}\n{}", done.stderr);
            done
        };
        let label = format!("--label direction:horizon={horizon} --no-cache");
        must(&format!("build --features 1 --set core {label} --out data"));
        lab.must("train --data data --trees 20 --depth 3 --out entry.iso");
        must(&format!("build --features 1 --set exit --hold {horizon} {label} --out exit-data"));
        lab.must("train --data exit-data --trees 20 --depth 3 --out exit.iso");
        let done = must(
            "backtest --config bot.toml --out-of-sample --resamples 200 --report page.html --decisions d.jsonl \
             --trades t.csv",
        );
        assert!(done.stdout.contains("Total return"), "{file}\n{}", done.stdout);
        assert!(lab.text("t.csv").lines().count() > 1, "{file}: no trade");
        assert!(lab.text("page.html").contains("Calibration"), "{file}");
        same_in_production(&lab, &file, options, &must);
    }
}
