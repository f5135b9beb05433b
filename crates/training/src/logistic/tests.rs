use proptest::prelude::*;

use super::*;

const PLAIN: LogisticOptions = LogisticOptions { l2: 0.0, steps_max: 50 };

fn train(
    inputs: &[Vec<f64>],
    labels: &[f64],
    options: &LogisticOptions,
) -> Result<LinearParts, TrainingError> {
    let train = TrainExamples::made_up(inputs, labels);
    train_logistic(&train, Objective::Logistic, options).map(|model| model.parts().clone())
}

fn with_l2(l2: f64) -> LogisticOptions {
    LogisticOptions { l2, ..PLAIN }
}

/// Numbers that look random, 0 to 1, the same on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        // Steele, Lea and Flood 2014.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn probability(margin: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-margin))
}

fn margin(parts: &LinearParts, input: &[f64]) -> f64 {
    parts.bias + parts.weights.iter().zip(input).map(|(w, x)| w * x).sum::<f64>()
}

/// Rows of independent inputs from −1 to 1, labelled by chance as a known model says.
fn sampled(rows: usize, weights: &[f64], bias: f64, seed: u64) -> (Vec<Vec<f64>>, Vec<f64>) {
    let mut random = Random(seed);
    let mut inputs = Vec::new();
    let mut labels = Vec::new();
    for _ in 0..rows {
        let input: Vec<f64> = weights.iter().map(|_| 2.0 * random.next() - 1.0).collect();
        let margin = bias + weights.iter().zip(&input).map(|(w, x)| w * x).sum::<f64>();
        labels.push(f64::from(random.next() < probability(margin)));
        inputs.push(input);
    }
    (inputs, labels)
}

/// How far the gradient is from 0, for the bias and each weight, as a multiple of what rounding explains.
fn gradient_in_roundings(parts: &LinearParts, inputs: &[Vec<f64>], labels: &[f64], l2: f64) -> Vec<f64> {
    let width = parts.weights.len();
    let terms = |input: &Vec<f64>| {
        parts.bias.abs() + parts.weights.iter().zip(input).map(|(w, x)| (w * x).abs()).sum::<f64>()
    };
    let most = inputs.iter().map(terms).fold(1.0, |most: f64, term| if term > most { term } else { most });
    // A margin here and one inside the training are each a sum of width + 1 products, of which the weights were
    // rounded three times more; the slope of the probability is at most 1/4, and it is rounded four times. The last
    // step leaves the square of MOVED_MAX times half the second derivative of the probability, below 0.05.
    let of_margins = (2 * width + 5) as f64 * f64::EPSILON * most / 4.0 + 4.0 * f64::EPSILON;
    let of_probability = of_margins + 0.05 * (MOVED_MAX * most) * (MOVED_MAX * most);
    (0..=width)
        .map(|coordinate| {
            let x = |input: &[f64]| if coordinate == 0 { 1.0 } else { input[coordinate - 1] };
            let w = if coordinate == 0 { 0.0 } else { parts.weights[coordinate - 1] };
            let rows = || inputs.iter().zip(labels);
            let fit = Sum::of(rows().map(|(input, y)| (y - probability(margin(parts, input))) * x(input)));
            let sizes = Sum::of(rows().map(|(input, _)| x(input).abs()));
            let bound = sizes * of_probability + 4.0 * f64::EPSILON * l2 * w.abs();
            (fit - l2 * w).abs() / bound
        })
        .collect()
}

#[test]
fn a_table_of_two_by_two_has_a_closed_form() {
    // Of 10 rows with x = 0, 3 are hits; of 20 with x = 1, 14 are.
    let mut inputs = Vec::new();
    let mut labels = Vec::new();
    for (x, hits, rows) in [(0.0, 3, 10), (1.0, 14, 20)] {
        for row in 0..rows {
            inputs.push(vec![x]);
            labels.push(f64::from(row < hits));
        }
    }
    let found = train(&inputs, &labels, &PLAIN).unwrap();
    let (bias, both) = (libm::log(3.0 / 7.0), libm::log(14.0 / 6.0));
    // The gradient is off by 30 rows' roundings at most, and the inverse of the hessian is below 1/2.1 + 1/4.2.
    let bound = 30.0 * 8.0 * f64::EPSILON;
    assert!((found.bias - bias).abs() <= bound, "{} {bias}", found.bias);
    assert!((found.weights[0] - (both - bias)).abs() <= bound, "{:?} {}", found.weights, both - bias);
    assert_eq!(found.link, Link::Logistic { steepness: 1.0 });
}

#[test]
fn the_least_sum_that_a_search_finds() {
    let inputs =
        [[0.5, -1.0], [1.5, 0.25], [-0.75, 2.0], [0.1, 0.2], [-1.2, -0.4], [2.0, 1.0]].map(Vec::from);
    let labels = [1.0, 1.0, -1.0, 0.0, 0.0, 1.0];
    let l2 = 0.3;
    let sum = |at: [f64; 3]| {
        let parts = LinearParts { bias: at[0], weights: vec![at[1], at[2]], link: Link::Identity };
        let losses = inputs
            .iter()
            .zip(labels)
            .map(|(input, label)| loss(margin(&parts, input) * if label > 0.0 { 1.0 } else { -1.0 }));
        losses.sum::<f64>() + l2 / 2.0 * (at[1] * at[1] + at[2] * at[2])
    };
    // A grid around the best point so far, ever finer.
    let (mut best, mut width) = ([0.0; 3], 4.0);
    while width > 1e-9 {
        let around = best;
        for index in 0..9 * 9 * 9 {
            let offset = |digit: usize| (f64::from(u16::try_from(index / digit % 9).unwrap()) - 4.0) / 4.0;
            let at = [1, 9, 81].map(offset);
            let at = [0, 1, 2].map(|k| around[k] + width * at[k]);
            if sum(at) < sum(best) {
                best = at;
            }
        }
        width *= 0.6;
    }
    let found = train(&inputs, &labels, &with_l2(l2)).unwrap();
    let found = [found.bias, found.weights[0], found.weights[1]];
    // Seven terms of about 1 are summed: the search sees no difference below 7 units in the last place.
    let rounding = 7.0 * 2.0 * f64::EPSILON * sum(found);
    assert!(sum(found) <= sum(best) + rounding);
    // The sum rises by at least l2/2 times the square of the distance in the weights.
    let bound = (2.0 * 2.0 * rounding / l2).sqrt();
    for (found, best) in found.iter().zip(best).skip(1) {
        assert!((found - best).abs() <= bound, "{found} {best} {bound}");
    }
}

#[test]
fn known_weights_are_recovered() {
    let weights = [1.5, -0.7, 0.0, 0.4];
    let (inputs, labels) = sampled(20_000, &weights, -0.3, 7);
    let found = train(&inputs, &labels, &PLAIN).unwrap();
    for (index, (found, known)) in found.weights.iter().zip(weights).enumerate() {
        // The inputs are independent: five standard errors from the diagonal of the information.
        let information = inputs.iter().map(|input| {
            let p = probability(-0.3 + weights.iter().zip(input).map(|(w, x)| w * x).sum::<f64>());
            p * (1.0 - p) * input[index] * input[index]
        });
        let error = 1.0 / information.sum::<f64>().sqrt();
        assert!(error < 0.04 && (found - known).abs() <= 5.0 * error, "{index}: {found} {known} {error}");
    }
}

#[test]
fn units_change_the_weights_alone() {
    let (mut inputs, labels) = sampled(300, &[1.0, -2.0, 0.5], 0.2, 3);
    let first = train(&inputs, &labels, &PLAIN).unwrap();
    assert_eq!(train(&inputs, &labels, &PLAIN).unwrap(), first, "the same bits again");
    // Powers of two scale without rounding, so every bit is told.
    inputs.iter_mut().for_each(|input| input[1] *= 1024.0);
    let scaled = train(&inputs, &labels, &PLAIN).unwrap();
    assert_eq!(scaled.bias.to_bits(), first.bias.to_bits());
    assert_eq!(scaled.weights[0].to_bits(), first.weights[0].to_bits());
    assert_eq!((scaled.weights[1] * 1024.0).to_bits(), first.weights[1].to_bits());
}

#[test]
fn prices_beside_returns_are_no_difficulty() {
    let (mut inputs, labels) = sampled(500, &[1.0, -2.0], 0.2, 5);
    for input in &mut inputs {
        input[0] = 45_000.0 + 1e-3 * input[0];
        input[1] *= 1e-7;
    }
    let found = train(&inputs, &labels, &PLAIN).unwrap();
    for multiple in gradient_in_roundings(&found, &inputs, &labels, 0.0) {
        assert!(multiple <= 1.0, "{multiple}");
    }
}

#[test]
fn a_constant_input_has_no_weight() {
    let (plain, labels) = sampled(200, &[1.0], 0.5, 11);
    let inputs: Vec<Vec<f64>> = plain.iter().map(|input| vec![0.1, input[0], -7.0]).collect();
    for options in [PLAIN, with_l2(2.0)] {
        let found = train(&inputs, &labels, &options).unwrap();
        let alone = train(&plain, &labels, &options).unwrap();
        assert_eq!((found.weights, found.bias), (vec![0.0, alone.weights[0], 0.0], alone.bias));
    }
}

#[test]
fn labels_that_can_be_separated_end() {
    let inputs: Vec<Vec<f64>> = (-10_i32..10).map(|x| vec![f64::from(x), f64::from(x % 3)]).collect();
    let labels: Vec<f64> = inputs.iter().map(|input| f64::from(input[0] >= 0.0)).collect();
    let error = train(&inputs, &labels, &PLAIN).unwrap_err();
    assert!(matches!(error, TrainingError::Separable { rows: 20 }), "{error}");
    assert!(error.to_string().contains("l2"), "{error}");
    // With a penalty there is a least sum, however small the penalty.
    for l2 in [1e-12, 1e-3, 1.0] {
        let found = train(&inputs, &labels, &with_l2(l2)).unwrap();
        assert!(found.weights[0] > 0.0);
        for multiple in gradient_in_roundings(&found, &inputs, &labels, l2) {
            assert!(multiple <= 1.0, "l2 {l2}: {multiple}");
        }
    }
}

#[test]
fn labels_that_can_be_separated_in_part_end() {
    // x = 0 has both labels, and every other row is on its side: the weight grows for ever, the bias does not.
    let inputs: Vec<Vec<f64>> = [-2.0, -1.0, 0.0, 0.0, 1.0, 2.0].map(|x| vec![x]).into();
    let labels = [0.0, 0.0, 0.0, 1.0, 1.0, 1.0];
    let error = train(&inputs, &labels, &PLAIN).unwrap_err();
    assert!(matches!(error, TrainingError::NotConverged { steps: 50, moved } if moved > 0.1), "{error}");
    assert!(train(&inputs, &labels, &with_l2(1e-6)).is_ok());
}

#[test]
fn inputs_that_depend_on_each_other_are_named() {
    let (plain, labels) = sampled(100, &[1.0, -1.0], 0.0, 13);
    let inputs: Vec<Vec<f64>> =
        plain.iter().map(|input| vec![input[0], input[1], 0.3 * input[0] - 0.1 * input[1] + 5.0]).collect();
    let error = train(&inputs, &labels, &PLAIN).unwrap_err();
    assert!(matches!(error, TrainingError::Dependent { index: 2 }), "{error}");
    let shared = train(&inputs, &labels, &with_l2(0.1)).unwrap();
    for multiple in gradient_in_roundings(&shared, &inputs, &labels, 0.1) {
        assert!(multiple <= 1.0, "{multiple}");
    }
}

#[test]
fn what_cannot_be_trained_on_is_said() {
    let (inputs, labels) = sampled(50, &[1.0, 0.0], 0.0, 17);
    let train_examples = TrainExamples::made_up(&inputs, &labels);
    let squared = train_logistic(&train_examples, Objective::Squared, &PLAIN).unwrap_err();
    assert!(matches!(squared, TrainingError::Objective { found: Objective::Squared, .. }));
    assert!(squared.to_string().contains("use trees"), "{squared}");
    for value in [f64::NAN, f64::INFINITY] {
        let mut broken = inputs.clone();
        broken[4][1] = value;
        let error = train(&broken, &labels, &PLAIN).unwrap_err();
        assert!(matches!(error, TrainingError::Input { row: 4, index: 1, .. }), "{error}");
        assert!(error.to_string().contains("impute"), "{error}");
    }
    for (label, target) in [(1.0, 1.0), (0.0, 0.0), (-1.0, 0.0)] {
        let error = train(&inputs, &[label; 50], &with_l2(1.0)).unwrap_err();
        assert!(matches!(error, TrainingError::OneClass { rows: 50, target: t } if t == target), "{error}");
    }
    for l2 in [-1.0, f64::NAN, f64::INFINITY] {
        let error = train(&inputs, &labels, &with_l2(l2)).unwrap_err();
        assert!(matches!(error, TrainingError::Option { option: "l2", .. }), "{error}");
    }
    let error = train(&inputs, &labels, &LogisticOptions { l2: 0.0, steps_max: 0 }).unwrap_err();
    assert!(matches!(error, TrainingError::Option { option: "steps_max", .. }), "{error}");
    let error = train(&inputs, &labels, &LogisticOptions { l2: 0.0, steps_max: 1 }).unwrap_err();
    assert!(matches!(error, TrainingError::NotConverged { steps: 1, .. }), "{error}");
    for scale in [1e300, 1e-200] {
        let extreme: Vec<Vec<f64>> = inputs.iter().map(|input| vec![input[0], scale * input[1]]).collect();
        let error = train(&extreme, &labels, &with_l2(1.0)).unwrap_err();
        assert!(matches!(error, TrainingError::Magnitude { index: 1, .. }), "{error}");
    }
}

#[test]
fn five_hundred_inputs() {
    let weights: Vec<f64> = (0..500_u16).map(|index| f64::from(index % 7) / 7.0 - 0.5).collect();
    let (inputs, labels) = sampled(600, &weights, 0.0, 19);
    let found = train(&inputs, &labels, &with_l2(1.0)).unwrap();
    for multiple in gradient_in_roundings(&found, &inputs, &labels, 1.0) {
        assert!(multiple <= 1.0, "{multiple}");
    }
}

proptest! {
    #[test]
    fn the_gradient_is_zero_to_rounding(
        rows in 4_usize..60,
        weights in proptest::collection::vec(-3.0..3.0, 1..6),
        bias in -2.0..2.0,
        l2 in prop_oneof![Just(1e-3), Just(1.0), Just(100.0)],
        units in -3_i32..4,
        seed in any::<u64>(),
    ) {
        let (mut inputs, labels) = sampled(rows, &weights, bias, seed);
        let unit = libm::pow(10.0, f64::from(units));
        inputs.iter_mut().for_each(|input| input[0] *= unit);
        prop_assume!(labels.contains(&0.0) && labels.contains(&1.0));
        let found = train(&inputs, &labels, &with_l2(l2)).unwrap();
        for multiple in gradient_in_roundings(&found, &inputs, &labels, l2) {
            prop_assert!(multiple <= 1.0, "{}", multiple);
        }
    }
}
