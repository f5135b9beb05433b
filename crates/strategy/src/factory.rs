//! Strategies by name.

use artifact::Verified;

use crate::{AlwaysFlat, BuyAndHold, ModelDrivenOptions, ModelDrivenStrategy, Strategy, StrategyError};

/// Makes strategies by name.
#[derive(Debug, Clone, Copy)]
pub struct StrategyFactory;

/// What strategies are made of.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ingredients<'a> {
    /// The entry model.
    pub entry: Option<&'a Verified>,
    /// The exit model.
    pub exit: Option<&'a Verified>,
    /// How a model-driven strategy decides.
    pub options: Option<ModelDrivenOptions>,
    /// What trading in and out costs, as a fraction of the price.
    pub round_trip: f64,
}

impl StrategyFactory {
    /// The names there are.
    pub const NAMES: &'static [&'static str] =
        &[ModelDrivenStrategy::NAME, BuyAndHold::NAME, AlwaysFlat::NAME];

    /// A fresh strategy.
    ///
    /// # Errors
    /// [`StrategyError::Unknown`] for a name there is not; [`StrategyError::Model`] and [`StrategyError::Option`] for
    /// ingredients that are missing, do not fit, or mean nothing to that strategy. `round_trip` is of the market and may
    /// be there for each.
    pub fn create(name: &str, ingredients: &Ingredients<'_>) -> Result<Box<dyn Strategy>, StrategyError> {
        match name {
            ModelDrivenStrategy::NAME => {
                let Ingredients { entry, exit, options, round_trip } = *ingredients;
                let entry = entry.ok_or_else(|| {
                    let problem = format!("missing; strategy {name:?} needs one: name its artifact");
                    StrategyError::model("entry", problem)
                })?;
                let options = options.ok_or_else(|| {
                    let problem = format!("missing; strategy {name:?} needs them: say how it decides");
                    StrategyError::option("options", problem)
                })?;
                Ok(Box::new(ModelDrivenStrategy::new(entry, exit, options, round_trip)?))
            }
            BuyAndHold::NAME => {
                nothing(name, ingredients).map(|()| Box::new(BuyAndHold) as Box<dyn Strategy>)
            }
            AlwaysFlat::NAME => {
                nothing(name, ingredients).map(|()| Box::new(AlwaysFlat) as Box<dyn Strategy>)
            }
            _ => Err(StrategyError::Unknown { found: name.to_owned(), known: Self::NAMES }),
        }
    }
}

/// Refuses what means nothing to a strategy that asks no model.
fn nothing(name: &str, ingredients: &Ingredients<'_>) -> Result<(), StrategyError> {
    let Ingredients { entry, exit, options, round_trip: _ } = ingredients;
    for (leg, model) in [("entry", entry), ("exit", exit)] {
        if model.is_some() {
            let problem = format!("strategy {name:?} asks no model: leave it out, or name another strategy");
            return Err(StrategyError::model(leg, problem));
        }
    }
    match options {
        None => Ok(()),
        Some(_) => {
            let problem = format!("strategy {name:?} has none: leave them out, or name another strategy");
            Err(StrategyError::option("options", problem))
        }
    }
}
