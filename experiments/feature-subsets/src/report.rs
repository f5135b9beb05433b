//! What the reader is told, and how sure of it one may be.

use harness::{Data, SIGNIFICANT, probability, time};
use training::Metrics;

use crate::compare::{Comparison, Plan};

/// The page.
pub fn text(data: &Data, plan: &Plan<'_>, found: &Comparison) -> String {
    let [a, b] = &plan.subsets.names;
    let side =
        |name: &str, names: &Vec<String>| format!("{name}  {} features: {}\n", names.len(), names.join(", "));
    format!(
        "{data}\n{}, set {}; label {}; {} folds, each trained on all before it but the last {} rows; {} trees of depth \
         {}\n{}{}\n{}\n{}",
        plan.version,
        plan.set,
        plan.label,
        plan.folds,
        plan.label.horizon(),
        plan.trees.trees,
        plan.trees.depth,
        side("A", a),
        side("B", b),
        table(found),
        verdict(found),
    )
}

fn table(found: &Comparison) -> String {
    let head = [
        "fold",
        "tested from",
        "rows",
        "base rate",
        "loss of base rate",
        "loss A",
        "loss B",
        "AUC A",
        "AUC B",
    ];
    let row = |name: String, from: String, [a, b]: &[Metrics; 2]| {
        let cell = |metrics: &Metrics, name: &str| {
            metrics.get(name).map_or_else(|| "-".to_owned(), |value| format!("{value:.4}"))
        };
        let of_both = ["base_rate", "log_loss_of_base_rate"].map(|name| cell(a, name));
        let of_each = ["log_loss", "auc"].into_iter().flat_map(|name| [cell(a, name), cell(b, name)]);
        [name, from, a.rows.to_string()].into_iter().chain(of_both).chain(of_each).collect()
    };
    let folds = found.folds.iter().enumerate();
    let folds = folds.map(|(index, fold)| row((index + 1).to_string(), time(fold.from), &fold.metrics));
    let all = row("all".to_owned(), String::new(), &found.pooled);
    let head = head.map(str::to_owned).to_vec();
    harness::table(&[head].into_iter().chain(folds).chain([all]).collect::<Vec<_>>())
}

fn verdict(found: &Comparison) -> String {
    let Comparison { difference, better: [a, b], folds, .. } = found;
    let conclusion = if difference.p_value() >= SIGNIFICANT {
        "The difference is within noise: neither subset is shown to be better."
    } else if difference.mean < 0.0 {
        "More than noise on these bars: A predicts better."
    } else {
        "More than noise on these bars: B predicts better."
    };
    let folds = folds.len();
    format!(
        "Loss A − loss B, row by row: {:+.5}, standard error {:.5}, {}. A is better in {a} of {folds} folds, B in \
         {b}.\n{conclusion}\n\nloss: log loss. The test is paired: t of the mean difference over 20 blocks of rows by time, whose means \
         carry whatever\nneighbouring rows have in common. It asks whether these trained models differ on these bars, for one \
         comparison made\nonce; a subset chosen from many is partly the luckiest.\n",
        difference.mean,
        difference.error,
        probability(difference.p_value()),
    )
}

#[cfg(test)]
mod tests {
    use feature_api::UnixNanos;
    use harness::Estimate;

    use super::*;
    use crate::compare::Measured;

    fn found(mean: f64) -> Comparison {
        let metrics = |loss| Metrics {
            rows: 500,
            values: vec![
                ("log_loss", loss),
                ("log_loss_of_base_rate", 0.7012),
                ("auc", 0.5),
                ("base_rate", 0.51),
            ],
        };
        let sides = [metrics(0.69 + mean), metrics(0.69)];
        let fold = Measured { from: UnixNanos(1_704_067_200_000_000_000), metrics: sides.clone() };
        Comparison {
            folds: vec![fold],
            pooled: sides,
            difference: Estimate { mean, error: 0.001 },
            better: [1, 0],
        }
    }

    #[test]
    fn a_line_for_each_fold_and_one_for_all() {
        let expected = "\
fold           tested from  rows  base rate  loss of base rate  loss A  loss B   AUC A   AUC B
1     2024-01-01T00:00:00Z   500     0.5100             0.7012  0.6850  0.6900  0.5000  0.5000
all                          500     0.5100             0.7012  0.6850  0.6900  0.5000  0.5000
";
        assert_eq!(table(&found(-0.005)), expected);
    }

    #[test]
    fn what_is_not_defined_is_a_dash() {
        let mut one_class = found(0.0);
        one_class.pooled.iter_mut().for_each(|metrics| metrics.values.retain(|(name, _)| *name != "auc"));
        assert!(table(&one_class).lines().last().unwrap().ends_with("       -       -"));
    }

    #[test]
    fn the_conclusion_follows_from_the_error() {
        let lines = |mean| verdict(&found(mean)).lines().take(2).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(
            lines(-0.005),
            [
                "Loss A − loss B, row by row: -0.00500, standard error 0.00100, p < 0.001. A is better in 1 of 1 folds, \
                 B in 0.",
                "More than noise on these bars: A predicts better."
            ]
        );
        assert_eq!(lines(0.005)[1], "More than noise on these bars: B predicts better.");
        for mean in [0.0, 0.0019, -0.0019] {
            assert_eq!(
                lines(mean)[1],
                "The difference is within noise: neither subset is shown to be better."
            );
        }
    }
}
