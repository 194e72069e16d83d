"""Bundles made from small synthetic data: two source tables, every kind of column, edge cases, a capacity per day."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import xgboost

from core.bundle import BundleSpec, Manifest, build
from core.scoring.contract import ColumnSpec, DecisionRowContract
from core.scoring.encode import Encoder
from core.scoring.engine import scratch
from core.scoring.linear import LevelTerm, NumberTerm
from core.scoring.model import Calibrator, ModelFiles, save_boosted, save_linear
from core.scoring.policy import Capacity, Payoffs, Policy
from core.scoring.prepare import prepare

STEPS = (
    (
        "spent",
        "SELECT customer, sum(amount) AS spent, count(*) AS n_orders FROM orders GROUP BY customer; -- per person",
    ),
    (
        "decisions",
        'SELECT c.id, c.name, c.asked_at, c.age, c."place [x|y]", c.member, coalesce(s.spent, 0) AS spent, s.n_orders\n'
        "FROM customers c LEFT JOIN spent s ON s.customer = c.id ORDER BY c.id",
    ),
)
SOURCES = {
    "customers": {
        "id": "BIGINT",
        "name": "VARCHAR",
        "asked_at": "TIMESTAMP",
        "age": "DOUBLE",
        "place [x|y]": "VARCHAR",
        "member": "BOOLEAN",
    },
    "orders": {"customer": "BIGINT", "amount": "DOUBLE"},
}
COLUMNS = (
    ColumnSpec("age", "number", True, low=18.0, high=80.0, availability="before"),
    ColumnSpec("place [x|y]", "category", True, levels=("north", "south", 'we"st', "élan"), availability="before"),
    ColumnSpec("member", "boolean", True),
    ColumnSpec("spent", "number", False, low=0.0, high=1000.0),
    ColumnSpec("n_orders", "number", True, low=1.0, high=9.0),
)


@cache
def sources(n: int = 300) -> dict[str, pa.Table]:
    """Return the two source tables."""
    random = np.random.default_rng(7)
    age = np.where(random.random(n) < 0.1, np.nan, random.integers(18, 80, n).astype(float))
    places = [None if code == 4 else COLUMNS[1].levels[code] for code in random.integers(0, 5, n)]
    member = [None if code == 2 else bool(code) for code in random.integers(0, 3, n)]
    start = datetime(2024, 1, 1)
    customers = {
        "id": np.arange(1, n + 1),
        "name": [f"Person {number}" for number in range(n)],
        "asked_at": pa.array([start + timedelta(hours=3 * number) for number in range(n)], pa.timestamp("us")),
        "age": pa.array(age, from_pandas=True),
        "place [x|y]": pa.array(places, pa.string()),
        "member": pa.array(member, pa.bool_()),
    }
    orders = {"customer": random.integers(1, n, 3 * n), "amount": random.gamma(2.0, 40.0, 3 * n)}
    return {"customers": pa.table(customers), "orders": pa.table(orders)}


@cache
def prepared() -> pa.Table:
    """Return the decision rows, with some that no training has seen the like of."""
    rows = prepare(scratch(), STEPS, sources())
    odd = rows.slice(0, 3).to_pylist()
    odd[0] |= {"id": 9001, "place [x|y]": "an unseen place", "age": float("inf")}
    odd[1] |= {"id": 9002, "age": 1e300, "spent": -1e12, "n_orders": None}
    odd[2] |= {"id": 9003, "age": None, "place [x|y]": "", "member": None, "spent": None, "n_orders": None}
    return pa.concat_tables([rows, pa.Table.from_pylist(odd, rows.schema)])


def outcome() -> np.ndarray:
    """Return an outcome for each decision row that depends on its columns."""
    rows = prepared()
    spent = np.nan_to_num(rows.column("spent").cast(pa.float64()).to_numpy())
    south = np.array([place == "south" for place in rows.column("place [x|y]").to_pylist()])
    noise = np.random.default_rng(3).normal(size=len(spent))
    return (np.clip(spent, 0, 1000) / 300 + south + noise > 1.3).astype(np.int8)


@cache
def model(family: str) -> ModelFiles:
    """Return a model of one of the families."""
    encoder = Encoder.fit(prepared().slice(0, 300), COLUMNS)
    matrix = encoder.encode(prepared().slice(0, 300))
    if family == "boosted_trees":
        data = xgboost.DMatrix(
            matrix, outcome()[:300], feature_types=encoder.feature_types, enable_categorical=True, nthread=1
        )
        booster = xgboost.train({"objective": "binary:logistic", "max_depth": 4, "nthread": 1}, data, 30)
        return save_boosted(booster, encoder, Calibrator(0.9, -0.05))
    if family == "constant":
        return save_linear(-1.0, (), encoder, Calibrator())
    terms = (
        NumberTerm("age", 45.0, 46.0, 17.0, -0.2, 0.1),
        LevelTerm("place [x|y]", "category", (0.1, 0.9, -0.3, 0.0), -0.2),
        LevelTerm("member", "boolean", (0.0, 0.4), 0.1),
        NumberTerm("spent", 100.0, 120.0, 90.0, 0.7),
        NumberTerm("n_orders", 3.0, 3.1, 1.5, 0.3, -0.1),
    )
    return save_linear(-0.7, terms, encoder, Calibrator(), matrix)


def spec(family: str = "boosted_trees", **changes: Any) -> BundleSpec:
    """Return what a bundle is made from."""
    golden = {name: table.slice(0, 40 if name == "customers" else 120) for name, table in sources().items()}
    whole = BundleSpec(
        project="synthetic",
        version="1.0.0",
        chain={"dataset": "a" * 64, "policy": "b" * 64},
        decision={"question": "Write to this customer?", "unit": "a customer", "target": "bought", "positive": "1"},
        economics={"currency": "EUR", "payoffs": {"tp": 80.0, "fp": -5.0, "fn": 0.0, "tn": 0.0}},
        criteria={"items": [{"metric": "recall", "at_least": 0.1, "at_most": None}]},
        steps=STEPS,
        sources=SOURCES,
        golden_sources=golden,
        contract=DecisionRowContract(1, COLUMNS),
        model_files=model(family),
        policy=Policy(
            0.3, Capacity(2, "day", "ranked"), Payoffs(80.0, -5.0, 0.0, 0.0), decision_time="asked_at", time_zone="UTC"
        ),
        golden_rows=pa.concat_tables([prepared().slice(0, 100), prepared().slice(300, 3)]),
        unit_key=("id",),
        evidence={
            "verdict.json": b'{"format": 1, "outcome": "go"}\n',
            "report.html": b"<!doctype html><title>x</title>",
        },
        masked=("name",),
    )
    return replace(whole, **changes)


def made(folder: Path, family: str = "boosted_trees", **changes: Any) -> tuple[Path, Manifest]:
    """Build a bundle below a folder; return its own folder and its manifest."""
    chosen = spec(family, **changes)
    target = folder / chosen.name
    return target, build(chosen, target)
