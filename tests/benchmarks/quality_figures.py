"""What the checks find in data whose errors are known, and what they say of data without any."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from core.ingest.column_types import columns_of
from core.ingest.source import Column
from core.quality import Context, Finding, TargetExpr, findings, profile
from tests.benchmarks.clean_table import clean_findings
from tests.benchmarks.figure import Figure
from tests.benchmarks.planted import PLANS, planted
from tests.benchmarks.real_sets import SETS as SETS_OF_FAULTS
from tests.benchmarks.real_sets import SHARED, found_in

DIRTY = Path(__file__).resolve().parents[3] / "shared" / "data" / "dirty"
SETS = ("hospital", "beers")


@dataclass(frozen=True)
class Cells:
    """Cells that findings above "note" mark, against those that differ from the clean file."""

    n_dirty: int
    n_marked: int
    n_both: int

    @property
    def found_share(self) -> float:
        return self.n_both / self.n_dirty

    @property
    def right_share(self) -> float:
        return self.n_both / self.n_marked if self.n_marked else 1.0


def read(path: Path, connection: duckdb.DuckDBPyConnection, table: str) -> list[Column]:
    """Read a file as text, then make numbers of the columns in which every value is one."""
    connection.execute(
        f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM read_csv('{path}', all_varchar=true, header=true)"
    )
    names = [row[0] for row in connection.sql(f"DESCRIBE {table}").fetchall()]
    columns = []
    for name in names:
        bad = connection.sql(
            f'SELECT count(*) FILTER (TRY_CAST("{name}" AS DOUBLE) IS NULL), count(*) FILTER ('
            f'TRY_CAST("{name}" AS BIGINT) IS NULL) FROM {table} WHERE "{name}" IS NOT NULL'
        ).fetchall()[0]
        kind = "BIGINT" if not bad[1] else "DOUBLE" if not bad[0] else "VARCHAR"
        connection.execute(f'ALTER TABLE {table} ALTER "{name}" TYPE {kind}')
        columns.append(Column(name, kind))
    return columns


def marked(found: list[Finding], connection: duckdb.DuckDBPyConnection, table: str) -> set[tuple[int, str]]:
    """Return the cells, as (row from 0, column), that findings above "note" say are at fault."""
    cells = set()
    for one in found:
        if one.severity != "note" and one.where and one.column:
            rows = connection.sql(f"SELECT rowid FROM {table} WHERE {one.where}").fetchall()
            cells |= {(int(row[0]), one.column) for row in rows}
    return cells


def differing(folder: Path, connection: duckdb.DuckDBPyConnection) -> set[tuple[int, str]]:
    """Return the cells, as (row from 0, column), in which the dirty file is not the clean one."""
    texts = []
    for name in ("dirty", "clean"):
        texts.append(
            connection.sql(
                f"SELECT * FROM read_csv('{folder / name}.csv', all_varchar=true, header=true, parallel=false)"
            ).to_arrow_table()
        )
    dirty, clean = texts
    return {
        (row, name)
        for name, other in zip(dirty.column_names, clean.column_names, strict=True)
        for row, (a, b) in enumerate(zip(dirty[name].to_pylist(), clean[other].to_pylist(), strict=True))
        if (a or "") != (b or "")
    }


def cells_of(name: str, file: str = "dirty") -> Cells:
    """Check one of two files of a dirty set without the other; then compare the two."""
    with duckdb.connect(config={"threads": 2}) as connection:
        columns = read(DIRTY / name / f"{file}.csv", connection, "t")
        looked = profile(connection, "t", columns)
        found = marked(list(findings(looked, Context(connection, "t"))), connection, "t")
        wrong = differing(DIRTY / name, connection)
    return Cells(len(wrong), len(found), len(found & wrong))


def strong_columns(seed: int) -> list[Finding]:
    """Return what is said of two columns that rank the outcome with ROC AUC .92 and .71 and are known beforehand."""
    random = np.random.default_rng(seed)
    y = random.random(4000) < 0.3
    columns = {"row_number": np.arange(1, 4001), "y": y, "other": random.normal(size=4000)}
    for name, apart in (("income", 1.987), ("payment_status", 0.783)):  # √2 times the normal's quantile at the AUC
        columns[name] = random.normal(size=4000) + apart * y
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.register("made", pa.table(columns))
        connection.execute("CREATE TABLE t AS SELECT * FROM made").fetchall()
        looked = profile(connection, "t", columns_of(connection, "t"), target=TargetExpr("y", "y"))
        known = {"income": "before", "payment_status": "before"}
        found = findings(looked, Context(connection, "t", TargetExpr("y", "y"), availability=known))
        return [one for one in found if one.code in ("Q10", "Q17")]


def figures() -> Iterator[Figure]:
    """Measure."""
    yield from _dirty()
    for name, one in SETS_OF_FAULTS.items():
        if one.is_here and one.faults:
            found = found_in(one)
            n = sum(fault.is_in(found) for fault in one.faults)
            yield Figure(f"Known faults of {name} found", f"{n} of {len(one.faults)}", "all", n == len(one.faults))
    for name in PLANS if SHARED.exists() else ():
        counts = zip(*(planted(name, seed) for seed in (1, 2)), strict=True)
        n_wrong, n_marked, n_both = map(sum, counts)
        what = f"Errors planted in {name}: of {n_wrong:,}, share that findings mark; share of these that are planted"
        yield Figure(what, f"{n_both / n_wrong:.3f}; {n_both / max(n_marked, 1):.3f}")
    n = sum(bool(strong_columns(seed)) for seed in range(20))
    yield Figure("Columns of AUC .92 and .71, known beforehand, called leaks", f"{n} of 20 seeds", "0", n == 0)
    for rows in (1000, 3000, 30_000):
        seeds = 100 if rows <= 3000 else 20
        n = sum(any(one.code != "Q09" for one in clean_findings(seed, rows)) for seed in range(seeds))
        what = f"Clean tables of 40 columns and {rows:,} rows with a finding above note"
        yield Figure(what, f"{n} of {seeds} seeds", "≤ 5 %", n <= 0.05 * seeds)


def _dirty() -> Iterator[Figure]:
    for name in SETS if DIRTY.exists() else ():
        cells, clean = cells_of(name), cells_of(name, "clean")
        what = f"Dirty cells of {name}: of {cells.n_dirty:,}, share that findings mark; share of these that are dirty"
        yield Figure(what, f"{cells.found_share:.3f}; {cells.right_share:.3f}")
        yield Figure(f"Cells of the clean file of {name} that findings mark", f"{clean.n_marked:,}")
