"""Compares two versions of a table: rows in common, and column by column what is in it."""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np

from core.ingest.source import Column
from core.quality.drift import stability_index
from core.quality.profile import kind_of
from core.scoring.prepare import quoted

N_COMPARED = 200_000
MOST_ROWS_IN_COMMON = 5_000_000
N_LEVELS = 12
OTHERS, MISSING = "(all others)", "(missing)"
_SHARES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
_DECILES = slice(1, 10)
_LETTERS = 60


@dataclass(frozen=True, slots=True)
class Side:
    """What is in a column of one of the two tables.

    Attributes
    ----------
    n_rows : rows that were looked at; ``n_missing`` of them null, ``n_distinct`` different values in the others.
    mean, quantiles : of numbers; quantiles at 5 %, every tenth, and 95 %. Of times in seconds since 1970.
    """

    n_rows: int
    n_missing: int
    n_distinct: int
    mean: float | None = None
    quantiles: tuple[float, ...] = ()

    @property
    def missing_share(self) -> float:
        """The share of rows without a value."""
        return self.n_missing / max(self.n_rows, 1)


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """One column in both tables.

    Attributes
    ----------
    kind : as in a profile, of the column after; "" when its type is of another kind than before.
    cells : (what, share of rows before, share after): ranges of a number between the deciles before, else the most
        frequent levels; missing values last. Empty where values name rows, or kinds differ.
    psi : population stability index over the cells, or None without them. Below .1 is little, from .25 on much.
    n_new_levels, n_gone_levels : values, not of numbers in ranges, that are in one of the tables only.
    """

    name: str
    kind: str
    before: Side
    after: Side
    cells: tuple[tuple[str, float, float], ...] = ()
    psi: float | None = None
    n_new_levels: int = 0
    n_gone_levels: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between the rows of two tables.

    Attributes
    ----------
    n_before, n_after : all rows.
    n_compared_before, n_compared_after : rows that columns were compared on: all, or every k-th in the table's order.
    n_common : rows that are in both, over the columns that are in both; None where there are too many to count.
    columns : those that are in both, in the order of the table after.
    """

    n_before: int
    n_after: int
    n_compared_before: int
    n_compared_after: int
    n_common: int | None
    columns: tuple[ColumnChange, ...]


def compare(
    cursor: duckdb.DuckDBPyConnection,
    tables: tuple[str, str],
    columns_before: Sequence[Column],
    columns_after: Sequence[Column],
) -> Comparison:
    """Compare the tables (before, after) in SQL; nothing is written, and no row leaves DuckDB.

    Tables of more than ``N_COMPARED`` rows are compared on every k-th row, the same ones each time.
    """
    earlier = {column.name: column.type for column in columns_before}
    shared = [(one.name, earlier[one.name], one.type) for one in columns_after if one.name in earlier]
    n_before, n_after = (cursor.sql(f"SELECT count(*) FROM {quoted(name)}").fetchall()[0][0] for name in tables)
    samples = (_sample(tables[0], n_before), _sample(tables[1], n_after))
    before = _sides(cursor, samples[0], [(name, kind_of(old)) for name, old, _ in shared])
    after = _sides(cursor, samples[1], [(name, kind_of(new)) for name, _, new in shared])
    counted = _ranges(cursor, samples, shared, before, after)
    changed = tuple(
        _change(cursor, samples, types, sides, counted.get(types[0], []))
        for types, *sides in zip(shared, before, after, strict=True)
    )
    seen = [sides[0].n_rows if sides else n for sides, n in ((before, n_before), (after, n_after))]
    n_common = _n_common(cursor, tables, shared) if n_before + n_after <= MOST_ROWS_IN_COMMON else None
    return Comparison(n_before, n_after, seen[0], seen[1], n_common, changed)


def _sample(table: str, n_rows: int) -> str:
    every = -(-n_rows // N_COMPARED)
    return f"(SELECT * FROM {quoted(table)} WHERE rowid % {every} = 0)" if every > 1 else quoted(table)


def _n_common(
    cursor: duckdb.DuckDBPyConnection, tables: tuple[str, str], shared: Sequence[tuple[str, str, str]]
) -> int | None:
    """Count rows by hash, as often as they are in both; a column of two types is compared as text."""
    if not shared:
        return None
    hashed = ", ".join(quoted(name) if old == new else f"CAST({quoted(name)} AS VARCHAR)" for name, old, new in shared)
    grouped = [f"(SELECT hash({hashed}) AS row_hash, count(*) AS n FROM {quoted(name)} GROUP BY 1)" for name in tables]
    counted = cursor.sql(
        f"SELECT coalesce(sum(least(b.n, a.n)), 0) FROM {grouped[0]} AS b JOIN {grouped[1]} AS a USING (row_hash)"
    )
    return int(counted.fetchall()[0][0])


def _value(name: str, kind: str) -> str:
    """SQL for a number or a time as a finite double; null for others."""
    cast = f"CAST({quoted(name)} AS DOUBLE)" if kind == "number" else f"CAST(epoch({quoted(name)}) AS DOUBLE)"
    return f"CASE WHEN isfinite({cast}) THEN {cast} END"


def _sides(cursor: duckdb.DuckDBPyConnection, sample: str, columns: Sequence[tuple[str, str]]) -> list[Side]:
    if not columns:
        return []
    shares = ", ".join(map(str, _SHARES))
    asked = ["count(*)"]
    for name, kind in columns:
        asked += [f"count({quoted(name)})", f"count(DISTINCT {quoted(name)})"]
        asked += (
            [f"avg({_value(name, kind)})", f"quantile_disc({_value(name, kind)}, [{shares}])"]
            if kind in ("number", "time")
            else ["NULL", "NULL"]
        )
    n_rows, *found = cursor.sql(f"SELECT {', '.join(asked)} FROM {sample}").fetchall()[0]
    each = [found[start : start + 4] for start in range(0, len(found), 4)]
    return [Side(n_rows, n_rows - n, distinct, mean, tuple(q or ())) for n, distinct, mean, q in each]


def _change(
    cursor: duckdb.DuckDBPyConnection,
    samples: tuple[str, str],
    types: tuple[str, str, str],
    sides: Sequence[Side],
    ranges: list[tuple[str, int, int]],
) -> ColumnChange:
    name, old, new = types
    kind = kind_of(new)
    before, after = sides
    if kind_of(old) != kind or kind == "other":
        return ColumnChange(name, "" if kind_of(old) != kind else kind, before, after)
    n_new = n_gone = 0
    counts = list(ranges)
    is_ranged = kind in ("number", "time") and max(before.n_distinct, after.n_distinct) > N_LEVELS
    if not is_ranged and not (_names_rows(before) and _names_rows(after)):
        counts, n_new, n_gone = _levels(cursor, samples, name, (before, after))
        if kind == "number":
            counts.sort(key=lambda one: (one[0] == OTHERS, _as_number(one[0])))
    if not counts:
        return ColumnChange(name, kind, before, after)
    counts.append((MISSING, before.n_missing, after.n_missing))
    psi = stability_index(np.array([n for _, n, _ in counts], float), np.array([n for _, _, n in counts], float))
    cells = tuple(
        (what, n / max(before.n_rows, 1), m / max(after.n_rows, 1)) for what, n, m in counts if what != MISSING or n + m
    )
    return ColumnChange(name, kind, before, after, cells, psi, n_new, n_gone)


def _names_rows(side: Side) -> bool:
    """Say whether a column has a value of its own in most rows."""
    return side.n_distinct > max(100, 0.5 * side.n_rows)


def _ranges(
    cursor: duckdb.DuckDBPyConnection,
    samples: tuple[str, str],
    shared: Sequence[tuple[str, str, str]],
    before: Sequence[Side],
    after: Sequence[Side],
) -> dict[str, list[tuple[str, int, int]]]:
    """Count rows between the deciles before, of numbers and times with many values; one query for each table."""
    edges: dict[str, tuple[str, list[float]]] = {}
    for (name, old, new), first, second in zip(shared, before, after, strict=True):
        kind, found = kind_of(new), sorted(set((first.quantiles or second.quantiles)[_DECILES]))
        is_ranged = kind in ("number", "time") and kind_of(old) == kind
        if is_ranged and found and max(first.n_distinct, second.n_distinct) > N_LEVELS:
            edges[name] = (kind, found)
    if not edges:
        return {}
    asked = ", ".join(f"histogram({_value(name, kind)}, {_doubles(found)})" for name, (kind, found) in edges.items())
    counted = [cursor.sql(f"SELECT {asked} FROM {sample}").fetchall()[0] for sample in samples]
    return {
        name: [
            (label, (early or {}).get(key, 0), (late or {}).get(key, 0))
            for label, key in zip(_labels(found, kind), [*found, float("inf")], strict=True)
        ]
        for (name, (kind, found)), early, late in zip(edges.items(), *counted, strict=True)
    }


def _doubles(edges: Sequence[float]) -> str:
    listed = ", ".join(f"CAST('{edge!r}' AS DOUBLE)" for edge in edges)
    return f"[{listed}]"


def _labels(edges: Sequence[float], kind: str) -> list[str]:
    said = [_written(edge, kind) for edge in edges]
    between = [f"{low} to {high}" for low, high in zip(said, said[1:], strict=False)]
    return [f"up to {said[0]}", *between, f"above {said[-1]}"]


def _written(edge: float, kind: str) -> str:
    if kind == "time":
        return str(np.datetime64(round(edge), "s")).replace("T", " ").removesuffix(" 00:00:00")
    return f"{edge:,.4g}" if abs(edge) < 1e6 or edge != int(edge) else f"{edge:.4g}"


def _levels(
    cursor: duckdb.DuckDBPyConnection, samples: tuple[str, str], name: str, sides: tuple[Side, Side]
) -> tuple[list[tuple[str, int, int]], int, int]:
    grouped = [
        f"(SELECT CAST({quoted(name)} AS VARCHAR) AS level, count(*) AS n FROM {sample} "
        f"WHERE {quoted(name)} IS NOT NULL GROUP BY 1)"
        for sample in samples
    ]
    n_before, n_after = (max(side.n_rows, 1) for side in sides)
    rows = cursor.sql(
        "SELECT level, coalesce(b.n, 0), coalesce(a.n, 0), count(*) FILTER (b.n IS NULL) OVER (), "
        f"count(*) FILTER (a.n IS NULL) OVER () FROM {grouped[0]} AS b FULL JOIN {grouped[1]} AS a USING (level) "
        f"ORDER BY greatest(coalesce(b.n, 0) / {n_before}, coalesce(a.n, 0) / {n_after}) DESC, level LIMIT {N_LEVELS}"
    ).fetchall()
    counts = [(_cut(level), n, m) for level, n, m, _, _ in rows]
    rest = [side.n_rows - side.n_missing - sum(row[1 + place] for row in rows) for place, side in enumerate(sides)]
    if any(rest):
        counts.append((OTHERS, rest[0], rest[1]))
    return counts, rows[0][3] if rows else 0, rows[0][4] if rows else 0


def _as_number(level: str) -> float:
    try:
        return float(level)
    except ValueError:
        return float("inf")


def _cut(level: str) -> str:
    return level if len(level) <= _LETTERS else f"{level[: _LETTERS - 1]}…"
