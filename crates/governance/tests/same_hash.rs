//! One source, one hash: in the repository, in a packaged crate, in a vendored copy, and in a checkout with CRLF.
//!
//! Each is really built, and its `selftest` is asked: the hash is the one that stands in the binary.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod copied;

use std::path::Path;
use std::process::Command;

use copied::{Copy, NAME, copy_all, describe, git, hash, text};
use feature_api::identity::{Source, sha256};
use governance::Facts;

/// The copy's own build: what every other must equal.
fn original(copy: &Copy) -> Facts {
    let facts = copy.facts().unwrap();
    assert_eq!(hash(&facts.source_hash), copy.source().hash());
    assert_eq!(facts.output_hash, facts.golden_output_hash);
    facts
}

/// The `selftest` of the version in `folder`, built there.
fn built(copy: &Copy, folder: &Path) -> Facts {
    let target = copy.root().parent().unwrap().join("target");
    let output = copy
        .workspace()
        .cargo()
        .current_dir(folder)
        .args(["build", "--quiet", "--offline", "-p", NAME, "--bin", "selftest"])
        .env("CARGO_TARGET_DIR", &target)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    describe(&target.join("debug").join(format!("selftest{}", std::env::consts::EXE_SUFFIX)))
}

#[test]
fn a_packaged_crate_and_a_vendored_copy_have_the_same_hashes() {
    let copy = Copy::new("packaged", "1.0.0");
    let facts = original(&copy);
    let packages = copy.root().parent().unwrap().join("packages");
    let output = copy
        .workspace()
        .cargo()
        .args(["package", "--offline", "--allow-dirty", "--no-verify", "--exclude-lockfile"])
        .args(["-p", "feature-api", "-p", NAME, "--target-dir"])
        .arg(&packages)
        .env_remove("CARGO_TARGET_DIR")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));

    let consumer = copy.root().parent().unwrap().join("consumer");
    if consumer.exists() {
        std::fs::remove_dir_all(&consumer).unwrap();
    }
    let contract = unpack(&packages, "feature-api", &consumer.join("vendor"));
    let version = unpack(&packages, NAME, &consumer.join("vendor"));
    let unpacked = Source::read(&version).unwrap();
    assert_eq!(unpacked.sums(), copy.source().sums());
    assert_eq!(
        unpacked.differing(&std::fs::read_to_string(version.join("SHA256SUMS")).unwrap()),
        Vec::<String>::new()
    );
    // A package has what `cargo package` made of the manifest, not what the repository has.
    assert_ne!(std::fs::read(version.join("Cargo.toml")).unwrap(), copy.read("features-v1/Cargo.toml"));

    // A program elsewhere that has both in its folder `vendor`, as `[patch]` puts them in place of a registry.
    let folder = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    let manifest = format!(
        "[package]\nname = \"consumer\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [dependencies]\n{NAME} = \"=1.0.0\"\n\n[patch.crates-io]\n{NAME} = {{ path = \"vendor/{}\" }}\n\
         feature-api = {{ path = \"vendor/{}\" }}\n",
        folder(&version),
        folder(&contract)
    );
    copy_all(&copy.path("Cargo.lock"), &consumer.join("Cargo.lock"));
    copy_all(&copy.path(".cargo/config.toml"), &consumer.join(".cargo/config.toml"));
    std::fs::write(consumer.join("Cargo.toml"), manifest).unwrap();
    std::fs::create_dir_all(consumer.join("src")).unwrap();
    std::fs::write(consumer.join("src/main.rs"), "fn main() { println!(\"{}\", features_v1::FEATURES) }\n")
        .unwrap();
    assert_eq!(built(&copy, &consumer), facts);
    // Changed there, it does not build either.
    let rsi = version.join("src/operators/rsi.rs");
    std::fs::write(&rsi, std::fs::read_to_string(&rsi).unwrap() + "\n").unwrap();
    let output =
        copy.workspace().cargo().current_dir(&consumer).args(["check", "--offline"]).output().unwrap();
    let said = text(&output.stderr);
    assert!(
        !output.status.success() && said.contains("differs from its release in: src/operators/rsi.rs"),
        "{said}"
    );
}

/// Unpacks the crate that `cargo package` made.
fn unpack(packages: &Path, name: &str, into: &Path) -> std::path::PathBuf {
    let folder = packages.join("package");
    let mut crates: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    crates.retain(|path| {
        let file = path.file_name().unwrap().to_str().unwrap();
        file.ends_with(".crate") && file.strip_prefix(name).is_some_and(|rest| rest.starts_with("-1."))
    });
    crates.sort();
    let archive = crates.last().unwrap_or_else(|| panic!("no package of {name} in {}", folder.display()));
    std::fs::create_dir_all(into).unwrap();
    let status = Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(into).status().unwrap();
    assert!(status.success());
    into.join(archive.file_stem().unwrap())
}

#[test]
fn a_checkout_with_crlf_has_the_same_hashes() {
    let (copy, record) = Copy::released("crlf");
    let facts = original(&copy);
    let checkout = copy.root().parent().unwrap().join("checkout");
    if checkout.exists() {
        std::fs::remove_dir_all(&checkout).unwrap();
    }
    let from = copy.root().to_str().unwrap().to_owned();
    let to = checkout.to_str().unwrap().to_owned();
    git(copy.root(), &["clone", "--quiet", "--config", "core.autocrlf=true", &from, &to]);
    // It is one: every line of every file ends with CRLF.
    for (path, _) in copy.source().files {
        let (here, there) =
            (copy.read(&format!("{NAME}/{path}")), std::fs::read(checkout.join(NAME).join(&path)).unwrap());
        assert_eq!(text(&there), text(&here).replace('\n', "\r\n"), "{path}");
    }
    assert!(text(&std::fs::read(checkout.join(NAME).join("SHA256SUMS")).unwrap()).contains("\r\n"));
    assert!(text(&std::fs::read(checkout.join(NAME).join("Cargo.toml")).unwrap()).contains("\r\n"));
    assert_eq!(built(&copy, &checkout), facts);
    assert_eq!((facts.source_hash, facts.output_hash), (record.source_hash, record.output_hash));
}

#[test]
fn the_sums_are_read_by_sha256sum_and_their_sum_is_the_source_hash() {
    let copy = Copy::new("sums", "1.0.0");
    let sums = copy.read("features-v1/SHA256SUMS");
    assert_eq!(sha256(&sums), copy.source().hash());
    let run = |arguments: &[&str]| {
        let program = Command::new("sha256sum").current_dir(copy.path(NAME)).args(arguments).output();
        program.map(|output| (output.status.success(), text(&output.stdout)))
    };
    let (well, listed) = match run(&["--strict", "--check", "SHA256SUMS"]) {
        Ok(answer) => answer,
        Err(error) => {
            // Not on every system; where everything must be tested it must be there.
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "sha256sum: {error}");
            eprintln!("left out: sha256sum cannot be run ({error})");
            return;
        }
    };
    let expected: String = copy.source().files.iter().map(|(path, _)| format!("{path}: OK\n")).collect();
    assert_eq!((well, listed), (true, expected));
    let (well, sum) = run(&["SHA256SUMS"]).unwrap();
    assert_eq!((well, sum), (true, format!("{}  SHA256SUMS\n", copy.source().hash())));
    copy.edit("features-v1/src/operators/rsi.rs", "100.0 * (gain", "101.0 * (gain");
    let (well, listed) = run(&["--check", "--quiet", "SHA256SUMS"]).unwrap();
    assert_eq!((well, listed.as_str()), (false, "src/operators/rsi.rs: FAILED\n"));
}
