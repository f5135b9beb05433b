//! What the user reads where a command fails, and the exit code.

use std::process::ExitCode;

use dataset::DatasetError;
use market_data::MarketDataError;
use training::TrainingError;

/// A command line that cannot be meant, although each argument by itself is well formed.
#[derive(Debug)]
pub struct Usage(pub String);

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

/// `error:`, then the chain of causes on one line. A cause that the message before it already quotes is left out.
pub fn message(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    format!("error: {text}")
}

/// 2 where the command line is wrong, else 1.
pub fn exit_code(error: &anyhow::Error) -> ExitCode {
    let is_usage = error.chain().any(|cause| {
        let data = cause.downcast_ref::<MarketDataError>();
        let is_option = data.is_some_and(|data| {
            matches!(
                data,
                MarketDataError::ColumnName { .. }
                    | MarketDataError::Extension { .. }
                    | MarketDataError::Interval { .. }
                    | MarketDataError::TimePattern { .. }
            )
        });
        let training = cause.downcast_ref::<TrainingError>();
        let is_recipe = training.is_some_and(|error| {
            matches!(error, TrainingError::Option { .. } | TrainingError::Unknown { .. })
        });
        let dataset = cause.downcast_ref::<DatasetError>();
        let is_split = dataset
            .is_some_and(|error| matches!(error, DatasetError::Share { .. } | DatasetError::Label { .. }));
        is_option || is_recipe || is_split || cause.is::<Usage>()
    });
    ExitCode::from(if is_usage { 2 } else { 1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_said_once() {
        let error =
            anyhow::anyhow!("no such file").context("cannot open a.csv: no such file").context("bars");
        assert_eq!(message(&error), "error: bars: cannot open a.csv: no such file");
    }
}
