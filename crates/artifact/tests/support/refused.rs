//! What a refusal is held to.

use artifact::{Check, Problem, verify};

use super::samples::sealed;
use super::wire::Forged;

/// Refused by these problems and no other, each with a code of its own and these texts in its message.
#[track_caller]
pub fn refused(bytes: &[u8], check: &Check<'_>, expected: &[(&str, &[&str])]) -> Vec<Problem> {
    let problems = verify(bytes, check).map(|_| ()).unwrap_err();
    let codes: Vec<_> = problems.iter().map(Problem::code).collect();
    assert_eq!(codes, expected.iter().map(|(code, _)| *code).collect::<Vec<_>>(), "{problems:#?}");
    for (problem, (_, texts)) in problems.iter().zip(expected) {
        let message = problem.to_string();
        for text in *texts {
            assert!(message.contains(text), "{message:?} should have {text:?}");
        }
    }
    problems
}

/// An unsigned sample that was altered, every hash made right.
pub fn forged(kind: &str, change: impl FnOnce(&mut Forged)) -> Vec<u8> {
    let mut forged = Forged::read(&sealed(kind));
    change(&mut forged);
    forged.write(None)
}

/// The only one.
#[track_caller]
pub fn one(problems: Vec<Problem>) -> Problem {
    let [problem] = <[_; 1]>::try_from(problems).unwrap();
    problem
}
