//! Sums of weighted squares of vectors, and linear systems with them.

/// Vectors that are added up at once: a matrix that does not fit a near cache is then walked a quarter as often.
const BLOCK: usize = 4;

/// A symmetric matrix, positive definite where it can be solved: `Σ weight · v vᵀ` plus a diagonal.
pub(crate) struct Spd {
    size: usize,
    /// By row, of each the diagonal and what is right of it, in place: shape `[size][size]`.
    cells: Vec<f64>,
    /// Vectors not added yet, each after its multiple by its weight: shape `[BLOCK][2][size]`.
    waiting: Vec<f64>,
    waiting_count: usize,
}

/// A row that is, to rounding, a sum of multiples of those before it.
#[derive(Debug, PartialEq)]
pub(crate) struct Dependent {
    pub(crate) row: usize,
}

impl Spd {
    pub(crate) fn new(size: usize) -> Self {
        let waiting = vec![0.0; BLOCK * 2 * size];
        Self { size, cells: vec![0.0; size * size], waiting, waiting_count: 0 }
    }

    /// Adds `weight · v vᵀ`.
    pub(crate) fn add(&mut self, weight: f64, vector: &[f64]) {
        let size = self.size;
        let at = self.waiting_count * 2 * size;
        let slots = self.waiting.iter_mut().skip(at);
        for (slot, value) in slots.zip(vector.iter().map(|x| weight * x).chain(vector.iter().copied())) {
            *slot = value;
        }
        self.waiting_count += 1;
        if self.waiting_count == BLOCK {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let size = self.size;
        let mut parts = self.waiting.chunks_exact(size.max(1));
        let mut next = || parts.next().unwrap_or_default();
        let ([wa, a], [wb, b]) = ([next(), next()], [next(), next()]);
        let ([wc, c], [wd, d]) = ([next(), next()], [next(), next()]);
        for (row, cells) in self.cells.chunks_exact_mut(size.max(1)).enumerate() {
            let weight = |weights: &[f64]| weights.get(row).copied().unwrap_or_default();
            let (wa, wb, wc, wd) = (weight(wa), weight(wb), weight(wc), weight(wd));
            let rest = |vector| <[f64]>::get(vector, row..).unwrap_or_default();
            let vectors = rest(a).iter().zip(rest(b)).zip(rest(c).iter().zip(rest(d)));
            for (cell, ((a, b), (c, d))) in cells.iter_mut().skip(row).zip(vectors) {
                *cell += (wa * a + wb * b) + (wc * c + wd * d);
            }
        }
        self.waiting.fill(0.0);
        self.waiting_count = 0;
    }

    pub(crate) fn add_diagonal(&mut self, terms: &[f64]) {
        self.flush();
        for (cell, term) in self.cells.iter_mut().step_by(self.size + 1).zip(terms) {
            *cell += term;
        }
    }

    /// Solves `self · x = right` by Cholesky's decomposition of the matrix scaled to a diagonal of ones, in which a
    /// pivot is the share of a row that the rows before it do not give; `rounding` and less counts as none.
    pub(crate) fn solve(mut self, right: &[f64], rounding: f64) -> Result<Vec<f64>, Dependent> {
        self.flush();
        let size = self.size;
        let diagonal = self.cells.iter().step_by(size + 1);
        let scales: Vec<f64> =
            diagonal.map(|cell| if *cell > 0.0 { 1.0 / cell.sqrt() } else { 0.0 }).collect();
        for (cells, scale) in self.cells.chunks_exact_mut(size.max(1)).zip(&scales) {
            cells.iter_mut().zip(&scales).for_each(|(cell, other)| *cell *= scale * other);
        }
        self.decompose(rounding)?;
        let mut x: Vec<f64> = right.iter().zip(&scales).map(|(value, scale)| value * scale).collect();
        self.substitute(&mut x);
        Ok(x.iter().zip(&scales).map(|(value, scale)| value * scale).collect())
    }

    /// Replaces the matrix by U with `UᵀU = self`, row by row.
    fn decompose(&mut self, rounding: f64) -> Result<(), Dependent> {
        let size = self.size;
        for row in 0..size {
            let (done, rest) = self.cells.split_at_mut(row * size);
            let Some(cells) = rest.get_mut(row..size) else { continue };
            for above in done.chunks_exact(size) {
                let above = above.get(row..).unwrap_or_default();
                let factor = above.first().copied().unwrap_or_default();
                cells.iter_mut().zip(above).for_each(|(cell, above)| *cell -= factor * above);
            }
            let pivot = cells.first().copied().unwrap_or_default();
            if pivot.is_nan() || pivot <= rounding {
                return Err(Dependent { row });
            }
            let root = pivot.sqrt();
            cells.iter_mut().for_each(|cell| *cell /= root);
        }
        Ok(())
    }

    /// Solves `UᵀU x = x`, in place.
    fn substitute(&self, x: &mut [f64]) {
        let rows = || self.cells.chunks_exact(self.size.max(1)).enumerate();
        for (row, cells) in rows() {
            let Some((head, tail)) = x.get_mut(row..).and_then(<[f64]>::split_first_mut) else { continue };
            *head /= cells.get(row).copied().unwrap_or(1.0);
            let right = cells.iter().skip(row + 1);
            tail.iter_mut().zip(right).for_each(|(value, cell)| *value -= *head * cell);
        }
        for (row, cells) in rows().rev() {
            let Some((head, tail)) = x.get_mut(row..).and_then(<[f64]>::split_first_mut) else { continue };
            let right = cells.iter().skip(row + 1);
            tail.iter().zip(right).for_each(|(value, cell)| *head -= value * cell);
            *head /= cells.get(row).copied().unwrap_or(1.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(vectors: &[Vec<f64>], weights: &[f64]) -> Spd {
        let mut spd = Spd::new(vectors[0].len());
        vectors.iter().zip(weights).for_each(|(vector, weight)| spd.add(*weight, vector));
        spd
    }

    #[test]
    fn a_system_by_hand() {
        // [[4, 2], [2, 3]] x = [8, 8] has x = [1, 2].
        let mut spd = of(&[vec![1.0, 0.5], vec![0.0, 1.0]], &[4.0, 1.0]);
        spd.add_diagonal(&[0.0, 1.0]);
        assert_eq!(spd.solve(&[8.0, 8.0], 1e-15), Ok(vec![1.0, 2.0]));
    }

    #[test]
    fn dependent_rows_are_named() {
        let vectors = [vec![1.0, 2.0, 1.0], vec![3.0, 6.0, 1.0], vec![0.5, 1.0, 2.0], vec![1.5, 3.0, 7.0]];
        assert_eq!(of(&vectors, &[1.0; 4]).solve(&[1.0; 3], 1e-14), Err(Dependent { row: 1 }));
        assert_eq!(of(&[vec![f64::NAN]], &[1.0]).solve(&[1.0], 0.0), Err(Dependent { row: 0 }));
        assert_eq!(Spd::new(1).solve(&[1.0], 0.0), Err(Dependent { row: 0 }));
    }

    proptest! {
        #[test]
        fn a_solution_solves(
            (vectors, expected) in (1_usize..9).prop_flat_map(|size| (
                proptest::collection::vec(proptest::collection::vec(-1.0..1.0, size), 1..30),
                proptest::collection::vec(-1.0..1.0, size),
            )),
            units in 0..3,
        ) {
            // The units of a row do not matter.
            let unit = |index: usize| [1.0, 1e-6, 1e9][index * units as usize % 3];
            let size = expected.len();
            let scaled: Vec<Vec<f64>> = vectors
                .iter()
                .map(|vector| vector.iter().enumerate().map(|(index, x)| x * unit(index)).collect())
                .collect();
            let mut spd = of(&scaled, &vec![0.5; scaled.len()]);
            // A diagonal of 1 in the first units bounds the condition number by 1 + half the number of vectors · size.
            spd.add_diagonal(&(0..size).map(|index| unit(index) * unit(index)).collect::<Vec<_>>());
            let right: Vec<f64> = (0..size)
                .map(|row| {
                    let products = scaled.iter().map(|v| {
                        0.5 * v[row] * v.iter().zip(&expected).enumerate().map(|(i, (x, e))| x * e / unit(i)).sum::<f64>()
                    });
                    products.sum::<f64>() + unit(row) * expected[row]
                })
                .collect();
            let found = spd.solve(&right, 1e-14).unwrap();
            for (index, (found, expected)) in found.iter().zip(&expected).enumerate() {
                // Condition at most 1 + 15 · 8, sums of at most 30 · 8 terms.
                let bound = 121.0 * 4.0 * 240.0 * f64::EPSILON;
                prop_assert!((found * unit(index) - expected).abs() <= bound, "{index}: {found} {expected}");
            }
        }
    }
}
