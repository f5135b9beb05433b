//! Tells the program which commit and which compiler it comes from: its identity says both.

use std::process::Command;

fn main() {
    for path in
        ["build.rs", "src", "../../crates", "../../features-v1", "../../Cargo.lock", "../../.git/HEAD"]
    {
        println!("cargo::rerun-if-changed={path}");
    }
    println!("cargo::rerun-if-changed=../../.git/index");
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

/// What a command prints, where it succeeds.
fn output(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}
