//! The manifest as it stands in its file.

use feature_api::identity::{Hash, sha256};
use feature_api::{BarKind, BarSpec, Param, UnixNanos};
use serde::{Deserialize, Deserializer, Serialize};

use crate::error::Mismatch;
use crate::manifest::{MANIFEST, Part, Parts};
use crate::{LabelSpec, Manifest, SplitSpec};

/// The format that is written and read.
const FORMAT: u32 = 1;

/// A manifest in plain types. Fields that it does not have are refused.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ManifestJson {
    format: u32,
    features: String,
    version: String,
    source_hash: String,
    output_hash: String,
    set: String,
    params: Vec<ParamJson>,
    schema_hash: String,
    names: Vec<String>,
    bars: BarsJson,
    data_hash: String,
    finer_hash: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "stated")]
    positions_hash: Option<String>,
    rows: u64,
    labelled: u64,
    span: SpanJson,
    warm_up: u32,
    label: String,
    split: SplitJson,
    parts: PartsJson,
    rows_hash: String,
    /// sha256 over the other fields; see [`crate::Manifest`].
    manifest_hash: String,
}

/// A field that may be left out, but is a text where it stands.
fn stated<'de, D: Deserializer<'de>>(field: D) -> Result<Option<String>, D::Error> {
    String::deserialize(field).map(Some)
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ParamJson {
    name: String,
    value: u32,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BarsJson {
    kind: String,
    size: i64,
    volume: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SpanJson {
    ts_open: i64,
    ts_close: i64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SplitJson {
    train: f64,
    validation: f64,
    test: f64,
    embargo: u32,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PartsJson {
    train: PartJson,
    validation: PartJson,
    test: PartJson,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PartJson {
    from: u64,
    /// Exclusive.
    to: u64,
    /// Of the first row and of the last.
    ts_available: [i64; 2],
}

impl ManifestJson {
    pub(crate) fn of(manifest: &Manifest) -> Result<Self, serde_json::Error> {
        let (kind, size) = manifest.bars.kind.parts();
        let SplitSpec { train, validation, test, embargo } = manifest.split;
        let mut json = Self {
            format: FORMAT,
            features: manifest.features.clone(),
            version: manifest.version.clone(),
            source_hash: manifest.source_hash.to_string(),
            output_hash: manifest.output_hash.to_string(),
            set: manifest.set.clone(),
            params: manifest
                .params
                .iter()
                .map(|Param { name, value }| ParamJson { name: name.clone(), value: *value })
                .collect(),
            schema_hash: manifest.schema_hash.to_string(),
            names: manifest.names.clone(),
            bars: BarsJson { kind: kind.to_owned(), size, volume: manifest.bars.volume },
            data_hash: manifest.data_hash.to_string(),
            finer_hash: manifest.finer_hash.map(|hash| hash.to_string()),
            positions_hash: manifest.positions_hash.map(|hash| hash.to_string()),
            rows: manifest.rows,
            labelled: manifest.labelled,
            span: SpanJson { ts_open: manifest.span.0.0, ts_close: manifest.span.1.0 },
            warm_up: manifest.warm_up,
            label: manifest.label.to_string(),
            split: SplitJson { train, validation, test, embargo },
            parts: PartsJson {
                train: PartJson::of(&manifest.parts.train),
                validation: PartJson::of(&manifest.parts.validation),
                test: PartJson::of(&manifest.parts.test),
            },
            rows_hash: manifest.rows_hash.to_string(),
            manifest_hash: String::new(),
        };
        json.manifest_hash = json.hash()?.to_string();
        Ok(json)
    }

    /// sha256 over its text without white space and with an empty `manifest_hash`.
    fn hash(&mut self) -> Result<Hash, serde_json::Error> {
        let stated = std::mem::take(&mut self.manifest_hash);
        let text = serde_json::to_vec(self)?;
        self.manifest_hash = stated;
        Ok(sha256(&text))
    }

    /// Whether its fields are those that were written.
    fn check_hash(&mut self, problems: &mut Problems) {
        let found = self.hash().map_or_else(|error| error.to_string(), |hash| hash.to_string());
        if self.manifest_hash != found {
            let expected = format!("{:?} as it states", self.manifest_hash);
            problems.add("manifest_hash", &expected, format!("{found} over its other fields"));
        }
    }

    /// The manifest, or every field that cannot be.
    pub(crate) fn into_manifest(mut self) -> Result<Manifest, Vec<Mismatch>> {
        let mut problems = Problems(Vec::new());
        self.check_hash(&mut problems);
        if self.format != FORMAT {
            problems.add("format", &FORMAT.to_string(), self.format.to_string());
        }
        let source_hash = problems.hash("source_hash", &self.source_hash);
        let output_hash = problems.hash("output_hash", &self.output_hash);
        let schema_hash = problems.hash("schema_hash", &self.schema_hash);
        let data_hash = problems.hash("data_hash", &self.data_hash);
        let finer_hash = self.finer_hash.map(|text| problems.hash("finer_hash", &text));
        let positions_hash = self.positions_hash.map(|text| problems.hash("positions_hash", &text));
        let rows_hash = problems.hash("rows_hash", &self.rows_hash);
        let bars = problems.bars(&self.bars);
        let label = problems.label(&self.label);
        let SplitJson { train, validation, test, embargo } = self.split;
        let split = SplitSpec { train, validation, test, embargo };
        if let Err(error) = split.check() {
            problems.add("split", "shares above 0 that sum to 1 or less", error.to_string());
        }
        match (bars, label) {
            (Some(bars), Some(label)) if problems.0.is_empty() => Ok(Manifest {
                features: self.features,
                version: self.version,
                source_hash,
                output_hash,
                set: self.set,
                params: self
                    .params
                    .into_iter()
                    .map(|ParamJson { name, value }| Param { name, value })
                    .collect(),
                schema_hash,
                names: self.names,
                bars,
                data_hash,
                finer_hash,
                positions_hash,
                rows: self.rows,
                labelled: self.labelled,
                span: (UnixNanos(self.span.ts_open), UnixNanos(self.span.ts_close)),
                warm_up: self.warm_up,
                label,
                split,
                parts: Parts {
                    train: self.parts.train.into_part(),
                    validation: self.parts.validation.into_part(),
                    test: self.parts.test.into_part(),
                },
                rows_hash,
            }),
            _ => Err(problems.0),
        }
    }
}

impl PartJson {
    fn of(part: &Part) -> Self {
        let (first, last) = part.ts_available;
        Self { from: part.rows.start, to: part.rows.end, ts_available: [first.0, last.0] }
    }

    fn into_part(self) -> Part {
        let [first, last] = self.ts_available;
        Part { rows: self.from..self.to, ts_available: (UnixNanos(first), UnixNanos(last)) }
    }
}

/// What is wrong with the fields so far.
struct Problems(Vec<Mismatch>);

impl Problems {
    fn add(&mut self, field: &str, expected: &str, found: String) {
        let expected = expected.to_owned();
        self.0.push(Mismatch { file: MANIFEST, field: field.to_owned(), expected, found });
    }

    /// The hash; where there is none, a problem and zeros that nobody sees.
    fn hash(&mut self, field: &str, text: &str) -> Hash {
        Hash::parse(text).unwrap_or_else(|| {
            self.add(field, "64 hexadecimal digits", format!("{text:?}"));
            Hash([0; 32])
        })
    }

    fn bars(&mut self, bars: &BarsJson) -> Option<BarSpec> {
        let kind = BarKind::from_parts(&bars.kind, bars.size);
        if kind.is_none() {
            let expected =
                "kind \"time\" with a size above 0, or \"trades\" or \"trades and book\" of size 0";
            self.add("bars", expected, format!("{:?}, {}", bars.kind, bars.size));
        }
        kind.map(|kind| BarSpec { kind, volume: bars.volume })
    }

    fn label(&mut self, text: &str) -> Option<LabelSpec> {
        let label = text.parse::<LabelSpec>().map_err(|error| error.to_string()).and_then(|label| {
            let canonical = label.to_string();
            if canonical == text {
                Ok(label)
            } else {
                Err(format!("{text:?}, which is written {canonical:?}"))
            }
        });
        label.map_err(|found| self.add("label", "a label with every field", found)).ok()
    }
}
