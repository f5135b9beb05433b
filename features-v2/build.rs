//! Puts the hash of the source that is being compiled into the crate; refuses a released version that differs
//! from its release.

use std::process::ExitCode;

fn main() -> ExitCode {
    feature_api::identity::build_script()
}
