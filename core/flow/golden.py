"""Golden rows: the few rows of data that leave with a bundle, so that it can prove itself."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from core.flow.framing import frame
from core.flow.loading import TableInfo
from core.flow.rows import features
from core.flow.runs import model_files, run, run_rows
from core.prepare import Recipe
from core.prepare import lineage as lineage_of
from core.prepare.bounds import first_relation
from core.scoring.scorer import Scorer
from core.workspace import Project
from core.workspace.tables import quoted, read_table

GOLDEN_ROWS = 100


GOLDEN_SOURCE_ROWS = 400


MAIN_ROWS = 60


def tables_read(tables: Sequence[TableInfo], steps: Recipe) -> list[TableInfo]:
    """Return the raw tables that the recipe reads; all of them when its lineage cannot be told."""
    found = lineage_of(steps, {table.name: dict(table.columns) for table in tables})
    named = {origin for origin, _ in found.tables}
    return [table for table in tables if found.unknown_steps or table.name in named]


def main_table(steps: Recipe) -> str:
    """Return the raw table that the decision rows are made from: what the last step reads first, and so on back."""
    queries = dict(steps.pairs())
    name = steps.steps[-1].name
    seen: set[str] = set()
    while name in queries and name not in seen:
        seen.add(name)
        name = first_relation(queries[name])
    return name


def golden_sources(project: Project, tables: Sequence[TableInfo], main: str) -> dict[str, pa.Table]:
    """Return some rows of each source table, chosen so that what the recipe joins finds each other.

    Of the main table two runs of neighbours and rows with empty values; of every other the rows that share most values
    with those in columns of the same name.
    """
    cursor = project.cursor()
    physical = {table.name: table for table in tables}
    first = physical.get(main) or (tables[0] if tables else None)
    if first is None:
        return {}
    n, half = first.n_rows, MAIN_ROWS // 2
    empty = " OR ".join(f"{quoted(name)} IS NULL" for name, _ in first.columns)
    query = (
        f"SELECT * FROM {quoted(first.physical)} WHERE rowid BETWEEN {n // 5} AND {n // 5 + half}"
        f" OR rowid BETWEEN {n * 4 // 5} AND {n * 4 // 5 + half} OR rowid IN"
        f" (SELECT rowid FROM {quoted(first.physical)} WHERE {empty} ORDER BY rowid LIMIT 20) ORDER BY rowid"
    )
    chosen = {first.name: read_table(cursor, query)}
    cursor.register("golden_main", chosen[first.name])
    main_columns = {name for name, _ in first.columns}
    for table in tables:
        if table.name == first.name:
            continue
        shared = [name for name, _ in table.columns if name in main_columns]
        matches = " + ".join(
            f"CAST(coalesce(CAST({quoted(name)} AS VARCHAR) IN"
            f" (SELECT CAST({quoted(name)} AS VARCHAR) FROM golden_main), false) AS INTEGER)"
            for name in shared
        )
        order = f"{matches} DESC, " if shared else ""
        source = quoted(table.physical)
        best = f"SELECT rowid FROM {source} ORDER BY {order}rowid LIMIT {GOLDEN_SOURCE_ROWS}"
        rows = f"SELECT * FROM {source} WHERE rowid IN ({best}) ORDER BY rowid"
        chosen[table.name] = read_table(cursor, rows)
    return chosen


def golden_rows(project: Project, digest: str, candidate: str) -> pa.Table:
    """Return decision rows at the ends of the scores, with empty values, and at random; always the same."""
    view = run(project, digest)
    assert view is not None
    said = frame(project).decision
    found = run_rows(project, digest, candidate)
    names = list(dict.fromkeys([*said.unit_key, *(one.name for one in view.columns), said.decision_time]))
    pool = np.random.default_rng(0).permutation(found.row_number)[:20_000]
    table = features(project, [name for name in names if name], np.sort(pool), found.table)
    score = Scorer.from_files(model_files(project, view, candidate), threads=2).score(table)
    order = np.argsort(-score, kind="stable")
    places = [*order[:20], *order[-20:]]
    for one in view.columns:
        places += np.flatnonzero(table[one.name].is_null().to_numpy())[:2].tolist()
    places = list(dict.fromkeys([int(place) for place in places]))[: GOLDEN_ROWS - 20]
    rest = [place for place in range(len(score)) if place not in set(places)]
    return table.take(pa.array(sorted([*places, *rest[: GOLDEN_ROWS - len(places)]])))
