//! What makes cargo take another source than the manifests say: `[patch]`, `[replace]`, and its configuration.

use toml::{Table, Value};

use super::{Inputs, paths, problem};
use crate::Problem;

/// What decides values and is held by checksum or hash: nothing may stand in its place.
const IRREPLACEABLE: [&str; 2] = ["feature-api", "libm"];

/// Settings that lead into experiments or replace what decides values.
pub(super) fn problems(inputs: &Inputs) -> Vec<Problem> {
    let mut problems = replacements("Cargo.toml", &inputs.manifest);
    for table in ["patch", "replace"] {
        let settings = inputs.manifest.get(table);
        problems.extend(
            settings.into_iter().flat_map(|value| leading(&inputs.root, "Cargo.toml", "", table, value)),
        );
    }
    for (path, config) in &inputs.configs {
        problems.extend(replacements(path, config));
        let folder = config_base(path);
        // What an alias runs is no part of a build.
        for (key, value) in config.iter().filter(|(key, _)| *key != "alias") {
            problems.extend(leading(&inputs.root, path, folder, key, value));
        }
        problems.extend(others_tools(path, config));
        problems.extend(own_sources(&inputs.root, path, config));
        if config.contains_key("paths") {
            problems.push(problem(
                path,
                "paths overrides packages by folders that no manifest names",
                "remove it; to try a change of a dependency, do it in a workspace of experiments/",
            ));
        }
    }
    problems
}

/// Other programs than those of the toolchain, which compile, link or run in place of it.
fn others_tools(place: &str, config: &Table) -> Vec<Problem> {
    let named = |name: String, table: &Table, keys: &[&str]| {
        let found = keys.iter().filter(|key| table.contains_key(**key));
        found.map(|key| format!("{name}.{key}")).collect::<Vec<_>>()
    };
    let table = |key: &str| config.get(key).and_then(Value::as_table);
    let build = ["rustc", "rustc-wrapper", "rustc-workspace-wrapper"];
    let mut keys = table("build").map_or_else(Vec::new, |table| named("build".to_owned(), table, &build));
    for (target, settings) in table("target").into_iter().flatten() {
        let settings = settings.as_table();
        let found = settings.map(|table| named(format!("target.{target}"), table, &["runner", "linker"]));
        keys.extend(found.unwrap_or_default());
    }
    let problems = keys.into_iter().map(|key| {
        problem(
            place,
            format!("{key} puts another program between the packages and what is built or run"),
            "remove it: what is built and run must be what is in the packages",
        )
    });
    problems.collect()
}

/// Folders of this workspace that stand for a registry: their checksums are whatever lies beside them.
fn own_sources(root: &str, place: &str, config: &Table) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (name, source) in config.get("source").and_then(Value::as_table).into_iter().flatten() {
        for key in ["directory", "local-registry", "registry", "git"] {
            let Some(value) = source.get(key).and_then(Value::as_str) else { continue };
            let path = value.trim_start_matches("sparse+").trim_start_matches("file://");
            if !path.contains("://") && !paths::resolve(root, config_base(place), path).starts_with('/') {
                problems.push(problem(
                    place,
                    format!("source.{name}.{key} = {value:?} takes packages from a folder of this workspace"),
                    "remove it: a package is what its registry published; keep copies outside of the workspace",
                ));
            }
        }
    }
    problems
}

/// The folder from which the paths of a configuration count: that in which `.cargo` lies.
fn config_base(path: &str) -> &str {
    let folder = paths::parent(path);
    if folder == ".cargo" { "" } else { folder.strip_suffix("/.cargo").unwrap_or(folder) }
}

/// `[patch]` and `[replace]` of packages that decide values.
fn replacements(place: &str, manifest: &Table) -> Vec<Problem> {
    let mut entries: Vec<(String, &str, &Value)> = Vec::new();
    for (source, patches) in manifest.get("patch").and_then(Value::as_table).into_iter().flatten() {
        let patches = patches.as_table().into_iter().flatten();
        entries.extend(patches.map(|(name, patch)| (format!("[patch.{source}]"), name.as_str(), patch)));
    }
    for (name, replacement) in manifest.get("replace").and_then(Value::as_table).into_iter().flatten() {
        entries.push(("[replace]".to_owned(), name, replacement));
    }
    let replaced = entries.into_iter().filter_map(|(table, key, value)| {
        let renamed = value.get("package").and_then(Value::as_str);
        // Of `[replace]`: NAME:VERSION, or a URL before them.
        let name = renamed.unwrap_or_else(|| key.split(':').next().unwrap_or(key));
        let found = IRREPLACEABLE.iter().find(|one| name == **one || key.contains(&format!("#{one}")))?;
        Some(problem(
            place,
            format!("{table} puts another package in the place of {found}"),
            format!("remove it: {found} decides values, and a model was trained with the one that the lock file names"),
        ))
    });
    replaced.collect()
}

/// Every text of a setting that leads into experiments.
fn leading(root: &str, place: &str, folder: &str, key: &str, value: &Value) -> Vec<Problem> {
    match value {
        Value::String(text) => {
            let leads =
                paths::names_experiments(text) || paths::is_experiment(&paths::resolve(root, folder, text));
            let found = leads.then(|| {
                problem(
                    place,
                    format!("{key} = {text:?} leads into experiments"),
                    "remove it: nothing but an experiment may use experiments",
                )
            });
            found.into_iter().collect()
        }
        Value::Array(items) => {
            items.iter().flat_map(|item| leading(root, place, folder, key, item)).collect()
        }
        Value::Table(table) => {
            let entries = table
                .iter()
                .flat_map(|(name, item)| leading(root, place, folder, &format!("{key}.{name}"), item));
            entries.collect()
        }
        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::escapes;
    use super::*;

    fn shown(inputs: &Inputs) -> Vec<String> {
        escapes(inputs).iter().map(ToString::to_string).collect()
    }

    fn of_manifest(manifest: &str) -> Vec<String> {
        let manifest = toml::from_str(manifest).unwrap();
        shown(&Inputs { root: "/r".to_owned(), manifest, ..Inputs::default() })
    }

    fn of_config(path: &str, config: &str) -> Vec<String> {
        let configs = vec![(path.to_owned(), toml::from_str(config).unwrap())];
        shown(&Inputs { root: "/r".to_owned(), configs, ..Inputs::default() })
    }

    #[test]
    fn harmless_settings_are_fine() {
        assert_eq!(
            of_manifest("[patch.crates-io]\nrand = { path = \"crates/rand\" }\nlibmath = \"1\"\n"),
            [""; 0]
        );
        let config = "[alias]\nlab = \"run --manifest-path experiments/lab/Cargo.toml\"\n[build]\njobs = 2\n\
                      [source.crates-io]\nreplace-with = \"mirror\"\n[source.mirror]\nregistry = \"https://x.org/index\"\n\
                      [source.copies]\ndirectory = \"/elsewhere/vendor\"\n";
        assert_eq!(of_config(".cargo/config.toml", config), [""; 0]);
    }

    #[test]
    fn no_other_program_builds_or_runs() {
        for (config, key) in [
            ("build.rustc = \"x\"", "build.rustc"),
            ("build.rustc-wrapper = \"x\"", "build.rustc-wrapper"),
            ("build.rustc-workspace-wrapper = \"x\"", "build.rustc-workspace-wrapper"),
            ("target.x.linker = \"x\"", "target.x.linker"),
            ("target.'cfg(unix)'.runner = [\"x\", \"y\"]", "target.cfg(unix).runner"),
        ] {
            assert_eq!(
                of_config(".cargo/config.toml", config),
                [format!(
                    ".cargo/config.toml: escapes: {key} puts another program between the packages and what is built or \
                     run\n    fix: remove it: what is built and run must be what is in the packages"
                )]
            );
        }
    }

    #[test]
    fn no_folder_of_the_workspace_stands_for_a_registry() {
        for (key, value) in
            [("directory", "vendor"), ("local-registry", "/r/vendor"), ("registry", "file:///r/index")]
        {
            let config =
                format!("[source.crates-io]\nreplace-with = \"v\"\n[source.v]\n{key} = \"{value}\"\n");
            assert_eq!(
                of_config(".cargo/config.toml", &config),
                [format!(
                    ".cargo/config.toml: escapes: source.v.{key} = \"{value}\" takes packages from a folder of this \
                     workspace\n    fix: remove it: a package is what its registry published; keep copies outside of the \
                     workspace"
                )]
            );
        }
    }

    #[test]
    fn what_decides_values_is_not_replaced() {
        for (manifest, table, package) in [
            ("[patch.crates-io]\nlibm = { path = \"crates/libm\" }", "[patch.crates-io]", "libm"),
            (
                "[patch.crates-io]\nm = { package = \"libm\", path = \"crates/m\" }",
                "[patch.crates-io]",
                "libm",
            ),
            (
                "[patch.\"https://x.org\"]\nfeature-api = { git = \"https://y.org\" }",
                "[patch.https://x.org]",
                "feature-api",
            ),
            ("[replace]\n\"libm:0.2.16\" = { path = \"x\" }", "[replace]", "libm"),
            ("[replace]\n\"https://x.org/index#libm:0.2.16\" = { path = \"x\" }", "[replace]", "libm"),
        ] {
            let expected = format!(
                "escapes: {table} puts another package in the place of {package}\n    fix: remove it: {package} decides \
                 values, and a model was trained with the one that the lock file names"
            );
            assert_eq!(of_manifest(manifest), [format!("Cargo.toml: {expected}")]);
            if !manifest.starts_with("[replace]") {
                assert_eq!(of_config(".cargo/config", manifest), [format!(".cargo/config: {expected}")]);
            }
        }
    }

    #[test]
    fn no_setting_leads_into_experiments() {
        let expected = |place: &str, setting: &str| {
            format!(
                "{place}: escapes: {setting} leads into experiments\n    \
                 fix: remove it: nothing but an experiment may use experiments"
            )
        };
        for (manifest, setting) in [
            (
                "[patch.crates-io]\nrand.path = \"experiments/rand\"",
                "patch.crates-io.rand.path = \"experiments/rand\"",
            ),
            (
                "[patch.crates-io]\nrand.git = \"file:///r/experiments\"",
                "patch.crates-io.rand.git = \"file:///r/experiments\"",
            ),
            (
                "[replace]\n\"rand:1.0.0\" = { path = \"./experiments/rand\" }",
                "replace.rand:1.0.0.path = \"./experiments/rand\"",
            ),
        ] {
            assert_eq!(of_manifest(manifest), [expected("Cargo.toml", setting)]);
        }
        for (config, setting) in [
            ("build.rustc-wrapper = \"experiments/wrap\"", "build.rustc-wrapper = \"experiments/wrap\""),
            ("build.rustflags = [\"-Lexperiments/lib\", \"-O\"]", "build.rustflags = \"-Lexperiments/lib\""),
            (
                "build.rustflags = [\"--extern=x=../experiments/x\"]",
                "build.rustflags = \"--extern=x=../experiments/x\"",
            ),
            (
                "[target.'cfg(unix)']\nrunner = \"experiments/run\"",
                "target.cfg(unix).runner = \"experiments/run\"",
            ),
            ("[target.x]\nlinker = \"experiments/ld\"", "target.x.linker = \"experiments/ld\""),
            ("[source.v]\ndirectory = \"experiments/vendor\"", "source.v.directory = \"experiments/vendor\""),
            (
                "[env]\nDATA = { value = \"experiments/data\", relative = true }",
                "env.DATA.value = \"experiments/data\"",
            ),
            ("include = \"../experiments/cargo.toml\"", "include = \"../experiments/cargo.toml\""),
        ] {
            let path = "crates/a/.cargo/config.toml";
            let found = of_config(path, config);
            assert!(found.contains(&expected(path, setting)), "{found:?}");
        }
        assert_eq!(
            of_config(".cargo/config.toml", "paths = [\"vendor/x\"]"),
            [".cargo/config.toml: escapes: paths overrides packages by folders that no manifest names\n    \
              fix: remove it; to try a change of a dependency, do it in a workspace of experiments/"]
        );
    }
}
