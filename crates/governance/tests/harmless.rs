//! What people do every day, and the check must not stand in its way: each done in a throw-away git repository,
//! nothing found.

#![allow(clippy::unwrap_used, reason = "tests")]

mod fixture;

use std::fs::{self, File};
use std::path::Path;
use std::time::SystemTime;

use fixture::Fixture;

/// What is done, and does it.
type Change = (&'static str, fn(&Fixture));

const CHANGES: &[Change] = &[
    ("a comment in a crate", |f| f.append("crates/strategy/src/lib.rs", "\n// Half of it is patience.\n")),
    ("code of a crate, committed on a branch", |f| {
        f.branch("patience");
        f.edit("crates/strategy/src/lib.rs", "> 0.0", "> 0.001");
        f.commit("Wait for more");
    }),
    ("a crate's text about experiments", |f| {
        f.append(
            "crates/strategy/src/lib.rs",
            "\n/// As in experiments/probe/src/lib.rs.\npub const TEXT: &str = \"experiments/probe\";\n",
        );
    }),
    ("a doc comment of the contract", |f| {
        f.edit("crates/feature-api/src/lib.rs", "//! The contract between", "//! The whole contract between");
    }),
    ("a new experiment", |f| {
        f.write(
            "experiments/second/Cargo.toml",
            &f.read("experiments/probe/Cargo.toml").replace("probe", "second"),
        );
        f.write("experiments/second/src/lib.rs", "//! Another experiment.\n");
        f.edit("experiments/Cargo.toml", "\"survey\"]", "\"survey\", \"second\"]");
    }),
    ("a dev-dependency among experiments", |f| {
        f.write(
            "experiments/second/Cargo.toml",
            &f.read("experiments/probe/Cargo.toml").replace("probe", "second"),
        );
        f.append("experiments/second/Cargo.toml", "\n[dev-dependencies]\nprobe = { path = \"../probe\" }\n");
        f.write("experiments/second/src/lib.rs", "//! Another experiment.\n");
        f.edit("experiments/Cargo.toml", "\"survey\"]", "\"survey\", \"second\"]");
    }),
    ("an experiment over a feature version and a crate", |f| {
        f.append(
            "experiments/probe/Cargo.toml",
            "\n[dependencies]\nfeatures-v1 = { path = \"../../features-v1\" }\nstrategy = { path = \"../../crates/strategy\" }\n",
        );
        f.append(
            "experiments/probe/src/lib.rs",
            "\n#[path = \"../../../crates/tools/src/lib.rs\"]\nmod tools;\n\n/// Unsafe here.\npub fn zero() -> f64 {\n    unsafe { std::mem::zeroed() }\n}\n",
        );
    }),
    ("an experiment that does not compile", |f| {
        f.append("experiments/probe/src/lib.rs", "\nfn broken( {}\n")
    }),
    ("a draft's values, with its goldens", |f| {
        f.edit("features-v2/src/sets/core.rs", "libm::log(close / before)", "close / before - 1.0");
        f.remake_goldens(2);
    }),
    ("a feature more in a draft, committed on a branch", |f| {
        f.branch("midpoint");
        f.edit(
            "features-v2/src/sets/core.rs",
            "        // new features above\n",
            "        spec(\"open\", \"O\", \"Open.\", Range::AtLeast(0.0), 1),\n",
        );
        f.edit(
            "features-v2/src/sets/core.rs",
            "            // new values above\n",
            "            Some(price(bar, bar.open().raw())),\n",
        );
        f.remake_goldens(2);
        f.commit("features-v2: the open");
    }),
    ("words of a draft", |f| {
        f.append("features-v2/src/lib.rs", "\n// f64::mul_add and unsafe and std::env are not used.\n");
        f.remake_sums(2);
    }),
    ("a new draft version", |f| {
        for path in files(f, "features-v2") {
            let text =
                f.read(&path).replace("features-v2", "features-v3").replace("features_v2", "features_v3");
            f.write(&path.replace("features-v2", "features-v3"), &text.replace("2.0.0-rc.1", "3.0.0-rc.1"));
        }
        f.edit("Cargo.toml", "\"features-v2\"", "\"features-v2\", \"features-v3\"");
        let (v2, v3) = (
            "features-v2 = { path = \"features-v2\"",
            "features-v3 = { path = \"features-v3\", version = \"=3.0.0-rc.1\" }",
        );
        f.edit("Cargo.toml", v2, &format!("{v3}\n{v2}"));
        f.append("crates/feature-registry/Cargo.toml", "\n[dependencies.features-v3]\nworkspace = true\n");
        let line = "    // new versions above";
        f.edit("crates/feature-registry/src/lib.rs", line, &format!("    &features_v3::FEATURES,\n{line}"));
        f.relock();
        f.remake_goldens(3);
    }),
    ("a test, a benchmark and an example of a released version", |f| {
        f.write(
            "features-v1/tests/more.rs",
            "//! More.\n\n#[test]\nfn there_is_a_set() {\n    assert_eq!(features_v1::SETS.len(), 1);\n}\n",
        );
        f.write("features-v1/benches/notes.md", "Fast.\n");
        f.write(
            "features-v1/examples/print.rs",
            "//! Prints.\n\nfn main() {\n    println!(\"{:?}\", features_v1::FEATURES);\n}\n",
        );
    }),
    ("tests that read files elsewhere when they run", |f| {
        f.write(
            "crates/strategy/tests/reads.rs",
            "//! Reads.\n\n#[test]\nfn reads() {\n    let path = concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/../../docs/notes.md\");\n    assert!(std::fs::read_to_string(path).is_ok());\n}\n",
        );
    }),
    ("comments and the description in a released manifest", |f| {
        f.edit("features-v1/Cargo.toml", "a small set", "one small set");
        f.append("features-v1/Cargo.toml", "\n# Nothing follows.\n");
    }),
    ("a dev-dependency of a released version", |f| {
        f.append("features-v1/Cargo.toml", "\n[dev-dependencies]\nstrategy.workspace = true\n");
        f.relock();
    }),
    ("documentation", |f| {
        f.append("docs/notes.md", "\nExperiments are in experiments/.\n");
        f.append("README.md", "\nMore.\n");
        f.append("releases/README.md", "\nMore.\n");
    }),
    ("CRLF line endings of a released version and the ledger", |f| {
        for path in files(f, "features-v1").into_iter().chain(files(f, "releases")) {
            f.write(&path, &f.read(&path).replace('\n', "\r\n"));
        }
    }),
    ("other times of the files", |f| {
        for path in files(f, "features-v1").into_iter().chain(files(f, "releases")) {
            let file = File::options().write(true).open(f.root().join(path)).unwrap();
            file.set_modified(SystemTime::now()).unwrap();
        }
    }),
    ("a new binary of research", |f| {
        f.write("bins/plot/Cargo.toml", &f.read("bins/lab/Cargo.toml").replace("\"lab\"", "\"plot\""));
        f.write(
            "bins/plot/src/main.rs",
            "//! Plots.\n\nfn main() {\n    println!(\"{}\", tools::versions());\n}\n",
        );
        f.relock();
    }),
    ("a new crate of research with a build script", |f| {
        f.write(
            "crates/charts/Cargo.toml",
            &f.read("crates/tools/Cargo.toml").replace("\"tools\"", "\"charts\""),
        );
        f.write(
            "crates/charts/src/lib.rs",
            "//! Charts.\n\n/// A style.\npub const STYLE: &str = include_str!(\"style.css\");\n",
        );
        f.write("crates/charts/src/style.css", "p { margin: 0 }\n");
        f.write(
            "crates/charts/build.rs",
            "fn main() {\n    println!(\"cargo::rerun-if-changed=src/style.css\");\n}\n",
        );
        f.append("bins/lab/Cargo.toml", "\n[dependencies.charts]\npath = \"../../crates/charts\"\n");
        f.relock();
    }),
    ("a second binary of production", |f| {
        f.write(
            "bins/hedger/Cargo.toml",
            &f.read("bins/trader/Cargo.toml").replace("\"trader\"", "\"hedger\""),
        );
        f.write("bins/hedger/src/main.rs", &f.read("bins/trader/src/main.rs"));
        f.relock();
    }),
    ("production on the draft", |f| {
        f.edit(
            "bins/trader/Cargo.toml",
            "features-v1 = { path = \"../../features-v1\", version = \"=1.0.0\" }",
            "features-v2 = { path = \"../../features-v2\", version = \"=2.0.0-rc.1\" }",
        );
        f.write(
            "bins/trader/src/main.rs",
            &f.read("bins/trader/src/main.rs").replace("features_v1", "features_v2"),
        );
        f.relock();
    }),
    ("a detached head", |f| {
        f.git(&["switch", "--quiet", "--detach", "HEAD"]);
    }),
    ("a branch from before the release", |f| {
        f.append("docs/notes.md", "\nLater.\n");
        f.commit("Later");
        f.git(&["switch", "--quiet", "--create", "old", "HEAD~1"]);
    }),
];

#[test]
fn the_first_half_is_not_flagged() {
    nothing_is_found(&CHANGES[..CHANGES.len() / 2]);
}

#[test]
fn the_second_half_is_not_flagged() {
    nothing_is_found(&CHANGES[CHANGES.len() / 2..]);
}

fn nothing_is_found(changes: &[Change]) {
    let fixture = Fixture::new();
    let mut flagged = String::new();
    for (name, make) in changes {
        make(&fixture);
        let report = fixture.report();
        if report != "0 problems\n" {
            flagged += &format!("\n=== {name}\n{report}");
        }
        fixture.reset();
    }
    assert!(flagged.is_empty(), "harmless, but flagged:\n{flagged}");
}

/// Every file of a folder, by its path from the root.
fn files(fixture: &Fixture, folder: &str) -> Vec<String> {
    fn walk(folder: &Path, name: &str, files: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{name}/{}", path.file_name().unwrap().to_str().unwrap());
            if path.is_dir() { walk(&path, &name, files) } else { files.push(name) }
        }
    }
    let mut files = Vec::new();
    walk(&fixture.root().join(folder), folder, &mut files);
    files
}
