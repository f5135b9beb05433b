//! What makes a bot the bot it is, as one hash.

use std::fmt::Write as _;

use execution::{CancelModel, Costs, EventCosts, Instrument, LatencyMs, Money, Rate, TakerFills};
use feature_api::FeatureVersion;
use feature_api::identity::{Hash, sha256};
use observation::{Limit, RewardOptions, RiskLimits, Sizing};
use strategy::{ModelDrivenOptions, Sides};

use crate::{BotConfig, Config, EventConfig, EventCostsConfig, Leg, StrategyConfig};

/// sha256 of what decides a bot's steps: this crate's version, the feature version with its hashes, the content of the
/// artifacts, and every value of the configuration but what is said of files and keys and the grid, a way of writing.
///
/// Floats stand there as their bits, money in its unit, each value under its name: no two bots have the same text.
pub fn of_bars(config: &Config, version: &FeatureVersion, entry: Option<&Leg>, exit: Option<&Leg>) -> Hash {
    sha256(text(config, version, entry, exit).as_bytes())
}

/// The same of a bot that is fed with events.
pub fn of_events(
    config: &EventConfig,
    version: &FeatureVersion,
    entry: Option<&Leg>,
    exit: Option<&Leg>,
) -> Hash {
    sha256(event_text(config, version, entry, exit).as_bytes())
}

fn text(config: &Config, version: &FeatureVersion, entry: Option<&Leg>, exit: Option<&Leg>) -> String {
    // The pattern names every field, so that a new one is not forgotten here.
    let Config { instrument, cash, bars, costs, sizing, limits, strategy, artifacts: _, reward } = config;
    let mut facts = Facts::begin(version, entry, exit);
    market(instrument, *cash, &mut facts);
    facts.add("bars", bars.spec);
    self::costs(costs, &mut facts);
    decisions(*sizing, limits, strategy, *reward, &mut facts);
    facts.0
}

fn event_text(
    config: &EventConfig,
    version: &FeatureVersion,
    entry: Option<&Leg>,
    exit: Option<&Leg>,
) -> String {
    let EventConfig { bot, events, costs } = config;
    let BotConfig { instrument, cash, sizing, limits, strategy, artifacts: _, reward } = bot;
    let mut facts = Facts::begin(version, entry, exit);
    market(instrument, *cash, &mut facts);
    facts.add("events", events.spec);
    event_costs(costs, &mut facts);
    decisions(*sizing, limits, strategy, *reward, &mut facts);
    facts.0
}

fn market(instrument: &Instrument, cash: Money, facts: &mut Facts) {
    facts.add("instrument.symbol", instrument.symbol().escape_debug());
    facts.add("instrument.tick_size", instrument.tick());
    facts.add("instrument.lot_size", instrument.lot());
    facts.add("instrument.min_notional", instrument.min_notional().units());
    facts.add("account.cash", cash.units());
}

fn decisions(
    sizing: Sizing,
    limits: &RiskLimits,
    strategy: &StrategyConfig,
    reward: RewardOptions,
    facts: &mut Facts,
) {
    match sizing {
        Sizing::EquityFraction(fraction) => facts.float("sizing.equity_fraction", fraction),
        Sizing::Notional(amount) => facts.add("sizing.notional", amount.units()),
        Sizing::Lots(lots) => facts.add("sizing.lots", lots),
    }
    risk(limits, facts);
    let StrategyConfig { name, options } = strategy;
    facts.add("strategy.name", name.escape_debug());
    if let Some(options) = options {
        self::options(options, facts);
    }
    let RewardOptions { drawdown_penalty, turnover_penalty } = reward;
    facts.float("reward.drawdown_penalty", drawdown_penalty);
    facts.float("reward.turnover_penalty", turnover_penalty);
}

fn event_costs(costs: &EventCostsConfig, facts: &mut Facts) {
    let EventCostsConfig { market, entry_order_ms } = *costs;
    let EventCosts { taker_fee, maker_fee, slippage_ticks, latency, takers, cancels } = market;
    let LatencyMs { order_ms, cancel_ms } = latency;
    facts.add("costs.taker_fee", taker_fee.billionths());
    facts.add("costs.maker_fee", maker_fee.billionths());
    facts.add("costs.slippage_ticks", slippage_ticks);
    facts.add("costs.order_latency_ms", order_ms);
    facts.add("costs.cancel_latency_ms", cancel_ms);
    facts.add("costs.entry_order_ms", entry_order_ms);
    let (fills, spread) = match takers {
        TakerFills::Book => ("book", None),
        TakerFills::Trades { spread } => ("trades", Some(spread.billionths())),
    };
    facts.add("costs.fills", fills);
    facts.maybe("costs.spread", spread);
    let cancels = match cancels {
        CancelModel::Behind => "behind",
        CancelModel::Proportional => "proportional",
    };
    facts.add("costs.cancels", cancels);
}

fn costs(costs: &Costs, facts: &mut Facts) {
    let Costs { taker_fee, maker_fee, spread, slippage, latency_bars, max_volume_share, entry_order_bars } =
        *costs;
    facts.add("costs.taker_fee", taker_fee.billionths());
    facts.add("costs.maker_fee", maker_fee.billionths());
    facts.add("costs.spread", spread.billionths());
    facts.add("costs.slippage", slippage.billionths());
    facts.add("costs.latency_bars", latency_bars);
    facts.maybe("costs.max_volume_share", max_volume_share.map(Rate::billionths));
    facts.add("costs.entry_order_bars", entry_order_bars);
}

fn risk(limits: &RiskLimits, facts: &mut Facts) {
    let RiskLimits {
        max_position_notional,
        max_order_notional,
        max_leverage,
        max_drawdown,
        max_daily_loss,
        max_entries_per_day,
    } = *limits;
    facts.maybe("risk.max_position_notional", at(max_position_notional).map(Money::units));
    facts.maybe("risk.max_order_notional", at(max_order_notional).map(Money::units));
    facts.maybe("risk.max_leverage", at(max_leverage).map(f64::to_bits));
    facts.maybe("risk.max_drawdown", at(max_drawdown).map(f64::to_bits));
    facts.maybe("risk.max_daily_loss", at(max_daily_loss).map(f64::to_bits));
    facts.maybe("risk.max_entries_per_day", at(max_entries_per_day));
}

fn options(options: &ModelDrivenOptions, facts: &mut Facts) {
    let ModelDrivenOptions {
        threshold,
        min_edge,
        expected_move,
        exit_threshold,
        stop,
        take,
        max_hold_bars,
        sides,
        cooldown_bars,
    } = *options;
    facts.maybe("strategy.threshold", threshold.map(f64::to_bits));
    facts.float("strategy.min_edge", min_edge);
    facts.maybe("strategy.expected_move", expected_move.map(f64::to_bits));
    facts.maybe("strategy.exit_threshold", exit_threshold.map(f64::to_bits));
    facts.maybe("strategy.stop", stop.map(f64::to_bits));
    facts.maybe("strategy.take", take.map(f64::to_bits));
    facts.maybe("strategy.max_hold_bars", max_hold_bars);
    let sides = match sides {
        Sides::Long => "long",
        Sides::Short => "short",
        Sides::Both => "both",
    };
    facts.add("strategy.sides", sides);
    facts.add("strategy.cooldown_bars", cooldown_bars);
}

fn at<T>(limit: Limit<T>) -> Option<T> {
    match limit {
        Limit::At(value) => Some(value),
        Limit::Unlimited => None,
    }
}

/// Names with values, a line each.
#[derive(Default)]
struct Facts(String);

impl Facts {
    /// What decides whatever the bot is fed with.
    fn begin(version: &FeatureVersion, entry: Option<&Leg>, exit: Option<&Leg>) -> Self {
        let mut facts = Self::default();
        facts.add("runtime", env!("CARGO_PKG_VERSION"));
        facts.add("features", version);
        facts.add("features.source", version.source_hash);
        facts.add("features.output", version.output_hash);
        for (name, leg) in [("artifacts.entry", entry), ("artifacts.exit", exit)] {
            facts.maybe(name, leg.map(|leg| leg.verified.hash()));
        }
        facts
    }

    fn add(&mut self, name: &str, value: impl std::fmt::Display) {
        // Writing to a text cannot fail.
        let _ = writeln!(self.0, "{name} = {value}");
    }

    fn float(&mut self, name: &str, value: f64) {
        self.add(name, value.to_bits());
    }

    fn maybe(&mut self, name: &str, value: Option<impl std::fmt::Display>) {
        match value {
            Some(value) => self.add(name, value),
            None => self.add(name, "none"),
        }
    }
}

#[cfg(test)]
mod tests;
