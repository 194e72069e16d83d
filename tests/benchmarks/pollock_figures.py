"""How well messy texts are read: the Pollock subset and csv-spectrum, by us, DuckDB's lenient reader and pandas."""

import csv
import importlib.util
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType

import duckdb
import pandas as pd

from core.errors import LoadError
from core.ingest.delimited import read_text
from core.ingest.source import ReaderSettings
from tests.benchmarks.figure import Figure

DATA = Path(__file__).parents[3] / "shared" / "data"
SIMPLE, WEIGHTED = 9.75, 9.60
Table = tuple[Sequence[str], Sequence[Sequence[object]]]


def figures() -> Iterator[Figure]:
    """Load every file without a hint, write the texts out as plain CSV, and score them against the clean files."""
    if not (DATA / "pollock").is_dir():
        yield Figure("Pollock subset and csv-spectrum", "the files are not here")
        return
    found = {name: _scored(way) for name, way in WAYS.items()}
    simple, weighted, seconds, slowest = found["touchstone"]
    yield Figure(
        "Pollock subset (136 files), simple, of 10", f"{simple:.3f}", f"at least {SIMPLE:.2f}", simple >= SIMPLE
    )
    yield Figure("The same, weighted", f"{weighted:.3f}", f"at least {WEIGHTED:.2f}", weighted >= WEIGHTED)
    yield Figure("Seconds for all 136 files; the slowest", f"{seconds:.1f}; {slowest:.2f}")
    for name in ("DuckDB's lenient reader", "pandas' sniffing reader"):
        yield Figure(f"Pollock subset by {name}, simple and weighted", "{:.3f}, {:.3f}".format(*found[name][:2]))
    n_right, n_files = _spectrum()
    yield Figure("csv-spectrum, files read as their JSON says", f"{n_right} of {n_files}", "all", n_right == n_files)


def _touchstone(path: Path, folder: Path) -> Table | None:
    with duckdb.connect() as connection:
        try:
            found = read_text(path, connection, ReaderSettings(), folder)
        except LoadError:
            return None
        rows = connection.execute("SELECT * FROM source_text").fetchall() if found.names else []
        return found.header or found.names, rows


def _lenient_duckdb(path: Path, folder: Path) -> Table | None:
    del folder
    with duckdb.connect() as connection:
        told = "all_varchar = true, strict_mode = false, null_padding = true, ignore_errors = true, parallel = false"
        try:
            relation = connection.sql(f"SELECT * FROM read_csv('{path}', {told})")
            return relation.columns, relation.fetchall()
        except duckdb.Error:
            return None


def _sniffing_pandas(path: Path, folder: Path) -> Table | None:
    del folder
    try:
        told = {"sep": None, "engine": "python", "dtype": str, "keep_default_na": False, "on_bad_lines": "skip"}
        frame = pd.read_csv(path, **told)
    except (ValueError, csv.Error):
        return None
    if not isinstance(frame.index, pd.RangeIndex):
        frame = frame.reset_index()
    return list(map(str, frame.columns)), frame.fillna("").to_numpy().tolist()


WAYS: dict[str, Callable[[Path, Path], Table | None]] = {
    "touchstone": _touchstone,
    "DuckDB's lenient reader": _lenient_duckdb,
    "pandas' sniffing reader": _sniffing_pandas,
}


def _scored(way: Callable[[Path, Path], Table | None]) -> tuple[float, float, float, float]:
    """Return the simple and the weighted figure, and the seconds for all files and for the slowest."""
    score, home = _score(), DATA / "pollock"
    weights = json.loads((home / "weights.json").read_text())
    sums, seconds = {}, []
    with tempfile.TemporaryDirectory(prefix="touchstone-bench-") as scratch:
        for path in sorted((home / "csv").glob("*.csv")):
            started = time.perf_counter()
            table = way(path, Path(scratch))
            seconds.append(time.perf_counter() - started)
            written = Path(scratch) / "out" / path.name
            written.parent.mkdir(exist_ok=True)
            if table is not None:
                _write(written, *table)
            sums[path.name] = sum(score.figures(home / "clean" / path.name, written))
    total = sum(weights[name] for name in sums)
    weighted = sum(points * weights[name] / total for name, points in sums.items())
    return sum(sums.values()) / len(sums), weighted, sum(seconds), max(seconds)


def _write(path: Path, names: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([names] if names else [])
        writer.writerows(["" if value is None else value for value in row] for row in rows)


def _score() -> ModuleType:
    spec = importlib.util.spec_from_file_location("pollock_score", DATA / "pollock" / "score.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _spectrum() -> tuple[int, int]:
    n_right, files = 0, sorted((DATA / "csv-spectrum" / "csvs").glob("*.csv"))
    for path in files:
        # The copies of the files there have plain line ends throughout, their JSON has not.
        meant = (path.parents[1] / "json" / f"{path.stem}.json").read_text().replace("\\r\\n", "\\n")
        wanted = [list(map(str, row.values())) for row in json.loads(meant)]
        with tempfile.TemporaryDirectory(prefix="touchstone-bench-") as scratch:
            table = _touchstone(path, Path(scratch))
        rows = [["" if value is None else value for value in row] for row in table[1]] if table else None
        n_right += rows == wanted
    return n_right, len(files)
