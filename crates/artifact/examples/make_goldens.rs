//! Writes the golden artifacts of `tests/goldens` that are not there yet. One that is there is never overwritten.
//!
//! `cargo run -p artifact --example make_goldens`

#[path = "../tests/support/mod.rs"]
mod support;

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use support::samples;

fn main() -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens");
    std::fs::create_dir_all(&folder)?;
    for kind in samples::KINDS {
        let bytes = samples::sealed(kind);
        let verified = artifact::verify(&bytes, &samples::check())
            .map_err(|problems| std::io::Error::other(format!("{kind}: {problems:?}")))?;
        write_new(&folder.join(format!("{kind}.iso")), &bytes)?;
        let predictions = samples::predictions(verified.pipeline());
        write_new(&folder.join(format!("{kind}.predictions")), predictions.as_bytes())?;
    }
    Ok(())
}

fn write_new(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(mut file) => {
            println!("{} ({} bytes)", path.display(), bytes.len());
            file.write_all(bytes)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            println!("{} is there and stays as it is", path.display());
            Ok(())
        }
        Err(error) => Err(error),
    }
}
