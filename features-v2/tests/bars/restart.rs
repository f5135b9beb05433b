//! Bars in progress are saved and read back at every trade, and no other bytes are taken.

use feature_api::{Grid, RestoreError, StateReader};
use features_v2::bars::{
    AnyBars, BarRule, Cascade, ClosedBar, DollarBars, ImbalanceParams, TickImbalanceBars, TimeBars,
    TimeRollup,
};
use features_v2::market::Print;

use crate::support::{Numbers, SECOND, Tape, oil, recorded, restored, saved, walk};

/// Sizes of every kind that close bars often, and such that leave one in progress.
const OFTEN: [u32; 7] = [1_000, 7, 1, 50_000, 12, 12, 12];
const SELDOM: [u32; 7] = [3_600_000, 1_000_000, 1_000_000, 4_000_000_000, 100, 100, 100];

fn rules(grid: Grid, sizes: [u32; 7]) -> Vec<AnyBars> {
    (1..).zip(sizes).map(|(kind, size)| AnyBars::by_kind(kind, size, grid).unwrap()).collect()
}

fn tapes() -> Vec<Tape> {
    let mut tapes = recorded();
    tapes.iter_mut().for_each(|tape| tape.prints.truncate(1_500));
    tapes.extend([walk(8, 3_000), oil(9, 2_000)]);
    tapes
}

#[test]
fn a_restart_at_every_trade_changes_no_bar() {
    for tape in tapes() {
        for fresh in rules(tape.grid, OFTEN) {
            let (mut whole, mut parted) = (fresh.clone(), fresh.clone());
            let mut closed = 0;
            for print in &tape.prints {
                parted = restored(&parted, fresh.clone());
                assert_eq!(parted.volume(), whole.volume());
                let bar = whole.update(print);
                assert_eq!(parted.update(print), bar, "{}", tape.name);
                closed += usize::from(bar.is_some());
            }
            assert!(closed > 2, "{} {fresh:?}", tape.name);
        }
    }
}

/// Short, medium and long bars, and time rolled up: what has a state of its own.
#[derive(Clone)]
struct Clocks {
    short: DollarBars,
    medium: Cascade,
    value: Cascade,
    second: TimeBars,
    minute: TimeRollup,
}

impl Clocks {
    fn new(grid: Grid) -> Self {
        Self {
            short: DollarBars::new(5_000, grid),
            medium: Cascade::of_bars(10),
            value: Cascade::of_dollar(70_000, grid),
            second: TimeBars::new(SECOND),
            minute: TimeRollup::new(10 * SECOND),
        }
    }

    fn update(&mut self, print: &Print) -> [Option<ClosedBar>; 3] {
        let short = self.short.update(print);
        self.second.update(print).iter().for_each(|bar| self.minute.push(bar));
        let minute = self.minute.clock(print.ts);
        [
            short.and_then(|bar| self.medium.update(&bar)),
            short.and_then(|bar| self.value.update(&bar)),
            minute,
        ]
    }

    fn save(&self) -> Vec<u8> {
        saved(|state| {
            self.short.save(state);
            self.medium.save(state);
            self.value.save(state);
            self.second.save(state);
            self.minute.save(state);
        })
    }

    fn load(&mut self, bytes: &[u8]) -> Result<(), RestoreError> {
        let mut state = StateReader::new(bytes);
        self.short.load(&mut state)?;
        self.medium.load(&mut state)?;
        self.value.load(&mut state)?;
        self.second.load(&mut state)?;
        self.minute.load(&mut state)?;
        state.finish()
    }
}

#[test]
fn a_restart_at_every_trade_changes_no_cascade() {
    for tape in tapes() {
        let (mut whole, mut parted) = (Clocks::new(tape.grid), Clocks::new(tape.grid));
        let mut closed = [0; 3];
        for print in &tape.prints {
            let bytes = parted.save();
            parted = Clocks::new(tape.grid);
            parted.load(&bytes).unwrap();
            let bars = whole.update(print);
            assert_eq!(parted.update(print), bars, "{}", tape.name);
            closed.iter_mut().zip(bars).for_each(|(count, bar)| *count += usize::from(bar.is_some()));
            let volumes =
                |clocks: &Clocks| [clocks.medium.volume(), clocks.value.volume(), clocks.minute.volume()];
            assert_eq!(volumes(&parted), volumes(&whole));
        }
        assert!(closed.iter().all(|count| *count > 0), "{} {closed:?}", tape.name);
        whole.medium.reset();
        whole.value.reset();
        whole.minute.reset();
        assert_eq!([whole.medium.volume(), whole.value.volume(), whole.minute.volume()], [0; 3]);
    }
}

#[test]
fn a_state_cut_short_is_refused() {
    let tape = walk(10, 40);
    for fresh in rules(tape.grid, SELDOM) {
        let mut rule = fresh.clone();
        tape.prints.iter().for_each(|print| {
            rule.update(print);
        });
        let bytes = saved(|state| rule.save(state));
        for len in 0..bytes.len() {
            let error = fresh.clone().load(&mut StateReader::new(&bytes[..len]));
            assert_eq!(error, Err(RestoreError::Truncated), "{len} of {}", bytes.len());
        }
    }
}

/// Whatever a damaged state says, it is refused and leaves nothing behind, or the rule goes on with it without a fault.
#[test]
fn a_damaged_state_is_refused_or_harmless() {
    let mut numbers = Numbers::new(11);
    for tape in [walk(12, 300), oil(13, 300)] {
        for fresh in rules(tape.grid, SELDOM) {
            let mut rule = fresh.clone();
            let (head, tail) = tape.prints.split_at(237);
            head.iter().for_each(|print| {
                rule.update(print);
            });
            let bytes = saved(|state| rule.save(state));
            let (mut refused, mut taken) = (0, 0);
            for at in 0..bytes.len() {
                for damage in [0x01, 0x80, 0xff, 1 << numbers.below(8)] {
                    let mut bytes = bytes.clone();
                    bytes[at] ^= damage;
                    let mut damaged = rule.clone();
                    if damaged.load(&mut StateReader::new(&bytes)).is_err() {
                        refused += 1;
                        let empty = saved(|state| fresh.save(state));
                        assert_eq!(saved(|state| damaged.save(state)), empty, "as new after a refusal");
                    } else {
                        taken += 1;
                        tail.iter().for_each(|print| {
                            damaged.update(print);
                        });
                    }
                }
            }
            assert!(refused > 0 && taken > 0, "{fresh:?}: {refused} refused, {taken} taken");
        }
    }
}

#[test]
fn a_full_bar_is_no_bar_in_progress() {
    let grid = Grid::new(2, 3).unwrap();
    let tape = walk(14, 60);
    for (kind, large, small) in [(2, 1_000, 10), (3, 100_000, 1), (4, 4_000_000_000, 1_000)] {
        let mut rule = AnyBars::by_kind(kind, large, grid).unwrap();
        tape.prints.iter().for_each(|print| {
            rule.update(print);
        });
        let bytes = saved(|state| rule.save(state));
        let error = AnyBars::by_kind(kind, small, grid).unwrap().load(&mut StateReader::new(&bytes));
        assert_eq!(error, Err(RestoreError::Invalid { what: "a bar in progress" }), "kind {kind}");
    }
}

#[test]
fn a_bar_of_other_intervals_is_refused() {
    let mut rule = TimeBars::new(10 * SECOND);
    for ts in [5, 12, 17] {
        rule.update(&Print { ts: ts * SECOND, price: 5, quantity: 1, is_buy: true });
    }
    let bytes = saved(|state| rule.save(state));
    let load = |seconds: i64| TimeBars::new(seconds * SECOND).load(&mut StateReader::new(&bytes));
    assert_eq!(load(10), Ok(()));
    let within = RestoreError::Invalid { what: "a bar within one interval, behind the last" };
    assert_eq!(load(5), Err(within), "it lies in two of them");
    let end = RestoreError::Invalid { what: "the end of an interval" };
    assert_eq!(load(7), Err(end), "the last ended at 10 s");
}

#[test]
fn expectations_outside_their_clamp_are_refused() {
    let tape = walk(15, 500);
    let of = |expected| TickImbalanceBars::new(&ImbalanceParams::of(expected), tape.grid);
    let mut rule = of(400);
    assert!(restored(&rule, of(400)).update(&tape.prints[0]).is_none());
    rule.update(&tape.prints[0]);
    let bytes = saved(|state| rule.save(state));
    let what = "expectations of bars of imbalance and a bar in progress";
    assert_eq!(of(10).load(&mut StateReader::new(&bytes)), Err(RestoreError::Invalid { what }));
}
