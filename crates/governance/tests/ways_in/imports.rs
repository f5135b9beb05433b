//! Production, a crate or anything else of the workspace reaches a package of experiments.

use super::Way;
use crate::fixture::{Fixture, git};

/// Appends a dependency to a manifest that ends with its `[lints]`, and brings the lock file up to date.
fn depends(fixture: &Fixture, manifest: &str, dependency: &str) {
    fixture.append(manifest, &format!("\n{dependency}\n"));
    fixture.relock();
}

pub const WAYS: &[Way] = &[
    Way {
        name: "a path dependency of production",
        make: |f| {
            depends(f, "bins/trader/Cargo.toml", "[dependencies.probe]\npath = \"../../experiments/probe\"")
        },
        found: r#"
bins/trader: imports: production reaches an experiment: bins/trader -> experiments/probe
    fix: take "probe" out of [dependencies] of bins/trader/Cargo.toml; what others need of an experiment moves to a package under crates/
experiments/probe: escapes: its library is built into production or a feature version, but is none of features-v*, crates/*, bins/*
    fix: move the package into crates/, or depend on one that is there
2 problems
"#,
    },
    Way {
        name: "an absolute path",
        make: |f| {
            let path = f.root().join("experiments/probe");
            depends(f, "bins/trader/Cargo.toml", &format!("[dependencies.probe]\npath = {path:?}"));
        },
        found: r#"
bins/trader: imports: production reaches an experiment: bins/trader -> experiments/probe
    fix: take "probe" out of [dependencies] of bins/trader/Cargo.toml; what others need of an experiment moves to a package under crates/
experiments/probe: escapes: its library is built into production or a feature version, but is none of features-v*, crates/*, bins/*
    fix: move the package into crates/, or depend on one that is there
2 problems
"#,
    },
    Way {
        name: "through a library of production",
        make: |f| {
            depends(
                f,
                "crates/strategy/Cargo.toml",
                "[dependencies.probe]\npath = \"../../experiments/probe\"",
            )
        },
        found: r#"
bins/trader: imports: production reaches an experiment: bins/trader -> crates/strategy -> experiments/probe
    fix: take "probe" out of [dependencies] of crates/strategy/Cargo.toml; what others need of an experiment moves to a package under crates/
experiments/probe: escapes: its library is built into production or a feature version, but is none of features-v*, crates/*, bins/*
    fix: move the package into crates/, or depend on one that is there
2 problems
"#,
    },
    Way {
        name: "a dev-dependency of production",
        make: |f| {
            depends(
                f,
                "bins/trader/Cargo.toml",
                "[dev-dependencies.probe]\npath = \"../../experiments/probe\"",
            )
        },
        found: r#"
bins/trader: imports: production reaches an experiment: bins/trader -> (dev) experiments/probe
    fix: take "probe" out of [dev-dependencies] of bins/trader/Cargo.toml; what others need of an experiment moves to a package under crates/
1 problem
"#,
    },
    Way {
        name: "a build-dependency of a library",
        make: |f| {
            depends(
                f,
                "crates/strategy/Cargo.toml",
                "[build-dependencies.probe]\npath = \"../../experiments/probe\"",
            );
            f.write("crates/strategy/build.rs", "fn main() {\n    println!(\"{}\", probe::THRESHOLD);\n}\n");
        },
        found: r#"
bins/trader: imports: production reaches an experiment: bins/trader -> crates/strategy -> (build) experiments/probe
    fix: take "probe" out of [build-dependencies] of crates/strategy/Cargo.toml; what others need of an experiment moves to a package under crates/
experiments/probe: escapes: its library is built into production or a feature version, but is none of features-v*, crates/*, bins/*
    fix: move the package into crates/, or depend on one that is there
2 problems
"#,
    },
    Way {
        name: "an optional dependency that no feature turns on",
        make: |f| {
            let dependency = "[dependencies.probe]\npath = \"../../experiments/probe\"\noptional = true";
            depends(f, "crates/strategy/Cargo.toml", dependency);
        },
        found: r#"
bins/trader: imports: production reaches an experiment: bins/trader -> crates/strategy -> experiments/probe, optional
    fix: take "probe" out of [dependencies] of crates/strategy/Cargo.toml; what others need of an experiment moves to a package under crates/
1 problem
"#,
    },
    Way {
        name: "a renamed dependency",
        make: |f| {
            let dependency = "[dependencies.helper]\npackage = \"probe\"\npath = \"../../experiments/probe\"";
            depends(f, "crates/strategy/Cargo.toml", dependency);
        },
        found: r#"
bins/trader: imports: production reaches an experiment: bins/trader -> crates/strategy -> experiments/probe, renamed "helper"
    fix: take "helper" out of [dependencies] of crates/strategy/Cargo.toml; what others need of an experiment moves to a package under crates/
experiments/probe: escapes: its library is built into production or a feature version, but is none of features-v*, crates/*, bins/*
    fix: move the package into crates/, or depend on one that is there
2 problems
"#,
    },
    Way {
        name: "a dependency for another target",
        make: |f| {
            let dependency = "[target.'cfg(windows)'.dependencies.probe]\npath = \"../../experiments/probe\"";
            depends(f, "crates/strategy/Cargo.toml", dependency);
        },
        found: r#"
bins/trader: imports: production reaches an experiment: bins/trader -> crates/strategy -> experiments/probe, for cfg(windows)
    fix: take "probe" out of [target.'cfg(windows)'.dependencies] of crates/strategy/Cargo.toml; what others need of an experiment moves to a package under crates/
1 problem
"#,
    },
    Way {
        name: "a dependency inherited from the workspace",
        make: |f| {
            f.edit(
                "Cargo.toml",
                "tools = { path = \"crates/tools\" }\n",
                "tools = { path = \"crates/tools\" }\nprobe = { path = \"experiments/probe\" }\n",
            );
            depends(f, "bins/trader/Cargo.toml", "[dependencies.probe]\nworkspace = true");
        },
        found: r#"
bins/trader: imports: production reaches an experiment: bins/trader -> experiments/probe
    fix: take "probe" out of [dependencies] of bins/trader/Cargo.toml; what others need of an experiment moves to a package under crates/
experiments/probe: escapes: its library is built into production or a feature version, but is none of features-v*, crates/*, bins/*
    fix: move the package into crates/, or depend on one that is there
2 problems
"#,
    },
    Way {
        name: "a git repository made of the experiments",
        make: |f| {
            let copy = f.slot().join("elsewhere");
            let manifest = "[package]\nname = \"probe\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
            f.write_outside("elsewhere/probe/Cargo.toml", manifest);
            f.write_outside("elsewhere/probe/src/lib.rs", "//! A copy.\n");
            git(&copy, &["init", "--quiet", "--template=", "--initial-branch=main"]);
            git(&copy, &["add", "--all"]);
            git(
                &copy,
                &["-c", "user.name=A", "-c", "user.email=a@localhost", "commit", "--quiet", "-m", "Copy"],
            );
            let url = format!("file://{}", copy.display());
            f.append("crates/strategy/Cargo.toml", &format!("\n[dependencies.probe]\ngit = \"{url}\"\n"));
            f.cargo(&["update", "--quiet", "--workspace"]);
        },
        found: r#"
bins/trader: imports: production reaches an experiment: bins/trader -> crates/strategy -> probe 0.1.0 (git file://SLOT/elsewhere#COMMIT); that is the name of the experiment in experiments/probe
    fix: take "probe" out of [dependencies] of crates/strategy/Cargo.toml; where the two have nothing in common, rename the experiment
1 problem
"#,
    },
    Way {
        name: "a copy of an experiment outside of the workspace",
        make: |f| {
            let manifest =
                "[package]\nname = \"probe\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n";
            f.write_outside("elsewhere/probe/Cargo.toml", manifest);
            f.write_outside("elsewhere/probe/src/lib.rs", "//! A copy.\n");
            depends(
                f,
                "crates/strategy/Cargo.toml",
                "[dependencies.probe]\npath = \"../../../elsewhere/probe\"",
            );
        },
        found: r#"
SLOT/elsewhere/probe: imports: the package "probe" lies in a folder of no tier
    fix: move it to crates/NAME, bins/NAME or experiments/NAME; a feature version is features-vN
SLOT/elsewhere/probe: escapes: its library is built into production or a feature version, but is none of features-v*, crates/*, bins/*
    fix: move the package into crates/, or depend on one that is there
2 problems
"#,
    },
    Way {
        name: "research uses an experiment",
        make: |f| {
            depends(f, "bins/lab/Cargo.toml", "[dependencies.probe]\npath = \"../../experiments/probe\"")
        },
        found: r#"
bins/lab: imports: reaches an experiment: bins/lab -> experiments/probe
    fix: take "probe" out of [dependencies] of bins/lab/Cargo.toml; what others need of an experiment moves to a package under crates/
1 problem
"#,
    },
    Way {
        name: "xtask uses an experiment",
        make: |f| depends(f, "xtask/Cargo.toml", "[dependencies.probe]\npath = \"../experiments/probe\""),
        found: r#"
xtask: imports: reaches an experiment: xtask -> experiments/probe
    fix: take "probe" out of [dependencies] of xtask/Cargo.toml; what others need of an experiment moves to a package under crates/
1 problem
"#,
    },
    Way {
        name: "the tests of a draft use an experiment",
        make: |f| {
            depends(f, "features-v2/Cargo.toml", "[dev-dependencies.probe]\npath = \"../experiments/probe\"")
        },
        found: r#"
features-v2: imports: reaches an experiment: features-v2 -> (dev) experiments/probe
    fix: take "probe" out of [dev-dependencies] of features-v2/Cargo.toml; what others need of an experiment moves to a package under crates/
1 problem
"#,
    },
    Way {
        name: "an experiment among the members",
        make: |f| {
            f.remove("experiments/Cargo.toml");
            f.edit("Cargo.toml", "exclude = [\"experiments\"]", "");
            f.edit("Cargo.toml", "\"xtask\"]", "\"xtask\", \"experiments/probe\"]");
            f.relock();
        },
        found: r#"
experiments/probe: imports: the experiment "probe" is a member of the main workspace
    fix: list "experiments/probe" under `exclude` of [workspace] in Cargo.toml, not under `members`
1 problem
"#,
    },
    Way {
        name: "a package in a folder of no tier",
        make: |f| {
            f.write(
                "lib/helper/Cargo.toml",
                "[package]\nname = \"helper\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
            );
            f.write("lib/helper/src/lib.rs", "//! Helps.\n");
            f.edit("Cargo.toml", "\"xtask\"]", "\"xtask\", \"lib/helper\"]");
            depends(f, "crates/strategy/Cargo.toml", "[dependencies.helper]\npath = \"../../lib/helper\"");
        },
        found: r#"
lib/helper: imports: the package "helper" lies in a folder of no tier
    fix: move it to crates/NAME, bins/NAME or experiments/NAME; a feature version is features-vN
lib/helper: escapes: its library is built into production or a feature version, but is none of features-v*, crates/*, bins/*
    fix: move the package into crates/, or depend on one that is there
2 problems
"#,
    },
    Way {
        name: "a package that is no member",
        make: |f| {
            let manifest =
                "[package]\nname = \"stray\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n";
            f.write("scripts/stray/Cargo.toml", manifest);
            f.write("scripts/stray/src/lib.rs", "//! Strays.\n");
        },
        found: r#"
scripts/stray: imports: the package "stray" lies in a folder of no tier
    fix: move it to crates/NAME, bins/NAME or experiments/NAME; a feature version is features-vN
1 problem
"#,
    },
    Way {
        name: "a binary without a role",
        make: |f| f.edit("bins/trader/Cargo.toml", "[package.metadata.isobar]\nrole = \"production\"\n", ""),
        found: r#"
bins/trader/Cargo.toml: imports: expected the role "production" or "research", found none
    fix: write `role = "production"` under [package.metadata.isobar] where it runs with money, else `role = "research"`
1 problem
"#,
    },
    Way {
        name: "a binary with a role of its own",
        make: |f| f.edit("bins/trader/Cargo.toml", "\"production\"", "\"live\""),
        found: r#"
bins/trader/Cargo.toml: imports: expected the role "production" or "research", found "live"
    fix: write `role = "production"` under [package.metadata.isobar] where it runs with money, else `role = "research"`
1 problem
"#,
    },
    Way {
        name: "production uses a binary of research",
        make: |f| {
            f.write("bins/lab/src/lib.rs", "//! A library, too.\n");
            depends(f, "bins/trader/Cargo.toml", "[dependencies.lab]\npath = \"../lab\"");
        },
        found: r#"
bins/trader: imports: production is built from bins/lab: bins/trader -> bins/lab
    fix: take "lab" out of [dependencies] of bins/trader/Cargo.toml; what both need moves to a package under crates/
bins/trader/Cargo.toml: pins: is built from features-v2, while this manifest pins features-v1: bins/trader -> bins/lab -> crates/feature-registry -> features-v2
    fix: take "features-v2" out of [dependencies] of crates/feature-registry/Cargo.toml; only the pin in this manifest says what it trades on
bins/trader/Cargo.toml: pins: reaches feature-registry, which holds every feature version: bins/trader -> bins/lab -> crates/feature-registry
    fix: take "feature-registry" out of [dependencies] of bins/lab/Cargo.toml; production names its one version, the registry is for research
bins/trader/Cargo.toml: pins: reaches feature-registry, which holds every feature version: bins/trader -> bins/lab -> crates/tools -> crates/feature-registry
    fix: take "feature-registry" out of [dependencies] of crates/tools/Cargo.toml; production names its one version, the registry is for research
4 problems
"#,
    },
    Way {
        name: "a library of production uses a feature version",
        make: |f| {
            depends(f, "crates/strategy/Cargo.toml", "[dependencies.features-v2]\nworkspace = true");
        },
        found: r#"
crates/strategy: imports: crates/strategy -> features-v2; a crate uses crates; features only where it is feature-registry or in tests; no binary and no xtask
    fix: take "features-v2" out of [dependencies] of crates/strategy/Cargo.toml
bins/trader/Cargo.toml: pins: is built from features-v2, while this manifest pins features-v1: bins/trader -> crates/strategy -> features-v2
    fix: take "features-v2" out of [dependencies] of crates/strategy/Cargo.toml; only the pin in this manifest says what it trades on
2 problems
"#,
    },
];
