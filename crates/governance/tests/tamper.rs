//! Changing any byte of any file that decides a value of a released version is caught by the build, by the rule
//! frozen, and, where bits change, by the self-test.
//!
//! The released version here is a copy of the real `features-v1`. Each case is given to its build script as cargo
//! runs it, with the time of modification as it was before; to cargo itself once for each file; and to the rule.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod copied;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{LazyLock, Mutex, MutexGuard, OnceLock, PoisonError};

use copied::{Copy, NAME, describe, text};
use governance::rules::frozen;
use governance::{Facts, Problem, Record};

/// A change of one byte.
#[derive(Debug, Clone, Copy)]
enum Change {
    /// Its lowest bit.
    Flip,
    /// A letter before it.
    Insert,
    /// It goes.
    Delete,
}

const CHANGES: [Change; 3] = [Change::Flip, Change::Insert, Change::Delete];

impl Change {
    fn of(self, bytes: &[u8], at: usize) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        match self {
            Self::Flip => bytes[at] ^= 1,
            Self::Insert => bytes.insert(at, b'x'),
            Self::Delete => drop(bytes.remove(at)),
        }
        bytes
    }
}

/// A released copy, with the programs of a build of it.
struct Released {
    copy: Copy,
    record: Record,
    facts: Result<Facts, String>,
    inputs: OnceLock<frozen::Inputs>,
    build_script: PathBuf,
    selftest: PathBuf,
}

/// The one that is built: whoever changes it has it alone, and gets it as it was released.
fn built() -> MutexGuard<'static, Released> {
    static BUILT: LazyLock<Mutex<Released>> = LazyLock::new(|| Mutex::new(Released::build()));
    let released = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    released.copy.git(&["reset", "--quiet", "--hard", "released"]);
    released.copy.git(&["clean", "--quiet", "--force", "-d"]);
    released
}

impl Released {
    fn build() -> Self {
        let (copy, record) = Copy::released("released");
        copy.git(&["tag", "--force", "released"]);
        let output = copy.cargo(&["build", "--bin", "selftest", "--message-format=json"]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let program = |kind: &str| {
            let of_kind = |line: &&str| {
                line.contains("compiler-artifact") && line.contains(NAME) && line.contains(kind)
            };
            let json = text(&output.stdout);
            let line = json.lines().rfind(of_kind).unwrap().to_owned();
            let message: serde_json::Value = serde_json::from_str(&line).unwrap();
            PathBuf::from(message["filenames"][0].as_str().unwrap())
        };
        let (build_script, selftest) =
            (program("\"kind\":[\"custom-build\"]"), program("\"kind\":[\"bin\"]"));
        // Kept apart: a test that builds another build script puts it in the place of this one.
        let kept = copy.root().with_file_name("build-script");
        std::fs::copy(&build_script, &kept).unwrap();
        let build_script = kept;
        let facts = describe(&selftest);
        assert_eq!((&facts.source_hash, &facts.output_hash), (&record.source_hash, &record.output_hash));
        Self { copy, record, facts: Ok(facts), inputs: OnceLock::new(), build_script, selftest }
    }

    /// Another copy of the same release, which is not built: its build script and its facts are those of the other.
    fn beside(name: &str) -> Self {
        let built = built();
        let (record, facts) = (built.record.clone(), built.facts.clone());
        let (build_script, selftest) = (built.build_script.clone(), built.selftest.clone());
        drop(built);
        let copy = Copy::new(name, "1.0.0");
        copy.release(&record);
        let released = Self { copy, record, facts, inputs: OnceLock::new(), build_script, selftest };
        released.is_as_released();
        released
    }

    /// Neither the build nor the rule finds anything.
    fn is_as_released(&self) {
        assert_eq!(self.built(), Ok(()));
        assert_eq!(self.problems(), []);
    }

    fn problems(&self) -> Vec<Problem> {
        // The history is the same in every case: it is asked once.
        let inputs = self.inputs.get_or_init(|| self.copy.inputs(&self.facts)).clone();
        frozen::frozen(&inputs.with_folders(&self.copy.workspace(), &self.copy.versions()))
    }

    /// What the build script says, run as cargo runs it.
    fn built(&self) -> Result<(), String> {
        let output = Command::new(&self.build_script)
            .env("CARGO_MANIFEST_DIR", self.copy.path(NAME))
            .output()
            .unwrap();
        if output.status.success() { Ok(()) } else { Err(text(&output.stdout)) }
    }

    /// The build stops and names `file`; so does the rule.
    fn is_caught(&self, file: &str, what: &str) {
        let said = self.built().expect_err(what);
        assert!(said.contains("cargo::error=") && said.contains(file), "{what}: the build says {said:?}");
        let problems = self.problems();
        let names = |problem: &Problem| {
            let Problem { place, reason, .. } = problem;
            *place == format!("{NAME}/{file}")
                || (place == NAME && reason.contains(&format!("{NAME}/{file}")))
        };
        assert!(problems.iter().any(names), "{what}: the rule says {problems:?}");
    }

    /// As [`Released::is_caught`], with the file so for the moment and as old as before.
    fn catches(&self, file: &str, bytes: &[u8], what: &str) {
        let path = format!("{NAME}/{file}");
        let released = self.copy.read(&path);
        assert_ne!(released, bytes, "{what}");
        self.copy.write_unseen(&path, bytes);
        self.is_caught(file, what);
        self.copy.write_unseen(&path, &released);
    }
}

/// The files of `SHA256SUMS`.
fn files(copy: &Copy) -> Vec<String> {
    let files: Vec<String> = copy.source().files.into_iter().map(|(path, _)| path).collect();
    assert!(files.len() > 40 && files.contains(&"build.rs".to_owned()));
    files
}

#[test]
fn any_byte_of_any_file_is_caught() {
    let released = Released::beside("bytes");
    for file in files(&released.copy) {
        let bytes = released.copy.read(&format!("{NAME}/{file}"));
        let last = bytes.len() - 1;
        for at in [0, last / 3, last / 2, last - last / 5, last] {
            for change in CHANGES {
                let what = format!("{file}: {change:?} at {at}");
                released.catches(&file, &change.of(&bytes, at), &what);
            }
        }
        released.catches(&file, b"", &format!("{file}: emptied"));
    }
    released.is_as_released();
}

#[test]
fn any_byte_of_a_fact_of_the_manifest_and_of_the_sums_is_caught() {
    let released = Released::beside("facts");
    let manifest = text(&released.copy.read("features-v1/Cargo.toml"));
    let facts = released.copy.source().manifest;
    let mut offset = 0;
    let (mut table, mut seen) = (String::new(), 0);
    for line in manifest.split_inclusive('\n') {
        if line.starts_with('[') {
            table = line.trim().trim_matches(['[', ']']).to_owned();
        }
        let key = line.split('=').next().unwrap_or_default().trim();
        if facts.lines().any(|fact| fact.starts_with(&format!("{table}.{key} = "))) {
            seen += 1;
            for at in 0..line.trim_end().len() {
                // Blanks between key and value say nothing, to cargo neither.
                if line.as_bytes()[at] == b' ' {
                    continue;
                }
                let changes = if at % 4 == 0 { &CHANGES[..] } else { &CHANGES[..1] };
                for change in changes {
                    let what = format!("Cargo.toml: {change:?} at {at} of {line:?}");
                    released.catches("Cargo.toml", &change.of(manifest.as_bytes(), offset + at), &what);
                }
            }
        }
        offset += line.len();
    }
    assert_eq!(seen, facts.lines().count());
    let sums = released.copy.read("features-v1/SHA256SUMS");
    let mut line_starts = vec![0, sums.len() - 1];
    line_starts.extend(sums.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at));
    for (index, at) in line_starts.into_iter().enumerate() {
        // What the sums say of a file is no longer so: the build names the file; the rule, the sums.
        let bytes = CHANGES[index % 3].of(&sums, at);
        released.copy.write_unseen("features-v1/SHA256SUMS", &bytes);
        let what = format!("SHA256SUMS: {:?} at {at}", CHANGES[index % 3]);
        let said = released.built().expect_err(&what);
        assert!(said.contains("differs from its release in: "), "{what}: {said}");
        assert!(
            released.problems().iter().any(|problem| problem.place == "features-v1/SHA256SUMS"),
            "{what}"
        );
    }
    released.copy.write_unseen("features-v1/SHA256SUMS", &sums);
    released.is_as_released();
}

#[test]
fn what_says_nothing_is_not_flagged() {
    let released = Released::beside("harmless");
    let mut paths: Vec<String> = files(&released.copy).iter().map(|file| format!("{NAME}/{file}")).collect();
    paths.extend(["SHA256SUMS", "Cargo.toml"].map(|file| format!("{NAME}/{file}")));
    paths.push(released.record.path());
    for path in paths {
        let text = text(&released.copy.read(&path)).replace('\n', "\r\n");
        released.copy.write(&path, text.as_bytes());
    }
    released.is_as_released();
    assert_eq!(released.copy.problems(&released.facts), []);
    let manifest = text(&released.copy.read("features-v1/Cargo.toml"));
    let noted =
        manifest.replace("[package]", "# A note.\n\n[package]").replace("edition = ", "edition  =   ");
    released.copy.write("features-v1/Cargo.toml", noted.as_bytes());
    released.is_as_released();
}

#[test]
fn a_file_added_removed_or_renamed_is_caught() {
    let released = Released::beside("files");
    let folder = released.copy.path(NAME);
    for file in ["src/new.rs", "src/operators/.hidden", "goldens/MORE", "src/deep/er/new.rs"] {
        released.copy.write(&format!("{NAME}/{file}"), b"");
        released.is_caught(file, file);
        std::fs::remove_file(folder.join(file)).unwrap();
    }
    std::fs::remove_dir_all(folder.join("src/deep")).unwrap();
    for file in files(&released.copy) {
        let (path, other) = (folder.join(&file), folder.join("src/renamed"));
        std::fs::rename(&path, &other).unwrap();
        released.is_caught(&file, &file);
        released.is_caught("src/renamed", &file);
        std::fs::rename(&other, &path).unwrap();
    }
    // Two files that changed places.
    let (a, b) = (folder.join("src/operators/lag.rs"), folder.join("src/operators/rsi.rs"));
    let swap = |a: &Path, b: &Path| {
        let other = folder.join("other");
        std::fs::rename(a, &other).unwrap();
        std::fs::rename(b, a).unwrap();
        std::fs::rename(&other, b).unwrap();
    };
    swap(&a, &b);
    released.is_caught("src/operators/lag.rs", "swapped");
    released.is_caught("src/operators/rsi.rs", "swapped");
    swap(&a, &b);
    released.is_as_released();
}

#[test]
fn cargo_refuses_to_build_a_changed_file_and_builds_what_was_released() {
    let released = built();
    for file in files(&released.copy) {
        // Cargo compiles a build script before it can run it: a changed one must still be one.
        let path = format!("{NAME}/{file}");
        let bytes = released.copy.read(&path);
        let changed =
            if file == "build.rs" { [&bytes[..], b"\n"].concat() } else { Change::Flip.of(&bytes, 0) };
        released.copy.write(&path, &changed);
        let output = released.copy.cargo(&["build", "--quiet", "-p", NAME]);
        let said = text(&output.stderr);
        assert!(!output.status.success(), "{file}");
        assert!(
            said.contains(&format!(
                "{NAME} 1.0.0 is released and never changes, but differs from its release in: {file}\n"
            )) && said.contains("make it in a new version (cargo xtask new-version)"),
            "{file}: {said}"
        );
        released.copy.write(&path, &bytes);
    }
    let output = released.copy.cargo(&["build", "--quiet", "--bin", "selftest"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(Ok(describe(&released.selftest)), released.facts);
}

#[test]
fn a_change_that_cargo_does_not_see_is_not_in_the_build_and_is_found_by_the_rule() {
    let released = built();
    assert_eq!(released.copy.facts(), released.facts);
    let path = "features-v1/src/operators/rsi.rs";
    let changed = text(&released.copy.read(path)).replace("100.0 * (gain", "101.0 * (gain");
    released.copy.write_unseen(path, changed.as_bytes());
    // Cargo goes by times of modification, takes the file for unchanged, and compiles nothing: what runs is the
    // released source, and says so.
    let facts = released.copy.facts().unwrap();
    assert_eq!(Ok(&facts), released.facts.as_ref());
    let problems = released.copy.problems(&Ok(facts));
    let places: Vec<&str> = problems.iter().map(|problem| problem.place.as_str()).collect();
    assert_eq!(places, [path, NAME], "{problems:?}");
    assert!(problems[1].reason.starts_with("its output was computed by a build of another source: "));
}

#[test]
fn sabotage_that_takes_the_build_script_and_the_sums_along_is_found() {
    let released = built();
    let copy = &released.copy;
    let (rsi, script) = ("features-v1/src/operators/rsi.rs", "features-v1/build.rs");
    copy.edit(rsi, "100.0 * (gain", "101.0 * (gain");
    // With the sums made anew the build has nothing to go by: it accepts.
    copy.write_sums();
    let facts = copy.facts();
    let places = |problems: &[Problem]| -> Vec<String> {
        problems.iter().map(|problem| problem.place.clone()).collect()
    };
    let problems = copy.problems(&facts);
    assert_eq!(places(&problems), [rsi, "features-v1/SHA256SUMS", NAME]);
    assert!(
        problems[2].reason.starts_with("the output, computed now, is not that of features-v1 1.0.0"),
        "{problems:?}"
    );
    assert!(
        problems[2].reason.contains("; differing from the goldens: core.rsi, entry.rsi, "),
        "{problems:?}"
    );
    // With a build script that looks at nothing and names the released hash.
    let forged = format!(
        "fn main() {{ println!(\"cargo::rustc-env=ISOBAR_SOURCE_HASH={}\") }}\n",
        released.facts.as_ref().unwrap().source_hash
    );
    copy.write(script, forged.as_bytes());
    let facts = copy.facts();
    assert_eq!(facts.as_ref().unwrap().source_hash, released.facts.as_ref().unwrap().source_hash);
    let problems = copy.problems(&facts);
    assert_eq!(places(&problems), [script, rsi, "features-v1/SHA256SUMS", NAME, NAME]);
    // With the record forged as well, before and after it is committed on main.
    copy.write_sums();
    let record = copy.record();
    let forged = Record { source_hash: copy.source().hash().to_string(), ..record };
    copy.write(&forged.path(), forged.text().unwrap().as_bytes());
    for _ in 0..2 {
        let problems = copy.problems(&copy.facts());
        let found = places(&problems);
        for place in [forged.path().as_str(), script, rsi, "features-v1/SHA256SUMS", NAME] {
            assert!(found.contains(&place.to_owned()), "{place}: {problems:?}");
        }
        assert!(
            problems[0].reason.starts_with("a record never changes, but differs from what commit "),
            "{problems:?}"
        );
        copy.git(&["add", "--all"]);
        copy.git(&["commit", "--quiet", "--allow-empty", "--message=forged"]);
    }
}

#[test]
fn where_bits_change_the_self_test_fails() {
    let copy = Copy::new("bits", "1.0.0-rc.1");
    let run = || copy.cargo(&["run", "--quiet", "-p", NAME, "--bin", "selftest"]);
    let output = run();
    assert!(output.status.success(), "{}", text(&output.stderr));
    for (file, from, to) in [
        ("src/operators/rsi.rs", "let total = gain + loss", "let total = gain - loss"),
        ("src/operators/moments.rs", "n * (n - 1)", "n * (n - 2)"),
        ("src/canonical.rs", "seed: 5,", "seed: 6,"),
        ("src/operators/wilder.rs", "1.0 / f64", "2.0 / f64"),
        ("src/sets/core.rs", "stochastic_d = 3,", "stochastic_d = 4,"),
    ] {
        let path = format!("{NAME}/{file}");
        let bytes = copy.read(&path);
        copy.edit(&path, from, to);
        let output = run();
        let said = text(&output.stdout);
        assert!(said.starts_with("features-v1 1.0.0-rc.1 "), "{file}: {said} {}", text(&output.stderr));
        assert_eq!(output.status.code(), Some(1), "{file}: {to}");
        copy.write(&path, &bytes);
    }
}
