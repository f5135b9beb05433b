//! Which of two subsets of a set's features predicts better: the same bars, label, folds and trees for both, trained on
//! what lies before and measured on what comes next, and whether the difference is more than noise.

mod compare;
mod report;
mod subsets;

use std::num::NonZeroU8;
use std::process::ExitCode;

use anyhow::bail;
use clap::Parser;
use dataset::LabelSpec;
use harness::DataOptions;
use training::{Objective, TreeOptions};

use compare::Plan;
use subsets::{Names, Subsets};

/// Compare two subsets of a set's features by what trees predict from them, walking forward
#[derive(Debug, Parser)]
#[command(name = "feature-subsets", version)]
struct Options {
    /// Feature set; an unknown one is answered with those the version has
    #[arg(long, default_value = "entry")]
    set: String,
    /// The features of A, such as rsi,macd; an unknown one is answered with those the set has [default: momentum]
    #[arg(long, value_name = "NAMES", requires = "b", value_parser = subsets::parse)]
    a: Option<Names>,
    /// The features of B [default: volume and levels]
    #[arg(long, value_name = "NAMES", requires = "a", value_parser = subsets::parse)]
    b: Option<Names>,
    /// What is to be predicted, a yes or no: direction:horizon=15,above=0.0005 or
    /// barriers:horizon=60,profit=0.01,loss=0.005,side=long
    #[arg(long, value_name = "SPEC", default_value = "direction:horizon=15")]
    label: LabelSpec,
    /// Test windows, each trained on all that lies before it
    #[arg(long, default_value = "5")]
    folds: NonZeroU8,
    /// Trees of each model
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    trees: u32,
    /// Depth of each tree
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=16))]
    depth: u32,
    #[command(flatten)]
    data: DataOptions,
}

fn main() -> ExitCode {
    harness::main(run)
}

fn run(options: &Options) -> anyhow::Result<String> {
    let Options { set, a, b, label, folds, trees, depth, data } = options;
    if Objective::of(label) != Objective::Logistic {
        bail!("--label {label}: it is no yes or no, and log loss is of one; use direction or barriers");
    }
    let version = data.version();
    let subsets = Subsets::of(version, set, a.as_ref().zip(b.as_ref()))?;
    let threads =
        std::thread::available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(1));
    let plan = Plan {
        version,
        set,
        subsets: &subsets,
        label: *label,
        folds: u32::from(folds.get()),
        trees: TreeOptions {
            trees: *trees,
            depth: *depth,
            learning_rate: 0.05,
            min_leaf_weight: 20.0,
            // The trees are the same to the bit with any number.
            threads: threads.min(64),
            ..TreeOptions::default()
        },
    };
    let data = data.read()?;
    Ok(report::text(&data, &plan, &compare::compare(&data, &plan)?))
}
