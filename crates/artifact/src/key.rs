//! Who signs artifacts, and whose signature counts.
//!
//! A key is one line of text: `isobar ed25519 secret <64 hexadecimal digits>`, or `public` in its place.

use core::fmt;
use core::fmt::Write as _;
use core::str::FromStr;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use feature_api::identity::Hash;
use zeroize::Zeroizing;

/// What every signed message begins with: a signature of an artifact is a signature of nothing else.
const DOMAIN: &[u8; 16] = b"isobar artifact\0";

/// A public key: whose signature it is.
///
/// # Invariants
/// A point of the curve in its one encoding, and not of small order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

/// A secret key: what signs. It is wiped from memory once dropped, and `Debug` shows its public key alone.
pub struct SecretKey(SigningKey);

/// Why there is no key. A message never holds what was read: it could be a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The text is no key.
    #[error(
        "expected one line `isobar ed25519 {expected} <64 lower-case hexadecimal digits>`, found {found}; copy the \
         line as it was written"
    )]
    Text {
        /// `secret` or `public`.
        expected: &'static str,
        /// What there was instead, without its content.
        found: String,
    },
    /// The number is no point of the curve in its one encoding.
    #[error("expected a public key of Ed25519, found a number that is none; copy the line as it was written")]
    NotAPoint,
    /// A key under which anybody can sign.
    #[error(
        "expected a public key of Ed25519, found one of small order, under which anybody can sign; make a new key"
    )]
    Weak,
    /// The operating system gave no random numbers.
    #[error("no random numbers from the operating system: {reason}")]
    Random {
        /// What it said.
        reason: String,
    },
    /// The file cannot be read or written.
    #[error("{path}: {reason}")]
    File {
        /// The file.
        path: String,
        /// What the operating system said.
        reason: String,
    },
}

impl SecretKey {
    /// A new key, from the random numbers of the operating system.
    ///
    /// # Errors
    /// [`KeyError::Random`] where it gives none.
    pub fn generate() -> Result<Self, KeyError> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(bytes.as_mut_slice())
            .map_err(|error| KeyError::Random { reason: error.to_string() })?;
        Ok(Self(SigningKey::from_bytes(&bytes)))
    }

    /// Its public key.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// Its line, without a line ending; wiped from memory once dropped.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        // As long as it gets from the start: a text that grows leaves copies behind.
        let mut text = Zeroizing::new(String::with_capacity(96));
        text.push_str("isobar ed25519 secret ");
        write_hex(self.0.as_bytes(), &mut text);
        text
    }

    /// Reads the line of a file.
    ///
    /// # Errors
    /// [`KeyError`] where the file cannot be read or holds anything else.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        read_text(path)?.parse()
    }

    /// Writes a file that its owner alone can read.
    ///
    /// # Errors
    /// [`KeyError::File`] where it cannot be written, or is there: a key is never overwritten.
    pub fn write_new(&self, path: &Path) -> Result<(), KeyError> {
        write_text(path, &self.to_text(), 0o600)
    }

    /// Signs the hash of an artifact.
    pub(crate) fn sign(&self, hash: Hash) -> [u8; 64] {
        self.0.sign(&message(hash)).to_bytes()
    }
}

impl FromStr for SecretKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let bytes = Zeroizing::new(parse(text, "secret")?);
        Ok(Self(SigningKey::from_bytes(&bytes)))
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the secret key of {}", self.public())
    }
}

impl PublicKey {
    /// The key of these bytes, as RFC 8032 encodes it.
    ///
    /// # Errors
    /// [`KeyError::NotAPoint`], or [`KeyError::Weak`].
    pub fn from_bytes(bytes: [u8; 32]) -> Result<Self, KeyError> {
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| KeyError::NotAPoint)?;
        if key.to_edwards().compress().to_bytes() != bytes {
            return Err(KeyError::NotAPoint);
        }
        if key.is_weak() { Err(KeyError::Weak) } else { Ok(Self(bytes)) }
    }

    /// Its bytes, as RFC 8032 encodes it.
    #[must_use]
    pub const fn to_bytes(&self) -> [u8; 32] {
        self.0
    }

    /// Reads the line of a file.
    ///
    /// # Errors
    /// [`KeyError`] where the file cannot be read or holds anything else.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        read_text(path)?.parse()
    }

    /// Writes its line to a new file.
    ///
    /// # Errors
    /// [`KeyError::File`] where it cannot be written, or is there: a key is never overwritten.
    pub fn write_new(&self, path: &Path) -> Result<(), KeyError> {
        write_text(path, &self.to_string(), 0o644)
    }

    /// Whether the signature is of that hash and of this key.
    pub(crate) fn verifies(&self, hash: Hash, signature: &[u8; 64]) -> bool {
        let signature = Signature::from_bytes(signature);
        VerifyingKey::from_bytes(&self.0)
            .is_ok_and(|key| key.verify_strict(&message(hash), &signature).is_ok())
    }
}

impl FromStr for PublicKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        Self::from_bytes(parse(text, "public")?)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "isobar ed25519 public {}", Hash(self.to_bytes()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn message(hash: Hash) -> [u8; 48] {
    let mut message = [0; 48];
    let (domain, rest) = message.split_at_mut(DOMAIN.len());
    domain.copy_from_slice(DOMAIN);
    rest.copy_from_slice(&hash.0);
    message
}

fn write_hex(bytes: &[u8; 32], text: &mut String) {
    for byte in bytes {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
}

fn parse(text: &str, expected: &'static str) -> Result<[u8; 32], KeyError> {
    let refuse = |found: String| KeyError::Text { expected, found };
    let line = text.strip_suffix('\n').unwrap_or(text);
    if line.contains(['\n', '\r']) {
        return Err(refuse("several lines, or another line ending than LF".to_owned()));
    }
    let mut words = line.split(' ');
    if (words.next(), words.next()) != (Some("isobar"), Some("ed25519")) {
        return Err(refuse("a line that begins otherwise".to_owned()));
    }
    match words.next() {
        Some(kind) if kind == expected => {}
        Some("secret") => return Err(refuse("a secret key".to_owned())),
        Some("public") => return Err(refuse("a public key".to_owned())),
        Some(_) | None => return Err(refuse("a key of another kind".to_owned())),
    }
    let digits = words.next().unwrap_or_default();
    if words.next().is_some() {
        return Err(refuse("further words after the key".to_owned()));
    }
    if digits.len() != 64 {
        return Err(refuse(format!("{} digits", digits.len())));
    }
    let lower = digits.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    let hash = if lower { Hash::parse(digits) } else { None };
    hash.map(|hash| hash.0).ok_or_else(|| refuse("digits that are not lower-case hexadecimal".to_owned()))
}

fn read_text(path: &Path) -> Result<Zeroizing<String>, KeyError> {
    fs::read_to_string(path).map(Zeroizing::new).map_err(|error| file(path, &error))
}

fn write_text(path: &Path, line: &str, mode: u32) -> Result<(), KeyError> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(mode);
    }
    #[cfg(not(unix))]
    let _ = mode;
    let write = |mut file: fs::File| {
        file.write_all(line.as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()
    };
    options.open(path).and_then(write).map_err(|error| file(path, &error))
}

fn file(path: &Path, error: &std::io::Error) -> KeyError {
    KeyError::File { path: path.display().to_string(), reason: error.to_string() }
}

#[cfg(test)]
mod tests;
