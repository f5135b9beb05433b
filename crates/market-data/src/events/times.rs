//! When an event happened and when it was received: the columns that tell.

use super::header::{Column, Header, Kind};
use super::rows::{Rows, empty};
use crate::time::Clock;
use crate::{EventOptions, MarketDataError, TimeFormat};

/// When the venue's engine made a change; some files have it for some rows only, and beside it when the venue sent it.
const SENT_FOR: &str = "transaction_time";
/// Names of the time by the venue's clock, best first: where a file has several, the first here is taken.
const EVENT: [&str; 17] = [
    "ts_event",
    SENT_FOR,
    "event_time",
    "transact_time",
    "time_exchange",
    "exchange_time",
    "exchange_timestamp",
    "trade_time",
    "timestamp",
    "datetime",
    "date_time",
    "ts",
    "unix",
    "unix_timestamp",
    "epoch",
    "time",
    "__index_level_0__",
];
/// Names of the time by the receiver's clock.
const RECV: [&str; 9] = [
    "ts_recv",
    "local_ns",
    "local_timestamp",
    "local_time",
    "time_received",
    "received_time",
    "receive_time",
    "recv_time",
    "received_at",
];

/// The columns of times, each with what was found out about how it is written.
pub(crate) struct Times {
    event: Vec<(Column, Clock)>,
    recv: Option<(Column, Clock)>,
}

impl Times {
    /// The columns of times of a file; `None` where it has none of the kind that is needed: the venue's, or any
    /// where `recv_will_do`.
    pub(crate) fn find(
        header: &mut Header,
        options: &EventOptions,
        recv_will_do: bool,
    ) -> Result<Option<Self>, MarketDataError> {
        let mut event = Vec::new();
        for name in EVENT {
            // A date and a time of day in two columns would be read as one of the two.
            let together: &[&str] = if name == "time" { &["time", "date"] } else { &[name] };
            let Some(column) = header.find("time", Kind::Time, together)? else { continue };
            event.push((column, clock(header, column, options)?));
            if name != SENT_FOR {
                break;
            }
        }
        let recv = match header.first("local_time", Kind::Time, &RECV)? {
            Some(column) => Some((column, clock(header, column, options)?)),
            None => None,
        };
        let is_told = !event.is_empty() || (recv_will_do && recv.is_some());
        Ok(is_told.then_some(Self { event, recv }))
    }

    /// Both times of the current row; that of the venue may be empty where the other `will_do`.
    pub(crate) fn read(
        &mut self,
        rows: &mut Rows,
        recv_will_do: bool,
    ) -> Result<(Option<i64>, Option<i64>), MarketDataError> {
        let recv = match &mut self.recv {
            Some((column, clock)) => rows.time(*column, clock)?,
            None => None,
        };
        let told = self.event.iter_mut().find(|(column, _)| !rows.value(*column).is_empty());
        let event = match told {
            Some((column, clock)) => rows.time(*column, clock)?,
            None => {
                if let Some((column, _)) = self.event.first()
                    && !(recv_will_do && self.recv.is_some())
                {
                    rows.take(*column, Err::<(), _>(empty("a time")));
                }
                None
            }
        };
        Ok((event, recv))
    }
}

/// The clock of a column: its name says nanoseconds, or the options say how times are written.
fn clock(header: &Header, column: Column, options: &EventOptions) -> Result<Clock, MarketDataError> {
    let is_nanos = matches!(header.normal(column.index), "ts_event" | "ts_recv" | "local_ns");
    let by_name = TimeFormat::Nanos;
    let format = if is_nanos { &by_name } else { &options.time };
    Clock::new(&header.path, format)
}
