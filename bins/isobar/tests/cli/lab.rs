//! A folder for one test, and the binary run inside it, so that paths in messages are short and the same.

use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

pub struct Lab(TempDir);

/// What a run left.
pub struct Done {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Lab {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A folder with `bars.csv`.
    pub fn with_bars(rows: u32) -> Self {
        let lab = Self::new();
        lab.synth(rows, "bars.csv");
        lab
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub fn text(&self, name: &str) -> String {
        String::from_utf8(self.read(name)).unwrap()
    }

    /// Names in the folder, sorted.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    pub fn command(&self, args: &[impl AsRef<OsStr>]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_isobar"));
        command.args(args).current_dir(self.0.path()).stdin(Stdio::null());
        // No cache but where a test names one.
        ["ISOBAR_CACHE", "XDG_CACHE_HOME", "HOME"].iter().for_each(|name| {
            command.env_remove(name);
        });
        command
    }

    /// Runs `isobar` with arguments parted by spaces.
    pub fn run(&self, args: &str) -> Done {
        let args: Vec<&str> = args.split_whitespace().collect();
        self.run_args(&args)
    }

    pub fn run_args(&self, args: &[&str]) -> Done {
        let Output { status, stdout, stderr } = self.command(args).output().unwrap();
        Done {
            code: status.code().expect("not ended by a signal"),
            stdout: String::from_utf8(stdout).unwrap(),
            stderr: String::from_utf8(stderr).unwrap(),
        }
    }

    /// As [`Lab::run`], where it must succeed.
    pub fn must(&self, args: &str) -> Done {
        let done = self.run(args);
        assert_eq!(done.code, 0, "{args}\n{}", done.stderr);
        done
    }

    pub fn synth(&self, rows: u32, out: &str) {
        self.must(&format!("synth --kind bars --rows {rows} --seed 7 --out {out}"));
    }
}

/// A command line and all that it left, as a transcript.
pub fn transcript(args: &[&str], done: &Done) -> String {
    let quoted: Vec<String> = args
        .iter()
        .map(|arg| if arg.contains(' ') { format!("{arg:?}") } else { (*arg).to_owned() })
        .collect();
    let text = format!("$ isobar {}\n[exit {}]\n{}{}", quoted.join(" "), done.code, done.stdout, done.stderr);
    redact(&text)
}

/// Replaces hashes, times taken and the exact version of the features, which differ from build to build, from run to
/// run and from release to release.
pub fn redact(text: &str) -> String {
    let mut text = text.to_owned();
    for version in feature_registry::VERSIONS {
        let stated = format!("\"version\": \"{}\"", version.version);
        text = text
            .replace(&version.to_string(), &format!("{} [version]", version.name))
            .replace(&stated, "\"version\": \"[version]\"");
    }
    let mut redacted = String::new();
    for line in text.lines() {
        let line = match line.find("  time       ") {
            Some(0) => "  time       [time]".to_owned(),
            _ => line.to_owned(),
        };
        let line = match line.strip_suffix(" s").and_then(|line| line.rsplit_once(" in ")) {
            Some((rest, _)) => format!("{rest} in [time]"),
            None => line,
        };
        let mut rest = line.as_str();
        while let Some(digit) = rest.find(|c: char| c.is_ascii_hexdigit()) {
            let (before, from) = rest.split_at(digit);
            let end = from.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(from.len());
            let (word, after) = from.split_at(end);
            redacted += before;
            redacted += if word.len() == 64 { "[hash]" } else { word };
            rest = after;
        }
        redacted += rest;
        redacted.push('\n');
    }
    redacted
}
