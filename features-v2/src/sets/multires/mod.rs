//! `multires`: a row for each closed short bar, with what six clocks say at that time.
//!
//! | prefix | clock | its bars |
//! |---|---|---|
//! | `s_` | dollar bars | made of trades; each closing is a row |
//! | `m_`, `l_` | cascade | made of short bars, of medium bars |
//! | `t1m_` | time | made of trades |
//! | `t15m_`, `t4h_` | time | made of one-minute bars |
//!
//! Coarser bars are merged from the sums of finer ones, which makes them the bars of the trades themselves, bit for bit.
//!
//! **What a row sees.** A trade first closes the bars of time that ended before it, then enters its own bars; where it
//! completes a short bar, and with that a medium and a long one, the row has all of them, for all became known with this
//! trade. Of every clock the row has the newest closed bar, never one that is forming: what is kept of a clock is
//! computed when a bar of it closes, so there is nothing else that could be seen.
//!
//! The features stand in the tables of [`common`], [`short`], [`cascade`] and [`time`]; [`coarse`] adds the age.

mod cascade;
mod clock;
mod coarse;
mod common;
mod lines;
mod params;
mod short;
mod time;

use feature_api::{EventKind, FeatureSpec, Grid, MAX_RAW, RestoreError, StateReader, StateWriter, UnixNanos};

use super::event_set::{EventEngine, Now};
use crate::bars::{BarRule as _, Cascade as CascadeBars, ClosedBar, DollarBars, TimeBars, TimeRollup};
use crate::market::Print;

use cascade::Cascade;
use clock::{Clock, Closed, Features as _, Then};
use coarse::Coarse;
use common::Common;
use short::Short;
use time::Time;

pub use params::MultiresParams;

/// The bars and operators of `multires`.
#[derive(Debug)]
pub struct MultiresEngine {
    short_bars: DollarBars,
    medium_bars: CascadeBars,
    long_bars: CascadeBars,
    minute_bars: TimeBars,
    quarter_bars: TimeRollup,
    four_hour_bars: TimeRollup,
    short: Then<Common, Short>,
    medium: Coarse<Then<Common, Cascade>>,
    long: Coarse<Then<Common, Cascade>>,
    minute: Coarse<Then<Common, Time>>,
    quarter: Coarse<Then<Common, Time>>,
    four_hours: Coarse<Then<Common, Time>>,
}

impl MultiresEngine {
    /// Goes on to `ts`, an event there having closed that bar of a minute.
    #[inline]
    fn advance(&mut self, minute: Option<&ClosedBar>, ts: i64, available: UnixNanos) {
        if let Some(bar) = minute {
            self.minute.close(bar, available);
            self.quarter_bars.push(bar);
            self.four_hour_bars.push(bar);
        }
        if let Some(bar) = self.quarter_bars.clock(ts) {
            self.quarter.close(&bar, available);
        }
        if let Some(bar) = self.four_hour_bars.clock(ts) {
            self.four_hours.close(&bar, available);
        }
    }

    /// Hands a short bar on to the medium bars, and what these close to the long ones.
    fn close_short(&mut self, bar: &ClosedBar, available: UnixNanos) {
        let Some(medium) = self.medium_bars.update(bar) else { return };
        self.medium.close(&medium, available);
        if let Some(long) = self.long_bars.update(&medium) {
            self.long.close(&long, available);
        }
    }
}

impl EventEngine for MultiresEngine {
    const NAME: &'static str = "multires";
    const TAKES: &'static [EventKind] = &[EventKind::Trade, EventKind::Clock];
    type Params = MultiresParams;

    fn specs(_: &MultiresParams) -> Vec<FeatureSpec> {
        let mut specs = Then::<Common, Short>::specs(Clock::Short);
        for clock in [Clock::Medium, Clock::Long] {
            specs.extend(Coarse::<Then<Common, Cascade>>::specs(clock));
        }
        for clock in [Clock::Minute, Clock::Quarter, Clock::FourHours] {
            specs.extend(Coarse::<Then<Common, Time>>::specs(clock));
        }
        specs
    }

    fn new(p: &MultiresParams, grid: Grid) -> Self {
        const SECOND: i64 = 1_000_000_000;
        let seconds = |count: u32| i64::from(count) * SECOND;
        Self {
            short_bars: DollarBars::new(p.short_quote, grid),
            medium_bars: CascadeBars::of_bars(p.medium_shorts),
            long_bars: CascadeBars::of_bars(p.long_mediums),
            minute_bars: TimeBars::new(seconds(p.t1m_seconds)),
            quarter_bars: TimeRollup::new(seconds(p.t15m_seconds)),
            four_hour_bars: TimeRollup::new(seconds(p.t4h_seconds)),
            short: Then::new(grid),
            medium: Coarse::new(Clock::Medium, grid),
            long: Coarse::new(Clock::Long, grid),
            minute: Coarse::new(Clock::Minute, grid),
            quarter: Coarse::new(Clock::Quarter, grid),
            four_hours: Coarse::new(Clock::FourHours, grid),
        }
    }

    #[inline]
    fn volume(&self) -> i64 {
        let cascade = self.short_bars.volume() + self.medium_bars.volume() + self.long_bars.volume();
        let rolled = self.quarter_bars.volume().max(self.four_hour_bars.volume());
        cascade.max(self.minute_bars.volume() + rolled)
    }

    #[inline]
    fn trade(&mut self, print: &Print, now: &Now<'_>, mut put: impl FnMut(Option<f64>)) -> Option<UnixNanos> {
        let minute = self.minute_bars.update(print);
        self.advance(minute.as_ref(), print.ts, now.available);
        let bar = self.short_bars.update(print)?;
        self.short.update(&Closed::of(&bar), &mut put);
        self.close_short(&bar, now.available);
        self.medium.read(now.available, &mut put);
        self.long.read(now.available, &mut put);
        self.minute.read(now.available, &mut put);
        self.quarter.read(now.available, &mut put);
        self.four_hours.read(now.available, &mut put);
        Some(UnixNanos(print.ts))
    }

    fn clock(&mut self, ts: i64, now: &Now<'_>, _: impl FnMut(Option<f64>)) -> Option<UnixNanos> {
        let minute = self.minute_bars.clock(ts);
        self.advance(minute.as_ref(), ts, now.available);
        None
    }

    fn save(&self, state: &mut StateWriter) {
        self.short_bars.save(state);
        self.medium_bars.save(state);
        self.long_bars.save(state);
        self.minute_bars.save(state);
        self.quarter_bars.save(state);
        self.four_hour_bars.save(state);
        self.short.save(state);
        self.medium.save(state);
        self.long.save(state);
        self.minute.save(state);
        self.quarter.save(state);
        self.four_hours.save(state);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.short_bars.load(state)?;
        self.medium_bars.load(state)?;
        self.long_bars.load(state)?;
        self.minute_bars.load(state)?;
        self.quarter_bars.load(state)?;
        self.four_hour_bars.load(state)?;
        if self.volume() > MAX_RAW {
            return Err(RestoreError::Invalid { what: "bars in progress of 2^53 steps of quantity at most" });
        }
        self.short.load(state)?;
        self.medium.load(state)?;
        self.long.load(state)?;
        self.minute.load(state)?;
        self.quarter.load(state)?;
        self.four_hours.load(state)
    }
}
