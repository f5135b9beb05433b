//! The bars a backtest runs over.

use anyhow::bail;
use feature_api::{Bar, BarKind, Grid, UnixNanos};
use market_data::{BarSeries, VolumePolicy};
use runtime::{Bot, Config, Leg};

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
                options.bars.display(),
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
        let warm_ups: Vec<usize> = legs.iter().map(|(_, leg)| warm_up(leg)).collect::<anyhow::Result<_>>()?;
        let warm_up = warm_ups.into_iter().max().unwrap_or(0);
        let first = if options.out_of_sample {
            if legs.is_empty() {
                return usage(
                    "--out-of-sample: this bot has no model, so nothing was trained; leave it out".to_owned(),
                );
            }
            if unseen >= series.bars.len() {
                bail!(
                    "{}: --out-of-sample leaves no bars: the models' training ends at {}; feed later bars",
                    options.bars.display(),
                    print::time(trained_until(&legs))
                );
            }
            unseen.saturating_sub(warm_up)
        } else {
            0
        };
        for (name, leg) in &legs {
            let (from, to) = leg.verified.artifact().manifest.train_span;
            let seen = series.bars.iter().skip(first);
            let rows = seen.filter(|bar| (from..=to).contains(&bar.ts_available())).count();
            if rows > 0 && !options.out_of_sample {
                warnings.push(format!(
                    "the {name} model was trained on {} of these bars: what it earns on them says nothing; \
                     --out-of-sample leaves them out",
                    print::count(rows as u64)
                ));
            }
        }
        let out_of_sample_from = (!legs.is_empty() && unseen < series.bars.len()).then(|| unseen - first);
        Ok(Self { series, first, out_of_sample_from, warnings })
    }

    /// The bars that are run over.
    pub fn bars(&self) -> &[Bar] {
        self.series.bars.get(self.first..).unwrap_or_default()
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
    reader.grid = reader.grid.or(config.bars.grid);
    let series = market_data::read_bars(&options.bars, &reader)?;
    let tick = config.instrument.tick().scale();
    if reader.grid.is_some() || series.grid.price_scale() >= tick {
        return Ok(series);
    }
    // The file's prices need fewer decimals than orders do: the same prices, written with more.
    reader.grid = Some(Grid::new(tick, series.grid.qty_scale())?);
    Ok(market_data::read_bars(&options.bars, &reader)?)
}

/// The first bar behind a model's training rows and the bars their labels looked at.
fn unseen_from(leg: &Leg, bars: &[Bar]) -> usize {
    let manifest = &leg.verified.artifact().manifest;
    let after = bars.partition_point(|bar| bar.ts_available() <= manifest.train_span.1);
    let horizon =
        manifest.label.parse::<dataset::LabelSpec>().map_or(0, |label| label.horizon().get() as usize);
    if after == 0 { 0 } else { after.saturating_add(horizon).min(bars.len()) }
}

fn trained_until(legs: &[(&str, &Leg)]) -> UnixNanos {
    legs.iter().map(|(_, leg)| leg.verified.artifact().manifest.train_span.1).max().unwrap_or_default()
}

fn warm_up(leg: &Leg) -> anyhow::Result<usize> {
    let artifact = leg.verified.artifact();
    let sequence = artifact.preprocess.parts().sequence.get() as usize;
    Ok(leg.verified.features()?.schema().warm_up() as usize + sequence - 1)
}
