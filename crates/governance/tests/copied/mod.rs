//! The real `features-v1` and its contract, copied into a throw-away workspace, as a release or as a draft.
#![allow(clippy::unwrap_used, clippy::panic, dead_code, reason = "tests; each uses a part")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use feature_api::identity::{Hash, Source};
use governance::rules::frozen;
use governance::{Contract, Facts, Git, Ledger, Problem, Profile, Record, Validation, Version, Workspace};

pub const NAME: &str = "features-v1";

/// A throw-away workspace with two packages: `features-v1` without its tests, and `crates/feature-api`.
pub struct Copy {
    root: PathBuf,
    target: PathBuf,
}

impl Copy {
    /// The copy at that version, in a fresh folder; its target folder stays warm from run to run.
    pub fn new(name: &str, version: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("copied").join(name);
        let copy = Self { root: folder.join("workspace"), target: folder.join("target") };
        if copy.root.exists() {
            fs::remove_dir_all(&copy.root).unwrap();
        }
        let real = real_root();
        for part in ["build.rs", "src", "goldens"] {
            copy_all(&real.join(NAME).join(part), &copy.path(&format!("{NAME}/{part}")));
        }
        copy_all(&real.join("crates/feature-api/src"), &copy.path("crates/feature-api/src"));
        let contract = fs::read_to_string(real.join("crates/feature-api/Cargo.toml")).unwrap();
        copy.write("crates/feature-api/Cargo.toml", contract.as_bytes());
        copy.write(&format!("{NAME}/Cargo.toml"), manifest(&real, version).as_bytes());
        copy.write("Cargo.toml", root_manifest(&real).as_bytes());
        fs::copy(real.join("Cargo.lock"), copy.path("Cargo.lock")).unwrap();
        copy.write(".cargo/config.toml", b"[net]\noffline = true\n");
        copy.write_sums();
        // The real lock file without what the copy leaves out.
        let locked = copy.cargo(&["update", "--quiet", "--workspace", "--offline"]);
        assert!(locked.status.success(), "{}", text(&locked.stderr));
        copy
    }

    /// The copy as released: its record in the ledger, all of it committed on `main`.
    pub fn released(name: &str) -> (Self, Record) {
        let copy = Self::new(name, "1.0.0");
        let record = copy.record();
        copy.release(&record);
        (copy, record)
    }

    /// Puts the record into the ledger and makes all of it the first commit of a repository.
    pub fn release(&self, record: &Record) {
        self.write(&record.path(), record.text().unwrap().as_bytes());
        self.git(&["init", "--quiet", "--initial-branch=main"]);
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message=x"]);
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    pub fn workspace(&self) -> Workspace {
        Workspace::open(&self.root).unwrap().with_target_dir(&self.target)
    }

    pub fn source(&self) -> Source {
        Source::read(&self.path(NAME)).unwrap()
    }

    pub fn read(&self, path: &str) -> Vec<u8> {
        fs::read(self.path(path)).unwrap()
    }

    pub fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Replaces a file and leaves its time of modification as it was.
    pub fn write_unseen(&self, path: &str, bytes: &[u8]) {
        let path = self.path(path);
        let time = fs::metadata(&path).unwrap().modified().unwrap();
        fs::write(&path, bytes).unwrap();
        fs::File::options().append(true).open(&path).unwrap().set_modified(time).unwrap();
    }

    /// Replaces the one place where `from` stands.
    pub fn edit(&self, path: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(path)).unwrap();
        assert_eq!(text.matches(from).count(), 1, "{path} should have {from:?} once");
        self.write(path, text.replace(from, to).as_bytes());
    }

    pub fn write_sums(&self) {
        self.write(&format!("{NAME}/SHA256SUMS"), self.source().sums().as_bytes());
    }

    /// The record of the copy as it is.
    pub fn record(&self) -> Record {
        let facts = self.facts().unwrap();
        Record {
            name: NAME.to_owned(),
            version: facts.version.parse().unwrap(),
            date: "2026-01-31".to_owned(),
            reason: "first".to_owned(),
            rollback: "pin nothing".to_owned(),
            toolchain: "rustc".to_owned(),
            base: "0".repeat(40),
            source_hash: facts.source_hash.clone(),
            output_hash: facts.output_hash.clone(),
            schemas: facts.sets.iter().map(|set| (set.name.clone(), set.schema_hash.clone())).collect(),
            contract: Contract { version: "1.0.0".to_owned(), source_hash: "0".repeat(64) },
            validation: Validation {
                sets: facts.sets.len(),
                features: facts.sets.iter().map(|set| set.features.len()).sum(),
                files: self.source().files.len(),
                debug_output_hash: facts.output_hash.clone(),
                release_output_hash: facts.output_hash,
                problems: 0,
            },
        }
    }

    /// What the version says of itself, built as it is now.
    pub fn facts(&self) -> Result<Facts, String> {
        Facts::of(&self.workspace(), NAME, Profile::Debug).map_err(|error| error.to_string())
    }

    /// What the rule frozen judges, given what the version said of itself.
    pub fn inputs(&self, facts: &Result<Facts, String>) -> frozen::Inputs {
        let workspace = self.workspace();
        let (ledger, problems) = Ledger::read(&workspace).unwrap();
        assert_eq!(problems, []);
        let facts = BTreeMap::from([(NAME.to_owned(), facts.clone())]);
        let git = Git::at(&self.root);
        frozen::Inputs::read(&workspace, &git, &self.versions(), &ledger, &facts, None)
    }

    /// The version, where its folder can be read.
    pub fn versions(&self) -> Vec<Version> {
        self.workspace().version(1).into_iter().collect()
    }

    /// What the rule frozen finds, given what the version said of itself.
    pub fn problems(&self, facts: &Result<Facts, String>) -> Vec<Problem> {
        frozen::frozen(&self.inputs(facts))
    }

    /// A call of cargo over the copy.
    pub fn cargo(&self, arguments: &[&str]) -> Output {
        self.workspace().cargo().args(arguments).output().unwrap()
    }

    pub fn git(&self, arguments: &[&str]) -> String {
        git(&self.root, arguments)
    }
}

pub fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgSign=false"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What a `selftest` says of itself.
pub fn describe(selftest: &Path) -> Facts {
    let output = Command::new(selftest).arg("describe").output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

pub fn hash(text: &str) -> Hash {
    Hash::parse(text).unwrap()
}

/// Root of the workspace this test belongs to.
pub fn real_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

pub fn copy_all(from: &Path, to: &Path) {
    if from.is_file() {
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from, to).unwrap();
        return;
    }
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        copy_all(&entry.path(), &to.join(entry.file_name()));
    }
}

/// The version's manifest without what only its tests need.
fn manifest(real: &Path, version: &str) -> String {
    let text = fs::read_to_string(real.join(NAME).join("Cargo.toml")).unwrap();
    let mut document: toml_edit::DocumentMut = text.parse().unwrap();
    document.remove("dev-dependencies");
    document.remove("bench");
    document["package"]["version"] = toml_edit::value(version);
    document.to_string()
}

/// The root manifest with two members, and of the dependencies those from crates.io and the contract.
fn root_manifest(real: &Path) -> String {
    let text = fs::read_to_string(real.join("Cargo.toml")).unwrap();
    let mut document: toml_edit::DocumentMut = text.parse().unwrap();
    document["workspace"]["members"] =
        toml_edit::value(toml_edit::Array::from_iter([NAME, "crates/feature-api"]));
    let workspace = document["workspace"].as_table_mut().unwrap();
    workspace.remove("exclude");
    let dependencies = workspace["dependencies"].as_table_mut().unwrap();
    dependencies.retain(|name, item| name == "feature-api" || item.get("path").is_none());
    document.remove("profile");
    // Many builds, each asked once.
    document["profile"]["dev"]["debug"] = toml_edit::value(false);
    document.to_string()
}
