//! States and outputs that are refused, and disks that are full.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::fs;
use std::process::{Command, Stdio};

use support::{Ended, Lab, csv, decisions, left_out};

const RUN: &str = "--bars $bars.csv --state $bot.state --out $decisions.jsonl";

/// A run of the first half of the bars.
fn half_done() -> Lab {
    let lab = Lab::new(200);
    lab.write("half.csv", csv(&lab.series.bars[..100]));
    let ended = lab.spawn("--bars $half.csv --state $bot.state --out $decisions.jsonl");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    lab
}

#[test]
fn a_damaged_state() {
    let lab = half_done();
    let (whole, before) = (fs::read(lab.path("bot.state")).unwrap(), lab.read("decisions.jsonl"));
    let flipped = |at: usize| {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        bytes
    };
    let middle = whole.len() / 2;
    let cases = [flipped(middle), flipped(0), flipped(whole.len() - 1), whole[..middle].to_vec(), vec![]];
    for damaged in cases {
        lab.write("bot.state", &damaged);
        lab.spawn(RUN).assert_refused("state-damaged", &["bot.state", "delete it"]);
        assert_eq!(fs::read(lab.path("bot.state")).unwrap(), damaged, "left as it is");
        assert_eq!(lab.read("decisions.jsonl"), before);
    }
    lab.write("bot.state", whole);
    assert_eq!(lab.spawn(RUN).code, Some(0));
}

#[test]
fn a_state_of_another_bot() {
    let lab = half_done();
    let before = (fs::read(lab.path("bot.state")).unwrap(), lab.read("decisions.jsonl"));
    lab.set("taker_fee = 0.0002", "taker_fee = 0.0003");
    let ended = lab.spawn(RUN);
    ended.assert_refused("state-other-bot", &["bot.state"]);
    let critical = ended.critical();
    assert_ne!(critical[0]["expected"], critical[0]["found"]);
    assert_eq!((fs::read(lab.path("bot.state")).unwrap(), lab.read("decisions.jsonl")), before);
    lab.set("taker_fee = 0.0003", "taker_fee = 0.0002");
    assert_eq!(lab.spawn(RUN).code, Some(0));
}

#[test]
fn a_state_that_cannot_be_read_or_written() {
    let lab = Lab::new(200);
    let ended = lab.spawn("--bars $bars.csv --state $no/bot.state --out $decisions.jsonl");
    ended.assert_refused("state-unwritable", &["no/bot.state"]);
    fs::create_dir(lab.path("folder")).unwrap();
    lab.spawn("--bars $bars.csv --state $folder").assert_refused("state-unreadable", &["folder"]);
    assert!(!support::exists(&lab.path("decisions.jsonl")));
}

#[test]
fn a_state_that_another_process_uses() {
    let lab = Lab::new(200);
    let mut command = lab.command("--log-level error --bars - --state $bot.state");
    let mut first = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    // Its identity is written once the state is its own.
    let mut line = String::new();
    let mut stdout = std::io::BufReader::new(first.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut stdout, &mut line).unwrap();
    assert!(line.contains("identity"));
    lab.spawn(RUN).assert_refused("state-in-use", &["bot.state"]);
    assert!(!support::exists(&lab.path("decisions.jsonl")));
    first.kill().unwrap();
    first.wait().unwrap();
    assert_eq!(lab.spawn(RUN).code, Some(0), "a lock dies with its process");
}

#[test]
fn decisions_that_are_not_those_of_the_state() {
    let lab = half_done();
    let decided = lab.read("decisions.jsonl");
    let short = &decided[..decided.len() - 1];
    for wrong in ["", short, &decided.replace("\"bar\":99", "\"bar\":98"), &(decided.clone() + "{}\n")] {
        lab.write("decisions.jsonl", wrong);
        lab.spawn(RUN).assert_refused("output-mismatch", &["decisions.jsonl"]);
        assert_eq!(lab.read("decisions.jsonl"), wrong, "left as it is");
    }
    fs::remove_file(lab.path("decisions.jsonl")).unwrap();
    lab.spawn(RUN).assert_refused("output-unwritable", &["decisions.jsonl"]);
    lab.write("decisions.jsonl", &decided);
    assert_eq!(lab.spawn(RUN).code, Some(0));
}

/// A state whose decisions went to standard output goes on with a file that is new, and with that again.
#[test]
fn from_standard_output_to_a_file() {
    let lab = Lab::new(200);
    let expected = lab.decide(&lab.read("bars.csv"));
    lab.write("half.csv", csv(&lab.series.bars[..100]));
    lab.write("more.csv", csv(&lab.series.bars[..150]));
    let first = lab.spawn("--bars $half.csv --state $bot.state");
    assert_eq!(decisions(&first.stdout), expected[..100]);
    lab.write("decisions.jsonl", "something\n");
    lab.spawn(RUN).assert_refused("output-mismatch", &["decisions.jsonl"]);
    fs::remove_file(lab.path("decisions.jsonl")).unwrap();
    for (bars, until) in [("$more.csv", 150), ("$bars.csv", 200)] {
        let ended = lab.spawn(&format!("--bars {bars} --state $bot.state --out $decisions.jsonl"));
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert_eq!(lab.read("decisions.jsonl").lines().collect::<Vec<_>>(), expected[100..until]);
    }
}

/// What cannot begin leaves nothing behind.
#[test]
fn bars_and_places_that_are_not_there_leave_nothing() {
    let lab = Lab::new(200);
    let before = lab.names();
    lab.spawn("--bars $no.csv --state $s --out $o").assert_refused("bars-unreadable", &["no.csv"]);
    lab.spawn("--bars $bars.csv --state $s --out $no/o").assert_refused("output-unwritable", &["no folder"]);
    lab.spawn("--bars $bars.csv --state $s --out $s").assert_refused("usage", &["which --state writes"]);
    lab.spawn("--bars $bars.csv --state $s --out $s.lock").assert_refused("usage", &["which --state writes"]);
    assert_eq!(lab.names(), before);
}

#[test]
fn decisions_that_another_process_writes() {
    let lab = Lab::new(200);
    let mut command = lab.command("--log-level error --bars - --out $o.jsonl");
    let mut first = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    let mut stdout = std::io::BufReader::new(first.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut stdout, &mut line).unwrap();
    assert!(line.contains("identity"));
    lab.spawn("--bars $bars.csv --out $o.jsonl").assert_refused("output-unwritable", &["another process"]);
    first.kill().unwrap();
    first.wait().unwrap();
    assert_eq!(lab.spawn("--bars $bars.csv --out $o.jsonl").code, Some(0), "a lock dies with its process");
}

#[test]
fn an_output_that_cannot_be_written() {
    let lab = Lab::new(200);
    lab.write("old.jsonl", "decisions of last year\n");
    lab.spawn("--bars $bars.csv --out $old.jsonl").assert_refused("output-mismatch", &["old.jsonl"]);
    assert_eq!(lab.read("old.jsonl"), "decisions of last year\n");
    let ended = lab.spawn("--bars $bars.csv --out $no/decisions.jsonl");
    ended.assert_refused("output-unwritable", &["no/decisions.jsonl"]);
    fs::create_dir(lab.path("folder")).unwrap();
    lab.spawn("--bars $bars.csv --out $folder").assert_refused("output-unwritable", &["folder"]);
    lab.spawn("--bars $bars.csv --out /dev/null").assert_refused("output-unwritable", &["regular file"]);
}

/// A reader that has gone, and a disk that is full: an error, not a signal and not a panic.
#[test]
fn a_standard_output_that_takes_nothing() {
    let lab = Lab::new(200);
    let mut child = lab
        .command("--bars $bars.csv")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ended: Ended = child.wait_with_output().unwrap().into();
    ended.assert_refused("output-unwritable", &["standard output"]);
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let ended: Ended = lab.command("--bars $bars.csv").stdout(full).output().unwrap().into();
    ended.assert_refused("output-unwritable", &["standard output"]);
}

/// A log that nobody reads does not stop a bot, and does not change how it ends.
#[test]
fn a_log_that_nobody_reads() {
    let lab = Lab::new(200);
    for (arguments, code) in [("--bars $bars.csv", 0), ("--bars $none.csv", 10)] {
        let mut child = lab.command(arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stderr.take());
        assert_eq!(child.wait().unwrap().code(), Some(code));
    }
}

/// Runs a script of the shell where `disk` of the lab is a file system of its own, in memory, and so small.
fn with_disk(lab: &Lab, options: &str, script: &str) -> Option<Ended> {
    fs::create_dir_all(lab.path("disk")).unwrap();
    let mount = format!("mount -t tmpfs -o {options} tmpfs disk");
    let run = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["-rm", "sh", "-c", script]).env("GATEKEEPER", env!("CARGO_BIN_EXE_gatekeeper"));
        command.current_dir(lab.path(".")).output()
    };
    if !run(&mount).is_ok_and(|output| output.status.success()) {
        left_out("a full disk and a read-only one: `unshare -rm` or a mount in it does not work here");
        return None;
    }
    Some(run(&format!("{mount} || exit 125\n{script}")).unwrap().into())
}

#[test]
fn a_read_only_folder() {
    let lab = Lab::new(200);
    let run = "\"$GATEKEEPER\" --config gatekeeper.toml --bars bars.csv";
    let Some(ended) = with_disk(&lab, "ro", &format!("{run} --state disk/bot.state --out decisions.jsonl"))
    else {
        return;
    };
    ended.assert_refused("state-unwritable", &["disk/bot.state", "Read-only"]);
    assert_eq!(ended.stdout, "");
    assert!(!support::exists(&lab.path("decisions.jsonl")));
    let ended = with_disk(&lab, "ro", &format!("{run} --out disk/decisions.jsonl")).unwrap();
    ended.assert_refused("output-unwritable", &["disk/decisions.jsonl", "Read-only"]);
}

#[test]
fn a_disk_that_is_full_from_the_start() {
    let lab = Lab::new(200);
    let script = "head -c 100000 /dev/zero >disk/fill 2>/dev/null
        \"$GATEKEEPER\" --config gatekeeper.toml --bars bars.csv --state disk/bot.state --out decisions.jsonl
        code=$?
        ls -A disk >left
        exit $code";
    let Some(ended) = with_disk(&lab, "size=8k", script) else { return };
    ended.assert_refused("state-unwritable", &["No space left"]);
    assert_eq!(ended.stdout, "");
    assert!(!support::exists(&lab.path("decisions.jsonl")), "no decision without a state");
    assert_eq!(lab.read("left"), "bot.state.lock\nfill\n", "no half of a state");
}

/// The disk of the state fills up while the bot runs: it stops, and the state saved before goes on.
#[test]
fn a_disk_that_fills_up() {
    let lab = Lab::new(200);
    let script = "mkfifo pipe
        \"$GATEKEEPER\" --config gatekeeper.toml --bars - --state disk/bot.state --out decisions.jsonl <pipe &
        exec 3>pipe
        head -n 101 bars.csv >&3
        while [ \"$(cat decisions.jsonl 2>/dev/null | wc -l)\" -lt 100 ]; do sleep 0.01; done
        head -c 1000000 /dev/zero >disk/fill 2>/dev/null
        tail -n +102 bars.csv >&3 2>/dev/null
        exec 3>&-
        wait $!
        code=$?
        cp disk/bot.state bot.state
        ls -A disk >left
        exit $code";
    let Some(ended) = with_disk(&lab, "size=64k", script) else { return };
    ended.assert_refused("state-unwritable", &["No space left", "the state saved before is as it was"]);
    assert_eq!(ended.stdout.lines().count(), 1, "the identity, and no summary");
    assert_eq!(lab.read("left"), "bot.state\nbot.state.lock\nfill\n", "no half of a state");
    let expected = lab.decide(&lab.read("bars.csv"));
    let decided = lab.read("decisions.jsonl");
    assert!(decided.lines().count() >= 100 && decided.lines().count() < 200, "{}", decided.lines().count());
    assert!(decided.lines().zip(&expected).all(|(decided, expected)| decided == expected));
    let ended = lab.spawn(RUN);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(lab.read("decisions.jsonl").lines().collect::<Vec<_>>(), expected);
}

/// The disk of the decisions fills up: the state has seen no decision that did not get there, and goes on from it.
#[test]
fn a_disk_of_decisions_that_fills_up() {
    let lab = Lab::new(200);
    let run = "\"$GATEKEEPER\" --config gatekeeper.toml --bars bars.csv --state bot.state";
    let script = format!("{run} --out disk/decisions.jsonl; code=$?; cp disk/* .; exit $code");
    let Some(ended) = with_disk(&lab, "size=32k", &script) else { return };
    ended.assert_refused("output-unwritable", &["disk/decisions.jsonl", "No space left"]);
    let expected = lab.decide(&lab.read("bars.csv"));
    let decided = lab.read("decisions.jsonl");
    assert!(decided.lines().count() > 20 && expected.join("\n").starts_with(&decided), "{decided}");
    let ended = lab.spawn(RUN);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(lab.read("decisions.jsonl").lines().collect::<Vec<_>>(), expected);
}
