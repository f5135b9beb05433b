//! `cargo xtask cross`: the same output hash in debug and release, on x86-64 and aarch64.
//!
//! The self-test is built for `aarch64-unknown-linux-musl`, with the linker that comes with the toolchain, and
//! runs under qemu's user mode. A part that cannot run is a failure, with the way to install what it needs.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use governance::Workspace;

use super::workspace;

const TARGET: &str = "aarch64-unknown-linux-musl";

/// Builds and runs every combination; exit code 1 where one differs or cannot run.
pub fn run() -> Result<bool> {
    let mut well = true;
    let workspace = workspace()?;
    for number in workspace.version_numbers()? {
        let name = format!("features-v{number}");
        let golden = workspace.text(&format!("{name}/goldens/OUTPUT_HASH"))?;
        for (target, release) in [(None, false), (None, true), (Some(TARGET), false), (Some(TARGET), true)] {
            let place = format!(
                "{}, {}",
                target.unwrap_or("this machine"),
                if release { "release" } else { "debug" }
            );
            match self_test(&workspace, &name, target, release) {
                Ok(line) => {
                    println!("{place}: {line}");
                    if line.split_whitespace().last() != Some(golden.trim()) {
                        println!("{place}: {name}: the output hash is not the golden {}", golden.trim());
                        well = false;
                    }
                }
                Err(error) => {
                    println!("{place}: COULD NOT RUN: {error:#}");
                    well = false;
                }
            }
        }
    }
    Ok(well)
}

fn self_test(workspace: &Workspace, name: &str, target: Option<&str>, release: bool) -> Result<String> {
    let folder = workspace.root().join("target/cross");
    let mut build = workspace.cargo();
    build.args(["build", "--quiet", "--package", name, "--bin", "selftest"]);
    build.arg("--target-dir").arg(&folder);
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
