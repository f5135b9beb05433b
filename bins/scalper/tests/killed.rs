//! Killed at any event and started again, the program makes the decisions it would have made.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;
use std::{fs, thread};

use support::{Lab, Random, capture, decisions, whole_lines};

const TRADES: u64 = 1000;
/// Starts of the program that are killed.
const KILLS: u64 = 25;

/// Waits until so many decisions stand in the file. The program cannot end before it is killed: its input is open.
#[track_caller]
fn wait_for(child: &mut Child, path: &Path, count: u64) {
    while whole_lines(path) < count {
        if let Some(status) = child.try_wait().unwrap() {
            let mut stderr = String::new();
            child.stderr.as_mut().unwrap().read_to_string(&mut stderr).unwrap();
            panic!("ended by itself with {status}: {stderr}");
        }
        thread::sleep(Duration::from_micros(200));
    }
}

#[test]
fn kills_leave_the_file_of_an_uninterrupted_run() {
    let (lab, mut random) = (Lab::new(TRADES), Random(1));
    let text = lab.read("events.txt");
    let messages: Vec<&str> = text.split_inclusive('\n').collect();
    let (decided, path) = (lab.decide_by_core(), lab.path("decisions.jsonl"));
    let expected: String = decided.iter().map(|(_, line)| format!("{line}\n")).collect();
    let mut places = Vec::new();
    for kill in 0..KILLS {
        // Its input begins at the beginning, and goes on beyond where it was killed; not to the end.
        let most = 21 + messages.len() as u64 * (kill + 1) / (KILLS + 2);
        let until = (most - random.below(20)) as usize;
        let events = messages[..until].concat();
        let count = decided.iter().filter(|(taken, _)| *taken <= until).count() as u64;
        let every = 1 + random.below(3);
        let options = "--log-level error --events - --state $bot.state --out $decisions.jsonl";
        let mut command = lab.command(&format!("{options} --state-every {every}"));
        let piped = || Stdio::piped();
        let mut child = command.stdin(piped()).stdout(piped()).stderr(piped()).spawn().unwrap();
        child.stdin.as_mut().unwrap().write_all(events.as_bytes()).unwrap();
        // It may be in the middle of the last ones when it is killed.
        wait_for(&mut child, &path, count.saturating_sub(random.below(4)));
        child.kill().unwrap();
        child.wait().unwrap();
        let content = fs::read_to_string(&path).unwrap_or_default();
        assert!(expected.starts_with(&content), "kill {kill}: {content:?}");
        places.push(whole_lines(&path));
    }
    places.dedup();
    assert!(places.len() as u64 > KILLS / 2, "killed at {places:?}");
    let ended = lab.spawn("--events $events.txt --state $bot.state --out $decisions.jsonl");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(lab.read("decisions.jsonl"), expected);
    let rows = expected.lines().count();
    assert_eq!(support::line(&ended.stdout, "summary")["rows_total"], rows);
}

/// Ended by the end of its input at any event, between decisions too: what was saved then goes on as well.
#[test]
fn in_parts_it_decides_as_in_one() {
    let lab = Lab::new(TRADES);
    let expected = lab.decide(&lab.read("events.txt"));
    let count = lab.events.len();
    for (continues, cuts) in
        [(false, vec![count / 3, count / 2, count / 2 + 1, count]), (true, vec![count / 2, count])]
    {
        let (mut done, mut from) = (Vec::new(), 0);
        for cut in cuts {
            // The same history from the beginning, or what is new alone.
            let events = if continues && from > 0 { &lab.events[from..cut] } else { &lab.events[..cut] };
            let flag = if continues && from > 0 { "--continues" } else { "" };
            let (result, stdout) =
                lab.run(&format!("--events - --state $bot.state {flag}"), &capture(events));
            let summary = result.unwrap();
            assert_eq!(summary.skipped, if continues { 0 } else { from as u64 });
            assert_eq!(summary.events, (cut - from) as u64);
            done.extend(decisions(&stdout));
            from = cut;
        }
        assert_eq!(done, expected, "continues: {continues}");
        fs::remove_file(lab.path("bot.state")).unwrap();
    }
}

/// What lies between a state and the events given would be missing in silence.
#[test]
fn events_that_begin_after_the_state_are_refused() {
    let lab = Lab::new(TRADES);
    let (early, late) = lab.events.split_at(lab.events.len() / 2);
    lab.run("--events - --state $bot.state", &capture(early)).0.unwrap();
    let ended = lab.run("--events - --state $bot.state", &capture(&late[300..])).0;
    let failure = ended.err().unwrap().to_string();
    assert!(failure.contains("the events begin after those that the state has seen"), "{failure}");
}
