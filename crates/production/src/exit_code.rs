//! Why a program ended, as a number: one for each kind of failure, and never another meaning for the same number, in no
//! program of production.
#![allow(missing_docs, reason = "an ending says itself what it means")]

/// Any other problem of an artifact than those listed: one that is newer than this table.
const ARTIFACT: u8 = 99;

/// A way to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    /// The exit code.
    pub exit_code: u8,
    /// Its name in logs.
    pub code: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

const fn ending(exit_code: u8, code: &'static str, meaning: &'static str) -> Ending {
    Ending { exit_code, code, meaning }
}

pub const INTERNAL: Ending = ending(1, "internal", "a fault of the program: report it");
pub const USAGE: Ending = ending(2, "usage", "the command line is wrong");
pub const CONFIGURATION: Ending =
    ending(3, "configuration", "the configuration is unreadable, or a key unknown, missing or out of range");
pub const INSTRUMENT: Ending = ending(4, "instrument", "instrument, costs or account do not fit the bars");
pub const STRATEGY: Ending = ending(5, "strategy", "the strategy does not fit its models or its options");
pub const RISK: Ending = ending(6, "risk", "a size, a limit or a reward that cannot be");
pub const ARTIFACT_UNREADABLE: Ending =
    ending(7, "artifact-unreadable", "a model file is missing or cannot be read");
pub const KEY: Ending = ending(8, "key", "a public key is missing, unreadable or no key");
pub const BARS_UNREADABLE: Ending =
    ending(10, "bars-unreadable", "the bars cannot be opened, read or made out");
pub const BARS_EMPTY: Ending = ending(11, "bars-empty", "there are no bars");
pub const BAR_INVALID: Ending = ending(12, "bar-invalid", "a row is no bar, or not a whole one");
pub const BAR_ORDER: Ending =
    ending(13, "bar-order", "a bar is out of order, a duplicate, or overlaps the one before");
pub const BAR_INTERVAL: Ending = ending(14, "bar-interval", "a bar is of another length than configured");
pub const BAR_INSTRUMENT: Ending =
    ending(15, "bar-instrument", "a bar is of another instrument, or on another grid");
pub const BAR_UNCLOSED: Ending = ending(16, "bar-unclosed", "a bar is not closed yet");
pub const STEP: Ending =
    ending(17, "step", "strategy, risk, exchange or account refused a bar: sums beyond what they hold");
pub const BARS_CUT: Ending = ending(18, "bars-cut", "standard input ended in the middle of a row");
pub const EVENTS_UNREADABLE: Ending =
    ending(30, "events-unreadable", "the events cannot be opened, read or made out");
pub const EVENTS_EMPTY: Ending = ending(31, "events-empty", "there are no events");
pub const EVENT_INVALID: Ending = ending(32, "event-invalid", "a row is no event, or not a whole one");
pub const EVENT_INSTRUMENT: Ending =
    ending(33, "event-instrument", "an event is of another instrument, or on another grid");
pub const EVENT_STEP: Ending = ending(
    34,
    "event-step",
    "strategy, risk, exchange or account refused an event: sums beyond what they hold",
);
pub const EVENTS_CUT: Ending = ending(35, "events-cut", "standard input ended in the middle of a row");
pub const STATE_UNREADABLE: Ending = ending(20, "state-unreadable", "the state cannot be read");
pub const STATE_DAMAGED: Ending = ending(21, "state-damaged", "the state is damaged, or none");
pub const STATE_OTHER_BOT: Ending =
    ending(22, "state-other-bot", "the state is of another bot: other models, configuration or features");
pub const STATE_UNWRITABLE: Ending = ending(23, "state-unwritable", "the state cannot be written");
pub const STATE_IN_USE: Ending = ending(24, "state-in-use", "another process uses the state");
pub const OUTPUT_UNWRITABLE: Ending =
    ending(25, "output-unwritable", "decisions cannot be written: a full disk, a closed pipe");
pub const OUTPUT_MISMATCH: Ending =
    ending(26, "output-mismatch", "the file of decisions is not the one that the state goes on with");

/// What a program of production may end with whatever it is fed with. 0 is success; 101 is a panic, which no input may
/// cause.
const SHARED: [Ending; 58] = [
    INTERNAL,
    USAGE,
    CONFIGURATION,
    INSTRUMENT,
    STRATEGY,
    RISK,
    ARTIFACT_UNREADABLE,
    KEY,
    STATE_UNREADABLE,
    STATE_DAMAGED,
    STATE_OTHER_BOT,
    STATE_UNWRITABLE,
    STATE_IN_USE,
    OUTPUT_UNWRITABLE,
    OUTPUT_MISMATCH,
    ending(40, "magic", "a model file is no artifact"),
    ending(41, "too-large", "an artifact is longer than any"),
    ending(42, "length", "an artifact is cut off, or longer than it says"),
    ending(43, "signed-flag", "an artifact neither says that it is signed nor that it is not"),
    ending(44, "checksum", "an artifact is damaged"),
    ending(45, "key-without-signature", "the signature of an artifact was taken off"),
    ending(46, "signer-key", "the signer's key is no key"),
    ending(47, "signature", "the signature is not of this artifact"),
    ending(48, "unsigned", "an artifact is not signed, and must be"),
    ending(49, "untrusted-signer", "an artifact is signed by nobody who is trusted"),
    ending(50, "newer-format", "an artifact is newer than this program"),
    ending(51, "unknown-format", "an artifact is of a format there never was"),
    ending(52, "decode", "a part of an artifact cannot be decoded"),
    ending(53, "not-canonical", "a part of an artifact is encoded in another way than the one there is"),
    ending(54, "sections", "an artifact has other sections than there must be"),
    ending(55, "section-length", "the sections of an artifact are longer or shorter than its body"),
    ending(56, "section-hash", "a section of an artifact is not what its header says"),
    ending(57, "manifest", "a statement of an artifact makes no sense"),
    ending(58, "malformed-version", "the feature version of an artifact is none"),
    ending(59, "feature-crate", "a model was trained on features of another crate"),
    ending(60, "feature-version", "a model was trained on another version of the features"),
    ending(61, "source-hash", "a model was trained on features of other source code"),
    ending(62, "config", "the program does not have the set or the parameters configured"),
    ending(63, "set-unknown", "a model was trained on a set that the program does not have"),
    ending(64, "params-unknown", "a model was trained with parameters that the set does not take"),
    ending(65, "set", "a model was trained on another set than configured"),
    ending(66, "params", "a model was trained with other parameters than configured"),
    ending(67, "schema", "a model was trained on another schema"),
    ending(68, "bars", "a model was trained on other bars than configured"),
    ending(69, "output-hash", "a model was trained on other outputs of the features"),
    ending(70, "self-test", "this build or this machine computes other bits"),
    ending(71, "missing-scaler", "the scaler of an artifact is missing"),
    ending(72, "unfitted-imputer", "an imputer of an artifact was never fitted"),
    ending(
        73,
        "preprocess",
        "the preprocessing of an artifact is not whole, not finite, or of other features",
    ),
    ending(74, "model", "the model of an artifact cannot be made"),
    ending(75, "width", "a model takes other inputs than its preprocessing gives"),
    ending(76, "missing-values", "a model does not know missing values, and its preprocessing gives them"),
    ending(77, "filters", "a filter of an artifact cannot be evaluated"),
    ending(78, "reference", "the reference distributions of an artifact are of other features"),
    ending(79, "no-probes", "an artifact holds nothing that shows that it predicts as it did"),
    ending(80, "probe-shape", "a probe of an artifact cannot be one"),
    ending(81, "probe", "a model predicts something else than it did"),
    ending(82, "unchecked", "a part of an artifact could not be checked"),
];

/// Endings of a program that is fed with bars, beside the shared ones.
pub const BARS: [Ending; 9] = [
    BARS_UNREADABLE,
    BARS_EMPTY,
    BAR_INVALID,
    BAR_ORDER,
    BAR_INTERVAL,
    BAR_INSTRUMENT,
    BAR_UNCLOSED,
    STEP,
    BARS_CUT,
];

/// Endings of a program that is fed with events, beside the shared ones.
pub const EVENTS: [Ending; 6] =
    [EVENTS_UNREADABLE, EVENTS_EMPTY, EVENT_INVALID, EVENT_INSTRUMENT, EVENT_STEP, EVENTS_CUT];

/// Every way to fail of a program: the shared ones and its own, by number. `N` is how many there are.
#[must_use]
pub const fn table<const N: usize>(mut own: &[Ending]) -> [Ending; N] {
    let mut shared: &[Ending] = &SHARED;
    assert!(shared.len() + own.len() == N, "as many as there are");
    let mut table = [INTERNAL; N];
    let mut places: &mut [Ending] = &mut table;
    while let [place, others @ ..] = places {
        places = others;
        *place = match (shared, own) {
            ([first, rest @ ..], [mine, ..]) if first.exit_code < mine.exit_code => {
                shared = rest;
                *first
            }
            (_, [mine, rest @ ..]) => {
                own = rest;
                *mine
            }
            ([first, rest @ ..], []) => {
                shared = rest;
                *first
            }
            ([], []) => INTERNAL,
        };
    }
    table
}

/// What a problem of an artifact ends the program with, by [`artifact::Problem::code`].
pub(crate) fn of_problem(code: &'static str) -> Ending {
    let listed = SHARED.iter().find(|ending| ending.exit_code >= 40 && ending.code == code);
    listed.copied().unwrap_or(ending(ARTIFACT, code, "any other problem of an artifact"))
}

/// A program's table, for its `--help`.
#[must_use]
pub fn help(table: &[Ending]) -> String {
    let mut text = "Exit codes:\n   0  done\n".to_owned();
    for Ending { exit_code, code, meaning } in table {
        text.push_str(&format!("  {exit_code:>2}  {code}: {meaning}\n"));
    }
    text.push_str(&format!("  {ARTIFACT}  any other problem of an artifact"));
    text
}

/// A program's table, for its README.
#[must_use]
pub fn readme(table: &[Ending]) -> Vec<String> {
    let line = |ending: &Ending| format!("| {} | `{}` | {} |", ending.exit_code, ending.code, ending.meaning);
    let done = "| 0 | | done |".to_owned();
    let other = format!("| {ARTIFACT} | the problem's | any other problem of an artifact |");
    std::iter::once(done).chain(table.iter().map(line)).chain([other]).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Codes as they stand in the source: what follows `=> "`.
    fn codes_of_artifact() -> BTreeSet<&'static str> {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../crates/artifact/src/problem/code.rs");
        let source: &'static str = std::fs::read_to_string(path).unwrap().leak();
        let code = |line: &'static str| line.split("=> \"").nth(1)?.split('"').next();
        source.lines().filter_map(code).collect()
    }

    #[test]
    fn every_problem_of_an_artifact_has_a_code_of_its_own_and_no_other_has() {
        let expected = codes_of_artifact();
        assert!(expected.len() >= 43 && expected.contains("self-test"), "{expected:?}");
        let listed = SHARED.iter().filter(|ending| ending.exit_code >= 40);
        assert_eq!(listed.map(|ending| ending.code).collect::<BTreeSet<_>>(), expected);
        for code in expected {
            assert_ne!(of_problem(code).exit_code, ARTIFACT, "{code}");
        }
        assert_eq!(of_problem("usage").exit_code, ARTIFACT, "a code of the program is none of an artifact");
    }

    /// In all programs together.
    #[test]
    fn no_number_and_no_name_means_two_things() {
        let all = [&SHARED[..], &BARS, &EVENTS].concat();
        let mut numbers: Vec<_> = all.iter().map(|ending| ending.exit_code).chain([0, ARTIFACT]).collect();
        let mut names: Vec<_> = all.iter().map(|ending| ending.code).collect();
        let (numbers_count, names_count) = (numbers.len(), names.len());
        numbers.sort_unstable();
        numbers.dedup();
        names.sort_unstable();
        names.dedup();
        assert_eq!((numbers.len(), names.len()), (numbers_count, names_count));
        // From 101 on, Rust and the shells have meanings of their own.
        assert!(numbers.iter().all(|number| *number < 101));
    }

    #[test]
    fn a_table_is_by_number() {
        let check = |table: &[Ending], own: &[Ending]| {
            assert!(table.is_sorted_by_key(|ending| ending.exit_code));
            for ending in SHARED.iter().chain(own) {
                assert_eq!(table.iter().filter(|listed| *listed == ending).count(), 1, "{ending:?}");
            }
        };
        check(&table::<67>(&BARS), &BARS);
        check(&table::<64>(&EVENTS), &EVENTS);
        check(&table::<58>(&[]), &[]);
    }
}
