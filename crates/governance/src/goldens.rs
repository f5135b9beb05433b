//! The recorded output of a version: `goldens/OUTPUT_HASH` and `goldens/FEATURES`.

use crate::{Error, Facts, Version, Workspace, write_whole};

/// What became of the goldens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    /// They recorded this output already.
    UpToDate,
    /// They were written.
    Written,
}

/// Records the output of a version, as `facts` computed it now.
///
/// # Errors
/// [`Error::Refused`] where the version is released, or other goldens are there and may not be replaced;
/// [`Error::Io`].
pub fn create(
    workspace: &Workspace,
    version: &Version,
    facts: &Facts,
    may_replace: bool,
) -> Result<Created, Error> {
    let folder = workspace.root().join(&version.name).join("goldens");
    let read =
        |name: &str| std::fs::read_to_string(folder.join(name)).unwrap_or_default().replace("\r\n", "\n");
    let (hash, features) = (read("OUTPUT_HASH"), read("FEATURES"));
    let found = text(facts)?;
    if hash.trim() == facts.output_hash && features == found {
        return Ok(Created::UpToDate);
    }
    let Version { name, version: number, .. } = version;
    if version.is_released() {
        return Err(Error::Refused(format!(
            "{name} {number} is released: its goldens never change, but the output is {} instead of {}; undo the \
             change, or make it in a new version (cargo xtask new-version)",
            facts.output_hash,
            hash.trim()
        )));
    }
    if !hash.trim().is_empty() && !may_replace {
        return Err(Error::Refused(format!(
            "{name} has goldens of another output ({}); if the change of values is meant, run again with --replace",
            hash.trim()
        )));
    }
    write_whole(&folder.join("FEATURES"), &found)?;
    write_whole(&folder.join("OUTPUT_HASH"), &facts.output_hash)?;
    Ok(Created::Written)
}

/// The text of `goldens/FEATURES`.
fn text(facts: &Facts) -> Result<String, Error> {
    let mut text = String::new();
    for set in &facts.sets {
        for feature in &set.features {
            let hash = feature.output.as_ref().ok_or_else(|| {
                Error::Refused(format!(
                    "{}: the canonical output leaves out {}.{}",
                    facts.name, set.name, feature.name
                ))
            })?;
            text += &format!("{hash}  {}.{}\n", set.name, feature.name);
        }
    }
    Ok(text)
}
