//! A file of the experiments, or of another package, reaches a build without any dependency.

use super::Way;
use crate::fixture::Fixture;

/// A file of Rust without a package, under experiments.
fn secret(fixture: &Fixture) {
    fixture.write(
        "experiments/probe/src/secret.rs",
        "/// What looked good once.\npub const SECRET: f64 = 0.25;\n",
    );
}

/// A package under experiments that calls itself libm.
fn other_libm(fixture: &Fixture) {
    let manifest = "[package]\nname = \"libm\"\nversion = \"0.2.16\"\nedition = \"2024\"\n\n[workspace]\n";
    fixture.write("experiments/libm/Cargo.toml", manifest);
    fixture.write(
        "experiments/libm/src/lib.rs",
        "//! Other bits.\n\n/// No logarithm.\npub fn log(x: f64) -> f64 {\n    x - 1.0\n}\n",
    );
}

pub const WAYS: &[Way] = &[
    Way {
        name: "#[path]",
        make: |f| {
            secret(f);
            let line = "\n#[path = \"../../../experiments/probe/src/secret.rs\"]\npub mod secret;\n";
            f.append("crates/strategy/src/lib.rs", line);
        },
        found: r#"
crates/strategy: escapes: its library reads experiments/probe/src/secret.rs, an experiment
    fix: move what is needed into crates/strategy or a package of crates/
crates/strategy/src/lib.rs:11: escapes: #[path] reads experiments/probe/src/secret.rs, outside of its package
    fix: move the file into crates/strategy; a test may read it when it runs (std::fs)
2 problems
"#,
    },
    Way {
        name: "include!",
        make: |f| {
            secret(f);
            f.append(
                "crates/strategy/src/lib.rs",
                "\ninclude!(\"../../../experiments/probe/src/secret.rs\");\n",
            );
        },
        found: r#"
crates/strategy: escapes: its library reads experiments/probe/src/secret.rs, an experiment
    fix: move what is needed into crates/strategy or a package of crates/
crates/strategy/src/lib.rs:11: escapes: include! reads experiments/probe/src/secret.rs, outside of its package
    fix: move the file into crates/strategy; a test may read it when it runs (std::fs)
2 problems
"#,
    },
    Way {
        name: "include_str! for another target",
        make: |f| {
            let line = "\n#[cfg(windows)]\nconst X: &str = include_str!(\"../../../experiments/probe/src/lib.rs\");\n";
            f.append("crates/strategy/src/lib.rs", line);
        },
        found: r#"
crates/strategy/src/lib.rs:12: escapes: include_str! reads experiments/probe/src/lib.rs, outside of its package
    fix: move the file into crates/strategy; a test may read it when it runs (std::fs)
1 problem
"#,
    },
    Way {
        name: "include_bytes! from the package's folder",
        make: |f| {
            f.append(
                "bins/trader/src/main.rs",
                "\n#[test]\nfn reads() {\n    let bytes = include_bytes!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \
                 \"/../../experiments/probe/src/lib.rs\"));\n    assert!(!bytes.is_empty());\n}\n",
            );
        },
        found: r#"
bins/trader/src/main.rs:17: escapes: include_bytes! reads experiments/probe/src/lib.rs, outside of its package
    fix: move the file into bins/trader; a test may read it when it runs (std::fs)
1 problem
"#,
    },
    Way {
        name: "include_str! of a path in pieces",
        make: |f| {
            let line = "\n/// Read.\npub const X: &str = include_str!(concat!(\"../../../exper\", \"iments/probe/src/lib.rs\"));\n";
            f.append("crates/strategy/src/lib.rs", line);
        },
        found: r#"
crates/strategy: escapes: its library reads experiments/probe/src/lib.rs, an experiment
    fix: move what is needed into crates/strategy or a package of crates/
crates/strategy/src/lib.rs:12: escapes: include_str! reads experiments/probe/src/lib.rs, outside of its package
    fix: move the file into crates/strategy; a test may read it when it runs (std::fs)
2 problems
"#,
    },
    Way {
        name: "include_str! of a path from the build script",
        make: |f| {
            f.write(
                "crates/strategy/build.rs",
                "fn main() {\n    let root = std::env::var(\"CARGO_MANIFEST_DIR\").unwrap();\n    \
                 println!(\"cargo::rustc-env=READ={root}/../../exper{}/probe/src/lib.rs\", \"iments\");\n}\n",
            );
            f.append(
                "crates/strategy/src/lib.rs",
                "\n/// Read.\npub const X: &str = include_str!(env!(\"READ\"));\n",
            );
        },
        found: r#"
crates/strategy: escapes: its build script prints rustc-env with a path into experiments
    fix: move what is needed into the package, or into a package of crates/
crates/strategy: escapes: its library reads experiments/probe/src/lib.rs, an experiment
    fix: move what is needed into crates/strategy or a package of crates/
crates/strategy/src/lib.rs:12: escapes: the file that include_str! reads is not written in literals: where it lies cannot be told
    fix: name it by one literal, or by concat!(env!("CARGO_MANIFEST_DIR"), "/…")
3 problems
"#,
    },
    Way {
        name: "a file of another package",
        make: |f| {
            let line = "\n#[path = \"../../tools/src/lib.rs\"]\npub mod tools;\n";
            f.write("crates/tools/src/lib.rs", "//! What research needs.\n");
            f.append("crates/strategy/src/lib.rs", line);
        },
        found: r#"
crates/strategy: escapes: its library reads crates/tools/src/lib.rs, a file of another package
    fix: depend on tools and use what it exports, or move the file into crates/strategy
crates/strategy/src/lib.rs:11: escapes: #[path] reads crates/tools/src/lib.rs, outside of its package
    fix: move the file into crates/strategy; a test may read it when it runs (std::fs)
2 problems
"#,
    },
    Way {
        name: "a file of the workspace's root",
        make: |f| {
            f.append(
                "crates/strategy/src/lib.rs",
                "\n#[doc = include_str!(\"../../../README.md\")]\npub mod readme {}\n",
            )
        },
        found: r#"
crates/strategy: escapes: its library reads README.md, a file of no package
    fix: move the file into crates/strategy
crates/strategy/src/lib.rs:11: escapes: include_str! reads README.md, outside of its package
    fix: move the file into crates/strategy; a test may read it when it runs (std::fs)
2 problems
"#,
    },
    Way {
        name: "a source file that is a link",
        make: |f| {
            secret(f);
            f.link("crates/strategy/src/secret.rs", "../../../experiments/probe/src/secret.rs");
            f.append("crates/strategy/src/lib.rs", "\npub mod secret;\n");
        },
        found: r#"
crates/strategy: escapes: its library reads experiments/probe/src/secret.rs, an experiment
    fix: move what is needed into crates/strategy or a package of crates/
crates/strategy/src/secret.rs: escapes: is a symbolic link to experiments/probe/src/secret.rs, outside of its package
    fix: put the file itself in its place
2 problems
"#,
    },
    Way {
        name: "a folder of a package that is a link",
        make: |f| {
            f.write("experiments/parts/mod.rs", "//! Parts.\n");
            f.link("crates/strategy/src/parts", "../../../experiments/parts");
            f.append("crates/strategy/src/lib.rs", "\npub mod parts;\n");
        },
        found: r#"
crates/strategy: escapes: its library reads experiments/parts/mod.rs, an experiment
    fix: move what is needed into crates/strategy or a package of crates/
crates/strategy/src/parts: escapes: is a symbolic link to experiments/parts, outside of its package
    fix: put the file itself in its place
2 problems
"#,
    },
    Way {
        name: "a package that is a link",
        make: |f| {
            f.write(
                "experiments/linked/Cargo.toml",
                "[package]\nname = \"linked\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
            );
            f.write("experiments/linked/src/lib.rs", "//! Linked.\n");
            f.link("crates/linked", "../experiments/linked");
            f.relock();
        },
        found: r#"
experiments/linked: imports: the experiment "linked" is a member of the main workspace
    fix: list "experiments/linked" under `exclude` of [workspace] in Cargo.toml, not under `members`
crates/linked: escapes: is a symbolic link to experiments/linked, in the place of a folder of packages
    fix: put the folder itself in its place
2 problems
"#,
    },
    Way {
        name: "a build script that reads",
        make: |f| {
            f.write(
                "crates/strategy/build.rs",
                "fn main() {\n    let text = std::fs::read_to_string(\"../../experiments/probe/src/lib.rs\").unwrap();\n    \
                 println!(\"cargo::rustc-env=READ={}\", text.len());\n}\n",
            );
        },
        found: r#"
crates/strategy/build.rs:2: escapes: the build runs this, and it names experiments: "../../experiments/probe/src/lib.rs"
    fix: move what is needed into crates/strategy or a package of crates/
1 problem
"#,
    },
    Way {
        name: "a build script that watches a path in pieces",
        make: |f| {
            f.write(
                "crates/strategy/build.rs",
                "fn main() {\n    println!(\"cargo::rerun-if-changed=../../exper{}/probe/src/lib.rs\", \"iments\");\n}\n",
            );
        },
        found: r#"
crates/strategy: escapes: its build script reads experiments/probe/src/lib.rs, an experiment
    fix: move what is needed into crates/strategy or a package of crates/
1 problem
"#,
    },
    Way {
        name: "a library elsewhere",
        make: |f| {
            f.edit(
                "crates/strategy/Cargo.toml",
                "[dependencies]",
                "[lib]\npath = \"../../experiments/strategy.rs\"\n\n[dependencies]",
            );
            let text = f.read("crates/strategy/src/lib.rs");
            f.write("experiments/strategy.rs", &text);
        },
        found: r#"
crates/strategy: escapes: its library reads experiments/strategy.rs, an experiment
    fix: move what is needed into crates/strategy or a package of crates/
crates/strategy/Cargo.toml: escapes: [lib] path = "../../experiments/strategy.rs" leads to experiments/strategy.rs, outside of its package
    fix: move the source into crates/strategy
2 problems
"#,
    },
    Way {
        name: "a test elsewhere",
        make: |f| {
            f.append(
                "bins/trader/Cargo.toml",
                "\n[[test]]\nname = \"far\"\npath = \"../../experiments/far.rs\"\n",
            );
            f.write("experiments/far.rs", "//! Far.\n");
        },
        found: r#"
bins/trader/Cargo.toml: escapes: [[test]] path = "../../experiments/far.rs" leads to experiments/far.rs, outside of its package
    fix: move the source into bins/trader
1 problem
"#,
    },
    Way {
        name: "a build script elsewhere",
        make: |f| {
            f.edit(
                "crates/strategy/Cargo.toml",
                "version = \"0.1.0\"",
                "version = \"0.1.0\"\nbuild = \"../../experiments/build.rs\"",
            );
            f.write("experiments/build.rs", "fn main() {}\n");
        },
        found: r#"
crates/strategy: escapes: its build script reads experiments/build.rs, an experiment
    fix: move what is needed into crates/strategy or a package of crates/
crates/strategy/Cargo.toml: escapes: [package] build = "../../experiments/build.rs" leads to experiments/build.rs, outside of its package
    fix: move the source into crates/strategy
2 problems
"#,
    },
    Way {
        name: "[patch]",
        make: |f| {
            other_libm(f);
            f.append("Cargo.toml", "\n[patch.crates-io]\nlibm = { path = \"experiments/libm\" }\n");
            f.relock();
        },
        found: r#"
bins/trader: imports: production reaches an experiment: bins/trader -> features-v1 -> experiments/libm
    fix: take out what puts it in the place of "libm": [patch], [replace] or `paths` of .cargo/config.toml
features-v2: imports: reaches an experiment: features-v2 -> experiments/libm
    fix: take out what puts it in the place of "libm": [patch], [replace] or `paths` of .cargo/config.toml
Cargo.toml: escapes: [patch.crates-io] puts another package in the place of libm
    fix: remove it: libm decides values, and a model was trained with the one that the lock file names
Cargo.toml: escapes: patch.crates-io.libm.path = "experiments/libm" leads into experiments
    fix: remove it: nothing but an experiment may use experiments
experiments/libm: escapes: its library is built into production or a feature version, but is none of features-v*, crates/*, bins/*
    fix: move the package into crates/, or depend on one that is there
features-v1: frozen: the output, computed now, is not that of features-v1 1.0.0: expected f1fd96a9…, found b2be36c9…; differing from the goldens: core.log_return
    fix: undo it: git checkout COMMIT -- features-v1, or make the change in a new version: cargo xtask new-version
features-v2/goldens/OUTPUT_HASH: frozen: expected the output computed now, fb86db06…, found 6a9995b8…; differing from the goldens: core.log_return
    fix: if the change of values is meant: cargo xtask golden create v2 --replace
features-v1/Cargo.toml: self-contained: [dependencies.libm]: comes from experiments/libm, not from crates.io
    fix: remove path, git, registry and any [patch] of it
features-v2/Cargo.toml: self-contained: [dependencies.libm]: comes from experiments/libm, not from crates.io
    fix: remove path, git, registry and any [patch] of it
9 problems
"#,
    },
    Way {
        name: "[replace]",
        make: |f| {
            other_libm(f);
            f.append("Cargo.toml", "\n[replace]\n\"libm:0.2.16\" = { path = \"experiments/libm\" }\n");
            f.relock();
        },
        found: r#"
bins/trader: imports: production reaches an experiment: bins/trader -> features-v1 -> experiments/libm
    fix: take out what puts it in the place of "libm": [patch], [replace] or `paths` of .cargo/config.toml
features-v2: imports: reaches an experiment: features-v2 -> experiments/libm
    fix: take out what puts it in the place of "libm": [patch], [replace] or `paths` of .cargo/config.toml
Cargo.toml: escapes: [replace] puts another package in the place of libm
    fix: remove it: libm decides values, and a model was trained with the one that the lock file names
Cargo.toml: escapes: replace.libm:0.2.16.path = "experiments/libm" leads into experiments
    fix: remove it: nothing but an experiment may use experiments
experiments/libm: escapes: its library is built into production or a feature version, but is none of features-v*, crates/*, bins/*
    fix: move the package into crates/, or depend on one that is there
features-v1: frozen: the output, computed now, is not that of features-v1 1.0.0: expected f1fd96a9…, found b2be36c9…; differing from the goldens: core.log_return
    fix: undo it: git checkout COMMIT -- features-v1, or make the change in a new version: cargo xtask new-version
features-v2/goldens/OUTPUT_HASH: frozen: expected the output computed now, fb86db06…, found 6a9995b8…; differing from the goldens: core.log_return
    fix: if the change of values is meant: cargo xtask golden create v2 --replace
features-v1/Cargo.toml: self-contained: [dependencies.libm]: comes from experiments/libm, not from crates.io
    fix: remove path, git, registry and any [patch] of it
features-v2/Cargo.toml: self-contained: [dependencies.libm]: comes from experiments/libm, not from crates.io
    fix: remove path, git, registry and any [patch] of it
9 problems
"#,
    },
    Way {
        name: "[patch] in cargo's configuration",
        make: |f| {
            other_libm(f);
            f.append(".cargo/config.toml", "\n[patch.crates-io]\nlibm = { path = \"experiments/libm\" }\n");
            f.relock();
        },
        found: r#"
bins/trader: imports: production reaches an experiment: bins/trader -> features-v1 -> experiments/libm
    fix: take out what puts it in the place of "libm": [patch], [replace] or `paths` of .cargo/config.toml
features-v2: imports: reaches an experiment: features-v2 -> experiments/libm
    fix: take out what puts it in the place of "libm": [patch], [replace] or `paths` of .cargo/config.toml
.cargo/config.toml: escapes: [patch.crates-io] puts another package in the place of libm
    fix: remove it: libm decides values, and a model was trained with the one that the lock file names
.cargo/config.toml: escapes: patch.crates-io.libm.path = "experiments/libm" leads into experiments
    fix: remove it: nothing but an experiment may use experiments
experiments/libm: escapes: its library is built into production or a feature version, but is none of features-v*, crates/*, bins/*
    fix: move the package into crates/, or depend on one that is there
features-v1: frozen: the output, computed now, is not that of features-v1 1.0.0: expected f1fd96a9…, found b2be36c9…; differing from the goldens: core.log_return
    fix: undo it: git checkout COMMIT -- features-v1, or make the change in a new version: cargo xtask new-version
features-v2/goldens/OUTPUT_HASH: frozen: expected the output computed now, fb86db06…, found 6a9995b8…; differing from the goldens: core.log_return
    fix: if the change of values is meant: cargo xtask golden create v2 --replace
features-v1/Cargo.toml: self-contained: [dependencies.libm]: comes from experiments/libm, not from crates.io
    fix: remove path, git, registry and any [patch] of it
features-v2/Cargo.toml: self-contained: [dependencies.libm]: comes from experiments/libm, not from crates.io
    fix: remove path, git, registry and any [patch] of it
9 problems
"#,
    },
    Way {
        name: "paths of cargo's configuration",
        make: |f| {
            other_libm(f);
            let config = f.read(".cargo/config.toml");
            f.write(".cargo/config.toml", &format!("paths = [\"experiments/libm\"]\n\n{config}"));
        },
        found: r#"
bins/trader: imports: production reaches an experiment: bins/trader -> features-v1 -> experiments/libm
    fix: take out what puts it in the place of "libm": [patch], [replace] or `paths` of .cargo/config.toml
features-v2: imports: reaches an experiment: features-v2 -> experiments/libm
    fix: take out what puts it in the place of "libm": [patch], [replace] or `paths` of .cargo/config.toml
.cargo/config.toml: escapes: paths = "experiments/libm" leads into experiments
    fix: remove it: nothing but an experiment may use experiments
.cargo/config.toml: escapes: paths overrides packages by folders that no manifest names
    fix: remove it; to try a change of a dependency, do it in a workspace of experiments/
experiments/libm: escapes: its library is built into production or a feature version, but is none of features-v*, crates/*, bins/*
    fix: move the package into crates/, or depend on one that is there
features-v1: frozen: the output, computed now, is not that of features-v1 1.0.0: expected f1fd96a9…, found b2be36c9…; differing from the goldens: core.log_return
    fix: undo it: git checkout COMMIT -- features-v1, or make the change in a new version: cargo xtask new-version
features-v2/goldens/OUTPUT_HASH: frozen: expected the output computed now, fb86db06…, found 6a9995b8…; differing from the goldens: core.log_return
    fix: if the change of values is meant: cargo xtask golden create v2 --replace
features-v1/Cargo.toml: self-contained: [dependencies.libm]: comes from experiments/libm, not from crates.io
    fix: remove path, git, registry and any [patch] of it
features-v2/Cargo.toml: self-contained: [dependencies.libm]: comes from experiments/libm, not from crates.io
    fix: remove path, git, registry and any [patch] of it
9 problems
"#,
    },
    Way {
        name: "cargo's configuration in the folder of production",
        make: |f| {
            other_libm(f);
            f.write("bins/trader/.cargo/config.toml", "paths = [\"../../experiments/libm\"]\n");
        },
        found: r#"
bins/trader: imports: production reaches an experiment: bins/trader -> features-v1 -> libm 0.2.16 (registry https://github.com/rust-lang/crates.io-index); that is the name of the experiment in experiments/libm
    fix: take "libm" out of [dependencies] of features-v1/Cargo.toml; where the two have nothing in common, rename the experiment
features-v2: imports: reaches an experiment: features-v2 -> libm 0.2.16 (registry https://github.com/rust-lang/crates.io-index); that is the name of the experiment in experiments/libm
    fix: take "libm" out of [dependencies] of features-v2/Cargo.toml; where the two have nothing in common, rename the experiment
bins/trader/.cargo/config.toml: escapes: paths = "../../experiments/libm" leads into experiments
    fix: remove it: nothing but an experiment may use experiments
bins/trader/.cargo/config.toml: escapes: paths overrides packages by folders that no manifest names
    fix: remove it; to try a change of a dependency, do it in a workspace of experiments/
4 problems
"#,
    },
    Way {
        name: "flags of cargo's configuration",
        make: |f| {
            let flags = "\n[target.'cfg(windows)']\nrustflags = [\"-Lexperiments/probe\"]\n";
            f.append(".cargo/config.toml", flags);
        },
        found: r#"
.cargo/config.toml: escapes: target.cfg(windows).rustflags = "-Lexperiments/probe" leads into experiments
    fix: remove it: nothing but an experiment may use experiments
1 problem
"#,
    },
];
