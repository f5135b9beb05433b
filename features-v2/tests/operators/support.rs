//! What the tests of operators share: cases, inputs, exact integers.

use feature_api::{Bar, Bits, Memory, Operator, RestoreError, StateReader, StateWriter};
use features_v2::operators::{HighLowClose, TypicalVolume};
use features_v2::window::Window;
use testkit::expect::{Cell, Cells, Expect, cells_of};
use testkit::inputs::{Stream, Takers, bars};
use testkit::operator::{Naive, OperatorCase, conform};
use testkit::{BigInt, BigRational};

/// Windows of the whole suite, over every stream.
pub const WINDOWS: [u32; 7] = [1, 2, 3, 5, 14, 20, 50];

/// Long windows of the whole suite, over [`TELLING`] streams.
pub const LONG_WINDOWS: [u32; 2] = [200, 288];

/// The streams that find most.
pub const TELLING: [Stream; 4] = [Stream::Walk, Stream::Extremes, Stream::Ties, Stream::Jumps];

/// The numbers of an output: integers, then floats.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Numbers<const I: usize, const F: usize>(pub [i64; I], pub [f64; F]);

impl<const I: usize, const F: usize> Bits for Numbers<I, F> {
    fn bits(&self, to: &mut Vec<u64>) {
        self.0.bits(to);
        self.1.bits(to);
    }
}

impl<const I: usize, const F: usize> Cells for Numbers<I, F> {
    fn cells(&self, to: &mut Vec<Cell>) {
        self.0.cells(to);
        self.1.cells(to);
    }
}

/// An operator whose output is shown as other numbers; everything else is the operator's own.
pub struct Shown<O: Operator, T> {
    operator: O,
    show: fn(O::Output) -> T,
}

impl<O: Operator, T> Shown<O, T> {
    pub fn new(operator: O, show: fn(O::Output) -> T) -> Self {
        Self { operator, show }
    }
}

impl<O: Operator, T: Copy + Bits> Operator for Shown<O, T> {
    type Input = O::Input;
    type Output = T;

    fn update(&mut self, input: O::Input) -> Option<T> {
        self.operator.update(input).map(self.show)
    }
    fn warm_up(&self) -> usize {
        self.operator.warm_up()
    }
    fn memory(&self) -> Memory {
        self.operator.memory()
    }
    fn reset(&mut self) {
        self.operator.reset();
    }
    fn save(&self, state: &mut StateWriter) {
        self.operator.save(state);
    }
    fn load(&mut self, state: &mut StateReader<'_>) -> Result<(), RestoreError> {
        self.operator.load(state)
    }
}

/// A window.
pub fn window(n: u32) -> Window {
    Window::new(n).expect("a window from 1 to 1,000")
}

/// The whole suite for a windowed operator: every window of [`WINDOWS`] over every stream, the long ones over the
/// telling streams. `inputs` makes that many rows from a stream and a seed.
pub fn conform_windows<O: Operator>(
    name: &str,
    make: impl Fn(u32) -> O,
    inputs: impl Fn(Stream, usize, u64) -> Vec<O::Input>,
    naive: impl Fn(u32, &[O::Input]) -> Vec<Expect>,
) where
    O::Output: Cells,
{
    let short = WINDOWS.iter().flat_map(|n| Stream::ALL.map(|stream| (*n, stream)));
    let long = LONG_WINDOWS.iter().flat_map(|n| TELLING.map(|stream| (*n, stream)));
    for (n, stream) in short.chain(long) {
        let rows = memory_of(&make(n)) * 2 + 40;
        conform(&OperatorCase {
            name: &format!("{name} {n} over {}", stream.name()),
            make: &|| make(n),
            inputs: &inputs(stream, rows, u64::from(n)),
            converging: None,
            naive: Some(&|window| naive(n, window)),
        });
    }
}

/// The definition of a windowed operator at every window from `first` to 300: warm-up and values.
pub fn every_window<O: Operator>(
    name: &str,
    first: u32,
    make: impl Fn(u32) -> O,
    inputs: impl Fn(usize) -> Vec<O::Input>,
    naive: impl Fn(u32, &[O::Input]) -> Vec<Expect>,
) where
    O::Output: Cells,
{
    for n in first..=300 {
        let operator = make(n);
        let rows = memory_of(&operator) + 33;
        agrees(&format!("{name} {n}"), operator, &inputs(rows), 1, &|window| naive(n, window));
    }
}

/// As [`every_window`], at some of them, for definitions that take long.
pub fn some_windows<O: Operator>(
    name: &str,
    make: impl Fn(u32) -> O,
    inputs: impl Fn(usize) -> Vec<O::Input>,
    naive: impl Fn(u32, &[O::Input]) -> Vec<Expect>,
) where
    O::Output: Cells,
{
    for n in (1..=300).step_by(23) {
        let operator = make(n);
        let rows = memory_of(&operator) + 33;
        agrees(&format!("{name} {n}"), operator, &inputs(rows), 1, &|window| naive(n, window));
    }
}

/// Runs an operator and compares warm-up and every so many rows with the definition.
pub fn agrees<O: Operator>(
    name: &str,
    mut operator: O,
    inputs: &[O::Input],
    every: usize,
    naive: Naive<'_, O::Input>,
) where
    O::Output: Cells,
{
    let (warm_up, memory) = (operator.warm_up(), memory_of(&operator));
    assert!(inputs.len() > warm_up + 1, "{name}: too few inputs");
    for (row, input) in inputs.iter().enumerate() {
        let found = operator.update(*input);
        assert_eq!(found.is_some(), row >= warm_up, "{name}: row {row}, warm-up {warm_up}");
        let Some(found) = found.filter(|_| row % every == 0 || row + 1 == inputs.len()) else { continue };
        let (found, expected) = (cells_of(&found), naive(&inputs[(row + 1).saturating_sub(memory)..=row]));
        assert_eq!(found.len(), expected.len(), "{name}: row {row}");
        for (found, expected) in found.into_iter().zip(expected) {
            assert!(expected.is_met_by(found), "{name}: row {row}, expected {expected}, found {found}");
        }
    }
}

fn memory_of(operator: &impl Operator) -> usize {
    match operator.memory() {
        Memory::Finite { window } => window as usize,
        Memory::Recursive { .. } | Memory::SinceEntry | Memory::Book => usize::MAX,
    }
}

/// Bars of a stream, with prices of either sign: moved down by the first close.
pub fn signed_bars(stream: Stream, rows: usize, seed: u64) -> (Vec<Bar>, i64) {
    let bars = bars(stream, rows, seed, Takers::Never);
    let shift = bars.first().map_or(0, |bar| bar.close().raw());
    (bars, shift)
}

/// High, low and close, of either sign where `shift` is not 0.
pub fn high_low_close(bar: &Bar, shift: i64) -> HighLowClose {
    HighLowClose {
        high: bar.high().raw() - shift,
        low: bar.low().raw() - shift,
        close: bar.close().raw() - shift,
    }
}

/// Three times the typical price, and the volume.
pub fn typical_volume(bar: &Bar, shift: i64) -> TypicalVolume {
    let HighLowClose { high, low, close } = high_low_close(bar, shift);
    TypicalVolume { triple: high + low + close, volume: bar.volume().raw() }
}

/// The exact quotient of two integers.
pub fn quotient(num: impl Into<BigInt>, den: impl Into<BigInt>) -> BigRational {
    testkit::exact::ratio(num, den)
}

/// 10^decimals.
pub fn steps(decimals: u8) -> BigInt {
    BigInt::from(10).pow(u32::from(decimals))
}

/// Σ x.
pub fn sum(x: impl IntoIterator<Item = i64>) -> i128 {
    x.into_iter().map(i128::from).sum()
}

/// Σ (n·x − Σx)·(n·y − Σy): n³ times the covariance.
pub fn scatter(x: &[i64], y: &[i64]) -> BigInt {
    let n = x.len() as i128;
    let (sum_x, sum_y) = (sum(x.iter().copied()), sum(y.iter().copied()));
    let deviations = x.iter().zip(y).map(|(x, y)| (n * i128::from(*x) - sum_x, n * i128::from(*y) - sum_y));
    // Up to 2^59 each, the products of 1,000 of them fit 128 bits.
    if deviations.clone().all(|(x, y)| x.abs() < 1 << 58 && y.abs() < 1 << 58) {
        BigInt::from(deviations.map(|(x, y)| x * y).sum::<i128>())
    } else {
        deviations.map(|(x, y)| BigInt::from(x) * y).sum()
    }
}
