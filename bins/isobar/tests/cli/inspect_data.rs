use super::lab::Lab;
use super::snapshots::check_runs;

/// Bars of 100 minutes with gaps, and the same with problems.
fn lab() -> Lab {
    let lab = Lab::with_bars(100);
    let lines: Vec<String> = lab.text("bars.csv").lines().map(str::to_owned).collect();
    let kept = |from: usize, to: usize| lines[from..to].join("\n");
    lab.write("gaps.csv", &format!("{}\n{}\n{}\n", kept(0, 50), kept(52, 70), kept(80, 101)));
    let mut broken = lines.clone();
    broken[3] = broken[3].replace(',', ";");
    broken.swap(10, 11);
    let twice = broken[20].clone();
    broken.insert(21, twice);
    let mut cells: Vec<&str> = lines[30].split(',').collect();
    cells[4] = "1";
    broken[31] = cells.join(",");
    lab.write("broken.csv", &(broken.join("\n") + "\n"));
    lab
}

#[test]
fn what_is_in_a_file() {
    check_runs(
        "inspect_data",
        &lab(),
        &[
            &["inspect-data", "bars.csv"],
            &["inspect-data", "gaps.csv"],
            &["inspect-data", "broken.csv"],
            &["inspect-data", "gaps.csv", "--json"],
            &["inspect-data", "broken.csv", "--json"],
        ],
    );
}

#[test]
fn more_problems_than_are_listed() {
    let lab = Lab::with_bars(3000);
    let text = lab.text("bars.csv");
    let line = |(index, line): (usize, &str)| match index {
        0 => format!("{line}\n"),
        _ if index % 2 == 0 => format!("{line},extra\n"),
        _ => format!("{line}\n"),
    };
    lab.write("bars.csv", &text.lines().enumerate().map(line).collect::<String>());
    let done = lab.run("inspect-data bars.csv");
    assert_eq!(done.code, 1);
    let expected = "1,500 rows not usable; the first 1,000 problems by kind:\n            1,000 extra cell\n";
    assert!(done.stdout.contains(expected), "{}", done.stdout);
    assert!(done.stdout.contains("and 995 more\n"), "{}", done.stdout);
}
