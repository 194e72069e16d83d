"""Loading a large CSV file against DuckDB alone: time, first rows, memory, ten times the rows, and cancel."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb

from core import flow
from core.workspace.home import close_all
from tests.benchmarks.figure import Figure, interleaved

N_ROWS, N_ROUNDS = 1_000_000, 7
LIMIT_MB, BASE_MB = 512, 320
"""The memory limit of the measured process, and what Python with pandas and DuckDB takes before any work."""


def figures() -> Iterator[Figure]:
    """Yield what loading costs."""
    with tempfile.TemporaryDirectory(prefix="touchstone-load-") as name:
        folder = Path(name)
        os.environ["TOUCHSTONE_HOME"] = str(folder / "home")
        path = table(folder / "million.csv", N_ROWS)
        yield from _against_duckdb(path, folder)
        path.unlink()
        large = table(folder / "large.csv", 10 * N_ROWS)
        yield from _ten_times(large, folder)
        yield _peak(large, folder, "in one pass")
        with large.open("a") as file:
            file.write("1,2,3,4\n")
        yield _peak(large, folder, "row by row, for one row is too short")
        yield _cancel(large)


def table(path: Path, n: int) -> Path:
    """Write the table of the measurements: id, 8 numbers, 5 whole numbers, 4 texts, a time and y; nulls in four."""
    numbers = [
        "random() * 1000 - 200",
        "random()",
        "(random() + random() + random() - 1.5) * 2",
        "exp(random() * 6)",
        "random() * 100",
        "-random() * 50",
        "random() * 1000",
        "(random() - 0.5) * 1e4",
    ]
    floats = [_nulled(f"round({sql}, 4)", place < 2, f"f{place}") for place, sql in enumerate(numbers)]
    ints = [_nulled(f"CAST(floor(random() * {10 ** (k + 1)}) AS BIGINT)", k < 1, f"n{k}") for k in range(5)]
    levels = [
        _nulled(f"'level ' || CAST(floor(random() * {k}) AS INTEGER)", k == 20, f"s{k}") for k in (3, 20, 200, 5000)
    ]
    day = "TIMESTAMP '2024-01-01' + to_seconds(CAST(floor(random() * 31536000) AS BIGINT)) AS seen_at"
    columns = ", ".join(["i AS id", *floats, *ints, *levels, day, "CAST(random() < 0.2 AS INTEGER) AS y"])
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("SELECT setseed(0.5)").fetchall()
        connection.execute(f"COPY (SELECT {columns} FROM range({n}) t(i)) TO '{path}' (HEADER)")
    return path


def _nulled(sql: str, is_nulled: bool, name: str) -> str:
    return f"CASE WHEN random() < 0.05 THEN NULL ELSE {sql} END AS {name}" if is_nulled else f"{sql} AS {name}"


def _against_duckdb(path: Path, folder: Path) -> Iterator[Figure]:
    opened: list[duckdb.DuckDBPyConnection] = []
    projects = [flow.create(f"Benchmark {number}", "bench") for number in range(N_ROUNDS)]
    fresh = iter(projects)

    def bare() -> None:
        for connection in opened:
            connection.close()
        file = folder / "bare.duckdb"
        file.unlink(missing_ok=True)
        opened[:] = [duckdb.connect(str(file))]
        opened[0].execute(f"CREATE TABLE t AS FROM read_csv('{path}')")

    def ours() -> None:
        project = next(fresh)
        flow.start_load(project, [flow.SourceFile(path, "t")], "bench")
        view = flow.wait(project, "load")
        if view is None or view.state != "done":
            raise RuntimeError(view.problem if view else "there is no job")

    def look() -> None:
        flow.glimpse(path)

    seconds = interleaved({"bare": bare, "ours": ours, "look": look}, N_ROUNDS)
    opened[0].close()
    close_all()
    for project in projects:
        flow.delete(project.slug)
    least, median = (seconds["ours"][k] / seconds["bare"][k] for k in (0, 1))
    said = f"{path.stat().st_size / 1e6:.0f} MB, {N_ROWS:,} × 20"
    yield Figure(
        f"Load a CSV of {said} with dialect, rejected rows, types and sha256 kept, against bare `CREATE TABLE AS`",
        f"{least:.2f} × (least), {median:.2f} × (median of {N_ROUNDS})",
        "≤ 1.3 ×",
        least <= 1.3,
    )
    least, median = (seconds["look"][k] / seconds["bare"][k] for k in (0, 1))
    yield Figure(
        "Its first rows, types and what is assumed, before it is loaded",
        f"{least:.2f} × (least), {median:.2f} × (median)",
        "≤ 0.15 ×",
        least <= 0.15,
    )


def _peak(path: Path, folder: Path, how: str) -> Figure:
    code = f"from tests.benchmarks.load_figures import measured; measured({str(path)!r})"
    with tempfile.TemporaryDirectory(dir=folder) as home:
        said = {"TOUCHSTONE_HOME": home, "TOUCHSTONE_MEMORY": f"{LIMIT_MB}MB"}
        done = subprocess.run(
            [sys.executable, "-c", code], env=os.environ | said, capture_output=True, text=True, check=True
        )
    base, peak, seconds = map(float, done.stdout.split()[-3:])
    return Figure(
        f"Peak memory, loading {path.stat().st_size / 1e9:.1f} GB {how}, under a limit of {LIMIT_MB} MB",
        f"{peak:.0f} MB, of which {base:.0f} MB before the load; {seconds:.0f} s",
        f"≤ {LIMIT_MB + BASE_MB} MB",
        peak <= LIMIT_MB + BASE_MB,
    )


def measured(path: str) -> None:
    """Load a file and print the process's memory before and at its peak, in MB, and the seconds."""
    project = flow.create("Peak", "bench")
    before, began = _peak_mb(), time.perf_counter()
    flow.start_load(project, [flow.SourceFile(Path(path), "t")], "bench")
    view = flow.wait(project, "load")
    if view is None or view.state != "done":
        raise RuntimeError(view.problem if view else "there is no job")
    seconds = time.perf_counter() - began
    close_all()
    sys.stdout.write(f"{before} {_peak_mb()} {seconds}\n")


def _peak_mb() -> float:
    """Return this process's peak memory; that of ``getrusage`` counts the one that started it as well."""
    said = Path("/proc/self/status").read_text()
    return int(said.split("VmHWM:", 1)[1].split()[0]) / 1024


def _cancel(path: Path) -> Figure:
    """Cancel while a sample is read, in the one pass, and after that has failed at the last row."""
    project, waits = flow.create("Cancel", "bench"), []
    for pause in (0.05, 2.0, 35.0):
        job = flow.start_load(project, [flow.SourceFile(path, "t")], "bench")
        time.sleep(pause)
        began = time.perf_counter()
        flow.cancel(project, job)
        view = flow.wait(project, "load")
        if view is None or view.state != "cancelled":
            raise RuntimeError(f"{view.state}: {view.problem}" if view else "there is no job")
        waits.append(time.perf_counter() - began)
    close_all()
    shown = ", ".join(f"{seconds:.2f}" for seconds in waits)
    return Figure(f"Cancel while {path.stat().st_size / 1e9:.1f} GB load", f"{shown} s", "< 2 s", max(waits) < 2)


def _ten_times(large: Path, folder: Path) -> Iterator[Figure]:
    small = table(folder / "million.csv", N_ROWS)
    project = flow.create("Ten times", "bench")

    def load(path: Path) -> None:
        flow.start_load(project, [flow.SourceFile(path, "t")], "bench")
        flow.wait(project, "load")

    seconds = interleaved({"one": lambda: load(small), "ten": lambda: load(large)}, 2)
    ratio = seconds["ten"][0] / seconds["one"][0]
    yield Figure("Loading ten times the rows", f"{ratio:.1f} × the time", "≤ 11 ×", ratio <= 11)
    close_all()
