//! For build scripts: tells a program which commit and which compiler it comes from.

use std::process::Command;

/// Hands the compiler the variables `ISOBAR_COMMIT` and `ISOBAR_TOOLCHAIN`, and has the script run again where anything
/// changes that the program is built from. To be called by the build script of a package two folders below the root.
pub fn tell() {
    let fixed =
        ["build.rs", "src", "../../crates", "../../Cargo.lock", "../../.git/HEAD", "../../.git/index"];
    for path in fixed.map(str::to_owned).into_iter().chain(versions()) {
        println!("cargo::rerun-if-changed={path}");
    }
    let compiler = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let toolchain = output(&compiler, &["--version"]).unwrap_or_else(|| "unknown compiler".to_owned());
    let commit = match (output("git", &["rev-parse", "HEAD"]), output("git", &["status", "--porcelain"])) {
        (Some(commit), Some(changes)) if changes.is_empty() => commit,
        (Some(commit), _) => format!("{commit} with changes"),
        (None, _) => "unknown: not built in a git checkout".to_owned(),
    };
    println!("cargo::rustc-env=ISOBAR_TOOLCHAIN={toolchain}");
    println!("cargo::rustc-env=ISOBAR_COMMIT={commit}");
}

/// The folder of every feature version. A new one comes with a line in Cargo.lock, which is watched.
fn versions() -> impl Iterator<Item = String> {
    let entries = std::fs::read_dir("../..").into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| name.starts_with("features-v")).map(|name| format!("../../{name}"))
}

/// What a command prints, where it succeeds.
fn output(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}
