//! Many runs at once.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::Metrics;

/// A key of the configuration and the values it takes, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Axis {
    /// The key, such as `strategy.threshold`.
    pub key: String,
    /// Its values.
    pub values: Vec<String>,
}

/// A run of a sweep.
#[derive(Debug, Clone, PartialEq)]
pub struct Swept {
    /// The keys and their values.
    pub settings: Vec<(String, String)>,
    /// What it came to, or why it did not run.
    pub outcome: Result<Metrics, String>,
}

/// Every combination of the axes' values, the last axis varying fastest. One without settings where there is no axis;
/// none where an axis has no values.
#[must_use]
pub fn grid(axes: &[Axis]) -> Vec<Vec<(String, String)>> {
    let mut all = vec![Vec::new()];
    for axis in axes {
        let with = |settings: &Vec<(String, String)>, value: &String| {
            let mut settings = settings.clone();
            settings.push((axis.key.clone(), value.clone()));
            settings
        };
        all = all
            .iter()
            .flat_map(|settings| axis.values.iter().map(move |value| with(settings, value)))
            .collect();
    }
    all
}

/// Runs each of the settings on up to `threads` threads; the result is in their order, whatever the number of threads.
/// `run` makes a fresh bot and runs it; `on_done` is told how many are done, from one thread at a time: 1, 2, 3, …
pub fn sweep<R, D>(settings: Vec<Vec<(String, String)>>, threads: usize, run: R, on_done: D) -> Vec<Swept>
where
    R: Fn(&[(String, String)]) -> Result<Metrics, String> + Sync,
    D: FnMut(usize) + Send,
{
    let done = Mutex::new((0, on_done));
    let outcomes = in_order(settings.len(), threads, |index| {
        let outcome = settings.get(index).map(|settings| run(settings));
        // A poisoned lock means that `on_done` panicked: that panic ends the sweep, with its own message.
        let mut done = done.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        done.0 += 1;
        let count = done.0;
        (done.1)(count);
        outcome
    });
    let swept = |(settings, outcome): (_, Option<_>)| Some(Swept { settings, outcome: outcome? });
    settings.into_iter().zip(outcomes).filter_map(swept).collect()
}

/// What `work` gives for 0, 1, … `count` − 1, in that order, computed on up to `threads` threads: at least one.
///
/// # Panics
/// As `work` does.
pub(crate) fn in_order<T: Send>(count: usize, threads: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut made = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                return made;
            }
            made.push((index, work(index)));
        }
    };
    let mut made = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads.min(count)).map(|_| scope.spawn(worker)).collect();
        let mut made = worker();
        for other in others {
            match other.join() {
                Ok(its) => made.extend(its),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        made
    });
    made.sort_unstable_by_key(|(index, _)| *index);
    made.into_iter().map(|(_, value)| value).collect()
}
