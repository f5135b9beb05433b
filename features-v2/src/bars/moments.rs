//! Sums of the powers of returns from trade to trade.

use feature_api::{RestoreError, StateReader, StateWriter};

use crate::arithmetic::Int;

/// Exact sums of the first four powers of returns, each rounded once to a multiple of 2^-52.
///
/// Integers add up to the same sums whichever way they are parted into bars, and a return that is taken back leaves
/// nothing behind. The statistics are made of integers too: with S₁…S₄ the sums and n the count, `n·S₂ − S₁²`,
/// `n²·S₃ − 3n·S₁·S₂ + 2·S₁³` and `n³·S₄ − 4n²·S₁·S₃ + 6n·S₁²·S₂ − 3·S₁⁴` are n², n³ and n⁴ times the central moments, so
/// nothing cancels in floats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReturnMoments {
    /// Returns; below 2^62.
    pub count: u64,
    /// Σ r, in 2^-52.
    pub first: i128,
    /// Σ r², in 2^-104.
    pub second: Int<4>,
    /// Σ r³, in 2^-156.
    pub third: Int<4>,
    /// Σ r⁴, in 2^-208.
    pub fourth: Int<5>,
}

/// 2^52: above it every float is an integer.
const GRID: f64 = (1_u64 << 52) as f64;

impl ReturnMoments {
    /// Largest magnitude of a return, in 2^-52: 64. A return beyond it counts as that.
    pub const LIMIT: i64 = 64 << 52;

    /// A return in 2^-52, to nearest, ties to even; what is no number counts as 0.
    #[inline]
    #[must_use]
    pub fn on_grid(r: f64) -> i64 {
        let x = r * GRID;
        let x = if x.abs() < GRID {
            // Behind 2^52 a float has no digits: adding it rounds to an integer, exactly as wanted.
            let round = GRID.copysign(x);
            (x + round) - round
        } else {
            x
        };
        (x as i64).clamp(-Self::LIMIT, Self::LIMIT)
    }

    /// Adds a return of [`ReturnMoments::on_grid`].
    #[inline]
    pub fn add(&mut self, r: i64) {
        self.count += 1;
        if r != 0 {
            let powers = Powers::of(r);
            self.first += i128::from(r);
            self.second = self.second.plus(&powers.second);
            self.third = self.third.plus(&powers.third);
            self.fourth = self.fourth.plus(&powers.fourth);
        }
    }

    /// Takes back a return that was added.
    #[inline]
    pub fn remove(&mut self, r: i64) {
        self.count -= 1;
        if r != 0 {
            let powers = Powers::of(r);
            self.first -= i128::from(r);
            self.second = self.second.minus(&powers.second);
            self.third = self.third.minus(&powers.third);
            self.fourth = self.fourth.minus(&powers.fourth);
        }
    }

    /// Adds all of another's.
    #[inline]
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.first += other.first;
        self.second = self.second.plus(&other.second);
        self.third = self.third.plus(&other.third);
        self.fourth = self.fourth.plus(&other.fourth);
    }

    /// Standard deviation with `count − ddof` degrees of freedom; 0 where there are none or all returns are equal.
    ///
    /// The root of the variance, which is correctly rounded for up to 2^36 returns: within one unit in the last place.
    #[must_use]
    pub fn deviation(&self, ddof: u64) -> f64 {
        match self.count.saturating_sub(ddof) {
            0 => 0.0,
            free => self.scatter().quotient(u128::from(self.count) * u128::from(free), -104).sqrt(),
        }
    }

    /// Skewness m₃/m₂^1.5 of the population; 0 where all returns are equal.
    ///
    /// The root of m₃²/m₂³: within one unit in the last place.
    #[must_use]
    pub fn skewness(&self) -> f64 {
        let scatter = self.scatter();
        let third = self.central_third();
        if scatter.is_zero() || third.is_zero() {
            return 0.0;
        }
        // 63 bits of each, 10 more than a float keeps.
        let ((m2, e2), (m3, e3)) = (scatter.leading(63), third.leading(63));
        let cube = (((m2 * m2) >> 63) * m2) >> 63;
        let square = Int::<2>::from(m3 * m3).quotient(cube.unsigned_abs(), 2 * e3 - 3 * e2 - 126);
        if third.is_negative() { -square.sqrt() } else { square.sqrt() }
    }

    /// Excess kurtosis m₄/m₂² − 3 of the population (Fisher); 0 where all returns are equal.
    ///
    /// (m₄ − 3·m₂²)/m₂² with an exact numerator: within one unit in the last place.
    #[must_use]
    pub fn kurtosis(&self) -> f64 {
        let scatter = self.scatter();
        if scatter.is_zero() {
            return 0.0;
        }
        let square = scatter.times(&scatter);
        let (den, exponent) = square.leading(63);
        self.central_fourth().minus(&by(3, &square)).quotient(den.unsigned_abs(), -exponent)
    }

    /// n²·m₂, in 2^-104; below 2^241.
    fn scatter(&self) -> Int<4> {
        let first = self.first.unsigned_abs();
        self.n().times(&self.second).minus(&Int::product(first, first))
    }

    /// n³·m₃ = n·(n·S₃ − 3·S₁·S₂) + 2·S₁³, in 2^-156; below 2^363.
    fn central_third(&self) -> Int<8> {
        let (n, s1) = (self.n(), Int::<2>::from(self.first));
        let inner = n.times(&self.third).minus(&by(3, &s1.times(&self.second)));
        let cube: Int<8> = s1.times(&s1.times::<2, 4>(&s1));
        n.times(&inner).plus(&cube.shifted(1))
    }

    /// n⁴·m₄ = n·(n·(n·S₄ − 4·S₁·S₃) + 6·S₁²·S₂) − 3·S₁⁴, in 2^-208; below 2^485.
    fn central_fourth(&self) -> Int<8> {
        let (n, s1) = (self.n(), Int::<2>::from(self.first));
        let s1_squared: Int<4> = s1.times(&s1);
        let inner = n.times(&self.fourth).minus(&s1.times::<4, 8>(&self.third).shifted(2));
        let middle = n.times(&inner).plus(&by(6, &s1_squared.times(&self.second)));
        n.times(&middle).minus(&by(3, &s1_squared.times(&s1_squared)))
    }

    fn n(&self) -> Int<1> {
        Int::from(self.count.cast_signed())
    }

    /// Writes the sums.
    pub fn save(&self, state: &mut StateWriter) {
        state.write_u64(self.count);
        state.write_i128(self.first);
        self.second.save(state);
        self.third.save(state);
        self.fourth.save(state);
    }

    /// Reads what [`ReturnMoments::save`] wrote.
    ///
    /// # Errors
    /// [`RestoreError`] where no returns have these sums.
    pub fn load(state: &mut StateReader<'_>) -> Result<Self, RestoreError> {
        let moments = Self {
            count: state.read_u64()?,
            first: state.read_i128()?,
            second: Int::load(state)?,
            third: Int::load(state)?,
            fourth: Int::load(state)?,
        };
        if moments.is_possible() {
            Ok(moments)
        } else {
            Err(RestoreError::Invalid { what: "sums of returns" })
        }
    }

    /// Whether some returns have these sums, as far as their sizes and the inequality of Cauchy and Schwarz tell.
    fn is_possible(&self) -> bool {
        if self.count >= 1 << 62 {
            return false;
        }
        let most = Powers::of(Self::LIMIT);
        let within = |sum: &Int<5>, most: &Int<5>| !sum.is_negative() && *sum <= self.n().times(most);
        let at_most = |a: Int<8>, b: Int<8>| a <= b;
        let first = Int::<2>::from(self.first);
        self.first.unsigned_abs() <= u128::from(self.count) * u128::from(Self::LIMIT.unsigned_abs())
            && within(&self.second.widen(), &most.second.widen())
            && within(&self.fourth, &most.fourth)
            && at_most(first.times(&first), self.n().times(&self.second))
            && at_most(self.second.times(&self.second), self.n().times(&self.fourth))
            && at_most(self.third.times(&self.third), self.second.times(&self.fourth))
    }
}

/// The powers of a return.
struct Powers {
    second: Int<4>,
    third: Int<4>,
    fourth: Int<5>,
}

impl Powers {
    #[inline]
    fn of(r: i64) -> Self {
        let magnitude = u128::from(r.unsigned_abs());
        let square = magnitude * magnitude;
        let cube = Int::product(magnitude, square);
        Self {
            second: Int::from(square),
            third: if r < 0 { cube.negated() } else { cube },
            fourth: Int::product(square, square),
        }
    }
}

/// A small multiple.
fn by(factor: i64, of: &Int<8>) -> Int<8> {
    Int::<1>::from(factor).times(of)
}

#[cfg(test)]
mod tests {
    use num_bigint::BigInt;
    use num_rational::BigRational;
    use proptest::prelude::*;

    use super::*;

    const L: i64 = ReturnMoments::LIMIT;

    fn of(returns: &[i64]) -> ReturnMoments {
        let mut moments = ReturnMoments::default();
        returns.iter().for_each(|r| moments.add(*r));
        moments
    }

    /// The mean of (r − mean)^power, by definition.
    fn central(returns: &[i64], power: i32) -> BigRational {
        let n = BigRational::from_integer(returns.len().into());
        let r = |r: &i64| BigRational::new((*r).into(), BigInt::from(1_u64 << 52));
        let mean = returns.iter().map(r).sum::<BigRational>() / &n;
        returns.iter().map(|x| (r(x) - &mean).pow(power)).sum::<BigRational>() / n
    }

    fn rational(x: f64) -> BigRational {
        BigRational::from_float(x).unwrap()
    }

    /// Whether found is less than one unit in the last place from the root of `square`, and 0 for 0.
    fn is_root(found: f64, square: &BigRational) -> bool {
        let zero = rational(0.0);
        if *square == zero {
            return found.to_bits() == 0;
        }
        found > 0.0
            && rational(found.next_down()).pow(2) < *square
            && *square < rational(found.next_up()).pow(2)
    }

    fn returns() -> impl Strategy<Value = Vec<i64>> {
        let size = prop_oneof![Just(0_u32), Just(28), Just(57), 0_u32..58];
        let r = (size, -L..=L).prop_map(|(size, r)| r >> size);
        let edge = prop_oneof![Just(L), Just(-L), Just(0), Just(1), Just(-1)];
        proptest::collection::vec(prop_oneof![4 => r, 1 => edge], 0..40)
    }

    fn check(returns: &[i64]) {
        let moments = of(returns);
        let zero = rational(0.0);
        if returns.is_empty() {
            assert_eq!((moments.deviation(0), moments.skewness(), moments.kurtosis()), (0.0, 0.0, 0.0));
            return;
        }
        let [m2, m3, m4] = [2, 3, 4].map(|power| central(returns, power));
        assert!(is_root(moments.deviation(0), &m2), "{returns:?}");
        let n = BigRational::from_integer(returns.len().into());
        if returns.len() > 1 {
            let unbiased = &m2 * &n / (&n - rational(1.0));
            assert!(is_root(moments.deviation(1), &unbiased), "{returns:?}");
        }
        if m2 == zero {
            assert_eq!((moments.skewness().to_bits(), moments.kurtosis().to_bits()), (0, 0));
            return;
        }
        let skew = moments.skewness();
        assert!(is_root(skew.abs(), &(m3.pow(2) / m2.pow(3))), "{returns:?}");
        assert_eq!(skew < 0.0, m3 < zero, "{returns:?}");
        let (found, exact) = (moments.kurtosis(), m4 / m2.pow(2) - rational(3.0));
        assert!(rational(found.next_down()) < exact && exact < rational(found.next_up()), "{returns:?}");
    }

    proptest! {
        #[test]
        fn statistics_are_within_a_unit_in_the_last_place(returns in returns()) {
            check(&returns);
        }

        #[test]
        fn sums_part_and_forget(returns in returns(), parted in 0_usize..40) {
            let (head, tail) = returns.split_at(parted.min(returns.len()));
            let mut merged = of(head);
            merged.merge(&of(tail));
            prop_assert_eq!(merged, of(&returns));
            head.iter().for_each(|r| merged.remove(*r));
            prop_assert_eq!(merged, of(tail));
        }

        #[test]
        fn a_state_reads_back(returns in returns()) {
            let moments = of(&returns);
            let mut state = StateWriter::new();
            moments.save(&mut state);
            let bytes = state.into_bytes();
            prop_assert_eq!(ReturnMoments::load(&mut StateReader::new(&bytes)), Ok(moments));
        }

        #[test]
        fn returns_are_rounded_to_the_nearest_multiple(r in -70.0_f64..70.0, digits in 0_u32..60) {
            let r = r / (1_u64 << digits) as f64;
            let found = ReturnMoments::on_grid(r);
            let exact = rational(r) * BigInt::from(1_u64 << 52);
            let limit = BigRational::from_integer(L.into());
            let exact = if exact > limit { limit } else if exact < -limit.clone() { -limit } else { exact };
            let error = exact - BigRational::from_integer(found.into());
            prop_assert!(error <= rational(0.5) && error >= rational(-0.5), "{r:e} became {found}");
        }
    }

    #[test]
    fn edges() {
        assert_eq!(ReturnMoments::on_grid(f64::NAN), 0);
        assert_eq!(ReturnMoments::on_grid(-0.0), 0);
        assert_eq!(ReturnMoments::on_grid(f64::INFINITY), L);
        assert_eq!(ReturnMoments::on_grid(-1e300), -L);
        assert_eq!(ReturnMoments::on_grid(1.5 / GRID), 2, "a tie goes to even");
        assert_eq!(ReturnMoments::on_grid(-0.5 / GRID), 0, "a tie goes to even");
        check(&[5; 1_000]);
        check(&[L, -L]);
        check(&[1, 2]);
        check(&[L - 1, L]);
        let mut far = vec![L; 5_000];
        far.push(-L);
        check(&far);
    }

    #[test]
    fn sums_over_the_most_returns_fit() {
        // As many returns as can be, half at either end: S2 = n·L², S4 = n·L⁴, deviation 64, kurtosis −2.
        let n = (1_u64 << 62) - 2;
        let powers = Powers::of(L);
        let times = |x: &Int<5>| Int::<1>::from(n.cast_signed()).times::<5, 5>(x);
        let moments = ReturnMoments {
            count: n,
            first: 0,
            second: times(&powers.second.widen()).widen(),
            third: Int::ZERO,
            fourth: times(&powers.fourth),
        };
        assert!(moments.is_possible());
        assert_eq!((moments.deviation(0), moments.skewness(), moments.kurtosis()), (64.0, 0.0, -2.0));
        let one_sided = ReturnMoments {
            first: i128::from(n) * i128::from(L),
            third: times(&powers.third.widen()).widen(),
            ..moments
        };
        assert!(one_sided.is_possible());
        assert_eq!((one_sided.deviation(0), one_sided.skewness(), one_sided.kurtosis()), (0.0, 0.0, 0.0));
    }

    #[test]
    fn forged_sums_are_refused() {
        let honest = of(&[3, -1, 7]);
        let forged: [ReturnMoments; 9] = [
            ReturnMoments { count: 1 << 62, ..honest },
            ReturnMoments { count: 0, ..honest },
            ReturnMoments { first: 100, ..honest },
            ReturnMoments { first: i128::MIN, ..honest },
            ReturnMoments { second: Int::from(-1_i64), ..honest },
            ReturnMoments { second: Int::from(1_i64).shifted(200), ..honest },
            ReturnMoments { third: Int::from(1_i64).shifted(255), ..honest },
            ReturnMoments { fourth: Int::from(1_i64), ..honest },
            ReturnMoments { fourth: Int::from(1_i64).shifted(319), ..honest },
        ];
        for forged in forged {
            let mut state = StateWriter::new();
            forged.save(&mut state);
            assert_eq!(
                ReturnMoments::load(&mut StateReader::new(&state.into_bytes())),
                Err(RestoreError::Invalid { what: "sums of returns" })
            );
        }
    }
}
