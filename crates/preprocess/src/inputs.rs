//! Many inputs.

/// Many inputs: shape `[len][width]`, row by row.
///
/// The default has no width yet: it takes that of the first transform that appends to it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Inputs {
    width: usize,
    values: Vec<f64>,
    rows: Vec<usize>,
    seen: usize,
}

impl Inputs {
    /// No inputs of that length.
    #[must_use]
    pub const fn new(width: usize) -> Self {
        Self { width, values: Vec::new(), rows: Vec::new(), seen: 0 }
    }

    /// Number of inputs.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Length of an input.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Every input, one after another.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The row that completed each input, counted from the first row the transform was given since `Inputs` was
    /// made or cleared; increasing.
    #[must_use]
    pub fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// Rows the transform was given since `Inputs` was made or cleared, whether they completed an input or not.
    #[must_use]
    pub const fn rows_seen(&self) -> usize {
        self.seen
    }

    /// The input at `index`.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&[f64]> {
        if index < self.len() { self.values.get(index * self.width..(index + 1) * self.width) } else { None }
    }

    /// Every input, in order.
    pub fn iter(&self) -> impl Iterator<Item = &[f64]> {
        // No input is empty, and without inputs there are no values either.
        self.values.chunks_exact(self.width.max(1))
    }

    /// Keeps the inputs whose row, as in [`rows`](Inputs::rows), passes `keep`, in order.
    pub fn retain(&mut self, mut keep: impl FnMut(usize) -> bool) {
        let mut kept = 0;
        for index in 0..self.rows.len() {
            let Some(&row) = self.rows.get(index) else { break };
            if keep(row) {
                if kept < index {
                    self.rows.swap(kept, index);
                    let from = index * self.width;
                    self.values.copy_within(from..from + self.width, kept * self.width);
                }
                kept += 1;
            }
        }
        self.rows.truncate(kept);
        self.values.truncate(kept * self.width);
    }

    /// Forgets every input and keeps the memory.
    pub fn clear(&mut self) {
        self.values.clear();
        self.rows.clear();
        self.seen = 0;
    }

    /// Takes that width where none was set; whether inputs of that width can be appended.
    pub(crate) const fn accepts(&mut self, width: usize) -> bool {
        if self.width == 0 {
            self.width = width;
        }
        self.width == width
    }

    /// Counts a row and appends the input it completed, if any.
    pub(crate) fn push(&mut self, input: Option<&[f64]>) {
        if let Some(input) = input {
            self.values.extend_from_slice(input);
            self.rows.push(self.seen);
        }
        self.seen += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs() -> Inputs {
        let mut inputs = Inputs::new(2);
        for row in 0_u8..6 {
            let value = f64::from(row);
            inputs.push((row % 2 == 1).then_some(&[value, -value]));
        }
        inputs
    }

    #[test]
    fn rows_are_counted_whether_they_gave_an_input_or_not() {
        let inputs = inputs();
        assert_eq!((inputs.len(), inputs.rows(), inputs.rows_seen()), (3, [1, 3, 5].as_slice(), 6));
        assert_eq!(inputs.get(2), Some([5.0, -5.0].as_slice()));
        assert_eq!((inputs.get(3), inputs.get(usize::MAX)), (None, None));
        assert_eq!(inputs.iter().map(|input| input[0]).collect::<Vec<_>>(), [1.0, 3.0, 5.0]);
    }

    #[test]
    fn retain_keeps_order_and_values() {
        let mut some = inputs();
        some.retain(|row| row != 3);
        assert_eq!((some.rows(), some.values()), ([1, 5].as_slice(), [1.0, -1.0, 5.0, -5.0].as_slice()));
        some.retain(|_| false);
        assert!(some.is_empty() && some.values().is_empty());
        assert_eq!(some.rows_seen(), 6);
        some.clear();
        assert_eq!(some, Inputs::new(2));
    }

    #[test]
    fn no_width_has_no_inputs() {
        let mut none = Inputs::default();
        assert_eq!((none.get(0), none.iter().count()), (None, 0));
        assert!(none.accepts(3) && none.accepts(3) && !none.accepts(2));
    }
}
