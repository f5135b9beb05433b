//! Rolling median.

use core::cmp::Ordering;

use feature_api::{Memory, Operator, RestoreError, StateReader, StateWriter};

use crate::window::Window;

/// Median of the last `n` floats.
///
/// - **Formula**: the middle of the sorted window; for even n the mean of the two in the middle. A max-heap of
///   the lower half and a min-heap of the upper, each input knowing its place: O(log n) an input.
/// - **Parameters**: window `n`.
/// - **Warm-up**: n − 1.
/// - **Degenerate**: −0.0 is below 0.0.
/// - **Source**: definition; numpy.median.
#[derive(Debug, Clone)]
pub struct Median {
    window: Window,
    /// The inputs, by slot; a ring.
    values: Box<[f64]>,
    next: usize,
    len: usize,
    lower: Heap,
    upper: Heap,
    /// For each slot, whether it stands in the upper heap and where.
    places: Box<[(bool, usize)]>,
}

/// A binary heap of slots. Sifting and searching live in [`Median`], which knows the values.
#[derive(Debug, Clone)]
struct Heap {
    slots: Box<[usize]>,
    len: usize,
}

impl Heap {
    fn new(capacity: usize) -> Self {
        Self { slots: vec![0; capacity].into_boxed_slice(), len: 0 }
    }

    #[inline]
    fn get(&self, place: usize) -> Option<usize> {
        if place < self.len { self.slots.get(place).copied() } else { None }
    }
}

impl Median {
    /// A median over `window` inputs.
    #[must_use]
    pub fn new(window: Window) -> Self {
        let n = window.len();
        Self {
            window,
            values: vec![0.0; n].into_boxed_slice(),
            next: 0,
            len: 0,
            lower: Heap::new(n),
            upper: Heap::new(n),
            places: vec![(false, 0); n].into_boxed_slice(),
        }
    }

    #[inline]
    fn value(&self, slot: usize) -> f64 {
        self.values.get(slot).copied().unwrap_or_default()
    }

    const fn heap(&self, upper: bool) -> &Heap {
        if upper { &self.upper } else { &self.lower }
    }

    fn put(&mut self, upper: bool, place: usize, slot: usize) {
        let heap = if upper { &mut self.upper } else { &mut self.lower };
        if let Some(target) = heap.slots.get_mut(place) {
            *target = slot;
        }
        if let Some(target) = self.places.get_mut(slot) {
            *target = (upper, place);
        }
    }

    /// Whether slot `a` belongs above slot `b` in that heap.
    #[inline]
    fn above(&self, upper: bool, a: usize, b: usize) -> bool {
        let order = self.value(a).total_cmp(&self.value(b));
        order == if upper { Ordering::Less } else { Ordering::Greater }
    }

    /// Moves the slot at `place` to where it belongs.
    fn sift(&mut self, upper: bool, mut place: usize) {
        let Some(slot) = self.heap(upper).get(place) else { return };
        while place > 0 {
            let parent = (place - 1) / 2;
            match self.heap(upper).get(parent) {
                Some(other) if self.above(upper, slot, other) => self.put(upper, place, other),
                _ => break,
            }
            place = parent;
        }
        loop {
            let (left, right) = (2 * place + 1, 2 * place + 2);
            let Some(mut child) = self.heap(upper).get(left) else { break };
            let mut child_place = left;
            if let Some(other) = self.heap(upper).get(right)
                && self.above(upper, other, child)
            {
                (child, child_place) = (other, right);
            }
            if !self.above(upper, child, slot) {
                break;
            }
            self.put(upper, place, child);
            place = child_place;
        }
        self.put(upper, place, slot);
    }

    fn insert(&mut self, upper: bool, slot: usize) {
        let heap = if upper { &mut self.upper } else { &mut self.lower };
        let place = heap.len;
        heap.len += 1;
        self.put(upper, place, slot);
        self.sift(upper, place);
    }

    fn remove(&mut self, upper: bool, place: usize) {
        let heap = if upper { &mut self.upper } else { &mut self.lower };
        heap.len -= 1;
        let last = heap.slots.get(heap.len).copied().unwrap_or_default();
        if place < heap.len {
            self.put(upper, place, last);
            self.sift(upper, place);
        }
    }

    /// Keeps the lower half as large as the upper, or one larger.
    fn balance(&mut self) {
        let (from, to) = if self.lower.len > self.upper.len + 1 {
            (false, true)
        } else if self.upper.len > self.lower.len {
            (true, false)
        } else {
            return;
        };
        if let Some(slot) = self.heap(from).get(0) {
            self.remove(from, 0);
            self.insert(to, slot);
        }
    }
}

impl Operator for Median {
    type Input = f64;
    type Output = f64;

    fn update(&mut self, x: f64) -> Option<f64> {
        let slot = self.next;
        self.next = if slot + 1 == self.values.len() { 0 } else { slot + 1 };
        if self.len == self.values.len() {
            let (upper, place) = self.places.get(slot).copied().unwrap_or_default();
            self.remove(upper, place);
        } else {
            self.len += 1;
        }
        if let Some(value) = self.values.get_mut(slot) {
            *value = x;
        }
        // Against the top of either half, whichever is there, so that every lower value stays below every upper.
        let goes_up = match (self.lower.get(0), self.upper.get(0)) {
            (_, Some(top)) if x.total_cmp(&self.value(top)).is_ge() => true,
            (Some(top), None) => x.total_cmp(&self.value(top)).is_gt(),
            (_, _) => false,
        };
        self.insert(goes_up, slot);
        self.balance();
        if self.len < self.window.len() {
            return None;
        }
        let below = self.value(self.lower.get(0)?);
        Some(if self.window.len() % 2 == 1 {
            below
        } else {
            let above = self.value(self.upper.get(0)?);
            below / 2.0 + above / 2.0
        })
    }

    fn warm_up(&self) -> usize {
        self.window.len() - 1
    }

    fn memory(&self) -> Memory {
        Memory::Finite { window: self.window.get() }
    }

    fn reset(&mut self) {
        self.next = 0;
        self.len = 0;
        self.lower.len = 0;
        self.upper.len = 0;
    }

    fn save(&self, state: &mut StateWriter) {
        state.write_u64(self.len as u64);
        let first = if self.len == self.values.len() { self.next } else { 0 };
        for age in 0..self.len {
            state.write_f64(self.value((first + age) % self.values.len()));
        }
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.reset();
        let count = usize::try_from(state.read_u64()?).ok().filter(|count| *count <= self.values.len());
        let count = count.ok_or(RestoreError::Invalid { what: "no more items than the window holds" })?;
        for _ in 0..count {
            match state.read_f64() {
                Ok(x) => {
                    self.update(x);
                }
                Err(error) => {
                    self.reset();
                    return Err(error);
                }
            }
        }
        Ok(())
    }
}
