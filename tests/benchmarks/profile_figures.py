"""The profile with all checks against DuckDB's SUMMARIZE, ydata-profiling, ten times the rows and little memory."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb

from core.ingest.column_types import columns_of
from core.quality import Context, Profile, TargetExpr, check, profile
from core.workspace.connection import memory_limit
from core.workspace.plain import to_plain
from tests.benchmarks.figure import Figure, interleaved

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".benchmarks"
ALONE = Path(__file__).with_name("profiled_table.py")
THREADS = 2
LIMIT = 512
TARGET, TRAINING = TargetExpr("y", "y = 1"), "id % 5 > 0"
YDATA = ("ydata-profiling==4.18.4", "pandas<3", "pyarrow", "setuptools<81")
# 1 id, 8 floats (4 of them with 5 % nulls), 5 whole numbers, 4 texts, 1 time, y.
ROWS = """SELECT range AS id, {floats}, {wholes}, {texts},
TIMESTAMP '2020-01-01' + INTERVAL (CAST(hash(range * 19) % 94608000 AS BIGINT)) SECOND AS ts,
CAST(hash(range * 23) % 10 = 0 AS INTEGER) AS y FROM range({n})"""


def table(n: int) -> Path:
    """Write the table of n x 20, unless it is there already."""
    file = FOLDER / f"profile_{n}.duckdb"
    if file.exists():
        return file
    FOLDER.mkdir(exist_ok=True)
    floats = [_normal(i) for i in range(8)]
    floats = [f"CASE WHEN hash(range + {i}) % 20 > 0 THEN {one} END" if i < 4 else one for i, one in enumerate(floats)]
    wholes = [
        f"CAST(hash(range * 13 + {k}) % {k} AS {'INTEGER' if k < 10**6 else 'BIGINT'})"
        for k in (2, 10, 100, 10**4, 10**6)
    ]
    texts = [f"'level_' || (hash(range * 17 + {k}) % {k})" for k in (3, 20, 200, 5000)]
    named = {
        kind: ", ".join(f"{one} AS {kind[0]}{i}" for i, one in enumerate(listed))
        for kind, listed in (("floats", floats), ("wholes", wholes), ("texts", texts))
    }
    half = file.with_suffix(".part")
    half.unlink(missing_ok=True)
    with duckdb.connect(str(half)) as connection:
        connection.execute(f"CREATE TABLE t AS {ROWS.format(n=n, **named)}")
    half.rename(file)
    return file


def _normal(place: int) -> str:
    """Return SQL for a normal number that depends on the row only (Box and Muller)."""
    first, second = (f"(hash(range * {k} + {place}) % 1000000007 + 1) / 1000000009.0" for k in (7, 11))
    return f"sqrt(-2 * ln({first})) * cos(2 * pi() * {second})"


def figures() -> Iterator[Figure]:
    """Yield what was measured."""
    small, large = table(1_000_000), table(10_000_000)
    least, payload = _against_summarize(small)
    ours = least["ours"]
    ratio = [ours[k] / least["SUMMARIZE"][k] for k in (0, 1)]
    yield Figure(
        "Profile with all checks, 1,000,000 x 20, against DuckDB's SUMMARIZE in the same run (least, median)",
        f"{ours[0]:.2f} s to {least['SUMMARIZE'][0]:.2f} s: {ratio[0]:.2f} x, {ratio[1]:.2f} x "
        f"(the profile alone {least['profile'][0]:.2f} s)",
        "≤ 1.0 x",
        max(ratio) <= 1.0,
    )
    yield Figure("The same, as a record of 20 columns", f"{payload / 1000:.0f} KB", "≤ 300 KB", payload <= 300_000)
    wall, processor = _ten_times(small, large)
    yield Figure(
        "Ten times the rows, the least of three in turn",
        f"{wall:.1f} x the time, {processor:.1f} x the processor's time",
        "≤ 11 x",
        max(wall, processor) <= 11,
    )
    yield _little_memory(large)
    yield _against_ydata(small)


def _against_summarize(file: Path) -> tuple[dict[str, tuple[float, float]], int]:
    with duckdb.connect(str(file), read_only=True, config={"threads": THREADS}) as connection:
        connection.execute("SET enable_progress_bar = false")
        ways = {
            "SUMMARIZE": lambda: connection.execute("SUMMARIZE t").fetchall(),
            "ours": lambda: _checked(connection),
            "profile": lambda: _profiled(connection),
        }
        found = interleaved(ways, 7)
        return found, len(json.dumps(to_plain(_profiled(connection))))


def _profiled(connection: duckdb.DuckDBPyConnection) -> Profile:
    columns = columns_of(connection, "t")
    return profile(connection, "t", columns, training=TRAINING, target=TARGET, order="ts")


def _checked(connection: duckdb.DuckDBPyConnection) -> None:
    context = Context(connection, "t", TARGET, TRAINING, unit_key=("id",), order_column="ts")
    check(_profiled(connection), context)


def _ten_times(small: Path, large: Path) -> tuple[float, float]:
    """Return how many times the seconds, and the seconds of all threads, ten times the rows take."""
    config = {"threads": THREADS, "memory_limit": memory_limit()}
    opened = {file: duckdb.connect(str(file), read_only=True, config=config) for file in (small, large)}
    processor: dict[Path, list[float]] = {small: [], large: []}

    def timed(file: Path) -> None:
        started = time.process_time()
        _checked(opened[file])
        processor[file].append(time.process_time() - started)

    for made in opened.values():
        made.execute("SET enable_progress_bar = false")
    found = interleaved({file: lambda file=file: timed(file) for file in opened}, 3)
    for made in opened.values():
        made.close()
    return found[large][0] / found[small][0], min(processor[large]) / min(processor[small])


def _little_memory(file: Path) -> Figure:
    base, peak, seconds = map(float, _alone([sys.executable, str(ALONE), "limited", str(file), str(LIMIT)]).split())
    size = file.stat().st_size / 1e6
    return Figure(
        f"Peak memory on 10,000,000 x 20 (1,720 MB of values, {size:.0f} MB on disk) where {LIMIT} MB are allowed, "
        f"{LIMIT * 2 // 3} MB of them to DuckDB",
        f"{peak - base:.0f} MB on top of {base:.0f} MB of Python and its libraries, {seconds:.0f} s",
        f"≤ {LIMIT} MB",
        peak - base <= LIMIT,
    )


def _against_ydata(file: Path) -> Figure:
    what = "The same against ydata-profiling's minimal report on 1,000,000 x 20, ours before and after it"
    python = FOLDER / "ydata" / "bin" / "python"
    if not python.exists():
        found = shutil.which("python3.11")
        if found is None:
            return Figure(what, "not measured: it needs Python 3.11, which is not here")
        subprocess.run([found, "-m", "venv", str(python.parents[1])], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", *YDATA], check=True)
    parquet = file.with_suffix(".parquet")
    with duckdb.connect(str(file), read_only=True, config={"threads": THREADS}) as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute(f"COPY t TO '{parquet}' (FORMAT parquet)")
        before = interleaved({"ours": lambda: _checked(connection)}, 2)["ours"][0]
        seconds = float(_alone([str(python), str(ALONE), "ydata", str(parquet)]).split()[-1])
        after = interleaved({"ours": lambda: _checked(connection)}, 2)["ours"][0]
    ours = min(before, after)
    return Figure(what, f"{seconds:.0f} s to {ours:.2f} s: {seconds / ours:.0f} x", "≥ 30 x", seconds >= 30 * ours)


def _alone(command: list[str]) -> str:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_WAIT_POLICY": "PASSIVE", "MPLBACKEND": "Agg"}
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return done.stdout.strip().splitlines()[-1]
