//! Trades and books: made up, built into bars, and all the way to predictions.

use std::fs;
use std::path::{Path, PathBuf};

use artifact::{Check, Outcome, Trust, Verified};
use dataset::Dataset;
use feature_api::{BarKind, Columns, FeatureSet, Grid, Param, Row};
use feature_registry::bars::{Bars, BuiltBar};
use market_data::synth::{Market, MarketOptions};
use market_data::table::read_table;
use market_data::{EventFile, EventOptions, MarketEvent, open_events, write_capture, write_trades};
use model::Loaders;
use testkit::data::{Table, data_dir};

use super::errors::check_errors;
use super::lab::{Lab, redact};

/// Bars so short that every window is full within minutes.
const SETS: [(&str, &str); 3] = [
    ("tick", "session=20 flow=50"),
    ("flow", "bar_kind=2 bar_size=5"),
    (
        "multires",
        "short_quote=50000 medium_shorts=3 long_mediums=2 t1m_seconds=1 t15m_seconds=1 t4h_seconds=2",
    ),
];

/// What `isobar synth --kind book` makes, with a few trades that come twice, late, or together.
fn market(trades: u64) -> Market {
    let options = MarketOptions { trades, seed: 3, ..MarketOptions::default() };
    Market::new(MarketOptions { duplicates: 5, late: 5, same_time: 100, ..options })
}

const ODD: &str = "--seed 3 --duplicates 5 --late 5 --same-time 100";

fn options(params: &str) -> String {
    params.split_whitespace().map(|param| format!(" --param {param}")).collect()
}

fn params(text: &str) -> Vec<Param> {
    let param = |text: &str| {
        let (name, value) = text.split_once('=').unwrap();
        Param { name: name.to_owned(), value: value.parse().unwrap() }
    };
    text.split_whitespace().map(param).collect()
}

fn set(name: &str, of: &str) -> Box<dyn FeatureSet> {
    feature_registry::find("2").unwrap().open(name, &params(of)).unwrap()
}

/// Trades and book of files that are read one after another, and their grid.
fn read(files: &[PathBuf]) -> (Vec<MarketEvent>, Grid) {
    let files: Vec<EventFile> = files.iter().cloned().map(EventFile::new).collect();
    let mut stream = open_events(&files, &EventOptions::default()).unwrap();
    let mut events = Vec::new();
    while let Some(event) = stream.next_event().unwrap() {
        events.push(event);
    }
    (events, stream.grid())
}

/// The rows of a set that is driven directly.
fn rows(set: &mut dyn FeatureSet, events: &[MarketEvent]) -> Columns {
    let mut row = Row::new(set.schema().width());
    let mut rows = Columns::new(set.schema().width());
    let takes = set.takes();
    for event in events.iter().filter(|event| takes.contains(&dataset::kind_of(event))) {
        if set.update(event.view(), &mut row).unwrap() {
            rows.push(&row);
        }
    }
    rows
}

/// Times and cells, bit for bit.
type Bits = Vec<([i64; 2], Vec<Option<u64>>)>;

fn bits(rows: &Columns) -> Bits {
    let cell = |row, column| rows.get(row, column).map(f64::to_bits);
    let one = |row: usize| {
        let times = [rows.ts_event[row].0, rows.ts_available[row].0];
        (times, (0..rows.width()).map(|column| cell(row, column)).collect())
    };
    (0..rows.len()).map(one).collect()
}

/// The names of a table that was written, without those of the times, and its rows.
fn table(lab: &Lab, name: &str) -> (Vec<String>, Bits) {
    if name.ends_with(".parquet") {
        let table = read_table(&lab.path(name)).unwrap();
        return (table.names, bits(&table.rows));
    }
    let mut reader = csv::Reader::from_path(lab.path(name)).unwrap();
    let names = reader.headers().unwrap().iter().skip(2).map(str::to_owned).collect();
    let cell = |text: &str| (!text.is_empty()).then(|| text.parse::<f64>().unwrap().to_bits());
    let row = |record: csv::StringRecord| {
        ([0, 1].map(|index| record[index].parse().unwrap()), record.iter().skip(2).map(cell).collect())
    };
    (names, reader.records().map(|record| row(record.unwrap())).collect())
}

fn same(found: &Bits, expected: &Bits, names: &[String], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}: rows");
    for (row, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert_eq!(found.0, expected.0, "{what}: times of row {row}");
        let differs = found.1.iter().zip(&expected.1).position(|(found, expected)| found != expected);
        assert_eq!(differs.map(|column| &names[column]), None, "{what}: row {row}");
    }
}

fn verified(lab: &Lab) -> Verified {
    let check = Check {
        version: feature_registry::find("2").unwrap(),
        trust: Trust::Unsigned,
        set: None,
        params: None,
        bars: None,
        loaders: Loaders::default(),
    };
    artifact::verify(&lab.read("model.iso"), &check).unwrap()
}

#[test]
fn made_up_events_are_the_same_whoever_makes_them() {
    let lab = Lab::new();
    let done = lab.must(&format!("synth --kind book --rows 2000 {ODD} --out book.txt.gz"));
    let mut made = market(2000);
    write_capture(&lab.path("other.txt.gz"), "SYNTH", &mut made).unwrap();
    assert_eq!(lab.read("book.txt.gz"), lab.read("other.txt.gz"));
    let counts = made.counts();
    assert_eq!(
        redact(&done.stderr),
        format!(
            "  trades     2,000, {} of them at the time of the one before; {} again, {} late\nwrote book.txt.gz: 4,0{} \
             events from seed 3 in [time]\n",
            counts.same_time,
            counts.duplicates,
            counts.late,
            // A snapshot, and changes of the book with every trade.
            1 + counts.duplicates + counts.late
        )
    );
    // The trades of a seed are the same with a book and without.
    lab.must(&format!("synth --kind trades --rows 2000 {ODD} --out trades.csv"));
    let of_book = market(2000)
        .filter_map(|event| if let MarketEvent::Trade(trade) = event { Some(trade) } else { None });
    write_trades(&lab.path("other.csv"), &mut { of_book }).unwrap();
    assert!(lab.read("trades.csv") != b"" && lab.read("trades.csv") == lab.read("other.csv"));
    lab.must("synth --kind trades --rows 30 --seed 3 --interval 1500ms --out slow.csv");
    let (events, _) = read(&[lab.path("slow.csv")]);
    assert_eq!(events[29].ts_event().0 - events[0].ts_event().0, 29 * 1_500_000_000);
}

#[test]
fn from_made_up_events_to_predictions_every_bit_is_that_of_set_and_pipeline() {
    let lab = Lab::new();
    lab.must(&format!("synth --kind book --rows 10000 {ODD} --out market.txt.gz"));
    let (events, _) = read(&[lab.path("market.txt.gz")]);
    for (name, of) in SETS {
        let chosen = format!("--features 2 --set {name}{} --events market.txt.gz", options(of));
        let mut engine = set(name, of);
        let expected = rows(engine.as_mut(), &events);
        let names: Vec<String> = engine.schema().features().iter().map(|f| f.name.to_owned()).collect();

        lab.must(&format!("features {chosen} --out features.parquet"));
        let (found_names, found) = table(&lab, "features.parquet");
        assert_eq!(found_names, names);
        same(&found, &bits(&expected), &names, name);

        lab.must(&format!("build {chosen} --label direction:horizon=20 --out data"));
        let data = Dataset::open(&lab.path("data")).unwrap();
        same(&bits(data.features()), &bits(&expected), &names, name);
        assert!(data.manifest().warm_up >= engine.schema().warm_up());

        let trained = lab
            .must("train --data data --trees 20 --depth 3 --walk-forward 2 --nulls missing --out model.iso");
        assert!(trained.stdout.contains("walk-forward"), "{}", trained.stdout);
        let kind = if name == "multires" { "trades" } else { "trades and book" };
        let said = lab.must("verify model.iso").stdout;
        assert!(said.contains(&format!("\n  bars         {kind}\n")), "{said}");

        let mut wrong = verified(&lab).artifact().clone();
        wrong.manifest.bars.kind = BarKind::Time { interval: 60_000_000_000 };
        let version = feature_registry::find("2").unwrap();
        let refused = artifact::seal(&wrong, version, Loaders::default(), None).unwrap_err().to_string();
        let text =
            format!("bars: expected {kind}, which drive set {name}, found time bars of 1m with volume;");
        assert!(refused.contains(&text), "{refused}");

        lab.must("predict --artifact model.iso --events market.txt.gz --out predictions.csv");
        predictions_are_those_of_the_pipeline(&lab, &expected);
    }
}

fn predictions_are_those_of_the_pipeline(lab: &Lab, features: &Columns) {
    let mut pipeline = verified(lab).pipeline();
    let mut row = Row::new(features.width());
    let (names, found) = table(lab, "predictions.csv");
    assert_eq!((names[0].as_str(), found.len()), ("prediction", features.len()));
    let mut predicted = 0;
    for (index, (times, cells)) in found.iter().enumerate() {
        assert!(features.copy_row(index, &mut row));
        assert_eq!(*times, [row.ts_event.0, row.ts_available.0]);
        let expected = match pipeline.push(&row).unwrap() {
            Outcome::Predicted { value, .. } => Some(value.to_bits()),
            Outcome::Blocked { .. } | Outcome::NotReady(_) | Outcome::WarmUp { .. } => None,
        };
        assert_eq!(cells[0], expected, "row {index}");
        predicted += usize::from(expected.is_some());
    }
    assert!(predicted * 2 > found.len(), "only {predicted} of {} are predicted", found.len());
}

#[test]
fn files_of_days_give_the_rows_of_one_file() {
    let lab = Lab::new();
    let events: Vec<MarketEvent> = market(4000).collect();
    // Not between a trade and its change of the book alone: bars and windows go on where the first day ended.
    let (first, second) = events.split_at(3001);
    for (name, part) in [("one.txt.gz", first), ("two.txt.gz", second), ("all.txt.gz", events.as_slice())] {
        write_capture(&lab.path(name), "SYNTH", &mut part.iter().cloned()).unwrap();
    }
    for (name, of) in SETS {
        let chosen = format!("features --features 2 --set {name}{}", options(of));
        lab.must(&format!("{chosen} --events one.txt.gz --events two.txt.gz --out days.csv"));
        lab.must(&format!("{chosen} --events all.txt.gz --out all.csv"));
        assert!(lab.read("days.csv") == lab.read("all.csv"), "{name}");
        assert!(lab.text("all.csv").lines().count() > 100, "{name}");
        // Trades and book from the same files as two feeds: what is known at a row is the same.
        let book = if name == "multires" { "" } else { " --book all.txt.gz" };
        lab.must(&format!("{chosen} --trades all.txt.gz{book} --out feeds.csv"));
        assert_eq!(lab.text("feeds.csv").lines().count(), lab.text("all.csv").lines().count(), "{name}");
    }
}

/// Bars of a kind, built directly.
fn built(kind: &str, size: u32, events: &[MarketEvent], grid: Grid) -> Vec<BuiltBar> {
    let mut bars = Bars::new(kind, size, grid).unwrap();
    events.iter().filter_map(|event| bars.update(&event.view()).unwrap()).collect()
}

#[test]
fn bars_of_every_kind_are_those_of_the_builders() {
    let lab = Lab::new();
    lab.must(&format!("synth --kind book --rows 5000 {ODD} --out market.txt"));
    let (events, grid) = read(&[lab.path("market.txt")]);
    for (kind, size, option) in [
        ("time", 1000, "--interval 1s"),
        ("time", 100, "--interval 100ms"),
        ("tick", 7, "--threshold 7"),
        ("volume", 3, "--threshold 3"),
        ("dollar", 500_000, "--threshold 500000"),
        ("tick-imbalance", 20, "--threshold 20"),
        ("volume-imbalance", 20, "--threshold 20"),
        ("dollar-imbalance", 20, "--threshold 20"),
    ] {
        for out in ["bars.csv", "bars.parquet"] {
            lab.must(&format!("bars --kind {kind} {option} --events market.txt --out {out}"));
            let (names, found) = table(&lab, out);
            let expected = built(kind, size, &events, grid);
            assert!(expected.len() > 20, "{kind}: {}", expected.len());
            assert_eq!(found.len(), expected.len(), "{kind}");
            for ((times, cells), bar) in found.iter().zip(&expected) {
                assert_eq!(*times, [bar.ts_close.0, bar.ts_available.0], "{kind}");
                let ms = |ts: feature_api::UnixNanos| (ts.0 / 1_000_000) as f64;
                let whole = [ms(bar.ts_open), ms(bar.ts_close), bar.trades as f64, bar.skipped as f64];
                let prices = [bar.open, bar.high, bar.low, bar.close].map(|price| price.raw() as f64 / 10.0);
                let volumes = [bar.volume, bar.taker_buy].map(|quantity| quantity.raw() as f64 / 1000.0);
                let [open_ms, close_ms, trades, skipped] = whole;
                let mut values = vec![open_ms, close_ms];
                values.extend(prices.iter().chain(&volumes));
                values.extend([bar.dollar_volume, trades, bar.vwap, skipped]);
                values.extend(bar.statistics.map(|(_, value)| value));
                let values: Vec<Option<u64>> = values.iter().map(|value| Some(value.to_bits())).collect();
                assert_eq!(*cells, values, "{kind} at {}", bar.ts_close);
            }
            let statistics: Vec<&str> = expected[0].statistics.iter().map(|(name, _)| *name).collect();
            assert_eq!(names[12..], statistics);
        }
    }
    // Times are whole milliseconds for whoever reads the text, and bars of time are bars for version 1.
    assert_eq!(grid, Grid::new(1, 3).unwrap());
    lab.must("bars --kind time --interval 1s --events market.txt --out bars.csv");
    let text = lab.text("bars.csv");
    let open = text.lines().nth(1).unwrap().split(',').nth(2).unwrap();
    assert_eq!(open, "1704067200000");
    let columns = format!("_,_,open_time,_,open,high,low,close,volume,taker_buy_volume{}", ",_".repeat(11));
    let done = lab.must(&format!(
        "features --features 1 --set core --bars bars.csv --columns {columns} --out core.csv"
    ));
    assert!(done.stderr.contains(" bars of 1s, 2024-01-01T00:00:00Z to "), "{}", done.stderr);
}

#[test]
fn recorded_trades_make_the_one_second_bars_of_a_second_implementation() {
    let Some(data) = data_dir("bars of recorded trades") else { return };
    let lab = Lab::new();
    for name in ["spot_btcusdt_20240808", "usdm_btcusdt_20240808"] {
        let trades = data.join(format!("binance-trades/{name}.csv.gz")).display().to_string();
        let args = ["bars", "--kind", "time", "--interval", "1s", "--out", "bars.csv", "--trades", &trades];
        assert_eq!(lab.run_args(&args).code, 0);
        let found = Table::read(&lab.path("bars.csv"));
        let expected = Table::read(&data.join(format!("ref-microstructure/{name}_1s_bars.csv")));
        // The last second is not over when the file ends.
        assert_eq!(found.len() + 1, expected.len());
        for (ours, theirs, tolerance) in [
            ("open_time", "open_time_ms", 0.0),
            ("open", "open", 0.0),
            ("high", "high", 0.0),
            ("low", "low", 0.0),
            ("close", "close", 0.0),
            ("trades", "trades", 0.0),
            ("volume", "volume", 1e-12),
            ("taker_buy_volume", "taker_buy_volume", 1e-12),
            ("dollar_volume", "quote_volume", 1e-12),
            ("vwap", "vwap", 1e-12),
        ] {
            for (row, (a, b)) in found.numbers(ours).iter().zip(expected.numbers(theirs)).enumerate() {
                let scale = if b.abs() > 1.0 { b.abs() } else { 1.0 };
                assert!((a - b).abs() <= tolerance * scale, "{name} row {row}, {ours}: {a} {b}");
            }
        }
    }
}

#[test]
fn recorded_messages_of_two_days_go_the_whole_way() {
    let Some(data) = data_dir("recorded messages") else { return };
    let lab = Lab::new();
    let capture = |name: &str| data.join(format!("binance-ws-raw/{name}.gz"));
    for days in [
        ["usdm_btcusdt_20240718", "usdm_btcusdt_20240719"],
        ["spot_btcusdt_20240808", "spot_btcusdt_20240809"],
    ] {
        let files = days.map(capture);
        let (events, _) = read(&files);
        for (name, of) in SETS {
            let paths = files.each_ref().map(|file| file.display().to_string());
            let files = ["--events", paths[0].as_str(), "--events", paths[1].as_str()];
            let chosen: Vec<String> = ["--features", "2", "--set", name]
                .map(str::to_owned)
                .into_iter()
                .chain(
                    params(of).iter().flat_map(|p| ["--param".to_owned(), format!("{}={}", p.name, p.value)]),
                )
                .collect();
            let run = |command: &str, rest: &[&str]| {
                let args: Vec<&str> = [command].into_iter().chain(rest.iter().copied()).collect();
                let done = lab.run_args(&args);
                assert_eq!(done.code, 0, "{args:?}\n{}", done.stderr);
            };
            let chosen: Vec<&str> = chosen.iter().map(String::as_str).collect();
            let with = |rest: &[&'static str]| [&chosen[..], &files[..], rest].concat();
            run("features", &with(&["--out", "features.parquet"]));
            let mut engine = set(name, of);
            let expected = rows(engine.as_mut(), &events);
            let (names, found) = table(&lab, "features.parquet");
            same(&found, &bits(&expected), &names, name);
            run("build", &with(&["--label", "direction:horizon=20", "--out", "data"]));
            run("train", &["--data", "data", "--trees", "5", "--nulls", "missing", "--out", "model.iso"]);
            run(
                "predict",
                &[&["--artifact", "model.iso", "--out", "predictions.csv"][..], &files[..]].concat(),
            );
            predictions_are_those_of_the_pipeline(&lab, &expected);
        }
    }
}

#[test]
fn one_instrument_is_chosen_of_several() {
    let lab = Lab::new();
    two_instruments(&lab, "two.csv");
    let bars = "bars --kind tick --threshold 1 --trades two.csv --out";
    let done = lab.must(&format!("{bars} b.csv --symbol B"));
    assert_eq!(
        redact(&done.stderr),
        "tick bars of size 1\n  events     20 trades of B\n  left out   20 events of other instruments\n  grid       \
         1 price decimals, 0 quantity decimals\n  counted    trades 20\n  bars       20; one that is not closed is not \
         written\n  time       [time]\nwrote b.csv\n"
    );
    let (_, found) = table(&lab, "b.csv");
    assert!(found.iter().all(|(_, cells)| cells[2] == Some(200.5_f64.to_bits())));
}

/// Trades of A at 100 and of B at 200.5.
fn two_instruments(lab: &Lab, name: &str) {
    let mut text = "timestamp,symbol,price,qty,side\n".to_owned();
    for index in 0..20 {
        for (symbol, price) in [("A", "100"), ("B", "200.5")] {
            text += &format!("{},{symbol},{price},1,buy\n", 1_704_067_200_000_i64 + index);
        }
    }
    lab.write(name, &text);
}

#[test]
fn what_does_not_fit_is_refused() {
    let lab = Lab::with_bars(600);
    lab.must(
        "build --features 1 --set core --bars bars.csv --label return:horizon=5 --out core-data --no-cache",
    );
    lab.must("train --data core-data --trees 2 --out core.iso");
    lab.must("synth --kind book --rows 1000 --seed 3 --out market.txt");
    lab.must("synth --kind trades --rows 3000 --seed 3 --out trades.csv");
    lab.must(
        "build --features 2 --set tick --param session=20 --param flow=50 --trades trades.csv --label \
         return:horizon=5 --out data",
    );
    lab.must("train --data data --trees 2 --drop ob_imbalance --nulls missing --out tick.iso");
    two_instruments(&lab, "two.csv");
    lab.write("positions.csv", "ts,side,price\n");
    lab.write("no-side.csv", "timestamp,price,qty\n1704067200000,100,1\n");
    lab.write("price.csv", "timestamp,price,qty,side\n1704067200000,100,1,buy\n1704067200001,1O0,1,buy\n");
    lab.write("few.csv", "timestamp,price,qty,side\n1704067200000,100,1,buy\n1704067200001,100,1,buy\n");
    lab.write("empty.csv", "timestamp,price,qty,side\n");
    fs::create_dir(lab.path("folder")).unwrap();
    fn of(command: &'static str, set: &'static str, rest: &[&'static str]) -> Vec<&'static str> {
        [&[command, "--features", if set == "core" { "1" } else { "2" }, "--set", set, "--out", "a.csv"][..], rest].concat()
    }
    let features = |set, rest: &[&'static str]| of("features", set, rest);
    let build = |set, rest: &[&'static str]| {
        [&of("build", set, rest)[..], &["--label", "return:horizon=5"][..]].concat()
    };
    let predict = |model, rest: &[&'static str]| {
        [&["predict", "--artifact", model, "--out", "a.csv"][..], rest].concat()
    };
    let bars = |kind, rest: &[&'static str]| [&["bars", "--kind", kind, "--out", "a.csv"][..], rest].concat();
    let synth = |rest: &[&'static str]| [&["synth", "--seed", "1", "--rows", "10"][..], rest].concat();
    let runs = [
        features("tick", &["--bars", "bars.csv"]),
        features("tick", &["--synth", "10"]),
        features("core", &["--trades", "trades.csv"]),
        features("core", &["--bars", "bars.csv", "--events", "market.txt"]),
        features("tick", &[]),
        features("core", &[]),
        features("flow", &["--book", "market.txt"]),
        features("multires", &["--trades", "trades.csv", "--book", "market.txt"]),
        features("tick", &["--trades", "trades.csv", "--positions", "positions.csv"]),
        features("tick", &["--trades", "two.csv"]),
        features("tick", &["--trades", "two.csv", "--symbol", "C"]),
        features("tick", &["--trades", "no-side.csv"]),
        features("tick", &["--trades", "price.csv"]),
        features("tick", &["--trades", "empty.csv"]),
        features("tick", &["--trades", "folder"]),
        features("tick", &["--trades", "missing.csv"]),
        features("tick", &["--trades", "bars.csv"]),
        features("tick", &["--trades", "trades.csv", "--param", "short=9"]),
        build("tick", &["--bars", "bars.csv"]),
        build("core", &["--trades", "trades.csv"]),
        build("tick", &[]),
        build("tick", &["--trades", "trades.csv", "--label-bars", "bars.csv"]),
        build("tick", &["--trades", "trades.csv", "--positions", "positions.csv"]),
        build("tick", &["--trades", "trades.csv", "--hold", "5"]),
        build("multires", &["--trades", "few.csv"]),
        build("tick", &["--trades", "few.csv"]),
        predict("tick.iso", &["--bars", "bars.csv"]),
        predict("tick.iso", &[]),
        predict("core.iso", &["--trades", "trades.csv"]),
        predict("core.iso", &[]),
        vec!["verify", "tick.iso", "--interval", "1s"],
        bars("tick", &["--threshold", "5"]),
        bars("tick", &["--threshold", "5", "--trades", "trades.csv", "--book", "market.txt"]),
        bars("dollar", &["--trades", "trades.csv"]),
        bars("dollar", &["--trades", "trades.csv", "--interval", "1s"]),
        bars("time", &["--trades", "trades.csv", "--threshold", "5"]),
        bars("time", &["--trades", "trades.csv", "--interval", "100d"]),
        bars("dollar", &["--trades", "trades.csv", "--threshold", "0"]),
        bars("tick", &["--threshold", "5", "--trades", "folder"]),
        vec!["bars", "--kind", "tick", "--threshold", "5", "--trades", "trades.csv", "--out", "trades.csv"],
        synth(&["--kind", "bars", "--late", "5", "--out", "a.csv"]),
        synth(&["--kind", "trades", "--late", "1001", "--out", "a.csv"]),
        synth(&["--kind", "book", "--out", "a.parquet"]),
    ];
    check_errors("errors_events", &lab, &runs.iter().map(Vec::as_slice).collect::<Vec<_>>());
}

#[test]
fn a_schema_says_on_which_clock_a_feature_is() {
    let lab = Lab::new();
    for (name, of) in SETS {
        let engine = set(name, of);
        let schema = engine.schema();
        let command = format!("schema --features 2 --set {name}{}", options(of));
        let json: serde_json::Value =
            serde_json::from_str(&lab.must(&format!("{command} --json")).stdout).unwrap();
        let text = lab.must(&command).stdout;
        let features = json["features"].as_array().unwrap();
        assert_eq!(features.len(), schema.width());
        for (found, spec) in features.iter().zip(schema.features()) {
            assert_eq!(found["name"], spec.name);
            assert_eq!(found["clock"].as_str(), spec.clock);
            assert_eq!(found["warm_up"], spec.warm_up);
            let warm_up = spec
                .clock
                .map_or_else(|| spec.warm_up.to_string(), |clock| format!("{} {clock}", spec.warm_up));
            let line = text.lines().find(|line| line.split_whitespace().nth(1) == Some(spec.name)).unwrap();
            assert!(line.contains(&format!(" {warm_up}  {}", spec.memory)), "{line}");
        }
        let clocked = schema.clocked().next().is_some();
        assert_eq!(text.contains("but for those on other clocks"), clocked, "{text}");
        let rows = format!("\nwarm-up      {} rows before the row at which every", schema.warm_up());
        assert!(text.contains(&rows), "{text}");
        assert!(text.contains(" bytes after 20,000 trades\n"), "{text}");
    }
}

#[test]
fn what_is_left_out_is_counted() {
    let lab = Lab::new();
    lab.must(&format!("synth --kind book --rows 3000 {ODD} --out market.txt"));
    let counts = {
        let mut made = market(3000);
        made.by_ref().for_each(drop);
        made.counts()
    };
    let (events, _) = read(&[lab.path("market.txt")]);
    let trades = events.iter().filter(|event| matches!(event, MarketEvent::Trade(_))).count() as u64;
    assert_eq!(trades, 3000 + counts.duplicates + counts.late);
    let done = lab.must("features --features 2 --set tick --events market.txt --out a.csv");
    for line in [
        format!("  events     {} trades of SYNTH\n", trades.to_string().replacen('3', "3,", 1)),
        format!("counted    trades 3,000, duplicates {}, late {}", counts.duplicates, counts.late),
        "  book       1 snapshot, 3,000 changes, 0 quotes; 0 held back for a snapshot, 0 gaps\n".to_owned(),
        "  rows       3,000\n".to_owned(),
        "  grid       1 price decimals, 3 quantity decimals\n".to_owned(),
    ] {
        assert!(done.stderr.contains(&line), "{line}\n{}", done.stderr);
    }
    // The trades alone: there is no book, so what is of the book is never valid.
    lab.must("features --features 2 --set tick --trades market.txt --out b.csv");
    let (names, rows) = table(&lab, "b.csv");
    let column = names.iter().position(|name| name == "ob_imbalance").unwrap();
    assert!(rows.len() == 3000 && rows.iter().all(|(_, cells)| cells[column].is_none()));
}

/// The configuration is that of scalper, and so are the decisions, which its own tests hold against the same run.
#[test]
fn a_backtest_over_events_decides_on_every_row() {
    let lab = Lab::new();
    lab.must("synth --kind book --rows 20000 --seed 3 --out market.txt.gz");
    lab.must("keys new --out trusted");
    lab.must("build --features 2 --set flow --events market.txt.gz --label direction:horizon=20 --out data");
    lab.must("train --data data --nulls missing --trees 20 --out entry.iso --sign trusted.key");
    lab.must("features --features 2 --set flow --events market.txt.gz --out flow.parquet");
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scalper/scalper.example.toml");
    let example = fs::read_to_string(example).unwrap().replace("BTCUSDT", "SYNTH");
    fs::write(lab.path("scalp.toml"), example).unwrap();
    let run = "backtest --config scalp.toml --events market.txt.gz --set strategy.min_edge=0 --set strategy.threshold=0.5";
    lab.must(&format!("{run} --resamples 200 --decisions a.jsonl --trades trades.csv"));
    lab.must(&format!("{run} --resamples 0 --decisions b.jsonl"));
    let (a, b) = (lab.read("a.jsonl"), lab.read("b.jsonl"));
    assert_eq!(a, b, "the same run, the same decisions");
    let rows = table(&lab, "flow.parquet").1;
    let decisions: Vec<serde_json::Value> =
        String::from_utf8(a).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(decisions.len(), rows.len());
    for (decision, row) in decisions.iter().zip(&rows) {
        assert_eq!(decision["ts_available"], row.0[1]);
    }
    let fills: usize = decisions.iter().map(|decision| decision["fills"].as_array().unwrap().len()).sum();
    assert!(fills > 0, "it trades");
    let trades = String::from_utf8(lab.read("trades.csv")).unwrap();
    assert!(trades.starts_with("side,ts_entry,ts_exit,quantity,"), "{trades}");
}
