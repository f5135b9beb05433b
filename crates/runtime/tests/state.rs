//! The state of a bot as a file: it goes on the same, or says why it does not.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::fs;
use std::path::Path;

use feature_api::{Bar, Grid, RestoreError};
use model::Loaders;
use runtime::{Bot, Config, Record, State, StateError};
use support::models::{ENTRY, EXIT, VERSION};
use support::{bars, grid, with_toys, without_models};

/// A bot that needs no model.
fn hold(grid: Grid) -> Bot {
    let config = Config::parse(&without_models("buy-and-hold"), Path::new("bot.toml"), &[]).unwrap();
    Bot::open(&config, &VERSION, grid, Loaders(&[])).unwrap()
}

fn step(bot: &mut Bot, bar: &Bar) -> String {
    let market = bot.core.exchange().market().clone();
    serde_json::to_string(&Record::of(&bot.core.step(bar).unwrap(), &market)).unwrap()
}

#[test]
fn a_bot_goes_on_from_its_state() {
    let folder = tempfile::tempdir().unwrap();
    ENTRY.write(&folder.path().join("entry.iso"), None);
    EXIT.write(&folder.path().join("exit.iso"), None);
    let config = Config::parse(&with_toys(), &folder.path().join("bot.toml"), &[]).unwrap();
    let open = || Bot::open(&config, &VERSION, grid(), Loaders(&[])).unwrap();
    let bars = bars(320, 21);
    let (mut bot, state) = (open(), folder.path().join("bot.state"));
    let mut opens = Vec::new();
    let mut records = Vec::new();
    for (at, bar) in bars.iter().enumerate() {
        if at % 16 == 5 {
            State::save(&state, &bot, at as u64).unwrap();
            let mut continued = open();
            assert_eq!(State::restore(&state, &mut continued).unwrap(), Some(at as u64));
            assert_eq!(continued.core.bars(), at as u64);
            opens.push((at, continued));
        }
        records.push(step(&mut bot, bar));
    }
    let traded = records.iter().filter(|record| record.contains("\"fee\"")).count();
    assert!(
        traded > 10 && records.iter().any(|record| record.contains("exit-model")),
        "{traded} bars with fills"
    );
    for (at, mut continued) in opens {
        let found: Vec<String> = bars[at..].iter().map(|bar| step(&mut continued, bar)).collect();
        assert_eq!(found, records[at..], "from bar {at} on");
    }
}

#[test]
fn no_file_is_no_state() {
    let folder = tempfile::tempdir().unwrap();
    let found = State::restore(&folder.path().join("bot.state"), &mut hold(grid()));
    assert!(matches!(found, Ok(None)));
}

#[test]
fn a_damaged_state_is_refused_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bot.state");
    let mut bot = hold(grid());
    bars(20, 4).iter().for_each(|bar| drop(step(&mut bot, bar)));
    State::save(&path, &bot, u64::MAX).unwrap();
    let whole = fs::read(&path).unwrap();
    let mut fresh = hold(grid());
    let mut refused = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        let error = State::restore(&path, &mut fresh).unwrap_err().to_string();
        error.strip_prefix(&format!("{}: ", path.display())).unwrap().to_owned()
    };
    let end = "; delete it to begin anew, or put back a whole one";
    let damaged = format!(
        "the state is damaged: expected content of the checksum at its end; it was cut off or altered{end}"
    );
    let mut flipped = whole.clone();
    flipped[100] ^= 1;
    assert_eq!(refused(&flipped), damaged);
    assert_eq!(refused(&whole[..whole.len() - 1]), damaged);
    assert_eq!(refused(&[&whole[..], b"\n"].concat()), damaged);
    assert_eq!(
        refused(b""),
        format!("the state ends too early: it is truncated or of other parameters{end}")
    );
    assert_eq!(
        refused(b"PAR1 and other bytes"),
        format!("the state is damaged: expected the state of a bot, which begins otherwise{end}")
    );
    // And the whole of it is one.
    fs::write(&path, &whole).unwrap();
    assert!(matches!(State::restore(&path, &mut fresh), Ok(Some(u64::MAX))));
    assert_eq!(fresh.core.bars(), 20);
}

/// A state whose checksum fits, whatever else does not.
fn sealed(mut content: Vec<u8>) -> Vec<u8> {
    let checksum = feature_api::identity::sha256(&content);
    content.extend_from_slice(&checksum.0);
    content
}

#[test]
fn lengths_and_numbers_are_checked_behind_the_checksum_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bot.state");
    let bot = hold(grid());
    State::save(&path, &bot, 0).unwrap();
    let whole = fs::read(&path).unwrap();
    let content = &whole[..whole.len() - 32];
    let with = |at: usize, value: u64| {
        let mut content = content.to_vec();
        content[at..at + 8].copy_from_slice(&value.to_le_bytes());
        sealed(content)
    };
    let restore = |bytes: Vec<u8>| {
        fs::write(&path, bytes).unwrap();
        match State::restore(&path, &mut hold(grid())) {
            Err(StateError::Restore { source, .. }) => source,
            other => unreachable!("{other:?}"),
        }
    };
    let mismatch = |found: &str| RestoreError::Mismatch {
        what: "format",
        expected: "1".to_owned(),
        found: found.to_owned(),
    };
    assert_eq!(restore(with(16, 2)), mismatch("2"));
    assert_eq!(restore(with(16, 0)), mismatch("0"));
    let decimals = RestoreError::Invalid { what: "decimals of a grid" };
    assert_eq!(restore(with(56, 17)), decimals);
    assert_eq!(restore(with(64, 256 + 3)), decimals);
    let length = (content.len() - 88) as u64;
    assert_eq!(restore(with(80, length + 1)), RestoreError::Truncated);
    assert_eq!(restore(with(80, u64::MAX)), RestoreError::Truncated);
    assert_eq!(restore(with(80, length - 1)), RestoreError::Trailing { count: 1 });
    let longer = [content, &[0]].concat();
    let mut longer = longer;
    longer[80..88].copy_from_slice(&(length + 1).to_le_bytes());
    assert_eq!(restore(sealed(longer)), RestoreError::Trailing { count: 1 });
}

#[test]
fn a_state_is_of_one_bot_on_one_grid() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bot.state");
    let bot = hold(grid());
    State::save(&path, &bot, 1).unwrap();

    let text = without_models("buy-and-hold");
    let set = [("account.cash".to_owned(), "10001".to_owned())];
    let config = Config::parse(&text, Path::new("bot.toml"), &set).unwrap();
    let mut other = Bot::open(&config, &VERSION, grid(), Loaders(&[])).unwrap();
    let error = State::restore(&path, &mut other).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "{}: expected the state of bot {}, found that of {}: models, configuration or features differ; name \
             another state file, or delete it to begin anew",
            path.display(),
            other.identity,
            bot.identity
        )
    );

    let mut finer = hold(Grid::new(2, 3).unwrap());
    assert_eq!(finer.identity, bot.identity);
    let error = State::restore(&path, &mut finer).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "{}: expected a state of bars with 2 price decimals, 3 quantity decimals, found one of bars with 1 price \
             decimals, 3 quantity decimals; state price_decimals and volume_decimals in [bars], or delete it to begin \
             anew",
            path.display()
        )
    );
}

#[test]
fn what_cannot_be_written_leaves_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let bot = hold(grid());
    let nowhere = folder.path().join("no/bot.state");
    assert!(matches!(State::save(&nowhere, &bot, 0), Err(StateError::Write { .. })));
    // A folder stands in its place.
    let taken = folder.path().join("taken");
    fs::create_dir(&taken).unwrap();
    fs::write(taken.join("file"), "old").unwrap();
    let error = State::save(&taken, &bot, 0).unwrap_err();
    assert!(error.to_string().ends_with("; the state saved before is as it was"), "{error}");
    assert_eq!(fs::read_to_string(taken.join("file")).unwrap(), "old");
    let names: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["taken"], "nothing half-written is left");
    let error = State::restore(&taken, &mut hold(grid())).unwrap_err();
    assert!(matches!(error, StateError::Read { .. }), "{error}");
}
