//! The program as it is called.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::process::{Command, Output};

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_feature-subsets")).args(args).output().unwrap()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

#[test]
fn the_default_comparison_gives_the_same_page_twice() {
    let args = ["--rows", "6000", "--trees", "10", "--folds", "2"];
    let first = run(&args);
    assert!(first.status.success(), "{}", text(first.stderr));
    assert_eq!(first.stdout, run(&args).stdout);
    let page = text(first.stdout);
    assert!(page.starts_with("6000 time bars of 1m with volume, made up from seed 1\nfeatures-v"), "{page}");
    assert!(page.contains("\nA  9 features: close_change_1, ") && page.contains("\nall "), "{page}");
    assert!(page.contains("\nLoss A − loss B, row by row: "), "{page}");
}

#[test]
fn a_file_of_bars_without_volume_is_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bars.csv");
    market_data::write_bars(&path, &harness::walk::walk(3_000, 1, 40).series).unwrap();
    let args = "--features 1 --set core --a log_return,rsi --b atr,bb_width --label direction:horizon=1 --folds 2 \
                --trees 20 --no-volume --bars";
    let args: Vec<&str> = args.split_whitespace().chain([path.to_str().unwrap()]).collect();
    let page = text(run(&args).stdout);
    assert!(page.starts_with("3000 time bars of 1m without volume, "), "{page}");
    assert!(page.contains("More than noise on these bars: A predicts better."), "{page}");
}

#[test]
fn wrong_arguments_are_refused() {
    for (args, code, reason) in [
        ("--features 0", 2, "expected a feature version there is: 1"),
        ("--a rsi", 2, "--b <NAMES>"),
        ("--a rsi,rsi --b atr", 2, "rsi is named more than once: name each feature once"),
        ("--folds 0", 2, "'--folds <FOLDS>'"),
        ("--label up", 2, "'--label <SPEC>'"),
        ("--label return:horizon=15", 1, "error: --label return:horizon=15: it is no yes or no"),
        ("--set close", 1, "error: features-v1 has no set \"close\"; it has: core, entry, exit"),
        ("--set core --a rsi --b rsj", 1, "error: --b: set core of features-v1 "),
        ("--bars missing.csv", 1, "missing.csv"),
        ("--rows 600", 1, "has no rows left"),
    ] {
        let version = if args.contains("--features") { "" } else { "--features 1" };
        let args: Vec<&str> = args.split_whitespace().chain(version.split_whitespace()).collect();
        let done = run(&args);
        let error = text(done.stderr);
        assert_eq!(done.status.code(), Some(code), "{args:?}: {error}");
        assert!(error.contains(reason), "{args:?}: {error}");
        assert!(done.stdout.is_empty(), "{args:?}");
    }
}
