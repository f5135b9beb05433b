//! Datasets and models of the set exit: positions from a file or made up, training, sealing, predicting.

use dataset::{Dataset, HoldSides, tile_positions};
use feature_api::{Row, Side};
use market_data::synth::{self, SynthOptions};
use market_data::{BarSeries, decimal_text};

use super::lab::{Done, Lab};

const BUILD: &str = "build --features 1 --set exit --bars bars.csv --no-cache";
const TRAIN: &str = "train --data data --trees 10 --depth 2 --timestamp 2026-01-01T00:00:00Z";
/// Bars a made-up position is held, with one without between.
const HOLD: u32 = 20;
const ROWS: u32 = 3_000;

/// The bars of `bars.csv`.
fn series() -> BarSeries {
    synth::bars(&SynthOptions { rows: ROWS.into(), seed: 7, ..SynthOptions::default() })
}

/// Whether a made-up position is open at the close of a bar.
const fn is_open(row: usize) -> bool {
    row % (HOLD as usize + 1) < HOLD as usize
}

impl Lab {
    /// `bars.csv`, and in `positions.csv` what `--hold 20` makes up.
    fn with_positions() -> Self {
        let lab = Self::with_bars(ROWS);
        let series = series();
        let mut text = "ts,side,price\n".to_owned();
        for event in tile_positions(&series.bars, HOLD.try_into().unwrap(), HoldSides::Both) {
            let cells = match event.position {
                None => "flat,".to_owned(),
                Some(open) => {
                    let side = if open.side == Side::Long { "long" } else { "short" };
                    format!("{side},{}", decimal_text(open.entry_price.raw(), series.grid.price_scale()))
                }
            };
            text += &format!("{},{cells}\n", event.ts);
        }
        lab.write("positions.csv", &text);
        lab
    }

    fn with_exit_data() -> Self {
        let lab = Self::with_positions();
        lab.must(&format!("{BUILD} --hold {HOLD} --label direction:horizon=10 --out data"));
        lab
    }

    /// Predicts in batches and bar by bar, which must be the same: the predictions, and what was printed.
    fn predict(&self, artifact: &str) -> (Vec<Option<f64>>, Done) {
        let args = format!("predict --artifact {artifact} --bars bars.csv --positions positions.csv");
        self.must(&format!("{args} --mode stream --out stream.csv"));
        let done = self.must(&format!("{args} --out batch.csv"));
        assert!(self.read("stream.csv") == self.read("batch.csv"));
        let text = self.text("batch.csv");
        let prediction = |line: &str| line.split(',').nth(2).unwrap().parse().ok();
        (text.lines().skip(1).map(prediction).collect(), done)
    }
}

#[test]
fn made_up_positions_are_those_of_a_file() {
    let lab = Lab::with_positions();
    let label = "--label direction:horizon=10";
    let made = lab.must(&format!("{BUILD} {label} --hold {HOLD} --out made"));
    let given = lab.must(&format!("{BUILD} {label} --positions positions.csv --out given"));
    let expected = "  positions  285 changes; open at the close of 2,858 bars\n  label      \
                    direction:horizon=10,above=0 along the position; 152 rows without one";
    for done in [made, given] {
        assert!(done.stderr.contains(expected), "{}", done.stderr);
        assert!(done.stderr.contains("cache      none"), "{}", done.stderr);
    }
    for file in ["rows.parquet", "manifest.json"] {
        let [one, other] = ["made", "given"].map(|folder| lab.read(&format!("{folder}/{file}")));
        assert!(one == other, "{file}");
    }
    // The rows are those of `features`.
    lab.must("features --features 1 --set exit --bars bars.csv --positions positions.csv --out f.parquet");
    let table = market_data::table::read_table(&lab.path("f.parquet")).unwrap();
    let dataset = Dataset::open(&lab.path("made")).unwrap();
    for row in 0..dataset.features().len() {
        for column in 0..dataset.features().width() {
            let [one, other] =
                [dataset.features(), &table.rows].map(|rows| rows.get(row, column).map(f64::to_bits));
            assert_eq!(one, other, "row {row}, {}", table.names[column]);
        }
    }
    let kept =
        lab.must(&format!("{BUILD} {label} --hold {HOLD} --out kept").replace("--no-cache", "--cache c"));
    assert!(kept.stderr.contains("note       nothing is kept"), "{}", kept.stderr);
    assert!(!lab.names().contains(&"c".to_owned()));
}

#[test]
fn an_exit_model_goes_the_whole_way() {
    let lab = Lab::with_exit_data();
    let dataset = Dataset::open(&lab.path("data")).unwrap();
    let warm_up = dataset.manifest().warm_up as usize;
    let train = dataset.split().unwrap().train.rows();
    let open_rows = train.clone().filter(|row| is_open(*row)).count() as u64;
    assert!(open_rows < train.len() as u64);
    for recipe in [
        "",
        "--nulls missing",
        "--nulls median --clip 0.01,0.99 --scaler robust",
        "--sequence 4 --scaler standard",
        "--model logistic --scaler standard",
        "--block rsi<30",
        "--walk-forward 2",
    ] {
        let train_line = match recipe {
            "--model logistic --scaler standard" => TRAIN.replace("--trees 10 --depth 2 ", ""),
            _ => TRAIN.to_owned(),
        };
        lab.must(&format!("{train_line} {recipe} --out model.iso"));
        lab.must("verify model.iso --set exit");
        let json: serde_json::Value =
            serde_json::from_str(&lab.must("inspect model.iso --json").stdout).unwrap();
        // What was trained on, and what later features are compared with: rows with a position, each of them.
        let sequence = if recipe.contains("--sequence") { 4 } else { 1 };
        let trained = json["train"]["rows"].as_u64().unwrap();
        if sequence == 1 {
            assert_eq!(trained, open_rows, "{recipe}");
        } else {
            assert!(trained < open_rows && trained > open_rows / 2, "{recipe}: {trained}");
        }
        for reference in json["reference"].as_array().unwrap() {
            assert_eq!((&reference["valid"], &reference["null"]), (&open_rows.into(), &0.into()), "{recipe}");
        }

        let (predictions, done) = lab.predict("model.iso");
        assert!(done.stderr.contains("; no position 142\n"), "{recipe}: {}", done.stderr);
        let verified = verified(&lab);
        // Every probe is of a row with a position.
        let held = dataset.manifest().names.iter().position(|name| name == "time_held").unwrap();
        let probes = &verified.artifact().probes;
        assert!(probes.len() > 4, "{recipe}: {} probes", probes.len());
        assert!(probes.iter().all(|probe| probe.rows.last().unwrap()[held].is_some()), "{recipe}");
        let mut pipeline = verified.pipeline();
        let mut row = Row::new(dataset.features().width());
        let mut count = 0;
        for (index, found) in predictions.iter().enumerate() {
            dataset.features().copy_row(index, &mut row);
            let expected = match pipeline.push(&row).unwrap() {
                artifact::Outcome::Predicted { value, .. } if is_open(index) => Some(value),
                artifact::Outcome::Predicted { .. }
                | artifact::Outcome::Blocked { .. }
                | artifact::Outcome::NotReady(_)
                | artifact::Outcome::WarmUp { .. } => None,
            };
            assert_eq!(found.map(f64::to_bits), expected.map(f64::to_bits), "{recipe}: row {index}");
            count += usize::from(found.is_some());
            if recipe.is_empty() {
                assert_eq!(found.is_some(), is_open(index) && index >= warm_up, "row {index}");
            }
        }
        assert!(count > 1_000, "{recipe}: {count}");
    }
}

fn verified(lab: &Lab) -> artifact::Verified {
    let check = artifact::Check {
        version: &features_v1::FEATURES,
        trust: artifact::Trust::Unsigned,
        set: None,
        params: None,
        bars: None,
        loaders: model::Loaders::default(),
    };
    artifact::verify(&lab.read("model.iso"), &check).unwrap()
}

#[test]
fn the_positions_of_a_backtest_give_the_predictions_it_made() {
    let lab = Lab::with_exit_data();
    lab.must(&format!("{TRAIN} --out exit.iso"));
    lab.must(
        "build --features 1 --set core --bars bars.csv --label direction:horizon=10 --no-cache --out core",
    );
    lab.must(&TRAIN.replace("--data data", "--data core --out entry.iso"));
    let bot = include_str!("../../src/commands/demo/bot.toml");
    let bot: Vec<&str> = bot
        .lines()
        .map(|line| if line.starts_with("trusted_keys") { "unsigned = \"allow\"" } else { line })
        .collect();
    lab.write("bot.toml", &bot.join("\n"));
    // It enters at little and holds briefly, so that there are many positions.
    let loose = "--set strategy.threshold=0.5 --set strategy.expected_move=0.5 --set strategy.max_hold_bars=15 \
                 --set risk.max_entries_per_day=10000 --set risk.max_drawdown=0.99 --set risk.max_daily_loss=0.99";
    lab.must(&format!(
        "backtest --config bot.toml --bars bars.csv --resamples 0 --decisions d.jsonl --positions positions.csv {loose}"
    ));
    assert!(lab.text("positions.csv").lines().count() > 100, "{}", lab.text("positions.csv"));
    let (predictions, _) = lab.predict("exit.iso");
    let decisions = lab.text("d.jsonl");
    let said = decisions.lines().map(|line| {
        let decision: serde_json::Value = serde_json::from_str(line).unwrap();
        decision["exit"].as_f64()
    });
    let said: Vec<Option<f64>> = said.collect();
    assert!(said.iter().flatten().count() > 500, "the exit model was hardly asked");
    assert_eq!(said.len(), predictions.len());
    for (row, (said, found)) in said.iter().zip(&predictions).enumerate() {
        assert_eq!(said.map(f64::to_bits), found.map(f64::to_bits), "row {row}");
    }
}

#[test]
fn a_model_of_pythons_is_sealed_too() {
    let lab = Lab::with_exit_data();
    // The trees of a model of the set core, said to be of as many features of the set exit.
    let manifest: serde_json::Value = serde_json::from_str(&lab.text("data/manifest.json")).unwrap();
    let names: Vec<&str> =
        manifest["names"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    let (dropped, kept) = names.split_at(6);
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/xgboost.json");
    let mut xgboost: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(fixture).unwrap()).unwrap();
    assert_eq!(xgboost["learner"]["feature_names"].as_array().unwrap().len(), kept.len());
    xgboost["learner"]["feature_names"] = kept.into();
    lab.write("exit.json", &xgboost.to_string());
    let done = lab.must(&format!(
        "seal --data data --model exit.json --kind xgboost --drop {} --timestamp 2026-01-01T00:00:00Z --out model.iso",
        dropped.join(",")
    ));
    assert!(done.stdout.contains("validation"), "{}", done.stdout);
    lab.must("verify model.iso");
    let (predictions, _) = lab.predict("model.iso");
    let warm_up = manifest["warm_up"].as_u64().unwrap() as usize;
    for (row, found) in predictions.iter().enumerate() {
        assert_eq!(found.is_some(), is_open(row) && row >= warm_up, "row {row}");
    }
}

#[test]
fn barriers_label_the_positions_of_their_side() {
    let lab = Lab::with_positions();
    lab.must(&format!(
        "{BUILD} --positions positions.csv --label barriers:horizon=10,profit=0.001,loss=0.001,side=short --out data"
    ));
    let dataset = Dataset::open(&lab.path("data")).unwrap();
    let rows = dataset.labels().len();
    let is_short = |row: usize| is_open(row) && row / (HOLD as usize + 1) % 2 == 1;
    for row in 0..rows {
        assert_eq!(dataset.labels().get(row).is_some(), is_short(row) && row + 10 < rows, "row {row}");
    }
    lab.must(&format!("{TRAIN} --out model.iso"));
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let lab = Lab::with_exit_data();
    lab.must(&format!("{TRAIN} --out exit.iso"));
    let names = lab.names();
    let label = "--label direction:horizon=10";
    let core =
        "build --features 1 --set core --bars bars.csv --no-cache --label direction:horizon=10 --out d";
    lab.must(&core.replace("--out d", "--out core"));
    lab.must("train --data core --trees 2 --out core.iso");
    lab.write("late.csv", "ts,side,price\n2030-01-01,long,45000\n");
    lab.write("early.csv", "ts,side,price\n2020-01-01,long,45000\n");
    for (args, code, expected) in [
        (format!("{BUILD} {label} --out d"), 1, "pass --positions FILE or"),
        (
            format!("{core} --hold 5"),
            2,
            "--hold is for the set exit: core does not look at the open position",
        ),
        (format!("{core} --positions positions.csv"), 2, "--positions is for the set exit"),
        (format!("{BUILD} {label} --out d --hold 5 --positions positions.csv"), 2, "cannot be used with"),
        (format!("{BUILD} {label} --out d --hold 0"), 2, "invalid value '0'"),
        (format!("{BUILD} {label} --out d --hold-side long"), 2, "--hold <BARS>"),
        (
            format!("{BUILD} {label} --out d --positions positions.csv --hold-side long"),
            2,
            "cannot be used with",
        ),
        (
            format!("{BUILD} {label} --out d --hold 5 --hold-side up"),
            2,
            "[possible values: long, short, both]",
        ),
        (format!("{BUILD} {label} --out d --positions late.csv"), 1, "no row has a label"),
        (format!("{BUILD} {label} --out d --positions early.csv"), 1, "the position was entered at"),
        (format!("{BUILD} {label} --out d --positions no.csv"), 1, "no.csv"),
        (
            format!(
                "{BUILD} --label barriers:horizon=9,profit=0.1,loss=0.1,side=long --hold 5 --hold-side short --out d"
            ),
            1,
            "one open on the side of the barriers",
        ),
        (
            "predict --artifact exit.iso --bars bars.csv --out p.csv".to_owned(),
            2,
            "exit.iso: its set exit looks at the open position, and without one it predicts nothing: pass --positions",
        ),
        (
            "predict --artifact core.iso --bars bars.csv --positions positions.csv --out p.csv".to_owned(),
            2,
            "--positions is for the set exit: core does not look",
        ),
        (
            "predict --artifact exit.iso --bars bars.csv --positions positions.csv --out positions.csv"
                .to_owned(),
            2,
            "an input is never replaced",
        ),
        (
            "predict --artifact exit.iso --bars bars.csv --positions early.csv --out p.csv".to_owned(),
            1,
            "the position was entered at",
        ),
    ] {
        let done = lab.run(&args);
        assert_eq!(done.code, code, "{args}\n{}", done.stderr);
        assert!(done.stderr.contains(expected), "{args}\n{}", done.stderr);
    }
    let mut left = lab.names();
    left.retain(|name| !["core", "core.iso", "late.csv", "early.csv"].contains(&name.as_str()));
    assert_eq!(left, names);
}

#[test]
fn training_rows_without_a_position_are_named() {
    let lab = Lab::with_positions();
    // Positions in the last third alone: none to train on.
    let text = lab.text("positions.csv");
    let (head, rows) = text.split_once('\n').unwrap();
    let late: Vec<&str> = rows.lines().skip(220).collect();
    lab.write("positions.csv", &format!("{head}\n{}\n", late.join("\n")));
    lab.must(&format!("{BUILD} --positions positions.csv --label direction:horizon=10 --out data"));
    let done = lab.run(&format!("{TRAIN} --out model.iso"));
    assert_eq!(done.code, 1);
    assert!(done.stderr.contains("none of the training rows has a label"), "{}", done.stderr);
    assert!(done.stderr.contains("more positions"), "{}", done.stderr);
}
