//! Random markets, actions, limits and costs, through the paper exchange: what no order may do.

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{DAY, MINUTE, START, bar_of, market_of, money};
use execution::{Account, Costs, Market, Money, Order, PaperExchange, Rate, Working};
use feature_api::{Bar, Side, StateReader, StateWriter};
use observation::{Action, ActionMapper, AtWork, Context, Limit, Mapped, Mark, Reason, RiskLimits, Sizing};
use proptest::prelude::*;

/// Limits as whole numbers, to be checked without the arithmetic under test.
#[derive(Debug, Clone, Copy)]
struct Whole {
    position: Option<i64>,
    order: Option<i64>,
    leverage_permille: Option<i64>,
    drawdown_permille: Option<i64>,
    daily_permille: Option<i64>,
    entries: Option<u32>,
}

fn limit<T, U>(whole: Option<T>, limit: impl Fn(T) -> U) -> Limit<U> {
    whole.map_or(Limit::Unlimited, |whole| Limit::At(limit(whole)))
}

impl Whole {
    fn limits(&self) -> RiskLimits {
        let amount = |whole: i64| money(&whole.to_string());
        let fraction = |permille: i64| permille as f64 / 1000.0;
        RiskLimits {
            max_position_notional: limit(self.position, amount),
            max_order_notional: limit(self.order, amount),
            max_leverage: limit(self.leverage_permille, fraction),
            max_drawdown: limit(self.drawdown_permille, fraction),
            max_daily_loss: limit(self.daily_permille, fraction),
            max_entries_per_day: limit(self.entries, |entries| entries),
        }
    }

    /// Whether an order may open or add that much.
    fn allow(&self, value: Money, position: Money, equity: Money) -> bool {
        let one = 1_000_000_000_000_000_000_i128;
        self.order.is_none_or(|most| value.units() <= i128::from(most) * one)
            && self.position.is_none_or(|most| position.units() <= i128::from(most) * one)
            && self
                .leverage_permille
                .is_none_or(|most| position.units() * 1000 <= equity.units() * i128::from(most))
    }
}

fn whole() -> impl Strategy<Value = Whole> {
    let some = proptest::option::of::<std::ops::Range<i64>>;
    (
        some(50..20_000_i64),
        some(50..20_000_i64),
        some(1..3000_i64),
        some(20..999_i64),
        some(5..999_i64),
        proptest::option::of(1..5_u32),
    )
        .prop_map(|(position, order, leverage_permille, drawdown_permille, daily_permille, entries)| {
            Whole { position, order, leverage_permille, drawdown_permille, daily_permille, entries }
        })
}

fn odd() -> impl Strategy<Value = f64> {
    prop_oneof![
        Just(f64::NAN),
        Just(f64::INFINITY),
        Just(f64::NEG_INFINITY),
        Just(0.0),
        Just(-0.0),
        Just(-0.01),
        Just(1.0),
        Just(f64::MAX),
        Just(f64::from_bits(1)),
        any::<f64>(),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    let distance = || proptest::option::of(prop_oneof![6 => 0.0005..0.05_f64, 1 => odd()]);
    let side = prop_oneof![Just(Side::Long), Just(Side::Short)];
    prop_oneof![
        3 => Just(Action::Hold),
        1 => Just(Action::Flat),
        4 => (side, distance(), distance()).prop_map(|(side, stop, take)| Action::Enter { side, stop, take }),
        4 => (-1.0..=1.0_f64).prop_map(Action::Exposure),
        1 => odd().prop_map(Action::Exposure),
    ]
}

fn sizing() -> impl Strategy<Value = Sizing> {
    prop_oneof![
        (1..3000_u32).prop_map(|permille| Sizing::EquityFraction(f64::from(permille) / 1000.0)),
        (1..30_000_u32).prop_map(|whole| Sizing::Notional(money(&whole.to_string()))),
        (1..30_000_i64).prop_map(Sizing::Lots),
    ]
}

fn costs() -> impl Strategy<Value = Costs> {
    let share = proptest::option::of((0.001..1.0_f64).prop_map(|share| (share * 1e6).ceil() / 1e6));
    (0..5_u32, 0..5_u32, 0..4_u32, share, 1..4_u32).prop_map(
        |(fee, spread, latency_bars, share, entry_order_bars)| {
            let rate = |ten_thousandths: u32| Rate::new("a rate", f64::from(ten_thousandths) / 1e4).unwrap();
            Costs {
                taker_fee: rate(fee),
                maker_fee: rate(fee / 2),
                spread: rate(spread),
                slippage: rate(spread),
                latency_bars,
                max_volume_share: share.map(|share| Rate::new("a share", share).unwrap()),
                entry_order_bars,
            }
        },
    )
}

/// What happens at a close: the move to it and the range beyond, in thousandths of the price, volume, minutes since the
/// last close, and what is wanted then.
type Tick = (i64, i64, i64, i64, i64, Action);

fn ticks() -> impl Strategy<Value = Vec<Tick>> {
    let gap = prop_oneof![9 => Just(1_i64), 1 => 2..900_i64];
    proptest::collection::vec((-25..=25_i64, 0..12_i64, 0..12_i64, 0..400_000_i64, gap, action()), 1..80)
}

fn bars(ticks: &[Tick]) -> Vec<(Bar, Action)> {
    let (mut price, mut now) = (10_000, START + DAY - 20 * MINUTE);
    let bar = |&(change, up, down, volume, gap, action): &Tick| {
        let open = price;
        let close = (open + open * change / 1000).max(1);
        let high = open.max(close) * (1000 + up) / 1000;
        let low = open.min(close) * (1000 - down) / 1000;
        (price, now) = (close, now + gap * MINUTE);
        (bar_of(now, [open, high, low, close], volume), action)
    };
    ticks.iter().map(bar).collect()
}

/// What a mapper should remember, kept another way.
struct Watch {
    whole: Whole,
    peak: i128,
    equity: i128,
    day: i64,
    day_equity: i128,
    entries: u32,
    is_halted: bool,
    is_halted_today: bool,
}

impl Watch {
    fn see(&mut self, ts_close: i64, equity: i128) {
        let day = (ts_close - 1).div_euclid(DAY);
        if day != self.day {
            (self.day, self.day_equity, self.entries) = (day, self.equity, 0);
            self.is_halted_today = false;
        }
        self.peak = self.peak.max(equity);
        let exceeds = |permille: Option<i64>, before: i128| {
            permille.is_some_and(|permille| (before - equity) * 1000 > before * i128::from(permille))
        };
        self.is_halted |= equity <= 0 || exceeds(self.whole.drawdown_permille, self.peak);
        self.is_halted_today |= exceeds(self.whole.daily_permille, self.day_equity);
        self.equity = equity;
    }

    const fn is_halt(&self) -> bool {
        self.is_halted || self.is_halted_today
    }
}

/// Checks what an action came to; `None` where all is well.
fn fault(
    action: Action,
    mapped: &Mapped,
    context: &Context<'_>,
    market: &Market,
    watch: &Watch,
) -> Option<&'static str> {
    let (lots, close) = (context.account.lots(), context.mark.price);
    let can_close = context.working.is_none_or(|working| !working.is_closing && !working.is_in_flight);
    let is_true = match mapped.reason {
        Some(Reason::DailyLoss) => watch.is_halted_today,
        Some(Reason::Drawdown | Reason::Bankrupt) => watch.is_halted,
        Some(Reason::EntriesPerDay) => {
            lots == 0 && watch.whole.entries.is_some_and(|most| watch.entries >= most)
        }
        Some(Reason::PositionOpen) => lots != 0,
        Some(Reason::OrderAtWork) => context.working.is_some(),
        Some(Reason::Price) => false,
        Some(
            Reason::Clipped
            | Reason::BelowLot
            | Reason::BelowMinNotional
            | Reason::Bracket
            | Reason::NotANumber,
        )
        | None => true,
    };
    if !is_true {
        return Some("a reason that does not hold");
    }
    let is_flat = action == Action::Flat || action == Action::Exposure(0.0);
    if (is_flat || watch.is_halt()) && lots != 0 && can_close {
        return match mapped.order {
            Some(order) if order.lots == -lots && mapped.target == 0 => None,
            Some(_) | None => Some("what closes is refused"),
        };
    }
    let Some(Order { lots: order, .. }) = mapped.order else {
        let asks = match action {
            Action::Enter { .. } => true,
            Action::Exposure(share) => share != 0.0,
            Action::Hold | Action::Flat => false,
        };
        let is_silent = mapped.reason.is_none() && lots == 0 && context.working.is_none();
        return (asks && is_silent).then_some("nothing is opened without a reason");
    };
    let target = lots + order;
    if order == 0 || target.signum() * lots.signum() < 0 {
        return Some("an order of nothing, or across zero");
    }
    if mapped.target != target {
        return Some("another target");
    }
    if target.abs() < lots.abs() {
        return (!can_close).then_some("an order beside another");
    }
    if watch.is_halt() || context.working.is_some() {
        return Some("an order opens while halted, or beside another");
    }
    if lots == 0 && watch.whole.entries.is_some_and(|most| watch.entries >= most) {
        return Some("too many entries");
    }
    let value = |lots: i64| market.value(close, lots.abs()).unwrap();
    if value(order) < market.instrument().min_notional() {
        return Some("below the minimum notional");
    }
    if !watch.whole.allow(value(order), value(target), mapped.equity) {
        return Some("beyond a limit");
    }
    // Not a lot less than the limits allow.
    let more = watch.whole.allow(value(order.abs() + 1), value(target.abs() + 1), mapped.equity);
    (mapped.reason == Some(Reason::Clipped) && more).then_some("clipped too far")
}

fn save(mapper: &ActionMapper) -> Vec<u8> {
    let mut state = StateWriter::new();
    mapper.save(&mut state);
    state.into_bytes()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn no_order_breaks_a_rule(
        ticks in ticks(),
        whole in whole(),
        sizing in sizing(),
        costs in costs(),
        shape in (prop_oneof![Just("0.01"), Just("0.25")], prop_oneof![Just("0.01"), Just("1")], 0..300_u32),
        restart in 0..80_usize,
    ) {
        let (tick, lot, min_notional) = shape;
        let market = market_of(tick, lot, &min_notional.to_string());
        let start = money("10000");
        let new = || ActionMapper::new(market.clone(), sizing, whole.limits(), start).unwrap();
        let (mut mapper, mut restored) = (new(), new());
        let mut exchange = PaperExchange::new(market.clone(), costs, true).unwrap();
        let mut account = Account::new(start).unwrap();
        let units = start.units();
        let mut watch = Watch {
            whole, peak: units, equity: units, day: i64::MIN, day_equity: units, entries: 0,
            is_halted: false, is_halted_today: false,
        };
        let (mut fills, mut trades, mut orders) = (Vec::new(), Vec::new(), 0);
        for (index, (bar, action)) in bars(&ticks).into_iter().enumerate() {
            exchange.fill(&bar, &mut account, &mut fills, &mut trades).unwrap();
            let equity = account.equity(&market, bar.close()).unwrap();
            watch.see(bar.ts_close().0, equity.units());
            if index == restart {
                restored = new();
                let state = save(&mapper);
                let mut reader = StateReader::new(&state);
                prop_assert_eq!(restored.load(&mut reader), Ok(()));
                prop_assert_eq!(reader.finish(), Ok(()));
            }
            let working: Option<Working> = exchange.working().copied();
            let context = Context { mark: Mark::from(&bar), account: &account, working: working.as_ref().map(AtWork::from) };
            let mapped = mapper.map(action, &context).unwrap();
            prop_assert_eq!(&restored.map(action, &context), &Ok(mapped));
            prop_assert_eq!(mapped.equity, equity);
            let found = fault(action, &mapped, &context, &market, &watch);
            prop_assert_eq!(found, None, "bar {}: {:?} {:?} {:?}", index, action, mapped, context);
            if let Some(order) = mapped.order {
                orders += 1;
                prop_assert_eq!(order.id, orders);
                watch.entries += u32::from(account.lots() == 0);
                // It takes whatever the mapper gives.
                prop_assert_eq!(exchange.submit(order, &account), Ok(()));
            }
        }
        prop_assert_eq!(save(&restored), save(&mapper));
        prop_assert_eq!(restored, mapper);
    }
}
