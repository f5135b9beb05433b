//! What the audit says of facts made by hand.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;

use governance::audit::{
    Artifact, ArtifactFacts, ArtifactFile, Asked, Audit, Binary, Page, State, binaries, dependencies, judge,
};
use governance::{
    Contract, Facts, FeatureFacts, Graph, Kind, Ledger, Origin, Package, ParamFacts, Problem, Record, Rule,
    SetFacts, Tier, Use, Validation,
};

const SOURCE: &str = "aaaaaaaaaaaaaaaa";
const OUTPUT: &str = "bbbbbbbbbbbbbbbb";
const CORE: &str = "cccccccccccccccc";

fn facts(version: &str) -> Facts {
    let feature = FeatureFacts {
        name: "rsi".to_owned(),
        formula: "RSI(C, 14)".to_owned(),
        doc: String::new(),
        degenerate: String::new(),
        range: String::new(),
        warm_up: 14,
        memory: String::new(),
        convergence: None,
        output: None,
        golden: None,
    };
    Facts {
        name: "features-v1".to_owned(),
        version: version.to_owned(),
        source_hash: SOURCE.to_owned(),
        golden_output_hash: OUTPUT.to_owned(),
        output_hash: OUTPUT.to_owned(),
        sets: vec![SetFacts {
            name: "core".to_owned(),
            schema_hash: CORE.to_owned(),
            params: vec![ParamFacts { name: "rsi".to_owned(), value: 14 }],
            features: vec![feature.clone(), feature],
        }],
    }
}

fn contract() -> Contract {
    Contract { version: "1.0.0".to_owned(), source_hash: "dddd".to_owned() }
}

fn record() -> Record {
    Record {
        name: "features-v1".to_owned(),
        version: semver::Version::new(1, 0, 0),
        date: "2026-01-31".to_owned(),
        reason: "first".to_owned(),
        rollback: "pin nothing".to_owned(),
        toolchain: "rustc 1.95.0".to_owned(),
        base: "0123abcd".to_owned(),
        source_hash: SOURCE.to_owned(),
        output_hash: OUTPUT.to_owned(),
        schemas: BTreeMap::from([("core".to_owned(), CORE.to_owned())]),
        contract: contract(),
        validation: Validation {
            sets: 1,
            features: 2,
            files: 5,
            debug_output_hash: OUTPUT.to_owned(),
            release_output_hash: OUTPUT.to_owned(),
            problems: 0,
        },
    }
}

fn package(name: &str, tier: Option<Tier>, uses: Vec<Use>) -> Package {
    let is_own = tier.is_some();
    Package {
        name: name.to_owned(),
        version: "0.1.0".to_owned(),
        is_member: is_own,
        folder: format!("crates/{name}"),
        origin: if is_own {
            Origin::Path
        } else {
            Origin::Registry("registry+https://github.com/rust-lang/crates.io-index".to_owned())
        },
        tier,
        role: None,
        license: Some("MIT".to_owned()),
        has_build_script: false,
        features: Vec::new(),
        uses,
    }
}

fn used(name: &str, to: usize, kind: Kind, requirement: &str) -> Use {
    Use {
        package: name.to_owned(),
        rename: None,
        to: Some(to),
        path: None,
        kind,
        requirement: requirement.to_owned(),
        optional: false,
        target: None,
        default_features: true,
        features: Vec::new(),
    }
}

/// `gatekeeper` on `features-v1` and `model`, which uses `cc` to build and `proptest` in tests.
fn graph() -> Graph {
    let mut gatekeeper = package(
        "gatekeeper",
        Some(Tier::Bins),
        vec![used("features-v1", 2, Kind::Normal, "=1.0.0"), used("model", 3, Kind::Normal, "*")],
    );
    gatekeeper.role = Some("production".to_owned());
    let mut cc = package("cc", None, Vec::new());
    cc.license = None;
    cc.has_build_script = true;
    let model = package(
        "model",
        Some(Tier::Crates),
        vec![
            used("cc", 0, Kind::Build, "^1"),
            used("proptest", 4, Kind::Dev, "^1"),
            used("features-v1", 2, Kind::Normal, "*"),
        ],
    );
    let features = package("features-v1", Some(Tier::Features), Vec::new());
    let proptest = package("proptest", None, Vec::new());
    Graph { packages: vec![cc, gatekeeper, features, model, proptest], folders: Vec::new() }
}

fn asked(facts: Result<Facts, String>) -> Asked {
    Asked::from([("features-v1".to_owned(), facts)])
}

fn released() -> Vec<Binary> {
    let ledger = Ledger { records: vec![record()] };
    binaries(&graph(), &ledger, &asked(Ok(facts("1.0.0"))), &Ok(contract()))
}

fn artifact() -> ArtifactFacts {
    ArtifactFacts {
        features: "features-v1".to_owned(),
        version: "1.0.0".to_owned(),
        source_hash: SOURCE.to_owned(),
        output_hash: OUTPUT.to_owned(),
        set: "core".to_owned(),
        params: vec!["rsi=14".to_owned()],
        schema_hash: CORE.to_owned(),
        bars: "time bars of 1m with volume".to_owned(),
        label: "return:5".to_owned(),
        model: "logistic of 2 inputs".to_owned(),
        created: 1_769_817_600_000_000_000,
        signed_by: None,
    }
}

fn judged(facts: ArtifactFacts) -> Artifact {
    let schema_of = |features: &str, set: &str, params: &[String]| match params {
        [param] if param == "rsi=10" => Ok(format!("schema of {features} {set} {param}")),
        _ => Err(format!("{set} takes no {params:?}")),
    };
    let file = ArtifactFile { path: "a.iso".to_owned(), facts: Some(facts), faults: Vec::new() };
    judge(file, &released(), &schema_of)
}

fn reasons(facts: ArtifactFacts) -> Vec<String> {
    judged(facts).fits[0].reasons.iter().map(ToString::to_string).collect()
}

fn audit(artifacts: Vec<Artifact>) -> Audit {
    Audit {
        state: State {
            commit: Some("0123abcd".to_owned()),
            changed: Some(0),
            toolchain: Some("rustc 1.95.0".to_owned()),
            deny: "bans, licences and sources hold".to_owned(),
            notices: Vec::new(),
        },
        binaries: released(),
        artifacts: Some(artifacts),
        problems: Vec::new(),
        dependencies: dependencies(&graph()),
        releases: vec![record()],
    }
}

#[test]
fn an_artifact_fits_or_every_difference_is_told_with_both_sides() {
    assert_eq!(judged(artifact()).fitting(), ["gatekeeper"]);
    for (facts, expected) in [
        (
            ArtifactFacts { version: "1.0.0-rc.1".to_owned(), ..artifact() },
            "feature version: the artifact says features-v1 1.0.0-rc.1, the binary carries features-v1 1.0.0",
        ),
        (
            ArtifactFacts { source_hash: "eeee".to_owned(), ..artifact() },
            "source hash: the artifact says eeee, the binary carries aaaaaaaaaaaaaaaa",
        ),
        (
            ArtifactFacts { output_hash: "eeee".to_owned(), ..artifact() },
            "output hash: the artifact says eeee, the binary carries bbbbbbbbbbbbbbbb",
        ),
        (
            ArtifactFacts { schema_hash: "eeee".to_owned(), ..artifact() },
            "schema hash of core with rsi=14: the artifact says eeee, the binary carries cccccccccccccccc",
        ),
        (
            ArtifactFacts { params: vec!["rsi=10".to_owned()], ..artifact() },
            "schema hash of core with rsi=10: the artifact says cccccccccccccccc, the binary carries schema of features-v1 \
             core rsi=10",
        ),
        (
            ArtifactFacts { params: vec!["rsx=10".to_owned()], ..artifact() },
            "schema hash of core with rsx=10: the artifact says cccccccccccccccc, the binary carries none: core takes no \
             [\"rsx=10\"]",
        ),
        (
            ArtifactFacts { set: "flow".to_owned(), params: Vec::new(), ..artifact() },
            "schema hash of flow with no parameters: the artifact says cccccccccccccccc, the binary carries none: its sets \
             are core",
        ),
    ] {
        assert_eq!(reasons(facts.clone()), [expected]);
        assert_eq!(judged(facts).fitting(), [""; 0]);
    }
    let other = ArtifactFacts {
        features: "features-v2".to_owned(),
        version: "2.0.0".to_owned(),
        source_hash: "x".to_owned(),
        output_hash: "y".to_owned(),
        schema_hash: "z".to_owned(),
        ..artifact()
    };
    assert_eq!(reasons(other).len(), 4, "every difference, not the first");
}

#[test]
fn parameters_other_than_the_catalogues_fit_where_their_schema_does() {
    let facts = ArtifactFacts {
        params: vec!["rsi=10".to_owned()],
        schema_hash: "schema of features-v1 core rsi=10".to_owned(),
        ..artifact()
    };
    let judged = judged(facts);
    assert_eq!(judged.fitting(), ["gatekeeper"]);
    let page = Page::of(&audit(vec![judged])).terminal();
    assert!(
        page.contains(
            "  a.iso  gatekeeper  features-v1 1.0.0  core rsi=10  return:5  2026-01-31 00:00 UTC  nobody"
        ),
        "{page}"
    );
}

#[test]
fn a_file_that_is_broken_fits_nothing() {
    let faults = vec!["checksum: expected 1, found 2".to_owned()];
    let unread = ArtifactFile { path: "b.iso".to_owned(), facts: None, faults: faults.clone() };
    let unread = judge(unread, &released(), &|_, _, _| Err(String::new()));
    let whole = ArtifactFile { path: "c.iso".to_owned(), facts: Some(artifact()), faults };
    let faulty = judge(whole, &released(), &|_, _, _| Err(String::new()));
    assert_eq!([unread.fitting(), faulty.fitting()], [[""; 0]; 2]);
    let page = Page::of(&audit(vec![judged(artifact()), unread, faulty]));
    let text = page.terminal();
    assert!(text.starts_with("Audit of production: 0 problems; 1 production binary, gatekeeper on features-v1 1.0.0; 1 of 3 artifacts fit\n"), "{text}");
    assert!(
        text.contains("b.iso cannot be used\n    checksum: expected 1, found 2\nc.iso cannot be used\n"),
        "{text}"
    );
    assert!(text.contains("\n  b.iso  no          –"), "{text}");
}

#[test]
fn a_binary_that_names_no_one_version_or_one_that_cannot_be_asked_fits_nothing() {
    let mut several = released();
    let second = several[0].pins[0].clone();
    several[0].pins.push(second);
    let none = vec![Binary { name: "gatekeeper".to_owned(), pins: Vec::new() }];
    let mute =
        binaries(&graph(), &Ledger::default(), &asked(Err("it does not build".to_owned())), &Ok(contract()));
    assert_eq!(mute[0].pins[0].notices, ["features-v1 cannot say what it is: it does not build"]);
    for (binaries, carried) in [
        (several, "features-v1 and features-v1"),
        (none, "none"),
        (mute, "features-v1, which cannot say what it is"),
    ] {
        let file = ArtifactFile { path: "a.iso".to_owned(), facts: Some(artifact()), faults: Vec::new() };
        let judged = judge(file, &binaries, &|_, _, _| Err(String::new()));
        let expected =
            format!("feature version: the artifact says features-v1 1.0.0, the binary carries {carried}");
        assert_eq!(judged.fits[0].reasons.iter().map(ToString::to_string).collect::<Vec<_>>(), [expected]);
    }
}

#[test]
fn what_is_no_problem_and_must_be_known_is_a_notice() {
    let ledger = Ledger { records: vec![record()] };
    let notices = |facts, contract| {
        binaries(&graph(), &ledger, &asked(Ok(facts)), &contract)[0].pins[0].notices.clone()
    };
    assert_eq!(notices(facts("1.0.0"), Ok(contract())), [""; 0]);
    assert_eq!(
        notices(facts("1.0.1-rc.1"), Ok(contract())),
        ["features-v1 1.0.1-rc.1 is a draft: not released"]
    );
    assert_eq!(
        notices(facts("1.0.0"), Ok(Contract { version: "1.1.0".to_owned(), source_hash: "eeee".to_owned() })),
        [
            "feature-api has changed since features-v1 1.0.0 was released: 1.0.0 dddd then, 1.1.0 eeee now; it decides no value"
        ]
    );
    assert_eq!(
        notices(facts("1.0.0"), Err("no such file".to_owned())),
        ["feature-api cannot be compared with the release of features-v1: no such file"]
    );
    let changed = Facts {
        source_hash: "1".to_owned(),
        output_hash: "2".to_owned(),
        sets: Vec::new(),
        ..facts("1.0.0")
    };
    assert_eq!(
        notices(changed, Ok(contract())),
        [
            "features-v1 does not give what its goldens record: they say bbbbbbbbbbbbbbbb, this machine computes 2",
            "features-v1 1.0.0 is not what was released: source hash aaaaaaaaaaaaaaaa then, 1 now",
            "features-v1 1.0.0 is not what was released: schema hash of core cccccccccccccccc then, none now",
        ]
    );
}

#[test]
fn the_dependencies_are_what_builds_production_with_a_shortest_way_to_each() {
    let found: Vec<String> = dependencies(&graph())
        .iter()
        .map(|one| format!("{} {} {} {}", one.name, one.source, one.binaries.join(","), one.path.join(">")))
        .collect();
    assert_eq!(
        found,
        [
            "features-v1 this workspace gatekeeper gatekeeper>features-v1",
            "model this workspace gatekeeper gatekeeper>model",
            "cc crates.io gatekeeper gatekeeper>model>cc",
        ]
    );
}

#[test]
fn the_whole_page_in_a_terminal() {
    let mut audit = audit(vec![judged(ArtifactFacts {
        source_hash: "eeee".to_owned(),
        signed_by: Some("isobar ed25519 public isobar0123abcdef".to_owned()),
        ..artifact()
    })]);
    audit.problems = vec![Problem::new(Rule::Pins, "bins/gatekeeper", "pins nothing", "pin one")];
    audit.state.changed = Some(2);
    audit.state.notices = vec!["the tree is not the commit".to_owned()];
    let expected = "\
Audit of production: 1 problem; 1 production binary, gatekeeper on features-v1 1.0.0; 0 of 1 artifact fit

  Commit      0123abcd
  Tree        not clean: 2 files changed
  Toolchain   rustc 1.95.0
  cargo-deny  bans, licences and sources hold

Read this first
  - the tree is not the commit

PROBLEMS
bins/gatekeeper: pins
    pins nothing
    Fix: pin one

PRODUCTION

gatekeeper on features-v1 1.0.0
  Pins                        features-v1 =1.0.0
  Source hash                 aaaaaaaaaaaaaaaa
  Output hash                 bbbbbbbbbbbbbbbb
  Schema of core, 2 features  cccccccccccccccc
  Release                     released on 2026-01-31
  Reason                      first
  Rollback                    pin nothing
  Toolchain                   rustc 1.95.0
  Made from                   0123abcd
  Record                      releases/features-v1-1.0.0.toml
  Validation                  1 set, 2 features, 5 files that decide values; 0 problems; self-test alike in debug and release

ARTIFACTS
  File   Fits  Trained on         Set   Label     Made                  Signed by
  a.iso  no    features-v1 1.0.0  core  return:5  2026-01-31 00:00 UTC  isobar0123ab

Why not
a.iso does not fit gatekeeper
    source hash: the artifact says eeee, the binary carries aaaaaaaaaaaaaaaa
";
    let text = Page::of(&audit).terminal();
    assert!(text.starts_with(expected), "{text}");
    let rest = "
RELEASES
  Release            Date        Reason  Rollback     Toolchain     Source hash   Output hash
  features-v1 1.0.0  2026-01-31  first   pin nothing  rustc 1.95.0  aaaaaaaaaaaa  bbbbbbbbbbbb

DEPENDENCIES
3 packages: 2 of this workspace, 1 from elsewhere; 1 with a build script. These are all that normal and build dependencies \
reach with every cargo feature and for every target; one build compiles fewer.
Licences: MIT (2), none stated (1).
  Package      Version  Licence      Source          Build script  Brought in by
  features-v1  0.1.0    MIT          this workspace  –             gatekeeper
  model        0.1.0    MIT          this workspace  –             gatekeeper
  cc           0.1.0    none stated  crates.io       yes           gatekeeper → model
";
    assert!(text.ends_with(rest), "{text}");
}

#[test]
fn a_workspace_with_nothing_to_show() {
    let audit = Audit {
        state: State::default(),
        binaries: Vec::new(),
        artifacts: None,
        problems: Vec::new(),
        dependencies: Vec::new(),
        releases: Vec::new(),
    };
    let expected = "\
Audit of production: 0 problems; no production binary

  Commit      unknown
  Tree        unknown
  Toolchain   unknown
  cargo-deny  \n
PROBLEMS
Every rule holds.

PRODUCTION
No package has the role production.

ARTIFACTS
No folder was named: --artifacts DIR.

RELEASES
Nothing has been released.

DEPENDENCIES
Production depends on nothing.
";
    assert_eq!(Page::of(&audit).terminal(), expected);
}

#[test]
fn nothing_that_is_read_becomes_markup() {
    let hostile = "<script>alert(\"x\")</script> | `a` *b* & 'c'\n\u{1b}[2J\u{202e}";
    let mut facts =
        ArtifactFacts { label: hostile.to_owned(), signed_by: Some("<b>".to_owned()), ..artifact() };
    facts.set = hostile.to_owned();
    let mut audit = audit(vec![judged(facts)]);
    audit.problems = vec![Problem::new(Rule::Imports, hostile, hostile, hostile)];
    audit.state.commit = Some(hostile.to_owned());
    audit.state.notices = vec![hostile.to_owned()];
    let page = Page::of(&audit);

    let html = page.html();
    let escaped =
        "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; | `a` *b* &amp; &#39;c&#39; \u{fffd}[2J\u{fffd}";
    assert!(!html.contains("<script"), "{html}");
    assert!(html.contains(&format!("<li>{escaped}</li>")), "{html}");
    assert!(html.contains(&format!("<dt>Commit</dt><dd><code>{escaped}</code></dd>")), "{html}");
    assert!(
        html.contains(&format!(
            "<strong>{escaped}: imports</strong><span>{escaped}</span><span>Fix: {escaped}</span>"
        )),
        "{html}"
    );
    assert!(!html.contains(['\u{1b}', '\u{202e}']), "{html}");

    let markdown = page.markdown();
    let escaped = "&lt;script>alert(\"x\")&lt;/script> \\| \\`a\\` \\*b\\* &amp; 'c' \u{fffd}\\[2J\u{fffd}";
    assert!(!markdown.contains("<script"), "{markdown}");
    assert!(markdown.contains(&format!("\n- {escaped}\n")), "{markdown}");
    assert!(markdown.contains(&format!("| Commit | {escaped} |\n")), "{markdown}");
    let columns = |line: &&str| line.starts_with("| `a.iso` | ");
    let row = markdown.lines().find(columns).unwrap();
    assert_eq!(row.replace("\\|", "").matches('|').count(), 8, "{row}");

    let text = page.terminal();
    assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text:?}");
    assert!(
        text.contains("  - <script>alert(\"x\")</script> | `a` *b* & 'c' \u{fffd}[2J\u{fffd}\n"),
        "{text}"
    );
}

#[test]
fn the_page_as_html_loads_and_runs_nothing() {
    let html = Page::of(&audit(vec![judged(artifact())])).html();
    assert!(html.starts_with("<!DOCTYPE html>\n<html lang=\"en\">\n"));
    assert!(html.contains("content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:;"));
    for forbidden in ["http://", "https://", "<script", "src=", "@import", "url("] {
        assert!(!html.contains(forbidden), "{forbidden}");
    }
    assert!(html.contains("<p class=\"verdict\">0 problems; 1 production binary, gatekeeper on features-v1 1.0.0; 1 of 1 artifact fit</p>"));
    assert!(html.contains("<td><span class=\"good\">gatekeeper</span></td>"));
    for (open, close) in [
        ("<section", "</section>"),
        ("<table", "</table>"),
        ("<tr", "</tr>"),
        ("<dl", "</dl>"),
        ("<ul", "</ul>"),
    ] {
        assert_eq!(html.matches(open).count(), html.matches(close).count(), "{open}");
    }
}

#[test]
fn the_json_is_the_audit() {
    let json: serde_json::Value = serde_json::from_str(&audit(vec![judged(artifact())]).json()).unwrap();
    assert_eq!(json["binaries"][0]["pins"][0]["identity"]["sets"][0]["schema_hash"], CORE);
    assert_eq!(json["binaries"][0]["pins"][0]["release"]["version"], "1.0.0");
    assert_eq!(json["artifacts"][0]["path"], "a.iso");
    assert_eq!(json["artifacts"][0]["facts"]["label"], "return:5");
    assert_eq!(json["artifacts"][0]["fits"][0]["reasons"], serde_json::json!([]));
    assert_eq!(json["dependencies"][2]["path"], serde_json::json!(["gatekeeper", "model", "cc"]));
    assert_eq!(json["problems"], serde_json::json!([]));
}

#[test]
fn markdown_is_tables_that_github_draws() {
    let markdown = Page::of(&audit(vec![judged(artifact())])).markdown();
    assert!(markdown.starts_with(
        "# Audit of production\n\n**0 problems; 1 production binary, gatekeeper on features-v1 1.0.0; 1 of 1 artifact fit**\n\n\
         | | |\n|---|---|\n| Commit | `0123abcd` |\n| Tree | clean |\n"
    ), "{markdown}");
    assert!(markdown.contains(
        "\n| Release | Date | Reason | Rollback | Toolchain | Source hash | Output hash |\n|---|---|---|---|---|---|---|\n\
         | `features-v1 1.0.0` | 2026-01-31 | first | pin nothing | rustc 1.95.0 | `aaaaaaaaaaaa` | `bbbbbbbbbbbb` |\n"
    ), "{markdown}");
}
