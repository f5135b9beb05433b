//! Every error message, its exit code, and that nothing is left behind.

use super::lab::Lab;
use super::snapshots::check_runs;

/// Runs and compares; the folder is the same afterwards.
pub fn check_errors(name: &str, lab: &Lab, runs: &[&[&str]]) {
    let files = || {
        lab.names().into_iter().map(|name| (std::fs::read(lab.path(&name)).ok(), name)).collect::<Vec<_>>()
    };
    let before = files();
    check_runs(name, lab, runs);
    assert!(files() == before, "a command that failed changed a file");
}

fn command<'a>(set: &'a str, rest: &[&'a str]) -> Vec<&'a str> {
    [&["features", "--features", "1", "--set", set][..], rest].concat()
}

#[test]
fn command_lines() {
    let lab = Lab::with_bars(50);
    lab.write("positions.csv", "ts,side,price\n");
    lab.write("positions.parquet", "");
    std::fs::create_dir(lab.path("folder")).unwrap();
    let schema = |rest: &[&'static str]| [&["schema", "--features", "1"][..], rest].concat();
    let synth = |rest: &[&'static str]| [&["synth", "--kind", "bars", "--seed", "1"][..], rest].concat();
    let bars = |rest: &[&'static str]| command("core", &[&["--bars", "bars.csv"][..], rest].concat());
    let runs = [
        schema(&["--set", "close"]),
        schema(&["--set", "core", "--param", "rsy=14"]),
        schema(&["--set", "core", "--param", "rsi=0"]),
        schema(&["--set", "core", "--param", "rsi=1001"]),
        schema(&["--set", "core", "--param", "rsi=x"]),
        schema(&["--set", "core", "--param", "rsi"]),
        schema(&["--set", "core", "--param", "rsi=7", "--param", "rsi=8"]),
        schema(&["--set", "core", "--param", "macd_fast=26"]),
        command("entry", &["--bars", "bars.csv", "--out", "a.csv", "--positions", "positions.csv"]),
        bars(&["--out", "bars.csv"]),
        bars(&["--out", "folder/../bars.csv"]),
        command("exit", &["--bars", "bars.csv", "--out", "positions.csv", "--positions", "positions.csv"]),
        bars(&["--out", "a.xlsx"]),
        bars(&["--out", "a"]),
        command("core", &["--bars", "bars.xlsx", "--out", "a.csv"]),
        command("exit", &["--bars", "bars.csv", "--out", "a.csv", "--positions", "positions.parquet"]),
        bars(&["--out", "a.csv", "--price-decimals", "2"]),
        bars(&["--out", "a.csv", "--price-decimals", "17", "--volume-decimals", "0"]),
        bars(&["--out", "a.csv", "--time", "ms", "--time-format", "%Y"]),
        bars(&["--out", "a.csv", "--time-format", "%!"]),
        bars(&["--out", "a.csv", "--columns", "time,open,high,low,close,size_of_it"]),
        bars(&["--out", "a.csv", "--interval", "0m"]),
        bars(&["--out", "a.csv", "--interval", "1w"]),
        synth(&["--rows", "0", "--out", "a.csv"]),
        synth(&["--rows", "100000", "--interval", "1d", "--out", "a.csv"]),
        synth(&["--rows", "1", "--out", "a.json"]),
        vec!["features", "--features", "1"],
        vec![],
    ];
    check_errors("errors_command_lines", &lab, &runs.iter().map(Vec::as_slice).collect::<Vec<_>>());
}

#[test]
#[cfg(unix)]
fn a_link_to_the_input_is_the_input() {
    let lab = Lab::with_bars(50);
    std::os::unix::fs::symlink("bars.csv", lab.path("link.csv")).unwrap();
    let before = lab.read("bars.csv");
    let done = lab.run("features --features 1 --set core --bars bars.csv --out link.csv");
    assert_eq!(done.code, 2);
    assert!(done.stderr.starts_with("error: --out link.csv is the input bars.csv"), "{}", done.stderr);
    assert_eq!(lab.read("bars.csv"), before);
}

#[test]
fn files() {
    let lab = Lab::with_bars(50);
    let text = lab.text("bars.csv");
    let lines: Vec<&str> = text.lines().collect();
    let with = |change: &dyn Fn(&mut Vec<String>)| {
        let mut lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        change(&mut lines);
        lines.join("\n") + "\n"
    };
    std::fs::create_dir(lab.path("folder.csv")).unwrap();
    lab.write("columns.csv", "time,open,high\n1,2,3\n");
    lab.write("volume.csv", "time,open,high,low,close\n1704067200,1,1,1,1\n1704067260,1,1,1,1\n");
    lab.write("number.csv", &with(&|lines| lines[7] = lines[7].replacen("45", "4S", 1)));
    lab.write("back.csv", &with(&|lines| lines.swap(9, 10)));
    lab.write("duplicate.csv", &with(&|lines| lines.insert(5, lines[4].clone())));
    lab.write("many.csv", &with(&|lines| lines.iter_mut().skip(5).for_each(|line| line.push_str(",more"))));
    lab.write("empty.csv", "");
    lab.write("header.csv", &with(&|lines| lines.truncate(1)));
    lab.write("time.csv", "time,open,high,low,close,volume\n01/02/2024 10:00,1,1,1,1,1\n");
    lab.write("damaged.csv.gz", "this is no gzip");
    lab.write("damaged.parquet", "this is no Parquet");
    lab.write("positions.csv", "ts,side\n1,long\n");
    lab.write("sides.csv", "ts,side,price\n1704067260,up,1\n1704067200,long,\n1704067400,long,1.001\n");
    let bars = |file: &'static str| command("core", &["--bars", file, "--out", "a.parquet"]);
    let out = |file: &'static str| command("core", &["--bars", "bars.csv", "--out", file]);
    let positions = |file: &'static str| {
        command("exit", &["--bars", "bars.csv", "--out", "a.parquet", "--positions", file])
    };
    let runs = [
        bars("missing.csv"),
        bars("folder.csv"),
        bars("columns.csv"),
        bars("volume.csv"),
        bars("number.csv"),
        bars("back.csv"),
        bars("duplicate.csv"),
        bars("many.csv"),
        bars("empty.csv"),
        bars("header.csv"),
        bars("time.csv"),
        bars("damaged.csv.gz"),
        bars("damaged.parquet"),
        out("missing/a.csv"),
        out("folder.csv"),
        positions("missing.csv"),
        positions("positions.csv"),
        positions("sides.csv"),
        vec!["inspect-data", "missing.csv"],
        vec!["inspect-data", "folder.csv"],
        vec!["inspect-data", "volume.csv"],
        vec!["synth", "--kind", "bars", "--rows", "1", "--seed", "1", "--out", "missing/a.csv"],
    ];
    check_errors("errors_files", &lab, &runs.iter().map(Vec::as_slice).collect::<Vec<_>>());
}

#[test]
fn datasets_and_models() {
    let lab = Lab::with_bars(600);
    lab.must("build --features 1 --set core --bars bars.csv --label return:horizon=5 --out data");
    lab.must("train --data data --trees 2 --out model.iso");
    lab.write("file", "");
    lab.write("broken.key", "isobar ed25519 secret 00\n");
    std::fs::create_dir(lab.path("empty")).unwrap();
    let build = |rest: &[&'static str]| {
        [&["build", "--features", "1", "--bars", "bars.csv", "--no-cache"][..], rest].concat()
    };
    let label = |label: &'static str| build(&["--set", "core", "--out", "d", "--label", label]);
    let train = |rest: &[&'static str]| [&["train", "--data", "data"][..], rest].concat();
    let runs = [
        build(&["--set", "exit", "--label", "return:horizon=5", "--out", "d"]),
        build(&["--set", "core", "--label", "return:horizon=5", "--out", "file"]),
        build(&["--set", "core", "--label", "return:horizon=5", "--out", "d", "--split", "0.5,0.5"]),
        build(&["--set", "core", "--label", "return:horizon=5", "--out", "d", "--split", "0.8,0.2,0.2"]),
        build(&["--set", "core", "--label", "return:horizon=5", "--out", "d", "--embargo", "600"]),
        build(&["--set", "core", "--label", "return:horizon=5", "--out", "d", "--label-bars", "bars.csv"]),
        label("profit:horizon=5"),
        label("return"),
        label("return:horizon=0"),
        label("return:horizon=5,above=1"),
        label("direction:horizon=5,above=nan"),
        label("barriers:horizon=5,profit=0.1"),
        label("barriers:horizon=5,profit=0.1,loss=1.5,side=long"),
        label("return:horizon=599"),
        train(&["--out", "model"]),
        train(&["--out", "a.iso", "--model", "logistic"]),
        train(&["--out", "a.iso", "--model", "logistic", "--trees", "5"]),
        train(&["--out", "a.iso", "--steps-max", "5"]),
        train(&["--out", "a.iso", "--block", "rsi>=0"]),
        train(&["--out", "a.iso", "--drop", "rsy,close"]),
        train(&["--out", "a.iso", "--nulls-of", "rsi=median", "--nulls-of", "rsi=refuse"]),
        train(&["--out", "a.iso", "--clip", "0.9,0.1"]),
        train(&["--out", "a.iso", "--block", "rsy<30"]),
        train(&["--out", "a.iso", "--block", "rsi=30"]),
        train(&["--out", "a.iso", "--timestamp", "yesterday"]),
        train(&["--out", "a.iso", "--sign", "no.key"]),
        train(&["--out", "a.iso", "--sign", "broken.key"]),
        train(&["--out", "a.iso", "--trees", "0"]),
        train(&["--out", "a.iso", "--learning-rate", "nan"]),
        train(&["--out", "a.iso", "--sequence", "1000000"]),
        train(&["--out", "a.iso", "--walk-forward", "500"]),
        vec!["train", "--data", "empty", "--out", "a.iso"],
        vec!["verify", "no.iso"],
        vec!["verify", "empty"],
        vec!["verify", "file"],
        vec!["verify", "bars.csv"],
        vec!["inspect", "bars.csv"],
        vec!["verify", "model.iso", "--trusted-key", "no.pub"],
        vec!["predict", "--artifact", "model.iso", "--bars", "bars.csv", "--out", "bars.csv"],
        vec!["predict", "--artifact", "model.iso", "--bars", "no.csv", "--out", "p.csv"],
        vec!["seal", "--data", "data", "--model", "bars.csv", "--kind", "xgboost", "--out", "a.iso"],
        vec!["seal", "--data", "data", "--model", "bars.csv", "--kind", "lightgbm", "--out", "a.iso"],
        vec!["keys", "new", "--out", "no/ours"],
    ];
    check_errors("errors_datasets_and_models", &lab, &runs.iter().map(Vec::as_slice).collect::<Vec<_>>());
}
