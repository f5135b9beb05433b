//! What is sealed can be used, and what could not be used is not sealed.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use artifact::{Artifact, Problem, SealError, seal, verify};
use feature_api::UnixNanos;
use model::{BlockFilter, Comparison};
use support::samples::{KINDS, LOADERS, OTHER, artifact, check, key_of, sealed};
use support::toy::TOY;

#[test]
fn the_same_artifact_gives_the_same_bytes() {
    for kind in KINDS {
        let (bytes, artifact) = (sealed(kind), artifact(kind));
        assert_eq!(sealed(kind), bytes, "{kind}");
        let verified = verify(&bytes, &check()).unwrap();
        assert_eq!(verified.artifact(), &artifact, "{kind}");
        assert_eq!(verified.signer().copied(), key_of(kind).map(|key| key.public()));
    }
}

#[test]
fn the_hash_is_that_of_the_content_signed_or_not() {
    let (linear, signed) = (sealed("linear"), sealed("signed"));
    let hash = |bytes: &[u8], end: usize| feature_api::identity::sha256(&bytes[..end]);
    assert_eq!(verify(&linear, &check()).unwrap().hash(), hash(&linear, linear.len() - 32));
    assert_eq!(verify(&signed, &check()).unwrap().hash(), hash(&signed, signed.len() - 96));
}

#[test]
fn what_could_not_be_used_is_not_sealed() {
    type Change = fn(&mut Artifact);
    let changes: [(Change, &[&str]); 12] = [
        (|artifact| artifact.manifest.version = "1.2.4".to_owned(), &["feature-version"]),
        (|artifact| artifact.manifest.source_hash = OTHER, &["source-hash"]),
        (|artifact| artifact.manifest.schema_hash = OTHER, &["schema"]),
        (|artifact| artifact.manifest.params.clear(), &["params"]),
        (|artifact| artifact.manifest.set = "gone".to_owned(), &["set-unknown", "unchecked", "unchecked"]),
        (|artifact| artifact.manifest.label = "a\tb".to_owned(), &["manifest"]),
        (|artifact| artifact.manifest.train_span.0 = UnixNanos(i64::MAX), &["manifest"]),
        (|artifact| artifact.reference.swap(0, 1), &["reference", "reference"]),
        (|artifact| artifact.probes.clear(), &["no-probes"]),
        (|artifact| artifact.probes[0].value = 0.5, &["probe"]),
        (|artifact| artifact.ensemble = self::artifact("sequence").ensemble, &["width", "unchecked"]),
        (
            |artifact| {
                artifact.filters.push(BlockFilter {
                    feature: "close".to_owned(),
                    comparison: Comparison::Above,
                    threshold: 0.0,
                });
            },
            &["probe-shape", "probe-shape", "probe-shape"],
        ),
    ];
    for (change, codes) in changes {
        let mut artifact = artifact("linear");
        change(&mut artifact);
        let Err(SealError::Problems { problems }) = seal(&artifact, &TOY, LOADERS, None) else {
            panic!("sealed, or not read back: {codes:?}");
        };
        assert_eq!(problems.iter().map(Problem::code).collect::<Vec<_>>(), codes, "{problems:?}");
    }
}

#[test]
fn every_problem_is_told() {
    let mut artifact = artifact("linear");
    artifact.manifest.source_hash = OTHER;
    artifact.probes.clear();
    let error = seal(&artifact, &TOY, LOADERS, None).unwrap_err().to_string();
    assert!(error.contains("source hash") && error.contains("one probe or more"), "{error}");
    assert_eq!(error.lines().count(), 3);
}
