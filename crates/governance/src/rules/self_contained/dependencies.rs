//! What a version depends on.

use toml::{Table, Value};

use super::problem;
use crate::{Graph, Kind, Origin, Problem, Use, Version};

/// The contract, by its folder.
const API: &str = "crates/feature-api";

/// Where `libm` comes from.
const CRATES_IO: &str = "https://github.com/rust-lang/crates.io-index";

/// Dependencies other than those that a version may have, or declared otherwise.
pub(super) fn problems(version: &Version, graph: &Graph, lock: &Table) -> Vec<Problem> {
    let place = format!("{}/Cargo.toml", version.name);
    let found = graph.packages.iter().find(|package| package.is_member && package.folder == version.name);
    let Some(package) = found else {
        return vec![problem(
            place,
            "is no member of the workspace: what it depends on cannot be told",
            format!("add {:?} to members of [workspace] in Cargo.toml", version.name),
        )];
    };
    let mut problems = features_of_others(version, graph);
    if !package.features.is_empty() {
        problems.push(problem(
            &place,
            format!("has cargo features: {}", package.features.join(", ")),
            "remove [features]: a version gives the same values however it is built",
        ));
    }
    for used in package.uses.iter().filter(|used| used.kind != Kind::Dev) {
        for (reason, fix) in wrong(version, graph, lock, used) {
            problems.push(problem(&place, reason, fix));
        }
    }
    problems
}

/// What the rest of the workspace asks of `libm`: cargo builds one `libm` for all, with all that anyone asks for. What
/// packages of others ask for is not theirs to change; the workspace itself asks for nothing.
fn features_of_others(version: &Version, graph: &Graph) -> Vec<Problem> {
    let mut problems = Vec::new();
    for package in graph.packages.iter().filter(|package| package.is_member) {
        let judged = |used: &Use| package.folder == version.name && used.kind != Kind::Dev;
        for used in package.uses.iter().filter(|used| used.package == "libm" && !judged(used)) {
            for (reason, fix) in libm_features(used) {
                let reason = format!("[{}.libm]: {reason}", table(used.kind));
                problems.push(problem(format!("{}/Cargo.toml", package.folder), reason, fix));
            }
        }
    }
    problems
}

/// Cargo features of `libm` that are asked for, and the way out.
fn libm_features(used: &Use) -> Vec<(String, String)> {
    let mut wrong = named_features(used);
    if used.default_features {
        let reason = "asks for the default features, which use instructions of the machine".to_owned();
        wrong.push((reason, "write default-features = false".to_owned()));
    }
    wrong
}

fn named_features(used: &Use) -> Vec<(String, String)> {
    if used.features.is_empty() {
        return Vec::new();
    }
    vec![(format!("asks for the cargo features {}", used.features.join(", ")), "remove features".to_owned())]
}

fn table(kind: Kind) -> &'static str {
    match kind {
        Kind::Normal => "dependencies",
        Kind::Build => "build-dependencies",
        Kind::Dev => "dev-dependencies",
    }
}

/// What is wrong with a dependency, and the way out.
fn wrong(version: &Version, graph: &Graph, lock: &Table, used: &Use) -> Vec<(String, String)> {
    let name = used.package.as_str();
    let allowed = match used.kind {
        Kind::Build => name == "feature-api",
        Kind::Normal | Kind::Dev => ["feature-api", "libm"].contains(&name),
    };
    let entry = format!("[{}.{name}]", table(used.kind));
    if !allowed {
        let fix = "a version depends on feature-api and libm alone, its build script on feature-api: move the code it \
                   needs into the version";
        return vec![(format!("{entry}: depends on {name}"), fix.to_owned())];
    }
    let mut wrong = Vec::new();
    let mut say = |reason: String, fix: String| wrong.push((format!("{entry}: {reason}"), fix));
    let exact = used.requirement.strip_prefix('=').is_some_and(|exact| semver::Version::parse(exact).is_ok());
    if !exact {
        let now =
            used.to.and_then(|index| graph.packages.get(index)).map_or("x.y.z", |package| &package.version);
        say(
            format!("requires {:?}, not one exact version", used.requirement),
            format!("write version = \"={now}\""),
        );
    }
    if let Some(rename) = &used.rename {
        say(format!("is renamed to {rename}"), "remove the new name".to_owned());
    }
    if used.optional {
        say("is optional".to_owned(), "remove optional = true: a version has no options".to_owned());
    }
    if let Some(target) = &used.target {
        say(
            format!("is for {target} alone"),
            format!("write it under {entry}: a version is the same on every machine"),
        );
    }
    let features = if name == "libm" { libm_features(used) } else { named_features(used) };
    for (reason, fix) in features {
        say(reason, fix);
    }
    if name == "libm" {
        if let Some((reason, fix)) = other_libm(version, graph, lock, used) {
            say(reason, fix);
        }
    } else if used.path.as_deref() != Some(API) {
        let found = used.path.as_deref().unwrap_or("another place");
        say(format!("comes from {found}, not from {API}"), format!("write path = \"../{API}\""));
    }
    wrong
}

/// What is wrong with the source of `libm`.
fn other_libm(version: &Version, graph: &Graph, lock: &Table, used: &Use) -> Option<(String, String)> {
    let package = used.to.and_then(|index| graph.packages.get(index));
    let Some(package) = package else {
        return Some(("leads to no package".to_owned(), "cargo update --package libm".to_owned()));
    };
    match &package.origin {
        Origin::Registry(registry) if used.path.is_none() && registry.contains(CRATES_IO) => {}
        Origin::Registry(_) | Origin::Path | Origin::Git(_) => {
            let found =
                format!("comes from {}, not from crates.io", place_of(&package.origin, &package.folder));
            return Some((found, "remove path, git, registry and any [patch] of it".to_owned()));
        }
    }
    let Some(locked) = checksum(lock, &package.version) else {
        let reason = format!("Cargo.lock has no checksum of libm {}", package.version);
        return Some((reason, "cargo update --package libm".to_owned()));
    };
    let written = version.source.fact("package.metadata.isobar.checksums.libm").unwrap_or("none");
    (locked != written).then(|| {
        (
            format!("Cargo.lock has the checksum {locked}, [package.metadata.isobar.checksums] {written}"),
            format!("write in [package.metadata.isobar.checksums]: libm = {locked:?}"),
        )
    })
}

fn place_of<'a>(origin: &'a Origin, folder: &'a str) -> &'a str {
    match origin {
        Origin::Path => folder,
        Origin::Registry(source) | Origin::Git(source) => source,
    }
}

/// The checksum of `libm` in the lock file.
fn checksum<'a>(lock: &'a Table, version: &str) -> Option<&'a str> {
    let packages = lock.get("package")?.as_array()?;
    let text = |package: &'a Value, key: &str| package.get(key).and_then(Value::as_str);
    let found = packages
        .iter()
        .find(|package| text(package, "name") == Some("libm") && text(package, "version") == Some(version))?;
    text(found, "checksum")
}

#[cfg(test)]
mod tests {
    use feature_api::identity::Source;

    use super::*;
    use crate::{Package, Tier};

    fn package(name: &str, folder: &str, origin: Origin, uses: Vec<Use>) -> Package {
        let is_member = origin == Origin::Path;
        Package {
            name: name.to_owned(),
            version: if name == "libm" { "0.2.16" } else { "1.0.0" }.to_owned(),
            is_member,
            folder: folder.to_owned(),
            origin,
            tier: Tier::of(folder),
            role: None,
            license: None,
            has_build_script: false,
            features: Vec::new(),
            uses,
        }
    }

    fn used(package: &str, to: usize, path: Option<&str>, requirement: &str) -> Use {
        Use {
            package: package.to_owned(),
            rename: None,
            to: Some(to),
            path: path.map(str::to_owned),
            kind: Kind::Normal,
            requirement: requirement.to_owned(),
            optional: false,
            target: None,
            default_features: false,
            features: Vec::new(),
        }
    }

    /// A version that is as it must be: `feature-api`, `libm`, and `feature-api` for the build script.
    fn graph() -> Graph {
        let api = used("feature-api", 0, Some(API), "=1.0.0");
        let build = Use { kind: Kind::Build, ..api.clone() };
        let dev = Use { kind: Kind::Dev, optional: true, ..used("rand", 3, None, "*") };
        let version = package(
            "features-v1",
            "features-v1",
            Origin::Path,
            vec![api, used("libm", 2, None, "=0.2.16"), build, dev],
        );
        let registry = |source: &str| Origin::Registry(format!("registry+{source}"));
        Graph {
            packages: vec![
                package("feature-api", API, Origin::Path, Vec::new()),
                version,
                package("libm", "/registry/libm", registry(CRATES_IO), Vec::new()),
                package("rand", "/registry/rand", registry("https://elsewhere.org"), Vec::new()),
            ],
            folders: Vec::new(),
        }
    }

    fn found(graph: &Graph, checksum: &str) -> Vec<String> {
        let manifest = format!("package.metadata.isobar.checksums.libm = {checksum}\n");
        let version = Version {
            number: 1,
            name: "features-v1".to_owned(),
            version: semver::Version::new(1, 0, 0),
            source: Source { files: Vec::new(), manifest },
            sums: String::new(),
        };
        let lock = "[[package]]\nname = \"libm\"\nversion = \"0.2.15\"\nchecksum = \"old\"\n\
                    [[package]]\nname = \"libm\"\nversion = \"0.2.16\"\nchecksum = \"b6d2\"\n";
        let problems = problems(&version, graph, &toml::from_str(lock).unwrap());
        let problem = |problem: &Problem| format!("{}: {}; {}", problem.place, problem.reason, problem.fix);
        problems.iter().map(problem).collect()
    }

    /// What is found once the version is changed.
    fn changed(change: impl Fn(&mut Package)) -> Vec<String> {
        let mut graph = graph();
        change(graph.packages.get_mut(1).unwrap());
        found(&graph, "b6d2")
    }

    /// What is found once its use of `feature-api` (0), `libm` (1) or that of its build script (2) is changed.
    fn declared(index: usize, change: impl Fn(&mut Use)) -> Vec<String> {
        changed(|package| change(package.uses.get_mut(index).unwrap()))
    }

    #[test]
    fn the_contract_and_libm_are_fine_and_tests_are_free() {
        assert_eq!(found(&graph(), "b6d2"), [""; 0]);
        assert_eq!(changed(|package| package.uses.clear()), [""; 0]);
    }

    #[test]
    fn nothing_else_is_depended_on() {
        let fix = "a version depends on feature-api and libm alone, its build script on feature-api: move the code it needs \
                   into the version";
        assert_eq!(
            changed(|package| package.uses.push(used("rand", 3, None, "=1.0.0"))),
            [format!("features-v1/Cargo.toml: [dependencies.rand]: depends on rand; {fix}")]
        );
        let build = |kind| {
            move |package: &mut Package| package.uses.push(Use { kind, ..used("libm", 2, None, "=0.2.16") })
        };
        assert_eq!(
            changed(build(Kind::Build)),
            [format!("features-v1/Cargo.toml: [build-dependencies.libm]: depends on libm; {fix}")]
        );
    }

    #[test]
    fn each_is_declared_in_one_way() {
        type Change = fn(&mut Use);
        let cases: [(usize, Change, &str); 11] = [
            (
                0,
                |used| used.requirement = "^1.0.0".to_owned(),
                "[dependencies.feature-api]: requires \"^1.0.0\", not one exact version; write version = \"=1.0.0\"",
            ),
            (
                1,
                |used| used.requirement = "=0.2".to_owned(),
                "[dependencies.libm]: requires \"=0.2\", not one exact version; write version = \"=0.2.16\"",
            ),
            (
                2,
                |used| used.requirement = "*".to_owned(),
                "[build-dependencies.feature-api]: requires \"*\", not one exact version; write version = \"=1.0.0\"",
            ),
            (
                1,
                |used| used.rename = Some("math".to_owned()),
                "[dependencies.libm]: is renamed to math; remove the new name",
            ),
            (
                1,
                |used| used.optional = true,
                "[dependencies.libm]: is optional; remove optional = true: a version has no options",
            ),
            (
                1,
                |used| used.target = Some("cfg(unix)".to_owned()),
                "[dependencies.libm]: is for cfg(unix) alone; write it under [dependencies.libm]: a version is the same on \
                 every machine",
            ),
            (
                1,
                |used| used.features = vec!["arch".to_owned()],
                "[dependencies.libm]: asks for the cargo features arch; remove features",
            ),
            (
                1,
                |used| used.default_features = true,
                "[dependencies.libm]: asks for the default features, which use instructions of the machine; write \
                 default-features = false",
            ),
            (
                0,
                |used| used.path = Some("crates/other-api".to_owned()),
                "[dependencies.feature-api]: comes from crates/other-api, not from crates/feature-api; write path = \
                 \"../crates/feature-api\"",
            ),
            (
                2,
                |used| used.path = None,
                "[build-dependencies.feature-api]: comes from another place, not from crates/feature-api; write path = \
                 \"../crates/feature-api\"",
            ),
            (
                1,
                |used| used.to = None,
                "[dependencies.libm]: leads to no package; cargo update --package libm",
            ),
        ];
        for (index, change, expected) in cases {
            assert_eq!(declared(index, change), [format!("features-v1/Cargo.toml: {expected}")]);
        }
    }

    #[test]
    fn no_member_asks_for_features_of_libm() {
        let found = |kind, is_member, default_features, features: &[&str]| {
            let mut graph = graph();
            let features = features.iter().map(|feature| (*feature).to_owned()).collect();
            let libm = Use { kind, default_features, features, ..used("libm", 2, None, "^0.2") };
            let strategy = package("strategy", "crates/strategy", Origin::Path, vec![libm]);
            graph.packages.push(Package { is_member, ..strategy });
            found(&graph, "b6d2")
        };
        let arch = "asks for the cargo features arch; remove features";
        let default = "asks for the default features, which use instructions of the machine; write default-features = false";
        assert_eq!(found(Kind::Normal, true, false, &[]), [""; 0]);
        assert_eq!(found(Kind::Normal, false, true, &["arch"]), [""; 0]);
        for (kind, table) in [
            (Kind::Normal, "dependencies"),
            (Kind::Build, "build-dependencies"),
            (Kind::Dev, "dev-dependencies"),
        ] {
            assert_eq!(
                found(kind, true, true, &["arch"]),
                [arch, default].map(|what| format!("crates/strategy/Cargo.toml: [{table}.libm]: {what}"))
            );
        }
        let dev = |package: &mut Package| {
            let features = vec!["arch".to_owned()];
            package.uses.push(Use { kind: Kind::Dev, features, ..used("libm", 2, None, "^0.2") });
        };
        assert_eq!(changed(dev), [format!("features-v1/Cargo.toml: [dev-dependencies.libm]: {arch}")]);
    }

    #[test]
    fn libm_is_that_of_crates_io_and_of_the_lock_file() {
        let mut from_elsewhere = graph();
        from_elsewhere.packages.get_mut(2).unwrap().origin = Origin::Git("git+https://x.org/libm".to_owned());
        assert_eq!(
            found(&from_elsewhere, "b6d2"),
            [
                "features-v1/Cargo.toml: [dependencies.libm]: comes from git+https://x.org/libm, not from crates.io; \
              remove path, git, registry and any [patch] of it"
            ]
        );
        assert_eq!(
            found(&graph(), "b6d3"),
            ["features-v1/Cargo.toml: [dependencies.libm]: Cargo.lock has the checksum b6d2, \
              [package.metadata.isobar.checksums] b6d3; write in [package.metadata.isobar.checksums]: libm = \"b6d2\""]
        );
        let mut not_locked = graph();
        not_locked.packages.get_mut(2).unwrap().version = "0.2.17".to_owned();
        assert_eq!(
            found(&not_locked, "b6d2"),
            [
                "features-v1/Cargo.toml: [dependencies.libm]: Cargo.lock has no checksum of libm 0.2.17; cargo update --package libm"
            ]
        );
    }

    #[test]
    fn it_has_no_cargo_features_and_is_a_member() {
        assert_eq!(
            changed(|package| package.features = vec!["fast".to_owned()]),
            [
                "features-v1/Cargo.toml: has cargo features: fast; remove [features]: a version gives the same values however it \
              is built"
            ]
        );
        assert_eq!(
            changed(|package| package.is_member = false),
            [
                "features-v1/Cargo.toml: is no member of the workspace: what it depends on cannot be told; add \"features-v1\" to \
              members of [workspace] in Cargo.toml"
            ]
        );
    }
}
