//! What the builds read.

use super::{Inputs, paths, problem};
use crate::{Problem, Tier, Unit, UnitKind};

/// Files that reached a build from outside the package that was built.
pub(super) fn problems(inputs: &Inputs) -> Vec<Problem> {
    let mut problems = Vec::new();
    for unit in &inputs.units {
        if unit.is_foreign {
            problems.extend(foreign(inputs, unit));
            continue;
        }
        if !inputs.homes.iter().any(|home| home.folder == unit.folder) {
            problems.push(problem(
                &unit.folder,
                format!("its {} is built into production or a feature version, but is none of features-v*, crates/*, bins/*", unit.kind),
                "move the package into crates/, or depend on one that is there",
            ));
            continue;
        }
        problems.extend(unit.files.iter().filter_map(|file| read(inputs, unit, &relative(inputs, file))));
        problems.extend(unit.watched.iter().filter_map(|path| watched(unit, &relative(inputs, path))));
        problems.extend(handed(inputs, unit));
    }
    problems
}

/// What a package of a registry or git read elsewhere: no checksum holds that.
fn foreign(inputs: &Inputs, unit: &Unit) -> Vec<Problem> {
    let Unit { folder, kind, .. } = unit;
    let files = unit.files.iter().map(|file| relative(inputs, file));
    let watched = unit.watched.iter().map(|path| relative(inputs, path));
    let read = files.chain(watched.filter(|path| paths::is_experiment(path))).map(|file| {
        problem(
            folder,
            format!("its {kind} reads {file}, outside of its package, which comes from a registry or git"),
            "use the package as it was published: the lock file holds none but its own files",
        )
    });
    read.chain(handed(inputs, unit)).collect()
}

/// Values that a build script hands to the compiler or the linker and that lead into experiments.
fn handed(inputs: &Inputs, unit: &Unit) -> Vec<Problem> {
    let leads = |value: &str| paths::holds_path_into_experiments(&value.replace(&inputs.root, ""));
    let leading = unit.handed.iter().filter(|(_, value)| leads(value)).map(|(key, _)| {
        problem(
            &unit.folder,
            format!("its build script prints {key} with a path into experiments"),
            "move what is needed into the package, or into a package of crates/",
        )
    });
    leading.collect()
}

fn relative(inputs: &Inputs, path: &std::path::Path) -> String {
    paths::relative(&inputs.root, &path.to_string_lossy().replace('\\', "/"))
}

/// What is wrong with a file that a unit read.
fn read(inputs: &Inputs, unit: &Unit, file: &str) -> Option<Problem> {
    let Unit { folder, kind, .. } = unit;
    if paths::is_inside(file, folder) {
        return unhashed(unit, file);
    }
    let owner = inputs.homes.iter().find(|home| paths::is_inside(file, &home.folder));
    Some(match owner {
        Some(owner) => problem(
            folder,
            format!("its {kind} reads {file}, a file of another package"),
            format!("depend on {} and use what it exports, or move the file into {folder}", owner.name),
        ),
        None if paths::is_experiment(file) => problem(
            folder,
            format!("its {kind} reads {file}, an experiment"),
            format!("move what is needed into {folder} or a package of crates/"),
        ),
        None => problem(
            folder,
            format!("its {kind} reads {file}, a file of no package"),
            format!("move the file into {folder}"),
        ),
    })
}

/// A feature version is built from what its `SHA256SUMS` holds alone.
fn unhashed(unit: &Unit, file: &str) -> Option<Problem> {
    let Unit { folder, kind, .. } = unit;
    let within = file.strip_prefix(folder)?.trim_start_matches('/');
    let is_hashed =
        within == "build.rs" || ["src", "goldens"].iter().any(|hashed| paths::is_inside(within, hashed));
    (Tier::of(folder) == Some(Tier::Features) && !is_hashed).then(|| {
        problem(
            folder,
            format!("its {kind} reads {file}, which is not part of its source hash"),
            "move the file into src/: what a feature version is built from decides values, and is hashed",
        )
    })
}

fn watched(unit: &Unit, path: &str) -> Option<Problem> {
    let is_script = unit.kind == UnitKind::BuildScript;
    (is_script && paths::is_experiment(path)).then(|| {
        problem(
            &unit.folder,
            format!("its build script reads {path}, an experiment"),
            format!("move what is needed into {} or a package of crates/", unit.folder),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Home, escapes};
    use super::*;

    fn of(folder: &str, kind: UnitKind, files: &[&str], watched: &[&str]) -> Vec<String> {
        let home = |folder: &str, name: &str| Home {
            folder: folder.to_owned(),
            name: name.to_owned(),
            ..Home::default()
        };
        let paths = |paths: &[&str]| paths.iter().map(std::path::PathBuf::from).collect();
        let inputs = Inputs {
            root: "/r".to_owned(),
            homes: vec![home("crates/a", "a"), home("crates/b", "b"), home("features-v1", "features-v1")],
            units: vec![Unit {
                folder: folder.to_owned(),
                kind,
                files: paths(files),
                watched: paths(watched),
                handed: Vec::new(),
                is_foreign: false,
            }],
            ..Inputs::default()
        };
        escapes(&inputs).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn files_of_the_package_are_its_own() {
        let files = ["/r/crates/a/src/lib.rs", "/r/crates/a/README.md"];
        assert_eq!(of("crates/a", UnitKind::Library, &files, &[]), [""; 0]);
        let files = ["/r/features-v1/src/lib.rs", "/r/features-v1/goldens/OUTPUT_HASH"];
        assert_eq!(of("features-v1", UnitKind::Library, &files, &[]), [""; 0]);
        let watched = ["/r/features-v1/src", "/r/.git/HEAD", "/r/crates", "/usr/include/x.h"];
        assert_eq!(of("features-v1", UnitKind::BuildScript, &["/r/features-v1/build.rs"], &watched), [""; 0]);
    }

    #[test]
    fn files_from_elsewhere_are_named() {
        for (file, expected) in [
            (
                "/r/crates/b/src/x.rs",
                "crates/a: escapes: its program p reads crates/b/src/x.rs, a file of another package\n    \
                 fix: depend on b and use what it exports, or move the file into crates/a",
            ),
            (
                "/r/crates/ab/x.rs",
                "crates/a: escapes: its program p reads crates/ab/x.rs, a file of no package\n    \
                 fix: move the file into crates/a",
            ),
            (
                "/r/README.md",
                "crates/a: escapes: its program p reads README.md, a file of no package\n    \
                 fix: move the file into crates/a",
            ),
            (
                "/r/experiments/x.rs",
                "crates/a: escapes: its program p reads experiments/x.rs, an experiment\n    \
                 fix: move what is needed into crates/a or a package of crates/",
            ),
            (
                "/elsewhere/x.rs",
                "crates/a: escapes: its program p reads /elsewhere/x.rs, a file of no package\n    \
                 fix: move the file into crates/a",
            ),
        ] {
            assert_eq!(of("crates/a", UnitKind::Binary("p".to_owned()), &[file], &[]), [expected]);
        }
    }

    #[test]
    fn a_version_is_built_from_what_is_hashed() {
        assert_eq!(
            of("features-v1", UnitKind::Library, &["/r/features-v1/tests/x.rs"], &[]),
            [
                "features-v1: escapes: its library reads features-v1/tests/x.rs, which is not part of its source hash\n    \
              fix: move the file into src/: what a feature version is built from decides values, and is hashed"
            ]
        );
    }

    #[test]
    fn a_build_script_watches_no_experiment() {
        assert_eq!(
            of("crates/a", UnitKind::BuildScript, &["/r/crates/a/build.rs"], &["/r/experiments"]),
            ["crates/a: escapes: its build script reads experiments, an experiment\n    \
              fix: move what is needed into crates/a or a package of crates/"]
        );
    }

    #[test]
    fn what_a_build_script_hands_on_leads_into_no_experiment() {
        let handed = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let unit = Unit {
            folder: "crates/a".to_owned(),
            kind: UnitKind::BuildScript,
            files: Vec::new(),
            watched: Vec::new(),
            handed: vec![
                handed("rustc-link-arg-bins", "-L/r/experiments/x"),
                handed("rustc-env", "A=see the experiments for more"),
                handed("rustc-env", "B=/r/crates/a/../../experiments/x"),
                handed("rustc-flags", "-L ../../experiments"),
                handed("rustc-link-lib", "m"),
            ],
            is_foreign: false,
        };
        let home = Home { folder: "crates/a".to_owned(), name: "a".to_owned(), ..Home::default() };
        let inputs =
            Inputs { root: "/r".to_owned(), homes: vec![home], units: vec![unit], ..Inputs::default() };
        let expected = |key: &str| {
            format!(
                "crates/a: escapes: its build script prints {key} with a path into experiments\n    \
                 fix: move what is needed into the package, or into a package of crates/"
            )
        };
        let found: Vec<String> = escapes(&inputs).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["rustc-env", "rustc-flags", "rustc-link-arg-bins"].map(expected));
    }

    #[test]
    fn a_package_of_a_registry_reads_its_own_files() {
        let unit = Unit {
            folder: "vendor/libm".to_owned(),
            kind: UnitKind::Library,
            files: vec!["/r/experiments/x.rs".into()],
            watched: Vec::new(),
            handed: Vec::new(),
            is_foreign: true,
        };
        let inputs = Inputs { root: "/r".to_owned(), units: vec![unit], ..Inputs::default() };
        let found: Vec<String> = escapes(&inputs).iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "vendor/libm: escapes: its library reads experiments/x.rs, outside of its package, which comes from a \
              registry or git\n    fix: use the package as it was published: the lock file holds none but its own files"
            ]
        );
    }

    #[test]
    fn a_package_of_no_tier_is_named_once() {
        assert_eq!(
            of("experiments/x", UnitKind::Library, &["/r/experiments/x/a.rs", "/r/experiments/x/b.rs"], &[]),
            [
                "experiments/x: escapes: its library is built into production or a feature version, but is none of \
              features-v*, crates/*, bins/*\n    fix: move the package into crates/, or depend on one that is there"
            ]
        );
    }
}
