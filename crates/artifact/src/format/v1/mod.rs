//! Format 1: a header of the manifest and a table of sections; a body of five sections, one after another.

mod convert;
mod wire;

use feature_api::identity::{Hash, sha256};
use serde::{Deserialize, Serialize};

use super::{Contents, External, codec};
use crate::{Artifact, Manifest, Problem};

/// The longest of each section, in bytes. What is read takes more in memory: some 32 bytes for one (measured), where a
/// probe is a long list of cells that are not valid.
const SECTIONS: [(&str, usize); 5] = [
    ("preprocess", 16 << 20),
    ("model", 256 << 20),
    ("filters", 1 << 20),
    ("reference", 16 << 20),
    ("probes", 16 << 20),
];

pub fn write(artifact: &Artifact) -> Result<(Vec<u8>, Vec<u8>), Problem> {
    let encoded = [
        encode("preprocess", &wire::Preprocess::from(&artifact.preprocess))?,
        encode("model", &wire::Ensemble::from(&artifact.ensemble))?,
        encode("filters", &convert::filters(&artifact.filters))?,
        encode("reference", &convert::reference(&artifact.reference))?,
        encode("probes", &convert::probes(&artifact.probes))?,
    ];
    let mut sections = Vec::with_capacity(encoded.len());
    for ((kind, (what, limit)), bytes) in (1_u32..).zip(SECTIONS).zip(&encoded) {
        let length = bytes.len() as u64;
        if bytes.len() > limit {
            return Err(Problem::TooLarge { what, limit, found: length });
        }
        sections.push(wire::Section { kind, length, hash: sha256(bytes).0 });
    }
    let header = wire::Header { manifest: wire::Manifest::from(&artifact.manifest), sections };
    Ok((encode("header", &header)?, encoded.concat()))
}

pub fn read(header: &[u8], body: &[u8], external: External<'_>) -> Result<Contents, Vec<Problem>> {
    let header = decode_header(header).map_err(|problem| vec![problem])?;
    let [preprocess, ensemble, filters, reference, probes] = split(&header.sections, body)?;
    Ok(Contents {
        manifest: convert::manifest(header.manifest),
        preprocess: preprocess.and_then(|bytes| {
            canonical("preprocess", bytes, convert::preprocess, |value| wire::Preprocess::from(value))
        }),
        ensemble: ensemble.and_then(|bytes| {
            let read = |wire| convert::ensemble(wire, external);
            canonical("model", bytes, read, |value| wire::Ensemble::from(value))
        }),
        filters: filters.and_then(|bytes| {
            canonical("filters", bytes, convert::to_filters, |value| convert::filters(value))
        }),
        reference: reference.and_then(|bytes| {
            canonical("reference", bytes, convert::to_reference, |value| convert::reference(value))
        }),
        probes: probes
            .and_then(|bytes| canonical("probes", bytes, convert::to_probes, |value| convert::probes(value))),
    })
}

pub fn manifest(header: &[u8]) -> Result<Manifest, Vec<Problem>> {
    convert::manifest(decode_header(header).map_err(|problem| vec![problem])?.manifest)
}

/// The header. Its manifest is not looked at yet.
fn decode_header(bytes: &[u8]) -> Result<wire::Header, Problem> {
    let header = codec::decode(bytes).map_err(|reason| Problem::Decode { part: "header", reason })?;
    if codec::is_encoding(bytes, &header) {
        Ok(header)
    } else {
        Err(Problem::NotCanonical { part: "header" })
    }
}

fn encode<T: Serialize>(part: &'static str, value: &T) -> Result<Vec<u8>, Problem> {
    codec::encode(value).map_err(|reason| Problem::Decode { part, reason })
}

/// Reads a section. What was read, written again, must be the same bytes.
fn canonical<'a, W: Deserialize<'a> + Serialize, T>(
    part: &'static str,
    bytes: &'a [u8],
    read: impl FnOnce(W) -> Result<T, Problem>,
    write: impl FnOnce(&T) -> W,
) -> Result<T, Problem> {
    let stored = codec::decode(bytes).map_err(|reason| Problem::Decode { part, reason })?;
    let value = read(stored)?;
    if codec::is_encoding(bytes, &write(&value)) { Ok(value) } else { Err(Problem::NotCanonical { part }) }
}

type Sections<'a> = [Result<&'a [u8], Problem>; SECTIONS.len()];

/// Cuts the body into its sections: each once, in order, nothing beside them.
fn split<'a>(sections: &[wire::Section], body: &'a [u8]) -> Result<Sections<'a>, Vec<Problem>> {
    if !sections.iter().map(|section| section.kind).eq(1..=SECTIONS.len() as u32) {
        return Err(vec![unexpected(sections)]);
    }
    let (expected, found) =
        (body.len() as u64, sections.iter().map(|section| u128::from(section.length)).sum());
    if u128::from(expected) != found {
        return Err(vec![Problem::SectionLength { expected, found }]);
    }
    let (mut rest, mut sections) = (body, sections.iter());
    Ok(SECTIONS.map(|(section, limit)| {
        let Some(&wire::Section { length, hash, .. }) = sections.next() else {
            return Err(Problem::SectionLength { expected, found });
        };
        let split = usize::try_from(length).ok().and_then(|length| rest.split_at_checked(length));
        let Some((bytes, after)) = split else {
            return Err(Problem::SectionLength { expected, found });
        };
        rest = after;
        if bytes.len() > limit {
            return Err(Problem::TooLarge { what: section, limit, found: length });
        }
        let (expected, found) = (Hash(hash), sha256(bytes));
        if expected == found { Ok(bytes) } else { Err(Problem::SectionHash { section, expected, found }) }
    }))
}

fn unexpected(sections: &[wire::Section]) -> Problem {
    let name = |section: &wire::Section| {
        let index = usize::try_from(section.kind).ok().and_then(|kind| kind.checked_sub(1));
        let known = index.and_then(|index| SECTIONS.get(index));
        known.map_or_else(|| format!("unknown {}", section.kind), |(name, _)| (*name).to_owned())
    };
    // A header has room for many thousands.
    let mut found: Vec<_> = sections.iter().take(10).map(name).collect();
    if sections.len() > found.len() {
        found.push(format!("… ({} in all)", sections.len()));
    }
    Problem::Sections { expected: SECTIONS.map(|(name, _)| name).join(", "), found: found.join(", ") }
}
