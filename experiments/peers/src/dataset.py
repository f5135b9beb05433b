"""A dataset of the 19 features of `core` and a forward return with pandas and TA-Lib, the way a notebook builds it.

Arguments: a Parquet file of bars, the Parquet file to write, the horizon in bars. Reads commands from stdin. `build`
reads, computes and writes once, and answers with the wall time and the processor time of each of the three, in
nanoseconds. `compare` and a file of the same rows by somebody else answers with a line of deviations.
"""

import sys
import time

import numpy as np
import pandas as pd
import pyarrow
import talib

source, target, horizon = sys.argv[1], sys.argv[2], int(sys.argv[3])


def read():
    return pd.read_parquet(source, columns=["ts_close", "open", "high", "low", "close", "volume"])


def compute(bars):
    high, low, close, volume = bars.high, bars.low, bars.close, bars.volume
    rows = pd.DataFrame({"ts_event": bars.ts_close})
    rows["rsi"] = talib.RSI(close, 14)
    rows["macd"], rows["macd_signal"], _ = talib.MACD(close, 12, 26, 9)
    rows["bb_upper"], _, rows["bb_lower"] = talib.BBANDS(close, 20, 2, 2)
    rows["ema_20"] = talib.EMA(close, 20)
    rows["atr"] = talib.ATR(high, low, close, 14)
    rows["log_return"] = np.log(close / close.shift(1))
    rows["stoch_k"], rows["stoch_d"] = talib.STOCH(high, low, close, 14, 3, 0, 3, 0)
    typical = (high + low + close) / 3
    rows["vwap"] = (typical * volume).rolling(14).sum() / volume.rolling(14).sum()
    rows["bb_width"] = (rows.bb_upper - rows.bb_lower) / close
    rows["normalized_close"] = (close - close.rolling(20).mean()) / close.rolling(20).std()
    rows["normalized_volume"] = (volume - volume.rolling(20).mean()) / volume.rolling(20).std()
    rows["close"], rows["open"], rows["high"], rows["low"], rows["volume"] = close, bars.open, high, low, volume
    rows["label"] = close.shift(-horizon) / close - 1
    return rows


def write(rows):
    rows.to_parquet(target, compression="zstd", index=False)


def build():
    times = [(time.perf_counter_ns(), time.process_time_ns())]
    stamp = lambda: times.append((time.perf_counter_ns(), time.process_time_ns()))
    bars = read()
    stamp()
    rows = compute(bars)
    stamp()
    write(rows)
    stamp()
    return [after - before for pair in zip(times, times[1:]) for before, after in zip(*pair)]


def compare(path):
    """Largest deviation of each column, relative to the value or to the column's mean magnitude where the value is
    smaller, and the number of cells that only one of the two has."""
    found, expected = pd.read_parquet(target), pd.read_parquet(path)
    for name in expected.columns.drop(["ts_event", "ts_available"]):
        a, b = found[name].to_numpy(), expected[name].to_numpy(dtype=float, na_value=np.nan)
        deviation = np.abs(a - b) / np.maximum(np.abs(b), np.nanmean(np.abs(b)))
        yield f"{name}={np.nanmax(deviation):e},{np.count_nonzero(np.isnan(a) != np.isnan(b))}"


modules = pd, talib, np, pyarrow
print(", ".join(f"{module.__name__} {module.__version__}" for module in modules), flush=True)
for command in sys.stdin:
    words = command.split(maxsplit=1)
    print(*(build() if words[0] == "build" else compare(words[1].strip())), flush=True)
