//! Every feature is declared whole, has its golden, and stands in the README; every version in the registry.

use std::collections::BTreeSet;

use crate::readme::readme;
use crate::{Facts, FeatureFacts, Graph, Kind, Problem, Rule, SetFacts};

/// Every name of a set is unique, every feature has doc, formula, range and a warm-up that fits its memory, every
/// feature has its golden and every golden its feature, and the README equals the schemas.
///
/// `golden` is the text of `goldens/FEATURES`, `found_readme` that of `README.md`; empty where there is none.
#[must_use]
pub fn version(facts: &Facts, golden: &str, found_readme: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    let declared = "mend its line in the table of the set, in src/sets";
    let mut sets = BTreeSet::new();
    for set in &facts.sets {
        let place = format!("{}, set {}", facts.name, set.name);
        if !sets.insert(&set.name) {
            problems.push(problem(
                &place,
                "the name of the set stands twice in the version",
                "rename one of them",
            ));
        }
        if set.features.is_empty() {
            problems.push(problem(&place, "has no features", "declare them in its table, in src/sets"));
        }
        problems.extend(features(facts, set, declared));
    }
    problems.extend(stale_goldens(facts, golden));
    if found_readme.replace("\r\n", "\n") != readme(facts) {
        let place = format!("{}/README.md", facts.name);
        problems.push(problem(&place, "does not equal the schemas", "cargo xtask readme"));
    }
    problems
}

fn features(facts: &Facts, set: &SetFacts, declared: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut names = BTreeSet::new();
    for feature in &set.features {
        let place = format!("{}, {}.{}", facts.name, set.name, feature.name);
        if !names.insert(&feature.name) {
            problems.push(problem(&place, "stands twice in its set", declared));
        }
        problems.extend(lacks(feature).into_iter().map(|reason| problem(&place, &reason, declared)));
        if feature.golden.is_none() || feature.output.is_none() {
            let lacks = if feature.golden.is_none() { "goldens/FEATURES" } else { "the canonical output" };
            let fix = format!("cargo xtask golden create {} --replace", short(facts));
            problems.push(problem(&place, &format!("is not in {lacks}"), &fix));
        }
    }
    problems
}

/// What a declaration lacks.
fn lacks(feature: &FeatureFacts) -> Vec<String> {
    let mut lacks = Vec::new();
    let texts = [
        ("name", &feature.name),
        ("doc", &feature.doc),
        ("formula", &feature.formula),
        ("range", &feature.range),
        ("memory", &feature.memory),
    ];
    for (what, text) in texts {
        if text.trim().is_empty() {
            lacks.push(format!("has no {what}"));
        }
    }
    let memory = feature.memory.strip_prefix("finite ").and_then(|window| window.parse::<u32>().ok());
    let least = feature.convergence.or(memory);
    if let Some(inputs) = least
        && inputs <= feature.warm_up
    {
        lacks.push(format!(
            "depends on the last {inputs} inputs, but is valid only after {}: its warm-up and its memory contradict \
             each other",
            feature.warm_up
        ));
    }
    lacks
}

/// Lines of the goldens that belong to no feature.
fn stale_goldens(facts: &Facts, golden: &str) -> Vec<Problem> {
    let declared: BTreeSet<String> = facts
        .sets
        .iter()
        .flat_map(|set| set.features.iter().map(|feature| format!("{}.{}", set.name, feature.name)))
        .collect();
    let place = format!("{}/goldens/FEATURES", facts.name);
    let fix = format!("cargo xtask golden create {} --replace", short(facts));
    let stale = golden.lines().filter_map(|line| {
        let name = line.split_once("  ").map(|(_, name)| name);
        match name {
            Some(name) if declared.contains(name) => None,
            Some(name) => Some(problem(&place, &format!("records {name}, which no set declares"), &fix)),
            None => Some(problem(&place, &format!("{line:?} is not HASH, two spaces, SET.FEATURE"), &fix)),
        }
    });
    stale.collect()
}

/// Every version stands in `feature-registry`, whose `src/lib.rs` is `source`.
#[must_use]
pub fn registered(graph: &Graph, source: Option<&str>, versions: &[String]) -> Vec<Problem> {
    let Some(source) = source else {
        return vec![problem(
            "crates/feature-registry/src/lib.rs",
            "is missing: research has no door to the versions",
            "make the crate, with every version in VERSIONS",
        )];
    };
    let uses = graph
        .packages
        .iter()
        .filter(|package| package.name == "feature-registry")
        .flat_map(|package| &package.uses);
    let used: BTreeSet<&str> =
        uses.filter(|used| used.kind == Kind::Normal).map(|used| used.package.as_str()).collect();
    let missing = |name: &&String| {
        let line = format!("&{}::FEATURES", name.replace('-', "_"));
        !used.contains(name.as_str()) || !source.contains(&line)
    };
    let problems = versions.iter().filter(missing).map(|name| {
        let reason = format!("does not list {name}");
        let fix = format!(
            "add the dependency {name} and the line &{}::FEATURES to VERSIONS",
            name.replace('-', "_")
        );
        problem("crates/feature-registry/src/lib.rs", &reason, &fix)
    });
    problems.collect()
}

fn short(facts: &Facts) -> &str {
    facts.name.strip_prefix("features-").unwrap_or(&facts.name)
}

fn problem(place: &str, reason: &str, fix: &str) -> Problem {
    Problem::new(Rule::Registry, place, reason, fix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Origin, Package, ParamFacts, Tier, Use};

    fn feature(name: &str) -> FeatureFacts {
        FeatureFacts {
            name: name.to_owned(),
            formula: "C".to_owned(),
            doc: "Close.".to_owned(),
            degenerate: String::new(),
            range: "any".to_owned(),
            warm_up: 3,
            memory: "finite 4".to_owned(),
            convergence: None,
            output: Some("aa".to_owned()),
            golden: Some("aa".to_owned()),
        }
    }

    fn facts(features: Vec<FeatureFacts>) -> Facts {
        Facts {
            name: "features-v7".to_owned(),
            version: "7.0.0".to_owned(),
            source_hash: String::new(),
            golden_output_hash: String::new(),
            output_hash: String::new(),
            sets: vec![SetFacts {
                name: "core".to_owned(),
                schema_hash: String::new(),
                params: vec![ParamFacts { name: "rsi".to_owned(), value: 14 }],
                features,
            }],
        }
    }

    const GOLDEN: &str = "aa  core.a\naa  core.b\n";

    fn problems(facts: &Facts, golden: &str) -> Vec<String> {
        version(facts, golden, &readme(facts)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_whole_version_has_no_problem() {
        let facts = facts(vec![feature("a"), feature("b")]);
        assert_eq!(problems(&facts, GOLDEN), Vec::<String>::new());
        assert_eq!(version(&facts, GOLDEN, &readme(&facts).replace('\n', "\r\n")), []);
    }

    #[test]
    fn what_is_missing_is_named() {
        let declared = "mend its line in the table of the set, in src/sets";
        let cases: [(FeatureFacts, &str); 6] = [
            (FeatureFacts { doc: " ".to_owned(), ..feature("b") }, "has no doc"),
            (FeatureFacts { formula: String::new(), ..feature("b") }, "has no formula"),
            (FeatureFacts { range: String::new(), ..feature("b") }, "has no range"),
            (FeatureFacts { memory: String::new(), ..feature("b") }, "has no memory"),
            (
                FeatureFacts { warm_up: 4, ..feature("b") },
                "depends on the last 4 inputs, but is valid only after 4: its warm-up and its memory contradict each \
                 other",
            ),
            (
                FeatureFacts { memory: "recursive".to_owned(), convergence: Some(2), ..feature("b") },
                "depends on the last 2 inputs, but is valid only after 3: its warm-up and its memory contradict each \
                 other",
            ),
        ];
        for (changed, reason) in cases {
            assert_eq!(
                problems(&facts(vec![feature("a"), changed]), GOLDEN),
                [format!("features-v7, core.b: registry: {reason}\n    fix: {declared}")]
            );
        }
    }

    #[test]
    fn names_stand_once_and_goldens_belong_to_features() {
        assert_eq!(
            problems(&facts(vec![feature("a"), feature("a")]), "aa  core.a\n"),
            [
                "features-v7, core.a: registry: stands twice in its set\n    fix: mend its line in the table of the set, \
              in src/sets"
            ]
        );
        let create = "\n    fix: cargo xtask golden create v7 --replace";
        let without = FeatureFacts { golden: None, ..feature("b") };
        assert_eq!(
            problems(&facts(vec![feature("a"), without]), GOLDEN),
            [format!("features-v7, core.b: registry: is not in goldens/FEATURES{create}")]
        );
        assert_eq!(
            problems(&facts(vec![feature("a")]), &format!("{GOLDEN}nonsense\n")),
            [
                format!(
                    "features-v7/goldens/FEATURES: registry: records core.b, which no set declares{create}"
                ),
                format!(
                    "features-v7/goldens/FEATURES: registry: \"nonsense\" is not HASH, two spaces, SET.FEATURE{create}"
                ),
            ]
        );
        let mut twice = facts(vec![feature("a")]);
        twice.sets.push(twice.sets[0].clone());
        twice.sets.push(SetFacts { name: "none".to_owned(), features: Vec::new(), ..twice.sets[0].clone() });
        assert_eq!(
            problems(&twice, "aa  core.a\n"),
            [
                "features-v7, set core: registry: the name of the set stands twice in the version\n    fix: rename one of them",
                "features-v7, set none: registry: has no features\n    fix: declare them in its table, in src/sets",
            ]
        );
    }

    #[test]
    fn the_readme_equals_the_schemas() {
        let facts = facts(vec![feature("a"), feature("b")]);
        let edited = readme(&facts).replace("| 1 | a |", "| 1 | A |");
        let expected = Problem::new(
            Rule::Registry,
            "features-v7/README.md",
            "does not equal the schemas",
            "cargo xtask readme",
        );
        assert_eq!(version(&facts, GOLDEN, &edited), [expected]);
    }

    #[test]
    fn every_version_stands_in_the_registry() {
        let used = |package: &str, kind| Use {
            package: package.to_owned(),
            rename: None,
            to: None,
            path: None,
            kind,
            requirement: "*".to_owned(),
            optional: false,
            target: None,
            default_features: true,
            features: Vec::new(),
        };
        let registry = Package {
            name: "feature-registry".to_owned(),
            version: "0.1.0".to_owned(),
            is_member: true,
            folder: "crates/feature-registry".to_owned(),
            origin: Origin::Path,
            tier: Some(Tier::Crates),
            role: None,
            license: None,
            has_build_script: false,
            features: Vec::new(),
            uses: vec![used("features-v1", Kind::Normal), used("features-v2", Kind::Dev)],
        };
        let graph = Graph { packages: vec![registry], folders: Vec::new() };
        let source = "&features_v1::FEATURES, &features_v2::FEATURES";
        let names =
            |numbers: &[u32]| -> Vec<String> { numbers.iter().map(|n| format!("features-v{n}")).collect() };
        assert_eq!(registered(&graph, Some(source), &names(&[1])), []);
        let found = registered(&graph, Some(source), &names(&[1, 2]));
        assert_eq!(
            found.iter().map(ToString::to_string).collect::<Vec<_>>(),
            [
                "crates/feature-registry/src/lib.rs: registry: does not list features-v2\n    fix: add the dependency \
              features-v2 and the line &features_v2::FEATURES to VERSIONS"
            ]
        );
        assert_eq!(registered(&graph, Some(""), &names(&[1])).len(), 1);
        assert_eq!(registered(&graph, None, &names(&[1])).len(), 1);
    }
}
