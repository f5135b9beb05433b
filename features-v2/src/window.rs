//! Windows and the ring that holds one.

use feature_api::{MAX_RAW, RestoreError, StateReader, StateWriter};

/// Length of a window or a period, 1 to [`Window::MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Window(u32);

impl core::fmt::Display for Window {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.fmt(f)
    }
}

impl Window {
    /// The longest window. Up to here every sum over a window is exact in 128 bits.
    pub const MAX: u32 = 1_000;

    /// A window of `len` inputs; `None` outside 1 to [`Window::MAX`].
    #[must_use]
    pub const fn new(len: u32) -> Option<Self> {
        if len >= 1 && len <= Self::MAX { Some(Self(len)) } else { None }
    }

    /// The window nearest to `len`.
    #[must_use]
    pub const fn clamped(len: u32) -> Self {
        Self(if len < 1 {
            1
        } else if len > Self::MAX {
            Self::MAX
        } else {
            len
        })
    }

    /// Number of inputs.
    #[inline]
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// Number of inputs, to index with.
    #[allow(clippy::len_without_is_empty, reason = "a window is never empty")]
    #[inline]
    #[must_use]
    pub const fn len(self) -> usize {
        self.0 as usize
    }
}

/// The last inputs, oldest first; a push onto a full ring drops the oldest.
#[derive(Debug, Clone)]
pub struct Ring<T> {
    items: Box<[T]>,
    /// Where the next push goes; in a full ring this is the oldest.
    next: usize,
    len: usize,
}

impl<T: Copy + Default> Ring<T> {
    /// An empty ring of `capacity` places, at least one.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        let capacity = if capacity == 0 { 1 } else { capacity };
        Self { items: vec![T::default(); capacity].into_boxed_slice(), next: 0, len: 0 }
    }

    /// Takes `item`; gives back the oldest where the ring was full.
    #[inline]
    pub fn push(&mut self, item: T) -> Option<T> {
        let capacity = self.items.len();
        let place = self.items.get_mut(self.next)?;
        let old = core::mem::replace(place, item);
        self.next += 1;
        if self.next == capacity {
            self.next = 0;
        }
        if self.len == capacity {
            Some(old)
        } else {
            self.len += 1;
            None
        }
    }

    /// Number of items held.
    #[inline]
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing is held.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether the next push drops the oldest.
    #[inline]
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.len == self.items.len()
    }

    /// The item pushed `age` pushes ago; 0 is the newest.
    #[inline]
    #[must_use]
    pub fn back(&self, age: usize) -> Option<T> {
        if age >= self.len {
            return None;
        }
        let capacity = self.items.len();
        let place = if self.next > age { self.next - 1 - age } else { self.next + capacity - 1 - age };
        self.items.get(place).copied()
    }

    /// The oldest item.
    #[inline]
    #[must_use]
    pub fn oldest(&self) -> Option<T> {
        self.back(self.len.checked_sub(1)?)
    }

    /// Drops the oldest item.
    #[inline]
    pub const fn pop_oldest(&mut self) {
        self.len = self.len.saturating_sub(1);
    }

    /// Every item, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = T> + '_ {
        (0..self.len).rev().filter_map(|age| self.back(age))
    }

    /// Drops every item.
    pub const fn clear(&mut self) {
        self.next = 0;
        self.len = 0;
    }

    /// Writes the items, oldest first.
    pub fn save(&self, state: &mut StateWriter, write: impl Fn(&mut StateWriter, T)) {
        state.write_u64(self.len as u64);
        self.iter().for_each(|item| write(state, item));
    }

    /// Reads the items that [`Ring::save`] wrote.
    ///
    /// # Errors
    /// [`RestoreError`] where there are more than fit, or `read` refuses one. The ring is then empty.
    pub fn load<'a>(
        &mut self,
        state: &mut StateReader<'a>,
        read: impl Fn(&mut StateReader<'a>) -> Result<T, RestoreError>,
    ) -> Result<(), RestoreError> {
        self.clear();
        let count = state.read_u64()?;
        if count > self.items.len() as u64 {
            return Err(RestoreError::Invalid { what: "no more items than the window holds" });
        }
        for _ in 0..count {
            match read(state) {
                Ok(item) => {
                    self.push(item);
                }
                Err(error) => {
                    self.clear();
                    return Err(error);
                }
            }
        }
        Ok(())
    }
}

/// Reads a raw price or quantity.
pub(crate) fn read_raw(state: &mut StateReader<'_>) -> Result<i64, RestoreError> {
    let raw = state.read_i64()?;
    if (-MAX_RAW..=MAX_RAW).contains(&raw) {
        Ok(raw)
    } else {
        Err(RestoreError::Invalid { what: "a number within 2^53 grid steps" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_have_limits() {
        assert_eq!(Window::new(0), None);
        assert_eq!(Window::new(1_001), None);
        assert_eq!(Window::new(1_000).map(Window::len), Some(1_000));
        assert_eq!((Window::clamped(0).get(), Window::clamped(9_999).get()), (1, 1_000));
    }

    #[test]
    fn a_ring_keeps_the_last_items() {
        let mut ring = Ring::new(3);
        assert!(ring.is_empty());
        let dropped: Vec<_> = (0..5).map(|item: i64| ring.push(item)).collect();
        assert_eq!(dropped, [None, None, None, Some(0), Some(1)]);
        assert_eq!(ring.iter().collect::<Vec<_>>(), [2, 3, 4]);
        assert_eq!((ring.back(0), ring.back(2), ring.back(3)), (Some(4), Some(2), None));
        ring.clear();
        assert_eq!((ring.len(), ring.back(0)), (0, None));
        assert_eq!(Ring::<i64>::new(0).push(1), None);
    }

    #[test]
    fn a_ring_of_more_items_than_fit_is_refused() {
        let mut big = Ring::new(4);
        (0..4_i64).for_each(|item| {
            big.push(item);
        });
        let mut state = StateWriter::new();
        big.save(&mut state, StateWriter::write_i64);
        let bytes = state.into_bytes();
        assert!(Ring::new(3).load(&mut StateReader::new(&bytes), read_raw).is_err());
        let mut same = Ring::new(4);
        assert_eq!(same.load(&mut StateReader::new(&bytes), read_raw), Ok(()));
        assert_eq!(same.iter().collect::<Vec<_>>(), [0, 1, 2, 3]);
    }
}
