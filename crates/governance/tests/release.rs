//! Releases in a throw-away repository: what they write, what they refuse, and that a crash loses nothing.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod fixture;

use std::ops::ControlFlow;

use fixture::Fixture;
use governance::release::{Outcome, Plan, Request, Step, plan, release};
use governance::{Contract, Error, Ledger, Options, Record, Report, Rule, Workspace, check, new_version};

/// The release of the fixture's draft.
fn second() -> Request {
    Request {
        version: "v2".to_owned(),
        reason: "the range of a bar".to_owned(),
        rollback: "nobody trades on it".to_owned(),
        pins: Vec::new(),
        patch: false,
    }
}

/// The release of a patch of version 1.
fn patch() -> Request {
    Request { version: "v1".to_owned(), pins: vec!["trader".to_owned()], patch: true, ..second() }
}

/// Every rule but the one of another program, which may be any here, or none.
fn rules(workspace: &Workspace, options: &Options) -> Report {
    let found = check(workspace, options).problems.into_iter();
    Report::new(found.filter(|problem| problem.rule != Rule::Deny).collect())
}

fn run(fixture: &Fixture, request: &Request, stop: &dyn Fn(&Step) -> bool) -> Result<Outcome, Error> {
    release(fixture.workspace(), request, &Options::default(), &rules, &mut |step| {
        if stop(step) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
}

fn released(fixture: &Fixture, request: &Request) -> (Plan, String) {
    match run(fixture, request, &|_| false).unwrap() {
        Outcome::Released { plan, commit } => (*plan, commit),
        other @ (Outcome::Already(_) | Outcome::Stopped(_)) => panic!("{other}"),
    }
}

/// The message of a refusal, with the root written as `ROOT`.
fn refusal(fixture: &Fixture, request: &Request) -> String {
    let error = run(fixture, request, &|_| false).unwrap_err();
    error.to_string().replace(fixture.root().to_str().unwrap(), "ROOT")
}

fn head(fixture: &Fixture) -> String {
    fixture.git(&["rev-parse", "HEAD"])
}

/// Nothing is changed, and no plan is left.
fn assert_untouched(fixture: &Fixture, base: &str) {
    assert_eq!(fixture.git(&["status", "--porcelain"]), "");
    assert_eq!(head(fixture), base);
    assert!(!fixture.root().join(".git/isobar-release.json").exists());
}

#[test]
fn a_release_is_a_record_a_commit_and_a_tag() {
    let fixture = Fixture::new();
    let (base, facts) = (head(&fixture), fixture.facts(2));

    // A dry run says all of it and writes nothing.
    let planned = plan(fixture.workspace(), &second(), &Options::default(), &rules).unwrap().unwrap();
    assert_untouched(&fixture, &base);

    let (done, commit) = released(&fixture, &second());
    assert_eq!(done, planned);
    assert_eq!(fixture.git(&["status", "--porcelain"]), "");
    assert_eq!(fixture.git(&["rev-parse", "HEAD^"]), base);
    assert_eq!(
        (head(&fixture), fixture.git(&["rev-parse", "features-v2/2.0.0^{commit}"])),
        (commit.clone(), commit)
    );
    assert_eq!(fixture.git(&["cat-file", "-t", "features-v2/2.0.0"]), "tag");
    assert!(!fixture.root().join(".git/isobar-release.json").exists());
    let changed = fixture.git(&["diff", "--name-only", "HEAD^"]);
    let expected = [
        "CHANGELOG.md",
        "Cargo.lock",
        "Cargo.toml",
        "experiments/Cargo.lock",
        "features-v2/Cargo.toml",
        "features-v2/SHA256SUMS",
        "releases/features-v2-2.0.0.toml",
    ];
    assert_eq!(changed.lines().collect::<Vec<_>>(), expected);
    assert_eq!(done.changes.iter().map(|change| change.path.as_str()).collect::<Vec<_>>(), expected);

    let version = fixture.version(2);
    let (ledger, problems) = Ledger::read(fixture.workspace()).unwrap();
    assert_eq!(problems, []);
    let record = ledger.newest("features-v2").unwrap();
    assert_eq!(*record, done.record);
    assert_eq!((version.version.to_string(), version.is_released()), ("2.0.0".to_owned(), true));
    assert_eq!((record.source_hash.clone(), record.base.clone()), (version.source.hash().to_string(), base));
    assert_eq!((&record.reason, &record.rollback), (&second().reason, &second().rollback));
    assert!(record.toolchain.starts_with("rustc 1."), "{}", record.toolchain);
    assert_eq!(record.contract, Contract::of(fixture.workspace()).unwrap());
    let validation = &record.validation;
    assert_eq!((validation.sets, validation.features, validation.problems), (1, 4, 0));
    assert_eq!(validation.files, version.source.files.len());
    let outputs = [&record.output_hash, &validation.debug_output_hash, &validation.release_output_hash];
    assert_eq!(outputs, [&facts.output_hash; 3]);
    assert_eq!(record.schemas.get("core"), Some(&facts.sets[0].schema_hash));

    let (source, output, schema) = (&record.source_hash, &record.output_hash, &facts.sets[0].schema_hash);
    let text = format!(
        "Release features-v2 2.0.0\n\nReason: the range of a bar\nRollback: nobody trades on it\n\nSource: \
         {source}\nOutput: {output}\nSchema of core: {schema}"
    );
    assert_eq!(fixture.git(&["log", "-1", "--format=%B"]).trim_end(), text);
    assert_eq!(fixture.git(&["tag", "--list", "--format=%(contents)", "features-v2/2.0.0"]).trim_end(), text);
    assert_eq!(
        fixture.read("CHANGELOG.md"),
        format!(
            "# Changelog\n\nReleases of the feature versions, newest first. Hashes, toolchain and validation of each \
             stand in `releases/`.\n\n## features-v2 2.0.0 ({})\n\nthe range of a bar\n\nRollback: nobody trades on \
             it\n\nAgainst features-v1 1.0.0:\n\n- Added: `core.range`.\n- Output hash `{output}`, source hash \
             `{source}`.\n",
            record.date
        )
    );
    // Production is as before.
    assert!(fixture.read("bins/trader/Cargo.toml").contains("version = \"=1.0.0\""));
    fixture.cargo(&["check", "--quiet", "--offline", "--locked", "--workspace"]);
    fixture.cargo(&[
        "check",
        "--quiet",
        "--offline",
        "--locked",
        "--manifest-path",
        "experiments/Cargo.toml",
    ]);
    assert_eq!(fixture.check().problems, []);

    // Once more: nothing is left to do, whatever the reason given.
    let again = run(&fixture, &Request { reason: String::new(), ..second() }, &|_| false).unwrap();
    assert_eq!(again, Outcome::Already(Box::new(record.clone())));
    assert_eq!(
        again.to_string(),
        format!("features-v2 2.0.0 is released already, on {}: the range of a bar", record.date)
    );
    fixture.git(&["tag", "--delete", "features-v2/2.0.0"]);
    assert_eq!(
        refusal(&fixture, &second()),
        "features-v2 2.0.0 is released, but the tag features-v2/2.0.0 is not here: git fetch --tags origin"
    );
}

#[test]
fn after_a_crash_at_any_step_it_goes_on_to_the_same() {
    let fixture = Fixture::new();
    let (plan, _) = released(&fixture, &second());
    let tree = fixture.git(&["rev-parse", "HEAD^{tree}"]);
    fixture.reset();

    let written = plan.changes.iter().map(|change| Step::Written(change.path.clone()));
    let steps: Vec<Step> = [Step::Planned]
        .into_iter()
        .chain(written)
        .chain([Step::Verified, Step::Committed, Step::Tagged])
        .collect();
    assert_eq!(steps.len(), 11);
    for step in &steps {
        assert_eq!(
            run(&fixture, &second(), &|found| found == step).unwrap(),
            Outcome::Stopped(step.clone()),
            "{step:?}"
        );
        assert!(fixture.root().join(".git/isobar-release.json").exists(), "{step:?}");
        // A crash in the middle of a write leaves the temporary file of that write.
        if matches!(step, Step::Written(_)) {
            fixture.write("releases/.tmpAb12xY", "half");
        }
    }
    let (again, commit) = released(&fixture, &second());
    assert_eq!(again, plan);
    assert_eq!(
        fixture.git(&["rev-parse", "HEAD^{tree}", "features-v2/2.0.0^{tree}"]),
        format!("{tree}\n{tree}")
    );
    assert_eq!(head(&fixture), commit);
    assert_eq!(fixture.git(&["rev-list", "--count", &format!("{}..HEAD", plan.record.base)]), "1");
    assert_eq!(fixture.git(&["status", "--porcelain"]), "");
    assert!(!fixture.root().join(".git/isobar-release.json").exists());
    assert_eq!(fixture.check().problems, []);
}

#[test]
fn what_was_begun_is_not_mixed_with_anything_else() {
    let fixture = Fixture::new();
    let base = head(&fixture);
    let begin = || {
        let stopped = run(&fixture, &second(), &|step| matches!(step, Step::Written(_))).unwrap();
        assert_eq!(stopped, Outcome::Stopped(Step::Written("CHANGELOG.md".to_owned())));
    };
    begin();
    assert_eq!(
        refusal(&fixture, &Request { rollback: "it's another".to_owned(), ..second() }),
        "a release of features-v2 2.0.0 was begun and is not finished; finish it: cargo xtask release v2 --reason 'the \
         range of a bar' --rollback 'nobody trades on it'"
    );
    fixture.append("docs/notes.md", "Mine.\n");
    fixture.write("docs/new.md", "Mine.\n");
    assert_eq!(
        refusal(&fixture, &second()),
        "a release of features-v2 2.0.0 was begun, and files were changed since that are not its own: docs/new.md, \
         docs/notes.md; put them away and run again"
    );
    fixture.git(&["commit", "--quiet", "--message", "Mine", "--", "docs/notes.md"]);
    let moved = head(&fixture);
    assert_eq!(
        refusal(&fixture, &second()),
        format!(
            "a release of features-v2 2.0.0 was begun at {base}, but HEAD is {moved}; go back to finish it (git \
             checkout {base}), or give it up (git stash --include-untracked)"
        )
    );
    // Given up: another one may begin.
    fixture.git(&["stash", "--quiet", "--include-untracked"]);
    let (done, _) = released(&fixture, &Request { rollback: "another".to_owned(), ..second() });
    assert_eq!((done.record.base, done.record.rollback), (moved, "another".to_owned()));
}

#[test]
fn a_failed_verification_puts_every_file_back() {
    let fixture = Fixture::new();
    let base = head(&fixture);
    // Somebody changes a file of the version between the last write and the verification.
    let hash = "releases/features-v2-2.0.0.toml";
    let error = release(fixture.workspace(), &second(), &Options::default(), &rules, &mut |step| {
        if *step == Step::Written(hash.to_owned()) {
            fixture.append("features-v2/src/lib.rs", "// Late.\n");
        }
        ControlFlow::Continue(())
    });
    let error = error.unwrap_err().to_string();
    assert!(
        error.starts_with("features-v2 2.0.0 is not released, and every file is as before:\n- "),
        "{error}"
    );
    assert!(
        error.contains(
            "features-v2 2.0.0 is released and never changes, but differs from its release in: src/lib.rs"
        ),
        "{error}"
    );
    assert!(error.contains("\n- cargo xtask check finds "), "{error}");
    assert_eq!(fixture.git(&["status", "--porcelain"]), " M features-v2/src/lib.rs");
    fixture.git(&["checkout", "--quiet", "--", "features-v2"]);
    assert_untouched(&fixture, &base);
}

#[test]
fn every_reason_against_it_is_given_at_once() {
    let fixture = Fixture::new();
    fixture.git(&["branch", "--move", "trunk"]);
    fixture.git(&["tag", "features-v2/2.0.0"]);
    fixture.append("docs/notes.md", "Mine.\n");
    fixture.write("docs/new.md", "Mine.\n");
    let base = head(&fixture);
    let request = Request {
        reason: " \n".to_owned(),
        rollback: String::new(),
        pins: vec!["trader".to_owned(), "lab".to_owned(), "trader".to_owned()],
        patch: true,
        ..second()
    };
    let expected = [
        "features-v2 2.0.0-rc.1 is not released:".to_owned(),
        "the reason is missing: --reason TEXT says why it is released".to_owned(),
        "the rollback plan is missing: --rollback TEXT says what to do where it must be taken back".to_owned(),
        "the tree is not clean: commit or put away docs/new.md, docs/notes.md".to_owned(),
        "there is no branch origin/main or main; get it: git fetch origin main:refs/remotes/origin/main".to_owned(),
        format!("the tag features-v2/2.0.0 is there already, at {base}: find out whose it is"),
        "--patch: features-v2 has no release yet to be a patch of; leave --patch out".to_owned(),
        "--pin lab: there is no production binary of that name; there are: trader".to_owned(),
        "--pin trader: bins/trader/Cargo.toml does not pin features-v2 =2.0.0-rc.1; what a binary trades on is changed \
         in a commit of its own, before the release"
            .to_owned(),
    ];
    let message = refusal(&fixture, &request);
    let found: Vec<&str> = message.split("\n- ").collect();
    assert_eq!(found[..expected.len()], expected.each_ref().map(String::as_str));
    // The check compares with main too, and says so in its own words.
    assert!(found[expected.len()].starts_with("cargo xtask check finds "), "{message}");
    assert_eq!(found.len(), expected.len() + 1, "{message}");
    assert_eq!(fixture.git(&["status", "--porcelain"]), " M docs/notes.md\n?? docs/new.md");
}

#[test]
fn a_check_that_finds_something_is_a_reason() {
    let fixture = Fixture::new();
    fixture.append("features-v2/README.md", "Mine.\n");
    fixture.commit("A README that is not made from the schemas");
    assert_eq!(
        refusal(&fixture, &second()),
        "features-v2 2.0.0-rc.1 is not released:\n- cargo xtask check finds features-v2/README.md: registry: does not \
         equal the schemas\n      fix: cargo xtask readme\n  1 problem"
    );
    let base = head(&fixture);
    assert_untouched(&fixture, &base);
}

#[test]
fn a_history_that_is_cut_off_is_a_reason() {
    let fixture = Fixture::new();
    let base = head(&fixture);
    fixture.write(".git/shallow", &format!("{base}\n"));
    let message = refusal(&fixture, &second());
    let reason =
        "\n- the history is cut off, and released files are compared with it: git fetch --unshallow\n- ";
    assert!(message.contains(reason), "{message}");
    assert!(message.contains("\n- cargo xtask check finds "), "{message}");
}

#[test]
fn a_patch_keeps_its_values_and_moves_its_pins() {
    let fixture = Fixture::new();
    new_version::patch(fixture.workspace(), "v1").unwrap();
    fixture.append("features-v1/src/lib.rs", "// A word.\n");
    fixture.remake_sums(1);
    fixture.commit("A word");
    let base = head(&fixture);
    assert_eq!(
        refusal(&fixture, &Request { pins: Vec::new(), patch: false, ..patch() }),
        "features-v1 1.0.1-rc.1 is not released:\n- 1.0.1 is a patch of features-v1, which changes no value: say so \
         with --patch; values change in a new version (cargo xtask new-version)\n- bins/trader/Cargo.toml pins \
         features-v1 =1.0.1-rc.1 and would no longer build: add --pin trader"
    );
    assert_untouched(&fixture, &base);
    let (done, _) = released(&fixture, &patch());
    assert_eq!(done.record.path(), "releases/features-v1-1.0.1.toml");
    let (ledger, _) = Ledger::read(fixture.workspace()).unwrap();
    let versions = ledger.records.iter().map(|record| record.version.to_string()).collect::<Vec<_>>();
    assert_eq!(versions, ["1.0.0", "1.0.1"]);
    assert!(fixture.read("bins/trader/Cargo.toml").contains("version = \"=1.0.1\" }"));
    let changelog = fixture.read("CHANGELOG.md");
    let line = "\n- No value changed: output and schemas are those of features-v1 1.0.0. Texts alone did.\n";
    assert!(changelog.contains(line), "{changelog}");
    fixture.cargo(&["check", "--quiet", "--offline", "--locked", "--workspace"]);
    assert_eq!(fixture.check().problems, []);

    // The changelog has the newest on top.
    released(&fixture, &second());
    let changelog = fixture.read("CHANGELOG.md");
    let heads: Vec<&str> = changelog.lines().filter(|line| line.starts_with('#')).collect();
    let Record { date, .. } = done.record;
    let expected = [
        "# Changelog".to_owned(),
        format!("## features-v2 2.0.0 ({date})"),
        format!("## features-v1 1.0.1 ({date})"),
    ];
    assert_eq!(heads, expected);
    assert!(changelog.contains("Against features-v1 1.0.1:\n\n- Added: `core.range`.\n"), "{changelog}");
}

#[test]
fn a_patch_with_other_values_is_refused() {
    let fixture = Fixture::new();
    new_version::patch(fixture.workspace(), "v1").unwrap();
    let old = fixture.record(1);
    fixture.edit("features-v1/src/sets/core.rs", "        // new features above\n", RANGE);
    fixture.edit("features-v1/src/sets/core.rs", "            // new values above\n", VALUE);
    fixture.remake_goldens(1);
    let new = fixture.record(1);
    fixture.commit("Another feature, called a patch");
    let message = refusal(&fixture, &patch());
    for (what, found, expected) in [
        ("output hash", &new.output_hash, &old.output_hash),
        ("schema hash of core", &new.schemas["core"], &old.schemas["core"]),
    ] {
        let reason = format!(
            "\n- --patch: the {what} is {found}, and {expected} in features-v1 1.0.0: a patch changes no value; make a \
             new version (cargo xtask new-version)\n"
        );
        assert!(message.contains(&reason), "{message}");
    }
    assert!(message.contains("\n- cargo xtask check finds "), "{message}");
}

const RANGE: &str = "        spec(\"range\", \"H − L\", \"High less low.\", Range::AtLeast(0.0), 1),\n        // new features above\n";
const VALUE: &str = "            Some(price(bar, bar.high().raw()) - price(bar, bar.low().raw())),\n            // new \
                     values above\n";

#[test]
fn a_draft_of_the_contract_is_released_with_the_version() {
    let fixture = Fixture::new();
    // The workspace as it was before anything was released.
    for path in fixture.git(&["ls-files", "*Cargo.toml"]).lines() {
        let text = fixture.read(path);
        fixture.write(
            path,
            &text.replace("\"=1.0.0\"", "\"=1.0.0-rc.1\"").replace("\"1.0.0\"", "\"1.0.0-rc.1\""),
        );
    }
    fixture.remove("releases/features-v1-1.0.0.toml");
    for manifest in ["Cargo.toml", "experiments/Cargo.toml"] {
        fixture.cargo(&["update", "--quiet", "--offline", "--workspace", "--manifest-path", manifest]);
    }
    for number in [1, 2] {
        fixture.remake_sums(number);
    }
    fixture.git(&["tag", "--delete", "features-v1/1.0.0"]);
    fixture.git(&["checkout", "--quiet", "--orphan", "before"]);
    fixture.commit("Nothing is released");
    fixture.git(&["branch", "--move", "--force", "main"]);
    assert_eq!(fixture.check().problems, []);

    let first = Request { patch: false, ..patch() };
    let (done, _) = released(&fixture, &first);
    assert_eq!(
        done.notes,
        [
            "feature-api 1.0.0-rc.1 is released with it, as 1.0.0: a released version cannot pin a draft of the contract"
        ]
    );
    assert_eq!(done.record.contract, Contract::of(fixture.workspace()).unwrap());
    assert_eq!(done.record.contract.version, "1.0.0");
    // The other draft pins the contract too, and its sums say so.
    let changed: Vec<&str> = done.changes.iter().map(|change| change.path.as_str()).collect();
    let expected = [
        "CHANGELOG.md",
        "Cargo.lock",
        "Cargo.toml",
        "bins/trader/Cargo.toml",
        "crates/feature-api/Cargo.toml",
        "experiments/Cargo.lock",
        "features-v1/Cargo.toml",
        "features-v1/SHA256SUMS",
        "features-v2/Cargo.toml",
        "features-v2/SHA256SUMS",
        "releases/features-v1-1.0.0.toml",
    ];
    assert_eq!(changed, expected);
    for path in fixture.git(&["ls-files", "*Cargo.toml", "*Cargo.lock"]).lines() {
        assert!(!fixture.read(path).contains("1.0.0-rc.1"), "{path}");
    }
    let changelog = fixture.read("CHANGELOG.md");
    assert!(
        changelog.contains("\n- The first release. Sets, with their features: `core` (3).\n"),
        "{changelog}"
    );
    fixture.cargo(&["check", "--quiet", "--offline", "--locked", "--workspace"]);
    assert_eq!(fixture.check().problems, []);
}

#[test]
fn a_version_without_a_number_to_drop_and_without_a_record_is_told() {
    let fixture = Fixture::new();
    fixture.remove("releases/features-v1-1.0.0.toml");
    assert_eq!(
        refusal(&fixture, &Request { version: "features-v1".to_owned(), ..second() }),
        "features-v1 1.0.0 has no pre-release number and no record in releases/; set its version to 1.0.0-rc.1, here \
         and in every pin, and release it"
    );
    assert_eq!(
        refusal(&fixture, &Request { version: "v9".to_owned(), ..second() }),
        "there is no feature version \"v9\"; there are: v1, v2"
    );
}
