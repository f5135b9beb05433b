//! `cargo xtask audit`: one page for a code review.
//!
//! It is a page, not a gate: exit code 0 wherever it could be made. Its first line counts the problems; `cargo xtask
//! check` is what fails on them.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use governance::audit::{self, ArtifactFacts, ArtifactFile, Page};

/// What to show, and how.
#[derive(clap::Args)]
pub struct Args {
    /// As Markdown, for a pull request.
    #[arg(long, group = "form")]
    md: bool,
    /// As JSON, for machines.
    #[arg(long, group = "form")]
    json: bool,
    /// As one HTML file that opens offline.
    #[arg(long, group = "form")]
    html: bool,
    /// A folder of artifacts (*.iso, in its subfolders too): which fit which production binary, and why not.
    #[arg(long, value_name = "DIR")]
    artifacts: Option<PathBuf>,
    /// Write to this file in place of standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Makes the page.
pub fn run(args: &Args) -> Result<bool> {
    let workspace = super::workspace()?;
    // First, so that a folder that is not there is told at once.
    let files = args.artifacts.as_deref().map(files).transpose()?;
    let report = governance::check(&workspace, &governance::Options::default());
    let audit = audit::read(&workspace, report, files)?;
    let text = match () {
        () if args.json => audit.json(),
        () if args.md => Page::of(&audit).markdown(),
        () if args.html => Page::of(&audit).html(),
        () => Page::of(&audit).terminal(),
    };
    match &args.out {
        Some(path) => governance::write_whole(path, &text)?,
        None => std::io::stdout().write_all(text.as_bytes())?,
    }
    Ok(true)
}

/// Every `*.iso` below a folder, sorted by path. What cannot be read is told of the file.
fn files(folder: &Path) -> Result<Vec<ArtifactFile>> {
    let mut paths = Vec::new();
    collect(folder, &mut paths)?;
    paths.sort();
    Ok(paths.iter().map(|path| file(folder, path)).collect())
}

/// Symbolic links to folders are not followed: they could lead in circles.
fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<()> {
    let context = || format!("cannot read the folder {}", folder.display());
    for entry in fs::read_dir(folder).with_context(context)? {
        let entry = entry.with_context(context)?;
        let path = entry.path();
        if entry.file_type().with_context(context)?.is_dir() {
            collect(&path, paths)?;
        } else if path.extension().is_some_and(|extension| extension == "iso") {
            paths.push(path);
        }
    }
    Ok(())
}

fn file(folder: &Path, path: &Path) -> ArtifactFile {
    let inside = path.strip_prefix(folder).unwrap_or(path);
    let parts: Vec<_> = inside.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    let (facts, faults) = match bytes(path) {
        Ok(bytes) => facts(&bytes),
        Err(error) => (None, vec![error.to_string()]),
    };
    ArtifactFile { path: parts.join("/"), facts, faults }
}

/// The bytes of a file that can be an artifact; one that is larger is not read to its end.
fn bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    /// One more than an artifact can have: the reader of artifacts refuses it and says why.
    const BYTES: u64 = (256 << 20) + 1;
    // Before it is opened: opening a pipe waits for whoever writes it.
    if !fs::metadata(path)?.is_file() {
        return Err(std::io::Error::other("expected a file"));
    }
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What an artifact says of itself, and what is wrong with it. No model of others is loaded: production loads none.
fn facts(bytes: &[u8]) -> (Option<ArtifactFacts>, Vec<String>) {
    let texts = |problems: Vec<artifact::Problem>| problems.iter().map(ToString::to_string).collect();
    let (signed_by, faults) = match artifact::inspect(bytes, Default::default()) {
        Ok(inspected) => (inspected.signer.map(|key| key.to_string()), Vec::new()),
        Err(problems) => (None, texts(problems)),
    };
    let Ok(manifest) = artifact::manifest(bytes) else { return (None, faults) };
    let params = manifest.params.iter().map(|param| format!("{}={}", param.name, param.value));
    let facts = ArtifactFacts {
        params: params.collect(),
        features: manifest.features,
        version: manifest.version,
        source_hash: manifest.source_hash.to_string(),
        output_hash: manifest.output_hash.to_string(),
        set: manifest.set,
        schema_hash: manifest.schema_hash.to_string(),
        bars: manifest.bars.to_string(),
        label: manifest.label,
        model: manifest.model,
        created: manifest.created.0,
        signed_by,
    };
    (Some(facts), faults)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOLDENS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/artifact/tests/goldens");

    #[test]
    fn every_artifact_below_a_folder_is_read_or_told_why_not() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let golden = |name: &str| fs::read(Path::new(GOLDENS).join(name)).unwrap();
        fs::create_dir_all(at("b.iso")).unwrap();
        fs::write(at("b.iso/linear.iso"), golden("linear.iso")).unwrap();
        fs::write(at("a-signed.iso"), golden("signed.iso")).unwrap();
        fs::write(at("c-external.iso"), golden("external.iso")).unwrap();
        let mut broken = golden("linear.iso");
        let middle = broken.len() / 2;
        broken[middle] ^= 1;
        fs::write(at("d-broken.iso"), broken).unwrap();
        fs::write(at("e-empty.iso"), "").unwrap();
        fs::write(at("notes.txt"), "no artifact").unwrap();

        let found = files(folder.path()).unwrap();
        let paths: Vec<&str> = found.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(
            paths,
            ["a-signed.iso", "b.iso/linear.iso", "c-external.iso", "d-broken.iso", "e-empty.iso"]
        );
        let [signed, linear, external, broken, empty] = found.as_slice() else { unreachable!() };

        let key = signed.facts.as_ref().unwrap().signed_by.clone().unwrap();
        assert!(key.starts_with("isobar ed25519 public "), "{key}");
        let facts = linear.facts.as_ref().unwrap();
        let manifest = artifact::manifest(&golden("linear.iso")).unwrap();
        assert_eq!(
            (&facts.features, &facts.version, &facts.set),
            (&manifest.features, &manifest.version, &manifest.set)
        );
        assert_eq!(facts.source_hash, manifest.source_hash.to_string());
        assert_eq!((&facts.signed_by, linear.faults.as_slice()), (&None, &[][..]));

        assert!(external.facts.is_some());
        assert!(external.faults[0].contains("this program loads none of others"), "{:?}", external.faults);
        assert_eq!((&broken.facts, &empty.facts), (&None, &None));
        assert!(broken.faults[0].contains("sha256"), "{:?}", broken.faults);
        assert!(empty.faults[0].contains("ISOBAR"), "{:?}", empty.faults);
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error() {
        let error = files(Path::new("no/such/folder")).unwrap_err();
        assert_eq!(error.to_string(), "cannot read the folder no/such/folder");
    }
}
