//! What only all files together can tell: the instrument and the coarsest grid that holds every number.

use std::path::Path;

use feature_api::Grid;

use super::open_file::{Instrument, OpenFile};
use super::raw::{RawBody, RawLevel};
use crate::decimal::Decimal;
use crate::{EventFile, EventOptions, MarketDataError};

/// Reads all files once, for the coarsest grid that holds every number of the instrument's events exactly.
///
/// # Errors
/// What any of the files is refused for; [`MarketDataError::NothingAskedFor`], [`MarketDataError::NoCommonEventGrid`].
pub(crate) fn survey(
    files: &[EventFile],
    options: &EventOptions,
    instrument: &mut Instrument,
) -> Result<Grid, MarketDataError> {
    let (mut prices, mut quantities) = (Extent::default(), Extent::default());
    let mut skipped = 0;
    for named in files {
        let mut file = OpenFile::open(&named.path, &named.options(options))?;
        while let Some(event) = file.next(instrument)? {
            let mut place = |(price, quantity): RawLevel| {
                prices.take(price, &file);
                quantities.take(quantity, &file);
            };
            match event.body {
                RawBody::Trade { price, quantity, .. } => place((price, quantity)),
                RawBody::Quote { bid, ask, .. } => [bid, ask].into_iter().for_each(place),
                RawBody::Snapshot { bids, asks, .. } | RawBody::Delta { bids, asks, .. } => {
                    bids.into_iter().chain(asks).for_each(place);
                }
            }
        }
        skipped += file.skipped();
    }
    match (prices.scale("price")?, quantities.scale("quantity")?) {
        // A scale that a decimal has is one that a grid has.
        (Some(price), Some(quantity)) => Ok(Grid::new(price, quantity).unwrap_or_default()),
        _ => Err(MarketDataError::NothingAskedFor {
            paths: files.iter().map(|file| file.path.clone()).collect(),
            skipped,
            others: instrument.others,
        }),
    }
}

/// The number with the most decimals and the largest.
#[derive(Debug, Default)]
struct Extent {
    finest: Option<Found>,
    largest: Option<Found>,
}

/// A number and where it stands.
#[derive(Debug, Clone)]
struct Found {
    value: Decimal,
    size: u128,
    path: Box<Path>,
    line: u64,
}

impl Extent {
    fn take(&mut self, value: Decimal, file: &OpenFile) {
        let size = value.finest().unsigned_abs();
        let found = || Found { value, size, path: file.path.as_path().into(), line: file.line };
        if self.finest.as_ref().is_none_or(|finest| value.scale() > finest.value.scale()) {
            self.finest = Some(found());
        }
        if self.largest.as_ref().is_none_or(|largest| size > largest.size) {
            self.largest = Some(found());
        }
    }

    /// The decimals of the coarsest grid that holds every number; `None` where there was none.
    fn scale(&self, what: &'static str) -> Result<Option<u8>, MarketDataError> {
        let (Some(finest), Some(largest)) = (&self.finest, &self.largest) else { return Ok(None) };
        let scale = finest.value.scale();
        if largest.value.raw(scale).is_some() {
            return Ok(Some(scale));
        }
        Err(MarketDataError::NoCommonEventGrid {
            what,
            finest: finest.place(),
            decimals: scale,
            largest: largest.place(),
        })
    }
}

impl Found {
    fn place(&self) -> String {
        format!("{} in line {} of {}", self.value.text(), self.line, self.path.display())
    }
}
