//! Writes pages of runs made by hand into a folder, to look at: `cargo run -p backtest --example report -- FOLDER`.
#![allow(clippy::unwrap_used, reason = "an example")]

#[path = "../tests/report_sample/mod.rs"]
mod report_sample;

use std::path::Path;

use backtest::report::html;
use report_sample::{HOUR, MINUTE, Sample, quiet, walk};

fn main() {
    let folder = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let write = |name: &str, page: String| {
        let path = Path::new(&folder).join(name);
        std::fs::write(&path, page).unwrap();
        println!("{}", path.display());
    };
    let minutes = Sample::new(walk(MINUTE, 20_000));
    write("minutes.html", html(&minutes.full("BTCUSDT, model-driven")));
    let hours = Sample::new(walk(HOUR, 20_000));
    write("hours.html", html(&hours.full("BTCUSDT, model-driven, hourly")));
    // More trades than the drawing has columns.
    let years = Sample::new(walk(15 * MINUTE, 200_000));
    write("years.html", html(&years.full("BTCUSDT, model-driven, of years")));
    let flat = Sample::new(quiet(MINUTE, &[(600_000, "10000"), (600_000, "10000"), (600_100, "10000")]));
    write("flat.html", html(&flat.bare("BTCUSDT, flat")));
}
