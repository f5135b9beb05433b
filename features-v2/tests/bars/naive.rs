//! What bars say, from the definitions, over all their trades at once.

use feature_api::Grid;
use features_v2::bars::{BarSums, ReturnMoments, Statistics};
use features_v2::market::Print;
use features_v2::operators::log_return;
use testkit::{BigInt, BigRational};

pub fn rational(x: f64) -> BigRational {
    BigRational::from_float(x).expect("a number")
}

pub fn integer(x: impl Into<BigInt>) -> BigRational {
    BigRational::from_integer(x.into())
}

/// `raw / 10^decimals`.
pub fn decimal(raw: impl Into<BigInt>, decimals: u8) -> BigRational {
    BigRational::new(raw.into(), BigInt::from(10).pow(u32::from(decimals)))
}

/// Σ price·quantity in units of the quote currency.
pub fn dollar(prints: &[Print], grid: Grid) -> BigRational {
    let value = |print: &Print| BigInt::from(print.price) * print.quantity;
    decimal(prints.iter().map(value).sum::<BigInt>(), grid.price_scale() + grid.qty_scale())
}

/// The returns of a bar, as multiples of 2^-52.
fn returns(prints: &[Print]) -> Vec<BigInt> {
    let limit = BigInt::from(ReturnMoments::LIMIT);
    let one = |pair: &[Print]| {
        let r = rational(log_return(pair[0].price, pair[1].price)) * BigInt::from(1_u64 << 52);
        // To the nearest integer, ties to even.
        let (below, half) = (r.floor(), BigRational::new(1.into(), 2.into()));
        let up = &r - &below > half || (&r - &below == half && below.to_integer() % 2 != BigInt::ZERO);
        let r = below.to_integer() + BigInt::from(u8::from(up));
        r.clamp(-limit.clone(), limit.clone())
    };
    prints.windows(2).map(one).collect()
}

/// The directions of the price changes.
fn moves(prints: &[Print]) -> Vec<i8> {
    let sign = |pair: &[Print]| (pair[1].price - pair[0].price).signum() as i8;
    prints.windows(2).map(sign).filter(|sign| *sign != 0).collect()
}

/// Holds the sums of a bar to its trades.
pub fn check_sums(sums: &BarSums, prints: &[Print], what: &str) {
    let prices = || prints.iter().map(|print| print.price);
    let (first, last) = (prints.first().unwrap(), prints.last().unwrap());
    assert_eq!((sums.ts_first, sums.ts_last), (first.ts, last.ts), "{what}");
    assert_eq!([sums.open, sums.close], [first.price, last.price], "{what}");
    assert_eq!([sums.high, sums.low], [prices().max().unwrap(), prices().min().unwrap()], "{what}");
    let bought: i64 = prints.iter().filter(|print| print.is_buy).map(|print| print.quantity).sum();
    let sold: i64 = prints.iter().filter(|print| !print.is_buy).map(|print| print.quantity).sum();
    assert_eq!([sums.volume, sums.buy, sums.sell()], [bought + sold, bought, sold], "{what}");
    assert_eq!(integer(sums.dollar), dollar(prints, Grid::default()), "{what}");
    assert_eq!(sums.trades, prints.len() as u64, "{what}");
    let moves = moves(prints);
    let turns = moves.windows(2).filter(|pair| pair[0] != pair[1]).count();
    assert_eq!([sums.price_changes, sums.direction_changes], [moves.len() as u64, turns as u64], "{what}");
    assert_eq!(sums.first_move, moves.first().copied().unwrap_or(0), "{what}");
    assert_eq!(sums.last_move, moves.last().copied().unwrap_or(0), "{what}");
    let returns = returns(prints);
    let mut expected = ReturnMoments::default();
    returns.iter().for_each(|r| expected.add(i64::try_from(r).unwrap()));
    assert_eq!(sums.returns, expected, "{what}");
}

/// Holds the statistics of a bar to its trades.
pub fn check_statistics(found: &Statistics, prints: &[Print], what: &str) {
    let quantity = |buy: bool| {
        let of_side = prints.iter().filter(|print| print.is_buy == buy);
        integer(of_side.map(|print| print.quantity).sum::<i64>())
    };
    let (bought, sold) = (quantity(true), quantity(false));
    let traded = &bought + &sold;
    if traded == integer(0) {
        assert_eq!((found.trade_imbalance, found.taker_ratio), (0.0, 0.5), "{what}");
    } else {
        assert_nearest(found.trade_imbalance, &((&bought - &sold) / &traded), what);
        assert_nearest(found.taker_ratio, &(&bought / &traded), what);
    }
    let moves = moves(prints);
    assert_eq!(found.price_changes, moves.len() as f64, "{what}");
    let turns = moves.windows(2).filter(|pair| pair[0] != pair[1]).count();
    assert_eq!(found.direction_changes, turns as f64, "{what}");
    check_shape(found, &returns(prints), what);
}

/// Deviation, skewness and kurtosis, each within one unit in the last place of its definition.
fn check_shape(found: &Statistics, returns: &[BigInt], what: &str) {
    let shape = (found.tick_volatility, found.tick_skew, found.tick_kurtosis);
    if returns.iter().all(|r| *r == returns[0]) {
        assert_eq!(shape, (0.0, 0.0, 0.0), "{what}");
        return;
    }
    // n times the returns less their mean are integers: what is divided by, is divided at the end.
    let n = BigInt::from(returns.len());
    let sum: BigInt = returns.iter().sum();
    let central = |power: u32| {
        let sum: BigInt = returns.iter().map(|r| (r * &n - &sum).pow(power)).sum();
        BigRational::new(sum, n.pow(power + 1)) / BigInt::from(2).pow(52 * power)
    };
    let [m2, m3, m4] = [2, 3, 4].map(central);
    assert_root(found.tick_volatility, &m2, what);
    assert_root(found.tick_skew.abs(), &(m3.pow(2) / m2.pow(3)), what);
    assert!(found.tick_skew == 0.0 || (found.tick_skew > 0.0) == (m3 > integer(0)), "{what}");
    let kurtosis = m4 / m2.pow(2) - integer(3);
    let around = [found.tick_kurtosis.next_down(), found.tick_kurtosis.next_up()].map(rational);
    assert!(around[0] < kurtosis && kurtosis < around[1], "{what}: kurtosis {}", found.tick_kurtosis);
}

/// Less than one unit in the last place from the root.
fn assert_root(found: f64, square: &BigRational, what: &str) {
    if *square == integer(0) {
        assert_eq!(found, 0.0, "{what}");
        return;
    }
    let around = [found.next_down(), found.next_up()].map(|x| rational(x).pow(2));
    assert!(found > 0.0 && around[0] < *square && *square < around[1], "{what}: {found}");
}

/// The float nearest to an exact value.
pub fn assert_nearest(found: f64, exact: &BigRational, what: &str) {
    let distance = |x: f64| {
        let d = rational(x) - exact;
        if d < integer(0) { -d } else { d }
    };
    let own = distance(found);
    assert!(
        own <= distance(found.next_up()) && own <= distance(found.next_down()),
        "{what}: {found} for {exact}"
    );
}
