"""Seals the models of `train.py` and compares what `isobar predict` says with what Python said, bit for bit.

    python check.py --isobar target/release/isobar --data DIR --models models --bars BARS.csv

BARS is the file that DIR was built from. Options of `isobar build` that say how the file is read are repeated after
`--`, such as `-- --volume none`. Fails where one margin differs in one bit, or where a row has no prediction.
"""

import argparse
import csv
import struct
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq

MODELS = {"xgboost": "xgboost.json", "lightgbm": "lightgbm.txt"}


def bits(value):
    return struct.pack("<d", value).hex()


def run(*command):
    command = [str(part) for part in command]
    print("$", *command, flush=True)
    if subprocess.run(command).returncode != 0:
        raise SystemExit("the command above failed")


def differences(expected, predictions):
    """Messages, one for each row that differs."""
    table = pq.read_table(predictions)
    times = table.column("ts_event").cast("int64").to_pylist()
    found = dict(zip(times, table.column("margin").to_pylist(), strict=True))
    for time, margin in expected.items():
        if found.get(time) is None:
            yield f"ts_event {time}: no prediction, Python gives {margin!r}"
        elif bits(found[time]) != bits(margin):
            yield f"ts_event {time}: {found[time]!r}, Python gives {margin!r}"


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--isobar", type=Path, default="isobar", help="the program")
    arguments.add_argument("--data", type=Path, required=True, help="the folder that `isobar build` wrote")
    arguments.add_argument("--models", type=Path, required=True, help="the folder that `train.py` wrote")
    arguments.add_argument("--bars", type=Path, required=True, help="the file of bars")
    arguments.add_argument("options", nargs="*", help="options of the file of bars, after --")
    arguments = arguments.parse_args()

    with open(arguments.models / "margins.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows:
        raise SystemExit("margins.csv has no rows: nothing to compare")
    failed = False
    for kind, name in MODELS.items():
        sealed = arguments.models / f"{kind}.iso"
        predictions = arguments.models / f"{kind}.parquet"
        run(arguments.isobar, "seal", "--data", arguments.data, "--model", arguments.models / name, "--kind", kind,
            "--nulls", "missing", "--out", sealed)
        run(arguments.isobar, "predict", "--artifact", sealed, "--bars", arguments.bars, "--out", predictions,
            *arguments.options)
        expected = {int(row["ts_event"]): float(row[kind]) for row in rows}
        different = list(differences(expected, predictions))
        for message in different[:10]:
            print(f"{kind}: {message}")
        print(f"{kind}: {len(expected) - len(different)} of {len(expected)} margins have the bits of Python")
        failed |= bool(different)
    sys.exit(failed)


if __name__ == "__main__":
    main()
