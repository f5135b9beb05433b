//! Cost: the best of several runs, in turns.

use std::hint::black_box;
use std::time::Duration;

use crate::bars::Bars;
use crate::check::{self, Verdict};
use crate::clock;
use crate::contender::{Contender, Outputs};
use crate::operators::{Column, Operator};
use crate::reference;

/// A filled cell of the table.
#[derive(Debug, Clone, Copy)]
pub struct Cell {
    /// By whom.
    pub column: Column,
    /// Nanoseconds a bar, in the best run.
    pub ns_per_bar: f64,
    /// Whether it is the same function.
    pub verdict: Verdict,
}

/// A row of the table.
#[derive(Debug, Clone)]
pub struct Measured {
    /// What is computed.
    pub operator: Operator,
    /// By whom, at what cost.
    pub cells: Vec<Cell>,
}

/// Checks, then times `contenders`, all of the same operator.
///
/// The check is the warm-up. Then every contender runs once a round, so that noise of the machine and a
/// changing clock meet all of them; the best round counts.
pub fn measure(operator: Operator, bars: &Bars, mut contenders: Vec<Contender>, rounds: usize) -> Measured {
    let expected = reference::compute(operator, bars);
    let mut out = Outputs::new(operator, bars.len());
    let mut verdicts = Vec::new();
    for contender in &mut contenders {
        out.clear();
        (contender.run)(bars, &mut out);
        verdicts.push(check::compare(&out, &expected));
    }
    drop(expected);
    out.clear();
    out.keep = false;
    let mut best = vec![Duration::MAX; contenders.len()];
    for _ in 0..rounds {
        for (contender, best) in contenders.iter_mut().zip(&mut best) {
            out.taken = None;
            let start = clock::now();
            (contender.run)(black_box(bars), black_box(&mut out));
            black_box(&out);
            let taken = clock::now().saturating_sub(start);
            *best = out.taken.unwrap_or(taken).min(*best);
        }
    }
    let cells = contenders.iter().zip(best).zip(verdicts).map(|((contender, best), verdict)| Cell {
        column: contender.column,
        ns_per_bar: best.as_secs_f64() * 1e9 / bars.len() as f64,
        verdict,
    });
    Measured { operator, cells: cells.collect() }
}
