//! Computes the output hash on whatever machine this runs on, and says what this version is.

use std::process::ExitCode;

fn main() -> ExitCode {
    feature_api::selftest::main(&features_v2::FEATURES)
}
