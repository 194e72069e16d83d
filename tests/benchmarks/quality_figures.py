"""What the checks find in data whose errors are known, and what they say of data without any."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from core.ingest.source import Column
from core.quality import Context, Finding, findings, profile
from tests.benchmarks.figure import Figure

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


def dirty_cells(name: str) -> Cells:
    """Check one of the dirty sets without its clean file, then compare with it."""
    with duckdb.connect(config={"threads": 2}) as connection:
        columns = read(DIRTY / name / "dirty.csv", connection, "t")
        looked = profile(connection, "t", columns)
        found = marked(list(findings(looked, Context(connection, "t"))), connection, "t")
        wrong = differing(DIRTY / name, connection)
    return Cells(len(wrong), len(found), len(found & wrong))


def figures() -> Iterator[Figure]:
    """Measure."""
    for name in SETS:
        cells = dirty_cells(name)
        yield Figure(
            f"Dirty cells of {name}: of {cells.n_dirty:,}, share that findings mark; share of these that are dirty",
            f"{cells.found_share:.3f}; {cells.right_share:.3f}",
        )
