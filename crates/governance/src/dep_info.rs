//! Which files a build reads, as the compiler itself writes them down (`.d` files), and which ones its build scripts
//! watch.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use cargo_metadata::{Artifact, BuildScript, Message, TargetKind, diagnostic::DiagnosticLevel};

use crate::error::cargo_error;
use crate::{Error, Graph, Tier, Workspace};

/// What is compiled at once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum UnitKind {
    /// A library, of macros too.
    Library,
    /// A program of this name.
    Binary(String),
    /// A build script.
    BuildScript,
}

impl fmt::Display for UnitKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Library => f.write_str("library"),
            Self::Binary(name) => write!(f, "program {name}"),
            Self::BuildScript => f.write_str("build script"),
        }
    }
}

/// A part of a package from a folder that was compiled, and what it read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unit {
    /// Folder of the package, relative to the root with `/`; absolute where it lies outside.
    pub folder: String,
    /// What was compiled.
    pub kind: UnitKind,
    /// Files that the compiler read (sources, `include_str!` and its like), without those that the package's own
    /// build script made. Links are followed.
    pub files: Vec<PathBuf>,
    /// Of a build script: what cargo runs it again for, and the folders of libraries it hands to the linker.
    pub watched: Vec<PathBuf>,
    /// Of a build script: what it hands to the compiler and the linker otherwise, the instruction and its value.
    pub handed: Vec<(String, String)>,
    /// Whether the package comes from a registry or git: its own files are left out.
    pub is_foreign: bool,
}

/// Compiles every production binary and every feature version (`cargo check`: it writes the same dep-info as a build)
/// and reads what every package that goes into them is made of. Of packages of a registry or git, whose own files are
/// held by the lock file, only what they read elsewhere is given.
///
/// # Errors
/// [`Error::Command`] with the first of the compiler's words where the build fails; [`Error`] where what it left cannot
/// be read.
pub fn units(workspace: &Workspace, graph: &Graph) -> Result<Vec<Unit>, Error> {
    let members = graph.packages.iter().filter(|package| package.is_member);
    let built: Vec<&str> = members
        .filter(|package| package.is_production() || package.tier == Some(Tier::Features))
        .map(|package| package.name.as_str())
        .collect();
    if built.is_empty() {
        return Ok(Vec::new());
    }
    let messages = check(workspace, &built)?;
    // A package that is built for this machine and for the target runs its build script for each.
    let mut scripts: BTreeMap<&str, Vec<&BuildScript>> = BTreeMap::new();
    for message in &messages {
        if let Message::BuildScriptExecuted(script) = message {
            scripts.entry(script.package_id.repr.as_str()).or_default().push(script);
        }
    }
    let mut units = Vec::new();
    for message in &messages {
        if let Message::CompilerArtifact(artifact) = message {
            let of_package = scripts.get(artifact.package_id.repr.as_str());
            let unit = unit(workspace, artifact, of_package.map_or(&[], Vec::as_slice))?;
            let reads = !(unit.files.is_empty() && unit.watched.is_empty() && unit.handed.is_empty());
            units.extend((reads || !unit.is_foreign).then_some(unit));
        }
    }
    units.sort();
    units.dedup();
    Ok(units)
}

/// Runs `cargo check` and gives what it reports.
fn check(workspace: &Workspace, packages: &[&str]) -> Result<Vec<Message>, Error> {
    let mut arguments = vec!["check", "--locked"];
    arguments.extend(packages.iter().flat_map(|package| ["--package", package]));
    let line = format!("cargo {}", arguments.join(" "));
    let failed = |reason| Error::Command { command: line.clone(), reason };
    let mut command = workspace.cargo();
    command.args(&arguments).arg("--message-format=json");
    let output = command.output().map_err(|error| failed(error.to_string()))?;
    let messages: Result<Vec<Message>, _> = Message::parse_stream(output.stdout.as_slice()).collect();
    let messages = messages.map_err(|error| failed(format!("expected JSON messages: {error}")))?;
    if output.status.success() {
        Ok(messages)
    } else {
        Err(failed(first_words(&messages, &String::from_utf8_lossy(&output.stderr))))
    }
}

/// The compiler's first error; what cargo says where the compiler has none.
fn first_words(messages: &[Message], stderr: &str) -> String {
    let of_compiler = messages.iter().find_map(|message| {
        let Message::CompilerMessage(message) = message else { return None };
        let is_error = message.message.level == DiagnosticLevel::Error;
        message.message.rendered.as_deref().filter(|_| is_error)
    });
    cargo_error(of_compiler.unwrap_or(stderr))
}

fn unit(workspace: &Workspace, artifact: &Artifact, scripts: &[&BuildScript]) -> Result<Unit, Error> {
    let package = artifact.manifest_path.parent().map_or(Path::new("/"), |folder| folder.as_std_path());
    let kind = match artifact.target.kind.first() {
        Some(TargetKind::Bin) => UnitKind::Binary(artifact.target.name.clone()),
        Some(TargetKind::CustomBuild) => UnitKind::BuildScript,
        _ => UnitKind::Library,
    };
    let is_foreign = !artifact.package_id.repr.starts_with("path+");
    let from = if is_foreign { package } else { workspace.root() };
    let path = dep_info_file(artifact)?;
    let text = std::fs::read_to_string(&path).map_err(Error::io(&path))?;
    let mut files: Vec<PathBuf> = files_of(&text).iter().map(|file| real(&from.join(file))).collect();
    if files.is_empty() {
        let reason = "expected the files that the compiler read, found none".to_owned();
        return Err(Error::Format { path, reason });
    }
    let (mut watched, mut handed) = (Vec::new(), Vec::new());
    for script in scripts {
        let generated = real(script.out_dir.as_std_path());
        files.retain(|file| !file.starts_with(&generated));
        if kind == UnitKind::BuildScript {
            let path = script.out_dir.as_std_path().with_file_name("output");
            let text = std::fs::read(&path).map_err(Error::io(&path))?;
            let text = String::from_utf8_lossy(&text).into_owned();
            watched.extend(watched_by(&text).map(|path| real(&package.join(path))));
            handed.extend(handed_by(&text));
        }
    }
    if is_foreign {
        let own = real(package);
        files.retain(|file| !file.starts_with(&own));
        watched.retain(|path: &PathBuf| !path.starts_with(&own));
    }
    files.sort();
    files.dedup();
    watched.sort();
    watched.dedup();
    handed.sort();
    handed.dedup();
    let folder = workspace.relative(package).unwrap_or_else(|| package.display().to_string());
    Ok(Unit { folder, kind, files, watched, handed, is_foreign })
}

/// The `.d` file beside what was compiled: `deps/NAME-HASH.d` beside `deps/libNAME-HASH.rmeta`, the only one in the
/// folder of a build script.
fn dep_info_file(artifact: &Artifact) -> Result<PathBuf, Error> {
    let compiled = artifact.filenames.iter().find_map(|file| {
        let folder = file.parent()?.as_std_path();
        let stem = file.file_stem()?;
        let beside =
            [stem.strip_prefix("lib").unwrap_or(stem), stem].map(|stem| folder.join(format!("{stem}.d")));
        beside.into_iter().find(|path| path.exists()).or_else(|| {
            let entries = std::fs::read_dir(folder).ok()?.filter_map(Result::ok).map(|entry| entry.path());
            let mut found = entries.filter(|path| path.extension().is_some_and(|end| end == "d"));
            let is_script = artifact.target.kind.first() == Some(&TargetKind::CustomBuild);
            found.next().filter(|_| is_script && found.next().is_none())
        })
    });
    compiled.ok_or_else(|| Error::Format {
        path: artifact.filenames.first().map_or_else(PathBuf::new, |file| file.as_std_path().to_owned()),
        reason: format!(
            "expected the compiler's dep-info (.d) of {} beside it, found none",
            artifact.target.name
        ),
    })
}

/// The files that dep-info names: each has a line of its own, `FILE:`, with its spaces as `\ `.
fn files_of(dep_info: &str) -> Vec<String> {
    let names =
        dep_info.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.strip_suffix(':'));
    names.map(|name| name.replace("\\ ", " ")).collect()
}

/// The paths that a build script tells cargo to watch, and those where the linker shall look, from the package.
fn watched_by(output: &str) -> impl Iterator<Item = &str> {
    instructions(output).filter_map(|(key, value)| match key {
        "rerun-if-changed" => Some(value),
        // `KIND=PATH` or `PATH`.
        "rustc-link-search" => Some(value.split_once('=').map_or(value, |(_, path)| path)),
        _ => None,
    })
}

/// What a build script hands to the compiler and the linker.
fn handed_by(output: &str) -> Vec<(String, String)> {
    let is_handed =
        |key: &str| ["rustc-flags", "rustc-link-lib", "rustc-env"].contains(&key) || key.contains("link-arg");
    let handed = instructions(output).filter(|(key, _)| is_handed(key));
    handed.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// What a build script tells cargo.
fn instructions(output: &str) -> impl Iterator<Item = (&str, &str)> {
    let lines = output
        .lines()
        .filter_map(|line| line.strip_prefix("cargo::").or_else(|| line.strip_prefix("cargo:")));
    lines.filter_map(|line| line.split_once('='))
}

/// The path with links followed and without `..`; as far as it exists.
fn real(path: &Path) -> PathBuf {
    if let Ok(real) = path.canonicalize() {
        return real;
    }
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => real(parent).join(name),
        (Some(parent), None) => {
            let mut parent = real(parent);
            parent.pop();
            parent
        }
        (None, _) => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dep_info_names_files_with_spaces_and_leaves_the_rest() {
        let text = "/t/a\\ b.d: src/lib.rs src/a\\ b.rs /out/x.rs\n\n/t/liba.rmeta: src/lib.rs\n\nsrc/lib.rs:\nsrc/a\\ b.rs:\n\
                    /out/x.rs:\n\n# env-dep:NAME=a:\n";
        assert_eq!(files_of(text), ["src/lib.rs", "src/a b.rs", "/out/x.rs"]);
        assert_eq!(files_of("a: b c\n"), Vec::<String>::new());
    }

    #[test]
    fn a_build_script_says_what_it_watches() {
        let output = "cargo::rerun-if-changed=src\nwords\ncargo:rerun-if-changed=../x y\ncargo::rustc-env=A=b\n\
                      cargo::rerun-if-env-changed=B\ncargo::rustc-link-search=native=../lib\ncargo:rustc-link-search=/lib\n";
        assert_eq!(watched_by(output).collect::<Vec<_>>(), ["src", "../x y", "../lib", "/lib"]);
    }

    #[test]
    fn a_build_script_says_what_it_hands_on() {
        let output = "cargo::rustc-link-arg-bins=-La\ncargo:rustc-flags=-L b\ncargo::rustc-link-lib=c\nrustc-env=X=y\n\
                      cargo::rustc-env=A=b=c\ncargo::rerun-if-changed=d\n";
        let expected = [
            ("rustc-link-arg-bins", "-La"),
            ("rustc-flags", "-L b"),
            ("rustc-link-lib", "c"),
            ("rustc-env", "A=b=c"),
        ];
        assert_eq!(handed_by(output), expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
    }
}
