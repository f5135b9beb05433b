//! `cargo xtask release`: a draft loses its pre-release number and never changes again.

use std::ops::ControlFlow;

use anyhow::Result;
use governance::release::{Outcome, Request, Step, plan, release};
use governance::{Options, check};

/// What to release, and why.
#[derive(clap::Args)]
pub struct Args {
    /// The version, such as v1.
    version: String,
    /// Why it is released; stands in its record, the changelog and the commit.
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
    /// What to do where it must be taken back.
    #[arg(long, value_name = "TEXT", default_value = "")]
    rollback: String,
    /// A production binary that pins this version and goes with it; may be given several times.
    #[arg(long = "pin", value_name = "BIN")]
    pins: Vec<String>,
    /// Release a patch: another text of the same values.
    #[arg(long)]
    patch: bool,
    /// Print everything it would do, and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// The branch that released versions are compared with: origin/main, else main, where none is named.
    #[arg(long, value_name = "BRANCH")]
    base: Option<String>,
}

/// Releases it.
pub fn run(args: &Args) -> Result<bool> {
    let workspace = super::workspace()?;
    let Args { version, reason, rollback, pins, patch, dry_run, base } = args;
    let request = Request {
        version: version.clone(),
        reason: reason.clone(),
        rollback: rollback.clone(),
        pins: pins.clone(),
        patch: *patch,
    };
    let options = Options { base: base.clone(), ..Options::default() };
    if *dry_run {
        match plan(&workspace, &request, &options, &check)? {
            Ok(plan) => println!("{plan}"),
            Err(record) => println!("{}", Outcome::Already(Box::new(record))),
        }
        return Ok(true);
    }
    let outcome = release(&workspace, &request, &options, &check, &mut |step| {
        match step {
            Step::Planned => eprintln!("planned"),
            Step::Written(path) => eprintln!("written: {path}"),
            Step::Verified => eprintln!("verified: the same output in debug and release, no problem found"),
            Step::Committed => eprintln!("committed"),
            Step::Tagged => eprintln!("tagged"),
        }
        ControlFlow::Continue(())
    })?;
    println!("{outcome}");
    Ok(true)
}
