//! A release: a draft loses its pre-release number, gets its record in the ledger, and never changes again.
//!
//! Everything is planned before the first file is written. The plan, with every file before and after, lies in the
//! git folder until the release is done, so a crash at any step leaves something that can be run again with the same
//! arguments and ends in the same files, commit and tag:
//!
//! | step | a crash after it leaves | the next run |
//! |---|---|---|
//! | [`Step::Planned`] | a plan | begins anew |
//! | [`Step::Written`] | a plan and some of its files | writes the others |
//! | [`Step::Verified`] | a plan and all of its files | verifies and commits |
//! | [`Step::Committed`] | a plan and its commit | tags |
//! | [`Step::Tagged`] | a plan, its commit and tag | says so |
//!
//! Where the verification fails every file is put back. A plan of which nothing stands is no plan: who wants to give
//! a release up in its midst runs `git stash --include-untracked`.

mod changelog;
mod contract;
mod plan;
mod prepare;
mod refusal;
mod texts;
mod verify;

use std::fmt;
use std::ops::ControlFlow;

use crate::{Error, Git, Options, Record, Report, Workspace};

pub use crate::changes::Change;
pub use plan::Plan;

use crate::changes::undo;
use prepare::{Prepared, prepare};
use refusal::refused;

/// Every rule over a workspace: [`crate::check`]. A parameter, for tests that run where `cargo-deny` is another one.
pub type Check<'a> = &'a dyn Fn(&Workspace, &Options) -> Report;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The version, as a user calls it: `v1`.
    pub version: String,
    /// Why it is released.
    pub reason: String,
    /// What to do where it must be taken back.
    pub rollback: String,
    /// Names of the production binaries that go with it.
    pub pins: Vec<String>,
    /// Whether it is a patch: another text of the same values.
    pub patch: bool,
}

impl Request {
    /// The same request in one form: texts of one line, names in order.
    fn tidy(&self, name: &str) -> Self {
        let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut pins = self.pins.clone();
        pins.sort();
        pins.dedup();
        Self {
            version: name.strip_prefix("features-").unwrap_or(name).to_owned(),
            reason: line(&self.reason),
            rollback: line(&self.rollback),
            pins,
            patch: self.patch,
        }
    }

    /// The command line that asks for it.
    fn command(&self) -> String {
        let quoted = |text: &str| format!("'{}'", text.replace('\'', "'\\''"));
        let mut line = format!(
            "cargo xtask release {} --reason {} --rollback {}",
            self.version,
            quoted(&self.reason),
            quoted(&self.rollback)
        );
        for pin in &self.pins {
            line += &format!(" --pin {pin}");
        }
        line + if self.patch { " --patch" } else { "" }
    }
}

/// A step that has been done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The plan is stored; nothing else was written.
    Planned,
    /// A file was written.
    Written(String),
    /// The written state was built, run in debug and release, and checked.
    Verified,
    /// The commit was made.
    Committed,
    /// The tag was made.
    Tagged,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was released, now or by going on with what an earlier run had begun.
    Released {
        /// What was done.
        plan: Box<Plan>,
        /// The commit.
        commit: String,
    },
    /// It had been released before; nothing was done.
    Already(Box<Record>),
    /// The caller stopped it after this step.
    Stopped(Step),
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Released { plan, commit } => {
                plan.notes.iter().try_for_each(|note| writeln!(f, "{note}"))?;
                let (name, version, tag) = (&plan.record.name, &plan.record.version, plan.record.tag());
                write!(
                    f,
                    "{name} {version} is released: commit {commit}, tag {tag}\nnow publish both at once: git push \
                     --atomic origin HEAD {tag}"
                )
            }
            Self::Already(record) => {
                let Record { name, version, date, reason, .. } = &**record;
                write!(f, "{name} {version} is released already, on {date}: {reason}")
            }
            Self::Stopped(step) => write!(f, "stopped after {step:?}; run it again to go on"),
        }
    }
}

/// Plans a release and writes nothing; what was released before is told apart.
///
/// # Errors
/// [`Error::Refused`] with every reason why it is not released; [`Error`] where something cannot be read or run.
pub fn plan(
    workspace: &Workspace,
    request: &Request,
    options: &Options,
    check: Check<'_>,
) -> Result<Result<Plan, Record>, Error> {
    let git = Git::at(workspace.root());
    let version = workspace.find_version(&request.version)?;
    let request = request.tidy(&version.name);
    let dirt = git.status()?;
    if let Some(plan) = Plan::load(&git, workspace)?
        && (!dirt.is_empty() || plan.commit(&git)?.is_some())
    {
        plan.must_be_of(&request)?;
        return Ok(Ok(plan));
    }
    let report = || check(workspace, options);
    match prepare(workspace, &git, &version, &request, &dirt, (options, &report))? {
        Prepared::Already(record) => Ok(Err(*record)),
        Prepared::Plan(plan) => Ok(Ok(*plan)),
    }
}

/// Releases a version, or goes on with a release that was begun. Each step that was done is told to `tell`, which
/// may stop there.
///
/// # Errors
/// [`Error::Refused`] with every reason why it is not released; [`Error`] where something cannot be read, written or
/// run.
pub fn release(
    workspace: &Workspace,
    request: &Request,
    options: &Options,
    check: Check<'_>,
    tell: &mut dyn FnMut(&Step) -> ControlFlow<()>,
) -> Result<Outcome, Error> {
    let git = Git::at(workspace.root());
    let version = workspace.find_version(&request.version)?;
    let request = request.tidy(&version.name);
    let report = || check(workspace, options);
    if let Some(plan) = Plan::load(&git, workspace)? {
        if let Some(commit) = plan.commit(&git)? {
            plan.must_be_of(&request)?;
            return finish(&git, workspace, plan, commit, tell);
        }
        plan.remove_leftovers(&git, workspace)?;
        let dirt = git.status()?;
        if !dirt.is_empty() {
            plan.must_be_of(&request)?;
            plan.must_fit(&git, workspace, &dirt)?;
            return carry_out(workspace, &git, plan, &report, tell);
        }
        Plan::remove(&git, workspace)?;
    }
    let dirt = git.status()?;
    match prepare(workspace, &git, &version, &request, &dirt, (options, &report))? {
        Prepared::Already(record) => Ok(Outcome::Already(record)),
        Prepared::Plan(plan) => {
            plan.store(&git, workspace)?;
            match tell(&Step::Planned) {
                ControlFlow::Continue(()) => carry_out(workspace, &git, *plan, &report, tell),
                ControlFlow::Break(()) => Ok(Outcome::Stopped(Step::Planned)),
            }
        }
    }
}

/// Writes, verifies and commits.
fn carry_out(
    workspace: &Workspace,
    git: &Git,
    plan: Plan,
    report: &dyn Fn() -> Report,
    tell: &mut dyn FnMut(&Step) -> ControlFlow<()>,
) -> Result<Outcome, Error> {
    for change in &plan.changes {
        change.apply(workspace)?;
        let step = Step::Written(change.path.clone());
        if tell(&step).is_break() {
            return Ok(Outcome::Stopped(step));
        }
    }
    let problems = verify::verify(workspace, &plan, report);
    if !problems.is_empty() {
        let what = format!("{} {}", plan.record.name, plan.record.version);
        undo(&plan.changes, workspace)?;
        Plan::remove(git, workspace)?;
        return Err(refused(&format!("{what} is not released, and every file is as before"), &problems));
    }
    if tell(&Step::Verified).is_break() {
        return Ok(Outcome::Stopped(Step::Verified));
    }
    let mut add = vec!["add", "--"];
    add.extend(plan.changes.iter().map(|change| change.path.as_str()));
    git.run(&add)?;
    git.run(&["commit", "--quiet", "--message", &plan.message])?;
    let Some(commit) = plan.commit(git)? else {
        return Err(Error::Refused(format!(
            "the commit does not hold what was verified: a hook of git changed it; undo it with `git reset --soft {}` \
             and run again",
            plan.record.base
        )));
    };
    if tell(&Step::Committed).is_break() {
        return Ok(Outcome::Stopped(Step::Committed));
    }
    finish(git, workspace, plan, commit, tell)
}

/// Tags the commit and forgets the plan.
fn finish(
    git: &Git,
    workspace: &Workspace,
    plan: Plan,
    commit: String,
    tell: &mut dyn FnMut(&Step) -> ControlFlow<()>,
) -> Result<Outcome, Error> {
    let tag = plan.record.tag();
    match git.commit(&format!("refs/tags/{tag}"))? {
        Some(found) if found == commit => {}
        Some(found) => {
            return Err(Error::Refused(format!("expected the tag {tag} at {commit}, found it at {found}")));
        }
        None => {
            git.run(&["tag", "--annotate", &tag, "--message", &plan.message, &commit])?;
        }
    }
    if tell(&Step::Tagged).is_break() {
        return Ok(Outcome::Stopped(Step::Tagged));
    }
    Plan::remove(git, workspace)?;
    Ok(Outcome::Released { plan: Box::new(plan), commit })
}
