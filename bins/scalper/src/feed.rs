//! Where the events come from.

use std::io::BufRead;
use std::path::{Path, PathBuf};

use market_data::{EventFile, EventStream, open_events};
use production::exit_code as ending;
use production::{Failure, WholeLines};
use runtime::EventConfig;

use crate::{Options, causes};

/// Opens the events. Waits for the first line of a stream.
pub(crate) fn open(
    options: &Options,
    config: &EventConfig,
    stdin: Box<dyn BufRead + Send>,
) -> Result<EventStream, Failure> {
    let reader = options.to_reader(config);
    let stream = if options.is_stdin() {
        if options.events.len() > 1 {
            let message = "--events -: expected no other feed beside standard input; merge them before";
            return Err(Failure::new(ending::USAGE, message));
        }
        let source = Box::new(WholeLines::new(stdin));
        EventStream::from_reader(source, Path::new("standard input"), &reader)
    } else {
        open_events(&files(&options.events)?, &reader)
    };
    stream.map_err(|error| causes::events(&error))
}

/// The files of all feeds.
fn files(feeds: &[String]) -> Result<Vec<EventFile>, Failure> {
    let mut files = Vec::new();
    for (part, feed) in feeds.iter().enumerate() {
        for path in feed.split(',') {
            if path.is_empty() || path == "-" {
                let message = format!("--events {feed}: expected names of files with a comma between");
                return Err(Failure::new(ending::USAGE, message));
            }
            files.push(EventFile { path: PathBuf::from(path), part, select: None });
        }
    }
    if files.is_empty() {
        let message = "expected --events FILE, or --events - for standard input";
        return Err(Failure::new(ending::USAGE, message));
    }
    Ok(files)
}
