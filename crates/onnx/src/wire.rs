//! The wire format of Protocol Buffers, as much of it as ONNX uses: no groups.
//!
//! Stricter than the readers of runtimes where those differ among themselves, so that nothing is read here in one way
//! and there in another: no tag beyond 32 bits (some readers drop the upper ones), no varint beyond 64.
//!
//! Source: <https://protobuf.dev/programming-guides/encoding/>.

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    /// An integer, a bool or an enum.
    Varint(u64),
    /// Four or eight bytes.
    Fixed,
    /// A text, bytes, a message or packed numbers.
    Bytes(&'a [u8]),
}

/// A field: its number and what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Field<'a> {
    pub(crate) number: u64,
    pub(crate) value: Value<'a>,
}

/// The fields of a message, in their order. Ends with the first that is none, and says why.
#[derive(Debug, Clone)]
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(crate) fn new(message: &'a [u8]) -> Self {
        Self { rest: message }
    }

    fn field(&mut self) -> Result<Field<'a>, &'static str> {
        let tag = self.varint()?;
        if tag > u64::from(u32::MAX) {
            return Err("a tag beyond 32 bits");
        }
        let value = match tag & 7 {
            0 => Value::Varint(self.varint()?),
            1 => self.bytes(8).map(|_| Value::Fixed)?,
            2 => {
                let length = self.varint()?;
                Value::Bytes(self.bytes(length)?)
            }
            5 => self.bytes(4).map(|_| Value::Fixed)?,
            3 | 4 => return Err("a group"),
            _ => return Err("an unknown wire type"),
        };
        match tag >> 3 {
            0 => Err("a field of number 0"),
            number => Ok(Field { number, value }),
        }
    }

    fn varint(&mut self) -> Result<u64, &'static str> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let Some((&byte, rest)) = self.rest.split_first() else {
                return Err("an end within a number");
            };
            self.rest = rest;
            // The tenth byte has one bit left.
            if shift == 63 && byte > 1 {
                break;
            }
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err("a number beyond 64 bits")
    }

    fn bytes(&mut self, length: u64) -> Result<&'a [u8], &'static str> {
        let split = usize::try_from(length).ok().and_then(|length| self.rest.split_at_checked(length));
        let (bytes, rest) = split.ok_or("a field that is longer than what holds it")?;
        self.rest = rest;
        Ok(bytes)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>, &'static str>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            self.rest = &[];
        }
        Some(field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(bytes: &[u8]) -> Result<Field<'_>, &'static str> {
        Fields::new(bytes).next().unwrap()
    }

    #[test]
    fn fields_of_each_kind() {
        let bytes = [0x08, 0x96, 0x01, 0x12, 2, b'a', b'b', 0x1d, 1, 2, 3, 4, 0x21, 1, 2, 3, 4, 5, 6, 7, 8];
        let fields: Vec<_> = Fields::new(&bytes).map(|field| field.unwrap()).collect();
        let field = |number, value| Field { number, value };
        let expected = [
            field(1, Value::Varint(150)),
            field(2, Value::Bytes(b"ab")),
            field(3, Value::Fixed),
            field(4, Value::Fixed),
        ];
        assert_eq!(fields, expected);
        assert_eq!(Fields::new(b"").next(), None);
    }

    #[test]
    fn numbers_at_their_ends() {
        let most = [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
        assert_eq!(first(&most).unwrap().value, Value::Varint(u64::MAX));
        // More bytes than needed, as readers of runtimes take them.
        assert_eq!(first(&[0x88, 0x80, 0x00, 0x85, 0x00]), Ok(Field { number: 1, value: Value::Varint(5) }));
        let tag = first(&[0xf8, 0xff, 0xff, 0xff, 0x0f, 0x00]).unwrap();
        assert_eq!(tag.number, u64::from(u32::MAX >> 3));
    }

    #[test]
    fn what_is_no_field() {
        for (bytes, reason) in [
            (&[0x80][..], "within a number"),
            (&[0x08], "within a number"),
            (&[0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02], "beyond 64 bits"),
            (&[0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00], "beyond 64 bits"),
            // Field 13 for a reader that drops the upper bits.
            (&[0xea, 0x80, 0x80, 0x80, 0x10, 0x00], "beyond 32 bits"),
            (&[0x12, 2, b'a'], "longer"),
            (&[0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0], "longer"),
            (&[0x1d, 1, 2, 3], "longer"),
            (&[0x21, 1, 2, 3, 4, 5, 6, 7], "longer"),
            (&[0x0b, 0x0c], "group"),
            (&[0x0c], "group"),
            (&[0x0e], "wire type"),
            (&[0x0f], "wire type"),
            (&[0x00, 0x00], "number 0"),
        ] {
            let mut fields = Fields::new(bytes);
            let error = fields.next().unwrap().unwrap_err();
            assert!(error.contains(reason), "{bytes:x?}: {error}");
            assert_eq!(fields.next(), None, "{bytes:x?}");
        }
    }
}
