//! Bars from the same trades and indicators over the same bars, ours beside nautilus_trader.

mod indicators;
mod rules;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use feature_api::Trade;
use market_data::MarketEvent;
use market_data::synth::{Market, MarketOptions};

use crate::clock;
use crate::python::Process;
use rules::{Bar, RULES};

/// The script of the peer.
const SCRIPT: &str = include_str!("nautilus.py");
/// Decimals of a price.
const PRICE_SCALE: u8 = 2;
/// Bars after which recursive indicators have forgotten how they began.
const SETTLED: usize = 5_000;

/// Measures both in turns and prints.
///
/// # Errors
/// Where the peer does not run.
pub fn run(trades: usize, rounds: usize) -> Result<(), Box<dyn Error>> {
    let folder = std::env::temp_dir().join(format!("isobar-ticks-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let done = run_in(&folder, trades, rounds);
    fs::remove_dir_all(&folder)?;
    done
}

fn run_in(folder: &Path, count: usize, rounds: usize) -> Result<(), Box<dyn Error>> {
    let trades = trades(count);
    let mut peer = Peer::start(folder, &trades)?;
    println!(
        "{:22}{:>10}{:>10}{:>8}{:>12}{:>10}",
        "million trades/s", "ours", "nautilus", "ratio", "bars: ours", "nautilus"
    );
    let (mut remarks, mut bars) = (Vec::new(), Vec::new());
    for rule in &RULES {
        let order = format!("bars {} {}", rule.name, rule.size);
        let made = rule.build(&trades);
        let (_, number) = peer.order(&order)?;
        let best = in_turns(rounds, || Ok(timed(|| rule.build(&trades))), || Ok(peer.order(&order)?.0))?;
        line(
            &format!("{} {}", rule.name, rule.size),
            best,
            count,
            &format!("{:>12}{number:>10}", made.len()),
        );
        remarks.push(format!("{}: {}", rule.name, rule.compare(&trades, &made, &peer.bars()?)));
        if rule.name == "tick" {
            bars = made;
        }
    }
    let call = (0..rounds).map(|_| peer.order("call")).collect::<Result<Vec<_>, _>>()?;
    let call = call.into_iter().map(|(taken, _)| taken).min().unwrap_or_default();
    remarks.push(format!(
        "a call from Python that does nothing: {:.0} ns",
        call.as_secs_f64() * 1e9 / count as f64
    ));

    // The bars that are the same on both sides.
    peer.order("bars tick 20")?;
    println!(
        "\n{:22}{:>10}{:>10}{:>8}{:>22}",
        "million bars/s", "ours", "nautilus", "ratio", "largest deviation"
    );
    for indicator in indicators::all() {
        let order = format!("indicator {}", indicator.name);
        let deviation = deviation(&(indicator.run)(&bars, true), &peer.values(indicator.name)?, bars.len());
        let ours = || Ok(timed(|| (indicator.run)(&bars, false)));
        let best = in_turns(rounds, ours, || Ok(peer.order(&order)?.0))?;
        let name = format!("{} ({})", indicator.name, indicator.what);
        line(&name, best, bars.len(), &format!("{deviation:>22}"));
    }
    println!(
        "\n{count} trades, best of {rounds} rounds; features-v2 {}; {}",
        features_v2::VERSION,
        peer.process.version
    );
    remarks.iter().for_each(|remark| println!("{remark}"));
    println!(
        "{} bars of 20 trades; deviations after the first {SETTLED} bars, relative to the value or, where it is \
         smaller, to the mean magnitude",
        bars.len()
    );
    Ok(())
}

/// Trades of a made-up market, each once and in order: a tenth at the time of the one before.
fn trades(count: usize) -> Vec<Trade> {
    let options =
        MarketOptions { trades: count as u64, same_time: 100, book: false, ..MarketOptions::default() };
    let trade = |event| if let MarketEvent::Trade(trade) = event { Some(trade) } else { None };
    Market::new(options).filter_map(trade).collect()
}

fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let start = clock::now();
    std::hint::black_box(work());
    clock::now().saturating_sub(start)
}

/// The best of each, ours first.
fn in_turns(
    rounds: usize,
    mut ours: impl FnMut() -> Result<Duration, Box<dyn Error>>,
    mut theirs: impl FnMut() -> Result<Duration, Box<dyn Error>>,
) -> Result<[Duration; 2], Box<dyn Error>> {
    let mut best = [Duration::MAX; 2];
    for _ in 0..rounds {
        let [mine, other] = best;
        best = [mine.min(ours()?), other.min(theirs()?)];
    }
    Ok(best)
}

fn line(name: &str, best: [Duration; 2], count: usize, rest: &str) {
    let [ours, theirs] = best.map(|time| count as f64 / time.as_secs_f64() / 1e6);
    println!("{name:22}{ours:>10.2}{theirs:>10.3}{:>8.1}{rest}", ours / theirs);
}

/// The largest, relative to the value or to the mean magnitude where the value is smaller.
fn deviation(ours: &[f64], theirs: &[f64], bars: usize) -> String {
    if ours.len() != theirs.len() || bars <= SETTLED {
        return format!("{} and {} values", ours.len(), theirs.len());
    }
    let from = ours.len() / bars * SETTLED;
    let (ours, theirs) = (&ours[from..], &theirs[from..]);
    let mean = ours.iter().map(|value| value.abs()).sum::<f64>() / ours.len() as f64;
    let of = |(a, b): (&f64, &f64)| (a - b).abs() / a.abs().max(mean);
    // A NaN is larger than any.
    let largest = ours.iter().zip(theirs).map(of).max_by(f64::total_cmp).unwrap_or(f64::NAN);
    format!("{largest:.0e}")
}

/// The peer's process, which holds the trades.
struct Peer {
    process: Process,
    target: PathBuf,
}

impl Peer {
    fn start(folder: &Path, trades: &[Trade]) -> Result<Self, Box<dyn Error>> {
        let columns: [fn(&Trade) -> i64; 4] = [
            |trade| trade.ts_event.0,
            |trade| trade.price.raw(),
            |trade| trade.quantity.raw(),
            |trade| i64::from(trade.aggressor == feature_api::AggressorSide::Buy),
        ];
        let bytes: Vec<u8> = columns
            .iter()
            .flat_map(|column| trades.iter().flat_map(|trade| column(trade).to_le_bytes()))
            .collect();
        let (source, target) = (folder.join("trades"), folder.join("answer"));
        fs::write(&source, bytes)?;
        let args = [source, trades.len().to_string().into(), target.clone()];
        let process = Process::start(SCRIPT, &args)
            .map_err(|why| format!("Python: {why}; pip install nautilus_trader"))?;
        Ok(Self { process, target })
    }

    /// What it has taken, and a count.
    fn order(&mut self, order: &str) -> Result<(Duration, usize), Box<dyn Error>> {
        let answer =
            self.process.order(order).ok_or_else(|| format!("the Python process died of {order:?}"))?;
        let (nanos, count) = answer.split_once(' ').ok_or("expected a time and a count")?;
        Ok((Duration::from_nanos(nanos.parse()?), count.parse()?))
    }

    /// The bars made last.
    fn bars(&mut self) -> Result<Vec<Bar>, Box<dyn Error>> {
        self.order("write")?;
        let numbers: Vec<i64> = self.words()?.map(i64::from_le_bytes).collect();
        Ok(numbers.as_chunks().0.to_vec())
    }

    /// The values of an indicator over them.
    fn values(&mut self, name: &str) -> Result<Vec<f64>, Box<dyn Error>> {
        self.order(&format!("values {name}"))?;
        Ok(self.words()?.map(f64::from_le_bytes).collect())
    }

    fn words(&self) -> Result<impl Iterator<Item = [u8; 8]>, Box<dyn Error>> {
        let bytes = fs::read(&self.target)?;
        Ok(bytes.as_chunks().0.to_vec().into_iter())
    }
}
