//! The market's quantities and an order's lots in one unit.

use feature_api::Qty;

use crate::Market;

/// How many of the largest common unit are in a step of the market's quantities and in a lot: exact where a lot is no
/// whole number of steps, or a step no whole number of lots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Volumes {
    step: i128,
    lot: i128,
}

impl Volumes {
    pub(super) fn new(market: &Market) -> Self {
        let (step, lot) = market.step_and_lot();
        let divisor = greatest_common_divisor(step, lot);
        Self { step: step / divisor, lot: lot / divisor }
    }

    pub(super) fn of(self, quantity: Qty) -> i128 {
        // 2^53 × 10^16 at most.
        i128::from(quantity.raw()) * self.step
    }

    /// The volume of so many lots, bought or sold.
    pub(super) fn of_lots(self, lots: i64) -> i128 {
        i128::from(lots.unsigned_abs()).saturating_mul(self.lot)
    }

    /// Whole lots in a volume; none in one below 0.
    pub(super) fn lots_in(self, volume: i128) -> i64 {
        i64::try_from(volume.max(0) / self.lot).unwrap_or(i64::MAX)
    }
}

const fn greatest_common_divisor(mut a: i128, mut b: i128) -> i128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use feature_api::Grid;

    use super::*;
    use crate::{Decimal, Instrument, Money};

    fn volumes(lot: &str, qty_scale: u8) -> Volumes {
        let (tick, lot) = (Decimal::parse("1").unwrap(), Decimal::parse(lot).unwrap());
        let instrument = Instrument::new("A", tick, lot, Money::ZERO).unwrap();
        Volumes::new(&Market::new(instrument, Grid::new(0, qty_scale).unwrap()).unwrap())
    }

    #[test]
    fn steps_and_lots_have_one_unit() {
        for (lot, qty_scale, step, of_lot) in [
            ("0.001", 3, 1, 1),
            ("0.001", 4, 1, 10),
            ("0.001", 0, 1000, 1),
            ("0.25", 1, 2, 5),
            ("25", 0, 1, 25),
        ] {
            assert_eq!(volumes(lot, qty_scale), Volumes { step, lot: of_lot }, "{lot} {qty_scale}");
        }
        let quarter = volumes("0.25", 1);
        // 0.7 is 14 twentieths: two quarters and four twentieths.
        let volume = quarter.of(Qty::from_raw(7).unwrap());
        assert_eq!((volume, quarter.lots_in(volume), quarter.of_lots(-2)), (14, 2, 10));
        assert_eq!((quarter.lots_in(-14), quarter.lots_in(i128::MAX)), (0, i64::MAX));
        assert_eq!(volumes("9007199254740991", 16).of_lots(i64::MIN), i128::MAX);
    }
}
