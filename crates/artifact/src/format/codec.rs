//! The one door to bincode: fixed-size little-endian integers, lengths of 64 bits, tags of 32 bits.
//!
//! Texts and bytes are taken from the slice they lie in, so a length that is a lie allocates nothing; other lists
//! grow as their entries are read, from at most a megabyte on.

use core::fmt;
use std::io;

use serde::de::{Error as _, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::envelope::MAX_BYTES;

/// The longest text, in bytes.
pub const MAX_TEXT: usize = 4096;

fn config() -> impl bincode::config::Config {
    bincode::config::standard().with_little_endian().with_fixed_int_encoding().with_limit::<{ MAX_BYTES }>()
}

/// The bytes of a value.
pub fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, String> {
    bincode::serde::encode_to_vec(value, config()).map_err(|error| error.to_string())
}

/// The value of the bytes, of all of them.
pub fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, String> {
    let (value, read) = bincode::serde::borrow_decode_from_slice(bytes, config()).map_err(reason)?;
    match bytes.len().checked_sub(read) {
        Some(0) => Ok(value),
        left => Err(format!("{} bytes are left over", left.unwrap_or_default())),
    }
}

/// Whether the bytes are those of the value.
pub fn is_encoding<T: Serialize>(bytes: &[u8], value: &T) -> bool {
    let mut rest = Rest(bytes);
    bincode::serde::encode_into_std_write(value, &mut rest, config()).is_ok() && rest.0.is_empty()
}

/// Bincode's error as people read it.
fn reason(error: bincode::error::DecodeError) -> String {
    use bincode::error::DecodeError as E;
    if let E::UnexpectedEnd { additional } = error {
        format!("it ends where {additional} further bytes should be")
    } else if let E::OtherString(text) = error {
        text
    } else {
        error.to_string()
    }
}

/// What is still to be written, where only the same bytes may be.
struct Rest<'a>(&'a [u8]);

impl io::Write for Rest<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.strip_prefix(bytes) {
            Some(rest) => {
                self.0 = rest;
                Ok(bytes.len())
            }
            None => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A text of at most [`MAX_TEXT`] bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Text(pub String);

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Borrowed;
        impl<'de> Visitor<'de> for Borrowed {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a text of at most {MAX_TEXT} bytes")
            }

            fn visit_borrowed_str<E: serde::de::Error>(self, text: &'de str) -> Result<Text, E> {
                let short = text.len() <= MAX_TEXT;
                if short { Ok(Text(text.to_owned())) } else { Err(E::invalid_length(text.len(), &self)) }
            }
        }
        deserializer.deserialize_str(Borrowed)
    }
}

/// Raw bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Bytes(pub Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes: &[u8] = Deserialize::deserialize(deserializer)
            .map_err(|error: D::Error| D::Error::custom(error.to_string()))?;
        Ok(Self(bytes.to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum Sample {
        Nothing,
        Some { flag: bool, list: Vec<u64>, text: Text, bytes: Bytes, float: f64, maybe: Option<u32> },
    }

    fn sample() -> Sample {
        Sample::Some {
            flag: true,
            list: vec![1, 2],
            text: Text("é".to_owned()),
            bytes: Bytes(vec![9]),
            float: -0.0,
            maybe: Some(3),
        }
    }

    #[test]
    fn the_encoding_is_the_one_that_is_specified() {
        let expected = [
            &[1, 0, 0, 0, 1][..],
            &[2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0],
            &[2, 0, 0, 0, 0, 0, 0, 0, 0xc3, 0xa9],
            &[1, 0, 0, 0, 0, 0, 0, 0, 9],
            &[0, 0, 0, 0, 0, 0, 0, 0x80],
            &[1, 3, 0, 0, 0],
        ]
        .concat();
        assert_eq!(encode(&sample()), Ok(expected.clone()));
        assert_eq!(decode(&expected), Ok(sample()));
        assert!(is_encoding(&expected, &sample()));
        assert!(!is_encoding(&expected[..expected.len() - 1], &sample()));
        assert!(!is_encoding(&[expected, vec![0]].concat(), &sample()));
        assert_eq!(encode(&Sample::Nothing), Ok(vec![0; 4]));
    }

    #[test]
    fn whatever_has_no_meaning_is_refused() {
        let bytes = encode(&sample()).unwrap();
        for (at, value, what) in [
            (0, 2, "a variant that is not there"),
            (4, 2, "a flag of 2"),
            (37, 0xff, "no UTF-8"),
            (56, 2, "an option of 2"),
            (10, 0x10, "2^44 entries"),
            (12, 0x10, "2^60 entries"),
            (36, 0x10, "a text of 2^60 bytes"),
            (46, 0x10, "2^60 bytes"),
        ] {
            let mut bytes = bytes.clone();
            bytes[at] = value;
            let result = decode::<Sample>(&bytes);
            assert!(result.is_err(), "{what}: {result:?}");
        }
        for length in 0..bytes.len() {
            assert!(decode::<Sample>(&bytes[..length]).is_err(), "{length}");
        }
        let longer = [bytes, vec![0]].concat();
        assert_eq!(decode::<Sample>(&longer), Err("1 bytes are left over".to_owned()));
    }

    #[test]
    fn a_text_has_a_limit() {
        let long = encode(&Text("x".repeat(MAX_TEXT + 1))).unwrap();
        let error = decode::<Text>(&long).unwrap_err();
        assert!(error.contains("4097") && error.contains("at most 4096"), "{error}");
        assert!(decode::<Text>(&encode(&Text("x".repeat(MAX_TEXT))).unwrap()).is_ok());
    }
}
