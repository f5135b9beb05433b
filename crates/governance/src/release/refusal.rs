//! Every reason at once.

use crate::Error;

/// An error with a list of reasons.
pub(super) fn refused(what: &str, reasons: &[String]) -> Error {
    let list: String = reasons.iter().map(|reason| format!("\n- {}", reason.replace('\n', "\n  "))).collect();
    Error::Refused(format!("{what}:{list}"))
}
