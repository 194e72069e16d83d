"""The few queries that a profile needs: each column grouped by value and fold, never its rows."""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np

from core.quality.facts import TextFacts
from core.scoring.prepare import quoted

N_FOLDS = 5
# Words that people and programs write where there is no value; those in SOFT_WORDS may be an answer too.
MISSING_WORDS = (
    "",
    "?",
    "-",
    "--",
    ".",
    "na",
    "n/a",
    "n.a.",
    "#n/a",
    "#na",
    "nan",
    "null",
    "nil",
    "<na>",
    "none",
    "unknown",
    "unk",
    "undefined",
    "missing",
    "(blank)",
    "blank",
    "not available",
    "not provided",
    "not specified",
    "no data",
    "select",
    "tbd",
    "xxx",
)
SOFT_WORDS = frozenset({"none", "unknown", "unk", "undefined", "not specified", "select", "-", "."})


@dataclass(frozen=True, slots=True)
class Counts:
    """A column grouped by value and fold, ordered by value; fold is made from the row's position.

    Attributes
    ----------
    value : (g,) float64; numbers themselves, times in seconds, codes 0.. for text; nan where missing.
    fold : (g,) ints in 0..4.
    n, n_training, n_positive : (g,) rows, training rows with an outcome, positives among those.
    n_missing_without_outcome : rows where both the column and the outcome are null.
    """

    value: np.ndarray
    fold: np.ndarray
    n: np.ndarray
    n_training: np.ndarray
    n_positive: np.ndarray
    n_missing_without_outcome: int

    @property
    def n_rows(self) -> int:
        """All rows."""
        return int(self.n.sum())

    @property
    def n_missing(self) -> int:
        """Rows where the column is null."""
        return int(self.n[np.isnan(self.value)].sum())

    @property
    def n_distinct(self) -> int:
        """Different values that are not null."""
        return int(self._starts().size)

    @property
    def level_sizes(self) -> np.ndarray:
        """Rows of each value that is not null."""
        return self.distinct_values()[1]

    def _starts(self) -> np.ndarray:
        present = self.value[~np.isnan(self.value)]
        return np.flatnonzero(np.append(True, present[1:] != present[:-1])) if present.size else np.empty(0, int)

    def distinct_values(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return ascending values that are not null, their rows, and where each begins in the groups."""
        starts = self._starts()
        if not starts.size:
            return np.empty(0), np.empty(0, int), starts
        present = self.n[: self._n_present_groups()]
        return self.value[starts], np.add.reduceat(present, starts), starts

    def outcome_by_value(self, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return training rows and positives of the values that begin at ``starts``."""
        every = self._starts()
        last = self._n_present_groups()
        chosen = np.searchsorted(every, starts)
        trained = np.add.reduceat(self.n_training[:last], every)[chosen]
        return trained, np.add.reduceat(self.n_positive[:last], every)[chosen]

    def _n_present_groups(self) -> int:
        return int((~np.isnan(self.value)).sum())


def totals(
    cursor: duckdb.DuckDBPyConnection, table: str, training: str | None, target: str | None
) -> tuple[int, int, int, int]:
    """Return rows, training rows with an outcome, positives among them, rows without an outcome."""
    row = cursor.execute(
        f"SELECT count(*), count(*) FILTER (y IS NOT NULL), count(*) FILTER (y), count(*) FILTER (y_any IS NULL) "
        f"FROM ({_labelled(table, '', training, target)})"
    ).fetchall()[0]
    return (*map(int, row[:3]), int(row[3]) if target else 0)


def counts_of(
    cursor: duckdb.DuckDBPyConnection, table: str, column: str, kind: str, training: str | None, target: str | None
) -> Counts:
    """Group one column; ``kind`` as ``kind_of`` names it, ``target`` SQL that is true, false or null."""
    name = quoted(column)
    value = {
        "number": f"CAST({name} AS DOUBLE)",
        "boolean": f"CAST({name} AS DOUBLE)",
        "time": f"CAST(epoch({name}) AS DOUBLE)",
        "text": name,
    }.get(kind, f"CAST({name} AS VARCHAR)")
    if kind in ("text", "other"):
        # Codes in order of the text instead of the text itself: a column of long texts stays in the database.
        value_of = "CASE WHEN value IS NOT NULL THEN CAST(dense_rank() OVER (ORDER BY value) AS DOUBLE) END"
    else:
        # A number that is not a number counts as the largest, so that null alone is missing.
        value_of = "CASE WHEN isnan(value) THEN CAST('inf' AS DOUBLE) ELSE value END"
    groups = cursor.sql(
        f"SELECT {value_of} AS code, fold, n, n_training, n_positive, n_without FROM ("
        "SELECT value, fold, count(*) AS n, count(*) FILTER (y IS NOT NULL) AS n_training, "
        "count(*) FILTER (y) AS n_positive, count(*) FILTER (y_any IS NULL AND value IS NULL) AS n_without "
        f"FROM ({_labelled(table, f'{value} AS value, ', training, target)}) GROUP BY value, fold) "
        "ORDER BY code NULLS LAST, fold"
    ).fetchnumpy()
    code = np.ma.filled(np.ma.asarray(groups["code"]).astype(float), np.nan)
    whole = {key: np.asarray(groups[key]).astype(np.int64) for key in ("fold", "n", "n_training", "n_positive")}
    without = int(np.asarray(groups["n_without"]).sum()) if target else 0
    return Counts(code, whole["fold"], whole["n"], whole["n_training"], whole["n_positive"], without)


def top_values(
    cursor: duckdb.DuckDBPyConnection, table: str, column: str, training: str | None, target: str | None, k: int
) -> tuple[tuple[str, int, float | None], ...]:
    """Return the ``k`` most frequent values as text, with the share of positives among their training rows."""
    rows = cursor.execute(
        "SELECT CAST(value AS VARCHAR), count(*) AS n, count(*) FILTER (y) / nullif(count(y), 0) "
        f"FROM ({_labelled(table, f'{quoted(column)} AS value, ', training, target)}) "
        f"WHERE value IS NOT NULL GROUP BY value ORDER BY n DESC, value LIMIT {k}"
    ).fetchall()
    return tuple((text, int(n), share) for text, n, share in rows)


def text_facts(cursor: duckdb.DuckDBPyConnection, table: str, names: Sequence[str]) -> dict[str, TextFacts]:
    """Return facts on the text columns ``names``; a column is grouped by value first, so each value is read once."""
    words = ", ".join("'" + word.replace("'", "''") + "'" for word in MISSING_WORDS)
    facts = {}
    for name in names:
        row = cursor.execute(
            f"WITH levels AS (SELECT CAST({quoted(name)} AS VARCHAR) AS value, count(*) AS n FROM {quoted(table)} "
            f"WHERE {quoted(name)} IS NOT NULL GROUP BY 1) "
            "SELECT coalesce(sum(n) FILTER (trim(value) = ''), 0), "
            "coalesce(sum(n) FILTER (isfinite(TRY_CAST(trim(value) AS DOUBLE))), 0), "
            "coalesce(sum(n) FILTER (TRY_CAST(trim(value) AS TIMESTAMP) IS NOT NULL), 0), "
            f"list((value, n) ORDER BY n DESC, value) FILTER (lower(trim(value)) IN ({words})), "
            "coalesce(sum(n) FILTER (trim(value) <> value AND trim(value) <> ''), 0), "
            "count(*) FILTER (trim(value) <> '') - count(DISTINCT lower(trim(value))) FILTER (trim(value) <> '') "
            "FROM levels"
        ).fetchall()[0]
        missing = tuple((pair[0], int(pair[1])) for pair in row[3] or ())
        facts[name] = TextFacts(int(row[0]), int(row[1]), int(row[2]), missing, int(row[4]), int(row[5]))
    return facts


def _labelled(table: str, selected: str, training: str | None, target: str | None) -> str:
    outcome = f"CAST(({target}) AS BOOLEAN)" if target else "CAST(NULL AS BOOLEAN)"
    label = f"CASE WHEN ({training}) THEN {outcome} END" if training else outcome
    # Multiplying by an odd number spreads neighbours over the folds.
    fold = f"CAST(((rowid * 2654435761) & 4294967295) % {N_FOLDS} AS INTEGER)"
    return f"SELECT {selected}{outcome} AS y_any, {label} AS y, {fold} AS fold FROM {quoted(table)}"
