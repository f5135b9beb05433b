//! Isobar beside other libraries: operators over the same bars, a dataset, bars from the same trades; and a soak run.

mod bars;
mod check;
mod clock;
mod contender;
mod dataset;
mod measure;
mod operators;
mod ours;
mod peers;
mod python;
mod reference;
mod soak;
mod table;
mod talib;
mod ticks;

use std::process::ExitCode;
use std::rc::Rc;

use bars::Bars;
use contender::Contender;
use operators::{Column, Operator};
use python::Python;
use talib::{LibraryC, Port};

const USAGE: &str = "usage: peers [--md | --json] [--bars N] [--rounds N] [--only TEXT]
       peers --dataset [--bars N] [--rounds N]
       peers --ticks [--trades N] [--rounds N]
       peers --soak N

  --md         a Markdown table instead of text
  --json       everything measured, for a program
  --bars N     bars, at least 10000; default 1000000
  --rounds N   runs of each contender, of which the best counts; at least 7, default 9
  --only TEXT  only operators whose name contains TEXT
  --dataset    a whole dataset instead of operators: bars from Parquet, features, labels, Parquet
  --ticks      bars from trades instead of operators, and indicators over them, beside nautilus_trader
  --trades N   trades, at least 200000; default 1000000
  --soak N     no peer: N made-up events through the sets over trades and books, and the memory that takes";

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(why) => {
            eprintln!("{why}\n\n{USAGE}");
            return ExitCode::FAILURE;
        }
    };
    let bars = || Bars::generate(options.bars).map_err(|why| format!("the generator made no bar: {why}"));
    let done = match options.task {
        Task::Operators => bars().map_err(Into::into).map(|bars| run(&options, &bars)),
        Task::Dataset => bars().map_err(Into::into).and_then(|bars| dataset::run(bars, options.rounds)),
        Task::Ticks => ticks::run(options.trades, options.rounds),
        Task::Soak(events) => soak::run(events),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

/// Measures operators and prints.
fn run(options: &Options, bars: &Bars) {
    let Field { mut contenders, libraries, left_out } = Field::assemble(bars);
    let mut rows = Vec::new();
    for operator in Operator::ALL.into_iter().filter(|operator| options.wants(*operator)) {
        let (own, others) = contenders.into_iter().partition(|contender| contender.operator == operator);
        contenders = others;
        eprintln!("{} ...", operator.name());
        rows.push(measure::measure(operator, bars, own, options.rounds));
    }
    match options.format {
        Format::Json => {
            println!("{:#}", table::json(&rows, &libraries, &left_out, options.bars, options.rounds));
            return;
        }
        Format::Markdown => print!("{}", table::markdown(&rows)),
        Format::Text => print!("{}", table::text(&rows)),
    }
    println!("\n{} bars, best of {} rounds; {}", options.bars, options.rounds, libraries.join("; "));
    table::remarks(&rows).iter().chain(&left_out).for_each(|line| println!("{line}"));
}

/// Everybody who takes part.
struct Field {
    contenders: Vec<Contender>,
    libraries: Vec<String>,
    left_out: Vec<String>,
}

impl Field {
    /// Ours, the crates, and TA-Lib where it is installed.
    fn assemble(bars: &Bars) -> Self {
        let mut contenders = ours::contenders();
        let mut libraries = vec![format!("features-v1 {}", features_v1::VERSION)];
        libraries.extend(crates());
        let mut left_out = Vec::new();
        match LibraryC::open() {
            Ok(library) => {
                libraries.push(format!("TA-Lib C {}", library.version));
                let library = Rc::new(library);
                contenders.extend(talib::batch(&library, Column::TalibC));
                contenders.extend(talib::streams(&library, Column::TalibCStream));
            }
            Err(why) => left_out.push(format!("left out: TA-Lib C: {why}")),
        }
        let port = Rc::new(Port::new());
        contenders.extend(talib::batch(&port, Column::TalibRust));
        contenders.extend(talib::streams(&port, Column::TalibRustStream));
        contenders.extend(peers::contenders());
        match Python::start(bars) {
            Ok(python) => {
                libraries.push(python.version.clone());
                contenders.push(python.contender());
            }
            Err(why) => left_out.push(format!("left out: TA-Lib+numpy: {why}; {}", talib::ADVICE)),
        }
        if !cfg!(feature = "vector-ta") {
            left_out.push("left out: vector-ta: built with --no-default-features".to_owned());
        }
        Self { contenders, libraries, left_out }
    }
}

/// Names and versions of the crates, as the manifest marks them.
fn crates() -> impl Iterator<Item = String> {
    let peers = include_str!("../Cargo.toml").lines().filter(|line| line.contains("# peer"));
    peers.filter_map(|line| {
        let (name, rest) = line.split_once(" = ")?;
        let version = rest.split('"').nth(1)?.trim_start_matches('=');
        Some(format!("{name} {version}"))
    })
}

/// How the table is printed.
enum Format {
    Text,
    Markdown,
    Json,
}

/// What is measured.
enum Task {
    Operators,
    Dataset,
    Ticks,
    /// So many events.
    Soak(usize),
}

/// The command line.
struct Options {
    task: Task,
    format: Format,
    bars: usize,
    trades: usize,
    rounds: usize,
    only: String,
}

impl Options {
    fn parse(mut args: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self {
            task: Task::Operators,
            format: Format::Text,
            bars: 1_000_000,
            trades: 1_000_000,
            rounds: 9,
            only: String::new(),
        };
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or_else(|| format!("{arg} needs a value"));
            match arg.as_str() {
                "--md" => options.format = Format::Markdown,
                "--json" => options.format = Format::Json,
                "--bars" => options.bars = number(&arg, &value()?, 10_000)?,
                "--rounds" => options.rounds = number(&arg, &value()?, 7)?,
                "--trades" => options.trades = number(&arg, &value()?, 200_000)?,
                "--dataset" => options.task = Task::Dataset,
                "--ticks" => options.task = Task::Ticks,
                "--soak" => options.task = Task::Soak(number(&arg, &value()?, 1_000_000)?),
                "--only" => options.only = value()?.to_lowercase(),
                _ => return Err(format!("unknown argument {arg:?}")),
            }
        }
        Ok(options)
    }

    fn wants(&self, operator: Operator) -> bool {
        operator.name().to_lowercase().contains(&self.only)
    }
}

/// A whole number that is not below `min`.
fn number(name: &str, text: &str, min: usize) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| *number >= min);
    number.ok_or_else(|| format!("{name} is {text:?}; expected a whole number of at least {min}"))
}
