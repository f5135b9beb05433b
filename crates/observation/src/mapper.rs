//! From an action to a valid order.

use execution::{Bracket, ExecutionError, Market, Money, Order};
use feature_api::{Price, RestoreError, Side, StateReader, StateWriter, UnixNanos, UpdateError};

use crate::losses::Losses;
use crate::share::Share;
use crate::view::View;
use crate::{Action, Context, Mapped, Mark, ObservationError, Reason, RiskLimits, Sizing};

/// Turns actions into valid orders, and enforces every limit: the one place that does. One instrument each.
///
/// Sizes and limits are compared in integers, at the mark; the fill comes later, at another price. An order that
/// closes is exempt from lots, minimum notional and limits. While an order is in flight, or one that closes is at work,
/// nothing is ordered; one that opens is replaced by one that closes, and by nothing else. Where nothing is open, an
/// order that opens cannot be taken back: it ends by itself, or what it opened is closed next.
#[derive(Debug, Clone, PartialEq)]
pub struct ActionMapper {
    market: Market,
    size: Size,
    max_position: Option<Money>,
    max_order: Option<Money>,
    max_leverage: Option<Share>,
    max_entries: Option<u32>,
    losses: Losses,
    /// Orders numbered so far.
    orders: u64,
}

/// A position of full size.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Size {
    OfEquity(Share),
    Value(Money),
    Lots(i64),
}

/// What an action comes to.
#[derive(Debug, Clone, Copy)]
struct Plan {
    /// Lots to order, signed; 0 for no order.
    order: i64,
    bracket: Bracket,
    reason: Option<Reason>,
}

/// What sizes are made of.
#[derive(Debug, Clone, Copy)]
struct Scene {
    view: View,
    close: Price,
    equity: Money,
    ts_sent: UnixNanos,
}

impl Plan {
    const NOTHING: Self = Self { order: 0, bracket: Bracket { stop: None, take: None }, reason: None };

    const fn refuse(reason: Reason) -> Self {
        Self { reason: Some(reason), ..Self::NOTHING }
    }
}

impl ActionMapper {
    /// A mapper for one instrument and an account that begins with `start`.
    ///
    /// # Errors
    /// [`ObservationError::Invalid`] for limits, a size or a start that cannot be.
    pub fn new(
        market: Market,
        sizing: Sizing,
        limits: RiskLimits,
        start: Money,
    ) -> Result<Self, ObservationError> {
        limits.check()?;
        if start <= Money::ZERO {
            return Err(ObservationError::start(start));
        }
        Ok(Self {
            market,
            size: Size::of(sizing)?,
            max_position: limits.max_position_notional.at(),
            max_order: limits.max_order_notional.at(),
            max_leverage: limits.max_leverage.at().and_then(Share::new),
            max_entries: limits.max_entries_per_day.at(),
            losses: Losses::new(&limits, start),
            orders: 0,
        })
    }

    /// The instrument.
    #[must_use]
    pub const fn market(&self) -> &Market {
        &self.market
    }

    /// The order that brings the account where the action wants it, as far as the limits allow. Call once per
    /// decision, whatever the action: losses are watched here. Allocates nothing.
    ///
    /// # Errors
    /// [`ObservationError::Update`] for a mark on another grid, where nothing is changed;
    /// [`ObservationError::Execution`] for sums that do not fit.
    pub fn map(&mut self, action: Action, context: &Context<'_>) -> Result<Mapped, ObservationError> {
        let (Mark { grid, price, ts_event, ts_available }, expected) = (context.mark, self.market.grid());
        if grid != expected {
            return Err(UpdateError::Grid { expected, found: grid }.into());
        }
        let equity = context.account.equity(&self.market, price)?;
        let view = View::of(context.account, context.working)?;
        let halt = self.losses.see(ts_event, equity);
        let scene = Scene { view, close: price, equity, ts_sent: ts_available };
        let plan = match halt {
            Some(reason) => halted(action, reason, &view)?,
            None => self.plan(action, &scene)?,
        };
        self.submit(plan, &scene)
    }

    /// Writes its counters.
    pub fn save(&self, state: &mut StateWriter) {
        state.write_u64(self.orders);
        self.losses.save(state);
    }

    /// Continues from what [`save`](ActionMapper::save) wrote.
    ///
    /// # Errors
    /// [`RestoreError`] where the bytes are no such state; nothing is changed then.
    pub fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        let orders = state.read_u64()?;
        self.losses.load(state)?;
        self.orders = orders;
        Ok(())
    }

    /// Numbers the order and counts the entry.
    fn submit(&mut self, plan: Plan, scene: &Scene) -> Result<Mapped, ObservationError> {
        let Scene { view, close, equity, ts_sent } = *scene;
        let Plan { order: lots, bracket, reason } = plan;
        if lots == 0 {
            return Ok(Mapped { target: view.after, order: None, reason, equity });
        }
        let target = sum(view.lots, lots)?;
        // What cannot be booked is not ordered.
        self.market.value(close, target)?;
        let orders = self.orders.checked_add(1);
        self.orders = orders.ok_or(ExecutionError::Overflow { what: "the number of orders" })?;
        if view.lots == 0 {
            self.losses.count_entry();
        }
        Ok(Mapped { target, order: Some(Order { id: self.orders, lots, bracket, ts_sent }), reason, equity })
    }

    /// What the action comes to where no loss stands against it.
    fn plan(&self, action: Action, scene: &Scene) -> Result<Plan, ObservationError> {
        let view = &scene.view;
        match action {
            Action::Hold => Ok(Plan::NOTHING),
            Action::Flat => close_to(view, 0),
            Action::Enter { .. } if view.lots != 0 => Ok(Plan::refuse(Reason::PositionOpen)),
            Action::Enter { .. } if !view.is_idle => Ok(Plan::refuse(Reason::OrderAtWork)),
            Action::Enter { side, stop, take } => {
                let Some(full) = self.full(scene)? else { return Ok(Plan::refuse(Reason::Price)) };
                let bracket = match self.bracket(scene.close, side, stop, take) {
                    Ok(bracket) => bracket,
                    Err(reason) => return Ok(Plan::refuse(reason)),
                };
                self.open_to(scene, side, full, bracket)
            }
            Action::Exposure(share) => self.expose(share, scene),
        }
    }

    fn expose(&self, exposure: f64, scene: &Scene) -> Result<Plan, ObservationError> {
        let view = &scene.view;
        let share = match Share::new(exposure.abs()) {
            Some(share) if exposure.abs() <= 1.0 => share,
            Some(_) | None => return Ok(Plan::refuse(Reason::NotANumber)),
        };
        let side = if exposure > 0.0 { Side::Long } else { Side::Short };
        // Zero is not crossed in one step.
        if exposure == 0.0 || (view.lots != 0 && side_of(view.lots) != side) {
            return close_to(view, 0);
        }
        let Some(full) = self.full(scene)? else { return Ok(Plan::refuse(Reason::Price)) };
        let wanted = share.of_lots(full);
        if view.lots != 0 && wanted.unsigned_abs() <= view.lots.unsigned_abs() {
            close_to(view, signed(side, wanted)?)
        } else {
            self.open_to(scene, side, wanted, Bracket::default())
        }
    }

    /// Opens, or adds to what is open on that side, up to `wanted` lots in all, as far as the limits allow.
    fn open_to(
        &self,
        scene: &Scene,
        side: Side,
        wanted: i64,
        bracket: Bracket,
    ) -> Result<Plan, ObservationError> {
        let Scene { view, close, equity, .. } = *scene;
        if !view.is_idle {
            // What is at work may lead there.
            let leads = signed(side, wanted)? == view.after;
            return Ok(if leads { Plan::NOTHING } else { Plan::refuse(Reason::OrderAtWork) });
        }
        if view.lots == 0 && self.max_entries.is_some_and(|most| self.losses.entries() >= most) {
            return Ok(Plan::refuse(Reason::EntriesPerDay));
        }
        // Side and lots agree, so this is the magnitude.
        let held = signed(side, view.lots)?;
        let missing = sum(wanted, -held)?;
        let one = self.market.value(close, 1)?;
        let within = |limit: Option<Money>| limit.map_or(i64::MAX, |limit| lots_in(limit, one));
        let leverage = self.max_leverage.map(|share| share.of(equity));
        let position = within(self.max_position).min(within(leverage));
        let order = missing.min(sum(position, -held)?).min(within(self.max_order)).max(0);
        let reason =
            if missing <= 0 { Some(Reason::BelowLot) } else { (order < missing).then_some(Reason::Clipped) };
        if order == 0 {
            return Ok(Plan { reason, ..Plan::NOTHING });
        }
        if self.market.value(close, order)? < self.market.instrument().min_notional() {
            return Ok(Plan::refuse(Reason::BelowMinNotional));
        }
        Ok(Plan { order: signed(side, order)?, bracket, reason })
    }

    /// Lots of a position of full size; `None` where the close is not above 0.
    fn full(&self, scene: &Scene) -> Result<Option<i64>, ObservationError> {
        let one = self.market.value(scene.close, 1)?;
        if one <= Money::ZERO {
            return Ok(None);
        }
        Ok(Some(match self.size {
            Size::OfEquity(share) => lots_in(share.of(scene.equity), one),
            Size::Value(value) => lots_in(value, one),
            Size::Lots(lots) => lots,
        }))
    }

    /// The levels at those distances from the close.
    fn bracket(
        &self,
        close: Price,
        side: Side,
        stop: Option<f64>,
        take: Option<f64>,
    ) -> Result<Bracket, Reason> {
        if [stop, take].into_iter().flatten().any(f64::is_nan) {
            return Err(Reason::NotANumber);
        }
        let level = |distance: Option<f64>, is_above: bool| {
            let Some(distance) = distance else { return Ok(None) };
            let fraction = if is_above { distance } else { -distance };
            let is_beyond = |level: Price| {
                level > Price::default() && if is_above { level > close } else { level < close }
            };
            let level = self.market.price_at(close, fraction).filter(|level| is_beyond(*level));
            level.map(Some).ok_or(Reason::Bracket)
        };
        let is_short = side == Side::Short;
        Ok(Bracket { stop: level(stop, is_short)?, take: level(take, !is_short)? })
    }
}

impl Size {
    fn of(sizing: Sizing) -> Result<Self, ObservationError> {
        let invalid = |what, found, expected| ObservationError::Invalid { what, found, expected };
        match sizing {
            Sizing::EquityFraction(fraction) => match Share::new(fraction) {
                Some(share) if fraction > 0.0 => Ok(Self::OfEquity(share)),
                Some(_) | None => {
                    Err(invalid("the fraction of equity", fraction.to_string(), "a number above 0"))
                }
            },
            Sizing::Notional(value) if value > Money::ZERO => Ok(Self::Value(value)),
            Sizing::Notional(value) => {
                Err(invalid("the value of a position", value.to_string(), "an amount above 0"))
            }
            Sizing::Lots(lots) if lots > 0 => Ok(Self::Lots(lots)),
            Sizing::Lots(lots) => Err(invalid("the lots of a position", lots.to_string(), "1 or more")),
        }
    }
}

/// What an action comes to while nothing may be open.
fn halted(action: Action, reason: Reason, view: &View) -> Result<Plan, ObservationError> {
    let plan = close_to(view, 0)?;
    let reason = match action {
        Action::Flat | Action::Exposure(0.0) => plan.reason,
        // Nothing will be held: all is left as it is.
        Action::Hold if view.after == 0 => None,
        Action::Hold | Action::Enter { .. } | Action::Exposure(_) => Some(reason),
    };
    Ok(Plan { reason, ..plan })
}

/// Closes until `wanted` lots are left, signed as what is held and not more than it.
fn close_to(view: &View, wanted: i64) -> Result<Plan, ObservationError> {
    if wanted == view.after {
        return Ok(Plan::NOTHING);
    }
    let order = wanted.checked_sub(view.lots).ok_or(POSITION)?;
    if order == 0 || !view.can_close {
        return Ok(Plan::refuse(Reason::OrderAtWork));
    }
    Ok(Plan { order, ..Plan::NOTHING })
}

const POSITION: ExecutionError = ExecutionError::Overflow { what: "the position" };

fn sum(one: i64, other: i64) -> Result<i64, ExecutionError> {
    one.checked_add(other).ok_or(POSITION)
}

/// Whole lots in an amount, where one is worth `one`, above 0.
fn lots_in(amount: Money, one: Money) -> i64 {
    let lots = amount.units().checked_div(one.units()).unwrap_or(0);
    i64::try_from(lots).unwrap_or(i64::MAX)
}

const fn side_of(lots: i64) -> Side {
    if lots > 0 { Side::Long } else { Side::Short }
}

/// Lots of that side; what is signed already, as a magnitude.
fn signed(side: Side, lots: i64) -> Result<i64, ExecutionError> {
    match side {
        Side::Long => Ok(lots),
        Side::Short => lots.checked_neg().ok_or(POSITION),
    }
}
