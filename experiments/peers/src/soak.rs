//! No peer: made-up events through the sets over trades and books in one process, and the memory that this takes.

use std::error::Error;
use std::time::{Duration, Instant};

use feature_api::{EventKind, FeatureSet, Row};
use features_v2::by_name;
use market_data::MarketEvent;
use market_data::synth::{Market, MarketOptions};

use crate::clock;

/// The sets.
const SETS: [&str; 3] = ["multires", "flow", "tick"];
/// Where the first figures are taken; the next at ten times as many events, and so on.
const FIRST: usize = 1_000_000;
/// More than this, in bytes, from the first figures to the last is growth.
const FLAT: u64 = 1 << 20;

/// Drives `events` events through the sets and prints figures at every power of ten from a million on.
///
/// # Errors
/// Where a set refuses an event, a trade is not accounted for, or memory grows or cannot be told.
pub fn run(events: usize) -> Result<(), Box<dyn Error>> {
    // Enough trades, for every trade is an event; some come twice, some late, some at the same time.
    let trades = events as u64;
    let options =
        MarketOptions { trades, duplicates: 2, late: 1, same_time: 100, ..MarketOptions::default() };
    let start = clock::now();
    let made = Market::new(options).take(FIRST).map(std::hint::black_box).count();
    println!(
        "an event costs {:.0} ns to make up, which is part of what follows",
        nanos(clock::now() - start, made)
    );

    let mut market = Market::new(options);
    let mut engines = SETS.into_iter().map(Engine::new).collect::<Result<Vec<_>, _>>()?;
    let mut marks = Vec::new();
    println!("{:>11}{:>14}{:>14}{:>9}  rows", "events", "events/s CPU", "events/s wall", "MiB");
    let (mut done, mut start) = (0, Now::new());
    while done < events {
        let target = if done == 0 { FIRST } else { done.saturating_mul(10) }.min(events);
        let part = target - done;
        for event in market.by_ref().take(part) {
            engines.iter_mut().try_for_each(|engine| engine.take(&event))?;
        }
        let (processor, wall) = start.rates(part);
        let memory = resident().ok_or("memory is not told here: /proc/self/statm is needed")?;
        let rows: Vec<_> = engines.iter().map(|engine| format!("{} {}", engine.name, engine.rows)).collect();
        println!("{target:>11}{processor:>14.0}{wall:>14.0}{:>9.1}  {}", mib(memory), rows.join(", "));
        marks.push(memory);
        (done, start) = (target, Now::new());
    }
    engines.iter().try_for_each(Engine::accounts_for_all)?;
    let (first, last) = (marks.first().copied().unwrap_or(0), marks.last().copied().unwrap_or(0));
    if marks.len() < 2 {
        return Err(format!("whether memory is flat is told by more than {FIRST} events").into());
    }
    if last > first + FLAT {
        return Err(format!("memory grew from {:.1} to {:.1} MiB", mib(first), mib(last)).into());
    }
    println!("memory is flat: {:+.1} MiB since the first figures", mib(last) - mib(first));
    Ok(())
}

/// A set and what went through it.
struct Engine {
    name: &'static str,
    set: Box<dyn FeatureSet>,
    row: Row,
    takes_book: bool,
    trades: u64,
    rows: u64,
}

impl Engine {
    fn new(name: &'static str) -> Result<Self, Box<dyn Error>> {
        let set = by_name(name, &[])?;
        let row = Row::new(set.schema().width());
        let takes_book = set.takes().contains(&EventKind::Book);
        Ok(Self { name, set, row, takes_book, trades: 0, rows: 0 })
    }

    fn take(&mut self, event: &MarketEvent) -> Result<(), Box<dyn Error>> {
        let is_trade = matches!(event, MarketEvent::Trade(_));
        if is_trade || self.takes_book {
            self.trades += u64::from(is_trade);
            let complete = self.set.update(event.view(), &mut self.row);
            self.rows += u64::from(complete.map_err(|why| format!("{}: {why}", self.name))?);
        }
        Ok(())
    }

    /// Every trade was taken, or dropped by a rule and counted.
    fn accounts_for_all(&self) -> Result<(), String> {
        let counters = self.set.counters();
        let of_trades = ["trades", "duplicates", "late"];
        let counted: u64 = counters.iter().filter(|(name, _)| of_trades.contains(name)).map(|(_, n)| n).sum();
        let list: Vec<_> = counters.iter().map(|(name, count)| format!("{name} {count}")).collect();
        println!("{}: {}", self.name, list.join(", "));
        if counted == self.trades {
            Ok(())
        } else {
            Err(format!("{}: {} trades went in, {counted} are counted", self.name, self.trades))
        }
    }
}

/// Times of the processor and of the wall.
struct Now(Duration, Instant);

impl Now {
    fn new() -> Self {
        Self(clock::now(), Instant::now())
    }

    /// Events a second since then, by both.
    fn rates(&self, events: usize) -> (f64, f64) {
        let since = [clock::now() - self.0, self.1.elapsed()];
        let [processor, wall] = since.map(|time| events as f64 / time.as_secs_f64());
        (processor, wall)
    }
}

fn nanos(time: Duration, events: usize) -> f64 {
    time.as_secs_f64() * 1e9 / events as f64
}

fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

/// Resident memory in bytes, where the system tells it.
#[cfg(unix)]
fn resident() -> Option<u64> {
    let pages: u64 = std::fs::read_to_string("/proc/self/statm").ok()?.split(' ').nth(1)?.parse().ok()?;
    // SAFETY: it reads a number and touches nothing of ours.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    pages.checked_mul(u64::try_from(size).ok()?)
}

#[cfg(not(unix))]
const fn resident() -> Option<u64> {
    None
}
