//! `cargo xtask cross`: the same output hash in debug and release, on x86-64 and aarch64.
//!
//! The self-test is built for `aarch64-unknown-linux-musl`, with the linker that comes with the toolchain, and
//! runs under qemu's user mode. A part that cannot run is a failure, with the way to install what it needs.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::version::{VERSIONS, root};

const TARGET: &str = "aarch64-unknown-linux-musl";

/// Builds and runs every combination; exit code 1 where one differs or cannot run.
pub fn run() -> Result<bool> {
    let mut well = true;
    for version in VERSIONS {
        let mut hashes = Vec::new();
        for (target, release) in [(None, false), (None, true), (Some(TARGET), false), (Some(TARGET), true)] {
            let name = format!(
                "{}, {}",
                target.unwrap_or("this machine"),
                if release { "release" } else { "debug" }
            );
            match self_test(version.name, target, release) {
                Ok(line) => {
                    println!("{name}: {line}");
                    hashes.push(line.split_whitespace().last().unwrap_or_default().to_owned());
                }
                Err(error) => {
                    println!("{name}: COULD NOT RUN: {error:#}");
                    well = false;
                }
            }
        }
        if hashes.iter().any(|hash| *hash != version.golden.to_string()) {
            println!("features-{}: the output hashes differ from the golden or each other", version.name);
            well = false;
        }
    }
    Ok(well)
}

fn self_test(version: &str, target: Option<&str>, release: bool) -> Result<String> {
    let package = format!("features-{version}");
    let folder = root().join("target/cross");
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--quiet", "--package", &package, "--bin", "selftest"]);
    build.arg("--target-dir").arg(&folder).current_dir(root());
    if release {
        build.arg("--release");
    }
    if let Some(target) = target {
        build.args(["--target", target]);
        build.env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_LINKER", "rust-lld");
    }
    let built = build.output().context("cargo cannot be started")?;
    if !built.status.success() {
        let reason = String::from_utf8_lossy(&built.stderr).into_owned();
        let hint =
            if reason.contains("can't find crate for `core`") || reason.contains("may not be installed") {
                format!("; install the target: rustup target add {TARGET}")
            } else {
                String::new()
            };
        bail!("the build failed: {}{hint}", reason.lines().next().unwrap_or("no message"));
    }
    let profile = if release { "release" } else { "debug" };
    let binary = folder.join(target.unwrap_or_default()).join(profile).join("selftest");
    execute(&binary, target.is_some())
}

fn execute(binary: &Path, emulated: bool) -> Result<String> {
    let mut command = if emulated {
        let emulator = ["qemu-aarch64", "qemu-aarch64-static"]
            .into_iter()
            .find(|name| Command::new(name).arg("--version").output().is_ok())
            .context(
                "qemu's user mode for aarch64 is not installed (Debian: apt-get install qemu-user-static)",
            )?;
        let mut command = Command::new(emulator);
        command.arg(binary);
        command
    } else {
        Command::new(binary)
    };
    let output = command.output().with_context(|| binary.display().to_string())?;
    // A mismatch is told by the hash that is printed.
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if text.is_empty() {
        bail!("it printed nothing and ended with {}", output.status);
    }
    Ok(text)
}
