//! Lines of LightGBM text: a header, then a block for each tree.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::{not_lightgbm, short};
use crate::ModelError;

/// The header and the trees.
pub(super) struct Blocks<'a> {
    pub(super) header: Fields<'a>,
    pub(super) trees: Vec<Fields<'a>>,
}

/// Lines `key=value` of a block.
pub(super) struct Fields<'a> {
    /// Index of the tree; `None` for the header.
    tree: Option<usize>,
    fields: BTreeMap<&'a str, &'a str>,
}

/// Parts the text at `Tree=0`, `Tree=1`, … up to `end of trees`; what comes after decides no prediction.
pub(super) fn blocks(text: &str) -> Result<Blocks<'_>, ModelError> {
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default().trim_end();
    if first != "tree" {
        return Err(not_lightgbm(&format!("first line {:?} instead of \"tree\"", short(first))));
    }
    let mut header = Fields { tree: None, fields: BTreeMap::new() };
    let mut trees: Vec<Fields<'_>> = Vec::new();
    for line in lines.map(str::trim_end) {
        let (key, value) = line.split_once('=').unwrap_or((line, ""));
        match key {
            "" => {}
            "end of trees" => return Ok(Blocks { header, trees }),
            "Tree" if value == trees.len().to_string() => {
                trees.push(Fields { tree: Some(trees.len()), fields: BTreeMap::new() });
            }
            "Tree" => return Err(ModelError::invalid("Tree", trees.len().to_string(), short(value))),
            key => {
                let block = trees.last_mut().unwrap_or(&mut header);
                if block.fields.insert(key, value).is_some() {
                    let what = block.what(&short(key));
                    return Err(ModelError::invalid(what, "one line", "several"));
                }
            }
        }
    }
    Err(not_lightgbm("no line \"end of trees\": the file is cut off"))
}

impl<'a> Fields<'a> {
    /// The block and the field, for messages.
    pub(super) fn what(&self, key: &str) -> String {
        self.tree.map_or_else(|| key.to_owned(), |tree| format!("tree {tree}: {key}"))
    }

    /// Index of the tree.
    pub(super) fn index(&self) -> usize {
        self.tree.unwrap_or_default()
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.fields.contains_key(key)
    }

    pub(super) fn text(&self, key: &str) -> Result<&'a str, ModelError> {
        let value = self.fields.get(key).copied();
        value.ok_or_else(|| ModelError::invalid(self.what(key), format!("a line {key}=…"), "none"))
    }

    pub(super) fn number<T: FromStr>(&self, key: &str) -> Result<T, ModelError> {
        let text = self.text(key)?;
        text.parse().map_err(|_| ModelError::invalid(self.what(key), "a number in range", short(text)))
    }

    /// Elements between blanks; none where the line is empty.
    pub(super) fn array<T: FromStr>(&self, key: &str) -> Result<Vec<T>, ModelError> {
        let elements = self.text(key)?.split_ascii_whitespace().enumerate();
        let read = |(index, element): (usize, &str)| {
            element.parse().map_err(|_| {
                let what = format!("{}, element {index}", self.what(key));
                ModelError::invalid(what, "a number in range", short(element))
            })
        };
        elements.map(read).collect()
    }
}
