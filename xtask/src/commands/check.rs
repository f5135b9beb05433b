//! `cargo xtask check`: every rule, every problem.

use anyhow::Result;
use governance::{Options, check};

use super::workspace;

/// How to check.
#[derive(clap::Args)]
pub struct Args {
    /// One JSON object instead of text.
    #[arg(long)]
    json: bool,
    /// The branch that released versions are compared with; origin/main, else main, where none is named.
    #[arg(long, value_name = "BRANCH")]
    base: Option<String>,
}

/// Runs every rule.
pub fn run(args: &Args) -> Result<bool> {
    let options = Options {
        base: args.base.clone(),
        require_deny: std::env::var_os("CI").is_some_and(|ci| ci == "true"),
    };
    let report = check(&workspace()?, &options);
    if args.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        println!("{report}");
    }
    Ok(report.is_clean())
}
