//! `seal`: models trained in Python give the same bits from the sealed file. `tests/fixtures/make.py` made them.

use std::path::{Path, PathBuf};

use super::lab::Lab;

/// Bars before the first row of `core` whose windows are all full.
const WARM_UP: usize = 33;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

impl Lab {
    /// The bars and the dataset that the models were trained on.
    fn of_python() -> Self {
        let lab = Self::new();
        lab.must("synth --kind bars --rows 3000 --seed 1 --out bars.csv");
        lab.must("build --features 1 --set core --bars bars.csv --label direction:horizon=10 --out data");
        lab
    }

    fn seal(&self, args: &str) -> super::lab::Done {
        let [xgboost, lightgbm] =
            ["xgboost.json", "lightgbm.txt"].map(|name| fixture(name).display().to_string());
        let args = args.replace("XGB", &xgboost).replace("LGB", &lightgbm);
        self.run(&format!("seal --data data --nulls missing --timestamp 2026-01-01T00:00:00Z {args}"))
    }

    fn margins(&self, artifact: &str) -> Vec<Vec<f64>> {
        self.must(&format!("predict --artifact {artifact} --bars bars.csv --out p.csv"));
        let text = self.text("p.csv");
        let cells = |line: &str| {
            let cells: Vec<&str> = line.split(',').collect();
            let margins = cells[3..cells.len() - 1].iter().filter(|cell| !cell.is_empty());
            margins.map(|cell| cell.parse().unwrap()).collect()
        };
        text.lines().skip(1).map(cells).collect()
    }
}

/// The margins Python gave, a line for each bar: of XGBoost as f32, of LightGBM as f64.
fn expected() -> Vec<(u32, u64)> {
    let text = std::fs::read_to_string(fixture("margins.csv")).unwrap();
    let parse = |line: &str| {
        let (xgboost, lightgbm) = line.split_once(',').unwrap();
        (u32::from_str_radix(xgboost, 16).unwrap(), u64::from_str_radix(lightgbm, 16).unwrap())
    };
    text.lines().map(parse).collect()
}

#[test]
fn margins_are_pythons_bit_for_bit() {
    let lab = Lab::of_python();
    for args in ["--model XGB --kind xgboost --out x.iso", "--model LGB --kind lightgbm --out l.iso"] {
        let done = lab.seal(args);
        assert_eq!(done.code, 0, "{}", done.stderr);
    }
    let (xgboost, lightgbm, expected) = (lab.margins("x.iso"), lab.margins("l.iso"), expected());
    assert_eq!([xgboost.len(), lightgbm.len(), expected.len()], [3_000; 3]);
    for (row, (of_xgboost, of_lightgbm)) in expected.into_iter().enumerate() {
        if row < WARM_UP {
            // Python predicts these too, but no window is full.
            assert!(xgboost[row].is_empty() && lightgbm[row].is_empty(), "row {row} is predicted");
            continue;
        }
        let found = xgboost[row][0];
        assert_eq!(f64::from(found as f32).to_bits(), found.to_bits(), "row {row}: no f32");
        assert_eq!((found as f32).to_bits(), of_xgboost, "row {row}: XGBoost");
        assert_eq!(lightgbm[row][0].to_bits(), of_lightgbm, "row {row}: LightGBM");
    }
}

#[test]
fn an_ensemble_has_the_margins_of_its_members() {
    let lab = Lab::of_python();
    let models = "--model XGB --kind xgboost --model LGB --kind lightgbm";
    let done = lab.seal(&format!("{models} --weight 1 --weight 3 --horizon 10 --horizon 20 --out e.iso"));
    assert_eq!(done.code, 0, "{}", done.stderr);
    for (found, (of_xgboost, of_lightgbm)) in lab.margins("e.iso").iter().zip(expected()).skip(WARM_UP) {
        assert_eq!(((found[0] as f32).to_bits(), found[1].to_bits()), (of_xgboost, of_lightgbm));
    }
    let text = lab.must("inspect e.iso").stdout;
    assert!(text.contains("member        weight 3, horizon 20"), "{text}");
}

#[test]
fn a_model_of_another_kind_than_the_label_is_refused() {
    let lab = Lab::of_python();
    lab.must("build --features 1 --set core --bars bars.csv --label return:horizon=10 --out data");
    let done = lab.seal("--model XGB --kind xgboost --out x.iso");
    assert_eq!(done.code, 1);
    assert!(done.stderr.contains("predicts a Probability and the label asks for a Value"), "{}", done.stderr);
    assert!(!lab.names().contains(&"x.iso".to_owned()));
}

#[test]
fn other_features_than_the_model_was_trained_on_are_refused() {
    let lab = Lab::of_python();
    for (args, expected) in [
        ("--model XGB --kind xgboost --drop rsi --out x.iso", "18 inputs"),
        ("--model LGB --kind lightgbm --sequence 2 --out x.iso", "38"),
        ("--model XGB --kind lightgbm --out x.iso", "LightGBM"),
        ("--model LGB --kind xgboost --out x.iso", "XGBoost"),
        ("--model XGB --kind xgboost --block rsy<1 --out x.iso", "rsi"),
        ("--model XGB --kind xgboost --out x.bin", "ends in .iso"),
        ("--model XGB --kind onnx --out x.iso", "onnx"),
        ("--model XGB --kind xgboost --weight 1 --weight 2 --out x.iso", "--weight is given 2 times"),
        ("--model XGB --kind xgboost --weight nan --out x.iso", "weight"),
        ("--model XGB --kind xgboost --block atr<1000000 --out x.iso", "none of the training rows pass"),
    ] {
        let done = lab.seal(args);
        assert_ne!(done.code, 0, "{args}");
        assert!(done.stderr.contains(expected), "{args}\n{}", done.stderr);
    }
    assert!(!lab.names().iter().any(|name| name.ends_with(".iso") || name.ends_with(".bin")));
}

#[test]
fn a_model_trained_elsewhere_says_so() {
    let lab = Lab::of_python();
    let done = lab.seal("--model XGB --kind xgboost --out x.iso");
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert!(
        done.stderr.contains("out of sample only where the model was trained on rows 33 to 1789"),
        "{}",
        done.stderr
    );
    let text = lab.must("inspect x.iso").stdout;
    assert!(text.contains("model         imported trees"), "{text}");
}
