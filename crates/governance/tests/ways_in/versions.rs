//! A draft that depends on more than its inputs, or is not declared whole.

use super::Way;
use crate::fixture::Fixture;

const CORE: &str = "features-v2/src/sets/core.rs";

/// Another text in the draft's set, with sums, goldens and README made anew.
fn edit(fixture: &Fixture, from: &str, to: &str) {
    fixture.edit(CORE, from, to);
    fixture.remake_goldens(2);
}

/// Another text in the draft's manifest.
fn manifest(fixture: &Fixture, from: &str, to: &str) {
    fixture.edit("features-v2/Cargo.toml", from, to);
    fixture.relock();
}

pub const SELF_CONTAINED: &[Way] = &[
    Way {
        name: "a fused multiplication",
        make: |f| edit(f, "sum / f64::from(self.window)", "sum.mul_add(1.0, 0.0) / f64::from(self.window)"),
        found: r#"
features-v2/src/sets/core.rs:45: self-contained: calls .mul_add(), the banned f64::mul_add
    fix: fused where the machine can, a call where not: write a * b + c
1 problem
"#,
    },
    Way {
        name: "the platform's logarithm",
        make: |f| edit(f, "libm::log(close / before)", "(close / before).ln()"),
        found: r#"
features-v2/src/sets/core.rs:49: self-contained: calls .ln(), the banned f64::ln
    fix: from the platform's libm: use libm::log of the pinned version
1 problem
"#,
    },
    Way {
        name: "unsafe in code that is not built here",
        make: |f| {
            let text =
                "\n#[cfg(test)]\nmod tests {\n    fn one() -> f64 {\n        unsafe { 1.0 }\n    }\n}\n";
            f.append(CORE, text);
            f.remake_sums(2);
        },
        found: r#"
features-v2/src/sets/core.rs:157: self-contained: has unsafe code
    fix: write it in safe Rust
1 problem
"#,
    },
    Way {
        name: "a lint turned off",
        make: |f| {
            let attribute = "    #[allow(clippy::disallowed_methods, reason = \"faster\")]\n    fn values";
            f.edit(CORE, "    fn values", attribute);
            f.remake_sums(2);
        },
        found: r#"
features-v2/src/sets/core.rs:40: self-contained: turns the lint clippy::disallowed_methods off
    fix: remove it, and write what the lint demands
1 problem
"#,
    },
    Way {
        name: "a variable of the environment",
        make: |f| {
            edit(
                f,
                "let mut window = 3;",
                "let mut window = if std::env::var(\"FAST\").is_ok() { 2 } else { 3 };",
            )
        },
        found: r#"
features-v2/src/sets/core.rs:68: self-contained: uses std::env::var, by which the machine could decide a value
    fix: a version's values come from its inputs alone: remove it
1 problem
"#,
    },
    Way {
        name: "other values in a debug build",
        make: |f| {
            edit(f, "let mut window = 3;", "let mut window = if cfg!(debug_assertions) { 3 } else { 4 };")
        },
        found: r#"
features-v2/src/sets/core.rs:68: self-contained: depends on cfg(debug_assertions)
    fix: a version is the same however it is built: remove the condition
1 problem
"#,
    },
    Way {
        name: "an order that differs from run to run",
        make: |f| {
            f.append(CORE, "\n/// Unused.\npub type Closes = std::collections::HashMap<u32, f64>;\n");
            f.remake_sums(2);
        },
        found: r#"
features-v2/src/sets/core.rs:155: self-contained: uses std::collections::HashMap, the banned std::collections::HashMap
    fix: its order differs from run to run: BTreeMap
1 problem
"#,
    },
    Way {
        name: "a further dependency",
        make: |f| {
            manifest(
                f,
                "[dependencies.libm]",
                "[dependencies.strategy]\npath = \"../crates/strategy\"\nversion = \"=0.1.0\"\n\n[dependencies.libm]",
            )
        },
        found: r#"
features-v2: imports: features-v2 -> crates/strategy; a feature version uses feature-api alone, and in its tests crates and other versions
    fix: take "strategy" out of [dependencies] of features-v2/Cargo.toml
Cargo.toml: escapes: what production is built from cannot be told: `cargo check --locked --package features-v1 --package features-v2 --package trader` failed: error: features-v2@2.0.0-rc.1: ROOT/features-v2/Cargo.toml: [dependencies.strategy] has "path = \"../crates/strategy\""; expected a version of crates.io and no more
    fix: mend the build
features-v2: self-contained: ROOT/features-v2/Cargo.toml: [dependencies.strategy] has "path = \"../crates/strategy\""; expected a version of crates.io and no more
    fix: mend it as the reason says
3 problems
"#,
    },
    Way {
        name: "another version of the features",
        make: |f| {
            let v1 = "[dependencies.features-v1]\npath = \"../features-v1\"\nversion = \"=1.0.0\"\n\n[dependencies.libm]";
            manifest(f, "[dependencies.libm]", v1);
        },
        found: r#"
features-v2: imports: features-v2 -> features-v1; a feature version uses feature-api alone, and in its tests crates and other versions
    fix: take "features-v1" out of [dependencies] of features-v2/Cargo.toml
Cargo.toml: escapes: what production is built from cannot be told: `cargo check --locked --package features-v1 --package features-v2 --package trader` failed: error: features-v2@2.0.0-rc.1: ROOT/features-v2/Cargo.toml: [dependencies.features-v1] has "path = \"../features-v1\""; expected a version of crates.io and no more
    fix: mend the build
features-v2: self-contained: ROOT/features-v2/Cargo.toml: [dependencies.features-v1] has "path = \"../features-v1\""; expected a version of crates.io and no more
    fix: mend it as the reason says
3 problems
"#,
    },
    Way {
        name: "a requirement of libm that lets newer ones in",
        make: |f| f.edit("features-v2/Cargo.toml", "\"=0.2.16\"", "\"0.2.16\""),
        found: r#"
Cargo.toml: escapes: what production is built from cannot be told: `cargo check --locked --package features-v1 --package features-v2 --package trader` failed: error: features-v2@2.0.0-rc.1: ROOT/features-v2/Cargo.toml: [dependencies.libm] requires "0.2.16"; expected an exact version, "=x.y.z"
    fix: mend the build
features-v2: self-contained: ROOT/features-v2/Cargo.toml: [dependencies.libm] requires "0.2.16"; expected an exact version, "=x.y.z"
    fix: mend it as the reason says
2 problems
"#,
    },
    Way {
        name: "a cargo feature",
        make: |f| f.append("features-v2/Cargo.toml", "\n[features]\nfast = []\n"),
        found: r#"
Cargo.toml: escapes: what production is built from cannot be told: `cargo check --locked --package features-v1 --package features-v2 --package trader` failed: error: features-v2@2.0.0-rc.1: ROOT/features-v2/Cargo.toml: a feature version has no cargo features: [features] must go
    fix: mend the build
features-v2: self-contained: ROOT/features-v2/Cargo.toml: a feature version has no cargo features: [features] must go
    fix: mend it as the reason says
2 problems
"#,
    },
    Way {
        name: "the checksum of another libm",
        make: |f| {
            manifest(f, "libm = \"b6d2", "libm = \"c6d2");
            f.remake_sums(2);
        },
        found: r#"
features-v2/Cargo.toml: self-contained: [dependencies.libm]: Cargo.lock has the checksum b6d2cec3…, [package.metadata.isobar.checksums] c6d2cec3…
    fix: write in [package.metadata.isobar.checksums]: libm = "b6d2cec3…"
1 problem
"#,
    },
    Way {
        name: "no lints",
        make: |f| manifest(f, "[lints]\nworkspace = true\n", ""),
        found: r#"
features-v2/Cargo.toml: self-contained: the lints of the workspace are not on
    fix: write: [lints] workspace = true
1 problem
"#,
    },
    Way {
        name: "unsafe code is allowed in the workspace",
        make: |f| f.edit("Cargo.toml", "unsafe_code = \"forbid\"", "unsafe_code = \"warn\""),
        found: r#"
Cargo.toml: self-contained: the lints of the workspace do not forbid unsafe code
    fix: write in [workspace.lints.rust]: unsafe_code = "forbid"
1 problem
"#,
    },
];

pub const REGISTRY: &[Way] = &[
    Way {
        name: "a README that says something else",
        make: |f| f.edit("features-v1/README.md", "SMA3", "SMA5"),
        found: r#"
features-v1/README.md: registry: does not equal the schemas
    fix: cargo xtask readme
1 problem
"#,
    },
    Way {
        name: "two features of one name",
        make: |f| edit(f, "spec(\"range\"", "spec(\"close\""),
        found: r#"
features-v2, core.close: registry: stands twice in its set
    fix: mend its line in the table of the set, in src/sets
1 problem
"#,
    },
    Way {
        name: "a feature without doc",
        make: |f| edit(f, "\"High less low.\"", "\"\""),
        found: r#"
features-v2, core.range: registry: has no doc
    fix: mend its line in the table of the set, in src/sets
1 problem
"#,
    },
    Way {
        name: "a feature that is valid too late for its memory",
        make: |f| edit(f, "warm_up: look - 1,", "warm_up: look,"),
        found: r#"
features-v2, core.close: registry: depends on the last 1 inputs, but is valid only after 1: its warm-up and its memory contradict each other
    fix: mend its line in the table of the set, in src/sets
features-v2, core.log_return: registry: depends on the last 2 inputs, but is valid only after 2: its warm-up and its memory contradict each other
    fix: mend its line in the table of the set, in src/sets
features-v2, core.mean: registry: depends on the last 3 inputs, but is valid only after 3: its warm-up and its memory contradict each other
    fix: mend its line in the table of the set, in src/sets
features-v2, core.range: registry: depends on the last 1 inputs, but is valid only after 1: its warm-up and its memory contradict each other
    fix: mend its line in the table of the set, in src/sets
4 problems
"#,
    },
    Way {
        name: "a feature without its golden",
        make: |f| {
            f.edit("features-v2/goldens/FEATURES", "  core.range\n", "  core.spread\n");
            f.remake_sums(2);
        },
        found: r#"
features-v2, core.range: registry: is not in goldens/FEATURES
    fix: cargo xtask golden create v2 --replace
features-v2/goldens/FEATURES: registry: records core.spread, which no set declares
    fix: cargo xtask golden create v2 --replace
2 problems
"#,
    },
    Way {
        name: "a draft whose values are not its goldens",
        make: |f| {
            f.edit(CORE, "libm::log(close / before)", "close / before - 1.0");
            f.remake_sums(2);
        },
        found: r#"
features-v2/goldens/OUTPUT_HASH: frozen: expected the output computed now, fb86db06…, found 6a9995b8…; differing from the goldens: core.log_return
    fix: if the change of values is meant: cargo xtask golden create v2 --replace
1 problem
"#,
    },
    Way {
        name: "a draft that does not compile",
        make: |f| f.append(CORE, "\ncompile_error!(\"half done\");\n"),
        found: r#"
Cargo.toml: escapes: what production is built from cannot be told: `cargo check --locked --package features-v1 --package features-v2 --package trader` failed: error: half done
       --> features-v2/src/sets/core.rs:154:1
        |
    154 | compile_error!("half done");
        | ^^^^^^^^^^^^^^^^^^^^^^^^^^^
    fix: mend the build
features-v2: frozen: its output cannot be computed: `cargo run --package features-v2 --bin selftest -- describe` failed: error: half done / --> features-v2/src/sets/core.rs:154:1 / | / 154 | compile_error!("half done");
    fix: make it build: cargo run -p features-v2 --bin selftest
features-v2/SHA256SUMS: frozen: does not list what is in the folder: src/sets/core.rs
    fix: cargo xtask hash v2 --write
3 problems
"#,
    },
    Way {
        name: "a version that research cannot see",
        make: |f| f.edit("crates/feature-registry/src/lib.rs", "    &features_v2::FEATURES,\n", ""),
        found: r#"
crates/feature-registry/src/lib.rs: registry: does not list features-v2
    fix: add the dependency features-v2 and the line &features_v2::FEATURES to VERSIONS
1 problem
"#,
    },
];
