//! A correct operator passes; one that breaks a rule is caught, and the report names the rule.
#![allow(clippy::panic, clippy::unwrap_used, reason = "tests")]
#![allow(clippy::wildcard_enum_match_arm, reason = "a toy names only the faults it has there")]

use std::panic::{AssertUnwindSafe, catch_unwind};

use feature_api::{Memory, Operator, RestoreError, StateReader, StateWriter};
use testkit::exact;
use testkit::expect::Expect;
use testkit::inputs::Stream;
use testkit::operator::{OperatorCase, conform, measure_convergence};

const WINDOW: usize = 5;

/// What is wrong with the toy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Nothing,
    EarlyValue,
    LateValue,
    GapLater,
    NotANumber,
    Infinite,
    ResetKeepsSum,
    ResetKeepsRing,
    SaveMissesSum,
    SaveMissesHead,
    SaveIsNotRead,
    LoadKeepsOldRing,
    TruncatedTaken,
    FailedLoadKeepsHalf,
    LoadPanics,
    UpdatePanicsAfterLoad,
    FloatSum,
    WindowTooShort,
    WrongNowAndThen,
    TwoUlpsOff,
}

/// The mean of the last [`WINDOW`] integers, thirds, from an integer sum.
struct Mean {
    fault: Fault,
    ring: [i64; WINDOW],
    head: usize,
    seen: u64,
    sum: i128,
    float_sum: f64,
}

impl Mean {
    fn new(fault: Fault) -> Self {
        Self { fault, ring: [0; WINDOW], head: 0, seen: 0, sum: 0, float_sum: 0.0 }
    }

    fn read(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        for slot in &mut self.ring {
            let value = state.read_i64()?;
            if self.fault != Fault::LoadKeepsOldRing || self.seen == 0 {
                *slot = value;
            }
        }
        if self.fault != Fault::SaveMissesHead {
            let head = state.read_u64()?;
            self.head = usize::try_from(head).unwrap();
            let unchecked = [Fault::UpdatePanicsAfterLoad, Fault::LoadPanics].contains(&self.fault);
            if self.head >= WINDOW && !unchecked {
                return Err(RestoreError::Invalid { what: "a head inside the ring" });
            }
            if self.fault == Fault::LoadPanics {
                self.ring[self.head] += 0;
            }
        }
        self.seen = state.read_u64()?;
        self.sum = self.ring.iter().map(|value| i128::from(*value)).sum();
        if self.fault == Fault::SaveMissesSum {
            self.sum = 0;
        }
        self.float_sum = match state.read_u64() {
            Err(_) if self.fault == Fault::TruncatedTaken => 0.0,
            bits => f64::from_bits(bits?),
        };
        Ok(())
    }
}

#[allow(clippy::cast_precision_loss, reason = "a toy")]
impl Operator for Mean {
    type Input = i64;
    type Output = f64;

    fn update(&mut self, input: i64) -> Option<f64> {
        let slot = &mut self.ring[self.head];
        self.sum += i128::from(input) - i128::from(*slot);
        self.float_sum += input as f64 / 7.0 - *slot as f64 / 7.0;
        *slot = input;
        self.head = (self.head + 1) % WINDOW;
        self.seen = self.seen.saturating_add(1);
        let warm_up = match self.fault {
            Fault::EarlyValue => WINDOW as u64 - 1,
            Fault::LateValue => WINDOW as u64 + 1,
            _ => WINDOW as u64,
        };
        if self.seen < warm_up {
            return None;
        }
        match self.fault {
            Fault::GapLater if self.seen == 40 => None,
            Fault::NotANumber if self.seen == 40 => Some(f64::NAN),
            Fault::Infinite if self.seen == 40 => Some(f64::INFINITY),
            Fault::FloatSum => Some(self.float_sum),
            Fault::WrongNowAndThen if input % 97 == 0 => Some(0.0),
            Fault::TwoUlpsOff => Some((self.sum as f64 / WINDOW as f64).next_up().next_up()),
            _ => Some(self.sum as f64 / WINDOW as f64),
        }
    }

    fn warm_up(&self) -> usize {
        WINDOW - 1
    }

    fn memory(&self) -> Memory {
        let window = if self.fault == Fault::WindowTooShort { WINDOW - 1 } else { WINDOW };
        Memory::Finite { window: u32::try_from(window).unwrap() }
    }

    fn reset(&mut self) {
        let old = std::mem::replace(self, Self::new(self.fault));
        if self.fault == Fault::ResetKeepsSum {
            self.sum = old.sum;
        }
        if self.fault == Fault::ResetKeepsRing {
            self.ring = old.ring;
        }
    }

    fn save(&self, state: &mut StateWriter) {
        self.ring.iter().for_each(|value| state.write_i64(*value));
        if self.fault != Fault::SaveMissesHead {
            state.write_u64(self.head as u64);
        }
        state.write_u64(self.seen);
        state.write_u64(self.float_sum.to_bits());
        if self.fault == Fault::SaveIsNotRead {
            state.write_bool(true);
        }
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        let result = self.read(state);
        if result.is_err() && self.fault != Fault::FailedLoadKeepsHalf {
            self.reset();
        }
        result
    }
}

fn run(fault: Fault) -> Result<(), String> {
    let inputs = Stream::Walk.raw(400, 11);
    let naive = |window: &[i64]| {
        let values: Vec<_> = window.iter().copied().map(exact::integer).collect();
        vec![Expect::Rational(exact::mean(&values))]
    };
    let case = OperatorCase {
        name: "toy mean",
        make: &|| Mean::new(fault),
        inputs: &inputs,
        converging: None,
        naive: Some(&naive),
    };
    caught(|| conform(&case))
}

fn caught(run: impl FnOnce()) -> Result<(), String> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|panic| panic.downcast_ref::<String>().unwrap().clone())
}

#[test]
fn a_correct_operator_passes() {
    assert_eq!(run(Fault::Nothing), Ok(()));
}

#[test]
fn every_fault_is_caught_by_its_rule() {
    for (fault, rule) in [
        (Fault::EarlyValue, "`warm-up`"),
        (Fault::LateValue, "`warm-up`"),
        (Fault::GapLater, "`warm-up`"),
        (Fault::NotANumber, "`finite`"),
        (Fault::Infinite, "`finite`"),
        (Fault::ResetKeepsSum, "`reset = new"),
        (Fault::ResetKeepsRing, "`reset = new"),
        (Fault::SaveMissesSum, "`save and load = uninterrupted"),
        (Fault::SaveMissesHead, "`save and load = uninterrupted"),
        (Fault::SaveIsNotRead, "`save and load = uninterrupted"),
        (Fault::LoadKeepsOldRing, "`load replaces the whole state"),
        (Fault::TruncatedTaken, "`a truncated state is refused`"),
        (Fault::FailedLoadKeepsHalf, "`a failed load leaves the operator as new`"),
        (Fault::LoadPanics, "`a damaged state never panics`"),
        (Fault::UpdatePanicsAfterLoad, "`a damaged state never panics`"),
        (Fault::FloatSum, "`window purity`"),
        (Fault::WindowTooShort, "`memory`"),
        (Fault::WrongNowAndThen, "`naive reference`"),
        (Fault::TwoUlpsOff, "`naive reference`"),
    ] {
        let report = run(fault).expect_err(&format!("{fault:?} passed"));
        assert!(report.contains(rule), "{fault:?} reported as: {report}");
        let complete = ["toy mean: ", " broken at row ", ": expected ", ", found "];
        assert!(complete.iter().all(|part| report.contains(part)), "{fault:?}: {report}");
    }
}

/// The largest input ever, which says that it looks at a window.
struct Peak {
    declared: u32,
    seen: Vec<i64>,
}

impl Operator for Peak {
    type Input = i64;
    type Output = [i64; 1];

    fn update(&mut self, input: i64) -> Option<[i64; 1]> {
        self.seen.push(input);
        self.seen.iter().max().map(|max| [*max])
    }
    fn warm_up(&self) -> usize {
        0
    }
    fn memory(&self) -> Memory {
        Memory::Finite { window: self.declared }
    }
    fn reset(&mut self) {
        self.seen.clear();
    }
    fn save(&self, state: &mut StateWriter) {
        state.write_u64(self.seen.len() as u64);
        self.seen.iter().for_each(|value| state.write_i64(*value));
    }
    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.seen.clear();
        let count = state.read_u64()?;
        for _ in 0..count {
            match state.read_i64() {
                Ok(value) => self.seen.push(value),
                Err(error) => {
                    self.seen.clear();
                    return Err(error);
                }
            }
        }
        Ok(())
    }
}

#[test]
fn a_window_longer_than_declared_is_caught() {
    let inputs = Stream::Walk.raw(120, 3);
    let make = || Peak { declared: 7, seen: Vec::new() };
    let case = OperatorCase { name: "peak", make: &make, inputs: &inputs, converging: None, naive: None };
    let report = caught(|| conform(&case)).unwrap_err();
    assert!(report.contains("`window purity`"), "{report}");
}

/// An exponential mean with α = 1/8.
struct Ema {
    declared: u32,
    value: Option<f64>,
}

impl Operator for Ema {
    type Input = f64;
    type Output = f64;

    fn update(&mut self, input: f64) -> Option<f64> {
        self.value = Some(self.value.map_or(input, |value| value + (input - value) * 0.125));
        self.value
    }
    fn warm_up(&self) -> usize {
        0
    }
    fn memory(&self) -> Memory {
        Memory::Recursive { convergence: self.declared }
    }
    fn reset(&mut self) {
        self.value = None;
    }
    fn save(&self, state: &mut StateWriter) {
        state.write_bool(self.value.is_some());
        state.write_f64(self.value.unwrap_or(0.0));
    }
    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.value = None;
        let (some, value) = (state.read_bool()?, state.read_f64()?);
        self.value = some.then_some(value);
        Ok(())
    }
}

#[test]
fn a_measured_convergence_holds_and_a_shorter_one_is_caught() {
    let inputs = Stream::Walk.floats(2000, 5);
    let history = [&inputs[..300], &inputs[150..300]];
    let measured = measure_convergence(&|| Ema { declared: 1, value: None }, history, &inputs[300..]);
    assert!((40..600).contains(&measured), "{measured}");
    // Whole prefixes go to the naive reference of a recursive operator.
    let naive = |prefix: &[f64]| {
        let value = prefix[1..].iter().fold(prefix[0], |value, input| value * 0.875 + input * 0.125);
        vec![Expect::Within { value, abs: 0.0, rel: 1e-13 }]
    };
    let run = |declared: u32, converging: Option<&[f64]>, inputs: &[f64]| {
        let make = move || Ema { declared, value: None };
        caught(|| {
            conform(&OperatorCase { name: "ema", make: &make, inputs, converging, naive: Some(&naive) })
        })
    };
    assert_eq!(run(800, None, &inputs), Ok(()));
    assert_eq!(run(800, Some(&inputs), &inputs[..50]), Ok(()));
    let report = run(30, None, &inputs).unwrap_err();
    assert!(report.contains("`convergence within 30 inputs"), "{report}");
    let report = run(800, None, &inputs[..800]).unwrap_err();
    assert!(report.contains("`convergence` cannot be checked"), "{report}");
}
