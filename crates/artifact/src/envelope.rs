//! The outside of an artifact, the same for every format for ever.
//!
//! | bytes | content |
//! |---|---|
//! | 8 | `ISOBAR\r\n`: a transfer that changes line endings is seen |
//! | 4 | number of the format |
//! | 4 | 1 where it is signed, else 0 |
//! | 8 | length of the header |
//! | 8 | length of the body |
//! | 32 | the signer's public key, or zeros |
//! | … | header |
//! | … | body |
//! | 32 | sha256 of everything before |
//! | 64 | where it is signed: Ed25519 over `isobar artifact\0` and that sha256 |
//!
//! Integers are little-endian. Nothing is allocated for a length that the bytes do not have.

use feature_api::identity::{Hash, sha256};

use crate::{Problem, PublicKey, SecretKey};

/// What every artifact begins with.
const MAGIC: [u8; 8] = *b"ISOBAR\r\n";
/// Bytes before the header.
const HEAD: usize = 64;
const HASH: usize = 32;
const SIGNATURE: usize = 64;

/// The longest header, in bytes.
pub(crate) const MAX_HEADER: usize = 1 << 20;
/// The longest artifact, in bytes.
pub(crate) const MAX_BYTES: usize = 256 << 20;

/// An artifact with its outside taken off.
#[derive(Debug)]
pub(crate) struct Envelope<'a> {
    /// Number of the format.
    pub format: u32,
    /// Who signed it, where anybody did; the signature holds. Else why it does not.
    pub signer: Result<Option<PublicKey>, Problem>,
    /// Header.
    pub header: &'a [u8],
    /// Body.
    pub body: &'a [u8],
    /// sha256 of everything before it.
    pub hash: Hash,
}

/// Takes the outside off. The bytes are those that were written, unless somebody made the sha256 anew.
pub(crate) fn open(bytes: &[u8]) -> Result<Envelope<'_>, Problem> {
    if bytes.len() > MAX_BYTES {
        return Err(Problem::TooLarge { what: "the file", limit: MAX_BYTES, found: bytes.len() as u64 });
    }
    let magic = bytes.get(..MAGIC.len()).unwrap_or(bytes);
    if magic != MAGIC {
        return Err(Problem::Magic { found: magic.escape_ascii().to_string() });
    }
    let mut reader = Reader(bytes.get(MAGIC.len()..).unwrap_or_default());
    let read = (reader.array(), reader.array(), reader.array(), reader.array(), reader.array());
    let (Some(format), Some(signed), Some(header), Some(body), Some(key)) = read else {
        let least = (HEAD + HASH) as u64;
        return Err(Problem::Length { expected: least, found: bytes.len() as u64 });
    };
    let signed = match u32::from_le_bytes(signed) {
        0 => false,
        1 => true,
        found => return Err(Problem::SignedFlag { found }),
    };
    let header = length("the header", u64::from_le_bytes(header), MAX_HEADER)?;
    let body = length("the body", u64::from_le_bytes(body), MAX_BYTES)?;
    let content = HEAD + header + body;
    let expected = content + HASH + if signed { SIGNATURE } else { 0 };
    let length = Problem::Length { expected: expected as u64, found: bytes.len() as u64 };
    if bytes.len() != expected {
        return Err(length);
    }
    let parts = (reader.slice(header), reader.slice(body), reader.array(), bytes.get(..content));
    let (Some(header), Some(body), Some(recorded), Some(content)) = parts else { return Err(length) };
    let hash = sha256(content);
    if Hash(recorded) != hash {
        return Err(Problem::Checksum { expected: Hash(recorded), found: hash });
    }
    let signer = signer(signed, key, hash, reader.array());
    Ok(Envelope { format: u32::from_le_bytes(format), signer, header, body, hash })
}

fn signer(
    signed: bool,
    key: [u8; 32],
    hash: Hash,
    signature: Option<[u8; SIGNATURE]>,
) -> Result<Option<PublicKey>, Problem> {
    let Some(signature) = signature.filter(|_| signed) else {
        let none = key == [0; 32] && !signed;
        return if none { Ok(None) } else { Err(Problem::KeyWithoutSignature { found: Hash(key) }) };
    };
    let signer =
        PublicKey::from_bytes(key).map_err(|error| Problem::SignerKey { found: Hash(key), error })?;
    if signer.verifies(hash, &signature) { Ok(Some(signer)) } else { Err(Problem::Signature { signer }) }
}

/// Puts the outside on.
pub(crate) fn close(
    format: u32,
    header: &[u8],
    body: &[u8],
    key: Option<&SecretKey>,
) -> Result<Vec<u8>, Problem> {
    let too_large = |what, limit, found| Problem::TooLarge { what, limit, found: found as u64 };
    let length = HEAD + header.len() + body.len() + HASH + if key.is_some() { SIGNATURE } else { 0 };
    if header.len() > MAX_HEADER {
        return Err(too_large("the header", MAX_HEADER, header.len()));
    }
    if length > MAX_BYTES {
        return Err(too_large("the file", MAX_BYTES, length));
    }
    let mut bytes = Vec::with_capacity(length);
    bytes.extend(MAGIC);
    bytes.extend(format.to_le_bytes());
    bytes.extend(u32::from(key.is_some()).to_le_bytes());
    bytes.extend((header.len() as u64).to_le_bytes());
    bytes.extend((body.len() as u64).to_le_bytes());
    bytes.extend(key.map_or([0; 32], |key| key.public().to_bytes()));
    bytes.extend(header);
    bytes.extend(body);
    let hash = sha256(&bytes);
    bytes.extend(hash.0);
    if let Some(key) = key {
        bytes.extend(key.sign(hash));
    }
    Ok(bytes)
}

fn length(what: &'static str, claimed: u64, limit: usize) -> Result<usize, Problem> {
    let length = usize::try_from(claimed).ok().filter(|length| *length <= limit);
    length.ok_or(Problem::TooLarge { what, limit, found: claimed })
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn slice(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(head)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.slice(N)?.try_into().ok()
    }
}
