//! Lengths and counts that are lies: refused, without a panic, and without the memory they ask for.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use allocation_counter::measure;
use artifact::verify;
use support::samples::{KINDS, check, sealed};
use support::wire::{self, Forged};

/// Most bytes that are ever allocated at once for an artifact of a few kilobytes: what a few lists begin with.
const LIMIT: u64 = 4 << 20;

/// Refused, within the limit.
#[track_caller]
fn refused(bytes: &[u8], what: &str) {
    let info = measure(|| assert!(verify(bytes, &check()).is_err(), "{what}"));
    assert!(info.bytes_max < LIMIT, "{what}: {} bytes", info.bytes_max);
}

/// Nothing panics, within the limit.
#[track_caller]
fn bounded(bytes: &[u8], what: &str) -> bool {
    let mut taken = false;
    let info = measure(|| taken = verify(bytes, &check()).is_ok());
    assert!(info.bytes_max < LIMIT, "{what}: {} bytes", info.bytes_max);
    taken
}

const CLAIMS: [u64; 5] = [1 << 60, u64::MAX, i64::MAX as u64, 1 << 40, 200 << 20];

#[test]
fn a_beginning_that_claims_too_much() {
    let whole = sealed("linear");
    for claim in CLAIMS {
        for at in [16, 24] {
            let mut bytes = whole.clone();
            bytes[at..at + 8].copy_from_slice(&claim.to_le_bytes());
            let info = measure(|| assert!(verify(&bytes, &check()).is_err()));
            assert!(info.bytes_max < 4096, "{claim} at {at}: {} bytes", info.bytes_max);
        }
        // Both, so that their sum wraps around.
        let mut bytes = whole.clone();
        bytes[16..24].copy_from_slice(&claim.to_le_bytes());
        bytes[24..32].copy_from_slice(&0_u64.wrapping_sub(claim).to_le_bytes());
        refused(&bytes, "both lengths");
    }
}

#[test]
fn a_header_that_claims_too_much() {
    let whole = sealed("ensemble");
    let (header, body) = wire::inside(&whole);
    for at in 0..header.len() - 7 {
        for claim in CLAIMS {
            let mut header = header.to_vec();
            header[at..at + 8].copy_from_slice(&claim.to_le_bytes());
            bounded(&wire::close(1, &header, body, None), &format!("{claim} at {at} of the header"));
        }
    }
}

#[test]
fn sections_that_claim_too_much() {
    for kind in KINDS {
        let forged = Forged::read(&sealed(kind));
        let sections = forged.sections();
        for (index, (_, section)) in sections.iter().enumerate() {
            // Each list begins with its count: nothing of any section is left of a count that is a lie.
            for (at, claim) in CLAIMS.iter().enumerate().flat_map(|(step, claim)| {
                (0..section.len() - 7).skip(step % 2).step_by(2).map(move |at| (at, *claim))
            }) {
                let mut sections = sections.clone();
                sections[index].1[at..at + 8].copy_from_slice(&claim.to_le_bytes());
                let what = format!("{claim} at {at} of {} of {kind}", wire::SECTIONS[index]);
                let taken = bounded(&forged.with_sections(&sections, None), &what);
                assert!(!taken || at > 0, "{what}");
            }
        }
    }
}

#[test]
fn an_input_that_is_too_long() {
    for sequence in [1 << 19, u32::MAX] {
        let mut forged = Forged::read(&sealed("linear"));
        forged.preprocess.sequence = sequence;
        refused(&forged.write(None), "a sequence");
    }
    let mut forged = Forged::read(&sealed("linear"));
    forged.preprocess.sequence = 0;
    refused(&forged.write(None), "a sequence of nothing");
}
