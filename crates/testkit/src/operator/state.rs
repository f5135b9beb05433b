//! The rules of an operator's saved state.

use std::panic::{AssertUnwindSafe, catch_unwind};

use feature_api::{Memory, Operator, RestoreError, StateReader, StateWriter};

use super::{OperatorCase, compare, run};
use crate::expect::Cells;
use crate::inputs::SplitMix;
use crate::report::{broken, panic_text, spread};

const CONTINUES: &str = "save and load = uninterrupted";
const DAMAGE: &str = "a damaged state never panics";
const TRUNCATED: &str = "a truncated state is refused";
const FAILED_LOAD: &str = "a failed load leaves the operator as new";

fn save<O: Operator>(operator: &O) -> Vec<u8> {
    let mut writer = StateWriter::new();
    operator.save(&mut writer);
    writer.into_bytes()
}

/// Loads a state; the bytes left over, or the error. A panic is reported as a broken rule.
fn load<O: Operator>(
    case: &OperatorCase<'_, O>,
    inputs: usize,
    operator: &mut O,
    bytes: &[u8],
) -> Result<usize, RestoreError> {
    let loaded = catch_unwind(AssertUnwindSafe(|| {
        let mut reader = StateReader::new(bytes);
        operator.load(&mut reader).map(|()| match reader.finish() {
            Ok(()) => 0,
            Err(RestoreError::Trailing { count }) => count,
            Err(other) => panic!("an end of the state gave {other}"),
        })
    }));
    loaded.unwrap_or_else(|panic| {
        broken(case.name, DAMAGE, state_of(inputs), "a state or an error from load", panic_text(&*panic))
    })
}

fn state_of(inputs: usize) -> String {
    format!("{inputs} (state after {inputs} inputs)")
}

/// Rows that are run on after a load, so that the cost stays linear.
fn horizon<O: Operator>(case: &OperatorCase<'_, O>) -> usize {
    let operator = (case.make)();
    let window = match operator.memory() {
        Memory::Finite { window } => window as usize,
        Memory::Recursive { .. } | Memory::SinceEntry | Memory::Book => operator.warm_up() + 1,
    };
    (2 * window + 5).min(64)
}

/// At every row: what was saved loads, and the operator that loaded it goes on as if nothing had happened.
pub(super) fn continues<O: Operator>(case: &OperatorCase<'_, O>, outputs: &[Option<O::Output>])
where
    O::Output: Cells,
{
    let rows = case.inputs.len();
    let warm_up = (case.make)().warm_up();
    let to_the_end = spread(rows, 6, &[warm_up]);
    let horizon = horizon(case);
    let mut running = (case.make)();
    for at in 0..=rows {
        let bytes = save(&running);
        let check = |restored: &mut O, further: usize, rule: &str| {
            match load(case, at, restored, &bytes) {
                Ok(0) => {}
                Ok(left) => broken(
                    case.name,
                    rule,
                    at,
                    "load to read all that save wrote",
                    format!("{left} bytes left"),
                ),
                Err(error) => broken(case.name, rule, at, "the saved state to load", error),
            }
            if save(restored) != bytes {
                broken(case.name, rule, at, "the loaded state to be saved as the same bytes", "others");
            }
            let end = at.saturating_add(further).min(rows);
            let rule = format!("{rule} (saved after {at} inputs)");
            compare(case.name, &rule, at, &outputs[at..end], &run(restored, &case.inputs[at..end]));
        };
        check(&mut (case.make)(), horizon, CONTINUES);
        if to_the_end.contains(&at) {
            check(&mut (case.make)(), usize::MAX, CONTINUES);
            let mut used = (case.make)();
            run(&mut used, &case.inputs[rows / 2..]);
            check(&mut used, usize::MAX, "load replaces the whole state");
        }
        if let Some(input) = case.inputs.get(at) {
            let found = [running.update(*input)];
            compare(case.name, "saving changes nothing", at, &outputs[at..=at], &found);
        }
    }
}

/// States cut short, overwritten and flipped: refused or taken, but never a panic, then or later.
pub(super) fn damage<O: Operator>(case: &OperatorCase<'_, O>)
where
    O::Output: Cells,
{
    let rows = case.inputs.len();
    let warm_up = (case.make)().warm_up();
    let mut random = SplitMix::new(0xda3a6e);
    for at in spread(rows, 3, &[0, warm_up, warm_up + 1]) {
        let mut running = (case.make)();
        run(&mut running, &case.inputs[..at]);
        let bytes = save(&running);
        truncated(case, at, &bytes);
        for position in spread(bytes.len(), 256, &[]) {
            let mut flipped = bytes.clone();
            flipped[position] ^= random.byte_above_zero();
            survives(case, at, &flipped);
            flipped[position] = bytes[position] ^ 1 << (random.next_u64() % 8);
            survives(case, at, &flipped);
        }
        for start in (0..bytes.len().saturating_sub(7)).step_by(bytes.len().div_ceil(128).max(1)) {
            for word in [u64::MAX, i64::MAX.unsigned_abs(), 1 << 63, 1 << 32, 0, random.next_u64()] {
                let mut overwritten = bytes.clone();
                overwritten[start..start + 8].copy_from_slice(&word.to_le_bytes());
                survives(case, at, &overwritten);
            }
        }
        for _ in 0..32 {
            let noise: Vec<u8> = bytes.iter().map(|_| random.byte_above_zero()).collect();
            survives(case, at, &noise);
        }
    }
}

fn truncated<O: Operator>(case: &OperatorCase<'_, O>, at: usize, bytes: &[u8])
where
    O::Output: Cells,
{
    let start = &case.inputs[..horizon(case).min(case.inputs.len())];
    let as_new = run(&mut (case.make)(), start);
    let looked_at = spread(bytes.len(), 32, &[]);
    for length in 0..bytes.len() {
        let mut operator = (case.make)();
        let look = looked_at.contains(&length);
        if look {
            run(&mut operator, &case.inputs[..case.inputs.len().min(97)]);
        }
        if load(case, at, &mut operator, &bytes[..length]).is_ok() {
            let cut = format!("a load from {length} of {} bytes", bytes.len());
            broken(case.name, TRUNCATED, state_of(at), "an error", cut);
        }
        if look {
            compare(case.name, FAILED_LOAD, 0, &as_new, &run(&mut operator, start));
        }
    }
}

/// Loads a damaged state and, where that is taken, runs on.
fn survives<O: Operator>(case: &OperatorCase<'_, O>, at: usize, bytes: &[u8]) {
    let mut operator = (case.make)();
    if load(case, at, &mut operator, bytes).is_err() {
        return;
    }
    let later = &case.inputs[at.min(case.inputs.len() - 1)..];
    let later = &later[..later.len().min(horizon(case))];
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| run(&mut operator, later))) {
        broken(case.name, DAMAGE, state_of(at), "updates without a panic", panic_text(&*panic));
    }
}
