"""What the tests of the checks share: noisy but faultless rows, and a way to plant a fault in them."""

from collections.abc import Callable

import duckdb
import pytest

from core.ingest.column_types import columns_of
from core.quality import CheckResult, Context, Finding, TargetExpr, check, profile
from core.scoring.prepare import quoted

N = 2000
# A noisy but faultless table: a number, a second number, a level, a flag and an outcome.
CLEAN = {
    "x": "(hash(range) % 10000) / 100.0",
    "amount": "(hash(range + 7) % 5000)",
    "colour": "CASE hash(range + 1) % 3 WHEN 0 THEN 'red' WHEN 1 THEN 'green' ELSE 'blue' END",
    "flag": "hash(range + 2) % 2 = 0",
    "y": "hash(range + 3) % 4 = 0",
}
# Logistic, of its own in every row.
NOISE = "ln((hash(range + 9) % 999 + 1) / (1000 - hash(range + 9) % 999)) / 1.8"
MORE = ("target_reads", "group_column", "outcome_window_days", "as_of")

Checked = Callable[..., dict[str, CheckResult]]


@pytest.fixture
def connection():
    with duckdb.connect(config={"threads": 2}) as made:
        yield made


@pytest.fixture
def checked(connection) -> Checked:
    def checking(n: int = N, target: str | None = "y", **given: object) -> dict[str, CheckResult]:
        context_fields = ("unit_key", "availability", "order_column", "unbounded", "training", *MORE)
        context = {name: given.pop(name) for name in context_fields if name in given}
        columns = {name: sql for name, sql in (CLEAN | given).items() if sql}
        selected = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in columns.items())
        connection.execute(f"CREATE OR REPLACE TABLE t AS SELECT {selected} FROM range({n})")
        chosen = TargetExpr("y", target) if target else None
        looked = profile(
            connection,
            "t",
            columns_of(connection, "t"),
            training=context.get("training"),
            target=chosen,
            order=order if (order := context.get("order_column", "")) in columns else "",
        )
        return {one.code: one for one in check(looked, Context(connection, "t", chosen, **context))}

    return checking


def only(result: CheckResult) -> Finding:
    assert result.status == "finding", result.reason
    assert len(result.findings) == 1, result.findings
    return result.findings[0]
