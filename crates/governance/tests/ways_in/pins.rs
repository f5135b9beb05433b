//! Production does not say exactly which features it trades on, or reaches more than those.

use super::Way;
use crate::fixture::Fixture;

const PIN: &str = "features-v1 = { path = \"../../features-v1\", version = \"=1.0.0\" }";

/// Replaces the pin of the trader.
fn pin(fixture: &Fixture, by: &str) {
    fixture.edit("bins/trader/Cargo.toml", PIN, by);
    fixture.relock();
}

pub const WAYS: &[Way] = &[
    Way {
        name: "a requirement that lets newer ones in",
        make: |f| pin(f, "features-v1 = { path = \"../../features-v1\", version = \"1.0.0\" }"),
        found: r#"
bins/trader/Cargo.toml: pins: features-v1 is required as "1.0.0": expected "=1.0.0"
    fix: write `features-v1 = { path = "../../features-v1", version = "=1.0.0" }` in [dependencies]
1 problem
"#,
    },
    Way {
        name: "an exact requirement of two numbers",
        make: |f| pin(f, "features-v1 = { path = \"../../features-v1\", version = \"=1.0\" }"),
        found: r#"
bins/trader/Cargo.toml: pins: features-v1 is required as "=1.0": expected "=1.0.0"
    fix: write `features-v1 = { path = "../../features-v1", version = "=1.0.0" }` in [dependencies]
1 problem
"#,
    },
    Way {
        name: "no requirement",
        make: |f| pin(f, "features-v1 = { path = \"../../features-v1\" }"),
        found: r#"
bins/trader/Cargo.toml: pins: features-v1 is required without a version: expected "=1.0.0"
    fix: write `features-v1 = { path = "../../features-v1", version = "=1.0.0" }` in [dependencies]
1 problem
"#,
    },
    Way {
        name: "a pin inherited from the workspace",
        make: |f| pin(f, "features-v1.workspace = true"),
        found: r#"
bins/trader/Cargo.toml: pins: features-v1 takes its pin from [workspace.dependencies]: expected it in this manifest
    fix: write `features-v1 = { path = "../../features-v1", version = "=1.0.0" }` in [dependencies]
1 problem
"#,
    },
    Way {
        name: "a renamed version",
        make: |f| {
            pin(
                f,
                "features = { package = \"features-v1\", path = \"../../features-v1\", version = \"=1.0.0\" }",
            );
            f.edit("bins/trader/src/main.rs", "features_v1::by_name", "features::by_name");
            f.edit("bins/trader/src/main.rs", "features_v1::canonical", "features::canonical");
        },
        found: r#"
bins/trader/Cargo.toml: pins: features-v1 is renamed "features": expected its own name
    fix: write `features-v1 = { path = "../../features-v1", version = "=1.0.0" }` in [dependencies]
1 problem
"#,
    },
    Way {
        name: "the pin of another version",
        make: |f| f.edit("bins/trader/Cargo.toml", PIN, &PIN.replace("=1.0.0", "=1.0.1")),
        found: r#"
Cargo.toml: imports: could not be checked: `cargo metadata --format-version 1 --all-features --locked` failed: error: failed to select a version for the requirement `features-v1 = "=1.0.1"`
    candidate versions found which didn't match: 1.0.0
    location searched: ROOT/features-v1
    required by package `trader v0.1.0 (ROOT/bins/trader)`
    fix: mend what the reason names, and check again
Cargo.toml: escapes: could not be checked: as the rule imports says
    fix: mend what the reason names, and check again
Cargo.toml: pins: could not be checked: as the rule imports says
    fix: mend what the reason names, and check again
features-v1: frozen: its output cannot be computed: `cargo run --package features-v1 --bin selftest -- describe` failed: error: failed to select a version for the requirement `features-v1 = "=1.0.1"` / candidate versions found which didn't match: 1.0.0 / location searched: ROOT/features-v1 / required by package `trader v0.1.0 (ROOT/bins/trader)`
    fix: make it build: cargo run -p features-v1 --bin selftest
features-v2: frozen: its output cannot be computed: `cargo run --package features-v2 --bin selftest -- describe` failed: error: failed to select a version for the requirement `features-v1 = "=1.0.1"` / candidate versions found which didn't match: 1.0.0 / location searched: ROOT/features-v1 / required by package `trader v0.1.0 (ROOT/bins/trader)`
    fix: make it build: cargo run -p features-v2 --bin selftest
Cargo.toml: self-contained: could not be checked: as the rule imports says
    fix: mend what the reason names, and check again
Cargo.toml: registry: could not be checked: as the rule imports says
    fix: mend what the reason names, and check again
7 problems
"#,
    },
    Way {
        name: "two versions",
        make: |f| {
            pin(
                f,
                &format!(
                    "{PIN}\nfeatures-v2 = {{ path = \"../../features-v2\", version = \"=2.0.0-rc.1\" }}"
                ),
            );
        },
        found: r#"
bins/trader/Cargo.toml: pins: expected exactly one feature version among its dependencies, found 2: features-v1, features-v2
    fix: keep the one it trades on, such as `features-v2 = { path = "../../features-v2", version = "=2.0.0-rc.1" }`
1 problem
"#,
    },
    Way {
        name: "no version",
        make: |f| {
            pin(f, "");
            f.write("bins/trader/src/main.rs", "//! Trades on nothing.\n\nfn main() {}\n");
        },
        found: r#"
bins/trader/Cargo.toml: pins: expected exactly one feature version among its dependencies, found none
    fix: add the one it trades on to [dependencies], such as `features-v2 = { path = "../../features-v2", version = "=2.0.0-rc.1" }`
1 problem
"#,
    },
    Way {
        name: "the registry",
        make: |f| pin(f, &format!("{PIN}\nfeature-registry.workspace = true")),
        found: r#"
bins/trader/Cargo.toml: pins: is built from features-v2, while this manifest pins features-v1: bins/trader -> crates/feature-registry -> features-v2
    fix: take "features-v2" out of [dependencies] of crates/feature-registry/Cargo.toml; only the pin in this manifest says what it trades on
bins/trader/Cargo.toml: pins: reaches feature-registry, which holds every feature version: bins/trader -> crates/feature-registry
    fix: take "feature-registry" out of [dependencies] of bins/trader/Cargo.toml; production names its one version, the registry is for research
2 problems
"#,
    },
    Way {
        name: "the registry through a library",
        make: |f| pin(f, &format!("{PIN}\ntools.workspace = true")),
        found: r#"
bins/trader/Cargo.toml: pins: is built from features-v2, while this manifest pins features-v1: bins/trader -> crates/tools -> crates/feature-registry -> features-v2
    fix: take "features-v2" out of [dependencies] of crates/feature-registry/Cargo.toml; only the pin in this manifest says what it trades on
bins/trader/Cargo.toml: pins: reaches feature-registry, which holds every feature version: bins/trader -> crates/tools -> crates/feature-registry
    fix: take "feature-registry" out of [dependencies] of crates/tools/Cargo.toml; production names its one version, the registry is for research
2 problems
"#,
    },
    Way {
        name: "the registry in tests",
        make: |f| {
            f.append("bins/trader/Cargo.toml", "\n[dev-dependencies]\nfeature-registry.workspace = true\n");
            f.relock();
        },
        found: r#"
bins/trader/Cargo.toml: pins: reaches feature-registry, which holds every feature version: bins/trader -> (dev) crates/feature-registry
    fix: take "feature-registry" out of [dev-dependencies] of bins/trader/Cargo.toml; production names its one version, the registry is for research
1 problem
"#,
    },
];
