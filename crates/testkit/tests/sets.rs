//! A correct feature set passes; one that breaks a rule is caught, and the report names the rule.
#![allow(clippy::panic, clippy::unwrap_used, clippy::expect_used, reason = "tests")]
#![allow(clippy::wildcard_enum_match_arm, reason = "a toy names only the faults it has there")]

mod toy_set;

use std::panic::{AssertUnwindSafe, catch_unwind};

use feature_api::{Bar, Param, Position};
use testkit::inputs::{Stream, Takers, bars, walk_bars, walk_positions};
use testkit::set::{SetCase, conform_set, measure_convergence};
use toy_set::{Fault, Toy, publish};

fn params(fault: Fault) -> Vec<Param> {
    vec![Param { name: "fault".to_owned(), value: fault as u32 }]
}

fn run(fault: Fault, bars: &[Bar], positions: &[(usize, Option<Position>)]) -> Result<(), String> {
    let converging = walk_bars(400, 2);
    publish(bars);
    let case = SetCase {
        name: "toy set",
        params: &params(fault),
        bars,
        positions,
        stride: 1,
        converging: Some(&converging),
    };
    catch_unwind(AssertUnwindSafe(|| conform_set::<Toy>(&case)))
        .map_err(|panic| panic.downcast_ref::<String>().unwrap().clone())
}

#[test]
fn a_correct_set_passes_on_every_stream() {
    for stream in Stream::ALL {
        let bars = bars(stream, 120, 1, Takers::Mixed);
        let positions = walk_positions(&bars, 2);
        assert_eq!(run(Fault::Nothing, &bars, &positions), Ok(()), "{}", stream.name());
    }
    assert_eq!(run(Fault::WithoutPositions, &walk_bars(120, 3), &[]), Ok(()));
}

#[test]
fn every_fault_is_caught_by_its_rule() {
    let bars = bars(Stream::Walk, 120, 1, Takers::Mixed);
    let positions = walk_positions(&bars, 2);
    for (fault, rule) in [
        (Fault::NameTwice, "`schema`"),
        (Fault::LateWarmUp, "`warm-up`"),
        (Fault::ZeroBeforeWarmUp, "`warm-up`"),
        (Fault::PositionAlwaysValid, "`valid exactly where there is a position`"),
        (Fault::NotANumber, "`finite`"),
        (Fault::OutOfRange, "`range`"),
        (Fault::NegativeZero, "`no negative zero`"),
        (Fault::WrongTimes, "`times of a row`"),
        (Fault::CellNotWritten, "`every cell of a row is written`"),
        (Fault::BatchDiffers, "`batch = stream"),
        (Fault::BatchValidityDiffers, "`batch = stream"),
        (Fault::BatchDropsRow, "`one row for each bar`"),
        (Fault::ResetForgetsNothing, "`reset = new"),
        (Fault::OrderTaken, "`a refused event changes nothing`"),
        (Fault::GridTaken, "`a refused event changes nothing`"),
        (Fault::RefusedChangesState, "`a refused event changes nothing`"),
        (Fault::RefusedChangesRow, "`a refused event changes nothing`"),
        (Fault::SnapshotMissesField, "`snapshot and restore = uninterrupted"),
        (Fault::NoChecksum, "`a damaged snapshot is refused`"),
        (Fault::FailedRestoreKeepsState, "`a damaged snapshot is refused`"),
        (Fault::RunningFloatSum, "`window purity"),
        (Fault::ConvergenceTooShort, "`convergence within"),
        (Fault::DependsOnGrid, "`the grid is a way of writing"),
    ] {
        let report = run(fault, &bars, &positions).expect_err(&format!("{fault:?} passed"));
        assert!(report.contains(rule), "{fault:?} reported as: {report}");
        let complete = ["toy set: ", " broken at row ", ": expected ", ", found "];
        assert!(complete.iter().all(|part| report.contains(part)), "{fault:?}: {report}");
    }
}

#[test]
fn faults_of_sets_without_positions_are_caught() {
    let bars = bars(Stream::Walk, 120, 1, Takers::Mixed);
    for (fault, rule) in [
        (Fault::PeeksAtNextBar, "`prefix invariance"),
        (Fault::PeeksAtNextClose, "`no look-ahead"),
        (Fault::PositionIgnored, "`a refused event changes nothing`"),
        // Takes positions, and is given none.
        (Fault::Nothing, "cannot be checked"),
    ] {
        let report = run(fault, &bars, &[]).expect_err(&format!("{fault:?} passed"));
        assert!(report.contains(rule), "{fault:?} reported as: {report}");
    }
}

#[test]
fn too_few_bars_are_no_pass() {
    let report = run(Fault::WithoutPositions, &walk_bars(3, 1), &[]).unwrap_err();
    assert!(report.contains("cannot be checked"), "{report}");
}

#[test]
fn convergence_is_measured_per_feature() {
    let measured = measure_convergence::<Toy>(&params(Fault::WithoutPositions), &walk_bars(800, 4));
    // close, mean of three, exponential mean, direction.
    assert_eq!((measured[0], measured[1], measured[3]), (0, 2, 1));
    assert!((20..200).contains(&measured[2]), "{measured:?}");
}
