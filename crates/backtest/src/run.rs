//! A run over history.

use execution::{Fill, Market, Money, Trade};
use feature_api::{Bar, Price, UnixNanos};
use market_data::{MarketDataError, MarketEvent};
use runtime::{Core, EventCore, EventStep, Step, Stepper as _};

use crate::BacktestError;

/// What a run left.
#[derive(Debug, Clone)]
pub struct Run {
    /// The instrument.
    pub market: Market,
    /// Cash at the start.
    pub start: Money,
    /// One for each bar or row, oldest first.
    pub points: Vec<Point>,
    /// Every fill.
    pub fills: Vec<Fill>,
    /// Every round trip that was completed. A position still open at the end is in the equity alone.
    pub trades: Vec<Trade>,
    /// Fees paid.
    pub fees: Money,
}

/// The books at the close of a bar, or at a decision on a row of events.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Close of the bar; of a row when everything until then was known.
    pub ts_close: UnixNanos,
    /// Close of the bar; of a row what the position is valued at.
    pub close: Price,
    /// Lots held, signed.
    pub lots: i64,
    /// Equity.
    pub equity: Money,
    /// Prediction of the entry model, where it was asked and gave one.
    pub prediction: Option<f64>,
    /// What the step was worth.
    pub reward: f64,
}

/// Feeds the bars to a core, oldest first; `on_step` sees each step.
///
/// # Errors
/// As [`run_after`].
pub fn run(core: &mut Core, bars: &[Bar], on_step: &mut dyn FnMut(&Step<'_>)) -> Result<Run, BacktestError> {
    run_after(core, bars, 0, on_step)
}

/// As [`run`], but the first `warm` bars are shown to the strategy alone ([`Core::warm`]): its features warm up and
/// converge, nothing is decided, and the run begins with the bar after them.
///
/// The core is meant to be fresh. One that has stepped before goes on from there: its earlier fills are not in the run,
/// but what they earned is in the equity.
///
/// # Errors
/// [`BacktestError::Empty`] where no bar is left to run over; [`BacktestError::Step`] at the first bar that is refused.
pub fn run_after(
    core: &mut Core,
    bars: &[Bar],
    warm: usize,
    on_step: &mut dyn FnMut(&Step<'_>),
) -> Result<Run, BacktestError> {
    let (before, run_over) = bars.split_at_checked(warm).ok_or(BacktestError::Empty)?;
    if run_over.is_empty() {
        return Err(BacktestError::Empty);
    }
    let refused = |bar: usize, source| {
        let ts_close = bars.get(bar).map_or(0, |bar| bar.ts_close().0);
        BacktestError::Step { bar, ts_close, source }
    };
    for (index, bar) in before.iter().enumerate() {
        core.warm(bar).map_err(|source| refused(index, source))?;
    }
    let mut run = Run {
        market: core.exchange().market().clone(),
        start: core.account().start(),
        points: Vec::with_capacity(run_over.len()),
        fills: Vec::new(),
        trades: Vec::new(),
        fees: core.account().fees(),
    };
    for (index, bar) in run_over.iter().enumerate() {
        let step = core.step(bar).map_err(|source| refused(warm + index, source))?;
        on_step(&step);
        run.points.push(Point {
            ts_close: bar.ts_close(),
            close: bar.close(),
            lots: step.lots,
            equity: step.equity,
            prediction: step.signal.entry.value(),
            reward: step.reward,
        });
        run.fills.extend_from_slice(step.fills);
        run.trades.extend_from_slice(step.trades);
        run.fees = step.fees;
    }
    Ok(run)
}

/// Feeds events to a core, in the order in which they come, until there are none; `on_step` sees each decision. The
/// core is the one that production steps, and so is what fills: see [`execution::EventExchange`].
///
/// Figures of such a run count rows where those of bars count bars. Fills after the last row are in no figure.
///
/// # Errors
/// [`BacktestError::Events`] where they cannot be read; [`BacktestError::Event`] at the first one that is refused;
/// [`BacktestError::Empty`] where no event completed a row.
pub fn run_events(
    core: &mut EventCore,
    next: &mut dyn FnMut() -> Result<Option<MarketEvent>, MarketDataError>,
    on_step: &mut dyn FnMut(&EventStep<'_>),
) -> Result<Run, BacktestError> {
    let mut run = Run {
        market: core.market().clone(),
        start: core.account().start(),
        points: Vec::new(),
        fills: Vec::new(),
        trades: Vec::new(),
        fees: core.account().fees(),
    };
    let mut index = 0;
    while let Some(event) = next()? {
        let refused = |source| BacktestError::Event { event: index, ts_event: event.ts_event().0, source };
        let step = core.step(&event.view()).map_err(refused)?;
        index += 1;
        let Some(step) = step else { continue };
        on_step(&step);
        run.points.push(Point {
            ts_close: step.ts_available,
            close: step.mark,
            lots: step.lots,
            equity: step.equity,
            prediction: step.signal.entry.value(),
            reward: step.reward,
        });
        run.fills.extend_from_slice(step.fills);
        run.trades.extend_from_slice(step.trades);
        run.fees = step.fees;
    }
    if run.points.is_empty() { Err(BacktestError::Empty) } else { Ok(run) }
}
