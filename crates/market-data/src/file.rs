//! Files: what a name says about the format, opening packed text, and writing so that a file is whole or not
//! there at all.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::MarketDataError;

/// How text is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// Not at all.
    Plain,
    /// gzip.
    Gzip,
    /// Zstandard.
    Zstd,
}

/// What a file name says about the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// CSV text: `.csv` or `.txt`, with `.gz` or `.zst` behind where it is packed.
    Csv(Packing),
    /// Parquet: `.parquet`.
    Parquet,
}

impl Format {
    /// The format of a file of that name; upper and lower case are the same.
    ///
    /// # Errors
    /// [`MarketDataError::Extension`] for any other ending.
    pub fn of(path: &Path) -> Result<Self, MarketDataError> {
        let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase());
        let name = name.unwrap_or_default();
        if name.ends_with(".parquet") {
            return Ok(Self::Parquet);
        }
        let (name, packing) = if let Some(name) = name.strip_suffix(".gz") {
            (name, Packing::Gzip)
        } else if let Some(name) = name.strip_suffix(".zst") {
            (name, Packing::Zstd)
        } else {
            (name.as_str(), Packing::Plain)
        };
        if name.ends_with(".csv") || name.ends_with(".txt") {
            Ok(Self::Csv(packing))
        } else {
            Err(MarketDataError::Extension { path: path.to_owned() })
        }
    }
}

/// Opens text and unpacks it as it is read: a small file that unpacks to a huge one costs no memory.
pub(crate) fn open_text(path: &Path, packing: Packing) -> Result<Box<dyn BufRead + Send>, MarketDataError> {
    let wrap = |source| MarketDataError::Open { path: path.to_owned(), source };
    let file = File::open(path).map_err(wrap)?;
    Ok(match packing {
        Packing::Plain => Box::new(BufReader::with_capacity(1 << 16, file)),
        Packing::Gzip => Box::new(BufReader::with_capacity(
            1 << 16,
            // Concatenated members are one file to gzip.
            flate2::read::MultiGzDecoder::new(BufReader::new(file)),
        )),
        Packing::Zstd => Box::new(BufReader::with_capacity(1 << 16, zstd::Decoder::new(file).map_err(wrap)?)),
    })
}

/// A file that appears under its name only once it is complete.
///
/// It is written beside its place under a name of its own, synced, and renamed by
/// [`commit`](AtomicFile::commit). Dropped before that, it leaves nothing behind and what stood there before
/// stays.
#[derive(Debug)]
pub struct AtomicFile {
    path: PathBuf,
    file: BufWriter<tempfile::NamedTempFile>,
}

impl AtomicFile {
    /// Begins a file that will stand at `path`.
    ///
    /// # Errors
    /// [`MarketDataError::Write`] where nothing can be written in that folder.
    pub fn create(path: &Path) -> Result<Self, MarketDataError> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(".isobar-").suffix(".partial");
        #[cfg(unix)]
        let builder = {
            use std::os::unix::fs::PermissionsExt as _;
            // As any new file; the process's mask is applied.
            builder.permissions(fs::Permissions::from_mode(0o666))
        };
        let file = builder
            .tempfile_in(folder(path))
            .map_err(|source| MarketDataError::Write { path: path.to_owned(), source })?;
        Ok(Self { path: path.to_owned(), file: BufWriter::with_capacity(1 << 16, file) })
    }

    /// Where the file will stand.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Puts the file in its place; what stood there is replaced. After this it survives a loss of power.
    ///
    /// # Errors
    /// [`MarketDataError::Write`]; what stood there before then still does.
    pub fn commit(self) -> Result<(), MarketDataError> {
        let Self { path, file } = self;
        let place = || -> io::Result<()> {
            let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.as_file().sync_all()?;
            file.persist(&path).map_err(|error| error.error)?;
            // The name itself is data of the folder.
            #[cfg(unix)]
            File::open(folder(&path))?.sync_all()?;
            Ok(())
        };
        place().map_err(|source| MarketDataError::Write { path: path.clone(), source })
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Text that is packed as it is written, into a file that appears once it is complete.
pub(crate) enum TextFile {
    Plain(AtomicFile),
    Gzip(flate2::write::GzEncoder<AtomicFile>),
    Zstd(zstd::Encoder<'static, AtomicFile>),
}

impl TextFile {
    /// Begins a file that will stand at `path`.
    pub(crate) fn create(path: &Path, packing: Packing) -> Result<Self, MarketDataError> {
        let file = AtomicFile::create(path)?;
        Ok(match packing {
            Packing::Plain => Self::Plain(file),
            Packing::Gzip => Self::Gzip(flate2::write::GzEncoder::new(file, flate2::Compression::default())),
            Packing::Zstd => {
                let wrap = |source| MarketDataError::Write { path: path.to_owned(), source };
                let mut encoder = zstd::Encoder::new(file, 3).map_err(wrap)?;
                encoder.include_checksum(true).map_err(wrap)?;
                Self::Zstd(encoder)
            }
        })
    }

    /// Puts the file in its place.
    pub(crate) fn commit(self, path: &Path) -> Result<(), MarketDataError> {
        let wrap = |source| MarketDataError::Write { path: path.to_owned(), source };
        match self {
            Self::Plain(file) => file.commit(),
            Self::Gzip(encoder) => encoder.finish().map_err(wrap)?.commit(),
            Self::Zstd(encoder) => encoder.finish().map_err(wrap)?.commit(),
        }
    }
}

impl Write for TextFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.write(bytes),
            Self::Gzip(encoder) => encoder.write(bytes),
            Self::Zstd(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(file) => file.flush(),
            Self::Gzip(encoder) => encoder.flush(),
            Self::Zstd(encoder) => encoder.flush(),
        }
    }
}

/// The folder a file is in.
fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_formats() {
        for (name, format) in [
            ("a.csv", Format::Csv(Packing::Plain)),
            ("b/a.TXT", Format::Csv(Packing::Plain)),
            ("a.csv.gz", Format::Csv(Packing::Gzip)),
            ("a.txt.ZST", Format::Csv(Packing::Zstd)),
            ("a.parquet", Format::Parquet),
        ] {
            assert_eq!(Format::of(Path::new(name)).ok(), Some(format), "{name}");
        }
        for name in ["", "a", "a.gz", "a.parquet.gz", "a.xlsx", "csv"] {
            assert!(matches!(Format::of(Path::new(name)), Err(MarketDataError::Extension { .. })), "{name}");
        }
    }

    #[test]
    fn a_file_is_whole_or_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        let count = || fs::read_dir(folder.path()).unwrap().count();

        let mut file = AtomicFile::create(&path).unwrap();
        file.write_all(b"half").unwrap();
        assert!(!path.exists());
        drop(file);
        assert_eq!(count(), 0, "a file that was not committed leaves nothing behind");

        fs::write(&path, "old").unwrap();
        let mut file = AtomicFile::create(&path).unwrap();
        file.write_all(b"new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        file.commit().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(count(), 1);

        let nowhere = folder.path().join("no/a.csv");
        assert!(matches!(AtomicFile::create(&nowhere), Err(MarketDataError::Write { .. })));
    }
}
