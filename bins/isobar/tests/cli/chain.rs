//! The whole way: bars, dataset, model, sealed file, predictions; on made-up bars and on recorded ones.

use std::fmt::Write as _;

use artifact::{Check, Outcome, Predictions, Trust};
use dataset::Dataset;
use feature_api::Row;
use model::{BoundFilters, Loaders, Verdict};
use preprocess::Inputs;
use testkit::data::data_dir;

use super::lab::Lab;

/// Trains small trees: these tests look at bits, not at how good a model is.
const SMALL: &str = "--trees 20 --depth 3 --timestamp 2026-01-01T00:00:00Z";

impl Lab {
    /// Builds, trains, verifies, predicts in batches and bar by bar; the predictions must be the same bytes.
    /// What `train` prints.
    fn chain(&self, bars: &[&str], build: &str, train: &str) -> String {
        let must = |command: &str, bars: &[&str]| {
            let args: Vec<&str> = command.split_whitespace().chain(bars.iter().copied()).collect();
            let done = self.run_args(&args);
            assert_eq!(done.code, 0, "{args:?}\n{}", done.stderr);
            done
        };
        must(&format!("build --features 1 {build} --out data"), bars);
        let trained = must(&format!("train --data data {train} --out model.iso"), &[]);
        must("verify model.iso", &[]);
        must("predict --artifact model.iso --out batch.csv", bars);
        must("predict --artifact model.iso --out stream.csv --mode stream", bars);
        let (batch, stream) = (self.text("batch.csv"), self.text("stream.csv"));
        assert!(batch == stream, "{bars:?}: batch and stream differ");
        let predicted = batch.lines().skip(1).filter(|line| line.split(',').nth(2) != Some("")).count();
        assert!(predicted * 2 > batch.lines().count(), "{bars:?}: only {predicted} rows are predicted");
        self.every_path_gives_the_same_bits();
        trained.stdout
    }

    /// `model.iso` over the rows of `data`: row by row, many at once, and by the parts under the pipeline.
    fn every_path_gives_the_same_bits(&self) {
        let check = Check {
            version: &features_v1::FEATURES,
            trust: Trust::Unsigned,
            set: None,
            params: None,
            bars: None,
            loaders: Loaders::default(),
        };
        let verified = artifact::verify(&self.read("model.iso"), &check).unwrap();
        let dataset = Dataset::open(&self.path("data")).unwrap();
        let rows = dataset.features();
        let mut row = Row::new(rows.width());
        let mut pipeline = verified.pipeline();
        let one_by_one: Vec<Option<u64>> = (0..rows.len())
            .map(|index| {
                assert!(rows.copy_row(index, &mut row));
                match pipeline.push(&row).unwrap() {
                    Outcome::Predicted { value, .. } => Some(value.to_bits()),
                    Outcome::Blocked { .. } | Outcome::NotReady(_) | Outcome::WarmUp { .. } => None,
                }
            })
            .collect();
        let mut many = Predictions::default();
        verified.pipeline().extend(rows, &mut many).unwrap();
        let bits = |values: &[Option<f64>]| values.iter().map(|v| v.map(f64::to_bits)).collect::<Vec<_>>();
        assert!(one_by_one == bits(&many.values), "one by one and many at once differ");

        let schema = verified.features().unwrap().schema().clone();
        let warm_up = schema.warm_up() as usize;
        let mut transform = verified.artifact().preprocess.bind(&schema).unwrap();
        let mut inputs = Inputs::new(transform.width());
        transform.extend_range(rows, warm_up..rows.len(), &mut inputs).unwrap();
        let mut values = Vec::new();
        verified.artifact().ensemble.predict_many(inputs.values(), &mut values).unwrap();
        let filters = BoundFilters::new(verified.artifact().filters.clone(), &schema).unwrap();
        let mut by_parts = vec![None; rows.len()];
        for (index, value) in inputs.rows().iter().zip(values) {
            assert!(rows.copy_row(warm_up + index, &mut row));
            if filters.evaluate(&row) == Verdict::Pass {
                by_parts[warm_up + index] = Some(value.to_bits());
            }
        }
        assert!(one_by_one == by_parts, "the pipeline and its parts differ");
    }
}

#[test]
fn on_made_up_bars_with_every_kind_of_preprocessing() {
    let recipes = [
        "",
        "--nulls missing",
        "--nulls median --clip 0.01,0.99 --scaler robust",
        "--scaler minmax --drop close,open --nulls-of rsi=median",
        "--sequence 8 --scaler standard",
        "--model logistic --scaler standard --clip 0.001,0.999",
        "--block rsi<30 --block atr>=100000",
    ];
    let lab = Lab::with_bars(3_000);
    for recipe in recipes {
        let model = if recipe.contains("logistic") { "--timestamp 2026-01-01T00:00:00Z" } else { SMALL };
        lab.chain(
            &["--bars", "bars.csv"],
            "--set core --label direction:horizon=10",
            &format!("{model} {recipe}"),
        );
    }
    let trained = lab.chain(&["--bars", "bars.csv"], "--set entry --label return:horizon=5", SMALL);
    assert!(trained.contains("rmse"), "{trained}");
}

#[test]
fn on_recorded_bars_with_walk_forward() {
    let Some(data) = data_dir("the chain from recorded bars to predictions") else { return };
    let files: [(_, &[&str], _); 3] = [
        (
            "bars-crypto-1m/btc-perp-20211231-20220201_1m.csv.gz",
            &["--float-noise", "round"],
            "barriers:horizon=60,profit=0.003,loss=0.003",
        ),
        (
            "lean-forex/oanda_hour_eurusd.csv.gz",
            &[
                "--volume=none",
                "--columns=time,open,high,low,close,_,_,_,_,_,_",
                "--time-format=%Y%m%d %H:%M",
            ],
            "direction:horizon=12",
        ),
        (
            "lean-equity/hour_spy.csv.gz",
            &["--columns=time,open,high,low,close,volume", "--time-format=%Y%m%d %H:%M"],
            "return:horizon=7",
        ),
    ];
    for (file, options, label) in files {
        let lab = Lab::new();
        let file = data.join(file).display().to_string();
        let bars = [&["--bars", file.as_str()], options].concat();
        let trained = lab.chain(
            &bars,
            &format!("--set core --label {label} --embargo 60"),
            &format!("{SMALL} --walk-forward 3 --nulls missing"),
        );
        assert_eq!(
            trained.matches("\nfold ").count() + usize::from(trained.starts_with("fold ")),
            3,
            "{trained}"
        );
        assert!(trained.contains("walk-forward"), "{trained}");
    }
}

#[test]
fn training_twice_gives_the_same_bytes() {
    let lab = Lab::with_bars(2_000);
    lab.must("build --features 1 --set core --bars bars.csv --label direction:horizon=10 --out data");
    let train = "train --data data --trees 10 --subsample 0.7 --out";
    lab.must(&format!("{train} a.iso --timestamp 2026-01-01T00:00:00Z"));
    for threads in [1, 2, 5] {
        lab.must(&format!("{train} b.iso --timestamp 2026-01-01T00:00:00Z --threads {threads}"));
        assert!(lab.read("a.iso") == lab.read("b.iso"), "{threads} threads give another model");
    }
    // Without a timestamp they differ in it and in the sums over it alone.
    lab.must(&format!("{train} c.iso"));
    let [a, c] = ["a.iso", "c.iso"].map(|file| {
        let text = lab.must(&format!("inspect {file} --json")).stdout;
        let mut kept = String::new();
        for line in text.lines().filter(|line| !line.contains("\"created\"") && !line.contains("\"content\""))
        {
            let _ = writeln!(kept, "{line}");
        }
        kept
    });
    assert_eq!(a, c);
    assert_ne!(lab.read("a.iso"), lab.read("c.iso"));
    assert_eq!(lab.read("a.iso").len(), lab.read("c.iso").len());
}

#[test]
fn another_seed_and_other_rows_give_another_model() {
    let lab = Lab::with_bars(2_000);
    lab.must("build --features 1 --set core --bars bars.csv --label direction:horizon=10 --out data");
    let train = "train --data data --trees 10 --subsample 0.7 --timestamp 2026-01-01T00:00:00Z";
    lab.must(&format!("{train} --seed 1 --out a.iso"));
    lab.must(&format!("{train} --seed 2 --out b.iso"));
    assert_ne!(lab.read("a.iso"), lab.read("b.iso"));
}
