//! Sources that a manifest names.

use toml::{Table, Value};

use super::{Home, Inputs, paths, problem};
use crate::Problem;

/// Targets and build scripts whose source lies outside of their package.
pub(super) fn problems(inputs: &Inputs) -> Vec<Problem> {
    let of = |home: &Home| {
        let outside = sources(&home.manifest).into_iter().filter_map(|(key, path)| {
            let target = paths::resolve(&inputs.root, &home.folder, path);
            (!paths::is_inside(&target, &home.folder)).then(|| {
                problem(
                    format!("{}/Cargo.toml", home.folder),
                    format!("{key} = {path:?} leads to {target}, outside of its package"),
                    format!("move the source into {}", home.folder),
                )
            })
        });
        outside.collect::<Vec<_>>()
    };
    inputs.homes.iter().flat_map(of).collect()
}

/// The sources that a manifest names, each with the key that does.
pub(super) fn sources(manifest: &Table) -> Vec<(String, &str)> {
    let mut sources = Vec::new();
    if let Some(build) = manifest.get("package").and_then(|package| package.get("build")) {
        let scripts = build.as_array().map_or_else(|| vec![build], |scripts| scripts.iter().collect());
        sources.extend(
            scripts.into_iter().filter_map(Value::as_str).map(|path| ("[package] build".to_owned(), path)),
        );
    }
    if let Some(path) = manifest.get("lib").and_then(|lib| lib.get("path")?.as_str()) {
        sources.push(("[lib] path".to_owned(), path));
    }
    for kind in ["bin", "test", "bench", "example"] {
        let targets = manifest.get(kind).and_then(Value::as_array).into_iter().flatten();
        let paths = targets.filter_map(|target| target.get("path")?.as_str());
        sources.extend(paths.map(|path| (format!("[[{kind}]] path"), path)));
    }
    sources
}

#[cfg(test)]
mod tests {
    use super::super::escapes;
    use super::*;

    fn of(manifest: &str) -> Vec<String> {
        let manifest = toml::from_str(manifest).unwrap();
        let home = Home { folder: "crates/a".to_owned(), name: "a".to_owned(), manifest };
        let problems = escapes(&Inputs { root: "/r".to_owned(), homes: vec![home], ..Inputs::default() });
        problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn sources_within_are_fine() {
        let manifest = "[package]\nbuild = \"tools/build.rs\"\n[lib]\npath = \"src/../src/x.rs\"\n[[bin]]\nname = \"b\"\n\
                        [[test]]\npath = \"checks/x.rs\"\n";
        assert_eq!(of(manifest), [""; 0]);
        assert_eq!(of("[package]\nbuild = false\n"), [""; 0]);
    }

    #[test]
    fn sources_outside_are_named() {
        for (manifest, key, path, target) in [
            ("[package]\nbuild = \"../b/build.rs\"", "[package] build", "../b/build.rs", "crates/b/build.rs"),
            ("[package]\nbuild = [\"a.rs\", \"../b.rs\"]", "[package] build", "../b.rs", "crates/b.rs"),
            (
                "[lib]\npath = \"../../experiments/x.rs\"",
                "[lib] path",
                "../../experiments/x.rs",
                "experiments/x.rs",
            ),
            ("[[bin]]\npath = \"/x.rs\"", "[[bin]] path", "/x.rs", "/x.rs"),
            ("[[test]]\npath = \"../x.rs\"", "[[test]] path", "../x.rs", "crates/x.rs"),
            ("[[bench]]\npath = \"../x.rs\"", "[[bench]] path", "../x.rs", "crates/x.rs"),
            ("[[example]]\npath = \"../x.rs\"", "[[example]] path", "../x.rs", "crates/x.rs"),
        ] {
            assert_eq!(
                of(manifest),
                [format!(
                    "crates/a/Cargo.toml: escapes: {key} = {path:?} leads to {target}, outside of its package\n    \
                     fix: move the source into crates/a"
                )]
            );
        }
    }
}
