//! The walk of the README's section "ship a feature version", in a copy of this repository that has no experiments.
//!
//! A version is released and a model trained on it; an edit of the version is refused; the next version is made, one
//! feature changed, shown, released; production is still on the version it pinned, and decides the same, byte for
//! byte. That everything is built without `experiments/` is the proof that nothing needs them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use governance::Workspace;
use serde_json::Value;

const BOT: &str = "gatekeeper";
/// Both at once: what they are made of is compiled once.
const BUILD: [&str; 6] = ["build", "--locked", "--package", "isobar", "--package", BOT];

#[test]
fn a_feature_version_is_shipped_and_production_stays_where_it_is() {
    let copy = Copy::new();
    let pinned = copy.pinned();
    copy.release_if_draft(pinned);
    let old = format!("features-v{pinned}");

    // A model of that version, and a bot that trades on it.
    copy.cargo(&BUILD).must();
    copy.program("isobar", &["demo", "--rows", "10000", "--out", "../demo"]).must();
    let before = copy.decisions("before.jsonl");
    assert!(
        before.lines().filter(|line| line.contains("\"order\":{")).count() > 3,
        "a bot that does nothing"
    );

    an_edit_of_a_released_version_is_refused(&copy, &old);

    let newest = *copy.workspace().version_numbers().unwrap().last().unwrap();
    let is_draft = !copy.workspace().version(newest).unwrap().is_released();
    copy.xtask(if is_draft { &["new-version", "--from-draft"] } else { &["new-version"] }).must();
    let (from, to) = (format!("v{newest}"), format!("v{}", newest + 1));
    copy.commit(&format!("{to}: a copy of {from}"));
    assert_eq!(copy.changed_features(&from, &to), Vec::<String>::new());

    // Half the width of the bands, in the new version.
    let core = format!("features-{to}/src/sets/core.rs");
    copy.edit(&core, "Some(4.0 * x.price?.deviation / x.close)", "Some(2.0 * x.price?.deviation / x.close)");
    copy.edit(&core, "\"(bb_upper − bb_lower)/C\"", "\"(bb_upper − bb_lower)/2C\"");
    assert!(copy.xtask(&["check"]).fails().contains("differing from the goldens: core.bb_width"));
    copy.xtask(&["golden", "create", &to, "--replace"]).must();
    copy.xtask(&["hash", &to, "--write"]).must();
    copy.xtask(&["readme"]).must();
    copy.commit(&format!("{to}: half the width of the bands"));
    assert_eq!(copy.changed_features(&from, &to), ["core.bb_width"]);

    copy.release(newest + 1, &[]);
    assert_eq!(copy.xtask(&["check"]).must().lines().last(), Some("0 problems"));

    // Production is where it was.
    assert_eq!(copy.pinned(), pinned);
    copy.cargo(&BUILD).must();
    assert!(copy.decisions("after.jsonl") == before, "other decisions than before the release of {to}");
    production_is_on_record(&copy, &old);
}

/// By the build, which names the file and the way out, and by the check.
fn an_edit_of_a_released_version_is_refused(copy: &Copy, name: &str) {
    let file = format!("{name}/src/operators/rsi.rs");
    let text = copy.read(&file);
    copy.write(&file, &format!("{text}\n// Quicker.\n"));
    let refused = copy.cargo(&BUILD).fails();
    let version = copy.workspace().find_version(name).unwrap().version;
    for line in [
        format!(
            "{name} {version} is released and never changes, but differs from its release in: src/operators/rsi.rs"
        ),
        format!(
            "Undo the change (git checkout -- {name}), or make it in a new version (cargo xtask new-version)"
        ),
    ] {
        assert!(refused.contains(&line), "expected {line:?}, found:\n{refused}");
    }
    let found = copy.xtask(&["check"]).fails();
    let line = format!("{file}: frozen: {name} {version} is released and never changes: ");
    assert!(found.lines().any(|found| found.starts_with(&line)), "expected {line:?}, found:\n{found}");
    copy.git(&["checkout", "--quiet", "--", name]).must();
}

/// The audit says what production runs, that it is released, and that the demo's models fit it.
fn production_is_on_record(copy: &Copy, name: &str) {
    let audit: Value =
        serde_json::from_str(&copy.xtask(&["audit", "--json", "--artifacts", "../demo"]).must()).unwrap();
    assert_eq!(list(&audit["problems"]), [] as [Value; 0]);
    let is_bot = |binary: &&Value| text(&binary["name"]) == BOT;
    let Some(production) = list(&audit["binaries"]).iter().find(is_bot) else { panic!("no {BOT}: {audit}") };
    let [pin] = list(&production["pins"]) else { panic!("expected one pin: {production}") };
    assert_eq!(text(&pin["features"]), name);
    let (now, release) = (&pin["identity"], &pin["release"]);
    assert_eq!(text(&pin["requirement"]), format!("={}", text(&release["version"])));
    for hash in ["source_hash", "output_hash"] {
        assert_eq!(text(&now[hash]), text(&release[hash]), "{hash}");
    }
    let artifacts = list(&audit["artifacts"]);
    // The demo's models are made for this bot: they fit it and no other.
    let fits = |artifact: &Value| {
        let fits = list(&artifact["fits"]);
        fits.iter().all(|fit| (text(&fit["binary"]) == BOT) == list(&fit["reasons"]).is_empty())
            && fits.iter().any(|fit| text(&fit["binary"]) == BOT)
    };
    assert_eq!(
        artifacts.iter().map(|artifact| text(&artifact["path"])).collect::<Vec<_>>(),
        ["entry.iso", "exit.iso"]
    );
    assert!(artifacts.iter().all(fits), "{artifacts:#?}");
}

/// A copy of this repository, as it lies here, committed; without its experiments.
struct Copy {
    root: PathBuf,
}

impl Copy {
    fn new() -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("rehearsal/repository");
        fs::create_dir_all(&root).unwrap();
        let copy = Self { root };
        for left in [copy.root.join(".git"), copy.root.with_file_name("demo")] {
            // Of an earlier rehearsal, where there was one.
            let _ = fs::remove_dir_all(left);
        }
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let listed = git(here, &["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).must();
        let files: BTreeSet<&str> = listed
            .split_terminator('\0')
            .filter(|path| !path.starts_with("experiments/") && here.join(path).is_file())
            .collect();
        copy.clean(&copy.root, "", &files);
        for path in files {
            // What is as it must be keeps its time, so that it is not compiled again.
            let bytes = fs::read(here.join(path)).unwrap();
            if fs::read(copy.root.join(path)).ok().as_ref() != Some(&bytes) {
                fs::create_dir_all(copy.root.join(path).parent().unwrap()).unwrap();
                fs::write(copy.root.join(path), bytes).unwrap();
            }
        }
        copy.git(&["init", "--quiet", "--template=", "--initial-branch=main"]).must();
        for (key, value) in [("user.name", "Rehearsal"), ("user.email", "rehearsal@localhost")] {
            copy.git(&["config", key, value]).must();
        }
        for key in ["commit.gpgSign", "tag.gpgSign", "core.autocrlf"] {
            copy.git(&["config", key, "false"]).must();
        }
        copy.commit("A copy");
        copy
    }

    /// Removes everything but these files.
    fn clean(&self, folder: &Path, name: &str, files: &BTreeSet<&str>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{name}{}", path.file_name().unwrap().to_str().unwrap());
            if path.is_dir() {
                self.clean(&path, &format!("{name}/"), files);
                // An empty folder is gone, one with files stays.
                let _ = fs::remove_dir(&path);
            } else if !files.contains(name.as_str()) {
                fs::remove_file(&path).unwrap();
            }
        }
    }

    fn workspace(&self) -> Workspace {
        Workspace::open(&self.root).unwrap()
    }

    /// The number of the feature version that production pins.
    fn pinned(&self) -> u32 {
        let manifest = self.read(&format!("bins/{BOT}/Cargo.toml"));
        let line = manifest.lines().find_map(|line| line.strip_prefix("features-v")).unwrap();
        line.split_once(' ').unwrap().0.parse().unwrap()
    }

    fn release_if_draft(&self, number: u32) {
        if !self.workspace().version(number).unwrap().is_released() {
            self.release(number, &["--pin", BOT]);
        }
    }

    fn release(&self, number: u32, more: &[&str]) {
        let version = format!("v{number}");
        let reason = ["release", &version, "--reason", "a rehearsal", "--rollback", "throw the copy away"];
        self.xtask(&[&reason, more].concat()).must();
        assert_eq!(self.git(&["status", "--porcelain"]).must(), "");
        let tag = format!("features-{version}/{number}.0.0");
        assert_eq!(self.git(&["tag", "--points-at", "HEAD"]).must().trim(), tag);
        assert!(self.root.join(format!("releases/features-{version}-{number}.0.0.toml")).exists());
    }

    /// The decisions of the bot over the bars its models have not seen.
    fn decisions(&self, file: &str) -> String {
        let args = ["--config", "../demo/bot.toml", "--bars", "../demo/unseen.csv", "--out"];
        self.program(BOT, &[&args[..], &[&format!("../demo/{file}")]].concat()).must();
        self.read(&format!("../demo/{file}"))
    }

    /// The features that differ between two versions, in schema or in values, as `diff` has it.
    fn changed_features(&self, old: &str, new: &str) -> Vec<String> {
        let diff: Value = serde_json::from_str(&self.xtask(&["diff", old, new, "--json"]).must()).unwrap();
        let mut changed = BTreeSet::new();
        for set in list(&diff["schema"]) {
            let name = |feature: &Value| format!("{}.{}", text(&set["set"]), text(&feature["name"]));
            for how in ["added", "removed", "moved", "changed"] {
                changed.extend(list(&set[how]).iter().map(name));
            }
        }
        for set in list(&diff["values"]["inputs"]).iter().flat_map(|input| list(&input["sets"])) {
            let differs = |feature: &&Value| feature["differ"].as_u64().unwrap() > 0;
            let name = |feature: &Value| format!("{}.{}", text(&set["set"]), text(&feature["feature"]));
            changed.extend(list(&set["features"]).iter().filter(differs).map(name));
        }
        changed.into_iter().collect()
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    fn write(&self, path: &str, text: &str) {
        fs::write(self.root.join(path), text).unwrap();
    }

    fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "{path} does not hold {from:?}");
        self.write(path, &text.replacen(from, to, 1));
    }

    fn commit(&self, message: &str) {
        self.git(&["add", "--all"]).must();
        self.git(&["commit", "--quiet", "--message", message]).must();
    }

    fn git(&self, args: &[&str]) -> Done {
        git(&self.root, args)
    }

    fn cargo(&self, args: &[&str]) -> Done {
        self.run(Command::new(env!("CARGO")).args(args))
    }

    /// `cargo xtask`, without a build of the copy's own: the program is the same.
    fn xtask(&self, args: &[&str]) -> Done {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        self.run(command.args(args).env("CARGO_MANIFEST_DIR", self.root.join("xtask")))
    }

    /// A program that was built in the copy.
    fn program(&self, name: &str, args: &[&str]) -> Done {
        self.run(Command::new(self.root.with_file_name("target").join("debug").join(name)).args(args))
    }

    /// Runs it in the copy. What is built goes to a folder beside the copy; what it is made of is shared with the
    /// workspace that this test was built in, so that no dependency is compiled twice.
    fn run(&self, command: &mut Command) -> Done {
        let shared = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        command
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", self.root.with_file_name("target"))
            .env("CARGO_BUILD_BUILD_DIR", shared);
        Done::of(command)
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("expected a list, found {value}"))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("expected a text, found {value}"))
}

/// Runs git in a folder, free of the user's configuration.
fn git(folder: &Path, args: &[&str]) -> Done {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(args);
    Done::of(command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").env("LC_ALL", "C"))
}

/// A command that has ended.
struct Done {
    line: String,
    success: bool,
    stdout: String,
    stderr: String,
}

impl Done {
    fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self {
            line: format!("{command:?}"),
            success: output.status.success(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// What it printed; it must have succeeded.
    fn must(self) -> String {
        assert!(self.success, "{}\n{}{}", self.line, self.stdout, self.stderr);
        self.stdout
    }

    /// What it printed on both ways; it must have failed.
    fn fails(self) -> String {
        assert!(!self.success, "{} succeeded\n{}", self.line, self.stdout);
        self.stdout + &self.stderr
    }
}
