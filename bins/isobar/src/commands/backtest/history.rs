//! The bars a backtest runs over.

use anyhow::{Context as _, bail};
use dataset::LabelSpec;
use feature_api::{Bar, BarKind, Grid, UnixNanos};
use market_data::{BarSeries, VolumePolicy};
use runtime::{Bot, Config, Leg};
use strategy::{ModelDrivenOptions, Sides};

use super::{Options, usage};
use crate::{interval, print};

/// The bars, and which of them are run over.
pub struct History {
    pub series: BarSeries,
    /// The first bar that is run over.
    first: usize,
    /// The first of those run over that no model was trained on, nor its labels looked at; `None` where there is none.
    pub out_of_sample_from: Option<usize>,
    /// What the reader of the figures must know.
    pub warnings: Vec<String>,
}

/// The grid to verify models on before the bars are known: what the configuration says, else the tick and lot.
pub fn first_grid(config: &Config) -> anyhow::Result<Grid> {
    let instrument = &config.instrument;
    Ok(match config.bars.grid {
        Some(grid) => grid,
        None => Grid::new(instrument.tick().scale(), instrument.lot().scale())?,
    })
}

impl History {
    /// Reads the bars and finds out which of them are run over.
    pub fn read(options: &Options, config: &Config, bot: &Bot) -> anyhow::Result<Self> {
        let series = read(options, config)?;
        let BarKind::Time { interval } = config.bars.spec.kind else {
            bail!("[bars] of the configuration: expected time bars");
        };
        if series.interval != interval {
            bail!(
                "{}: expected bars of {}, as [bars] interval of the configuration says, found bars of {}; feed the bars \
                 that the models were trained on",
                options.bars().display(),
                interval::text(interval),
                interval::text(series.interval)
            );
        }
        let mut warnings = Vec::new();
        let legs: Vec<(&str, &Leg)> = [("entry", &bot.entry), ("exit", &bot.exit)]
            .into_iter()
            .filter_map(|(name, leg)| leg.as_ref().map(|leg| (name, leg)))
            .collect();
        let unseen = legs.iter().map(|(_, leg)| unseen_from(leg, &series.bars)).max().unwrap_or(0);
        let first =
            if options.out_of_sample { first_unseen(options, &legs, &series.bars, unseen)? } else { 0 };
        let imported = warn_of_models(&legs, series.bars.get(first..).unwrap_or_default(), &mut warnings);
        warn_of_gaps(&series, first, &mut warnings);
        if let (Some(leg), Some(options)) = (&bot.entry, &config.strategy.options) {
            warn_of_labels(leg, options, series.bars.get(first..).unwrap_or_default(), &mut warnings)?;
        }
        // Which rows a model trained elsewhere has seen is not known, so nothing is said of them.
        let out_of_sample_from = (!legs.is_empty() && !imported && unseen < series.bars.len())
            .then(|| unseen.saturating_sub(first));
        Ok(Self { series, first, out_of_sample_from, warnings })
    }

    /// The bars that features warm up on, and those that are run over.
    pub fn parts(&self) -> (&[Bar], &[Bar]) {
        self.series.bars.split_at_checked(self.first).unwrap_or_default()
    }

    /// The bars that are run over.
    pub fn bars(&self) -> &[Bar] {
        self.parts().1
    }

    /// Span and length, for people.
    pub fn describe(&self) -> String {
        let bars = self.bars();
        match (bars.first(), bars.last()) {
            (Some(first), Some(last)) => format!(
                "bars of {}, {} to {}",
                interval::text(self.series.interval),
                print::time(first.ts_open()),
                print::time(last.ts_close())
            ),
            _ => "no bars".to_owned(),
        }
    }
}

/// Reads the bars on a grid that holds the tick.
fn read(options: &Options, config: &Config) -> anyhow::Result<BarSeries> {
    let mut reader = options.bar_options.to_reader()?;
    if config.bars.spec.volume != options.bar_options.has_volume() {
        if config.bars.spec.volume {
            return usage("--volume none: [bars] volume of the configuration says \"required\"".to_owned());
        }
        reader.volume = VolumePolicy::None;
    }
    let BarKind::Time { interval } = config.bars.spec.kind else {
        bail!("[bars] of the configuration: expected time bars");
    };
    match reader.interval {
        Some(given) if given != interval => {
            return usage(format!(
                "--interval {}: [bars] interval of the configuration is {}",
                interval::text(given),
                interval::text(interval)
            ));
        }
        Some(_) | None => {}
    }
    if let (Some(given), Some(stated)) = (reader.grid, config.bars.grid)
        && given != stated
    {
        return usage(format!(
            "--price-decimals and --volume-decimals say {given}, [bars] of the configuration {stated}: gatekeeper goes by \
             the configuration; change it there"
        ));
    }
    reader.grid = reader.grid.or(config.bars.grid);
    let series = market_data::read_bars(options.bars(), &reader).with_context(|| match config.bars.grid {
        Some(grid) => format!(
            "[bars] of {} says {grid} (price_decimals, volume_decimals): correct it there, or leave both out for \
             `isobar backtest` to find them out",
            options.config.display()
        ),
        None => options.bars().display().to_string(),
    })?;
    let tick = config.instrument.tick().scale();
    if reader.grid.is_some() || series.grid.price_scale() >= tick {
        return Ok(series);
    }
    // The file's prices need fewer decimals than orders do: the same prices, written with more.
    reader.grid = Some(Grid::new(tick, series.grid.qty_scale())?);
    Ok(market_data::read_bars(options.bars(), &reader)?)
}

/// The first bar behind a model's training rows and the bars their labels looked at.
fn unseen_from(leg: &Leg, bars: &[Bar]) -> usize {
    let manifest = &leg.verified.artifact().manifest;
    let after = bars.partition_point(|bar| bar.ts_available() <= manifest.train_span.1);
    let horizon = manifest.label.parse::<LabelSpec>().map_or(0, |label| label.horizon().get() as usize);
    if after == 0 { 0 } else { after.saturating_add(horizon).min(bars.len()) }
}

fn trained_until(legs: &[(&str, &Leg)]) -> UnixNanos {
    legs.iter().map(|(_, leg)| leg.verified.artifact().manifest.train_span.1).max().unwrap_or_default()
}

/// The first bar that no model was trained on, nor its labels looked at.
fn first_unseen(
    options: &Options,
    legs: &[(&str, &Leg)],
    bars: &[Bar],
    unseen: usize,
) -> anyhow::Result<usize> {
    if legs.is_empty() {
        return usage(
            "--out-of-sample: this bot has no model, so nothing was trained; leave it out".to_owned(),
        );
    }
    if unseen >= bars.len() {
        bail!(
            "{}: --out-of-sample leaves no bars: the models' training ends at {}; feed later bars",
            options.bars().display(),
            print::time(trained_until(legs))
        );
    }
    Ok(unseen)
}

/// What was trained on these bars, and what may have been; whether some model may have been.
fn warn_of_models(legs: &[(&str, &Leg)], bars: &[Bar], warnings: &mut Vec<String>) -> bool {
    let mut imported = false;
    for (name, leg) in legs {
        let manifest = &leg.verified.artifact().manifest;
        let (from, to) = manifest.train_span;
        let rows = bars.iter().filter(|bar| (from..=to).contains(&bar.ts_available())).count();
        if manifest.is_imported() {
            imported = true;
            warnings.push(format!(
                "the {name} model was trained elsewhere: which bars it has seen is not known here. Trained on rows \
                 beyond the training part of its dataset, what it earns says nothing."
            ));
        } else if rows > 0 {
            warnings.push(format!(
                "the {name} model was trained on {} of these bars: what it earns on them says nothing; \
                 --out-of-sample leaves them out",
                print::count(rows as u64)
            ));
        }
    }
    imported
}

fn warn_of_gaps(series: &BarSeries, first: usize, warnings: &mut Vec<String>) {
    let from = series.bars.get(first).map_or(UnixNanos(i64::MAX), Bar::ts_open);
    let gaps = series.gaps.iter().filter(|gap| gap.until > from);
    let (count, missing) = gaps.fold((0, 0), |(count, missing), gap| (count + 1, missing + gap.missing));
    if count > 0 {
        warnings.push(format!(
            "{} in these bars, {} missing: windows, holding times and cooldowns count bars, not time.",
            print::plural(count, "gap"),
            print::plural(missing, "bar")
        ));
    }
}

/// Where what the entry model predicts is not what the bot does with it.
fn warn_of_labels(
    leg: &Leg,
    options: &ModelDrivenOptions,
    bars: &[Bar],
    warnings: &mut Vec<String>,
) -> anyhow::Result<()> {
    match leg.verified.artifact().manifest.label.parse::<LabelSpec>()? {
        LabelSpec::Direction { horizon, above } if above == 0.0 && options.sides != Sides::Long => {
            let returns = LabelSpec::ForwardReturn { horizon }.label(bars, None);
            let still = returns.iter().flatten().filter(|value| *value == 0.0).count();
            if still * 50 > returns.labelled() {
                warnings.push(format!(
                    "after {} % of the bars the close {horizon} bars later is unchanged: the entry model counts it as no \
                     rise, so shorts take it for a fall. Train on `return` or `barriers`, or trade longs alone.",
                    still * 100 / returns.labelled().max(1)
                ));
            }
        }
        LabelSpec::TripleBarrier(label) => {
            let same = (options.stop, options.take, options.max_hold_bars)
                == (Some(label.loss), Some(label.profit), Some(label.horizon.get()));
            if !same {
                warnings.push(
                    "stop, take and max_hold_bars are not the barriers of the entry model's label: the edge it weighs \
                     is that of the label."
                        .to_owned(),
                );
            }
        }
        LabelSpec::Direction { .. } | LabelSpec::ForwardReturn { .. } => {}
    }
    Ok(())
}
