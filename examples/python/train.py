"""Trains XGBoost and LightGBM on a dataset of `isobar build`, and writes what the two predict.

    python train.py --data DIR --out models

DIR holds `rows.parquet` (ts_event, ts_available, a column for each feature, label) and `manifest.json`. Only the
training rows are fitted, only the validation rows stop the training; purge and embargo are already in the ranges of the
manifest. A feature without a value is NaN, which both libraries take as missing: nothing is filled in.

Written into the folder: `xgboost.json`, `lightgbm.txt`, and `margins.csv` with the raw margins of every row of the
three parts, each written so that reading it gives the same bits.
"""

import argparse
import csv
import json
import os
from pathlib import Path

# Before the libraries are loaded: sums of several threads differ from run to run.
os.environ["OMP_NUM_THREADS"] = "1"

import lightgbm as lgb
import numpy as np
import pyarrow.parquet as pq
import xgboost as xgb

SEED = 1
ROUNDS = 500
PATIENCE = 30


class Rows:
    """The rows of one part that have a label."""

    def __init__(self, table, names, rows, binary):
        part = table.slice(rows["from"], rows["to"] - rows["from"])
        label = column(part, "label")
        known = ~np.isnan(label)
        self.ts_event = part.column("ts_event").cast("int64").to_numpy()[known]
        self.x = np.column_stack([column(part, name) for name in names])[known]
        self.y = (label[known] > 0).astype(np.float64) if binary else label[known]


def column(table, name):
    """Values as f64, NaN where there is none."""
    return table.column(name).to_numpy(zero_copy_only=False).astype(np.float64)


def read(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    table = pq.read_table(folder / "rows.parquet")
    if table.num_rows != manifest["rows"]:
        raise SystemExit(f"{folder}: {table.num_rows} rows, and the manifest says {manifest['rows']}: build it again")
    # A direction is 0 or 1, barriers are −1, 0 or 1: a rise or a profit against the rest. A return is a value.
    binary = not manifest["label"].startswith("return:")
    names = manifest["names"]
    parts = {name: Rows(table, names, part, binary) for name, part in manifest["parts"].items()}
    return names, parts["train"], parts["validation"], parts["test"], binary


def train_xgboost(names, train, validation, binary):
    parameters = {
        "objective": "binary:logistic" if binary else "reg:squarederror",
        "eval_metric": "logloss" if binary else "rmse",
        "tree_method": "hist",
        "max_depth": 5,
        "eta": 0.05,
        "subsample": 0.8,
        "colsample_bytree": 0.8,
        "min_child_weight": 20 if binary else 50,
        "nthread": 1,
        "seed": SEED,
    }
    # `save_best` cuts the trees after the best round off: else the file holds them, and does not say which are meant.
    stop = xgb.callback.EarlyStopping(rounds=PATIENCE, save_best=True)
    return xgb.train(
        parameters,
        xgb.DMatrix(train.x, train.y, feature_names=names),
        num_boost_round=ROUNDS,
        evals=[(xgb.DMatrix(validation.x, validation.y, feature_names=names), "validation")],
        callbacks=[stop],
        verbose_eval=False,
    )


def train_lightgbm(names, train, validation, binary):
    parameters = {
        "objective": "binary" if binary else "regression",
        "metric": "binary_logloss" if binary else "rmse",
        "num_leaves": 31,
        "learning_rate": 0.05,
        "min_data_in_leaf": 100,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "feature_fraction": 0.8,
        "num_threads": 1,
        "deterministic": True,
        "force_row_wise": True,
        "seed": SEED,
        "verbose": -1,
    }
    data = lgb.Dataset(train.x, train.y, feature_name=names)
    return lgb.train(
        parameters,
        data,
        num_boost_round=ROUNDS,
        valid_sets=[lgb.Dataset(validation.x, validation.y, reference=data)],
        callbacks=[lgb.early_stopping(PATIENCE, verbose=False)],
    )


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--data", type=Path, required=True, help="the folder that `isobar build` wrote")
    arguments.add_argument("--out", type=Path, required=True, help="the folder to write to")
    arguments = arguments.parse_args()

    names, train, validation, test, binary = read(arguments.data)
    print(f"{len(names)} features; {len(train.y)} rows to train on, {len(validation.y)} to choose by, {len(test.y)} to test")
    arguments.out.mkdir(parents=True, exist_ok=True)

    booster = train_xgboost(names, train, validation, binary)
    booster.save_model(arguments.out / "xgboost.json")
    light = train_lightgbm(names, train, validation, binary)
    light.save_model(arguments.out / "lightgbm.txt")

    x, ts_event = (np.concatenate([getattr(part, field) for part in (train, validation, test)]) for field in ("x", "ts_event"))
    margins = {
        "xgboost": booster.predict(xgb.DMatrix(x, feature_names=names), output_margin=True),
        "lightgbm": light.predict(x, raw_score=True),
    }
    print(f"{len(x)} margins; {int(np.isnan(x).any(axis=1).sum())} of the rows have missing values")
    with open(arguments.out / "margins.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["ts_event", *margins])
        # The shortest decimal of a float gives its bits back; an f32 is exact as f64.
        writer.writerows(zip(ts_event.tolist(), *(values.astype(np.float64).tolist() for values in margins.values())))
    print(f"xgboost: {booster.num_boosted_rounds()} rounds; lightgbm: {light.best_iteration} rounds; wrote {arguments.out}")


if __name__ == "__main__":
    main()
