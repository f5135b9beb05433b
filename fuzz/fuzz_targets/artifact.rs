//! Any bytes as an artifact: `verify` and `inspect` take them or refuse them, never with a panic. What `verify` takes
//! writes itself as it was read, byte for byte, and predicts without a panic.
//!
//! The first byte says what the others are: a whole file (0); a section, whose place the next byte says, in an
//! otherwise valid artifact (1); a header before a valid body (2); changes to the parts of a valid artifact, three
//! bytes each (3). But for a whole file, every hash is made right again, so that what lies behind it is read.
#![no_main]

#[path = "../../crates/artifact/tests/support/samples.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod samples;
#[path = "../../crates/artifact/tests/support/toy.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod toy;

use std::sync::LazyLock;

use artifact::{inspect, seal, verify};
use feature_api::Row;
use feature_api::identity::sha256;
use libfuzzer_sys::fuzz_target;
use samples::{KINDS, LOADERS, check, sealed};
use toy::{TOY, rows};

/// Bytes of the table of sections, at the end of a header: a count, then kind, length and hash of each.
const TABLE: usize = 8 + SECTIONS * ENTRY;
const ENTRY: usize = 4 + 8 + 32;
const SECTIONS: usize = 5;

/// The manifest and the sections of each kind of artifact.
static PARTS: LazyLock<Vec<[Vec<u8>; 1 + SECTIONS]>> =
    LazyLock::new(|| KINDS.iter().map(|kind| parts(&sealed(kind))).collect());
static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| rows("toy", 20));

fn length(bytes: &[u8]) -> usize {
    u64::from_le_bytes(bytes[..8].try_into().expect("8 bytes")) as usize
}

fn parts(bytes: &[u8]) -> [Vec<u8>; 1 + SECTIONS] {
    let (header, mut body) = bytes[64..].split_at(length(&bytes[16..]));
    let (manifest, table) = header.split_at(header.len() - TABLE);
    let mut parts = [const { Vec::new() }; 1 + SECTIONS];
    parts[0] = manifest.to_vec();
    for (part, entry) in parts[1..].iter_mut().zip(table[8..].chunks(ENTRY)) {
        let (section, rest) = body.split_at(length(&entry[4..]));
        *part = section.to_vec();
        body = rest;
    }
    parts
}

fn close(header: &[u8], body: &[u8]) -> Vec<u8> {
    let mut bytes = b"ISOBAR\r\n\x01\0\0\0\0\0\0\0".to_vec();
    bytes.extend((header.len() as u64).to_le_bytes());
    bytes.extend((body.len() as u64).to_le_bytes());
    bytes.extend([0; 32]);
    bytes.extend(header);
    bytes.extend(body);
    bytes.extend(sha256(&bytes).0);
    bytes
}

fn join([manifest, sections @ ..]: &[Vec<u8>; 1 + SECTIONS]) -> Vec<u8> {
    let mut header = manifest.clone();
    header.extend((SECTIONS as u64).to_le_bytes());
    for (kind, section) in (1_u32..).zip(sections) {
        header.extend(kind.to_le_bytes());
        header.extend((section.len() as u64).to_le_bytes());
        header.extend(sha256(section).0);
    }
    close(&header, &sections.concat())
}

fn built(data: &[u8]) -> Option<Vec<u8>> {
    let (mode, data) = data.split_first()?;
    match mode % 4 {
        0 => Some(data.to_vec()),
        1 => {
            let (place, section) = data.split_first()?;
            let mut parts = PARTS[usize::from(place / 8) % KINDS.len()].clone();
            parts[usize::from(place % 8) % (1 + SECTIONS)] = section.to_vec();
            Some(join(&parts))
        }
        2 => {
            let [_, sections @ ..] = &PARTS[data.len() % KINDS.len()];
            Some(close(data, &sections.concat()))
        }
        _ => {
            let (kind, changes) = data.split_first()?;
            let mut parts = PARTS[usize::from(*kind) % KINDS.len()].clone();
            for change in changes.chunks_exact(3) {
                let [place, at, value] = change else { continue };
                let part = &mut parts[usize::from(place % 8) % (1 + SECTIONS)];
                let at = usize::from(*at) + 256 * usize::from(place / 64);
                let end = at.min(part.len());
                match place / 8 % 8 {
                    0 => part.truncate(end),
                    1 => part.insert(end, *value),
                    2 if at < part.len() => _ = part.remove(at),
                    3 => part.extend_from_within(..end),
                    4 => part[end..].iter_mut().take(8).for_each(|byte| *byte = *value),
                    _ => part[end..].iter_mut().take(1).for_each(|byte| *byte ^= value),
                }
            }
            Some(join(&parts))
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let Some(bytes) = built(data) else { return };
    match verify(&bytes, &check()) {
        Err(problems) => {
            assert!(!problems.is_empty());
            for problem in problems {
                assert!(!problem.code().is_empty() && problem.to_string().len() < 100_000);
            }
            // Whatever verify knows beyond it, inspect reads no other way: whole files are enough.
            if data.first().is_some_and(|mode| mode % 4 == 0) {
                let _ = inspect(&bytes, LOADERS);
            }
        }
        Ok(verified) => {
            assert!(
                inspect(&bytes, LOADERS).is_ok_and(|inspected| inspected.artifact == *verified.artifact())
            );
            // One in eight, since it verifies twice more.
            if verified.signer().is_none() && verified.hash().0[0] % 8 == 0 {
                let again = seal(verified.artifact(), &TOY, LOADERS, None);
                assert!(again.is_ok_and(|again| again == bytes));
            }
            let mut pipeline = verified.pipeline();
            for row in ROWS.iter() {
                let _ = pipeline.push(row);
            }
        }
    }
});
