//! The open position, against a recomputation from its entry bar.

use feature_api::{Position, Price, Side, UnixNanos};
use features_v2::arithmetic::to_real;
use features_v2::operators::{ClosePosition, OpenPosition, PositionState};
use testkit::expect::Expect;
use testkit::inputs::{Stream, Takers, bars, walk_positions};
use testkit::operator::{OperatorCase, conform};
use testkit::{BigInt, exact};

use crate::support::{Shown, agrees, quotient};

/// Bars with what is told of the position before each.
fn inputs(stream: Stream, rows: usize, seed: u64, shift: i64) -> Vec<ClosePosition> {
    let bars = bars(stream, rows, seed, Takers::Never);
    let mut told = walk_positions(&bars, seed).into_iter().peekable();
    let mut position = None;
    let input = |(row, bar): (usize, &feature_api::Bar)| {
        while let Some((_, change)) = told.next_if(|(at, _)| *at == row) {
            position = change.map(|position| Position {
                entry_price: Price::from_raw(position.entry_price.raw() - shift).unwrap(),
                ..position
            });
        }
        ClosePosition { close: bar.close().raw() - shift, position }
    };
    bars.iter().enumerate().map(input).collect()
}

fn pnl(position: &Position, close: i64) -> f64 {
    let entry = position.entry_price.raw();
    let gain = if position.side == Side::Long { close - entry } else { entry - close };
    if entry == 0 { 0.0 } else { exact::round(&quotient(100 * i128::from(gain), entry)) }
}

/// Everything since the first of the bars that carry this very position without a break.
fn expected(rows: &[ClosePosition]) -> Vec<Expect> {
    let Some(position) = rows.last().unwrap().position else { return vec![Expect::Absent] };
    let held = rows.iter().rev().take_while(|row| row.position == Some(position)).count();
    let held = &rows[rows.len() - held..];
    let profits: Vec<f64> = held.iter().map(|row| pnl(&position, row.close)).collect();
    let peak = profits.iter().copied().fold(0.0, |peak, profit| if profit > peak { profit } else { peak });
    let last = *profits.last().unwrap();
    let returns: Vec<i128> = held
        .windows(2)
        .map(|pair| match pair[0].close {
            0 => 0,
            before => {
                let change = exact::round(&quotient(pair[1].close - before, before));
                to_real(if change.abs() > 1_048_576.0 { change.signum() * 1_048_576.0 } else { change })
            }
        })
        .collect();
    let n = returns.len();
    // As for every deviation: one rounding of the variance and one of the root, an ulp at most.
    let volatility = if n < 2 {
        Expect::Exact(0.0)
    } else {
        let sum: BigInt = returns.iter().copied().map(BigInt::from).sum();
        let squares: BigInt = returns.iter().map(|x| BigInt::from(*x) * *x).sum();
        Expect::SqrtRational(quotient(squares * n - &sum * &sum, BigInt::from(n * n) << 128))
    };
    vec![Expect::Exact(n as f64), Expect::Exact(last), Expect::Exact(last - peak), volatility]
}

fn shown() -> Shown<OpenPosition, Option<[f64; 4]>> {
    Shown::new(OpenPosition::new(), |state| {
        state.map(|PositionState { time_held, pnl_pct, pnl_from_peak, volatility }| {
            [time_held, pnl_pct, pnl_from_peak, volatility]
        })
    })
}

#[test]
fn position_conforms() {
    for stream in Stream::ALL {
        for shifted in [false, true] {
            let first = inputs(stream, 1, 3, 0)[0].close;
            let rows = inputs(stream, 500, 3, if shifted { first } else { 0 });
            conform(&OperatorCase {
                name: &format!("open position over {}", stream.name()),
                make: &shown,
                inputs: &rows,
                converging: None,
                naive: Some(&expected),
            });
        }
    }
}

#[test]
fn a_position_begins_at_the_first_bar_that_carries_it() {
    let position = |entry, at| {
        Some(Position {
            side: Side::Long,
            entry_price: Price::from_raw(entry).unwrap(),
            ts_entry: UnixNanos(at),
        })
    };
    let row = |close, position| ClosePosition { close, position };
    let rows = [
        row(100, None),
        row(110, position(100, 1)),
        row(121, position(100, 1)),
        row(99, position(100, 1)),
        // Another position without a pause, and the same again after one: both begin anew.
        row(120, position(120, 2)),
        row(90, position(120, 2)),
        row(90, None),
        row(90, position(120, 2)),
        row(60, position(120, 2)),
    ];
    agrees("open position", shown(), &rows, 1, &expected);
    let mut operator = OpenPosition::new();
    let found: Vec<_> = rows
        .iter()
        .map(|row| {
            use feature_api::Operator as _;
            operator.update(*row).flatten().map(|state| (state.time_held, state.pnl_pct, state.pnl_from_peak))
        })
        .collect();
    let expected = [
        None,
        Some((0.0, 10.0, 0.0)),
        Some((1.0, 21.0, 0.0)),
        Some((2.0, -1.0, -22.0)),
        Some((0.0, 0.0, 0.0)),
        Some((1.0, -25.0, -25.0)),
        None,
        Some((0.0, -25.0, -25.0)),
        Some((1.0, -50.0, -50.0)),
    ];
    assert_eq!(found, expected);
}
