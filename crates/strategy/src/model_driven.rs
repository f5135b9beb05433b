//! Entry and exit by models.

use artifact::{Outcome, PipelineError, Predictor, Verified};
use dataset::LabelSpec;
use execution::PositionView;
use feature_api::{Bar, Event, RestoreError, StateReader, StateWriter};
use model::Output;
use observation::{Action, Observation, ObservationEngine, ObservationError};
use preprocess::Unready;

use crate::meaning::{exit_threshold, is_probability};
use crate::options::cost;
use crate::{EntryMeaning, ModelDrivenOptions, Reading, Signal, Strategy, StrategyError, Why};

/// Enters where the entry model's probability beats its threshold and its edge beats costs; exits by the exit model or
/// by time. Stop and take-profit go with the entry as its bracket.
///
/// At the close of a bar both engines are told the position and see the bar, whatever will be asked, so that no state
/// hangs on a decision. The exit model is asked while a position is open, the entry model while none is. Then, in this
/// order:
///
/// - Open: close after `max_hold_bars` ([`Why::ExitTime`]), close where the exit model predicts less than
///   `exit_threshold` ([`Why::ExitModel`]), else hold. An exit model that is in its warm-up, not ready or blocked holds;
///   stop, take-profit and time still protect.
/// - Flat: nothing where the entry model has no prediction ([`Why::WarmUp`], [`Why::NotReady`], [`Why::Blocked`]), where
///   an exit is too recent ([`Why::Cooldown`]), where [`EntryMeaning`] proposes nothing ([`Why::BelowThreshold`]) or where
///   the edge does not exceed the costs of a round trip and `min_edge` ([`Why::BelowCosts`]); else enter.
///
/// Over the events of a market it decides with each row of the entry model's set; bars are then rows. An exit model whose
/// set completes no row with the same event is not ready, and as in its warm-up where nothing is open.
///
/// Nothing is entered while the exit model is in its warm-up. While an entry order is at work the strategy still says
/// `Enter`; the mapper says what that comes to.
pub struct ModelDrivenStrategy {
    entry: Leg,
    exit: Option<Exit>,
    meaning: EntryMeaning,
    options: ModelDrivenOptions,
    /// What an edge must exceed: costs of a round trip and `min_edge`.
    hurdle: f64,
    past: Past,
}

/// A model with its own features.
struct Leg {
    name: &'static str,
    engine: ObservationEngine,
    predictor: Predictor,
}

/// What a leg saw with a row, and whom to ask about it.
struct Seen<'a> {
    name: &'static str,
    observation: Observation<'a>,
    predictor: &'a mut Predictor,
}

/// An exit model, and below what it closes.
struct Exit {
    leg: Leg,
    threshold: f64,
}

/// What is remembered of positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Past {
    /// None was seen yet.
    Never,
    /// One was open at the last bar.
    Open,
    /// One was closed that many bars ago, 0 for the bar in whose fills it was.
    Closed { bars: u32 },
}

impl ModelDrivenStrategy {
    /// Its name in configurations.
    pub const NAME: &'static str = "model-driven";

    /// A strategy of an entry model and, where there is one, an exit model. `round_trip` is what trading in and out
    /// costs, as a fraction of the price; finite, 0 or above.
    ///
    /// # Errors
    /// [`StrategyError::Model`] where the entry model looks at positions, the exit model does not, the two are fed other
    /// bars, or a model predicts something else than its label asks for; [`StrategyError::Option`] as
    /// [`EntryMeaning::new`], for an exit threshold that does not fit, and where nothing would ever close a position.
    pub fn new(
        entry: &Verified,
        exit: Option<&Verified>,
        options: ModelDrivenOptions,
        round_trip: f64,
    ) -> Result<Self, StrategyError> {
        let label = label("entry", entry)?;
        let exit_label = exit.map(|exit| self::label("exit", exit)).transpose()?;
        let meaning = EntryMeaning::new(label, options)?;
        let threshold = exit_threshold(exit_label.as_ref(), &options)?;
        cost("round_trip", round_trip)?;
        let hurdle = round_trip + options.min_edge;
        cost("min_edge", hurdle)?;
        let entry_leg = Leg::new("entry", entry)?;
        if entry_leg.engine.schema().takes_position() {
            let problem = format!(
                "its set {:?} looks at the open position, and there is none before an entry; name a model of a set \
                 over bars alone",
                entry.artifact().manifest.set
            );
            return Err(StrategyError::model("entry", problem));
        }
        let exit =
            exit.zip(threshold).map(|(exit, threshold)| Exit::new(exit, threshold, entry)).transpose()?;
        // An exit model that is blocked or has no input closes nothing, and a take-profit no loss.
        if options.stop.is_none() && options.max_hold_bars.is_none() {
            let problem = "missing, and so is stop: a position that loses while the exit model has no answer would \
                           never be closed; state at least one";
            return Err(StrategyError::option("max_hold_bars", problem));
        }
        Ok(Self { entry: entry_leg, exit, meaning, options, hurdle, past: Past::Never })
    }

    /// What is wanted while a position is open.
    fn open(&self, position: &PositionView, exit: Reading) -> (Action, Why) {
        let time = self.options.max_hold_bars.is_some_and(|bars| position.bars_held >= bars);
        let threshold = self.exit.as_ref().map(|exit| exit.threshold);
        let model = exit.value().zip(threshold).is_some_and(|(value, threshold)| value < threshold);
        match (time, model) {
            (true, _) => (Action::Flat, Why::ExitTime),
            (false, true) => (Action::Flat, Why::ExitModel),
            (false, false) => (Action::Hold, Why::Holding),
        }
    }

    /// What is wanted while none is, and the edge that was weighed.
    fn flat(&self, entry: Reading, can_exit: bool) -> (Action, Why, Option<f64>) {
        let hold = |why| (Action::Hold, why, None);
        let prediction = match entry {
            Reading::Value(prediction) => prediction,
            Reading::WarmUp => return hold(Why::WarmUp),
            Reading::Blocked => return hold(Why::Blocked),
            Reading::NotReady | Reading::None => return hold(Why::NotReady),
        };
        // What the exit model could not close is not opened.
        if !can_exit {
            return hold(Why::WarmUp);
        }
        if let Past::Closed { bars } = self.past
            && bars < self.options.cooldown_bars
        {
            return hold(Why::Cooldown);
        }
        let Some(proposal) = self.meaning.propose(prediction) else { return hold(Why::BelowThreshold) };
        if proposal.edge > self.hurdle {
            let ModelDrivenOptions { stop, take, .. } = self.options;
            (Action::Enter { side: proposal.side, stop, take }, Why::Entry, Some(proposal.edge))
        } else {
            (Action::Hold, Why::BelowCosts, Some(proposal.edge))
        }
    }

    fn restore(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.past = Past::load(state)?;
        self.entry.engine.load(state)?;
        let found = state.read_bool()?;
        if found != self.exit.is_some() {
            let legs = |exit| if exit { "entry and exit model" } else { "entry model alone" };
            return Err(RestoreError::Mismatch {
                what: "strategy",
                expected: legs(self.exit.is_some()).to_owned(),
                found: legs(found).to_owned(),
            });
        }
        self.exit.as_mut().map_or(Ok(()), |exit| exit.leg.engine.load(state))
    }
}

impl Strategy for ModelDrivenStrategy {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn on_bar(
        &mut self,
        bar: &Bar,
        position: Option<&PositionView>,
        closed: bool,
    ) -> Result<Signal, StrategyError> {
        let signal = self.on_event(Event::Bar(bar), position, closed)?;
        let no_row = || ObservationError::NoRow { set: self.entry.engine.schema().set().to_owned() };
        signal.ok_or_else(|| no_row().into())
    }

    fn on_event(
        &mut self,
        event: Event<'_>,
        position: Option<&PositionView>,
        closed: bool,
    ) -> Result<Option<Signal>, StrategyError> {
        let told = position.map(|view| view.position);
        let is_open = position.is_some();
        // What the exit's set refuses includes what the entry's does: a bar that is refused is taken by neither.
        if let Some(exit) = &mut self.exit {
            exit.leg.engine.tell(told)?;
        }
        self.entry.engine.tell(told)?;
        let exit = self.exit.as_mut().map(|exit| exit.leg.see(event)).transpose()?;
        let Some(entry) = self.entry.see(event)? else { return Ok(None) };
        let can_exit = match &exit {
            Some(Some(seen)) => !seen.is_warming_up(),
            Some(None) => false,
            None => true,
        };
        let (entry, exit) = match (is_open, exit) {
            (false, _) => (entry.ask()?, Reading::None),
            (true, Some(Some(exit))) => (Reading::None, exit.ask()?),
            (true, Some(None)) => (Reading::None, Reading::NotReady),
            (true, None) => (Reading::None, Reading::None),
        };
        self.past = self.past.after(is_open, closed);
        let (action, why, edge) = match position {
            Some(position) => {
                let (action, why) = self.open(position, exit);
                (action, why, None)
            }
            None => self.flat(entry, can_exit),
        };
        Ok(Some(Signal { action, why, entry, exit, edge }))
    }

    fn counters(&self) -> Vec<(&'static str, u64)> {
        self.entry.engine.counters()
    }

    fn save(&self, state: &mut StateWriter) {
        self.past.save(state);
        self.entry.engine.save(state);
        state.write_bool(self.exit.is_some());
        if let Some(exit) = &self.exit {
            exit.leg.engine.save(state);
        }
    }

    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        let restored = self.restore(state);
        if restored.is_err() {
            self.past = Past::Never;
            self.entry.engine.reset();
            if let Some(exit) = &mut self.exit {
                exit.leg.engine.reset();
            }
        }
        restored
    }
}

impl Leg {
    fn new(name: &'static str, verified: &Verified) -> Result<Self, StrategyError> {
        let (_, predictor) = verified.pipeline().into_parts();
        Ok(Self { name, engine: ObservationEngine::of(verified)?, predictor })
    }

    /// Takes the event; what is seen where it completes a row.
    fn see(&mut self, event: Event<'_>) -> Result<Option<Seen<'_>>, StrategyError> {
        let Self { name, engine, predictor } = self;
        let seen = engine.observe_event(event)?;
        Ok(seen.map(|observation| Seen { name, observation, predictor }))
    }
}

impl Seen<'_> {
    const fn is_warming_up(&self) -> bool {
        matches!(self.observation.input, Err(Unready::WarmUp { .. }))
    }

    /// What the model says.
    fn ask(self) -> Result<Reading, StrategyError> {
        let Observation { row, input, index } = self.observation;
        let refused = |error: PipelineError| StrategyError::Predict { leg: self.name, error };
        Ok(match self.predictor.predict(index, row, input).map_err(refused)? {
            Outcome::Predicted { value, .. } => Reading::Value(value),
            Outcome::Blocked { .. } => Reading::Blocked,
            Outcome::NotReady(_) => Reading::NotReady,
            Outcome::WarmUp { .. } => Reading::WarmUp,
        })
    }
}

impl Exit {
    /// The exit model beside that entry model.
    fn new(exit: &Verified, threshold: f64, entry: &Verified) -> Result<Self, StrategyError> {
        let (expected, found) = (entry.artifact().manifest.bars, exit.artifact().manifest.bars);
        if expected != found {
            let problem = format!(
                "expected {expected}, as the entry model is fed, found {found}; train both on the same bars"
            );
            return Err(StrategyError::model("exit", problem));
        }
        let leg = Leg::new("exit", exit)?;
        if !leg.engine.schema().takes_position() {
            let problem = format!(
                "its set {:?} does not look at the open position; name a model of a set that does, such as \"exit\"",
                exit.artifact().manifest.set
            );
            return Err(StrategyError::model("exit", problem));
        }
        Ok(Self { leg, threshold })
    }
}

impl Past {
    /// What is remembered after a bar at whose close a position is open or not, and in which one was closed or not.
    const fn after(self, is_open: bool, closed: bool) -> Self {
        match (is_open, self) {
            (true, _) => Self::Open,
            (false, _) if closed => Self::Closed { bars: 0 },
            (false, Self::Never) => Self::Never,
            (false, Self::Open) => Self::Closed { bars: 0 },
            (false, Self::Closed { bars }) => Self::Closed { bars: bars.saturating_add(1) },
        }
    }

    fn save(self, state: &mut StateWriter) {
        let (kind, bars) = match self {
            Self::Never => (0, 0),
            Self::Open => (1, 0),
            Self::Closed { bars } => (2, bars),
        };
        state.write_u64(kind);
        state.write_u64(bars.into());
    }

    fn load(state: &mut StateReader<'_>) -> Result<Self, RestoreError> {
        let invalid = RestoreError::Invalid { what: "what a strategy remembers of positions" };
        let (kind, bars) = (state.read_u64()?, state.read_u64()?);
        match (kind, u32::try_from(bars)) {
            (0, Ok(0)) => Ok(Self::Never),
            (1, Ok(0)) => Ok(Self::Open),
            (2, Ok(bars)) => Ok(Self::Closed { bars }),
            _ => Err(invalid),
        }
    }
}

/// The label a model was trained on, and that the model predicts what it asks for.
fn label(leg: &'static str, verified: &Verified) -> Result<LabelSpec, StrategyError> {
    let artifact = verified.artifact();
    let label: LabelSpec = artifact
        .manifest
        .label
        .parse()
        .map_err(|error: dataset::DatasetError| StrategyError::model(leg, error.to_string()))?;
    let expected = if is_probability(&label) { Output::Probability } else { Output::Value };
    let found = artifact.ensemble.output();
    if expected == found {
        return Ok(label);
    }
    let problem = format!(
        "it predicts a {found:?}, and its label {label} asks for a {expected:?}; train it on that label"
    );
    Err(StrategyError::model(leg, problem))
}
