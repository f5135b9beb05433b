//! What the reader is told, and how sure of it one may be.

use harness::{Data, Estimate, SIGNIFICANT, probability};

use crate::sweep::{FIRST_PER_CENT, Plan, Swept, Tried};

/// The page.
pub fn text(data: &Data, plan: &Plan<'_>, swept: &Swept) -> String {
    let Plan { version, set, feature, parameter, horizon } = plan;
    let (first, rest) = swept.rows;
    format!(
        "{data}\n{feature} of {version}, set {set}; return over the next {horizon} bars\nfirst {FIRST_PER_CENT} % of the \
         bars: {first} rows; the rest: {rest} rows\n\n{}\n{}",
        table(&parameter.name, &swept.tried),
        verdict(&parameter.name, &swept.tried),
    )
}

fn table(name: &str, tried: &[Tried]) -> String {
    let head = [name, "IC, first", "error", "score", "IC, rest", "error", "score"].map(str::to_owned);
    let cells = |estimate: &Estimate| {
        [estimate.mean, estimate.error]
            .map(|value| format!("{value:.4}"))
            .into_iter()
            .chain([format!("{:.1}", estimate.score())])
    };
    let row =
        |t: &Tried| [t.value.to_string()].into_iter().chain(cells(&t.first)).chain(cells(&t.rest)).collect();
    harness::table(&[head.to_vec()].into_iter().chain(tried.iter().map(row)).collect::<Vec<_>>())
}

/// What the best value of the first part is worth.
fn verdict(name: &str, tried: &[Tried]) -> String {
    let by_score =
        |one: &&Tried, other: &&Tried| one.first.score().abs().total_cmp(&other.first.score().abs());
    // Of equals the first: `max_by` would take the last.
    let Some(best) = tried.iter().rev().max_by(by_score) else { return String::new() };
    let Tried { value, first, rest } = best;
    let count = tried.len();
    let all = first.p_value() * count as f64;
    let all = if all < 1.0 { all } else { 1.0 };
    let held = rest.p_value() < SIGNIFICANT && (rest.mean > 0.0) == (first.mean > 0.0);
    let conclusion = match (all < SIGNIFICANT, held) {
        (true, true) => "It holds in both parts: more than noise on these bars.",
        (true, false) => "It does not hold in the rest: nothing to build on.",
        (false, true) => {
            "The rest alone speaks for it, the part it was chosen by does not: too little to build on."
        }
        (false, false) => "No more than noise.",
    };
    format!(
        "Values tried: {count}. The strongest in the first part is {name}={value}: {} for it alone, {} for the strongest of \
         {count} (Bonferroni).\nIn the rest, which had no part in the choice: {}.\n{conclusion}\n\nIC: Spearman's rank \
         correlation of the feature with the return. error: its standard error, from the means of\n20 blocks of rows by time, as neighbouring rows \
         are not independent. score: IC / error. Runs before this one, of other horizons,\nfeatures \
         or bars, are tries too and are not counted: what is looked for often enough is found.\n",
        probability(first.p_value()),
        probability(all),
        probability(rest.p_value()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(value: u32, first: f64, rest: f64) -> Tried {
        let of = |score: f64| Estimate { mean: score / 100.0, error: 0.01 };
        Tried { value, first: of(first), rest: of(rest) }
    }

    fn conclusion(tried: &[Tried]) -> String {
        verdict("rsi", tried).lines().nth(2).unwrap().to_owned()
    }

    #[test]
    fn the_strongest_pays_for_the_others() {
        // p of 2.2 is 0.040: below 5 % alone, above as the best of four.
        let values = [tried(7, 1.0, 0.1), tried(14, -2.2, 0.2), tried(21, 2.2, 0.0), tried(28, 0.0, 0.0)];
        let text = verdict("rsi", &values);
        let first = "Values tried: 4. The strongest in the first part is rsi=14: p = 0.040 for it alone, p = 0.162 for the \
                     strongest of 4 (Bonferroni).";
        assert_eq!(text.lines().next(), Some(first));
        assert_eq!(conclusion(&values), "No more than noise.");
    }

    #[test]
    fn both_parts_must_agree() {
        assert_eq!(
            conclusion(&[tried(7, 5.0, 3.0)]),
            "It holds in both parts: more than noise on these bars."
        );
        let not = "It does not hold in the rest: nothing to build on.";
        assert_eq!(conclusion(&[tried(7, 5.0, 1.0)]), not);
        assert_eq!(conclusion(&[tried(7, 5.0, -3.0)]), not);
        assert!(conclusion(&[tried(7, 1.0, 3.0)]).starts_with("The rest alone speaks for it"));
        assert_eq!(conclusion(&[tried(7, 1.0, -3.0)]), "No more than noise.");
    }

    #[test]
    fn a_line_for_each_value() {
        assert_eq!(
            table("rsi", &[tried(7, -5.0, 3.0), tried(14, 0.0, 0.5)]),
            "rsi  IC, first   error  score  IC, rest   error  score\n\
             7      -0.0500  0.0100   -5.0    0.0300  0.0100    3.0\n\
             14      0.0000  0.0100    0.0    0.0050  0.0100    0.5\n"
        );
    }
}
