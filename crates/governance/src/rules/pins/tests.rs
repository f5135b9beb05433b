#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;

use feature_api::identity::Source;

use super::pins;
use crate::graph::toy::Toy;
use crate::{Kind, Rule, Version};

/// Feature versions, by number and version.
fn versions(of: &[(u32, &str)]) -> Vec<Version> {
    let version = |(number, version): &(u32, &str)| Version {
        number: *number,
        name: format!("features-v{number}"),
        version: version.parse().unwrap(),
        source: Source { files: Vec::new(), manifest: String::new() },
        sums: String::new(),
    };
    of.iter().map(version).collect()
}

const PRODUCTION: &str = "[package]\nname = \"bot\"\n[package.metadata.isobar]\nrole = \"production\"\n";
const PIN: &str = r#"features-v1 = { path = "../../features-v1", version = "=1.2.0" }"#;

/// What the rule says of a binary with these lines behind its role, sorted: place, reason, fix.
fn found_in(toy: Toy, lines: &str) -> Vec<[String; 3]> {
    let manifests = BTreeMap::from([
        ("bins/bot".to_owned(), format!("{PRODUCTION}{lines}")),
        ("bins/tool".to_owned(), "[package.metadata.isobar]\nrole = \"research\"\n".to_owned()),
    ]);
    let mut problems = pins(&toy.graph(), &manifests, &versions(&[(1, "1.2.0"), (2, "2.0.0-rc.1")]));
    problems.sort();
    assert!(
        problems.iter().all(|problem| problem.rule == Rule::Pins && problem.place == "bins/bot/Cargo.toml")
    );
    problems.into_iter().map(|problem| [problem.place, problem.reason, problem.fix]).collect()
}

/// Reasons and fixes for a manifest, over a graph without a fault.
fn declared(lines: &str) -> Vec<(String, String)> {
    found_in(Toy::bot(), lines).into_iter().map(|[_, reason, fix]| (reason, fix)).collect()
}

const WRITE: &str =
    r#"write `features-v1 = { path = "../../features-v1", version = "=1.2.0" }` in [dependencies]"#;

#[test]
fn an_exact_pin_is_no_problem_however_it_is_laid_out() {
    for lines in [
        format!("[dependencies]\n{PIN}\nserde = \"1\"\n"),
        "[dependencies.features-v1]\npath = \"../../features-v1\"\nversion = \"=1.2.0\"\n".to_owned(),
        "[dependencies]\nfeatures-v1.path = \"../.././features-v1/\"\nfeatures-v1.version = \"=1.2.0\"\n"
            .to_owned(),
        format!("[dependencies]\n{PIN}\n[dev-dependencies]\nfeatures-v2.workspace = true\n"),
        format!("[dependencies]\n{PIN}\nfeatures-value = \"1\"\nfeatures-v = \"1\"\n"),
    ] {
        assert_eq!(declared(&lines), [], "{lines}");
    }
    let graph = Toy::bot().member("features-v2").uses("bins/bot", "features-v2");
    let lines = "[dependencies]\nfeatures-v1.workspace = true\n";
    assert_ne!(found_in(graph, lines), Vec::<[String; 3]>::new());
    let second =
        "[dependencies]\nfeatures-v2 = { path = \"../../features-v2\", version = \"=2.0.0-rc.1\" }\n";
    let graph = Toy::default().production("bins/bot").member("features-v2").uses("bins/bot", "features-v2");
    assert_eq!(found_in(graph, second), Vec::<[String; 3]>::new());
}

#[test]
fn a_workspace_without_production_is_no_problem() {
    let manifests = BTreeMap::from([("bins/tool".to_owned(), "[package]\nname = \"tool\"\n".to_owned())]);
    let graph = Toy::default().role("bins/tool", "research").graph();
    assert_eq!(pins(&graph, &manifests, &[]), []);
}

#[test]
fn a_pin_of_another_form_is_told_with_the_line_to_write() {
    let with =
        |version: &str| format!("features-v1 = {{ path = \"../../features-v1\", version = {version:?} }}");
    let required = |found: &str| format!("features-v1 is required as {found:?}: expected \"=1.2.0\"");
    let mut cases: Vec<(String, String)> = [
        "= 1.2.0",
        "=1.2",
        "=1",
        "1.2.0",
        "^1.2.0",
        "^1",
        "*",
        "~1.2.0",
        ">=1.2.0",
        "=1.2.0, <2",
        " =1.2.0",
        "",
    ]
    .iter()
    .map(|version| (with(version), required(version)))
    .collect();
    let plain = |line: &str, reason: &str| (line.to_owned(), reason.to_owned());
    cases.extend([
        plain(
            "features-v1 = { path = \"../../features-v1\" }",
            "features-v1 is required without a version: expected \"=1.2.0\"",
        ),
        plain(
            "features-v1 = { path = \"../features-v1\", version = \"=1.2.0\" }",
            "features-v1 lies in \"../features-v1\": expected \"../../features-v1\"",
        ),
        plain(
            "features-v1 = { path = \"../../../features-v1\", version = \"=1.2.0\" }",
            "features-v1 lies in \"../../../features-v1\": expected \"../../features-v1\"",
        ),
        plain(
            "features-v1 = { path = \"/../../features-v1\", version = \"=1.2.0\" }",
            "features-v1 lies in \"/../../features-v1\": expected \"../../features-v1\"",
        ),
        plain(
            "features-v1 = { path = \"../../experiments/features-v1\", version = \"=1.2.0\" }",
            "features-v1 lies in \"../../experiments/features-v1\": expected \"../../features-v1\"",
        ),
        plain(
            "features-v1 = \"=1.2.0\"",
            "features-v1 comes from a registry: expected the workspace's folder by `path`",
        ),
        plain(
            "features-v1 = { git = \"https://git.example\", version = \"=1.2.0\" }",
            "features-v1 comes from git: expected the workspace's folder by `path`",
        ),
        plain(
            "features-v1 = { path = \"../../features-v1\", version = \"=1.2.0\", optional = true }",
            "features-v1 is optional: expected it in every build",
        ),
        plain(
            "f = { package = \"features-v1\", path = \"../../features-v1\", version = \"=1.2.0\" }",
            "features-v1 is renamed \"f\": expected its own name",
        ),
        plain(
            "features-v1.workspace = true",
            "features-v1 takes its pin from [workspace.dependencies]: expected it in this manifest",
        ),
    ]);
    for (line, reason) in cases {
        assert_eq!(declared(&format!("[dependencies]\n{line}\n")), [(reason, WRITE.to_owned())], "{line}");
    }
    assert_eq!(
        declared(&format!("[target.'cfg(unix)'.dependencies]\n{PIN}\n")),
        [(
            "features-v1 is a dependency for cfg(unix) alone: expected one for every target".to_owned(),
            WRITE.to_owned()
        )]
    );
}

#[test]
fn every_fault_of_a_pin_is_told() {
    let lines =
        "[target.arm.dependencies]\nf = { package = \"features-v1\", git = \"x\", optional = true }\n";
    let reasons: Vec<String> = declared(lines).into_iter().map(|(reason, _)| reason).collect();
    assert_eq!(
        reasons,
        [
            "features-v1 comes from git: expected the workspace's folder by `path`",
            "features-v1 is a dependency for arm alone: expected one for every target",
            "features-v1 is optional: expected it in every build",
            "features-v1 is renamed \"f\": expected its own name",
            "features-v1 is required without a version: expected \"=1.2.0\"",
        ]
    );
}

#[test]
fn a_pin_of_another_version_than_the_folder_has_two_ways_out() {
    for named in ["1.1.9", "1.2.0-rc.1", "1.2.1", "2.0.0", "1.2.0+build"] {
        let line = PIN.replace("1.2.0", named);
        assert_eq!(
            declared(&format!("[dependencies]\n{line}\n")),
            [(
                format!("pins features-v1 {named}, but features-v1/Cargo.toml says 1.2.0"),
                format!(
                    "{WRITE} where 1.2.0 is what it shall trade on; else put features-v1 {named} back into its folder"
                ),
            )]
        );
    }
}

#[test]
fn a_binary_names_exactly_one_version() {
    let none = "expected exactly one feature version among its dependencies, found none";
    let newest = r#"features-v2 = { path = "../../features-v2", version = "=2.0.0-rc.1" }"#;
    let add = format!("add the one it trades on to [dependencies], such as `{newest}`");
    let toy = || Toy::default().production("bins/bot");
    for lines in ["", "[dependencies]\nserde = \"1\"\n", "[dev-dependencies]\nfeatures-v1 = \"=1.2.0\"\n"] {
        let expected = ["bins/bot/Cargo.toml".to_owned(), none.to_owned(), add.clone()];
        assert_eq!(found_in(toy(), lines), [expected], "{lines}");
    }
    let both = Toy::bot().member("features-v2").uses("bins/bot", "features-v2");
    let problems = found_in(both, &format!("[dependencies]\n{PIN}\n[target.x.dependencies]\n{newest}\n"));
    assert_eq!(
        problems.into_iter().map(|[_, reason, fix]| (reason, fix)).collect::<Vec<_>>(),
        [
            (
                "expected exactly one feature version among its dependencies, found 2: features-v1, features-v2"
                    .to_owned(),
                format!("keep the one it trades on, such as `{newest}`"),
            ),
            (
                "features-v2 is a dependency for x alone: expected one for every target".to_owned(),
                format!("write `{newest}` in [dependencies]"),
            ),
        ]
    );
    assert_eq!(
        declared("[dependencies]\nfeatures-v7 = { path = \"../../features-v7\", version = \"=7.0.0\" }\n"),
        [
            (
                "depends on features-v7, which is no feature version of this workspace".to_owned(),
                "name one that is: features-v1, features-v2".to_owned(),
            ),
            (
                "is built from features-v1, while this manifest pins features-v7: bins/bot -> features-v1".to_owned(),
                "take \"features-v1\" out of [dependencies] of bins/bot/Cargo.toml; only the pin in this manifest says \
                 what it trades on"
                    .to_owned(),
            ),
        ]
    );
}

#[test]
fn a_manifest_that_cannot_be_judged_is_a_problem() {
    let manifests = BTreeMap::from([("bins/bot".to_owned(), "[package".to_owned())]);
    let problems = pins(&Toy::default().graph(), &manifests, &[]);
    let [problem] = problems.as_slice() else { panic!("{problems:?}") };
    assert!(
        problem.reason.starts_with("expected a manifest, found what is no TOML: TOML parse error at line 1"),
        "{problem}"
    );
    let problems = pins(&Toy::bot().graph(), &BTreeMap::new(), &versions(&[(1, "1.2.0")]));
    assert_eq!(
        problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [
            "bins/bot/Cargo.toml: pins: the manifest of a production binary was not read, so that its pin is unknown\n    \
          fix: make the file readable and run the check again"
        ]
    );
    let manifests = BTreeMap::from([("bins/bot".to_owned(), PRODUCTION.to_owned())]);
    let problems = pins(&Toy::default().production("bins/bot").graph(), &manifests, &[]);
    assert_eq!(
        problems.iter().map(|problem| problem.fix.as_str()).collect::<Vec<_>>(),
        ["make a feature version first: there is none"]
    );
}

#[test]
fn no_other_version_is_reached_by_what_is_built() {
    let pinned = format!("[dependencies]\n{PIN}\n");
    let toy = || Toy::bot().member("crates/far").member("features-v2").uses("crates/base", "crates/far");
    let only = "only the pin in this manifest says what it trades on";
    let cases = [
        (
            toy().uses("crates/far", "features-v2"),
            "features-v2",
            "bins/bot -> crates/base -> crates/far -> features-v2",
            "\"features-v2\" out of [dependencies] of crates/far/Cargo.toml",
        ),
        (
            toy().build("bins/bot", "features-v2"),
            "features-v2",
            "bins/bot -> (build) features-v2",
            "\"features-v2\" out of [build-dependencies] of bins/bot/Cargo.toml",
        ),
        (
            toy().uses_as("bins/bot", "features-v2", |usage| usage.rename = Some("helper".to_owned())),
            "features-v2",
            "bins/bot -> features-v2, renamed \"helper\"",
            "\"helper\" out of [dependencies] of bins/bot/Cargo.toml",
        ),
        (
            toy().uses_as("crates/far", "features-v2", |usage| usage.package = "plain".to_owned()),
            "plain",
            "bins/bot -> crates/base -> crates/far -> features-v2",
            "\"plain\" out of [dependencies] of crates/far/Cargo.toml",
        ),
        (
            // The same name from elsewhere is another version.
            toy().registry("features-v1", "/registry/features-v1").uses("crates/far", "features-v1"),
            "features-v1",
            "bins/bot -> crates/base -> crates/far -> features-v1 1.0.0 (registry elsewhere)",
            "\"features-v1\" out of [dependencies] of crates/far/Cargo.toml",
        ),
    ];
    for (toy, name, path, key) in cases {
        assert_eq!(
            found_in(toy, &pinned),
            [[
                "bins/bot/Cargo.toml".to_owned(),
                format!("is built from {name}, while this manifest pins features-v1: {path}"),
                format!("take {key}; {only}"),
            ]]
        );
    }
    for toy in [
        toy().dev("bins/bot", "features-v2"),
        toy().dev("crates/base", "features-v2"),
        toy().uses("crates/far", "features-v1"),
        toy()
            .stranger("experiments/lab")
            .uses("crates/far", "experiments/lab")
            .uses("experiments/lab", "features-v2"),
    ] {
        assert_eq!(found_in(toy, &pinned), Vec::<[String; 3]>::new());
    }
}

#[test]
fn the_registry_is_reached_by_no_way() {
    let pinned = format!("[dependencies]\n{PIN}\n");
    let toy =
        || Toy::bot().member("crates/feature-registry").member("crates/far").dev("bins/bot", "crates/far");
    let cases = [
        (
            toy().dev("bins/bot", "crates/feature-registry"),
            "bins/bot -> (dev) crates/feature-registry",
            "[dev-dependencies] of bins/bot",
        ),
        (
            toy().uses("crates/far", "crates/feature-registry"),
            "bins/bot -> (dev) crates/far -> crates/feature-registry",
            "[dependencies] of crates/far",
        ),
        (
            toy().build("crates/base", "crates/feature-registry"),
            "bins/bot -> crates/base -> (build) crates/feature-registry",
            "[build-dependencies] of crates/base",
        ),
        (
            toy().uses_as("crates/base", "crates/feature-registry", |usage| usage.to = None),
            "bins/bot -> crates/base -> crates/feature-registry, not resolved",
            "[dependencies] of crates/base",
        ),
    ];
    for (toy, path, section) in cases {
        assert_eq!(
            found_in(toy, &pinned),
            [[
                "bins/bot/Cargo.toml".to_owned(),
                format!("reaches feature-registry, which holds every feature version: {path}"),
                format!(
                    "take \"feature-registry\" out of {section}/Cargo.toml; production names its one version, the \
                     registry is for research"
                ),
            ]]
        );
    }
    // Tests of a crate are not what production or its own tests are built from.
    let toy = toy().uses_as("crates/base", "crates/feature-registry", |usage| usage.kind = Kind::Dev);
    assert_eq!(found_in(toy, &pinned), Vec::<[String; 3]>::new());
}

#[test]
fn this_workspace_has_no_problem() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let workspace = crate::Workspace::open(&root).unwrap();
    let graph = crate::Graph::read(&workspace).unwrap();
    let mut manifests = BTreeMap::new();
    for package in graph.packages.iter().filter(|package| package.is_production()) {
        let text = workspace.text(&format!("{}/Cargo.toml", package.folder)).unwrap();
        manifests.insert(package.folder.clone(), text);
    }
    assert!(manifests.contains_key("bins/gatekeeper"));
    let numbers = workspace.version_numbers().unwrap();
    let versions: Vec<Version> = numbers.iter().map(|number| workspace.version(*number).unwrap()).collect();
    assert_eq!(pins(&graph, &manifests, &versions), []);
}

#[test]
fn every_way_out_that_must_be_taken_is_told() {
    let toy = Toy::bot()
        .member("features-v2")
        .member("crates/feature-registry")
        .build("bins/bot", "features-v2")
        .uses("crates/base", "features-v2")
        .dev("bins/bot", "crates/feature-registry")
        .uses("crates/base", "crates/feature-registry");
    let ways: Vec<String> = found_in(toy, &format!("[dependencies]\n{PIN}\n"))
        .into_iter()
        .filter_map(|[_, reason, _]| Some(reason.split_once(": ")?.1.to_owned()))
        .collect();
    assert_eq!(
        ways,
        [
            "bins/bot -> (build) features-v2",
            "bins/bot -> crates/base -> features-v2",
            "bins/bot -> (dev) crates/feature-registry",
            "bins/bot -> crates/base -> crates/feature-registry",
        ]
    );
}
