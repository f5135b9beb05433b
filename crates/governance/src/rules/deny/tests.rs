//! Outputs of cargo-deny, and what is made of them.

use super::*;

/// Lines as cargo-deny 0.20.2 prints them.
const CLEAN: &str = r#"{"fields":{"bans":{"errors":0,"helps":0,"notes":0,"warnings":0},"licenses":{"errors":0,"helps":202,"notes":0,"warnings":1},"sources":{"errors":0,"helps":0,"notes":0,"warnings":0}},"type":"summary"}"#;
const WARNING: &str = r#"{"fields":{"code":"no-license-field","graphs":[{"Krate":{"name":"forust-ml","version":"0.8.0"}}],"message":"license expression was not specified","severity":"warning"},"type":"diagnostic"}"#;
const BANNED: &str = r#"{"fields":{"code":"banned","graphs":[{"Krate":{"name":"peers","version":"0.2.16"},"parents":[{"Krate":{"name":"backtest","version":"0.1.0"},"parents":[{"Krate":{"kind":"dev","name":"gatekeeper","version":"0.1.0"}}]},{"Krate":{"name":"isobar","version":"0.1.0"}}]}],"labels":[{"column":15,"line":18,"message":"banned here","span":"peers"},{"column":30,"line":18,"message":"reason","span":"an experiment"}],"message":"crate 'peers = 0.2.16' is explicitly banned","severity":"error"},"type":"diagnostic"}"#;
const REJECTED: &str = r#"{"fields":{"code":"rejected","graphs":[{"Krate":{"name":"unicode-ident","version":"1.0.27"}}],"labels":[{"column":12,"line":36,"message":"","span":"MIT AND Unicode-3.0"},{"column":36,"line":36,"message":"rejected: license is not explicitly allowed","span":"Unicode-3.0"}],"message":"failed to satisfy license requirements","notes":[],"severity":"error"},"type":"diagnostic"}"#;
const SOURCE: &str = r#"{"fields":{"code":"source-not-allowed","graphs":[{"Krate":{"name":"ta","version":"0.5.0"}}],"labels":[{"column":14,"line":1,"message":"source","span":"git+https://example.org/ta"}],"message":"detected 'git' source not explicitly allowed","severity":"error"},"type":"diagnostic"}"#;
const WILDCARD: &str = r#"{"fields":{"code":"wildcard","graphs":[{"Krate":{"name":"x","version":"0.1.0"}}],"labels":[{"column":9,"line":6,"message":"wildcard dependency","span":"*"}],"message":"found 1 wildcard dependency for crate 'x'","severity":"error"},"type":"diagnostic"}"#;
const KEYS: &str = r#"{"fields":{"code":"unexpected-keys","labels":[{"column":2,"line":7,"message":"","span":"bansx"}],"message":"found 1 unexpected keys","severity":"error"},"type":"diagnostic"}"#;
const LOG: &str = r#"{"fields":{"level":"ERROR","message":"failed to fetch crates: error: no matching package named `nope` found\n","timestamp":"2026-11-21T20:10:52.357618232Z"},"type":"log"}"#;
const COUNTED: &str =
    r#"{"fields":{"bans":{"errors":2},"licenses":{"errors":1},"sources":{"errors":1}},"type":"summary"}"#;

fn of(code: i32, lines: &[&str]) -> Vec<Problem> {
    deny(&Outcome::Ran { code: Some(code), output: lines.join("\n") }, true)
}

#[test]
fn a_clean_run_has_no_problem() {
    assert_eq!(of(0, &[WARNING, CLEAN]), []);
}

#[test]
fn each_error_is_a_problem_with_its_own_way_out() {
    let found: Vec<String> = of(14, &[WARNING, BANNED, REJECTED, SOURCE, WILDCARD, COUNTED])
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        found,
        [
            "peers 0.2.16: deny: crate 'peers = 0.2.16' is explicitly banned (banned here: peers; reason: an experiment); \
             it is reached by gatekeeper → backtest → peers\n    fix: remove the dependency; where it must stay, change \
             its entry in deny.toml and write the reason beside it",
            "unicode-ident 1.0.27: deny: failed to satisfy license requirements (rejected: license is not explicitly \
             allowed: Unicode-3.0)\n    fix: remove the dependency, or add an exception for its licence to deny.toml \
             with the reason",
            "ta 0.5.0: deny: detected 'git' source not explicitly allowed (source: git+https://example.org/ta)\n    \
             fix: depend on a release of it from crates.io, or copy what is needed into the workspace",
            "x 0.1.0: deny: found 1 wildcard dependency for crate 'x' (wildcard dependency: *)\n    fix: require a \
             version of it: \"1\", or \"=1.2.3\"",
        ]
    );
}

#[test]
fn rules_that_cannot_be_read_and_packages_that_cannot_be_found_are_problems() {
    let found: Vec<String> = of(1, &[KEYS, LOG]).iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "deny.toml:7: deny: found 1 unexpected keys\n    fix: do as the message says, in deny.toml or in the \
             manifest of the package",
            "deny.toml: deny: failed to fetch crates: error: no matching package named `nope` found\n    fix: mend what \
             it names; what cannot be found without the network is fetched by cargo fetch",
        ]
    );
}

#[test]
fn what_is_not_understood_is_never_a_pass() {
    let two_checks = r#"{"fields":{"licenses":{"errors":0},"sources":{"errors":0}},"type":"summary"}"#;
    for (code, lines) in [
        (0, &[][..]),
        (0, &["all is well"]),
        (0, &[two_checks]),
        (0, &[COUNTED]),
        (0, &["{\"type\":\"summary\"}"]),
        (2, &[CLEAN]),
        (2, &[WARNING]),
        (101, &["thread 'main' panicked"]),
    ] {
        let found = of(code, lines);
        assert_eq!(found.len(), 1, "{code} {lines:?}: {found:?}");
        assert!(
            found[0]
                .reason
                .starts_with(&format!("cargo-deny ended with exit code {code} and an output that is not")),
            "{}",
            found[0].reason
        );
    }
    assert_eq!(
        of(101, &["thread 'main' panicked", "at \"x\""])[0].to_string(),
        "deny.toml: deny: cargo-deny ended with exit code 101 and an output that is not understood: \
         \"thread 'main' panicked at \\\"x\\\"\"\n    fix: run cargo deny check bans licenses sources; bring cargo-deny \
         up to date (cargo install --locked cargo-deny)"
    );
    // An error that is read, and three more that are counted.
    assert_eq!(of(14, &[BANNED, COUNTED]).len(), 2);
    // Errors, and yet an exit code that says there is none.
    assert_eq!(of(0, &[BANNED, CLEAN]).len(), 2);
    let killed = Outcome::Ran { code: None, output: CLEAN.to_owned() };
    assert!(deny(&killed, false)[0].reason.starts_with("cargo-deny ended with a signal and"));
    let long = of(9, &["ä".repeat(700).as_str()]);
    assert!(long[0].reason.ends_with(&format!("…{:?}", "ä".repeat(600))), "{}", long[0].reason);
}

#[test]
fn where_it_is_not_there_it_is_said_or_required() {
    let old = Outcome::TooOld { found: Version::new(0, 14, 2) };
    for (outcome, lack) in
        [(Outcome::Absent, "cargo-deny is not installed"), (old, "cargo-deny 0.14.2 is older than 0.20.0")]
    {
        assert_eq!(deny(&outcome, false), []);
        let note = format!("deny: left out, {lack} (cargo install --locked cargo-deny)");
        assert_eq!(outcome.left_out(), Some(note));
        let problem = format!("deny.toml: deny: {lack}\n    fix: cargo install --locked cargo-deny");
        assert_eq!(deny(&outcome, true).iter().map(ToString::to_string).collect::<Vec<_>>(), [problem]);
    }
}

#[test]
fn what_has_no_rules_or_cannot_be_started_is_a_problem_everywhere() {
    let not_started = Outcome::NotStarted { reason: "permission denied".to_owned() };
    for (outcome, expected) in [
        (
            Outcome::Unconfigured,
            "deny.toml: deny: expected the rules of cargo-deny, found no such file\n    fix: write deny.toml: the \
             licences, sources and bans of this workspace (cargo deny init)",
        ),
        (
            not_started,
            "deny.toml: deny: cargo-deny cannot be started: permission denied\n    fix: cargo install --locked \
             cargo-deny",
        ),
    ] {
        for required in [false, true] {
            assert_eq!(
                deny(&outcome, required).iter().map(ToString::to_string).collect::<Vec<_>>(),
                [expected]
            );
        }
        assert_eq!(outcome.left_out(), None);
    }
    assert_eq!(Outcome::Ran { code: Some(0), output: CLEAN.to_owned() }.left_out(), None);
}
