//! Rules about single rows: validity, values, batches, reset, refused events, grids.

use feature_api::{
    Bar, BarFields, Columns, Event, FeatureSet, Grid, MAX_SCALE, Position, Price, Qty, Row, Side,
    TakerVolume, UpdateError,
};

use super::SetCase;
use super::run::{batch, compare, feed, feed_bars, tell, update};
use crate::report::{broken, cannot_run, cell, float, spread};

/// Valid from exactly the warm-up on, or exactly where there is a position; finite, in range, never −0.0.
pub(super) fn validity_and_values<S: FeatureSet>(case: &SetCase<'_>, reference: &Columns) {
    let set = case.fresh::<S>();
    let mut positive = true;
    for (row, bar) in case.bars.iter().enumerate() {
        positive &= bar.low().raw() > 0;
        if (reference.ts_event[row], reference.ts_available[row]) != (bar.ts_close(), bar.ts_available()) {
            let found = format!("{}, {}", reference.ts_event[row], reference.ts_available[row]);
            let expected = format!("ts_event {}, ts_available {}", bar.ts_close(), bar.ts_available());
            broken(case.name, "times of a row", row, expected, found);
        }
        let open = case.positions.iter().rfind(|(at, _)| *at <= row).is_some_and(|(_, told)| told.is_some());
        for (index, feature) in set.schema().features().iter().enumerate() {
            let at = format!("{row}, feature {}", feature.name);
            let found = reference.get(row, index);
            let (rule, expected, why) = if feature.is_of_position() {
                ("valid exactly where there is a position", open, format!("position open: {open}"))
            } else {
                ("warm-up", row >= feature.warm_up as usize, format!("warm-up {}", feature.warm_up))
            };
            if found.is_some() != expected {
                let expected = if expected { "a value" } else { "no value" };
                broken(case.name, rule, at, format!("{expected} ({why})"), cell(found));
            }
            let Some(value) = found else { continue };
            if !value.is_finite() {
                broken(case.name, "finite", at, "a finite value", float(value));
            }
            if value.to_bits() == (-0.0_f64).to_bits() {
                broken(case.name, "no negative zero", at, "0.0", "-0.0");
            }
            if positive && !feature.range.contains(value) {
                broken(case.name, "range", at, feature.range, float(value));
            }
        }
    }
}

/// What stood in the row before does not show through.
pub(super) fn nothing_stale<S: FeatureSet>(case: &SetCase<'_>, reference: &Columns) {
    let mut set = case.fresh::<S>();
    let mut found = Columns::new(set.schema().width());
    for (at, bar) in case.bars.iter().enumerate() {
        let mut row = Row::new(set.schema().width());
        for index in 0..row.width() {
            row.set(index, Some(-987.654));
        }
        tell(case, &mut set, at, &mut row);
        update(case, &mut set, at, bar, &mut row);
        found.push(&row);
    }
    compare::<S>(case, "every cell of a row is written", reference, 0, &found);
}

/// `update_bars` in chunks of any size gives what one event after another gives.
pub(super) fn batch_is_stream<S: FeatureSet>(case: &SetCase<'_>, reference: &Columns) {
    for chunk in [1, 7, 64, 1000, usize::MAX] {
        let found = batch(case, &mut case.fresh::<S>(), case.bars, chunk);
        compare::<S>(case, &format!("batch = stream (chunks of {chunk})"), reference, 0, &found);
    }
}

/// A set that was reset is as new.
pub(super) fn reset_is_new<S: FeatureSet>(case: &SetCase<'_>, reference: &Columns) {
    let new = case.fresh::<S>().snapshot();
    for seen in spread(case.bars.len(), 5, &[]) {
        let mut set = case.fresh::<S>();
        feed(case, &mut set, 0..seen + 1);
        set.reset();
        let rule = format!("reset = new (reset after row {seen})");
        if set.snapshot() != new {
            broken(case.name, &rule, seen, "the snapshot of a new set", "another");
        }
        compare::<S>(case, &rule, reference, 0, &feed(case, &mut set, 0..case.bars.len()));
        set.reset();
        let later = &case.bars[seen + 1..];
        let expected = feed_bars(case, &mut case.fresh::<S>(), later);
        compare::<S>(case, &rule, &expected, 0, &feed_bars(case, &mut set, later));
    }
}

/// An event that cannot follow is refused with its own error and changes neither the set nor the row.
pub(super) fn refused_changes_nothing<S: FeatureSet>(case: &SetCase<'_>, reference: &Columns) {
    const RULE: &str = "a refused event changes nothing";
    let mut set = case.fresh::<S>();
    let mut row = Row::new(set.schema().width());
    let looked_at = spread(case.bars.len(), 24, &[0, 1]);
    let mut found = Columns::new(row.width());
    for (at, bar) in case.bars.iter().enumerate() {
        tell(case, &mut set, at, &mut row);
        update(case, &mut set, at, bar, &mut row);
        found.push(&row);
        if !looked_at.contains(&at) {
            continue;
        }
        let next = case.bars.get(at + 1).unwrap_or(bar);
        let mut refuse = |what: &str, event: Event<'_>, right: fn(&UpdateError) -> bool| {
            let (before, row_before) = (set.snapshot(), bits(&row));
            match set.update(event, &mut row) {
                Err(error) if right(&error) => {}
                Err(error) => broken(case.name, RULE, at, format!("the error of {what}"), error),
                Ok(_) => broken(case.name, RULE, at, format!("{what} to be refused"), "it taken"),
            }
            if set.snapshot() != before {
                broken(case.name, RULE, at, format!("the set as before {what}"), "another snapshot");
            }
            if bits(&row) != row_before {
                broken(case.name, RULE, at, format!("the row as before {what}"), "another row");
            }
        };
        let grid = |error: &UpdateError| matches!(error, UpdateError::Grid { .. });
        let order = |error: &UpdateError| matches!(error, UpdateError::Order { .. });
        let unsupported = |error: &UpdateError| matches!(error, UpdateError::Unsupported { .. });
        let (scale, qty_scale) = (bar.grid().price_scale(), bar.grid().qty_scale());
        let other = |scale: u8| if scale == 0 { 1 } else { scale - 1 };
        for (what, scales) in [
            ("another price grid", [other(scale), qty_scale]),
            ("another quantity grid", [scale, other(qty_scale)]),
        ] {
            let other = Grid::new(scales[0], scales[1]).expect("coarser than a valid grid");
            let bar = Bar::new(BarFields { grid: other, ..*next.fields() }).expect("only the grid differs");
            refuse(what, Event::Bar(&bar), grid);
        }
        refuse("the same bar again", Event::Bar(bar), order);
        if let Some(earlier) = at.checked_sub(1).and_then(|at| case.bars.get(at)) {
            refuse("an earlier bar", Event::Bar(earlier), order);
        }
        if !case.fresh::<S>().schema().takes_position() {
            let position = Position { side: Side::Long, entry_price: bar.close(), ts_entry: bar.ts_close() };
            refuse("a position", Event::Position(Some(position)), unsupported);
            refuse("the end of a position", Event::Position(None), unsupported);
        }
        if at + 2 < case.bars.len() && !case.positions.iter().any(|(told, _)| *told == at + 1) {
            // A batch stops at the bar that cannot follow, and keeps the rows before it.
            let mut batched = case.fresh::<S>();
            feed(case, &mut batched, 0..at + 1);
            let mut rows = Columns::new(row.width());
            let result = batched.update_bars(&[*next, *bar, case.bars[at + 2]], &mut rows);
            if !result.as_ref().is_err_and(order) || rows.len() != 1 {
                let found = format!("{result:?} and {} rows", rows.len());
                broken(case.name, RULE, at, "one row and an error of order from a batch", found);
            }
            compare::<S>(case, RULE, reference, at + 1, &rows);
            compare::<S>(case, RULE, reference, at + 2, &feed_after_refusal(case, &mut batched, at + 2));
        }
    }
    compare::<S>(case, RULE, reference, 0, &found);
}

fn feed_after_refusal<S: FeatureSet>(case: &SetCase<'_>, set: &mut S, from: usize) -> Columns {
    feed(case, set, from..(from + 32).min(case.bars.len()))
}

fn bits(row: &Row) -> (i64, i64, Vec<Option<u64>>) {
    (row.ts_event.0, row.ts_available.0, row.iter().map(|value| value.map(f64::to_bits)).collect())
}

/// The same bars on a grid with three more price decimals, with two more quantity decimals, and with both
/// give the same bits. Bars that a finer grid cannot hold are left out of both runs.
pub(super) fn same_on_a_finer_grid<S: FeatureSet>(case: &SetCase<'_>) {
    const RULE: &str = "the grid is a way of writing";
    let Some(grid) = case.bars.first().map(Bar::grid) else { return };
    let price = 3.min(MAX_SCALE - grid.price_scale());
    let qty = 2.min(MAX_SCALE - grid.qty_scale());
    let compared = [[price, 0], [0, qty], [price, qty]].map(|[price, qty]| {
        let finer =
            Grid::new(grid.price_scale() + price, grid.qty_scale() + qty).expect("at most the finest");
        if finer == grid { 0 } else { same_on::<S>(case, RULE, finer, [price, qty]) }
    });
    if compared == [0; 3] {
        cannot_run(case.name, RULE, "no bar fits a finer grid");
    }
}

/// Compares the bars that fit the finer grid, and counts them.
fn same_on<S: FeatureSet>(case: &SetCase<'_>, rule: &str, finer: Grid, digits: [u8; 2]) -> usize {
    let [price_factor, qty_factor] = digits.map(|digits| 10_i64.pow(digits.into()));
    let (mut kept, mut rewritten, mut index_of) = (Vec::new(), Vec::new(), Vec::new());
    for bar in case.bars {
        index_of.push(kept.len());
        if let Some(written) = rewrite(bar, finer, price_factor, qty_factor) {
            kept.push(*bar);
            rewritten.push(written);
        }
    }
    let (mut told, mut told_finer) = (Vec::new(), Vec::new());
    for (at, position) in case.positions {
        let Some(position) = position else {
            told.push((index_of[*at], None));
            told_finer.push((index_of[*at], None));
            continue;
        };
        let raw = position.entry_price.raw().checked_mul(price_factor);
        if let Some(entry_price) = raw.and_then(|raw| Price::from_raw(raw).ok()) {
            told.push((index_of[*at], Some(*position)));
            told_finer.push((index_of[*at], Some(Position { entry_price, ..*position })));
        }
    }
    let case = SetCase { bars: &kept, positions: &told, ..*case };
    let expected = feed(&case, &mut case.fresh::<S>(), 0..kept.len());
    let finer_case = SetCase { bars: &rewritten, positions: &told_finer, ..case };
    let found = feed(&finer_case, &mut case.fresh::<S>(), 0..kept.len());
    compare::<S>(&case, &format!("{rule} ({finer})"), &expected, 0, &found);
    kept.len()
}

/// The bar on another grid; `None` where it does not fit.
fn rewrite(bar: &Bar, grid: Grid, price_factor: i64, qty_factor: i64) -> Option<Bar> {
    let price = |price: Price| Price::from_raw(price.raw().checked_mul(price_factor)?).ok();
    let qty = |qty: Qty| Qty::from_raw(qty.raw().checked_mul(qty_factor)?).ok();
    let fields = bar.fields();
    let taker = match fields.taker {
        None => None,
        Some(taker) => Some(TakerVolume { buy: qty(taker.buy)?, sell: qty(taker.sell)? }),
    };
    Bar::new(BarFields {
        grid,
        open: price(fields.open)?,
        high: price(fields.high)?,
        low: price(fields.low)?,
        close: price(fields.close)?,
        volume: qty(fields.volume)?,
        taker,
        ..*fields
    })
    .ok()
}
