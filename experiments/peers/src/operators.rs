//! What is measured.

/// A function that is computed by more than one library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// Simple moving average of the close.
    Sma,
    /// Standard deviation of the close, ddof 0.
    StdDev,
    /// Bollinger bands of the close: upper, middle, lower.
    Bbands,
    /// Exponential moving average of the close.
    Ema,
    /// Wilder's relative strength index of the close.
    Rsi,
    /// MACD of the close: line, signal.
    Macd,
    /// Wilder's average true range.
    Atr,
    /// Slow stochastic: %K, %D.
    Stoch,
    /// Highest close.
    Max,
    /// Lowest close.
    Min,
    /// Rolling volume-weighted average of the typical price.
    Vwap,
    /// Correlation of close and volume.
    Correl,
    /// Least-squares slope of the close.
    Slope,
    /// Median of the close.
    Median,
    /// The 19 features of the set `core`.
    Core,
}

impl Operator {
    /// Every operator, in the order of the table.
    pub const ALL: [Self; 15] = [
        Self::Sma,
        Self::StdDev,
        Self::Bbands,
        Self::Ema,
        Self::Rsi,
        Self::Macd,
        Self::Atr,
        Self::Stoch,
        Self::Max,
        Self::Min,
        Self::Vwap,
        Self::Correl,
        Self::Slope,
        Self::Median,
        Self::Core,
    ];

    /// The name in the table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sma => "SMA(20)",
            Self::StdDev => "STDDEV(20)",
            Self::Bbands => "BBANDS(20)",
            Self::Ema => "EMA(20)",
            Self::Rsi => "RSI(14)",
            Self::Macd => "MACD(12,26,9)",
            Self::Atr => "ATR(14)",
            Self::Stoch => "STOCH(14,3,3)",
            Self::Max => "MAX(14)",
            Self::Min => "MIN(14)",
            Self::Vwap => "VWAP(14)",
            Self::Correl => "CORREL(20)",
            Self::Slope => "LINEARREG_SLOPE(50)",
            Self::Median => "MEDIAN(50)",
            Self::Core => "core, 19 features",
        }
    }

    /// Number of values a bar.
    #[must_use]
    pub const fn columns(self) -> usize {
        match self {
            Self::Bbands => 3,
            Self::Macd | Self::Stoch => 2,
            Self::Core => 19,
            Self::Sma
            | Self::StdDev
            | Self::Ema
            | Self::Rsi
            | Self::Atr
            | Self::Max
            | Self::Min
            | Self::Vwap
            | Self::Correl
            | Self::Slope
            | Self::Median => 1,
        }
    }
}

/// Who computes it, and how it is called: a column of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// Isobar, whole arrays.
    OursBatch,
    /// Isobar, bar by bar.
    OursStream,
    /// TA-Lib C, whole arrays.
    TalibC,
    /// TA-Lib C, bar by bar.
    TalibCStream,
    /// TA-Lib's Rust port, whole arrays.
    TalibRust,
    /// TA-Lib's Rust port, bar by bar.
    TalibRustStream,
    /// TA-Lib and numpy from Python, whole arrays.
    Python,
    /// Crate `ta`, bar by bar.
    Ta,
    /// Crate `yata`, bar by bar.
    Yata,
    /// Crate `kand`, whole arrays.
    Kand,
    /// Crate `vector-ta`, whole arrays.
    VectorTa,
}

impl Column {
    /// Every column, in the order of the table.
    pub const ALL: [Self; 11] = [
        Self::OursBatch,
        Self::OursStream,
        Self::TalibC,
        Self::TalibCStream,
        Self::TalibRust,
        Self::TalibRustStream,
        Self::Python,
        Self::Ta,
        Self::Yata,
        Self::Kand,
        Self::VectorTa,
    ];

    /// The heading.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OursBatch => "ours",
            Self::OursStream => "ours stream",
            Self::TalibC => "TA-Lib C",
            Self::TalibCStream => "TA-Lib C stream",
            Self::TalibRust => "ta-lib",
            Self::TalibRustStream => "ta-lib stream",
            Self::Python => "TA-Lib+numpy",
            Self::Ta => "ta stream",
            Self::Yata => "yata stream",
            Self::Kand => "kand",
            Self::VectorTa => "vector-ta",
        }
    }

    /// Whether it is ours.
    #[must_use]
    pub const fn is_ours(self) -> bool {
        matches!(self, Self::OursBatch | Self::OursStream)
    }

    /// Whether it takes one bar at a time.
    #[must_use]
    pub const fn is_stream(self) -> bool {
        matches!(self, Self::OursStream | Self::TalibCStream | Self::TalibRustStream | Self::Ta | Self::Yata)
    }
}
