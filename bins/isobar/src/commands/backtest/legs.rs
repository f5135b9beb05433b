//! What a report says of each model: importance, calibration, its features in training and in the run.

use std::collections::BTreeMap;

use artifact::{Predictions, Reference};
use backtest::report::{FeatureShift, ModelSection, calibration, feature_shift};
use dataset::LabelSpec;
use execution::{Account, Market};
use feature_api::{Bar, Columns, Position, Side, UnixNanos};
use model::AnyModel;
use observation::{Action, ObservationEngine, Reason};
use runtime::{Bot, Leg, Step};

use super::history::History;
use crate::print;

/// What is noted while the bot runs: what the exit model said of which position.
pub struct Notes {
    account: Account,
    /// The position at the close of each bar, as the features were told.
    positions: Vec<Option<Position>>,
    /// What the exit model said at the close of each bar.
    exits: Vec<Option<f64>>,
    /// Bars on which the mapper did not do what was wanted, by its reason.
    limited: BTreeMap<&'static str, u64>,
    /// Bars on which an entry was wanted.
    wanted: u64,
    /// The limit that ended trading for good, and when.
    halt: Option<(&'static str, UnixNanos)>,
}

impl Notes {
    pub fn new(bot: &Bot, history: &History) -> anyhow::Result<Self> {
        let room = history.bars().len();
        Ok(Self {
            account: Account::new(bot.core.account().start())?,
            positions: Vec::with_capacity(room),
            exits: Vec::with_capacity(room),
            limited: BTreeMap::new(),
            wanted: 0,
            halt: None,
        })
    }

    /// Notes a step. The books are kept a second time, from the fills alone.
    pub fn step(&mut self, step: &Step<'_>, market: &Market) -> anyhow::Result<()> {
        for fill in step.fills {
            self.account.apply(market, fill)?;
        }
        self.account.close_bar();
        self.positions.push(self.account.position(market).map(|view| view.position));
        self.exits.push(step.signal.exit.value());
        self.wanted += u64::from(matches!(step.signal.action, Action::Enter { .. }));
        if let Some(reason) = step.mapped.reason {
            *self.limited.entry(reason.name()).or_default() += 1;
            if matches!(reason, Reason::Drawdown | Reason::Bankrupt) {
                self.halt.get_or_insert((reason.name(), step.bar.ts_close()));
            }
        }
        Ok(())
    }

    /// What ended trading for good.
    pub fn halts(&self) -> Option<String> {
        let (reason, ts) = self.halt?;
        Some(format!("{reason} ended trading for good at {}: nothing was opened after it.", print::time(ts)))
    }

    /// How often an entry was wanted, and how often what was wanted was not ordered so, by reason.
    pub fn limited(&self) -> String {
        let reasons: Vec<String> = self
            .limited
            .iter()
            .map(|(reason, bars)| format!("{reason} on {}", print::count(*bars)))
            .collect();
        let wanted = format!("entries wanted on {}", print::plural(self.wanted, "bar"));
        if reasons.is_empty() { wanted } else { format!("{wanted}; limited: {}", reasons.join(", ")) }
    }

    /// The position at the close of each bar.
    pub fn positions(&self) -> &[Option<Position>] {
        &self.positions
    }

    /// The sections of a report.
    pub fn sections(&self, bot: &Bot, history: &History) -> anyhow::Result<Vec<ModelSection<'static>>> {
        let mut sections = Vec::new();
        for (name, leg) in [("entry", &bot.entry), ("exit", &bot.exit)] {
            if let Some(leg) = leg {
                sections.push(self.section(name, leg, history)?);
            }
        }
        Ok(sections)
    }

    fn section(
        &self,
        name: &'static str,
        leg: &Leg,
        history: &History,
    ) -> anyhow::Result<ModelSection<'static>> {
        let artifact = leg.verified.artifact();
        let manifest = &artifact.manifest;
        let label: LabelSpec = manifest.label.parse()?;
        let observed = self.observe(leg, history)?;
        let predictions = match name {
            "entry" => predict(leg, &observed)?,
            _ => self.exits.clone(),
        };
        let is_probability = artifact.ensemble.output() == model::Output::Probability;
        let calibrated = if is_probability {
            calibration(
                self.scored(
                    history.out_of_sample_from.unwrap_or(0),
                    &label,
                    history.bars(),
                    &predictions,
                    name == "exit",
                )
                .into_iter(),
            )
        } else {
            Vec::new()
        };
        Ok(ModelSection {
            leg: name,
            model: manifest.model.clone(),
            label: manifest.label.clone(),
            importance: importance(leg),
            calibration: calibrated,
            features: shifts(leg, &observed, history),
            metrics: manifest.metrics.iter().map(|m| (m.part.clone(), m.name.clone(), m.value)).collect(),
        })
    }

    /// What the model's features were over the whole run, behind the bars they warm up on, told the positions of the run.
    fn observe(&self, leg: &Leg, history: &History) -> anyhow::Result<Observed> {
        let mut engine = ObservationEngine::of(&leg.verified)?;
        let (before, bars) = history.parts();
        let mut observations = engine.observations();
        if !engine.schema().takes_position() {
            engine.observe_many(&history.series.bars, &mut observations)?;
            return Ok(Observed { rows: observations.rows, first: before.len() });
        }
        for bar in before {
            engine.observe(bar)?;
        }
        for (bar, position) in bars.iter().zip(&self.positions) {
            engine.tell(*position)?;
            let seen = engine.observe(bar)?;
            // What features look like while a position is open: without one the model is not asked.
            if position.is_some() {
                observations.rows.push(seen.row);
            }
        }
        Ok(Observed { rows: observations.rows, first: 0 })
    }

    /// Each prediction from the bar `unseen` on beside whether what was predicted happened; along the position for an exit model.
    fn scored(
        &self,
        unseen: usize,
        label: &LabelSpec,
        bars: &[Bar],
        predictions: &[Option<f64>],
        along: bool,
    ) -> Vec<(f64, bool)> {
        // A direction that is looked at along a short is that of the mirrored return.
        let (labels, above) = match label {
            LabelSpec::Direction { horizon, above } => {
                (LabelSpec::ForwardReturn { horizon: *horizon }, *above)
            }
            LabelSpec::ForwardReturn { .. } | LabelSpec::TripleBarrier(_) => (*label, 0.0),
        };
        let is_direction = matches!(label, LabelSpec::Direction { .. });
        let labels = labels.label(bars, None);
        let rows = predictions.iter().zip(&self.positions).enumerate().skip(unseen);
        let scored = rows.filter_map(|(row, (prediction, position))| {
            let is_short = along && position.is_some_and(|position| position.side == Side::Short);
            let value = labels.get(row)?;
            let value = if is_direction && is_short { -value } else { value };
            Some(((*prediction)?, value > above))
        });
        scored.collect()
    }
}

/// Raw features of a model, and the first row of the run among them.
struct Observed {
    rows: Columns,
    first: usize,
}

/// What the model says of each bar of the run, whether or not the bot asked it.
fn predict(leg: &Leg, observed: &Observed) -> anyhow::Result<Vec<Option<f64>>> {
    let mut predictions = Predictions::default();
    leg.verified.pipeline().extend(&observed.rows, &mut predictions)?;
    Ok(predictions.values.split_off(observed.first.min(predictions.values.len())))
}

/// Features by how much the models look at them, the most important first: for trees the share of their splits, for
/// a weighted sum the share of the magnitudes of its weights.
fn importance(leg: &Leg) -> Vec<(String, f64)> {
    let artifact = leg.verified.artifact();
    let names = &artifact.preprocess.parts().kept;
    let mut shares: BTreeMap<&str, f64> = BTreeMap::new();
    let members = artifact.ensemble.members();
    let weights: f64 = members.iter().map(|member| member.weight.abs()).sum();
    for member in members {
        let inputs: Vec<f64> = match &member.model {
            AnyModel::Trees(trees) => trees.importance().into_iter().map(|splits| splits as f64).collect(),
            AnyModel::Linear(linear) => linear.parts().weights.iter().map(|weight| weight.abs()).collect(),
            AnyModel::External(_) => return Vec::new(),
        };
        let total: f64 = inputs.iter().sum();
        // A sequence has every feature once for each of its rows.
        for (input, name) in inputs.iter().zip(names.iter().cycle()) {
            if total > 0.0 && weights > 0.0 {
                *shares.entry(name).or_default() += input / total * member.weight.abs() / weights;
            }
        }
    }
    let mut shares: Vec<(String, f64)> =
        shares.into_iter().map(|(name, share)| (name.to_owned(), share)).collect();
    shares.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    shares.retain(|(_, share)| *share > 0.0);
    shares
}

/// Each feature that the model looks at, in training, as the artifact holds it, and in the run: behind the bars it was
/// trained on, where there are such in the run.
fn shifts(leg: &Leg, observed: &Observed, history: &History) -> Vec<FeatureShift> {
    let artifact = leg.verified.artifact();
    let unseen = history.out_of_sample_from.and_then(|from| history.bars().get(from)).map(Bar::ts_close);
    let rows = &observed.rows;
    let later = rows.ts_event.partition_point(|ts| unseen.is_some_and(|unseen| *ts < unseen));
    let first = observed.first.max(later);
    let shift = |(index, reference): (usize, &Reference)| {
        let (values, valid) = rows.column(index);
        let run = values.iter().zip(valid).skip(first);
        let mut found: Vec<f64> = run.filter(|(_, valid)| **valid).map(|(value, _)| *value).collect();
        let trained = reference.valid + reference.null;
        let null = if trained == 0 { 0.0 } else { reference.null as f64 / trained as f64 };
        let rows = rows.len().saturating_sub(first);
        feature_shift(&reference.feature, &reference.quantiles, null, &mut found, rows)
    };
    let kept = &artifact.preprocess.parts().kept;
    let references = artifact.reference.iter().enumerate();
    references.filter(|(_, reference)| kept.contains(&reference.feature)).map(shift).collect()
}
