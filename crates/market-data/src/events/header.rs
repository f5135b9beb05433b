//! Which column is what, told by its name.

use std::path::{Path, PathBuf};

use crate::{EventFormat, MarketDataError, layout};

/// A column that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Column {
    /// Its place, from 0.
    pub(crate) index: usize,
    /// What it is called in messages.
    pub(crate) field: &'static str,
}

/// What a column holds: which types of Parquet can stand for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Time,
    Number,
    /// A name, a side, a truth value, an id.
    Word,
}

/// The names of the columns of a file, and which of them are read.
#[derive(Debug, Clone)]
pub(crate) struct Header {
    pub(crate) path: PathBuf,
    pub(crate) format: EventFormat,
    pub(crate) names: Vec<String>,
    normals: Vec<String>,
    /// The columns that were asked for and found.
    pub(crate) used: Vec<(usize, Kind)>,
}

impl Header {
    pub(crate) fn new(path: &Path, format: EventFormat, names: Vec<String>) -> Self {
        let normals = names.iter().map(|name| layout::normal(name)).collect();
        Self { path: path.to_owned(), format, names, normals, used: Vec::new() }
    }

    /// The column of one of these names (lower case, words parted by `_`), where there is one.
    ///
    /// # Errors
    /// [`MarketDataError::AmbiguousEventColumns`] where there are several.
    pub(crate) fn find(
        &mut self,
        field: &'static str,
        kind: Kind,
        names: &[&str],
    ) -> Result<Option<Column>, MarketDataError> {
        let hits: Vec<usize> = (0..)
            .zip(&self.normals)
            .filter(|(_, name)| names.contains(&name.as_str()))
            .map(|hit| hit.0)
            .collect();
        match hits.as_slice() {
            [] => Ok(None),
            [index] => {
                self.used.push((*index, kind));
                Ok(Some(Column { index: *index, field }))
            }
            _ => Err(MarketDataError::AmbiguousEventColumns {
                path: self.path.clone(),
                role: field,
                found: hits.iter().filter_map(|index| self.names.get(*index).cloned()).collect(),
            }),
        }
    }

    /// The first of these names that there is a column of.
    pub(crate) fn first(
        &mut self,
        field: &'static str,
        kind: Kind,
        names: &[&str],
    ) -> Result<Option<Column>, MarketDataError> {
        for name in names {
            if let Some(column) = self.find(field, kind, &[name])? {
                return Ok(Some(column));
            }
        }
        Ok(None)
    }

    /// The error for columns that are needed, of which some were not found.
    pub(crate) fn missing(&self, needed: &[(&'static str, bool)]) -> MarketDataError {
        MarketDataError::EventColumns {
            path: self.path.clone(),
            format: self.format,
            missing: needed.iter().filter(|(_, is_found)| !is_found).map(|(field, _)| *field).collect(),
            found: self.names.clone(),
        }
    }

    /// The name of a column as it is compared.
    pub(crate) fn normal(&self, index: usize) -> &str {
        self.normals.get(index).map_or("", String::as_str)
    }
}
