//! Several feeds as one stream.

use feature_api::UnixNanos;

use crate::{EventOrder, MarketEvent};

/// The feed whose next event comes first, of the next event of each: the earliest, of several the feed named first.
/// `None` where none has one.
///
/// Only the next events are compared, so within a feed nothing changes places.
pub(crate) fn first<'a>(
    next: impl Iterator<Item = Option<&'a MarketEvent>>,
    order: EventOrder,
) -> Option<usize> {
    let times = next.enumerate().filter_map(|(feed, event)| Some((time(event?, order), feed)));
    times.min().map(|(_, feed)| feed)
}

const fn time(event: &MarketEvent, order: EventOrder) -> UnixNanos {
    match order {
        EventOrder::Recv => event.ts_recv(),
        EventOrder::Event => event.ts_event(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_comes_first_and_of_several_the_feed_named_first() {
        let clock = |time| Some(MarketEvent::Clock(UnixNanos(time)));
        for (times, expected) in [
            (vec![], None),
            (vec![None, None], None),
            (vec![None, clock(5)], Some(1)),
            (vec![clock(5), clock(4), clock(4)], Some(1)),
            (vec![clock(4), clock(5), clock(4)], Some(0)),
        ] {
            assert_eq!(first(times.iter().map(Option::as_ref), EventOrder::Recv), expected, "{times:?}");
        }
    }
}
