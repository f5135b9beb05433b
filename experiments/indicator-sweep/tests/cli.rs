//! The program as it is called.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::process::{Command, Output};

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_indicator-sweep")).args(args).output().unwrap()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

#[test]
fn one_command_gives_the_same_page_twice() {
    let first = run(&[]);
    assert!(first.status.success(), "{}", text(first.stderr));
    assert_eq!(first.stdout, run(&[]).stdout);
    let page = text(first.stdout);
    assert!(
        page.starts_with("20000 time bars of 1m with volume, made up from seed 1\nrsi of features-v"),
        "{page}"
    );
    assert!(page.contains("Values tried: 5. The strongest in the first part is rsi="), "{page}");
}

#[test]
fn a_file_of_bars_is_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bars.csv");
    market_data::write_bars(&path, &harness::walk::walk(4_000, 1, 40).series).unwrap();
    let found =
        run(&["--bars", path.to_str().unwrap(), "--features", "1", "--param", "rsi=3,5", "--horizon", "1"]);
    let page = text(found.stdout);
    assert!(page.contains("It holds in both parts: more than noise on these bars."), "{page}");
}

#[test]
fn wrong_arguments_are_refused() {
    for (args, code, reason) in [
        (&["--features", "0"][..], 2, "expected a feature version there is: 1"),
        (&["--param", "rsi"], 2, "expected NAME=VALUE,VALUE,… in bars, such as rsi=7,14,28"),
        (&["--param", "rsi=7,7"], 2, "7 is given more than once: name each value once"),
        (&["--horizon", "0"], 2, "'--horizon <BARS>'"),
        (&["--param", "rsy=7"], 1, "error: set core has no parameter \"rsy\"; it has: rsi, "),
        (&["--set", "close"], 1, "error: features-v1 has no set \"close\"; it has: core, entry, exit"),
        (&["--feature", "rsj"], 1, "error: --feature rsj: set core of features-v1 "),
        (&["--bars", "missing.csv"], 1, "missing.csv"),
        (&["--rows", "100"], 1, "rows are too few to tell an error from"),
    ] {
        let version = if args.contains(&"--features") { &[][..] } else { &["--features", "1"] };
        let done = run(&[args, version].concat());
        let error = text(done.stderr);
        assert_eq!(done.status.code(), Some(code), "{args:?}: {error}");
        assert!(error.contains(reason), "{args:?}: {error}");
        assert!(done.stdout.is_empty(), "{args:?}");
    }
}
