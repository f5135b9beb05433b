//! `core` by TA-Lib and numpy in a Python process, which lives through the run and computes when told to.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use crate::bars::Bars;
use crate::contender::{Contender, Outputs};
use crate::operators::{Column, Operator};
use crate::talib::python;

/// The script that the process runs.
const SCRIPT: &str = include_str!("python.py");

/// A script in a Python that lives on and does what it is told.
pub struct Process {
    child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// What it says it is.
    pub version: String,
}

impl Process {
    /// Starts the script, which first says what it is.
    ///
    /// # Errors
    /// Why it does not run.
    pub fn start<A: AsRef<OsStr>>(script: &str, args: &[A]) -> Result<Self, String> {
        let mut child = Command::new(python())
            .args(["-c", script])
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| error.to_string())?;
        let (Some(orders), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("the process has no pipes".to_owned());
        };
        let mut process = Self { child, orders, answers: BufReader::new(answers), version: String::new() };
        process.version = process.answer().ok_or("its imports failed")?;
        Ok(process)
    }

    /// Sends one order and waits for its answer; `None` where the process died.
    pub fn order(&mut self, order: &str) -> Option<String> {
        writeln!(self.orders, "{order}").ok()?;
        self.answer()
    }

    fn answer(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.answers.read_line(&mut line).ok()?;
        (read > 0).then(|| line.trim().to_owned())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A process that has ended already is what is wanted here.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A Python that holds the bars.
pub struct Python {
    process: Process,
    folder: PathBuf,
    /// What it says it is.
    pub version: String,
}

impl Python {
    /// Starts the process and gives it the bars.
    ///
    /// # Errors
    /// Why it does not run.
    pub fn start(bars: &Bars) -> Result<Self, String> {
        let folder = std::env::temp_dir().join(format!("isobar-peers-{}", std::process::id()));
        let started = Self::start_in(folder.clone(), bars);
        if started.is_err() {
            // The folder may not exist; nothing of ours is left either way.
            let _ = fs::remove_dir_all(folder);
        }
        started
    }

    fn start_in(folder: PathBuf, bars: &Bars) -> Result<Self, String> {
        let text = |error: std::io::Error| error.to_string();
        fs::create_dir_all(&folder).map_err(text)?;
        let series = [&bars.open, &bars.high, &bars.low, &bars.close, &bars.volume];
        let bytes: Vec<u8> = series.iter().flat_map(|s| &s.real).flat_map(|x| x.to_le_bytes()).collect();
        fs::write(folder.join("bars"), bytes).map_err(text)?;
        let args = [folder.join("bars"), bars.len().to_string().into(), folder.join("rows")];
        let process = Process::start(SCRIPT, &args)?;
        let version = process.version.clone();
        Ok(Self { process, folder, version })
    }

    /// Computes and reads the values back.
    fn save(&mut self, out: &mut Outputs) {
        let done = self.process.order("save").is_some();
        let Some(bytes) = done.then(|| fs::read(self.folder.join("rows")).ok()).flatten() else { return };
        let values = bytes.chunks_exact(8).map(|chunk| chunk.try_into().map_or(f64::NAN, f64::from_le_bytes));
        let places = out.values.iter_mut().flatten();
        places.zip(values).for_each(|(place, value)| *place = value);
        out.begin(0);
    }

    /// The process as a contender. The first run is the one that is checked.
    pub fn contender(mut self) -> Contender {
        let mut checked = false;
        Contender::new(Operator::Core, Column::Python, move |_, out| {
            if checked {
                let taken = self.process.order("run").and_then(|nanos| nanos.parse().ok());
                // A process that died took forever.
                out.taken = Some(taken.map_or(Duration::MAX, Duration::from_nanos));
            } else {
                self.save(out);
                checked = true;
            }
        })
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        // A folder that is gone already is what is wanted here.
        let _ = fs::remove_dir_all(&self.folder);
    }
}
