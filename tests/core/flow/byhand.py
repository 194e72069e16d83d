"""Money, acts and scores in plain loops over rows: what the program's own numbers are held against."""

import json
import math

import numpy as np
import pandas as pd
import xgboost


def ranked(score: np.ndarray, threshold: float, room: float) -> np.ndarray:
    """Share of each row that is acted on: best first, rows of one score share what is left of the room."""
    share, left = np.zeros(len(score)), room
    for value in sorted(set(score[score >= threshold].tolist()), reverse=True):
        rows = score == value
        share[rows] = max(0.0, min(1.0, left / rows.sum()))
        left -= rows.sum()
        if left <= 0:
            break
    return share


def evenly(willing: np.ndarray, room: float) -> np.ndarray:
    """Share of each row that a rule acts on when nothing ranks its rows."""
    return willing * min(1.0, room / max(willing.sum(), 1))


def worth(y: np.ndarray, share: np.ndarray, payoffs: dict) -> float:
    """Money of all rows, added up one by one, against acting on none."""
    total = 0.0
    for positive, acted in zip((y == 1).tolist(), share.tolist(), strict=True):
        act, leave = (payoffs["tp"], payoffs["fn"]) if positive else (payoffs["fp"], payoffs["tn"])
        total += acted * act + (1 - acted) * leave - leave
    return total


def plain_scores(table: pd.DataFrame, files: dict[str, bytes]) -> np.ndarray:
    """Scores from the files of a model and a data frame alone."""
    mine = {name: json.loads(files[f"model/{name}.json"]) for name in ("model", "encoder", "calibrator")}
    raw = boosted(table, mine, files) if mine["model"]["family"] == "boosted_trees" else linear(table, files)
    return 1 / (1 + np.exp(-(mine["calibrator"]["slope"] * raw + mine["calibrator"]["intercept"])))


def boosted(table: pd.DataFrame, mine: dict, files: dict[str, bytes]) -> np.ndarray:
    """Raw margins by XGBoost, from the files and a data frame alone."""
    matrix, types = [], []
    for column in mine["encoder"]["columns"]:
        values = table[column["name"]]
        codes = {level: place for place, level in enumerate(column["levels"])}
        matrix.append(values.map(codes) if column["kind"] == "category" else pd.to_numeric(values, errors="coerce"))
        types.append("c" if column["kind"] == "category" else "q")
    model = xgboost.Booster()
    model.load_model(bytearray(files["model/model.ubj"]))
    data = xgboost.DMatrix(
        np.column_stack(matrix).astype(np.float32),
        feature_types=types,
        feature_names=model.feature_names,
        enable_categorical=True,
    )
    return model.predict(data, output_margin=True).astype(float)


def linear(table: pd.DataFrame, files: dict[str, bytes]) -> np.ndarray:
    """Raw margins of a linear model, row by row in words of one syllable."""
    said, levels = json.loads(files["model/linear.json"]), json.loads(files["model/encoder.json"])["columns"]
    margins = []
    for row in table.to_dict("records"):
        margin = said["intercept"]
        for column, known in zip(said["columns"], levels, strict=True):
            value = row[column["name"]]
            if column["kind"] == "number":
                gone = value is None or math.isnan(value)
                x = column["median"] if gone else value
                margin += column["coefficient"] * (x - column["mean"]) / column["scale"] + gone * column["missing"]
            elif value in known["levels"]:
                margin += column["coefficients"][known["levels"].index(value)]
            else:
                margin += column["missing"]
        margins.append(margin)
    return np.array(margins)
