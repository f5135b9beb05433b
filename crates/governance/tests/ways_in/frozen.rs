//! A released version changes, or the ledger does.

use std::fs::{self, File};

use super::Way;
use crate::fixture::{Fixture, git};

/// Another formula, so other bits.
fn other_formula(fixture: &Fixture) {
    fixture.edit("features-v1/src/sets/core.rs", "libm::log(close / before)", "close / before - 1.0");
}

/// A comment, so the same bits.
fn comment(fixture: &Fixture) {
    fixture.edit("features-v1/src/sets/core.rs", "/// A price in units", "/// The price in units");
}

/// Another number of features-v1 in every manifest that pins it.
fn renumber(fixture: &Fixture, number: &str) {
    fixture.edit("features-v1/Cargo.toml", "version = \"1.0.0\"", &format!("version = \"{number}\""));
    fixture.edit(
        "Cargo.toml",
        "path = \"features-v1\", version = \"=1.0.0\"",
        &format!("path = \"features-v1\", version = \"={number}\""),
    );
    fixture.edit("bins/trader/Cargo.toml", "version = \"=1.0.0\"", &format!("version = \"={number}\""));
    fixture.relock();
}

/// Another release in the place of the one that was made.
fn rewrite(fixture: &Fixture) {
    other_formula(fixture);
    fixture.remake_goldens(1);
    fixture.remake_record(1);
    fixture.git(&["add", "--all"]);
    fixture.git(&["commit", "--quiet", "--amend", "--message", "Release features-v1 1.0.0"]);
}

const RECORD: &str = "releases/features-v1-1.0.0.toml";

pub const WAYS: &[Way] = &[
    Way {
        name: "a word of a comment",
        make: comment,
        found: r#"
Cargo.toml: escapes: what production is built from cannot be told: `cargo check --locked --package features-v1 --package features-v2 --package trader` failed: error: features-v1@1.0.0: features-v1 1.0.0 is released and never changes, but differs from its release in: src/sets/core.rs
    error: features-v1@1.0.0: Undo the change (git checkout -- features-v1), or make it in a new version (cargo xtask new-version)
    fix: mend the build
features-v1: frozen: its output cannot be computed: `cargo run --package features-v1 --bin selftest -- describe` failed: error: features-v1@1.0.0: features-v1 1.0.0 is released and never changes, but differs from its release in: src/sets/core.rs / error: features-v1@1.0.0: Undo the change (git checkout -- features-v1), or make it in a new version (cargo xtask new-version)
    fix: make it build: cargo run -p features-v1 --bin selftest
features-v1/src/sets/core.rs: frozen: features-v1 1.0.0 is released and never changes: expected the sha256 9a44f4d7…, found 5b602089…
    fix: undo it: git checkout COMMIT -- features-v1/src/sets/core.rs, or make the change in a new version: cargo xtask new-version
3 problems
"#,
    },
    Way {
        name: "a byte, with the size and the time of before",
        make: |f| {
            let path = f.root().join("features-v1/src/canonical.rs");
            let time = fs::metadata(&path).unwrap().modified().unwrap();
            f.edit("features-v1/src/canonical.rs", "index * 37", "index * 38");
            File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
        },
        found: r#"
Cargo.toml: escapes: what production is built from cannot be told: `cargo check --locked --package features-v1 --package features-v2 --package trader` failed: error: features-v1@1.0.0: features-v1 1.0.0 is released and never changes, but differs from its release in: src/canonical.rs
    error: features-v1@1.0.0: Undo the change (git checkout -- features-v1), or make it in a new version (cargo xtask new-version)
    fix: mend the build
features-v1: frozen: its output cannot be computed: `cargo run --package features-v1 --bin selftest -- describe` failed: error: features-v1@1.0.0: features-v1 1.0.0 is released and never changes, but differs from its release in: src/canonical.rs / error: features-v1@1.0.0: Undo the change (git checkout -- features-v1), or make it in a new version (cargo xtask new-version)
    fix: make it build: cargo run -p features-v1 --bin selftest
features-v1/src/canonical.rs: frozen: features-v1 1.0.0 is released and never changes: expected the sha256 df1ded27…, found 5c2d04d7…
    fix: undo it: git checkout COMMIT -- features-v1/src/canonical.rs, or make the change in a new version: cargo xtask new-version
3 problems
"#,
    },
    Way {
        name: "a file with its sum",
        make: |f| {
            comment(f);
            f.remake_sums(1);
        },
        found: r#"
features-v1/SHA256SUMS: frozen: features-v1 1.0.0 is released and never changes: expected SHA256SUMS with the sha256 2f37ab3f…, found d1bddacf…
    fix: undo it: git checkout COMMIT -- features-v1/SHA256SUMS, or make the change in a new version: cargo xtask new-version
features-v1/src/sets/core.rs: frozen: features-v1 1.0.0 is released and never changes: expected the sha256 9a44f4d7…, found 5b602089…
    fix: undo it: git checkout COMMIT -- features-v1/src/sets/core.rs, or make the change in a new version: cargo xtask new-version
2 problems
"#,
    },
    Way {
        name: "a formula with goldens, sums and README",
        make: |f| {
            other_formula(f);
            f.remake_goldens(1);
        },
        found: r#"
features-v1: frozen: the golden output hash is not that of features-v1 1.0.0: expected f1fd96a9…, found b2be36c9…
    fix: undo it: git checkout COMMIT -- features-v1, or make the change in a new version: cargo xtask new-version
features-v1: frozen: the output, computed now, is not that of features-v1 1.0.0: expected f1fd96a9…, found b2be36c9…
    fix: undo it: git checkout COMMIT -- features-v1, or make the change in a new version: cargo xtask new-version
features-v1/SHA256SUMS: frozen: features-v1 1.0.0 is released and never changes: expected SHA256SUMS with the sha256 2f37ab3f…, found 3f471c70…
    fix: undo it: git checkout COMMIT -- features-v1/SHA256SUMS, or make the change in a new version: cargo xtask new-version
features-v1/goldens/FEATURES: frozen: features-v1 1.0.0 is released and never changes: expected the sha256 2962ea31…, found d18b955a…
    fix: undo it: git checkout COMMIT -- features-v1/goldens/FEATURES, or make the change in a new version: cargo xtask new-version
features-v1/goldens/OUTPUT_HASH: frozen: features-v1 1.0.0 is released and never changes: expected the sha256 a340e446…, found 3c3c15b7…
    fix: undo it: git checkout COMMIT -- features-v1/goldens/OUTPUT_HASH, or make the change in a new version: cargo xtask new-version
features-v1/src/sets/core.rs: frozen: features-v1 1.0.0 is released and never changes: expected the sha256 9a44f4d7…, found 8cd6aa10…
    fix: undo it: git checkout COMMIT -- features-v1/src/sets/core.rs, or make the change in a new version: cargo xtask new-version
6 problems
"#,
    },
    Way {
        name: "a formula with goldens, sums, README and record",
        make: |f| {
            other_formula(f);
            f.remake_goldens(1);
            f.remake_record(1);
        },
        found: r#"
features-v1: frozen: the golden output hash is not that of features-v1 1.0.0: expected f1fd96a9…, found b2be36c9…
    fix: undo it: git checkout COMMIT -- features-v1, or make the change in a new version: cargo xtask new-version
features-v1: frozen: the output, computed now, is not that of features-v1 1.0.0: expected f1fd96a9…, found b2be36c9…
    fix: undo it: git checkout COMMIT -- features-v1, or make the change in a new version: cargo xtask new-version
features-v1/SHA256SUMS: frozen: features-v1 1.0.0 is released and never changes: expected SHA256SUMS with the sha256 2f37ab3f…, found 3f471c70…
    fix: undo it: git checkout COMMIT -- features-v1/SHA256SUMS, or make the change in a new version: cargo xtask new-version
features-v1/goldens/FEATURES: frozen: features-v1 1.0.0 is released and never changes: expected the sha256 2962ea31…, found d18b955a…
    fix: undo it: git checkout COMMIT -- features-v1/goldens/FEATURES, or make the change in a new version: cargo xtask new-version
features-v1/goldens/OUTPUT_HASH: frozen: features-v1 1.0.0 is released and never changes: expected the sha256 a340e446…, found 3c3c15b7…
    fix: undo it: git checkout COMMIT -- features-v1/goldens/OUTPUT_HASH, or make the change in a new version: cargo xtask new-version
features-v1/src/sets/core.rs: frozen: features-v1 1.0.0 is released and never changes: expected the sha256 9a44f4d7…, found 8cd6aa10…
    fix: undo it: git checkout COMMIT -- features-v1/src/sets/core.rs, or make the change in a new version: cargo xtask new-version
releases/features-v1-1.0.0.toml: frozen: a record never changes, but differs from what commit COMMIT added: line 8: expected `source_hash = "2f37ab3f…"`, found `source_hash = "3f471c70…"`
    fix: undo it: git checkout COMMIT -- releases/features-v1-1.0.0.toml
7 problems
"#,
    },
    Way {
        name: "all of it, committed on main",
        make: |f| {
            other_formula(f);
            f.remake_goldens(1);
            f.remake_record(1);
            f.commit("A better return");
        },
        found: r#"
features-v1: frozen: the golden output hash is not that of features-v1 1.0.0: expected f1fd96a9…, found b2be36c9…
    fix: undo it: git checkout COMMIT -- features-v1, or make the change in a new version: cargo xtask new-version
features-v1: frozen: the output, computed now, is not that of features-v1 1.0.0: expected f1fd96a9…, found b2be36c9…
    fix: undo it: git checkout COMMIT -- features-v1, or make the change in a new version: cargo xtask new-version
features-v1/SHA256SUMS: frozen: features-v1 1.0.0 is released and never changes: expected SHA256SUMS with the sha256 2f37ab3f…, found 3f471c70…
    fix: undo it: git checkout COMMIT -- features-v1/SHA256SUMS, or make the change in a new version: cargo xtask new-version
features-v1/goldens/FEATURES: frozen: features-v1 1.0.0 is released and never changes: expected the sha256 2962ea31…, found d18b955a…
    fix: undo it: git checkout COMMIT -- features-v1/goldens/FEATURES, or make the change in a new version: cargo xtask new-version
features-v1/goldens/OUTPUT_HASH: frozen: features-v1 1.0.0 is released and never changes: expected the sha256 a340e446…, found 3c3c15b7…
    fix: undo it: git checkout COMMIT -- features-v1/goldens/OUTPUT_HASH, or make the change in a new version: cargo xtask new-version
features-v1/src/sets/core.rs: frozen: features-v1 1.0.0 is released and never changes: expected the sha256 9a44f4d7…, found 8cd6aa10…
    fix: undo it: git checkout COMMIT -- features-v1/src/sets/core.rs, or make the change in a new version: cargo xtask new-version
releases/features-v1-1.0.0.toml: frozen: a record never changes, but differs from what commit COMMIT added: line 8: expected `source_hash = "2f37ab3f…"`, found `source_hash = "3f471c70…"`
    fix: undo it: git checkout COMMIT -- releases/features-v1-1.0.0.toml
7 problems
"#,
    },
    Way {
        name: "all of it, committed on a branch",
        make: |f| {
            f.branch("better");
            other_formula(f);
            f.remake_goldens(1);
            f.remake_record(1);
            f.commit("A better return");
        },
        found: r#"
features-v1: frozen: the golden output hash is not that of features-v1 1.0.0: expected f1fd96a9…, found b2be36c9…
    fix: undo it: git checkout COMMIT -- features-v1, or make the change in a new version: cargo xtask new-version
features-v1: frozen: the output, computed now, is not that of features-v1 1.0.0: expected f1fd96a9…, found b2be36c9…
    fix: undo it: git checkout COMMIT -- features-v1, or make the change in a new version: cargo xtask new-version
features-v1/SHA256SUMS: frozen: features-v1 1.0.0 is released and never changes: expected SHA256SUMS with the sha256 2f37ab3f…, found 3f471c70…
    fix: undo it: git checkout COMMIT -- features-v1/SHA256SUMS, or make the change in a new version: cargo xtask new-version
features-v1/goldens/FEATURES: frozen: features-v1 1.0.0 is released and never changes: expected the sha256 2962ea31…, found d18b955a…
    fix: undo it: git checkout COMMIT -- features-v1/goldens/FEATURES, or make the change in a new version: cargo xtask new-version
features-v1/goldens/OUTPUT_HASH: frozen: features-v1 1.0.0 is released and never changes: expected the sha256 a340e446…, found 3c3c15b7…
    fix: undo it: git checkout COMMIT -- features-v1/goldens/OUTPUT_HASH, or make the change in a new version: cargo xtask new-version
features-v1/src/sets/core.rs: frozen: features-v1 1.0.0 is released and never changes: expected the sha256 9a44f4d7…, found 8cd6aa10…
    fix: undo it: git checkout COMMIT -- features-v1/src/sets/core.rs, or make the change in a new version: cargo xtask new-version
releases/features-v1-1.0.0.toml: frozen: a record never changes, but differs from what commit COMMIT added: line 8: expected `source_hash = "2f37ab3f…"`, found `source_hash = "3f471c70…"`
    fix: undo it: git checkout COMMIT -- releases/features-v1-1.0.0.toml
7 problems
"#,
    },
    Way {
        name: "a golden",
        make: |f| f.edit("features-v1/goldens/OUTPUT_HASH", "f1fd", "f1fe"),
        found: r#"
Cargo.toml: escapes: what production is built from cannot be told: `cargo check --locked --package features-v1 --package features-v2 --package trader` failed: error: features-v1@1.0.0: features-v1 1.0.0 is released and never changes, but differs from its release in: goldens/OUTPUT_HASH
    error: features-v1@1.0.0: Undo the change (git checkout -- features-v1), or make it in a new version (cargo xtask new-version)
    fix: mend the build
features-v1: frozen: its output cannot be computed: `cargo run --package features-v1 --bin selftest -- describe` failed: error: features-v1@1.0.0: features-v1 1.0.0 is released and never changes, but differs from its release in: goldens/OUTPUT_HASH / error: features-v1@1.0.0: Undo the change (git checkout -- features-v1), or make it in a new version (cargo xtask new-version)
    fix: make it build: cargo run -p features-v1 --bin selftest
features-v1/goldens/OUTPUT_HASH: frozen: features-v1 1.0.0 is released and never changes: expected the sha256 a340e446…, found 435c6c82…
    fix: undo it: git checkout COMMIT -- features-v1/goldens/OUTPUT_HASH, or make the change in a new version: cargo xtask new-version
3 problems
"#,
    },
    Way {
        name: "a new file",
        make: |f| f.write("features-v1/src/sets/extra.rs", "//! Extra.\n"),
        found: r#"
Cargo.toml: escapes: what production is built from cannot be told: `cargo check --locked --package features-v1 --package features-v2 --package trader` failed: error: features-v1@1.0.0: features-v1 1.0.0 is released and never changes, but differs from its release in: src/sets/extra.rs
    error: features-v1@1.0.0: Undo the change (git checkout -- features-v1), or make it in a new version (cargo xtask new-version)
    fix: mend the build
features-v1: frozen: its output cannot be computed: `cargo run --package features-v1 --bin selftest -- describe` failed: error: features-v1@1.0.0: features-v1 1.0.0 is released and never changes, but differs from its release in: src/sets/extra.rs / error: features-v1@1.0.0: Undo the change (git checkout -- features-v1), or make it in a new version (cargo xtask new-version)
    fix: make it build: cargo run -p features-v1 --bin selftest
features-v1/src/sets/extra.rs: frozen: features-v1 1.0.0 is released and never changes: expected the sha256 of no file, found da452cd2…
    fix: undo it: git checkout COMMIT -- features-v1/src/sets/extra.rs, or make the change in a new version: cargo xtask new-version
3 problems
"#,
    },
    Way {
        name: "a file less",
        make: |f| f.remove("features-v1/goldens/FEATURES"),
        found: r#"
Cargo.toml: escapes: what production is built from cannot be told: `cargo check --locked --package features-v1 --package features-v2 --package trader` failed: error: features-v1@1.0.0: features-v1 1.0.0 is released and never changes, but differs from its release in: goldens/FEATURES
    error: features-v1@1.0.0: Undo the change (git checkout -- features-v1), or make it in a new version (cargo xtask new-version)
    fix: mend the build
features-v1: frozen: its output cannot be computed: `cargo run --package features-v1 --bin selftest -- describe` failed: error: features-v1@1.0.0: features-v1 1.0.0 is released and never changes, but differs from its release in: goldens/FEATURES / error: features-v1@1.0.0: Undo the change (git checkout -- features-v1), or make it in a new version (cargo xtask new-version)
    fix: make it build: cargo run -p features-v1 --bin selftest
features-v1/goldens/FEATURES: frozen: features-v1 1.0.0 is released and never changes: expected the sha256 2962ea31…, found no file
    fix: undo it: git checkout COMMIT -- features-v1/goldens/FEATURES, or make the change in a new version: cargo xtask new-version
3 problems
"#,
    },
    Way {
        name: "a build script that refuses nothing",
        make: |f| {
            comment(f);
            f.write(
                "features-v1/build.rs",
                &format!(
                    "fn main() {{\n    println!(\"cargo::rustc-env=ISOBAR_SOURCE_HASH={}\");\n}}\n",
                    "1".repeat(64)
                ),
            );
        },
        found: r#"
features-v1: frozen: its output was computed by a build of another source: the folder has 680b35f6…, the build 11111111…
    fix: build it anew: cargo clean -p features-v1, and check again
features-v1/build.rs: frozen: features-v1 1.0.0 is released and never changes: expected the sha256 8063c424…, found 66b11321…
    fix: undo it: git checkout COMMIT -- features-v1/build.rs, or make the change in a new version: cargo xtask new-version
features-v1/src/sets/core.rs: frozen: features-v1 1.0.0 is released and never changes: expected the sha256 9a44f4d7…, found 5b602089…
    fix: undo it: git checkout COMMIT -- features-v1/src/sets/core.rs, or make the change in a new version: cargo xtask new-version
3 problems
"#,
    },
    Way {
        name: "the sums are gone",
        make: |f| f.remove("features-v1/SHA256SUMS"),
        found: r#"
Cargo.toml: escapes: what production is built from cannot be told: `cargo check --locked --package features-v1 --package features-v2 --package trader` failed: error: features-v1@1.0.0: ROOT/features-v1/SHA256SUMS: No such file or directory (os error 2)
    fix: mend the build
features-v1: frozen: its output cannot be computed: `cargo run --package features-v1 --bin selftest -- describe` failed: error: features-v1@1.0.0: ROOT/features-v1/SHA256SUMS: No such file or directory (os error 2)
    fix: make it build: cargo run -p features-v1 --bin selftest
features-v1/SHA256SUMS: frozen: features-v1 1.0.0 is released and never changes: expected SHA256SUMS with the sha256 2f37ab3f…, found e3b0c442…
    fix: undo it: git checkout COMMIT -- features-v1/SHA256SUMS, or make the change in a new version: cargo xtask new-version
3 problems
"#,
    },
    Way {
        name: "another libm in the lock file",
        make: |f| f.edit("Cargo.lock", "b6d2cec3", "c6d2cec3"),
        found: r#"
Cargo.toml: imports: could not be checked: `cargo metadata --format-version 1 --all-features --locked` failed: error: checksum for `libm v0.2.16` changed between lock files
    fix: mend what the reason names, and check again
Cargo.toml: escapes: could not be checked: as the rule imports says
    fix: mend what the reason names, and check again
Cargo.toml: pins: could not be checked: as the rule imports says
    fix: mend what the reason names, and check again
features-v1: frozen: its output cannot be computed: `cargo run --package features-v1 --bin selftest -- describe` failed: error: checksum for `libm v0.2.16` changed between lock files
    fix: make it build: cargo run -p features-v1 --bin selftest
features-v2: frozen: its output cannot be computed: `cargo run --package features-v2 --bin selftest -- describe` failed: error: checksum for `libm v0.2.16` changed between lock files
    fix: make it build: cargo run -p features-v2 --bin selftest
Cargo.toml: self-contained: could not be checked: as the rule imports says
    fix: mend what the reason names, and check again
Cargo.toml: registry: could not be checked: as the rule imports says
    fix: mend what the reason names, and check again
7 problems
"#,
    },
    Way {
        name: "libm with its default features",
        make: |f| {
            f.edit("features-v1/Cargo.toml", "default-features = false", "default-features = true");
            f.relock();
        },
        found: r#"
Cargo.toml: escapes: what production is built from cannot be told: `cargo check --locked --package features-v1 --package features-v2 --package trader` failed: error: features-v1@1.0.0: features-v1 1.0.0 is released and never changes, but differs from its release in: Cargo.toml
    error: features-v1@1.0.0: Undo the change (git checkout -- features-v1), or make it in a new version (cargo xtask new-version)
    fix: mend the build
features-v1: frozen: its output cannot be computed: `cargo run --package features-v1 --bin selftest -- describe` failed: error: features-v1@1.0.0: features-v1 1.0.0 is released and never changes, but differs from its release in: Cargo.toml / error: features-v1@1.0.0: Undo the change (git checkout -- features-v1), or make it in a new version (cargo xtask new-version)
    fix: make it build: cargo run -p features-v1 --bin selftest
features-v1/Cargo.toml: frozen: features-v1 1.0.0 is released and never changes: expected `dependencies.libm.default-features = false`, found `dependencies.libm.default-features = true`
    fix: undo it: git checkout COMMIT -- features-v1/Cargo.toml, or make the change in a new version: cargo xtask new-version
features-v1/Cargo.toml: self-contained: [dependencies.libm]: asks for the default features, which use instructions of the machine
    fix: write default-features = false
4 problems
"#,
    },
    Way {
        name: "another edition of the language",
        make: |f| f.edit("features-v1/Cargo.toml", "edition = \"2024\"", "edition = \"2021\""),
        found: r#"
Cargo.toml: escapes: what production is built from cannot be told: `cargo check --locked --package features-v1 --package features-v2 --package trader` failed: error: features-v1@1.0.0: features-v1 1.0.0 is released and never changes, but differs from its release in: Cargo.toml
    error: features-v1@1.0.0: Undo the change (git checkout -- features-v1), or make it in a new version (cargo xtask new-version)
    fix: mend the build
features-v1: frozen: its output cannot be computed: `cargo run --package features-v1 --bin selftest -- describe` failed: error: features-v1@1.0.0: features-v1 1.0.0 is released and never changes, but differs from its release in: Cargo.toml / error: features-v1@1.0.0: Undo the change (git checkout -- features-v1), or make it in a new version (cargo xtask new-version)
    fix: make it build: cargo run -p features-v1 --bin selftest
features-v1/Cargo.toml: frozen: features-v1 1.0.0 is released and never changes: expected `package.edition = 2024`, found `package.edition = 2021`
    fix: undo it: git checkout COMMIT -- features-v1/Cargo.toml, or make the change in a new version: cargo xtask new-version
3 problems
"#,
    },
    Way {
        name: "back to a draft",
        make: |f| {
            renumber(f, "1.0.0-rc.2");
            other_formula(f);
            f.remake_goldens(1);
        },
        found: r#"
features-v1: frozen: the golden output hash is not that of features-v1 1.0.0: expected f1fd96a9…, found b2be36c9…
    fix: undo it: git checkout COMMIT -- features-v1, or make the change in a new version: cargo xtask new-version
features-v1: frozen: the output, computed now, is not that of features-v1 1.0.0: expected f1fd96a9…, found b2be36c9…
    fix: undo it: git checkout COMMIT -- features-v1, or make the change in a new version: cargo xtask new-version
features-v1/Cargo.toml: frozen: is at 1.0.0-rc.2, but features-v1 1.0.0 is released
    fix: undo it: git checkout COMMIT -- features-v1
3 problems
"#,
    },
    Way {
        name: "a patch with other values",
        make: |f| {
            renumber(f, "1.0.1-rc.1");
            other_formula(f);
            f.remake_goldens(1);
        },
        found: r#"
features-v1: frozen: the golden output hash is not that of features-v1 1.0.0: expected f1fd96a9…, found b2be36c9…
    fix: undo it: git checkout COMMIT -- features-v1, or make the change in a new version: cargo xtask new-version
features-v1: frozen: the output, computed now, is not that of features-v1 1.0.0: expected f1fd96a9…, found b2be36c9…
    fix: undo it: git checkout COMMIT -- features-v1, or make the change in a new version: cargo xtask new-version
2 problems
"#,
    },
    Way {
        name: "a patch with another formula text",
        make: |f| {
            renumber(f, "1.0.1-rc.1");
            f.edit("features-v1/src/sets/core.rs", "\"ln(C / C₋₁)\"", "\"log(C / C₋₁)\"");
            f.remake_goldens(1);
        },
        found: r#"
features-v1: frozen: the schema of core is not that of features-v1 1.0.0: expected 7ebf49a3…, found feab5c1c…
    fix: undo it: git checkout COMMIT -- features-v1, or make the change in a new version: cargo xtask new-version
1 problem
"#,
    },
    Way {
        name: "a release by hand",
        make: |f| {
            f.edit("features-v2/Cargo.toml", "version = \"2.0.0-rc.1\"", "version = \"2.0.0\"");
            f.edit("Cargo.toml", "=2.0.0-rc.1", "=2.0.0");
            f.relock();
            f.remake_sums(2);
        },
        found: r#"
features-v2/Cargo.toml: frozen: is at 2.0.0 without a pre-release number, but there is no release of it in releases/
    fix: set the version back to 2.0.0-rc.1 and run: cargo xtask release v2
1 problem
"#,
    },
    Way {
        name: "the folder is gone",
        make: |f| {
            f.remove("features-v1");
            f.edit("Cargo.toml", "\"features-v1\", ", "");
            f.edit("Cargo.toml", "features-v1 = { path = \"features-v1\", version = \"=1.0.0\" }\n", "");
            f.edit("crates/feature-registry/Cargo.toml", "features-v1.workspace = true\n", "");
            f.edit("crates/feature-registry/src/lib.rs", "    &features_v1::FEATURES,\n", "");
            f.remove("bins/trader");
            f.relock();
        },
        found: r#"
features-v1: frozen: features-v1 1.0.0 is released, but its folder is gone
    fix: undo it: git checkout COMMIT -- features-v1
1 problem
"#,
    },
    Way {
        name: "the record is gone",
        make: |f| f.remove(RECORD),
        found: r#"
releases/features-v1-1.0.0.toml: frozen: the ledger is append-only, but this record, added by commit COMMIT, is gone
    fix: undo it: git checkout COMMIT -- releases/features-v1-1.0.0.toml
1 problem
"#,
    },
    Way {
        name: "the record is gone, committed on main",
        make: |f| {
            f.remove(RECORD);
            f.commit("Tidy up");
        },
        found: r#"
releases/features-v1-1.0.0.toml: frozen: the ledger is append-only, but this record, added by commit COMMIT, is gone
    fix: undo it: git checkout COMMIT -- releases/features-v1-1.0.0.toml
1 problem
"#,
    },
    Way {
        name: "the day of a record",
        make: |f| f.edit(RECORD, "2026-01-31", "2026-02-01"),
        found: r#"
releases/features-v1-1.0.0.toml: frozen: a record never changes, but differs from what commit COMMIT added: line 3: expected `date = "2026-01-31"`, found `date = "2026-02-01"`
    fix: undo it: git checkout COMMIT -- releases/features-v1-1.0.0.toml
1 problem
"#,
    },
    Way {
        name: "the rollback plan of a record, committed on main",
        make: |f| {
            f.edit(RECORD, "stop the trader", "none needed");
            f.commit("Shorter");
        },
        found: r#"
releases/features-v1-1.0.0.toml: frozen: a record never changes, but differs from what commit COMMIT added: line 5: expected `rollback = "stop the trader"`, found `rollback = "none needed"`
    fix: undo it: git checkout COMMIT -- releases/features-v1-1.0.0.toml
1 problem
"#,
    },
    Way {
        name: "a record without a reason",
        make: |f| f.edit(RECORD, "reason = \"the first version\"", "reason = \" \""),
        found: r#"
releases/features-v1-1.0.0.toml: frozen: a record never changes, but differs from what commit COMMIT added: line 4: expected `reason = "the first version"`, found `reason = " "`
    fix: undo it: git checkout COMMIT -- releases/features-v1-1.0.0.toml
releases/features-v1-1.0.0.toml: frozen: reason: expected a text, found none
    fix: records are written by `cargo xtask release` alone; undo it: git checkout -- releases
2 problems
"#,
    },
    Way {
        name: "a record under another name",
        make: |f| {
            f.git(&["mv", RECORD, "releases/features-v1-1.0.1.toml"]);
        },
        found: r#"
releases/features-v1-1.0.0.toml: frozen: the ledger is append-only, but this record, added by commit COMMIT, is gone
    fix: undo it: git checkout COMMIT -- releases/features-v1-1.0.0.toml
releases/features-v1-1.0.1.toml: frozen: is the record of features-v1 1.0.0, whose file is releases/features-v1-1.0.0.toml
    fix: records are written by `cargo xtask release` alone; undo it: git checkout -- releases
2 problems
"#,
    },
    Way {
        name: "the tag is moved",
        make: |f| {
            comment(f);
            f.commit("Better words");
            f.git(&["tag", "--force", "--annotate", "--message", "Release", "features-v1/1.0.0"]);
            f.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
        },
        found: r#"
releases/features-v1-1.0.0.toml: frozen: the tag features-v1/1.0.0 is at commit COMMIT, but the record was added by commit COMMIT
    fix: put the tag back: git tag --force --annotate --message features-v1/1.0.0 features-v1/1.0.0 COMMIT
1 problem
"#,
    },
    Way {
        name: "a history that is cut off",
        make: |f| {
            let url = format!("file://{}", f.root().display());
            git(f.slot(), &["clone", "--quiet", "--depth", "1", "--branch", "main", &url, "elsewhere"]);
            f.remove(".git");
            fs::rename(f.slot().join("elsewhere/.git"), f.root().join(".git")).unwrap();
        },
        found: r#"
releases: frozen: this is a shallow clone: releases cannot be compared with the commits that made them
    fix: git fetch --unshallow (in CI: check out with the whole history, fetch-depth 0)
1 problem
"#,
    },
    Way {
        name: "no history",
        make: |f| {
            // Not removed: a repository around the target folder would be found.
            f.remove(".git");
            f.write(".git", "no repository");
        },
        found: r#"
releases: frozen: cannot be compared with the history: `git rev-parse --git-dir` failed: fatal: invalid gitfile format: ROOT/.git
    fix: run this in a clone of the repository with its whole history
1 problem
"#,
    },
    Way {
        name: "a history without main",
        make: |f| {
            f.git(&["branch", "--quiet", "--move", "main", "trunk"]);
        },
        found: r#"
releases: frozen: releases cannot be compared with main: there is no branch origin/main or main; get it: git fetch origin main:refs/remotes/origin/main
    fix: get the branch as said, or name another one with --base
1 problem
"#,
    },
    Way {
        name: "a history rewritten so that the release never was",
        make: rewrite,
        found: r#"
releases/features-v1-1.0.0.toml: frozen: the tag features-v1/1.0.0 is at commit COMMIT, but the record was added by commit COMMIT
    fix: put the tag back: git tag --force --annotate --message features-v1/1.0.0 features-v1/1.0.0 COMMIT
1 problem
"#,
    },
    Way {
        name: "a rewritten history with its tag, where the remote has the true one",
        make: |f| {
            f.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
            rewrite(f);
            f.git(&["tag", "--force", "--annotate", "--message", "Release", "features-v1/1.0.0"]);
        },
        found: r#"
releases/features-v1-1.0.0.toml: frozen: was added with one text by commit COMMIT and with another by commit COMMIT: two releases of one version
    fix: keep the release that was used, and make the other one a new version: cargo xtask new-version
1 problem
"#,
    },
];
