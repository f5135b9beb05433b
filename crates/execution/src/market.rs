//! An instrument on the grid of its bars: the arithmetic of prices, lots and money.

use core::cmp::Ordering;

use feature_api::{Bar, Grid, MAX_RAW, Price};

use crate::{ExecutionError, Instrument, Money, Rate, exact};

/// An instrument on the grid of its bars.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Market {
    instrument: Instrument,
    grid: Grid,
    /// Steps of the grid's price in a tick.
    tick: i64,
    /// Units of money of one lot at a price of one step.
    unit: i128,
}

/// Which way a price is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Round {
    Up,
    Down,
    HalfEven,
}

impl Market {
    /// An instrument whose bars are on that grid.
    ///
    /// # Errors
    /// [`ExecutionError::Grid`] where the tick is finer than the grid's prices or beyond 2^53 steps of it, or a step of
    /// price times a lot is finer than 1e-18.
    pub fn new(instrument: Instrument, grid: Grid) -> Result<Self, ExecutionError> {
        let refused = |reason| ExecutionError::Grid { symbol: instrument.symbol().to_owned(), grid, reason };
        let (tick, lot) = (instrument.tick(), instrument.lot());
        let Some(finer) = grid.price_scale().checked_sub(tick.scale()) else {
            return Err(refused(format!(
                "its tick_size {tick} is finer than the prices of the bars; set the tick_size of the exchange, or feed \
                 bars with {} price decimals",
                tick.scale()
            )));
        };
        let Some(tick_steps) = tick.raw().checked_mul(pow10(finer)).filter(|steps| *steps <= MAX_RAW) else {
            return Err(refused(format!(
                "its tick_size {tick} is beyond 2^53 steps of the bars' prices; set the tick_size of the exchange, or \
                 feed bars with fewer price decimals"
            )));
        };
        let Some(coarser) = Money::SCALE.checked_sub(grid.price_scale() + lot.scale()) else {
            return Err(refused(format!(
                "its lot_size {lot} times a step of the bars' prices is finer than 1e-18 of the currency, in which money \
                 is booked; set the lot_size of the exchange, or feed bars with {} price decimals",
                Money::SCALE - lot.scale()
            )));
        };
        // 2^53 × 10^18 at most.
        let unit = i128::from(lot.raw()) * i128::from(pow10(coarser));
        Ok(Self { instrument, grid, tick: tick_steps, unit })
    }

    /// The instrument.
    #[must_use]
    pub const fn instrument(&self) -> &Instrument {
        &self.instrument
    }

    /// The grid of its bars.
    #[must_use]
    pub const fn grid(&self) -> Grid {
        self.grid
    }

    /// Value of that many lots at that price; its sign is that of `price × lots`.
    ///
    /// # Errors
    /// [`ExecutionError::Overflow`].
    pub fn value(&self, price: Price, lots: i64) -> Result<Money, ExecutionError> {
        self.value_of_steps(price.raw(), lots)
    }

    /// As [`value`](Market::value), for a difference of prices too.
    pub(crate) fn value_of_steps(&self, steps: i64, lots: i64) -> Result<Money, ExecutionError> {
        let units = (i128::from(steps) * i128::from(lots)).checked_mul(self.unit);
        units.map(Money::from_units).ok_or(ExecutionError::Overflow { what: "the value of an order" })
    }

    /// The average price of lots (above 0) worth `value`, on the nearest tick, half to even; `None` where no price
    /// holds it.
    pub(crate) fn average(&self, value: Money, lots: i64) -> Option<Price> {
        self.to_tick(value.units(), i128::from(lots).checked_mul(self.unit)?, Round::HalfEven)
    }

    /// The price as a float, the nearest one.
    #[must_use]
    pub fn price_f64(&self, price: Price) -> f64 {
        // Both are exact floats, so this is rounded once.
        price.raw() as f64 / pow10(self.grid.price_scale()) as f64
    }

    /// The quantity of that many lots as a float, the nearest one.
    #[must_use]
    pub fn qty_f64(&self, lots: i64) -> f64 {
        let lot = self.instrument.lot();
        exact::nearest_f64(i128::from(lots) * i128::from(lot.raw()), 10_u64.pow(u32::from(lot.scale())))
    }

    /// Whole lots in a bar's volume; `i64::MAX` where there are more.
    #[must_use]
    pub fn lots_traded(&self, bar: &Bar) -> i64 {
        let (step, lot) = self.step_and_lot();
        // 2^53 × 10^16 at most.
        i64::try_from(i128::from(bar.volume().raw()) * step / lot).unwrap_or(i64::MAX)
    }

    /// A step of the grid's quantity and a lot, in a unit of which both are whole numbers.
    pub(crate) fn step_and_lot(&self) -> (i128, i128) {
        let lot = self.instrument.lot();
        (i128::from(pow10(lot.scale())), i128::from(lot.raw()) * i128::from(pow10(self.grid.qty_scale())))
    }

    /// The price `price × (1 + fraction)` on the tick grid: the tick nearest to the product of the floats, half to
    /// even. `None` where it is beyond what a price holds.
    #[must_use]
    pub fn price_at(&self, price: Price, fraction: f64) -> Option<Price> {
        let product = self.price_f64(price) * (1.0 + fraction);
        if !product.is_finite() {
            return None;
        }
        // mantissa × 2^exponent, exactly: from here on nothing is rounded but to the tick.
        let bits = product.to_bits();
        let (low, biased) = (i128::from(bits & ((1 << 52) - 1)), (bits >> 52 & 0x7ff) as i32);
        let (mantissa, exponent) = if biased == 0 { (low, -1074) } else { (low | 1 << 52, biased - 1075) };
        let signed = if product < 0.0 { -mantissa } else { mantissa };
        let steps = signed * i128::from(pow10(self.grid.price_scale()));
        match exponent {
            // 2^63 steps and more.
            11.. => None,
            0..=10 => self.to_tick(steps << exponent, 1, Round::HalfEven),
            -126..=-1 => self.to_tick(steps, 1 << -exponent, Round::HalfEven),
            // Below 2^107 / 2^127 of a step.
            ..=-127 => Some(Price::default()),
        }
    }

    /// The price of a taker who trades at `reference`, with costs of `halves` half billionths: rounded to the tick
    /// against him, whichever sign the price has. `None` where it is beyond what a price holds.
    pub(crate) fn taker_price(&self, reference: Price, halves: u64, is_buy: bool) -> Option<Price> {
        const ONE: i128 = 2 * Rate::ONE as i128;
        let steps = i128::from(reference.raw());
        let against = steps.abs() * i128::from(halves);
        if is_buy {
            self.to_tick(steps * ONE + against, ONE, Round::Up)
        } else {
            self.to_tick(steps * ONE - against, ONE, Round::Down)
        }
    }

    /// Steps of the grid's price in a tick.
    pub(crate) const fn tick(&self) -> i64 {
        self.tick
    }

    /// Whether an order may have that price.
    pub(crate) const fn is_on_tick(&self, price: Price) -> bool {
        price.raw() % self.tick == 0
    }

    /// The tick at or next to `raw / divisor` in that direction, in steps of the grid; `None` beyond what a price
    /// holds. `divisor` is above 0.
    pub(crate) fn to_tick(&self, raw: i128, divisor: i128, round: Round) -> Option<Price> {
        let tick = i128::from(self.tick);
        // In two steps, for divisor × tick may not fit: raw / divisor = ticks × tick + rest + part / divisor.
        let (steps, part) = (raw.div_euclid(divisor), raw.rem_euclid(divisor));
        let (ticks, rest) = (steps.div_euclid(tick), steps.rem_euclid(tick));
        let is_up = match round {
            Round::Up => rest > 0 || part > 0,
            Round::Down => false,
            Round::HalfEven => {
                // Twice the remainder against a tick; twice part / divisor is below 2.
                let half = match 2 * rest - tick {
                    0 => part.cmp(&0),
                    -1 => part.cmp(&(divisor - part)),
                    beyond => beyond.cmp(&0),
                };
                half == Ordering::Greater || (half == Ordering::Equal && ticks % 2 != 0)
            }
        };
        let steps = (ticks + i128::from(is_up)).checked_mul(tick)?;
        Price::from_raw(i64::try_from(steps).ok()?).ok()
    }
}

/// `10^exponent`, for the scales of prices, quantities and money: at most 18.
const fn pow10(exponent: u8) -> i64 {
    10_i64.pow(exponent as u32)
}

#[cfg(test)]
#[allow(clippy::inconsistent_digit_grouping, reason = "prices in cents: 100_05 is 100.05")]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Decimal;

    fn market(tick: &str, lot: &str, price_scale: u8, qty_scale: u8) -> Result<Market, ExecutionError> {
        let decimal = |text| Decimal::parse(text).unwrap();
        let instrument = Instrument::new("A", decimal(tick), decimal(lot), Money::ZERO)?;
        Market::new(instrument, Grid::new(price_scale, qty_scale).unwrap())
    }

    fn price(raw: i64) -> Price {
        Price::from_raw(raw).unwrap()
    }

    #[test]
    fn grids_that_do_not_hold_the_instrument_are_refused() {
        let refused = |tick, lot, scale| market(tick, lot, scale, 0).unwrap_err().to_string();
        assert_eq!(
            refused("0.001", "1", 2),
            "A: its tick_size 0.001 is finer than the prices of the bars; set the tick_size of the exchange, or feed \
             bars with 3 price decimals; the bars have 2 price decimals, 0 quantity decimals"
        );
        assert_eq!(
            refused("0.01", "0.00000001", 11),
            "A: its lot_size 0.00000001 times a step of the bars' prices is finer than 1e-18 of the currency, in which \
             money is booked; set the lot_size of the exchange, or feed bars with 10 price decimals; the bars have 11 \
             price decimals, 0 quantity decimals"
        );
        assert_eq!(
            refused("1", "1", 16),
            "A: its tick_size 1 is beyond 2^53 steps of the bars' prices; set the tick_size of the exchange, or feed \
             bars with fewer price decimals; the bars have 16 price decimals, 0 quantity decimals"
        );
        assert!(market("0.01", "0.00000001", 10, 0).is_ok());
        assert!(market("9007199254740992", "9007199254740992", 0, 16).is_ok());
    }

    #[test]
    fn values_are_exact_and_signed() {
        let found = market("0.01", "0.001", 2, 3).unwrap();
        assert_eq!(found.value(price(12_345), 7), Ok(Money::parse("0.86415").unwrap()));
        assert_eq!(found.value(price(12_345), -7), Ok(Money::parse("-0.86415").unwrap()));
        assert_eq!(found.value(price(-12_345), -7), Ok(Money::parse("0.86415").unwrap()));
        // 2^53 × 0.01 × 2^63 × 0.001 is 8.3e29.
        let overflow = Err(ExecutionError::Overflow { what: "the value of an order" });
        assert_eq!(found.value(price(MAX_RAW), i64::MIN), overflow);
        assert_eq!(found.price_f64(price(12_345)), 123.45);
        assert_eq!(found.qty_f64(-7), -0.007);
        assert_eq!(found.qty_f64(i64::MIN), -9_223_372_036_854_775.808);
    }

    #[test]
    fn volume_is_counted_in_whole_lots() {
        use feature_api::{BarFields, Qty, UnixNanos};
        let lots = |lot, qty_scale, raw| {
            let market = market("1", lot, 0, qty_scale).unwrap();
            let bar = Bar::new(BarFields {
                grid: market.grid(),
                ts_close: UnixNanos(1),
                ts_available: UnixNanos(1),
                volume: Qty::from_raw(raw).unwrap(),
                ts_open: UnixNanos(0),
                open: price(1),
                high: price(1),
                low: price(1),
                close: price(1),
                taker: None,
            });
            market.lots_traded(&bar.unwrap())
        };
        assert_eq!(lots("0.1", 1, 12), 12);
        assert_eq!(lots("0.5", 2, 149), 2);
        assert_eq!(lots("25", 0, 74), 2);
        assert_eq!(lots("0.001", 0, 3), 3000);
        assert_eq!(lots("1", 16, MAX_RAW), 0);
        assert_eq!(lots("0.0000000000000001", 0, MAX_RAW), i64::MAX);
    }

    #[test]
    fn prices_are_rounded_to_the_nearest_tick_half_to_even() {
        let found = market("0.25", "1", 2, 0).unwrap();
        for (raw, fraction, at) in [
            (100_00, 0.0, 100_00),
            (100_12, 0.0, 100_00),
            (100_13, 0.0, 100_25),
            (100_00, 0.01, 101_00),
            (100_00, -0.01, 99_00),
            // 0.125 and 0.375 are halves of a tick, and exact floats.
            (25, 0.5, 50),
            (25, -0.5, 0),
            (25, 1.5, 50),
            (25, 2.5, 1_00),
            (-25, -0.5, 0),
            (-25, 0.5, -50),
            (-100_00, 0.01, -101_00),
            (0, 5.0, 0),
            (1_00, -1.0, 0),
            (1_00, 1e-300, 1_00),
            (1_00, -0.999_999_999, 0),
        ] {
            assert_eq!(found.price_at(price(raw), fraction), Some(price(at)), "{raw} {fraction}");
        }
        for fraction in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, 1e16] {
            assert_eq!(found.price_at(price(100_00), fraction), None, "{fraction}");
        }
        assert_eq!(market("1", "1", 0, 0).unwrap().price_at(price(MAX_RAW), 0.0), Some(price(MAX_RAW)));
        assert_eq!(market("1", "1", 0, 0).unwrap().price_at(price(MAX_RAW), 1e-15), None);
        let fine = market("0.0000000000000001", "1", 16, 0).unwrap();
        // The float nearest to 3e-16 times 1.5 is above 4.5e-16: 4.5000000000000002e-16.
        assert_eq!(fine.price_at(price(3), 0.5), Some(price(5)));
        assert_eq!(fine.price_at(price(1), -1.0 + 1e-16), Some(price(0)));
    }

    #[test]
    fn directions_of_rounding_are_those_of_the_number_line() {
        let found = market("5", "1", 0, 0).unwrap();
        for (raw, divisor, up, down, even) in [
            (10, 1, 10, 10, 10),
            (11, 1, 15, 10, 10),
            (-11, 1, -10, -15, -10),
            (25, 2, 15, 10, 10),
            (35, 2, 20, 15, 20),
            (-25, 2, -10, -15, -10),
            (-35, 2, -15, -20, -20),
            (251, 20, 15, 10, 15),
            (249, 20, 15, 10, 10),
            (1, i128::MAX, 5, 0, 0),
            (-1, i128::MAX, 0, -5, 0),
        ] {
            let rounded =
                [Round::Up, Round::Down, Round::HalfEven].map(|round| found.to_tick(raw, divisor, round));
            assert_eq!(rounded, [up, down, even].map(|raw| Some(price(raw))), "{raw} / {divisor}");
        }
        assert_eq!(found.to_tick(i128::from(MAX_RAW), 1, Round::Up), None);
        assert_eq!(found.to_tick(i128::MAX, 1, Round::Down), None);
    }

    proptest! {
        /// By comparing products, which fit here, where the function divides twice.
        #[test]
        fn the_nearest_tick_is_no_further_than_half(raw in -2000..2000_i128, divisor in 1..50_i128) {
            for tick in ["1", "2", "7", "25"] {
                let found = market(tick, "1", 0, 0).unwrap();
                let step: i128 = tick.parse().unwrap();
                let at = |round| i128::from(found.to_tick(raw, divisor, round).unwrap().raw());
                let (up, down, even) = (at(Round::Up), at(Round::Down), at(Round::HalfEven));
                prop_assert!(up % step == 0 && down % step == 0 && (even == up || even == down));
                prop_assert!(down * divisor <= raw && raw <= up * divisor && up - down <= step);
                let (below, above) = (raw - down * divisor, up * divisor - raw);
                match below.cmp(&above) {
                    Ordering::Less => prop_assert_eq!(even, down),
                    Ordering::Greater => prop_assert_eq!(even, up),
                    // On a tick, or between two.
                    Ordering::Equal => prop_assert!(up == down || even / step % 2 == 0),
                }
            }
        }
    }
}
