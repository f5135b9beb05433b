//! Format 1, declared a second time and read by another decoder, and an envelope put on by hand: what makes artifacts
//! that this crate would never write.

use ed25519_dalek::{Signer as _, SigningKey};
use feature_api::identity::sha256;
use wincode::{SchemaRead, SchemaWrite};

macro_rules! stored {
    ($($item:item)*) => {
        $(#[derive(Debug, Clone, PartialEq, SchemaRead, SchemaWrite)] $item)*
    };
}

stored! {
    pub struct Header { pub manifest: Manifest, pub sections: Vec<Section> }
    pub struct Section { pub kind: u32, pub length: u64, pub hash: [u8; 32] }
    pub struct Manifest {
        pub features: String,
        pub version: String,
        pub source_hash: [u8; 32],
        pub output_hash: [u8; 32],
        pub set: String,
        pub params: Vec<(String, u32)>,
        pub schema_hash: [u8; 32],
        pub bar_kind: String,
        pub bar_size: i64,
        pub bar_volume: bool,
        pub label: String,
        pub data_hash: [u8; 32],
        pub train_span: (i64, i64),
        pub train_rows: u64,
        pub model: String,
        pub metrics: Vec<(String, String, f64)>,
        pub code_commit: String,
        pub toolchain: String,
        pub created: i64,
    }
    pub struct Preprocess {
        pub features: Vec<String>,
        pub kept: Vec<String>,
        pub nulls: Vec<Nulls>,
        pub clip: Option<Vec<(f64, f64)>>,
        pub scaler: Option<(Kind, Vec<(f64, f64)>)>,
        pub sequence: u32,
    }
    pub enum Nulls { Refuse, Median(Option<f64>), Missing }
    pub enum Kind { None, Standard, MinMax, Robust }
    pub struct Member { pub weight: f64, pub horizon: u32, pub model: Model }
    pub enum Model { Trees(Trees), Linear(Linear), External(String, Vec<u8>) }
    pub struct Trees {
        pub inputs: u32,
        pub arithmetic: Arithmetic,
        pub inclusive: bool,
        pub base: f64,
        pub link: Link,
        pub trees: Vec<Vec<Node>>,
    }
    pub enum Arithmetic { F32, F64 }
    pub enum Link { Identity, Logistic(f64) }
    pub enum Node {
        Split { feature: u32, threshold: f64, missing_left: bool, missing_zero: bool, right: u32 },
        Leaf(f64),
    }
    pub struct Linear { pub weights: Vec<f64>, pub bias: f64, pub link: Link }
    pub struct Filter { pub feature: String, pub comparison: Comparison, pub threshold: f64 }
    pub enum Comparison { Below, AtMost, Above, AtLeast }
    pub struct Reference { pub feature: String, pub valid: u64, pub null: u64, pub quantiles: Vec<f64> }
    pub struct Probe { pub rows: Vec<Vec<Option<f64>>>, pub margins: Vec<f64>, pub value: f64 }
}

/// Names of the sections, in order.
pub const SECTIONS: [&str; 5] = ["preprocess", "model", "filters", "reference", "probes"];

/// An artifact in its parts.
#[derive(Debug, Clone, PartialEq)]
pub struct Forged {
    pub format: u32,
    pub manifest: Manifest,
    pub preprocess: Preprocess,
    pub model: Vec<Member>,
    pub filters: Vec<Filter>,
    pub reference: Vec<Reference>,
    pub probes: Vec<Probe>,
}

fn u64_at(bytes: &[u8], at: usize) -> usize {
    usize::try_from(u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap())).unwrap()
}

/// Header and body of a whole artifact.
pub fn inside(bytes: &[u8]) -> (&[u8], &[u8]) {
    let (header, body) = (u64_at(bytes, 16), u64_at(bytes, 24));
    (&bytes[64..64 + header], &bytes[64 + header..64 + header + body])
}

/// Puts the outside on: whole, with the sha256 made right, and signed where there is a key.
pub fn close(format: u32, header: &[u8], body: &[u8], key: Option<[u8; 32]>) -> Vec<u8> {
    let key = key.map(|key| SigningKey::from_bytes(&key));
    let mut bytes = b"ISOBAR\r\n".to_vec();
    bytes.extend(format.to_le_bytes());
    bytes.extend(u32::from(key.is_some()).to_le_bytes());
    bytes.extend((header.len() as u64).to_le_bytes());
    bytes.extend((body.len() as u64).to_le_bytes());
    bytes.extend(key.as_ref().map_or([0; 32], |key| key.verifying_key().to_bytes()));
    bytes.extend(header);
    bytes.extend(body);
    rehash(bytes, key.as_ref())
}

/// Adds the sha256 and the signature to everything before them.
fn rehash(mut bytes: Vec<u8>, key: Option<&SigningKey>) -> Vec<u8> {
    let hash = sha256(&bytes).0;
    bytes.extend(hash);
    let message = [b"isobar artifact\0".as_slice(), &hash].concat();
    bytes.extend(key.map(|key| key.sign(&message).to_bytes()).into_iter().flatten());
    bytes
}

/// The table of these sections, in that order.
pub fn table(sections: &[(u32, Vec<u8>)]) -> Vec<Section> {
    let section = |(kind, bytes): &(u32, Vec<u8>)| Section {
        kind: *kind,
        length: bytes.len() as u64,
        hash: sha256(bytes).0,
    };
    sections.iter().map(section).collect()
}

impl Forged {
    /// Takes an artifact apart, and every byte of it.
    pub fn read(bytes: &[u8]) -> Self {
        let (header, mut body) = inside(bytes);
        let Header { manifest, sections } = wincode::deserialize_exact(header).unwrap();
        let mut parts = Vec::new();
        for (index, section) in sections.iter().enumerate() {
            let (part, rest) = body.split_at(usize::try_from(section.length).unwrap());
            assert_eq!((section.kind as usize, section.hash), (index + 1, sha256(part).0));
            parts.push(part);
            body = rest;
        }
        assert!(body.is_empty());
        Self {
            format: u32::from_le_bytes(bytes[8..12].try_into().unwrap()),
            manifest,
            preprocess: wincode::deserialize_exact(parts[0]).unwrap(),
            model: wincode::deserialize_exact(parts[1]).unwrap(),
            filters: wincode::deserialize_exact(parts[2]).unwrap(),
            reference: wincode::deserialize_exact(parts[3]).unwrap(),
            probes: wincode::deserialize_exact(parts[4]).unwrap(),
        }
    }

    /// The sections, each with its kind.
    pub fn sections(&self) -> Vec<(u32, Vec<u8>)> {
        let sections = [
            wincode::serialize(&self.preprocess).unwrap(),
            wincode::serialize(&self.model).unwrap(),
            wincode::serialize(&self.filters).unwrap(),
            wincode::serialize(&self.reference).unwrap(),
            wincode::serialize(&self.probes).unwrap(),
        ];
        (1..).zip(sections).collect()
    }

    /// The artifact with other sections.
    pub fn with_sections(&self, sections: &[(u32, Vec<u8>)], key: Option<[u8; 32]>) -> Vec<u8> {
        let body: Vec<u8> = sections.iter().flat_map(|(_, bytes)| bytes.clone()).collect();
        self.with_table(table(sections), &body, key)
    }

    /// The artifact with another table and another body.
    pub fn with_table(&self, sections: Vec<Section>, body: &[u8], key: Option<[u8; 32]>) -> Vec<u8> {
        let header = Header { manifest: self.manifest.clone(), sections };
        close(self.format, &wincode::serialize(&header).unwrap(), body, key)
    }

    /// The artifact, every hash made right.
    pub fn write(&self, key: Option<[u8; 32]>) -> Vec<u8> {
        self.with_sections(&self.sections(), key)
    }
}

/// The secret of the samples' key, and another.
pub const SECRET: [u8; 32] = [0xa7; 32];
pub const STRANGER: [u8; 32] = [0x13; 32];
