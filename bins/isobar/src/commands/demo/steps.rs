//! The steps of a demo: what runs, how it is shown, what is kept.

use std::fs::File;
use std::io::{Cursor, Write as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use clap::Parser as _;

use super::folder::{Folder, LOG};
use crate::print;

/// Runs steps one after another, shows each, and keeps what they print.
pub struct Steps<'a> {
    folder: &'a Folder,
    log: File,
    number: u32,
}

impl<'a> Steps<'a> {
    pub fn new(folder: &'a Folder) -> anyhow::Result<Self> {
        let log = File::create(folder.path(LOG)).with_context(|| folder.shown(LOG))?;
        Ok(Self { folder, log, number: 0 })
    }

    /// A command of this program, in the folder, as it would be typed there; what it prints to stdout.
    pub fn isobar(&mut self, title: &str, args: &str) -> anyhow::Result<String> {
        let args: Vec<&str> = args.split_whitespace().collect();
        let shown = format!("isobar {}", args.join(" "));
        let program = std::env::current_exe().context("cannot find this program")?;
        let folder = self.folder;
        self.step(title, Some(&shown), |log| {
            let mut command = Command::new(program);
            command.args(&args).current_dir(folder.as_path()).stdin(Stdio::null());
            let output = command.output().with_context(|| format!("cannot run {shown}"))?;
            log.write_all(&output.stdout)?;
            log.write_all(&output.stderr)?;
            if !output.status.success() {
                bail!("{shown}\n{}", String::from_utf8_lossy(&output.stderr).trim_end());
            }
            Ok(String::from_utf8(output.stdout)?)
        })
    }

    /// The production binary's own code, run in this process: it is built as a program of its own, which may not be there.
    pub fn gatekeeper(&mut self, title: &str, args: &[&str]) -> anyhow::Result<()> {
        let args = [&["--config", "bot.toml"], args].concat();
        let shown = format!("gatekeeper {}", args.join(" "));
        let is_file = |arg: &str| ["bot.toml", "unseen.csv", "paper.jsonl", "paper.state"].contains(&arg);
        let folder = self.folder;
        let placed = args.iter().map(|arg| if is_file(arg) { folder.shown(arg) } else { (*arg).to_owned() });
        let args: Vec<String> = ["gatekeeper".to_owned()].into_iter().chain(placed).collect();
        self.step(title, Some(&shown), |log| {
            let options = gatekeeper::Options::try_parse_from(args)?;
            let mut printed = Vec::new();
            let ended = gatekeeper::run(&options, Box::new(Cursor::new(Vec::new())), &mut printed);
            log.write_all(&printed)?;
            match ended {
                Ok(_) => Ok(()),
                Err(failure) => bail!("{shown}\nerror: {failure}"),
            }
        })
    }

    /// A step of this command's own.
    pub fn own<T>(&mut self, title: &str, run: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
        self.step(title, None, |_| run())
    }

    fn step<T>(
        &mut self,
        title: &str,
        shown: Option<&str>,
        run: impl FnOnce(&mut File) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        self.number += 1;
        let number = self.number;
        if let Some(shown) = shown {
            writeln!(self.log, "$ {shown}")?;
        }
        let waiting = print::waiting(&format!("{number:>2}  {title}"));
        let began = Instant::now();
        let done = run(&mut self.log);
        waiting.finish_and_clear();
        let done = done.with_context(|| format!("step {number}, {title}"))?;
        print::status(&format!("{number:>2}  {title}{}", time(began.elapsed())));
        if let Some(shown) = shown {
            print::status(&format!("    $ {shown}"));
        }
        Ok(done)
    }
}

/// The time of a step that took some.
fn time(elapsed: Duration) -> String {
    if elapsed < Duration::from_millis(500) {
        String::new()
    } else {
        format!(", {}", print::seconds(elapsed))
    }
}
