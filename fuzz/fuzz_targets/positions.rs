//! Any bytes as a file of positions: the reader answers with events or an error, never with a panic. The first
//! byte chooses the grid, the rest is the file.
#![no_main]

use std::path::Path;

use feature_api::{Grid, MAX_SCALE};
use libfuzzer_sys::fuzz_target;
use market_data::{MarketDataError, read_positions_from};

fuzz_target!(|bytes: &[u8]| {
    let [scale, text @ ..] = bytes else { return };
    let Ok(grid) = Grid::new(scale % (MAX_SCALE + 1), 0) else { return };
    let mut source = text;
    match read_positions_from(&mut source, Path::new("fuzz.csv"), grid) {
        Ok(events) => {
            assert!(events.is_sorted_by(|event, next| event.ts < next.ts));
            assert!(
                events
                    .iter()
                    .all(|event| event.position.is_none_or(|position| position.ts_entry == event.ts))
            );
            assert!(events.len() <= text.split(|byte| matches!(byte, b'\n' | b'\r')).count());
        }
        Err(MarketDataError::Problems { total, problems, .. }) => {
            assert!(total > 0 && !problems.is_empty() && problems.len() as u64 <= total);
            // Longer than what a message quotes of a cell, so it is the reader that says it.
            const OFFER: &str = "as results of float arithmetic do: pass --float-noise round";
            assert!(problems.iter().all(|problem| !problem.to_string().contains(OFFER)));
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
