//! Killed at any bar and started again, the program makes the decisions it would have made.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;
use std::{fs, thread};

use support::{Lab, Random, decisions, row};

const BARS: u64 = 450;
/// Starts of the program that are killed, in each of two chains with a file, and in one with standard output.
const KILLS: u64 = 100;
const KILLS_STDOUT: u64 = 20;

/// The header, then a line for each bar, without a line end missing.
fn lines(lab: &Lab) -> Vec<String> {
    lab.read("bars.csv").lines().map(|line| format!("{line}\n")).collect()
}

fn start(lab: &Lab, arguments: &str) -> Child {
    let mut command = lab.command(&format!("--log-level error --bars - --state $bot.state {arguments}"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Gives a program its header and some bars, and leaves the pipe open.
fn feed(child: &mut Child, lines: &[String], from: usize, until: usize) {
    let text = lines[0].clone() + &lines[from + 1..=until].concat();
    child.stdin.as_mut().unwrap().write_all(text.as_bytes()).unwrap();
}

fn whole_lines(path: &Path) -> u64 {
    fs::read(path).map_or(0, |content| content.iter().filter(|byte| **byte == b'\n').count() as u64)
}

/// Waits until so many decisions stand in the file. The program cannot end before it is killed: its input is open.
#[track_caller]
fn wait_for(child: &mut Child, path: &Path, count: u64) {
    while whole_lines(path) < count {
        if let Some(status) = child.try_wait().unwrap() {
            let mut stderr = String::new();
            child.stderr.as_mut().unwrap().read_to_string(&mut stderr).unwrap();
            panic!("ended by itself with {status}: {stderr}");
        }
        thread::sleep(Duration::from_micros(100));
    }
}

/// Kills it `KILLS` times, after some bars each; then lets it end. The file holds what an uninterrupted run gives.
fn chain(seed: u64) {
    let (lab, mut random) = (Lab::new(BARS), Random(seed));
    let (lines, path) = (lines(&lab), lab.path("decisions.jsonl"));
    let expected = lab.decide(&lab.read("bars.csv")).join("\n") + "\n";
    let (mut done, mut places) = (0, Vec::new());
    for kill in 0..KILLS {
        // On average as far as leaves bars for the kills to come; sometimes before it has decided anything.
        let ahead = (BARS - done) / (KILLS - kill);
        let target = (done + random.below(2 * ahead + 1)).min(BARS - 1);
        // Its input may begin anywhere up to the last bar that it has seen, and go on beyond where it is killed.
        let from = if random.below(2) == 0 { 0 } else { done.saturating_sub(1 + random.below(3)) };
        let until = (target + random.below(4)).max(from + 1).min(BARS);
        let mut child = start(&lab, "--out $decisions.jsonl");
        feed(&mut child, &lines, from as usize, until as usize);
        wait_for(&mut child, &path, target);
        child.kill().unwrap();
        child.wait().unwrap();
        let content = fs::read_to_string(&path).unwrap_or_default();
        assert!(expected.starts_with(&content), "kill {kill}, after bar {target}: {content:?}");
        done = whole_lines(&path);
        places.push(done);
    }
    places.dedup();
    assert!(places.len() as u64 > KILLS / 2, "killed at {places:?}");
    let ended = lab.spawn("--bars $bars.csv --state $bot.state --out $decisions.jsonl");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(lab.read("decisions.jsonl"), expected);
    assert_eq!(support::line(&ended.stdout, "summary")["bars_total"], BARS);
    let names = ["bars.csv", "bot.state", "bot.state.lock", "decisions.jsonl", "entry.iso", "exit.iso"];
    let left: Vec<_> = lab.names().into_iter().filter(|name| !name.ends_with(".partial")).collect();
    assert_eq!(left, [&names[..], &["gatekeeper.toml"]].concat());
}

#[test]
fn a_hundred_kills_leave_the_file_of_an_uninterrupted_run() {
    chain(1);
}

#[test]
fn another_hundred_kills_do_too() {
    chain(2);
}

/// Decisions on standard output may come twice, with the same bytes; left out the second time, they are those of an
/// uninterrupted run.
#[test]
fn standard_output_repeats_and_never_contradicts_itself() {
    let (lab, mut random) = (Lab::new(BARS), Random(3));
    let lines = lines(&lab);
    let expected = lab.decide(&lab.read("bars.csv"));
    let mut seen: Vec<String> = Vec::new();
    let mut repeated = 0;
    let mut take = |seen: &mut Vec<String>, line: &str| {
        let line: String = decisions(line).concat();
        if line.is_empty() {
            return;
        }
        let bar = serde_json::from_str::<serde_json::Value>(&line).unwrap()["bar"].as_u64().unwrap() as usize;
        match seen.get(bar) {
            Some(before) => {
                assert_eq!(*before, line);
                repeated += 1;
            }
            None => {
                assert_eq!(bar, seen.len(), "no decision is left out");
                seen.push(line);
            }
        }
    };
    for kill in 0..KILLS_STDOUT {
        let ahead = (BARS - seen.len() as u64) / (KILLS_STDOUT - kill);
        let until = (seen.len() as u64 + 1 + random.below(2 * ahead)).min(BARS - 1) as usize;
        // A state is saved every third bar, so that there is something to repeat.
        let mut child = start(&lab, "--state-every 3");
        feed(&mut child, &lines, 0, until);
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        // It may be in the middle of the next ones when it is killed.
        let target = until - (random.below(4) as usize).min(until - seen.len());
        while seen.len() < target {
            line.clear();
            assert_ne!(stdout.read_line(&mut line).unwrap(), 0, "ended by itself");
            take(&mut seen, &line);
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // What it had written before; a last line without its end was not decided yet.
        let mut rest = String::new();
        stdout.read_to_string(&mut rest).unwrap();
        rest.split_inclusive('\n').filter(|line| line.ends_with('\n')).for_each(|line| take(&mut seen, line));
    }
    let ended = lab.spawn("--bars $bars.csv --state $bot.state");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    ended.stdout.lines().for_each(|line| take(&mut seen, line));
    assert_eq!(seen, expected);
    assert!(repeated > 0, "some decisions came twice");
}

/// Ended by the end of its input, not by a signal: what was saved then goes on as well, and bars that it has seen are
/// counted.
#[test]
fn in_two_halves_it_decides_as_in_one() {
    let lab = Lab::new(BARS);
    let expected = lab.decide(&lab.read("bars.csv"));
    let header = lines(&lab)[0].clone();
    for (index, half) in [&lab.series.bars[..200], &lab.series.bars[190..]].into_iter().enumerate() {
        let bars: String = half.iter().map(row).collect();
        let arguments = "--bars - --state $bot.state --out $decisions.jsonl --state-every 1000";
        let (result, stdout) = lab.run(arguments, &(header.clone() + &bars));
        let summary = result.unwrap();
        assert_eq!(summary.skipped, 10 * index as u64);
        assert_eq!(summary.bars_total, [200, BARS][index]);
        assert!(decisions(&stdout).is_empty(), "decisions go to the file");
    }
    assert_eq!(lab.read("decisions.jsonl").lines().collect::<Vec<_>>(), expected);
}
