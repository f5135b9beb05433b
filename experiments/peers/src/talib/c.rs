//! The TA-Lib C library, opened at run time.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::path::Path;

use libloading::{Library, Symbol};

use super::{Talib, TalibStream, find};

/// Index of an array's bar.
type Index = c_int;
/// An array that is read.
type In = *const f64;
/// An array, or one value, that is written.
type Out = *mut f64;
/// Where the first bar of the output, or the number of values, is written.
type Count = *mut c_int;
/// An open stream.
type Stream = *mut c_void;
/// Where the open stream is written.
type Opened = *mut Stream;
/// 0 is success.
type Code = c_int;
/// SMA, as a moving average type.
const SMA: c_int = 0;

/// A struct of function pointers, filled from the library's symbols.
macro_rules! functions {
    ($($field:ident = $symbol:literal : fn($($argument:ty),*) -> $result:ty;)*) => {
        /// The functions used, as `ta_func.h` declares them.
        struct Functions {
            $($field: unsafe extern "C" fn($($argument),*) -> $result,)*
        }

        impl Functions {
            /// # Safety
            /// `library` must be TA-Lib 0.8: the types here are those of its headers.
            unsafe fn load(library: &Library) -> Result<Self, libloading::Error> {
                Ok(Self {
                    $($field: {
                        type Function = unsafe extern "C" fn($($argument),*) -> $result;
                        // SAFETY: the caller says the symbol has this type.
                        let symbol: Symbol<'_, Function> = unsafe { library.get($symbol)? };
                        *symbol
                    },)*
                })
            }
        }
    };
}

functions! {
    initialize = b"TA_Initialize\0": fn() -> Code;
    version = b"TA_GetVersionString\0": fn() -> *const c_char;

    sma = b"TA_SMA\0": fn(Index, Index, In, c_int, Count, Count, Out) -> Code;
    stddev = b"TA_STDDEV\0": fn(Index, Index, In, c_int, f64, Count, Count, Out) -> Code;
    bbands = b"TA_BBANDS\0": fn(Index, Index, In, c_int, f64, f64, c_int, Count, Count, Out, Out, Out) -> Code;
    ema = b"TA_EMA\0": fn(Index, Index, In, c_int, Count, Count, Out) -> Code;
    rsi = b"TA_RSI\0": fn(Index, Index, In, c_int, Count, Count, Out) -> Code;
    macd = b"TA_MACD\0": fn(Index, Index, In, c_int, c_int, c_int, Count, Count, Out, Out, Out) -> Code;
    atr = b"TA_ATR\0": fn(Index, Index, In, In, In, c_int, Count, Count, Out) -> Code;
    stoch = b"TA_STOCH\0":
        fn(Index, Index, In, In, In, c_int, c_int, c_int, c_int, c_int, Count, Count, Out, Out) -> Code;
    max = b"TA_MAX\0": fn(Index, Index, In, c_int, Count, Count, Out) -> Code;
    min = b"TA_MIN\0": fn(Index, Index, In, c_int, Count, Count, Out) -> Code;
    typprice = b"TA_TYPPRICE\0": fn(Index, Index, In, In, In, Count, Count, Out) -> Code;
    vwma = b"TA_VWMA\0": fn(Index, Index, In, In, c_int, Count, Count, Out) -> Code;
    correl = b"TA_CORREL\0": fn(Index, Index, In, In, c_int, Count, Count, Out) -> Code;
    slope = b"TA_LINEARREG_SLOPE\0": fn(Index, Index, In, c_int, Count, Count, Out) -> Code;
    percentile = b"TA_PERCENTILE\0": fn(Index, Index, In, c_int, f64, Count, Count, Out) -> Code;
    rocr = b"TA_ROCR\0": fn(Index, Index, In, c_int, Count, Count, Out) -> Code;
    ln = b"TA_LN\0": fn(Index, Index, In, Count, Count, Out) -> Code;

    sma_open = b"TA_SMA_Open\0": fn(Opened, In, c_int, c_int, Out) -> Code;
    sma_next = b"TA_SMA_Update\0": fn(Stream, f64, Out) -> Code;
    sma_close = b"TA_SMA_Close\0": fn(Stream) -> Code;
    stddev_open = b"TA_STDDEV_Open\0": fn(Opened, In, c_int, c_int, f64, Out) -> Code;
    stddev_next = b"TA_STDDEV_Update\0": fn(Stream, f64, Out) -> Code;
    stddev_close = b"TA_STDDEV_Close\0": fn(Stream) -> Code;
    bbands_open = b"TA_BBANDS_Open\0": fn(Opened, In, c_int, c_int, f64, f64, c_int, Out, Out, Out) -> Code;
    bbands_next = b"TA_BBANDS_Update\0": fn(Stream, f64, Out, Out, Out) -> Code;
    bbands_close = b"TA_BBANDS_Close\0": fn(Stream) -> Code;
    ema_open = b"TA_EMA_Open\0": fn(Opened, In, c_int, c_int, Out) -> Code;
    ema_next = b"TA_EMA_Update\0": fn(Stream, f64, Out) -> Code;
    ema_close = b"TA_EMA_Close\0": fn(Stream) -> Code;
    rsi_open = b"TA_RSI_Open\0": fn(Opened, In, c_int, c_int, Out) -> Code;
    rsi_next = b"TA_RSI_Update\0": fn(Stream, f64, Out) -> Code;
    rsi_close = b"TA_RSI_Close\0": fn(Stream) -> Code;
    macd_open = b"TA_MACD_Open\0": fn(Opened, In, c_int, c_int, c_int, c_int, Out, Out, Out) -> Code;
    macd_next = b"TA_MACD_Update\0": fn(Stream, f64, Out, Out, Out) -> Code;
    macd_close = b"TA_MACD_Close\0": fn(Stream) -> Code;
    atr_open = b"TA_ATR_Open\0": fn(Opened, In, In, In, c_int, c_int, Out) -> Code;
    atr_next = b"TA_ATR_Update\0": fn(Stream, f64, f64, f64, Out) -> Code;
    atr_close = b"TA_ATR_Close\0": fn(Stream) -> Code;
    stoch_open = b"TA_STOCH_Open\0":
        fn(Opened, In, In, In, c_int, c_int, c_int, c_int, c_int, c_int, Out, Out) -> Code;
    stoch_next = b"TA_STOCH_Update\0": fn(Stream, f64, f64, f64, Out, Out) -> Code;
    stoch_close = b"TA_STOCH_Close\0": fn(Stream) -> Code;
    max_open = b"TA_MAX_Open\0": fn(Opened, In, c_int, c_int, Out) -> Code;
    max_next = b"TA_MAX_Update\0": fn(Stream, f64, Out) -> Code;
    max_close = b"TA_MAX_Close\0": fn(Stream) -> Code;
    min_open = b"TA_MIN_Open\0": fn(Opened, In, c_int, c_int, Out) -> Code;
    min_next = b"TA_MIN_Update\0": fn(Stream, f64, Out) -> Code;
    min_close = b"TA_MIN_Close\0": fn(Stream) -> Code;
    vwma_open = b"TA_VWMA_Open\0": fn(Opened, In, In, c_int, c_int, Out) -> Code;
    vwma_next = b"TA_VWMA_Update\0": fn(Stream, f64, f64, Out) -> Code;
    vwma_close = b"TA_VWMA_Close\0": fn(Stream) -> Code;
    correl_open = b"TA_CORREL_Open\0": fn(Opened, In, In, c_int, c_int, Out) -> Code;
    correl_next = b"TA_CORREL_Update\0": fn(Stream, f64, f64, Out) -> Code;
    correl_close = b"TA_CORREL_Close\0": fn(Stream) -> Code;
    slope_open = b"TA_LINEARREG_SLOPE_Open\0": fn(Opened, In, c_int, c_int, Out) -> Code;
    slope_next = b"TA_LINEARREG_SLOPE_Update\0": fn(Stream, f64, Out) -> Code;
    slope_close = b"TA_LINEARREG_SLOPE_Close\0": fn(Stream) -> Code;
    percentile_open = b"TA_PERCENTILE_Open\0": fn(Opened, In, c_int, c_int, f64, Out) -> Code;
    percentile_next = b"TA_PERCENTILE_Update\0": fn(Stream, f64, Out) -> Code;
    percentile_close = b"TA_PERCENTILE_Close\0": fn(Stream) -> Code;
}

/// The opened library.
pub struct LibraryC {
    functions: Functions,
    /// What it says it is.
    pub version: String,
    /// Unloaded last: the functions point into it.
    _library: Library,
}

impl LibraryC {
    /// Finds, opens and initialises the library.
    ///
    /// # Errors
    /// Why it cannot be used, and what to do.
    pub fn open() -> Result<Self, String> {
        let path = find::library().map_err(|why| format!("{why}; {}", find::ADVICE))?;
        Self::open_at(&path).map_err(|why| format!("{}: {why}; {}", path.display(), find::ADVICE))
    }

    fn open_at(path: &Path) -> Result<Self, libloading::Error> {
        // SAFETY: TA-Lib has no initialisers that do more than set its own tables, and a library that lacks
        // the streaming functions of 0.8 is refused by name.
        let (library, functions) = unsafe {
            let library = Library::new(path)?;
            let functions = Functions::load(&library)?;
            (library, functions)
        };
        // SAFETY: called once, before any other function; the version is a static text.
        let version = unsafe {
            (functions.initialize)();
            CStr::from_ptr((functions.version)()).to_string_lossy().into_owned()
        };
        Ok(Self { functions, version, _library: library })
    }
}

/// The index of the last of `len` bars.
fn last(len: usize) -> Index {
    Index::try_from(len).unwrap_or(Index::MAX) - 1
}

/// A length, as C takes it.
fn count(x: &[f64]) -> c_int {
    last(x.len()) + 1
}

/// Calls a function over whole arrays; the bar of the first value, or beyond every bar where it was refused.
///
/// The slices passed must be as long as the bars: callers pass arrays of [`Bars`](crate::bars::Bars) and of
/// [`Outputs`](crate::contender::Outputs), which are.
macro_rules! over {
    ($function:expr, $bars:expr, ($($input:expr),*), ($($output:expr),*)) => {{
        let (mut first, mut written) = (0, 0);
        // SAFETY: inputs are read from 0 to the last bar, outputs hold as many values, and both live on.
        let code = unsafe { $function(0, last($bars), $($input,)* &mut first, &mut written, $($output),*) };
        if code == 0 { usize::try_from(first).unwrap_or(usize::MAX) } else { usize::MAX }
    }};
}

impl Talib for LibraryC {
    fn sma(&self, x: &[f64], n: i32, out: &mut [f64]) -> usize {
        over!((self.functions.sma), x.len(), (x.as_ptr(), n), (out.as_mut_ptr()))
    }

    fn stddev(&self, x: &[f64], n: i32, deviations: f64, out: &mut [f64]) -> usize {
        over!((self.functions.stddev), x.len(), (x.as_ptr(), n, deviations), (out.as_mut_ptr()))
    }

    fn bbands(&self, x: &[f64], n: i32, [upper, middle, lower]: [&mut [f64]; 3]) -> usize {
        over!(
            (self.functions.bbands),
            x.len(),
            (x.as_ptr(), n, 2.0, 2.0, SMA),
            (upper.as_mut_ptr(), middle.as_mut_ptr(), lower.as_mut_ptr())
        )
    }

    fn ema(&self, x: &[f64], n: i32, out: &mut [f64]) -> usize {
        over!((self.functions.ema), x.len(), (x.as_ptr(), n), (out.as_mut_ptr()))
    }

    fn rsi(&self, x: &[f64], n: i32, out: &mut [f64]) -> usize {
        over!((self.functions.rsi), x.len(), (x.as_ptr(), n), (out.as_mut_ptr()))
    }

    fn macd(&self, x: &[f64], [line, signal, histogram]: [&mut [f64]; 3]) -> usize {
        over!(
            (self.functions.macd),
            x.len(),
            (x.as_ptr(), 12, 26, 9),
            (line.as_mut_ptr(), signal.as_mut_ptr(), histogram.as_mut_ptr())
        )
    }

    fn atr(&self, [high, low, close]: [&[f64]; 3], n: i32, out: &mut [f64]) -> usize {
        let inputs = [high, low, close].map(<[f64]>::as_ptr);
        over!((self.functions.atr), close.len(), (inputs[0], inputs[1], inputs[2], n), (out.as_mut_ptr()))
    }

    fn stoch(&self, [high, low, close]: [&[f64]; 3], [k, d]: [&mut [f64]; 2]) -> usize {
        let inputs = [high, low, close].map(<[f64]>::as_ptr);
        over!(
            (self.functions.stoch),
            close.len(),
            (inputs[0], inputs[1], inputs[2], 14, 3, SMA, 3, SMA),
            (k.as_mut_ptr(), d.as_mut_ptr())
        )
    }

    fn max(&self, x: &[f64], n: i32, out: &mut [f64]) -> usize {
        over!((self.functions.max), x.len(), (x.as_ptr(), n), (out.as_mut_ptr()))
    }

    fn min(&self, x: &[f64], n: i32, out: &mut [f64]) -> usize {
        over!((self.functions.min), x.len(), (x.as_ptr(), n), (out.as_mut_ptr()))
    }

    fn typprice(&self, [high, low, close]: [&[f64]; 3], out: &mut [f64]) -> usize {
        let inputs = [high, low, close].map(<[f64]>::as_ptr);
        over!((self.functions.typprice), close.len(), (inputs[0], inputs[1], inputs[2]), (out.as_mut_ptr()))
    }

    fn vwma(&self, x: &[f64], volume: &[f64], n: i32, out: &mut [f64]) -> usize {
        over!((self.functions.vwma), x.len(), (x.as_ptr(), volume.as_ptr(), n), (out.as_mut_ptr()))
    }

    fn correl(&self, x: &[f64], y: &[f64], n: i32, out: &mut [f64]) -> usize {
        over!((self.functions.correl), x.len(), (x.as_ptr(), y.as_ptr(), n), (out.as_mut_ptr()))
    }

    fn slope(&self, x: &[f64], n: i32, out: &mut [f64]) -> usize {
        over!((self.functions.slope), x.len(), (x.as_ptr(), n), (out.as_mut_ptr()))
    }

    fn median(&self, x: &[f64], n: i32, out: &mut [f64]) -> usize {
        over!((self.functions.percentile), x.len(), (x.as_ptr(), n, 50.0), (out.as_mut_ptr()))
    }

    fn rocr(&self, x: &[f64], out: &mut [f64]) -> usize {
        over!((self.functions.rocr), x.len(), (x.as_ptr(), 1), (out.as_mut_ptr()))
    }

    fn ln(&self, x: &[f64], out: &mut [f64]) -> usize {
        over!((self.functions.ln), x.len(), (x.as_ptr()), (out.as_mut_ptr()))
    }
}

/// An open stream, closed when dropped.
struct Handle {
    stream: Stream,
    close: unsafe extern "C" fn(Stream) -> Code,
}

impl Handle {
    /// The stream, or nothing where it was refused. A method, so that a closure that calls it owns the handle
    /// and not a copy of the pointer alone.
    fn stream(&self) -> Option<Stream> {
        (!self.stream.is_null()).then_some(self.stream)
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if let Some(stream) = self.stream() {
            // SAFETY: opened by the function this one belongs to, and closed once.
            unsafe { (self.close)(stream) };
        }
    }
}

/// Opens a stream and gives the function of its next bar.
macro_rules! next {
    ($open:expr, $next:expr, $close:expr, ($($input:expr),*), |$($x:ident),+|, [$($value:ident),+]) => {{
        let (next, close) = ($next, $close);
        let mut stream = std::ptr::null_mut();
        $(let mut $value = f64::NAN;)+
        // SAFETY: the history is read only now; the stream and one value each are written.
        let code = unsafe { $open(&mut stream, $($input,)* $(&mut $value),+) };
        let handle = Handle { stream: if code == 0 { stream } else { std::ptr::null_mut() }, close };
        move |$($x: f64),+| {
            $(let mut $value = f64::NAN;)+
            if let Some(stream) = handle.stream() {
                // SAFETY: the stream is open, and one value each is written.
                unsafe { next(stream, $($x,)+ $(&mut $value),+) };
            }
            [$($value),+]
        }
    }};
}

impl TalibStream for LibraryC {
    fn sma(&self, x: &[f64], n: i32) -> impl FnMut(f64) -> [f64; 1] {
        let f = &self.functions;
        next!((f.sma_open), f.sma_next, f.sma_close, (x.as_ptr(), count(x), n), |x|, [value])
    }

    fn stddev(&self, x: &[f64], n: i32, deviations: f64) -> impl FnMut(f64) -> [f64; 1] {
        let f = &self.functions;
        let history = x.as_ptr();
        next!((f.stddev_open), f.stddev_next, f.stddev_close, (history, count(x), n, deviations), |x|, [value])
    }

    fn bbands(&self, x: &[f64], n: i32) -> impl FnMut(f64) -> [f64; 3] {
        let f = &self.functions;
        let history = x.as_ptr();
        next!(
            (f.bbands_open),
            f.bbands_next,
            f.bbands_close,
            (history, count(x), n, 2.0, 2.0, SMA),
            |x|,
            [upper, middle, lower]
        )
    }

    fn ema(&self, x: &[f64], n: i32) -> impl FnMut(f64) -> [f64; 1] {
        let f = &self.functions;
        next!((f.ema_open), f.ema_next, f.ema_close, (x.as_ptr(), count(x), n), |x|, [value])
    }

    fn rsi(&self, x: &[f64], n: i32) -> impl FnMut(f64) -> [f64; 1] {
        let f = &self.functions;
        next!((f.rsi_open), f.rsi_next, f.rsi_close, (x.as_ptr(), count(x), n), |x|, [value])
    }

    fn macd(&self, x: &[f64]) -> impl FnMut(f64) -> [f64; 2] {
        let f = &self.functions;
        let history = x.as_ptr();
        let next = next!(
            (f.macd_open),
            f.macd_next,
            f.macd_close,
            (history, count(x), 12, 26, 9),
            |x|,
            [line, signal, histogram]
        );
        move |x| {
            let [line, signal, _] = next(x);
            [line, signal]
        }
    }

    fn atr(&self, [high, low, close]: [&[f64]; 3], n: i32) -> impl FnMut(f64, f64, f64) -> [f64; 1] {
        let f = &self.functions;
        let history = [high, low, close].map(<[f64]>::as_ptr);
        next!(
            (f.atr_open),
            f.atr_next,
            f.atr_close,
            (history[0], history[1], history[2], count(close), n),
            |high, low, close|,
            [value]
        )
    }

    fn stoch(&self, [high, low, close]: [&[f64]; 3]) -> impl FnMut(f64, f64, f64) -> [f64; 2] {
        let f = &self.functions;
        let history = [high, low, close].map(<[f64]>::as_ptr);
        next!(
            (f.stoch_open),
            f.stoch_next,
            f.stoch_close,
            (history[0], history[1], history[2], count(close), 14, 3, SMA, 3, SMA),
            |high, low, close|,
            [k, d]
        )
    }

    fn max(&self, x: &[f64], n: i32) -> impl FnMut(f64) -> [f64; 1] {
        let f = &self.functions;
        next!((f.max_open), f.max_next, f.max_close, (x.as_ptr(), count(x), n), |x|, [value])
    }

    fn min(&self, x: &[f64], n: i32) -> impl FnMut(f64) -> [f64; 1] {
        let f = &self.functions;
        next!((f.min_open), f.min_next, f.min_close, (x.as_ptr(), count(x), n), |x|, [value])
    }

    fn vwma(&self, x: &[f64], volume: &[f64], n: i32) -> impl FnMut(f64, f64) -> [f64; 1] {
        let f = &self.functions;
        let history = [x, volume].map(<[f64]>::as_ptr);
        next!(
            (f.vwma_open),
            f.vwma_next,
            f.vwma_close,
            (history[0], history[1], count(x), n),
            |x, volume|,
            [value]
        )
    }

    fn correl(&self, x: &[f64], y: &[f64], n: i32) -> impl FnMut(f64, f64) -> [f64; 1] {
        let f = &self.functions;
        let history = [x, y].map(<[f64]>::as_ptr);
        next!(
            (f.correl_open),
            f.correl_next,
            f.correl_close,
            (history[0], history[1], count(x), n),
            |x, y|,
            [value]
        )
    }

    fn slope(&self, x: &[f64], n: i32) -> impl FnMut(f64) -> [f64; 1] {
        let f = &self.functions;
        next!((f.slope_open), f.slope_next, f.slope_close, (x.as_ptr(), count(x), n), |x|, [value])
    }

    fn median(&self, x: &[f64], n: i32) -> impl FnMut(f64) -> [f64; 1] {
        let f = &self.functions;
        let history = x.as_ptr();
        next!(
            (f.percentile_open),
            f.percentile_next,
            f.percentile_close,
            (history, count(x), n, 50.0),
            |x|,
            [value]
        )
    }
}
