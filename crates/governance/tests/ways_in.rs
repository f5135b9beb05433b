//! Every way we know in which production could reach experiments, or a released version could change: each made in
//! a throw-away git repository, each caught by the right rule, with the message a user gets.
//!
//! To add one: a [`Way`] in its table. The test prints what was found where it is not what was expected.

#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "ways_in/escapes.rs"]
mod escapes;
mod fixture;
#[path = "ways_in/frozen.rs"]
mod frozen;
#[path = "ways_in/imports.rs"]
mod imports;
#[path = "ways_in/pins.rs"]
mod pins;
#[path = "ways_in/versions.rs"]
mod versions;

use fixture::Fixture;

/// A way in.
pub struct Way {
    /// What is done, in a few words.
    pub name: &'static str,
    /// Does it.
    pub make: fn(&Fixture),
    /// The whole report of the check.
    pub found: &'static str,
}

#[test]
fn experiments_by_dependency() {
    each_is_caught(imports::WAYS);
}

#[test]
fn experiments_by_file() {
    each_is_caught(escapes::WAYS);
}

#[test]
fn other_features_in_production() {
    each_is_caught(pins::WAYS);
}

#[test]
fn a_released_version_that_changes() {
    each_is_caught(frozen::WAYS);
}

#[test]
fn a_draft_that_may_not_be_released() {
    each_is_caught(versions::SELF_CONTAINED.iter().chain(versions::REGISTRY));
}

fn each_is_caught<'a>(ways: impl IntoIterator<Item = &'a Way>) {
    let fixture = Fixture::new();
    assert_eq!(fixture.report(), "0 problems\n", "before anything is done");
    let mut wrong = String::new();
    for Way { name, make, found: expected } in ways {
        make(&fixture);
        let found = fixture.report();
        if found.trim_end() != expected.trim() {
            wrong += &format!("\n=== {name}\n{found}");
        }
        fixture.reset();
    }
    assert!(wrong.is_empty(), "other reports than expected:\n{wrong}");
}
