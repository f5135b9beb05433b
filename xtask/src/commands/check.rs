//! `cargo xtask check`: every rule, every problem.

use std::fmt;

use anyhow::{Context as _, Result};
use feature_api::identity::Source;

use super::{hash, readme};
use crate::version::{VERSIONS, Version, root};

/// Something that must not stay.
struct Problem {
    place: String,
    rule: &'static str,
    reason: String,
    fix: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, rule, reason, fix } = self;
        write!(f, "{place}: {rule}: {reason}\n    fix: {fix}")
    }
}

/// Runs every rule over every version.
pub fn run() -> Result<bool> {
    let mut problems = Vec::new();
    for version in VERSIONS {
        sums(&version, &mut problems)?;
        goldens(&version, &mut problems);
        registry(&version, &mut problems)?;
        dependencies(&version, &mut problems)?;
    }
    for problem in &problems {
        println!("{problem}");
    }
    println!("{} problem{}", problems.len(), if problems.len() == 1 { "" } else { "s" });
    Ok(problems.is_empty())
}

/// `SHA256SUMS` says what is there.
fn sums(version: &Version, problems: &mut Vec<Problem>) -> Result<()> {
    let source = Source::read(&version.folder())?;
    for file in hash::differing(version, &source)? {
        problems.push(Problem {
            place: format!("features-{}/{file}", version.name),
            rule: "sums",
            reason: "is not what SHA256SUMS says".to_owned(),
            fix: if version.is_released() {
                "restore the file: a released version never changes".to_owned()
            } else {
                format!("cargo xtask hash {} --write", version.name)
            },
        });
    }
    Ok(())
}

/// The output is the golden one.
fn goldens(version: &Version, problems: &mut Vec<Problem>) {
    let output = (version.output)();
    let golden = std::fs::read_to_string(version.folder().join("goldens/OUTPUT_HASH")).unwrap_or_default();
    if golden.trim() != output.hash.to_string() {
        let features = features_v1::canonical::differing(&output);
        problems.push(Problem {
            place: format!("features-{}", version.name),
            rule: "golden",
            reason: format!(
                "output hash is {}, the golden says {}; features that differ: {}",
                output.hash,
                golden.trim(),
                features.join(", ")
            ),
            fix: if version.is_released() {
                "restore the source: a released version never changes".to_owned()
            } else {
                format!("if the change is meant: cargo xtask golden create {} --replace", version.name)
            },
        });
    }
}

/// Every feature is documented, unique in its set, and in the README.
fn registry(version: &Version, problems: &mut Vec<Problem>) -> Result<()> {
    for name in version.sets {
        let set = (version.set)(name)?;
        let features = set.schema().features();
        for (index, feature) in features.iter().enumerate() {
            let twice = features.iter().take(index).any(|other| other.name == feature.name);
            let reason = match () {
                () if twice => "stands twice in its set",
                () if feature.doc.is_empty() => "has no doc",
                () if feature.formula.is_empty() => "has no formula",
                () => continue,
            };
            problems.push(Problem {
                place: format!("features-{}, {name}.{}", version.name, feature.name),
                rule: "registry",
                reason: reason.to_owned(),
                fix: "mend its line in the table of the set".to_owned(),
            });
        }
    }
    let path = version.folder().join("README.md");
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    if found.replace("\r\n", "\n") != readme::text(version)? {
        problems.push(Problem {
            place: format!("features-{}/README.md", version.name),
            rule: "registry",
            reason: "does not equal the schemas".to_owned(),
            fix: "cargo xtask readme".to_owned(),
        });
    }
    Ok(())
}

/// A version depends on `feature-api` and `libm` alone, and libm's checksum is that of the lock file.
fn dependencies(version: &Version, problems: &mut Vec<Problem>) -> Result<()> {
    let place = format!("features-{}/Cargo.toml", version.name);
    let lock_path = root().join("Cargo.lock");
    let lock = std::fs::read_to_string(&lock_path).with_context(|| lock_path.display().to_string())?;
    let source = Source::read(&version.folder())?;
    let fact = |key: &str| source.manifest.lines().find_map(|line| line.strip_prefix(&format!("{key} = ")));
    for line in source.manifest.lines() {
        let table = line.split('.').next().unwrap_or_default();
        let package = line.split('.').nth(1).unwrap_or_default();
        let allowed = match table {
            "dependencies" => ["feature-api", "libm"].contains(&package),
            "build-dependencies" => package == "feature-api",
            _ => true,
        };
        if !allowed {
            problems.push(Problem {
                place: place.clone(),
                rule: "self-contained",
                reason: format!("depends on {package}"),
                fix:
                    "a version depends on feature-api and libm alone: move the code it needs into the version"
                        .to_owned(),
            });
        }
    }
    let required = fact("dependencies.libm.version").unwrap_or_default().trim_start_matches('=');
    let checksum = fact("package.metadata.isobar.checksums.libm").unwrap_or("none");
    let entry = format!("name = \"libm\"\nversion = \"{required}\"\n");
    let lock = lock.replace("\r\n", "\n");
    let locked = lock.split("[[package]]\n").find(|text| text.starts_with(&entry));
    let agrees = locked.is_some_and(|text| text.contains(&format!("checksum = \"{checksum}\"")));
    if !agrees || fact("dependencies.libm.default-features") != Some("false") {
        problems.push(Problem {
            place,
            rule: "self-contained",
            reason: format!(
                "libm {required} with checksum {checksum} and no features is not what Cargo.lock holds"
            ),
            fix:
                "write the checksum of the locked version into [package.metadata.isobar.checksums]; libm has \
                  default-features = false"
                    .to_owned(),
        });
    }
    Ok(())
}
