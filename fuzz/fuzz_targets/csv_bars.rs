//! Any bytes as CSV: the reader answers with bars or an error, never with a panic, and what it takes keeps the
//! rules of a series. The first two bytes choose the options, the rest is the file.
#![no_main]

use std::path::Path;

use feature_api::Grid;
use libfuzzer_sys::fuzz_target;
use market_data::{
    BarFileOptions, BarStream, NoisePolicy, ProblemPolicy, RowOrder, TimeFormat, TimestampOf, VolumePolicy,
    read_bars_from,
};

fn options(a: u8, b: u8) -> BarFileOptions {
    let columns = ["time,open,high,low,close,volume", "time,open,high,low,close,volume,taker_buy_volume,_"];
    BarFileOptions {
        volume: if a & 1 == 0 { VolumePolicy::Required } else { VolumePolicy::None },
        columns: match a >> 1 & 3 {
            index @ 0..2 => Some(columns[usize::from(index)].split(',').map(str::to_owned).collect()),
            _ => None,
        },
        timestamp: if a & 8 == 0 { TimestampOf::Open } else { TimestampOf::Close },
        order: if a & 16 == 0 { RowOrder::OldestFirst } else { RowOrder::NewestFirst },
        problems: if a & 32 == 0 { ProblemPolicy::Refuse } else { ProblemPolicy::Skip },
        interval: if a & 64 == 0 { None } else { Some(60_000_000_000) },
        grid: if a & 128 == 0 { None } else { Grid::new(2, 5).ok() },
        noise: if b & 128 == 0 { NoisePolicy::Refuse } else { NoisePolicy::Round },
        time: match b & 127 {
            0 => TimeFormat::Seconds,
            1 => TimeFormat::Millis,
            2 => TimeFormat::Micros,
            3 => TimeFormat::Nanos,
            4 => TimeFormat::Text("%m/%d/%Y %H:%M".to_owned()),
            _ => TimeFormat::Auto,
        },
    }
}

fuzz_target!(|bytes: &[u8]| {
    let [a, b, text @ ..] = bytes else { return };
    let options = options(*a, *b);
    let mut source = text;
    // A stream is given the options as they are, most of which it refuses.
    let stream = BarStream::from_reader(
        Box::new(std::io::Cursor::new(text.to_vec())),
        Path::new("fuzz.csv"),
        &options,
        None,
    );
    let mut streamed = Vec::new();
    let ended = stream.and_then(|mut stream| {
        while let Some(bar) = stream.next_bar()? {
            streamed.push(bar);
        }
        Ok(())
    });
    if let Ok(series) = read_bars_from(&mut source, Path::new("fuzz.csv"), &options) {
        assert!(!series.bars.is_empty());
        assert!(ended.is_err() || streamed == series.bars);
        assert!(series.bars.len() as u64 <= series.rows_read);
        for (bar, next) in series.bars.iter().zip(series.bars.iter().skip(1)) {
            assert!(bar.ts_close() <= next.ts_open());
        }
        assert!(series.bars.iter().all(|bar| bar.grid() == series.grid));
        assert!(options.problems == ProblemPolicy::Skip || series.problems.is_empty());
        // A note that begins with a number quotes nothing of the file before this.
        let says = |note: &String| {
            note.starts_with(|c: char| c.is_ascii_digit())
                && note.contains("were rounded to 15, as asked for")
        };
        let rounded = series.notes.iter().any(says);
        assert!(options.noise == NoisePolicy::Round || !rounded);
    }
});
