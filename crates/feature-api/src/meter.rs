//! How much of a set's time each feature takes, where features share operators.

use core::cell::RefCell;
use core::fmt;
use core::hint::black_box;

use crate::{Bar, MeteredOperator, Operator};

/// Bars of a round: enough for costs that come once in a window.
const ROUND: usize = 1_000;
/// Rounds; the median of them is taken, so that an interruption of some does not matter.
const ROUNDS: usize = 15;

/// Attributes the time of a set to its features.
///
/// The time of an operator is divided evenly among the features that need it, through other operators too; which
/// these are is found by hiding its output for one bar and looking which features are then not valid. Added is a
/// feature's own evaluation. What the set does outside operators before it evaluates its features, the first of
/// them included, is divided evenly among all.
///
/// **It is an attribution, not an exact measurement.** The cost of reading the clock, measured on the spot, is taken
/// off each time, but operators that are timed one by one do not overlap as they do in the processor otherwise, and
/// below some nanoseconds a time is little more than noise. Shares of one set compare with each other.
pub struct Meter<'c> {
    clock: &'c dyn Fn() -> u64,
    laps: RefCell<Laps>,
}

/// What was measured in the current round.
struct Laps {
    /// The clock at the end of the last lap.
    last: u64,
    shared: Time,
    operators: Vec<(&'static str, Time)>,
    features: Vec<(Time, bool)>,
    /// The feature that is put next.
    next: usize,
    /// The operator whose output is hidden.
    hidden: Option<usize>,
}

/// Time of the laps of one kind, the clock's cost included.
#[derive(Clone, Copy, Default)]
struct Time {
    ticks: u64,
    laps: u64,
}

impl Time {
    fn net(self, cost_of_lap: f64) -> f64 {
        self.ticks as f64 - self.laps as f64 * cost_of_lap
    }
}

/// What a lap was spent on.
#[derive(Clone, Copy)]
pub(crate) enum Lap {
    Shared,
    Operator(usize),
    Feature(usize),
}

impl<'c> Meter<'c> {
    /// A meter of a set of `features` features. `clock` gives the time in any fixed unit, and never goes back.
    #[must_use]
    pub fn new(features: usize, clock: &'c dyn Fn() -> u64) -> Self {
        let features = vec![(Time::default(), false); features];
        let (shared, operators) = (Time::default(), Vec::new());
        let laps = Laps { last: 0, shared, operators, features, next: 0, hidden: None };
        Self { clock, laps: RefCell::new(laps) }
    }

    /// Puts an operator under this meter.
    pub fn wire<O: Operator>(&'c self, name: &'static str, operator: O) -> MeteredOperator<'c, O> {
        let operators = &mut self.laps.borrow_mut().operators;
        operators.push((name, Time::default()));
        MeteredOperator::new(operator, self, operators.len() - 1)
    }

    /// Takes the value of the next feature, in order.
    pub fn put(&self, value: Option<f64>) {
        let value = black_box(value);
        let index = self.laps.borrow().next;
        self.lap(if index == 0 { Lap::Shared } else { Lap::Feature(index) });
        let mut laps = self.laps.borrow_mut();
        laps.next += 1;
        if let Some((_, valid)) = laps.features.get_mut(index) {
            *valid = value.is_some();
        }
    }

    /// The share of each feature, in order: none negative, their sum 1. Empty where nothing was measured: there
    /// are no bars, or the clock stands still.
    ///
    /// `update` drives a fresh set, wired to this meter, by a bar and hands each feature to [`Meter::put`]; after
    /// `warm_up` bars, every feature is valid. Bars are given in order, and again from the first where they are
    /// too few.
    #[must_use]
    pub fn shares(&self, warm_up: u32, bars: &[Bar], mut update: impl FnMut(&Bar)) -> Vec<f64> {
        let needs = self.needs(warm_up, bars, &mut update);
        let mut bars = bars.iter().cycle();
        let rounds: Vec<Round> =
            (0..ROUNDS).map(|_| self.round(bars.by_ref().take(ROUND), &mut update)).collect();
        let mut shares = vec![0.0; self.valid().len()];
        spread(&mut shares, &[], median(rounds.iter().map(|round| round.shared)));
        for (operator, (_, features)) in needs.iter().enumerate() {
            let time = median(rounds.iter().filter_map(|round| round.operators.get(operator).copied()));
            spread(&mut shares, features, time);
        }
        for (feature, share) in shares.iter_mut().enumerate() {
            *share += median(rounds.iter().filter_map(|round| round.features.get(feature).copied()));
        }
        let whole: f64 = shares.iter().sum();
        if whole > 0.0 { shares.iter().map(|share| share / whole).collect() } else { Vec::new() }
    }

    /// Each operator, as it was wired, with the features that need it: those that are not valid at a bar at which
    /// its output is hidden. Arguments as of [`Meter::shares`].
    #[must_use]
    pub fn needs(
        &self,
        warm_up: u32,
        bars: &[Bar],
        mut update: impl FnMut(&Bar),
    ) -> Vec<(&'static str, Vec<usize>)> {
        let mut bars = bars.iter().cycle();
        for bar in bars.by_ref().take(warm_up as usize + 1) {
            self.run(bar, &mut update);
        }
        let names: Vec<_> = self.laps.borrow().operators.iter().map(|(name, _)| *name).collect();
        let whole = self.valid();
        let needs = names.into_iter().zip(bars).enumerate().map(|(index, (name, bar))| {
            self.laps.borrow_mut().hidden = Some(index);
            self.run(bar, &mut update);
            let valid = self.valid();
            let lost =
                |feature: &usize| whole.get(*feature) == Some(&true) && valid.get(*feature) == Some(&false);
            (name, (0..whole.len()).filter(lost).collect())
        });
        let needs = needs.collect();
        self.laps.borrow_mut().hidden = None;
        needs
    }

    /// Times a round of bars, and beside it the cost of a lap.
    fn round<'b>(&self, bars: impl Iterator<Item = &'b Bar>, update: &mut impl FnMut(&Bar)) -> Round {
        self.restart();
        (0..ROUND).for_each(|_| self.lap(Lap::Shared));
        let cost_of_lap = self.laps.borrow().shared.ticks as f64 / ROUND as f64;
        self.restart();
        for bar in bars {
            self.run(bar, update);
        }
        let laps = self.laps.borrow();
        Round {
            shared: laps.shared.net(cost_of_lap),
            operators: laps.operators.iter().map(|(_, time)| time.net(cost_of_lap)).collect(),
            features: laps.features.iter().map(|(time, _)| time.net(cost_of_lap)).collect(),
        }
    }

    fn run(&self, bar: &Bar, update: &mut impl FnMut(&Bar)) {
        self.begin();
        update(bar);
    }

    fn begin(&self) {
        let now = (self.clock)();
        let mut laps = self.laps.borrow_mut();
        laps.last = now;
        laps.next = 0;
    }

    pub(crate) fn lap(&self, lap: Lap) {
        let now = (self.clock)();
        let laps = &mut *self.laps.borrow_mut();
        let time = match lap {
            Lap::Shared => Some(&mut laps.shared),
            Lap::Operator(index) => laps.operators.get_mut(index).map(|(_, time)| time),
            Lap::Feature(index) => laps.features.get_mut(index).map(|(time, _)| time),
        };
        if let Some(time) = time {
            time.ticks = time.ticks.saturating_add(now.saturating_sub(laps.last));
            time.laps += 1;
        }
        laps.last = now;
    }

    fn restart(&self) {
        let laps = &mut *self.laps.borrow_mut();
        laps.shared = Time::default();
        laps.operators.iter_mut().for_each(|(_, time)| *time = Time::default());
        laps.features.iter_mut().for_each(|(time, _)| *time = Time::default());
    }

    pub(crate) fn is_hidden(&self, operator: usize) -> bool {
        self.laps.borrow().hidden == Some(operator)
    }

    fn valid(&self) -> Vec<bool> {
        self.laps.borrow().features.iter().map(|(_, valid)| *valid).collect()
    }
}

impl fmt::Debug for Meter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meter").finish_non_exhaustive()
    }
}

/// Times of a round, less the clock's cost.
struct Round {
    shared: f64,
    operators: Vec<f64>,
    features: Vec<f64>,
}

/// The value in the middle, 0 where it is negative or there is none.
fn median(times: impl Iterator<Item = f64>) -> f64 {
    let mut times: Vec<f64> = times.collect();
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().filter(|time| *time > 0.0).unwrap_or(0.0)
}

/// Divides `time` evenly among some features; among all where they are none.
fn spread(shares: &mut [f64], among: &[usize], time: f64) {
    let all: Vec<usize> = (0..shares.len()).collect();
    let among = if among.is_empty() { &all } else { among };
    for feature in among {
        if let Some(share) = shares.get_mut(*feature) {
            *share += time / among.len() as f64;
        }
    }
}

#[cfg(test)]
mod tests {
    use core::cell::Cell;

    use super::*;
    use crate::{
        BarFields, Grid, Memory, Metered, Plain, Price, Qty, RestoreError, StateReader, StateWriter,
        UnixNanos, Wiring,
    };

    /// A running sum that takes `ticks` of the clock; warm after `warm_up` inputs.
    struct Sum<'a> {
        clock: &'a Cell<u64>,
        ticks: u64,
        warm_up: usize,
        seen: usize,
        sum: i64,
    }

    impl Operator for Sum<'_> {
        type Input = i64;
        type Output = i64;

        fn update(&mut self, x: i64) -> Option<i64> {
            self.clock.set(self.clock.get() + self.ticks);
            self.sum += x;
            self.seen += 1;
            (self.seen > self.warm_up).then_some(self.sum)
        }

        fn warm_up(&self) -> usize {
            self.warm_up
        }

        fn memory(&self) -> Memory {
            Memory::Recursive { convergence: u32::MAX }
        }

        fn reset(&mut self) {
            (self.seen, self.sum) = (0, 0);
        }

        fn save(&self, state: &mut StateWriter) {
            state.write_i64(self.sum);
        }

        fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
            self.sum = state.read_i64()?;
            Ok(())
        }
    }

    const WARM_UP: u32 = 4;

    /// Two sums of prices, a sum of the first of them, and a sum nobody needs.
    struct Set<'a, W: Wiring> {
        clock: &'a Cell<u64>,
        high: W::Of<Sum<'a>>,
        low: W::Of<Sum<'a>>,
        twice: W::Of<Sum<'a>>,
        idle: W::Of<Sum<'a>>,
    }

    impl<'a> Set<'a, Plain> {
        const fn new(clock: &'a Cell<u64>, [high, low, twice, idle]: [u64; 4]) -> Self {
            const fn sum(clock: &Cell<u64>, ticks: u64, warm_up: usize) -> Sum<'_> {
                Sum { clock, ticks, warm_up, seen: 0, sum: 0 }
            }
            Self {
                clock,
                high: sum(clock, high, 1),
                low: sum(clock, low, 0),
                twice: sum(clock, twice, 3),
                idle: sum(clock, idle, 0),
            }
        }
    }

    impl<'m, 'a: 'm> Set<'a, Plain> {
        fn metered(self, meter: &'m Meter<'m>) -> Set<'a, Metered<'m>> {
            Set {
                clock: self.clock,
                high: meter.wire("high", self.high),
                low: meter.wire("low", self.low),
                twice: meter.wire("twice", self.twice),
                idle: meter.wire("idle", self.idle),
            }
        }
    }

    impl<W: Wiring> Set<'_, W> {
        /// `outside`: ticks spent before the features; `own`: ticks on the last feature.
        fn update(&mut self, bar: &Bar, [outside, own]: [u64; 2], mut put: impl FnMut(Option<f64>)) {
            let spend = |ticks| self.clock.set(self.clock.get() + ticks);
            let high = self.high.update(bar.high().raw());
            let low = self.low.update(bar.low().raw());
            let twice = high.and_then(|high| self.twice.update(high));
            let _ = self.idle.update(bar.close().raw());
            spend(outside);
            put(high.map(|x| x as f64));
            put(twice.map(|x| x as f64));
            put(low.zip(twice).map(|(low, twice)| (low + twice) as f64));
            spend(own);
            put(Some(bar.close().raw() as f64));
        }
    }

    fn bars(count: i64) -> Vec<Bar> {
        let price = |raw| Price::from_raw(raw).unwrap();
        let bar = |index: i64| BarFields {
            grid: Grid::new(2, 0).unwrap(),
            ts_open: UnixNanos(index),
            ts_close: UnixNanos(index + 1),
            ts_available: UnixNanos(index + 1),
            open: price(index % 7),
            high: price(index % 7 + 3),
            low: price(index % 7),
            close: price(index % 7 + 1),
            volume: Qty::from_raw(1).unwrap(),
            taker: None,
        };
        (0..count).map(|index| Bar::new(bar(index)).unwrap()).collect()
    }

    /// Shares of the set, where reading the clock takes `reading` ticks.
    fn shares(bars: &[Bar], reading: u64, operators: [u64; 4], others: [u64; 2]) -> Vec<f64> {
        let time = Cell::new(u64::MAX / 2);
        let clock = || time.replace(time.get() + reading);
        let meter = Meter::new(4, &clock);
        let mut set = Set::new(&time, operators).metered(&meter);
        meter.shares(WARM_UP, bars, |bar| set.update(bar, others, |value| meter.put(value)))
    }

    #[test]
    fn the_time_of_an_operator_goes_to_the_features_that_need_it() {
        for bars in [bars(1), bars(40)] {
            for reading in [0, 1, 1_000] {
                let of = |operators, others| shares(&bars, reading, operators, others);
                let third = 1.0 / 3.0;
                assert_eq!(of([9, 0, 0, 0], [0, 0]), [third, third, third, 0.0], "needed through another");
                assert_eq!(of([0, 9, 0, 0], [0, 0]), [0.0, 0.0, 1.0, 0.0]);
                assert_eq!(of([0, 0, 9, 0], [0, 0]), [0.0, 0.5, 0.5, 0.0]);
                assert_eq!(of([0, 0, 0, 9], [0, 0]), [0.25; 4], "an operator that nobody needs");
                assert_eq!(of([0, 0, 0, 0], [9, 0]), [0.25; 4], "outside operators");
                assert_eq!(of([0, 0, 0, 0], [0, 9]), [0.0, 0.0, 0.0, 1.0], "its own evaluation");
                let mixed = of([6, 4, 8, 0], [8, 6]);
                assert_eq!(mixed, [4.0, 8.0, 12.0, 8.0].map(|ticks| ticks / 32.0));
            }
        }
    }

    #[test]
    fn without_bars_or_with_a_clock_that_stands_still_nothing_is_measured() {
        assert!(shares(&[], 1, [9, 9, 9, 9], [9, 9]).is_empty());
        assert!(shares(&bars(3), 0, [0; 4], [0; 2]).is_empty());
        assert!(shares(&bars(3), 25, [0; 4], [0; 2]).is_empty(), "a lap costs what an empty lap does");
    }

    #[test]
    fn an_interruption_of_a_few_rounds_does_not_matter() {
        let (time, readings) = (Cell::new(0_u64), Cell::new(0_u64));
        let clock = || {
            readings.set(readings.get() + 1);
            let interrupted = readings.get() % 40_000 == 0;
            time.replace(time.get() + if interrupted { 1_000_000_000 } else { 5 })
        };
        let meter = Meter::new(4, &clock);
        let mut set = Set::new(&time, [9, 0, 0, 0]).metered(&meter);
        let shares = meter.shares(WARM_UP, &bars(9), |bar| set.update(bar, [0, 9], |value| meter.put(value)));
        assert!(readings.get() > 2 * 40_000, "there are interruptions");
        assert_eq!(shares, [1.0 / 6.0, 1.0 / 6.0, 1.0 / 6.0, 0.5]);
    }

    #[test]
    fn metered_operators_give_the_same_values() {
        let time = Cell::new(0);
        let clock = || time.get();
        let meter = Meter::new(4, &clock);
        let mut plain = Set::new(&time, [1; 4]);
        let mut metered = Set::new(&time, [1; 4]).metered(&meter);
        for bar in bars(20) {
            let (mut expected, mut found) = (Vec::new(), Vec::new());
            plain.update(&bar, [0; 2], |value| expected.push(value));
            metered.update(&bar, [0; 2], |value| found.push(value));
            assert_eq!(found, expected);
        }
        assert_eq!(metered.twice.warm_up(), 3);
    }
}
