//! Which artifact fits which production binary, by what both say they are.

use std::fmt;

use serde::Serialize;

use super::{Binary, Identity, Pin};

/// A file of the artifacts' folder, as far as it can be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ArtifactFile {
    /// Its path within the folder, with `/`.
    pub path: String,
    /// What it says of itself; `None` where not even that can be read.
    pub facts: Option<ArtifactFacts>,
    /// What is wrong with the file itself. With one of these it fits nothing.
    pub faults: Vec<String>,
}

/// What an artifact says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ArtifactFacts {
    /// Name of the feature version's crate.
    pub features: String,
    /// Exact version of that crate.
    pub version: String,
    /// Its source hash.
    pub source_hash: String,
    /// Its output hash.
    pub output_hash: String,
    /// The set.
    pub set: String,
    /// Its parameters, each `NAME=VALUE`.
    pub params: Vec<String>,
    /// Schema hash of the set with these parameters.
    pub schema_hash: String,
    /// What bars the set was fed, for people.
    pub bars: String,
    /// What the label was.
    pub label: String,
    /// What the model is, for people.
    pub model: String,
    /// When it was made, in nanoseconds since 1970-01-01 00:00:00 UTC.
    pub created: i64,
    /// Whose signature it carries and holds; `None` where nobody's.
    pub signed_by: Option<String>,
}

/// An artifact, beside every production binary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Artifact {
    /// The file.
    #[serde(flatten)]
    pub file: ArtifactFile,
    /// How it stands to each binary; empty where it says nothing of itself.
    pub fits: Vec<Fit>,
}

/// How an artifact stands to a binary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fit {
    /// Name of the binary.
    pub binary: String,
    /// Why it does not fit; it does where there is no reason, and no fault of the file.
    pub reasons: Vec<Reason>,
}

/// Something in which an artifact and a binary differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// What is compared.
    pub what: String,
    /// What the artifact says.
    pub artifact: String,
    /// What the binary carries.
    pub binary: String,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, artifact, binary } = self;
        write!(f, "{what}: the artifact says {artifact}, the binary carries {binary}")
    }
}

impl Artifact {
    /// Names of the binaries it fits.
    #[must_use]
    pub fn fitting(&self) -> Vec<&str> {
        let fits = self.fits.iter().filter(|fit| fit.reasons.is_empty() && self.file.faults.is_empty());
        fits.map(|fit| fit.binary.as_str()).collect()
    }
}

/// The schema hash of a version's set with parameters other than the catalogue's, or why there is none.
pub type SchemaOf<'a> = &'a dyn Fn(&str, &str, &[String]) -> Result<String, String>;

/// Compares a file with every binary. What cannot be compared is a difference.
#[must_use]
pub fn judge(file: ArtifactFile, binaries: &[Binary], schema_of: SchemaOf<'_>) -> Artifact {
    let fits = match &file.facts {
        Some(facts) => binaries
            .iter()
            .map(|binary| Fit { binary: binary.name.clone(), reasons: reasons(facts, binary, schema_of) })
            .collect(),
        None => Vec::new(),
    };
    Artifact { file, fits }
}

/// Everything in which they differ.
fn reasons(facts: &ArtifactFacts, binary: &Binary, schema_of: SchemaOf<'_>) -> Vec<Reason> {
    let own = format!("{} {}", facts.features, facts.version);
    let other = |found: String| {
        vec![Reason { what: "feature version".to_owned(), artifact: own.clone(), binary: found }]
    };
    let (pin, identity) = match binary.pins.as_slice() {
        [Pin { identity: None, features, .. }] => {
            return other(format!("{features}, which cannot say what it is"));
        }
        [pin @ Pin { identity: Some(identity), .. }] => (pin, identity),
        [] => return other("none".to_owned()),
        several => {
            return other(several.iter().map(|pin| pin.features.as_str()).collect::<Vec<_>>().join(" and "));
        }
    };
    let mut reasons = Vec::new();
    let mut compare = |what: &str, artifact: &str, binary: &str| {
        if artifact != binary {
            let [what, artifact, binary] = [what, artifact, binary].map(str::to_owned);
            reasons.push(Reason { what, artifact, binary });
        }
    };
    compare("feature version", &own, &format!("{} {}", pin.features, identity.version));
    compare("source hash", &facts.source_hash, &identity.source_hash);
    compare("output hash", &facts.output_hash, &identity.output_hash);
    match schema(facts, &pin.features, identity, schema_of) {
        Ok(schema_hash) => compare(&schema_name(facts), &facts.schema_hash, &schema_hash),
        Err(reason) => compare(&schema_name(facts), &facts.schema_hash, &format!("none: {reason}")),
    }
    reasons
}

fn schema_name(facts: &ArtifactFacts) -> String {
    format!("schema hash of {} with {}", facts.set, facts.params_text())
}

/// What the binary's own version makes of the artifact's set and parameters.
fn schema(
    facts: &ArtifactFacts,
    features: &str,
    identity: &Identity,
    schema_of: SchemaOf<'_>,
) -> Result<String, String> {
    let Some(set) = identity.sets.iter().find(|set| set.name == facts.set) else {
        let names: Vec<&str> = identity.sets.iter().map(|set| set.name.as_str()).collect();
        return Err(format!("its sets are {}", names.join(", ")));
    };
    if set.params == facts.params {
        return Ok(set.schema_hash.clone());
    }
    schema_of(features, &facts.set, &facts.params)
}

impl ArtifactFacts {
    /// The parameters on one line.
    pub(super) fn params_text(&self) -> String {
        if self.params.is_empty() { "no parameters".to_owned() } else { self.params.join(" ") }
    }
}
