//! A stream's memory does not grow, and once warm it allocates nothing for a bar.

#![allow(clippy::unwrap_used, reason = "a source of tests fails by panicking")]

use std::io::{BufReader, Read, Write as _};
use std::path::Path;

use feature_api::Grid;
use market_data::{BarFileOptions, BarStream};

/// Rows without end, a minute apart.
struct Rows {
    minute: i64,
    text: Vec<u8>,
    at: usize,
}

impl Read for Rows {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.at == self.text.len() {
            self.text.clear();
            self.at = 0;
            let price = 45_000 + self.minute % 977;
            writeln!(
                &mut self.text,
                "{},{price}.25,{}.5,{price}.01,{price}.4,{}.125,BTCUSDT,true",
                1_704_067_200_000 + self.minute * 60_000,
                price + 1,
                self.minute % 89,
            )?;
            self.minute += 1;
        }
        let count = (&self.text[self.at..]).read(buffer)?;
        self.at += count;
        Ok(count)
    }
}

#[test]
fn nothing_is_allocated_for_a_bar() {
    let rows = Rows { minute: 0, text: b"time,open,high,low,close,volume,symbol,closed\n".to_vec(), at: 0 };
    let options = BarFileOptions {
        grid: Grid::new(2, 3).ok(),
        interval: Some(60_000_000_000),
        ..BarFileOptions::default()
    };
    let mut stream =
        BarStream::from_reader(Box::new(BufReader::new(rows)), Path::new("rows"), &options, Some("BTCUSDT"))
            .unwrap();
    let mut take = |count: u32| {
        for _ in 0..count {
            assert!(stream.next_bar().unwrap().is_some());
        }
    };
    take(1000);
    let allocations = allocation_counter::measure(|| take(200_000));
    assert_eq!((allocations.count_total, allocations.bytes_max), (0, 0), "{allocations:?}");
}
