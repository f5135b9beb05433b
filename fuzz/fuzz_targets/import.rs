//! Any bytes as a model of XGBoost or LightGBM: the importers answer with trees or an error, never with a panic, and
//! what they take is canonical and predicts finite margins, alone as among many. The first byte chooses the format,
//! and whether the rest is the file or changes to a small valid one.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model::import::{self, Imported};
use model::{Model, ModelError, Trees};

const XGBOOST: &[u8] = include_bytes!("../seeds/import/xgboost");
const LIGHTGBM: &[u8] = include_bytes!("../seeds/import/lightgbm");

/// Pairs of a place and a byte put into a valid file; what is after `|` is inserted at the last place.
fn changed(valid: &[u8], changes: &[u8]) -> Vec<u8> {
    let mut bytes = valid.to_vec();
    let (pairs, inserted) = match changes.iter().position(|byte| *byte == b'|') {
        Some(bar) => (&changes[..bar], &changes[bar + 1..]),
        None => (changes, &[][..]),
    };
    let mut place = 0;
    for triple in pairs.chunks_exact(3) {
        place = usize::from(u16::from_le_bytes([triple[0], triple[1]])) % bytes.len();
        bytes[place] = triple[2];
    }
    bytes.splice(place..place, inserted.iter().copied());
    bytes
}

fn check(imported: Imported) {
    let Imported { trees, feature_names } = imported;
    let width = trees.inputs();
    assert!(feature_names.is_none_or(|names| names.len() == width));
    let again = Trees::new(trees.parts().clone()).expect("canonical parts are taken");
    assert!(again == trees);
    if width > 4096 {
        return;
    }
    let rows = [f64::NAN, 0.0, -1e-36, 0.5, 1e30, -3.25].map(|value| vec![value; width]);
    let mut many = Vec::new();
    trees.predict_many(&rows.concat(), &mut many).expect("finite rows are predicted");
    for (row, among) in rows.iter().zip(&many) {
        let one = trees.predict(row).expect("a finite row is predicted");
        assert!(one.margin.is_finite() && one.value.is_finite());
        assert_eq!(
            (one.margin.to_bits(), one.value.to_bits()),
            (among.margin.to_bits(), among.value.to_bits())
        );
    }
}

fuzz_target!(|bytes: &[u8]| {
    let [choice, rest @ ..] = bytes else { return };
    let (read, valid): (fn(&[u8]) -> Result<Imported, ModelError>, _) =
        if choice & 1 == 0 { (import::xgboost, XGBOOST) } else { (import::lightgbm, LIGHTGBM) };
    // The seeds begin with their own first byte.
    let valid = &valid[1..];
    let result = if choice & 2 == 0 { read(rest) } else { read(&changed(valid, rest)) };
    match result {
        Ok(imported) => check(imported),
        Err(error) => assert!(error.to_string().len() < 2_000, "{error}"),
    }
});
