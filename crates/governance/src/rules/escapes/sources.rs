//! What the sources name, whether it is compiled here or not.

use super::{Inputs, Text, paths, problem};
use crate::{Location, Named, Problem};

/// Files that a source names outside of its package, and build scripts that name experiments.
pub(super) fn problems(inputs: &Inputs) -> Vec<Problem> {
    let mut problems = Vec::new();
    for text in &inputs.texts {
        problems.extend(text.scan.named.iter().filter_map(|named| outside(&inputs.root, text, named)));
        let renamed = text.scan.renamed.iter().filter(|(_, path)| path.contains("include"));
        problems.extend(renamed.map(|(line, path)| {
            problem(
                format!("{}:{line}", text.path),
                format!("imports {path} under another name: what it reads cannot be told"),
                "import it under its own name",
            )
        }));
        if text.in_build_script {
            problems.extend(experiments(text));
        }
    }
    problems
}

/// What is wrong with a file that a source names.
fn outside(root: &str, text: &Text, named: &Named) -> Option<Problem> {
    let place = format!("{}:{}", text.path, named.line);
    let Some(target) = target(root, &text.folder, &text.path, named) else {
        return Some(problem(
            place,
            format!(
                "the file that {} reads is not written in literals: where it lies cannot be told",
                named.by
            ),
            "name it by one literal, or by concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/…\")",
        ));
    };
    (!paths::is_inside(&target, &text.folder)).then(|| {
        problem(
            place,
            format!("{} reads {target}, outside of its package", named.by),
            format!("move the file into {}; a test may read it when it runs (std::fs)", text.folder),
        )
    })
}

/// Where a file that a source names lies; within the package for what a build script generates. `None` where that
/// cannot be told.
pub(in crate::rules) fn target(root: &str, folder: &str, path: &str, named: &Named) -> Option<String> {
    match &named.location {
        Location::Beside(file) => Some(paths::resolve(root, &base(folder, path, named), file)),
        Location::Package(file) => Some(paths::resolve(root, folder, &format!("./{file}"))),
        Location::Generated(file) if file.split(['/', '\\']).all(|part| part != "..") => {
            Some(folder.to_owned())
        }
        Location::Generated(_) | Location::Unknown => None,
    }
}

/// The folder from which a path counts: that of the file; of `#[path]` within inline modules theirs.
fn base(folder: &str, path: &str, named: &Named) -> String {
    let mut base = paths::parent(path).to_owned();
    if named.by != "#[path]" || named.inline.is_empty() {
        return base;
    }
    if !is_root(folder, path) {
        let stem = path.trim_end_matches(".rs").rsplit('/').next().unwrap_or_default();
        base = format!("{base}/{stem}");
    }
    format!("{base}/{}", named.inline.join("/"))
}

/// Whether the modules of a file lie beside it, not in a folder of its name: `mod.rs`, and the first file of a crate.
fn is_root(folder: &str, path: &str) -> bool {
    let within = path.strip_prefix(folder).unwrap_or_default().trim_start_matches('/');
    let (folder, name) = within.rsplit_once('/').unwrap_or(("", within));
    ["mod.rs", "lib.rs", "main.rs", "build.rs"].contains(&name)
        || ["src/bin", "tests", "benches", "examples"].contains(&folder)
}

/// Paths into experiments in what a build runs; a sentence is none.
fn experiments(text: &Text) -> impl Iterator<Item = Problem> {
    let named = text.scan.literals.iter().filter(|(_, literal)| {
        let is_word = !literal.contains(char::is_whitespace);
        is_word && paths::names_experiments(literal) || paths::holds_path_into_experiments(literal)
    });
    named.map(|(line, literal)| {
        problem(
            format!("{}:{line}", text.path),
            format!("the build runs this, and it names experiments: {literal:?}"),
            format!("move what is needed into {} or a package of crates/", text.folder),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::escapes;
    use super::*;
    use crate::Scan;

    fn of(path: &str, source: &str, in_build_script: bool) -> Vec<String> {
        let scan = Scan::of(std::path::Path::new(path), source).unwrap();
        let text = Text { folder: "crates/a".to_owned(), path: path.to_owned(), in_build_script, scan };
        let problems = escapes(&Inputs { root: "/r".to_owned(), texts: vec![text], ..Inputs::default() });
        problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_lies_within_is_fine() {
        for (path, source) in [
            ("crates/a/src/lib.rs", "#![doc = include_str!(\"../README.md\")]\n#[path = \"x/y.rs\"] mod y;"),
            ("crates/a/src/lib.rs", "include!(concat!(env!(\"OUT_DIR\"), \"/x.rs\"));"),
            (
                "crates/a/tests/x.rs",
                "const A: &str = include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/tests/a\"));",
            ),
            (
                "crates/a/src/lib.rs",
                "// #[path = \"../../b.rs\"]\n/// include!(\"../../b.rs\")\nconst A: &str = \"include!(\\\"../../b.rs\\\")\";",
            ),
            ("crates/a/src/x.rs", "mod m { mod n { #[path = \"../../../../y.rs\"] mod y; } }"),
            ("crates/a/src/bin/x.rs", "mod m { #[path = \"../../../y.rs\"] mod y; }"),
            (
                "crates/a/src/lib.rs",
                "#[serde(path = \"../../b.rs\")] struct S; fn f() { let path = \"../../b.rs\"; }",
            ),
            ("crates/a/src/lib.rs", "fn f() { std::fs::read(\"../../../experiments/x\"); }"),
        ] {
            assert_eq!(of(path, source, false), [""; 0], "{source}");
        }
    }

    #[test]
    fn what_lies_outside_is_named_even_where_it_is_not_compiled() {
        for (path, source, by, target) in [
            ("src/lib.rs", "#[cfg(any())]\n#[path = \"../../b.rs\"]\nmod b;", "#[path]", "crates/b.rs"),
            ("src/lib.rs", "\n#[cfg_attr(any(), path = \"../../b.rs\")] mod b;", "#[path]", "crates/b.rs"),
            (
                "src/lib.rs",
                "macro_rules! m { () => {\n#[r#path = \"../../b.rs\"] mod b; } }",
                "#[path]",
                "crates/b.rs",
            ),
            ("src/x.rs", "mod m {\n#[path = \"../../../../y.rs\"] mod y; }", "#[path]", "crates/y.rs"),
            ("tests/x.rs", "mod m {\n#[path = \"../../../y.rs\"] mod y; }", "#[path]", "crates/y.rs"),
            ("src/lib.rs", "\ninclude!(\"../../../experiments/x.rs\");", "include!", "experiments/x.rs"),
            (
                "tests/x.rs",
                "\nconst A: &str = std::include_str!(r\"../../b/x\");",
                "include_str!",
                "crates/b/x",
            ),
            (
                "benches/x.rs",
                "\nconst A: &[u8] = include_bytes!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/../\", \"x\"));",
                "include_bytes!",
                "crates/x",
            ),
            ("src/lib.rs", "\nconst A: &str = include_str!(\"/etc/hosts\");", "include_str!", "/etc/hosts"),
            ("src/lib.rs", "\n#![doc = include_str!(\"../../../README.md\")]", "include_str!", "README.md"),
        ] {
            assert_eq!(
                of(&format!("crates/a/{path}"), source, false),
                [format!(
                    "crates/a/{path}:2: escapes: {by} reads {target}, outside of its package\n    \
                     fix: move the file into crates/a; a test may read it when it runs (std::fs)"
                )],
                "{source}"
            );
        }
    }

    #[test]
    fn what_cannot_be_told_is_no_pass() {
        for (source, by) in [
            ("include!(env!(\"ELSEWHERE\"));", "include!"),
            ("macro_rules! m { ($p:literal) => { include_str!($p) } }", "include_str!"),
            ("macro_rules! m { ($p:literal) => { #[path = $p] mod m; } }", "#[path]"),
            ("include!(concat!(env!(\"OUT_DIR\"), \"/../x.rs\"));", "include!"),
        ] {
            assert_eq!(
                of("crates/a/src/lib.rs", source, false),
                [format!(
                    "crates/a/src/lib.rs:1: escapes: the file that {by} reads is not written in literals: where it lies \
                     cannot be told\n    fix: name it by one literal, or by concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/…\")"
                )],
                "{source}"
            );
        }
        assert_eq!(
            of("crates/a/src/lib.rs", "use std::{fmt, include_str as text};", false),
            [
                "crates/a/src/lib.rs:1: escapes: imports std::include_str under another name: what it reads cannot be told\n    \
              fix: import it under its own name"
            ]
        );
    }

    #[test]
    fn a_build_script_names_no_experiment() {
        let source = "fn main() {\n    run(\"../../experiments/x\"); // experiments\n}";
        assert_eq!(of("crates/a/build.rs", source, false), [""; 0]);
        assert_eq!(
            of("crates/a/build.rs", source, true),
            [
                "crates/a/build.rs:2: escapes: the build runs this, and it names experiments: \"../../experiments/x\"\n    \
              fix: move what is needed into crates/a or a package of crates/"
            ]
        );
        let command = "fn main() { sh(\"cat ../../experiments/x\"); }";
        assert_eq!(of("crates/a/build.rs", command, true).len(), 1);
        let sentence = "fn main() { say(\"see the experiments for more\"); }";
        assert_eq!(of("crates/a/build.rs", sentence, true), [""; 0]);
        let near = "fn main() { run(\"src/experimental\"); }";
        assert_eq!(of("crates/a/build.rs", near, true), [""; 0]);
    }
}
