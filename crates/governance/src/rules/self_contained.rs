//! Rule `self-contained`: a feature version depends on `feature-api` and `libm` alone, and on nothing of the machine.

mod code;
mod dependencies;
mod read;

use toml::{Table, Value};

use crate::{Graph, Problem, Rule, Scan, Version};

/// A method or type that clippy refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ban {
    /// Its path: `f64::mul_add`, `std::collections::HashMap`.
    pub path: String,
    /// Why, and what to write instead.
    pub reason: String,
}

/// What the rule looks at, of one version.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// Its manifest.
    pub manifest: Table,
    /// The manifest of the workspace.
    pub workspace: Table,
    /// `Cargo.lock`.
    pub lock: Table,
    /// Bans of the workspace's `clippy.toml`.
    pub bans: Vec<Ban>,
    /// Configuration files of clippy in its folder, which would stand in the place of the workspace's.
    pub clippy_files: Vec<String>,
    /// Its Rust sources, `src/` and `build.rs`: path relative to the root with `/`, and what it says.
    pub sources: Vec<(String, Scan)>,
    /// What could not be read: a problem each.
    pub unread: Vec<Problem>,
}

/// Everything by which a version depends on more than itself, `feature-api` and `libm`.
#[must_use]
pub fn self_contained(version: &Version, graph: &Graph, inputs: &Inputs) -> Vec<Problem> {
    let mut problems = inputs.unread.clone();
    problems.extend(dependencies::problems(version, graph, &inputs.lock));
    problems.extend(lints(version, inputs));
    for (path, scan) in &inputs.sources {
        problems.extend(code::problems(&version.name, path, scan, &inputs.bans));
    }
    problems.sort();
    problems.dedup();
    problems
}

/// The lints that hold the bans by type, where a scan of the text cannot.
fn lints(version: &Version, inputs: &Inputs) -> Vec<Problem> {
    let mut problems = Vec::new();
    let own = inputs.manifest.get("lints").and_then(|lints| lints.get("workspace")).and_then(Value::as_bool);
    if own != Some(true) {
        problems.push(problem(
            format!("{}/Cargo.toml", version.name),
            "the lints of the workspace are not on",
            "write: [lints] workspace = true",
        ));
    }
    let lints = inputs.workspace.get("workspace").and_then(|workspace| workspace.get("lints"));
    let level = |tool: &str, name: &str| {
        let lint = lints?.get(tool)?.get(name)?;
        lint.as_str().or_else(|| lint.get("level")?.as_str())
    };
    if level("rust", "unsafe_code") != Some("forbid") {
        problems.push(problem(
            "Cargo.toml",
            "the lints of the workspace do not forbid unsafe code",
            "write in [workspace.lints.rust]: unsafe_code = \"forbid\"",
        ));
    }
    for lint in ["all", "style", "disallowed_methods", "disallowed_types"] {
        if level("clippy", lint) == Some("allow") {
            problems.push(problem(
                "Cargo.toml",
                format!("[workspace.lints.clippy] allows {lint}, which turns the bans of clippy.toml off"),
                format!("remove {lint} = \"allow\""),
            ));
        }
    }
    if inputs.bans.is_empty() {
        problems.push(problem(
            "clippy.toml",
            "bans no method and no type",
            "list the float calls whose bits differ between machines in disallowed-methods",
        ));
    }
    problems.extend(inputs.clippy_files.iter().map(|path| {
        problem(path, "stands in the place of the workspace's clippy.toml and its bans", "remove it")
    }));
    problems
}

fn problem(place: impl Into<String>, reason: impl Into<String>, fix: impl Into<String>) -> Problem {
    Problem::new(Rule::SelfContained, place, reason, fix)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::Workspace;

    #[test]
    fn the_versions_of_this_workspace_are_self_contained() {
        let workspace = Workspace::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).unwrap();
        let graph = Graph::read(&workspace).unwrap();
        for number in workspace.version_numbers().unwrap() {
            let version = workspace.version(number).unwrap();
            let inputs = Inputs::read(&workspace, &version);
            assert!(inputs.bans.iter().any(|ban| ban.path == "f64::mul_add" && ban.reason.contains("fused")));
            assert!(inputs.bans.iter().any(|ban| ban.path == "std::collections::HashMap"));
            for read in ["build.rs", "src/lib.rs", "src/bin/selftest.rs"] {
                let path = format!("{}/{read}", version.name);
                assert!(inputs.sources.iter().any(|(source, _)| *source == path), "{path}");
            }
            assert_eq!(self_contained(&version, &graph, &inputs), []);
        }
    }

    #[test]
    fn the_bans_are_in_force() {
        let workspace = Workspace::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).unwrap();
        let version = workspace.version(1).unwrap();
        let ban = Ban { path: "f64::exp".to_owned(), reason: "use libm::exp".to_owned() };
        let of = |manifest: &str, root: &str, bans: Vec<Ban>, clippy_files: Vec<String>| {
            let [manifest, workspace] = [manifest, root].map(|text| toml::from_str(text).unwrap());
            let inputs = Inputs { manifest, workspace, bans, clippy_files, ..Inputs::default() };
            lints(&version, &inputs).iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let on = "[lints]\nworkspace = true\n";
        let forbid = "[workspace.lints.rust]\nunsafe_code = \"forbid\"\n";
        let level = "[workspace.lints.rust]\nunsafe_code = { level = \"forbid\", priority = 1 }\n\
                     [workspace.lints.clippy]\nall = { level = \"warn\", priority = -1 }\n";
        assert_eq!(of(on, forbid, vec![ban.clone()], Vec::new()), [""; 0]);
        assert_eq!(of(on, level, vec![ban.clone()], Vec::new()), [""; 0]);
        assert_eq!(
            of("", forbid, vec![ban.clone()], Vec::new()),
            ["features-v1/Cargo.toml: self-contained: the lints of the workspace are not on\n    \
              fix: write: [lints] workspace = true"]
        );
        assert_eq!(
            of(on, "[workspace.lints.rust]\nunsafe_code = \"deny\"\n", vec![ban.clone()], Vec::new()),
            ["Cargo.toml: self-contained: the lints of the workspace do not forbid unsafe code\n    \
              fix: write in [workspace.lints.rust]: unsafe_code = \"forbid\""]
        );
        let off = format!("{forbid}[workspace.lints.clippy]\ndisallowed_methods = \"allow\"\n");
        assert_eq!(
            of(on, &off, vec![ban.clone()], Vec::new()),
            [
                "Cargo.toml: self-contained: [workspace.lints.clippy] allows disallowed_methods, which turns the bans of \
              clippy.toml off\n    fix: remove disallowed_methods = \"allow\""
            ]
        );
        assert_eq!(
            of(on, forbid, Vec::new(), Vec::new()),
            ["clippy.toml: self-contained: bans no method and no type\n    \
              fix: list the float calls whose bits differ between machines in disallowed-methods"]
        );
        assert_eq!(
            of(on, forbid, vec![ban], vec!["features-v1/clippy.toml".to_owned()]),
            [
                "features-v1/clippy.toml: self-contained: stands in the place of the workspace's clippy.toml and its bans\n    \
              fix: remove it"
            ]
        );
    }
}
