"""A table without a fault: numbers, counts, levels, dates, a signal and an outcome, from a seed."""

import duckdb
import numpy as np
import pyarrow as pa

from core.ingest.column_types import columns_of
from core.quality import Context, Finding, TargetExpr, findings, profile

N_COLUMNS = 40
TARGET = TargetExpr("churned", "churned")
TRAINING = "row_number % 5 <> 0"
_LEVELS = "north south east west centre coast hills valley harbour meadow forest lake".split()


def clean_table(seed: int, n: int = 3000) -> pa.Table:
    """Return a table of 40 columns, its key and its row's number: nothing in it is wrong.

    Every column is drawn by itself, but for a pair that goes together and an outcome that follows eight of them
    (ROC AUC of the best about .7); three columns miss values at random; rows are in the order of their decision.
    """
    random = np.random.default_rng(seed)
    columns: dict[str, np.ndarray | pa.Array] = {"row_number": np.arange(1, n + 1)}
    normal = random.normal(size=(n, 13))
    normal[:, 1] = 0.6 * normal[:, 0] + 0.8 * normal[:, 1]
    for place in range(13):
        columns[f"measure_{place}"] = normal[:, place] * 10.0 ** (place % 4) + 5 * (place % 3)
    for place in range(4):
        columns[f"amount_{place}"] = np.round(np.exp(random.normal(3 + place, 0.6 + 0.2 * place, n)), 2)
        columns[f"visits_{place}"] = random.poisson(2 + 8 * place, n)
        columns[f"score_{place}"] = random.integers(1, 101, n)
    shares = [random.dirichlet(np.full(size, 4.0)) for size in (2, 3, 4, 5, 6, 8, 10, 12)]
    levels = [random.choice(len(share), n, p=share) for share in shares]
    for place, codes in enumerate(levels):
        columns[f"region_{place}"] = np.array(_LEVELS)[codes]
    columns["is_member"] = random.random(n) < 0.4
    columns["is_mobile"] = random.random(n) < 0.6
    decided = np.sort(random.integers(0, 700 * 86400, n)) + int(np.datetime64("2023-01-01", "s").astype(int))
    columns["decided_at"] = decided.astype("datetime64[s]")
    since = decided - random.integers(86400, 900 * 86400, (3, n))
    for place in range(3):
        columns[f"since_{place}"] = since[place].astype("datetime64[s]").astype("datetime64[D]")
    signal = normal[:, 0] + 0.7 * normal[:, 2] - 0.5 * normal[:, 4] + 0.6 * columns["is_member"] - 0.2 * levels[3]
    signal += 0.3 * np.log(columns["amount_0"]) + 0.05 * columns["visits_1"] - 0.01 * columns["score_0"]
    columns["plan"] = np.where(random.random(n) < 0.3 + 0.2 * columns["is_member"], "yearly", "monthly")
    columns["churned"] = random.random(n) < 1 / (1 + np.exp(-(signal - signal.mean() - 1)))
    for name in ("measure_5", "visits_2", "region_4"):
        columns[name] = pa.array(columns[name], mask=random.random(n) < 0.08)
    return pa.table(columns)


def clean_findings(seed: int, n: int = 3000) -> list[Finding]:
    """Return what is found above "note" in the table of a seed."""
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.register("made", clean_table(seed, n))
        connection.execute("CREATE TABLE t AS SELECT * FROM made").fetchall()
        known = columns_of(connection, "t")
        looked = profile(connection, "t", known, training=TRAINING, target=TARGET, order="decided_at")
        context = Context(
            connection,
            "t",
            TARGET,
            TRAINING,
            unit_key=("row_number",),
            order_column="decided_at",
            as_of="2025-01-15",
            group_column="row_number",
        )
        return [one for one in findings(looked, context) if one.severity != "note"]
