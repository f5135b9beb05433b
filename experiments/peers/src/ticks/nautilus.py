"""Bars from trades and indicators over bars by nautilus_trader, driven the way its engines drive it: one call a trade,
one call a bar.

Arguments: a file of four little-endian i64 arrays (time in nanoseconds, price in steps of 0.01, quantity in steps of
0.00001, 1 where the aggressor bought), the number of trades, and the file that is written for the caller to read. Reads
commands from stdin and answers each with processor time in nanoseconds, and a count:

`call`                      a call a trade that does nothing: what it costs to call from Python at all
`bars KIND SIZE`            bars of a kind: time (minutes), tick, volume or value
`write`                     the bars made last, as rows of six i64: time, open, high, low, close, volume
`indicator NAME`            over the bars made last
`values NAME`               the same, and the values of all bars are written as f64
"""

import gc
import sys
import time
from collections import deque

import nautilus_trader
import numpy as np
from nautilus_trader.common.component import TestClock
from nautilus_trader.data import aggregation
from nautilus_trader.indicators import (
    AverageTrueRange,
    BollingerBands,
    CommodityChannelIndex,
    DonchianChannel,
    ExponentialMovingAverage,
    LinearRegression,
    MovingAverageConvergenceDivergence,
    MovingAverageType,
    RateOfChange,
    RelativeStrengthIndex,
    SimpleMovingAverage,
    Stochastics,
)
from nautilus_trader.model.currencies import BTC, USDT
from nautilus_trader.model.data import BarType, TradeTick
from nautilus_trader.model.enums import AggressorSide
from nautilus_trader.model.identifiers import InstrumentId, Symbol, TradeId
from nautilus_trader.model.instruments import CurrencyPair
from nautilus_trader.model.objects import FIXED_PRECISION, Price, Quantity

source, count, target = sys.argv[1], int(sys.argv[2]), sys.argv[3]
# Raw numbers of nautilus have so many steps in one of ours.
PRICE, QUANTITY = 10 ** (FIXED_PRECISION - 2), 10 ** (FIXED_PRECISION - 5)
INSTRUMENT = InstrumentId.from_str("BTCUSDT.SYNTH")
instrument = CurrencyPair(
    instrument_id=INSTRUMENT,
    raw_symbol=Symbol("BTCUSDT"),
    base_currency=BTC,
    quote_currency=USDT,
    price_precision=2,
    size_precision=5,
    price_increment=Price.from_str("0.01"),
    size_increment=Quantity.from_str("0.00001"),
    ts_event=0,
    ts_init=0,
)
SPECS = {"time": "MINUTE", "tick": "TICK", "volume": "VOLUME", "value": "VALUE"}
WILDER = MovingAverageType.WILDER
# How it is made, and its values.
INDICATORS = {
    "SMA": (lambda: SimpleMovingAverage(20), lambda i: (i.value,)),
    "EMA": (lambda: ExponentialMovingAverage(20), lambda i: (i.value,)),
    "RSI": (lambda: RelativeStrengthIndex(14, WILDER), lambda i: (100 * i.value,)),
    "MACD": (lambda: MovingAverageConvergenceDivergence(12, 26), lambda i: (i.value,)),
    "ATR": (lambda: AverageTrueRange(14, WILDER), lambda i: (i.value,)),
    "BBANDS": (lambda: BollingerBands(20, 2.0), lambda i: (i.upper, i.middle, i.lower)),
    "STOCH %K": (lambda: Stochastics(14, 3), lambda i: (i.value_k,)),
    "CCI": (lambda: CommodityChannelIndex(20), lambda i: (i.value,)),
    # Its period counts the price it looks back from.
    "ROC": (lambda: RateOfChange(11), lambda i: (100 * i.value,)),
    "DONCHIAN": (lambda: DonchianChannel(14), lambda i: (i.upper, i.lower)),
    "SLOPE": (lambda: LinearRegression(50), lambda i: (i.slope,)),
}


def ticks():
    columns = np.fromfile(source, "<i8").reshape(4, count).tolist()
    sides = AggressorSide.SELLER, AggressorSide.BUYER
    return [
        TradeTick.from_raw(
            INSTRUMENT, price * PRICE, 2, quantity * QUANTITY, 5, sides[buy], TradeId(str(number)), ts, ts
        )
        for number, (ts, price, quantity, buy) in enumerate(zip(*columns), 1)
    ]


def consume(calls):
    deque(calls, maxlen=0)


def build(kind, size):
    bars = []
    bar_type = BarType.from_str(f"{INSTRUMENT}-{size}-{SPECS[kind]}-LAST-INTERNAL")
    if kind == "time":
        # The engine lets the clock come to the time of a trade before the trade is handled.
        clock = TestClock()
        clock.set_time(times[0])
        made = aggregation.TimeBarAggregator(
            instrument, bar_type, bars.append, clock, interval_type="right-open", build_with_no_updates=False
        )
        handle, advance = made.handle_trade_tick, clock.advance_time
        begin = time.process_time_ns()
        end = clock.next_time_ns(str(bar_type))
        for now, tick in zip(times, trades):
            if now >= end:
                for event in advance(now):
                    event.handle()
                end = clock.next_time_ns(str(bar_type))
            handle(tick)
        return time.process_time_ns() - begin, bars
    made = getattr(aggregation, f"{kind.capitalize()}BarAggregator")(instrument, bar_type, bars.append)
    begin = time.process_time_ns()
    consume(map(made.handle_trade_tick, trades))
    return time.process_time_ns() - begin, bars


def write(bars):
    rows = [
        (b.ts_event, *(x.raw // PRICE for x in (b.open, b.high, b.low, b.close)), b.volume.raw // QUANTITY)
        for b in bars
    ]
    np.array(rows, "<i8").tofile(target)


def indicator(name, bars, keep):
    new, values = INDICATORS[name]
    made = new()
    if keep:
        rows = []
        for bar in bars:
            made.handle_bar(bar)
            rows.append(values(made))
        np.array(rows, "<f8").tofile(target)
        return 0
    begin = time.process_time_ns()
    consume(map(made.handle_bar, bars))
    return time.process_time_ns() - begin


trades = ticks()
times = [trade.ts_init for trade in trades]
made = []
# What stays is not looked through again by the collector.
gc.collect()
gc.freeze()
print(f"nautilus_trader {nautilus_trader.__version__}", flush=True)
for command in sys.stdin:
    order, _, rest = command.strip().partition(" ")
    if order == "call":
        begin = time.process_time_ns()
        consume(map(id, trades))
        print(time.process_time_ns() - begin, count, flush=True)
    elif order == "bars":
        kind, size = rest.split()
        taken, made = build(kind, size)
        print(taken, len(made), flush=True)
    elif order == "write":
        write(made)
        print(0, len(made), flush=True)
    else:
        print(indicator(rest, made, order == "values"), len(made), flush=True)
