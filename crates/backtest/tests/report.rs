//! The page: what it is made of, what it says, and what it does with runs that have little to show.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod report_page;
mod report_sample;

use backtest::report::{Calibration, FeatureShift, Report, calibration, html};
use backtest::{Interval, Intervals, Metric, Metrics, Unit};
use execution::Money;

use report_page::{assert_sound, paths};
use report_sample::{HOUR, MINUTE, Sample, quiet, walk};

const EVIL: &str = "<script>alert(\"x\")</script> & 'y' </title></style>\u{0}";

fn page(points: &[(i64, &str)]) -> String {
    let sample = Sample::new(quiet(MINUTE, points));
    let page = html(&sample.bare("a run"));
    assert_sound(&page);
    page
}

#[test]
fn a_whole_report() {
    for bar in [MINUTE, HOUR] {
        let sample = Sample::new(walk(bar, 20_000));
        let page = html(&sample.full("BTCUSDT, model-driven"));
        assert_sound(&page);
        assert!(page.contains("<title>BTCUSDT, model-driven</title>"));
        for section in ["figures", "equity", "returns", "trades", "costs", "models", "identity"] {
            assert!(page.contains(&format!("<section id=\"{section}\"")), "{section}");
        }
        assert!(page.contains("out of sample →") && page.contains("Out of sample it "));
        assert_eq!(page.matches("<article class=\"model\"").count(), 2);
        assert!(page.contains("65 more") && page.contains("5 more"), "20 of 85 and of 25 features are shown");
        assert!(page.contains("This model predicts no probability"), "of the exit model");
        assert!(page.contains("Marked: one of every 2 of 140\u{a0}trades."));
    }
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    let (a, b) = (Sample::new(walk(MINUTE, 3000)), Sample::new(walk(MINUTE, 3000)));
    assert_eq!(html(&a.full("a")), html(&b.full("a")));
}

#[test]
fn every_text_is_escaped() {
    let sample = Sample::new(walk(MINUTE, 1000));
    let mut report = sample.full(EVIL);
    report.made = EVIL;
    report.warnings = vec![EVIL.to_owned()];
    report.identity = vec![(EVIL, vec![(EVIL.to_owned(), EVIL.to_owned())])];
    let model = &mut report.models[0];
    (model.leg, model.model, model.label) = (EVIL, EVIL.to_owned(), EVIL.to_owned());
    model.importance[0].0 = EVIL.to_owned();
    model.features[0].name = EVIL.to_owned();
    model.metrics = vec![(EVIL.to_owned(), EVIL.to_owned(), 0.5)];
    let page = html(&report);
    assert_sound(&page);
    // Title twice, when it was made, warning, three of identity, three of the model, importance, two of the measures, and
    // of the feature its name and twice in what is said of its strips.
    assert_eq!(page.matches("&lt;script&gt;alert(&quot;x&quot;)").count(), 16);
}

#[test]
fn returns_by_month_and_by_day() {
    let months = html(&Sample::new(walk(HOUR, 20_000)).bare("a"));
    assert!(months.contains("Monthly returns") && months.contains("<th scope=\"col\">Dec</th>"));
    for year in [2024, 2025, 2026] {
        assert!(months.contains(&format!("<tr><th scope=\"row\">{year}</th>")), "{year}");
    }
    let days = html(&Sample::new(walk(MINUTE, 20_000)).bare("a"));
    assert!(days.contains("Daily returns") && days.contains("<th scope=\"row\">2024-02-26</th>"));
    // From 10,000 to 10,100 on the one Friday there is.
    let friday = page(&[(600_000, "10000"), (600_000, "10100")]);
    assert!(
        friday.contains("<td class=\"p5\">+1.00</td>") && friday.contains("<td class=\"total\">+1.00</td>")
    );
}

#[test]
fn what_it_earned_in_words() {
    let lost = page(&[(600_000, "10000"), (660_000, "9700")]);
    assert!(lost.contains(
        "It lost <strong class=\"n\">3.00\u{a0}%</strong> after costs. Buying and holding would have earned \
         <strong class=\"p\">10.00\u{a0}%</strong>."
    ));
    assert!(lost.contains("10,000.00 became 9,700.00 over 60\u{a0}seconds and 0\u{a0}completed trades."));
    let idle = page(&[(600_000, "10000"), (600_000, "10000")]);
    assert!(idle.contains("It never traded. Buying and holding would neither have earned nor lost."));

    let sample = Sample::new(quiet(MINUTE, &[(600_000, "10000"), (606_000, "9000"), (600_000, "9900")]));
    let mut report = sample.bare("a");
    report.out_of_sample_from = Some(2);
    report.out_of_sample_from = Some(0);
    assert!(html(&report).contains("The models had seen none of these bars in training."));
    report.out_of_sample_from = Some(3);
    assert!(html(&report).contains("nothing of this is out of sample"));
}

/// The big line at the top.
fn verdict(page: &str) -> &str {
    let (_, rest) = page.split_once("<p class=\"verdict\">").unwrap();
    rest.split_once("</p>").unwrap().0
}

#[test]
fn out_of_sample_comes_first() {
    let mut sample = Sample::new(quiet(MINUTE, &[(600_000, "10000"), (606_000, "9000"), (600_000, "9900")]));
    let of = |sample: &Sample, from| {
        let page = html(&Report { out_of_sample_from: from, ..sample.bare("a") });
        assert_sound(&page);
        page
    };
    let whole = "It lost <strong class=\"n\">1.00\u{a0}%</strong> after costs. Buying and holding would neither have \
                 earned nor lost.";
    let heading = "Whole run, training bars included";
    for from in [None, Some(0), Some(3), Some(4)] {
        let page = of(&sample, from);
        assert_eq!(verdict(&page), whole, "{from:?}");
        assert!(!page.contains(heading) && !page.contains("the models were trained on"), "{from:?}");
    }
    let page = of(&sample, Some(2));
    // Both from the close before.
    assert_eq!(
        verdict(&page),
        "Out of sample it earned <strong class=\"p\">10.00\u{a0}%</strong> after costs; buying and holding would have \
         lost <strong class=\"n\">0.99\u{a0}%</strong>."
    );
    let lead = page.split_once("<p class=\"lead\">").unwrap().1.split_once("</p>").unwrap().0;
    assert!(
        lead.starts_with(
            "Out of sample are 1\u{a0}bar and 0\u{a0}completed trades, from \
             <time datetime=\"2024-03-01T00:03Z\">2024-03-01\u{a0}00:03</time> UTC on. Over the \
             whole run, which includes bars the models were trained on, it lost 1.00\u{a0}% after costs; buying and \
             holding would neither have earned nor lost. 10,000.00 became 9,900.00 over 2\u{a0}minutes"
        ),
        "{lead}"
    );
    let (before, tiles) = page.split_once(heading).unwrap();
    assert!(!before.contains("class=\"tiles\"") && tiles.contains("class=\"tiles\""));

    sample.run.points[2].equity = sample.run.points[1].equity;
    assert!(
        verdict(&of(&sample, Some(2)))
            .starts_with("Out of sample it never traded; buying and holding would have lost ")
    );
    // Nothing to begin with, and no price to hold from.
    sample.run.points[1].equity = Money::ZERO;
    assert!(verdict(&of(&sample, Some(2))).starts_with("Out of sample it has no return"));
    let idle = Sample::new(quiet(MINUTE, &[(-1, "10000"), (-1, "10000"), (5, "10000")]));
    assert_eq!(verdict(&of(&idle, Some(2))), "Out of sample it never traded.");
}

#[test]
fn trades_out_of_sample_are_counted_by_their_exit() {
    let sample = Sample::new(walk(MINUTE, 20_000));
    let page = html(&sample.full("a"));
    let from = sample.run.points[9999].ts_close;
    let unseen = sample.run.trades.iter().filter(|trade| trade.ts_exit > from).count();
    assert!(unseen > 30 && unseen < sample.run.trades.len());
    assert!(
        page.contains(&format!(
            "Out of sample are 10,000\u{a0}bars and {unseen}\u{a0}completed trades, from "
        ))
    );
    let mut late = sample.full("a");
    late.out_of_sample_from = Some(19_000);
    let few = html(&late);
    assert!(few.contains("Fewer than 30 trades out of sample say little.") && !page.contains("Fewer than"));
    // Its interval is of all of it.
    assert!(
        page.contains("interval of the whole run's return, ") && !page.contains("interval of its return")
    );
}

#[test]
fn how_far_figures_go() {
    let said = "Annualised ratios of so short a run say little.";
    let hours = |bars: usize| {
        let mut points = vec![(600_000, "10000"); bars];
        points[bars - 1].1 = "10100";
        page(&points.iter().map(|(close, equity)| (*close, *equity)).collect::<Vec<_>>())
    };
    // 30 days of minutes, from the first close to the last.
    assert!(hours(30 * 24 * 60).contains(said));
    assert!(!hours(30 * 24 * 60 + 1).contains(said));
    assert!(!page(&[(600_000, "10000"), (600_000, "10000")]).contains(said), "it never traded");

    let sample = Sample::new(walk(MINUTE, 3000));
    let page = html(&sample.full("a"));
    for sentence in [
        "Intervals are percentiles of resampled paths.",
        "A drawdown's may lie beside the observed value, because blocks break long falls up",
        "annualised figures of short runs swing wildly.",
        "Borrowing of shorts and funding of perpetuals are not charged.",
        "share of a tree's splits, or of the magnitudes of a weighted sum's weights",
        ">predicted, per cent<",
        ">observed, per cent<",
    ] {
        assert!(page.contains(sentence), "{sentence}");
    }
    let mut none = sample.full("a");
    none.intervals = None;
    assert!(!html(&none).contains("Intervals are percentiles"));
}

#[test]
fn what_chance_could_have_done() {
    let sample = Sample::new(quiet(MINUTE, &[(600_000, "10000"), (660_000, "9700")]));
    let said = |low, high| {
        let all = vec![Interval { name: "total_return", low, high }];
        let intervals = Intervals { all, block: 3, options: backtest::BootstrapOptions::default() };
        let report = Report { intervals: Some(&intervals), ..sample.bare("a") };
        let page = html(&report);
        assert_sound(&page);
        page
    };
    assert!(said(-0.05, 0.01).contains(
        "The 95\u{a0}% interval of its return, −5.00\u{a0}% to +1.00\u{a0}%, includes zero: this result cannot be told from \
         chance."
    ));
    assert!(said(0.01, 0.05).contains("lies above zero."));
    assert!(said(-0.05, -0.01).contains("lies below zero."));
    assert!(!said(f64::NAN, 0.0).contains("interval of its return"));
}

#[test]
fn runs_with_little_to_show() {
    let none = page(&[]);
    assert!(none.contains("There are no bars."));
    let one = page(&[(600_000, "10000")]);
    assert!(one.contains("There were no trades.") && one.contains("No model took part."));
    assert!(one.contains("Nothing was filled, so nothing was paid."));
    let zero = page(&[(600_000, "10000"), (600_000, "0"), (600_000, "0")]);
    assert!(zero.contains("<strong class=\"n\">100.00\u{a0}%</strong>"));
    let below = page(&[(600_000, "10000"), (600_000, "-500"), (600_000, "-700")]);
    assert!(
        below.contains("<strong class=\"n\">107.00\u{a0}%</strong>")
            && below.contains("deepest drawdown is 107.00")
    );
    let negative = page(&[(-600_000, "10000"), (-500_000, "10100"), (0, "10100")]);
    assert!(
        negative.contains("holding has no return to compare with")
            && !negative.contains("path class=\"held\"")
    );
    let mut poor = Sample::new(quiet(MINUTE, &[(600_000, "10000")]));
    poor.run.start = Money::ZERO;
    let poor = html(&poor.bare("a"));
    assert_sound(&poor);
    assert!(poor.contains("It has no return: it began with nothing"));
    // The largest amounts and prices there are.
    let huge = "170000000000000000000";
    page(&[(9_007_199_254_740_992, huge), (1, "-170000000000000000000"), (-9_007_199_254_740_992, huge)]);
}

#[test]
fn numbers_that_are_none() {
    let sample = Sample::new(walk(MINUTE, 1000));
    let mut report = sample.full("a");
    let none = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    let model = &mut report.models[0];
    model.importance = none.map(|share| ("a".to_owned(), share)).to_vec();
    model.calibration = none.map(|value| Calibration { predicted: value, observed: value, rows: 3 }).to_vec();
    model.metrics = none.map(|value| ("train".to_owned(), "auc".to_owned(), value)).to_vec();
    let shift = |train: Vec<f64>, run: Vec<f64>, psi| FeatureShift {
        name: "a".to_owned(),
        train,
        run,
        psi,
        null: (f64::NAN, f64::INFINITY),
    };
    model.features = vec![
        shift(vec![f64::NAN; 21], vec![f64::INFINITY; 21], Some(f64::NAN)),
        shift(vec![-f64::MAX; 21], vec![f64::MAX; 21], Some(f64::INFINITY)),
        shift(Vec::new(), vec![1.0; 21], None),
        shift(vec![1.0; 21], Vec::new(), None),
        shift(Vec::new(), Vec::new(), None),
        shift(vec![1.0; 3], vec![1.0; 5], None),
    ];
    let metric = |value| Metric {
        name: "total_return",
        title: "Return",
        unit: Unit::Fraction,
        value,
        buy_and_hold: value,
    };
    let metrics =
        Metrics { all: none.map(|value| metric(Some(value))).into_iter().chain([metric(None)]).collect() };
    report.metrics = &metrics;
    let page = html(&report);
    assert_sound(&page);
    assert!(page.contains("never valid here") && page.contains("never valid in training"));
}

#[test]
fn a_spike_of_one_bar_is_drawn() {
    let equity = |page: &str| -> Vec<f64> {
        let path = paths(page, "own").remove(0);
        assert!(path.len() <= 1000, "{} points", path.len());
        path.into_iter().map(|(_, y)| y).collect()
    };
    let mut points = vec![(600_000, "10000"); 20_000];
    let flat = equity(&page(&points));
    assert!(flat.iter().all(|y| *y == flat[0]));
    points[7_777].1 = "20000";
    points[13_131].1 = "5000";
    let spiked = equity(&page(&points));
    // 260 pixels, with 6 % of the range free at either end: 260 · 0.06/1.12 = 13.9.
    assert!(spiked.contains(&13.9) && spiked.contains(&246.1), "{spiked:?}");
}

#[test]
fn calibration_by_hand() {
    let scored = [(0.0, true), (0.05, false), (0.3, true), (0.95, true), (1.0, false), (1.0, true)];
    let beyond = [(-0.1, true), (1.1, true), (f64::NAN, true)];
    let found = calibration(scored.into_iter().chain(beyond));
    let bin = |predicted, observed, rows| Calibration { predicted, observed, rows };
    assert_eq!(found, [bin(0.025, 0.5, 2), bin(0.3, 1.0, 1), bin((0.95 + 1.0 + 1.0) / 3.0, 2.0 / 3.0, 3)]);
    assert_eq!(calibration([].into_iter()), []);
}
