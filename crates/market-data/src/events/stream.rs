//! The door to events: files, or a pipe, as one stream.

use std::collections::VecDeque;
use std::fmt;
use std::io::BufRead;
use std::path::{Path, PathBuf};

use feature_api::Grid;

use super::open_file::{Instrument, OpenFile};
use super::place::{Placed, place};
use super::sync::Synchroniser;
use super::{detect, merge, survey};
use crate::{BookError, EventOptions, EventOrder, MarketDataError, MarketEvent, ProblemKind, Select};

/// A file of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventFile {
    /// Where it is.
    pub path: PathBuf,
    /// The feed it is a part of: files of the same number are read one after the other, such as those of one day after
    /// another; feeds are merged by time.
    pub part: usize,
    /// What is taken of this file; `None`: what [`EventOptions::select`] says.
    pub select: Option<Select>,
}

impl EventFile {
    /// A file of the first feed, of which what [`EventOptions::select`] says is taken.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self { path, part: 0, select: None }
    }

    /// How it is read.
    pub(crate) fn options(&self, options: &EventOptions) -> EventOptions {
        EventOptions { select: self.select.unwrap_or(options.select), ..options.clone() }
    }
}

/// Events of one instrument, one after the other, in memory that does not grow with their number.
///
/// Within a feed events keep the order of their files, but for changes of a book that come before its snapshot: they
/// follow it, see [`EventCounts::buffered`]. Feeds are merged by [`EventOrder`]. A trade without a number gets one,
/// from 1 on in this stream.
///
/// **The first problem ends the stream**: an event left out of what a model sees is not noticed later.
pub struct EventStream {
    grid: Grid,
    order: EventOrder,
    instrument: Instrument,
    feeds: Vec<Feed>,
    /// Trades that were given a number.
    numbered: u64,
    counts: EventCounts,
    stopped: Option<(PathBuf, u64)>,
}

/// What a stream has counted so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EventCounts {
    /// Events read from the files, of any instrument.
    pub read: u64,
    /// Rows or messages without an event that was asked for ([`EventOptions::select`]).
    pub skipped: u64,
    /// Events of other instruments, left out.
    pub other_symbols: u64,
    /// Trades given.
    pub trades: u64,
    /// Quotes given.
    pub quotes: u64,
    /// Snapshots of the book given.
    pub snapshots: u64,
    /// Changes of the book given.
    pub deltas: u64,
    /// Changes held back for a snapshot, because there was no book they could follow: before the first one, and from a
    /// gap or a crossed book on.
    pub buffered: u64,
    /// Of these, dropped since too many came before a snapshot.
    pub dropped_before_snapshot: u64,
    /// Of these, left out since the snapshot contains them.
    pub in_snapshot: u64,
    /// Snapshots left out since the book was already further.
    pub old_snapshots: u64,
    /// Changes that did not follow the ones before: the book is not known until the next snapshot.
    pub gaps: u64,
    /// Snapshots and changes after which the book was crossed: likewise.
    pub crossed: u64,
}

/// Opens files of events.
///
/// The first file of each feed is opened at once, the others when their turn comes. Without
/// [`EventOptions::grid`] all files are read once before.
///
/// # Errors
/// What a file is refused for; [`MarketDataError::NothingAskedFor`] and [`MarketDataError::NoCommonEventGrid`] where the grid
/// is to be found out.
pub fn open_events(files: &[EventFile], options: &EventOptions) -> Result<EventStream, MarketDataError> {
    let mut instrument = Instrument::new(options.symbol.as_deref());
    let grid = match options.grid {
        Some(grid) => grid,
        None => survey::survey(files, options, &mut instrument)?,
    };
    instrument.others = 0;
    let mut parts: Vec<usize> = Vec::new();
    for file in files {
        if !parts.contains(&file.part) {
            parts.push(file.part);
        }
    }
    let feed = |part: usize| {
        let of_feed = files.iter().filter(|file| file.part == part).cloned();
        Feed::new(of_feed.collect(), None, options)
    };
    let feeds = parts.into_iter().map(feed).collect();
    Ok(EventStream::new(grid, instrument, feeds, options))
}

impl EventStream {
    fn new(grid: Grid, instrument: Instrument, feeds: Vec<Feed>, options: &EventOptions) -> Self {
        Self {
            grid,
            order: options.order,
            instrument,
            feeds,
            numbered: 0,
            counts: EventCounts::default(),
            stopped: None,
        }
    }

    /// Reads events from text that is not packed, such as a pipe, as they come; `name` stands for it in messages.
    ///
    /// # Errors
    /// [`MarketDataError::EventGrid`] where the grid is not said; what the first line is refused for.
    pub fn from_reader(
        source: Box<dyn BufRead + Send>,
        name: &Path,
        options: &EventOptions,
    ) -> Result<Self, MarketDataError> {
        let Some(grid) = options.grid else {
            return Err(MarketDataError::EventGrid { path: name.to_owned() });
        };
        let file = OpenFile::new(name, detect::open_text(source, name, options)?);
        let feed = Feed::new(VecDeque::new(), Some(file), options);
        Ok(Self::new(grid, Instrument::new(options.symbol.as_deref()), vec![feed], options))
    }

    /// The next event, or `None` at the end.
    ///
    /// # Errors
    /// What a file is refused for, which ends the stream; [`MarketDataError::StreamStopped`] from then on.
    pub fn next_event(&mut self) -> Result<Option<MarketEvent>, MarketDataError> {
        if let Some((path, line)) = &self.stopped {
            return Err(MarketDataError::StreamStopped { path: path.clone(), line: *line });
        }
        for feed in &mut self.feeds {
            if let Err(error) = feed.fill(self.grid, &mut self.instrument) {
                let mut line = feed.line();
                if let MarketDataError::Problems { problems, .. } = &error {
                    line = problems.first().map_or(line, |problem| problem.line);
                }
                self.stopped = Some((feed.path.clone(), line));
                return Err(error);
            }
        }
        let next = self.feeds.iter().map(|feed| feed.ready.front().map(|placed| &placed.event));
        let first = merge::first(next, self.order).and_then(|index| self.feeds.get_mut(index));
        let Some(Placed { mut event, is_unnumbered }) = first.and_then(|feed| feed.ready.pop_front()) else {
            return Ok(None);
        };
        if let (MarketEvent::Trade(trade), true) = (&mut event, is_unnumbered) {
            self.numbered += 1;
            trade.trade_id = self.numbered;
        }
        self.count(&event);
        Ok(Some(event))
    }

    /// The grid of the events.
    #[must_use]
    pub const fn grid(&self) -> Grid {
        self.grid
    }

    /// The instrument: the one asked for, else the first that a file named; `None` as long as none is named.
    #[must_use]
    pub fn symbol(&self) -> Option<&str> {
        self.instrument.symbol.as_deref()
    }

    /// What was counted so far.
    #[must_use]
    pub fn counts(&self) -> EventCounts {
        let mut counts = EventCounts { other_symbols: self.instrument.others, ..self.counts };
        for feed in &self.feeds {
            let (book, sync) = (feed.sync.book().counters(), feed.sync.counts);
            counts.read += feed.read + feed.file.as_ref().map_or(0, |file| file.read);
            counts.skipped += feed.skipped + feed.file.as_ref().map_or(0, OpenFile::skipped);
            counts.buffered += sync.held_back;
            counts.dropped_before_snapshot += sync.dropped;
            counts.in_snapshot += sync.in_snapshot;
            counts.old_snapshots += sync.old_snapshots;
            counts.gaps += book.gaps;
            counts.crossed += book.crossed;
        }
        counts
    }

    const fn count(&mut self, event: &MarketEvent) {
        match event {
            MarketEvent::Trade(_) => self.counts.trades += 1,
            MarketEvent::Quote(_) => self.counts.quotes += 1,
            MarketEvent::Snapshot(_) => self.counts.snapshots += 1,
            MarketEvent::Delta(_) => self.counts.deltas += 1,
            MarketEvent::Bar(_) | MarketEvent::Clock(_) => {}
        }
    }
}

impl fmt::Debug for EventStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream")
            .field("grid", &self.grid)
            .field("symbol", &self.symbol())
            .field("counts", &self.counts())
            .finish_non_exhaustive()
    }
}

/// Files that are read one after the other.
struct Feed {
    /// Those that are still to come.
    files: VecDeque<EventFile>,
    file: Option<OpenFile>,
    /// The file that was opened last.
    path: PathBuf,
    sync: Synchroniser,
    ready: VecDeque<Placed>,
    options: EventOptions,
    /// Events and other rows of the files before.
    read: u64,
    skipped: u64,
}

impl Feed {
    fn new(files: VecDeque<EventFile>, file: Option<OpenFile>, options: &EventOptions) -> Self {
        Self {
            files,
            path: file.as_ref().map_or_else(PathBuf::new, |file| file.path.clone()),
            file,
            sync: Synchroniser::new(options.continues),
            ready: VecDeque::new(),
            options: options.clone(),
            read: 0,
            skipped: 0,
        }
    }

    /// Reads until an event is ready or the last file has ended.
    fn fill(&mut self, grid: Grid, instrument: &mut Instrument) -> Result<(), MarketDataError> {
        while self.ready.is_empty() {
            let file = match &mut self.file {
                Some(file) => file,
                None => match self.files.pop_front() {
                    Some(next) => {
                        self.path.clone_from(&next.path);
                        self.file.insert(OpenFile::open(&next.path, &next.options(&self.options))?)
                    }
                    None => return Ok(()),
                },
            };
            let Some(raw) = file.next(instrument)? else {
                self.read += file.read;
                self.skipped += file.skipped();
                self.file = None;
                continue;
            };
            let placed = place(raw, grid)
                .map_err(|(field, error)| file.problem(Some(field), error.kind, error.message))?;
            let refuse = |error: BookError| file.problem(None, ProblemKind::Unparsable, error.to_string());
            let Placed { event, is_unnumbered } = placed;
            let mut out = Out(&mut self.ready);
            match event {
                MarketEvent::Snapshot(snapshot) => self.sync.snapshot(snapshot, &mut out).map_err(refuse)?,
                MarketEvent::Delta(delta) => self.sync.delta(delta, &mut out).map_err(refuse)?,
                event @ (MarketEvent::Trade(_)
                | MarketEvent::Quote(_)
                | MarketEvent::Bar(_)
                | MarketEvent::Clock(_)) => self.ready.push_back(Placed { event, is_unnumbered }),
            }
        }
        Ok(())
    }

    /// Line of the last event read.
    fn line(&self) -> u64 {
        self.file.as_ref().map_or(0, |file| file.line)
    }
}

/// Takes book events.
struct Out<'a>(&'a mut VecDeque<Placed>);

impl Extend<MarketEvent> for Out<'_> {
    fn extend<T: IntoIterator<Item = MarketEvent>>(&mut self, events: T) {
        self.0.extend(events.into_iter().map(|event| Placed { event, is_unnumbered: false }));
    }
}
