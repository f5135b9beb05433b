//! What the tests of the runtime share: bars, strategies that need no model, and cores of them.
#![allow(dead_code, clippy::unwrap_used, reason = "tests; none uses all of it")]

pub mod config;
pub mod models;

use std::sync::LazyLock;

use execution::{Account, Costs, Decimal, Instrument, Market, Money, PaperExchange, PositionView, Rate};
use feature_api::{
    Bar, BarFields, BarKind, BarSpec, Grid, Price, Qty, RestoreError, Side, StateReader, StateWriter,
    UnixNanos,
};
use observation::{Action, ActionMapper, Limit, RewardCalculator, RewardOptions, RiskLimits, Sizing};
use runtime::{Core, CoreError, Record, Setup};
use strategy::{Reading, Signal, Strategy, StrategyError, Why};

pub const MINUTE: i64 = 60_000_000_000;
pub const SPEC: BarSpec = BarSpec { kind: BarKind::Time { interval: MINUTE }, volume: true };
/// The example that documents every key.
pub fn example() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../bins/gatekeeper/gatekeeper.example.toml");
        std::fs::read_to_string(path).unwrap()
    });
    &TEXT
}

/// The example's configuration with other tables from `[strategy]` on.
pub fn example_with(strategy: &str) -> String {
    let (head, _) = example().split_once("[strategy]").unwrap();
    format!("{head}{strategy}")
}

/// The example's configuration of a strategy without models.
pub fn without_models(name: &str) -> String {
    example_with(&format!("[strategy]\nname = {name:?}\n"))
}

/// The example's configuration of the toys, unsigned, in the folder of the configuration.
pub fn with_toys() -> String {
    let strategy = "[strategy]\nname = \"model-driven\"\nmin_edge = 0.0005\nexit_threshold = -0.4\nstop = 0.02\n\
                    take = 0.02\nmax_hold_bars = 240\nsides = \"both\"\ncooldown_bars = 5\n";
    let artifacts = "[artifacts]\nentry = \"entry.iso\"\nexit = \"exit.iso\"\nunsigned = \"allow\"\n";
    example_with(&format!("{strategy}{artifacts}"))
}

pub fn grid() -> Grid {
    Grid::new(1, 3).unwrap()
}

pub fn price(raw: i64) -> Price {
    Price::from_raw(raw).unwrap()
}

/// The fields of the bar of a minute; prices in tenths, volume in thousandths.
pub fn fields(minute: i64, [open, high, low, close]: [i64; 4], volume: i64) -> BarFields {
    let [ts_open, ts_close] = [minute, minute + 1].map(|minute| UnixNanos(minute * MINUTE));
    let [open, high, low, close] = [open, high, low, close].map(price);
    let volume = Qty::from_raw(volume).unwrap();
    let (grid, ts_available, taker) = (grid(), ts_close, None);
    BarFields { grid, ts_open, ts_close, ts_available, open, high, low, close, volume, taker }
}

pub fn bar(minute: i64, prices: [i64; 4], volume: i64) -> Bar {
    Bar::new(fields(minute, prices, volume)).unwrap()
}

/// Numbers that look random, the same ones for the same seed (an LCG of Knuth, MMIX).
pub struct Numbers(pub u64);

impl Numbers {
    pub fn below(&mut self, limit: u64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((self.0 >> 33) % limit).unwrap()
    }
}

/// A walk around 1000.0 with gaps between bars, and a gap of minutes here and there.
pub fn bars(count: usize, seed: u64) -> Vec<Bar> {
    let mut numbers = Numbers(seed);
    let (mut close, mut minute) = (10_000, 0);
    let mut next = || {
        let open = close + numbers.below(21) - 10;
        close = (open + numbers.below(201) - 100).max(5_000);
        let (high, low) = (open.max(close) + numbers.below(40), open.min(close) - numbers.below(40));
        minute += if numbers.below(20) == 0 { 3 } else { 1 };
        bar(minute, [open, high, low, close], numbers.below(20_000))
    };
    (0..count).map(|_| next()).collect()
}

/// A signal without reasons.
pub const fn wants(action: Action) -> Signal {
    Signal { action, why: Why::Always, entry: Reading::None, exit: Reading::None, edge: None }
}

/// Wants what is written for each bar, and nothing after.
pub struct Script {
    pub actions: Vec<Action>,
    pub at: usize,
}

impl Strategy for Script {
    fn name(&self) -> &'static str {
        "script"
    }

    fn on_bar(&mut self, _: &Bar, _: Option<&PositionView>, _: bool) -> Result<Signal, StrategyError> {
        let action = self.actions.get(self.at).copied().unwrap_or(Action::Hold);
        self.at += 1;
        Ok(wants(action))
    }

    fn save(&self, state: &mut StateWriter) {
        state.write_u64(self.at as u64);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.at = usize::try_from(state.read_u64()?).unwrap();
        Ok(())
    }
}

/// Wants whatever every bar and position so far come to: any difference in what it was shown shows from there on.
#[derive(Default)]
pub struct Reactive {
    seen: u64,
}

impl Reactive {
    fn see(&mut self, value: i64) {
        self.seen = (self.seen ^ value.cast_unsigned()).wrapping_mul(0x100_0000_01b3).rotate_left(17);
    }
}

impl Strategy for Reactive {
    fn name(&self) -> &'static str {
        "reactive"
    }

    fn on_bar(
        &mut self,
        bar: &Bar,
        position: Option<&PositionView>,
        _: bool,
    ) -> Result<Signal, StrategyError> {
        let fields = bar.fields();
        let prices = [fields.open, fields.high, fields.low, fields.close].map(Price::raw);
        let held = position
            .map_or([0; 3], |held| [held.lots, held.position.entry_price.raw(), i64::from(held.bars_held)]);
        prices.into_iter().chain(held).chain([fields.volume.raw()]).for_each(|value| self.see(value));
        let side = if self.seen & 1 == 0 { Side::Long } else { Side::Short };
        let action = match (self.seen >> 8) % 8 {
            0 => Action::Flat,
            1..=3 => Action::Enter { side, stop: Some(0.004), take: Some(0.006) },
            4 => Action::Enter { side, stop: None, take: None },
            5 => Action::Exposure(((self.seen >> 16) % 201) as f64 / 100.0 - 1.0),
            _ => Action::Hold,
        };
        let reading = Reading::Value((self.seen >> 11) as f64 / (1_u64 << 53) as f64);
        Ok(Signal { action, why: Why::Entry, entry: reading, exit: Reading::NotReady, edge: Some(1.0 / 3.0) })
    }

    fn save(&self, state: &mut StateWriter) {
        state.write_u64(self.seen);
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.seen = state.read_u64()?;
        Ok(())
    }
}

pub fn market() -> Market {
    let decimal = |text| Decimal::parse(text).unwrap();
    let least = Money::parse("10").unwrap();
    let instrument = Instrument::new("TOY", decimal("0.1"), decimal("0.001"), least).unwrap();
    Market::new(instrument, grid()).unwrap()
}

fn rate(value: f64) -> Rate {
    Rate::new("a rate", value).unwrap()
}

pub fn costs() -> Costs {
    Costs {
        taker_fee: rate(0.0005),
        maker_fee: rate(0.0002),
        spread: rate(0.0002),
        slippage: rate(0.0001),
        latency_bars: 1,
        max_volume_share: Some(rate(0.1)),
        entry_order_bars: 3,
    }
}

pub fn limits() -> RiskLimits {
    RiskLimits {
        max_position_notional: Limit::Unlimited,
        max_order_notional: Limit::Unlimited,
        max_leverage: Limit::At(1.0),
        max_drawdown: Limit::Unlimited,
        max_daily_loss: Limit::At(0.5),
        max_entries_per_day: Limit::Unlimited,
    }
}

pub fn core_with(strategy: Box<dyn Strategy>, costs: Costs, limits: RiskLimits) -> Core {
    let cash = Money::parse("10000").unwrap();
    let reward = RewardOptions { drawdown_penalty: 0.5, turnover_penalty: 0.01 };
    Core::new(Setup {
        bars: SPEC,
        strategy,
        mapper: ActionMapper::new(market(), Sizing::EquityFraction(0.2), limits, cash).unwrap(),
        exchange: PaperExchange::new(market(), costs, true).unwrap(),
        account: Account::new(cash).unwrap(),
        reward: RewardCalculator::new(reward, cash).unwrap(),
    })
}

pub fn core(strategy: impl Strategy + 'static) -> Core {
    core_with(Box::new(strategy), costs(), limits())
}

/// A core that reacts to all it sees.
pub fn reactive() -> Core {
    core(Reactive::default())
}

/// The record of a step, as text.
pub fn step(core: &mut Core, bar: &Bar) -> Result<String, CoreError> {
    let market = core.exchange().market().clone();
    let step = core.step(bar)?;
    Ok(serde_json::to_string(&Record::of(&step, &market)).unwrap())
}

pub fn run(core: &mut Core, bars: &[Bar]) -> Vec<String> {
    bars.iter().map(|bar| step(core, bar).unwrap()).collect()
}

pub fn saved(core: &Core) -> Vec<u8> {
    let mut state = StateWriter::new();
    core.save(&mut state);
    state.into_bytes()
}

pub fn load(core: &mut Core, bytes: &[u8]) -> Result<(), RestoreError> {
    let mut state = StateReader::new(bytes);
    core.load(&mut state)?;
    state.finish()
}
