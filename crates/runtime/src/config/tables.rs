//! The tables of a configuration, key by key, with what each must be.

use std::path::Path;

use execution::{Costs, Decimal, Instrument, Market, Money, Rate};
use feature_api::{Grid, MAX_SCALE};
use observation::{Limit, RewardOptions, RiskLimits, Sizing};
use strategy::{ModelDrivenOptions, ModelDrivenStrategy, Sides, StrategyFactory};
use toml::de::DeValue;

use super::section::Section;
use super::{ArtifactsConfig, BarsConfig, StrategyConfig, value};
use crate::ConfigProblem;

const AMOUNT: &str = "an amount of the quote currency above 0, to 1e-18, such as 10000";
const AMOUNT_OR_NOT: &str = "an amount of the quote currency above 0, or \"unlimited\" for no such limit";
const STEP: &str = "a decimal above 0 with up to 16 decimals, such as 0.01";
pub const FEE: &str = "a fraction from 0 up to 1 (excluded) in steps of 1e-9, such as 0.0005 for 0.05 %";
const LOSS_OR_NOT: &str = "a fraction above 0 and below 1, or \"unlimited\" for no such limit";
const DISTANCE: &str = "a fraction of the price above 0 and below 1, such as 0.02";
pub const DECIMALS: &str = "a whole number from 0 to 16";
const PENALTY: &str = "a finite number, 0 or above";
/// The ways of sizing, of which one is chosen.
const SIZES: [&str; 3] = ["equity_fraction", "notional", "lots"];

pub fn instrument(table: &mut Section<'_>) -> Option<Instrument> {
    let symbol = table.required("symbol", "a name, such as \"BTCUSDT\"", value::some_text);
    let tick = table.required("tick_size", STEP, step);
    let lot = table.required("lot_size", STEP, step);
    let expected = "an amount of the quote currency, 0 or above, to 1e-18";
    let least =
        table.required("min_notional", expected, |value| money(value, |amount| amount >= Money::ZERO));
    let (symbol, line) = (symbol?, table.line());
    match Instrument::new(&symbol, tick?, lot?, least?) {
        Ok(instrument) => Some(instrument),
        Err(error) => {
            table.refuse("symbol", line, "a name of visible letters", &error.to_string());
            None
        }
    }
}

pub fn account(table: &mut Section<'_>) -> Option<Money> {
    table.required("cash", AMOUNT, amount)
}

pub fn bars(table: &mut Section<'_>) -> Option<BarsConfig> {
    let expected =
        "a whole number above 0 and a unit (s, m, h or d), such as \"1m\", \"5m\", \"1h\" or \"1d\"";
    let kind = table.required("interval", expected, value::interval);
    let volume = table.required("volume", "\"required\" or \"none\"", value::volume);
    let (price_line, volume_line) = (table.line_of("price_decimals"), table.line_of("volume_decimals"));
    let both = [table.has("price_decimals"), table.has("volume_decimals")];
    let price = table.optional("price_decimals", DECIMALS, decimals);
    let qty = table.optional("volume_decimals", DECIMALS, decimals);
    let expected = "both price_decimals and volume_decimals, or neither";
    match both {
        [true, false] => table.refuse("volume_decimals", price_line, expected, "price_decimals alone"),
        [false, true] => table.refuse("price_decimals", volume_line, expected, "volume_decimals alone"),
        [true, true] | [false, false] => {}
    }
    let grid = price.zip(qty).and_then(|(price, qty)| Grid::new(price, qty).ok());
    Some(BarsConfig { spec: value::spec(kind, volume)?, grid })
}

pub fn costs(table: &mut Section<'_>) -> Option<Costs> {
    let taker_fee = table.required("taker_fee", FEE, fee);
    let maker_fee = table.required("maker_fee", FEE, fee);
    let spread = table.required("spread", FEE, fee);
    let slippage = table.required("slippage", FEE, fee);
    let latency =
        table.required("latency_bars", "a whole number of bars, 0 or above", |value| value::count(value, 0));
    let expected = "a fraction above 0 and up to 1 in steps of 1e-9, or \"unlimited\"";
    let share = table.required("max_volume_share", expected, |value| value::limit(value, share));
    let working =
        table.required("entry_order_bars", "a whole number of bars above 0", |value| value::count(value, 1));
    if let (Some(spread), Some(slippage)) = (spread, slippage) {
        let halves = u64::from(spread.billionths()) + 2 * u64::from(slippage.billionths());
        if halves >= 2 * u64::from(Rate::ONE) {
            let expected = "half of it and the slippage together below 1";
            table.refuse("spread", table.line(), expected, &format!("{spread} and {slippage}"));
        }
    }
    Some(Costs {
        taker_fee: taker_fee?,
        maker_fee: maker_fee?,
        spread: spread?,
        slippage: slippage?,
        latency_bars: latency?,
        max_volume_share: match share? {
            Limit::At(share) => Some(share),
            Limit::Unlimited => None,
        },
        entry_order_bars: working?,
    })
}

pub fn sizing(table: &mut Section<'_>) -> Option<Sizing> {
    let given: Vec<&str> = SIZES.into_iter().filter(|key| table.has(key)).collect();
    let expected = "a fraction of equity above 0, such as 0.5";
    let fraction = table.optional("equity_fraction", expected, |value| float(value, |number| number > 0.0));
    let notional = table.optional("notional", AMOUNT, amount);
    let lots = table.optional("lots", "a whole number of lots above 0", |value| {
        value::integer(value).filter(|lots| *lots > 0)
    });
    if given.len() != 1 {
        let found = if given.is_empty() { "none of them".to_owned() } else { given.join(" and ") };
        table.refuse("", table.line(), &format!("exactly one of {}", SIZES.join(", ")), &found);
        return None;
    }
    let fraction = fraction.map(Sizing::EquityFraction);
    fraction.or(notional.map(Sizing::Notional)).or(lots.map(Sizing::Lots))
}

pub fn risk(table: &mut Section<'_>) -> Option<RiskLimits> {
    let amount_or_not = |value: &DeValue<'_>| value::limit(value, amount);
    let loss = |value: &DeValue<'_>| value::limit(value, below_one);
    let position = table.required("max_position_notional", AMOUNT_OR_NOT, amount_or_not);
    let order = table.required("max_order_notional", AMOUNT_OR_NOT, amount_or_not);
    let expected = "a multiple of equity above 0, or \"unlimited\" for no such limit";
    let leverage = table.required("max_leverage", expected, |value| {
        value::limit(value, |value| float(value, |number| number > 0.0))
    });
    let drawdown = table.required("max_drawdown", LOSS_OR_NOT, loss);
    let daily_loss = table.required("max_daily_loss", LOSS_OR_NOT, loss);
    let expected = "a whole number above 0, or \"unlimited\" for no such limit";
    let entries = table.required("max_entries_per_day", expected, |value| {
        value::limit(value, |value| value::count(value, 1))
    });
    Some(RiskLimits {
        max_position_notional: position?,
        max_order_notional: order?,
        max_leverage: leverage?,
        max_drawdown: drawdown?,
        max_daily_loss: daily_loss?,
        max_entries_per_day: entries?,
    })
}

pub fn strategy(table: &mut Section<'_>) -> Option<StrategyConfig> {
    let names = StrategyFactory::NAMES;
    let expected = format!("the name of a strategy: {}", names.join(", "));
    let name = table.required("name", &expected, |value| {
        value::text(value).filter(|name| names.contains(&name.as_str()))
    });
    match name {
        Some(name) if name == ModelDrivenStrategy::NAME => {
            Some(StrategyConfig { options: Some(options(table, true)?), name })
        }
        Some(name) => {
            table.expect(format!("name alone, for strategy {name:?} has no options"));
            Some(StrategyConfig { name, options: None })
        }
        None => {
            // Which keys it needs is not known; those that are there are checked.
            options(table, false);
            None
        }
    }
}

fn options(table: &mut Section<'_>, is_demanded: bool) -> Option<ModelDrivenOptions> {
    let expected = "a probability from 0.5 up to 1 (excluded), such as 0.6";
    let threshold =
        table.optional("threshold", expected, |value| float(value, |number| (0.5..1.0).contains(&number)));
    let expected = "a fraction of the price from 0 up to 1 (excluded), such as 0.0005";
    let min_edge = table.required_if(is_demanded, "min_edge", expected, |value| {
        float(value, |number| (0.0..1.0).contains(&number))
    });
    let expected_move = table.optional("expected_move", DISTANCE, below_one);
    let exit_threshold =
        table.optional("exit_threshold", "a finite number, such as 0.5", |value| float(value, |_| true));
    let stop = table.optional("stop", DISTANCE, below_one);
    let take = table.optional("take", DISTANCE, below_one);
    let hold =
        table.optional("max_hold_bars", "a whole number of bars above 0", |value| value::count(value, 1));
    let sides = table.required_if(is_demanded, "sides", "\"long\", \"short\" or \"both\"", sides);
    let cooldown =
        table.required_if(is_demanded, "cooldown_bars", "a whole number of bars, 0 or above", |value| {
            value::count(value, 0)
        });
    Some(ModelDrivenOptions {
        threshold,
        min_edge: min_edge?,
        expected_move,
        exit_threshold,
        stop,
        take,
        max_hold_bars: hold,
        sides: sides?,
        cooldown_bars: cooldown?,
    })
}

/// `None` without the table, too.
pub fn artifacts(table: &mut Section<'_>, folder: &Path, demanded: bool) -> Option<ArtifactsConfig> {
    if !table.is_there() && !demanded {
        return None;
    }
    let expected = "the path of a sealed model, such as \"entry.iso\"";
    let path = |value: &DeValue<'_>| value::some_text(value).map(|path| folder.join(path));
    let entry = table.required("entry", expected, path);
    let exit = table.optional("exit", expected, path);
    let both = [table.has("trusted_keys"), table.has("unsigned")];
    let line = table.line_of("unsigned");
    let keys = table.optional("trusted_keys", "a list of one path of a public key or more", |value| {
        let paths = value::some_texts(value)?;
        Some(paths.iter().map(|path| folder.join(path)).collect())
    });
    let allow = table.optional("unsigned", "\"allow\"", |value| {
        value.as_str().filter(|text| *text == "allow").map(|_| ())
    });
    let expected = "exactly one of trusted_keys = [\"key.pub\"] and unsigned = \"allow\"";
    match both {
        [true, true] => table.refuse("", line, expected, "both"),
        [false, false] => table.refuse("", line, expected, "neither"),
        [true, false] | [false, true] => {}
    }
    if keys.is_none() && allow.is_none() {
        None
    } else {
        Some(ArtifactsConfig { entry: entry?, exit, trusted_keys: keys })
    }
}

pub fn reward(table: &mut Section<'_>) -> RewardOptions {
    let penalty = |value: &DeValue<'_>| float(value, |number| number >= 0.0);
    RewardOptions {
        drawdown_penalty: table.optional("drawdown_penalty", PENALTY, penalty).unwrap_or_default(),
        turnover_penalty: table.optional("turnover_penalty", PENALTY, penalty).unwrap_or_default(),
    }
}

/// Bars without volume have no share of it.
pub fn share_of_volume(bars: &BarsConfig, costs: &Costs, line: Option<usize>) -> Option<ConfigProblem> {
    let share = costs.max_volume_share.filter(|_| !bars.spec.volume)?;
    Some(ConfigProblem {
        line,
        key: "costs.max_volume_share".to_owned(),
        expected: "\"unlimited\", for bars.volume = \"none\" says that there is none to share".to_owned(),
        found: share.to_f64().to_string(),
    })
}

/// Where the grid is stated, the instrument's steps must lie on it.
pub fn grid(instrument: &Instrument, table: &str, grid: Grid, line: Option<usize>) -> Option<ConfigProblem> {
    let error = Market::new(instrument.clone(), grid).err()?;
    Some(ConfigProblem {
        line,
        key: format!("{table}.price_decimals"),
        expected: "decimals that hold the instrument's steps".to_owned(),
        found: error.to_string(),
    })
}

fn float(value: &DeValue<'_>, is_allowed: impl Fn(f64) -> bool) -> Option<f64> {
    value::float(value).filter(|number| is_allowed(*number))
}

fn below_one(value: &DeValue<'_>) -> Option<f64> {
    float(value, |number| number > 0.0 && number < 1.0)
}

fn money(value: &DeValue<'_>, is_allowed: impl Fn(Money) -> bool) -> Option<Money> {
    Money::parse(&value::decimal(value)?).filter(|amount| is_allowed(*amount))
}

fn amount(value: &DeValue<'_>) -> Option<Money> {
    money(value, |amount| amount > Money::ZERO)
}

fn step(value: &DeValue<'_>) -> Option<Decimal> {
    Decimal::parse(&value::decimal(value)?)
}

pub fn decimals(value: &DeValue<'_>) -> Option<u8> {
    value::integer(value).and_then(|value| u8::try_from(value).ok()).filter(|decimals| *decimals <= MAX_SCALE)
}

fn rate(value: &DeValue<'_>) -> Option<Rate> {
    Rate::new("a fraction", value::float(value)?).ok()
}

pub fn fee(value: &DeValue<'_>) -> Option<Rate> {
    rate(value).filter(|rate| rate.billionths() < Rate::ONE)
}

fn share(value: &DeValue<'_>) -> Option<Rate> {
    rate(value).filter(|rate| rate.billionths() > 0)
}

fn sides(value: &DeValue<'_>) -> Option<Sides> {
    match value.as_str()? {
        "long" => Some(Sides::Long),
        "short" => Some(Sides::Short),
        "both" => Some(Sides::Both),
        _ => None,
    }
}
