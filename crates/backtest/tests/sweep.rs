//! Many runs at once.
#![allow(clippy::unwrap_used, reason = "tests")]

mod runs;

use std::sync::{Condvar, Mutex};
use std::time::Duration;

use backtest::{Axis, Metrics, Swept, grid, sweep};

use runs::of_equity;

type Settings = Vec<(String, String)>;

fn axis(key: &str, values: &[&str]) -> Axis {
    Axis { key: key.to_owned(), values: values.iter().map(|value| (*value).to_owned()).collect() }
}

fn settings(pairs: &[(&str, &str)]) -> Settings {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn a_grid_is_every_combination_in_order() {
    let grid = grid(&[axis("a", &["1", "2"]), axis("b", &["x", "y", "z"])]);
    let expected: Vec<_> = [("1", "x"), ("1", "y"), ("1", "z"), ("2", "x"), ("2", "y"), ("2", "z")]
        .map(|(a, b)| settings(&[("a", a), ("b", b)]))
        .into();
    assert_eq!(grid, expected);
}

#[test]
fn no_axis_is_one_run_and_an_axis_without_values_none() {
    assert_eq!(grid(&[]), vec![Settings::new()]);
    assert_eq!(grid(&[axis("a", &["1"]), axis("b", &[])]), Vec::<Settings>::new());
    assert_eq!(grid(&[axis("b", &[]), axis("a", &["1"])]), Vec::<Settings>::new());
}

/// A run whose figures depend on its settings; what is divisible by seven fails.
fn run(settings: &[(String, String)]) -> Result<Metrics, String> {
    let number: i64 = settings[0].1.parse().unwrap();
    if number % 7 == 0 {
        return Err(format!("{number} is refused"));
    }
    Ok(Metrics::of(&of_equity(&[1000, 1000 + number, 900 + 2 * number, 1100])))
}

fn many() -> Vec<Settings> {
    let values: Vec<String> = (1..=40).map(|value| value.to_string()).collect();
    grid(&[Axis { key: "n".to_owned(), values }])
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let one_by_one: Vec<Swept> =
        many().into_iter().map(|settings| Swept { outcome: run(&settings), settings }).collect();
    assert!(one_by_one.iter().any(|swept| swept.outcome.is_ok()));
    for threads in [0, 1, 2, 5, 100] {
        let mut told = Vec::new();
        let found = sweep(many(), threads, run, |done| told.push(done));
        assert_eq!(found, one_by_one, "{threads} threads");
        assert_eq!(told, (1..=40).collect::<Vec<_>>(), "{threads} threads");
    }
}

#[test]
fn a_run_that_fails_stands_in_its_place() {
    let found = sweep(many(), 3, run, |_| {});
    for (swept, number) in found.iter().zip(1..) {
        assert_eq!(swept.settings, settings(&[("n", &number.to_string())]));
        assert_eq!(swept.outcome.is_err(), number % 7 == 0, "{number}");
    }
    assert_eq!(found[13].outcome, Err("14 is refused".to_owned()));
}

#[test]
fn nothing_to_run_gives_nothing() {
    assert_eq!(sweep(vec![], 4, run, |_| unreachable!("nothing is done")), vec![]);
}

#[test]
fn threads_work_at_the_same_time() {
    // Each of two runs waits until the other has begun, which one thread alone could not do.
    let (begun, changed) = (Mutex::new(0), Condvar::new());
    let meet = |settings: &[(String, String)]| {
        let mut count = begun.lock().unwrap();
        *count += 1;
        changed.notify_all();
        let (count, _) =
            changed.wait_timeout_while(count, Duration::from_mins(1), |count| *count < 2).unwrap();
        assert_eq!(*count, 2, "the other run did not begin");
        drop(count);
        run(settings)
    };
    let two = grid(&[axis("n", &["1", "2"])]);
    assert_eq!(sweep(two, 2, meet, |_| {}).len(), 2);
}

#[test]
fn each_run_is_run_once() {
    let seen = Mutex::new(Vec::new());
    let note = |settings: &[(String, String)]| {
        seen.lock().unwrap().push(settings.to_vec());
        run(settings)
    };
    let found = sweep(many(), 4, note, |_| {});
    let mut seen = seen.into_inner().unwrap();
    seen.sort_unstable();
    let mut expected: Vec<_> = found.into_iter().map(|swept| swept.settings).collect();
    expected.sort_unstable();
    assert_eq!(seen, expected);
}

#[test]
#[should_panic(expected = "a fault of the caller")]
fn a_panic_of_a_run_is_not_swallowed() {
    sweep(many(), 3, |_| panic!("a fault of the caller"), |_| {});
}
