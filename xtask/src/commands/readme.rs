//! `cargo xtask readme`: the README of each version, made from its schemas.

use anyhow::Result;
use governance::readme::readme;
use governance::{Facts, Profile, write_whole};

use super::workspace;

/// Writes the READMEs.
pub fn run() -> Result<bool> {
    let workspace = workspace()?;
    for number in workspace.version_numbers()? {
        let facts = Facts::of(&workspace, &format!("features-v{number}"), Profile::Debug)?;
        let path = workspace.root().join(&facts.name).join("README.md");
        write_whole(&path, &readme(&facts))?;
        println!("{}/README.md", facts.name);
    }
    Ok(true)
}
