//! A tree of LightGBM text: arrays of splits and of leaves. A child is a split where it is 0 or above, else the leaf
//! `−child − 1`.

use super::text::Fields;
use crate::import::preorder::{Stored, preorder};
use crate::{Missing, ModelError, Node};

/// Values this near to 0 are 0 to LightGBM.
const ZERO: f64 = 1e-35_f32 as f64;

/// The nodes in preorder.
pub(super) fn read(fields: &Fields<'_>, inputs: u32) -> Result<Vec<Node>, ModelError> {
    if fields.has("is_linear") && fields.text("is_linear")? != "0" {
        let instead = "train with linear_tree=False";
        return Err(ModelError::NotCovered { what: fields.what("a linear tree"), instead });
    }
    let leaves: usize = fields.number("num_leaves")?;
    let leaf: Vec<f64> = fields.array("leaf_value")?;
    if leaves == 0 || leaf.len() != leaves {
        let expected = format!("{leaves} values, as num_leaves says, and at least one");
        return Err(ModelError::invalid(fields.what("leaf_value"), expected, leaf.len()));
    }
    let categorical: u64 = fields.number("num_cat")?;
    if categorical > 0 {
        return Err(by_category(fields));
    }
    let arrays = Arrays { fields, inputs, splits: splits(fields, leaves - 1)?, leaf };
    // Splits are numbered first, then the leaves.
    let order = preorder(fields.index(), arrays.splits.len() + leaves, |number| arrays.node(number))?;
    if order.len() == arrays.splits.len() + leaves {
        return Ok(order);
    }
    let expected = format!("{} nodes, each reached once", arrays.splits.len() + leaves);
    Err(ModelError::invalid(fields.what("nodes"), expected, format!("{} that can be reached", order.len())))
}

fn by_category(fields: &Fields<'_>) -> ModelError {
    let instead = "train with numeric features: one column per category, or without categorical_feature";
    ModelError::NotCovered { what: fields.what("a split by category"), instead }
}

/// A split as it is stored.
#[derive(Clone, Copy)]
struct Line {
    feature: u32,
    threshold: f64,
    decision: u8,
    left: i64,
    right: i64,
}

fn splits(fields: &Fields<'_>, count: usize) -> Result<Vec<Line>, ModelError> {
    // A tree of one leaf has the lines without elements, or not at all.
    if count == 0 {
        return Ok(Vec::new());
    }
    let feature: Vec<u32> = fields.array("split_feature")?;
    let threshold: Vec<f64> = fields.array("threshold")?;
    let decision: Vec<u8> = fields.array("decision_type")?;
    let left: Vec<i64> = fields.array("left_child")?;
    let right: Vec<i64> = fields.array("right_child")?;
    let lengths = [
        ("split_feature", feature.len()),
        ("threshold", threshold.len()),
        ("decision_type", decision.len()),
        ("left_child", left.len()),
        ("right_child", right.len()),
    ];
    if let Some((name, length)) = lengths.iter().find(|(_, length)| *length != count) {
        let expected = format!("{count} elements, one fewer than num_leaves");
        return Err(ModelError::invalid(fields.what(name), expected, length));
    }
    let rest = threshold.into_iter().zip(decision).zip(left).zip(right);
    let lines = feature.into_iter().zip(rest).map(|(feature, (((threshold, decision), left), right))| Line {
        feature,
        threshold,
        decision,
        left,
        right,
    });
    Ok(lines.collect())
}

struct Arrays<'a> {
    fields: &'a Fields<'a>,
    inputs: u32,
    splits: Vec<Line>,
    leaf: Vec<f64>,
}

impl Arrays<'_> {
    fn node(&self, number: usize) -> Result<Stored, ModelError> {
        match (self.splits.get(number), self.leaf.get(number.wrapping_sub(self.splits.len()))) {
            (Some(line), _) => self.split(number, *line),
            (None, Some(value)) => {
                let index = number - self.splits.len();
                Ok(Stored::Leaf(self.finite(*value, || format!("leaf_value, element {index}"))?))
            }
            (None, None) => Err(ModelError::invalid(self.fields.what("child"), "a split or a leaf", number)),
        }
    }

    fn split(&self, number: usize, line: Line) -> Result<Stored, ModelError> {
        // An infinite threshold parts the missing values from all others, which are finite here.
        let stored = if line.threshold == f64::INFINITY { f64::MAX } else { line.threshold };
        let threshold = away_from_zero(self.finite(stored, || format!("threshold, element {number}"))?);
        if line.feature >= self.inputs {
            let what = self.fields.what(&format!("split_feature, element {number}"));
            let expected = format!("at most {}, as max_feature_idx says", self.inputs - 1);
            return Err(ModelError::invalid(what, expected, line.feature));
        }
        Ok(Stored::Split {
            feature: line.feature,
            threshold,
            missing: self.missing(number, line.decision, threshold)?,
            left: self.child(line.left)?,
            right: self.child(line.right)?,
        })
    }

    /// Bit 0: by category. Bit 1: missing values go left. Bits 2 and 3: what is missing.
    fn missing(&self, number: usize, decision: u8, threshold: f64) -> Result<Missing, ModelError> {
        if decision & 1 == 1 {
            return Err(by_category(self.fields));
        }
        let left = decision & 2 == 2;
        match decision >> 2 {
            // Nothing is missing: NaN is taken for 0, which goes left where 0 is not above the threshold.
            0 => Ok(Missing { left: 0.0 <= threshold, zero: false }),
            1 => Ok(Missing { left, zero: true }),
            2 => Ok(Missing { left, zero: false }),
            _ => {
                let what = self.fields.what(&format!("decision_type, element {number}"));
                Err(ModelError::invalid(what, "0 to 10, the missing type none, zero or NaN", decision))
            }
        }
    }

    fn child(&self, child: i64) -> Result<usize, ModelError> {
        let place = match usize::try_from(child) {
            Ok(split) if split < self.splits.len() => Some(split),
            Ok(_) => None,
            Err(_) => usize::try_from(!child)
                .ok()
                .filter(|leaf| *leaf < self.leaf.len())
                .map(|leaf| self.splits.len() + leaf),
        };
        place.ok_or_else(|| {
            let expected = format!("-{} to {}", self.leaf.len(), self.splits.len() - 1);
            ModelError::invalid(self.fields.what("child"), expected, child)
        })
    }

    fn finite(&self, value: f64, field: impl Fn() -> String) -> Result<f64, ModelError> {
        if value.is_finite() {
            return Ok(value);
        }
        Err(ModelError::invalid(self.fields.what(&field()), "a finite number", value))
    }
}

/// The threshold that gives every value `x` the side LightGBM gives it, which compares 0 in place of an `x` within
/// ±[`ZERO`].
fn away_from_zero(threshold: f64) -> f64 {
    if (0.0..ZERO).contains(&threshold) {
        ZERO
    } else if (-ZERO..0.0).contains(&threshold) {
        (-ZERO).next_down()
    } else {
        threshold
    }
}

#[cfg(test)]
mod tests {
    use super::{ZERO, away_from_zero};

    #[test]
    fn values_near_zero_go_where_zero_goes() {
        let near = [ZERO.next_down(), 5e-36, 1e-300, 0.0];
        let mut values = vec![-1.0, (-ZERO).next_down(), ZERO.next_up(), ZERO, -ZERO, 1.0];
        values.extend(near.iter().flat_map(|value| [*value, -*value]));
        for threshold in &values {
            for value in &values {
                let flushed = if value.abs() <= ZERO { 0.0 } else { *value };
                let moved = away_from_zero(*threshold);
                assert_eq!(*value <= moved, flushed <= *threshold, "{value:e} <= {threshold:e}");
            }
        }
    }
}
