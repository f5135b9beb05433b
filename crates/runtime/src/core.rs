//! The step from bar to bar.

use execution::{Account, ExecutionError, Fill, Market, Money, PaperExchange, Trade};
use feature_api::{Bar, BarKind, BarSpec, RestoreError, StateReader, StateWriter, UnixNanos};
use observation::{ActionMapper, AtWork, Context, Mapped, RewardCalculator};
use strategy::{Signal, Strategy};

use crate::{CoreError, Stepper};

/// What a core is made of: all of one instrument, fresh, and of the same market.
pub struct Setup {
    /// What the bars must be.
    pub bars: BarSpec,
    /// Decides.
    pub strategy: Box<dyn Strategy>,
    /// Makes orders of decisions, within the limits.
    pub mapper: ActionMapper,
    /// Fills them.
    pub exchange: PaperExchange,
    /// Books them.
    pub account: Account,
    /// Says what a step was worth.
    pub reward: RewardCalculator,
}

/// Room for the fills and the trades of a bar: more than a bar has, so that the first fill allocates nothing either.
const EVENTS_OF_A_BAR: usize = 8;

/// A bot of one instrument, stepped by closed bars.
pub struct Core {
    setup: Setup,
    /// Bars stepped.
    bars: u64,
    /// Close of the last one.
    last_close: Option<UnixNanos>,
    /// Equity at that close; the cash it began with before the first.
    equity: Money,
    /// Of the last step; kept for their memory.
    fills: Vec<Fill>,
    trades: Vec<Trade>,
}

/// What happened at the close of a bar.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    /// Number of the bar, from 0.
    pub index: u64,
    /// The bar.
    pub bar: &'a Bar,
    /// What was filled in it.
    pub fills: &'a [Fill],
    /// Round trips that these fills completed.
    pub trades: &'a [Trade],
    /// What the strategy wants, after these fills.
    pub signal: Signal,
    /// What that came to.
    pub mapped: Mapped,
    /// Lots held at the close, signed.
    pub lots: i64,
    /// Cash at the close.
    pub cash: Money,
    /// Fees paid so far.
    pub fees: Money,
    /// Equity at the close: cash and the position at the bar's close.
    pub equity: Money,
    /// What the step was worth.
    pub reward: f64,
}

impl Core {
    /// A core that has seen no bar.
    #[must_use]
    pub fn new(setup: Setup) -> Self {
        Self {
            equity: setup.account.start(),
            setup,
            bars: 0,
            last_close: None,
            fills: Vec::with_capacity(EVENTS_OF_A_BAR),
            trades: Vec::with_capacity(EVENTS_OF_A_BAR),
        }
    }

    /// What the bars must be.
    #[must_use]
    pub const fn bar_spec(&self) -> BarSpec {
        self.setup.bars
    }

    /// The books.
    #[must_use]
    pub const fn account(&self) -> &Account {
        &self.setup.account
    }

    /// The exchange.
    #[must_use]
    pub const fn exchange(&self) -> &PaperExchange {
        &self.setup.exchange
    }

    /// Bars stepped.
    #[must_use]
    pub const fn bars(&self) -> u64 {
        self.bars
    }

    /// Close of the last bar stepped.
    #[must_use]
    pub const fn last_close(&self) -> Option<UnixNanos> {
        self.last_close
    }

    /// Equity at the close of the last bar stepped; the cash it began with before the first.
    #[must_use]
    pub const fn equity(&self) -> Money {
        self.equity
    }

    /// Shows a closed bar to the strategy before the first step: its features warm up and converge, nothing is decided,
    /// ordered or booked, and the bar is not counted.
    ///
    /// # Errors
    /// As [`step`](Core::step); [`CoreError::Warm`] once a bar was stepped.
    pub fn warm(&mut self, bar: &Bar) -> Result<(), CoreError> {
        if self.bars > 0 {
            return Err(CoreError::Warm { bars: self.bars });
        }
        self.check(bar)?;
        self.setup.strategy.on_bar(bar, None, false)?;
        self.last_close = Some(bar.ts_close());
        Ok(())
    }

    /// Steps a closed bar: fills, books, position told, signal, order. Allocates nothing once warm.
    ///
    /// # Errors
    /// [`CoreError`]; see there for which of them leave the core as it was.
    pub fn step<'a>(&'a mut self, bar: &'a Bar) -> Result<Step<'a>, CoreError> {
        self.check(bar)?;
        let Self { setup: Setup { strategy, mapper, exchange, account, reward, .. }, fills, trades, .. } =
            self;
        fills.clear();
        trades.clear();
        exchange.fill(bar, account, fills, trades)?;
        let equity = account.equity(exchange.market(), bar.close())?;
        let position = account.position(exchange.market());
        let signal = strategy.on_bar(bar, position.as_ref(), !trades.is_empty())?;
        let context = Context { mark: bar.into(), account, working: exchange.working().map(AtWork::from) };
        let mapped = mapper.map(signal.action, &context)?;
        if let Some(order) = mapped.order {
            exchange.submit(order, account)?;
        }
        let reward = reward.step(equity, traded(exchange.market(), fills)?)?;
        let index = self.bars;
        self.bars += 1;
        self.last_close = Some(bar.ts_close());
        self.equity = equity;
        let account = &self.setup.account;
        Ok(Step {
            index,
            bar,
            fills: &self.fills,
            trades: &self.trades,
            signal,
            mapped,
            lots: account.lots(),
            cash: account.cash(),
            fees: account.fees(),
            equity,
            reward,
        })
    }

    /// Whether this bar can be the next one. Nothing is changed.
    fn check(&self, bar: &Bar) -> Result<(), CoreError> {
        let (expected, found) = (self.setup.exchange.market().grid(), bar.grid());
        if expected != found {
            return Err(CoreError::Grid { expected, found });
        }
        let (open, close) = (bar.ts_open(), bar.ts_close());
        if let Some(previous) = self.last_close
            && open < previous
        {
            return Err(CoreError::Order { previous, found: open });
        }
        let expected = self.setup.bars;
        // No bar is as long as all of time, so a length that does not fit is another one.
        let found_ns = close.0.saturating_sub(open.0);
        if expected.kind != (BarKind::Time { interval: found_ns }) {
            return Err(CoreError::Interval { expected, found_ns });
        }
        Ok(())
    }

    /// Writes the whole state.
    pub fn save(&self, state: &mut StateWriter) {
        state.write_u64(self.bars);
        state.write_bool(self.last_close.is_some());
        state.write_i64(self.last_close.unwrap_or_default().0);
        state.write_i128(self.equity.units());
        let Setup { bars: _, strategy, mapper, exchange, account, reward } = &self.setup;
        account.save(state);
        exchange.save(state);
        mapper.save(state);
        reward.save(state);
        strategy.save(state);
    }

    /// Continues from what [`save`](Core::save) wrote, in a core made of the same parts.
    ///
    /// # Errors
    /// [`RestoreError`] where the bytes are no such state; the core must then not be used.
    pub fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        let bars = state.read_u64()?;
        let (is_there, close) = (state.read_bool()?, state.read_i64()?);
        let equity = Money::from_units(state.read_i128()?);
        if !is_there && (bars > 0 || close != 0) {
            return Err(RestoreError::Invalid { what: "the close of a last bar where there was one" });
        }
        let Setup { bars: _, strategy, mapper, exchange, account, reward } = &mut self.setup;
        account.load(state)?;
        exchange.load(state, account)?;
        mapper.load(state)?;
        reward.load(state)?;
        strategy.load(state)?;
        self.bars = bars;
        self.last_close = is_there.then_some(UnixNanos(close));
        self.equity = equity;
        self.fills.clear();
        self.trades.clear();
        Ok(())
    }
}

impl Stepper for Core {
    fn market(&self) -> &Market {
        self.setup.exchange.market()
    }

    fn account(&self) -> &Account {
        self.account()
    }

    fn equity(&self) -> Money {
        self.equity
    }

    fn decisions(&self) -> u64 {
        self.bars
    }

    fn last_decision(&self) -> Option<UnixNanos> {
        self.last_close
    }

    fn save(&self, state: &mut StateWriter) {
        self.save(state);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.load(state)
    }
}

/// Value of all that was bought and sold, 0 or above.
pub(crate) fn traded(market: &Market, fills: &[Fill]) -> Result<Money, ExecutionError> {
    fills.iter().try_fold(Money::ZERO, |sum, fill| {
        let overflow = || ExecutionError::Overflow { what: "the value traded in a bar" };
        let value = market.value(fill.price, fill.lots)?.units().checked_abs().ok_or_else(overflow)?;
        sum.checked_add(Money::from_units(value)).ok_or_else(overflow)
    })
}
