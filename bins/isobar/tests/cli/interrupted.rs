//! A process that is killed leaves no part of a table under the table's name.

use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::lab::Lab;

/// Waits until the table is being written, then ends the process; what stood at `out` must still.
#[cfg(unix)]
fn end_midway(signal: &str, before: Option<&str>) {
    let lab = Lab::with_bars(100_000);
    if let Some(before) = before {
        lab.write("out.csv", before);
    }
    let args = ["features", "--features", "1", "--set", "entry", "--bars", "bars.csv", "--out", "out.csv"];
    let mut child = lab.command(&args).stderr(Stdio::null()).spawn().unwrap();
    let began = Instant::now();
    let is_writing = |lab: &Lab| {
        let partial = lab.names().into_iter().find(|name| name.ends_with(".partial"));
        partial.is_some_and(|name| std::fs::metadata(lab.path(&name)).is_ok_and(|file| file.len() > 100_000))
    };
    while !is_writing(&lab) {
        assert!(began.elapsed() < Duration::from_secs(120), "nothing is written");
        assert!(child.try_wait().unwrap().is_none(), "done before it could be ended: use more bars");
        sleep(Duration::from_millis(1));
    }
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), None, "ended by the signal, not by itself");
    let after = std::fs::read_to_string(lab.path("out.csv")).ok();
    assert_eq!(after.as_deref(), before);
}

#[test]
#[cfg(unix)]
fn killed_midway() {
    end_midway("-KILL", None);
}

#[test]
#[cfg(unix)]
fn terminated_midway() {
    // Not SIGINT, which whoever runs tests in the background has had ignored.
    end_midway("-TERM", Some("old"));
}
