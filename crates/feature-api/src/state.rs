//! Reading and writing the state of operators and sets.
//!
//! A state is little-endian, without padding or tags: an operator reads what it wrote. Whoever stores one
//! adds identity and a checksum around it; an operator checks that what it reads is a state it could have.

/// Collects the bytes of a state.
#[derive(Debug, Default, Clone)]
pub struct StateWriter(Vec<u8>);

impl StateWriter {
    /// An empty writer.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Appends a count or an index.
    pub fn write_u64(&mut self, value: u64) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    /// Appends an integer.
    pub fn write_i64(&mut self, value: i64) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    /// Appends a wide integer.
    pub fn write_i128(&mut self, value: i128) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    /// Appends the bits of a float.
    pub fn write_f64(&mut self, value: f64) {
        self.write_u64(value.to_bits());
    }

    /// Appends a flag.
    pub fn write_bool(&mut self, value: bool) {
        self.0.push(u8::from(value));
    }

    /// Appends raw bytes, whose length the reader must know.
    pub fn write_bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// The bytes written so far.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// Takes a state apart.
#[derive(Debug, Clone)]
pub struct StateReader<'a> {
    left: &'a [u8],
}

impl<'a> StateReader<'a> {
    /// A reader from the first byte.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { left: bytes }
    }

    /// The next `count` bytes.
    ///
    /// # Errors
    /// [`RestoreError::Truncated`] where fewer are left.
    pub fn read_bytes(&mut self, count: usize) -> Result<&'a [u8], RestoreError> {
        let (head, tail) = self.left.split_at_checked(count).ok_or(RestoreError::Truncated)?;
        self.left = tail;
        Ok(head)
    }

    fn read_array<const N: usize>(&mut self) -> Result<[u8; N], RestoreError> {
        let (head, tail) = self.left.split_first_chunk().ok_or(RestoreError::Truncated)?;
        self.left = tail;
        Ok(*head)
    }

    /// A count or an index.
    ///
    /// # Errors
    /// [`RestoreError::Truncated`].
    pub fn read_u64(&mut self) -> Result<u64, RestoreError> {
        self.read_array().map(u64::from_le_bytes)
    }

    /// An integer.
    ///
    /// # Errors
    /// [`RestoreError::Truncated`].
    pub fn read_i64(&mut self) -> Result<i64, RestoreError> {
        self.read_array().map(i64::from_le_bytes)
    }

    /// A wide integer.
    ///
    /// # Errors
    /// [`RestoreError::Truncated`].
    pub fn read_i128(&mut self) -> Result<i128, RestoreError> {
        self.read_array().map(i128::from_le_bytes)
    }

    /// A float; never NaN, never infinite.
    ///
    /// # Errors
    /// [`RestoreError::Truncated`], or [`RestoreError::Invalid`] where it is not finite.
    pub fn read_f64(&mut self) -> Result<f64, RestoreError> {
        let value = f64::from_bits(self.read_u64()?);
        if value.is_finite() { Ok(value) } else { Err(RestoreError::Invalid { what: "a finite float" }) }
    }

    /// A flag.
    ///
    /// # Errors
    /// [`RestoreError::Truncated`], or [`RestoreError::Invalid`] where the byte is neither 0 nor 1.
    pub fn read_bool(&mut self) -> Result<bool, RestoreError> {
        match self.read_array::<1>()? {
            [0] => Ok(false),
            [1] => Ok(true),
            _ => Err(RestoreError::Invalid { what: "a flag of 0 or 1" }),
        }
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// [`RestoreError::Trailing`] where bytes are left.
    pub const fn finish(self) -> Result<(), RestoreError> {
        if self.left.is_empty() { Ok(()) } else { Err(RestoreError::Trailing { count: self.left.len() }) }
    }
}

/// Why bytes are no state of this operator or set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// The bytes end too early.
    #[error("the state ends too early: it is truncated or of other parameters")]
    Truncated,
    /// Bytes are left over.
    #[error("the state has {count} bytes too many: it is of other parameters or damaged")]
    Trailing {
        /// Bytes left over.
        count: usize,
    },
    /// A value that no run can have produced.
    #[error("the state is damaged: expected {what}")]
    Invalid {
        /// What was expected.
        what: &'static str,
    },
    /// A state of something else.
    #[error("the state is of another {what}: expected {expected}, found {found}; replay the history instead")]
    Mismatch {
        /// What differs.
        what: &'static str,
        /// What this program has.
        expected: String,
        /// What the state says.
        found: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_what_was_written() {
        let mut writer = StateWriter::new();
        writer.write_u64(u64::MAX);
        writer.write_i64(-2);
        writer.write_i128(i128::MIN);
        writer.write_f64(-0.0);
        writer.write_bool(true);
        writer.write_bytes(b"ab");
        let bytes = writer.into_bytes();
        let mut reader = StateReader::new(&bytes);
        assert_eq!(reader.read_u64(), Ok(u64::MAX));
        assert_eq!(reader.read_i64(), Ok(-2));
        assert_eq!(reader.read_i128(), Ok(i128::MIN));
        assert_eq!(reader.read_f64().map(f64::to_bits), Ok((-0.0_f64).to_bits()));
        assert_eq!(reader.read_bool(), Ok(true));
        assert_eq!(reader.clone().finish(), Err(RestoreError::Trailing { count: 2 }));
        assert_eq!(reader.read_bytes(2), Ok(b"ab".as_slice()));
        assert_eq!(reader.read_bool(), Err(RestoreError::Truncated));
        assert_eq!(reader.finish(), Ok(()));
    }

    #[test]
    fn refuses_what_cannot_be() {
        let nan = f64::NAN.to_bits().to_le_bytes();
        assert_eq!(
            StateReader::new(&nan).read_f64().err(),
            Some(RestoreError::Invalid { what: "a finite float" })
        );
        assert_eq!(
            StateReader::new(&[2]).read_bool().err(),
            Some(RestoreError::Invalid { what: "a flag of 0 or 1" })
        );
    }
}
