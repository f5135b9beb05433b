//! What identifies a backtest: groups of names and values for the page.

use execution::Costs;
use observation::{Limit, RiskLimits, Sizing};
use runtime::{Config, Leg};

use super::outputs::Story;
use crate::print;

/// A group of names and values.
pub type Group = (&'static str, Vec<(String, String)>);

/// Everything that decided the figures.
pub fn groups(story: &Story<'_>) -> Vec<Group> {
    let mut groups = vec![("Run", run(story))];
    for (title, leg) in [("Entry model", &story.bot.entry), ("Exit model", &story.bot.exit)] {
        if let Some(leg) = leg {
            groups.push((title, model(leg)));
        }
    }
    groups.push(("Costs", costs(&story.config.costs)));
    groups.push(("Strategy", strategy(story.config)));
    groups.push(("Limits", limits(&story.config.limits)));
    groups
}

fn named(name: &str, value: impl ToString) -> (String, String) {
    (name.to_owned(), value.to_string())
}

fn run(story: &Story<'_>) -> Vec<(String, String)> {
    let instrument = &story.config.instrument;
    vec![
        named("Instrument", instrument.symbol()),
        named("Tick, lot", format!("{}, {}", instrument.tick(), instrument.lot())),
        named("Bars", story.options.bars().display()),
        named("Span", story.history.describe()),
        named("Data hash", dataset::data_hash(&story.history.series)),
        named("Configuration", story.options.config.display()),
        named("Bot identity", story.bot.identity),
        named("Features", story.version),
        named("Source hash", story.version.source_hash),
        named("Output hash", story.version.output_hash),
        named("Code", env!("ISOBAR_COMMIT")),
        named("Toolchain", env!("ISOBAR_TOOLCHAIN")),
    ]
}

fn model(leg: &Leg) -> Vec<(String, String)> {
    let manifest = &leg.verified.artifact().manifest;
    let (from, to) = manifest.train_span;
    let signer = leg.verified.signer().map_or_else(|| "nobody".to_owned(), ToString::to_string);
    let params: Vec<String> = manifest.params.iter().map(|p| format!("{}={}", p.name, p.value)).collect();
    vec![
        named("File", leg.path.display()),
        named("Content hash", leg.verified.hash()),
        named("Signed by", signer),
        named("Set", &manifest.set),
        named("Parameters", params.join(", ")),
        named("Schema hash", manifest.schema_hash),
        named("Label", &manifest.label),
        named("Bars", manifest.bars),
        named(
            "Trained on",
            format!("{} rows, {} to {}", manifest.train_rows, print::time(from), print::time(to)),
        ),
        named("Data hash", manifest.data_hash),
        named("Made", print::time(manifest.created)),
        named("Code", &manifest.code_commit),
    ]
}

fn costs(costs: &Costs) -> Vec<(String, String)> {
    vec![
        named("Taker fee", costs.taker_fee),
        named("Maker fee", costs.maker_fee),
        named("Spread", costs.spread),
        named("Slippage", costs.slippage),
        named("Latency", print::plural(costs.latency_bars.into(), "bar")),
        named(
            "Largest share of volume",
            costs.max_volume_share.map_or("unlimited".to_owned(), |share| share.to_string()),
        ),
        named("Entry orders work", print::plural(costs.entry_order_bars.into(), "bar")),
    ]
}

fn strategy(config: &Config) -> Vec<(String, String)> {
    let mut rows = vec![
        named("Name", &config.strategy.name),
        named("Cash", config.cash),
        named("Size", size(&config.sizing)),
    ];
    let Some(options) = &config.strategy.options else { return rows };
    let optional = [
        ("Threshold", options.threshold),
        ("Least edge beyond costs", Some(options.min_edge)),
        ("Expected move", options.expected_move),
        ("Exit threshold", options.exit_threshold),
        ("Stop", options.stop),
        ("Take-profit", options.take),
    ];
    rows.extend(optional.into_iter().filter_map(|(name, value)| Some(named(name, value?))));
    rows.extend(options.max_hold_bars.map(|bars| named("Longest hold", print::plural(bars.into(), "bar"))));
    rows.push(named("Sides", format!("{:?}", options.sides).to_lowercase()));
    rows.push(named("Cooldown", print::plural(options.cooldown_bars.into(), "bar")));
    rows
}

fn size(sizing: &Sizing) -> String {
    match sizing {
        Sizing::EquityFraction(fraction) => format!("{fraction} of equity"),
        Sizing::Notional(value) => format!("a value of {value}"),
        Sizing::Lots(lots) => print::plural(lots.unsigned_abs(), "lot"),
    }
}

fn limits(limits: &RiskLimits) -> Vec<(String, String)> {
    fn limit<T: ToString>(limit: &Limit<T>) -> String {
        match limit {
            Limit::At(value) => value.to_string(),
            Limit::Unlimited => "unlimited".to_owned(),
        }
    }
    vec![
        named("Position", limit(&limits.max_position_notional)),
        named("Order", limit(&limits.max_order_notional)),
        named("Leverage", limit(&limits.max_leverage)),
        named("Drawdown", limit(&limits.max_drawdown)),
        named("Loss in a day", limit(&limits.max_daily_loss)),
        named("Entries in a day", limit(&limits.max_entries_per_day)),
    ]
}
