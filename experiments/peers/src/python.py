"""The 19 features of `core` with TA-Lib and numpy, the way a notebook computes them.

Arguments: a file of five little-endian f64 arrays (open, high, low, close, volume), the number of bars, and
the file that `save` writes the 19 columns to. Reads commands from stdin: `run` computes once, `save` computes
and writes. Answers each with the processor time of the computation, in nanoseconds.
"""

import sys
import time

import numpy as np
import talib

source, bars, target = sys.argv[1], int(sys.argv[2]), sys.argv[3]
opened, high, low, close, volume = np.fromfile(source, "<f8").reshape(5, bars)
rows = np.empty((19, bars))
SAMPLE = np.sqrt(20 / 19)  # TA-Lib's STDDEV is of ddof 0


def core():
    rows[0] = talib.RSI(close, 14)
    rows[1], rows[2], _ = talib.MACD(close, 12, 26, 9)
    rows[3], middle, rows[4] = talib.BBANDS(close, 20, 2, 2)
    rows[5] = talib.EMA(close, 20)
    rows[6] = talib.ATR(high, low, close, 14)
    rows[7, 0] = np.nan
    np.log(close[1:] / close[:-1], out=rows[7, 1:])
    rows[8], rows[9] = talib.STOCH(high, low, close, 14, 3, 0, 3, 0)
    typical = talib.TYPPRICE(high, low, close)
    rows[10] = talib.SUM(typical * volume, 14) / talib.SUM(volume, 14)
    rows[11] = (rows[3] - rows[4]) / close
    rows[12] = (close - middle) / (talib.STDDEV(close, 20) * SAMPLE)
    rows[13] = (volume - talib.SMA(volume, 20)) / (talib.STDDEV(volume, 20) * SAMPLE)
    rows[14], rows[15], rows[16], rows[17], rows[18] = close, opened, high, low, volume


print(f"talib {talib.__version__}, numpy {np.__version__}", flush=True)
for command in sys.stdin:
    start = time.process_time_ns()
    core()
    taken = time.process_time_ns() - start
    if command.strip() == "save":
        rows.astype("<f8").tofile(target)
    print(taken, flush=True)
